//! `lint --unit`: what a unit says, its drop-ins included, and what the rules make of it.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::support::configuration::Configuration;
use crate::support::desk::Desk;
use crate::support::machine;
use supconv::diagnostic::Severity;
use supconv::files::MAX_SIZE;
use supconv::launcher::{Assigned, Flags, Limits, SupervisorUnit, TimeSpan};
use supconv::rules::{Page, RULES, Settings};
use supconv::source::Sources;

use Severity::{Error as E, Info as I, Warning as W};

/// Code, file (the unit `u` or the configuration `f`), line and severity of a finding.
type Found = (&'static str, char, u32, Severity);

const DEBIAN: &str = "corpus/layouts/debian/lib/systemd/system/supervisor.service";
const EPEL: &str = "corpus/layouts/epel/usr/lib/systemd/system/supervisord.service";

/// A desk with a unit called `s.service`, and its drop-ins.
fn written(text: &str, dropins: &[(&str, &str)]) -> Desk {
    let desk = Desk::new(&[("s.service", text)]);
    for (name, text) in dropins {
        desk.write(&format!("s.service.d/{name}"), text);
    }
    desk
}

fn read(path: &Path) -> Result<(SupervisorUnit, Sources), String> {
    let sources = Sources::default();
    let unit = SupervisorUnit::read(&path.display().to_string(), MAX_SIZE, &sources)?;
    Ok((unit, sources))
}

/// The unit with these lines in `[Service]`.
fn service(lines: &str) -> Result<SupervisorUnit, Box<dyn Error>> {
    let text = format!("[Service]\nExecStart=/usr/bin/supervisord -n\n{lines}\n");
    Ok(read(&written(&text, &[]).join("s.service"))?.0)
}

fn text<T: Clone>(value: Option<&Assigned<T>>) -> Option<T> {
    value.map(|assigned| assigned.value.clone())
}

/// What is found with a unit in a configuration.
fn found(unit: &Path, text: &str) -> Result<Vec<Found>, Box<dyn Error>> {
    const TESTED: [&str; 9] =
        ["SUP101", "SUP103", "SUP104", "SUP105", "SUP201", "SUP202", "SUP203", "SUP312", "SUP706"];
    let (unit, files, read) = Configuration::started_by(unit, "/etc/supervisord.conf", text)?;
    let settings = Settings { unit: Some(unit), ..Settings::default() };
    Ok(read
        .findings(&settings)
        .into_iter()
        .filter(|found| TESTED.contains(&found.rule.code))
        .map(|found| {
            let line = read.line(&found);
            let file = if (found.place.source.0 as usize) < files { 'u' } else { 'f' };
            (found.rule.code, file, line, found.severity)
        })
        .collect())
}

#[test]
fn the_units_of_the_packages() -> Result<(), Box<dyn Error>> {
    let (debian, sources) = read(Path::new(DEBIAN))?;
    assert_eq!(debian.kind(), "simple");
    assert_eq!(text(debian.kill_mode.as_ref()).as_deref(), Some("process"));
    let place = debian.kill_mode.as_ref().map(|mode| mode.place).unwrap_or_default();
    assert_eq!(sources.slice(place), "KillMode=process");
    assert_eq!(debian.limits(), Some(Limits::DEFAULT));
    assert_eq!(debian.nodaemon(), Some(true));
    let flags = debian.flags.ok_or("no flags")?;
    assert_eq!(flags.configuration.as_deref(), Some("/etc/supervisor/supervisord.conf"));
    let (epel, _) = read(Path::new(EPEL))?;
    assert_eq!(epel.kind(), "forking");
    assert_eq!((&epel.pid_file, &epel.kill_mode, epel.nodaemon()), (&None, &None, Some(false)));
    // KillMode and the default of both.
    let program = "[program:a]\ncommand=a\nuser=a\n";
    let main = format!("[supervisord]\nuser=root\n{program}");
    assert_eq!(found(Path::new(DEBIAN), &main)?, [("SUP706", 'u', 11, W), ("SUP101", 'f', 1, W)]);
    assert_eq!(found(Path::new(EPEL), &main)?, [("SUP706", 'u', 7, W), ("SUP101", 'f', 1, W)]);
    let main = format!("[supervisord]\nuser=root\nnodaemon=true\nminfds=65536\n{program}");
    assert_eq!(found(Path::new(EPEL), &main)?, [("SUP706", 'u', 7, E)]);
    Ok(())
}

#[test]
fn every_form_of_a_limit_is_read() -> Result<(), Box<dyn Error>> {
    for (value, limits) in [
        ("65536", Some((65_536, 65_536))),
        ("4096:524288", Some((4096, 524_288))),
        ("infinity", Some((Limits::INFINITY, Limits::INFINITY))),
        ("1024:infinity", Some((1024, Limits::INFINITY))),
        ("0x400", Some((1024, 1024))),
        // systemd-analyze verify: Failed to parse resource value, ignoring.
        ("64K", None),
        ("1M:2M", None),
        ("100:", None),
        ("-1", None),
        ("many", None),
        // Soft resource limit chosen higher than hard limit, ignoring.
        ("4096:1024", None),
    ] {
        let unit = service(&format!("LimitNOFILE={value}"))?;
        let read = unit.limits.as_ref().map(|limits| (limits.value.soft, limits.value.hard));
        assert_eq!(read, limits, "{value}");
        assert_eq!(unit.ignored.is_empty(), limits.is_some(), "{value}");
    }
    let unit = service("LimitNOFILE=65536\nLimitNOFILE=64K")?;
    assert_eq!(unit.limits(), Some(Limits { soft: 65_536, hard: 65_536 }));
    let unit = service("LimitNOFILE=65536\nLimitNOFILE=")?;
    assert_eq!(unit.limits(), Some(Limits::DEFAULT));
    let shell = "[Service]\nExecStart=/bin/sh -c 'ulimit -n 65536; exec supervisord -n'\n";
    assert_eq!(read(&written(shell, &[]).join("s.service"))?.0.limits(), None);
    Ok(())
}

/// What systemd itself says of the same lines, where it is at hand.
#[test]
fn systemd_reads_limits_so_too() -> Result<(), Box<dyn Error>> {
    if let Err(why) = machine::program("systemd-analyze", "systemd") {
        machine::passed_over("what systemd says of limits", &why);
        return Ok(());
    }
    for (value, ignored) in
        [("65536", false), ("1024:infinity", false), ("0x400", false), ("64K", true), ("4096:1024", true)]
    {
        let desk = written(&format!("[Service]\nExecStart=/bin/true\nLimitNOFILE={value}\n"), &[]);
        let unit = desk.join("s.service");
        let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(unit).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.contains("s.service:3") && said.contains("ignoring"), ignored, "{value}: {said}");
    }
    Ok(())
}

