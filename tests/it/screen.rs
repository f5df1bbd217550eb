//! What stands on a screen: its width, its colours, and what is said there once.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::desk::{Desk, PROGRAM, Run, run, words};
use crate::support::machine;

/// Five findings of three rules.
const RISKY: &str = "[supervisord]\n[program:a]\ncommand=/a\nstartsecs=soon\n[program:b]\ncommand=/b\nstartsecs=late\n";
const CLEAN: &str = "[program:a]\ncommand=/a\nuser=a\n";

/// Runs the program with standard output, and if `both` standard error, on a terminal of so many columns.
pub fn on_terminal(
    desk: &Desk,
    columns: u32,
    both: bool,
    arguments: &str,
    variables: &[(&str, &str)],
) -> Option<String> {
    const SCRIPT: &str = "
import fcntl, os, pty, struct, subprocess, sys, termios
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[1]), 0, 0))
err = theirs if sys.argv[2] == 'both' else subprocess.DEVNULL
child = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=theirs, stderr=err)
os.close(theirs)
while True:
    try:
        piece = os.read(ours, 65536)
    except OSError:
        break
    if not piece:
        break
    sys.stdout.buffer.write(piece.replace(b'\\r\\n', b'\\n'))
child.wait()
";
    if let Err(why) = machine::program("python3", "python3") {
        machine::passed_over("a terminal", &why);
        return None;
    }
    let mut command = Command::new("python3");
    command.args(["-c", SCRIPT, &columns.to_string(), if both { "both" } else { "out" }, PROGRAM]);
    command.args(words(arguments)).current_dir(desk.path("")).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("TERM", "xterm").envs(variables.iter().copied());
    let Run { code, out, err } = run(command.stdin(Stdio::null()));
    assert_eq!((code, err.as_str()), (0, ""));
    Some(out)
}

#[test]
fn everything_fits_its_terminal() {
    let long = format!("{RISKY}{CLEAN}environment=A=\"{}\",B=\"%\"\n", "long ".repeat(40));
    let wide = format!("{CLEAN}environment=A=\"{}\"\ndirectory=/srv\n", "long ".repeat(40));
    let desk =
        Desk::new(&[("risky.conf", RISKY), ("long.conf", &long), ("a-file-with-a-name-that-takes-room.conf", &wide)]);
    for columns in [80, 120] {
        for arguments in [
            "lint risky.conf --min-severity info",
            "lint long.conf",
            "lint risky.conf --statistics",
            "--help",
            "lint --help",
            "to-systemd --help",
            "show -h",
            "show long.conf",
            "show a-file-with-a-name-that-takes-room.conf",
            "rule",
            "rule SUP2",
            "rule default-minfds",
        ] {
            let Some(out) = on_terminal(&desk, columns, false, arguments, &[("NO_COLOR", "1")]) else { return };
            let wide = |line: &&str| line.chars().count() > columns as usize;
            let wide: Vec<_> = out.lines().filter(wide).collect();
            assert!(wide.is_empty() && !out.is_empty(), "{arguments} at {columns}: {wide:#?}");
        }
    }
    // A pipe has 100 columns.
    let help = desk.run("lint --help").out;
    assert!(help.lines().all(|line| line.chars().count() <= 100) && help.lines().any(|line| line.len() > 80), "{help}");
}

/// In one piece up to the bracket, so that a terminal makes a link of it.
#[test]
fn the_place_of_a_finding_is_never_folded() {
    let desk = Desk::new(&[]);
    let path = format!("{}/risky.conf", "a_long_name".repeat(8));
    desk.write(&path, RISKY);
    let out = desk.run(&format!("lint {path}")).out;
    let heads = out.lines().filter(|line| line.contains("error[invalid-value]: ")).count();
    assert_eq!(heads, 2, "{out}");
}

