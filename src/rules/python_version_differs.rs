//! SUP016 python-version-differs: a line that two versions of Python cut at different places.

use super::{Check, Found, Lint, shown};
use crate::bytes;
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::python;
use crate::source::{Place, Source, Span};
use crate::syntax::{self};

/// SUP016.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP016",
        name: "python-version-differs",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("python_version_differs.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Speaks,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for (id, source) in lint.files() {
        let mut at = 0;
        while let Some(mark) = mark(source, at) {
            let span = source.line_of(mark);
            at = span.end;
            if let Some((message, start)) = differs(source.slice(span)) {
                let span = Span { start: span.start + Span::at(start).start, ..span };
                let help =
                    "put the comment on its own line, or remove the space before the sign if it is not a comment.";
                found.push(Diagnostic::new(&RULE.rule, Place { source: id, span }, message).help(help));
            }
        }
    }
}

/// The next offset of a sign that may begin a comment, with another one in its line.
fn mark(source: &Source, from: u32) -> Option<u32> {
    let text = source.text().as_bytes();
    let mut from = from as usize;
    loop {
        let at = from + bytes::memchr2(b';', b'#', text.get(from..)?)?;
        let next = at + 1 + bytes::memchr3(b';', b'#', b'\n', text.get(at + 1..)?)?;
        if text.get(next) != Some(&b'\n') {
            return Some(Span::at(at).start);
        }
        from = next;
    }
}

/// What is to be said of a line, and where its text begins.
fn differs(line: &str) -> Option<(String, usize)> {
    if !syntax::pythons_differ(line) {
        return None;
    }
    let read = |cut: Option<usize>| python::strip(line.get(..cut.unwrap_or(line.len())).unwrap_or(line));
    let (old, new) = (read(syntax::comment(line)), read(syntax::comment_since_3_13(line)));
    // After the bracket of a header nothing counts.
    let header = old.starts_with('[') && old.rfind(']') == new.rfind(']');
    if old == new || header {
        return None;
    }
    let start = line.len() - python::lstrip(line).len();
    let key = old.split(['=', ':']).next().map_or("", python::rstrip).to_lowercase();
    // The option that an indented line belongs to is not known here; it may be a secret.
    let secret = start > 0 || key == "password" || key == "environment";
    let reads = if secret {
        let column = |text: &str| 1 + line.get(..start + text.len()).unwrap_or(line).chars().count();
        format!(
            "Python up to 3.12 cuts this line at column {}, Python 3.13 and later at column {}",
            column(old),
            column(new)
        )
    } else {
        let value = |text: &str| shown(text.split_once(['=', ':']).map_or(text, |(_, value)| value));
        format!("Python up to 3.12 reads {}, Python 3.13 and later {}", value(old), value(new))
    };
    Some((format!("{reads}, because they find the comment at different places."), start))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "command=/srv/api a;b ;c #d", &[(1, W)]).says("reads '/srv/api a;b ;c'"),
        row(PROGRAM, "command=/srv/api a;b ;c\n; a;b ;c #d\ndirectory=/srv/a#b;c", &[]),
    ];
}
