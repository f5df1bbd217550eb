//! SUP408 unparsable-command: a program without a command, or with one that is none.

use super::spelling::closest;
use super::view::effective::{Command, Program};
use super::written;
use super::{Check, Explanation, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::python::shlex::WordsError;
use crate::refusal::{Cause, Refusal};

/// SUP408.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP408",
        name: "unparsable-command",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "A program without command, unless its numprocs is 0 or less: then Supervisor does not look at it. And a command that is \
               empty, or whose quotes are not closed.",
        why: "Without command Supervisor refuses the whole file; mostly the option is there under another name, or the section was meant \
              to add to one that is no longer included. What cannot be split into words it accepts, and then fails at each start: \
              `can't parse command: No closing quotation`, FATAL.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncomand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: Some(check),
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::NoCommand {
        return None;
    }
    let section = refusal.section.as_deref()?;
    let message = format!("[{section}] has no command: supervisord refuses to start.");
    let options = lint.merged.sections.get(section).into_iter().flat_map(|section| section.options.keys());
    let misspelt = closest("command", options);
    let help = match misspelt {
        Some(other) => format!("did you mean command= where it says {other}=?"),
        None => "write command= with the path of the program and its arguments.".to_owned(),
    };
    Some(Explanation::new(message, help))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    for Program { process, command } in lint.programs() {
        let Some(Command { text: _, place, words }) = command else { continue };
        // What can be run is nobody's trouble here.
        if words.as_ref().is_ok_and(|words| words.first().is_some_and(|word| !word.text.is_empty())) {
            continue;
        }
        // A quote that a comment cuts off is SUP003's.
        if lint.markup.touches(*place) || written::lines(lint, *place).any(|line| line.cut().is_some()) {
            continue;
        }
        let name = &process.program.name;
        let (message, help) = match words {
            Ok(_) => (
                format!("the command of {name} is empty: Supervisor says nothing, and the program never starts."),
                "write the path of the program and its arguments, or remove the section.",
            ),
            Err(error) => (
                format!("Supervisor cannot split this command, and {name} never starts: {error}."),
                match error {
                    WordsError::NoClosingQuotation => {
                        "close the quote; an apostrophe that is meant as one stands as \\' or within double quotes."
                    }
                    WordsError::NoEscapedCharacter => {
                        "remove the backslash at the end: a command goes on in the next line if that is indented, without one."
                    }
                },
            ),
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}
