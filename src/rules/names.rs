//! What people call a rule: its code, its name, the beginning of its code; and what they may have meant.

use super::RULES;
use super::spelling::closest;
use crate::convert::announce;
use crate::diagnostic::Rule;

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

/// Whether only conversions speak by a rule.
#[must_use]
pub fn is_of_conversions(rule: &Rule) -> bool {
    rule.code.starts_with("SUP9")
}

/// The rules that a word of the command line names: one, or a family by the beginning of its codes.
///
/// # Errors
/// When it names none.
pub fn named(word: &str) -> Result<Vec<&'static Rule>, String> {
    if let Some(rule) = find(word) {
        return Ok(vec![rule]);
    }
    if word.is_empty() {
        return Err("an empty name names no rule: `supconv rule` lists them".to_owned());
    }
    let family = |rule: &Rule| rule.code.get(..word.len()).is_some_and(|code| code.eq_ignore_ascii_case(word));
    let digits = word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("SUP")) && word.len() > 3;
    let mut found: Vec<_> = every().filter(|rule| digits && family(rule)).collect();
    found.sort_by_key(|rule| rule.code);
    if found.is_empty() { Err(format!("no rule is called {word}: {}", meant(word))) } else { Ok(found) }
}

/// What somebody may have meant who wrote a word that names no rule.
#[must_use]
pub fn meant(word: &str) -> String {
    let names = || every().map(|rule| rule.name);
    // minfds for default-minfds, where no other rule has it in its name.
    let mut holds = names().filter(|name| word.len() > 3 && name.contains(word));
    let near = closest(word, names()).or_else(|| holds.next().filter(|_| holds.next().is_none()));
    // SUP999: of a code that there is not, its family is known.
    let code = word.len() > 4 && word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("SUP"));
    let family = word.get(..4).filter(|_| code).map(str::to_ascii_uppercase);
    let family = family.filter(|family| every().any(|rule| rule.code.starts_with(family)));
    match (near, family) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, Some(family)) => {
            let codes = || every().map(|rule| rule.code).filter(|code| code.starts_with(&family));
            let near = closest(word, codes()).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
            format!("{near}`supconv rule {family}` lists those of its family")
        }
        (None, None) => "`supconv rule` lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, code) in
            [("SUP101", "SUP101"), ("sup101", "SUP101"), ("default-minfds", "SUP101"), ("kill-scope-differs", "SUP901")]
        {
            assert_eq!(find(word).map(|rule| rule.code), Some(code), "{word}");
            assert_eq!(named(word).map(|rules| rules.len()), Ok(1), "{word}");
        }
        assert!(named("SUP0").is_ok_and(|rules| rules.len() > 5 && rules.iter().all(|rule| rule.code < "SUP1")));
        assert!(named("sup01").is_ok_and(|rules| rules.iter().all(|rule| rule.code.starts_with("SUP01"))));
        assert_eq!(named("SUP9").map(|rules| rules.len()), Ok(announce::RULES.len()));
        assert!(named("SUP9").is_ok_and(|rules| rules.into_iter().all(is_of_conversions)));
        assert!(named("SUP2").is_ok_and(|rules| !rules.into_iter().any(is_of_conversions)));
        for (word, hint) in [
            ("default-minfs", "did you mean default-minfds?"),
            ("quoted", "did you mean quoted-scalar?"),
            ("nonsense", "`supconv rule` lists them"),
            ("SUP999", "did you mean SUP90"),
            ("SUP999", "`supconv rule SUP9` lists those of its family"),
            ("SUPX", "`supconv rule` lists them"),
            ("SUP", "lists them"),
            ("", "lists them"),
            ("SÜP1", "lists them"),
        ] {
            assert!(named(word).is_err_and(|message| message.contains(hint)), "{word}");
        }
    }
}
