//! `WorkingDirectory=`, which takes raw text, and what a path can be (facts 5.2).

use std::borrow::Cow;
use std::fmt;

use super::{UnitValue, is_control};
use crate::convert::systemd::name::LONGEST_NAME;
use crate::python;

/// `PATH_MAX`, with the final NUL.
const PATH_MAX: usize = 4096;

/// A working directory as `WorkingDirectory=` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitDirectory {
    /// The value of the directive.
    pub value: UnitValue,
    /// The directory that it names, for what is relative to it.
    pub path: String,
    /// `..` is removed from the path as text, without following symbolic links. To be announced ([`UnitDirectory::RESOLVED`]).
    pub resolved: bool,
}

impl UnitDirectory {
    /// The sentence for [`UnitDirectory::resolved`] (facts 5.2).
    pub const RESOLVED: &'static str = "`..` is removed from the path as text, without following symbolic links.";
}

/// Why a directory has no `WorkingDirectory=` (facts 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryError {
    /// Relative, or empty.
    Relative,
    /// Begins with `~`.
    Home,
    /// Holds a control character, which the raw text of the directive cannot carry.
    Control,
    /// Longer than a path can be.
    TooLong,
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relative => "the path is relative to the directory that supervisord was started in: give --cwd DIR",
            Self::Home => "Supervisor does not expand ~ in directory= and cannot start this.",
            Self::Control => "WorkingDirectory= cannot hold a control character",
            Self::TooLong => "the directory is longer than a path can be: Supervisor cannot start this either",
        })
    }
}

/// `WorkingDirectory=` takes raw text, in which quotes are literal; `..` in it is fatal to the unit (facts 5.2).
///
/// # Errors
/// Where the directive cannot say it.
pub fn directory(text: &str) -> Result<UnitDirectory, DirectoryError> {
    if text.starts_with('~') {
        return Err(DirectoryError::Home);
    }
    if !text.starts_with('/') {
        return Err(DirectoryError::Relative);
    }
    if text.contains(is_control) {
        return Err(DirectoryError::Control);
    }
    if is_too_long(text) {
        return Err(DirectoryError::TooLong);
    }
    let resolved = text.split('/').any(|part| part == "..");
    let path = if resolved { without_parents(text) } else { text.to_owned() };
    let mut raw = path.replace('%', "%%");
    // A backslash here would swallow the next line, and a blank would be cut off; systemd drops the slash again.
    if raw.ends_with(['\\', ' ']) {
        raw.push('/');
    }
    let value = UnitValue(Cow::Owned(raw));
    Ok(UnitDirectory { value, path, resolved })
}

/// `..` resolved in the text of an absolute path, as far as text goes; two slashes at its beginning are one.
pub(in crate::convert::systemd) fn without_parents(path: &str) -> String {
    format!("/{}", python::normpath(path).trim_start_matches('/'))
}

/// Beyond `PATH_MAX` or `NAME_MAX`: the kernel refuses it, and so does systemd's `path_is_valid()`.
pub(in crate::convert::systemd) fn is_too_long(path: &str) -> bool {
    path.len() >= PATH_MAX || path.split('/').any(|part| part.len() > LONGEST_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories() {
        let said = |text| directory(text).map(|found| (found.value.as_str().to_owned(), found.path, found.resolved));
        let ok = |value: &str, path: &str, resolved| Ok((value.to_owned(), path.to_owned(), resolved));
        assert_eq!(said("/srv/app"), ok("/srv/app", "/srv/app", false));
        assert_eq!(said("//a/./b/"), ok("//a/./b/", "//a/./b/", false));
        assert_eq!(said("/a b/\"q\"/50%"), ok("/a b/\"q\"/50%%", "/a b/\"q\"/50%", false));
        assert_eq!(said("/d/b\\"), ok("/d/b\\/", "/d/b\\", false));
        assert_eq!(said("/d/b "), ok("/d/b /", "/d/b ", false));
        assert_eq!(said("/a/../b/./c"), ok("/b/c", "/b/c", true));
        assert_eq!(said("/../.."), ok("/", "/", true));
        assert_eq!(said("/a/..b"), ok("/a/..b", "/a/..b", false));
        assert_eq!(said("~/x"), Err(DirectoryError::Home));
        assert_eq!(said("x/y"), Err(DirectoryError::Relative));
        assert_eq!(said(""), Err(DirectoryError::Relative));
        assert_eq!(said("/a\nUser=root"), Err(DirectoryError::Control));
        assert_eq!(said(&format!("/{}", "a".repeat(256))), Err(DirectoryError::TooLong));
    }
}
