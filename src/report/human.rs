//! The report for people: our own first line, miette's frame around the source, the help, what Supervisor says.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, IsTerminal, Write};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::Report;
use super::visible::{masked, visible};
use crate::diagnostic::{Diagnostic, Repeat, Severity, Telling};
use crate::rules::is_of_conversions;
use crate::secrets;
use crate::source::{Place, Source, SourceId, Sources, Span};

/// How the report looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours are used.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether each finding is printed, not only the first 50 of a rule in a file.
    pub all: bool,
}

/// Findings of one rule in one file that are printed: a file with a thousand programs has a mistake a thousand times.
const MOST: usize = 50;

/// Columns where the terminal does not say how many it has.
const WIDTH: usize = 100;
/// Lines of a frame; a longer value is cut behind them.
const LINES: usize = 4;
/// Columns of a source line that are shown around what is pointed at.
const COLUMNS: usize = 200;

impl Style {
    /// No colour, the width that tests use.
    pub const PLAIN: Self = Self { colour: false, width: WIDTH, all: false };

    /// What standard output and the environment allow: colour on a terminal unless `NO_COLOR` is set, `COLUMNS` wide.
    #[must_use]
    pub fn of_terminal() -> Self {
        Self::of(io::stdout().is_terminal())
    }

    /// The same for standard error.
    #[must_use]
    pub fn of_error_stream() -> Self {
        Self::of(io::stderr().is_terminal())
    }

    fn of(terminal: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = terminal && !set("NO_COLOR") && !dumb;
        let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(WIDTH);
        Self { colour, width: width.clamp(40, 200), all: false }
    }

    fn paint(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "31",
            Severity::Warning => "33",
            Severity::Info => "36",
        };
        if self.colour { format!("\x1b[1;{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Writes the findings of a run, and a line that counts them and those that comments ignore; nothing if there are neither.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut findings = Findings::new(report.sources, *style);
    let gathered = gathered(report);
    let mut printed: HashMap<(SourceId, &str), usize> = HashMap::new();
    for (finding, message) in &gathered {
        let count = printed.entry((finding.place.source, finding.rule.name)).or_default();
        *count += 1;
        if style.all || *count <= MOST {
            findings.write(finding, message, out)?;
        }
    }
    let mut more: Vec<_> = printed.into_iter().filter(|(_, count)| !style.all && *count > MOST).collect();
    more.sort_unstable();
    for ((source, rule), count) in more {
        let path = visible(report.sources.path(source));
        writeln!(out, "{path}: {} more of {rule} (--all prints them)", count - MOST)?;
    }
    let counts = counts(&gathered);
    if counts.is_empty() && report.suppressed == 0 {
        return Ok(());
    }
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts };
    let mut besides = Vec::new();
    if report.foreign > 0 {
        besides.push(format!("{} not Supervisor's", plural(report.foreign, "file")));
    }
    if report.suppressed > 0 {
        besides.push(format!("{} ignored by comments", report.suppressed));
    }
    let besides = if besides.is_empty() { String::new() } else { format!(" ({})", besides.join(", ")) };
    writeln!(out, "{counts} in {}{besides}", plural(report.files, "file"))
}

/// `1 error, 2 warnings`; empty where there is none.
fn counts(gathered: &[(&Diagnostic, String)]) -> String {
    let count = |severity| {
        let count = gathered.iter().filter(|(finding, _)| finding.severity == severity).count();
        (count > 0).then(|| plural(count, severity.name()))
    };
    let counts = [Severity::Error, Severity::Warning, Severity::Info].into_iter().filter_map(count);
    counts.collect::<Vec<_>>().join(", ")
}

/// `1 file`, `2 files`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// The findings with their messages, those that are told once made one at the place of the first.
pub(super) fn gathered<'r, 'a>(report: &'r Report<'a>) -> Vec<(&'r Diagnostic<'a>, String)> {
    let mut gathered: Vec<(&Diagnostic<'a>, Vec<&str>)> = Vec::new();
    let mut known = HashMap::new();
    let implied = implied(&report.findings);
    for finding in report.findings.iter().filter(|finding| !implied(finding)) {
        let subject = finding.subject.as_deref();
        let same = same(finding).map(|same| (same, finding.rule.code, finding.severity));
        let first = same.as_ref().and_then(|same| known.get(same)).and_then(|at: &usize| gathered.get_mut(*at));
        if let Some((_, subjects)) = first {
            subjects.extend(subject);
            continue;
        }
        if let Some(same) = same {
            known.insert(same, gathered.len());
        }
        gathered.push((finding, subject.into_iter().collect()));
    }
    gathered
        .into_iter()
        .map(|(finding, subjects)| {
            let message = match finding.rule.repeat {
                Repeat::File(join) | Repeat::Run(join) if subjects.len() > 1 => join(&subjects),
                Repeat::Each | Repeat::File(_) | Repeat::Run(_) => finding.message.text().into_owned(),
            };
            (finding, message)
        })
        .collect()
}

/// What a finding has in common with those that are told together with it: a place or none, and words.
fn same<'f>(finding: &'f Diagnostic<'_>) -> Option<(Option<Place>, Cow<'f, str>)> {
    // What is said of a fragment differs from what is said of a whole configuration.
    let said = || finding.message.text().split_once(' ').map_or("", |(_, rest)| rest).to_owned().into();
    let subject = finding.subject.as_deref();
    match (finding.telling, finding.rule.repeat) {
        (Telling::Once, _) => Some((None, finding.message.text())),
        // Of several sections that inherit an option the same is said at one place.
        (Telling::Own | Telling::Implied, Repeat::Each) => Some((Some(finding.place), finding.message.text())),
        (Telling::Own | Telling::Implied, Repeat::File(_)) => {
            subject.map(|_| (Some(Place { span: Span::default(), ..finding.place }), said()))
        }
        (Telling::Own | Telling::Implied, Repeat::Run(_)) => subject.map(|_| (None, said())),
    }
}

/// Whether people are told a finding by another one, from which it follows. Where a comment ignores that one, they are not.
fn implied<'a>(findings: &[Diagnostic<'a>]) -> impl Fn(&Diagnostic<'_>) -> bool + use<'a> {
    let any = findings.iter().any(|finding| finding.telling == Telling::Implied);
    let told = || findings.iter().filter(|finding| any && finding.telling == Telling::Own);
    let refused = told().any(|finding| finding.severity == Severity::Error);
    let lost = told().filter(|finding| is_of_conversions(finding.rule) && finding.severity > Severity::Info);
    let sections: HashSet<&'a str> = lost.filter_map(|finding| finding.section).collect();
    move |finding| {
        let section = || finding.section.as_ref().is_some_and(|section| sections.contains(section));
        finding.telling == Telling::Implied && (refused || section())
    }
}

/// Writes findings one by one.
pub struct Findings<'a> {
    sources: &'a Sources,
    style: Style,
    handler: GraphicalReportHandler,
    /// Where secrets stand in the files that are quoted; looked for once a file.
    secrets: HashMap<SourceId, Vec<Span>>,
}

