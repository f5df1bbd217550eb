//! Rules on limits, users, the control port, commands and logs: small files with what must be said of them, and what must not.

use std::error::Error;

use crate::support::configuration::Configuration;
use supconv::diagnostic::{Diagnostic, Severity};
use supconv::reading::Reading;
use supconv::rules::{Settings, Target};

use Severity::{Error as E, Info as I, Warning as W};

/// The rules that this file tests.
const TESTED: &[&str] = &[
    "SUP101", "SUP103", "SUP104", "SUP105", "SUP203", "SUP204", "SUP312", "SUP401", "SUP408", "SUP501", "SUP502",
    "SUP505", "SUP601",
];

type Found = Vec<(&'static str, u32, Severity)>;

/// A text with the code, the line and the severity of each finding.
type Row = (&'static str, &'static [(&'static str, u32, Severity)]);

/// What the tested rules find in a text.
fn diagnostics(text: &str, settings: &Settings) -> Result<Vec<(Diagnostic, u32)>, Box<dyn Error>> {
    let reading = Reading { root: Some("/nonexistent".to_owned()), ..Reading::default() };
    let read = Configuration::of("/etc/supervisord.conf", text, reading)?;
    let found = read.findings(settings).into_iter();
    let found = found.filter(|found| TESTED.contains(&found.rule.code)).inspect(|found| assert!(found.help.is_some()));
    Ok(found.map(|found| (read.line(&found), found)).map(|(line, found)| (found, line)).collect())
}

fn found(text: &str) -> Result<Found, Box<dyn Error>> {
    let found = diagnostics(text, &Settings::default())?;
    Ok(found.into_iter().map(|(found, line)| (found.rule.code, line, found.severity)).collect())
}

/// Texts behind `head`, each with the code, the line within the text and the severity of what is found.
fn table(head: &str, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let above = u32::try_from(head.lines().count())?;
    let mut wrong = Vec::new();
    for (text, expected) in rows {
        let found: Vec<_> = found(&format!("{head}{text}\n"))?
            .into_iter()
            .map(|(code, line, severity)| (code, line.saturating_sub(above), severity))
            .collect();
        if found != *expected {
            wrong.push(format!("{text}\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Behind `[supervisord]`.
#[test]
fn limits_and_users() -> Result<(), Box<dyn Error>> {
    table(
        "[supervisord]\n",
        &[
            ("[program:a]\ncommand=a", &[("SUP101", 0, W)]),
            ("minfds=1024\n[program:a]\ncommand=a", &[("SUP101", 1, W)]),
            ("minfds=256\n[program:a]\ncommand=a", &[("SUP101", 1, W)]),
            ("minfds=1025\n[program:a]\ncommand=a", &[]),
            ("minfds=1024", &[]),
            // 20 + 5·300 of 1024, 20 + 3·230, 20 + 2·230.
            (
                "[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s",
                &[("SUP101", 0, E), ("SUP103", 0, E)],
            ),
            (
                "[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\nredirect_stderr=true",
                &[("SUP101", 0, W), ("SUP103", 0, W)],
            ),
            (
                "[program:a]\ncommand=a\nnumprocs=240\nprocess_name=%(process_num)s\nredirect_stderr=true\nstdout_logfile=NONE",
                &[("SUP101", 0, W)],
            ),
            (
                "[program:a]\ncommand=a\nnumprocs=300\nautostart=false\nprocess_name=%(process_num)s",
                &[("SUP101", 0, W)],
            ),
            ("minfds=1500\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s", &[("SUP103", 1, E)]),
            ("minfds=65536\n[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s", &[]),
            ("minfds=262144\n[program:a]\ncommand=a", &[]),
            ("minfds=262145\n[program:a]\ncommand=a", &[("SUP104", 1, W)]),
            ("minfds=600000\n[program:a]\ncommand=a", &[("SUP104", 1, W), ("SUP105", 1, W)]),
            ("minfds=99999999999999999999999999\n[program:a]\ncommand=a", &[("SUP104", 1, W), ("SUP105", 1, W)]),
            ("minfds=65536\nuser=app\n[program:a]\ncommand=a", &[("SUP105", 1, I)]),
            ("minfds=4096\nuser=app\n[program:a]\ncommand=a", &[]),
            ("minfds=65536\nnodaemon=true\n[program:a]\ncommand=a", &[("SUP105", 1, I)]),
            ("minfds=%(ENV_FDS)s\n[program:a]\ncommand=a", &[]),
            ("user=app\nminfds=4096\n[program:a]\ncommand=a\nuser=root", &[("SUP203", 5, E)]),
            ("user=app\nminfds=4096\n[eventlistener:a]\ncommand=a\nevents=TICK_5\nuser=b", &[("SUP203", 6, E)]),
            ("user=1000\nminfds=4096\n[program:a]\ncommand=a\nuser=1001", &[("SUP203", 5, E)]),
            ("user=1000\nminfds=4096\n[program:a]\ncommand=a\nuser=app", &[]),
            ("user=app\nminfds=4096\n[program:a]\ncommand=a\nuser=app", &[]),
            ("user=0\nminfds=4096\n[program:a]\ncommand=a\nuser=b", &[]),
            ("user=%(ENV_U)s\nminfds=4096\n[program:a]\ncommand=a\nuser=b", &[]),
        ],
    )
}

/// In a fragment the main file decides.
#[test]
fn fragments() -> Result<(), Box<dyn Error>> {
    table(
        "",
        &[
            ("[program:a]\ncommand=a\nnumprocs=300\nprocess_name=%(process_num)s\nuser=b", &[]),
            ("[program:a]\ncommand=a > b\nstdout_logfile=/dev/stdout", &[("SUP401", 2, E), ("SUP501", 3, E)]),
            ("[inet_http_server]\nport=9001", &[("SUP204", 2, E)]),
        ],
    )
}

#[test]
fn the_control_port() -> Result<(), Box<dyn Error>> {
    table(
        "[supervisord]\n[inet_http_server]\n",
        &[
            ("port=9001", &[("SUP204", 1, E)]),
            ("port=:9001\nusername=\npassword=", &[("SUP204", 1, E)]),
            ("port=*:9001\nusername=a\npassword=b", &[("SUP204", 1, W)]),
            ("port=0.0.0.0:9001", &[("SUP204", 1, E)]),
            ("port=10.0.0.1:9001", &[("SUP204", 1, E)]),
            ("port=example.org:9001\nusername=%(ENV_U)s\npassword=b", &[("SUP204", 1, W)]),
            ("port=127.0.0.1:9001", &[]),
            ("port=127.1.2.3:9001", &[]),
            ("port=LOCALHOST:9001", &[]),
            ("port=%(ENV_HOST)s:9001", &[]),
            ("port={{ host }}:9001", &[]),
        ],
    )
}

/// Behind `[program:a]`.
#[test]
fn commands() -> Result<(), Box<dyn Error>> {
    let shell: &[_] = &[("SUP401", 1, E)];
    let empty: &[_] = &[("SUP408", 1, E)];
    table(
        "[supervisord]\nminfds=4096\n[program:a]\n",
        &[
            ("command=cd /app && ./run", shell),
            ("command=FOO=1 /app/run", shell),
            ("command=exec /app/run", shell),
            ("command=source /env/bin/activate", shell),
            ("command=/app/run > /var/log/a.log 2>&1", shell),
            ("command=/app/run 2>/dev/null", shell),
            ("command=/app/run &", shell),
            ("command=/app/one; /app/two", shell),
            ("command=/app/run | tee /var/log/a.log", shell),
            ("command=/app/run --host $(hostname)", shell),
            ("command=/app/run --host `hostname`", shell),
            ("command=env A=1 /app/run && true", shell),
            ("command=/bin/sh -c /app/run > /dev/null", shell),
            ("command=/bin/sh -c 'cd /app && exec ./run > /dev/null'", &[]),
            ("command=/bin/bash -lc $(cat)", &[]),
            ("command=ssh host cd /app && ./run", &[]),
            ("command=find / -exec rm {} \\;", &[]),
            ("command=curl http://h/?a=1&b=2 --when a>b \"<x>\" '&' \"|\"", &[]),
            ("command=/app/run <TOKEN>", &[]),
            ("command=env A=1 nice /app/run", &[]),
            ("command=/app/run ; > no", &[]),
            ("command=/app/run %(ENV_X)s", &[]),
            ("command={{ run }} && {{ more }}", &[]),
            ("command=nginx -g \"daemon off;\"", &[]),
            ("command=", empty),
            ("command=''", empty),
            ("command=/app/run 'a", empty),
            ("command=/app/run don't", empty),
            ("command=/app/run \\", empty),
            ("command=\nnumprocs=0", &[]),
            ("command={{ run }}'", &[]),
        ],
    )
}

#[test]
fn logs() -> Result<(), Box<dyn Error>> {
    table(
        "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\n",
        &[
            ("stdout_logfile=/dev/stdout", &[("SUP501", 1, E)]),
            ("stdout_logfile=/dev/fd/1\nstderr_logfile=/proc/1/fd/2", &[("SUP501", 1, E), ("SUP501", 2, E)]),
            ("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=1MB", &[("SUP501", 1, E)]),
            ("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0", &[]),
            ("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=%(ENV_N)s", &[]),
            ("stdout_logfile=/dev/null", &[]),
            ("redirect_stderr=true\nstderr_logfile=/dev/stderr", &[("SUP505", 2, W)]),
            ("numprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/dev/stdout", &[("SUP501", 3, E)]),
            ("[supervisord]\nlogfile=/dev/stdout", &[("SUP501", 2, E)]),
            ("[supervisord]\nlogfile=/dev/stdout\nlogfile_maxbytes=0", &[]),
            ("stdout_logfile=/l/a\nstderr_logfile=/l/a", &[("SUP502", 2, E)]),
            ("stdout_logfile=/l/a\nstderr_logfile=/l/../l/a", &[("SUP502", 2, E)]),
            ("stdout_logfile=/l/a\nstderr_logfile=/l/a\nstdout_logfile_maxbytes=0", &[("SUP502", 2, E)]),
            ("stdout_logfile=/l/a\nstderr_logfile=/l/a\nstdout_logfile_maxbytes=0\nstderr_logfile_maxbytes=0", &[]),
            ("stdout_logfile=/l/a\nstderr_logfile=/l/a\nredirect_stderr=true", &[("SUP505", 2, W)]),
            ("numprocs=2\nprocess_name=%(process_num)s\nstdout_logfile=/l/a", &[("SUP502", 3, E)]),
            ("numprocs=2\nprocess_name=%(process_num)s\nstdout_logfile=/l/a%(process_num)s", &[]),
            ("stdout_logfile=/l/a\n[program:b]\ncommand=b\nstdout_logfile=/l/a", &[("SUP502", 4, E)]),
            ("stdout_logfile=/supervisord.log", &[("SUP502", 1, E)]),
            ("stdout_logfile=%(ENV_L)s/a\nstderr_logfile=%(ENV_L)s/a", &[]),
            ("stdout_logfile=/l/a\nstderr_logfile=/l/b", &[]),
            ("redirect_stderr=true\nstderr_logfile=AUTO", &[]),
            ("redirect_stderr=true\nstderr_logfile=", &[]),
            ("redirect_stderr=true\nstderr_logfile_maxbytes=0", &[("SUP505", 2, I)]),
            ("redirect_stderr=true\nstderr_logfile=%(ENV_L)s", &[]),
        ],
    )
}

#[test]
fn environments_read_otherwise() -> Result<(), Box<dyn Error>> {
    let cut: &[_] = &[("SUP601", 1, E)];
    table(
        "[supervisord]\nminfds=4096\n[program:a]\ncommand=a\n",
        &[
            ("environment=A=$HOME", cut),
            ("environment=A=http://h/x?y=1", cut),
            ("environment=A=\"1\",\n  B=-Xms1g -Xmx1g", &[("SUP601", 2, E)]),
            ("environment=A=x#y,B=1", cut),
            ("environment=\"A\"=1,'B'=2", &[("SUP601", 1, E), ("SUP601", 1, E)]),
            ("environment=A=%(ENV_X)s,B=$HOME", cut),
            ("environment=A=50%%", cut),
            ("[supervisord]\nenvironment=A=50%%%%", &[("SUP601", 2, E)]),
            ("environment=A=\"50%%\",B=\"$HOME\",C=x;D=y", &[]),
            ("environment=A={{ x }}?y", &[]),
            // Refused: one finding.
            ("environment=A=$HOME,B=1", cut),
        ],
    )
}

#[test]
fn what_is_said() -> Result<(), Box<dyn Error>> {
    let head = "[supervisord]\nuser=app\nminfds=1000000\n[inet_http_server]\nport=9001\n[program:w]\ncommand=PASSWORD=geheim w\n\
                numprocs=2\nprocess_name=%(process_num)s\nstdout_logfile=/l/w\nenvironment=API_TOKEN=geheim#geheim";
    let found = diagnostics(head, &Settings::default())?;
    let said: Vec<_> = found.iter().map(|(found, _)| found.message.as_str()).collect();
    for part in [
        "all 1,000,000 descriptors",
        "about 1.5 s of CPU at every start, and 3.0 s for the 2 processes",
        "supervisord runs as app before it raises its limit of open files",
        "524,288",
        "every interface and asks for no password",
        "as app. A port alone is not localhost",
        "a program called 'PASSWORD=…'",
        "'/l/w' is written by stdout of 2 processes of w, and both rotate it",
        "reads a part of API_TOKEN only: without quotes the value ends at '#'",
    ] {
        assert!(said.iter().any(|said| said.contains(part)), "{part}: {said:#?}");
    }
    for (found, _) in &found {
        let told = format!("{} {:?} {:?}", found.message, found.help, found.labels);
        assert!(!told.contains("geheim"), "{told}");
    }
    Ok(())
}

#[test]
fn groups_stop_one_after_another() -> Result<(), Box<dyn Error>> {
    let told = |seconds| Settings { stop_timeout: Some(seconds), ..Settings::default() };
    let container = || Settings { target: Target::Container, ..Settings::default() };
    let program = |name: &str, lines: &str| format!("[program:{name}]\ncommand=a\n{lines}\n");
    let two = program("a", "stopwaitsecs=8") + &program("b", "stopwaitsecs=3");
    let group = format!("{two}[group:g]\nprograms=a,b\n");
    let default = program("a", "") + &program("b", "");
    let by_hand = program("a", "stopwaitsecs=8") + &program("b", "stopwaitsecs=3\nautostart=false");
    let listener = program("a", "stopwaitsecs=8") + "[eventlistener:b]\ncommand=a\nevents=TICK_5\nstopwaitsecs=3\n";
    let negative = program("a", "stopwaitsecs=-99") + &program("b", "stopwaitsecs=11");
    let rows: &[(&str, Settings, Option<Severity>)] = &[
        (&two, told(10), Some(W)),
        (&two, told(11), None),
        (&two, container(), Some(W)),
        (&two, Settings::default(), None),
        (&group, container(), None),
        (&by_hand, told(10), None),
        (&listener, told(10), None),
        (&negative, told(10), Some(W)),
        (&negative, told(11), None),
        (&default, container(), None),
        (&default, told(19), Some(W)),
    ];
    for (programs, settings, expected) in rows {
        let found = diagnostics(&format!("[supervisord]\nminfds=4096\n{programs}"), settings)?;
        let found: Vec<_> = found.iter().map(|(found, line)| (found.rule.code, *line, found.severity)).collect();
        assert_eq!(
            found,
            expected.map(|severity| ("SUP312", 1, severity)).into_iter().collect::<Vec<_>>(),
            "{programs}"
        );
    }
    Ok(())
}

#[test]
fn a_container_is_one_when_told_so() -> Result<(), Box<dyn Error>> {
    let text = "[supervisord]\nminfds=65536\n[program:a]\ncommand=a\n";
    let settings = Settings { target: Target::Container, ..Settings::default() };
    let found = diagnostics(text, &settings)?;
    assert_eq!(found.iter().map(|(found, _)| found.rule.code).collect::<Vec<_>>(), ["SUP105"]);
    Ok(())
}
