//! SUP301 daemonizing-command: a program that goes to the background, where supervisord cannot see it.

mod mends;

use super::shell_syntax_without_shell::wants_shell;
use super::view::leaving::{Own, by_its_own, is_on_purpose};
use super::view::stops::in_the_end;
use super::{Check, Found, Lint, shown};
use crate::apps::{App, Place};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::model::value::AutoRestart;

/// SUP301.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP301",
        name: "daemonizing-command",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("daemonizing_command.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mends::mend),
    cannot_run: false,
};

/// What becomes of the program of a command.
struct Fate {
    message: String,
    help: String,
    severity: Severity,
    confidence: Confidence,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let Some(command) = program.command.as_ref().filter(|command| !wants_shell(command)) else { continue };
        let Ok(words) = &command.words else { continue };
        let on_purpose = is_on_purpose(lint, program);
        // Otherwise it depends on how long the command takes until it ends, and with which status.
        let again = lint.known(&program.process.program.options.autorestart) == Some(&AutoRestart::Always);
        let fate = in_the_end(words, |app, words| {
            let app = app?;
            match by_its_own(lint, program, (app, words)) {
                Own::Silent => fate(app, app.place(words), again, on_purpose),
                Own::Stays => None,
                Own::Untold(file, write) => {
                    let why = format!("neither the command nor {} keeps it", shown(&file));
                    Some(told(app, again, on_purpose, (&why, run_instead(write)), SURE))
                }
                Own::Told(file) => {
                    let why = format!("daemonize in {} sends it to the background", shown(&file));
                    let help = format!("remove the line daemonize from {}.", shown(&file));
                    Some(told(app, again, on_purpose, (&why, help), SURE))
                }
            }
        });
        let Some(Fate { message, help, severity, confidence }) = fate else { continue };
        let mut finding = Diagnostic::new(&RULE.rule, command.place, message).severity(severity).help(help);
        finding.confidence = confidence;
        found.push(finding.of(program.process.program.section, Some(k::COMMAND.name)));
    }
}

/// Where the file of the application was read.
const SURE: (Severity, Confidence) = (Severity::Error, Confidence::High);

fn fate(app: &App, place: Place, again: bool, on_purpose: bool) -> Option<Fate> {
    let name = app.name;
    let (why, help, severity, confidence) = match place {
        // What is started in its place has rules of its own: a container, a session.
        Place::Foreground | Place::Starts(_) => return None,
        Place::Told { sign, write } => {
            let help =
                write.map_or_else(|| format!("remove {sign}: {name} then stays in the foreground."), run_instead);
            (format!("{sign} sends it to the background"), help, Severity::Error, Confidence::High)
        }
        Place::Untold { write, or: None } => {
            ("it goes to the background".to_owned(), run_instead(write), Severity::Warning, Confidence::Medium)
        }
        Place::Untold { write, or: Some(line) } => {
            let help = format!("if its configuration has that line, change nothing.\notherwise {}", run_instead(write));
            let severity = if on_purpose { Severity::Info } else { Severity::Warning };
            let message =
                format!("without {line}, {name} goes to the background, where no stop or restart reaches it.");
            return Some(Fate { message, help, severity, confidence: Confidence::Medium });
        }
        Place::Configured { line } => {
            let help = format!("make sure that its configuration keeps it: {line}.");
            ("its configuration may send it to the background".to_owned(), help, Severity::Warning, Confidence::Low)
        }
    };
    Some(told(app, again, on_purpose, (&why, help), (severity, confidence)))
}

fn told(
    app: &App,
    again: bool,
    on_purpose: bool,
    (why, help): (&str, String),
    (severity, confidence): (Severity, Confidence),
) -> Fate {
    let name = app.name;
    let message = if again {
        format!("supervisord starts {name} again and again, and no stop reaches it: {why}.")
    } else {
        format!("no stop or restart reaches {name}, and supervisord does not watch it: {why}.")
    };
    Fate { message, help, severity: if on_purpose { Severity::Info } else { severity }, confidence }
}

