//! The report that code scanning reads: SARIF 2.1.0, one run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::finding::{Edit, Finding, Fix, Label};
use super::hosts::{Fingerprints, current_directory, named, seen, uri};
use super::{Format, Report, Style, escaped};
use crate::diagnostic::{Rule, Severity};
use crate::load::Unreadable;
use crate::rules::Page;
use crate::source::Position;

/// One log.
pub static SARIF: Format =
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", framed: false, names: false, fixes: true, write };

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<ScanResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

impl Text {
    fn of(text: &str) -> Self {
        Self { text: seen(text).into_owned() }
    }
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScanResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Mend<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mend<'a> {
    description: Text,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
}

impl<'a> Mend<'a> {
    /// All edits of a fix lie in one file.
    fn of(fix: &'a Fix, cwd: &str) -> Self {
        let replacement = |edit: &'a Edit| Replacement {
            deleted_region: Region::of(edit.start, edit.end),
            inserted_content: Content { text: &edit.text },
        };
        let change = |edit: &'a Edit| ArtifactChange {
            artifact_location: Artifact { uri: uri(&named(&edit.path, cwd)) },
            replacements: fix.edits.iter().map(replacement).collect(),
        };
        Self {
            description: Text::of(&fix.title),
            artifact_changes: fix.edits.first().map(change).into_iter().collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

/// Lines and columns from 1, columns in code points, the end behind the last one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
    byte_offset: u32,
    byte_length: u32,
}

impl Region {
    fn of(start: Position, end: Position) -> Self {
        Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            byte_offset: start.byte,
            byte_length: end.byte.saturating_sub(start.byte),
        }
    }
}

impl Location {
    fn of(path: &str, cwd: &str, region: Option<Region>, message: Option<Text>) -> Self {
        let artifact_location = Artifact { uri: uri(&named(path, cwd)) };
        Self { physical_location: Physical { artifact_location, region }, message }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// What a rule is, for who has no page of it.
fn descriptor(rule: &Rule) -> Descriptor {
    let title = Page::of(rule).unwrap_or_default().title;
    Descriptor {
        id: rule.code,
        name: rule.name,
        short_description: Text { text: title.to_owned() },
        help: Help { text: rule.page, markdown: rule.page },
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let cwd = &*current_directory();
    let used: BTreeMap<&str, &'static Rule> =
        report.findings.iter().map(|finding| (finding.rule.code, finding.rule)).collect();
    let index: BTreeMap<&str, usize> = used.keys().copied().zip(0..).collect();
    let mut fingerprints = Fingerprints::default();
    let results = report.findings.iter().map(|finding| {
        let Finding { rule, severity, message, path, start, end, labels, fix, .. } = finding;
        let related = labels.iter().map(|Label { message, path, start, end }| {
            Location::of(path, cwd, Some(Region::of(*start, *end)), Some(Text::of(message)))
        });
        ScanResult {
            rule_id: rule.code,
            rule_index: index.get(rule.code).copied().unwrap_or(0),
            level: level(*severity),
            message: Text::of(message),
            locations: [Location::of(path, cwd, Some(Region::of(*start, *end)), None)],
            related_locations: related.collect(),
            partial_fingerprints: [("supconv/v1", fingerprints.next(finding, &named(path, cwd)))].into(),
            fixes: fix.iter().map(|fix| Mend::of(fix, cwd)).collect(),
        }
    });
    let notification = |Unreadable { path, message, .. }: &Unreadable| Notification {
        level: "error",
        message: Text::of(message),
        locations: [Location::of(path, cwd, None, None)],
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    rules: used.values().map(|rule| descriptor(rule)).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: report.errors.is_empty(),
                tool_execution_notifications: report.errors.iter().map(notification).collect(),
            }],
            column_kind: "unicodeCodePoints",
            results: results.collect(),
        }],
    };
    escaped::write(&log, out)
}
