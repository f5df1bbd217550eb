//! A process as every target sees it: what is run, as whom, when it is started again, how it is stopped, where its output goes.
//!
//! Values are effective (what `[supervisord]` supplies is in them) and know which option of which section made them and
//! whether it is written there. No target's own words are used here.

mod take;

use std::rc::Rc;

use crate::model::address::Socket as Address;
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, Text};
use crate::python::integer::Integer;

pub use take::Daemon;

/// A value, and the option that it comes from.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The effective value.
    pub value: T,
    /// The section, as written: `program:web`, `supervisord`.
    pub section: Text,
    /// The option.
    pub option: &'static str,
    /// Whether it is written there, or inherited from `[DEFAULT]`; otherwise it is Supervisor's default.
    pub written: bool,
}

impl<T> Setting<T> {
    /// The same option with another value.
    #[must_use]
    pub fn with<U>(&self, value: U) -> Setting<U> {
        Setting { value, section: Rc::clone(&self.section), option: self.option, written: self.written }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), section: self.section, option: self.option, written: self.written }
    }
}

/// One process.
#[derive(Clone, Debug)]
pub struct Process {
    /// The section that makes it: `program:web`.
    pub section: Text,
    /// The program's name.
    pub program: Text,
    /// The name of the group that it is in.
    pub group: Text,
    /// Whether a `[group:x]` made that group.
    pub grouped: bool,
    /// The listening socket that it is handed as standard input, with all other processes of its program.
    pub socket: Option<Listener>,
    /// Its name.
    pub name: Setting<Text>,
    /// How many processes the section makes.
    pub numprocs: Setting<Integer>,
    /// The number of the first.
    pub numprocs_start: Setting<Integer>,
    /// Its program's priority.
    pub priority: Setting<Integer>,
    /// Whether it is started with all the others.
    pub autostart: Setting<bool>,
    /// What is run.
    pub command: Setting<Command>,
    /// The working directory.
    pub directory: Setting<Option<Directory>>,
    /// The account.
    pub user: Setting<Option<Text>>,
    /// The account that supervisord itself has taken before, where that is not root.
    pub supervisors_user: Option<Text>,
    /// The umask's nine bits; none is the usual 022.
    pub umask: Setting<Option<u16>>,
    /// The umask of supervisord itself, which opens the log files.
    pub supervisors_umask: u16,
    /// The variables that Supervisor adds, in its order.
    pub environment: Setting<Vec<Variable>>,
    /// The control server that the process is told of; none is what Supervisor finds out itself.
    pub serverurl: Setting<Option<Text>>,
    /// When it is started again.
    pub restart: Restart,
    /// How it is stopped.
    pub stop: Stop,
    /// Standard output.
    pub stdout: Stream,
    /// Standard error; `None` where it goes where standard output goes.
    pub stderr: Option<Stream>,
    /// Whether standard error goes where standard output goes.
    pub redirect_stderr: Setting<bool>,
    /// The least soft limit of open files.
    pub open_files: Setting<Floor>,
    /// The least soft limit of processes.
    pub processes: Setting<Floor>,
}

/// A working directory; relative where supervisord's is not known.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Its path.
    pub path: Text,
    /// Whether it was relative to supervisord's directory.
    pub joined: bool,
}

/// What `command=` is.
#[derive(Clone, Debug)]
pub struct Command {
    /// The words, or why there are none.
    pub argv: Result<Vec<String>, String>,
    /// How it holds a secret, if it does.
    pub secret: Option<String>,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Text,
    /// The section whose `environment=` sets it.
    pub section: Text,
    /// Whether it must not stand where others can read it.
    pub secret: bool,
}

/// The secret variable whose value a text repeats: as a whole word, behind the sign of an option, or, where it is long enough not
/// to stand there by chance, anywhere.
#[must_use]
pub fn repeated<'v>(text: &str, variables: &'v [Variable]) -> Option<&'v Variable> {
    const LONG: usize = 8;
    let repeats = |value: &str| {
        let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/'));
        (value.len() >= LONG && text.contains(value))
            || words.any(|word| word == value || word.split_once(['=', ':']).is_some_and(|(_, rest)| rest == value))
    };
    // No file that people have holds more; without a bound a list of them would take the square of its length.
    let mut secrets = variables.iter().filter(|variable| variable.secret && !variable.value.is_empty()).take(64);
    secrets.find(|variable| repeats(&variable.value))
}

/// A listening socket.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where it listens.
    pub address: Setting<Address>,
    /// `user[:group]` that its file belongs to; none is the account of the program.
    pub owner: Setting<Option<Text>>,
    /// The mode of its file; none is 0700.
    pub mode: Setting<Option<Integer>>,
    /// How many connections may wait; none is as many as the system lets.
    pub backlog: Setting<Option<Integer>>,
}

/// When a process is started again.
#[derive(Clone, Debug)]
pub struct Restart {
    /// After it ran.
    pub policy: Setting<AutoRestart>,
    /// The codes of an expected end.
    pub exitcodes: Setting<Vec<u8>>,
    /// How long a start has to last.
    pub startsecs: Setting<Integer>,
    /// How often a start that did not last is tried again.
    pub startretries: Setting<Integer>,
}

/// How a process is stopped.
#[derive(Clone, Debug)]
pub struct Stop {
    /// The signal that asks it to.
    pub signal: Setting<Signal>,
    /// Seconds until it is killed.
    pub wait: Setting<Integer>,
    /// Whether the signal goes to its process group.
    pub as_group: Setting<bool>,
    /// Whether the kill goes to its process group.
    pub kill_as_group: Setting<bool>,
}

/// One of the two output streams.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Where it goes.
    pub destination: Setting<Destination>,
    /// The size at which a file is rotated; 0 is never.
    pub maxbytes: Setting<Integer>,
    /// How many rotated files are kept.
    pub backups: Setting<Integer>,
    /// Whether it goes to syslog (too).
    pub syslog: Setting<bool>,
    /// Whether parts of it are captured and sent as events.
    pub capture: Setting<Integer>,
    /// Whether all of it is sent as events.
    pub events: Setting<bool>,
}

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To a file that Supervisor names.
    Auto,
    /// Nowhere.
    Nowhere,
    /// To where supervisord's own output goes: `/dev/stdout` and its like.
    Supervisors(Text),
    /// To syslog alone.
    Syslog,
    /// To a file; relative where supervisord's directory is not known.
    File {
        /// Its path.
        path: Text,
        /// Whether it was relative to supervisord's directory.
        joined: bool,
    },
}

/// A limit that Supervisor only ever raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Floor {
    /// The number.
    Known(Integer),
    /// It depends on what is not known here; as written.
    Unknown(Text),
    /// The main file says it, and this is a fragment.
    Elsewhere,
}

/// Why a process cannot be converted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    /// Options that depend on what is not known here: section and option.
    pub options: Vec<(Text, &'static str)>,
}
