//! SUP510 missing-path: a directory or a program that this machine does not have, and of which Supervisor itself finds out late.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;

use super::invalid_value::{made_each_boot, missing_directory};
use super::view::effective::Program;
use super::view::logs::as_written;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::hash::HashSet;
use crate::keys::{Key, fcgi, process as p, unix};
use crate::load::Paths;
use crate::map::Map;
use crate::model::GroupKind;
use crate::model::address::Socket;
use crate::python::{self, filename};
use crate::refusal::Cause;
use crate::source::Place;

/// SUP510.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP510",
        name: "missing-path",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("missing_path.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// What is to be seen at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Directory,
    Program,
    /// A file that nobody may execute.
    Plain,
    Nothing,
    /// This account may not look.
    Hidden,
}

/// Programs that cannot start for one reason.
struct Stopped<'a> {
    seen: Seen,
    programs: Vec<(&'a str, &'a str, Place)>,
}

/// What each path of an option keeps from starting.
type StoppedBy<'a> = Map<'a, Stopped<'a>>;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    if !lint.reading.check_host {
        return;
    }
    let paths = Paths::new(lint.reading.root.as_deref());
    sockets(lint, &paths, found);
    let mut directories: StoppedBy<'a> = Map::new();
    let mut commands: StoppedBy<'a> = Map::new();
    for program in lint.programs() {
        let (section, name) = (program.process.program.section, program.process.program.name);
        let directory = &program.process.options.directory;
        if let (Some(Some(path)), Some(place)) = (lint.known(directory), directory.place())
            && path.starts_with('/')
        {
            let seen = look(&paths, path);
            if matches!(seen, Seen::Nothing | Seen::Plain | Seen::Program) {
                stop(&mut directories, path, seen, (section, name, place));
                continue;
            }
        }
        if let Some((path, seen, place)) = executable(lint, &paths, program) {
            stop(&mut commands, path, seen, (section, name, place));
        }
    }
    for (path, stopped) in directories.iter() {
        let what = match stopped.seen {
            Seen::Nothing => "does not exist here",
            _ => "is not a directory",
        };
        say(
            found,
            (&p::DIRECTORY, path),
            stopped,
            &format!("the directory {} {what}", shown(path)),
            made_each_boot(path),
        );
    }
    for (path, stopped) in commands.iter() {
        let (what, help) = match stopped.seen {
            Seen::Nothing => ("does not exist here", "install it, or correct the path.".to_owned()),
            Seen::Directory => ("is a directory", "write the path of the program.".to_owned()),
            _ => ("is not executable", format!("chmod +x {path}, or name its interpreter in the command.")),
        };
        say(found, (&p::COMMAND, path), stopped, &format!("{} {what}", shown(path)), help);
    }
}

fn stop<'a>(all: &mut StoppedBy<'a>, path: &'a str, seen: Seen, program: (&'a str, &'a str, Place)) {
    if let Some(stopped) = all.get_or_insert_with(path, || Stopped { seen, programs: Vec::new() }) {
        stopped.programs.push(program);
    }
}

/// Says once what several programs lack.
fn say<'a>(
    found: &mut Found<'_, 'a>,
    (key, path): (&'static Key, &str),
    Stopped { seen: _, programs }: &Stopped<'a>,
    what: &str,
    help: String,
) {
    let [(section, name, place), others @ ..] = programs.as_slice() else { return };
    let who = match others.len() {
        0 => (*name).to_owned(),
        1 => format!("{name} and one more program"),
        more => format!("{name} and {more} more programs"),
    };
    let message = format!("{who} cannot start: {what}.");
    let mut finding = Diagnostic::new(&RULE.rule, *place, message).severity(severity(path)).help(help);
    for (_, _, place) in others {
        finding = finding.label(*place, "this program cannot start either");
    }
    found.push(finding.of(section, Some(key.name)));
}

/// Directories of sockets, which supervisord makes when it starts: without them it ends then.
fn sockets<'a>(lint: &Lint<'a>, paths: &Paths, found: &mut Found<'_, 'a>) {
    // A directory of which Supervisor itself speaks is said already.
    let refused = lint.config.refusals.iter().filter(|refusal| refusal.cause == Cause::Host);
    let mut said: HashSet<&str> = refused.filter_map(|refusal| missing_directory(refusal.message)).collect();
    let mut add = |(section, key): (&'a str, &'static Key), path: &'a str, place: Place| {
        let directory = python::dirname(path);
        if !directory.starts_with('/') || look(paths, directory) != Seen::Nothing || !said.insert(directory) {
            return;
        }
        let message = format!(
            "supervisord refuses to start: the directory {} of its socket does not exist here.",
            shown(directory)
        );
        let finding =
            Diagnostic::new(&RULE.rule, place, message).severity(severity(path)).help(made_each_boot(directory));
        found.push(finding.of(section, Some(key.name)));
    };
    for server in &lint.config.unix_servers {
        let file = &server.options.file;
        // A relative one depends on the directory that supervisord is started in.
        if let (Some(Some(path)), Some(place), None) =
            (lint.known(file), file.place(), as_written(lint, server.section, &unix::FILE))
        {
            add((server.section, &unix::FILE), path, place);
        }
    }
    for group in &lint.config.groups {
        let GroupKind::Fcgi(options) = &group.kind else { continue };
        if let (Some(Some(Socket::Unix(path))), Some(place)) = (lint.known(&options.socket), options.socket.place()) {
            add((group.section, &fcgi::SOCKET), path, place);
        }
    }
}

