//! `supconv to-…`: what all conversions share. The files on standard output or in a directory, what differs on standard error;
//! or the plan as JSON. A target is a row of [`TARGETS`] and the file that the row names.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgMatches, Args, FromArgMatches, ValueEnum};

use super::inputs;
use super::world::World;
use super::{Failure, Left, Outcome, defined, unread};
use super::{to_horust, to_pitchfork, to_systemd};
use crate::configuration::Configuration;
use crate::convert::disk::{self, FileState, Seen};
use crate::convert::only;
use crate::convert::{Grade, Loss, Plan, Subject};
use crate::diagnostic::Telling;
use crate::keys;
use crate::lint::Input;
use crate::python::{self, filename};
use crate::report::plan::{self, Deed, Ending, Extent};
use crate::report::{Colour, Style};
use crate::rules;
use crate::rules::ignores::Ignores;
use crate::secrets;
use crate::source::Sources;
use crate::visible::{on_one_line, visible};
use crate::well_known::quoted;

/// All targets.
pub static TARGETS: &[Target] = &[
    Target::of::<to_systemd::Flags>("to-systemd", "Convert to systemd units"),
    Target::of::<to_horust::Flags>("to-horust", "Convert to services of Horust, for a container"),
    Target::of::<to_pitchfork::Flags>("to-pitchfork", "Convert to a configuration of pitchfork, for a host"),
];

/// The target of a command.
#[must_use]
pub fn target(command: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == command)
}

/// What a file is converted to.
#[derive(Debug)]
pub struct Target {
    /// How its command is called: `to-systemd`.
    name: &'static str,
    /// What that does, in a line.
    about: &'static str,
    /// Defines its arguments, those of all conversions and its own flags.
    arguments: fn(clap::Command) -> clap::Command,
    /// Reads its own flags.
    flags: fn(&mut ArgMatches) -> Result<Box<dyn Conversion>, clap::Error>,
}

/// The flags of a target, which make a plan: of a configuration and what was chosen.
pub trait Conversion: Debug {
    /// Converts.
    fn plan<'a>(&self, subject: Subject<'a>) -> Plan<'a>;
}

impl Target {
    /// The target whose own flags are `F`.
    #[must_use]
    pub const fn of<F: Args + Conversion + 'static>(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            // Its own flags first: those of all conversions end under headings.
            arguments: |command| defined::<Arguments>(defined::<F>(command)),
            flags: |matches| Ok(Box::new(F::from_arg_matches_mut(matches)?)),
        }
    }

    /// Its command; the arguments are defined when it is called.
    #[must_use]
    pub fn command(&self) -> clap::Command {
        clap::Command::new(self.name).about(self.about).defer(self.arguments)
    }

    /// Its command with its arguments.
    #[must_use]
    pub fn defined(&self) -> clap::Command {
        (self.arguments)(clap::Command::new(self.name).about(self.about))
    }

    /// The conversion that was asked for.
    ///
    /// # Errors
    /// When the matches are not those of its arguments.
    pub fn read(&'static self, matches: &mut ArgMatches) -> Result<Asked, clap::Error> {
        let flags = (self.flags)(matches)?;
        Ok(Asked { target: self, arguments: Arguments::from_arg_matches_mut(matches)?, flags })
    }
}

/// A conversion that was asked for.
#[derive(Debug)]
pub struct Asked {
    target: &'static Target,
    arguments: Arguments,
    flags: Box<dyn Conversion>,
}

/// What is converted, and what becomes of the files.
#[derive(Args, Debug)]
#[group(skip)]
struct Arguments {
    /// A file, a directory with exactly one file of Supervisor, or - for standard input
    #[arg(value_name = "PATH", value_parser = super::path())]
    path: Option<String>,
    /// Convert only these programs: NAME, GROUP:* or GROUP:PROCESS, as in supervisorctl
    #[arg(long, value_name = "NAME[,NAME]", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new(), display_order = 1)]
    only: Vec<String>,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = PlanFormat::Human, display_order = 6)]
    format: PlanFormat,
    #[command(flatten)]
    output: PlanOutput,
    #[command(flatten)]
    world: World,
}

