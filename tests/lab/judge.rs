//! The judge: each look at each process is equal, announced, or a silent difference; each announcement has to show.
use std::collections::{BTreeMap, BTreeSet};

use crate::announced::{self, Shows, TABLE};
use crate::gaps;
use crate::plan::{Loss, Plan};
use crate::scenario::Scenario;
use crate::seen::{Look, Seen};

/// What a cell of the table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Equal,
    /// By this announcement.
    Announced(usize),
    /// A known gap, and why.
    Gap(&'static str),
    Silent,
}

/// One look, on both sides.
#[derive(Clone, Debug)]
pub struct Cell {
    pub look: Look,
    pub supervisor: String,
    pub systemd: String,
    pub verdict: Verdict,
}

/// A scenario that has been judged.
pub struct Judged<'a> {
    pub scenario: &'a Scenario,
    pub cells: Vec<Cell>,
    /// Announcements that the lab cannot see, by their entries.
    pub unseen: BTreeSet<usize>,
    /// Those that have shown.
    pub shown: BTreeSet<usize>,
    /// Gaps that have shown, by their places in the two tables.
    pub silent_gaps: BTreeSet<usize>,
    pub false_gaps: BTreeSet<usize>,
    /// What is wrong.
    pub problems: Vec<String>,
}

/// What one side lacks.
const NOTHING: &str = "–";

/// Compares the two sides.
pub fn judge<'a>(scenario: &'a Scenario, plan: &Plan, supervisor: &Seen, systemd: &Seen) -> Judged<'a> {
    let mut judged = Judged {
        scenario,
        cells: Vec::new(),
        unseen: BTreeSet::new(),
        shown: BTreeSet::new(),
        silent_gaps: BTreeSet::new(),
        false_gaps: BTreeSet::new(),
        problems: Vec::new(),
    };
    for (look, there, here) in pairs(plan, supervisor, systemd) {
        let verdict = if there == here { Verdict::Equal } else { judged.difference(plan, &look) };
        if verdict == Verdict::Silent {
            judged.problems.push(format!(
                "{}: silent difference: {} {} {}: supervisord {there:?}, systemd {here:?}",
                scenario.name, look.who, look.what, look.which
            ));
        }
        judged.cells.push(Cell { look, supervisor: there, systemd: here, verdict });
    }
    for loss in &plan.losses {
        judged.announcement(plan, loss);
    }
    judged
}

/// The looks of both sides. A process without a unit is one look; so is what a program sees that one side does not start.
fn pairs(plan: &Plan, supervisor: &Seen, systemd: &Seen) -> Vec<(Look, String, String)> {
    let mut found = BTreeMap::new();
    let runs = |seen: &Seen, who: &str| {
        let look = Look { who: who.to_owned(), what: "argv", which: String::new() };
        if seen.contains_key(&look) { "yes" } else { "no" }.to_owned()
    };
    for look in supervisor.keys().chain(systemd.keys()) {
        if !look.who.is_empty() && plan.section(&look.who).is_none() {
            let look = Look { who: look.who.clone(), what: "unit", which: String::new() };
            found.insert(look, ("a process".to_owned(), "none".to_owned()));
            continue;
        }
        let (there, here) = (runs(supervisor, &look.who), runs(systemd, &look.who));
        if look.is_context() && there != here {
            let look = Look { who: look.who.clone(), what: "is run", which: String::new() };
            found.insert(look, (there, here));
            continue;
        }
        let value = |seen: &Seen| seen.get(look).cloned();
        // A unit that nothing has started is not in systemd's memory.
        let missing = match look.what {
            "state" => "down",
            "counts as failed" | "ignores" | "blocks" => "no",
            _ => NOTHING,
        };
        let (there, here) = (value(supervisor), value(systemd));
        let there = there.unwrap_or_else(|| missing.to_owned());
        found.insert(look.clone(), (there, here.unwrap_or_else(|| missing.to_owned())));
    }
    found.into_iter().map(|(look, (there, here))| (look, there, here)).collect()
}

