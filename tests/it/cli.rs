//! The program from outside: arguments, files and standard input go in; output, messages and the exit code come out.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::desk::{Desk, PROGRAM, Run, run, words};
use crate::support::machine;
use serde_json::{Value, json};

/// What no rule speaks of and what is converted whole.
const CLEAN: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:web]\ncommand=/usr/bin/web\nuser=web\n";
/// Three warnings.
const RISKY: &str = "[supervisord]\n[program:web]\ncommand=/usr/bin/web\n";
/// Refused as a whole.
const REFUSED: &str = "[supervisord]\nuser=root\nminfds=many\n[program:web]\ncommand=/usr/bin/web\nuser=web\n";

/// `(rule, path)` of all findings.
fn findings(document: &Value) -> Vec<(&str, &str)> {
    let list = document["findings"].as_array().unwrap();
    list.iter().map(|one| (one["rule"].as_str().unwrap(), one["path"].as_str().unwrap())).collect()
}

/// The group of a name, in what `show` prints.
fn group<'a>(document: &'a Value, name: &str) -> &'a Value {
    document["groups"].as_array().unwrap().iter().find(|group| group["name"] == name).unwrap()
}

/// The first word decides how arguments are read: as those of its command alone, or of all of them.
#[test]
fn a_command_is_the_same_behind_a_flag() {
    let desk = Desk::new(&[("risky.conf", RISKY)]);
    let commands = [
        "lint",
        "show",
        "to-systemd",
        "to-horust",
        "to-pitchfork",
        "limits",
        "settings",
        "rule",
        "apps",
        "completions",
        "man",
    ];
    let given = [
        "--help",
        "-h",
        "--version",
        "risky.conf",
        "--nonsense",
        "--hel",
        "--color",
        "--color=blue",
        "a b c d",
        "--fix --diff",
        "--max-size x",
        "--format=x",
        "risky.conf --color always",
    ];
    for (command, given) in commands.into_iter().flat_map(|command| given.map(|given| (command, given))) {
        let [own, other] = ["", "--color never "].map(|before| desk.run(&format!("{before}{command} {given}")));
        // What is to be done next is the command that was typed, with more.
        let [out, err] = [other.out, other.err].map(|text| text.replace("--color never ", ""));
        assert_eq!((own.code, own.out, own.err), (other.code, out, err), "{command} {given}");
    }
}

// Exit codes.

#[test]
fn the_exit_code_says_whether_something_is_found_or_fails() {
    let desk = Desk::new(&[("clean.conf", CLEAN), ("risky.conf", RISKY), ("refused.conf", REFUSED)]);
    desk.write("lost.conf", format!("{CLEAN}stdout_events_enabled=true\n"));
    desk.write("half.conf", format!("{CLEAN}[program:bad]\ncommand=/usr/bin/bad\nuser=bad\nstartsecs=soon\n"));
    for (code, arguments) in [
        (0, "lint clean.conf"),
        (1, "lint risky.conf"),
        (1, "lint refused.conf"),
        (1, "lint clean.conf risky.conf"),
        (0, "lint --min-severity error risky.conf"),
        (1, "lint --min-severity error refused.conf"),
        (2, "lint missing.conf"),
        (2, "lint risky.conf missing.conf"),
        (2, "lint missing.conf risky.conf"),
        (0, "show clean.conf"),
        (0, "show risky.conf"),
        (1, "show refused.conf"),
        (2, "show missing.conf"),
        (2, "show missing.conf refused.conf"),
        (0, "show --raw refused.conf"),
        (0, "to-systemd clean.conf"),
        (0, "to-systemd risky.conf"),
        (1, "to-systemd lost.conf"),
        (1, "to-systemd half.conf"),
        (1, "to-systemd refused.conf"),
        (2, "to-systemd missing.conf"),
        (0, "--help"),
        (0, "--version"),
        (0, "lint --help"),
    ] {
        for format in ["", " --format json"] {
            if arguments.contains("--help") || arguments.contains("--version") {
                continue;
            }
            let run = desk.run(&format!("{arguments}{format}"));
            assert_eq!(run.code, code, "{arguments}{format}: {run:?}");
        }
    }
}

#[test]
fn the_other_files_are_done_although_one_cannot_be_read() {
    let desk = Desk::new(&[("risky.conf", RISKY), ("refused.conf", REFUSED)]);
    let run = desk.run("lint missing.conf risky.conf");
    assert!(run.out.contains("risky.conf:1:2"), "{run:?}");
    assert_eq!(run.err, "supconv: missing.conf: No such file or directory\n");
    let lint = desk.json("lint --format json missing.conf risky.conf");
    assert_eq!(lint["errors"], json!([{"path": "missing.conf", "message": "could not find config file missing.conf"}]));
    assert_eq!(lint["summary"]["files"], 1);
    assert_eq!(findings(&lint).len(), 2, "{lint}");

    let shown = desk.run("show --format json missing.conf refused.conf risky.conf").lines();
    let seen: Vec<_> = shown.iter().map(|one| (&one["path"], &one["ok"], &one["kind"])).collect();
    assert_eq!(
        json!(seen),
        json!([["missing.conf", false, "unreadable"], ["refused.conf", false, "usage"], ["risky.conf", true, null]])
    );
    let human = desk.run("show missing.conf risky.conf");
    assert!(human.out.contains("/usr/bin/web") && human.err.contains("missing.conf"), "{human:?}");
}

#[test]
fn wrong_usage_is_explained_prints_nothing_and_ends_with_2() {
    let desk = Desk::new(&[("a.conf", CLEAN), ("b.conf", CLEAN), ("no-equals", "A=1\njust text\n")]);
    for arguments in [
        "",
        "frobnicate",
        "lint --nope a.conf",
        "lint --format yaml a.conf",
        "lint --min-severity loud a.conf",
        "lint --env A a.conf",
        "lint --env-file missing a.conf",
        "lint --env-file no-equals a.conf",
        "lint --as other a.conf",
        "lint --as main --main a.conf a.conf",
        "show --main missing.conf a.conf",
        "to-systemd a.conf a.conf",
        "to-systemd .",
        "to-systemd --raw a.conf",
    ] {
        let run = desk.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {run:?}");
        assert!(!run.err.is_empty(), "{arguments} says nothing");
        assert!(run.out.is_empty(), "{arguments}: {run:?}");
    }
    let told = desk.run("to-systemd a.conf --allow-loss=foo");
    assert_eq!((told.code, told.err.as_str()), (2, "supconv: --allow-loss: Supervisor has no option foo\n"));
}

#[test]
fn what_is_empty_is_said_to_be_empty() {
    let desk = Desk::of(CLEAN);
    let path = "an empty path names nothing";
    let rule = "an empty name names no rule: `supconv rule` lists them";
    for (arguments, said) in [
        (&["lint", ""] as &[&str], &format!("PATH: {path}") as &str),
        (&["lint", "a.conf", ""], &format!("PATH: {path}")),
        (&["show", ""], &format!("PATH: {path}")),
        (&["to-systemd", ""], &format!("PATH: {path}")),
        (&["to-systemd", "a.conf", "--out="], &format!("--out: {path}")),
        (&["lint", "a.conf", "--path-as", ""], &format!("--path-as: {path}")),
        (&["lint", "a.conf", "--root", ""], &format!("--root: {path}")),
        (&["lint", "a.conf", "--cwd", ""], &format!("--cwd: {path}")),
        (&["lint", "a.conf", "--main="], &format!("--main: {path}")),
        (&["lint", "a.conf", "--env-file", ""], &format!("--env-file: {path}")),
        (&["lint", "a.conf", "--unit", ""], &format!("--unit: {path}")),
        (&["lint", "-", "--stdin-filename", ""], &format!("--stdin-filename: {path}")),
        (&["show", "a.conf", "--only", ""], "no value for --only <NAME[,NAME]>"),
        (&["to-systemd", "a.conf", "--only=a,"], "no value for --only <NAME[,NAME]>"),
        (&["to-systemd", "a.conf", "--allow-loss="], "--allow-loss: an option needs a name"),
        (&["lint", "a.conf", "--ignore", ""], &format!("--ignore: {rule}")),
        (&["lint", "a.conf", "--select=SUP1,"], &format!("--select: {rule}")),
        (&["rule", ""], rule),
        (&["rule", "--search", ""], "no value for --search <WORDS>"),
        (&["lint", "a.conf", "--node", ""], "no value for --node <NAME>"),
        (&["lint", "a.conf", "--env", "=x"], "--env: write NAME=VALUE"),
    ] {
        let told = run(&mut desk.command(arguments));
        assert_eq!((told.code, &*told.out, told.err), (2, "", format!("supconv: {said}\n")), "{arguments:?}");
    }
}

