//! How `--fix` and `--add-ignores` write files: links, modes and owners stay, and what cannot be written is said and stays whole.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::support::desk::{Desk, PROGRAM, Run, run};
use crate::support::machine;

/// One safe fix.
const FILE: &str = "[program:web]\nuser=www\ncommand=/srv/web\nstopwaitsecs=40s\n";
const MENDED: &str = "[program:web]\nuser=www\ncommand=/srv/web\nstopwaitsecs=40\n";
const FIX: &str = "lint --fix --as fragment";

/// Another user, who has nothing.
const OTHER: u32 = 65534;

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Runs the program as another user where this is root, who may do all.
fn run_as_other(desk: &Desk, arguments: &[&str]) -> Run {
    if !machine::root() {
        return run(&mut desk.command(arguments));
    }
    // Where it was built others may not reach it.
    let place = Desk::for_others();
    // By another program: one that this one still had open could not be started.
    assert!(Command::new("cp").args([PROGRAM, &place.path("supconv")]).status().unwrap().success());
    let other = OTHER.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &other, "--regid", &other, "--clear-groups", &place.path("supconv")]).args(arguments);
    run(command.current_dir(desk).env_clear())
}

/// Whether root can be another user; another user is that anyhow.
fn has_other() -> bool {
    let found = if machine::root() { machine::program("setpriv", "util-linux") } else { Ok(()) };
    found.inspect_err(|why| machine::passed_over("what another user may write", why)).is_ok()
}

/// The names in a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(directory).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn the_target_of_a_link_is_written_once_and_a_hard_link_is_broken() {
    let desk = Desk::new(&[("real/a.conf", FILE)]);
    let file = desk.join("real/a.conf");
    symlink("real/a.conf", desk.join("link.conf")).unwrap();
    symlink("link.conf", desk.join("again.conf")).unwrap();
    fs::hard_link(&file, desk.join("hard.conf")).unwrap();
    // Under several names it is written once.
    let run = desk.run(&format!("{FIX} link.conf again.conf real/a.conf"));
    assert!(run.code == 0 && run.out.contains("1 finding fixed"), "{run:?}");
    assert_eq!(text(&file), MENDED);
    for (link, target) in [("link.conf", "real/a.conf"), ("again.conf", "link.conf")] {
        assert_eq!(fs::read_link(desk.join(link)).unwrap(), Path::new(target));
    }
    assert_eq!(text(&desk.join("hard.conf")), FILE);
    assert_eq!(names(&desk), ["again.conf", "hard.conf", "link.conf", "real"]);
    assert_eq!(names(&desk.join("real")), ["a.conf"]);
}

#[test]
fn mode_and_owner_are_kept() {
    let desk = Desk::of(FILE);
    let file = desk.join("a.conf");
    // Of another's file root keeps the owner.
    let owner = if machine::root() { Some(OTHER) } else { None };
    for mode in [0o640, 0o4600, 0o777] {
        desk.write("a.conf", FILE);
        chown(&file, owner, owner).unwrap();
        set_mode(&file, mode);
        let before = file.metadata().unwrap();
        assert_eq!(desk.run(&format!("{FIX} a.conf")).code, 0);
        let after = file.metadata().unwrap();
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        assert_eq!(text(&file), MENDED);
        desk.write("a.conf", FILE);
        assert_eq!(desk.run("lint --add-ignores --as fragment a.conf").code, 0);
        assert_eq!(file.metadata().unwrap().mode() & 0o777, before.mode() & 0o777);
    }
}

