//! SUP211 user-without-home: a program of another user whose HOME stays that of supervisord.

use super::program_runs_as_root::joined;
use super::view::effective::{Command, Program, is_root};
use super::view::environment::once_expanded;
use super::view::mend::values::{extended, own};
use super::{Check, Found, Lint};
use crate::apps::matching::Ran;
use crate::apps::{App, language};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process::ENVIRONMENT;
use crate::keys::program as k;
use crate::python::basename;
use crate::syntax::pairs;
use crate::well_known::is_shell;

/// SUP211.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP211",
        name: "user-without-home",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("user_without_home.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What is said of a program that is known to keep files there.
const KEEPS: &str = "keeps files in HOME, which user= leaves as supervisord has it (usually /root)";

/// Of one whose libraries may.
const MAY: &str = "runs with the HOME of supervisord (usually /root), where its libraries may write";

/// Of a shell that reads `~/.profile` first.
const LOGIN: &str = "reads the .profile below the HOME of supervisord (usually /root), which user= does not change";

/// Tools that keep their settings or what they load below HOME, and are no applications of the table.
static TOOLS: &[&str] = &[
    "npx",
    "yarn",
    "pnpm",
    "git",
    "pip",
    "pip3",
    "pipx",
    "poetry",
    "composer",
    "jupyter",
    "jupyter-lab",
    "jupyter-notebook",
    "ipython",
    "ssh",
    "aws",
    "gcloud",
    "kubectl",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "firefox",
    "R",
    "julia",
    "cargo",
];

/// Accounts that packages and the system itself make: their directories are not below /home.
static OF_THE_SYSTEM: &[&str] = &[
    "apache",
    "backup",
    "bin",
    "caddy",
    "clickhouse",
    "daemon",
    "elasticsearch",
    "ftp",
    "games",
    "gitlab-runner",
    "grafana",
    "haproxy",
    "http",
    "httpd",
    "irc",
    "jenkins",
    "kibana",
    "list",
    "logstash",
    "lp",
    "mail",
    "man",
    "memcache",
    "memcached",
    "messagebus",
    "mongodb",
    "mysql",
    "news",
    "nginx",
    "nobody",
    "operator",
    "postfix",
    "postgres",
    "prometheus",
    "proxy",
    "rabbitmq",
    "redis",
    "sshd",
    "sync",
    "sys",
    "tomcat",
    "uucp",
    "www",
    "www-data",
];

/// Whether an account has no directory below /home.
fn is_of_packages(account: &str) -> bool {
    account.starts_with("systemd-") || account.starts_with('_') || OF_THE_SYSTEM.contains(&account)
}

/// With the directory that most accounts of people and of programs have, where it may be that: the account has a plain name.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let account = lint.merged.setting(section, k::USER.name)?.text;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let begins = account.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !account.chars().all(plain) || is_of_packages(account) {
        return None;
    }
    let home = format!("/home/{account}");
    let variables = [("HOME", home.as_str()), ("USER", account), ("LOGNAME", account)];
    let set = own(lint, section, ENVIRONMENT.name).map_or("", |setting| setting.text);
    let set = once_expanded(set);
    let set = pairs::parse(&set).ok()?;
    let unset = |(name, _): &(&str, &str)| set.iter().all(|pair| pair.key != *name);
    let variables: Vec<(&str, &str)> = variables.into_iter().filter(unset).collect();
    extended(lint, section, &variables)?
        .uses(section, |name| variables.iter().any(|(variable, _)| *variable == name))
        .risky("set HOME, USER and LOGNAME in environment; look up the directory with getent passwd")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let section = &program.process.program;
        let user = &section.options.user;
        let (Some(account), Some(place)) = (lint.known(user).copied().flatten(), user.place()) else { continue };
        let environment = program.process.environment(&lint.config.supervisord);
        let (false, Some(environment)) = (is_root(account), environment) else { continue };
        let Some((said, tool)) = said(lint, program) else { continue };
        let own = |variable: &str| variable == "HOME" || tool.is_some_and(|tool| is_home_of(variable, tool));
        if environment.iter().any(|(variable, _)| own(variable)) {
            continue;
        }
        let severity = if said == MAY || lint.config.fragment { Severity::Info } else { Severity::Warning };
        let name = section.name;
        let message = Message::made(move || format!("{name} {said}."));
        let help = Message::made(move || {
            if is_of_packages(account) {
                let variables = format!("HOME=\"DIR\",USER=\"{account}\",LOGNAME=\"{account}\"");
                return format!(
                    "write environment={variables}, or add these to it.\n\
                     DIR is the directory that `getent passwd {account}` shows, or another that {account} can write to."
                );
            }
            let variables = format!("HOME=\"/home/{account}\",USER=\"{account}\",LOGNAME=\"{account}\"");
            format!(
                "write environment={variables}, or add these to it.\nuse the directory that `getent passwd {account}` shows."
            )
        });
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(section.section, Some(k::USER.name)).about(name, said));
    }
}

