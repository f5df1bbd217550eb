//! The command line: arguments, the commands, exit codes.

mod apps;
pub mod convert;
mod fix;
mod gitignore;
mod inputs;
mod limits;
mod lint;
pub mod output;
mod projects;
mod rule;
mod settings;
mod shell;
mod show;
mod to_horust;
mod to_pitchfork;
mod to_systemd;
mod usage;
mod walk;
mod world;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Write};

use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use convert::Target;

use crate::files::reason;
use crate::load::Unreadable;
use crate::python::filename;
use crate::report::{Colour, Style};
use crate::secrets;
use crate::settings::Wrong;
use crate::visible::{on_one_line, visible};

/// Reads supervisord.conf exactly as Supervisor 4.3.0 does, reports errors, and converts to systemd, Horust or pitchfork.
#[derive(Debug, Parser)]
#[command(name = "supconv", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What all commands take.
#[derive(Args, Debug, Default)]
#[group(skip)]
struct Common {
    /// When to use colours (overrides `NO_COLOR`, which overrides `FORCE_COLOR`)
    #[arg(long = "color", global = true, value_name = "WHEN", value_parser = words(&COLOURS, colour), default_value = "auto", display_order = 0)]
    colour: Colour,
}

static COLOURS: [Colour; 3] = [Colour::Auto, Colour::Always, Colour::Never];

fn colour(colour: Colour) -> (&'static str, &'static str) {
    match colour {
        Colour::Auto => ("auto", "On a terminal"),
        Colour::Always => ("always", "Also in a pipe or a file"),
        Colour::Never => ("never", "Not at all"),
    }
}

/// What `--color` says, before all is parsed: help and errors have colours too.
fn colour_of(arguments: &[OsString]) -> Colour {
    let mut arguments = arguments.iter().filter_map(|one| one.to_str()).take_while(|one| *one != "--");
    let word = arguments.find_map(|one| one.strip_prefix("--color").map(str::to_owned));
    let word = word.map(|rest| match rest.strip_prefix('=') {
        Some(word) => word.to_owned(),
        None => arguments.next().unwrap_or("").to_owned(),
    });
    let known = COLOURS.iter().find(|known| word.as_deref() == Some(colour(**known).0));
    known.copied().unwrap_or_default()
}

