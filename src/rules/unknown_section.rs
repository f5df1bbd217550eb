//! SUP007 unknown-section: a section that Supervisor does not know, and so passes over.

use super::spelling::{closest, within};
use super::view::mend::{Mend, option_at};
use super::{Check, Found, Lint, Written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Change, Fix};
use crate::keys::SectionKind;
use crate::load::{DEFAULT, Section, Setting};
use crate::source::{Place, Span};
use crate::syntax::Kind;

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
    fix: Some(mend),
    cannot_run: false,
};

/// Sections that plugins read.
static PLUGINS: &[&str] = &["supvisors"];

/// Sections of one name.
static PLAIN: &[&str] = &["supervisord", "supervisorctl", "include", "unix_http_server", "inet_http_server", DEFAULT];

/// Sections with a name of their own after a colon.
static NAMED: &[&str] = &["program", "group", "eventlistener", "fcgi-program", "rpcinterface", "ctlplugin"];

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let name = finding.section?;
    if let Some(section) = lint.merged.sections.get(name).filter(|section| section.header == finding.place) {
        return renamed(lint, name, section);
    }
    let options = match lint.merged.sections.get(name) {
        Some(section) => lint.merged.options(section),
        None => lint.merged.defaults(),
    };
    closed(lint, name, options.iter().find(|setting| setting.key == finding.place)?)
}

/// Gives a section, wherever it goes on, the name that was meant: only where that is one name, and nothing has it yet. An option
/// of `[DEFAULT]` is one of every section.
fn renamed<'a>(lint: &Lint<'a>, name: &str, section: &Section<'a>) -> Option<Fix> {
    let meant = meant(name).filter(|meant| meant.near && section.kind.is_none() && meant.kind != DEFAULT)?;
    let takes_name = NAMED.contains(&meant.kind);
    let new = meant.name();
    let written = name.split(':').next().unwrap_or(name);
    if takes_name == meant.own.is_empty()
        || lint.merged.sections.contains_key(&new)
        || SectionKind::of(&new).is_none()
        || !is_only(written.trim(), meant.kind, PLAIN.iter().chain(NAMED).copied())
    {
        return None;
    }
    let mut mend = Mend::of(lint).changes(name, Change::WHOLE).changes(&new, Change::WHOLE);
    if meant.kind == "supervisord" && lint.merged.options(section).contains_key("environment") {
        mend = mend.becomes(&new, "environment", "");
    }
    let own = name.get(written.len() + 1..).unwrap_or_default();
    let blanks = (own.len() - own.trim_start().len(), own.len() - own.trim_end().len());
    for header in section.again.iter().chain([&section.header]) {
        let Span { start, end } = header.span;
        let piece = |from: usize, to: usize| Place { span: Span::new(from, to), ..*header };
        let (start, end) = (start as usize, end as usize);
        let behind = start + written.len() + 1;
        mend = mend.replace(piece(start, start + written.len()), meant.kind);
        if takes_name {
            mend = mend.replace(piece(behind, behind + blanks.0), "").replace(piece(end - blanks.1, end), "");
        }
    }
    let mark = if takes_name { ":…" } else { "" };
    mend.uncovers().safe(format!("rename the section to [{}{mark}]", meant.kind))
}

/// Closes a header that lacks its bracket, and those that it has replaced as an option.
fn closed<'a>(lint: &Lint<'a>, above: &str, setting: &Setting<'a>) -> Option<Fix> {
    let kind = setting.name.strip_prefix('[')?.trim();
    // What [DEFAULT] loses is lost to each section that takes free keys.
    if above == DEFAULT {
        return None;
    }
    let mut mend = Mend::of(lint).changes(above, Change::WHOLE);
    for key in setting.replaced.iter().chain([&setting.key]) {
        let source = lint.sources.get(key.source)?;
        let Kind::Option { key: Span { start, .. }, value, .. } = option_at(source, *key)?.first()?.kind else {
            return None;
        };
        let own = source.slice(value);
        let plain = own.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.+@".contains(&b));
        let name = format!("{kind}:{own}");
        if own.is_empty() || !plain || lint.merged.sections.contains_key(&name) {
            return None;
        }
        let begin = Place { span: Span { start, end: value.start }, ..*key };
        mend = mend.replace(begin, &format!("[{kind}:")).insert(key.source, value.end, "]");
        mend = mend.changes(&name, Change::WHOLE);
    }
    mend.uncovers().safe("close the header with ]")
}

