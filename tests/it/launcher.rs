//! The launcher's scripts, run by each shell that may be /bin/sh: what the program finds is what supervisord would give it.

mod accounts;
mod environment;
mod limits;
mod output;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use supconv::convert::daemon::launcher::{Ends, Launcher};
use supconv::convert::daemon::sh;

use crate::support::desk::Desk;
use crate::support::machine;
use crate::support::nasty::Random;

/// A shell that is called `sh`, with the tools that come with it.
struct Shell {
    name: &'static str,
    sh: PathBuf,
    /// Its PATH.
    path: String,
}

/// Those that are here. busybox brings its own tools, of which Debian's has no `nice`.
fn shells(desk: &Desk) -> Vec<Shell> {
    let system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut found = Vec::new();
    for name in ["dash", "bash", "busybox"] {
        if let Err(why) = machine::program(name, name) {
            machine::passed_over(&format!("{name} as /bin/sh"), &why);
            continue;
        }
        let folder = desk.join(name);
        fs::create_dir_all(&folder).unwrap();
        let file = system.split(':').map(|folder| PathBuf::from(folder).join(name)).find(|file| file.exists()).unwrap();
        symlink(&file, folder.join("sh")).unwrap();
        let mut path = system.to_owned();
        if name == "busybox" {
            for tool in ["env", "tr", "sed", "cut"] {
                symlink(&file, folder.join(tool)).unwrap();
            }
            path = format!("{}:{system}", folder.display());
        }
        found.push(Shell { name, sh: folder.join("sh"), path });
    }
    found
}

impl Shell {
    /// The launched program, about to start with nothing of this process's environment but PATH.
    fn launch(&self, launcher: &Launcher<'_>, argv: &[impl AsRef<str>]) -> Command {
        self.launch_from(&[], launcher, argv)
    }

    /// The same, by a command that executes its last words.
    fn launch_from(&self, before: &[&str], launcher: &Launcher<'_>, argv: &[impl AsRef<str>]) -> Command {
        let argv: Vec<String> = argv.iter().map(|word| word.as_ref().to_owned()).collect();
        let mut words: Vec<String> = before.iter().map(|word| (*word).to_owned()).collect();
        let command = launcher.command(&argv).unwrap();
        assert_eq!(command[0], "/bin/sh", "{launcher:?}");
        words.push(self.sh.display().to_string());
        words.extend(command.into_iter().skip(1));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env_clear().env("PATH", &self.path).stdin(Stdio::null());
        command
    }
}

/// A program that prints a file of its own /proc.
fn witness(what: &str) -> [String; 2] {
    ["/bin/cat".to_owned(), format!("/proc/self/{what}")]
}

/// The output of a run that said nothing on standard error and ended well.
fn output(command: &mut Command) -> Vec<u8> {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success() && stderr.is_empty(), "{status}: {}: {command:?}", String::from_utf8_lossy(&stderr));
    stdout
}

/// /proc/PID/status of a run.
fn status(command: &mut Command) -> BTreeMap<String, String> {
    lines(&output(command))
}

/// The lines `NAME: VALUE`.
fn lines(text: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

/// The code of a run, and what it said on standard error.
fn ended(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// What needs only that the shell runs.
fn plain() -> Launcher<'static> {
    Launcher { name: "web", ignores_signals: true, ..Launcher::default() }
}

#[test]
fn a_quoted_word_is_read_back() {
    let desk = Desk::new(&[]);
    let mut random = Random::new(12);
    let mut words: Vec<String> = (1..0x250).filter_map(char::from_u32).map(String::from).collect();
    words.extend((0..4000).map(|_| random.word()));
    for shell in shells(&desk) {
        for words in words.chunks(200) {
            let mut script = String::from("printf '%s\\0'");
            for word in words {
                let quoted = sh::quoted(word).unwrap();
                script.extend([" ", &quoted]);
            }
            for word in words {
                let quoted = sh::quoted(word).unwrap();
                script.extend(["\nx=", &quoted, "; printf '%s\\0' \"$x\""]);
            }
            let said = output(Command::new(&shell.sh).arg("-c").arg(script).env_clear());
            let expected: String = words.iter().chain(words).flat_map(|word| [word, "\0"]).collect();
            assert!(said == expected.as_bytes(), "{}: {words:?}", shell.name);
        }
    }
}

#[test]
fn the_program_has_the_shells_process_and_ignores_what_supervisors_children_ignore() {
    let desk = Desk::new(&[]);
    let [program, arguments @ ..] = witness("status");
    let ignored = |status: &BTreeMap<String, String>| u64::from_str_radix(&status["SigIgn"], 16).unwrap();
    // What this machine's own processes ignore.
    let before = ignored(&status(Command::new(program).args(arguments)));
    for shell in shells(&desk) {
        for (ignores_signals, signals) in [(true, 1 << (13 - 1) | 1 << (25 - 1)), (false, 0)] {
            let launcher = Launcher { ignores_signals, umask: Some(0o22), ..plain() };
            let child = shell.launch(&launcher, &witness("status")).stdout(Stdio::piped()).spawn().unwrap();
            let id = child.id().to_string();
            let found = lines(&child.wait_with_output().unwrap().stdout);
            assert_eq!([&found["Pid"], &found["SigBlk"]], [&id, "0000000000000000"], "{}", shell.name);
            assert_eq!(ignored(&found), before | signals, "{}", shell.name);
        }
    }
}

#[test]
fn codes_are_mapped() {
    let desk = Desk::new(&[]);
    let last = |last| Ends::Mapped { last };
    for shell in shells(&desk) {
        for (ends, cases) in [
            (Ends::Exec, &[("exit 0", 0), ("exit 7", 7)][..]),
            (last(&[]), &[("exit 0", 75), ("exit 7", 7), ("exit 75", 75), ("kill -KILL $$", 137)]),
            (last(&[2, 3]), &[("exit 0", 75), ("exit 2", 0), ("exit 3", 0), ("exit 4", 4)]),
            (last(&[0, 2]), &[("exit 0", 0), ("exit 2", 0), ("exit 1", 1), ("kill -TERM $$", 143)]),
        ] {
            for (script, expected) in cases {
                let launcher = Launcher { ends, ..plain() };
                let (code, _) = ended(&mut shell.launch(&launcher, &["/bin/sh", "-c", script]));
                assert_eq!(code, Some(*expected), "{} {ends:?} {script}", shell.name);
            }
        }
    }
}

#[test]
fn programs_that_cannot_run() {
    let desk = Desk::new(&[("not-executable", "")]);
    let file = desk.path("not-executable");
    for shell in shells(&desk) {
        for ends in [Ends::Exec, Ends::Mapped { last: &[] }] {
            let launcher = Launcher { ends, ..plain() };
            for (program, code) in [("nonesuch", 127), ("/nonesuch", 127), ("~/x", 127), (&file, 126)] {
                let (ended, said) = ended(&mut shell.launch(&launcher, &[program, "x"]));
                assert!(ended == Some(code) && said.contains(program), "{} {program}: {ended:?} {said}", shell.name);
            }
        }
    }
}
