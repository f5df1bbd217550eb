//! `supconv rule`: the page of a rule, or a list: of all, of a family, of those whose page holds some words.

use std::io::Write;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::{Failure, Outcome};
use crate::report::{Colour, Style, page};
use crate::rules;

#[derive(Args, Debug)]
pub struct Arguments {
    /// A rule (SUP101 or default-minfds) or a family (SUP2); without it, all rules are listed
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// List the rules about these words, for example an error message: "Too many open files"
    #[arg(long, value_name = "WORDS", conflicts_with = "rule", value_parser = NonEmptyStringValueParser::new())]
    search: Option<String>,
}

/// Prints what `arguments` name.
///
/// # Errors
/// When there is no such rule, or the output cannot be written.
pub fn run(arguments: &Arguments, colour: Colour, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let Arguments { rule, search } = arguments;
    let style = Style::of_output(colour);
    let text = match (rule, search) {
        (None, None) => page::list(&rules::catalogue(), style),
        (_, Some(words)) => match page::search(words).as_slice() {
            [] => return Err(Failure::Message(format!("no rule mentions {words}: `supconv rule` lists all rules"))),
            found => page::list(found, style),
        },
        (Some(word), None) => match (rules::find(word), rules::named(word)) {
            (Some(rule), _) => page::page(rule, style),
            (None, Ok(family)) => page::list(&family, style),
            (None, Err(hint)) => return Err(Failure::Message(hint)),
        },
    };
    out.write_all(text.as_bytes())?;
    Ok(Outcome::Clean)
}
