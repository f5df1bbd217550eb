//! SUP003 comment-truncates-value: a comment that begins inside quotes.

use super::view::mend::values::own;
use super::view::mend::{Mend, option_at};
use super::view::written::{self, Line};
use super::{Check, Explanation, Found, Lint, Written, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::load::{Facts, Setting};
use crate::python::shlex;
use crate::refusal::{Cause, Refusal};
use crate::source::{Place, Span};
use crate::syntax::{self, Kind};
use crate::{python, well_known};

/// SUP003.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP003",
        name: "comment-truncates-value",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("comment_truncates_value.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Only within the script of a shell, and only before `;`: there a blank says nothing.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let command = finding.option.filter(|option| *option == "command")?;
    let setting = own(lint, section, command)?;
    let id = setting.key.source;
    let source = lint.sources.get(id)?;
    let mut mend = Mend::of(lint).uncovers().changes(section, command);
    let mut script = Script::default();
    for line in option_at(source, setting.key)? {
        let whole = source.slice(line.span).trim_end_matches(['\r', '\n']);
        let start = match line.kind {
            Kind::Option { key: _, delimiter: _, value } | Kind::Continuation { value } => value.start,
            // What such a line of a script does is lost.
            Kind::Comment if script.quote.is_some() && python::lstrip(whole).starts_with(';') => return None,
            _ => continue,
        };
        let (before, text) = whole.split_at_checked((start - line.span.start) as usize)?;
        for blanks in script.read(before, text)? {
            mend = mend.replace(Place { source: id, span: blanks.after(start) }, "");
        }
    }
    script.is_for_a_shell().then_some(mend)?.risky("remove the space before ; in the script")
}

/// A command as it is read once the blanks before `;` in its quotes are gone.
#[derive(Default)]
struct Script {
    text: String,
    /// The quote that is open.
    quote: Option<char>,
    /// Where blanks were.
    cuts: Vec<usize>,
}

impl Script {
    /// Reads a line, which is `text` after `before`, and says where in `text` blanks go. None where another comment would cut it.
    fn read(&mut self, before: &str, text: &str) -> Option<Vec<Span>> {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let begin = self.text.len();
        let mut blanks = Vec::new();
        let mut comment = "";
        let mut letters = text.char_indices();
        while let Some((at, c)) = letters.next() {
            let marks = matches!(c, ';' | '#');
            let kept = if marks { python::rstrip(self.text.get(begin..)?).len() + begin } else { self.text.len() };
            let after_blank = kept < self.text.len();
            match (c, self.quote) {
                (';' | '#', None) if after_blank => {
                    comment = text.get(at..)?;
                    break;
                }
                ('#', Some(_)) if after_blank => return None,
                (';', Some(_)) if after_blank => {
                    // An escaped blank is none, and `;;` is another sign.
                    if kept == begin || self.text.get(..kept)?.ends_with(['\\', ';']) {
                        return None;
                    }
                    blanks.push(Span::new(at - (self.text.len() - kept), at));
                    self.text.truncate(kept);
                    self.cuts.push(kept);
                }
                (_, Some(quote)) if c == quote => self.quote = None,
                ('"' | '\'', None) => self.quote = Some(c),
                _ => {}
            }
            self.text.push(c);
            if c == '\\' && self.quote != Some('\'') {
                self.text.extend(letters.next().map(|(_, escaped)| escaped));
            }
        }
        let line = format!("{before}{}{comment}", self.text.get(begin..)?);
        let cut = Some(line.len() - comment.len()).filter(|_| !comment.is_empty());
        self.text.truncate(python::rstrip(&self.text).len().max(begin));
        let as_read = syntax::comment(&line) == cut && syntax::comment_since_3_13(&line) == cut;
        as_read.then_some(blanks)
    }

    /// Whether all that goes was in the word that follows the `-c` of a shell.
    fn is_for_a_shell(&self) -> bool {
        let Ok(words) = shlex::split(&self.text) else { return false };
        let shell = words.iter().position(|word| well_known::runs_script(python::basename(&word.text)));
        let mut pairs = words.iter().zip(words.iter().skip(1)).skip(shell.unwrap_or(words.len()));
        let is_flag = |text: &str| text.starts_with('-') && !text.starts_with("--") && text.ends_with('c');
        let script = pairs.find(|(flag, _)| is_flag(&flag.text)).map(|(_, script)| script.start..script.end);
        !self.cuts.is_empty() && script.is_some_and(|script| self.cuts.iter().all(|cut| script.contains(cut)))
    }
}

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Pairs {
        return None;
    }
    let (mark, name) = cut_pair(lint, refusal.place)?;
    let message = format!(
        "' {mark}' starts a comment even inside quotes, so {name} has no closing quote: supervisord refuses to start."
    );
    Some(Explanation::new(message, pair_help(mark)))
}

