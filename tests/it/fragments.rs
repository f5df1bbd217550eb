//! Files that another one includes: what that one may have is unknown, and nobody is refused for it. And what is said of paths
//! that depend on a directory that nobody named.

use crate::support::desk::{Desk, flat, values};
use serde_json::{Value, json};

/// The findings of `a.conf`: rule, severity, confidence, line.
fn found(desk: &Desk, arguments: &str) -> Vec<(String, String, String, u64)> {
    let document = desk.json(&format!("lint --format json {arguments} a.conf"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let finding = |one: &Value| {
        assert_eq!(one["supervisor"], Value::Null, "{one}");
        (text(&one["rule"]), text(&one["severity"]), text(&one["confidence"]), one["start"]["line"].as_u64().unwrap())
    };
    // An RPC interface looks like a main file, which is another matter.
    let found = document["findings"].as_array().unwrap().iter().map(finding);
    found.filter(|(rule, ..)| rule != "SUP020").collect()
}

#[test]
fn a_fragment_is_never_refused_for_what_its_main_file_may_have() {
    let unknown = || json!({"unknown": ""});
    for (text, option, at, rule) in [
        ("[unix_http_server]\nchown=a:b\n", "file", "/servers/0/file", None),
        ("[inet_http_server]\n", "port", "/servers/0/port", None),
        ("[inet_http_server]\n", "port", "/servers/0/host", None),
        ("[unix_http_server]\npassword=p\nfile=/x\n", "username", "/servers/0/username", None),
        ("[program:a]\nuser=a\n", "command", "/groups/0/programs/0/command", Some("SUP408")),
        ("[eventlistener:a]\nuser=a\nevents=TICK_5\n", "command", "/groups/0/programs/0/command", Some("SUP408")),
        ("[eventlistener:a]\nuser=a\ncommand=/a\n", "events", "/groups/0/events", Some("SUP704")),
        ("[fcgi-program:a]\nuser=a\ncommand=/a\n", "socket", "/groups/0/socket/url", Some("SUP010")),
        (
            "[rpcinterface:a]\nretries=1\n",
            "supervisor.rpcinterface_factory",
            "/rpcinterfaces/0/factory",
            Some("SUP010"),
        ),
    ] {
        let desk = Desk::of(text);
        let shown = desk.json("show --format json a.conf");
        assert_eq!((&shown["ok"], &shown["fragment"]), (&json!(true), &json!(true)), "{text}: {shown}");
        assert_eq!(shown.pointer(at), Some(&unknown()), "{text}: {shown}");
        assert!(shown["unknown"].as_array().unwrap().iter().any(|pair| pair[1] == option), "{text}: {shown}");
        if option == "command" {
            assert_eq!(shown.pointer("/groups/0/programs/0/argv"), Some(&Value::Null), "{shown}");
        }
        assert_eq!(desk.run("show a.conf").code, 0, "{text}");
        let warning = rule.map(|rule| (rule.to_owned(), "warning".to_owned(), "medium".to_owned(), 1));
        assert_eq!(found(&desk, ""), warning.into_iter().collect::<Vec<_>>(), "{text}");
        // What stands in a main file is all there is.
        assert_eq!(desk.json("show --format json --as main a.conf")["ok"], false, "{text}");
        let whole = Desk::of(format!("[supervisord]\nuser=root\nminfds=65536\n{text}"));
        let refused = whole.json("lint --format json a.conf");
        assert!(refused["findings"].as_array().unwrap().iter().any(|one| one["severity"] == "error"), "{refused}");
        // Includes that are left unread may have it too.
        let unread = Desk::of(format!("[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=x.conf\n{text}"));
        assert_eq!(unread.json("show --format json --no-include a.conf")["ok"], true, "{text}");
    }
    let desk = Desk::of("[include]\n");
    assert_eq!(desk.json("show --format json a.conf")["ok"], true);
}

#[test]
fn a_program_whose_command_stands_elsewhere_has_no_unit() {
    let desk = Desk::of("[program:a]\nuser=a\nstartsecs=3\n[program:b]\ncommand=/b\nuser=b\n");
    let plan = desk.plan("");
    let lost: Vec<_> = plan["losses"].as_array().unwrap().iter().filter(|loss| loss["grade"] == "lost").collect();
    let first = lost.iter().find(|loss| loss["option"] == "command").unwrap();
    assert_eq!((&first["section"], &first["start"]["line"]), (&json!("program:a"), &json!(1)), "{lost:?}");
    assert_eq!(first["message"], "no unit is written: command= is not in this file; give --main FILE.");
    assert!(lost.iter().all(|loss| loss["section"] == "program:a"), "{lost:?}");
    assert_eq!(plan["errors"], json!([]));
    let files = plan["files"].as_array().unwrap();
    let services: Vec<_> = files.iter().filter(|file| file["path"].as_str().unwrap().ends_with(".service")).collect();
    assert!(services.len() == 1 && services[0]["path"] == "b.service", "{files:?}");
    assert_eq!(desk.convert("").code, 1);
    let desk = Desk::of("[fcgi-program:a]\ncommand=/a\nuser=a\n");
    let plan = desk.plan("");
    let of_socket = |one: &Value| one["option"] == "socket" && one["grade"] == "lost";
    assert!(plan["losses"].as_array().unwrap().iter().any(of_socket) && plan["errors"] == json!([]), "{plan}");
}

#[test]
fn what_a_fragment_adds_to_its_main_file_is_no_duplicate() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[unix_http_server]\nfile=/run/s.sock\nchmod=0700\n\
                [rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
                [program:a]\ncommand=/a\nuser=a\n";
    let desk = Desk::new(&[
        ("main.conf", main),
        ("a.conf", "[unix_http_server]\nchown=a:b\n[program:a]\nstartsecs=3\n"),
        ("b.conf", "[program:a]\ncommand=/b\n"),
        ("c.conf", "[unix_http_server]\nchmod=0770\n"),
    ]);
    let lint = |file: &str| {
        let run = desk.json(&format!("lint --format json --min-severity info --select SUP012 --main main.conf {file}"));
        let findings = run["findings"].as_array().unwrap().iter();
        findings.map(|one| one["severity"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(lint("a.conf"), [""; 0]);
    assert_eq!((lint("b.conf"), lint("c.conf")), (vec!["error".to_owned()], vec!["warning".to_owned()]));
}

#[test]
fn a_path_below_an_unknown_directory_is_told_as_written() {
    let text = "[supervisord]\nuser=root\nminfds=65536\nlogfile=/var/log/s.log\n[program:web]\ncommand=/a\nuser=a\n\
                stdout_logfile=%(program_name)s.log\nstderr_logfile=%(program_name)s.log\n";
    let desk = Desk::of(text);
    let message = |arguments: &str| {
        let run = desk.json(&format!("lint --format json --select SUP502 {arguments} a.conf"));
        run["findings"][0]["message"].as_str().unwrap().to_owned()
    };
    assert!(message("").starts_with("new lines go to .1 of '%(program_name)s.log': "), "{}", message(""));
    assert!(message("--cwd /srv").starts_with("new lines go to .1 of '/srv/web.log': "), "{}", message("--cwd /srv"));
    let journal = flat(&desk.convert("--details --logs journal").err);
    assert!(journal.contains("instead of %(program_name)s.log."), "{journal}");
    // As Supervisor has it: a program's log is relative still, supervisord's own is not.
    let relative = Desk::of(text.replace("/var/log/s.log", "s.log"));
    let shown = relative.json("show --format json a.conf");
    assert_eq!(shown["groups"][0]["programs"][0]["stdout_logfile"], "web.log");
    assert_eq!(shown["supervisord"]["logfile"], "/s.log");
    assert_eq!(relative.json("show --format json --cwd /srv a.conf")["supervisord"]["logfile"], "/srv/s.log");
    // Which pid file a relative one is, nobody knows; this is another one.
    let program = "[program:a]\nuser=a\ncommand=/bin/cat /run/supervisord.pid\n";
    let told = |supervisord: &str| Desk::of(format!("[supervisord]\n{supervisord}{program}")).convert("--details").err;
    assert!(!told("").contains("nothing writes"), "{}", told(""));
    assert!(told("pidfile=/run/supervisord.pid\n").contains("nothing writes /run/supervisord.pid"));
    let desk = Desk::of(format!("[supervisord]\n{program}"));
    assert!(desk.convert("--details --cwd /run").err.contains("nothing writes /run/supervisord.pid"));
    assert!(
        values(&desk.unit("", "a.service"), "ExecStart").iter().any(|value| value.contains("/run/supervisord.pid"))
    );
}
