//! SUP016 python-version-differs: a line that two versions of Python cut at different places.

use super::view::mend::Mend;
use super::{Check, Found, Lint, shown};
use crate::bytes;
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::load::{DEFAULT, Setting};
use crate::python;
use crate::source::{Place, Source, SourceId, Span};
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
    fix: Some(mend),
    cannot_run: false,
};

/// Puts the comment that new versions see above the line, where no version takes it for a part of the value. It is written anew there,
/// so it must not be a secret: what old versions keep of it may be.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let Place { source: id, span } = finding.place;
    let source = lint.sources.get(id)?;
    let whole = source.line_of(span.start);
    let text = source.slice(whole);
    let (before, comment) = text.split_at_checked(syntax::comment_since_3_13(text)?)?;
    let (before, comment) = (python::rstrip(before), python::rstrip(comment));
    let (section, option) = option_of(lint, id, whole)?;
    // A sign between quotes was meant as one.
    let quoted = ['"', '\''].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
    let cut = Span { start: whole.start + Span::at(before.len()).start, ..whole };
    let secrets = &lint.config.secrets;
    let is_secret = matches!(option, "password" | "username" | "environment")
        || secrets.spans(id).iter().any(|secret| secret.start < cut.end && cut.start < secret.end)
        || secrets.stand_in(comment);
    if quoted || is_secret {
        return None;
    }
    let indent = text.get(..text.len() - python::lstrip(text).len())?;
    let above = format!("{indent}{comment}{}", end_of(source, whole));
    let mend = Mend::of(lint).becomes(section, option, "");
    let mend = mend.insert(id, whole.start, &above).replace(Place { source: id, span: cut }, "");
    mend.uncovers().safe("put the comment on its own line")
}

/// The option to which a line belongs, and the section in which it is written.
fn option_of<'a>(lint: &Lint<'a>, id: SourceId, whole: Span) -> Option<(&'a str, &'a str)> {
    let on_line = |place: &Place| place.source == id && place.span.start <= whole.end && whole.start <= place.span.end;
    let is_its = |setting: &&Setting<'_>| {
        on_line(&setting.key) || on_line(&setting.value) || setting.replaced.iter().any(on_line)
    };
    let merged = lint.merged;
    let defaults = std::iter::once((DEFAULT, merged.defaults()));
    let sections = merged.sections.iter().map(|(name, section)| (name, merged.options(section)));
    let mut all = defaults.chain(sections);
    all.find_map(|(section, options)| Some((section, options.iter().find(is_its)?.name)))
}

/// What ends a line; where nothing does, what ends the one above it.
fn end_of(source: &Source, line: Span) -> &'static str {
    let text = source.text().as_bytes();
    let behind = text.get(line.end as usize..).unwrap_or_default();
    let above = text.get(..line.start as usize).unwrap_or_default();
    let at_end = if behind.is_empty() { above.strip_suffix(b"\n").map(|above| above.ends_with(b"\r")) } else { None };
    match (behind, at_end) {
        ([b'\r', b'\n', ..], _) | (_, Some(true)) => "\r\n",
        ([b'\r', ..], _) => "\r",
        ([], None) if above.ends_with(b"\r") => "\r",
        _ => "\n",
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // Then there is but one way to read it.
    if lint.reading.python.is_some() {
        return;
    }
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
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "command=/srv/api a;b ;c #d", &[(1, W)])
            .says("reads '/srv/api a;b ;c'")
            .mends(";c #d\ncommand=/srv/api a;b"),
        row(MAIN, "[program:b]\r\n  command : b a;b\t;c #d \r\n    --e e;f ;g #h\r\n  user=b\r", &[(2, W), (3, W)])
            .mends("[program:b]\r\n  ;c #d\r\n  command : b a;b\r\n    ;g #h\r\n    --e e;f\r\n  user=b\r"),
        row("", "[DEFAULT]\ndirectory=/a;b ;c #d\ndirectory=/a;b ;c #d", &[(2, W), (3, W)])
            .mends("[DEFAULT]\n;c #d\ndirectory=/a;b\n;c #d\ndirectory=/a;b"),
        // Both cut what somebody has quoted; and what they keep of a comment may be a secret.
        row(PROGRAM, "command=sh -c 'a;b ;c #d'", &[(1, W)]).mends(""),
        row(PROGRAM, "environment=A=\"a;b\" ;c #d", &[(1, W)]).mends(""),
        row(PROGRAM, "command=/srv/api --a=b;c ;password=hunter22 #d", &[(1, W)]).mends(""),
        row(PROGRAM, "command=/srv/api a;b ;{{ c }} #d", &[(1, W)]).mends(""),
        row(PROGRAM, "command=/srv/api a;b ;c\n; a;b ;c #d\ndirectory=/srv/a#b;c", &[]),
    ];
}
