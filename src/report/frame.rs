//! The lines that a finding speaks of, masked, and miette's drawing of them.

use std::borrow::Cow;
use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::Style;
use crate::secrets::MASK;
use crate::source::{Source, Span};
use crate::visible::visible;

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
        let (shown, column) = lines(source, span);
        let line = source.position(shown.start).line as usize - 1;
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

    /// The frame in so many columns: the lines are cut on both sides, so that what is pointed at begins in sight.
    fn fitted(&self, columns: usize) -> Cow<'_, Self> {
        let Self { text, line, column, start, end } = self;
        let long = |line: &str| line.chars().nth(columns).is_some();
        if !text.lines().any(long) {
            return Cow::Borrowed(self);
        }
        let before = text.get(..*start).map_or("", |before| before.rsplit('\n').next().unwrap_or(before));
        let at = before.chars().count();
        let left = if at < columns / 2 { 0 } else { at - columns / 4 };
        let mut fitted = Self { text: String::new(), line: *line, column: *column, start: 0, end: 0 };
        let mut offset = 0;
        for whole in text.split_inclusive('\n') {
            let (begin, line) = (fitted.text.len(), whole.trim_end_matches(['\n', '\r']));
            let length = line.chars().count();
            let shown = line.chars().enumerate().skip(left).take(columns);
            let cut =
                |number: usize| (number == left && left > 0) || (number + 1 == left + columns && number + 1 < length);
            fitted.text.extend(shown.map(|(number, c)| if cut(number) { '…' } else { c }));
            // Where an offset of this line has gone.
            let moved = |edge: usize| {
                let chars = line.get(..edge - offset).unwrap_or(line).chars().count().saturating_sub(left);
                let shown = fitted.text.get(begin..).unwrap_or("");
                begin + shown.char_indices().nth(chars).map_or(shown.len(), |(at, _)| at)
            };
            let here = offset..=offset + line.len();
            if here.contains(start) {
                fitted.start = moved(*start);
            }
            if here.contains(end) {
                fitted.end = moved(*end);
            }
            if whole.len() > line.len() {
                fitted.text.push('\n');
            }
            offset += whole.len();
        }
        fitted.end = fitted.end.max(fitted.start);
        Cow::Owned(fitted)
    }

    /// Adds a piece of the source, or a mask for it. An edge of what is pointed at that lies in the piece moves along; in a
    /// mask it moves outward.
    fn push(&mut self, source: &Source, piece: Span, pointed: Span, hidden: bool) {
        let before = self.text.len();
        let ahead = |edge| before + visible(source.slice(Span { start: piece.start, end: edge })).len();
        if (piece.start..=piece.end).contains(&pointed.start) {
            self.start = if hidden { before } else { ahead(pointed.start) };
        }
        self.text += &if hidden { MASK.into() } else { visible(source.slice(piece)) };
        if pointed.end >= piece.end || (hidden && pointed.end > piece.start) {
            self.end = self.text.len();
        } else if pointed.end > piece.start {
            self.end = ahead(pointed.end);
        }
    }
}

/// The lines that a span lies on, at most [`LINES`], with a line before and after them; and the column at which they are shown.
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
    if long { around(source, lines, span.start) } else { (with_context(source, lines, span), 0) }
}

/// Lines with the one before them and the one after, where those are not empty.
fn with_context(source: &Source, lines: Span, pointed: Span) -> Span {
    let worth = |line: &Span| {
        let text = source.slice(*line);
        text.len() <= COLUMNS && !text.trim().is_empty()
    };
    let before = lines.start.checked_sub(1).map(|end| source.line_of(end)).filter(worth);
    let rest = source.text().get(lines.end as usize..).unwrap_or("");
    let skip = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
    let after = Some(source.line_of(Span::at(lines.end as usize + skip).start)).filter(worth);
    // A value that is cut goes on there.
    let after = after.filter(|_| pointed.end <= lines.end && skip > 0);
    Span { start: before.map_or(lines.start, |line| line.start), end: after.map_or(lines.end, |line| line.end) }
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
pub(super) struct Drawer {
    handler: GraphicalReportHandler,
    width: usize,
}

impl Drawer {
    pub(super) fn new(style: Style) -> Self {
        let theme = if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_links(false)
            .with_context_lines(0)
            .with_wrap_lines(false)
            .without_syntax_highlighting();
        Self { handler, width: style.width }
    }

    /// The lines of a frame. miette prints two lines before them that our own first line has said already, the message and a
    /// header with the path, and a border after them.
    pub(super) fn draw(&self, frame: &Frame) -> String {
        let mut drawn = String::with_capacity(512);
        // The numbers of the lines stand before them, between blanks and a rule.
        let columns = self.width.saturating_sub(4 + (frame.line + LINES + 2).to_string().len());
        if self.handler.render_report(&mut drawn, &Drawn(&frame.fitted(columns))).is_err() {
            return String::new();
        }
        let Some((_, rest)) = drawn.split_once('\u{256d}') else { return String::new() };
        let (_, lines) = rest.split_once('\n').unwrap_or(("", ""));
        let (lines, _) = lines.split_once('\u{2570}').unwrap_or((lines, ""));
        let end = lines.rfind('\n').map_or(lines.len(), |at| at + 1);
        lines.get(..end).unwrap_or(lines).to_owned()
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
