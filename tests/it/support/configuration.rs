//! A configuration that is read as the commands read it: the one place where tests load and evaluate.

use std::path::Path;

use supconv::convert::systemd::{self, Choices};
use supconv::convert::{Plan, Subject};
use supconv::diagnostic::Diagnostic;
use supconv::launcher::SupervisorUnit;
use supconv::load::{self, Merged};
use supconv::model::Config;
use supconv::model::evaluate::evaluate;
use supconv::model::host::Yes;
use supconv::reading::Reading;
use supconv::rules::{self, Settings};
use supconv::source::Sources;

/// What was read.
pub struct Configuration {
    pub sources: Sources,
    pub merged: Merged,
    pub config: Config,
    pub reading: Reading,
}

impl Configuration {
    /// Of the file at a path.
    ///
    /// # Errors
    /// What is said of a file that cannot be read.
    pub fn read(path: &Path, reading: Reading) -> Result<Self, String> {
        let mut sources = Sources::default();
        let merged = load::load(&path.display().to_string(), &reading, &mut sources).map_err(|error| error.message)?;
        Ok(Self::evaluated(sources, merged, reading))
    }

    /// Of a text, as if it stood at a path.
    ///
    /// # Errors
    /// What is said of a file that cannot be read.
    pub fn of(path: &str, text: impl AsRef<[u8]>, reading: Reading) -> Result<Self, String> {
        Self::after(Sources::default(), path, text.as_ref(), reading)
    }

    /// Of a text, with the unit that starts its supervisord, which is the first of the sources, as are its drop-ins.
    ///
    /// # Errors
    /// What is said of a unit that cannot be read.
    pub fn started_by(unit: &Path, path: &str, text: &str) -> Result<(SupervisorUnit, usize, Self), String> {
        let mut sources = Sources::default();
        let unit = SupervisorUnit::read(&unit.display().to_string(), &mut sources)?;
        let files = sources.iter().count();
        Ok((unit, files, Self::after(sources, path, text.as_bytes(), Reading::default())?))
    }

    fn after(mut sources: Sources, path: &str, text: &[u8], reading: Reading) -> Result<Self, String> {
        let merged = load::load_bytes(path, text, &reading, &mut sources).map_err(|error| error.message)?;
        Ok(Self::evaluated(sources, merged, reading))
    }

    fn evaluated(sources: Sources, merged: Merged, reading: Reading) -> Self {
        let config = evaluate(&merged, &reading, &Yes);
        Self { sources, merged, config, reading }
    }

    /// What the rules find, before comments ignore any of it.
    pub fn findings(&self, settings: &Settings) -> Vec<Diagnostic> {
        rules::check(&self.sources, &self.merged, &self.config, &self.reading, settings)
    }

    /// What Supervisor refuses.
    pub fn refusals(&self) -> Vec<Diagnostic> {
        rules::refusals(&self.sources, &self.merged, &self.config, &self.reading)
    }

    /// What `to-systemd` makes of it.
    pub fn units(&self, choices: &Choices) -> Plan<'_> {
        systemd::plan(self.subject(), choices)
    }

    /// What a target converts.
    pub fn subject(&self) -> Subject<'_> {
        Subject { merged: &self.merged, config: &self.config, refusals: self.refusals(), only: &[] }
    }

    /// The line on which a finding begins.
    pub fn line(&self, finding: &Diagnostic) -> u32 {
        let source = self.sources.get(finding.place.source);
        source.map_or(0, |source| source.position(finding.place.span.start).line)
    }
}
