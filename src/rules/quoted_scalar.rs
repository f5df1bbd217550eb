//! SUP011 quoted-scalar: quotes around a value that are part of it.

use super::view::mend::Mend;
use super::view::mend::changes::setting_of;
use super::{Check, Explanation, Found, Lint, Written, invalid_value, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::Kind;
use crate::load::Facts;
use crate::python;
use crate::python::shlex;
use crate::refusal::Refusal;
use crate::source::{Place, Span};

/// SUP011.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP011",
        name: "quoted-scalar",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("quoted_scalar.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: true,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option?;
    if !refusal.cause.is_of_the_text() || matches!(option, "command" | "environment" | "password") {
        return None;
    }
    // Of a list, what is refused is one entry; the quotes stand around all of it.
    let setting = lint.merged.setting(refusal.section?, option)?;
    let written = python::strip(setting.text);
    let inner = unquoted(written)?;
    if !invalid_value::accepts(lint, refusal, inner) {
        return None;
    }
    let message = format!("{option} keeps its quotes: Supervisor reads {} and refuses to start.", shown(written));
    Some(Explanation::new(message, format!("write {option}={inner}")))
}

/// What is between the quotes stays as it is, so it must be read as it is: without blanks at its ends, and not as a comment.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, setting) = setting_of(lint, finding)?;
    let option = setting.name;
    let inner = unquoted(lint.sources.slice(setting.value))?;
    if setting.facts.any(Facts::NEWLINE) || python::strip(inner) != inner || inner.starts_with([';', '#']) {
        return None;
    }
    // Within double quotes a backslash may belong to them.
    if option == "command" && (inner.contains('\\') || is_crontab(inner)) {
        return None;
    }
    let Place { source, span } = setting.value;
    let one = |start| Place { source, span: Span { start, end: start + 1 } };
    let mend = Mend::of(lint).uncovers().replace(one(span.start), "").replace(one(span.end - 1), "");
    let mend = mend.becomes(section, option, inner);
    if is_doubtful(option) {
        mend.risky("remove the quotes, unless they are part of it")
    } else {
        mend.safe("remove the quotes")
    }
}

/// Whether the quotes may be intended.
fn is_doubtful(option: &str) -> bool {
    matches!(option, "password" | "username" | "prompt" | "identifier" | "process_name" | "history_file")
}

/// Whether a command begins with the five fields of a crontab (crontab(5)).
fn is_crontab(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let is_time = |word: &str| {
        word.starts_with(|c: char| c == '*' || c.is_ascii_digit())
            && word.bytes().all(|b| b.is_ascii_digit() || b"*/,-".contains(&b))
    };
    let times = words.by_ref().take(5).filter(|word| is_time(word)).count();
    times == 5 && words.next().is_some()
}

/// The text within the quotes that a value begins and ends with.
fn unquoted(value: &str) -> Option<&str> {
    let inner = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inner.is_empty()).then_some(inner)
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for written in lint.written_with(Facts::QUOTE) {
        let Written { section, option, setting, .. } = written;
        // The quotes of an environment are read, and SUP701 speaks of those of [include].
        if !setting.text.starts_with(['"', '\'']) || matches!(option, "environment" | "files") {
            continue;
        }
        let (Some(key), Some(inner)) = (written.key(), unquoted(setting.text)) else { continue };
        let message = if option == "command" {
            if !is_command_line(setting.text, inner) {
                continue;
            }
            format!("the quotes make the command one word: Supervisor looks for a file called {}.", shown(inner))
        } else if inner.contains(['"', '\'']) {
            continue;
        } else {
            format!("the quotes are part of the value: {}.", consequence(section, key.kind, option, setting.text))
        };
        let help = if option == "password" {
            "remove the quotes if they are not part of the password.".to_owned()
        } else if option == "command" && is_crontab(inner) {
            "let cron or supercronic run it: this is a line of a crontab, and Supervisor keeps no times.".to_owned()
        } else if option == "command" {
            "remove the quotes; only a word with a space in it needs them.".to_owned()
        } else {
            format!("write {option}={}", shown(inner).trim_matches('\''))
        };
        let diagnostic = Diagnostic::new(&RULE.rule, setting.value, message).help(help).of(section, Some(option));
        let severity = if is_doubtful(option) { Severity::Warning } else { Severity::Error };
        let diagnostic = diagnostic.severity(severity);
        let diagnostic = if option == "command" { diagnostic.cannot_run() } else { diagnostic };
        found.push_of_accepted(setting.value, diagnostic);
    }
}

