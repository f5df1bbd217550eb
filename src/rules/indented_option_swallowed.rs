//! SUP002 indented-option-swallowed: an option that is indented deeper than the one above and so is part of its value.

use super::view::mend::Mend;
use super::view::written;
use super::{Check, Explanation, Found, Lint, Written, and_more, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::{Change, Fix};
use crate::hash::HashSet;
use crate::load::{DEFAULT, Facts, Setting};
use crate::refusal::{Cause, ListenerFault, Refusal};
use crate::source::{Place, Source, Span};
use crate::syntax::{self, Kind};
use crate::{keys, python};

/// SUP002.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP002",
        name: "indented-option-swallowed",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("indented_option_swallowed.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: Some(explain),
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Gives each line that is an option or a header the indentation of what has swallowed it. Below the first of them a line that is
/// indented deeper goes on with its value; one that is not is an option too, whether Supervisor knows it or not.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, setting) = swallower(lint, finding)?;
    let id = setting.key.source;
    let source = lint.sources.get(id)?;
    let value = Value::at(source, setting.key)?;
    let kept = setting.text.lines().next().unwrap_or_default();
    let mut mend = Mend::of(lint).becomes(section, setting.name, kept);
    // The section that lines belong to, and the option whose value they go on with, with its old indentation.
    let mut within = section;
    let mut above = Some((setting.name, None));
    let mut before = value.first;
    let mut moved = 0;
    for Below { blanks, text } in value.below {
        let indent = source.slice(blanks).chars().count();
        let option = option(within, text);
        let listed = std::mem::replace(&mut before, text).ends_with(',');
        // In a list of variables such a line is one of them.
        let (variables, deeper) = match above {
            Some((name, old)) => (name == "environment", old.is_some_and(|old| indent > old)),
            None => (false, false),
        };
        if (variables && (deeper || listed)) || (option.is_none() && !is_header(text) && (moved == 0 || deeper)) {
            continue;
        }
        if is_header(text) {
            // What is below the value belongs to the section above, and would not any more.
            if !value.is_last {
                return None;
            }
            within = text.get(1..text.len() - 1)?;
            mend = mend.changes(within, Change::WHOLE);
            above = None;
        } else {
            let name = option.or_else(|| if variables { None } else { key(text) })?;
            if within == section {
                let (_, behind) = text.split_once(['=', ':'])?;
                mend = mend.becomes_own(section, &python::lower(name), behind);
            }
            above = Some((name, Some(indent)));
        }
        mend = mend.replace(Place { source: id, span: blanks }, value.indent);
        moved += 1;
    }
    let lines = if moved == 1 { "line" } else { "lines" };
    mend.uncovers().safe(format!("remove the indentation of the {lines} that the value has swallowed"))
}

/// The setting in whose value a finding is, and the section that this is written in.
fn swallower<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<(&'a str, &'a Setting<'a>)> {
    let Place { source, span } = finding.place;
    let section = finding.section?;
    let holds = |setting: &&Setting<'_>| {
        let Place { source: own, span: value } = setting.value;
        own == source && value.start <= span.start && span.end <= value.end
    };
    let default = lint.merged.defaults().iter().find(holds).map(|setting| (DEFAULT, setting));
    let own = || {
        let one = lint.merged.sections.get(section)?;
        Some((section, lint.merged.options(one).iter().find(holds)?))
    };
    default.or_else(own)
}

/// A value as it is written, with the lines that go on with it.
struct Value<'t> {
    /// What is before the option.
    indent: &'t str,
    first: &'t str,
    below: Vec<Below<'t>>,
    /// Whether its section ends with it.
    is_last: bool,
}

/// A line that goes on with a value.
struct Below<'t> {
    /// Its indentation.
    blanks: Span,
    text: &'t str,
}

impl<'t> Value<'t> {
    /// That of the option whose key is at a place.
    fn at(source: &'t Source, key: Place) -> Option<Self> {
        let start = source.line_of(key.span.start).start;
        let text = source.text().get(start as usize..)?;
        let slice = |span: Span| text.get(span.start as usize..span.end as usize);
        let mut lines = syntax::lines_of_option(text, source.cut);
        let Kind::Option { key, value, .. } = lines.next()?.kind else { return None };
        let (indent, first) = (text.get(..key.start as usize)?, slice(value)?);
        let (mut below, mut is_last) = (Vec::new(), true);
        for line in lines {
            match line.kind {
                Kind::Blank { .. } | Kind::Comment => {}
                Kind::Continuation { value } => {
                    let blanks = Span { end: value.start, ..line.span }.after(start);
                    below.push(Below { blanks, text: slice(value)? });
                }
                Kind::Header { .. } | Kind::Option { .. } | Kind::Bad { .. } | Kind::Orphan => {
                    is_last = matches!(line.kind, Kind::Header { .. });
                    break;
                }
            }
        }
        Some(Self { indent, first, below, is_last })
    }
}

/// The key of a line that looks like an option: `http://host` and `--user=api` do not.
fn key(line: &str) -> Option<&str> {
    let (key, value) = line.split_once(['=', ':'])?;
    let key = python::rstrip(key);
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    (plain && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !value.starts_with("//")).then_some(key)
}

