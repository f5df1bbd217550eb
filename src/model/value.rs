//! Supervisor's converters: from the text of an option to its value, refusing what `datatypes.py` refuses in its own words.

mod world;

use std::borrow::Cow;

use super::signal::{Signal, signal};
use crate::keys::{Key, Kind};
use crate::map::Map;
use crate::python;
use crate::python::integer::{self, Integer};
use crate::refusal::Cause;
use crate::syntax::pairs;

pub use world::{World, existing_directory, existing_dirpath, user, user_and_group};

/// A text of a file, or one that was made of it and is kept beside the files.
pub type Text<'a> = &'a str;

/// The result of `environment`, in Supervisor's order.
pub type Variables<'a> = Map<'a, Text<'a>>;

/// Names of events.
pub type Events = Vec<String>;

/// The members of a group.
pub type Members<'a> = Vec<Text<'a>>;

/// Exit codes in the order in which they are written.
pub type ExitCodes = Cow<'static, [u8]>;

/// Why a converter refuses a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Supervisor's message.
    pub message: String,
    /// What is wrong.
    pub cause: Cause,
}

impl Fault {
    /// A fault of the value itself.
    #[must_use]
    pub fn value(message: impl Into<String>) -> Self {
        Self { message: message.into(), cause: Cause::Value }
    }

    /// The `ValueError` of looking up an account whose name has a NUL.
    #[must_use]
    pub fn nul() -> Self {
        Self { message: "embedded null byte".to_owned(), cause: Cause::Nul }
    }
}

/// What a converter makes of a text.
pub enum Converted<T> {
    /// The value.
    Known(T),
    /// The value depends on what is not known here (`~name`).
    Unknown,
}

impl<T> Converted<T> {
    /// The same with the known value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Converted<U> {
        match self {
            Self::Known(value) => Converted::Known(change(value)),
            Self::Unknown => Converted::Unknown,
        }
    }
}

/// `integer`: Python's `int()`.
///
/// # Errors
/// With `int`'s own message.
pub fn integer(text: &str) -> Result<Integer, Fault> {
    integer::parse(text, 10).map_err(|error| Fault::value(error.message(text)))
}

/// `byte_size`: an integer with `kb`, `mb` or `gb` after it, in any case.
///
/// # Errors
/// With `int`'s message on the lower-cased rest.
pub fn byte_size(text: &str) -> Result<Integer, Fault> {
    let lower = python::lower(text);
    for (suffix, factor) in [("kb", 1i64 << 10), ("mb", 1 << 20), ("gb", 1 << 30)] {
        if let Some(number) = lower.strip_suffix(suffix) {
            return integer(number).map(|number| number.mul_i64(factor));
        }
    }
    integer(&lower)
}

/// `octal_type`: `int(text, 8)`.
///
/// # Errors
/// When it is no octal number.
pub fn octal(text: &str) -> Result<Integer, Fault> {
    integer::parse(text, 8).map_err(|_| Fault::value(format!("{text} can not be converted to an octal type")))
}

/// `boolean`: eight words in any case, not stripped.
///
/// # Errors
/// For any other text.
pub fn boolean(text: &str) -> Result<bool, Fault> {
    truth(&python::lower(text))
        .ok_or_else(|| Fault::value(format!("not a valid boolean value: {}", python::repr(text))))
}

fn truth(lower: &str) -> Option<bool> {
    match lower {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// `autorestart`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoRestart {
    /// Whatever the exit code.
    Always,
    /// Never, once it was RUNNING.
    Never,
    /// Unless the exit code is one of `exitcodes`.
    Unexpected,
}

/// `auto_restart`.
///
/// # Errors
/// With the lower-cased text.
pub fn autorestart(text: &str) -> Result<AutoRestart, Fault> {
    let lower = python::lower(text);
    match (truth(&lower), &*lower) {
        (Some(true), _) => Ok(AutoRestart::Always),
        (Some(false), _) => Ok(AutoRestart::Never),
        (None, "unexpected") => Ok(AutoRestart::Unexpected),
        (None, _) => Err(Fault::value(format!("invalid 'autorestart' value {}", python::repr(&lower)))),
    }
}

/// `list_of_exitcodes`: integers from 0 to 255 between commas; an empty text is an empty list.
///
/// # Errors
/// For anything else.
pub fn exit_codes(text: &str) -> Result<ExitCodes, Fault> {
    if text.is_empty() {
        return Ok(Cow::Borrowed(&[]));
    }
    let code = |text| integer::parse(text, 10).ok()?.to_i64().and_then(|code| u8::try_from(code).ok());
    let codes: Option<Vec<u8>> = text.split(',').map(code).collect();
    codes.map(Cow::Owned).ok_or_else(|| Fault::value(format!("not a valid list of exit codes: {}", python::repr(text))))
}

/// `list_of_strings`: between commas, stripped; an empty text is an empty list.
#[must_use]
pub fn strings(text: &str) -> Members<'_> {
    if text.is_empty() { Vec::new() } else { text.split(',').map(python::strip).collect() }
}

