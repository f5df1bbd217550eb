//! SUP205 http-auth-weak: a control server with half a login, with none, or with one that anybody can guess.

use super::view::effective::RunsAs;
use super::{Check, Explanation, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{inet as i, supervisorctl as c};
use crate::model::Value;
use crate::model::value::Text;
use crate::refusal::{Cause, Refusal};
use crate::secrets;

/// SUP205.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP205",
        name: "http-auth-weak",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("http_auth_weak.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::SilentOfMissing,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Credentials {
        return None;
    }
    let section = refusal.section?;
    let here = refusal.option?;
    let missing = if here == "username" { "password" } else { "username" };
    let message = format!("[{section}] has {here}= but no {missing}=: supervisord refuses to start.");
    Some(Explanation::new(message, format!("write {missing}= too, or remove {here}=.")))
}

/// How Supervisor tells a hash from a password (`encrypted_dictionary_authorizer`).
const HASH: &str = "{SHA}";

/// The digits of SHA-1.
const DIGITS: usize = 40;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // Half a login keeps supervisord from starting, and is said already.
    let refused = |section: &str| lint.config.refusals.iter().any(|refusal| refusal.section == Some(section));
    for server in lint.config.unix_servers.iter().filter(|server| !refused(server.section)) {
        // A password there often is for show: the mode of the socket keeps others out.
        of_hash(lint, server.section, &server.options.password, found);
    }
    for server in lint.config.inet_servers.iter().filter(|server| !refused(server.section)) {
        let (section, options) = (server.section, &server.options);
        let known = |value: &'a Value<'a, Option<Text<'a>>>| lint.known(value).copied();
        let (Some(name), Some(password)) = (known(&options.username), known(&options.password)) else { continue };
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            without_login(lint, section, &options.port, found);
            continue;
        };
        let (Some(password), Some(place)) = (password, options.password.place()) else { continue };
        if of_hash(lint, section, &options.password, found) {
            continue;
        }
        let (severity, message, help) = if secrets::is_usual(password) || password == name {
            let message = "anybody can guess the password of this port.";
            (
                Severity::Warning,
                message,
                "write a long random one here and in [supervisorctl]: `openssl rand -hex 20` makes one.".to_owned(),
            )
        } else if !password.starts_with(HASH) && lint.merged.setting("supervisorctl", c::PASSWORD.name).is_none() {
            let message = "anybody who can read this file learns the password of this port; a hash of it is enough.";
            (Severity::Info, message, hash_help())
        } else {
            continue;
        };
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(section, Some(i::PASSWORD.name)));
    }
}

/// A port of this host alone that asks for no login; of one that others reach SUP204 speaks.
fn without_login<'a>(
    lint: &Lint<'a>,
    section: &'a str,
    port: &Value<'a, Option<crate::model::address::Address<'a>>>,
    found: &mut Found<'_, 'a>,
) {
    let (Some(Some(address)), Some(place)) = (lint.known(port), port.place()) else { return };
    if !(address.host == "localhost" || address.host.starts_with("127.")) {
        return;
    }
    let rights = match lint.runs_as() {
        RunsAs::Account(account) if !lint.config.fragment => format!("as {}", account.name),
        _ => "usually as root".to_owned(),
    };
    let severity = if lint.container() { Severity::Info } else { Severity::Warning };
    let message =
        format!("every local user and program can control all programs ({rights}): this port has no password.");
    let help = "use [unix_http_server] instead: its socket is for supervisord's user alone (mode 0700).\n\
                or write username= and password= here.\n\
                write the new serverurl=, or the login, in [supervisorctl] too.";
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
    found.push(diagnostic.of(section, Some(i::PORT.name)));
}

/// A hash that no password matches; whether there was something to say.
fn of_hash<'a>(
    lint: &Lint<'a>,
    section: &'a str,
    password: &Value<'a, Option<Text<'a>>>,
    found: &mut Found<'_, 'a>,
) -> bool {
    let (Some(Some(text)), Some(place)) = (lint.known(password), password.place()) else { return false };
    let message = match text.strip_prefix(HASH) {
        Some(hash) if hash.len() == DIGITS && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) => {
            return false;
        }
        Some(_) => "nobody can log in: what follows {SHA} is not a hash of 40 digits in small letters.",
        None if text.get(..HASH.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(HASH)) => {
            "the password does not work: {SHA} is not in capitals, so the hash itself is the password."
        }
        None => return false,
    };
    let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(hash_help());
    let mut diagnostic = diagnostic.of(section, Some(i::PASSWORD.name));
    diagnostic.confidence = Confidence::High;
    found.push(diagnostic);
    true
}

fn hash_help() -> String {
    "write a hash as the password, {SHA} and what this prints:\n  printf %s 'SECRET' | sha1sum".to_owned()
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{E, I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[inet_http_server]\nport=9001\npassword=geheim", &[(3, E)])
            .says("[inet_http_server] has password= but no username="),
        row(MAIN, "[unix_http_server]\nfile=/x.sock\nusername=a", &[(3, E)]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001", &[(2, W)]).says("usually as root"),
        row("", "[supervisord]\nuser=app\n[inet_http_server]\nport=localhost:9001", &[(4, W)]).says("(as app)"),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001\nusername=\npassword=", &[(2, W)]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001", &[(2, I)]).target(Target::Container),
        row("", "[inet_http_server]\nport=127.0.0.1:9001", &[(2, W)]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001\nusername=user\npassword=123", &[(4, W)])
            .says("anybody can guess"),
        row(MAIN, "[inet_http_server]\nport=*:9001\nusername=ops\npassword=ops", &[(4, W)]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword=Kept-Out-9", &[(4, I)]),
        row(
            MAIN,
            "[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword={SHA}906072001EFDDF3E11E6D2B5782F4777FE038739",
            &[(4, W)],
        )
        .says("nobody can log in"),
        row(
            MAIN,
            "[unix_http_server]\nfile=/s\nusername=a\npassword={sha}906072001efddf3e11e6d2b5782f4777fe038739",
            &[(4, W)],
        )
        .says("the hash itself is the password"),
        row(
            MAIN,
            "[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword={SHA}906072001efddf3e11e6d2b5782f4777fe038739",
            &[],
        ),
        row(
            MAIN,
            "[inet_http_server]\nport=127.0.0.1:1\nusername=a\npassword=Kept-Out-9\n[supervisorctl]\npassword=Kept-Out-9",
            &[],
        ),
        row(MAIN, "[unix_http_server]\nfile=/s\nusername=dummy\npassword=dummy", &[]),
        row(MAIN, "[inet_http_server]\nport=9001", &[]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001\nusername=%(ENV_U)s\npassword=%(ENV_P)s", &[]),
        row(MAIN, "[inet_http_server]\nport=127.0.0.1:9001\nusername={{ u }}\npassword={{ p }}", &[]),
        row("", "[unix_http_server]\nusername=a", &[]),
        row(MAIN, "{% if x %}\n[inet_http_server]\nport=127.0.0.1:9001\nusername=a\n{% endif %}", &[]),
    ];
}
