//! The public documents: supconv.show/1, supconv.show-raw/1, supconv.lint/1 and supconv.plan/1 have exactly the keys, types
//! and positions that the README promises.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::support::corpus;
use crate::support::desk::{Desk, supconv};
use serde_json::{Value, json};

/// Keys with their types; `|` parts alternatives.
type Shape = &'static [(&'static str, &'static str)];

const SHOW: Shape = &[
    ("schema", "string"),
    ("path", "string"),
    ("ok", "bool"),
    ("fragment", "bool"),
    ("supervisord", "object|null"),
    ("groups", "array"),
    ("servers", "array"),
    ("rpcinterfaces", "array"),
    ("includes", "array"),
    ("warnings", "array"),
    ("log_bytes", "object"),
    ("unknown", "array"),
];
const LOG_BYTES: Shape = &[("most", "integer"), ("unbounded", "integer"), ("unknown", "integer")];
const REFUSED: Shape =
    &[("schema", "string"), ("path", "string"), ("ok", "bool"), ("kind", "string"), ("error", "string")];
const SUPERVISORD: Shape = &[
    ("logfile", "string"),
    ("logfile_maxbytes", "integer"),
    ("logfile_backups", "integer"),
    ("loglevel", "string"),
    ("pidfile", "string"),
    ("umask", "octal"),
    ("nodaemon", "bool"),
    ("silent", "bool"),
    ("minfds", "integer"),
    ("minprocs", "integer"),
    ("nocleanup", "bool"),
    ("childlogdir", "string"),
    ("user", "string|null"),
    ("directory", "string|null"),
    ("strip_ansi", "bool"),
    ("environment", "object"),
    ("identifier", "string"),
];
const GROUP: Shape = &[("kind", "string"), ("name", "string"), ("priority", "integer"), ("programs", "array")];
const LISTENER: Shape = &[("events", "array"), ("buffer_size", "integer"), ("result_handler", "string")];
const FCGI: Shape = &[("socket", "object")];
const SOCKET: Shape =
    &[("url", "string"), ("owner", "string|null"), ("mode", "octal|null"), ("backlog", "integer|null")];
const PROGRAM: Shape = &[
    ("section", "string"),
    ("name", "string"),
    ("command", "string|null"),
    ("argv", "array|null"),
    ("directory", "string|null"),
    ("umask", "octal|null"),
    ("user", "string|null"),
    ("priority", "integer"),
    ("autostart", "bool"),
    ("autorestart", "bool|string"),
    ("startsecs", "integer"),
    ("startretries", "integer"),
    ("stopsignal", "string|integer"),
    ("stopwaitsecs", "integer"),
    ("stopasgroup", "bool"),
    ("killasgroup", "bool"),
    ("exitcodes", "array"),
    ("redirect_stderr", "bool"),
    ("environment", "object"),
    ("stdout_logfile", "string|null"),
    ("stdout_logfile_maxbytes", "integer"),
    ("stdout_logfile_backups", "integer"),
    ("stdout_capture_maxbytes", "integer"),
    ("stdout_events_enabled", "bool"),
    ("stdout_syslog", "bool"),
    ("stderr_logfile", "string|null"),
    ("stderr_logfile_maxbytes", "integer"),
    ("stderr_logfile_backups", "integer"),
    ("stderr_capture_maxbytes", "integer"),
    ("stderr_events_enabled", "bool"),
    ("stderr_syslog", "bool"),
    ("serverurl", "string|null"),
];
const INET: Shape =
    &[("kind", "string"), ("section", "string"), ("host", "string"), ("port", "integer"), ("username", "string|null")];
