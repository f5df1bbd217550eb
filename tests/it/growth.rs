//! What grows in a configuration, a command line or a directory, and costs in proportion to it.
//!
//! These tests do not time: each size is one at which what takes the square of it runs for minutes.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::support::desk::{Desk, PROGRAM};

/// A line for each number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{}", line(number));
        text
    })
}

fn programs(count: usize) -> String {
    format!("[supervisord]\n{}", lines(count, |number| format!("[program:p{number}]\ncommand=/bin/a\nuser=u")))
}

#[test]
fn a_line_of_markers_is_read_once() {
    let desk = Desk::of(format!("[supervisord]\n[program:a]\nuser=u\ncommand=/bin/a {}\n", ";".repeat(2_000_000)));
    assert_eq!(desk.run("lint --quiet a.conf").code, 1);
    assert_eq!(desk.run("show a.conf").code, 0);
}

/// What a shell puts in, as arguments and as values of variables.
#[test]
fn a_script_full_of_other_commands_is_read_once() {
    for words in ["exec a", "A=$(b)", "a `b`", "a <(b)"] {
        let script = format!("{} {}exec c", words, "$(b) A=$(c) `d` ".repeat(40_000));
        let desk = Desk::of(format!("[supervisord]\n[program:a]\nuser=u\ncommand=sh -c '{script}'\n"));
        assert_eq!(desk.run("lint --quiet a.conf").code, 1);
        let assigned = "A=$(b) ".repeat(40_000);
        desk.write("a.conf", format!("[supervisord]\n[program:a]\nuser=u\ncommand=sh -c '{assigned}exec c'\n"));
        assert_eq!(desk.run("lint --quiet a.conf").code, 1);
    }
}

#[test]
fn many_names_of_only_are_looked_up() {
    let desk = Desk::of(programs(60_000));
    let only: Vec<String> = (0..60_000).map(|number| format!("--only=p{number}")).collect();
    let last = &only[59_999..];
    assert_eq!(desk.run(&format!("show a.conf {}", only.join(" "))).code, 0);
    assert_eq!(desk.run(&format!("to-systemd a.conf {} --only=x", only.join(" "))).code, 2);
    assert_eq!(desk.run(&format!("to-systemd a.conf {}", last.join(" "))).code, 0);
}

#[test]
fn many_includes_are_read_one_after_the_other() {
    let desk = Desk::in_memory();
    for number in 0..6_000 {
        desk.write(&format!("d/{number}.conf"), format!("[program:p{number}]\ncommand=%(here)s/a\nuser=u\n"));
    }
    desk.write("a.conf", "[DEFAULT]\nstderr_logfile=%(here)s/x\n[supervisord]\n[include]\nfiles=d/*.conf\n");
    let document = desk.json("show --format json a.conf");
    let groups = document["groups"].as_array().unwrap();
    let log = |group: &serde_json::Value| group["programs"][0]["stderr_logfile"].as_str().unwrap().to_owned();
    assert_eq!(groups.len(), 6_000);
    assert!(groups.iter().all(|group| !log(group).contains("%(here)s")));
    assert_eq!(desk.run("lint --quiet a.conf").code, 1);
}

#[test]
fn one_file_may_be_included_many_times() {
    let desk = Desk::of(format!("[supervisord]\n[include]\nfiles={}\n", "b.conf ".repeat(60_000)));
    desk.write("b.conf", "[program:b]\ncommand=/bin/b\nuser=u\n");
    assert_eq!(desk.run("lint --quiet a.conf").code, 1);
}

#[test]
fn the_members_of_a_group_are_looked_up() {
    let members: Vec<String> = (0..60_000).map(|number| format!("p{number}")).collect();
    let desk = Desk::of(format!("{}[group:g]\nprograms={}\n", programs(60_000), members.join(",")));
    assert_eq!(desk.run("to-systemd a.conf").code, 0);
}

