//! A service as Horust reads it (formats/service.rs of 0.1.14), and its text.
//!
//! Horust expands `$` in the whole text before it reads TOML, in comments too: a value with a quote or a line end would become
//! keys. So each `$` is doubled, and no value is ever left to it.

use std::collections::BTreeMap;

use serde::Serialize;

/// One file. Unknown keys make Horust pass over the file, so only known ones are here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Service<'s> {
    /// By what others name it; of two with one name the second is never started.
    pub name: &'s str,
    /// Split as a shell does; `#` before a word begins a comment.
    pub command: &'s str,
    /// The directory; without one that of Horust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<&'s str>,
    /// Waits until these have been started.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub start_after: &'s [&'s str],
    /// Gets its stop signal when these have ended.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub shutdown_after: &'s [&'s str],
    /// When it is started again.
    pub restart: Restart,
    /// Which ends are failures.
    pub failure: Failure<'s>,
    /// Its variables.
    pub environment: Environment<'s>,
    /// How it is stopped.
    pub termination: Termination,
}

/// `[restart]`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Restart {
    /// `always`, `on-failure`, `never`.
    pub strategy: &'static str,
}

/// `[failure]`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failure<'s> {
    /// Death by a signal is -137, and never among them.
    pub successful_exit_code: &'s [u8],
    /// What a failure does to others: `ignore`. Required where the table is there.
    pub strategy: &'static str,
}

/// `[environment]`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Environment<'s> {
    /// Whether Horust's own variables are handed on.
    pub keep_env: bool,
    /// Variables that win.
    pub additional: BTreeMap<&'s str, &'s str>,
}

/// `[termination]`.
#[derive(Clone, Debug, Serialize)]
pub struct Termination {
    /// The name of the signal, without `SIG`.
    pub signal: &'static str,
    /// How long until SIGKILL: `9s`.
    pub wait: String,
}

/// What of a service is decided before its command.
#[derive(Clone, Debug)]
pub struct Parts {
    /// When it is started again, and the codes of a success.
    pub restart: (Restart, Vec<u8>),
    /// How it is stopped.
    pub stop: Termination,
}

impl Service<'_> {
    /// The file; `header`: the lines that begin it.
    ///
    /// # Errors
    /// What TOML cannot hold.
    pub fn text(&self, header: &str) -> Result<String, toml::ser::Error> {
        Ok([header, &toml::to_string(self)?].concat().replace('$', "$$"))
    }
}
