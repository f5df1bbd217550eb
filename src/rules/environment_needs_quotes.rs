//! SUP601 environment-needs-quotes: a list of KEY=value that Supervisor cannot read, or reads otherwise than it is written.

mod intended;
mod mended;

use super::indented_option_swallowed::swallowed;
use super::view::environment::places;
use super::{Check, Explanation, Lint, and_more, shown};
use crate::diagnostic::{Confidence, OnMarkup, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};
use crate::source::Place;

/// SUP601.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP601",
        name: "environment-needs-quotes",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("environment_needs_quotes.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(intended::check),
    fix: Some(mended::mend),
    cannot_run: false,
};

/// What is wrong with a list; the name is the pair's.
enum QuoteTrouble<'t> {
    /// An unquoted value ends at this character.
    Cut(&'t str, char),
    /// Another pair follows and no comma before it.
    Comma(&'t str),
    /// Nothing follows the `=`.
    Empty(&'t str),
    /// A quote is never closed.
    Open(&'t str),
    /// A quote within quotes, after a backslash or not.
    Inner(&'t str),
    /// Text without `=` after the pair.
    NoPair(&'t str),
}

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Pairs {
        return None;
    }
    let written = &refusal.written;
    if let Some(option) = refusal.section.and_then(|section| swallowed(section, written)) {
        let message = format!(
            "'{option}=' is indented, so it is part of environment= and breaks its list: supervisord refuses to start."
        );
        return Some(Explanation::new(message, "remove the indentation of that line."));
    }
    let mut found = troubles(written);
    let pairs: Vec<&str> = found.iter().map(|(_, pair)| *pair).collect();
    let places = places(lint.sources.slice(refusal.place), &pairs).into_iter().map_while(|span| {
        let span = span?.after(refusal.place.span.start);
        Some((Place { span, ..refusal.place }, "the list breaks here too".to_owned()))
    });
    let places = places.collect();
    let first = if found.is_empty() { None } else { Some(found.swap_remove(0)) };
    let (first, pair) = first.map_or((None, ""), |(trouble, pair)| (Some(trouble), pair));
    let (what, help) = match first {
        Some(QuoteTrouble::Cut(name, mark)) => (
            format!("without quotes the value of {} ends at '{mark}'", shown(name)),
            intended::first_pair(pair).map_or_else(String::new, |(pair, _)| intended::help(&pair)),
        ),
        Some(QuoteTrouble::Comma(name)) => (
            format!("no comma separates {} from what follows", shown(name)),
            "write a comma after each pair, also at the end of a line; quote a value with spaces.".to_owned(),
        ),
        Some(QuoteTrouble::Empty(name)) => (format!("{} has no value", shown(name)), format!("write {name}=\"\"")),
        Some(QuoteTrouble::Open(name)) => (
            format!("the quote before the value of {} is never closed", shown(name)),
            "close the quote; a value cannot contain the quote that it begins with.".to_owned(),
        ),
        Some(QuoteTrouble::Inner(name)) => (
            format!("the value of {} ends at a quote inside it (a backslash does not escape it)", shown(name)),
            if refusal.written.contains("\\\"") && !refusal.written.contains('\'') {
                format!("put single quotes around the value of {name} and remove the backslashes.")
            } else {
                "put the other kind of quotes around the value; a value with both kinds must come from the environment, \
                 %(ENV_NAME)s."
                    .to_owned()
            },
        ),
        Some(QuoteTrouble::NoPair("")) => {
            ("it does not begin with NAME=".to_owned(), "write KEY=\"value\",KEY2=\"value\".".to_owned())
        }
        Some(QuoteTrouble::NoPair(name)) => (
            format!("the text after the value of {} is not a pair", shown(name)),
            format!(
                "put double quotes around a value with a comma in it ({name}), and write each pair as KEY=\"value\"."
            ),
        ),
        None => (
            "after expansion it is not a list of pairs".to_owned(),
            "quote the values: KEY=\"%(ENV_NAME)s\".".to_owned(),
        ),
    };
    let message = format!("supervisord refuses to start: {what}{}.", and_more(pairs.len()));
    Some(Explanation::new(message, help).pointing(places))
}

/// The troubles of a list, each with the text of its pair. After a quote in the wrong place, or text that is no pair, nobody
/// knows where the next pair begins.
fn troubles(text: &str) -> Vec<(QuoteTrouble<'_>, &str)> {
    let mut troubles = Vec::new();
    let mut rest = text.trim();
    while let Some((trouble, at)) = trouble(rest) {
        let (pair, behind) = match (&trouble, intended::first_pair(at)) {
            (QuoteTrouble::NoPair(_), _) | (_, None) => (at.split([',', '\n']).next().unwrap_or(at).trim_end(), ""),
            (QuoteTrouble::Open(_) | QuoteTrouble::Inner(_), Some((pair, _))) => (pair.text, ""),
            (_, Some((pair, behind))) => (pair.text, behind),
        };
        troubles.push((trouble, pair));
        rest = behind;
    }
    troubles
}

/// The first trouble of a list, read more tolerantly than Supervisor does, and the list from its pair on.
fn trouble(text: &str) -> Option<(QuoteTrouble<'_>, &str)> {
    let mut rest = text.trim();
    let mut before = "";
    while !rest.is_empty() {
        let Some((left, right)) = rest.split_once('=') else { return Some((QuoteTrouble::NoPair(before), rest)) };
        let name = left.trim();
        // Words before the name belong to the pair before, or are a shell's export.
        if name.is_empty() || !name.chars().all(is_word) {
            return Some((QuoteTrouble::NoPair(before), rest));
        }
        let value = right.trim_start();
        let (behind, quoted) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = value.get(1..).unwrap_or("");
                let Some((inside, behind)) = inner.split_once(quote) else {
                    return Some((QuoteTrouble::Open(name), rest));
                };
                if inside.ends_with('\\') || behind.starts_with(|c| is_word(c) || c == quote) {
                    return Some((QuoteTrouble::Inner(name), rest));
                }
                (behind, true)
            }
            _ => (unquoted_end(value), false),
        };
        if !quoted && behind.len() == value.len() && (value.is_empty() || value.starts_with(',')) {
            return Some((QuoteTrouble::Empty(name), rest));
        }
        let next = behind.trim_start();
        match next.chars().next() {
            None => return None,
            Some(',') => {}
            Some(mark) if !quoted && next.len() == behind.len() => return Some((QuoteTrouble::Cut(name, mark), rest)),
            // Any other sign separates as well as a comma does.
            Some(mark) if !is_word(mark) && !matches!(mark, '"' | '\'') => {}
            Some(_) => return Some((QuoteTrouble::Comma(name), rest)),
        }
        before = name;
        rest = next.get(next.chars().next().map_or(0, char::len_utf8)..).unwrap_or("").trim_start();
    }
    None
}

/// What stands after an unquoted value; an expansion in it counts as a word.
fn unquoted_end(value: &str) -> &str {
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(is_word);
        match rest.strip_prefix("%(").and_then(|inner| inner.split_once(')')) {
            Some((_, behind)) => rest = behind,
            None => return rest,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_/.+-():".contains(c)
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "environment=A=\"1\"\n autostart=false", &[(1, E)])
            .says("'autostart=' is indented")
            .mends(""),
        row(PROGRAM, "environment=A=http://u@h,B=1", &[(1, E)])
            .says("supervisord refuses to start: without quotes the value of 'A' ends at '@'")
            .mends("environment=A=\"http://u@h\",B=1"),
        row(PROGRAM, "environment=A=\"1\"\n B=\"2\"", &[(1, E)])
            .says("supervisord refuses to start: no comma separates 'A'")
            .mends("environment=A=\"1\",\n B=\"2\""),
        row(PROGRAM, "environment=A=,B=1", &[(1, E)])
            .says("supervisord refuses to start: 'A' has no value")
            .mends("environment=A=\"\",B=1"),
        row(PROGRAM, "environment=A=\"1", &[(1, E)])
            .says("supervisord refuses to start: the quote before the value of 'A'")
            .mends(""),
        row(PROGRAM, "environment=A=\"1\\\"2\",B=\"3\"", &[(1, E)])
            .says("supervisord refuses to start: the value of 'A' ends at a quote")
            .mends("environment=A='1\"2',B=\"3\""),
        row(
            PROGRAM,
            "environment=A=\"{\\\"a\\\": \\\"b\\\"}\"\n[program:b]\ncommand=b\nenvironment=A=\"\\\"it's\\\"\"",
            &[(1, E), (4, E)],
        )
            .mends("environment=A='{\"a\": \"b\"}'\n[program:b]\ncommand=b\nenvironment=A=\"\\\"it's\\\"\""),
        row(PROGRAM, "environment=A=1,B", &[(1, E)])
            .says("supervisord refuses to start: the text after the value of 'A'")
            .mends(""),
        row(PROGRAM, "environment=A=1 ; comment\n B=2", &[(1, E)])
            .says("supervisord refuses to start: no comma separates 'A'")
            .mends("environment=A=1, ; comment\n B=2"),
        row(
            MAIN,
            "[program:api]\r\n  command=/srv/api\r\n  environment : A=u@h, ; a\r\n\r\n    ; b\r\n    B=say \"é\" now,\r\n\
             \x20   C=%(here)s?50%% ; c\r\n  umask=022\r",
            &[(3, E)],
        )
        .mends(
            "[program:api]\r\n  command=/srv/api\r\n  environment : A=\"u@h\", ; a\r\n\r\n    ; b\r\n    B='say \"é\" now',\r\n\
             \x20   C=\"%(here)s?50%%\" ; c\r\n  umask=022\r",
        ),
        row(PROGRAM, "environment=A=u@h\nenvironment=A=v@h", &[(2, E)]).mends("environment=A=u@h\nenvironment=A=\"v@h\""),
        row("", "[DEFAULT]\nenvironment=A=u@h\n[program:a]\ncommand=a\n[program:b]\ncommand=b", &[(2, E)]),
        // Not certain: a line that may go on, both kinds of quotes, an empty value or a longer one.
        row(PROGRAM, "environment=A=x@\n y", &[(1, E)]).mends(""),
        row(PROGRAM, "environment=A=it's \"so\"", &[(1, E)]).mends(""),
        row(PROGRAM, "environment=A= B=1", &[(1, E)]).mends(""),
        row(PROGRAM, "environment=A=u@h B=1", &[(1, E)]).mends(""),
        row(PROGRAM, "environment=A=~/x?\n[program:b]\ncommand=b\nenvironment=A=x$(id)", &[(1, E), (4, E)]).mends(""),
        row(PROGRAM, "environment=A=$HOME", &[(1, E)]).at_risk("environment=A=\"%(ENV_HOME)s\""),
        row(PROGRAM, "environment=A=$HOME/x:${AB}$1", &[(1, E)]).mends("environment=A=\"%(ENV_HOME)s/x:%(ENV_AB)s$1\""),
        row(
            PROGRAM,
            "environment=A=$home,DB_PASSWORD=\"x\"\n[program:b]\ncommand=b\nenvironment=DB_PASSWORD=x$AB,C=1",
            &[(1, E), (4, E)],
        )
            .mends(
            "environment=A=$home,DB_PASSWORD=\"x\"\n[program:b]\ncommand=b\nenvironment=DB_PASSWORD=\"x$AB\",C=1",
        ),
        row("", "[program:a]\ncommand=a\nuser=a\nenvironment=JMX_PORT=$JMX_PORT", &[(4, W)])
            .helps("if a script fills the file in")
            .mends(""),
        row("", "[program:a]\ncommand=a\nuser=a\nenvironment=JMX_PORT=$JMX_PORT,B=http://u@h", &[(4, E)]),
        row(PROGRAM, "environment=A=http://h/x?y=1", &[(1, E)]),
        row(PROGRAM, "environment=A=\"1\",\n  B=-Xms1g -Xmx1g", &[(2, E)]),
        row(PROGRAM, "environment=A=x#y,B=1", &[(1, E)]).mends("environment=A=\"x#y\",B=1"),
        row(PROGRAM, "environment=A='x\n \"y\"',\n B=~/x", &[(1, E)]).says("Supervisor reads A as").mends(""),
        row(PROGRAM, "environment=\"A\"=1,'B'=2", &[(1, E)]).says("(and 1 more)").mends("environment=A=1,B=2"),
        row(PROGRAM, "environment=A=\"1\",\n B=u@h,\n C=\"3\",\n D=v@h", &[(2, E)])
            .says("'B' ends at '@' (and 1 more)."),
        row(PROGRAM, "environment=A=\"1\"\n B=\"2\"\n C=\"3\"", &[(1, E)]).says("(and 1 more)"),
        row(PROGRAM, "environment=A=%(ENV_X)s,B=$HOME", &[(1, E)]),
        row(PROGRAM, "environment=A=50%%", &[(1, E)]).mends("environment=A=\"50%%\""),
        row(PROGRAM, "[supervisord]\nenvironment=A=50%%%%", &[(2, E)]).mends("[supervisord]\nenvironment=A=\"50%%%%\""),
        row(PROGRAM, "environment=A=$HOME,B=1", &[(1, E)]),
        row(PROGRAM, "environment=A='[{\\\"n\\\":1}]',B=\"1\"", &[(1, W)])
            .says("A is not JSON for the program")
            .mends("environment=A='[{\"n\":1}]',B=\"1\""),
        row(PROGRAM, "environment=A='{\"n\": \"a\\\"b\"}',B='[\\\"n]',C='x\\\"y'", &[]),
        row(PROGRAM, "environment=A=\"1\";B='2',\n\n ; a comment\n C=\"3\",", &[]),
        row(PROGRAM, "environment=A=\"x#y;z\",LANG=en_US.UTF-8", &[]),
        row(PROGRAM, "environment=A=\"50%%\",B=\"$HOME\",C=x;D=y", &[]),
        row(PROGRAM, "environment=A={{ x }}?y", &[]),
    ];
}
