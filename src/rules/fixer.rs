//! The fixes of one configuration: made by the rule that found what is wrong, and tried where the text alone does not say what
//! comes of them.
//!
//! What is tried is read again as it would stand there, and judged: the finding is gone, no error comes, and Supervisor refuses
//! nothing that it accepted. Two things are no errors that come: what the fix of a refused value uncovers in its section, and what
//! a header, a byte-order mark or an include hid.

use std::cell::{Cell, OnceCell};
use std::hash::{BuildHasher as _, Hash};

use foldhash::fast::FixedState;

use super::ignores::Ignores;
use super::{Lint, RULES, Settings, Uses, checked};
use crate::configuration::Configuration;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fix::{Change, Fix, Taken, Unmended, applied};
use crate::hash::{HashMap, HashSet};
use crate::keys::SectionKind;
use crate::load::{DEFAULT, Setting};
use crate::reading::{Reading, Texts};
use crate::refusal::Refusal;
use crate::source::{Place, SourceId, Sources};

/// Nobody reads more fixes of one configuration, and each takes room.
const MOST: usize = 20_000;

/// Configurations with more bytes have no fixes: what rules look through would be made a second time, and each trial reads all of
/// the files again. Programs write such files, and are what has to be mended.
pub const MOST_BYTES: usize = 512 << 10;

/// Up to so many fixes of one rule are tried one by one. More are tried together first, which takes less time; but of those one may
/// hide what another brings.
const FEW: usize = 8;

/// So many bytes are read for trials, each of which reads all files again. What is not tried then is not offered.
const MOST_TRIED: usize = 32 << 20;

/// What a trial costs beside the bytes of the files, in bytes that are read in the same time.
const TRIAL: usize = 4 << 10;

/// Makes the fixes of a configuration.
pub struct Fixer<'a> {
    lint: Lint<'a>,
    configuration: &'a Configuration<'a>,
    settings: &'a Settings,
    /// The path that the configuration was read from.
    path: &'a str,
    /// How many bytes its files have.
    bytes: usize,
    /// How often the same is said of a place, once that is asked for.
    said: OnceCell<HashMap<u64, usize>>,
    /// What is said of the files as they are, once a fix is tried.
    before: OnceCell<Judged>,
    /// How many fixes may be made yet, and how many bytes read for trials; `None` once those are too few.
    left: Cell<usize>,
    budget: Cell<Option<usize>>,
}

impl<'a> Fixer<'a> {
    /// For a configuration that was read from this path, by these settings.
    #[must_use]
    pub fn new(configuration: &'a Configuration<'a>, settings: &'a Settings, path: &'a str) -> Self {
        let lint = Lint::new(configuration, settings, &configuration.markup);
        let (said, before) = (OnceCell::new(), OnceCell::new());
        let files = configuration.merged.files().filter_map(|file| configuration.sources.get(file));
        let bytes: usize = files.map(|file| file.bytes().len()).sum();
        let most = if bytes > MOST_BYTES { 0 } else { MOST };
        let (left, budget) = (Cell::new(most), Cell::new(Some(MOST_TRIED)));
        Self { lint, configuration, settings, path, bytes, said, before, left, budget }
    }

    /// Why not all fixes are made, of those that were asked for.
    #[must_use]
    pub fn unmended(&self) -> Option<Unmended> {
        match (self.bytes > MOST_BYTES, self.budget.get()) {
            (true, _) => Some(Unmended::TooLarge),
            (false, None) => Some(Unmended::TooLong),
            (false, Some(_)) => None,
        }
    }

