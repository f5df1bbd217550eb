//! A conversion's plan: its files for the terminal, its differences for people, or all of it as `supconv.plan/1`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use super::visible::visible;
use super::{Finding, Frames, Masker, Style, human};
use crate::convert::disk::State;
use crate::convert::{self, Grade, Loss, Moved, Plan, Summary};
use crate::diagnostic::Telling;
use crate::source::Sources;

/// How many further places of one difference are named.
const PLACES: usize = 20;
/// How many names stand before a sentence that does not hold for all.
const NAMES: usize = 8;

/// Whether the text of a file with secrets is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// It is, since the user asked for it.
    Shown,
    /// It is not.
    Hidden,
}

impl Secrets {
    fn text(self, file: &convert::File) -> Option<&str> {
        (!file.secret || self == Self::Shown).then_some(&file.text)
    }
}

/// Writes the files, each under a line with its path.
///
/// # Errors
/// When `out` cannot be written.
pub fn units(plan: &Plan, secrets: Secrets, out: &mut dyn Write) -> io::Result<()> {
    for (number, file) in plan.files.iter().enumerate() {
        let blank = if number == 0 { "" } else { "\n" };
        let text = secrets.text(file).unwrap_or("# secrets, mode 0600: --out writes them, --show-secrets shows them\n");
        write!(out, "{blank}# ==> {} <==\n{text}", file.path)?;
    }
    Ok(())
}

/// Writes what differs and what is lost, worst first; then what holds for all, the limits of open files, and what stays.
///
/// # Errors
/// When `err` cannot be written.
pub fn report(plan: &Plan, sources: &Sources, err: &mut dyn Write) -> io::Result<()> {
    let printer = human::Printer::new(Style::of_error_stream());
    let mut masker = Masker::new(sources, Frames::All);
    for error in &plan.errors {
        printer.print(&masker.finding(error), err)?;
    }
    for (grade, word) in [(Grade::Lost, "lost"), (Grade::Approximate, "differs")] {
        let own = plan.losses.iter().filter(|loss| loss.diagnostic.telling == Telling::Own && loss.grade == grade);
        for same in gathered(own) {
            let Some((first, others)) = same.split_first() else { continue };
            let mut diagnostic = first.diagnostic.clone();
            for other in others.iter().take(PLACES) {
                let section = other.diagnostic.section.as_deref().unwrap_or_default();
                diagnostic = diagnostic.label(other.diagnostic.place, format!("the same in [{section}]"));
            }
            if let Some(more) = others.len().checked_sub(PLACES).filter(|more| *more > 0) {
                diagnostic = diagnostic.help(format!("the same in {more} sections more"));
            }
            let finding = masker.finding(&diagnostic);
            printer.print_as(&finding, word, &finding.message, err)?;
        }
    }
    once(plan, err)?;
    open_files(plan, err)?;
    if !plan.stays.is_empty() {
        let stays: Vec<String> = plan.stays.iter().map(|name| visible(name)).collect();
        writeln!(err, "Stays with supervisord (--only): {}\n", stays.join(", "))?;
    }
    Ok(())
}

/// Losses that say the same of the same option in several sections, in the order of their first places.
fn gathered<'p, 'a: 'p>(losses: impl Iterator<Item = &'p Loss<'a>>) -> Vec<Vec<&'p Loss<'a>>> {
    let mut found: Vec<Vec<&Loss<'a>>> = Vec::new();
    let mut known: BTreeMap<(&str, Cow<'_, str>), usize> = BTreeMap::new();
    for loss in losses {
        let key = (loss.diagnostic.option.unwrap_or_default(), loss.diagnostic.message.text());
        let at = *known.entry(key).or_insert(found.len());
        match found.get_mut(at) {
            Some(same) => same.push(loss),
            None => found.push(vec![loss]),
        }
    }
    found
}

