//! `supconv show`: the effective configuration, for people or as one JSON line a file.

use std::io::Write;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use super::world::World;
use super::{Failure, Outcome, inputs, unread};
use crate::convert::only;
use crate::hash::HashSet;
use crate::lint::Input;
use crate::load;
use crate::report::document::Read;
use crate::report::{Colour, Style, escaped, table};
use crate::source::Sources;

#[derive(Args, Debug)]
#[group(skip)]
pub struct Arguments {
    /// Files, directories (searched for *.conf and *.ini files of Supervisor), or - for standard input
    #[arg(value_name = "PATH", value_parser = super::path())]
    paths: Vec<String>,
    /// How to print it; environment values are shown, passwords never
    #[arg(long, value_enum, default_value_t = ShowFormat::Human)]
    format: ShowFormat,
    /// Print sections and options as parsed, before values are converted (JSON)
    #[arg(long, conflicts_with_all = ["all", "only"])]
    raw: bool,
    /// Print every value, defaults too
    #[arg(long)]
    all: bool,
    /// Show only these programs: NAME, GROUP:* or GROUP:PROCESS, as in supervisorctl
    #[arg(long, value_name = "NAME[,NAME]", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    only: Vec<String>,
    #[command(flatten)]
    world: World,
}

/// How the configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// One line per program, then the values that are not default, with their origin
    Human,
    /// One JSON line per file: supconv.show/1
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
        let (sources, mut kept) = (Sources::default(), None);
        let (mut read, path) = match input {
            Input::File(path) => {
                let reading = kept.insert(world.reading_of(&path, &reading)?);
                (Read::of(&path, reading, *raw, &sources), load::called(&path, reading))
            }
            Input::Unreadable(error) => {
                let path = error.path.clone();
                (Read::Unreadable(error), path)
            }
        };
        if let Read::Effective(config) = &mut read
            && !only.is_empty()
        {
            let missing = only::unmatched(config, only);
            match &mut unmatched {
                None => unmatched = Some(missing),
                Some(before) => {
                    let missing: HashSet<&str> = missing.into_iter().collect();
                    before.retain(|pattern| missing.contains(pattern));
                }
            }
            only::keep(config, only);
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
                escaped::write(&read.document(&path, *raw), out)?;
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
            Err(Failure::Message(format!("--only {pattern}: no such program")))
        }
        _ => Ok(outcome),
    }
}
