//! SUP702 missing-rpcinterface: a control server that knows no commands.

use super::view::mend::Mend;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Change, Fix};
use crate::model::InetServer;

/// SUP702.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP702",
        name: "missing-rpcinterface",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("missing_rpcinterface.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What its section says.
pub(super) const FACTORY: &str = "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface";

/// Whether the file has the interface that supervisorctl calls.
pub(super) fn has_interface(lint: &Lint<'_>) -> bool {
    lint.config.rpcinterfaces.iter().any(|interface| interface.name == "supervisor")
}

/// Not beside options of `[DEFAULT]`: each becomes an argument of the factory, which takes none (SUP013).
fn mend<'a>(lint: &Lint<'a>, _: &Diagnostic<'a>) -> Option<Fix> {
    const SECTION: &str = "rpcinterface:supervisor";
    if !lint.merged.defaults().is_empty() {
        return None;
    }
    let mend = Mend::of(lint).append(lint.merged.main, &format!("[{SECTION}]\n{FACTORY}"));
    mend.changes(SECTION, Change::WHOLE).safe("add the section [rpcinterface:supervisor]")
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    if config.fragment || lint.may_have_more() || lint.markup.first().next().is_some() {
        return;
    }
    let refused = |section: &str| config.refusals.iter().any(|refusal| refusal.section == Some(section));
    let ipv6 = |server: &&InetServer| {
        let port = server.options.port.known();
        port.is_some_and(|port| port.as_ref().is_some_and(|address| address.host.contains(':')))
    };
    let unix = config.unix_servers.iter().map(|server| (&server.section, server.header));
    let inet = config.inet_servers.iter().filter(|server| !ipv6(server));
    let all = unix.chain(inet.map(|server| (&server.section, server.header)));
    // A server that cannot be opened has an error of its own.
    let mut open = all.filter(|(section, _)| !refused(section));
    let Some((section, header)) = open.next() else { return };
    if has_interface(lint) {
        return;
    }
    let message = "the section [rpcinterface:supervisor] is missing, so supervisorctl fails with UNKNOWN_METHOD.";
    let help = format!("add the section [rpcinterface:supervisor] with the line {FACTORY}");
    found.push(Diagnostic::new(&RULE.rule, header, message).help(help).of(section, None));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "[inet_http_server1]\nport=1", &[(1, E)]).mends(
            "[inet_http_server1]\nport=1\n\n[rpcinterface:supervisor]\n\
             supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
        ),
        row(PROGRAM, "[unix_http_server]\nfile=/x.sock", &[(1, E)]),
        row(
            "",
            "[supervisord]\r\n  user=root\r\n\
             [unix_http_server]\r\n  file=/x.sock ; here\r\n  \r\n; the end\r",
            &[(3, E)],
        )
        .mends(
            "[supervisord]\r\n  user=root\r\n\
             [unix_http_server]\r\n  file=/x.sock ; here\r\n  \r\n; the end\r\n\r\n\
                    [rpcinterface:supervisor]\r\n\
             supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\r",
        ),
        row(PROGRAM, "[unix_http_server]\nfile=/x.sock\n[DEFAULT]\nautorestart=true", &[(1, E)]).mends(""),
        row(
            PROGRAM,
            "[inet_http_server]\nport=1\n[rpcinterface:other]\nsupervisor.rpcinterface_factory=a:b",
            &[(1, E)],
        ),
        row("", "[unix_http_server]\nfile=/x.sock", &[]),
        row(
            PROGRAM,
            "[unix_http_server]\nfile=/x.sock\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=my.own:factory",
            &[],
        ),
        row(PROGRAM, "[unix_http_server]\nfile={{ x }}", &[]),
        row(PROGRAM, "[unix_http_server]\nfile=/x.sock\n[include]\nfiles=/nothing/*.conf", &[]),
        row(PROGRAM, "[unix_http_server]\nfile=/x.sock\n[include]\nfiles=nothing/*.conf", &[(1, E)]),
    ];
}
