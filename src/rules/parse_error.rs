//! SUP001 parse-error: a line, or a file, that Supervisor's parser does not take.

use super::view::mend::Mend;
use super::{Check, Explanation, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Change, Fix};
use crate::refusal::{Cause, Refusal};
use crate::source::{INVALID, Place, Span};
use crate::syntax::{self, Kind};

/// SUP001.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP001",
        name: "parse-error",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("parse_error.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: None,
    fix: Some(mend),
    cannot_run: false,
};

/// What some editors write before the first character of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Without the mark its line is what it looks like: a header, mostly, which Supervisor has not seen until then.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let Place { source, span } = finding.place;
    let file = lint.sources.get(source)?;
    let first = file.slice(span);
    let rest = first.trim_start_matches(BYTE_ORDER_MARK);
    if span.start > 0 || rest.len() == first.len() || is_binary(file.text()) {
        return None;
    }
    let marks = Place { source, span: Span::new(0, first.len() - rest.len()) };
    let mend = Mend::of(lint).replace(marks, "");
    let mend = match syntax::lines(rest, file.cut).next().map(|line| line.kind) {
        Some(Kind::Header { name, .. }) => {
            mend.changes(rest.get(name.start as usize..name.end as usize)?, Change::WHOLE)
        }
        _ => mend,
    };
    mend.safe("remove the byte-order mark")
}

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let source = lint.sources.get(refusal.place.source)?;
    let text = source.slice(refusal.place.span);
    let (message, help) = match refusal.cause {
        Cause::Undecodable | Cause::NoHeader | Cause::NoDelimiter | Cause::EmptyKey
            if is_binary(source.text()) && !is_wide(source.text()) =>
        {
            (
                "this is a binary file, not a configuration: supervisord refuses to start.".to_owned(),
                "give the path of the configuration.".to_owned(),
            )
        }
        Cause::Undecodable => {
            let wide = is_wide(source.text());
            let from = if wide { "utf-16" } else { "latin1" };
            let what = if wide {
                "the file looks like UTF-16, but Supervisor reads UTF-8"
            } else {
                "this byte is not UTF-8 (comments must be UTF-8 too)"
            };
            (
                format!("{what}: supervisord refuses to start."),
                format!("save the file as UTF-8: iconv -f {from} -t utf-8."),
            )
        }
        Cause::NoHeader if text.starts_with(BYTE_ORDER_MARK) => (
            "the file begins with a byte-order mark, so its first line is not read: supervisord refuses to start."
                .to_owned(),
            "save the file as UTF-8 without the mark: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE.".to_owned(),
        ),
        Cause::NoHeader => (
            "this line is above the first section header: supervisord refuses to start.".to_owned(),
            "move it below a header such as [supervisord], or begin a comment with ; or #.".to_owned(),
        ),
        Cause::NoDelimiter => (
            "this line has no = or :, so it is not an option: supervisord refuses to start.".to_owned(),
            no_delimiter(text),
        ),
        Cause::EmptyKey => (
            "this line has no option name before = or :, so supervisord refuses to start.".to_owned(),
            "write the name before it, or indent the line if it continues the value above.".to_owned(),
        ),
        Cause::NoSupervisord => (
            "the file has no [supervisord] section: supervisord refuses to start.".to_owned(),
            "lint the main file, or use --as fragment if another file includes this one.".to_owned(),
        ),
        _ => return None,
    };
    Some(Explanation::new(message, help))
}

/// Whether a text begins as UTF-16 does: with a mark of two bytes, neither of which is UTF-8. It is read as far as its first NUL, so
/// it is asked for once, or where there is one near.
fn is_wide(text: &str) -> bool {
    text.chars().take(3).take_while(|c| *c == INVALID).count() == 2 && text.contains('\0')
}

/// Whether a text has a NUL near its beginning, which no editor writes.
fn is_binary(text: &str) -> bool {
    text.chars().take(1024).any(|c| c == '\0')
}

/// What a line without a delimiter was probably meant to be.
fn no_delimiter(text: &str) -> String {
    let first = text.chars().next();
    if first == Some('[') {
        "close the header with ].".to_owned()
    } else if text.contains(['＝', '：']) {
        "this is not the ASCII = or :; type it again.".to_owned()
    } else if text.starts_with("//") || text.starts_with("--") || text.to_lowercase().starts_with("rem ") {
        "a comment begins with ; or #.".to_owned()
    } else {
        "write NAME=VALUE; begin a comment with ; or #; indent a line that continues the value above.".to_owned()
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::reading::Role;
    use crate::rules::rows::{E, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "autostart", &[(1, E)]).says("this line has no = or :").mends(""),
        row(PROGRAM, "=true", &[(1, E)]).says("this line has no option name"),
        row("", "autostart=true\n[supervisord]", &[(1, E)]).says("is above the first section header"),
        row("", "\u{7f}ELF\u{2}\0\0", &[(1, E)]).says("this is a binary file"),
        row("", "\u{feff}[supervisord]", &[(1, E)]).says("a byte-order mark").mends("[supervisord]"),
        row("", "\u{feff}[supervisord]\r\nuser=root\r", &[(1, E)]).mends("[supervisord]\r\nuser=root\r"),
        row("", "\u{feff}; why\n[supervisord]\nuser=root", &[(1, E)]).mends("; why\n[supervisord]\nuser=root"),
        row("", "\u{feff}\u{feff}[program:a]\ncommand=a", &[(1, E)]).mends("[program:a]\ncommand=a"),
        // What is below the mark is wrong too, and is said then.
        row("", "\u{feff}user=root\n[supervisord]", &[(1, E)]).mends("user=root\n[supervisord]"),
        // A mark in the middle is of a file that was put behind another one.
        row(PROGRAM, "\u{feff}[supervisord]", &[(1, E)]).says("this line has no = or :").mends(""),
        row("", "\n\u{feff}[supervisord]", &[(2, E)]).mends(""),
        row("", "[program:a]\ncommand=a", &[(1, E)]).role(Role::Main).says("no [supervisord] section"),
        // {%- takes the line break before it, so what stands there is no line of its own.
        row(PROGRAM, "[group:a]\nprograms=api\n{%- if b %}\n, c\n{%- endif %}", &[]),
        row(PROGRAM, "[group:a]\nprograms=api\n, c\n\n{%- if b %}\n{% endif %}\n, d", &[(7, E)]),
        row(PROGRAM, "@if($a)\nautostart=true\n@elseif(b())\n@else\n@endif", &[]),
        row(PROGRAM, "@reboot", &[(1, E)]),
        row(PROGRAM, "autostart : true\n; no = and no :\n[group:g]\nprograms=api", &[]),
        row("", "[program:a]\ncommand=a", &[]),
    ];
}
