//! How a directory differs from a plan, as `diff -u` shows it.

use std::fmt::{self, Write};

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token, UnifiedDiffConfig, UnifiedDiffPrinter};

use super::{Compared, FileState, Old, Seen, owned, we};
use crate::secrets::Secrets;

/// From what is there to what the plan has, as `diff -u` prints it; empty where nothing changes. `hidden`: the
/// secrets that are not shown; `prune`: whether what is stale would be removed.
#[must_use]
pub fn diff(seen: &Seen<'_>, hidden: Option<&Secrets<'_>>, prune: bool) -> String {
    let mut out = String::new();
    for compared in seen.files.iter().filter(|compared| compared.state != FileState::Unchanged) {
        let text = one(compared, hidden.is_none());
        // A unit of before may hold what is in a file of its own now.
        let text = hidden.map_or_else(|| text.as_str().into(), |secrets| secrets.mask(&text));
        // What stands on the disk must not drive the terminal.
        out.extend(text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }));
    }
    for stale in seen.stale.iter().filter(|_| prune) {
        out.extend([&stale.path.display().to_string(), " is removed\n"]);
    }
    out
}

fn one(Compared { file, state: _, path, old }: &Compared<'_>, show_secrets: bool) -> String {
    let name = path.display().to_string();
    let (before, after) = (old.as_ref().map(|old| old.text.as_deref()), file.text.to_string());
    let mut out = if before != Some(Some(after.as_bytes())) && file.secret && !show_secrets {
        format!("secrets of {name} change (--show-secrets shows how)\n")
    } else if before == Some(None) {
        format!("{name} becomes another file (what is there is too large to be shown, or must not be read)\n")
    } else {
        let from = if old.is_some() { name.as_str() } else { "/dev/null" };
        let before = String::from_utf8_lossy(before.flatten().unwrap_or_default());
        let hunks = unified(&before, &after);
        if hunks.is_empty() { hunks } else { format!("--- {from}\n+++ {name}\n{hunks}") }
    };
    let Some(Old { mode, owner, .. }) = old else { return out };
    if *mode != file.mode {
        out.extend(["mode of ", &name, &format!(" becomes {:04o}\n", file.mode)]);
    }
    if !owned(*owner) {
        out.extend(["owner of ", &name, &format!(" becomes {}, it is {owner}\n", we())]);
    }
    out
}

/// The hunks of a unified diff.
fn unified(before: &str, after: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
