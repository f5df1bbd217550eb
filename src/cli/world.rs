//! The flags that say in what world a file is read; every command takes them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, OsStringValueParser, TypedValueParser as _};

use super::{Failure, path, words};
use crate::files;
use crate::load::Paths;
use crate::python;
use crate::python::filename;
use crate::reading::{Reading, Role, Texts};
use crate::settings::{self, Origin, Setting, Settings, Wrong};

/// In what world the file is read.
#[derive(Args, Debug, Default)]
#[group(skip)]
#[command(next_help_heading = "Reading")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct World {
    /// An environment variable of supervisord; with any --env* flag, a `%(ENV_X)s` that is not given is an error
    #[arg(long, value_name = "NAME=VALUE", value_parser = OsStringValueParser::new().try_map(|text| variable(&filename::decode(&text))))]
    env: Vec<(String, String)>,
    /// Environment variables from a file: NAME=VALUE lines, or a copy of /proc/PID/environ
    #[arg(long, value_name = "FILE", value_parser = path())]
    env_file: Vec<String>,
    /// The environment that supconv is started in
    #[arg(long)]
    env_host: bool,
    /// The value of `%(host_node_name)s`
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    node: Option<String>,
    /// The directory that supervisord is started in, for relative paths in values [default: /]
    #[arg(long, value_name = "DIR", value_parser = path())]
    cwd: Option<String>,
    /// Look for absolute paths and includes below DIR (an image or a checkout)
    #[arg(long, value_name = "DIR", value_parser = path())]
    root: Option<String>,
    /// Do not read included files; what they would set is unknown
    #[arg(long)]
    no_include: bool,
    /// What the file is [default: fragment if it has no [supervisord], otherwise main]
    #[arg(long = "as", value_name = "ROLE", value_parser = words(&[Role::Main, Role::Fragment], role))]
    role: Option<Role>,
    /// Read each PATH separately, as an include of the main file FILE
    #[arg(long, value_name = "FILE", conflicts_with = "role", value_parser = path())]
    main: Option<String>,
    /// Read PATH as if it were at this path, for includes, %(here)s and messages
    #[arg(long, value_name = "PATH", conflicts_with = "stdin_filename", value_parser = path())]
    path_as: Option<String>,
    /// The path of standard input (-) in messages
    #[arg(long, value_name = "PATH", value_parser = path())]
    stdin_filename: Option<String>,
    /// Ask this machine: accounts, directories, programs, and the configuration files and scripts that commands name
    #[arg(long)]
    check_host: bool,
    /// Use this supconv.toml for all files
    #[arg(long, value_name = "FILE", conflicts_with = "isolated", value_parser = path())]
    settings: Option<String>,
    /// Use no supconv.toml
    #[arg(long)]
    isolated: bool,
    /// The most that is read of a file with its includes, in bytes or as 512MB, 1GB [default: 256MB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<u64>,
}

fn role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Main => ("main", "The file that is given to supervisord -c"),
        Role::Fragment => ("fragment", "A file that another one includes"),
    }
}

/// A number of bytes, with a unit as Supervisor has them.
fn size(text: &str) -> Result<u64, String> {
    let upper = text.to_ascii_uppercase();
    let mut units = [("KB", 10), ("MB", 20), ("GB", 30)].into_iter();
    let (number, shift) =
        units.find_map(|(unit, shift)| Some((upper.strip_suffix(unit)?, shift))).unwrap_or((&upper, 0));
    let number: Option<u64> = number.parse().ok();
    // The offsets in a file have 32 bits.
    let bytes = number.and_then(|number| number.checked_mul(1 << shift)).filter(|bytes| (1..=4 << 30).contains(bytes));
    bytes.ok_or_else(|| "give a number of bytes up to 4GB, such as 1048576, 512MB or 1GB".to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').filter(|(name, _)| !name.is_empty()) {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err("write NAME=VALUE".to_owned()),
    }
}

impl World {
    /// The world of no flag but perhaps `--no-include`.
    pub fn of(no_include: bool) -> Self {
        Self { no_include, ..Self::default() }
    }

