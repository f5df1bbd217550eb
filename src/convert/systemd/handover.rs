//! From supervisord to systemd: the commands that install a plan and hand the programs over, and back, and those that take the
//! place of supervisorctl (facts 9.3).

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::convert::{Handover, Lookup, Moved, Plan, Set};
use crate::well_known::quoted;

/// Programs that are named one by one.
const NAMED: usize = 8;

/// What the commands are made of, beside the plan itself.
#[derive(Debug)]
pub(super) struct Commands {
    /// The command line that made the plan.
    pub asked_by: String,
    /// What to enable, by name; the umbrella first.
    pub enable: Vec<String>,
    /// The log file of the first process that moves.
    pub log: Option<String>,
    /// A group, and the unit that is all of it.
    pub group: Option<(String, String)>,
    /// The option of `systemctl kill` that names which processes get a signal.
    pub kill_option: &'static str,
    /// All that moves, as few words as supervisorctl takes: `web`, `group:*`, `group:process`.
    pub moving: Vec<String>,
    /// Processes that are asked for and have no unit.
    pub left: Vec<String>,
    /// Whether Supervisor keeps some programs: a fragment, a choice, a program without a unit.
    pub partial: bool,
}

impl Handover for Commands {
    fn enable(&self) -> &[String] {
        &self.enable
    }

    fn next(&self, plan: &Plan<'_>, directory: Option<&str>) -> String {
        written(|out| self.write_next(plan, directory, out))
    }

    fn instead(&self, plan: &Plan<'_>) -> String {
        written(|out| self.write_instead(plan, out))
    }

    fn retire(&self, stale: &[&str]) -> String {
        written(|out| write_retire(stale, out))
    }
}

/// Writing to a String cannot fail.
fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    let _ = write(&mut out);
    out
}

impl Commands {
    /// The commands that put the units to work; `directory` is where they have been written.
    fn write_next(&self, plan: &Plan<'_>, directory: Option<&str>, out: &mut String) -> fmt::Result {
        if plan.files.is_empty() {
            return Ok(());
        }
        writeln!(out, "Next, as root:")?;
        self.install(plan, directory, out)?;
        let enable: Vec<String> = self.enable.iter().map(|name| quoted(name)).collect();
        let moving: Vec<String> = self.moving.iter().map(|name| quoted(name)).collect();
        let stop = if self.partial { moving.join(" ") } else { "all".to_owned() };
        writeln!(out, "  supervisorctl stop {stop}     # no program may run twice")?;
        // Not --now: that starts each unit by its target and once more by its name, and a program that ends at once has then
        // used up one of its starts.
        writeln!(out, "  systemctl enable {}", enable.join(" "))?;
        if let [umbrella, _, ..] = enable.as_slice() {
            writeln!(out, "  systemctl start {umbrella}")?;
        }
        if !self.partial {
            writeln!(
                out,
                "  systemctl disable --now supervisor     # Debian's name; otherwise both start everything at the next boot"
            )?;
        }
        if !self.left.is_empty() {
            writeln!(out, "These have no unit and stay with supervisord: {}", self.left.join(" "))?;
        }
        if self.partial {
            writeln!(
                out,
                "Set autostart=false for what has moved in supervisord.conf, or both start it at the next boot."
            )?;
        }
        self.one_by_one(plan, out)?;
        if !self.partial {
            writeln!(
                out,
                "To go back: systemctl disable --now {}; systemctl enable --now supervisor",
                enable.join(" ")
            )?;
        }
        writeln!(out)
    }

    /// Where the files have to be.
    fn install(&self, plan: &Plan<'_>, directory: Option<&str>, out: &mut String) -> fmt::Result {
        if directory.is_none() {
            writeln!(out, "  {} --out {UNITS}", self.asked_by)?;
        }
        for line in installs(plan, directory.unwrap_or(UNITS)) {
            writeln!(out, "  {line}")?;
        }
        let tmpfiles = plan.files.iter().find_map(|file| file.path.strip_prefix("etc/tmpfiles.d/"));
        if let Some(tmpfiles) = tmpfiles {
            writeln!(out, "  systemd-tmpfiles --create {}", quoted(tmpfiles))?;
        }
        writeln!(out, "  systemctl daemon-reload")
    }

