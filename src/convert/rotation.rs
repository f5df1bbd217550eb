//! Rotation of log files, which supervisord did by itself, as a file for logrotate (facts 8.6).

use std::borrow::Cow;
use std::fmt;

use super::PlanFile;
use crate::python::filename;
use crate::python::integer::Integer;

/// Where logrotate reads, below `/`.
pub(crate) const FOLDER: &str = "etc/logrotate.d";

/// A log file that supervisord rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rotation<'a> {
    path: Cow<'a, str>,
    /// Bytes.
    size: u64,
    /// How many old files are kept.
    keep: u32,
}

impl fmt::Display for Rotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} bytes with {} old files", self.size, self.keep)
    }
}

impl<'a> Rotation<'a> {
    /// Of a path, its size in bytes and its number of old files. None for a path that logrotate cannot be told.
    pub fn new(path: &Cow<'a, str>, size: &Integer, keep: &Integer) -> Option<Self> {
        let told =
            !path.contains(|c: char| matches!(c, '"' | '{' | '}') || c.is_control() || filename::byte(c).is_some());
        let size = size.to_i64().and_then(|size| u64::try_from(size).ok()).unwrap_or(i64::MAX.unsigned_abs());
        let keep = if keep.is_negative() {
            0
        } else {
            keep.to_i64().and_then(|keep| i32::try_from(keep).ok()).unwrap_or(i32::MAX)
        };
        told.then(|| Self { path: path.clone(), size, keep: keep.unsigned_abs() })
    }

    /// The file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `su`: logrotate passes over a directory that others than root may write, unless it is told as whom to rotate there.
    fn stanza(&self) -> String {
        let Self { path, size, keep } = self;
        let mut pattern = String::new();
        for character in path.chars() {
            if matches!(character, '*' | '?' | '[' | ']' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        format!(
            "\"{pattern}\" {{\n    su root root\n    size {size}\n    rotate {keep}\n    copytruncate\n    missingok\n    notifempty\n    \
             nocompress\n    nodateext\n}}\n"
        )
    }
}

/// The file of one process or template. `stem`: its name as that of a file; `header`: the lines that begin the file, as comments.
pub(crate) fn file(stem: &str, header: &str, rotations: &[Rotation<'_>]) -> PlanFile {
    let text = rotations.iter().map(Rotation::stanza).fold(header.to_owned(), |text, stanza| text + &stanza);
    // logrotate passes over files that end like a backup: .bak, .disabled, .rpmsave …
    let end = if stem.contains('.') { "=" } else { "" };
    let text = text.into();
    PlanFile { path: format!("{FOLDER}/supconv-{stem}{end}"), mode: 0o644, text, secret: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stanza_a_file() {
        let rotation = |path: &'static str, size: i64, keep: i64| {
            Rotation::new(&path.into(), &Integer::from(size), &Integer::from(keep))
        };
        let stanza = rotation("/l/a b[1].log", 51200, 3).map(|rotation| rotation.stanza());
        let expected = "\"/l/a b\\[1\\].log\" {\n    su root root\n    size 51200\n    rotate 3\n    copytruncate\n    missingok\n    \
                        notifempty\n    nocompress\n    nodateext\n}\n";
        assert_eq!(stanza.as_deref(), Some(expected));
        for path in ["/l/a\"b", "/l/{a}"] {
            assert_eq!(rotation(path, 1, 1), None);
        }
        assert_eq!(rotation("/l", 1, -1).map(|rotation| rotation.keep), Some(0));
    }
}
