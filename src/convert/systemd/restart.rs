//! When a service is started again, and after how many starts it is given up (facts 6.1 to 6.5).

use std::collections::BTreeSet;

use super::draft::Draft;
use super::escape::UnitValue;
use super::unit::Entry;
use crate::convert::announce;
use crate::convert::drafting::Drafting as _;
use crate::model::signal::Signal;
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;

/// `SIGHUP SIGINT SIGTERM SIGPIPE`: clean deaths to systemd (systemd.service(5), `SuccessExitStatus=`), unexpected ones to
/// Supervisor.
const CLEAN: [u8; 4] = [1, 2, 15, 13];
/// A span beyond which nobody waits, about 31 years; systemd ignores numbers that overflow.
const LONGEST: i64 = 1_000_000_000;
/// From this number of retries on, Supervisor takes more than an hour to give up, and the start limit of a unit would be
/// thousands of starts (facts 6.2).
const FOR_EVER: i64 = 85;

/// What an end of the process leads to (facts 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `Restart=`.
    pub restart: &'static str,
    /// `SuccessExitStatus=`: exit codes and signals.
    pub success: (BTreeSet<u8>, BTreeSet<u8>),
    /// `RestartForceExitStatus=`: exit codes and signals.
    pub force: (BTreeSet<u8>, BTreeSet<u8>),
}

/// Whether death by a signal is a clean end to systemd.
pub(super) fn is_clean(signal: Signal) -> bool {
    CLEAN.contains(&signal.0)
}

impl Decision {
    /// The same where these codes are a clean end too. One that comes by itself leads to what it led to before.
    fn with_clean(mut self, policy: AutoRestart, clean: &[u8]) -> Self {
        for code in clean.iter().copied() {
            if self.success.0.insert(code) && policy == AutoRestart::Unexpected {
                self.force.0.insert(code);
            }
        }
        self
    }
}

/// Decides. A stop signal that is no clean death to systemd is a success where it stops the unit, and a restart where it
/// comes by itself.
#[must_use]
pub fn decision(policy: AutoRestart, exitcodes: &[u8], stopsignal: Signal) -> Decision {
    let expected: BTreeSet<u8> = exitcodes.iter().copied().collect();
    let extra: BTreeSet<u8> = [stopsignal.0].into_iter().filter(|stop| *stop != 0 && !CLEAN.contains(stop)).collect();
    let success: BTreeSet<u8> = expected.iter().copied().filter(|code| *code != 0).collect();
    let (restart, force) = match policy {
        AutoRestart::Always => ("always", (BTreeSet::new(), BTreeSet::new())),
        AutoRestart::Never => ("no", (BTreeSet::new(), BTreeSet::new())),
        AutoRestart::Unexpected => {
            let codes = [0].into_iter().filter(|code| !expected.contains(code)).collect();
            ("on-failure", (codes, extra.iter().copied().chain(CLEAN).collect()))
        }
    };
    Decision { restart, success: (success, extra), force }
}

/// How restarts are spaced, and when they end (facts 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// For ever.
    Unlimited {
        /// `RestartSec=` in tenths of a second.
        delay: u64,
    },
    /// Until too many starts lie too close together.
    Limited {
        /// `RestartSec=` in tenths of a second.
        delay: u64,
        /// `StartLimitBurst=`.
        burst: u64,
        /// `StartLimitIntervalSec=` in tenths of a second.
        interval: u64,
    },
}

/// Supervisor waits 1, 2, 3 … s before the retries of a start that did not last; systemd the same time before each. A window
/// sees how long a program lives on average, Supervisor how often in a row it does not last: so the window is one in which
/// only half of `startsecs` is lived each time. Whoever Supervisor keeps is kept, and some that it gives up are kept too.
#[must_use]
pub fn spacing(startretries: &Integer, startsecs: &Integer, for_ever: bool) -> Spacing {
    let retries = within(startretries, FOR_EVER);
    let startsecs = within(startsecs, LONGEST);
    if startsecs == 0 {
        return Spacing::Unlimited { delay: 10 };
    }
    if for_ever || retries >= FOR_EVER.unsigned_abs() {
        return Spacing::Unlimited { delay: 50 };
    }
    let total = retries * (retries + 1) / 2;
    let delay = total.div_ceil(60).clamp(1, 5);
    let burst = total.div_ceil(delay) + 1;
    Spacing::Limited { delay: delay * 10, burst, interval: burst * (delay * 10 + startsecs * 5) }
}

fn within(number: &Integer, highest: i64) -> u64 {
    let highest = if number.is_negative() { 0 } else { number.to_i64().map_or(highest, |number| number.min(highest)) };
    highest.unsigned_abs()
}

