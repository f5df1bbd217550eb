//! A real supervisord with programs that hold known numbers of descriptors; it and all that it started end with the test.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::desk::{Desk, PROGRAM, Run, run, words};
use crate::support::{machine, python};

/// The hard limit that supervisord is started with.
pub const HARD: u64 = 20_000;

/// How long is waited for what takes a moment.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command of a program that holds so many descriptors beside its first three.
pub fn hold(count: u32) -> String {
    format!("for i in {{1..{count}}}; do exec {{fd}}</dev/null; done; exec sleep 3600")
}

/// A program whose bash runs this.
pub fn program(name: &str, script: &str, more: &str) -> String {
    format!(
        "[program:{name}]\ncommand=/bin/bash -c \"{script}\"\nstdout_logfile=NONE\nstderr_logfile=NONE\n\
         stopasgroup=true\nkillasgroup=true\n{more}\n"
    )
}

pub struct Supervisord {
    pub desk: Desk,
    child: Child,
}

/// A supervisord, and how it is started.
pub struct Start<'a> {
    /// The soft limit before.
    pub soft: u64,
    /// Its flags.
    pub flags: &'a str,
    /// A capability that it and all that it starts lack.
    pub without: Option<&'a str>,
    /// Whether it is `python -m`.
    pub module: bool,
    pub files: &'a [(&'a str, &'a str)],
}

/// Where the real supervisord is; `None` where it cannot be had, or its hard limit cannot, which is said.
pub fn bin() -> Option<PathBuf> {
    let bin = python::tool("supervisor==4.3.0")?;
    let limit = Command::new("prlimit").arg(format!("--nofile=512:{HARD}")).arg("true").stderr(Stdio::null()).status();
    if !limit.is_ok_and(|status| status.success()) {
        machine::passed_over("limits of a running supervisord", "its hard limit of open files is below 20000");
        return None;
    }
    Some(bin)
}

impl Supervisord {
    pub fn start(bin: &std::path::Path, start: &Start<'_>) -> Self {
        let desk = Desk::new(start.files);
        let limit = format!("--nofile={}:{HARD}", start.soft);
        let mut command = Command::new("prlimit");
        command.arg(limit);
        if let Some(capability) = start.without {
            command.args(lacking(capability));
        }
        if start.module {
            command.arg(bin.join("python")).args(["-W", "ignore", "-m", "supervisor.supervisord"]);
        } else {
            command.arg(bin.join("supervisord"));
        }
        command.arg("-n").args(words(start.flags)).current_dir(&desk).stdin(Stdio::null());
        command.env("THOUSANDS", "3");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { desk, child }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What Python reads of it. `decided`: what decides the limit of programs that have supervisord's.
    pub fn judged(&self, decided: &str) -> Option<Value> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/limits/judge.py");
        let (python, _) = python::interpreter().unwrap();
        let output = Command::new(python).args(["-I", script, &self.pid().to_string(), decided]).output().unwrap();
        serde_json::from_slice(&output.stdout).ok()
    }

    /// Waits until Python sees what is waited for.
    pub fn wait(&self, decided: &str, what: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let judged = self.judged(decided);
            if let Some(judged) = judged.as_ref().filter(|judged| what(judged)) {
                return judged.clone();
            }
            let log = || fs::read_to_string(self.desk.join("supervisord.log")).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "it does not come to that: {judged:?}\n{}", log());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until these programs hold what they are to hold; the last of them is a child's.
    pub fn wait_for(&self, decided: &str, held: &[(&str, u64)]) -> Value {
        self.wait(decided, |judged| {
            held.iter()
                .all(|(name, count)| program_of(&judged["supervisord"], name).is_some_and(|it| most(it) == *count + 3))
        })
    }

    /// Runs `supconv limits --pid` of it.
    pub fn limits(&self, arguments: &str) -> Run {
        run(self.desk.command(&["limits", "--pid", &self.pid().to_string()]).args(words(arguments)))
    }

    /// The same by another account, which has a copy of the program.
    pub fn limits_as_nobody(&self, arguments: &[&str]) -> Run {
        let copy = Desk::in_memory();
        // Not written by this process: what another test starts meanwhile would hold it open for writing, and it could not be run.
        assert!(Command::new("cp").arg(PROGRAM).arg(copy.join("supconv")).status().unwrap().success());
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "nobody", "--regid", "65534", "--clear-groups"]).arg(copy.join("supconv"));
        run(command.args(["limits", "--pid", &self.pid().to_string()]).args(arguments).current_dir("/"))
    }

    /// The same by root without a capability: `sys_resource` raises a hard limit, and limits of others; `sys_ptrace` sees what
    /// others have open.
    pub fn limits_without(&self, capability: &str, arguments: &str) -> Run {
        let mut command = Command::new("env");
        command.args(lacking(capability)).arg(PROGRAM);
        run(command.args(["limits", "--pid", &self.pid().to_string()]).args(words(arguments)).current_dir(&self.desk))
    }

    fn descendants(&self) -> Vec<i32> {
        let judged = self.judged("unknown").unwrap_or_default();
        let programs = judged["supervisord"]["programs"].as_array().cloned().unwrap_or_default();
        let children = programs.iter().flat_map(|program| program["children"].as_array().cloned().unwrap_or_default());
        let all = programs.iter().cloned().chain(children);
        all.filter_map(|one| i32::try_from(one["pid"].as_i64()?).ok()).collect()
    }
}

/// The words before a command of root that is to lack a capability.
fn lacking(capability: &str) -> [String; 5] {
    // New kernels let those who have one of the others see an environment as well (`may_access_mm`).
    let also = if capability == "sys_ptrace" { ",-perfmon,-sys_admin" } else { "" };
    let capability = format!("-{capability}{also}");
    ["setpriv", "--bounding-set", &capability, "--inh-caps", &capability].map(str::to_owned)
}

/// A program of a document, by its name.
pub fn program_of<'v>(supervisord: &'v Value, name: &str) -> Option<&'v Value> {
    supervisord["programs"].as_array()?.iter().find(|program| program["name"] == name)
}

/// The most that a program or one of its children has open.
fn most(program: &Value) -> u64 {
    let children = program["children"].as_array().unwrap().iter();
    children.chain([program]).filter_map(|one| one["open"].as_u64()).max().unwrap()
}

impl Drop for Supervisord {
    fn drop(&mut self) {
        let below = self.descendants();
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let begun = Instant::now();
        while self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            if begun.elapsed() > Duration::from_secs(15) {
                let _ = self.child.kill();
                let _ = self.child.wait();
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        for pid in below {
            // It has killed them itself; one that is there yet is an orphan of it.
            let is_ours = fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"sleep\x003600"));
            if let Some(pid) = Pid::from_raw(pid).filter(|_| is_ours) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}
