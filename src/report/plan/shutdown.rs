//! How long a shutdown can wait for the units of a plan, where that is longer than supervisord itself was waited for.

use super::some_of;
use crate::convert::{Plan, Shutdown};
use crate::visible::on_one_line;

/// Seconds after which systemd kills supervisord (Debian's supervisor.service leaves systemd's default).
const SUPERVISORS: u64 = 90;

/// The sentence.
pub(super) fn sentence(plan: &Plan<'_>) -> Option<String> {
    let Shutdown { seconds, longest } = plan.shutdown.as_ref()?;
    if seconds.is_some_and(|seconds| seconds <= SUPERVISORS) {
        return None;
    }
    let time = |seconds: u64| if seconds == u64::MAX { "no limit".to_owned() } else { format!("{seconds} s") };
    let names = longest.iter().map(|(called, seconds)| format!("{} {}", on_one_line(called), time(*seconds))).collect();
    let most = seconds.map_or_else(|| "without a limit".to_owned(), |seconds| format!("up to {seconds} s"));
    Some(format!(
        "A shutdown can wait {most} for these {} ({}); systemd killed supervisord after {SUPERVISORS} s.",
        plan.runners,
        some_of(names)
    ))
}