    /// The same for one program, or one group, at a time, and the way back. What shares a socket moves together.
    fn one_by_one(&self, plan: &Plan<'_>, out: &mut String) -> fmt::Result {
        let Some((word, units)) = self.smallest(plan) else { return Ok(()) };
        let targets = self.enable.iter().filter(|unit| unit.strip_suffix(".target").is_some());
        let targets: Vec<String> = targets.map(|unit| quoted(unit)).collect();
        let enabled: Set<&str> = self.enable.iter().map(String::as_str).collect();
        let enabled = units.iter().all(|unit| enabled.contains(unit));
        let (start, stop) = if enabled { ("enable --now", "disable --now") } else { ("start", "stop") };
        let (word, units) = (quoted(word), units.into_iter().map(quoted).collect::<Vec<_>>().join(" "));
        writeln!(
            out,
            "Or one program after the other: once systemctl enable {}; then for each, with autostart=false for it in supervisord.conf:\n  \
             supervisorctl stop {word}; systemctl {start} {units}\n  and back: systemctl {stop} {units}; supervisorctl start {word}",
            targets.join(" ")
        )
    }

    /// The word of all that moves that has the fewest units, with them.
    fn smallest<'p>(&'p self, plan: &'p Plan<'_>) -> Option<(&'p str, Vec<&'p str>)> {
        // A group stands for all its processes, or each of them for itself.
        let name = |word: &'p str| word.strip_suffix(":*").unwrap_or(word);
        let mut counts: Lookup<&str, usize> = self.moving.iter().map(|word| (name(word), 0)).collect();
        let group = |called: &'p str| called.split_once(':').map_or(called, |(group, _)| group);
        for Moved { called, .. } in &plan.moved {
            let own = if counts.contains_key(&**called) { called } else { group(called) };
            counts.entry(own).and_modify(|count| *count += 1);
        }
        let word = self.moving.iter().min_by_key(|word| counts.get(name(word)).copied())?;
        let of = |called: &'p str| if counts.contains_key(called) { called } else { group(called) };
        let units = plan.moved.iter().filter(|moved| of(&moved.called) == name(word));
        Some((word, units.map(|moved| &*moved.unit).collect()))
    }

    /// What an operator types instead of supervisorctl, with the names of this plan.
    fn write_instead(&self, plan: &Plan<'_>, out: &mut String) -> fmt::Result {
        let (Some(Moved { called, unit }), Some(umbrella)) = (plan.moved.first(), self.enable.first()) else {
            return Ok(());
        };
        let (called, unit, umbrella) = (quoted(called), quoted(unit), quoted(umbrella));
        let tail = match &self.log {
            Some(log) => format!("tail -f {}", quoted(log)),
            None => format!("journalctl -fu {unit}"),
        };
        let mut rows = vec![
            ("status".to_owned(), format!("systemctl list-dependencies {umbrella}")),
            (format!("status {called}"), format!("systemctl status {unit}")),
            (format!("start {called}"), format!("systemctl start {unit}")),
            (format!("stop {called}"), format!("systemctl stop {unit}")),
            (format!("restart {called}"), format!("systemctl reset-failed {unit}; systemctl restart {unit}")),
            (format!("tail -f {called}"), tail),
            (format!("pid {called}"), format!("systemctl show -p MainPID --value {unit}")),
            (format!("signal HUP {called}"), format!("systemctl kill -s HUP {}=main {unit}", self.kill_option)),
        ];
        if let Some((group, target)) = &self.group {
            rows.push((format!("start {}:*", quoted(group)), format!("systemctl start {}", quoted(target))));
            rows.push((
                format!("stop {}:*", quoted(group)),
                format!("systemctl stop {}     # does not wait", quoted(target)),
            ));
        }
        rows.extend([
            ("start all, stop all".to_owned(), format!("systemctl start {umbrella}, systemctl stop {umbrella}")),
            (
                "reread, update".to_owned(),
                format!(
                    "{} --out {UNITS} --force; {}systemctl daemon-reload     # then restart the units that changed",
                    self.asked_by,
                    installs(plan, UNITS).map(|line| line + "; ").collect::<String>()
                ),
            ),
            ("shutdown, reload".to_owned(), format!("systemctl stop {umbrella}, systemctl restart {umbrella}")),
        ]);
        let width = rows.iter().map(|(old, _)| old.chars().count()).max().unwrap_or(0);
        writeln!(out, "Instead of supervisorctl:")?;
        for (old, new) in rows {
            writeln!(out, "  {old:width$}  {new}")?;
        }
        let differ = plan.moved.iter().filter(|moved| moved.unit.strip_suffix(".service") != Some(&moved.called));
        let differ: Vec<&Moved> = differ.collect();
        for moved in differ.iter().take(NAMED) {
            writeln!(out, "  {} is {}", moved.called, moved.unit)?;
        }
        if differ.len() > NAMED {
            writeln!(out, "  and {} more (--format json: `processes`)", differ.len() - NAMED)?;
        }
        writeln!(out)
    }
}

