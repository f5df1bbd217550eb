//! The run of a lint: files in, findings out, each said once.
//!
//! Most files stand alone: each is read, judged and dropped by itself, on all cores, and what stays in memory is its path and
//! its findings. Files that include others are judged together, since what they share is judged once.

mod found;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::configuration::Configuration;
use crate::diagnostic::{Confidence, Diagnostic, Severity};
use crate::load::{Paths, Unreadable};
use crate::python::filename;
use crate::reading::Reading;
use crate::report::{Finding, Frames, Hidden, Masker, Report};
use crate::rules::ignores::Ignores;
use crate::rules::{self, Settings, Uses};
use crate::source::{SourceId, Sources};
use crate::threads;
use found::Found;

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
}

impl Shown {
    fn shows(self, finding: &Diagnostic<'_>) -> bool {
        finding.severity >= self.least && self.sure(finding)
    }

    /// Whether it is shown if its severity is asked for.
    fn sure(self, finding: &Diagnostic<'_>) -> bool {
        self.pedantic || finding.confidence > Confidence::Low
    }
}

/// Fewer files are not worth the start of a thread.
const MANY: usize = 32;
/// Files that a thread takes at once.
const BATCH: usize = 16;

/// A run.
struct Run<'a> {
    inputs: &'a [Input],
    reading: &'a Reading,
    settings: &'a Settings,
    shown: Shown,
    /// Whether there is a finding, if one is enough.
    found: AtomicBool,
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
    let run = Run { inputs, reading, settings, shown, found: AtomicBool::new(false) };
    // What is said of the unit is said once too.
    let many = inputs.len() >= MANY && settings.unit.is_none();
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
    report
}

