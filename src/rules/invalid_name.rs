//! SUP014 invalid-name: a name that Supervisor does not take, or that several processes would share.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP014.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP014",
        name: "invalid-name",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "A space, : or / in the name of a program, group or process, and numprocs above 1 where process_name does not hold \
               %(process_num).",
        why: "supervisorctl addresses a process as group:process, so the names must not hold these characters, and two processes \
              must not share one. Supervisor refuses the whole file.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[program:worker]\ncommand=/srv/worker\nuser=api\nnumprocs=4\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:worker]\ncommand=/srv/worker\nuser=api\nnumprocs=4\n\
               process_name=%(program_name)s_%(process_num)02d\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    match refusal.cause {
        Cause::Name => {
            let name = refusal.written.trim();
            let what = if refusal.option.is_some() { "process" } else { "program or group" };
            let message = format!(
                "{} is no name for a {what}: it holds a space, a colon or a slash, and supervisord refuses to start.",
                shown(name)
            );
            let help = if refusal.option.is_none() && name.contains(']') {
                "a header ends at the last ] of its line: write the comment behind a space and a ;.".to_owned()
            } else {
                format!("write {}", shown(&name.replace([' ', ':', '/'], "-")).trim_matches('\''))
            };
            Some(Explanation::new(message, help))
        }
        Cause::ProcessNum => {
            let numprocs = lint.setting(refusal.section.as_deref()?, "numprocs")?;
            let message = format!(
                "numprocs={} needs %(process_num) in process_name, or all processes would have one name: supervisord refuses to \
                 start.",
                shown(&numprocs.text).trim_matches('\'')
            );
            Some(Explanation::new(message, "write process_name=%(program_name)s_%(process_num)02d"))
        }
        _ => None,
    }
}
