//! Threads, only where there is memory for them.

use std::hint::black_box;

/// Bytes of the address space that a thread takes: its stack, and what malloc sets aside for it (glibc's arena.c, `HEAP_MAX_SIZE`).
const EACH: usize = 160 << 20;

/// How many of so many threads can be had. Where memory ends while one starts, it does not fail: it waits for ever
/// (std's `stack_overflow.rs` panics there, and that message needs memory too).
#[must_use]
pub(crate) fn affordable(mut count: usize) -> usize {
    while count > 0 {
        // Only set aside for a moment: nothing is written to it.
        let mut room = Vec::<u8>::new();
        let is_there = room.try_reserve_exact(count.saturating_mul(EACH)).is_ok();
        black_box(&mut room);
        if is_there {
            break;
        }
        count /= 2;
    }
    count
}
