//! What counts once supervisord is started: its command line and its unit, where `--unit` names it, come before the file.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::super::Lint;
use super::partly;
use super::reach::Reach;
use crate::apps::App;
use crate::apps::matching::{self, Ran, Wrappers};
use crate::launcher::{Assigned, Flags, Limits, SupervisorUnit};
use crate::map::Map;
use crate::model::{Process, State, Value};
use crate::python::integer::Integer;
use crate::python::shlex::{self, Word, WordsError};
use crate::source::Place;

/// minfds as supervisord takes it.
pub(in crate::rules) struct Minfds {
    pub number: Integer,
    /// Where it is written, else the header of `[supervisord]`.
    pub place: Place,
    /// Whether it is written at all.
    pub written: bool,
}

/// Whom supervisord runs as once it has switched.
pub(in crate::rules) enum RunsAs<'a> {
    /// Not known.
    Unknown,
    /// Root.
    Root,
    /// Whoever starts it, usually root: nothing says whom.
    Starter,
    /// Somebody else.
    Account(Account<'a>),
}

/// An account that is not root.
pub(in crate::rules) struct Account<'a> {
    pub name: &'a str,
    /// Where it is written.
    pub place: Place,
}

impl<'a> Lint<'a> {
    /// Whether no markup of a template touches a place: what stands there is what Supervisor will read.
    pub(in crate::rules) fn is_certain(&self, place: Place) -> bool {
        !self.markup.touches(place)
    }

    /// A value that is known, and certain.
    pub(in crate::rules) fn known<'v, T>(&self, value: &'v Value<'_, T>) -> Option<&'v T> {
        value.known().filter(|_| value.place().is_none_or(|place| self.is_certain(place)))
    }

    pub(in crate::rules) fn unit(&self) -> Option<&'a SupervisorUnit> {
        self.settings.unit.as_ref()
    }

    fn flags(&self) -> Option<&'a Flags> {
        self.unit()?.flags.as_ref()
    }

    /// minfds of a main file; `None` where it is not known.
    pub(in crate::rules) fn minfds(&self) -> Option<Minfds> {
        let header = self.config.header.filter(|_| !self.config.fragment)?;
        if let Some((unit, number)) = self.unit().zip(self.flags().and_then(|flags| flags.minfds)) {
            return Some(Minfds { number: number.into(), place: unit.command.place, written: true });
        }
        let minfds = &self.config.supervisord.minfds;
        let place = minfds.place();
        let number = self.known(minfds)?.clone();
        Some(Minfds { number, place: place.unwrap_or(header), written: place.is_some() })
    }

    /// The limits that supervisord begins with: without a unit those of systemd and of containers today.
    pub(in crate::rules) fn limits(&self) -> Option<Limits> {
        self.unit().map_or(Some(Limits::DEFAULT), SupervisorUnit::limits)
    }

    /// The soft limit that supervisord and its programs come to: minfds raises it and never lowers it.
    pub(in crate::rules) fn open_files(&self) -> Option<Integer> {
        let soft = i64::try_from(self.limits()?.soft).unwrap_or(i64::MAX);
        Some(self.minfds()?.number.max(soft.into()))
    }

    /// Whom supervisord runs as.
    pub(in crate::rules) fn runs_as(&self) -> RunsAs<'a> {
        let account = |name: &'a str, place| {
            if is_root(name) { RunsAs::Root } else { RunsAs::Account(Account { name, place }) }
        };
        let unit = self.unit();
        if let Some((unit, user)) = unit.zip(self.flags().and_then(|flags| flags.user.as_ref())) {
            return account(user, unit.command.place);
        }
        let user = &self.config.supervisord.user;
        match (self.known(user), user.place()) {
            (None, _) => RunsAs::Unknown,
            (Some(Some(user)), place) => account(user, place.unwrap_or_default()),
            (Some(None), _) => match unit.and_then(|unit| unit.user.as_ref()) {
                Some(Assigned { value, place }) => account(value, *place),
                // A unit without User= is root's.
                None if unit.is_some() => RunsAs::Root,
                None => RunsAs::Starter,
            },
        }
    }

    /// Whether the unit says whom supervisord runs as, where the file does not: by `User=`, or by `-u` in its command.
    pub(in crate::rules) fn account_is_given(&self) -> bool {
        let unit = self.unit();
        unit.is_some_and(|unit| unit.user.is_some()) || self.flags().is_some_and(|flags| flags.user.is_some())
    }

    /// The account that supervisord is told to become, by its flag or its file; `None` too where that is not known.
    pub(in crate::rules) fn wanted_account(&self) -> Option<&'a str> {
        let flag = self.flags().and_then(|flags| flags.user.as_deref());
        let user = &self.config.supervisord.user;
        flag.or_else(|| self.known(user).filter(|_| !self.config.fragment).copied().flatten())
    }

    /// The sections that make processes, each once.
    pub(in crate::rules) fn programs(&self) -> &[Program<'a>] {
        self.programs.get_or_init(|| {
            let mut seen = Map::new();
            let processes = self.config.groups.iter().flat_map(|group| &group.processes);
            let mut is_new = |section| {
                let new = !seen.contains_key(section);
                if new {
                    seen.push(section, ());
                }
                new
            };
            let first = processes.filter(|process| is_new(process.program.section));
            // Most sections are a group of their own.
            let mut programs = Vec::with_capacity(self.config.groups.len());
            programs.extend(first.map(Program::of));
            programs
        })
    }

    /// The program of a section.
    pub(in crate::rules) fn program(&self, section: &str) -> Option<&Program<'a>> {
        let all = self.programs();
        let by_section = self.by_section.get_or_init(|| {
            all.iter().enumerate().map(|(at, program)| (program.process.program.section, at)).collect()
        });
        all.get(*by_section.get(section)?)
    }

    /// What the command of a section runs; `None` where no command is known, or none can be split.
    pub(in crate::rules) fn ran<'p>(&self, program: &'p Program<'a>) -> Option<Ran<'p>> {
        let command = program.command.as_ref()?.words.as_ref().ok()?;
        let kept = program.ran.get_or_init(|| {
            let Ran { app, wrappers, account, words } = matching::ran(command);
            let keep = |text: &str| self.sources.keep(text);
            let from = match words {
                Cow::Borrowed(words) => Own::From(command.len() - words.len()),
                Cow::Owned(words) => {
                    let kept = |Word { text, start, end }| Word { text: Cow::Borrowed(keep(&text)), start, end };
                    Own::Script(words.into_iter().map(kept).collect())
                }
            };
            Kept { app, wrappers, account: account.map(|account| keep(&account)), words: from }
        });
        let words = match &kept.words {
            Own::From(at) => command.get(*at..).unwrap_or_default(),
            Own::Script(words) => words,
        };
        let (app, wrappers, account) = (kept.app, kept.wrappers, kept.account.map(Cow::Borrowed));
        Some(Ran { app, wrappers, account, words: Cow::Borrowed(words) })
    }
}

