//! What Python does with paths: `posixpath`, without a look at the disk.

use std::borrow::Cow;

use crate::bytes;

/// `posixpath.join(a, b)`.
#[must_use]
pub fn join<'b>(a: &str, b: &'b str) -> Cow<'b, str> {
    if b.starts_with('/') || a.is_empty() {
        b.into()
    } else {
        let slash = if a.ends_with('/') { "" } else { "/" };
        [a, slash, b].concat().into()
    }
}

/// `posixpath.split(path)`: the directory and the last name of a path.
#[must_use]
pub fn split(path: &str) -> (&str, &str) {
    let (head, name) =
        bytes::memrchr(b'/', path.as_bytes()).and_then(|slash| path.split_at_checked(slash + 1)).unwrap_or(("", path));
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
pub fn normpath(path: &str) -> Cow<'_, str> {
    if is_normal(path) {
        return path.into();
    }
    let tail = path.trim_start_matches('/');
    let root = match path.len() - tail.len() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut names: Vec<&str> = Vec::with_capacity(16);
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
    let path = [root, &names.join("/")].concat();
    if path.is_empty() { ".".into() } else { path.into() }
}

/// Whether [`normpath`] certainly leaves the path as it is.
fn is_normal(path: &str) -> bool {
    // Whether the first name of the rest of a path is one that goes.
    let goes = |rest: &[u8]| match rest {
        [] | [b'/', ..] => true,
        [b'.', after @ ..] => matches!(after, [] | [b'/', ..] | [b'.'] | [b'.', b'/', ..]),
        _ => false,
    };
    let root = usize::from(path.starts_with('/'));
    let tail = path.as_bytes().get(root..).unwrap_or_default();
    !goes(tail) && bytes::memchr_iter(b'/', tail).all(|slash| !goes(tail.get(slash + 1..).unwrap_or_default()))
}

/// `posixpath.abspath(path)` of a process whose working directory is `cwd`.
#[must_use]
pub fn abspath<'p>(path: &'p str, cwd: &str) -> Cow<'p, str> {
    match join(cwd, path) {
        Cow::Borrowed(path) => normpath(path),
        Cow::Owned(path) => {
            let changed = match normpath(&path) {
                Cow::Borrowed(_) => None,
                Cow::Owned(normal) => Some(normal),
            };
            changed.unwrap_or(path).into()
        }
    }
}

/// `posixpath.relpath(path, start)` of two absolute, normal paths.
#[must_use]
pub fn relpath(path: &str, start: &str) -> String {
    let mut path = path.split('/').filter(|name| !name.is_empty()).peekable();
    let mut start = start.split('/').filter(|name| !name.is_empty()).peekable();
    while path.peek().is_some() && path.peek() == start.peek() {
        path.next();
        start.next();
    }
    let parts: Vec<&str> = start.map(|_| "..").chain(path).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// `posixpath.expanduser(path)`, with the value of the variable `HOME` if there is one. None where only the account
/// database of the machine could tell.
#[must_use]
pub fn expanduser<'p>(path: &'p str, home: Option<&str>) -> Option<Cow<'p, str>> {
    let Some(rest) = path.strip_prefix('~') else {
        return Some(path.into());
    };
    let home = home.filter(|_| rest.is_empty() || rest.starts_with('/'))?;
    let path = [home.trim_end_matches('/'), rest].concat();
    Some(if path.is_empty() { "/".into() } else { path.into() })
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
        for (path, start, want) in
            [("/a/b", "/a", "b"), ("/a/b", "/a/c/d", "../../b"), ("/a", "/a", "."), ("/x", "/", "x"), ("/", "/x", "..")]
        {
            assert_eq!(relpath(path, start), want);
        }
    }

    #[test]
    fn the_home_directory_comes_from_home_only() {
        let path = |text: &'static str| Some(text.into());
        assert_eq!(expanduser("~/x", Some("/h/")), path("/h/x"));
        assert_eq!(expanduser("~", Some("/")), path("/"));
        assert_eq!(expanduser("~", Some("")), path("/"));
        assert_eq!(expanduser("a~", None), path("a~"));
        assert_eq!(expanduser("~/x", None), None);
        assert_eq!(expanduser("~root", Some("/h")), None);
    }
}