#[test]
fn a_file_of_foreign_lines_is_compared() {
    let desk = Desk::of(programs(1));
    let foreign = |number: usize| format!("# line {number}\n# {}", number % 7);
    desk.write("out/p0.service", lines(60_000, foreign));
    assert_eq!(desk.run("to-systemd a.conf --out out --diff").code, 1);
}

#[test]
fn each_refusal_is_explained_by_itself() {
    let desk = Desk::of(programs(200_000).replace("user=u", "startsecs=x"));
    assert_eq!(desk.run("lint --quiet a.conf").code, 1);
}

/// Below the size up to which files are mended: a reading of all of them for each fix would take hours.
#[test]
fn many_values_are_mended_together() {
    for value in ["autostart=Y", "startsecs=10s", "auto_start=no"] {
        let program = |number: usize| format!("[program:p{number}]\ncommand=/a\n{value}");
        let desk = Desk::of(format!("[supervisord]\n{}", lines(11_000, program)));
        assert!(desk.join("a.conf").metadata().unwrap().len() < 512 << 10);
        let run = desk.run("lint --fix --unsafe-fixes --select SUP0,SUP1 --format json a.conf");
        let document = run.json();
        let fixed = document["summary"]["fixed"].as_u64();
        assert!(fixed >= Some(11_000), "{value}: {fixed:?} {}", run.err);
    }
}

/// Fixes of several edits that lie between each other, and fixes that fail beside many that do not.
#[test]
fn many_fixes_are_tried_together() {
    let headers = |more: &str| lines(1_500, |number| format!("[progam:p{number}]\n{more}"));
    let desk =
        Desk::of(format!("[supervisord]\nuser=root\n{}{}", headers("command=/a\nuser=u"), headers("priority=1")));
    let fixable = |desk: &Desk| desk.run("lint --format json a.conf").json()["summary"]["fixable"].as_u64();
    assert!(fixable(&desk) >= Some(1_500), "{:?}", fixable(&desk));
    let bad = lines(80, |number| format!("[progam:b{number}]\ncommand=/a\nautostart=maybe"));
    let good = lines(40, |number| format!("[progam:g{number}]\ncommand=/a"));
    let desk = Desk::of(format!("[supervisord]\nuser=root\n{bad}{good}"));
    assert!(fixable(&desk) >= Some(40), "{:?}", fixable(&desk));
}

/// Runs the program with so many bytes of memory for each byte of `a.conf`, and a mebibyte.
fn runs_within(desk: &Desk, bytes: u64, arguments: &str) {
    let limit = (desk.join("a.conf").metadata().unwrap().len() * bytes + (1 << 20)) >> 10;
    let script = format!("ulimit -d {limit}; exec {PROGRAM} {arguments} a.conf >out 2>err");
    let status = Command::new("bash").args(["-c", &script]).current_dir(desk).status().unwrap();
    let said = || fs::read_to_string(desk.join("err")).unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{arguments}: {status} with {limit} KiB: {}", said());
}

#[test]
fn memory_is_in_proportion_to_the_programs() {
    let desk = Desk::in_memory();
    desk.write("a.conf", programs(32_000));
    // Each program has a finding of its AUTO log, which is not kept.
    for (bytes, arguments) in [
        (60, "lint"),
        (70, "lint --target systemd"),
        (70, "lint --target systemd --format json"),
        (60, "show --format json"),
        (75, "to-systemd"),
        (75, "to-systemd --format json"),
    ] {
        runs_within(&desk, bytes, arguments);
    }
}

#[test]
fn memory_is_in_proportion_to_the_findings() {
    let desk = Desk::in_memory();
    desk.write(
        "a.conf",
        format!("[supervisord]\n{}", lines(32_000, |n| format!("[program:p{n}]\ncommand=/bin/a && b"))),
    );
    for (bytes, arguments) in [(90, "lint"), (90, "lint --format json"), (120, "lint --target systemd --format json")] {
        runs_within(&desk, bytes, arguments);
    }
}

