//! SUP201 program-runs-as-root: a program with the rights of root.

use super::view::effective::{Program, RunsAs, is_root};
use super::view::telling::others;
use super::{Check, Found, Lint, eventlistener_without_credentials, privilege_wrapper, supervisord_user_unset};
use crate::apps::matching::Ran;
use crate::apps::{Account, App};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::program as k;
use crate::model::State;

/// SUP201.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP201",
        name: "program-runs-as-root",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("program_runs_as_root.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// What is said of a program that is root for certain.
const ROOT: &str = "runs as root";

/// Where nobody says whom supervisord runs as.
const STARTER: &str = "has no user=, so it runs as the user who starts supervisord, usually root";

/// In a fragment.
const INHERITS: &str =
    "has no user=, so it runs as supervisord's user (root in the packages of Debian, Red Hat and Alpine)";

/// Of a listener: supervisord's socket is its own, of mode 0700.
const LISTENER: &str = "runs as supervisord's user; a listener that calls supervisord needs that";

/// What helps all others; a sentence that many findings share is kept once.
macro_rules! name_it {
    () => {
        "write user=NAME: Supervisor sets uid, gid and groups of that account.\n\
         set HOME and USER in environment=, because they stay those of supervisord.\n\
         keep root where it is needed: a port below 1024 (or setcap cap_net_bind_service), raw sockets, network devices, mounts, supervisorctl."
    };
}

/// One sentence for all of whom the same is said.
pub(super) fn joined(programs: &[&str], said: &str, most: usize) -> String {
    match programs {
        [] => String::new(),
        [one] => format!("{one} {said}."),
        [first, other] => format!("{first} {said}, and so does {other}."),
        [first, rest @ ..] => {
            format!("{first} {said}, and so do {}.", others(rest, most))
        }
    }
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // Where no program is worth a warning, SUP202 says it of supervisord itself.
    let by_itself = supervisord_user_unset::is_unset(lint)
        && lint.settings.runs(&supervisord_user_unset::RULE.rule)
        && !warns_of_unset(lint);
    for section in lint.programs() {
        let Some((said, severity)) = said(lint, section) else { continue };
        let program = &section.process.program;
        let user = &program.options.user;
        if by_itself && user.state == State::Known(None) {
            continue;
        }
        let place = user.place().unwrap_or(program.header);
        let name = called(program.name, said);
        let message = Message::made(move || format!("{name} {said}."));
        let own = lint.ran(section).and_then(|ran| ran.app.filter(|app| app.handles_root(&ran.words)));
        let help = if let Some(app) = own.filter(|_| said != LISTENER) {
            own_help(app)
        } else if said == LISTENER {
            "if it neither calls nor signals supervisord, write user=NAME.\n\
             otherwise leave it as it is: no other user can open supervisord's socket (mode 0700) or send it a signal."
        } else if said == STARTER && lint.container() {
            concat!(
                "if the image sets USER, or its script starts supervisord as another user, change nothing.\notherwise ",
                name_it!()
            )
        } else {
            concat!("if it is compromised, the attacker has these rights.\n", name_it!())
        };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(program.section, Some(k::USER.name)).about(name, said));
    }
}

/// A listener whose name would be taken for a stream.
fn called<'a>(name: &'a str, said: &str) -> &'a str {
    match (said, name) {
        (LISTENER, "stdout") => "listener stdout",
        (LISTENER, "stderr") => "listener stderr",
        _ => name,
    }
}

/// What helps where an application needs root, and what becomes of that.
fn own_help(app: &App) -> &'static str {
    match app.account.map(|said| said.what) {
        Some(Account::Needs(_)) => "leave it as it is: it needs root for its normal work.",
        Some(Account::Drops { .. } | Account::DropsWith(_)) | None => {
            "leave it as it is if its configuration names an account: it starts as root and then switches to that."
        }
    }
}

/// Whether this rule warns of a program that is root because nothing says whom it runs as: SUP202 need not say that again.
pub(super) fn warns_of_unset<'a>(lint: &Lint<'a>) -> bool {
    let warns = |program: &Program<'a>| {
        program.process.program.options.user.state == State::Known(None)
            && said(lint, program).is_some_and(|(_, severity)| severity == Severity::Warning)
    };
    lint.settings.runs(&RULE.rule) && lint.programs().iter().any(warns)
}

/// Whether a program begins as root for all that the file says; in a fragment only if that one says so.
pub(super) fn is_certain<'a>(lint: &Lint<'a>, program: &Program<'a>) -> bool {
    let inherits = lint.config.fragment && program.process.program.options.user.state == State::Known(None);
    root(lint, program).is_some() && !inherits
}

/// Whether the file says that it is root.
pub(super) fn is_written<'a>(lint: &Lint<'a>, program: &Program<'a>) -> bool {
    let written = matches!(program.process.program.options.user.state, State::Known(Some(_)));
    let of_all = !lint.config.fragment && matches!(lint.runs_as(), RunsAs::Root);
    root(lint, program).is_some() && (written || of_all)
}

/// What is said of a program that begins as root, and how bad it is.
fn said<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<(&'static str, Severity)> {
    let said = root(lint, program)?;
    if said == LISTENER && eventlistener_without_credentials::calling(lint, program).is_some() {
        return None;
    }
    let ran = lint.ran(program);
    if ran.as_ref().is_some_and(|ran| ran.account.as_deref().is_some_and(|name| !is_named_root(name))) {
        // SUP212 speaks of most of them.
        return ran.as_ref().and_then(privilege_wrapper::switching).is_none().then_some((said, Severity::Info));
    }
    let info = matches!(said, INHERITS | LISTENER) || drops_root_by_itself(ran);
    Some((said, if info { Severity::Info } else { Severity::Warning }))
}

