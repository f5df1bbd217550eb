//! Python's unbounded integer and the texts that `int()` accepts.

use std::cmp::Ordering;
use std::fmt;
use std::fmt::Write as _;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::ToPrimitive;

use super::text::{is_space, repr_cut};

/// An integer without bounds, as Python has them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer(Form);

/// A number that fits an i64 is always [`Form::Small`], so that equal numbers are equal values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    Small(i64),
    /// Boxed: it is rare, and the others would be as large.
    Big(Box<BigInt>),
}

impl Ord for Form {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            (Self::Big(a), Self::Big(b)) => a.cmp(b),
            // Every small number lies between the negative and the positive big ones.
            (Self::Small(_), Self::Big(b)) => Sign::NoSign.cmp(&b.sign()),
            (Self::Big(a), Self::Small(_)) => a.sign().cmp(&Sign::NoSign),
        }
    }
}

impl PartialOrd for Form {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Integer {
    fn from(n: i64) -> Self {
        Self(Form::Small(n))
    }
}

impl Default for Integer {
    /// Zero.
    fn default() -> Self {
        Self::small(0)
    }
}

impl From<BigInt> for Integer {
    fn from(n: BigInt) -> Self {
        Self(n.to_i64().map_or_else(|| Form::Big(n.into()), Form::Small))
    }
}

impl Integer {
    /// A number that fits, where the compiler makes it.
    #[must_use]
    pub const fn small(n: i64) -> Self {
        Self(Form::Small(n))
    }

    fn to_big(&self) -> BigInt {
        match &self.0 {
            Form::Small(n) => (*n).into(),
            Form::Big(n) => BigInt::clone(n),
        }
    }

    /// The number, if it fits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Small(n) => Some(n),
            Form::Big(_) => None,
        }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let small = self.to_i64().zip(other.to_i64());
        match small.and_then(|(a, b)| a.checked_add(b)) {
            Some(sum) => sum.into(),
            None => (self.to_big() + other.to_big()).into(),
        }
    }

    /// The product.
    #[must_use]
    pub fn mul_i64(&self, factor: i64) -> Self {
        match self.to_i64().and_then(|n| n.checked_mul(factor)) {
            Some(product) => product.into(),
            None => (self.to_big() * factor).into(),
        }
    }

    /// The product of two.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        match other.to_i64() {
            Some(factor) => self.mul_i64(factor),
            None => (self.to_big() * other.to_big()).into(),
        }
    }

    /// Whether the number is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Form::Small(n) => *n < 0,
            Form::Big(n) => n.sign() == Sign::Minus,
        }
    }

    /// Whether the number is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.to_i64() == Some(0)
    }

    /// The digits to the base 8, 10 or 16, after a minus sign if the number is negative, with no prefix.
    #[must_use]
    pub fn to_string_radix(&self, base: u32) -> String {
        let mut text = if self.is_negative() { "-".to_owned() } else { String::new() };
        match &self.0 {
            Form::Small(n) => push_digits(&mut text, n.unsigned_abs(), base, 1),
            Form::Big(n) => text.push_str(&digits(n.magnitude(), base)),
        }
        text
    }

    /// `float(n)` (`PyLong_AsDouble`): the nearest double, the even one of two; None where Python
    /// raises `OverflowError`.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        let float = match &self.0 {
            Form::Small(n) => n.to_f64(),
            // num-bigint 0.5.1 does not see all of the low bits that decide a tie; the parser of
            // the standard library does. No double has more than 1024 bits before its point.
            Form::Big(n) if n.bits() <= 1024 => self.to_string().parse().ok(),
            Form::Big(_) => None,
        };
        float.filter(|f| f.is_finite())
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Small(n) => n.fmt(f),
            Form::Big(n) => f.pad_integral(n.sign() != Sign::Minus, "", &digits(n.magnitude(), 10)),
        }
    }
}

impl serde::Serialize for Integer {
    /// A JSON number with every digit.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Small(n) => serializer.serialize_i64(*n),
            Form::Big(_) => serde_json::Number::from_string_unchecked(self.to_string()).serialize(serializer),
        }
    }
}

/// Why `int()` refuses a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntError {
    /// It is not an integer to this base.
    Invalid {
        /// The base asked for.
        base: u32,
    },
    /// It has more digits than Python converts.
    TooLong {
        /// How many.
        digits: usize,
    },
}

impl IntError {
    /// The text of Python 3.11's and 3.12's `ValueError` about `text`. Python 3.10 leaves the
    /// word "digits" out of the parentheses.
    #[must_use]
    pub fn message(&self, text: &str) -> String {
        match self {
            Self::Invalid { base } => {
                format!("invalid literal for int() with base {base}: {}", repr_cut(text, 200))
            }
            Self::TooLong { digits } => format!(
                "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has \
                 {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
            ),
        }
    }
}

