//! What Python does with text: white space, `repr()`, and the message of a byte that is no UTF-8.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `str.isspace()` of one character (`_PyUnicode_IsWhitespace`): the Unicode property
/// `White_Space`, and the four separators U+001C to U+001F, which Python adds.
#[must_use]
#[inline]
pub fn is_space(c: char) -> bool {
    if c.is_ascii() { matches!(c, '\t'..='\r' | '\x1c'..=' ') } else { c.is_whitespace() }
}

/// `str.strip()`.
#[must_use]
#[inline]
pub fn strip(text: &str) -> &str {
    lstrip(rstrip(text))
}

/// `str.lstrip()`.
#[must_use]
pub fn lstrip(text: &str) -> &str {
    // Bytes first: nearly every text begins and ends in ASCII.
    let mut rest = text.as_bytes();
    while let [b, tail @ ..] = rest {
        if !b.is_ascii() {
            return text.trim_start_matches(is_space);
        }
        if !is_space(char::from(*b)) {
            break;
        }
        rest = tail;
    }
    text.get(text.len() - rest.len()..).unwrap_or_default()
}

/// `str.rstrip()`.
#[must_use]
pub fn rstrip(text: &str) -> &str {
    let mut rest = text.as_bytes();
    while let [head @ .., b] = rest {
        if !b.is_ascii() {
            return text.trim_end_matches(is_space);
        }
        if !is_space(char::from(*b)) {
            break;
        }
        rest = head;
    }
    text.get(..rest.len()).unwrap_or_default()
}

/// `str.split()`, which gives no empty parts.
pub fn split_whitespace(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|part| !part.is_empty())
}

/// What stands before the first byte of this kind, which begins a character, and the rest from there on.
#[inline]
pub(crate) fn before(text: &str, is_end: impl Fn(u8) -> bool) -> (&str, &str) {
    text.bytes().position(is_end).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

/// `str.lower()`; what has no upper case is not copied.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) { text.into() } else { text.to_lowercase().into() }
}

/// `str.upper()`; what has no lower case is not copied.
#[must_use]
pub fn upper(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_lowercase()) { text.into() } else { text.to_uppercase().into() }
}

/// `repr()` of a str (`unicode_repr`).
#[must_use]
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    let mut rest = text;
    loop {
        let (plain, after) = before(rest, |b| !matches!(b, b' '..=b'~') || matches!(b, b'\\' | b'\'' | b'"'));
        out.push_str(plain);
        let mut chars = after.chars();
        match chars.next() {
            None => break,
            Some('\n') => out.push_str("\\n"),
            Some('\t') => out.push_str("\\t"),
            Some('\r') => out.push_str("\\r"),
            Some(c) if c == '\\' || c == quote => out.extend(['\\', c]),
            Some(c) if is_printable(c) => out.push(c),
            Some(c) => push_escape(&mut out, c),
        }
        rest = chars.as_str();
    }
    out.push(quote);
    out
}

/// `ascii()` of something whose [`repr`] this is.
#[must_use]
pub(super) fn ascii(repr: String) -> String {
    if repr.is_ascii() {
        return repr;
    }
    let mut out = String::with_capacity(repr.len());
    for c in repr.chars() {
        if c.is_ascii() { out.push(c) } else { push_escape(&mut out, c) }
    }
    out
}

/// A character by its number, as `repr()` and `ascii()` write it.
fn push_escape(out: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = match u32::from(c) {
        n @ ..=0xff => write!(out, "\\x{n:02x}"),
        n @ ..=0xffff => write!(out, "\\u{n:04x}"),
        n => write!(out, "\\U{n:08x}"),
    };
}

/// What `%.200R` (`PyUnicode_FromFormat`) makes of a str when `limit` is 200: the first
/// characters of its [`repr`], so that a long one has no closing quote.
#[must_use]
pub fn repr_cut(text: &str, limit: usize) -> String {
    // A character gives at least one, so what lies further on can only decide about the quote.
    let mut out = repr(text);
    if let Some((end, _)) = out.char_indices().nth(limit) {
        out.truncate(end);
    }
    out
}

