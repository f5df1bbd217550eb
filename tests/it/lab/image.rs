//! The Dockerfile of README, before with supervisord and after with Horust: both are followed in a root folder, and run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::boot::{Lab, Side};
use crate::support::{machine, python};
use supconv::convert::horust;

const README: &str = include_str!("../../../README.md");
const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/nginx-php-fpm-container.conf");
/// A boot and a stop have to be over by then.
const SECONDS: u64 = 60;

/// What a program of the image does here: it says what it was started with, and waits.
const PROGRAM: &str =
    "#!/bin/sh\necho \"$(basename \"$0\"): $*\"\n: > \"/lab/out/$(basename \"$0\")\"\nexec sleep 1000\n";

#[test]
fn the_image_of_readme_runs_the_same_programs_before_and_after() {
    let Some(bin) = python::tool("supervisor==4.3.0") else { return };
    let daemon = match machine::crate_of_cargo("horust", "horust", horust::VERSION, &[]) {
        Ok(daemon) => daemon,
        Err(why) => return machine::passed_over("the image of README", &why),
    };
    let Some(before) = run('-', &bin.join("supervisord")) else { return };
    let Some(after) = run('+', &daemon) else { return };
    let programs = ["nginx: -g daemon off; error_log stderr;", "php-fpm: --nodaemonize"];
    let of_programs = |said: &str| {
        let mut lines: Vec<String> =
            said.lines().filter(|line| !line.contains("horust::") && line.contains(": -")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(of_programs(&before), programs, "before: {before}");
    assert_eq!(of_programs(&after), programs, "after: {after}");
    assert!(!after.contains("Failed loading"), "after: {after}");
}

/// What the container says from its start to its stop. `side`: the lines of README that are followed; `daemon`: what they install.
fn run(side: char, daemon: &Path) -> Option<String> {
    let lab = Lab::new();
    fs::copy(CONFIGURATION, lab.join("supervisord.conf")).unwrap();
    let converted = lab.run("to-horust supervisord.conf --out services");
    assert_eq!(converted.code, 0, "{converted:?}");
    let mut init = String::from("set -e\n");
    for name in ["nginx", "php-fpm"] {
        fs::write(lab.join(name), PROGRAM).unwrap();
        writeln!(init, "install -m 755 /lab/{name} /usr/local/bin/").unwrap();
    }
    let name = daemon.file_name().unwrap().display();
    writeln!(init, "ln -sf {} /usr/local/bin/{name}", daemon.display()).unwrap();
    let diff = README.split("```diff\n").nth(1).unwrap().split("```").next().unwrap();
    let mut installs = false;
    for line in diff.lines().filter_map(|line| line.strip_prefix([' ', side])) {
        let (instruction, rest) = line.split_once(' ').unwrap();
        match instruction {
            // The root folder is a copy of this machine, which has what is installed.
            "FROM" => {}
            "RUN" => installs |= rest.ends_with(&package(side)),
            "COPY" => copy(rest, &mut init),
            "ENV" => writeln!(init, "export {rest}").unwrap(),
            "CMD" => {
                let words: Vec<String> = serde_json::from_str(rest).unwrap();
                // As docker does: a PID 1 of its own that says all into a pipe, and SIGTERM.
                write!(
                    init,
                    "mkfifo /tmp/said\ncat /tmp/said > /lab/out/said &\n\
                     unshare --pid --fork --mount-proc {} > /tmp/said 2>&1 &\n\
                     until [ -e /lab/out/nginx ] && [ -e /lab/out/php-fpm ]; do sleep 0.1; done\nsleep 2\n\
                     kill -TERM $(pgrep -P $!)\nwait\n: > /lab/out/over\nsleep 1000\n",
                    words.join(" ")
                )
                .unwrap();
            }
            _ => panic!("{line}"),
        }
    }
    assert!(installs, "{diff}");
    fs::write(lab.join("init"), &init).unwrap();
    let console = lab.boot(Side::Supervisor, SECONDS, vec![lab.join("out/over")])?;
    let said = fs::read_to_string(lab.join("out/said")).unwrap_or_default();
    assert!(lab.join("out/over").exists(), "{init}{console}{said}");
    Some(said)
}

/// What a line of README installs.
fn package(side: char) -> String {
    if side == '-' { "supervisor".to_owned() } else { format!("horust@{}", horust::VERSION) }
}

/// A `COPY`, in shell. What comes from another stage is there already.
fn copy(rest: &str, init: &mut String) {
    if rest.starts_with("--from=horust ") {
        return;
    }
    let (from, to) = rest.split_once(' ').unwrap();
    // As docker does: what is in a directory, to a directory that is made.
    let is_directory = from == "services";
    let made = if is_directory { to } else { Path::new(to).parent().unwrap().to_str().unwrap() };
    let from = if is_directory { format!("{from}/.") } else { from.to_owned() };
    writeln!(init, "mkdir -p {made}\ncp -r /lab/{from} {to}").unwrap();
}
