//! Why a plan did not get to the disk, and what is there now.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::files::reason;

/// Why a plan could not be compared or written, and what that leaves behind.
#[derive(Debug)]
pub struct Failed {
    pub(super) what: String,
    pub(super) left: Left,
    /// Temporary files that could not be removed.
    pub(super) stays: Vec<PathBuf>,
    /// The number of the signal that ended it.
    pub signal: Option<u8>,
}

/// What has been written when something failed.
#[derive(Debug)]
pub(super) enum Left {
    /// Nothing was to be written.
    Unsaid,
    Nothing,
    /// This could not be put back.
    These(Vec<PathBuf>),
    All,
}

impl Failed {
    pub(super) fn of(path: &Path, error: &io::Error) -> Self {
        Self::because(path, reason(&error.to_string()))
    }

    pub(super) fn because(path: &Path, reason: &str) -> Self {
        Self { what: format!("{}: {reason}", path.display()), left: Left::Unsaid, stays: Vec::new(), signal: None }
    }

    /// For `map_err`.
    pub(super) fn at<E: Into<io::Error>>(path: &Path) -> impl FnOnce(E) -> Self + '_ {
        move |error| Self::of(path, &error.into())
    }

    pub(super) fn leaving(self, left: Left) -> Self {
        Self { left, ..self }
    }

    pub(super) fn staying(self, stays: Vec<PathBuf>) -> Self {
        Self { stays, ..self }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, left, stays, signal: _ } = self;
        let listed =
            |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        match left {
            Left::Unsaid => write!(f, "{what}"),
            Left::Nothing => write!(f, "{what}; nothing was written"),
            Left::These(changed) => {
                write!(f, "{what}; all is as before but these, which are changed already: {}", listed(changed))
            }
            Left::All => write!(f, "{what}; all was written before that"),
        }?;
        if stays.is_empty() { Ok(()) } else { write!(f, "; temporary files that cannot be removed: {}", listed(stays)) }
    }
}
