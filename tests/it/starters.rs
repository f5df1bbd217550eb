//! Commands that only have something else started, programs that go into the background, and files of which nothing is made.

use crate::support::desk::Desk;
use serde_json::Value;

/// The plan of a program with this command, for a target.
fn plan(target: &str, command: &str) -> Value {
    let desk = Desk::of(format!("[supervisord]\nuser=root\n[program:rabbitmq-server]\ncommand={command}\n"));
    desk.json(&format!("{target} --format json a.conf"))
}

/// Its losses of a grade at `command`.
fn said(plan: &Value, grade: &str) -> Vec<String> {
    let losses = plan["losses"].as_array().unwrap().iter();
    let of = losses.filter(|loss| loss["grade"] == grade && loss["option"] == "command");
    of.map(|loss| loss["message"].as_str().unwrap().to_owned()).collect()
}

fn files(plan: &Value) -> usize {
    plan["files"].as_array().unwrap().len()
}

#[test]
fn what_only_starts_a_service_gets_no_unit_and_names_it() {
    for command in [
        "service rabbitmq-server start",
        "/etc/init.d/rabbitmq-server start",
        "sh -c 'exec systemctl start rabbitmq-server'",
    ] {
        let plan = plan("to-systemd", command);
        let expected = "no unit is written: the command only starts rabbitmq-server, so enable that instead: systemctl enable \
                        --now rabbitmq-server";
        assert_eq!(said(&plan, "lost"), [expected], "{command}");
        assert_eq!(files(&plan), 0, "{command}");
        assert_eq!(plan["summary"]["exact"], 0, "{command}");
    }
}

#[test]
fn the_daemons_run_what_starts_a_service() {
    for target in ["to-horust", "to-pitchfork"] {
        let plan = plan(target, "service rabbitmq-server start");
        assert!(said(&plan, "lost").is_empty(), "{plan}");
        assert!(files(&plan) > 0, "{target}");
    }
}

#[test]
fn nobody_answers_supervisorctl() {
    for (target, made) in [("to-systemd", "unit"), ("to-horust", "program"), ("to-pitchfork", "program")] {
        let plan = plan(target, "/usr/bin/supervisorctl restart web");
        let said = said(&plan, "lost");
        let expected = format!("no {made} is written: supervisorctl only reaches supervisord");
        assert!(matches!(said.as_slice(), [one] if one.starts_with(&expected)), "{said:?}");
        assert_eq!(plan["summary"]["exact"], 0, "{target}");
    }
}

#[test]
fn lint_says_so_before() {
    let desk = Desk::of("[supervisord]\nuser=root\n[program:x]\ncommand=service x start\n");
    let found = desk.run("lint --target systemd a.conf").out;
    assert!(found.contains("the command only starts x"), "{found}");
    assert!(!desk.run("lint a.conf").out.contains("the command only starts x"));
}

#[test]
fn who_goes_into_the_background_is_named() {
    let of = |arguments: &str, command: &str| said(&plan(&format!("to-systemd {arguments}"), command), "approximate");
    let named = |said: &[String]| said.iter().any(|one| one.contains("goes into the background"));
    let said = of("", "/venv/bin/gunicorn --daemon app:app");
    let expected =
        "gunicorn goes into the background (--daemon), where systemd kills it at once: let it run in the foreground.";
    assert!(said.iter().any(|one| one == expected), "{said:?}");
    assert!(!named(&of("--faithful", "/venv/bin/gunicorn --daemon app:app")));
    assert!(!named(&of("", "/usr/bin/php artisan queue:work --daemon")));
}

/// What is not known is not kept, nor what the file says of a supervisord that has no programs then.
#[test]
fn where_no_unit_is_made_nothing_is_exact() {
    let main = "[unix_http_server]\nfile=/run/s.sock\n[supervisord]\nuser=root\nminfds=4096\n[supervisorctl]\nserverurl=unix:///run/s.sock\n";
    let text = format!("{main}[program:a]\ncommand=/srv/%(ENV_X)s\nstartsecs=3\n[group:g]\nprograms=a\npriority=5\n");
    let desk = Desk::of(&text);
    for target in ["to-systemd", "to-horust", "to-pitchfork"] {
        let summary = desk.json(&format!("{target} --format json a.conf"))["summary"].clone();
        assert_eq!(summary["exact"], 0, "{target}: {summary}");
        let known = desk.json(&format!("{target} --format json --env X=x a.conf"))["summary"].clone();
        assert!(known["exact"].as_u64().unwrap() > 3, "{target}: {known}");
    }
}
