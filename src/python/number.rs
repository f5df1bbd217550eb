//! Integers as `%d`, `%x`, `%e` and the like print them: `_PyUnicode_FormatLong` and `formatfloat`.

use super::integer::{Integer, MAX_DIGITS};

/// C's `INT_MAX`, the greatest precision.
pub const INT_MAX: u64 = 0x7fff_ffff;

/// The flags of a conversion.
pub const FLAGS: &str = "-+ #0";

/// What stands between the `%` and the letter of a conversion.
#[derive(Default)]
pub struct Spec {
    /// One bit for each of [`FLAGS`].
    pub flags: u8,
    pub width: Option<u64>,
    pub precision: Option<u64>,
}

impl Spec {
    pub fn has(&self, flag: char) -> bool {
        FLAGS.find(flag).is_some_and(|bit| self.flags & (1 << bit) != 0)
    }
}

/// A formatted number: sign, prefix, `lead` zeros, digits, `trail` zeros, suffix.
pub struct Formatted {
    pub negative: bool,
    pub prefix: &'static str,
    pub lead: u64,
    pub digits: String,
    pub trail: u64,
    pub suffix: String,
}

/// `str(int)`, which has a limit in the security releases of 2022 and later (`Objects/longobject.c`:
/// `long_to_decimal_string_internal`).
pub fn decimal(value: &Integer) -> Result<String, String> {
    let text = value.to_string_radix(10);
    if text.trim_start_matches('-').len() > MAX_DIGITS {
        return Err(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        ));
    }
    Ok(text)
}

/// `_PyUnicode_FormatLong`
pub fn integer(value: &Integer, letter: char, spec: &Spec) -> Result<Formatted, String> {
    let precision = spec.precision.unwrap_or(0);
    if precision > INT_MAX - 3 {
        return Err("precision too large".to_owned());
    }
    let (text, prefix) = match letter {
        'o' => (value.to_string_radix(8), "0o"),
        'x' => (value.to_string_radix(16).to_ascii_lowercase(), "0x"),
        'X' => (value.to_string_radix(16).to_ascii_uppercase(), "0X"),
        _ => (decimal(value)?, ""),
    };
    let digits = text.trim_start_matches('-').to_owned();
    Ok(Formatted {
        negative: value.is_negative(),
        prefix: if spec.has('#') { prefix } else { "" },
        lead: precision.saturating_sub(size(digits.len())),
        digits,
        trail: 0,
        suffix: String::new(),
    })
}

/// `formatfloat` of an int: `Python/pystrtod.c`, `format_float_short`. A float that is whole
/// has no digits after the point, so that all of them there are zeros and need no room yet.
pub fn float(value: &Integer, letter: char, spec: &Spec) -> Result<Formatted, String> {
    /// Digits of the greatest float.
    const DIGITS: u64 = 309;
    let float = value.to_f64().ok_or_else(|| "int too large to convert to float".to_owned())?.abs();
    let precision = spec.precision.unwrap_or(6);
    let alternate = spec.has('#');
    // The significant digits, and the exponent.
    let scientific = |digits: u64| {
        let decimals = usize::try_from(digits.clamp(1, DIGITS) - 1).unwrap_or(0);
        let text = format!("{float:.decimals$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        (mantissa.to_owned(), exponent.parse::<u64>().unwrap_or(0))
    };
    let (mut digits, trail, exponent) = match letter {
        'f' | 'F' => (format!("{float:.0}."), precision, None),
        'e' | 'E' => {
            // C adds 1 to the precision and gets INT_MIN, which asks for one digit.
            let precision = if precision == INT_MAX { 0 } else { precision };
            let (mut mantissa, exponent) = scientific(precision + 1);
            if precision == 0 {
                mantissa.push('.');
            }
            (mantissa, (precision + 1).saturating_sub(DIGITS), Some(exponent))
        }
        _ => {
            let precision = precision.max(1);
            let (mut mantissa, exponent) = scientific(precision);
            if exponent < precision {
                let trail = if alternate { precision - exponent - 1 } else { 0 };
                (format!("{float:.0}."), trail, None)
            } else {
                if !alternate && mantissa.contains('.') {
                    mantissa.truncate(mantissa.trim_end_matches('0').len());
                } else if precision == 1 {
                    mantissa.push('.');
                }
                (mantissa, 0, Some(exponent))
            }
        }
    };
    if trail == 0 && !alternate && digits.ends_with('.') {
        digits.pop();
    }
    let mut suffix = exponent.map_or_else(String::new, |exponent| format!("e+{exponent:02}"));
    if letter.is_ascii_uppercase() {
        suffix.make_ascii_uppercase();
    }
    Ok(Formatted { negative: value.is_negative(), prefix: "", lead: 0, digits, trail, suffix })
}

/// A length as the formatter counts it.
pub fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
