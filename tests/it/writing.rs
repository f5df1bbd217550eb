//! `--out`: all of a plan gets to the disk or nothing does, whatever fails, ends the run or runs beside it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde_json::json;

use crate::support::desk::{Desk, PROGRAM, Run, run};
use crate::support::machine;
use crate::support::nasty::Random;
use crate::support::page::commands;

/// Two programs; the second has a file of secrets and one of logrotate.
const TWO: &str = "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=/bin/a\n[program:b]\ncommand=/bin/b\n\
                   environment=DB_PASSWORD=\"sesame opens\"\nstdout_logfile=/var/log/b.log\n";
/// What is left of [`TWO`] without the second, with another first.
const ONE: &str = "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=/bin/other\n";

/// All that is below a directory: modes and texts, by path. Empty where there is none.
type State = BTreeMap<String, (u32, String)>;

fn state(directory: &Path) -> State {
    let mut found = State::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let is = path.symlink_metadata().unwrap();
            let name = path.strip_prefix(directory).unwrap().display().to_string();
            let text = if is.is_file() { fs::read_to_string(&path).unwrap() } else { "no file".to_owned() };
            found.insert(name, (is.mode() & 0o7777, text));
            if is.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn temporary(state: &State) -> Vec<&String> {
    state.keys().filter(|name| name.contains(".supconv-")).collect()
}

/// A desk with `a.conf`, and `d` as a conversion of another file of that name has left it.
fn overwriting() -> Desk {
    let desk = Desk::in_memory();
    desk.write("a.conf", TWO);
    assert_eq!(desk.convert("--out d").code, 0);
    desk.write("a.conf", ONE);
    fs::write(desk.join("d/mine.service"), "mine\n").unwrap();
    desk
}

/// A desk with `a.conf`, and no `d`.
fn creating() -> Desk {
    let desk = Desk::in_memory();
    desk.write("a.conf", TWO);
    desk
}

/// A command that no signal is ignored by, though this test may be a background job, in which SIGINT and SIGQUIT are.
fn with_signals(desk: &Desk, words: &[&str]) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP,INT,QUIT,TERM").args(words).current_dir(desk);
    command
}

/// Whether strace is here.
fn traced() -> bool {
    let found = machine::program("strace", "strace");
    found.inspect_err(|why| machine::passed_over("failures of calls of the system", why)).is_ok()
}

/// Converts `a.conf` under strace, which does something to calls of the system.
fn injected(desk: &Desk, inject: &str, arguments: &str) -> Run {
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", &format!("inject={inject}"), PROGRAM, "to-systemd"]);
    run(command.args(arguments.split_whitespace()).arg("a.conf").current_dir(desk).stdin(Stdio::null()))
}

