//! The version has one truth, `Cargo.toml`; whatever else names it is held equal here, and so are the tools.

use std::fs;

use super::{CARGO_DEB, VERSION};

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands in a line of a file between these two texts, once.
fn between(path: &str, before: &str, after: &str) -> String {
    let text = text(path);
    let all: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix(before)?.strip_suffix(after)).collect();
    assert_eq!(all.len(), 1, "{path}: {before} stands there {} times", all.len());
    all[0].to_owned()
}

#[test]
fn whatever_names_the_version_names_this_one() {
    assert_eq!(between("pyproject.toml", "version = \"", "\""), VERSION);
    assert_eq!(between("pyproject.toml", "dependencies = [\"supconv==", "\"]"), VERSION);
    assert_eq!(between("packaging/gitlab.yml", "SUPCONV_VERSION: \"", "\""), VERSION);
    let action = text("action.yml");
    let version = action.split("  version:\n").nth(1).unwrap().lines().nth(1).unwrap();
    assert_eq!(version, format!("    default: \"{VERSION}\""));
    // The wheel, the crate and the Debian package take it from Cargo.toml.
    let wheel = text("packaging/wheel/pyproject.toml");
    assert!(wheel.contains("\ndynamic = [\"version\", ") && !wheel.contains("\nversion"), "{wheel}");
    // The examples of the pages are of this version.
    let pages = text("README.md") + &text("docs/formats.md");
    let named: Vec<_> = pages.lines().filter(|line| line.contains("rev: ") || line.contains("/supconv@")).collect();
    assert!(pages.contains(&format!("dpkg -i supconv_{VERSION}-1_amd64.deb\n")), "README.md");
    assert!(named.len() >= 3 && named.iter().all(|line| line.contains(&format!("v{VERSION}"))), "{named:?}");
}

/// The project at the root may not be called as what it asks for: nothing is installed then.
#[test]
fn the_root_project_needs_the_wheel_and_has_nothing_itself() {
    let root = text("pyproject.toml");
    assert!(root.contains("\nname = \"supconv-pre-commit\"\n") && root.contains("\npackages = []\n"), "{root}");
    assert!(!root.contains("maturin\"") && !root.contains("ext-modules"), "{root}");
}

#[test]
fn a_release_is_built_by_the_tools_that_the_tests_use() {
    let workflow = text(".github/workflows/release.yml");
    assert!(workflow.contains(&format!("cargo-deb@{CARGO_DEB}")), "{workflow}");
    assert!(workflow.contains("-r packaging/tools.txt") && workflow.contains("packaging/build.sh dist"), "{workflow}");
    let maturin = between("packaging/wheel/pyproject.toml", "requires = [\"", "\"]");
    assert!(text("packaging/tools.txt").lines().any(|line| line == maturin), "{maturin}");
}
