//! `supconv lint`: read, check, report.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use clap::{Args, ValueEnum};

use super::inputs::{self, Input};
use super::world::World;
use super::{Failure, Outcome};
use crate::diagnostic::Severity;
use crate::load::{self, Merged, Paths};
use crate::model::evaluate::evaluate;
use crate::model::host;
use crate::model::keys;
use crate::python;
use crate::reading::Reading;
use crate::report::{Report, human, json};
use crate::rules;
use crate::source::Sources;

/// Arguments of `supconv lint`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files, directories (their *.conf and *.ini), or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The least severity that is shown and that makes the exit code 1
    #[arg(long, value_enum, default_value_t = Severity::Warning, value_name = "SEVERITY")]
    min_severity: Severity,
    #[command(flatten)]
    world: World,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON document: supconv.lint/1
    Json,
}

/// Lints the files that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
    let reading = arguments.world.reading()?;
    let inputs = inputs::inputs(&arguments.paths, err)?;
    let mut report = lint(&inputs, &reading);
    report.findings.retain(|finding| finding.severity >= arguments.min_severity);
    match arguments.format {
        Format::Human => human::write(&report, &human::Style::of_terminal(), reading.dialect, out)?,
        Format::Json => json::write(&report, out)?,
    }
    for error in &report.errors {
        writeln!(err, "supconv: {}: {} ({})", error.path, error.message, error.reason)?;
    }
    Ok(match (report.errors.is_empty(), report.findings.is_empty()) {
        (false, _) => Outcome::Failed,
        (true, false) => Outcome::Findings,
        (true, true) => Outcome::Clean,
    })
}

/// Everything that is to be found in the files.
#[must_use]
pub fn lint(inputs: &[Input], reading: &Reading) -> Report {
    let mut report = Report::default();
    let mut read = Vec::new();
    for input in inputs {
        match load::load(&input.path, reading, &mut report.sources) {
            Ok(merged) if input.found && foreign(&merged, &report.sources) => report.foreign += 1,
            Ok(merged) => read.push((input, merged)),
            Err(error) => report.errors.push(error),
        }
    }
    // A file that is named and included too is judged once, as the include.
    let paths = Paths::new(reading.root.as_deref());
    let included: HashSet<PathBuf> = read
        .iter()
        .flat_map(|(input, merged)| {
            let own = std::fs::canonicalize(&input.path).ok();
            let files =
                merged.includes.iter().filter_map(|include| std::fs::canonicalize(paths.real(&include.path)).ok());
            files.filter(move |file| Some(file) != own.as_ref()).collect::<Vec<_>>()
        })
        .collect();
    let mut seen = HashSet::new();
    for (input, merged) in read {
        report.files += 1;
        if std::fs::canonicalize(&input.path).is_ok_and(|path| included.contains(&path)) {
            continue;
        }
        let config = evaluate(&merged, reading, host::of(reading));
        for finding in rules::check(&report.sources, &merged, &config, reading) {
            // Two main files may include the same file: what is said of it in the same words is said once.
            let path: Rc<str> = report.sources.path(finding.place.source).into();
            if seen.insert((path, finding.place.span, finding.rule.code, finding.message.clone())) {
                report.findings.push(finding);
            }
        }
    }
    report.findings.sort_by_key(|finding| (finding.place.source, finding.place.span.start, finding.rule.code));
    report
}

/// Whether a file of a directory has no section and no option of Supervisor's, and so is somebody else's.
fn foreign(merged: &Merged, sources: &Sources) -> bool {
    let known = merged.sections.iter().any(|(name, section)| {
        keys::of_section(name).is_some() || section.options.keys().any(|option| keys::is_option(option))
    });
    let key = |line: &str| keys::is_option(python::strip(line.split(['=', ':']).next().unwrap_or("")));
    let text = sources.get(merged.main).map_or("", |source| source.text());
    !known && !text.lines().any(key)
}
