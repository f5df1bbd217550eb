//! The action for GitHub and the snippet for GitLab: their steps, run as a runner runs them, with the wheel.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::{Packages, VERSION, built, path_with, path_without_cargo, says, succeeds};
use crate::support::desk::Desk;
use crate::support::python;

const BAD: &str =
    "[supervisord]\nminfds=65536\nuser=root\n[program:web]\ncommand=/srv/web\nuser=web\nautostart=maybe\n";

/// A file of YAML, by the reader that pre-commit brings.
fn yaml(path: &str) -> Option<Value> {
    let tools = python::tool("pre-commit==4.7.0")?;
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let text = says(Command::new(tools.join("python")).args(["-c", script, path]));
    Some(serde_json::from_str(&text).unwrap())
}

/// A runner: what the inputs of the action are, and where its files lie.
struct Runner<'a> {
    packages: &'a Packages,
    desk: &'a Desk,
    inputs: Vec<(String, String)>,
}

impl Runner<'_> {
    /// A text of the action with its expressions replaced.
    fn expanded(&self, text: &str) -> String {
        let temp = text.replace("${{ runner.temp }}", &self.desk.path("temp"));
        let input =
            |text: String, (name, value): &(String, String)| text.replace(&format!("${{{{ inputs.{name} }}}}"), value);
        let expanded = self.inputs.iter().fold(temp, input);
        assert!(!expanded.contains("${{"), "{expanded}");
        expanded
    }

    /// Runs the step, unless its condition says no; what an action of others would be given is looked at instead.
    fn run(&self, step: &Value) -> Option<Output> {
        if let Some(condition) = step["if"].as_str() {
            assert_eq!(condition, "inputs.sarif == 'true'");
            if !self.inputs.contains(&("sarif".to_owned(), "true".to_owned())) {
                return None;
            }
        }
        let Some(script) = step["run"].as_str() else {
            let file = self.expanded(step["with"]["sarif_file"].as_str().unwrap());
            let sarif: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
            let results = sarif["runs"][0]["results"].as_array().unwrap();
            assert!(results.iter().any(|result| result["ruleId"] == "SUP010"), "{sarif}");
            return None;
        };
        assert_eq!(step["shell"], "bash");
        assert!(!script.contains("${{"), "what others write is no part of a script: {script}");
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(self.desk.join("repository"));
        bash.env("PATH", path_without_cargo()).env("PIP_FIND_LINKS", &self.packages.folder).env("PIP_NO_INDEX", "1");
        for (name, value) in step["env"].as_object().unwrap() {
            bash.env(name, self.expanded(value.as_str().unwrap()));
        }
        Some(bash.output().unwrap())
    }
}

#[test]
fn the_action_annotates_lines_and_writes_sarif_when_asked() {
    let Some(packages) = built() else { return };
    let Some(action) = yaml("action.yml") else { return };
    let steps = action["runs"]["steps"].as_array().unwrap();
    let desk = Desk::new(&[("repository/deploy/supervisord.conf", BAD), ("repository/a b/supervisord.conf", BAD)]);
    let defaults = action["inputs"].as_object().unwrap().iter();
    let defaults = defaults.map(|(name, input)| (name.clone(), input["default"].as_str().unwrap().to_owned()));
    let defaults: Vec<_> = defaults.collect();
    for (given, code, annotations, uploads) in [
        (&[][..], 1, 2, false),
        (&[("paths", "deploy"), ("sarif", "true")], 1, 1, true),
        (&[("paths", "deploy"), ("arguments", "--ignore invalid-value --exit-zero")], 0, 0, false),
        (&[("paths", "deploy\n./a*/\n"), ("arguments", "--min-severity\nerror\n")], 2, 1, false),
        // Nothing of an input is run.
        (&[("paths", "$(touch${IFS}ran) ; touch ran"), ("arguments", "--min-severity error")], 2, 0, false),
    ] {
        let mut inputs = defaults.clone();
        for (name, value) in given {
            let input = inputs.iter_mut().find(|(known, _)| known == name).unwrap();
            input.1 = (*value).to_owned();
        }
        let _ = fs::remove_dir_all(desk.join("temp"));
        let runner = Runner { packages, desk: &desk, inputs };
        let outputs: Vec<Output> = steps.iter().filter_map(|step| runner.run(step)).collect();
        assert_eq!(outputs.len(), if uploads { 3 } else { 2 });
        let (last, before) = outputs.split_last().unwrap();
        assert!(before.iter().all(|output| output.status.success()), "{before:?}");
        let said = String::from_utf8_lossy(&last.stdout);
        let errors = said.lines().filter(|line| line.starts_with("::error ") && line.contains("invalid-value")).count();
        assert_eq!((last.status.code(), errors), (Some(code), annotations), "{given:?}: {last:?}");
        assert_eq!(desk.join("temp/supconv/supconv.sarif").exists(), uploads);
        assert!(!desk.join("repository/ran").exists());
    }
    let version = Command::new(desk.join("temp/supconv/bin/supconv")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&version.stdout), format!("supconv {VERSION}\n"));
}

#[test]
fn the_snippet_for_gitlab_writes_its_report_and_fails_the_job() {
    let Some(packages) = built() else { return };
    let Some(document) = yaml("packaging/gitlab.yml") else { return };
    let Ok((python, _)) = python::interpreter() else { return };
    let job = &document["supconv"];
    let desk = Desk::new(&[("deploy/supervisord.conf", BAD)]);
    // The image is Python's own: its pip is in PATH.
    succeeds(Command::new(python).args(["-m", "venv"]).arg(desk.join("venv")));
    let lines: Vec<_> = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let run = |script: &str| {
        let mut bash = Command::new("bash");
        bash.args(["-eo", "pipefail", "-c", script]).current_dir(&desk);
        bash.env("PIP_FIND_LINKS", &packages.folder).env("PIP_NO_INDEX", "1");
        for (name, value) in job["variables"].as_object().unwrap() {
            bash.env(name, value.as_str().unwrap());
        }
        bash.env("PATH", path_with(&[&desk.join("venv/bin")])).output().unwrap()
    };
    let output = run(&lines.join("\n"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    let report: Value = serde_json::from_slice(&fs::read(desk.join(report)).unwrap()).unwrap();
    let of =
        |one: &Value| one["location"]["path"].as_str().map(Path::new) == Some(Path::new("deploy/supervisord.conf"));
    let mut findings = report.as_array().unwrap().iter();
    assert!(findings.any(|one| one["check_name"] == "SUP010" && of(one)), "{report}");
}
