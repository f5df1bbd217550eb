//! What cannot be looked at is told in a sentence, with exit code 2.

use std::process::Command;

use serde_json::json;

use super::running::{Start, Supervisord, bin, hold, program, program_of};
use crate::support::desk::{Desk, PROGRAM, Run, run};
use crate::support::machine;

fn refused(run: &Run, said: &str) {
    assert_eq!((run.code, &*run.out), (2, ""), "{}", run.err);
    assert!(run.err.starts_with("supconv: ") && run.err.lines().count() == 1, "{}", run.err);
    assert!(run.err.contains(said), "{}", run.err);
}

#[test]
fn processes_that_are_no_supervisord() {
    let own = std::process::id();
    let desk = Desk::new(&[
        ("other.conf", "[supervisord]\npidfile=%(here)s/other.pid\n"),
        ("gone.conf", "[supervisord]\npidfile=%(here)s/gone.pid\n"),
        ("none.conf", "[supervisord]\npidfile=%(here)s/none.pid\n"),
        ("empty.conf", "[supervisord]\npidfile=%(here)s/empty.pid\n"),
        ("open.conf", "[supervisord]\npidfile=%(ENV_NOTHING)s.pid\n"),
        ("other.pid", &own.to_string()),
        // The kernel gives no such number.
        ("gone.pid", "4194305\n"),
        ("empty.pid", "\n"),
    ]);
    let pidfile = |name: &str| format!("{name}, the pidfile of");
    refused(&desk.run(&format!("limits --pid {own}")), &format!("process {own} is not supervisord but "));
    refused(&desk.run("limits --pid 4194305"), "process 4194305 does not run");
    refused(&desk.run("limits --pid me"), "--pid me: ");
    refused(&desk.run("limits -c other.conf"), "other.pid names, is not supervisord");
    refused(&desk.run("limits -c gone.conf"), "gone.pid names, does not run");
    let unread = "none.pid cannot be read: No such file or directory; if supervisord runs, use --pid";
    refused(&desk.run("limits -c none.conf"), unread);
    refused(&desk.run("limits -c empty.conf"), &pidfile("empty.pid"));
    refused(&desk.run("limits -c open.conf"), "open.conf: ");
    refused(&desk.run("limits -c missing.conf"), "missing.conf: No such file or directory");
    refused(&desk.run("limits --watch 0"), "give a number of seconds");
    refused(&desk.run("limits --warn 0"), "--warn");
    refused(&desk.run("limits --pid 1 -c a.conf"), "cannot be used with");
}

