//! Where output goes, and the masks of the program and of the files that are made for it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use supconv::convert::daemon::launcher::{Launcher, Output, Stderr};

use super::{ended, output, plain, shells, status, witness};
use crate::support::desk::Desk;

const SPEAKS: [&str; 3] = ["/bin/sh", "-c", "echo out; echo error >&2"];

#[test]
fn files_are_made_with_supervisords_mask_and_appended_to() {
    let desk = Desk::new(&[]);
    for shell in shells(&desk) {
        for (umask, log_umask, [program, log]) in [
            (Some(0o27), Some(0o22), [0o27, 0o644]),
            (Some(0), Some(0o77), [0, 0o600]),
            (None, Some(0o77), [0o33, 0o600]),
            (Some(0o37), None, [0o37, 0o644]),
        ] {
            let [first, second] = ["it's $(a) log", ">&2"].map(|name| desk.path(&format!("{}-{name}", shell.name)));
            let stderr = Stderr::Own(Output::File(&second));
            let launcher = Launcher { stdout: Output::File(&first), stderr, umask, log_umask, ..plain() };
            // The daemon's own.
            let daemon = ["bash", "-c", "umask 033; exec \"$@\"", "x"];
            for _ in 0..2 {
                assert_eq!(output(&mut shell.launch_from(&daemon, &launcher, &SPEAKS)), b"");
            }
            assert_eq!(fs::read_to_string(&first).unwrap(), "out\nout\n", "{}", shell.name);
            assert_eq!(fs::read_to_string(&second).unwrap(), "error\nerror\n", "{}", shell.name);
            for file in [&first, &second] {
                let mode = fs::metadata(file).unwrap().permissions().mode() & 0o7777;
                assert_eq!(mode, if log_umask.is_some() { log } else { 0o644 }, "{} {umask:?}", shell.name);
                fs::remove_file(file).unwrap();
            }
            let witness = witness("status");
            let kept = Launcher { stdout: Output::Kept, ..launcher };
            let found = status(&mut shell.launch_from(&daemon, &kept, &witness));
            assert_eq!(found["Umask"], format!("{program:04o}"), "{}", shell.name);
            fs::remove_file(&second).unwrap();
        }
    }
}

#[test]
fn nowhere_together_or_as_the_daemon_has_it() {
    let desk = Desk::new(&[]);
    for shell in shells(&desk) {
        for (stdout, stderr, expected) in [
            (Output::Kept, Stderr::default(), ["out\n", "error\n"]),
            (Output::Kept, Stderr::Stdout, ["out\nerror\n", ""]),
            (Output::Nowhere, Stderr::default(), ["", "error\n"]),
            (Output::Kept, Stderr::Own(Output::Nowhere), ["out\n", ""]),
            (Output::Nowhere, Stderr::Stdout, ["", ""]),
        ] {
            let launcher = Launcher { stdout, stderr, ..plain() };
            let run = shell.launch(&launcher, &SPEAKS).output().unwrap();
            let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(said, expected, "{} {stdout:?} {stderr:?}", shell.name);
        }
    }
}

#[test]
fn the_parents_own_output() {
    let desk = Desk::new(&[]);
    for shell in shells(&desk) {
        for (stdout, stderr, expected) in [
            (Output::ParentsStdout, Stderr::Own(Output::ParentsStderr), ["out\n", "error\n"]),
            (Output::ParentsStderr, Stderr::Own(Output::ParentsStdout), ["error\n", "out\n"]),
            (Output::ParentsStdout, Stderr::Stdout, ["out\nerror\n", ""]),
        ] {
            let launcher = Launcher { stdout, stderr, ..plain() };
            // A parent that keeps what it starts from speaking to where itself speaks.
            let parent = ["bash", "-c", "\"$@\" >/dev/null 2>/dev/null; exit $?", "x"];
            let run = shell.launch_from(&parent, &launcher, &SPEAKS).output().unwrap();
            let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(said, expected, "{} {stdout:?} {stderr:?}", shell.name);
            // A parent whose output is a file.
            desk.write("log", "before\n");
            let script = format!("exec >>'{0}' 2>>'{0}'; \"$@\" >/dev/null 2>/dev/null; exit $?", desk.path("log"));
            output(&mut shell.launch_from(&["bash", "-c", &script, "x"], &launcher, &SPEAKS));
            assert_eq!(fs::read_to_string(desk.join("log")).unwrap(), "before\nout\nerror\n", "{}", shell.name);
        }
    }
}

#[test]
fn a_file_that_cannot_be_opened() {
    let desk = Desk::new(&[]);
    let file = desk.path("none/log");
    for shell in shells(&desk) {
        let launcher = Launcher { stdout: Output::File(&file), ..plain() };
        let (code, said) = ended(&mut shell.launch(&launcher, &SPEAKS));
        assert!(
            code != Some(0) && said.contains(&file) && !said.contains("error\n"),
            "{}: {code:?} {said}",
            shell.name
        );
    }
}
