//! SUP401 shell-syntax-without-shell: a command written for a shell that is not there.

mod mends;

use super::view::effective::{Command, Program};
use super::{Check, Found, Lint, shown};
use crate::apps::script::{self, Last, Simple};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::python::shlex::{self, Word};
use crate::source::{Place, Span};
use crate::{python, well_known};

/// SUP401.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP401",
        name: "shell-syntax-without-shell",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("shell_syntax_without_shell.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mends::mend),
    cannot_run: true,
};

/// What a shell does by itself; of some there are programs too, which would do nothing for those that come after them.
pub(super) static BUILTINS: &[&str] =
    &["cd", "source", ".", "export", "ulimit", "exec", "umask", "set", "unset", "eval", "trap", "alias"];

enum ShellTrouble {
    Builtin,
    Assignment,
    Word,
    LineBreak,
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        let written = if command.is_some() { None } else { Command::as_written(process) };
        let Some(Command { text, place, words: Ok(words) }) = command.as_ref().or(written.as_ref()) else { continue };
        // What is not known there may be a shell.
        let Some(first) = words.first().filter(|first| !Command::begins_unknown(first)) else { continue };
        let Some((trouble, word)) = trouble(text, words) else { continue };
        let name = python::basename(&first.text);
        let message = match trouble {
            ShellTrouble::Builtin => format!(
                "the program never starts: supervisord uses no shell, and {} is a shell builtin, not a program.",
                shown(&word.text)
            ),
            // What follows the name may be a secret.
            ShellTrouble::Assignment => format!(
                "the program never starts: supervisord uses no shell and looks for a program called '{}=…'.",
                word.text.split('=').next().unwrap_or("")
            ),
            ShellTrouble::Word if std::ptr::eq(word, first) => format!(
                "supervisord does not use a shell: it looks for a program called {}, and none starts.",
                shown(if lint.config.secrets.stand_in(text) { sign(&word.text) } else { &word.text })
            ),
            ShellTrouble::LineBreak if std::ptr::eq(word, first) => {
                "the program never starts: a \\ does not continue the line, so a line break is in its name.".to_owned()
            }
            ShellTrouble::LineBreak => format!(
                "{} gets an argument with a line break in it, because a \\ does not continue the line.",
                shown(name)
            ),
            ShellTrouble::Word => format!(
                "{1} gets {0} as an argument, because supervisord uses no shell.",
                shown(if lint.config.secrets.stand_in(text) { sign(&word.text) } else { &word.text }),
                shown(name)
            ),
        };
        let help = match (trouble, &*word.text) {
            (ShellTrouble::Assignment, _) => {
                "move the variable to environment=, and write only the program in command=.".to_owned()
            }
            (ShellTrouble::LineBreak, _) => {
                "remove the \\: a line that is indented continues the value above it.".to_owned()
            }
            (_, text) if text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('>') => {
                "write stdout_logfile=FILE instead of the redirection, and redirect_stderr=true instead of 2>&1."
                    .to_owned()
            }
            (_, "&") => "remove the &: a program must stay in the foreground under supervisord.".to_owned(),
            _ if name == "cd" => "write directory= instead of cd, and only the program in command=.".to_owned(),
            _ if name == "export" => {
                "move the variable to environment=, and write only the program in command=.".to_owned()
            }
            _ if is_cut(lint, *place) => "what follows ` ;` is a comment for Supervisor, so the end is missing.\n\
                                          put the whole into a script that begins with #!/bin/sh, and name it in command=."
                .to_owned(),
            _ => match given_to_shell(lint, process.program.section) {
                Some(command) => format!("give it to a shell: command={command}"),
                None => "put it into a script that begins with #!/bin/sh, and name the script in command=.".to_owned(),
            },
        };
        let diagnostic = Diagnostic::new(&RULE.rule, narrowed(lint, *place, text, word), message).help(help);
        let diagnostic = diagnostic.of(process.program.section, Some(k::COMMAND.name)).cannot_run();
        found.push_resting_on(*place, diagnostic);
    }
}

