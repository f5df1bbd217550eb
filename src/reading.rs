//! How a file is to be read: the world around it that the file itself does not say. Every command takes these settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files;
use crate::python::{Version, filename};

/// Where Supervisor looks without `-c`, but for two places relative to its own executable.
pub static DEFAULTS: [&str; 4] =
    ["supervisord.conf", "etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"];

/// The world in which a file is read. The default is the open world: nothing is known of the environment or the host.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The environment that supervisord would be started with; `None` is the open world, in which each `%(ENV_X)s` may
    /// be defined and none is known.
    pub environment: Option<Vec<(String, String)>>,
    /// The host's name, for `%(host_node_name)s`; `None` is unknown.
    pub node: Option<String>,
    /// Where supervisord would be started: relative paths in values are taken against it.
    pub cwd: String,
    /// Whether that is known: what reports say of a path that depends on it, otherwise, is the text as written.
    pub cwd_known: bool,
    /// Directory below which absolute paths of the configuration lie on this machine.
    pub root: Option<String>,
    /// Whether `[include]` is left alone.
    pub no_include: bool,
    /// Whether the file is a whole configuration; `None` lets the file say so itself.
    pub role: Option<Role>,
    /// The main file that each PATH is read as an include of.
    pub main: Option<String>,
    /// Whether this machine is asked about accounts and directories.
    pub check_host: bool,
    /// The path that the one file that is read stands for: `--path-as`, or `--stdin-filename` of standard input.
    pub path_as: Option<String>,
    /// How many bytes are read of a file and what it includes.
    pub max_size: u64,
    /// The Python that supervisord runs under, where that is known.
    pub python: Option<Version>,
    /// What is read of some files instead of what is in them.
    pub texts: Texts,
}

/// What is read of files instead of what is in them: by the file that a path comes to, or by the path itself; standard input is `-`.
#[derive(Clone, Debug, Default)]
pub struct Texts(Vec<(PathBuf, Arc<[u8]>)>);

impl Texts {
    /// The file that a path opens, whatever links lead to it; where there is none, the path.
    #[must_use]
    pub fn file(path: &str) -> PathBuf {
        let named = filename::encode(path);
        let opened = if path == "-" { None } else { named.canonicalize().ok() };
        opened.unwrap_or_else(|| named.into_owned())
    }

    /// What is read at this path instead of what is there.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Arc<[u8]>> {
        if self.0.is_empty() {
            return None;
        }
        self.of(&self.name(path))
    }

    /// What the text of a path is called here: the path, if there is a text of that name, else the file that it opens.
    #[must_use]
    pub fn name(&self, path: &str) -> PathBuf {
        let named = filename::encode(path);
        if self.of(&named).is_some() { named.into_owned() } else { Self::file(path) }
    }

    /// What is read of this file instead of what is in it.
    #[must_use]
    pub fn of(&self, file: &Path) -> Option<Arc<[u8]>> {
        self.0.iter().find(|(known, _)| known == file).map(|(_, bytes)| Arc::clone(bytes))
    }

    /// Reads this instead of what is in a file.
    pub fn set(&mut self, file: PathBuf, bytes: Vec<u8>) {
        match self.0.iter_mut().find(|(known, _)| *known == file) {
            Some((_, old)) => *old = bytes.into(),
            None => self.0.push((file, bytes.into())),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.0.iter().map(|(file, bytes)| (file.as_path(), &**bytes))
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The file that `supervisord -c` is given.
    Main,
    /// A file that another one includes.
    Fragment,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            environment: None,
            node: None,
            cwd: "/".to_owned(),
            cwd_known: false,
            root: None,
            no_include: false,
            role: None,
            main: None,
            check_host: false,
            path_as: None,
            max_size: files::MAX_SIZE,
            python: None,
            texts: Texts::default(),
        }
    }
}

impl Reading {
    /// The value of a variable of the given environment; the last one of a name counts. `None` also in the open world.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.as_ref()?.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
