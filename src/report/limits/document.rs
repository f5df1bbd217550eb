//! A look as `supconv.limits/1`.

use std::io::{self, Write};

use serde::Serialize;

use crate::diagnostic::Severity;
use crate::launcher::Limits;
use crate::limits::process::Pid;
use crate::limits::{Look, Process, Program, Share, Supervisord, Thresholds, Unread};
use crate::report::escaped;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    supervisords: Vec<OfSupervisord<'a>>,
    errors: Vec<Error<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct OfSupervisord<'a> {
    pid: Pid,
    soft: Option<u64>,
    hard: Option<u64>,
    open: Option<u64>,
    share: Option<f64>,
    severity: &'static str,
    minfds: Option<u64>,
    unit: Option<&'a str>,
    programs: Vec<OfProgram<'a>>,
}

#[derive(Serialize)]
struct OfProgram<'a> {
    name: &'a str,
    pid: Pid,
    user: &'a str,
    soft: Option<u64>,
    hard: Option<u64>,
    open: Option<u64>,
    share: Option<f64>,
    decided: &'static str,
    severity: &'static str,
    children: Vec<OfChild>,
}

#[derive(Serialize)]
struct OfChild {
    pid: Pid,
    soft: Option<u64>,
    hard: Option<u64>,
    open: Option<u64>,
}

#[derive(Serialize)]
struct Error<'a> {
    pid: Pid,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    programs: usize,
    warnings: usize,
    errors: usize,
}

/// The limits of a process as JSON has them: null where there is none, and where they are not known.
fn bounds(limits: Option<Limits>) -> (Option<u64>, Option<u64>) {
    limits.map_or((None, None), |Limits { soft, hard }| (Limits::bound(soft), Limits::bound(hard)))
}

fn word(severity: Option<Severity>) -> &'static str {
    severity.map_or("ok", Severity::name)
}

/// Writes a look as one line of JSON.
///
/// # Errors
/// When `out` cannot be written.
pub fn document(look: &Look, thresholds: Thresholds, out: &mut dyn Write) -> io::Result<()> {
    let count = |severity| look.severities(thresholds).filter(|one| *one == Some(severity)).count();
    let document = Document {
        schema: "supconv.limits/1",
        supervisords: look.supervisords.iter().map(|one| of_supervisord(one, thresholds)).collect(),
        errors: look.errors.iter().map(|Unread { pid, message }| Error { pid: *pid, message }).collect(),
        summary: Summary {
            programs: look.supervisords.iter().map(|one| one.programs.len()).sum(),
            warnings: count(Severity::Warning),
            errors: count(Severity::Error),
        },
    };
    escaped::write(&document, out)
}

fn of_supervisord(of: &Supervisord, thresholds: Thresholds) -> OfSupervisord<'_> {
    let severity = word(of.severity(thresholds));
    let Supervisord { process, minfds, file: _, place, programs } = of;
    let (soft, hard) = bounds(process.limits);
    OfSupervisord {
        pid: process.pid,
        soft,
        hard,
        open: process.open,
        share: process.share().map(Share::part),
        severity,
        minfds: minfds.written(),
        unit: place.unit.as_deref(),
        programs: programs.iter().map(|program| of_program(program, thresholds)).collect(),
    }
}

fn of_program(program: &Program, thresholds: Thresholds) -> OfProgram<'_> {
    let Program { name, process, decided, children } = program;
    let (soft, hard) = bounds(process.limits);
    let child = |child: &Process| {
        let (soft, hard) = bounds(child.limits);
        OfChild { pid: child.pid, soft, hard, open: child.open }
    };
    OfProgram {
        name,
        pid: process.pid,
        user: &process.user,
        soft,
        hard,
        open: process.open,
        share: program.share().map(Share::part),
        decided: decided.name(),
        severity: word(program.severity(thresholds)),
        children: children.iter().map(child).collect(),
    }
}
