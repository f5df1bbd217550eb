//! `lint --fix`, `--diff` and `--add-ignores`: what they change, what they print, and what is wrong usage.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::process::Command;

use crate::support::desk::Desk;
use serde_json::{Value, json};

/// Two findings with safe fixes, one with an unsafe one.
const FILE: &str =
    "[supervisord]\nuser=root\n\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\nstopwaitsecs=40s\n";
const SAFE: &str = "[supervisord]\nuser=root\n\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\nstopwaitsecs=40\nkillasgroup=true\n";
const ALL: &str = "[supervisord]\nuser=root\nminfds=65536\n\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\n\
                   stopwaitsecs=40\nkillasgroup=true\n";

fn text(desk: &Desk, path: &str) -> String {
    fs::read_to_string(desk.join(path)).unwrap()
}

#[test]
fn fixes_are_offered_applied_and_gone() {
    let desk = Desk::of(FILE);
    let run = desk.run("lint a.conf");
    assert!(run.out.ends_with("findings fixable with --fix, 1 more with --unsafe-fixes\n"), "{}", run.out);
    let before = desk.json("lint --format json a.conf");
    assert_eq!(before["summary"]["fixable"], json!(2), "{before}");
    assert_eq!(before["summary"]["fixed"], Value::Null);
    let safe = desk.run("lint --fix a.conf");
    assert_eq!((safe.code, text(&desk, "a.conf")), (1, SAFE.to_owned()), "{safe:?}");
    assert!(safe.out.contains("2 findings fixed\n1 finding fixable with --fix --unsafe-fixes\n"), "{}", safe.out);
    let all = desk.json("lint --fix --unsafe-fixes --format json a.conf");
    assert_eq!(text(&desk, "a.conf"), ALL);
    assert_eq!((&all["summary"]["fixed"], &all["summary"]["fixable"]), (&json!(1), &json!(0)));
    // A second run has nothing to write, not even the time.
    let time = fs::metadata(desk.join("a.conf")).unwrap();
    let again = desk.run("lint --fix --unsafe-fixes a.conf");
    assert_eq!((again.code, text(&desk, "a.conf")), (0, ALL.to_owned()), "{again:?}");
    let now = fs::metadata(desk.join("a.conf")).unwrap();
    assert_eq!((time.ino(), time.mtime_nsec()), (now.ino(), now.mtime_nsec()));
}

#[test]
fn only_what_is_shown_is_fixed() {
    for (flags, minfds, group) in [
        ("--unsafe-fixes --select SUP101", true, false),
        ("--unsafe-fixes --ignore SUP101,SUP010", false, true),
        ("--unsafe-fixes --min-severity error", false, false),
    ] {
        let desk = Desk::of(FILE);
        desk.run(&format!("lint --fix {flags} a.conf"));
        let text = text(&desk, "a.conf");
        assert_eq!((text.contains("minfds"), text.contains("killasgroup")), (minfds, group), "{flags}: {text}");
    }
    let desk = Desk::of("; supconv: ignore-file[killasgroup-missing, invalid-value]\n".to_owned() + FILE);
    let run = desk.run("lint --fix a.conf");
    assert!(!text(&desk, "a.conf").contains("killasgroup=") && !run.out.contains("fixed"), "{run:?}");
}

#[test]
fn a_diff_is_printed_and_nothing_is_written() {
    let desk = Desk::of(FILE);
    let diff = desk.run("lint --diff a.conf");
    assert_eq!((diff.code, diff.err.as_str()), (1, ""));
    assert!(diff.out.starts_with("--- a.conf\n+++ a.conf\n@@ "), "{}", diff.out);
    assert_eq!(text(&desk, "a.conf"), FILE);
    desk.write("a.conf", ALL);
    let none = desk.run("lint --diff --unsafe-fixes a.conf");
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", ""));
}

