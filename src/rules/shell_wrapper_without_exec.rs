//! SUP403 shell-wrapper-without-exec: a shell that stays between supervisord and the program.

use super::shell_syntax_without_shell::BUILTINS;
use super::view::effective::{Command, Program};
use super::view::last::{self, Script};
use super::view::mend::Mend;
use super::view::mend::command::{edited, program_of, script_in};
use super::{Check, Found, Lint, shown};
use crate::apps::script::{self, Last, Simple};
use crate::apps::wrappers::{self, Step};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process as k;
use crate::python::basename;
use crate::python::shlex::{self, Word};

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
    fix: Some(mend),
    cannot_run: false,
};

/// What a shell does by itself, as the last command of a script.
pub(super) const OF_SHELLS: &[&str] = &[
    ":", ".", "[", "cd", "echo", "eval", "exit", "export", "false", "fg", "kill", "printf", "read", "return", "set",
    "source", "test", "true", "wait",
];

/// The script of a shell that stays, and the command that it ends in; with the name of that.
fn stays<'w>(words: &'w [Word<'w>]) -> Option<(&'w str, Simple<'w>, String)> {
    let Script { shell, text } = last::script(words)?;
    // bash and BusyBox replace themselves by the last command.
    if !matches!(shell, "sh" | "dash") {
        return None;
    }
    let Last::Command(simple) = script::last(text) else { return None };
    let first = shlex::split(simple.text).ok()?.into_iter().next()?.text;
    let own = first == "exec" || OF_SHELLS.contains(&&*first) || script::traps(text);
    (!own).then(|| (text, simple, first.into_owned()))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let Some(Command { text: _, place, words: Ok(words) }) = &program.command else { continue };
        let Some((_, simple, first)) = stays(words) else { continue };
        let name = shown(&first);
        let message = format!("the shell stays between supervisord and {name}, and keeps stop signals for itself.");
        let help = match without_shell(lint, program) {
            Some(_) if lint.config.secrets.stand_in(simple.text) => format!("{WITHOUT}."),
            Some((_, command)) => format!("{WITHOUT}:\n  command={command}"),
            // Where it leads its process group it starts the program apart from supervisord, and ends.
            None if basename(&first) == "setsid" => {
                "write the command without setsid: supervisord gives each program a process group of its own."
                    .to_owned()
            }
            None => {
                format!("begin the last command of the script with exec: exec {}", name.trim_matches('\''))
            }
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).help(help);
        found.push(diagnostic.of(program.process.program.section, Some(k::COMMAND.name)));
    }
}

/// A shell runs a file that is no program as a script for itself; supervisord does not.
const WITHOUT: &str = "write the command without the shell (a script needs #! in its first line)";

