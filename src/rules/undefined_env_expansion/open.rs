//! What a file says of variables in an open world: those that come too late for an option, and those that nothing sets here.

use super::RULE;
use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::hash::HashSet;
use crate::keys::{Context, Kind, SectionKind};
use crate::load::{Facts, Setting};
use crate::map::Map;
use crate::rules::view::environment::{List, expanded, places};
use crate::rules::written::Written;
use crate::rules::{Found, Lint};
use crate::secrets;
use crate::source::Place;

/// Variables that supervisord has however it is started.
const USUAL: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "PWD", "HOSTNAME"];

/// A use of a variable that nothing sets here.
struct Use<'a> {
    variable: &'a str,
    written: Written<'a>,
    kind: Kind,
}

pub(super) fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    if lint.reading.environment.is_some() {
        return;
    }
    let mut lists: Map<'_, List<'a>> = Map::new();
    for list in lint.environments(|_| true) {
        lists.insert(list.written.section, list);
    }
    let everywhere = lists.get("supervisord");
    let mut unset: Vec<Use<'a>> = Vec::new();
    for written in lint.written_with(Facts::PERCENT) {
        let Some(key) = written.key().filter(|_| is_read(written.kind)) else { continue };
        if !lint.is_certain(written.setting.value) {
            continue;
        }
        let own = lists.get(written.section);
        let of_supervisord = written.kind == Some(SectionKind::Supervisord);
        let early = of_supervisord
            || match key.names {
                Context::P0 | Context::GThenP0 | Context::P1 => true,
                Context::P2 | Context::G | Context::H | Context::I | Context::F => false,
            };
        let mut seen = HashSet::default();
        for variable in expanded(written.setting.text) {
            let usual = USUAL.contains(&variable) || variable.starts_with("LC_");
            // What reads the includes is no program.
            let known = !of_supervisord
                && written.kind != Some(SectionKind::Include)
                && everywhere.is_some_and(|list| list.get(variable).is_some());
            if usual || known || !seen.insert(variable) {
                continue;
            }
            let value = own.and_then(|list| Some((list, list.get(variable)?)));
            match value {
                // What adds to a value expects to find one.
                Some((own, value)) if early && !expanded(value).any(|name| name == variable) => {
                    found.push_of_accepted(written.setting.value, too_late(lint, written, (variable, value, own)));
                }
                Some(_) if !early => {}
                _ => unset.push(Use { variable, written, kind: key.kind }),
            }
        }
    }
    nowhere(lint, &unset, found);
}

/// Whether supervisord reads the options of such a section.
fn is_read(kind: Option<SectionKind>) -> bool {
    match kind {
        Some(
            SectionKind::Supervisord
            | SectionKind::Program
            | SectionKind::EventListener
            | SectionKind::FcgiProgram
            | SectionKind::Group
            | SectionKind::InetServer
            | SectionKind::UnixServer
            | SectionKind::Include,
        ) => true,
        Some(SectionKind::Supervisorctl | SectionKind::RpcInterface | SectionKind::CtlPlugin) | None => false,
    }
}

fn place_of(lint: &Lint<'_>, setting: &Setting<'_>, variable: &str) -> Place {
    let text = format!("%(ENV_{variable})");
    let span = places(lint.sources.slice(setting.value), &[&text]).into_iter().flatten().next();
    match span {
        Some(span) => Place { span: span.after(setting.value.span.start), ..setting.value },
        None => setting.value,
    }
}

/// Of a variable that only the same section sets, for an option that is read before that counts.
fn too_late<'a>(
    lint: &Lint<'a>,
    written: Written<'a>,
    (variable, value, own): (&str, &str, &List<'a>),
) -> Diagnostic<'a> {
    let option = written.option;
    let place = place_of(lint, written.setting, variable);
    let message = format!(
        "supervisord refuses to start unless it inherits {variable}: {option}= does not see environment= of its own section."
    );
    let whole = written.setting.text == format!("%(ENV_{variable})s");
    let plain = whole && !value.is_empty() && !value.contains(['%', '\n']) && !secrets::variable(variable, value);
    let write = if plain { format!("write {option}={value}") } else { format!("write the value of {variable} there") };
    let set = if written.kind == Some(SectionKind::Supervisord) {
        "set it where supervisord starts (Environment= of the unit, ENV of the image)."
    } else {
        "set it in environment= of [supervisord], or where supervisord starts (Environment= of the unit, ENV of the image)."
    };
    // In a fragment the main file may set it for all.
    let severity = if lint.config.fragment { Severity::Info } else { Severity::Error };
    let mut finding =
        Diagnostic::new(&RULE.rule, place, message).severity(severity).help(format!("{write}.\nor {set}"));
    finding.confidence = Confidence::High;
    if option != own.written.option {
        finding = finding.label(own.written.setting.value, "counts for the command, the directory and the logs only");
    }
    finding.of(written.section, Some(option))
}

/// Of the variables that nothing sets here, in one finding: who starts supervisord has them all, or none.
fn nowhere<'a>(lint: &Lint<'a>, unset: &[Use<'a>], found: &mut Found<'_, 'a>) {
    const NAMED: usize = 3;
    const LABELLED: usize = 6;
    let Some(first) = unset.first() else { return };
    let mut seen = HashSet::default();
    let firsts: Vec<&Use<'a>> = unset.iter().filter(|one| seen.insert(one.variable)).collect();
    let names: Vec<&str> = firsts.iter().map(|one| one.variable).collect();
    let (subject, are) = match names.as_slice() {
        [one] => ((*one).to_owned(), "is"),
        [all @ .., last] if names.len() <= NAMED => (format!("{} and {last}", all.join(", ")), "are"),
        _ => {
            let some: Vec<&str> = names.iter().take(NAMED).copied().collect();
            (format!("{} and {} more variables", some.join(", "), names.len() - NAMED), "are")
        }
    };
    let message = format!("supervisord refuses to start if {subject} {are} not in its environment.");
    let mut help = "systemd, cron and sudo pass almost nothing on.\n\
                    set what is missing in environment= of [supervisord], in the unit (Environment=) or in the image (ENV).\n\
                    check with what it is given: supconv lint --env-file FILE"
        .to_owned();
    let typed = unset.iter().find_map(|one| {
        let form = match one.kind {
            Kind::Boolean => "true or false",
            Kind::Integer | Kind::Positive | Kind::Backlog => "a whole number",
            Kind::AutoRestart => "true, false or unexpected",
            _ => return None,
        };
        Some(format!("\n{} must be {form}, for {}=.", one.variable, one.written.option))
    });
    help.push_str(&typed.unwrap_or_default());
    let quiet = lint.config.fragment || lint.container() || lint.may_have_more();
    let severity = if quiet { Severity::Info } else { Severity::Warning };
    let mut finding = Diagnostic::new(&RULE.rule, place_of(lint, first.written.setting, first.variable), message)
        .severity(severity)
        .help(help);
    for one in firsts.iter().skip(1).take(LABELLED) {
        finding = finding.label(place_of(lint, one.written.setting, one.variable), "this one too");
    }
    let Written { section, option, .. } = first.written;
    found.push_of_accepted(first.written.setting.value, finding.of(section, Some(option)));
}