    /// The fixes of some findings; `may`: whether a file may be written.
    #[must_use]
    pub fn fixes(&self, findings: &[&Diagnostic<'a>], may: impl Fn(SourceId) -> bool) -> Vec<Option<Fix>> {
        let make = |finding: &&Diagnostic<'a>| {
            self.left.set(self.left.get().checked_sub(1)?);
            let check = RULES.iter().find(|check| std::ptr::eq(&raw const check.rule, finding.rule))?;
            if self.is_shared(finding) {
                return None;
            }
            let fix = check.fix?(&self.lint, finding)?;
            // All or nothing: two files cannot be written at once.
            let file = fix.edits.first()?.place.source;
            (may(file) && fix.edits.iter().all(|edit| edit.place.source == file)).then_some(fix)
        };
        let mut fixes: Vec<Option<Fix>> = findings.iter().map(make).collect();
        let mut tried: Vec<Tried<'_, 'a>> = (0..)
            .zip(findings.iter().zip(&fixes))
            .filter_map(|(at, (finding, fix))| {
                // A value that Supervisor takes then may be one that it cannot use, and what stands in two sections of one name,
                // or twice in one, is compared.
                let open = |fix: &&Fix| fix.uncovers || finding.supervisor.is_some() || self.is_divided(finding);
                Some(Tried { at, finding, fix: fix.as_ref().filter(open)? })
            })
            .collect();
        if tried.is_empty() {
            return fixes;
        }
        let before = self.before.get_or_init(|| Judged::of(self.configuration, self.settings));
        let mut bad = Vec::new();
        // Only fixes of one rule are tried together: what one brings, one of another rule may end.
        tried.sort_by_key(|one| one.finding.rule.code);
        while let Some(code) = tried.last().map(|one| one.finding.rule.code) {
            let others = tried.partition_point(|one| one.finding.rule.code < code);
            let own = tried.split_off(others);
            let few = own.len() <= FEW;
            let (alone, together): (Vec<_>, Vec<_>) = own.into_iter().partition(|one| few || !is_of_programs(one.fix));
            let mut waiting: Vec<_> = alone.into_iter().map(|one| vec![one]).collect();
            waiting.push(together);
            self.part(waiting, before, &mut bad);
        }
        for at in bad {
            if let Some(fix) = fixes.get_mut(at) {
                *fix = None;
            }
        }
        fixes
    }

    /// Whether a fix does what it has to, whatever its rule knows.
    #[cfg(test)]
    pub(super) fn proves(&self, finding: &Diagnostic<'a>, fix: &Fix) -> bool {
        self.holds(&[Tried { at: 0, finding, fix }], &Judged::of(self.configuration, self.settings))
    }

    /// Whether the section of a finding is written in several pieces, or its option more than once.
    fn is_divided(&self, finding: &Diagnostic<'a>) -> bool {
        let merged = &self.configuration.merged;
        let Some(section) = finding.section.and_then(|name| merged.sections.get(name)) else { return false };
        let own = finding.option.and_then(|option| merged.options(section).get(option));
        !section.again.is_empty() || own.is_some_and(|own| !own.replaced.is_empty())
    }

