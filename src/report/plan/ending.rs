//! What was done with the files of a plan, or would be, and what comes next.

use std::io::{self, Write};

use super::some_of;
use crate::convert::Plan;
use crate::convert::disk::{self, FileState, Seen};
use crate::report::screen::plural;
use crate::secrets::Secrets;
use crate::visible::{on_one_line, visible};

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
    /// Whether only what went wrong is told.
    pub quiet: bool,
}

/// What was done with the files, and the next commands.
///
/// # Errors
/// When `out` or `err` cannot be written.
pub fn end(plan: &Plan<'_>, ending: &Ending<'_>, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    let Ending { directory, deed, seen, prune, blocked, show_secrets, secrets, quiet } = *ending;
    match (directory, deed) {
        (None, _) => match blocked {
            Some(why) => writeln!(err, "--out would write nothing: {why}"),
            None if quiet => Ok(()),
            None => err.write_all(visible(&plan.handover.next(plan, None)).as_bytes()),
        },
        (Some(_), Deed::Check) => {
            for file in seen.files.iter().filter(|file| file.state != FileState::Unchanged) {
                let would = if file.state == FileState::Created { "would be " } else { "" };
                writeln!(err, "{}: {would}{}", on_one_line(&file.file.path), file.state.name())?;
            }
            for stale in &seen.stale {
                writeln!(err, "{}: stale", visible(&stale.name))?;
            }
            blocked.map_or(Ok(()), |why| writeln!(err, "nothing would be written: {why}"))
        }
        (Some(_), Deed::Diff) => {
            let diff = disk::diff(seen, (!show_secrets).then_some(secrets), prune);
            out.write_all(visible(&diff).as_bytes())?;
            blocked.map_or(Ok(()), |why| writeln!(err, "nothing would be written: {why}"))
        }
        (Some(directory), Deed::Write) => match blocked {
            Some(why) => writeln!(err, "nothing was written: {why}"),
            None => written(plan, ending, directory, out, err),
        },
    }
}

/// What was written, what was not, and what comes next.
fn written(
    plan: &Plan<'_>,
    ending: &Ending<'_>,
    directory: &str,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<()> {
    let Ending { seen, prune, quiet, .. } = *ending;
    let of = |state: FileState| -> Vec<String> {
        let files = seen.files.iter().filter(|file| file.state == state);
        files.map(|file| on_one_line(&file.file.path).into_owned()).collect()
    };
    let place = on_one_line(directory);
    let place = place.trim_end_matches('/');
    let (created, overwritten, differ) = (of(FileState::Created), of(FileState::Overwritten), of(FileState::Differs));
    if !quiet {
        if !created.is_empty() {
            writeln!(err, "created {} in {place}/", plural(created.len(), "file"))?;
        }
        if !overwritten.is_empty() {
            let count = plural(overwritten.len(), "file");
            writeln!(err, "overwritten {count} in {place}/: {}", some_of(overwritten))?;
        }
    }
    for file in &differ {
        writeln!(err, "{file}: differs")?;
    }
    for stale in &seen.stale {
        writeln!(err, "{}: {}", visible(&stale.name), if prune { "removed" } else { "stale" })?;
    }
    let stale: Vec<&str> = seen.stale.iter().map(|stale| stale.name.as_str()).collect();
    if !stale.is_empty() {
        let and = if prune { "" } else { "; --prune removes them" };
        writeln!(err, "stale files are of an earlier conversion of the same file: {}{and}", stale.len())?;
        err.write_all(visible(&plan.handover.retire(&stale)).as_bytes())?;
    }
    // What was left is not what would be installed.
    if !differ.is_empty() {
        let count = differ.len();
        return writeln!(
            err,
            "{count} of the files differ and were not overwritten: --diff shows how, --force overwrites them"
        );
    }
    if quiet { Ok(()) } else { out.write_all(visible(&plan.handover.next(plan, Some(directory))).as_bytes()) }
}