    /// The most that is read of a file.
    pub fn max_size(&self) -> u64 {
        self.max_size.unwrap_or(files::MAX_SIZE)
    }

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
            settings: _,
            isolated: _,
            max_size: _,
        } = self;
        let max_size = self.max_size();
        if let Some(message) = self.misnamed(paths) {
            return Err(Failure::Message(message));
        }
        let closed = *env_host || !env_file.is_empty() || !env.is_empty();
        let environment = if closed {
            let named = |(path, why)| Failure::Message(format!("--env-file {path}{why}"));
            Some(self.environment(env_file).map_err(named)?)
        } else {
            None
        };
        let cwd_known = cwd.is_some();
        let cwd = cwd.as_deref().unwrap_or("/");
        if !cwd.starts_with('/') {
            return Err(Failure::Message(format!("--cwd {cwd}: give an absolute path")));
        }
        Ok(Reading {
            environment,
            node: node.clone(),
            cwd: crate::python::normpath(cwd).into_owned(),
            cwd_known,
            root: root.clone(),
            no_include: *no_include,
            role: *role,
            main: main.clone(),
            check_host: *check_host,
            path_as: path_as.as_ref().or(stdin_filename.as_ref()).cloned(),
            max_size,
            python: None,
            texts: Texts::default(),
        })
    }

    /// The variables that the flags give, with those of some files; of a file that cannot be read its path and the reason.
    fn environment(&self, files: &[String]) -> Result<Vec<(String, String)>, (String, String)> {
        let mut environment = Vec::new();
        if self.env_host {
            let text = |part: std::ffi::OsString| filename::decode(&part).into_owned();
            environment.extend(std::env::vars_os().map(|(name, value)| (text(name), text(value))));
        }
        for path in files {
            environment.extend(variables_of(path, self.max_size()).map_err(|why| (path.clone(), why))?);
        }
        environment.extend(self.env.iter().cloned());
        Ok(environment)
    }

    /// How a file is read whose project has these settings.
    ///
    /// # Errors
    /// When its environment cannot be read.
    pub fn under(&self, reading: &Reading, project: &Settings) -> Result<Reading, Vec<Wrong>> {
        let mut reading = Reading { python: project.python.value, ..reading.clone() };
        let Setting { value: files, origin: Origin::File(place) } = &project.env_file else { return Ok(reading) };
        let environment = self.environment(files).map_err(|(path, why)| {
            let message = format!("env-file {path}{why}");
            vec![Wrong { path: project.file.clone().unwrap_or_default(), place: Some(*place), message }]
        })?;
        reading.environment = Some(environment);
        Ok(reading)
    }

    /// The settings that a file holds, or those of a project without one, with what the flags say of its environment.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn project(&self, settings_file: Option<&str>) -> Result<Settings, Vec<Wrong>> {
        let mut project = settings_file.map_or_else(|| Ok(Settings::default()), settings::read)?;
        project.env_file.replace((!self.env_file.is_empty()).then(|| self.env_file.clone()));
        Ok(project)
    }

    /// The file with the settings of the project that a file lies in; `path` as it opens.
    pub fn settings_file(&self, path: &str) -> Option<String> {
        if self.isolated {
            return None;
        }
        if let Some(file) = &self.settings {
            return Some(file.clone());
        }
        match (path, &self.stdin_filename) {
            ("-", Some(name)) => settings::find(python::dirname(name)),
            ("-", None) => settings::find(""),
            _ => settings::find(python::dirname(path)),
        }
    }

    /// How the file of a command that reads one is read: by the settings of its project, and all of the flags.
    ///
    /// # Errors
    /// When the settings are wrong.
    pub fn reading_of(&self, path: &str, reading: &Reading) -> Result<Reading, Failure> {
        let file = self.settings_file(path);
        let project = self.project(file.as_deref()).and_then(|project| self.under(reading, &project));
        project.map_err(Failure::Settings)
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
        let other = filename::encode(&opened).metadata().is_ok_and(|file| !file.is_file());
        (path == "-" || other).then(|| format!("--path-as needs a regular file, and {path} is not one"))
    }
}

/// The variables of a file: values as they stand, without quoting; blank lines and lines that begin with `#` are passed
/// over, unless the file is an environ of /proc, which separates with NUL.
fn variables_of(path: &str, max_size: u64) -> Result<Vec<(String, String)>, String> {
    let bytes = files::read(path, max_size).map_err(|why| format!(": {why}"))?;
    // As os.environ has them.
    let text = filename::decode(OsStr::from_bytes(&bytes));
    let separator = if text.contains('\0') { '\0' } else { '\n' };
    let mut variables = Vec::new();
    for (number, line) in (1..).zip(text.split(separator)) {
        if line.is_empty() || (separator == '\n' && (line.trim().is_empty() || line.starts_with('#'))) {
            continue;
        }
        match variable(line) {
            Ok(pair) => variables.push(pair),
            // What a program has made of its environ need not be variables; Python passes over that too (os.environ).
            Err(_) if separator == '\0' => {}
            Err(hint) => return Err(format!(", line {number}: {hint}")),
        }
    }
    Ok(variables)
}
