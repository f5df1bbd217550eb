//! A conversion's plan: its files for the terminal, its differences for people, or all of it as `supconv.plan/1`.

use std::io::{self, Write};

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::screen::folded;
use super::{Finding, Frames, Masker, Style, escaped, human};
use crate::convert::disk::{self, FileState, Seen};
use crate::convert::{FileText, Grade, Loss, Moved, Plan, Shutdown, Tally};
use crate::diagnostic::Telling;
use crate::rules;
use crate::secrets::Secrets;
use crate::visible::{on_one_line, visible};
use crate::well_known::quoted;

/// How many further places of one difference are named.
const PLACES: usize = 20;
/// Seconds after which systemd kills supervisord (Debian's supervisor.service leaves systemd's default).
const SUPERVISORS: u64 = 90;
/// How many names stand before a sentence that does not hold for all.
const NAMES: usize = 8;

/// What is done with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// They are written.
    Write,
    /// They are compared, and the difference is shown.
    Diff,
    /// They are compared.
    Check,
}

/// What has become of a plan.
#[derive(Debug)]
pub struct Ending<'a> {
    /// Where the files go; none is standard output.
    pub directory: Option<&'a str>,
    /// What was to be done with them.
    pub deed: Deed,
    /// The files beside what was in the directory.
    pub seen: &'a Seen<'a>,
    /// Whether what is stale is removed.
    pub prune: bool,
    /// Why nothing may be written.
    pub blocked: Option<&'a str>,
    /// Whether secrets are shown.
    pub show_secrets: bool,
    /// What they are.
    pub secrets: &'a Secrets<'a>,
}

/// Writes the files, each under a line with its path; on a terminal as they can be shown there.
///
/// # Errors
/// When `out` cannot be written.
pub fn files(plan: &Plan<'_>, show_secrets: bool, terminal: bool, out: &mut dyn Write) -> io::Result<()> {
    for (number, file) in plan.files.iter().enumerate() {
        let blank = if number == 0 { "" } else { "\n" };
        let hidden = "# secrets, mode 0600: --out writes them, --show-secrets shows them\n";
        writeln!(out, "{blank}# ==> {} <==", file.path)?;
        for part in file.shown(show_secrets).map_or_else(|| vec![hidden], |text| text.parts().collect()) {
            out.write_all(if terminal { visible(part) } else { part.into() }.as_bytes())?;
        }
    }
    Ok(())
}

/// Writes what cannot run, what differs and what is lost, worst first; then what holds for all, the limits of open files, and
/// what stays. `path`: the file that was converted, as it was named.
///
/// # Errors
/// When `err` cannot be written.
pub fn report(plan: &Plan<'_>, path: &str, secrets: &Secrets<'_>, style: Style, err: &mut dyn Write) -> io::Result<()> {
    let mut printer = human::Printer::new(style);
    let mut masker = Masker::new(secrets.sources(), [secrets], Frames::All);
    // By a rule of the linter the converter says nothing else.
    let of_linter = |same: &Vec<Loss<'_>>| same.iter().any(|loss| !rules::is_of_conversions(loss.sentence.rule));
    let (unrunnable, lost): (Vec<_>, Vec<_>) = gathered(plan, Grade::Lost).into_iter().partition(of_linter);
    match unrunnable.iter().map(Vec::len).sum() {
        0_usize => {}
        1 => writeln!(err, "1 error: the program cannot run as written; supconv lint {}\n", quoted(path))?,
        count => writeln!(err, "{count} errors: the programs cannot run as written; supconv lint {}\n", quoted(path))?,
    }
    for same in &unrunnable {
        tell(same, "lost", (&mut printer, &mut masker), err)?;
    }
    for error in &plan.errors {
        printer.print(&masker.finding(error), err)?;
    }
    for same in &lost {
        tell(same, "lost", (&mut printer, &mut masker), err)?;
    }
    for same in gathered(plan, Grade::Approximate) {
        tell(&same, "differs", (&mut printer, &mut masker), err)?;
    }
    once(plan, secrets, style, err)?;
    open_files(plan, err)?;
    shutdown(plan, err)?;
    if !plan.stays.is_empty() {
        let stays: Vec<String> = plan.stays.iter().map(|name| on_one_line(name).into_owned()).collect();
        writeln!(err, "Stays with supervisord (--only): {}\n", stays.join(", "))?;
    }
    Ok(())
}

