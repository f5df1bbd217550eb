//! The open files of running supervisords and their programs, as /proc has them now, and what decided each limit.
//!
//! ```text
//! /proc ──process──▶ processes ──supervisord──▶ which are supervisords, and with which configuration
//!                              ├─look─────────▶ Look { supervisords { programs { children } }, errors }
//!                              └─raise────────▶ Changes (prlimit)
//! ```
//!
//! A look is a moment: a program that ends during it is left out.

mod look;
pub mod place;
pub mod process;
pub mod raise;
mod supervisord;

use crate::diagnostic::Severity;
use crate::launcher::Limits;

pub use look::{Which, look};
use place::Place;
use process::Pid;
pub use supervisord::Minfds;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The supervisords, by their numbers.
    pub supervisords: Vec<Supervisord>,
    /// What could not be read of them, of their programs or of a child.
    pub errors: Vec<Unread>,
}

/// What of a process could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The process.
    pub pid: Pid,
    /// What, and who may.
    pub message: String,
}

/// A process and its open files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: Pid,
    /// When it was started, in clock ticks since the boot.
    pub started: u64,
    /// The name of its program.
    pub command: String,
    /// Its effective user id; `None` where it cannot be read.
    pub account: Option<u32>,
    /// The name of that account, or its number where it has none.
    pub user: String,
    /// Its limits; `None` where they cannot be read.
    pub limits: Option<Limits>,
    /// How many descriptors are open; `None` where they cannot be counted.
    pub open: Option<u64>,
}

/// A running supervisord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervisord {
    /// Its process.
    pub process: Process,
    /// What is written of minfds.
    pub minfds: Minfds,
    /// The file of its configuration, as it has it; `None` where that is not known.
    pub file: Option<String>,
    /// Where it runs.
    pub place: Place,
    /// Its programs that run, the fullest first.
    pub programs: Vec<Program>,
}

/// A running program of a supervisord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// As supervisorctl calls it: `web`, `group:process`.
    pub name: String,
    /// Its process.
    pub process: Process,
    /// What decided its soft limit.
    pub decided: Decided,
    /// Its children, theirs and so on.
    pub children: Vec<Process>,
}

/// What decided the soft limit of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// minfds: the limit of supervisord, which the program has, is the number that is written.
    Minfds,
    /// supervisord has it, or had it when it started the program, and not by minfds as it is written.
    Inherited,
    /// The program has another limit than supervisord: it set one itself, or somebody did with prlimit.
    Program,
    /// What is written of minfds cannot be read.
    Unknown,
}

impl Decided {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minfds => "minfds",
            Self::Inherited => "inherited",
            Self::Program => "program",
            Self::Unknown => "unknown",
        }
    }

    fn of(program: &Process, supervisord: &Process, minfds: &Minfds) -> Self {
        let (Some(own), Some(Limits { soft, hard: _ })) = (program.limits, supervisord.limits) else {
            return Self::Unknown;
        };
        // What was started before supervisord's own limit was raised (--raise, prlimit) has the one of then: 1024, or that of
        // minfds. A program may have set the same itself; but that is rare, and to be silent of what nobody raised is worse.
        let older = own.soft < soft && (own.soft == LOW || minfds.written() == Some(own.soft));
        match minfds {
            _ if own.soft != soft && !older => Self::Program,
            Minfds::Unknown => Self::Unknown,
            written if !older && written.written() == Some(soft) => Self::Minfds,
            Minfds::Unset | Minfds::Flag(_) | Minfds::File(_) => Self::Inherited,
        }
    }
}

/// How much of its soft limit a process uses, in ten-thousandths, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u64);

impl Share {
    /// As a part of 1.
    #[must_use]
    pub fn part(self) -> f64 {
        // More than a u32 has would be 400,000 times the limit.
        f64::from(u32::try_from(self.0).unwrap_or(u32::MAX)) / 10_000.0
    }

    /// In per cent, rounded down.
    #[must_use]
    pub fn percent(self) -> u64 {
        self.0 / 100
    }
}

/// From which share on a process is worth a word, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// A warning.
    pub warn: u8,
    /// An error.
    pub error: u8,
}

impl Thresholds {
    fn of(self, share: Option<Share>) -> Option<Severity> {
        let Share(share) = share?;
        let reached = |percent: u8| share >= u64::from(percent) * 100;
        if reached(self.error) { Some(Severity::Error) } else { reached(self.warn).then_some(Severity::Warning) }
    }
}

/// A soft limit up to this is what nobody has raised: the kernel's, systemd's, and the default of minfds.
pub const LOW: u64 = 1024;

impl Process {
    /// Open descriptors ÷ soft limit; 0 where there is no limit, `None` where one of them is not known.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        let (Limits { soft, hard: _ }, open) = (self.limits?, self.open?);
        let share = u128::from(open) * 10_000 / u128::from(soft.max(1));
        Some(Share(if soft == Limits::INFINITY { 0 } else { u64::try_from(share).unwrap_or(u64::MAX) }))
    }

    /// Whether its soft limit is low, and could be higher.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.limits.is_some_and(|Limits { soft, hard }| soft <= LOW && soft < hard)
    }
}

impl Program {
    /// Whether it was started before the limit of its supervisord was raised, as far as can be seen.
    #[must_use]
    pub fn is_older_than_limit_of(&self, supervisord: &Process) -> bool {
        let soft = |process: &Process| process.limits.map(|limits| limits.soft);
        self.decided == Decided::Inherited && soft(&self.process) < soft(supervisord)
    }

    /// The fullest of its process and its children; the process itself where none is fuller.
    #[must_use]
    pub fn fullest(&self) -> &Process {
        let fuller = |one: &&Process| one.share() > self.process.share();
        let most =
            self.children.iter().filter(fuller).max_by_key(|child| (child.share(), std::cmp::Reverse(child.pid)));
        most.unwrap_or(&self.process)
    }

    /// The share of the fullest.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        self.fullest().share()
    }

    /// The process that its severity is of: the fullest if that is worth a word, otherwise its own, whose limit is low.
    #[must_use]
    pub fn worst(&self, thresholds: Thresholds) -> &Process {
        if thresholds.of(self.share()).is_some() { self.fullest() } else { &self.process }
    }

    /// Whether it has few descriptors because nobody raised the limit.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.process.is_low() && self.decided != Decided::Program
    }

    /// How bad it is; `None` where all is well.
    #[must_use]
    pub fn severity(&self, thresholds: Thresholds) -> Option<Severity> {
        thresholds.of(self.share()).max(self.is_low().then_some(Severity::Warning))
    }
}

impl Supervisord {
    /// How bad it is of the process itself; `None` where all is well.
    #[must_use]
    pub fn severity(&self, thresholds: Thresholds) -> Option<Severity> {
        thresholds.of(self.process.share()).max(self.process.is_low().then_some(Severity::Warning))
    }
}

impl Look {
    /// How bad each supervisord and each program is.
    pub fn severities(&self, thresholds: Thresholds) -> impl Iterator<Item = Option<Severity>> {
        self.supervisords.iter().flat_map(move |one| {
            let programs = one.programs.iter().map(move |program| program.severity(thresholds));
            std::iter::once(one.severity(thresholds)).chain(programs)
        })
    }
}
