//! What the fixes of values share: where a piece of a value stands in its file, for which sections the value counts, and what else
//! changes with a variable.

use std::collections::HashSet;

use super::changes::inserts_all;
use super::{Mend, option_at};
use crate::fix::{Applicability, Change, Fix, applied};
use crate::keys::process as k;
use crate::keys::{Context, Key, SectionKind};
use crate::load::{DEFAULT, Facts, Setting};
use crate::rules::Lint;
use crate::rules::view::environment::{EXPANSION, expanded, once_expanded};
use crate::rules::view::written::{Written, key};
use crate::source::{Place, SourceId, Span};
use crate::syntax::{Kind, pairs};

/// The setting of an option as a section sees it; `[DEFAULT]` may be the section.
pub(in crate::rules) fn setting<'a>(lint: &Lint<'a>, section: &str, option: &str) -> Option<&'a Setting<'a>> {
    let merged = lint.merged;
    if section == DEFAULT { merged.defaults().get(option) } else { merged.setting(section, option) }
}

/// The same, if it counts for that section alone.
pub(in crate::rules) fn own<'a>(lint: &Lint<'a>, section: &str, option: &str) -> Option<&'a Setting<'a>> {
    setting(lint, section, option).filter(|setting| !is_of_default(lint, setting))
}

/// Whether it stands in `[DEFAULT]`: `%(here)s` copies it into sections.
fn is_of_default(lint: &Lint<'_>, setting: &Setting<'_>) -> bool {
    lint.merged.defaults().get(setting.name).is_some_and(|default| default.key == setting.key)
}

/// The sections for which a setting of one counts: where it stands in `[DEFAULT]`, all that have no other. None of a file with
/// many sections: each fix of its `[DEFAULT]` would name them all.
pub(in crate::rules) fn sections<'a>(lint: &Lint<'a>, section: &'a str, setting: &Setting<'_>) -> Option<Vec<&'a str>> {
    const MANY: usize = 100;
    if !is_of_default(lint, setting) {
        return Some(vec![section]);
    }
    let sections = &lint.merged.sections;
    if sections.len() > MANY {
        return None;
    }
    let name = setting.name;
    let counts = |section: &str, kind: Option<SectionKind>| {
        (kind == Some(SectionKind::RpcInterface) || key(section, name).is_some())
            && lint.merged.setting(section, name).is_some_and(|seen| seen.key == setting.key)
    };
    let mut found: Vec<&str> =
        sections.iter().filter(|(name, section)| counts(name, section.kind)).map(|(name, _)| name).collect();
    // That of the file which includes this one.
    let supervisord = "supervisord";
    if lint.config.fragment && !sections.contains_key(supervisord) && key(supervisord, name).is_some() {
        found.push(supervisord);
    }
    Some(found)
}

/// Says that options of this name change in these sections, with what Supervisor derives from them.
pub(in crate::rules) fn changed<'l, 'a>(
    lint: &Lint<'a>,
    mend: Mend<'l, 'a>,
    sections: &[&str],
    option: &str,
) -> Mend<'l, 'a> {
    sections.iter().fold(mend, |mend, section| {
        let mend = mend.changes(section, option);
        match option {
            "stopasgroup" if lint.merged.setting(section, "killasgroup").is_none() => {
                mend.changes(section, "killasgroup")
            }
            "redirect_stderr" => mend.changes(section, "stderr_logfile"),
            _ => mend,
        }
    })
}

/// Pieces of a text, and what stands there afterwards.
#[derive(Default)]
pub(in crate::rules) struct Edits(Vec<(Span, String)>);

impl Edits {
    pub(in crate::rules) fn replace(&mut self, start: usize, end: usize, text: &str) {
        self.0.push((Span::new(start, end), text.to_owned()));
    }

    pub(in crate::rules) fn insert(&mut self, at: usize, text: &str) {
        self.replace(at, at, text);
    }

    /// Makes `%(ENV_NAME)s` of the `$NAME` or `${NAME}` that begins there.
    pub(in crate::rules) fn expand(&mut self, at: usize, variable: &str) {
        let braces = usize::from(variable.starts_with("${"));
        let end = at + variable.len();
        self.replace(at, at + 1 + braces, "%(ENV_");
        self.replace(end - braces, end, ")s");
    }

    /// In the order of the text; those that touch are one.
    pub(in crate::rules) fn joined(mut self) -> Self {
        self.0.sort_by_key(|(span, _)| *span);
        let mut joined: Vec<(Span, String)> = Vec::with_capacity(self.0.len());
        for (span, text) in self.0 {
            match joined.last_mut() {
                Some((last, before)) if last.end >= span.start => {
                    last.end = last.end.max(span.end);
                    before.push_str(&text);
                }
                _ => joined.push((span, text)),
            }
        }
        Self(joined)
    }

