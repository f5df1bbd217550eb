//! `supconv lint`: read, check, report.

use std::io::{self, Write};

use clap::Args;

use super::fix::{self, Into, Mends};
use super::projects::Projects;
use super::world::World;
use super::{Failure, Left, Outcome, inputs, path, unread, words};
use crate::diagnostic::{Rule, Severity};
use crate::files;
use crate::fix::Applicability;
use crate::launcher::SupervisorUnit;
use crate::lint::{Input, Shown};
use crate::reading::Texts;
use crate::replace;
use crate::report::{Colour, FORMATS, Format, Frames, Report, STATISTICS, STATISTICS_JSON, Style, human};
use crate::rules::{self, Settings, Target};
use crate::settings::Settings as Project;
use crate::source::Sources;
use crate::visible::on_one_line;

fn target(target: Target) -> (&'static str, &'static str) {
    let about = match target {
        Target::Auto => "In a container if nodaemon=true or a log is a device, otherwise on a host",
        Target::Host => "On a server or a virtual machine",
        Target::Container => "In a container",
        Target::Systemd => "On a host; also report what `to-systemd` would change or lose",
        Target::Horust => "In a container; also report what `to-horust` would change or lose",
        Target::Pitchfork => "On a host; also report what `to-pitchfork` would change or lose",
    };
    (target.name(), about)
}

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

#[derive(Args, Debug, Default)]
#[group(skip)]
pub struct Arguments {
    /// Files, directories (searched for *.conf and *.ini files of Supervisor), or - for standard input
    #[arg(value_name = "PATH", value_parser = path())]
    paths: Vec<String>,
    #[command(flatten)]
    fixes: Fixes,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    output: LintOutput,
    #[command(flatten)]
    world: World,
}

impl Arguments {
    /// Paths, and no flag but perhaps `--no-include`.
    pub(super) fn of(paths: Vec<String>, no_include: bool) -> Self {
        Self { paths, world: World::of(no_include), ..Self::default() }
    }
}

/// Whether what is found is mended.
#[derive(Args, Debug, Default)]
#[group(skip)]
#[command(next_help_heading = "Fixes")]
#[expect(clippy::struct_field_names, reason = "the flag is called so")]
struct Fixes {
    /// Mend what can be mended safely: nothing changes but what the finding names
    #[arg(long)]
    fix: bool,
    /// With --fix or --diff: mend also where programs may behave in another way afterwards
    #[arg(long)]
    unsafe_fixes: bool,
    /// Print what --fix would change as a unified diff, secrets included, and write nothing
    #[arg(long, conflicts_with_all = ["statistics", "output_file", "quiet"])]
    diff: bool,
    /// Write comments that ignore what is found into the files of PATH, with a reason
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "",
        conflicts_with_all = ["fix", "diff", "unsafe_fixes"], value_parser = reason)]
    add_ignores: Option<String>,
}

/// The reason of a comment, which is a line.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.contains(char::is_control) { Err("a comment has one line".to_owned()) } else { Ok(text.to_owned()) }
}

/// What `supconv.toml` may say too.
#[derive(Args, Debug, Default)]
#[group(skip)]
#[command(next_help_heading = "Rules")]
pub(super) struct Chosen {
    /// Run only these rules: codes, names or families such as SUP1 (syntax errors are always reported)
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = Family::parse)]
    select: Vec<Family>,
    /// Do not run these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_parser = Family::parse)]
    ignore: Vec<Family>,
    /// Where supervisord runs [default: auto]
    #[arg(long, value_parser = words(&Target::ALL, target), value_name = "TARGET")]
    target: Option<Target>,
    /// The lowest severity that is shown; what is shown makes the exit code 1 [default: warning]
    #[arg(long, value_parser = words(&[Severity::Info, Severity::Warning, Severity::Error], severity), value_name = "SEVERITY", help_heading = "Output")]
    min_severity: Option<Severity>,
}

/// On what supposition rules are run.
#[derive(Args, Debug, Default)]
#[group(skip)]
#[command(next_help_heading = "Rules")]
struct Rules {
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
    #[arg(long, conflicts_with = "add_ignores")]
    no_ignores: bool,
}

/// What is shown, and how.
#[derive(Args, Debug, Default)]
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

