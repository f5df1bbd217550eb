//! A conversion's plan: its files for the terminal, its differences for people, or all of it as `supconv.plan/1`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use super::human;
use super::json::{self, Finding};
use crate::source::Sources;
use crate::syntax::Dialect;
use crate::target::{Grade, Plan, Summary};

/// Writes the files, each under a line with its path.
///
/// # Errors
/// When `out` cannot be written.
pub fn units(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    for (number, file) in plan.files.iter().enumerate() {
        let blank = if number == 0 { "" } else { "\n" };
        write!(out, "{blank}# ==> {} <==\n{}", file.path, file.text)?;
    }
    Ok(())
}

/// Writes what differs and what is lost, worst first, and a line that counts.
///
/// # Errors
/// When `err` cannot be written.
pub fn report(plan: &Plan, sources: &Sources, dialect: Dialect, err: &mut dyn Write) -> io::Result<()> {
    let style = human::Style::of_error_stream();
    let mut findings = human::Findings::new(sources, dialect, style);
    for error in &plan.errors {
        findings.write(error, &error.message, err)?;
    }
    for loss in plan.losses.iter().filter(|loss| !loss.constant && loss.grade == Grade::Lost) {
        findings.write_labelled(&loss.diagnostic, "lost", err)?;
    }
    for loss in plan.losses.iter().filter(|loss| !loss.constant && loss.grade != Grade::Lost) {
        findings.write_labelled(&loss.diagnostic, "differs", err)?;
    }
    let constant: BTreeSet<&str> =
        plan.losses.iter().filter(|loss| loss.constant).map(|loss| loss.diagnostic.message.as_str()).collect();
    if !constant.is_empty() {
        writeln!(err, "Every unit differs in this from its program under Supervisor:")?;
        for sentence in constant {
            writeln!(err, "  - {sentence}")?;
        }
        writeln!(err)?;
    }
    let Summary { exact, approximate, lost } = plan.summary;
    let units = plan.files.len();
    let plural = if units == 1 { "" } else { "s" };
    writeln!(
        err,
        "{units} unit{plural}; of the settings written {exact} are kept, {approximate} differ, {lost} are lost"
    )
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    target: &'static str,
    files: Vec<File<'a>>,
    enable: &'a [String],
    losses: Vec<Graded<'a>>,
    errors: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    mode: String,
    /// Nothing is compared with a disk yet.
    state: Option<()>,
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct Graded<'a> {
    #[serde(flatten)]
    finding: Finding<'a>,
    grade: Grade,
}

/// Writes the document.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(plan: &Plan, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: "supconv.plan/1",
        target: plan.target,
        files: plan
            .files
            .iter()
            .map(|file| File {
                path: &file.path,
                mode: format!("{:04o}", file.mode),
                state: None,
                text: Some(&file.text),
            })
            .collect(),
        enable: &plan.enable,
        losses: plan
            .losses
            .iter()
            .map(|loss| Graded { finding: json::finding(&loss.diagnostic, sources), grade: loss.grade })
            .collect(),
        errors: plan.errors.iter().map(|error| json::finding(error, sources)).collect(),
        summary: plan.summary,
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}
