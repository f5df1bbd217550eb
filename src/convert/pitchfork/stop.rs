//! How pitchfork stops a program (facts 14.4): one of six signals to the whole process group, and SIGKILL to it.

use super::Draft;
use super::configuration::StopSignal;
use crate::convert::announce;
use crate::convert::daemon::priorities;
use crate::convert::drafting::Drafting as _;
use crate::model::signal::Signal;

/// The signals that pitchfork can send.
const SIGNALS: [&str; 6] = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2"];

/// The signal and the wait; what differs is said.
pub(super) fn of(draft: &mut Draft<'_, '_>) -> StopSignal {
    let own = &draft.job.own;
    let rule = &announce::KILL_SCOPE;
    let (signal, wait, to_group, kills_group) =
        (&own.stopsignal, &own.stopwaitsecs, &own.stopasgroup, &own.killasgroup);
    draft.exact(signal);
    draft.exact(wait);
    draft.exact(to_group);
    draft.exact(kills_group);
    let mut seconds = priorities::seconds(wait.value);
    let name = signal.value.name();
    let name = SIGNALS.into_iter().find(|known| name == Some(*known)).unwrap_or_else(|| {
        if *signal.value == Signal::KILL {
            seconds = 0;
            draft.approximate(rule, signal, "pitchfork sends SIGTERM, and SIGKILL at once after it.");
        } else {
            draft.approximate(rule, signal, "pitchfork cannot send this signal: it sends SIGTERM.");
        }
        "TERM"
    });
    if !*to_group.value {
        let message = "the stop signal reaches the children of the program too; Supervisor signals the program alone.";
        draft.differs(rule, to_group, message);
    }
    let message = if *kills_group.value {
        "a stop waits for the children of the program too; Supervisor waits for the program alone."
    } else {
        "a stop waits for the children of the program too and kills them in the end; Supervisor leaves them alive."
    };
    draft.differs(rule, kills_group, message);
    StopSignal { signal: name, timeout: format!("{seconds}s") }
}