#[test]
fn drop_ins_come_in_order_and_an_empty_value_resets() -> Result<(), Box<dyn Error>> {
    let desk = written(
        "[Unit]\nUser=not-here\n[Service]\nUser=a\nExecStart=/usr/bin/supervisord\nLimitNOFILE=2048\nType=forking\n",
        &[
            ("20-b.conf", "[Service]\nUser=c\nLimitNOFILE=8192:16384\n"),
            ("10-a.conf", "[Service]\nUser=b\nExecStart=\nExecStart=/usr/bin/supervisord -n -c /x\nType=\n"),
            ("30-c.txt", "[Service]\nUser=d\n"),
        ],
    );
    let (unit, sources) = read(&desk.join("s.service"))?;
    assert_eq!(text(unit.user.as_ref()).as_deref(), Some("c"));
    assert_eq!(unit.kind(), "simple");
    assert_eq!(unit.command.value, "/usr/bin/supervisord -n -c /x");
    assert_eq!(unit.limits(), Some(Limits { soft: 8192, hard: 16_384 }));
    let place = unit.limits.as_ref().map(|limits| limits.place).unwrap_or_default();
    assert!(sources.path(place.source).ends_with("20-b.conf"));
    assert_eq!(sources.slice(place), "LimitNOFILE=8192:16384");
    assert_eq!(sources.slice(unit.command.place), "ExecStart=/usr/bin/supervisord -n -c /x");
    Ok(())
}

