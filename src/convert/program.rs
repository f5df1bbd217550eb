//! A process as every target sees it: what is run, as whom, when it is started again, how it is stopped, where its output goes.
//!
//! Values are effective (what `[supervisord]` supplies is in them) and know which option of which section made them and
//! whether it is written there. No target's own words are used here.

mod take;

use crate::model::address::Socket as Address;
use crate::model::signal::Signal;
use crate::model::value::{AutoRestart, ExitCodes, Text};
use crate::python::integer::Integer;

pub use take::Daemon;

/// A value, and the option that it comes from.
#[derive(Clone, Debug)]
pub struct Setting<'a, T> {
    /// The effective value.
    pub value: T,
    /// The section, as written: `program:web`, `supervisord`.
    pub section: Text<'a>,
    /// The option.
    pub option: &'static str,
    /// Whether it is written there, or inherited from `[DEFAULT]`; otherwise it is Supervisor's default.
    pub written: bool,
}

impl<'a, T> Setting<'a, T> {
    /// The same option with another value.
    #[must_use]
    pub fn with<U>(&self, value: U) -> Setting<'a, U> {
        Setting { value, section: self.section, option: self.option, written: self.written }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<'a, U> {
        Setting { value: change(self.value), section: self.section, option: self.option, written: self.written }
    }
}

/// One process.
#[derive(Clone, Debug)]
pub struct Process<'a> {
    /// The section that makes it: `program:web`.
    pub section: Text<'a>,
    /// The program's name.
    pub program: Text<'a>,
    /// The name of the group that it is in.
    pub group: Text<'a>,
    /// Whether a `[group:x]` made that group.
    pub grouped: bool,
    /// The listening socket that it is handed as standard input, with all other processes of its program.
    pub socket: Option<Listener<'a>>,
    /// Its name.
    pub name: Setting<'a, Text<'a>>,
    /// How many processes the section makes.
    pub numprocs: Setting<'a, Integer>,
    /// The number of the first.
    pub numprocs_start: Setting<'a, Integer>,
    /// Its program's priority.
    pub priority: Setting<'a, Integer>,
    /// Whether it is started with all the others.
    pub autostart: Setting<'a, bool>,
    /// What is run.
    pub command: Setting<'a, Command>,
    /// The working directory.
    pub directory: Setting<'a, Option<Directory<'a>>>,
    /// The account.
    pub user: Setting<'a, Option<Text<'a>>>,
    /// The account that supervisord itself has taken before, where that is not root.
    pub supervisors_user: Option<Text<'a>>,
    /// The umask's nine bits; none is the usual 022.
    pub umask: Setting<'a, Option<u16>>,
    /// The umask of supervisord itself, which opens the log files.
    pub supervisors_umask: u16,
    /// The variables that Supervisor adds, in its order.
    pub environment: Setting<'a, Vec<Variable<'a>>>,
    /// The control server that the process is told of; none is what Supervisor finds out itself.
    pub serverurl: Setting<'a, Option<Text<'a>>>,
    /// When it is started again.
    pub restart: Restart<'a>,
    /// How it is stopped.
    pub stop: Stop<'a>,
    /// Standard output.
    pub stdout: Stream<'a>,
    /// Standard error; `None` where it goes where standard output goes.
    pub stderr: Option<Stream<'a>>,
    /// Whether standard error goes where standard output goes.
    pub redirect_stderr: Setting<'a, bool>,
    /// The least soft limit of open files.
    pub open_files: Setting<'a, Floor<'a>>,
    /// The least soft limit of processes.
    pub processes: Setting<'a, Floor<'a>>,
}

/// A working directory; relative where supervisord's is not known.
#[derive(Clone, Debug)]
pub struct Directory<'a> {
    /// Its path.
    pub path: Text<'a>,
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
pub struct Variable<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// Its value.
    pub value: Text<'a>,
    /// The section whose `environment=` sets it.
    pub section: Text<'a>,
    /// Whether it must not stand where others can read it.
    pub secret: bool,
}

/// The secret variable whose value a text repeats: as a whole word, behind the sign of an option, or, where it is long enough not
/// to stand there by chance, anywhere.
#[must_use]
pub fn repeated<'v, 'a>(text: &str, variables: &'v [Variable<'a>]) -> Option<&'v Variable<'a>> {
    const LONG: usize = 8;
    let repeats = |value: &str| {
        let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/'));
        (value.len() >= LONG && text.contains(value))
            || words.any(|word| word == value || word.split_once(['=', ':']).is_some_and(|(_, rest)| rest == value))
    };
    // No file that people have holds more; without a bound a list of them would take the square of its length.
    let mut secrets = variables.iter().filter(|variable| variable.secret && !variable.value.is_empty()).take(64);
    secrets.find(|variable| repeats(variable.value))
}

/// A listening socket.
#[derive(Clone, Debug)]
pub struct Listener<'a> {
    /// Where it listens.
    pub address: Setting<'a, Address<'a>>,
    /// `user[:group]` that its file belongs to; none is the account of the program.
    pub owner: Setting<'a, Option<Text<'a>>>,
    /// The mode of its file; none is 0700.
    pub mode: Setting<'a, Option<Integer>>,
    /// How many connections may wait; none is as many as the system lets.
    pub backlog: Setting<'a, Option<Integer>>,
}

/// When a process is started again.
#[derive(Clone, Debug)]
pub struct Restart<'a> {
    /// After it ran.
    pub policy: Setting<'a, AutoRestart>,
    /// The codes of an expected end.
    pub exitcodes: Setting<'a, ExitCodes>,
    /// How long a start has to last.
    pub startsecs: Setting<'a, Integer>,
    /// How often a start that did not last is tried again.
    pub startretries: Setting<'a, Integer>,
}

/// How a process is stopped.
#[derive(Clone, Debug)]
pub struct Stop<'a> {
    /// The signal that asks it to.
    pub signal: Setting<'a, Signal>,
    /// Seconds until it is killed.
    pub wait: Setting<'a, Integer>,
    /// Whether the signal goes to its process group.
    pub as_group: Setting<'a, bool>,
    /// Whether the kill goes to its process group.
    pub kill_as_group: Setting<'a, bool>,
}

/// One of the two output streams.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    /// Where it goes.
    pub destination: Setting<'a, Destination<'a>>,
    /// The size at which a file is rotated; 0 is never.
    pub maxbytes: Setting<'a, Integer>,
    /// How many rotated files are kept.
    pub backups: Setting<'a, Integer>,
    /// Whether it goes to syslog (too).
    pub syslog: Setting<'a, bool>,
    /// Whether parts of it are captured and sent as events.
    pub capture: Setting<'a, Integer>,
    /// Whether all of it is sent as events.
    pub events: Setting<'a, bool>,
}

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To a file that Supervisor names.
    Auto,
    /// Nowhere.
    Nowhere,
    /// To where supervisord's own output goes: `/dev/stdout` and its like.
    Supervisors(Text<'a>),
    /// To syslog alone.
    Syslog,
    /// To a file; relative where supervisord's directory is not known.
    File {
        /// Its path.
        path: Text<'a>,
        /// Whether it was relative to supervisord's directory.
        joined: bool,
    },
}

/// A limit that Supervisor only ever raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Floor<'a> {
    /// The number.
    Known(Integer),
    /// It depends on what is not known here; as written.
    Unknown(Text<'a>),
    /// The main file says it, and this is a fragment.
    Elsewhere,
}

/// Why a process cannot be converted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown<'a> {
    /// Options that depend on what is not known here: section and option.
    pub options: Vec<(Text<'a>, &'static str)>,
}
