//! What the real Supervisor makes of files, before and after fixes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::case::Case;
use crate::support::python::Judge;
use serde_json::{Map, Value, json};
use supconv::fix::Change;
use supconv::report::Finding;

/// The values of a section and an option.
type Values = BTreeMap<(String, String), Vec<Value>>;

/// The answers of the judge about some files.
pub struct Judged {
    /// What Supervisor runs.
    document: Value,
    /// What its parser leaves.
    raw: Value,
}

impl Judged {
    /// Of the files that are on the disk.
    ///
    /// # Errors
    /// That the judge did not judge.
    pub fn of(case: &Case, judge: &mut Judge) -> Result<Self, String> {
        let mut ask = |raw| {
            let document = case.judged(judge, raw);
            let answers = match document["ok"] {
                Value::Bool(true) => true,
                // What Supervisor itself says, or dies of; where supconv stops counting, the judge does too.
                Value::Bool(false) => match document["kind"].as_str() {
                    Some("usage" | "crash") => true,
                    Some("bound") => case.has(|finding| finding.rule.name == "beyond-bounds"),
                    _ => false,
                },
                _ => false,
            };
            if answers { Ok(document) } else { Err(format!("the judge does not judge: {document}")) }
        };
        Ok(Self { document: ask(false)?, raw: ask(true)? })
    }

    pub fn ok(&self) -> bool {
        self.document["ok"] == json!(true)
    }

    /// What Supervisor says where it refuses.
    pub fn error(&self) -> Option<&str> {
        self.document["error"].as_str()
    }

    /// Whether both mean the same, and are read alike.
    pub fn is(&self, other: &Self) -> bool {
        // A line that cannot be read has another number now, which is padded.
        let plain = |document: &Value| {
            let error = document["error"].as_str().unwrap_or_default();
            error.chars().filter(|c| !c.is_ascii_digit() && *c != ' ').collect::<String>()
        };
        let known = |document: &Value| document["ok"] == json!(true);
        let same = |one: &Value, other: &Value, values: fn(&Value) -> Values| {
            known(one) == known(other) && plain(one) == plain(other) && (!known(one) || values(one) == values(other))
        };
        same(&self.document, &other.document, effective) && same(&self.raw, &other.raw, parsed)
    }
}

/// What Supervisor says of changes that `changes` does not name.
pub fn changed(changes: &[Change], before: &Judged, after: &Judged) -> Option<String> {
    if before.ok() && !after.ok() {
        return Some(format!("Supervisor refuses: {:?}", after.error()));
    }
    if !before.ok() {
        return None;
    }
    let (before, after) = (effective(&before.document), effective(&after.document));
    let options: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let named = |(section, option): &(String, String)| {
        changes.iter().any(|change| {
            (&*change.section, &*change.option) == ("include", "files")
                || *change.section == *section && (*change.option == *option || &*change.option == Change::WHOLE)
        })
    };
    let wrong = options.into_iter().find(|key| before.get(*key) != after.get(*key) && !named(key))?;
    Some(format!("{wrong:?} changes too: {:?} → {:?}", before.get(wrong), after.get(wrong)))
}

/// What the parser leaves in another way, and neither `changes` nor the finding names: its section and its option.
pub fn rewritten(changes: &[Change], finding: &Finding, before: &Judged, after: &Judged) -> Option<String> {
    if [before, after].iter().any(|judged| judged.raw["ok"] != json!(true)) {
        return None;
    }
    let (before, after) = (parsed(&before.raw), parsed(&after.raw));
    let own = |text: &Option<Arc<str>>, name: &str| text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(name));
    let named = |(section, option): &(String, String)| {
        // What stands in [DEFAULT] is named by the sections that have it.
        section == "DEFAULT"
            || own(&finding.section, section) && own(&finding.option, option)
            || changes.iter().any(|change| {
                (&*change.section, &*change.option) == ("include", "files")
                    || *change.section == *section && (*change.option == *option || &*change.option == Change::WHOLE)
            })
    };
    let options: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let wrong = options.into_iter().find(|key| before.get(*key) != after.get(*key) && !named(key))?;
    Some(format!("{wrong:?} is written anew: {:?} → {:?}", before.get(wrong), after.get(wrong)))
}

/// What the parser leaves.
fn parsed(document: &Value) -> Values {
    let sections = document["sections"].as_object().into_iter().flatten();
    let sections = sections.map(|(name, options)| (name.as_str(), options));
    let mut all = Values::new();
    for (section, options) in sections.chain([("DEFAULT", &document["defaults"])]) {
        all.insert((section.to_owned(), String::new()), Vec::new());
        for (option, value) in options.as_object().into_iter().flatten() {
            all.insert((section.to_owned(), option.clone()), vec![value.clone()]);
        }
    }
    all
}

/// The effective values, in the order of the processes.
fn effective(document: &Value) -> Values {
    let mut all = Values::new();
    let mut add = |section: &str, options: &Map<String, Value>| {
        for (option, value) in options.iter().filter(|(option, _)| !["section", "programs"].contains(&option.as_str()))
        {
            let option = match option.as_str() {
                "name" => "process_name",
                "argv" => "command",
                "host" => "port",
                // The socket of a group: its options are those of the section.
                option => option,
            };
            all.entry((section.to_owned(), option.to_owned())).or_default().push(value.clone());
        }
    };
    for (key, value) in document.as_object().into_iter().flatten() {
        match value {
            Value::Object(options) if key == "supervisord" => add(key, options),
            Value::Array(sections) => {
                for one in sections.iter().filter_map(Value::as_object) {
                    let text = |key: &str| one.get(key).and_then(Value::as_str);
                    let section = match (text("section"), text("kind"), text("name")) {
                        (Some(section), _, _) => section.to_owned(),
                        (None, None, Some(name)) if key == "rpcinterfaces" => format!("rpcinterface:{name}"),
                        (None, Some(kind), Some(name)) => format!("{kind}:{name}"),
                        _ => key.clone(),
                    };
                    add(&section, one);
                    for process in one.get("programs").and_then(Value::as_array).into_iter().flatten() {
                        if let Some((section, process)) =
                            process["section"].as_str().and_then(|section| Some((section, process.as_object()?)))
                        {
                            add(section, process);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let includes = document["includes"].as_array().cloned().unwrap_or_default();
    all.insert(("include".to_owned(), "files".to_owned()), includes);
    all
}
