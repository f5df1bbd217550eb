//! What Python does with paths: `posixpath`, without a look at the disk.

use std::borrow::Cow;

/// `posixpath.join(a, b)`.
#[must_use]
pub fn join(a: &str, b: &str) -> String {
    if b.starts_with('/') || a.is_empty() {
        b.to_owned()
    } else if a.ends_with('/') {
        format!("{a}{b}")
    } else {
        format!("{a}/{b}")
    }
}

/// `posixpath.split(path)`: the directory and the last name of a path.
#[must_use]
pub fn split(path: &str) -> (&str, &str) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let head = path.strip_suffix(name).unwrap_or_default();
    match head.trim_end_matches('/') {
        // Nothing but slashes stays as it is.
        "" => (head, name),
        directory => (directory, name),
    }
}

/// `posixpath.dirname(path)`.
#[must_use]
pub fn dirname(path: &str) -> &str {
    split(path).0
}

/// `posixpath.basename(path)`.
#[must_use]
pub fn basename(path: &str) -> &str {
    split(path).1
}

/// `posixpath.normpath(path)`: two leading slashes are kept, as POSIX gives them a meaning of
/// their own, three or more are one.
#[must_use]
pub fn normpath(path: &str) -> String {
    let tail = path.trim_start_matches('/');
    let root = match path.len() - tail.len() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut names: Vec<&str> = Vec::new();
    for name in tail.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|&last| last != "..") => {
                names.pop();
            }
            // There is nothing above the root.
            ".." if !root.is_empty() => {}
            _ => names.push(name),
        }
    }
    let path = format!("{root}{}", names.join("/"));
    if path.is_empty() { ".".into() } else { path }
}

/// `posixpath.abspath(path)` of a process whose working directory is `cwd`.
#[must_use]
pub fn abspath(path: &str, cwd: &str) -> String {
    normpath(&join(cwd, path))
}

/// A path after [`expanduser`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expanded<'a> {
    /// The path to use.
    Path(Cow<'a, str>),
    /// Only the account database of the machine could tell.
    Unknown,
}

/// `posixpath.expanduser(path)`, with the value of the variable `HOME` if there is one.
#[must_use]
pub fn expanduser<'a>(path: &'a str, home: Option<&str>) -> Expanded<'a> {
    let Some(rest) = path.strip_prefix('~') else {
        return Expanded::Path(path.into());
    };
    match home {
        Some(home) if rest.is_empty() || rest.starts_with('/') => {
            let path = format!("{}{rest}", home.trim_end_matches('/'));
            Expanded::Path(if path.is_empty() { "/".into() } else { path.into() })
        }
        _ => Expanded::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_posixpath() {
        assert_eq!([join("", "b"), join("a/", "b"), join("a", "/b"), join("a", "")], ["b", "a/b", "/b", "a/"]);
        assert_eq!([dirname("//a"), dirname("a//b"), dirname("a"), basename("a/")], ["//", "a", "", ""]);
        for (path, want) in
            [("", "."), ("//a", "//a"), ("///a", "/a"), ("/../a", "/a"), ("../../a/..", "../.."), ("//..", "//")]
        {
            assert_eq!(normpath(path), want);
        }
        assert_eq!(abspath("../x", "/a/b"), "/a/x");
    }

    #[test]
    fn the_home_directory_comes_from_home_only() {
        let path = |text: &'static str| Expanded::Path(text.into());
        assert_eq!(expanduser("~/x", Some("/h/")), path("/h/x"));
        assert_eq!(expanduser("~", Some("/")), path("/"));
        assert_eq!(expanduser("~", Some("")), path("/"));
        assert_eq!(expanduser("a~", None), path("a~"));
        assert_eq!(expanduser("~/x", None), Expanded::Unknown);
        assert_eq!(expanduser("~root", Some("/h")), Expanded::Unknown);
    }
}
