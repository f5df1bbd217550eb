//! Programs that run another program: which they are, what they take before it, whether they stay, and whom they make it run as.

use crate::python::basename;
use crate::well_known::{is_shell, unversioned};

/// A program that runs another one.
#[derive(Debug)]
pub struct Wrapper {
    /// Its name.
    pub name: &'static str,
    /// Letters of its flags that take a value.
    short: &'static str,
    /// Its long flags that take the next word for their value.
    long: &'static [&'static str],
    /// What it takes between its flags and the program.
    takes: Takes,
    /// Its flags that name an account.
    account: &'static [&'static str],
    /// What becomes of it.
    pub becomes: Becomes,
    /// What says so.
    pub source: &'static str,
}

/// What a wrapper takes between its flags and the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// `A=b c=d`.
    Assignments,
    /// A word: how long, from where.
    One,
    /// The account.
    Account,
    /// An account, unless a flag has named one; then a script after `-c`, or the file of one.
    AccountAndScript,
    /// This word, as in `poetry run`.
    Word(&'static str),
}

/// What becomes of a wrapper once its program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// It is replaced: supervisord sees the program itself.
    Replaced,
    /// It stays, and passes signals on.
    Relay,
    /// It stays, and keeps signals for itself.
    Stays,
}

impl Wrapper {
    /// Whether it is there to run its program as another account; chroot can, and is there for something else.
    #[must_use]
    pub fn is_for_accounts(&self) -> bool {
        match self.takes {
            Takes::Account | Takes::AccountAndScript => true,
            Takes::One => false,
            Takes::Nothing | Takes::Assignments | Takes::Word(_) => !self.account.is_empty(),
        }
    }
}

use Becomes::{Relay, Replaced, Stays};

const COREUTILS: &str = "coreutils(1)";
const UTIL_LINUX: &str = "util-linux 2.38.1";

const fn wrapper(name: &'static str, short: &'static str, becomes: Becomes, source: &'static str) -> Wrapper {
    Wrapper { name, short, long: &[], takes: Takes::Nothing, account: &[], becomes, source }
}

/// Supervisor's own: it hands signals to the process whose number is in a file, and is over at once. So no SIGKILL follows.
pub const PIDPROXY: &str = "pidproxy";

