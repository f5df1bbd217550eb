//! Reads `KEY=value` lists (`environment=`) as Supervisor's `dict_of_key_value_pairs` does.

use std::borrow::Cow;

use crate::hash::HashMap;
use crate::python::shlex::{is_blank, push};
use crate::python::text::before;

/// One entry of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair<'t> {
    /// The key; quotes around it belong to it.
    pub key: Cow<'t, str>,
    /// The value without the quotes at its ends.
    pub value: Cow<'t, str>,
    /// Byte offset where the key of the entry that counts (the last of its name) begins.
    pub start: usize,
    /// Byte offset after the value of that entry.
    pub end: usize,
}

/// Why a list cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairsError {
    /// The text ends within quotes.
    NoClosingQuotation,
    /// Some four tokens do not begin with a key, `=` and a value.
    UnexpectedEnd,
}

impl PairsError {
    /// The text of Supervisor's `ValueError` for the value `text`.
    #[must_use]
    pub fn message(&self, text: &str) -> String {
        match self {
            Self::NoClosingQuotation => "No closing quotation".to_owned(),
            Self::UnexpectedEnd => {
                format!("Unexpected end of key/value pairs in value '{text}'")
            }
        }
    }
}

/// `dict_of_key_value_pairs(text)` (Supervisor 4.3.0, datatypes.py), in the order of the
/// dictionary: a key that comes again keeps its first place and takes the later value.
///
/// # Errors
/// When the text ends within quotes (which Python finds first, wherever it is), or when its
/// tokens are not pairs.
pub fn parse(text: &str) -> Result<Vec<Pair<'_>>, PairsError> {
    let mut lexer = Lexer { text, rest: text };
    let mut pairs = Vec::new();
    let mut index = Index::default();
    let mut complete = true;
    while let Some(key) = lexer.token()? {
        match (lexer.token()?, lexer.token()?) {
            (Some(equals), Some(value)) if equals.text == "=" => {
                let text = match value.text {
                    Cow::Borrowed(text) => unquoted(text).into(),
                    Cow::Owned(text) => unquoted(&text).to_owned().into(),
                };
                let pair = Pair { key: key.text, value: text, start: key.start, end: value.end };
                insert(&mut pairs, &mut index, pair);
            }
            _ => complete = false,
        }
        // Any token separates, not only a comma.
        lexer.token()?;
    }
    if !complete {
        return Err(PairsError::UnexpectedEnd);
    }
    Ok(pairs)
}

/// Up to so many keys are compared one by one.
const FEW: usize = 16;

/// Where each key stands, once there are [`FEW`].
type Index<'t> = HashMap<Cow<'t, str>, usize>;

fn insert<'t>(pairs: &mut Vec<Pair<'t>>, index: &mut Index<'t>, pair: Pair<'t>) {
    if pairs.len() == FEW && index.is_empty() {
        index.extend(pairs.iter().enumerate().map(|(at, pair)| (pair.key.clone(), at)));
    }
    let known = if index.is_empty() {
        pairs.iter().position(|known| known.key == pair.key)
    } else {
        index.get(&pair.key).copied()
    };
    if let Some(old) = known.and_then(|at| pairs.get_mut(at)) {
        *old = pair;
        return;
    }
    if !index.is_empty() {
        index.insert(pair.key.clone(), pairs.len());
    }
    pairs.push(pair);
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['\'', '"'])
}

struct Token<'t> {
    text: Cow<'t, str>,
    start: usize,
    end: usize,
}