    /// Whether several sections have what a finding speaks of from `[DEFAULT]`, and the same is said of them, once.
    fn is_shared(&self, finding: &Diagnostic<'a>) -> bool {
        let merged = &self.configuration.merged;
        let defaults = merged.defaults();
        let Place { source, span } = finding.place;
        let holds = |setting: &&Setting<'_>| {
            setting.key.source == source
                && setting.key.span.start <= span.start
                && span.end <= setting.value.span.end.max(setting.key.span.end)
        };
        if defaults.is_empty() || finding.section == Some(DEFAULT) {
            return false;
        }
        if !defaults.iter().any(|setting| holds(&setting)) {
            return false;
        }
        let said = self.said.get_or_init(|| {
            let found = checked(self.configuration, self.settings);
            let mut said: HashMap<u64, usize> = HashMap::default();
            for finding in (0..found.count()).filter_map(|at| found.get(at)) {
                *said.entry(same(&finding)).or_default() += 1;
            }
            said
        });
        said.get(&same(finding)).is_some_and(|count| *count > 1)
    }

    /// Finds those that must not be offered; what is together is tried together.
    fn part(&self, mut waiting: Vec<Vec<Tried<'_, 'a>>>, before: &Judged, bad: &mut Vec<usize>) {
        while let Some(some) = waiting.pop() {
            if some.is_empty() {
                continue;
            }
            self.budget.set(self.budget.get().and_then(|left| left.checked_sub(self.bytes + TRIAL)));
            if self.budget.get().is_none() {
                bad.extend(some.iter().map(|one| one.at));
                continue;
            }
            let (mut apart, others) = apart(some);
            if !others.is_empty() {
                waiting.push(others);
            }
            if self.holds(&apart, before) {
                continue;
            }
            if apart.len() == 1 {
                bad.extend(apart.iter().map(|one| one.at));
                continue;
            }
            let half = apart.split_off(apart.len() / 2);
            waiting.extend([half, apart]);
        }
    }

    /// Whether these fixes together do what each has to.
    fn holds(&self, some: &[Tried<'_, 'a>], before: &Judged) -> bool {
        let Some(reading) = self.reading(some) else { return false };
        let sources = Sources::default();
        let Ok(after) = Configuration::read(self.path, &reading, &sources) else { return false };
        let after = Judged::of(&after, self.settings);
        // What one of several uncovers must not excuse another.
        let excuse = if some.len() == 1 { some } else { &[] };
        let uncovers = |section: Option<u64>| {
            excuse.iter().any(|one| {
                one.finding.rule.code == super::SYNTAX
                    || one.finding.supervisor.is_some() && one.finding.section.map(hashed) == section
            })
        };
        let hidden = |section: Option<u64>| {
            uncovers(section) || excuse.iter().any(|one| HIDERS.contains(&one.finding.rule.code))
        };
        let refused = comes(&before.refusals, &after.refusals, |what| uncovers(what.section));
        let error = comes(&before.errors, &after.errors, |what| hidden(what.section));
        let mut ends: HashMap<What, usize> = HashMap::default();
        for one in some {
            *ends.entry(what(self.configuration.sources, one.finding)).or_default() += 1;
        }
        let gone = |(what, count): (&What, &usize)| {
            let number = |judged: &Judged| judged.all.get(what).copied().unwrap_or(0);
            number(&after) + count <= number(before)
        };
        !refused && !error && ends.iter().all(gone)
    }

    /// The world in which the files are as these fixes leave them.
    fn reading(&self, some: &[Tried<'_, 'a>]) -> Option<Reading> {
        let mut edits: Vec<_> = some.iter().flat_map(|one| &one.fix.edits).collect();
        edits.sort_by_key(|edit| edit.place);
        let mut reading = self.configuration.reading.clone();
        for edits in edits.chunk_by(|one, other| one.place.source == other.place.source) {
            let source = self.configuration.sources.get(edits.first()?.place.source)?;
            let edits = edits.iter().map(|edit| (edit.place.span.start, edit.place.span.end, &*edit.text));
            let name = reading.texts.name(source.opened.as_deref()?);
            reading.texts.set(name, applied(source.bytes(), edits));
        }
        // What is read from standard input cannot be read again.
        if let Some(main) = self.configuration.sources.get(self.configuration.merged.main) {
            let opened = main.opened.as_deref()?;
            if reading.texts.at(opened).is_none() {
                reading.texts.set(Texts::file(opened), main.bytes().to_vec());
            }
        }
        Some(reading)
    }
}

/// Rules whose fixes bring to light what was hidden in plain sight: a header, the mark at the beginning, an include.
const HIDERS: [&str; 3] = [super::SYNTAX, "SUP007", "SUP701"];

/// The rule that finds what ends supervisord after it has read its configuration.
const DIES: &str = "SUP013";

/// A fix that has to be tried.
struct Tried<'f, 'a> {
    at: usize,
    finding: &'f Diagnostic<'a>,
    fix: &'f Fix,
}

