//! What one side of a scenario left behind, as observations that can be compared: no times, no numbers of processes.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::boot::Side;
use crate::scenario::Scenario;

/// What is looked at: of which process (none: of the scenario), what, and where that needs more words, which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    pub who: String,
    pub what: &'static str,
    pub which: String,
}

impl Look {
    /// Whether it is what a program is started with, as against what becomes of it.
    pub fn is_context(&self) -> bool {
        const OTHERS: &[&str] = &[
            "state",
            "counts as failed",
            "alive",
            "is down",
            "is run",
            "is started",
            "waits between starts",
            "signals",
            "SIGCONT",
            "see",
            "unit",
            "exit status",
            "counts as running",
            "the file is",
            "order of starts",
            "order of stops",
            "stops overlap",
        ];
        !OTHERS.contains(&self.what)
    }
}

/// What was seen.
pub type Seen = BTreeMap<Look, String>;

/// The last state that a process was seen in.
const END: &str = "end";

/// Reads the directory of a scenario.
pub fn read(scenario: &Scenario, place: &Path, side: Side) -> Seen {
    let mut reader = Reader { scenario, place, side, seen: Seen::new() };
    let names: BTreeSet<String> = fs::read_dir(place)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| !name.contains(".sock"))
        .collect();
    for name in &names {
        match name.rsplit_once('.').unwrap_or_default() {
            (record, "done") => reader.record(record),
            ("state", step) => reader.states(step),
            ("alive", step) => reader.alive(step),
            ("took", step) => reader.took(step),
            ("see", step) => {
                let (number, text) = (step.parse::<usize>().unwrap(), reader.text(name));
                let (_, command) = &scenario.steps[number];
                let again = scenario.steps[..number].iter().any(|(_, other)| other == command);
                reader.saw("", "see", &format!("`{command}`{}", if again { " again" } else { "" }), text.trim_end());
            }
            _ => {}
        }
    }
    reader.starts(&names);
    reader.signals(&names);
    reader.order(&names);
    if side == Side::Supervisor {
        accepts(&mut reader.seen, names.contains("state.end"));
    }
    reader.seen
}

/// Whether the configuration is accepted: supervisord starts with it, the converter makes units of it.
pub fn accepts(seen: &mut Seen, accepted: bool) {
    let look = Look { who: String::new(), what: "the file is", which: String::new() };
    seen.insert(look, if accepted { "accepted" } else { "refused" }.to_owned());
}

struct Reader<'a> {
    scenario: &'a Scenario,
    place: &'a Path,
    side: Side,
    seen: Seen,
}