#[test]
fn groups_that_name_nothing_are_told_one_by_one() {
    let groups = |members: &str| {
        let group = |number: usize| format!("[group:g{number}]\nprograms={members}q{number}");
        format!("{}{}", programs(1), lines(20_000, group))
    };
    for members in ["", "p0,"] {
        let desk = Desk::of(groups(members));
        assert_eq!(desk.run("lint --quiet a.conf").code, 1);
        assert_eq!(desk.run("to-systemd a.conf").code, 1);
    }
}

#[test]
fn one_program_may_be_in_a_group_more_often_than_a_file_has_processes() {
    let desk = Desk::of(format!("{}[group:g]\nprograms={}\n", programs(1), "p0,".repeat(300_000)));
    let told = desk.run("lint --format concise a.conf");
    let message = "more than 200000 processes are too many: supconv stops at 20000 per section and 200000 per file.";
    assert!(told.code == 1 && told.out.contains(message), "{}", &told.out[..told.out.len().min(2000)]);
    assert_eq!(desk.run("to-systemd a.conf").code, 1);
}

#[test]
fn processes_beyond_the_bound_of_a_file_are_not_all_looked_at() {
    let twenty_thousand = "command=/bin/a\nuser=u\nnumprocs=20000\nprocess_name=%(process_num)d";
    let members = format!("[program:p0]\n{twenty_thousand}\n[group:g]\nprograms={}", "p0,".repeat(60_000));
    let sections = lines(60_000, |number| format!("[program:p{number}]\n{twenty_thousand}"));
    for text in [members, sections] {
        let desk = Desk::of(format!("[supervisord]\n{text}"));
        assert_eq!(desk.run("lint --quiet a.conf").code, 1);
        assert_eq!(desk.run("show a.conf").code, 1);
    }
}

/// What looks like a secret within another, is equal to many others, or does not end.
#[test]
fn secrets_of_one_line_are_looked_for_once() {
    let environment: Vec<String> = (0..200_000).map(|number| format!("T{number}_TOKEN=token")).collect();
    let environment = format!("/a %z\nenvironment={}", environment.join(","));
    for command in [
        format!("/a {}", "token=".repeat(400_000)),
        format!("/a {}", "auth=".repeat(400_000)),
        format!("/a {}", "token=${".repeat(400_000)),
        format!("/a {}", "token=%(".repeat(400_000)),
        format!("/a\ndirectory={}", "token=".repeat(400_000)),
        format!("/a {}", "mysql -p".repeat(400_000)),
        format!("/a {}", "token=[".repeat(100_000)),
        format!("/a {}]", "token=[".repeat(100_000)),
        format!("/a {}", "${A_TOKEN:-".repeat(100_000)),
        format!("/a token={}{}", "${A:-".repeat(100_000), "}".repeat(100_000)),
        format!("/a {}@x", "a://b:c ".repeat(100_000)),
        format!("/a {}", "jdbc:oracle:thin:a/b@".repeat(100_000)),
        format!("sqlplus {}", "\"a/b@c ".repeat(100_000)),
        format!("/a\nenvironment={}", "A_TOKEN=\"x\\\"y,".repeat(100_000)),
        format!("/a\nenvironment={}", "A_TOKEN='x ".repeat(100_000)),
        format!("/a\nenvironment=A={}=b", "  \n ".repeat(100_000)),
        format!("/a\n{}", "-----BEGIN PRIVATE KEY-----\nabc\n".repeat(50_000)),
        format!("curl {}", "-u \"a:b ".repeat(400_000)),
        format!("/a {}", "%(".repeat(2_000_000)),
        format!("/a {}", "%(ENV_".repeat(1_000_000)),
        environment,
    ] {
        let desk = Desk::of(format!("[supervisord]\n[program:a]\nuser=u\ncommand={command}\n"));
        for run in ["show", "lint --quiet", "lint --format json", "to-systemd"] {
            assert!(desk.run(&format!("{run} a.conf")).code <= 2, "{run}");
        }
    }
}
