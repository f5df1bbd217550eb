//! From files to one configuration: `[include]` in Supervisor's order, later values winning, and who overrode whom.
//!
//! `ServerOptions.read_config` up to the check for `[supervisord]`, and `UnhosedConfigParser.read`.

mod fold;
mod here;
pub mod names;
mod paths;
mod settings;
mod types;

use crate::files::{self, Size, Unread};
use crate::hash::HashSet;
use crate::load::here::expand_here;
use crate::load::names::{Environment, Scope};
use crate::map::Map;
use crate::python::percent::{self, Expanded};
use crate::python::{self, Version, filename, glob};
use crate::reading::{Reading, Role};
use crate::refusal::{Cause, Exit, Refusal};
use crate::source::{Place, Source, SourceId, Sources};

use here::Here;
pub use paths::Paths;
use settings::{Chain, Settings};
pub use settings::{Facts, Options, Setting};
pub use types::{DEFAULT, Include, Merged, Notice, NoticeKind, Section, Unreadable};

/// Reads the file at `path` and what it includes.
///
/// # Errors
/// When the file itself, or the main file of `--main`, cannot be read. An include that cannot be read is no error:
/// Supervisor skips it.
pub fn load<'a>(path: &str, reading: &Reading, sources: &'a Sources) -> Result<Merged<'a>, Unreadable> {
    load_named(&Named::of(path, reading.path_as.as_deref(), reading), reading, sources)
}

/// What reports call the file of an argument: the path that opens, or what the file stands for.
#[must_use]
pub fn called(path: &str, reading: &Reading) -> String {
    Named::of(path, reading.path_as.as_deref(), reading).called
}

/// The same for a file whose bytes are at hand: only what it includes is read from the disk.
///
/// # Errors
/// As [`load`].
pub fn load_bytes<'a>(
    path: &str,
    bytes: &[u8],
    reading: &Reading,
    sources: &'a Sources,
) -> Result<Merged<'a>, Unreadable> {
    load_named(&Named { bytes: Some(bytes), ..Named::of(path, None, reading) }, reading, sources)
}

fn load_named<'a>(named: &Named<'_>, reading: &Reading, sources: &'a Sources) -> Result<Merged<'a>, Unreadable> {
    let mut loader = match &reading.main {
        None => Loader::open(named, reading, sources)?,
        Some(main) => Loader::open(&Named { again: true, ..Named::of(main, None, reading) }, reading, sources)?,
    };
    if reading.main.is_some() {
        let bytes = named.read(reading)?;
        loader.left = loader.left.saturating_sub(bytes.len() as u64);
        let source =
            source(&named.called, &named.opened, bytes, reading).map_err(|reason| named.unreadable(&reason))?;
        let own = sources.add(source);
        loader.include(Some(named));
        let shown = sources.keep(named.shown.as_str());
        loader.read_included(own, shown, &named.paths.directory(shown));
        let called = sources.keep(named.called.as_str());
        loader.merged.includes.push(Include { path: shown, called, source: Some(own), again: false });
        loader.merged.main = own;
        loader.merged.path = shown;
    } else {
        loader.include(None);
    }
    let mut merged = loader.merged;
    let has = merged.sections.contains_key("supervisord");
    merged.fragment = is_fragment(reading, has);
    if merged.fragment && !merged.sections.contains_key("include") {
        // The file that includes it has an [include], so Supervisor replaces %(here)s in the text.
        let here = merged.here;
        expand_here(&mut merged, here);
    } else if !merged.fragment && !has {
        merged.refusals.push(Refusal {
            exit: Exit::Usage,
            message: ".ini file does not include supervisord section",
            cause: Cause::NoSupervisord,
            place: Place { source: merged.main, ..Place::default() },
            section: None,
            option: None,
            written: "",
        });
    }
    Ok(merged)
}

/// Whether a file is one that another one includes. `supervisord`: whether it has that section.
fn is_fragment(reading: &Reading, supervisord: bool) -> bool {
    match (reading.role, &reading.main) {
        (Some(Role::Main), _) | (_, Some(_)) => false,
        (Some(Role::Fragment), _) => true,
        (None, None) => !supervisord,
    }
}

/// A file that the user named: how it is opened, and how it is called.
struct Named<'a> {
    /// The path that opens; `-` is standard input.
    opened: String,
    /// What stands in it, if that need not be read.
    bytes: Option<&'a [u8]>,
    /// Whether it is read once for each file that is named, which a pipe cannot be.
    again: bool,
    /// What reports call it: the path that opens, or what the file stands for.
    called: String,
    /// What Supervisor's messages call it: without the root.
    shown: String,
    paths: Paths,
}