/// What becomes of the files.
#[derive(Args, Debug)]
#[group(skip)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct PlanOutput {
    /// Write the files into DIR; existing files that differ are not overwritten
    #[arg(long, value_name = "DIR", value_parser = super::path())]
    out: Option<String>,
    /// Print how DIR would change; write nothing
    #[arg(long, requires = "out", conflicts_with_all = ["check", "force"])]
    diff: bool,
    /// Write nothing; exit 1 if DIR would change, or has files that are stale
    #[arg(long, requires = "out", conflicts_with = "force")]
    check: bool,
    /// Print the files of secrets too
    #[arg(long)]
    show_secrets: bool,
    /// Overwrite files that differ
    #[arg(long, requires = "out")]
    force: bool,
    /// Remove stale files: made from the same PATH by an earlier conversion, and not by this one
    #[arg(long, requires = "out", conflicts_with_all = ["check", "only"])]
    prune: bool,
    /// Print every difference at its line, and those that all programs share
    #[arg(long, alias = "all", conflicts_with_all = ["quiet", "check", "diff"])]
    details: bool,
    /// Print only errors and what is lost
    #[arg(short, long)]
    quiet: bool,
    /// Count approximate settings as lost (not the differences that all programs share)
    #[arg(long)]
    strict: bool,
    /// Write even if these options are lost; without OPTION, even if anything is lost or a section is refused
    #[arg(long, value_name = "OPTION[,OPTION]", num_args = 0.., require_equals = true, value_delimiter = ',', value_parser = option)]
    allow_loss: Option<Vec<String>>,
}

/// How the plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// The files on standard output, the report on standard error
    Human,
    /// One JSON document on standard output: supconv.plan/1
    Json,
}

fn option(text: &str) -> Result<String, String> {
    match text {
        "" => Err("an option needs a name".to_owned()),
        _ if keys::is_option(text) => Ok(text.to_owned()),
        _ => Err(format!("Supervisor has no option {text}")),
    }
}

