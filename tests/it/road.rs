//! The main road of `to-systemd`: the decision tables of docs/facts.md, units of whole files under `verify`, what is written and when.

use std::collections::BTreeSet;
use std::fs;

use crate::support::desk::{Desk, Run, supconv, values};
use crate::support::{corpus, verify};
use serde_json::Value as Json;
use supconv::convert::systemd::restart::{Decision, Spacing, decision, spacing};
use supconv::convert::systemd::stop::{Scope, scope, signal, timeout};
use supconv::convert::systemd::targets::numbers;
use supconv::model::signal::Signal;
use supconv::model::value::AutoRestart;
use supconv::python::integer::Integer;

const HEAD: &str = "[supervisord]\nuser=root\nminfds=4096\n";

/// facts 6.1.
#[test]
fn an_end_leads_to_the_restart_of_the_facts() {
    let set = |list: &[u8]| list.iter().copied().collect::<BTreeSet<u8>>();
    for (policy, codes, stop, restart, success, force) in [
        (AutoRestart::Always, &[0][..], 15, "always", (&[][..], &[][..]), (&[][..], &[][..])),
        (AutoRestart::Never, &[0, 2], 15, "no", (&[2], &[]), (&[], &[])),
        (AutoRestart::Unexpected, &[0], 15, "on-failure", (&[], &[]), (&[], &[1, 2, 13, 15])),
        (AutoRestart::Unexpected, &[0, 2], 15, "on-failure", (&[2], &[]), (&[], &[1, 2, 13, 15])),
        (AutoRestart::Unexpected, &[2], 15, "on-failure", (&[2], &[]), (&[0], &[1, 2, 13, 15])),
        (AutoRestart::Unexpected, &[], 15, "on-failure", (&[], &[]), (&[0], &[1, 2, 13, 15])),
        (AutoRestart::Unexpected, &[0], 3, "on-failure", (&[], &[3]), (&[], &[1, 2, 3, 13, 15])),
        (AutoRestart::Always, &[0], 9, "always", (&[], &[9]), (&[], &[])),
        (AutoRestart::Unexpected, &[0], 0, "on-failure", (&[], &[]), (&[], &[1, 2, 13, 15])),
    ] {
        let expected =
            Decision { restart, success: (set(success.0), set(success.1)), force: (set(force.0), set(force.1)) };
        assert_eq!(decision(policy, codes, Signal(stop)), expected, "{policy:?} {codes:?} {stop}");
    }
}

/// facts 6.2: `n`, and what becomes of it with startsecs=1, in tenths of a second.
#[test]
fn retries_become_the_delay_burst_and_interval_of_the_facts() {
    for (n, delay, burst, interval) in [
        (-3, 10, 1, 15),
        (0, 10, 1, 15),
        (1, 10, 2, 30),
        (2, 10, 4, 60),
        (3, 10, 7, 105),
        (4, 10, 11, 165),
        (5, 10, 16, 240),
        (7, 10, 29, 435),
        (10, 10, 56, 840),
        (20, 40, 54, 2430),
        (50, 50, 256, 14080),
        (84, 50, 715, 39325),
    ] {
        let spacing = |secs: i64, for_ever| spacing(&Integer::from(n), &Integer::from(secs), for_ever);
        assert_eq!(spacing(1, false), Spacing::Limited { delay, burst, interval }, "{n}");
        for secs in [3, 10] {
            let interval = burst * (delay + secs * 5);
            let secs = i64::try_from(secs).unwrap();
            assert_eq!(spacing(secs, false), Spacing::Limited { delay, burst, interval }, "{n} {secs}");
            assert_eq!(spacing(secs, true), Spacing::Unlimited { delay: 50 });
        }
        assert_eq!(spacing(0, false), Spacing::Unlimited { delay: 10 });
    }
    let for_ever = Spacing::Unlimited { delay: 50 };
    assert_eq!(spacing(&Integer::from(85), &Integer::from(1), false), for_ever);
    assert_eq!(spacing(&Integer::from(i64::MAX), &Integer::from(i64::MAX), false), for_ever);
}