/// What holds for all units, then what holds for some, with their names.
fn once(plan: &Plan, err: &mut dyn Write) -> io::Result<()> {
    let mut sentences: Vec<(Cow<'_, str>, BTreeSet<&str>)> = Vec::new();
    let all: BTreeSet<&str> = plan.open_files.iter().map(|one| &*one.section).collect();
    for loss in plan.losses.iter().filter(|loss| loss.diagnostic.telling == Telling::Once) {
        let section = loss.diagnostic.section.unwrap_or_default();
        match sentences.iter_mut().find(|(sentence, _)| *sentence == loss.diagnostic.message.text()) {
            Some((_, sections)) => drop(sections.insert(section)),
            None => sentences.push((loss.diagnostic.message.text(), BTreeSet::from([section]))),
        }
    }
    if sentences.is_empty() {
        return Ok(());
    }
    let common = |sections: &BTreeSet<&str>| {
        sections.iter().any(|section| !section.contains(':')) || (!all.is_empty() && all.is_subset(sections))
    };
    writeln!(err, "Every unit differs in this from its program under Supervisor:")?;
    for (sentence, _) in sentences.iter().filter(|(_, sections)| common(sections)) {
        writeln!(err, "  - {sentence}")?;
    }
    writeln!(err)?;
    if sentences.iter().any(|(_, sections)| !common(sections)) {
        writeln!(err, "Some do:")?;
    }
    for (sentence, sections) in sentences.iter().filter(|(_, sections)| !common(sections)) {
        let name = |section: &&str| visible(section.split_once(':').map_or(*section, |(_, name)| name));
        let mut names: Vec<String> = sections.iter().take(NAMES).map(name).collect();
        if sections.len() > NAMES {
            names.push(format!("{} more", sections.len() - NAMES));
        }
        writeln!(err, "  - {}: {sentence}", names.join(", "))?;
    }
    if sentences.iter().any(|(_, sections)| !common(sections)) {
        writeln!(err)?;
    }
    Ok(())
}

/// The limit of open files that each unit gets, those that are equal together.
fn open_files(plan: &Plan, err: &mut dyn Write) -> io::Result<()> {
    let mut limits: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in &plan.open_files {
        match limits.iter_mut().find(|(text, _)| *text == one.text) {
            Some((_, units)) => units.push(&one.unit),
            None => limits.push((&one.text, vec![&one.unit])),
        }
    }
    if limits.is_empty() {
        return Ok(());
    }
    writeln!(err, "Open files (soft:hard):")?;
    let one = limits.len() == 1;
    for (text, units) in limits {
        let names = match units.as_slice() {
            [unit] => (*unit).to_owned(),
            all if one => format!("all {} units", all.len()),
            some if some.len() > NAMES => {
                format!(
                    "{} and {} more",
                    some.iter().take(NAMES).copied().collect::<Vec<_>>().join(", "),
                    some.len() - NAMES
                )
            }
            some => some.join(", "),
        };
        writeln!(err, "  {names}: {text}")?;
    }
    writeln!(err, "  To change it for all: --nofile 65536\n")
}

/// The line that counts.
///
/// # Errors
/// When `out` cannot be written.
pub fn count(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let Summary { exact, approximate, lost } = plan.summary;
    writeln!(out, "{exact} settings exact, {approximate} approximate, {lost} lost")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    target: &'static str,
    files: Vec<File<'a>>,
    enable: &'a [String],
    stays: &'a [String],
    processes: Vec<Process<'a>>,
    losses: Vec<Graded>,
    errors: Vec<Finding>,
    summary: Summary,
}

/// A process and its unit.
#[derive(Serialize)]
struct Process<'a> {
    /// As supervisorctl calls it.
    name: &'a str,
    unit: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    mode: String,
    /// Null where nothing was compared with a disk, or nothing may be written.
    state: Option<State>,
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct Graded {
    #[serde(flatten)]
    finding: Finding,
    grade: Grade,
}

/// Writes the document; `states`: of the files, in their order, where they are known.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(plan: &Plan, secrets: Secrets, states: &[State], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let mut masker = Masker::new(sources, Frames::None);
    let states = states.iter().copied().map(Some).chain(std::iter::repeat(None));
    let document = Document {
        schema: "supconv.plan/1",
        target: plan.target,
        files: plan
            .files
            .iter()
            .zip(states)
            .map(|(file, state)| File {
                path: &file.path,
                mode: format!("{:04o}", file.mode),
                state,
                text: secrets.text(file),
            })
            .collect(),
        enable: &plan.enable,
        stays: &plan.stays,
        processes: plan.moved.iter().map(|Moved { called, unit, log: _ }| Process { name: called, unit }).collect(),
        losses: plan
            .losses
            .iter()
            .map(|loss| Graded { finding: masker.finding(&loss.diagnostic), grade: loss.grade })
            .collect(),
        errors: plan.errors.iter().map(|error| masker.finding(error)).collect(),
        summary: plan.summary,
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}
