//! A supervisord and its programs as a table, the fullest first, and what to do.

use std::fmt::Write as _;

use super::{Peaks, Telling, enough, lasting, number};
use crate::diagnostic::Severity;
use crate::launcher::Limits;
use crate::limits::{Decided, LOW, Look, Minfds, Process, Program, Share, Supervisord, Thresholds};
use crate::report::Style;
use crate::report::screen::{folded, plural};
use crate::visible::on_one_line;

/// All of a look for people. `peaks`: where several looks follow each other.
#[must_use]
pub fn table(look: &Look, telling: Telling, peaks: Option<&Peaks>, style: Style) -> String {
    let telling = Telling { names_pid: telling.names_pid || look.supervisords.len() > 1, ..telling };
    let tables = look.supervisords.iter().map(|one| Table { of: one, telling, peaks, style }.text());
    tables.collect::<Vec<_>>().join("\n")
}

struct Table<'t> {
    of: &'t Supervisord,
    telling: Telling,
    peaks: Option<&'t Peaks>,
    style: Style,
}

/// The cells of a line.
type Cells = Vec<String>;

/// A line: its cells, how bad it is, the words at its end.
type Line = (Cells, Option<Severity>, String);

/// Where the column with this heading is.
fn column(lines: &[Line], heading: &str) -> Option<usize> {
    lines.first().and_then(|(cells, _, _)| cells.iter().position(|cell| cell == heading))
}

/// How wide each column is.
fn widths(lines: &[Line]) -> Vec<usize> {
    let columns = lines.first().map_or(0, |(cells, _, _)| cells.len());
    let cells = |column: usize| lines.iter().filter_map(move |(cells, _, _)| cells.get(column));
    (0..columns).map(|column| cells(column).map(|cell| cell.chars().count()).max().unwrap_or(0)).collect()
}

/// How wide the widest line is.
fn total(lines: &[Line]) -> usize {
    let said = lines.iter().map(|(_, _, said)| said.chars().count()).max().unwrap_or(0);
    widths(lines).iter().map(|width| width + 2).sum::<usize>() + said
}

