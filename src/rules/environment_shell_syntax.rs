//! SUP602 environment-shell-syntax: a variable whose value is meant for a shell.

use super::view::environment::{List, Variable, places};
use super::view::mend::Mend;
use super::view::mend::values::{Edits, Known, Standing, own, values, written_for_supervisor};
use super::{Check, Found, Lint, and_more, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Applicability, Fix};
use crate::hash::HashSet;
use crate::keys::process as k;
use crate::secrets;
use crate::source::Place;

/// SUP602.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP602",
        name: "environment-shell-syntax",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("environment_shell_syntax.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What only a shell would replace, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShellText<'t> {
    /// `$NAME` or `${NAME}`, and the name.
    Variable(&'t str, &'t str),
    /// `~/`.
    Home,
    /// `$(command)`, or one between backticks.
    Command(&'t str),
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for list in lint.environments(|text| text.contains(['$', '`', '~'])) {
        let meant: Vec<(&Variable, ShellText<'_>)> =
            list.variables.iter().filter_map(|variable| Some((variable, meant_for_a_shell(variable)?))).collect();
        let Some((variable, text)) = meant.first() else { continue };
        let setting = list.written.setting;
        let message = format!(
            "the program gets the text {} in {}, because Supervisor is not a shell{}.",
            shown(written(*text)),
            variable.name,
            and_more(meant.len())
        );
        let texts: Vec<&str> = meant.iter().map(|(_, text)| written(*text)).collect();
        let spans = places(lint.sources.slice(setting.value), &texts).into_iter().map_while(|span| span);
        let mut spans = spans.map(|span| Place { span: span.after(setting.value.span.start), ..setting.value });
        let place = spans.next().unwrap_or(setting.value);
        let finding = Diagnostic::new(&RULE.rule, place, message).help(help(&list, variable, *text));
        let finding = spans.fold(finding, |finding, place| finding.label(place, "this stays as it is too"));
        found.push_of_accepted(setting.value, finding.of(list.written.section, Some(list.written.option)));
    }
}

/// Not in `[DEFAULT]`, whose list counts for `[supervisord]` too.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, option) = (finding.section?, finding.option?);
    let standing = Standing::of(lint, own(lint, section, option)?)?;
    let mut edits = Edits::default();
    let mut applicability = Applicability::Safe;
    let known = Known::of(lint, section);
    let mut changed = HashSet::default();
    for valued in values(&standing.text)? {
        let value = standing.text.get(valued.start..valued.end)?;
        let variable = Variable { name: valued.name, value: value.to_owned() };
        if meant_for_a_shell(&variable).is_none() {
            continue;
        }
        for (at, written, name) in variables(value).filter(|_| valued.quoted)? {
            applicability = applicability.max(known.expandable(&k::ENVIRONMENT, name, name == variable.name)?);
            edits.expand(valued.start + at, written);
        }
        changed.insert(variable.name);
    }
    // What a variable brings may be wrong too.
    let mend = standing.edited(Mend::of(lint).uncovers(), &edits.joined())?.changes(section, option);
    written_for_supervisor(mend.uses(section, |name| changed.contains(name)), applicability)
}

/// The variables of a shell in a value: where they are, as they are written, and their names. None where the value holds something
/// else that only a shell would replace.
fn variables(value: &str) -> Option<Vec<(usize, &str, &str)>> {
    if value.starts_with("~/") {
        return None;
    }
    let mut found = Vec::new();
    for (at, sign) in value.match_indices(['$', '`']) {
        let rest = value.get(at..)?;
        if let Some((written, name)) = variable(rest) {
            found.push((at, written, name));
        } else if reference(rest).or_else(|| command(rest, "$(", ')')).is_some()
            || (sign == "`" && command(rest, "`", '`').is_some())
        {
            return None;
        }
    }
    Some(found)
}

/// The variable that a text begins with, `$NAME` or `${NAME}`, and its name.
pub(super) fn variable(text: &str) -> Option<(&str, &str)> {
    let Some(ShellText::Variable(written, name)) = reference(text) else { return None };
    let braces = if written.starts_with("${") { 2 } else { 0 };
    (written.len() == 1 + name.len() + braces).then_some((written, name))
}

fn written(text: ShellText<'_>) -> &str {
    match text {
        ShellText::Variable(written, _) | ShellText::Command(written) => written,
        ShellText::Home => "~/",
    }
}

fn help(list: &List<'_>, variable: &Variable, text: ShellText<'_>) -> String {
    match text {
        ShellText::Variable(_, name) if name != variable.name && list.get(name).is_some() => {
            format!("write the value of {name}: the variables of one list do not see each other.")
        }
        ShellText::Variable(_, name) => {
            format!("write %(ENV_{name})s: the value that supervisord itself has when it starts.")
        }
        ShellText::Home => "write the whole path; %(ENV_HOME)s is the home of supervisord, not of user=.".to_owned(),
        ShellText::Command(command) => format!(
            "write the value itself, or let a shell make it:\n\
             \x20 command=/bin/sh -c '{}={command} exec PROGRAM'",
            variable.name
        ),
    }
}

/// The first text of a value that only a shell would replace. Passwords have such signs by chance.
fn meant_for_a_shell(variable: &Variable) -> Option<ShellText<'_>> {
    let value = variable.value.as_str();
    let is_secret = secrets::variable(&variable.name, value);
    if value.starts_with("~/") {
        return (!is_secret).then_some(ShellText::Home);
    }
    let found = value.char_indices().find_map(|(at, c)| {
        let rest = value.get(at..)?;
        match c {
            '$' => reference(rest).or_else(|| command(rest, "$(", ')')),
            '`' => command(rest, "`", '`'),
            _ => None,
        }
    })?;
    let whole = written(found).len() == value.len();
    let plainly = match found {
        ShellText::Variable(written, name) => {
            whole && (written.starts_with("${") || name.contains('_') || name == variable.name)
        }
        ShellText::Command(_) => whole,
        ShellText::Home => false,
    };
    (!is_secret || plainly).then_some(found)
}

