//! The settings of the files of a run: each file has those of its project, which many of them share.

use std::io::{self, Write};

use super::world::World;
use crate::lint::{self, Input, Shown, Terms};
use crate::load::Unreadable;
use crate::python;
use crate::reading::{Reading, Texts};
use crate::report::Report;
use crate::rules;
use crate::settings::{PathIgnores, Settings, Wrong};
use crate::source::Sources;
use crate::visible::on_one_line;

/// The projects of a run.
pub(super) struct Projects<'i> {
    /// Those whose settings are right, and how their files are read.
    good: Vec<(Settings, Reading)>,
    /// What is wrong with the others.
    wrong: Vec<Wrong>,
    /// The files of the good ones, each with the number of its project.
    files: Vec<(&'i Input, usize)>,
}

impl<'i> Projects<'i> {
    /// Finds the settings of each file, over which the flags go.
    pub fn of(inputs: &'i [Input], world: &World, reading: &Reading, over: impl Fn(&mut Settings)) -> Self {
        let mut projects = Self { good: Vec::new(), wrong: Vec::new(), files: Vec::new() };
        // The files of settings, each with the number of its project, if it is a good one; mostly there is but one, or none.
        let mut known: Vec<(Option<String>, Option<usize>)> = Vec::new();
        let mut before: Option<(&str, Option<usize>)> = None;
        for input in inputs {
            let path = input.path();
            let directory = if path == "-" { path } else { python::dirname(path) };
            let number = match before {
                Some((same, number)) if same == directory => number,
                _ => {
                    let file = world.settings_file(path);
                    if let Some((_, number)) = known.iter().find(|(one, _)| *one == file) {
                        *number
                    } else {
                        let number = projects.read(file.as_deref(), world, reading, &over);
                        known.push((file, number));
                        number
                    }
                }
            };
            before = Some((directory, number));
            projects.files.extend(number.map(|number| (input, number)));
        }
        projects
    }

    /// Reads the settings of a project; its number among the good ones.
    fn read(
        &mut self,
        file: Option<&str>,
        world: &World,
        reading: &Reading,
        over: impl Fn(&mut Settings),
    ) -> Option<usize> {
        let read = world.project(file).and_then(|mut project| {
            over(&mut project);
            let reading = world.under(reading, &project)?;
            Ok((project, reading))
        });
        match read {
            Ok(one) => {
                self.good.push(one);
                Some(self.good.len() - 1)
            }
            Err(wrong) => {
                self.wrong.extend(wrong);
                None
            }
        }
    }

    /// Says which patterns match no file.
    pub fn say_unmatched(&self, err: &mut dyn Write) -> io::Result<()> {
        self.good.iter().try_for_each(|(project, _)| say_unmatched(project, &project.unmatched(), err))
    }

    /// Whether the files of one are for a conversion.
    pub fn converts(&self) -> bool {
        self.good.iter().any(|(project, _)| project.target.value.converts())
    }

    /// Lints the files; what is wrong with settings is among the errors.
    pub fn lint(
        &self,
        shown: Shown,
        texts: &Texts,
        sources: &Sources,
        settings: impl Fn(&Settings) -> rules::Settings,
    ) -> Report {
        let mut judged = Vec::new();
        for (project, reading) in &self.good {
            let reading = Reading { texts: texts.clone(), ..reading.clone() };
            judged.push((project, reading, settings(project)));
        }
        let terms: Vec<Terms<'_>> = judged
            .iter()
            .map(|(project, reading, settings)| Terms { reading, settings, project: Some(project) })
            .collect();
        let files = self.files.iter().filter_map(|(input, project)| Some((*input, terms.get(*project)?)));
        let mut report = lint::lint_by(&files.collect::<Vec<_>>(), shown, sources);
        let wrong = self.wrong.iter().map(|wrong| Unreadable {
            path: wrong.path.clone(),
            message: wrong.to_string(),
            reason: String::new(),
        });
        report.errors.splice(0..0, wrong);
        report
    }
}

/// Says which patterns of a project match no file.
pub(super) fn say_unmatched(project: &Settings, unmatched: &[&PathIgnores], err: &mut dyn Write) -> io::Result<()> {
    let file = on_one_line(project.file.as_deref().unwrap_or_default());
    unmatched.iter().try_for_each(|PathIgnores { pattern, place, rules: _ }| {
        let (line, column, written) = (place.line, place.column, on_one_line(&pattern.written));
        writeln!(err, "{file}:{line}:{column}: the pattern '{written}' matches no file")
    })
}