/// Whether no other word of a list is as near to a word as this one.
pub(super) fn is_only<'k>(word: &str, near: &'k str, all: impl Iterator<Item = &'k str>) -> bool {
    let slips = (0..=2).find(|slips| within(*slips, word, std::iter::once(near)).is_some());
    slips.is_some_and(|slips| within(slips, word, all.filter(|known| *known != near)).is_none())
}

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
            Some(meant) => {
                let severity = if meant.near { Severity::Error } else { Severity::Warning };
                (severity, format!("did you mean [{}]?", meant.name()))
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

/// The section that was meant.
struct Meant<'n> {
    kind: &'static str,
    /// Its own name, behind the colon; empty where there is none.
    own: &'n str,
    /// Whether it is meant by its spelling.
    near: bool,
}

impl Meant<'_> {
    fn name(&self) -> String {
        let own = if self.own.is_empty() { "NAME" } else { self.own };
        if NAMED.contains(&self.kind) { format!("{}:{own}", self.kind) } else { self.kind.to_owned() }
    }
}

fn meant(name: &str) -> Option<Meant<'_>> {
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
        // A word that somebody has replaced everywhere in the file.
        kind if kind.starts_with("unix_") && kind.ends_with("_server") => Some("unix_http_server"),
        kind if kind.starts_with("inet_") && kind.ends_with("_server") => Some("inet_http_server"),
        _ => None,
    };
    let (kind, near) = match closest(kind, all()) {
        Some(kind) => (kind, true),
        None => (alias?, false),
    };
    Some(Meant { kind, own, near })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row("", "[progam:api]\ncommand=a", &[(1, E)]).mends("[program:api]\ncommand=a"),
        row(PROGRAM, "[progam:b]\ncommand=b\nuser=b", &[(1, E)]).mends("[program:b]\ncommand=b\nuser=b"),
        // Supervisor would refuse it.
        row(PROGRAM, "[Program:b]", &[(1, E)]).mends(""),
        row(PROGRAM, "[progam:b]\ncommand=b\nuser=b\nstartsecs=soon", &[(1, E)]).mends(""),
        row("", "  [ Program : b ] ;why\r\n\tcommand : b\r\n\tuser=b\r", &[(1, E)])
            .mends("  [program:b] ;why\r\n\tcommand : b\r\n\tuser=b\r"),
        row(PROGRAM, "[program :b]\ncommand=b\n[program :b]\nuser=b", &[(1, E)])
            .mends("[program:b]\ncommand=b\n[program:b]\nuser=b"),
        row("", "[progam:a]\ncommand=a\n[grup:g]\nprograms=a", &[(1, E), (3, E)])
            .mends("[program:a]\ncommand=a\n[group:g]\nprograms=a"),
        row(MAIN, "[supervisorctrl]\nserverurl=unix:///x", &[(1, E)]).mends("[supervisorctl]\nserverurl=unix:///x"),
        row(PROGRAM, "[program]", &[(1, E)]).mends(""),
        row(PROGRAM, "[progam:api]\ncommand=b", &[(1, E)]).mends(""),
        row(PROGRAM, "[Default]\nautostart=false", &[(1, E)]).mends(""),
        row(PROGRAM, "[event_listener:b]", &[(1, E)]).mends(""),
        row(PROGRAM, "[event_listener:b]\ncommand=b\nuser=b\nevents=TICK_5", &[(1, E)])
            .mends("[eventlistener:b]\ncommand=b\nuser=b\nevents=TICK_5"),
        row(PROGRAM, "[listener:b]", &[(1, W)]).mends(""),
        row(PROGRAM, "[unix_exim_server]\nfile=/run/s", &[(1, W)]).helps("did you mean [unix_http_server]?").mends(""),
        row(PROGRAM, "[nodes]\nauto_start=1", &[(1, W)]).mends(""),
        row(PROGRAM, "[program:b\ncommand=b", &[(1, E)]).mends("[program:b]\ncommand=b"),
        row(PROGRAM, "[program = b ;why\r\n  command=b\r\n  user=b\r", &[(1, E)])
            .mends("[program:b] ;why\r\n  command=b\r\n  user=b\r"),
        row(PROGRAM, "[program:b\ncommand=b\n[program:c\ncommand=c", &[(3, E)])
            .mends("[program:b]\ncommand=b\n[program:c]\ncommand=c"),
        row(PROGRAM, "[program:b)\ncommand=b", &[(1, E)]).mends(""),
        row(PROGRAM, "[inet_http_server1]\nport=1", &[(1, W)]).mends(""),
        row(PROGRAM, "[supvisors]\nsoftware_name=x", &[]),
        row(
            PROGRAM,
            "[inet_http_server:b]\nport=1\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\nfree=1",
            &[],
        ),
    ];
}
