//! What people call a rule: its code, its name, the beginning of its code; and what they may have meant.

use super::spelling::closest;
use super::{Check, RULES};
use crate::diagnostic::Rule;
use crate::target::announce;

/// All rules, those too by which only conversions speak, sorted by code.
#[must_use]
pub fn catalogue() -> Vec<&'static Rule> {
    let mut all: Vec<&'static Rule> = every().collect();
    all.sort_by_key(|rule| rule.code);
    all
}

fn every() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().map(|check| &check.rule).chain(announce::RULES.iter().copied())
}

/// The rule of a code, in small letters too, or of a name.
#[must_use]
pub fn find(word: &str) -> Option<&'static Rule> {
    every().find(|rule| rule.name == word || rule.code.eq_ignore_ascii_case(word))
}

/// The rules of a lint that a word of the command line names: one, or a family by the beginning of its codes.
///
/// # Errors
/// When it names none.
pub fn named(word: &str) -> Result<Vec<&'static Rule>, String> {
    let rules = || RULES.iter().map(|Check { rule, .. }| rule);
    if let Some(rule) = rules().find(|rule| rule.name == word || rule.code.eq_ignore_ascii_case(word)) {
        return Ok(vec![rule]);
    }
    let family = |rule: &Rule| rule.code.get(..word.len()).is_some_and(|code| code.eq_ignore_ascii_case(word));
    let digits = word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("SUP")) && word.len() > 3;
    if digits && every().any(family) {
        let found: Vec<_> = rules().filter(|rule| family(rule)).collect();
        return if found.is_empty() {
            Err("only conversions speak by it; lint does not run it".to_owned())
        } else {
            Ok(found)
        };
    }
    Err(match find(word) {
        Some(_) => "only conversions speak by it; lint does not run it".to_owned(),
        None => format!("no rule is called so: {}", meant(word)),
    })
}

/// What somebody may have meant who wrote a word that names no rule.
#[must_use]
pub fn meant(word: &str) -> String {
    let names = || every().map(|rule| rule.name);
    // minfds for default-minfds, where no other rule has it in its name.
    let mut holds = names().filter(|name| word.len() > 3 && name.contains(word));
    let near = closest(word, names()).or_else(|| holds.next().filter(|_| holds.next().is_none()));
    match near {
        Some(near) => format!("did you mean {near}?"),
        None => "`supconv rule` lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for word in ["SUP101", "sup101", "default-minfds"] {
            assert_eq!(find(word).map(|rule| rule.code), Some("SUP101"), "{word}");
            assert_eq!(named(word).map(|rules| rules.len()), Ok(1), "{word}");
        }
        assert!(named("SUP0").is_ok_and(|rules| rules.len() > 5 && rules.iter().all(|rule| rule.code < "SUP1")));
        assert!(named("sup01").is_ok_and(|rules| rules.iter().all(|rule| rule.code.starts_with("SUP01"))));
        for (word, hint) in [
            ("default-minfs", "did you mean default-minfds?"),
            ("quoted", "did you mean quoted-scalar?"),
            ("nonsense", "`supconv rule` lists them"),
            ("SUP9", "only conversions"),
            ("SUP903", "only conversions"),
            ("kill-scope-differs", "only conversions"),
            ("SUP", "lists them"),
            ("", "lists them"),
            ("SÜP1", "lists them"),
        ] {
            assert!(named(word).is_err_and(|message| message.contains(hint)), "{word}");
        }
    }
}