impl Reader<'_> {
    fn saw(&mut self, who: &str, what: &'static str, which: &str, value: impl Into<String>) {
        self.seen.insert(Look { who: who.to_owned(), what, which: which.to_owned() }, value.into());
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.place.join(name)).unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.bytes(name)).into_owned()
    }

    fn looks_at(&self, what: &str) -> bool {
        self.scenario.looks_at.iter().any(|one| one == what)
    }

    /// What a probe wrote.
    fn record(&mut self, who: &str) {
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
        if self.side == Side::Supervisor {
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
        let mut files = vec![self.place.to_owned()];
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.is_file()
                && [".log", "started"].iter().any(|end| path.display().to_string().ends_with(end))
                && String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(line)
            {
                let inside = path.strip_prefix(self.place.parent().unwrap()).unwrap().display().to_string();
                return match path.file_name().unwrap().to_str().unwrap() {
                    "started" => "supervisord's own output".to_owned(),
                    "syslog.log" => "syslog".to_owned(),
                    name if name.contains("---") => "a file that Supervisor names".to_owned(),
                    _ => format!("/lab/{inside}"),
                };
            }
        }
        "nowhere".to_owned()
    }

    /// The states after a step.
    fn states(&mut self, step: &str) {
        let (text, when) = (self.text(&format!("state.{step}")), self.scenario.step(step));
        let mut found: Vec<(String, &str, String, &str)> = Vec::new();
        if self.side == Side::Supervisor {
            for line in text.lines() {
                let parts: Vec<&str> = line.split('\t').collect();
                let state = match (parts[1], parts[3]) {
                    ("RUNNING" | "STARTING" | "BACKOFF", _) => "up",
                    ("STOPPING", _) => "stops",
                    ("EXITED", "expected") | ("STOPPED", _) => "down",
                    _ => "down, failed",
                };
                found.push((short(parts[0]), state, parts[2].to_owned(), parts[1]));
            }
        } else {
            for block in text.split("\n\n") {
                let value = |key: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
                    line.unwrap_or_default()
                };
                let Some(name) = value("Description").strip_suffix(" (supervisord)") else { continue };
                let state = match value("ActiveState") {
                    "active" | "activating" => "up",
                    "deactivating" => "stops",
                    "failed" => "down, failed",
                    _ => "down",
                };
                found.push((short(name), state, value("ExecMainStatus").to_owned(), value("ActiveState")));
            }
        }
        for (name, state, status, said) in found {
            self.saw(&name, "state", &when, state.trim_end_matches(", failed"));
            let failed = if state.ends_with("failed") { "yes" } else { "no" };
            self.saw(&name, "counts as failed", &when, failed);
            if self.looks_at("exit status") && step == END {
                self.saw(&name, "exit status", "", status);
            }
            if self.looks_at("counts as running") && step == END {
                let running = ["RUNNING", "active"].contains(&said);
                self.saw(&name, "counts as running", "", if running { "yes" } else { "not yet" });
            }
        }
    }

    /// Who of a family is alive after a step.
    fn alive(&mut self, step: &str) {
        let (text, when) = (self.text(&format!("alive.{step}")), self.scenario.step(step));
        let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in fs::read_dir(self.place).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        {
            if let Some(name) = file.strip_suffix(".pid") {
                families.entry(member(name).0).or_default();
            }
        }
        for line in text.lines() {
            let (family, member) = member(line);
            families.entry(family).or_default().push(member);
        }
        for (family, members) in families {
            let all = if members.is_empty() { "nobody".to_owned() } else { members.join(", ") };
            self.saw(&family, "alive", &when, all);
        }
    }

    /// How long a step took, in words that do not vary: where scenarios wait, stopwaitsecs is six seconds.
    fn took(&mut self, step: &str) {
        let (verb, object) = &self.scenario.steps[step.parse::<usize>().unwrap()];
        if verb != "stop" || object.is_empty() || object == "all" || object.ends_with('*') {
            return;
        }
        let seconds: f64 = self.text(&format!("took.{step}")).trim().parse().unwrap();
        let words = match seconds {
            ..4.0 => "at once",
            4.0..10.0 => "after stopwaitsecs",
            _ => "after twice stopwaitsecs",
        };
        self.saw(object, "is down", &self.scenario.step(step), words);
    }

    /// How often each process was started, and how long it waited in between.
    fn starts(&mut self, names: &BTreeSet<String>) {
        for name in names {
            let Some(who) = name.strip_suffix(".starts") else { continue };
            let text = self.text(name);
            let times: Vec<f64> = text.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
            let end = Look { who: who.to_owned(), what: "state", which: self.scenario.step(END) };
            let up = self.seen.get(&end).is_some_and(|state| state == "up");
            let count = match times.len() {
                1 => "once".to_owned(),
                _ if up => "again and again".to_owned(),
                count => format!("{count} times"),
            };
            self.saw(who, "is started", "", count);
            if self.looks_at("waits between starts") && times.len() > 2 {
                let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
                let (first, last) = (gaps[0], gaps[gaps.len() - 1]);
                let words = match last {
                    ..0.5 => "none",
                    _ if last - first > 0.8 => "longer each time",
                    _ => "the same each time",
                };
                self.saw(who, "waits between starts", "", words);
            }
        }
    }

    /// Which signals the members of a family got; SIGCONT apart.
    fn signals(&mut self, names: &BTreeSet<String>) {
        let mut families: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut continued: BTreeMap<String, bool> = BTreeMap::new();
        for name in names {
            if let Some(family) = name.strip_suffix(".pid") {
                let (family, _) = member(family);
                continued.entry(family.clone()).or_default();
                families.entry(family).or_default();
            }
            let Some(record) = name.strip_suffix(".got") else { continue };
            let (family, member) = member(record);
            let text = self.text(name);
            let got: Vec<&str> = text.lines().filter_map(|line| line.split(' ').nth(1)).collect();
            *continued.entry(family.clone()).or_default() |= got.contains(&"CONT");
            // Two of a kind are one where the second comes before the first is handled.
            let mut got: Vec<&str> = got.into_iter().filter(|signal| *signal != "CONT" && *signal != "end").collect();
            got.dedup();
            if !got.is_empty() {
                families.entry(family).or_default().push(format!("{member}: {}", got.join(" ")));
            }
        }
        for (family, got) in families {
            self.saw(&family, "signals", "", if got.is_empty() { "none".to_owned() } else { got.join("; ") });
        }
        if self.looks_at("SIGCONT") {
            for (family, got) in continued {
                self.saw(&family, "SIGCONT", "", if got { "yes" } else { "no" });
            }
        }
    }

    /// In which order processes were started (numbers of processes only grow) and told to stop, and whether one is told
    /// before another has ended.
    fn order(&mut self, names: &BTreeSet<String>) {
        let order = |suffix: &str, column: usize| {
            let mut found: Vec<(f64, &str)> = names
                .iter()
                .filter_map(|name| {
                    let text = self.text(name);
                    let word = text.lines().next()?.split(' ').nth(column)?.parse().ok()?;
                    Some((word, name.strip_suffix(suffix)?))
                })
                .collect();
            found.sort_by(|one, other| one.0.total_cmp(&other.0));
            found.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        };
        let (starts, stops) = (order(".starts", 1), order(".got", 0));
        if self.looks_at("order of starts") {
            self.saw("", "order of starts", "", starts);
        }
        if self.looks_at("order of stops") {
            self.saw("", "order of stops", "", stops);
        }
        if self.looks_at("stops overlap") {
            let mut events: Vec<(String, bool)> = Vec::new();
            for record in names.iter().filter_map(|name| name.strip_suffix(".got")) {
                let text = self.text(&format!("{record}.got"));
                let events_of = text.lines().filter(|line| line.ends_with("TERM") || line.ends_with("end"));
                events.extend(events_of.map(|line| (line.to_owned(), line.ends_with("end"))));
            }
            events.sort();
            let overlap = events.windows(2).any(|pair| !pair[0].1 && !pair[1].1);
            self.saw("", "stops overlap", "", if overlap { "yes" } else { "no" });
        }
    }
}

/// The words of a command, which NUL parts.
pub fn words(argv: &[u8]) -> String {
    let words: Vec<String> = argv.split(|byte| *byte == 0).map(|word| word.escape_ascii().to_string()).collect();
    words.join(" ␠ ")
}

/// `web` for `web:web`, as supervisorctl writes it.
pub fn short(name: &str) -> String {
    match name.split_once(':') {
        Some((group, process)) if group == process => process.to_owned(),
        _ => name.to_owned(),
    }
}

/// The family, and which of it: `main.in-the-group`.
fn member(record: &str) -> (String, String) {
    match record.split_once('.') {
        None => (record.to_owned(), "main".to_owned()),
        Some((family, member)) => (family.to_owned(), member.replace('-', " ")),
    }
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
