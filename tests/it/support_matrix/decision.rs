//! What a target makes of a sample: its grade, its sentences, and how its files differ from those without the option.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::configuration::Configuration;
use crate::support::desk::Desk;
use supconv::convert::systemd::version::Version;
use supconv::convert::systemd::{self, Choices};
use supconv::convert::{Grade, Loss, Plan, PlanFile, Subject, horust, pitchfork};
use supconv::diagnostic::{Diagnostic, Telling};
use supconv::reading::Reading;

use super::sample::{Flag, Kind, Sample};

/// A column.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    convert: for<'a> fn(Subject<'a>, Flag) -> Plan<'a>,
    /// Whether a file is one whose lines are settings of the process.
    speaks: fn(&str) -> bool,
    /// The settings of such a file, by their keys.
    settings: fn(&PlanFile) -> Vec<(String, String)>,
    /// Whether it has what only systemd has: sockets, and the flags of `to-systemd`.
    pub is_systemd: bool,
}

/// All columns.
pub static TARGETS: &[Target] = &[
    Target {
        name: "systemd",
        convert: |subject, flag| systemd::plan(subject, &choices(flag)),
        speaks: |path| path.ends_with(".service") || path.ends_with(".socket"),
        settings: of_unit,
        is_systemd: true,
    },
    Target {
        name: "Horust",
        convert: |subject, _| horust::plan(subject, &horust::Choices::default()),
        speaks: is_toml,
        settings: |file| of_toml(&file.text.to_string().replace("$$", "$")),
        is_systemd: false,
    },
    Target {
        name: "pitchfork",
        convert: |subject, _| pitchfork::plan(subject, &pitchfork::Choices::default()),
        speaks: is_toml,
        settings: |file| of_toml(&file.text.to_string()),
        is_systemd: false,
    },
];

fn is_toml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "toml")
}

/// `KEY=VALUE` of a unit.
fn of_unit(file: &PlanFile) -> Vec<(String, String)> {
    let text = file.text.to_string();
    let lines = text.lines().filter(|line| !line.starts_with(['#', ';', '[']));
    let pairs = lines.filter_map(|line| Some((line.split_once('=')?.0.to_owned(), line.to_owned())));
    pairs.filter(|(key, _)| key != "Description").collect()
}

/// `key = value` of a file of a Rust daemon. Of a command only its script is a setting, and none that fits a table.
fn of_toml(text: &str) -> Vec<(String, String)> {
    const LONGEST: usize = 70;
    let mut found = Vec::new();
    let mut open: Vec<(String, toml::Value)> = Vec::new();
    for (key, value) in toml::from_str::<toml::Table>(text).unwrap() {
        // The programs of pitchfork stand in one file, as others have a file each.
        match value {
            toml::Value::Table(daemons) if key == "daemons" => {
                for (name, daemon) in daemons {
                    found.push((key.clone(), format!("[daemons.{name}]")));
                    open.extend(daemon.as_table().unwrap().clone());
                }
            }
            value => open.push((key, value)),
        }
    }
    while let Some((key, value)) = open.pop() {
        match value {
            toml::Value::Table(table) => {
                open.extend(table.into_iter().map(|(below, value)| (format!("{key}.{below}"), value)));
            }
            value => {
                let text = value.to_string();
                // What a cell shows of a long value is its key; whether it changes, the value decides.
                let is_long = text.len() > LONGEST || matches!(key.as_str(), "run" | "command");
                let sign = if is_long { "\0" } else { " = " };
                found.push((key.clone(), [&key, sign, &text].concat()));
            }
        }
    }
    found.sort();
    found
}

fn choices(flag: Flag) -> Choices {
    Choices {
        faithful: flag == Flag::Faithful,
        journal: flag == Flag::Journal,
        open_files: (flag == Flag::OpenFiles).then_some((65536, 524_288)),
        version: if let Flag::Version(number) = flag { Version::new(number).unwrap() } else { Version::default() },
        ..Choices::default()
    }
}

/// How much of a value is kept. The order is that of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Nothing is said, and no file is another.
    Nothing,
    /// Nothing is said: the files have it.
    Exact,
    /// The difference is said.
    Approximate,
    /// It is said that it is lost.
    Lost,
    /// There is no unit, for its name cannot be.
    Error,
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How much of it is kept.
    pub word: Word,
    /// The lines that the option brings, and the keys that it takes away.
    pub lines: Vec<String>,
    /// Files and instances that there would not be, or not so, without the option.
    pub files: Vec<String>,
    /// What is said.
    pub sentences: Vec<String>,
    /// What is said of it once a plan, and is no matter of this value alone.
    pub constants: Vec<String>,
}

/// The plan of a text, unless Supervisor refuses some of it, which would show nothing.
pub fn plan(target: &Target, text: &str, flag: Flag) -> Result<Plan<'static>, String> {
    let api = ("etc/conf.d/api.conf", "[program:api]\ncommand=/srv/api\n");
    let root = Desk::new(&[api, ("etc/supervisord.conf", text)]);
    let environment = match flag {
        Flag::Variable(name, value) => Some(vec![(name.to_owned(), value.to_owned())]),
        Flag::None | Flag::Faithful | Flag::Journal | Flag::OpenFiles | Flag::Version(_) => None,
    };
    let reading = Reading { environment, root: Some(root.display().to_string()), ..Reading::default() };
    let read = Configuration::read(&root.join("etc/supervisord.conf"), reading)?;
    let subject = read.subject();
    match subject.refusals.first() {
        Some(refusal) => Err(format!("Supervisor refuses this sample: {}\n{text}", refusal.message)),
        None => Ok((target.convert)(subject, flag)),
    }
}

