//! The lines in which two texts differ, as `diff -u` prints them.

use std::fmt::{self, Write};
use std::os::unix::ffi::OsStrExt as _;

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token, UnifiedDiffConfig, UnifiedDiffPrinter};

use crate::python::filename;

/// The hunks of a unified diff; empty where nothing changes.
#[must_use]
pub fn unified(before: &str, after: &str) -> String {
    let lines = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    diff.unified_diff(&Lines(&lines.interner), UnifiedDiffConfig::default(), &lines).to_string()
}

/// Prints lines as `diff -u` does, for `patch`: a file that is empty begins at line 0, and a last line without its end is marked.
struct Lines<'l>(&'l Interner<&'l str>);

impl Lines<'_> {
    fn line(&self, f: &mut impl Write, sign: char, line: Token) -> fmt::Result {
        let line = self.0[line];
        let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        write!(f, "{sign}{line}{end}")
    }
}

impl UnifiedDiffPrinter for Lines<'_> {
    fn display_header(&self, mut f: impl Write, before: u32, after: u32, removed: u32, added: u32) -> fmt::Result {
        let range = |start: u32, count: u32| match count {
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            _ => format!("{},{count}", start + 1),
        };
        writeln!(f, "@@ -{} +{} @@", range(before, removed), range(after, added))
    }

    fn display_context_token(&self, mut f: impl Write, line: Token) -> fmt::Result {
        self.line(&mut f, ' ', line)
    }

    fn display_hunk(&self, mut f: impl Write, before: &[Token], after: &[Token]) -> fmt::Result {
        before.iter().try_for_each(|line| self.line(&mut f, '-', *line))?;
        after.iter().try_for_each(|line| self.line(&mut f, '+', *line))
    }
}

/// From the bytes of a file to others, as `patch -p0` and `git apply -p0` read it; empty where nothing changes. Bytes that are no
/// text come through.
#[must_use]
pub fn of_file(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    // A character for each byte, so that what is no UTF-8 has lines too.
    let letters = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let hunks = unified(&letters(before), &letters(after));
    if hunks.is_empty() {
        return Vec::new();
    }
    let name = header(filename::encode(path).as_os_str().as_bytes());
    let mut diff = Vec::new();
    for (mark, end) in [("--- ", "\n"), ("+++ ", "\n")] {
        diff.extend_from_slice(mark.as_bytes());
        diff.extend_from_slice(&name);
        diff.extend_from_slice(end.as_bytes());
    }
    diff.extend(hunks.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()));
    diff
}

/// The name of a file in the header of a diff: in quotes as C has them where a letter would end it, followed by a tab where a blank
/// would.
fn header(name: &[u8]) -> Vec<u8> {
    let quoted = |byte: &u8| byte.is_ascii_control() || matches!(byte, b'"' | b'\\');
    let mut header = Vec::with_capacity(name.len() + 2);
    if !name.iter().any(quoted) {
        header.extend_from_slice(name);
        if name.contains(&b' ') {
            header.push(b'\t');
        }
        return header;
    }
    header.push(b'"');
    for byte in name {
        match byte {
            b'"' | b'\\' => header.extend([b'\\', *byte]),
            b'\n' => header.extend(b"\\n"),
            b'\t' => header.extend(b"\\t"),
            b'\r' => header.extend(b"\\r"),
            byte if byte.is_ascii_control() => header.extend(format!("\\{byte:03o}").bytes()),
            byte => header.push(*byte),
        }
    }
    header.push(b'"');
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_where_it_ends() {
        for (name, expected) in
            [("a.conf", "a.conf"), ("a b.conf", "a b.conf\t"), ("a\"\\\n\u{1}b c", "\"a\\\"\\\\\\n\\001b c\"")]
        {
            assert_eq!(header(name.as_bytes()), expected.as_bytes());
        }
        let diff = of_file("a.conf", b"a\r\n\xe9", b"b\r\n\xe9");
        let expected = b"--- a.conf\n+++ a.conf\n@@ -1,2 +1,2 @@\n-a\r\n+b\r\n \xe9\n\\ No newline at end of file\n";
        assert_eq!(diff, expected);
    }

    #[test]
    fn hunks_are_those_of_diff() {
        let many = (1..=20).map(|number| number.to_string()).collect::<Vec<_>>().join("\n") + "\n";
        for (before, after, expected) in [
            ("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"),
            ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
            ("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
            ("a\nb", "c\nb", "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"),
            ("a\n", "a\n", ""),
        ] {
            assert_eq!(unified(before, after), expected);
        }
        let hunks = unified(&many, &many.replace("\n2\n", "\n").replace("19", "x"));
        let expected = "@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -16,5 +15,5 @@\n 16\n 17\n 18\n-19\n+x\n 20\n";
        assert_eq!(hunks, expected);
    }
}
