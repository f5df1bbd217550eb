//! The rules together: pages whose examples fire and do not, what is never told, and parity with what `show` says of real
//! files. What each says of small files stands in its own rows.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use crate::support::configuration::Configuration;
use crate::support::corpus;
use crate::support::desk::Desk;
use supconv::diagnostic::{Diagnostic, Severity};
use supconv::reading::{Reading, Role};
use supconv::report::document;
use supconv::rules::ignores::Ignores;
use supconv::rules::{Page, RULES, Settings};

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
fn lint(path: &Path, reading: &Reading) -> Vec<(Diagnostic<'static>, u32)> {
    let Ok(read) = Configuration::read(path, reading.clone()) else { return Vec::new() };
    let settings: &'static Settings = Box::leak(Box::default());
    let found = read.findings(settings);
    let judged = read.sources.iter().map(|(id, _)| id).collect();
    let (found, _) = Ignores::read(read.sources).part(found, &judged, settings);
    found.into_iter().map(|found| (read.line(&found), found)).map(|(l, f)| (f, l)).collect()
}

/// The same of a text.
fn lint_text(scratch: &Path, text: &str, reading: &Reading) -> Result<Vec<(Diagnostic<'static>, u32)>, Box<dyn Error>> {
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
        // What an ignore is of use for is known only after all checks.
        let behind = check.rule.name == "unused-ignore";
        assert!(behind || check.refusal.is_some() || check.check.is_some(), "{} does nothing", check.rule.code);
    }
}

/// The world is closed, for what Supervisor refuses in no other (SUP603), and the directory has something to include, for
/// SUP701. One rule looks at this machine.
#[test]
fn the_examples_of_each_page_fire_and_do_not() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    for rule in RULES.iter().map(|check| &check.rule) {
        let page = Page::of(rule).ok_or_else(|| format!("the page of {} has not the form of the others", rule.name))?;
        assert!(!page.bad.is_empty(), "{} has no examples", rule.name);
        if page.bad.starts_with("[Service]") {
            // A unit: unit_file.rs reads it.
            continue;
        }
        let reading = Reading { check_host: rule.name == "missing-path", ..closed() };
        let bad = lint_text(&scratch, page.bad, &reading)?;
        assert!(
            bad.iter().any(|(found, _)| found.rule.code == rule.code),
            "{} is silent about its bad example: {bad:?}",
            rule.code
        );
        let good = lint_text(&scratch, page.good, &reading)?;
        let wrong = good.iter().find(|(found, _)| found.rule.code == rule.code || found.severity == Severity::Error);
        assert!(wrong.is_none(), "the good example of {}: {wrong:?}", rule.code);
    }
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
        "environment=APP_KEY=\"geheim\"geheim",
        "environment=SECRET_KEY_BASE=geheim@geheim,B=1",
        "environment=DB_PASSWORD=$geheim,B=1",
        "environment=A=1,geheim",
        "[inet_http_server]\nport=9001\n username=a\n password=geheim",
        "startsecs=5\n [inet_http_server]\n password=geheim",
        "environment=PASSWORD=\"geheim;a;b ;c #d\"",
        "[inet_http_server]\nport=1\nusername=a\npassword=\"geheim\"",
        "[inet_http_server]\nport=1\nusername=a\npassword=\"geheim ;geheim\"",
        "[inet_http_server]\nport=1\nusername=a\npassword=x\npassword=geheim",
        "[unix_http_server]\nfile=/x\n password=geheim",
        "[inet_http_server]\nport=1\npasword=geheim",
        "  environment=PASSWORD=\"geheim\"",
        "environment=PASSWORD=\"geheim ;geheim\",\n B=\"z\"",
        "password=geheim",
        "[program:w]\ncommand=PASSWORD=geheim w\nenvironment=API_TOKEN=geheim#geheim",
    ] {
        let text = format!("[supervisord]\n[program:api]\ncommand=/srv/api\n{lines}\n");
        let found = lint_text(&scratch, &text, &closed())?;
        assert!(found.iter().any(|(found, _)| found.severity > Severity::Info), "{lines}");
        for (found, _) in found {
            let told = format!("{} {:?} {:?}", found.message, found.help, found.labels);
            assert!(!told.contains("geheim"), "{lines}: {told}");
        }
    }
    Ok(())
}

