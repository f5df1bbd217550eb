//! Which process is a supervisord, and the configuration that it runs with.

use super::process::{Pid, Proc, Processes, is_gone};
use crate::configuration::Configuration;
use crate::convert::selection::called;
use crate::launcher::Flags;
use crate::model::{Group, Process, State};
use crate::python::{self, filename, shlex};
use crate::reading::{DEFAULTS, Reading, Role};
use crate::source::Sources;

/// How a supervisord was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    /// `sys.argv[0]`, where the command line says it: with `-m` Python finds the file.
    script: Option<String>,
    flags: Flags,
}

/// What is written of minfds where a supervisord reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Minfds {
    /// Nothing.
    Unset,
    /// This number, by `-a`, which wins over the file.
    Flag(u64),
    /// This number, in the configuration.
    File(u64),
    /// That cannot be read.
    Unknown,
}

impl Minfds {
    /// The number, if one is written.
    #[must_use]
    pub fn written(&self) -> Option<u64> {
        match self {
            Self::Flag(number) | Self::File(number) => Some(*number),
            Self::Unset | Self::Unknown => None,
        }
    }
}

/// A program of the configuration: as supervisorctl calls it, and the words of its command.
pub(super) type Named = (String, Vec<String>);

/// The configuration that a supervisord runs with, as it is now.
#[derive(Debug)]
pub(super) struct Configured {
    /// Its file, as that supervisord has it.
    pub file: Option<String>,
    pub minfds: Minfds,
    pub programs: Vec<Named>,
    /// Why it cannot be read.
    pub unread: Option<String>,
}

/// Whether a process is a supervisord, and how it was started then. One that a supervisord has just forked is none: it becomes a
/// program.
pub(super) fn started(pid: Pid, proc: &Proc, all: &Processes) -> Option<Started> {
    let words = proc.words(pid).ok()?;
    // Only root and its own account may know; then its own first word has to do.
    let executable = proc.link(pid, "exe").ok();
    let found = of(&words, executable.as_deref())?;
    let forked = proc.words(all.get(pid)?.parent).is_ok_and(|its| its == words);
    (!forked).then_some(found)
}

/// The same of the words of a command line and the path of an executable.
fn of(words: &[String], executable: Option<&str>) -> Option<Started> {
    let mut rest = words.iter().map(String::as_str);
    let first = rest.next()?;
    let programs = [Some(first), executable].map(|path| path.map(python::basename));
    if programs.contains(&Some("supervisord")) {
        return Some(Started { script: Some(first.to_owned()), flags: Flags::given(rest) });
    }
    let is_python = |name: &str| ["python", "pypy"].iter().any(|python| name.starts_with(python));
    programs.into_iter().flatten().find(|name| is_python(name))?;
    // The interpreter's own flags, as its getopt reads them.
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            let script = (python::basename(word) == "supervisord").then(|| word.to_owned())?;
            return Some(Started { script: Some(script), flags: Flags::given(rest) });
        };
        if letters.starts_with('-') {
            // The only long flag that takes its value in the next word.
            if letters == "-check-hash-based-pycs" {
                rest.next();
            }
            continue;
        }
        let Some((at, letter)) = letters.char_indices().find(|(_, letter)| matches!(letter, 'c' | 'm' | 'W' | 'X'))
        else {
            continue;
        };
        let value = letters.get(at + 1..).filter(|value| !value.is_empty()).or_else(|| rest.next());
        match (letter, value) {
            ('m', Some("supervisor.supervisord")) => return Some(Started { script: None, flags: Flags::given(rest) }),
            ('m' | 'c', _) => return None,
            _ => {}
        }
    }
    None
}

