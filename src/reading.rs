//! How a file is to be read: the world around it that the file itself does not say. Every command takes these settings.

use crate::files;

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