/// What comes of a value in quotes.
fn consequence(section: &str, kind: Kind, option: &str, text: &str) -> String {
    // It brings its own quotes.
    let value = shown(text);
    let value = value.get(1..value.len() - 1).unwrap_or("");
    match kind {
        _ if option == "password" => "they belong to the password".to_owned(),
        Kind::String if option == "directory" => {
            format!("the program fails at each start, because the directory {value} does not exist")
        }
        kind if kind.is_account() => format!("supervisord does not start, because the user {value} does not exist"),
        Kind::Path | Kind::Logfile | Kind::ExistingDirpath | Kind::ExistingDirectory
            if section != "supervisorctl" && text.contains('/') =>
        {
            format!("supervisord does not start, because the path {value} does not exist")
        }
        _ => format!("{option} is {value} with its quotes"),
    }
}

/// Whether a quoted text is a program with arguments and not the path of a file with a blank in its name.
fn is_command_line(text: &str, inner: &str) -> bool {
    let one = shlex::split(text).is_ok_and(|words| words.len() == 1);
    let mut arguments = python::split_whitespace(inner).skip(1).peekable();
    // `/opt/My App/run`: a slash within a later word goes on with the path.
    let path = |word: &str| word.contains('/') && !word.starts_with(['/', '-', '.']);
    one && arguments.peek().is_some() && !arguments.any(path)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "command=\"55 23 * * 1-5 /usr/bin/backup\"", &[(1, E)])
            .helps("let cron or supercronic run it")
            .mends(""),
        row(PROGRAM, "autostart=\"true\"", &[(1, E)])
            .says("autostart keeps its quotes: Supervisor reads '\"true\"'")
            .mends("autostart=true"),
        row(PROGRAM, "directory=\"/srv\"\nstdout_logfile='/x'", &[(1, E), (2, E)])
            .says("the quotes are part of the value")
            .mends("directory=/srv\nstdout_logfile=/x"),
        row("", "[group:g]\nprograms=\"a,b\"", &[(2, E)]).mends("[group:g]\nprograms=a,b"),
        row(
            MAIN,
            "[program:api]\r\n  command=/srv/api\r\n  directory : \"%(here)s/é\" ; here\r\n  autorestart=\"true\"\r",
            &[(3, E), (4, E)],
        )
        .mends("[program:api]\r\n  command=/srv/api\r\n  directory : %(here)s/é ; here\r\n  autorestart=true\r"),
        row("", "[DEFAULT]\ndirectory=\"/a\"\nautostart=\"no\"\n[program:a]\ncommand=a", &[(2, E), (3, E)])
            .mends("[DEFAULT]\ndirectory=/a\nautostart=no\n[program:a]\ncommand=a"),
        row(
            MAIN,
            "[supervisorctl]\nserverurl=unix:///run/s.sock\nprompt = \"#\"\nhistory_file=\" /h\"",
            &[(3, W), (4, W)],
        )
        .mends(""),
        row(MAIN, "[unix_http_server]\nfile=/run/s.sock\nusername=a\npassword=\"b\"", &[(4, W)])
            .helps("remove the quotes if they are not part of the password")
            .mends("[unix_http_server]\nfile=/run/s.sock\nusername=a\npassword=b"),
        row(PROGRAM, "directory=\"/srv\"", &[(1, E)]),
        row(PROGRAM, "stdout_logfile='/x.log'", &[(1, E)]),
        row(PROGRAM, "process_name=\"api\"", &[(1, W)]).mends("process_name=api"),
        row(PROGRAM, "[program:b]\ncommand=\"/bin/sleep 30\"", &[(2, E)]).mends("[program:b]\ncommand=/bin/sleep 30"),
        row(
            PROGRAM,
            "[program:b]\ncommand=\"/bin/sh -c \\\"a b\\\"\"\n[program:c]\ncommand='don\"t run'",
            &[(2, E), (4, E)],
        )
        .mends(""),
        row(PROGRAM, "[program:b]\ncommand='/usr/bin/python /srv/b.py'", &[(2, E)]),
        row(PROGRAM, "[program:b]\ncommand=\"/opt/My App/run\"", &[]),
        row(PROGRAM, "[program:b]\ncommand=\"/opt/app/run\" \"--name\"", &[]),
        row(PROGRAM, "[program:b]\ncommand='/opt/run' a 'b c'", &[]),
        row(PROGRAM, "environment=\"A\"=\"1\"", &[]),
    ];
}