    /// What they make of the text. They are joined.
    pub(in crate::rules) fn of(&self, text: &str) -> Option<String> {
        let edits = self.0.iter().map(|(span, new)| (span.start, span.end, new.as_str()));
        String::from_utf8(applied(text.as_bytes(), edits)).ok()
    }
}

/// A value as its file has it: without comments, its lines joined as Supervisor joins them; `%(here)s` as it is written.
pub(in crate::rules) struct Standing {
    pub(in crate::rules) text: String,
    source: SourceId,
    /// Where each line begins, here and in the file.
    lines: Vec<(usize, u32)>,
}

impl Standing {
    pub(in crate::rules) fn of(lint: &Lint<'_>, setting: &Setting<'_>) -> Option<Self> {
        let id = setting.key.source;
        let source = lint.sources.get(id)?;
        let mut standing = Self { text: String::new(), source: id, lines: Vec::new() };
        let mut ends = 0;
        for line in option_at(source, setting.key)? {
            let value = match line.kind {
                Kind::Option { key: _, delimiter: _, value } | Kind::Continuation { value } => value,
                Kind::Blank { kept: _ } => {
                    ends += 1;
                    continue;
                }
                _ => continue,
            };
            standing.text.extend(std::iter::repeat_n('\n', ends));
            ends = 1;
            standing.lines.push((standing.text.len(), value.start));
            standing.text.push_str(source.slice(value));
        }
        Some(standing)
    }

    /// A fix in the making with these edits, which are joined; each lies in one line.
    pub(in crate::rules) fn edited<'l, 'a>(&self, mend: Mend<'l, 'a>, edits: &Edits) -> Option<Mend<'l, 'a>> {
        edits.0.iter().try_fold(mend, |mend, (span, text)| {
            let below = self.lines.partition_point(|(at, _)| *at <= span.start as usize);
            let (at, start) = *self.lines.get(below.checked_sub(1)?)?;
            let one = !self.text.get(at..span.end as usize)?.contains('\n');
            let start = start + (span.start - Span::at(at).start);
            let span = Span { start, end: start + (span.end - span.start) };
            one.then(|| mend.replace(Place { source: self.source, span }, text))
        })
    }
}

/// A variable of a list, and where its value is.
pub(in crate::rules) struct Valued {
    pub(in crate::rules) name: String,
    /// The value without its quotes.
    pub(in crate::rules) start: usize,
    pub(in crate::rules) end: usize,
    pub(in crate::rules) quoted: bool,
}

/// The variables of a list as Supervisor reads it, each once.
pub(in crate::rules) fn values(text: &str) -> Option<Vec<Valued>> {
    const QUOTES: [char; 2] = ['"', '\''];
    // What stands for an expansion, and for a doubled sign, is as long as they are.
    let same = text.replace("%%", EXPANSION).replace("%(", EXPANSION);
    let values = pairs::parse(&same).ok()?.into_iter().map(|pair| {
        let (_, value) = same.get(pair.start..pair.end)?.split_once('=')?;
        let value = value.trim_start();
        let token = pair.end - value.len();
        let inner = value.trim_start_matches(QUOTES);
        // Of two quotes and nothing between, one is on each side.
        let before = if inner.is_empty() { value.len() / 2 } else { value.len() - inner.len() };
        let inner = inner.trim_end_matches(QUOTES);
        (inner == pair.value).then(|| Valued {
            name: pair.key.into_owned(),
            start: token + before,
            end: token + before + inner.len(),
            quoted: value.starts_with(QUOTES),
        })
    });
    values.collect()
}

/// Variables that supervisord has however it is started, as `undefined-env-expansion` takes it.
const USUAL: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "PWD", "HOSTNAME"];

/// Whether an option of a section may use `%(ENV_NAME)s`: safe where SUP603 has nothing to say of it, unsafe where that depends on
/// what supervisord is started with, not at all where Supervisor refuses it. `adds`: the value of that very variable uses it.
pub(in crate::rules) fn expandable(
    lint: &Lint<'_>,
    section: &str,
    key: &Key,
    variable: &str,
    adds: bool,
) -> Option<Applicability> {
    let of_supervisord = section == "supervisord";
    let everywhere = !of_supervisord && is_set(lint, "supervisord", variable);
    let own = is_set(lint, section, variable);
    let late = !of_supervisord && key.names == Context::P2;
    if lint.reading.environment.is_some() {
        let known = lint.reading.variable(variable).is_some() || everywhere || (own && late);
        return known.then_some(Applicability::Safe);
    }
    if everywhere || USUAL.contains(&variable) || variable.starts_with("LC_") {
        return Some(Applicability::Safe);
    }
    match (own, late) {
        (true, true) => Some(Applicability::Safe),
        (true, false) if !adds => None,
        _ => Some(Applicability::Unsafe),
    }
}

