//! `supconv show`: the effective configuration, for people or as one JSON line a file.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::inputs;
use super::world::World;
use super::{Failure, Outcome};
use crate::report::table;
pub use crate::show::json_line;

/// Arguments of `supconv show`.
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
        let one = if arguments.raw || arguments.format == Format::Json {
            let document = crate::show::document(&input.path, &reading, arguments.raw);
            writeln!(out, "{document}")?;
            match (document["ok"].as_bool(), document["kind"].as_str()) {
                (Some(true), _) => Outcome::Clean,
                (_, Some("unreadable")) => Outcome::Failed,
                _ => Outcome::Findings,
            }
        } else {
            table::write(&input.path, &reading, out, err)?
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}
