//! Python's `text % mapping`, with which Supervisor expands `%(here)s` and the like.

use super::integer::Integer;
use super::number::{FLAGS, Formatted, INT_MAX, Spec, decimal, float, integer, size};
use super::text::{ascii, repr};
use std::borrow::Cow;
use std::str::Chars;

/// How many bytes the conversions of one expansion may make, padding included.
pub const MADE: usize = 1 << 20;

/// How many conversions beyond [`MADE`] are still searched for errors.
const LATE: usize = 1000;

/// What no 64-bit machine can allocate (47 bits of addresses): always a `MemoryError`.
const NO_MEMORY: u64 = 1 << 47;

/// A value that a name stands for.
#[derive(Clone)]
pub enum Var<'a> {
    /// A `str`.
    Text(Cow<'a, str>),
    /// An `int`; Supervisor has them for `process_num` and `numprocs` only.
    Int(&'a Integer),
    /// A `str` whose text is not known.
    Unknown,
}

/// The names that an expansion may use, in the order of Supervisor's dictionary.
pub trait Names {
    /// The value of a name.
    fn get(&self, name: &str) -> Option<Var<'_>>;
    /// The whole dictionary in its order.
    fn entries(&self) -> Vec<(Cow<'_, str>, Var<'_>)>;
    /// Whether other `ENV_` names exist that are not known. `get` answers [`Var::Unknown`] for them
    /// itself; `entries` is then incomplete.
    fn open(&self) -> bool;
}

/// What a text expands to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expanded<'a> {
    /// The expanded text.
    Text(Cow<'a, str>),
    /// No error, but the text contains a value that is not known, or a lone surrogate (`%c` of an
    /// int), which no text of ours can hold.
    Unknown,
}

/// Why a text cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandError {
    /// `KeyError`: the first name that does not exist.
    Missing {
        /// The name.
        name: String,
    },
    /// Any other exception.
    Format {
        /// `str()` of the exception; empty for a `MemoryError`.
        message: String,
    },
    /// Python finds no error (if its memory suffices), but the conversions make more than [`MADE`].
    /// (Of a text that goes on for a thousand conversions after that, the rest is not looked at.)
    Bound,
}

impl From<String> for ExpandError {
    fn from(message: String) -> Self {
        Self::Format { message }
    }
}

impl ExpandError {
    fn format(message: impl Into<String>) -> Self {
        Self::Format { message: message.into() }
    }
}

/// `text % names` (Python 3.10-3.12, `Objects/unicodeobject.c`: `PyUnicode_Format`).
///
/// # Errors
/// For the first thing that Python raises an exception for, else for too long a result.
pub fn expand<'a>(text: &'a str, names: &dyn Names) -> Result<Expanded<'a>, ExpandError> {
    if !text.contains('%') {
        return Ok(Expanded::Text(Cow::Borrowed(text)));
    }
    let mut formatter = Formatter {
        text,
        rest: text.chars(),
        names,
        argument: Some(Argument::Names),
        out: String::new(),
        made: 0,
        unknown: false,
    };
    let mut late = 0;
    while let Some((literal, rest)) = formatter.rest.as_str().split_once('%') {
        formatter.out.push_str(literal);
        formatter.rest = rest.chars();
        formatter.conversion()?;
        if formatter.over() {
            late += 1;
            if late > LATE {
                return Err(ExpandError::Bound);
            }
        }
    }
    formatter.out.push_str(formatter.rest.as_str());
    if formatter.over() {
        Err(ExpandError::Bound)
    } else if formatter.unknown {
        Ok(Expanded::Unknown)
    } else {
        Ok(Expanded::Text(Cow::Owned(formatter.out)))
    }
}

