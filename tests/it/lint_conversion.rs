//! `lint --target systemd`, `horust`, `pitchfork`: what the converter would say of a file, in its words, and nothing that it would not say.

use std::path::Path;

use crate::support::configuration::Configuration;
use crate::support::corpus;
use crate::support::desk::{Desk, Run};
use serde_json::Value;
use supconv::convert::{Plan, Subject, horust, pitchfork, systemd};
use supconv::diagnostic::Diagnostic;
use supconv::reading::Reading;
use supconv::rules::{self, Settings, Target};

/// Each target, where it runs, and its converter.
type Converter = (Target, Target, for<'a> fn(Subject<'a>) -> Plan<'a>);

static CONVERTERS: [Converter; 3] = [
    (Target::Systemd, Target::Host, |subject| systemd::plan(subject, &systemd::Choices::default())),
    (Target::Horust, Target::Container, |subject| horust::plan(subject, &horust::Choices::default())),
    (Target::Pitchfork, Target::Host, |subject| pitchfork::plan(subject, &pitchfork::Choices::default())),
];

/// What a finding is, for a comparison.
fn told(finding: &Diagnostic) -> String {
    let Diagnostic { rule, severity, message, place, section, option, telling, .. } = finding;
    format!("{} {severity:?} {place:?} {section:?} {option:?} {telling:?} {message}", rule.code)
}

/// What lint and converter say of a file, sorted; the converter's refusals, which lint has anyway, left out.
fn both(path: &Path, (target, place, convert): Converter) -> (Vec<String>, Vec<String>, bool) {
    let Ok(read) = Configuration::read(path, Reading::default()) else {
        return (Vec::new(), Vec::new(), true);
    };
    let settings = Settings { target, ..Settings::default() };
    let found = read.findings(&settings);
    let unconverted = Settings { target: place, ..Settings::default() };
    let others = read.findings(&unconverted);
    assert!(!others.iter().any(|finding| rules::is_of_conversions(finding.rule)), "{}", path.display());
    let lint = found.iter().filter(|finding| rules::is_of_conversions(finding.rule));
    let mut lint: Vec<String> = lint.map(told).collect();
    assert_eq!(found.len(), others.len() + lint.len(), "{}: everything else is as where it runs", path.display());
    let plan = convert(read.subject());
    // What other rules say, lint says by itself.
    let said = plan.errors.iter().cloned().chain(plan.losses.iter().map(|loss| loss.diagnostic()));
    let said = said.filter(|finding| rules::is_of_conversions(finding.rule));
    let mut converter: Vec<String> = said.map(|one| told(&one)).collect();
    if plan.refused {
        converter.clear();
    }
    lint.sort();
    converter.sort();
    (lint, converter, read.markup.first().next().is_some())
}

#[test]
fn lint_and_converter_say_the_same_of_files_from_life() {
    for converter in CONVERTERS {
        let (mut compared, mut sentences) = (0, 0);
        for path in corpus::own() {
            let (lint, converter, markup) = both(&path, converter);
            if markup {
                assert!(lint.iter().all(|one| converter.contains(one)), "{}", path.display());
                continue;
            }
            assert_eq!(lint, converter, "{}", path.display());
            compared += usize::from(!lint.is_empty());
            sentences += lint.len();
        }
        assert!(compared > 50 && sentences > 1000, "{compared} files, {sentences} sentences");
    }
}

/// `supconv lint --target systemd` of the one file.
fn lint(desk: &Desk, arguments: &str) -> Run {
    desk.run(&format!("lint --target systemd {arguments} a.conf"))
}

/// `rule section option line` of all findings of conversions, infos too, in JSON.
fn found(desk: &Desk, arguments: &str) -> Vec<String> {
    let document = lint(desk, &format!("--format json --min-severity info {arguments}")).json();
    let found = document["findings"].as_array().unwrap().iter();
    let found = found.filter(|one| one["rule"].as_str().unwrap().starts_with("SUP9"));
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or("-").to_owned();
    found
        .map(|one| {
            let [rule, section, option] = ["rule", "section", "option"].map(|key| text(one, key));
            format!("{rule} {section} {option} {}", one["start"]["line"])
        })
        .collect()
}

/// What people are told, one line each, and the exit code.
fn concise(desk: &Desk, arguments: &str) -> (i32, Vec<String>) {
    let Run { code, out, .. } = lint(desk, &format!("--format concise {arguments}"));
    (code, out.lines().map(|line| line.strip_prefix("a.conf:").unwrap_or(line).to_owned()).collect())
}

/// Nothing to find for other rules, and nothing lost.
const HEAD: &str = "[supervisord]\nuser=root\nminfds=65536\n";
const EVENTS: &str = "warning[not-convertible] no listener receives process log events.";

