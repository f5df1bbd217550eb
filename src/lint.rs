//! The run of a lint: files in, findings out, each said once.
//!
//! Most files stand alone: each is read, judged and dropped by itself, on all cores, and what stays in memory is its path and
//! its findings. Files that include others are judged together, since what they share is judged once.

pub mod adopting;
mod found;
pub mod mending;
mod offers;
mod writable;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::configuration::Configuration;
use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::fix::Unmended;
use crate::hash::{HashMap, HashSet};
use crate::load::{Paths, Unreadable};
use crate::python::filename;
use crate::reading::{Reading, Texts};
use crate::report::{Finding, Frames, Hidden, Masker, Report};
use crate::rules::ignores::Ignores;
use crate::rules::{self, Settings, Uses};
use crate::settings::Settings as Project;
use crate::source::{SourceId, Sources};
use crate::threads;
use found::Found;
use offers::Offers;
use writable::Writable;

/// What is to be read.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file; `-` is standard input.
    File(String),
    /// What could not be read, or a directory without a file to read: known before any file is opened.
    Unreadable(Unreadable),
}

impl Input {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::File(path) => path,
            Self::Unreadable(error) => &error.path,
        }
    }
}

/// What is shown of that which is found.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Shown {
    /// The least severity.
    pub least: Severity,
    /// Whether findings of low confidence are shown too.
    pub pedantic: bool,
    /// Whether comments that ignore findings are heeded.
    pub heed: bool,
    /// Whether one finding is enough, since only the exit code is asked for.
    pub one: bool,
    /// Whether findings have their lines with them.
    pub frames: Frames,
    /// Whether the names of all files are asked for, also of those with nothing to find.
    pub names: bool,
    /// Whether findings have their fixes with them, or only whether there is one.
    pub fixes: bool,
    /// Whether fixes are to be applied: then what was read of the files is kept.
    pub mends: bool,
}

impl Shown {
    fn shows(self, terms: &Terms<'_>, finding: &Diagnostic<'_>) -> bool {
        terms.severity(finding) >= terms.least(self) && self.sure(finding)
    }

    /// Whether it is shown if its severity is asked for.
    fn sure(self, finding: &Diagnostic<'_>) -> bool {
        self.pedantic || finding.confidence > Confidence::Low
    }
}

/// By what an input is judged: files of one run may have different settings.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// How it is read.
    pub reading: &'a Reading,
    /// What is said about the rules.
    pub settings: &'a Settings,
    /// The settings of its project; without them nothing but the command line counts.
    pub project: Option<&'a Project>,
}

impl Terms<'_> {
    fn severity(&self, finding: &Diagnostic<'_>) -> Severity {
        self.project.and_then(|project| project.severity_of(finding.rule)).unwrap_or(finding.severity)
    }

    fn least(&self, shown: Shown) -> Severity {
        self.project.map_or(shown.least, |project| project.min_severity.value)
    }

    /// Whether the settings ignore a finding in its file.
    fn ignores(&self, sources: &Sources, finding: &Diagnostic<'_>) -> bool {
        let Some(project) = self.project.filter(|project| !project.per_path_ignores.value.is_empty()) else {
            return false;
        };
        let Some(source) = sources.get(finding.place.source) else { return false };
        let opened = source.opened.as_deref().filter(|path| *path != "-").unwrap_or(&source.path);
        project.ignores(finding.rule, opened)
    }
}

/// An input, and by what it is judged.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    input: &'a Input,
    terms: &'a Terms<'a>,
}

/// Fewer files are not worth the start of a thread.
const MANY: usize = 32;
/// Findings whose fixes are made at once.
const SOME: usize = 1024;
/// Files that a thread takes at once.
const BATCH: usize = 16;

/// A run.
struct Run<'a> {
    jobs: Vec<Job<'a>>,
    shown: Shown,
    /// Whether there is a finding, if one is enough.
    found: AtomicBool,
    /// The files that were named, whatever links lead to them: these may be written; asked for once.
    named: OnceLock<HashSet<PathBuf>>,
    /// What was read of the files that fixes edit.
    texts: Mutex<Texts>,
    /// The files of which not all is mended, by what reports call them.
    unmended: Mutex<BTreeSet<(Box<str>, Unmended)>>,
}

