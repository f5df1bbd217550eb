//! The file that hands secrets to a unit: `EnvironmentFile=`, of mode 0600, which no unit and no report shows (facts 4.5).

use super::escape::{Comment, UnitValue};
use super::name::UnitName;
use crate::convert::PlanFile;

/// The variables of one unit that are secrets, by name and value.
pub(super) type Secrets = [(String, String)];

/// Where they are, below `/`.
pub(super) const FOLDER: &str = "etc/supconv";

/// Below `/`. systemd takes the path for a pattern, so its name has plain characters only.
fn path(unit: &UnitName) -> String {
    format!("{FOLDER}/{}.env", unit.file_stem())
}

/// The value of `EnvironmentFile=`. Without `-`: where the file is missing the program must not run without its secrets.
pub(super) fn value(unit: &UnitName) -> Option<UnitValue> {
    UnitValue::plain(&format!("/{}", path(unit)))
}

/// The file.
pub(super) fn file(unit: &UnitName, header: &[Comment], secrets: &Secrets) -> PlanFile {
    let mut text = String::new();
    for comment in header {
        text.extend(["# ", comment.as_str(), "\n"]);
    }
    for (name, value) in secrets {
        text.extend([name, "=\"", &quoted(value), "\"\n"]);
    }
    PlanFile { path: path(unit), mode: 0o600, text: text.into(), secret: true }
}

/// A value within double quotes: four characters take a backslash, all others, line ends too, stand as they are.
fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, '\\' | '"' | '$' | '`') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_of_environment_files() {
        for (value, expected) in [
            ("plain", "plain"),
            ("a \"b\" $c `d` \\e", "a \\\"b\\\" \\$c \\`d\\` \\\\e"),
            ("two\nlines # ; '", "two\nlines # ; '"),
        ] {
            assert_eq!(quoted(value), expected);
        }
    }
}
