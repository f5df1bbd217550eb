//! What the words of a shell become without one: options of Supervisor, or where none does the same, a command of a shell.

use std::borrow::Cow;

use super::super::Lint;
use super::super::view::effective::Program;
use super::super::view::mend::Mend;
use super::super::view::mend::command::{below, edited, expands, is_plain_path, program_of, reads_alike};
use super::super::view::mend::values::{Edits, Standing, own};
use super::{Needs, ShellTrouble, is_cut, joints, needs, speaks, trouble};
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::keys::{process as k, program as p};
use crate::python::shlex::{self, Word};
use crate::well_known::is_name;

/// A command that wants a shell.
#[derive(Clone, Copy)]
struct Wants<'l, 'a> {
    lint: &'l Lint<'a>,
    program: &'l Program<'a>,
    text: &'a str,
    words: &'l [Word<'a>],
}

/// The edits and the title.
type Made<'l, 'a> = (Mend<'l, 'a>, &'static str);

pub(super) fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    // Else the end is missing.
    let command = program.command.as_ref().filter(|command| !is_cut(lint, command.place))?;
    let (text, words) = (command.text, command.words.as_deref().ok()?);
    let wants = Wants { lint, program, text, words };
    let (trouble, _) = trouble(text, words)?;
    let (mend, title) = match (trouble, &*words.first()?.text) {
        (ShellTrouble::Assignment, _) | (ShellTrouble::Builtin, "cd" | "export" | "exec") => as_options(wants)?,
        (ShellTrouble::Builtin, _) => shelled(wants, true)?,
        (ShellTrouble::Word, _) if words.last().is_some_and(|word| word.text == "&") => in_foreground(wants)?,
        (ShellTrouble::LineBreak, _) => unjoined(wants)?,
        (ShellTrouble::Word, _) => logged(wants).or_else(|| shelled(wants, false))?,
    };
    mend.uncovers().risky(title)
}

/// Whether nothing of a shell is left in a command.
fn is_clean(command: &str) -> bool {
    shlex::split(command).is_ok_and(|words| !words.is_empty() && !speaks(command, &words))
}

/// Without the `&` at the end.
fn in_foreground<'l, 'a>(Wants { lint, program, text: _, words }: Wants<'l, 'a>) -> Option<Made<'l, 'a>> {
    let [.., before, last] = words else { return None };
    let (mend, after) = edited(lint, program, &[(before.end, last.end, "")])?;
    is_clean(&after).then_some((mend, "remove the & at the end"))
}

/// Without each `\` before a line break, which is a blank by itself, and without the blanks before it.
fn unjoined<'l, 'a>(Wants { lint, program, .. }: Wants<'l, 'a>) -> Option<Made<'l, 'a>> {
    let section = program.process.program.section;
    let standing = Standing::of(lint, own(lint, section, k::COMMAND.name)?)?;
    let mut edits = Edits::default();
    for at in joints(&standing.text) {
        let start = standing.text.get(..at)?.trim_end_matches([' ', '\t']).len();
        edits.replace(start, at + 1, "");
    }
    let edits = edits.joined();
    if !is_clean(&edits.of(&standing.text)?) {
        return None;
    }
    let mend = standing.edited(Mend::of(lint), &edits)?.changes(section, k::COMMAND.name);
    Some((mend, "remove the \\ at the ends of lines"))
}

/// What a shell does before it starts the program.
struct Before<'w> {
    directory: Option<&'w str>,
    variables: Vec<(&'w str, &'w str)>,
    /// The word that the program begins with.
    program: usize,
}