#[test]
fn people_are_told_once_what_programs_are_told_of_each_section() {
    let text = format!(
        "{HEAD}[DEFAULT]\nstderr_events_enabled=true\n\
         [program:a]\ncommand=/a\nuser=a\numask=027\nstdout_logfile=/var/log/a.log\n\
         [program:b]\ncommand=./b\nuser=b\nautostart=false\n[program:c]\ncommand=/c\nuser=c\n"
    );
    let desk = Desk::of(text);
    let (code, lines) = concise(&desk, "");
    let relative = "no unit is written: ./b is relative and no absolute directory= is set: write an absolute path, or give --cwd DIR";
    let other = "12:9: warning[relative-command-path] it starts only in one directory: './b' is looked up where supervisord runs.";
    let other = other.to_owned();
    // Two sections inherit the line; what follows from a program without a unit is not told.
    assert_eq!(
        (code, lines),
        (1, vec![format!("5:23: {EVENTS}"), other, format!("12:9: warning[not-convertible] {relative}")])
    );
    let mut json = found(&desk, "--select SUP903");
    json.sort();
    assert_eq!(
        json,
        [
            "SUP903 program:a stderr_events_enabled 5",
            "SUP903 program:b autostart 14",
            "SUP903 program:b command 12",
            "SUP903 program:b stderr_events_enabled 5",
            "SUP903 program:b user 13",
            "SUP903 program:c stderr_events_enabled 5",
        ]
    );
    // A constant difference: once for people, once a section for programs; and so are those of statistics.
    let (_, lines) = concise(&desk, "--min-severity info --select execution-differs");
    assert_eq!(lines.len(), 4, "{lines:?}");
    let json = found(&desk, "--select execution-differs");
    assert_eq!(json.len(), 8, "{json:?}");
    let Run { out, .. } = lint(&desk, "--min-severity info --select SUP903,SUP908 --statistics");
    let rows =
        "\n     0         0      8  SUP908  execution-differs\n     0         6      0  SUP903  not-convertible\n";
    assert!(out.contains(rows), "{out}");
    let Run { out, .. } = lint(&desk, "--min-severity info --select SUP908");
    assert!(out.ends_with("\n8 infos in 1 file, grouped into 4 messages\n"), "{out}");
    assert_eq!(concise(&desk, "--ignore SUP404,SUP9"), (0, vec![]));
    let (_, lines) = concise(&desk, "--min-severity info --ignore SUP9");
    assert!(!lines.iter().any(|line| line.contains("session")), "{lines:?}");
}

#[test]
fn what_supervisor_refuses_is_said_once() {
    let bad = "[program:a]\ncommand=/a\nuser=a\nstartsecs=soon\n[program:b]\ncommand=/b\nuser=b\n";
    let part = Desk::of(format!("{HEAD}{bad}stdout_events_enabled=true\n"));
    let (code, lines) = concise(&part, "");
    assert_eq!((code, lines.len()), (1, 2), "{lines:?}");
    assert!(lines[0].starts_with("7:11: error[invalid-value]") && lines[1].ends_with(EVENTS), "{lines:?}");
    let whole = Desk::of(format!("{HEAD}minprocs=many\n{bad}stdout_events_enabled=true\n"));
    assert_eq!(found(&whole, ""), [""; 0]);
    assert_eq!(concise(&whole, "--select SUP9").1, [""; 0]);
    // Names that would be one: no refusal, and an error all the same.
    let text =
        format!("{HEAD}[program:a-b]\ncommand=/w\nuser=w\n[program:b]\ncommand=/w\nuser=w\n[group:a]\nprograms=b\n");
    let (code, lines) = concise(&Desk::of(text), "--min-severity error");
    assert_eq!((code, lines.len()), (1, 2), "{lines:?}");
    assert!(
        lines.iter().all(|line| line.contains("error[not-convertible] ") && line.contains("a-b.service")),
        "{lines:?}"
    );
}

/// Where a comment ignores what another finding follows from, that one is told: exit 1 always has its reason.
#[test]
fn what_follows_from_an_ignored_finding() {
    let text = |comment: &str| {
        format!("{HEAD}[program:b]{comment}\ncommand=./b{comment}\nuser=b\nautostart=false\npriority=5\n")
    };
    let line = text("").replace("./b", "./b ; supconv: ignore[not-convertible] known");
    let (code, lines) = concise(&Desk::of(line), "--ignore SUP404");
    assert_eq!((code, lines.len()), (1, 3), "{lines:?}");
    assert!(lines.iter().all(|line| line.ends_with("no unit is written for this program.")), "{lines:?}");
    let section = text("").replace("b]", "b] ; supconv: ignore[not-convertible] known");
    assert_eq!(concise(&Desk::of(section), "--ignore SUP404"), (0, vec![]));
}

/// The text on markup is not the text that will be converted.
#[test]
fn templates_and_fragments_withhold_what_they_may_bring() {
    let text = "[program:a]\ncommand=./{{ bin }}/a\nuser=a\nautostart=false\nstderr_events_enabled=true\n\
                [program:b]\ncommand=/b\nuser=b\nstderr_logfile={{ logs }}/b.log\nstdout_events_enabled=true\n";
    let template = Desk::of(text);
    let (code, lines) = concise(&template, "--ignore SUP0");
    assert_eq!((code, lines), (1, vec![format!("10:23: {EVENTS}")]));
    let said = found(&template, "");
    assert!(!said.iter().any(|one| one.contains("program:a")), "{said:?}");
    let fragment = Desk::of("[program:a]\ncommand=/a\n");
    let (code, lines) = concise(&fragment, "--min-severity info --select SUP910");
    assert!(code == 1 && lines.iter().any(|line| line.contains("this is a fragment")), "{lines:?}");
    let (code, lines) = concise(&fragment, "--select SUP9");
    assert_eq!((code, lines), (0, vec![]));
}

/// supervisord runs on a host: a log on a device makes no container of it.
#[test]
fn the_default_target_is_a_host_whose_rules_still_speak() {
    let text = "[supervisord]\nnodaemon=true\nminfds=65536\n[program:a]\ncommand=/a\nuser=a\n";
    let (_, lines) = concise(&Desk::of(text), "--select supervisord-user-unset");
    assert!(lines.len() == 1 && lines[0].contains("warning[supervisord-user-unset]"), "{lines:?}");
}
