//! `supconv show`: the effective configuration, for people or as one JSON line a file.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::world::World;
use super::{Failure, Outcome, inputs};
use crate::lint::Input;
use crate::load;
use crate::report::document::Read;
use crate::report::table;
use crate::source::Sources;

#[derive(Args, Debug)]
#[group(skip)]
pub struct Arguments {
    /// Files, directories (what of their *.conf and *.ini is Supervisor's), or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// How to print it; environment values are printed as they are, passwords never
    #[arg(long, value_enum, default_value_t = ShowFormat::Human)]
    format: ShowFormat,
    /// Print what the reader and the includes leave, before conversion (JSON)
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    world: World,
}

/// How the configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// Tables, each value with its origin
    Human,
    /// One JSON line a file: supconv.show/1
    Json,
}

/// Shows the files that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
    let Arguments { paths, format, raw, world } = arguments;
    let mut reading = world.reading(paths)?;
    let mut outcome = Outcome::Clean;
    let inputs = inputs::inputs(paths, &mut reading, err)?;
    for input in inputs.files {
        let sources = Sources::default();
        let (read, path) = match input {
            Input::File(path) => (Read::of(&path, &reading, *raw, &sources), load::called(&path, &reading)),
            Input::Unreadable(error) => {
                let path = error.path.clone();
                (Read::Unreadable(error), path)
            }
        };
        match (&read, format) {
            (Read::Effective(config), ShowFormat::Human) => table::write(config, &sources, out)?,
            (Read::Unreadable(error), ShowFormat::Human) if !raw => {
                writeln!(err, "supconv: {}: {} ({})", error.path, error.message, error.reason)?;
            }
            (read, ShowFormat::Human | ShowFormat::Json) => {
                writeln!(out, "{}", read.json(&path, *raw))?;
            }
        }
        let one = match (&read, read.refusal()) {
            (Read::Unreadable(_), _) => Outcome::Failed,
            (_, Some(_)) => Outcome::Findings,
            (_, None) => Outcome::Clean,
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}
