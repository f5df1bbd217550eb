//! SUP306 orphaned-children: a stop that ends a wrapper or a shell, and leaves the program running.

use super::indented_option_swallowed::holds;
use super::shell_wrapper_without_exec::OF_SHELLS;
use super::view::effective::{Command, Program};
use super::view::last;
use super::view::mend::Mend;
use super::view::mend::command::program_of;
use super::view::oneshot;
use super::view::stops::{Between, Stops, name_in_the_end};
use super::{Check, Found, Lint, shown};
use crate::apps::script::{self, Last};
use crate::apps::{Children, matching};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Applicability, Fix};
use crate::keys::{process as k, program as p};
use crate::python::basename;
use crate::python::shlex::{self, Word};

/// SUP306.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP306",
        name: "orphaned-children",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("orphaned_children.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What is said of a command, and what helps.
struct Orphans {
    severity: Severity,
    confidence: Confidence,
    message: String,
    help: String,
    /// Whether stopasgroup=true is one of the ways out.
    group: Option<Applicability>,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let options = &program.process.program.options;
        let (Some(command), Some(false)) = (&program.command, lint.known(&options.stopasgroup)) else { continue };
        let Some(stops) = lint.stops(program) else { continue };
        let Some(Orphans { severity, confidence, message, help, group: _ }) = orphans(lint, program, stops, command)
        else {
            continue;
        };
        let mut finding = Diagnostic::new(&RULE.rule, command.place, message).severity(severity).help(help);
        finding.confidence = confidence;
        if let Some(place) = options.stopasgroup.place() {
            finding = finding.label(place, "the signal goes to one process");
        }
        found.push(finding.of(program.process.program.section, Some(k::COMMAND.name)));
    }
}

fn orphans<'a>(lint: &Lint<'a>, program: &Program<'a>, stops: Stops, command: &Command<'_>) -> Option<Orphans> {
    let Stops { app, children, leaves, between } = stops;
    let reached = between == Between::Nothing && app.is_some() && children != Some(Children::Wrapper);
    // What is in the background is no stop's any longer.
    if leaves || reached {
        return None;
    }
    let words = command.words.as_ref().ok()?;
    let waits = matches!(between, Between::Waits | Between::Goes | Between::Either);
    if waits && last::script(words).is_some_and(|script| script::starts_nothing(script.text)) {
        return None;
    }
    let name = name_in_the_end(words);
    // What ends at once is over before a stop.
    if oneshot::is_soon_over(&name) {
        return None;
    }
    let shown = app.map_or(name.as_str(), |app| app.called(&name));
    let (severity, confidence) = (Severity::Warning, Confidence::High);
    let group = format!("write stopasgroup=true: the signal then goes to {shown} too.");
    let exec = format!("write exec before the last command of the script: {shown} then takes the place of the shell.");
    Some(match (between, children) {
        (Between::Other | Between::Proxy, _) => return None,
        (_, Some(Children::Wrapper)) => Orphans {
            severity,
            confidence,
            message: format!(
                "a restart ends only {shown}: the program that it started keeps running beside the new one."
            ),
            help: format!(
                "write stopasgroup=true: the signal then goes to that program too.\nor run that program without {shown}."
            ),
            group: Some(Applicability::Safe),
        },
        (Between::Nothing, _) => return by_name(lint, program, command),
        (Between::Waits | Between::Goes, _) => Orphans {
            // What a loop runs is often over soon.
            severity: if between == Between::Goes { Severity::Info } else { severity },
            confidence,
            message: "a restart ends only the shell: what the script runs at that time keeps running.".to_owned(),
            help: "write stopasgroup=true: the signal then goes to all that the script runs.".to_owned(),
            group: Some(Applicability::Unsafe),
        },
        (Between::Either, _) => Orphans {
            severity: Severity::Info,
            confidence: Confidence::Medium,
            message: "with an older bash a restart ends only the shell, and what the script runs keeps running."
                .to_owned(),
            help: "write exec before the last command of the script: it then takes the place of the shell.".to_owned(),
            group: None,
        },
        (Between::Bash, _) => Orphans {
            severity: Severity::Info,
            confidence: Confidence::Medium,
            message: format!(
                "with an older bash a restart ends only the shell, and {shown} keeps running beside the new one."
            ),
            help: exec,
            group: None,
        },
        (Between::Shell, Some(Children::Tasks | Children::Workers)) => Orphans {
            severity,
            confidence,
            message: only_the_shell(words, shown),
            help: format!("{exec}\nnot stopasgroup=true: it sends the signal to the workers of {shown} as well."),
            group: None,
        },
        (Between::Shell, Some(Children::LiveOn)) => {
            Orphans { severity, confidence, message: only_the_shell(words, shown), help: exec, group: None }
        }
        (Between::Shell, Some(Children::Single | Children::Apart) | None) => Orphans {
            severity,
            confidence,
            message: only_the_shell(words, shown),
            help: format!("{exec}\nor {group}"),
            // A program that is not known may have workers, which the signal would reach too.
            group: Some(if children.is_some() { Applicability::Safe } else { Applicability::Unsafe }),
        },
    })
}