const UNIX: Shape = &[
    ("kind", "string"),
    ("section", "string"),
    ("file", "string"),
    ("chmod", "octal"),
    ("chown", "string|null"),
    ("username", "string|null"),
];
const RPC: Shape = &[("name", "string"), ("factory", "string"), ("options", "object")];
const RAW: Shape = &[
    ("schema", "string"),
    ("path", "string"),
    ("ok", "bool"),
    ("sections", "object"),
    ("defaults", "object"),
    ("files", "object"),
];
const LINT: Shape = &[("schema", "string"), ("findings", "array"), ("errors", "array"), ("summary", "object")];
const FINDING: Shape = &[
    ("rule", "string"),
    ("name", "string"),
    ("severity", "string"),
    ("confidence", "string"),
    ("message", "string"),
    ("help", "string|null"),
    ("supervisor", "string|null"),
    ("path", "string"),
    ("section", "string|null"),
    ("option", "string|null"),
    ("start", "object"),
    ("end", "object"),
    ("labels", "array"),
    ("fix", "object|null"),
    ("url", "null"),
];
const FIX: Shape = &[("title", "string"), ("applicability", "string"), ("changes", "array"), ("edits", "array")];
const CHANGE: Shape = &[("section", "string"), ("option", "string")];
const EDIT: Shape = &[("path", "string"), ("start", "object"), ("end", "object"), ("text", "string")];
const POSITION: Shape = &[("line", "integer"), ("column", "integer"), ("byte", "integer")];
const LABEL: Shape = &[("message", "string"), ("path", "string"), ("start", "object"), ("end", "object")];
const UNREADABLE: Shape = &[("path", "string"), ("message", "string")];
const LINT_SUMMARY: Shape = &[
    ("files", "integer"),
    ("errors", "integer"),
    ("warnings", "integer"),
    ("infos", "integer"),
    ("suppressed", "integer"),
    ("hidden", "integer"),
    ("fixable", "integer"),
];
const PLAN: Shape = &[
    ("schema", "string"),
    ("target", "string"),
    ("files", "array"),
    ("stale", "null"),
    ("enable", "array"),
    ("stays", "array"),
    ("processes", "array"),
    ("losses", "array"),
    ("errors", "array"),
    ("summary", "object"),
];
const FILE: Shape = &[("path", "string"), ("mode", "string"), ("state", "null"), ("text", "string|null")];
const GRADE: Shape = &[("grade", "string")];
const PLAN_SUMMARY: Shape = &[("exact", "integer"), ("approximate", "integer"), ("lost", "integer")];

/// Checks keys and types; what is unknown may stand for any value of a configuration.
fn check(value: &Value, shapes: &[Shape], open: bool, what: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("{what} is no object: {value}"));
    let keys: BTreeSet<_> = object.keys().map(String::as_str).collect();
    let expected: BTreeSet<_> = shapes.iter().flat_map(|shape| shape.iter().map(|(key, _)| *key)).collect();
    assert_eq!(keys, expected, "keys of {what}");
    for (key, types) in shapes.iter().flat_map(|shape| shape.iter()) {
        let value = &object[*key];
        let fits = types.split('|').any(|one| is(value, one)) || (open && is_unknown(value));
        assert!(fits, "{key} of {what} is not {types}: {value}");
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "bool" => value.is_boolean(),
        // As long as it is, and never a float.
        "integer" => value.is_number() && value.to_string().trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()),
        "octal" => value.as_str().is_some_and(|text| {
            let digits = text.trim_start_matches('-');
            digits.len() >= 3 && digits.bytes().all(|b| (b'0'..=b'7').contains(&b))
        }),
        "array" => value.is_array(),
        "object" => value.is_object() && !is_unknown(value),
        "null" => value.is_null(),
        _ => panic!("{kind} is no type"),
    }
}

fn is_unknown(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1 && object.get("unknown").is_some_and(Value::is_string))
}

fn check_show(document: &Value) {
    assert_eq!(document["schema"], "supconv.show/1");
    if document["ok"] == false {
        check(document, &[REFUSED], false, "a refusal");
        assert!(["usage", "crash", "bound", "unreadable"].map(Value::from).contains(&document["kind"]), "{document}");
        assert!(!document["error"].as_str().unwrap().starts_with("Error: "), "{document}");
        return;
    }
    check(document, &[SHOW], false, "the document");
    assert_eq!(document["fragment"] == true, document["supervisord"].is_null(), "null in a fragment");
    if !document["supervisord"].is_null() {
        check(&document["supervisord"], &[SUPERVISORD], true, "[supervisord]");
    }
    for group in items(&document["groups"]) {
        let shapes: &[Shape] = match group["kind"].as_str().unwrap() {
            "program" | "group" => &[GROUP],
            "eventlistener" => &[GROUP, LISTENER],
            "fcgi-program" => &[GROUP, FCGI],
            kind => panic!("{kind} is no kind of group"),
        };
        check(group, shapes, true, "a group");
        if let Some(socket) = group.get("socket") {
            check(socket, &[SOCKET], true, "a socket");
        }
        assert!(group.get("events").is_none_or(|events| is_unknown(events) || strings(events)), "{group}");
        for program in items(&group["programs"]) {
            check(program, &[PROGRAM], true, "a program");
            assert!(!program["argv"].is_array() || strings(&program["argv"]), "{program}");
            let codes = &program["exitcodes"];
            assert!(is_unknown(codes) || items(codes).iter().all(|code| is(code, "integer")), "{program}");
            assert!(program["autorestart"].as_str().is_none_or(|text| text == "unexpected"), "{program}");
            let environment = program["environment"].as_object().unwrap();
            assert!(environment.values().all(Value::is_string), "{program}");
        }
    }
    for server in items(&document["servers"]) {
        let shape = if server["kind"] == "inet" { INET } else { UNIX };
        check(server, &[shape], true, "a server");
    }
    for interface in items(&document["rpcinterfaces"]) {
        check(interface, &[RPC], true, "an RPC interface");
    }
    check(&document["log_bytes"], &[LOG_BYTES], false, "what the logs may fill");
    assert!(strings(&document["includes"]) && strings(&document["warnings"]), "{document}");
    assert!(items(&document["unknown"]).iter().all(|pair| strings(pair) && items(pair).len() == 2), "{document}");
}

