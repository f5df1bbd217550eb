//! SUP005 bad-percent: a percent sign that begins no expansion, or one that inserts everything.

use super::spelling::closest;
use super::view::conversions::{Conversion, conversions};
use super::view::mend::Mend;
use super::view::mend::changes::setting_of;
use super::{Check, Explanation, Found, Lint, Written, and_more, shown, written};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Applicability, Fix};
use crate::keys::{self, Context, NAMES, SectionKind};
use crate::load::{DEFAULT, Facts};
use crate::refusal::{Cause, Refusal};
use crate::source::{Place, Span};

/// SUP005.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP005",
        name: "bad-percent",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("bad_percent.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::SpeaksOfPercent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Doubles each percent sign of the value that is wrong, or makes four of it where the value is expanded twice. Nothing is wrong
/// with the value then, so all of them are, or none is.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, setting) = setting_of(lint, finding)?;
    let option = setting.name;
    // A number has no percent sign; a pattern with one may find files that nobody has looked at.
    let holds_any = written::key(section, option).is_none_or(|key| key.kind.holds_words());
    // Supervisord expands it twice, and programs that inherit it once.
    let divided = option == "environment" && lint.merged.is_inherited(setting);
    if !holds_any || section == "include" || divided {
        return None;
    }
    let known: &[&str] = if section == DEFAULT { &NAMES } else { names(section, option) };
    let is_text = |name: &str| is_text(section, option, name, lint);
    let mut signs = Vec::new();
    for line in written::lines(lint, setting.value) {
        let of_line = wrong_signs(line.kept, known, is_text)?.into_iter();
        signs.extend(of_line.map(|(at, applicability)| (line.span.start + Span::at(at).start, applicability)));
    }
    // What %(here)s is replaced by may have one too.
    if wrong_signs(setting.text, known, is_text)?.len() != signs.len() {
        return None;
    }
    let twice = is_expanded_twice(section, option);
    let more = if twice { "%%%" } else { "%" };
    // What the value says then is read for the first time by those who find faults in it.
    let mut mend = Mend::of(lint).uncovers().becomes(section, option, "");
    for (at, _) in &signs {
        mend = mend.insert(setting.value.source, *at, more);
    }
    let title = if twice { "write '%%%%' for '%', because the value is expanded twice" } else { "write '%%' for '%'" };
    mend.made(signs.into_iter().map(|(_, applicability)| applicability).max()?, title)
}

/// Where the percent signs of a text are that begin no expansion, and whether it is safe to double each; `None` where it is not
/// certain what one was meant to be.
fn wrong_signs(text: &str, known: &[&str], is_text: impl Fn(&str) -> bool) -> Option<Vec<(usize, Applicability)>> {
    let mut signs = Vec::new();
    let mut at = 0;
    while let Some(conversion) = conversions(text.get(at..)?).next() {
        let behind = text.len() - conversion.behind.len();
        let is_known = |name: &str| name.starts_with("ENV_") || known.contains(&name);
        let capitals = |name: &str| name.bytes().filter(u8::is_ascii_uppercase).count();
        let applicability = match conversion.name {
            _ if conversion.unclosed => return None,
            Some(name) if !is_known(name) => is_text(name).then_some(Applicability::Unsafe)?,
            Some(_) if conversion.is_good() => {
                at = behind + conversion.text.len() - 1;
                continue;
            }
            Some(_) => return None,
            // %NAME% is to be replaced by somebody.
            None if conversion.placeholder().is_some_and(|name| capitals(name) > 1) => return None,
            None if conversion.inserts_all() => Applicability::Unsafe,
            None => Applicability::Safe,
        };
        signs.push((behind - 1, applicability));
        // What the sign took for its own may hold the next one.
        at = behind;
    }
    Some(signs)
}

/// Whether Supervisor expands what the first expansion of an option leaves.
pub(super) fn is_expanded_twice(section: &str, option: &str) -> bool {
    matches!(option, "stdout_logfile" | "stderr_logfile") || (section, option) == ("supervisord", "environment")
}

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    let option = refusal.option?;
    match &refusal.cause {
        Cause::UnknownName { name, second: false } if !name.starts_with("ENV_") => {
            if option == "password" {
                return Some(secret());
            }
            let places = places_of_bad(refusal, lint, |first| first.name == Some(name.as_str()));
            Some(unknown_name(refusal.section?, option, name, lint, &and_more(places.len())).pointing(places))
        }
        Cause::Percent { second: false } => {
            if option == "password" {
                return Some(secret());
            }
            let refused = conversions(refusal.written).find(|conversion| !conversion.is_good());
            // Where %(here)s has been replaced as text, the % is not what is written.
            let written = lint.sources.slice(refusal.place);
            if written.contains("%(here)s") && refused.as_ref().is_some_and(|refused| !written.contains(refused.text)) {
                return Some(here(written));
            }
            Some(refused.map_or_else(
                || {
                    Explanation::new(
                        format!("Python cannot format {option} as it is written, and supervisord refuses to start."),
                        "write %% for a literal percent sign, and an expansion as %(name)s.",
                    )
                },
                |conversion| {
                    let places =
                        places_of_bad(refusal, lint, |first| first.text.trim_end() == conversion.text.trim_end());
                    conversion.explain(&and_more(places.len())).pointing(places)
                },
            ))
        }
        _ => None,
    }
}

