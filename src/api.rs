//! The crate for other programs: a file is read once, then linted and converted as often as is wanted.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::configuration::Configuration as Evaluated;
use crate::convert::{self as conversion, Grade, Subject, horust, pitchfork, systemd};
use crate::diagnostic::Severity;
use crate::lint::{self as linting, Input, Shown};
use crate::load::{self, Unreadable};
use crate::python::filename;
use crate::reading::Reading;
use crate::report::{self, Frames, Masker, document};
use crate::rules;
use crate::secrets;
use crate::source::{Position, Sources};
use crate::well_known::quoted;

/// What is known of the machine that a file is for. The default knows nothing: what a file takes from the environment is then
/// neither right nor wrong.
///
/// ```
/// use supconv::World;
///
/// let mut world = World::default();
/// world.environment = Some(vec![("HOME".to_owned(), "/root".to_owned())]);
/// let text = "[supervisord]\n[program:web]\ncommand=%(ENV_APP)s/web\n";
/// let configuration = world.read_text("web.conf", text)?;
/// let findings = supconv::lint(&configuration);
/// assert!(findings.iter().any(|finding| finding.name == "undefined-env-expansion"));
/// # Ok::<(), supconv::ReadError>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct World {
    /// The environment that supervisord is started with; `None` where that is not known.
    pub environment: Option<Vec<(String, String)>>,
    /// The directory below which the absolute paths of the file are found: the root of an image.
    pub root: Option<PathBuf>,
    /// Whether the files that `[include]` names are left alone.
    pub no_include: bool,
}

/// A configuration that was read: the text of its file, and of all that this includes. These texts stay, whatever happens on the
/// disk afterwards; only which files a pattern of `[include]` names is looked up again.
///
/// ```
/// let configuration = supconv::read_text("web.conf", "[program:web]\ncommand=/srv/web\n")?;
/// let before = supconv::lint(&configuration).len();
/// assert_eq!(supconv::lint(&configuration.clone()).len(), before);
/// # Ok::<(), supconv::ReadError>(())
/// ```
#[derive(Clone)]
pub struct Configuration {
    path: String,
    reading: Reading,
}

/// Why a file cannot be read. A file that Supervisor refuses is read all the same: [`lint()`](fn@crate::lint) says why it does.
///
/// ```
/// let error = supconv::read("/nowhere/supervisord.conf").unwrap_err();
/// assert_eq!(error.to_string(), "/nowhere/supervisord.conf: No such file or directory");
/// ```
#[derive(Clone, Debug)]
pub struct ReadError(Unreadable);

/// Something in a file that Supervisor refuses, or that hurts later. No secret is in it.
///
/// ```
/// let configuration = supconv::read_text("web.conf", "[program:web]\ncommand=/srv/web\nautostart=maybe\n")?;
/// let findings = supconv::lint(&configuration);
/// let refused = findings.iter().find(|finding| finding.name == "invalid-value").ok_or("not there")?;
/// assert_eq!(refused.severity, supconv::Severity::Error);
/// assert_eq!((refused.start.line, refused.start.column), (3, 11));
/// assert_eq!((refused.section.as_deref(), refused.option.as_deref()), (Some("program:web"), Some("autostart")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The code of the rule: `SUP101`.
    pub code: &'static str,
    /// Its name: `default-minfds`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and what Supervisor does with it.
    pub message: String,
    /// What to write instead: steps, one a line. A line that begins with two spaces is a command.
    pub help: Option<String>,
    /// Supervisor's own message, where it refuses to start.
    pub supervisor: Option<String>,
    /// The file.
    pub path: String,
    /// Where the text begins that is spoken of.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The section, as written.
    pub section: Option<String>,
    /// The option, as Supervisor names it.
    pub option: Option<String>,
}

/// What a configuration is converted to.
///
/// ```
/// use supconv::Target;
///
/// let configuration = supconv::read_text("web.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n")?;
/// for (target, path) in [
///     (Target::Systemd, "web.service"),
///     (Target::Horust, "web.toml"),
///     (Target::Pitchfork, "pitchfork.toml"),
/// ] {
///     let plan = supconv::convert(&configuration, target);
///     assert!(plan.files.iter().any(|file| file.path == path), "{target:?}");
/// }
/// # Ok::<(), supconv::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// Units of systemd, on a host.
    Systemd,
    /// Services of Horust, in a container.
    Horust,
    /// A configuration of pitchfork, on a host.
    Pitchfork,
}

/// What a conversion would write, and what it has to say. Nothing is written.
///
/// ```
/// use supconv::{Grade, Target};
///
/// let configuration = supconv::read_text("web.conf", "[program:web]\ncommand=/srv/web\nuser=web\n")?;
/// let plan = supconv::convert(&configuration, Target::Systemd);
/// assert!(!plan.refused && plan.errors.is_empty());
/// assert!(plan.losses.iter().all(|loss| loss.grade != Grade::Lost));
/// assert!(plan.files.iter().any(|file| file.path == "web.service"));
/// # Ok::<(), supconv::ReadError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The files, in the order in which the program prints them.
    pub files: Vec<PlanFile>,
    /// The settings that are translated with a difference, and those that are lost.
    pub losses: Vec<Loss>,
    /// Sections that Supervisor refuses, and names that cannot be: they have no file.
    pub errors: Vec<Finding>,
    /// Whether Supervisor refuses the file as a whole: then there are no files.
    pub refused: bool,
}