fn check_raw(document: &Value) {
    assert_eq!(document["schema"], "supconv.show-raw/1");
    if document["ok"] == false {
        return check(document, &[REFUSED], false, "a refusal");
    }
    check(document, &[RAW], false, "the document");
    for section in document["sections"].as_object().unwrap().values().chain([&document["defaults"], &document["files"]])
    {
        assert!(section.as_object().unwrap().values().all(Value::is_string), "{section}");
    }
}

fn check_finding(finding: &Value, more: &[Shape]) {
    check(finding, &[&[FINDING], more].concat(), false, "a finding");
    assert!(["error", "warning", "info"].map(Value::from).contains(&finding["severity"]), "{finding}");
    assert!(["high", "medium", "low"].map(Value::from).contains(&finding["confidence"]), "{finding}");
    assert!(finding["option"].is_null() || finding["section"].is_string(), "an option without its section: {finding}");
    check_range(finding);
    for label in items(&finding["labels"]) {
        check(label, &[LABEL], false, "a label");
        check_range(label);
    }
    let fix = &finding["fix"];
    if !fix.is_null() {
        check(fix, &[FIX], false, "a fix");
        assert!(["safe", "unsafe"].map(Value::from).contains(&fix["applicability"]), "{fix}");
        for change in items(&fix["changes"]) {
            check(change, &[CHANGE], false, "a change");
        }
        for edit in items(&fix["edits"]) {
            check(edit, &[EDIT], false, "an edit");
            check_range(edit);
        }
    }
}

fn check_lint(document: &Value) {
    assert_eq!(document["schema"], "supconv.lint/1");
    check(document, &[LINT], false, "the document");
    let findings = items(&document["findings"]);
    for finding in findings {
        check_finding(finding, &[]);
    }
    for error in items(&document["errors"]) {
        check(error, &[UNREADABLE], false, "an error");
    }
    let summary = &document["summary"];
    check(summary, &[LINT_SUMMARY], false, "the summary");
    for (name, severity) in [("errors", "error"), ("warnings", "warning"), ("infos", "info")] {
        assert_eq!(summary[name], findings.iter().filter(|one| one["severity"] == severity).count(), "{name}");
    }
    let safe = findings.iter().filter(|finding| finding["fix"]["applicability"] == "safe").count();
    assert_eq!((&summary["suppressed"], &summary["fixable"]), (&json!(0), &json!(safe)));
}