/// Whether the rule speaks of a command.
pub(super) fn speaks(text: &str, words: &[Word<'_>]) -> bool {
    trouble(text, words).is_some()
}

/// Whether a command needs a shell and has none: what runs is not what it seems to be.
pub(super) fn wants_shell(command: &Command<'_>) -> bool {
    command.words.as_ref().is_ok_and(|words| trouble(command.text, words).is_some())
}

/// The first word that makes no sense without a shell.
fn trouble<'w>(text: &str, words: &'w [Word<'w>]) -> Option<(ShellTrouble, &'w Word<'w>)> {
    let first = words.first()?;
    if BUILTINS.contains(&&*first.text) {
        return Some((ShellTrouble::Builtin, first));
    }
    if let Some((name, _)) = first.text.split_once('=')
        && name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    {
        return Some((ShellTrouble::Assignment, first));
    }
    let of_shell = for_shell(text, words).map(|word| (ShellTrouble::Word, word));
    of_shell.or_else(|| broken(text, words).map(|word| (ShellTrouble::LineBreak, word)))
}

/// The first word with an unquoted sign of a shell.
fn for_shell<'w>(text: &str, words: &'w [Word<'w>]) -> Option<&'w Word<'w>> {
    if !text.bytes().any(|b| matches!(b, b'&' | b'|' | b';' | b'<' | b'>' | b'$' | b'`')) {
        return None;
    }
    // ssh makes one text of its words and gives it to a shell.
    if words.iter().any(|word| python::basename(&word.text) == "ssh") {
        return None;
    }
    let mut shell = false;
    let mut script = false;
    words.iter().find(|word| {
        // The word after the -c of a shell is a shell's.
        let read = std::mem::take(&mut script);
        shell |= well_known::runs_script(python::basename(&word.text));
        script = shell && word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with('c');
        let quoted = text.get(word.start..word.end) != Some(&word.text);
        !read && !quoted && for_a_shell(&word.text)
    })
}

/// The first word with a line break that a `\` has made a part of it.
fn broken<'w>(text: &str, words: &'w [Word<'w>]) -> Option<&'w Word<'w>> {
    let may_be = text.contains("\\\n");
    words.iter().find(|word| may_be && text.get(word.start..word.end).is_some_and(|raw| joints(raw).next().is_some()))
}

/// Where a `\` stands before a line break, outside of quotes. A shell would join the lines; within quotes it still does.
fn joints(text: &str) -> impl Iterator<Item = usize> {
    let mut quote = None;
    let mut letters = text.char_indices();
    std::iter::from_fn(move || {
        while let Some((at, c)) = letters.next() {
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None | Some('"'), '\\') => {
                    let escaped = letters.next();
                    if quote.is_none() && escaped.is_some_and(|(_, c)| c == '\n') {
                        return Some(at);
                    }
                }
                (Some(_) | None, _) => {}
            }
        }
        None
    })
}

/// The command as it is written, given to a shell. None where it is not one line, or holds a secret.
fn given_to_shell(lint: &Lint<'_>, section: &str) -> Option<String> {
    let text = lint.merged.setting(section, k::COMMAND.name)?.text;
    if text.contains(['\n', '\t']) || lint.config.secrets.stand_in(text) {
        return None;
    }
    let Needs { shell, exec } = needs(text)?;
    let (before, last) = text.split_at_checked(exec.unwrap_or(0))?;
    let script = format!("{before}{}{last}", if exec.is_some() { "exec " } else { "" });
    Some(format!("{shell} -c '{}'", script.replace('\'', "'\\''")))
}

/// How a shell runs a command.
struct Needs {
    shell: &'static str,
    /// Where `exec` belongs, which lets signals reach the last program.
    exec: Option<usize>,
}

fn needs(text: &str) -> Option<Needs> {
    let words = shlex::split(text).ok()?;
    // Something has to come after the last `&&`.
    words.last().filter(|word| !matches!(&*word.text, "&&" | "||" | "|"))?;
    let own =
        |simple: &Simple<'_>| python::split_whitespace(simple.text).next().is_some_and(|word| BUILTINS.contains(&word));
    let exec = match script::last(text) {
        Last::Command(simple) if !own(&simple) => Some(simple.at),
        Last::Command(_) | Last::OrElse(_) | Last::Background(_) | Last::Other => None,
    };
    // sh has no `source`.
    let shell = if words.iter().any(|word| word.text == "source") { "/bin/bash" } else { "/bin/sh" };
    Some(Needs { shell, exec })
}

