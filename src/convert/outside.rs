//! What a file takes from outside, variables and the name of the machine: unknown, or fixed at conversion (facts 4.2).

use super::program::{Daemon, Floor, Unknown};
use super::{Ledger, announce};
use crate::hash::HashSet;
use crate::keys::{Context, Key, program as k, supervisord as s};

/// Says what is not known, each with the variables that would make it known. `made`: what is not written therefore, `unit`.
pub(crate) fn unknown<'a>(options: &[Unknown<'a>], made: &str, ledger: &mut Ledger<'a>) {
    let numbers = options.iter().any(|(_, key)| [&k::NUMPROCS, &k::NUMPROCS_START].contains(key));
    for (section, key) in options {
        let written = ledger.text(section, key);
        let text = written.unwrap_or_default();
        let mut names: Vec<(&str, String)> = Vec::new();
        for name in names_of(text) {
            if let Some(variable) = name.strip_prefix(VARIABLE) {
                names.push((variable, format!("--env {variable}=VALUE")));
            } else if name == NODE {
                names.push(("the host name", "--node NAME".to_owned()));
            }
        }
        if text.starts_with('~') {
            names.push(("HOME", "--env HOME=VALUE".to_owned()));
        }
        let mut said = HashSet::default();
        names.retain(|(name, _)| said.insert(*name));
        // What has the number of its process in it, which is not known, has its reason there.
        if names.is_empty() && numbers {
            continue;
        }
        if written.is_none() && key.required {
            let option = key.name;
            let message = format_args!("no {made} is written: {option}= is not in this file; give --main FILE.");
            ledger.lost(&announce::NOT_CONVERTIBLE, section, key, message);
            continue;
        }
        let (what, way_out) = if names.is_empty() {
            ("an environment variable or the host name".to_owned(), "--env NAME=VALUE or --node NAME".to_owned())
        } else {
            let (what, way_out): (Vec<&str>, Vec<String>) = names.into_iter().unzip();
            (what.join(", "), way_out.join(" "))
        };
        let option = key.name;
        let message = format_args!(
            "no {made} is written, because {option}= needs {what}, which is not known here; give {way_out}."
        );
        ledger.lost(&announce::ENVIRONMENT, section, key, message);
    }
}

/// Says what a program took from the environment of supervisord: it is fixed now (facts 4.2). `set`: whether its own
/// `environment=` sets a variable.
pub(crate) fn fixed<'a>(section: &'a str, set: impl Fn(&str) -> bool, ledger: &mut Ledger<'a>) {
    for key in ledger.written(section) {
        // Only what is read after environment= sees what that sets.
        fixed_of(section, key, |name| key.names == Context::P2 && set(name), ledger);
    }
}

/// The same of what programs take from `[supervisord]`.
pub(crate) fn fixed_of_supervisord(daemon: &Daemon<'_>, ledger: &mut Ledger<'_>) {
    let known = |floor: Floor<'_>| !matches!(floor, Floor::Unknown(_));
    let limits = [(&s::MINFDS, daemon.open_files), (&s::MINPROCS, daemon.processes)];
    let limits = limits.into_iter().filter(|(_, floor)| known(floor.value)).map(|(key, _)| key);
    for key in [&s::USER, &s::DIRECTORY, &s::UMASK, &s::ENVIRONMENT].into_iter().chain(limits) {
        fixed_of("supervisord", key, |_| false, ledger);
    }
}

fn fixed_of<'a>(section: &'a str, key: &'static Key, own: impl Fn(&str) -> bool, ledger: &mut Ledger<'a>) {
    for name in names_of(ledger.text(section, key).unwrap_or_default()) {
        let variable = name.strip_prefix(VARIABLE);
        if name == NODE || variable.is_some_and(|variable| !own(variable)) {
            let message = format_args!("%({name})s is replaced with the value that it has at conversion.");
            ledger.approximate(&announce::ENVIRONMENT, section, key, message);
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
    if !text.contains('%') {
        return found;
    }
    for (at, mark) in text.match_indices("%(") {
        let escaped =
            text.get(..at).is_some_and(|before| before.bytes().rev().take_while(|byte| *byte == b'%').count() % 2 == 1);
        // To the next parenthesis of either kind, or each of many that stay open would be sought to the end of the text.
        let rest = text.get(at + mark.len()..).unwrap_or("");
        let name = rest.split_once(['(', ')']).filter(|(name, _)| rest.as_bytes().get(name.len()) == Some(&b')'));
        let name = name.map(|(name, _)| name);
        // [supervisord] environment is expanded once more.
        found.extend(name.filter(|name| !escaped || *name == NODE));
    }
    found
}