#[test]
fn colours_are_decided_by_the_flag_then_by_no_color_then_by_force_color() {
    let desk = Desk::new(&[("risky.conf", RISKY)]);
    for (flag, variables, coloured) in [
        ("", &[][..], false),
        ("--color always", &[("NO_COLOR", "1")], true),
        ("--color=always", &[("TERM", "dumb")], true),
        ("--color never", &[("FORCE_COLOR", "1")], false),
        ("", &[("FORCE_COLOR", "1")], true),
        ("", &[("CLICOLOR_FORCE", "1")], true),
        ("--color auto", &[("FORCE_COLOR", "1")], true),
        ("", &[("CLICOLOR_FORCE", "0")], false),
        ("", &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        ("", &[("FORCE_COLOR", "1"), ("NO_COLOR", "")], true),
    ] {
        for arguments in [
            "lint risky.conf",
            "lint --help",
            "--help",
            "show risky.conf --as fragment",
            "lint risky.conf --statistics",
        ] {
            if arguments.starts_with("show") {
                continue;
            }
            let ran = run(desk.command(&words(&format!("{arguments} {flag}"))).envs(variables.iter().copied()));
            assert_eq!(ran.out.contains('\u{1b}'), coloured, "{arguments} {flag} {variables:?}: {ran:?}");
        }
        // What programs read never has any.
        for arguments in ["lint risky.conf --format json", "lint risky.conf --format concise"] {
            let ran = run(desk.command(&words(&format!("{arguments} {flag}"))).envs(variables.iter().copied()));
            assert!(!ran.out.contains('\u{1b}'), "{arguments} {flag}: {ran:?}");
        }
    }
}

#[test]
fn a_help_is_said_once_a_run() {
    let desk = Desk::new(&[("a.conf", RISKY), ("b.conf", RISKY)]);
    let out = desk.run("lint a.conf b.conf").out;
    assert_eq!(out.matches("warning[default-minfds]").count(), 2, "{out}");
    assert_eq!(out.matches("minfds=65536").count(), 1, "{out}");
    let helps: Vec<_> = out.lines().filter(|line| line.starts_with("  help: ")).collect();
    let mut once = helps.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(helps.len(), once.len(), "{out}");
}

#[test]
fn a_frame_has_one_line_of_context() {
    let desk =
        Desk::new(&[("a.conf", "[program:a]\ncommand=/a\nuser=a\nstartsecs=soon\npriority=1\nautostart=true\n")]);
    let out = desk.run("lint a.conf").out;
    for (line, shown) in [
        ("command=", false),
        ("3 │ user=a", true),
        ("4 │ startsecs", true),
        ("5 │ priority", true),
        ("autostart", false),
    ] {
        assert_eq!(out.contains(line), shown, "{line}: {out}");
    }
}

/// What is told of several programs at once has one help, and that is right for each of them.
#[test]
fn programs_that_need_another_advice_are_told_by_themselves() {
    let program =
        |name, command| format!("[program:{name}]\ncommand={command}\nuser={name}\nkillasgroup=true\nstopsignal=INT\n");
    let text = ["[supervisord]\nuser=root\nminfds=65536\n".to_owned()]
        .into_iter()
        .chain(
            [("a", "gunicorn a:b"), ("b", "nginx -g 'daemon off;'"), ("c", "gunicorn c:d")]
                .map(|(name, command)| program(name, command)),
        )
        .collect::<String>();
    let desk = Desk::of(text);
    let out = desk.run("lint --select SUP310 a.conf").out.replace("\n    ", " ");
    assert!(out.contains("a cuts off what it is doing at each stop, and so does c"), "{out}");
    assert!(
        out.contains("write stopsignal=TERM: on TERM gunicorn") && out.contains("write stopsignal=QUIT: on QUIT nginx"),
        "{out}"
    );
}

/// The numbers of the last line are those of the summary, and a run says what it hides where it says anything.
#[test]
fn all_counts_agree() {
    let fragment = "[program:a]\ncommand=/a\n[program:b]\ncommand=/b\n";
    let desk = Desk::new(&[("risky.conf", RISKY), ("part.conf", fragment), ("clean.conf", CLEAN)]);
    let summary = |arguments: &str| desk.json(&format!("lint --format json {arguments}"))["summary"].clone();
    assert_eq!(
        summary("risky.conf part.conf"),
        json!({"files": 2, "errors": 2, "warnings": 3, "infos": 0, "suppressed": 0, "hidden": 2, "fixable": 0})
    );
    // Below it stands only what can be fixed.
    let last = |arguments: &str| {
        let out = desk.run(&format!("lint {arguments}")).out;
        out.lines().rfind(|line| !line.contains(" fixable with ")).unwrap_or("").to_owned()
    };
    assert_eq!(
        last("risky.conf part.conf"),
        "2 errors, 3 warnings in 2 files, grouped into 4 messages (2 infos hidden: --min-severity info)"
    );
    assert_eq!(last("--min-severity info part.conf"), "2 infos in 1 file, grouped into 1 message");
    assert_eq!(
        last("--min-severity error risky.conf part.conf"),
        "2 errors in 2 files (3 warnings, 2 infos hidden: --min-severity info)"
    );
    assert_eq!(last("part.conf"), "", "piped, success is silent");
    assert_eq!(last("clean.conf"), "");
    assert_eq!(last("--format concise part.conf"), "");
    let Some(out) = on_terminal(&desk, 80, false, "lint clean.conf clean.conf", &[]) else { return };
    assert_eq!(out, "2 files, no findings\n");
    let out = on_terminal(&desk, 80, false, "lint part.conf", &[]).unwrap_or_default();
    assert_eq!(out, "1 file, no findings (2 infos hidden: --min-severity info)\n");
}

#[test]
fn all_names_all_programs() {
    let program = |number| format!("[program:p{number}]\ncommand=/a\n");
    let text = format!("[supervisord]\nuser=root\nminfds=65536\n{}", (0..20).map(program).collect::<String>());
    let desk = Desk::of(text);
    for format in ["human", "concise"] {
        let some = desk.run(&format!("lint --format {format} a.conf")).out.replace("\n    ", " ");
        assert!(some.contains("11 more") && !some.contains("p19"), "{some}");
        let all = desk.run(&format!("lint --format {format} --all a.conf")).out;
        assert!(all.contains("p19") && !all.contains("more"), "{all}");
    }
}

/// One sentence each, and a flag that there is not is never taken for a value.
#[test]
fn errors_of_the_command_line_are_one_sentence() {
    let desk = Desk::new(&[("a.conf", CLEAN)]);
    for (arguments, says) in [
        ("lint --nope a.conf", "unknown option --nope"),
        ("lint --fixx a.conf", "unknown option --fixx"),
        ("lint --statistic a.conf", "unknown option --statistic; did you mean --statistics?"),
        ("lnt a.conf", "unknown command lnt; did you mean lint?"),
        (
            "lint --format xml a.conf",
            "'xml' is not a valid value for --format <FORMAT> (one of human, concise, json, sarif, github, gitlab, junit)",
        ),
        ("lint --all --statistics a.conf", "--all cannot be used with --statistics"),
        ("to-systemd --check a.conf", "give --out <DIR> too"),
        ("lint --cwd / --cwd / a.conf", "--cwd <DIR> is given twice"),
        ("lint --ignore SUP999 a.conf", "--ignore: no rule is called SUP999: did you mean SUP90"),
        ("rule SUP999", "no rule is called SUP999: did you mean SUP90"),
        ("rule default-minfd", "no rule is called default-minfd: did you mean default-minfds?"),
        ("rule --search nothing-like-this", "no rule mentions nothing-like-this: `supconv rule` lists all rules"),
        ("lint nowhere.conf", "nowhere.conf: No such file or directory"),
        ("show nowhere.conf", "nowhere.conf: No such file or directory"),
        ("to-systemd nowhere.conf", "nowhere.conf: No such file or directory"),
        ("lint --env-file nowhere a.conf", "--env-file nowhere: No such file or directory"),
    ] {
        let Run { code, out, err } = desk.run(arguments);
        assert_eq!((code, out.as_str(), err.lines().count()), (2, "", 1), "{arguments}: {err}");
        let said = err.strip_prefix("supconv: ").unwrap_or_else(|| panic!("{arguments}: {err}"));
        assert!(said.starts_with(says), "{arguments}: {err}");
        assert!(!err.contains("as a value") && !err.contains("os error"), "{err}");
    }
}

/// The words that the operator has lead to the rule.
#[test]
fn rules_are_found_by_the_words_of_an_error() {
    let desk = Desk::new(&[]);
    for (searched, rule) in [
        ("Too many open files", "SUP101"),
        ("open files", "SUP101"),
        ("No closing quotation", "SUP408"),
        ("illegal seek", "SUP501"),
        ("exited too quickly", "SUP301"),
        ("no such file", "SUP702"),
        ("unix:///var/run/supervisor.sock no such file", "SUP702"),
    ] {
        let Run { code, out, .. } = run(&mut desk.command(&["rule", "--search", searched]));
        assert_eq!(code, 0, "{searched}");
        assert!(out.lines().take(5).any(|line| line.starts_with(rule)), "{searched}: {out}");
    }
    // A family is a list.
    let family = desk.run("rule SUP2").out;
    assert!(family.lines().count() > 3 && family.lines().all(|line| line.starts_with("SUP2")), "{family}");
    for line in desk.run("rule").out.lines() {
        assert!(line.chars().count() <= 110, "{line}");
    }
}

/// Forty programs are forty lines, and what is not default.
#[test]
fn show_is_a_line_a_program_and_what_is_not_default() {
    let main = "[supervisord]\nminfds=65536\nlogfile_maxbytes=10MB\n";
    let web = "[program:web]\ncommand=/srv/web --port 80\nuser=www\ndirectory=/srv\nautostart=true\nstopsignal=TERM\nstdout_logfile_maxbytes=1GB\n";
    let queue = "[program:queue]\ncommand=/srv/queue\nnumprocs=4\nprocess_name=q%(process_num)d\nstdout_logfile=/var/log/q.log\n";
    let desk = Desk::of(format!("{main}{web}{queue}"));
    let out = desk.run("show a.conf").out;
    let row = |line: &str| out.lines().any(|found| found.split_whitespace().collect::<Vec<_>>().join(" ") == line);
    for line in [
        "program user command directory log",
        "web www /srv/web --port 80 /srv AUTO",
        "queue:q0 ×4 - /srv/queue - /var/log/q.log",
        "minfds 65536 (a.conf:2)",
        "logfile_maxbytes 10MB (a.conf:3)",
        "stdout_logfile_maxbytes 1GB (a.conf:10)",
    ] {
        assert!(row(line), "{line}: {out}");
    }
    assert!(!out.contains("(default)") && !out.contains("startsecs"), "{out}");
    assert!(!out.contains("autostart") && !out.contains("stopsignal"), "a default that is written is one: {out}");
    let all = desk.run("show --all a.conf").out;
    assert!(all.contains("startsecs") && all.contains("50MB") && all.contains("(default)"), "{all}");
    let json = desk.run("show --format json a.conf").out;
    assert_eq!(json, desk.run("show --all --format json a.conf").out);
    assert!(json.contains("\"stdout_logfile_maxbytes\":1073741824"), "{json}");
}

#[test]
fn show_shows_what_only_names() {
    let text = "[supervisord]\n[program:web]\ncommand=/web\n[program:q]\ncommand=/q\nnumprocs=2\nprocess_name=q%(process_num)d\n";
    let desk = Desk::of(text);
    let names = |only: &str| -> Vec<String> {
        let shown = desk.json(&format!("show --format json --only {only} a.conf"));
        let groups = shown["groups"].as_array().unwrap();
        let programs = groups.iter().flat_map(|group| group["programs"].as_array().unwrap());
        programs.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("web"), ["web"]);
    assert_eq!(names("q:q1"), ["q1"]);
    assert_eq!(names("q:*,web"), ["q0", "q1", "web"]);
    let human = desk.run("show --only web a.conf").out;
    assert!(human.contains("/web") && !human.contains("/q"), "{human}");
    let nobody = desk.run("show --only nobody a.conf");
    assert_eq!((nobody.code, nobody.err.as_str()), (2, "supconv: --only nobody: no such program\n"));
}

/// On a terminal the units come first; what differs in every unit is counted, and listed where that is asked for.
#[test]
fn to_systemd_counts_what_holds_for_all() {
    let desk = Desk::new(&[("a.conf", CLEAN)]);
    let items = |text: &str| text.lines().filter(|line| line.starts_with("  - ")).count();
    let listed = items(&desk.run("to-systemd --details a.conf").err);
    assert!(listed > 10, "{listed}");
    assert_eq!(items(&desk.run("to-systemd a.conf").err), 0);
    let Some(out) = on_terminal(&desk, 100, true, "to-systemd a.conf", &[]) else { return };
    let at = |text: &str| out.find(text).unwrap_or_else(|| panic!("{text}: {out}"));
    let line = " small differences: --details, docs/differences.md";
    assert!(at("# ==> a.service <==") < at("WantedBy=") && at("WantedBy=") < at(line), "{out}");
    assert_eq!(items(&out), 0, "{out}");
    let all = on_terminal(&desk, 100, true, "to-systemd --details a.conf", &[]).unwrap_or_default();
    assert_eq!(items(&all), listed, "{all}");
}
