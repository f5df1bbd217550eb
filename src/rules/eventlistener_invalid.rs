//! SUP704 eventlistener-invalid: what an event listener must have, and must not.

use super::{Check, Explanation, Lint, shown};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP704.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP704",
        name: "eventlistener-invalid",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "An [eventlistener:x] with redirect_stderr=true, without events, with an event that there is not, or with buffer_size \
               below 1.",
        why: "A listener talks to supervisord over its standard output: READY, then RESULT. Standard error mixed into it would break \
              the protocol, so Supervisor refuses the whole file.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[eventlistener:watch]\ncommand=/srv/watch\nuser=api\nevents=PROCESS_STATE\n\
              redirect_stderr=true\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[eventlistener:watch]\ncommand=/srv/watch\nuser=api\nevents=PROCESS_STATE\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::EventListener {
        return None;
    }
    let section = refusal.section.as_deref()?;
    let unknown = refusal.message.strip_prefix("Unknown event type ").and_then(|rest| rest.split_once(" in ["));
    let (what, help) = match (refusal.option.as_deref()?, unknown) {
        ("redirect_stderr", _) => (
            "redirect_stderr=true would mix standard error into what a listener says to supervisord over its standard output"
                .to_owned(),
            "take the line away; standard error has a log of its own, stderr_logfile.".to_owned(),
        ),
        ("buffer_size", _) => (
            format!("buffer_size={} holds no event", shown(&refusal.written).trim_matches('\'')),
            "write a number of 1 or more; 10 is the default.".to_owned(),
        ),
        (_, Some(("", _))) => {
            ("events has an empty name".to_owned(), "take away the comma that nothing follows, or that nothing stands before.".to_owned())
        }
        (_, Some((event, _))) => (
            format!("{} is no event", shown(event)),
            "write events of Supervisor with commas between them, such as PROCESS_STATE, PROCESS_STATE_FATAL, PROCESS_LOG or \
             TICK_60; all of them are in the chapter Events of its documentation."
                .to_owned(),
        ),
        (_, None) => (
            format!("[{section}] does not say which events it wants"),
            "write events=PROCESS_STATE, or those that the listener is made for.".to_owned(),
        ),
    };
    Some(Explanation::new(format!("{what}: supervisord refuses to start."), help))
}
