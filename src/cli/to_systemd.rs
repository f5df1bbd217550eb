//! `supconv to-systemd`: units on standard output or in a directory, what differs on standard error; or the plan as JSON.

use std::collections::BTreeSet;
use std::io::Write;

use clap::{Args, ValueEnum};

use super::inputs;
use super::world::World;
use super::{Failure, Outcome};
use crate::configuration::Configuration;
use crate::convert::disk::{self, Compared, State};
use crate::convert::systemd::name::{Kind, UnitName};
use crate::convert::systemd::version::Version;
use crate::convert::systemd::{self, Choices, limits};
use crate::convert::{Grade, Loss, Plan};
use crate::diagnostic::Telling;
use crate::keys;
use crate::report::{handover, plan};
use crate::rules;
use crate::rules::ignores::Ignores;
use crate::source::Sources;

#[derive(Args, Debug)]
pub struct Arguments {
    /// The file, or - for standard input
    #[arg(value_name = "PATH")]
    path: Option<String>,
    /// What the names of all units begin with
    #[arg(long, default_value = "", value_parser = prefix)]
    prefix: String,
    /// Convert these alone, and name what stays: NAME, GROUP:* or GROUP:PROCESS, as supervisorctl calls them
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Open files for all units: the soft limit, and the hard one (524288 or the soft one, whichever is more)
    #[arg(long, value_name = "SOFT[:HARD]", value_parser = open_files)]
    nofile: Option<(u64, u64)>,
    /// Where output goes: keep = files stay files, the rest goes to the journal; journal = all of it
    #[arg(long, value_enum, default_value_t = Logs::Keep)]
    logs: Logs,
    /// Supervisor's behaviour to the letter: children are left behind, login variables are not set
    #[arg(long)]
    faithful: bool,
    /// The systemd that the units are for; no directive newer than it is used
    #[arg(long, value_name = "N", default_value_t = Version::default().number(), value_parser = clap::value_parser!(u32).range(i64::from(Version::OLDEST)..))]
    systemd_version: u32,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    world: World,
}

/// What becomes of the files.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Output {
    /// Write the units into DIR; a file that is there and differs is left
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// Print how DIR would change; write nothing
    #[arg(long, requires = "out", conflicts_with_all = ["check", "force"])]
    diff: bool,
    /// Write nothing; exit 1 if DIR would change
    #[arg(long, requires = "out", conflicts_with = "force")]
    check: bool,
    /// Show what stands in the files of secrets, which only the service manager is to read
    #[arg(long)]
    show_secrets: bool,
    /// Overwrite files that differ
    #[arg(long, requires = "out")]
    force: bool,
    /// What is translated with a difference counts as lost; what holds for every unit does not
    #[arg(long)]
    strict: bool,
    /// Write although settings are lost: these options, or all; without =…, also although sections are refused
    #[arg(long, value_name = "OPTION,…", num_args = 0.., require_equals = true, value_delimiter = ',', value_parser = option)]
    allow_loss: Option<Vec<String>>,
}

/// Where output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Logs {
    /// The same files, appended to; AUTO goes to the journal
    Keep,
    /// All to the journal
    Journal,
}

/// How the plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The units on standard output, the report on standard error
    Human,
    /// One JSON document on standard output: supconv.plan/1
    Json,
}

fn prefix(text: &str) -> Result<String, String> {
    UnitName::new(text, "a", Kind::Service).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn open_files(text: &str) -> Result<(u64, u64), String> {
    let number = |text: &str| {
        let number = text.parse().ok().filter(|number| (1..=limits::HIGHEST).contains(number));
        number.ok_or_else(|| format!("{text:?} is no number from 1 to {}", limits::HIGHEST))
    };
    let (soft, hard) = text.split_once(':').map_or((text, None), |(soft, hard)| (soft, Some(hard)));
    let soft = number(soft)?;
    let hard = hard.map(number).transpose()?.unwrap_or(soft.max(limits::HARD));
    if hard < soft {
        return Err("the hard limit is below the soft one".to_owned());
    }
    Ok((soft, hard))
}

fn option(text: &str) -> Result<String, String> {
    if keys::is_option(text) { Ok(text.to_owned()) } else { Err(format!("Supervisor has no option {text}")) }
}

/// Converts the file that `arguments` name.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub fn run(arguments: &Arguments, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
    let reading = arguments.world.reading()?;
    let named: Vec<String> = arguments.path.iter().cloned().collect();
    let inputs = inputs::inputs(&named, err)?;
    let [input] = inputs.as_slice() else {
        let path = named.first().map_or("", String::as_str);
        return Err(Failure::Message(format!("{path} is a directory: name the file to convert")));
    };
    let sources = Sources::default();
    let configuration = match Configuration::read(&input.path, &reading, &sources) {
        Ok(configuration) => configuration,
        Err(error) => return Err(Failure::Message(format!("{}: {} ({})", error.path, error.message, error.reason))),
    };
    let Configuration { merged, config, .. } = &configuration;
    if let Some(pattern) = systemd::unmatched(config, &arguments.only).first() {
        return Err(Failure::Message(format!("--only {pattern}: {} has no such program", config.path)));
    }
    let refusals = rules::refusals(&configuration);
    let choices = Choices {
        prefix: arguments.prefix.clone(),
        faithful: arguments.faithful,
        journal: arguments.logs == Logs::Journal,
        open_files: arguments.nofile,
        version: Version::new(arguments.systemd_version).unwrap_or_default(),
        only: arguments.only.clone(),
    };
    let plan = systemd::plan(merged, config, refusals, &choices);
    if arguments.format == Format::Human {
        if arguments.output.out.is_none() {
            plan::units(&plan, arguments.output.secrets(), out)?;
        }
        if let Some((place, kind)) = rules::Markup::find(&sources, merged).first().next() {
            let path = sources.path(place.source);
            writeln!(
                err,
                "{path} looks like a template ({kind}): convert what is rendered of it, not the template.\n"
            )?;
        }
        plan::report(&plan, &sources, err)?;
    }
    let ignores = Ignores::read(&sources);
    let blocked = arguments.output.blocked(&plan, &ignores);
    let compared = match &arguments.output.out {
        None => Vec::new(),
        Some(directory) => arguments.output.compare(&plan, directory, blocked.is_some())?,
    };
    match arguments.format {
        Format::Human => arguments.output.end(&plan, &compared, blocked.as_deref(), out, err)?,
        Format::Json => {
            let known = if blocked.is_none() || arguments.output.looks() { compared.as_slice() } else { &[] };
            let states: Vec<State> = known.iter().map(|file| file.state).collect();
            plan::json(&plan, arguments.output.secrets(), &states, &sources, out)?;
        }
    }
    let change = compared.iter().any(|file| match file.state {
        State::Unchanged => false,
        State::Created | State::Overwritten => arguments.output.looks(),
        State::Differs => true,
    });
    let findings = change || blocked.is_some() || !plan.errors.is_empty() || plan.refused;
    Ok(if findings { Outcome::Findings } else { Outcome::Clean })
}

