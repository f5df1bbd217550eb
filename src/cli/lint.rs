//! `supconv lint`: read, check, report.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::inputs::{self, Input};
use super::world::World;
use super::{Failure, Outcome};
use crate::configuration::Configuration;
use crate::diagnostic::{Confidence, Diagnostic, Rule, Severity};
use crate::keys;
use crate::launcher::SupervisorUnit;
use crate::load::{Merged, Paths};
use crate::python;
use crate::reading::Reading;
use crate::report::{Report, concise, human, json, statistics};
use crate::rules::ignores::Ignores;
use crate::rules::{self, Settings};
use crate::source::Sources;

/// Report what makes supervisord refuse to start, and what runs today and hurts later.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files, directories (their *.conf and *.ini), or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    world: World,
}

/// Which rules are run, and on what supposition.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rules")]
struct Rules {
    /// Only these rules: codes, names, or families such as SUP1; what Supervisor cannot read is reported all the same
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = Family::parse)]
    select: Vec<Family>,
    /// Not these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = Family::parse)]
    ignore: Vec<Family>,
    /// Where supervisord runs
    #[arg(long, value_enum, default_value_t = rules::Target::Auto, value_name = "TARGET")]
    target: rules::Target,
    /// The unit that starts supervisord, with its drop-ins in FILE.d, or what `systemctl cat supervisor` prints: its limits,
    /// user and flags count
    #[arg(long, value_name = "FILE")]
    unit: Option<String>,
    /// Seconds until a supervisord that is told to stop is killed: docker run --stop-timeout, or `TimeoutStopSec` of its unit
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..))]
    stop_timeout: Option<i64>,
    /// Show findings of low confidence too
    #[arg(long)]
    pedantic: bool,
    /// Take no notice of comments such as ; supconv: ignore[rule]
    #[arg(long)]
    no_ignores: bool,
}

/// What is shown, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Output {
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The least severity that is shown and that makes the exit code 1
    #[arg(long, value_enum, default_value_t = Severity::Warning, value_name = "SEVERITY")]
    min_severity: Severity,
    /// Print each finding for people, not only the first 50 of a rule in a file
    #[arg(long)]
    all: bool,
    /// Print how often each rule speaks, not what it says
    #[arg(long, conflicts_with_all = ["format", "all"])]
    statistics: bool,
    /// Print no findings: the exit code tells
    #[arg(short, long, conflicts_with_all = ["format", "all", "statistics"])]
    quiet: bool,
    /// Exit with 0 although there are findings
    #[arg(long)]
    exit_zero: bool,
}

/// The rules that one word names.
#[derive(Clone, Debug)]
struct Family {
    word: String,
    rules: Vec<&'static Rule>,
}

impl Family {
    fn parse(word: &str) -> Result<Self, String> {
        let word = word.trim().to_owned();
        rules::named(&word).map(|rules| Self { word, rules })
    }
}

impl Rules {
    fn settings(&self, sources: &Sources) -> Result<Settings, Failure> {
        let Self { select, ignore, target, unit, stop_timeout, pedantic: _, no_ignores: _ } = self;
        let names = |families: &[Family], rule: &Rule| {
            families.iter().flat_map(|family| &family.rules).any(|named| named.code == rule.code)
        };
        if ignore.iter().any(|family| matches!(family.rules.as_slice(), [rule] if rule.code == rules::SYNTAX)) {
            let message = "--ignore: parse-error cannot be ignored, for Supervisor cannot read what it speaks of";
            return Err(Failure::Message(message.to_owned()));
        }
        let conversions = |family: &&Family| family.rules.iter().all(|rule| rules::is_of_conversions(rule));
        let idle = select.iter().chain(ignore).filter(|_| *target != rules::Target::Systemd).find(conversions);
        if let Some(Family { word, rules: _ }) = idle {
            return Err(Failure::Message(format!("{word}: only conversions speak by it; give --target systemd")));
        }
        let runs = |rule: &Rule| (select.is_empty() || names(select, rule)) && !names(ignore, rule);
        let off: Vec<_> = rules::catalogue().into_iter().filter(|rule| !runs(rule)).collect();
        let unit = unit.as_ref().map(|path| SupervisorUnit::read(path, sources)).transpose();
        let unit = unit.map_err(|error| Failure::Message(format!("--unit {error}")))?;
        Ok(Settings { target: *target, off, unit, stop_timeout: *stop_timeout })
    }
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One line a finding: path:line:column: severity[rule] message
    Concise,
    /// One JSON document: supconv.lint/1
    Json,
}

