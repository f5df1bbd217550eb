//! Every difference of a plan, each at its line, worst first; then what holds for all.

use std::io::{self, Write};

use super::{gathered, is_of_linter, name, open_files, shutdown, some_of, stays, totals, unrunnable};
use crate::convert::{Grade, Loss, Plan};
use crate::diagnostic::Telling;
use crate::report::screen::folded;
use crate::report::{Frames, Masker, Style, human};
use crate::secrets::Secrets;

/// How many further places of one difference are named.
const PLACES: usize = 20;

/// Writes what cannot run, what is lost and what differs; then what holds for all, the limits of open files, and what stays.
pub(super) fn report(
    plan: &Plan<'_>,
    path: &str,
    secrets: &Secrets<'_>,
    style: Style,
    err: &mut dyn Write,
) -> io::Result<()> {
    let mut printer = human::Printer::new(style);
    let mut masker = Masker::new(secrets.sources(), [secrets], Frames::All);
    let own = |grade| move |loss: &Loss<'_>| loss.sentence.telling == Telling::Own && loss.sentence.grade == grade;
    let (unable, lost): (Vec<_>, Vec<_>) =
        gathered(plan, own(Grade::Lost)).into_iter().partition(|same| is_of_linter(same));
    totals(plan, err)?;
    if let Some(line) = unrunnable(unable.iter().map(Vec::len).sum(), path) {
        writeln!(err, "{line}\n")?;
    }
    for same in &unable {
        tell(same, "lost", (&mut printer, &mut masker), err)?;
    }
    for error in &plan.errors {
        printer.print(&masker.finding(error, None), err)?;
    }
    for same in &lost {
        tell(same, "lost", (&mut printer, &mut masker), err)?;
    }
    for same in gathered(plan, own(Grade::Approximate)) {
        tell(&same, "differs", (&mut printer, &mut masker), err)?;
    }
    once(plan, secrets, style, err)?;
    open_files(plan, err)?;
    if let Some(sentence) = shutdown::sentence(plan) {
        let width = if style.terminal { style.width } else { usize::MAX };
        writeln!(err, "{}\n", folded(&sentence, 0, 2, width))?;
    }
    stays(plan, err)
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
    let finding = masker.finding(&diagnostic, None);
    printer.print_as(&finding, word, &finding.message, err)
}

/// What holds for all, then what holds for some, with their names.
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
    writeln!(err, "All {} differ from Supervisor in this:", plan.runners)?;
    for (sentence, _) in &all {
        writeln!(err, "  - {}", item(sentence))?;
    }
    writeln!(err)?;
    if some.is_empty() {
        return Ok(());
    }
    writeln!(err, "Some {} differ in this:", plan.runners)?;
    for (sentence, sections) in some {
        let mut sections: Vec<&str> = sections.into_iter().flatten().collect();
        sections.sort_unstable();
        let names = some_of(sections.into_iter().map(name).collect());
        writeln!(err, "  - {}", item(&format!("{names}: {sentence}")))?;
    }
    writeln!(err)
}
