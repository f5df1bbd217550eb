//! The effective configuration for people: a table a group, each value with its origin.

use std::io::{self, Write};

use super::document::json;
use super::visible::visible;
use crate::model::{Config, Group, Origin, Process};
use crate::show::{self, Row, Shown};
use crate::source::Sources;

/// Columns that the longest option takes.
const NAME: usize = 24;
/// Columns of a value before its origin moves on.
const VALUE: usize = 44;

/// Writes the tables of one file, or why Supervisor refuses it.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(config: &Config<'_>, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let path = config.called;
    if let Some(refusal) = config.refusals.first() {
        writeln!(out, "{path}: supervisord refuses this file:\n{}", visible(refusal.message))?;
        return writeln!(out, "(supconv lint {path} shows where, and what to write instead)");
    }
    let kind = if config.fragment { " (a fragment: read as an include of an empty [supervisord])" } else { "" };
    writeln!(out, "{path}{kind}")?;
    Table { sources, config }.write(out)
}

struct Table<'c, 'a> {
    sources: &'c Sources,
    config: &'c Config<'a>,
}

impl Table<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for include in &self.config.includes {
            writeln!(out, "includes {}", printable(include))?;
        }
        for warning in &self.config.warnings {
            writeln!(out, "supervisord warns: {}", printable(warning))?;
        }
        if !self.config.fragment {
            writeln!(out, "\n[supervisord]")?;
            for row in self.config.supervisord.rows() {
                self.row(&row, "", out)?;
            }
        }
        for group in &self.config.groups {
            self.group(group, out)?;
        }
        let inet = self.config.inet_servers.iter().map(show::inet_server);
        for rows in inet.chain(self.config.unix_servers.iter().map(show::unix_server)) {
            writeln!(out)?;
            for row in rows.iter().filter(|row| row.name != "kind") {
                self.row(row, if row.name == "section" { "" } else { "  " }, out)?;
            }
        }
        for interface in &self.config.rpcinterfaces {
            writeln!(out, "\nrpcinterface {}", printable(interface.name))?;
            self.row(&show::factory(interface), "", out)?;
            for row in show::arguments(interface) {
                self.row(&row, "", out)?;
            }
        }
        Ok(())
    }

    fn group(&self, group: &Group, out: &mut dyn Write) -> io::Result<()> {
        let priority = group.priority.known().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let from = self.origin(group.priority.origin);
        writeln!(out, "\n{} {}, priority {priority} ({from})", group.kind.name(), printable(group.name))?;
        if group.processes.is_empty() {
            writeln!(out, "  no process")?;
        }
        let mut first: Option<(&Process<'_>, Vec<Row<'_>>)> = None;
        for process in &group.processes {
            let rows = show::process(process, &self.config.supervisord);
            // Of further processes of a program only what differs.
            let shown = first.as_ref().filter(|(other, _)| std::rc::Rc::ptr_eq(&other.program, &process.program));
            for (number, row) in rows.iter().enumerate() {
                let same = shown.and_then(|(_, shown)| shown.get(number)).is_some_and(|other| other.value == row.value);
                let indent = if matches!(row.name, "section" | "name") { "" } else { "  " };
                if row.name == "environment" {
                    if !same {
                        self.environment(process, row, indent, out)?;
                    }
                } else if row.name != "argv" && !same {
                    self.row(row, indent, out)?;
                }
            }
            if shown.is_none() {
                first = Some((process, rows));
            }
        }
        Ok(())
    }

    /// One line a variable: each stands in the program's own section or in `[supervisord]`.
    fn environment(&self, process: &Process, row: &Row, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        let Shown::Variables(variables) = &row.value else { return self.row(row, indent, out) };
        let own = process.options.environment.known();
        for (name, value) in variables {
            let origin = if own.is_some_and(|own| own.contains_key(name)) {
                self.origin(row.origin)
            } else {
                format!("[supervisord], {}", self.origin(self.config.supervisord.environment.origin))
            };
            let assignment = format!("{}={}", printable(name), quoted(value));
            line(indent, "environment", &assignment, &origin, out)?;
        }
        Ok(())
    }

    fn row(&self, row: &Row, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        line(indent, &printable(row.name), &text(&row.value), &self.origin(row.origin), out)
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

fn line(indent: &str, name: &str, value: &str, origin: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {indent}{name:NAME$} {value:VALUE$} ({origin})")
}

/// A value on one line: control characters escaped, nothing as a dash.
fn text(value: &Shown<'_>) -> String {
    match value {
        Shown::Nothing => "-".to_owned(),
        Shown::Text(text) => quoted(text),
        Shown::List(values) => values.iter().map(self::text).collect::<Vec<_>>().join(", "),
        Shown::Unknown(written) => format!("unknown: {}", quoted(written)),
        Shown::Bool(_) | Shown::Number(_) | Shown::Variables(_) => json(value).to_string(),
    }
}

/// A text on one line, an empty one in quotes.
fn quoted(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { printable(text) }
}

/// A text of the file on a terminal: with a control character in it as Python would print it.
fn printable(text: &str) -> String {
    if text.chars().any(char::is_control) { crate::python::repr(text) } else { text.to_owned() }
}
