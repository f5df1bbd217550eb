//! Texts in the columns of a screen, and the line that counts.

use std::fmt::Write as _;

use super::{Hidden, Report};
use crate::diagnostic::Severity;
use crate::fix::Applicability;

/// A text that begins in column `column`, its lines folded at `width` columns and indented by `indent`. Folded at blanks only,
/// and not in a command between backticks that fits into a line, so that a path or a command in it can be copied.
pub(super) fn folded(text: &str, column: usize, indent: usize, width: usize) -> String {
    let mut folded = String::with_capacity(text.len() + 64);
    let mut column = column;
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            fold(&mut folded, indent, &mut column);
        }
        // A command to be copied has a line of its own, in one piece.
        if line.starts_with("  ") {
            folded.push_str(line);
            column += line.chars().count();
            continue;
        }
        let mut rest = line.trim_end();
        while !rest.is_empty() {
            let (blanks, length) = piece(rest, width.saturating_sub(indent));
            let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            let word = part.get(blanks..).unwrap_or(part);
            let wide = part.chars().count();
            if column > indent && column + wide > width {
                fold(&mut folded, indent, &mut column);
                folded.push_str(word);
                column += wide - blanks;
            } else {
                folded.push_str(part);
                column += wide;
            }
            rest = after;
        }
    }
    folded
}

fn fold(folded: &mut String, indent: usize, column: &mut usize) {
    folded.push('\n');
    folded.extend(std::iter::repeat_n(' ', indent));
    *column = indent;
}

/// The next piece of a line that is not folded: how many blanks it begins with, and its bytes.
fn piece(line: &str, room: usize) -> (usize, usize) {
    let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
    let mut code = false;
    let ends = |byte: u8| {
        code ^= byte == b'`';
        byte == b' ' && !code
    };
    let end = line.bytes().skip(blanks).position(ends).map_or(line.len(), |at| blanks + at);
    let piece = line.get(blanks..end).unwrap_or("");
    // A backtick that is never closed is a letter; and what is longer than a line is folded all the same.
    let folds = code || (piece.len() > room && piece.chars().count() > room);
    let first = if folds { piece.find(' ') } else { None };
    (blanks, first.map_or(end, |at| blanks + at))
}

/// `1 file`, `2 files`.
pub(super) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// `1 error, 2 warnings`; empty where there is none.
fn counted(counts: [(usize, Severity); 3]) -> String {
    let some = counts.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, severity)| plural(count, severity.name())).collect::<Vec<_>>().join(", ")
}

/// Messages from which on a reader is told how to count them.
const MANY: usize = 50;

/// The last line: `1 error, 2 warnings in 4 files, grouped into 2 messages (3 infos hidden: --min-severity info)`. The numbers are
/// those of the JSON's summary, which counts each program that a message names; `told`: the messages that a reader has seen.
pub(super) fn summary(report: &Report, told: Option<usize>) -> String {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let counts =
        counted([Severity::Error, Severity::Warning, Severity::Info].map(|severity| (count(severity), severity)));
    let files = plural(report.read.len(), "file");
    let mut line = if counts.is_empty() { format!("{files}, no findings") } else { format!("{counts} in {files}") };
    if let Some(told) = told.filter(|told| *told < report.findings.len()) {
        let _ = write!(line, ", grouped into {}", plural(told, "message"));
    }
    let Hidden { warnings, infos } = report.hidden;
    let hidden = counted([(0, Severity::Error), (warnings, Severity::Warning), (infos, Severity::Info)]);
    let mut besides = Vec::new();
    if report.foreign > 0 {
        besides.push(format!("{} not Supervisor's", plural(report.foreign, "file")));
    }
    if report.suppressed > 0 {
        besides.push(format!("{} ignored by comments", report.suppressed));
    }
    if !hidden.is_empty() {
        besides.push(format!("{hidden} hidden: --min-severity info"));
    }
    if told.is_some_and(|told| told > MANY) {
        besides.push("--statistics counts them by rule".to_owned());
    }
    if besides.is_empty() { line } else { format!("{line} ({})", besides.join(", ")) }
}

/// What fixes did, and what they would do: `7 findings fixable with --fix, 3 more with --unsafe-fixes`.
pub(super) fn fixable(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    match report.fixed {
        None | Some(0) => {}
        Some(fixed) => lines.push(format!("{} fixed", plural(fixed, "finding"))),
    }
    let [safe, risky] = [Applicability::Safe, Applicability::Unsafe].map(|kind| report.fixable(kind));
    match (safe, risky) {
        (0, 0) => {}
        (0, _) => lines.push(format!("{} fixable with --fix --unsafe-fixes", plural(risky, "finding"))),
        (_, 0) => lines.push(format!("{} fixable with --fix", plural(safe, "finding"))),
        _ => lines.push(format!("{} fixable with --fix, {risky} more with --unsafe-fixes", plural(safe, "finding"))),
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_folded_at_blanks_and_commands_stay_whole() {
        for (text, column, indent, width, lines) in [
            ("", 0, 2, 10, ""),
            ("one two three", 0, 2, 10, "one two\n  three"),
            ("one  two", 0, 2, 20, "one  two"),
            ("aaaaaaaaaaaaaaa b", 0, 2, 10, "aaaaaaaaaaaaaaa\n  b"),
            ("say `ls -l /tmp` twice", 0, 0, 14, "say\n`ls -l /tmp`\ntwice"),
            ("say `ls -l` twice", 0, 0, 8, "say\n`ls -l`\ntwice"),
            ("say `ls -l it` twice", 0, 0, 6, "say\n`ls -l\nit`\ntwice"),
            ("one two", 8, 2, 10, "\n  one two"),
            ("it's a ` here and there", 0, 0, 10, "it's a `\nhere and\nthere"),
            ("now\ncheck it", 6, 2, 80, "now\n  check it"),
            ("now:\n  cat this file\nthen", 6, 2, 10, "now:\n    cat this file\n  then"),
        ] {
            assert_eq!(folded(text, column, indent, width), lines, "{text}");
        }
    }
}
