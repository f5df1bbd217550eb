//! Which application a command runs: through wrappers and shells, with an interpreter or without, whatever version its name has.

use std::borrow::Cow;

use super::script::{Simple, is_assignment, last_command};
use super::wrappers::{Becomes, Step, WRAPPERS, Wrapper, shell_script, step};
use super::{App, By, NAMES, by_number};
use crate::python::basename;
use crate::python::shlex::{self, Word};
use crate::well_known::{is_shell, unversioned};

/// What a command runs.
#[derive(Debug)]
pub struct Ran<'w> {
    /// The application, if it is one of the table.
    pub app: Option<&'static App>,
    /// What runs it.
    pub wrappers: Wrappers,
    /// The account that a wrapper switches to.
    pub account: Option<Cow<'w, str>>,
    /// The words of the program, its name first; those of a script that a shell runs have places in that script.
    pub words: Cow<'w, [Word<'w>]>,
}

/// The wrappers of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wrappers {
    /// A bit each.
    seen: u32,
    /// A shell that runs a script.
    shell: bool,
    /// Whether that shell has to stay, for all that is known.
    stays: bool,
}

impl Wrappers {
    fn add(&mut self, wrapper: &'static Wrapper) {
        let at = WRAPPERS.iter().position(|known| std::ptr::eq(known, wrapper));
        self.seen |= at.map_or(0, |at| 1 << at);
    }

    /// Each once, in the order of their table.
    pub fn iter(self) -> impl Iterator<Item = &'static Wrapper> {
        WRAPPERS.iter().enumerate().filter(move |(at, _)| self.seen & (1 << at) != 0).map(|(_, wrapper)| wrapper)
    }

    /// Whether one of this name is there.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.iter().any(|wrapper| wrapper.name == name)
    }

    /// Whether a shell runs a script that was looked into.
    #[must_use]
    pub fn has_shell(self) -> bool {
        self.shell
    }

    /// Whether supervisord sees something else than the program, to which stop signals do not come through.
    #[must_use]
    pub fn keep_signals(self) -> bool {
        self.stays || self.iter().any(|wrapper| wrapper.becomes == Becomes::Stays)
    }
}

/// Programs that run a script, and the application that such a script is if nothing more is known of it.
const INTERPRETERS: &[(&str, Language)] = &[
    ("python", Language::Python),
    ("pypy", Language::Python),
    ("php", Language::Php),
    ("ruby", Language::Other),
    ("jruby", Language::Other),
    ("perl", Language::Other),
    ("node", Language::Node),
    ("nodejs", Language::Node),
    ("deno", Language::Node),
    ("bun", Language::Node),
];

#[derive(Clone, Copy)]
enum Language {
    Python,
    Php,
    Node,
    Shell,
    Other,
}