#[test]
fn wrong_usage_repeats_no_secret() {
    let desk = Desk::new(&[("a.conf", CLEAN)]);
    let secret = "hunter22secret";
    for arguments in [
        "lint a.conf --env DB_PASSWORD:hunter22secret",
        "lint a.conf --env hunter22secret",
        "to-systemd a.conf DB_PASSWORD=hunter22secret",
        "to-systemd a.conf --password=hunter22secret",
        "lint a.conf --format=token=hunter22secret",
        "lint a.conf --max-size password=hunter22secret",
        "lint a.conf --ignore password=hunter22secret",
        "to-systemd a.conf --allow-loss=password=hunter22secret",
        "--password=hunter22secret",
        "password=hunter22secret",
        "rule password=hunter22secret",
        "lint password=hunter22secret",
        "show password=hunter22secret",
        "to-systemd a.conf --only password=hunter22secret",
        "to-systemd a.conf --prefix password=hunter22secret",
    ] {
        let told = desk.run(arguments);
        assert!(told.code == 2 && !told.err.contains(secret) && !told.out.contains(secret), "{arguments}: {told:?}");
    }
}

#[test]
fn what_is_no_variable_in_a_copy_of_environ_is_passed_over() {
    let desk = Desk::of("[supervisord]\n[program:a]\ncommand=%(ENV_A)s\nuser=b\n");
    desk.write("environ", "a title that a program wrote\0=C:=C:\\\0A=/bin/seen\0");
    let shown = desk.run("show a.conf --env-file environ");
    assert!(shown.code == 0 && shown.out.contains("/bin/seen"), "{shown:?}");
}

#[test]
fn a_prefix_that_no_unit_name_may_have_is_wrong_usage() {
    let desk = Desk::new(&[("a.conf", CLEAN)]);
    for prefix in ["a/b-", "-a", "a b"] {
        let run = run(&mut desk.command(&["to-systemd", &format!("--prefix={prefix}"), "a.conf"]));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{prefix}: {}", run.err);
    }
}

// Which files.

#[test]
fn standard_input_stands_where_its_name_says() {
    let desk = Desk::new(&[("etc/conf.d/a.conf", "[program:included]\ncommand=%(here)s/run\nuser=web\n")]);
    let text = "[supervisord]\n[include]\nfiles=conf.d/*.conf\n[program:web]\ncommand=%(here)s/web\nuser=web\n";

    let lint = desk.run_with("lint -", text);
    assert_eq!(lint.code, 1);
    assert!(lint.out.contains("-:1:2: warning[default-minfds]"), "{lint:?}");
    let shown = desk.run_with("show --format json -", text).json();
    assert_eq!(shown["path"], "-");
    assert_eq!(shown["includes"], json!([]));
    assert_eq!(shown["groups"][0]["programs"][0]["command"], desk.path("web"));

    let named = "--stdin-filename etc/supervisord.conf";
    let lint = desk.run_with(&format!("lint --format json - {named}"), text).json();
    let paths: Vec<_> = findings(&lint).into_iter().filter(|(rule, _)| *rule == "SUP101").collect();
    assert_eq!(paths, [("SUP101", "etc/supervisord.conf")]);
    let shown = desk.run_with(&format!("show --format json {named} -"), text).json();
    assert_eq!(shown["path"], "etc/supervisord.conf", "path is --stdin-filename for standard input");
    assert_eq!(shown["includes"], json!(["etc/conf.d/a.conf"]));
    assert_eq!(group(&shown, "web")["programs"][0]["command"], desk.path("etc/web"));
    assert_eq!(group(&shown, "included")["programs"][0]["command"], desk.path("etc/conf.d/run"));
    let refused = desk.run_with(&format!("show --format json {named} -"), REFUSED).json();
    assert_eq!(refused["path"], "etc/supervisord.conf");

    let units = desk.run_with(&format!("to-systemd {named} -"), CLEAN);
    assert_eq!(units.code, 0, "{units:?}");
    assert!(units.out.contains("of etc/supervisord.conf"), "{units:?}");
    assert_eq!(desk.run_with("lint -", "").code, 0, "an empty file is an empty fragment");
}

/// The paths of the files in which a run found a missing minfds, in its order.
fn risky(lint: &Value) -> Vec<&str> {
    findings(lint).into_iter().filter(|(rule, _)| *rule == "SUP101").map(|(_, path)| path).collect()
}

#[test]
fn a_directory_is_walked_for_what_looks_like_supervisors() {
    // Outside of a repository.
    let desk = Desk::in_memory();
    for (path, text) in [
        ("d/b.conf", RISKY),
        ("d/a.ini", RISKY),
        ("d/C.conf", RISKY),
        ("d/sub/deep/x.conf", RISKY),
        ("d/.hidden.conf", RISKY),
        ("d/mark.conf", &format!("\u{feff}{RISKY}")),
        ("d/near.conf", "[progam:x]\ncommand=x\n"),
        // Not Supervisor's.
        ("d/nginx.conf", "server {\n  listen 80;\n}\n"),
        ("d/my.ini", "[mysqld]\ndatadir=/var/lib/mysql\n"),
        ("d/postgresql.conf", "port = 5432\n"),
        ("d/default.conf", "[DEFAULT]\nuser=web\n[groups]\nadmin=a\n"),
        ("d/notes.txt", REFUSED),
        ("d/old.conf.bak", REFUSED),
        // Left out.
        ("d/.git/x.conf", REFUSED),
        ("d/.cache/x.conf", REFUSED),
        ("d/node_modules/a/x.conf", REFUSED),
        ("d/sub/target/x.conf", REFUSED),
        ("d/sub/out/x.conf", REFUSED),
        ("d/made.conf", REFUSED),
        ("d/.gitignore", "out/\nmade.conf\n"),
        // What does not count.
        ("d/.ignore", "*.conf\n"),
        ("d/.git/info/exclude", "*.conf\n"),
        (".gitignore", "*.conf\n"),
        ("home/.config/git/ignore", "*.conf\n"),
        ("elsewhere/linked.conf", RISKY),
    ] {
        desk.write(path, text);
    }
    symlink("../elsewhere/linked.conf", desk.join("d/link.conf")).unwrap();
    symlink("../elsewhere", desk.join("d/folder")).unwrap();
    let expected = ["C.conf", "a.ini", "b.conf", "link.conf", "sub/deep/x.conf"];
    let mut command = desk.command(&["lint", "--format", "json", "d"]);
    let lint = run(command.env("HOME", desk.join("home"))).json();
    assert_eq!(lint["errors"], json!([]));
    let mut files = vec!["d/.hidden.conf".to_owned()];
    files.extend(expected.map(|name| format!("d/{name}")));
    assert_eq!(risky(&lint), files);
    assert_eq!(lint["summary"]["files"], 8);
    let said = findings(&lint);
    assert!(said.contains(&("SUP001", "d/mark.conf")) && said.contains(&("SUP007", "d/near.conf")), "{said:?}");
    let human = desk.run("lint d/");
    assert!(human.out.contains("4 files not Supervisor's"), "{}", human.out);
    assert!(!human.out.contains("nginx") && !human.out.contains("d//"), "{}", human.out);
    // show reads the same files.
    let shown = desk.run("show --format json d").lines();
    let paths: Vec<_> = shown.iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths[..3], ["d/.hidden.conf", "d/C.conf", "d/a.ini"]);
    assert_eq!(paths.len(), 8);
    // A file that is named is taken at its word, whatever its folder; a folder that is named is walked, whatever its name.
    assert_eq!(desk.json("lint --format json d/nginx.conf d/made.conf")["summary"]["files"], 2);
    for folder in ["d/.cache", "d/node_modules", "d/sub/target", "d/sub/out"] {
        assert_eq!(desk.json(&format!("lint --format json {folder}"))["summary"]["files"], 1, "{folder}");
    }
    // Without a repository the .gitignore files below the directory count alone; in one those above it too, as git reads them.
    fs::remove_dir_all(desk.join("d/.git")).unwrap();
    assert_eq!(risky(&desk.json("lint --format json d")), files);
    fs::create_dir(desk.join(".git")).unwrap();
    assert_eq!(risky(&desk.json("lint --format json d")), ["d/a.ini"]);
    // A repository in a repository is not the outer one's.
    fs::create_dir(desk.join("d/sub/deep/.git")).unwrap();
    assert_eq!(risky(&desk.json("lint --format json d")), ["d/a.ini", "d/sub/deep/x.conf"]);
}

