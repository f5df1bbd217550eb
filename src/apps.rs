//! What is known of the applications that people run under Supervisor: how each is kept in the foreground, how it stops, what
//! becomes of its children. A constant table, a source beside each claim; a claim without one cannot be written.

/// A claim and its sources, for a field of a row. Behind a reference: most applications have few claims, and each page of constants
/// that holds addresses costs a start a page fault.
macro_rules! said {
    ($what:expr, $sources:expr $(,)?) => {
        Some(&$crate::apps::Said { what: $what, sources: $sources })
    };
}

mod containers;
mod data;
mod desktop;
mod facts;
mod go;
mod host;
mod javascript;
mod jvm;
pub mod language;
mod leaving;
mod mail;
pub mod matching;
mod names;
mod network;
pub mod own;
mod php;
mod place;
mod python;
mod ruby;
pub mod script;
pub mod sign;
pub(crate) mod starters;
mod web;
pub mod wrappers;

use std::fmt;

use crate::python::shlex::Word;
use crate::well_known::unversioned;
pub use facts::{Account, Children, Effect, Ends, Foreground, Kind, OpenFiles, Signal, StopTime, Stopping, Unit};
use names::Names;
pub use place::Place;
pub use sign::Sign;
use sign::value;

/// An application.
#[derive(Debug)]
pub struct App {
    /// What people call it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The commands that run it.
    pub by: &'static [By],
    /// Whether it stays where it is started.
    pub foreground: Known<Foreground>,
    /// What it makes of signals; the one by which it ends cleanly first.
    pub signals: Known<&'static [(Signal, Effect)]>,
    /// The same where one of these words is given.
    pub signals_with: &'static [When<&'static [(Signal, Effect)]>],
    /// What it starts.
    pub children: Known<Children>,
    /// The same where one of these words is given.
    pub children_with: &'static [When<Children>],
    /// What shows that its workers end by themselves once it is gone, so that killasgroup has nothing left to do; empty where
    /// nothing does.
    pub workers_end: &'static [&'static str],
    /// How long a clean stop takes.
    pub time: Known<StopTime>,
    /// How many files it wants to open.
    pub files: Known<OpenFiles>,
    /// What the unit of its vendor, or of Debian, says.
    pub unit: Known<Unit>,
    /// Exit codes of a clean end, beside 0.
    pub clean_exits: Known<&'static [u8]>,
    /// What it does with the rights of root.
    pub account: Known<Account>,
    /// What it keeps below `$HOME`.
    pub home: Known<&'static str>,
    /// Why it exits with 0 though it is wanted.
    pub ends: Known<Ends>,
    /// Whether other programs connect to it, so that they fail while it is not there.
    pub backend: bool,
    /// What else hurts people.
    pub notes: &'static [Said<&'static str>],
}

/// Something that is known, or not.
pub type Known<T> = Option<&'static Said<T>>;

/// A claim with its sources.
#[derive(Clone, Copy, Debug)]
pub struct Said<T> {
    /// What is claimed.
    pub what: T,
    /// The vendor's file with its version, the page or the issue that says so.
    pub sources: &'static [&'static str],
}

/// Something that holds where one of these words is in the command.
#[derive(Clone, Copy, Debug)]
pub struct When<T> {
    /// The words.
    pub with: &'static [Sign],
    /// What holds.
    pub then: T,
    /// What says so.
    pub sources: &'static [&'static str],
}

/// A command that runs an application.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// A program, by the last part of its path; with a version behind its name too, as in `php-fpm8.2`.
    Program(&'static str),
    /// A program with a word that says what it is to do: `celery -A shop worker`.
    Command {
        /// The program, or the script of an interpreter.
        program: &'static str,
        /// Its flags before that word that take the next word for their value.
        valued: &'static [&'static str],
        /// The word.
        command: &'static str,
    },
    /// A program whose name says too little, in a folder of this name somewhere above it: `/usr/lib/postfix/sbin/master`.
    In {
        /// The folder.
        folder: &'static str,
        /// The program.
        program: &'static str,
    },
}

/// A command without flags that take values.
const fn command(program: &'static str, command: &'static str) -> By {
    By::Command { program, valued: &[], command }
}

impl By {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &'static str {
        match *self {
            Self::Program(program)
            | Self::Command { program, valued: _, command: _ }
            | Self::In { folder: _, program } => program,
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(program) => f.write_str(program),
            Self::Command { program, valued: _, command } => write!(f, "{program} {command}"),
            Self::In { folder, program } => write!(f, "{folder}/{program}"),
        }
    }
}

impl App {
    /// One of which nothing is known.
    const UNKNOWN: Self = Self {
        name: "",
        about: "",
        by: &[],
        foreground: None,
        signals: None,
        signals_with: &[],
        children: None,
        children_with: &[],
        workers_end: &[],
        time: None,
        files: None,
        unit: None,
        clean_exits: None,
        account: None,
        home: None,
        ends: None,
        backend: false,
        notes: &[],
    };