/// The commands: how each is called, what `--help` says of it, its arguments.
///
/// By hand, because what is derived defines the arguments of all commands before it looks which one is called: a twentieth of
/// a cold start. For the same reason the structs of arguments make no groups, which nothing asks for.
macro_rules! commands {
    ($($command:ident($arguments:ty) = $name:literal, $about:literal, hidden: $hidden:literal;)*) => {
        #[derive(Debug)]
        enum Command {
            $($command($arguments),)*
            Convert(convert::Asked),
        }

        impl Subcommand for Command {
            fn augment_subcommands(program: clap::Command) -> clap::Command {
                let mut all =
                    vec![$(clap::Command::new($name).about($about).hide($hidden).defer(defined::<$arguments>)),*];
                // After lint and show.
                all.splice(2..2, convert::TARGETS.iter().map(Target::command));
                program.subcommands(all).subcommand_required(true)
            }

            fn augment_subcommands_for_update(program: clap::Command) -> clap::Command {
                Self::augment_subcommands(program)
            }

            fn has_subcommand(name: &str) -> bool {
                [$($name),*].contains(&name) || convert::target(name).is_some()
            }
        }

        impl Command {
            /// The definition of a command, its arguments included.
            fn defined(name: &str) -> Option<clap::Command> {
                match name {
                    $($name => Some(defined::<$arguments>(clap::Command::new($name).about($about))),)*
                    name => convert::target(name).map(Target::defined),
                }
            }

            /// The command of this name, from the matches of its arguments.
            fn read(name: &str, matches: &mut ArgMatches) -> Result<Self, clap::Error> {
                match name {
                    $($name => <$arguments>::from_arg_matches_mut(matches).map(Self::$command),)*
                    name => convert::target(name).ok_or_else(missing)?.read(matches).map(Self::Convert),
                }
            }
        }

        impl FromArgMatches for Command {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Self::from_arg_matches_mut(&mut matches.clone())
            }

            fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
                let (name, mut matches) = matches.remove_subcommand().ok_or_else(missing)?;
                Self::read(&name, &mut matches)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

commands! {
    Lint(lint::Arguments) =
        "lint", "Report what supervisord refuses, and what causes trouble later", hidden: false;
    Show(show::Arguments) =
        "show", "Print the effective configuration, and the line that each value comes from", hidden: false;
    Limits(limits::Arguments) =
        "limits", "Show the open files of a running supervisord and its programs, and raise their limits", hidden: false;
    Settings(settings::Arguments) =
        "settings", "Print the settings that count for a file, and where each comes from", hidden: false;
    Rule(rule::Arguments) = "rule", "Explain a rule, or list all rules", hidden: false;
    Apps(apps::Arguments) =
        "apps", "Tell what is known of an application: how it stays, how it stops", hidden: false;
    Completions(shell::Completions) = "completions", "Print shell completions", hidden: true;
    Man(shell::Man) = "man", "Print the manual page of supconv or of a command", hidden: true;
}

fn missing() -> clap::Error {
    clap::Error::new(ErrorKind::MissingSubcommand)
}

/// A command with its arguments. What help says of it stays: the groups of arguments have texts too, which clap would take.
fn defined<A: Args>(command: clap::Command) -> clap::Command {
    let about = command.get_about().cloned().unwrap_or_default();
    A::augment_args(command).about(about)
}

/// Reads one of a closed list of words.
#[derive(Clone)]
struct ClosedWords<T: 'static> {
    values: &'static [T],
    /// The word for a value, and what `--help` says of it.
    word: fn(T) -> (&'static str, &'static str),
}

/// Reads one of the words for these values: the library knows nothing of command lines.
fn words<T: Copy>(values: &'static [T], word: fn(T) -> (&'static str, &'static str)) -> ClosedWords<T> {
    ClosedWords { values, word }
}

impl<T: Copy + Send + Sync + 'static> TypedValueParser for ClosedWords<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        given: &OsStr,
    ) -> Result<T, clap::Error> {
        let known = self.values.iter().copied().find(|value| given == (self.word)(*value).0);
        known.ok_or_else(|| {
            // The same that clap says of an enum of its own.
            let words = PossibleValuesParser::new(self.possible_values().into_iter().flatten());
            let error = words.parse_ref(command, argument, given).err();
            error.unwrap_or_else(|| clap::Error::new(ErrorKind::InvalidValue))
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value = |value| {
            let (word, about) = (self.word)(value);
            PossibleValue::new(word).help(about)
        };
        Some(Box::new(self.values.iter().copied().map(value)))
    }
}

/// Reads a path, which need not be UTF-8.
fn path() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().try_map(|name| match filename::decode(&name).into_owned() {
        path if path.is_empty() => Err("an empty path names nothing"),
        path => Ok(path),
    })
}

/// A value that is left where it is: the process ends soon, and with it the memory. Giving that back piece by piece is time
/// that a user waits. A fuzzer runs on, and gives it back.
#[cfg(not(fuzzing))]
type Left<T> = std::mem::ManuallyDrop<T>;
#[cfg(fuzzing)]
type Left<T> = Box<T>;

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
    /// What was to be said cannot be written.
    Unwritten(io::Error),
    /// A signal came while files were written.
    Ended {
        /// Its number.
        signal: u8,
        /// What became of the files.
        message: String,
    },
    /// What is wrong with the settings of a project.
    Settings(Vec<Wrong>),
    /// Anything else, in words.
    Message(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Unwritten(error)
    }
}

impl Failure {
    /// The exit code: after a signal what a shell tells of a program that one has ended.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Ended { signal, .. } => 128 + signal,
            Self::Unwritten(_) | Self::Settings(_) | Self::Message(_) => Outcome::Failed.code(),
        }
    }
}

impl fmt::Display for Failure {
    /// The line that says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwritten(error) => {
                write!(f, "supconv: the output cannot be written: {}", reason(&error.to_string()))
            }
            Self::Settings(wrong) => {
                let lines: Vec<String> = wrong.iter().map(|one| on_one_line(&one.to_string()).into_owned()).collect();
                f.write_str(&lines.join("\n"))
            }
            Self::Ended { signal: _, message } | Self::Message(message) => {
                // An argument may have a secret.
                write!(f, "supconv: {}", visible(&secrets::mask(message)))
            }
        }
    }
}

/// What is said of something that could not be read.
fn unread(error: &Unreadable) -> Failure {
    Failure::Message(error.to_string())
}

