//! The effective configuration for people: a line a program, and the values that are not default, each with its origin; or all
//! of them.

use std::io::{self, Write};

use super::Style;
use super::screen::{folded, plural};
use crate::convert::selection::{Members, by_section, called};
use crate::files::Size;
use crate::model::log_room::LogRoom;
use crate::model::{Config, Group, GroupKind, Origin, Process};
use crate::show::{self, Row, Shown};
use crate::source::Sources;
use crate::visible::{is_unseen, on_one_line, visible};

/// Columns that the longest option takes.
const NAME: usize = 24;
/// Columns of a value before its origin moves on, where there is room.
const VALUE: usize = 44;
/// Columns that most origins take, with the blanks around.
const ORIGIN: usize = 24;
/// Warnings that are printed before they are only counted.
const WARNINGS: usize = 3;

/// Writes what one file means, or why Supervisor refuses it.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(config: &Config<'_>, sources: &Sources, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let path = on_one_line(config.called);
    if let Some(refusal) = config.refusals.first() {
        writeln!(out, "{path}: supervisord refuses this file:")?;
        writeln!(out, "{}", folded(&visible(refusal.message), 0, 2, style.width))?;
        return writeln!(out, "(supconv lint {path} shows where, and what to write instead)");
    }
    let kind = if config.fragment { " (a fragment: read as an include of an empty [supervisord])" } else { "" };
    let width = if style.terminal { style.width } else { usize::MAX };
    writeln!(out, "{}", folded(&format!("{path}{kind}"), 0, 2, width))?;
    Table { sources, config, style }.write(out)
}

struct Table<'c, 'a> {
    sources: &'c Sources,
    config: &'c Config<'a>,
    style: Style,
}

impl Table<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for include in &self.config.includes {
            writeln!(out, "includes {}", on_one_line(include))?;
        }
        self.programs(out)?;
        let room = LogRoom::of(self.config);
        if !room.is_nothing() {
            writeln!(out, "\n{}", folded(&room.to_string(), 0, 2, self.style.width))?;
        }
        self.warnings(out)?;
        if !self.style.all {
            let heading = "Values that are not default (--all prints all):";
            writeln!(out, "\n{}", self.style.strong(heading))?;
        }
        if !self.config.fragment {
            self.block("[supervisord]", &self.config.supervisord.rows(), out)?;
        }
        for group in &self.config.groups {
            self.group(group, out)?;
        }
        let inet = self.config.inet_servers.iter().map(|one| (one.section, show::inet_server(one)));
        let unix = self.config.unix_servers.iter().map(|one| (one.section, show::unix_server(one)));
        for (section, mut rows) in inet.chain(unix) {
            rows.retain(|row| !matches!(row.name, "kind" | "section"));
            self.block(&format!("[{}]", printable(section)), &rows, out)?;
        }
        for interface in &self.config.rpcinterfaces {
            let mut rows = vec![show::factory(interface)];
            rows.extend(show::arguments(interface));
            self.block(&format!("[{}]", printable(interface.section)), &rows, out)?;
        }
        Ok(())
    }

    /// What supervisord logs when it starts; one warning a log may be hundreds.
    fn warnings(&self, out: &mut dyn Write) -> io::Result<()> {
        let warnings = &self.config.warnings;
        let most = if self.style.all { usize::MAX } else { WARNINGS };
        if !warnings.is_empty() {
            writeln!(out)?;
        }
        for warning in warnings.iter().take(most) {
            let warning = format!("supervisord warns: {}", printable(warning));
            writeln!(out, "{}", folded(&warning, 0, 2, self.style.width))?;
        }
        match warnings.len().saturating_sub(most) {
            0 => Ok(()),
            more => writeln!(out, "supervisord gives {} (--all prints them)", plural(more, "more warning")),
        }
    }

    /// One line a program: name, user, command, directory and log, in the columns of the screen.
    fn programs(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = vec![["program", "user", "command", "directory", "log"].map(str::to_owned)];
        for group in &self.config.groups {
            for Members { section: _, processes } in by_section(group) {
                let Some(first) = processes.first() else { continue };
                let rows = show::process(first, &self.config.supervisord);
                let cell = |name: &str| match rows.iter().find(|row| row.name == name) {
                    // Below it is said that this is not known.
                    Some(Row { value: Shown::Unknown(written), .. }) => quoted(written),
                    row => row.map_or_else(String::new, text),
                };
                let mut name = printable(&called(group.name, &cell("name")));
                if processes.len() > 1 {
                    name = format!("{name} ×{}", processes.len());
                }
                lines.push([name, cell("user"), cell("command"), cell("directory"), cell("stdout_logfile")]);
            }
        }
        if lines.len() == 1 {
            return writeln!(out, "no programs");
        }
        let width = |column: usize| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: [usize; 5] = std::array::from_fn(width);
        let [name, user, command, directory, log] = widths;
        // What does not fit is cut: the command first, for it is printed whole below.
        let room = |used: usize| self.style.width.saturating_sub(used + 8);
        let (name, user) = (name.min(self.style.width / 3), user.min(16));
        let log = log.min(self.style.width / 4);
        let directory = directory.min(self.style.width / 5);
        let command = command.min(room(name + user + directory + log).max(10));
        writeln!(out)?;
        for (number, line) in lines.iter().enumerate() {
            let [one, two, three, four, five] = line;
            let line = format!(
                "{:name$}  {:user$}  {:command$}  {:directory$}  {}",
                cut(one, name, false),
                cut(two, user, false),
                cut(three, command, false),
                cut(four, directory, true),
                cut(five, log, true),
            );
            let line = line.trim_end();
            writeln!(out, "{}", if number == 0 { self.style.strong(line) } else { line.to_owned() })?;
        }
        Ok(())
    }

    /// Rows under a heading; nothing where all are defaults and those are not wanted.
    fn block(&self, heading: &str, rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
        if !self.style.all && rows.iter().all(is_default) {
            return Ok(());
        }
        writeln!(out, "\n{heading}")?;
        rows.iter().try_for_each(|row| self.row(row, "", out))
    }

    fn group(&self, group: &Group, out: &mut dyn Write) -> io::Result<()> {
        let mut own = vec![show::priority(group)];
        match &group.kind {
            GroupKind::Group => {}
            // The program says it itself.
            GroupKind::Program => own.clear(),
            GroupKind::EventListener(options) => own = options.rows(),
            GroupKind::Fcgi(options) => own = show::socket(options),
        }
        if matches!(group.kind, GroupKind::Group) {
            self.block(&format!("[{}]", printable(group.section)), &own, out)?;
            own.clear();
        }
        for Members { section, processes } in by_section(group) {
            let mut first: Option<Vec<Row<'_>>> = None;
            for process in &processes {
                let mut rows = show::process(process, &self.config.supervisord);
                let alone = !self.style.all && processes.len() == 1;
                let named = |row: &Row| row.name == "name" && row.origin == Origin::Default;
                rows.retain(|row| !(matches!(row.name, "section" | "argv") || alone && named(row)));
                let Some(shown) = &first else {
                    writeln!(out, "\n[{}]", printable(section))?;
                    for row in rows.iter().chain(&own) {
                        self.value(process, row, "", out)?;
                    }
                    first = Some(rows);
                    continue;
                };
                // Of further processes of a program only what differs.
                for (row, _) in rows.iter().zip(shown).filter(|(row, other)| other.value != row.value) {
                    self.value(process, row, if row.name == "name" { "" } else { "  " }, out)?;
                }
            }
        }
        Ok(())
    }

    fn value(&self, process: &Process, row: &Row, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        if row.name == "environment" { self.environment(process, row, indent, out) } else { self.row(row, indent, out) }
    }

    /// One line a variable: each stands in the program's own section or in `[supervisord]`.
    fn environment(&self, process: &Process, row: &Row, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        let Shown::Variables(variables) = &row.value else { return self.row(row, indent, out) };
        let own = process.options.environment.known();
        for (name, value) in variables {
            let origin = if own.is_some_and(|own| own.contains_key(name)) {
                self.origin(row.origin)
            } else if !self.style.all {
                // It is told under [supervisord].
                continue;
            } else {
                format!("[supervisord], {}", self.origin(self.config.supervisord.environment.origin))
            };
            let assignment = format!("{}={}", printable(name), quoted(value));
            self.line(indent, "environment", &assignment, &origin, out)?;
        }
        Ok(())
    }

    fn row(&self, row: &Row, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        // Of further processes that differ the name is said, wherever it is from.
        if !self.style.all && is_default(row) && row.name != "name" {
            return Ok(());
        }
        self.line(indent, &printable(row.name), &text(row), &self.origin(row.origin), out)
    }

    fn line(&self, indent: &str, name: &str, value: &str, origin: &str, out: &mut dyn Write) -> io::Result<()> {
        let columns = self.style.width.saturating_sub(NAME + ORIGIN).min(VALUE);
        let line = format!("  {indent}{name:NAME$} {value:columns$} ({origin})");
        if !self.style.terminal || line.chars().count() <= self.style.width {
            return writeln!(out, "{line}");
        }
        // A terminal would break it within a word.
        let column = 2 + indent.len() + NAME + 1;
        let rest = folded(&format!("{value} ({origin})"), column, column, self.style.width);
        writeln!(out, "  {indent}{name:NAME$} {rest}")
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
        format!("{}:{line}", on_one_line(self.sources.path(place.source)))
    }
}