fn check_plan(document: &Value) {
    assert_eq!((&document["schema"], &document["target"]), (&json!("supconv.plan/1"), &json!("systemd")));
    check(document, &[PLAN], false, "the document");
    for file in items(&document["files"]) {
        check(file, &[FILE], false, "a file");
        let path = file["path"].as_str().unwrap();
        // Units stand directly there, scripts below usr, all else below etc; what nobody is shown is root's alone.
        let script = path.starts_with("usr/local/lib/supconv/");
        assert!(!path.contains('/') || path.starts_with("etc/") || script, "{file}");
        let secret = path.starts_with("etc/supconv/");
        let mode = if secret {
            "0600"
        } else if script {
            "0755"
        } else {
            "0644"
        };
        assert_eq!((&file["mode"], file["text"].is_null()), (&json!(mode), secret));
    }
    for loss in items(&document["losses"]) {
        check_finding(loss, &[GRADE]);
        assert!(loss["grade"] == "approximate" || loss["grade"] == "lost", "{loss}");
        assert!(loss["section"].is_string() && loss["option"].is_string(), "each names what it is about: {loss}");
    }
    for error in items(&document["errors"]) {
        check_finding(error, &[]);
    }
    check(&document["summary"], &[PLAN_SUMMARY], false, "the summary");
    let files: Vec<_> = items(&document["files"]).iter().map(|file| file["path"].as_str().unwrap()).collect();
    // An instance has its template's file: `w@00.service`, `w@.service`.
    let named = |unit: &str| match unit.split_once('@') {
        Some((stem, _)) => files.contains(&format!("{stem}@.service").as_str()),
        None => files.contains(&unit),
    };
    let enable = items(&document["enable"]);
    assert!(enable.iter().all(|unit| named(unit.as_str().unwrap())), "enable names files: {document}");
    assert!(strings(&document["stays"]));
}

fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no array: {value}"))
}

fn strings(value: &Value) -> bool {
    items(value).iter().all(Value::is_string)
}

/// Line and column of a byte, counted by another way than the program's: Python's universal newlines, a scalar or an
/// invalid byte a column.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let (mut line, mut column, mut at) = (1, 1, 0);
    while at < offset {
        let (step, newline) = match bytes[at] {
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => (2, true),
            b'\r' | b'\n' => (1, true),
            _ => {
                let scalar = (1..=4).find(|n| bytes.get(at..at + n).is_some_and(|part| str::from_utf8(part).is_ok()));
                (scalar.unwrap_or(1), false)
            }
        };
        at += step;
        (line, column) = if newline { (line + 1, 1) } else { (line, column + 1) };
    }
    (line, column)
}

/// The positions of a finding or a label against the bytes of the file that it names.
fn check_range(range: &Value) {
    let bytes = fs::read(range["path"].as_str().unwrap()).unwrap();
    let mut offsets = Vec::new();
    for side in ["start", "end"] {
        check(&range[side], &[POSITION], false, side);
        let [line, column, byte] =
            ["line", "column", "byte"].map(|key| usize::try_from(range[side][key].as_u64().unwrap()).unwrap());
        assert!(byte <= bytes.len(), "{side} is behind the end of the file: {range}");
        assert_eq!((line, column), position(&bytes, byte), "{side} of {range}");
        offsets.push(byte);
    }
    assert!(offsets[0] <= offsets[1], "{range}");
}

fn json(arguments: &[&str]) -> Value {
    let run = supconv(arguments);
    assert!(matches!(run.code, 0..=2), "{arguments:?}: {run:?}");
    let text = run.out;
    assert!(text.ends_with('\n') && text.trim_end().lines().count() == 1, "one line: {arguments:?}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"))
}

/// All files of the corpus, and those from life where they are.
fn files() -> Vec<PathBuf> {
    let mut files = corpus::all();
    files.extend(fs::read_dir("corpus/includes").unwrap().map(|entry| entry.unwrap().path().join("main.conf")));
    files.sort();
    assert!(files.len() > 150);
    files
}

#[test]
fn documents_of_all_files_have_their_shapes() {
    for path in files() {
        let path = path.display().to_string();
        for world in [&[][..], &["--env", "HOME=/root", "--node", "n"]] {
            let ask = |arguments: &[&str]| json(&[arguments, world, &[path.as_str()]].concat());
            check_show(&ask(&["show", "--format", "json"]));
            check_lint(&ask(&["lint", "--min-severity", "info", "--format", "json"]));
            check_plan(&ask(&["to-systemd", "--format", "json"]));
        }
        check_raw(&json(&["show", "--raw", &path]));
    }
}

#[test]
fn documents_of_unreadable_files_have_their_shapes() {
    let document = json(&["show", "--format", "json", "no/such.conf"]);
    check_show(&document);
    assert_eq!((&document["path"], &document["kind"]), (&json!("no/such.conf"), &json!("unreadable")));
    check_raw(&json(&["show", "--raw", "no/such.conf"]));
    check_lint(&json(&["lint", "--format", "json", "no/such.conf"]));
}

