//! SUP013 default-breaks-rpcinterface: an option that the standard RPC interface gets as an argument and does not know.

use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::model::Origin;

/// SUP013.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP013",
        name: "default-breaks-rpcinterface",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("default_breaks_rpcinterface.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

/// The factory of Supervisor's own interface.
const STANDARD: &str = "supervisor.rpcinterface:make_main_rpcinterface";
/// What supervisord says when the factory fails.
const SAYS: &str = "Could not make supervisor rpc interface";

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let config = lint.config;
    if config.fragment || (config.inet_servers.is_empty() && config.unix_servers.is_empty()) {
        return;
    }
    for interface in &config.rpcinterfaces {
        if interface.factory.known().is_none_or(|factory| factory.trim() != STANDARD) {
            continue;
        }
        let mut arguments = interface.arguments.iter().filter_map(|(name, value)| {
            let setting = lint.merged.setting(interface.section, name)?;
            // A template may have been meant for another place.
            lint.is_certain(setting.value).then_some((name, value.origin, setting.key))
        });
        let Some((name, origin, place)) = arguments.next() else { continue };
        let section = &interface.section;
        let (of, help) = match origin {
            Origin::Inherited(_) => ("[DEFAULT]", "move it to the sections that need it."),
            Origin::Written(_) | Origin::Default => ("the section", "remove it: this section takes only the factory."),
        };
        let message =
            format!("supervisord exits at start, because '{name}' of {of} becomes an unknown argument of [{section}].");
        let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help).of(section, Some(name));
        diagnostic.supervisor = Some(SAYS);
        for (_, _, place) in arguments.take(4) {
            diagnostic = diagnostic.label(place, "so does this");
        }
        found.push(diagnostic);
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(
            MAIN,
            "[DEFAULT]\nautorestart=true\n[inet_http_server]\nport=127.0.0.1:9001\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[(2, E)],
        ),
        row(
            MAIN,
            "[inet_http_server]\nport=127.0.0.1:9001\n[rpcinterface:supervisor]\nretries=1\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[(4, E)],
        ),
        row(
            MAIN,
            "[inet_http_server]\nport=127.0.0.1:9001\n[rpcinterface:own]\nretries=1\n\
         supervisor.rpcinterface_factory=own:factory",
            &[],
        ),
        row(
            "",
            "[DEFAULT]\nautorestart=true\n[inet_http_server]\nport=127.0.0.1:9001\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[],
        ),
        row(
            MAIN,
            "[DEFAULT]\nautorestart=true\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            &[],
        ),
    ];
}