/// The commands that put the files of a plan to their places, by name: beside them may be files of others. `install` sets the
/// mode, also of a file that is there.
fn installs(plan: &Plan<'_>, directory: &str) -> impl Iterator<Item = String> {
    let mut folders: BTreeMap<(&str, u32), Vec<String>> = BTreeMap::new();
    for file in &plan.files {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !folder.is_empty() || !is_of_units(directory) {
            let path = [directory.trim_end_matches('/'), "/", &file.path].concat();
            folders.entry((folder, file.mode)).or_default().push(quoted(&path));
        }
    }
    folders.into_iter().flat_map(|((folder, mode), paths)| {
        let place = if folder.is_empty() { UNITS.to_owned() } else { format!("/{folder}") };
        let line = move |paths: &[String]| format!("install -D -m {mode:o} -t {place} -- {}", paths.join(" "));
        paths.chunks(AT_ONCE).map(line).collect::<Vec<_>>()
    })
}

/// The commands that end what stale files once began.
fn write_retire(stale: &[&str], out: &mut String) -> fmt::Result {
    let units = || stale.iter().filter(|name| !name.contains('/'));
    let listed = |names: Vec<String>| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" ");
    writeln!(out, "Where they are installed, as root:")?;
    if units().next().is_some() {
        // A template is stopped by its instances, and disabled with all of them.
        writeln!(out, "  systemctl stop {}", listed(units().map(|name| name.replace("@.", "@*.")).collect()))?;
        writeln!(out, "  systemctl disable {}", listed(units().map(|name| (*name).to_owned()).collect()))?;
    }
    let place = |name: &&str| if name.contains('/') { format!("/{name}") } else { format!("{UNITS}/{name}") };
    writeln!(out, "  rm -f -- {}", listed(stale.iter().map(place).collect()))?;
    writeln!(out, "  systemctl daemon-reload\n")
}

/// Files that one command names: a command line has an end.
const AT_ONCE: usize = 500;

/// Where an administrator's units are.
const UNITS: &str = "/etc/systemd/system";

/// Where systemd looks for units itself (systemd.unit(5)).
fn is_of_units(directory: &str) -> bool {
    matches!(
        directory.trim_end_matches('/'),
        "/etc/systemd/system" | "/run/systemd/system" | "/usr/local/lib/systemd/system" | "/usr/lib/systemd/system"
    )
}
