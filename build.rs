//! Links the unwinder in where that is known to work, since a cold start is what a user feels: it only prints the backtrace
//! of a panic, and loading the shared libgcc for it costs more than linting a file. How the program is hardened is left as
//! the toolchain has it: position independent, bound at once.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let known = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if known && is("CARGO_CFG_TARGET_ARCH", "x86_64") && env::var("HOST") == env::var("TARGET") {
        unwinder();
    }
}

/// What rustc asks for as `-lgcc_s` becomes the static library of the same compiler, if that has one.
fn unwinder() {
    let Ok(directory) = env::var("OUT_DIR") else { return };
    let Ok(asked) = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output() else { return };
    let library = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    let script = Path::new(&directory).join("libgcc_s.so");
    // The compiler gives the bare name back where it has none.
    if Path::new(&library).is_absolute() && fs::write(&script, format!("INPUT({library})\n")).is_ok() {
        println!("cargo:rustc-link-search=native={directory}");
    }
}