impl Named<'_> {
    /// `stands_for`: the path that it is read as, if that is another than its own.
    fn of(given: &str, stands_for: Option<&str>, reading: &Reading) -> Self {
        let paths = Paths::new(reading.root.as_deref());
        let name = stands_for.unwrap_or(given);
        let shown = if name == "-" { name.to_owned() } else { paths.shown(name) };
        Self { opened: paths.opened(given), bytes: None, again: false, called: paths.opened(name), shown, paths }
    }

    fn stdin(&self) -> bool {
        self.opened == "-"
    }

    fn read(&self, reading: &Reading) -> Result<Vec<u8>, Unreadable> {
        let most = reading.max_size;
        let known = reading.texts.at(&self.opened);
        let read = match self.bytes.or(known.as_deref()) {
            Some(bytes) => Ok(bytes.to_vec()),
            None if self.stdin() => files::read_input(most),
            None if self.again => files::read_regular(&self.opened, most),
            None => files::read(&self.opened, most),
        };
        read.map_err(|why| self.unreadable(&why.to_string()))
    }

    fn unreadable(&self, reason: &str) -> Unreadable {
        let verb = if self.stdin() || filename::encode(&self.opened).exists() { "read" } else { "find" };
        let path = if self.stdin() { &self.called } else { &self.opened };
        Unreadable {
            path: self.opened.clone(),
            message: format!("could not {verb} config file {path}"),
            reason: reason.to_owned(),
        }
    }
}

/// `opened`: the path that opens it.
fn source(path: &str, opened: &str, bytes: Vec<u8>, reading: &Reading) -> Result<Source, String> {
    let mut source = Source::new(path, bytes).map_err(|error| error.to_string())?;
    source.opened = Some(opened.into());
    source.cut = reading.python.map(Version::cut).unwrap_or_default();
    Ok(source)
}

struct Loader<'a, 'r> {
    reading: &'r Reading,
    paths: Paths,
    /// The file whose `[include]` is followed, as it opens; `None` where that has been read already.
    opened: Option<String>,
    /// The directory to which reports join what its relative patterns find.
    beside: Option<String>,
    /// How many bytes may still be read.
    left: u64,
    merged: Merged<'a>,
    /// The paths of what it includes.
    included: HashSet<&'a str>,
}

impl<'a, 'r> Loader<'a, 'r> {
    fn open(named: &Named<'_>, reading: &'r Reading, sources: &'a Sources) -> Result<Self, Unreadable> {
        let bytes = named.read(reading)?;
        let left = reading.max_size.saturating_sub(bytes.len() as u64);
        let source =
            source(&named.called, &named.opened, bytes, reading).map_err(|reason| named.unreadable(&reason))?;
        let id = sources.add(source);
        let merged = Merged {
            sources,
            path: sources.keep(named.shown.as_str()),
            main: id,
            here: sources.keep(named.paths.directory(&named.shown)),
            settings: Settings::default(),
            sections: Map::default(),
            defaults: Chain::default(),
            implied: Chain::default(),
            here_in: Here::default(),
            default_headers: Vec::new(),
            includes: Vec::new(),
            refusals: Vec::new(),
            warnings: Vec::new(),
            notices: Vec::new(),
            fragment: false,
            incomplete: false,
        };
        let opened = (!named.stdin() && named.bytes.is_none()).then(|| named.opened.clone());
        let beside = named.paths.beside(&named.called).map(str::to_owned);
        let included = HashSet::default();
        let mut loader = Self { reading, paths: named.paths.clone(), opened, beside, left, merged, included };
        loader.fold(id, None);
        Ok(loader)
    }

    fn fold(&mut self, id: SourceId, file: Option<&'a str>) {
        if let Some(source) = self.merged.sources.get(id) {
            fold::fold(&mut self.merged, source, id, file);
        }
    }

    /// The `[include]` part of `read_config`. `also`: a file that is to be read after all of them.
    fn include(&mut self, also: Option<&Named<'_>>) {
        let here = self.merged.here;
        let Some(section) = self.merged.sections.get("include") else {
            if also.is_some() {
                expand_here(&mut self.merged, here);
            }
            return;
        };
        let header = section.header;
        if self.reading.no_include {
            // Supervisor replaces %(here)s wherever there is an [include]; what it would include is not known.
            expand_here(&mut self.merged, here);
            self.merged.incomplete = true;
            return;
        }
        expand_here(&mut self.merged, here);
        let merged = &self.merged;
        let files = merged.setting("include", "files");
        let Some(files) = files.cloned() else {
            // A file that includes this one has them.
            if is_fragment(self.reading, merged.sections.contains_key("supervisord")) {
                return;
            }
            self.refuse_files(
                ".ini file has [include] section, but no files setting",
                Cause::NoIncludeFiles,
                header,
                None,
            );
            return;
        };
        let environment = Environment::of(self.reading);
        let mut scope = Scope::own_first(&environment);
        scope.set_text("here", here);
        scope.set_node(self.reading.node.as_deref());
        let text = files.text;
        let patterns = match percent::expand(text, &scope) {
            Ok(Expanded::Text(patterns)) => patterns.into_owned(),
            Ok(Expanded::Unknown) => {
                self.merged.incomplete = true;
                return;
            }
            Err(error) => {
                let message = percent::message(&error, text, "include.files", &scope);
                self.refuse_files(&message, Cause::of(&error, false), files.value, Some(text));
                return;
            }
        };
        let base = self.paths.absolute(here);
        for written in python::split_whitespace(&patterns) {
            if let Err((message, cause)) = self.pattern(&base, written, &files, also) {
                self.refuse_files(&message, cause, files.value, Some(text));
                return;
            }
        }
    }