/// Where Python refuses parts of a value; nothing unless the first is the one that it stops at.
fn places_of_bad(
    refusal: &Refusal,
    lint: &Lint<'_>,
    is_first: impl Fn(&Conversion<'_>) -> bool,
) -> Vec<(Place, String)> {
    let (Some(section), Some(option)) = (refusal.section, refusal.option) else { return Vec::new() };
    let known = names(section, option);
    let bad = |conversion: &Conversion<'_>| {
        let unknown = conversion.name.is_some_and(|name| !name.starts_with("ENV_") && !known.contains(&name));
        // What %(here)s was replaced by is not in the file.
        (unknown || !conversion.is_good()) && refusal.written.contains(conversion.text)
    };
    let found = places(lint, refusal.place, bad);
    let first = found.first().is_some_and(|(_, conversion)| is_first(conversion));
    let mut bad: Vec<(Place, String)> = Vec::new();
    for (mut place, conversion) in found.into_iter().filter(|_| first) {
        // The percent sign that ends %NAME% is not another one.
        if bad.last().is_some_and(|(last, _)| place.span.start < last.span.end && place.source == last.source) {
            continue;
        }
        let name = conversion.placeholder().map(|name| format!("%{name}%"));
        let text = name.as_deref().unwrap_or(conversion.text);
        place.span.end = place.span.end.max(place.span.start + Span::new(0, text.trim_end().len()).end);
        bad.push((place, format!("{} is not valid either", shown(text))));
    }
    bad
}

/// The conversions in a value, as it stands in its file, of which something holds.
fn places<'l>(
    lint: &'l Lint<'_>,
    value: Place,
    holds: impl Fn(&Conversion<'l>) -> bool,
) -> Vec<(Place, Conversion<'l>)> {
    let mut found = Vec::new();
    for line in written::lines(lint, value) {
        for conversion in conversions(line.kept).filter(&holds) {
            let start = line.span.start as usize + line.kept.len() - conversion.behind.len() - 1;
            let span = Span::new(start, start + conversion.text.trim_end().len());
            found.push((Place { span, ..value }, conversion));
        }
    }
    found
}

fn here(written: &str) -> Explanation {
    if written.contains("%%(here)s") {
        Explanation::new(
            "%(here)s is replaced first, even in %%(here)s, so a single % is left: supervisord refuses to start.",
            "write the path of the directory.",
        )
    } else {
        Explanation::new(
            "the directory of %(here)s has a % in its name: supervisord refuses to start.",
            "move the file, or write its path with %% for the percent sign.",
        )
    }
}

fn secret() -> Explanation {
    Explanation::new(
        "the password has a % that is not a valid expansion: supervisord refuses to start.",
        "write each % of the password as %%.",
    )
}

fn unknown_name(section: &str, option: &str, name: &str, lint: &Lint<'_>, more: &str) -> Explanation {
    let known = names(section, option);
    let listed = [known, &["ENV_*"]].concat().join(", ");
    let message = format!(
        "supervisord refuses to start: unknown name {}{more} in {option} of [{section}] (known: {listed}).",
        shown(name)
    );
    let help = meant(section, option, name, lint).unwrap_or_else(|| {
        format!("for the literal text write %%({name}); a variable of the environment is %(ENV_NAME)s.")
    });
    Explanation::new(message, help)
}

/// Whether `%(name)s` is nothing but text, such as `%(asctime)s`: it is no slip, nor half of a name.
fn is_text(section: &str, option: &str, name: &str, lint: &Lint<'_>) -> bool {
    let half = names(section, option).iter().any(|known| known.strip_suffix("_name") == Some(name));
    !half && meant(section, option, name, lint).is_none()
}

