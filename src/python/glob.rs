//! Python's `glob.glob()`, which finds the files of an `[include]` section.

use std::{fmt, fs, slice, str};

use crate::python::{filename, join, split};

/// What [`glob`] asks of a file system. The paths are those of the pattern, and may be relative.
pub trait Files {
    /// The names in a directory, without `.` and `..`, each with whether it is a directory or a
    /// link to one. The empty path is the working directory. None if it cannot be read.
    fn list(&self, dir: &str) -> Option<Vec<(String, bool)>>;
    /// Whether there is anything at this path, even a link that leads nowhere.
    fn exists(&self, path: &str) -> bool;
    /// Whether there is a directory at this path, or a link to one.
    fn is_dir(&self, path: &str) -> bool;
}

/// The file system, with relative paths from the working directory of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn list(&self, dir: &str) -> Option<Vec<(String, bool)>> {
        let dir = if dir.is_empty() { "." } else { dir };
        let entries = fs::read_dir(filename::encode(dir)).ok()?.filter_map(|entry| {
            let entry = entry.ok()?;
            let name = filename::decode(&entry.file_name()).into_owned();
            let kind = entry.file_type().ok();
            let is_dir = match kind {
                Some(kind) if !kind.is_symlink() => kind.is_dir(),
                _ => entry.path().is_dir(),
            };
            Some((name, is_dir))
        });
        Some(entries.collect())
    }

    fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(filename::encode(path)).is_ok()
    }

    fn is_dir(&self, path: &str) -> bool {
        fs::metadata(filename::encode(path)).is_ok_and(|metadata| metadata.is_dir())
    }
}

/// The one error that `glob.glob()` lets out: a directory to be listed has a NUL in its name. One
/// in a name that is only looked up or compared finds nothing, which is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobError;

impl fmt::Display for GlobError {
    /// The text of the `ValueError` of `os.scandir`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("embedded null byte")
    }
}

impl std::error::Error for GlobError {}

/// `sorted(glob.glob(pattern))`: the paths that match, written as the pattern has them.
///
/// # Errors
/// Where Python raises `ValueError`.
pub fn glob(pattern: &str, files: &dyn Files) -> Result<Vec<String>, GlobError> {
    let (mut head, last) = split(pattern);
    let Some(magic) = pattern.find(MAGIC) else {
        let found = if last.is_empty() { files.is_dir(head) } else { files.exists(pattern) };
        return Ok(if found { vec![pattern.to_owned()] } else { Vec::new() });
    };
    // From the right, the names that come after a directory without magic; Python's _iglob calls
    // itself for each.
    let mut names = vec![last];
    while head.len() > magic {
        let (directory, name) = split(head);
        names.push(name);
        head = directory;
    }
    let mut paths = vec![head.to_owned()];
    while let Some(name) = names.pop() {
        let directories_only = !names.is_empty();
        paths = if name.contains(MAGIC) {
            matching(&paths, name, directories_only, files)?
        } else {
            let found = |directory: &String| {
                let path = join(directory, name);
                let there = if name.is_empty() { files.is_dir(directory) } else { files.exists(&path) };
                there.then(|| path.into_owned())
            };
            paths.iter().filter_map(found).collect()
        };
    }
    if paths.iter().any(|path| filename::has_bytes(path)) {
        paths.sort_by(|one, other| filename::sorted(one).cmp(filename::sorted(other)));
    } else {
        paths.sort();
    }
    Ok(paths)
}

/// Whether a pattern fits a path, part by part, whether the path exists or not.
#[must_use]
pub fn fits(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut names) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), names.next()) {
            (None, None) => return true,
            (Some(pattern), Some(name)) if matches(&compile(pattern), name) => {}
            _ => return false,
        }
    }
}

/// The characters that make a name a pattern (`glob.magic_check`).
const MAGIC: [char; 3] = ['*', '?', '['];