/// Decides: converts with the option and without it.
pub fn decide(target: &Target, kind: &Kind, sample: &Sample) -> Result<Decision, String> {
    if !target.is_systemd && sample.flag.is_of_systemd() {
        return Ok(Decision::nothing());
    }
    let with = plan(target, &kind.text(sample, true), sample.flag)?;
    // What a flag does to a default is a difference too.
    let flag = if sample.value.is_none() { Flag::None } else { sample.flag };
    // Half a login is refused: then nothing of the pair is written.
    let bare = || plan(target, &kind.text(&Sample { beside: "", ..*sample }, false), flag);
    let without = plan(target, &kind.text(sample, false), flag).or_else(|_| bare())?;
    let about =
        |finding: &&Diagnostic<'_>| finding.section == Some(kind.section) && finding.option == Some(sample.option);
    let message = |finding: &Diagnostic<'_>| finding.message.to_string();
    let losses = || with.losses.iter().filter(|loss| about(&&loss.diagnostic()));
    let counted: Vec<Loss> = losses().filter(|loss| loss.sentence.telling != Telling::Once).collect();
    let errors: Vec<String> = with.errors.iter().filter(about).map(message).collect();
    let once = |plan: &Plan| -> Vec<String> {
        let once = plan.losses.iter().map(|loss| loss.diagnostic()).filter(|one| one.telling == Telling::Once);
        once.filter(|one| about(&one)).map(|one| message(&one)).collect()
    };
    let before = once(&without);
    let constants = once(&with).into_iter().filter(|one| sample.value.is_none() || !before.contains(one)).collect();
    // Without the unit there is nothing to compare.
    let compared = |changes: fn(&Target, &Plan, &Plan) -> Vec<String>| {
        if errors.is_empty() { changes(target, &without, &with) } else { Vec::new() }
    };
    let (lines, files) = (compared(lines), compared(files));
    let word = match counted.iter().map(|loss| loss.sentence.grade).max() {
        _ if !errors.is_empty() => Word::Error,
        Some(Grade::Lost) => Word::Lost,
        Some(Grade::Approximate) => Word::Approximate,
        Some(Grade::Exact) | None if lines.is_empty() && files.is_empty() => Word::Nothing,
        Some(Grade::Exact) | None => Word::Exact,
    };
    let sentences = errors.into_iter().chain(counted.iter().map(|loss| message(&loss.diagnostic()))).collect();
    Ok(Decision { word, lines, files, sentences, constants })
}

/// The lines of a plan that are settings, each once, by their keys.
fn settings(target: &Target, plan: &Plan) -> BTreeMap<String, Vec<String>> {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in plan.files.iter().filter(|file| (target.speaks)(&file.path)) {
        for (key, line) in (target.settings)(file) {
            let lines = settings.entry(key).or_default();
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    settings
}

/// The lines that are new, and the keys that are gone.
fn lines(target: &Target, without: &Plan, with: &Plan) -> Vec<String> {
    let (old, new) = (settings(target, without), settings(target, with));
    if new.is_empty() || old.is_empty() {
        return Vec::new();
    }
    let mut changed = Vec::new();
    for (key, lines) in &new {
        let before = old.get(key).map_or(&[][..], Vec::as_slice);
        let new = lines.iter().filter(|line| !before.contains(line)).map(|line| line.split('\0').next().unwrap());
        changed.extend(new.map(|line| format!("`{line}`")));
    }
    let sign = if target.is_systemd { "=" } else { "" };
    changed.extend(old.keys().filter(|key| !new.contains_key(*key)).map(|key| format!("no `{key}{sign}`")));
    changed.dedup();
    changed
}

/// The files that are new or gone, those beside the settings that are others with their new lines, and the instances of a
/// template that are new.
fn files(target: &Target, without: &Plan, with: &Plan) -> Vec<String> {
    let beside = |file: &PlanFile| file.path.contains('/') && !(target.speaks)(&file.path);
    let other = |plan: &'_ Plan, file: &PlanFile| plan.files.iter().find(|other| other.path == file.path).cloned();
    let mut found = Vec::new();
    for file in &with.files {
        match other(without, file) {
            None => found.push(format!("`{}`", file.path)),
            Some(old) if beside(file) && old.text != file.text => {
                let (old, new) = (old.text.to_string(), file.text.to_string());
                let new = new.lines().filter(|line| !old.lines().any(|old| old == *line));
                let new: Vec<String> = new.map(|line| format!("`{}`", line.trim())).collect();
                found.push(format!("`{}` with {}", file.path, new.join(" ")));
            }
            Some(_) => {}
        }
    }
    let gone = without.files.iter().filter(|file| beside(file) && other(with, file).is_none());
    found.extend(gone.map(|file| format!("no `{}`", file.path)));
    let instances =
        with.handover.enable().iter().filter(|name| !without.handover.enable().contains(name) && name.contains('@'));
    found.extend(instances.map(|name| format!("`{name}`")));
    found
}
