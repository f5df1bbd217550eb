//! The words of a command that starts a program as supervisord would: `/bin/sh`, a script that does what the daemon cannot, and
//! the program's own words, which no shell reads again.

mod script;

use super::CannotLaunch;
use crate::python::filename;
use crate::python::integer;

/// What has to be done before a program runs, and after it has ended. The default is nothing.
///
/// What fails before the program runs ends with 127, as Supervisor's own child does, and says why on standard error. The
/// program's directory is the daemon's business. In between the shell changes nothing: what a shell adds to the environment is
/// removed, what was inherited under these names stays (facts 12.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Launcher<'a> {
    /// `$0` of the script: the name of the process, which messages begin with.
    pub name: &'a str,
    /// Where standard output goes.
    pub stdout: Output<'a>,
    /// Where standard error goes.
    pub stderr: Stderr<'a>,
    /// The umask with which [`Output::File`] is created, supervisord's own (nine bits); without one that of the daemon. A new
    /// file has mode 0666 without these bits, and the daemon's owner.
    pub log_umask: Option<u16>,
    /// The umask of the program (nine bits); without one that of the daemon.
    pub umask: Option<u16>,
    /// The absolute path of a file that `/bin/sh` reads before the user changes ([`super::variables::exports`]). Where it is
    /// missing the program does not start.
    pub secrets: Option<&'a str>,
    /// The least soft limit of open files, minfds. As supervisord does it: a soft limit that is lower is raised to it, and the hard
    /// one too if that is lower; where this is not allowed, the program does not start. It never lowers anything.
    pub open_files: Option<u64>,
    /// The least soft limit of processes, minprocs: in the same way.
    pub processes: Option<u64>,
    /// Whether the program ignores what CPython ignores and hands on to Supervisor's children: SIGPIPE and SIGXFSZ.
    pub ignores_signals: bool,
    /// The account that the program runs as, if it is not the daemon's, and what changes to it.
    pub account: Option<(Account<'a>, Switch)>,
    /// Variables that are set after the shell and the change of user, in their order; for those that no shell keeps
    /// ([`super::variables::shell_keeps`]), of any name. PATH here is where a program without `/` in its name is looked up.
    pub variables: &'a [(&'a str, &'a str)],
    /// Variables of the daemon that the program does not get, by name; one that is also in `variables` is set.
    pub without: &'a [&'a str],
    /// How the script ends.
    pub ends: Ends<'a>,
}

/// Where an output goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output<'a> {
    /// To where the daemon has put it.
    #[default]
    Kept,
    /// To the end of a file, whose directory exists; absolute, or relative to the directory that the daemon has entered.
    File(&'a str),
    /// To /dev/null.
    Nowhere,
    /// To standard output of the parent: of the daemon, where it starts the shell itself.
    ParentsStdout,
    /// To standard error of the parent.
    ParentsStderr,
}

/// Where standard error goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stderr<'a> {
    /// Its own way.
    Own(Output<'a>),
    /// To where standard output goes: `redirect_stderr=true`.
    Stdout,
}

impl Default for Stderr<'_> {
    fn default() -> Self {
        Self::Own(Output::Kept)
    }
}

/// An account, as `user=` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account<'a> {
    /// By its name.
    Name(&'a str),
    /// By its number. Like Supervisor the launcher takes only one that is in the list of users.
    Uid(u32),
}

impl<'a> Account<'a> {
    /// Reads `user=` as Supervisor does: what Python's `int()` takes is a number.
    ///
    /// # Errors
    /// What no account can be.
    pub fn of(user: &'a str) -> Result<Self, CannotLaunch> {
        let refused = || CannotLaunch::Account(user.to_owned());
        match integer::parse(user, 10) {
            Ok(uid) => uid.to_i64().and_then(|uid| u32::try_from(uid).ok()).map(Self::Uid).ok_or_else(refused),
            Err(_) if user.is_empty() || user.contains([':', '\n']) => Err(refused()),
            Err(_) => Ok(Self::Name(user)),
        }
    }
}