#[test]
fn show_has_every_kind_of_value() {
    let text = "[supervisord]\nuser=root\numask=7\nminfds=99999999999999999999\nenvironment=A=\"1\",B=\"2\"\nloglevel=WARN\n\
                [unix_http_server]\nfile=s.sock\nchmod=0o7\nusername=u\npassword=p\n[inet_http_server]\nport=:1\n\
                [rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n\
                [program:web]\ncommand=\"web\npriority=1\nstdout_logfile=NONE\nstderr_logfile=\nautorestart=true\nstopsignal=0\numask=-7\nenvironment=B=\"3\"\n\
                [program:w]\ncommand=/w 'a b' ''\nuser=www\nnumprocs=2\nprocess_name=%(process_num)s\npriority=2\nstdout_logfile=syslog\nexitcodes=\nserverurl=http://x\n\
                [eventlistener:e]\ncommand=/e\nevents=TICK_5,PROCESS_STATE\nstopsignal=sigchld\n\
                [fcgi-program:f]\ncommand=/f\nsocket=tcp://localhost:9000\npriority=3\n\
                [fcgi-program:g]\ncommand=/f\nsocket=unix:///run/g\nsocket_owner=a:b\npriority=4\n";
    let desk = Desk::of(text);
    let path = desk.path("a.conf");
    let document = json(&["show", "--format", "json", "--cwd", "/srv", "--env", "TMP=/mnt", &path]);
    check_show(&document);
    let program = |group: usize, program: usize, key: &str| document["groups"][group]["programs"][program][key].clone();
    for (what, found, expected) in [
        ("user", document["supervisord"]["user"].clone(), json!("root")),
        ("umask", document["supervisord"]["umask"].clone(), json!("007")),
        ("loglevel", document["supervisord"]["loglevel"].clone(), json!("warn")),
        ("logfile", document["supervisord"]["logfile"].clone(), json!("/srv/supervisord.log")),
        ("childlogdir", document["supervisord"]["childlogdir"].clone(), json!("/mnt")),
        ("a command that cannot be split", program(1, 0, "argv"), Value::Null),
        ("and its text", program(1, 0, "command"), json!("\"web")),
        ("NONE", program(1, 0, "stdout_logfile"), Value::Null),
        ("empty", program(1, 0, "stderr_logfile"), json!("")),
        ("always", program(1, 0, "autorestart"), json!(true)),
        ("no signal", program(1, 0, "stopsignal"), json!(0)),
        ("a umask below zero", program(1, 0, "umask"), json!("-007")),
        ("an overlay", program(1, 0, "environment"), json!({"A": "1", "B": "3"})),
        ("words", program(2, 0, "argv"), json!(["/w", "a b", ""])),
        ("AUTO", program(2, 0, "stderr_logfile"), json!("AUTO")),
        ("syslog", program(2, 0, "stdout_logfile"), Value::Null),
        ("syslog flag", program(2, 0, "stdout_syslog"), json!(true)),
        ("no codes", program(2, 0, "exitcodes"), json!([])),
        ("unexpected", program(2, 0, "autorestart"), json!("unexpected")),
        ("the second", program(2, 1, "name"), json!("1")),
        ("serverurl", program(2, 0, "serverurl"), json!("http://x")),
        ("AUTO serverurl", program(1, 0, "serverurl"), Value::Null),
        ("sigchld", program(0, 0, "stopsignal"), json!("CHLD")),
        ("priority of a listener", document["groups"][0]["priority"].clone(), json!(-1)),
        ("events", document["groups"][0]["events"].clone(), json!(["PROCESS_STATE", "TICK_5"])),
        ("mode of tcp", document["groups"][3]["socket"]["mode"].clone(), Value::Null),
        ("url of tcp", document["groups"][3]["socket"]["url"].clone(), json!("tcp://localhost:9000")),
        ("mode of unix", document["groups"][4]["socket"]["mode"].clone(), json!("700")),
        ("owner of unix", document["groups"][4]["socket"]["owner"].clone(), json!("a:b")),
        ("port", document["servers"][0]["port"].clone(), json!(1)),
        ("file", document["servers"][1]["file"].clone(), json!("/srv/s.sock")),
        ("chmod", document["servers"][1]["chmod"].clone(), json!("007")),
        ("chown", document["servers"][1]["chown"].clone(), Value::Null),
        ("username", document["servers"][1]["username"].clone(), json!("u")),
    ] {
        assert_eq!(found, expected, "{what}");
    }
    assert!(document.to_string().contains("\"minfds\":99999999999999999999,"), "every digit is kept");
}

