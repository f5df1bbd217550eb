//! What an operator has to know of a plan before anything is installed, in as many lines as one reads: what is lost, and what
//! they have to decide. Small differences are counted.

use std::io::{self, Write};

use super::{Extent, gathered, is_of_linter, name, open_files, shutdown, some_of, stays, totals, unrunnable};
use crate::convert::{Grade, Loss, Plan, announce};
use crate::diagnostic::Telling;
use crate::hash::{HashMap, HashSet};
use crate::report::screen::{folded, plural};
use crate::report::{Finding, Frames, Masker, Style, human};
use crate::secrets::Secrets;
use crate::visible::on_one_line;

/// How many sentences that differ only in a name are written in full.
const ALIKE: usize = 3;

/// Writes it.
pub(super) fn report(
    plan: &Plan<'_>,
    path: &str,
    secrets: &Secrets<'_>,
    (style, extent): (Style, Extent),
    err: &mut dyn Write,
) -> io::Result<()> {
    if extent == Extent::Short {
        totals(plan, err)?;
    }
    let mut masker = Masker::new(secrets.sources(), [secrets], Frames::None);
    let mut printer = human::Printer::new(style);
    for error in &plan.errors {
        printer.print(&masker.finding(error, None), err)?;
    }
    if extent == Extent::Errors {
        return Ok(());
    }
    let mut lines = Lines { plan, masker, width: if style.terminal { style.width } else { usize::MAX } };
    lines.lost(path, err)?;
    if extent == Extent::Lost {
        return Ok(());
    }
    lines.decide(err)?;
    open_files(plan, err)?;
    small(plan, err)?;
    stays(plan, err)
}

/// Whether the operator has to decide something, or to look at the machine.
fn is_open(loss: &Loss<'_>) -> bool {
    loss.sentence.grade == Grade::Approximate && loss.sentence.rule.code == announce::DEPENDS_ON_MACHINE.code
}

/// A sentence that is said of two options is one, with all its sections.
fn told_once(open: Vec<Vec<Loss<'_>>>) -> Vec<Vec<Loss<'_>>> {
    let mut told: Vec<Vec<Loss<'_>>> = Vec::with_capacity(open.len());
    let mut known: HashMap<&str, usize> = HashMap::default();
    for same in open {
        let Some(message) = same.first().map(|loss| loss.sentence.message) else { continue };
        let at = *known.entry(message).or_insert(told.len());
        match told.get_mut(at) {
            Some(earlier) => earlier.extend(same),
            None => told.push(same),
        }
    }
    told
}

/// Lines of one sentence each.
struct Lines<'p, 'a> {
    plan: &'p Plan<'a>,
    masker: Masker<'a>,
    width: usize,
}

impl<'a> Lines<'_, 'a> {
    /// What is lost, the programs that cannot run first.
    fn lost(&mut self, path: &str, err: &mut dyn Write) -> io::Result<()> {
        let own = |loss: &Loss<'_>| loss.sentence.telling == Telling::Own && loss.sentence.grade == Grade::Lost;
        let (unable, lost): (Vec<_>, Vec<_>) =
            gathered(self.plan, own).into_iter().partition(|same| is_of_linter(same));
        if let Some(line) = unrunnable(unable.iter().map(Vec::len).sum(), path) {
            writeln!(err, "{line}\n")?;
        }
        if unable.is_empty() && lost.is_empty() {
            return Ok(());
        }
        writeln!(err, "LOST")?;
        for same in unable.iter().chain(&lost) {
            let option = same.first().map_or("", |loss| loss.sentence.key.name);
            self.line(same, &format!(" {option}="), err)?;
        }
        writeln!(err)
    }

    /// What the operator has to decide, of the whole plan first.
    fn decide(&mut self, err: &mut dyn Write) -> io::Result<()> {
        let (open, shutdown) = (told_once(gathered(self.plan, is_open)), shutdown::sentence(self.plan));
        if open.is_empty() && shutdown.is_none() {
            return Ok(());
        }
        writeln!(err, "DECIDE")?;
        if let Some(sentence) = shutdown {
            writeln!(err, "  {}", folded(&sentence, 2, 4, self.width))?;
        }
        let mut kinds: Vec<(String, Vec<Vec<Loss<'a>>>)> = Vec::new();
        for same in open {
            let kind = same.first().map(kind).unwrap_or_default();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, alike)) => alike.push(same),
                None => kinds.push((kind, vec![same])),
            }
        }
        for (_, alike) in kinds {
            let shown = if alike.len() > ALIKE { 1 } else { alike.len() };
            let (first, others) = alike.split_at_checked(shown).unwrap_or((&alike, &[]));
            for same in first {
                self.line(same, "", err)?;
            }
            if !others.is_empty() {
                let names = self.names(&others.concat());
                writeln!(err, "    {}", folded(&format!("the same kind: {names} (--details)"), 4, 4, self.width))?;
            }
        }
        writeln!(err)
    }

    /// A sentence: where it is said first, of which programs, and what it says.
    fn line(&mut self, same: &[Loss<'a>], option: &str, err: &mut dyn Write) -> io::Result<()> {
        let Some(first) = same.first() else { return Ok(()) };
        let names = self.names(same);
        let Finding { path, start, message, .. } = self.masker.finding(&first.diagnostic(), None);
        let line = format!("{}:{}: {names}{option}: {}", on_one_line(&path), start.line, on_one_line(&message));
        writeln!(err, "  {}", folded(&line, 2, 4, self.width))
    }

    /// The programs that a sentence is said of.
    fn names(&mut self, same: &[Loss<'a>]) -> String {
        let sections: HashSet<usize> = same.iter().map(|loss| loss.section_number).collect();
        if sections.len() > 1 && self.plan.sections().all(|number| sections.contains(&number)) {
            return format!("all {}", self.plan.runners);
        }
        let masked = |loss: &Loss<'a>| self.masker.finding(&loss.diagnostic(), None).section;
        let mut named: Vec<String> = same.iter().filter_map(masked).map(|section| name(&section)).collect();
        let mut known = HashSet::default();
        named.retain(|name| known.insert(name.clone()));
        some_of(named)
    }
}

/// What sentences have in common that differ only in a name: the option, and the words at the end.
fn kind(loss: &Loss<'_>) -> String {
    let end: Vec<&str> = loss.sentence.message.rsplitn(4, ' ').take(3).collect();
    format!("{} {end:?}", loss.sentence.key.name)
}

/// How many differences are of no consequence for most, and where they are listed.
fn small(plan: &Plan<'_>, err: &mut dyn Write) -> io::Result<()> {
    let small = |loss: &Loss<'_>| loss.sentence.grade == Grade::Approximate && !is_open(loss);
    let sentences: HashSet<&str> = plan.losses.iter().filter(small).map(|loss| loss.sentence.message).collect();
    if sentences.is_empty() {
        return Ok(());
    }
    writeln!(err, "{}: --details, docs/differences.md\n", plural(sentences.len(), "small difference"))
}
