//! What a probe wrote: what a program is started with.

use std::fs;
use std::path::{Path, PathBuf};

use super::boot::Side;
use super::look::Reader;

impl Reader<'_> {
    /// What a probe wrote.
    pub fn record(&mut self, who: &str) {
        let read = |what: &str| self.text(&format!("{who}.{what}"));
        let bytes = |what: &str| self.bytes(&format!("{who}.{what}"));
        let (argv, environ, cwd) = (bytes("argv"), bytes("environ"), bytes("cwd"));
        let (status, limits, stat) = (read("status"), read("limits"), read("stat"));
        let status = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let limit = |key: &str| {
            let line = limits.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
            line.split_whitespace().take(2).map(|limit| limit_name(key, limit)).collect::<Vec<_>>().join(", ")
        };
        let stat: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let pid = status("Pid");
        let own = |number: &str| if number == pid { "its own" } else { "another's" };
        let (descriptors, stdin) = (read("descriptors"), read("stdin"));
        let opens = [read("opens-stdout"), read("opens-stderr")];
        let (parent, oom) = (read("parent"), read("oom_score_adj"));

        self.saw(who, "argv", "", words(argv.strip_suffix(b"\0").unwrap_or(&argv)));
        for pair in environ.split(|byte| *byte == 0).filter(|pair| !pair.is_empty()) {
            let pair = pair.escape_ascii().to_string();
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            // The lab's own.
            if self.side == Side::Pitchfork && ["PITCHFORK_STATE_DIR", "PITCHFORK_CONFIG_DIR"].contains(&name) {
                continue;
            }
            let varies =
                ["INVOCATION_ID", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM", "MEMORY_PRESSURE_WRITE"].contains(&name);
            self.saw(who, "variable", name, if varies { "(set)" } else { value });
        }
        self.saw(who, "working directory", "", cwd.escape_ascii().to_string());
        self.saw(who, "uid", "", status("Uid"));
        self.saw(who, "gid", "", status("Gid"));
        self.saw(who, "groups", "", status("Groups"));
        self.saw(who, "umask", "", status("Umask"));
        self.saw(who, "open files", "", limit("Max open files"));
        self.saw(who, "processes", "", limit("Max processes"));
        self.saw(who, "stdin", "", stdin);
        let mut others = Vec::new();
        for line in descriptors.lines() {
            let mut parts = line.splitn(3, ' ');
            let (number, flags, target) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let what = match number {
                "0" => "descriptor 0",
                "1" => "descriptor 1",
                "2" => "descriptor 2",
                _ => {
                    others.push(number);
                    continue;
                }
            };
            self.saw(who, what, "", descriptor(flags, target));
            if self.side == Side::Systemd && number != "0" {
                let stream = if number == "1" { "stdout" } else { "stderr" };
                let place = match target {
                    "/dev/null" => "nowhere",
                    _ if target.starts_with("socket:") => self.journal_of(who, stream),
                    _ => target,
                };
                self.saw(who, "output", stream, place);
            }
        }
        self.saw(who, "descriptors above 2", "", if others.is_empty() { "none".into() } else { others.join(" ") });
        if self.side != Side::Systemd {
            for stream in ["stdout", "stderr"] {
                let place = self.file_of(&format!("/{}/{who} to {stream}\n", self.scenario.name));
                self.saw(who, "output", stream, place);
            }
        }
        for (device, answer) in ["/dev/stdout", "/dev/stderr"].into_iter().zip(opens) {
            if self.looks_at(&format!("opens {device}")) {
                self.saw(who, "opens", device, answer);
            }
        }
        self.saw(who, "process group", "", own(stat[2]));
        self.saw(who, "session", "", own(stat[3]));
        self.saw(who, "parent", "", parent.trim().replace("python", "supervisord"));
        self.saw(who, "nice", "", stat[16]);
        self.saw(who, "oom_score_adj", "", oom.trim());
        for (what, key) in [("ignores", "SigIgn"), ("blocks", "SigBlk")] {
            let mask = u64::from_str_radix(&status(key), 16).unwrap();
            // 32 and 33 are the C library's own.
            for signal in (1..=64).filter(|signal| !(32..=33).contains(signal) && mask & (1 << (signal - 1)) != 0) {
                self.saw(who, what, &signal_name(signal), "yes");
            }
        }
        let capabilities = ["CapInh", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"].map(status);
        self.saw(who, "capabilities", "", capabilities.join(" "));
    }

    /// Whether the journal holds what a program wrote.
    fn journal_of(&self, who: &str, stream: &str) -> &'static str {
        let journal = fs::read(self.place.parent().unwrap().join("journal")).unwrap_or_default();
        let line = format!("]: /lab/{}/{who} to {stream}\n", self.scenario.name);
        if String::from_utf8_lossy(&journal).contains(&line) { "the journal" } else { "a socket" }
    }

    /// The file that holds a line, as Supervisor's side tells where output went.
    fn file_of(&self, line: &str) -> String {
        // What stands in a directory of the machine is looked for by `see`.
        let logs = self.logs.get_or_init(|| logs(self.place));
        let Some((path, _)) = logs.iter().find(|(_, text)| text.contains(line)) else { return "nowhere".to_owned() };
        let inside = path.strip_prefix(self.place.parent().unwrap()).unwrap().display();
        match path.file_name().unwrap().to_str().unwrap() {
            "started" => "supervisord's own output".to_owned(),
            "pitchforks-own.log" => "pitchfork's own log".to_owned(),
            "syslog.log" => "syslog".to_owned(),
            name if name.contains("---") => "a file that Supervisor names".to_owned(),
            _ => format!("/lab/{inside}"),
        }
    }
}

/// All that a supervisord or a daemon may have written output to, and what it holds.
fn logs(place: &Path) -> Vec<(PathBuf, String)> {
    let (mut paths, mut found) = (vec![place.to_owned()], Vec::new());
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file() && [".log", "started"].iter().any(|end| path.display().to_string().ends_with(end)) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.push((path, text));
        }
    }
    found
}

/// The words of a command, which NUL parts.
pub fn words(argv: &[u8]) -> String {
    let words: Vec<String> = argv.split(|byte| *byte == 0).map(|word| word.escape_ascii().to_string()).collect();
    words.join(" ␠ ")
}

/// A limit by a name that is the same on each machine: systemd's own, and what the machine allows.
fn limit_name<'a>(key: &str, limit: &'a str) -> &'a str {
    let own = fs::read_to_string("/proc/self/limits").unwrap();
    let line = own.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    let highest = [line.split_whitespace().nth(1).unwrap_or_default(), "524288", "unlimited"];
    if highest.contains(&limit) { "the highest" } else { limit }
}

/// What a descriptor is, and how it was opened.
fn descriptor(flags: &str, target: &str) -> String {
    let flags = u32::from_str_radix(flags, 8).unwrap_or_default();
    let mode = ["read", "write", "read and write", ""][(flags & 3) as usize];
    let appends = if flags & 0o2000 != 0 { ", append" } else { "" };
    let kind = match target.split_once(':') {
        Some((kind @ ("pipe" | "socket"), _)) => kind,
        _ => target,
    };
    format!("{kind} ({mode}{appends})")
}

fn signal_name(number: u32) -> String {
    let known = [(1, "HUP"), (2, "INT"), (3, "QUIT"), (13, "PIPE"), (15, "TERM"), (25, "XFSZ")];
    let found = known.iter().find(|(signal, _)| *signal == number);
    found.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}
