//! What is started and stopped together: groups and their targets, order by priority.

use crate::support::desk::{Desk, Run, values};
use serde_json::Value as Json;

const HEAD: &str = "[supervisord]\nuser=root\nminfds=4096\n";

fn texts(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// The files but for the page that hands over.
fn paths(plan: &Json) -> Vec<&str> {
    let all = plan["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
    all.filter(|path| !path.contains("HANDOVER")).collect()
}

/// The losses as section, option, grade.
fn losses(plan: &Json) -> Vec<(&str, &str, &str)> {
    let all = plan["losses"].as_array().unwrap().iter();
    all.map(|loss| {
        (loss["section"].as_str().unwrap(), loss["option"].as_str().unwrap(), loss["grade"].as_str().unwrap())
    })
    .collect()
}

#[test]
fn a_group_is_a_target_and_its_programs_are_services() {
    let text = format!(
        "{HEAD}[group:web]\nprograms=app,worker,none\n[program:app]\ncommand=/bin/app\n[program:worker]\ncommand=/bin/w\nnumprocs=2\n\
         process_name=%(program_name)s_%(process_num)02d\nautostart=false\n[program:none]\ncommand=/bin/none\nnumprocs=0\n\
         [group:empty]\nprograms=\n"
    );
    let desk = Desk::of(text);
    let plan = desk.plan("");
    assert_eq!(paths(&plan), ["web-app.service", "web-worker@.service", "web.target", "supervisord.target"]);
    assert_eq!(texts(&plan["enable"]), ["supervisord.target", "web.target", "web-app.service"]);
    for unit in ["web-app.service", "web-worker@.service"] {
        assert_eq!(values(&desk.unit("", unit), "PartOf"), ["web.target supervisord.target"], "{unit}");
    }
    assert_eq!(values(&desk.unit("", "web-app.service"), "WantedBy"), ["web.target"]);
    assert_eq!(values(&desk.unit("", "web-worker@.service"), "WantedBy"), [""; 0]);
    let target = desk.unit("", "web.target");
    assert_eq!(
        (values(&target, "PartOf"), values(&target, "WantedBy")),
        (vec!["supervisord.target"], vec!["supervisord.target"])
    );
    let losses = losses(&plan);
    assert!(losses.contains(&("program:none", "numprocs", "approximate")), "{losses:?}");
    assert!(losses.contains(&("group:empty", "programs", "approximate")), "{losses:?}");
    assert!(losses.iter().all(|(.., grade)| *grade != "lost"), "{losses:?}");
}

#[test]
fn a_program_in_two_groups_has_two_units() {
    let text = format!("{HEAD}[group:a]\nprograms=x\n[group:b]\nprograms=x\n[program:x]\ncommand=/bin/x\n");
    let plan = Desk::of(text).plan("");
    assert_eq!(paths(&plan), ["a-x.service", "a.target", "b-x.service", "b.target", "supervisord.target"]);
}

#[test]
fn groups_named_as_targets_of_systemd_are_refused() {
    let reserved = format!("{HEAD}[group:network]\nprograms=x\n[program:x]\ncommand=/bin/x\n");
    let plan = Desk::of(&reserved).plan("");
    assert_eq!(paths(&plan), ["network-x.service", "supervisord.target"]);
    assert_eq!(
        (&plan["errors"][0]["section"], &plan["errors"][0]["option"]),
        (&"group:network".into(), &"programs".into())
    );
    assert_eq!(Desk::of(reserved).plan("--prefix p-")["errors"], Json::Array(Vec::new()));
    // The group is called as what is above everything.
    let umbrella = format!("{HEAD}[group:supervisord]\nprograms=x\n[program:x]\ncommand=/bin/x\n");
    let plan = Desk::of(umbrella).plan("");
    assert_eq!(plan["errors"].as_array().unwrap().len(), 1, "{plan}");
    assert_eq!(paths(&plan), ["supervisord-x.service", "supervisord.target"]);
}

/// facts 2.5.
#[test]
fn lower_priorities_come_first() {
    let program = |name: &str, lines: &str| format!("[program:{name}]\ncommand=/bin/{name}\n{lines}");
    let text = [
        HEAD,
        &program("last", ""),
        &program("db", "priority=1\n"),
        &program("cache", "priority=1\n"),
        &program("w", "priority=20\nnumprocs=2\nprocess_name=%(process_num)s\n"),
        "[group:g]\nprograms=m\npriority=20\n",
        &program("m", "priority=3\n"),
        "[eventlistener:l]\ncommand=/bin/l\nevents=TICK_5\npriority=7\n",
    ]
    .concat();
    let desk = Desk::of(text);
    // As Supervisor sorts them.
    let first = "cache.service db.service";
    for (unit, after) in [
        ("db.service", vec!["network.target"]),
        ("cache.service", vec!["network.target"]),
        ("g-m.service", vec!["network.target", first]),
        ("w@.service", vec!["network.target", first]),
    ] {
        assert_eq!(values(&desk.unit("--allow-loss", unit), "After"), after, "{unit}");
    }
    let last = desk.unit("", "last.service");
    let [_, all] = values(&last, "After")[..] else { panic!("{last}") };
    let mut all: Vec<&str> = all.split(' ').collect();
    all.sort_unstable();
    assert_eq!(all, ["cache.service", "db.service", "g-m.service", "w.target"]);
    let plan = desk.plan("");
    let spoken: Vec<_> = losses(&plan).into_iter().filter(|(_, option, _)| *option == "priority").collect();
    let of = |section| (section, "priority", "approximate");
    assert_eq!(spoken, ["program:db", "program:cache", "program:w", "group:g"].map(of));
}

#[test]
fn equal_priorities_are_no_order() {
    let program = |name: &str| format!("[program:{name}]\ncommand=/bin/{name}\npriority=5\n");
    let desk = Desk::of([HEAD, &program("a"), &program("b")].concat());
    assert_eq!(values(&desk.unit("", "b.service"), "After"), ["network.target"]);
    assert!(losses(&desk.plan("")).iter().all(|(_, option, _)| *option != "priority"));
    // What is not converted has no place in the order.
    let text = [HEAD, &program("a"), "[program:b]\ncommand=/bin/b\npriority=1\n"].concat();
    let desk = Desk::of(text);
    assert_eq!(values(&desk.unit("--only a", "a.service"), "After"), ["network.target"]);
    assert!(losses(&desk.plan("--only a")).iter().all(|(_, option, _)| *option != "priority"));
}

#[test]
fn too_many_to_order_are_told() {
    let long = "x".repeat(60);
    let program = |number: u32| format!("[program:p{number}_{long}]\ncommand=/bin/a\npriority={number}\n");
    let text: String = std::iter::once(HEAD.to_owned()).chain((0..1000).map(program)).collect();
    let plan = Desk::of(text).plan("");
    let section = format!("program:p7_{long}");
    assert!(losses(&plan).contains(&(section.as_str(), "priority", "lost")));
}

/// facts 9.1.
#[test]
fn an_fcgi_program_has_a_socket() {
    let text = format!(
        "{HEAD}[fcgi-program:php]\ncommand=/bin/php\nsocket=unix:///run/php/%(program_name)s.sock\nsocket_owner=www-data:adm\n\
         socket_mode=0660\nsocket_backlog=64\nuser=php\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n\
         [fcgi-program:tcp]\ncommand=/bin/tcp\nsocket=tcp://LocalHost:9002\nautostart=false\n\
         [fcgi-program:odd]\ncommand=/bin/odd\nprocess_name=other\nsocket=unix:///run/o d.sock\nuser=odd\n\
         [fcgi-program:name]\ncommand=/bin/name\nsocket=tcp://db.example.org:1\n\
         [fcgi-program:mode]\ncommand=/bin/mode\nsocket=unix:///run/m\nsocket_mode=77777\n\
         [group:g]\nprograms=grouped\n[fcgi-program:grouped]\ncommand=/bin/g\nsocket=unix:///run/g\n"
    );
    let desk = Desk::of(text);
    let plan = desk.plan("");
    let sockets: Vec<_> = paths(&plan).into_iter().filter(|path| path.ends_with(".socket")).collect();
    assert_eq!(sockets, ["odd.socket", "php.socket", "tcp.socket"]);
    assert_eq!(
        texts(&plan["enable"]),
        [
            "supervisord.target",
            "g.target",
            "php.target",
            "g-grouped.service",
            "odd-other.service",
            "php@00.service",
            "php@01.service"
        ]
    );
    for (unit, key, expected) in [
        ("php.socket", "ListenStream", &["/run/php/php.sock"][..]),
        ("php.socket", "SocketUser", &["www-data"]),
        ("php.socket", "SocketGroup", &["adm"]),
        ("php.socket", "SocketMode", &["0660"]),
        ("php.socket", "Backlog", &["64"]),
        ("php.socket", "Service", &["php@00.service"]),
        ("php.socket", "StopWhenUnneeded", &["yes"]),
        ("php.socket", "PartOf", &["supervisord.target"]),
        ("php.socket", "WantedBy", &[]),
        ("php@.service", "Sockets", &["php.socket"]),
        ("php@.service", "Requires", &["php.socket"]),
        ("php@.service", "After", &["network.target", "php.socket"]),
        ("php@.service", "StandardInput", &["socket"]),
        ("tcp.socket", "ListenStream", &["127.0.0.1:9002"]),
        ("tcp.socket", "SocketMode", &[]),
        ("tcp.socket", "Service", &[]),
        ("tcp.service", "Sockets", &[]),
        ("odd.socket", "Service", &["odd-other.service"]),
        ("odd.socket", "ListenStream", &["/run/o d.sock"]),
        ("odd.socket", "SocketUser", &["odd"]),
        ("odd.socket", "SocketMode", &["0700"]),
        ("odd-other.service", "Sockets", &["odd.socket"]),
        ("g-grouped.service", "StandardInput", &[]),
    ] {
        assert_eq!(values(&desk.unit("", unit), key), expected, "{unit} {key}");
    }
    let losses = losses(&plan);
    for loss in [
        ("fcgi-program:name", "socket", "lost"),
        ("fcgi-program:mode", "socket_mode", "lost"),
        ("fcgi-program:grouped", "socket", "approximate"),
    ] {
        assert!(losses.contains(&loss), "{loss:?} of {losses:?}");
    }
}

#[test]
fn the_commands_that_hand_over_have_the_names_of_the_plan() {
    let text = format!(
        "{HEAD}[group:g]\nprograms=m\n[program:m]\ncommand=/bin/m\nstdout_logfile=/var/log/m.log\n[unix_http_server]\nfile=/run/s\n\
         [rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    );
    let desk = Desk::of(text);
    let page = desk.unit("", "HANDOVER.md");
    for part in [
        "\ntail -f g:m          tail -f /var/log/m.log\n",
        "\nsignal HUP g:m       systemctl kill -s HUP --kill-whom=main g-m.service\n",
        "\nstop g:*             systemctl stop g.target",
        "\ng:m is g-m.service\n",
        "install -D -m 0644 -t /etc/systemd/system -- g-m.service g.target supervisord.target\n",
        "install -D -m 0644 -t /etc/logrotate.d -- etc/logrotate.d/supconv-g-m\n",
        "systemctl daemon-reload\n",
        "systemctl enable supervisord.target\n",
        "supervisorctl stop g:m && systemctl start g-m.service\n",
        "systemctl stop g-m.service && supervisorctl start g:m\n",
        "systemctl start supervisord.target\n",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(desk.unit("--systemd-version 250", "HANDOVER.md").contains("--kill-who=main"));
    let plan = desk.plan("");
    assert_eq!(plan["processes"], serde_json::json!([{"name": "g:m", "unit": "g-m.service"}]));
}

/// A unit is called the same, whether all are converted or one; a socket is not divided.
#[test]
fn a_choice_changes_no_name() {
    let program = "numprocs=2\nprocess_name=%(program_name)s_%(process_num)s\n";
    let desk = Desk::of(format!("{HEAD}[program:w]\ncommand=/bin/w\n{program}[program:x]\ncommand=/bin/x\n"));
    let plan = desk.plan("--only w:w_0");
    assert_eq!(paths(&plan), ["w@.service", "w.target", "supervisord.target"]);
    assert_eq!(texts(&plan["enable"]), ["supervisord.target", "w.target", "w@0.service"]);
    assert_eq!(texts(&plan["stays"]), ["w:w_1", "x"]);
    let desk = Desk::of(format!("{HEAD}[fcgi-program:p]\ncommand=/bin/p\nsocket=unix:///run/p\n{program}"));
    let plan = desk.plan("--only p:p_0");
    assert_eq!((texts(&plan["stays"]), plan["processes"].as_array().unwrap().len()), (vec![], 2));
}

/// What was left as it is must not be installed.
#[test]
fn what_differs_is_not_handed_over() {
    let text = format!(
        "{HEAD}[program:a]\ncommand=/bin/a\n[program:b]\ncommand=./b\n[eventlistener:m]\ncommand=/bin/m\nevents=TICK_5\n"
    );
    let desk = Desk::of(text);
    let Run { code, out, .. } = desk.convert("--out d --allow-loss");
    assert!(code == 0 && out.starts_with("NEXT\n"), "{out}");
    std::fs::write(desk.join("d/a.service"), "mine\n").unwrap();
    let Run { code, out, err: said } = desk.convert("--out d --allow-loss");
    assert!(code == 1 && out.is_empty() && said.contains("were not overwritten"), "{out}{said}");
    let Run { err: said, .. } = desk.convert("");
    assert!(!said.contains("NEXT") && said.contains("--out would write nothing: "), "{said}");
}
