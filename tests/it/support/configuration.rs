//! A configuration that is read as the commands read it: the one place where tests read one. What it borrows from lives as long
//! as the test.

use std::path::Path;

use supconv::configuration::Configuration as Read;
use supconv::convert::systemd::{self, Choices};
use supconv::convert::{Plan, Subject};
use supconv::diagnostic::Diagnostic;
use supconv::files::MAX_SIZE;
use supconv::launcher::SupervisorUnit;
use supconv::reading::Reading;
use supconv::rules::{self, Settings};
use supconv::source::Sources;

/// What was read.
pub struct Configuration(&'static Read<'static>);

impl std::ops::Deref for Configuration {
    type Target = Read<'static>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

/// Keeps a value for as long as the test runs.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

impl Configuration {
    /// Of the file at a path.
    ///
    /// # Errors
    /// What is said of a file that cannot be read.
    pub fn read(path: &Path, reading: Reading) -> Result<Self, String> {
        let read = Read::read(&path.display().to_string(), kept(reading), kept(Sources::default()));
        read.map(|read| Self(kept(read))).map_err(|error| error.message)
    }

    /// Of a text, as if it stood at a path.
    ///
    /// # Errors
    /// What is said of a file that cannot be read.
    pub fn of(path: &str, text: impl AsRef<[u8]>, reading: Reading) -> Result<Self, String> {
        Self::after(kept(Sources::default()), path, text.as_ref(), reading)
    }

    /// Of a text, with the unit that starts its supervisord, which is the first of the sources, as are its drop-ins.
    ///
    /// # Errors
    /// What is said of a unit that cannot be read.
    pub fn started_by(unit: &Path, path: &str, text: &str) -> Result<(SupervisorUnit, usize, Self), String> {
        let sources = kept(Sources::default());
        let unit = SupervisorUnit::read(&unit.display().to_string(), MAX_SIZE, sources)?;
        let files = sources.iter().count();
        Ok((unit, files, Self::after(sources, path, text.as_bytes(), Reading::default())?))
    }

    fn after(sources: &'static Sources, path: &str, text: &[u8], reading: Reading) -> Result<Self, String> {
        let read = Read::read_bytes(path, text, kept(reading), sources);
        read.map(|read| Self(kept(read))).map_err(|error| error.message)
    }

    /// It, for longer than what holds it here.
    pub fn whole(&self) -> &'static Read<'static> {
        self.0
    }

    /// What the rules find, before comments ignore any of it.
    pub fn findings<'s>(&self, settings: &'s Settings) -> Vec<Diagnostic<'s>> {
        rules::check(self.0, settings)
    }

    /// What Supervisor refuses.
    pub fn refusals(&self) -> Vec<Diagnostic<'static>> {
        rules::refusals(self.0)
    }

    /// What `to-systemd` makes of it.
    pub fn units(&self, choices: &Choices) -> Plan<'static> {
        systemd::plan(self.subject(), choices)
    }

    /// What a target converts.
    pub fn subject(&self) -> Subject<'static> {
        Subject {
            merged: &self.0.merged,
            config: &self.0.config,
            refusals: self.refusals(),
            unrunnable: rules::unrunnable(self.0),
            source: self.0.config.path,
            asked_by: "supconv to-systemd a.conf",
            only: &[],
        }
    }

    /// The line on which a finding begins.
    pub fn line(&self, finding: &Diagnostic<'_>) -> u32 {
        let source = self.sources.get(finding.place.source);
        source.map_or(0, |source| source.position(finding.place.span.start).line)
    }
}
