//! Configurations like those that people had trouble with, beside the project: what the linter has to say of each, where, and what
//! it must not say. Where the folder is not here that is said, and nothing fails.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::desk::{Desk, flat, supconv};
use crate::support::machine;

/// What has to be said at a line; 0 is any line.
struct Says {
    line: u64,
    code: &'static str,
    severity: &'static str,
    /// Words of the message, the help or a label.
    words: &'static [&'static str],
}

/// A case, by the number that its name begins with.
struct Case {
    number: &'static str,
    flags: &'static str,
    says: &'static [Says],
    /// Findings that there must not be: a rule, and a severity or none for any.
    silent: &'static [(&'static str, &'static str)],
    /// Words that nothing may say.
    never: &'static [&'static str],
}

const fn says(line: u64, code: &'static str, severity: &'static str, words: &'static [&'static str]) -> Says {
    Says { line, code, severity, words }
}

const CASES: &[Case] = &[
    Case {
        number: "01",
        flags: "",
        says: &[says(3, "SUP202", "info", &["Can't drop privilege as nonroot user", "leave user out", "LABEL 10"])],
        silent: &[("SUP201", "")],
        never: &["write user=root"],
    },
    Case {
        number: "02",
        flags: "",
        says: &[
            says(2, "SUP213", "warning", &["'deploy'", "/var/run", "refuses to start without its socket"]),
            says(13, "SUP213", "warning", &["'deploy'", "/var/log"]),
            says(14, "SUP213", "info", &["/var/run"]),
            says(19, "SUP213", "warning", &["api becomes FATAL", "/var/log"]),
        ],
        silent: &[("SUP213", "error"), ("SUP207", "")],
        never: &[],
    },
    Case {
        number: "03",
        flags: "",
        says: &[says(11, "SUP304", "warning", &["startretries=3 never counts", "without pause or end"])],
        silent: &[("SUP302", "")],
        never: &[],
    },
    Case {
        number: "04",
        flags: "",
        says: &[says(8, "SUP601", "error", &["SURFACES", "single quotes", "backslash"])],
        silent: &[],
        never: &[],
    },
    Case {
        number: "05",
        flags: "",
        says: &[says(5, "SUP005", "error", &["%0O", "(and 1 more)"])],
        silent: &[("SUP005", "warning")],
        never: &["b64:Zk", "Oq1"],
    },
    Case {
        number: "07",
        flags: "",
        says: &[says(21, "SUP707", "error", &["401", "SUPERVISOR_USERNAME", "SUPERVISOR_PASSWORD"])],
        silent: &[("SUP201", ""), ("SUP208", "")],
        never: &["Kept-Out-9", "write user=NAME"],
    },
    Case {
        number: "08",
        flags: "",
        says: &[says(7, "SUP703", "warning", &["nothing in this file listens on 'unix:///run/supervisord.sock'"])],
        silent: &[("SUP703", "error")],
        never: &[],
    },
    Case {
        number: "09",
        flags: "",
        says: &[says(0, "SUP020", "warning", &["no [supervisord] section"])],
        silent: &[],
        never: &["counts only if"],
    },
    Case {
        number: "11",
        flags: "",
        says: &[
            says(0, "SUP302", "warning", &["FATAL", "startsecs=0"]),
            says(0, "SUP313", "info", &["priority"]),
            says(10, "SUP306", "warning", &["write exec before"]),
            says(10, "SUP403", "info", &["the shell stays"]),
        ],
        silent: &[("SUP303", "")],
        never: &[],
    },
    Case {
        number: "12",
        flags: "",
        says: &[
            says(9, "SUP211", "info", &["HOME", "environment="]),
            says(18, "SUP211", "info", &["HOME", "environment="]),
            says(19, "SUP307", "warning", &["killasgroup=true"]),
        ],
        silent: &[("SUP211", "warning"), ("SUP306", "")],
        never: &[],
    },
    Case {
        number: "15",
        flags: "",
        says: &[says(23, "SUP705", "warning", &["50 events", "keeps 10", "buffer_size=1024"])],
        silent: &[],
        never: &[],
    },
    Case {
        number: "18",
        flags: "--check-host",
        says: &[
            says(5, "SUP010", "error", &["the directory /var/log/supervisord does not exist", "mkdir -p"]),
            says(6, "SUP010", "error", &["the directory /var/run/supervisord does not exist", "at each boot"]),
        ],
        silent: &[],
        never: &["does not have what logfile names"],
    },
    Case {
        number: "20",
        flags: "",
        says: &[says(0, "SUP012", "error", &["report", "/opt/jobs/hourly_report.sh"])],
        silent: &[],
        never: &[],
    },
    Case {
        number: "22",
        flags: "",
        says: &[says(7, "SUP301", "error", &["--detach"]), says(14, "SUP306", "warning", &["exec"])],
        silent: &[],
        never: &[],
    },
    Case {
        number: "23",
        flags: "",
        says: &[says(16, "SUP204", "error", &["without a password"])],
        silent: &[("SUP012", "warning"), ("SUP012", "error"), ("SUP703", "error")],
        never: &[],
    },
    Case {
        number: "26",
        flags: "",
        says: &[says(9, "SUP603", "error", &["DEMO_AUTO_START", "environment="])],
        silent: &[],
        never: &[],
    },
    Case {
        number: "27",
        flags: "",
        says: &[says(6, "SUP208", "warning", &["APP_KEY", "(and 2 more)"])],
        silent: &[],
        never: &["hunter2", "hunter3", "hunter4"],
    },
];