impl Cli {
    /// The arguments of this process; `None` after the help or the version. As `Parser::parse`, but what clap has built is not
    /// given back piece by piece, which is time that a user waits; nor are the other commands defined where the first word names
    /// one, which is a tenth of a cold start.
    ///
    /// # Errors
    /// When they are no command; what was wanted instead of a command, such as the help, is written to `out`.
    pub fn of_process(out: &mut dyn Write) -> Result<Option<Self>, Failure> {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        if let Some(cli) = Self::plain(&arguments) {
            return Ok(Some(cli));
        }
        let style = Style::of_output(colour_of(&arguments));
        let first = arguments.get(1).and_then(|word| word.to_str()).unwrap_or_default();
        let alone = Command::defined(first);
        let is_alone = alone.is_some();
        let command = alone.map_or_else(Self::command, |command| {
            defined::<Common>(command.next_help_heading(None)).bin_name(format!("supconv {first}"))
        });
        let mut command = command.term_width(style.width);
        let given = arguments.iter().skip(usize::from(is_alone));
        let parsed = command.try_get_matches_from_mut(given).and_then(|mut matches| {
            let cli = if is_alone {
                Common::from_arg_matches_mut(&mut matches)
                    .and_then(|common| Ok(Self { common, command: Command::read(first, &mut matches)? }))
            } else {
                Self::from_arg_matches_mut(&mut matches)
            };
            let cli = cli.map_err(|error| error.format(&mut command));
            let _left = Left::new(matches);
            cli
        });
        let _left = Left::new(command);
        let error = match parsed {
            Ok(cli) => return Ok(Some(cli)),
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                out.write_all(usage::painted(&error.to_string(), style).as_bytes())?;
                Ok(None)
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                Err(Failure::Message(format!("no command given\n\n{}", error.to_string().trim_end())))
            }
            _ => Err(Failure::Message(usage::sentence(&error))),
        }
    }

    /// `supconv lint PATH…` as people call it, and with the flag of the pre-commit hook: what clap comes to is known, and takes
    /// it a quarter of a cold start.
    fn plain(arguments: &[OsString]) -> Option<Self> {
        let [_, command, given @ ..] = arguments else { return None };
        let (no_include, paths) = match given {
            [flag, paths @ ..] if flag == "--no-include" => (true, paths),
            paths => (false, paths),
        };
        let is_plain = |path: &OsString| !(path.is_empty() || path.as_encoded_bytes().starts_with(b"-"));
        let decoded = || paths.iter().map(|path| filename::decode(path).into_owned()).collect();
        let lint = || Command::Lint(lint::Arguments::of(decoded(), no_include));
        (command == "lint" && paths.iter().all(is_plain)).then(|| Self { common: Common::default(), command: lint() })
    }

    /// Runs the command. What it reports goes to `out`, what it says about itself to `err`.
    ///
    /// # Errors
    /// When the run cannot be made, or its output cannot be written.
    pub fn run(&self, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
        let Self { common: Common { colour }, command } = self;
        match command {
            Command::Lint(arguments) => lint::run(arguments, *colour, out, err),
            Command::Show(arguments) => show::run(arguments, *colour, out, err),
            Command::Convert(conversion) => conversion.run(*colour, out, err),
            Command::Limits(arguments) => limits::run(arguments, *colour, out, err),
            Command::Settings(arguments) => settings::run(arguments, out, err),
            Command::Rule(arguments) => rule::run(arguments, *colour, out),
            Command::Apps(arguments) => apps::run(arguments, *colour, out),
            Command::Completions(arguments) => shell::completions(arguments, out),
            Command::Man(arguments) => shell::man(arguments, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_clap_is_what_clap_makes_of_it() {
        for words in [
            &["lint"][..],
            &["lint", "a.conf"],
            &["lint", "b/", "lint", "a b", "a=--b"],
            &["lint", "--no-include"],
            &["lint", "--no-include", "a.conf", "b.conf"],
        ] {
            let arguments: Vec<OsString> = ["supconv"].iter().chain(words).map(OsString::from).collect();
            let (plain, parsed) = (Cli::plain(&arguments), Cli::try_parse_from(&arguments).ok());
            assert!(plain.is_some(), "{words:?}");
            assert_eq!(format!("{plain:?}"), format!("{parsed:?}"), "{words:?}");
        }
        for words in [
            &[][..],
            &["lint", "-"],
            &["lint", "a", "--fix"],
            &["lint", ""],
            &["lint", "--", "a"],
            &["show", "a"],
            &["show", "--no-include", "a"],
            &["lint", "a", "--no-include"],
            &["lint", "--no-include", "--no-include"],
        ] {
            let arguments: Vec<OsString> = ["supconv"].iter().chain(words).map(OsString::from).collect();
            assert!(Cli::plain(&arguments).is_none(), "{words:?}");
        }
    }
}
