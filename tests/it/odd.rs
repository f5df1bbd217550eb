//! Odd input: pipes, devices, sockets and files that do not end; little stack and little memory; NUL in values. Nothing hangs,
//! nothing eats the memory, nothing is half written.

use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::support::desk::{Desk, PROGRAM, Run, run, words};
use crate::support::{machine, python};

const GOOD: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=/bin/a\nuser=www\n";

/// Runs the program, or a script of bash, and ends it where it hangs, which fails.
fn timely(desk: &Desk, program: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "60", program]).args(arguments).current_dir(desk).stdin(Stdio::null());
    run(&mut command)
}

fn supconv(desk: &Desk, arguments: &str) -> Run {
    timely(desk, PROGRAM, &words(arguments))
}

fn bash(desk: &Desk, script: &str) -> Run {
    timely(desk, "bash", &["-c", &script.replace("supconv", PROGRAM)])
}

/// A directory with one of each that is no regular file.
fn odd() -> (Desk, UnixListener) {
    let desk = Desk::new(&[("good.conf", GOOD)]);
    fs::create_dir(desk.join("folder.ini")).unwrap();
    for (name, target) in [("zero", "/dev/zero"), ("null", "/dev/null"), ("full", "/dev/full"), ("nowhere", "x/y")] {
        symlink(target, desk.join(format!("{name}.ini"))).unwrap();
    }
    assert!(Command::new("mkfifo").arg(desk.join("pipe.ini")).status().unwrap().success());
    // The path of a socket has a bound.
    let folder = File::open(&desk).unwrap();
    let socket = UnixListener::bind(format!("/proc/self/fd/{}/socket.ini", folder.as_raw_fd())).unwrap();
    (desk, socket)
}

const DEVICE: &str = "it is a device, not a file";
const SILENT: &str = "nobody has written into this pipe for 5 seconds";

#[test]
fn no_argument_that_is_no_regular_file_is_waited_for() {
    let (desk, _socket) = odd();
    fs::create_dir(desk.join("unit")).unwrap();
    desk.write("units/s", "[Service]\nExecStart=/usr/bin/supervisord -n\n");
    fs::create_dir(desk.join("units/s.d")).unwrap();
    assert!(Command::new("mkfifo").arg(desk.join("units/s.d/a.conf")).status().unwrap().success());
    let cases = [
        ("lint zero.ini", DEVICE),
        ("show zero.ini", DEVICE),
        ("to-systemd zero.ini", DEVICE),
        ("lint full.ini", DEVICE),
        ("lint pipe.ini", SILENT),
        ("show pipe.ini", SILENT),
        ("to-systemd pipe.ini", SILENT),
        ("lint socket.ini", "No such device or address"),
        ("lint nowhere.ini", "No such file or directory"),
        ("to-systemd folder.ini", "no *.conf or *.ini"),
        ("lint good.conf --env-file zero.ini", DEVICE),
        ("lint good.conf --env-file pipe.ini", SILENT),
        ("lint good.conf --env-file folder.ini", "Is a directory"),
        ("lint good.conf --unit zero.ini", DEVICE),
        ("lint good.conf --unit pipe.ini", SILENT),
        ("lint good.conf --unit units/s", "it is a pipe, not a regular file"),
        ("lint good.conf --main zero.ini", DEVICE),
        ("lint good.conf --main pipe.ini", "it is a pipe, not a regular file"),
        ("lint zero.ini --path-as /etc/a.conf", "needs a regular file"),
        ("lint pipe.ini --path-as /etc/a.conf", "needs a regular file"),
    ];
    thread::scope(|scope| {
        for (arguments, said) in cases {
            let desk = &desk;
            scope.spawn(move || {
                let ran = supconv(desk, arguments);
                assert!(ran.code == 2 && ran.err.contains(said), "{arguments}: {ran:?}");
            });
        }
    });
    // In a directory only files are looked at.
    desk.write("d/a.conf", GOOD);
    symlink("/dev/zero", desk.join("d/z.conf")).unwrap();
    for pipe in ["d/p.conf", "d/.gitignore"] {
        assert!(Command::new("mkfifo").arg(desk.join(pipe)).status().unwrap().success());
    }
    assert_eq!(supconv(&desk, "lint d").code, 0);
    // Nothing is in it.
    assert_eq!((supconv(&desk, "lint null.ini").code, supconv(&desk, "show null.ini --as main").code), (0, 1));
}

