//! One edit of a command that keeps its program in the foreground, where the table of applications says which.

use super::super::Lint;
use super::super::view::last::{Last, last};
use super::super::view::leaving::{Own, by_its_own, is_on_purpose};
use super::super::view::mend::command::{edited, program_of, script_in};
use super::super::view::stops::in_the_end;
use crate::apps::script::{self, Last as Ending};
use crate::apps::{App, Foreground, Place, Sign, matching};
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::python::shlex::{self, Word};

/// What a word that asks for the background becomes, where it is not enough to leave it out: the application, the word, and
/// what the table of applications has instead.
const INSTEAD: &[(&str, &str, &str)] = &[
    ("caddy", "start", "run"),
    ("delayed_job", "start", "run"),
    ("forever", "start", ""),
    ("haproxy", "-D", "-db"),
    ("jetty.sh", "start", "run"),
    ("postfix", "start", "start-fg"),
    ("solr", "start", "start -f"),
    ("tomcat", "start", "run"),
    ("zkServer.sh", "start", "start-foreground"),
];

/// What keeps a program that is asked to go on by itself, before that word.
const BESIDE: &[(&str, &str)] = &[("fetchmail", "--nodetach"), ("freshclam", "--foreground")];

/// Words that ask some program or other for the background: which of two wins is not known.
const ASKS: &[&str] = &["--fork", "--daemon", "--daemonize", "--detach", "--background", "-D", "-d", "-b"];

/// A piece of the text of a program, and what it becomes.
type Piece = (usize, usize, String);

pub(super) fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    // Somebody knows that it leaves.
    let command = program.command.as_ref().filter(|_| !is_on_purpose(lint, program))?;
    let words = command.words.as_deref().ok()?;
    let Last { words: own, script, background: false, forks: _ } = last(words)? else { return None };
    let base = match script {
        None => 0,
        Some(script) => {
            let Ending::Command(simple) = script::last(script) else { return None };
            script_in(command.text, words, script)?.0 + simple.at
        }
    };
    let ran = matching::ran(&own);
    let (Some(app), false) = (ran.app, ran.wrappers.has_shell()) else { return None };
    let text = command.text.get(base..)?;
    let (start, end, new) = match by_its_own(lint, program, (app, &*ran.words)) {
        Own::Silent => silent(app, text, &ran.words)?,
        // Its own file was read, and has no such line.
        Own::Untold(..) if app.name == "nginx" && script.is_none() => daemon_off(&ran.words)?,
        Own::Untold(..) => kept(app, &ran.words)?,
        Own::Stays | Own::Told(_) => return None,
    };
    let (mend, after) = edited(lint, program, &[(base + start, base + end, &new)])?;
    // Something else may ask for the background too.
    let after = shlex::split(&after).ok()?;
    let stays = in_the_end(&after, |app, words| {
        app.is_some_and(|app| {
            matches!(app.place(words), Place::Foreground)
                && matches!(by_its_own(lint, program, (app, words)), Own::Silent | Own::Stays)
        })
    });
    if !stays {
        return None;
    }
    let title = if new.is_empty() {
        format!("remove what sends {} to the background", app.name)
    } else {
        format!("write '{}', which keeps {} in the foreground", new.trim(), app.name)
    };
    mend.risky(title)
}