/// What a command runs.
#[must_use]
pub fn ran<'w>(command: &'w [Word<'w>]) -> Ran<'w> {
    let mut wrappers = Wrappers::default();
    let mut account = None;
    let mut words = command;
    loop {
        match step(words) {
            Step::Program => break,
            Step::Runs { wrapper, account: named, skip } => {
                wrappers.add(wrapper);
                account = named.or(account);
                words = words.get(skip..).unwrap_or_default();
            }
            Step::Script { wrapper, account: named, script } => {
                wrappers.shell = true;
                if let Some(wrapper) = wrapper {
                    wrappers.add(wrapper);
                }
                account = named.or(account);
                let last = last_command(script);
                let inner = last.and_then(|last| shlex::split(last.text).ok()).filter(|inner| !inner.is_empty());
                let (Some(Simple { kept, .. }), Some(inner)) = (last, inner) else {
                    wrappers.stays = true;
                    break;
                };
                // bash replaces itself by its last command, seen with 5.2.15; dash 0.5.12 only where that begins with `exec`.
                let bash = words.first().is_some_and(|word| basename(&word.text) == "bash") && !kept;
                let program = inner.iter().find(|word| !is_assignment(&word.text));
                wrappers.stays = !bash && program.is_none_or(|word| word.text != "exec");
                return inside(inner, wrappers, account.map(Cow::Borrowed));
            }
        }
    }
    let (app, at) = app(words);
    let words = words.get(at..).unwrap_or_default();
    Ran { app, wrappers, account: account.map(Cow::Borrowed), words: Cow::Borrowed(words) }
}

/// The same for the words of a script; a shell in it is not looked into.
fn inside<'w>(mut words: Vec<Word<'w>>, mut wrappers: Wrappers, mut account: Option<Cow<'w, str>>) -> Ran<'w> {
    // A shell sets variables before a command.
    let set = words.iter().take_while(|word| is_assignment(&word.text)).count();
    words.drain(..set);
    loop {
        let skip = match step(&words) {
            Step::Program => break,
            Step::Script { wrapper: _, account: _, script: _ } => {
                wrappers.stays = true;
                break;
            }
            Step::Runs { wrapper, account: named, skip } => {
                wrappers.add(wrapper);
                account = named.map(|named| Cow::Owned(named.to_owned())).or(account);
                skip
            }
        };
        words.drain(..skip.min(words.len()));
    }
    let (app, at) = app(&words);
    words.drain(..at);
    Ran { app, wrappers, account, words: Cow::Owned(words) }
}

/// The application of a program, and where its words begin: at its name, or at that of its script or module.
fn app(words: &[Word<'_>]) -> (Option<&'static App>, usize) {
    if let Some(at) = script_at(words)
        && let Some(app) = direct(words.get(at..).unwrap_or_default())
    {
        return (Some(app), at);
    }
    (direct(words), 0)
}

/// Where the script, or the module, of a program is that is an interpreter or a shell.
pub(crate) fn script_at(words: &[Word<'_>]) -> Option<usize> {
    language(basename(&words.first()?.text)).and_then(|language| script(words, language))
}

/// The language of the scripts that a program runs; of a shell too: `bash /opt/zookeeper/bin/zkServer.sh start`.
fn language(name: &str) -> Option<Language> {
    let plain = unversioned(name);
    let known = INTERPRETERS.iter().find(|(known, _)| *known == name || *known == plain);
    known.map(|(_, language)| *language).or_else(|| is_shell(name).then_some(Language::Shell))
}

/// The word that names the file which an interpreter or a shell runs, as in `python3 -u /srv/a.py`. `None` for a module, for a
/// script within the command, and for other programs.
#[must_use]
pub fn script_of<'w>(words: &'w [Word<'w>]) -> Option<&'w Word<'w>> {
    let language = language(basename(&words.first()?.text))?;
    let at = script(words, language)?;
    let flag = |flag: &str| words.get(1..at).unwrap_or_default().iter().any(|word| word.text == flag);
    // `python -m x`, `php -S 0.0.0.0:80`, `bash -lc x`.
    let other = match language {
        Language::Python => flag("-m"),
        Language::Php => flag("-S"),
        Language::Node | Language::Other => false,
        Language::Shell => shell_script(words).is_some(),
    };
    words.get(at).filter(|_| !other)
}

/// Where the script, or the module, of an interpreter is.
fn script(words: &[Word<'_>], language: Language) -> Option<usize> {
    // Flags that take the next word, and the one after which a module's name is.
    let (valued, module): (&[&str], &str) = match language {
        Language::Python => (&["-W", "-X", "-Q"], "-m"),
        Language::Php => (&["-d", "-c", "-z"], "-f"),
        Language::Node => (&["-r", "--require", "--import", "--loader", "-C", "--conditions"], ""),
        Language::Shell => (&["-o", "-O", "--rcfile", "--init-file"], ""),
        Language::Other => (&["-I", "-r", "-C"], ""),
    };
    let mut at = 1;
    while let Some(word) = words.get(at).map(|word| &*word.text) {
        if word == module && !module.is_empty() {
            return Some(at + 1);
        }
        // A program on the command line itself.
        let own = match language {
            Language::Shell => word == "-c",
            Language::Python | Language::Other => matches!(word, "-e" | "-r" | "-c"),
            Language::Php | Language::Node => matches!(word, "-e" | "-r"),
        };
        if own && !valued.contains(&word) {
            return None;
        }
        match word {
            // `deno run x.ts`, `bun run x.ts`.
            "run" if matches!(language, Language::Node) => at += 1,
            _ if !word.starts_with('-') => return Some(at),
            _ => at += 1 + usize::from(valued.contains(&word)),
        }
    }
    None
}

/// The application that a program is by its name, and by the word that says what it is to do.
fn direct(words: &[Word<'_>]) -> Option<&'static App> {
    let path = &*words.first()?.text;
    let name = basename(path);
    let plain = unversioned(name);
    let mut by_name = None;
    for name in [Some(name), Some(plain).filter(|plain| *plain != name)].into_iter().flatten() {
        for app in NAMES.apps(name).iter().filter_map(|number| by_number(*number)) {
            for by in app.by.iter().filter(|by| by.program() == name) {
                match by {
                    By::Program(_) => by_name = by_name.or(Some(app)),
                    By::In { folder, program: _ } => {
                        if path.split('/').any(|part| part == *folder) {
                            by_name = by_name.or(Some(app));
                        }
                    }
                    By::Command { program: _, valued, command } => {
                        if task(words, valued) == Some(command) {
                            return Some(app);
                        }
                    }
                }
            }
        }
    }
    by_name
}

/// The word that says what a program is to do: the first that is no flag, nor the value of one.
fn task<'w>(words: &'w [Word<'_>], valued: &[&str]) -> Option<&'w str> {
    let mut words = words.iter().skip(1).map(|word| &*word.text);
    while let Some(word) = words.next() {
        if valued.contains(&word) {
            words.next();
        } else if !word.starts_with('-') && !is_assignment(word) {
            return Some(word);
        }
    }
    None
}

#[cfg(test)]
mod tests;
