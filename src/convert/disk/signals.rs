//! What ends a run from outside, so that it can clean up before it ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

use super::Failed;
use super::failed::Left;

/// SIGINT and SIGTERM are noted from when this is made until it is dropped; then they end the process again.
pub(super) struct Signals {
    seen: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to note them.
    pub fn watch() -> io::Result<Self> {
        let signals = Self { seen: Arc::default(), over: Arc::default() };
        for (signal, number) in [(SIGINT, 2), (SIGTERM, 15)] {
            flag::register_conditional_default(signal, Arc::clone(&signals.over))?;
            flag::register_usize(signal, Arc::clone(&signals.seen), number)?;
        }
        // At the limit of a file's size (`ulimit -f`) a write fails, and is told, where it would end the process.
        flag::register(SIGXFSZ, Arc::default())?;
        Ok(signals)
    }

    /// An error once one has come.
    pub fn check(&self) -> Result<(), Failed> {
        let (signal, name) = match self.seen.load(Ordering::Relaxed) {
            0 => return Ok(()),
            2 => (2, "SIGINT"),
            _ => (15, "SIGTERM"),
        };
        Err(Failed { what: format!("ended by {name}"), left: Left::Unsaid, signal: Some(signal) })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
