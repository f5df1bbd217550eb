//! The crate: it can be published, and what it shows to other programs is small, with an example each.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::{Value, json};
use supconv::{Loss, Target};

use super::succeeds;
use crate::support::desk::{Desk, supconv};
use crate::support::{corpus, machine};

/// What other programs may use; everything else that is public is hidden.
const SURFACE: [&str; 15] = [
    "Configuration",
    "Finding",
    "Grade",
    "Loss",
    "Plan",
    "PlanFile",
    "Position",
    "ReadError",
    "Severity",
    "Target",
    "World",
    "convert",
    "lint",
    "read",
    "read_text",
];

#[test]
fn what_other_programs_may_use_is_listed_here() {
    let lib = include_str!("../../../src/lib.rs");
    let code: Vec<_> = lib.lines().filter(|line| !line.starts_with("//")).collect();
    let code = code.join("\n");
    let mut names: Vec<_> = code
        .split("pub use ")
        .skip(1)
        .flat_map(|rest| {
            let path = rest.split(';').next().unwrap();
            let names = path.rsplit("::").next().unwrap().trim_matches(['{', '}', '\n']);
            names
                .split(',')
                .map(|name| name.trim().trim_matches(['{', '}']))
                .filter(|name| !name.is_empty())
                .collect::<Vec<_>>()
        })
        .collect();
    names.sort_unstable();
    assert_eq!(names, SURFACE);
    let rooms = code.matches("\npub mod ").count();
    assert!(rooms > 20 && rooms == code.matches("#[doc(hidden)]\npub mod ").count());
}

#[test]
fn each_thing_of_the_crate_has_an_example() {
    let api = include_str!("../../../src/api.rs");
    let mut seen = 0;
    for (at, _) in api.match_indices("\npub ") {
        let name = api[at + 5..].split(['(', '{', '<', ';']).next().unwrap();
        let comment: Vec<_> =
            api[..at].lines().rev().take_while(|line| line.starts_with("///") || line.starts_with("#[")).collect();
        assert!(comment.iter().any(|line| line.starts_with("/// ```")), "{name} has no example");
        seen += 1;
    }
    assert_eq!(seen, SURFACE.len() - 3, "the three of other rooms are in the examples of these");
}

/// As on a machine that has the crate alone: the package is unpacked and built there.
#[test]
fn it_can_be_published() {
    if !machine::all() {
        return machine::passed_over("cargo publish --dry-run", "it builds the crate; SUPCONV_TESTS=all runs it");
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["publish", "--dry-run", "--locked", "--allow-dirty", "--manifest-path"]);
    cargo.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    cargo.env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/published"));
    let output = succeeds(cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Verifying supconv") && said.contains("aborting upload due to dry run"), "{said}");
    let listed = succeeds(Command::new(env!("CARGO")).args(["package", "--list", "--allow-dirty"]));
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let foreign =
        ["tests/", "corpus/", "docs/", "fuzz/", "packaging/", ".github/", ".ci/", "pyproject.toml", "action.yml"];
    let extra: Vec<_> = listed.lines().filter(|line| foreign.iter().any(|start| line.starts_with(start))).collect();
    assert!(extra.is_empty() && listed.lines().any(|line| line == "src/api.rs"), "{extra:?}\n{listed}");
}

/// The crate says what the program says, of each file that people wrote.
#[test]
fn findings_and_plans_are_those_of_the_program() {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut findings, mut files, mut losses) = (0, 0, 0);
    for path in corpus::all() {
        let path = path.to_str().unwrap();
        let configuration = supconv::read(path).unwrap();
        let program = supconv(&["lint", "--isolated", "--format", "json", "--min-severity", "info", path]).json();
        let of_program = program["findings"].as_array().unwrap().iter().map(|one| {
            (text(&one["rule"]), text(&one["message"]), text(&one["help"]), one["start"]["line"].as_u64().unwrap())
        });
        let own = supconv::lint(&configuration)
            .into_iter()
            .map(|one| (one.code.to_owned(), one.message, one.help.unwrap_or_default(), u64::from(one.start.line)));
        let own: Vec<_> = own.collect();
        assert_eq!(own, of_program.collect::<Vec<_>>(), "{path}");
        findings += own.len();

        for target in [Target::Systemd, Target::Horust, Target::Pitchfork] {
            let command = match target {
                Target::Systemd => "to-systemd",
                Target::Horust => "to-horust",
                _ => "to-pitchfork",
            };
            let program = supconv(&[command, "--isolated", "--format", "json", "--show-secrets", path]).json();
            let plan = supconv::convert(&configuration, target);
            // The page of the hand-over names the command that was typed.
            let of_program =
                program["files"].as_array().unwrap().iter().map(|one| (text(&one["path"]), text(&one["text"])));
            let kept = |path: &str| path != "HANDOVER.md";
            let of_program: Vec<_> = of_program.filter(|(path, _)| kept(path)).collect();
            let own = plan.files.into_iter().filter(|file| kept(&file.path)).map(|file| (file.path, file.text));
            let own: Vec<_> = own.collect();
            assert_eq!(own, of_program, "{path}");
            let of_program =
                program["losses"].as_array().unwrap().iter().map(|one| {
                    (one["grade"].clone(), text(&one["section"]), text(&one["option"]), text(&one["message"]))
                });
            let said = plan.losses.into_iter().map(|Loss { grade, finding, .. }| {
                let (section, option) = (finding.section.unwrap_or_default(), finding.option.unwrap_or_default());
                (json!(grade), section, option, finding.message)
            });
            let said: Vec<_> = said.collect();
            assert_eq!(said, of_program.collect::<Vec<_>>(), "{path} {command}");
            (files, losses) = (files + own.len(), losses + said.len());
        }
    }
    assert!(findings > 300 && files > 300 && losses > 1000, "{findings} {files} {losses}");
}

