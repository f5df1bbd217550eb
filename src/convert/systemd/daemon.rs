//! What systemd has instead of supervisord's own tools (facts 10).

use super::Context;
use super::order::Ordered;
use crate::convert::supervisord::{self, Instead};
use crate::convert::{Ledger, Subject, announce};
use crate::keys::{Key, supervisord as s, unix};
use crate::model::options::UnixServerOptions;
use crate::model::{Config, UnixServer};

static INSTEAD: Instead<'static> = Instead {
    web_page: "systemd has no web page and no remote XML-RPC: use systemctl over ssh.",
    target: "systemd",
    log: "see `journalctl -u UNIT` for what systemd says of a unit",
    escape_codes: "escape codes stay in the output (`journalctl` hides none).",
};

/// Gives the sections and options that describe supervisord their grades.
pub(super) fn say<'a>(
    Ordered(drafted): &Ordered<'a>,
    Context { config, .. }: Context<'_, 'a>,
    subject: &Subject<'a>,
    ledger: &mut Ledger<'a>,
) {
    supervisord::say(subject, &INSTEAD, |name, ledger| local(config, name, ledger), ledger);
    if config.supervisord.childlogdir.place().is_some() && drafted.automatic {
        let message = "AUTO logs go to the journal (journalctl -u UNIT) instead of files in childlogdir.";
        ledger.approximate(&announce::LOGS, "supervisord", &s::CHILDLOGDIR, message);
    }
}

/// Who controls the programs on this machine.
fn local<'a>(config: &Config<'_>, name: &'a str, ledger: &mut Ledger<'a>) {
    let message = "systemctl and journalctl replace supervisorctl (list of commands below).";
    ledger.exact(name, &unix::FILE);
    ledger.constant(&announce::EXECUTION, name, &unix::FILE, message);
    let server = config.unix_servers.iter().find(|server| server.section == name);
    if let Some((key, who)) = server.and_then(controllers) {
        let message =
            format_args!("{who} could control these programs through the socket; now they need sudo or a polkit rule.");
        ledger.approximate(&announce::DEPENDS_ON_MACHINE, name, key, message);
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
