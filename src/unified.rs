//! The lines in which two texts differ, as `diff -u` prints them.

use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;

use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};

use crate::python::filename;

/// Lines around a change.
const CONTEXT: u32 = 3;

/// The hunks of a unified diff, for `patch`; empty where nothing changes. The library finds the changes; what it prints of one near the
/// beginning (0.2.0) names a line at which it does not begin.
#[must_use]
pub fn unified(before: &str, after: &str) -> String {
    let lines = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    let mut groups: Vec<Vec<Hunk>> = Vec::new();
    for hunk in diff.hunks() {
        let near = |last: &Hunk| hunk.before.start - last.before.end <= 2 * CONTEXT;
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(near) => group.push(hunk),
            _ => groups.push(vec![hunk]),
        }
    }
    groups.iter().map(|group| printed(group, &lines)).collect()
}

/// One group of changes, with the lines around and between them.
fn printed(group: &[Hunk], lines: &InternedInput<&str>) -> String {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return String::new() };
    let all = u32::try_from(lines.before.len()).unwrap_or(u32::MAX);
    let above = first.before.start.min(CONTEXT);
    let below = (all - last.before.end).min(CONTEXT);
    // A range without a line is named by the line above it.
    let range = |start: u32, end: u32| match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    };
    let old = range(first.before.start - above, last.before.end + below);
    let new = range(first.after.start - above, last.after.end + below);
    let mut out = format!("@@ -{old} +{new} @@\n");
    let mut add = |sign: char, tokens: &[Token], range: Range<u32>| {
        for token in tokens.get(range.start as usize..range.end as usize).unwrap_or_default() {
            let line = lines.interner[*token];
            out.push(sign);
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    };
    let mut at = first.before.start - above;
    for Hunk { before, after } in group {
        add(' ', &lines.before, at..before.start);
        add('-', &lines.before, before.clone());
        add('+', &lines.after, after.clone());
        at = before.end;
    }
    add(' ', &lines.before, at..at + below);
    out
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
    let ends = [name.first(), name.last()].contains(&Some(&b' '));
    if !ends && !name.iter().any(quoted) {
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
        // Whatever line changes first, the hunk begins where it says.
        for line in 1..=12_usize {
            let changed = many.replacen(&format!("{line}\n"), "x\n", 1);
            let hunks = unified(&many, &changed);
            let start = line.saturating_sub(3).max(1);
            let first = format!("\n {start}\n");
            assert!(hunks.starts_with(&format!("@@ -{start},")), "{line}: {hunks}");
            assert!(line == 1 || hunks.contains(&first), "{line}: {hunks}");
        }
        let hunks = unified(&many, &many.replace("\n2\n", "\n").replace("19", "x"));
        let expected = "@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -16,5 +15,5 @@\n 16\n 17\n 18\n-19\n+x\n 20\n";
        assert_eq!(hunks, expected);
    }
}
