//! A run that ignores what it finds: a comment above each option or section of which something is said, as `--add-ignores` writes
//! them for an old file that is taken as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::mending::{Mended, Rewritten};
use crate::fix::applied;
use crate::python::Cut;
use crate::reading::Texts;
use crate::report::{Finding, Report};
use crate::rules::SYNTAX;
use crate::rules::ignores::is_about_comments;
use crate::source::{Source, Span};
use crate::syntax::{self, Kind, Line};

/// What a comment above its option or section does not reach is ignored in the whole file by the next pass; a third has nothing to do.
const PASSES: usize = 3;

/// Ignores what `lint` reports in files that may be written; `lint` reads files as the texts have them.
///
/// # Errors
/// What `lint` says.
pub fn adopt<E>(
    texts: &mut Texts,
    reason: &str,
    mut lint: impl FnMut(&Texts) -> Result<Report, E>,
) -> Result<Mended, E> {
    let mut files: Vec<Rewritten> = Vec::new();
    let mut report = lint(texts)?;
    for pass in 0..PASSES {
        let mut found: BTreeMap<PathBuf, Vec<&Finding>> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| finding.rule.code != SYNTAX) {
            if let Some(opened) = &finding.opened {
                found.entry(Texts::file(opened)).or_default().push(finding);
            }
        }
        if found.is_empty() {
            break;
        }
        for (file, found) in found {
            let Some(before) = report.texts.of(&file) else { continue };
            let comments = comments(&before, &found, reason, pass > 0);
            let edits = comments.iter().map(|(at, text)| (*at, *at, text.as_str()));
            texts.set(file.clone(), applied(&before, edits));
            let after = texts.of(&file).unwrap_or_default();
            if let Some(known) = files.iter_mut().find(|known| known.file == file) {
                known.after = after;
            } else {
                let path = found.first().map_or_else(|| "".into(), |finding| Arc::clone(&finding.path));
                files.push(Rewritten { path, file, before, after, fixes: found.len() });
            }
        }
        report = lint(texts)?;
    }
    Ok(Mended { report, files })
}

/// The comments that ignore these findings of one file, and where each is inserted. `whole`: in the whole file.
fn comments(bytes: &[u8], found: &[&Finding], reason: &str, whole: bool) -> Vec<(u32, String)> {
    let Ok(source) = Source::new("", bytes.to_vec()) else { return Vec::new() };
    let anchors = Anchors::of(source.text());
    let mut rules: BTreeMap<Anchor, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for finding in found {
        let span = Span { start: finding.start.byte, end: finding.end.byte };
        // Of a comment nothing is said above it.
        let anchor = if whole || is_about_comments(finding.rule) { None } else { anchors.above(span) };
        let anchor = anchor.unwrap_or(Anchor { line: Span::default(), file: true });
        rules.entry(anchor).or_default().insert((finding.rule.code, finding.rule.name));
    }
    let second = syntax::lines(source.text(), Cut::default()).nth(1).map(|line| line.span.start);
    let comment = |(Anchor { line, file }, rules): (Anchor, BTreeSet<(&str, &str)>)| {
        let text = source.slice(line);
        let indent = text.len() - crate::python::lstrip(text).len();
        let indent = text.get(..indent).unwrap_or_default();
        let names: Vec<_> = rules.into_iter().map(|(_, name)| name).collect();
        let word = if file { "ignore-file" } else { "ignore" };
        let reason = if reason.is_empty() { String::new() } else { format!(" {reason}") };
        let end = end_of_lines(source.text(), line);
        // Behind a byte-order mark there is no comment, only in the lines below.
        let marked = line.start == 0 && source.text().starts_with('\u{feff}');
        let at = if marked { second.unwrap_or(line.start) } else { line.start };
        (at, format!("{indent}; supconv: {word}[{}]{reason}{end}", names.join(", ")))
    };
    let mut comments: Vec<_> = rules.into_iter().map(comment).collect();
    comments.sort_by_key(|(at, _)| *at);
    // Two at one place, of the file and of its first line, are one edit.
    comments.dedup_by(|(at, text), (before, kept)| {
        let same = at == before;
        if same {
            kept.push_str(text);
        }
        same
    });
    comments
}

/// What ends a line: this one, or where it has no end, the first of the file.
fn end_of_lines(text: &str, line: Span) -> &'static str {
    let own = text.get(line.start as usize..line.end as usize).unwrap_or_default();
    let first = |text: &str| {
        let at = text.find(['\n', '\r'])?;
        let rest = text.get(at..)?;
        Some(if rest.starts_with("\r\n") {
            "\r\n"
        } else if rest.starts_with('\r') {
            "\r"
        } else {
            "\n"
        })
    };
    first(own).or_else(|| first(text)).unwrap_or("\n")
}

/// A line above which a comment is inserted; the order is that in which comments of one place stand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Anchor {
    /// With its end.
    line: Span,
    /// Whether the comment is about the whole file.
    file: bool,
}

/// The options and sections of a file.
#[derive(Default)]
struct Anchors {
    /// The first line of each option, and where its last one ends.
    options: Vec<(Span, u32)>,
    /// The line of each header.
    sections: Vec<Span>,
}

impl Anchors {
    fn of(text: &str) -> Self {
        let mut anchors = Self::default();
        for Line { span, kind, .. } in syntax::lines(text, Cut::default()) {
            match kind {
                Kind::Blank { .. } | Kind::Comment => {}
                Kind::Header { .. } => anchors.sections.push(span),
                Kind::Option { .. } | Kind::Bad { .. } | Kind::Orphan => anchors.options.push((span, span.end)),
                Kind::Continuation { .. } => {
                    if let Some((_, end)) = anchors.options.last_mut() {
                        *end = span.end;
                    }
                }
            }
        }
        anchors
    }

    /// The option that a place lies in, else the section; `None` above all sections.
    fn above(&self, place: Span) -> Option<Anchor> {
        if place == Span::default() {
            return None;
        }
        let option = self.options.partition_point(|(_, end)| *end <= place.start);
        let option = self.options.get(option).filter(|(line, _)| line.start <= place.start);
        let section = self.sections.partition_point(|line| line.start <= place.start);
        let section = section.checked_sub(1).and_then(|at| self.sections.get(at));
        option.map(|(line, _)| line).or(section).map(|line| Anchor { line: *line, file: false })
    }
}
