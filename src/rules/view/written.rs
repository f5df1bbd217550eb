//! What stands in the files, for rules that look at the text of accepted values.

use super::super::Lint;
use crate::keys::{self, Key, Tables};
use crate::load::{DEFAULT, Merged, Section, Setting};
use crate::python;
use crate::source::{Place, SourceId, Span};
use crate::syntax;

/// An option that is written.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    pub section: &'a str,
    pub option: &'a str,
    pub setting: &'a Setting<'a>,
    /// The rows of its section; `None` where Supervisor knows no such section, and for `[DEFAULT]`.
    pub tables: Option<Tables>,
    /// Its row; `[DEFAULT]` may hold those of all sections.
    pub key: Option<&'static Key>,
}

/// Every option that is written, those of `[DEFAULT]` behind the others.
pub(in crate::rules) fn settings<'a>(merged: &'a Merged<'a>) -> Vec<Written<'a>> {
    let defaults = &merged.defaults;
    let mut settings = Vec::with_capacity(merged.sections.values().map(|section| section.options.len()).sum());
    for (section, Section { options, .. }) in &merged.sections {
        let tables = keys::of_section(section);
        for (option, setting) in options {
            // %(here)s copies an option of [DEFAULT] into each section.
            if defaults.is_empty() || defaults.get(option).is_none_or(|copied| copied.key != setting.key) {
                let key = tables.and_then(|tables| find(tables, option));
                settings.push(Written { section, option, setting, tables, key });
            }
        }
    }
    settings.extend(defaults.iter().map(|(option, setting)| Written {
        section: DEFAULT,
        option,
        setting,
        tables: None,
        key: key(DEFAULT, option),
    }));
    settings
}

fn find(tables: Tables, option: &str) -> Option<&'static Key> {
    tables.iter().flat_map(|table| *table).find(|key| key.name == option).copied()
}

/// The row of an option of a section; `[DEFAULT]` may hold those of all.
pub(in crate::rules) fn key(section: &str, option: &str) -> Option<&'static Key> {
    if section == DEFAULT {
        return keys::find_anywhere(option);
    }
    keys::find(section, option)
}

/// Whether a section makes processes.
pub(in crate::rules) fn makes_processes(section: &str) -> bool {
    ["program:", "eventlistener:", "fcgi-program:"].iter().any(|kind| section.starts_with(kind))
}

/// Whether a file is a template: what seems to be there twice, or not at all, may be otherwise in what comes out.
pub(in crate::rules) fn is_template(lint: &Lint<'_>, file: SourceId) -> bool {
    lint.markup.first().any(|(place, _)| place.source == file)
}

/// A line of a value.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Line<'t> {
    /// What counts of it, stripped.
    pub kept: &'t str,
    /// Where that begins and ends.
    pub span: Span,
    /// The inline comment that cuts the line, from its marker on; empty where none does.
    pub comment: &'t str,
    /// Where that begins.
    at: usize,
}

impl Line<'_> {
    /// The marker of that comment and where it stands.
    pub(in crate::rules) fn cut(&self) -> Option<(char, Span)> {
        let mark = self.comment.chars().next()?;
        Some((mark, Span::new(self.at, self.at + 1)))
    }
}

/// The lines of a value, with the comments that cut them. Lines that are nothing but a comment are passed over.
pub(in crate::rules) fn lines<'a>(lint: &'a Lint<'_>, place: Place) -> impl Iterator<Item = Line<'a>> {
    let source = lint.sources.get(place.source);
    let mut at = place.span.start;
    std::iter::from_fn(move || {
        let source = source?;
        while at <= place.span.end {
            let whole = source.line_of(at);
            let text = source.slice(whole);
            // The first line holds the key too.
            let from = at.saturating_sub(whole.start) as usize;
            let rest = source.text().as_bytes().get(whole.end as usize..).unwrap_or(&[]);
            at = whole.end + if rest.starts_with(b"\r\n") { 2 } else { 1 };
            if from == 0 && python::lstrip(text).starts_with([';', '#']) {
                continue;
            }
            let cut = syntax::comment(text).filter(|cut| *cut >= from);
            let comment_at = whole.start as usize + cut.unwrap_or(text.len());
            let (kept, comment) = text.split_at_checked(cut.unwrap_or(text.len())).unwrap_or((text, ""));
            let kept = kept.get(from..).unwrap_or("");
            let start = whole.start as usize + from + kept.len() - python::lstrip(kept).len();
            let kept = python::strip(kept);
            return Some(Line { kept, span: Span::new(start, start + kept.len()), comment, at: comment_at });
        }
        None
    })
}