impl<'w> Before<'w> {
    fn of(words: &'w [Word<'_>]) -> Option<Self> {
        let mut found = Self { directory: None, variables: Vec::new(), program: 0 };
        let text = |at: usize| words.get(at).map(|word| &*word.text);
        loop {
            let mut at = found.program;
            match text(at)? {
                "cd" if found.directory.is_none() => {
                    let (directory, next) = ended(words, at + 1)?;
                    (found.directory, found.program) = (Some(directory), next);
                }
                "export" => loop {
                    at += 1;
                    if let Some((last, next)) = ended(words, at) {
                        found.variables.push(variable(last)?);
                        found.program = next;
                        break;
                    }
                    found.variables.push(variable(text(at)?)?);
                },
                _ => {
                    while let Some(set) = variable(text(at)?) {
                        found.variables.push(set);
                        at += 1;
                    }
                    found.program = at + usize::from(text(at) == Some("exec"));
                    return Some(found);
                }
            }
        }
    }
}

/// A word that ends a command, by a `;` or by the `&&` after it, and where the next one begins.
fn ended<'w>(words: &'w [Word<'_>], at: usize) -> Option<(&'w str, usize)> {
    let word = &*words.get(at)?.text;
    match word.strip_suffix(';') {
        Some(word) => Some((word, at + 1)),
        None => (words.get(at + 1)?.text == "&&").then_some((word, at + 2)),
    }
}

fn variable(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name))
}

/// `directory=` for `cd`, `environment=` for variables, nothing for `exec`.
fn as_options<'l, 'a>(Wants { lint, program, text, words }: Wants<'l, 'a>) -> Option<Made<'l, 'a>> {
    let before = Before::of(words)?;
    let rest = words.get(before.program..)?;
    let first = rest.first().filter(|first| !first.text.starts_with('-'))?;
    if !rest.iter().all(|word| reads_alike(text, word)) {
        return None;
    }
    let directory = directory(lint, program, &before)?;
    let environment = environment(lint, program, &before)?;
    let is_relative = first.text.contains('/') && !first.text.starts_with('/');
    let path = match before.directory {
        Some(directory) if is_relative => Cow::Owned(below(directory, &first.text)?),
        Some(_) | None => Cow::Borrowed(text.get(first.start..first.end)?),
    };
    let lines = [directory.as_str(), environment.as_str()].join("\n");
    let lines = lines.trim_matches('\n');
    if lint.config.secrets.stand_in(lines) || lint.config.secrets.stand_in(&path) {
        return None;
    }
    let (mut mend, after) = edited(lint, program, &[(0, first.end, &path)])?;
    let section = program.process.program.section;
    if !lines.is_empty() {
        mend = mend.add(section, lines, Some(&k::COMMAND));
    }
    let title = match (directory.is_empty(), environment.is_empty()) {
        (false, false) => "write directory= for cd, and environment= for the variables",
        (false, true) => "write directory= for cd",
        (true, false) => "write environment= for the variables",
        (true, true) => "write the program alone",
    };
    for (line, key) in [(&directory, &k::DIRECTORY), (&environment, &k::ENVIRONMENT)] {
        if !line.is_empty() {
            mend = mend.changes(section, key.name);
        }
    }
    is_clean(&after).then_some((mend, title))
}

/// The line for `cd`, empty where there has to be none; None where there is no sure one.
fn directory(lint: &Lint<'_>, program: &Program<'_>, before: &Before<'_>) -> Option<String> {
    let Some(to) = before.directory else { return Some(String::new()) };
    let written = &program.process.options.directory;
    match written.place() {
        None => is_plain_path(to).then(|| format!("directory={to}")),
        Some(_) => (lint.known(written).copied().flatten() == Some(to)).then(String::new),
    }
}

/// The same for variables.
fn environment(lint: &Lint<'_>, program: &Program<'_>, before: &Before<'_>) -> Option<String> {
    if before.variables.is_empty() {
        return Some(String::new());
    }
    let plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:@+,= ".contains(&byte));
    let sure = |(name, value): &(&str, &str)| {
        plain(value) && !lint.config.secrets.variable(name, value) && !expands(lint, program, name)
    };
    if program.process.options.environment.place().is_some() || !before.variables.iter().all(sure) {
        return None;
    }
    let pairs: Vec<String> = before.variables.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    Some(format!("environment={}", pairs.join(",")))
}

