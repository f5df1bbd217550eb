//! SUP007 unknown-section: a section that Supervisor does not know, and so passes over.

use super::spelling::{closest, within};
use super::{Check, Found, Lint, Written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::SectionKind;
use crate::load::DEFAULT;
use crate::source::Place;

/// SUP007.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP007",
        name: "unknown-section",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("unknown_section.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    cannot_run: false,
};

/// Sections that plugins read.
static PLUGINS: &[&str] = &["supvisors"];

/// Sections of one name.
static PLAIN: &[&str] = &["supervisord", "supervisorctl", "include", "unix_http_server", "inet_http_server", DEFAULT];

/// Sections with a name of their own after a colon.
static NAMED: &[&str] = &["program", "group", "eventlistener", "fcgi-program", "rpcinterface", "ctlplugin"];

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let mut add = |place: Place, severity, section: &'a str, message: String, help: String| {
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(severity).help(help);
        found.push(diagnostic.of(section, None));
    };
    for (name, section) in &lint.merged.sections {
        if section.kind.is_some() {
            let prefix = ["inet_http_server", "unix_http_server"].into_iter().find(|kind| name.starts_with(kind));
            let Some((prefix, rest)) = prefix.and_then(|prefix| Some((prefix, name.strip_prefix(prefix)?))) else {
                continue;
            };
            if !rest.is_empty() && !rest.starts_with(':') {
                let message = format!(
                    "Supervisor opens a server for [{name}] too, because it reads only the beginning of the name."
                );
                let help = format!("write [{prefix}:{}] if you want it, or remove the section.", rest.trim());
                add(section.header, Severity::Warning, name, message, help);
            }
            continue;
        }
        let kind = name.split(':').next().unwrap_or(name);
        if PLUGINS.contains(&kind) {
            continue;
        }
        let message = format!("unknown section {}; Supervisor ignores it silently.", bracketed(name));
        let (severity, help) = match meant(name) {
            Some((meant, near)) => {
                (if near { Severity::Error } else { Severity::Warning }, format!("did you mean [{meant}]?"))
            }
            None => (Severity::Warning, "remove it, unless a plugin or another program reads it.".to_owned()),
        };
        add(section.header, severity, name, message, help);
    }
    for Written { section, option, setting, .. } in lint.unheard_of().filter(|written| is_header(written.option)) {
        let message = format!("the closing ] is missing, so this line and those below it are options of [{section}].");
        let help = format!("write {option}:{}]", setting.text.lines().next().unwrap_or(""));
        add(setting.key, Severity::Error, section, message, help);
    }
}

/// Whether a section tells that its file is Supervisor's: it is one of its sections, or nearly one of those that take a name.
/// `[DEFAULT]` and `[groups]` are in files of others too.
#[must_use]
pub fn looks_like_supervisors(name: &str) -> bool {
    let near = || within(2, name.split_once(':')?.0.trim(), NAMED.iter().copied());
    SectionKind::of(name).is_some() || near().is_some()
}

/// A name as its header has it, blanks too.
fn bracketed(name: &str) -> String {
    let end = name.char_indices().nth(60).map_or(name.len(), |(end, _)| end);
    format!("[{}{}]", name.get(..end).unwrap_or(name), if end < name.len() { "…" } else { "" })
}

/// Whether the key of an option is the beginning of a header: `[program` of `[program:x`.
pub(super) fn is_header(option: &str) -> bool {
    option.strip_prefix('[').is_some_and(|kind| NAMED.contains(&kind.trim()))
}

/// The section that was meant, and whether it is one for its spelling.
fn meant(name: &str) -> Option<(String, bool)> {
    let (kind, own) = match name.split_once(':') {
        Some((kind, own)) => (kind.trim(), own.trim()),
        None => (name.trim(), ""),
    };
    let all = || PLAIN.iter().chain(NAMED).copied();
    // What people know from elsewhere.
    let alias = match kind.to_lowercase().as_str() {
        "listener" | "events" => Some("eventlistener"),
        "fcgi" | "fastcgi" => Some("fcgi-program"),
        "process" | "service" | "worker" | "daemon" if !own.is_empty() => Some("program"),
        "global" | "defaults" => Some(DEFAULT),
        _ => None,
    };
    let (kind, near) = match closest(kind, all()) {
        Some(kind) => (kind, true),
        None => (alias?, false),
    };
    let own = if own.is_empty() { "NAME" } else { own };
    Some(if NAMED.contains(&kind) { (format!("{kind}:{own}"), near) } else { (kind.to_owned(), near) })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[progam:api]\ncommand=a", &[(1, E)]),
        row(PROGRAM, "[progam:b]\ncommand=b", &[(1, E)]),
        row(PROGRAM, "[Program:b]", &[(1, E)]),
        row(PROGRAM, "[program :b]", &[(1, E)]),
        row(PROGRAM, "[program]", &[(1, E)]),
        row(PROGRAM, "[event_listener:b]", &[(1, E)]),
        row(PROGRAM, "[listener:b]", &[(1, W)]),
        row(PROGRAM, "[nodes]\nauto_start=1", &[(1, W)]),
        row(PROGRAM, "[program:b\ncommand=b", &[(1, E)]),
        row(PROGRAM, "[inet_http_server1]\nport=1", &[(1, W)]),
        row(PROGRAM, "[supvisors]\nsoftware_name=x", &[]),
        row(
            PROGRAM,
            "[inet_http_server:b]\nport=1\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\nfree=1",
            &[],
        ),
    ];
}