#[test]
fn no_supervisord_runs() {
    if !machine::root() {
        machine::passed_over("a /proc without a supervisord", "only root may have a namespace");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child=KILL", PROGRAM, "limits"]);
    refused(&run(&mut command), "no supervisord runs here, or none that this account may see");
}

/// Another account may see limits, but neither descriptors nor an environment nor a configuration.
#[test]
fn rights_that_are_missing() {
    if !machine::root() {
        machine::passed_over("another account's look", "only root may become another account");
        return;
    }
    let Some(bin) = bin() else { return };
    let text = ["[supervisord]\n".to_owned(), program("web", &hold(40), ""), program("own", &hold(10), "user=nobody")];
    let start =
        Start { soft: 1024, flags: "-c a.conf", without: None, module: false, files: &[("a.conf", &text.concat())] };
    let supervisord = Supervisord::start(&bin, &start);
    let judged = supervisord.wait_for("unknown", &[("web", 40), ("own", 10)]);
    let web = program_of(&judged["supervisord"], "web").unwrap();
    let Run { code, out, err } = supervisord.limits_as_nobody(&[]);
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("2 processes (") && err.contains("open descriptors cannot be read: "), "{err}");
    assert!(out.contains("\nsleep ") && out.contains("\nown "), "{out}");
    let run = supervisord.limits_as_nobody(&["--format", "json"]);
    let document = run.json();
    assert_eq!((run.code, &*run.err), (2, ""));
    let found = &document["supervisords"][0];
    for (key, value) in [("soft", json!(1024)), ("open", json!(null)), ("share", json!(null)), ("minfds", json!(null))]
    {
        assert_eq!(found[key], value, "{key}");
    }
    // By its command.
    let by_command = program_of(found, "sleep").unwrap();
    for (key, value) in [
        ("pid", web["pid"].clone()),
        ("user", json!("root")),
        ("soft", json!(1024)),
        ("hard", web["hard"].clone()),
        ("open", json!(null)),
        ("share", json!(null)),
        ("decided", json!("unknown")),
        ("severity", json!("warning")),
    ] {
        assert_eq!(by_command[key], value, "{key}");
    }
    let own = program_of(found, "own").unwrap();
    assert_eq!((&own["open"], &own["user"]), (&json!(13), &json!("nobody")));
    for error in document["errors"].as_array().unwrap() {
        let keys: Vec<_> = error.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["pid", "message"]);
    }
    let errors: Vec<_> = document["errors"].as_array().unwrap().iter().map(|error| error["pid"].clone()).collect();
    assert_eq!(errors, [json!(supervisord.pid()), web["pid"].clone()]);
    // Who raises is told the same: a program may run under a name that cannot be read.
    let run = supervisord.limits_as_nobody(&["--raise", "2048", "web"]);
    assert_eq!((run.code, &*run.out), (2, ""), "{}", run.err);
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(
        matches!(lines.as_slice(), [unread, unknown] if unread.contains("cannot be read: run supconv as root")
            && unknown.contains("no running program is called web: ")),
        "{}",
        run.err
    );
    let run = supervisord.limits_as_nobody(&["--raise", "1024"]);
    assert_eq!((run.code, run.out.is_empty()), (2, false), "{}{}", run.out, run.err);
    assert!(run.err.contains("cannot be read: run supconv as root"), "{}", run.err);
}

/// root in a usual container may count what other accounts have open, but not see their environment.
#[test]
fn a_program_is_named_by_its_command_in_the_configuration() {
    if !machine::root() {
        machine::passed_over("a look without CAP_SYS_PTRACE", "only root has it");
        return;
    }
    let Some(bin) = bin() else { return };
    let program = "[program:web]\ncommand=/bin/sleep 3600\nuser=nobody\nstdout_logfile=NONE\nstderr_logfile=NONE\n";
    let text = format!("[supervisord]\n{program}");
    let files = [("a.conf", &*text)];
    let start = Start { soft: 1024, flags: "-c a.conf", without: Some("sys_ptrace"), module: false, files: &files };
    let supervisord = Supervisord::start(&bin, &start);
    let judged = supervisord.wait_for("inherited", &[("web", 0)]);
    let run = supervisord.limits_without("sys_ptrace", "--format json");
    let document = run.json();
    assert_eq!((run.code, &*run.err, &document["errors"]), (1, "", &json!([])), "{}", run.out);
    assert_eq!(document["supervisords"][0]["programs"], judged["supervisord"]["programs"]);
    // Of a supervisord that has more rights the configuration cannot be read.
    let start = Start { without: None, ..start };
    let supervisord = Supervisord::start(&bin, &start);
    let judged = supervisord.wait_for("unknown", &[("web", 0)]);
    let run = supervisord.limits_without("sys_ptrace", "");
    let unread =
        ": the configuration cannot be read, so minfds is not known: run supconv as its account, or as root with";
    assert!(run.code == 2 && run.err.contains(unread), "{}{}", run.out, run.err);
    assert!(run.out.contains("It is not known whether minfds decided this."), "{}", run.out);
    let web = &judged["supervisord"]["programs"][0]["pid"];
    let line = run.out.lines().find(|line| line.starts_with("sleep ")).unwrap_or_else(|| panic!("{}", run.out));
    assert_eq!(line.split_whitespace().take(4).collect::<Vec<_>>(), ["sleep", &web.to_string(), "nobody", "3"]);
}
