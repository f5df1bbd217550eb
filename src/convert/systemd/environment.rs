//! `Environment=` lines, and which variables they cannot carry (facts 4.3 and 4.4).
use super::escape::{Dollar, UnitValue, UnitWord, word};
use crate::python::filename;
use crate::well_known::is_name;

/// The variables of a program, by the way they reach it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignments {
    /// One value of `Environment=` a variable, in their order; the last of a name wins.
    pub lines: Vec<UnitValue>,
    /// What only `/usr/bin/env NAME=VALUE` can set, for [`super::exec::Invocation::wrapped`], which also refuses what
    /// nothing can set.
    pub wrapped: Vec<(String, String)>,
}

/// Sorts the variables of `environment=`.
#[must_use]
pub fn variables<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Assignments {
    let mut found = Assignments::default();
    for (name, value) in pairs {
        match assignment(name, value).and_then(|word| UnitValue::words(&[word])) {
            Some(line) => found.lines.push(line),
            None => found.wrapped.push((name.to_owned(), value.to_owned())),
        }
    }
    found
}

/// The variables that Supervisor gives each process (facts 4.1), on one line; what `environment=` sets comes after
/// it and wins, as it does in Supervisor. None for a name with NUL.
#[must_use]
pub fn identity(group: &str, process: &str) -> Option<UnitValue> {
    UnitValue::words(&[
        assignment("SUPERVISOR_ENABLED", "1")?,
        assignment("SUPERVISOR_GROUP_NAME", group)?,
        assignment("SUPERVISOR_PROCESS_NAME", process)?,
    ])
}

/// None where `Environment=` would drop it: a name that systemd does not take, NUL, what is not UTF-8. There is no substitution
/// here, so `$` stays.
fn assignment(name: &str, value: &str) -> Option<UnitWord> {
    let taken = is_name(name) && !filename::has_bytes(value);
    taken.then(|| word([name, "=", value].concat(), Dollar::Kept)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        let names = ["FOO", "foo", "_x", "A1", "1A", "A.B", "A-B", "é", "A B", "\"Q\"", ""];
        let found = variables(names.map(|name| (name, "v")));
        let lines: Vec<_> = found.lines.iter().map(UnitValue::as_str).collect();
        assert_eq!(lines, ["FOO=v", "foo=v", "_x=v", "A1=v"]);
        let wrapped: Vec<_> = found.wrapped.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(wrapped, ["1A", "A.B", "A-B", "é", "A B", "\"Q\"", ""]);
    }

    #[test]
    fn values() {
        let found = variables([
            ("A", "say \"hi\" 100%"),
            ("B", "$HOME\nUser=root"),
            ("C", ""),
            ("D", "\0"),
            ("E", "\u{10f7ff}"),
        ]);
        let lines: Vec<_> = found.lines.iter().map(UnitValue::as_str).collect();
        assert_eq!(lines, ["\"A=say \\\"hi\\\" 100%%\"", "\"B=$HOME\\nUser=root\"", "C="]);
        let wrapped: Vec<_> = found.wrapped.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(wrapped, ["D", "E"]);
    }

    #[test]
    fn one_line_says_who_it_is() {
        let line = identity("web", "a b");
        let expected = "SUPERVISOR_ENABLED=1 SUPERVISOR_GROUP_NAME=web \"SUPERVISOR_PROCESS_NAME=a b\"";
        assert_eq!(line.as_ref().map(UnitValue::as_str), Some(expected));
    }
}
