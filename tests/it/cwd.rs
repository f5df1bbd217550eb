//! `--cwd`: where supervisord is started, and where relative paths begin.

use crate::support::desk::{Desk, values};
use serde_json::Value;

const PROGRAM: &str = "[supervisord]\nuser=root\nnodaemon=true\ndirectory=/elsewhere\n[program:web]\ncommand=./web --conf conf/a.yml\nuser=app\n\
                       stdout_logfile=logs/web.log\nstderr_logfile=NONE\n";

fn messages(plan: &Value, option: &str) -> Vec<String> {
    let losses = plan["losses"].as_array().unwrap().iter().filter(|loss| loss["option"] == option);
    losses.map(|loss| loss["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn all_that_is_relative_begins_there() {
    let desk = Desk::of(PROGRAM);
    let unit = desk.unit("--cwd /srv/app", "web.service");
    assert_eq!(values(&unit, "WorkingDirectory"), ["/srv/app"]);
    assert_eq!(values(&unit, "ExecStart"), ["@/srv/app/./web ./web --conf conf/a.yml"]);
    assert_eq!(values(&unit, "StandardOutput"), ["append:/srv/app/logs/web.log"]);
    let plan = desk.plan("--cwd /srv/app");
    assert!(!messages(&plan, "command").iter().any(|one| one.contains("directory")), "{plan}");
    desk.write("a.conf", PROGRAM.replace("user=app", "directory=sub"));
    assert_eq!(values(&desk.unit("--cwd /srv/app", "web.service"), "WorkingDirectory"), ["/srv/app/sub"]);
    // The program's own stays.
    desk.write("a.conf", PROGRAM.replace("user=app", "directory=/own"));
    assert_eq!(values(&desk.unit("--cwd /srv/app", "web.service"), "WorkingDirectory"), ["/own"]);
}

/// It enters its directory when it daemonises; a relative one begins where it is started.
#[test]
fn the_directory_of_supervisord_comes_first_where_it_counts() {
    let desk = Desk::of(PROGRAM.replace("nodaemon=true\n", ""));
    assert_eq!(values(&desk.unit("--cwd /srv/app", "web.service"), "WorkingDirectory"), ["/elsewhere"]);
    desk.write("a.conf", PROGRAM.replace("nodaemon=true\n", "").replace("/elsewhere", "below"));
    assert_eq!(values(&desk.unit("--cwd /srv/app", "web.service"), "WorkingDirectory"), ["/srv/app/below"]);
}

#[test]
fn what_is_relative_is_said_where_nobody_knows() {
    let desk = Desk::of("[supervisord]\nuser=root\n[program:web]\ncommand=/usr/bin/python3 ./manage.py run\n");
    let expected = "./manage.py is looked up in /, because directory= is not set: if supervisord starts elsewhere, give --cwd DIR.";
    assert!(messages(&desk.plan(""), "command").iter().any(|one| one == expected));
    assert!(!messages(&desk.plan("--cwd /srv"), "command").iter().any(|one| one.contains("is looked up in /")));
    desk.write(
        "a.conf",
        "[supervisord]\nuser=root\n[program:web]\ncommand=/usr/bin/python3 ./manage.py run\ndirectory=/srv\n",
    );
    assert!(!messages(&desk.plan(""), "command").iter().any(|one| one.contains("is looked up in /")));
    desk.write("a.conf", PROGRAM);
    let plan = desk.plan("");
    assert!(messages(&plan, "command").iter().any(|one| one.contains("give --cwd DIR")), "{plan}");
    desk.write("a.conf", PROGRAM.replace("./web", "/srv/web"));
    let plan = desk.plan("");
    assert!(messages(&plan, "stdout_logfile").iter().any(|one| one.contains("give --cwd DIR")), "{plan}");
}

#[test]
fn the_daemons_take_it_too() {
    let desk = Desk::of(PROGRAM);
    for (target, file, directory) in [
        ("to-horust", "web.toml", "working-directory = \"/srv/app\""),
        ("to-pitchfork", "pitchfork.toml", "dir = \"/srv/app\""),
    ] {
        let text = |arguments: &str| {
            let plan = desk.json(&format!("{target} --format json {arguments} a.conf"));
            let files = plan["files"].as_array().unwrap();
            let file = files.iter().find(|one| one["path"].as_str().unwrap().ends_with(file));
            (file.unwrap_or_else(|| panic!("{plan}"))["text"].as_str().unwrap().to_owned(), plan)
        };
        let (told, plan) = text("--cwd /srv/app");
        assert!(told.contains(directory) && told.contains("/srv/app/logs/web.log"), "{told}");
        assert!(!messages(&plan, "command").iter().any(|one| one.contains("--cwd")), "{plan}");
        let (_, plan) = text("");
        assert!(messages(&plan, "command").iter().any(|one| one.contains("give --cwd DIR")), "{plan}");
    }
}

#[test]
fn a_relative_one_is_wrong_usage_and_a_given_one_is_repeated() {
    let desk = Desk::of("[supervisord]\nuser=root\n[program:web]\ncommand=/bin/web\n[group:g]\nprograms=web\n");
    for target in ["to-systemd", "to-horust", "to-pitchfork"] {
        assert_eq!(desk.run(&format!("{target} --cwd srv a.conf")).code, 2, "{target}");
    }
    let run = desk.run("to-systemd --cwd /srv a.conf");
    assert!(run.err.contains("--cwd /srv"), "{}", run.err);
}
