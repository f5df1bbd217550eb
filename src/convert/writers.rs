//! Log files that several processes write: one file has one rotation, that of the first who has one.

use std::borrow::Cow;

use super::rotation::Rotation;
use super::{Ledger, announce};
use crate::hash::HashSet;
use crate::keys::{Key, process as p};

/// A process that writes a log file.
pub(crate) struct Writer<'a> {
    /// The file, without `.` and `..`.
    pub path: Cow<'a, str>,
    pub section: &'a str,
    pub group: &'a str,
    pub process: &'a str,
    /// The option that says so.
    pub key: &'static Key,
    /// How supervisord rotated the file for it.
    pub rotation: Option<Rotation<'a>>,
}

/// Says it.
pub(crate) fn say<'a>(all: &[Writer<'a>], ledger: &mut Ledger<'a>) {
    let mut paths: HashSet<&str> = HashSet::default();
    let again: HashSet<&str> = all.iter().map(|writer| &*writer.path).filter(|path| !paths.insert(path)).collect();
    let mut writers: Vec<&Writer<'a>> = all.iter().filter(|writer| again.contains(&*writer.path)).collect();
    writers.sort_by_key(|writer| &*writer.path);
    for writers in writers.chunk_by(|one, other| one.path == other.path) {
        let who = |writer: &Writer<'a>| (writer.group, writer.process);
        let one = writers.windows(2).all(|pair| matches!(pair, [one, other] if who(one) == who(other)));
        let rotated = writers.iter().find_map(|writer| Some((writer.section, writer.rotation.as_ref()?)));
        for Writer { path, section, key, rotation, .. } in writers {
            if !one {
                let message = format_args!(
                    "several processes append to {path} and no line is lost; Supervisor lost some at each rotation."
                );
                ledger.approximate(&announce::LOGS, section, key, message);
            }
            let Some((of, first)) = rotated.filter(|(_, first)| rotation.as_ref() != Some(first)) else { continue };
            let keys = if key.name == p::STDOUT_LOGFILE.name {
                [&p::STDOUT_LOGFILE_MAXBYTES, &p::STDOUT_LOGFILE_BACKUPS]
            } else {
                [&p::STDERR_LOGFILE_MAXBYTES, &p::STDERR_LOGFILE_BACKUPS]
            };
            for key in keys {
                if ledger.text(section, key).is_some() {
                    let message = format_args!(
                        "{path} is rotated by the settings of [{of}], {first}: a file has only one rotation."
                    );
                    ledger.approximate(&announce::LOGS, section, key, message);
                }
            }
        }
    }
}