impl Table<'_> {
    fn text(&self) -> String {
        let mut text = String::new();
        let width = if self.style.terminal { self.style.width } else { usize::MAX };
        let severity = self.of.severity(self.telling.thresholds);
        let mut head = head(self.of);
        if let Some(severity) = severity {
            let _ = write!(head, " ({})", self.said(self.of.process.share(), severity));
        }
        let head = self.paint(self.telling.shown(severity), &folded(&on_one_line(&head), 0, 2, width));
        let _ = writeln!(text, "{head}\n{}\n", folded(&on_one_line(&origin(self.of)), 0, 2, width));
        if !self.of.programs.is_empty() {
            self.programs(&mut text);
            text.push('\n');
        }
        self.ending(&mut text);
        text
    }

    fn paint(&self, severity: Option<Severity>, text: &str) -> String {
        severity.map_or_else(|| text.to_owned(), |severity| self.style.paint(severity, text))
    }

    /// A line a program, the fullest first; below it the child that is fuller than itself.
    fn programs(&self, text: &mut String) {
        let mut heading: Cells = ["program", "pid", "user", "open"].map(str::to_owned).into();
        heading.extend(self.peaks.map(|_| "peak".to_owned()));
        heading.extend(["soft", "hard", "used", "decided by"].map(str::to_owned));
        let mut lines: Vec<Line> = vec![(heading, None, String::new())];
        for program in &self.of.programs {
            let severity = program.severity(self.telling.thresholds);
            let fullest = program.fullest();
            let said = severity.map_or_else(String::new, |severity| self.said(program.share(), severity));
            let peak = self.peaks.map(|peaks| {
                peaks.programs.get(&(self.of.process.pid, program.name.clone())).copied().unwrap_or_default()
            });
            let is_child = fullest.pid != program.process.pid;
            let by_child = program.worst(self.telling.thresholds).pid != program.process.pid;
            let (own, its) = if by_child { (String::new(), said) } else { (said, String::new()) };
            let row = cells(&program.name, &program.process, peak, program.decided.name());
            lines.push((row, severity.filter(|_| !by_child), own));
            if is_child {
                let peak = self.peaks.map(|peaks| peaks.processes.get(&fullest.pid).copied().unwrap_or_default());
                let row = cells(&format!("└ {}", fullest.command), fullest, peak, "");
                lines.push((row, severity.filter(|_| by_child), its));
            }
        }
        // What a terminal has no room for: the hard limit, if it is the one in the line above the table; then the account.
        let hard = self.of.process.limits.map(|limits| number(limits.hard));
        let same = column(&lines, "hard");
        let same = same.filter(|at| lines.iter().skip(1).all(|(cells, _, _)| cells.get(*at) == hard.as_ref()));
        for at in same.into_iter().chain(column(&lines, "user")) {
            if self.style.terminal && total(&lines) > self.style.width {
                for (cells, _, _) in &mut lines {
                    cells.remove(at);
                }
            }
        }
        let left = ["program", "user", "decided by"].map(|heading| column(&lines, heading));
        let widths = widths(&lines);
        for (number, (cells, severity, said)) in lines.iter().enumerate() {
            let mut line = String::new();
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                // Numbers end at the right.
                let blanks = " ".repeat(width - cell.chars().count().min(*width));
                let left = left.contains(&Some(column));
                let _ = if left { write!(line, "{cell}{blanks}  ") } else { write!(line, "{blanks}{cell}  ") };
            }
            line.push_str(said);
            let line = line.trim_end();
            let severity = self.telling.shown(*severity);
            let line = if number == 0 { self.style.strong(line) } else { self.paint(severity, line) };
            let _ = writeln!(text, "{line}");
        }
    }

    /// What is wrong with a process, in two words.
    fn said(&self, share: Option<Share>, severity: Severity) -> String {
        let Thresholds { warn, error: _ } = self.telling.thresholds;
        let what = match severity {
            Severity::Error => "nearly full",
            _ if share.is_some_and(|share| share.percent() >= u64::from(warn)) => "filling",
            Severity::Warning | Severity::Info => "low limit",
        };
        format!("{}: {what}", severity.name())
    }

    /// How many there are, and what to do.
    fn ending(&self, text: &mut String) {
        let thresholds = self.telling.thresholds;
        let own = self.of.severity(thresholds);
        let count = |severity| {
            let programs = self.of.programs.iter().map(|program| program.severity(thresholds));
            programs.chain([own]).filter(|one| *one == Some(severity)).count()
        };
        let counts = [Severity::Error, Severity::Warning].map(|severity| (count(severity), severity));
        let found = counts.into_iter().filter(|(count, _)| *count > 0);
        let found = found.map(|(count, one)| self.paint(self.telling.shown(Some(one)), &plural(count, one.name())));
        let found = found.collect::<Vec<_>>().join(", ");
        let programs = plural(self.of.programs.len(), "program");
        let found = if found.is_empty() { "all is well" } else { &found };
        let _ = writeln!(text, "supervisord and {programs}: {found}");
        let told = self.of.programs.iter().filter(|one| self.telling.shown(one.severity(thresholds)).is_some());
        let (its_own, inherited): (Vec<_>, Vec<_>) = told.partition(|program| program.decided == Decided::Program);
        let is_told = self.telling.shown(own).is_some();
        let enough = enough(self.of);
        let Limits { soft, hard } = self.of.process.limits.unwrap_or(Limits::DEFAULT);
        let now = enough.min(hard);
        let worst = its_own.iter().chain(&inherited).map(|program| program.worst(thresholds));
        let mut told = worst.chain(is_told.then_some(&self.of.process)).filter_map(|process| process.limits);
        if told.any(|limits| limits.soft < now) {
            let pid = if self.telling.names_pid { format!(" --pid {}", self.of.process.pid) } else { String::new() };
            let _ = writeln!(text, "now, without a restart:\n  supconv limits{pid} --raise {now}");
        }
        let mut steps = Vec::new();
        if soft < enough && (is_told || !inherited.is_empty()) {
            steps = lasting(self.of, enough);
        }
        let names =
            |programs: &[&Program]| programs.iter().map(|program| program.name.as_str()).collect::<Vec<_>>().join(", ");
        if !its_own.is_empty() {
            let names = names(&its_own);
            steps
                .push(format!("{names}: raise the limit where the program sets it, or start it again if it sets none"));
        }
        // Where supervisord itself is to be started again, they are too.
        let older = inherited.into_iter().filter(|program| program.is_older_than_limit_of(&self.of.process));
        let older: Vec<&Program> = older.collect();
        if soft >= enough && !older.is_empty() {
            steps.push(format!(
                "{}: start it again (supervisord's limit was raised since then), or raise the limit where the program sets it",
                names(&older)
            ));
        }
        if !steps.is_empty() {
            let _ = writeln!(text, "for good:");
        }
        for step in steps {
            let _ = writeln!(text, "  {}", on_one_line(&step));
        }
    }
}

