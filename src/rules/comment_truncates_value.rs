//! SUP003 comment-truncates-value: a comment that begins inside quotes.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::python;
use crate::refusal::{Cause, Refusal};
use crate::source::Span;
use crate::syntax;

/// SUP003.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP003",
        name: "comment-truncates-value",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "An environment that is refused because white space and ; or # inside its quotes begin a comment.",
        why: "Supervisor cuts comments off before anything looks at quotes. COLOR=\"red #1\" is COLOR=\"red, its quote never \
              closes, and supervisord does not start. Under Python 2 only ; did that, so files that once worked stop working.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nenvironment=TITLE=\"api #1\"\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\nenvironment=TITLE=\"api#1\"\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Pairs {
        return None;
    }
    let source = lint.sources.get(refusal.place.source)?;
    let Span { start, end } = refusal.place.span;
    let mut at = start;
    let mut quotes = Quotes::default();
    while at <= end {
        let whole = source.line_of(at);
        let text = source.slice(whole);
        let cut = if python::lstrip(text).starts_with([';', '#']) {
            Some(0)
        } else {
            syntax::comment(text, lint.reading.dialect)
        };
        // The first line holds the key too.
        let from = at.saturating_sub(whole.start) as usize;
        let kept = text.get(from..cut.unwrap_or(text.len())).unwrap_or("");
        quotes.read(kept);
        let mark = cut.filter(|cut| *cut > 0).and_then(|cut| text.get(cut..)?.chars().next());
        if let Some(mark) = mark.filter(|_| quotes.open.is_some()) {
            // Whatever is no plain name may be a piece of a value.
            let plain = !quotes.name.is_empty() && quotes.name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
            let name = if plain { shown(&quotes.name) } else { "a value".to_owned() };
            let message = format!(
                "what follows ' {mark}' is a comment, even inside quotes: {name} is cut there, its quote never closes, and \
                 supervisord refuses to start."
            );
            let help = format!(
                "write the value without the space before '{mark}', or let the program read it from a file or from supervisord's \
                 own environment, %(ENV_NAME)s."
            );
            return Some(Explanation::new(message, help));
        }
        let rest = source.text().as_bytes().get(whole.end as usize..).unwrap_or(&[]);
        at = whole.end + if rest.starts_with(b"\r\n") { 2 } else { 1 };
    }
    None
}

/// Where the quotes of `environment` stand, line after line, as its lexer sees them: a quote within a word is none.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    /// The last name before a quote.
    name: String,
}

impl Quotes {
    fn read(&mut self, line: &str) {
        let mut word = false;
        let mut start = 0;
        for (at, c) in line.char_indices() {
            let quote = matches!(c, '"' | '\'');
            match self.open {
                Some(open) if c == open => {
                    self.open = None;
                    start = at + 1;
                }
                Some(_) => {}
                None if quote && !word => {
                    self.open = Some(c);
                    let before = line.get(start..at).unwrap_or("");
                    before.trim_matches(|c: char| c == '=' || c == ',' || c.is_whitespace()).clone_into(&mut self.name);
                }
                None if c == '#' => return,
                None => {
                    word = c.is_ascii_alphanumeric() || "_/.+-():".contains(c) || (word && quote);
                    if !word && c != '=' && !c.is_whitespace() {
                        start = at + c.len_utf8();
                    }
                }
            }
        }
    }
}
