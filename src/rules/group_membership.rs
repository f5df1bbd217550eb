//! SUP315 group-membership: a group that names what is not there.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP315.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP315",
        name: "group-membership",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "programs of a [group:x] names a program that is not there, an event listener, something that is both a program and an \
               fcgi-program, or nothing between two commas. Silent about what may stand in another file.",
        why: "Supervisor refuses the whole file for one name that it does not find; blanks do not separate, so 'a b' is one name.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[group:shop]\nprograms=api,wroker\n\n[program:api]\ncommand=/srv/api\nuser=api\n\n\
              [program:worker]\ncommand=/srv/worker\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[group:shop]\nprograms=api,worker\n\n[program:api]\ncommand=/srv/api\nuser=api\n\n\
               [program:worker]\ncommand=/srv/worker\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Member {
        return None;
    }
    let group = refusal.section.as_deref().unwrap_or("group");
    let member = &*refusal.written;
    let sections = &lint.merged.sections;
    let has = |kind: &str| sections.contains_key(format!("{kind}:{member}").as_str());
    // A file with more has no use for a guess.
    let programs = || {
        let names = sections
            .keys()
            .filter_map(|name| name.strip_prefix("program:").or_else(|| name.strip_prefix("fcgi-program:")));
        names.filter(|name| !name.is_empty()).take(1000)
    };
    let (what, help) = if member.is_empty() {
        (
            "nothing between two commas, or behind the last".to_owned(),
            "take away the comma that nothing follows, or that nothing stands before.".to_owned(),
        )
    } else if has("program") && has("fcgi-program") {
        let both = format!("{}, which is both a program and an fcgi-program", shown(member));
        (both, "rename one of the two.".to_owned())
    } else if has("eventlistener") {
        let listener = format!("{}, which is an event listener and cannot be in a group", shown(member));
        (listener, "take it out of the list.".to_owned())
    } else if member.contains(char::is_whitespace)
        && member.split_whitespace().all(|name| programs().any(|known| known == name))
    {
        let names: Vec<&str> = member.split_whitespace().collect();
        (
            format!("{}, which is one name to Supervisor", shown(member)),
            format!("separate with commas: {}", names.join(",")),
        )
    } else if let Some(padded) = programs().find(|name| name.trim() == member) {
        let kept = format!("{}, and the blank in '[program:{padded}]' belongs to that name", shown(member));
        (kept, format!("write [program:{member}]"))
    } else {
        let help = match closest(member, programs()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("write a [program:{}], or take the name out.", shown(member).trim_matches('\'')),
        };
        (format!("{}, and there is no such program", shown(member)), help)
    };
    Some(Explanation::new(format!("[{group}] names {what}: supervisord refuses to start."), help))
}

/// The word that is at most two letters away from another, one if it is short; the nearest of them.
pub(super) fn closest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = if word.chars().count() < 4 { 1 } else { 2 };
    let word = word.to_lowercase();
    // Most words are too long or too short to be looked at.
    let near = known.filter(|known| known.len().abs_diff(word.len()) <= 2);
    let near = near.map(|known| (distance(&word, &known.to_lowercase()), known));
    near.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters must be changed, added or taken away. Words of very different length are simply far away.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 2 || one.len() > 64 {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, a) in one.chars().enumerate() {
        let mut diagonal = n;
        let mut left = n + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&other) {
            let changed = diagonal + usize::from(a != *b);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = n + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word() {
        let known = ["worker", "web", "api"];
        for (word, near) in [
            ("wroker", Some("worker")),
            ("Web", Some("web")),
            ("wab", Some("web")),
            ("app", Some("api")),
            ("queue", None),
        ] {
            assert_eq!(closest(word, known.into_iter()), near, "{word}");
        }
        assert_eq!(distance("kitten", "sitten"), 1);
        assert_eq!(distance("abc", ""), usize::MAX);
    }
}
