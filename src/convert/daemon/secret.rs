//! The file that hands secrets to a program: shell, of mode 0600, read by the launcher before the user changes (facts 12.2).

use crate::convert::PlanFile;

/// Where they are, below `/`.
pub(crate) const FOLDER: &str = "etc/supconv";

/// Below `/`.
pub(super) fn path(stem: &str) -> String {
    format!("{FOLDER}/{stem}.sh")
}

/// The secrets of a program.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    pub path: String,
    /// The variables, as shell.
    pub exports: String,
}

impl Secrets {
    /// The file; `header`: the comment that begins it.
    pub fn file(&self, header: &str) -> PlanFile {
        let Self { path, exports } = self;
        PlanFile { path: path.clone(), mode: 0o600, text: [header, exports].concat().into(), secret: true }
    }
}
