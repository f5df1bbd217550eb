//! `supconv settings`: what counts for the files of a directory, and where each value comes from.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::lint::Chosen;
use super::projects;
use super::world::World;
use super::{Failure, Outcome};
use crate::load::Paths;
use crate::python::filename;
use crate::report::settings;

#[derive(Args, Debug)]
#[group(skip)]
pub struct Arguments {
    /// A file, or a directory [default: the current directory]
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true, value_parser = super::path())]
    path: String,
    /// How to print them
    #[arg(long, value_enum, default_value_t = SettingsFormat::Human)]
    format: SettingsFormat,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    world: World,
}

/// How settings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SettingsFormat {
    /// One line a setting
    Human,
    /// One JSON document: supconv.settings/1
    Json,
}

/// Prints the settings.
///
/// # Errors
/// When they are wrong, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
    let Arguments { path, format, chosen, world } = arguments;
    chosen.check()?;
    let reading = world.reading(std::slice::from_ref(path))?;
    let path = &Paths::new(reading.root.as_deref()).opened(path);
    // The directory itself has the name of a file in it.
    let directory = path != "-" && filename::encode(path).is_dir();
    let file = if directory { format!("{}/-", path.trim_end_matches('/')) } else { path.clone() };
    let mut project = world.project(world.settings_file(&file).as_deref()).map_err(Failure::Settings)?;
    chosen.over(&mut project);
    chosen.check_conversions(project.target.value.converts())?;
    world.under(&reading, &project).map_err(Failure::Settings)?;
    let unmatched = project.unmatched();
    match format {
        SettingsFormat::Human => {
            out.write_all(settings::table(&project).as_bytes())?;
            projects::say_unmatched(&project, &unmatched, err)?;
        }
        SettingsFormat::Json => settings::document(path, &project, &unmatched, out)?,
    }
    Ok(Outcome::Clean)
}
