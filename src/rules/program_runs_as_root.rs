//! SUP201 program-runs-as-root: a program with the rights of root.

use super::view::effective::{Command, Program, RunsAs, is_root};
use super::{Check, Found, Lint};
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
};

/// Programs that need root to start and then drop it; each by its documentation.
static DROPS_ROOT: &[&str] = &[
    "apache2",
    "cron",
    "crond",
    "dbus-daemon",
    "dnsmasq",
    "dockerd",
    "haproxy",
    "httpd",
    "nginx",
    "openvpn",
    "postfix",
    "rsyslogd",
    "squid",
    "sshd",
    "supervisord",
    "vsftpd",
];

/// Wrappers that run a program as somebody else.
static CHANGES_USER: &[&str] = &["gosu", "su-exec", "setpriv"];

const CONSEQUENCE: &str = "a bug in it, or in anything that it runs, owns the host or the container.";

const INHERITS: &str = "has no user, so it runs as supervisord's: root in the packages of Debian, Red Hat and Alpine.";

fn joined(programs: &[&str], most: usize) -> String {
    match programs {
        [] => String::new(),
        [one] => alone(one),
        [first, other] => format!("{first} runs as root, and so does {other}: {CONSEQUENCE}"),
        [first, others @ ..] => {
            let named: Vec<&str> = others.iter().take(most).copied().collect();
            let rest = match others.len().saturating_sub(most) {
                0 => String::new(),
                more => format!(" and {more} more (--all names them)"),
            };
            format!("{first} runs as root, and so do {}{rest}: {CONSEQUENCE}", named.join(", "))
        }
    }
}

fn alone(program: &str) -> String {
    format!("{program} runs as root: {CONSEQUENCE}")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    let runs_as = lint.runs_as();
    // An account that is not root cannot become root: SUP203 speaks of that.
    let other = matches!(runs_as, RunsAs::Account(_)) && !config.fragment;
    for Program { process, command } in lint.programs() {
        let program = &process.program;
        let user = &program.options.user;
        let root = match &user.state {
            State::Known(Some(user)) => is_root(user) && !other,
            State::Known(None) if config.fragment => true,
            State::Known(None) => matches!(runs_as, RunsAs::Root),
            State::Unknown(_) | State::Refused => false,
        };
        let place = user.place().unwrap_or(program.header);
        if !root {
            continue;
        }
        let inherits = config.fragment && user.place().is_none();
        let name = program.name;
        let (message, said) = if inherits {
            (Message::made(move || format!("{name} {INHERITS}")), INHERITS)
        } else {
            (Message::made(move || alone(name)), CONSEQUENCE)
        };
        let severity =
            if inherits || drops_root_by_itself(command.as_ref()) { Severity::Info } else { Severity::Warning };
        let help = "write user=NAME, with HOME and USER in environment= (user= changes only the uid); for a port below 1024 \
                    give the program cap_net_bind_service or put a proxy before it.";
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(program.section, Some(k::USER.name)).about(program.name, said));
    }
}

/// Whether the command is one that needs root at first and gives it up, or hands the program to somebody else.
fn drops_root_by_itself(command: Option<&Command<'_>>) -> bool {
    let Some(Command { words: Ok(words), .. }) = command else { return false };
    let mut words = words.iter().map(|word| &*word.text);
    let Some(first) = words.next() else { return false };
    let name = crate::python::basename(first);
    let versioned =
        name.strip_prefix("php-fpm").is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'));
    match name {
        "memcached" => words.any(|word| word == "-u" || word.starts_with("--user")),
        "mysqld" | "mariadbd" => words.any(|word| word.starts_with("--user")),
        "sudo" => words.next() == Some("-u"),
        "chown" | "chmod" => true,
        _ => versioned || DROPS_ROOT.contains(&name) || CHANGES_USER.contains(&name),
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[supervisord]\n[program:a]\ncommand=a", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=a\n[program:b]\ncommand=b\nuser=root", &[(1, W), (5, W)]),
        row("", "[program:a]\ncommand=a", &[(1, I)]),
        row("", "[supervisord]\nuser=app\n[program:a]\ncommand=a", &[]),
        row(MAIN, "[program:a]\ncommand=a\nuser=app", &[]),
    ];
}
