//! No value of any option becomes a directive, a section, a specifier or a line of another file: whole configurations of nasty
//! values, converted, and read by others than us.

use std::collections::{BTreeSet, HashSet};

use crate::support::configuration::Configuration;
use crate::support::nasty::Random;
use crate::support::page::commands;
use crate::support::verify;
use ini::{Ini, ParseOption};
use supconv::convert::PlanFile;
use supconv::convert::systemd::Choices;
use supconv::convert::systemd::unit::{ServiceUnit, SocketUnit, TargetUnit, TimerUnit, UnitSection};
use supconv::keys::{self, Key, Kind};
use supconv::reading::Reading;

const CASES: usize = 20_000;
/// Units that systemd itself looks at.
const VERIFIED: usize = 400;

/// What an injection would bring: keys that no unit of ours has.
const EVIL: &[&str] = &[
    "\nExecStartPre=/evil",
    "\n[Service]\nExecStartPre=/evil",
    "\\\nExecStartPre=/evil",
    "\rExecStartPre=/evil",
    "\u{b}ExecStartPre=/evil\u{c}",
    " %n %i %h %% ",
    "$HOME ${HOME} $$",
    "\"; ExecStartPre=/evil; \"",
    "\\",
    "x\\",
    "\u{85}\u{2028}ExecStartPre=/evil",
];

/// A value as it may stand after `=`.
fn value(random: &mut Random, key: &Key) -> String {
    let nasty = |random: &mut Random| {
        let word = if random.below(2) == 0 { random.word() } else { random.pick(EVIL).to_owned() };
        // Supervisor's own expansions are tried elsewhere.
        word.replace('%', if key.name.ends_with("logfile") { "%%%%" } else { "%%" })
    };
    let text = match key.name {
        "command" => {
            format!("{}bin/x {} '{}'", random.pick(&["/", "", "./"]), nasty(random), nasty(random).replace('\'', ""))
        }
        "environment" => {
            format!("A=\"{}\",API_TOKEN='{}'", nasty(random).replace('"', ""), nasty(random).replace('\'', ""))
        }
        "directory" | "stdout_logfile" | "stderr_logfile" => {
            format!("{}{}", random.pick(&["/d/", "/run/d/", "/d/../", ""]), nasty(random))
        }
        "socket" => random.pick(&["unix:///run/", "tcp://127.0.0.1:1", "tcp://"]).to_owned() + &nasty(random),
        "process_name" => format!("p{}%(process_num)d", nasty(random)),
        "user" | "socket_owner" | "serverurl" => nasty(random),
        "numprocs" => random.pick(&["1", "2", "3"]).to_owned(),
        _ if key.kind == Kind::Boolean => random.pick(&["true", "false"]).to_owned(),
        "autorestart" => random.pick(&["true", "false", "unexpected"]).to_owned(),
        "stopsignal" => random.pick(&["TERM", "KILL", "USR1", "0", "34"]).to_owned(),
        "exitcodes" => random.pick(&["0", "0,2", "", "255"]).to_owned(),
        "umask" | "socket_mode" => random.pick(&["022", "077", "-7", "0700"]).to_owned(),
        _ => random.pick(&["0", "1", "7", "-1", "600", "99999999999999999999"]).to_owned(),
    };
    // A newline of a value is a line that goes on.
    text.replace('\n', "\n  ")
}

/// A configuration of programs, fcgi-programs and groups with several options each.
pub fn configuration(random: &mut Random) -> String {
    let mut text = "[supervisord]\nuser=root\nminfds=4096\n".to_owned();
    let mut names: Vec<String> = Vec::new();
    for number in 0..=random.below(3) {
        let kind = random.pick(&["program", "program", "fcgi-program"]);
        // Names have their own alphabet; what they cannot be is tried too.
        let name =
            format!("{number}{}", random.word().replace(['\n', '\r', ']', ',', ':', ' ', '\t', '\u{b}', '\u{c}'], "-"));
        text.extend(["[", kind, ":", &name, "]\n"]);
        let (.., tables) = keys::KINDS.iter().find(|(_, known, _)| known.strip_suffix(":x") == Some(kind)).unwrap();
        for key in tables.iter().flat_map(|table| *table) {
            let needed = matches!(key.name, "command" | "socket" | "process_name");
            if needed || random.below(4) == 0 {
                text.extend([key.name, "=", &value(random, key), "\n"]);
            }
        }
        names.push(name);
    }
    if random.below(3) == 0 {
        text.extend(["[group:g", random.pick(&["1", "2"]), "]\nprograms=", &names[0], "\n"]);
    }
    text
}

fn converted(text: &str) -> Vec<PlanFile> {
    let reading = Reading { environment: Some(Vec::new()), no_include: true, ..Reading::default() };
    Configuration::of("a.conf", text, reading).unwrap().units(&Choices::default()).files
}

