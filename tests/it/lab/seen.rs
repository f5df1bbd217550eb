//! What one side of a scenario left behind, as observations that can be compared: no times, no numbers of processes.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::boot::Side;
use super::look::{Look, Reader, Seen};
use super::scenario::Scenario;

/// The last state that a process was seen in.
const END: &str = "end";

/// Reads the directory of a scenario.
pub fn read(scenario: &Scenario, place: &Path, side: Side) -> Seen {
    let mut reader = Reader { scenario, place, side, seen: Seen::new(), logs: OnceCell::new() };
    let names: BTreeSet<String> = fs::read_dir(place)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| !name.contains(".sock"))
        .collect();
    for name in &names {
        match name.rsplit_once('.').unwrap_or_default() {
            (record, "done") => reader.record(record),
            ("state", step) => reader.states(step),
            ("alive", step) => reader.alive(step),
            ("took", step) => reader.took(step),
            ("see", step) => {
                let (number, text) = (step.parse::<usize>().unwrap(), reader.text(name));
                let (_, command) = &scenario.steps[number];
                let again = scenario.steps[..number].iter().any(|(_, other)| other == command);
                reader.saw("", "see", &format!("`{command}`{}", if again { " again" } else { "" }), text.trim_end());
            }
            _ => {}
        }
    }
    reader.starts(&names);
    reader.signals(&names);
    reader.order(&names);
    if side == Side::Supervisor {
        accepts(&mut reader.seen, names.contains("state.end"));
    }
    reader.seen
}

/// Whether the configuration is accepted: supervisord starts with it, the converter makes units of it.
pub fn accepts(seen: &mut Seen, accepted: bool) {
    let look = Look { who: String::new(), what: "the file is", which: String::new() };
    seen.insert(look, if accepted { "accepted" } else { "refused" }.to_owned());
}

