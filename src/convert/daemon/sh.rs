//! A word for `/bin/sh`, which it reads back byte for byte: dash, bash and busybox alike.
//!
//! `well_known::quoted` writes words for a person's bash instead, where what is unseen has to show.

use std::borrow::Cow;

/// The word as an argument, as a value after `=` or as the file of a redirection; nothing in it is expanded, split or matched.
/// As the first word of a command a plain word such as `if` would be the shell's own. None for NUL, which no word can have.
#[must_use]
pub fn quoted(word: &str) -> Option<Cow<'_, str>> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:,@%".contains(&byte);
    if word.contains('\0') {
        None
    } else if !word.is_empty() && word.bytes().all(is_plain) {
        Some(word.into())
    } else {
        // A quote cannot stand within quotes: it stands between two pieces, behind a backslash.
        Some(["'", &word.replace('\'', "'\\''"), "'"].concat().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, expected) in [
            ("/usr/bin/app-1.0", Some("/usr/bin/app-1.0")),
            ("", Some("''")),
            ("a b", Some("'a b'")),
            ("it's", Some("'it'\\''s'")),
            ("'", Some("''\\'''")),
            ("$x\n`y` \\", Some("'$x\n`y` \\'")),
            ("a=b", Some("'a=b'")),
            ("~", Some("'~'")),
            ("é", Some("'é'")),
            ("a\0b", None),
        ] {
            assert_eq!(quoted(word).as_deref(), expected, "{word:?}");
        }
    }
}
