//! The effective configuration for people: a table a group, each value with its origin.

use std::io::{self, Write};

use serde_json::Value as Json;

use crate::model::{Config, Group, Origin, Process};
use crate::show::{self, Row};
use crate::source::Sources;

/// Columns that the longest option takes.
const NAME: usize = 24;
/// Columns of a value before its origin moves on.
const VALUE: usize = 44;

/// Writes the tables of one file, or why Supervisor refuses it.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(config: &Config, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let path = &config.path;
    if let Some(refusal) = config.refusals.first() {
        writeln!(out, "{path}: supervisord refuses this file:\n{}", refusal.message)?;
        return writeln!(out, "(supconv lint {path} shows where, and what to write instead)");
    }
    let kind = if config.fragment { " (a fragment: read as an include of an empty [supervisord])" } else { "" };
    writeln!(out, "{path}{kind}")?;
    Table { sources, config }.write(out)
}

struct Table<'a> {
    sources: &'a Sources,
    config: &'a Config,
}

impl Table<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for include in &self.config.includes {
            writeln!(out, "includes {include}")?;
        }
        for warning in &self.config.warnings {
            writeln!(out, "supervisord warns: {warning}")?;
        }
        if !self.config.fragment {
            writeln!(out, "\n[supervisord]")?;
            for row in show::supervisord(&self.config.supervisord) {
                self.row(&row, "", out)?;
            }
        }
        for group in &self.config.groups {
            self.group(group, out)?;
        }
        let inet = self.config.inet_servers.iter().map(show::inet_server);
        for server in inet.chain(self.config.unix_servers.iter().map(show::unix_server)) {
            writeln!(out, "\n[{}]", server.get("section").map_or_else(String::new, text))?;
            for (name, value) in server.as_object().into_iter().flatten() {
                if name != "section" && name != "kind" {
                    writeln!(out, "  {name:NAME$} {}", text(value))?;
                }
            }
        }
        Ok(())
    }

    fn group(&self, group: &Group, out: &mut dyn Write) -> io::Result<()> {
        let priority = group.priority.known().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let from = self.origin(group.priority.origin);
        writeln!(out, "\n{} {}, priority {priority} ({from})", group.kind.name(), group.name)?;
        if group.processes.is_empty() {
            writeln!(out, "  no process")?;
        }
        let mut first: Option<(&Process, Vec<Row>)> = None;
        for process in &group.processes {
            let rows = show::process(process, &self.config.supervisord);
            match &first {
                // Of further processes of a program only what differs.
                Some((other, shown)) if std::rc::Rc::ptr_eq(&other.program, &process.program) => {
                    for (row, other) in rows.iter().zip(shown) {
                        if row.value != other.value {
                            self.row(row, if row.name == "name" { "" } else { "  " }, out)?;
                        }
                    }
                }
                _ => {
                    for row in &rows {
                        self.row(row, if row.name == "section" || row.name == "name" { "" } else { "  " }, out)?;
                    }
                    first = Some((process, rows));
                }
            }
        }
        Ok(())
    }

    fn row(&self, row: &Row, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        if row.name == "argv" {
            return Ok(());
        }
        let origin = self.origin(row.origin);
        if let Json::Object(variables) = &row.value
            && row.name == "environment"
            && !variables.contains_key("unknown")
        {
            for (name, value) in variables {
                let from = self.variable_origin(name, row, &origin);
                writeln!(out, "  {indent}{:NAME$} {:VALUE$} {from}", "environment", format!("{name}={}", text(value)))?;
            }
            return Ok(());
        }
        writeln!(out, "  {indent}{:NAME$} {:VALUE$} {origin}", row.name, text(&row.value))?;
        Ok(())
    }

    /// A variable of a process stands in its own section or in `[supervisord]`.
    fn variable_origin(&self, name: &str, row: &Row, origin: &str) -> String {
        let supervisord = &self.config.supervisord.environment;
        let own = row.origin.place().is_some_and(|place| self.sources.slice(place).contains(name));
        if own || supervisord.place() == row.origin.place() {
            return origin.to_owned();
        }
        format!("[supervisord], {}", self.origin(supervisord.origin))
    }

    fn origin(&self, origin: Origin) -> String {
        match origin {
            Origin::Default => "default".to_owned(),
            Origin::Written(place) => self.place(place),
            Origin::Inherited(place) => format!("[DEFAULT], {}", self.place(place)),
        }
    }

    fn place(&self, place: crate::source::Place) -> String {
        let line = self.sources.get(place.source).map_or(0, |source| source.position(place.span.start).line);
        format!("{}:{line}", self.sources.path(place.source))
    }
}

/// A value on one line: control characters escaped, nothing as a dash.
fn text(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::String(text) if text.is_empty() => "\"\"".to_owned(),
        Json::String(text) if text.chars().any(char::is_control) => crate::python::repr(text),
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().map(self::text).collect::<Vec<_>>().join(", "),
        Json::Object(object) => match object.get("unknown") {
            Some(written) => format!("unknown: {}", self::text(written)),
            None => value.to_string(),
        },
        Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}
