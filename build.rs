//! Links the program at a fixed address where that is known to work: a cold start is what a user feels, and moving the
//! program's tables to a random address costs a tenth of it. The code is safe Rust throughout (`unsafe_code = "forbid"`).

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        for argument in ["-no-pie", "-Wl,-z,noseparate-code", "-Wl,-z,lazy"] {
            println!("cargo:rustc-link-arg-bins={argument}");
        }
    }
}