impl Asked {
    /// Converts the file that the arguments name.
    ///
    /// # Errors
    /// When the run cannot be made or its output cannot be written.
    pub fn run(&self, colour: Colour, out: &mut dyn Write, err: &mut dyn Write) -> Result<Outcome, Failure> {
        let Self { target, arguments: Arguments { path, only, format, output, world }, flags } = self;
        let named: Vec<String> = path.iter().cloned().collect();
        let mut reading = world.reading(&named)?;
        let inputs = inputs::inputs(&named, &mut reading, err)?.files;
        let input = match inputs.as_slice() {
            [Input::File(path)] => path,
            [Input::Unreadable(error), ..] => return Err(unread(error)),
            files => {
                let path = named.first().map_or("", String::as_str);
                let files: Vec<&str> = files.iter().map(Input::path).collect();
                let message =
                    format!("{path} has several Supervisor files; give the one to convert: {}", files.join(", "));
                return Err(Failure::Message(message));
            }
        };
        let reading = world.reading_of(input, &reading)?;
        let sources = Left::new(Sources::default());
        let configuration = match Configuration::read(input, &reading, &sources) {
            Ok(configuration) => Left::new(configuration),
            Err(error) => return Err(unread(&error)),
        };
        let Configuration { merged, config, .. } = &*configuration;
        if let Some(pattern) = only::unmatched(config, only).first() {
            return Err(Failure::Message(format!("--only {pattern}: {} has no such program", config.called)));
        }
        let (refusals, unrunnable) = (rules::refusals(&configuration), rules::unrunnable(&configuration));
        let asked_by = asked_by();
        let source = sources.keep(source(config.path, output.out.as_deref()));
        let subject = Subject { merged, config, refusals, unrunnable, source, asked_by: sources.keep(asked_by), only };
        let plan = Left::new(flags.plan(subject));
        let blocked = output.blocked(&plan, &Ignores::read(&sources));
        // Words are made first, the disk is written next, and then they are said: whoever reads them may go before the end, and
        // there may be no room for them.
        let mut said = Vec::new();
        if *format == PlanFormat::Human {
            // Where errors are withheld, an error says so.
            let told = plan.errors.iter().any(|error| error.rule.name == "template-markup");
            let quiet = told || output.looks();
            if let Some((place, kind)) = configuration.markup.first().next().filter(|_| !quiet) {
                let path = on_one_line(sources.path(place.source));
                writeln!(
                    said,
                    "{path} looks like a template ({kind}): convert the rendered file, not the template.\n"
                )?;
            }
            let told = (Style::of_errors(colour), output.extent());
            plan::report(&plan, input, &config.secrets, told, &mut said)?;
        }
        let seen = match &output.out {
            None => Ok(Seen::default()),
            Some(directory) => output.seen(&plan, directory, blocked.is_some(), err),
        };
        if *format == PlanFormat::Human && output.out.is_none() {
            plan::files(&plan, output.show_secrets, Style::of_output(colour).terminal, out)?;
            // What is printed first is to be read first.
            out.flush()?;
        }
        // Line by line, a long report would take a call of the system each.
        let err = &mut BufWriter::new(err);
        err.write_all(&said)?;
        let seen = seen?;
        for note in &seen.notes {
            writeln!(err, "{}", visible(note))?;
        }
        match format {
            PlanFormat::Human => {
                let ending = Ending {
                    directory: output.out.as_deref(),
                    deed: output.deed(),
                    seen: &seen,
                    prune: output.prune,
                    blocked: blocked.as_deref(),
                    show_secrets: output.show_secrets,
                    secrets: &config.secrets,
                    quiet: output.quiet,
                };
                plan::end(&plan, &ending, out, err)?;
            }
            PlanFormat::Json => {
                let known = output.out.is_some() && (blocked.is_none() || output.looks());
                let name = target.name.strip_prefix("to-").unwrap_or(target.name);
                plan::json(&plan, name, output.show_secrets, known.then_some(&seen), &config.secrets, out)?;
            }
        }
        err.flush()?;
        let change = seen.files.iter().any(|file| match file.state {
            FileState::Unchanged => false,
            FileState::Created | FileState::Overwritten => output.looks(),
            FileState::Differs => true,
        });
        let change = change || (!seen.stale.is_empty() && output.looks() && (output.check || output.prune));
        let findings = change || blocked.is_some() || !plan.errors.is_empty() || plan.refused;
        Ok(if findings { Outcome::Findings } else { Outcome::Clean })
    }
}

/// How the files in a directory call what they are made of, so that those of two files are told apart: a relative path begins at
/// the directory, wherever the run is made. `./a.conf` and `a.conf` are one.
fn source(path: &str, directory: Option<&str>) -> String {
    let typed = || python::normpath(path).into_owned();
    let Some(directory) = directory.filter(|_| path != "-" && !path.starts_with('/')) else { return typed() };
    let real = |path: &Path| fs::canonicalize(path).ok();
    let directory = std::path::absolute(filename::encode(directory)).ok();
    // What is not there yet is below what is there.
    let there =
        directory.as_deref().and_then(|directory| directory.ancestors().find_map(|above| Some((above, real(above)?))));
    let file = filename::encode(path);
    let folder = file.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    match (there, folder.and_then(real), file.file_name(), directory.as_deref()) {
        (Some((above, real)), Some(folder), Some(name), Some(directory)) => {
            let directory = real.join(directory.strip_prefix(above).unwrap_or(directory));
            let text = |path: PathBuf| filename::decode(path.as_os_str()).into_owned();
            python::relpath(&text(folder.join(name)), &text(directory))
        }
        _ => typed(),
    }
}

