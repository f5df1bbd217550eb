//! What every Unix host knows: shells and how a word is written for one, versions in the names of programs, and the devices that
//! are a process's own output.

use std::os::unix::ffi::OsStrExt as _;

use crate::python::filename;
use crate::visible::is_unseen;

/// Shells, which run the script after their `-c`.
pub(crate) fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh")
}

/// The name of a program without a version behind it: `php-fpm` of `php-fpm8.2` and of `php-fpm-8.2`.
pub(crate) fn unversioned(name: &str) -> &str {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let plain = if plain.len() < name.len() { plain.strip_suffix('-').unwrap_or(plain) } else { plain };
    if plain.is_empty() { name } else { plain }
}

/// A word for a person's bash: what is unseen shows as an escape. What `/bin/sh` is to read back byte for byte is quoted by
/// `convert::daemon::sh`.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | ':' | '+');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if word.contains(is_unseen) {
        let escaped = |byte: u8| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        format!("$'{}'", filename::encode(word).as_os_str().as_bytes().iter().copied().map(escaped).collect::<String>())
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Whether shells, and systemd's `env_name_is_valid()`, take it for the name of a variable.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Programs that run a script after their `-c`: shells, and those that start one.
pub(crate) fn runs_script(program: &str) -> bool {
    is_shell(program) || matches!(program, "su" | "runuser" | "script" | "flock")
}

/// The process and the number of the descriptor that a path names: `self` and `1` of `/dev/stdout`, of `/dev/fd/1` and of
/// `/proc/self/fd/1`.
pub(crate) fn descriptor(path: &str) -> Option<(&str, &str)> {
    match path {
        "/dev/stdout" => Some(("self", "1")),
        "/dev/stderr" => Some(("self", "2")),
        _ => match path.strip_prefix("/dev/fd/") {
            Some(number) => Some(("self", number)),
            None => path.strip_prefix("/proc/")?.split_once("/fd/"),
        },
    }
}

/// Whether supervisord's own output goes to what this path names: supervisord may be the first process of a container.
pub(crate) fn is_own_output(path: &str) -> bool {
    matches!(descriptor(path), Some(("self" | "1", "1" | "2")))
}

/// Whether a word names a device of the process's own output, alone or in a larger text.
pub(crate) fn names_output(word: &str) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2", "/proc/self/fd/"]
        .iter()
        .any(|device| word.contains(device))
}

/// Whether a log of this path is a file that grows, as far as the path says; below `/dev/shm` are files too.
pub(crate) fn is_regular(path: &str) -> bool {
    let device = path.starts_with("/proc/") || (path.starts_with("/dev/") && !path.starts_with("/dev/shm/"));
    !(path.is_empty() || device || is_unseekable(path))
}

/// Whether a path is a terminal, a pipe or a socket by its name, and never a regular file.
pub(crate) fn is_unseekable(path: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    matches!(path, "/dev/stdin" | "/dev/tty" | "/dev/console" | "/docker.stdout" | "/docker.stderr")
        || path.starts_with("/dev/pts/")
        || descriptor(path).is_some_and(|(_, number)| is_number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_by_all_their_names() {
        for (path, own, open, unseekable) in [
            ("/dev/stdout", true, true, true),
            ("/dev/fd/2", true, true, true),
            ("/proc/1/fd/1", true, true, true),
            ("/proc/self/fd/3", false, true, true),
            ("/dev/fd/x", false, true, false),
            ("/dev/pts/0", false, false, true),
            ("/dev/stdin", false, false, true),
            ("/dev/null", false, false, false),
            ("/var/log/fd/1", false, false, false),
        ] {
            assert_eq!(
                (is_own_output(path), descriptor(path).is_some(), is_unseekable(path)),
                (own, open, unseekable),
                "{path}"
            );
        }
    }
}
