//! What a stop reaches: the program itself, or only a shell that stays before it.

use super::super::Lint;
use super::super::shell_syntax_without_shell::wants_shell;
use super::super::shell_wrapper_without_exec::OF_SHELLS;
use super::effective::Program;
use super::last::last;
use super::reach::Reach;
use crate::apps::App;
use crate::apps::matching::{self, Ran};
use crate::apps::script::{self, Last, Simple};
use crate::apps::wrappers::{Becomes, PIDPROXY, shell_script};
use crate::python::basename;
use crate::python::shlex::Word;
use crate::well_known::is_shell;

pub(in crate::rules) use super::reach::{Between, Stops};

impl<'a> Lint<'a> {
    /// What a stop of a section reaches; `None` where no command is known, or what it says is not what runs.
    pub(in crate::rules) fn stops(&self, program: &Program<'a>) -> Option<Stops> {
        let Reach { app, children, leaves, between } = self.reach(program);
        between.map(|between| Stops { app, children, leaves, between })
    }

    /// What a stop of a section reaches.
    pub(super) fn reach(&self, program: &Program<'a>) -> Reach {
        *program.reach.get_or_init(|| {
            let command = program.command.as_ref();
            let Some(words) = command.and_then(|command| command.words.as_ref().ok()) else {
                return Reach { app: None, children: None, leaves: false, between: None };
            };
            let leaves = self.goes(program, words);
            let as_written = command.filter(|command| !wants_shell(command));
            let between = as_written.and_then(|_| self.ran(program)).map(|ran| between(&ran));
            in_the_end(words, |app, words| Reach {
                app,
                children: app.and_then(|app| app.children(words)),
                leaves,
                between,
            })
        })
    }
}

/// The application and the words of what a command runs in the end: of a script of several commands the last one.
pub(in crate::rules) fn in_the_end<T>(
    command: &[Word<'_>],
    ask: impl FnOnce(Option<&'static App>, &[Word<'_>]) -> T,
) -> T {
    let last = last(command).filter(|last| !last.background);
    let ran = matching::ran(last.as_ref().map_or(command, |last| &last.words));
    ask(ran.app, &ran.words)
}

/// The name of what a command runs in the end; empty where it is not known.
pub(in crate::rules) fn name_in_the_end(command: &[Word<'_>]) -> String {
    in_the_end(command, |_, words| words.first().map_or_else(String::new, |word| basename(&word.text).to_owned()))
}

/// The words of the script of a shell that was not looked into.
fn unread_script<'w>(words: &'w [Word<'_>]) -> Option<&'w str> {
    let shell = words.first().is_some_and(|word| is_shell(basename(&word.text)));
    shell.then(|| shell_script(words)).flatten()
}

fn between(ran: &Ran<'_>) -> Between {
    let wrappers = ran.wrappers;
    if wrappers.iter().any(|wrapper| wrapper.becomes == Becomes::Stays) {
        return Between::Other;
    }
    if wrappers.has(PIDPROXY) {
        return Between::Proxy;
    }
    if !(wrappers.has_shell() && wrappers.keep_signals()) {
        return Between::Nothing;
    }
    let Some(script) = unread_script(&ran.words) else { return Between::Shell };
    let is_bash = ran.words.first().is_some_and(|word| basename(&word.text) == "bash");
    match script::last(script) {
        Last::Background(_) => Between::Other,
        // What the trap does with the signal is its own matter.
        Last::Other if script::traps(script) => Between::Other,
        Last::Command(simple) | Last::OrElse(simple) if script::traps(script) && !simple.execs() => Between::Other,
        Last::Other if script.split_whitespace().any(|word| LOOPS.contains(&word)) => Between::Goes,
        Last::Command(Simple { text, at: _, alone: _, kept: _ }) if first(text) == "wait" => Between::Waits,
        Last::Command(simple) if simple.execs() => Between::Nothing,
        Last::Command(simple) if is_bash && !simple.kept => Between::Bash,
        Last::Command(_) => Between::Shell,
        // Who writes `exec` means that to be what runs.
        Last::OrElse(simple) if simple.execs() => Between::Nothing,
        // `a || exit 1`: it is a that runs.
        Last::OrElse(simple) if is_bash && !simple.kept && !OF_SHELLS.contains(&first(simple.text)) => Between::Either,
        Last::OrElse(_) | Last::Other => Between::Waits,
    }
}

/// Words with which a shell goes on by itself.
const LOOPS: &[&str] = &["while", "until", "for", "if", "case"];

fn first(text: &str) -> &str {
    text.split([' ', '\t', '\n']).next().unwrap_or("")
}