/// The log of the kernel, which only root may read.
#[test]
fn a_regular_file_that_waits_for_more_is_not_waited_for() {
    let desk = Desk::of("[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=/proc/kmsg\n");
    if let Err(why) = File::open("/proc/kmsg") {
        return machine::said("the log of the kernel", &why.to_string());
    }
    for arguments in
        ["lint /proc/kmsg", "show /proc/kmsg", "to-systemd /proc/kmsg", "lint --env-file /proc/kmsg a.conf"]
    {
        let ran = supconv(&desk, arguments);
        assert!(ran.code == 2 && ran.err.contains("it waits for more, and has no end"), "{arguments}: {ran:?}");
    }
    let included = supconv(&desk, "lint a.conf");
    assert!(included.code == 1 && included.out.contains("/proc/kmsg"), "{included:?}");
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let desk = Desk::new(&[("good.conf", GOOD), ("env", "V=1\n")]);
    desk.write("unit", "[Service]\nExecStart=/usr/bin/supervisord -n\nLimitNOFILE=9000\n");
    for script in [
        "supconv show --format json <(cat good.conf)",
        "cat good.conf | supconv show --format json /dev/stdin",
        "supconv show --format json /dev/stdin < good.conf",
        "cat good.conf | supconv show --format json -",
        "mkfifo p; (sleep 0.3; cat good.conf) > p & supconv show --format json p; rm p",
        "supconv show --format json --env-file <(cat env) good.conf",
    ] {
        let ran = bash(&desk, script);
        assert!(ran.code == 0 && ran.json()["groups"][0]["name"] == "a", "{script}: {ran:?}");
    }
    assert_eq!(bash(&desk, "supconv lint --unit <(cat unit) good.conf").code, 0);
    assert_eq!(bash(&desk, "supconv to-systemd <(cat good.conf) --out od && test -e od/a.service").code, 0);
    assert_eq!(bash(&desk, "supconv lint good.conf --unit <(true)").code, 2);
}

/// What is said of an include, and what else Supervisor makes of the file. Run: it waits for a writer into a pipe, and reads
/// /dev/zero until its memory ends; what cannot be opened it passes over and says that it was included.
#[test]
fn an_include_is_a_regular_file_or_it_is_said_what_supervisord_does() {
    let (desk, _socket) = odd();
    for (name, said) in [
        (
            "pipe",
            "supervisord may never start, because it reads 'pipe.ini' to its end (it is a pipe, not a regular file).",
        ),
        ("zero", "supervisord may never start, because it reads 'zero.ini' to its end (it is a device, not a file)."),
        ("full", "supervisord may never start, because it reads 'full.ini' to its end (it is a device, not a file)."),
        ("socket", "because it cannot be opened (No such device or address), but its log says that it was included."),
        ("folder", "because it cannot be opened (Is a directory), but its log says that it was included."),
        ("nowhere", "because it cannot be opened (No such file or directory), but its log says that it was included."),
    ] {
        desk.write("m.conf", format!("{GOOD}[include]\nfiles={name}.ini\n"));
        let lint = supconv(&desk, "lint m.conf --format json");
        let findings = lint.json()["findings"].clone();
        let found = findings.as_array().unwrap().iter().find(|one| one["name"] == "include-has-no-effect");
        let message = found.and_then(|one| one["message"].as_str()).unwrap_or_default();
        assert!(lint.code == 1 && message.contains(said), "{name}: {findings:#}");
        let show = supconv(&desk, "show m.conf --format json");
        assert_eq!((show.code, &show.json()["includes"]), (0, &json!([format!("{name}.ini")])), "{name}");
        assert_eq!(supconv(&desk, "to-systemd m.conf").code, 0, "{name}");
    }
    let ran = bash(&desk, &format!("printf '{GOOD}[include]\nfiles=/dev/stdin\n' > m.conf; yes | supconv lint m.conf"));
    assert!(ran.code == 1 && ran.out.contains("to its end"), "{ran:?}");
}

#[test]
fn includes_that_supervisor_can_read_or_pass_over_leave_what_it_makes_of_them() {
    let Some(mut judge) = python::judge() else { return };
    let (desk, _socket) = odd();
    for name in ["socket", "folder", "nowhere", "null"] {
        desk.write("m.conf", format!("{GOOD}directory=%(here)s\n[include]\nfiles={name}.ini\n"));
        let path = desk.path("m.conf");
        let theirs = judge.ask(&json!({"path": path, "env": {}, "node": "n", "cwd": "/"}));
        let ours = desk.json(&format!("show --format json --env A=1 --node n {path}"));
        assert_eq!(theirs["ok"], true, "{name}: {theirs}");
        assert_eq!(ours, theirs, "{name}");
    }
}

