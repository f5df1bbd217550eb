//! The socket that an `[fcgi-program:x]` hands to its processes, as a unit of its own (facts 9.1).

use std::net::Ipv4Addr;

use super::account;
use super::draft::{Draft, NoUnit};
use super::escape::{self, UnitValue, User};
use super::name::UnitName;
use super::unit::{ServiceUnit, SocketUnit};
use crate::convert::drafting::Drafting as _;
use crate::convert::program::Listener;
use crate::model::address::Socket;
use crate::python::integer::Integer;

/// The longest path of a Unix socket that systemd takes (`sun_path` without its final NUL; unix(7)).
const LONGEST_PATH: usize = 107;

/// Has the service listen on standard input, and makes the unit of the socket, which `PartOf=` and [`attach`] complete.
pub(super) fn write<'a>(draft: &mut Draft<'_, 'a>, listener: &Listener<'a>) -> Result<SocketUnit, NoUnit> {
    let Listener { socket: address, socket_owner: owner, socket_mode: mode, socket_backlog: backlog } = listener;
    draft.exact(address);
    draft.exact(owner);
    draft.exact(mode);
    draft.exact(backlog);
    // Supervisor refuses a section without it.
    let Some(socket) = address.value else { return Err(NoUnit) };
    if draft.has_secret(address, if let Socket::Unix(path) = socket { path } else { "" }) {
        return Err(draft.without_unit(address, "the address contains a secret, and every user can read a unit."));
    }
    draft.service.standard_input = UnitValue::fixed("socket").into();
    let listen_stream = match listen(socket) {
        Ok(value) => value,
        Err(reason) => return Err(draft.without_unit(address, reason)),
    };
    let mut unit = SocketUnit {
        header: draft.service.header.clone(),
        description: UnitValue::description(&format!("{}: its socket", draft.job.group)).into(),
        stop_when_unneeded: UnitValue::fixed("yes").into(),
        listen_stream: listen_stream.into(),
        backlog: backlog.value.as_ref().and_then(|backlog| UnitValue::plain(&backlog.to_string())).into(),
        ..SocketUnit::default()
    };
    if let Socket::Tcp(_) = socket {
        return Ok(unit);
    }
    let user = match owner.value {
        _ if draft.runs_as.is_user() => {
            account::socket_owner(draft, owner);
            None
        }
        Some(text) => match accounts(text) {
            Some((user, group)) => {
                unit.group = group.into();
                user
            }
            None => return Err(draft.without_unit(owner, "systemd refuses this user or group name.")),
        },
        // The group follows.
        None => draft.service.user.value.clone(),
    };
    unit.user = user.into();
    let bits = mode.value.as_ref().map_or(Some(0o700), Integer::to_i64);
    match bits.and_then(|bits| u16::try_from(bits).ok()).and_then(UnitValue::mode) {
        Some(value) => unit.mode = value.into(),
        None => return Err(draft.without_unit(mode, "this mode does not exist: Supervisor cannot start this either.")),
    }
    Ok(unit)
}

/// What `ListenStream=` takes: a path, or an address with a port; never a port alone, which would be all of IPv4 and IPv6.
fn listen(socket: &Socket) -> Result<UnitValue, String> {
    match socket {
        Socket::Unix(path) if path.len() > LONGEST_PATH => {
            Err("the path is too long for a socket: Supervisor cannot start this either.".to_owned())
        }
        Socket::Unix(path) => {
            UnitValue::plain(path).ok_or_else(|| "systemd cannot listen on a socket with this name.".to_owned())
        }
        Socket::Tcp(address) => {
            let host = if address.host == "localhost" { "127.0.0.1" } else { address.host };
            let numeric = host.parse::<Ipv4Addr>().is_ok();
            let value = UnitValue::plain(&format!("{host}:{}", address.port)).filter(|_| numeric);
            value.ok_or_else(|| format!("ListenStream= takes an address, not a name: write the address of {host}."))
        }
    }
}

/// `SocketUser=` and `SocketGroup=` of `user[:group]`; none for root, systemd's default.
fn accounts(owner: &str) -> Option<(Option<UnitValue>, Option<UnitValue>)> {
    let (user, group) = owner.split_once(':').map_or((owner, None), |(user, group)| (user, Some(group)));
    let account = |name: &str| match escape::user(name) {
        Ok(User::Root) => Some(None),
        Ok(User::Value(value)) => Some(Some(value)),
        // Only User= is warned of.
        Ok(User::Nobody(_)) => Some(UnitValue::plain(name)),
        Err(_) => None,
    };
    let named = account(user)?;
    // Without a user of its own the group is root's already.
    Some((named, group.map_or(Some(None), account)?))
}

/// Ties a service to its socket, which it pulls in: nothing is started by a connection. A service that is called otherwise
/// than its socket has to name it.
pub(super) fn attach(service: &mut ServiceUnit, socket: &UnitName, named_alike: bool) {
    service.requires = UnitValue::from(socket).into();
    service.after.push(UnitValue::from(socket).into());
    if !named_alike {
        service.sockets = UnitValue::from(socket).into();
    }
}
