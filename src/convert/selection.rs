//! What of a configuration is converted: what is asked for (`--only`), what stays with Supervisor, what Supervisor refuses.

use super::only::Only;
use super::{Ledger, Subject};
use crate::diagnostic::Diagnostic;
use crate::hash::{HashMap, HashSet};
use crate::keys::process as p;
use crate::model::{Config, Group, GroupKind, Process};
use crate::refusal::Refusal;

/// What is converted of a configuration.
#[derive(Debug)]
pub struct Selection<'a> {
    config: &'a Config<'a>,
    /// What is asked for.
    pub only: Only<'a>,
    /// The fcgi-programs of which a process is asked for: a socket cannot be divided, so with one process all are.
    sockets: HashSet<&'a str>,
    /// The sections of which something is refused.
    sections: HashSet<&'a str>,
    /// Whether Supervisor refuses the file as a whole: then nothing is selected.
    pub refused: bool,
    /// The groups of which something is converted.
    pub groups: Vec<&'a Group<'a>>,
    /// The sections whose program cannot run as it is written, and why.
    unrunnable: HashMap<&'a str, String>,
    /// The sections that make no process, since numprocs is not above 0.
    pub idle: Vec<&'a str>,
    /// What was not asked for and stays with Supervisor, as supervisorctl calls it.
    pub stays: Vec<String>,
}

/// A section that makes processes, and those of them that are in one group.
#[derive(Debug)]
pub struct Members<'a> {
    /// The section.
    pub section: &'a str,
    /// The processes, in Supervisor's order.
    pub processes: Vec<&'a Process<'a>>,
}

impl<'a> Selection<'a> {
    /// Selects; what is not asked for, the ledger forgets.
    #[must_use]
    pub fn of(subject: &Subject<'a>, ledger: &mut Ledger<'a>) -> Self {
        let &Subject { merged, config, refusals: _, ref unrunnable, source: _, asked_by: _, only } = subject;
        let only = Only::of(only);
        let fcgi = config.groups.iter().filter(|group| matches!(group.kind, GroupKind::Fcgi(_)));
        let asked = |group: &&Group<'_>| group.processes.iter().any(|process| only.process(group, process));
        let sockets = fcgi.filter(asked).map(|group| group.name).collect();
        let whole = |refusal: &Refusal<'_>| {
            refusal.section.is_none_or(|section| !section.contains(':') && !section.contains("_http_server"))
        };
        let mut selection = Self {
            config,
            only,
            refused: config.refusals.iter().any(whole),
            sockets,
            sections: config.refusals.iter().filter_map(|refusal| refusal.section).collect(),
            groups: Vec::new(),
            unrunnable: HashMap::default(),
            idle: Vec::new(),
            stays: Vec::new(),
        };
        if selection.refused {
            return selection;
        }
        let mut made: HashSet<&str> = HashSet::default();
        let mut kept: HashSet<&str> = HashSet::default();
        for group in &config.groups {
            made.extend(group.processes.iter().map(|process| process.program.section));
            let wanted = |process: &&Process<'a>| selection.wants(group, process);
            kept.extend(group.processes.iter().filter(wanted).map(|process| process.program.section));
            if !group.processes.iter().any(|process| wanted(&process)) && !selection.only.group(group.name) {
                let several = group.processes.len() != 1;
                selection.stays.push(if several { format!("{}:*", group.name) } else { group.name.to_string() });
                ledger.forget(group.section);
                continue;
            }
            let rest = group.processes.iter().filter(|process| !wanted(process));
            let named = rest.filter_map(|process| process.options.process_name.known());
            let stays: Vec<String> = named.map(|name| format!("{}:{name}", group.name)).collect();
            selection.stays.extend(stays);
            selection.groups.push(group);
        }
        for section in made.iter().filter(|section| !kept.contains(*section)) {
            ledger.forget(section);
        }
        for section in merged.sections.keys() {
            let makes = ["program:", "fcgi-program:"].iter().any(|kind| section.starts_with(kind));
            let name = section.split_once(':').map_or("", |(_, name)| name);
            if !makes || made.contains(section) || selection.sections.contains(section) {
                continue;
            }
            if selection.only.group(name) {
                selection.idle.push(section);
            } else {
                ledger.forget(section);
            }
        }
        for Diagnostic { rule, message, section, .. } in unrunnable {
            let Some(section) = section.filter(|section| kept.contains(section)) else { continue };
            let message = message.text();
            ledger.lost(rule, section, &p::COMMAND, &message);
            selection.unrunnable.insert(section, message.into_owned());
        }
        selection
    }

    /// Why the program of a section cannot run as it is written, if it cannot; the ledger has been told.
    #[must_use]
    pub fn cannot_run(&self, section: &str) -> Option<&str> {
        self.unrunnable.get(section).map(String::as_str)
    }

    /// Whether a process is to be converted.
    #[must_use]
    pub fn wants(&self, group: &Group<'_>, process: &Process<'_>) -> bool {
        self.only.process(group, process)
            || (matches!(group.kind, GroupKind::Fcgi(_)) && self.sockets.contains(group.name))
    }

    /// Whether Supervisor refuses the section, or the group that it is in.
    #[must_use]
    pub fn refuses(&self, group: &Group<'_>, section: &str) -> bool {
        !self.sections.is_empty() && (self.sections.contains(section) || self.sections.contains(group.section))
    }

    /// The sections that make the processes of a group, those alone of which a process is wanted.
    pub fn members(&self, group: &'a Group<'a>) -> impl Iterator<Item = Members<'a>> {
        by_section(group)
            .into_iter()
            .filter(|members| members.processes.iter().any(|process| self.wants(group, process)))
    }

    /// What of `moved` moves, as few words as supervisorctl takes (`web`, `group:*`, `group:process`), and what is asked for
    /// and has not moved.
    #[must_use]
    pub(super) fn leaving(&self, moved: &HashSet<&str>) -> (Vec<String>, Vec<String>) {
        let (mut moving, mut left) = (Vec::new(), Vec::new());
        for group in &self.config.groups {
            let called = |process: &Process<'a>| {
                called(group.name, process.options.process_name.known().unwrap_or(&process.program.name))
            };
            let all: Vec<String> = group.processes.iter().map(called).collect();
            if all.len() > 1 && all.iter().all(|name| moved.contains(&**name)) {
                moving.push(format!("{}:*", group.name));
                continue;
            }
            for (process, name) in group.processes.iter().zip(all) {
                if moved.contains(&*name) {
                    moving.push(name);
                } else if self.only.process(group, process) {
                    left.push(name);
                }
            }
        }
        (moving, left)
    }
}

