//! The socket that an `[fcgi-program:x]` hands to its processes, as a unit of its own (mapping 9.1).

use std::net::Ipv4Addr;

use super::draft::{Draft, NoUnit};
use super::escape::{self, User, Value};
use super::name::UnitName;
use super::unit::{Service, Socket};
use crate::convert::program::Listener;
use crate::model::address::Socket as Address;
use crate::python::integer::Integer;

/// The longest path of a Unix socket that systemd takes (`sun_path` without its final NUL; unix(7)).
const LONGEST_PATH: usize = 107;

/// Has the service listen on standard input, and makes the unit of the socket, which `PartOf=` and [`attach`] complete.
pub(super) fn write<'a>(draft: &mut Draft<'_, '_, 'a>, listener: &Listener<'a>) -> Result<Socket, NoUnit> {
    let Listener { address, owner, mode, backlog } = listener;
    draft.exact(address);
    draft.exact(owner);
    draft.exact(mode);
    draft.exact(backlog);
    draft.service.standard_input = Value::fixed("socket").into();
    let listen_stream = match listen(&address.value) {
        Ok(value) => value,
        Err(reason) => return Err(draft.without_unit(address, &reason)),
    };
    let mut socket = Socket {
        header: draft.service.header.clone(),
        description: Value::description(&format!("{}: its socket", draft.process.group)).into(),
        stop_when_unneeded: Value::fixed("yes").into(),
        listen_stream: listen_stream.into(),
        backlog: backlog.value.as_ref().and_then(|backlog| Value::plain(&backlog.to_string())).into(),
        ..Socket::default()
    };
    if let Address::Tcp(_) = address.value {
        return Ok(socket);
    }
    let user = match &owner.value {
        Some(text) => match accounts(text) {
            Some((user, group)) => {
                socket.group = group.into();
                user
            }
            None => return Err(draft.without_unit(owner, "systemd refuses these names of an account.")),
        },
        // The group follows.
        None => draft.service.user.value.clone(),
    };
    socket.user = user.into();
    let bits = mode.value.as_ref().map_or(Some(0o700), Integer::to_i64);
    match bits.and_then(|bits| u16::try_from(bits).ok()).and_then(Value::mode) {
        Some(value) => socket.mode = value.into(),
        None => return Err(draft.without_unit(mode, "there is no such mode: Supervisor cannot start this either.")),
    }
    Ok(socket)
}

/// What `ListenStream=` takes: a path, or an address with a port; never a port alone, which would be all of IPv4 and IPv6.
fn listen(address: &Address) -> Result<Value, String> {
    match address {
        Address::Unix(path) if path.len() > LONGEST_PATH => {
            Err("the path is too long for a socket: Supervisor cannot start this either.".to_owned())
        }
        Address::Unix(path) => {
            Value::plain(path).ok_or_else(|| "systemd cannot listen on a socket of this name.".to_owned())
        }
        Address::Tcp(address) => {
            let host = if &*address.host == "localhost" { "127.0.0.1" } else { &*address.host };
            let numeric = host.parse::<Ipv4Addr>().is_ok();
            let value = Value::plain(&format!("{host}:{}", address.port)).filter(|_| numeric);
            value.ok_or_else(|| format!("ListenStream= takes addresses, not names: write the address of {host}."))
        }
    }
}

/// `SocketUser=` and `SocketGroup=` of `user[:group]`; none for root, systemd's default.
fn accounts(owner: &str) -> Option<(Option<Value>, Option<Value>)> {
    let (user, group) = owner.split_once(':').map_or((owner, None), |(user, group)| (user, Some(group)));
    let account = |name: &str| match escape::user(name) {
        Ok(User::Root) => Some(None),
        Ok(User::Value(value)) => Some(Some(value)),
        // Only User= is warned of.
        Ok(User::Nobody(_)) => Some(Value::plain(name)),
        Err(_) => None,
    };
    let named = account(user)?;
    // Without a user of its own the group is root's already.
    Some((named, group.map_or(Some(None), account)?))
}

/// Ties a service to its socket, which it pulls in: nothing is started by a connection. A service that is called otherwise
/// than its socket has to name it.
pub(super) fn attach(service: &mut Service, socket: &UnitName, named_alike: bool) {
    service.requires = Value::from(socket).into();
    service.after.push(Value::from(socket).into());
    if !named_alike {
        service.sockets = Value::from(socket).into();
    }
}
