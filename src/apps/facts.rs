//! What can be claimed of an application: where it stays, how it ends, what it starts and needs.

use super::Sign;

/// Whether a program stays in the foreground, where supervisord can see it.
#[derive(Clone, Copy, Debug)]
pub enum Foreground {
    /// It does, unless one of these is given.
    Stays {
        /// What sends it to the background.
        leaves: &'static [Sign],
    },
    /// It does, unless it is asked for something that is to go on without it.
    Asked {
        /// What asks for that.
        leaves: &'static [Sign],
        /// What keeps it all the same.
        unless: &'static [Sign],
        /// How to write it.
        write: &'static str,
    },
    /// With one of these it starts something else in the background, and ends.
    Starts {
        /// What asks for that; without any it always does.
        with: &'static [Sign],
        /// What keeps it all the same.
        unless: &'static [Sign],
    },
    /// It does not, unless one of these is given.
    Leaves {
        /// What keeps it.
        stays: &'static [Sign],
        /// How to write it.
        write: &'static str,
        /// The line of its own configuration that says the same, if there is one.
        or: Option<&'static str>,
    },
    /// It does not; flags for both are stronger than the line of its configuration.
    Switched {
        /// What keeps it.
        stays: &'static [Sign],
        /// What sends it to the background, whatever its configuration says.
        leaves: &'static [Sign],
        /// How to write it.
        write: &'static str,
        /// The line of its own configuration that keeps it too.
        or: &'static str,
    },
    /// A line of its own configuration decides.
    Configured {
        /// What keeps it, given in the command.
        stays: &'static [Sign],
        /// The line that keeps it.
        line: &'static str,
    },
}

/// A signal that programs are stopped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the signal of that name")]
pub enum Signal {
    Hup,
    Int,
    Quit,
    Term,
    Usr1,
    Winch,
}

impl Signal {
    /// As `stopsignal=` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hup => "HUP",
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Term => "TERM",
            Self::Usr1 => "USR1",
            Self::Winch => "WINCH",
        }
    }
}

/// What a program does on a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It ends what it has begun, and then itself.
    Graceful,
    /// It ends all sessions, takes back what they have begun, and ends with its data in order.
    Closes,
    /// It ends at once; what it was doing is cut off.
    Quick,
    /// It waits until all clients have gone, however long.
    Waits,
    /// It ends without tidying up, and has to recover at its next start.
    Crash,
    /// It loads its configuration again and goes on.
    Reloads,
    /// It opens its logs again and goes on.
    Reopens,
    /// Nothing.
    Ignored,
}

impl Effect {
    /// Whether nothing is left behind: what a stop wants.
    #[must_use]
    pub fn is_clean(self) -> bool {
        match self {
            Self::Graceful | Self::Closes => true,
            Self::Quick | Self::Waits | Self::Crash | Self::Reloads | Self::Reopens | Self::Ignored => false,
        }
    }

    /// In words, after the name of a signal.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Graceful => "finishes what has begun, then ends",
            Self::Closes => "ends sessions, rolls back what is open and stops cleanly",
            Self::Quick => "ends at once",
            Self::Waits => "waits until all clients have gone",
            Self::Crash => "ends without tidying up, so that the next start has to recover",
            Self::Reloads => "reloads and does not end",
            Self::Reopens => "opens its logs again and does not end",
            Self::Ignored => "does nothing",
        }
    }
}

/// What a program starts, and so what a signal to its process group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Children {
    /// Nothing that outlives it.
    Single,
    /// The program proper, to which it passes no signal on.
    Wrapper,
    /// Workers that it stops itself; a stop signal to them ends the tasks they work at.
    Tasks,
    /// Workers that it stops itself; they know the signal too.
    Workers,
    /// Workers that it stops itself, each in a process group of its own; without it they end.
    Apart,
    /// Sessions, jobs or containers that go on without it.
    LiveOn,
}

impl Children {
    /// Whether the processes that do the work are others than the one that supervisord starts.
    #[must_use]
    pub fn do_the_work(self) -> bool {
        match self {
            Self::Wrapper | Self::Tasks | Self::Workers | Self::Apart => true,
            Self::Single | Self::LiveOn => false,
        }
    }

