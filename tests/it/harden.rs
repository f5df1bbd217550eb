//! `--harden`: five lines, only for programs that are known to do without what they take.

use crate::support::desk::{Desk, values};

const LINES: [(&str, &str); 5] = [
    ("NoNewPrivileges", "yes"),
    ("CapabilityBoundingSet", ""),
    ("RestrictRealtime", "yes"),
    ("LockPersonality", "yes"),
    ("ProtectControlGroups", "yes"),
];

/// The unit of a program with these lines, and what is said of `--harden`.
fn hardened(lines: &str, arguments: &str) -> (String, Vec<String>) {
    let desk = Desk::of(format!("[supervisord]\nuser=root\n[program:web]\n{lines}\n"));
    let plan = desk.plan(arguments);
    let losses = plan["losses"].as_array().unwrap().iter().map(|loss| loss["message"].as_str().unwrap().to_owned());
    (
        desk.unit(arguments, "web.service"),
        losses.filter(|message| message.contains("--harden ") || message.contains("--harden:")).collect(),
    )
}

#[test]
fn each_line_stands_with_its_reason() {
    for command in [
        "/venv/bin/gunicorn app:app",
        "/venv/bin/python3 -m uvicorn app",
        "env A=b redis-server /etc/r.conf",
        "bundle exec puma",
    ] {
        let (unit, said) = hardened(&format!("command={command}\nuser=app"), "--harden");
        for (key, value) in LINES {
            assert_eq!(values(&unit, key), [value], "{command}: {unit}");
            let before = unit.lines().take_while(|line| !line.starts_with(key)).last().unwrap();
            assert!(before.starts_with("# --harden: "), "{before}");
        }
        assert!(matches!(said.as_slice(), [one] if one.contains("gain no rights by setuid")), "{said:?}");
    }
}

#[test]
fn what_may_need_it_stays_as_it_is() {
    for (lines, why) in [
        ("command=/venv/bin/gunicorn app:app", "give it a user first"),
        ("command=/venv/bin/gunicorn app:app\nuser=0", "give it a user first"),
        ("command=/bin/sh -c 'cd /srv && exec gunicorn app:app'\nuser=app", "setuid programs"),
        ("command=php artisan queue:work\nuser=app", "setuid programs"),
        ("command=python manage.py run\nuser=app", "setuid programs"),
        ("command=sudo -u app gunicorn app:app\nuser=app", "setuid programs"),
        ("command=setarch -R gunicorn app:app\nuser=app", "setuid programs"),
        ("command=gunicorn -b 0.0.0.0:80 app:app\nuser=app", "port below 1024"),
        ("command=gunicorn app\nuser=app\nenvironment=PORT=\"443\"", "port below 1024"),
    ] {
        let (unit, said) = hardened(lines, "--harden");
        assert!(LINES.iter().all(|(key, _)| values(&unit, key).is_empty()), "{lines}: {unit}");
        assert!(matches!(said.as_slice(), [one] if one.contains(why)), "{lines}: {said:?}");
    }
}

#[test]
fn nothing_is_taken_unasked() {
    let (unit, said) = hardened("command=gunicorn app:app\nuser=app", "");
    assert!(LINES.iter().all(|(key, _)| values(&unit, key).is_empty()) && said.is_empty(), "{unit}");
}
