//! A conversion's plan: its files for the terminal, its differences for people, or all of it as `supconv.plan/1`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use super::human;
use super::json::{self, Finding};
use crate::diagnostic::Telling;
use crate::plan::State;
use crate::source::Sources;
use crate::syntax::Dialect;
use crate::target::{Grade, Loss, Plan, Summary};

/// How many further places of one difference are named.
const PLACES: usize = 20;
/// How many names stand before a sentence that does not hold for all.
const NAMES: usize = 8;

/// Writes the files, each under a line with its path.
///
/// # Errors
/// When `out` cannot be written.
pub fn units(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    for (number, file) in plan.files.iter().enumerate() {
        let blank = if number == 0 { "" } else { "\n" };
        write!(out, "{blank}# ==> {} <==\n{}", file.path, file.text)?;
    }
    Ok(())
}

/// Writes what differs and what is lost, worst first; then what holds for all, the limits of open files, and what stays.
///
/// # Errors
/// When `err` cannot be written.
pub fn report(plan: &Plan, sources: &Sources, dialect: Dialect, err: &mut dyn Write) -> io::Result<()> {
    let style = human::Style::of_error_stream();
    let mut findings = human::Findings::new(sources, dialect, style);
    for error in &plan.errors {
        findings.write(error, &error.message, err)?;
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
            findings.write_labelled(&diagnostic, word, err)?;
        }
    }
    once(plan, err)?;
    open_files(plan, err)?;
    if !plan.stays.is_empty() {
        writeln!(err, "Stays with supervisord (--only): {}\n", plan.stays.join(", "))?;
    }
    Ok(())
}

/// Losses that say the same of the same option in several sections, in the order of their first places.
fn gathered<'a>(losses: impl Iterator<Item = &'a Loss>) -> Vec<Vec<&'a Loss>> {
    let mut found: Vec<Vec<&Loss>> = Vec::new();
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for loss in losses {
        let key = (loss.diagnostic.option.as_deref().unwrap_or_default(), loss.diagnostic.message.as_str());
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
    let mut sentences: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for loss in plan.losses.iter().filter(|loss| loss.diagnostic.telling == Telling::Once) {
        let section = loss.diagnostic.section.as_deref().unwrap_or_default();
        if section.contains(':') {
            all.insert(section);
        }
        match sentences.iter_mut().find(|(sentence, _)| *sentence == loss.diagnostic.message) {
            Some((_, sections)) => drop(sections.insert(section)),
            None => sentences.push((&loss.diagnostic.message, BTreeSet::from([section]))),
        }
    }
    if sentences.is_empty() {
        return Ok(());
    }
    let common = |sections: &BTreeSet<&str>| sections.iter().any(|section| !section.contains(':')) || *sections == all;
    writeln!(err, "Every unit differs in this from its program under Supervisor:")?;
    for (sentence, _) in sentences.iter().filter(|(_, sections)| common(sections)) {
        writeln!(err, "  - {sentence}")?;
    }
    writeln!(err)?;
    if sentences.iter().any(|(_, sections)| !common(sections)) {
        writeln!(err, "Some do:")?;
    }
    for (sentence, sections) in sentences.iter().filter(|(_, sections)| !common(sections)) {
        let name = |section: &&str| section.split_once(':').map_or(*section, |(_, name)| name).to_owned();
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

/// The commands that put the units to work (mapping 9.3); `directory` is where they have been written.
///
/// # Errors
/// When `out` cannot be written.
pub fn next(plan: &Plan, directory: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    if plan.files.is_empty() {
        return Ok(());
    }
    writeln!(out, "Next, as root:")?;
    match directory {
        None => writeln!(out, "  supconv to-systemd … --out /etc/systemd/system")?,
        Some(directory) if is_of_units(directory) => {}
        Some(directory) => {
            let files: Vec<String> = plan.files.iter().map(|file| quoted(&file.path)).collect();
            writeln!(out, "  (cd {} && cp -- {} /etc/systemd/system/)", quoted(directory), files.join(" "))?;
        }
    }
    writeln!(out, "  systemctl daemon-reload")?;
    let names: Vec<String> = plan.enable.iter().map(|name| quoted(name)).collect();
    // A fragment, or a choice: supervisord stays with the rest.
    if partial(plan) {
        writeln!(out, "  supervisorctl stop NAME …     # what is converted: no program may run twice")?;
    } else {
        writeln!(out, "  supervisorctl stop all        # or one program after the other: no program may run twice")?;
    }
    if let [umbrella, _, ..] = names.as_slice() {
        // Not --now: that starts each unit by its target and once more by its name, and a program that ends at once has then
        // used up one of its starts.
        writeln!(out, "  systemctl enable {}", names.join(" "))?;
        writeln!(out, "  systemctl start {umbrella}")?;
    } else {
        writeln!(out, "  systemctl start UNIT          # autostart=false everywhere: nothing starts at boot")?;
    }
    if partial(plan) {
        return writeln!(
            out,
            "and set autostart=false for them in supervisord.conf, or both start them at the next boot\n"
        );
    }
    writeln!(
        out,
        "  systemctl disable supervisor  # or autostart=false there: else both start everything at the next boot\n"
    )
}

/// Whether Supervisor keeps some programs.
fn partial(plan: &Plan) -> bool {
    plan.fragment || !plan.stays.is_empty()
}

/// Where systemd looks for units itself (systemd.unit(5)).
fn is_of_units(directory: &str) -> bool {
    matches!(
        directory.trim_end_matches('/'),
        "/etc/systemd/system" | "/run/systemd/system" | "/usr/local/lib/systemd/system" | "/usr/lib/systemd/system"
    )
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | ':' | '+');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
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
    losses: Vec<Graded<'a>>,
    errors: Vec<Finding<'a>>,
    summary: Summary,
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
struct Graded<'a> {
    #[serde(flatten)]
    finding: Finding<'a>,
    grade: Grade,
}

/// Writes the document; `states`: of the files, in their order, where they are known.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(plan: &Plan, states: &[State], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
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
                text: Some(&file.text),
            })
            .collect(),
        enable: &plan.enable,
        stays: &plan.stays,
        losses: plan
            .losses
            .iter()
            .map(|loss| Graded { finding: json::finding(&loss.diagnostic, sources), grade: loss.grade })
            .collect(),
        errors: plan.errors.iter().map(|error| json::finding(error, sources)).collect(),
        summary: plan.summary,
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}
