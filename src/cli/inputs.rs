//! Which files a command reads: the paths given, the files of a directory, or the first of Supervisor's default places.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::Failure;
use crate::lint::Input;

/// Where Supervisor looks without `-c`, but for two places relative to its own executable.
static DEFAULTS: [&str; 4] =
    ["supervisord.conf", "etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"];

/// The files that `paths` name.
///
/// # Errors
/// When nothing is named and none of the default places exists.
pub fn inputs(paths: &[String], err: &mut dyn Write) -> Result<Vec<Input>, Failure> {
    if paths.is_empty() {
        let Some(path) = DEFAULTS.iter().find(|path| Path::new(path).exists()) else {
            let message = format!("no PATH given, and none of these exists: {}", DEFAULTS.join(", "));
            return Err(Failure::Message(message));
        };
        writeln!(err, "supconv: reading {path}")?;
        return Ok(vec![Input { path: (*path).to_owned(), found: false }]);
    }
    let mut inputs = Vec::new();
    for path in paths {
        if path != "-" && Path::new(path).is_dir() {
            match files_of(path) {
                Ok(files) => inputs.extend(files.into_iter().map(|path| Input { path, found: true })),
                // Reading it fails too, and is reported after the other files.
                Err(_) => inputs.push(Input { path: path.clone(), found: false }),
            }
        } else {
            inputs.push(Input { path: path.clone(), found: false });
        }
    }
    Ok(inputs)
}

/// The `*.conf` and `*.ini` directly in a directory, sorted.
fn files_of(directory: &str) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        let configuration = path.extension().is_some_and(|extension| extension == "conf" || extension == "ini");
        // The directory itself says what most are; what a link leads to is looked up.
        if configuration && (entry.file_type().is_ok_and(|kind| kind.is_file()) || path.is_file()) {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    files.sort();
    Ok(files)
}
