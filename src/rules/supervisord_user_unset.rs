//! SUP202 supervisord-user-unset: supervisord runs as whoever starts it.

use super::view::effective::{Program, is_root};
use super::view::mend::Mend;
use super::view::telling::others;
use super::{Check, Found, Lint, program_runs_as_root};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::supervisord as k;
use crate::model::State;

/// SUP202.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP202",
        name: "supervisord-user-unset",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("supervisord_user_unset.md"),
        repeat: Repeat::Run(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

const UNSET: &str =
    "[supervisord] has no user=: it runs as the user who starts it, usually root, and logs a CRIT line.";

/// Of `user=root` in an image.
const ROOT: &str =
    "supervisord fails with \"Can't drop privilege as nonroot user\" if the image runs under another UID.";

const IN_IMAGE: &str = "leave user out if the image may run under another UID (OpenShift, runAsNonRoot, rootless): user=root \
                        then ends in \"Can't drop privilege as nonroot user\".";

fn joined(files: &[&str], said: &str, most: usize) -> String {
    match files {
        [] | [_] => said.to_owned(),
        [_, rest @ ..] => format!("{said} The same holds for {}.", others(rest, most)),
    }
}

/// An image may run under another UID: there a missing user is right.
fn mend<'a>(lint: &Lint<'a>, _: &Diagnostic<'a>) -> Option<Fix> {
    if lint.container() || !is_unset(lint) {
        return None;
    }
    Mend::of(lint)
        .set("supervisord", &k::USER, "root", None)
        .risky("write user=root; only root can start supervisord then")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let Some(header) = config.header.filter(|_| !config.fragment) else { return };
    let user = &config.supervisord.user;
    let container = lint.container();
    if let (true, Some(Some(name)), Some(place)) = (container, lint.known(user), user.place())
        && is_root(name)
    {
        let help = "leave user out if the image may run under another UID (OpenShift, runAsNonRoot, rootless).";
        let mut diagnostic = Diagnostic::new(&RULE.rule, place, ROOT).severity(Severity::Info).help(help);
        for Program { process, .. } in lint.programs() {
            let user = &process.program.options.user;
            if let (Some(Some(name)), Some(place)) = (lint.known(user), user.place())
                && !is_root(name)
            {
                diagnostic = diagnostic.label(place, "this program then fails in the same way");
            }
        }
        found.push(diagnostic.of("supervisord", Some(k::USER.name)).about(config.called, ROOT));
        return;
    }
    // One cause, one finding: that of SUP201 names the programs.
    if !is_unset(lint) || program_runs_as_root::warns_of_unset(lint) {
        return;
    }
    let (severity, help) = if container {
        (Severity::Info, IN_IMAGE)
    } else {
        let help = "write user=root in [supervisord] if it must run as root.\n\
                    otherwise write the account that all programs run as; a program with another user= then cannot start.";
        (Severity::Warning, help)
    };
    let diagnostic = Diagnostic::new(&RULE.rule, header, UNSET).severity(severity).help(help);
    found.push(diagnostic.of("supervisord", Some(k::USER.name)).about(config.called, UNSET));
}

/// Whether nothing says whom supervisord runs as: not the file, not the unit or the command line that starts supervisord, and no
/// file that is not here may.
pub(super) fn is_unset(lint: &Lint<'_>) -> bool {
    lint.config.header.is_some()
        && !lint.config.fragment
        && lint.config.supervisord.user.state == State::Known(None)
        && !lint.account_is_given()
        && !lint.may_have_more()
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a\nuser=a", &[(1, W)])
            .mends("[supervisord]\nuser=root\n[program:a]\ncommand=a\nuser=a"),
        row(
            "",
            "[supervisord]\n\n  minfds=65536 ; many\n  # more\n  umask=022\n\
             \n[program:a]\ncommand=a\nuser=a",
            &[(1, W)],
        )
        .mends(
            "[supervisord]\n\n  minfds=65536 ; many\n  # more\n  umask=022\n  user=root\n\
             \n[program:a]\ncommand=a\nuser=a",
        ),
        row("", "[program:a]\r\ncommand=a\r\nuser=a\r\n[supervisord]\r", &[(4, W)])
            .mends("[program:a]\r\ncommand=a\r\nuser=a\r\n[supervisord]\r\nuser=root\r"),
        row("", "[supervisord]\n[program:a]\ncommand=nginx -g 'daemon off;'", &[(1, W)]),
        row("", "[supervisord]\n[program:a]\ncommand=a\nuser=root", &[(1, W)]),
        row("", "[supervisord]\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nnodaemon=true\n[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nnodaemon=true", &[(1, I)]).mends(""),
        row("", "[supervisord]\nnodaemon=true\nuser=root\n[program:a]\ncommand=a\nuser=node", &[(3, I)])
            .says("if the image runs under another UID")
            .mends(""),
        row("", "[supervisord]\nuser=0", &[(2, I)]).target(Target::Container),
        row("", "[supervisord]\nnodaemon=true\nuser=app", &[]),
        row("", "[supervisord]\n[include]\nfiles=/nothing/*.conf", &[]),
        row("", "[supervisord]\n[include]\nfiles=nothing/*.conf", &[(1, W)]),
        row("", "[supervisord]\nuser=root", &[]),
        row("", "[program:a]\ncommand=a", &[]),
        row("", "[supervisord]\nuser={{ user }}", &[]),
    ];
}