fn pair_help(mark: char) -> String {
    format!(
        "remove the space before '{mark}', or let the program read the value from a file or from supervisord's own environment."
    )
}

/// The first comment inside quotes of an `environment`: its marker and the name of the pair.
fn cut_pair(lint: &Lint<'_>, place: Place) -> Option<(char, String)> {
    let mut quotes = Quotes::default();
    written::lines(lint, place).find_map(|line| {
        quotes.read(line.kept);
        let (mark, _) = line.cut().filter(|_| quotes.open.is_some())?;
        // Whatever is no plain name may be a piece of a value.
        let plain = !quotes.name.is_empty() && quotes.name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
        Some((mark, if plain { shown(&quotes.name) } else { "a value".to_owned() }))
    })
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for written in lint.written_where(|_, _| true) {
        let Written { section, option, setting, .. } = written;
        let may_be_cut = option == "command" || setting.facts.any(Facts::QUOTE);
        if !may_be_cut || written::is_whole_line(lint, setting) || written.key().is_none() {
            continue;
        }
        let diagnostic = match option {
            "command" => command(lint, setting),
            "environment" if setting.facts.any(Facts::NEWLINE) => cut_pair(lint, setting.value).map(|(mark, name)| {
                let message = format!("' {mark}' starts a comment even inside quotes, so the rest of {name} is lost.");
                Diagnostic::new(&RULE.rule, setting.value, message).help(pair_help(mark))
            }),
            _ => scalar(lint, option, setting),
        };
        if let Some(diagnostic) = diagnostic {
            found.push_of_accepted(setting.value, diagnostic.of(section, Some(option)));
        }
    }
}

fn command<'a>(lint: &Lint<'a>, setting: &'a Setting<'a>) -> Option<Diagnostic<'a>> {
    let mut parsed = None;
    let mut open = None;
    let mut plain = None;
    for line in written::lines(lint, setting.value) {
        open = quote_behind(line.kept, open);
        let Some((mark, span)) = line.cut() else { continue };
        let place = Place { span, ..setting.value };
        if open.is_none() {
            plain = plain.or(Some(place));
            continue;
        }
        let parsed = parsed.get_or_insert_with(|| shlex::split(setting.text));
        let lost = python::strip(line.comment.trim_start_matches(mark));
        // A shell's ; before a line end, and its own comment, are missed by nobody.
        if parsed.is_err() || (mark == ';' && !lost.is_empty()) {
            let then = if parsed.is_err() {
                "the program never starts (No closing quotation)"
            } else {
                "the rest of the line is lost"
            };
            let message =
                format!("' {mark}' starts a comment inside quotes too: only {} is read, and {then}.", shown(line.kept));
            let help = if mark == ';' {
                "remove the space before ;, or move the commands into a script."
            } else {
                "remove the space before #, or move the command into a script (under Python 2, # was not a comment here)."
            };
            return Some(Diagnostic::new(&RULE.rule, place, message).help(help));
        }
    }
    let (place, keyword) = (plain?, unfinished(&shlex::split(setting.text).ok()?)?);
    let message = format!("the rest of the line is a comment, so the shell gets {} without its end.", shown(&keyword));
    let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).severity(Severity::Warning);
    diagnostic.confidence = Confidence::Medium;
    Some(diagnostic.help(match in_quotes(lint, setting) {
        Some(command) => format!("write ; without a space before it, and the script in quotes: command={command}"),
        None => "put the script into a file, and name the file in command=.".to_owned(),
    }))
}