/// How a desk is made, and what the conversion there is asked for.
type Case = (fn() -> Desk, &'static str);

const CASES: [Case; 2] = [(creating, "--out d"), (overwriting, "--out d --force --prune")];

#[test]
fn a_call_that_fails_leaves_all_as_it_was() {
    if !traced() {
        return;
    }
    let calls = [
        "?rename,?renameat,renameat2",
        "write",
        "fsync",
        "?mkdir,mkdirat",
        "?link,linkat",
        "fchmod",
        "statfs",
        "flock",
    ];
    let mut failed = BTreeMap::new();
    for (desk, arguments) in CASES {
        let after = {
            let desk = desk();
            assert_eq!(desk.convert(arguments).code, 0);
            state(&desk.join("d"))
        };
        for call in calls {
            for position in 1.. {
                let desk = desk();
                let before = state(&desk.join("d"));
                let told = injected(&desk, &format!("{call}:error=ENOSPC:when={position}"), arguments);
                let is = state(&desk.join("d"));
                let what = format!("{call} {position} {arguments}: {told:?}");
                assert!(temporary(&is).is_empty(), "{what}: {is:?}");
                let nothing = told.err.contains("No space left on device; nothing was written");
                assert_eq!(is, if nothing { before } else { after.clone() }, "{what}");
                assert_eq!(desk.join("d").exists(), !is.is_empty(), "{what}");
                if told.code == 0 {
                    break;
                }
                assert_eq!(told.code, 2, "{what}");
                *failed.entry(call).or_insert(0) += i32::from(nothing);
            }
        }
    }
    // statfs and flock only tell and lock: without them it goes on.
    let missing: Vec<_> = calls[..6].iter().filter(|call| !failed.contains_key(*call)).collect();
    assert!(missing.is_empty(), "nothing failed at {missing:?}: {failed:?}");
}

/// Where files cannot be put back, the message says which.
#[test]
fn what_could_not_be_put_back_is_named() {
    if !traced() {
        return;
    }
    let text = ["a", "b", "c", "d"].map(|name| format!("[program:{name}]\ncommand=/bin/{name}\n")).concat();
    let desk = Desk::new(&[("a.conf", &text)]);
    assert_eq!(desk.convert("--out d").code, 0);
    desk.write("a.conf", text.replace("/bin", "/usr/bin"));
    fs::remove_file(desk.join("d/b.service")).unwrap();
    let before = state(&desk.join("d"));
    let told = injected(&desk, "?rename,?renameat,renameat2:error=EIO:when=4+", "--out d --force");
    let is = state(&desk.join("d"));
    let changed: Vec<String> = is.keys().filter(|name| is.get(*name) != before.get(*name)).cloned().collect();
    assert_eq!(changed, ["a.service", "c.service"]);
    let end = "d/d.service: Input/output error; all is as before but these, which are changed already: d/a.service, d/c.service\n";
    assert!(told.code == 2 && told.err.ends_with(end), "{told:?}");
    assert_eq!(is.len(), before.len());
}

/// A temporary file that stays, perhaps with secrets, is named, whether the run succeeds or not.
#[test]
fn a_temporary_file_that_cannot_be_removed_is_named() {
    if !traced() {
        return;
    }
    let desk = overwriting();
    let told = injected(&desk, "?unlink,unlinkat:error=EIO", "--out d --force");
    let is = state(&desk.join("d"));
    let left = temporary(&is);
    assert!(told.code == 0 && !left.is_empty(), "{told:?}");
    for name in &left {
        assert!(told.err.contains(&format!("d/{name}: a temporary file cannot be removed\n")), "{name}: {told:?}");
    }
    let desk = overwriting();
    let told = injected(&desk, "?rename,?renameat,renameat2,?unlink,unlinkat:error=EIO", "--out d --force");
    let is = state(&desk.join("d"));
    let left = temporary(&is);
    assert!(told.code == 2 && !left.is_empty(), "{told:?}");
    assert!(told.err.contains("; nothing was written; temporary files that cannot be removed: "), "{told:?}");
    for name in &left {
        assert!(told.err.contains(&format!("d/{name}")), "{name}: {told:?}");
    }
    // The next run removes them.
    assert_eq!(desk.convert("--out d --force").code, 0);
    assert!(temporary(&state(&desk.join("d"))).is_empty());
}

#[test]
fn a_signal_leaves_all_as_it_was_or_all_written() {
    if !traced() {
        return;
    }
    for (desk, arguments) in CASES {
        for (call, signal, code) in [
            ("?open,openat", "INT", 130),
            ("fsync", "TERM", 143),
            ("?rename,?renameat,renameat2", "TERM", 143),
            ("?mkdir,mkdirat", "INT", 130),
            ("?unlink,unlinkat", "INT", 130),
        ] {
            let mut ended = 0;
            for position in 1.. {
                let desk = desk();
                let before = state(&desk.join("d"));
                let mut command = with_signals(&desk, &["strace"]);
                let inject = format!("inject={call}:signal={signal}:when={position}");
                command.args(["-f", "-o", "/dev/null", "-e", &inject, PROGRAM, "to-systemd", "a.conf"]);
                command.args(arguments.split_whitespace()).stdin(Stdio::null());
                let output = command.output().unwrap();
                let told = String::from_utf8(output.stderr).unwrap();
                let is = state(&desk.join("d"));
                let what = format!("{call} {position} {arguments}: {:?} {told}", output.status);
                assert!(temporary(&is).is_empty(), "{what}: {is:?}");
                match output.status.code() {
                    Some(0) if position > 200 || ended > 0 => break,
                    // Before and after the files are written the signal ends it as it ends every program.
                    Some(0) => {}
                    None => assert!(is == before || !told.is_empty(), "{what}"),
                    Some(found) => {
                        assert_eq!(found, code, "{what}");
                        let all = told.contains("all was written before that");
                        assert!(all || told.contains("; nothing was written\n"), "{what}");
                        assert_eq!(all, is != before, "{what}");
                        ended += 1;
                    }
                }
                if position > 200 {
                    break;
                }
            }
            let none =
                arguments == "--out d" && call.contains("unlink") || arguments != "--out d" && call.contains("mkdir");
            assert_eq!(ended > 0, !none, "{call} {arguments}");
        }
    }
}

/// Whatever a killed run leaves, every file is whole, and the next run removes the rest.
fn killed(desk: &Desk, before: &State, after: &State, arguments: &str) -> bool {
    let is = state(&desk.join("d"));
    for (name, found) in is.iter().filter(|(name, _)| !name.contains(".supconv-")) {
        assert!(before.get(name) == Some(found) || after.get(name) == Some(found), "{name}: {found:?}");
    }
    let left = !temporary(&is).is_empty();
    let next = desk.convert(arguments);
    assert_eq!((next.code, &state(&desk.join("d"))), (0, after), "{next:?}");
    assert_eq!(left, next.err.contains("of a run that was killed are removed"), "{next:?}");
    left
}

#[test]
fn a_killed_run_leaves_whole_files_and_the_next_one_cleans_up() {
    let mut left = 0;
    for (desk, arguments) in CASES {
        let (before, after, whole) = {
            let desk = desk();
            let (before, begin) = (state(&desk.join("d")), Instant::now());
            assert_eq!(desk.convert(arguments).code, 0);
            (before, state(&desk.join("d")), begin.elapsed())
        };
        let mut random = Random::new(11);
        for _ in 0..100 {
            let desk = desk();
            let mut child = desk.command(&["to-systemd", "a.conf"]);
            child.args(arguments.split_whitespace()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = child.spawn().unwrap();
            thread::sleep(whole.mul_f64(0.001 * f64::from(u32::try_from(random.below(1000)).unwrap())));
            child.kill().unwrap();
            child.wait().unwrap();
            left += i32::from(killed(&desk, &before, &after, arguments));
        }
        if !traced() {
            continue;
        }
        // And at each call that counts.
        for call in ["fsync", "?rename,?renameat,renameat2", "fchmod", "?link,linkat", "?unlink,unlinkat"] {
            for position in 1.. {
                let desk = desk();
                let mut command = Command::new("strace");
                let inject = format!("inject={call}:signal=KILL:when={position}");
                command.args(["-f", "-o", "/dev/null", "-e", &inject, PROGRAM, "to-systemd", "a.conf"]);
                let ended = command.args(arguments.split_whitespace()).current_dir(&desk).output().unwrap();
                if ended.status.success() {
                    break;
                }
                left += i32::from(killed(&desk, &before, &after, arguments));
            }
        }
    }
    println!("temporary files were left: {left} times");
}

/// Of an older version, or of a process that nobody remembers.
#[test]
fn what_a_killed_run_left_is_removed_by_one_that_writes() {
    let desk = creating();
    let left = ["d/.supconv-4711-0", "d/.supconv-00c0ffee00c0ffee-12", "d/etc/supconv/.supconv-00c0ffee00c0ffee-1"];
    for name in left {
        desk.write(name, "DB_PASSWORD=\"sesame opens\"\n");
    }
    desk.write("d/.supconv-notes", "mine\n");
    assert_eq!(desk.convert("--out d --check").code, 1);
    assert!(left.iter().all(|name| desk.join(name).exists()), "looking changes nothing");
    let told = desk.convert("--out d");
    assert!(
        told.code == 0 && told.err.contains("d: 3 temporary files of a run that was killed are removed\n"),
        "{told:?}"
    );
    assert_eq!(temporary(&state(&desk.join("d"))), ["d/.supconv-notes"].map(|name| &name[2..]));
}

/// Pairs of runs at once: of two that differ one writes all and says so, and the other leaves that and says so.
#[test]
fn of_two_runs_at_once_one_waits() {
    let text = |word: &str| {
        let program =
            |name: char| format!("[program:{name}]\ncommand=/bin/{word}\nstdout_logfile=/var/log/{name}.log\n");
        ('a'..'k').map(program).collect::<String>()
    };
    for _ in 0..40 {
        let desk = Desk::in_memory();
        for word in ["one", "two"] {
            desk.write(&format!("{word}/a.conf"), text(word));
        }
        let begin = |word: &str| {
            let mut command = desk.command(&["to-systemd", "a.conf", "--out", "../x/y/d"]);
            command.current_dir(desk.join(word)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let runs = ["one", "two"].map(|word| (word, begin(word)));
        let runs = runs.map(|(word, run)| (word, run.wait_with_output().unwrap()));
        let codes = runs.each_ref().map(|(_, run)| run.status.code().unwrap());
        assert!(codes == [0, 1] || codes == [1, 0], "{runs:?}");
        let is = state(&desk.join("x/y/d"));
        assert!(temporary(&is).is_empty(), "{is:?}");
        for (word, run) in runs {
            let told = String::from_utf8(run.stderr).unwrap();
            let won = run.status.success();
            assert_eq!(told.contains("created 22 files in ../x/y/d/\n"), won, "{told}");
            assert_eq!(told.matches(".service: differs\n").count(), if won { 0 } else { 10 }, "{told}");
            let services = is.iter().filter(|(name, _)| name.ends_with(".service"));
            assert_eq!(
                services.filter(|(_, (_, text))| text.contains(&format!("/bin/{word}"))).count(),
                if won { 10 } else { 0 }
            );
        }
    }
}

#[test]
fn who_waits_says_so_and_can_be_ended() {
    let desk = creating();
    fs::create_dir(desk.join("d")).unwrap();
    let signals = [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)];
    for (signal, code) in [(None, 0)].into_iter().chain(signals.map(|(name, code)| (Some(name), code))) {
        let held = File::open(desk.join("d")).unwrap();
        flock(&held, FlockOperation::LockExclusive).unwrap();
        let mut command = with_signals(&desk, &[PROGRAM, "to-systemd", "a.conf", "--out", "d"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(told.any(|line| line == "waiting for another supconv, which writes into d"));
        match signal {
            None => drop(held),
            Some(signal) => {
                let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
                assert!(killed.success());
            }
        }
        let rest: Vec<String> = told.collect();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{rest:?}");
        let ended = signal.map(|signal| format!("supconv: ended by SIG{signal}; nothing was written"));
        assert!(ended.is_none_or(|ended| rest.last() == Some(&ended)), "{rest:?}");
    }
    // What was ignored from the start, as by nohup, stays ignored.
    let held = File::open(desk.join("d")).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let script = "trap '' HUP INT; exec \"$0\" to-systemd a.conf --out d";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_supconv")]).current_dir(&*desk);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(told.any(|line| line.starts_with("waiting for another supconv")));
    for signal in ["HUP", "INT"] {
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
    }
    drop(held);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_owner_is_part_of_a_file() {
    if !machine::root() {
        machine::passed_over("files of other owners", "only root can make them");
        return;
    }
    let desk = creating();
    assert_eq!(desk.convert("--out d").code, 0);
    for name in ["etc/supconv/b.env", "a.service"] {
        chown(desk.join("d").join(name), Some(65534), Some(65534)).unwrap();
        assert_eq!(desk.convert("--out d --check").code, 1, "{name}");
        let diff = desk.convert("--out d --diff");
        assert_eq!(diff.out, format!("owner of d/{name} becomes 0, it is 65534\n"));
        let told = desk.convert("--out d");
        assert!(told.code == 1 && told.err.contains(&format!("{name}: differs\n")), "{told:?}");
        let told = desk.convert("--out d --force");
        assert!(told.code == 0 && told.err.contains(&format!("overwritten 1 file in d/: {name}\n")), "{told:?}");
        assert_eq!(fs::metadata(desk.join("d").join(name)).unwrap().uid(), 0, "{name}");
    }
}

/// Who may not read a file does not know that it differs, unless that shows from outside.
#[test]
fn a_file_that_must_not_be_read_is_no_difference() {
    if !traced() {
        return;
    }
    let desk = creating();
    assert_eq!(desk.convert("--out d").code, 0);
    let check = || {
        let mut command = Command::new("strace");
        command.args(["-o", "/dev/null", "-P", "d/etc/supconv/b.env", "-e", "inject=?open,openat:error=EACCES"]);
        run(command.args([PROGRAM, "to-systemd", "a.conf", "--out", "d", "--check"]).current_dir(&desk))
    };
    let told = check();
    assert!(told.code == 2 && told.err.ends_with("supconv: d/etc/supconv/b.env: Permission denied\n"), "{told:?}");
    desk.write("d/etc/supconv/b.env", "shorter\n");
    let told = check();
    assert!(told.code == 1 && told.err.contains("etc/supconv/b.env: differs\n"), "{told:?}");
}

/// A file system of Windows keeps no modes: strace plays one.
#[test]
fn a_mode_that_cannot_be_made_right_is_said_and_secrets_are_not_written() {
    if !traced() {
        return;
    }
    let desk = Desk::of(ONE);
    let told = injected(&desk, "fchmod:retval=0", "--out d");
    let line = "d/a.service: the file system makes its mode 0600 and its owner ";
    assert!(told.code == 0 && told.err.contains(line), "{told:?}");
    let desk = creating();
    let inject = "strace -f -o /dev/null -e inject=fchmod:retval=0";
    let script = format!("umask 277; exec {inject} {PROGRAM} to-systemd a.conf --out d");
    let told = run(Command::new("sh").args(["-c", &script]).current_dir(&desk));
    assert!(told.code == 2 && told.err.ends_with("; the file has secrets; nothing was written\n"), "{told:?}");
    assert!(!desk.join("d").exists());
}

/// `ulimit -f` ends a process that writes more, unless it asks for an error.
#[test]
fn a_file_that_may_not_grow_leaves_nothing() {
    let desk = creating();
    // Bytes in blocks of 512 or 1024; the second file is larger than the first.
    desk.write("a.conf", format!("{ONE}[program:z]\ncommand=/bin/z {}\n", "x".repeat(4000)));
    let script = format!("ulimit -f 3; exec {PROGRAM} to-systemd a.conf --out d");
    let told = run(Command::new("sh").args(["-c", &script]).current_dir(&desk));
    assert!(told.code == 2 && told.err.ends_with("d/z.service: File too large; nothing was written\n"), "{told:?}");
    assert!(!desk.join("d").exists());
}

/// With a file for each: threads sync them together, and each of them tells.
#[test]
fn many_files_are_synced_together() {
    let programs: Vec<String> = (0..100).map(|number| format!("[program:p{number}]\ncommand=/bin/p\n")).collect();
    let text = programs.concat();
    let desk = Desk::of(&text);
    assert_eq!(desk.convert("--out d").code, 0);
    assert_eq!(state(&desk.join("d")).len(), 102);
    if !traced() {
        return;
    }
    for position in [1, 2, 3] {
        let told = injected(&desk, &format!("fsync:error=EIO:when={position}"), "--out e/f");
        assert!(told.code == 2 && told.err.ends_with(": Input/output error; nothing was written\n"), "{told:?}");
        assert!(!told.err.contains(".supconv-"), "a temporary name tells nobody anything: {told:?}");
        assert!(!desk.join("e").exists(), "{position}");
    }
}

/// What stands in the way of a file, what is said of it, and how it is made.
type Kind = (&'static str, &'static str, fn(&Path));

#[test]
fn only_regular_files_are_replaced() {
    let kinds: [Kind; 6] = [
        ("b.service", "is a named pipe", |path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
            assert!(path.metadata().unwrap().file_type().is_fifo());
        }),
        ("b.service", "is a symbolic link", |path| symlink("/dev/zero", path).unwrap()),
        ("b.service", "is a symbolic link", |path| symlink("nowhere", path).unwrap()),
        ("supervisord.target", "is a directory", |path| fs::create_dir(path).unwrap()),
        ("etc/supconv/b.env", "is a socket", |path| drop(UnixListener::bind(path).unwrap())),
        ("etc", "is not a directory", |path| fs::write(path, "").unwrap()),
    ];
    for (name, what, make) in kinds {
        let desk = creating();
        let path = desk.join("d").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        make(&path);
        // What is nobody's business is not even opened.
        kinds[0].2(&desk.join("d/stranger.service"));
        let before = fs::read_dir(desk.join("d")).unwrap().count();
        for arguments in ["--out d", "--out d --force", "--out d --check", "--out d --diff", "--out d --prune"] {
            let told = desk.convert(arguments);
            assert!(
                told.code == 2 && told.err.contains(&format!("supconv: d/{name}: {what}")),
                "{arguments}: {told:?}"
            );
        }
        assert_eq!(fs::read_dir(desk.join("d")).unwrap().count(), before, "{name}");
    }
    let desk = creating();
    kinds[0].2(&desk.join("d"));
    let told = desk.convert("--out d");
    assert!(told.code == 2 && told.err.ends_with("supconv: d: Not a directory; nothing was written\n"), "{told:?}");
}

#[test]
fn a_link_to_nothing_is_named() {
    for (link, said) in [
        ("d", "d: d is a symbolic link to nothing"),
        ("d/etc", "d/etc/logrotate.d: d/etc is a symbolic link to nothing"),
    ] {
        let desk = creating();
        fs::create_dir_all(desk.join(link).parent().unwrap()).unwrap();
        symlink("nowhere", desk.join(link)).unwrap();
        let told = desk.convert("--out d");
        assert!(told.code == 2 && told.err.ends_with(&format!("{said}; nothing was written\n")), "{told:?}");
    }
}

#[test]
fn a_large_file_is_not_read() {
    // One that the plan has is.
    let variables = ["A", "B", "C", "D", "E"].map(|name| format!("{name}=\"{}\"", "x".repeat(1_000_000)));
    let large = format!("{ONE}environment={}\n", variables.join(","));
    let desk = Desk::of(large);
    assert_eq!((desk.convert("--out d").code, desk.convert("--out d --check").code), (0, 0));
    let desk = Desk::of(ONE);
    fs::create_dir(desk.join("d")).unwrap();
    File::create(desk.join("d/a.service")).unwrap().set_len(5 << 30).unwrap();
    let told = desk.convert("--out d --diff");
    assert!(told.code == 1 && told.out.contains("d/a.service becomes another file"), "{told:?}");
    assert_eq!((desk.convert("--out d").code, desk.convert("--out d --force").code), (1, 0));
}

#[test]
fn a_name_that_is_too_long_is_refused_before_the_first_write() {
    for log in ["", "stdout_logfile=/var/log/x.log\n"] {
        let desk = Desk::of(format!("{ONE}[program:{}]\ncommand=/bin/b\n{log}", "%".repeat(60)));
        let told = desk.convert("--out d --allow-loss");
        if log.is_empty() {
            assert_eq!(told.code, 0, "{told:?}");
        } else {
            assert_eq!((told.code, desk.join("d").exists()), (2, false), "{told:?}");
            assert!(told.err.contains("bytes is too long here, 255 are possible; nothing was written\n"), "{told:?}");
            assert_eq!(desk.convert("--out d --allow-loss --check").code, 2);
        }
    }
}

#[test]
fn a_file_has_one_name_however_it_is_typed() {
    let desk = creating();
    fs::create_dir(desk.join("sub")).unwrap();
    assert_eq!(desk.run("to-systemd ./a.conf --out d").code, 0);
    for path in ["a.conf", "././/a.conf", "sub/../a.conf"] {
        let told = desk.run(&format!("to-systemd {path} --out d --check"));
        assert_eq!(told.code, 0, "{path}: {told:?}");
    }
}

/// Two files that are typed alike, in directories of their own, are two; one that is typed otherwise is the same.
#[test]
fn files_of_another_source_are_not_stale() {
    let desk = Desk::in_memory();
    for name in ["one", "two"] {
        desk.write(&format!("{name}/m.conf"), format!("[program:{name}]\ncommand=/bin/{name}\nuser=nobody\n"));
    }
    let convert = |folder: &str, arguments: &str| {
        let words: Vec<&str> = arguments.split(' ').collect();
        run(desk.command(&words).current_dir(desk.join(folder)))
    };
    assert_eq!(convert("one", "to-systemd m.conf --out ../units").code, 0);
    let pruned = convert("two", "to-systemd m.conf --out ../units --force --prune");
    assert!(pruned.code == 0 && !pruned.err.contains("stale"), "{pruned:?}");
    assert!(desk.join("units/one.service").exists() && desk.join("units/two.service").exists());
    desk.write("two/m.conf", "[program:three]\ncommand=/bin/three\nuser=nobody\n");
    symlink("two", desk.join("link")).unwrap();
    let absolute = desk.path("two/m.conf");
    for path in ["../two/m.conf", "../link/m.conf", &absolute] {
        let told = convert("one", &format!("to-systemd {path} --out ../units --check"));
        assert!(told.code == 1 && told.err.lines().any(|line| line == "two.service: stale"), "{path}: {told:?}");
        assert!(!told.err.contains("one.service"), "{path}: {told:?}");
    }
}

#[test]
fn stale_files_are_named_counted_and_pruned() {
    let desk = overwriting();
    desk.write("b.conf", "[program:other]\ncommand=/bin/o\nstdout_logfile=/var/log/o.log\n");
    assert_eq!(desk.run("to-systemd b.conf --out d --prefix o-").code, 0);
    assert_eq!(desk.convert("--out d --force").code, 0);
    let stale = ["b.service", "etc/supconv/b.env", "etc/logrotate.d/supconv-b"];
    let before = state(&desk.join("d"));
    let told = desk.convert("--out d --check");
    assert_eq!(told.code, 1, "{told:?}");
    for name in stale {
        assert!(told.err.lines().any(|line| line == format!("{name}: stale")), "{name}: {told:?}");
    }
    assert_eq!(told.err.matches(": stale\n").count(), 3, "{told:?}");
    let retire = "Where they are installed, as root:\n  systemctl stop b.service\n  systemctl disable b.service\n  \
                  rm -f -- /etc/systemd/system/b.service /etc/supconv/b.env /etc/logrotate.d/supconv-b\n  systemctl daemon-reload\n";
    let named = desk.convert("--out d");
    assert!(named.code == 0 && named.err.contains(retire) && named.err.contains("--prune removes them\n"), "{named:?}");
    assert_eq!(desk.plan("--out d")["stale"], json!(stale));
    assert_eq!(desk.plan("")["stale"], json!(null));
    assert_eq!((desk.convert("--out d --diff").code, desk.convert("--out d --diff").out.as_str()), (0, ""));
    let diff = desk.convert("--out d --diff --prune");
    assert_eq!((diff.code, diff.out), (1, stale.map(|name| format!("d/{name} is removed\n")).concat()));
    // What --only leaves is wanted; of standard input nobody knows what it was before.
    assert!(!desk.convert("--out d --only a --check").err.contains("stale"));
    assert_eq!(desk.convert("--out d --only a --prune").code, 2);
    assert!(!desk.run_with("to-systemd - --out d --check", ONE).err.contains("stale"));
    assert_eq!(state(&desk.join("d")), before);

    let told = desk.convert("--out d --prune");
    assert!(told.code == 0 && told.err.contains("b.service: removed\n") && told.err.contains(retire), "{told:?}");
    let mut expected = before;
    expected.retain(|name, _| !stale.contains(&name.as_str()));
    assert_eq!(state(&desk.join("d")), expected);
    assert!(expected.contains_key("mine.service") && expected.contains_key("o-other.service"));
    assert_eq!(desk.convert("--out d --check").code, 0);
    assert_eq!(desk.convert("--prune").code, 2, "--prune needs --out");
}

/// The commands of the page install what was made and nothing else.
#[test]
fn the_printed_commands_install_nothing_of_others() {
    for directory in [".", "d d"] {
        let desk = creating();
        for name in ["notes.txt", "etc/passwd", "etc/supconv/other.env", "mine.service"] {
            desk.write(&format!("{directory}/{name}"), "mine\n");
        }
        let told = run(&mut desk.command(&["to-systemd", "a.conf", "--out", directory]));
        assert_eq!(told.code, 0, "{told:?}");
        let page = fs::read_to_string(desk.join(directory).join("HANDOVER.md")).unwrap();
        let lines: Vec<String> = commands(&page).into_iter().filter(|line| line.starts_with("install ")).collect();
        let root = desk.join("root");
        desk.write("root/etc/supconv/b.env", "open to all\n");
        fs::set_permissions(desk.join("root/etc/supconv/b.env"), fs::Permissions::from_mode(0o644)).unwrap();
        let script = lines.join("\n").replace(" -t /etc", &format!(" -t '{}/etc'", root.display()));
        let installed = run(Command::new("sh").args(["-ec", &script]).current_dir(desk.join(directory)));
        assert_eq!(installed.code, 0, "{installed:?}");
        let found = state(&root);
        let files: Vec<_> =
            found.iter().filter(|(_, (_, text))| text != "no file").map(|(name, (mode, _))| (&**name, *mode)).collect();
        assert_eq!(
            files,
            [
                ("etc/logrotate.d/supconv-b", 0o644),
                ("etc/supconv/b.env", 0o600),
                ("etc/systemd/system/a.service", 0o644),
                ("etc/systemd/system/b.service", 0o644),
                ("etc/systemd/system/supervisord.target", 0o644),
            ]
        );
        assert!(found.values().all(|(_, text)| text != "mine\n"), "{found:?}");
    }
}

/// Somebody else may write there too: an editor, another tool.
#[test]
fn what_somebody_else_makes_in_the_meantime_is_left() {
    if !traced() {
        return;
    }
    let desk = Desk::of(ONE);
    let mut command = Command::new("strace");
    // The first fsync takes a second.
    command.args([
        "-f",
        "-o",
        "/dev/null",
        "-e",
        "inject=fsync:delay_enter=1000000:when=1",
        PROGRAM,
        "to-systemd",
        "a.conf",
    ]);
    let mut child = command.args(["--out", "d"]).current_dir(&desk);
    child = child.stdout(Stdio::null()).stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    let staged = || state(&desk.join("d")).keys().filter(|name| name.contains(".supconv-")).count() == 3;
    while !staged() {
        thread::sleep(Duration::from_millis(1));
    }
    fs::write(desk.join("d/a.service"), "mine\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.ends_with("d/a.service: somebody else has changed it in the meantime; nothing was written\n"),
        "{told}"
    );
    assert_eq!(state(&desk.join("d")).into_values().map(|(_, text)| text).collect::<Vec<_>>(), ["mine\n"]);
}