/// Whether a fix changes nothing but programs, and sections that nobody knows, so that it ends no error of another section.
fn is_of_programs(fix: &Fix) -> bool {
    let is_one = |change: &Change| {
        &*change.section != DEFAULT && SectionKind::of(&change.section).is_none_or(SectionKind::makes_processes)
    };
    fix.changes.iter().all(is_one)
}

/// Those whose edits do not touch each other, and the others.
fn apart<'f, 'a>(some: Vec<Tried<'f, 'a>>) -> (Vec<Tried<'f, 'a>>, Vec<Tried<'f, 'a>>) {
    let mut files: HashMap<SourceId, Taken> = HashMap::default();
    some.into_iter().partition(|one| {
        let Some(first) = one.fix.edits.first() else { return false };
        let pieces = one.fix.edits.iter().map(|edit| (edit.place.span.start, edit.place.span.end));
        files.entry(first.place.source).or_default().take(pieces)
    })
}

/// What is the same before and after a fix, whatever lines come and go. Hashes: a large file has more findings than bytes to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct What {
    code: &'static str,
    /// Of the section, if there is one.
    section: Option<u64>,
    /// Of the file, the section, the option; and where there is no section, of the message.
    all: u64,
}

fn hashed(of: impl Hash) -> u64 {
    FixedState::default().hash_one(of)
}

/// A hash of what is said where.
fn same(finding: &Diagnostic<'_>) -> u64 {
    hashed((finding.rule.code, finding.place, &*finding.message.text()))
}

fn what(sources: &Sources, finding: &Diagnostic<'_>) -> What {
    let Diagnostic { rule, message, place, section, option, .. } = finding;
    let message = section.is_none().then(|| message.text());
    let all = hashed((sources.path(place.source), section, option, message));
    What { code: rule.code, section: section.map(hashed), all }
}

/// How often each thing is said of a configuration.
#[derive(Default)]
struct Judged {
    all: HashMap<What, usize>,
    errors: HashMap<What, usize>,
    refusals: HashMap<What, usize>,
}

impl Judged {
    fn of(configuration: &Configuration<'_>, settings: &Settings) -> Self {
        let mut judged = Self::default();
        let found = checked(configuration, settings);
        let ignores = Ignores::read(configuration.sources);
        let mut uses = Uses::of(&ignores);
        let mut said = HashSet::default();
        for finding in (0..found.count()).filter_map(|at| found.get(at)) {
            uses.cover(&finding);
            // What is said of several sections at one place is said once.
            if !said.insert(same(&finding)) {
                continue;
            }
            let what = what(configuration.sources, &finding);
            // supervisord ends there too, though it has read all.
            if finding.rule.code == DIES {
                *judged.refusals.entry(what).or_default() += 1;
            }
            if finding.severity == Severity::Error {
                *judged.errors.entry(what).or_default() += 1;
            }
            *judged.all.entry(what).or_default() += 1;
        }
        let (idle, covered) = uses.idle(&configuration.merged.files().collect(), settings);
        for finding in idle.iter().chain(&covered) {
            *judged.all.entry(what(configuration.sources, finding)).or_default() += 1;
        }
        for refusal in &configuration.config.refusals {
            *judged.refusals.entry(refused(configuration.sources, refusal)).or_default() += 1;
        }
        judged
    }
}

fn refused(sources: &Sources, refusal: &Refusal<'_>) -> What {
    let Refusal { message, place, section, option, .. } = refusal;
    let message = section.is_none().then_some(message);
    let all = hashed((sources.path(place.source), section, option, message));
    What { code: "", section: section.map(hashed), all }
}

/// Whether there is more of something than before, and nothing excuses that.
fn comes(before: &HashMap<What, usize>, after: &HashMap<What, usize>, excused: impl Fn(&What) -> bool) -> bool {
    after.iter().any(|(what, count)| *count > before.get(what).copied().unwrap_or(0) && !excused(what))
}
