//! Fuzz target: any bytes as a supervisord.conf, through everything that the library does with one.
#![no_main]

#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::all(bytes));