impl<'a> Findings<'a> {
    /// Nothing is written yet.
    #[must_use]
    pub fn new(sources: &'a Sources, style: Style) -> Self {
        let theme = if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_links(false)
            .with_context_lines(0)
            .without_syntax_highlighting();
        Self { sources, style, handler, secrets: HashMap::new() }
    }

    /// Writes a finding with this message.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write(&mut self, finding: &Diagnostic, message: &str, out: &mut dyn Write) -> io::Result<()> {
        self.one(finding, finding.severity.name(), message, out)
    }

    /// Writes a finding under another word than its severity.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write_labelled(&mut self, finding: &Diagnostic, word: &str, out: &mut dyn Write) -> io::Result<()> {
        self.one(finding, word, &finding.message.text(), out)
    }

    fn one(&mut self, finding: &Diagnostic, word: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
        let sources = self.sources;
        let Some(source) = sources.get(finding.place.source) else { return Ok(()) };
        let head = self.style.paint(finding.severity, &format!("{word}[{}]", finding.rule.name));
        writeln!(out, "{}: {head}: {}", position(finding.place, sources), masked(message))?;
        let hidden = self.secrets.entry(finding.place.source).or_insert_with(|| secrets::spans(source));
        let snippet = Snippet::new(source, finding.place.span, hidden);
        out.write_all(frame(snippet, &self.handler).as_bytes())?;
        if let Some(help) = &finding.help {
            out.write_all(wrapped("  help: ", &masked(help), self.style.width).as_bytes())?;
        }
        if let Some(message) = &finding.supervisor {
            for (number, line) in masked(message).lines().enumerate() {
                let name = match (number, finding.dies) {
                    (0, false) => "supervisord: Error: ",
                    (0, true) => "supervisord dies of an exception: ",
                    _ => "",
                };
                writeln!(out, "  {name}{line}")?;
            }
        }
        for label in &finding.labels {
            writeln!(out, "  note: {}: {}", position(label.place, sources), masked(&label.message))?;
        }
        writeln!(out)
    }
}

/// `path:line:column`.
pub(super) fn position(place: Place, sources: &Sources) -> String {
    let Some(source) = sources.get(place.source) else { return String::new() };
    let start = source.position(place.span.start);
    format!("{}:{}:{}", visible(&source.path), start.line, start.column)
}

/// A text behind a word, its further lines under the first. Broken at blanks only, so that a path or a command in it can be
/// copied; miette's own wrapping knows all of Unicode's line breaks, which is a quarter of what a run costs.
fn wrapped(word: &str, text: &str, width: usize) -> String {
    let mut lines = String::with_capacity(word.len() + text.len() + 64);
    lines.push_str(word);
    let mut column = word.len();
    for (number, part) in text.split_whitespace().enumerate() {
        let length = part.chars().count();
        if number > 0 && column + 1 + length > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', word.len()));
            column = word.len();
        } else if number > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(part);
        column += length;
    }
    lines.push('\n');
    lines
}

