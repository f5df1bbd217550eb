//! `supconv show`: the effective configuration, for people or as one JSON line a file.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::world::World;
use super::{Failure, Outcome, inputs, unread};
use crate::convert::selection;
use crate::lint::Input;
use crate::load;
use crate::report::document::Read;
use crate::report::{Colour, Style, escaped, table};
use crate::source::Sources;

#[derive(Args, Debug)]
#[group(skip)]
pub struct Arguments {
    /// Files, directories (what of their *.conf and *.ini is Supervisor's), or - for standard input
    #[arg(value_name = "PATH", value_parser = super::path())]
    paths: Vec<String>,
    /// How to print it; environment values are printed as they are, passwords never
    #[arg(long, value_enum, default_value_t = ShowFormat::Human)]
    format: ShowFormat,
    /// Print what the reader and the includes leave, before conversion (JSON)
    #[arg(long, conflicts_with_all = ["all", "only"])]
    raw: bool,
    /// Print every value for people, those too that are defaults
    #[arg(long)]
    all: bool,
    /// Show these programs alone: NAME, GROUP:* or GROUP:PROCESS, as supervisorctl calls them
    #[arg(long, value_name = "NAME[,NAME]", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    world: World,
}

/// How the configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// A line a program, and the values that are not default, with their origin
    Human,
    /// One JSON line a file: supconv.show/1
    Json,
}

/// Shows the files that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(
    arguments: &Arguments,
    colour: Colour,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Outcome, Failure> {
    let Arguments { paths, format, raw, all, only, world } = arguments;
    let mut reading = world.reading(paths)?;
    let style = Style { all: *all, ..Style::of_output(colour) };
    let mut outcome = Outcome::Clean;
    // Of --only what no file has.
    let mut unmatched: Option<Vec<&str>> = None;
    let inputs = inputs::inputs(paths, &mut reading, err)?;
    for (number, input) in inputs.files.into_iter().enumerate() {
        let sources = Sources::default();
        let (mut read, path) = match input {
            Input::File(path) => (Read::of(&path, &reading, *raw, &sources), load::called(&path, &reading)),
            Input::Unreadable(error) => {
                let path = error.path.clone();
                (Read::Unreadable(error), path)
            }
        };
        if let Read::Effective(config) = &mut read
            && !only.is_empty()
        {
            let missing = selection::unmatched(config, only);
            let before = unmatched.take();
            unmatched =
                Some(missing.into_iter().filter(|one| before.as_ref().is_none_or(|all| all.contains(one))).collect());
            selection::keep(config, only);
        }
        if number > 0 && *format == ShowFormat::Human && !raw {
            writeln!(out)?;
        }
        match (&read, format) {
            (Read::Effective(config), ShowFormat::Human) => table::write(config, &sources, style, out)?,
            (Read::Unreadable(error), ShowFormat::Human) if !raw => {
                writeln!(err, "{}", unread(error))?;
            }
            (read, ShowFormat::Human | ShowFormat::Json) => {
                escaped::write(&read.json(&path, *raw), out)?;
            }
        }
        let one = match (&read, read.refusal()) {
            (Read::Unreadable(_), _) => Outcome::Failed,
            (_, Some(_)) => Outcome::Findings,
            (_, None) => Outcome::Clean,
        };
        outcome = outcome.max(one);
    }
    match unmatched.as_deref() {
        Some([pattern, ..]) if outcome == Outcome::Clean => {
            Err(Failure::Message(format!("--only {pattern}: there is no such program")))
        }
        _ => Ok(outcome),
    }
}
