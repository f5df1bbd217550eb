//! `lint --fix`, `--diff` and `--add-ignores`: what is written, what is printed, and what is left alone when something is in the way.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use crate::support::desk::{Desk, run, words};
use crate::support::machine;
use serde_json::{Value, json};

/// Two findings with safe fixes, one with an unsafe one.
const FILE: &str =
    "[supervisord]\nuser=root\n\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\nstopwaitsecs=40s\n";
const SAFE: &str = "[supervisord]\nuser=root\n\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\nstopwaitsecs=40\nkillasgroup=true\n";
const ALL: &str = "[supervisord]\nuser=root\nminfds=65536\n\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\n\
                   stopwaitsecs=40\nkillasgroup=true\n";

fn text(desk: &Desk, path: &str) -> String {
    fs::read_to_string(desk.join(path)).unwrap()
}

#[test]
fn fixes_are_offered_applied_and_gone() {
    let desk = Desk::of(FILE);
    let run = desk.run("lint a.conf");
    assert!(run.out.ends_with("findings fixable with --fix, 1 more with --unsafe-fixes\n"), "{}", run.out);
    let before = desk.json("lint --format json a.conf");
    assert_eq!(before["summary"]["fixable"], json!(2), "{before}");
    assert_eq!(before["summary"]["fixed"], Value::Null);
    let safe = desk.run("lint --fix a.conf");
    assert_eq!((safe.code, text(&desk, "a.conf")), (1, SAFE.to_owned()), "{safe:?}");
    assert!(safe.out.contains("2 findings fixed\n1 finding fixable with --fix --unsafe-fixes\n"), "{}", safe.out);
    let all = desk.json("lint --fix --unsafe-fixes --format json a.conf");
    assert_eq!(text(&desk, "a.conf"), ALL);
    assert_eq!((&all["summary"]["fixed"], &all["summary"]["fixable"]), (&json!(1), &json!(0)));
    // A second run has nothing to write, not even the time.
    let time = fs::metadata(desk.join("a.conf")).unwrap();
    let again = desk.run("lint --fix --unsafe-fixes a.conf");
    assert_eq!((again.code, text(&desk, "a.conf")), (0, ALL.to_owned()), "{again:?}");
    let now = fs::metadata(desk.join("a.conf")).unwrap();
    assert_eq!((time.ino(), time.mtime_nsec()), (now.ino(), now.mtime_nsec()));
}

#[test]
fn only_what_is_shown_is_fixed() {
    for (flags, minfds, group) in [
        ("--unsafe-fixes --select SUP101", true, false),
        ("--unsafe-fixes --ignore SUP101,SUP010", false, true),
        ("--unsafe-fixes --min-severity error", false, false),
    ] {
        let desk = Desk::of(FILE);
        desk.run(&format!("lint --fix {flags} a.conf"));
        let text = text(&desk, "a.conf");
        assert_eq!((text.contains("minfds"), text.contains("killasgroup")), (minfds, group), "{flags}: {text}");
    }
    let desk = Desk::of("; supconv: ignore-file[killasgroup-missing, invalid-value]\n".to_owned() + FILE);
    let run = desk.run("lint --fix a.conf");
    assert!(!text(&desk, "a.conf").contains("killasgroup=") && !run.out.contains("fixed"), "{run:?}");
}

#[test]
fn a_diff_is_printed_and_nothing_is_written() {
    let desk = Desk::of(FILE);
    let diff = desk.run("lint --diff a.conf");
    assert_eq!((diff.code, diff.err.as_str()), (1, ""));
    assert!(diff.out.starts_with("--- a.conf\n+++ a.conf\n@@ "), "{}", diff.out);
    assert_eq!(text(&desk, "a.conf"), FILE);
    // What patch makes of it is what --fix writes.
    desk.write("p.diff", &diff.out);
    if machine::program("patch", "patch").is_ok() {
        let status = Command::new("patch").args(["-s", "-p0", "-i", "p.diff"]).current_dir(&desk).status().unwrap();
        assert!(status.success());
        assert_eq!(text(&desk, "a.conf"), SAFE);
    }
    assert_eq!(desk.run("lint --diff clean.conf a.conf").code, 2);
    desk.write("a.conf", ALL);
    let none = desk.run("lint --diff --unsafe-fixes a.conf");
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", ""));
}

