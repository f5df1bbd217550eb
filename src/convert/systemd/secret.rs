//! The file that hands secrets to a unit: `EnvironmentFile=`, of mode 0600, which no unit and no report shows (facts 4.5).

use super::escape::{Comment, UnitValue};
use super::manager::Whose;
use super::name::UnitName;
use crate::convert::PlanFile;

/// The variables of one unit that are secrets, by name and value.
pub(super) type Secrets = [(String, String)];

/// Where they are, below `/`.
pub(super) const FOLDER: &str = "etc/supconv";

/// Where those of an account are, below its home directory: a user manager cannot read root's (facts 16.1).
pub(super) const FOLDER_AT_HOME: &str = ".config/supconv";

/// Below `/` or the home directory. systemd takes the path for a pattern, so its name has plain characters only.
fn path(unit: &UnitName, whose: Whose) -> String {
    let folder = match whose {
        Whose::Machine => FOLDER,
        Whose::Account => FOLDER_AT_HOME,
    };
    format!("{folder}/{}.env", unit.file_stem())
}

/// The value of `EnvironmentFile=`. Without `-`: where the file is missing the program must not run without its secrets.
pub(super) fn value(unit: &UnitName, whose: Whose) -> Option<UnitValue> {
    let path = path(unit, whose);
    match whose {
        Whose::Machine => UnitValue::plain(&format!("/{path}")),
        Whose::Account => UnitValue::below_home(&path),
    }
}

/// The file.
pub(super) fn file(unit: &UnitName, whose: Whose, header: &[Comment], secrets: &Secrets) -> PlanFile {
    let mut text = String::new();
    for comment in header {
        text.extend(["# ", comment.as_str(), "\n"]);
    }
    for (name, value) in secrets {
        text.extend([name, "=\"", &quoted(value), "\"\n"]);
    }
    PlanFile { path: path(unit, whose), mode: 0o600, text: text.into(), secret: true }
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