/// Where no program has anything written, nothing of the file is kept: what it says of supervisord does not count as exact.
pub(super) fn nothing_at_all<'a>(selection: &Selection<'a>, running: &HashSet<&'a str>, ledger: &mut Ledger<'a>) {
    let runs = |group: &&Group<'a>| !matches!(group.kind, GroupKind::EventListener(_)) && !group.processes.is_empty();
    let wanted = selection.groups.iter().any(runs);
    if wanted && running.is_empty() && !selection.refused && selection.only.is_everything() {
        ledger.nothing_at_all();
    }
}

/// A process as supervisorctl calls it.
#[must_use]
pub fn called(group: &str, process: &str) -> String {
    if group == process { process.to_owned() } else { format!("{group}:{process}") }
}

/// The processes of a group by their sections, in their order.
#[must_use]
pub fn by_section<'a>(group: &'a Group<'a>) -> Vec<Members<'a>> {
    let mut found: Vec<Members<'a>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::default();
    for process in &group.processes {
        let section = process.program.section;
        // Only a `[group:x]` has processes of several sections.
        let several = matches!(group.kind, GroupKind::Group);
        let at = if several { *known.entry(section).or_insert(found.len()) } else { 0 };
        match found.get_mut(at) {
            Some(members) => members.processes.push(process),
            None => found.push(Members { section, processes: vec![process] }),
        }
    }
    found
}

/// Of a file that Supervisor refuses as a whole nothing is made, which `message` says.
pub(super) fn refused<'a>(config: &'a Config<'a>, message: &str, ledger: &mut Ledger<'a>) {
    for group in &config.groups {
        let members = by_section(group).into_iter().map(|members| members.section);
        for section in std::iter::once(group.section).chain(members) {
            ledger.implied(section, message);
        }
    }
}

/// What a program says of which nothing is made is lost, whatever was said of it on the way. `running`: the other sections.
pub(super) fn nothing<'a>(config: &'a Config<'a>, running: &HashSet<&'a str>, message: &str, ledger: &mut Ledger<'a>) {
    let processes = config.groups.iter().flat_map(|group| &group.processes);
    let mut last = "";
    for section in processes.map(|process| process.program.section) {
        if section != last && !running.contains(section) && !section.starts_with("eventlistener:") {
            ledger.nothing(section, message);
        }
        last = section;
    }
}