/// Whether a value is the default, written or not.
fn is_default(row: &Row<'_>) -> bool {
    row.origin == Origin::Default || row.default.is_some_and(|default| text(row) == default)
}

/// A text in so many columns, cut at its end, or at its beginning.
fn cut(text: &str, columns: usize, front: bool) -> String {
    let length = text.chars().count();
    if length <= columns {
        return text.to_owned();
    }
    let kept = columns.saturating_sub(1);
    if front {
        format!("…{}", text.chars().skip(length - kept).collect::<String>())
    } else {
        format!("{}…", text.chars().take(kept).collect::<String>())
    }
}

/// The value of a row; a size as Supervisor accepts it: `50MB`.
fn text(row: &Row<'_>) -> String {
    let bytes = row.option.ends_with("_maxbytes");
    match &row.value {
        Shown::Number(number) if bytes => Size::of(number).map_or_else(|| number.to_string(), Size::written),
        value => value_text(value),
    }
}

/// A value on one line: control characters escaped, nothing as a dash.
fn value_text(value: &Shown<'_>) -> String {
    match value {
        Shown::Nothing => "-".to_owned(),
        Shown::Text(text) => quoted(text),
        Shown::List(values) => values.iter().map(value_text).collect::<Vec<_>>().join(", "),
        Shown::Unknown(written) => format!("unknown: {}", quoted(written)),
        Shown::Bool(_) | Shown::Number(_) | Shown::Variables(_) => {
            printable(&serde_json::to_string(value).unwrap_or_default())
        }
    }
}

/// A text on one line, an empty one in quotes.
fn quoted(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { printable(text) }
}

/// A text of the file on a terminal: as Python would print it where a character in it is not seen.
fn printable(text: &str) -> String {
    if text.contains(is_unseen) { crate::python::filename::repr(text) } else { text.to_owned() }
}
