//! SUP408 unparsable-command: a program without a command, or with one that is none.

use super::spelling::closest;
use super::view::effective::{Command, Program};
use super::{Check, Explanation, Found, Lint, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
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
        page: include_str!("unparsable_command.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: None,
    cannot_run: true,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::NoCommand {
        return None;
    }
    let section = refusal.section?;
    let message = format!("[{section}] has no command: supervisord refuses to start.");
    Some(Explanation::new(message, misspelt(lint, section).unwrap_or_else(|| WRITE.to_owned())))
}

const WRITE: &str = "write command= with the path of the program and its arguments.";

/// What was probably meant to be the command.
fn misspelt(lint: &Lint<'_>, section: &str) -> Option<String> {
    let options = lint
        .merged
        .sections
        .get(section)
        .into_iter()
        .flat_map(|section| lint.merged.options(section).iter().map(|setting| setting.name))
        // A comment that is written as an option is none.
        .filter(|name| !name.starts_with("comment"));
    closest("command", options).map(|other| format!("did you mean command= instead of {other}=?"))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        if process.options.command.is_elsewhere() {
            let (section, header) = (process.program.section, process.program.header);
            found.push_lacking(&RULE.rule, (section, header), &k::COMMAND, misspelt(lint, section));
            continue;
        }
        let Some(Command { text: _, place, words }) = command else { continue };
        // What can be run is nobody's trouble here.
        if words.as_ref().is_ok_and(|words| words.first().is_some_and(|word| !word.text.is_empty())) {
            continue;
        }
        // A quote that a comment cuts off is SUP003's.
        if written::lines(lint, *place).any(|line| line.cut().is_some()) {
            continue;
        }
        let name = &process.program.name;
        let (message, help) = match words {
            Ok(_) => (
                format!(
                    "{name} never starts: supervisord itself starts, and {name} becomes FATAL (\"command is empty\")."
                ),
                "write the path of the program and its arguments, or remove the section.",
            ),
            Err(error) => (
                format!("{name} never starts, because Supervisor cannot split its command: {error}."),
                match error {
                    WordsError::NoClosingQuotation => {
                        "close the quote; write an apostrophe as \\' or put it in double quotes."
                    }
                    WordsError::NoEscapedCharacter => {
                        "remove the backslash at the end: an indented next line continues the command without one."
                    }
                },
            ),
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)).cannot_run());
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::reading::Role;
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[program:no]\nuser=api", &[(1, E)]).says("[program:no] has no command"),
        row(MAIN, "[program:a]\ncommand=", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=''", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=/app/run 'a", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=/app/run don't", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=/app/run \\", &[(2, E)]),
        row(PROGRAM, "[program:no]\nnumprocs=0\nuser=api", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run %(ENV_X)s", &[]),
        row(MAIN, "[program:a]\ncommand=nginx -g \"daemon off;\"", &[]),
        row(MAIN, "[program:a]\ncommand=\nnumprocs=0", &[]),
        row(MAIN, "[program:a]\ncommand={{ run }}'", &[]),
        row(PROGRAM, "[program:no]\ncomand=/srv/no", &[(1, E)]).says("[program:no] has no command"),
        row("", "[program:no]\ncommnad=/srv/no", &[(1, W)]),
        row(MAIN, "[program:no]\nuser=root\n command=/srv/no", &[]),
        row("", "[program:no]\nuser=api", &[(1, W)])
            .says("[program:no] has no command here: unless another file has it"),
        row("", "[eventlistener:no]\nevents=TICK_5", &[(1, W)]),
        row("", "[program:a]\ncommand=a\n[program:no]\nnumprocs=2\nprocess_name=%(process_num)s", &[(3, W)]),
        row("", "[program:no]\nuser=api", &[(1, E)]).role(Role::Main),
        row("", "[DEFAULT]\ncommand=a\n[program:no]\nuser=api", &[]),
        row("", "[program:no]\n{% include 'command' %}", &[]),
    ];
}
