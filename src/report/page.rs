//! A rule's page, the list of all rules, and both together as `docs/rules.md`.

use std::fmt::Write as _;

use super::Style;
use super::screen::folded;
use crate::diagnostic::{Confidence, Rule};
use crate::rules::unbuilt::{UNBUILT, Unbuilt};
use crate::rules::{Page, catalogue};

/// Columns of a paragraph.
const WIDTH: usize = 100;

/// The page of a rule for a terminal.
#[must_use]
pub fn page(rule: &Rule, style: Style) -> String {
    let width = style.width.min(WIDTH);
    made(rule, |text| folded(text, 0, 0, width) + "\n\n")
}

/// The page of a rule, its paragraphs made of plain texts by `paragraph`.
fn made(rule: &Rule, paragraph: impl Fn(&str) -> String) -> String {
    let Rule { code, name, severity, confidence, page: _, repeat: _, on_markup: _ } = rule;
    let Page { title, symptoms, what, why, bad, good, fix } = read(rule);
    let severity = severity.name();
    let sure = match confidence {
        Confidence::Low => ", low confidence: shown with --pedantic",
        Confidence::Medium => ", medium confidence",
        Confidence::High => "",
    };
    let mut page = format!("## {code} {name}\n\n{}{severity}{sure}\n\n", paragraph(&format!("{title}.")));
    page.push_str(&paragraph(&what));
    if !symptoms.is_empty() {
        page.push_str(&paragraph(&format!("Symptoms: {symptoms}")));
    }
    page.push_str(&paragraph(&format!("Why: {why}")));
    for (word, example) in [("Bad", bad), ("Good", good)] {
        // Rules of conversions have none.
        if !example.is_empty() {
            page.extend([word, ":\n\n```ini\n", example.trim_end(), "\n```\n\n"]);
        }
    }
    if !fix.is_empty() {
        page.push_str(&paragraph(&format!("Fix: {fix}")));
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

/// The parts of a page; a test holds each to having them.
fn read(rule: &Rule) -> Page {
    Page::of(rule).unwrap_or_default()
}

/// A list of rules: code, name, severity, title; on a terminal that is too narrow the title has a line of its own.
#[must_use]
pub fn list(rules: &[&'static Rule], style: Style) -> String {
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let line = |rule: &&'static Rule| {
        let Rule { code, name, severity, .. } = rule;
        let title = read(rule).title;
        let line = format!("{code}  {name:width$}  {:7}  {title}\n", severity.name());
        if !style.terminal || line.chars().count() <= style.width + 1 {
            return line;
        }
        format!("{code}  {name:width$}  {}\n        {title}\n", severity.name())
    };
    rules.iter().map(line).collect()
}

/// The rules whose page holds these words, those first that have all of them in their title, then those that have them among
/// their symptoms. Words in any order: a message has other words between them.
#[must_use]
pub fn search(words: &str) -> Vec<&'static Rule> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        !words.is_empty() && words.iter().all(|word| text.contains(&**word))
    };
    let rank = |rule: &&'static Rule| {
        let Page { title, symptoms, .. } = read(rule);
        [title, &symptoms, &format!("{} {}", rule.code, rule.name), rule.page].into_iter().position(holds)
    };
    let mut found: Vec<_> = catalogue().into_iter().filter_map(|rule| Some((rank(&rule)?, rule))).collect();
    found.sort_by_key(|(rank, rule)| (*rank, rule.code));
    found.into_iter().map(|(_, rule)| rule).collect()
}

/// The file `docs/rules.md`.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "<!-- Made from src/rules/*.md by `SUPCONV_BLESS=1 cargo test --test it docs`. -->\n\n# The rules of supconv\n\n\
         `supconv rule CODE` or `supconv rule NAME` prints a page of these. A finding is ignored by a comment above its option or\n\
         section, or after it: `; supconv: ignore[default-minfds] the unit sets LimitNOFILE`; in a whole file by\n\
         `; supconv: ignore-file[default-minfds]`. The 9xx rules are those by which conversions, and\n\
         `lint --target` of a conversion, say what differs.\n\n",
    );
    text.push_str("| code | name | severity | |\n|---|---|---|---|\n");
    text.extend(catalogue().into_iter().map(|rule| {
        let Rule { code, name, severity, .. } = rule;
        let (severity, title) = (severity.name(), markdown(read(rule).title));
        format!("| {code} | [{name}](#{}-{name}) | {severity} | {title} |\n", code.to_ascii_lowercase())
    }));
    text.push_str("\n## Considered and not reported\n\n| what | why |\n|---|---|\n");
    for Unbuilt { code, what, why } in UNBUILT {
        let sign = if code.is_empty() { "" } else { ": " };
        let _ = writeln!(text, "| {code}{sign}{} | {} |", markdown(what), markdown(why));
    }
    text.push_str("\n## By the words of an error or a log\n\n| words | rule |\n|---|---|\n");
    for rule in catalogue() {
        let Rule { code, name, .. } = rule;
        let symptoms = read(rule).symptoms;
        if !symptoms.is_empty() {
            let _ = writeln!(text, "| {} | [{name}](#{}-{name}) |", markdown(&symptoms), code.to_ascii_lowercase());
        }
    }
    for rule in catalogue() {
        text.push('\n');
        text.push_str(&made(rule, |text| markdown(text) + "\n\n"));
    }
    text
}

/// A plain text in Markdown: signs that would mean something there do not; between backticks they never do, but in a table.
pub(super) fn markdown(text: &str) -> String {
    let mut code = false;
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        code ^= c == '`';
        if c == '|' || (!code && matches!(c, '*' | '_' | '<' | '[' | '\\')) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
