//! `supconv rule`: the page of a rule, or the list of all.

use std::io::Write;

use clap::Args;

use super::{Failure, Outcome};
use crate::report::page;
use crate::rules;

#[derive(Args, Debug)]
pub struct Arguments {
    /// Code or name of a rule, such as SUP101 or default-minfds; without it all are listed
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

/// Prints what `arguments` name.
///
/// # Errors
/// When there is no such rule, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let text = match &arguments.rule {
        None => page::list(),
        Some(word) => {
            let hint = || Failure::Message(format!("no rule is called {word}: {}", rules::meant(word)));
            page::page(rules::find(word).ok_or_else(hint)?)
        }
    };
    out.write_all(text.as_bytes())?;
    Ok(Outcome::Clean)
}