/// Printable characters of Rust 1.95 (Unicode 17) that Unicode 14, Python 3.11's, does not have.
/// A range may hold characters which neither calls printable.
#[rustfmt::skip]
const NEWER_THAN_UNICODE_14: [(u32, u32); 65] = [
    (0x88F, 0x897), (0xC5C, 0xC5C), (0xCDC, 0xCDC), (0xCF3, 0xCF3), (0xECE, 0xECE), (0x1ACF, 0x1AEB),
    (0x1B4E, 0x1B4F), (0x1B7F, 0x1B7F), (0x1C89, 0x1C8A), (0x20C1, 0x20C1), (0x2427, 0x2429),
    (0x2B96, 0x2B96), (0x2FFC, 0x2FFF), (0x31E4, 0x31EF), (0xA7CB, 0xA7CF), (0xA7D2, 0xA7D2),
    (0xA7D4, 0xA7D4), (0xA7DA, 0xA7F1), (0xFBC3, 0xFBD2), (0xFD90, 0xFD91), (0xFDC8, 0xFDCE),
    (0x105C0, 0x105F3), (0x10940, 0x10959), (0x10D40, 0x10D8F), (0x10EC2, 0x10EFF), (0x1123F, 0x11241),
    (0x11380, 0x113E2), (0x116D0, 0x116E3), (0x11B00, 0x11BF9), (0x11DB0, 0x11DE9), (0x11F00, 0x11F5A),
    (0x1342F, 0x143FA), (0x16100, 0x16139), (0x16D40, 0x16D79), (0x16EA0, 0x16ED3), (0x16FF2, 0x16FF6),
    (0x187F8, 0x187FF), (0x18CFF, 0x18CFF), (0x18D09, 0x18DF2), (0x1B132, 0x1B132), (0x1B155, 0x1B155),
    (0x1CC00, 0x1CEF0), (0x1D2C0, 0x1D2D3), (0x1DF25, 0x1DF2A), (0x1E030, 0x1E08F), (0x1E4D0, 0x1E6FF),
    (0x1F6D8, 0x1F6DC), (0x1F774, 0x1F77F), (0x1F7D9, 0x1F7D9), (0x1F8B2, 0x1F8D8), (0x1FA54, 0x1FA57),
    (0x1FA75, 0x1FA77), (0x1FA87, 0x1FA8F), (0x1FAAD, 0x1FAAF), (0x1FABB, 0x1FABF), (0x1FAC6, 0x1FACF),
    (0x1FADA, 0x1FADF), (0x1FAE8, 0x1FAEF), (0x1FAF7, 0x1FAF8), (0x1FBCB, 0x1FBEF), (0x1FBFA, 0x1FBFA),
    (0x2B739, 0x2B73F), (0x2CEA2, 0x2CEAD), (0x2EBF0, 0x2EE5D), (0x31350, 0x33479),
];

/// `str.isprintable()` of one character (`_PyUnicode_IsPrintable`).
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // The standard library asks the same of a character before it escapes one, but also escapes
    // those that extend a grapheme; in a str it does that to the first only.
    let shown = c.escape_debug().next() == Some(c) || String::from_iter(['a', c]).escape_debug().nth(1) == Some(c);
    let newer = |&(first, last): &(u32, u32)| (first..=last).contains(&u32::from(c));
    shown && !NEWER_THAN_UNICODE_14.iter().any(newer)
}

/// The bytes that stop Python from reading a text file, see [`utf8_error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Where in the file the first bad byte is.
    pub offset: usize,
    /// How many bytes are bad.
    pub len: usize,
    /// Where in the file the read began whose bytes could not be decoded.
    pub chunk_start: usize,
    /// Where in the file the last line ends that Python gives out before the error. A carriage
    /// return at the end of what was read waits for its line feed, so that line is not given out.
    pub lines_end: usize,
    /// The text of Python's `UnicodeDecodeError`.
    pub message: String,
}

/// How many bytes `TextIOWrapper` asks of a file at a time.
const CHUNK: usize = 8192;