impl Judged<'_> {
    /// What a difference is.
    fn difference(&mut self, plan: &Plan, look: &Look) -> Verdict {
        let own = look.what == "variable" && self.scenario.sets(&look.which);
        let mut by: Vec<(usize, usize)> = Vec::new();
        for loss in plan.losses.iter().filter(|loss| concerns(plan, loss, &look.who)) {
            let Some((at, (_, _, shows))) = announced::entry(&loss.option, &loss.message) else { continue };
            let looks = match shows {
                Shows::Wherever(looks) | Shows::Maybe(looks) => looks,
                Shows::Asked(looks) if self.scenario.asks(&loss.option, &loss.message) => looks,
                Shows::Asked(_) | Shows::Unseen(_) => continue,
            };
            // What the file sets differs for no reason that holds for all.
            let excused = !own || matches!(shows, Shows::Asked(_));
            if excused && announced::is_of(look, looks) {
                self.shown.insert(at);
                by.push((looks.len(), at));
            }
        }
        // The one that speaks of the fewest things speaks best of this one.
        if let Some((_, at)) = by.into_iter().min() {
            return Verdict::Announced(at);
        }
        let gap = gaps::SILENT.iter().position(|(scenario, who, what, _)| {
            let is = |one: &str, other: &str| one.is_empty() || one == other;
            is(scenario, &self.scenario.name) && is(who, &look.who) && announced::is_of(look, &[what])
        });
        match gap {
            Some(gap) => {
                self.silent_gaps.insert(gap);
                Verdict::Gap(gaps::SILENT[gap].3)
            }
            None => Verdict::Silent,
        }
    }

    /// Whether an announcement shows where the scenario looks.
    fn announcement(&mut self, plan: &Plan, loss: &Loss) {
        let name = &self.scenario.name;
        let Some((at, (_, _, shows))) = announced::entry(&loss.option, &loss.message) else {
            self.problems.push(format!(
                "{name}: the lab does not know where this shows: [{}] {}: {}",
                loss.section, loss.option, loss.message
            ));
            return;
        };
        match shows {
            Shows::Unseen(_) => {
                self.unseen.insert(at);
            }
            Shows::Asked(_) if self.scenario.asks(&loss.option, &loss.message) && !self.shown.contains(&at) => {
                self.problems.push(format!(
                    "{name}: is to show, and does not: [{}] {}: {}",
                    loss.section, loss.option, loss.message
                ));
            }
            Shows::Asked(_) | Shows::Maybe(_) => {}
            Shows::Wherever(looks) => {
                let mut cells = self
                    .cells
                    .iter()
                    .filter(|cell| concerns(plan, loss, &cell.look.who) && announced::is_of(&cell.look, looks))
                    .peekable();
                if cells.peek().is_some() && cells.all(|cell| cell.verdict == Verdict::Equal) {
                    let gap = gaps::FALSE.iter().position(|(scenario, option, words, _)| {
                        (scenario.is_empty() || scenario == name)
                            && *option == loss.option
                            && loss.message.contains(words)
                    });
                    match gap {
                        Some(gap) => drop(self.false_gaps.insert(gap)),
                        None => self.problems.push(format!(
                            "{name}: announced, and does not show: [{}] {}: {}",
                            loss.section, loss.option, loss.message
                        )),
                    }
                }
            }
        }
    }
}

/// Whether an announcement is about a process, or about all.
fn concerns(plan: &Plan, loss: &Loss, who: &str) -> bool {
    if who.is_empty() || !loss.section.contains(':') {
        return true;
    }
    match plan.section(who) {
        Some(section) => {
            let group = who.split_once(':').map(|(group, _)| format!("group:{group}"));
            section == loss.section || group.as_ref() == Some(&loss.section)
        }
        // There is no unit: the section is called as the process or its group is.
        None => loss.section.split_once(':').is_some_and(|(_, name)| who.split(':').any(|part| part == name)),
    }
}

/// What is wrong with all scenarios together: announcements that never show, gaps that are closed.
pub fn together(all: &[Judged]) -> Vec<String> {
    let mut problems: Vec<String> = all.iter().flat_map(|judged| judged.problems.clone()).collect();
    for (at, (option, words, shows)) in TABLE.iter().enumerate() {
        let shown = all.iter().any(|judged| judged.shown.contains(&at) || judged.unseen.contains(&at));
        if !shown && !matches!(shows, Shows::Maybe(_)) {
            let what = if matches!(shows, Shows::Unseen(_)) { "is announced nowhere" } else { "shows nowhere" };
            problems.push(format!("announced.rs: {option}: \"{words}\" {what}"));
        }
    }
    for (at, gap) in gaps::SILENT.iter().enumerate() {
        if !all.iter().any(|judged| judged.silent_gaps.contains(&at)) {
            problems.push(format!("gaps.rs: closed, take it out: {gap:?}"));
        }
    }
    for (at, gap) in gaps::FALSE.iter().enumerate() {
        if !all.iter().any(|judged| judged.false_gaps.contains(&at)) {
            problems.push(format!("gaps.rs: closed, take it out: {gap:?}"));
        }
    }
    problems
}