#[test]
fn unknown_values_stand_as_written() {
    let text = "[supervisord]\nminfds=%(ENV_A)s\nenvironment=X=\"%(ENV_A)s\"\n[program:w]\ncommand=/w %(ENV_A)s\n\
                numprocs=%(ENV_N)s\nprocess_name=p%(process_num)s\npriority=%(ENV_A)s\nstopsignal=%(ENV_A)s\n\
                [program:z]\ncommand=\n[inet_http_server]\nport=%(ENV_A)s\n\
                [fcgi-program:f]\ncommand=/f\nsocket=%(ENV_A)s\nsocket_mode=%(ENV_A)s\n";
    let desk = Desk::of(text);
    let path = desk.path("a.conf");
    let document = json(&["show", "--format", "json", &path]);
    check_show(&document);
    let unknown = |text: &str| json!({"unknown": text});
    assert_eq!(document["supervisord"]["minfds"], unknown("%(ENV_A)s"));
    let group = items(&document["groups"]).iter().find(|group| group["name"] == "w").unwrap();
    assert_eq!(items(&group["programs"]).len(), 1, "an unknown numprocs gives one program");
    let program = &group["programs"][0];
    assert!(is_unknown(&program["name"]), "whose name is unknown: {program}");
    assert_eq!((&program["argv"], &program["command"]), (&unknown("/w %(ENV_A)s"), &unknown("/w %(ENV_A)s")));
    assert!(is_unknown(&program["environment"]), "as a whole: {program}");
    assert_eq!(document["servers"][0]["port"], unknown("%(ENV_A)s"));
    let empty = items(&document["groups"]).iter().find(|group| group["name"] == "z").unwrap();
    assert_eq!(empty["programs"][0]["argv"], json!([]), "argv of an empty command");
    let listed: BTreeSet<_> = items(&document["unknown"]).iter().map(ToString::to_string).collect();
    let expected = [
        r#"["supervisord","minfds"]"#,
        r#"["supervisord","environment"]"#,
        r#"["program:w","process_name"]"#,
        r#"["program:w","command"]"#,
        r#"["program:w","priority"]"#,
        r#"["program:w","stopsignal"]"#,
        r#"["program:w","environment"]"#,
        r#"["program:z","environment"]"#,
        r#"["fcgi-program:f","environment"]"#,
        r#"["fcgi-program:f","socket"]"#,
        r#"["fcgi-program:f","socket_mode"]"#,
        r#"["inet_http_server","port"]"#,
    ];
    assert_eq!(listed, BTreeSet::from(expected.map(str::to_owned)));
    assert_eq!(items(&document["unknown"]).len(), expected.len(), "each once");
}

#[test]
fn a_variable_called_unknown_is_no_unknown_environment() {
    let desk = Desk::of(
        "[supervisord]\n[program:a]\ncommand=/a\nenvironment=B=\"2\",unknown=\"1\"\n\
         [program:b]\ncommand=/b\nenvironment=unknown=\"1\"\n[program:c]\ncommand=/c\nenvironment=C=\"%(ENV_C)s\"\n",
    );
    let document = desk.json("show --format json a.conf");
    let environment = |group: usize| &document["groups"][group]["programs"][0]["environment"];
    assert_eq!(environment(0), &json!({"B": "2", "unknown": "1"}));
    assert_eq!((environment(1), environment(2)), (&json!({"unknown": "1"}), &json!({"unknown": "C=\"%(ENV_C)s\""})));
    assert_eq!(document["unknown"], json!([["program:c", "environment"]]));
    let table = desk.run("show --all a.conf").out;
    let variables: Vec<_> = table.lines().filter(|line| line.contains("  environment ")).collect();
    let expected = ["B=2", "unknown=1", "unknown=1", "unknown: C=\"%(ENV_C)s\""];
    assert_eq!(variables.len(), 5, "one line a variable, and [supervisord] has none: {table}");
    for (line, expected) in variables.iter().skip(1).zip(expected) {
        assert!(line.contains(&format!(" {expected} ")), "{line}");
    }
}

