//! Paths of the configuration and paths on this machine: the same, or the latter below `--root`.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::python::glob::{Disk, Files};
use crate::python::{self, filename};

/// How a path of the configuration is found on this machine.
#[derive(Clone, Debug)]
pub struct Paths {
    root: Option<Root>,
}

/// The directory below which absolute paths lie.
#[derive(Clone, Debug)]
struct Root {
    /// As it was given, without a final slash.
    given: String,
    /// The same made absolute.
    absolute: String,
}

/// The working directory of this process, which relative paths that the user gives are taken against; asked for once a run.
fn cwd() -> &'static str {
    static CWD: OnceLock<String> = OnceLock::new();
    CWD.get_or_init(|| {
        std::env::current_dir().map_or_else(|_| "/".to_owned(), |cwd| filename::decode(cwd.as_os_str()).into_owned())
    })
}

/// A path that the user gave, or one of the configuration, made absolute.
fn absolute(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') { python::normpath(path) } else { python::abspath(path, cwd()) }
}

impl Paths {
    /// Paths below `root`, or this machine's own.
    #[must_use]
    pub fn new(root: Option<&str>) -> Self {
        let root = root.map(|root| {
            let given = if root.is_empty() { "." } else { root.trim_end_matches('/') };
            Root { given: given.to_owned(), absolute: absolute(root).into_owned() }
        });
        Self { root: root.filter(|root| root.absolute != "/") }
    }

    /// A path that the user gave, as it opens here: an absolute one that does not lie below the root means the root and it.
    #[must_use]
    pub fn opened(&self, given: &str) -> String {
        match &self.root {
            Some(_) if given.starts_with('/') && self.below(given).is_none() => self.real(given),
            _ => given.to_owned(),
        }
    }

    /// A path that the user gave, as Supervisor has it: without the root if it lies below it.
    #[must_use]
    pub fn shown(&self, given: &str) -> String {
        self.below(given).unwrap_or_else(|| given.to_owned())
    }

    /// What of a path that the user gave lies below the root.
    fn below(&self, given: &str) -> Option<String> {
        match absolute(given).strip_prefix(self.root.as_ref()?.absolute.as_str())? {
            "" => Some("/".to_owned()),
            below => below.starts_with('/').then(|| below.to_owned()),
        }
    }

    /// The directory of a file that the user gave, if its path is relative and what lies beside it opens below that directory
    /// too.
    #[must_use]
    pub fn beside<'g>(&self, given: &'g str) -> Option<&'g str> {
        let known = self.root.is_none() || self.below(given).is_some();
        (!given.starts_with('/') && known).then(|| python::dirname(given))
    }

    /// A path of the configuration on this machine.
    #[must_use]
    pub fn real(&self, path: &str) -> String {
        match &self.root {
            Some(root) if path.starts_with('/') => format!("{}{path}", root.given),
            _ => path.to_owned(),
        }
    }

    /// The path made absolute, as `os.path.abspath` does.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        absolute(path).into_owned()
    }

    /// The directory of a file: `os.path.abspath(os.path.dirname(path))`.
    #[must_use]
    pub fn directory(&self, path: &str) -> String {
        self.absolute(python::dirname(path))
    }

    /// Whether a path of the configuration and one that the user gave are the same file.
    #[must_use]
    pub fn same(&self, path: &str, given: &str) -> bool {
        match (filename::encode(&self.real(path)).canonicalize(), filename::encode(given).canonicalize()) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
    }
}

impl Files for Paths {
    fn list(&self, directory: &str) -> Option<Vec<(String, bool)>> {
        Disk.list(&self.real(directory))
    }

    fn exists(&self, path: &str) -> bool {
        Disk.exists(&self.real(path))
    }

    fn is_dir(&self, path: &str) -> bool {
        Disk.is_dir(&self.real(path))
    }
}
