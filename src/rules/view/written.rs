//! What stands in the files, for rules that look at the text of accepted values.

use super::super::Lint;
use crate::keys::{self, Key, SectionKind};
use crate::load::{DEFAULT, Facts, Options, Setting};
use crate::python;
use crate::source::{Place, Source, SourceId, Span};
use crate::syntax;

/// An option that is written.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Written<'a> {
    pub section: &'a str,
    /// What Supervisor takes its section for; `None` where it knows no such section, and for `[DEFAULT]`.
    pub kind: Option<SectionKind>,
    pub option: &'a str,
    pub setting: &'a Setting<'a>,
}

impl Written<'_> {
    /// Its row; `[DEFAULT]` may hold those of all sections.
    pub(in crate::rules) fn key(&self) -> Option<&'static Key> {
        match self.kind {
            Some(kind) => kind.key(self.setting.number?),
            None if self.section == DEFAULT => keys::find_anywhere(self.option),
            None => None,
        }
    }
}

impl<'a> Lint<'a> {
    /// Every option that is written in a section of which something holds; those of `[DEFAULT]` after the others. Most rules
    /// look for what most sections do not have.
    pub(in crate::rules) fn written_where<'l>(
        &'l self,
        holds: impl Fn(Option<SectionKind>, Options<'_, 'a>) -> bool + 'l,
    ) -> impl Iterator<Item = Written<'a>> + 'l {
        let defaults = self.merged.defaults();
        // %(here)s copies an option of [DEFAULT] into each section.
        let own = move |setting: &Setting<'a>| {
            defaults.is_empty() || defaults.get(setting.name).is_none_or(|copied| copied.key != setting.key)
        };
        let sections =
            self.merged.sections.iter().map(|(name, section)| (name, section.kind, self.merged.options(section)));
        sections.chain([(DEFAULT, None, defaults)]).filter(move |(_, kind, options)| holds(*kind, *options)).flat_map(
            move |(section, kind, options)| {
                let own = options.iter().filter(move |setting| section == DEFAULT || own(setting));
                own.map(move |setting| Written { section, kind, option: setting.name, setting })
            },
        )
    }

    /// Every option in whose text is one of these.
    pub(in crate::rules) fn written_with(&self, facts: Facts) -> impl Iterator<Item = Written<'a>> + '_ {
        let written = self.written_where(move |_, options| options.facts().any(facts));
        written.filter(move |written| written.setting.facts.any(facts))
    }

    /// Every option of a name that no section of Supervisor's has.
    pub(in crate::rules) fn unheard_of(&self) -> impl Iterator<Item = Written<'a>> + '_ {
        let written = self.written_where(|_, options| options.len() > options.mask().count_ones() as usize);
        written.filter(|written| written.setting.number.is_none())
    }
}

/// The row of an option of a section; `[DEFAULT]` may hold those of all.
pub(in crate::rules) fn key(section: &str, option: &str) -> Option<&'static Key> {
    if section == DEFAULT {
        return keys::find_anywhere(option);
    }
    keys::find(section, option)
}

/// Whether a file is a template: what seems to be there twice, or not at all, may be otherwise in what comes out.
pub(in crate::rules) fn is_template(lint: &Lint<'_>, file: SourceId) -> bool {
    lint.markup.first().any(|(place, _)| place.source == file)
}

/// Whether a value of one line ends where its line does, so that no comment cuts it.
pub(in crate::rules) fn is_whole_line(lint: &Lint<'_>, setting: &Setting<'_>) -> bool {
    let text = lint.sources.get(setting.value.source).map_or("", Source::text);
    let after = text.as_bytes().get(setting.value.span.end as usize..).unwrap_or_default();
    let after = after.iter().find(|b| !matches!(b, b' ' | b'\t'));
    !setting.facts.any(Facts::NEWLINE) && matches!(after, None | Some(b'\r' | b'\n'))
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
            let cut = syntax::comment_as(text, source.cut).filter(|cut| *cut >= from);
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
