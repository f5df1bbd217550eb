//! `supconv rule`: the page of a rule, or a list: of all, of a family, of those whose page holds some words.

use std::io::Write;

use clap::Args;

use super::{Failure, Outcome};
use crate::report::page;
use crate::rules;

#[derive(Args, Debug)]
pub struct Arguments {
    /// Code or name of a rule, such as SUP101 or default-minfds, or a family such as SUP2; without it all are listed
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// List the rules that speak of these words, such as those of an error: "Too many open files"
    #[arg(long, value_name = "WORDS", conflicts_with = "rule")]
    search: Option<String>,
}

/// Prints what `arguments` name.
///
/// # Errors
/// When there is no such rule, or the output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let Arguments { rule, search } = arguments;
    let text = match (rule, search) {
        (None, None) => page::list(&rules::catalogue()),
        (_, Some(words)) => match page::search(words).as_slice() {
            [] => return Err(Failure::Message(format!("no rule speaks of {words}: `supconv rule` lists all"))),
            found => page::list(found),
        },
        (Some(word), None) => match (rules::find(word), rules::named(word)) {
            (Some(rule), _) => page::page(rule),
            (None, Ok(family)) => page::list(&family),
            (None, Err(hint)) => return Err(Failure::Message(hint)),
        },
    };
    out.write_all(text.as_bytes())?;
    Ok(Outcome::Clean)
}