/// What is said of a program that begins as root, whatever becomes of it.
fn root<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<&'static str> {
    let fragment = lint.config.fragment;
    let runs_as = lint.runs_as();
    // An account that is not root cannot become root: SUP203 speaks of that.
    let other = matches!(runs_as, RunsAs::Account(_)) && !fragment;
    let program = &program.process.program;
    let user = &program.options.user.state;
    let root = match user {
        State::Known(Some(user)) => is_root(user) && !other,
        State::Known(None) if fragment => true,
        State::Known(None) => matches!(runs_as, RunsAs::Root | RunsAs::Starter),
        State::Unknown(_) | State::Refused => false,
    };
    root.then_some(match user {
        _ if program.section.starts_with("eventlistener:") => LISTENER,
        State::Known(Some(_)) => ROOT,
        _ if fragment => INHERITS,
        _ if matches!(runs_as, RunsAs::Root) => ROOT,
        _ => STARTER,
    })
}

/// Whether what a wrapper switches to is root.
fn is_named_root(account: &str) -> bool {
    is_root(account.split(':').next().unwrap_or(account))
}

/// Whether the command is one that needs root at first and gives it up.
fn drops_root_by_itself(ran: Option<Ran<'_>>) -> bool {
    let Some(Ran { app, wrappers: _, account, words }) = ran else { return false };
    if account.is_some() {
        return false;
    }
    let name = words.first().map(|word| crate::python::basename(&word.text));
    // Such scripts of images often switch to the account of the service themselves; namespaces are root's to enter.
    let is_own = |name: &str| {
        matches!(name, "chown" | "chmod" | "nsenter" | "unshare" | "chroot") || name.ends_with("entrypoint.sh")
    };
    let in_namespace = name == Some("ip") && words.get(1).is_some_and(|word| word.text == "netns");
    name.is_some_and(is_own) || in_namespace || app.is_some_and(|app| app.handles_root(&words))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(2, W)])
            .says("a has no user=, so it runs as the user who starts supervisord, usually root."),
        row(MAIN, "[program:a]\ncommand=a", &[(1, W)]).says("a runs as root."),
        row("", "[supervisord]\n[program:a]\ncommand=a\nuser=0", &[(4, W)]).says("a runs as root."),
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(2, W)])
            .unit("corpus/layouts/debian/lib/systemd/system/supervisor.service")
            .says("a runs as root."),
        row(MAIN, "[eventlistener:a]\ncommand=a\nevents=TICK_5", &[(1, I)])
            .says("a listener that calls supervisord needs that"),
        row(MAIN, "[eventlistener:stdout]\ncommand=a\nevents=PROCESS_LOG", &[(1, I)])
            .says("listener stdout runs as supervisord's user")
            .helps("neither calls nor signals supervisord"),
        row(MAIN, "[program:a]\ncommand=cron -f", &[(1, I)])
            .helps("leave it as it is: it needs root for its normal work"),
        row(MAIN, "[program:a]\ncommand=rspamd -f -u _rspamd\n[program:b]\ncommand=freshclam -d -F", &[(1, I), (3, I)]),
        row(MAIN, "[eventlistener:a]\ncommand=memmon\nevents=TICK_60", &[]),
        row(MAIN, "[program:a]\ncommand=a\n[program:b]\ncommand=b\nuser=root", &[(1, W), (5, W)]),
        row("", "[program:a]\ncommand=a", &[(1, I)]),
        // Without a program that is worth a warning SUP202 says it of supervisord.
        row("", "[supervisord]\n[program:a]\ncommand=nginx -g 'daemon off;'", &[]),
        row(
            "",
            "[supervisord]\n[program:a]\ncommand=nginx -g 'daemon off;'\n[program:b]\ncommand=b",
            &[(2, I), (4, W)],
        ),
        row("", "[supervisord]\nuser=app\n[program:a]\ncommand=a", &[]),
        row(MAIN, "[program:a]\ncommand=a\nuser=app", &[]),
        // Programs that drop root by themselves, or cannot do without it; through whatever runs them.
        row(MAIN, "[program:a]\ncommand=nginx -g 'daemon off;'", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=/usr/sbin/dovecot -F", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=/usr/sbin/apache2ctl -DFOREGROUND", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=/usr/bin/mysqld_safe\nnumprocs=3\nprocess_name=%(process_num)d", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=avahi-daemon --no-drop-root", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=/bin/bash -c \"mkdir -p /run/sshd && exec /usr/sbin/sshd -D\"", &[(1, I)]),
        // Flags that name an account; of wrappers that switch to one SUP212 speaks.
        row(MAIN, "[program:a]\ncommand=spamd -u debian-spamd", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=spamd", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=uwsgi --uid=www-data a.ini", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=memcached -u root", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=gosu app /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=gosu root /srv/a", &[(1, W)]),
        row(MAIN, "[program:a]\ncommand=su-exec 1000:1000 /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=su app -c '/srv/a; /srv/b'", &[]),
        row(MAIN, "[program:a]\ncommand=runuser -u app -- /srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=su -s /bin/bash - app /srv/a.sh", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec setpriv --reuid=app --clear-groups /srv/a'", &[]),
        row(MAIN, "[program:a]\ncommand=chroot --userspec=app:app /srv /a", &[(1, I)]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/a; /srv/b'", &[(1, W)]),
    ];
}
