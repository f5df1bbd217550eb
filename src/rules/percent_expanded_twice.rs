//! SUP006 percent-expanded-twice: an option whose value Supervisor formats two times.

use super::bad_percent::{expanded, is_expanded_twice};
use super::view::conversions::{Conversion, conversions};
use super::view::mend::Mend;
use super::view::mend::changes::setting_of;
use super::{Check, Explanation, Found, Lint, Written, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::NAMES;
use crate::refusal::{Cause, Refusal};
use crate::source::Span;

/// SUP006.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP006",
        name: "percent-expanded-twice",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("percent_expanded_twice.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Makes four percent signs of each two that the second expansion would not take.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, setting) = setting_of(lint, finding)?;
    // Programs expand what they inherit once.
    if setting.name == "environment" && lint.merged.is_inherited(setting) {
        return None;
    }
    let known: &[&str] = if section == "supervisord" { &["here", "host_node_name"][..] } else { &NAMES };
    let lines = written::lines(lint, setting.value);
    let place = |start: u32, at: usize| start + Span::at(at).start;
    let signs: Vec<u32> =
        lines.flat_map(|line| signs(line.kept, known).into_iter().map(move |at| place(line.span.start, at))).collect();
    // %(here)s is replaced before all else, in %%(here)s too.
    if signs.len() != self::signs(setting.text, known).len() {
        return None;
    }
    let mut mend = Mend::of(lint).uncovers().becomes(section, setting.name, "");
    for at in signs {
        mend = mend.insert(setting.value.source, at, "%%");
    }
    mend.safe("write '%%%%' for '%%', because the value is expanded twice")
}

/// Where in a text two percent signs are of which the second expansion makes something else than an expansion that is known.
fn signs(text: &str, known: &[&str]) -> Vec<usize> {
    let mut signs = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('%')) {
        let start = at + found;
        let second = text.get(start + 1..).unwrap_or_default();
        if second.starts_with("%%%") {
            at = start + 4;
        } else if second.starts_with('%') {
            let left = conversions(second).next().filter(|_| !second.starts_with("%%"));
            let is_known = |name: &str| name.starts_with("ENV_") || known.contains(&name);
            let good = left.filter(|left| left.is_good() && left.name.is_some_and(is_known));
            if good.is_none() {
                signs.push(start);
            }
            at = start + 1 + good.map_or(1, |good| good.text.len());
        } else {
            let first = text.get(start..).and_then(|rest| conversions(rest).next());
            at = start + first.map_or(1, |first| first.text.len());
        }
    }
    signs
}

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option?;
    match &refusal.cause {
        Cause::Percent { second: true } | Cause::UnknownName { second: true, .. } => {}
        _ => return None,
    }
    // What the refusal holds is the text between the two.
    let setting = lint.merged.setting(refusal.section?, option)?;
    let (from, help) = if setting.text.contains("%%") {
        ("the % left by %%", "write a literal percent sign as %%%%.")
    } else {
        (
            "a % in the value of a variable",
            "write the value itself with %%%% for each percent sign, or give the program the variable as it is: it inherits \
             supervisord's environment.",
        )
    };
    let message =
        format!("{option} is expanded twice, and {from} is not valid the second time: supervisord refuses to start.");
    Some(Explanation::new(message, help))
}

/// `%%s`, which the second expansion takes for `%s`.
fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let candidates = expanded(lint).filter_map(|Written { section, option, setting, .. }| {
        if !is_expanded_twice(section, option)
            || !setting.text.contains("%%")
            || conversions(setting.text).any(|conversion| conversion.inserts_all())
        {
            return None;
        }
        // The first expansion as far as it concerns percent signs: what a name stands for does not matter.
        let once = setting.text.replace("%(", "(").replace("%%", "%");
        conversions(&once).find(Conversion::inserts_all)?;
        let message = format!(
            "{option} is expanded twice, and the % left by %% inserts the whole environment of \
             supervisord, secrets included."
        );
        let help = "write a literal percent sign as %%%%.";
        Some(Diagnostic::new(&RULE.rule, setting.value, message).help(help).of(section, Some(option)))
    });
    for finding in candidates {
        found.push_of_accepted(finding.place, finding);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stderr_logfile=/x/%%Y.log", &[(1, E)])
            .says("stderr_logfile is expanded twice, and the % left by %%")
            .mends("stderr_logfile=/x/%%%%Y.log"),
        row(PROGRAM, "stderr_logfile=/x/%%s.log", &[(1, E)])
            .says("stderr_logfile is expanded twice, and the % left by %% inserts")
            .mends("stderr_logfile=/x/%%%%s.log"),
        row(PROGRAM, "  \nstderr_logfile : /x/%(program_name)s-%%(host_node_name)s-%%Y%%m-%%%%d.log ;%%H\r", &[(2, E)])
            .mends("  \nstderr_logfile : /x/%(program_name)s-%%(host_node_name)s-%%%%Y%%%%m-%%%%d.log ;%%H\r"),
        row(PROGRAM, "[DEFAULT]\nstderr_logfile=/x/%%s.log", &[(2, E)]).mends("[DEFAULT]\nstderr_logfile=/x/%%%%s.log"),
        row(PROGRAM, "[DEFAULT]\nstderr_logfile=/x/%%Y.log", &[(2, E)]).mends("[DEFAULT]\nstderr_logfile=/x/%%%%Y.log"),
        row(MAIN, "environment=A=\"%%2F\"\nenvironment=A=\"%%2F\",\r\n  B=\"%%3A%%2F\"\r", &[(2, E)])
            .mends("environment=A=\"%%2F\"\nenvironment=A=\"%%%%2F\",\r\n  B=\"%%%%3A%%%%2F\"\r"),
        // Programs expand what they inherit once.
        row(MAIN, "[DEFAULT]\nenvironment=A=\"%%2F\"", &[(2, E)]).mends(""),
        // A template of Python: what the name will be is not here.
        row("", "[program:%(name)s]\ncommand=%USER%\nstdout_logfile=%(program_name)s.log", &[]),
        row(MAIN, "environment=A=\"%%s\"", &[(1, E)])
            .says("inserts the whole environment")
            .mends("environment=A=\"%%%%s\""),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=date +%%s %%(asctime)s %(here)s\n\
         stdout_logfile=/x/%(program_name)s-%%(host_node_name)s.log",
            &[],
        ),
        row(PROGRAM, "directory=/%%s", &[]),
    ];
}
