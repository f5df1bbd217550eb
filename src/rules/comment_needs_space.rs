//! SUP004 comment-needs-space: a comment without a space before it is part of the value.
//! So is a `;` at the end of it, which many write as they end a line of a program.

use super::view::mend::Mend;
use super::view::mend::changes::setting_of;
use super::{Check, Explanation, Found, Lint, Written, invalid_value, shown, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{SectionKind, process as k};
use crate::load::{Facts, Setting};
use crate::refusal::{Cause, Refusal};
use crate::source::{Place, Span};
use crate::{python, syntax};

/// SUP004.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP004",
        name: "comment-needs-space",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("comment_needs_space.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: true,
};

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, setting) = setting_of(lint, finding)?;
    let lines: Vec<_> = written::lines(lint, setting.value).collect();
    let text = lines.iter().map(|line| line.kept).collect::<Vec<_>>().join("\n");
    // What %(here)s is replaced by may have such a sign too.
    if python::rstrip(&text) != setting.text {
        return None;
    }
    // Lines below the comment would still be a part of the value.
    let last = lines.last()?;
    if setting.text.ends_with(';') {
        return ended(lint, section, setting.name, Place { span: last.span, ..setting.value });
    }
    let at = text.find([';', '#'])?.checked_sub(text.len() - last.kept.len())? + last.span.start as usize;
    let source = lint.sources.get(setting.value.source)?;
    let whole = source.line_of(last.span.start);
    let (before, comment) = source.slice(whole).split_at_checked(at - whole.start as usize)?;
    let spaced = format!("{before} {comment}");
    let cut = Some(before.len() + 1);
    if syntax::comment(&spaced) != cut || syntax::comment_since_3_13(&spaced) != cut {
        return None;
    }
    let mend = Mend::of(lint).becomes(section, setting.name, "");
    mend.insert(setting.value.source, whole.start + u32::try_from(before.len()).ok()?, " ")
        .uncovers()
        .safe(format!("write a space before '{}'", comment.chars().next()?))
}

/// Without the `;` at the end of the last line of a value, which begins no comment.
fn ended<'a>(lint: &Lint<'a>, section: &'a str, option: &'a str, last: Place) -> Option<Fix> {
    let written = python::rstrip(lint.sources.get(last.source)?.slice(last.span));
    let kept = python::rstrip(written.trim_end_matches(';'));
    if kept.is_empty() || kept.ends_with(['"', '\'']) {
        return None;
    }
    let signs = Place { span: Span::new(kept.len(), written.len()).after(last.span.start), ..last };
    let mend = Mend::of(lint).becomes(section, option, "").replace(signs, "");
    mend.uncovers().safe("remove the ; at the end")
}

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option?;
    let value = matches!(
        refusal.cause,
        Cause::Value | Cause::SocketOwned | Cause::Member | Cause::EventListener(_) | Cause::Name
    );
    if !value || matches!(option, "command" | "environment" | "password") {
        return None;
    }
    let written = python::strip(refusal.written);
    let (value, comment) = written.find([';', '#']).and_then(|at| written.split_at_checked(at))?;
    let mark = comment.chars().next()?;
    // 0;2 is no comment but a list with the wrong comma.
    let rest = python::strip(comment.get(1..)?);
    let is_list = !rest.is_empty() && invalid_value::accepts(lint, refusal, rest);
    if value.is_empty() || is_list || !invalid_value::accepts(lint, refusal, value) {
        return None;
    }
    let message = format!(
        "'{mark}' needs a space before it to start a comment; {option} is {}: supervisord refuses to start.",
        shown(written)
    );
    Some(Explanation::new(message, help(option, value, comment)))
}

/// What to write; all of it, where it is one line.
fn help(option: &str, value: &str, comment: &str) -> String {
    if comment.trim_matches(';').is_empty() {
        return format!("remove the ; at the end of {option}.");
    }
    if comment.contains('\n') || value.contains('\n') {
        return format!("put a space before the comment of {option}.");
    }
    format!("put a space before it: {option}={value} {comment}")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for written in lint.written_with(Facts::MARKER) {
        let Written { section, kind, option, setting } = written;
        if matches!(option, "command" | "environment" | "password" | "username") {
            continue;
        }
        let Some(at) = setting.text.find([';', '#']).filter(|at| *at > 0) else { continue };
        // Where the sign before it may be a part of the name.
        let at = if setting.text.ends_with(';') { setting.text.trim_end_matches(';').len() } else { at };
        let (Some(key), Some((value, comment))) = (written.key(), setting.text.split_at_checked(at)) else {
            continue;
        };
        let (Some(mark), Some(tail)) = (comment.chars().next(), comment.get(1..)) else { continue };
        let account = key.kind.is_account();
        // No account has such a sign in its name; anything else may, so that only several words are a comment.
        let ends = mark == ';' && tail.trim_matches(';').is_empty() && !value.is_empty();
        let prose = python::split_whitespace(tail).nth(1).is_some() && !tail.contains(['/', '\n']);
        if !prose && !account && !ends {
            continue;
        }
        let does = if account { ", and supervisord refuses to start because no such user exists" } else { "" };
        if ends && !account {
            found.push_of_accepted(setting.value, of_end(kind, setting, value).of(section, Some(option)));
            continue;
        }
        let message =
            format!("'{mark}' needs a space before it to start a comment; {option} is {}{does}.", shown(setting.text));
        let diagnostic = Diagnostic::new(&RULE.rule, setting.value, message).help(help(option, value, comment));
        found.push_of_accepted(setting.value, diagnostic.of(section, Some(option)));
    }
}