/// Whether a comment follows a value on its line.
fn is_cut(lint: &Lint<'_>, place: Place) -> bool {
    let Some(source) = lint.sources.get(place.source) else { return false };
    let end = source.line_of(place.span.end).end;
    source.slice(Span { start: place.span.end.min(end), end }).trim_start().starts_with(';')
}

fn for_a_shell(word: &str) -> bool {
    let redirection = word.strip_prefix(|c: char| c.is_ascii_digit()).unwrap_or(word);
    // <NAME> is a placeholder that somebody is to replace.
    let placeholder = word.starts_with('<') && word.ends_with('>');
    matches!(word, "&&" | "||" | "|" | ";" | "&")
        || (redirection.starts_with(['<', '>']) && !placeholder)
        || word.ends_with([';', '&'])
        || word.contains("$(")
        || word.contains('`')
}

/// What of a word is the shell's, where the rest may be a secret.
fn sign(word: &str) -> &str {
    let signs = ["&&", "||", "$(", "`", "|", ";", "&", ">", "<"];
    signs.into_iter().find(|sign| word.contains(sign)).unwrap_or("")
}

/// The place of a word, where the value stands in the file as it is.
pub(super) fn narrowed(lint: &Lint<'_>, place: Place, text: &str, word: &Word) -> Place {
    let written = lint.sources.slice(place).get(word.start..word.end);
    if written.is_none() || written != text.get(word.start..word.end) {
        return place;
    }
    let start = place.span.start as usize;
    Place { span: Span::new(start + word.start, start + word.end), ..place }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, Row, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=cd /app && ./run", &[(2, E)])
            .mends("[program:a]\ncommand=/app/run\ndirectory=/app"),
        row(MAIN, "[program:a]\n  command : cd /app; ./bin/run --x 'a b'\n  user=a", &[(2, E)])
            .mends("[program:a]\n  command : /app/bin/run --x 'a b'\n  directory=/app\n  user=a"),
        row(MAIN, "[program:a]\r\ncommand=cd /app && exec celery -A a beat\r\ndirectory=/app", &[(2, E)])
            .mends("[program:a]\r\ncommand=celery -A a beat\r\ndirectory=/app"),
        row(MAIN, "[program:a]\ncommand=cd /app && export A=1 B=x && run", &[(2, E)])
            .mends("[program:a]\ncommand=run\ndirectory=/app\nenvironment=A=\"1\",B=\"x\""),
        row(MAIN, "[program:a]\ncommand=cd /app && ./run\ndirectory=/srv", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=cd app && ./run", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=cd /app && ./run *.py", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=cd /app && ./run || exit 1", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=cd /app &&\n  ./run", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=FOO=1 /app/run", &[(2, E)])
            .mends("[program:a]\ncommand=/app/run\nenvironment=FOO=\"1\""),
        row(MAIN, "[program:a]\ncommand=FOO=1 /app/run\nenvironment=A=\"1\"", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=DB_PASSWORD=Kept-Out-9 /app/run", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=exec /app/run", &[(2, E)]).mends("[program:a]\ncommand=/app/run"),
        row(MAIN, "[program:a]\ncommand=source /env/bin/activate", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=source /srv/env.sh && /app/run", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/bash -c 'source /srv/env.sh && exec /app/run'"),
        row(MAIN, "[program:a]\ncommand=/app/run > /var/log/a.log 2>&1", &[(2, E)])
            .mends("[program:a]\ncommand=/app/run\nstdout_logfile=/var/log/a.log\nredirect_stderr=true"),
        row(MAIN, "[program:a]\ncommand=/app/run 2>&1 ; both", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=/app/run 2>&1 # both", &[(2, E)])
            .mends("[program:a]\ncommand=/app/run # both\nredirect_stderr=true"),
        row(MAIN, "[program:a]\ncommand=/app/run 2>/dev/null", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/sh -c 'exec /app/run 2>/dev/null'"),
        row(MAIN, "[program:a]\ncommand=/app/one && /app/two ; /app/three", &[(2, E)])
            .helps("what follows ` ;` is a comment for Supervisor")
            .mends(""),
        row(MAIN, "[program:a]\ncommand=/app/run &", &[(2, E)]).mends("[program:a]\ncommand=/app/run"),
        row(MAIN, "[program:a]\ncommand=/app/one; /app/two", &[(2, E)])
            .says("a program called '/app/one;'")
            .mends("[program:a]\ncommand=/bin/sh -c '/app/one; exec /app/two'"),
        row(MAIN, "[program:a]\ncommand=/app/run | tee /var/log/a.log", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/sh -c '/app/run | tee /var/log/a.log'"),
        row(MAIN, "[program:a]\ncommand=/app/run --host $(hostname)", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/sh -c 'exec /app/run --host $(hostname)'"),
        row(MAIN, "[program:a]\ncommand=/app/run --host `hostname`", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=while true; do /app/run; sleep 5; done", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/sh -c 'while true; do /app/run; sleep 5; done'"),
        row(MAIN, "[program:a]\ncommand=env A=1 /app/run && true", &[(2, E)]),
        row(MAIN, "[program:a]\ncommand=/bin/sh -c /app/run > /dev/null", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/sh -c /app/run\nstdout_logfile=NONE"),
        row(MAIN, "[program:a]\ncommand=/app/run --n '1' && /app/two", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=/app/run %(program_name)s | cat", &[(2, E)]).mends(""),
        row("", "[DEFAULT]\ncommand=exec /app/run\n[program:a]\nuser=a", &[(2, E)]).mends(""),
        row("", "[program:a]\ncommand=a > b\nstdout_logfile=/dev/stdout", &[(2, E)])
            .mends("[program:a]\ncommand=/bin/sh -c 'exec a > b'\nstdout_logfile=/dev/stdout"),
        // What Supervisor 4.3.0 gives to it: '-f', '\n-p', '/x', '\n--all'.
        row(MAIN, "[program:a]\ncommand=/app/run -f \\\n  -p /x \\ ; the port\n  --all", &[(2, E)])
            .says("'run' gets an argument with a line break in it")
            .mends("[program:a]\ncommand=/app/run -f\n  -p /x ; the port\n  --all"),
        row(MAIN, "[program:a]\r\n  command : /app/run\\\r\n    '-p' \\\r\n   \\\r\n   /x\r\n  user=a\r", &[(2, E)])
            .says("the program never starts")
            .mends("[program:a]\r\n  command : /app/run\r\n    '-p'\r\n   \r\n   /x\r\n  user=a\r"),
        row(MAIN, "[program:a]\ncommand=cd /app && \\\n  ./run", &[(2, E)]).says("'cd' is a shell builtin").mends(""),
        row("", "[DEFAULT]\ncommand=/app/run \\\n  -p\n[program:a]\n[program:b]", &[(2, E), (2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=/bin/sh -c \"/app/run \\\n  -p\"\n  '\\\n  x' \\\\\n  y", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run \\\n  {{ more }}", &[]),
        row(MAIN, "[program:a]\ncommand=/bin/sh -c 'cd /app && exec ./run > /dev/null'", &[]),
        row(MAIN, "[program:a]\ncommand=/bin/bash -lc $(cat)", &[]),
        row(MAIN, "[program:a]\ncommand=ssh host cd /app && ./run", &[]),
        row(MAIN, "[program:a]\ncommand=find / -exec rm {} \\;", &[]),
        row(MAIN, "[program:a]\ncommand=curl http://h/?a=1&b=2 --when a>b \"<x>\" '&' \"|\"", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run <TOKEN>", &[]),
        row(MAIN, "[program:a]\ncommand=env A=1 nice /app/run", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run ; > no", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run %(ENV_X)s", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run %(ENV_X)s 2>&1 | tee /x", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=%(ENV_RUN)s a | b", &[]),
        row(MAIN, "[program:a]\ncommand=/app/run\u{a0}%(ENV_X)s\u{3000}%(ENV_X)s", &[]),
        row(MAIN, "[program:a]\ncommand={{ run }} && {{ more }}", &[]),
        row(MAIN, "[program:a]\ncommand=nginx -g \"daemon off;\"", &[]),
    ];
}
