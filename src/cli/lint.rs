//! `supconv lint`: read, check, report.

use std::io::{self, Write};

use clap::Args;

use super::world::World;
use super::{Failure, Left, Outcome, inputs, path, unread, words};
use crate::diagnostic::{Rule, Severity};
use crate::files;
use crate::launcher::SupervisorUnit;
use crate::lint::{self, Shown};
use crate::replace;
use crate::report::{Colour, FORMATS, Format, Frames, STATISTICS, STATISTICS_JSON, Style, human};
use crate::rules::{self, Settings, Target};
use crate::source::Sources;
use crate::visible::on_one_line;

fn target(target: Target) -> (&'static str, &'static str) {
    match target {
        Target::Auto => ("auto", "In a container if nodaemon=true or a log is a device, otherwise on a host"),
        Target::Host => ("host", "On a server or a virtual machine"),
        Target::Container => ("container", "In a container"),
        Target::Systemd => ("systemd", "On a host; also report what `to-systemd` would change or lose"),
        Target::Horust => ("horust", "In a container; also report what `to-horust` would change or lose"),
        Target::Pitchfork => ("pitchfork", "On a host; also report what `to-pitchfork` would change or lose"),
    }
}

static TARGETS: [Target; 6] =
    [Target::Auto, Target::Host, Target::Container, Target::Systemd, Target::Horust, Target::Pitchfork];

fn severity(severity: Severity) -> (&'static str, &'static str) {
    let about = match severity {
        Severity::Info => "Worth knowing",
        Severity::Warning => "Runs today, but is known to cause trouble",
        Severity::Error => {
            "supervisord refuses to start, the program cannot run, output is lost, or control is exposed"
        }
    };
    (severity.name(), about)
}

#[derive(Args, Debug)]
#[group(skip)]
pub struct Arguments {
    /// Files, directories (searched for *.conf and *.ini files of Supervisor), or - for standard input
    #[arg(value_name = "PATH", value_parser = path())]
    paths: Vec<String>,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    output: LintOutput,
    #[command(flatten)]
    world: World,
}

/// Which rules are run, and on what supposition.
#[derive(Args, Debug)]
#[group(skip)]
#[command(next_help_heading = "Rules")]
struct Rules {
    /// Run only these rules: codes, names or families such as SUP1 (syntax errors are always reported)
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = Family::parse)]
    select: Vec<Family>,
    /// Do not run these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = Family::parse)]
    ignore: Vec<Family>,
    /// Where supervisord runs
    #[arg(long, value_parser = words(&TARGETS, target), default_value = "auto", value_name = "TARGET")]
    target: Target,
    /// The unit file that starts supervisord (with drop-ins in FILE.d), or the output of `systemctl cat supervisor`
    #[arg(long, value_name = "FILE", value_parser = path())]
    unit: Option<String>,
    /// Seconds that supervisord gets to stop: docker run --stop-timeout, or `TimeoutStopSec=` of its unit
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..))]
    stop_timeout: Option<i64>,
    /// Show findings of low confidence too
    #[arg(long)]
    pedantic: bool,
    /// Do not honour ignore comments (; supconv: ignore[rule])
    #[arg(long)]
    no_ignores: bool,
}

