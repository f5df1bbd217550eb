//! Where the output of a program goes, and what rotates it.

use super::draft::Draft;
use super::launcher::{Output, Stderr};
use crate::convert::announce;
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{self, Destination, Effective, Stream};
use crate::convert::rotation::Rotation;
use crate::files::Size;
use crate::python::filename;
use crate::python::integer::Integer;

/// Standard output, standard error, and whether a path among them has a secret.
pub(super) fn outputs<'d>(draft: &mut Draft<'d, '_>) -> (Output<'d>, Stderr<'d>, bool) {
    let job = draft.job;
    draft.exact(&job.own.redirect_stderr);
    let (stdout, mut is_secret) = stream(draft, &job.stdout, 1);
    let stderr = if let Some(own) = &job.stderr {
        let (output, secret) = stream(draft, own, 2);
        is_secret |= secret;
        Stderr::Own(output)
    } else {
        // Supervisor ignores them too.
        for key in program::IGNORED {
            draft.ledger.exact(job.section, key);
        }
        Stderr::Stdout
    };
    (stdout, stderr, is_secret)
}

/// One of them; `number`: its descriptor.
fn stream<'d, 'a>(draft: &mut Draft<'d, 'a>, stream: &'d Stream<'a>, number: u8) -> (Output<'d>, bool) {
    let Stream { destination, maxbytes, backups, syslog, capture, events } = stream;
    draft.exact(destination);
    let (output, is_secret) = output(draft, destination, number);
    draft.exact(syslog);
    if *syslog.value && destination.value != Destination::Syslog {
        draft.lost(syslog, "a program writes a stream to one place only, and nothing of it goes to syslog.");
    }
    rotation(draft, maxbytes, backups, output, destination);
    draft.exact(capture);
    if *capture.value > Integer::from(0) {
        draft.lost(capture, "no listener receives process communication events.");
    }
    draft.exact(events);
    if *events.value {
        draft.lost(events, "no listener receives process log events.");
    }
    (output, is_secret)
}

fn output<'d, 'a>(
    draft: &mut Draft<'d, 'a>,
    destination: &'d Effective<'a, Destination<'a>>,
    number: u8,
) -> (Output<'d>, bool) {
    let (rule, own) = (&announce::LOGS, draft.habits.own_output);
    match &destination.value {
        Destination::Auto => {
            let message = format_args!("output goes to {own} instead of a file in childlogdir.");
            draft.differs(rule, destination, message);
            (Output::Kept, false)
        }
        Destination::Nowhere => (Output::Nowhere, false),
        Destination::Supervisors(to) => {
            let output = match to {
                to if *to == number && draft.habits.hands_on_output => Output::Kept,
                1 => Output::ParentsStdout,
                _ => Output::ParentsStderr,
            };
            (output, false)
        }
        Destination::Syslog => {
            draft.lost(destination, format_args!("nothing of the output goes to syslog: it goes to {own}."));
            (Output::Kept, false)
        }
        Destination::File { path, joined } => file(draft, destination, path, *joined),
    }
}

fn file<'d, 'a>(
    draft: &mut Draft<'d, 'a>,
    destination: &Effective<'a, Destination<'a>>,
    path: &'d str,
    joined: bool,
) -> (Output<'d>, bool) {
    let own = draft.habits.own_output;
    let impossible = if !path.starts_with('/') {
        Some("the path is relative to where supervisord is started (give --cwd DIR)")
    } else if path.ends_with('/') {
        Some("the path is that of a directory")
    } else if path.contains('\0') || filename::has_bytes(path) {
        Some("the path has characters that cannot be written in TOML")
    } else {
        None
    };
    if let Some(reason) = impossible {
        draft.lost(destination, format_args!("{reason}; the output goes to {own}."));
        return (Output::Kept, false);
    }
    if joined {
        let message = format_args!("the path is relative to directory= of [supervisord]: {path}.");
        draft.approximate(&announce::LOGS, destination, message);
    }
    let written = draft.ledger.text(destination.section, destination.key);
    if written.is_some_and(|written| written.starts_with('~')) {
        let message = format_args!("~ is replaced with HOME as it is at conversion: {path}.");
        draft.approximate(&announce::ENVIRONMENT, destination, message);
    }
    if let Some(user) = draft.job.supervisors_user {
        let message = format_args!("a new log file belongs to root; Supervisor's log files belonged to {user}.");
        draft.ledger.constant(&announce::LOGS, draft.job.section, destination.key, message);
    }
    draft.files.push((path.to_owned(), destination.key));
    let is_secret = draft.has_secret(destination, path);
    (Output::File(path), is_secret)
}

/// `*_maxbytes` and `*_backups`: logrotate rotates what a program appends to.
fn rotation<'a>(
    draft: &mut Draft<'_, 'a>,
    maxbytes: &Effective<'a, &'a Integer>,
    backups: &Effective<'a, &'a Integer>,
    output: Output<'_>,
    destination: &Effective<'a, Destination<'a>>,
) {
    draft.exact(maxbytes);
    draft.exact(backups);
    match (output, &destination.value) {
        (Output::File(_), Destination::File { path, .. }) => {
            if maxbytes.value.is_negative() {
                let message =
                    "Supervisor loses all output here (TypeError); it goes to the file, and nothing rotates the file.";
                return draft.lost(maxbytes, message);
            }
            if maxbytes.value.is_zero() {
                return;
            }
            let Some(rotation) = Rotation::new(path, maxbytes.value, backups.value) else {
                let message = format_args!("{path} is not rotated, because logrotate cannot use this path.");
                return draft.lost(maxbytes, message);
            };
            draft.rotations.push(rotation);
            let size =
                Size::of(maxbytes.value).map_or_else(|| format!("{} bytes", maxbytes.value), |size| size.to_string());
            let grows = if maxbytes.written { path } else { "a log file" };
            let message = format_args!(
                "logrotate runs once a day by default: {grows} can grow past {size} and lose lines when it is copied."
            );
            draft.differs(&announce::LOGS, maxbytes, message);
            let message = "if another logrotate file covers this log, ours is ignored.";
            draft.ledger.constant(&announce::DEPENDS_ON_MACHINE, draft.job.section, maxbytes.key, message);
        }
        (_, Destination::Auto | Destination::File { .. }) => {
            for setting in [maxbytes, backups].into_iter().filter(|setting| setting.written) {
                let message = format_args!("{} is not rotated by size and backups.", draft.habits.own_output);
                draft.approximate(&announce::LOGS, setting, message);
            }
        }
        (_, Destination::Nowhere | Destination::Supervisors(_) | Destination::Syslog) => {}
    }
}
