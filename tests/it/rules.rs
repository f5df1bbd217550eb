//! The rules: pages whose examples fire and do not, what must stay silent, and parity with what `show` says of real files.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use crate::support::configuration::Configuration;
use crate::support::corpus;
use crate::support::desk::Desk;
use supconv::diagnostic::{Diagnostic, Severity};
use supconv::reading::{Reading, Role};
use supconv::rules::ignores::Ignores;
use supconv::rules::{RULES, Settings};
use supconv::show::document;

/// A closed world with the two variables that every process has.
fn closed() -> Reading {
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Reading {
        environment: Some(vec![variable("HOME", "/root"), variable("PATH", "/usr/bin:/bin")]),
        node: Some("node".to_owned()),
        ..Reading::default()
    }
}

/// A desk with two files below `conf.d` for those that include something.
fn scratch() -> Desk {
    let desk = Desk::new(&[]);
    for name in ["api", "web"] {
        let program = format!("[program:{name}]\ncommand=/srv/{name}\nuser={name}\n");
        desk.write(&format!("conf.d/{name}.conf"), program);
    }
    desk
}

/// What the rules find in the file at `path`, with the lines that each finding begins on; unreadable files have nothing.
fn lint(path: &Path, reading: &Reading) -> Vec<(Diagnostic, u32)> {
    let Ok(read) = Configuration::read(path, reading.clone()) else { return Vec::new() };
    let settings = Settings::default();
    let found = read.findings(&settings);
    let judged = read.sources.iter().map(|(id, _)| id).collect();
    let (found, _) = Ignores::read(&read.sources).part(found, &judged, &settings);
    found.into_iter().map(|found| (read.line(&found), found)).map(|(l, f)| (f, l)).collect()
}

/// The same of a text.
fn lint_text(scratch: &Path, text: &str, reading: &Reading) -> Result<Vec<(Diagnostic, u32)>, Box<dyn Error>> {
    let path = scratch.join("supervisord.conf");
    fs::write(&path, text)?;
    Ok(lint(&path, reading))
}

#[test]
fn codes_and_names_are_unique() {
    let codes: BTreeSet<_> = RULES.iter().map(|check| check.rule.code).collect();
    let names: BTreeSet<_> = RULES.iter().map(|check| check.rule.name).collect();
    assert_eq!((codes.len(), names.len()), (RULES.len(), RULES.len()));
    for check in RULES {
        // What an ignore is of use for is known only behind all checks.
        let behind = check.rule.name == "unused-ignore";
        assert!(behind || check.refusal.is_some() || check.check.is_some(), "{} does nothing", check.rule.code);
    }
}

/// The world is closed, for SUP603 fires in no other, and the directory has something to include, for SUP701.
#[test]
fn the_examples_of_each_page_fire_and_do_not() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    for rule in RULES.iter().map(|check| &check.rule) {
        for (part, text) in [("what", rule.what), ("why", rule.why), ("bad", rule.bad), ("good", rule.good)] {
            assert!(!text.is_empty(), "{} has no {part}", rule.code);
        }
        if rule.bad.starts_with("[Service]") {
            // A unit: unit_file.rs reads it.
            continue;
        }
        let bad = lint_text(&scratch, rule.bad, &closed())?;
        assert!(
            bad.iter().any(|(found, _)| found.rule.code == rule.code),
            "{} is silent about its bad example: {bad:?}",
            rule.code
        );
        let good = lint_text(&scratch, rule.good, &closed())?;
        let wrong = good.iter().find(|(found, _)| found.rule.code == rule.code || found.severity == Severity::Error);
        assert!(wrong.is_none(), "the good example of {}: {wrong:?}", rule.code);
    }
    Ok(())
}

