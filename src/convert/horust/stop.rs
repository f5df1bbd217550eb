//! How Horust stops a program: a signal to the process alone, and SIGKILL to it after whole seconds (facts 13.4).

use super::service::Termination;
use crate::convert::announce;
use crate::convert::daemon::draft::Draft;
use crate::convert::daemon::priorities;
use crate::convert::drafting::Drafting as _;
use crate::model::signal::Signal;

/// The signal and the wait; what differs is said.
pub(super) fn of(draft: &mut Draft<'_, '_>) -> Termination {
    let own = &draft.job.own;
    let rule = &announce::KILL_SCOPE;
    draft.exact(&own.stopsignal);
    draft.exact(&own.stopwaitsecs);
    draft.exact(&own.stopasgroup);
    draft.exact(&own.killasgroup);
    let seconds = priorities::seconds(own.stopwaitsecs.value);
    let (signal, wait) = match named(*own.stopsignal.value) {
        Some(name) => (name, (seconds - 1).max(0)),
        None if *own.stopsignal.value == Signal::KILL => {
            let message = "Horust does not stop by SIGKILL: it sends SIGCONT, and SIGKILL within 2.5 s.";
            draft.approximate(rule, &own.stopsignal, message);
            ("CONT", 0)
        }
        None => {
            let message = "Horust cannot send this signal: it sends SIGCONT, and SIGKILL after stopwaitsecs.";
            draft.approximate(rule, &own.stopsignal, message);
            ("CONT", (seconds - 1).max(0))
        }
    };
    // Whole seconds that have passed are counted, at least one.
    let late = if seconds == 0 { "2.5" } else { "1.5" };
    if *own.stopsignal.value != Signal::KILL {
        let message = format_args!("SIGKILL comes up to {late} s later than after {} s.", own.stopwaitsecs.value);
        draft.differs(rule, &own.stopwaitsecs, message);
    }
    for (setting, what) in [(&own.stopasgroup, "stop signal"), (&own.killasgroup, "SIGKILL")] {
        if *setting.value && (setting.written || !*own.stopasgroup.value) {
            draft.lost(
                setting,
                format_args!("the {what} reaches only the process itself, and its children may live on."),
            );
        }
    }
    Termination { signal, wait: format!("{wait}s") }
}

/// How Horust calls a signal (formats/service.rs, `TerminationSignal`).
fn named(signal: Signal) -> Option<&'static str> {
    let name = signal.name()?;
    (signal.0 <= 31 && signal != Signal::KILL && *name != *"POLL").then_some(name)
}