/// A log for what is redirected to a file at the end.
fn logged<'l, 'a>(Wants { lint, program, text, words }: Wants<'l, 'a>) -> Option<Made<'l, 'a>> {
    let redirects = |word: &Word<'_>| {
        text.get(word.start..word.end) == Some(&word.text)
            && word.text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('>')
    };
    let (kept, signs) = words.split_at_checked(words.iter().position(redirects)?)?;
    let last = kept.last()?;
    let section = program.process.program.section;
    // What a listener prints is for supervisord.
    if section.starts_with("eventlistener:") || !kept.iter().all(|word| reads_alike(text, word)) {
        return None;
    }
    let (file, both) = redirected(signs)?;
    let log = match file {
        Some("/dev/null") => Some("NONE"),
        Some(path) if path.starts_with("/dev/") || path.starts_with("/proc/") || !is_plain_path(path) => return None,
        other => other,
    };
    let (own, once) = (&program.process.options, &program.process.program.options);
    if log.is_some_and(|log| own.stdout_logfile.place().is_some() || lint.config.secrets.stand_in(log))
        || both && (once.redirect_stderr.place().is_some() || own.stderr_logfile.place().is_some())
    {
        return None;
    }
    let (mut mend, after) = edited(lint, program, &[(last.end, text.len(), "")])?;
    let mut lines = Vec::new();
    if let Some(log) = log {
        lines.push(format!("stdout_logfile={log}"));
        mend = mend.changes(section, k::STDOUT_LOGFILE.name);
    }
    if both {
        lines.push("redirect_stderr=true".to_owned());
        mend = mend.changes(section, p::REDIRECT_STDERR.name).changes(section, k::STDERR_LOGFILE.name);
    }
    let title = match (log, both) {
        (Some(_), true) => "write stdout_logfile= and redirect_stderr=true for the redirections",
        (Some(_), false) => "write stdout_logfile= for the redirection",
        (None, _) => "write redirect_stderr=true for 2>&1",
    };
    is_clean(&after).then(|| (mend.add(section, &lines.join("\n"), Some(&k::COMMAND)), title))
}

/// The file that gets standard output, and whether standard error goes there too; None of redirections of another kind.
fn redirected<'w>(signs: &'w [Word<'_>]) -> Option<(Option<&'w str>, bool)> {
    let mut signs = signs.iter().map(|word| &*word.text);
    let mut file = None;
    while let Some(sign) = signs.next() {
        if sign == "2>&1" {
            return signs.next().is_none().then_some((file, true));
        }
        let sign = sign.strip_prefix('1').unwrap_or(sign);
        let path = sign.strip_prefix(">>").or_else(|| sign.strip_prefix('>')).filter(|_| file.is_none())?;
        file = Some(if path.is_empty() { signs.next()? } else { path });
    }
    Some((file, false))
}

/// A shell that gets the command; `several`: only where its last program is not its first word.
fn shelled<'l, 'a>(Wants { lint, program, text, words: _ }: Wants<'l, 'a>, several: bool) -> Option<Made<'l, 'a>> {
    if text.contains(['\'', '\n', '\r', '\t']) || lint.config.secrets.stand_in(text) {
        return None;
    }
    let Needs { shell, exec } = needs(text)?;
    if several && exec.is_none_or(|at| at == 0) {
        return None;
    }
    let open = format!("{shell} -c '{}", if exec == Some(0) { "exec " } else { "" });
    let mut pieces = vec![(0, 0, &*open)];
    pieces.extend(exec.filter(|at| *at > 0).map(|at| (at, at, "exec ")));
    pieces.push((text.len(), text.len(), "'"));
    let (mend, after) = edited(lint, program, &pieces)?;
    is_clean(&after).then_some((mend, "give the command to a shell"))
}