impl Run<'_> {
    /// Judges on all cores what can be judged alone.
    fn alone(&self) -> Vec<Fate> {
        let paths = || self.inputs.iter().map(Input::path);
        let mut times: HashMap<&str, usize> = HashMap::new();
        paths().for_each(|path| *times.entry(path).or_default() += 1);
        // Standard input can be read but once; of a file that is named twice the same is said once.
        let apart: Vec<bool> = paths().map(|path| path != "-" && times.get(path) == Some(&1)).collect();
        let next = AtomicUsize::new(0);
        let work =
            || {
                let mut fates = Vec::new();
                loop {
                    let first = next.fetch_add(BATCH, Ordering::Relaxed);
                    let batch = self.inputs.iter().zip(&apart).enumerate().skip(first).take(BATCH);
                    let before = fates.len();
                    fates.extend(batch.map(|(number, (input, apart))| {
                        (number, if *apart { self.one(input) } else { Fate::Together })
                    }));
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
    fn one(&self, input: &Input) -> Fate {
        let sources = Sources::default();
        match self.read(input, &sources) {
            Err(error) => Fate::Unreadable(error),
            Ok(read) if !read.merged.includes.is_empty() => Fate::Together,
            Ok(read) => {
                let (found, unshown) = self.judge(&sources, std::slice::from_ref(&read));
                let found = found.into_iter().map(|(_, finding)| finding).collect();
                Fate::Judged(self.name(&sources, &read), found, unshown)
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

    fn read<'a>(&'a self, input: &Input, sources: &'a Sources) -> Result<Configuration<'a>, Unreadable> {
        match input {
            Input::File(path) => Configuration::read(path, self.reading, sources),
            Input::Unreadable(error) => Err(error.clone()),
        }
    }

    /// Judges what is left for it. Each finding comes with the number of the input by which its file was read first, from 1;
    /// the unit has 0.
    fn together(&self, fates: &mut [Fate], sources: &Sources, unshown: &mut Unshown) -> Vec<(usize, Finding)> {
        let mut read = Vec::new();
        let mut owners = vec![0; sources.count()];
        for (number, (input, fate)) in (1..).zip(self.inputs.iter().zip(&mut *fates)) {
            if !matches!(fate, Fate::Together) {
                continue;
            }
            *fate = match self.read(input, sources) {
                Err(error) => Fate::Unreadable(error),
                Ok(one) => {
                    let name = self.name(sources, &one);
                    read.push((input, one));
                    Fate::Judged(name, Vec::new(), Unshown::default())
                }
            };
            owners.resize(sources.count(), number);
        }
        let included = self.included(&read);
        let again = |input: &Input| {
            !included.is_empty()
                && filename::encode(input.path()).canonicalize().is_ok_and(|path| included.contains(&path))
        };
        for (input, fate) in self.inputs.iter().zip(fates) {
            match fate {
                Fate::Judged(_, found, own) if again(input) => {
                    found.clear();
                    *own = Unshown::default();
                }
                _ => {}
            }
        }
        let judged: Vec<Configuration> =
            read.into_iter().filter(|(input, _)| !again(input)).map(|(_, one)| one).collect();
        let (found, more) = self.judge(sources, &judged);
        unshown.add(more);
        let owned = |(source, finding): (SourceId, _)| (owners.get(source.0 as usize).copied().unwrap_or(0), finding);
        found.into_iter().map(owned).collect()
    }

    /// The files that others include: one that is named too is judged once, as the include.
    fn included(&self, read: &[(&Input, Configuration<'_>)]) -> HashSet<PathBuf> {
        let mut included = HashSet::new();
        let paths = Paths::new(self.reading.root.as_deref());
        for (input, one) in read.iter().filter(|(_, one)| !one.merged.includes.is_empty()) {
            let own = filename::encode(input.path()).canonicalize().ok();
            let files = one.merged.includes.iter();
            let files = files.filter_map(|include| filename::encode(&paths.real(include.path)).canonicalize().ok());
            included.extend(files.filter(|file| Some(file) != own.as_ref()));
        }
        included
    }

    /// What is shown of configurations, sorted by file, offset and rule, and how much is not.
    fn judge<'a>(&'a self, sources: &'a Sources, read: &'a [Configuration<'a>]) -> (Vec<(SourceId, Finding)>, Unshown) {
        let first = first_of_paths(sources);
        let file = |id: SourceId| first.get(id.0 as usize).copied().unwrap_or(id);
        let mut found = Found::of(read.iter().map(|one| rules::checked(one, self.settings)).collect(), file);
        found.once(file);
        let mut unshown = Unshown::default();
        if self.shown.heed {
            let judged = read.iter().flat_map(|one| one.merged.files()).collect();
            let ignores = Ignores::read(sources);
            let mut uses = Uses::of(&ignores);
            found.retain(|finding| {
                let covered = uses.cover(finding);
                unshown.suppressed += usize::from(covered && self.shown.shows(finding));
                !covered
            });
            let (idle, covered) = uses.idle(&judged, self.settings);
            unshown.suppressed += covered.iter().filter(|finding| self.shown.shows(finding)).count();
            found.add(idle.into());
            found.sort(file);
        }
        found.retain(|finding| {
            let shows = self.shown.shows(finding);
            if !shows && self.shown.sure(finding) {
                unshown.hidden.count(finding.severity);
            }
            shows
        });
        if self.shown.one && !found.is_empty() {
            found.truncate(usize::from(!self.found.swap(true, Ordering::Relaxed)));
        }
        let mut masker = Masker::new(sources, read.iter().map(|one| &one.config.secrets), self.shown.frames);
        let shown = found.iter().map(|finding| (finding.place.source, masker.finding(&finding))).collect();
        (shown, unshown)
    }
}

/// Of each source the first one with its path: a file may be read twice. Empty where there is only one source.
fn first_of_paths(sources: &Sources) -> Vec<SourceId> {
    let mut paths = HashMap::new();
    let several = sources.iter().filter(|_| sources.count() > 1);
    several.map(|(id, source)| *paths.entry(source.path.as_str()).or_insert(id)).collect()
}
