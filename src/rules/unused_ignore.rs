//! SUP019 unused-ignore: a comment that ignores what is not found.

use super::ignores::{At, Ignores, Word};
use super::view::mend::Mend;
use super::{Check, Lint, Settings};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::hash::HashSet;
use crate::python;
use crate::source::{Place, SourceId, Span};
use crate::syntax;

/// SUP019. It has no check: what was ignored is known only when all files are done ([`Uses::idle`]).
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP019",
        name: "unused-ignore",
        severity: Severity::Info,
        confidence: Confidence::High,
        page: include_str!("unused_ignore.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: None,
    fix: Some(mend),
    cannot_run: false,
};

/// What such a comment begins with.
const MARK: &str = "supconv:";

/// Takes a rule out of the list, or the comment with its reason where the list names nothing else. What another comment says before
/// it stays.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let Place { source: id, span: word } = finding.place;
    let source = lint.sources.get(id)?;
    let span = source.line_of(word.start);
    let text = source.slice(span);
    let place = |start, end| Place { source: id, span: Span::new(start, end).after(span.start) };
    let (start, end) = ((word.start - span.start) as usize, (word.end - span.start) as usize);
    let (open, close) = (text.get(..start)?.rfind('[')?, end + text.get(end..)?.find(']')?);
    let apart = [',', ' ', '\t'];
    let (before, behind) = (text.get(open + 1..start)?, text.get(end..close)?);
    let (before, behind) = (before.trim_end_matches(apart), behind.trim_start_matches(apart));
    if !(before.is_empty() && behind.is_empty()) {
        let word = if before.is_empty() { (start, close - behind.len()) } else { (open + 1 + before.len(), end) };
        return Mend::of(lint).replace(place(word.0, word.1), "").safe("remove the rule from the comment");
    }
    let mark = text.get(..open)?.rfind(MARK)?;
    let before = text.get(..mark)?.trim_end().strip_suffix([';', '#'])?;
    let is_whole = python::lstrip(text).starts_with([';', '#']);
    let comment =
        if is_whole { text.len() - python::lstrip(text).len() } else { syntax::comment_as(text, source.cut)? };
    let other = before.get(comment..).unwrap_or_default();
    let is_alone = other.trim_matches([';', '#', ' ', '\t']).is_empty();
    if is_alone && is_whole {
        let rest = source.text().get(span.end as usize..)?;
        let end = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        let lines = Span { end: span.end + Span::at(end).start, ..span };
        return Mend::of(lint).cut(id, source, lines).safe("remove the comment");
    }
    let kept = python::rstrip(if is_alone { text.get(..comment)? } else { before });
    // Python up to 3.12 may find another comment in the text then.
    let read =
        |line: &str, cut: Option<usize>| line.get(..cut.unwrap_or(line.len())).map(|kept| python::rstrip(kept).len());
    let cuts = [syntax::comment, syntax::comment_since_3_13];
    if !is_whole && cuts.iter().any(|cut| read(text, cut(text)) != read(kept, cut(kept))) {
        return None;
    }
    Mend::of(lint).replace(place(kept.len(), text.len()), "").safe("remove the comment")
}

/// The ignores that are of use.
pub struct Uses<'i> {
    ignores: &'i Ignores,
    used: HashSet<At>,
}

impl<'i> Uses<'i> {
    /// None is of use yet.
    #[must_use]
    pub fn of(ignores: &'i Ignores) -> Self {
        Self { ignores, used: HashSet::default() }
    }

    /// Whether a comment ignores this finding, which is then of use.
    pub fn cover(&mut self, finding: &Diagnostic<'_>) -> bool {
        let covering = self.ignores.covering(finding);
        self.used.extend(covering);
        covering.is_some()
    }

