//! The patterns of `per-path-ignores`: files below the directory of the settings.
//!
//! With a `/` a pattern is anchored there, without one it is held against the name of a file at any depth. `*` and `?` do not cross
//! a `/`, `**` does; `dir/` means all that is below.

use std::fs;
use std::path::Path;

use gix_ignore::glob::wildmatch;
use gix_ignore::glob::wildmatch::Mode;

use crate::python::filename;

/// So many entries of directories are looked at before it is given up to say that nothing matches.
const MOST: usize = 10_000;

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub written: String,
    /// What paths are held against.
    matched: String,
    /// Whether it is held against names only.
    name: bool,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it can match nothing by its form, with the reason.
    pub fn of(written: &str) -> Result<Self, &'static str> {
        let pattern = written.trim_start_matches("./");
        if pattern.is_empty() {
            return Err("an empty pattern matches nothing");
        }
        if !is_closed(pattern) {
            return Err("'[' has no ']'");
        }
        let name = !pattern.contains('/');
        // An empty part of a path is none.
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        let end = if pattern.ends_with('/') { "/" } else { "" };
        let anchored = parts.join("/") + end;
        let matched = match anchored.strip_suffix('/') {
            Some(directory) => format!("{directory}/**"),
            None => anchored,
        };
        Ok(Self { written: written.to_owned(), matched, name })
    }

    /// Whether a path matches that is relative to the directory of the settings.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        if self.leads_out() {
            return false;
        }
        let held = if self.name { path.rsplit('/').next().unwrap_or(path) } else { path };
        wildmatch(self.matched.as_bytes().into(), held.as_bytes().into(), Mode::NO_MATCH_SLASH_LITERAL)
    }

    fn leads_out(&self) -> bool {
        self.matched.split('/').any(|part| part == "..")
    }

    /// Whether no file below a directory matches. Hidden folders are left out, unless the pattern begins in one; where there are very
    /// many files nobody knows.
    pub(super) fn matches_nothing(&self, directory: &str) -> bool {
        if self.leads_out() {
            return true;
        }
        let letters = self.matched.find(['*', '?', '[', '\\']).unwrap_or(self.matched.len());
        let fixed = self.matched.get(..letters).unwrap_or_default();
        let folder = if self.name { "" } else { fixed.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let mut waiting = vec![folder.to_owned()];
        let mut looked = 0;
        while let Some(below) = waiting.pop() {
            let path = Path::new(directory).join(&*filename::encode(&below));
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                looked += 1;
                if looked > MOST {
                    return false;
                }
                let name = filename::decode(&entry.file_name()).into_owned();
                let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
                // A link to a directory may lead anywhere, also to itself.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    if !name.starts_with('.') {
                        waiting.push(path);
                    }
                } else if self.matches(&path) {
                    return false;
                }
            }
        }
        true
    }
}

/// Whether each `[` has its `]`.
fn is_closed(pattern: &str) -> bool {
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '[' => {
                letters.next_if(|letter| matches!(letter, '!' | '^'));
                // One that comes first is a letter of the set.
                letters.next_if_eq(&']');
                loop {
                    match letters.next() {
                        None => return false,
                        Some('\\') => drop(letters.next()),
                        Some(']') => break,
                        Some(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_they_say() {
        for (pattern, path, matches) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "x/y/a.conf", true),
            ("conf.d/*.conf", "conf.d/a.conf", true),
            ("conf.d/*.conf", "x/conf.d/a.conf", false),
            ("conf.d/*.conf", "conf.d/x/a.conf", false),
            ("./conf.d/*.conf", "conf.d/a.conf", true),
            ("/conf.d/a.conf", "conf.d/a.conf", true),
            ("conf.d/**", "conf.d/x/a.conf", true),
            ("conf.d/", "conf.d/x/a.conf", true),
            ("conf.d/", "conf.d", false),
            ("**/a.conf", "a.conf", true),
            ("**/a.conf", "x/y/a.conf", true),
            ("a?.conf", "ab.conf", true),
            ("[ab].conf", "b.conf", true),
            ("[!ab].conf", "b.conf", false),
            ("conf.d//a.conf", "conf.d/a.conf", true),
            ("../a.conf", "a.conf", false),
            ("x/../a.conf", "a.conf", false),
        ] {
            let read = Pattern::of(pattern);
            assert_eq!(read.map(|read| read.matches(path)), Ok(matches), "{pattern} {path}");
        }
        assert!(["", "./", "[", "a[!]", "[]", "[a\\]"].iter().all(|pattern| Pattern::of(pattern).is_err()));
        assert!(["[]]", "\\[", "a[b]"].iter().all(|pattern| Pattern::of(pattern).is_ok()));
    }

    #[test]
    fn what_matches_no_file_is_known() {
        let directory = env!("CARGO_MANIFEST_DIR");
        for (pattern, nothing) in [
            ("src/settings/*.rs", false),
            ("pattern.rs", false),
            ("src/nothing/*.rs", true),
            ("../*", true),
            ("src/", false),
        ] {
            let read = Pattern::of(pattern).map(|read| read.matches_nothing(directory));
            assert_eq!(read, Ok(nothing), "{pattern}");
        }
    }
}