/// facts 7.1 to 7.3.
#[test]
fn it_stops_by_the_signal_scope_and_time_of_the_facts() {
    for (stop, kill, faithful, expected) in [
        (false, false, false, Scope::Mixed),
        (false, false, true, Scope::Process),
        (false, true, false, Scope::Mixed),
        (false, true, true, Scope::Mixed),
        (true, true, false, Scope::ControlGroup),
        (true, true, true, Scope::ControlGroup),
    ] {
        assert_eq!(scope(stop, kill, faithful), expected);
    }
    for (number, name) in
        [(15, "SIGTERM"), (9, "SIGKILL"), (17, "SIGCHLD"), (6, "SIGABRT"), (29, "SIGIO"), (0, "SIGCONT")]
    {
        assert_eq!(signal(Signal(number)).as_str(), name);
    }
    assert_eq!((signal(Signal(34)).as_str(), signal(Signal(64)).as_str()), ("SIGRTMIN+0", "SIGRTMIN+30"));
    for (seconds, text) in
        [(-1, "1us"), (0, "1us"), (1, "1s"), (10, "10s"), (1_000_000_000, "1000000000s"), (1_000_000_001, "infinity")]
    {
        assert_eq!(timeout(&Integer::from(seconds)).as_str(), text);
    }
    let desk =
        Desk::of(format!("{HEAD}[program:w]\ncommand=/bin/w\nstopsignal=USR1\nstopasgroup=true\nstopwaitsecs=0\n"));
    let unit = desk.unit("", "w.service");
    assert_eq!(values(&unit, "KillMode"), ["control-group"]);
    assert_eq!(values(&unit, "KillSignal"), ["SIGUSR1"]);
    assert_eq!(values(&unit, "SuccessExitStatus"), ["SIGUSR1"]);
    assert_eq!(values(&unit, "TimeoutStopSec"), ["1us"]);
}

/// facts 8.1: the written destination, `StandardOutput=` by default and with `--logs journal`.
#[test]
fn output_goes_where_the_facts_say() {
    for (written, keep, journal, grade) in [
        ("AUTO", "journal", "journal", "approximate"),
        ("NONE", "null", "null", ""),
        ("off", "null", "null", ""),
        ("/dev/null", "null", "null", ""),
        ("/dev/stdout", "journal", "journal", "approximate"),
        ("/proc/1/fd/1", "journal", "journal", "approximate"),
        ("/var/log/a b.log", "append:/var/log/a b.log", "journal", ""),
        ("/var/log/%%%%.log", "append:/var/log/%%.log", "journal", ""),
        ("/srv/x/../w.log", "append:/srv/w.log", "journal", "approximate"),
        ("logs/w.log", "journal", "journal", "lost"),
        ("/var/log/w\\", "journal", "journal", "lost"),
        ("syslog", "journal", "journal", "approximate"),
    ] {
        let text = format!("{HEAD}[program:w]\ncommand=/bin/w\nstdout_logfile_maxbytes=0\nstdout_logfile={written}\n");
        let desk = Desk::of(text);
        assert_eq!(values(&desk.unit("", "w.service"), "StandardOutput"), [keep], "{written}");
        assert_eq!(values(&desk.unit("--logs journal", "w.service"), "StandardOutput"), [journal], "{written}");
        let plan = desk.plan("");
        let losses = plan["losses"].as_array().unwrap().iter();
        let of = |loss: &&Json| {
            let message = loss["message"].as_str().unwrap();
            let constant =
                ["journald may", "the program writes directly to"].iter().any(|words| message.starts_with(words));
            loss["option"] == "stdout_logfile" && !constant
        };
        let worst = losses.filter(of).map(|loss| loss["grade"].as_str().unwrap()).max().unwrap_or("");
        assert_eq!(worst, grade, "{written}: {plan}");
    }
    let text = format!("{HEAD}[program:w]\ncommand=/bin/w\nredirect_stderr=true\nstdout_logfile=/var/log/w.log\n");
    let unit = Desk::of(text).unit("", "w.service");
    assert_eq!(values(&unit, "StandardError"), ["inherit"]);
    assert_eq!(values(&unit, "RequiresMountsFor"), ["/var/log"]);
}

