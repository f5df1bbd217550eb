//! Where servers and FastCGI programs listen: `datatypes.inet_address`, `port_number` and `parse_fcgi_socket`.

use super::host::Yes;
use super::value::{Converted, Fault, FromText, Text, World};
use crate::keys::Key;
use crate::python;
use crate::python::integer::{self, Integer};
use crate::source::Sources;

/// Host and port of a server; an empty host is every interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// Lower-cased; empty for `*`.
    pub host: Text<'a>,
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
pub fn inet_address<'a>(text: Text<'a>, sources: &'a Sources) -> Result<Address<'a>, Fault> {
    let Some((host, number)) = text.rsplit_once(':') else {
        let port = port(text);
        let port = port.map_err(|_| Fault::value(format!("not a valid port number: {} ", python::repr(text))))?;
        return Ok(Address { host: "", port });
    };
    if number.is_empty() {
        return Err(Fault::value("no port number specified in ''"));
    }
    let port = port(number)?;
    let host = if host == "*" { "" } else { sources.keep_cow(python::lower(host)) };
    Ok(Address { host, port })
}

/// The socket of an `[fcgi-program:x]`, as Supervisor's url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket<'a> {
    /// `unix://` and the absolute, normalised path.
    Unix(Text<'a>),
    /// `tcp://`.
    Tcp(Address<'a>),
}

/// `parse_fcgi_socket`. `owned`: `socket_owner` or `socket_mode` is set.
///
/// # Errors
/// With Supervisor's text, the tuple included; the caller adds the section.
pub fn fcgi_socket<'a>(text: Text<'a>, owned: bool, world: &World<'a>) -> Result<Socket<'a>, Fault> {
    if let Some(path) = text.strip_prefix("unix://") {
        if !path.starts_with('/') {
            let path = python::repr(path);
            return Err(Fault::value(format!("('Unix socket path %s is not an absolute path', {path})")));
        }
        return Ok(Socket::Unix(world.sources.keep_cow(python::abspath(path, world.cwd))));
    }
    if owned {
        let message = "socket_owner and socket_mode params should only be used with a Unix domain socket";
        return Err(Fault::value(message));
    }
    // The expression is ^tcp://([^\s:]+):(\d+)$, whose $ lets a newline follow.
    let address = text.strip_suffix('\n').unwrap_or(text).strip_prefix("tcp://").and_then(|rest| rest.split_once(':'));
    match address {
        Some((host, number)) if !host.is_empty() && !host.contains(python::is_space) && is_digits(number) => {
            Ok(Socket::Tcp(Address { host: world.sources.keep_cow(python::lower(host)), port: port(number)? }))
        }
        _ => Err(Fault::value(format!("('Bad socket format %s', {})", python::repr(text)))),
    }
}

/// Whether a text is the url of a socket, whoever owns it.
#[must_use]
pub fn is_fcgi_socket(text: &str) -> bool {
    let (sources, host) = (Sources::default(), Yes);
    fcgi_socket(text, false, &World { sources: &sources, host: &host, home: None, cwd: "/" }).is_ok()
}

/// Python's `\d+`.
fn is_digits(text: &str) -> bool {
    let digit =
        |c: char| c.is_ascii_digit() || (!c.is_ascii() && integer::parse(c.encode_utf8(&mut [0; 4]), 10).is_ok());
    !text.is_empty() && text.chars().all(digit)
}

impl<'a> FromText<'a> for Address<'a> {
    fn from_text(text: Text<'a>, _: &Key, world: &World<'a>) -> Result<Converted<Self>, Fault> {
        inet_address(text, world.sources).map(Converted::Known)
    }
}