/// What matches a pattern in these directories (`glob._glob1`).
fn matching(
    directories: &[String],
    pattern: &str,
    directories_only: bool,
    files: &dyn Files,
) -> Result<Vec<String>, GlobError> {
    let hidden = pattern.starts_with('.');
    let pieces = compile(pattern);
    let mut paths = Vec::new();
    for directory in directories {
        if directory.contains('\0') {
            return Err(GlobError);
        }
        for (name, is_dir) in files.list(directory).unwrap_or_default() {
            let wanted = (is_dir || !directories_only) && (hidden || !name.starts_with('.'));
            if wanted && matches(&pieces, &name) {
                paths.push(join(directory, &name).into_owned());
            }
        }
    }
    Ok(paths)
}

/// A part of a pattern.
#[derive(Debug, PartialEq)]
enum Piece {
    /// Any number of characters.
    Star,
    /// One character.
    Any,
    /// This character.
    Char(char),
    /// One character that is, or with `negated` is not, among these characters and ranges.
    Set { negated: bool, items: Vec<Interval> },
}

/// A character of a set, or with a second one the range of all between them.
type Interval = (char, Option<char>);

impl Piece {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => true,
            Self::Char(own) => *own == c,
            Self::Set { negated, items } => {
                let holds = |&(low, high): &Interval| (low..=high.unwrap_or(low)).contains(&c);
                items.iter().any(holds) != *negated
            }
        }
    }
}

/// A pattern in parts (`fnmatch.translate`, the same in Python 3.10 to 3.12).
fn compile(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern.chars();
    // Once a bracket has no end, none after it has one: do not look for it again and again.
    let mut closed = true;
    while let Some(c) = rest.next() {
        let piece = match c {
            '*' if pieces.last() == Some(&Piece::Star) => continue,
            '*' => Piece::Star,
            '?' => Piece::Any,
            '[' if closed => {
                if let Some((inside, after)) = split_set(rest.as_str()) {
                    rest = after.chars();
                    set(inside)
                } else {
                    closed = false;
                    Piece::Char(c)
                }
            }
            _ => Piece::Char(c),
        };
        pieces.push(piece);
    }
    pieces
}

/// What is in a set and what comes after it, from the text after its opening bracket. A closing
/// bracket that comes first, or after the `!`, belongs to the set.
fn split_set(text: &str) -> Option<(&str, &str)> {
    let body = text.strip_prefix('!').unwrap_or(text);
    let body = body.strip_prefix(']').unwrap_or(body);
    let (_, after) = body.split_once(']')?;
    Some((text.strip_suffix(after)?.strip_suffix(']')?, after))
}

/// A set from the text between its brackets.
fn set(inside: &str) -> Piece {
    let mut items: Vec<Interval> = Vec::new();
    let mut chars = inside.chars().enumerate();
    // Where the next hyphen that makes a range may be: there must be a character before it that
    // is neither the `!` nor the end of another range.
    let mut hyphen = if inside.starts_with('!') { 2 } else { 1 };
    while let Some((at, c)) = chars.next() {
        if c != '-' || at < hyphen {
            items.push((c, None));
            continue;
        }
        hyphen = at + 3;
        match (items.pop(), chars.next()) {
            (Some((low, _)), Some((_, high))) if low <= high => items.push((low, Some(high))),
            (Some(low), None) => items.extend([low, ('-', None)]),
            // A range in reverse is left out with both its ends.
            _ => {}
        }
    }
    // Python looks for the `!` after ranges were left out, so one that only then comes first
    // counts as well, and if it began a range, the rest of that is two characters.
    let first = items.first().copied();
    let negated = first.is_some_and(|(low, _)| low == '!');
    if let (true, Some((_, high))) = (negated, first) {
        items.remove(0);
        items.extend(high.into_iter().flat_map(|high| [('-', None), (high, None)]));
    }
    Piece::Set { negated, items }
}