/// The error that iterating over a text file with these bytes raises in Python, if any.
///
/// `TextIOWrapper` decodes one chunk after the other; a sequence that is incomplete at the end of
/// one is put before the next (`codecs.BufferedIncrementalDecoder`), and the positions in the
/// message count from there. What is wrong with a sequence is from `unicode_decode_utf8`.
#[must_use]
pub fn utf8_error(bytes: &[u8]) -> Option<DecodeError> {
    let error = std::str::from_utf8(bytes).err()?;
    let offset = error.valid_up_to();
    let bad = bytes.get(offset..).unwrap_or_default();
    // How many bytes the decoder has to see before it complains; None if it takes the end of file.
    let (len, needed, reason) = match (error.error_len(), bad) {
        (None, _) => (bad.len(), None, "unexpected end of data"),
        // A surrogate cut short is taken for incomplete until the third byte or the end arrives.
        (Some(len), [0xed, 0xa0..=0xbf, rest @ ..]) => {
            let needed = rest.first().map(|_| 3);
            (len, needed, "invalid continuation byte")
        }
        (Some(len), [0xc2..=0xf4, ..]) => (len, Some(len + 1), "invalid continuation byte"),
        (Some(len), _) => (len, Some(len), "invalid start byte"),
    };
    let chunk_start = needed.map_or(bytes.len(), |n| (offset + n - 1) / CHUNK * CHUNK);
    // The start of the sequence which is incomplete at `chunk_start`, or `chunk_start` itself.
    let before = bytes.get(..offset.min(chunk_start)).unwrap_or_default();
    let is_continuation = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let mut decoded = before.len();
    while decoded < offset && is_continuation(decoded) {
        decoded -= 1;
    }
    let ready = bytes.get(..decoded).unwrap_or_default();
    let ready = ready.strip_suffix(b"\r").unwrap_or(ready);
    let lines_end = ready.iter().rposition(|byte| matches!(byte, b'\r' | b'\n'));
    let start = offset - decoded;
    let what = match bad.first() {
        Some(byte) if len == 1 => format!("byte 0x{byte:02x} in position {start}"),
        _ => format!("bytes in position {start}-{}", start + len - 1),
    };
    Some(DecodeError {
        offset,
        len,
        chunk_start,
        lines_end: lines_end.map_or(0, |at| at + 1),
        message: format!("'utf-8' codec can't decode {what}: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_unicode_space_and_the_separators() {
        assert_eq!(strip("\x1c\u{3000} a b\u{85}\x1f"), "a b");
        assert_eq!(lstrip("\u{feff} a"), "\u{feff} a");
        assert_eq!(rstrip("a\u{200b}\u{a0}"), "a\u{200b}");
        assert!(split_whitespace("\x1d a\x1eb \n").eq(["a", "b"]));
    }

    #[test]
    fn repr_chooses_quotes_and_escapes() {
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("'\"\\"), r#"'\'"\\'"#);
        assert_eq!(repr("\t\n\r\0\x7f\u{85}\u{2028}\u{e0001}"), r"'\t\n\r\x00\x7f\x85\u2028\U000e0001'");
        // A combining mark is printable; a character newer than Unicode 14 is not.
        assert_eq!(repr("e\u{301}\u{1fae8}"), "'e\u{301}\\U0001fae8'");
        assert_eq!(repr_cut("abc", 3), "'ab");
        assert_eq!(repr_cut("abc", 5), "'abc'");
    }

    #[test]
    fn a_bad_byte_is_counted_from_its_chunk() {
        assert_eq!(utf8_error("é".as_bytes()), None);
        let mut bytes = vec![b'a'; 15_000];
        bytes.extend(b"\xff");
        let message = "'utf-8' codec can't decode byte 0xff in position 6808: invalid start byte";
        let error = utf8_error(&bytes).map(|e| (e.chunk_start, e.lines_end, e.message));
        assert_eq!(error, Some((8192, 0, message.into())));
        // At the end of the file only the incomplete sequence is left to count from.
        let message = "'utf-8' codec can't decode bytes in position 0-1: unexpected end of data";
        let error = utf8_error(b"a\n\r\xe2\x82").map(|e| (e.offset, e.lines_end, e.message));
        assert_eq!(error, Some((3, 2, message.into())));
    }
}