    /// What to call it where a program of this name runs it: many know yarn and not that it is one with npm.
    #[must_use]
    pub fn called<'n>(&self, program: &'n str) -> &'n str {
        let is_own = |by: &By| matches!(by, By::Program(own) if *own == program);
        if self.by.iter().any(is_own) { program } else { self.name }
    }

    /// What a command makes of signals, the one by which it ends cleanly first.
    #[must_use]
    pub fn signals(&self, words: &[Word<'_>]) -> &'static [(Signal, Effect)] {
        let with = self.signals_with.iter().find(|when| when.with.iter().any(|sign| sign.is_in(words)));
        with.map_or_else(|| self.signals.map_or(&[][..], |said| said.what), |when| when.then)
    }

    /// What a command starts.
    #[must_use]
    pub fn children(&self, words: &[Word<'_>]) -> Option<Children> {
        let with = self.children_with.iter().find(|when| when.with.iter().any(|sign| sign.is_in(words)));
        with.map(|when| when.then).or_else(|| self.children.map(|said| said.what))
    }

    /// How long a clean stop of a command takes.
    #[must_use]
    pub fn stopping(&self, words: &[Word<'_>]) -> Stopping {
        match self.time.map(|said| said.what) {
            None | Some(StopTime::Unbounded(_)) => Stopping::Open,
            Some(StopTime::Task) => Stopping::Task,
            Some(StopTime::Usual(seconds)) => Stopping::Usual(seconds),
            Some(StopTime::Setting(_, seconds)) => Stopping::GivesUp(u64::from(seconds)),
            Some(StopTime::Flag { flags, default, milliseconds }) => {
                let given = flags.iter().find_map(|flag| value(flag, words));
                let number = match given {
                    // What is no number is not known.
                    Some(text) => text.parse::<u64>().ok(),
                    None => default.map(|seconds| u64::from(seconds) * if milliseconds { 1000 } else { 1 }),
                };
                // 0 is without bound.
                match number {
                    None | Some(0) => Stopping::Open,
                    Some(number) => Stopping::GivesUp(if milliseconds { number.div_ceil(1000) } else { number }),
                }
            }
        }
    }

    /// Whether a command that is started as root gives root up, or cannot do without it: it is no mistake then.
    #[must_use]
    pub fn handles_root(&self, words: &[Word<'_>]) -> bool {
        match self.account.map(|said| said.what) {
            None => false,
            Some(Account::Needs(_)) => true,
            Some(Account::Drops { how: _, unless }) => !unless.iter().any(|sign| sign.is_in(words)),
            Some(Account::DropsWith(flags)) => {
                let account = flags.iter().find_map(|flag| value(flag, words));
                account.is_some_and(|account| !matches!(account, "root" | "0" | ""))
            }
        }
    }

    /// Whether a command exits with 0 by itself though it is wanted.
    #[must_use]
    pub fn ends(&self, words: &[Word<'_>]) -> bool {
        match self.ends.map(|said| said.what) {
            None => false,
            Some(Ends::Always(_)) => true,
            Some(Ends::With(signs)) => signs.iter().any(|sign| sign.is_in(words)),
        }
    }

    /// Whether it runs what others have written, with its own environment.
    #[must_use]
    pub fn runs_others(&self) -> bool {
        let scripts = || OF_LANGUAGES.iter().copied().flatten().any(|app| std::ptr::eq(app, self));
        // A pool of PHP may hand on its environment (`clear_env = no`).
        matches!(self.children.map(|said| said.what), Some(Children::Tasks | Children::Wrapper))
            || self.name == "php-fpm"
            || scripts()
    }

    /// Whether a command, as it is written, tells systemd when it is ready.
    #[must_use]
    pub fn notifies(&self, words: &[Word<'_>]) -> bool {
        match self.unit.map(|said| said.what.kind) {
            Some(Kind::NotifySince(_)) => true,
            Some(Kind::Notify(signs)) => signs.is_empty() || signs.iter().any(|sign| sign.is_in(words)),
            Some(Kind::Simple | Kind::Forking | Kind::Oneshot | Kind::NotifyIfBuilt) | None => false,
        }
    }
}

/// The rooms of what runs programs that others have written, which may read whatever is in their environment.
static OF_LANGUAGES: [&[App]; 5] = [python::APPS, php::APPS, ruby::APPS, javascript::APPS, jvm::APPS];

/// All of them, room by room.
static ROOMS: &[&[App]] = &[
    web::APPS,
    python::APPS,
    php::APPS,
    ruby::APPS,
    javascript::APPS,
    jvm::APPS,
    data::APPS,
    go::APPS,
    network::APPS,
    mail::APPS,
    host::APPS,
    containers::APPS,
    leaving::APPS,
    desktop::APPS,
];

/// The names of their programs.
static NAMES: Names = Names::of(ROOMS);

/// All applications.
pub fn all() -> impl Iterator<Item = &'static App> {
    ROOMS.iter().copied().flatten()
}

/// The one of a number.
fn by_number(names::Number(room, at): names::Number) -> Option<&'static App> {
    ROOMS.get(usize::from(room))?.get(usize::from(at))
}

/// Those that somebody means by a name: the application, or the program that runs it.
#[must_use]
pub fn named(name: &str) -> Vec<&'static App> {
    let exact: Vec<_> = all().filter(|app| app.name == name).collect();
    if !exact.is_empty() {
        return exact;
    }
    let program = unversioned(name);
    let runs = |by: &By| by.program() == name || matches!(by, By::Program(known) if *known == program);
    let by_program: Vec<_> = all().filter(|app| app.by.iter().any(runs)).collect();
    if !by_program.is_empty() {
        return by_program;
    }
    let tells = |by: &By| match by {
        By::Program(_) | By::In { folder: _, program: _ } => false,
        By::Command { program, valued: _, command } => {
            *command == name || name.strip_prefix(program).and_then(|rest| rest.strip_prefix(' ')) == Some(command)
        }
    };
    all().filter(|app| app.by.iter().any(tells)).collect()
}

#[cfg(test)]
mod tests;
