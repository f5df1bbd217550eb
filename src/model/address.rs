//! Where servers and FastCGI programs listen: `datatypes.inet_address`, `port_number` and `parse_fcgi_socket`.

use super::value::{Fault, Text};
use crate::python;
use crate::python::integer::{self, Integer};

/// Host and port of a server; an empty host is every interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Lower-cased; empty for `*`.
    pub host: Text,
    /// From 1 to 65535.
    pub port: u16,
}

/// `port_number`.
///
/// # Errors
/// When it is no integer from 1 to 65535.
pub fn port(text: &str) -> Result<u16, Fault> {
    let number = super::value::integer(text)?;
    if number < Integer::from(1) {
        return Err(Fault::value(format!("{number} is below lower bound (1)")));
    }
    number
        .to_i64()
        .and_then(|port| u16::try_from(port).ok())
        .ok_or_else(|| Fault::value(format!("{number} is above upper bound (65535)")))
}

/// `inet_address`: `[host:]port`, split at the last colon.
///
/// # Errors
/// When the port is none.
pub fn inet_address(text: &str) -> Result<Address, Fault> {
    let Some((host, number)) = text.rsplit_once(':') else {
        let port = port(text);
        let port = port.map_err(|_| Fault::value(format!("not a valid port number: {} ", python::repr(text))))?;
        return Ok(Address { host: "".into(), port });
    };
    if number.is_empty() {
        return Err(Fault::value("no port number specified in ''"));
    }
    let port = port(number)?;
    let host = python::lower(host);
    Ok(Address { host: if host == "*" { "".into() } else { host.into() }, port })
}

/// The socket of an `[fcgi-program:x]`, as Supervisor's url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// `unix://` and the absolute, normalised path.
    Unix(Text),
    /// `tcp://`.
    Tcp(Address),
}

/// `parse_fcgi_socket`. `owned`: `socket_owner` or `socket_mode` is set.
///
/// # Errors
/// With Supervisor's text, the tuple included; the caller adds the section.
pub fn fcgi_socket(text: &str, owned: bool, cwd: &str) -> Result<Socket, Fault> {
    if let Some(path) = text.strip_prefix("unix://") {
        if !path.starts_with('/') {
            let path = python::repr(path);
            return Err(Fault::value(format!("('Unix socket path %s is not an absolute path', {path})")));
        }
        return Ok(Socket::Unix(python::abspath(path, cwd).into()));
    }
    if owned {
        let message = "socket_owner and socket_mode params should only be used with a Unix domain socket";
        return Err(Fault::value(message));
    }
    // The expression is ^tcp://([^\s:]+):(\d+)$, whose $ lets a newline follow.
    let address = text.strip_suffix('\n').unwrap_or(text).strip_prefix("tcp://").and_then(|rest| rest.split_once(':'));
    match address {
        Some((host, number)) if !host.is_empty() && !host.contains(python::is_space) && is_digits(number) => {
            Ok(Socket::Tcp(Address { host: python::lower(host).into(), port: port(number)? }))
        }
        _ => Err(Fault::value(format!("('Bad socket format %s', {})", python::repr(text)))),
    }
}

/// Python's `\d+`.
fn is_digits(text: &str) -> bool {
    let digit =
        |c: char| c.is_ascii_digit() || (!c.is_ascii() && integer::parse(c.encode_utf8(&mut [0; 4]), 10).is_ok());
    !text.is_empty() && text.chars().all(digit)
}
