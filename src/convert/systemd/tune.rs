//! `--tune`: what `src/apps` knows of a program, in its unit (facts 17). Each line has its reason above it, which the report says too;
//! what the file itself says is kept.

mod readiness;
mod stopping;

use super::draft::Draft;
use super::escape::{Comment, UnitValue};
use super::unit::Entry;
use super::{environment, limits};
use crate::apps::matching::{self, Ran};
use crate::apps::wrappers::Becomes;
use crate::apps::{App, Children, OpenFiles, Place};
use crate::convert::announce;
use crate::convert::command::background::words;
use crate::convert::program::Floor;
use crate::keys::Key;
use crate::model::signal::Signal;
use crate::python::integer::Integer;

/// How a program is stopped, where its application is known and the file does not say it.
#[derive(Debug, Default)]
pub(super) struct Tuned {
    /// By which signal.
    pub signal: Option<Signal>,
    /// How many seconds it is given.
    pub wait: Option<Integer>,
    /// Whether what it has started goes on without it.
    pub lives_on: bool,
    /// Exit codes of a clean end.
    pub clean: &'static [u8],
    /// What stands at the place of each line.
    pub reasons: Reasons,
    /// Whether anything is known that a unit can use.
    pub known: bool,
}

/// What stands above the lines of a stop.
#[derive(Debug, Default)]
pub(super) struct Reasons {
    pub success: Vec<Comment>,
    pub force: Vec<Comment>,
    pub signal: Vec<Comment>,
    pub mode: Vec<Comment>,
    pub wait: Vec<Comment>,
}

/// A program whose application is known.
struct Known<'w> {
    app: &'static App,
    /// What its command runs.
    ran: &'w Ran<'w>,
    /// The words of its command.
    argv: &'w [String],
    /// Whether the main process of the unit is the program itself.
    is_main: bool,
}

impl Known<'_> {
    /// Whether its command, and nothing else, sends it to the background.
    fn leaves(&self) -> bool {
        match self.app.place(&self.ran.words) {
            Place::Told { sign: _, write: _ } | Place::Starts(_) | Place::Untold { write: _, or: None } => true,
            Place::Foreground | Place::Untold { write: _, or: Some(_) } | Place::Configured { line: _ } => false,
        }
    }

    /// The value of a directive of its vendor's unit.
    fn directive(&self, name: &str) -> Option<&'static str> {
        let directives = self.app.unit.map_or(&[][..], |unit| unit.what.directives);
        directives.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// Writes what is no matter of its stop, and decides about that.
pub(super) fn write(draft: &mut Draft<'_, '_>) {
    if !draft.choices.tune || draft.cannot_run.is_some() {
        return;
    }
    let job = draft.job;
    let Ok(argv) = &job.command.value.argv else { return };
    let words = words(argv);
    let ran = matching::ran(&words);
    let Some(app) = ran.app else {
        say(draft, job.command.key, "nothing is added, because `supconv apps` does not list the program");
        return;
    };
    let known = Known { app, ran: &ran, argv, is_main: is_main(draft, app, &ran) };
    foreground(draft, &known);
    open_files(draft, &known);
    variables(draft, app);
    if known.is_main {
        readiness::write(draft, &known);
        runtime_directory(draft, &known);
        stopping::decide(draft, &known);
    }
    if !draft.tuned.known {
        let what = format_args!("nothing is added, because nothing that a unit can use is known of {}", app.name);
        say(draft, job.command.key, what);
    }
}

/// Says it, once a plan; the same stands in the unit.
fn say(draft: &mut Draft<'_, '_>, key: &'static Key, what: impl std::fmt::Display) -> Comment {
    let message = format!("--tune: {what}.");
    draft.tuned.known = true;
    draft.ledger.constant(&announce::TUNED, draft.job.section, key, &message);
    Comment::text(&message)
}

/// Whether systemd sees the program itself: it is the only one that a signal goes to, and that may say that it is ready.
fn is_main(draft: &mut Draft<'_, '_>, app: &App, ran: &Ran<'_>) -> bool {
    // As the leader of its session it cannot but start a process of its own (setsid(1), util-linux 2.38.1).
    let stays = ran.wrappers.iter().find(|wrapper| wrapper.becomes != Becomes::Replaced || wrapper.name == "setsid");
    let name = match stays {
        Some(wrapper) => wrapper.name,
        None if ran.wrappers.keep_signals() => "a shell",
        None => return app.children(&ran.words) != Some(Children::Wrapper),
    };
    let what = format_args!("readiness and stop stay as they are, because {name} starts {} and stays", app.name);
    let comment = say(draft, draft.job.command.key, what);
    draft.service.exec_start.comments.push(comment);
    false
}

