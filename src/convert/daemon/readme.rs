//! What stands in the directory of a plan beside the programs: the README for whoever starts the daemon with it, and what the
//! lines of all files have in common.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::sh;
use crate::convert::rotation::{self, Rotation};
use crate::convert::{Grade, Losses, Moved, Plan, PlanFile};
use crate::secrets::Secrets;
use crate::visible::on_one_line;
use crate::well_known::quoted;

/// What the first line of the README names.
pub(crate) const ALL: &str = "all programs";

/// What the README is made of, beside the plan.
#[derive(Debug)]
pub(crate) struct Readme<'r> {
    /// The daemon, and the version that is meant.
    pub daemon: &'r str,
    pub version: &'r str,
    /// The file that was converted.
    pub source: &'r str,
    /// How the daemon is started; `DIR` is this directory.
    pub start: &'r str,
}

impl Readme<'_> {
    /// The file. `beside`: what has to be copied to `/`.
    pub fn file(&self, moved: &[Moved], beside: &[PlanFile], losses: &Losses<'_>, secrets: &Secrets<'_>) -> PlanFile {
        let Self { daemon, version, source, start } = self;
        let mut text = format!("# supconv: {ALL} of {}\n\nFor {daemon} {version}.\n\n## Start\n\n", plain(source));
        if !beside.is_empty() {
            text.push_str("First, as root: `cp -a -- DIR/etc /`\n\n");
        }
        text.push_str(start);
        text.push_str(
            "- The shell text before a command does what supervisord did: log files, umask, limits, user. Then it runs the program.\n",
        );
        text.push_str("\n## Programs\n\n");
        for Moved { called, unit } in moved {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "- {}: {}", plain(called), plain(unit));
        }
        let lost: Vec<_> = losses.iter().filter(|loss| loss.sentence.grade == Grade::Lost).collect();
        if !lost.is_empty() {
            text.push_str("\n## Lost\n\n");
        }
        for loss in lost {
            let line = format!("[{}] {}: {}", loss.section, loss.sentence.key.name, loss.sentence.message);
            let _ = writeln!(text, "- {}", plain(&secrets.mask(line)));
        }
        PlanFile { path: "README.md".to_owned(), mode: 0o644, text: text.into(), secret: false }
    }
}

/// What is printed of the next steps: the README has them.
#[derive(Debug)]
pub(crate) struct Handover;

impl crate::convert::Handover for Handover {
    fn next(&self, plan: &Plan<'_>, directory: Option<&str>) -> String {
        match directory {
            _ if plan.moved.is_empty() => String::new(),
            Some(directory) => {
                let readme = quoted(&[directory.trim_end_matches('/'), "/README.md"].concat());
                format!("NEXT\n  less {readme}     # how the daemon is started with these files\n")
            }
            None => "NEXT\n  --out DIR writes the files; DIR/README.md says how the daemon is started with them\n"
                .to_owned(),
        }
    }
}

/// Lines of a header as comments.
pub(crate) fn comments(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |text, line| text + "# " + &plain(line) + "\n")
}

/// A text on one line, without what a screen does not show.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    on_one_line(text)
}

/// A command as one line of POSIX shell.
pub(crate) fn line(words: &[String]) -> String {
    let quoted = words.iter().filter_map(|word| sh::quoted(word));
    quoted.collect::<Vec<_>>().join(" ")
}

/// What rotates the log files of a program; logrotate passes over a file that is named twice.
pub(crate) fn rotation(
    stem: &str,
    header: &str,
    rotations: &[Rotation<'_>],
    mut fresh: impl FnMut(&str) -> bool,
) -> Option<PlanFile> {
    let own: Vec<Rotation<'_>> = rotations.iter().filter(|rotation| fresh(rotation.path())).cloned().collect();
    (!own.is_empty()).then(|| rotation::file(stem, header, &own))
}
