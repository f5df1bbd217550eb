//! A target is one file and one row: this one writes each command line into a file of its own, and all that conversions share
//! (`--only`, `--diff`, `--check`, `--force`, `--allow-loss`, the report, the document) serves it.

use std::fs;

use clap::Args;
use serde_json::Value;
use supconv::cli::convert::{Conversion, Target};
use supconv::convert::program::{Daemon, Job};
use supconv::convert::selection::{Selection, called};
use supconv::convert::{Ledger, Moved, Plan, PlanFile, Subject};

use crate::support::desk::Desk;

/// The row.
static LINES: Target = Target::of::<Lines>("to-lines", "Write command lines");

/// Its own flags.
#[derive(Args, Debug)]
struct Lines {
    /// How the files end
    #[arg(long, default_value = ".txt")]
    suffix: String,
}

impl Conversion for Lines {
    fn plan<'a>(&self, mut subject: Subject<'a>) -> Plan<'a> {
        let mut ledger = Ledger::new(subject.merged, std::mem::take(&mut subject.refusals));
        let selection = Selection::of(&subject, &mut ledger);
        let daemon = Daemon::of(subject.config);
        let (mut files, mut moved, mut units) = (Vec::new(), Vec::new(), Vec::new());
        for group in &selection.groups {
            for process in selection.members(group).flat_map(|members| members.processes) {
                let Ok(job) = Job::of(group, process, &daemon) else { continue };
                ledger.exact(job.section, job.command.key);
                let unit = format!("{}{}", job.name.value, self.suffix);
                let text = format!("{}\n", job.command.value.argv.unwrap_or_default().join(" "));
                units.push((job.section, files.len()));
                files.push(PlanFile { path: unit.clone(), mode: 0o644, text: text.into(), secret: false });
                moved.push(Moved { called: called(job.group, job.name.value), unit });
            }
        }
        Plan { files, moved, units, ..Plan::told(ledger, &selection) }
    }
}

const FILE: &str = "[supervisord]\n[program:a]\ncommand=/bin/a  'x y'\n[program:b]\ncommand=/bin/b\numask=077\n";

/// Runs the command in a desk: its exit code, what it reports and what it says.
fn run(desk: &Desk, arguments: &str) -> (u8, String, String) {
    let at = |word: &str| if word == "DIR" { desk.join("d").display().to_string() } else { word.to_owned() };
    let mut words = vec!["to-lines".to_owned(), desk.join("a.conf").display().to_string()];
    words.extend(arguments.split_whitespace().map(at));
    let mut matches = LINES.command().try_get_matches_from(words).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let outcome = LINES.read(&mut matches).unwrap().run(supconv::report::Colour::Never, &mut out, &mut err).unwrap();
    (outcome.code(), String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn the_files_stand_on_standard_output_and_what_is_lost_on_standard_error() {
    let desk = Desk::new(&[("a.conf", FILE)]);
    let (code, out, err) = run(&desk, "");
    assert_eq!((code, &*out), (1, "# ==> a.txt <==\n/bin/a x y\n\n# ==> b.txt <==\n/bin/b\n"));
    assert!(err.starts_with("2 settings exact, 0 approximate, 1 lost\n\nLOST\n"), "{err}");
    assert!(err.contains(" b umask=: umask= is not translated.\n") && err.ends_with("--allow-loss=umask\n"), "{err}");
    let (.., err) = run(&desk, "--details");
    assert!(err.contains("lost[not-convertible]: umask= is not translated."), "{err}");
}

#[test]
fn a_directory_is_compared_and_written() {
    let desk = Desk::new(&[("a.conf", FILE)]);
    assert_eq!(run(&desk, "--out DIR --check --allow-loss").0, 1);
    let (code, out, _) = run(&desk, "--out DIR --diff --only a");
    assert_eq!(code, 1);
    assert!(out.ends_with("a.txt\n@@ -0,0 +1 @@\n+/bin/a x y\n"), "{out}");
    assert!(!desk.join("d").exists());
    assert_eq!(run(&desk, "--out DIR").0, 1, "a loss that nobody has allowed");
    assert!(!desk.join("d").exists());
    assert_eq!(run(&desk, "--out DIR --allow-loss=umask").0, 0);
    assert_eq!(fs::read_to_string(desk.join("d/b.txt")).unwrap(), "/bin/b\n");
    assert_eq!(run(&desk, "--out DIR --check --allow-loss").0, 0);
    fs::write(desk.join("d/b.txt"), "mine\n").unwrap();
    assert_eq!(run(&desk, "--out DIR --allow-loss").0, 1);
    assert_eq!(fs::read_to_string(desk.join("d/b.txt")).unwrap(), "mine\n");
    assert_eq!(run(&desk, "--out DIR --allow-loss --force").0, 0);
    assert_eq!(fs::read_to_string(desk.join("d/b.txt")).unwrap(), "/bin/b\n");
}

#[test]
fn the_document_names_the_target() {
    let desk = Desk::new(&[("a.conf", FILE)]);
    let (code, out, err) = run(&desk, "--format json --only b --suffix .sh");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &*err, &document["target"]), (1, "", &"lines".into()));
    assert_eq!(document["files"][0]["path"], "b.sh");
    assert_eq!(document["stays"], serde_json::json!(["a"]));
    assert_eq!(document["processes"], serde_json::json!([{"name": "b", "unit": "b.sh"}]));
    assert_eq!(document["losses"][0]["option"], "umask");
    assert_eq!(document["summary"], serde_json::json!({"exact": 1, "approximate": 0, "lost": 1}));
}