/// Writes one sentence with all its places.
fn tell<'s>(
    same: &[Loss<'s>],
    word: &str,
    (printer, masker): (&mut human::Printer, &mut Masker<'s>),
    err: &mut dyn Write,
) -> io::Result<()> {
    let Some((first, others)) = same.split_first() else { return Ok(()) };
    let mut diagnostic = first.diagnostic();
    for other in others.iter().take(PLACES) {
        diagnostic = diagnostic.label(other.place, format!("the same in [{}]", other.section));
    }
    if let Some(more) = others.len().checked_sub(PLACES).filter(|more| *more > 0) {
        diagnostic = diagnostic.help(format!("the same in {more} more sections"));
    }
    let finding = masker.finding(&diagnostic);
    printer.print_as(&finding, word, &finding.message, err)
}

/// What the file itself loses, or has otherwise; a sentence with all its sections, in the order of its first places.
fn gathered<'a>(plan: &Plan<'a>, grade: Grade) -> Vec<Vec<Loss<'a>>> {
    let mut found: Vec<Vec<Loss<'a>>> = Vec::new();
    let mut known = vec![usize::MAX; plan.losses.sentences()];
    let own = |loss: &Loss<'_>| loss.sentence.telling == Telling::Own && loss.sentence.grade == grade;
    for loss in plan.losses.iter().filter(own) {
        let Some(at) = known.get_mut(loss.number) else { continue };
        if let Some(same) = found.get_mut(*at) {
            same.push(loss);
        } else {
            *at = found.len();
            found.push(vec![loss]);
        }
    }
    found
}

/// What holds for all, then what holds for some, with their names. On a terminal what holds for all is one line: it is the
/// same at each conversion.
fn once(plan: &Plan<'_>, secrets: &Secrets<'_>, style: Style, err: &mut dyn Write) -> io::Result<()> {
    // Of each sentence, whatever its option is, the sections that it is said of, by number.
    let mut sentences: Vec<(&str, Vec<Option<&str>>)> = Vec::new();
    let mut known = vec![usize::MAX; plan.losses.sentences()];
    for loss in plan.losses.iter().filter(|loss| loss.sentence.telling == Telling::Once) {
        let Some(at) = known.get_mut(loss.number) else { continue };
        if *at == usize::MAX {
            let message = loss.sentence.message;
            *at = sentences.iter().position(|(sentence, _)| *sentence == message).unwrap_or(sentences.len());
            if *at == sentences.len() {
                sentences.push((message, vec![None; plan.losses.sections()]));
            }
        }
        let sections = sentences.get_mut(*at).and_then(|(_, sections)| sections.get_mut(loss.section_number));
        if let Some(section) = sections {
            *section = Some(loss.section);
        }
    }
    let common = |sections: &[Option<&str>]| {
        sections.iter().flatten().any(|section| !section.contains(':'))
            || (!plan.units.is_empty()
                && plan.sections().all(|number| sections.get(number).is_some_and(Option::is_some)))
    };
    let (all, some): (Vec<_>, Vec<_>) = sentences.into_iter().partition(|(_, sections)| common(sections));
    if all.is_empty() && some.is_empty() {
        return Ok(());
    }
    let width = if style.terminal { style.width } else { usize::MAX };
    let item = |text: &str| folded(&secrets.mask(text), 4, 4, width);
    if style.terminal && !style.all && all.len() > 1 {
        writeln!(err, "All {} differ from Supervisor in {} ways (--all lists them).", plan.runners, all.len())?;
    } else {
        writeln!(err, "All {} differ from Supervisor in this:", plan.runners)?;
        for (sentence, _) in &all {
            writeln!(err, "  - {}", item(sentence))?;
        }
    }
    writeln!(err)?;
    if some.is_empty() {
        return Ok(());
    }
    writeln!(err, "Some {} differ in this:", plan.runners)?;
    for (sentence, sections) in some {
        let mut sections: Vec<&str> = sections.into_iter().flatten().collect();
        sections.sort_unstable();
        let name =
            |section: &&str| on_one_line(section.split_once(':').map_or(*section, |(_, name)| name)).into_owned();
        let names = some_of(sections.iter().map(name).collect());
        writeln!(err, "  - {}", item(&format!("{names}: {sentence}")))?;
    }
    writeln!(err)
}

/// Names, no more than one can read.
fn some_of(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    let list = names.join(", ");
    if more > 0 { format!("{list}, {more} more") } else { list }
}

