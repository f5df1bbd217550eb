//! `supconv to-systemd`: units on standard output, what differs on standard error; or the plan as one JSON document.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::inputs;
use super::world::World;
use super::{Failure, Outcome};
use crate::load;
use crate::model::evaluate::evaluate;
use crate::model::host;
use crate::report::plan;
use crate::rules;
use crate::source::Sources;
use crate::target::Grade;
use crate::target::systemd::name::{Kind, UnitName};
use crate::target::systemd::{self, Choices};

/// Arguments of `supconv to-systemd`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The file, or - for standard input
    #[arg(value_name = "PATH")]
    path: Option<String>,
    /// What the names of all units begin with
    #[arg(long, default_value = "", value_parser = prefix)]
    prefix: String,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    world: World,
}

fn prefix(text: &str) -> Result<String, String> {
    UnitName::new(text, "a", Kind::Service).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// How the plan is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The units on standard output, the report on standard error
    Human,
    /// One JSON document on standard output: supconv.plan/1
    Json,
}

/// Converts the file that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
    let reading = arguments.world.reading()?;
    let named: Vec<String> = arguments.path.iter().cloned().collect();
    let inputs = inputs::inputs(&named, err)?;
    let [input] = inputs.as_slice() else {
        let path = named.first().map_or("", String::as_str);
        return Err(Failure::Message(format!("{path} is a directory: name the file to convert")));
    };
    let mut sources = Sources::default();
    let merged = match load::load(&input.path, &reading, &mut sources) {
        Ok(merged) => merged,
        Err(error) => return Err(Failure::Message(format!("{}: {} ({})", error.path, error.message, error.reason))),
    };
    let config = evaluate(&merged, &reading, host::of(&reading));
    let refusals = rules::refusals(&sources, &merged, &config, &reading);
    let plan = systemd::plan(&merged, &config, refusals, &Choices { prefix: arguments.prefix.clone() });
    match arguments.format {
        Format::Human => {
            plan::units(&plan, out)?;
            plan::report(&plan, &sources, reading.dialect, err)?;
        }
        Format::Json => plan::json(&plan, &sources, out)?,
    }
    let lost = plan.losses.iter().any(|loss| loss.grade == Grade::Lost);
    Ok(if lost || !plan.errors.is_empty() { Outcome::Findings } else { Outcome::Clean })
}