/// A file of a plan.
///
/// ```
/// let configuration = supconv::read_text("web.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n")?;
/// let plan = supconv::convert(&configuration, supconv::Target::Systemd);
/// let unit = plan.files.iter().find(|file| file.path == "web.service").ok_or("not there")?;
/// assert!(unit.text.contains("\nExecStart=") && unit.mode == 0o644 && !unit.secret);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct PlanFile {
    /// Its path, relative to the directory that the files are written to.
    pub path: String,
    /// Its mode: `0o644`.
    pub mode: u32,
    /// Its text.
    pub text: String,
    /// Whether the text holds secrets: it is for the file, and for nobody to see.
    pub secret: bool,
}

/// A setting that a conversion does not keep as it is.
///
/// ```
/// use supconv::Grade;
///
/// let text = "[supervisord]\n[eventlistener:own]\ncommand=/srv/listener\nevents=TICK_60\n";
/// let plan = supconv::convert(&supconv::read_text("own.conf", text)?, supconv::Target::Systemd);
/// let lost = plan.losses.iter().find(|loss| loss.grade == Grade::Lost).ok_or("not there")?;
/// assert_eq!(lost.finding.section.as_deref(), Some("eventlistener:own"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loss {
    /// How much of it is kept.
    pub grade: Grade,
    /// What becomes of it, at its place.
    pub finding: Finding,
}

/// Reads the file at `path` and what it includes; `-` is standard input.
///
/// # Errors
/// When the file cannot be read.
///
/// ```no_run
/// let configuration = supconv::read("/etc/supervisor/supervisord.conf")?;
/// for finding in supconv::lint(&configuration) {
///     println!("{}:{}: {}", finding.path, finding.start.line, finding.message);
/// }
/// # Ok::<(), supconv::ReadError>(())
/// ```
pub fn read(path: impl AsRef<Path>) -> Result<Configuration, ReadError> {
    World::default().read(path)
}

/// Reads a text as the file `name`. Whatever it names, no file is opened: what it includes is not known.
///
/// # Errors
/// When it is larger than 4 GiB.
///
/// ```
/// let configuration = supconv::read_text("supervisord.conf", "[supervisord]\nminfds=65536\n")?;
/// assert_eq!(configuration.path(), "supervisord.conf");
/// # Ok::<(), supconv::ReadError>(())
/// ```
pub fn read_text(name: &str, text: impl Into<Vec<u8>>) -> Result<Configuration, ReadError> {
    World::default().read_text(name, text)
}

/// Everything that rules find in a configuration, sorted by place. Comments in the file that ignore findings are heeded;
/// `supconv.toml` is not read.
///
/// ```
/// let configuration = supconv::read_text("supervisord.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n")?;
/// let findings = supconv::lint(&configuration);
/// let minfds = findings.iter().find(|finding| finding.code == "SUP101").ok_or("not there")?;
/// assert!(minfds.message.starts_with("programs are limited to 1024 open files"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn lint(configuration: &Configuration) -> Vec<Finding> {
    let Configuration { path, reading } = configuration;
    let shown = Shown {
        least: Severity::Info,
        pedantic: false,
        heed: true,
        one: false,
        frames: Frames::None,
        names: false,
        fixes: false,
        mends: false,
    };
    let input = [Input::File(path.clone())];
    let report = linting::lint(&input, reading, &rules::Settings::default(), shown, &Sources::default());
    report.findings.into_iter().map(Finding::of).collect()
}

/// Converts a configuration, with the choices that the program makes where no flag says otherwise.
///
/// ```
/// let text = "[supervisord]\nminfds=65536\n[program:web]\ncommand=/srv/web\nenvironment=DB_PASSWORD=\"tr0ub4dor\"\n";
/// let plan = supconv::convert(&supconv::read_text("web.conf", text)?, supconv::Target::Systemd);
/// let unit = plan.files.iter().find(|file| file.path == "web.service").ok_or("not there")?;
/// assert!(unit.text.contains("\nLimitNOFILE=65536") && !unit.text.contains("tr0ub4dor"));
/// assert!(plan.files.iter().any(|file| file.secret && file.mode == 0o600 && file.text.contains("tr0ub4dor")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn convert(configuration: &Configuration, target: Target) -> Plan {
    let Configuration { path, reading } = configuration;
    let sources = Sources::default();
    match Evaluated::read(path, reading, &sources) {
        Ok(evaluated) => Plan::of(&evaluated, target, &sources),
        // All texts are at hand.
        Err(_) => Plan { files: Vec::new(), losses: Vec::new(), errors: Vec::new(), refused: true },
    }
}

