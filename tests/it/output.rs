//! What a run says, and to whom: a reader who goes, a disk that is full, characters that steer a screen, names that are not
//! UTF-8.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::pipe;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::screen::on_terminal;
use crate::support::desk::{Desk, Run, run, words};
use crate::support::python;
use supconv::visible::is_unseen;

/// Errors, of which there are more than a pipe holds.
fn many() -> String {
    (0..3000)
        .fold("[supervisord]\n".to_owned(), |text, n| text + &format!("[program:a{n}]\ncommand=/a\nstartsecs=x{n}\n"))
}

const GOOD: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=/bin/a\nuser=www\n";

/// Of all lines without a delimiter Supervisor makes one list.
#[test]
fn of_a_list_of_lines_each_is_told_once() {
    let desk = Desk::of("[supervisord]\none line\na=b\nanother line\n");
    let said = desk.run("lint a.conf").out;
    for line in ["\t[line  2]: 'one line\\n'", "\t[line  4]: 'another line\\n'"] {
        assert_eq!(said.matches(line).count(), 1, "{line}: {said}");
    }
    assert_eq!(said.matches("supervisord: Error: Source contains parsing errors").count(), 2, "{said}");
    let found = desk.json("lint --format json --select SUP001 a.conf");
    let whole = found["findings"][0]["supervisor"].to_string();
    assert!(whole.contains("one line") && whole.contains("another line"), "{whole}");
}

/// The exit code where nobody reads: a pipe whose other end is closed before the run begins.
fn unread(command: &mut Command, both: bool) -> i32 {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    command.stderr(if both { Stdio::from(writer.try_clone().unwrap()) } else { Stdio::piped() });
    let ran = command.stdout(writer).output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap().to_lowercase();
    assert!(!err.contains("panic") && !err.contains("broken pipe"), "{err}");
    ran.status.code().unwrap()
}

#[test]
fn whoever_stops_reading_changes_neither_the_exit_code_nor_the_disk() {
    let desk = Desk::new(&[("many.conf", &many()), ("good.conf", GOOD)]);
    for arguments in [
        "lint many.conf",
        "lint many.conf --format json",
        "lint many.conf --format concise",
        "lint many.conf --statistics",
        "lint missing.conf",
        "lint good.conf",
        "show many.conf",
        "show good.conf good.conf --format json",
        "show good.conf",
        "to-systemd many.conf",
        "to-systemd good.conf",
        "to-systemd good.conf --format json",
        "rule",
        "rule --search nothing-has-this",
        "--help",
        "man",
        "completions bash",
        "lint --no-such-flag",
    ] {
        let heard = desk.run(arguments).code;
        for both in [false, true] {
            assert_eq!(unread(&mut desk.command(&words(arguments)), both), heard, "{arguments}");
        }
    }
    assert_eq!(desk.run("lint many.conf").code, 1);
    for both in [false, true] {
        let out = format!("out-{both}");
        assert_eq!(unread(&mut desk.command(&words(&format!("to-systemd good.conf --out {out}"))), both), 0);
        assert!(desk.join(&out).join("a.service").exists(), "{both}");
        assert_eq!(unread(&mut desk.command(&words(&format!("to-systemd good.conf --check --out {out}-no"))), both), 1);
    }
}

#[test]
fn closed_standard_output_is_no_success_of_a_run_that_has_none() {
    let desk = Desk::new(&[("many.conf", &many()), ("good.conf", GOOD)]);
    for closed in [">&-", ">&- 2>&-", "2>&-", "<&- >&- 2>&-"] {
        for (arguments, code) in [
            ("lint many.conf", 1),
            ("lint good.conf", 0),
            ("lint missing.conf", 2),
            ("to-systemd good.conf --out od", 0),
        ] {
            let shell = format!("exec {} {arguments} {closed}", crate::support::desk::PROGRAM);
            let ran = Command::new("sh").args(["-c", &shell]).current_dir(&desk).output().unwrap();
            assert_eq!(ran.status.code(), Some(code), "{arguments} {closed}");
        }
        // No file of the plan has become standard output.
        let unit = fs::read_to_string(desk.join("od/a.service")).unwrap();
        assert_eq!(unit.replace(" of ../good.conf", " of good.conf"), desk.unit_of_good(), "{closed}");
        fs::remove_dir_all(desk.join("od")).unwrap();
    }
}