/// Sections and keys as rust-ini reads them.
fn unit(file: &PlanFile, directives: &[(UnitSection, &str)]) -> HashSet<String> {
    let options = ParseOption { enabled_quote: false, enabled_escape: false, ..ParseOption::default() };
    let text = file.text.to_string();
    let ini = Ini::load_from_str_opt(&text, options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut found = HashSet::new();
    for (section, properties) in &ini {
        for (key, value) in properties {
            let header = format!("[{}]", section.unwrap_or_default());
            let known = directives.iter().any(|(of, known)| of.header() == header && *known == key);
            assert!(known, "{header} {key} in {}\n{text}", file.path);
            let often = matches!(key, "Environment" | "After" | "Also");
            assert!(found.insert(key.to_owned()) || often, "{key} twice in {}\n{text}", file.path);
            // After doubled signs and our own %i no specifier is left.
            let rest = value.replace("%%", "");
            assert!(
                !rest.replace("%i", "").contains('%') && (file.path.contains('@') || !rest.contains("%i")),
                "{key}={value}"
            );
            assert!(!value.ends_with('\\'), "{key}={value}");
        }
    }
    found
}

/// Each line of the other files is of a kind that they have.
fn other(file: &PlanFile) {
    let text = file.text.to_string();
    let mut lines = text.lines();
    match file.path.split('/').nth(1) {
        Some("tmpfiles.d") => {
            assert!(lines.all(|line| ["# ", "d ", "f "].iter().any(|kind| line.starts_with(kind))), "{text}");
        }
        Some("logrotate.d") => {
            let of = |line: &str| {
                let line = line.trim_start();
                let words = [
                    "size ",
                    "rotate ",
                    "su root root",
                    "copytruncate",
                    "missingok",
                    "notifempty",
                    "nocompress",
                    "nodateext",
                ];
                line == "}"
                    || line.starts_with("# ")
                    || words.iter().any(|word| line.starts_with(word))
                    || (line.starts_with('"') && line.ends_with("\" {"))
            };
            assert!(lines.all(of), "{text}");
        }
        Some("supconv") => {
            assert!(file.secret && file.mode == 0o600);
            let (_, mut rest) = text.split_once('\n').unwrap();
            while !rest.is_empty() {
                let (name, value) = rest.split_once("=\"").unwrap();
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name} in {text}");
                // A quote that is no end has a backslash before it.
                let mut escaped = false;
                let end = value.find(|c| {
                    let quote = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    quote
                });
                rest = value[end.unwrap()..].strip_prefix("\"\n").unwrap();
            }
        }
        _ => panic!("{}", file.path),
    }
}

#[test]
fn nothing_of_a_configuration_steers_the_files() {
    let mut random = Random::new(9);
    let (mut units, mut users) = (Vec::new(), BTreeSet::new());
    let (mut converting, mut beside) = (0, 0);
    for number in 0..CASES {
        let files = converted(&configuration(&mut random));
        converting += usize::from(files.len() > 1);
        for file in files {
            assert!(
                !file.path.contains(['\n', '%', '$', '\0']) && file.path.split('/').all(|part| part != ".."),
                "{:?}",
                file.path
            );
            let text = file.text.to_string();
            assert!(!text.contains('\0') && (file.secret || !text.contains('\r')), "{text:?}");
            if file.path.contains('/') {
                other(&file);
                beside += 1;
                continue;
            }
            if file.path.contains("HANDOVER") {
                let known = ["install -D ", "systemctl ", "supervisorctl ", "systemd-tmpfiles --create "];
                let stray = commands(&text).into_iter().find(|line| !known.iter().any(|known| line.starts_with(known)));
                assert!(stray.is_none() && !commands(&text).is_empty(), "{stray:?}: {text}");
                continue;
            }
            let directives = match file.path.rsplit_once('.').unwrap().1 {
                "service" => ServiceUnit::DIRECTIVES,
                "socket" => SocketUnit::DIRECTIVES,
                "target" => TargetUnit::DIRECTIVES,
                "timer" => TimerUnit::DIRECTIVES,
                _ => panic!("{}", file.path),
            };
            unit(&file, directives);
            if units.len() < VERIFIED && file.path.ends_with(".service") && !text.contains("Sockets=") {
                let lines = text.lines();
                users.extend(lines.filter_map(|line| line.strip_prefix("User=")).map(|user| user.replace("%%", "%")));
                // Names of different configurations must not meet, nor be too long for a file.
                units.push((format!("n{number}-{}", file.path), text));
            }
        }
    }
    assert!(
        converting > CASES / 10 && beside > CASES / 25,
        "{converting} of {CASES} have units, {beside} files beside"
    );
    units.retain(|(name, _)| name.len() < 250);
    let users: Vec<String> = users.into_iter().collect();
    let programs = ["/bin/x", "/usr/bin/env"].map(str::to_owned);
    // The programs of relative commands stand in directories that nobody has.
    units.retain(|(_, text)| {
        text.lines().any(|line| line.starts_with("ExecStart=/bin/x") || line.starts_with("ExecStart=:/bin/x"))
    });
    assert!(units.len() > 100, "{} units", units.len());
    if let Some(verdict) = verify::verify(&units, &programs, &users) {
        assert_eq!(verdict, Ok(()), "of {} units", units.len());
    }
}