/// Of a file with these lines behind `[program:api]`, `command=` and `user=`: the codes of the errors, each with the
/// beginning of its message.
const ERRORS: &[(&str, &[(&str, &str)])] = &[
    ("autostart=tru", &[("SUP010", "'tru' is no boolean for autostart")]),
    ("autorestart=always", &[("SUP010", "'always' is no restart policy")]),
    ("stdout_logfile_maxbytes=50M", &[("SUP010", "'50M' is no size")]),
    ("startsecs=5;five", &[("SUP004", "without a space before it ';' begins no comment: startsecs is '5;five'")]),
    ("startsecs=5#five", &[("SUP004", "without a space before it '#'")]),
    ("exitcodes=0;2", &[("SUP010", "'0;2' is no list of exit codes")]),
    ("startsecs=5\n autostart=false", &[("SUP002", "'autostart=' is indented")]),
    ("environment=A=\"1\"\n autostart=false", &[("SUP601", "'autostart=' is indented")]),
    ("autostart=\"true\"", &[("SUP011", "quotes are not taken off here: Supervisor reads autostart as '\"true\"'")]),
    ("environment=A=\"x #y\"", &[("SUP003", "what follows ' #' is a comment, even inside quotes: 'A' is cut")]),
    (
        "environment=A=\"1\",\n B=\"x ;y\"",
        &[("SUP003", "what follows ' ;' is a comment, even inside quotes: 'B' is cut")],
    ),
    (
        "environment=A=http://u@h,B=1",
        &[(
            "SUP601",
            "Supervisor cannot read this list, and refuses to start: without quotes the value of 'A' ends at '@'",
        )],
    ),
    (
        "environment=A=\"1\"\n B=\"2\"",
        &[("SUP601", "Supervisor cannot read this list, and refuses to start: no comma separates 'A'")],
    ),
    ("environment=A=,B=1", &[("SUP601", "Supervisor cannot read this list, and refuses to start: 'A' has no value")]),
    (
        "environment=A=\"1",
        &[("SUP601", "Supervisor cannot read this list, and refuses to start: the quote before the value of 'A'")],
    ),
    (
        "environment=A=\"1\\\"2\",B=\"3\"",
        &[("SUP601", "Supervisor cannot read this list, and refuses to start: the value of 'A' ends at a quote")],
    ),
    (
        "environment=A=1,B",
        &[("SUP601", "Supervisor cannot read this list, and refuses to start: what follows the value of 'A'")],
    ),
    (
        "environment=A=1 ; comment\n B=2",
        &[("SUP601", "Supervisor cannot read this list, and refuses to start: no comma separates 'A'")],
    ),
    ("stderr_logfile=/x/%Y.log", &[("SUP005", "'%Y' begins no expansion that there is")]),
    (
        "stderr_logfile=/x/%(program)s.log",
        &[("SUP005", "'program' is no name that stderr_logfile of [program:api] knows")],
    ),
    ("stderr_logfile=/x/%(here)d.log", &[("SUP005", "'%(here)d' wants a number")]),
    ("stderr_logfile=/x/%(here).log", &[("SUP005", "'%(here)' lacks the letter")]),
    ("stderr_logfile=/x/%(here", &[("SUP005", "the parenthesis of '%(' is never closed")]),
    ("stderr_logfile=/x/%s.log", &[("SUP005", "'%s' inserts the whole environment")]),
    (
        "stderr_logfile=/x/%%Y.log",
        &[("SUP006", "Supervisor expands stderr_logfile twice, and the second time the % that %% leaves")],
    ),
    (
        "stderr_logfile=/x/%%s.log",
        &[("SUP006", "Supervisor expands stderr_logfile twice, and the second time the % that %% leaves inserts")],
    ),
    ("directory=%(ENV_home)s", &[("SUP603", "'home' is not in the environment")]),
    ("process_name=a b", &[("SUP014", "'a b' is no name for a process")]),
    ("numprocs=2", &[("SUP014", "numprocs=2 needs %(process_num)")]),
    ("numprocs=20001\nprocess_name=%(process_num)s", &[("SUP017", "20001 processes: supconv stops at 20000")]),
    ("stopasgroup=true\nkillasgroup=false", &[("SUP010", "stopasgroup=true asks a group")]),
    ("user=api:api", &[("SUP010", "user takes no group")]),
    ("autostart", &[("SUP001", "this line has neither = nor :")]),
    ("=true", &[("SUP001", "this line has no name of an option")]),
    ("[group:g]\nprograms=api,", &[("SUP315", "[group:g] names nothing between")]),
    (
        "[group:g]\nprograms=api ; no more\n[group:h]\nprograms=apj",
        &[("SUP315", "[group:h] names 'apj', and there is no such program")],
    ),
    ("[program:no]\nuser=api", &[("SUP408", "[program:no] has no command")]),
    ("[program:no]\nnumprocs=0\nuser=api", &[]),
    ("[eventlistener:l]\ncommand=l\nuser=api", &[("SUP704", "[eventlistener:l] does not say which events")]),
    ("[eventlistener:l]\ncommand=l\nuser=api\nevents=TICK_7", &[("SUP704", "'TICK_7' is no event")]),
    (
        "[inet_http_server]\nport=9001\npassword=geheim",
        &[("SUP205", "[inet_http_server] has a password and no username")],
    ),
    ("[inet_http_server]\nport=9001\nusername=a\npassword=geheim%", &[("SUP005", "the password holds a %")]),
    ("[inet_http_server]\nport=:::9001", &[("SUP010", "supervisord serves IPv4 only")]),
    ("[inet_http_server]\nusername=a\npassword=b", &[("SUP010", "[inet_http_server] has no port")]),
    ("[rpcinterface:x]\nsupervisor.rpcinterface_factory=x:", &[("SUP010", "'x:' names no object of Python")]),
    ("[include]", &[("SUP010", "[include] has no files")]),
    ("[include]\nfiles=\"conf.d/a*.conf\"", &[("SUP701", "quotes are part of a pattern")]),
    // What looks wrong and is right.
    ("command=/srv/api a;b #c;d\nstartsecs=5 ;five\numask=0o22\nstopsignal=SIGTERM\nnumprocs=1", &[]),
    ("environment=A=\"1\";B='2',\n\n ; a comment\n C=\"3\",", &[]),
    ("environment=A=\"x#y;z\",LANG=en_US.UTF-8", &[]),
    ("command=date +%%s %%(asctime)s %(here)s\nstdout_logfile=/x/%(program_name)s-%%(host_node_name)s.log", &[]),
    ("command=/srv/api\n --user=api\n of=/dev/null", &[]),
    (
        "directory=\"/srv\"\nstdout_logfile='/x'",
        &[("SUP011", "quotes are not taken off here"), ("SUP011", "quotes are not taken off here")],
    ),
    ("command=python -m __main__ '{\"a\":{\"b\":1}}' ${HOME} ops@EXAMPLE.org", &[]),
];