/// The right to write into the directory would be enough for a rename.
#[test]
fn a_file_that_a_user_may_not_write_stays() {
    if !has_other() {
        return;
    }
    let desk = Desk::for_others();
    for name in ["a.conf", "b.conf"] {
        desk.write(name, FILE);
    }
    let file = desk.join("a.conf");
    for path in [&*desk, &file, &desk.join("b.conf")].into_iter().filter(|_| machine::root()) {
        chown(path, Some(OTHER), Some(OTHER)).unwrap();
    }
    set_mode(&file, 0o444);
    for (flags, done) in [("--fix", "fixed"), ("--add-ignores", "written")] {
        let before = [text(&file), FILE.to_owned()];
        desk.write("b.conf", FILE);
        let run = run_as_other(&desk, &["lint", flags, "--as", "fragment", "a.conf", "b.conf"]);
        let expected = format!("supconv: a.conf: not {done}: Permission denied\n");
        assert_eq!((run.code, run.err), (2, expected));
        assert_eq!(text(&file), before[0]);
        assert_ne!(text(&desk.join("b.conf")), before[1], "the other one is done");
        assert_eq!(names(&desk), ["a.conf", "b.conf"]);
    }
    // Nor is a file written in a directory that takes no new one.
    set_mode(&file, 0o644);
    set_mode(&desk, 0o555);
    let run = run_as_other(&desk, &["lint", "--fix", "--as", "fragment", "a.conf"]);
    set_mode(&desk, 0o755);
    assert_eq!((run.code, run.err.as_str()), (2, "supconv: a.conf: not fixed: Permission denied\n"));
    assert_eq!((text(&file).as_str(), names(&desk)), (FILE, vec!["a.conf".to_owned(), "b.conf".to_owned()]));
}

/// Only root gives a file to somebody else.
#[test]
fn a_file_whose_owner_cannot_be_kept_stays() {
    if !machine::root() {
        return machine::said("a file of another owner", "only root makes one");
    }
    if !has_other() {
        return;
    }
    let desk = Desk::for_others();
    desk.write("a.conf", FILE);
    let file = desk.join("a.conf");
    chown(&*desk, Some(OTHER), Some(OTHER)).unwrap();
    set_mode(&file, 0o666);
    let run = run_as_other(&desk, &["lint", "--fix", "--as", "fragment", "a.conf"]);
    let expected = "supconv: a.conf: not fixed: its owner could not be kept\n";
    assert_eq!((run.code, run.err.as_str(), text(&file).as_str()), (2, expected, FILE));
    let known = file.metadata().unwrap();
    assert_eq!((known.uid(), known.mode() & 0o777, names(&desk)), (0, 0o666, vec!["a.conf".to_owned()]));
}

/// What even root may not write.
#[test]
fn a_file_that_nobody_may_write_stays() {
    let desk = Desk::new(&[("a.conf", FILE), ("b.conf", FILE)]);
    let immutable = |on: &str| {
        let ran = Command::new("chattr").args([on, &desk.path("a.conf")]).output();
        ran.is_ok_and(|output| output.status.success())
    };
    if !immutable("+i") {
        return machine::said("a file that nobody may write", "chattr +i makes none here");
    }
    let run = desk.run(&format!("{FIX} a.conf b.conf"));
    immutable("-i");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.starts_with("supconv: a.conf: not fixed: ") && run.out.contains("invalid-value"), "{run:?}");
    assert_eq!((text(&desk.join("a.conf")).as_str(), text(&desk.join("b.conf")).as_str()), (FILE, MENDED));
    assert_eq!(names(&desk), ["a.conf", "b.conf"]);
}

/// A pipe is read but once, when the file named before it was read already: what is written into that in between stays.
#[test]
fn what_another_program_writes_meanwhile_stays_and_a_pipe_is_no_file() {
    for (flags, done) in [("--fix", "fixed"), ("--add-ignores", "written")] {
        let desk = Desk::of(FILE);
        let (file, fifo) = (desk.join("a.conf"), desk.join("p.conf"));
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let others = "; of another program\n".to_owned() + FILE;
        let writer = thread::spawn({
            let (file, fifo, others) = (file.clone(), fifo.clone(), others.clone());
            move || {
                let mut pipe = File::options().write(true).open(fifo).unwrap();
                fs::write(file, others).unwrap();
                pipe.write_all(FILE.as_bytes()).unwrap();
            }
        });
        let run = desk.run(&format!("lint {flags} --as fragment a.conf p.conf"));
        writer.join().unwrap();
        let expected = format!(
            "supconv: a.conf: not {done}: another program changed it during this run\n\
             supconv: p.conf: not {done}: it is not a regular file\n"
        );
        assert_eq!((run.code, run.err.as_str()), (2, expected.as_str()), "{}", run.out);
        assert_eq!(text(&file), others);
        assert_eq!(names(&desk), ["a.conf", "p.conf"]);
        assert!(!fs::symlink_metadata(&fifo).unwrap().is_file());
    }
}
