//! Passwords of examples and of defaults: who guesses tries them first.

use super::words::Words;

/// Those that Supervisor's own sample, images of databases and tutorials have, and the usual placeholders.
static USUAL: Words = words!(
    "password passwd pass passw0rd p@ssw0rd secret supersecret admin administrator root toor user guest test testing \
     demo dummy default example foobar letmein qwerty welcome 123 321 1234 12345 123456 1234567 12345678 123456789 \
     changeme change_me change-me changeit change_it changethis change_this change-this replaceme replace_me postgres \
     mysql mariadb redis rabbitmq minioadmin minio123 supervisor sk-1234"
);

/// Whether a password is one of them.
#[must_use]
pub fn is_usual(password: &str) -> bool {
    USUAL.has(password)
        || is_blank(password)
        // A login of which both halves are.
        || password.split_once(':').is_some_and(|(name, rest)| USUAL.has(name) && USUAL.has(rest))
}

/// Whether it is a form to be filled in: `sk-xxxxxx`, `xxxx`, `****`.
#[must_use]
pub fn is_blank(password: &str) -> bool {
    let tail = password.rsplit(['-', '_']).next().unwrap_or("");
    tail.len() >= 4
        && (tail.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'x')) || tail.bytes().all(|byte| byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual() {
        for (password, usual) in [
            ("123", true),
            ("ChangeMe", true),
            ("minioadmin", true),
            ("", false),
            ("Kept-Out-9", false),
            ("1234x", false),
            ("sk-xxxxxx", true),
            ("XXXX", true),
            ("admin:admin", true),
            ("admin:Kept-Out-9", false),
            ("xxx", false),
            ("sk-xxxy", false),
        ] {
            assert_eq!(is_usual(password), usual, "{password}");
        }
    }
}