/// Reads the configuration that a supervisord runs with, through its own root and working directory.
pub(super) fn configured(pid: Pid, started: &Started, proc: &Proc) -> Configured {
    let flag = started.flags.minfds.and_then(|number| u64::try_from(number).ok());
    let minfds = flag.map_or(Minfds::Unknown, Minfds::Flag);
    let mut configured = Configured { file: None, minfds, programs: Vec::new(), unread: None };
    let seen = proc.link(pid, "root").and_then(|root| Ok((root, proc.link(pid, "cwd")?, proc.environment(pid)?)));
    let (root, cwd, environment) = match seen {
        Ok(seen) => seen,
        Err(error) => {
            let denied = !is_gone(&error);
            let who = "run supconv as its account, or as root with CAP_SYS_PTRACE";
            configured.unread = denied.then(|| who.to_owned());
            return configured;
        }
    };
    // Outside of a changed root (chroot) the link has all of the path.
    let cwd = match cwd.strip_prefix(root.trim_end_matches('/')) {
        Some("") => "/".to_owned(),
        Some(below) if below.starts_with('/') => below.to_owned(),
        _ => cwd,
    };
    let root = filename::decode(proc.path(pid, "root").as_os_str()).into_owned();
    let pwd = environment.iter().find(|(name, _)| name == "PWD").map(|(_, value)| value.as_str());
    let (file, cwd) = match found(started, pwd, &cwd, &root) {
        Ok((file, cwd)) => (file, cwd.to_owned()),
        Err(why) => {
            configured.unread = Some(why);
            return configured;
        }
    };
    configured.file = Some(file.clone());
    let reading = Reading {
        environment: Some(environment),
        cwd,
        cwd_known: true,
        root: Some(root),
        role: Some(Role::Main),
        ..Reading::default()
    };
    let sources = Sources::default();
    match Configuration::read(&file, &reading, &sources) {
        Ok(read) if read.config.refusals.is_empty() => {
            if configured.minfds == Minfds::Unknown {
                configured.minfds = written(&read);
            }
            configured.programs = programs(&read);
        }
        Ok(_) => configured.unread = Some(format!("supervisord now refuses {file}")),
        Err(error) => configured.unread = Some(format!("{file}: {}", error.reason)),
    }
    configured
}

/// The file that a supervisord has found, and the directory in which it was started. Without `-n` it may have gone to its
/// `directory` since then. PWD is the one of before if a shell started it; else it may be that of a shell long before.
fn found<'d>(started: &Started, pwd: Option<&'d str>, cwd: &'d str, root: &str) -> Result<(String, &'d str), String> {
    let there = |path: &str| filename::encode(&format!("{root}{path}")).into_owned();
    let places = match &started.flags.configuration {
        Some(path) => vec![path.clone()],
        None => places(started.script.as_deref()),
    };
    let below = |directory: &'d str| {
        let mut paths = places.iter().map(|path| python::join(directory, path).into_owned());
        paths.find(|path| there(path).exists()).map(|path| (path, directory))
    };
    let before = pwd.filter(|pwd| pwd.starts_with('/') && !started.flags.nodaemon).and_then(below);
    match (before, below(cwd), &started.flags.configuration) {
        (Some((before, _)), Some((now, _)), _)
            if there(&before).canonicalize().ok() != there(&now).canonicalize().ok() =>
        {
            Err(format!("it may be {before} or {now}"))
        }
        (Some(found), _, _) | (None, Some(found), _) => Ok(found),
        // Why it cannot be read is said by who reads it.
        (None, None, Some(path)) => Ok((python::join(cwd, path).into_owned(), cwd)),
        (None, None, None) => Err("no file is where supervisord looks for one".to_owned()),
    }
}

/// Where supervisord looks without `-c` (`Options.__init__`).
fn places(script: Option<&str>) -> Vec<String> {
    let mut places = Vec::new();
    if let Some(script) = script {
        let here = python::dirname(python::dirname(script));
        places.extend(["etc/supervisord.conf", "supervisord.conf"].map(|path| python::join(here, path).into_owned()));
    }
    places.extend(DEFAULTS.map(str::to_owned));
    places
}

fn written(read: &Configuration<'_>) -> Minfds {
    let minfds = &read.config.supervisord.minfds;
    match (&minfds.state, minfds.place()) {
        (State::Known(_), None) => Minfds::Unset,
        (State::Known(number), Some(_)) => {
            let number = number.to_i64().and_then(|number| u64::try_from(number).ok());
            number.map_or(Minfds::Unknown, Minfds::File)
        }
        (State::Unknown(_) | State::Refused, _) => Minfds::Unknown,
    }
}

fn programs(read: &Configuration<'_>) -> Vec<Named> {
    let of_group = |group: &Group<'_>| {
        let named = |process: &Process<'_>| {
            let name = called(group.name, process.options.process_name.known()?);
            let words = shlex::split(process.options.command.known()?.as_ref()?).ok()?;
            Some((name, words.iter().map(|word| word.text.to_string()).collect()))
        };
        group.processes.iter().filter_map(named).collect::<Vec<_>>()
    };
    read.config.groups.iter().flat_map(of_group).collect()
}
