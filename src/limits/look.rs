//! One look at /proc: the supervisords that are asked for, their programs, what each has open.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use super::process::{Pid, Proc, Processes, Stat, is_gone};
use super::supervisord::{self, Named, Started};
use super::{Decided, Look, Minfds, Place, Process, Program, Supervisord, Unread};
use crate::configuration::Configuration;
use crate::convert::selection::called;
use crate::files::{self, reason};
use crate::python::{self, filename};
use crate::reading::{Reading, Role};
use crate::source::Sources;

/// Which supervisords are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// All that run.
    All,
    /// The one of this number.
    Pid(Pid),
    /// The one that the pidfile of this configuration names.
    Configuration(&'a str),
}

/// Looks.
///
/// # Errors
/// In a sentence: when /proc cannot be read, no supervisord runs, or what is asked for is none.
pub fn look(proc: &Proc, which: Which<'_>) -> Result<Look, String> {
    let asked = match which {
        Which::All => None,
        Which::Pid(pid) => Some((pid, None)),
        Which::Configuration(path) => {
            let (pid, pidfile) = by_pidfile(path)?;
            Some((pid, Some(pidfile)))
        }
    };
    let all = proc.all().map_err(|error| format!("/proc cannot be read: {}", reason(&error.to_string())))?;
    let mut look = Look::default();
    let mut looking = Looking { proc, all: &all, accounts: Accounts::of_this_machine(), errors: &mut look.errors };
    let mut ended = None;
    match asked {
        Some((pid, pidfile)) => {
            let started = looking.asked(pid, pidfile.as_deref())?;
            look.supervisords.extend(looking.supervisord(pid, &started));
            ended = Some(pid);
        }
        None => {
            for Stat { pid, .. } in all.iter() {
                if let Some(started) = supervisord::started(*pid, proc, &all) {
                    look.supervisords.extend(looking.supervisord(*pid, &started));
                    ended = Some(*pid);
                }
            }
        }
    }
    match ended {
        _ if !look.supervisords.is_empty() => Ok(look),
        Some(pid) => Err(format!("supervisord, process {pid}, ended while supconv looked at it")),
        None => Err("no supervisord runs here, or none that this account may see".to_owned()),
    }
}

/// The process that the pidfile of a configuration names, and the pidfile.
fn by_pidfile(path: &str) -> Result<(Pid, String), String> {
    let cwd = std::env::current_dir().unwrap_or_else(|_| "/".into());
    let cwd = filename::decode(cwd.as_os_str()).into_owned();
    // Of this process's environment, since supervisord's is not known yet.
    let text = |part: std::ffi::OsString| filename::decode(&part).into_owned();
    let environment = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
    let reading =
        Reading { environment: Some(environment), cwd, cwd_known: true, role: Some(Role::Main), ..Reading::default() };
    let sources = Sources::default();
    let read = Configuration::read(path, &reading, &sources).map_err(|error| format!("{path}: {}", error.reason))?;
    let pidfile = read.config.supervisord.pidfile.known();
    let pidfile = pidfile.ok_or_else(|| format!("{path}: its pidfile depends on what is not known here; use --pid"))?;
    let text = files::read_regular(pidfile, files::MAX_SIZE);
    // It may run all the same, and have written it below its own directory.
    let text = text.map_err(|why| {
        format!("{path}: its pidfile {pidfile} cannot be read: {why}; if supervisord runs, use --pid")
    })?;
    let number = String::from_utf8_lossy(&text).trim().parse();
    let number = number.map_err(|_| format!("{pidfile}, the pidfile of {path}, has no process number in it"))?;
    Ok((number, (*pidfile).to_owned()))
}

struct Looking<'l> {
    proc: &'l Proc,
    all: &'l Processes,
    accounts: Accounts,
    errors: &'l mut Vec<Unread>,
}

/// A process has ended while it was looked at.
struct Ended;