impl Reader<'_> {
    /// The states after a step.
    fn states(&mut self, step: &str) {
        let (text, when) = (self.text(&format!("state.{step}")), self.scenario.step(step));
        let mut found: Vec<(String, &str, String, &str)> = Vec::new();
        if self.side == Side::Systemd {
            let names = self.text("names");
            let names: BTreeMap<&str, &str> = names.lines().filter_map(|line| line.split_once('\t')).collect();
            for block in text.split("\n\n") {
                let value = |key: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
                    line.unwrap_or_default()
                };
                let Some(name) = names.get(value("Id")) else { continue };
                let state = match value("ActiveState") {
                    "active" | "activating" => "up",
                    "deactivating" => "stops",
                    "failed" => "down, failed",
                    _ => "down",
                };
                found.push((short(name), state, value("ExecMainStatus").to_owned(), value("ActiveState")));
            }
        } else {
            for line in text.lines() {
                let parts: Vec<&str> = line.split('\t').collect();
                let state = match (parts[1], parts[3]) {
                    ("RUNNING" | "STARTING" | "BACKOFF", _) => "up",
                    ("STOPPING", _) => "stops",
                    ("EXITED", "expected") | ("STOPPED", _) => "down",
                    _ => "down, failed",
                };
                found.push((short(parts[0]), state, parts[2].to_owned(), parts[1]));
            }
        }
        for (name, state, status, said) in found {
            self.saw(&name, "state", &when, state.trim_end_matches(", failed"));
            let failed = if state.ends_with("failed") { "yes" } else { "no" };
            self.saw(&name, "counts as failed", &when, failed);
            if self.looks_at("exit status") && step == END {
                self.saw(&name, "exit status", "", status);
            }
            if self.looks_at("counts as running") && step == END {
                let running = ["RUNNING", "active"].contains(&said);
                self.saw(&name, "counts as running", "", if running { "yes" } else { "not yet" });
            }
        }
    }

    /// Who of a family is alive after a step.
    fn alive(&mut self, step: &str) {
        let (text, when) = (self.text(&format!("alive.{step}")), self.scenario.step(step));
        let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in fs::read_dir(self.place).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        {
            if let Some(name) = file.strip_suffix(".pid") {
                families.entry(member(name).0).or_default();
            }
        }
        for line in text.lines() {
            let (family, member) = member(line);
            families.entry(family).or_default().push(member);
        }
        for (family, members) in families {
            let all = if members.is_empty() { "nobody".to_owned() } else { members.join(", ") };
            self.saw(&family, "alive", &when, all);
        }
    }

    /// How long a step took, in words that do not vary: where scenarios wait, stopwaitsecs is six seconds.
    fn took(&mut self, step: &str) {
        let (verb, object) = &self.scenario.steps[step.parse::<usize>().unwrap()];
        if verb != "stop" || object.is_empty() || object == "all" || object.ends_with('*') {
            return;
        }
        let seconds: f64 = self.text(&format!("took.{step}")).trim().parse().unwrap();
        let words = match seconds {
            ..4.0 => "at once",
            4.0..10.0 => "after stopwaitsecs",
            _ => "after twice stopwaitsecs",
        };
        self.saw(object, "is down", &self.scenario.step(step), words);
    }

    /// How often each process was started, and how long it waited in between.
    fn starts(&mut self, names: &BTreeSet<String>) {
        for name in names {
            let Some(who) = name.strip_suffix(".starts") else { continue };
            let text = self.text(name);
            let times: Vec<f64> = text.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
            let end = Look { who: who.to_owned(), what: "state", which: self.scenario.step(END) };
            let up = self.seen.get(&end).is_some_and(|state| state == "up");
            let count = match times.len() {
                1 => "once".to_owned(),
                _ if up => "again and again".to_owned(),
                count => format!("{count} times"),
            };
            self.saw(who, "is started", "", count);
            if self.looks_at("waits between starts") && times.len() > 2 {
                let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
                let (first, last) = (gaps[0], gaps[gaps.len() - 1]);
                let words = match last {
                    ..0.5 => "none",
                    // Supervisor looks once a second.
                    _ if last - first > 0.8 => "longer each time",
                    _ => "the same each time",
                };
                self.saw(who, "waits between starts", "", words);
            }
        }
    }

    /// Which signals the members of a family got; SIGCONT apart.
    fn signals(&mut self, names: &BTreeSet<String>) {
        let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut continued: BTreeMap<String, bool> = BTreeMap::new();
        for name in names {
            if let Some(family) = name.strip_suffix(".pid") {
                let (family, _) = member(family);
                continued.entry(family.clone()).or_default();
                families.entry(family).or_default();
            }
            let Some(record) = name.strip_suffix(".got") else { continue };
            let (family, member) = member(record);
            let text = self.text(name);
            let got: Vec<&str> = text.lines().filter_map(|line| line.split(' ').nth(1)).collect();
            *continued.entry(family.clone()).or_default() |= got.contains(&"CONT");
            // Two of a kind are one where the second comes before the first is handled.
            let mut got: Vec<&str> = got.into_iter().filter(|signal| *signal != "CONT" && *signal != "end").collect();
            got.dedup();
            if !got.is_empty() {
                families.entry(family).or_default().push(format!("{member}: {}", got.join(" ")));
            }
        }
        for (family, got) in families {
            self.saw(&family, "signals", "", if got.is_empty() { "none".to_owned() } else { got.join("; ") });
        }
        if self.looks_at("SIGCONT") {
            for (family, got) in continued {
                self.saw(&family, "SIGCONT", "", if got { "yes" } else { "no" });
            }
        }
    }

    /// In which order processes were started (numbers of processes only grow) and told to stop, and whether one is told
    /// before another has ended.
    fn order(&mut self, names: &BTreeSet<String>) {
        let order = |suffix: &str, column: usize| {
            let mut found: Vec<(f64, &str)> = names
                .iter()
                .filter_map(|name| {
                    // Of a family the program itself.
                    let who = name.strip_suffix(suffix).filter(|who| !who.contains('.'))?;
                    let text = self.text(name);
                    let word = text.lines().next()?.split(' ').nth(column)?.parse().ok()?;
                    Some((word, who))
                })
                .collect();
            found.sort_by(|one, other| one.0.total_cmp(&other.0));
            found.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        };
        let (starts, stops) = (order(".starts", 1), order(".got", 0));
        if self.looks_at("order of starts") {
            self.saw("", "order of starts", "", starts);
        }
        if self.looks_at("order of stops") {
            self.saw("", "order of stops", "", stops);
        }
        if self.looks_at("stops overlap") {
            let mut events: Vec<(String, bool)> = Vec::new();
            for record in names.iter().filter_map(|name| name.strip_suffix(".got")) {
                let text = self.text(&format!("{record}.got"));
                let events_of = text.lines().filter(|line| line.ends_with("TERM") || line.ends_with("end"));
                events.extend(events_of.map(|line| (line.to_owned(), line.ends_with("end"))));
            }
            events.sort();
            let overlap = events.windows(2).any(|pair| !pair[0].1 && !pair[1].1);
            self.saw("", "stops overlap", "", if overlap { "yes" } else { "no" });
        }
    }
}

/// `web` for `web:web`, as supervisorctl writes it.
pub fn short(name: &str) -> String {
    match name.split_once(':') {
        Some((group, process)) if group == process => process.to_owned(),
        _ => name.to_owned(),
    }
}

/// The family, and which of it: `main.in-the-group`.
fn member(record: &str) -> (String, String) {
    match record.split_once('.') {
        None => (record.to_owned(), "main".to_owned()),
        Some((family, member)) => (family.to_owned(), member.replace('-', " ")),
    }
}
