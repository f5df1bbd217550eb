//! Sections and options that describe supervisord, its servers and its clients: no program sees them (facts 10).

use super::Context;
use super::order::Ordered;
use crate::convert::{Ledger, Subject, announce};
use crate::keys::{Key, ctlplugin, include, inet, rpcinterface, supervisorctl as ctl, supervisord as s, unix};
use crate::model::options::UnixServerOptions;
use crate::model::value::Text;
use crate::model::{Config, UnixServer};

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

/// Gives them their grades. What programs make of an option of `[supervisord]` has been said before: the worst counts.
pub(super) fn say<'a>(
    Ordered(drafted): &Ordered<'a>,
    Context { config, .. }: Context<'_, 'a>,
    subject: &Subject<'a>,
    ledger: &mut Ledger<'a>,
) {
    for name in subject.merged.sections.keys() {
        unconcerned(name, ledger);
        if subject.only.is_empty() {
            control(config, name, ledger);
        } else if !name.contains(':') || name.starts_with("rpcinterface:") || name.starts_with("ctlplugin:") {
            // supervisord stays, and with it what controls it.
            ledger.all_exact(name);
        }
    }
    let daemon = &config.supervisord;
    match daemon.strip_ansi.known() {
        Some(true) => {
            let message = "escape codes stay in the output (`journalctl` hides none).";
            ledger.lost(&announce::NOT_CONVERTIBLE, "supervisord", &s::STRIP_ANSI, message);
        }
        Some(false) | None => ledger.exact("supervisord", &s::STRIP_ANSI),
    }
    if daemon.childlogdir.place().is_some() && drafted.automatic {
        let message = "AUTO logs go to the journal (journalctl -u UNIT) instead of files in childlogdir.";
        ledger.approximate(&announce::LOGS, "supervisord", &s::CHILDLOGDIR, message);
    }
    // Where a relative one is depends on where supervisord is started.
    let pidfile = ledger.text("supervisord", &s::PIDFILE).or(s::PIDFILE.default).unwrap_or_default();
    let placed = config.cwd_known || pidfile.starts_with(['/', '~', '%']);
    if let Some(pidfile) = daemon.pidfile.known().filter(|pidfile| placed && is_named(config, pidfile)) {
        let message = format_args!("nothing writes {pidfile} any longer, and a program is given its path.");
        ledger.approximate(&announce::EXECUTION, "supervisord", &s::PIDFILE, message);
    }
    let file = |file: &Text| file.starts_with('/') && !["/dev/", "/proc/"].iter().any(|top| file.starts_with(top));
    if daemon.logfile.place().is_some() && daemon.logfile.known().is_some_and(file) {
        let message = "supervisord's own log ends; see `journalctl -u UNIT` for what systemd says of a unit.";
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
fn control<'a>(config: &Config<'_>, name: &'a str, ledger: &mut Ledger<'a>) {
    let lost = &announce::NOT_CONVERTIBLE;
    if name.starts_with("inet_http_server") {
        ledger.lost(lost, name, &inet::PORT, "systemd has no web page and no remote XML-RPC: use systemctl over ssh.");
    } else if name.starts_with("unix_http_server") {
        let message = "systemctl and journalctl replace supervisorctl (list of commands below).";
        ledger.exact(name, &unix::FILE);
        ledger.constant(&announce::EXECUTION, name, &unix::FILE, message);
        let server = config.unix_servers.iter().find(|server| server.section == name);
        if let Some((key, who)) = server.and_then(controllers) {
            let message = format_args!(
                "{who} could control these programs through the socket; now they need sudo or a polkit rule."
            );
            ledger.approximate(&announce::EXECUTION, name, key, message);
        }
    } else if let Some(plugin) = name.strip_prefix("ctlplugin:") {
        let message = format_args!("systemd has no equivalent of the supervisorctl plugin {plugin}.");
        ledger.lost(lost, name, &ctlplugin::FACTORY, message);
    } else if let Some(interface) = name.strip_prefix("rpcinterface:") {
        let key = &rpcinterface::FACTORY;
        if ledger.text(name, key) == Some("supervisor.rpcinterface:make_main_rpcinterface") {
            ledger.exact(name, key);
        } else {
            ledger.lost(lost, name, key, format_args!("systemd has no equivalent of the RPC interface {interface}."));
        }
    }
}

/// Who beside root could talk to supervisord through a socket, by its mode and owner, and the option that says so.
fn controllers(server: &UnixServer) -> Option<(&'static Key, String)> {
    let UnixServerOptions { file: _, chmod, chown, username: _, password: _ } = &server.options;
    let mode = chmod.known()?.to_i64()?;
    let owner = chown.known().and_then(|chown| chown.as_deref()).unwrap_or("");
    let (user, group) = owner.split_once(':').map_or((owner, None), |(user, group)| (user, Some(group)));
    if mode & 0o007 != 0 {
        return Some((&unix::CHMOD, "all users of this machine".to_owned()));
    }
    match group.filter(|group| mode & 0o070 != 0 && !matches!(*group, "" | "root" | "0" | "-1")) {
        Some(group) => Some((&unix::CHOWN, format!("members of {group}"))),
        None if matches!(user, "" | "root" | "0" | "-1") => None,
        None => Some((&unix::CHOWN, format!("programs of {user}"))),
    }
}