/// A command of one line whose script lacks what the comment takes, as one that has it.
fn in_quotes(lint: &Lint<'_>, setting: &Setting<'_>) -> Option<String> {
    let Line { kept, comment, .. } = written::lines(lint, setting.value).next()?;
    if setting.facts.any(Facts::NEWLINE) || comment.contains('\'') {
        return None;
    }
    let (shell, script) = match kept.split_once(" -c ") {
        Some((shell, script)) if well_known::is_shell(python::basename(shell)) => (shell, script),
        _ => ("/bin/sh", kept),
    };
    // Quotes around a part of it are the mistake itself.
    let script = python::strip(script).trim_matches(['\'', '"']);
    let mut whole = format!("{}{comment}", script.trim_end());
    while whole.contains(" ;") {
        whole = whole.replace(" ;", ";");
    }
    let plain = !whole.contains(['\'', '#']) && !lint.config.secrets.stand_in(&whole);
    plain.then(|| format!("{shell} -c '{whole}'"))
}

/// A value that is quoted as a whole and loses its closing quote; a password is not shown.
fn scalar<'a>(lint: &Lint<'a>, option: &'a str, setting: &'a Setting<'a>) -> Option<Diagnostic<'a>> {
    let quote = setting.text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if setting.text.get(1..)?.contains(quote) {
        return None;
    }
    let mut lines = written::lines(lint, setting.value);
    let Line { comment, .. } = lines.next().filter(|line| line.comment.contains(quote))?;
    let mark = comment.chars().next()?;
    let kept = if option == "password" { "***".to_owned() } else { shown(setting.text) };
    let message = format!("what follows ' {mark}' is a comment, even inside quotes: {option} is {kept}.");
    let help = format!("remove the quotes, because in {option} they are literal, and write no space before '{mark}'.");
    Some(Diagnostic::new(&RULE.rule, setting.value, message).help(help))
}

/// The quote that is open after a line of a command, if it was `open` before it; as `shlex.split` reads quotes.
fn quote_behind(line: &str, mut open: Option<char>) -> Option<char> {
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, open) {
            ('\\', None | Some('"')) => {
                chars.next();
            }
            (_, Some(quote)) if c == quote => open = None,
            ('"' | '\'', None) => open = Some(c),
            _ => {}
        }
    }
    open
}

/// The word of a shell that begins a loop or a condition which never ends.
fn unfinished(words: &[shlex::Word]) -> Option<String> {
    let first = python::basename(&words.first()?.text);
    let script: Vec<&str> = if well_known::is_shell(first) {
        let script =
            words.iter().skip_while(|word| !(word.text.starts_with('-') && word.text.ends_with('c'))).nth(1)?;
        python::split_whitespace(&script.text).collect()
    } else {
        words.iter().map(|word| &*word.text).collect()
    };
    let keyword = *script.first()?;
    let end = match keyword {
        "for" | "while" | "until" => "done",
        "if" => "fi",
        _ => return None,
    };
    let ends = script.iter().any(|word| word.trim_end_matches(';') == end);
    (!ends).then(|| keyword.to_owned())
}

/// Where the quotes of `environment` stand, line after line, as its lexer sees them: a quote within a word is none.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    /// The last name before a quote.
    name: String,
}

