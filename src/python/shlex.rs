//! Splits a command line into words as Python's `shlex.split` does.

use std::fmt;
use std::str::CharIndices;

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word without its quotes and escapes.
    pub text: String,
    /// Byte offset of its first character, which may be a quote.
    pub start: usize,
    /// Byte offset behind its last character.
    pub end: usize,
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
/// When the text ends within quotes or behind an escaping backslash.
pub fn split(text: &str) -> Result<Vec<Word>, WordsError> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    let mut chars = text.char_indices();
    while let Some((start, c)) = chars.next() {
        if is_blank(c) {
            words.extend(open.take());
            continue;
        }
        let word = open.get_or_insert_with(|| Word { text: String::with_capacity(16), start, end: start });
        match c {
            '\\' => word.text.push(escaped(&mut chars)?),
            '\'' | '"' => quoted(c, &mut chars, &mut word.text)?,
            _ => word.text.push(c),
        }
        word.end = chars.offset();
    }
    words.extend(open);
    Ok(words)
}

fn escaped(chars: &mut CharIndices<'_>) -> Result<char, WordsError> {
    chars.next().map(|(_, c)| c).ok_or(WordsError::NoEscapedCharacter)
}

/// Reads to the closing quote.
fn quoted(quote: char, chars: &mut CharIndices<'_>, text: &mut String) -> Result<(), WordsError> {
    loop {
        let (_, c) = chars.next().ok_or(WordsError::NoClosingQuotation)?;
        if c == quote {
            return Ok(());
        }
        if c == '\\' && quote == '"' {
            let next = escaped(chars)?;
            // Other than in a shell, `\$`, `` \` `` and `\` + newline keep their backslash.
            if !matches!(next, '\\' | '"') {
                text.push('\\');
            }
            text.push(next);
        } else {
            text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Result<Vec<String>, WordsError> {
        split(text).map(|words| words.into_iter().map(|word| word.text).collect())
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
