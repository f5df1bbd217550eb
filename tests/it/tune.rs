//! `--tune`: what is known of applications, in units; each line with its reason, and none unasked.

use std::fs;

use crate::support::corpus;
use crate::support::desk::{Desk, run, values};
use serde_json::Value as Json;

/// What is said of `--tune`, without its name.
fn said(plan: &Json) -> Vec<String> {
    let losses = plan["losses"].as_array().unwrap().iter().filter(|loss| loss["rule"] == "SUP911");
    let messages = losses.map(|loss| loss["message"].as_str().unwrap());
    messages.map(|message| message.strip_prefix("--tune: ").unwrap_or_else(|| panic!("{message}")).to_owned()).collect()
}

/// The unit of a program with these lines, and what is said.
fn tuned(lines: &str, arguments: &str) -> (String, Vec<String>) {
    let desk = Desk::of(format!("[supervisord]\nuser=root\n[program:web]\n{lines}\n"));
    (desk.unit(arguments, "web.service"), said(&desk.plan(arguments)))
}

/// The comments above the line of a unit that begins so; what is left out has only them.
fn above<'u>(unit: &'u str, line: &str) -> Vec<&'u str> {
    let lines: Vec<&str> = unit.lines().collect();
    let at = lines.iter().position(|found| found.starts_with(line)).unwrap_or_else(|| panic!("no {line} in {unit}"));
    let mut comments: Vec<&str> = lines[..at].iter().rev().take_while(|line| line.starts_with("# ")).copied().collect();
    comments.reverse();
    comments
}

#[test]
fn a_program_has_what_is_known_of_it() {
    for (lines, expected) in [
        (
            "command=gunicorn app:app",
            &[("Type", "notify"), ("TimeoutStartSec", "infinity"), ("TimeoutStopSec", "35s"), ("KillMode", "mixed")][..],
        ),
        ("command=gunicorn --graceful-timeout 60 app:app", &[("TimeoutStopSec", "65s")]),
        (
            "command=uwsgi --ini app.ini",
            &[
                ("Type", "notify"),
                ("NotifyAccess", "all"),
                ("KillSignal", "SIGINT"),
                ("RestartForceExitStatus", "SIGHUP SIGINT SIGPIPE SIGTERM"),
            ],
        ),
        (
            "command=redis-server --supervised systemd",
            &[("Type", "notify"), ("LimitNOFILE", "10032:524288"), ("TimeoutStopSec", "infinity")],
        ),
        ("command=redis-server", &[("Type", "exec"), ("LimitNOFILE", "10032:524288")]),
        (
            "command=haproxy -Ws -f h.cfg",
            &[("Type", "notify"), ("SuccessExitStatus", "143 SIGUSR1"), ("KillSignal", "SIGUSR1")],
        ),
        ("command=postgres -D /data", &[("Type", "exec"), ("KillSignal", "SIGINT"), ("TimeoutStopSec", "90s")]),
        ("command=java -jar a.jar\nautorestart=true", &[("SuccessExitStatus", "143"), ("Restart", "always")]),
        ("command=sshd -D -e", &[("KillMode", "process"), ("RuntimeDirectory", "sshd"), ("Type", "exec")]),
        ("command=mysqld", &[("TimeoutStopSec", "900s"), ("LimitNOFILE", "32768:524288")]),
        ("command=sh -c 'exec nginx -g \"daemon off;\"'", &[("KillSignal", "SIGQUIT")]),
        ("command=dockerd", &[("KillMode", "process"), ("LimitNOFILE", "1048576:1048576")]),
    ] {
        let (unit, _) = tuned(lines, "--tune");
        for (key, value) in expected {
            assert_eq!(values(&unit, key), [*value], "{lines}: {unit}");
        }
    }
}

