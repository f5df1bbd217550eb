//! A directory, walked: its `*.conf` and `*.ini`, but for what a repository does not keep.

use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::gitignore::Patterns;
use crate::load::Unreadable;
use crate::python::filename;

/// What a directory has.
#[derive(Default)]
pub(super) struct Walked {
    /// The paths of the files, sorted.
    pub(super) files: Vec<String>,
    /// The folders that cannot be read, sorted.
    pub(super) unreadable: Vec<Unreadable>,
}

/// A folder that is still to be read.
struct Folder {
    path: PathBuf,
    /// Its path from the top, of the repository or else of the walk, with a slash after each name.
    from_top: Vec<u8>,
    /// What counts in the folder that holds it.
    patterns: Option<Rc<Patterns>>,
}

/// Walks a directory. In a repository .gitignore counts from its top, as for git; elsewhere from the directory.
pub(super) fn walk(directory: &str) -> Walked {
    let directory = filename::encode(directory);
    let real = fs::canonicalize(&directory).unwrap_or_default();
    let top = real.ancestors().find(|up| up.join(".git").exists());
    let mut folders = vec![Folder { path: directory.into_owned(), ..between(top, &real) }];
    let mut walked = Walked::default();
    while let Some(folder) = folders.pop() {
        walked.read(folder, top.is_some(), &mut folders);
    }
    walked.files.sort_unstable();
    walked.unreadable.sort_by(|one, other| one.path.cmp(&other.path));
    walked
}

/// A folder with what counts in it of the folders above, from the top down to it; they are not read otherwise.
fn between(top: Option<&Path>, folder: &Path) -> Folder {
    let mut above = Folder { path: top.unwrap_or(folder).into(), from_top: Vec::new(), patterns: None };
    for name in folder.strip_prefix(&above.path).into_iter().flatten() {
        let patterns = Patterns::of(&above.path, &above.from_top, above.patterns.take());
        above = Folder { patterns, ..above.folder(name) };
    }
    above
}

impl Folder {
    /// The path from the top of what lies in it.
    fn path_of(&self, name: &OsStr) -> Vec<u8> {
        [&self.from_top, name.as_encoded_bytes()].concat()
    }

    /// A folder that lies in it.
    fn folder(&self, name: &OsStr) -> Self {
        let mut from_top = self.path_of(name);
        from_top.push(b'/');
        Self { path: self.path.join(name), from_top, patterns: self.patterns.clone() }
    }
}

impl Walked {
    /// Reads one folder; `folders` gets those in it.
    fn read(&mut self, mut folder: Folder, in_repository: bool, folders: &mut Vec<Folder>) {
        let entries = match fs::read_dir(&folder.path) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable.push(unreadable(&folder.path, &error)),
        };
        let mut wanted = Vec::new();
        let (mut has_git, mut has_gitignore) = (false, false);
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                Ok((name, _)) if name == ".git" => has_git = true,
                Ok((name, _)) if name == ".gitignore" => has_gitignore = true,
                Ok((name, kind)) if is_wanted(&name, kind) => wanted.push((name, kind)),
                Ok(_) => {}
                Err(error) => self.unreadable.push(unreadable(&folder.path, &error)),
            }
        }
        if in_repository && has_git {
            // A repository of its own, of which the outer one says nothing.
            folder.patterns = None;
        }
        if has_gitignore {
            folder.patterns = Patterns::of(&folder.path, &folder.from_top, folder.patterns.take());
        }
        for (name, kind) in wanted {
            let ignores = |patterns: &Rc<Patterns>| patterns.ignore(&folder.path_of(&name), kind.is_dir());
            if folder.patterns.as_ref().is_some_and(ignores) {
                continue;
            }
            if kind.is_dir() {
                folders.push(folder.folder(&name));
            } else {
                let path = folder.path.join(&name);
                // What a link leads to is looked up.
                if kind.is_file() || path.is_file() {
                    self.files.push(filename::decode(path.as_os_str()).into_owned());
                }
            }
        }
    }
}

/// Whether the walk goes into a folder, or a file may be a configuration by its name.
fn is_wanted(name: &OsStr, kind: FileType) -> bool {
    if kind.is_dir() {
        !(name.as_encoded_bytes().starts_with(b".") || name == "node_modules" || name == "target")
    } else {
        Path::new(name).extension().is_some_and(|extension| extension == "conf" || extension == "ini")
    }
}

fn unreadable(folder: &Path, error: &io::Error) -> Unreadable {
    let path = filename::decode(folder.as_os_str()).into_owned();
    Unreadable { message: format!("could not read directory {path}"), path, reason: error.to_string() }
}
