//! The report for people: our own first line, the frame around the source, the help, what Supervisor says.

use std::borrow::Cow;
use std::io::{self, Write};

use super::finding::{Finding, Label};
use super::frame::Drawer;
use super::screen::{fixable, folded, summary};
use super::told::{NAMED, told};
use super::{Format, Report, Style};
use crate::hash::{HashMap, HashSet};
use crate::source::Position;
use crate::visible::{on_one_line, visible};

/// For people.
pub static HUMAN: Format =
    Format { name: "human", about: "For people", framed: true, names: false, fixes: false, write };

/// Findings of one rule in one file that are printed: a file with a thousand programs has a mistake a thousand times.
pub(super) const MOST: usize = 10;

/// Writes the findings of a run, and a line that counts. Nothing where nobody looks and all is well.
fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer::new(*style);
    // Files in the order of their findings, and how many of each rule there are.
    let mut files: HashMap<&str, usize> = HashMap::default();
    let mut told_of: HashMap<(usize, &str, &str), usize> = HashMap::default();
    let told = told(&report.findings, if style.all { usize::MAX } else { NAMED });
    let messages = told.len();
    for (finding, message) in told {
        let next = files.len();
        let file = *files.entry(&finding.path).or_insert(next);
        let count = told_of.entry((file, finding.rule.name, &finding.path)).or_default();
        *count += 1;
        if style.all || *count <= MOST {
            printer.print_as(finding, finding.severity.name(), &message, out)?;
        }
    }
    let mut more: Vec<_> = told_of.into_iter().filter(|(_, count)| !style.all && *count > MOST).collect();
    more.sort_unstable();
    for ((_, rule, path), count) in more {
        writeln!(out, "{}: {} more of {rule} (--all prints them)", on_one_line(path), count - MOST)?;
    }
    let looked = style.terminal && (!report.read.is_empty() || report.errors.is_empty());
    let mended = report.fixed.is_some_and(|fixed| fixed > 0);
    if report.findings.is_empty() && report.suppressed == 0 && !looked && !mended {
        return Ok(());
    }
    writeln!(out, "{}", folded(&summary(report, Some(messages)), 0, 2, style.width))?;
    fixable(report).iter().try_for_each(|line| writeln!(out, "{}", folded(line, 0, 2, style.width)))
}

/// Writes findings one by one.
#[derive(Debug)]
pub struct Printer {
    style: Style,
    drawer: Drawer,
    /// The helps that have been printed, and of which rule: nobody reads one twice. By their first lines: steps that begin alike
    /// differ in the name of a program.
    helped: HashSet<(&'static str, String)>,
}

impl Printer {
    /// Nothing is written yet.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, drawer: Drawer::new(style), helped: HashSet::default() }
    }

    /// Writes a finding.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn print(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.print_as(finding, finding.severity.name(), &finding.message, out)
    }

    /// Writes a finding with another word than its severity, or with another message.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn print_as(&mut self, finding: &Finding, word: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
        let head = format!("{word}[{}]", finding.rule.name);
        let place = position(&finding.path, finding.start);
        let column = place.chars().count() + head.chars().count() + 4;
        // In a pipe a message begins on the first line, however long the path is.
        let word = message.split(' ').next().map_or(0, |word| word.chars().count());
        let column = if self.style.terminal || column + word <= self.style.width { column } else { 4 };
        let head = self.style.paint(finding.severity, &head);
        writeln!(out, "{place}: {head}: {}", folded(&visible(message), column, 4, self.style.width))?;
        if let Some(frame) = &finding.frame {
            out.write_all(self.drawer.draw(frame).as_bytes())?;
        }
        if let Some(help) = &finding.help
            && self.helped.insert((finding.rule.code, help.lines().next().unwrap_or("").to_owned()))
        {
            self.under("help: ", help, out)?;
        }
        if let Some(message) = &finding.supervisor {
            for (number, line) in visible(&of_line(message, finding.start.line)).lines().enumerate() {
                let name = match (number, finding.dies) {
                    (0, false) => "supervisord: Error: ",
                    (0, true) => "supervisord dies of an exception: ",
                    _ => "",
                };
                // To the letter where a program looks for it.
                let width = if self.style.terminal { self.style.width } else { usize::MAX };
                writeln!(out, "  {}", folded(&format!("{name}{line}"), 2, 4, width))?;
            }
        }
        for Label { message, path, start, end: _ } in &finding.labels {
            self.under("note: ", &format!("{}: {message}", position(path, *start)), out)?;
        }
        writeln!(out)
    }

    /// A text below the first line, after a word.
    fn under(&self, word: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let indent = 2 + word.len();
        writeln!(out, "  {word}{}", folded(&visible(text), indent, indent, self.style.width))
    }
}

/// What Supervisor says of one line. Of all lines without a delimiter it makes one list, and each of them has a finding of its own.
fn of_line(message: &str, own: u32) -> Cow<'_, str> {
    let number = |line: &str| line.strip_prefix("\t[line")?.split_once(']')?.0.trim().parse::<u32>().ok();
    let kept = |line: &&str| number(line).is_none_or(|number| number == own);
    if !message.lines().any(|line| number(line) == Some(own)) {
        return message.into();
    }
    message.lines().filter(kept).collect::<Vec<_>>().join("\n").into()
}

/// `path:line:column`.
pub(super) fn position(path: &str, start: Position) -> String {
    format!("{}:{}:{}", on_one_line(path), start.line, start.column)
}
