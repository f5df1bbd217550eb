//! `--user`: units for the user manager of one account, which can become nobody else and reads no file of root's.

use std::collections::BTreeSet;

use crate::support::desk::{Desk, flat, values};
use crate::support::page::Page;
use crate::support::{corpus, verify};
use serde_json::{Value, json};

const CONTROL: &str = "[unix_http_server]\nfile=/run/supervisor.sock\nchmod=0770\nchown=deploy:deploy\n[rpcinterface:supervisor]\n\
                       supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n";

/// A plain program, a pool, and one whose log is in the home directory.
const PROGRAMS: &str = "[program:web]\ncommand=/srv/web\nuser=deploy\ndirectory=/srv\nenvironment=API_TOKEN=\"sesame\"\n\
                        [program:w]\ncommand=/srv/w\nuser=deploy\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n\
                        [program:job]\ncommand=/srv/job\nuser=deploy\nstdout_logfile=/home/deploy/job.log\nstdout_logfile_maxbytes=0\n";

fn desk() -> Desk {
    Desk::of(["[supervisord]\n", CONTROL, PROGRAMS].concat())
}

/// The sentences of a plan, with their grades.
fn said(plan: &Value) -> Vec<(String, String)> {
    let text = |loss: &Value, field: &str| loss[field].as_str().unwrap().to_owned();
    plan["losses"].as_array().unwrap().iter().map(|loss| (text(loss, "grade"), text(loss, "message"))).collect()
}

fn has(plan: &Value, grade: &str, words: &str) -> bool {
    said(plan).iter().any(|(of, message)| of == grade && message.contains(words))
}