/// Writes it.
pub(super) fn write(draft: &mut Draft<'_, '_>) {
    let own = &draft.job.own;
    let stopsignal = draft.tuned.signal.unwrap_or(*own.stopsignal.value);
    let decided = decision(*own.autorestart.value, own.exitcodes.value, stopsignal);
    let Decision { restart: word, success, force } = decided.with_clean(*own.autorestart.value, draft.tuned.clean);
    draft.exact(&own.exitcodes);
    let reasons = &mut draft.tuned.reasons;
    let (of_success, of_force) = (std::mem::take(&mut reasons.success), std::mem::take(&mut reasons.force));
    let service = &mut draft.service;
    service.restart = UnitValue::fixed(word).into();
    let value = UnitValue::exit_status(&success.0, &success.1);
    service.success_exit_status = Entry { comments: of_success, value };
    let value = UnitValue::exit_status(&force.0, &force.1);
    service.restart_force_exit_status = Entry { comments: of_force, value };
    let spacing = spacing(own.startretries.value, own.startsecs.value, draft.choices.restart_forever);
    match spacing {
        _ if *own.autorestart.value == AutoRestart::Never => {
            service.start_limit_interval_sec = UnitValue::fixed("0").into();
        }
        Spacing::Unlimited { delay } => {
            service.start_limit_interval_sec = UnitValue::fixed("0").into();
            service.restart_sec = UnitValue::seconds(delay).into();
        }
        Spacing::Limited { delay, burst, interval } => {
            service.start_limit_interval_sec = UnitValue::seconds(interval).into();
            service.start_limit_burst = UnitValue::number(burst).into();
            service.restart_sec = UnitValue::seconds(delay).into();
        }
    }
    announce(draft, spacing);
}

/// Says what differs.
fn announce(draft: &mut Draft<'_, '_>, spacing: Spacing) {
    let rule = &announce::RESTART_POLICY;
    let own = &draft.job.own;
    let (policy, startsecs, retries) = (&own.autorestart, &own.startsecs, &own.startretries);
    let lasts = *startsecs.value > Integer::from(0);
    draft.exact(policy);
    match policy.value {
        AutoRestart::Never if lasts => {
            let message = "an exit before startsecs is not retried (autorestart=false); Supervisor retried it startretries times.";
            draft.differs(rule, policy, message);
        }
        AutoRestart::Unexpected if lasts && !own.exitcodes.value.is_empty() => {
            let message = "an expected exit before startsecs stays stopped; Supervisor started it again (autorestart=unexpected).";
            draft.differs(rule, policy, message);
        }
        AutoRestart::Always | AutoRestart::Never | AutoRestart::Unexpected => {}
    }
    draft.exact(startsecs);
    if *policy.value == AutoRestart::Never {
        draft.exact(retries);
    } else if !lasts {
        let message = "systemd restarts at most once a second and retries a missing program forever; Supervisor gave up after startretries.";
        draft.differs(rule, startsecs, message);
        draft.exact(retries);
    }
    if startsecs.written && *startsecs.value > Integer::from(1) {
        let message = format_args!("the unit counts as running at once, not after {} s.", startsecs.value);
        draft.approximate(rule, startsecs, message);
    }
    if *policy.value == AutoRestart::Never || !lasts {
        return;
    }
    draft.exact(retries);
    let count = within(retries.value, LONGEST);
    match spacing {
        Spacing::Unlimited { .. } if draft.choices.restart_forever => {
            let message = format_args!(
                "the unit never gives up and restarts after 5 s (--restart-forever); Supervisor gives up after {count} retries."
            );
            draft.differs(rule, retries, message);
        }
        Spacing::Unlimited { .. } => {
            let tenths = (count / 2).saturating_mul(count + 1) / 360;
            let (hours, tenth) = (tenths / 10, tenths % 10);
            let message = format_args!("Supervisor gives up after {hours}.{tenth} hours; the unit never does.");
            draft.differs(rule, retries, message);
        }
        Spacing::Limited { delay, burst, .. } => {
            let half = within(startsecs.value, LONGEST) * 5;
            let message = format_args!(
                "a program that always lives between {} and {} s is never given up; Supervisor gives it up.",
                tenths(half),
                tenths(half * 2)
            );
            draft.differs(rule, startsecs, message);
            if count <= 1 {
                let message = "systemd refuses a second manual restart within a few seconds: run `systemctl reset-failed UNIT` first.";
                draft.differs(rule, retries, message);
                return;
            }
            // A quiet supervisord takes a second itself.
            let well = if delay > 10 { ", also after a good run" } else { "" };
            let message = format_args!(
                "restarts wait {} s each{well}, not 1 s, 2 s and so on; the unit is given up after {burst} starts, not {}.",
                tenths(delay),
                count + 1
            );
            draft.differs(rule, retries, message);
        }
    }
}

/// Tenths of a second in seconds, as people write them.
fn tenths(tenths: u64) -> String {
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}
