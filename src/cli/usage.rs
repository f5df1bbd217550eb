//! What is wrong with a command line, in one sentence; and how its help looks on a terminal.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::report::Style;

/// What clap finds wrong, in a sentence and where to look.
#[must_use]
pub fn sentence(error: &clap::Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    };
    let argument = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    let mut meant = String::new();
    let said = match error.kind() {
        ErrorKind::UnknownArgument => {
            meant = text(ContextKind::SuggestedArg);
            let what = if argument.starts_with('-') { "unknown option" } else { "unexpected argument" };
            format!("{what} {argument}")
        }
        ErrorKind::InvalidSubcommand => {
            meant = text(ContextKind::SuggestedSubcommand);
            format!("unknown command {}", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue => {
            meant = text(ContextKind::SuggestedValue);
            let words = text(ContextKind::ValidValue);
            let given =
                if value.is_empty() { "no value".to_owned() } else { format!("'{value}' is not a valid value") };
            let choice = if words.is_empty() { String::new() } else { format!(" (one of {words})") };
            format!("{given} for {argument}{choice}")
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map_or_else(String::new, ToString::to_string);
            // `--only <NAME>`, `--allow-loss[=<OPTION>...]`, `[PATH]...`
            let option = argument.split([' ', '=', '[', ']']).find(|word| !word.is_empty()).unwrap_or("");
            // Most reasons name the value, and what is meant for --env may be a secret.
            let is_named = option == "--env" || why.contains(&*value);
            if is_named { format!("{option}: {why}") } else { format!("{option} {value}: {why}") }
        }
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg) {
            other if other == argument => format!("{argument} is given twice"),
            other => format!("{argument} cannot be used with {other}"),
        },
        ErrorKind::MissingRequiredArgument => format!("give {argument} too"),
        ErrorKind::NoEquals => format!("{argument} takes its value after ="),
        ErrorKind::MissingSubcommand => "no command given".to_owned(),
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8".to_owned(),
        _ => {
            let text = error.to_string();
            text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned()
        }
    };
    if meant.is_empty() { said } else { format!("{said}; did you mean {meant}?") }
}

/// A help text with its headings and options in bold where colours are used.
#[must_use]
pub fn painted(help: &str, style: Style) -> String {
    if !style.colour {
        return help.to_owned();
    }
    let mut painted = String::with_capacity(help.len() * 2);
    for line in help.split_inclusive('\n') {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        let end = match indent {
            0 if line.starts_with("Usage:") => "Usage:".len(),
            0 if line.trim_end().ends_with(':') => line.trim_end().len(),
            2 | 6 if text.starts_with('-') || (indent == 2 && text.starts_with(|c: char| c.is_ascii_lowercase())) => {
                indent + text.find("  ").unwrap_or(text.trim_end().len())
            }
            _ => 0,
        };
        let (word, rest) = line.split_at_checked(end).unwrap_or(("", line));
        let (blanks, word) = word.split_at_checked(indent).unwrap_or(("", word));
        painted.push_str(blanks);
        if !word.is_empty() {
            painted.push_str(&style.strong(word));
        }
        painted.push_str(if end == 0 { line } else { rest });
    }
    painted
}