fn units(plan: &Value) -> Vec<&str> {
    let files = plan["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
    files.filter(|path| path.ends_with(".service")).collect()
}

#[test]
fn units_are_for_the_account_that_all_programs_share() {
    let desk = desk();
    for flag in ["--user", "--user=deploy"] {
        let plan = desk.plan(flag);
        assert_eq!(units(&plan), ["job.service", "w@.service", "web.service"], "{flag}: {plan}");
        assert_eq!(plan["enable"][0], "supervisord.target");
        for unit in ["web.service", "w@.service", "job.service"] {
            let text = desk.unit(flag, unit);
            for key in ["User", "After", "Wants"] {
                assert_eq!(values(&text, key), [""; 0], "{unit}: {text}");
            }
        }
        assert_eq!(values(&desk.unit(flag, "supervisord.target"), "WantedBy"), ["default.target"]);
        assert_eq!(values(&desk.unit(flag, "web.service"), "EnvironmentFile"), ["%h/.config/supconv/web.env"]);
        let secret = plan["files"].as_array().unwrap().iter().find(|file| file["path"] == ".config/supconv/web.env");
        assert_eq!(secret.unwrap()["mode"], "0600");
        assert!(plan["files"].as_array().unwrap().iter().all(|file| {
            let path = file["path"].as_str().unwrap();
            !path.contains('/') || path.starts_with(".config/")
        }));
    }
    // What a system manager is told.
    let web = desk.unit("", "web.service");
    assert_eq!((values(&web, "User"), values(&web, "After")), (vec!["deploy"], vec!["network.target"]));
    assert_eq!(values(&desk.unit("", "supervisord.target"), "WantedBy"), ["multi-user.target"]);
}

#[test]
fn what_another_account_runs_is_lost() {
    let other = "[program:other]\ncommand=/srv/o\nuser=www\n[program:root]\ncommand=/srv/r\nuser=root\n\
                 [program:bare]\ncommand=/srv/b\n";
    let desk = Desk::of(["[supervisord]\n", PROGRAMS, other].concat());
    // Whose manager it is has to be said.
    let plan = desk.plan("--user");
    assert_eq!(units(&plan), ["bare.service"]);
    assert!(has(&plan, "lost", "give --user=NAME for the account whose manager it is"), "{plan}");
    assert!(has(&plan, "lost", "a user manager cannot run it as root: convert it without --user"), "{plan}");
    assert!(has(&plan, "approximate", "the unit runs as the account"), "{plan}");
    let plan = desk.plan("--user=www");
    assert_eq!(units(&plan), ["bare.service", "other.service"]);
    assert!(has(&plan, "lost", "the user manager of www cannot run it as deploy"), "{plan}");
    // Only those that are asked for count.
    assert_eq!(units(&desk.plan("--user --only web,bare")), ["bare.service", "web.service"]);
    // root alone names no account.
    assert_eq!(units(&desk.plan("--user --only root,bare,other")), ["bare.service", "other.service"]);
    // That of supervisord is every program's.
    let desk = Desk::of("[supervisord]\nuser=deploy\n[program:a]\ncommand=/srv/a\n");
    assert_eq!(units(&desk.plan("--user")), ["a.service"]);
    assert_eq!(units(&desk.plan("--user=deploy")), ["a.service"]);
    assert_eq!(units(&desk.plan("--user=www")), [""; 0]);
}

#[test]
fn what_the_flag_takes() {
    let desk = desk();
    for wrong in ["--user=", "--user=root", "--user=0", "--user=-a", "--user=a:b", "--user --network-online"] {
        assert_eq!(desk.convert(wrong).code, 2, "{wrong}");
    }
    let asked = flat(&desk.convert("--user=deploy").err);
    assert!(asked.contains("supconv to-systemd '--user=deploy' a.conf --out units"), "{asked}");
    assert!(flat(&desk.convert("--user").err).contains("supconv to-systemd --user a.conf --out units"));
    assert!(desk.convert("--user --after redis.service").err.contains("--after names units of the same account"));
}

#[test]
fn what_differs_for_a_user_manager_is_said() {
    let desk = Desk::of(
        "[supervisord]\nminfds=4096\nuser=root\n[program:a]\ncommand=/srv/a\nuser=deploy\nstdout_logfile=/var/log/a.log\n\
         stdout_logfile_maxbytes=5MB\nstdout_logfile_backups=3\nstderr_logfile=/run/a/e.log\n[program:slow]\ncommand=/srv/s\n\
         user=deploy\nstopwaitsecs=600\n",
    );
    let plan = desk.plan("--user");
    for words in [
        "its parent is the user manager",
        "oom_score_adj is 100 or 200",
        "the user manager passes on its own",
        "XDG_RUNTIME_DIR, MANAGERPID",
        "the working directory is the home directory",
        "HOME, USER, LOGNAME and SHELL",
        "is lowered silently",
        "killed after 120 s",
        "the account opens /var/log/a.log itself",
        "/run/a is gone after a boot",
        "log files that supervisord made belong to its own user",
        "(journalctl --user -u UNIT)",
    ] {
        assert!(has(&plan, "approximate", words), "{words}: {:#?}", said(&plan));
    }
    assert!(has(&plan, "lost", "nothing rotates /var/log/a.log at 5MB"), "{:#?}", said(&plan));
    assert!(has(&plan, "lost", "no old ones are kept"));
    assert!(has(&plan, "approximate", "nothing rotates the log files"), "{:#?}", said(&plan));
    for words in ["PID 1", "tmpfiles.d.", "logrotate runs", "runs as root", "journalctl -u"] {
        assert!(!said(&plan).iter().any(|(_, message)| message.contains(words)), "{words}: {:#?}", said(&plan));
    }
    // In the home directory, by a supervisord that is the account already.
    let desk = Desk::of(
        "[supervisord]\nuser=deploy\n[program:a]\ncommand=/srv/a\ndirectory=/srv\nstdout_logfile=/home/deploy/a.log\n\
         stdout_logfile_maxbytes=0\nredirect_stderr=true\n",
    );
    let plan = desk.plan("--user");
    for words in ["opens /home", "log files that", "rotates", "home directory", "silently", "120 s"] {
        assert!(!said(&plan).iter().any(|(_, message)| message.contains(words)), "{words}: {:#?}", said(&plan));
    }
}

#[test]
fn sockets_and_listeners_belong_to_the_account() {
    let text = "[supervisord]\n[fcgi-program:php]\ncommand=/bin/php\nuser=deploy\nsocket=unix:///home/deploy/php.sock\n\
                socket_owner=OWNER\n[eventlistener:mem]\ncommand=memmon -a 200MB\nevents=TICK_60\n\
                [eventlistener:out]\ncommand=supervisor_stdout\nevents=PROCESS_LOG\n";
    for (owner, lost) in [("deploy", false), ("deploy:deploy", false), ("www-data", true), ("deploy:www-data", true)] {
        let desk = Desk::of(text.replace("OWNER", owner));
        let socket = desk.unit("--user", "php.socket");
        for key in ["SocketUser", "SocketGroup"] {
            assert_eq!(values(&socket, key), [""; 0], "{owner}: {socket}");
        }
        let plan = desk.plan("--user");
        assert_eq!(has(&plan, "lost", "cannot give the socket away"), lost, "{owner}: {plan}");
        assert!(has(&plan, "lost", "what replaces memmon is installed and run by root"), "{plan}");
        assert_eq!(units(&plan), ["php.service"]);
    }
}

#[test]
fn hardening_is_what_a_user_manager_can_do() {
    let desk = Desk::of("[supervisord]\n[program:web]\ncommand=/venv/bin/gunicorn app:app\nuser=deploy\n");
    let unit = desk.unit("--user --harden", "web.service");
    for key in ["NoNewPrivileges", "RestrictRealtime", "LockPersonality"] {
        assert_eq!(values(&unit, key), ["yes"], "{unit}");
    }
    for key in ["CapabilityBoundingSet", "ProtectControlGroups"] {
        assert_eq!(values(&unit, key), [""; 0], "{unit}");
    }
}

#[test]
fn the_page_says_which_account_types_what() {
    let desk = desk();
    assert_eq!(desk.convert("--user --out d").code, 0, "{:?}", desk.convert("--user --out d"));
    let page = Page::of(&std::fs::read_to_string(desk.join("d/HANDOVER.md")).unwrap());
    assert_eq!(
        page.commands("1. Install"),
        [
            "loginctl enable-linger deploy     # as root",
            "chown -- deploy /home/deploy/job.log     # as root",
            "install -D -m 0644 -t ~/.config/systemd/user -- job.service w@.service w.target web.service supervisord.target",
            "install -D -m 0600 -t ~/.config/supconv -- .config/supconv/web.env",
            "systemctl --user daemon-reload",
        ]
    );
    assert_eq!(page.commands("2. Enable"), ["systemctl --user enable supervisord.target"]);
    assert!(
        page.commands("3. Hand over")
            .contains(&"supervisorctl stop web && systemctl --user start web.service".to_owned())
    );
    assert!(
        page.commands("4. Back").contains(&"systemctl --user stop web.service && supervisorctl start web".to_owned())
    );
    assert_eq!(page.commands("6. Switch supervisord off")[0], "systemctl disable --now supervisor     # as root");
    let table = page.block("Instead of supervisorctl", "text");
    assert!(table.contains("systemctl --user status job.service"), "{table}");
    // Each word after it is the account's.
    for line in page.text.lines().filter(|line| line.contains("systemctl ") && !line.contains("systemctl --user")) {
        assert!(line.ends_with("# as root") || line.contains("`systemctl --user`"), "{line}");
    }
    // Without a control server supervisord itself ends, which is root's.
    let desk = Desk::of(["[supervisord]\n", PROGRAMS].concat());
    assert_eq!(desk.convert("--user --out d").code, 0);
    let page = Page::of(&std::fs::read_to_string(desk.join("d/HANDOVER.md")).unwrap());
    assert_eq!(
        page.commands("3. Hand over"),
        ["systemctl disable --now supervisor     # as root", "systemctl --user start supervisord.target"]
    );
    // What is stale is named where it is.
    desk.write("a.conf", "[supervisord]\n[program:w]\ncommand=/srv/w\nuser=deploy\n");
    let stale = flat(&desk.convert("--user --out d --force").err);
    assert!(
        stale.contains("systemctl --user stop job.service") && stale.contains("~/.config/systemd/user/job.service"),
        "{stale}"
    );
    assert!(stale.contains("~/.config/supconv/web.env"), "{stale}");
}

/// All units that people's files give, for the account that each file names most.
#[test]
fn every_unit_of_every_file_is_taken_by_a_user_manager() {
    let mut all = Vec::new();
    let mut executables = BTreeSet::new();
    for (number, path) in corpus::all().into_iter().enumerate() {
        let prefix = format!("f{number}-");
        let desk = Desk::new(&[]);
        let asked =
            ["to-systemd", "--user", "--harden", "--format", "json", "--prefix", &prefix, "--env", "HOME=/root"];
        let run = crate::support::desk::run(desk.command(&asked).arg(std::fs::canonicalize(&path).unwrap()));
        assert!(run.code < 2, "{}: {run:?}", path.display());
        let plan = run.json();
        for file in plan["files"].as_array().unwrap() {
            let (name, text) = (file["path"].as_str().unwrap(), file["text"].as_str().unwrap_or_default());
            if name.contains('/') || name.rsplit('.').next() == Some("md") {
                continue;
            }
            for line in text.lines() {
                for key in ["User=", "SocketUser=", "SocketGroup=", "CapabilityBoundingSet=", "ProtectControlGroups="] {
                    assert!(!line.starts_with(key), "{}: {name}: {line}", path.display());
                }
                assert!(!line.contains("network.target") && !line.contains("multi-user.target"), "{name}: {line}");
            }
            executables.extend(values(text, "ExecStart").first().map(|line| executable(line)));
            all.push((name.to_owned(), text.to_owned()));
        }
    }
    assert!(all.len() > 100, "{} units", all.len());
    let executables: Vec<_> = executables.into_iter().collect();
    if let Some(verdict) = verify::verify_for_users(&all, &executables) {
        assert_eq!(verdict, Ok(()), "of {} units", all.len());
    }
}

/// What a line executes: its first word, in which these files have no escapes.
fn executable(line: &str) -> String {
    let rest = line.trim_start_matches([':', '@']);
    let word = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap(),
        None => rest.split(' ').next().unwrap(),
    };
    assert!(!word.contains('\\'), "an escape: {line}");
    word.replace("%%", "\0").replace("%i", "i").replace('\0', "%")
}

#[test]
fn without_the_flag_nothing_changes() {
    let desk = desk();
    assert_eq!(desk.plan("")["summary"], desk.plan("--user")["summary"], "exact but for what is said once");
    assert_ne!(desk.plan("")["files"], json!([]));
}
