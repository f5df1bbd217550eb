//! When pitchfork starts a program again (facts 14.3): after an exit code that is not 0 only, and then for ever.

use super::Draft;
use crate::convert::announce;
use crate::convert::daemon::launcher::Ends;
use crate::convert::drafting::Drafting as _;
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;

/// Whether it is started again, what its end has to be to pitchfork, and whether a shell stays for that; what differs is said.
pub(super) fn of<'d>(draft: &mut Draft<'d, '_>) -> (bool, Ends<'d>, bool) {
    let own = &draft.job.own;
    let (policy, startsecs, retries, codes) = (&own.autorestart, &own.startsecs, &own.startretries, &own.exitcodes);
    let rule = &announce::RESTART_POLICY;
    for setting in [startsecs, retries] {
        draft.exact(setting);
    }
    draft.exact(policy);
    draft.exact(codes);
    let lasts = *startsecs.value > Integer::from(0);
    match policy.value {
        AutoRestart::Never if lasts => {
            let message = "an exit before startsecs is not retried (autorestart=false); Supervisor retried it startretries times.";
            draft.differs(rule, policy, message);
        }
        AutoRestart::Unexpected if lasts && !codes.value.is_empty() => {
            let message = "an expected exit before startsecs stays stopped; Supervisor started it again (autorestart=unexpected).";
            draft.differs(rule, policy, message);
        }
        AutoRestart::Always | AutoRestart::Never | AutoRestart::Unexpected => {}
    }
    if *policy.value != AutoRestart::Never {
        let message = format_args!(
            "pitchfork never gives up: it starts a failed program within a second or two; Supervisor gave up after {} retries.",
            retries.value
        );
        draft.differs(rule, retries, message);
    }
    if startsecs.written && *startsecs.value > Integer::from(1) {
        let message = format_args!("the program counts as running at once, not after {} s.", startsecs.value);
        draft.approximate(rule, startsecs, message);
    }
    let last: &[u8] = codes.value;
    match policy.value {
        AutoRestart::Never => {
            if last != [0] {
                let message =
                    "pitchfork calls only 0 a success: the state that it shows of a program that has ended differs.";
                draft.differs(rule, codes, message);
            }
            (false, Ends::Exec, false)
        }
        AutoRestart::Always => (true, Ends::Mapped { last: &[] }, true),
        AutoRestart::Unexpected => {
            let stays = last.is_empty() || last.iter().any(|code| *code != 0);
            for code in last.iter().filter(|code| **code > 128) {
                let signal = code - 128;
                let message = format_args!(
                    "a program that dies by signal {signal} is not started again, because a shell calls that {code} too."
                );
                draft.lost(codes, message);
            }
            (true, Ends::Mapped { last }, stays)
        }
    }
}
