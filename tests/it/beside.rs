//! What stands beside the units: secrets in files of their own, rotation, directories; read by the programs that they are for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::desk::{Desk, Run, values};
use crate::support::machine;
use serde_json::Value as Json;

const HEAD: &str = "[supervisord]\nuser=root\nminfds=4096\n";

fn file<'a>(plan: &'a Json, path: &str) -> Option<&'a Json> {
    plan["files"].as_array().unwrap().iter().find(|file| file["path"] == path)
}

fn text<'a>(plan: &'a Json, path: &str) -> &'a str {
    file(plan, path).unwrap_or_else(|| panic!("no {path} in {plan}"))["text"].as_str().unwrap()
}

/// The losses that are not constant: section, option, grade.
fn own(plan: &Json) -> Vec<[&str; 3]> {
    let losses = plan["losses"].as_array().unwrap().iter();
    losses.map(|loss| ["section", "option", "grade"].map(|key| loss[key].as_str().unwrap())).collect()
}

#[test]
fn secrets_have_a_file_that_only_root_reads() {
    let program = "[program:w]\ncommand=/bin/w\nenvironment=DB_PASSWORD=\"it's $x `y`#\\z%%\",A=\"1\"\n";
    let desk = Desk::of(format!("{HEAD}environment=API_TOKEN=\"sesame\"\n{program}"));
    let unit = desk.unit("", "w.service");
    assert_eq!(values(&unit, "EnvironmentFile"), ["/etc/supconv/w.env"]);
    assert!(unit.contains("A=1") && !unit.contains("DB_PASSWORD"), "{unit}");
    for arguments in ["", "--format json", "--out d --diff"] {
        let Run { code, out, err: said } = desk.convert(arguments);
        assert!(!format!("{out}{said}").contains("sesame"), "{arguments}: {out}{said}");
        assert!(out.contains("w.env"), "{arguments}: {out}");
        assert_eq!(code, i32::from(arguments.contains("diff")));
    }
    let plan = desk.plan("");
    let hidden = file(&plan, "etc/supconv/w.env").unwrap();
    assert_eq!((&hidden["mode"], &hidden["text"]), (&"0600".into(), &Json::Null));
    let shown = desk.plan("--show-secrets");
    let expected = "# supconv: [program:w] of a.conf\nAPI_TOKEN=\"sesame\"\nDB_PASSWORD=\"it's \\$x \\`y\\`#\\\\z%\"\n";
    assert_eq!(text(&shown, "etc/supconv/w.env"), expected);
    assert!(desk.convert("--show-secrets").out.contains("sesame"));
    assert!(own(&plan).iter().all(|[.., grade]| *grade != "lost"), "{plan}");

    assert_eq!(desk.convert("--out d").code, 0);
    let path = desk.join("d/etc/supconv/w.env");
    // From there on the file has a path of its own.
    assert_eq!(fs::read_to_string(&path).unwrap(), expected.replace("a.conf", "../a.conf"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o755));
    // Another mode is another file.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(file(&desk.plan("--out d"), "etc/supconv/w.env").unwrap()["state"], "differs");
    fs::write(&path, "mine\n").unwrap();
    let Run { out: diff, .. } = desk.convert("--out d --diff --show-secrets");
    assert!(diff.contains("\n-mine\n") && diff.contains("+API_TOKEN=\"sesame\""), "{diff}");
}

#[test]
fn one_file_serves_all_instances_or_each_has_its_own() {
    let program = |value: &str| {
        format!(
            "{HEAD}[program:w]\ncommand=/bin/w\nnumprocs=2\nprocess_name=w_%(process_num)s\nenvironment=API_TOKEN=\"{value}\"\n"
        )
    };
    let desk = Desk::of(program("sesame"));
    assert_eq!(values(&desk.unit("", "w@.service"), "EnvironmentFile"), ["/etc/supconv/w@.env"]);
    // There are no specifiers in such a file.
    let plan = Desk::of(program("sesame%(process_num)s")).plan("--show-secrets");
    for number in ["0", "1"] {
        let text = text(&plan, &format!("etc/supconv/w_{number}.env"));
        assert!(text.ends_with(&format!("API_TOKEN=\"sesame{number}\"\n")), "{text}");
    }
}