#[test]
fn standard_input_comes_out_mended() {
    let desk = Desk::new(&[]);
    let run = desk.run_with("lint --fix -", FILE);
    assert_eq!((run.code, run.out.as_str()), (1, SAFE));
    assert!(run.err.contains("2 findings fixed"), "{}", run.err);
    let run = desk.run_with("lint --fix - --format json", ALL);
    assert_eq!((run.code, run.out.as_str()), (0, ALL));
    let report: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(report["summary"]["fixed"], json!(0));
    let diff = desk.run_with("lint --diff - --stdin-filename x/a.conf", FILE);
    assert!(diff.out.starts_with("--- x/a.conf\n+++ x/a.conf\n"), "{}", diff.out);
    for flags in [
        "--fix - a.conf",
        "--diff a.conf -",
        "--unsafe-fixes a.conf",
        "--fix - --output-file o",
        "--diff --output-file o a.conf",
    ] {
        desk.write("a.conf", FILE);
        let run = desk.run_with(&format!("lint {flags}"), FILE);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{flags}: {}", run.err);
    }
}

/// Whatever line changes first, `patch` finds it where the diff says; and it follows neither a link nor `..`.
#[test]
fn patch_takes_each_diff() {
    if let Err(why) = machine::program("patch", "patch") {
        return machine::passed_over("patch", &why);
    }
    let mended = |text: &str| text.replace("autostart=Y", "autostart=yes");
    let patched = |desk: &Desk, arguments: &str| {
        let diff = desk.run(&format!("lint --diff {arguments}"));
        assert_eq!((diff.code, diff.err.as_str()), (1, ""), "{arguments}");
        desk.write("p.diff", &diff.out);
        let said = Command::new("patch").args(["-p0", "-F0", "-i", "p.diff"]).current_dir(desk).output().unwrap();
        let said_out = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success() && !said_out.contains("offset"), "{arguments}: {said_out}{}", diff.out);
    };
    for above in 0..12 {
        let program = "[program:a]\ncommand=/a\nuser=u\nautostart=Y\n";
        let text = "; above\n".repeat(above) + program + &"; below\n".repeat(12);
        let desk = Desk::of(&text);
        patched(&desk, "a.conf");
        assert_eq!(self::text(&desk, "a.conf"), mended(&text));
    }
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=../d/*.conf\n";
    let part = "[program:a]\ncommand=/a\nuser=u\nautostart=Y\n";
    let desk = Desk::new(&[("root/etc/m.conf", main), ("root/d/p.conf", part), ("far/a.conf", part), ("l/x", "")]);
    symlink("../far/a.conf", desk.join("l/z.conf")).unwrap();
    patched(&desk, "--root root /etc/m.conf");
    patched(&desk, "l/z.conf");
    assert_eq!((text(&desk, "root/d/p.conf"), text(&desk, "far/a.conf")), (mended(part), mended(part)));
}

/// With --main what is included is of another file, and stays.
#[test]
fn files_that_the_main_file_includes_are_not_written() {
    let part = "[program:a]\ncommand=/a\nuser=u\nautostart=Y\n";
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=*.ini\n";
    let desk = Desk::new(&[("m.conf", main), ("x.conf", part), ("y.ini", &part.replace(":a", ":y"))]);
    desk.run("lint --main m.conf --fix x.conf");
    assert!(text(&desk, "x.conf").contains("autostart=yes") && text(&desk, "y.ini").contains("autostart=Y"));
}

/// Passes and projects read a unit once: it may be a pipe.
#[test]
fn a_unit_from_a_pipe_is_read_once() {
    let unit = "[Service]\nExecStart=/usr/bin/supervisord -n\nLimitNOFILE=1024:524288\n";
    let desk = Desk::new(&[("a/m.conf", FILE), ("b/m.conf", FILE), ("b/supconv.toml", "")]);
    let fifo = desk.join("unit");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(fifo, unit));
    let run = desk.run("lint --fix --unit unit a/m.conf b/m.conf");
    writer.join().unwrap().unwrap();
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{run:?}");
}

/// Bytes that are no UTF-8, CRLF and a missing line end at the end come through.
#[test]
fn bytes_outside_of_edits_stay() {
    let desk = Desk::new(&[]);
    // Python refuses a comment that is not UTF-8; supconv reports that, and mends the rest all the same.
    let before = b"[program:web]\r\ncommand=/srv/api ; caf\xe9\r\nstartsecs=10s\r\nautostart=Y";
    desk.write("a.conf", before);
    desk.run("lint --fix --as fragment a.conf");
    let after = fs::read(desk.join("a.conf")).unwrap();
    assert_eq!(
        after,
        b"[program:web]\r\ncommand=/srv/api ; caf\xe9\r\nstartsecs=10\r\nautostart=yes",
        "{}",
        String::from_utf8_lossy(&after)
    );
}

#[test]
fn links_modes_and_owners_are_kept() {
    let desk = Desk::new(&[("real/a.conf", FILE)]);
    let file = desk.join("real/a.conf");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    symlink("real/a.conf", desk.join("link.conf")).unwrap();
    fs::hard_link(&file, desk.join("hard.conf")).unwrap();
    // Under several names it is written once.
    let run = desk.run("lint --fix link.conf real/a.conf");
    assert!(run.out.contains("2 findings fixed"), "{run:?}");
    assert_eq!(text(&desk, "real/a.conf"), SAFE);
    assert!(fs::symlink_metadata(desk.join("link.conf")).unwrap().is_symlink());
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o640);
    // A hard link is broken.
    assert_eq!(text(&desk, "hard.conf"), FILE);
    assert_eq!(fs::read_dir(desk.join("real")).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_written_is_said_and_stays_whole() {
    let desk = Desk::new(&[("a.conf", FILE), ("b.conf", FILE)]);
    // A directory that takes no new file: root may write everywhere else.
    if !machine::root() {
        return;
    }
    let immutable = |on: &str| {
        Command::new("chattr").args([on, &desk.path("a.conf")]).output().is_ok_and(|output| output.status.success())
    };
    if immutable("+i") {
        let run = desk.run("lint --fix a.conf b.conf");
        immutable("-i");
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("a.conf: not fixed"), "{}", run.err);
        assert_eq!((text(&desk, "a.conf"), text(&desk, "b.conf")), (FILE.to_owned(), SAFE.to_owned()));
    }
    // A pipe is no file.
    let fifo = desk.join("p.conf");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let writer = std::thread::spawn(move || fs::write(fifo, FILE));
    let run = desk.run("lint --fix p.conf");
    writer.join().unwrap().unwrap();
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("p.conf: not fixed"), "{}", run.err);
    assert_eq!(fs::read_dir(&*desk).unwrap().count(), 3);
}

/// Includes are mended below the directory of the file, and nowhere else.
#[test]
fn includes_are_mended_near_the_file_that_is_named() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/*.conf ../far/*.conf\n";
    let web = "[program:web]\nuser=w\nstopwaitsecs=40\ncommand=gunicorn a\n";
    let far = "[program:far]\nuser=w\nstopwaitsecs=40\ncommand=gunicorn b\n";
    let files = [("etc/s.conf", main), ("etc/conf.d/w.conf", web), ("far/f.conf", far), ("far/g.txt", far)];
    let desk = Desk::new(&files);
    fs::create_dir_all(desk.join("etc/conf.d")).unwrap();
    let before = desk.json("lint --format json etc/s.conf");
    let fix = |path: &str| {
        let findings = before["findings"].as_array().unwrap();
        let one = findings.iter().find(|one| one["path"] == path && one["rule"] == "SUP308").unwrap();
        one["fix"].clone()
    };
    assert_eq!(fix("etc/conf.d/w.conf")["edits"][0]["path"], json!("etc/conf.d/w.conf"));
    assert_eq!(fix("etc/../far/f.conf"), Value::Null);
    desk.run("lint --fix etc/s.conf");
    assert_eq!(text(&desk, "etc/conf.d/w.conf"), format!("{web}killasgroup=true\n"));
    assert_eq!(text(&desk, "far/f.conf"), far);
    // One that is named itself is mended wherever it lies.
    desk.run("lint --fix etc/s.conf far/f.conf");
    assert_eq!(text(&desk, "far/f.conf"), format!("{far}killasgroup=true\n"));
    // A link leads out of the directory.
    symlink("../../far/g.txt", desk.join("etc/conf.d/l.conf")).unwrap();
    desk.run("lint --fix etc/s.conf");
    assert_eq!(text(&desk, "far/g.txt"), far);
}

#[test]
fn an_old_file_is_taken_as_it_is() {
    let desk = Desk::of(FILE);
    let run = desk.run("lint --add-ignores=later a.conf");
    assert_eq!(run.code, 0, "{run:?}");
    let expected = "; supconv: ignore[default-minfds] later\n[supervisord]\nuser=root\n\n\
                    ; supconv: ignore[killasgroup-missing] later\n[program:web]\nuser=www\ncommand=gunicorn shop.wsgi\n\
                    ; supconv: ignore[invalid-value] later\nstopwaitsecs=40s\n";
    assert_eq!(text(&desk, "a.conf"), expected);
    assert_eq!(desk.run("lint a.conf").code, 0);
    assert_eq!(desk.run("lint --add-ignores a.conf").code, 0);
    assert_eq!(text(&desk, "a.conf"), expected);
    assert_eq!(desk.run("lint --add-ignores --no-ignores a.conf").code, 2);
    for flags in ["--add-ignores", "--add-ignores -", "--add-ignores --fix a.conf", "--add-ignores --diff a.conf"] {
        assert_eq!(desk.run_with(&format!("lint {flags}"), FILE).code, 2, "{flags}");
    }
    // The reason is only what stands behind =.
    let desk = Desk::of(FILE);
    let mut command = desk.command(&words("lint --add-ignores a.conf b.conf"));
    assert_eq!(run_code(&mut command), 2, "b.conf is a PATH");
}

fn run_code(command: &mut Command) -> i32 {
    run(command).code
}
