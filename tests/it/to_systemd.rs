//! `to-systemd` from outside: every unit of every file is one that systemd takes, and every written option is translated or
//! announced at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::desk::{Desk, supconv};
use crate::support::{corpus, machine, verify};
use serde_json::{Value, json};
use supconv::convert::systemd::unit::{ServiceUnit, SocketUnit, TargetUnit, TimerUnit};
use supconv::keys;

/// A file without a fault, with a program that is converted whole.
const MAIN: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:ok]\ncommand=/usr/bin/ok\nuser=ok\n";
/// Whether a unit of ours may have a directive.
fn known(key: &str) -> bool {
    let all = [ServiceUnit::DIRECTIVES, TargetUnit::DIRECTIVES, SocketUnit::DIRECTIVES, TimerUnit::DIRECTIVES];
    all.iter().any(|directives| directives.iter().any(|(_, known)| *known == key))
}

/// A plan and how the run ended.
struct Plan {
    code: i32,
    document: Value,
}

impl Plan {
    /// Of the file at `path`.
    fn of(path: &Path, arguments: &[&str]) -> Self {
        let run = supconv(&[&["to-systemd", "--format", "json"], arguments, &[path.to_str().unwrap()]].concat());
        Self { code: run.code, document: run.json() }
    }

    /// Of a text.
    fn text(text: &str, arguments: &[&str]) -> Self {
        Self::of(&Desk::of(text).join("a.conf"), arguments)
    }

    fn list(&self, key: &str) -> &[Value] {
        self.document[key].as_array().unwrap()
    }

    /// The units, by name.
    fn all(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let is_unit = |path: &str| !path.contains('/') && !path.contains("HANDOVER");
        let units = self.list("files").iter().filter(|file| is_unit(file["path"].as_str().unwrap()));
        units.map(|file| (text(&file["path"]), text(&file["text"]))).collect()
    }

    /// The services, by name.
    fn units(&self) -> BTreeMap<String, String> {
        self.all().into_iter().filter(|(name, _)| name.ends_with(".service")).collect()
    }

    /// The services.
    fn names(&self) -> Vec<String> {
        self.units().into_keys().collect()
    }

    /// `section option` of the losses of a grade.
    fn losses(&self, grade: &str) -> BTreeSet<(String, String)> {
        let pair = |loss: &Value| ["section", "option"].map(|key| loss[key].as_str().unwrap().to_owned()).into();
        self.list("losses").iter().filter(|loss| loss["grade"] == grade).map(pair).collect()
    }

    fn refused_sections(&self) -> BTreeSet<&str> {
        self.list("errors").iter().filter_map(|error| error["section"].as_str()).collect()
    }
}

/// The directives of a unit, in order.
fn directives(unit: &str) -> Vec<(&str, &str)> {
    let lines = unit.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    lines.map(|line| line.split_once('=').unwrap_or_else(|| panic!("no directive: {line:?}"))).collect()
}

fn directive<'a>(unit: &'a str, key: &str) -> Option<&'a str> {
    directives(unit).into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// The words of a line as systemd reads them: quotes, escapes, specifiers; `dollar`: `$$` is one, a single one is a variable.
fn words(line: &str, dollar: bool) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut bytes = line.bytes().peekable();
    while bytes.peek().is_some() {
        let quoted = bytes.next_if_eq(&b'"').is_some();
        let mut word = Vec::new();
        loop {
            match bytes.next() {
                Some(b'"') if quoted => break,
                Some(b' ') if !quoted => break,
                None => break,
                Some(b'\\') => word.push(match bytes.next().unwrap() {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'x' => {
                        let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                        u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
                    }
                    other @ (b'"' | b'\\') => other,
                    other => panic!("\\{} means something else: {line}", char::from(other)),
                }),
                Some(b'%') => {
                    assert_eq!(bytes.next(), Some(b'%'), "a specifier: {line}");
                    word.push(b'%');
                }
                Some(b'$') if dollar => {
                    assert_eq!(bytes.next(), Some(b'$'), "a variable: {line}");
                    word.push(b'$');
                }
                Some(byte) => word.push(byte),
            }
        }
        if quoted {
            assert!(bytes.next().is_none_or(|byte| byte == b' '), "text behind a quote: {line}");
        }
        words.push(word);
    }
    words
}

