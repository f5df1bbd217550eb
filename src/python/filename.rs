//! File names as Python has them, `os.fsdecode` and `os.fsencode`: text, also where their bytes are not UTF-8.
//!
//! Python keeps such a byte as a lone surrogate (`surrogateescape`), U+DC80 to U+DCFF. A str has no surrogates, so here it is one
//! of U+10F780 to U+10F7FF, which Unicode gives to nobody; a name that has one of these itself is kept byte by byte, so that
//! each name has one text and each text leads back to its name. A configuration that has one of them is not told from a name.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// What is added to a byte that stands for itself.
const ESCAPES: u32 = 0x10_f700;

/// The byte that a character stands for, if it is one of those that stand for bytes.
#[must_use]
pub fn byte(c: char) -> Option<u8> {
    u32::from(c).checked_sub(ESCAPES).and_then(|byte| u8::try_from(byte).ok()).filter(|byte| *byte >= 0x80)
}

/// Whether a text has bytes that are not UTF-8.
#[must_use]
pub fn has_bytes(text: &str) -> bool {
    // All of these characters begin so.
    text.as_bytes().contains(&0xf4) && text.chars().any(|c| byte(c).is_some())
}

/// `os.fsdecode(name)`.
#[must_use]
pub fn decode(name: &OsStr) -> Cow<'_, str> {
    if let Some(text) = name.to_str().filter(|text| !has_bytes(text)) {
        return text.into();
    }
    let mut text = String::with_capacity(name.len() * 2);
    let stand = |bytes: &[u8], text: &mut String| {
        text.extend(bytes.iter().filter_map(|byte| char::from_u32(ESCAPES + u32::from(*byte))));
    };
    for chunk in name.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match byte(c) {
                None => text.push(c),
                Some(_) => stand(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut text),
            }
        }
        stand(chunk.invalid(), &mut text);
    }
    text.into()
}

/// `os.fsencode(text)`: the name that opens.
#[must_use]
pub fn encode(text: &str) -> Cow<'_, Path> {
    if !has_bytes(text) {
        return Path::new(text).into();
    }
    let mut name = Vec::with_capacity(text.len());
    for c in text.chars() {
        match byte(c) {
            Some(byte) => name.push(byte),
            None => name.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Cow::Owned(OsString::from_vec(name).into())
}

/// The characters of a text as Python orders them: a surrogate, which stands for a byte, comes before U+E000.
pub fn sorted(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.chars().map(|c| byte(c).map_or(u32::from(c), |byte| 0xdc00 + u32::from(byte)))
}

/// `repr()` of a name, which has the surrogates: `'caf\\udce9.conf'`.
#[must_use]
pub fn repr(text: &str) -> String {
    let repr = super::repr(text);
    if !has_bytes(text) {
        return repr;
    }
    let bytes = text.chars().filter_map(byte).collect::<std::collections::BTreeSet<u8>>();
    let own = |byte: u8| format!("\\U{:08x}", ESCAPES + u32::from(byte));
    bytes.into_iter().fold(repr, |repr, byte| repr.replace(&own(byte), &format!("\\udc{byte:02x}")))
}

/// The bytes of a name in ASCII, as in a URL, `a%FF.conf`; `None` of a name that is UTF-8, which needs none of this.
#[must_use]
pub fn percent_encoded(text: &str) -> Option<String> {
    has_bytes(text).then(|| {
        let mut encoded = String::with_capacity(text.len());
        for byte in encode(text).as_os_str().as_bytes() {
            if byte.is_ascii_graphic() && *byte != b'%' {
                encoded.push(char::from(*byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_a_text_that_leads_back_to_it() {
        let names: [&[u8]; 9] = [
            b"",
            b"a",
            "é\u{10ffff}\u{10f77f}".as_bytes(),
            "\u{10f780}".as_bytes(),
            b"\xff",
            b"\x80a\xc3",
            b"\xc3\xa9\xe2\x80",
            b"\xed\xb3\xbf",
            b"\xf4\x8f\x9e",
        ];
        for name in names {
            let text = decode(OsStr::from_bytes(name));
            assert_eq!(encode(&text).as_os_str().as_bytes(), name, "{text:?}");
        }
        assert_eq!(decode(OsStr::from_bytes(b"a\xff")).chars().map(byte).collect::<Vec<_>>(), [None, Some(0xff)]);
        assert_eq!(percent_encoded(&decode(OsStr::from_bytes(b"/a b%\xff"))), Some("/a%20b%25%FF".to_owned()));
        assert_eq!(percent_encoded("/é"), None);
        assert_eq!(repr(&decode(OsStr::from_bytes(b"a\xff\xc3'"))), r#""a\udcff\udcc3'""#);
        assert_eq!(repr("é"), "'é'");
    }
}
