//! `--only`: the programs that are asked for, by themselves (`web`), by their group (`web`, `web:*`) or a process alone
//! (`web:web_00`).

use crate::hash::HashSet;
use crate::model::{Config, Group, Process};

/// What `--only` names; without a pattern everything.
#[derive(Debug)]
pub struct Only<'o>(HashSet<Pattern<'o>>);

#[derive(Debug, PartialEq, Eq, Hash)]
enum Pattern<'o> {
    /// A group or a program.
    Name(&'o str),
    /// The processes of a group.
    Group(&'o str),
    Process(&'o str, &'o str),
}

impl<'o> Pattern<'o> {
    fn of(pattern: &'o str) -> Self {
        match pattern.split_once(':') {
            None => Self::Name(pattern),
            Some((group, "*" | "")) => Self::Group(group),
            Some((group, process)) => Self::Process(group, process),
        }
    }
}

impl<'o> Only<'o> {
    /// Of the patterns as they are written.
    #[must_use]
    pub fn of(patterns: &'o [String]) -> Self {
        Self(patterns.iter().map(|pattern| Pattern::of(pattern)).collect())
    }

    /// Whether nothing is named, so that everything is asked for.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// What is named, in one order however it was typed.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let word = |pattern: &Pattern<'_>| match pattern {
            Pattern::Name(name) => (*name).to_owned(),
            Pattern::Group(group) => format!("{group}:*"),
            Pattern::Process(group, process) => format!("{group}:{process}"),
        };
        let mut words: Vec<String> = self.0.iter().map(word).collect();
        words.sort_unstable();
        words
    }

    /// Whether a group is named as a whole.
    pub(super) fn group(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.contains(&Pattern::Name(name)) || self.0.contains(&Pattern::Group(name))
    }

    /// Whether a process is named by itself, by its program or by its group.
    pub(super) fn process(&self, group: &Group<'_>, process: &Process<'_>) -> bool {
        self.group(group.name)
            || self.0.contains(&Pattern::Name(process.program.name))
            || named(process).is_some_and(|name| self.0.contains(&Pattern::Process(group.name, name)))
    }
}

fn named<'p>(process: &'p Process<'_>) -> Option<&'p str> {
    process.options.process_name.known().map(|name| &**name)
}

/// Leaves in a configuration the programs that are asked for.
pub fn keep(config: &mut Config<'_>, patterns: &[String]) {
    let only = Only::of(patterns);
    config.groups.retain_mut(|group| {
        let processes = std::mem::take(&mut group.processes);
        let whole = processes.is_empty() && only.group(group.name);
        group.processes = processes.into_iter().filter(|process| only.process(group, process)).collect();
        whole || !group.processes.is_empty()
    });
}

/// The patterns that name nothing.
#[must_use]
pub fn unmatched<'o>(config: &Config<'_>, patterns: &'o [String]) -> Vec<&'o str> {
    if patterns.is_empty() {
        return Vec::new();
    }
    let mut known = HashSet::default();
    for group in &config.groups {
        known.extend([Pattern::Name(group.name), Pattern::Group(group.name)]);
        for process in &group.processes {
            known.insert(Pattern::Name(process.program.name));
            known.extend(named(process).map(|name| Pattern::Process(group.name, name)));
        }
    }
    patterns.iter().map(String::as_str).filter(|pattern| !known.contains(&Pattern::of(pattern))).collect()
}