/// All wrappers but shells.
pub static WRAPPERS: &[Wrapper] = &[
    Wrapper { long: &["--unset", "--chdir"], takes: Takes::Assignments, ..wrapper("env", "uC", Replaced, COREUTILS) },
    wrapper("exec", "a", Replaced, "POSIX.1-2017, special built-in exec"),
    Wrapper { long: &["--adjustment"], ..wrapper("nice", "n", Replaced, COREUTILS) },
    wrapper("nohup", "", Replaced, COREUTILS),
    wrapper("stdbuf", "ioe", Replaced, COREUTILS),
    Wrapper { long: &["--signal", "--kill-after"], takes: Takes::One, ..wrapper("timeout", "sk", Relay, COREUTILS) },
    Wrapper { takes: Takes::One, account: &["--userspec"], ..wrapper("chroot", "", Replaced, COREUTILS) },
    Wrapper { long: &["--class", "--classdata"], ..wrapper("ionice", "cn", Replaced, UTIL_LINUX) },
    wrapper("setsid", "", Replaced, UTIL_LINUX),
    Wrapper {
        long: &["--reuid", "--ruid", "--euid", "--regid", "--groups", "--inh-caps", "--bounding-set", "--ambient-caps"],
        account: &["--reuid", "--ruid"],
        ..wrapper("setpriv", "", Replaced, UTIL_LINUX)
    },
    Wrapper {
        long: &["--user", "--command", "--group", "--shell", "--supp-group"],
        takes: Takes::AccountAndScript,
        account: &["-u", "--user"],
        ..wrapper("runuser", "ucsgGw", Stays, UTIL_LINUX)
    },
    Wrapper {
        long: &["--command", "--shell", "--group", "--supp-group"],
        takes: Takes::AccountAndScript,
        ..wrapper("su", "csgGw", Stays, UTIL_LINUX)
    },
    Wrapper {
        long: &["--user", "--group", "--chdir", "--host"],
        takes: Takes::Assignments,
        account: &["-u", "--user"],
        ..wrapper("sudo", "ugDhpCrtT", Relay, "sudo(8)")
    },
    Wrapper { takes: Takes::Account, ..wrapper("gosu", "", Replaced, "README.md of tianon/gosu") },
    Wrapper { takes: Takes::Account, ..wrapper("su-exec", "", Replaced, "README.md of ncopa/su-exec") },
    Wrapper { account: &["-u", "-U"], ..wrapper("chpst", "uUbe/nlLmdopfcrt", Replaced, "chpst(8), runit") },
    Wrapper { takes: Takes::Account, ..wrapper("setuidgid", "", Replaced, "setuidgid(8), daemontools") },
    Wrapper {
        takes: Takes::Account,
        ..wrapper("s6-setuidgid", "", Replaced, "https://skarnet.org/software/s6/s6-setuidgid.html")
    },
    wrapper("tini", "pe", Relay, "README.md of krallin/tini"),
    wrapper("tini-static", "pe", Relay, "README.md of krallin/tini"),
    Wrapper { long: &["--rewrite"], ..wrapper("dumb-init", "r", Relay, "README.md of Yelp/dumb-init") },
    wrapper("busybox", "", Replaced, "busybox(1): it is the program that its first word names"),
    Wrapper {
        takes: Takes::Word("run"),
        ..wrapper("poetry", "CP", Replaced, "src/poetry/utils/env/base_env.py of poetry @025ae585 (os.execvpe)")
    },
    Wrapper { takes: Takes::Word("run"), ..wrapper("pipenv", "", Replaced, "do_run_posix() of pipenv (os.execve)") },
    Wrapper {
        long: &["--with", "--python", "--project", "--directory", "--env-file", "--extra", "--group", "--package"],
        takes: Takes::Word("run"),
        ..wrapper("uv", "p", Relay, "https://docs.astral.sh/uv/concepts/projects/run/#signal-handling")
    },
    Wrapper { takes: Takes::Word("exec"), ..wrapper("bundle", "", Replaced, "bundle-exec(1), Bundler") },
    // A stop signal goes to the process of the file, and pidproxy ends; the program may take its time then.
    Wrapper { takes: Takes::One, ..wrapper(PIDPROXY, "", Relay, "supervisor/pidproxy.py of Supervisor 4.3.0") },
    Wrapper { long: &["--depth"], ..wrapper("authbind", "", Replaced, "authbind(1), authbind 2.1.3") },
];

/// What a word of a command is, as far as wrappers go.
pub(crate) enum Step<'w> {
    /// The program itself, or something unknown.
    Program,
    /// A wrapper, whose program begins so many words later.
    Runs { wrapper: &'static Wrapper, account: Option<&'w str>, skip: usize },
    /// A shell with a script, or a wrapper that starts one.
    Script { wrapper: Option<&'static Wrapper>, account: Option<&'w str>, script: &'w str },
}

/// Looks at the first word of a command.
pub(crate) fn step<W: AsRef<str>>(words: &[W]) -> Step<'_> {
    let Some(first) = words.first() else { return Step::Program };
    let name = basename(first.as_ref());
    if is_shell(name) {
        return match shell_script(words) {
            Some(script) => Step::Script { wrapper: None, account: None, script },
            None => Step::Program,
        };
    }
    // Packages of Ruby have a version behind the name: `bundle-2.1`, `bundle3.0`.
    let name = if unversioned(name) == "bundle" { "bundle" } else { name };
    let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == name) else { return Step::Program };
    let mut account = None;
    let mut skip = flags(words, 1, wrapper, &mut account);
    let text = |at: usize| words.get(at).map(AsRef::as_ref);
    match wrapper.takes {
        Takes::Nothing => {}
        Takes::Assignments => {
            while text(skip).is_some_and(|word| word.contains('=') && !word.starts_with('=')) {
                skip += 1;
            }
        }
        Takes::One => skip += 1,
        Takes::Account => {
            account = text(skip);
            skip += 1;
        }
        Takes::AccountAndScript => {
            if account.is_none() {
                // `su - app -c '…'`: the hyphen is a login, the flags may be on both sides of the account.
                skip += usize::from(text(skip) == Some("-"));
                account = text(skip).filter(|word| !word.starts_with('-'));
                if let Some(script) = script(words) {
                    return Step::Script { wrapper: Some(wrapper), account: account.or(Some("root")), script };
                }
                // `su - app FILE`: the shell of the account runs that file as a script.
                skip = flags(words, skip + 1, wrapper, &mut None);
            }
        }
        Takes::Word(wanted) => {
            if text(skip) != Some(wanted) {
                return Step::Program;
            }
            skip = flags(words, skip + 1, wrapper, &mut None);
        }
    }
    if skip < words.len() { Step::Runs { wrapper, account, skip } } else { Step::Program }
}

