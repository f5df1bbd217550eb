//! The file that hands secrets to a program: shell, of mode 0600, read by the launcher before the user changes (facts 12.2).

use crate::convert::PlanFile;

/// Where they are, below `/`.
pub(crate) const FOLDER: &str = "etc/supconv";

/// Below `/`.
pub(super) fn path(stem: &str) -> String {
    format!("{FOLDER}/{stem}.sh")
}

/// The file. `header`: its first line; `exports`: the variables.
pub(super) fn file(path: String, header: &str, exports: &str) -> PlanFile {
    PlanFile { path, mode: 0o600, text: format!("# {header}\n{exports}"), secret: true }
}
