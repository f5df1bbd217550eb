//! A plan as `supconv.plan/1`.

use std::io::{self, Write};

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use crate::convert::disk::{FileState, Seen};
use crate::convert::{FileText, Grade, Moved, Plan, Tally};
use crate::report::{Finding, Frames, Masker, escaped};
use crate::secrets::Secrets;

#[derive(Serialize)]
struct PlanDocument<'a> {
    schema: &'static str,
    target: &'a str,
    files: Vec<FileRow<'a>>,
    /// Null where nothing was compared with a disk, or nothing may be written.
    stale: Option<Vec<&'a str>>,
    enable: &'a [String],
    stays: &'a [String],
    processes: Vec<ProcessRow<'a>>,
    losses: Written<'a>,
    errors: Vec<Finding>,
    summary: Tally,
}

/// A process and its unit.
#[derive(Serialize)]
struct ProcessRow<'a> {
    /// As supervisorctl calls it.
    name: &'a str,
    unit: &'a str,
}

#[derive(Serialize)]
struct FileRow<'a> {
    path: &'a str,
    mode: String,
    /// Null where nothing was compared with a disk, or nothing may be written.
    state: Option<FileState>,
    text: Option<&'a FileText>,
}

#[derive(Serialize)]
struct Graded {
    #[serde(flatten)]
    finding: Finding,
    grade: Grade,
}

/// Writes the document; `seen`: the files beside what was in a directory, where that is known.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(
    plan: &Plan<'_>,
    target: &str,
    show_secrets: bool,
    seen: Option<&Seen<'_>>,
    secrets: &Secrets<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut masker = Masker::new(secrets.sources(), [secrets], Frames::None);
    let states = seen.iter().flat_map(|seen| &seen.files).map(|file| Some(file.state)).chain(std::iter::repeat(None));
    let document = PlanDocument {
        schema: "supconv.plan/1",
        target,
        files: plan
            .files
            .iter()
            .zip(states)
            .map(|(file, state)| FileRow {
                path: &file.path,
                mode: format!("{:04o}", file.mode),
                state,
                text: file.shown(show_secrets),
            })
            .collect(),
        stale: seen.map(|seen| seen.stale.iter().map(|stale| stale.name.as_str()).collect()),
        enable: plan.handover.enable(),
        stays: &plan.stays,
        processes: plan.moved.iter().map(|Moved { called, unit }| ProcessRow { name: called, unit }).collect(),
        losses: Written(plan, secrets),
        errors: plan.errors.iter().map(|error| masker.finding(error, None)).collect(),
        summary: plan.tally,
    };
    escaped::write(&document, out)
}

/// The losses, each made when it is written.
struct Written<'a>(&'a Plan<'a>, &'a Secrets<'a>);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(plan, secrets) = self;
        let mut losses = serializer.serialize_seq(None)?;
        let mut masker = Masker::new(secrets.sources(), [*secrets], Frames::None);
        for loss in plan.losses.iter() {
            let finding = masker.finding(&loss.diagnostic(), None);
            losses.serialize_element(&Graded { finding, grade: loss.sentence.grade })?;
        }
        losses.end()
    }
}
