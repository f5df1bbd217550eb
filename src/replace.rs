//! One file written anew, whole or not at all: beside its place, and then under its name.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::python::filename;

/// Writes a file by `write`. A regular file keeps its mode and its owner, and a link its target; a pipe or a device is written as
/// it is.
///
/// # Errors
/// When it cannot be written, or `write` fails: then what was there is as it was.
pub fn replace(path: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = filename::encode(path);
    let (place, old) = match fs::metadata(&path) {
        Ok(old) if !old.is_file() => return into(OpenOptions::new().write(true).open(&path)?, write).map(drop),
        Ok(old) => (fs::canonicalize(&path)?, Some(old)),
        // A link to what is not there yet.
        Err(_) if fs::symlink_metadata(&path).is_ok() => return into(File::create(&path)?, write).map(drop),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (path.to_path_buf(), None),
        Err(error) => return Err(error),
    };
    // The right to write in the directory would be enough for a rename.
    if old.is_some() {
        access(&place, Access::WRITE_OK)?;
    }
    let (beside, file) = beside(&place, if old.is_some() { 0o600 } else { 0o666 })?;
    let written = into(file, write).and_then(|file| {
        if let Some(old) = &old {
            let new = file.metadata()?;
            if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
                // Only root gives a file to somebody else.
                let kept = fchown(&file, Some(old.uid()), Some(old.gid()));
                kept.map_err(|_| io::Error::other("its owner could not be kept"))?;
            }
            file.set_permissions(Permissions::from_mode(old.permissions().mode()))?;
        }
        file.sync_all()?;
        fs::rename(&beside, &place)
    });
    if written.is_err() {
        // What failed is more than that this is left.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn into(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut file = BufWriter::new(file);
    write(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)
}

/// A new file in the same directory; its name is short, since that of the other may be as long as names can be.
fn beside(place: &Path, mode: u32) -> io::Result<(PathBuf, File)> {
    let mut number = 0;
    loop {
        let beside = place.with_file_name(format!(".supconv-{}-{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside) {
            // What a run left that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < TRIES => number += 1,
            opened => return opened.map(|file| (beside, file)),
        }
    }
}

/// How many names are tried.
const TRIES: u32 = 100;
