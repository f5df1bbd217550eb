//! `to-systemd --strict`: what is only approximate counts as lost, and is allowed as a loss is; what holds for every unit never
//! counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory of one test with one file.
fn desk(name: &str, text: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strict").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("a.conf"), text).unwrap();
    directory
}

/// Exit code, how many files are in `d` then, standard error.
fn run(desk: &Path, arguments: &str) -> (i32, usize, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_supconv"));
    command.arg("to-systemd").args(arguments.split_whitespace()).args(["--out", "d", "a.conf"]).current_dir(desk);
    let output = command.output().unwrap();
    let files = fs::read_dir(desk.join("d")).map_or(0, Iterator::count);
    let _ = fs::remove_dir_all(desk.join("d"));
    (output.status.code().unwrap(), files, String::from_utf8(output.stderr).unwrap())
}

/// A program of which everything is exact, but for what holds for every unit.
const EXACT: &str = "[supervisord]\nuser=root\nminfds=4096\n[program:w]\ncommand=/bin/w\nuser=w\n\
                     stdout_logfile=/var/log/w.log\nstdout_logfile_maxbytes=0\nredirect_stderr=true\n";
/// The same with a setting that is approximate, and with one that is lost.
const WAIT: &str = "startsecs=5\n";
const EVENTS: &str = "stdout_events_enabled=true\n";

#[test]
fn what_counts() {
    for (name, text, plain, strict) in [
        ("exact", EXACT.to_owned(), (0, 2), (0, 2)),
        ("approximate", format!("{EXACT}{WAIT}"), (0, 2), (1, 0)),
        ("lost", format!("{EXACT}{EVENTS}"), (1, 0), (1, 0)),
    ] {
        let desk = desk(name, &text);
        let (code, files, said) = run(&desk, "");
        assert_eq!((code, files), plain, "{name}: {said}");
        let (code, files, said) = run(&desk, "--strict");
        assert_eq!((code, files), strict, "{name}: {said}");
        // What holds for every unit is said all the same.
        assert!(said.contains("each program leads a session of its own"), "{name}: {said}");
    }
}

#[test]
fn what_allows_it() {
    let both = desk("both", &format!("{EXACT}{WAIT}{EVENTS}"));
    let (_, _, said) = run(&both, "--strict");
    let way_out = "settings are lost or differ (--strict); if you can do without them: \
                   --allow-loss=startsecs,stdout_events_enabled\n";
    assert!(said.contains(way_out), "{said}");
    for (allowed, end) in [
        ("=startsecs", (1, 0)),
        ("=stdout_events_enabled", (1, 0)),
        ("=startsecs,stdout_events_enabled", (0, 2)),
        ("", (0, 2)),
    ] {
        let (code, files, said) = run(&both, &format!("--strict --allow-loss{allowed}"));
        assert_eq!((code, files), end, "{allowed}: {said}");
    }
    for (rule, end) in [("restart-policy-differs", (0, 2)), ("not-convertible", (1, 0))] {
        let text = format!("{EXACT}; supconv: ignore[{rule}] it is up at once\n{WAIT}");
        let (code, files, said) = run(&desk("comment", &text), "--strict");
        assert_eq!((code, files), end, "{rule}: {said}");
    }
}

/// Only looking tells too, by the exit code and by its reason.
#[test]
fn without_writing() {
    let desk = desk("looking", &format!("{EXACT}{WAIT}"));
    let (code, files, said) = run(&desk, "--strict --diff");
    assert_eq!((code, files), (1, 0));
    assert!(said.contains("nothing would be written: settings are lost or differ"), "{said}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_supconv"));
    let code = |command: &mut Command| command.current_dir(&desk).output().unwrap().status.code();
    assert_eq!(code(command.args(["to-systemd", "--strict", "a.conf"])), Some(1));
    let mut command = Command::new(env!("CARGO_BIN_EXE_supconv"));
    assert_eq!(code(command.args(["to-systemd", "a.conf"])), Some(0));
}
