//! SUP020 main-without-supervisord: a file that looks like a main file and lacks what makes it one.

use super::{Check, Found, Lint, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::SectionKind;
use crate::reading::Role;
use crate::source::Place;

/// SUP020.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP020",
        name: "main-without-supervisord",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("main_without_supervisord.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let Some((section, header)) = evidence(lint) else { return };
    let message = "supervisord refuses to start with this file, because it has no [supervisord] section.";
    let help = "add the line [supervisord].\nif another file includes this one, lint that file, or use --as fragment.";
    found.push(Diagnostic::new(&RULE.rule, header, message).help(help).of(section, None));
}

/// What makes a file without `[supervisord]` look like a main file: an RPC interface, or a server beside `[supervisorctl]` or
/// `[include]`.
pub(super) fn evidence<'a>(lint: &Lint<'a>) -> Option<(&'a str, Place)> {
    let merged = lint.merged;
    if !merged.fragment || lint.reading.role == Some(Role::Fragment) || written::is_template(lint, merged.main) {
        return None;
    }
    let first = |kinds: &[SectionKind]| {
        let own = merged.sections.iter().filter(|(_, section)| section.header.source == merged.main);
        let of_kind = own.filter(|(_, section)| section.kind.is_some_and(|kind| kinds.contains(&kind)));
        of_kind.map(|(name, section)| (name, section.header)).min_by_key(|(_, header)| header.span)
    };
    first(&[SectionKind::RpcInterface]).or_else(|| {
        let server = first(&[SectionKind::UnixServer, SectionKind::InetServer]);
        server.filter(|_| first(&[SectionKind::Supervisorctl, SectionKind::Include]).is_some())
    })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::reading::Role;
    use crate::rules::rows::{PROGRAM, Row, W, row};

    const SERVER: &str = "[unix_http_server]\nfile=/x.sock\n";
    const INTERFACE: &str =
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n";

    pub const ROWS: &[Row] = &[
        row(INTERFACE, "", &[(0, W)]).says("no [supervisord] section"),
        row(SERVER, "[include]\nfiles=programs/*.conf", &[(0, W)]),
        row("", "[inet_http_server]\nport=1\n[supervisorctl]", &[(1, W)]),
        row("", "; supconv: ignore[SUP020] a part\n[inet_http_server]\nport=1\n[supervisorctl]", &[]),
        row(SERVER, "[program:a]\ncommand=a", &[]),
        row("", "[supervisorctl]\n[include]\nfiles=programs/*.conf", &[]),
        row(INTERFACE, "", &[]).role(Role::Fragment),
        // Supervisor says so itself.
        row(INTERFACE, "", &[]).role(Role::Main),
        row(PROGRAM, "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b", &[]),
        row(INTERFACE, "[{{ name }}]", &[]),
    ];
}