/// `logging_level`: the lower-cased name. Any attribute of the class that holds the levels passes too, and supervisord
/// dies of it later.
///
/// # Errors
/// For any other word.
pub fn logging_level(text: &str) -> Result<Text<'static>, Fault> {
    let lower = python::lower(text);
    let known = LOG_LEVELS.iter().chain(CLASS_ATTRIBUTES).find(|known| **known == lower).copied();
    known.ok_or_else(|| Fault::value(format!("bad logging level name {}", python::repr(text))))
}

/// `loggers.LevelsByDescription`.
pub static LOG_LEVELS: &[&str] = &["critical", "error", "warn", "info", "debug", "trace", "blather"];

/// What else `getattr` finds, and is not None, on a class of CPython 3.11.
static CLASS_ATTRIBUTES: &[&str] = &[
    "mro",
    "__annotations__",
    "__base__",
    "__bases__",
    "__basicsize__",
    "__call__",
    "__class__",
    "__delattr__",
    "__dict__",
    "__dictoffset__",
    "__dir__",
    "__eq__",
    "__flags__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__instancecheck__",
    "__itemsize__",
    "__le__",
    "__lt__",
    "__module__",
    "__mro__",
    "__name__",
    "__ne__",
    "__new__",
    "__or__",
    "__prepare__",
    "__qualname__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__ror__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasscheck__",
    "__subclasses__",
    "__subclasshook__",
    "__weakref__",
    "__weakrefoffset__",
];

/// Where a stream of a program goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFile<'a> {
    /// A file that supervisord names.
    Auto,
    /// Nowhere.
    None,
    /// `syslog`, which Supervisor rewrites to `NONE` and `*_syslog=true`.
    Syslog,
    /// The file of that name; empty for none.
    Path(Text<'a>),
}

/// `logfile_name`.
///
/// # Errors
/// As [`existing_dirpath`].
pub fn logfile<'a>(text: Text<'a>, world: &World<'a>) -> Result<Converted<LogFile<'a>>, Fault> {
    // `lower()` makes none of these words of a text with other letters.
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text {
        _ if is("none") || is("off") => Ok(Converted::Known(LogFile::None)),
        _ if is("auto") => Ok(Converted::Known(LogFile::Auto)),
        _ if is("syslog") => Ok(Converted::Known(LogFile::Syslog)),
        _ => Ok(match existing_dirpath(text, world)? {
            Converted::Known(path) => Converted::Known(LogFile::Path(path)),
            Converted::Unknown => Converted::Unknown,
        }),
    }
}