/// Whether the list of a section sets a variable.
fn is_set(lint: &Lint<'_>, section: &str, variable: &str) -> bool {
    let supervisord = lint.config.supervisord.environment.known().filter(|_| section == "supervisord");
    if let Some(known) = supervisord.filter(|_| !lint.config.fragment) {
        return known.contains_key(variable);
    }
    let setting = lint.merged.setting(section, k::ENVIRONMENT.name).filter(|setting| setting.text.contains(variable));
    setting.is_some_and(|setting| {
        let text = once_expanded(setting.text);
        pairs::parse(&text).is_ok_and(|pairs| pairs.iter().any(|pair| pair.key == variable))
    })
}

/// A fix whose edits write `%(ENV_NAME)s` for variables of a shell.
pub(in crate::rules) fn written_for_supervisor(mend: Mend<'_, '_>, applicability: Applicability) -> Option<Fix> {
    match applicability {
        Applicability::Safe => mend.safe("write %(ENV_NAME)s for $NAME"),
        Applicability::Unsafe => {
            mend.risky("write %(ENV_NAME)s for $NAME; supervisord refuses to start if it does not have NAME")
        }
    }
}

/// A fix in the making that adds variables at the end of the list of a section, which has none of them. Not where the list counts
/// for other sections too, nor where Supervisor would read it otherwise then.
pub(in crate::rules) fn extended<'l, 'a>(
    lint: &'l Lint<'a>,
    section: &str,
    variables: &[(&str, &str)],
) -> Option<Mend<'l, 'a>> {
    let option = k::ENVIRONMENT.name;
    let written: Vec<String> = variables.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let written = written.join(",");
    if lint.merged.setting(section, option).is_none() {
        return Some(Mend::of(lint).set(section, &k::ENVIRONMENT, &written, None));
    }
    let standing = Standing::of(lint, own(lint, section, option)?)?;
    let text = &standing.text;
    let comma = if text.is_empty() || text.ends_with(',') { "" } else { "," };
    let mut edits = Edits::default();
    edits.insert(text.len(), &format!("{comma}{written}"));
    let (before, after) = (once_expanded(text), once_expanded(&edits.of(text)?));
    let (before, after) = (pairs::parse(&before).ok()?, pairs::parse(&after).ok()?);
    let before = before.iter().map(|pair| (&*pair.key, &*pair.value));
    if !before.chain(variables.iter().copied()).eq(after.iter().map(|pair| (&*pair.key, &*pair.value))) {
        return None;
    }
    Some(standing.edited(Mend::of(lint), &edits)?.changes(section, option))
}

/// A fix that changes variables of a section's list, with the options whose values use them.
pub(in crate::rules) fn with_uses(lint: &Lint<'_>, mut fix: Fix, section: &str, changes: impl Fn(&str) -> bool) -> Fix {
    let uses = |setting: &Setting<'_>| {
        let text = setting.text;
        setting.facts.any(Facts::PERCENT) && (inserts_all(text) || expanded(text).any(&changes))
    };
    let mut uses: Vec<(&str, &str)> =
        if section == "supervisord" { of_all(lint, uses) } else { of_program(lint, section, uses) };
    let known: HashSet<(Box<str>, Box<str>)> =
        fix.changes.iter().map(|change| (change.section.clone(), change.option.clone())).collect();
    uses.sort_unstable();
    uses.dedup();
    let new = uses.into_iter().map(|(section, option)| (section.into(), option.into()));
    let new = new.filter(|change| !known.contains(change));
    fix.changes.extend(new.map(|(section, option)| Change { section, option }));
    fix
}

/// The options of a program that see its own list, and are such.
fn of_program<'s>(
    lint: &Lint<'_>,
    section: &'s str,
    such: impl Fn(&Setting<'_>) -> bool,
) -> Vec<(&'s str, &'static str)> {
    let late = k::KEYS.iter().filter(|key| key.names == Context::P2);
    late.filter(|key| lint.merged.setting(section, key.name).is_some_and(&such))
        .map(|key| (section, key.name))
        .collect()
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