#[test]
fn standard_input_comes_out_mended() {
    let desk = Desk::new(&[]);
    let run = desk.run_with("lint --fix -", FILE);
    assert_eq!((run.code, run.out.as_str()), (1, SAFE));
    assert!(run.err.contains("2 findings fixed"), "{}", run.err);
    let run = desk.run_with("lint --fix - --format json", ALL);
    assert_eq!((run.code, run.out.as_str()), (0, ALL));
    let report: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(report["summary"]["fixed"], json!(0));
    let diff = desk.run_with("lint --diff - --stdin-filename x/a.conf", FILE);
    assert!(diff.out.starts_with("--- x/a.conf\n+++ x/a.conf\n"), "{}", diff.out);
}

/// With --main what is included is of another file, and stays.
#[test]
fn files_that_the_main_file_includes_are_not_written() {
    let part = "[program:a]\ncommand=/a\nuser=u\nautostart=Y\n";
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=*.ini\n";
    let desk = Desk::new(&[("m.conf", main), ("x.conf", part), ("y.ini", &part.replace(":a", ":y"))]);
    desk.run("lint --main m.conf --fix x.conf");
    assert!(text(&desk, "x.conf").contains("autostart=yes") && text(&desk, "y.ini").contains("autostart=Y"));
}

/// Passes and projects read a unit once: it may be a pipe.
#[test]
fn a_unit_from_a_pipe_is_read_once() {
    let unit = "[Service]\nExecStart=/usr/bin/supervisord -n\nLimitNOFILE=1024:524288\n";
    let desk = Desk::new(&[("a/m.conf", FILE), ("b/m.conf", FILE), ("b/supconv.toml", "")]);
    let fifo = desk.join("unit");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(fifo, unit));
    let run = desk.run("lint --fix --unit unit a/m.conf b/m.conf");
    writer.join().unwrap().unwrap();
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{run:?}");
}

/// Bytes that are no UTF-8, CRLF and a missing line end at the end come through.
#[test]
fn bytes_outside_of_edits_stay() {
    let desk = Desk::new(&[]);
    // Python refuses a comment that is not UTF-8; supconv reports that, and mends the rest all the same.
    let before = b"[program:web]\r\ncommand=/srv/api ; caf\xe9\r\nstartsecs=10s\r\nautostart=Y";
    desk.write("a.conf", before);
    desk.run("lint --fix --as fragment a.conf");
    let after = fs::read(desk.join("a.conf")).unwrap();
    assert_eq!(
        after,
        b"[program:web]\r\ncommand=/srv/api ; caf\xe9\r\nstartsecs=10\r\nautostart=yes",
        "{}",
        String::from_utf8_lossy(&after)
    );
}

