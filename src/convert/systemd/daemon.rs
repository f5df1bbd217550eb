//! What systemd has instead of supervisord's own tools (facts 10).

use super::Context;
use super::manager::RunsAs;
use super::order::Ordered;
use crate::convert::supervisord::{self, Instead};
use crate::convert::{Ledger, Subject, announce};
use crate::keys::{Key, supervisord as s, unix};
use crate::model::options::UnixServerOptions;
use crate::model::{Config, UnixServer};

/// Gives the sections and options that describe supervisord their grades.
pub(super) fn say<'a>(
    Ordered(drafted): &Ordered<'a>,
    Context { config, runs_as, .. }: Context<'_, 'a>,
    subject: &Subject<'a>,
    ledger: &mut Ledger<'a>,
) {
    let journalctl = runs_as.whose().journalctl();
    let instead = Instead {
        web_page: "systemd has no web page and no remote XML-RPC: use systemctl over ssh.",
        target: "systemd",
        log: &format!("see `{journalctl} -u UNIT` for what systemd says of a unit"),
        escape_codes: "escape codes stay in the output (`journalctl` hides none).",
    };
    supervisord::say(subject, &instead, |name, ledger| local(config, runs_as, name, ledger), ledger);
    if config.supervisord.childlogdir.place().is_some() && drafted.automatic {
        let message =
            format_args!("AUTO logs go to the journal ({journalctl} -u UNIT) instead of files in childlogdir.");
        ledger.approximate(&announce::LOGS, "supervisord", &s::CHILDLOGDIR, message);
    }
}

/// Who controls the programs on this machine.
fn local<'a>(config: &Config<'_>, runs_as: RunsAs<'_>, name: &'a str, ledger: &mut Ledger<'a>) {
    let message = "systemctl and journalctl replace supervisorctl: HANDOVER.md lists the commands.";
    ledger.exact(name, &unix::FILE);
    ledger.constant(&announce::EXECUTION, name, &unix::FILE, message);
    let server = config.unix_servers.iter().find(|server| server.section == name);
    if let Some((key, who)) = server.and_then(|server| controllers(server, runs_as.account())) {
        let now = if runs_as.is_user() { "only the account can" } else { "they need sudo or a polkit rule" };
        let message = format_args!("{who} could control these programs through the socket; now {now}.");
        ledger.approximate(&announce::DEPENDS_ON_MACHINE, name, key, message);
    }
}

/// Who beside root and the account of the units could talk to supervisord through a socket, by its mode and owner, and the option
/// that says so.
fn controllers(server: &UnixServer, account: Option<&str>) -> Option<(&'static Key, String)> {
    let UnixServerOptions { file: _, chmod, chown, username: _, password: _ } = &server.options;
    let mode = chmod.known()?.to_i64()?;
    let owner = chown.known().and_then(|chown| chown.as_deref()).unwrap_or("");
    let (user, group) = owner.split_once(':').map_or((owner, None), |(user, group)| (user, Some(group)));
    if mode & 0o007 != 0 {
        return Some((&unix::CHMOD, "all users of this machine".to_owned()));
    }
    match group.filter(|group| mode & 0o070 != 0 && !matches!(*group, "" | "root" | "0" | "-1")) {
        Some(group) => Some((&unix::CHOWN, format!("members of {group}"))),
        None if matches!(user, "" | "root" | "0" | "-1") || Some(user) == account => None,
        None => Some((&unix::CHOWN, format!("programs of {user}"))),
    }
}