/// The cells of a process.
fn cells(name: &str, process: &Process, peak: Option<u64>, decided: &str) -> Cells {
    let Process { pid, started: _, command: _, account: _, user, limits, open } = process;
    let dash = || "-".to_owned();
    let mut cells = vec![on_one_line(name).into_owned(), pid.to_string(), on_one_line(user).into_owned()];
    cells.push(open.map_or_else(dash, |open| open.to_string()));
    cells.extend(peak.map(|peak| peak.to_string()));
    cells.extend([
        limits.map_or_else(dash, |limits| number(limits.soft)),
        limits.map_or_else(dash, |limits| number(limits.hard)),
        process.share().map_or_else(dash, |share| format!("{} %", share.percent())),
        decided.to_owned(),
    ]);
    cells
}

/// What a supervisord is, and its own numbers.
fn head(of: &Supervisord) -> String {
    let mut head = format!("supervisord {}", of.process.pid);
    if let Some(unit) = &of.place.unit {
        let _ = write!(head, " in {unit}");
    }
    if of.place.container {
        head.push_str(" in a container");
    }
    match of.process.limits {
        Some(Limits { soft, hard }) => {
            let _ = write!(head, ": soft limit {}, hard limit {}", number(soft), number(hard));
        }
        None => head.push_str(": limits unknown"),
    }
    if let Some(open) = of.process.open {
        let _ = write!(head, ", {open} open");
    }
    head
}

/// What decided the soft limit of a supervisord, in a sentence.
fn origin(of: &Supervisord) -> String {
    let file = of.file.as_deref().unwrap_or("its configuration");
    let by = match (&of.place.unit, &of.place.shell, of.place.container) {
        (_, Some((shell, pid)), _) => format!("{shell} (process {pid}), which started it"),
        (Some(unit), None, _) => format!("{unit} (its LimitNOFILE, or systemd's default)"),
        (None, None, true) => "its container".to_owned(),
        (None, None, false) => "what started it".to_owned(),
    };
    // Nothing tells of a limit whether it was there from the start.
    let inherit =
        format!("programs inherit supervisord's limit. It comes from {by}, or was raised later (--raise, prlimit)");
    let soft = of.process.limits.map(|limits| limits.soft);
    let (number, written) = match &of.minfds {
        Minfds::Unknown => return "It is not known whether minfds decided this.".to_owned(),
        Minfds::Unset if soft == Some(LOW) => {
            return format!("minfds is not set in {file}, so it is {LOW}: programs have that.");
        }
        Minfds::Unset => return format!("minfds is not set in {file}: {inherit}."),
        Minfds::Flag(number) => (*number, format!("-a {number} on its command line")),
        Minfds::File(number) => (*number, format!("minfds={number} in {file}")),
    };
    match soft {
        Some(soft) if soft > number => format!("{written} is lower: {inherit}."),
        Some(soft) if soft < number => {
            format!("{written} does not count yet: it was written after supervisord was started.")
        }
        Some(_) | None => format!("{written} decided this."),
    }
}