#[test]
fn each_error_has_its_rule() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    let mut wrong = Vec::new();
    for (lines, expected) in ERRORS {
        let command = if lines.starts_with("command=") { "" } else { "command=/srv/api\n" };
        let text = format!("[supervisord]\nuser=root\nminfds=65536\n[program:api]\n{command}user=api\n{lines}\n");
        let found = lint_text(&scratch, &text, &closed())?;
        let errors: Vec<_> =
            found.iter().map(|(found, _)| found).filter(|found| found.severity == Severity::Error).collect();
        let same = errors.len() == expected.len()
            && errors.iter().zip(*expected).all(|(found, (code, message))| {
                found.rule.code == *code && found.message.starts_with(message) && found.help.is_some()
            });
        if !same {
            let errors: Vec<_> = errors.iter().map(|found| (found.rule.code, &found.message)).collect();
            wrong.push(format!("{lines:?}\n  expected {expected:?}\n  found    {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn secrets_are_not_told() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    for lines in [
        "[inet_http_server]\nport=9001\nusername=a\npassword=geheim%",
        "[inet_http_server]\nport=9001\nusername=a\npassword=%(geheim)s",
        "[inet_http_server]\nport=9001\nusername=a\npassword=geheim;a;b ;c #d",
        "environment=PASSWORD=\"geheim #geheim\"",
        "environment=PASSWORD=geheim@geheim,B=1",
        "environment=PASSWORD=\"geheim\"geheim",
        "environment=A=1,geheim",
        "[inet_http_server]\nport=9001\n username=a\n password=geheim",
        "startsecs=5\n [inet_http_server]\n password=geheim",
        "environment=PASSWORD=\"geheim;a;b ;c #d\"",
    ] {
        let text = format!("[supervisord]\n[program:api]\ncommand=/srv/api\n{lines}\n");
        for (found, _) in lint_text(&scratch, &text, &closed())? {
            let told = format!("{} {:?} {:?}", found.message, found.help, found.labels);
            assert!(!told.contains("geheim"), "{lines}: {told}");
        }
    }
    Ok(())
}

#[test]
fn a_fragment_is_not_asked_for_what_the_main_file_has() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    let text = "[DEFAULT]\nautorestart=true\n[inet_http_server]\nport=127.0.0.1:9001\n[rpcinterface:supervisor]\n\
                supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
                [group:g]\nprograms=api,elsewhere\n[program:api]\ncommand=/srv/api %(ENV_PORT)s\nuser=api\n";
    let found = lint_text(&scratch, text, &Reading::default())?;
    assert!(found.is_empty(), "{found:?}");
    let found = lint_text(&scratch, text, &Reading { role: Some(Role::Main), ..Reading::default() })?;
    assert!(found.iter().any(|(found, _)| found.rule.code == "SUP001" && found.message.contains("no [supervisord]")));
    let found = lint_text(&scratch, "[include]\nfiles=nothing/*.conf\n", &Reading::default())?;
    let warnings: Vec<_> = found.iter().map(|(found, _)| (found.rule.code, found.severity)).collect();
    assert_eq!(warnings, [("SUP701", Severity::Warning)]);
    Ok(())
}

#[test]
fn includes_without_effect() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    fs::write(scratch.join("conf.d/nested.conf"), "[include]\nfiles=x\n")?;
    fs::create_dir_all(scratch.join("conf.d/directory.conf"))?;
    let files = |files: &str| -> Result<Vec<Severity>, Box<dyn Error>> {
        let text = format!("[supervisord]\nuser=root\nminfds=65536\n[include]\n{files}\n");
        let found = lint_text(&scratch, &text, &Reading::default())?;
        Ok(found
            .into_iter()
            .filter(|(found, _)| found.rule.code == "SUP701")
            .map(|(found, _)| found.severity)
            .collect())
    };
    assert_eq!(files("files=conf.d/api.conf conf.d/web.conf")?, []);
    assert_eq!(files("files=nothing/*.conf")?, [Severity::Warning]);
    assert_eq!(files("files=/nothing/*.conf")?, [Severity::Info]);
    assert_eq!(files("files=conf.d/api.conf, conf.d/web.conf")?, [Severity::Error]);
    assert_eq!(files("files=~/conf.d/*.conf")?, [Severity::Error]);
    assert_eq!(files("files=conf.d/nested.conf")?, [Severity::Error]);
    assert_eq!(files("files=conf.d/directory.conf")?, [Severity::Error]);
    assert_eq!(files("files=conf.d/api.conf conf.d/a*.conf")?, [Severity::Warning]);
    assert_eq!(files("files=conf.d/api.conf\nfiles=conf.d/web.conf")?, [Severity::Error]);
    Ok(())
}