/// What has to be decided by somebody else is a comment at the place of the line.
#[test]
fn what_is_not_sure_is_said_and_not_written() {
    for (lines, line, words) in [
        ("command=redis-server /etc/redis.conf", "Type=exec", "only with `--supervised systemd` in its command"),
        ("command=haproxy -W -f h.cfg", "Type=exec", "only with `-Ws` in its command"),
        ("command=php-fpm8.2 -F", "Type=exec", "only some builds of php-fpm"),
        ("command=gunicorn app:app", "Type=notify", "remove Type=notify again if gunicorn is older than 20.0"),
        ("command=env -i gunicorn app:app", "Type=exec", "env -i keeps the variable NOTIFY_SOCKET"),
        ("command=chroot /srv gunicorn app:app", "Type=exec", "chroot keeps the variable NOTIFY_SOCKET"),
        ("command=celery -A shop worker", "TimeoutStopSec=10s", "more than the longest task of celery worker"),
        ("command=nginx", "ExecStart=", "write `nginx -g 'daemon off;'`"),
        ("command=gunicorn -D app:app", "ExecStart=", "`-D` sends gunicorn into the background"),
        ("command=vsftpd", "ExecStart=", "without `background=NO in vsftpd.conf"),
        ("command=timeout 60 gunicorn app:app", "ExecStart=", "because timeout starts gunicorn and stays"),
        ("command=sh -c 'gunicorn app:app'", "ExecStart=", "because a shell starts gunicorn and stays"),
        ("command=setsid gunicorn app:app", "ExecStart=", "because setsid starts gunicorn and stays"),
        // What the file writes itself.
        ("command=nginx -g 'daemon off;'\nstopsignal=TERM", "Restart=", ""),
        (
            "command=nginx -g 'daemon off;'\nstopsignal=TERM",
            "KillSignal=SIGTERM",
            "although on QUIT nginx finishes what has begun",
        ),
        // What is known of one signal alone.
        ("command=uwsgi --die-on-term --ini app.ini\nstopsignal=HUP", "Restart=", ""),
        ("command=uwsgi --ini app.ini\nstopsignal=TERM", "KillSignal=SIGTERM", "although on INT uwsgi ends at once"),
        ("command=gunicorn app:app\nstopwaitsecs=5", "TimeoutStopSec=5s", "although gunicorn gives its work 30 s"),
        ("command=gunicorn app:app\nstopasgroup=true", "KillMode=control-group", "stops its workers itself"),
        ("command=sshd -D\nkillasgroup=true", "KillMode=mixed", "although what sshd starts should go on"),
    ] {
        let (unit, _) = tuned(lines, "--tune");
        let comments = above(&unit, line);
        let has = comments.iter().any(|comment| comment.starts_with("# --tune: ") && comment.contains(words));
        assert_eq!(has, !words.is_empty(), "{lines}: {unit}");
    }
    for (lines, arguments, line) in [
        ("command=redis-server", "--tune --nofile 4096", "LimitNOFILE=4096:524288"),
        ("command=redis-server", "--tune --nofile 65536", "LimitNOFILE=65536:524288"),
        ("command=snmpd -f\nnumprocs=2\nprocess_name=w_%(process_num)s", "--tune", "WorkingDirectory=/"),
    ] {
        let desk = Desk::of(format!("[supervisord]\n[program:web]\ndirectory=/\n{lines}\n"));
        let name = if lines.contains("numprocs") { "web@.service" } else { "web.service" };
        let unit = desk.unit(arguments, name);
        assert!(unit.lines().any(|found| found == line), "{lines}: {unit}");
        assert_eq!(values(&unit, "RuntimeDirectory"), [""; 0]);
    }
    // A user manager makes such directories elsewhere.
    let (unit, _) = tuned("command=squid --foreground\nuser=app", "--tune --user");
    assert_eq!((values(&unit, "RuntimeDirectory"), values(&unit, "Type")), (vec![], vec!["notify"]), "{unit}");
}

#[test]
fn nothing_is_added_to_what_is_not_known() {
    for (command, why) in [
        ("/srv/run", "because `supconv apps` does not list the program."),
        ("python /srv/run.py", "because nothing that a unit can use is known of python."),
    ] {
        let (unit, said) = tuned(&format!("command={command}"), "--tune");
        assert_eq!(unit, tuned(&format!("command={command}"), "").0);
        assert!(
            matches!(said.as_slice(), [one] if one.starts_with("nothing is added") && one.ends_with(why)),
            "{said:?}"
        );
    }
}

