//! Limits are raised as supervisord raises them, and never lowered.

use std::process::Command;

use supconv::convert::daemon::launcher::Launcher;

use super::{ended, output, shells, witness};
use crate::support::desk::Desk;
use crate::support::machine;

/// The soft and the hard limit in /proc/PID/limits.
fn limit(limits: &[u8], name: &str) -> (String, String) {
    let text = String::from_utf8_lossy(limits);
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let mut numbers = line.split_whitespace().map(str::to_owned);
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// Starts what follows with these limits: 'ulimit' of bash, its flag, soft, hard.
fn before(flag: &str, soft: &str, hard: &str) -> String {
    format!("ulimit -S{flag} {soft} && ulimit -H{flag} {hard} && exec \"$@\"")
}

fn raises(flag: &str, name: &str, launcher: &dyn Fn(u64) -> Launcher<'static>) {
    let desk = Desk::new(&[]);
    for shell in shells(&desk) {
        for (soft, hard, floor, expected) in [
            ("512", "4000", 1024, ("1024", "4000")),
            ("1024", "4000", 1024, ("1024", "4000")),
            ("3000", "4000", 1024, ("3000", "4000")),
            ("1000", "4000", 4000, ("4000", "4000")),
            ("500", "500", 0, ("500", "500")),
        ] {
            let script = before(flag, soft, hard);
            let witness = witness("limits");
            let said = output(&mut shell.launch_from(&["bash", "-c", &script, "x"], &launcher(floor), &witness));
            let (soft, hard) = limit(&said, name);
            assert_eq!((soft.as_str(), hard.as_str()), expected, "{} {name} {floor}", shell.name);
        }
        // Above the hard limit: root may raise that too, where its machine lets it.
        let script = before(flag, "300", "400");
        let higher = format!("ulimit -{flag} 600");
        let allowed =
            Command::new("bash").args(["-c", &script, "x", "bash", "-c", &higher]).output().unwrap().status.success();
        let witness = witness("limits");
        let mut command = shell.launch_from(&["bash", "-c", &script, "x"], &launcher(600), &witness);
        if allowed {
            assert_eq!(limit(&output(&mut command), name), ("600".to_owned(), "600".to_owned()), "{}", shell.name);
        } else {
            machine::said(&format!("a higher hard limit: {name}"), "this machine does not allow it");
            let (code, said) = ended(&mut command);
            assert_eq!(code, Some(127), "{}: {said}", shell.name);
            assert!(said.starts_with("web is not started: the limit of ") && said.lines().count() == 1, "{said}");
        }
    }
}

#[test]
fn open_files() {
    raises("n", "Max open files", &|floor| Launcher { name: "web", open_files: Some(floor), ..Launcher::default() });
}

#[test]
fn processes() {
    if !machine::root() {
        machine::passed_over("minprocs", "others than root may have more processes than these limits");
        return;
    }
    raises("u", "Max processes", &|floor| Launcher { name: "web", processes: Some(floor), ..Launcher::default() });
}

#[test]
fn no_limit_is_above_every_floor() {
    let desk = Desk::new(&[]);
    for shell in shells(&desk) {
        let launcher = Launcher { name: "web", processes: Some(200), ..Launcher::default() };
        let witness = witness("limits");
        let script = "ulimit -Hu unlimited && ulimit -Su unlimited || exit 99; exec \"$@\"";
        let mut command = shell.launch_from(&["bash", "-c", script, "x"], &launcher, &witness);
        if command.output().unwrap().status.code() == Some(99) {
            machine::said("processes without a limit", "this machine does not allow it");
            continue;
        }
        let (soft, _) = limit(&output(&mut command), "Max processes");
        assert_eq!(soft, "unlimited", "{}", shell.name);
    }
}