/// A file of so many bytes that takes no room.
fn sparse(desk: &Desk, name: &str, size: u64) {
    File::create(desk.join(name)).unwrap().set_len(size).unwrap();
}

#[test]
fn what_is_read_has_a_bound_that_a_flag_moves() {
    let desk = Desk::new(&[("good.conf", GOOD)]);
    sparse(&desk, "huge.conf", 5 << 30);
    sparse(&desk, "env", 5 << 30);
    let said = "it is larger than 256MB; --max-size reads more";
    for arguments in [
        "lint huge.conf",
        "show huge.conf",
        "to-systemd huge.conf",
        "lint good.conf --env-file env",
        "lint good.conf --unit env",
        "lint good.conf --main huge.conf",
        "lint huge.conf --main good.conf",
        "lint huge.conf --path-as /etc/a.conf",
    ] {
        let ran = supconv(&desk, arguments);
        assert!(ran.code == 2 && ran.err.contains(said), "{arguments}: {ran:?}");
    }
    // Not even 5 GiB at a time.
    let few = bash(&desk, "ulimit -v 400000; supconv lint huge.conf");
    assert!(few.code == 2 && few.err.contains(said), "{few:?}");
    desk.write("long.conf", format!("{GOOD};{}\n", "x".repeat(3000)));
    for (size, code) in [("1KB", 2), ("3000", 2), ("3kb", 2), ("4KB", 0), ("1GB", 0)] {
        let ran = supconv(&desk, &format!("lint long.conf --max-size {size}"));
        assert_eq!(ran.code, code, "{size}: {ran:?}");
        let piped = bash(&desk, &format!("cat long.conf | supconv lint --max-size {size} -"));
        assert_eq!(piped.code, code, "{size}: {piped:?}");
    }
    let endless = bash(&desk, "yes | supconv lint --max-size 1MB -");
    assert!(endless.code == 2 && endless.err.contains("it is larger than 1MB"), "{endless:?}");
    for size in ["0", "x", "5GB", "-1", "1TB", "99999999999999999999GB"] {
        let ran = supconv(&desk, &format!("lint good.conf --max-size={size}"));
        assert!(ran.code == 2 && ran.err.contains("give a number of bytes up to 4GB"), "{size}: {ran:?}");
    }
}

#[test]
fn the_bound_holds_for_a_file_and_its_includes_together() {
    let part = |name: &str| format!("[program:{name}]\ncommand=/x\nuser=u\n;{}\n", "x".repeat(900));
    let desk = Desk::new(&[("a.ini", &part("b")), ("b.ini", &part("c"))]);
    desk.write("m.conf", format!("{GOOD}[include]\nfiles=a.ini b.ini\n"));
    assert_eq!(supconv(&desk, "lint m.conf --max-size 4KB").code, 0);
    for arguments in ["lint m.conf", "show m.conf", "to-systemd m.conf --out od"] {
        let ran = supconv(&desk, &format!("{arguments} --max-size 1500"));
        assert_eq!(ran.code, 1, "{arguments}: {ran:?}");
    }
    assert!(!desk.join("od").exists());
    let lint = supconv(&desk, "lint m.conf --max-size 1500 --format json").json();
    let found = lint["findings"].as_array().unwrap();
    let message = "the files have more than 1500 bytes together";
    assert!(
        found.iter().any(|one| one["name"] == "beyond-bounds" && one["message"].as_str().unwrap().contains(message))
    );
    let shown = supconv(&desk, "show m.conf --max-size 1500 --format json").json();
    assert_eq!((&shown["kind"], &shown["error"]), (&json!("bound"), &json!(message)));
    desk.write("huge.conf", format!("{GOOD}[include]\nfiles=huge.ini\n"));
    sparse(&desk, "huge.ini", 5 << 30);
    assert_eq!(supconv(&desk, "show huge.conf --format json").json()["kind"], "bound");
}

/// Kilobytes of stack; a debug build keeps more there.
const STACK: u32 = if cfg!(debug_assertions) { 64 } else { 32 };