/// The text of the `ValueError` (Supervisor 4.3.0, options.py: `expand`) when `text`, which is the
/// value of `option`, cannot be expanded with `names`. For [`ExpandError::Bound`] a text of our own.
#[must_use]
pub fn message(error: &ExpandError, text: &str, option: &str, names: &dyn Names) -> String {
    let format = format!("Format string {} for {}", repr(text), repr(option));
    match error {
        ExpandError::Missing { name } => {
            let entries = names.entries();
            let mut available: Vec<&str> = entries.iter().map(|(name, _)| name.as_ref()).collect();
            if names.open() {
                available.push("ENV_*");
            }
            // UTF-8 sorts by code point, as Python does.
            available.sort_unstable();
            format!(
                "{format} contains names ({}) which cannot be expanded. Available names: {}",
                repr(name),
                available.join(", ")
            )
        }
        ExpandError::Format { message } => format!("{format} is badly formatted: {message}"),
        ExpandError::Bound => format!("{format} expands to more than {MADE} bytes"),
    }
}

/// What the next conversion (or `*`) takes.
enum Argument<'n> {
    /// The whole dictionary, before there was any `%(name)`.
    Names,
    Value(Var<'n>),
}

impl Argument<'_> {
    /// `type(argument).__name__`
    fn kind(&self) -> &'static str {
        match self {
            Self::Names => "dict",
            Self::Value(Var::Int(_)) => "int",
            Self::Value(Var::Text(_) | Var::Unknown) => "str",
        }
    }
}

/// Python's `struct unicode_formatter_t`.
struct Formatter<'t, 'n> {
    text: &'t str,
    rest: Chars<'t>,
    names: &'n dyn Names,
    /// Taken by the first conversion (`arglen` -1, `argidx` -2), set again by `%(name)`.
    argument: Option<Argument<'n>>,
    out: String,
    /// Beyond [`MADE`] nothing more is written, but errors are still looked for.
    made: u64,
    unknown: bool,
}