#[test]
fn a_template_is_exactly_its_instances() {
    assert_eq!(numbers(&["w_00", "w_01"]), Some(vec!["00", "01"]));
    assert_eq!(numbers(&["w9x", "w10x"]), Some(vec!["9", "10"]));
    for names in [&["w"][..], &["a", "b"], &["w1", "w1"], &["w-a1", "w-b1"]] {
        assert_eq!(numbers(names), None, "{names:?}");
    }
    for (command, template) in [
        ("/bin/w --port=80%(process_num)02d", true),
        ("/bin/w", true),
        ("/bin/w %(process_num)d", false),
        ("/bin/w \"%%i %(process_num)02d\"", true),
        ("/bin/w x%(process_num)c", false),
    ] {
        let text = format!(
            "{HEAD}[program:w]\ncommand={command}\nnumprocs=3\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs_start=8\n"
        );
        let desk = Desk::of(text);
        let plan = desk.plan("");
        let paths: Vec<_> =
            plan["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
        let enable: Vec<_> = plan["enable"].as_array().unwrap().iter().map(|unit| unit.as_str().unwrap()).collect();
        if template {
            assert_eq!(paths, ["w@.service", "w.target", "supervisord.target", "HANDOVER.md"], "{command}");
            assert_eq!(enable[2..], ["w@08.service", "w@09.service", "w@10.service"]);
            assert!(desk.unit("", "w@.service").contains("SUPERVISOR_PROCESS_NAME=w_%i"));
        } else {
            assert_eq!(paths[..3], ["w_08.service", "w_09.service", "w_10.service"], "{command}");
        }
        assert_eq!(enable[..2], ["supervisord.target", "w.target"]);
    }
}

#[test]
fn limits_come_in_pairs() {
    let desk = Desk::of("[supervisord]\nuser=root\nminprocs=5000\n[program:w]\ncommand=/bin/w\numask=-7\n");
    let unit = desk.unit("", "w.service");
    assert_eq!(values(&unit, "LimitNOFILE"), Vec::<&str>::new());
    assert_eq!((values(&unit, "LimitNPROC"), values(&unit, "TasksMax")), (vec!["infinity"], vec!["infinity"]));
    assert_eq!(values(&unit, "UMask"), ["0771"]);
    let Run { err: said, .. } = desk.convert("");
    assert!(said.contains("w.service: 1024:524288, systemd's default (minfds not written)"), "{said}");
    for (given, line) in [("2000", "2000:524288"), ("2000:3000", "2000:3000"), ("900000", "900000:900000")] {
        assert_eq!(values(&desk.unit(&format!("--nofile {given}"), "w.service"), "LimitNOFILE"), [line]);
    }
    for wrong in ["3000:2000", "0", "x", "1:", "99999999999"] {
        assert_eq!(desk.convert(&format!("--nofile {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn faithful_keeps_supervisors_behaviour() {
    let desk = Desk::of(format!("{HEAD}[program:w]\ncommand=/bin/w\nuser=w\nenvironment=HOME=\"/x\"\n"));
    let unit = desk.unit("--faithful", "w.service");
    assert_eq!(
        (values(&unit, "KillMode"), values(&unit, "UnsetEnvironment")),
        (vec!["process"], vec!["USER LOGNAME SHELL"])
    );
    let unit = desk.unit("", "w.service");
    assert_eq!((values(&unit, "KillMode"), values(&unit, "UnsetEnvironment")), (vec!["mixed"], vec![]));
}

#[test]
fn files_are_written_compared_and_not_overwritten() {
    let good = format!("{HEAD}[program:w]\ncommand=/bin/w\nuser=w\n");
    let desk = Desk::of(&good);
    let files = |desk: &Desk| fs::read_dir(desk.join("d")).map_or(0, Iterator::count);
    assert_eq!(desk.convert("--out d --check").code, 1);
    assert_eq!(desk.convert("--out d --diff").code, 1);
    assert_eq!(files(&desk), 0, "looking writes nothing");
    let Run { code, out, err: said } = desk.convert("--out d");
    assert_eq!((code, files(&desk)), (0, 3), "{out}{said}");
    assert!(out.starts_with("NEXT\n  less d/HANDOVER.md "), "{out}");
    assert!(said.ends_with("\ncreated 3 files in d/\n"), "{said}");
    assert_eq!((desk.convert("--out d --check").code, desk.convert("--out d --diff").out.as_str()), (0, ""));
    let plan = desk.plan("--out d");
    assert!(plan["files"].as_array().unwrap().iter().all(|file| file["state"] == "unchanged"), "{plan}");

    let changed = desk.join("d/w.service");
    fs::write(&changed, "mine\n").unwrap();
    let Run { code, err: said, .. } = desk.convert("--out d");
    assert_eq!((code, fs::read_to_string(&changed).unwrap().as_str()), (1, "mine\n"), "{said}");
    assert!(said.contains("w.service: differs") && said.contains("--force"), "{said}");
    let Run { code, out: diff, .. } = desk.convert("--out d --diff");
    assert!(code == 1 && diff.contains("\n-mine\n+# supconv:"), "{diff}");
    assert_eq!(desk.plan("--out d --force")["files"][0]["state"], "overwritten");
    assert_eq!(desk.convert("--out d --check").code, 0);

    // A loss: printed, nothing written, unless it is allowed.
    let lost = Desk::of(format!("{good}stdout_events_enabled=true\n"));
    let Run { code, err: said, .. } = lost.convert("--out d");
    assert_eq!((code, files(&lost)), (1, 0));
    assert!(said.contains("nothing was written") && said.contains("--allow-loss=stdout_events_enabled"), "{said}");
    assert_eq!((lost.convert("--out d --allow-loss=priority").code, files(&lost)), (1, 0));
    assert_eq!((lost.convert("--out d --allow-loss=stdout_events_enabled").code, files(&lost)), (0, 3));
    assert_eq!(lost.convert("--allow-loss").code, 0);
    assert_eq!(lost.convert("").code, 1);

    // A comment in the file allows it too; of another rule it does not.
    for (rule, code) in [("not-convertible", 0), ("kill-scope-differs", 1)] {
        let text = format!(
            "[supervisord]\nuser=root\n[program:x]\ncommand=/x\n; supconv: ignore[{rule}] nobody listens\n\
             stdout_events_enabled=true\n"
        );
        assert_eq!(Desk::of(text).convert("").code, code, "{rule}");
    }
    // A section that Supervisor refuses: the rest only with a bare --allow-loss, and exit 1 all the same.
    let half = Desk::of(format!("{good}[program:bad]\ncommand=/bin/b\nstartsecs=soon\n"));
    assert_eq!((half.convert("--out d --allow-loss=startsecs").code, files(&half)), (1, 0));
    assert_eq!((half.convert("--out d --allow-loss").code, files(&half)), (1, 3));
    // The whole file: nothing.
    let whole = Desk::of(format!("{good}[supervisord]\nminfds=many\n"));
    assert_eq!((whole.convert("--out d --allow-loss").code, files(&whole)), (1, 0));
    for wrong in [
        "--diff",
        "--check",
        "--force",
        "--out d --diff --check",
        "--out d --check --details",
        "--out d --diff --details",
        "--allow-loss=nope",
        "--only nope",
    ] {
        assert_eq!(desk.convert(wrong).code, 2, "{wrong}");
    }
    // What cannot be written is said, and leaves nothing behind.
    fs::write(desk.join("file"), "").unwrap();
    assert_eq!(desk.convert("--out file/d").code, 2);
}

#[test]
fn only_some_are_converted_and_the_rest_is_named() {
    let text = format!(
        "{HEAD}[group:g]\nprograms=a,b\n[program:a]\ncommand=/bin/a\n[program:b]\ncommand=/bin/b\n[program:w]\ncommand=/bin/w\n"
    );
    let desk = Desk::of(text);
    for (only, files, stays) in [
        ("w", vec!["w.service", "supervisord.target"], vec!["g:*"]),
        ("g:*", vec!["g-a.service", "g-b.service", "g.target", "supervisord.target"], vec!["w"]),
        ("g:b,w", vec!["g-b.service", "g.target", "w.service", "supervisord.target"], vec!["g:a"]),
    ] {
        let plan = desk.plan(&format!("--only {only}"));
        let paths = plan["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
        let (pages, paths): (Vec<_>, Vec<_>) = paths.partition(|path| path.starts_with("HANDOVER-"));
        assert_eq!((pages.len(), paths), (1, files), "{only}");
        assert_eq!(plan["stays"], Json::from(stays), "{only}");
    }
}

/// facts 9.2.
#[test]
fn what_listeners_did_is_named() {
    let text = format!(
        "{HEAD}[eventlistener:l]\ncommand=/usr/bin/watcher -a 200MB\nevents=PROCESS_STATE_FATAL,TICK_60,PROCESS_COMMUNICATION\n\
         autorestart=true\n"
    );
    let desk = Desk::of(text);
    let plan = desk.plan("");
    let message = |plan: &Json, option: &str| {
        let losses = plan["losses"].as_array().unwrap().iter();
        let lost = losses.filter(|loss| loss["grade"] == "lost" && loss["option"] == option);
        lost.map(|loss| loss["message"].as_str().unwrap().to_owned()).collect::<String>()
    };
    let events = message(&plan, "events");
    for part in [
        "PROCESS_STATE_FATAL: OnFailure=hook@%n.service",
        "TICK_60: a timer with OnCalendar=*:*:00",
        "PROCESS_COMMUNICATION: nothing",
    ] {
        assert!(events.contains(part), "{part}: {events}");
    }
    assert!(message(&plan, "command").contains("is not started"));
    assert_eq!((plan["files"].as_array().unwrap().len(), &plan["summary"]["lost"]), (0, &2.into()));
    assert!(message(&desk.plan("--systemd-version 254"), "events").contains("RestartMode=direct"));
}

/// facts 9.2.
#[test]
fn known_listeners_are_replaced() {
    let text = format!(
        "{HEAD}[unix_http_server]\nfile=/run/s.sock\n[program:web]\ncommand=/bin/web\n[program:w]\ncommand=/bin/w\nnumprocs=2\n\
         process_name=%(program_name)s_%(process_num)02d\nstartsecs=9\n[eventlistener:memory]\ncommand=memmon -p web=1MB -p gone=1KB -g w=2KB\n\
         events=TICK_60\n[eventlistener:crash]\ncommand=python3 -m superlance.crashmail -a -m 'a b@$c'\nevents=PROCESS_STATE\n\
         [eventlistener:fatal]\ncommand=fatalmailbatch -t a@b -f c@d -H mail.example.org\nevents=PROCESS_STATE,TICK_60\n\
         [eventlistener:secret]\ncommand=httpok -m a@b http://u:sesame99@h/\nevents=TICK_60\n"
    );
    let desk = Desk::of(text);
    let plan = desk.plan("");
    let file = |path: &str| {
        let found = plan["files"].as_array().unwrap().iter().find(|file| file["path"] == path);
        found.unwrap_or_else(|| panic!("{path}: {plan}"))["text"].as_str().unwrap().to_owned()
    };
    let script = "/usr/local/lib/supconv";
    for (path, line) in [
        (
            "memory.service",
            format!(
                "ExecStart={script}/memmon -- 2048 w@00.service w:w_00 2048 w@01.service w:w_01 1048576 web.service web:web"
            ),
        ),
        ("memory.service", "Type=oneshot".to_owned()),
        ("memory.timer", "OnUnitActiveSec=60s".to_owned()),
        ("memory.timer", "WantedBy=supervisord.target".to_owned()),
        ("web.service", format!("ExecStopPost=-+{script}/crash -k mail -m \"a b@$$c\" -x 0 -t 1 -- %n web web")),
        ("w@.service", format!("ExecStopPost=-+{script}/crash -k mail -m \"a b@$$c\" -x 0 -t 9 -- %n w w_%i")),
        ("w@.service", "OnFailure=fatal@%n.service".to_owned()),
        (
            "fatal@.service",
            format!("ExecStart={script}/fatal -b /run/supconv/fatal -x w@00.service=9 -x w@01.service=9 -- %i"),
        ),
        (
            "fatal.service",
            format!(
                "ExecStart={script}/batch -f c@d -t a@b -s \"Fatal start alert from supervisord\" -- /run/supconv/fatal"
            ),
        ),
    ] {
        let text = file(path);
        assert!(text.lines().any(|other| other == line), "{path} lacks {line}:\n{text}");
    }
    for name in ["memmon", "crash", "fatal", "batch"] {
        assert!(file(&format!("usr/local/lib/supconv/{name}")).starts_with("#!/bin/sh\n"));
    }
    let enable = plan["enable"].as_array().unwrap();
    assert!(["memory.timer", "fatal.timer"].iter().all(|timer| enable.contains(&(*timer).into())), "{enable:?}");
    let said: Vec<String> = plan["losses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|loss| loss["grade"] == "lost")
        .map(|loss| format!("{} {}", loss["section"].as_str().unwrap(), loss["message"].as_str().unwrap()))
        .collect();
    assert_eq!(said.len(), 3, "{said:?}");
    for part in ["memory gone is not watched", "fatal --smtpHost is not used", "secret no unit is written"] {
        assert!(said.iter().any(|said| said.contains(part)), "{part}: {said:?}");
    }
    assert!(!plan.to_string().contains("sesame99"));
    let newer = desk.plan("--systemd-version 254").to_string();
    assert!(newer.contains("RestartMode=direct") && !plan.to_string().contains("RestartMode"));
}

/// Names of units that would be too long, a stop without time, and a listener alone in its file.
#[test]
fn what_cannot_be_watched_is_named() {
    let name = "n".repeat(125);
    let text = format!(
        "{HEAD}[program:{name}]\ncommand=/bin/a\nstopwaitsecs=0\n[eventlistener:fatal]\ncommand=fatalmailbatch -t a@b -f c@d\n\
         events=PROCESS_STATE,TICK_60\n[eventlistener:{name}]\ncommand=fatalmailbatch -t a@b -f c@d\nevents=PROCESS_STATE,TICK_60\n\
         [eventlistener:crash]\ncommand=crashmail -a\nevents=PROCESS_STATE\n"
    );
    // The second is called as the program is; Supervisor takes it for another group of that name.
    let text = text.replace(&format!("[eventlistener:{name}]"), &format!("[eventlistener:m{name}]"));
    let plan = Desk::of(text).plan("");
    let lost = |section: &str| -> Vec<String> {
        let losses = plan["losses"].as_array().unwrap().iter();
        let own =
            losses.filter(|loss| loss["grade"] == "lost" && loss["section"].as_str().unwrap().starts_with(section));
        own.map(|loss| loss["message"].as_str().unwrap().to_owned()).collect()
    };
    assert!(lost("eventlistener:fatal").is_empty(), "{plan}");
    for (section, part) in [
        ("eventlistener:m", "is too long"),
        ("eventlistener:m", "it watches nothing that has a unit"),
        ("eventlistener:crash", "leaves no time for a mail"),
    ] {
        assert!(lost(section).iter().any(|message| message.contains(part)), "{section} {part}: {plan}");
    }
}

/// `supervisord_dependent_startup`, whose programs do not start by themselves.
#[test]
fn programs_that_a_listener_starts_are_enabled_in_its_order() {
    let program = |name: &str, more: &str| format!("[program:{name}]\ncommand=/bin/{name}\nautostart=false\n{more}");
    let text = [
        HEAD,
        "[eventlistener:start]\ncommand=python3 -m supervisord_dependent_startup\nevents=PROCESS_STATE\n",
        &program("log", "priority=1\ndependent_startup=true\n"),
        &program("set", "priority=2\ndependent_startup=true\ndependent_startup_wait_for=log:running\n"),
        &program("run", "priority=2\ndependent_startup=true\ndependent_startup_wait_for=set:exited late:running\n"),
        &program("late", "priority=3\n"),
    ]
    .concat();
    let plan = Desk::of(text).plan("");
    let file = |path: &str| {
        let found = plan["files"].as_array().unwrap().iter().find(|file| file["path"] == path);
        found.unwrap()["text"].as_str().unwrap().to_owned()
    };
    assert!(file("log.service").contains("[Install]") && !file("late.service").contains("[Install]"));
    assert!(file("set.service").contains("After=log.service\n"), "{}", file("set.service"));
    assert!(file("run.service").contains("After=set.service\n") && !file("run.service").contains("late"));
    let said = plan["losses"].to_string();
    for part in ["not until it has ended", "the unit does not wait for late"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_pid_file_that_a_program_is_told_of_is_announced() {
    let spoken = |command: &str| {
        let text = format!("{HEAD}pidfile=/run/s.pid\n[program:w]\ncommand={command}\n");
        let plan = Desk::of(text).plan("");
        plan["losses"].as_array().unwrap().iter().any(|loss| loss["option"] == "pidfile")
    };
    assert!(spoken("/bin/w --kill /run/s.pid") && !spoken("/bin/w"));
}

/// Every unit of every file of both collections, and the same bytes again.
#[test]
fn units_of_whole_files_verify() {
    let mut problems = Vec::new();
    let mut units = 0;
    let mut all: Vec<(String, String)> = Vec::new();
    let (mut executables, mut users) = (BTreeSet::new(), BTreeSet::new());
    let paths = corpus::all();
    for (number, path) in paths.iter().enumerate() {
        let convert = || {
            supconv(&["to-systemd", "--format", "json", "--prefix", &format!("p{number}-"), path.to_str().unwrap()]).out
        };
        let text = convert();
        if number % 20 == 0 {
            assert_eq!(text, convert(), "{}", path.display());
        }
        let plan: Json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for file in plan["files"].as_array().unwrap() {
            let name = file["path"].as_str().unwrap();
            if name.contains('/') || name.contains("HANDOVER") {
                continue;
            }
            let text = file["text"].as_str().unwrap();
            users.extend(values(text, "User").into_iter().map(|user| user.replace("%%", "%")));
            for line in values(text, "ExecStart") {
                executables.extend(program(line));
            }
            all.push((name.to_owned(), text.to_owned()));
            units += 1;
        }
    }
    let executables: Vec<String> = executables.into_iter().collect();
    let users: Vec<String> = users.into_iter().collect();
    // One call: it starts slowly, and a hundred units more cost it nothing.
    if let Some(Err(said)) = verify::verify(&all, &executables, &users) {
        problems.push(said);
    }
    println!("{units} units of {} files", paths.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The executable of a command line as the escapers write it.
fn program(line: &str) -> Option<String> {
    let rest = line.trim_start_matches([':', '@']);
    let word = match rest.strip_prefix('"') {
        Some(rest) => rest.split('"').next()?,
        None => rest.split(' ').next()?,
    };
    // Stubs where others have directories would be in the way.
    Some(word.replace("%%", "%").replace("%i", "i")).filter(|word| !word.contains('\\'))
}