/// What the name of a variable does not say: a password within its value, a copy of a secret, a url with a password.
#[test]
fn secrets_are_held_back_whatever_the_name_of_their_variable() {
    let head = format!("{HEAD}environment=TOKEN=\"sesame12345\"\n");
    for line in [
        "environment=DSN=\"host=h password=sesame12345\"",
        "environment=COPY=\"%(ENV_TOKEN)s\"",
        "serverurl=http://user:sesame12345@localhost:9001",
        "directory=/srv/%(ENV_TOKEN)s",
        "stdout_logfile=/run/%(ENV_TOKEN)s/a.log",
        "command=/bin/w --with sesame12345",
    ] {
        let command = if line.starts_with("command") { "" } else { "command=/bin/w\n" };
        let desk = Desk::of(format!("{head}[program:w]\n{command}{line}\n"));
        assert!(!desk.plan("").to_string().contains("sesame"), "{line}: {}", desk.plan(""));
        for Run { out, err: said, .. } in [desk.convert(""), desk.convert("--out d --diff")] {
            assert!(!out.contains("sesame") && !said.contains("sesame"), "{line}: {out}{said}");
        }
    }
    // A password that other words have too is no reason to write nothing.
    for (command, password, units) in
        [("/usr/lib/postgresql/15/bin/postgres -D /d", "postgres", 2), ("/bin/app a", "ap", 2), ("/bin/app a", "a", 2)]
    {
        let text = format!("{HEAD}[program:w]\ncommand={command}\nenvironment=DB_PASSWORD=\"{password}\"\n");
        let plan = Desk::of(text).plan("");
        let files = plan["files"].as_array().unwrap().iter();
        let is_unit = |path: &str| path.ends_with(".service") || path.ends_with(".target");
        let count = files.filter(|file| is_unit(file["path"].as_str().unwrap())).count();
        assert_eq!(count, units, "{command} {password}: {plan}");
    }
    // A unit of before secrets had a file of their own.
    let desk = Desk::of(format!("{HEAD}[program:w]\ncommand=/bin/w\n"));
    fs::create_dir(desk.join("d")).unwrap();
    fs::write(desk.join("d/w.service"), "[Service]\nEnvironment=DB_PASSWORD=sesame12345\n").unwrap();
    assert!(!desk.convert("--out d --diff").out.contains("sesame"));
}

#[test]
fn a_name_that_no_environment_has_is_lost_with_its_secret() {
    let desk = Desk::of(format!("{HEAD}[program:w]\ncommand=/bin/w\nenvironment=DB.PASSWORD=\"sesame\"\n"));
    let plan = desk.plan("--show-secrets");
    assert!(
        own(&plan).contains(&["program:w", "environment", "lost"]) && !plan.to_string().contains("sesame"),
        "{plan}"
    );
}

const ROTATED: &str = "[program:w]\ncommand=/bin/w\nstdout_logfile=LOG\nstdout_logfile_maxbytes=50KB\nstdout_logfile_backups=3\n\
                       stderr_logfile=/var/log/err.log\n[program:x]\ncommand=/bin/x\nstdout_logfile=/var/log/err.log\n";