/// Includes are mended below the directory of the file, and nowhere else.
#[test]
fn includes_are_mended_near_the_file_that_is_named() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/*.conf ../far/*.conf\n";
    let web = "[program:web]\nuser=w\nstopwaitsecs=40\ncommand=gunicorn a\n";
    let far = "[program:far]\nuser=w\nstopwaitsecs=40\ncommand=gunicorn b\n";
    let files = [("etc/s.conf", main), ("etc/conf.d/w.conf", web), ("far/f.conf", far), ("far/g.txt", far)];
    let desk = Desk::new(&files);
    fs::create_dir_all(desk.join("etc/conf.d")).unwrap();
    let before = desk.json("lint --format json etc/s.conf");
    let fix = |path: &str| {
        let findings = before["findings"].as_array().unwrap();
        let one = findings.iter().find(|one| one["path"] == path && one["rule"] == "SUP308").unwrap();
        one["fix"].clone()
    };
    assert_eq!(fix("etc/conf.d/w.conf")["edits"][0]["path"], json!("etc/conf.d/w.conf"));
    assert_eq!(fix("etc/../far/f.conf"), Value::Null);
    desk.run("lint --fix etc/s.conf");
    assert_eq!(text(&desk, "etc/conf.d/w.conf"), format!("{web}killasgroup=true\n"));
    assert_eq!(text(&desk, "far/f.conf"), far);
    // One that is named itself is mended wherever it lies.
    desk.run("lint --fix etc/s.conf far/f.conf");
    assert_eq!(text(&desk, "far/f.conf"), format!("{far}killasgroup=true\n"));
    // A link leads out of the directory.
    symlink("../../far/g.txt", desk.join("etc/conf.d/l.conf")).unwrap();
    desk.run("lint --fix etc/s.conf");
    assert_eq!(text(&desk, "far/g.txt"), far);
}

#[test]
fn an_old_file_is_taken_as_it_is() {
    let desk = Desk::of(FILE);
    let run = desk.run("lint --add-ignores=later a.conf");
    assert_eq!(run.code, 0, "{run:?}");
    let expected = "; supconv: ignore[default-minfds] later\n[supervisord]\nuser=root\n\n\
                    ; supconv: ignore[killasgroup-missing] later\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\n\
                    ; supconv: ignore[invalid-value] later\nstopwaitsecs=40s\n";
    assert_eq!(text(&desk, "a.conf"), expected);
    assert_eq!(desk.run("lint a.conf").code, 0);
    assert_eq!(desk.run("lint --add-ignores a.conf").code, 0);
    assert_eq!(text(&desk, "a.conf"), expected);
    // The reason is the text after =: here b.conf is a PATH.
    let desk = Desk::of(FILE);
    let run = desk.run("lint --add-ignores a.conf b.conf");
    assert!(run.code == 2 && run.err.starts_with("supconv: b.conf: "), "{run:?}");
    assert!(text(&desk, "a.conf").contains("; supconv: ignore[default-minfds]\n"));
}

/// What --fix mends is what is shown: supconv.toml decides that too.
#[test]
fn the_settings_of_a_project_decide_what_is_fixed() {
    for (toml, flags, minfds, group) in [
        ("", "", true, true),
        ("ignore = [\"SUP101\"]\n", "", false, true),
        ("ignore = [\"SUP101\"]\n", "--select SUP101", true, false),
        ("ignore = [\"SUP101\"]\n", "--isolated", true, true),
        ("ignore = [\"SUP101\"]\n", "--ignore SUP308", false, false),
        ("[severity]\nSUP308 = \"info\"\n", "", true, false),
        ("[severity]\nSUP308 = \"info\"\n", "--min-severity info", true, true),
        ("min-severity = \"error\"\n[severity]\nSUP308 = \"error\"\n", "", false, true),
        ("[per-path-ignores]\n\"a.conf\" = [\"SUP3\"]\n", "", true, false),
        ("[per-path-ignores]\n\"b.conf\" = [\"SUP3\"]\n\"a.conf\" = []\n", "-q", true, true),
    ] {
        let desk = Desk::new(&[("a.conf", FILE), ("supconv.toml", toml)]);
        let diff = desk.run(&format!("lint --diff --unsafe-fixes {} a.conf", flags.replace("-q", "")));
        desk.run(&format!("lint --fix --unsafe-fixes {flags} a.conf"));
        let text = text(&desk, "a.conf");
        for (option, expected) in [("minfds=65536\n", minfds), ("killasgroup=true\n", group)] {
            assert_eq!(text.contains(option), expected, "{toml} {flags}: {text}");
            assert_eq!(diff.out.contains(&format!("+{option}")), expected, "{toml} {flags}: {}", diff.out);
        }
    }
}

/// What makes no sense is said, and nothing is written or printed.
#[test]
fn wrong_usage_ends_with_2_and_writes_nothing() {
    for (flags, expected) in [
        ("--unsafe-fixes a.conf", "supconv: --unsafe-fixes: add --fix or --diff\n"),
        ("--fix - a.conf", "supconv: --fix and --diff: give - alone, without another PATH\n"),
        ("--diff a.conf -", "supconv: --fix and --diff: give - alone, without another PATH\n"),
        ("--fix - --output-file o", "supconv: --output-file cannot be used with --fix -, "),
        ("--diff --output-file o a.conf", "--diff cannot be used with --output-file <FILE>"),
        ("--diff --statistics a.conf", "--diff cannot be used with --statistics"),
        ("--diff --quiet a.conf", "--diff cannot be used with --quiet"),
        ("--add-ignores", "supconv: --add-ignores: give the PATH of the file to write"),
        ("--add-ignores -", "supconv: --add-ignores: give the PATH of the file to write"),
        ("--add-ignores a.conf -", "supconv: --add-ignores: give the PATH of the file to write"),
        ("--add-ignores --fix a.conf", "--add-ignores[=<REASON>] cannot be used with --fix"),
        ("--add-ignores --diff a.conf", "--add-ignores[=<REASON>] cannot be used with --diff"),
        ("--add-ignores --unsafe-fixes a.conf", "--add-ignores[=<REASON>] cannot be used with --unsafe-fixes"),
        ("--add-ignores --no-ignores a.conf", "--add-ignores[=<REASON>] cannot be used with --no-ignores"),
        ("--add-ignores=a\u{7}b a.conf", "a comment has one line"),
        ("--fix --settings supconv.toml --isolated a.conf", "--settings <FILE> cannot be used with --isolated"),
    ] {
        let desk = Desk::new(&[("a.conf", FILE), ("supervisord.conf", FILE)]);
        let run = desk.run_with(&format!("lint {flags}"), FILE);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{flags}: {}", run.err);
        assert!(run.err.contains(expected), "{flags}: {}", run.err);
        assert_eq!([text(&desk, "a.conf"), text(&desk, "supervisord.conf")], [FILE, FILE], "{flags}");
        assert_eq!(fs::read_dir(&*desk).unwrap().count(), 2, "{flags}");
    }
    // --diff --fix is --diff; what cannot be read is said, and the other files are done.
    let desk = Desk::of(FILE);
    let run = desk.run("lint --diff --fix a.conf");
    assert!(run.code == 1 && run.out.starts_with("--- a.conf\n"), "{run:?}");
    assert_eq!(text(&desk, "a.conf"), FILE);
    let run = desk.run("lint --diff none.conf a.conf");
    assert!(run.code == 2 && run.out.starts_with("--- a.conf\n") && run.err.contains("none.conf"), "{run:?}");
    let run = desk.run("lint --fix none.conf a.conf");
    assert!(run.code == 2 && run.err.contains("none.conf"), "{run:?}");
    assert_eq!(text(&desk, "a.conf"), SAFE);
}

/// Nobody mends by hand what a program writes: that nothing is mended is said, and once.
#[test]
fn a_large_configuration_is_not_mended_and_that_is_said() {
    let said = "it has more than 512 KB with its includes, so what is left in it is not fixed\n";
    let large = "; a comment of a program that writes files\n".repeat(13_000);
    let desk = Desk::new(&[("a.conf", FILE), ("large.conf", &(FILE.to_owned() + &large))]);
    for (flags, expected) in [
        ("--diff --unsafe-fixes", format!("supconv: large.conf: {said}")),
        ("", String::new()),
        ("--fix", format!("supconv: large.conf: {said}")),
        ("--fix -q", String::new()),
    ] {
        let run = desk.run(&format!("lint {flags} large.conf a.conf"));
        assert_eq!((run.code, run.err), (1, expected), "{flags}");
    }
    assert_eq!((text(&desk, "a.conf"), text(&desk, "large.conf")), (SAFE.to_owned(), FILE.to_owned() + &large));
    // Files that it includes count; one where nothing could be mended is nothing to speak of.
    desk.write("a.conf", "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=large.conf\n");
    assert_eq!(desk.run("lint --fix a.conf").err, format!("supconv: a.conf: {said}"));
    desk.write("a.conf", ALL.to_owned() + &large);
    assert_eq!(desk.run("lint --fix a.conf").err, "");
}

/// Each of these headers hides an error, so that its fix is tried and not made.
#[test]
fn fixes_that_would_take_too_long_to_try_are_not_made_and_that_is_said() {
    let headers = (0..100).fold("[supervisord]\nuser=root\n".to_owned(), |text, number| {
        text + &format!("[progam:p{number}]\ncommand=/a\nuser=u\nautostart=maybe\n")
    });
    let desk = Desk::of(headers.clone() + &"; a comment of a program that writes files\n".repeat(9_000));
    let run = desk.run("lint --fix a.conf");
    assert_eq!(run.err, "supconv: a.conf: some fixes in it would take too long to try, so they are not made\n");
    desk.write("a.conf", headers);
    assert_eq!(desk.run("lint --fix a.conf").err, "");
}
