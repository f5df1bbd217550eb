//! SUP705 eventlistener-buffer-small: a listener that cannot hold the events of a start.

use std::cell::OnceCell;

use super::view::mend::Mend;
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::eventlistener as k;
use crate::model::GroupKind;
use crate::model::Program;
use crate::python::integer::Integer;

/// SUP705.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP705",
        name: "eventlistener-buffer-small",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("eventlistener_buffer_small.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What one process sends while it starts (`subprocess.py`: STARTING, then RUNNING).
static AT_START: &[(&str, i64)] =
    &[("EVENT", 2), ("PROCESS_STATE", 2), ("PROCESS_STATE_STARTING", 1), ("PROCESS_STATE_RUNNING", 1)];

/// A buffer for the output of programs should hold so much.
const FOR_OUTPUT: i64 = 100;

/// What the programs of a file send.
#[derive(Clone, Copy)]
struct Sent {
    /// How many processes start with supervisord.
    starting: usize,
    /// Whether lines of standard output are events.
    stdout: bool,
    /// Whether lines of standard error are.
    stderr: bool,
}

impl Sent {
    fn of(lint: &Lint<'_>) -> Self {
        let processes = || lint.config.groups.iter().flat_map(|group| &group.processes);
        let any = |tells: fn(&Program<'_>) -> bool| processes().any(|process| tells(&process.program));
        Self {
            starting: processes().filter(|process| process.program.options.autostart.known() == Some(&true)).count(),
            stdout: any(|program| program.options.stdout_events_enabled.known() == Some(&true)),
            stderr: any(|program| program.options.stderr_events_enabled.known() == Some(&true)),
        }
    }

    /// How many of these events arrive while programs start.
    fn arriving(&self, events: &[String]) -> i64 {
        let sent = |event: &String| AT_START.iter().find(|(name, _)| name == event).map_or(0, |(_, sent)| *sent);
        let each = events.iter().map(sent).sum::<i64>().min(2);
        each * i64::try_from(self.starting).unwrap_or(i64::MAX / 2)
    }
}

/// What is enough for so many events at a start.
fn enough(arriving: i64) -> u64 {
    arriving.unsigned_abs().max(1024).next_power_of_two()
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    // Looked for once, and only where there is a listener.
    let looked = OnceCell::new();
    let sent = || *looked.get_or_init(|| Sent::of(lint));
    for group in &lint.config.groups {
        let GroupKind::EventListener(options) = &group.kind else { continue };
        let (Some(Some(events)), Some(buffer)) = (lint.known(&options.events), lint.known(&options.buffer_size)) else {
            continue;
        };
        let arriving = sent().arriving(events);
        let output = events.iter().any(|event| match event.as_str() {
            "EVENT" | "PROCESS_LOG" => sent().stdout || sent().stderr,
            "PROCESS_LOG_STDOUT" => sent().stdout,
            "PROCESS_LOG_STDERR" => sent().stderr,
            _ => false,
        });
        let message = if Integer::from(arriving) > *buffer {
            format!(
                "up to {arriving} events arrive before the listener reads one: it keeps {buffer}, the rest are lost."
            )
        } else if output && *buffer < Integer::from(FOR_OUTPUT) {
            format!("lines of output are lost when more than {buffer} arrive before the listener reads one.")
        } else {
            continue;
        };
        let place = options.buffer_size.place().unwrap_or(group.header);
        let help = format!("write buffer_size={}: it costs memory only while events wait.", enough(arriving));
        found.push(Diagnostic::new(&RULE.rule, place, message).help(help).of(group.section, Some(k::BUFFER_SIZE.name)));
    }
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let section = finding.section?;
    let group = lint.config.groups.iter().find(|group| group.section == section)?;
    let GroupKind::EventListener(options) = &group.kind else { return None };
    let events = lint.known(&options.events)?.as_ref()?;
    let size = enough(Sent::of(lint).arriving(events)).to_string();
    let mend = Mend::of(lint).set(section, &k::BUFFER_SIZE, &size, Some(&k::EVENTS));
    mend.safe(format!("write buffer_size={size}"))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{PROGRAM, Row, W, row};

    const MANY: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\nuser=a\ncommand=/a\n\
                        process_name=%(process_num)s\nnumprocs=24\n";

    const MORE: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\nuser=a\ncommand=/a\n\
                        process_name=%(process_num)s\nnumprocs=600\n";

    pub const ROWS: &[Row] = &[
        row(MANY, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE", &[(1, W)])
            .says("up to 50 events")
            .mends("[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE\nbuffer_size=1024"),
        row(MANY, "[eventlistener:l]\ncommand=l\nevents=TICK_5,EVENT\nbuffer_size=40", &[(4, W)])
            .mends("[eventlistener:l]\ncommand=l\nevents=TICK_5,EVENT\nbuffer_size=1024"),
        row(MORE, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE\nbuffer_size=1024", &[(4, W)])
            .mends("[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE\nbuffer_size=2048"),
        row(
            MANY,
            "[eventlistener:l]\r\n  events : TICK_5,\r\n    ; x\r\n    EVENT ; y\r\n  command : l\r\n[eventlistener:k]\r\n\
             buffer_size : 20\r\nBuffer_Size : 10 ; x\r\ncommand=k\r\nevents=EVENT",
            &[(1, W), (8, W)],
        )
        .mends(
            "[eventlistener:l]\r\n  events : TICK_5,\r\n    ; x\r\n    EVENT ; y\r\n  buffer_size=1024\r\n  command : l\r\n\
             [eventlistener:k]\r\nbuffer_size : 20\r\nBuffer_Size : 1024 ; x\r\ncommand=k\r\nevents=EVENT",
        ),
        row(MANY, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE_RUNNING", &[(1, W)]).says("up to 25 events"),
        row(
            MANY,
            "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE\nnumprocs=3\nprocess_name=l%(process_num)s",
            &[(1, W)],
        ),
        row(PROGRAM, "stdout_events_enabled=true\n[eventlistener:l]\ncommand=l\nevents=PROCESS_LOG", &[(2, W)]),
        row(PROGRAM, "stderr_events_enabled=true\n[eventlistener:l]\ncommand=l\nevents=PROCESS_LOG_STDOUT", &[]),
        row(PROGRAM, "[eventlistener:l]\ncommand=l\nevents=PROCESS_LOG", &[]),
        row(PROGRAM, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE", &[]),
        row(MANY, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE_FATAL,TICK_5", &[]),
        row(MANY, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE\nbuffer_size=1024", &[]),
        row(MANY, "autostart=false\n[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE", &[]),
        row(MANY, "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE\nbuffer_size=%(ENV_N)s", &[]),
        row(MANY, "[eventlistener:l]\ncommand=l\nevents={{ events }}", &[]),
        row("", "[eventlistener:l]\ncommand=l\nevents=PROCESS_STATE", &[]),
    ];
}
