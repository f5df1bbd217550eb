//! The table of options against the specification: each row of either is in the other, and says the same.

use std::collections::BTreeMap;
use std::fs;

use crate::support::machine;
use serde_json::{Value, json};
use supconv::keys::{self, Context, KINDS, Key, OVERRIDES};

/// It lies beside the project and is no part of it.
const SPECIFICATION: &str = "../shared/spec/options.json";

/// A row without its section and option.
type Row = BTreeMap<&'static str, Value>;

/// The names of a context, as the specification lists them.
fn names(context: Context) -> Vec<&'static str> {
    let program = ["here", "program_name", "group_name", "host_node_name", "ENV_*"];
    let process = ["process_num", "numprocs"];
    match context {
        Context::G => vec!["here", "ENV_*"],
        Context::H => vec!["ENV_*"],
        Context::I => vec!["here", "host_node_name", "ENV_*"],
        Context::F => vec!["here", "program_name", "ENV_*"],
        Context::P0 => program.to_vec(),
        Context::GThenP0 => vec!["here", "ENV_*", "(and, for the processes, the names of startsecs)"],
        Context::P1 => [&program[..], &process].concat(),
        Context::P2 => [&program[..], &process, &["ENV_* of the program's own environment="]].concat(),
    }
}

fn row(kind: &str, key: &Key) -> Row {
    let changed = OVERRIDES.iter().find(|(section, other, ..)| *section == kind && other.name == key.name);
    let (default, context) = changed.map_or((key.default, key.names), |(.., default, context)| (*default, *context));
    Row::from([
        ("type", json!(key.kind.word())),
        ("default", json!(default)),
        ("since", json!(key.since)),
        ("expanded", json!(names(context))),
        ("passes", json!(key.passes)),
        ("required", json!(key.required)),
    ])
}

#[test]
fn the_table_and_the_specification_agree() {
    let Ok(text) = fs::read_to_string(SPECIFICATION) else {
        // Also with SUPCONV_TESTS=all: what is not part of the project cannot be required.
        machine::said(SPECIFICATION, "it is not here");
        return;
    };
    let mut ours = BTreeMap::new();
    for (_, kind, tables) in KINDS {
        for key in tables.iter().flat_map(|keys| keys.iter()) {
            let twice = ours.insert((kind.to_string(), key.name.to_owned()), row(kind, key));
            assert!(twice.is_none(), "{kind} {} stands twice", key.name);
        }
    }
    let specification: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut differences = Vec::new();
    for theirs in &specification {
        let pair = [&theirs["section"], &theirs["option"]].map(|name| name.as_str().unwrap().to_owned());
        let [section, option] = pair;
        let Some(row) = ours.remove(&(section.clone(), option.clone())) else {
            differences.push(format!("{section} {option}: only in the specification"));
            continue;
        };
        for (field, value) in row {
            if theirs[field] != value {
                differences.push(format!("{section} {option}: {field} is {value}, should be {}", theirs[field]));
            }
        }
    }
    differences.extend(ours.into_keys().map(|(section, option)| format!("{section} {option}: only in the table")));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn each_override_is_a_row_of_its_kind() {
    for (kind, key, ..) in OVERRIDES {
        let (.., tables) = KINDS.iter().find(|(_, known, _)| known == kind).unwrap();
        assert!(tables.iter().any(|keys| keys.iter().any(|other| std::ptr::eq(*other, *key))), "{kind} {}", key.name);
    }
}

#[test]
fn sections_have_the_keys_of_their_kind() {
    for (section, kind) in [
        ("supervisord", Some("supervisord")),
        ("Supervisord", None),
        ("supervisorctl", Some("supervisorctl")),
        ("include", Some("include")),
        ("include:x", None),
        ("program:web", Some("program:x")),
        ("program:", Some("program:x")),
        ("program", None),
        ("programs:web", None),
        ("eventlistener:a", Some("eventlistener:x")),
        ("fcgi-program:a", Some("fcgi-program:x")),
        ("group:a:b", Some("group:x")),
        ("inet_http_server", Some("inet_http_server")),
        ("inet_http_server:2", Some("inet_http_server")),
        ("unix_http_server_two", Some("unix_http_server")),
        ("rpcinterface:supervisor", Some("rpcinterface:x")),
        ("ctlplugin:x", Some("ctlplugin:x")),
        ("supvisors", None),
    ] {
        let found = keys::of_section(section).map(<[_]>::as_ptr);
        let expected = kind.map(|kind| KINDS.iter().find(|(_, known, _)| *known == kind).unwrap().2.as_ptr());
        assert_eq!(found, expected, "{section}");
    }
    assert!(keys::is_option("stopasgroup") && keys::is_option("supervisor.ctl_factory") && !keys::is_option("listen"));
}