/// What changes the user, with the groups that supervisord sets: the user's own group, and those that list the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// `setpriv` of util-linux.
    #[default]
    Setpriv,
    /// `su-exec`, for Alpine. It always sets HOME, which is undone. Of a number versions make different things, so it is given
    /// the name.
    SuExec,
}

/// How the script ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends<'a> {
    /// The program takes the shell's place: its process id, its group, its end.
    #[default]
    Exec,
    /// The shell stays, as leader of the group, and ends for a daemon that starts again what does not end with 0. A program
    /// that dies by signal N ends as 128 + N, so that a code above 128 among these is not told from it.
    Mapped {
        /// The codes after which the program is not started again, which become 0. Another 0 becomes 75 (`EX_TEMPFAIL`).
        /// Empty for `autorestart=true`, `exitcodes=` for `unexpected`; where 0 is the only one, nothing has to be mapped.
        last: &'a [u8],
    },
}

impl Launcher<'_> {
    /// Whether all this takes a shell. Without one the daemon's own table of variables holds every name; what is in
    /// [`Launcher::variables`] is set by `/usr/bin/env`.
    #[must_use]
    pub fn needs_shell(&self) -> bool {
        // Without `..`: a field that is forgotten here would do nothing.
        let Self {
            name: _,
            stdout,
            stderr,
            log_umask: _,
            umask,
            secrets,
            open_files,
            processes,
            ignores_signals,
            account,
            variables: _,
            without: _,
            ends: _,
        } = self;
        *stdout != Output::Kept
            || *stderr != Stderr::default()
            || umask.is_some()
            || secrets.is_some()
            || open_files.or(*processes).is_some()
            || *ignores_signals
            || account.is_some()
            || self.mapped().is_some()
    }

    /// The command: the program's own words where nothing has to be done.
    ///
    /// The program is looked up as `execvp` does it: without `/` in PATH (passing over what cannot be executed, where Supervisor
    /// stops and fails), else in the directory that the daemon has entered.
    ///
    /// # Errors
    /// What cannot be carried.
    pub fn command(&self, argv: &[String]) -> Result<Vec<String>, CannotLaunch> {
        let program = argv.first().filter(|program| !program.is_empty()).ok_or(CannotLaunch::Empty)?;
        for (name, _) in self.variables {
            settable(name)?;
        }
        for name in self.without {
            settable(name)?;
        }
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let is_shell = self.needs_shell();
        let is_env = is_shell || !self.variables.is_empty() || !self.without.is_empty();
        let mut words = match (is_shell, is_env) {
            (true, _) => owned(&["/bin/sh", "-c", &self.script()?, self.name]),
            (false, true) => {
                let removed = self.without.iter().flat_map(|name| ["-u", name]);
                ["/usr/bin/env"].into_iter().chain(removed).chain(["--"]).map(str::to_owned).collect()
            }
            (false, false) => Vec::new(),
        };
        words.extend(self.variables.iter().map(|(name, value)| [name, "=", value].concat()));
        // `env` takes every word with `=` for a variable, and a lone `-` for an option.
        if is_env && (program.contains('=') || program == "-") {
            words.extend(owned(&["nice", "-n", "0", "--"]));
        }
        words.extend(argv.iter().cloned());
        words.iter().try_for_each(|word| carried(word))?;
        Ok(words)
    }

    /// The codes that end as 0, where codes are mapped at all.
    fn mapped(&self) -> Option<&[u8]> {
        match self.ends {
            Ends::Mapped { last } if last.is_empty() || last.iter().any(|code| *code != 0) => Some(last),
            Ends::Mapped { .. } | Ends::Exec => None,
        }
    }
}

/// Whether a word can stand in TOML and be handed to a program.
fn carried(word: &str) -> Result<(), CannotLaunch> {
    if word.contains('\0') {
        Err(CannotLaunch::Nul)
    } else if filename::has_bytes(word) {
        Err(CannotLaunch::Bytes)
    } else {
        Ok(())
    }
}

