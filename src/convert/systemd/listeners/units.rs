//! The units and scripts that take the place of listeners.

use super::known::{Batch, Known, Memory, Page, Work};
use super::{Context, Listener, p, words};
use crate::convert::systemd::escape::{Comment, UnitValue, UnitWord};
use crate::convert::systemd::name::{UnitKind, UnitName};
use crate::convert::systemd::programs::{Drafted, Running, Unit};
use crate::convert::systemd::unit::{ServiceUnit, TimerUnit, UnitText};
use crate::convert::{Ledger, PlanFile, announce};
use crate::hash::{HashMap, HashSet};

/// A script, and where it is installed.
pub(super) struct Script {
    path: &'static str,
    text: &'static str,
}

impl Script {
    /// Its path where it is installed.
    pub fn installed(&self) -> &'static str {
        self.path
    }
}

macro_rules! script {
    ($name:ident $file:literal) => {
        pub(super) static $name: Script = Script {
            path: concat!("/usr/local/lib/supconv/", $file),
            text: include_str!(concat!("scripts/", $file, ".sh")),
        };
    };
}

script!(MEMMON "memmon");
script!(HTTPOK "httpok");
script!(CRASH "crash");
script!(FATAL "fatal");
script!(BATCH "batch");

/// The file in which a listener's hooks collect what is mailed.
pub(super) fn collected(service: &UnitName) -> String {
    format!("/run/supconv/{}", service.file_stem())
}

/// What a listener becomes.
struct Made {
    /// What its service runs.
    runs: Option<(&'static Script, Vec<String>)>,
    /// What the unit that `OnFailure=` starts runs.
    failed: Option<Vec<String>>,
    /// The script that units themselves run.
    hook: Option<&'static Script>,
}

/// Writes it, and says what differs.
pub(super) fn write<'a>(
    listener: Listener<'a>,
    startsecs: &HashMap<String, i64>,
    context: Context<'_, 'a>,
    drafted: &mut Drafted<'a>,
    ledger: &mut Ledger<'a>,
) {
    let Listener { group, known: Known { work, mut differs, lost }, every, service, timer, template, hooked } =
        listener;
    let section = group.section;
    let watched: Vec<&Running<'a>> =
        drafted.units.iter().filter_map(|unit| unit.service.as_ref()).flat_map(|service| &service.runs).collect();
    let mut missing = Vec::new();
    let file = collected(&service);
    let made = made(work, hooked, file, &watched, startsecs, &mut missing, &mut differs);
    for name in missing {
        let message = format_args!("{name} is not watched: no unit of this plan runs it.");
        ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, message);
    }
    for sentence in lost {
        ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, sentence);
    }
    let Some(Made { runs, failed, hook }) = made else {
        let message = "no unit is written for this listener, because it watches nothing that has a unit.";
        return ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, message);
    };
    let names = (service, timer.clone(), template);
    let Some(units) = units(section, group.name, names, every, (&runs, failed.as_deref()), context) else {
        let message = "no unit is written for this listener: its command would be longer than a line of a unit can be.";
        return ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, message);
    };
    for sentence in differs {
        ledger.approximate(&announce::LISTENERS, section, &p::COMMAND, sentence);
    }
    if runs.is_some() {
        let message = format_args!("{timer} counts its time from its own start; Supervisor's ticks are on the clock.");
        ledger.approximate(&announce::LISTENERS, section, &p::COMMAND, message);
    }
    if (runs.is_some() || hook.is_some()) && ledger.text(section, &super::k::USER).is_some() {
        ledger.approximate(&announce::LISTENERS, section, &super::k::USER, "what replaces this listener runs as root.");
    }
    drafted.replaced.extend(group.processes.iter().filter_map(|process| {
        let name = process.options.process_name.known()?;
        Some(crate::convert::selection::called(group.name, name))
    }));
    if context.choices.told_only {
        return;
    }
    for (name, text, enabled) in units {
        let text = text.sharing(&mut drafted.shared);
        drafted.units.push(Unit { name, section, group: Some(group), text, enabled, service: None });
    }
    let scripts = runs.iter().map(|(script, _)| *script).chain(hook).chain(failed.map(|_| &FATAL));
    for script in scripts {
        let path = script.path.trim_start_matches('/').to_owned();
        if !drafted.scripts.iter().any(|file| file.path == path) {
            drafted.scripts.push(PlanFile { path, mode: 0o755, text: script.text.to_owned().into(), secret: false });
        }
    }
}

