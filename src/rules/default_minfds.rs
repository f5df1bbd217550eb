//! SUP101 default-minfds: the limit of open files that nobody wrote.

use super::{Check, Lint};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::integer::Integer;
use crate::model::keys::supervisord as k;
use crate::model::{Origin, State};

/// SUP101.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP101",
        name: "default-minfds",
        severity: Severity::Warning,
        confidence: Confidence::High,
        what: "minfds is at most 1024, written or not, and there is at least one program.",
        why: "minfds is a floor: supervisord raises its own soft limit of open files to it, never lowers it, and all its programs \
              inherit the result. A supervisord that is started at boot begins at a soft limit of 1024, so with the default of \
              1024 each program gets 1024, whatever `ulimit -n` says in the operator's shell and whatever stands in limits.conf: \
              both concern logins. A busy server then dies of `[Errno 24] Too many open files` with nothing in any file that \
              says 1024.",
        bad: "[supervisord]\nuser=root\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

fn check(lint: &Lint<'_>, found: &mut Vec<Diagnostic>) {
    let config = lint.config;
    // In a fragment the main file decides. An include that was not read counts as having programs.
    let Some(header) = config.header.filter(|_| !config.fragment) else { return };
    let programs = config.incomplete || config.groups.iter().any(|group| !group.processes.is_empty());
    let minfds = &config.supervisord.minfds;
    let State::Known(number) = &minfds.state else { return };
    if !programs || *number > Integer::from(1024) || minfds.place().is_some_and(|place| lint.markup.touches(place)) {
        return;
    }
    let value = match minfds.origin {
        Origin::Default => "minfds is not set, so it is 1024".to_owned(),
        Origin::Written(_) | Origin::Inherited(_) => format!("minfds is {number}"),
    };
    let message = format!(
        "{value}: a floor that supervisord raises its own soft limit of open files to, not a cap. Started at boot it begins at \
         1024, and every program inherits that, whatever ulimit -n or limits.conf say."
    );
    let help = "write minfds=65536 in [supervisord] and LimitNOFILE=65536:524288 in the unit that starts supervisord (or give \
                the container --ulimit nofile), restart supervisord itself (reread and update are not enough), and look: \
                grep 'open files' /proc/$(supervisorctl pid NAME)/limits. A program that uses select() should keep 1024.";
    let section = "supervisord".into();
    let diagnostic = Diagnostic::new(&RULE.rule, minfds.place().unwrap_or(header), message);
    found.push(diagnostic.help(help).of(&section, Some(k::MINFDS.name)));
}
