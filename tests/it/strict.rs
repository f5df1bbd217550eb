//! `to-systemd --strict`: what is only approximate counts as lost, and is allowed as a loss is; what holds for every unit never
//! counts.

use std::fs;

use crate::support::desk::Desk;

/// Exit code, how many files are in `d` then, standard error.
fn run(desk: &Desk, arguments: &str) -> (i32, usize, String) {
    let run = desk.convert(&format!("{arguments} --out d"));
    let files = fs::read_dir(desk.join("d")).map_or(0, Iterator::count);
    let _ = fs::remove_dir_all(desk.join("d"));
    (run.code, files, run.err)
}

/// A program of which everything is exact, but for what holds for every unit.
const EXACT: &str = "[supervisord]\nuser=root\nminfds=4096\n[program:w]\ncommand=/bin/w\nuser=w\n\
                     stdout_logfile=/var/log/w.log\nstdout_logfile_maxbytes=0\nredirect_stderr=true\n";
/// The same with a setting that is approximate, and with one that is lost.
const WAIT: &str = "startsecs=5\n";
const EVENTS: &str = "stdout_events_enabled=true\n";

#[test]
fn what_is_approximate_counts_as_lost() {
    for (name, text, plain, strict) in [
        ("exact", EXACT.to_owned(), (0, 3), (0, 3)),
        ("approximate", format!("{EXACT}{WAIT}"), (0, 3), (1, 0)),
        ("lost", format!("{EXACT}{EVENTS}"), (1, 0), (1, 0)),
    ] {
        let desk = Desk::of(text);
        let (code, files, said) = run(&desk, "");
        assert_eq!((code, files), plain, "{name}: {said}");
        let (code, files, said) = run(&desk, "--strict");
        assert_eq!((code, files), strict, "{name}: {said}");
        // What holds for every unit is still counted.
        assert!(said.contains(" small differences: "), "{name}: {said}");
    }
}

#[test]
fn a_flag_or_a_comment_allows_it() {
    let both = Desk::of(format!("{EXACT}{WAIT}{EVENTS}"));
    let (_, _, said) = run(&both, "--strict");
    let way_out = "settings are lost or differ (--strict).\n\
                   If you do not need them, add --allow-loss=startsecs,stdout_events_enabled\n";
    assert!(said.contains(way_out), "{said}");
    for (allowed, end) in [
        ("=startsecs", (1, 0)),
        ("=stdout_events_enabled", (1, 0)),
        ("=startsecs,stdout_events_enabled", (0, 3)),
        ("", (0, 3)),
    ] {
        let (code, files, said) = run(&both, &format!("--strict --allow-loss{allowed}"));
        assert_eq!((code, files), end, "{allowed}: {said}");
    }
    for (rule, end) in [("restart-policy-differs", (0, 3)), ("not-convertible", (1, 0))] {
        let text = format!("{EXACT}; supconv: ignore[{rule}] it is up at once\n{WAIT}");
        let (code, files, said) = run(&Desk::of(text), "--strict");
        assert_eq!((code, files), end, "{rule}: {said}");
    }
}

/// Only looking tells too, by the exit code and by its reason.
#[test]
fn only_looking_ends_as_writing_would() {
    let desk = Desk::of(format!("{EXACT}{WAIT}"));
    let (code, files, said) = run(&desk, "--strict --diff");
    assert_eq!((code, files), (1, 0));
    assert!(said.contains("nothing would be written: settings are lost or differ"), "{said}");
    assert_eq!(desk.convert("--strict").code, 1);
    assert_eq!(desk.convert("").code, 0);
}
