//! The JSON report: `supconv.lint/1`, public and versioned; one document a run.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::finding::{Edit, Finding, Fix, Label};
use super::{Format, Report, Style, escaped};
use crate::diagnostic::{Confidence, Severity};
use crate::fix::Applicability;
use crate::load;
use crate::python::filename::percent_encoded;
use crate::source::Position;

/// One document.
pub static JSON: Format = Format {
    name: "json",
    about: "One JSON document: supconv.lint/1",
    framed: false,
    names: false,
    fixes: true,
    write,
};

/// A finding as documents have it.
#[derive(Serialize)]
struct FindingRow<'a> {
    rule: &'static str,
    name: &'static str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    help: Option<&'a str>,
    supervisor: Option<&'a str>,
    path: &'a str,
    /// The bytes of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    section: Option<&'a str>,
    option: Option<&'a str>,
    start: Position,
    end: Position,
    labels: &'a [Label],
    fix: Option<&'a Fix>,
    /// The project has no pages on the net yet.
    url: Option<()>,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            rule,
            severity,
            confidence,
            message,
            help,
            supervisor,
            dies: _,
            path,
            opened: _,
            section,
            option,
            start,
            end,
            labels,
            subject: _,
            said: _,
            telling: _,
            fixable: _,
            fix,
            frame: _,
        } = self;
        let row = FindingRow {
            rule: rule.code,
            name: rule.name,
            severity: *severity,
            confidence: *confidence,
            message,
            help: help.as_deref(),
            supervisor: supervisor.as_deref(),
            path,
            path_bytes: percent_encoded(path),
            section: section.as_deref(),
            option: option.as_deref(),
            start: *start,
            end: *end,
            labels,
            fix: fix.as_deref(),
            url: None,
        };
        row.serialize(serializer)
    }
}

/// A label as documents have it.
#[derive(Serialize)]
struct LabelRow<'a> {
    message: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    start: Position,
    end: Position,
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { message, path, start, end } = self;
        LabelRow { message, path, path_bytes: percent_encoded(path), start: *start, end: *end }.serialize(serializer)
    }
}

/// An edit as documents have it.
#[derive(Serialize)]
struct EditRow<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    start: Position,
    end: Position,
    text: &'a str,
}

impl Serialize for Edit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { path, opened: _, start, end, text } = self;
        EditRow { path, path_bytes: percent_encoded(path), start: *start, end: *end, text }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct LintDocument<'a> {
    schema: &'static str,
    findings: &'a [Finding],
    errors: Vec<Unreadable<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    message: &'a str,
}

impl<'a> Unreadable<'a> {
    fn of(error: &'a load::Unreadable) -> Self {
        let load::Unreadable { path, message, reason: _ } = error;
        Self { path, path_bytes: percent_encoded(path), message }
    }
}

/// The counts of a run.
#[derive(Serialize)]
pub(super) struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    /// Below the threshold.
    hidden: usize,
    fixable: usize,
    /// How many fixes were applied, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<usize>,
}

impl Summary {
    pub(super) fn of(report: &Report) -> Self {
        let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            files: report.read.len(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            suppressed: report.suppressed,
            hidden: report.hidden.warnings + report.hidden.infos,
            fixable: report.fixable(Applicability::Safe),
            fixed: report.fixed,
        }
    }
}

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let document = LintDocument {
        schema: "supconv.lint/1",
        findings: &report.findings,
        errors: report.errors.iter().map(Unreadable::of).collect(),
        summary: Summary::of(report),
    };
    escaped::write(&document, out)
}
