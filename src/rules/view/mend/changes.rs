//! What a fix changes beside the line that it edits: what other sections inherit, and what Supervisor derives from a value.

use super::Mend;
use crate::diagnostic::Diagnostic;
use crate::fix::Change;
use crate::keys::{self, SectionKind};
use crate::load::{DEFAULT, Facts, Setting};
use crate::rules::Lint;

/// The setting that a finding is of, and its section.
pub(in crate::rules) fn setting_of<'a>(
    lint: &Lint<'a>,
    finding: &Diagnostic<'a>,
) -> Option<(&'a str, &'a Setting<'a>)> {
    let (section, option) = (finding.section?, finding.option?);
    let merged = lint.merged;
    let setting = if section == DEFAULT { merged.defaults().get(option) } else { merged.setting(section, option) };
    Some((section, setting?))
}

/// The value of an option may become this one: in its section or, if that is `[DEFAULT]`, in each that inherits it.
pub(in crate::rules) fn changing<'l, 'a>(
    mend: Mend<'l, 'a>,
    lint: &Lint<'a>,
    (section, option): (&str, &str),
    value: &str,
) -> Mend<'l, 'a> {
    let mut mend = in_section(mend, lint, (section, option), value);
    if section != DEFAULT {
        return mend;
    }
    let default = lint.merged.defaults().get(option);
    // %(here)s copies an option of [DEFAULT] into each section.
    let copied = |own: &Setting<'_>| default.is_some_and(|default| default.key == own.key);
    for (name, heir) in &lint.merged.sections {
        let free = matches!(heir.kind, Some(SectionKind::RpcInterface | SectionKind::CtlPlugin));
        if (free || keys::find(name, option).is_some()) && lint.merged.options(heir).get(option).is_none_or(copied) {
            mend = in_section(mend, lint, (name, option), value);
        }
    }
    mend
}

fn in_section<'l, 'a>(
    mend: Mend<'l, 'a>,
    lint: &Lint<'a>,
    (section, option): (&str, &str),
    value: &str,
) -> Mend<'l, 'a> {
    let mend = mend.changes(section, option);
    let syslog = value.trim().eq_ignore_ascii_case("syslog");
    match option {
        "stopasgroup" => mend.changes(section, "killasgroup"),
        "redirect_stderr" => mend.changes(section, "stderr_logfile"),
        "stdout_logfile" if syslog => mend.changes(section, "stdout_syslog"),
        "stderr_logfile" if syslog => mend.changes(section, "stderr_syslog"),
        "environment" => {
            let mend = if section == "supervisord" { of_programs(mend, lint) } else { mend };
            taken(mend, lint, section, &["%(ENV_"])
        }
        // With the number of processes all that they have comes and goes.
        "numprocs" | "numprocs_start" => mend.changes(section, Change::WHOLE),
        _ => mend,
    }
}

/// The environment of all programs, which have that of supervisord too.
fn of_programs<'l, 'a>(mend: Mend<'l, 'a>, lint: &Lint<'a>) -> Mend<'l, 'a> {
    let programs = lint.merged.sections.iter().filter(|(_, one)| one.kind.is_some_and(SectionKind::makes_processes));
    programs.fold(mend, |mend, (name, _)| mend.changes(name, "environment"))
}

/// Values that are made of such an expansion, in a section; what `[supervisord]` sets is for all of them.
fn taken<'l, 'a>(mut mend: Mend<'l, 'a>, lint: &Lint<'a>, section: &str, marks: &[&str]) -> Mend<'l, 'a> {
    for written in lint.written_with(Facts::PERCENT) {
        let inherited = written.section == DEFAULT;
        let reached = section == "supervisord" || written.section == section || inherited;
        let text = written.setting.text;
        if reached && (inserts_all(text) || marks.iter().any(|mark| text.contains(mark))) {
            let of = if inherited && section != "supervisord" { section } else { written.section };
            mend = mend.changes(of, written.option);
        }
    }
    mend
}

/// Whether a text has a `%s` without a name, which inserts all variables.
pub(in crate::rules) fn inserts_all(text: &str) -> bool {
    text.replace("%%", "").match_indices('%').any(|(at, _)| {
        let behind = text
            .get(at + 1..)
            .unwrap_or_default()
            .trim_start_matches(|c: char| "#0- +.".contains(c) || c.is_ascii_digit());
        behind.starts_with(['s', 'r', 'a'])
    })
}
