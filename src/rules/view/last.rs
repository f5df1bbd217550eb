//! What a command runs last: behind wrappers, in the script of a shell, after a program that waits for something first.

use std::borrow::Cow;

use crate::apps::matching::script_at;
use crate::apps::script::{self, Last as Ending};
use crate::apps::wrappers::{Becomes, Step, step};
use crate::python::basename;
use crate::python::shlex::{self, Word};
use crate::well_known::is_shell;

/// The program that a command runs last.
#[derive(Debug)]
pub(in crate::rules) struct Last<'w> {
    /// Its words, its name first; those of a script have places in that script.
    pub words: Cow<'w, [Word<'w>]>,
    /// The script of a shell that it is in.
    pub script: Option<&'w str>,
    /// Whether that shell sends it to the background and then ends.
    pub background: bool,
    /// Whether setsid starts it in a process of its own and ends: it does so where it leads its process group, as each process
    /// of supervisord's does (setsid(1), util-linux 2.38.1).
    pub forks: bool,
}

/// What a command runs last; `None` where that is not known.
pub(in crate::rules) fn last<'w>(command: &'w [Word<'w>]) -> Option<Last<'w>> {
    let mut words = command;
    let mut group = Group { leads: true, forks: false };
    loop {
        match next(words, &mut group) {
            Next::Program => {
                return Some(Last { words: Cow::Borrowed(words), script: None, background: false, forks: group.forks });
            }
            Next::After(skip) => words = words.get(skip..)?,
            Next::Script(script) => return in_script(script, group),
        }
    }
}

/// A shell that runs a script.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct Script<'w> {
    /// Its name; empty where su or runuser starts the shell of an account.
    pub shell: &'w str,
    /// The script.
    pub text: &'w str,
}

/// The script that a command gives to a shell, behind wrappers.
pub(in crate::rules) fn script<'w>(command: &'w [Word<'w>]) -> Option<Script<'w>> {
    let mut words = command;
    loop {
        match step(words) {
            Step::Program => return None,
            Step::Runs { wrapper: _, account: _, skip } => words = words.get(skip..)?,
            Step::Script { wrapper, account: _, script } => {
                let shell = words.first().filter(|_| wrapper.is_none()).map_or("", |word| basename(&word.text));
                return Some(Script { shell, text: script });
            }
        }
    }
}

/// Whether a process leads its process group, and whether setsid has left it.
#[derive(Clone, Copy)]
struct Group {
    leads: bool,
    forks: bool,
}

/// What comes of the first word of a command.
enum Next<'w> {
    /// It is the program.
    Program,
    /// The program begins so many words later.
    After(usize),
    /// The program is in a script.
    Script(&'w str),
}

fn next<'w>(words: &'w [Word<'w>], group: &mut Group) -> Next<'w> {
    match step(words) {
        Step::Program => after_waiting(words).map_or(Next::Program, Next::After),
        Step::Script { wrapper, account: _, script } => {
            group.leads &= wrapper.is_none();
            Next::Script(script)
        }
        Step::Runs { wrapper, account: _, skip } => {
            let waits = |word: &Word<'_>| {
                word.text == "--wait"
                    || (word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('w'))
            };
            let own = words.get(1..skip).unwrap_or_default();
            group.forks |= wrapper.name == "setsid" && group.leads && !own.iter().any(waits);
            group.leads &= wrapper.becomes == Becomes::Replaced;
            Next::After(skip)
        }
    }
}

fn in_script(script: &str, mut group: Group) -> Option<Last<'_>> {
    let (simple, background) = match script::last(script) {
        Ending::Command(simple) => (simple, false),
        Ending::Background(simple) => (simple, true),
        Ending::OrElse(_) | Ending::Other => return None,
    };
    let mut words = shlex::split(simple.text).ok()?;
    group.leads &= words.first()?.text == "exec" && !background;
    loop {
        let skip = match next(&words, &mut group) {
            Next::Program => break,
            Next::After(skip) => skip,
            Next::Script(_) => return None,
        };
        words.drain(..skip.min(words.len()));
    }
    words.first()?;
    Some(Last { words: Cow::Owned(words), script: Some(script), background, forks: group.forks })
}

/// Where the program begins that another one starts when something is there: after the `--` of wait-for-it.sh and its like.
fn after_waiting(words: &[Word<'_>]) -> Option<usize> {
    let first = basename(&words.first()?.text);
    let at = if is_shell(first) { script_at(words)? } else { 0 };
    let name = basename(&words.get(at)?.text);
    if !(waits(name) || name == "dockerize") {
        return None;
    }
    let end = at + words.get(at..)?.iter().position(|word| word.text == "--")? + 1;
    (end < words.len()).then_some(end)
}

/// Whether a program only waits until something else is there, by its name.
pub(in crate::rules) fn waits(name: &str) -> bool {
    let mut letters = name.chars().filter(|c| !matches!(c, '-' | '_'));
    "waitfor".chars().all(|c| letters.next() == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_last() {
        for (command, runs, background, forks) in [
            ("/srv/api -q", Some("/srv/api -q"), false, false),
            ("env A=b nice /srv/api", Some("/srv/api"), false, false),
            ("sh -c 'cd /srv && mkdir -p x'", Some("mkdir -p x"), false, false),
            ("sh -c 'mkdir x; A=b exec nice /srv/api'", Some("/srv/api"), false, false),
            ("sh -c '/srv/api &'", Some("/srv/api"), true, false),
            ("sh -c 'a & exec b'", Some("b"), false, false),
            ("sh -c 'while true; do a; done'", None, false, false),
            ("sh -c \"sh -c 'a'\"", None, false, false),
            ("sh -c A=b", None, false, false),
            ("/wait-for-it.sh db:1 -t 5 -- sh -c 'exec a'", Some("a"), false, false),
            ("bash ./wait_for.sh db:1 -- a", Some("a"), false, false),
            ("wait-for-it db:1", Some("wait-for-it db:1"), false, false),
            ("dockerize -wait tcp://db:1 -- a", Some("a"), false, false),
            ("dockerize -wait tcp://db:1 a", Some("dockerize -wait tcp://db:1 a"), false, false),
            ("setsid a", Some("a"), false, true),
            ("env setsid -c a", Some("a"), false, true),
            ("setsid --wait a", Some("a"), false, false),
            ("setsid -cw a", Some("a"), false, false),
            ("sudo setsid a", Some("a"), false, false),
            ("bash -c 'exec setsid a'", Some("a"), false, true),
            ("sh -c 'setsid a'", Some("a"), false, false),
            ("", Some(""), false, false),
        ] {
            let words = shlex::split(command).unwrap_or_default();
            let last = last(&words);
            let text = last.as_ref().map(|last| {
                let words: Vec<_> = last.words.iter().map(|word| &*word.text).collect();
                words.join(" ")
            });
            assert_eq!(text.as_deref(), runs, "{command}");
            let how = last.map_or((false, false), |last| (last.background, last.forks));
            assert_eq!(how, (background, forks), "{command}");
        }
    }

    #[test]
    fn scripts() {
        for (command, found) in [
            ("/bin/dash -c 'a; b'", Some(("dash", "a; b"))),
            ("nice bash -lc 'a'", Some(("bash", "a"))),
            ("su app -c 'a'", Some(("", "a"))),
            ("sh /srv/run.sh", None),
            ("a", None),
        ] {
            let words = shlex::split(command).unwrap_or_default();
            assert_eq!(script(&words).map(|script| (script.shell, script.text)), found, "{command}");
        }
    }
}