const HELP: &str = "remove the indentation of that line.";

fn explain(refusal: &Refusal, lint: &Lint<'_>) -> Option<Explanation> {
    if is_missing(&refusal.cause) {
        let (section, option) = (refusal.section?, refusal.option?);
        let (holder, setting) = holder(lint, section, option)?;
        let message = format!(
            "'{option}=' is indented, so it is part of the value of {holder}, and [{section}] has none: supervisord refuses to start."
        );
        let (mut own, others): (Vec<_>, Vec<_>) =
            lines_of(lint, section, setting).partition(|line| line.what.strip_suffix('=') == Some(option));
        own.extend(others);
        return Some(Explanation::new(message, HELP).pointing(places(setting.value, &own)));
    }
    let option = refusal.option.filter(|option| *option != "environment")?;
    if !refusal.cause.is_of_the_text() {
        return None;
    }
    let section = refusal.section?;
    let swallowed = swallowed(section, refusal.written)?;
    let setting = lint.merged.setting(section, option);
    let lines: Vec<_> = setting.into_iter().flat_map(|setting| lines_of(lint, section, setting)).collect();
    let message = format!(
        "'{swallowed}=' is indented{}, so it is part of the value of {option}: supervisord refuses to start.",
        and_more(lines.len())
    );
    let places = setting.map(|setting| places(setting.value, &lines)).unwrap_or_default();
    Some(Explanation::new(message, HELP).pointing(places))
}

/// Whether an option is missing without which Supervisor refuses its section.
fn is_missing(cause: &Cause) -> bool {
    matches!(cause, Cause::NoCommand | Cause::Required | Cause::EventListener(ListenerFault::NoEvents))
}

/// The option of a section in whose value another one is swallowed.
fn holder<'l, 'a>(lint: &'l Lint<'a>, section: &str, option: &str) -> Option<(&'a str, &'l Setting<'a>)> {
    let options = lint.merged.options(lint.merged.sections.get(section)?);
    let mut settings = options.iter().filter(|setting| setting.facts.any(Facts::NEWLINE));
    settings
        .find(|setting| setting.text.split('\n').skip(1).any(|line| self::option(section, line) == Some(option)))
        .map(|setting| (setting.name, setting))
}

/// Whether a section has an option only as a part of another value.
pub(super) fn holds(lint: &Lint<'_>, section: &str, option: &str) -> bool {
    holder(lint, section, option).is_some()
}

/// A line that a value has swallowed.
struct Swallowed {
    span: Span,
    kind: &'static str,
    what: String,
}

/// The lines of a value that are options of its section, or headers of others.
fn lines_of<'l>(lint: &'l Lint<'_>, section: &'l str, setting: &Setting<'_>) -> impl Iterator<Item = Swallowed> {
    written::lines(lint, setting.value).skip(1).filter_map(move |line| {
        let header = is_header(line.kept).then(|| ("a section", line.kept.to_owned()));
        let (kind, what) = header.or_else(|| Some(("an option", format!("{}=", option(section, line.kept)?))))?;
        Some(Swallowed { span: line.span, kind, what })
    })
}

/// The places of lines that are swallowed: the first is pointed at, some others are labels.
fn places(value: Place, lines: &[Swallowed]) -> Vec<(Place, String)> {
    const SHOWN: usize = 6;
    let place = |line: &Swallowed| (Place { span: line.span, ..value }, "this line is swallowed too".to_owned());
    lines.iter().take(SHOWN).map(place).collect()
}

/// The first line below the first of a value that begins with an option of the section.
pub(super) fn swallowed(section: &str, value: &str) -> Option<&'static str> {
    value.split('\n').skip(1).find_map(|line| option(section, line))
}

fn option(section: &str, line: &str) -> Option<&'static str> {
    let (name, _) = line.split_once(['=', ':'])?;
    let name = python::strip(name).to_lowercase();
    written::key(section, &name).map(|key| key.name)
}

/// Whether a line is the header of a section of Supervisor's.
fn is_header(line: &str) -> bool {
    let name = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| keys::of_section(name).is_some())
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let missing = lint.config.refusals.iter().filter(|refusal| is_missing(&refusal.cause));
    let missing: HashSet<(&str, &str)> =
        missing.filter_map(|refusal| Some((refusal.section?, refusal.option?))).collect();
    for written in lint.written_with(Facts::NEWLINE) {
        let Written { section, option: name, setting, .. } = written;
        if name == "environment" || written.key().is_none() {
            continue;
        }
        let lines: Vec<_> = lines_of(lint, section, setting).collect();
        let Some(Swallowed { span, kind, what }) = lines.first() else { continue };
        // A line without which the section is refused has been spoken of with that.
        let is_refused = |line: &Swallowed| {
            let option = line.what.strip_suffix('=').unwrap_or_default();
            missing.contains(&(section, option))
                && holder(lint, section, option).is_some_and(|(holder, _)| holder == name)
        };
        if lines.iter().any(is_refused) {
            continue;
        }
        let does = if name == "command" { runs(setting, what) } else { "nothing reports this".to_owned() };
        let message = format!(
            "'{what}' is indented{}, so it is part of the value of {name} and not {kind}; {does}.",
            and_more(lines.len())
        );
        let place = Place { span: *span, ..setting.value };
        let mut diagnostic = Diagnostic::new(&RULE.rule, place, message).help(HELP).of(section, Some(name));
        diagnostic = diagnostic.label(setting.key, format!("the value of {name} begins here and continues"));
        for (place, text) in places(setting.value, &lines).into_iter().skip(1) {
            diagnostic = diagnostic.label(place, text);
        }
        found.push_of_accepted(setting.value, diagnostic);
    }
}