/// What systemd executes, and the arguments that the program gets, its own name first.
fn command(line: &str) -> (String, Vec<String>) {
    let rest = line.trim_start_matches([':', '@']);
    let prefix = &line[..line.len() - rest.len()];
    let mut words: Vec<String> =
        words(rest, !prefix.contains(':')).into_iter().map(|word| String::from_utf8(word).unwrap()).collect();
    let path = words[0].clone();
    if prefix.contains('@') {
        words.remove(0);
    }
    (path, words)
}

fn environment(unit: &str) -> Vec<String> {
    let lines = directives(unit).into_iter().filter(|(key, _)| *key == "Environment");
    lines.flat_map(|(_, line)| words(line, false)).map(|word| String::from_utf8(word).unwrap()).collect()
}

#[test]
fn every_unit_of_every_file_is_taken_by_systemd() {
    taken_by(Path::new("/"), &[]);
}

#[test]
fn every_unit_of_every_file_is_taken_by_systemd_257() {
    match machine::second_root() {
        Ok(root) => taken_by(&root, &["--systemd-version", "257"]),
        Err(why) => machine::passed_over("units verified by systemd 257", &why),
    }
}

/// By the systemd of a root folder, converted with these arguments.
fn taken_by(root: &Path, arguments: &[&str]) {
    let mut units = Vec::new();
    let (mut executables, mut users) = (BTreeSet::new(), BTreeSet::new());
    for (number, path) in corpus::all().into_iter().enumerate() {
        // Names of different files must not meet.
        let prefix = format!("f{number}-");
        let world = ["--prefix", &prefix, "--env", "HOME=/root", "--node", "node"];
        let plan = Plan::of(&path, &[&world, arguments].concat());
        assert!(plan.code < 2, "{}", path.display());
        for (name, unit) in plan.all() {
            // verify makes an instance called i of a template.
            let seen = unit.replace("%%", "\0").replace("%i", "i").replace('\0', "%%");
            for (key, _) in directives(&unit) {
                assert!(known(key), "{}: {name}: {key}", path.display());
            }
            if !name.ends_with(".service") {
                units.push((name, unit));
                continue;
            }
            if let Some(limits) = directive(&unit, "LimitNOFILE") {
                let (soft, hard) = limits.split_once(':').unwrap_or_else(|| panic!("{name}: one number: {limits}"));
                let [soft, hard] = [soft, hard].map(|limit| limit.parse::<u64>().unwrap());
                assert!(soft > 1024 && hard >= soft.max(524_288), "{name}: {limits}");
            }
            executables.insert(command(directive(&seen, "ExecStart").unwrap()).0);
            users.extend(directive(&unit, "User").map(|user| user.replace("%%", "%")));
            units.push((name, unit));
        }
    }
    assert!(units.len() > 150, "{} units", units.len());
    // One call: it starts slowly, and a hundred units more cost it nothing.
    let (executables, users): (Vec<_>, Vec<_>) = (executables.into_iter().collect(), users.into_iter().collect());
    if let Some(verdict) = verify::verify_by(root, &units, &executables, &users) {
        assert_eq!(verdict, Ok(()), "of {} units", units.len());
    }
}