#[test]
fn raw_is_what_the_reader_leaves() {
    let text = "[DEFAULT]\nuser=x\nPassword=p\n[supervisord]\nA = 1\n\tB\n[program:w]\nstartsecs=soon\npassword=q\n";
    let desk = Desk::of([text.as_bytes(), b"c=\xff\n"].concat());
    let path = desk.path("a.conf");
    assert_eq!(json(&["show", "--raw", &path])["kind"], "usage", "undecodable bytes are step 3");
    fs::write(&path, text).unwrap();
    let raw = json(&["show", "--raw", &path]);
    check_raw(&raw);
    assert_eq!(raw["sections"]["supervisord"], json!({"a": "1\nB"}));
    assert_eq!(raw["sections"]["program:w"]["startsecs"], "soon");
    assert_eq!(raw["sections"]["program:w"]["password"], "***");
    assert_eq!(raw["defaults"], json!({"user": "x", "password": "***"}));
    fs::write(&path, "[program:w]\n").unwrap();
    assert_eq!(json(&["show", "--raw", &path])["ok"], true, "a missing [supervisord] is step 5");
}

/// The first finding of a rule.
fn finding(path: &str, rule: &str) -> Value {
    let document = json(&["lint", "--min-severity", "info", "--format", "json", path]);
    check_lint(&document);
    let found = items(&document["findings"]).iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule}: {document}")).clone()
}

#[test]
fn columns_count_scalars_and_bytes_are_bytes() {
    let place = |finding: &Value| {
        let side = |side: &str| ["line", "column", "byte"].map(|key| finding[side][key].as_u64().unwrap());
        (side("start"), side("end"))
    };
    // é has two bytes, the face four, and the line end two.
    let desk = Desk::of("; é😀\r\n[supervisord]\r\n; é\r[program:é😀 x]\ncommand=/x\n");
    let path = desk.path("a.conf");
    let name = place(&finding(&path, "SUP014"));
    assert_eq!(name, ([4, 2, 31], [4, 14, 47]), "[program:é😀 x]");
    let desk = Desk::of("[supervisord]\n[program:x]\ncommand=/x\nstartsecs = é😀a\n");
    let path = desk.path("a.conf");
    assert_eq!(place(&finding(&path, "SUP010")), ([4, 13, 49], [4, 16, 56]));
    // An invalid byte is a column: the first of two, after two scalars of six bytes.
    let desk = Desk::of(b"[supervisord]\n; \xc3\xa9\xf0\x9f\x98\x80\xff\xfe x\n");
    let path = desk.path("a.conf");
    let (start, _) = place(&finding(&path, "SUP001"));
    assert_eq!(start, [2, 5, 22]);
    // And those before it count one each.
    let desk = Desk::of(b"[supervisord]\n\xff\xfe\xc3\xa9\xe2\x82 no delimiter\n");
    let path = desk.path("a.conf");
    let document = json(&["lint", "--format", "json", &path]);
    check_lint(&document);
    // Without [supervisord] the position is the beginning of the file.
    let desk = Desk::of("\n\n; é\n[program:x]\ncommand=/x\n");
    let path = desk.path("a.conf");
    let document = json(&["lint", "--as", "main", "--format", "json", &path]);
    check_lint(&document);
    let missing = items(&document["findings"]).iter().find(|one| one["severity"] == "error").unwrap();
    assert_eq!(place(missing), ([1, 1, 0], [1, 1, 0]), "{missing}");
}

#[test]
fn findings_are_sorted_by_file_offset_and_rule() {
    for path in files() {
        let path = path.display().to_string();
        let document = json(&["lint", "--min-severity", "info", "--format", "json", &path]);
        let keys: Vec<_> = items(&document["findings"])
            .iter()
            .map(|one| {
                (one["path"].as_str().unwrap(), one["start"]["byte"].as_u64().unwrap(), one["rule"].as_str().unwrap())
            })
            .collect();
        for pair in keys.windows(2) {
            assert!(pair[0].0 != pair[1].0 || pair[0] <= pair[1], "{path}: {pair:?}");
        }
    }
}

#[test]
fn a_finding_has_one_result_for_each_program() {
    let text = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=/a\n[program:b]\ncommand=/b\n";
    let desk = Desk::of(text);
    let path = desk.path("a.conf");
    let document = json(&["lint", "--format", "json", &path]);
    let sections: Vec<_> =
        items(&document["findings"]).iter().map(|one| (&one["rule"], &one["section"], &one["option"])).collect();
    assert_eq!(json!(sections), json!([["SUP201", "program:a", "user"], ["SUP201", "program:b", "user"]]));
}
