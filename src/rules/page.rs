//! The page of a rule: Markdown beside the rule's code, taken apart only where it is printed.
//!
//! A heading with code, name and title, what the rule finds in one paragraph, `## Why` in another, and before that one, where
//! somebody sees it otherwise than by us, `## Symptoms`: the words of logs and errors; then, where a rule finds something in
//! a configuration, `## Bad` and `## Good` with a block of `ini` each: the same file, mended; and where `--fix` mends it so, `## Fix`
//! with what that does. Tests hold each page to this.

use crate::diagnostic::Rule;

/// The parts of a page, its paragraphs without line ends and without Markdown's backslashes.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What is wrong, in at most 60 characters.
    pub title: &'static str,
    /// The words of logs and errors by which people meet it; empty where there are none.
    pub symptoms: String,
    /// What the rule finds, in one sentence or two.
    pub what: String,
    /// Why that is bad, with the evidence.
    pub why: String,
    /// A file that it fires on; empty where only conversions speak by the rule.
    pub bad: &'static str,
    /// The same file, mended.
    pub good: &'static str,
    /// What `--fix` does, and whether that is safe; empty where the rule mends nothing.
    pub fix: String,
}

/// The longest title.
const TITLE: usize = 60;

impl Page {
    /// Reads the page of a rule; `None` where it lacks a part or has one too many.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<Self> {
        let heading = rule.page.strip_prefix("# ")?.strip_prefix(rule.code)?.strip_prefix(' ')?;
        let (title, text) = heading.strip_prefix(rule.name)?.strip_prefix(": ")?.split_once("\n\n")?;
        if title.contains('\n') || title.chars().count() > TITLE {
            return None;
        }
        let mut sections = text.split("\n## ").peekable();
        let what = paragraph(sections.next()?)?;
        let symptoms = sections.next_if(|section| section.starts_with("Symptoms\n\n"));
        let symptoms = match symptoms.and_then(|section| section.strip_prefix("Symptoms\n\n")) {
            Some(symptoms) => paragraph(symptoms)?,
            None => String::new(),
        };
        let why = paragraph(sections.next()?.strip_prefix("Why\n\n")?)?;
        let (bad, good) = match sections.next() {
            Some(bad) => (example(bad.strip_prefix("Bad")?)?, example(sections.next()?.strip_prefix("Good")?)?),
            None => ("", ""),
        };
        let fix = match sections.next() {
            Some(fix) => paragraph(fix.strip_prefix("Fix\n\n")?)?,
            None => String::new(),
        };
        sections.next().is_none().then_some(Self { title, symptoms, what, why, bad, good, fix })
    }
}

/// A paragraph as one line of plain text.
fn paragraph(section: &str) -> Option<String> {
    let text = section.strip_suffix('\n')?;
    let whole = !text.is_empty() && text.lines().all(|line| !line.is_empty() && line.trim() == line);
    whole.then(|| plain(&text.replace('\n', " ")))
}

/// A text without the backslashes that Markdown needs before its signs; between backticks there are none.
fn plain(text: &str) -> String {
    let mut code = false;
    let mut escaped = false;
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        code ^= c == '`' && !escaped;
        escaped = c == '\\' && !code && !escaped;
        if !escaped {
            plain.push(c);
        }
    }
    plain
}

/// The block of a section.
fn example(section: &'static str) -> Option<&'static str> {
    let text = section.strip_prefix("\n\n```ini\n")?.trim_end_matches('\n').strip_suffix("```")?;
    (text.ends_with('\n') && !text.contains("```")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Confidence, OnMarkup, Repeat, Severity};

    fn read(page: &'static str) -> Option<Page> {
        let (code, name, severity, confidence) = ("SUP101", "default-minfds", Severity::Info, Confidence::High);
        Page::of(&Rule { code, name, severity, confidence, page, repeat: Repeat::Each, on_markup: OnMarkup::Silent })
    }

    #[test]
    fn a_page_is_whole_or_none() {
        let page = read(
            "# SUP101 default-minfds: T\n\nOne `\\d` \\_\\_\nline.\n\n## Why\n\nSo.\n\n## Bad\n\n```ini\n[a]\n\nb=1\n```\n\n\
             ## Good\n\n```ini\n[a]\n```\n",
        );
        assert!(page.is_some_and(|page| {
            (&*page.what, &*page.why, page.bad, page.good) == ("One `\\d` __ line.", "So.", "[a]\n\nb=1\n", "[a]\n")
        }));
        assert!(read("# SUP101 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n").is_some_and(|page| page.bad.is_empty()));
        let page = read("# SUP101 default-minfds: T\n\nOne.\n\n## Symptoms\n\n`Oh`.\n\n## Why\n\nSo.\n");
        assert!(page.is_some_and(|page| (page.title, &*page.symptoms, &*page.why) == ("T", "`Oh`.", "So.")));
        for page in [
            "",
            "# SUP101 default-minfds\n\nOne.\n\n## Why\n\nSo.\n",
            "# SUP101 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n\n## Symptoms\n\nOh.\n",
            "# SUP102 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n",
            "# SUP101 default-minfd: T\n\nOne.\n\n## Why\n\nSo.\n",
            "# SUP101 default-minfds: T\n\n\n## Why\n\nSo.\n",
            "# SUP101 default-minfds: T\n\nOne.\n",
            "# SUP101 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n\nAnd so.\n",
            "# SUP101 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n\n## Bad\n\n```ini\na\n```\n",
            "# SUP101 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n\n## Bad\n\n```\na\n```\n\n## Good\n\n```ini\na\n```\n",
            "# SUP101 default-minfds: T\n\nOne.\n\n## Why\n\nSo.\n\n## Good\n\n```ini\na\n```\n\n## Bad\n\n```ini\na\n```\n",
        ] {
            assert!(read(page).is_none(), "{page}");
        }
    }
}