impl Quotes {
    fn read(&mut self, line: &str) {
        let mut word = false;
        let mut start = 0;
        for (at, c) in line.char_indices() {
            let quote = matches!(c, '"' | '\'');
            match self.open {
                Some(open) if c == open => {
                    self.open = None;
                    start = at + 1;
                }
                Some(_) => {}
                None if quote && !word => {
                    self.open = Some(c);
                    let before = line.get(start..at).unwrap_or("");
                    before.trim_matches(|c: char| c == '=' || c == ',' || c.is_whitespace()).clone_into(&mut self.name);
                }
                None if c == '#' => return,
                None => {
                    word = c.is_ascii_alphanumeric() || "_/.+-():".contains(c) || (word && quote);
                    if !word && c != '=' && !c.is_whitespace() {
                        start = at + c.len_utf8();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "environment=A=\"x #y\"", &[(1, E)])
            .says("' #' starts a comment even inside quotes, so 'A'")
            .mends(""),
        row(PROGRAM, "environment=A=\"1\",\n B=\"x ;y\"", &[(1, E)])
            .says("' ;' starts a comment even inside quotes, so 'B'"),
        row(PROGRAM, "[program:b]\ncommand=bash -c \"a ; b\"", &[(2, E)])
            .mends("[program:b]\ncommand=bash -c \"a; b\""),
        row(PROGRAM, "[program:b]\ncommand=b --color '#fff' ' #x'", &[(2, E)]).mends(""),
        row(PROGRAM, "[program:b]\ncommand=bash -c \"for i in 1 2 ; do\n  echo\n done\"", &[(2, E)])
            .mends("[program:b]\ncommand=bash -c \"for i in 1 2; do\n  echo\n done\""),
        row(PROGRAM, "[program:b]\n  command : /bin/sh -lc 'a  ; b \t; c' ; not ; this\r\n  user=b\r", &[(2, E)])
            .mends("[program:b]\n  command : /bin/sh -lc 'a; b; c' ; not ; this\r\n  user=b\r"),
        row(
            PROGRAM,
            "[program:b]\ncommand=sh -c 'a ;\n ; lost\n b ; c'\n[program:c]\ncommand=sh -c 'a ; b #c'",
            &[(2, E), (6, E)],
        )
        .mends(""),
        row(PROGRAM, "[program:b]\ncommand=sh -c 'a\\ ; b'\n[program:c]\ncommand=c 'a ; b'", &[(2, E), (4, E)])
            .mends(""),
        row("", "[DEFAULT]\ncommand=sh -c 'a ; b'\n[program:a]\n[program:b]", &[(2, E)]).mends(""),
        row(PROGRAM, "[program:b]\ncommand=sh -c while true ; do b; done", &[(2, W)]).mends(""),
        row(PROGRAM, "[program:b]\ncommand=sh -c 'while true' ; do b; done", &[(2, W)]),
        row(PROGRAM, "[program:b]\ncommand=while true ; do b; done", &[(2, W)]),
        row(PROGRAM, "environment=A=\"x ;y\",\n B=\"z\"", &[(1, E)]),
        row(PROGRAM, "directory=\"/srv #1\"", &[(1, E)]).mends(""),
        row(PROGRAM, "environment=A=\"x#y;z\",LANG=en_US.UTF-8", &[]),
        row(PROGRAM, "[program:b]\ncommand=bash -c \"a; b\" ; it's a comment", &[]),
        row(PROGRAM, "[program:b]\ncommand=bash -c \"\n  a ;\n  b # then b\n  \"", &[]),
        row(PROGRAM, "[program:b]\ncommand=bash -c 'while :; do b; done' # forever", &[]),
        row(PROGRAM, "[program:b]\ncommand=b --for if ; done", &[]),
        row(PROGRAM, "[program:b]\ncommand=b don\\'t ; don't", &[]),
        row(PROGRAM, "priority=5 ; \"five\"", &[]),
    ];
}