fn run_instead(write: &str) -> String {
    format!("run it in the foreground, with its other arguments:\n  {write}")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        // A flag of the application's own.
        row(MAIN, "[program:a]\ncommand=gunicorn --daemon a:b", &[(2, E)])
            .says("no stop or restart reaches gunicorn, and supervisord does not watch it: --daemon sends it")
            .mends("[program:a]\ncommand=gunicorn a:b"),
        row(MAIN, "[program:a]\ncommand=/venv/bin/python -m celery -A a worker --detach", &[(2, E)])
            .mends("[program:a]\ncommand=/venv/bin/python -m celery -A a worker"),
        row(MAIN, "[program:a]\ncommand=celery multi start w1", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec redis-server --daemonize yes'", &[(2, E)])
            .mends("[program:a]\ncommand=sh -c 'exec redis-server --daemonize no'"),
        row(MAIN, "[program:a]\ncommand=/usr/sbin/postfix start", &[(2, E)])
            .says("start sends it")
            .mends("[program:a]\ncommand=/usr/sbin/postfix start-fg"),
        row(MAIN, "[program:a]\ncommand=memcached -d -u app", &[(2, E)]).mends("[program:a]\ncommand=memcached -u app"),
        row(MAIN, "[program:a]\ncommand=memcached -vd --daemon", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=memcached -vd -u app", &[(2, E)])
            .mends("[program:a]\ncommand=memcached -v -u app"),
        row(MAIN, "[program:a]\ncommand=ssh -fN -L 1:h:2 host", &[(2, E)])
            .mends("[program:a]\ncommand=ssh -N -L 1:h:2 host"),
        row(MAIN, "[program:a]\ncommand=uwsgi a.ini --daemonize /var/log/u.log", &[(2, E)])
            .mends("[program:a]\ncommand=uwsgi a.ini"),
        row(MAIN, "[program:a]\ncommand=uwsgi -d a.ini --daemonize=/x", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=ssserver -c /a.json -d start", &[(2, E)])
            .mends("[program:a]\ncommand=ssserver -c /a.json"),
        row(MAIN, "[program:a]\ncommand=freshclam -d", &[(2, E)])
            .mends("[program:a]\ncommand=freshclam --foreground -d"),
        row(
            MAIN,
            "[program:a]\r\n  command : gunicorn -D a:b -n %(program_name)s ; x\r\n    --y\r\n\
             [program:b]\r\n  command : gunicorn -D b:c -n %(program_name)s ; x",
            &[(2, E), (5, E)],
        )
        .mends(
            "[program:a]\r\n  command : gunicorn -D a:b -n %(program_name)s ; x\r\n    --y\r\n\
             [program:b]\r\n  command : gunicorn b:c -n %(program_name)s ; x",
        ),
        row(MAIN, "[program:a]\ncommand=gunicorn -n %(program_name)s -D a:b", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\nnumprocs=3\nprocess_name=%(process_num)s\ncommand=pm2 start x.js", &[(4, E)]).mends(""),
        // Nothing keeps it.
        row(MAIN, "[program:a]\ncommand=sshd", &[(2, W)])
            .says("it goes to the background.")
            .mends("[program:a]\ncommand=sshd -D"),
        row(MAIN, "[program:a]\ncommand=sh -c 'mkdir -p /run/sshd && /usr/sbin/sshd'", &[(2, W)])
            .mends("[program:a]\ncommand=sh -c 'mkdir -p /run/sshd && /usr/sbin/sshd -D'"),
        row(MAIN, "[program:a]\ncommand=sh -c sshd", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=slapd -h ldap:///", &[(2, W)])
            .mends("[program:a]\ncommand=slapd -d 0 -h ldap:///"),
        row(MAIN, "[program:a]\ncommand=exim -bd -q15m", &[(2, W)]).mends("[program:a]\ncommand=exim -bdf -q15m"),
        row(MAIN, "[program:a]\ncommand=smbd -D", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=crond", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=nginx", &[(2, W)])
            .says("without daemon off; in nginx.conf, nginx goes to the background")
            .mends(""),
        row("", "[program:a]\ncommand=/usr/sbin/php-fpm8.2", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=vsftpd", &[(2, W)]).says("its configuration may send it").mends(""),
        // Somebody knows.
        row(MAIN, "[program:a]\ncommand=postfix start\nautorestart=false\nstartsecs=0", &[(2, I)])
            .says("does not watch it")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=postfix start\nautorestart=false", &[(2, E)]),
        // It stays; a letter of another program; others have rules of their own.
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'", &[]),
        row(MAIN, "[program:a]\ncommand=postgres -D /data", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work --daemon", &[]),
        row(MAIN, "[program:a]\ncommand=apache2ctl -D FOREGROUND -k start", &[]),
        row(MAIN, "[program:a]\ncommand=caddy run", &[]),
        row(MAIN, "[program:a]\ncommand=docker run -d x", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'sshd &'", &[]),
        row(MAIN, "[program:a]\ncommand=service nginx start", &[]),
        row(MAIN, "[program:a]\ncommand=freshclam && freshclam -d", &[]),
        row(MAIN, "[program:a]\ncommand=/opt/thing --daemonize", &[]),
        row(MAIN, "[program:a]\ncommand=%(ENV_X)s --daemon", &[]),
        row(MAIN, "[program:a]\ncommand=nginx {{ flags }}", &[]),
    ];
}
