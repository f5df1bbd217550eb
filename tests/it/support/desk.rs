//! The directory of one test, in which the program runs.

use std::env;
use std::fs;
use std::io::{Write as _, pipe};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::Value;

/// The program that is tested.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_supconv");

/// A directory that is gone when its test has passed; after a failure it stays and is named.
pub struct Desk(PathBuf);

/// What a run left.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Desk {
    /// A new directory with these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self::below(Path::new(env!("CARGO_TARGET_TMPDIR")));
        for (path, text) in files {
            desk.write(path, text);
        }
        desk
    }

    /// A new directory with this text as `a.conf`.
    pub fn of(text: impl AsRef<[u8]>) -> Self {
        let desk = Self::new(&[]);
        desk.write("a.conf", text);
        desk
    }

    /// A new directory in memory, where there is some: for very many files.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::below(memory) } else { Self::new(&[]) }
    }

    /// A new directory that other users reach.
    pub fn for_others() -> Self {
        Self::below(&env::temp_dir())
    }

    fn below(place: &Path) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let test = thread::current().name().unwrap_or("part").replace("::", "-");
        let path = place.join(format!("supconv-{}-{number}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The absolute path of a file here.
    pub fn path(&self, path: &str) -> String {
        self.join(path).display().to_string()
    }

    /// The program, about to run here with nothing of this process's environment but PATH.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self).env_clear().env("PATH", env::var_os("PATH").unwrap());
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program; the arguments are the words of one text.
    pub fn run(&self, arguments: &str) -> Run {
        run(&mut self.command(&words(arguments)))
    }

    /// The same with something on standard input.
    pub fn run_with(&self, arguments: &str, input: &str) -> Run {
        let (reader, mut writer) = pipe().unwrap();
        writer.write_all(input.as_bytes()).unwrap();
        drop(writer);
        run(self.command(&words(arguments)).stdin(reader))
    }

    /// Runs a command that prints one JSON line.
    pub fn json(&self, arguments: &str) -> Value {
        self.run(arguments).json()
    }

    /// `to-systemd` of `a.conf`.
    pub fn convert(&self, arguments: &str) -> Run {
        self.run(&format!("to-systemd {arguments} a.conf"))
    }

    /// The plan of `a.conf`.
    pub fn plan(&self, arguments: &str) -> Value {
        self.convert(&format!("--format json {arguments}")).json()
    }

    /// The text of a unit in the plan of `a.conf`.
    pub fn unit(&self, arguments: &str, name: &str) -> String {
        let plan = self.plan(arguments);
        let files = plan["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"] == name).unwrap_or_else(|| panic!("no {name} in {plan}"));
        file["text"].as_str().unwrap().to_owned()
    }
}

impl Deref for Desk {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for Desk {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("what the test worked on is kept: {}", self.0.display());
        } else {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

impl Run {
    /// What was printed, as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON: {error}: {self:?}"))
    }

    /// What was printed, JSON on each line.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The words of a command line that has no quotes.
pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// A text without its line ends: what is folded for a screen is one line again.
pub fn flat(text: &str) -> String {
    words(text).join(" ")
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {output:?}"));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code, out: text(output.stdout), err: text(output.stderr) }
}

/// The program, run where this package stands.
pub fn supconv(arguments: &[&str]) -> Run {
    run(Command::new(PROGRAM).args(arguments).env_clear().env("PATH", env::var_os("PATH").unwrap()))
}

/// The values of a key of a unit.
pub fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}