#[test]
fn what_was_read_stays_and_no_secret_is_handed_out() {
    let desk = Desk::new(&[
        ("supervisord.conf", "[supervisord]\n[include]\nfiles=conf.d/*.conf\n"),
        ("conf.d/web.conf", "[program:web]\ncommand=/srv/web --token=s3cret-s3cret\nautostart=s3cret-s3cret\n"),
    ]);
    let configuration = supconv::read(desk.join("supervisord.conf")).unwrap();
    let told = |configuration: &supconv::Configuration| {
        let plan = supconv::convert(configuration, Target::Systemd);
        format!("{:?} {:?} {configuration:?}", supconv::lint(configuration), (plan.losses, plan.errors))
    };
    let before = told(&configuration);
    assert!(before.contains("invalid-value") && !before.contains("s3cret-s3cret"), "{before}");
    desk.write("conf.d/web.conf", "[program:web]\ncommand=/srv/other\n");
    assert_eq!(told(&configuration), before);
    // By a path from here too, and where there is no file any more, or a link to another one.
    let up = "../".repeat(env::current_dir().unwrap().components().count() - 1);
    let main = desk.join("supervisord.conf").canonicalize().unwrap();
    let configuration = supconv::read(format!("{up}{}", &main.to_str().unwrap()[1..])).unwrap();
    let before = told(&configuration);
    let name = desk.path("text.conf");
    let text = supconv::read_text(&name, "[program:web]\ncommand=/srv/web\nautostart=maybe\n").unwrap();
    let of_text = told(&text);
    fs::remove_file(&main).unwrap();
    desk.write("other.conf", "[supervisord]\n");
    for link in [desk.join("text.conf"), main] {
        assert_eq!((told(&configuration), told(&text)), (before.clone(), of_text.clone()));
        symlink(desk.join("other.conf"), link).unwrap();
    }
    assert_eq!((told(&configuration), told(&text)), (before, of_text));

    // A text is not a way to the files of whoever reads it.
    let text = format!("[supervisord]\n[include]\nfiles={}\n", desk.path("conf.d/*.conf"));
    let configuration = supconv::read_text("supervisord.conf", text).unwrap();
    assert!(!configuration.to_json().contains("/srv/other"));

    let plan = "[supervisord]\n[program:web]\ncommand=/srv/web\nenvironment=DB_PASSWORD=\"tr0ub4dor\"\n";
    let plan = supconv::convert(&supconv::read_text("a.conf", plan).unwrap(), Target::Systemd);
    assert!(plan.files.iter().any(|file| file.text.contains("tr0ub4dor")));
    assert!(!format!("{plan:?}").contains("tr0ub4dor"));
}
