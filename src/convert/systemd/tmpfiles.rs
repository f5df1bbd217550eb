//! Directories and log files that must be there before a unit starts, as a file for systemd-tmpfiles (facts 8.4): systemd makes
//! no directory for `append:`, and makes the file itself with the unit's umask, for root.

use super::escape::{Comment, Dollar, word};
use crate::convert::PlanFile;

/// What is made where it is not there. What is there stays as it is: hence `-`, and the colons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// A directory on a file system that is empty after a boot.
    Directory,
    /// A log file as supervisord would have made it.
    File {
        /// The account that it had become; none is root.
        user: Option<String>,
        /// By its umask.
        mode: u16,
    },
}

/// File systems that are empty after a boot.
static VOLATILE: &[&str] = &["/run/", "/var/run/", "/tmp/", "/dev/shm/"];

/// Where systemd-tmpfiles reads, below `/`.
pub(super) const FOLDER: &str = "etc/tmpfiles.d";

/// What the first line names.
pub(super) const LOGS: &str = "log files and their directories, for the programs";

/// Whether a directory is gone after a boot, and nobody else makes it.
pub(super) fn is_volatile(directory: &str) -> bool {
    VOLATILE.iter().any(|top| directory.starts_with(top) && directory.len() > top.len())
}

/// The file, where there is something to make. `prefix`: that of the units.
pub(super) fn file<'m>(prefix: &str, path: &str, made: impl Iterator<Item = (&'m str, &'m Made)>) -> Option<PlanFile> {
    let mut lines = String::new();
    for (path, made) in made {
        let Some(path) = word(path, Dollar::Kept) else { continue };
        let path = path.as_str();
        let line = match made {
            Made::Directory => format!("d {path} - - - -\n"),
            Made::File { user: None, mode } => format!("f {path} :{mode:04o} :root :root -\n"),
            Made::File { user: Some(user), mode } => {
                let Some(user) = word(format!(":{user}"), Dollar::Kept) else { continue };
                format!("f {path} :{mode:04o} {} - -\n", user.as_str())
            }
        };
        lines.push_str(&line);
    }
    let name = if prefix.is_empty() { "supconv".to_owned() } else { format!("supconv-{prefix}") };
    let header = Comment::note(&format!("{LOGS} of {path}"));
    let text = format!("# {}\n{lines}", header.as_str());
    let path = format!("{FOLDER}/{name}.conf");
    (!lines.is_empty()).then_some(PlanFile { path, mode: 0o644, text: text.into(), secret: false })
}
