//! What is told of open files: a table for people, `supconv.limits/1`, and what became of limits that were raised.

mod document;
mod raised;
mod table;

use std::collections::BTreeMap;

use crate::diagnostic::Severity;
use crate::launcher::Limits;
use crate::limits::process::Pid;
use crate::limits::{Look, Minfds, Process, Supervisord, Thresholds, Unread};

pub use document::document;
pub use raised::raised;
pub use table::table;

/// What is said of a look.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// From which share on a process is worth a word.
    pub thresholds: Thresholds,
    /// What is less is not coloured, and needs no step.
    pub least: Severity,
    /// Whether a step has to name the supervisord with `--pid`: it is one of several, or was asked for.
    pub names_pid: bool,
}

impl Telling {
    fn shown(self, severity: Option<Severity>) -> Option<Severity> {
        severity.filter(|severity| *severity >= self.least)
    }

    /// Whether something of a look is at or above the threshold.
    #[must_use]
    pub fn finds(self, look: &Look) -> bool {
        look.severities(self.thresholds).any(|severity| self.shown(severity).is_some())
    }
}

/// The most descriptors that were seen of each process, over several looks: of a program by its name, since it may be restarted.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    programs: BTreeMap<(Pid, String), u64>,
    processes: BTreeMap<Pid, u64>,
}

impl Peaks {
    /// One more look.
    pub fn add(&mut self, look: &Look) {
        for one in &look.supervisords {
            self.of_process(&one.process);
            for program in &one.programs {
                let most = self.programs.entry((one.process.pid, program.name.clone())).or_default();
                *most = (*most).max(program.process.open.unwrap_or(0));
                for child in &program.children {
                    self.of_process(child);
                }
            }
        }
    }

    fn of_process(&mut self, process: &Process) {
        let most = self.processes.entry(process.pid).or_default();
        *most = (*most).max(process.open.unwrap_or(0));
    }
}

/// `1 process`, `2 processes`.
fn processes(count: usize) -> String {
    if count == 1 { "1 process".to_owned() } else { format!("{count} processes") }
}

/// A number of open files: 65536, or `unlimited`.
fn number(limit: u64) -> String {
    Limits::bound(limit).map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string())
}

/// A soft limit that is enough for what is open now, four times over.
fn enough(of: &Supervisord) -> u64 {
    let processes = of.programs.iter().flat_map(|program| std::iter::once(&program.process).chain(&program.children));
    let most = processes.filter_map(|process| process.open).max().unwrap_or(0);
    most.saturating_mul(4).checked_next_power_of_two().unwrap_or(most).max(65_536)
}

/// The steps after which programs of a supervisord have a soft limit, also after a restart.
fn lasting(of: &Supervisord, soft: u64) -> Vec<String> {
    let mut steps = Vec::new();
    let manager = if of.place.of_user { "systemctl --user" } else { "systemctl" };
    // root raises the hard limit too, but not in a container.
    let raises = of.process.account == Some(0) && !of.place.container;
    if !raises && of.process.limits.is_some_and(|limits| limits.hard < soft) {
        steps.push(match (&of.place.unit, of.place.container) {
            (Some(unit), _) => format!("write LimitNOFILE={soft} in [Service]: {manager} edit {unit}"),
            (None, true) => format!("start the container with --ulimit nofile={soft}:{soft}"),
            (None, false) => format!("start supervisord with a hard limit of {soft}"),
        });
    }
    let file = of.file.as_deref().unwrap_or("its configuration");
    match &of.minfds {
        Minfds::Flag(number) if *number < soft => {
            steps.push(format!("start supervisord with -a {soft} instead of -a {number}"));
        }
        written if written.written().is_some_and(|number| number >= soft) => {}
        _ => steps.push(format!("write minfds={soft} in [supervisord] of {file}")),
    }
    steps.push(match (&of.place.unit, of.place.container && of.place.first) {
        (Some(unit), _) => {
            format!("{manager} restart {unit}   # with its programs; supervisorctl reload is not enough")
        }
        (None, true) => "restart the container; supervisorctl reload is not enough".to_owned(),
        (None, false) => "restart supervisord, with its programs; supervisorctl reload is not enough".to_owned(),
    });
    steps
}

/// What could not be read, a sentence for all processes of which the same is to be said.
#[must_use]
pub fn unread(errors: &[Unread]) -> Vec<String> {
    let mut sentences: Vec<(&str, Vec<Pid>)> = Vec::new();
    for Unread { pid, message } in errors {
        match sentences.iter_mut().find(|(said, _)| said == message) {
            Some((_, pids)) => pids.push(*pid),
            None => sentences.push((message, vec![*pid])),
        }
    }
    let sentence = |(message, pids): (&str, Vec<Pid>)| {
        let which = match pids.as_slice() {
            [pid] => format!("process {pid}"),
            [first, .., last] => format!("{} ({first} … {last})", processes(pids.len())),
            [] => String::new(),
        };
        format!("{which}: {message}")
    };
    sentences.into_iter().map(sentence).collect()
}