/// `process_or_group_name`: stripped; no space, colon or slash.
///
/// # Errors
/// With the first character of these three that it has.
pub fn name(text: Text<'_>) -> Result<Text<'_>, Fault> {
    let stripped = python::strip(text);
    match [' ', ':', '/'].into_iter().find(|character| stripped.contains(*character)) {
        None => Ok(stripped),
        Some(character) => Err(Fault {
            message: format!("Invalid name: {} because of character: '{character}'", python::repr(text)),
            cause: Cause::Name,
        }),
    }
}

/// `dict_of_key_value_pairs`.
///
/// # Errors
/// When the tokens make no pairs.
pub fn variables<'a>(text: Text<'a>, world: &World<'a>) -> Result<Variables<'a>, Fault> {
    let keep = |text| world.sources.keep_cow(text);
    match pairs::parse(text) {
        Ok(pairs) => Ok(pairs.into_iter().map(|pair| (keep(pair.key), keep(pair.value))).collect()),
        Err(error) => Err(Fault { message: error.message(text), cause: Cause::Pairs }),
    }
}

/// `import_spec` as far as it goes without importing.
pub enum Reference {
    /// It parses; the host's answer would be yes.
    Parses,
    /// `ValueError`: it "cannot be resolved".
    Refused,
    /// It begins with a dot: Python dies of a `TypeError` with this text.
    Relative(String),
}

/// `importlib.metadata.EntryPoint.load`: `module[:attr] [extras]`.
#[must_use]
pub fn reference(text: &str) -> Reference {
    let word = |c: char| c == '_' || c == '.' || c.is_alphanumeric();
    let body = text.strip_suffix('\n').unwrap_or(text);
    let module = body.find(|c| !word(c)).map_or(body, |end| body.get(..end).unwrap_or(body));
    let rest = python::lstrip(body.get(module.len()..).unwrap_or(""));
    let rest = match rest.strip_prefix(':').map(python::lstrip) {
        None => rest,
        Some(attribute) => {
            let end = attribute.find(|c| !word(c)).unwrap_or(attribute.len());
            if end == 0 {
                return Reference::Refused;
            }
            python::lstrip(attribute.get(end..).unwrap_or(""))
        }
    };
    let extras = python::rstrip(rest);
    let extras = extras.is_empty()
        || (extras.len() > 1 && extras.starts_with('[') && extras.ends_with(']') && !extras.contains('\n'));
    if module.is_empty() || !extras {
        Reference::Refused
    } else if module.starts_with('.') {
        let module = python::repr(module);
        Reference::Relative(format!(
            "TypeError: the 'package' argument is required to perform a relative import for {module}"
        ))
    } else {
        Reference::Parses
    }
}

/// A value that one of Supervisor's converters makes of a text; which one, the option's kind says.
pub trait FromText<'a>: Sized {
    /// What the converter makes of the text.
    ///
    /// # Errors
    /// With Supervisor's own message.
    fn from_text(text: Text<'a>, key: &Key, world: &World<'a>) -> Result<Converted<Self>, Fault>;
}

impl<'a> FromText<'a> for Integer {
    fn from_text(text: Text<'a>, key: &Key, _: &World<'a>) -> Result<Converted<Self>, Fault> {
        match key.kind {
            Kind::Octal => octal(text),
            Kind::ByteSize => byte_size(text),
            _ => integer(text),
        }
        .map(Converted::Known)
    }
}

impl<'a> FromText<'a> for bool {
    fn from_text(text: Text<'a>, _: &Key, _: &World<'a>) -> Result<Converted<Self>, Fault> {
        boolean(text).map(Converted::Known)
    }
}

impl<'a> FromText<'a> for AutoRestart {
    fn from_text(text: Text<'a>, _: &Key, _: &World<'a>) -> Result<Converted<Self>, Fault> {
        autorestart(text).map(Converted::Known)
    }
}

impl<'a> FromText<'a> for Signal {
    fn from_text(text: Text<'a>, _: &Key, _: &World<'a>) -> Result<Converted<Self>, Fault> {
        signal(text).map(Converted::Known)
    }
}

impl<'a> FromText<'a> for ExitCodes {
    fn from_text(text: Text<'a>, _: &Key, _: &World<'a>) -> Result<Converted<Self>, Fault> {
        exit_codes(text).map(Converted::Known)
    }
}

impl<'a> FromText<'a> for LogFile<'a> {
    fn from_text(text: Text<'a>, _: &Key, world: &World<'a>) -> Result<Converted<Self>, Fault> {
        logfile(text, world)
    }
}

impl<'a> FromText<'a> for Variables<'a> {
    fn from_text(text: Text<'a>, _: &Key, world: &World<'a>) -> Result<Converted<Self>, Fault> {
        variables(text, world).map(Converted::Known)
    }
}

impl<'a> FromText<'a> for Members<'a> {
    fn from_text(text: Text<'a>, _: &Key, _: &World<'a>) -> Result<Converted<Self>, Fault> {
        Ok(Converted::Known(strings(text)))
    }
}

impl<'a> FromText<'a> for Text<'a> {
    fn from_text(text: Text<'a>, key: &Key, world: &World<'a>) -> Result<Converted<Self>, Fault> {
        match key.kind {
            Kind::User => user(text, world.host).map(|()| Converted::Known(text)),
            Kind::LoggingLevel => logging_level(text).map(Converted::Known),
            Kind::ExistingDirectory => existing_directory(text, world),
            Kind::ExistingDirpath => existing_dirpath(text, world),
            Kind::Path => world.normalize(python::strip(text)),
            _ => Ok(Converted::Known(text)),
        }
    }
}

impl<'a, T: FromText<'a>> FromText<'a> for Option<T> {
    fn from_text(text: Text<'a>, key: &Key, world: &World<'a>) -> Result<Converted<Self>, Fault> {
        T::from_text(text, key, world).map(|converted| converted.map(Some))
    }
}
