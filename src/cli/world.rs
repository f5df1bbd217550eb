//! The flags that say in what world a file is read; every command takes them.

use std::fs;

use clap::Args;

use super::{Failure, reason, words};
use crate::load::Paths;
use crate::reading::{Reading, Role};

/// In what world the file is read.
#[derive(Args, Debug)]
#[group(skip)]
#[command(next_help_heading = "Reading")]
pub struct World {
    /// An environment variable of supervisord; with any --env* flag, a `%(ENV_X)s` that is not given is an error
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Environment variables from a file: NAME=VALUE lines, or a copy of /proc/PID/environ
    #[arg(long, value_name = "FILE")]
    env_file: Vec<String>,
    /// The environment that supconv is started in
    #[arg(long)]
    env_host: bool,
    /// The value of `%(host_node_name)s`
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
    /// The directory that supervisord is started in, for relative paths in values [default: /]
    #[arg(long, value_name = "DIR")]
    cwd: Option<String>,
    /// Look for absolute paths and includes below DIR (an image or a checkout)
    #[arg(long, value_name = "DIR")]
    root: Option<String>,
    /// Do not read included files; what they would set is unknown
    #[arg(long)]
    no_include: bool,
    /// What the file is [default: fragment if it has no [supervisord], otherwise main]
    #[arg(long = "as", value_name = "ROLE", value_parser = words(&[Role::Main, Role::Fragment], role))]
    role: Option<Role>,
    /// Read each PATH separately, as an include of the main file FILE
    #[arg(long, value_name = "FILE", conflicts_with = "role")]
    main: Option<String>,
    /// Read PATH as if it were at this path, for includes, %(here)s and messages
    #[arg(long, value_name = "PATH", conflicts_with = "stdin_filename")]
    path_as: Option<String>,
    /// The path of standard input (-) in messages
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<String>,
    /// Check users, groups and directories on this machine
    #[arg(long)]
    check_host: bool,
}

fn role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Main => ("main", "The file that is given to supervisord -c"),
        Role::Fragment => ("fragment", "A file that another one includes"),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err("write NAME=VALUE".to_owned()),
    }
}

impl World {
    /// The flags as the library takes them, for a command that is given these paths.
    ///
    /// # Errors
    /// When an environment file cannot be read, or a flag does not fit the paths.
    pub fn reading(&self, paths: &[String]) -> Result<Reading, Failure> {
        let Self {
            env,
            env_file,
            env_host,
            node,
            cwd,
            root,
            no_include,
            role,
            main,
            path_as,
            stdin_filename,
            check_host,
        } = self;
        if let Some(message) = self.misnamed(paths) {
            return Err(Failure::Message(message));
        }
        let closed = *env_host || !env_file.is_empty() || !env.is_empty();
        let mut environment = Vec::new();
        if *env_host {
            let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
            environment.extend(std::env::vars_os().map(|(name, value)| (text(name), text(value))));
        }
        for path in env_file {
            environment.extend(variables_of(path)?);
        }
        environment.extend(env.iter().cloned());
        let cwd_known = cwd.is_some();
        let cwd = cwd.as_deref().unwrap_or("/");
        if !cwd.starts_with('/') {
            return Err(Failure::Message(format!("--cwd {cwd}: give an absolute path")));
        }
        Ok(Reading {
            environment: closed.then_some(environment),
            node: node.clone(),
            cwd: crate::python::normpath(cwd).into_owned(),
            cwd_known,
            root: root.clone(),
            no_include: *no_include,
            role: *role,
            main: main.clone(),
            check_host: *check_host,
            path_as: path_as.as_ref().or(stdin_filename.as_ref()).cloned(),
        })
    }

    /// Why the path that a file is to be read as does not fit the paths.
    fn misnamed(&self, paths: &[String]) -> Option<String> {
        if self.stdin_filename.is_some() && (paths.is_empty() || paths.iter().any(|path| path != "-")) {
            return Some("--stdin-filename names standard input: give - as the only PATH".to_owned());
        }
        self.path_as.as_ref()?;
        let [path] = paths else {
            return Some(format!("--path-as takes exactly one PATH, but {} are given", paths.len()));
        };
        let opened = Paths::new(self.root.as_deref()).opened(path);
        let other = fs::metadata(opened).is_ok_and(|file| !file.is_file());
        (path == "-" || other).then(|| format!("--path-as needs a regular file, and {path} is not one"))
    }
}

/// The variables of a file: values as they stand, without quoting; blank lines and lines that begin with `#` are passed
/// over, unless the file is an environ of /proc, which separates with NUL.
fn variables_of(path: &str) -> Result<Vec<(String, String)>, Failure> {
    let bytes = fs::read(path)
        .map_err(|error| Failure::Message(format!("--env-file {path}: {}", reason(&error.to_string()))))?;
    let text = String::from_utf8_lossy(&bytes);
    let separator = if text.contains('\0') { '\0' } else { '\n' };
    let mut variables = Vec::new();
    for (number, line) in (1..).zip(text.split(separator)) {
        if line.is_empty() || (separator == '\n' && (line.trim().is_empty() || line.starts_with('#'))) {
            continue;
        }
        let pair =
            variable(line).map_err(|hint| Failure::Message(format!("--env-file {path}, line {number}: {hint}")))?;
        variables.push(pair);
    }
    Ok(variables)
}
