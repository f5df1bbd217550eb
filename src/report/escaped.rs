//! How documents are written: as JSON on one line, in which nothing steers the screen that shows it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::python::filename;
use crate::visible::{is_plain, is_unseen};

/// Writes a document and a line end. What a reader of JSON gets is what it would get without the escapes, but for bytes of file
/// names that are not UTF-8, which JSON cannot say.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    part(document, out)?;
    writeln!(out)
}

/// Writes a part of a document, without a line end.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn part(document: &impl Serialize, mut out: &mut dyn Write) -> io::Result<()> {
    document.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Escaping))?;
    Ok(())
}

/// The compact form, with what is not seen as `\uXXXX`.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.write_all(before.as_bytes())?;
            let c = if filename::byte(c).is_some() { char::REPLACEMENT_CHARACTER } else { c };
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or("");
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_read_again() {
        let text = "a\u{7f}\u{9b}\u{202e}é\u{2028}\n\"\\\u{e0041}🙂";
        let mut out = Vec::new();
        assert!(write(&text, &mut out).is_ok());
        let json = String::from_utf8(out).unwrap_or_default();
        assert_eq!(json, "\"a\\u007f\\u009b\\u202eé\\u2028\\n\\\"\\\\\\udb40\\udc41🙂\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(text));
    }
}
