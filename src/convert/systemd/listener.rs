//! Event listeners: they speak a protocol with supervisord and have no unit; what systemd has for their events (facts 9.2).

use super::version::Version;
use crate::convert::{Ledger, announce};
use crate::keys::{eventlistener as e, process as p};
use crate::model::Group;
use crate::model::options::EventListenerOptions;
use crate::python;
use crate::python::shlex;

/// Says what is lost, and what can take its place.
pub(super) fn say<'a>(group: &'a Group<'a>, options: &EventListenerOptions, version: Version, ledger: &mut Ledger<'a>) {
    ledger.all_exact(group.section);
    // Without `..`: a new option does not compile until it is decided what becomes of it.
    let EventListenerOptions { events, buffer_size: _, result_handler: _ } = options;
    let mut message = format!("no unit is written: the event listener {} cannot run without supervisord.", group.name);
    let events = events.known().into_iter().flatten().flatten();
    let instead: Vec<String> = events.map(|event| format!("{} for {event}", instead(event, version))).collect();
    if !instead.is_empty() {
        message.pop();
        message.extend(["; use instead ", &instead.join("; "), "."]);
    }
    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &e::EVENTS, message);
    let memory = if watches_memory(group) {
        "; MemoryMax= and Restart= in the units of its programs do what memmon did, and count the page cache too"
    } else {
        ""
    };
    let message = format_args!("the listener is not started{memory}.");
    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &p::COMMAND, message);
}

/// Whether the listener is superlance's memmon, whose work a directive does.
fn watches_memory(group: &Group) -> bool {
    let command = group.processes.first().and_then(|process| process.options.command.known()?.as_deref());
    let words = command.and_then(|command| shlex::split(command).ok()).unwrap_or_default();
    words.iter().any(|word| python::basename(&word.text) == "memmon")
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