#[test]
fn what_is_said() -> Result<(), Box<dyn Error>> {
    let text = "[supervisord]\nuser=app\nminfds=1000000\n[inet_http_server]\nport=9001\n[program:w]\ncommand=PASSWORD=geheim w\n\
                numprocs=2\nprocess_name=%(process_num)s\nstdout_logfile=/l/w\nenvironment=API_TOKEN=geheim#geheim";
    let found = lint_text(&scratch(), text, &Reading::default())?;
    let said: Vec<_> = found.iter().map(|(found, _)| found.message.text().into_owned()).collect();
    for part in [
        "takes about 1.5 s of CPU, and 3.0 s for the 2 processes",
        "closes 1,000,000 descriptors",
        "as app it cannot raise its hard limit",
        "524,288",
        "every interface is open without a password",
        "controls all programs (as app)",
        "a program called 'PASSWORD=…'",
        "'/l/w': stdout of 2 processes of w write it, and both rotate it",
        "reads a part of API_TOKEN only: without quotes the value ends at '#'",
    ] {
        assert!(said.iter().any(|said| said.contains(part)), "{part}: {said:#?}");
    }
    Ok(())
}

#[test]
fn a_fragment_is_not_asked_for_what_the_main_file_has() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    let text = "[DEFAULT]\nautorestart=true\n[inet_http_server]\nport=127.0.0.1:9001\nusername=ops\npassword={SHA}82ab876d1387bfafe46cc1c8a2ef074eae50cb1d\n[rpcinterface:supervisor]\n\
                supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
                [group:g]\nprograms=api,elsewhere\n[program:api]\ncommand=/srv/api %(ENV_PORT)s\nuser=api\n";
    let found = lint_text(&scratch, text, &Reading { role: Some(Role::Fragment), ..Reading::default() })?;
    let found: Vec<_> = found.into_iter().filter(|(found, _)| found.severity > Severity::Info).collect();
    assert!(found.is_empty(), "{found:?}");
    let found = lint_text(&scratch, text, &Reading::default())?;
    let codes: Vec<_> = found.iter().map(|(found, _)| found.rule.code).collect();
    assert_eq!(codes, ["SUP020", "SUP603"], "with an RPC interface it looks like the main file itself");
    let found = lint_text(&scratch, text, &Reading { role: Some(Role::Main), ..Reading::default() })?;
    assert!(
        found.iter().any(|(found, _)| found.rule.code == "SUP001" && found.message.text().contains("no [supervisord]"))
    );
    let found = lint_text(&scratch, "[include]\nfiles=nothing/*.conf\n", &Reading::default())?;
    let warnings: Vec<_> = found.iter().map(|(found, _)| (found.rule.code, found.severity)).collect();
    assert_eq!(warnings, [("SUP701", Severity::Warning)]);
    Ok(())
}

#[test]
fn templates_withhold_what_they_may_bring() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    let text = "[supervisord]\nuser=root\nminfds=65536\n{% if x %}\n[program:{{ name }} {{ b }}]\nuser=a\n{% include 'b' %}\n\
                [program:c]\ncommand=c\nnumprocs={{ n }}\nuser=c\nstartsecs=5s\n{% endif %}\n";
    let found = lint_text(&scratch, text, &closed())?;
    let loud = found.iter().filter(|(found, _)| found.severity > Severity::Info);
    let found: Vec<_> = loud.map(|(found, line)| (found.rule.code, *line)).collect();
    assert_eq!(found, [("SUP015", 4), ("SUP010", 12)]);
    let text = "[supervisord]\nuser=%USER%\nminfds=@MINFDS@\n[program:a]\nuser=a\n";
    // Each program says of itself that its log is not kept.
    let found = lint_text(&scratch, text, &closed())?;
    let loud = found.iter().filter(|(found, _)| found.severity > Severity::Info);
    let found: Vec<_> = loud.map(|(found, line)| (found.rule.code, *line)).collect();
    assert_eq!(found, [("SUP015", 2), ("SUP408", 4)]);
    let alone = "[supervisord]\nuser=%USER%\nminfds=65536\n[program:a]\ncommand=a\nuser=%(user)s\n";
    let found = lint_text(&scratch, alone, &closed())?;
    let loud = found.iter().filter(|(found, _)| found.severity > Severity::Info);
    let found: Vec<_> = loud.map(|(found, line)| (found.rule.code, *line)).collect();
    assert_eq!(found, [("SUP015", 2), ("SUP005", 2), ("SUP005", 6)]);
    Ok(())
}

/// Files that `show` accepts and that fail when the servers are opened.
const SUP013: &str = "SUP013";

/// What is refused has the first refusal's message in an error, and what is accepted has no error that quotes Supervisor.
fn parity(path: &Path, failures: &mut Vec<String>) {
    let reading = closed();
    let said = document::json_line(&path.display().to_string(), &reading, false);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let found = lint(path, &reading);
    let template = found.iter().any(|(found, _)| found.rule.code == "SUP015");
    let quotes: Vec<_> =
        found.iter().filter(|(found, _)| found.rule.code != SUP013).filter_map(|(found, _)| found.supervisor).collect();
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
