//! What the files of this machine say of a program, where `--check-host` lets rules look at them.

use super::super::Lint;
use super::effective::Program;
use crate::apps::App;
use crate::apps::own::{includes, setting};
use crate::files;
use crate::load::Paths;
use crate::python;
use crate::python::glob::glob;
use crate::python::shlex::Word;

/// The most that is read of a file.
const MOST: u64 = 1 << 20;

/// What the configuration of an application says of a setting.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rules) struct OwnSetting {
    /// The file that has it, or the first one that was read.
    pub file: String,
    /// Its value; `None` if no line sets it.
    pub value: Option<String>,
}

impl Lint<'_> {
    /// The text of a file, whose path may begin where the program runs.
    pub(in crate::rules) fn text_of(&self, program: &Program<'_>, path: &str) -> Option<String> {
        let path = self.absolute(program, path)?;
        let paths = Paths::new(self.reading.root.as_deref());
        let bytes = files::read_regular(&paths.real(&path), MOST).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What the configuration of an application says; `None` if it must not be looked at, or is not found.
    pub(in crate::rules) fn own_setting(
        &self,
        program: &Program<'_>,
        (app, words): (&App, &[Word<'_>]),
        key: &str,
    ) -> Option<OwnSetting> {
        let paths = Paths::new(self.reading.root.as_deref());
        let mut found: Option<OwnSetting> = None;
        // Of php-fpm the usual directories are read below; what else is included is not.
        let mut open = false;
        for pattern in app.own_files(words) {
            let pattern = self.absolute(program, pattern)?;
            for file in glob(&pattern, &paths).unwrap_or_default() {
                let Ok(bytes) = files::read_regular(&paths.real(&file), MOST) else { continue };
                let text = String::from_utf8_lossy(&bytes);
                let value = setting(&text, key).map(str::to_owned);
                open |= value.is_none() && includes(&text);
                if value.is_some() || found.is_none() {
                    found = Some(OwnSetting { file, value });
                }
            }
        }
        found.filter(|found| found.value.is_some() || !open || app.name == "php-fpm")
    }

    /// A path that begins at the root; `None` of a relative one, if nothing says where the program runs.
    fn absolute(&self, program: &Program<'_>, path: &str) -> Option<String> {
        if !self.reading.check_host {
            return None;
        }
        if path.starts_with('/') {
            return Some(path.to_owned());
        }
        let directory = (*self.known(&program.process.options.directory)?)?;
        directory.starts_with('/').then(|| python::normpath(&python::join(directory, path)).into_owned())
    }
}