impl<'n> Formatter<'_, 'n> {
    /// What follows a `%`: `unicode_format_arg_parse`. Once the text ends, `c` stays `None`; every
    /// such end is the same error, but errors of names and of `*` come before it.
    fn conversion(&mut self) -> Result<(), ExpandError> {
        let mut c = self.rest.next();
        if c == Some('%') {
            self.out.push('%');
            return Ok(());
        }
        if c == Some('(') {
            self.name()?;
            c = self.rest.next();
        }
        let mut spec = Spec::default();
        while let Some(bit) = c.and_then(|c| FLAGS.find(c)) {
            spec.flags |= 1 << bit;
            c = self.rest.next();
        }
        if c == Some('*') {
            self.star("ssize_t", |value| value.to_i64().is_some())?;
            c = self.rest.next();
        } else {
            spec.width = self.number(&mut c, i64::MAX.unsigned_abs(), "width too big")?;
        }
        if c == Some('.') {
            c = self.rest.next();
            if c == Some('*') {
                self.star("int", |value| value.to_i64().is_some_and(|value| i32::try_from(value).is_ok()))?;
                c = self.rest.next();
            } else {
                let precision = self.number(&mut c, INT_MAX, "precision too big")?;
                spec.precision = Some(precision.unwrap_or(0));
            }
        }
        if matches!(c, Some('h' | 'l' | 'L')) {
            c = self.rest.next();
        }
        let letter = c.ok_or_else(|| ExpandError::format("incomplete format"))?;
        let argument = self.take()?;
        self.convert(letter, argument, &spec)
    }

    /// The name after `%(`; parentheses nest in it.
    fn name(&mut self) -> Result<(), ExpandError> {
        let start = self.rest.as_str();
        let mut depth = 1;
        let mut length = 0;
        while depth > 0 {
            length = start.len() - self.rest.as_str().len();
            match self.rest.next() {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(_) => {}
                None => return Err(ExpandError::format("incomplete format key")),
            }
        }
        let name = start.get(..length).unwrap_or_default();
        let value = self.names.get(name).ok_or_else(|| ExpandError::Missing { name: name.to_owned() })?;
        self.argument = Some(Argument::Value(value));
        Ok(())
    }

    /// `unicode_format_getnextarg`
    fn take(&mut self) -> Result<Argument<'n>, ExpandError> {
        self.argument.take().ok_or_else(|| ExpandError::format("not enough arguments for format string"))
    }

    /// A width or precision from the argument. Its value never matters: it uses up the argument, so
    /// that the conversion fails; only the order of the errors does.
    fn star(&mut self, c_type: &str, fits: impl Fn(&Integer) -> bool) -> Result<(), ExpandError> {
        match self.take()? {
            Argument::Value(Var::Int(value)) if fits(value) => Ok(()),
            Argument::Value(Var::Int(_)) => {
                Err(ExpandError::format(format!("Python int too large to convert to C {c_type}")))
            }
            _ => Err(ExpandError::format("* wants int")),
        }
    }

    /// A literal width or precision, if `c` begins one.
    fn number(&mut self, c: &mut Option<char>, max: u64, too_big: &str) -> Result<Option<u64>, ExpandError> {
        let mut number: Option<u64> = None;
        while let Some(digit) = c.and_then(|c| c.to_digit(10)).map(u64::from) {
            let value = number.unwrap_or(0);
            if value > (max - digit) / 10 {
                return Err(ExpandError::format(too_big));
            }
            number = Some(value * 10 + digit);
            *c = self.rest.next();
        }
        Ok(number)
    }

    /// `unicode_format_arg_format`
    fn convert(&mut self, letter: char, argument: Argument<'n>, spec: &Spec) -> Result<(), ExpandError> {
        match (letter, argument) {
            ('s' | 'r' | 'a', argument) => self.convert_text(letter, argument, spec),
            ('d' | 'i' | 'u' | 'o' | 'x' | 'X', Argument::Value(Var::Int(value))) => {
                let number = integer(value, letter, spec)?;
                self.put_number(&number, spec)
            }
            ('o' | 'x' | 'X', other) => {
                Err(ExpandError::format(format!("%{letter} format: an integer is required, not {}", other.kind())))
            }
            ('d' | 'i' | 'u', other) => {
                Err(ExpandError::format(format!("%{letter} format: a real number is required, not {}", other.kind())))
            }
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Argument::Value(Var::Int(value))) => {
                let number = float(value, letter, spec)?;
                self.put_number(&number, spec)
            }
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', other) => {
                Err(ExpandError::format(format!("must be real number, not {}", other.kind())))
            }
            ('c', argument) => self.convert_char(argument, spec),
            _ => {
                let shown = if matches!(letter, '\x1f'..='~') { letter } else { '?' };
                let index = self.text.chars().count() - self.rest.clone().count() - 1;
                Err(ExpandError::format(format!(
                    "unsupported format character '{shown}' ({:#x}) at index {index}",
                    u32::from(letter)
                )))
            }
        }
    }

    fn convert_text(&mut self, letter: char, argument: Argument<'n>, spec: &Spec) -> Result<(), ExpandError> {
        let made = match argument {
            Argument::Value(Var::Text(text)) if letter == 's' => return self.put_text(&text, 0, spec),
            // No error can come of it, and as it makes too much, spare the work.
            Argument::Value(Var::Text(text)) if self.made.saturating_add(size(text.len())) > size(MADE) => {
                return self.put_text("", text.len(), spec);
            }
            Argument::Value(Var::Text(text)) => Some(repr(&text)),
            Argument::Value(Var::Int(value)) => Some(decimal(value)?),
            Argument::Value(Var::Unknown) => None,
            Argument::Names => repr_names(self.names)?,
        };
        match made {
            Some(text) => {
                let text = if letter == 'a' { ascii(text) } else { text };
                self.put_text(&text, text.len(), spec)
            }
            None => self.put_unknown(spec),
        }
    }

    fn convert_char(&mut self, argument: Argument<'n>, spec: &Spec) -> Result<(), ExpandError> {
        let code = match argument {
            Argument::Value(Var::Unknown) => return self.put_unknown(spec),
            Argument::Value(Var::Int(value)) => value
                .to_i64()
                .and_then(|value| u32::try_from(value).ok())
                .filter(|&code| code <= u32::from(char::MAX))
                .ok_or_else(|| ExpandError::format("%c arg not in range(0x110000)"))?,
            Argument::Value(Var::Text(text)) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => u32::from(c),
                    _ => return Err(ExpandError::format("%c requires int or char")),
                }
            }
            Argument::Names => return Err(ExpandError::format("%c requires int or char")),
        };
        match char::from_u32(code) {
            // The precision does not cut.
            Some(c) => self.put_text(c.encode_utf8(&mut [0; 4]), 0, &Spec { precision: None, ..*spec }),
            None => self.put_unknown(spec),
        }
    }

    /// Accounts for what is about to be written; answers whether to write it.
    fn make(&mut self, bytes: u64) -> Result<bool, ExpandError> {
        if bytes >= NO_MEMORY {
            return Err(ExpandError::format(""));
        }
        self.made = self.made.saturating_add(bytes);
        Ok(!self.over())
    }

    /// Whether only errors are looked for from now on.
    fn over(&self) -> bool {
        self.made > size(MADE)
    }

    fn put_unknown(&mut self, spec: &Spec) -> Result<(), ExpandError> {
        self.unknown = true;
        self.make(spec.width.unwrap_or(0)).map(drop)
    }

    /// `unicode_format_arg_output` of a text, for which `made` bytes were already made.
    fn put_text(&mut self, text: &str, made: usize, spec: &Spec) -> Result<(), ExpandError> {
        let width = spec.width.unwrap_or(0);
        if self.over() {
            // Do not even count its characters.
            return self.make(width).map(drop);
        }
        let precision = spec.precision.and_then(|precision| usize::try_from(precision).ok());
        let end = precision.and_then(|precision| text.char_indices().nth(precision));
        let shown = end.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
        let pad = match width {
            0 => 0,
            width => width.saturating_sub(size(shown.chars().count())),
        };
        if self.make(pad.saturating_add(size(shown.len().max(made))))? {
            let left = spec.has('-');
            if !left {
                self.fill(' ', pad);
            }
            self.out.push_str(shown);
            if left {
                self.fill(' ', pad);
            }
        }
        Ok(())
    }

    /// `unicode_format_arg_output` of a number.
    fn put_number(&mut self, number: &Formatted, spec: &Spec) -> Result<(), ExpandError> {
        let sign = if number.negative {
            "-"
        } else if spec.has('+') {
            "+"
        } else if spec.has(' ') {
            " "
        } else {
            ""
        };
        let written = sign.len() + number.prefix.len() + number.digits.len() + number.suffix.len();
        let length = size(written).saturating_add(number.lead).saturating_add(number.trail);
        let pad = spec.width.unwrap_or(0).saturating_sub(length);
        let (left, zero) = (spec.has('-'), spec.has('0'));
        if self.make(length.saturating_add(pad))? {
            if !left && !zero {
                self.fill(' ', pad);
            }
            self.out.push_str(sign);
            self.out.push_str(number.prefix);
            if !left && zero {
                self.fill('0', pad);
            }
            self.fill('0', number.lead);
            self.out.push_str(&number.digits);
            self.fill('0', number.trail);
            self.out.push_str(&number.suffix);
            if left {
                self.fill(' ', pad);
            }
        }
        Ok(())
    }

    fn fill(&mut self, fill: char, count: u64) {
        self.out.extend((0..count).map(|_| fill));
    }
}

/// `repr(dict)`; `None` when something in it is not known.
fn repr_names(names: &dyn Names) -> Result<Option<String>, ExpandError> {
    let mut text = String::from("{");
    let mut known = !names.open();
    for (name, value) in names.entries() {
        let value = match value {
            Var::Text(value) => repr(&value),
            Var::Int(value) => decimal(value)?,
            Var::Unknown => {
                known = false;
                continue;
            }
        };
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(&repr(&name));
        text.push_str(": ");
        text.push_str(&value);
    }
    text.push('}');
    Ok(known.then_some(text))
}

#[cfg(test)]
mod tests;