#[test]
fn a_unit_is_read_in_systemds_dialect() -> Result<(), Box<dyn Error>> {
    let text = "# User=a\n  ; User=b\n[Service]\r\n  User = c \r\nno assignment\n=x\nA:B=1\nExecStart=/usr/bin/supervisord \\\n# -u d\n\
                \x20 -n \\\\ \\\n  -a 5000\n[Install]\nUser=e\n[Service]\nTimeoutStopSec=1min 30s\nEnvironment=\"A=b\" \\x\n";
    let (unit, sources) = read(&written(text, &[]).join("s.service"))?;
    assert_eq!(unit.user.as_ref().map(|user| (&*user.value, sources.slice(user.place))), Some(("c", "User = c")));
    assert_eq!(sources.slice(unit.command.place), "ExecStart=/usr/bin/supervisord");
    let flags = unit.flags.ok_or("no flags")?;
    assert!(flags.nodaemon);
    assert_eq!(unit.stop_timeout.map(|timeout| timeout.value), Some(TimeSpan::Seconds(90)));
    for (written, span) in [
        ("90", TimeSpan::Seconds(90)),
        ("infinity", TimeSpan::Endless),
        ("0", TimeSpan::Endless),
        ("1500ms", TimeSpan::Seconds(2)),
        ("2h", TimeSpan::Seconds(7200)),
    ] {
        let unit = service(&format!("TimeoutStopSec={written}"))?;
        assert_eq!(unit.stop_timeout.map(|timeout| timeout.value), Some(span), "{written}");
    }
    assert_eq!(service("TimeoutStopSec=soon")?.stop_timeout, None);
    for text in ["", "[Service]\n", "[Service]\nUser=a\n", "ExecStart=/usr/bin/supervisord\n"] {
        assert!(
            read(&written(text, &[]).join("s.service")).is_err_and(|error| error.contains("no ExecStart=")),
            "{text}"
        );
    }
    assert!(read(Path::new("/nonexistent.service")).is_err());
    Ok(())
}

#[test]
fn flags_of_supervisord_are_read_as_it_reads_them() -> Result<(), Box<dyn Error>> {
    let flags = |command: &str| Flags::of(command).ok_or_else(|| format!("no flags in {command}"));
    let given = flags("-/usr/bin/python3 /usr/bin/supervisord -nu app -m022 --minfds=4096 --minprocs 300 -c/x")?;
    let expected = Flags {
        nodaemon: true,
        configuration: Some("/x".to_owned()),
        user: Some("app".to_owned()),
        umask: Some("022".to_owned()),
        minfds: Some(4096),
        minprocs: Some(300),
        variable: false,
    };
    assert_eq!(given, expected);
    assert_eq!(flags("@supervisord -a 5000 --nodaemon")?.minfds, Some(5000));
    assert!(flags("supervisord --nod")?.nodaemon);
    assert!(!flags("supervisord -c -n")?.nodaemon);
    assert!(!flags("supervisord stop -n")?.nodaemon);
    assert!(flags("supervisord $OPTIONS -c /x")?.variable);
    assert_eq!(flags("python3 -m supervisor.supervisord -c \"/a b\"")?.configuration.as_deref(), Some("/a b"));
    assert_eq!(Flags::of("/usr/local/bin/start.sh"), None);
    Ok(())
}