/// Whether one of the commands of a script has children that must not get a stop signal.
fn runs_workers(script: &str) -> bool {
    script.split(['&', '|', ';', '\n']).any(|command| {
        let Ok(mut words) = shlex::split(command) else { return false };
        let own = words.iter().take_while(|word| matches!(&*word.text, "do" | "then" | "else" | "{" | "(")).count();
        words.drain(..own);
        has_workers(&words)
    })
}

fn has_workers(words: &[Word<'_>]) -> bool {
    let ran = matching::ran(words);
    let children = ran.app.and_then(|app| app.children(&ran.words));
    matches!(children, Some(Children::Tasks | Children::Workers | Children::LiveOn))
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let program = program_of(lint, finding)?;
    let command = program.command.as_ref()?;
    let applicability = orphans(lint, program, lint.stops(program)?, command)?.group?;
    if last::script(command.words.as_ref().ok()?).is_some_and(|script| runs_workers(script.text)) {
        return None;
    }
    // killasgroup=false that a value has swallowed comes to light by another fix, and is refused beside stopasgroup=true.
    if holds(lint, section, p::KILLASGROUP.name) {
        return None;
    }
    let killasgroup = &program.process.program.options.killasgroup;
    let (mend, title) = match (killasgroup.place(), lint.known(killasgroup)) {
        // It is then what stopasgroup is.
        (None, _) => {
            let mend = Mend::of(lint).set(section, &p::STOPASGROUP, "true", None);
            (mend.changes(section, p::KILLASGROUP.name), "write stopasgroup=true")
        }
        (Some(_), Some(true)) => (Mend::of(lint).set(section, &p::STOPASGROUP, "true", None), "write stopasgroup=true"),
        // Supervisor refuses the one without the other.
        (Some(_), Some(false)) => (
            Mend::of(lint).both(section, (&p::STOPASGROUP, "true"), (&p::KILLASGROUP, "true")),
            "write stopasgroup=true and killasgroup=true",
        ),
        (Some(_), None) => return None,
    };
    mend.made(applicability, title)
}

/// What a restart does; `sh` is dash, bash or `BusyBox`, of which only dash stays.
fn only_the_shell(words: &[Word<'_>], shown: &str) -> String {
    let is_sh = words.iter().take(2).any(|word| basename(&word.text) == "sh");
    let dash = if is_sh { "where sh is dash (Debian, Ubuntu), " } else { "" };
    format!("{dash}a restart ends only the shell: {shown} keeps running beside the new one.")
}

/// A script by its name: it may end in `exec`, which only a look into it shows.
fn by_name(lint: &Lint<'_>, program: &Program<'_>, command: &Command<'_>) -> Option<Orphans> {
    let words = command.words.as_ref().ok()?;
    let path = words.iter().take(2).map(|word| &*word.text).find(|word| word.strip_suffix(".sh").is_some())?;
    let script = basename(path);
    let text = lint.text_of(program, path);
    if let Some(Last::Command(last)) = text.as_deref().map(script::last) {
        let name = basename(last.text.split_whitespace().next().unwrap_or(""));
        if last.execs() || name == "exec" || OF_SHELLS.contains(&name) {
            return None;
        }
        return Some(Orphans {
            severity: Severity::Warning,
            confidence: Confidence::High,
            message: format!("a restart ends only {script}: {} keeps running beside the new one.", shown(name)),
            help: format!(
                "write exec before the last command of {script}.\nor write stopasgroup=true: the signal then goes to all that it runs."
            ),
            group: text.as_deref().is_none_or(|text| !runs_workers(text)).then_some(Applicability::Unsafe),
        });
    }
    let message =
        format!("unless {script} ends with exec, a restart ends only the script, and its program keeps running.");
    let help =
        "write exec before its last command.\nor write stopasgroup=true: the signal then goes to all that it runs.";
    Some(Orphans {
        severity: Severity::Warning,
        confidence: Confidence::Low,
        message,
        help: help.to_owned(),
        // What it runs is not known.
        group: Some(Applicability::Unsafe),
    })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        // Wrappers.
        row(MAIN, "[program:a]\ncommand=npm run start", &[(2, W)])
            .says("a restart ends only npm: the program that it started keeps running beside the new one.")
            .safely("[program:a]\ncommand=npm run start\nstopasgroup=true"),
        row(MAIN, "[program:a]\ncommand=python manage.py runserver", &[(2, W)]).says("only manage.py runserver"),
        row(MAIN, "[program:a]\ncommand=yarn encore dev --watch", &[(2, W)]).says("a restart ends only yarn:"),
        row(MAIN, "[program:a]\ncommand=pnpm start", &[(2, W)]).says("a restart ends only pnpm:"),
        row(MAIN, "[program:a]\ncommand=mysqld_safe\nstopasgroup=false\nkillasgroup=true", &[(2, W)])
            .mends("[program:a]\ncommand=mysqld_safe\nstopasgroup=true\nkillasgroup=true"),
        row(
            MAIN,
            "[program:a]\r\n  killasgroup : no ; x\r\n  command : npm start\r\n    --x\r\n\r\n\
             [program:b]\r\ncommand=npm start",
            &[(3, W), (7, W)],
        )
        .mends(
            "[program:a]\r\n  killasgroup : true ; x\r\n  stopasgroup=true\r\n  command : npm start\r\n    --x\r\n\r\n\
             [program:b]\r\ncommand=npm start\nstopasgroup=true",
        ),
        row(
            "",
            "[DEFAULT]\nkillasgroup=false\n[program:a]\ncommand=npm start\n\
             [program:b]\nstopasgroup=0\ncommand=npm start",
            &[(4, W), (7, W)],
        )
        .mends(
            "[DEFAULT]\nkillasgroup=false\n[program:a]\ncommand=npm start\nstopasgroup=true\nkillasgroup=true\n\
             [program:b]\nstopasgroup=true\nkillasgroup=true\ncommand=npm start",
        ),
        row("", "[DEFAULT]\nstopasgroup=off\n[program:a]\ncommand=npm start\nkillasgroup=%(ENV_K)s", &[(4, W)])
            .mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /a && npm start'", &[(2, W)]),
        row("", "[program:a]\ncommand=env A=b yarn start\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, W)]),
        // Shells.
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && python w.py'", &[(2, W)])
            .says("where sh is dash (Debian, Ubuntu), a restart ends only the shell: python keeps running beside the new one.")
            .at_risk("[program:a]\ncommand=sh -c 'cd /a && python w.py'\nstopasgroup=true"),
        row(MAIN, "[program:a]\ncommand=sh -c /srv/a", &[(2, W)]).says("only the shell: a keeps running"),
        row(MAIN, "[program:a]\ncommand=sh -c 'sleep 5; celery -A a worker'", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /a && python w.py >> /log 2>&1'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=bash -c 'cd /a && python w.py'", &[(2, I)])
            .says("with an older bash")
            .mends(""),
        // Of these bash stays in each version: with a redirection, with `&&` behind `;`.
        row(MAIN, "[program:a]\ncommand=bash -c '/srv/a >> /log 2>&1'", &[(2, W)]).says("only the shell: a keeps"),
        row(MAIN, "[program:a]\ncommand=bash -c 'sleep 10; cd /srv && /srv/a'", &[(2, W)]).says("only the shell: a keeps"),
        row(MAIN, "[program:a]\ncommand=bash -c '/srv/check || /srv/a'", &[(2, I)])
            .says("with an older bash a restart ends only the shell, and what the script runs keeps running.")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c '/srv/check > /log || /srv/a 2>&1'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/check || /srv/a'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=bash -c '/srv/a || exit 1'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=bash -c '/srv/check || exec /srv/a'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/check || exec /srv/a'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'a | b'", &[(2, W)])
            .says("what the script runs at that time")
            .at_risk("[program:a]\ncommand=sh -c 'a | b'\nstopasgroup=true"),
        row(MAIN, "[program:a]\ncommand=sh -c 'while true; do celery -A a worker; done'", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=bash -c '/srv/a & /srv/b & wait'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'while true; do date; sleep 60; done'", &[(2, I)]),
        // A script: it may end in exec.
        row(MAIN, "[program:a]\ncommand=/srv/start.sh", &[(2, W)])
            .says("unless start.sh ends with exec")
            .mends("[program:a]\ncommand=/srv/start.sh\nstopasgroup=true"),
        // Replaced, or signals are passed on.
        row(MAIN, "[program:a]\ncommand=npm start\nstopasgroup=true", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && exec python w.py'", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c 'sslocal -c <(jq . /a)'", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c 'exec sslocal -c <(jq . /a)'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec gunicorn -w $(nproc) a:b'", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=bundle exec puma", &[]),
        row(MAIN, "[program:a]\ncommand=python manage.py runserver --noreload", &[]),
        row(MAIN, "[program:a]\ncommand=docker run --rm x", &[]),
        row(MAIN, "[program:a]\ncommand=su app -c /srv/a", &[]),
        // The yarn of Hadoop is replaced by java.
        row(MAIN, "[program:a]\ncommand=/bin/bash -c 'exec yarn timelineserver'", &[]),
        row(MAIN, "[program:a]\ncommand=/opt/hadoop/bin/yarn --config /etc/hadoop resourcemanager", &[]),
        // The signal goes to the process of that file.
        row(MAIN, "[program:a]\ncommand=pidproxy /run/mysqld.pid /usr/bin/mysqld_safe", &[]),
        // A shell does all of this itself.
        row(
            MAIN,
            "[program:a]\ncommand=bash -c \"printf 'READY\\n' && while read line; do kill -SIGQUIT $PPID; done < /dev/stdin\"",
            &[],
        ),
        row(MAIN, "[program:a]\ncommand=sh -c 'while read line; do echo $line; /srv/a; done'", &[(2, I)]),
        // Over soon, or in the background: other rules.
        row(MAIN, "[program:a]\ncommand=sh -c 'mkdir -p /a && chown app /a'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/a &'", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'cd /a && gunicorn -D a:b'", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nstopasgroup=%(ENV_S)s", &[]),
        row(MAIN, "[program:a]\ncommand=npm run {{ script }}", &[]),
    ];
}