/// The command line of this process without what becomes of the files, to be typed again with another `--out`. Values of
/// variables are left out: any of them may be a secret.
fn asked_by() -> String {
    let mut words = std::env::args_os().skip(1).map(|word| filename::decode(&word).into_owned());
    let mut kept = vec!["supconv".to_owned()];
    while let Some(word) = words.next() {
        match word.as_str() {
            "--out" => drop(words.next()),
            "--diff" | "--check" | "--force" | "--prune" | "--show-secrets" | "--details" | "--all" | "--quiet"
            | "-q" => {}
            word if word.starts_with("--out=") => {}
            "--env" => {
                let given = words.next().unwrap_or_default();
                let name = given.split('=').next().unwrap_or_default();
                kept.extend(["--env".to_owned(), quoted(&format!("{name}={}", secrets::MASK))]);
            }
            word if word.starts_with("--env=") => {
                let name = word.split('=').nth(1).unwrap_or_default();
                kept.push(quoted(&format!("--env={name}={}", secrets::MASK)));
            }
            word => kept.push(quoted(&secrets::mask(word))),
        }
    }
    kept.join(" ")
}

impl PlanOutput {
    fn deed(&self) -> Deed {
        match (self.diff, self.check) {
            (true, _) => Deed::Diff,
            (_, true) => Deed::Check,
            (false, false) => Deed::Write,
        }
    }

    /// How much of the plan is told: who looks at a directory asks for that alone.
    fn extent(&self) -> Extent {
        match (self.looks(), self.quiet, self.details) {
            (true, ..) => Extent::Errors,
            (false, true, _) => Extent::Lost,
            (false, false, true) => Extent::Details,
            (false, false, false) => Extent::Short,
        }
    }

    /// Whether the disk is only looked at.
    fn looks(&self) -> bool {
        self.deed() != Deed::Write
    }

    /// Why nothing may be written, and the way out.
    fn blocked(&self, plan: &Plan<'_>, ignores: &Ignores) -> Option<String> {
        if plan.refused {
            return Some("Supervisor refuses the file".to_owned());
        }
        let bare = self.allow_loss.as_ref().is_some_and(Vec::is_empty);
        if bare {
            return None;
        }
        let allowed = |option: &str| self.allow_loss.iter().flatten().any(|allowed| allowed == option);
        // A comment in the file allows a loss as well.
        let counts = |loss: &Loss<'_>| self.counts(loss) && !ignores.covers(&loss.diagnostic());
        let lost = plan.losses.iter().filter(counts);
        let options: BTreeSet<&str> = lost.map(|loss| loss.sentence.key.name).collect();
        let options: Vec<&str> = options.into_iter().filter(|option| !allowed(option)).collect();
        if !plan.errors.is_empty() {
            return Some("sections are refused; --allow-loss converts the rest".to_owned());
        }
        let what = if self.strict { "lost or differ (--strict)" } else { "lost" };
        (!options.is_empty())
            .then(|| format!("settings are {what}.\nIf you do not need them, add --allow-loss={}", options.join(",")))
    }

    /// Whether a loss has to be allowed. One that follows from another is allowed with that; a difference that holds for every
    /// unit is none of a setting.
    fn counts(&self, loss: &Loss<'_>) -> bool {
        match loss.sentence.grade {
            Grade::Lost => loss.sentence.telling != Telling::Implied,
            Grade::Approximate => self.strict && loss.sentence.telling != Telling::Once,
            Grade::Exact => false,
        }
    }

    /// Compares with the directory, and writes unless it is only looked at or something forbids it.
    fn seen<'p>(
        &self,
        plan: &'p Plan<'_>,
        directory: &str,
        blocked: bool,
        err: &mut dyn Write,
    ) -> Result<Seen<'p>, Failure> {
        let seen = if blocked || self.looks() {
            disk::look(plan, directory, self.force)
        } else {
            let waiting = || {
                // Who is not told may think that it hangs; who cannot be told waits all the same.
                let told = writeln!(err, "waiting for another supconv, which writes into {}", visible(directory));
                drop(told.and_then(|()| err.flush()));
            };
            disk::write(plan, directory, self.force, self.prune, &mut { waiting })
        };
        seen.map_err(|failed| match failed.signal {
            Some(signal) => Failure::Ended { signal, message: failed.to_string() },
            None => Failure::Message(failed.to_string()),
        })
    }
}