impl Looking<'_> {
    /// How the supervisord was started that is asked for by its number, which a pidfile may have.
    fn asked(&self, pid: Pid, pidfile: Option<&str>) -> Result<Started, String> {
        let named = pidfile.map_or_else(String::new, |file| format!(", which the pidfile {file} names,"));
        let Some(stat) = self.all.get(pid) else {
            return Err(format!("process {pid}{named} does not run"));
        };
        supervisord::started(pid, self.proc, self.all)
            .ok_or_else(|| format!("process {pid}{named} is not supervisord but {}", stat.command))
    }

    /// A supervisord and its programs; `None` if it has ended.
    fn supervisord(&mut self, pid: Pid, started: &Started) -> Option<Supervisord> {
        let stat = self.all.get(pid)?;
        let before = self.errors.len();
        let process = self.process(stat)?;
        let configured = supervisord::configured(pid, started, self.proc);
        // Who may not count its descriptors may not see its configuration either, and is told once.
        if let Some(why) = configured.unread
            && configured.minfds == Minfds::Unknown
            && self.errors.len() == before
        {
            let message = format!("the configuration cannot be read, so minfds is not known: {why}");
            self.errors.push(Unread { pid, message });
        }
        let mut programs = self.programs(&process, stat, &configured.minfds, &configured.programs);
        let order = |one: &Program| (std::cmp::Reverse(one.share()), one.name.clone(), one.process.pid);
        programs.sort_unstable_by_key(order);
        let place = Place::of(pid, self.proc, self.all);
        Some(Supervisord { process, minfds: configured.minfds, file: configured.file, place, programs })
    }

    /// A process; `None` if it has ended.
    fn process(&mut self, stat: &Stat) -> Option<Process> {
        let Stat { pid, command, started, .. } = stat;
        let account = read(self.proc.account(*pid)).ok()?;
        let user = account.map_or_else(String::new, |number| self.accounts.name(number));
        let limits = read(self.proc.limits(*pid)).ok()?;
        let open = read(self.proc.open(*pid)).ok()?;
        let unread = match (limits, open) {
            (Some(_), Some(_)) => None,
            (None, _) => Some("limits"),
            (_, None) => Some("open descriptors"),
        };
        // One that has ended answers with nothing until its parent has noticed it; then another one may have its number.
        if !self.proc.stat(*pid).is_ok_and(|now| now.started == *started && !now.has_ended()) {
            return None;
        }
        if let Some(what) = unread {
            let who = if user.is_empty() || user == "root" { String::new() } else { format!(", or as {user}") };
            let message = format!("{what} cannot be read: run supconv as root{who}");
            self.errors.push(Unread { pid: *pid, message });
        }
        Some(Process { pid: *pid, started: *started, command: command.clone(), account, user, limits, open })
    }

    /// The programs of a supervisord.
    fn programs(&mut self, own: &Process, stat: &Stat, minfds: &Minfds, named: &[Named]) -> Vec<Program> {
        let words = self.proc.words(stat.pid).unwrap_or_default();
        let mut found: Vec<(Option<String>, &Stat)> = Vec::new();
        let mut adopted: Vec<(String, &Stat)> = Vec::new();
        for child in self.all.children(stat.pid) {
            // It is about to become a program, or has none any longer.
            if self.proc.words(child.pid).is_ok_and(|its| its == words || its.is_empty()) {
                continue;
            }
            let name = self.name(child.pid);
            // `ServerOptions.setpgrp` is what each program begins with, and after that it cannot leave the session. Others are
            // orphans: the first process of a container is given the children of those that have ended.
            if child.group == child.pid && child.session == stat.session {
                found.push((name, child));
            } else {
                adopted.extend(name.map(|name| (name, child)));
            }
        }
        // An orphan that a shell started as a job (`set -m`) has a group of its own too, and it may be left from before its program
        // was started again. supervisord holds the pipe to the standard input of what runs; if that does not tell, the oldest is
        // the program.
        let pipes = self.proc.pipes(stat.pid);
        let is_held = |child: &Stat| self.proc.link(child.pid, "fd/0").is_ok_and(|input| pipes.contains(&input));
        found.sort_by_cached_key(|(_, child)| (!is_held(child), child.started, child.pid));
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut first = Vec::new();
        for (name, child) in found {
            match name {
                Some(name) if taken.contains(&name) => adopted.push((name, child)),
                name => {
                    taken.extend(name.clone());
                    first.push((name, child));
                }
            }
        }
        let mut programs = Vec::new();
        for (name, child) in first {
            // Before it is seen that the process has not ended by then.
            let name = name.unwrap_or_else(|| self.by_command(child, named, &taken));
            let Some(process) = self.process(child) else { continue };
            let mut below = self.all.descendants(child.pid);
            for (_, orphan) in adopted.iter().filter(|(of, _)| *of == name) {
                below.push(orphan);
                below.extend(self.all.descendants(orphan.pid));
            }
            let children = below.into_iter().filter_map(|child| self.process(child)).collect();
            let decided = Decided::of(&process, own, minfds);
            programs.push(Program { name, process, decided, children });
        }
        programs
    }

    /// What supervisord called a process when it started it (`Subprocess._spawn_as_child`).
    fn name(&self, pid: Pid) -> Option<String> {
        let environment = self.proc.environment(pid).ok()?;
        let variable = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let process = variable("SUPERVISOR_PROCESS_NAME")?;
        Some(called(variable("SUPERVISOR_GROUP_NAME").unwrap_or(process), process))
    }

    /// The name of the only program of the configuration that has the command of a process, and is not found yet; otherwise that
    /// of the command.
    fn by_command(&self, stat: &Stat, named: &[Named], taken: &BTreeSet<String>) -> String {
        let words = self.proc.words(stat.pid).unwrap_or_default();
        let title = title(&words);
        let fits = |command: &[String]| match title {
            Some(title) => command.first().is_some_and(|program| python::basename(program) == title),
            None => runs(&words, command),
        };
        let mut fitting = named.iter().filter(|(name, command)| !taken.contains(name) && fits(command));
        match (fitting.next(), fitting.next()) {
            (Some((name, _)), None) => name.clone(),
            _ => title.or(words.first().map(|word| python::basename(word))).unwrap_or(&stat.command).to_owned(),
        }
    }
}