/// A value that ends with a `;`. There is no such directory, so that the program cannot start in it.
fn of_end<'a>(kind: Option<SectionKind>, setting: &Setting<'a>, value: &str) -> Diagnostic<'a> {
    let (option, text) = (setting.name, shown(setting.text));
    let never = option == k::DIRECTORY.name && kind.is_some_and(SectionKind::makes_processes);
    let message = if never {
        format!(
            "the program never starts: its directory is {text}, because a ; belongs to the value without a space before it."
        )
    } else {
        format!("{option} is {text}: a ; without a space before it belongs to the value.")
    };
    let diagnostic = Diagnostic::new(&RULE.rule, setting.value, message).help(help(option, value, ";"));
    if never { diagnostic.severity(Severity::Error).cannot_run() } else { diagnostic }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=5;five", &[(1, E)])
            .says("';' needs a space before it to start a comment; startsecs is '5;five'")
            .mends("startsecs=5 ;five"),
        row(PROGRAM, "startsecs=5#five", &[(1, E)]).says("'#' needs a space before it").mends("startsecs=5 #five"),
        row("", "[group:g]\nprograms=api;all of them", &[(2, W)]).mends("[group:g]\nprograms=api ;all of them"),
        row("", "[group:g]\r\nprograms=api,\r\n web#all of them ;why\r", &[(2, W)])
            .mends("[group:g]\r\nprograms=api,\r\n web #all of them ;why\r"),
        row(PROGRAM, "directory=/srv;where it lives", &[(1, W)]).mends("directory=/srv ;where it lives"),
        row(
            MAIN,
            "[program:b]\n  startsecs : 5;five ;5 s\n  command=b\nuser=www;nobody\nstartsecs=6;six",
            &[(4, W), (5, E)],
        )
        .mends("[program:b]\n  startsecs : 5;five ;5 s\n  command=b\nuser=www ;nobody\nstartsecs=6 ;six"),
        row(PROGRAM, "[program:b]\ncommand=b\nuser=www;nobody", &[(3, W)])
            .mends("[program:b]\ncommand=b\nuser=www ;nobody"),
        row(PROGRAM, "[DEFAULT]\nstopwaitsecs=9;nine", &[(2, E)]).mends("[DEFAULT]\nstopwaitsecs=9 ;nine"),
        row(PROGRAM, "[DEFAULT]\ndirectory=/srv;the place", &[(2, W)]).mends("[DEFAULT]\ndirectory=/srv ;the place"),
        row(PROGRAM, "stdout_logfile=/x.log#the log file", &[(1, W)]).mends("stdout_logfile=/x.log #the log file"),
        row(PROGRAM, "process_name=%(program_name)s;\nstdout_logfile=/l/a;b.log;;", &[(1, W), (2, W)])
            .says("process_name is '%(program_name)s;': a ;")
            .mends("process_name=%(program_name)s\nstdout_logfile=/l/a;b.log"),
        row("", "[program:a]\r\n  command=a\r\n  directory : /tmp; ; why\r\n  startsecs=5;\r", &[(3, E), (4, E)])
            .says("the program never starts: its directory is '/tmp;'")
            .mends("[program:a]\r\n  command=a\r\n  directory : /tmp ; why\r\n  startsecs=5\r"),
        row(PROGRAM, "[group:g]\nprograms=api;\n[unix_http_server]\nfile=/s;", &[(2, E), (4, W)])
            .mends("[group:g]\nprograms=api\n[unix_http_server]\nfile=/s"),
        row(PROGRAM, "numprocs=2\nprocess_name=%(process_num)s\nstderr_logfile=/l/%(process_num)s;", &[(3, W)]),
        row(PROGRAM, "directory=;\nstdout_logfile={{ log }};", &[]),
        // The next line would be a part of the value still.
        row(PROGRAM, "user=www;nobody\n else", &[(1, W)]).mends(""),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=/srv/api a;b #c;d\nstartsecs=5 ;five\numask=0o22\n\
         stopsignal=SIGTERM\nnumprocs=1",
            &[],
        ),
        row(PROGRAM, "directory=/srv/c#1\nstdout_logfile=/srv/a;b.log", &[]),
        row(PROGRAM, "directory=/srv/C# projects/one two", &[]),
        row(
            PROGRAM,
            "[inet_http_server]\nport=1\nusername=a;b c d\npassword=a#b c d\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[],
        ),
    ];
}