/// The edit where its own configuration is not read, and cannot have the line already.
fn silent(app: &App, text: &str, words: &[Word<'_>]) -> Option<Piece> {
    match app.place(words) {
        Place::Told { sign, write: None } => removed(app, text, words, sign),
        Place::Told { sign, write: Some(_) } => replaced(app, text, words, sign),
        Place::Untold { write: _, or: None } if app.name == "exim" => {
            let daemon = words.iter().skip(1).find(|word| is_written(text, word) && word.text == "-bd")?;
            Some((daemon.start, daemon.end, "-bdf".to_owned()))
        }
        Place::Untold { write: _, or: None } => kept(app, words),
        Place::Foreground | Place::Starts(_) | Place::Untold { .. } | Place::Configured { .. } => None,
    }
}

/// Whether a word has no quotes.
fn is_written(text: &str, word: &Word<'_>) -> bool {
    text.get(word.start..word.end) == Some(&word.text)
}

/// The words from one to another one, with the blank before them.
fn whole(words: &[Word<'_>], first: usize, last: usize) -> Option<Piece> {
    Some((words.get(first.checked_sub(1)?)?.end, words.get(last)?.end, String::new()))
}

/// Without the flag; a flag that is a letter among others loses that letter.
fn removed(app: &App, text: &str, words: &[Word<'_>], sign: &Sign) -> Option<Piece> {
    if let Sign::Pair(flag, value) = *sign {
        return unpaired(text, words, flag, value);
    }
    let at = (1..words.len()).find(|at| words.get(at - 1..=*at).is_some_and(|pair| sign.is_in(pair)))?;
    let word = words.get(at)?;
    let letter = |letter: char| {
        let letters = word.text.strip_prefix('-').filter(|letters| letters.bytes().all(|b| b.is_ascii_alphanumeric()));
        let found = word.start + 1 + letters.filter(|_| is_written(text, word))?.find(letter)?;
        Some((found, found + letter.len_utf8(), String::new()))
    };
    match *sign {
        // The others of `-fN` go with it.
        Sign::Word(_) if app.name == "ssh" => letter('f'),
        Sign::Word(_) | Sign::Flag(_) => whole(words, at, at),
        Sign::Letter(_, _) if word.text.len() == 2 => whole(words, at, at),
        Sign::Letter(of, _) => letter(of),
        Sign::Value(_) if word.text.contains('=') => whole(words, at, at),
        Sign::Value(_) if words.get(at + 1).is_some_and(|value| !value.text.starts_with('-')) => {
            whole(words, at, at + 1)
        }
        // The name behind it may be left out.
        Sign::Value(_) if app.name == "openvpn" => whole(words, at, at),
        Sign::Value(_) | Sign::Pair(..) | Sign::Holds(_) => None,
    }
}

/// The other value of a flag, which wins over its own configuration; where there is none, without the flag.
fn unpaired(text: &str, words: &[Word<'_>], flag: &str, value: &str) -> Option<Piece> {
    let parted = words.windows(2).skip(1).position(|pair| {
        let [one, other] = pair else { return false };
        one.text == flag && other.text == value
    });
    let joined =
        |word: &Word<'_>| word.text.strip_prefix(flag).is_some_and(|rest| rest.trim_start_matches('=') == value);
    let (first, last) = match parted {
        Some(at) => (at + 1, at + 2),
        None => words.iter().skip(1).position(joined).map(|at| (at + 1, at + 1))?,
    };
    let other = match value {
        "yes" => "no",
        "1" => "0",
        _ => return whole(words, first, last),
    };
    let word = words.get(last).filter(|word| is_written(text, word))?;
    Some((word.end - value.len(), word.end, other.to_owned()))
}

/// The other word, or a flag beside it.
fn replaced(app: &App, text: &str, words: &[Word<'_>], sign: &Sign) -> Option<Piece> {
    let mut asks = (1..words.len()).filter(|at| words.get(at - 1..=*at).is_some_and(|pair| sign.is_in(pair)));
    let (at, None) = (asks.next()?, asks.next()) else { return None };
    let word = words.get(at).filter(|word| is_written(text, word))?;
    if let Some((_, flag)) = BESIDE.iter().find(|(name, _)| *name == app.name) {
        return Some((word.start, word.start, format!("{flag} ")));
    }
    let (_, _, new) = INSTEAD.iter().find(|(name, old, _)| *name == app.name && *old == word.text)?;
    if new.is_empty() { whole(words, at, at) } else { Some((word.start, word.end, (*new).to_owned())) }
}

/// The flag that keeps it, behind its name.
fn kept(app: &App, words: &[Word<'_>]) -> Option<Piece> {
    let (stays, write) = match app.foreground?.what {
        Foreground::Leaves { stays, write, or: _ } | Foreground::Switched { stays, leaves: _, write, or: _ } => {
            (stays, write)
        }
        Foreground::Stays { .. }
        | Foreground::Asked { .. }
        | Foreground::Starts { .. }
        | Foreground::Configured { .. } => {
            return None;
        }
    };
    // Two programs of one name.
    if write.contains(" or ") || words.iter().skip(1).any(|word| ASKS.contains(&&*word.text)) {
        return None;
    }
    let told = shlex::split(write).ok()?;
    let at = (1..told.len())
        .find(|at| told.get(at - 1..=*at).is_some_and(|pair| stays.iter().any(|sign| sign.is_in(pair))))?;
    let valued = stays
        .iter()
        .any(|sign| matches!(sign, Sign::Value(flag) if told.get(at).is_some_and(|word| word.text == *flag)));
    let flag: Vec<&str> = told.get(at..=at + usize::from(valued))?.iter().map(|word| &*word.text).collect();
    let name = words.first()?;
    Some((name.end, name.end, format!(" {}", flag.join(" "))))
}

/// What keeps nginx, unless the command has directives already: the last `-g` counts.
fn daemon_off(words: &[Word<'_>]) -> Option<Piece> {
    let name = words.first().filter(|_| words.iter().all(|word| !word.text.starts_with("-g")))?;
    Some((name.end, name.end, " -g \"daemon off;\"".to_owned()))
}
