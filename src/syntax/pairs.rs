//! Reads `KEY=value` lists (`environment=`) as Supervisor's `dict_of_key_value_pairs` does.

use std::collections::HashMap;

use crate::python::shlex::is_blank;
use std::str::CharIndices;

/// One entry of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key; quotes around it belong to it.
    pub key: String,
    /// The value without the quotes at its ends.
    pub value: String,
    /// Byte offset where the key of the entry that counts (the last of its name) begins.
    pub start: usize,
    /// Byte offset behind the value of that entry.
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
pub fn parse(text: &str) -> Result<Vec<Pair>, PairsError> {
    let mut lexer = Lexer { chars: text.char_indices() };
    let mut pairs: Vec<Pair> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut complete = true;
    while let Some(key) = lexer.token()? {
        match (lexer.token()?, lexer.token()?) {
            (Some(equals), Some(value)) if equals.text == "=" => {
                let text = value.text.trim_matches(['\'', '"']).to_owned();
                let pair = Pair { key: key.text, value: text, start: key.start, end: value.end };
                match known.get(&pair.key).and_then(|at| pairs.get_mut(*at)) {
                    Some(old) => *old = pair,
                    None => {
                        known.insert(pair.key.clone(), pairs.len());
                        pairs.push(pair);
                    }
                }
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

struct Token {
    text: String,
    start: usize,
    end: usize,
}

/// Python's `Lib/shlex.py` in the mode that is not POSIX, with `/.+-():` among the word characters.
struct Lexer<'t> {
    chars: CharIndices<'t>,
}

impl Lexer<'_> {
    fn token(&mut self) -> Result<Option<Token>, PairsError> {
        while let Some((start, c)) = self.chars.next() {
            if is_blank(c) {
                continue;
            }
            if c == '#' {
                self.skip_comment();
                continue;
            }
            let mut token = Token { text: String::from(c), start, end: self.chars.offset() };
            if is_quote(c) {
                self.quoted(c, &mut token)?;
            } else if is_word(c) {
                self.word(&mut token);
            }
            return Ok(Some(token));
        }
        Ok(None)
    }

    /// Reads to the closing quote. There are no escapes, and a word behind it is another token.
    fn quoted(&mut self, quote: char, token: &mut Token) -> Result<(), PairsError> {
        loop {
            let (_, c) = self.chars.next().ok_or(PairsError::NoClosingQuotation)?;
            token.text.push(c);
            if c == quote {
                token.end = self.chars.offset();
                return Ok(());
            }
        }
    }

    /// Reads the rest of a word. Quotes are plain characters in it, and it goes on behind a comment.
    fn word(&mut self, token: &mut Token) {
        loop {
            let before = self.chars.clone();
            match self.chars.next() {
                Some((_, '#')) => self.skip_comment(),
                Some((_, c)) if is_word(c) || is_quote(c) => {
                    token.text.push(c);
                    token.end = self.chars.offset();
                }
                _ => {
                    self.chars = before;
                    return;
                }
            }
        }
    }

    /// Only a line feed ends a comment: `readline()` of a `StringIO` knows no other end.
    fn skip_comment(&mut self) {
        self.chars.find(|&(_, c)| c == '\n');
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '"')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '+' | '-' | '(' | ')' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, PairsError> {
        parse(text).map(|pairs| pairs.into_iter().map(|pair| (pair.key, pair.value)).collect())
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