/// A command whose shell does nothing but run one program, without it, and what Supervisor reads then: the program has its whole
/// path, since a shell looks for another one by the PATH of the program, and in its directory. A login shell reads more, and a
/// wrapper such as setsid needs the shell that waits for it.
fn without_shell<'l, 'a>(lint: &'l Lint<'a>, program: &Program<'a>) -> Option<(Mend<'l, 'a>, String)> {
    let Command { text, place: _, words } = program.command.as_ref()?;
    let words = words.as_deref().ok()?;
    let (script, simple, _) = stays(words)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || " ./_-:=,@+".contains(c);
    // What comes behind the script are its arguments.
    let [before @ .., shell, flag, last] = words else { return None };
    let is_script = std::ptr::eq(&raw const *last.text, script);
    let does_nothing = matches!(basename(&shell.text), "sh" | "dash") && flag.text == "-c";
    let applet = before.last().is_some_and(|word| basename(&word.text) == "busybox");
    if !is_script || !does_nothing || applet || !matches!(wrappers::step(&shlex::split(script).ok()?), Step::Program) {
        return None;
    }
    if !simple.alone || simple.text != script || !script.starts_with('/') || !script.chars().all(plain) {
        return None;
    }
    let (begin, _) = script_in(text, words, script)?;
    edited(lint, program, &[(shell.start, begin, ""), (begin + script.len(), last.end, "")])
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    if let Some((mend, _)) = without_shell(lint, program) {
        return mend.risky(WITHOUT);
    }
    let Command { text, place: _, words } = program.command.as_ref()?;
    let words = words.as_deref().ok()?;
    let (script, Simple { text: _, at, alone: _, kept: _ }, first) = stays(words)?;
    // exec takes a program: nothing that the shell does itself, or was told to.
    if BUILTINS.contains(&&*first) || script.contains("()") {
        return None;
    }
    let (begin, quote) = script_in(text, words, script)?;
    let (mend, _) = match quote {
        Some(_) => edited(lint, program, &[(begin + at, begin + at, "exec ")])?,
        // One word becomes two.
        None if at == 0 => {
            let end = begin + script.len();
            edited(lint, program, &[(begin, begin, "'exec "), (end, end, "'")])?
        }
        None => return None,
    };
    mend.risky("begin the last command of the script with exec")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /srv && ./api'", &[(2, I)])
            .says("supervisord and './api'")
            .mends("[program:a]\ncommand=sh -c 'cd /srv && exec ./api'"),
        row(MAIN, "[program:a]\ncommand=sh -c \"sleep 5; celery -A net beat\"", &[(2, I)])
            .says("'celery'")
            .mends("[program:a]\ncommand=sh -c \"sleep 5; exec celery -A net beat\""),
        row(MAIN, "[program:a]\r\n\tcommand : /bin/dash -c '/srv/api --port 80' ; the api\r\n\tuser=a", &[(2, I)])
            .at_risk("[program:a]\r\n\tcommand : /srv/api --port 80 ; the api\r\n\tuser=a"),
        row(MAIN, "[program:a]\ncommand=env A=b sh -c '/srv/api > /log 2>&1'", &[(2, I)])
            .mends("[program:a]\ncommand=env A=b sh -c 'exec /srv/api > /log 2>&1'"),
        row(MAIN, "[program:a]\ncommand=sh -c 'A=b /srv/api'", &[(2, I)])
            .says("'/srv/api'")
            .mends("[program:a]\ncommand=sh -c 'A=b exec /srv/api'"),
        row(MAIN, "[program:a]\ncommand=sh -c \"./bin/migrate-entrypoint.sh\"", &[(2, I)]),
        row("", "[program:a]\ncommand=sh -c '/srv/api'\n[program:b]\ncommand=sh -c 'a; b'", &[(2, I), (4, I)])
            .mends("[program:a]\ncommand=/srv/api\n[program:b]\ncommand=sh -c 'a; exec b'"),
        row(MAIN, "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=sh -c /srv/api", &[(4, I)])
            .at_risk("[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=/srv/api"),
        row(MAIN, "[program:a]\ncommand=env A=b sh -c '/srv/api -p 80'", &[(2, I)])
            .helps("command=env A=b /srv/api -p 80")
            .at_risk("[program:a]\ncommand=env A=b /srv/api -p 80"),
        // What comes behind the script are its arguments; what has no whole path is looked for by the shell.
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/api' x y", &[(2, I)])
            .helps("with exec")
            .at_risk("[program:a]\ncommand=sh -c 'exec /srv/api' x y"),
        row(MAIN, "[program:a]\ncommand=sh -c 'api -p 80'", &[(2, I)])
            .helps("with exec")
            .at_risk("[program:a]\ncommand=sh -c 'exec api -p 80'"),
        // A login shell reads more files, BusyBox has no program of that name, and setsid starts another process where no shell waits.
        row(MAIN, "[program:a]\ncommand=sh -lc '/srv/api -p 80'", &[(2, I)])
            .helps("with exec")
            .at_risk("[program:a]\ncommand=sh -lc 'exec /srv/api -p 80'"),
        row(MAIN, "[program:a]\ncommand=sh -e -c '/srv/api -p 80'", &[(2, I)])
            .at_risk("[program:a]\ncommand=sh -e -c 'exec /srv/api -p 80'"),
        row(MAIN, "[program:a]\ncommand=sh -c '/usr/bin/setsid /srv/api'", &[(2, I)]).helps("without setsid").mends(""),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/api --token=s3cr3t-s3cr3t-99'", &[(2, I)])
            .at_risk("[program:a]\ncommand=/srv/api --token=s3cr3t-s3cr3t-99"),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/api -n %(program_name)s'", &[(2, I)])
            .mends("[program:a]\ncommand=sh -c 'exec /srv/api -n %(program_name)s'"),
        // The script is not read as it is written; no program comes last; the value has several lines.
        row(MAIN, "[program:a]\ncommand=sh -c \"cd \\\"/srv\\\" && ./api\"", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /%(program_name)s && ./api'", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sh -c 'run() { /srv/api; }; run'", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /srv &&\n  ./api'", &[(2, I)]).mends(""),
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
