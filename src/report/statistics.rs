//! How often each rule speaks, the loudest first: a table, or `supconv.statistics/1`. Each finding counts that a document for
//! programs would have.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::json::Summary;
use super::screen::summary;
use super::{Format, Report, Style, escaped};
use crate::diagnostic::Severity;

/// What `--statistics` prints.
pub static STATISTICS: Format = Format {
    name: "human",
    about: "How often each rule speaks",
    framed: false,
    names: false,
    fixes: false,
    write: write_table,
};

/// What `--statistics --format json` prints.
pub static STATISTICS_JSON: Format = Format {
    name: "json",
    about: "One JSON document: supconv.statistics/1",
    framed: false,
    names: false,
    fixes: false,
    write: write_json,
};

/// How often a rule speaks.
#[derive(Default, Serialize)]
struct RuleRow {
    rule: &'static str,
    name: &'static str,
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[derive(Serialize)]
struct StatisticsDocument {
    schema: &'static str,
    rules: Vec<RuleRow>,
    summary: Summary,
}

fn rows(report: &Report) -> Vec<RuleRow> {
    let mut rows: BTreeMap<&str, RuleRow> = BTreeMap::new();
    for finding in &report.findings {
        let row = rows.entry(finding.rule.code).or_default();
        (row.rule, row.name) = (finding.rule.code, finding.rule.name);
        match finding.severity {
            Severity::Error => row.errors += 1,
            Severity::Warning => row.warnings += 1,
            Severity::Info => row.infos += 1,
        }
    }
    let mut rows: Vec<RuleRow> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.errors + row.warnings + row.infos));
    rows
}

fn write_table(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(report);
    if !rows.is_empty() {
        writeln!(out, "{}", style.strong("errors  warnings  infos  rule"))?;
    }
    let mut total = RuleRow::default();
    for RuleRow { rule, name, errors, warnings, infos } in rows {
        writeln!(out, "{errors:6}  {warnings:8}  {infos:5}  {rule}  {name}")?;
        (total.errors, total.warnings, total.infos) =
            (total.errors + errors, total.warnings + warnings, total.infos + infos);
    }
    if !report.findings.is_empty() {
        writeln!(out, "{:6}  {:8}  {:5}  total", total.errors, total.warnings, total.infos)?;
    }
    if !report.findings.is_empty() || report.suppressed > 0 || style.terminal {
        writeln!(out, "{}", summary(report, None))?;
    }
    Ok(())
}

fn write_json(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let document =
        StatisticsDocument { schema: "supconv.statistics/1", rules: rows(report), summary: Summary::of(report) };
    escaped::write(&document, out)
}
