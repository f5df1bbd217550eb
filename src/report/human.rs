//! The report for people: our own first line, the frame around the source, the help, what Supervisor says.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use super::finding::{Finding, Label};
use super::frame::Drawer;
use super::told::told;
use super::visible::visible;
use super::{Format, Report, Style};
use crate::diagnostic::Severity;
use crate::source::Position;

/// For people.
pub static HUMAN: Format = Format { name: "human", about: "For people", framed: true, write };

/// Findings of one rule in one file that are printed: a file with a thousand programs has a mistake a thousand times.
pub(super) const MOST: usize = 50;

/// Writes the findings of a run, and a line that counts them and those that comments ignore; nothing if there are neither.
fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let printer = Printer::new(*style);
    let told = told(&report.findings);
    // Files in the order of their findings, and how many of each rule there are.
    let mut files: HashMap<&str, usize> = HashMap::new();
    let mut told_of: HashMap<(usize, &str, &str), usize> = HashMap::new();
    for (finding, message) in &told {
        let next = files.len();
        let file = *files.entry(&finding.path).or_insert(next);
        let count = told_of.entry((file, finding.rule.name, &finding.path)).or_default();
        *count += 1;
        if style.all || *count <= MOST {
            printer.print_as(finding, finding.severity.name(), message, out)?;
        }
    }
    let mut more: Vec<_> = told_of.into_iter().filter(|(_, count)| !style.all && *count > MOST).collect();
    more.sort_unstable();
    for ((_, rule, path), count) in more {
        writeln!(out, "{}: {} more of {rule} (--all prints them)", visible(path), count - MOST)?;
    }
    let counts = counts(&told);
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
fn counts(told: &[(&Finding, Cow<'_, str>)]) -> String {
    let count = |severity| {
        let count = told.iter().filter(|(finding, _)| finding.severity == severity).count();
        (count > 0).then(|| plural(count, severity.name()))
    };
    let counts = [Severity::Error, Severity::Warning, Severity::Info].into_iter().filter_map(count);
    counts.collect::<Vec<_>>().join(", ")
}

/// `1 file`, `2 files`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Writes findings one by one.
#[derive(Debug)]
pub struct Printer {
    style: Style,
    drawer: Drawer,
}

impl Printer {
    /// Nothing is written yet.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, drawer: Drawer::new(style) }
    }

    /// Writes a finding.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn print(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.print_as(finding, finding.severity.name(), &finding.message, out)
    }

    /// Writes a finding with another word than its severity, or with another message.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn print_as(&self, finding: &Finding, word: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
        let head = self.style.paint(finding.severity, &format!("{word}[{}]", finding.rule.name));
        writeln!(out, "{}: {head}: {}", position(&finding.path, finding.start), visible(message))?;
        if let Some(frame) = &finding.frame {
            out.write_all(self.drawer.draw(frame).as_bytes())?;
        }
        if let Some(help) = &finding.help {
            out.write_all(wrapped("  help: ", &visible(help), self.style.width).as_bytes())?;
        }
        if let Some(message) = &finding.supervisor {
            for (number, line) in visible(message).lines().enumerate() {
                let name = match (number, finding.dies) {
                    (0, false) => "supervisord: Error: ",
                    (0, true) => "supervisord dies of an exception: ",
                    _ => "",
                };
                writeln!(out, "  {name}{line}")?;
            }
        }
        for Label { message, path, start, end: _ } in &finding.labels {
            writeln!(out, "  note: {}: {}", position(path, *start), visible(message))?;
        }
        writeln!(out)
    }
}

/// `path:line:column`.
pub(super) fn position(path: &str, start: Position) -> String {
    format!("{}:{}:{}", visible(path), start.line, start.column)
}

/// A text after a word, its further lines under the first; each step of it begins a line. Broken at blanks only, so that a path or a command in it can be
/// copied; miette's own wrapping knows all of Unicode's line breaks, which is a quarter of what a run costs.
fn wrapped(word: &str, text: &str, width: usize) -> String {
    let mut lines = String::with_capacity(word.len() + text.len() + 64);
    lines.push_str(word);
    for (step, line) in text.lines().enumerate() {
        let mut column = word.len();
        if step > 0 {
            lines.extend(std::iter::repeat_n(' ', word.len()));
        }
        // A command to be copied stands on a line of its own, in one piece.
        if line.starts_with("  ") {
            lines.push_str(line);
            lines.push('\n');
            continue;
        }
        for (number, part) in line.split_whitespace().enumerate() {
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
    }
    lines
}
