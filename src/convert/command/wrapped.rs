//! What a command line runs in the end: programs that replace themselves by another are looked through.

use std::borrow::Cow;

use crate::apps::starters::{self, Starter};
use crate::apps::wrappers::{Step, step};
use crate::python::{self, shlex};

/// The words of the program that runs in the end.
#[derive(Debug)]
pub(crate) struct Wrapped<'w> {
    /// Its words; the first is its name.
    pub words: Cow<'w, [String]>,
    /// Whether a program that takes another user's rights stands before it.
    pub by_setuid: bool,
}

impl Wrapped<'_> {
    /// What it only has started by others.
    pub fn starter(&self) -> Option<Starter> {
        starters::starter(&self.words)
    }

    /// The name of the program and what it is given. A script that its interpreter is given goes by its own name, so does a module
    /// of Python's `-m`.
    pub fn program(&self) -> (&str, &[String]) {
        let Some((first, rest)) = self.words.split_first() else { return ("", &[]) };
        let name = python::basename(first);
        match (name, rest) {
            (_, [flag, module, rest @ ..]) if is_python(name) && flag == "-m" => (module, rest),
            (_, [script, rest @ ..])
                if (is_python(name) || matches!(name, "ruby" | "perl")) && !script.starts_with('-') =>
            {
                (python::basename(script), rest)
            }
            _ => (name, rest),
        }
    }
}

/// Whether a program is an interpreter of Python: `python3.11`, `pypy3`.
pub(crate) fn is_python(name: &str) -> bool {
    let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"));
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// What a shell makes more of than words.
const SHELLS_OWN: &[char] = &[';', '&', '|', '<', '>', '$', '`', '(', ')', '\n', '*', '?', '#', '{', '}', '~'];

/// What runs in the end.
pub(crate) fn unwrapped(argv: &[String]) -> Wrapped<'_> {
    let mut wrapped = Wrapped { words: Cow::Borrowed(argv), by_setuid: false };
    // Each step takes a word away; a script may have as many as it likes.
    for _ in 0..16 {
        let words = match inner(&wrapped.words) {
            None => break,
            Some(Inner::Script(words)) => Cow::Owned(words),
            Some(Inner::After(count, by_setuid)) => {
                wrapped.by_setuid |= by_setuid;
                match wrapped.words {
                    Cow::Borrowed(words) => Cow::Borrowed(words.get(count..).unwrap_or_default()),
                    Cow::Owned(mut words) => Cow::Owned(words.split_off(count.min(words.len()))),
                }
            }
        };
        wrapped.words = words;
    }
    wrapped
}

/// Where the program of a wrapper is.
enum Inner {
    /// After so many words; whether they take another user's rights.
    After(usize, bool),
    /// In a script of one command.
    Script(Vec<String>),
}

fn inner(words: &[String]) -> Option<Inner> {
    match step(words) {
        Step::Script { wrapper: None, account: _, script } => one_command(script).map(Inner::Script),
        // In another root folder a name means something else; what su is given is a script of a shell.
        Step::Runs { wrapper, account: _, skip } if !matches!(wrapper.name, "chroot" | "su") => {
            Some(Inner::After(skip, matches!(wrapper.name, "sudo" | "runuser")))
        }
        Step::Runs { .. } | Step::Script { .. } | Step::Program => None,
    }
}

/// The words of a script that is one command, of which a shell makes no more than words.
fn one_command(script: &str) -> Option<Vec<String>> {
    if script.trim().contains(SHELLS_OWN) {
        return None;
    }
    let words: Vec<String> = shlex::split(script).ok()?.into_iter().map(|word| word.text.into_owned()).collect();
    // An assignment is the shell's own too.
    let first = words.first().filter(|first| !first.contains('='))?;
    (!first.is_empty()).then_some(words)
}

#[cfg(test)]
pub(super) fn argv(command: &str) -> Vec<String> {
    shlex::split(command)
        .map(|words| words.into_iter().map(|word| word.text.into_owned()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_in_the_end() {
        for (command, expected, by_setuid) in [
            ("/srv/run a", "/srv/run a", false),
            ("env -i -u X A=b C=d /srv/run a=b", "/srv/run a=b", false),
            ("/usr/bin/env -- run", "run", false),
            ("sudo -u app -E A=b run -u x", "run -u x", true),
            ("nice -n 10 ionice -c2 -n7 run", "run", false),
            ("nice -10 run", "run", false),
            ("timeout -k 5 60 run 1", "run 1", false),
            ("gosu app:app run", "run", false),
            ("s6-setuidgid app run", "run", false),
            ("chroot /srv run", "chroot /srv run", false),
            ("su app /srv/run.sh", "su app /srv/run.sh", false),
            ("bundle exec puma -C x", "puma -C x", false),
            ("sh -c 'exec run a'", "run a", false),
            ("/bin/bash -lc \"service x start\"", "service x start", false),
            ("sh -c 'env A=b exec nice run'", "run", false),
            ("sh -c 'cd /srv && ./run'", "sh -c cd /srv && ./run", false),
            ("sh -c 'run $HOME'", "sh -c run $HOME", false),
            ("sh -c 'A=b run'", "sh -c A=b run", false),
            ("sh /srv/run.sh -c x", "sh /srv/run.sh -c x", false),
            ("env", "env", false),
            ("env A=b", "env A=b", false),
        ] {
            let argv = argv(command);
            let wrapped = unwrapped(&argv);
            assert_eq!((wrapped.words.join(" ").as_str(), wrapped.by_setuid), (expected, by_setuid), "{command}");
        }
    }

    #[test]
    fn a_script_goes_by_its_own_name() {
        for (command, name, rest) in [
            ("/venv/bin/python3.11 -m celery worker", "celery", "worker"),
            ("python /venv/bin/gunicorn -D", "gunicorn", "-D"),
            ("python -u manage.py", "python", "-u manage.py"),
            ("/usr/bin/pythonic x", "pythonic", "x"),
            ("", "", ""),
        ] {
            let argv = argv(command);
            let wrapped = unwrapped(&argv);
            let (found, words) = wrapped.program();
            assert_eq!((found, words.join(" ").as_str()), (name, rest), "{command}");
        }
    }

    #[test]
    fn what_is_only_started() {
        let services = |names: &[&str]| Some(Starter::Services(names.iter().map(|name| (*name).to_owned()).collect()));
        for (command, expected) in [
            ("sudo -n service nginx start", services(&["nginx"])),
            ("bash -c \"service x start\"", services(&["x"])),
            ("sh -c 'exec /etc/init.d/x start'", services(&["x"])),
            ("env A=b nice -n 5 service x start", services(&["x"])),
            ("bash -c 'supervisorctl start a'", Some(Starter::Supervisorctl { starts: true })),
            ("sh -c 'service x start; tail -f /var/log/x'", None),
        ] {
            assert_eq!(unwrapped(&argv(command)).starter(), expected, "{command}");
        }
    }
}