    /// In a column.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Single => "none",
            Self::Wrapper => "wrapper",
            Self::Tasks => "tasks",
            Self::Workers => "workers",
            Self::Apart => "apart",
            Self::LiveOn => "live on",
        }
    }

    /// The same of workers that end by themselves once the main process is gone.
    #[must_use]
    pub fn words_of_ending(self) -> &'static str {
        match self {
            Self::Tasks => {
                "workers that the main process stops itself, and that end without it; stopasgroup=true would end running tasks"
            }
            Self::Workers => "workers that the main process stops itself, and that end without it",
            Self::Single | Self::Wrapper | Self::Apart | Self::LiveOn => self.words(),
        }
    }

    /// In a sentence, and what to write.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => "one process",
            Self::Wrapper => {
                "a wrapper, which passes no stop signal on: run the program without it, or write stopasgroup=true"
            }
            Self::Tasks => {
                "workers that the main process stops itself; stopasgroup=true would end running tasks: write killasgroup=true"
            }
            Self::Workers => "workers that the main process stops itself: write killasgroup=true",
            Self::Apart => {
                "workers that the main process stops itself, and that end without it: each is a process group of its own, which killasgroup=true does not reach"
            }
            Self::LiveOn => {
                "sessions, jobs or containers that go on without it: write neither stopasgroup nor killasgroup"
            }
        }
    }
}

/// How long a clean stop takes.
#[derive(Clone, Copy, Debug)]
pub enum StopTime {
    /// After this time it gives up by itself.
    Flag {
        /// The flags that set it.
        flags: &'static [&'static str],
        /// Seconds, where none is given; `None` is without bound.
        default: Option<u32>,
        /// Whether the flag counts in thousandths of a second.
        milliseconds: bool,
    },
    /// A setting of its own configuration, with this default in seconds.
    Setting(&'static str, u32),
    /// What its vendor's unit allows, in seconds.
    Usual(u32),
    /// As long as the task it works at.
    Task,
    /// As long as something else.
    Unbounded(&'static str),
}

/// The stop time of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopping {
    /// Not known, or without bound.
    Open,
    /// After so many seconds it gives up by itself.
    GivesUp(u64),
    /// It usually takes up to so many seconds.
    Usual(u32),
    /// As long as the task it works at.
    Task,
}

/// How many files a program wants to open.
#[derive(Clone, Copy, Debug)]
pub enum OpenFiles {
    /// A server whose vendor raises the limit to so many.
    Server(u32),
    /// As many as this; it raises its own soft limit so far, if the hard limit allows.
    Raises(u32),
    /// Its unit allows so many; small ones need less.
    Usual(u32),
    /// Depends on something.
    Grows(&'static str),
}

/// What a unit of the vendor, or of Debian, says.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// `Type=`.
    pub kind: Kind,
    /// Other directives of its section `[Service]` that decide how it is stopped and limited.
    pub directives: &'static [(&'static str, &'static str)],
}

/// `Type=` of a unit.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It tells nobody when it is ready.
    Simple,
    /// It goes to the background when it is ready.
    Forking,
    /// It does its work and ends.
    Oneshot,
    /// It tells systemd when it is ready, if one of these is given; without any it always does, which was run.
    Notify(&'static [Sign]),
    /// It always does, from this version on; an older one never says so.
    NotifySince(&'static str),
    /// The same, if it was built or told so, as far as is known.
    NotifyIfBuilt,
}

impl Kind {
    /// As a unit has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Forking => "forking",
            Self::Oneshot => "oneshot",
            Self::Notify(_) | Self::NotifySince(_) | Self::NotifyIfBuilt => "notify",
        }
    }
}

/// What a program does with the rights of root.
#[derive(Clone, Copy, Debug)]
pub enum Account {
    /// It gives them up by itself, or its workers do, unless one of these is given.
    Drops {
        /// How.
        how: &'static str,
        /// What keeps them.
        unless: &'static [Sign],
    },
    /// It gives them up where one of these flags names an account.
    DropsWith(&'static [&'static str]),
    /// It cannot do without them.
    Needs(&'static str),
}

/// Why a program exits with 0 though it is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// Always at some time.
    Always(&'static str),
    /// Where one of these is given.
    With(&'static [Sign]),
}
