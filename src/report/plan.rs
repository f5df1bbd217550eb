//! A conversion's plan: its files for the terminal, what an operator has to know of it, or all of it as `supconv.plan/1`.
//!
//! People read first what is lost and what they have to decide; every difference at its line is what `--details` prints.

mod details;
mod document;
mod ending;
mod short;
mod shutdown;

use std::io::{self, Write};

use super::Style;
use crate::convert::{Loss, Plan};
use crate::rules;
use crate::secrets::Secrets;
use crate::visible::{on_one_line, visible};

pub use document::json;
pub use ending::{Deed, Ending, end};

/// How many names stand before a sentence that does not hold for all.
const NAMES: usize = 8;

/// How much of a plan is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What Supervisor refuses: the rest is not asked for.
    Errors,
    /// That, and what is lost.
    Lost,
    /// All that an operator has to know; small differences are counted.
    Short,
    /// Every difference, at its line.
    Details,
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

/// Writes what is to be known of a plan. `path`: the file that was converted, as it was named.
///
/// # Errors
/// When `err` cannot be written.
pub fn report(
    plan: &Plan<'_>,
    path: &str,
    secrets: &Secrets<'_>,
    (style, extent): (Style, Extent),
    err: &mut dyn Write,
) -> io::Result<()> {
    match extent {
        Extent::Details => details::report(plan, path, secrets, style, err),
        Extent::Errors | Extent::Lost | Extent::Short => short::report(plan, path, secrets, (style, extent), err),
    }
}

/// The losses that are asked for; a sentence with all its sections, in the order of its first places.
fn gathered<'a>(plan: &Plan<'a>, asked: impl Fn(&Loss<'a>) -> bool) -> Vec<Vec<Loss<'a>>> {
    let mut found: Vec<Vec<Loss<'a>>> = Vec::new();
    let mut known = vec![usize::MAX; plan.losses.sentences()];
    for loss in plan.losses.iter().filter(asked) {
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

/// Whether a sentence says why a program cannot run: by a rule of the linter the converter says nothing else.
fn is_of_linter(same: &[Loss<'_>]) -> bool {
    same.iter().any(|loss| !rules::is_of_conversions(loss.sentence.rule))
}

/// The line above the programs that cannot run.
fn unrunnable(count: usize, path: &str) -> Option<String> {
    let path = crate::well_known::quoted(path);
    match count {
        0 => None,
        1 => Some(format!("1 error: the program cannot run as written; supconv lint {path}")),
        count => Some(format!("{count} errors: the programs cannot run as written; supconv lint {path}")),
    }
}

/// Names, no more than one can read.
fn some_of(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    let list = names.join(", ");
    if more > 0 { format!("{list}, {more} more") } else { list }
}

/// What a section is about, in a word: `web` of `program:web`.
fn name(section: &str) -> String {
    on_one_line(section.split_once(':').map_or(section, |(_, name)| name)).into_owned()
}

/// The limit of open files that each gets.
fn open_files(plan: &Plan<'_>, err: &mut dyn Write) -> io::Result<()> {
    let Some(limit) = &plan.open_files else { return Ok(()) };
    let names = match plan.units.as_slice() {
        [] => return Ok(()),
        [(_, file)] => plan.files.get(*file).map_or_else(String::new, |file| file.path.clone()),
        all => format!("all {} {}", all.len(), plan.runners),
    };
    writeln!(err, "OPEN FILES (soft:hard)\n  {names}: {limit}\n")
}

/// What was not asked for.
fn stays(plan: &Plan<'_>, err: &mut dyn Write) -> io::Result<()> {
    if plan.stays.is_empty() {
        return Ok(());
    }
    let stays = plan.stays.iter().map(|name| on_one_line(name).into_owned()).collect();
    writeln!(err, "Stays with supervisord (--only): {}\n", some_of(stays))
}

/// The line that counts.
fn totals(plan: &Plan<'_>, err: &mut dyn Write) -> io::Result<()> {
    let crate::convert::Tally { exact, approximate, lost } = plan.tally;
    let settings = if exact == 1 { "setting" } else { "settings" };
    writeln!(err, "{exact} {settings} exact, {approximate} approximate, {lost} lost\n")
}