/// What became of an input.
enum Fate {
    /// It cannot be read.
    Unreadable(Unreadable),
    /// It was judged: its name, what was found, and how much of it is not shown.
    Judged(Box<str>, Vec<Finding>, Unshown),
    /// It has to be judged beside others.
    Together,
}

/// How many findings are not shown: comments ignore them, or the threshold is above them.
#[derive(Clone, Copy, Default)]
struct Unshown {
    suppressed: usize,
    hidden: Hidden,
}

impl Unshown {
    fn add(&mut self, other: Self) {
        self.suppressed += other.suppressed;
        self.hidden.add(other.hidden);
    }
}

/// Lints files; `sources` may hold the unit of the settings.
#[must_use]
pub fn lint(inputs: &[Input], reading: &Reading, settings: &Settings, shown: Shown, sources: &Sources) -> Report {
    let terms = Terms { reading, settings, project: None };
    lint_by(&inputs.iter().map(|input| (input, &terms)).collect::<Vec<_>>(), shown, sources)
}

/// The same for files that are judged by different terms.
#[must_use]
pub fn lint_by<'a>(inputs: &[(&'a Input, &'a Terms<'a>)], shown: Shown, sources: &Sources) -> Report {
    let (found, named, texts, unmended) = (AtomicBool::new(false), OnceLock::new(), Mutex::default(), Mutex::default());
    let jobs = inputs.iter().map(|(input, terms)| Job { input, terms }).collect();
    let run = Run { jobs, shown, found, named, texts, unmended };
    // What is said of the unit is said once too.
    let many = inputs.len() >= MANY && inputs.iter().all(|(_, terms)| terms.settings.unit.is_none());
    let mut fates = if many { run.alone() } else { inputs.iter().map(|_| Fate::Together).collect() };
    let mut report = Report::default();
    let mut unshown = Unshown::default();
    let mut findings = run.together(&mut fates, sources, &mut unshown);
    for (number, fate) in (1..).zip(fates) {
        match fate {
            Fate::Unreadable(error) => report.errors.push(error),
            Fate::Judged(name, found, more) => {
                report.read.push(name);
                unshown.add(more);
                findings.extend(found.into_iter().map(|finding| (number, finding)));
            }
            Fate::Together => {}
        }
    }
    (report.suppressed, report.hidden) = (unshown.suppressed, unshown.hidden);
    findings.sort_by_key(|(number, _)| *number);
    report.findings = findings.into_iter().map(|(_, finding)| finding).collect();
    let unmended = run.unmended.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.unmended = unmended.into_iter().collect();
    report.texts = run.texts.into_inner().unwrap_or_else(PoisonError::into_inner);
    report
}