/// A configuration that takes every way through a conversion, and a lint with findings.
fn rich() -> String {
    let all = "numprocs=3\nprocess_name=%(program_name)s_%(process_num)d\nenvironment=A=\"1\",DB_PASSWORD=\"hunter2222\"\n\
               stdout_logfile=/var/log/a.log\nautorestart=unexpected\nexitcodes=0,2\nstopsignal=QUIT\nuser=www\numask=027\n";
    format!(
        "[unix_http_server]\nfile=/tmp/s.sock\n[supervisord]\nuser=root\n[program:a]\ncommand=/bin/a $HOME \"q\" | cat\n{all}\
         [eventlistener:l]\ncommand=/bin/l\nevents=TICK_5\n[fcgi-program:f]\ncommand=/bin/f\nsocket=unix:///tmp/f.sock\n\
         [group:g]\nprograms=a\n[program:b]\ncommand=sh -c 'exec /bin/b >> /tmp/x'\nstdout_logfile=/dev/stdout\n\
         stdout_logfile_maxbytes=0\nredirect_stderr=true\nstderr_logfile=/x\n[program:c]\ncommand=/bin/c\nstartsecs=0\n"
    )
}

#[test]
fn little_stack_is_enough() {
    let desk = Desk::of(rich());
    for arguments in [
        "lint a.conf --min-severity info --pedantic",
        "lint a.conf --target systemd --format json",
        "show a.conf --all",
        "show a.conf --format json",
        "to-systemd a.conf",
        "to-systemd a.conf --format json",
        "to-systemd a.conf --allow-loss --out od",
        "to-systemd a.conf --out od --diff",
        "rule",
        "--help",
        "to-systemd --help",
        "lint --no-such",
    ] {
        fs::remove_dir_all(desk.join("od")).ok();
        let usual = supconv(&desk, arguments);
        fs::remove_dir_all(desk.join("od")).ok();
        let little = bash(&desk, &format!("ulimit -s {STACK}; exec supconv {arguments}"));
        assert_eq!((little.code, &little.out), (usual.code, &usual.out), "{arguments}: {}", little.err);
    }
    // However many of a thing there are, and however deep it is.
    let many = (0..300).fold(String::new(), |text, n| text + &format!("[program:p{n}]\ncommand=/p\nstartsecs=x\n"));
    let deep = format!(
        "[supervisord]\n[program:a]\ncommand=/a {}\nenvironment=A=\"{}\"\n",
        "\"(".repeat(5000),
        "%(".repeat(5000)
    );
    let includes = format!("{GOOD}[include]\nfiles={} {}*\n", "*/".repeat(5000), "../".repeat(1000));
    for text in [many, deep, includes] {
        let desk = Desk::of(text);
        for arguments in ["lint a.conf", "show a.conf", "to-systemd a.conf"] {
            let little = bash(&desk, &format!("ulimit -s {STACK}; exec supconv {arguments}"));
            assert!(little.code < 3, "{arguments}: {little:?}");
        }
    }
}

/// It may end for want of memory, but then it has written nothing.
#[test]
fn little_memory_leaves_the_disk_as_it_was() {
    let desk = Desk::of(rich());
    let whole = supconv(&desk, "to-systemd a.conf --allow-loss --out whole");
    assert_eq!(whole.code, 0, "{whole:?}");
    let count = |name: &str| fs::read_dir(desk.join(name)).map_or(0, Iterator::count);
    let mut codes = Vec::new();
    for memory in (4_000..40_000).step_by(700) {
        let script =
            format!("ulimit -v {memory}; supconv to-systemd a.conf --allow-loss --out od 2>/dev/null >&2; echo $?");
        let ran = bash(&desk, &script);
        let code: i32 = ran.out.trim().parse().unwrap();
        assert_eq!(count("od"), if code == 0 { count("whole") } else { 0 }, "{memory}: {code}");
        fs::remove_dir_all(desk.join("od")).ok();
        codes.push(code);
    }
    assert!(codes.first() != Some(&0) && codes.last() == Some(&0), "{codes:?}");
}

/// On several cores at once, too.
#[test]
fn little_memory_lets_lint_end() {
    let desk = Desk::new(&[]);
    for number in 0..200 {
        desk.write(&format!("d/{number}.conf"), GOOD);
    }
    let mut codes = Vec::new();
    for memory in (5_000..60_000).step_by(1_700) {
        let ran = bash(&desk, &format!("ulimit -v {memory}; supconv lint d >/dev/null 2>&1; echo $?"));
        codes.push(ran.out.trim().to_owned());
    }
    assert!(codes[0] != "0" && codes.last().is_some_and(|code| code == "0"), "{codes:?}");
}