/// What is shown, and how.
#[derive(Args, Debug)]
#[group(skip)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct LintOutput {
    /// How to print the findings
    #[arg(long, value_parser = words(&FORMATS, |format| (format.name, format.about)), default_value = "human")]
    format: &'static Format,
    /// Write the findings in this format to FILE, and print them for people
    #[arg(long, value_name = "FILE", value_parser = path(), conflicts_with = "statistics")]
    output_file: Option<String>,
    /// The lowest severity that is shown; what is shown makes the exit code 1
    #[arg(long, value_parser = words(&[Severity::Info, Severity::Warning, Severity::Error], severity), default_value = "warning", value_name = "SEVERITY")]
    min_severity: Severity,
    /// Print every finding (not only the first 10 per rule and file) and name all programs
    #[arg(long)]
    all: bool,
    /// Count findings per rule (also with --format json)
    #[arg(long, conflicts_with = "all")]
    statistics: bool,
    /// Print no findings, only set the exit code
    #[arg(short, long, conflicts_with_all = ["format", "all", "statistics", "output_file"])]
    quiet: bool,
    /// Exit with 0 even if there are findings
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
    fn settings(&self, max_size: u64, sources: &Sources) -> Result<Settings, Failure> {
        let Self { select, ignore, target, unit, stop_timeout, pedantic: _, no_ignores: _ } = self;
        let names = |families: &[Family], rule: &Rule| {
            families.iter().flat_map(|family| &family.rules).any(|named| named.code == rule.code)
        };
        if ignore.iter().any(|family| matches!(family.rules.as_slice(), [rule] if rule.code == rules::SYNTAX)) {
            let message = "--ignore: parse-error cannot be ignored, because Supervisor cannot read such a line";
            return Err(Failure::Message(message.to_owned()));
        }
        let conversions = |family: &&Family| family.rules.iter().all(|rule| rules::is_of_conversions(rule));
        let idle = select.iter().chain(ignore).filter(|_| !target.converts()).find(conversions);
        if let Some(Family { word, rules: _ }) = idle {
            return Err(Failure::Message(format!(
                "{word}: only conversions report this; add --target systemd, horust or pitchfork"
            )));
        }
        let runs = |rule: &Rule| (select.is_empty() || names(select, rule)) && !names(ignore, rule);
        // Mostly nobody chooses, and no rule need be asked.
        let all = if select.is_empty() && ignore.is_empty() { Vec::new() } else { rules::catalogue() };
        let off = all.into_iter().filter(|rule| !runs(rule)).collect();
        let unit = unit.as_ref().map(|path| SupervisorUnit::read(path, max_size, sources)).transpose();
        let unit = unit.map_err(|error| Failure::Message(format!("--unit {error}")))?;
        Ok(Settings { target: *target, off, unit, stop_timeout: *stop_timeout })
    }
}

/// Lints the files that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(
    arguments: &Arguments,
    colour: Colour,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Outcome, Failure> {
    let Arguments { paths, rules, output, world } = arguments;
    let sources = Sources::default();
    let settings = rules.settings(world.max_size(), &sources)?;
    let mut reading = world.reading(paths)?;
    let sink: &mut dyn Write = &mut io::sink();
    let inputs = inputs::inputs(paths, &mut reading, if output.quiet { sink } else { err })?;
    let format = match (output.statistics, output.format.name) {
        (false, _) => output.format,
        (true, "human") => &STATISTICS,
        (true, "json") => &STATISTICS_JSON,
        (true, name) => return Err(Failure::Message(format!("--statistics has no format {name}: use human or json"))),
    };
    let frames = match (format.framed || output.output_file.is_some(), output.all) {
        (false, _) => Frames::None,
        (true, false) => Frames::Some,
        (true, true) => Frames::All,
    };
    let shown = Shown {
        least: output.min_severity,
        pedantic: rules.pedantic,
        heed: !rules.no_ignores,
        one: output.quiet,
        frames: if output.quiet { Frames::None } else { frames },
        names: format.names,
    };
    let mut report = lint::lint(&inputs.files, &reading, &settings, shown, &sources);
    report.foreign = inputs.foreign;
    let style = Style { all: output.all, ..Style::of_output(colour) };
    match &output.output_file {
        _ if output.quiet => {}
        None => (format.write)(&report, &style, out)?,
        Some(path) => {
            (human::HUMAN.write)(&report, &style, out)?;
            let plain = Style { all: output.all, ..Style::PLAIN };
            let written = replace::replace(path, |file| (format.write)(&report, &plain, file));
            written.map_err(|error| {
                let reason = files::reason(&error.to_string()).to_owned();
                Failure::Message(format!("--output-file {}: {reason}", on_one_line(path)))
            })?;
        }
    }
    for error in &report.errors {
        writeln!(err, "{}", unread(error))?;
    }
    let outcome = match (report.errors.is_empty(), report.findings.is_empty() || output.exit_zero) {
        (false, _) => Outcome::Failed,
        (true, false) => Outcome::Findings,
        (true, true) => Outcome::Clean,
    };
    let _left = Left::new((report, sources));
    Ok(outcome)
}