/// The program of a command, where it cannot be executed. One without a slash is looked for in PATH, where that is known.
fn executable<'a>(lint: &Lint<'a>, paths: &Paths, program: &Program<'a>) -> Option<(&'a str, Seen, Place)> {
    let command = program.command.as_ref().filter(|command| lint.is_certain(command.place))?;
    // What is not known of a command may be where it lies.
    let known = program.process.options.command.known().is_some();
    let first = &command.words.as_ref().ok()?.first().filter(|_| known)?.text;
    let seen = if first.starts_with('/') {
        look(paths, first)
    } else if first.contains('/') || first.is_empty() {
        // Relative: SUP404.
        return None;
    } else {
        let own = program.process.environment(&lint.config.supervisord)?;
        let path = own.get("PATH").copied().or_else(|| lint.reading.variable("PATH"))?;
        let mut all = path.split(':').map(|directory| match directory {
            _ if directory.starts_with('/') => look(paths, &python::join(directory, first)),
            _ => Seen::Hidden,
        });
        // The first that is there counts.
        all.find(|seen| *seen != Seen::Nothing).unwrap_or(Seen::Nothing)
    };
    matches!(seen, Seen::Nothing | Seen::Directory | Seen::Plain)
        .then(|| (lint.sources.keep(&**first), seen, command.place))
}

fn look(paths: &Paths, path: &str) -> Seen {
    match std::fs::metadata(filename::encode(&paths.real(path))) {
        Ok(known) if known.is_dir() => Seen::Directory,
        Ok(known) if known.permissions().mode() & 0o111 == 0 => Seen::Plain,
        Ok(_) => Seen::Program,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Seen::Nothing,
        Err(_) => Seen::Hidden,
    }
}

/// What lies on a file system that begins empty may be made at each boot.
fn severity(path: &str) -> Severity {
    let empty = ["/run/", "/var/run/", "/tmp/", "/dev/shm/"];
    if empty.iter().any(|folder| path.starts_with(folder)) { Severity::Warning } else { Severity::Error }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "directory=/srv/nothing", &[(1, E)]).host().says("api cannot start: the directory '/srv/nothing'"),
        row(PROGRAM, "directory=/srv/api", &[(1, E)]).host().says("is not a directory"),
        row(PROGRAM, "directory=/run/api", &[(1, W)]).host(),
        row(MAIN, "[program:a]\ncommand=/srv/nothing", &[(2, E)]).host().says("'/srv/nothing' does not exist here"),
        row(MAIN, "[program:a]\ncommand=/srv/app/plain", &[(2, E)]).host().says("is not executable"),
        row(MAIN, "[program:a]\ncommand=/srv/app", &[(2, E)]).host().says("is a directory"),
        row(MAIN, "[program:a]\ncommand=found\nenvironment=PATH=\"/srv/app\"", &[(2, E)]).host(),
        row(MAIN, "[program:a]\ncommand=/srv/x\ndirectory=/srv/y\n[program:b]\ncommand=b\ndirectory=/srv/y", &[(3, E)])
            .host()
            .says("a and one more program cannot start"),
        row(MAIN, "[program:a]\ncommand=/srv/x\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, E)]).host(),
        row(MAIN, "[unix_http_server]\nfile=/srv/s/s.sock\n[unix_http_server:b]\nfile=/srv/s/b.sock", &[(2, E)])
            .host()
            .says("supervisord refuses to start: the directory '/srv/s'"),
        row(MAIN, "[fcgi-program:a]\nsocket=unix:///run/a/a.sock\ncommand=/srv/api", &[(2, W)]).host(),
        row("", "[program:a]\ncommand=/srv/nothing", &[(2, E)]).host(),
        // Supervisor says it: SUP010.
        row(MAIN, "pidfile=/srv/s/p\n[unix_http_server]\nfile=/srv/s/s.sock", &[]).host(),
        row(PROGRAM, "directory=/srv/app", &[]).host(),
        row(MAIN, "[program:a]\ncommand=found\nenvironment=PATH=\"/srv/app:/srv/bin\"", &[]).host(),
        row(MAIN, "[program:a]\ncommand=nothing\n[program:b]\ncommand=srv/b\ndirectory=srv", &[]).host(),
        row(MAIN, "[program:a]\ncommand=%(ENV_A)s/b\ndirectory=%(ENV_A)s\n[program:b]\ncommand={{ x }}/b", &[]).host(),
        row(MAIN, "[unix_http_server]\nfile=s/s.sock", &[]).host(),
        row(MAIN, "[program:a]\ncommand=/srv/nothing\ndirectory=/srv/nothing", &[]),
    ];
}