/// The folder, which `SUPCONV_FIELD` names.
fn folder() -> Option<PathBuf> {
    let directory = env::var_os("SUPCONV_FIELD").map_or_else(|| PathBuf::from("../shared/field"), PathBuf::from);
    if directory.is_dir() {
        return Some(directory);
    }
    machine::said(&directory.display().to_string(), "it is not here");
    None
}

/// The file of a case.
fn file(folder: &Path, number: &str) -> PathBuf {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{number}-")));
    files.find(named).unwrap_or_else(|| panic!("no case {number}"))
}

/// All that a finding says, with the lines of its labels.
fn text(finding: &Value) -> String {
    let mut text = [&finding["message"], &finding["help"]].map(|part| part.as_str().unwrap_or("")).join("\n");
    for label in finding["labels"].as_array().into_iter().flatten() {
        text.extend(["\n", label["message"].as_str().unwrap(), " LABEL ", &label["start"]["line"].to_string()]);
    }
    text
}

#[test]
fn each_case_of_the_field_is_told() {
    let Some(folder) = folder() else { return };
    let mut failures = Vec::new();
    for Case { number, flags, says, silent, never } in CASES {
        let path = file(&folder, number).display().to_string();
        let desk = Desk::new(&[]);
        let path = fs::canonicalize(path).unwrap().display().to_string();
        let lint = |more: &str| desk.run(&format!("lint --min-severity info {flags} {more} {path}"));
        let json = lint("--format json").json();
        let findings = json["findings"].as_array().unwrap();
        let mut wrong = Vec::new();
        for Says { line, code, severity, words } in *says {
            let told = findings.iter().any(|finding| {
                finding["rule"] == *code
                    && (severity.is_empty() || finding["severity"] == *severity)
                    && (*line == 0 || finding["start"]["line"] == *line)
                    && words.iter().all(|words| text(finding).contains(words))
            });
            if !told {
                wrong.push(format!("nothing says {code} {severity} at line {line} with {words:?}"));
            }
        }
        for (code, severity) in *silent {
            if findings.iter().any(|one| one["rule"] == *code && (severity.is_empty() || one["severity"] == *severity))
            {
                wrong.push(format!("{code} {severity} is not to speak"));
            }
        }
        let everything: String =
            findings.iter().map(text).collect::<Vec<_>>().join("\n") + &flat(&lint("--color never").out);
        wrong.extend(never.iter().filter(|words| everything.contains(**words)).map(|words| format!("says {words:?}")));
        if !wrong.is_empty() {
            let all: Vec<_> = findings
                .iter()
                .map(|one| {
                    format!(
                        "    {} {} {}: {}",
                        one["start"]["line"],
                        one["rule"],
                        one["severity"],
                        text(one).replace('\n', " / ")
                    )
                })
                .collect();
            failures.push(format!("{path}:\n  {}\n{}", wrong.join("\n  "), all.join("\n")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The secrets of a case stand in no report, and in no file of a conversion that others can read.
#[test]
fn secrets_of_the_field_are_kept() {
    let Some(folder) = folder() else { return };
    for (number, secrets) in [("07", &["Kept-Out-9"][..]), ("27", &["hunter2", "hunter3", "hunter4"])] {
        let path = file(&folder, number).display().to_string();
        for command in [
            "lint --format json",
            "lint --format human",
            "lint --format concise",
            "to-systemd",
            "to-horust",
            "to-pitchfork",
        ] {
            let run = supconv(&command.split(' ').chain([path.as_str()]).collect::<Vec<_>>());
            assert!(run.code < 2 && !(run.out.is_empty() && run.err.is_empty()), "{number} {command}: {}", run.err);
            let told = run.out + &run.err;
            assert!(secrets.iter().all(|secret| !told.contains(secret)), "{number} {command}: {told}");
        }
        let desk = Desk::new(&[]);
        let path = fs::canonicalize(&path).unwrap().display().to_string();
        desk.run(&format!("to-systemd --out out {path} --allow-loss"));
        let mut files = vec![desk.join("out")];
        let mut seen = 0;
        while let Some(file) = files.pop() {
            if !file.exists() {
                continue;
            }
            if file.is_dir() {
                files.extend(fs::read_dir(&file).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            seen += 1;
            let text = fs::read_to_string(&file).unwrap();
            let open =
                std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o077 != 0;
            assert!(!open || secrets.iter().all(|secret| !text.contains(secret)), "{}", file.display());
        }
        assert!(seen > 0, "{number}: nothing was written");
    }
}

/// Each file of the folder is a case of the table.
#[test]
fn each_file_of_the_field_is_a_case() {
    let Some(folder) = folder() else { return };
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    for name in names.filter(|name| name.strip_suffix(".conf").is_some()) {
        assert!(CASES.iter().any(|case| name.starts_with(&format!("{}-", case.number))), "{name}");
    }
}
