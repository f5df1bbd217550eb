//! What Python's formatter makes of the percent signs of a text.

use std::ops::Range;

use crate::bytes;

/// A `%` and what belongs to it; `%%` is none.
pub(in crate::rules) struct Conversion<'t> {
    /// From the `%` to its letter.
    pub text: &'t str,
    /// What stands in the parentheses.
    pub name: Option<&'t str>,
    /// Whether an opened parenthesis is never closed.
    pub unclosed: bool,
    letter: Option<char>,
    /// All that follows the `%`.
    pub behind: &'t str,
}

impl Conversion<'_> {
    /// Where it stands in the text that was walked.
    pub(in crate::rules) fn range_in(&self, text: &str) -> Range<usize> {
        let start = text.len().saturating_sub(self.behind.len() + 1);
        start..start + self.text.len()
    }

    /// Whether it inserts all names there are: `%s` without a name.
    pub(in crate::rules) fn inserts_all(&self) -> bool {
        self.name.is_none() && !self.unclosed && matches!(self.letter, Some('s' | 'r' | 'a'))
    }

    /// Whether the letter stands directly after the parenthesis, or after a width.
    pub(in crate::rules) fn letter_follows(&self) -> bool {
        let behind = self.text.rsplit(')').next().unwrap_or("");
        behind.chars().rev().skip(1).all(|c| c.is_ascii_digit())
    }

    /// Whether its letter asks for a number.
    pub(in crate::rules) fn is_number(&self) -> bool {
        matches!(self.letter, Some('d' | 'i' | 'o' | 'u' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'c'))
    }

    /// Whether Python takes it, if its name is known.
    pub(in crate::rules) fn is_good(&self) -> bool {
        let number = matches!(self.name, Some("process_num" | "numprocs"));
        self.name.is_some() && (matches!(self.letter, Some('s' | 'r' | 'a')) || (number && self.is_number()))
    }
}

/// All conversions of a text, as Python's formatter walks it.
pub(in crate::rules) fn conversions(text: &str) -> impl Iterator<Item = Conversion<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = bytes::memchr(b'%', rest.as_bytes())?;
            let start = rest.get(at..)?;
            let behind = start.get(1..)?;
            if let Some(behind) = behind.strip_prefix('%') {
                rest = behind;
                continue;
            }
            let (name, tail, unclosed) = match behind.strip_prefix('(') {
                None => (None, behind, false),
                Some(inner) => match closing(inner) {
                    None => (None, "", true),
                    Some(end) => (inner.get(..end), inner.get(end + 1..).unwrap_or(""), false),
                },
            };
            let tail = tail.trim_start_matches(['-', '+', ' ', '#', '0']);
            let tail = tail.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '*'));
            let tail = tail.strip_prefix(['h', 'l', 'L']).filter(|tail| !tail.is_empty()).unwrap_or(tail);
            let letter = tail.chars().next();
            rest = tail.get(letter.map_or(0, char::len_utf8)..).unwrap_or("");
            let text = start.get(..start.len() - rest.len()).unwrap_or(start);
            return Some(Conversion { text, name, unclosed, letter, behind });
        }
    })
}

/// Offset of the parenthesis that closes one which stands before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}
