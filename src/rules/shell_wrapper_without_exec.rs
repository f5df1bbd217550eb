//! SUP403 shell-wrapper-without-exec: a shell that stays between supervisord and the program.

use super::view::effective::{Command, Program};
use super::view::last::{self, Script};
use super::{Check, Found, Lint, shown};
use crate::apps::script::{self, Last};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::python::shlex;

/// SUP403.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP403",
        name: "shell-wrapper-without-exec",
        severity: Severity::Info,
        confidence: Confidence::High,
        page: include_str!("shell_wrapper_without_exec.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

/// What a shell does by itself, as the last command of a script.
pub(super) const OF_SHELLS: &[&str] = &[
    ":", ".", "[", "cd", "echo", "eval", "exit", "export", "false", "fg", "kill", "printf", "read", "return", "set",
    "source", "test", "true", "wait",
];

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        let Some(Command { text: _, place, words: Ok(words) }) = command else { continue };
        let Some(Script { shell, text }) = last::script(words) else { continue };
        // bash and BusyBox replace themselves by the last command.
        if !matches!(shell, "sh" | "dash") {
            continue;
        }
        let Last::Command(simple) = script::last(text) else { continue };
        let Ok(split) = shlex::split(simple.text) else { continue };
        let Some(first) = split.first() else { continue };
        if first.text == "exec" || OF_SHELLS.contains(&&*first.text) || script::traps(text) {
            continue;
        }
        let name = shown(&first.text);
        let message = format!("the shell stays between supervisord and {name}, and keeps stop signals for itself.");
        let plain = |c: char| c.is_ascii_alphanumeric() || " ./_-:=,@+".contains(c);
        let is_secret = lint.config.secrets.stand_in(simple.text);
        let help = if simple.alone && simple.text == text.trim() && text.chars().all(plain) && !is_secret {
            format!("write the command without the shell:\n  command={}", simple.text)
        } else {
            format!("begin the last command of the script with exec: exec {}", name.trim_matches('\''))
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /srv && ./api'", &[(2, I)]).says("supervisord and './api'"),
        row(MAIN, "[program:a]\ncommand=sh -c \"sleep 5; celery -A net beat\"", &[(2, I)]).says("'celery'"),
        row(MAIN, "[program:a]\ncommand=/bin/dash -c '/srv/api --port 80'", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=env A=b sh -c '/srv/api > /log 2>&1'", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'A=b /srv/api'", &[(2, I)]).says("'/srv/api'"),
        row(MAIN, "[program:a]\ncommand=sh -c \"./bin/migrate-entrypoint.sh\"", &[(2, I)]),
        row("", "[program:a]\ncommand=sh -c '/srv/api'", &[(2, I)]),
        row(MAIN, "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=sh -c /srv/api", &[(4, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /srv && exec ./api'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'A=b exec /srv/api'", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /srv && ./api'", &[]),
        row(MAIN, "[program:a]\ncommand=ash -c 'cd /srv && ./api'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'while true; do a; sleep 5; done'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'a | b'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'a & b & wait'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/api &'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'trap \"kill 0\" TERM; /srv/api'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /srv && echo started'", &[]),
        row(MAIN, "[program:a]\ncommand=sh /srv/run.sh", &[]),
        row(MAIN, "[program:a]\ncommand=su app -c '/srv/api'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/api {{ port }}'", &[]),
    ];
}
