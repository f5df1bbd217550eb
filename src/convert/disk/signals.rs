//! What ends a run from outside, so that it can clean up before it ends.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

use super::Failed;
use super::failed::Left;

/// What ends a run: a terminal that is gone, its keys, `kill`.
const ENDING: [(i32, u8, &str); 4] =
    [(SIGHUP, 1, "SIGHUP"), (SIGINT, 2, "SIGINT"), (SIGQUIT, 3, "SIGQUIT"), (SIGTERM, 15, "SIGTERM")];

/// These signals are noted from when this is made until it is dropped; then they end the process again.
pub(super) struct Signals {
    seen: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to note them. What was ignored from the start, as by `nohup`, stays ignored.
    pub fn watch() -> io::Result<Self> {
        let signals = Self { seen: Arc::default(), over: Arc::default() };
        let ignored = ignored();
        for (signal, number, _) in ENDING.into_iter().filter(|(_, number, _)| ignored & (1 << (number - 1)) == 0) {
            flag::register_conditional_default(signal, Arc::clone(&signals.over))?;
            flag::register_usize(signal, Arc::clone(&signals.seen), usize::from(number))?;
        }
        // At the limit of a file's size (`ulimit -f`) a write fails, and is told, where it would end the process.
        flag::register(SIGXFSZ, Arc::default())?;
        Ok(signals)
    }

    /// An error once one has come.
    pub fn check(&self) -> Result<(), Failed> {
        let seen = self.seen.load(Ordering::Relaxed);
        let Some((_, number, name)) = ENDING.into_iter().find(|(_, number, _)| usize::from(*number) == seen) else {
            return Ok(());
        };
        Err(Failed { what: format!("ended by {name}"), left: Left::Unsaid, stays: Vec::new(), signal: Some(number) })
    }
}

/// The signals that the process ignores, a bit each, the first for 1 (proc(5), `SigIgn` of `/proc/pid/status`).
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
