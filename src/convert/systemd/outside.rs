//! What a file takes from outside, variables and the name of the machine: unknown, or fixed at conversion (mapping 4.2).

use super::planner::{Done, Planner};
use crate::convert::announce;
use crate::convert::program::{Floor, Process};
use crate::keys::{self, Context, Key};
use crate::model::value::Text;

impl<'a> Planner<'_, 'a> {
    /// What is not known, each with the variables that would make it known.
    pub(super) fn unknown(&mut self, options: &[(Text<'a>, &'static str)]) {
        for &(section, option) in options {
            let text = self.ledger.text(section, option).unwrap_or_default();
            let mut names: Vec<(String, String)> = Vec::new();
            for name in names_of(text) {
                if let Some(variable) = name.strip_prefix(VARIABLE) {
                    names.push((variable.to_owned(), format!("--env {variable}=…")));
                } else if name == NODE {
                    names.push(("the name of the machine".to_owned(), "--node NAME".to_owned()));
                }
            }
            if text.starts_with('~') {
                names.push(("HOME".to_owned(), "--env HOME=…".to_owned()));
            }
            names.dedup();
            // A name whose number is not known has its reason there.
            if names.is_empty() && option == "process_name" && options.len() > 1 {
                continue;
            }
            let (what, way_out) = if names.is_empty() {
                ("something".to_owned(), "--env NAME=VALUE or --node NAME".to_owned())
            } else {
                let (what, way_out): (Vec<String>, Vec<String>) = names.into_iter().unzip();
                (what.join(" and "), way_out.join(" "))
            };
            let message = format!(
                "no unit is written: {option}= takes {what} from outside, which is not known here; give {way_out}."
            );
            self.ledger.lost(&announce::ENVIRONMENT, section, option, &message);
        }
    }

    /// What the file took from the environment of supervisord is fixed now (mapping 4.2).
    pub(super) fn fixed_from_outside(&mut self, section: Text<'a>, made: &[Done<'a>]) {
        let own = |name: &str| {
            let sets = |process: &Process<'_>| {
                process.environment.value.iter().any(|variable| variable.section == section && variable.name == name)
            };
            made.iter().any(|done| sets(&done.process))
        };
        let unknown = |floor: &Floor<'_>| matches!(floor, Floor::Unknown(_));
        let mut options: Vec<(&'a str, &'a str)> =
            self.ledger.written(section).into_iter().map(|option| (section, option)).collect();
        for option in ["user", "directory", "umask", "environment", "minfds", "minprocs"] {
            let unknown = (option == "minfds" && unknown(&self.daemon.open_files.value))
                || (option == "minprocs" && unknown(&self.daemon.processes.value));
            options.extend((!unknown).then(|| ("supervisord", option)));
        }
        for (section, option) in options {
            let text = self.ledger.text(section, option).unwrap_or_default();
            // Only what is read behind environment= sees what that sets.
            let behind = |key: &&&Key| key.name == option && key.names == Context::P2;
            let tables = keys::of_section(section).unwrap_or_default();
            let behind = tables.iter().flat_map(|table| *table).any(|key| behind(&key));
            for name in names_of(text) {
                let set = name.strip_prefix(VARIABLE).is_some_and(|variable| behind && own(variable));
                if !set && (name == NODE || name.starts_with(VARIABLE)) {
                    let message = format!("%({name})s was replaced by the value it had during conversion.");
                    self.ledger.approximate(&announce::ENVIRONMENT, section, option, &message);
                }
            }
        }
    }
}

/// What begins the name of a variable in an expansion.
const VARIABLE: &str = "ENV_";
/// The name of the machine in an expansion.
const NODE: &str = "host_node_name";

/// The names in `%(name)s`.
fn names_of(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("%(") {
        let escaped =
            text.get(..at).is_some_and(|before| before.bytes().rev().take_while(|byte| *byte == b'%').count() % 2 == 1);
        let name = text.get(at + mark.len()..).and_then(|rest| rest.split_once(')')).map(|(name, _)| name);
        // [supervisord] environment is expanded once more.
        found.extend(name.filter(|name| !escaped || *name == NODE));
    }
    found
}