/// `sys.get_int_max_str_digits()`, unless someone changed it.
pub(super) const MAX_DIGITS: usize = 4300;

/// The zeros of all runs of decimal digits of Unicode 14 (Python 3.11), but for ASCII's own. The
/// other nine digits follow each.
#[rustfmt::skip]
const ZEROS: [char; 65] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}',
    '\u{C66}', '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}', '\u{1040}', '\u{1090}',
    '\u{17E0}', '\u{1810}', '\u{1946}', '\u{19D0}', '\u{1A80}', '\u{1A90}', '\u{1B50}', '\u{1BB0}',
    '\u{1C40}', '\u{1C50}', '\u{A620}', '\u{A8D0}', '\u{A900}', '\u{A9D0}', '\u{A9F0}', '\u{AA50}',
    '\u{ABF0}', '\u{FF10}', '\u{104A0}', '\u{10D30}', '\u{11066}', '\u{110F0}', '\u{11136}',
    '\u{111D0}', '\u{112F0}', '\u{11450}', '\u{114D0}', '\u{11650}', '\u{116C0}', '\u{11730}',
    '\u{118E0}', '\u{11950}', '\u{11C50}', '\u{11D50}', '\u{11DA0}', '\u{16A60}', '\u{16AC0}',
    '\u{16B50}', '\u{1D7CE}', '\u{1D7D8}', '\u{1D7E2}', '\u{1D7EC}', '\u{1D7F6}', '\u{1E140}',
    '\u{1E2F0}', '\u{1E950}', '\u{1FBF0}',
];

/// What `_PyUnicode_TransformDecimalAndSpaceToASCII` puts for a character of a text that is not
/// all ASCII.
fn to_ascii(c: char) -> char {
    // All of ASCII but DEL, for which '?' makes no difference: neither is part of a number.
    if c.is_ascii() {
        return c;
    }
    if is_space(c) {
        return ' ';
    }
    let digit = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|d| *d < 10);
    let digit = ZEROS.iter().find_map(digit);
    digit.and_then(|d| char::from_digit(d, 10)).unwrap_or('?')
}

