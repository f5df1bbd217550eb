//! The command line: arguments, the commands, exit codes.

pub mod inputs;
pub mod lint;
pub mod rule;
pub mod shell;
pub mod show;
pub mod to_systemd;
mod world;

use std::io::{self, Write};

use clap::{Parser, Subcommand};

pub use crate::reading::Reading;

/// Reads supervisord.conf files as Supervisor 4.3.0 does, reports what is risky in them, converts them.
#[derive(Debug, Parser)]
#[command(name = "supconv", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Report what makes supervisord refuse to start, and what runs today and hurts later.
    Lint(lint::Arguments),
    /// Print the effective configuration: what Supervisor makes of the file.
    Show(show::Arguments),
    /// Convert to systemd units.
    ToSystemd(to_systemd::Arguments),
    /// Print what a rule finds and why, or list all rules.
    Rule(rule::Arguments),
    /// Print the completions of a shell.
    #[command(hide = true)]
    Completions(shell::Completions),
    /// Print the manual page of the program or of a command.
    #[command(hide = true)]
    Man(shell::Man),
}

/// How a run ended; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings, losses, or a file that Supervisor refuses.
    Findings,
    /// Wrong usage, or something that could not be read or written.
    Failed,
}

impl Outcome {
    /// 0, 1 or 2.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
        }
    }
}

/// Why a run could not be made at all.
#[derive(Debug)]
pub enum Failure {
    /// The reader of our output has gone: nobody is left to tell.
    Closed,
    /// Anything else, in words.
    Message(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Message(error.to_string()) }
    }
}

impl Cli {
    /// Runs the command. What it reports goes to `out`, what it says about itself to `err`.
    ///
    /// # Errors
    /// When the run cannot be made, or its output cannot be written.
    pub fn run(&self, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Lint(arguments) => lint::run(arguments, out, err),
            Command::Show(arguments) => show::run(arguments, out, err),
            Command::ToSystemd(arguments) => to_systemd::run(arguments, out, err),
            Command::Rule(arguments) => rule::run(arguments, out),
            Command::Completions(arguments) => shell::completions(arguments, out),
            Command::Man(arguments) => shell::man(arguments, out),
        }
    }
}
