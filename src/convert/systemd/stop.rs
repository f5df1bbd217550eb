//! How a service is stopped (facts 7).

use super::draft::Draft;
use super::escape::{Comment, UnitValue};
use super::tune::Tuned;
use super::unit::Entry;
use crate::convert::announce;
use crate::convert::drafting::Drafting as _;
use crate::model::signal::Signal;
use crate::python::integer::Integer;

/// Seconds beyond which nobody waits; systemd ignores numbers that overflow, and 90 s stay (facts 7.3).
pub(super) const LONGEST: i64 = 1_000_000_000;

/// Which processes a stop reaches (facts 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The main process alone. systemd's manual forbids it: what the process started lives on.
    Process,
    /// The signal goes to the main process, the kill to all.
    Mixed,
    /// The signal and the kill go to all.
    ControlGroup,
}

/// The scope of the two options.
#[must_use]
pub fn scope(stopasgroup: bool, killasgroup: bool, faithful: bool) -> Scope {
    match (stopasgroup, killasgroup) {
        (true, _) => Scope::ControlGroup,
        (false, false) if faithful => Scope::Process,
        (false, _) => Scope::Mixed,
    }
}

/// `TimeoutStopSec=`: 0 would mean never, so what does not wait at all is the shortest span (facts 7.3).
#[must_use]
pub fn timeout(stopwaitsecs: &Integer) -> UnitValue {
    if *stopwaitsecs <= Integer::from(0) {
        return UnitValue::fixed("1us");
    }
    match stopwaitsecs.to_i64().filter(|seconds| *seconds <= LONGEST) {
        Some(seconds) => UnitValue::seconds(seconds.unsigned_abs() * 10),
        None => UnitValue::fixed("infinity"),
    }
}

/// `KillSignal=` (facts 7.2). `stopsignal=0` sends nothing: SIGCONT, which follows each stop signal anyway, does as much.
#[must_use]
pub fn signal(stopsignal: Signal) -> UnitValue {
    UnitValue::signal(stopsignal).unwrap_or(const { UnitValue::fixed("SIGCONT") })
}

/// Writes it.
pub(super) fn write(draft: &mut Draft<'_, '_>) {
    let own = &draft.job.own;
    let Tuned { signal: tuned, wait, lives_on, clean: _, reasons, known: _ } = std::mem::take(&mut draft.tuned);
    let (wait, rule) = (wait.as_ref().unwrap_or(own.stopwaitsecs.value), &announce::KILL_SCOPE);
    draft.exact(&own.stopsignal);
    draft.exact(&own.stopwaitsecs);
    draft.exact(&own.stopasgroup);
    draft.exact(&own.killasgroup);
    if *own.stopsignal.value == Signal(0) {
        let message = format_args!(
            "stopsignal=0 sends no signal: every stop waits {wait} s, then kills; the unit sends SIGCONT and does the same."
        );
        draft.approximate(rule, &own.stopsignal, message);
    }
    // systemd's own is the same as Supervisor's.
    let stopsignal = tuned.or(own.stopsignal.written.then_some(*own.stopsignal.value));
    draft.service.kill_signal = Entry { comments: reasons.signal, value: stopsignal.map(signal) };
    draft.service.timeout_stop_sec = Entry { comments: reasons.wait, value: Some(timeout(wait)) };
    let scope = scope(*own.stopasgroup.value, *own.killasgroup.value, draft.choices.faithful);
    let (mode, message) = match scope {
        _ if lives_on => ("process", None),
        Scope::Process => ("process", None),
        Scope::Mixed if *own.killasgroup.value => {
            ("mixed", Some((&own.killasgroup, "all remaining children are killed when the unit stops or restarts, even those that Supervisor's kill misses.".to_owned())))
        }
        Scope::Mixed => {
            let message = "remaining children are killed when the unit stops or restarts; Supervisor left them running (--faithful does too)."
                .to_owned();
            let written = if own.stopasgroup.written { &own.stopasgroup } else { &own.killasgroup };
            ("mixed", Some((written, message)))
        }
        Scope::ControlGroup => {
            let written = if own.stopasgroup.written { &own.stopasgroup } else { &own.killasgroup };
            // Said at stopwaitsecs where it is written, here where it is not.
            let doubled = if *wait <= Integer::from(0) {
                ""
            } else if own.stopwaitsecs.written {
                let message = format_args!("a stop can take up to twice {wait} s if children live longer than the main process.");
                draft.approximate(rule, &own.stopwaitsecs, message);
                ""
            } else {
                ", or twice that"
            };
            let message = format!(
                "the stop signal also reaches children in another process group or session; they are killed after {wait} s{doubled}."
            );
            ("control-group", Some((written, message)))
        }
    };
    let mut comments = reasons.mode;
    if let Some((setting, message)) = message {
        draft.differs(rule, setting, &message);
        // What holds for all units stands in the report alone.
        if *own.stopasgroup.value || *own.killasgroup.value {
            comments.push(Comment::note(&message));
        }
    }
    draft.service.kill_mode = Entry { comments, value: Some(UnitValue::fixed(mode)) };
}
