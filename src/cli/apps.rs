//! `supconv apps`: what is known of an application, or a list of all.

use std::io::Write;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::{Failure, Outcome};
use crate::apps::{By, all, named};
use crate::report::{Colour, Style, apps};
use crate::rules::spelling::closest;

#[derive(Args, Debug)]
pub struct Arguments {
    /// An application (celery) or a program that runs it (php-fpm8.2); without it, all are listed
    #[arg(value_name = "APPLICATION", value_parser = NonEmptyStringValueParser::new())]
    application: Option<String>,
}

/// Prints what `arguments` name.
///
/// # Errors
/// When there is no such application, or the output cannot be written.
pub fn run(arguments: &Arguments, colour: Colour, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let Arguments { application } = arguments;
    let style = Style::of_output(colour);
    let text = match application {
        None => apps::list(style),
        Some(name) => match named(name).as_slice() {
            [] => return Err(Failure::Message(format!("no application is called {name}: {}", meant(name)))),
            found => apps::pages(found, style),
        },
    };
    out.write_all(text.as_bytes())?;
    Ok(Outcome::Clean)
}

/// What somebody may have meant who wrote a name that is unknown.
fn meant(name: &str) -> String {
    let programs = all().flat_map(|app| app.by.iter().map(By::program));
    let names = all().map(|app| app.name).chain(programs);
    match closest(name, names) {
        Some(near) => format!("did you mean {near}?"),
        None => "`supconv apps` lists them".to_owned(),
    }
}