impl Chosen {
    /// What is wrong with the flags, whatever the settings are.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Self { select: _, ignore, target: _, min_severity: _ } = self;
        if ignore.iter().any(|family| matches!(family.rules.as_slice(), [rule] if rule.code == rules::SYNTAX)) {
            let message = "--ignore: parse-error cannot be ignored, because Supervisor cannot read such a line";
            return Err(Failure::Message(message.to_owned()));
        }
        Ok(())
    }

    /// What is wrong with them where no file is for a conversion. `converts`: whether one is.
    pub(super) fn check_conversions(&self, converts: bool) -> Result<(), Failure> {
        let conversions = |family: &&Family| family.rules.iter().all(|rule| rules::is_of_conversions(rule));
        match self.select.iter().chain(&self.ignore).filter(|_| !converts).find(conversions) {
            None => Ok(()),
            Some(Family { word, rules: _ }) => Err(Failure::Message(format!(
                "{word}: only conversions report this; add --target systemd, horust or pitchfork"
            ))),
        }
    }

    /// The settings of a project with what the flags say: they replace, but for rules that are ignored, which are added.
    pub(super) fn over(&self, project: &mut Project) {
        let Self { select, ignore, target, min_severity } = self;
        project.min_severity.replace(*min_severity);
        project.target.replace(*target);
        let selected =
            |rule: &Rule| select.iter().any(|family| matches!(family.rules.as_slice(), [one] if one.code == rule.code));
        project.ignore.value.retain(|rule| !selected(rule));
        if !ignore.is_empty() {
            let mut all = std::mem::take(&mut project.ignore.value);
            let more = ignore.iter().flat_map(|family| &family.rules).filter(|rule| rule.code != rules::SYNTAX);
            for rule in more {
                if !all.iter().any(|known| known.code == rule.code) {
                    all.push(rule);
                }
            }
            project.ignore.replace(Some(all));
        }
    }

    fn settings(&self, rules: &Rules, project: &Project, unit: Option<&SupervisorUnit>) -> Settings {
        let select = &self.select;
        let Rules { unit: _, stop_timeout, pedantic: _, no_ignores: _ } = rules;
        let has = |rules: &[&'static Rule], rule: &Rule| rules.iter().any(|named| named.code == rule.code);
        let runs = |rule: &Rule| {
            (select.is_empty() || select.iter().any(|family| has(&family.rules, rule)))
                && !has(&project.ignore.value, rule)
        };
        // Mostly nobody chooses, and no rule need be asked.
        let all = if select.is_empty() && project.ignore.value.is_empty() { Vec::new() } else { rules::catalogue() };
        let off = all.into_iter().filter(|rule| !runs(rule)).collect();
        Settings { target: project.target.value, off, unit: unit.cloned(), stop_timeout: *stop_timeout }
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
    let Arguments { paths, fixes, chosen, rules, output, world } = arguments;
    chosen.check()?;
    let mut reading = world.reading(paths)?;
    let sink: &mut dyn Write = &mut io::sink();
    let inputs = inputs::inputs(paths, &mut reading, if output.quiet { sink } else { err })?;
    let printing = Printing::of(output, colour)?;
    let mends = fixes.mends(paths, &inputs.files, output)?;
    let shown = Shown { pedantic: rules.pedantic, heed: !rules.no_ignores, ..printing.shown };
    let mending = mends.is_some();
    // Then one finding is not enough.
    let shown = Shown { fixes: shown.fixes || mending, one: shown.one && !mending, mends: mending, ..shown };
    let projects = Projects::of(&inputs.files, world, &reading, |project| chosen.over(project));
    chosen.check_conversions(projects.converts())?;
    if !output.quiet {
        projects.say_unmatched(err)?;
    }
    // It may be a pipe, which can be read but once.
    let of_unit = Sources::default();
    let unit = rules.unit.as_ref().map(|path| SupervisorUnit::read(path, world.max_size(), &of_unit)).transpose();
    let unit = unit.map_err(|error| Failure::Message(format!("--unit {error}")))?;
    let lint = |texts: &Texts| -> Result<(Report, Sources), Failure> {
        // The unit comes first in each pass, as it does in the places that speak of it.
        let sources = of_unit.again();
        let settings = |project: &Project| chosen.settings(rules, project, unit.as_ref());
        let mut report = projects.lint(shown, texts, &sources, settings);
        report.foreign = inputs.foreign;
        Ok((report, sources))
    };
    let mut texts = Texts::default();
    let Some(mends) = mends else {
        let (report, sources) = lint(&texts)?;
        let outcome = printing.print(&report, out, err)?;
        let _left = Left::new((report, sources));
        return Ok(outcome);
    };
    if inputs.files.iter().any(|input| input.path() == "-") {
        // It can be read but once, and each pass reads it.
        let read = files::read_input(reading.max_size).map_err(|why| Failure::Message(format!("-: {why}")))?;
        texts.set(Texts::file("-"), read);
    }
    fix::run(&mends, &printing, &mut texts, &mut |texts| Ok(lint(texts)?.0), out, err)
}

impl Fixes {
    /// What is to be done with fixes; `None` where nothing is.
    fn mends(&self, paths: &[String], inputs: &[Input], output: &LintOutput) -> Result<Option<Mends>, Failure> {
        let Self { fix, unsafe_fixes, diff, add_ignores } = self;
        let (fix, unsafe_fixes, diff) = (*fix, *unsafe_fixes, *diff);
        let wrong = |message: &str| Err(Failure::Message(message.to_owned()));
        if let Some(reason) = add_ignores {
            if paths.is_empty() || paths.iter().any(|path| path == "-") {
                return wrong(
                    "--add-ignores: give the PATH of the file to write (with a reason: --add-ignores=REASON)",
                );
            }
            return Ok(Some(Mends::Ignore { reason: reason.clone() }));
        }
        if !fix && !diff {
            return if unsafe_fixes { wrong("--unsafe-fixes: add --fix or --diff") } else { Ok(None) };
        }
        let stdin = inputs.iter().any(|input| input.path() == "-");
        if stdin && inputs.len() > 1 {
            return wrong("--fix and --diff: give - alone, without another PATH");
        }
        let most = if unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        let into = match (diff, stdin) {
            (true, _) => Into::Diff,
            (false, true) if output.output_file.is_some() => {
                return wrong("--output-file cannot be used with --fix -, whose text goes to standard output");
            }
            (false, true) => Into::Output,
            (false, false) => Into::Files,
        };
        Ok(Some(Mends::Fix { most, into }))
    }
}

/// How a report is printed.
pub(super) struct Printing<'a> {
    output: &'a LintOutput,
    format: &'static Format,
    style: Style,
    shown: Shown,
}