/// miette's frame, without the message line that it always prints first.
fn frame(snippet: Snippet, handler: &GraphicalReportHandler) -> String {
    let mut text = String::with_capacity(512);
    if handler.render_report(&mut text, &Quoted { snippet }).is_err() {
        return String::new();
    }
    // The header line would name the file again, and a column of its own.
    let Some((before, rest)) = text.split_once('\u{256d}') else { return String::new() };
    let indent = before.rsplit('\n').next().unwrap_or("");
    let (_, lines) = rest.split_once('\n').unwrap_or(("", ""));
    format!("{indent}\u{256d}\u{2500}\n{lines}")
}

/// The lines that a frame shows, and what it points at in them.
#[derive(Debug)]
struct Snippet {
    path: String,
    text: String,
    /// 0-based, as miette counts.
    line: usize,
    /// The column of the first character shown, 0-based.
    column: usize,
    label: SourceSpan,
}

impl Snippet {
    fn new(source: &Source, span: Span, secrets: &[Span]) -> Self {
        let first = source.line_of(span.start);
        let mut end = first.end as usize;
        for _ in 1..LINES {
            if span.end as usize <= end {
                break;
            }
            let rest = source.text().get(end..).unwrap_or("");
            let skip = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
            end = source.line_of(Span::at(end + skip).start).end as usize;
        }
        let mut shown = Span { start: first.start, end: Span::at(end).end };
        let mut column = 0;
        if source.slice(shown).chars().nth(COLUMNS).is_some() {
            (shown, column) = around(source, shown, span.start);
        }
        let mut snippet = Self {
            path: source.path.clone(),
            text: String::new(),
            line: source.position(span.start).line as usize - 1,
            column,
            label: SourceSpan::from(0..0),
        };
        // Masked piece by piece; what the label points at moves along.
        let (mut label_start, mut label_end) = (0, 0);
        let mut at = shown.start;
        let before = secrets.partition_point(|secret| secret.end <= shown.start);
        let inside = secrets.get(before..).unwrap_or(&[]).iter().take_while(|secret| secret.start < shown.end);
        let pieces = inside.map(|secret| (*secret, true)).chain([(Span { start: shown.end, end: shown.end }, false)]);
        for (secret, hidden) in pieces {
            let plain = Span { start: at, end: secret.start.clamp(at, shown.end) };
            for (offset, edge) in [(span.start, &mut label_start), (span.end.min(shown.end), &mut label_end)] {
                if (plain.start..=plain.end).contains(&offset) {
                    let ahead = source.slice(Span { start: plain.start, end: offset });
                    *edge = snippet.text.len() + visible(ahead).len();
                }
            }
            snippet.text.push_str(&visible(source.slice(plain)));
            at = secret.end.clamp(plain.end, shown.end);
            if hidden {
                let before = snippet.text.len();
                snippet.text.push_str(secrets::MASK);
                if secret.start < span.end && span.end < at {
                    label_end = snippet.text.len();
                }
                if secret.start <= span.start && span.start < at {
                    label_start = before;
                }
                if span.end.min(shown.end) >= at {
                    label_end = label_end.max(snippet.text.len());
                }
            }
        }
        snippet.label = SourceSpan::from(label_start..label_end.max(label_start));
        snippet
    }
}

/// The part of a long line around an offset, and the column at which it begins. Only that part is walked: a line of a
/// million signs may have a thousand findings.
fn around(source: &Source, shown: Span, offset: u32) -> (Span, usize) {
    let text = source.slice(shown);
    let (before, _) = text.split_at_checked((offset - shown.start) as usize).unwrap_or((text, ""));
    let (start, skipped) = match before.char_indices().rev().enumerate().nth(COLUMNS / 4 - 1) {
        Some((count, (at, _))) => (at, count + 1),
        None => (0, before.chars().count()),
    };
    let rest = text.get(start..).unwrap_or("");
    let length = rest.char_indices().nth(COLUMNS).map_or(rest.len(), |(at, _)| at);
    let length = rest.get(..length).and_then(|rest| rest.find(['\n', '\r'])).unwrap_or(length);
    let column = source.position(offset).column as usize - 1 - skipped;
    let start = shown.start as usize + start;
    (Span::new(start, start + length), column)
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = SourceSpan::from(0..self.text.len());
        let lines = self.text.lines().count();
        let contents = MietteSpanContents::new_named(
            self.path.clone(),
            self.text.as_bytes(),
            whole,
            self.line,
            self.column,
            lines,
        );
        Ok(Box::new(contents))
    }
}

/// What miette is given.
#[derive(Debug)]
struct Quoted {
    snippet: Snippet,
}

impl std::fmt::Display for Quoted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("-")
    }
}

impl std::error::Error for Quoted {}

impl miette::Diagnostic for Quoted {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, self.snippet.label))))
    }
}
