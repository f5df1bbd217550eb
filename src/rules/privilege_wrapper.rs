//! SUP212 privilege-wrapper: a program that another one runs as somebody, where user= would do.

use super::view::effective::{Command, RunsAs, is_root};
use super::{Check, Found, Lint};
use crate::apps::matching::Ran;
use crate::apps::wrappers::{Becomes, Wrapper};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;

/// SUP212.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP212",
        name: "privilege-wrapper",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("privilege_wrapper.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

/// The wrapper that gives a program to another account: one that stays beside it before one that does not.
pub(super) fn switching(ran: &Ran<'_>) -> Option<&'static Wrapper> {
    let mut wrappers = ran.wrappers.iter().filter(|wrapper| wrapper.is_for_accounts());
    let stays = |wrapper: &&Wrapper| wrapper.becomes != Becomes::Replaced;
    let staying = ran.wrappers.iter().filter(|wrapper| wrapper.is_for_accounts()).find(stays);
    staying.or_else(|| wrappers.next().filter(|_| ran.account.is_some()))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // Another account than root can switch by sudo alone.
    let powerless = matches!(lint.runs_as(), RunsAs::Account(_)) && !lint.config.fragment;
    for program in lint.programs() {
        let (Some(Command { place, .. }), Some(ran)) = (&program.command, lint.ran(program)) else { continue };
        let section = program.process.program.section;
        let options = &program.process.program.options;
        let Some(wrapper) = switching(&ran) else {
            if ran.wrappers.has("nohup") {
                let message = "nohup is not needed: supervisord has no terminal that could hang up.";
                let help = "remove nohup from command=: it also makes the program ignore the signal HUP.";
                let diagnostic = Diagnostic::new(&RULE.rule, *place, message).severity(Severity::Info).help(help);
                found.push(diagnostic.of(section, Some(k::COMMAND.name)));
            }
            continue;
        };
        let name = wrapper.name;
        if powerless && name != "sudo" {
            continue;
        }
        let grouped =
            lint.known(&options.stopasgroup) == Some(&true) || lint.known(&options.killasgroup) == Some(&true);
        let (severity, message) = match wrapper.becomes {
            Becomes::Stays => (
                Severity::Warning,
                format!(
                    "each stop kills the program after 2 s, whatever stopwaitsecs says, because {name} stays between."
                ),
            ),
            Becomes::Relay if powerless || grouped => (
                Severity::Info,
                format!("signals and exit codes of the program go through {name}, which stays between."),
            ),
            Becomes::Relay => (
                Severity::Warning,
                format!("the program survives a SIGKILL, which ends only {name}: it stays between supervisord and it."),
            ),
            Becomes::Replaced => {
                (Severity::Info, format!("{name} is not needed: user= gives the program to an account too."))
            }
        };
        let account = ran.account.as_deref().map(|account| account.split(':').next().unwrap_or(account));
        let help = match account.filter(|account| is_plain(account) && !is_root(account)) {
            _ if powerless => "only a supervisord that runs as root can use user= instead.".to_owned(),
            Some(account) => format!(
                "write user={account}, and remove {name} from command=.\n\
                 set HOME and USER in environment=: supervisord does not change them."
            ),
            None => format!(
                "remove {name} from command=, and write user= with the account that the program needs.\n\
                 set HOME and USER in environment=: supervisord does not change them."
            ),
        };
        let mut diagnostic = Diagnostic::new(&RULE.rule, *place, message).severity(severity).help(help);
        if wrapper.becomes == Becomes::Stays {
            // The su of BusyBox does not stay.
            diagnostic.confidence = Confidence::Medium;
        }
        found.push(diagnostic.of(section, Some(k::COMMAND.name)));
    }
}

/// Whether a word is the name of an account, and not what a shell would make one of.
fn is_plain(account: &str) -> bool {
    !account.is_empty() && account.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=su app -c /srv/a", &[(2, W)]).says("kills the program after 2 s"),
        row(MAIN, "[program:a]\ncommand=su - app -c '/srv/a; /srv/b'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/usr/sbin/runuser -u app -- /srv/a", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=sudo -E -u app /srv/a", &[(2, W)])
            .says("survives a SIGKILL, which ends only sudo"),
        row(MAIN, "[program:a]\ncommand=sudo /srv/a\nuser=app", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=sudo -u app /srv/a\nkillasgroup=true", &[(2, I)]),
        row("", "[supervisord]\nuser=ops\n[program:a]\ncommand=sudo -u app /srv/a", &[(4, I)]),
        row("", "[program:a]\ncommand=sudo -u app /srv/a", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=gosu app /srv/a", &[(2, I)]).says("gosu is not needed"),
        row(MAIN, "[program:a]\ncommand=su-exec app:app /srv/a", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=setpriv --reuid=app --clear-groups /srv/a", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec chpst -u app /srv/a'", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=s6-setuidgid app /srv/a\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=nohup /srv/a", &[(2, I)]).says("no terminal"),
        row(MAIN, "[eventlistener:a]\ncommand=gosu app /srv/a\nevents=TICK_5", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=setpriv --no-new-privs /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=chpst -o 4096 /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=chroot --userspec=app /srv /a", &[]),
        row(MAIN, "[program:a]\ncommand=env nice tini -- /srv/a --user sudo", &[]),
        row(MAIN, "[program:a]\ncommand=cron.sh '* * * * * gosu app clean'", &[]),
        row("", "[supervisord]\nuser=ops\n[program:a]\ncommand=gosu app /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=sudo -u {{ user }} /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=sudo -u %(ENV_APP)s /srv/a", &[]),
    ];
}
