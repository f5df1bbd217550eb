//! What takes a program away from supervisord: it goes to the background, by its command or by its own configuration.

use super::super::Lint;
use super::effective::Program;
use super::last::last;
use super::machine::OwnSetting;
use super::stops::in_the_end;
use crate::apps::{App, Place};
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;
use crate::python::shlex::Word;

impl<'a> Lint<'a> {
    /// Whether no stop reaches the program of a command: it goes to the background for certain, or somebody has arranged for that.
    pub(in crate::rules) fn leaves(&self, program: &Program<'a>) -> bool {
        self.reach(program).leaves
    }

    /// The same for the words of its command.
    pub(super) fn goes(&self, program: &Program<'a>, words: &[Word<'_>]) -> bool {
        // What setsid starts is in a process group of its own.
        last(words).is_some_and(|last| last.background || last.forks)
            || in_the_end(words, |app, words| app.is_some_and(|app| goes(self, program, (app, words))))
    }
}

fn goes(lint: &Lint<'_>, program: &Program<'_>, (app, words): (&App, &[Word<'_>])) -> bool {
    match by_its_own(lint, program, (app, words)) {
        Own::Untold(..) | Own::Told(_) => true,
        Own::Stays => false,
        Own::Silent => match app.place(words) {
            Place::Told { .. } | Place::Starts(_) | Place::Untold { write: _, or: None } => true,
            Place::Untold { write: _, or: Some(_) } => is_on_purpose(lint, program),
            Place::Foreground | Place::Configured { line: _ } => false,
        },
    }
}

/// Whether somebody knows that the command ends at once: its end is no failure, and nothing starts it again.
pub(in crate::rules) fn is_on_purpose(lint: &Lint<'_>, program: &Program<'_>) -> bool {
    let options = &program.process.program.options;
    lint.known(&options.autorestart) == Some(&AutoRestart::Never)
        && lint.known(&options.startsecs).is_some_and(|seconds| *seconds < Integer::from(1))
}

/// What the configuration of an application says, where it may be looked at.
pub(in crate::rules) enum Own {
    /// Nothing, or it was not found.
    Silent,
    /// It keeps it in the foreground.
    Stays,
    /// It does not: the file, and how to write the command.
    Untold(String, &'static str),
    /// A line of this file sends it to the background.
    Told(String),
}

/// What the configuration of an application says of where it runs; nothing without `--check-host`.
pub(in crate::rules) fn by_its_own(lint: &Lint<'_>, program: &Program<'_>, (app, words): (&App, &[Word<'_>])) -> Own {
    let own = |key: &str| lint.own_setting(program, (app, words), key);
    match (app.name, app.place(words)) {
        ("nginx" | "php-fpm", Place::Untold { write, or: Some(_) }) => {
            let key = if app.name == "nginx" { "daemon" } else { "daemonize" };
            match own(key) {
                None => Own::Silent,
                Some(OwnSetting { file: _, value: Some(value) }) if matches!(&*value, "off" | "no" | "false" | "0") => {
                    Own::Stays
                }
                Some(OwnSetting { file, value: _ }) => Own::Untold(file, write),
            }
        }
        // With redis a flag wins over the file; uWSGI takes what stands in either.
        ("redis-server" | "uwsgi", Place::Foreground) if !words.iter().any(|word| word.text == "--daemonize") => {
            match own("daemonize") {
                Some(OwnSetting { file, value: Some(value) }) if app.name == "uwsgi" || value == "yes" => {
                    Own::Told(file)
                }
                _ => Own::Silent,
            }
        }
        _ => Own::Silent,
    }
}