impl Desk {
    fn unit_of_good(&self) -> String {
        let plan = self.json("to-systemd good.conf --format json");
        let files = plan["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"] == "a.service").unwrap();
        file["text"].as_str().unwrap().to_owned()
    }
}

#[test]
fn output_that_cannot_be_written_is_said_and_exits_with_2() {
    let desk = Desk::new(&[("many.conf", &many()), ("good.conf", GOOD)]);
    for arguments in [
        "lint many.conf",
        "lint many.conf --format json",
        "show good.conf",
        "to-systemd good.conf",
        "to-systemd good.conf --format json",
        "to-systemd good.conf --out od",
        "rule",
        "--help",
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = desk.command(&words(arguments)).stdout(full).output().unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{arguments}: {err}");
        let last = "supconv: the output cannot be written: No space left on device\n";
        assert!(err.ends_with(last), "{arguments}: {err}");
    }
    // The disk comes before words.
    assert!(desk.join("od/a.service").exists());
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let status = desk.command(&["lint", "missing.conf"]).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

/// One of each kind: C0, DEL, C1, bidi, the separators, marks without width.
const UNSEEN: &str =
    "\u{1b}]0;x\u{7}\u{8}\r\u{7f}\u{85}\u{9b}31m\u{202e}\u{2066}\u{200f}\u{2028}\u{2029}\u{feff}\u{e0041}";

/// A configuration that has them wherever a text of it may be shown.
fn nasty() -> String {
    let own = UNSEEN.replace(['\r', '\u{7}'], "").replace("\u{1b}]0;x", "\u{1b}[2J");
    format!(
        "[supervisord]\nidentifier=i{own}i\nenvironment=A{own}=\"v{own}v\"\nuser=u{own}u\n\
         [program:p{own}p]\ncommand=/bin/c{own}c \"a{own}a\" ;{own}c\nuser=u{own}u\ndirectory=/d{own}d\n\
         stdout_logfile=/l{own}l\nenvironment=V{own}=\"w{own}w\",SECRET_TOKEN=\"0123456789{own}\"\n\
         startsecs=s{own}s\nodd{own}=x\n[pro{own}gram:x]\nz=1\n[group:g{own}g]\nprograms=p{own}p,none{own}none\n\
         [rpcinterface:r{own}]\nsupervisor.rpcinterface_factory=a{own}:b\n"
    )
}

/// What of a text is not seen, lines and tabs apart.
fn unseen(text: &str) -> Vec<char> {
    text.chars().filter(|c| is_unseen(*c) && !matches!(c, '\n' | '\t')).collect()
}

#[test]
fn nothing_that_is_shown_steers_the_screen() {
    let nasty = nasty();
    // Without what is refused, so that all of it is shown.
    let fine =
        |line: &&str| !line.starts_with("startsecs") && !line.starts_with("programs") && !line.starts_with("[group");
    let accepted =
        nasty.lines().filter(fine).filter(|line| !line.contains("rpcinterface")).collect::<Vec<_>>().join("\n");
    let name = UNSEEN.replace(['/', '\0'], "");
    let (main, include) = (format!("m{name}\nm.conf"), format!("inc{name}\ni.ini"));
    let included = "[supervisord]\n[include]\nfiles=inc* none\u{9b}*\n[program:q]\ncommand=/q\nstartsecs=s\n";
    let desk = Desk::new(&[("nasty.conf", &nasty), ("fine.conf", &accepted), (&main, included), (&include, &nasty)]);
    let all = ["nasty.conf", "fine.conf", &main, &include, "missing\u{9b}\u{1b}"];
    for path in all {
        for arguments in [
            "lint --min-severity info --pedantic --all",
            "lint --min-severity info --pedantic --format concise",
            "lint --statistics",
            "lint --target systemd --min-severity info",
            "lint --format json --min-severity info",
            "show",
            "show --all",
            "show --format json",
            "show --raw",
            "to-systemd --out od --diff",
            "to-systemd --out od --check",
            "to-systemd --format json",
            "to-systemd --out od --allow-loss",
            "lint --env-file missing\u{9b} --unit",
            "lint --select x\u{9b}y",
            "show --only a\u{9b}",
            "rule",
            "--color",
            "lint --no\u{9b}flag",
        ] {
            let mut arguments = words(arguments);
            arguments.push(path);
            let Run { code, out, err } = run(&mut desk.command(&arguments));
            assert_eq!((unseen(&out), unseen(&err)), (Vec::new(), Vec::new()), "{arguments:?} ({code}): {out}\n{err}");
        }
    }
}

#[test]
fn units_keep_their_bytes_but_are_shown_safely_on_a_terminal() {
    let text = format!("{GOOD}environment=A=\"x\u{9b}\u{202e}\u{2028}y\"\n");
    let desk = Desk::of(&text);
    let written = desk.convert("--out od").code;
    let unit = fs::read_to_string(desk.join("od/a.service")).unwrap();
    assert_eq!((written, unit.contains("x\u{9b}\u{202e}\u{2028}y")), (0, true), "{unit}");
    assert!(desk.convert("").out.contains("x\u{9b}\u{202e}\u{2028}y"));
    let Some(shown) = on_terminal(&desk, 120, true, "to-systemd a.conf", &[("NO_COLOR", "1")]) else { return };
    assert!(unseen(&shown).is_empty(), "{shown}");
    assert!(shown.contains("x\u{fffd}\u{fffd}\u{fffd}y"), "{shown}");
}

#[test]
fn documents_escape_what_is_not_seen_and_mean_the_same() {
    let desk = Desk::of(format!("{GOOD}environment=A=\"x\u{7f}\u{9b}\u{202e}\u{2028}\u{e0041}y\"\n"));
    let out = desk.run("show --format json a.conf").out;
    assert!(out.contains(r"x\u007f\u009b\u202e\u2028\udb40\udc41y"), "{out}");
    let shown: Value = serde_json::from_str(&out).unwrap();
    let value = &shown["groups"][0]["programs"][0]["environment"]["A"];
    assert_eq!(value, "x\u{7f}\u{9b}\u{202e}\u{2028}\u{e0041}y");
}

/// A desk with files whose names are not UTF-8.
fn latin(files: &[(&[u8], &str)]) -> Desk {
    let desk = Desk::new(&[]);
    for (name, text) in files {
        let path = desk.join(OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    desk
}

/// Runs the program with words and after them names that are not UTF-8.
fn named(desk: &Desk, arguments: &str, names: &[&[u8]]) -> Run {
    run(desk.command(&words(arguments)).args(names.iter().map(|name| OsStr::from_bytes(name))))
}

const RISKY: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=/bin/a\nuser=www\nstartsecs=x\n";

#[test]
fn a_name_that_is_not_utf_8_is_a_name_for_every_argument() {
    let desk = latin(&[
        (b"a\xe9.conf", GOOD),
        (b"risky\xe9.conf", RISKY),
        (b"d\xff/x\xfe.conf", GOOD),
        (b"d\xff/sub\xfe/risky.ini", RISKY),
        (b"main\xe9.conf", "[supervisord]\n[include]\nfiles=*.ini\n"),
        (b"part\xe9.ini", "[program:p]\ncommand=/bin/p %(ENV_V)s\nuser=www\n"),
        (b"env\xe9", "V=1\nW=\n"),
        (b"unit\xe9", "[Service]\nExecStart=/usr/bin/supervisord -n\nLimitNOFILE=4096\n"),
        (b"unit\xe9.d/\xe9.conf", "[Service]\nLimitNOFILE=8192\n"),
        (b"root\xe9/etc/supervisord.conf", "[supervisord]\n[include]\nfiles=/etc/c/*\n"),
        (b"root\xe9/etc/c/x\xe9", RISKY),
    ]);
    for (arguments, names, code) in [
        ("lint", vec![&b"a\xe9.conf"[..]], 0),
        ("lint", vec![b"risky\xe9.conf"], 1),
        ("lint", vec![b"d\xff"], 1),
        ("lint", vec![b"missing\xff"], 2),
        ("show", vec![b"a\xe9.conf"], 0),
        ("show --env-host --only p", vec![b"main\xe9.conf", b"--env=V=\xff"], 0),
        ("show --as fragment --env-file", vec![b"env\xe9", b"part\xe9.ini"], 0),
        ("show --main", vec![b"main\xe9.conf", b"part\xe9.ini", b"--env=V=1"], 0),
        ("lint --unit", vec![b"unit\xe9", b"a\xe9.conf"], 0),
        ("lint /etc/supervisord.conf --root", vec![b"root\xe9"], 1),
        ("show -", vec![b"--stdin-filename=in\xe9", b"--as=fragment"], 0),
        ("show", vec![b"a\xe9.conf", b"--path-as=/etc/\xe9.conf", b"--cwd=/\xe9"], 0),
        ("to-systemd", vec![b"a\xe9.conf"], 0),
        ("to-systemd", vec![b"a\xe9.conf", b"--format=json"], 0),
    ] {
        let ran = named(&desk, arguments, &names);
        assert_eq!(ran.code, code, "{arguments}: {ran:?}");
        assert_eq!((unseen(&ran.out), unseen(&ran.err)), (Vec::new(), Vec::new()), "{arguments}: {ran:?}");
        assert!(!ran.err.contains("UTF-8"), "{arguments}: {ran:?}");
    }
    let lint = named(&desk, "lint --format concise", &[b"d\xff", b"risky\xe9.conf"]).out;
    let paths: Vec<_> =
        lint.lines().filter(|line| line.contains("error")).map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(paths, ["d\u{fffd}/sub\u{fffd}/risky.ini", "risky\u{fffd}.conf"], "{lint}");
    // The commands that are printed have the name as a shell reads it.
    let out = named(&desk, "to-systemd --out", &[b"out\xe9", b"a\xe9.conf"]);
    assert!(out.code == 0 && out.out.contains(r" $'out\xe9/HANDOVER.md'"), "{out:?}");
    assert!(desk.join(OsStr::from_bytes(b"out\xe9/a.service")).is_file(), "{out:?}");
    let again = named(&desk, "to-systemd --check --out", &[b"out\xe9", b"a\xe9.conf"]);
    assert_eq!((again.code, unseen(&again.out), unseen(&again.err)), (0, Vec::new(), Vec::new()), "{again:?}");
    // A directory is walked below its own name.
    assert_eq!(named(&desk, "lint", &[b"d\xff/sub\xfe"]).code, 1);
    let shown = named(&desk, "show --env-file", &[b"env\xe9", b"main\xe9.conf"]).out;
    assert!(shown.contains("/bin/p 1") && shown.contains("includes part\u{fffd}.ini"), "{shown}");
}

#[test]
fn documents_say_which_bytes_a_name_has() {
    let desk = latin(&[
        (
            b"m\xe9 %.conf",
            "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=*.ini\n[program:p]\ncommand=/p\nuser=u\n",
        ),
        (b"a.ini", "[program:a]\ncommand=/a\nuser=www\n"),
        (b"p\xff.ini", "[program:p]\nstartsecs=x\n[program:a]\nstartsecs=y\n"),
    ]);
    let lint = named(&desk, "lint --format json --min-severity info", &[b"m\xe9 %.conf", b"missing\xff"]).json();
    let findings = lint["findings"].as_array().unwrap();
    let bytes = |of: &Value, path: &str| {
        let all = of.as_array().unwrap().iter().filter(|one| one["path"] == path);
        all.map(|one| one["path_bytes"].clone()).collect::<Vec<_>>()
    };
    let found = bytes(&lint["findings"], "p\u{fffd}.ini");
    assert!(!found.is_empty() && found.iter().all(|bytes| bytes == "p%FF.ini"), "{lint:#}");
    let plain = findings.iter().filter(|one| one["path"] == "a.ini");
    assert!(plain.chain(findings.iter()).all(|one| one["path"] != "a.ini" || one.get("path_bytes").is_none()));
    let labels: Vec<&Value> = findings.iter().flat_map(|one| one["labels"].as_array().unwrap()).collect();
    assert!(
        labels.iter().all(|one| one["path"].as_str().unwrap().contains('\u{fffd}') == one.get("path_bytes").is_some())
    );
    assert_eq!(bytes(&lint["errors"], "missing\u{fffd}"), ["missing%FF"]);
    let shown = named(&desk, "show --format json", &[b"m\xe9 %.conf"]).json();
    assert_eq!(shown["path_bytes"], "m%E9%20%25.conf", "{shown:#}");
    let raw = named(&desk, "show --raw", &[b"m\xe9 %.conf"]).json();
    assert_eq!(raw["path_bytes"], "m%E9%20%25.conf", "{raw:#}");
    fs::remove_file(desk.join(OsStr::from_bytes(b"p\xff.ini"))).unwrap();
    fs::write(desk.join(OsStr::from_bytes(b"q\xff.ini")), "[program:q]\ncommand=/q\n").unwrap();
    let shown = named(&desk, "show --format json", &[b"m\xe9 %.conf"]).json();
    assert_eq!(shown["includes"], serde_json::json!(["a.ini", "q\u{fffd}.ini"]));
    assert_eq!(shown["include_bytes"], serde_json::json!([null, "q%FF.ini"]));
    let raw = named(&desk, "show --raw", &[b"m\xe9 %.conf"]).json();
    assert!(raw["file_bytes"]["program:q"].as_str().is_some_and(|path| path.ends_with("/q%FF.ini")), "{raw:#}");
}

/// A byte of a name is one character of a pattern for Python, and %(here)s has it.
#[test]
fn an_include_whose_name_is_not_utf_8_is_read_as_supervisor_reads_it() {
    let Some(mut judge) = python::judge() else { return };
    let desk = latin(&[
        (b"star.conf", "[supervisord]\n[include]\nfiles=u*.ini\n"),
        (b"one.conf", "[supervisord]\n[include]\nfiles=u?.ini v[!a]x.ini\n"),
        (b"folder.conf", "[supervisord]\n[include]\nfiles=d*/*.ini\n"),
        (b"refused.conf", "[supervisord]\n[include]\nfiles=r*.ini\n"),
        (b"u\xff.ini", "[program:x]\ncommand=/bin/x\n"),
        (b"u\xc3.ini", "[program:w]\ncommand=/bin/w\n"),
        ("u\u{e000}.ini".as_bytes(), "[program:x]\ncommand=/bin/last\n"),
        (b"v\xffx.ini", "[program:v]\ncommand=/bin/v\n"),
        (b"d\xfe/a.ini", "[program:d]\ncommand=/bin/d %(here)s\n"),
        (b"r\xff.ini", "[program:r]\ncommand=/bin/r\nbad\n"),
    ]);
    for name in ["star.conf", "one.conf", "folder.conf", "refused.conf"] {
        let path = desk.path(name);
        let theirs = judge.ask(&serde_json::json!({"path": path, "env": {}, "node": "n", "cwd": "/"}));
        let ours = desk.json(&format!("show --format json --env A=1 --node n {path}"));
        assert!(theirs["groups"].as_array().is_some_and(|groups| !groups.is_empty()) || name == "refused.conf");
        for key in ["ok", "groups", "includes", "warnings", "error"] {
            assert_eq!(ours[key], theirs[key], "{name} {key}");
        }
    }
}
