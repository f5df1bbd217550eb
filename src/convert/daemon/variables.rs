//! Variables and the shell: which ones it hands on as it was given them, and the file from which it reads secrets (facts 12.2).

use super::{CannotLaunch, sh};
use crate::python::filename;
use crate::well_known::is_name;

/// Whether a variable may be set before the launcher's shell runs, by the daemon or by [`exports`]. All others go through
/// [`super::launcher::Launcher::variables`], after the shell. These are
/// - names that a shell drops, since they are no names to it;
/// - names that it sets, changes or protects itself: `PWD`, `IFS`, `UID`;
/// - what changes how the tools of the launcher run, as the user of the daemon still: `PATH`, `LD_PRELOAD`. Supervisor's own
///   tools never see them, and root must not run what a program's user has put in a PATH.
#[must_use]
pub fn shell_keeps(name: &str) -> bool {
    let own = matches!(
        name,
        // All shells, or dash and busybox.
        "PWD" | "OLDPWD" | "SHLVL" | "_" | "IFS" | "OPTIND" | "OPTARG" | "OPTERR" | "PPID" | "LINENO" | "PS1" | "PS2" | "PS4"
        // bash, also those that it changes only in some versions, or only on a terminal.
        | "UID" | "EUID" | "GROUPS" | "RANDOM" | "SRANDOM" | "SECONDS" | "EPOCHSECONDS" | "EPOCHREALTIME" | "HISTCMD"
        | "COMP_WORDBREAKS" | "DIRSTACK" | "FUNCNAME" | "PIPESTATUS" | "SHELLOPTS" | "POSIXLY_CORRECT" | "EXECIGNORE"
        | "COLUMNS" | "LINES"
        // The tools; what glibc itself keeps from programs of more rights (sysdeps/generic/unsecvars.h), as far as it loads files.
        | "PATH" | "GCONV_PATH" | "GLIBC_TUNABLES" | "LOCPATH" | "NLSPATH"
    );
    // bash says on standard error when there is no such locale.
    let starts = ["BASH", "LC_", "LD_"].iter().any(|start| name.starts_with(start));
    is_name(name) && !own && !starts
}

/// The lines of the file that [`super::launcher::Launcher::secrets`] names, in POSIX sh: one variable each.
///
/// # Errors
/// A name that is not for the shell ([`shell_keeps`]), NUL, bytes that are not UTF-8.
pub fn exports<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<String, CannotLaunch> {
    let mut text = String::new();
    for (name, value) in variables {
        if !shell_keeps(name) {
            return Err(CannotLaunch::Variable(name.to_owned()));
        }
        if filename::has_bytes(value) {
            return Err(CannotLaunch::Bytes);
        }
        text.extend(["export ", name, "=", &sh::quoted(value).ok_or(CannotLaunch::Nul)?, "\n"]);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["HOME", "A1", "_x", "TMPDIR", "LANG", "PYTHONPATH", "PWD_", "LDAP"] {
            assert!(shell_keeps(name), "{name}");
        }
        for name in ["", "1A", "A.B", "é", "a b", "PWD", "_", "UID", "PATH", "LD_PRELOAD", "BASH_ENV", "LC_TIME"] {
            assert!(!shell_keeps(name), "{name}");
        }
    }

    #[test]
    fn exported() {
        let text = exports([("A", "plain"), ("B", "it's\n$x"), ("C", "")]);
        assert_eq!(text.as_deref(), Ok("export A=plain\nexport B='it'\\''s\n$x'\nexport C=''\n"));
        for (name, value, refusal) in [
            ("A.B", "x", CannotLaunch::Variable("A.B".to_owned())),
            ("UID", "x", CannotLaunch::Variable("UID".to_owned())),
            ("A", "\0", CannotLaunch::Nul),
            ("A", "\u{10f7ff}", CannotLaunch::Bytes),
        ] {
            assert_eq!(exports([(name, value)]), Err(refusal));
        }
    }
}
