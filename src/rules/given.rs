//! What a rule is given: one file as it was read, and what the command line says about the rules.

use std::cell::OnceCell;

use super::is_of_conversions;
use super::view::effective::Program;
use super::view::logs::Log;
use crate::configuration::Configuration;
use crate::diagnostic::Rule;
use crate::hash::HashMap;
use crate::launcher::SupervisorUnit;
use crate::load::{Merged, NoticeKind};
use crate::markup::{self, Markup};
use crate::model::Config;
use crate::model::value::LogFile;
use crate::reading::Reading;
use crate::source::{Source, SourceId, Sources};
use crate::well_known;

/// What the command line says about the rules.
#[derive(Debug, Default)]
pub struct Settings {
    /// Where supervisord runs.
    pub target: Target,
    /// Rules that are not run.
    pub off: Vec<&'static Rule>,
    /// The unit that starts supervisord.
    pub unit: Option<SupervisorUnit>,
    /// Seconds that supervisord has to stop before it is killed, where the caller knows.
    pub stop_timeout: Option<i64>,
}

impl Settings {
    /// Whether a rule is run. A linter that cannot read a file says so, whatever it was asked: SUP001 always is. Those of
    /// conversions are run where the target is one.
    #[must_use]
    pub fn runs(&self, rule: &Rule) -> bool {
        let off = self.off.iter().any(|off| off.code == rule.code);
        rule.code == SYNTAX || !off && (self.target.converts() || !is_of_conversions(rule))
    }
}

/// The rule that no ignore and no flag silences: what it speaks of could not be read.
pub const SYNTAX: &str = "SUP001";

/// Where supervisord runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// In a container if the file runs supervisord in the foreground or logs to a device, else on a host
    #[default]
    Auto,
    /// On a machine of its own
    Host,
    /// In a container
    Container,
    /// On a machine of its own, to be converted: what `to-systemd` would lose is reported too
    Systemd,
    /// In a container, to be converted: what `to-horust` would lose is reported too
    Horust,
    /// On a machine of its own, to be converted: what `to-pitchfork` would lose is reported too
    Pitchfork,
}

impl Target {
    /// All of them, the usual one first.
    pub const ALL: [Self; 6] = [Self::Auto, Self::Host, Self::Container, Self::Systemd, Self::Horust, Self::Pitchfork];

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Host => "host",
            Self::Container => "container",
            Self::Systemd => "systemd",
            Self::Horust => "horust",
            Self::Pitchfork => "pitchfork",
        }
    }

    /// Whether it is one of a conversion.
    #[must_use]
    pub fn converts(self) -> bool {
        match self {
            Self::Auto | Self::Host | Self::Container => false,
            Self::Systemd | Self::Horust | Self::Pitchfork => true,
        }
    }
}

/// What a rule sees of one file.
pub struct Lint<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The sections before conversion.
    pub merged: &'a Merged<'a>,
    /// What they mean.
    pub config: &'a Config<'a>,
    /// How they were read.
    pub reading: &'a Reading,
    /// What the command line says about the rules.
    pub settings: &'a Settings,
    /// Markup of a template in the files.
    pub markup: &'a Markup,
    pub(super) programs: OnceCell<Vec<Program<'a>>>,
    /// Where the program of a section stands among those.
    pub(super) by_section: OnceCell<HashMap<&'a str, usize>>,
    pub(super) logs: OnceCell<Vec<Log<'a>>>,
    /// Rules of programs ask for it once a program, and it looks at all of them.
    container: OnceCell<bool>,
}

impl<'a> Lint<'a> {
    pub(super) fn new(configuration: &'a Configuration<'a>, settings: &'a Settings, markup: &'a Markup) -> Self {
        let Configuration { sources, merged, config, markup: _, reading } = configuration;
        let (programs, by_section) = (OnceCell::new(), OnceCell::new());
        let (logs, container) = (OnceCell::new(), OnceCell::new());
        Self { sources, merged, config, reading, settings, markup, programs, by_section, logs, container }
    }
}

impl<'a> Lint<'a> {
    /// The files of this configuration, each path once.
    pub fn files(&self) -> impl Iterator<Item = (SourceId, &'a Source)> {
        markup::files(self.sources, self.merged)
    }

    /// Whether what is absent may be in a file that is not here: an include was not read, or an absolute pattern matches
    /// nothing on this machine. Supervisor reads such a pattern as empty, and so does the model.
    #[must_use]
    pub fn may_have_more(&self) -> bool {
        let unmatched =
            |kind: &NoticeKind| matches!(kind, NoticeKind::NoMatch { pattern, .. } if pattern.starts_with('/'));
        self.merged.incomplete || self.merged.notices.iter().any(|notice| unmatched(&notice.kind))
    }

    /// Whether supervisord runs in a container. Unless the command line says so the file does: in the foreground, or with a
    /// log on a device.
    #[must_use]
    pub fn container(&self) -> bool {
        *self.container.get_or_init(|| self.in_container())
    }

    fn in_container(&self) -> bool {
        match self.settings.target {
            Target::Auto if !self.config.fragment && self.settings.unit.is_none() => {}
            Target::Auto | Target::Host | Target::Systemd | Target::Pitchfork => return false,
            Target::Container | Target::Horust => return true,
        }
        let log = |log: &LogFile<'_>| matches!(log, LogFile::Path(path) if well_known::descriptor(path).is_some());
        let supervisord = &self.config.supervisord;
        supervisord.nodaemon.known() == Some(&true)
            || supervisord.logfile.known().is_some_and(|path| well_known::descriptor(path).is_some())
            || self.config.groups.iter().flat_map(|group| &group.processes).any(|process| {
                process.options.stdout_logfile.known().is_some_and(log)
                    || process.options.stderr_logfile.known().is_some_and(log)
            })
    }
}
