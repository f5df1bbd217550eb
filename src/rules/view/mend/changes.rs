//! What a fix changes beside the line that it edits: what other sections inherit, and what Supervisor derives from a value.

use super::Mend;
use crate::diagnostic::Diagnostic;
use crate::fix::Change;
use crate::keys::process as k;
use crate::keys::{Context, SectionKind};
use crate::load::{DEFAULT, Facts, Setting};
use crate::rules::Lint;
use crate::rules::view::environment::expanded;
use crate::rules::view::written::{Written, key};

/// A fix of `[DEFAULT]` names all of its heirs, up to so many.
const MANY: usize = 100;

/// The setting of an option as a section sees it; `[DEFAULT]` may be the section.
pub(in crate::rules) fn setting<'a>(lint: &Lint<'a>, section: &str, option: &str) -> Option<&'a Setting<'a>> {
    let merged = lint.merged;
    if section == DEFAULT { merged.defaults().get(option) } else { merged.setting(section, option) }
}

/// The setting that a finding is of, and its section.
pub(in crate::rules) fn setting_of<'a>(
    lint: &Lint<'a>,
    finding: &Diagnostic<'a>,
) -> Option<(&'a str, &'a Setting<'a>)> {
    let (section, option) = (finding.section?, finding.option?);
    Some((section, setting(lint, section, option)?))
}

/// The sections for which an option of one counts: where it stands in `[DEFAULT]`, all that have no other. `None` where those
/// are many.
pub(in crate::rules) fn sections<'s, 'a: 's>(lint: &Lint<'a>, section: &'s str, option: &str) -> Option<Vec<&'s str>> {
    // An option that is new in [DEFAULT] counts where there is none.
    let place = |setting: &Setting<'_>| setting.key;
    let setting = setting(lint, section, option);
    if setting.map_or(section != DEFAULT, |setting| !lint.merged.is_inherited(setting)) {
        return Some(vec![section]);
    }
    let setting = setting.map(place);
    let sections = &lint.merged.sections;
    let counts = |section: &str, kind: Option<SectionKind>| {
        let takes_any = matches!(kind, Some(SectionKind::RpcInterface | SectionKind::CtlPlugin));
        (takes_any || key(section, option).is_some()) && lint.merged.setting(section, option).map(place) == setting
    };
    let mut found: Vec<&str> =
        sections.iter().filter(|(name, section)| counts(name, section.kind)).map(|(name, _)| name).collect();
    // That of the file which includes this one.
    let supervisord = "supervisord";
    if lint.config.fragment && !sections.contains_key(supervisord) && key(supervisord, option).is_some() {
        found.push(supervisord);
    }
    (found.len() <= MANY).then_some(found)
}

impl Mend<'_, '_> {
    /// The value of an option becomes this one, with what Supervisor derives from it: in its section or, if it stands in
    /// `[DEFAULT]`, in each that inherits it.
    pub(in crate::rules) fn becomes(self, section: &str, option: &str, value: &str) -> Self {
        match sections(self.lint, section, option) {
            Some(sections) => sections.into_iter().fold(self, |mend, section| mend.derived(section, option, value)),
            None => self.none(),
        }
    }

    /// The same of an option that is written anew in its section, which may inherit another value so far.
    pub(in crate::rules) fn becomes_own(self, section: &str, option: &str, value: &str) -> Self {
        if section == DEFAULT { self.becomes(section, option, value) } else { self.derived(section, option, value) }
    }

    fn derived(self, section: &str, option: &str, value: &str) -> Self {
        let lint = self.lint;
        let mend = self.changes(section, option);
        let kind = lint.merged.sections.get(section).and_then(|section| section.kind);
        // What is inherited by others means nothing there.
        if section != "supervisord" && !kind.is_some_and(SectionKind::makes_processes) {
            return mend;
        }
        let syslog = value.trim().eq_ignore_ascii_case("syslog");
        match option {
            "stopasgroup" if lint.merged.setting(section, "killasgroup").is_none() => {
                mend.changes(section, "killasgroup")
            }
            "redirect_stderr" => mend.changes(section, "stderr_logfile"),
            "stdout_logfile" if syslog => mend.changes(section, "stdout_syslog"),
            "stderr_logfile" if syslog => mend.changes(section, "stderr_syslog"),
            "environment" => mend.uses(section, |_| true),
            // With the number of processes all that they have comes and goes.
            "numprocs" | "numprocs_start" => mend.changes(section, Change::WHOLE),
            _ => mend,
        }
    }

    /// The options whose values use variables of the list of a section.
    pub(in crate::rules) fn uses(self, section: &str, changes: impl Fn(&str) -> bool) -> Self {
        let lint = self.lint;
        let uses = |setting: &Setting<'_>| {
            let text = setting.text;
            setting.facts.any(Facts::PERCENT) && (inserts_all(text) || expanded(text).any(&changes))
        };
        if section == "supervisord" {
            return of_all(lint, uses).into_iter().fold(self, |mend, (section, option)| mend.changes(section, option));
        }
        // The options of a program that see its own list.
        let late = k::KEYS.iter().filter(|key| key.names == Context::P2);
        late.filter(|key| lint.merged.setting(section, key.name).is_some_and(uses))
            .fold(self, |mend, key| mend.changes(section, key.name))
    }
}

/// The options that see the list of `[supervisord]`, and are such; and the lists of all programs, which come after that one.
fn of_all<'a>(lint: &Lint<'a>, such: impl Fn(&Setting<'_>) -> bool) -> Vec<(&'a str, &'a str)> {
    let sections = &lint.merged.sections;
    let programs = sections.iter().filter(|(_, section)| section.kind.is_some_and(SectionKind::makes_processes));
    let mut found: Vec<(&str, &str)> = programs.map(|(name, _)| (name, k::ENVIRONMENT.name)).collect();
    for Written { section, kind, option, setting } in lint.written_with(Facts::PERCENT) {
        use SectionKind::{CtlPlugin, Include, Supervisorctl, Supervisord};
        if matches!(kind, Some(Supervisord | Include | Supervisorctl | CtlPlugin)) || !such(setting) {
            continue;
        }
        if section == DEFAULT {
            let sees = |section: &str| {
                lint.merged.setting(section, option).is_some_and(|seen| seen.key == setting.key)
                    && key(section, option).is_some()
            };
            found.extend(sections.iter().filter(|(name, _)| sees(name)).map(|(name, _)| (name, option)));
        } else {
            found.push((section, option));
        }
    }
    found
}

/// Whether a text has a `%s` without a name, which inserts all variables.
fn inserts_all(text: &str) -> bool {
    text.replace("%%", "").match_indices('%').any(|(at, _)| {
        let behind = text
            .get(at + 1..)
            .unwrap_or_default()
            .trim_start_matches(|c: char| "#0- +.".contains(c) || c.is_ascii_digit());
        behind.starts_with(['s', 'r', 'a'])
    })
}
