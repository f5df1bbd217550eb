//! Sections and options that describe supervisord, its servers and its clients: no program sees them (facts 10). What takes
//! their place is each target's own matter.

use super::{Ledger, Subject, announce};
use crate::keys::{Key, ctlplugin, include, inet, rpcinterface, supervisorctl as ctl, supervisord as s, unix};
use crate::model::Config;
use crate::model::value::Text;

/// `[supervisord]`, with what [`crate::convert::program`] takes from it; `strip_ansi` is decided by its value.
static OWN: &[&Key] = &[
    &s::LOGFILE,
    &s::LOGFILE_MAXBYTES,
    &s::LOGFILE_BACKUPS,
    &s::LOGLEVEL,
    &s::PIDFILE,
    &s::NODAEMON,
    &s::SILENT,
    &s::NOCLEANUP,
    &s::CHILDLOGDIR,
    &s::IDENTIFIER,
    &s::USER,
    &s::DIRECTORY,
    &s::UMASK,
    &s::ENVIRONMENT,
    &s::MINFDS,
    &s::MINPROCS,
];

/// What of a section is of no concern to programs, whatever it says.
fn unconcerned<'a>(section: &'a str, ledger: &mut Ledger<'a>) {
    let mut exact = |keys: &[&'static Key]| keys.iter().for_each(|key| ledger.exact(section, key));
    match section {
        "supervisord" => exact(OWN),
        "supervisorctl" => exact(&[&ctl::SERVERURL, &ctl::USERNAME, &ctl::PASSWORD, &ctl::PROMPT, &ctl::HISTORY_FILE]),
        "include" => exact(&[&include::FILES]),
        _ if section.starts_with("inet_http_server") => exact(&[&inet::USERNAME, &inet::PASSWORD]),
        _ if section.starts_with("unix_http_server") => {
            exact(&[&unix::USERNAME, &unix::PASSWORD, &unix::CHMOD, &unix::CHOWN]);
        }
        _ => {}
    }
}

/// What a target has instead of supervisord's own tools.
pub(crate) struct Instead<'i> {
    /// What the sentence says of `[inet_http_server]`.
    pub web_page: &'i str,
    /// What has no plugins of supervisorctl and no RPC interfaces: `systemd`.
    pub target: &'i str,
    /// What takes the place of supervisord's own log.
    pub log: &'i str,
    /// What becomes of escape codes in the output.
    pub escape_codes: &'i str,
}

/// Gives them their grades. What programs make of an option of `[supervisord]` has been said before: the worst counts.
/// `local`: what is said of a `[unix_http_server]`.
pub(crate) fn say<'a>(
    subject: &Subject<'a>,
    instead: &Instead<'_>,
    mut local: impl FnMut(&'a str, &mut Ledger<'a>),
    ledger: &mut Ledger<'a>,
) {
    let config = subject.config;
    for name in subject.merged.sections.keys() {
        unconcerned(name, ledger);
        if subject.only.is_empty() {
            if name.starts_with("unix_http_server") {
                local(name, ledger);
            } else {
                control(name, instead, ledger);
            }
        } else if !name.contains(':') || name.starts_with("rpcinterface:") || name.starts_with("ctlplugin:") {
            // supervisord stays, and with it what controls it.
            ledger.all_exact(name);
        }
    }
    let daemon = &config.supervisord;
    match daemon.strip_ansi.known() {
        Some(true) => ledger.lost(&announce::NOT_CONVERTIBLE, "supervisord", &s::STRIP_ANSI, instead.escape_codes),
        Some(false) | None => ledger.exact("supervisord", &s::STRIP_ANSI),
    }
    // Where a relative one is depends on where supervisord is started.
    let pidfile = ledger.text("supervisord", &s::PIDFILE).or(s::PIDFILE.default).unwrap_or_default();
    let placed = config.cwd.is_some() || pidfile.starts_with(['/', '~', '%']);
    if let Some(pidfile) = daemon.pidfile.known().filter(|pidfile| placed && is_named(config, pidfile)) {
        let message = format_args!("nothing writes {pidfile} any longer, and a program is given its path.");
        ledger.approximate(&announce::EXECUTION, "supervisord", &s::PIDFILE, message);
    }
    let file = |file: &Text| file.starts_with('/') && !["/dev/", "/proc/"].iter().any(|top| file.starts_with(top));
    if daemon.logfile.place().is_some() && daemon.logfile.known().is_some_and(file) {
        let message = format_args!("supervisord's own log ends; {}.", instead.log);
        ledger.approximate(&announce::LOGS, "supervisord", &s::LOGFILE, message);
    }
}

/// Whether the command of a program names a path.
fn is_named(config: &Config<'_>, path: &str) -> bool {
    let processes = config.groups.iter().flat_map(|group| &group.processes);
    let mut commands = processes.filter_map(|process| process.options.command.known()?.as_deref());
    let finder = memchr::memmem::Finder::new(path);
    path.starts_with('/') && commands.any(|command| finder.find(command.as_bytes()).is_some())
}

/// Who controls the programs.
fn control<'a>(name: &'a str, Instead { web_page, target, .. }: &Instead<'_>, ledger: &mut Ledger<'a>) {
    let lost = &announce::NOT_CONVERTIBLE;
    if name.starts_with("inet_http_server") {
        ledger.lost(lost, name, &inet::PORT, web_page);
    } else if let Some(plugin) = name.strip_prefix("ctlplugin:") {
        let message = format_args!("{target} has no equivalent of the supervisorctl plugin {plugin}.");
        ledger.lost(lost, name, &ctlplugin::FACTORY, message);
    } else if let Some(interface) = name.strip_prefix("rpcinterface:") {
        let key = &rpcinterface::FACTORY;
        if ledger.text(name, key) == Some("supervisor.rpcinterface:make_main_rpcinterface") {
            ledger.exact(name, key);
        } else {
            ledger.lost(lost, name, key, format_args!("{target} has no equivalent of the RPC interface {interface}."));
        }
    }
}
