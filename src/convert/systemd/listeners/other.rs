//! Listeners that nothing replaces: what systemd has for their events (facts 9.2).

use super::Version;
use crate::convert::{Ledger, announce};
use crate::keys::{eventlistener as e, process as p};
use crate::model::Group;

/// Says what is lost, and what can take its place.
pub(super) fn say<'a>(group: &'a Group<'a>, events: &[&str], version: Version, ledger: &mut Ledger<'a>) {
    let message = format!("no unit is written: the event listener {} cannot run without supervisord.", group.name);
    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &e::EVENTS, message);
    for event in events {
        let message = format_args!("instead of {event}: {}.", instead(event, version));
        ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &e::EVENTS, message);
    }
    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &p::COMMAND, "the listener is not started.");
}

/// What can take the place of a listener for an event.
fn instead(event: &str, version: Version) -> &'static str {
    match event {
        "PROCESS_STATE_FATAL" if version.has_restart_mode() => {
            "OnFailure=hook@%n.service and RestartMode=direct in the units"
        }
        "PROCESS_STATE_FATAL" => "OnFailure=hook@%n.service in the units",
        "PROCESS_STATE_EXITED" | "PROCESS_STATE_STOPPED" => {
            "ExecStopPost=-+/path/hook (it gets $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS)"
        }
        "PROCESS_STATE_BACKOFF" => "ExecStopPost=-+/path/hook ($SERVICE_RESULT is not success)",
        "PROCESS_STATE_STARTING" => "ExecStartPre=",
        "PROCESS_STATE_RUNNING" => "ExecStartPost= (at the exec, not after startsecs)",
        "PROCESS_STATE_STOPPING" => "ExecStop= (before the stop signal)",
        "PROCESS_STATE" => "ExecStartPre=, ExecStartPost=, ExecStopPost= and OnFailure= in the units",
        "TICK_5" => "a timer with OnCalendar=*:*:0/5 and AccuracySec=1us",
        "TICK_60" => "a timer with OnCalendar=*:*:00 and AccuracySec=1us",
        "TICK_3600" => "a timer with OnCalendar=hourly",
        "TICK" => "a timer",
        "PROCESS_LOG" | "PROCESS_LOG_STDOUT" | "PROCESS_LOG_STDERR" => {
            "`journalctl -f -o json -u UNIT` as the input of the same script"
        }
        "SUPERVISOR_STATE_CHANGE_RUNNING" => "ExecStart= of a oneshot unit After= the target",
        "SUPERVISOR_STATE_CHANGE_STOPPING" => "ExecStop= of a oneshot unit with RemainAfterExit=yes After= the target",
        "SUPERVISOR_STATE_CHANGE" => "a oneshot unit with RemainAfterExit=yes After= the target",
        _ => "nothing",
    }
}