/// What the program is given is what Supervisor would give it: `argv` of `show`, read back from the unit.
#[test]
fn arguments_and_variables_arrive() {
    let world = ["--env", "HOME=/root", "--env", "APP_ENV=x", "--node", "node"];
    let mut compared = 0;
    for path in corpus::all() {
        let shown = supconv(&[&["show", "--format", "json"], &world[..], &[path.to_str().unwrap()]].concat()).json();
        let programs = shown["groups"].as_array().into_iter().flatten();
        let programs: BTreeMap<_, _> = programs
            .flat_map(|group| group["programs"].as_array().unwrap().iter().map(move |program| (group, program)))
            .map(|(group, program)| {
                let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
                ((name(group), name(program)), program)
            })
            .collect();
        // A template is no process.
        let units = Plan::of(&path, &world).units().into_iter().filter(|(name, _)| !name.contains("@."));
        for (name, unit) in units {
            let set = environment(&unit);
            let identity = |name: &str| {
                let pair = set.iter().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
                pair.unwrap_or_default().to_owned()
            };
            let identity = (identity("SUPERVISOR_GROUP_NAME"), identity("SUPERVISOR_PROCESS_NAME"));
            // A file that is refused in part is not shown.
            let Some(program) = programs.get(&identity) else { continue };
            let (executable, argv) = command(directive(&unit, "ExecStart").unwrap());
            if executable == "/usr/bin/env" {
                continue;
            }
            assert_eq!(json!(argv), program["argv"], "{} {name}", path.display());
            for (variable, value) in program["environment"].as_object().unwrap() {
                let pair = format!("{variable}={}", value.as_str().unwrap());
                let held_back = supconv::secrets::variable(variable, value.as_str().unwrap());
                assert_eq!(set.contains(&pair), !held_back, "{} {name}: {variable}", path.display());
            }
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} units compared");
}

/// By section and option, without reading prose.
#[test]
fn every_written_option_is_translated_or_announced_at_its_place() {
    let mut failures = Vec::new();
    for path in corpus::all() {
        let shown = path.display().to_string();
        let raw = supconv(&["show", "--raw", &shown]).json();
        if raw["ok"] != true {
            continue;
        }
        let plan = Plan::of(&path, &[]);
        let (approximate, lost) = (plan.losses("approximate"), plan.losses("lost"));
        let refused = plan.refused_sections();
        let whole = plan.document["files"].as_array().unwrap().is_empty();
        let units: Vec<String> = plan.units().into_values().collect();
        let mut written = 0;
        for (section, options) in raw["sections"].as_object().unwrap() {
            let Some(tables) = keys::of_section(section) else { continue };
            let options = options.as_object().unwrap();
            let known = tables.iter().flat_map(|keys| keys.iter()).map(|key| key.name);
            for option in known {
                let own = options.get(option);
                let Some(value) = own.or(raw["defaults"].get(option)) else { continue };
                written += 1;
                let pair = (section.clone(), option.to_owned());
                if !section.starts_with("program:") && !section.starts_with("fcgi-program:") {
                    continue;
                }
                let has_unit = units.iter().any(|unit| unit.starts_with(&format!("# supconv: [{section}] of ")));
                let said = approximate.contains(&pair) || lost.contains(&pair);
                // Of a program with a unit what is not announced is exact: the next test holds that to each option.
                let translated = has_unit;
                let no_process = !has_unit && approximate.contains(&(section.clone(), "numprocs".to_owned()));
                let excused = no_process || refused.contains(section.as_str()) || (whole && !refused.is_empty());
                if !(said || translated || excused) {
                    let is_none = !has_unit && lost.iter().any(|(other, _)| other == section);
                    if !is_none {
                        failures.push(format!("{shown}: [{section}] {option}= is dropped in silence"));
                    }
                }
                if own.is_none() {
                    continue;
                }
                // A loss stands at the value.
                let here = |loss: &&Value| loss["section"] == **section && loss["option"] == option;
                for loss in plan.list("losses").iter().filter(here) {
                    let bytes = fs::read(loss["path"].as_str().unwrap()).unwrap();
                    let [start, end] =
                        ["start", "end"].map(|side| usize::try_from(loss[side]["byte"].as_u64().unwrap()).unwrap());
                    let text = String::from_utf8_lossy(&bytes[start..end]);
                    let value = value.as_str().unwrap();
                    let folded = value.contains('\n') || text.contains("%(here)s");
                    if !folded && value != "***" && text != value {
                        failures.push(format!("{shown}: [{section}] {option}= is announced at {text:?}"));
                    }
                }
            }
        }
        let summary = ["exact", "approximate", "lost"].map(|grade| plan.document["summary"][grade].as_u64().unwrap());
        // Where nothing is made, what describes supervisord alone is neither exact nor lost.
        let counted = summary.iter().sum::<u64>();
        if counted > written || (counted < written && (!whole || summary[0] > 0)) {
            failures.push(format!("{shown}: {written} options are written, {summary:?} counted"));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn no_option_of_a_program_is_forgotten() {
    // Each alone, with a value that it accepts.
    let values = |option: &str| match option {
        "redirect_stderr"
        | "stdout_events_enabled"
        | "stderr_events_enabled"
        | "stdout_syslog"
        | "stderr_syslog"
        | "stopasgroup"
        | "killasgroup"
        | "autorestart" => "true",
        "autostart" => "false",
        "stopsignal" => "QUIT",
        "stdout_logfile" | "stderr_logfile" => "/var/log/x",
        "environment" => "A=\"1\"",
        "serverurl" => "http://localhost:9001",
        "directory" => "/srv",
        "user" => "web",
        "process_name" => "y",
        "umask" => "027",
        "exitcodes" => "0,3",
        _ => "2",
    };
    // Alone these mean nothing: no other priority, no number in the name, no file to keep backups of.
    let idle = ["numprocs_start", "priority", "stdout_logfile_backups", "stderr_logfile_backups"];
    let without = Plan::text(&format!("{MAIN}[program:x]\ncommand=/x\n"), &[]).all();
    let (.., tables) = keys::KINDS.iter().find(|(_, kind, _)| *kind == "program:x").unwrap();
    for option in tables.iter().flat_map(|keys| keys.iter()).map(|key| key.name).filter(|option| *option != "command") {
        let needed = if option == "numprocs" { "process_name=x%(process_num)d\n" } else { "" };
        let text = format!("{MAIN}[program:x]\ncommand=/x\n{needed}{option}={}\n", values(option));
        let plan = Plan::text(&text, &[]);
        let pair = ("program:x".to_owned(), option.to_owned());
        let said = plan.losses("lost").contains(&pair) || plan.losses("approximate").contains(&pair);
        assert!(said || plan.all() != without || idle.contains(&option), "{option}: {}", plan.document);
        assert_eq!(plan.code, i32::from(!plan.losses("lost").is_empty()), "{option}");
    }
}

/// Values made of what systemd gives a meaning to.
#[test]
fn a_value_never_becomes_a_directive() {
    let evil = "\\n[Service]\nUser=root\n[Install]\nWantedBy=evil.target";
    let spread = evil.replace('\n', "\n  ");
    let read = evil;
    let harmless = Plan::text(&format!("{MAIN}[program:x]\nuser=x\ncommand=/x\n"), &[]).units();
    let usual: Vec<_> = directives(&harmless["x.service"])
        .into_iter()
        .map(|(key, _)| key)
        .filter(|key| *key != "Environment")
        .collect();
    for (what, line, argument, variable) in [
        ("a newline", format!("command=/x 'a\n  {spread}'\n"), Some(format!("a\n{read}")), None),
        ("a newline in a variable", format!("environment=A=\"a\n  {spread}\"\n"), None, Some(format!("A=a\n{read}"))),
        (
            "a specifier",
            "command=/x %%n %%i %%%%\nenvironment=A=\"%%n\"\n".to_owned(),
            Some("%n".to_owned()),
            Some("A=%n".to_owned()),
        ),
        (
            "a variable",
            "command=/x $HOME ${HOME} $$\nenvironment=A=\"$HOME\"\n".to_owned(),
            Some("${HOME}".to_owned()),
            Some("A=$HOME".to_owned()),
        ),
        (
            "quotes",
            "command=/x 'a\"b' \"it's\"\nenvironment=A='a\"b',B=\"it's\"\n".to_owned(),
            Some("a\"b".to_owned()),
            Some("B=it's".to_owned()),
        ),
        (
            "a backslash",
            "command=/x 'a\\b' 'c\\'\nenvironment=A=\"a\\nb\\\"\n".to_owned(),
            Some("c\\".to_owned()),
            Some("A=a\\nb\\".to_owned()),
        ),
        ("a semicolon", "command=/x ';' a;b\n".to_owned(), Some(";".to_owned()), None),
        ("an empty word", "command=/x '' b\n".to_owned(), Some(String::new()), None),
        ("an escape", "command=/x '\u{1}\u{1b}[0m\u{7f}'\n".to_owned(), Some("\u{1}\u{1b}[0m\u{7f}".to_owned()), None),
        (
            "a comment",
            "command=/x '#c'\nenvironment=A=\"#c\"\n".to_owned(),
            Some("#c".to_owned()),
            Some("A=#c".to_owned()),
        ),
    ] {
        let command_line = if line.contains("command=") { "" } else { "command=/x\n" };
        let plan = Plan::text(&format!("{MAIN}[program:x]\nuser=x\n{command_line}{line}"), &[]);
        let units = plan.units();
        let unit = units.get("x.service").unwrap_or_else(|| panic!("{what}: {}", plan.document));
        let keys: Vec<_> =
            directives(unit).into_iter().map(|(key, _)| key).filter(|key| *key != "Environment").collect();
        assert_eq!(keys, usual, "{what}: {unit}");
        assert_eq!(
            (directive(unit, "User"), directive(unit, "WantedBy")),
            (Some("x"), Some("supervisord.target")),
            "{what}"
        );
        if let Some(argument) = argument {
            let (_, argv) = command(directive(unit, "ExecStart").unwrap());
            assert!(argv.contains(&argument), "{what}: {argv:?}");
        }
        if let Some(variable) = variable {
            assert!(environment(unit).contains(&variable), "{what}: {unit}");
        }
    }
    // Where there is no way to say it there is no unit, or the text stands in a comment or a name, on one line.
    for (what, text) in [
        ("a user", "[program:x]\ncommand=/x\nuser=a\n User=root\n".to_owned()),
        ("a user with a specifier", "[program:x]\ncommand=/x\nuser=%%n\n".to_owned()),
        ("a directory", "[program:x]\ncommand=/x\ndirectory=/a\n User=root\n".to_owned()),
        ("a directory with a specifier", "[program:x]\ncommand=/x\ndirectory=/a/%%n\n".to_owned()),
        ("a section", "[program:x\\nUser=root%n$HOME]\ncommand=/x\n".to_owned()),
        ("a carriage return", "[program:x\u{b}User=root]\ncommand=/x\u{b}User=root\n".to_owned()),
        ("a name", "[program:x]\ncommand=/x\nprocess_name=a%%n$HOME@\\x0a\n".to_owned()),
        ("a server url", "[program:x]\ncommand=/x\nserverurl=http://a\n User=root\n".to_owned()),
        ("a line separator", "[program:x]\ncommand=/x \u{2028}User=root\u{85}User=root\n".to_owned()),
    ] {
        let plan = Plan::text(&format!("{MAIN}{text}"), &[]);
        for (name, unit) in plan.units() {
            assert!(directives(&unit).iter().all(|(key, _)| known(key)), "{what}: {unit}");
            assert_ne!(directive(&unit, "User"), Some("root"), "{what}: {unit}");
            assert!(!unit.lines().any(|line| line.starts_with("User=root")), "{what}: {unit}");
            assert!(!unit.contains(['\r', '\u{b}', '\u{1b}']), "{what}: {unit:?}");
            assert!(!name.contains(['%', '$', '\n', '/', '@']), "{what}: {name}");
            let paths = ["WorkingDirectory", "Description", "User"].into_iter().filter_map(|key| directive(&unit, key));
            assert!(paths.into_iter().all(|text| !text.replace("%%", "").contains('%')), "{what}: {unit}");
        }
    }
}

#[test]
fn a_file_that_is_refused_as_a_whole_gives_no_files_and_errors() {
    for (what, text) in [
        ("[supervisord]", MAIN.replace("65536", "many")),
        ("syntax", format!("{MAIN}no delimiter\n")),
        ("no section", format!("a=b\n{MAIN}")),
        ("a bad include", format!("{MAIN}[include]\n")),
        ("undecodable text in an include", format!("{MAIN}[include]\nfiles=%(nope)s\n")),
    ] {
        let plan = Plan::text(&text, &[]);
        assert_eq!((plan.code, plan.list("files"), plan.list("enable")), (1, &[][..], &[][..]), "{what}");
        assert!(!plan.list("errors").is_empty(), "{what}: {}", plan.document);
    }
    let plan = Plan::text("[program:x]\ncommand=/x\n", &["--as", "main"]);
    assert_eq!((plan.code, plan.list("files").len(), plan.list("errors").len()), (1, 0, 1));
}

/// The errors of a template may be withheld, but then something else has to say why there is no unit.
#[test]
fn a_template_without_units_is_explained() {
    let plan = Plan::of(Path::new("corpus/template-left-unrendered.conf"), &[]);
    assert_eq!((plan.code, plan.list("files").len()), (1, 0));
    let messages = plan.list("losses").iter().map(|loss| loss["message"].as_str().unwrap());
    let explained = messages.into_iter().any(|message| message.contains("template"));
    assert!(explained || !plan.list("errors").is_empty(), "{}", plan.document);
}

/// What is wrong with a template as it stands says nothing of what it is rendered to.
#[test]
fn of_a_template_only_what_lint_says_is_an_error() {
    for (text, files) in [
        (format!("{MAIN}@if(x())\n[program:a]\ncommand=/a\n@endif\n"), false),
        (format!("{MAIN}[group:g]\nprograms=a\n{{%- if x %}}\n, b\n{{%- endif %}}\n"), false),
        (format!("{MAIN}[program:a]\ncommand=/a\nenvironment=A=\"1\"{{{{ more }}}}\n"), true),
    ] {
        let plan = Plan::text(&text, &[]);
        assert_eq!((plan.code, !plan.list("files").is_empty()), (1, files), "{text}");
        let rules: Vec<_> = plan.list("errors").iter().map(|error| error["name"].as_str().unwrap()).collect();
        assert_eq!(rules, ["template-markup"], "{text}: {}", plan.document);
    }
    let plan = Plan::text(&format!("{MAIN}{{% x %}}\n[program:a]\ncommand=/a\nstartsecs=soon\n"), &[]);
    let said = plan.list("errors").iter().any(|error| error["name"] == "invalid-value");
    assert!(said, "what lint says of a template the converter says too: {}", plan.document);
}

#[test]
fn a_refused_section_gives_no_unit_and_the_rest_is_converted() {
    for (what, section) in [
        ("program:bad", "[program:bad]\ncommand=/bad\nstartsecs=soon\n"),
        ("program:bad", "[program:bad]\nuser=bad\n"),
        ("program:bad", "[program:bad]\ncommand=/bad %Y\n"),
        ("program:bad", "[program:bad]\ncommand=/bad\nnumprocs=2\n"),
        ("fcgi-program:bad", "[fcgi-program:bad]\ncommand=/bad\n"),
        ("eventlistener:bad", "[eventlistener:bad]\ncommand=/bad\n"),
        ("group:bad", "[group:bad]\nprograms=nobody\n"),
        ("inet_http_server", "[inet_http_server]\nport=x\n"),
    ] {
        let plan = Plan::text(&format!("{MAIN}{section}"), &[]);
        assert_eq!((plan.code, plan.names()), (1, vec!["ok.service".to_owned()]), "{section}");
        assert!(plan.refused_sections().contains(what), "{section}: {}", plan.document);
        let error = &plan.list("errors")[0];
        assert!(error["supervisor"].is_string() && error["start"]["line"].as_u64() > Some(6), "{section}: {error}");
    }
}

#[test]
fn names_that_collide_have_no_unit() {
    let both =
        "[program:a]\ncommand=/one\nuser=u\nprocess_name=b-c\n[program:a-b]\ncommand=/two\nuser=u\nprocess_name=c\n";
    let plan = Plan::text(&format!("{MAIN}{both}"), &[]);
    assert_eq!((plan.code, plan.names()), (1, vec!["ok.service".to_owned()]));
    assert_eq!(plan.refused_sections(), BTreeSet::from(["program:a", "program:a-b"]));
    for error in plan.list("errors") {
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("a-b-c.service") && message.contains("[program:a]") && message.contains("[program:a-b]"),
            "{message}"
        );
        assert_eq!(error["supervisor"], Value::Null);
    }
    assert_eq!(plan.list("enable"), [json!("supervisord.target"), json!("ok.service")]);
}

#[test]
fn names_of_systemds_own_units_need_a_prefix() {
    for name in ["rescue", "dbus", "systemd-journald", "emergency"] {
        let text = format!("{MAIN}[program:{name}]\ncommand=/x\nuser=u\n");
        let plan = Plan::text(&text, &[]);
        assert_eq!((plan.code, plan.names()), (1, vec!["ok.service".to_owned()]), "{name}");
        let message = plan.list("errors")[0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("{name}.service")) && message.contains("--prefix"), "{message}");
        let plan = Plan::text(&text, &["--prefix", "sup-"]);
        let expected = BTreeSet::from(["sup-ok.service".to_owned(), format!("sup-{name}.service")]);
        assert_eq!((plan.code, plan.names().into_iter().collect()), (0, expected), "{name}");
        // And the target of all.
        assert_eq!(plan.list("enable").len(), 3);
    }
}

#[test]
fn secrets_stand_in_no_unit() {
    let mut wrong = Vec::new();
    for (option, units, line) in [
        ("environment", 2, "environment=DB.PASSWORD=\"sesame\"\n"),
        ("command", 1, "command=/x --password=sesame\n"),
        ("command", 1, "command=/x --password=%(ENV_PW)s\n"),
        ("command", 1, "command=/x 'postgres://u:sesame@db/x'\n"),
        ("command", 1, "command=mysqldump -psesame db\n"),
        ("command", 1, "command=redis-server --requirepass sesame\n"),
        ("command", 1, "command=/bin/echo %s\n"),
        ("command", 1, "command=/x %(ENV_DB_PASSWORD)s\nenvironment=DB_PASSWORD=\"sesame\"\n"),
    ] {
        let command = if line.contains("command=") { "" } else { "command=/x\n" };
        let text = format!("{MAIN}[program:x]\nuser=x\n{command}{line}");
        let plan = Plan::text(&text, &["--env", "PW=sesame", "--env", "DB_PASSWORD=sesame"]);
        let lost = plan.losses("lost").contains(&("program:x".to_owned(), option.to_owned()));
        let found = (plan.document.to_string().contains("sesame"), plan.code, plan.units().len(), lost);
        if found != (false, 1, units, true) {
            wrong.push(format!("{line}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "printed, exit code, units, lost:\n{}", wrong.join("\n"));
    let text =
        format!("{MAIN}environment=A=\"1\"\n").replace("minfds", "environment=SECRET_KEY=\"sesame\",B=\"2\"\nminfds");
    let plan = Plan::text(&text, &[]);
    assert!(!plan.document.to_string().contains("sesame"));
    let unit = &plan.units()["ok.service"];
    let set = environment(unit);
    assert!(set.contains(&"A=1".to_owned()) && set.contains(&"B=2".to_owned()), "{unit}");
    assert_eq!(directive(unit, "EnvironmentFile"), Some("/etc/supconv/ok.env"));
    assert!(plan.losses("lost").is_empty());
}

#[test]
fn what_is_not_known_gives_no_unit() {
    let mut wrong = Vec::new();
    for (section, option, text) in [
        ("program:x", "command", "[program:x]\ncommand=/x %(ENV_A)s\n"),
        ("program:x", "command", "[program:x]\ncommand=/x %(host_node_name)s\n"),
        ("program:x", "directory", "[program:x]\ncommand=/x\ndirectory=/srv/%(ENV_A)s\n"),
        ("program:x", "environment", "[program:x]\ncommand=/x\nenvironment=A=\"%(ENV_A)s\"\n"),
        ("program:x", "user", "[program:x]\ncommand=/x\nuser=%(ENV_A)s\n"),
        ("program:x", "process_name", "[program:x]\ncommand=/x\nprocess_name=x%(ENV_A)s\n"),
        ("program:x", "numprocs", "[program:x]\ncommand=/x\nnumprocs=%(ENV_A)s\nprocess_name=x%(process_num)d\n"),
        ("program:x", "serverurl", "[program:x]\ncommand=/x\nserverurl=http://%(ENV_A)s\n"),
    ] {
        let text = format!("{MAIN}{text}");
        let plan = Plan::text(&text, &[]);
        let at = |loss: &&Value| loss["section"] == section && loss["option"] == option && loss["grade"] == "lost";
        let rule = plan.list("losses").iter().find(at).map_or("no loss", |loss| loss["rule"].as_str().unwrap());
        let known = Plan::text(&text, &["--env", "A=1", "--node", "n"]).units().len();
        let found = (plan.code, plan.names().join(" "), rule, plan.list("errors").len(), known);
        if found != (1, "ok.service".to_owned(), "SUP906", 0, 2) {
            wrong.push(format!("{option}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "exit code, units, rule, errors, units when it is known:\n{}", wrong.join("\n"));
    // That of [supervisord] reaches every program.
    let text = MAIN.replace("minfds", "environment=A=\"%(ENV_A)s\"\nminfds");
    let plan = Plan::text(&text, &[]);
    assert_eq!((plan.code, plan.names().len()), (1, 0));
    assert!(plan.losses("lost").contains(&("supervisord".to_owned(), "environment".to_owned())), "{}", plan.document);
}

/// minfds is a floor and `LimitNOFILE=` is none: one number would lower the hard limit.
#[test]
fn minfds_stays_a_floor_and_never_lowers_the_hard_limit() {
    for (minfds, limit) in [
        ("1024", None),
        ("0", None),
        ("-1", None),
        ("500", None),
        ("1025", Some("1025:524288")),
        ("65536", Some("65536:524288")),
        ("524288", Some("524288:524288")),
        ("1048576", Some("1048576:1048576")),
    ] {
        let plan = Plan::text(&MAIN.replace("65536", minfds), &[]);
        let unit = &plan.units()["ok.service"];
        assert_eq!(directive(unit, "LimitNOFILE"), limit, "minfds={minfds}");
        // What is the same in all units stands in the report alone.
        let said = unit.lines().skip(1).any(|line| line.contains("minfds"));
        assert!(!said, "minfds={minfds}: {unit}");
    }
    let plan = Plan::text(&MAIN.replace("65536", "%(ENV_A)s"), &[]);
    assert_eq!(plan.code, 1);
    assert_eq!(directive(&plan.units()["ok.service"], "LimitNOFILE"), None);
    assert!(plan.losses("lost").contains(&("supervisord".to_owned(), "minfds".to_owned())));
    let fragment = Plan::text("[program:x]\ncommand=/x\nuser=x\n", &[]);
    assert_eq!((fragment.code, directive(&fragment.units()["x.service"], "LimitNOFILE")), (0, None));
}

#[test]
fn each_process_has_one_service_with_its_own_context() {
    let text = "[supervisord]\nuser=root\nenvironment=A=\"1\",B=\"1\"\n[program:w]\ncommand=./w %(process_num)d\ndirectory=/srv/w\n\
                user=www\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\nenvironment=B=\"2\"\n\
                [program:r]\ncommand=/r\nuser=root\n[program:n]\ncommand=/n\nuser=nobody\n[group:g]\nprograms=r\n";
    let plan = Plan::text(text, &[]);
    let units = plan.units();
    assert_eq!(plan.names(), ["g-r.service", "n.service", "w_00.service", "w_01.service"]);
    let unit = &units["w_01.service"];
    assert_eq!(
        command(directive(unit, "ExecStart").unwrap()),
        ("/srv/w/./w".to_owned(), vec!["./w".to_owned(), "1".to_owned()])
    );
    assert_eq!((directive(unit, "WorkingDirectory"), directive(unit, "User")), (Some("/srv/w"), Some("www")));
    let set = environment(unit);
    for pair in ["A=1", "B=2", "SUPERVISOR_ENABLED=1", "SUPERVISOR_GROUP_NAME=w", "SUPERVISOR_PROCESS_NAME=w_01"] {
        assert!(set.contains(&pair.to_owned()), "{pair}: {unit}");
    }
    assert!(!set.contains(&"B=1".to_owned()), "{unit}");
    assert_eq!(directive(&units["g-r.service"], "User"), None, "root would bring HOME and the like");
    assert_eq!(directive(&units["n.service"], "User"), Some("65534"));
    assert!(plan.losses("approximate").contains(&("program:n".to_owned(), "user".to_owned())));
    assert!(units.values().all(|unit| directive(unit, "WantedBy").is_some_and(|target| target.ends_with(".target"))));
}
