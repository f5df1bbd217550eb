//! What the formats of code hosts have in common: names of files below the current directory, texts in which nothing is hidden, and
//! fingerprints that outlive the insertion of a line.

use std::borrow::Cow;
use std::env;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use super::finding::Finding;
use crate::hash::HashMap;
use crate::python::{self, filename};
use crate::visible::{is_plain, is_unseen};

/// The directory of the run; empty where it is gone.
pub(super) fn current_directory() -> String {
    env::current_dir().map_or_else(|_| String::new(), |directory| filename::decode(directory.as_os_str()).into_owned())
}

/// The name of a file as code hosts map it: below the directory of the run without that, else absolute.
pub(super) fn named<'p>(path: &'p str, cwd: &str) -> Cow<'p, str> {
    // Standard input has no other name.
    if path == "-" {
        return path.into();
    }
    // `..` behind a link leads elsewhere than it seems.
    let up = path.split('/').any(|part| part == "..");
    let directory = python::join(cwd, python::dirname(path));
    let real = up.then(|| filename::encode(&directory).canonicalize().ok()).flatten();
    let real = real.map(|directory| filename::decode(directory.as_os_str()).into_owned());
    let path: Cow<'p, str> = match &real {
        Some(directory) => python::join(directory, python::basename(path)).into_owned().into(),
        None => path.into(),
    };
    let absolute: Cow<'p, str> = python::abspath(&path, cwd).into_owned().into();
    let below = if cwd == "/" { absolute.strip_prefix('/') } else { absolute.strip_prefix(cwd) };
    let below = below.map(|below| below.strip_prefix('/').unwrap_or(below));
    match below.filter(|below| !below.is_empty() && absolute.len() - below.len() == cwd.len() + usize::from(cwd != "/"))
    {
        Some(below) => below.to_owned().into(),
        None => absolute,
    }
}

/// A text in which what steers a screen, or what XML forbids, is seen: `\u{1b}`. Line ends and tabs stay.
pub(super) fn seen(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| !matches!(c, '\n' | '\t') && (is_unseen(c) || matches!(c, '\u{fffe}' | '\u{ffff}'));
    if is_plain(text) || !text.contains(hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            // A byte of a name that is not UTF-8.
            _ if filename::byte(c).is_some() => shown.push(char::REPLACEMENT_CHARACTER),
            _ if hidden(c) => {
                // Writing to a String cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            _ => shown.push(c),
        }
    }
    shown.into()
}

/// A name of a file as a reference (RFC 3986): all but what needs no quotes is `%XX`, so that no colon makes a scheme of it.
pub(super) fn uri(name: &str) -> String {
    let scheme = if name.starts_with('/') { "file://" } else { "" };
    let mut uri = String::with_capacity(scheme.len() + name.len());
    uri.push_str(scheme);
    for byte in filename::encode(name).as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/*".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// Makes the fingerprints of a report: of the file, the rule, the section, the option, and how many like it come before. No line
/// and no message is in them, so that an inserted line changes none.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(HashMap<u64, u64>);

impl Fingerprints {
    /// Of the next finding, whose file has this name.
    pub(super) fn next(&mut self, finding: &Finding, name: &str) -> String {
        let section = finding.section.as_deref();
        let option = finding.option.as_deref();
        let mut hash = BASIS;
        for part in [Some(name), Some(finding.rule.code), section, option] {
            // What is absent is not what is empty.
            hash = hashed(hash, part.map_or(&[1][..], str::as_bytes));
            hash = hashed(hash, &[0]);
        }
        let before = self.0.entry(hash).or_default();
        let fingerprint = hashed(hash, &before.to_le_bytes());
        *before += 1;
        format!("{fingerprint:016x}")
    }
}

/// FNV-1a of 64 bits (draft-eastlake-fnv): reports of other versions and other machines have the same. std's hashes promise that not.
fn hashed(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_below_the_directory_is_named_from_there() {
        for (path, cwd, name) in [
            ("a.conf", "/srv", "a.conf"),
            ("./b/../a.conf", "/srv", "a.conf"),
            ("/srv/a.conf", "/srv", "a.conf"),
            ("/srv2/a.conf", "/srv", "/srv2/a.conf"),
            ("../a.conf", "/srv/x", "/srv/a.conf"),
            ("/a.conf", "/", "a.conf"),
            ("-", "/srv", "-"),
            ("/srv", "/srv", "/srv"),
        ] {
            assert_eq!(named(path, cwd), name, "{path} in {cwd}");
        }
    }

    #[test]
    fn a_reference_has_no_scheme_of_its_own() {
        for (name, reference) in
            [("a b/c:d%.conf", "a%20b/c%3Ad%25.conf"), ("/srv/ä?.conf", "file:///srv/%C3%A4%3F.conf"), ("-", "-")]
        {
            assert_eq!(uri(name), reference);
        }
    }

    #[test]
    fn nothing_is_hidden() {
        assert_eq!(seen("a\u{1b}[1m\r\n\t\u{202e}\u{ffff}é"), "a\\u{1b}[1m\\u{d}\n\t\\u{202e}\\u{ffff}é");
    }

    /// The numbers of the draft's own table.
    #[test]
    fn the_hash_is_that_of_the_draft() {
        assert_eq!(hashed(BASIS, b""), BASIS);
        assert_eq!(hashed(BASIS, b"foobar"), 0x8594_4171_f739_67e8);
    }
}
