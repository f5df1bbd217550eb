//! When Horust starts a program again (facts 13.3). It counts nothing: who fails at start is started for ever.

use super::service::Restart;
use crate::convert::announce;
use crate::convert::daemon::draft::Draft;
use crate::convert::drafting::Drafting as _;
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;

/// The strategy, and the codes that are no failure; what differs is said.
pub(super) fn of(draft: &mut Draft<'_, '_>) -> (Restart, Vec<u8>) {
    let own = &draft.job.own;
    let (policy, startsecs, retries) = (&own.autorestart, &own.startsecs, &own.startretries);
    let rule = &announce::RESTART_POLICY;
    for setting in [startsecs, retries] {
        draft.exact(setting);
    }
    draft.exact(policy);
    draft.exact(&own.exitcodes);
    let lasts = *startsecs.value > Integer::from(0);
    let strategy = match policy.value {
        AutoRestart::Always => "always",
        AutoRestart::Unexpected => "on-failure",
        AutoRestart::Never => "never",
    };
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
    if *policy.value != AutoRestart::Never {
        let message = format_args!(
            "Horust never gives up: a program that fails at start is started every 1.2 s; Supervisor gave up after {} retries.",
            retries.value
        );
        draft.differs(rule, retries, message);
    }
    let message =
        "where many programs end at once, Horust misses some: they count as running, and are not started again.";
    draft.ledger.constant(rule, draft.job.section, policy.key, message);
    if !*own.autostart.value {
        let message = "Horust cannot start it later: a Horust of its own can, from its file in manual/.";
        draft.approximate(&announce::EXECUTION, &own.autostart, message);
    }
    if startsecs.written && *startsecs.value > Integer::from(1) {
        let message = format_args!("the program counts as running at once, not after {} s.", startsecs.value);
        draft.approximate(rule, startsecs, message);
    }
    (Restart { strategy }, own.exitcodes.value.to_vec())
}