/// The limit of open files that each gets.
fn open_files(plan: &Plan<'_>, err: &mut dyn Write) -> io::Result<()> {
    let Some(limit) = &plan.open_files else { return Ok(()) };
    let names = match plan.units.as_slice() {
        [] => return Ok(()),
        [(_, file)] => plan.files.get(*file).map_or_else(String::new, |file| file.path.clone()),
        all => format!("all {} {}", all.len(), plan.runners),
    };
    writeln!(err, "Open files (soft:hard):\n  {names}: {limit}\n")
}

/// How long a shutdown can wait, where that is longer than supervisord itself was waited for.
fn shutdown(plan: &Plan<'_>, err: &mut dyn Write) -> io::Result<()> {
    let Some(Shutdown { seconds, longest }) = &plan.shutdown else { return Ok(()) };
    if seconds.is_some_and(|seconds| seconds <= SUPERVISORS) {
        return Ok(());
    }
    let time = |seconds: u64| if seconds == u64::MAX { "no limit".to_owned() } else { format!("{seconds} s") };
    let names = longest.iter().map(|(called, seconds)| format!("{} {}", on_one_line(called), time(*seconds))).collect();
    let most = seconds.map_or_else(|| "without a limit".to_owned(), |seconds| format!("up to {seconds} s"));
    writeln!(err, "A shutdown can wait {most} for these {}: {}.", plan.runners, some_of(names))?;
    writeln!(err, "  supervisord as a whole was killed after {SUPERVISORS} s, systemd's default.\n")
}

/// What was done with the files, the next commands, and the last line.
///
/// # Errors
/// When `out` or `err` cannot be written.
pub fn end(plan: &Plan<'_>, ending: &Ending<'_>, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    let Ending { directory, deed, seen, prune, blocked, show_secrets, secrets } = *ending;
    let next = |out: &mut dyn Write| out.write_all(visible(&plan.handover.next(plan, directory)).as_bytes());
    if deed == Deed::Write {
        err.write_all(visible(&plan.handover.instead(plan)).as_bytes())?;
    }
    if directory.is_none() {
        match blocked {
            None => next(err)?,
            Some(why) => writeln!(err, "--out would write nothing: {why}")?,
        }
        return count(plan, err);
    }
    let written = blocked.is_none() && deed == Deed::Write;
    let check = deed == Deed::Check;
    if written || check {
        for file in seen.files.iter().filter(|file| check || file.state != FileState::Unchanged) {
            let would = if check && file.state == FileState::Created { "would be " } else { "" };
            writeln!(err, "{}: {would}{}", on_one_line(&file.file.path), file.state.name())?;
        }
        for stale in &seen.stale {
            let state = if prune { "removed" } else { "stale" };
            writeln!(err, "{}: {state}", visible(&stale.name))?;
        }
    }
    if deed == Deed::Diff {
        out.write_all(visible(&disk::diff(seen, (!show_secrets).then_some(secrets), prune)).as_bytes())?;
    }
    if let Some(why) = blocked {
        writeln!(err, "nothing {}: {why}", if deed == Deed::Write { "was written" } else { "would be written" })?;
    }
    let stale: Vec<&str> = seen.stale.iter().map(|stale| stale.name.as_str()).collect();
    if !stale.is_empty() && blocked.is_none() {
        let and = if prune { "" } else { "; --prune removes them" };
        writeln!(err, "stale files are of an earlier conversion of the same file: {}{and}", stale.len())?;
        err.write_all(visible(&plan.handover.retire(&stale)).as_bytes())?;
    }
    let differ = seen.files.iter().filter(|file| file.state == FileState::Differs).count();
    if differ > 0 && written {
        writeln!(
            err,
            "{differ} of the files differ and were not overwritten: --diff shows how, --force overwrites them"
        )?;
    }
    // What was left is not what would be installed.
    if written && differ == 0 {
        next(out)?;
    }
    count(plan, if deed == Deed::Write { out } else { err })
}

/// The line that counts.
fn count(plan: &Plan<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Tally { exact, approximate, lost } = plan.tally;
    writeln!(out, "{exact} settings exact, {approximate} approximate, {lost} lost")
}

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
        errors: plan.errors.iter().map(|error| masker.finding(error)).collect(),
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
            let finding = masker.finding(&loss.diagnostic());
            losses.serialize_element(&Graded { finding, grade: loss.sentence.grade })?;
        }
        losses.end()
    }
}
