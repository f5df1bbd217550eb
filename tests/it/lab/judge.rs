//! The judge: each look at each process is equal, announced, or a silent difference; each announcement has to show.

use std::collections::{BTreeMap, BTreeSet};

use super::announced::{self, Shows};
use super::gaps;
use super::look::{Look, Seen};
use super::plan::{Loss, Plan};
use super::scenario::Scenario;
use super::target::Target;

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
    pub converted: String,
    pub verdict: Verdict,
}

/// A scenario that has been judged.
pub struct Judged<'a> {
    pub target: &'static Target,
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
pub fn judge<'a>(
    target: &'static Target,
    scenario: &'a Scenario,
    plan: &Plan,
    supervisor: &Seen,
    converted: &Seen,
) -> Judged<'a> {
    let mut judged = Judged {
        target,
        scenario,
        cells: Vec::new(),
        unseen: BTreeSet::new(),
        shown: BTreeSet::new(),
        silent_gaps: BTreeSet::new(),
        false_gaps: BTreeSet::new(),
        problems: Vec::new(),
    };
    let whom: BTreeSet<&str> = supervisor.keys().chain(converted.keys()).map(|look| look.who.as_str()).collect();
    let processes: BTreeMap<&str, Process> =
        whom.into_iter().map(|who| (who, Process::new(target, plan, who))).collect();
    let by_chance = |look: &Look| scenario.varies(target.name, &look.who, look.what);
    let compared = pairs(&processes, supervisor, converted).into_iter();
    let compared = compared.filter(|(look, ..)| !by_chance(look) && (target.has_control || !is_of_another(look)));
    for (look, there, here) in compared {
        let verdict =
            if there == here { Verdict::Equal } else { judged.difference(&processes[look.who.as_str()], &look, &here) };
        if verdict == Verdict::Silent {
            judged.problems.push(format!(
                "{}: silent difference: {} {} {}: supervisord {there:?}, {} {here:?}",
                scenario.name, look.who, look.what, look.which, target.name
            ));
        }
        judged.cells.push(Cell { look, supervisor: there, converted: here, verdict });
    }
    for loss in &plan.losses {
        judged.announcement(&processes, loss);
    }
    judged
}

/// Whether it is how a process is after another one was stopped: without a command of the daemon all of them are.
fn is_of_another(look: &Look) -> bool {
    let object = look.which.strip_prefix("after `stop ").and_then(|rest| rest.strip_suffix('`'));
    let Some(object) = object.filter(|object| *object != "all") else { return false };
    let own = match object.strip_suffix('*') {
        Some(group) => look.who.starts_with(group) || format!("{}:", look.who) == *group,
        None => look.who == object || look.who.ends_with(&format!(":{object}")),
    };
    !own
}

/// A process, or the scenario as a whole.
struct Process<'a> {
    /// Of its unit.
    section: Option<String>,
    /// What the converter says that may be about it, with its entry.
    losses: Vec<(&'a Loss, usize)>,
}

impl<'a> Process<'a> {
    fn new(target: &'static Target, plan: &'a Plan, who: &str) -> Self {
        let section = plan.section(who);
        let group = who.split_once(':').map(|(group, _)| format!("group:{group}"));
        // Where there is no unit, the section is called as the process or its group is.
        let named = |section: &str| {
            let name = section.split_once(':').map_or("", |(_, name)| name);
            who.split(':').any(|part| part == name || part.starts_with(&format!("{name}_")))
        };
        let concerns = |loss: &Loss| {
            let of = &loss.section;
            let own = section.as_ref().map_or_else(|| named(of), |section| section == of);
            who.is_empty() || !of.contains(':') || own || group.as_ref() == Some(of)
        };
        let losses = plan.losses.iter().filter(|loss| concerns(loss));
        let losses =
            losses.filter_map(|loss| Some((loss, announced::entry(&target.table, &loss.option, &loss.message)?.0)));
        Self { losses: losses.collect(), section }
    }
}