/// Beside the real Supervisor, which hands them to functions of the system; `generate` makes more of them.
#[test]
fn nul_in_a_value_is_refused_where_supervisor_refuses_it() {
    let Some(mut judge) = python::judge() else { return };
    let desk = Desk::new(&[]);
    let mut refused = 0;
    for (section, option) in [
        ("supervisord", "user=ro\0ot"),
        ("supervisord", "user=\0"),
        ("supervisord", "user=0\0"),
        ("supervisord", "umask=0\x0022"),
        ("supervisord", "directory=/tmp\0"),
        ("supervisord", "childlogdir=/tmp\0"),
        ("supervisord", "logfile=/tmp/a\0b"),
        ("supervisord", "logfile=/a\0/b"),
        ("supervisord", "logfile=~a\0b/x"),
        ("supervisord", "pidfile=~\0"),
        ("supervisord", "pidfile=~/a\0"),
        ("supervisord", "identifier=a\0"),
        ("supervisord", "nodaemon=true\0"),
        ("supervisord", "environment=A=\"\0\""),
        ("program:a", "command=/bin/a \0"),
        ("program:a", "command=/bin/a\nuser=ro\0ot"),
        ("program:a", "command=/bin/a\nuser=\0"),
        ("program:a", "command=/bin/a\numask=022\0"),
        ("program:a", "command=/bin/a\ndirectory=/tmp\0"),
        ("program:a", "command=/bin/a\ndirectory=~a\0/x"),
        ("program:a", "command=/bin/a\ndirectory=~root/\0x"),
        ("program:a", "command=/bin/a\nstdout_logfile=~root/\0/x"),
        ("program:a", "command=/bin/a\nstdout_logfile=~root/x\0"),
        ("supervisord", "directory=~root/x\0"),
        ("supervisord", "logfile=~nobody/\0x/y"),
        ("supervisord", "pidfile=~root/\0/y"),
        ("program:a", "command=/bin/a\nstopsignal=TERM\0"),
        ("program:a", "command=/bin/a\nstdout_logfile=/a\0/b"),
        ("program:a", "command=/bin/a\nstdout_logfile=/a/b\0"),
        ("program:a", "command=/bin/a\nstderr_logfile=~a\0/b"),
        ("program:a", "command=/bin/a\nserverurl=unix:///a\0"),
        ("program:a\0b", "command=/bin/a"),
        ("eventlistener:a", "command=/bin/a\nevents=TICK_5\0"),
        ("eventlistener:a", "command=/bin/a\nevents=TICK_5\nresult_handler=a\0:b"),
        ("fcgi-program:a", "command=/bin/a\nsocket=unix:///a\0"),
        ("fcgi-program:a", "command=/bin/a\nsocket=unix:///a\nuser=a\0"),
        ("fcgi-program:a", "command=/bin/a\nsocket=unix:///a\nsocket_owner=a\0"),
        ("fcgi-program:a", "command=/bin/a\nsocket=unix:///a\nsocket_owner=0:b\0"),
        ("fcgi-program:a", "command=/bin/a\nsocket=unix:///a\nsocket_mode=07\0"),
        ("unix_http_server", "file=~a\0/b"),
        ("unix_http_server", "file=/a\0"),
        ("unix_http_server", "file=/a\nchown=a\0b"),
        ("unix_http_server", "file=/a\nchown=0:a\0b"),
        ("unix_http_server", "file=/a\nchmod=07\0"),
        ("inet_http_server", "port=a\0:90"),
        ("rpcinterface:a", "supervisor.rpcinterface_factory=a\0:b"),
        ("group:g\0", "programs=z"),
        ("include", "files=a\0"),
        ("include", "files=a\0/*"),
    ] {
        let rest = if section == "supervisord" { "" } else { "[supervisord]\n" };
        desk.write("m.conf", format!("{rest}[{section}]\n{option}\n[program:z]\ncommand=/bin/z\n"));
        let path = desk.path("m.conf");
        let theirs = judge.ask(&json!({"path": path, "env": {"HOME": "/h"}, "node": "n", "cwd": "/"}));
        let ours = desk.json(&format!("show --format json --env HOME=/h --node n {path}"));
        assert_eq!(ours, theirs, "[{section}] {option:?}");
        if theirs["ok"] == false {
            refused += 1;
            let findings = desk.json(&format!("lint --format json --env HOME=/h {path}"))["findings"].clone();
            let said = |one: &Value| one["severity"] == "error" && one["supervisor"] == theirs["error"];
            assert!(findings.as_array().unwrap().iter().any(said), "[{section}] {option:?}: {findings:#}");
        }
    }
    assert_eq!(refused, 32);
}
