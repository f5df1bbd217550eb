//! Conversion: what a target makes of a configuration, and what every target stands on.
//!
//! ```text
//! Subject ──selection──▶ Selection    what is asked for, what stays, what Supervisor refuses
//!         ──program────▶ Job          one process, effective values with their options
//!         ──target─────▶ Plan         files, and the ledger's account of what differs
//!         ──disk───────▶ Compared     beside what is there
//! ```

pub mod announce;
mod command;
pub mod daemon;
pub mod disk;
mod drafting;
pub mod horust;
pub mod ledger;
pub mod only;
mod outside;
pub mod pitchfork;
pub mod program;
mod rotation;
pub mod selection;
mod supervisord;
pub mod systemd;
mod text;
mod writers;

use crate::diagnostic::Diagnostic;
use crate::load::Merged;
use crate::model::Config;

use selection::Selection;

pub use ledger::{Grade, Ledger, Loss, Losses, Tally};
pub use text::{FileText, Shared};

/// What is converted.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The file as it was read.
    pub merged: &'a Merged<'a>,
    /// What it means.
    pub config: &'a Config<'a>,
    /// What Supervisor refuses of it, which becomes the errors of the plan.
    pub refusals: Vec<Diagnostic<'a>>,
    /// The programs that cannot run as they are written: their commands are lost, in the words of the rule that says so.
    pub unrunnable: Vec<Diagnostic<'a>>,
    /// What the first lines of the files call the file: as it was typed, but with `--out` a relative path begins at DIR.
    pub source: &'a str,
    /// The command line that asks for this conversion, to be typed again with `--out`.
    pub asked_by: &'a str,
    /// What alone is converted, as supervisorctl calls it: `web`, `group:*`, `group:process`; empty is everything.
    pub only: &'a [String],
}

/// Everything that a conversion would write and say; made whole in memory before anything is written.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The files, in the order in which they are printed.
    pub files: Vec<PlanFile>,
    /// What is translated with a difference, and what is lost.
    pub losses: Losses<'a>,
    /// Sections that Supervisor refuses, and names that cannot be: they have no file.
    pub errors: Vec<Diagnostic<'a>>,
    /// How many of the written options have which grade.
    pub tally: Tally,
    /// The processes that have a unit.
    pub moved: Vec<Moved>,
    /// The sections that have a unit, and which of the files it is.
    pub units: Vec<(&'a str, usize)>,
    /// The limit of open files that each unit gets, where it comes from, and how it is changed for all.
    pub open_files: Option<String>,
    /// How long a shutdown of the machine can wait for what the target runs, where the target knows.
    pub shutdown: Option<Shutdown>,
    /// What was not asked for and stays with Supervisor, as supervisorctl calls it.
    pub stays: Vec<String>,
    /// Whether Supervisor refuses the file as a whole: then there are no files.
    pub refused: bool,
    /// What runs a process, in the target's own word: `units`.
    pub runners: &'static str,
    /// What the operator does with the files.
    pub handover: Box<dyn Handover>,
    /// By what the files of earlier conversions of the same source are known; none where the source has no name.
    pub origin: Option<Origin>,
}

/// How long a shutdown of the machine can wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shutdown {
    /// The most seconds; none: without end.
    pub seconds: Option<u64>,
    /// The processes that make it so long, as supervisorctl calls them, with their seconds: one of all that stop together, the
    /// longest first.
    pub longest: Vec<(String, u64)>,
}

/// What the first line of a file says of where it comes from: `# supconv: WHAT of SOURCE`.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The source, as the line has it.
    pub source: String,
    /// Where the files of the target are.
    pub places: &'static [Place],
    /// What the line can say beside a section.
    pub others: &'static [&'static str],
}

/// A folder below the directory of a plan, and what the names of files there begin and end with.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// `""` is the directory itself.
    pub folder: &'static str,
    /// The first characters of a name.
    pub start: &'static str,
    /// The last characters of a name.
    pub end: &'static str,
}

impl<'a> Plan<'a> {
    /// A plan of no files, with what the ledger has to tell.
    #[must_use]
    pub fn told(ledger: Ledger<'a>, selection: &Selection<'a>) -> Self {
        let (losses, tally, errors) = ledger.close();
        Self {
            files: Vec::new(),
            losses,
            errors,
            tally,
            moved: Vec::new(),
            units: Vec::new(),
            open_files: None,
            shutdown: None,
            stays: selection.stays.clone(),
            refused: selection.refused,
            runners: "programs",
            handover: Box::new(Nothing),
            origin: None,
        }
    }

    /// The numbers, among those of the losses, of the sections that have a unit.
    pub fn sections(&self) -> impl Iterator<Item = usize> {
        self.units.iter().filter_map(|(section, _)| self.losses.number(section))
    }
}

/// A process, and what the target runs it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// As supervisorctl calls it: `web`, `group:process`.
    pub called: String,
    /// As the target calls it.
    pub unit: String,
}

/// One file of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// Its path, relative to the directory that the files are written to.
    pub path: String,
    /// Its mode.
    pub mode: u32,
    /// Its text.
    pub text: FileText,
    /// Whether the text is shown to nobody who does not ask for it.
    pub secret: bool,
}

impl PlanFile {
    /// The text, unless it is secret and secrets are not shown.
    #[must_use]
    pub fn shown(&self, secrets: bool) -> Option<&FileText> {
        (secrets || !self.secret).then_some(&self.text)
    }
}

/// What an operator does with the files of a plan, in the target's own words.
pub trait Handover: std::fmt::Debug {
    /// What is started at boot, by the names that the target has for it.
    fn enable(&self) -> &[String] {
        &[]
    }

    /// The commands that end what stale files once began, where they are installed; empty where there is nothing to say.
    fn retire(&self, _stale: &[&str]) -> String {
        String::new()
    }

    /// Where the commands are that install the files and hand the programs over; `directory` is where they have been written.
    fn next(&self, plan: &Plan<'_>, directory: Option<&str>) -> String {
        let _ = (plan, directory);
        String::new()
    }
}

/// Nothing is to be done.
#[derive(Debug)]
struct Nothing;

impl Handover for Nothing {}