/// The place after the flags that begin at one; whom they name is told.
fn flags<'w, W: AsRef<str>>(words: &'w [W], mut at: usize, wrapper: &Wrapper, account: &mut Option<&'w str>) -> usize {
    while let Some(word) = words.get(at).map(AsRef::as_ref) {
        if word == "--" {
            return at + 1;
        }
        if word == "-" || !word.starts_with('-') {
            return at;
        }
        at += 1;
        let next = words.get(at).map(AsRef::as_ref);
        let (flag, value, taken) = match word.strip_prefix("--") {
            Some(_) => match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value), false),
                None => (word, next, wrapper.long.contains(&word)),
            },
            None => match word.char_indices().skip(1).find(|(_, c)| wrapper.short.contains(*c)) {
                Some((found, c)) => {
                    let (end, start) = (found + c.len_utf8(), found);
                    let attached = word.get(end..).filter(|rest| !rest.is_empty());
                    // The letter with a hyphen, as the table has it: only `-u` is asked for.
                    let flag = if word.get(start..end) == Some("u") { "-u" } else { "" };
                    (flag, attached.or(next), attached.is_none())
                }
                None => ("", None, false),
            },
        };
        if wrapper.account.contains(&flag) {
            *account = value;
        }
        at += usize::from(taken);
    }
    at
}

/// The script of a shell, its words from its name on; what follows the name of a file with one is for that script.
pub fn shell_script<W: AsRef<str>>(words: &[W]) -> Option<&str> {
    let mut at = 1;
    loop {
        let word = words.get(at)?.as_ref();
        if !word.starts_with(['-', '+']) {
            return None;
        }
        if is_script_flag(word) {
            return script(words.get(at - 1..)?);
        }
        // `-o pipefail`, also as `-eo pipefail`.
        let valued = !word.starts_with("--") && word.ends_with(['o', 'O']);
        at += 1 + usize::from(valued || matches!(word, "--rcfile" | "--init-file"));
    }
}

/// The script after the `-c` of a shell, of su or of runuser.
fn script<W: AsRef<str>>(words: &[W]) -> Option<&str> {
    let mut words = words.iter().skip(1).map(AsRef::as_ref);
    while let Some(word) = words.next() {
        if is_script_flag(word) {
            return words.find(|word| !word.starts_with('-'));
        }
        if let Some(script) = word.strip_prefix("--command=") {
            return Some(script);
        }
    }
    None
}

/// Whether a script follows this word.
fn is_script_flag(word: &str) -> bool {
    word == "--command"
        || word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.ends_with('c'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_where_it_is_known_from() {
        for Wrapper { name, short: _, long: _, takes: _, account: _, becomes: _, source } in WRAPPERS {
            assert!(!name.is_empty() && source.len() > 5, "{name}");
        }
    }

    #[test]
    fn which_are_for_accounts() {
        let names: Vec<_> = WRAPPERS.iter().filter(|one| one.is_for_accounts()).map(|one| one.name).collect();
        assert_eq!(
            names,
            ["setpriv", "runuser", "su", "sudo", "gosu", "su-exec", "chpst", "setuidgid", "s6-setuidgid"]
        );
    }
}