/// A section that makes processes.
#[derive(Debug)]
pub(in crate::rules) struct Program<'a> {
    /// Its first process.
    pub process: &'a Process<'a>,
    /// Its command, where that is known but for values of options and directories.
    pub command: Option<Command<'a>>,
    /// What that runs, once a rule has asked: `Lint::ran`.
    ran: OnceCell<Kept<'a>>,
    /// What a stop reaches, once a rule has asked: `Lint::reach`.
    pub(super) reach: OnceCell<Reach>,
}

impl<'a> Program<'a> {
    fn of(process: &'a Process<'a>) -> Self {
        Self { process, command: Command::of(process), ran: OnceCell::new(), reach: OnceCell::new() }
    }
}

/// What a command runs, kept for all rules that ask.
#[derive(Debug)]
struct Kept<'a> {
    app: Option<&'static App>,
    wrappers: Wrappers,
    account: Option<&'a str>,
    words: Own<'a>,
}

/// The words of the program that a command runs.
#[derive(Debug)]
enum Own<'a> {
    /// Those of the command from here on.
    From(usize),
    /// Those of a script.
    Script(Box<[Word<'a>]>),
}

/// A command that is written.
#[derive(Debug)]
pub(in crate::rules) struct Command<'a> {
    /// Expanded; as it is written where a value of an option or a directory is not known here.
    pub text: &'a str,
    /// Where the value stands.
    pub place: Place,
    /// What Supervisor makes of it.
    pub words: Result<Vec<Word<'a>>, WordsError>,
}

impl<'a> Command<'a> {
    /// Whether a word begins with what is not known here: where it leads is not known either.
    pub(in crate::rules) fn begins_unknown(word: &Word<'_>) -> bool {
        word.text.starts_with("%(")
    }

    fn of(process: &'a Process<'a>) -> Option<Self> {
        let command = &process.options.command;
        let place = command.place()?;
        match &command.state {
            State::Known(text) => text.map(|text| Self { text, place, words: shlex::split(text) }),
            State::Unknown(_) => Self::as_written(process).filter(Self::is_settled),
            State::Refused => None,
        }
    }

    /// A command that is not known here as it stands in the file.
    pub(in crate::rules) fn as_written(process: &'a Process<'a>) -> Option<Self> {
        let command = &process.options.command;
        let State::Unknown(text) = command.state else { return None };
        Some(Self { text, place: command.place()?, words: shlex::split(text) })
    }

    fn is_settled(&self) -> bool {
        self.words.as_ref().is_ok_and(|words| partly::is_settled(self.text, words))
    }
}

/// Whether an account is root, by name or by number.
pub(in crate::rules) fn is_root(user: &str) -> bool {
    user == "root" || crate::python::integer::parse(user, 10).is_ok_and(|uid| uid.is_zero())
}

/// Whether two accounts are the same, as far as their names say: a name and a number may be.
pub(in crate::rules) fn same_account(one: &str, other: &str) -> bool {
    let number = |user: &str| crate::python::integer::parse(user, 10).ok();
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one == other,
        _ => is_root(one) == is_root(other),
    }
}

/// A number in groups of three digits.
pub(in crate::rules) fn grouped(number: &Integer) -> String {
    let digits = number.to_string();
    let length = digits.trim_start_matches('-').len();
    let mut text = String::with_capacity(digits.len() + length / 3);
    let mut left = digits.len();
    for digit in digits.chars() {
        text.push(digit);
        left -= 1;
        if left > 0 && left.is_multiple_of(3) && digit != '-' {
            text.push(',');
        }
    }
    text
}
