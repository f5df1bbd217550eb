//! Which files a command reads: the paths given, what a directory has of Supervisor's, or the first of Supervisor's default places.

use std::io::Write;

use super::Failure;
use super::walk::{Walked, walk};
use crate::files;
use crate::lint::Input;
use crate::load::{Paths, Unreadable};
use crate::python::{Cut, filename};
use crate::reading::{DEFAULTS, Reading, Role};
use crate::rules;
use crate::syntax::{self, Kind};
use crate::visible::on_one_line;

/// What a command reads.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files, in the order of the arguments.
    pub files: Vec<Input>,
    /// How many `*.conf` and `*.ini` of directories are not Supervisor's.
    pub foreign: usize,
}

/// The files that `paths` name. One that is found without being named is a main file.
///
/// # Errors
/// When nothing is named and none of the default places exists.
pub fn inputs(paths: &[String], reading: &mut Reading, err: &mut dyn Write) -> Result<Inputs, Failure> {
    let root = Paths::new(reading.root.as_deref());
    let mut inputs = Inputs::default();
    if paths.is_empty() {
        let mut places = DEFAULTS.iter().map(|path| root.opened(path));
        let Some(path) = places.find(|path| filename::encode(path).exists()) else {
            let message = format!("no PATH given, and none of these exists: {}", DEFAULTS.join(", "));
            return Err(Failure::Message(message));
        };
        writeln!(err, "supconv: reading {}", on_one_line(&path))?;
        reading.role = reading.role.or(Some(Role::Main));
        inputs.files.push(Input::File(path));
        return Ok(inputs);
    }
    for path in paths {
        let path = root.opened(path);
        if path != "-" && filename::encode(&path).is_dir() {
            inputs.walk(path, reading.max_size);
        } else {
            inputs.files.push(Input::File(path));
        }
    }
    Ok(inputs)
}

impl Inputs {
    /// Adds what of the files of a directory is Supervisor's, and what of it cannot be read.
    fn walk(&mut self, directory: String, max_size: u64) {
        let before = self.files.len();
        let Walked { files, unreadable } = walk(&directory);
        self.files.extend(unreadable.into_iter().map(Input::Unreadable));
        for path in files {
            // One that cannot be read is told when it is read.
            if files::read_regular(&path, max_size).is_ok_and(|bytes| !is_supervisors(&bytes)) {
                self.foreign += 1;
            } else {
                self.files.push(Input::File(path));
            }
        }
        if self.files.len() == before {
            let message = "no *.conf or *.ini file in it has a section of Supervisor".to_owned();
            let reason = "hidden folders, node_modules, target and what .gitignore names are left out".to_owned();
            self.files.push(Input::Unreadable(Unreadable { path: directory, message, reason }));
        }
    }
}

/// Whether a file has the header of a section of Supervisor's, or nearly one.
fn is_supervisors(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    // A mark hides the first line, which is told.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    syntax::lines(text, Cut::default()).any(|line| match line.kind {
        Kind::Header { name, .. } => {
            text.get(name.start as usize..name.end as usize).is_some_and(rules::looks_like_supervisors)
        }
        _ => false,
    })
}
