//! The command line: arguments, the commands, exit codes.

pub mod convert;
pub mod inputs;
pub mod lint;
pub mod rule;
pub mod shell;
pub mod show;
pub mod to_systemd;
mod world;

use std::io::{self, Write};

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use crate::reading::Reading;
use convert::TARGETS;

/// Reads supervisord.conf files as Supervisor 4.3.0 does, reports what is risky in them, converts them.
#[derive(Debug, Parser)]
#[command(name = "supconv", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug)]
enum Command {
    Lint(lint::Arguments),
    Show(show::Arguments),
    Convert(convert::Asked),
    Rule(rule::Arguments),
    Completions(shell::Completions),
    Man(shell::Man),
}

const LINT: &str = "lint";
const SHOW: &str = "show";
const RULE: &str = "rule";
const COMPLETIONS: &str = "completions";
const MAN: &str = "man";

/// By hand, because what is derived defines the arguments of all commands before it looks which one is called: a tenth of
/// what a run of `lint` costs.
impl Subcommand for Command {
    fn augment_subcommands(program: clap::Command) -> clap::Command {
        let command = |name, about, arguments| clap::Command::new(name).about(about).defer(arguments);
        let program = program
            .subcommand(command(
                LINT,
                "Report what makes supervisord refuse to start, and what runs today and hurts later",
                lint::Arguments::augment_args,
            ))
            .subcommand(command(
                SHOW,
                "Print the effective configuration: what Supervisor makes of the file",
                show::Arguments::augment_args,
            ));
        let conversions = TARGETS.iter().map(|target| command(target.command, target.about, target.arguments));
        conversions
            .fold(program, clap::Command::subcommand)
            .subcommand(command(
                RULE,
                "Print what a rule finds and why, or list all rules",
                rule::Arguments::augment_args,
            ))
            .subcommand(
                command(COMPLETIONS, "Print the completions of a shell", shell::Completions::augment_args).hide(true),
            )
            .subcommand(
                command(MAN, "Print the manual page of the program or of a command", shell::Man::augment_args)
                    .hide(true),
            )
            .subcommand_required(true)
    }

    fn augment_subcommands_for_update(program: clap::Command) -> clap::Command {
        Self::augment_subcommands(program)
    }

    fn has_subcommand(name: &str) -> bool {
        [LINT, SHOW, RULE, COMPLETIONS, MAN].contains(&name) || convert::target(name).is_some()
    }
}

impl FromArgMatches for Command {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::from_arg_matches_mut(&mut matches.clone())
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (name, mut matches) = matches.remove_subcommand().ok_or_else(missing)?;
        let matches = &mut matches;
        Ok(match name.as_str() {
            LINT => Self::Lint(lint::Arguments::from_arg_matches_mut(matches)?),
            SHOW => Self::Show(show::Arguments::from_arg_matches_mut(matches)?),
            RULE => Self::Rule(rule::Arguments::from_arg_matches_mut(matches)?),
            COMPLETIONS => Self::Completions(shell::Completions::from_arg_matches_mut(matches)?),
            MAN => Self::Man(shell::Man::from_arg_matches_mut(matches)?),
            name => Self::Convert(convert::target(name).ok_or_else(missing)?.read(matches)?),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
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
    /// The arguments of this process; says what is wrong with them and ends it where they are no command. As
    /// `Parser::parse`, but what clap has built is not given back piece by piece, which is time that a user waits.
    #[must_use]
    pub fn of_process() -> Self {
        let mut command = Self::command();
        let parsed = command.try_get_matches_from_mut(std::env::args_os());
        let cli = parsed.and_then(|mut matches| {
            let cli = Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command));
            std::mem::forget(matches);
            cli
        });
        std::mem::forget(command);
        cli.unwrap_or_else(|error| error.exit())
    }

    /// Runs the command. What it reports goes to `out`, what it says about itself to `err`.
    ///
    /// # Errors
    /// When the run cannot be made, or its output cannot be written.
    pub fn run(&self, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Lint(arguments) => lint::run(arguments, out, err),
            Command::Show(arguments) => show::run(arguments, out, err),
            Command::Convert(conversion) => conversion.run(out, err),
            Command::Rule(arguments) => rule::run(arguments, out),
            Command::Completions(arguments) => shell::completions(arguments, out),
            Command::Man(arguments) => shell::man(arguments, out),
        }
    }
}
