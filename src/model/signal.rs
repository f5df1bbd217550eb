//! Signals as Supervisor reads them: `datatypes.signal_number`.

use super::value::Fault;
use crate::python;
use crate::python::integer;

/// A signal by its number on Linux; 0 is no signal and yet accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(pub u8);

/// Names of Python's `signal` module on Linux (3.11), the canonical one of a number first.
static SIGNALS: &[(&str, u8)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
    ("RTMIN", 34),
    ("RTMAX", 64),
    ("CLD", 17),
    ("IOT", 6),
    ("POLL", 29),
    // signal.SIG_DFL and its like begin with SIG too.
    ("_DFL", 0),
    ("_BLOCK", 0),
    ("_IGN", 1),
    ("_UNBLOCK", 1),
    ("_SETMASK", 2),
];

impl Signal {
    /// What asks a process to end.
    pub const TERM: Self = Self(15);
    /// What no process can refuse.
    pub const KILL: Self = Self(9);
    /// ABRT.
    pub const ABRT: Self = Self(6);

    /// The name without `SIG`; `None` for 0.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        SIGNALS.iter().find(|(_, number)| *number == self.0 && self.0 != 0).map(|(name, _)| *name)
    }
}

/// `signal_number`: a number that is a signal, or a name with or without `SIG`.
///
/// # Errors
/// For any other.
pub fn signal(text: &str) -> Result<Signal, Fault> {
    let refused = |what| Fault::value(format!("value {} is not a valid signal {what}", python::repr(text)));
    if let Ok(number) = integer::parse(text, 10) {
        let number = number.to_i64().and_then(|number| u8::try_from(number).ok());
        let known = number.filter(|number| SIGNALS.iter().any(|(_, known)| known == number));
        return known.map(Signal).ok_or_else(|| refused("number"));
    }
    let upper = python::upper(python::strip(text));
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| Signal(*number)).ok_or_else(|| refused("name"))
}