    /// Ignores that were of no use in the files that were judged are findings too; those that stay, and those that are ignored.
    /// One that names a rule that did not run may be of use another time.
    #[must_use]
    pub fn idle<'a>(
        mut self,
        judged: &HashSet<SourceId>,
        settings: &Settings,
    ) -> (Vec<Diagnostic<'a>>, Vec<Diagnostic<'a>>) {
        if !settings.runs(&RULE.rule) {
            return (Vec::new(), Vec::new());
        }
        let words = self.ignores.of(judged).into_iter();
        let all = words.filter(|word| word.rules.iter().all(|(_, rule)| settings.runs(rule)));
        // Whether an ignore of unused ignores is of use shows only after the others.
        let (own, others): (Vec<_>, Vec<_>) =
            all.partition(|word| word.rules.iter().any(|(_, rule)| rule.code == RULE.rule.code));
        let idle = |word: &Word, used: &HashSet<At>| !word.rules.iter().any(|(at, _)| used.contains(at));
        let found: Vec<_> = others.iter().filter(|word| idle(word, &self.used)).map(finding).collect();
        let (ignored, mut kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| self.cover(finding));
        kept.extend(own.iter().filter(|word| idle(word, &self.used)).map(finding));
        (kept, ignored)
    }
}

impl Ignores {
    /// Parts what the rules have found in the files that were judged, and the ignores that were of no use: what stays, and what
    /// is ignored.
    #[must_use]
    pub fn part<'a>(
        &self,
        found: Vec<Diagnostic<'a>>,
        judged: &HashSet<SourceId>,
        settings: &Settings,
    ) -> (Vec<Diagnostic<'a>>, Vec<Diagnostic<'a>>) {
        let mut uses = Uses::of(self);
        let (mut ignored, mut kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| uses.cover(finding));
        let (more_kept, more_ignored) = uses.idle(judged, settings);
        kept.extend(more_kept);
        ignored.extend(more_ignored);
        (kept, ignored)
    }
}

/// The finding about a word that names rules.
fn finding<'a>(word: &Word) -> Diagnostic<'a> {
    let message = format!("this comment ignores nothing: {} has no finding here.", word.name);
    let help = "remove it from the comment, because it would hide the next finding.";
    Diagnostic::new(&RULE.rule, word.place, message).help(help)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP010]", &[(1, I)]).mends("startsecs=1"),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP010, unused-ignore]", &[]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[unused-ignore]", &[(1, I)]).mends("startsecs=1"),
        // One of several; the next run sees what is left.
        row(PROGRAM, "startsecs=x\t# supconv: ignore[SUP010, SUP011] soon", &[(1, I)])
            .mends("startsecs=x\t# supconv: ignore[SUP010] soon"),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP011 ,SUP010]", &[(1, I)])
            .mends("startsecs=x ; supconv: ignore[SUP010]"),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP012,SUP010,SUP011]", &[(1, I), (1, I)])
            .mends("startsecs=x ; supconv: ignore[SUP010]"),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP012,,nonsense]", &[(1, I)])
            .mends("startsecs=x ; supconv: ignore[nonsense]"),
        // A whole line, with and without another comment; within a value too.
        row(
            PROGRAM,
            "  ; supconv: ignore[SUP010] why\r\n  --b\r\n;; supconv: ignore[SUP011]\r\n  --c\r",
            &[(1, I), (3, I)],
        )
        .mends("  --b\r\n  --c\r"),
        row("", "# supconv: ignore-file[SUP704]\n[program:a]\ncommand=a", &[(1, I)]).mends("[program:a]\ncommand=a"),
        row(PROGRAM, "; the C# one ; supconv: ignore[SUP010] why\nstartsecs=1", &[(1, I)])
            .mends("; the C# one\nstartsecs=1"),
        row(PROGRAM, "startsecs=1 ;one; # supconv: ignore[SUP010] why ;more", &[(1, I)]).mends("startsecs=1 ;one;"),
        row(PROGRAM, "[group:g] ; supconv: ignore[SUP010]\nprograms=api", &[(1, I)]).mends("[group:g]\nprograms=api"),
        // Python up to 3.12 would cut the value at the sign before.
        row(PROGRAM, "command=a;b ;c # supconv: ignore[SUP010]", &[(1, I)]).mends(""),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP010]", &[]),
        row(PROGRAM, "startsecs=x ; supconv: ignore[SUP0]", &[]),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[SUP0]", &[(1, I)]).says("SUP0 has no finding here"),
        row(PROGRAM, "startsecs=1 ; supconv: ignore[not-convertible]", &[]),
    ];
}
