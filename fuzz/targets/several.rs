//! Fuzz target: any bytes as the files of a host, through the commands. `SUPCONV_FUZZ` is where they are written.
#![no_main]

#[path = "../several.rs"]
mod several;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let directory = std::env::var_os("SUPCONV_FUZZ").expect("fuzz/run.sh sets it");
    several::all(directory.as_ref(), bytes);
});