#[test]
fn logrotate_does_what_supervisord_did() {
    let log = "/var/log/a [b]*'é#;$~,.log";
    let desk = Desk::of(format!("{HEAD}{}", ROTATED.replace("LOG", log)));
    let plan = desk.plan("");
    let stanzas = text(&plan, "etc/logrotate.d/supconv-w");
    assert!(
        stanzas.contains("    size 51200\n    rotate 3\n") && stanzas.contains("    size 52428800\n    rotate 10\n")
    );
    // A path that two units share stands in the first only.
    assert!(file(&plan, "etc/logrotate.d/supconv-x").is_none());
    let losses = own(&plan);
    assert!(losses.contains(&["program:w", "stdout_logfile_maxbytes", "approximate"]));
    assert!(!losses.iter().any(|[_, option, _]| *option == "stdout_logfile_backups"));
    for (maxbytes, log, grade) in [("0", log, ""), ("-1", log, "lost"), ("50KB", "/var/log/a{b}", "lost")] {
        let text = ROTATED.replace("LOG", log).replace("=50KB", &format!("={maxbytes}"));
        let plan = Desk::of(format!("{HEAD}{text}")).plan("");
        let found = own(&plan)
            .into_iter()
            .find(|[section, option, _]| (*section, *option) == ("program:w", "stdout_logfile_maxbytes"));
        assert_eq!(found.map_or("", |[.., grade]| grade), grade, "{maxbytes} {log}");
    }
    assert!(file(&desk.plan("--logs journal"), "etc/logrotate.d/supconv-w").is_none());

    if !there("logrotate") {
        return;
    }
    // The same stanza for a file of ours.
    let here = desk.join("a [b]*'é#;$~,.log");
    let stanzas = stanzas.replace("/var/log/a ", &format!("{}/a ", desk.display()));
    let first = stanzas.split_inclusive("}\n").next().unwrap();
    fs::write(desk.join("logrotate.conf"), first).unwrap();
    for round in 1..=5 {
        fs::write(&here, format!("{round}").repeat(60_000)).unwrap();
        let mut rotate = Command::new("logrotate");
        rotate.args(["-s", "state", "logrotate.conf"]).current_dir(&desk).env("LC_ALL", "C.UTF-8");
        let output = rotate.output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let old = |number: u32| {
        fs::read_to_string(format!("{}.{number}", here.display()))
            .ok()
            .map(|text| text.chars().take(1).collect::<String>())
    };
    assert_eq!([1, 2, 3, 4].map(old), [Some("5"), Some("4"), Some("3"), None].map(|text| text.map(str::to_owned)));
    assert_eq!(fs::metadata(&here).unwrap().len(), 0);
}

#[test]
fn what_a_boot_takes_away_is_made_again() {
    let program = |name: &str, lines: &str| format!("[program:{name}]\ncommand=/bin/{name}\n{lines}\n");
    let configuration = [
        "[supervisord]\nuser=nobody\nminfds=4096\n",
        &program("v", "stdout_logfile=/run/app/we \"ird\\x%%%%/v.log"),
        &program("u", "stdout_logfile=/var/log/u.log\numask=077\nuser=nobody"),
        &program("t", "stdout_logfile=/tmp/t.log"),
    ]
    .concat();
    let desk = Desk::of(configuration);
    let plan = desk.plan("--prefix p-");
    let lines = text_of_tmpfiles(&plan, "etc/tmpfiles.d/supconv-p-.conf");
    assert_eq!(
        lines,
        [
            "d \"/run/app/we \\\"ird\\\\x%%\" - - - -",
            "f \"/run/app/we \\\"ird\\\\x%%/v.log\" :0644 :nobody - -",
            "f /tmp/t.log :0644 :nobody - -",
            "f /var/log/u.log :0644 :nobody - -",
        ]
    );
    assert!(own(&plan).contains(&["program:v", "stdout_logfile", "approximate"]));
    assert!(!own(&plan).contains(&["program:u", "umask", "approximate"]));
    // Before the colons had a meaning there is no such line.
    let old = desk.plan("--systemd-version 249");
    assert!(own(&old).contains(&["program:u", "umask", "approximate"]));
    assert_eq!(text_of_tmpfiles(&old, "etc/tmpfiles.d/supconv.conf").len(), 1);
    let page = text(&desk.plan("--allow-loss"), "HANDOVER.md").to_owned();
    assert!(page.contains("\nsystemd-tmpfiles --create supconv.conf\n"), "{page}");

    if !there("systemd-tmpfiles") {
        return;
    }
    let root = desk.join("root");
    for part in ["tmp", "etc"] {
        fs::create_dir_all(root.join(part)).unwrap();
    }
    fs::write(root.join("etc/passwd"), "nobody:x:65534:65534::/:/bin/sh\n").unwrap();
    // What is there keeps its mode.
    fs::write(root.join("tmp/t.log"), "old").unwrap();
    fs::set_permissions(root.join("tmp/t.log"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(desk.join("t.conf"), text(&plan, "etc/tmpfiles.d/supconv-p-.conf")).unwrap();
    let mut create = Command::new("systemd-tmpfiles");
    let output = create.arg("--create").arg(format!("--root={}", root.display())).arg(desk.join("t.conf")).output();
    let output = output.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o7777;
    let modes = ["run/app/we \"ird\\x%", "run/app/we \"ird\\x%/v.log", "var/log/u.log", "tmp/t.log"].map(mode);
    assert_eq!(modes, [0o755, 0o644, 0o644, 0o600]);
}

/// supervisord opens log files with its own umask.
#[test]
fn a_new_log_file_has_the_mode_of_supervisord() {
    let lines = |main: &str, program: &str| {
        let text = format!(
            "[supervisord]\nuser=root\n{main}[program:w]\ncommand=/bin/w\nstdout_logfile=/var/log/w\n{program}"
        );
        let plan = Desk::of(text).plan("");
        let found = file(&plan, "etc/tmpfiles.d/supconv.conf").map(|file| file["text"].as_str().unwrap().to_owned());
        found.and_then(|text| text.lines().nth(1).map(str::to_owned)).unwrap_or_default()
    };
    assert_eq!(lines("", ""), "");
    assert_eq!(lines("umask=077\n", ""), "");
    assert_eq!(lines("umask=077\n", "umask=022\n"), "f /var/log/w :0600 :root :root -");
    assert_eq!(lines("umask=077\nnodaemon=true\n", "umask=077\n"), "f /var/log/w :0644 :root :root -");
    assert_eq!(lines("", "umask=027\n"), "f /var/log/w :0644 :root :root -");
}

#[test]
fn one_file_has_one_rotation_and_a_name_that_logrotate_reads() {
    let text = format!(
        "{HEAD}[program:w.disabled]\ncommand=/bin/w\nstdout_logfile=/l/w\nstderr_logfile=/l//w\nstdout_logfile_maxbytes=5\n\
         stderr_logfile_maxbytes=7MB\nstderr_logfile_backups=3\n"
    );
    let plan = Desk::of(text).plan("");
    let stanzas = stanzas_of(&plan, "etc/logrotate.d/supconv-w.disabled=");
    assert_eq!((stanzas.matches("size ").count(), stanzas.matches("size 5\n").count()), (1, 1), "{stanzas}");
    for option in ["stderr_logfile_maxbytes", "stderr_logfile_backups"] {
        assert!(own(&plan).contains(&["program:w.disabled", option, "approximate"]), "{option}: {plan}");
    }
}

fn stanzas_of<'a>(plan: &'a Json, path: &str) -> &'a str {
    text(plan, path)
}

fn text_of_tmpfiles<'a>(plan: &'a Json, path: &str) -> Vec<&'a str> {
    text(plan, path).lines().filter(|line| !line.starts_with('#')).collect()
}

/// Whether a program is on this machine, and this is root, who alone can use it.
fn there(program: &str) -> bool {
    let package = if program == "logrotate" { "logrotate" } else { "systemd" };
    let found = machine::program(program, package);
    let found = found.and_then(|()| if machine::root() { Ok(()) } else { Err("only root can use it".to_owned()) });
    found.inspect_err(|why| machine::passed_over(program, why)).is_ok()
}
