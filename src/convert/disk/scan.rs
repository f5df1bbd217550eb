//! What other runs have left in a directory: files of earlier conversions of the same source, and what a killed run had no time
//! to remove.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{Failed, Identity, Stale, irregular, open};
use crate::convert::{Origin, Place, Plan};
use crate::python::filename;

/// Bytes in which the first line of a file of ours ends.
const HEAD: u64 = 8192;

/// What the name of a temporary file begins with.
const TEMPORARY: &str = ".supconv-";

/// The name of the `count`th temporary file of a run with this random number.
pub(super) fn temporary(run: u64, count: usize) -> String {
    format!("{TEMPORARY}{run:016x}-{count}")
}

/// Whether a name is one of [`temporary`].
fn is_temporary(name: &str) -> bool {
    let hexadecimal = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = name.strip_prefix(TEMPORARY).and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(run, count)| hexadecimal(run) && hexadecimal(count))
}

/// The regular files in a directory, by name; nothing where there is none.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        // What is not UTF-8 is none of ours.
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes the temporary files of killed runs. To be called under the lock, so that none is of a run that lives. Returns how
/// many there were.
pub(super) fn tidy(plan: &Plan<'_>, directory: &Path) -> Result<usize, Failed> {
    let own = plan.files.iter().filter_map(|file| directory.join(&file.path).parent().map(Path::to_owned));
    let others = plan.origin.iter().flat_map(|origin| origin.places).map(|place| directory.join(place.folder));
    let folders: BTreeSet<PathBuf> = own.chain(others).collect();
    let mut count = 0;
    for folder in &folders {
        for name in names(folder).map_err(Failed::at(folder))?.iter().filter(|name| is_temporary(name)) {
            let path = folder.join(name);
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
                fs::remove_file(&path).map_err(Failed::at(&path))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// The files that an earlier conversion of the same source has made, and this plan has not.
pub(super) fn stale(plan: &Plan<'_>, directory: &Path) -> Result<Vec<Stale>, Failed> {
    let Some(Origin { source, places, others }) = &plan.origin else { return Ok(Vec::new()) };
    let planned: BTreeSet<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
    // The same file may have been named otherwise: by an absolute path, or through a link.
    let real = |path: &str| fs::canonicalize(directory.join(&*filename::encode(path))).ok();
    let own = OnceCell::new();
    let is_source = |path: &str| {
        path == source || own.get_or_init(|| real(source)).as_ref().is_some_and(|own| real(path).as_ref() == Some(own))
    };
    let is_head = |head: &str| {
        let Some(rest) = head.strip_prefix("# supconv: ") else { return false };
        let other = others.iter().find_map(|what| rest.strip_prefix(what)?.strip_prefix(" of "));
        let section = || rest.strip_prefix('[').and_then(|rest| rest.split_once("] of ")).map(|(_, path)| path);
        other.or_else(section).is_some_and(is_source)
    };
    let mut found = Vec::new();
    for Place { folder, start, end } in *places {
        let folder_path = if folder.is_empty() { directory.to_owned() } else { directory.join(folder) };
        for name in names(&folder_path).map_err(Failed::at(&folder_path))? {
            let path = folder_path.join(&name);
            let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let own = name.strip_prefix(folder).unwrap_or(&name).trim_start_matches('/');
            if !own.starts_with(start) || !own.ends_with(end) || planned.contains(name.as_str()) {
                continue;
            }
            let Ok(is) = fs::symlink_metadata(&path) else { continue };
            if irregular(&is).is_none() && first_line(&path).is_some_and(|head| is_head(&head)) {
                found.push(Stale { name, path, identity: Identity::of(&is) });
            }
        }
    }
    Ok(found)
}

/// The first line of a file that may be read.
fn first_line(path: &Path) -> Option<String> {
    let mut head = Vec::new();
    open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    let line = head.split(|byte| *byte == b'\n').next()?;
    String::from_utf8(line.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_temporary_files_are_known_again() {
        for name in [&*temporary(0, 0), &*temporary(u64::MAX, 500), ".supconv-4711-3"] {
            assert!(is_temporary(name), "{name}");
        }
        for name in [".supconv", ".supconv-", ".supconv-1", ".supconv-1-", ".supconv-cache-1", "supconv-1-2"] {
            assert!(!is_temporary(name), "{name}");
        }
    }
}
