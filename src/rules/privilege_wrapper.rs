//! SUP212 privilege-wrapper: a program that another one runs as somebody, where user= would do.

use super::shell_syntax_without_shell as shell_syntax;
use super::view::effective::{Command, RunsAs, is_root};
use super::view::mend::command::{edited, program_of};
use super::{Check, Found, Lint, not_a_foreground_process};
use crate::apps::matching::{self, Ran};
use crate::apps::wrappers::{Becomes, Wrapper};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{fcgi, process as k, program as p};
use crate::python::basename;
use crate::python::shlex::{self, Word};

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
    fix: Some(mend),
    cannot_run: false,
};

/// The wrapper that gives a program to another account: one that stays beside it before one that does not.
pub(super) fn switching(ran: &Ran<'_>) -> Option<&'static Wrapper> {
    let mut wrappers = ran.wrappers.iter().filter(|wrapper| wrapper.is_for_accounts());
    let stays = |wrapper: &&Wrapper| wrapper.becomes != Becomes::Replaced;
    let staying = ran.wrappers.iter().filter(|wrapper| wrapper.is_for_accounts()).find(stays);
    staying.or_else(|| wrappers.next().filter(|_| ran.account.is_some()))
}

/// Whether supervisord is no root: another account can switch by sudo alone.
fn is_powerless(lint: &Lint<'_>) -> bool {
    matches!(lint.runs_as(), RunsAs::Account(_)) && !lint.config.fragment
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let powerless = is_powerless(lint);
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
        // SUP406 says it: what it gives to the account is a shell, which ends.
        if wrapper.becomes != Becomes::Replaced && not_a_foreground_process::goes_to_background(program) {
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
                format!(
                    "the program survives a SIGKILL, which ends only {name}: {name} stays between supervisord and the program."
                ),
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

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    let Command { text, place: _, words } = program.command.as_ref()?;
    let words = words.as_deref().ok()?;
    let (account, at) = simple(words)?;
    let start = words.get(at)?.start;
    let (mend, after) = edited(lint, program, &[(0, start, "")])?;
    let rest = shlex::split(&after).ok()?;
    let first = &*rest.first()?.text;
    let ran = matching::ran(&rest);
    // What was an argument is the program now: it must be no option, no relative path, no variable.
    if first.starts_with('-')
        || first.contains('=')
        || first.contains('/') && !first.starts_with('/')
        || shell_syntax::speaks(&after, &rest) && !shell_syntax::speaks(text, words)
        || switching(&ran).is_some()
        || ran.wrappers.has("nohup")
    {
        return None;
    }
    let Some(account) = account else { return mend.risky("remove nohup") };
    let section = program.process.program.section;
    // A number need not be an account.
    let is_name = is_plain(account) && !account.starts_with(|c: char| c.is_ascii_digit()) && !is_root(account);
    if !is_name
        || is_powerless(lint)
        || program.process.program.options.user.place().is_some()
        || lint.config.secrets.stand_in(account)
    {
        return None;
    }
    let mut mend = mend.add(section, &format!("user={account}"), Some(&k::COMMAND)).changes(section, p::USER.name);
    if section.starts_with("fcgi-program:") {
        // The socket is the program's, unless it is given to somebody.
        mend = mend.changes(section, fcgi::SOCKET_OWNER.name);
    }
    mend.risky(format!("write user= for {}", basename(&words.first()?.text)))
}

/// The account that a wrapper without other options switches to, if it does, and the word at which the program begins.
fn simple<'w>(words: &'w [Word<'_>]) -> Option<(Option<&'w str>, usize)> {
    let text = |at: usize| words.get(at).map(|word| &*word.text);
    match basename(text(0)?) {
        "nohup" => Some((None, 1)),
        "gosu" | "su-exec" => Some((Some(text(1)?), 2)),
        "sudo" if text(1)? == "-u" => Some((Some(text(2)?), 3)),
        _ => None,
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
        row(MAIN, "[program:a]\ncommand=su app -c /srv/a", &[(2, W)]).says("kills the program after 2 s").mends(""),
        row(MAIN, "[program:a]\ncommand=su - app -c '/srv/a; /srv/b'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/usr/sbin/runuser -u app -- /srv/a", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=su -s /bin/bash - app /srv/a.sh", &[(2, W)])
            .says("kills the program after 2 s")
            .helps("write user=app")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -E -u app /srv/a", &[(2, W)])
            .says("survives a SIGKILL, which ends only sudo")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=sudo /srv/a\nuser=app", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -u app /srv/a\nkillasgroup=true", &[(2, I)])
            .mends("[program:a]\ncommand=/srv/a\nuser=app\nkillasgroup=true"),
        row("", "[supervisord]\nuser=ops\n[program:a]\ncommand=sudo -u app /srv/a", &[(4, I)]).mends(""),
        row("", "[program:a]\ncommand=sudo -u app /srv/a", &[(2, W)]).mends("[program:a]\ncommand=/srv/a\nuser=app"),
        row(
            MAIN,
            "[program:a]\r\n\tcommand : sudo -u app \"/srv/a\" --n %(program_name)s ; x\r\n\t  --y\r\n\
             [fcgi-program:b]\r\n\tcommand : /bin/sudo -u www-data /srv/b --n %(program_name)s ; x\r\n\tsocket=tcp://localhost:9000",
            &[(2, W), (5, W)],
        )
        .mends(
            "[program:a]\r\n\tcommand : sudo -u app \"/srv/a\" --n %(program_name)s ; x\r\n\t  --y\r\n\
             [fcgi-program:b]\r\n\tcommand : /srv/b --n %(program_name)s ; x\r\n\tuser=www-data\r\n\tsocket=tcp://localhost:9000",
        ),
        row("", "[DEFAULT]\nuser=b\n[program:a]\ncommand=sudo -u app /srv/a", &[(4, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -u root /srv/a", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -u 1000 /srv/a", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -u app A=1 /srv/a", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -u app ./a", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=sudo -u app nohup /srv/a", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=gosu app /srv/a", &[(2, I)])
            .says("gosu is not needed")
            .mends("[program:a]\ncommand=/srv/a\nuser=app"),
        row(MAIN, "[program:a]\ncommand=su-exec app:app /srv/a", &[(2, I)]).mends(""),
        row(MAIN, "[program:a]\ncommand=setpriv --reuid=app --clear-groups /srv/a", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec chpst -u app /srv/a'", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=s6-setuidgid app /srv/a\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=nohup /srv/a", &[(2, I)])
            .says("no terminal")
            .mends("[program:a]\ncommand=/srv/a"),
        row(MAIN, "[program:a]\ncommand=env A=1 nohup /srv/a", &[(2, I)]).mends(""),
        row(MAIN, "[eventlistener:a]\ncommand=gosu app /srv/a\nevents=TICK_5", &[(2, I)]),
        row(MAIN, "[program:a]\ncommand=sudo -u app sh -c '/srv/a &'", &[]),
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
