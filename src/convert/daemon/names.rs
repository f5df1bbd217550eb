//! Names that are safe as the name of a file, as a key of TOML and for the daemons themselves, and different from each other.

use crate::hash::HashSet;

/// Bytes of a name: with what stands around it in a file's name, a directory takes no more than 255.
const LONGEST: usize = 200;

/// The names that are taken.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// The name, or with a number after it where it is taken.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let numbered = |number: usize| format!("{wanted}_{number}");
        let mut name = wanted.to_owned();
        let mut number = 2;
        while self.0.contains(&name) {
            name = numbered(number);
            number += 1;
        }
        self.0.insert(name.clone());
        name
    }
}

/// A name in letters, digits and `_.-` only. pitchfork takes neither `--` nor `..`, and no `-` at an end; a file that begins with
/// a dot is passed over by many.
#[must_use]
pub(crate) fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if out.len() == LONGEST {
            break;
        }
        let c = match c {
            ':' => '.',
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') => c,
            _ => '_',
        };
        let again = !c.is_ascii_alphanumeric() && c != '_' && (out.is_empty() || out.ends_with(c));
        out.push(if again { '_' } else { c });
    }
    if out.is_empty() || out.ends_with('-') {
        out.push('_');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for (name, expected) in [
            ("web", "web"),
            ("g:web_00", "g.web_00"),
            ("a b/é", "a_b__"),
            ("..", "_."),
            ("--x--", "_-x-_"),
            ("x-", "x-_"),
            ("", "_"),
            ("a::b", "a._b"),
        ] {
            assert_eq!(plain(name), expected, "{name:?}");
        }
        assert_eq!(plain(&"é".repeat(500)).len(), LONGEST);
    }

    #[test]
    fn names_are_different() {
        let mut names = Names::default();
        let given = ["a", "a", "A", "a_2", "a"].map(|name| names.fresh(name));
        assert_eq!(given, ["a", "a_2", "A", "a_2_2", "a_3"]);
    }
}
