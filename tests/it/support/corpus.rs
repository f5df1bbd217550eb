//! The files that people wrote: those of `corpus/`, and where it is there the collection from life beside the project.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::machine;

/// The `*.conf` of a directory, sorted.
pub fn of(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    files.sort();
    files
}

/// Those of the project, relative to it, which is where tests run.
pub fn own() -> Vec<PathBuf> {
    of(Path::new("corpus"))
}

/// The directory of the collection, which `SUPCONV_CORPUS` names. Where it is missing that is said and never a failure, for it
/// is no part of the project.
pub fn from_life() -> Option<PathBuf> {
    let directory = env::var_os("SUPCONV_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    if directory.is_dir() {
        return Some(directory);
    }
    machine::said(&directory.display().to_string(), "it is not here");
    None
}

/// The files of both.
pub fn all() -> Vec<PathBuf> {
    own().into_iter().chain(from_life().iter().flat_map(|directory| of(directory))).collect()
}
