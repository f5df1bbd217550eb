//! Splits a command line into words as Python's `shlex.split` does.

use std::borrow::Cow;
use std::fmt;

use super::text::before;

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'t> {
    /// The word without its quotes and escapes; copied only where it is not one part of the line.
    pub text: Cow<'t, str>,
    /// Byte offset of its first character, which may be a quote.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
}

impl<'t> Word<'t> {
    /// A word that stands in no line.
    pub(crate) fn alone(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), start: 0, end: text.len() }
    }
}

impl AsRef<str> for Word<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Why a command line cannot be split; displayed as the text of Python's `ValueError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsError {
    /// The text ends within quotes.
    NoClosingQuotation,
    /// The text ends with a backslash that should escape something.
    NoEscapedCharacter,
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoClosingQuotation => "No closing quotation",
            Self::NoEscapedCharacter => "No escaped character",
        })
    }
}

impl std::error::Error for WordsError {}

/// White space of Python's `Lib/shlex.py`: form feed, NBSP and the like belong to words.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// `shlex.split(text)` (`Lib/shlex.py`, POSIX mode, split at white space, no comments).
///
/// # Errors
/// When the text ends within quotes or after an escaping backslash.
pub fn split(text: &str) -> Result<Vec<Word<'_>>, WordsError> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        let start = text.len() - rest.len();
        let mut word = Cow::default();
        rest = read_word(rest, &mut word)?;
        words.push(Word { text: word, start, end: text.len() - rest.len() });
        rest = rest.trim_start_matches(is_blank);
    }
    Ok(words)
}

/// Reads a word; what comes after it is left.
fn read_word<'t>(mut rest: &'t str, word: &mut Cow<'t, str>) -> Result<&'t str, WordsError> {
    loop {
        let (plain, after) = before(rest, |b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'\'' | b'"'));
        push(word, plain);
        rest = match first(after) {
            Some(("\\", after)) => {
                let (escaped, after) = first(after).ok_or(WordsError::NoEscapedCharacter)?;
                push(word, escaped);
                after
            }
            Some(("'", after)) => single_quoted(after, word)?,
            Some(("\"", after)) => double_quoted(after, word)?,
            _ => return Ok(after),
        };
    }
}

/// Reads to the closing quote, and leaves what comes after it.
fn single_quoted<'t>(rest: &'t str, word: &mut Cow<'t, str>) -> Result<&'t str, WordsError> {
    let (inside, after) = rest.split_once('\'').ok_or(WordsError::NoClosingQuotation)?;
    push(word, inside);
    Ok(after)
}

/// The same, with a backslash that escapes.
fn double_quoted<'t>(mut rest: &'t str, word: &mut Cow<'t, str>) -> Result<&'t str, WordsError> {
    loop {
        let (plain, after) = before(rest, |b| matches!(b, b'"' | b'\\'));
        push(word, plain);
        let (mark, after) = first(after).ok_or(WordsError::NoClosingQuotation)?;
        if mark == "\"" {
            return Ok(after);
        }
        let (escaped, after) = first(after).ok_or(WordsError::NoEscapedCharacter)?;
        // Other than in a shell, `\$`, `` \` `` and `\` + newline keep their backslash.
        if !matches!(escaped, "\\" | "\"") {
            push(word, mark);
        }
        push(word, escaped);
        rest = after;
    }
}

/// The first character and what comes after it.
fn first(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(text.chars().next()?.len_utf8())
}

/// Another part of a text, which is copied only if there is one already.
pub(crate) fn push<'t>(text: &mut Cow<'t, str>, part: &'t str) {
    if text.is_empty() {
        *text = part.into();
    } else if !part.is_empty() {
        text.to_mut().push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Result<Vec<String>, WordsError> {
        split(text).map(|words| words.into_iter().map(|word| word.text.into_owned()).collect())
    }

    #[test]
    fn splits_as_shlex() {
        for (text, words) in [
            ("", vec![]),
            (" \t\r\n", vec![]),
            ("''", vec![""]),
            ("a\rb", vec!["a", "b"]),
            ("a\u{a0}b\u{c}c", vec!["a\u{a0}b\u{c}c"]),
            ("# a #b", vec!["#", "a", "#b"]),
            (r#""a\$b\"\\" 'x\'"#, vec![r#"a\$b"\"#, r"x\"]),
            ("a\\\nb \"a\\\nb\"", vec!["a\nb", "a\\\nb"]),
            ("a''b\"c d\"e", vec!["abc de"]),
        ] {
            let words = words.into_iter().map(str::to_owned).collect();
            assert_eq!(texts(text), Ok(words), "{text:?}");
        }
        assert_eq!(texts("a 'b"), Err(WordsError::NoClosingQuotation));
        assert_eq!(texts("a \\"), Err(WordsError::NoEscapedCharacter));
        assert_eq!(texts("\"\\"), Err(WordsError::NoEscapedCharacter));
    }

    #[test]
    fn spans_cover_quotes() {
        let text = " é'b c'\\  \"\" ";
        let spans =
            split(text).map(|words| words.iter().map(|word| text.get(word.start..word.end)).collect::<Vec<_>>());
        assert_eq!(spans, Ok(vec![Some("é'b c'\\ "), Some("\"\"")]));
    }
}