/// What a listener becomes; none where it has nothing to do.
fn made(
    work: Work,
    hooked: usize,
    file: String,
    watched: &[&Running<'_>],
    startsecs: &HashMap<String, i64>,
    missing: &mut Vec<String>,
    differs: &mut Vec<String>,
) -> Option<Made> {
    let nothing = Made { runs: None, failed: None, hook: None };
    match work {
        Work::Output | Work::Container | Work::Startup => Some(nothing),
        Work::Memory(memory) => {
            let (arguments, several) = sizes(&memory, watched, missing);
            if several {
                differs.push("where several options name a process, the least size counts.".to_owned());
            }
            Some(Made { runs: Some((&MEMMON, arguments?)), ..nothing })
        }
        Work::Page(page) => Some(Made { runs: Some((&HTTPOK, asked(page, watched, missing)?)), ..nothing }),
        Work::Crash(_) => (hooked > 0).then_some(Made { hook: Some(&CRASH), ..nothing }),
        Work::Batch(Batch { crash, every: _, mut options }) => (hooked > 0).then(|| {
            options.extend(["--".to_owned(), file.clone()]);
            let failed = crash.is_none().then(|| noted(file, watched, startsecs));
            Made { runs: Some((&BATCH, options)), failed, hook: crash.map(|_| &CRASH) }
        }),
    }
}

/// A command of a script. None where it is too long.
fn command(script: &Script, arguments: &[String], last: Option<UnitWord>) -> Option<UnitValue> {
    let mut all = words(std::iter::once(script.path).chain(arguments.iter().map(String::as_str)))?;
    all.extend(last);
    let (path, arguments) = all.split_first()?;
    UnitValue::command(false, path, None, arguments)
}

/// What a listener runs, and what the unit that `OnFailure=` starts is handed.
type Runs<'r> = (&'r Option<(&'static Script, Vec<String>)>, Option<&'r [String]>);

/// The units of a listener, and whether each is enabled. None where a command is too long.
fn units(
    section: &str,
    group: &str,
    (service, timer, template): (UnitName, UnitName, UnitName),
    every: Option<u64>,
    (runs, failed): Runs<'_>,
    context: Context<'_, '_>,
) -> Option<Vec<(UnitName, UnitText, bool)>> {
    let umbrella = UnitValue::from(context.umbrella.as_ref().ok()?);
    let header = || vec![Comment::note(&["[", section, "] of ", context.source].concat())];
    let oneshot = |command: UnitValue| {
        let mut unit = Box::<ServiceUnit>::default();
        unit.header = header();
        unit.description = UnitValue::description(group).into();
        unit.part_of = umbrella.clone().into();
        unit.service_type = UnitValue::fixed("oneshot").into();
        unit.exec_start = command.into();
        unit.text()
    };
    let mut units = Vec::new();
    if let Some((script, arguments)) = runs {
        units.push((service, oneshot(command(script, arguments, None)?), false));
        let every = UnitValue::seconds(every.unwrap_or(60) * 10);
        let text = TimerUnit {
            header: header(),
            description: UnitValue::description(group).into(),
            part_of: umbrella.clone().into(),
            on_active_sec: every.clone().into(),
            on_unit_active_sec: every.into(),
            accuracy_sec: UnitValue::fixed("1s").into(),
            wanted_by: umbrella.clone().into(),
            ..TimerUnit::default()
        };
        units.push((timer, text.text(), true));
    }
    if let Some(arguments) = failed {
        units.push((template, oneshot(command(&FATAL, arguments, Some(UnitWord::instance()))?), false));
    }
    Some(units)
}

/// The group and the name of a process.
fn names<'r>(running: &'r Running<'_>) -> (&'r str, &'r str) {
    running.called.split_once(':').unwrap_or((&running.called, &running.called))
}

/// What memmon's script is handed, and whether a process has several sizes. None where it watches nothing.
fn sizes(memory: &Memory, watched: &[&Running<'_>], missing: &mut Vec<String>) -> (Option<Vec<String>>, bool) {
    let mut arguments = memory.options.clone();
    arguments.push("--".to_owned());
    let (begin, mut several) = (arguments.len(), false);
    let mut seen: HashSet<String> = HashSet::default();
    for running in watched {
        let (group, process) = names(running);
        let Some((limit, count)) = memory.limit(group, process) else { continue };
        several |= count > 1;
        let called = format!("{group}:{process}");
        seen.extend([process.to_owned(), called.clone(), format!("-g {group}")]);
        arguments.extend([limit.to_string(), running.unit.as_str().to_owned(), called]);
    }
    missing.extend(memory.programs.keys().filter(|name| !seen.contains(*name)).cloned());
    missing.extend(memory.groups.keys().filter(|name| !seen.contains(&format!("-g {name}"))).cloned());
    missing.sort_unstable();
    ((arguments.len() > begin).then_some(arguments), several)
}

/// What httpok's script is handed. None where it restarts nothing and mails nobody.
fn asked(page: Page, watched: &[&Running<'_>], missing: &mut Vec<String>) -> Option<Vec<String>> {
    let Page { url, programs, any, mails, options: mut arguments } = page;
    arguments.extend(["--".to_owned(), url]);
    let begin = arguments.len();
    let mut waiting: HashSet<String> = programs.iter().cloned().collect();
    let given = waiting.clone();
    for running in watched {
        let (group, process) = names(running);
        let called = format!("{group}:{process}");
        if !any && !given.contains(process) && !given.contains(&called) {
            continue;
        }
        waiting.remove(process);
        waiting.remove(&called);
        // As make_namespec of Supervisor has it.
        arguments.extend([running.unit.as_str().to_owned(), running.called.clone()]);
    }
    missing.extend(programs.into_iter().filter(|name| waiting.remove(name)));
    (arguments.len() > begin || mails).then_some(arguments)
}

/// What the script of `OnFailure=` is handed.
fn noted(file: String, watched: &[&Running<'_>], startsecs: &HashMap<String, i64>) -> Vec<String> {
    let mut arguments = vec!["-b".to_owned(), file];
    for running in watched {
        if let Some(seconds) = startsecs.get(&running.called) {
            arguments.extend(["-x".to_owned(), format!("{}={seconds}", running.unit)]);
        }
    }
    arguments.push("--".to_owned());
    arguments
}

/// Whether a unit is a timer, which is enabled by itself.
pub(in crate::convert::systemd) fn is_timer(name: &UnitName) -> bool {
    name.as_str().strip_suffix(UnitKind::Timer.suffix()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_for_every_shell() {
        for script in [&MEMMON, &HTTPOK, &CRASH, &FATAL, &BATCH] {
            assert!(script.text.starts_with("#!/bin/sh\n# supconv-"), "{}", script.path);
        }
    }
}
