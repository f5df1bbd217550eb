//! SUP104 minfds-excessive: a minfds so high that each start waits for it.

use super::view::effective::grouped;
use super::{Check, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::keys::supervisord as k;
use crate::python::integer::Integer;

/// SUP104.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP104",
        name: "minfds-excessive",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "minfds is above 262144.",
        why: "Before each exec the forked supervisord closes every descriptor from 3 up to minfds, one by one, in a Python loop: 1 to \
              2 microseconds each. One million costs 1 to 2 seconds of CPU at every start and every restart, and with startsecs=1 a \
              program counts as RUNNING before it is executed. People come to such numbers by copying the nofile=1048576 of \
              a container.",
        bad: "[supervisord]\nuser=root\nminfds=500000\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

const HIGHEST: i64 = 262_144;

/// What closing one descriptor costs, measured between one and two millionths.
const SECONDS: f64 = 1.5e-6;

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let Some(minfds) = lint.minfds().filter(|minfds| minfds.number > Integer::from(HIGHEST)) else { return };
    let seconds = minfds.number.to_f64().unwrap_or(f64::INFINITY) * SECONDS;
    let processes = lint.config.groups.iter().map(|group| group.processes.len()).sum::<usize>();
    // What all processes cost together, which they do when supervisord starts.
    let all = match u32::try_from(processes) {
        Ok(2..) if seconds < 1e6 => {
            let all = seconds * f64::from(u32::try_from(processes).unwrap_or(0));
            format!(", and {all:.1} s for the {processes} processes of this file")
        }
        _ => String::new(),
    };
    let message = format!(
        "before each program supervisord closes all {} descriptors, one by one, in Python: about {seconds:.1} s of CPU at every \
         start{all}.",
        grouped(&minfds.number)
    );
    let help = "write what the programs need: minfds=65536 costs 0.1 s a start. A program that needs more can raise its own soft \
                limit up to the hard one, which minfds does not touch.";
    let diagnostic = Diagnostic::new(&RULE.rule, minfds.place, message).help(help);
    found.push(diagnostic.of("supervisord", Some(k::MINFDS.name)));
}
