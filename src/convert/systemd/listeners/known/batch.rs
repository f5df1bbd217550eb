//! crashmailbatch, crashsms and fatalmailbatch: what they collect, and when they mail it (superlance 2.0.0).

use super::super::command::{Accepts, Reader, flag, valued};
use super::{Idle, Known, Sent, Work, never, read, refuses};

/// What a listener collects.
pub(in super::super) struct Batch {
    /// The word by which the script knows the text; none where programs are given up.
    pub crash: Option<&'static str>,
    /// Seconds between two mails.
    pub every: u64,
    /// The options of the script that mails.
    pub options: Vec<String>,
}

/// `ProcessStateEmailMonitor` of superlance.
const BATCH: &[Accepts] = &[
    flag('h', "help"),
    valued('i', "interval"),
    valued('t', "toEmail"),
    valued('f', "fromEmail"),
    valued('s', "subject"),
    valued('H', "smtpHost"),
    valued('e', "tickEvent"),
    valued('u', "userName"),
    valued('p', "password"),
    Accepts { short: None, long: "tls", valued: false },
];

/// A day: nobody collects longer.
const LONGEST: f64 = 86400.0;

pub(super) fn batch(
    own: &str,
    arguments: &[String],
    events: &Sent<'_>,
    crash: Option<&'static str>,
    subject: Option<&str>,
) -> Result<Known, Idle> {
    let given = read(own, arguments, Reader::Optparse, BATCH)?;
    let address = |option| {
        let found = given.last(option).filter(|address| !address.is_empty());
        found.ok_or_else(|| refuses(own, &format!("a command line without --{option}")))
    };
    let (to, from) = (address("toEmail")?, address("fromEmail")?);
    let event = if crash.is_some() { "PROCESS_STATE_EXITED" } else { "PROCESS_STATE_FATAL" };
    let tick = given.last("tickEvent").unwrap_or("TICK_60");
    let seconds: u32 = match tick {
        "TICK_5" => 5,
        "TICK_60" => 60,
        "TICK_3600" => 3600,
        _ => return Err(refuses(own, tick)),
    };
    if let Some(missing) = [event, tick].into_iter().find(|event| !events.has(event)) {
        return Err(never(own, missing));
    }
    let text = given.last("interval").unwrap_or("1");
    let minutes: f64 = text.trim().parse().map_err(|_| refuses(own, text))?;
    let wait = (minutes * 60.0).max(0.0);
    if !wait.is_finite() || wait > LONGEST {
        return Err(format!("{own} collects for more than a day with --interval {text}: nothing replaces it."));
    }
    // It mails at the first tick at which the time is over.
    let mut every = seconds;
    while f64::from(every) + 0.001 < wait {
        every += seconds;
    }
    let to: Vec<&str> = to.split(',').map(crate::python::strip).collect();
    let mut options = vec!["-f".to_owned(), from.to_owned(), "-t".to_owned(), to.join(", ")];
    if let Some(subject) = given.last("subject").or(subject).filter(|subject| !subject.is_empty()) {
        options.extend(["-s".to_owned(), subject.to_owned()]);
    }
    let how = if crash.is_some() { "crashes (ExecStopPost=)" } else { "the units that are given up (OnFailure=)" };
    let differs =
        vec![format!("a file collects {how}; a timer mails them every {every} s through sendmail, not by SMTP.")];
    let mut lost = Vec::new();
    for option in ["smtpHost", "userName", "password", "tls"] {
        let local = |value: &str| option == "smtpHost" && matches!(value, "localhost" | "127.0.0.1");
        if given.last(option).is_some_and(|value| !local(value)) {
            lost.push(format!(
                "--{option} is not used: set up the sendmail of this machine to hand mail to that server."
            ));
        }
    }
    Ok(Known { work: Work::Batch(Batch { crash, every: u64::from(every), options }), differs, lost })
}
