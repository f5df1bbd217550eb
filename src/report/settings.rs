//! The settings of a project, for people and as `supconv.settings/1`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::escaped;
use crate::settings::{KEYS, Origin, PathIgnores, Setting, Settings};
use crate::visible::visible;

/// A value as it is printed, and where it comes from; `None` for a name that is no key.
fn row(settings: &Settings, key: &str) -> Option<(Value, Origin)> {
    let Settings { file: _, directory: _, ignore, min_severity, target, python, env_file, severity, per_path_ignores } =
        settings;
    let codes = |rules: &[&'static crate::diagnostic::Rule]| {
        let mut codes: Vec<&str> = rules.iter().map(|rule| rule.code).collect();
        codes.sort_unstable();
        json!(codes)
    };
    Some(match key {
        "ignore" => of(ignore, |rules| codes(rules)),
        "min-severity" => of(min_severity, |severity| json!(severity.name())),
        "target" => of(target, |target| json!(target.name())),
        "python" => of(python, |python| json!(python.map(|version| version.to_string()))),
        "env-file" => of(env_file, |files| match files.as_slice() {
            [] => Value::Null,
            [file] => json!(file),
            files => json!(files),
        }),
        "severity" => of(severity, |all| {
            let all: Map<String, Value> =
                all.iter().map(|(rule, severity)| (rule.code.to_owned(), json!(severity.name()))).collect();
            Value::Object(all)
        }),
        "per-path-ignores" => of(per_path_ignores, |all| {
            let one = |one: &PathIgnores| (one.pattern.written.clone(), codes(&one.rules));
            Value::Object(all.iter().map(one).collect())
        }),
        _ => return None,
    })
}

fn of<T>(setting: &Setting<T>, value: impl FnOnce(&T) -> Value) -> (Value, Origin) {
    (value(&setting.value), setting.origin)
}

/// One line a setting: its name, its value, where it comes from.
#[must_use]
pub fn table(settings: &Settings) -> String {
    let rows: Vec<(&str, String, String)> = KEYS
        .iter()
        .filter_map(|key| {
            let (value, origin) = row(settings, key.name)?;
            let file = settings.file.as_deref().unwrap_or_default();
            let origin = match origin {
                Origin::Default => "default".to_owned(),
                Origin::File(place) => format!("{file}:{}", place.line),
                Origin::CommandLine => "command line".to_owned(),
            };
            Some((key.name, visible(&plain(&value)).into_owned(), visible(&origin).into_owned()))
        })
        .collect();
    let name = rows.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
    let value = rows.iter().map(|(_, value, _)| value.chars().count()).filter(|wide| *wide <= WIDE).max().unwrap_or(0);
    let lines = rows.iter().map(|(key, text, origin)| format!("{key:name$}  {text:value$}  {origin}\n"));
    lines.collect::<Vec<_>>().concat()
}

/// Wider values have their origin behind them, out of the column.
const WIDE: usize = 40;

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "-".to_owned(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(all) if all.is_empty() => "-".to_owned(),
        Value::Object(all) => {
            all.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    path: &'a str,
    file: Option<&'a str>,
    settings: Map<String, Value>,
    unmatched: Vec<&'a str>,
}

/// Writes one document.
///
/// # Errors
/// When `out` cannot be written.
pub fn document(path: &str, settings: &Settings, unmatched: &[&PathIgnores], out: &mut dyn Write) -> io::Result<()> {
    let entry = |key: &crate::settings::Key| {
        let (value, origin) = row(settings, key.name)?;
        let (from, line) = match origin {
            Origin::Default => ("default", None),
            Origin::File(place) => ("file", Some(place.line)),
            Origin::CommandLine => ("command-line", None),
        };
        Some((key.name.to_owned(), json!({"value": value, "from": from, "line": line})))
    };
    let document = Document {
        schema: "supconv.settings/1",
        path,
        file: settings.file.as_deref(),
        settings: KEYS.iter().filter_map(entry).collect(),
        unmatched: unmatched.iter().map(|one| one.pattern.written.as_str()).collect(),
    };
    escaped::write(&document, out)
}