impl<'a> Printing<'a> {
    fn of(output: &'a LintOutput, colour: Colour) -> Result<Self, Failure> {
        let format = match (output.statistics, output.format.name) {
            (false, _) => output.format,
            (true, "human") => &STATISTICS,
            (true, "json") => &STATISTICS_JSON,
            (true, name) => {
                return Err(Failure::Message(format!("--statistics has no format {name}: use human or json")));
            }
        };
        let frames = match (format.framed || output.output_file.is_some(), output.all) {
            (false, _) => Frames::None,
            (true, false) => Frames::Some,
            (true, true) => Frames::All,
        };
        let shown = Shown {
            least: Severity::Warning,
            pedantic: false,
            heed: true,
            one: output.quiet,
            frames: if output.quiet { Frames::None } else { frames },
            names: format.names,
            fixes: format.fixes,
            mends: false,
        };
        let style = Style { all: output.all, ..Style::of_output(colour) };
        Ok(Self { output, format, style, shown })
    }

    /// Whether nothing but the exit code is asked for.
    pub(super) fn is_quiet(&self) -> bool {
        self.output.quiet
    }

    /// Prints a report, and says what could not be read.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn print(&self, report: &Report, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
        let Self { output, format, style, shown: _ } = self;
        match &output.output_file {
            _ if output.quiet => {}
            None => (format.write)(report, style, out)?,
            Some(path) => {
                (human::HUMAN.write)(report, style, out)?;
                let plain = Style { all: output.all, ..Style::PLAIN };
                let written = replace::replace(path, |file| (format.write)(report, &plain, file));
                written.map_err(|error| {
                    let reason = files::reason(&error.to_string()).to_owned();
                    Failure::Message(format!("--output-file {}: {reason}", on_one_line(path)))
                })?;
            }
        }
        say_unread(report, err)?;
        Ok(match (report.errors.is_empty(), report.findings.is_empty() || output.exit_zero) {
            (false, _) => Outcome::Failed,
            (true, false) => Outcome::Findings,
            (true, true) => Outcome::Clean,
        })
    }
}

/// Says what could not be read.
pub(super) fn say_unread(report: &Report, err: &mut dyn Write) -> io::Result<()> {
    report.errors.iter().try_for_each(|error| match error.reason.as_str() {
        // Of a file of settings: the message begins with its place.
        "" => writeln!(err, "{}", on_one_line(&error.message)),
        _ => writeln!(err, "{}", unread(error)),
    })
}
