//! The flags of `supconv lint`: which rules run, what is shown, in which form, and with which exit code.

use std::collections::BTreeSet;

use crate::support::desk::{Desk, Run, run, words};
use serde_json::{Value, json};

/// SUP101 and SUP202 at the header, SUP201 at each program, SUP010 at the number.
const RISKY: &str =
    "[supervisord]\n[program:a]\ncommand=/a\nuser=root\n[program:b]\ncommand=/b\nuser=root\nstartsecs=soon\n";
/// Those; a rule that is still to come may find more in it.
const KNOWN: &str = "SUP010 SUP101 SUP201 SUP202";
/// The same with a line that cannot be read.
const BROKEN: &str = "[supervisord]\n[program:a]\ncommand=/a\nautostart\n[program:b]\ncommand=/b\nstartsecs=soon\n";

/// `supconv lint` with these variables.
fn lint(desk: &Desk, arguments: &str, variables: &[(&str, &str)]) -> Run {
    let mut command = desk.command(&words(&format!("lint {arguments}")));
    run(command.envs(variables.iter().copied()))
}

/// The codes of all findings, each once.
fn rules(desk: &Desk, arguments: &str) -> BTreeSet<String> {
    let document = desk.json(&format!("lint --format json {arguments}"));
    document["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn select_and_ignore_say_which_rules_run() {
    let desk = Desk::new(&[("risky.conf", RISKY), ("broken.conf", BROKEN)]);
    for (flags, codes) in [
        ("", "SUP010 SUP101 SUP201 SUP202"),
        ("--select SUP101", "SUP101"),
        ("--select default-minfds", "SUP101"),
        ("--select sup101", "SUP101"),
        ("--select SUP2", "SUP201 SUP202"),
        ("--select SUP20", "SUP201 SUP202"),
        ("--select SUP101,SUP010", "SUP010 SUP101"),
        ("--select SUP101 --select SUP010", "SUP010 SUP101"),
        ("--select SUP601", ""),
        ("--ignore SUP2", "SUP010 SUP101"),
        ("--ignore SUP2,default-minfds", "SUP010"),
        ("--ignore SUP0 --ignore SUP1 --ignore SUP2", ""),
        ("--ignore SUP010", "SUP101 SUP201 SUP202"),
        ("--select SUP2 --ignore SUP202", "SUP201"),
        ("--select SUP202 --ignore SUP2", ""),
        ("--target systemd --select SUP101,SUP90", "SUP101"),
        ("--target systemd --ignore SUP9", "SUP010 SUP101 SUP201 SUP202"),
    ] {
        let seen = rules(&desk, &format!("{flags} risky.conf"));
        assert_eq!(lint(&desk, &format!("{flags} risky.conf"), &[]).code, i32::from(!seen.is_empty()), "{flags}");
        let seen: Vec<_> = seen.into_iter().filter(|code| KNOWN.contains(code.as_str())).collect();
        assert_eq!(seen.join(" "), codes, "{flags}");
    }
    // A file that cannot be read is no clean file, whatever was asked for.
    for flags in ["--select SUP601", "--ignore SUP0", "--select SUP601 --ignore SUP0"] {
        assert!(rules(&desk, &format!("{flags} broken.conf")).contains("SUP001"), "{flags}");
    }
}

#[test]
fn unknown_rules_are_wrong_usage() {
    let desk = Desk::new(&[("a.conf", RISKY)]);
    for (flags, hint) in [
        ("--select SUP999", "did you mean SUP90"),
        ("--select default-minfd", "did you mean default-minfds?"),
        ("--ignore default_minfds", "did you mean default-minfds?"),
        ("--ignore SUP101,defalt-minfds", "did you mean default-minfds?"),
        ("--select SUP", "`supconv rule` lists them"),
        ("--select SUP101,,SUP010", "`supconv rule` lists them"),
        ("--select all", "`supconv rule` lists them"),
        ("--select SUP8z", "no rule is called SUP8z"),
        ("--select SUP9", "only conversions report this"),
        ("--ignore not-convertible", "only conversions report this"),
        ("--ignore SUP001", "parse-error cannot be ignored"),
        ("--ignore SUP2,parse-error", "parse-error cannot be ignored"),
        ("--target kubernetes", "one of auto, host, container, systemd, horust, pitchfork"),
        ("--target host --select SUP903", "only conversions report this"),
        ("--ignore SUP2,SUP9", "SUP9: only conversions report this; add --target systemd, horust or pitchfork"),
        ("--statistics --format concise", "--statistics has no format concise"),
        ("--statistics --all", "cannot be used with"),
        ("--quiet --format concise", "cannot be used with"),
        ("-q --statistics", "cannot be used with"),
        ("-q --all", "cannot be used with"),
    ] {
        let run = lint(&desk, &format!("{flags} a.conf"), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{flags}: {run:?}");
        assert!(run.err.contains(hint), "{flags}: {}", run.err);
    }
}

#[test]
fn the_exit_code_obeys_exit_zero_and_quiet() {
    let desk = Desk::new(&[("a.conf", RISKY), ("broken.conf", BROKEN)]);
    for (code, arguments) in [
        (1, "a.conf"),
        (0, "--exit-zero a.conf"),
        (0, "--exit-zero broken.conf"),
        (0, "--exit-zero --format json a.conf"),
        (2, "--exit-zero a.conf missing.conf"),
        (1, "-q a.conf"),
        (1, "--quiet a.conf"),
        (0, "-q --exit-zero a.conf"),
        (0, "-q --select SUP601 a.conf"),
        (2, "-q a.conf missing.conf"),
        (1, "--statistics a.conf"),
        (1, "--format concise a.conf"),
    ] {
        assert_eq!(lint(&desk, arguments, &[]).code, code, "{arguments}");
    }
}

#[test]
fn quiet_says_only_what_failed() {
    let desk = Desk::new(&[("supervisord.conf", RISKY)]);
    let quiet = lint(&desk, "-q", &[]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (1, "", ""), "no PATH: not even which file it is");
    let failed = lint(&desk, "-q supervisord.conf missing.conf", &[]);
    assert!(
        failed.out.is_empty() && failed.err.contains("missing.conf") && failed.err.lines().count() == 1,
        "{failed:?}"
    );
}

#[test]
fn concise_is_one_line_a_finding() {
    let text = "[supervisord]\nuser=root\nminfds=65536\n[program:é]\ncommand=/a \"\n  b\nuser=a\nstartsecs=so\u{7}on\n";
    let desk = Desk::new(&[("a.conf", text), ("risky.conf", RISKY)]);
    for file in ["a.conf", "risky.conf"] {
        let run = lint(&desk, &format!("--format concise --min-severity info {file}"), &[]);
        assert!(run.code == 1 && run.err.is_empty(), "{run:?}");
        for line in run.out.lines() {
            let mut parts = line.splitn(4, ':');
            assert_eq!(parts.next(), Some(file));
            assert!(parts.by_ref().take(2).all(|number| number.parse::<u32>().is_ok()), "{line}");
            let (head, message) = parts.next().unwrap().split_once("] ").unwrap();
            let (severity, name) = head.trim_start().split_once('[').unwrap();
            assert!(
                ["error", "warning", "info"].contains(&severity) && !name.is_empty() && !message.is_empty(),
                "{line}"
            );
            assert!(!line.contains('\u{7}'), "{line}");
        }
    }
    let run = lint(&desk, "--format concise --select SUP101,SUP201 risky.conf", &[]);
    let lines: Vec<_> = run.out.lines().collect();
    assert_eq!(lines.len(), 2, "a rule that fires for each program speaks once: {run:?}");
    assert!(
        lines[0].starts_with("risky.conf:1:2: warning[default-minfds] programs are limited to 1024 open files"),
        "{lines:?}"
    );
    assert!(lines[1].contains("'a'") || lines[1].contains(" a") && lines[1].contains('b'), "{lines:?}");
}

fn lint_fails(desk: &Desk, arguments: &str) -> String {
    let run = lint(desk, arguments, &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    run.err
}

#[test]
fn statistics_count_what_is_shown() {
    let desk = Desk::new(&[("a.conf", RISKY), ("b.conf", RISKY), ("clean.conf", "[program:a]\ncommand=/a\nuser=a\n")]);
    let two = lint(&desk, "--select SUP010,SUP101,SUP2 --statistics a.conf b.conf", &[]);
    let lines: Vec<Vec<_>> = two.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        lines,
        [
            vec!["errors", "warnings", "infos", "rule"],
            vec!["0", "4", "0", "SUP201", "program-runs-as-root"],
            vec!["2", "0", "0", "SUP010", "invalid-value"],
            vec!["0", "2", "0", "SUP101", "default-minfds"],
            vec!["0", "2", "0", "SUP202", "supervisord-user-unset"],
            vec!["2", "8", "0", "total"],
            "2 errors, 8 warnings in 2 files".split(' ').collect(),
        ]
    );
    assert_eq!(lint(&desk, "--statistics clean.conf", &[]).out, "");
    let errors = lint(&desk, "--statistics --min-severity error a.conf", &[]).out;
    assert!(errors.contains("\n     1         0      0  SUP010  invalid-value\n"), "{errors}");
    // The document is the table, and its summary is lint's.
    let arguments = "--select SUP010,SUP101,SUP2 --format json a.conf b.conf";
    let [lint, counted] = ["", "--statistics "].map(|flag| desk.json(&format!("lint {flag}{arguments}")));
    let row = |rule: &str, name: &str, errors: u32, warnings: u32| json!({"rule": rule, "name": name, "errors": errors, "warnings": warnings, "infos": 0});
    let rules = [
        row("SUP201", "program-runs-as-root", 0, 4),
        row("SUP010", "invalid-value", 2, 0),
        row("SUP101", "default-minfds", 0, 2),
        row("SUP202", "supervisord-user-unset", 0, 2),
    ];
    assert_eq!(counted, json!({"schema": "supconv.statistics/1", "rules": rules, "summary": lint["summary"]}));
    let concise = lint_fails(&desk, "--statistics --format concise a.conf");
    assert!(concise.contains("--statistics has no format concise: use human or json"), "{concise}");
}

#[test]
fn ten_findings_of_a_rule_in_a_file_are_shown_and_the_rest_is_counted() {
    let many = |count: usize| {
        let program = |n| format!("[program:a{n}]\ncommand=/a\nuser=a\nstartsecs=soon\n");
        format!("[supervisord]\nuser=root\nminfds=65536\n{}", (0..count).map(program).collect::<String>())
    };
    let desk = Desk::new(&[("10.conf", &many(10)), ("73.conf", &many(73))]);
    let shown = |arguments: &str| {
        let run = lint(&desk, &format!("--select SUP010 {arguments}"), &[]);
        (run.out.matches("error[invalid-value]").count(), run.out)
    };
    let (count, out) = shown("10.conf");
    assert!(count == 10 && !out.contains(" more of ") && out.ends_with("\n10 errors in 1 file\n"), "{count}");
    let (count, out) = shown("10.conf 73.conf");
    assert_eq!(count, 20);
    assert!(
        out.ends_with(
            "\n73.conf: 63 more of invalid-value (--all prints them)\n\
         83 errors in 2 files (--statistics counts them by rule)\n"
        ),
        "{out}"
    );
    let (count, out) = shown("--all 10.conf 73.conf");
    assert!(count == 83 && !out.contains(" more of "), "{count}");
    assert_eq!(shown("--format concise 73.conf").0, 73, "who asks for lines gets all");
    let json: Value = serde_json::from_str(&shown("--format json 73.conf").1).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 73);
}

/// What the rules compute with a target is theirs to test; here only that the flag arrives.
#[test]
fn every_target_is_taken() {
    let desk = Desk::new(&[("a.conf", RISKY)]);
    for target in ["auto", "host", "container", "systemd"] {
        let run = lint(&desk, &format!("--target {target} a.conf"), &[]);
        assert!(run.code == 1 && run.err.is_empty(), "{run:?}");
    }
}

/// The first line is ours, with the place, the severity and the name; miette's own is never printed.
#[test]
fn the_message_is_printed_once_and_by_us() {
    let long = format!("[program:a]\ncommand=/a {}\nuser=a\nstartsecs={}\n", "é".repeat(900), "x".repeat(900));
    let desk = Desk::new(&[("a.conf", RISKY), ("broken.conf", BROKEN), ("long.conf", &long), ("empty.conf", "")]);
    for file in ["a.conf", "broken.conf", "long.conf", "--as main empty.conf"] {
        for columns in ["1", "40", "80", "100", "200", "9999", "wide", ""] {
            let run = lint(&desk, &format!("--min-severity info {file}"), &[("COLUMNS", columns)]);
            assert_eq!(run.code, 1, "{file} {columns}: {run:?}");
            // As it would be on a terminal that is wide enough.
            let out = run.out.replace("\n    ", " ");
            let heads: Vec<_> =
                out.lines().filter(|line| line.contains("error[") || line.contains("warning[")).collect();
            assert!(!heads.is_empty(), "{file} {columns}: {run:?}");
            // miette's header names the file again, and its message line begins with a sign.
            assert!(!run.out.contains("\u{256d}\u{2500}["), "{run:?}");
            for line in run.out.lines() {
                assert!(
                    !line.starts_with("  \u{d7} ") && !line.starts_with("  \u{26a0} ") && line.trim() != "-",
                    "{line}"
                );
            }
            for head in &heads {
                let message = head.split_once("]: ").unwrap().1;
                // On a narrow screen a line begins with a word that stands elsewhere too.
                if message.chars().count() < 20 {
                    continue;
                }
                let heads = heads.iter().filter(|head| head.ends_with(message)).count();
                assert_eq!(out.matches(message).count(), heads, "said twice: {message}");
            }
        }
    }
}

#[test]
fn a_frame_fits_its_terminal() {
    let text = format!(
        "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=/a {}\nuser=a\nstartsecs=soon\n",
        "x".repeat(5000)
    );
    let desk = Desk::new(&[("a.conf", &text)]);
    for columns in [40, 60, 100] {
        let run = lint(&desk, "a.conf", &[("COLUMNS", &columns.to_string())]);
        let help: Vec<_> =
            run.out.lines().filter(|line| line.starts_with("  help:") || line.starts_with("        ")).collect();
        assert!(!help.is_empty(), "{run:?}");
        for line in help {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
    }
}