impl Output {
    fn secrets(&self) -> plan::Secrets {
        if self.show_secrets { plan::Secrets::Shown } else { plan::Secrets::Hidden }
    }

    /// Whether the disk is only looked at.
    fn looks(&self) -> bool {
        self.diff || self.check
    }

    /// Why nothing may be written, and the way out.
    fn blocked(&self, plan: &Plan, ignores: &Ignores) -> Option<String> {
        if plan.refused {
            return Some("Supervisor refuses the file".to_owned());
        }
        let bare = self.allow_loss.as_ref().is_some_and(Vec::is_empty);
        if bare {
            return None;
        }
        let allowed = |option: &str| self.allow_loss.iter().flatten().any(|allowed| allowed == option);
        // A comment in the file allows a loss as well.
        let counts = |loss: &&Loss| self.counts(loss) && !ignores.covers(&loss.diagnostic);
        let lost = plan.losses.iter().filter(counts);
        let options: BTreeSet<&str> = lost.filter_map(|loss| loss.diagnostic.option.as_deref()).collect();
        let options: Vec<&str> = options.into_iter().filter(|option| !allowed(option)).collect();
        if !plan.errors.is_empty() {
            return Some("sections are refused; --allow-loss converts the rest".to_owned());
        }
        let what = if self.strict { "lost or differ (--strict)" } else { "lost" };
        (!options.is_empty())
            .then(|| format!("settings are {what}; if you can do without them: --allow-loss={}", options.join(",")))
    }

    /// Whether a loss has to be allowed. A difference that holds for every unit is none of a setting.
    fn counts(&self, loss: &Loss) -> bool {
        match loss.grade {
            Grade::Lost => true,
            Grade::Approximate => self.strict && loss.diagnostic.telling != Telling::Once,
            Grade::Exact => false,
        }
    }

    /// Compares with the directory, and writes unless it is only looked at or something forbids it.
    fn compare<'a>(&self, plan: &'a Plan, directory: &str, blocked: bool) -> Result<Vec<Compared<'a>>, Failure> {
        let failed = |error: disk::Failed| Failure::Message(error.to_string());
        let compared = disk::compare(plan, directory, self.force).map_err(failed)?;
        if !blocked && !self.looks() {
            disk::write(directory, &compared).map_err(failed)?;
        }
        Ok(compared)
    }

    /// What was done with the files, the next commands, and the last line.
    fn end(
        &self,
        plan: &Plan,
        compared: &[Compared<'_>],
        blocked: Option<&str>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Result<(), Failure> {
        if !self.looks() {
            handover::instead(plan, err)?;
        }
        let Some(directory) = &self.out else {
            match blocked {
                None => handover::next(plan, None, err)?,
                Some(why) => writeln!(err, "--out would write nothing: {why}")?,
            }
            plan::count(plan, err)?;
            return Ok(());
        };
        let written = blocked.is_none() && !self.looks();
        if written || self.check {
            for file in compared.iter().filter(|file| self.check || file.state != State::Unchanged) {
                let would = if self.check && file.state == State::Created { "would be " } else { "" };
                writeln!(err, "{}: {would}{}", file.file.path, file.state.name())?;
            }
        }
        if self.diff {
            out.write_all(disk::diff(compared, self.show_secrets).as_bytes())?;
        }
        if let Some(why) = blocked {
            writeln!(err, "nothing {}: {why}", if self.looks() { "would be written" } else { "was written" })?;
        }
        let differ = compared.iter().filter(|file| file.state == State::Differs).count();
        if differ > 0 && written {
            writeln!(err, "{differ} of the files differ and were left: --diff shows how, --force overwrites them")?;
        }
        if self.looks() {
            plan::count(plan, err)?;
        } else {
            // What was left is not what would be installed.
            if written && differ == 0 {
                handover::next(plan, Some(directory), out)?;
            }
            plan::count(plan, out)?;
        }
        Ok(())
    }
}
