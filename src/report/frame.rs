//! The lines that a finding speaks of, masked, and miette's drawing of them.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::Style;
use super::visible::visible;
use crate::secrets::MASK;
use crate::source::{Source, Span};

/// Lines of a frame; a longer value is cut after them.
const LINES: usize = 4;
/// Columns of a source line that are shown around what is pointed at.
const COLUMNS: usize = 200;

/// The lines that are shown, and what is pointed at in them.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Without secrets and control characters.
    text: String,
    /// Number of the first line, 0-based as miette counts.
    line: usize,
    /// Column of the first character that is shown, 0-based.
    column: usize,
    /// Offsets in the text.
    start: usize,
    end: usize,
}

impl Frame {
    /// Of what `span` points at; `secrets` are those of the source, in their order.
    pub(super) fn new(source: &Source, span: Span, secrets: &[Span]) -> Self {
        let line = source.position(span.start).line as usize - 1;
        let (shown, column) = lines(source, span);
        let mut frame = Self { text: String::new(), line, column, start: 0, end: 0 };
        let mut at = shown.start;
        let first = secrets.partition_point(|secret| secret.end <= shown.start);
        for secret in secrets.get(first..).unwrap_or(&[]).iter().take_while(|secret| secret.start < shown.end) {
            let secret = Span { start: secret.start.clamp(at, shown.end), end: secret.end.clamp(at, shown.end) };
            frame.push(source, Span { start: at, end: secret.start }, span, false);
            frame.push(source, secret, span, true);
            at = secret.end;
        }
        frame.push(source, Span { start: at, end: shown.end }, span, false);
        frame.end = frame.end.max(frame.start);
        frame
    }

    /// Adds a piece of the source, or a mask for it. An edge of what is pointed at that lies in the piece moves along; in a
    /// mask it moves outward.
    fn push(&mut self, source: &Source, piece: Span, pointed: Span, hidden: bool) {
        let before = self.text.len();
        let ahead = |edge| before + visible(source.slice(Span { start: piece.start, end: edge })).len();
        if (piece.start..=piece.end).contains(&pointed.start) {
            self.start = if hidden { before } else { ahead(pointed.start) };
        }
        self.text += &if hidden { MASK.to_owned() } else { visible(source.slice(piece)) };
        if pointed.end >= piece.end || (hidden && pointed.end > piece.start) {
            self.end = self.text.len();
        } else if pointed.end > piece.start {
            self.end = ahead(pointed.end);
        }
    }
}

/// The lines that a span lies on, at most [`LINES`], and the column at which they are shown.
fn lines(source: &Source, span: Span) -> (Span, usize) {
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
    let lines = Span { start: first.start, end: Span::at(end).end };
    let long = source.slice(lines).chars().nth(COLUMNS).is_some();
    if long { around(source, lines, span.start) } else { (lines, 0) }
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

/// Draws frames.
#[derive(Debug)]
pub(super) struct Drawer(GraphicalReportHandler);

impl Drawer {
    pub(super) fn new(style: Style) -> Self {
        let theme = if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_links(false)
            .with_context_lines(0)
            .with_wrap_lines(false)
            .without_syntax_highlighting();
        Self(handler)
    }

    /// The lines of a frame. miette prints two lines before them that our own first line has said already: the message, and
    /// a header with the path.
    pub(super) fn draw(&self, frame: &Frame) -> String {
        let mut drawn = String::with_capacity(512);
        if self.0.render_report(&mut drawn, &Drawn(frame)).is_err() {
            return String::new();
        }
        let Some((before, rest)) = drawn.split_once('\u{256d}') else { return String::new() };
        let indent = before.rsplit('\n').next().unwrap_or("");
        let (_, lines) = rest.split_once('\n').unwrap_or(("", ""));
        format!("{indent}\u{256d}\u{2500}\n{lines}")
    }
}

/// A frame as miette takes it: a diagnostic with a label in a source.
#[derive(Debug)]
struct Drawn<'f>(&'f Frame);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("-")
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.0)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = SourceSpan::from(self.0.start..self.0.end);
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, label))))
    }
}

impl SourceCode for Frame {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Self { text, line, column, start: _, end: _ } = self;
        let whole = SourceSpan::from(0..text.len());
        // Only with a name miette prints the header that is looked for; the name itself is cut off with it.
        let name = "-".to_owned();
        Ok(Box::new(MietteSpanContents::new_named(name, text.as_bytes(), whole, *line, *column, text.lines().count())))
    }
}