/// What keeps it in the foreground is not written into its command, but said.
fn foreground(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let name = known.app.name;
    let what = match known.app.place(&known.ran.words) {
        Place::Foreground => return,
        Place::Told { sign, write: None } => {
            format!("the command stays as it is, but `{sign}` sends {name} into the background")
        }
        Place::Told { sign, write: Some(write) } => {
            format!("the command stays as it is, but `{sign}` sends {name} into the background: write `{write}`")
        }
        Place::Starts(_) => format!("the command stays as it is, but {name} ends, and what it starts goes on"),
        Place::Untold { write, or: None } => {
            format!("the command stays as it is, but {name} goes into the background: write `{write}`")
        }
        Place::Untold { write, or: Some(line) } => {
            format!(
                "the command stays as it is: without `{line}` {name} goes into the background, unless you write `{write}`"
            )
        }
        Place::Configured { line } => {
            format!("the command stays as it is: without `{line}` {name} goes into the background")
        }
    };
    let comment = say(draft, draft.job.command.key, what);
    draft.service.exec_start.comments.push(comment);
}

/// `LimitNOFILE=`. minfds is a minimum, so more is no less than the file says; `--nofile` is asked for by name.
fn open_files(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let Some(OpenFiles::Raises(number) | OpenFiles::Server(number) | OpenFiles::Usual(number)) =
        known.app.files.map(|said| said.what)
    else {
        return;
    };
    let (name, number, key) = (known.app.name, u64::from(number), draft.job.open_files.key);
    if let Some((soft, _)) = draft.choices.open_files {
        if soft < number {
            let what =
                format_args!("--nofile stays as it is given, although the unit of {name} has LimitNOFILE={number}");
            let comment = say(draft, key, what);
            draft.service.limit_nofile.comments.push(comment);
        }
        return;
    }
    let floor = match draft.job.open_files.value {
        // What is below 0 is below every limit; what is too large for a number is lost.
        Floor::Known(floor) if floor.is_negative() => 0,
        Floor::Known(floor) => floor.to_i64().map_or(u64::MAX, i64::unsigned_abs),
        Floor::Unknown(_) | Floor::Elsewhere => 0,
    };
    if number <= floor.max(limits::SOFT) {
        return;
    }
    let value = UnitValue::limits(number, number.max(limits::HARD));
    let what =
        format_args!("LimitNOFILE={}, because the unit of its vendor lets {name} open as many files", value.as_str());
    let comment = say(draft, key, what);
    draft.service.limit_nofile.comments.push(comment);
    draft.service.limit_nofile.value = Some(value);
}

/// `RuntimeDirectory=`, which an account's manager makes elsewhere.
fn runtime_directory(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let Some(directory) = known.directive("RuntimeDirectory").filter(|_| !draft.runs_as.is_user()) else { return };
    let (name, key) = (known.app.name, draft.job.command.key);
    if *draft.job.own.numprocs.value > Integer::from(1) {
        let what =
            format_args!("RuntimeDirectory= is left out, because each process of {name} removes it when it stops");
        let comment = say(draft, key, what);
        draft.service.runtime_directory.comments.push(comment);
        return;
    }
    let what = format_args!("RuntimeDirectory={directory}, so that /run/{directory} is there when {name} starts");
    let comment = say(draft, key, what);
    draft.service.runtime_directory = Entry { comments: vec![comment], value: Some(UnitValue::fixed(directory)) };
}

/// Supervisor's own variables, for who does not read them. What `environment=` sets is the file's.
fn variables(draft: &mut Draft<'_, '_>, app: &App) {
    let own = environment::identity(draft.job.group, draft.job.name.value);
    if own.is_none() || app.runs_others() {
        return;
    }
    let what = format_args!(
        "SUPERVISOR_ENABLED, SUPERVISOR_GROUP_NAME and SUPERVISOR_PROCESS_NAME are not set, because {} does not read them",
        app.name
    );
    let comment = say(draft, draft.job.environment.key, what);
    if let Some(entry) = draft.service.environment.iter_mut().find(|entry| entry.value == own) {
        *entry = Entry { comments: vec![comment], value: None };
    }
}