#[test]
fn templates_withhold_what_they_may_bring() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    let text = "[supervisord]\nuser=root\nminfds=65536\n{% if x %}\n[program:{{ name }} {{ b }}]\nuser=a\n{% include 'b' %}\n\
                [program:c]\ncommand=c\nnumprocs={{ n }}\nuser=c\nstartsecs=5s\n{% endif %}\n";
    let found: Vec<_> =
        lint_text(&scratch, text, &closed())?.iter().map(|(found, line)| (found.rule.code, *line)).collect();
    assert_eq!(found, [("SUP015", 4), ("SUP010", 12)]);
    let text = "[supervisord]\nuser=%USER%\nminfds=@MINFDS@\n[program:a]\nuser=a\n";
    let found: Vec<_> =
        lint_text(&scratch, text, &closed())?.iter().map(|(found, line)| (found.rule.code, *line)).collect();
    assert_eq!(found, [("SUP015", 2), ("SUP005", 2), ("SUP408", 4)]);
    Ok(())
}

/// Files that `show` accepts and that fail when the servers are opened.
const SUP013: &str = "SUP013";

/// What is refused has the first refusal's message in an error, and what is accepted has no error that quotes Supervisor.
fn parity(path: &Path, failures: &mut Vec<String>) {
    let reading = closed();
    let (_, said) = document(&path.display().to_string(), &reading, false);
    let found = lint(path, &reading);
    let template = found.iter().any(|(found, _)| found.rule.code == "SUP015");
    let quotes: Vec<_> = found
        .iter()
        .filter(|(found, _)| found.rule.code != SUP013)
        .filter_map(|(found, _)| found.supervisor.as_deref())
        .collect();
    let wrong = match said.get("error").and_then(serde_json::Value::as_str) {
        Some(error) => !template && !quotes.contains(&error),
        None => !quotes.is_empty(),
    };
    if wrong {
        failures.push(format!("{}: show {:?}, lint {quotes:?}", path.display(), said.get("error")));
    }
    for (found, line) in found.iter().filter(|(found, _)| found.supervisor.is_some()) {
        if found.severity != Severity::Error {
            failures.push(format!("{}:{line}: quotes Supervisor and is no error", path.display()));
        }
    }
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    for (found, line) in found.iter().filter(|(found, _)| found.severity == Severity::Error) {
        let source = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
        if ["{%", "{{", "<%="].iter().any(|mark| source.contains(mark)) {
            failures.push(format!("{}:{line}: {} on markup", path.display(), found.rule.code));
        }
    }
}

#[test]
fn errors_are_what_show_refuses() {
    let mut failures = Vec::new();
    for path in corpus::all() {
        parity(&path, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