/// Whether a name matches. After a mismatch only the last star takes one more character, since
/// what the stars before it took can stay: this is never exponential.
fn matches(pieces: &[Piece], name: &str) -> bool {
    let (mut pieces, mut rest) = (pieces.iter(), name.chars());
    let mut retry: Option<(slice::Iter<Piece>, str::Chars)> = None;
    loop {
        let mut ahead = rest.clone();
        match (pieces.next(), ahead.next()) {
            (Some(Piece::Star), _) => {
                retry = Some((pieces.clone(), rest.clone()));
                continue;
            }
            (Some(piece), Some(c)) if piece.accepts(c) => {
                rest = ahead;
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after_star, text)) = &mut retry else {
            return false;
        };
        if text.next().is_none() {
            return false;
        }
        (pieces, rest) = (after_star.clone(), text.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str, names: &[&str]) -> String {
        let pieces = compile(pattern);
        names.iter().filter(|name| matches(&pieces, name)).copied().collect()
    }

    #[test]
    fn sets_are_read_as_fnmatch_does() {
        let names = ["a", "b", "c", "d", "e", "-", "/", ".", "!", "]", "^", "\\", "x"];
        for (pattern, want) in [
            ("[]a]", "a]"),
            ("[!]a]", "bcde-/.!^\\x"),
            ("[a-]", "a-"),
            ("[--/]", "-/."),
            ("[a-c-e]", "abce-"),
            ("[b-a]", ""),
            ("[b-ac]", "c"),
            ("[^a]", "a^"),
            ("\\", "\\"),
            ("[a\\]", "a\\"),
            ("[!b-a]", "abcde-/.!]^\\x"),
            ("[b-a!x]", "abcde-/.!]^\\"),
            ("[b-a!-c]", "abde/.!]^\\x"),
            ("[!", ""),
            ("[]", ""),
            ("?", &names.concat()),
        ] {
            assert_eq!(all(pattern, &names), want, "{pattern}");
        }
    }

    #[test]
    fn stars_do_not_explode() {
        assert_eq!(all("a*b*c", &["abc", "axbxbxc", "abcd", "ac"]), "abcaxbxbxc");
        assert_eq!(all("**[", &["[", "x[", "[x"]), "[x[");
        assert_eq!(all(&"*a".repeat(2000), &[&"a".repeat(1999)]), "");
        assert_eq!(compile(&"[".repeat(100_000)).len(), 100_000);
    }

    struct Tree;

    impl Files for Tree {
        fn list(&self, dir: &str) -> Option<Vec<(String, bool)>> {
            let name = |name: &str, is_dir| (name.to_owned(), is_dir);
            match dir.trim_end_matches('/') {
                "" => Some(vec![name("d", true), name(".h", true), name("f", false)]),
                "d" | ".h" => Some(vec![name("z.conf", false), name("A.conf", false), name(".c", false)]),
                _ => None,
            }
        }
        fn exists(&self, path: &str) -> bool {
            ["d", "f", "d/z.conf", ".h/z.conf"].contains(&path)
        }
        fn is_dir(&self, path: &str) -> bool {
            path == "d"
        }
    }

    #[test]
    fn paths_are_written_as_the_pattern_has_them() {
        for (pattern, want) in [
            ("", ""),
            ("d/", "d/"),
            ("f/", ""),
            ("*/", "d/"),
            ("*", "d f"),
            ("**", "d f"),
            ("*/*", "d/A.conf d/z.conf"),
            (".*/*f", ".h/A.conf .h/z.conf"),
            ("//[d]", "//d"),
            ("d//*", "d/A.conf d/z.conf"),
            ("?/z.conf", "d/z.conf"),
            ("d/.*", "d/.c"),
            ("x\0", ""),
            ("*/x\0/*", ""),
        ] {
            assert_eq!(glob(pattern, &Tree).map(|paths| paths.join(" ")), Ok(want.into()), "{pattern}");
        }
        assert_eq!(glob("d\0/*", &Tree), Err(GlobError));
        assert_eq!(glob(&"*/".repeat(200_000), &Tree), Ok(vec![]));
    }
}
