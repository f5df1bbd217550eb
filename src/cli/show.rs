//! `supconv show`: the effective configuration, for people or as one JSON line a file.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::inputs;
use super::world::World;
use super::{Failure, Outcome};
use crate::load;
use crate::model::evaluate::evaluate;
use crate::model::host;
use crate::reading::Reading;
use crate::report::table;
pub use crate::show::json_line;
use crate::show::{self, Verdict};
use crate::source::Sources;

/// Print the effective configuration: what Supervisor makes of the file.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files, directories (their *.conf and *.ini), or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// How to print it; environment values are printed as they are, passwords never
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Print what the reader and the includes leave, before conversion (JSON)
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    world: World,
}

/// How the configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
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
    let reading = arguments.world.reading()?;
    let mut outcome = Outcome::Clean;
    for input in inputs::inputs(&arguments.paths, err)? {
        let verdict = if arguments.raw || arguments.format == Format::Json {
            let (verdict, document) = show::document(&input.path, &reading, arguments.raw);
            writeln!(out, "{document}")?;
            verdict
        } else {
            tables(&input.path, &reading, out, err)?
        };
        let one = match verdict {
            Verdict::Accepted => Outcome::Clean,
            Verdict::Refused => Outcome::Findings,
            Verdict::Unreadable => Outcome::Failed,
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

/// The tables of one file.
fn tables(path: &str, reading: &Reading, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    let sources = Sources::default();
    let merged = match load::load(path, reading, &sources) {
        Ok(merged) => merged,
        Err(error) => {
            writeln!(err, "supconv: {}: {} ({})", error.path, error.message, error.reason)?;
            return Ok(Verdict::Unreadable);
        }
    };
    let config = evaluate(&merged, reading, host::of(reading));
    table::write(&config, &sources, out)?;
    Ok(if config.refusals.is_empty() { Verdict::Accepted } else { Verdict::Refused })
}