/// The looks of both sides. A process without a unit is one look; so is what a program sees that one side does not start.
fn pairs(processes: &BTreeMap<&str, Process>, supervisor: &Seen, converted: &Seen) -> Vec<(Look, String, String)> {
    let mut found = BTreeMap::new();
    let runs = |seen: &Seen, who: &str| {
        let look = Look { who: who.to_owned(), what: "argv", which: String::new() };
        if seen.contains_key(&look) { "yes" } else { "no" }.to_owned()
    };
    for look in supervisor.keys().chain(converted.keys()) {
        if !look.who.is_empty() && processes[look.who.as_str()].section.is_none() {
            let look = Look { who: look.who.clone(), what: "unit", which: String::new() };
            found.insert(look, ("a process".to_owned(), "none".to_owned()));
            continue;
        }
        let (there, here) = (runs(supervisor, &look.who), runs(converted, &look.who));
        if look.is_context() && there != here {
            let look = Look { who: look.who.clone(), what: "is run", which: String::new() };
            found.insert(look, (there, here));
            continue;
        }
        // A unit that nothing has started is not in systemd's memory.
        let missing = match look.what {
            "state" => "down",
            "counts as failed" | "ignores" | "blocks" => "no",
            _ => NOTHING,
        };
        let value = |seen: &Seen| seen.get(look).cloned().unwrap_or_else(|| missing.to_owned());
        found.insert(look.clone(), (value(supervisor), value(converted)));
    }
    found.into_iter().map(|(look, (there, here))| (look, there, here)).collect()
}

impl Judged<'_> {
    /// What a difference is.
    fn difference(&mut self, process: &Process, look: &Look, here: &str) -> Verdict {
        let lacks = here == NOTHING;
        let own = look.what == "variable" && self.scenario.sets(&look.which);
        let mut by: Vec<(usize, usize)> = Vec::new();
        for (loss, at) in &process.losses {
            let (_, _, shows) = self.target.table[*at];
            let (wherever, asked) = shows.looks();
            let asked = if self.scenario.asks(&loss.option, &loss.message) { asked } else { &[] };
            // What the file sets differs for no reason that holds for all.
            if announced::is_of(look, asked, lacks) || (!own && announced::is_of(look, wherever, lacks)) {
                self.shown.insert(*at);
                by.push((wherever.len() + asked.len(), *at));
            }
        }
        // The one that speaks of the fewest things speaks best of this one.
        if let Some((_, at)) = by.into_iter().min() {
            return Verdict::Announced(at);
        }
        let gap = gaps::SILENT.iter().position(|(scenario, who, what, _)| {
            let is = |one: &str, other: &str| one.is_empty() || one == other;
            is(scenario, &self.scenario.name) && is(who, &look.who) && announced::is_of(look, &[what], lacks)
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
    fn announcement(&mut self, processes: &BTreeMap<&str, Process>, loss: &Loss) {
        let Some((at, (_, _, shows))) = announced::entry(&self.target.table, &loss.option, &loss.message) else {
            return self.wrong("the lab does not know where this shows", loss);
        };
        if let Shows::Unseen(_) = shows {
            self.unseen.insert(at);
        }
        let differs = |looks: &[&str]| {
            let about = |who: &str| processes[who].losses.iter().any(|(other, _)| std::ptr::eq(*other, loss));
            let cells = self.cells.iter().filter(|cell| announced::is_of(&cell.look, looks, true));
            let cells: Vec<_> = cells.filter(|cell| about(&cell.look.who)).collect();
            (!cells.is_empty()).then(|| cells.iter().any(|cell| cell.verdict != Verdict::Equal))
        };
        let (wherever, asked) = shows.looks();
        let looked_for = differs(wherever) == Some(false);
        let asked_for = self.scenario.asks(&loss.option, &loss.message) && differs(asked) == Some(false);
        if !looked_for && !asked_for {
            return;
        }
        let gap = gaps::FALSE.iter().position(|(scenario, option, words, _)| {
            let here = scenario.is_empty() || *scenario == self.scenario.name;
            here && *option == loss.option && loss.message.contains(words)
        });
        match gap {
            Some(gap) => drop(self.false_gaps.insert(gap)),
            // One process of several is enough to show what the scenario asks for.
            None if looked_for || !self.shown.contains(&at) => self.wrong("is announced, and does not show", loss),
            None => {}
        }
    }

    fn wrong(&mut self, what: &str, Loss { section, option, message }: &Loss) {
        self.problems.push(format!("{}: {what}: [{section}] {option}: {message}", self.scenario.name));
    }
}

/// What is wrong with all scenarios together: announcements that never show, gaps that are closed.
pub fn together(target: &Target, all: &[Judged]) -> Vec<String> {
    let mut problems: Vec<String> = all.iter().flat_map(|judged| judged.problems.clone()).collect();
    for (at, (option, words, shows)) in target.table.iter().enumerate() {
        let shown = all.iter().any(|judged| judged.shown.contains(&at) || judged.unseen.contains(&at));
        if !shown {
            let what = if matches!(shows, Shows::Unseen(_)) { "is announced nowhere" } else { "shows nowhere" };
            problems.push(format!("announced for {}: {option}: \"{words}\" {what}", target.name));
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