/// Lints the files that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
    let Arguments { paths, rules, output, world } = arguments;
    let sources = Sources::default();
    let settings = rules.settings(&sources)?;
    let reading = world.reading()?;
    let inputs = if output.quiet { inputs::inputs(paths, &mut io::sink())? } else { inputs::inputs(paths, err)? };
    let mut configurations = Vec::new();
    let (mut report, ignored) = lint(&inputs, &reading, &settings, !rules.no_ignores, &sources, &mut configurations);
    let shown = |finding: &Diagnostic| {
        finding.severity >= output.min_severity && (rules.pedantic || finding.confidence > Confidence::Low)
    };
    report.findings.retain(shown);
    report.suppressed = ignored.iter().filter(|finding| shown(finding)).count();
    let style = human::Style { all: output.all, ..human::Style::of_terminal() };
    match output.format {
        _ if output.quiet => {}
        _ if output.statistics => statistics::write(&report, out)?,
        Format::Human => human::write(&report, &style, out)?,
        Format::Concise => concise::write(&report, out)?,
        Format::Json => json::write(&report, out)?,
    }
    for error in &report.errors {
        writeln!(err, "supconv: {}: {} ({})", error.path, error.message, error.reason)?;
    }
    let outcome = match (report.errors.is_empty(), report.findings.is_empty() || output.exit_zero) {
        (false, _) => Outcome::Failed,
        (true, false) => Outcome::Findings,
        (true, true) => Outcome::Clean,
    };
    // The process ends here, and with it the memory; giving it back piece by piece is time that a user waits.
    std::mem::forget((report, ignored));
    Ok(outcome)
}

/// Everything that is to be found in the files, and what their comments ignore of it, if those are heeded; `sources` may hold
/// the unit of the settings.
#[must_use]
pub fn lint<'a>(
    inputs: &[Input],
    reading: &'a Reading,
    settings: &'a Settings,
    heed: bool,
    sources: &'a Sources,
    configurations: &'a mut Vec<(String, Configuration<'a>)>,
) -> (Report<'a>, Vec<Diagnostic<'a>>) {
    let mut report = Report::new(sources);
    for input in inputs {
        match Configuration::read(&input.path, reading, sources) {
            Ok(read) if input.found && foreign(&read.merged, sources) => report.foreign += 1,
            Ok(read) => configurations.push((input.path.clone(), read)),
            Err(error) => report.errors.push(error),
        }
    }
    let read: &'a [(String, Configuration<'a>)] = configurations;
    // A file that is named and included too is judged once, as the include.
    let paths = Paths::new(reading.root.as_deref());
    let included: HashSet<PathBuf> = read
        .iter()
        .flat_map(|(input, Configuration { merged, .. })| {
            let own = std::fs::canonicalize(input).ok();
            let files =
                merged.includes.iter().filter_map(|include| std::fs::canonicalize(paths.real(include.path)).ok());
            files.filter(move |file| Some(file) != own.as_ref()).collect::<Vec<_>>()
        })
        .collect();
    let mut seen = HashSet::new();
    let mut judged = HashSet::new();
    for (input, configuration) in read {
        report.files += 1;
        if std::fs::canonicalize(input).is_ok_and(|path| included.contains(&path)) {
            continue;
        }
        let merged = &configuration.merged;
        judged.extend(merged.includes.iter().filter_map(|include| include.source).chain([merged.main]));
        for finding in rules::check(configuration, settings) {
            // Two main files may include the same file: what is said of it in the same words is said once. What a conversion
            // says of an option of [DEFAULT] it says of each section.
            let path = sources.path(finding.place.source);
            let section = finding.section.filter(|_| rules::is_of_conversions(finding.rule));
            if seen.insert((path, finding.place.span, finding.rule.code, section, finding.message.text().into_owned()))
            {
                report.findings.push(finding);
            }
        }
    }
    let mut ignored = Vec::new();
    if heed {
        let comments = Ignores::read(sources);
        (report.findings, ignored) = comments.part(report.findings, &judged, settings);
    }
    report.findings.sort_by_key(|finding| (finding.place.source, finding.place.span.start, finding.rule.code));
    (report, ignored)
}

/// Whether a file of a directory has no section and no option of Supervisor's, and so is somebody else's.
fn foreign(merged: &Merged<'_>, sources: &Sources) -> bool {
    let known = merged.sections.iter().any(|(name, section)| {
        keys::of_section(name).is_some() || section.options.keys().any(|option| keys::is_option(option))
    });
    let key = |line: &str| keys::is_option(python::strip(line.split(['=', ':']).next().unwrap_or("")));
    let text = sources.get(merged.main).map_or("", |source| source.text());
    !known && !text.lines().any(key)
}
