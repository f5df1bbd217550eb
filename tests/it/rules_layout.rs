//! The rules on layout and names, where Supervisor accepts a file: what each finds, and what it must not say.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::support::configuration::Configuration;
use crate::support::desk::Desk;
use supconv::diagnostic::{Diagnostic, Severity};
use supconv::reading::{Reading, Role};
use supconv::rules::Settings;

/// The rules that are looked at here.
const CODES: [&str; 13] = [
    "SUP002", "SUP003", "SUP004", "SUP007", "SUP008", "SUP009", "SUP011", "SUP012", "SUP014", "SUP315", "SUP701",
    "SUP702", "SUP704",
];

const E: Severity = Severity::Error;
const W: Severity = Severity::Warning;
const I: Severity = Severity::Info;

/// The head of each file: five lines, the last an option of a program.
const HEAD: &str = "[supervisord]\nuser=root\n[program:api]\nuser=api\ncommand=/srv/api\n";

type Found = (&'static str, u32, Severity);

/// Lines behind [`HEAD`], the first being line 6, and what is found.
const FINDS: &[(&str, &[Found])] = &[
    // SUP002
    ("  autostart=false\n", &[("SUP002", 6, E)]),
    (" ; why\n\n  Priority : 5\n", &[("SUP002", 8, E)]),
    ("  [program:web]\n  command=/srv/web\n", &[("SUP002", 6, E)]),
    ("directory=/srv\r\n\tumask=022\r\n", &[("SUP002", 7, E)]),
    ("[group:a]\nprograms=api\n priority=5\n", &[("SUP002", 7, E)]),
    // SUP003
    ("[program:b]\ncommand=bash -c \"a ; b\"\n", &[("SUP003", 7, E)]),
    ("[program:b]\ncommand=b --color '#fff' ' #x'\n", &[("SUP003", 7, E)]),
    ("[program:b]\ncommand=bash -c \"for i in 1 2 ; do\n  echo\n done\"\n", &[("SUP003", 7, E)]),
    ("[program:b]\ncommand=sh -c while true ; do b; done\n", &[("SUP003", 7, W)]),
    ("[program:b]\ncommand=sh -c 'while true' ; do b; done\n", &[("SUP003", 7, W)]),
    ("[program:b]\ncommand=while true ; do b; done\n", &[("SUP003", 7, W)]),
    ("environment=A=\"x ;y\",\n B=\"z\"\n", &[("SUP003", 6, E)]),
    ("directory=\"/srv #1\"\n", &[("SUP003", 6, E)]),
    // SUP004
    ("directory=/srv;where it lives\n", &[("SUP004", 6, W)]),
    ("[program:b]\ncommand=b\nuser=www;nobody\n", &[("SUP004", 8, W)]),
    ("stdout_logfile=/x.log#the log file\n", &[("SUP004", 6, W)]),
    // SUP007
    ("[progam:b]\ncommand=b\n", &[("SUP007", 6, E)]),
    ("[Program:b]\n", &[("SUP007", 6, E)]),
    ("[program :b]\n", &[("SUP007", 6, E)]),
    ("[program]\n", &[("SUP007", 6, E)]),
    ("[event_listener:b]\n", &[("SUP007", 6, E)]),
    ("[listener:b]\n", &[("SUP007", 6, W)]),
    ("[nodes]\nauto_start=1\n", &[("SUP007", 6, W)]),
    ("[program:b\ncommand=b\n", &[("SUP007", 6, E), ("SUP012", 7, E)]),
    ("[inet_http_server1]\nport=1\n", &[("SUP007", 6, W), ("SUP702", 6, E)]),
    // SUP008
    ("auto_start=false\n", &[("SUP008", 6, E)]),
    ("autorestrat=false\n", &[("SUP008", 6, E)]),
    ("autostart=true\nauto_start=false\n", &[("SUP008", 7, W)]),
    ("comment=the api\n", &[("SUP008", 6, W)]),
    ("restart=always\n", &[("SUP008", 6, W)]),
    ("depends_on=db\n", &[("SUP008", 6, W)]),
    ("dependent_startup=true\n", &[("SUP008", 6, W)]),
    ("[eventlistener:b]\ncommand=b\nevent=TICK_5\n", &[("SUP704", 6, E), ("SUP008", 8, W)]),
    ("[program:b]\ncomand=b\n", &[]),
    ("[DEFAULT]\nauto_start=false\n", &[("SUP008", 7, W)]),
    // SUP009
    ("minfds=65536\n", &[("SUP009", 6, W)]),
    ("logfile=/x\nnodaemon=true\n", &[("SUP009", 6, W), ("SUP009", 7, W)]),
    ("[group:a]\nprograms=api\nautorestart=true\n", &[("SUP009", 8, W)]),
    ("[supervisord]\nnodaemon=true\numask=002\n", &[("SUP012", 6, W), ("SUP009", 8, W)]),
    // SUP011
    ("directory=\"/srv\"\n", &[("SUP011", 6, E)]),
    ("stdout_logfile='/x.log'\n", &[("SUP011", 6, E)]),
    ("process_name=\"api\"\n", &[("SUP011", 6, W)]),
    ("[program:b]\ncommand=\"/bin/sleep 30\"\n", &[("SUP011", 7, E)]),
    ("[program:b]\ncommand='/usr/bin/python /srv/b.py'\n", &[("SUP011", 7, E)]),
    // SUP012
    ("command=/srv/web\n", &[("SUP012", 6, E)]),
    ("autostart=true\nautostart=false\n", &[("SUP012", 7, W)]),
    ("autostart=true\nautostart=true\n", &[("SUP012", 7, I)]),
    ("[program:api]\nautostart=true\n", &[("SUP012", 6, W)]),
    ("[program:api]\ncommand=/srv/web\nuser=api\n", &[("SUP012", 6, E)]),
    (
        "[program:b]\ncommand=b\n[program:api]\nautostart=true\nautostart=false\n",
        &[("SUP012", 8, W), ("SUP012", 10, W)],
    ),
    ("[DEFAULT]\numask=022\numask=002\n", &[("SUP012", 8, W)]),
    // SUP014
    ("numprocs=0\n", &[("SUP014", 6, W)]),
    ("numprocs=-1\n", &[("SUP014", 6, W)]),
    ("numprocs=3\nprocess_name=p%(process_num).0s\n", &[("SUP014", 7, E)]),
    ("process_name=p\n[program:b]\ncommand=b\nprocess_name=p\n[group:g]\nprograms=api,b\n", &[("SUP014", 9, E)]),
    // SUP315
    ("[group:a]\nprograms=api\n[group:b]\nprograms=api\n", &[("SUP315", 9, W)]),
    ("[group:a]\n", &[("SUP315", 6, W)]),
    ("[group:a]\nprograms=\n", &[("SUP315", 6, W)]),
    ("[program:b]\ncommand=b\n[group:api]\nprograms=b\n", &[("SUP315", 3, E)]),
    ("[program:b]\ncommand=b\n[group:api]\nprograms=b\npriority=1000\n", &[("SUP315", 8, E)]),
    ("[eventlistener:api]\ncommand=b\nevents=TICK_5\n", &[("SUP315", 3, E)]),
    ("[fcgi-program:b]\ncommand=b\nsocket=tcp://a:1\n[group:a]\nprograms=b\n", &[("SUP315", 10, E)]),
    // SUP701
    ("[include]\nfiles=conf.d/*\n", &[("SUP701", 7, W)]),
    // SUP702
    ("[unix_http_server]\nfile=/x.sock\n", &[("SUP702", 6, E)]),
    ("[inet_http_server]\nport=1\n[rpcinterface:other]\nsupervisor.rpcinterface_factory=a:b\n", &[("SUP702", 6, E)]),
    // SUP704
    ("[eventlistener:b]\ncommand=tail -f /x\nevents=TICK_5\n", &[("SUP704", 7, W)]),
    ("[eventlistener:b]\ncommand=sh -c 'while read line; do kill 1; done'\nevents=TICK_5\n", &[("SUP704", 7, W)]),
];

/// Lines behind [`HEAD`] of which nothing is to be said.
const SILENT: &[&str] = &[
    // SUP002: arguments on lines of their own, pairs, patterns.
    "  --user=api\n  of=/dev/null\n  key: value\n",
    "environment=A=\"1\",\n user=\"2\"\n",
    "[include]\nfiles=conf.d/web.conf\n conf.d/a.conf\n",
    " ; autostart=false\n\n",
    // SUP003: comments, and scripts that lose nothing.
    "[program:b]\ncommand=bash -c \"a; b\" ; it's a comment\n",
    "[program:b]\ncommand=bash -c \"\n  a ;\n  b # then b\n  \"\n",
    "[program:b]\ncommand=bash -c 'while :; do b; done' # forever\n",
    "[program:b]\ncommand=b --for if ; done\n",
    "[program:b]\ncommand=b don\\'t ; don't\n",
    "priority=5 ; \"five\"\n",
    // SUP004
    "directory=/srv/c#1\nstdout_logfile=/srv/a;b.log\n",
    "directory=/srv/C# projects/one two\n",
    "[inet_http_server]\nport=1\nusername=a;b c d\npassword=a#b c d\n[rpcinterface:supervisor]\n\
     supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
    // SUP007, SUP008, SUP009
    "[supvisors]\nsoftware_name=x\n",
    "[inet_http_server:b]\nport=1\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\nfree=1\n",
    "[ctlplugin:b]\nsupervisor.ctl_factory=a:b\nwhat_you_like=1\n",
    "[DEFAULT]\nautorestart=true\nport=1\n",
    "dependent_startup=true\n[eventlistener:d]\ncommand=python3 -m supervisord_dependent_startup\nevents=PROCESS_STATE\n",
    "{{ option }}=1\n",
    // SUP011
    "[program:b]\ncommand=\"/opt/My App/run\"\n",
    "[program:b]\ncommand=\"/opt/app/run\" \"--name\"\n",
    "[program:b]\ncommand='/opt/run' a 'b c'\n",
    "environment=\"A\"=\"1\"\n",
    // SUP012
    "{% if x %}\nautostart=true\n{% else %}\nautostart=false\n{% endif %}\n",
    "[include]\nfiles=conf.d/web.conf conf.d/we*.conf\n[program:b]\ncommand=b\n",
    // SUP014
    "numprocs=2\nprocess_name=%(process_num)d\n",
    "[program: b]\ncommand=b\n",
    // SUP315
    "[group:api]\nprograms=api\n",
    "[group:a]\nprograms=api,api\n",
    // SUP702
    "[unix_http_server]\nfile=/x.sock\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=my.own:factory\n",
    "[unix_http_server]\nfile={{ x }}\n",
    // SUP704
    "[eventlistener:b]\ncommand=sh -c \"printf 'READY\\n'; while read line; do kill 1; done\"\nevents=TICK_5\n",
    "[eventlistener:b]\ncommand=python3 listener.py\nevents=TICK_5\n",
];

/// What is found in a fragment, which may be half of something.
const FRAGMENTS: &[(&str, &[Found])] = &[
    ("[program:api]\ncommand=a\ndependent_startup=true\n", &[]),
    ("[group:g]\nprograms=api,elsewhere\n", &[]),
    ("[unix_http_server]\nfile=/x.sock\n", &[]),
    ("[program: api]\ncommand=a\n[group:g]\nprograms=api\n", &[("SUP014", 1, E)]),
    ("[group:g]\nprograms=\"a,b\"\n", &[("SUP011", 2, E)]),
    ("[group:g]\nprograms=api;all of them\n", &[("SUP004", 2, W)]),
    ("[progam:api]\ncommand=a\n", &[("SUP007", 1, E)]),
];

fn scratch() -> Desk {
    Desk::new(&[
        ("conf.d/web.conf", "[program:web]\ncommand=web\n"),
        ("conf.d/web.conf.bak", "[program:old]\ncommand=old\n"),
    ])
}

fn lint(scratch: &Path, text: &str, reading: &Reading) -> Result<Vec<(Diagnostic, u32)>, Box<dyn Error>> {
    let path = scratch.join("supervisord.conf");
    fs::write(&path, text)?;
    let read = Configuration::read(&path, reading.clone())?;
    let found = read.findings(&Settings::default());
    let found = found.into_iter().filter(|found| CODES.contains(&found.rule.code));
    Ok(found.map(|found| (read.line(&found), found)).map(|(line, found)| (found, line)).collect())
}

/// One line for each file of which something else is said than expected.
fn differences<'t>(
    files: impl Iterator<Item = (String, &'t [Found])>,
    reading: &Reading,
) -> Result<Vec<String>, Box<dyn Error>> {
    let scratch = scratch();
    let mut wrong = Vec::new();
    for (text, expected) in files {
        let found = lint(&scratch, &text, reading)?;
        let seen: Vec<_> = found.iter().map(|(found, line)| (found.rule.code, *line, found.severity)).collect();
        if seen != expected || found.iter().any(|(found, _)| found.help.is_none()) {
            let messages: Vec<_> = found.iter().map(|(found, _)| &found.message).collect();
            wrong.push(format!("{text:?}\n  expected {expected:?}\n  found    {seen:?} {messages:?}"));
        }
    }
    Ok(wrong)
}

#[test]
fn what_is_found() -> Result<(), Box<dyn Error>> {
    let files = FINDS.iter().map(|(lines, expected)| (format!("{HEAD}{lines}"), *expected));
    let wrong = differences(files, &Reading::default())?;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn what_is_right() -> Result<(), Box<dyn Error>> {
    let files = SILENT.iter().map(|lines| (format!("{HEAD}{lines}"), &[][..]));
    let mut wrong = differences(files, &Reading::default())?;
    wrong.retain(|text| !text.contains("\"SUP701\", 7, Warning"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn what_fragments_may_be() -> Result<(), Box<dyn Error>> {
    let files = FRAGMENTS.iter().map(|(text, expected)| ((*text).to_owned(), *expected));
    let reading = Reading { role: Some(Role::Fragment), ..Reading::default() };
    let wrong = differences(files, &reading)?;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Files of programs with the extension of another distribution.
#[test]
fn the_other_extension() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    fs::create_dir_all(scratch.join("ini"))?;
    fs::write(scratch.join("ini/web.ini"), "[program:web]\ncommand=/srv/web\n")?;
    let here = scratch.display().to_string();
    for (pattern, severity, others) in [
        ("ini/*.conf".to_owned(), W, true),
        (format!("{here}/ini/*.conf"), W, true),
        (format!("{here}/none/*.conf"), I, false),
        ("none/*.conf".to_owned(), W, false),
    ] {
        let found = lint(&scratch, &format!("{HEAD}[include]\nfiles={pattern}\n"), &Reading::default())?;
        let [(found, _)] = found.as_slice() else { return Err(format!("{pattern}: {found:?}").into()) };
        assert_eq!((found.rule.code, found.severity), ("SUP701", severity), "{pattern}");
        assert_eq!(found.message.contains("end in .ini"), others, "{}", found.message);
    }
    Ok(())
}

/// An included file that adds to a section; one that defines a program again.
#[test]
fn what_other_files_add() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    fs::write(scratch.join("conf.d/web.conf"), "[supervisord]\nminfds=65536\n[program:api]\ncommand=/srv/web\n")?;
    let text = format!("{HEAD}[include]\nfiles=conf.d/web.conf\n");
    let found = lint(&scratch, &text, &Reading::default())?;
    let seen: Vec<_> = found.iter().map(|(found, line)| (found.rule.code, *line, found.severity)).collect();
    assert_eq!(seen, [("SUP012", 1, I), ("SUP012", 3, E)]);
    Ok(())
}

#[test]
fn secrets_are_not_told() -> Result<(), Box<dyn Error>> {
    let scratch = scratch();
    for lines in [
        "[inet_http_server]\nport=1\nusername=a\npassword=\"geheim\"\n",
        "[inet_http_server]\nport=1\nusername=a\npassword=\"geheim ;geheim\"\n",
        "[inet_http_server]\nport=1\nusername=a\npassword=x\npassword=geheim\n",
        "[unix_http_server]\nfile=/x\n password=geheim\n",
        "[inet_http_server]\nport=1\npasword=geheim\n",
        "  environment=PASSWORD=\"geheim\"\n",
        "environment=PASSWORD=\"geheim ;geheim\",\n B=\"z\"\n",
        "password=geheim\n",
    ] {
        let found = lint(&scratch, &format!("{HEAD}{lines}"), &Reading::default())?;
        assert!(!found.is_empty(), "{lines}");
        for (found, _) in found {
            let told = format!("{} {:?} {:?}", found.message, found.help, found.labels);
            assert!(!told.contains("geheim"), "{lines}: {told}");
        }
    }
    Ok(())
}