/// `int(text, base)` of a str, for the bases 8 and 10 (`PyLong_FromUnicodeObject`,
/// `PyLong_FromString`).
///
/// # Errors
/// Where Python raises `ValueError`.
pub fn parse(text: &str, base: u32) -> Result<Integer, IntError> {
    if let Some(number) = parse_short(text, base) {
        return Ok(number.into());
    }
    // In a text of nothing but ASCII, U+001C to U+001F are no space either: this is C's isspace().
    let is_space = |c| matches!(c, ' ' | '\t'..='\r');
    let ascii: String;
    let mut rest = if text.is_ascii() {
        text
    } else {
        ascii = text.chars().map(to_ascii).collect();
        &ascii
    };
    let invalid = IntError::Invalid { base };
    rest = rest.trim_start_matches(is_space);
    let negative = rest.starts_with('-');
    rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    if base == 8
        && let Some(tail) = rest.strip_prefix("0o").or_else(|| rest.strip_prefix("0O"))
    {
        rest = tail.strip_prefix('_').unwrap_or(tail);
    }
    let tail = rest.trim_start_matches(|c: char| c == '_' || c.is_digit(base));
    let number = rest.strip_suffix(tail).unwrap_or_default();
    if number.starts_with('_') || number.ends_with('_') || number.contains("__") {
        return Err(invalid);
    }
    let digits: Vec<u8> = number.bytes().filter(|b| *b != b'_').map(|b| b - b'0').collect();
    // Before a look at what follows (Python 3.12 takes that look first), and not for a power of
    // two, which is quick to convert.
    if digits.len() > MAX_DIGITS && !base.is_power_of_two() {
        return Err(IntError::TooLong { digits: digits.len() });
    }
    if digits.is_empty() || !tail.trim_start_matches(is_space).is_empty() {
        return Err(invalid);
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    Ok(BigInt::from_biguint(sign, magnitude(&digits, base)).into())
}

/// A few digits and nothing else, as nearly every number is written.
fn parse_short(text: &str, base: u32) -> Option<i64> {
    if text.is_empty() || text.len() > CHUNK {
        return None;
    }
    let push = |number, b| Some(number * i64::from(base) + i64::from(char::from(b).to_digit(base)?));
    text.bytes().try_fold(0, push)
}

/// So many digits to the base 8, 10 or 16 fit into an i64.
const CHUNK: usize = 15;

/// `base` to the power of [`CHUNK`].
fn chunk(base: u32) -> u64 {
    u64::from(base).pow(15)
}

/// The number that digits to the base 8 or 10 make. num-bigint's own conversions, these to and from the base 10 and every one
/// to a base that the compiler does not know, are the only code that would bind the program to the mathematics library, which
/// costs a tenth of a cold start.
fn magnitude(digits: &[u8], base: u32) -> BigUint {
    if base == 8 {
        return BigUint::from_radix_be(digits, 8).unwrap_or_default();
    }
    let value = |part: &[u8]| part.iter().fold(0, |value, digit| value * 10 + u64::from(*digit));
    digits.chunks(CHUNK).fold(BigUint::ZERO, |number, part| {
        let length = u32::try_from(part.len()).unwrap_or(0);
        number * 10u64.pow(length) + value(part)
    })
}

/// The digits of a number that is not zero, to the base 8, 10 or 16.
fn digits(number: &BigUint, base: u32) -> String {
    let mut parts = Vec::new();
    let mut rest = number.clone();
    while rest != BigUint::ZERO {
        parts.push((&rest % chunk(base)).iter_u64_digits().next().unwrap_or(0));
        rest /= chunk(base);
    }
    let mut text = String::new();
    for part in parts.iter().rev() {
        let width = if text.is_empty() { 1 } else { CHUNK };
        push_digits(&mut text, *part, base, width);
    }
    text
}

/// The digits of a small number to the base 8, 10 or 16, after zeros up to a width.
fn push_digits(text: &mut String, n: u64, base: u32, width: usize) {
    // Writing to a String cannot fail.
    let _ = match base {
        8 => write!(text, "{n:0width$o}"),
        16 => write!(text, "{n:0width$x}"),
        _ => write!(text, "{n:0width$}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(text: &str, base: u32) -> Option<String> {
        parse(text, base).ok().map(|n| n.to_string())
    }

    #[test]
    fn int_takes_what_python_takes() {
        for (text, base, want) in [
            (" \t+1_0\x0b", 10, Some("10")),
            ("\u{85}-٣\u{3000}", 10, Some("-3")),
            ("007", 10, Some("7")),
            ("-9223372036854775809", 10, Some("-9223372036854775809")),
            ("0o_17", 8, Some("15")),
            ("-0O7", 8, Some("-7")),
            ("1\x1c", 10, None),
            ("1\x1c\u{a0}", 10, None),
            ("1\0", 10, None),
            ("_1", 10, None),
            ("1_", 10, None),
            ("1__1", 10, None),
            ("", 10, None),
            ("+-1", 10, None),
            ("0o7", 10, None),
            ("0o", 8, None),
            ("0o__7", 8, None),
            ("8", 8, None),
            ("- 1", 10, None),
        ] {
            assert_eq!(int(text, base).as_deref(), want, "{text:?} {base}");
        }
    }

    #[test]
    fn the_limit_is_on_decimal_digits() {
        assert!(parse(&"0".repeat(4300), 10).is_ok_and(|n| n.is_zero()));
        let long = "1".repeat(4301);
        assert_eq!(parse(&(long.clone() + "x"), 10), Err(IntError::TooLong { digits: 4301 }));
        assert!(parse(&long, 8).is_ok());
        assert_eq!(parse(&(long + "__1"), 10), Err(IntError::Invalid { base: 10 }));
    }

    #[test]
    fn numbers_are_equal_whatever_they_came_from() {
        let max = Integer::from(i64::MAX);
        let big = max.add(&1.into());
        assert!(max < big && big.mul_i64(-1) < Integer::from(i64::MIN + 1) && big.to_i64().is_none());
        assert_eq!(big.mul_i64(-1), i64::MIN.into());
        assert_eq!(big.add(&(-1).into()), max);
        assert!(big.mul_i64(-2).is_negative() && big.mul_i64(0).is_zero());
        assert_eq!(big.to_string_radix(16), "8000000000000000");
        assert_eq!(Integer::from(-9).to_string_radix(8), "-11");
    }

    #[test]
    fn json_has_every_digit() {
        let n = Integer::from(i64::MAX).mul_i64(-1_000_000_000);
        let json = serde_json::to_string(&[n.clone(), 7.into()]);
        assert_eq!(json.ok().as_deref(), Some("[-9223372036854775807000000000,7]"));
        assert_eq!(serde_json::to_value(&n).ok().map(|v| v.to_string()), Some(n.to_string()));
    }

    #[test]
    fn floats_are_rounded_to_even_or_refused() {
        assert_eq!(Integer::from((1 << 53) + 1).to_f64(), Some(9_007_199_254_740_992.0));
        let above_tie = parse(&format!("6251040676745544110{}4", "0".repeat(194)), 8);
        let bits = above_tie.ok().and_then(|n| n.to_f64()).map(f64::to_bits);
        assert_eq!(bits, Some(0x6809_5220_df79_6c85));
        assert!(parse(&"9".repeat(308), 10).is_ok_and(|n| n.to_f64().is_some()));
        assert!(parse(&"9".repeat(309), 10).is_ok_and(|n| n.to_f64().is_none()));
    }
}