/// Whether a variable of this name can be set and removed.
fn settable(name: &str) -> Result<(), CannotLaunch> {
    let refused = name.is_empty() || name.contains('=');
    if refused { Err(CannotLaunch::Variable(name.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(launcher: &Launcher<'_>, argv: &[&str]) -> Result<Vec<String>, CannotLaunch> {
        launcher.command(&argv.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_to_do() {
        assert_eq!(command(&Launcher::default(), &["a=b", "$x"]), Ok(vec!["a=b".to_owned(), "$x".to_owned()]));
        let only_zero =
            Launcher { name: "web", log_umask: Some(0), ends: Ends::Mapped { last: &[0, 0] }, ..Launcher::default() };
        assert_eq!(command(&only_zero, &["a"]), Ok(vec!["a".to_owned()]));
    }

    #[test]
    fn variables_alone_take_no_shell() {
        let launcher =
            Launcher { variables: &[("A.B", "x y"), ("PATH", "/a")], without: &["C"], ..Launcher::default() };
        assert!(!launcher.needs_shell());
        assert_eq!(
            command(&launcher, &["app", "b=c"]).map(|words| words.join("|")),
            Ok("/usr/bin/env|-u|C|--|A.B=x y|PATH=/a|app|b=c".to_owned())
        );
        assert_eq!(
            command(&launcher, &["./a=b"]).map(|words| words.join("|")),
            Ok("/usr/bin/env|-u|C|--|A.B=x y|PATH=/a|nice|-n|0|--|./a=b".to_owned())
        );
    }

    #[test]
    fn everything() {
        let launcher = Launcher {
            name: "web",
            stdout: Output::File("/var/log/it's"),
            stderr: Stderr::Stdout,
            log_umask: Some(0o022),
            umask: Some(0o27),
            secrets: Some("/etc/supconv/web.sh"),
            open_files: Some(4096),
            processes: Some(200),
            ignores_signals: true,
            account: Some((Account::Name("www-data"), Switch::Setpriv)),
            variables: &[("PWD", "/x")],
            without: &["PITCHFORK_RETRY_COUNT"],
            ends: Ends::Mapped { last: &[2, 0, 3] },
        };
        let script = "umask 022\n\
            exec >>'/var/log/it'\\''s' 2>&1\n\
            umask 027\n\
            [ -r /etc/supconv/web.sh ] || { printf '%s\\n' \
            'web is not started: /etc/supconv/web.sh cannot be read' >&2; exit 127; }\n\
            . /etc/supconv/web.sh\n\
            [ \"$(ulimit -Sn)\" = unlimited ] || [ \"$(ulimit -Sn)\" -ge 4096 ] || ulimit -Sn 4096 2>/dev/null || \
            ulimit -n 4096 2>/dev/null || { printf '%s\\n' \
            'web is not started: the limit of open files cannot be raised to 4096 (minfds)' >&2; exit 127; }\n\
            [ \"$(ulimit -Su 2>/dev/null || ulimit -Sp)\" = unlimited ] || \
            [ \"$(ulimit -Su 2>/dev/null || ulimit -Sp)\" -ge 200 ] || ulimit -Su 200 2>/dev/null || \
            ulimit -Sp 200 2>/dev/null || ulimit -u 200 2>/dev/null || ulimit -p 200 2>/dev/null || { printf '%s\\n' \
            'web is not started: the limit of processes cannot be raised to 200 (minprocs)' >&2; exit 127; }\n\
            trap '' PIPE XFSZ\n\
            getent passwd -- www-data >/dev/null || { printf '%s\\n' \
            'web is not started: the user www-data is unknown' >&2; exit 127; }\n\
            IFS='\n'; set -f\n\
            setpriv --reuid=www-data --regid=\"$(getent passwd -- www-data | cut -d: -f4)\" --init-groups env \
            -u PWD -u OLDPWD -u SHLVL -u _ -u PITCHFORK_RETRY_COUNT -- \
            $(tr '\\0\\n' '\\n ' </proc/$$/environ | sed -nE '/^(PWD|OLDPWD|SHLVL|_)=/p') \"$@\"\n\
            case $? in 2|3) exit 0;; *) exit $?;; esac";
        assert_eq!(
            command(&launcher, &["/bin/a", "$x"]),
            Ok(["/bin/sh", "-c", script, "web", "PWD=/x", "/bin/a", "$x"].map(str::to_owned).to_vec())
        );
    }

    fn script(launcher: &Launcher<'_>) -> String {
        command(launcher, &["a"]).unwrap_or_default().into_iter().nth(2).unwrap_or_default()
    }

    #[test]
    fn parts() {
        let first = |launcher: &Launcher<'_>| script(launcher).lines().take(2).collect::<Vec<_>>().join("; ");
        let log = Launcher { stdout: Output::File("/l"), log_umask: Some(0o77), ..Launcher::default() };
        assert_eq!(first(&log), "(umask 077; : >>/l); exec >>/l");
        let output = Launcher {
            stdout: Output::ParentsStderr,
            stderr: Stderr::Own(Output::Nowhere),
            log_umask: Some(0),
            ..Launcher::default()
        };
        assert_eq!(first(&output), "exec >>/proc/$PPID/fd/2 2>>/dev/null; IFS='");
        let always = Launcher { ends: Ends::Mapped { last: &[] }, ..Launcher::default() };
        assert_eq!(script(&always).lines().last(), Some("case $? in 0) exit 75;; *) exit $?;; esac"));
        let some = Launcher { ends: Ends::Mapped { last: &[2] }, ..Launcher::default() };
        assert_eq!(script(&some).lines().last(), Some("case $? in 2) exit 0;; 0) exit 75;; *) exit $?;; esac"));
        let account = Some((Account::Uid(33), Switch::SuExec));
        let text = script(&Launcher { account, without: &["OLDPWD", "x y"], ..Launcher::default() });
        assert!(text.starts_with("getent passwd -- 33 >/dev/null || { printf "), "{text}");
        let end = "exec su-exec \"$(getent passwd -- 33 | cut -d: -f1)\" env -u PWD -u OLDPWD -u SHLVL -u _ -u HOME -u OLDPWD -u 'x y' -- \
            $(tr '\\0\\n' '\\n ' </proc/$$/environ | sed -nE '/^(PWD|SHLVL|_|HOME)=/p') \"$@\"";
        assert_eq!(text.lines().last(), Some(end));
    }

    #[test]
    fn accounts() {
        assert_eq!(Account::of("www-data"), Ok(Account::Name("www-data")));
        assert_eq!(Account::of(" 1_000 "), Ok(Account::Uid(1000)));
        for user in ["", "root:root", "-1", "4294967296"] {
            assert_eq!(Account::of(user), Err(CannotLaunch::Account(user.to_owned())));
        }
    }

    #[test]
    fn refuses() {
        let shell = Launcher { ignores_signals: true, ..Launcher::default() };
        let bytes = "\u{10f7ff}";
        for (launcher, argv, refusal) in [
            (shell, &[][..], CannotLaunch::Empty),
            (shell, &["", "x"], CannotLaunch::Empty),
            (Launcher::default(), &["a", "\0"], CannotLaunch::Nul),
            (Launcher::default(), &["a", bytes], CannotLaunch::Bytes),
            (Launcher { name: "\0", ..shell }, &["a"], CannotLaunch::Nul),
            (Launcher { secrets: Some("\0"), ..shell }, &["a"], CannotLaunch::Nul),
            (Launcher { stdout: Output::File("\0"), ..shell }, &["a"], CannotLaunch::Nul),
            (Launcher { stdout: Output::File(bytes), ..shell }, &["a"], CannotLaunch::Bytes),
            (Launcher { variables: &[("A", "\0")], ..shell }, &["a"], CannotLaunch::Nul),
            (Launcher { variables: &[("A", bytes)], ..shell }, &["a"], CannotLaunch::Bytes),
            (Launcher { variables: &[("", "x")], ..shell }, &["a"], CannotLaunch::Variable(String::new())),
            (Launcher { without: &["a=b"], ..shell }, &["a"], CannotLaunch::Variable("a=b".to_owned())),
        ] {
            assert_eq!(command(&launcher, argv), Err(refusal), "{launcher:?}");
        }
    }
}
