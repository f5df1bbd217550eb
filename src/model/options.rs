//! The values of each kind of section: a struct a table, made of the rows of `keys`, with Supervisor's defaults and the calls of
//! its converters.

use super::address::{Address, Socket};
use super::signal::Signal;
use super::value::{AutoRestart, Events, ExitCodes, LogFile, Text, Variables};
use super::{Content, Held, Origin, State, Value};
use crate::keys::{self, Number};
use crate::map::Map;
use crate::python::integer::Integer;

/// Makes the struct of a kind of section.
macro_rules! options {
    ($(#[$meta:meta])* $module:ident $struct:ident { $($constant:ident $field:ident $name:literal: [$($type:tt)+] =
        $kind:ident, $default:expr, $since:literal, $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $struct<'a> {
            $(
                #[doc = $doc]
                pub $field: Value<'a, $($type)+>,
            )*
        }

        impl $struct<'static> {
            /// What counts where nothing is written.
            pub const STANDARD: Self = Self {
                $($field: Value(Held::Shared(&Content {
                    origin: Origin::Default,
                    state: State::Known(standard!([$($type)+] $kind $default)),
                })),)*
            };
        }
    };
}

/// Makes the walk over the written options of a kind of section.
macro_rules! reader {
    ($(#[$meta:meta])* $module:ident $struct:ident { $($constant:ident $field:ident $name:literal: [$($type:tt)+] =
        $kind:ident, $default:expr, $since:literal, $names:ident, $passes:literal, $required:literal, $doc:literal;)* }) => {
        impl<'a> $struct<'a> {
            /// Reads the option of this number, if it is one of these.
            pub(super) fn read(&mut self, number: Number, reader: &mut impl super::evaluate::Reader<'a>) {
                match number.index() {
                    $(keys::$module::at::$constant => reader.read(&keys::$module::$constant, &mut self.$field),)*
                    _ => {}
                }
            }
        }
    };
}

/// The default of a row as a value. Where a word stands for what no text does, none is.
macro_rules! standard {
    ([Integer] $kind:ident $default:expr) => {
        Integer::small(number($default, stringify!($kind)))
    };
    ([bool] $kind:ident $default:expr) => {
        matches!($default, Some(text) if matches!(text.as_bytes(), b"true"))
    };
    ([Text<'a>] $kind:ident $default:expr) => {
        match $default {
            Some(text) => text,
            None => "",
        }
    };
    ([Variables<'a>] $kind:ident $default:expr) => {
        Map::new()
    };
    ([AutoRestart] $kind:ident $default:expr) => {
        AutoRestart::Unexpected
    };
    ([Signal] $kind:ident $default:expr) => {
        Signal::TERM
    };
    ([ExitCodes] $kind:ident $default:expr) => {
        ExitCodes::Borrowed(&[0])
    };
    ([LogFile<'a>] $kind:ident $default:expr) => {
        LogFile::Auto
    };
    ([Option<$($type:tt)+] $kind:ident $default:expr) => {
        None
    };
}

keys::supervisord_rows!(options);
keys::program_rows!(options);
keys::process_rows!(options);
keys::eventlistener_rows!(options);
keys::fcgi_rows!(options);
keys::inet_rows!(options);
keys::unix_rows!(options);
keys::program_rows!(reader);

/// A number of the table, which the compiler reads: decimal, or octal, or with `MB` after it.
const fn number(text: Option<&str>, kind: &str) -> i64 {
    let base = if matches!(kind.as_bytes(), b"Octal") { 8 } else { 10 };
    let Some(text) = text else { return 0 };
    let mut rest = text.as_bytes();
    let mut number = 0;
    while let [digit @ b'0'..=b'9', more @ ..] = rest {
        number = number * base + (*digit - b'0') as i64;
        rest = more;
    }
    match rest {
        b"MB" => number << 20,
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_reads_the_defaults_of_the_table() {
        let standard = SupervisordOptions::STANDARD;
        assert_eq!(standard.minfds.known(), Some(&1024.into()));
        assert_eq!(standard.umask.known(), Some(&0o022.into()));
        assert_eq!(standard.logfile_maxbytes.known(), Some(&(50 << 20).into()));
        assert_eq!(standard.loglevel.known(), Some(&"info"));
        let standard = ProgramOptions::STANDARD;
        assert_eq!((standard.autostart.known(), standard.stopasgroup.known()), (Some(&true), Some(&false)));
        assert_eq!((standard.priority.known(), standard.umask.known()), (Some(&999.into()), Some(&None)));
    }
}