    fn refuse_files(&mut self, message: &str, cause: Cause, place: Place, written: Option<&'a str>) {
        self.merged.refusals.push(Refusal {
            exit: cause.exit(),
            message: self.merged.sources.keep(message),
            cause,
            place,
            section: Some("include"),
            option: Some("files"),
            written: written.unwrap_or_default(),
        });
    }

    fn pattern(
        &mut self,
        base: &str,
        written: &str,
        files: &Setting<'a>,
        also: Option<&Named<'_>>,
    ) -> Result<(), (String, Cause)> {
        let refused = |error: glob::GlobError| (error.to_string(), Cause::IncludePattern);
        let joined = python::join(base, written);
        let found = glob::glob(&joined, &self.paths).map_err(refused)?;
        if found.is_empty() {
            self.merged.warnings.push(format!("No file matches via include \"{joined}\""));
            let others = other_extension(&joined).map_or(Ok(Vec::new()), |other| glob::glob(&other, &self.paths));
            let others = others.map_err(refused)?.len();
            let kind = NoticeKind::NoMatch { pattern: written.to_owned(), joined: joined.into_owned(), others };
            self.merged.notices.push(Notice { kind, place: files.value });
        }
        for path in found {
            if also.is_some_and(|named| self.paths.same(&path, &named.called)) {
                continue;
            }
            let shown = self.merged.sources.keep(path.as_str());
            let called = self.called(base, written, &path);
            let itself = self.paths.same(&path, &self.paths.real(self.merged.path));
            let again = !self.included.insert(shown);
            if again || itself {
                let kind = NoticeKind::Twice { path: called.to_owned() };
                self.merged.notices.push(Notice { kind, place: files.value });
            }
            let here = self.paths.directory(&path);
            // What is read as a file takes its place.
            let opened = self.opened.clone().filter(|_| itself).unwrap_or_else(|| self.paths.real(&path));
            let read = match self.reading.texts.at(&opened) {
                Some(bytes) if bytes.len() as u64 > self.left => Err(Unread::TooLarge(self.left)),
                Some(bytes) => Ok(bytes.to_vec()),
                None => files::read_regular(&opened, self.left),
            };
            if let Err(Unread::TooLarge(_)) = read {
                let message = format!("the files have more than {} together", Size(self.reading.max_size));
                return Err((message, Cause::Size));
            }
            let waits = matches!(read, Err(Unread::Pipe | Unread::Device | Unread::Waits));
            match read.map_err(|why| why.to_string()).and_then(|bytes| source(called, &opened, bytes, self.reading)) {
                Ok(source) => {
                    self.left = self.left.saturating_sub(source.text().len() as u64);
                    let id = self.merged.sources.add(source);
                    self.merged.includes.push(Include { path: shown, called, source: Some(id), again });
                    self.read_included(id, shown, &here);
                }
                Err(reason) => {
                    self.merged.includes.push(Include { path: shown, called, source: None, again });
                    // Supervisor takes the file for read.
                    expand_here(&mut self.merged, &here);
                    let path = called.to_owned();
                    let kind = if waits {
                        NoticeKind::Endless { path, reason }
                    } else {
                        NoticeKind::Unopened { path, reason }
                    };
                    self.merged.notices.push(Notice { kind, place: files.value });
                }
            }
        }
        Ok(())
    }

    /// What reports call a file that a pattern finds: the path that opens, relative where the pattern and the file that has it
    /// are.
    fn called(&self, base: &str, written: &str, path: &str) -> &'a str {
        let beside = self.beside.as_deref().filter(|_| !written.starts_with('/'));
        let below = || Some(path.strip_prefix(base)?.trim_start_matches('/'));
        let sources = self.merged.sources;
        match beside.zip(below()) {
            Some((beside, below)) => sources.keep(python::join(beside, below)),
            None => sources.keep(self.paths.real(path)),
        }
    }

    fn read_included(&mut self, id: SourceId, path: &'a str, here: &str) {
        self.fold(id, Some(path));
        expand_here(&mut self.merged, here);
    }
}

/// The pattern with the extension that files of programs have elsewhere: `.conf` in Debian's packages, `.ini` in Red Hat's.
fn other_extension(pattern: &str) -> Option<String> {
    let other = |from, to| pattern.strip_suffix(from).map(|stem| format!("{stem}{to}"));
    other(".conf", ".ini").or_else(|| other(".ini", ".conf"))
}