/// Python's `Lib/shlex.py` in the mode that is not POSIX, with `/.+-():` among the word characters.
struct Lexer<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Lexer<'t> {
    fn token(&mut self) -> Result<Option<Token<'t>>, PairsError> {
        self.rest = self.rest.trim_start_matches(is_blank);
        while self.rest.starts_with('#') {
            self.skip_comment();
            self.rest = self.rest.trim_start_matches(is_blank);
        }
        let Some(c) = self.rest.chars().next() else { return Ok(None) };
        let mut token = Token { text: Cow::default(), start: self.at(), end: self.at() };
        match u8::try_from(c) {
            Ok(quote) if is_quote(quote) => {
                let (_, after) =
                    self.rest.get(1..).and_then(|inside| inside.split_once(c)).ok_or(PairsError::NoClosingQuotation)?;
                // There are no escapes, and a word that follows at once is another token.
                self.take(&mut token, self.rest.len() - after.len());
            }
            Ok(b) if is_word(b) => self.word(&mut token),
            _ => self.take(&mut token, c.len_utf8()),
        }
        Ok(Some(token))
    }

    /// Reads a word. Quotes are plain characters in it, and it goes on after a comment.
    fn word(&mut self, token: &mut Token<'t>) {
        loop {
            let (part, after) = before(self.rest, |b| !is_word(b) && !is_quote(b));
            if !part.is_empty() {
                self.take(token, part.len());
            }
            if !after.starts_with('#') {
                return;
            }
            self.skip_comment();
        }
    }

    /// Gives a token the next bytes.
    fn take(&mut self, token: &mut Token<'t>, length: usize) {
        let (part, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        push(&mut token.text, part);
        self.rest = rest;
        token.end = self.at();
    }

    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Only a line feed ends a comment: `readline()` of a `StringIO` knows no other end.
    fn skip_comment(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, after)| after);
    }
}

fn is_quote(b: u8) -> bool {
    matches!(b, b'\'' | b'"')
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'.' | b'+' | b'-' | b'(' | b')' | b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, PairsError> {
        parse(text).map(|pairs| pairs.into_iter().map(|pair| (pair.key.into(), pair.value.into())).collect())
    }

    #[test]
    fn reads_as_supervisor() {
        for (text, pairs) in [
            ("", vec![]),
            ("# A=1", vec![]),
            ("A=\"1\";B=\"2\"", vec![("A", "1"), ("B", "2")]),
            ("URL=http://h/p#frag,B=\"2\"", vec![("URL", "http://h/p")]),
            ("A=b#x\rx\nc,D=1", vec![("A", "bc"), ("D", "1")]),
            ("A=$HOME", vec![("A", "$")]),
            ("A=éa", vec![("A", "é")]),
            ("\"A\"=\"1\"", vec![("\"A\"", "1")]),
            ("J='say \"hi\"'", vec![("J", "say \"hi")]),
            ("A=a\"b c", vec![("A", "a\"b")]),
            ("A=\"1\",", vec![("A", "1")]),
            ("A=1,B=2,A=3", vec![("A", "3"), ("B", "2")]),
            ("A==", vec![("A", "=")]),
            ("A='',B=\"\"", vec![("A", ""), ("B", "")]),
        ] {
            let expected = pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            assert_eq!(read(text), Ok(expected), "{text:?}");
        }
        for text in ["A=\"1\"\"2\",B=\"3\"", "A=1 B=2", "A=,B=\"2\"", "A=\"1\",B", "URL=http://a@b/c"] {
            assert_eq!(read(text), Err(PairsError::UnexpectedEnd), "{text:?}");
        }
        assert_eq!(read("A B 'x"), Err(PairsError::NoClosingQuotation));
    }

    #[test]
    fn spans_are_of_the_entry_that_counts() {
        let text = "A=1, é=ü ,A='x y' ,";
        let spans =
            parse(text).map(|pairs| pairs.iter().map(|pair| text.get(pair.start..pair.end)).collect::<Vec<_>>());
        assert_eq!(spans, Ok(vec![Some("A='x y'"), Some("é=ü")]));
    }

    #[test]
    fn messages() {
        let message = PairsError::UnexpectedEnd.message("A='");
        assert_eq!(message, "Unexpected end of key/value pairs in value 'A=''");
        assert_eq!(PairsError::NoClosingQuotation.message("'"), "No closing quotation");
    }
}