/// What a program has to do with HOME, and the tool that has its own variable for it.
fn said<'a>(lint: &Lint<'a>, program: &Program<'a>) -> Option<(&'static str, Option<&'static str>)> {
    let Some(Command { text, place: _, words: Ok(words) }) = &program.command else { return None };
    let Ran { app, wrappers, account, words: own } = lint.ran(program)?;
    // `env HOME=/x`; most of what switches to an account sets HOME too.
    if text.match_indices("HOME=").any(|(at, _)| is_begin(text, at)) || account.is_some() {
        return None;
    }
    let names = words.first().into_iter().map(|word| basename(&word.text));
    let tool = |name: &str| TOOLS.iter().find(|tool| **tool == name).copied();
    let by_name = || own.first().and_then(|word| tool(basename(&word.text)));
    if let Some(tool) = names.clone().find_map(tool).or_else(by_name) {
        return Some((KEEPS, Some(tool)));
    }
    if let Some(App { name, home: Some(_), .. }) = app {
        return Some((KEEPS, Some(name)));
    }
    let login = |word: &str| {
        word == "--login" || word.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.contains('l'))
    };
    if names.clone().any(is_shell) && words.get(1).is_some_and(|word| login(&word.text)) {
        return Some((LOGIN, None));
    }
    let of_language = |app: &App| language::of(app).is_some() || matches!(app.name, "java" | "dotnet");
    (wrappers.has("bundle") || app.is_some_and(of_language)).then_some((MAY, None))
}

/// Whether no word goes on there, as in `JAVA_HOME`.
fn is_begin(text: &str, at: usize) -> bool {
    !text.get(..at).unwrap_or("").ends_with(|c: char| c == '_' || c.is_ascii_alphanumeric())
}

/// Whether a variable says where a tool keeps its files instead: `PM2_HOME`, `XDG_DATA_HOME`, `npm_config_cache`.
fn is_home_of(variable: &str, tool: &str) -> bool {
    let variable = variable.to_ascii_lowercase();
    let own = tool.split([' ', '-']).next().unwrap_or(tool).to_ascii_lowercase();
    let rest = variable.strip_prefix(&own).unwrap_or("");
    matches!(rest, "_home" | "_config_cache" | "_cache_dir") || variable.starts_with("xdg_")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=/usr/bin/npm start\nuser=app", &[(3, W)]).says("a keeps files in HOME").mends(
            "[program:a]\ncommand=/usr/bin/npm start\nuser=app\n\
                 environment=HOME=\"/home/app\",USER=\"app\",LOGNAME=\"app\"",
        ),
        row(
            MAIN,
            "[program:a]\r\n  user=app\r\n  environment : A=\"1\",\r\n    USER='app' ; x\r\n  command : npm start\r",
            &[(2, W)],
        )
        .mends(
            "[program:a]\r\n  user=app\r\n  environment : A=\"1\",\r\n\
             \x20   USER='app',HOME=\"/home/app\",LOGNAME=\"app\" ; x\r\n  command : npm start\r",
        ),
        row("", "[DEFAULT]\nuser=app\n[program:a]\ncommand=npm start\n[program:b]\ncommand=npm b", &[(2, I), (2, I)]),
        // Where its directory is, only the machine knows.
        row(
            MAIN,
            "[program:a]\ncommand=npm start\nuser=1000\n[program:b]\ncommand=npm b\nuser=www-data",
            &[(3, W), (6, W)],
        )
        .helps("HOME=\"DIR\",USER=\"www-data\"")
        .mends(""),
        row(MAIN, "[DEFAULT]\nenvironment=A=1\n[program:a]\ncommand=npm start\nuser=app", &[(5, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=env A=b git pull\nuser=app", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=sh -c 'exec x11vnc -forever'\nuser=app", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=bash -lc 'bin/run; bin/stop'\nuser=app", &[(3, W)]).says("reads the .profile"),
        row(MAIN, "[program:a]\ncommand=python3 manage.py consume\nuser=app", &[(3, I)]).says("libraries may write"),
        row(MAIN, "[program:a]\ncommand=celery -A a worker\nuser=app", &[(3, I)]),
        row(MAIN, "[program:a]\ncommand=bundle exec sidekiq\nuser=app", &[(3, I)]),
        row(
            MAIN,
            "[program:a]\ncommand=java -jar a.jar\nuser=app\nnumprocs=3\nprocess_name=%(process_num)s",
            &[(3, I)],
        ),
        row("", "[program:a]\ncommand=npm start\nuser=app", &[(3, I)]),
        row(MAIN, "[program:a]\ncommand=npm start\nuser=app\nenvironment=HOME=\"/srv/app\"", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nuser=app\n[supervisord]\nenvironment=HOME=\"/srv/app\"", &[]),
        row(MAIN, "[program:a]\ncommand=env HOME=/srv/app npm start\nuser=app", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nuser=app\nenvironment=npm_config_cache=\"/srv/app\"", &[]),
        row(MAIN, "[program:a]\ncommand=pm2-runtime a.js\nuser=app\nenvironment=PM2_HOME=\"/srv/app\"", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nuser=app\nenvironment=%(ENV_ALL)s", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nuser=root", &[]),
        row(MAIN, "[program:a]\ncommand=npm start", &[]),
        row(MAIN, "[program:a]\ncommand=env JAVA_HOME=/x git pull\nuser=app", &[(3, W)]),
        row(MAIN, "[program:a]\ncommand=/srv/a --npm\nuser=app", &[]),
        row(MAIN, "[program:a]\ncommand=bash -c 'bin/run; bin/stop'\nuser=app", &[]),
        row(MAIN, "[program:a]\ncommand=npm start\nuser={{ user }}", &[]),
    ];
}
