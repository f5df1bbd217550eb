//! `--watch` looks again and again, until it is told to stop or nobody reads it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::running::{Start, Supervisord, bin, hold, program, program_of};
use crate::support::desk::words;

/// Holds 90 descriptors, and that of this script, until it may close them.
const PEAK: &str = "for i in {1..90}; do exec {fd}</dev/null; all+=($fd); done
until [ -e less ]; do sleep 0.1; done
for fd in ${all[@]}; do exec {fd}<&-; done
exec sleep 3600
";

fn started() -> Option<Supervisord> {
    let text = ["[supervisord]\n".to_owned(), program("web", &hold(40), ""), program("peak", "exec bash peak.sh", "")];
    let files = [("a.conf", &*text.concat()), ("peak.sh", PEAK)];
    let start = Start { soft: 1024, flags: "-c a.conf", without: None, module: false, files: &files };
    let supervisord = Supervisord::start(&bin()?, &start);
    supervisord.wait_for("inherited", &[("web", 40), ("peak", 91)]);
    Some(supervisord)
}

fn watching(supervisord: &Supervisord, arguments: &str) -> Child {
    let mut command = supervisord.desk.command(&["limits", "--watch", "0.2", "--pid", &supervisord.pid().to_string()]);
    command.args(words(arguments)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit code; it comes soon.
fn ended(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > Duration::from_secs(20) {
            let _ = child.kill();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn looks_follow_each_other_until_they_end() {
    let Some(supervisord) = started() else { return };
    // A line of JSON a look; a signal ends it, with the exit code of the last look.
    for (signal, arguments, code) in [(Signal::INT, "", 1), (Signal::TERM, "--min-severity error", 0)] {
        let mut child = watching(&supervisord, &format!("--format json {arguments}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..3 {
            let look: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            assert_eq!(look["supervisords"][0]["pid"], supervisord.pid());
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(ended(&mut child), Some(code), "{arguments}");
    }
    // A reader that is gone ends it too.
    let mut child = watching(&supervisord, "");
    drop(child.stdout.take());
    assert_eq!(ended(&mut child), Some(1));
    // The table keeps the peak.
    let mut child = watching(&supervisord, "");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("\npeak ") {
        assert!(out.read_line(&mut text).unwrap() > 0, "{text}");
    }
    supervisord.desk.write("less", "");
    supervisord
        .wait("inherited", |judged| program_of(&judged["supervisord"], "peak").is_some_and(|it| it["open"] == 3));
    thread::sleep(Duration::from_secs(1));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(ended(&mut child), Some(1));
    out.read_to_string(&mut text).unwrap();
    assert!(!text.contains('\u{1b}'), "no screen is drawn in a pipe: {text}");
    let of_peak = text.lines().filter(|line| line.starts_with("peak "));
    let numbers: Vec<Vec<&str>> = of_peak.map(|line| line.split_whitespace().skip(3).take(2).collect()).collect();
    assert_eq!(numbers.first(), Some(&vec!["94", "94"]), "{text}");
    assert_eq!(numbers.last(), Some(&vec!["3", "94"]), "{text}");
}
