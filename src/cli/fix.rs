//! `supconv lint --fix` and `--diff`: what is mended is written, or shown.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::lint::{Printing, say_unread};
use super::{Failure, Outcome};
use crate::files;
use crate::fix::{Applicability, Unmended};
use crate::lint::adopting;
use crate::lint::mending::{self, Endless, Mended, Rewritten};
use crate::python::filename;
use crate::reading::Texts;
use crate::replace;
use crate::report::Report;
use crate::rules::MOST_BYTES;
use crate::unified;
use crate::visible::on_one_line;

/// What is to be done with fixes.
pub(super) enum Mends {
    /// They are applied.
    Fix {
        /// Up to these.
        most: Applicability,
        /// Where what comes out goes.
        into: Into,
    },
    /// None: findings are ignored by comments.
    Ignore {
        /// What each comment says behind its rules.
        reason: String,
    },
}

/// Where what comes out goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    /// Into the files.
    Files,
    /// To standard output, since it came from standard input.
    Output,
    /// Nowhere; the difference is printed.
    Diff,
}

impl From<Endless> for Failure {
    fn from(Endless: Endless) -> Self {
        let message = "internal error: fixes come to no end; nothing is written (please report it with the file)";
        Self::Message(message.to_owned())
    }
}

/// Mends what `lint` reports.
///
/// # Errors
/// When the run cannot be made or its output cannot be written.
pub(super) fn run(
    mends: &Mends,
    printing: &Printing<'_>,
    texts: &mut Texts,
    lint: &mut dyn FnMut(&Texts) -> Result<Report, Failure>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Outcome, Failure> {
    let (Mended { report, files }, into, done) = match mends {
        Mends::Fix { most, into } => (mending::mend(texts, *most, |texts| lint(texts))?, *into, "fixed"),
        Mends::Ignore { reason } => (adopting::adopt(texts, reason, |texts| lint(texts))?, Into::Files, "written"),
    };
    if matches!(mends, Mends::Fix { .. }) && !printing.is_quiet() {
        for (path, why) in &report.unmended {
            let why = match why {
                Unmended::TooLarge => {
                    format!(
                        "it has more than {} KB with its includes, so what is left in it is not fixed",
                        MOST_BYTES >> 10
                    )
                }
                Unmended::TooLong => "some fixes in it would take too long to try, so they are not made".to_owned(),
            };
            writeln!(err, "supconv: {}: {why}", on_one_line(path))?;
        }
    }
    match into {
        Into::Diff => {
            for Rewritten { path, file, before, after, fixes: _ } in &files {
                out.write_all(&unified::of_file(&patched(path, file), before, after))?;
            }
            say_unread(&report, err)?;
            Ok(match (report.errors.is_empty(), files.is_empty()) {
                (false, _) => Outcome::Failed,
                (true, false) => Outcome::Findings,
                (true, true) => Outcome::Clean,
            })
        }
        Into::Output => {
            let text = texts.at("-").unwrap_or_default();
            out.write_all(&text)?;
            // The report goes where the text does not.
            let mut shown = Vec::new();
            let outcome = printing.print(&report, err, &mut shown)?;
            err.write_all(&shown)?;
            Ok(outcome)
        }
        Into::Files => {
            let failed = write(&files, done, err)?;
            if failed.is_empty() {
                return printing.print(&report, out, err);
            }
            // What could not be written has its findings still.
            for file in &failed {
                texts.set(file.file.clone(), file.before.to_vec());
            }
            let mut left = lint(texts)?;
            let lost: usize = failed.iter().map(|file| file.fixes).sum();
            left.fixed = report.fixed.map(|fixed| fixed.saturating_sub(lost));
            printing.print(&left, out, err)?;
            Ok(Outcome::Failed)
        }
    }
}

/// What patch calls a file: as reports do, but where it would refuse that, the file itself. It follows no link and no `..`.
fn patched<'f>(path: &'f str, file: &Path) -> Cow<'f, str> {
    let link = filename::encode(path).symlink_metadata().is_ok_and(|known| known.is_symlink());
    if path == "-" || !(link || path.split('/').any(|part| part == "..")) {
        return path.into();
    }
    let below = std::env::current_dir().ok().and_then(|cwd| file.strip_prefix(cwd).ok());
    filename::decode(below.unwrap_or(file).as_os_str()).into_owned().into()
}

/// Writes the files that change, each for itself, and says which could not be written; `done`: what happens to a file.
fn write<'f>(files: &'f [Rewritten], done: &str, err: &mut dyn Write) -> io::Result<Vec<&'f Rewritten>> {
    let mut failed = Vec::new();
    for file in files {
        if let Err(error) = write_one(file) {
            let reason = files::reason(&error.to_string()).to_owned();
            writeln!(err, "supconv: {}: not {done}: {reason}", on_one_line(&file.path))?;
            failed.push(file);
        }
    }
    Ok(failed)
}

fn write_one(file: &Rewritten) -> io::Result<()> {
    let Rewritten { path: _, file, before, after, fixes: _ } = file;
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if *fs::read(file)? != **before {
        return Err(io::Error::other("another program changed it during this run"));
    }
    replace::replace(&filename::decode(file.as_os_str()), |new| new.write_all(after))
}