impl World {
    /// As [`read()`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Configuration, ReadError> {
        Configuration::new(filename::decode(path.as_ref().as_os_str()).into_owned(), self.reading())
    }

    /// As [`read_text()`].
    ///
    /// # Errors
    /// When it is larger than 4 GiB.
    pub fn read_text(&self, name: &str, text: impl Into<Vec<u8>>) -> Result<Configuration, ReadError> {
        let text = text.into();
        let mut reading = Reading { no_include: true, ..self.reading() };
        reading.max_size = reading.max_size.max(text.len() as u64);
        // By its name, whatever that comes to on this disk now or later.
        reading.texts.set(filename::encode(&load::called(name, &reading)).into_owned(), text);
        Configuration::new(name.to_owned(), reading)
    }

    fn reading(&self) -> Reading {
        let Self { environment, root, no_include } = self;
        let root = root.as_ref().map(|root| filename::decode(root.as_os_str()).into_owned());
        Reading { environment: environment.clone(), root, no_include: *no_include, ..Reading::default() }
    }
}

impl Configuration {
    /// Reads all files once and keeps their texts.
    fn new(path: String, mut reading: Reading) -> Result<Self, ReadError> {
        let sources = Sources::default();
        Evaluated::read(&path, &reading, &sources).map_err(ReadError)?;
        for (_, source) in sources.iter() {
            if let Some(opened) = &source.opened {
                reading.texts.set(filename::encode(opened).into_owned(), source.bytes().to_vec());
            }
        }
        Ok(Self { path, reading })
    }

    /// The path that it was read from.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What Supervisor makes of it, as the JSON document `supconv.show/1`: every option with its value. Passwords are masked, but
    /// the environment of programs is not.
    ///
    /// ```
    /// let configuration = supconv::read_text("supervisord.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n")?;
    /// assert!(configuration.to_json().contains(r#""startretries":3"#));
    /// # Ok::<(), supconv::ReadError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        document::json_line(&self.path, &self.reading, false)
    }
}

impl Finding {
    fn of(finding: report::Finding) -> Self {
        let report::Finding { rule, severity, message, help, supervisor, path, section, option, start, end, .. } =
            finding;
        let text = |text: std::sync::Arc<str>| text.to_string();
        Self {
            code: rule.code,
            name: rule.name,
            severity,
            message: text(message),
            help: help.map(text),
            supervisor: supervisor.map(String::from),
            path: text(path),
            start,
            end,
            section: section.map(text),
            option: option.map(text),
        }
    }
}

impl Plan {
    fn of(evaluated: &Evaluated<'_>, target: Target, sources: &Sources) -> Self {
        let config = &evaluated.config;
        let (command, plan): (_, fn(Subject<'_>) -> conversion::Plan<'_>) = match target {
            Target::Systemd => ("to-systemd", |subject| systemd::plan(subject, &systemd::Choices::default())),
            Target::Horust => ("to-horust", |subject| horust::plan(subject, &horust::Choices::default())),
            Target::Pitchfork => ("to-pitchfork", |subject| pitchfork::plan(subject, &pitchfork::Choices::default())),
        };
        let asked_by = format!("supconv {command} {}", quoted(&secrets::mask(config.path)));
        let plan = plan(Subject {
            merged: &evaluated.merged,
            config,
            refusals: rules::refusals(evaluated),
            unrunnable: rules::unrunnable(evaluated),
            source: config.path,
            asked_by: sources.keep(asked_by),
            only: &[],
        });
        let mut masker = Masker::new(sources, [&config.secrets], Frames::None);
        let mut told = |diagnostic: &_| Finding::of(masker.finding(diagnostic, None));
        let losses = plan.losses.iter();
        Self {
            losses: losses.map(|loss| Loss { grade: loss.sentence.grade, finding: told(&loss.diagnostic()) }).collect(),
            errors: plan.errors.iter().map(told).collect(),
            files: plan.files.into_iter().map(PlanFile::of).collect(),
            refused: plan.refused,
        }
    }
}

impl PlanFile {
    fn of(file: conversion::PlanFile) -> Self {
        let conversion::PlanFile { path, mode, text, secret } = file;
        Self { path, mode, text: text.parts().collect(), secret }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        f.write_str(&secrets::mask(error.to_string()))
    }
}

impl std::error::Error for ReadError {}

/// Without the values of variables, any of which may be a secret.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { environment, root, no_include } = self;
        let names = environment.as_ref().map(|all| all.iter().map(|(name, _)| name).collect::<Vec<_>>());
        let mut shown = f.debug_struct("World");
        shown.field("environment", &names).field("root", root).field("no_include", no_include).finish()
    }
}

/// Without the texts, which have secrets.
impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Configuration").field("path", &self.path).finish_non_exhaustive()
    }
}

/// With the text only where it has no secrets.
impl fmt::Debug for PlanFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, mode, text, secret } = self;
        let text = if *secret { secrets::MASK } else { text };
        let mut shown = f.debug_struct("PlanFile");
        shown.field("path", path).field("mode", &format_args!("{mode:#o}")).field("text", &text);
        shown.field("secret", secret).finish()
    }
}