/// What to write instead of a name that an option does not know; `None` where it may be text.
fn meant(section: &str, option: &str, name: &str, lint: &Lint<'_>) -> Option<String> {
    let known = names(section, option);
    let variable = lint.reading.variable(name).is_some()
        || (name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
    if variable {
        Some(format!("did you mean the environment variable, %(ENV_{name})s?"))
    } else if (section, option, name) == ("supervisord", "environment", "host_node_name") {
        let help =
            "this option is expanded twice, and the name is known only the second time: write %%(host_node_name)s.";
        Some(help.to_owned())
    } else if NAMES.contains(&name) {
        Some(format!("{name} is known only in other options: write the text itself."))
    } else {
        closest(name, known.iter().copied()).map(|near| format!("did you mean %({near})s?"))
    }
}

/// The names that an option knows, besides those of the environment.
fn names(section: &str, option: &str) -> &'static [&'static str] {
    let tables = keys::of_section(section).unwrap_or(&[]);
    let key = tables.iter().flat_map(|table| *table).find(|key| key.name == option);
    match key.map(|key| key.names) {
        Some(Context::G) => &["here"],
        Some(Context::H) | None => &[],
        Some(Context::I) => &["here", "host_node_name"],
        Some(Context::F) => &["here", "program_name"],
        Some(Context::GThenP0) if section.starts_with("program:") => &["here"],
        Some(Context::P0 | Context::GThenP0) => &["here", "program_name", "group_name", "host_node_name"],
        Some(Context::P1 | Context::P2) => &NAMES,
    }
}

impl Conversion<'_> {
    /// The name in `%NAME%`.
    fn placeholder(&self) -> Option<&str> {
        let (name, _) = self.behind.split_once('%')?;
        (name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')).then_some(name)
    }

    /// `more`: how many others the value has.
    fn explain(&self, more: &str) -> Explanation {
        match self.name {
            _ if self.unclosed => Explanation::new(
                format!("'%(' has no closing parenthesis{more}, so supervisord refuses to start."),
                "write %(name)s, or %%( for the literal text.",
            ),
            // After '%(here).log' the letter would be an o.
            Some(name) if self.is_number() && self.letter_follows() => Explanation::new(
                format!(
                    "{} needs a number, but {name} is text{more}, so supervisord refuses to start.",
                    shown(self.text)
                ),
                format!("write %({name})s, or %%({name}) for the literal text."),
            ),
            Some(name) => Explanation::new(
                format!("'%({name})' has no letter such as s after it{more}, so supervisord refuses to start."),
                format!("write %({name})s, or %%({name}) for the literal text."),
            ),
            None if self.placeholder().is_some() => {
                let name = self.placeholder().unwrap_or("");
                Explanation::new(
                    format!("'%{name}%'{more} is not a valid expansion, so supervisord refuses to start."),
                    format!(
                        "if a script replaces %{name}% before supervisord starts, lint what it makes.\n\
                         otherwise write %(ENV_{name})s for an environment variable, or %% for a literal percent sign."
                    ),
                )
            }
            None => Explanation::new(
                format!("{}{more} is not a valid expansion, so supervisord refuses to start.", shown(self.text)),
                format!("write %{} for a literal percent sign.", self.text.trim_end()),
            ),
        }
    }
}

/// `%s` alone, where Supervisor accepts it.
fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let candidates = expanded(lint).filter_map(|Written { section, option, setting, .. }| {
        let all = conversions(setting.text).find(Conversion::inserts_all)?;
        let ps = if option == "command" { ", and ps shows it" } else { "" };
        // Between the % and its letter a password may have digits.
        let text = if option == "password" { "%s" } else { all.text };
        // Nor does a report point into one. Of two such conversions Python refuses the second.
        let first = places(lint, setting.value, Conversion::inserts_all).into_iter().next();
        let place = first.filter(|_| option != "password").map_or(setting.value, |(place, _)| place);
        let message = format!("{} inserts the whole environment of supervisord, secrets included{ps}.", shown(text));
        let help = format!("write %{text} for a literal percent sign.");
        Some((setting.value, Diagnostic::new(&RULE.rule, place, message).help(help).of(section, Some(option))))
    });
    for (value, finding) in candidates {
        found.push_of_accepted(value, finding);
    }
}

