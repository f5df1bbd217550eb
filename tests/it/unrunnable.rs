//! Programs that cannot run as they are written: `to-systemd` says so first, in the words of the linter, and writes no unit of
//! them unless that is allowed.

use std::fs;

use serde_json::json;

use crate::support::desk::{Desk, Run, values};

const GOOD: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:ok]\ncommand=/usr/bin/ok\nuser=ok\n";

/// A command that no program is started by, its rule, and whether there is a unit for it.
const COMMANDS: [(&str, &str, bool); 6] = [
    ("cd /app && php artisan queue:work", "SUP401", true),
    ("/app/run > /var/log/a.log", "SUP401", true),
    ("exec /app/run", "SUP401", true),
    ("'/app/run --all'", "SUP011", true),
    ("/app/run 'a", "SUP408", false),
    ("", "SUP408", false),
];

#[test]
fn each_is_a_loss_of_its_command_by_the_rule_of_the_linter() {
    for (command, rule, has_unit) in COMMANDS {
        let desk = Desk::of(format!("{GOOD}[program:bad]\ncommand={command}\nuser=bad\n"));
        let plan = desk.plan("");
        assert_eq!(plan["errors"], json!([]), "{command}");
        let losses = plan["losses"].as_array().unwrap();
        let by_linter: Vec<_> =
            losses.iter().filter(|loss| !loss["rule"].as_str().unwrap().starts_with("SUP9")).collect();
        let [loss] = by_linter.as_slice() else { panic!("{command}: {by_linter:?}") };
        let told = [&loss["rule"], &loss["grade"], &loss["section"], &loss["option"]];
        assert_eq!(told, [rule, "lost", "program:bad", "command"], "{command}");
        let unit = plan["files"].as_array().unwrap().iter().find(|file| file["path"] == "bad.service");
        assert_eq!(unit.is_some(), has_unit, "{command}");
        if let Some(unit) = unit {
            let text = unit["text"].as_str().unwrap();
            let before = text.split("ExecStart=").next().unwrap().lines().last().unwrap();
            assert!(before.starts_with("# supconv: command: "), "the unit says so at its place: {text}");
            assert_eq!(values(text, "ExecStart").len(), 1);
        }

        let Run { code, err, .. } = desk.convert("");
        assert_eq!(code, 1, "{command}");
        let first =
            "\n\n1 error: the program cannot run as written; supconv lint a.conf\n\nLOST\n  a.conf:8: bad command=: ";
        assert!(err.contains(first), "{command}: {err}");
        assert!(err.contains("--allow-loss=command\n"), "{command}: {err}");
        assert!(!err.contains("0 lost"), "{command}: {err}");

        assert_eq!((desk.convert("--out d").code, desk.join("d").exists()), (1, false), "{command}");
        assert_eq!(desk.convert("--out d --allow-loss=user").code, 1, "{command}");
        for (number, allowed) in ["--allow-loss=command", "--allow-loss"].iter().enumerate() {
            let written = desk.convert(&format!("--out d{number} {allowed}"));
            assert_eq!(written.code, 0, "{command}: {}", written.err);
            assert_eq!(desk.join(format!("d{number}/bad.service")).exists(), has_unit, "{command}");
        }
        // What is not asked for is not spoken of.
        let Run { code, err, .. } = desk.convert("--only ok");
        assert!(code == 0 && !err.contains("cannot run"), "{command}: {err}");
    }
}

#[test]
fn a_comment_that_ignores_the_finding_allows_the_loss() {
    for (command, rule, has_unit) in COMMANDS {
        for (ignored, code) in [(rule, 0), ("SUP501", 1), ("SUP903", 1)] {
            let text =
                format!("{GOOD}[program:bad]\n; supconv: ignore[{ignored}] known\ncommand={command}\nuser=bad\n");
            let desk = Desk::of(text);
            let run = desk.convert("--out d");
            assert_eq!((run.code, desk.join("d/ok.service").exists()), (code, code == 0), "{command}: {}", run.err);
            assert_eq!(desk.join("d/bad.service").exists(), code == 0 && has_unit, "{command}");
        }
    }
}

#[test]
fn several_are_counted() {
    let bad =
        "[program:b]\ncommand=cd /b && ./b\nnumprocs=2\nprocess_name=%(process_num)s\n[program:c]\ncommand=exec c\n";
    let err = Desk::of(format!("{GOOD}{bad}")).convert("").err;
    assert!(err.contains("\n2 errors: the programs cannot run as written; supconv lint a.conf\n"), "{err}");
    let desk = Desk::new(&[("my file.conf", &format!("{GOOD}{bad}"))]);
    let err = crate::support::desk::run(&mut desk.command(&["to-systemd", "my file.conf"])).err;
    assert!(err.contains("; supconv lint 'my file.conf'\n"), "{err}");
}

#[test]
fn lint_for_systemd_says_it_once() {
    for (command, rule, _) in COMMANDS {
        let desk = Desk::of(format!("{GOOD}[program:bad]\ncommand={command}\nuser=bad\n"));
        let found = desk.json("lint --target systemd --format json a.conf");
        let of_command = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|found| (&found["section"], &found["option"]) == (&json!("program:bad"), &json!("command")));
        // What follows from it is said of the other options, and is for programs.
        let of_command: Vec<_> = of_command.filter(|found| found["severity"] == "error").collect();
        let [one] = of_command.as_slice() else { panic!("{command}: {of_command:?}") };
        assert_eq!((&one["rule"], &one["severity"]), (&json!(rule), &json!("error")), "{command}");
        let said = desk.run("lint --target systemd a.conf").out;
        assert_eq!(said.matches("a.conf:8:").count(), 1, "{command}: {said}");
    }
}

#[test]
fn a_template_is_not_judged_by_what_it_lacks() {
    let desk = Desk::of(format!("{GOOD}[program:bad]\ncommand={{{{ run }}}} && {{{{ more }}}}\n"));
    let err = desk.convert("").err;
    assert!(!err.contains("cannot run"), "{err}");
    fs::write(desk.join("a.conf"), GOOD).unwrap();
    assert_eq!(desk.convert("").code, 0);
}
