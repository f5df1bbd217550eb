//! Sections and options that describe supervisord, its servers and its clients: no program sees them (mapping 10).

use super::Planner;
use crate::convert::announce;
use crate::load::{Merged, Section};
use crate::model::UnixServer;
use crate::model::options::UnixServerOptions;
use crate::model::value::Text;

/// `[supervisord]` beside what [`crate::convert::program`] takes from it.
static OWN: &[&str] = &[
    "logfile",
    "logfile_maxbytes",
    "logfile_backups",
    "loglevel",
    "pidfile",
    "nodaemon",
    "silent",
    "nocleanup",
    "childlogdir",
    "identifier",
    "user",
    "directory",
    "umask",
    "environment",
    "minfds",
    "minprocs",
];

impl<'a> Planner<'_, 'a> {
    /// Gives them their grades. What programs make of an option of `[supervisord]` has been said before: the worst counts.
    pub(super) fn sections_of_the_daemon(&mut self, merged: &Merged<'a>) {
        for (name, section) in &merged.sections {
            let exact = match name {
                "supervisord" => OWN,
                "supervisorctl" => &["serverurl", "username", "password", "prompt", "history_file"][..],
                "include" => &["files"][..],
                _ if name.starts_with("inet_http_server") => &["username", "password"][..],
                _ if name.starts_with("unix_http_server") => &["username", "password", "chmod", "chown"][..],
                _ => &[][..],
            };
            for option in exact {
                self.ledger.exact(name, option);
            }
            if self.choices.only.is_empty() {
                self.control(merged, name, section);
            } else if !name.contains(':') || name.starts_with("rpcinterface:") || name.starts_with("ctlplugin:") {
                // supervisord stays, and with it what controls it.
                for option in self.ledger.written(name) {
                    self.ledger.exact(name, option);
                }
            }
        }
        let daemon = &self.config.supervisord;
        match daemon.strip_ansi.known() {
            Some(true) => {
                let message = "escape codes stay in the output (`journalctl` hides none).";
                self.ledger.lost(&announce::NOT_CONVERTIBLE, "supervisord", "strip_ansi", message);
            }
            Some(false) | None => self.ledger.exact("supervisord", "strip_ansi"),
        }
        if daemon.childlogdir.place().is_some() && self.automatic {
            let message = "AUTO logs go to the journal (journalctl -u UNIT) instead of files in childlogdir.";
            self.ledger.approximate(&announce::LOGS, "supervisord", "childlogdir", message);
        }
        if let Some(pidfile) = daemon.pidfile.known().filter(|_| self.named(daemon.pidfile.known())) {
            let message = format!("nothing writes {pidfile} any more, and a program is told of it.");
            self.ledger.approximate(&announce::EXECUTION, "supervisord", "pidfile", &message);
        }
        let file =
            |file: &Text<'_>| file.starts_with('/') && !["/dev/", "/proc/"].iter().any(|top| file.starts_with(top));
        if daemon.logfile.place().is_some() && daemon.logfile.known().is_some_and(file) {
            let message = "supervisord's own log ends; what systemd says of a unit is in `journalctl -u UNIT`.";
            self.ledger.approximate(&announce::LOGS, "supervisord", "logfile", message);
        }
    }

    /// Whether the command of a program names a path.
    fn named(&self, path: Option<&Text<'a>>) -> bool {
        let processes = self.config.groups.iter().flat_map(|group| &group.processes);
        let mut commands = processes.filter_map(|process| process.options.command.known()?.as_ref());
        path.is_some_and(|path| path.starts_with('/') && commands.any(|command| command.contains(&**path)))
    }

    /// Who controls the programs.
    fn control(&mut self, merged: &Merged<'a>, name: Text<'a>, section: &Section<'a>) {
        let lost = &announce::NOT_CONVERTIBLE;
        if name.starts_with("inet_http_server") {
            self.ledger.lost(lost, name, "port", "no web page and no remote XML-RPC: use systemctl over ssh.");
        } else if name.starts_with("unix_http_server") {
            let message = "systemctl and journalctl take the place of supervisorctl (list of commands below).";
            self.ledger.exact(name, "file");
            self.ledger.constant(&announce::EXECUTION, name, "file", message);
            let servers = &self.config.unix_servers;
            if let Some((option, who)) = servers.iter().find(|server| &*server.section == name).and_then(controllers) {
                let message =
                    format!("{who} controlled these programs through the socket, and need sudo or a polkit rule now.");
                self.ledger.approximate(&announce::EXECUTION, name, option, &message);
            }
        } else if let Some(plugin) = name.strip_prefix("ctlplugin:") {
            let message = format!("supervisorctl plugin {plugin} has no counterpart.");
            self.ledger.lost(lost, name, "supervisor.ctl_factory", &message);
        } else if let Some(interface) = name.strip_prefix("rpcinterface:") {
            let option = "supervisor.rpcinterface_factory";
            let standard = section.options.get(option).or(merged.defaults.get(option));
            if standard.is_some_and(|setting| &*setting.text == "supervisor.rpcinterface:make_main_rpcinterface") {
                self.ledger.exact(name, option);
            } else {
                self.ledger.lost(lost, name, option, &format!("RPC interface {interface} has no counterpart."));
            }
        }
    }
}

/// Who beside root could talk to supervisord through a socket, by its mode and owner, and the option that says so.
fn controllers(server: &UnixServer<'_>) -> Option<(&'static str, String)> {
    let UnixServerOptions { file: _, chmod, chown, username: _, password: _ } = &server.options;
    let mode = chmod.known()?.to_i64()?;
    let owner = chown.known().and_then(|chown| *chown).unwrap_or("");
    let (user, group) = owner.split_once(':').map_or((owner, None), |(user, group)| (user, Some(group)));
    if mode & 0o007 != 0 {
        return Some(("chmod", "all accounts of this machine".to_owned()));
    }
    match group.filter(|group| mode & 0o070 != 0 && !matches!(*group, "" | "root" | "0" | "-1")) {
        Some(group) => Some(("chown", format!("members of {group}"))),
        None if matches!(user, "" | "root" | "0" | "-1") => None,
        None => Some(("chown", format!("programs of {user}"))),
    }
}