/// Every option with a `%` that supervisord expands.
pub(super) fn expanded<'l, 'a>(lint: &'l Lint<'a>) -> impl Iterator<Item = Written<'a>> + 'l {
    lint.written_with(Facts::PERCENT).filter(|written| match written.kind {
        // supervisorctl alone reads these.
        Some(SectionKind::Supervisorctl | SectionKind::CtlPlugin) => false,
        Some(SectionKind::RpcInterface) => true,
        _ => written.key().is_some(),
    })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "stderr_logfile=/x/%Y.log", &[(1, E)])
            .says("'%Y' is not a valid expansion, so")
            .mends("stderr_logfile=/x/%%%%Y.log"),
        row(PROGRAM, "stderr_logfile=/x/%(program)s.log", &[(1, E)])
            .says("unknown name 'program' in stderr_logfile of [program:api]")
            .mends(""),
        row(PROGRAM, "environment=A=\"%0O\",\n B=\"%(here)s%40e\",\n C=\"%(x)s\"", &[(1, E)])
            .says("'%0O' (and 2 more) is not a valid expansion, so")
            .mends("environment=A=\"%%0O\",\n B=\"%(here)s%%40e\",\n C=\"%%(x)s\""),
        row(PROGRAM, "environment=A=\"50%%\",\n B=\"%(x)s%Y\"", &[(2, E)])
            .says("'x' (and 1 more)")
            .mends("environment=A=\"50%%\",\n B=\"%%(x)s%%Y\""),
        row(MAIN, "[program:a]\ncommand=a %s\n b\n %r", &[(2, E)])
            .says("'%s' (and 1 more) is not")
            .mends("[program:a]\ncommand=a %%s\n b\n %%r"),
        row(MAIN, "[program:a]\ncommand=a\n b %s", &[(3, E)]).mends("[program:a]\ncommand=a\n b %%s"),
        // The h of one takes the sign of the next for its letter.
        row(MAIN, "[program:a]\r\n  command : a -n w%h%p@%n ;%h\r", &[(2, E)])
            .mends("[program:a]\r\n  command : a -n w%%h%%p@%%n ;%h\r"),
        row(MAIN, "[program:a]\ncommand=a %Y\ncommand=a %Y-%m-%d 50%", &[(3, E)])
            .mends("[program:a]\ncommand=a %Y\ncommand=a %%Y-%%m-%%d 50%%"),
        row(MAIN, "[DEFAULT]\ndirectory=/a%z\n[program:a]\ncommand=a", &[(2, E)])
            .mends("[DEFAULT]\ndirectory=/a%%z\n[program:a]\ncommand=a"),
        row(MAIN, "[DEFAULT]\ndirectory=/a%s\n[program:a]\ncommand=a", &[(2, E)])
            .mends("[DEFAULT]\ndirectory=/a%%s\n[program:a]\ncommand=a"),
        row("", "[DEFAULT]\nenvironment=A=\"%Y\"\n[supervisord]\n[program:a]\ncommand=a", &[(2, E)]).mends(""),
        row(MAIN, "[DEFAULT]\nenvironment=A=\"%s\"\n[program:a]\ncommand=a", &[(2, E)]).mends(""),
        // Python refuses the other one too.
        row(MAIN, "[program:a]\ncommand=a %Y %(here)*s", &[(2, E)]).mends(""),
        row("", "[program:a]\ncommand=%(here)s/a --format %(asctime)s", &[(2, E)])
            .mends("[program:a]\ncommand=%(here)s/a --format %%(asctime)s"),
        row(MAIN, "[program:a]\ncommand=a %(HOME)s %Y", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=a\nstartsecs=5%", &[(3, E)]).mends(""),
        row(PROGRAM, "stderr_logfile=/x/%(here)d.log", &[(1, E)]).says("'%(here)d' needs a number").mends(""),
        row(PROGRAM, "stderr_logfile=/x/%(here).log", &[(1, E)]).says("'%(here)' has no letter").mends(""),
        row(PROGRAM, "stderr_logfile=/x/%(here", &[(1, E)]).says("'%(' has no closing parenthesis").mends(""),
        row(PROGRAM, "stderr_logfile=/x/%s.log", &[(1, E)])
            .says("'%s' inserts the whole environment")
            .mends("stderr_logfile=/x/%%%%s.log"),
        row(PROGRAM, "[inet_http_server]\nport=9001\nusername=a\npassword=geheim%", &[(4, E)])
            .says("the password has a %")
            .mends("[inet_http_server]\nport=9001\nusername=a\npassword=geheim%%"),
        row(MAIN, "[program:a]\ncommand=a %s", &[(2, E)])
            .says("inserts the whole environment")
            .mends("[program:a]\ncommand=a %%s"),
        row(MAIN, "[program:a]\nuser=%USER%", &[(2, E)]).says("'%USER%' is not a valid expansion, so").mends(""),
        row(MAIN, "[program:a]\ncommand=%HOME%/x %USER%", &[(2, E)]).says("'%HOME%' (and 1 more) is not a valid"),
        row(MAIN, "[program:a]\nuser=%USER%\n[program:{{ b }}]", &[]),
        row(MAIN, "[program:a]\nuser=%(user)s", &[(2, E)]),
        row(MAIN, "[program:a]\nuser=%(user)s\n[program:{{ b }}]", &[]),
        row(MAIN, "[program:a]\nuser=%(here)d\n[program:{{ b }}]", &[(2, E)]),
        row(MAIN, "[program:%(b)s]\ncommand=b %(port)d\nuser=%Y", &[(3, E)]),
        row(
            MAIN,
            "[program:api]\nuser=api\ncommand=date +%%s %%(asctime)s %(here)s\n\
         stdout_logfile=/x/%(program_name)s-%%(host_node_name)s.log",
            &[],
        ),
        row(PROGRAM, "directory=/{{ a }}/%s", &[]),
    ];
}
