//! A scenario of random words of commands and values of variables, written as a configuration can hold them.

use std::fmt::Write as _;

use super::look::{Look, Seen};
use super::record;
use super::scenario::Scenario;
use crate::support::nasty::{NAMES, PLAIN_NAMES, Random};

/// Its name.
pub const NAME: &str = "random-values";
const PROGRAMS: usize = 200;
/// What is to stand in no unit, but in a file beside it.
const SECRETS: &[&str] = &["DB_PASSWORD", "API_TOKEN", "SECRET_KEY"];

/// A program, and what it is to be started with.
pub struct Case {
    argv: Vec<String>,
    variables: Vec<(String, String)>,
}

/// The scenario, and what its programs are to see.
pub struct Values {
    pub scenario: Scenario,
    pub cases: Vec<Case>,
}

impl Values {
    pub fn new() -> Self {
        let mut random = Random::new(43);
        let mut text = format!(
            "; {PROGRAMS} programs with random words and variables: what systemd, a shell, Supervisor's own reader or its\n; \
             expansion gives a meaning to.\n; subject: command\n; stands for: 11.3, ★15, ★16, ★29\n; varies under Horust: state\n; then \
             wait 4\n"
        );
        let mut cases = Vec::new();
        for number in 0..PROGRAMS {
            let record = format!("/lab/{NAME}/p{number}");
            let argv: Vec<String> = ["/lab/bin/probe", &record, "leave"]
                .map(str::to_owned)
                .into_iter()
                .chain((0..random.below(6)).map(|_| random.word()))
                // No configuration holds it: each reader takes it for the end of a line.
                .map(|word| word.replace('\r', ""))
                .collect();
            let mut variables: Vec<(String, String)> = Vec::new();
            for _ in 0..random.below(5) {
                let names = [NAMES, SECRETS, PLAIN_NAMES, PLAIN_NAMES][random.below(4)];
                let (name, value) = (random.pick(names), random.word());
                let new = variables.iter().all(|(other, _)| other != name);
                if new && is_word(name) && quote(&value).is_some() {
                    variables.push((name.to_owned(), value));
                }
            }
            let command: Vec<String> = argv.iter().map(|word| word_of_command(word)).collect();
            let pairs: Vec<String> = variables
                .iter()
                .map(|(name, value)| format!("{name}={}", quote(value).unwrap().replace('%', "%%")))
                .collect();
            let (command, pairs) = (command.join(" "), pairs.join(",").replace('\n', "\n "));
            let _ = writeln!(text, "[program:p{number}]\ncommand={command}\nenvironment={pairs}");
            text += "autorestart=false\nstartsecs=0\n";
            cases.push(Case { argv, variables });
        }
        Self { scenario: Scenario::new(NAME, &text), cases }
    }
}

/// What did not arrive under Supervisor as it was meant to: then it was not tried.
pub fn lost(cases: &[Case], supervisor: &Seen) -> Vec<String> {
    let mut lost = Vec::new();
    for (number, Case { argv, variables }) in cases.iter().enumerate() {
        let mut is = |what: &'static str, which: &str, value: String| {
            let look = Look { who: format!("p{number}"), what, which: which.to_owned() };
            let seen = supervisor.get(&look);
            if seen != Some(&value) {
                lost.push(format!("{NAME}: p{number} {what} {which} is {seen:?}, not {value:?}"));
            }
        };
        is("argv", "", record::words(argv.join("\0").as_bytes()));
        for (name, value) in variables {
            is("variable", name, value.as_bytes().escape_ascii().to_string());
        }
    }
    lost
}

/// A word of `command=`: in single quotes, cut where a line ends and where a comment would begin.
fn word_of_command(word: &str) -> String {
    let mut text = String::from("'");
    let mut before = '\'';
    for character in word.chars() {
        match character {
            '\'' => text += "'\"'\"'",
            // What stands at either end of a line is stripped, so quotes stand there.
            '\n' => text += "''\n ''",
            ';' | '#' if is_space(before) => text.extend(["''", &character.to_string()]),
            '%' => text += "%%",
            _ => text.push(character),
        }
        before = character;
    }
    text + "'"
}

/// A value of `environment=` in quotes, where there are any that hold it.
fn quote(value: &str) -> Option<String> {
    let quotes = ['"', '\''];
    let quote = quotes.into_iter().find(|quote| !value.contains(*quote))?;
    let mut lines = value.split('\n');
    let stripped = value.contains('\n') && lines.any(|line| line.is_empty() || line.trim_matches(is_space) != line);
    let pairs = value.chars().zip(value.chars().skip(1));
    let comment = pairs.into_iter().any(|(first, second)| is_space(first) && [';', '#'].contains(&second));
    let holds =
        !value.starts_with(quotes) && !value.ends_with(quotes) && !value.contains('\r') && !stripped && !comment;
    holds.then(|| format!("{quote}{value}{quote}"))
}

/// What Python's `str.isspace` calls so.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// What Supervisor takes for one word before `=`.
fn is_word(name: &str) -> bool {
    name.chars().all(|character| character.is_ascii_alphanumeric() || "_/.+-():".contains(character))
}
