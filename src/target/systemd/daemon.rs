//! Sections and options that describe supervisord, its servers and its clients: no program sees them (mapping 10).

use super::Planner;
use crate::integer::Integer;
use crate::load::{Merged, Section};
use crate::model::value::Text;
use crate::target::announce;

/// `[supervisord]` beside what [`crate::target::program`] takes from it.
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

impl Planner<'_> {
    /// Gives them their grades. What programs make of an option of `[supervisord]` has been said before: the worst counts.
    pub(super) fn sections_of_the_daemon(&mut self, merged: &Merged) {
        for (name, section) in &merged.sections {
            let exact = match &**name {
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
                    self.ledger.exact(name, &option);
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
        if daemon.logfile.place().is_some() && daemon.logfile.known().is_some_and(|file| file.starts_with('/')) {
            let message = "supervisord's own log ends; what systemd says of a unit is in `journalctl -u UNIT`.";
            self.ledger.constant(&announce::LOGS, "supervisord", "logfile", message);
        }
    }

    /// Whether the command of a program names a path.
    fn named(&self, path: Option<&Text>) -> bool {
        let processes = self.config.groups.iter().flat_map(|group| &group.processes);
        let mut commands = processes.filter_map(|process| process.options.command.known()?.as_ref());
        path.is_some_and(|path| path.starts_with('/') && commands.any(|command| command.contains(&**path)))
    }

    /// Who controls the programs.
    fn control(&mut self, merged: &Merged, name: &str, section: &Section) {
        let lost = &announce::NOT_CONVERTIBLE;
        if name.starts_with("inet_http_server") {
            self.ledger.lost(lost, name, "port", "no web page and no remote XML-RPC: use systemctl over ssh.");
        } else if name.starts_with("unix_http_server") {
            let message = "systemctl and journalctl take the place of supervisorctl.";
            self.ledger.approximate(&announce::EXECUTION, name, "file", message);
            let servers = &self.config.unix_servers;
            let server = servers.iter().find(|server| &*server.section == name).map(|server| &server.options);
            let opened = server.and_then(|server| server.chmod.known()).is_some_and(|chmod| {
                *chmod != Integer::from(0o700) && chmod.to_i64().is_some_and(|chmod| chmod & 0o077 != 0)
            });
            if opened {
                let message = "others than root controlled these programs through the socket; they need sudo or a polkit rule now.";
                self.ledger.approximate(&announce::EXECUTION, name, "chmod", message);
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
