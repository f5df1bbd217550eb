//! SUP801 container-daemonized: a supervisord that leaves the foreground of its container.

use super::view::mend::Mend;
use super::{Check, Found, Lint, Target, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::supervisord as k;

/// SUP801.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP801",
        name: "container-daemonized",
        severity: Severity::Error,
        confidence: Confidence::Medium,
        page: include_str!("container_daemonized.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What starts supervisord with `-n` does the same as before.
fn mend<'a>(lint: &Lint<'a>, _: &Diagnostic<'a>) -> Option<Fix> {
    Mend::of(lint).set("supervisord", &k::NODAEMON, "true", None).safe("write nodaemon=true")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let Some(header) = config.header.filter(|_| !config.fragment && lint.container()) else { return };
    let nodaemon = &config.supervisord.nodaemon;
    if lint.known(nodaemon) != Some(&false) || lint.may_have_more() || written::is_template(lint, header.source) {
        return;
    }
    // Somebody said that it is a container; the file may only look so.
    let severity = if lint.settings.target == Target::Auto { Severity::Info } else { Severity::Error };
    let message = "a container that starts supervisord without -n stops at once, because nodaemon is not true.";
    let help = "write nodaemon=true in [supervisord].";
    let place = nodaemon.place().unwrap_or(header);
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
    found.push(diagnostic.of("supervisord", Some(k::NODAEMON.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{E, I, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\nuser=root\n[program:a]\ncommand=a", &[(1, E)])
            .target(Target::Container)
            .mends("[supervisord]\nuser=root\nnodaemon=true\n[program:a]\ncommand=a"),
        row("", "[supervisord]\nnodaemon=false", &[(2, E)])
            .target(Target::Container)
            .mends("[supervisord]\nnodaemon=true"),
        row("", "[supervisord]\r\n  NoDaemon : off ; no\r\n  user=root\r", &[(2, E)])
            .target(Target::Container)
            .mends("[supervisord]\r\n  NoDaemon : true ; no\r\n  user=root\r"),
        row("", "[supervisord]\n  user=root\n  umask=022 ; usual\n\n[DEFAULT]\nnodaemon=no", &[(6, E)])
            .target(Target::Container)
            .mends("[supervisord]\n  user=root\n  umask=022 ; usual\n  nodaemon=true\n\n[DEFAULT]\nnodaemon=no"),
        row("", "[supervisord]\nnodaemon=true\nnodaemon=0", &[(3, E)])
            .target(Target::Container)
            .mends("[supervisord]\nnodaemon=true\nnodaemon=true"),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=a\nnumprocs=3\n\
             process_name=%(process_num)s\nstdout_logfile=/dev/stdout",
            &[(1, I)],
        ),
        row(MAIN, "nodaemon=true", &[]).target(Target::Container),
        row(MAIN, "nodaemon=%(ENV_N)s", &[]).target(Target::Container),
        row(MAIN, "{% if n %}\nnodaemon=true\n{% endif %}", &[]).target(Target::Container),
        row(MAIN, "nodaemon={{ n }}", &[]).target(Target::Container),
        row(MAIN, "[include]\nfiles=/nothing/*.conf", &[]).target(Target::Container),
        row(PROGRAM, "", &[]),
        row("", "[program:a]\ncommand=a\nstdout_logfile=/dev/stdout", &[]).target(Target::Container),
        row(PROGRAM, "stdout_logfile=/dev/stdout", &[]).target(Target::Host),
    ];
}