#[test]
fn a_file_of_a_directory_is_read_as_if_it_were_named() {
    let main = "[supervisord]\n[include]\nfiles=*.conf ../other/*.ini %(here)s/sub/*.conf\n\
                [program:main]\ncommand=%(here)s/main\nuser=root\n";
    let desk = Desk::new(&[
        ("etc/main.conf", main),
        ("etc/part.conf", "[program:part]\ncommand=%(here)s/part\n"),
        ("etc/sub/deep.conf", "[program:deep]\ncommand=%(here)s/deep\n"),
        ("other/last.ini", "[program:last]\ncommand=%(here)s/last\n"),
    ]);
    symlink("../other/last.ini", desk.join("etc/link.ini")).unwrap();
    let files = ["link.ini", "main.conf", "part.conf", "sub/deep.conf"];
    let root = desk.display();
    let worlds = ["", "--no-include", "--main etc/main.conf", "--as fragment", &format!("--root {root}")];
    for (world, command) in
        worlds.iter().flat_map(|world| ["lint", "show", "show --raw"].map(|command| (world, command)))
    {
        for directory in ["etc", "./etc", "/etc", &desk.path("etc")] {
            // Without --root it is the machine's.
            if directory == "/etc" && !world.starts_with("--root") {
                continue;
            }
            let named = files.map(|file| format!("{directory}/{file}")).join(" ");
            let walked = desk.run(&format!("{command} --format json {world} {directory}"));
            assert_eq!(walked, desk.run(&format!("{command} --format json {world} {named}")), "{command} {world}");
            assert!(walked.code < 2 && !walked.out.is_empty(), "{command} {world}: {walked:?}");
        }
    }
    let units = desk.run("to-systemd other");
    // The report names what was given.
    assert_eq!(units.out, desk.run("to-systemd other/last.ini").out);
    assert!(units.out.contains("/other/last"), "{units:?}");
}

#[test]
fn a_directory_without_a_file_to_read_is_an_error() {
    let desk = Desk::new(&[
        ("empty/readme", ""),
        ("foreign/my.ini", "[mysqld]\ndatadir=/var/lib/mysql\n"),
        ("repository/deploy/supervisord.conf", RISKY),
        ("one/sub/web.conf", CLEAN),
        ("two/a.conf", CLEAN),
        ("two/b.conf", CLEAN),
    ]);
    let message = "no *.conf or *.ini file in it has a section of Supervisor";
    for directory in ["empty", "foreign"] {
        for command in ["lint", "show", "to-systemd", "lint --quiet"] {
            let run = desk.run(&format!("{command} {directory}"));
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command} {directory}");
            let left_out = "hidden folders, node_modules, target and what .gitignore names are left out";
            assert_eq!(run.err.trim_end(), format!("supconv: {directory}: {message} ({left_out})"), "{run:?}");
        }
    }
    let lint = desk.run("lint --format json empty repository foreign");
    assert_eq!(lint.code, 2);
    let lint = lint.json();
    assert_eq!(risky(&lint), ["repository/deploy/supervisord.conf"], "the rest is linted");
    let errors = json!([{"path": "empty", "message": message}, {"path": "foreign", "message": message}]);
    assert_eq!(lint["errors"], errors);
    let shown = desk.run("show --format json empty one").lines();
    let unreadable =
        json!({"schema": "supconv.show/1", "path": "empty", "ok": false, "kind": "unreadable", "error": message});
    assert_eq!((&shown[0], &shown[1]["path"]), (&unreadable, &json!("one/sub/web.conf")));
    // A conversion is of one file.
    let units = desk.run("to-systemd one");
    assert!(units.code == 0 && units.out.contains("of one/sub/web.conf"), "{units:?}");
    let units = desk.run("to-systemd two");
    assert!(units.code == 2 && units.err.contains("give the one to convert: two/a.conf, two/b.conf"), "{units:?}");
}