/// What could be read of a process.
fn read<T>(read: io::Result<T>) -> Result<Option<T>, Ended> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_gone(&error) => Err(Ended),
        Err(_) => Ok(None),
    }
}

/// The program in a title that a process has written over its command line: `nginx: master process /usr/sbin/nginx`.
fn title(words: &[String]) -> Option<&str> {
    let [title] = words else { return None };
    let (program, _) = title.split_once([' ', ':'])?;
    Some(python::basename(program))
}

/// Whether a process runs a command: the kernel puts the interpreter of a script, and what `#!` gives it, before the words, and has
/// the path of the script.
fn runs(words: &[String], command: &[String]) -> bool {
    let Some(start) = words.len().checked_sub(command.len()) else { return false };
    let (Some(words), Some((program, arguments))) = (words.get(start..), command.split_first()) else { return false };
    let Some((found, rest)) = words.split_first() else { return false };
    rest == arguments && python::basename(found) == python::basename(program) && start <= 2
}

/// The accounts of this machine, by their numbers.
struct Accounts(String);

impl Accounts {
    fn of_this_machine() -> Self {
        Self(fs::read("/etc/passwd").map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default())
    }

    /// The name of an account, or its number.
    fn name(&self, number: u32) -> String {
        let number = number.to_string();
        let named = self.0.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)? == number).then_some(name)
        });
        named.map_or(number.clone(), str::to_owned)
    }
}