impl Run<'_> {
    /// Judges on all cores what can be judged alone.
    fn alone(&self) -> Vec<Fate> {
        let paths = || self.jobs.iter().map(|job| job.input.path());
        let mut times: HashMap<&str, usize> = HashMap::default();
        paths().for_each(|path| *times.entry(path).or_default() += 1);
        // Standard input can be read but once; of a file that is named twice the same is said once.
        let apart: Vec<bool> = paths().map(|path| path != "-" && times.get(path) == Some(&1)).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut fates = Vec::new();
            loop {
                let first = next.fetch_add(BATCH, Ordering::Relaxed);
                let batch = self.jobs.iter().zip(&apart).enumerate().skip(first).take(BATCH);
                let before = fates.len();
                fates.extend(
                    batch.map(|(number, (job, apart))| (number, if *apart { self.one(*job) } else { Fate::Together })),
                );
                if fates.len() == before {
                    return fates;
                }
            }
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let others = threads::affordable(cores.saturating_sub(1));
        let mut fates = std::thread::scope(|scope| {
            // Where no thread can be started there are fewer.
            let start = |_| std::thread::Builder::new().spawn_scoped(scope, work).ok();
            let others: Vec<_> = (0..others).filter_map(start).collect();
            let mut fates = work();
            for other in others {
                fates.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            fates
        });
        fates.sort_unstable_by_key(|(number, _)| *number);
        fates.into_iter().map(|(_, fate)| fate).collect()
    }

    /// Judges a file, unless it includes others.
    fn one(&self, job: Job<'_>) -> Fate {
        let sources = Sources::default();
        match read(job, &sources) {
            Err(error) => Fate::Unreadable(error),
            Ok(read) if !read.merged.includes.is_empty() => Fate::Together,
            Ok(read) => {
                let one = [(job, read)];
                let (found, unshown) = self.judge(&sources, &one);
                let [(_, read)] = &one;
                let found = found.into_iter().map(|(_, finding)| finding).collect();
                Fate::Judged(self.name(&sources, read), found, unshown)
            }
        }
    }

    /// The name of a file, without secrets; empty where nobody asks for it.
    fn name(&self, sources: &Sources, read: &Configuration<'_>) -> Box<str> {
        if !self.shown.names {
            return Box::default();
        }
        read.config.secrets.mask_name(sources.path(read.merged.main)).into()
    }

    /// Judges what is left for it. Each finding comes with the number of the input by which its file was read first, from 1;
    /// the unit has 0.
    fn together(&self, fates: &mut [Fate], sources: &Sources, unshown: &mut Unshown) -> Vec<(usize, Finding)> {
        let mut read = Vec::new();
        let mut owners = vec![0; sources.count()];
        for (number, (job, fate)) in (1..).zip(self.jobs.iter().zip(&mut *fates)) {
            if !matches!(fate, Fate::Together) {
                continue;
            }
            *fate = match self::read(*job, sources) {
                Err(error) => Fate::Unreadable(error),
                Ok(one) => {
                    let name = self.name(sources, &one);
                    read.push((*job, one));
                    Fate::Judged(name, Vec::new(), Unshown::default())
                }
            };
            owners.resize(sources.count(), number);
        }
        let included = Self::included(&read);
        let again = |job: &Job<'_>| {
            !included.is_empty()
                && filename::encode(job.input.path()).canonicalize().is_ok_and(|path| included.contains(&path))
        };
        for (job, fate) in self.jobs.iter().zip(fates) {
            match fate {
                Fate::Judged(_, found, own) if again(job) => {
                    found.clear();
                    *own = Unshown::default();
                }
                _ => {}
            }
        }
        // What is said once of all is said once of those that are judged alike.
        let mut alike: Vec<Vec<(Job, Configuration)>> = Vec::new();
        for one in read.into_iter().filter(|(job, _)| !again(job)) {
            let of_terms = |judged: &&mut Vec<(Job, Configuration)>| {
                judged.first().is_some_and(|(job, _)| std::ptr::eq(job.terms, one.0.terms))
            };
            match alike.iter_mut().find(of_terms) {
                Some(judged) => judged.push(one),
                None => alike.push(vec![one]),
            }
        }
        let owned = |(source, finding): (SourceId, _)| (owners.get(source.0 as usize).copied().unwrap_or(0), finding);
        let mut all = Vec::new();
        for judged in &alike {
            let (found, more) = self.judge(sources, judged);
            unshown.add(more);
            all.extend(found.into_iter().map(owned));
        }
        all
    }

    /// The files that others include: one that is named too is judged once, as the include.
    fn included(read: &[(Job<'_>, Configuration<'_>)]) -> HashSet<PathBuf> {
        let mut included = HashSet::default();
        for (job, one) in read.iter().filter(|(_, one)| !one.merged.includes.is_empty()) {
            let paths = Paths::new(job.terms.reading.root.as_deref());
            let own = filename::encode(job.input.path()).canonicalize().ok();
            let files = one.merged.includes.iter();
            let files = files.filter_map(|include| filename::encode(&paths.real(include.path)).canonicalize().ok());
            included.extend(files.filter(|file| Some(file) != own.as_ref()));
        }
        included
    }

    /// What is shown of configurations, sorted by file, offset and rule, and how much is not.
    fn judge<'a>(
        &'a self,
        sources: &'a Sources,
        read: &'a [(Job<'a>, Configuration<'a>)],
    ) -> (Vec<(SourceId, Finding)>, Unshown) {
        let Some((Job { input: _, terms }, _)) = read.first() else { return (Vec::new(), Unshown::default()) };
        let first = first_of_paths(sources);
        let file = |id: SourceId| first.get(id.0 as usize).copied().unwrap_or(id);
        let mut found = Found::of(read.iter().map(|(_, one)| rules::checked(one, terms.settings)).collect(), file);
        found.once(file);
        let mut unshown = Unshown::default();
        if self.shown.heed {
            let judged = read.iter().flat_map(|(_, one)| one.merged.files()).collect();
            let ignores = Ignores::read(sources);
            let mut uses = Uses::of(&ignores);
            found.retain(|finding| {
                let covered = uses.cover(finding);
                unshown.suppressed += usize::from(covered && self.shown.shows(terms, finding));
                !covered
            });
            let (idle, covered) = uses.idle(&judged, terms.settings);
            unshown.suppressed += covered.iter().filter(|finding| self.shown.shows(terms, finding)).count();
            found.add(idle.into());
            found.sort(file);
        }
        found.retain(|finding| !terms.ignores(sources, finding));
        found.retain(|finding| {
            let shows = self.shown.shows(terms, finding);
            if !shows && self.shown.sure(finding) {
                unshown.hidden.count(terms.severity(finding));
            }
            shows
        });
        if self.shown.one && !found.is_empty() {
            found.truncate(usize::from(!self.found.swap(true, Ordering::Relaxed)));
        }
        let writable = if self.shown.mends { self.writable(sources, read) } else { HashSet::default() };
        let mut masker = Masker::new(sources, read.iter().map(|(_, one)| &one.config.secrets), self.shown.frames);
        let mut offers = Offers::of(self, sources, read);
        let mut told = Vec::with_capacity(found.len());
        let mut left = found.iter();
        loop {
            // The fixes of all of them would take more room than what is shown of them.
            let some: Vec<Cow<'_, Diagnostic<'a>>> = left.by_ref().take(SOME).collect();
            if some.is_empty() {
                return (told, unshown);
            }
            let fixes = if self.shown.one { Vec::new() } else { offers.fixes(&some) };
            let mut fixes = fixes.into_iter().peekable();
            for (at, mut finding) in some.into_iter().enumerate() {
                let severity = terms.severity(&finding);
                if severity != finding.severity {
                    finding.to_mut().severity = severity;
                }
                let fix = fixes.next_if(|(of, _)| *of == at).map(|(_, fix)| fix);
                let file = finding.place.source;
                let mut shown = masker.finding(&finding, fix.as_ref().filter(|_| self.shown.fixes));
                shown.fixable = fix.map(|fix| fix.applicability);
                if writable.contains(&file) {
                    shown.opened = sources.get(file).and_then(|source| source.opened.clone());
                }
                told.push((file, shown));
            }
        }
    }

    /// The files that may be written. What was read of them is kept.
    fn writable<'a>(&'a self, sources: &Sources, read: &'a [(Job<'a>, Configuration<'a>)]) -> HashSet<SourceId> {
        let mut all = HashSet::default();
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        for (job, one) in read {
            let writable = Writable::of(self, *job, one);
            for id in one.merged.files().filter(|file| writable.has(sources, *file)) {
                let Some(source) = sources.get(id) else { continue };
                let Some(file) = source.opened.as_deref().map(Texts::file) else { continue };
                all.insert(id);
                if texts.of(&file).is_none() {
                    texts.set(file, source.bytes().to_vec());
                }
            }
        }
        all
    }
}

fn read<'a>(job: Job<'a>, sources: &'a Sources) -> Result<Configuration<'a>, Unreadable> {
    match job.input {
        Input::File(path) => Configuration::read(path, job.terms.reading, sources),
        Input::Unreadable(error) => Err(error.clone()),
    }
}

/// Of each source the first one with its path: a file may be read twice. Empty where there is only one source.
fn first_of_paths(sources: &Sources) -> Vec<SourceId> {
    let mut paths = HashMap::default();
    let several = sources.iter().filter(|_| sources.count() > 1);
    several.map(|(id, source)| *paths.entry(source.path.as_str()).or_insert(id)).collect()
}