#[test]
fn a_file_is_read_as_if_it_lay_elsewhere() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/*.conf\n\
                [program:web]\ncommand=%(here)s/web\nuser=web\n";
    let desk = Desk::new(&[
        ("etc/conf.d/a.conf", "[program:a]\ncommand=%(here)s/a\nuser=a\n"),
        ("etc/supervisord.conf", REFUSED),
        ("tmp/new", main),
        ("tmp/bad", &format!("{main}startsecs=soon\n")),
        ("tmp/part", "[program:part]\ncommand=%(here)s/part\nuser=part\n"),
        ("tmp/other", CLEAN),
    ]);
    let named = "--path-as etc/supervisord.conf";
    let refused = desk.run("lint --min-severity error tmp/new");
    assert_eq!(refused.code, 0, "{refused:?}");
    // The file that lies there is the old one, and none of it counts.
    let run = desk.run(&format!("lint --min-severity error {named} tmp/new"));
    assert_eq!(run, Run { code: 0, out: String::new(), err: String::new() });
    let run = desk.run(&format!("lint --min-severity error {named} tmp/bad"));
    assert!(run.code == 1 && run.out.starts_with("etc/supervisord.conf:9:11: error[invalid-value]"), "{run:?}");
    let shown = desk.json(&format!("show --format json {named} tmp/new"));
    assert_eq!((&shown["path"], &shown["ok"]), (&json!("etc/supervisord.conf"), &json!(true)));
    assert_eq!(shown["includes"], json!(["etc/conf.d/a.conf"]));
    assert_eq!(group(&shown, "web")["programs"][0]["command"], desk.path("etc/web"));
    desk.write("tmp/itself", main.replace("conf.d", "."));
    let shown = desk.json(&format!("show --format json {named} tmp/itself"));
    assert_eq!((&shown["ok"], &shown["includes"]), (&json!(true), &json!(["etc/./supervisord.conf"])));
    let units = desk.run(&format!("to-systemd {named} tmp/new"));
    assert!(units.code == 0 && units.out.contains("of etc/supervisord.conf"), "{units:?}");
    // As an include of a main file, instead of the one that lies there.
    desk.write("etc/conf.d/part.conf", "[program:old]\ncommand=old\n");
    desk.write("etc/main.conf", main);
    let part = desk.json("show --format json --main etc/main.conf --path-as etc/conf.d/part.conf tmp/part");
    assert_eq!(group(&part, "part")["programs"][0]["command"], desk.path("etc/conf.d/part"));
    assert!(part["groups"].as_array().unwrap().iter().all(|group| group["name"] != "old"), "{part}");
    for command in ["lint", "show", "to-systemd"] {
        for arguments in ["", "-", "etc", "/dev/null", "--stdin-filename x -", "--stdin-filename x tmp/new"] {
            let run = desk.run(&format!("{command} {named} {arguments}"));
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command} {arguments}: {run:?}");
        }
        for arguments in ["", "tmp/new", "etc"] {
            let run = desk.run(&format!("{command} --stdin-filename x {arguments}"));
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command} {arguments}: {run:?}");
        }
        assert_eq!(desk.run(&format!("{command} {named} tmp/missing")).code, 2);
    }
    for command in ["lint", "show"] {
        assert_eq!(desk.run(&format!("{command} {named} tmp/new tmp/other")).code, 2, "{command}");
        assert_eq!(desk.run(&format!("{command} --stdin-filename x - tmp/new")).code, 2, "{command}");
    }
}

#[test]
fn the_path_of_an_include_is_joined_as_the_file_was_given() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/*.conf ../b/*.conf\n";
    let web = "[program:web]\ncommand=a\nuser=web\nstartsecs=soon\n";
    let desk = Desk::new(&[("etc/main.conf", main), ("etc/conf.d/a.conf", web), ("b/b.conf", web)]);
    fs::create_dir(desk.join("here")).unwrap();
    let absolute = desk.path("etc");
    for (folder, given, paths) in [
        ("", "etc/main.conf", ["etc/conf.d/a.conf".to_owned(), "etc/../b/b.conf".to_owned()]),
        ("here", "../etc/main.conf", ["../etc/conf.d/a.conf".to_owned(), "../etc/../b/b.conf".to_owned()]),
        ("etc", "main.conf", ["conf.d/a.conf".to_owned(), "../b/b.conf".to_owned()]),
        (
            "",
            &format!("{absolute}/main.conf"),
            [format!("{absolute}/conf.d/a.conf"), format!("{absolute}/../b/b.conf")],
        ),
    ] {
        let folder = desk.join(folder);
        let lint = run(desk.command(&["lint", "--format", "json", given]).current_dir(&folder)).json();
        let said: Vec<_> = lint["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "SUP010").collect();
        assert_eq!(said[0]["path"], paths[1], "{lint}");
        assert!(folder.join(&paths[1]).exists());
        assert!(
            said[0]["supervisor"].as_str().unwrap().contains(&format!("(file: '{absolute}/conf.d/a.conf')")),
            "{lint}"
        );
        let raw = run(desk.command(&["show", "--raw", given]).current_dir(&folder)).json();
        assert_eq!(raw["files"]["program:web"], format!("{absolute}/conf.d/a.conf"), "Supervisor's own");
        fs::write(desk.join("b/b.conf"), "").unwrap();
        fs::write(desk.join("etc/conf.d/a.conf"), "").unwrap();
        let shown = run(desk.command(&["show", "--format", "json", given]).current_dir(&folder)).json();
        assert_eq!(shown["includes"], json!(paths));
        fs::write(desk.join("b/b.conf"), web).unwrap();
        fs::write(desk.join("etc/conf.d/a.conf"), web).unwrap();
    }
}

#[test]
fn an_included_file_in_a_directory_keeps_its_order() {
    let desk = Desk::new(&[("z.conf", RISKY), ("a.conf", RISKY)]);
    let lint = desk.json("lint --format json z.conf a.conf");
    let paths: Vec<_> = findings(&lint).into_iter().map(|(_, path)| path).collect();
    assert_eq!(paths, ["z.conf", "z.conf", "a.conf", "a.conf"], "in the order of the arguments");
}

#[test]
fn without_a_path_supervisors_places_are_searched() {
    let desk = Desk::new(&[("etc/supervisord.conf", RISKY)]);
    let run = desk.run("lint");
    assert!(run.out.starts_with("etc/supervisord.conf:1:2"), "{run:?}");
    assert!(run.err.contains("etc/supervisord.conf"), "it is named on standard error: {run:?}");
    desk.write("supervisord.conf", CLEAN);
    for command in ["lint", "show", "to-systemd"] {
        let run = desk.run(command);
        assert_eq!(run.code, 0, "{command}: {run:?}");
        assert!(run.err.contains("reading supervisord.conf"), "{command}: {run:?}");
    }
    // What is found there is what supervisord is started with.
    desk.write("supervisord.conf", "[program:web]\ncommand=/usr/bin/web\n");
    let lint = desk.json("lint --format json");
    assert_eq!(findings(&lint)[0], ("SUP001", "supervisord.conf"), "{lint}");
    assert_eq!(lint["findings"][0]["supervisor"], ".ini file does not include supervisord section");
    assert_eq!(desk.run("lint --as fragment").code, 0);
    assert_eq!(desk.run("lint supervisord.conf").code, 0, "a file that is named says itself what it is");
    if !["/etc/supervisord.conf", "/etc/supervisor/supervisord.conf"].iter().any(|path| Path::new(path).exists()) {
        let empty = Desk::new(&[]);
        let run = empty.run("lint");
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains("/etc/supervisor/supervisord.conf"), "{run:?}");
    }
}

#[test]
fn an_unreadable_file_is_named_and_ends_with_2() {
    let desk = Desk::new(&[]);
    std::os::unix::fs::symlink("nowhere", desk.join("dangling.conf")).unwrap();
    for (path, verb) in [("missing.conf", "find"), ("no/such/dir.conf", "find"), ("/proc/self/mem", "read")] {
        let message = format!("could not {verb} config file {path}");
        for command in ["lint", "show", "to-systemd"] {
            let run = desk.run(&format!("{command} {path}"));
            assert_eq!(run.code, 2, "{command} {path}: {run:?}");
            let reason = if verb == "find" { "No such file or directory" } else { "Input/output error" };
            assert_eq!(run.err, format!("supconv: {path}: {reason}\n"), "{command}");
        }
        let expected =
            json!({"schema": "supconv.show/1", "path": path, "ok": false, "kind": "unreadable", "error": message});
        assert_eq!(desk.json(&format!("show --format json {path}")), expected);
    }
    assert_eq!(desk.run("lint dangling.conf").code, 2);
}

/// What the user may not read; root may read all, so root becomes nobody for it.
#[test]
fn what_may_not_be_read_stops_nothing_else() {
    let desk = Desk::new(&[("risky.conf", RISKY), ("closed.conf", RISKY), ("closed/a.conf", RISKY)]);
    for path in ["closed.conf", "closed"] {
        fs::set_permissions(desk.join(path), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let root = fs::metadata(&desk).unwrap().uid() == 0;
    let run = |arguments: &str| {
        let mut command = desk.command(&words(arguments));
        if root {
            command.uid(65534).gid(65534);
        }
        let output = command.output().ok()?;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Some(Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) })
    };
    if run("--version").is_none_or(|run| run.code != 0) {
        machine::passed_over("forbidden files", "nobody may not run the program");
        return;
    }
    let mut runs = Vec::new();
    for path in ["closed.conf", "closed"] {
        for arguments in [format!("{path} risky.conf"), format!("risky.conf {path}")] {
            for (command, other) in [("lint", "risky.conf:1:2"), ("show", "/usr/bin/web")] {
                let arguments = format!("{command} {arguments}");
                runs.push((run(&arguments).unwrap(), arguments, path, other));
            }
        }
        runs.push((run(&format!("to-systemd {path}")).unwrap(), format!("to-systemd {path}"), path, ""));
    }
    for path in ["closed.conf", "closed"] {
        fs::set_permissions(desk.join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (run, arguments, path, other) in runs {
        assert_eq!(run.code, 2, "{arguments}: {run:?}");
        assert!(run.err.contains(&format!("supconv: {path}: ")), "{arguments}: {run:?}");
        assert!(run.out.contains(other), "the other file is not done: {arguments}: {run:?}");
    }
}

#[test]
fn an_include_that_cannot_be_opened_is_passed_over() {
    let desk = Desk::new(&[("main.conf", "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=*.part\n")]);
    fs::create_dir(desk.join("a.part")).unwrap();
    assert_eq!(desk.json("show --format json main.conf")["ok"], true);
    let lint = desk.json("lint --min-severity info --format json main.conf");
    assert_eq!(findings(&lint), [("SUP701", "main.conf")], "{lint}");
}

#[test]
fn a_file_named_and_included_is_linted_once_as_the_include() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/*.conf\n";
    let fragment = "[program:web]\ncommand=/usr/bin/web\nuser=web\nstartsecs=soon\n";
    let desk = Desk::new(&[("main.conf", main), ("conf.d/web.conf", fragment)]);
    for arguments in ["main.conf conf.d/web.conf", "conf.d/web.conf main.conf", "main.conf conf.d"] {
        let lint = desk.json(&format!("lint --format json {arguments}"));
        assert_eq!(findings(&lint), [("SUP010", "conf.d/web.conf")], "{arguments}: {lint}");
    }
    assert_eq!(findings(&desk.json("lint --format json conf.d/web.conf")), [("SUP010", "conf.d/web.conf")]);
}

// In what world.

#[test]
fn many_files_at_once_are_told_as_each_by_itself() {
    let ignoring = "[supervisord]\n[program:a]\ncommand=a\n; supconv: ignore[program-runs-as-root, invalid-value] both\nstartsecs=x\n";
    let part = "[program:part]\ncommand=part\nstartsecs=soon\n; supconv: ignore[default-minfds] of no use\n";
    let desk = Desk::new(&[("parts/part.conf", part), ("notes/notes.conf", "no section\n")]);
    for n in 0..60 {
        desk.write(&format!("d/{n:02}.conf"), [RISKY, REFUSED, CLEAN, ignoring, "[supervisord]\nbad\n"][n % 5]);
    }
    for name in ["70", "80"] {
        desk.write(&format!("d/{name}.conf"), "[supervisord]\n[include]\nfiles=../parts/*.conf\n");
    }
    // An included file is judged within the file that includes it, which is all that these two share.
    let paths: Vec<_> = fs::read_dir(desk.join("d")).unwrap().map(|file| file.unwrap().path()).collect();
    let mut paths: Vec<_> = paths.iter().map(|path| format!("d/{}", path.file_name().unwrap().display())).collect();
    paths.sort();
    paths.retain(|path| path != "d/80.conf");
    let mut alone = Vec::new();
    let mut suppressed = 0;
    for path in &paths {
        let document = desk.json(&format!("lint --format json --min-severity info {path}"));
        alone.extend(document["findings"].as_array().unwrap().iter().cloned());
        suppressed += document["summary"]["suppressed"].as_u64().unwrap();
    }
    let all = desk.json(&format!("lint --format json --min-severity info {} missing.conf", paths.join(" ")));
    assert_eq!(all["findings"], json!(alone));
    assert_eq!((all["summary"]["files"].as_u64(), all["summary"]["suppressed"].as_u64()), (Some(61), Some(suppressed)));
    assert_eq!(all["errors"].as_array().unwrap().len(), 1);
    // The same file again, the other one that includes the part, and the part itself, whose findings are told once.
    let twice =
        format!("lint --format json --min-severity info {} d/00.conf d/80.conf parts/part.conf notes", paths.join(" "));
    let twice = desk.json(&twice);
    let own = |document: &Value| {
        let findings = document["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["path"] != "d/80.conf").cloned().collect::<Vec<_>>()
    };
    // The part may be written now, since it is named.
    let without_fixes = |mut findings: Vec<Value>| {
        for one in &mut findings {
            one["fix"] = Value::Null;
        }
        findings
    };
    assert_eq!(without_fixes(own(&twice)), without_fixes(alone));
    assert_eq!(twice["summary"]["files"], 64);
}

#[test]
fn the_environment_closes_the_world() {
    let desk = Desk::new(&[
        ("a.conf", "[supervisord]\n[program:web]\ncommand=/usr/bin/web %(ENV_A)s\nenvironment=B=\"%(ENV_A)s\"\n"),
        ("lines", "# a comment\n\nA=1\nB=x=y\n"),
        ("empty", ""),
    ]);
    desk.write("nul", "A=two\nlines\0B=3\0");
    let show = |arguments: &str| desk.json(&format!("show --format json {arguments} a.conf"));
    let open = show("");
    let program = &open["groups"][0]["programs"][0];
    assert_eq!(program["command"], json!({"unknown": "/usr/bin/web %(ENV_A)s"}));
    assert_eq!(program["argv"], json!({"unknown": "/usr/bin/web %(ENV_A)s"}));
    assert_eq!(program["environment"], json!({"unknown": "B=\"%(ENV_A)s\""}));
    assert_eq!(desk.run("show a.conf").code, 0);
    for (arguments, argument) in [
        ("--env A=1", "1"),
        ("--env A=b=c", "b=c"),
        ("--env A=", ""),
        ("--env A=1 --env A=2", "2"),
        ("--env-file lines", "1"),
        ("--env-file nul", "two\nlines"),
        ("--env-file empty --env A=1", "1"),
    ] {
        let command = &show(arguments)["groups"][0]["programs"][0]["command"];
        assert_eq!(*command, format!("/usr/bin/web {argument}").trim_end_matches('\u{0}'), "{arguments}");
    }
    let names = "contains names ('ENV_A') which cannot be expanded. Available names: ";
    for (arguments, known) in [("--env C=1", "ENV_C, "), ("--env-file empty", "")] {
        let refused = show(arguments);
        assert_eq!((&refused["ok"], &refused["kind"]), (&json!(false), &json!("usage")), "{arguments}");
        let error = refused["error"].as_str().unwrap();
        assert!(error.contains(&format!("{names}{known}group_name, here")), "{arguments}: {error}");
    }
    // Of this process.
    let host = |name: &str, value: &str| {
        let mut command = desk.command(&["show", "--format", "json", "--env-host", "a.conf"]);
        run(command.env(name, value))
    };
    assert_eq!(host("A", "mine").json()["groups"][0]["programs"][0]["command"], "/usr/bin/web mine");
    assert_eq!(host("Z", "mine").json()["ok"], false);

    let lint = |arguments: &str| desk.json(&format!("lint --min-severity error --format json {arguments} a.conf"));
    assert_eq!(findings(&lint("")), []);
    let closed = lint("--env C=1");
    assert!(!findings(&closed).is_empty() && findings(&closed).iter().all(|(rule, _)| *rule == "SUP603"), "{closed}");
}

#[test]
fn node_and_directory_are_known_when_they_are_given() {
    let text = "[supervisord]\nlogfile=log/s.log\n[program:web]\ncommand=/usr/bin/web %(host_node_name)s\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let open = desk.json("show --format json a.conf");
    assert_eq!(open["groups"][0]["programs"][0]["command"], json!({"unknown": "/usr/bin/web %(host_node_name)s"}));
    assert_eq!(open["supervisord"]["logfile"], "/log/s.log");
    assert_eq!(open["supervisord"]["pidfile"], "/supervisord.pid");
    let closed = desk.json("show --format json --node db1 --cwd /srv/x a.conf");
    assert_eq!(closed["groups"][0]["programs"][0]["command"], "/usr/bin/web db1");
    assert_eq!(closed["supervisord"]["logfile"], "/srv/x/log/s.log");
    assert_eq!(closed["supervisord"]["pidfile"], "/srv/x/supervisord.pid");
    // A node name does not close the world of variables.
    desk.write("b.conf", "[supervisord]\nidentifier=%(ENV_A)s\n");
    assert_eq!(
        desk.json("show --format json --node db1 b.conf")["supervisord"]["identifier"],
        json!({"unknown": "%(ENV_A)s"})
    );
}

#[test]
fn below_a_root_paths_are_those_of_the_image() {
    let main = "[supervisord]\n[include]\nfiles=/etc/supervisor/conf.d/*.conf none/*.conf\n\
                [program:main]\ncommand=%(here)s/run\nstartsecs=soon\n";
    let fragment = "[program:web]\ncommand=%(here)s/web\nstartsecs=later\n";
    let desk = Desk::new(&[
        ("image/etc/supervisor/supervisord.conf", main),
        ("image/etc/supervisor/conf.d/web.conf", fragment),
    ]);
    let image = desk.path("image");
    let absolute = desk.path("image/etc/supervisor/supervisord.conf");
    // The root and the path as they are given, the paths that open: of the file, and of what it includes.
    for (root, path, opens, include) in [
        ("image", "image/etc/supervisor/supervisord.conf", "image/etc/supervisor/supervisord.conf", "image"),
        ("image/", "image/etc/supervisor/supervisord.conf", "image/etc/supervisor/supervisord.conf", "image"),
        (&image, &absolute, &absolute, &image),
        ("image", &absolute, &absolute, "image"),
        ("image", "/etc/supervisor/supervisord.conf", "image/etc/supervisor/supervisord.conf", "image"),
        ("./image", "/etc/supervisor/supervisord.conf", "./image/etc/supervisor/supervisord.conf", "./image"),
        (&image, "/etc/supervisor/supervisord.conf", &absolute, &image),
    ] {
        let include = format!("{include}/etc/supervisor/conf.d/web.conf");
        let shown = desk.json(&format!("show --raw --root {root} {path}"));
        assert_eq!(shown["path"], opens);
        assert_eq!(shown["sections"]["program:main"]["command"], "/etc/supervisor/run");
        assert_eq!(shown["sections"]["program:web"]["command"], "/etc/supervisor/conf.d/web");
        assert_eq!(shown["files"], json!({"program:web": "/etc/supervisor/conf.d/web.conf"}));
        let refused = desk.json(&format!("show --format json --root {root} {path}"));
        let message = "invalid literal for int() with base 10: 'soon' in section 'program:main' \
                       (file: '/etc/supervisor/supervisord.conf')";
        assert_eq!(refused["error"], message);
        let lint = desk.json(&format!("lint --format json --min-severity error --root {root} {path}"));
        assert_eq!(findings(&lint), [("SUP010", opens), ("SUP010", include.as_str())], "{root} {path}");
        for command in ["to-systemd --allow-loss", "to-systemd --format json"] {
            let run = desk.run(&format!("{command} --root {root} {path}"));
            assert!(run.code == 1 && format!("{}{}", run.out, run.err).contains(opens), "{command}: {run:?}");
        }
    }
    let ok =
        "[supervisord]\n[include]\nfiles=/etc/supervisor/conf.d/*.conf conf.d/none\n[program:main]\ncommand=/bin/a\n";
    desk.write("image/etc/supervisor/supervisord.conf", ok);
    desk.write("image/etc/supervisor/conf.d/web.conf", "[program:web]\ncommand=%(here)s/web\n");
    let shown = desk.json("show --format json --root image /etc/supervisor/supervisord.conf");
    assert_eq!(shown["includes"], json!(["image/etc/supervisor/conf.d/web.conf"]));
    assert_eq!(group(&shown, "web")["programs"][0]["command"], "/etc/supervisor/conf.d/web");
    let table = desk.run("show --root image /etc/supervisor/supervisord.conf").out;
    assert!(table.starts_with("image/etc/supervisor/supervisord.conf\n"), "{table}");
    assert!(table.contains("includes image/etc/supervisor/conf.d/web.conf"), "{table}");
    // What becomes a file of the plan does not depend on where the image lies.
    let files = |root: &str, path: &str| desk.run(&format!("to-systemd --root {root} {path}")).out;
    let units = files("image", "/etc/supervisor/supervisord.conf");
    assert!(units.contains("[program:main] of /etc/supervisor/supervisord.conf"), "{units}");
    assert_eq!(units, files(&image, &absolute));
    assert!(!units.contains("image"), "{units}");
    // A directory below the root, and the places that are searched.
    let lint = desk.json("lint --format json --root image /etc");
    assert_eq!(lint["summary"]["files"], 2);
    assert_eq!(risky(&lint), ["image/etc/supervisor/supervisord.conf"]);
    assert!(desk.run("lint --root image").err.contains("reading image/etc/supervisor/supervisord.conf"));
    let missing = desk.run("lint --root image /etc/none.conf");
    assert!(missing.code == 2 && missing.err.contains("supconv: image/etc/none.conf: "), "{missing:?}");
}

#[test]
fn without_includes_what_they_would_supply_is_unknown() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/*.conf\n[group:g]\nprograms=a,elsewhere\n\
                [program:a]\ncommand=%(here)s/a\nuser=a\n";
    let desk = Desk::new(&[("main.conf", main), ("conf.d/b.conf", "[program:b]\nstartsecs=soon\n")]);
    assert_eq!(desk.run("lint --no-include main.conf"), Run { code: 0, out: String::new(), err: String::new() });
    assert_eq!(desk.run("lint main.conf").code, 1);
    let shown = desk.json("show --format json --no-include main.conf");
    assert_eq!(shown["includes"], json!([]));
    assert_eq!(shown["warnings"], json!([]));
    assert_eq!(shown["groups"][0]["programs"][0]["command"], desk.path("a"));
    assert_eq!(desk.run("to-systemd --no-include main.conf").out.matches("# ==> ").count(), 4);
}

#[test]
fn a_role_overrides_the_guess() {
    let desk = Desk::new(&[("main.conf", CLEAN), ("part.conf", "[program:web]\ncommand=/usr/bin/web\n")]);
    let show = |arguments: &str| desk.json(&format!("show --format json {arguments}"));
    assert_eq!((&show("main.conf")["fragment"], &show("part.conf")["fragment"]), (&json!(false), &json!(true)));
    assert_eq!(show("part.conf")["supervisord"], Value::Null);
    assert_eq!(show("--as main part.conf")["error"], ".ini file does not include supervisord section");
    let fragment = show("--as fragment main.conf");
    assert_eq!((&fragment["fragment"], &fragment["supervisord"]), (&json!(true), &Value::Null));
    assert_eq!(desk.run("lint part.conf").code, 0, "user= of the main file is unknown");
    assert_eq!(desk.run("lint --as main part.conf").code, 1);
}

#[test]
fn a_fragment_is_shown_without_what_a_main_file_supplies() {
    let text = "[group:site]\nprograms=web,elsewhere\npriority=5\n[program:web]\ncommand=/usr/bin/web %(ENV_A)s\n";
    let desk = Desk::new(&[("part.conf", text)]);
    let shown = desk.json("show --format json part.conf");
    assert_eq!((&shown["fragment"], &shown["ok"], &shown["supervisord"]), (&json!(true), &json!(true), &Value::Null));
    let group = &shown["groups"][0];
    assert_eq!((&group["name"], group["programs"].as_array().unwrap().len()), (&json!("site"), 1));
    let program = &group["programs"][0];
    assert_eq!((&program["user"], &program["umask"], &program["startsecs"]), (&Value::Null, &Value::Null, &json!(1)));
    let closed = desk.json("show --format json --env B=1 part.conf");
    assert!(closed["error"].as_str().unwrap().contains("'ENV_A'"), "{closed}");
    assert_eq!(desk.run("lint part.conf").code, 0, "who runs it is for the main file to say");
}

#[test]
fn a_main_file_supplies_what_a_fragment_lacks() {
    let main = "[supervisord]\nuser=web\nminfds=65536\n[include]\nfiles=conf.d/*.conf\n\
                [group:site]\nprograms=a,b\n[program:own]\ncommand=%(here)s/own\n";
    let desk = Desk::new(&[
        ("etc/main.conf", main),
        ("etc/conf.d/a.conf", "[program:a]\ncommand=%(here)s/a\nautostart=false\n"),
        ("etc/conf.d/b.conf", "[program:b]\ncommand=%(here)s/b\n[program:a]\nautostart=true\n"),
        ("new/c.conf", "[program:c]\ncommand=%(here)s/c\n[program:own]\ncommand=/usr/bin/other\n"),
        ("new/d.conf", "[program:d]\ncommand=/usr/bin/d\nstartsecs=soon\n"),
    ]);
    let show = |paths: &str| desk.run(&format!("show --format json --main etc/main.conf {paths}")).lines();
    let names = |document: &Value| {
        let groups = document["groups"].as_array().unwrap().iter();
        let name = |group: &Value| {
            format!("{}:{}", group["name"].as_str().unwrap(), group["programs"].as_array().unwrap().len())
        };
        groups.map(name).collect::<BTreeSet<_>>()
    };
    // Included by the main file itself: once, and last.
    let a = &show("etc/conf.d/a.conf")[0];
    assert_eq!((&a["path"], &a["fragment"]), (&json!("etc/conf.d/a.conf"), &json!(false)));
    let includes: Vec<_> = a["includes"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert_eq!(includes.len(), 2, "{includes:?}");
    assert!(includes[0].ends_with("b.conf") && includes[1].ends_with("a.conf"), "{includes:?}");
    assert_eq!(names(a), ["own:1", "site:2"].map(str::to_owned).into());
    let site = group(a, "site");
    assert_eq!(site["programs"][0]["autostart"], false, "a.conf is read after b.conf");
    assert_eq!(a["supervisord"]["user"], "web");
    // From elsewhere, each alone.
    let lines = show("new/c.conf new/d.conf etc/conf.d/b.conf");
    assert_eq!(lines.len(), 3);
    assert_eq!(names(&lines[0]), ["c:1", "own:1", "site:2"].map(str::to_owned).into());
    let own = group(&lines[0], "own");
    assert_eq!(own["programs"][0]["command"], "/usr/bin/other");
    let c = group(&lines[0], "c");
    assert_eq!(c["programs"][0]["command"], desk.path("new/c"));
    assert_eq!(
        lines[1]["error"],
        format!("invalid literal for int() with base 10: 'soon' in section 'program:d' (file: '{}')", "new/d.conf")
    );
    assert_eq!(lines[2]["ok"], true);
    // The main file's user counts, so nothing is to be said of root.
    assert_eq!(desk.run("lint --select SUP2 --main etc/main.conf new/c.conf").code, 0);
    assert_eq!(desk.run("lint new/c.conf").code, 0);
    let units = desk.run("to-systemd --main etc/main.conf new/c.conf");
    assert!(units.out.contains("User=web") && units.out.contains("LimitNOFILE=65536:524288"), "{units:?}");
}

/// What only the host can say: Supervisor's words, and yes without being asked.
#[test]
fn the_host_is_asked_when_told_to() {
    let desk = Desk::new(&[]);
    let program = "[program:web]\ncommand=/bin/sh\n";
    let unix = "[rpcinterface:supervisor]\n\
                supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
                [unix_http_server]\nfile=/run/s\n";
    let inside = " in section 'program:web' (file: 'a.conf')";
    for (text, error) in [
        (format!("[supervisord]\nuser=nosuchuser\n{program}"), "Invalid user name nosuchuser".to_owned()),
        (format!("[supervisord]\nuser=4123123123\n{program}"), "Invalid user id 4123123123".to_owned()),
        (format!("[supervisord]\n{program}user=nosuchuser\n"), format!("Invalid user name nosuchuser{inside}")),
        (format!("[supervisord]\n{program}user=654321\n"), format!("Invalid user id 654321{inside}")),
        (
            format!("[supervisord]\n{unix}chown=root:nosuchgroup\n"),
            "Invalid sockchown value root:nosuchgroup".to_owned(),
        ),
        (
            format!("[supervisord]\nlogfile=/nope/s.log\n{program}"),
            "The directory named as part of the path /nope/s.log does not exist".to_owned(),
        ),
        (format!("[supervisord]\nchildlogdir=/nope\n{program}"), "/nope is not an existing directory".to_owned()),
        (
            format!("[supervisord]\n{program}stdout_logfile=/nope/w.log\n"),
            format!("The directory named as part of the path /nope/w.log does not exist{inside}"),
        ),
    ] {
        desk.write("a.conf", &text);
        let asked = desk.json("show --format json --check-host a.conf");
        assert_eq!((&asked["kind"], &asked["error"]), (&json!("usage"), &json!(error)), "{text}");
        let lint = desk.json("lint --min-severity error --format json --check-host a.conf");
        let said: Vec<_> = lint["findings"].as_array().unwrap().iter().map(|one| &one["supervisor"]).collect();
        assert_eq!(said, [&json!(error)], "{text}");
        assert_eq!(desk.json("show --format json a.conf")["ok"], true, "{text}");
        assert_eq!(desk.run("lint --min-severity error a.conf").code, 0, "{text}");
        let plan = desk.run("to-systemd --check-host --format json a.conf");
        assert_eq!(plan.code, 1, "{text}: {plan:?}");
    }
    let root = format!("[supervisord]\nuser=root\nlogfile=/tmp/s.log\n{unix}chown=root:root\n{program}user=0\n");
    desk.write("a.conf", root);
    let shown = desk.json("show --format json --check-host a.conf");
    assert_eq!((&shown["ok"], &shown["groups"][0]["programs"][0]["user"]), (&json!(true), &json!("0")), "{shown}");
    assert_eq!(desk.run("lint --min-severity error --check-host a.conf").code, 0);
}

#[test]
fn what_would_exhaust_supervisor_is_bound() {
    let desk = Desk::new(&[]);
    for line in [
        "numprocs=1000000000\nprocess_name=w%(process_num)d",
        "numprocs=20001\nprocess_name=w%(process_num)d",
        "directory=%(here)999999999s",
        "environment=A=\"%(here)1100000s\"",
    ] {
        desk.write("a.conf", format!("{CLEAN}[program:big]\ncommand=/usr/bin/big\nuser=big\n{line}\n"));
        let begun = Instant::now();
        let shown = desk.json("show --format json a.conf");
        assert_eq!((&shown["ok"], &shown["kind"]), (&json!(false), &json!("bound")), "{line}: {shown}");
        let lint = desk.json("lint --format json a.conf");
        let finding = &lint["findings"][0];
        assert_eq!((&finding["severity"], &finding["supervisor"]), (&json!("error"), &Value::Null), "{line}: {lint}");
        assert_eq!(lint["findings"].as_array().unwrap().len(), 1, "{line}: {lint}");
        let plan = desk.run("to-systemd --format json a.conf");
        assert_eq!((plan.code, plan.json()["files"].as_array().unwrap().len()), (1, 3), "{line}: {}", plan.err);
        assert!(begun.elapsed() < Duration::from_secs(20), "{line} took {:?}", begun.elapsed());
    }
    desk.write("a.conf", format!("{CLEAN}numprocs=20000\nprocess_name=w%(process_num)d\n"));
    assert_eq!(desk.json("show --format json a.conf")["groups"][0]["programs"].as_array().unwrap().len(), 20000);
}

#[test]
fn an_exception_in_supervisor_is_told_as_its_crash() {
    let text = format!("{CLEAN}[rpcinterface:x]\nsupervisor.rpcinterface_factory=.foo:x\n");
    let desk = Desk::new(&[("a.conf", &text)]);
    let error = "TypeError: the 'package' argument is required to perform a relative import for '.foo'";
    let expected = json!({"schema": "supconv.show/1", "path": "a.conf", "ok": false, "kind": "crash", "error": error});
    assert_eq!(desk.json("show --format json a.conf"), expected);
    let lint = desk.json("lint --format json a.conf");
    assert_eq!(lint["findings"][0]["supervisor"], error);
    let human = desk.run("lint a.conf");
    assert!(human.out.contains(error), "{human:?}");
    assert!(
        !human.out.contains(&format!("Error: {error}")),
        "supervisord does not say Error: before a traceback: {human:?}"
    );
}

#[test]
fn what_is_below_the_severity_neither_shows_nor_counts() {
    let text = "[supervisord]\n[include]\nfiles=/nowhere/*.conf\n[program:web]\ncommand=/usr/bin/web\nstartsecs=soon\n";
    let desk = Desk::new(&[("a.conf", text)]);
    for (severity, errors, warnings, infos) in [("error", 1, 0, 0), ("warning", 1, 2, 0), ("info", 1, 2, 1)] {
        let lint = desk.json(&format!("lint --format json --min-severity {severity} a.conf"));
        let summary = &lint["summary"];
        let counts = json!([summary["errors"], summary["warnings"], summary["infos"]]);
        assert_eq!(counts, json!([errors, warnings, infos]), "{severity}: {lint}");
        assert_eq!(lint["findings"].as_array().unwrap().len(), errors + warnings + infos);
    }
    assert_eq!(desk.json("lint --format json a.conf"), desk.json("lint --format json --min-severity warning a.conf"));
    desk.write("b.conf", "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=/nowhere/*.conf\n");
    assert_eq!(desk.run("lint b.conf"), Run { code: 0, out: String::new(), err: String::new() });
    assert_eq!(desk.run("lint --min-severity info b.conf").code, 1);
}

// How it is printed.

#[test]
fn colours_only_on_a_terminal_that_wants_them() {
    let desk = Desk::new(&[("a.conf", RISKY)]);
    let terminal = [("TERM", "xterm-256color"), ("CLICOLOR_FORCE", "0"), ("COLORTERM", "truecolor")];
    for arguments in ["lint a.conf", "show a.conf", "to-systemd a.conf", "--help", "lint --nope"] {
        let run = run(desk.command(&words(arguments)).envs(terminal));
        assert!(!format!("{}{}", run.out, run.err).contains('\u{1b}'), "{arguments} colours a pipe: {run:?}");
    }
    if let Err(why) = machine::program("python3", "python3") {
        return machine::passed_over("colours on a terminal", &why);
    }
    let script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    let on_terminal = |variables: &[(&str, &str)]| {
        let mut command = Command::new("python3");
        command.args(["-c", script, PROGRAM, "lint", "a.conf"]).current_dir(&desk).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).envs(variables.iter().copied()).stdin(Stdio::null());
        command.output()
    };
    let coloured = on_terminal(&[("TERM", "xterm")]).unwrap();
    assert!(coloured.stdout.contains(&0x1b), "no colour on a terminal: {coloured:?}");
    for variables in [[("TERM", "xterm"), ("NO_COLOR", "1")], [("TERM", "dumb"), ("A", "1")]] {
        let plain = on_terminal(&variables).unwrap();
        assert!(!plain.stdout.contains(&0x1b) && !plain.stdout.is_empty(), "{variables:?}: {plain:?}");
    }
}

/// What a file holds must not drive the terminal on which it is quoted.
#[test]
fn control_characters_of_a_file_are_not_printed() {
    let esc = "\u{1b}]0;gone\u{7}\u{1b}[2J";
    let desk = Desk::new(&[]);
    let mut raw = BTreeSet::new();
    for (what, text) in [
        ("a value", format!("[program:b]\ncommand=/b\nstartsecs={esc}\n")),
        ("a signal", format!("[program:b]\ncommand=/b\nstopsignal={esc}\n")),
        ("an environment", format!("[program:b]\ncommand=/b\nenvironment=A=\"1\"{esc}\n")),
        ("an unknown name", format!("[program:b]\ncommand=/b\nuser=%(x{esc})s\n")),
        ("a command", format!("[program:b]\ncommand=/b {esc}\n")),
        ("a name of a program", format!("[program:b{esc}]\ncommand=/b\n")),
        ("a name of a group", format!("[program:b]\ncommand=/b\n[group:g{esc}]\nprograms=b\n")),
        ("a member", format!("[group:g]\nprograms=b{esc}\n")),
        ("a section", format!("[inet_http_server:{esc}]\nport=1\nusername={esc}\npassword=x\n")),
        ("an option", format!("[program:b]\ncommand=/b\n{esc}=1\n")),
        ("no option", format!("[program:b]\ncommand=/b\n{esc}\n")),
        ("a pattern", format!("[include]\nfiles={esc}/*.conf\n")),
    ] {
        desk.write("a.conf", format!("[supervisord]\n{text}"));
        for arguments in [
            "lint --min-severity info a.conf",
            "lint --format json a.conf",
            "show a.conf",
            "show --raw a.conf",
            "to-systemd a.conf",
        ] {
            let run = desk.run(arguments);
            if format!("{}{}", run.out, run.err).contains(['\u{1b}', '\u{7}']) {
                raw.insert(format!("{}: {what}", words(arguments)[0]));
            }
        }
    }
    assert!(raw.is_empty(), "printed as they are: {raw:#?}");
}

/// People's `show`: each value with where it comes from.
#[test]
fn show_names_the_origin_of_each_value() {
    let main = "[DEFAULT]\nautostart=false\n[supervisord]\nenvironment=A=\"1\",HOST=\"x\"\n[include]\nfiles=conf.d/*.conf\n\
                [unix_http_server]\nfile=/run/s.sock\n";
    let part = "[program:web]\ncommand=/usr/bin/web\nenvironment=BAR=\"2\",HOST=\"y\"\n";
    let desk = Desk::new(&[("main.conf", main), ("conf.d/web.conf", part)]);
    let run = desk.run("show --all main.conf");
    let include = "conf.d/web.conf";
    let mut missing = Vec::new();
    for (option, value, origin) in [
        ("command", "/usr/bin/web", format!("{include}:2")),
        ("startsecs", "1", "default".to_owned()),
        ("autostart", "false", "[DEFAULT], main.conf:2".to_owned()),
        ("environment", "BAR=2", format!("{include}:3")),
        ("environment", "HOST=y", format!("{include}:3")),
        ("environment", "A=1", "[supervisord], main.conf:4".to_owned()),
        ("file", "/run/s.sock", "main.conf:8".to_owned()),
        ("chmod", "700", "default".to_owned()),
    ] {
        let row = |line: &str| {
            let mut words = line.split_whitespace();
            words.next() == Some(option)
                && words.next() == Some(value)
                && words.collect::<Vec<_>>().join(" ") == format!("({origin})")
        };
        if !run.out.lines().any(row) {
            missing.push(format!("{option} {value} {origin}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?} in\n{}", run.out);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let desk = Desk::new(&[]);
    for name in [
        "web-app-with-workers",
        "laravel-queue",
        "memory-watchdog",
        "environment-on-many-lines",
        "first-error-wins",
        "servers-in-their-order",
    ] {
        fs::copy(format!("corpus/{name}.conf"), desk.join(format!("{name}.conf"))).unwrap();
        for command in [
            "lint --min-severity info",
            "lint --min-severity info --format json",
            "show",
            "show --format json",
            "show --raw",
            "to-systemd",
            "to-systemd --format json",
        ] {
            for world in ["", "--env A=1 --env B=2 --env APP_ENV=x"] {
                let arguments = format!("{command} {world} {name}.conf");
                let first = desk.run(&arguments);
                for _ in 0..2 {
                    assert_eq!(desk.run(&arguments), first, "{arguments}");
                }
            }
        }
    }
}

// Secrets.

const LINTS: [&str; 4] =
    ["lint --min-severity info", "lint --min-severity info --format json", "to-systemd", "to-systemd --format json"];

/// `sesame` is the secret in all of these.
const SECRETS: &[(&str, &str)] = &[
    ("a server's password", "[inet_http_server]\nport=9001\nusername=u\npassword=sesame\n"),
    ("a server's, half a login", "[inet_http_server]\nport=9001\npassword=sesame\n"),
    ("in capitals", "[inet_http_server]\nport=x\nusername=u\nPassword : sesame\n"),
    ("on the next line", "[inet_http_server]\nport=9001\nusername=u\npassword=a\n  sesame\n"),
    ("cut by a comment", "[unix_http_server]\nfile=/run/s\nusername=u\npassword=a #sesame\n"),
    ("with a bad percent", "[inet_http_server]\nport=9001\nusername=u\npassword=sesame%z\n"),
    ("with a variable", "[inet_http_server]\nport=9001\nusername=u\npassword=sesame%(ENV_X)s\n"),
    ("with a name that is none", "[inet_http_server]\nport=9001\nusername=u\npassword=%(here)s-sesame\n"),
    ("too large an expansion", "[inet_http_server]\nport=9001\nusername=u\npassword=%(ENV_A)9999999s-sesame\n"),
    ("of supervisorctl", "[supervisorctl]\nserverurl=http://localhost\nusername=u\npassword=sesame\n"),
    ("of an rpc interface", "[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\npassword=sesame%q\n"),
    ("of a program, where it is no option", "[program:b]\ncommand=/b\nuser=b\npassword=sesame\n"),
    (
        "in [DEFAULT]",
        "[DEFAULT]\npassword=sesame\n[rpcinterface:supervisor]\n\
      supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
    ),
    ("twice", "[inet_http_server]\nport=9001\nusername=u\npassword=sesame\npassword=open-sesame\n"),
    ("behind an indented option", "[inet_http_server]\nport=9001\n password=sesame\n"),
    ("a variable", "[program:b]\ncommand=/b\nuser=b\nenvironment=DB_PASSWORD=\"sesame\"\n"),
    ("a variable without quotes", "[program:b]\ncommand=/b\nuser=b\nenvironment=API_TOKEN=sesame,B=@\n"),
    ("a variable in quotes of the other kind", "[program:b]\ncommand=/b\nuser=b\nenvironment=api_key='sesame',B=\n"),
    ("a variable with a space", "[program:b]\ncommand=/b\nuser=b\nenvironment=A_SECRET = \"a sesame\",B\n"),
    (
        "a variable on its own line",
        "[program:b]\ncommand=/b\nuser=b\nenvironment=\n  A=\"1\",\n  SECRET_KEY=\"sesame\",\n  B\n",
    ),
    ("a variable, cut by a comment", "[program:b]\ncommand=/b\nuser=b\nenvironment=DB_PASSWORD=\"a #sesame\"\n"),
    ("a variable with a bad percent", "[program:b]\ncommand=/b\nuser=b\nenvironment=DB_PASSWORD=\"sesame%z\"\n"),
    ("a variable behind an @", "[program:b]\ncommand=/b\nuser=b\nenvironment=DB_PASSWORD=a@sesame\n"),
    (
        "a variable of supervisord",
        "[program:b]\ncommand=/b\nuser=b\n[supervisord]\nenvironment=PGPASSWORD=\"sesame\",B\n",
    ),
    ("a url", "[program:b]\ncommand=/b\nuser=b\nenvironment=DATABASE_URL=\"postgres://u:sesame@db/x\",B\n"),
    ("a url in the command", "[program:b]\ncommand=/b --db postgres://u:sesame@db/x %z\nuser=b\n"),
    ("an option of the command", "[program:b]\ncommand=/b --password=sesame\nuser=b\nstartsecs=x\n"),
    ("an option in quotes", "[program:b]\ncommand=/b \"--password=a sesame\" %z\nuser=b\n"),
    ("a client's option", "[program:b]\ncommand=mysql -psesame\nuser=b\n"),
    ("a client's option with a fault", "[program:b]\ncommand=mysql -u root -psesame %z\nuser=b\n"),
    ("the server's option", "[program:b]\ncommand=redis-server --requirepass sesame\nuser=b\n"),
    ("the server's option with a fault", "[program:b]\ncommand=redis-server --requirepass sesame %z\nuser=b\n"),
    ("a command that cannot be split", "[program:b]\ncommand=/b --password=sesame \"\nuser=b\n"),
    (
        "by way of --env",
        "[program:b]\ncommand=/b --password=%(ENV_PW)s\nuser=b\nenvironment=DB_PASSWORD=\"%(ENV_PW)s\"\n",
    ),
    ("the whole environment", "[program:b]\ncommand=/bin/echo %s\nuser=b\n"),
    ("by way of --env with a fault", "[program:b]\ncommand=/b\nuser=b\nenvironment=DB_PASSWORD=\"%(ENV_PW)s\",B\n"),
];

#[test]
fn secrets_are_never_printed() {
    let desk = Desk::new(&[]);
    let mut leaks = BTreeSet::new();
    for (name, text) in SECRETS {
        let base = if text.contains("[supervisord]") { "" } else { "[supervisord]\nuser=root\nminfds=65536\n" };
        desk.write("a.conf", format!("{base}{text}"));
        // Open, closed with too little, closed with all.
        for world in ["", "--env A=1", "--env PW=sesame --env DB_PASSWORD=sesame --env A=1 --env X=1"] {
            for command in LINTS {
                let run = desk.run(&format!("{command} {world} a.conf"));
                let text = format!("{}{}", run.out, run.err);
                if let Some((before, _)) = text.split_once("sesame") {
                    let line = before.rsplit('\n').next().unwrap();
                    let skip = line.chars().count().saturating_sub(40);
                    leaks.insert(format!("{name}: {command}: {}sesame", line.chars().skip(skip).collect::<String>()));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
}

#[test]
fn a_secret_that_is_masked_is_still_spoken_of() {
    let text = "[supervisord]\nuser=root\nminfds=65536\n[program:b]\ncommand=/b\nuser=b\nenvironment=A=\"1\",DB_PASSWORD=\"sesame\",B\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let human = desk.run("lint a.conf").out;
    assert!(human.contains("DB_PASSWORD=\"***\""), "{human}");
    let json = desk.json("lint --format json a.conf");
    let expected = "Unexpected end of key/value pairs in value 'A=\"1\",DB_PASSWORD=\"***\",B' in section 'program:b' (file: 'a.conf')";
    assert_eq!(json["findings"][0]["supervisor"], expected);
    // The position is that of the file all the same.
    assert_eq!(json["findings"][0]["start"]["line"], 7);
}

#[test]
fn show_prints_no_password() {
    let desk = Desk::new(&[]);
    let mut leaks = Vec::new();
    for (name, text) in
        SECRETS.iter().filter(|(_, text)| text.to_lowercase().contains("\npassword") || text.contains(" password="))
    {
        desk.write("a.conf", format!("[supervisord]\n{text}"));
        for world in ["", "--env A=1"] {
            for command in ["show", "show --format json", "show --raw"] {
                let run = desk.run(&format!("{command} {world} a.conf"));
                // There it is text of the option above.
                if format!("{}{}", run.out, run.err).contains("sesame") && *name != "behind an indented option" {
                    leaks.push(format!("{name}: {command} {world}: {}", run.out));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    desk.write("a.conf", "[supervisord]\n[program:b]\ncommand=/b\nenvironment=DB_PASSWORD=\"sesame\"\n");
    let shown = desk.json("show --format json a.conf");
    assert_eq!(shown["groups"][0]["programs"][0]["environment"], json!({"DB_PASSWORD": "sesame"}), "that is its job");
}
