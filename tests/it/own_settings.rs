//! With `--check-host` the configuration of an application and the last line of a script say what the command does not.

use serde_json::Value;

use crate::support::desk::Desk;

/// Files of the machine, a command, a rule, and a part of what that says of it, if anything.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str, Option<&'static str>);

const CASES: &[Case] = &[
    (&[], "nginx", "SUP301", Some("without daemon off; in nginx.conf, nginx goes")),
    (&[("etc/nginx/nginx.conf", "user www;\ndaemon off;\n")], "nginx", "SUP301", None),
    (
        &[("etc/nginx/nginx.conf", "# daemon off;\n")],
        "nginx",
        "SUP301",
        Some("neither the command nor '/etc/nginx/nginx.conf' keeps it"),
    ),
    (&[("etc/nginx/nginx.conf", "worker_processes 1; daemon off;\n")], "nginx", "SUP301", None),
    // What is included may have the line.
    (
        &[("etc/nginx/nginx.conf", "include /etc/nginx/modules/*.conf;\n")],
        "nginx",
        "SUP301",
        Some("without daemon off; in nginx.conf, nginx goes"),
    ),
    (&[("srv/n.conf", "daemon off;"), ("etc/nginx/nginx.conf", "")], "nginx -c /srv/n.conf", "SUP301", None),
    (
        &[("usr/local/etc/php-fpm.conf", ""), ("usr/local/etc/php-fpm.d/zz-docker.conf", "[global]\ndaemonize = no\n")],
        "php-fpm",
        "SUP301",
        None,
    ),
    (
        &[("etc/redis.conf", "daemonize yes\n")],
        "redis-server /etc/redis.conf",
        "SUP301",
        Some("sends it to the background"),
    ),
    (&[("etc/redis.conf", "daemonize yes\n")], "redis-server /etc/redis.conf --daemonize no", "SUP301", None),
    (&[("etc/redis.conf", "daemonize no\n")], "redis-server /etc/redis.conf", "SUP301", None),
    (
        &[("srv/a.ini", "[uwsgi]\ndaemonize = /log\n")],
        "uwsgi --ini a.ini",
        "SUP301",
        Some("sends it to the background"),
    ),
    (&[], "uwsgi a.ini", "SUP310", Some("reloads and does not end by default")),
    (&[("srv/a.ini", "[uwsgi]\ndie-on-term = true\n")], "uwsgi a.ini", "SUP310", None),
    (&[("srv/a.ini", "[uwsgi]\nmaster = true\n")], "uwsgi a.ini", "SUP310", Some("reloads and does not end.")),
    (&[], "/srv/start.sh", "SUP306", Some("unless start.sh ends with exec")),
    (&[("srv/start.sh", "#!/bin/sh\ncd /srv\nexec python w.py\n")], "/srv/start.sh", "SUP306", None),
    (
        &[("srv/start.sh", "#!/bin/sh\ncd /srv\nA=b python w.py >/log 2>&1\n")],
        "/srv/start.sh",
        "SUP306",
        Some("a restart ends only start.sh: 'python' keeps running"),
    ),
    (&[("srv/start.sh", "#!/bin/sh\nmake all\nexit 0\n")], "bash start.sh", "SUP306", None),
    (
        &[("srv/start.sh", "if a; then\n  exec b\nfi\n")],
        "/srv/start.sh",
        "SUP306",
        Some("unless start.sh ends with exec"),
    ),
];

#[test]
fn what_the_files_of_the_machine_say() {
    let mut wrong = Vec::new();
    for (files, command, code, expected) in CASES {
        let desk = Desk::new(&[]);
        for (path, text) in *files {
            desk.write(&format!("root/{path}"), text);
        }
        desk.write("root/a.conf", format!("[supervisord]\n[program:a]\ncommand={command}\ndirectory=/srv\n"));
        let arguments = format!("lint --format json --pedantic --check-host --root root --select {code} root/a.conf");
        let run = desk.json(&arguments);
        let messages: Vec<&str> =
            run["findings"].as_array().unwrap().iter().map(|one| one["message"].as_str().unwrap()).collect();
        let right = match expected {
            None => messages.is_empty(),
            Some(part) => messages.len() == 1 && messages[0].contains(part),
        };
        if !right {
            wrong.push(format!("{files:?} {command}: {messages:?}"));
        }
        // Without the flag no file is looked at.
        let blind = desk.json(&arguments.replace(" --check-host", ""));
        let told = |run: &Value| run["findings"].as_array().unwrap().len();
        let silent = command.starts_with("redis") || command.contains("--ini");
        assert_eq!(told(&blind), usize::from(!silent), "{command}: {blind}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