/// minfds is a minimum: the higher number counts.
#[test]
fn more_open_files_than_the_application_wants_stay() {
    for (minfds, expected) in [("4096", "10032:524288"), ("20000", "20000:524288"), ("-1", "10032:524288")] {
        let desk = Desk::of(format!("[supervisord]\nminfds={minfds}\n[program:web]\ncommand=redis-server\n"));
        assert_eq!(values(&desk.unit("--tune", "web.service"), "LimitNOFILE"), [expected], "minfds={minfds}");
    }
}

#[test]
fn the_shutdown_is_as_long_as_the_tuned_stops() {
    let desk = Desk::of("[supervisord]\n[program:web]\ncommand=mysqld\n");
    let told = |arguments: &str| desk.convert(arguments).err;
    assert!(told("--tune").contains("900 s") && !told("").contains("900 s"), "{}", told("--tune"));
}

#[test]
fn it_is_not_supervisors_behaviour_to_the_letter() {
    let desk = Desk::of("[supervisord]\n[program:web]\ncommand=nginx\n");
    let refused = desk.convert("--tune --faithful");
    assert!(refused.code == 2 && refused.err.contains("cannot be used with"), "{refused:?}");
}

/// The lines of a text, each with the comments above it.
fn lines(text: &str) -> Vec<(Vec<&str>, &str)> {
    let (mut found, mut comments) = (Vec::new(), Vec::new());
    for line in text.lines() {
        if line.starts_with('#') {
            comments.push(line);
        } else {
            found.push((std::mem::take(&mut comments), line));
        }
    }
    found
}

/// In all files that people wrote: without the flag nothing of it is there, and with it each line that is another has its reason,
/// which the report says too.
#[test]
fn each_line_has_its_reason_and_none_is_there_unasked() {
    let mut changed = 0;
    for path in corpus::all() {
        let desk = Desk::new(&[]);
        let path = fs::canonicalize(&path).unwrap();
        let converted = |flags: &[&str]| {
            let asked = [&["to-systemd", "--format", "json", "--env", "HOME=/root"], flags].concat();
            run(desk.command(&asked).arg(&path)).json()
        };
        let (plain, with) = (converted(&[]), converted(&["--tune"]));
        assert!(!plain.to_string().contains("--tune"), "{}", path.display());
        let reasons: Vec<String> = said(&with).into_iter().map(|reason| format!("# --tune: {reason}")).collect();
        let files = |plan: &Json| plan["files"].as_array().unwrap().clone();
        assert_eq!(files(&plain).len(), files(&with).len(), "{}", path.display());
        for (one, other) in files(&plain).iter().zip(&files(&with)) {
            let name = one["path"].as_str().unwrap();
            assert_eq!(name, other["path"]);
            let (Some(one), Some(other)) = (one["text"].as_str(), other["text"].as_str()) else { continue };
            if !name.ends_with(".service") {
                // The command that the page tells is another.
                assert!(one == other || name.strip_suffix(".md").is_some(), "{name} of {}", path.display());
                continue;
            }
            let (before, after) = (lines(one), lines(other));
            for (comments, line) in &after {
                let tuned = comments.iter().filter(|comment| comment.starts_with("# --tune: "));
                let tuned: Vec<_> = tuned.collect();
                let is_new = !before.iter().any(|(_, known)| known == line);
                assert!(!is_new || !tuned.is_empty(), "{line} of {name} of {} has no reason", path.display());
                for reason in tuned {
                    assert!(reasons.iter().any(|said| said == *reason), "{reason} is not said: {reasons:?}");
                }
                changed += usize::from(is_new);
            }
            for (_, line) in before.iter().filter(|(_, line)| !after.iter().any(|(_, known)| known == line)) {
                let key = line.split('=').next().unwrap();
                let replaced = after.iter().any(|(_, new)| new.starts_with(key));
                assert!(replaced || line.starts_with("Environment=SUPERVISOR_ENABLED=1 "), "{line} of {name} is gone");
                assert!(replaced || other.contains("# --tune: SUPERVISOR_ENABLED, "), "{name}: {other}");
            }
        }
    }
    // The project's own files alone have some.
    assert!(changed > 20, "{changed} lines");
}
