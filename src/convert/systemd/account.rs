//! What is different where the user manager of an account runs the units: it cannot become anybody else, no file of root's is
//! written, and the account opens the log files itself (facts 16).

use super::draft::{Draft, NoUnit};
use super::escape::User;
use super::manager::{self, RunsAs};
use super::tmpfiles;
use crate::convert::announce;
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{Destination, Effective};
use crate::diagnostic::Rule;
use crate::files::Size;
use crate::keys::{Key, process as p, program as k, supervisord as s};
use crate::model::value::Text;
use crate::python;
use crate::python::integer::Integer;

/// Seconds after which a user manager that stops is killed with all that it runs (`TimeoutStopSec=` of user@.service, 252 and 257).
const LAST: u64 = 120;

/// Whether the manager can run the program: only as the account, so there is never a `User=` (216 on 252; facts 16.1).
pub(super) fn user(draft: &mut Draft<'_, '_>) -> Result<(), NoUnit> {
    let setting = &draft.job.user;
    // That of supervisord counts then: it is said once a plan.
    let Some(user) = setting.value else { return Ok(()) };
    let reason = match draft.runs_as {
        _ if manager::read(user) == Ok(User::Root) => {
            "a user manager cannot run it as root: convert it without --user.".to_owned()
        }
        RunsAs::Account(account) if account == user => return Ok(()),
        RunsAs::Account(account) => format!("the user manager of {account} cannot run it as {user}."),
        RunsAs::Each | RunsAs::Whoever | RunsAs::Several => {
            "a user manager cannot change user: give --user=NAME for the account whose manager it is.".to_owned()
        }
    };
    Err(draft.without_unit(setting, reason))
}

/// A log file, which the account opens, and root's supervisord has opened so far.
pub(super) fn log_file<'a>(draft: &mut Draft<'_, 'a>, destination: &Effective<'a, Destination<'a>>, path: &str) {
    let directory = python::dirname(path);
    let home = draft.runs_as.account().map_or_else(|| "/home/".to_owned(), |account| format!("/home/{account}/"));
    if tmpfiles::is_volatile(directory) {
        let message = format_args!(
            "{directory} is gone after a boot, and then the unit fails with 209: let root's tmpfiles.d make it for the account."
        );
        draft.approximate(&announce::DEPENDS_ON_MACHINE, destination, message);
    } else if !path.starts_with(&home) && !matches!(directory, "/tmp" | "/var/tmp" | "/dev/shm") {
        let message =
            format_args!("the account opens {path} itself: if it may not write there, the unit fails with 209.");
        draft.approximate(&announce::DEPENDS_ON_MACHINE, destination, message);
    }
    if draft.job.supervisors_user.is_none_or(|user| Some(user) != draft.runs_as.account()) {
        let message = "log files that supervisord made belong to its own user: give them to the account, or the unit fails with 209.";
        draft.ledger.constant(&announce::DEPENDS_ON_MACHINE, draft.job.section, destination.key, message);
    }
}

/// `*_maxbytes` and `*_backups` of a file: logrotate is root's, and supervisord has rotated it so far.
pub(super) fn rotation<'a>(
    draft: &mut Draft<'_, 'a>,
    maxbytes: &Effective<'a, &'a Integer>,
    backups: &Effective<'a, &'a Integer>,
    path: &str,
) {
    if maxbytes.written {
        let size =
            Size::of(maxbytes.value).map_or_else(|| format!("{} bytes", maxbytes.value), |size| size.to_string());
        let message =
            format_args!("nothing rotates {path} at {size}: set up logrotate for it, as root or as the account.");
        let remark = draft.lost(maxbytes, message);
        draft.service.remarks.push(remark);
    } else {
        let message = "nothing rotates the log files, as supervisord did by default: set up logrotate, as root or as the account.";
        draft.differs(&announce::DEPENDS_ON_MACHINE, maxbytes, message);
    }
    if backups.written {
        let remark = draft.lost(backups, "nothing rotates the log file, so no old ones are kept.");
        draft.service.remarks.push(remark);
    }
}

/// `socket_owner=`: a socket is its account's.
pub(super) fn socket_owner<'a>(draft: &mut Draft<'_, 'a>, owner: &Effective<'a, &'a Option<Text<'a>>>) {
    let Some(text) = owner.value.as_deref() else { return };
    let (user, group) = text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    let account = draft.runs_as.account();
    if Some(user) != account || group.is_some_and(|group| Some(group) != account) {
        let message = "a user manager cannot give the socket away: it belongs to the account and its group.";
        let remark = draft.lost(owner, message);
        draft.service.remarks.push(remark);
    }
}

/// Whether a sentence holds, its rule, its option, and the sentence.
type Conditional = (bool, &'static Rule, &'static Key, &'static str);

/// What the sentences of a section depend on.
pub(super) struct Seen {
    /// Its units have limits.
    pub limits: bool,
    /// Units are named that all start after.
    pub after: bool,
    /// How long the stop of all units can take, in seconds; none: without end.
    pub stop: Option<u64>,
}

/// What differs for every unit of a user manager, beside what differs for every unit.
pub(super) fn sentences(&Seen { limits, after, stop }: &Seen) -> [Conditional; 7] {
    let (run, variables) = (&announce::EXECUTION, &announce::ENVIRONMENT);
    [
        (true, run, &p::COMMAND, "each program runs in its own session, and its parent is the user manager."),
        (
            true,
            run,
            &p::COMMAND,
            "oom_score_adj is 100 or 200 instead of 0: when memory runs out, the kernel kills the programs earlier.",
        ),
        (
            true,
            variables,
            &p::ENVIRONMENT,
            "variables that supervisord inherited are not passed on; the user manager passes on its own.",
        ),
        (true, variables, &p::ENVIRONMENT, "XDG_RUNTIME_DIR, MANAGERPID and often DBUS_SESSION_BUS_ADDRESS are added."),
        (
            limits,
            &announce::OPEN_FILES,
            &s::MINFDS,
            "a limit above the user manager's own hard limit (524288 files by default) is lowered silently.",
        ),
        (
            after,
            &announce::DEPENDS_ON_MACHINE,
            &p::COMMAND,
            "--after names units of the same account: a user manager does not wait for units of the system.",
        ),
        (
            stop.is_none_or(|seconds| seconds > LAST),
            &announce::DEPENDS_ON_MACHINE,
            &k::STOPWAITSECS,
            "at a shutdown the user manager and its programs are killed after 120 s: see TimeoutStopSec= of user@.service.",
        ),
    ]
}