/// `$NAME` or `${NAME…}`: two capitals or more. Other names are those of formats and of passwords.
fn reference(text: &str) -> Option<ShellText<'_>> {
    let after = text.strip_prefix('$')?;
    let (inner, braces) = after.strip_prefix('{').map_or((after, false), |inner| (inner, true));
    let end = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let (name, behind) = inner.split_at_checked(end)?;
    let is_name = name.len() > 1
        && name.starts_with(|c: char| c == '_' || c.is_ascii_uppercase())
        && !name.contains(|c: char| c.is_ascii_lowercase())
        && name.contains(|c: char| c.is_ascii_uppercase());
    let length = if braces {
        // `${NAME:-else}` too.
        let closed = behind.starts_with(['}', ':', '-']).then(|| behind.find('}')).flatten()?;
        2 + end + closed + 1
    } else {
        1 + end
    };
    is_name.then_some(ShellText::Variable(text.get(..length)?, name))
}

/// A command between these signs: it begins with a letter or with its path.
fn command<'t>(text: &'t str, opens: &str, closes: char) -> Option<ShellText<'t>> {
    let inner = text.strip_prefix(opens)?;
    let end = inner.find(closes)?;
    let begins = inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    (begins && end > 1).then(|| text.get(..opens.len() + end + closes.len_utf8()).map(ShellText::Command)).flatten()
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "environment=A=\"$HOME/x\"", &[(1, E)])
            .says("the program gets the text '$HOME' in A")
            .at_risk("environment=A=\"%(ENV_HOME)s/x\""),
        row(PROGRAM, "environment=A=\"$PATH:/x\"", &[(1, E)]).safely("environment=A=\"%(ENV_PATH)s:/x\""),
        row("", "[supervisord]\nenvironment=AB=1\n[program:a]\ncommand=a\nenvironment=B=\"$AB\"", &[(5, E)])
            .safely("[supervisord]\nenvironment=AB=1\n[program:a]\ncommand=a\nenvironment=B=\"%(ENV_AB)s\""),
        row(PROGRAM, "environment=A=\"1\",B='${APP}/x',C=\"~/y\"", &[(1, E)]).says("'${APP}' in B").mends(""),
        row(
            MAIN,
            "[program:api]\r\n  command=/srv/api\r\n  environment : A=\"50%% $AB${CD}/$1\", ; a\r\n    B='x$EF' ; $GH\r\n\
             \x20 umask=022\r",
            &[(3, E)],
        )
        .mends(
            "[program:api]\r\n  command=/srv/api\r\n  environment : A=\"50%% %(ENV_AB)s%(ENV_CD)s/$1\", ; a\r\n\
             \x20   B='x%(ENV_EF)s' ; $GH\r\n  umask=022\r",
        ),
        // The variables of a list do not see each other, but for what they add to.
        row(PROGRAM, "environment=AB=\"1\",B=\"$AB\"", &[(1, E)]).mends(""),
        row(PROGRAM, "environment=AB=\"$AB:1\",B=\"2\"", &[(1, E)]).mends("environment=AB=\"%(ENV_AB)s:1\",B=\"2\""),
        row(PROGRAM, "environment=A=\"$PORT\"", &[(1, E)]).closed().mends(""),
        row(PROGRAM, "environment=A=\"$HOME\"", &[(1, E)]).closed().safely("environment=A=\"%(ENV_HOME)s\""),
        row("", "[DEFAULT]\nenvironment=A=\"$HOME\"\n[program:a]\ncommand=a", &[(2, E)]).mends(""),
        row(PROGRAM, "environment=A=\"1\",\n B=\"$(hostname)\",\n C=\"`id -u`\"", &[(2, E)]).says("(and 1 more)"),
        row(PROGRAM, "environment=PATH=\"/srv/bin:${PATH:-/bin}\",B=\"%(ENV_B)s\"", &[(1, E)])
            .says("'${PATH:-/bin}'")
            .mends(""),
        row(PROGRAM, "environment=DB_PASSWORD=\"$DB_PASSWORD\"", &[(1, E)])
            .mends("environment=DB_PASSWORD=\"%(ENV_DB_PASSWORD)s\""),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nenvironment=A=\"$HOME\"", &[(3, E)]),
        row(MAIN, "environment=A=\"$HOME\"", &[(1, E)]),
        row("", "[program:a]\ncommand=a\nenvironment=A=\"$HOME\"", &[(3, E)]),
        // Cut, or refused: SUP601.
        row(PROGRAM, "environment=A=$HOME:/x,B=\"1\"", &[]),
        row(PROGRAM, "environment=A=~/x,B=\"1\"", &[]),
        row(PROGRAM, "environment=A=\"$HOME\"\n B=\"1\"", &[]),
        // Formats, passwords, money.
        row(PROGRAM, "environment=A=\"$remote_addr $1 5$ $$ US$\",B=\"a~/b\",C=\"`\"", &[]),
        row(PROGRAM, "environment=DB_PASSWORD=\"ab$CDEF\",HASH=\"$2y$10$abcDEF\",RE=\"^x$(?!y)\"", &[]),
        row(PROGRAM, "environment=A=\"{{ x }}$HOME\"", &[]),
    ];
}