#[test]
fn rules_judge_by_what_the_unit_says() -> Result<(), Box<dyn Error>> {
    const START: &str = "ExecStart=/usr/bin/supervisord -n";
    const MAIN: &str = "[supervisord]\nuser=root\n[program:a]\ncommand=a\nuser=a\n";
    let high = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=a\nuser=a\n";
    let other = "[supervisord]\nuser=app\nminfds=65536\n[program:a]\ncommand=a\n";
    let many = "[supervisord]\nuser=root\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s\nuser=a\n";
    let nobody = "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\nuser=a\n";
    let alone = "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\n";
    let slow = "[supervisord]\nuser=a\nminfds=4096\n[program:a]\ncommand=a\nstopwaitsecs=60\n[program:b]\ncommand=b\n\
                stopwaitsecs=40\n";
    let rows: &[(&str, &str, &[Found])] = &[
        (START, nobody, &[("SUP202", 'f', 1, W)]),
        (START, alone, &[("SUP201", 'f', 3, W)]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=app", alone, &[]),
        ("ExecStart=/usr/bin/supervisord -n -u app", alone, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=root", alone, &[("SUP201", 'f', 3, W)]),
        (START, slow, &[("SUP312", 'f', 1, I)]),
        ("ExecStart=/usr/bin/supervisord -n\nTimeoutStopSec=1min 39s", slow, &[("SUP312", 'f', 1, I)]),
        ("ExecStart=/usr/bin/supervisord -n\nTimeoutStopSec=100", slow, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nTimeoutStopSec=infinity", slow, &[]),
        (START, MAIN, &[("SUP101", 'f', 1, W)]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=512", MAIN, &[("SUP101", 'f', 1, W), ("SUP105", 'f', 1, I)]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=4096:8192", MAIN, &[]),
        ("ExecStart=/usr/bin/supervisord -n -a 4096", MAIN, &[]),
        ("ExecStart=/usr/bin/supervisord -n -a 1000", high, &[("SUP101", 'u', 2, W)]),
        ("ExecStart=/bin/sh -c 'ulimit -n 9999; exec supervisord -n'", MAIN, &[]),
        (START, many, &[("SUP101", 'f', 1, E), ("SUP103", 'f', 1, E)]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=4096", many, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=4096", high, &[("SUP105", 'f', 3, I)]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=4096", other, &[("SUP105", 'f', 3, E)]),
        (START, other, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=infinity", other, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nLimitNOFILE=64K", high, &[("SUP706", 'u', 3, W)]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=app", nobody, &[("SUP203", 'f', 5, E)]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=a", nobody, &[]),
        ("ExecStart=/usr/bin/supervisord -n -u app", nobody, &[("SUP203", 'f', 5, E)]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=app", high, &[("SUP706", 'u', 3, E)]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=app", other, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nUser=1000", other, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nKillMode=none", high, &[("SUP706", 'u', 3, W)]),
        ("ExecStart=/usr/bin/supervisord -n\nKillMode=mixed", high, &[]),
        ("ExecStart=/usr/bin/supervisord\nType=forking", high, &[("SUP706", 'u', 3, W)]),
        ("ExecStart=/usr/bin/supervisord\nType=forking\nPIDFile=/run/supervisord.pid", high, &[]),
        ("ExecStart=/usr/bin/supervisord -n\nType=forking\nPIDFile=/x", high, &[("SUP706", 'u', 3, E)]),
        ("ExecStart=/usr/bin/supervisord", high, &[("SUP706", 'u', 2, E)]),
        ("ExecStart=/usr/bin/supervisord $OPTIONS", high, &[]),
        ("ExecStart=/usr/local/bin/start.sh", high, &[]),
        ("ExecStart=/usr/bin/supervisord\nType=exec", "[program:a]\ncommand=a\nuser=b\n", &[]),
        ("ExecStart=/usr/bin/supervisord -n\nType=notify", high, &[("SUP706", 'u', 3, E)]),
    ];
    let mut wrong = Vec::new();
    for (lines, text, expected) in rows {
        let desk = written(&format!("[Service]\n{lines}\n"), &[]);
        let found = found(&desk.join("s.service"), text)?;
        if found != *expected {
            wrong.push(format!("{lines}\n{text}  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn the_examples_of_the_rule_fire_and_do_not() -> Result<(), Box<dyn Error>> {
    let rule = RULES.iter().map(|check| &check.rule).find(|rule| rule.code == "SUP706").ok_or("no such rule")?;
    let page = Page::of(rule).ok_or("no such page")?;
    let text = "[supervisord]\nminfds=65536\nuser=root\n";
    assert_eq!(found(&written(page.bad, &[]).join("s.service"), text)?, [("SUP706", 'u', 3, W)]);
    assert_eq!(found(&written(page.good, &[]).join("s.service"), text)?, []);
    Ok(())
}

#[test]
fn a_finding_stands_in_the_unit_that_the_flag_names() -> Result<(), Box<dyn Error>> {
    let lint = |unit: &str| {
        let file = "corpus/layouts/debian/etc/supervisor/supervisord.conf";
        let root = "corpus/layouts/debian";
        Command::new(env!("CARGO_BIN_EXE_supconv"))
            .args(["lint", "--format", "json", "--root", root, "--unit", unit, file])
            .output()
    };
    let output = lint(DEBIAN)?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let at = |pointer: &str, finding: &serde_json::Value| finding.pointer(pointer).cloned().unwrap_or_default();
    let findings = at("/findings", &report);
    let mut findings = findings.as_array().into_iter().flatten();
    let unit = findings.find(|finding| at("/rule", finding) == "SUP706").ok_or("SUP706 is silent")?;
    assert_eq!((at("/path", unit), at("/start/line", unit)), (DEBIAN.into(), 11.into()));
    assert_eq!((at("/section", unit), at("/option", unit)), ("Service".into(), "KillMode".into()));
    let output = lint("/nonexistent.service")?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--unit /nonexistent.service: "));
    Ok(())
}
