//! SUP406 not-a-foreground-process: a command that has something started elsewhere, and ends.

use super::shell_syntax_without_shell::wants_shell;
use super::view::effective::{Command, Program};
use super::view::last::{Last, last};
use super::{Check, Found, Lint, shown};
use crate::apps::starters::{self, Starter};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::model::Process;
use crate::model::value::AutoRestart;
use crate::python::basename;
use crate::python::shlex::Word;

/// SUP406.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP406",
        name: "not-a-foreground-process",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("not_a_foreground_process.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// How a command leaves what it starts.
enum Leaves<'w> {
    /// To the service manager of the machine, or to another program that keeps it.
    To(&'w str),
    /// To supervisord itself.
    Supervisord,
    /// In the background of a shell.
    Background,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        // Without the shell that it needs another thing runs.
        let Some(command) = command.as_ref().filter(|command| !wants_shell(command)) else { continue };
        let Command { text: _, place, words: Ok(words) } = command else { continue };
        let Some(last) = last(words) else { continue };
        let Some((leaves, word)) = leaves(&last) else { continue };
        let name = shown(basename(word));
        let once = is_meant_once(lint, process);
        let message = match &leaves {
            Leaves::Background => {
                format!("supervisord never watches {name}: the shell sends it to the background and ends.")
            }
            Leaves::Supervisord => format!(
                "{name} ends when it has asked for the start: supervisord may count that as a failed start, or repeat it."
            ),
            Leaves::To(by) => {
                format!("supervisord never watches what {} starts: that command ends at once.", shown(by))
            }
        };
        let (severity, help) = match (leaves, once) {
            (_, true) => {
                (Severity::Info, "if that is what you want, change nothing; stop, restart and the log do not reach it.")
            }
            (Leaves::Background, _) => {
                (Severity::Error, "remove the & after the last command, and begin that command with exec.")
            }
            // It waits for the start, which may take longer than startsecs: then all is well.
            (Leaves::Supervisord, _) => {
                let always = lint.known(&process.program.options.autorestart) == Some(&AutoRestart::Always);
                let severity = if always { Severity::Error } else { Severity::Warning };
                (severity, "write startsecs=0 and autorestart=false, so that it runs once.")
            }
            (Leaves::To(_), _) => (
                Severity::Error,
                "write the program itself in command=, with the flag that keeps it in the foreground.",
            ),
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).severity(severity).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}

/// Whether the shell of a command sends what it starts to the background, and ends.
pub(super) fn goes_to_background(program: &Program<'_>) -> bool {
    let command = program.command.as_ref().filter(|command| !wants_shell(command));
    let words = command.and_then(|command| command.words.as_deref().ok());
    words.and_then(|words| last(words)).is_some_and(|last| last.background)
}

/// Whether it is run once, and its end counts as a success.
fn is_meant_once(lint: &Lint<'_>, process: &Process<'_>) -> bool {
    let options = &process.program.options;
    lint.known(&options.startsecs).is_some_and(|seconds| seconds.is_zero() || seconds.is_negative())
        && matches!(lint.known(&options.autorestart), Some(AutoRestart::Never | AutoRestart::Unexpected))
}

/// To whom a command leaves what it starts, and the word for that.
fn leaves<'w>(last: &'w Last<'w>) -> Option<(Leaves<'w>, &'w str)> {
    let first = &*last.words.first()?.text;
    if last.background {
        return Some((Leaves::Background, first));
    }
    if last.forks {
        return Some((Leaves::To("setsid"), first));
    }
    match starters::starter(&last.words) {
        Some(Starter::Services(_)) => Some((Leaves::To(basename(first)), first)),
        Some(Starter::Supervisorctl { starts: true }) => Some((Leaves::Supervisord, first)),
        Some(Starter::Supervisorctl { starts: false }) => None,
        None => hands_over(basename(first), &last.words).then_some((Leaves::To(basename(first)), first)),
    }
}

/// Whether a program has another one started and ends: by at(1), by a terminal that it detaches, by a daemon that it makes of it.
fn hands_over(name: &str, words: &[Word<'_>]) -> bool {
    let rest = || words.iter().skip(1).map(|word| &*word.text);
    let has = |wanted: &[&str]| rest().any(|word| wanted.contains(&word));
    let letters = |word: &str| word.strip_prefix('-').filter(|letters| !letters.starts_with('-')).map(str::to_owned);
    match name {
        "at" | "batch" | "daemonize" => true,
        // Without -b it becomes the program itself (start-stop-daemon(8)).
        "start-stop-daemon" => has(&["-b", "--background"]),
        // -D -m starts it detached and stays (screen(1)).
        "screen" => {
            let letters: String = rest().take_while(|word| word.starts_with('-')).filter_map(letters).collect();
            letters.contains('d') && letters.contains('m') && !letters.contains('D')
        }
        "tmux" => has(&["new", "new-session"]) && has(&["-d"]),
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=service nginx start", &[(2, E)]).says("what 'service' starts"),
        row(MAIN, "[program:a]\ncommand=/etc/init.d/redis-server start\nautorestart=true", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=sudo systemctl start nginx", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=bash -c 'mkdir -p /x && service nginx start'", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=supervisorctl start b", &[(2, W)]).says("has asked for the start"),
        row(MAIN, "[program:a]\ncommand=supervisorctl start b\nautorestart=true", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=setsid /srv/api", &[(2, E)]).says("what 'setsid' starts"),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/api &'", &[(2, E)]).says("never watches 'api'"),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /srv; nohup ./api > /log 2>&1 &'", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=start-stop-daemon --start --background --exec /srv/api", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=screen -dmS game /srv/game", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=tmux new-session -d -s game /srv/game", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=daemonize /srv/api", &[(2, E)]),
        row("", "[program:a]\ncommand=service nginx start", &[(2, E)]),
        row(MAIN, "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=sh -c '/srv/api &'", &[(4, E)]),
        row(MAIN, "[program:a]\ncommand=service nginx start\nstartsecs=0\nautorestart=false", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=service nginx start\nstartsecs=0", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=service nginx start\nstartsecs=0\nautorestart=true", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'helper & exec main'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'a & b & wait'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'service nginx start; tail -f /var/log/nginx/error.log'", &[]),
        row(MAIN, "[program:a]\ncommand=service nginx status", &[]),
        row(MAIN, "[program:a]\ncommand=supervisorctl tail -f b", &[]),
        row(MAIN, "[program:a]\ncommand=setsid --wait /srv/api", &[]),
        row(MAIN, "[program:a]\ncommand=start-stop-daemon --start --exec /srv/api", &[]),
        row(MAIN, "[program:a]\ncommand=screen -D -m /srv/game", &[]),
        row(MAIN, "[program:a]\ncommand=nohup /srv/api", &[]),
        row(MAIN, "[program:a]\ncommand=Xvfb :1 -screen 0 1024x768x16", &[]),
        // SUP401 says it.
        row(MAIN, "[program:a]\ncommand=/srv/api &", &[]),
        row(MAIN, "[program:a]\ncommand=service {{ name }} start", &[]),
    ];
}