/// The command up to what it has swallowed, whose value may be a secret.
fn runs(setting: &Setting, what: &str) -> String {
    let first = setting.text.lines().next().unwrap_or("");
    format!("Supervisor runs {} with the argument '{what}…'", shown(first))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "startsecs=5\n autostart=false", &[(2, E)])
            .says("'autostart=' is indented")
            .mends("startsecs=5\nautostart=false"),
        // The indentation grows step by step.
        row(MAIN, "[program:a]\n command=/a\n  user=api\n   startsecs=5\n    priority=1", &[(3, E)])
            .says("'user=' is indented (and 2 more)")
            .mends("[program:a]\n command=/a\n user=api\n startsecs=5\n priority=1"),
        row(MAIN, "[program:a]\n command=/a\n user=api\n autostart=false\n   startsecs=5\n     priority=1", &[(5, E)])
            .says("'startsecs=' is indented (and 1 more), so it is part of the value of autostart"),
        // What the section cannot do without.
        row(MAIN, "[program:a]\nuser=root\n command=/a", &[(3, E)])
            .says("'command=' is indented")
            .mends("[program:a]\nuser=root\ncommand=/a"),
        row(MAIN, "[eventlistener:a]\ncommand=/a\n  user=root\n  events=TICK_5", &[(4, E)])
            .mends("[eventlistener:a]\ncommand=/a\nuser=root\nevents=TICK_5"),
        row(MAIN, "[unix_http_server]\nusername=a\npassword=b\n file=/run/a.sock", &[(4, E)]),
        row("", "[program:a]\nuser=root\n command=/a", &[(3, E)]),
        row(PROGRAM, "  autostart=false", &[(1, E)]),
        row(PROGRAM, " ; why\n\n  Priority : 5 ;five", &[(3, E)]).mends(" ; why\n\nPriority : 5 ;five"),
        row(PROGRAM, "  [program:web]\n  command=/srv/web\n  user=web", &[(1, E)])
            .mends("[program:web]\ncommand=/srv/web\nuser=web"),
        row(PROGRAM, "directory=/srv\r\n\tumask=022\r", &[(2, E)]).mends("directory=/srv\r\numask=022\r"),
        row(PROGRAM, "[group:a]\nprograms=api\n priority=5", &[(3, E)]).mends("[group:a]\nprograms=api\npriority=5"),
        row(MAIN, "[DEFAULT]\nstartsecs=5\n  autostart=false\n[program:a]\nuser=a\ncommand=/a", &[(3, E)])
            .mends("[DEFAULT]\nstartsecs=5\nautostart=false\n[program:a]\nuser=a\ncommand=/a"),
        row(MAIN, "[DEFAULT]\ndirectory=/\n  autostart=false\n[program:a]\nuser=a\ncommand=/a", &[(3, E)])
            .mends("[DEFAULT]\ndirectory=/\nautostart=false\n[program:a]\nuser=a\ncommand=/a"),
        // Of what follows some goes on with the value of the new option, and some is an option too.
        row(
            PROGRAM,
            "  --fast\n  environment=A=\"1\",\n    user=\"2\",\n  B=\"3\"\n  umask=022\nautostart=true",
            &[(2, E)],
        )
        .mends("  --fast\nenvironment=A=\"1\",\n    user=\"2\",\n  B=\"3\"\numask=022\nautostart=true"),
        row(PROGRAM, "  exitcodes=0,\n    2\n  nice=5", &[(1, E)]).mends("exitcodes=0,\n    2\nnice=5"),
        row(PROGRAM, "  umask=022\n  --fast", &[(1, E)]).mends(""),
        row(PROGRAM, "  umask=022\n  http://a/b", &[(1, E)]).mends(""),
        // Supervisor would refuse it, or read lines of one section as those of the other.
        row(PROGRAM, "  autostart=maybe", &[(1, E)]).mends(""),
        row(PROGRAM, "  [program:web]\n  command=/srv/web\nautostart=false", &[(1, E)]).mends(""),
        row(MAIN, "[program:api]\nuser=api\ncommand=/srv/api\n --user=api\n of=/dev/null", &[]),
        row(PROGRAM, "  --user=api\n  of=/dev/null\n  key: value", &[]),
        row(PROGRAM, "environment=A=\"1\",\n user=\"2\"", &[]),
        row(PROGRAM, "[include]\nfiles=programs/web.conf\n programs/api.conf", &[]),
        row(PROGRAM, " ; autostart=false\n", &[]),
    ];
}
