//! Links the program for a quick start where that is known to work, since a cold start is what a user feels.
//!
//! At a fixed address: moving the program's tables to a random one costs a tenth of it (the code is safe Rust throughout,
//! `unsafe_code = "forbid"`). With the unwinder inside, which only prints the backtrace of a panic: loading the shared
//! libgcc for it costs more than linting a file.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        for argument in ["-no-pie", "-Wl,-z,noseparate-code", "-Wl,-z,lazy"] {
            println!("cargo:rustc-link-arg-bins={argument}");
        }
        if env::var("HOST") == env::var("TARGET") {
            unwinder();
        }
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
