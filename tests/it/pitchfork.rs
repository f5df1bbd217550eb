//! `to-pitchfork`: what its file holds, that no value adds a key to it, and that pitchfork itself takes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use supconv::convert::PlanFile;
use supconv::convert::pitchfork::configuration::literal;
use supconv::convert::pitchfork::{self, Choices, VERSION};
use supconv::reading::Reading;

use crate::injection;
use crate::support::configuration::Configuration;
use crate::support::desk::Desk;
use crate::support::nasty::Random;
use crate::support::{corpus, machine};

const CASES: usize = 3_000;

/// Keys of the file; `*` is a name. pitchfork ignores others in silence.
const KEYS: &[&str] = &[
    "namespace",
    "settings.general.interval",
    "settings.supervisor.user",
    "groups.*.daemons",
    "daemons.*.run",
    "daemons.*.dir",
    "daemons.*.boot_start",
    "daemons.*.retry",
    "daemons.*.depends",
    "daemons.*.stop_signal.signal",
    "daemons.*.stop_signal.timeout",
    "daemons.*.env.*",
];

fn keys(path: &str, value: &toml::Value, found: &mut BTreeSet<String>) {
    let Some(table) = value.as_table() else {
        found.insert(path.to_owned());
        return;
    };
    for (key, below) in table {
        let is_name = ["daemons", "groups", "daemons.*.env"].contains(&path);
        let part = if is_name { "*" } else { key };
        let path = if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
        keys(&path, below, found);
    }
}

/// The file as a table, in which no template is left: each is the character that it gives.
fn table(file: &PlanFile) -> toml::Table {
    let text = file.text.to_string();
    let table: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut found = BTreeSet::new();
    keys("", &table.clone().into(), &mut found);
    assert!(found.iter().all(|key| KEYS.contains(&key.as_str())), "{found:?}\n{text}");
    table
}

/// A text as Tera gives it.
fn rendered(text: &str) -> String {
    let parts: Vec<&str> = text.split(r#"{{ "{" }}"#).collect();
    let opens = |part: &str| ["{{", "{%", "{#"].iter().any(|open| part.contains(open));
    assert!(!parts.iter().any(|part| opens(part)), "a template is left: {text:?}");
    parts.join("{")
}

fn words(daemon: &toml::Value) -> Vec<String> {
    daemon["run"].as_array().unwrap().iter().map(|word| rendered(word.as_str().unwrap())).collect()
}

fn daemons(table: &toml::Table) -> Vec<(&String, &toml::Value)> {
    table.get("daemons").and_then(toml::Value::as_table).map(|all| all.iter().collect()).unwrap_or_default()
}

fn plan(text: &str) -> Vec<PlanFile> {
    let reading = Reading { environment: Some(Vec::new()), no_include: true, ..Reading::default() };
    let read = Configuration::of("a.conf", text, reading).unwrap();
    pitchfork::plan(read.subject(), &Choices::default()).files
}

fn file(files: &[PlanFile]) -> Option<&PlanFile> {
    files.iter().find(|file| file.path == "pitchfork.toml")
}

/// A name that pitchfork takes (`daemon_id.rs`, `validate_component`).
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let ends = name.starts_with('-') || name.ends_with('-');
    !name.is_empty() && name.chars().all(plain) && !name.contains("..") && !name.contains("--") && !ends && name != "."
}

#[test]
fn no_value_adds_a_key() {
    let mut random = Random::new(21);
    let mut found = 0;
    for _ in 0..CASES {
        let text = injection::configuration(&mut random);
        let files = plan(&text);
        if let Some(file) = file(&files) {
            let table = table(file);
            let daemons = daemons(&table);
            let named: BTreeSet<&str> = daemons.iter().map(|(name, _)| name.as_str()).collect();
            for (name, daemon) in daemons {
                let words = words(daemon);
                assert!(words[..2] == ["/bin/sh", "-c"] && words.len() > 4, "{words:?}");
                // pitchfork's own is another one while it makes its socket.
                assert!(words[2].lines().any(|line| line.starts_with("umask ")), "{words:?}");
                assert!(is_name(name) && daemon["dir"].as_str().unwrap().starts_with('/'), "{name}: {daemon}");
                let before = daemon.get("depends").and_then(toml::Value::as_array);
                for other in before.into_iter().flatten() {
                    assert!(named.contains(other.as_str().unwrap()), "{other}");
                }
                for (variable, value) in daemon.get("env").and_then(toml::Value::as_table).into_iter().flatten() {
                    assert!(!variable.is_empty() && !rendered(value.as_str().unwrap()).contains('\0'));
                }
                found += 1;
            }
            for (name, group) in table.get("groups").and_then(toml::Value::as_table).into_iter().flatten() {
                let all = group["daemons"].as_array().unwrap().iter();
                assert!(is_name(name) && all.map(|one| one.as_str().unwrap()).all(|one| named.contains(one)));
            }
        }
        for file in files.iter().filter(|file| file.path.starts_with("etc/supconv/")) {
            assert!(file.secret && file.mode == 0o600);
        }
        let paths: BTreeSet<_> = files.iter().map(|file| &file.path).collect();
        assert_eq!(paths.len(), files.len(), "{text}");
    }
    assert!(found > CASES / 2, "{found}");
}

#[test]
fn words_and_variables_arrive_byte_for_byte() {
    let mut random = Random::new(22);
    for number in 0..CASES {
        let word = random.word().replace(['\0', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}', '\u{85}', '\u{2028}'], "");
        let brace = ["", "{{ 1 }}", "{%raw%}", "{{{", "{#x#}", "{% endraw %}"][number % 6];
        let argument = format!("a{}{brace}", word.replace(['\'', '"', '\n', '\r', '\u{b}', '\u{c}'], "_"));
        let escaped = argument.replace('%', "%%");
        let text = format!("[supervisord]\n[program:a]\ncommand=/bin/x '{escaped}' end\nenvironment=V='{escaped}'\n");
        // What a comment cuts off, and what is no text for Supervisor, is tried elsewhere.
        let comment = text.match_indices([';', '#']).any(|(at, _)| text[..at].ends_with(char::is_whitespace));
        if comment || text.contains('\\') {
            continue;
        }
        let files = plan(&text);
        let Some(file) = file(&files) else { panic!("{text}") };
        let table = table(file);
        let daemon = &table["daemons"]["a"];
        assert_eq!(words(daemon)[4..], ["/bin/x", &argument, "end"].map(str::to_owned), "{text:?}");
        assert_eq!(rendered(daemon["env"]["V"].as_str().unwrap()), argument, "{text:?}");
        assert_eq!(rendered(&literal(&argument)), argument);
    }
}

const FILE: &str = "[supervisord]\nminfds=4096\n[unix_http_server]\nfile=/run/s.sock\n\
    [program:web]\ncommand=/bin/web --x {{y}}\nuser=www-data\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)d\n\
    environment=DB_PASSWORD=\"hunter22secret\",A=\"1\",with.dot=\"2\",PITCHFORK_RETRY_COUNT=\"7\"\nstdout_logfile=/var/log/web.log\n\
    stopwaitsecs=30\nautorestart=unexpected\nexitcodes=0,3\npriority=5\nstopsignal=WINCH\n\
    [program:hand]\ncommand=/bin/hand\nautostart=false\nautorestart=false\nstopasgroup=true\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n\
    [group:g]\nprograms=web\n[eventlistener:l]\ncommand=/bin/l\nevents=TICK_5\n";

#[test]
fn files_and_modes() {
    let desk = Desk::of(FILE);
    let refused = desk.run("to-pitchfork a.conf --out d");
    assert!(refused.code == 1 && !desk.join("d").exists(), "{refused:?}");
    let wrote = desk.run("to-pitchfork a.conf --out d --allow-loss=events,command");
    assert!(wrote.code == 0 && wrote.out.starts_with("NEXT\n  less d/README.md "), "{wrote:?}");
    let mode = |path: &str| fs::metadata(desk.join("d").join(path)).unwrap().permissions().mode() & 0o777;
    let read = |path: &str| fs::read_to_string(desk.join("d").join(path)).unwrap();
    for (path, expected) in [
        ("pitchfork.toml", 0o644),
        ("README.md", 0o644),
        ("etc/supconv/g.web_0.sh", 0o600),
        ("etc/logrotate.d/supconv-g.web_0=", 0o644),
    ] {
        assert_eq!(mode(path), expected, "{path}");
    }
    let text = read("pitchfork.toml");
    assert!(!text.contains("hunter22") && text.starts_with("# supconv: all programs of "), "{text}");
    let table: toml::Table = toml::from_str(&text).unwrap();
    let (web, hand) = (&table["daemons"]["g.web_0"], &table["daemons"]["hand"]);
    assert_eq!(table["groups"]["g"]["daemons"].as_array().unwrap().len(), 2);
    assert_eq!(table["settings"]["supervisor"]["user"].as_str(), Some("root"));
    assert_eq!(table["settings"]["general"]["interval"].as_str(), Some("1s"));
    assert_eq!(web["stop_signal"]["timeout"].as_str(), Some("30s"));
    assert_eq!(web["stop_signal"]["signal"].as_str(), Some("TERM"));
    assert_eq!(
        (web["retry"].as_bool(), web["boot_start"].as_bool(), hand.get("retry")),
        (Some(true), Some(true), None)
    );
    assert_eq!((hand.get("boot_start"), hand["dir"].as_str()), (None, Some("/")));
    let words = words(web);
    assert!(words[2].ends_with("case $? in 3) exit 0;; *) exit $?;; esac"), "{}", words[2]);
    assert!(words[2].contains("-u PITCHFORK_RETRY_COUNT") && words[2].contains("trap '' PIPE"), "{}", words[2]);
    assert_eq!(words[4..], ["with.dot=2", "PITCHFORK_RETRY_COUNT=7", "/bin/web", "--x", "{{y}}"].map(str::to_owned));
    assert!(self::words(hand)[2].starts_with("exec >>/proc/$PPID/fd/1"), "{hand}");
    assert_eq!(read("etc/supconv/g.web_0.sh").lines().nth(1), Some("export DB_PASSWORD=hunter22secret"));
    let readme = read("README.md");
    for part in ["pitchfork supervisor run --boot", "--container", "33 s", VERSION, "[eventlistener:l] events", "cp -a"]
    {
        assert!(readme.contains(part), "{part}: {readme}");
    }
    assert_eq!(desk.run("to-pitchfork a.conf --out d --allow-loss --check").code, 0);
    desk.write("a.conf", FILE.replace("numprocs=2", "numprocs=1"));
    let stale = desk.run("to-pitchfork a.conf --out d --allow-loss --check");
    assert!(stale.code == 1 && stale.err.contains("etc/supconv/g.web_1.sh: stale"), "{stale:?}");
    assert_eq!(desk.run("to-pitchfork a.conf --out d --allow-loss --force --prune").code, 0);
    assert!(!desk.join("d/etc/supconv/g.web_1.sh").exists());
}

/// A secret that no shell can hold stands in the file itself, which then is for root alone.
#[test]
fn a_secret_in_the_file_closes_it() {
    let desk = Desk::of(
        "[supervisord]\n[program:a]\ncommand=/bin/a\nenvironment=UID=\"tok\",API.TOKEN=\"tok_secret_abcdef123\"\n",
    );
    assert_eq!(desk.run("to-pitchfork a.conf --out d --allow-loss").code, 0);
    let mode = fs::metadata(desk.join("d/pitchfork.toml")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let shown = desk.run("to-pitchfork a.conf --allow-loss");
    assert!(!shown.out.contains("tok_secret") && !shown.err.contains("tok_secret"), "{shown:?}");
    assert!(shown.err.contains("`ps` can show the secret API.TOKEN to every user"), "{shown:?}");
    assert!(desk.run("to-pitchfork a.conf --allow-loss --show-secrets").out.contains("API.TOKEN=tok_secret_abcdef123"));
}

#[test]
fn the_document_is_that_of_all_targets() {
    let desk = Desk::of(FILE);
    let plan = desk.json("to-pitchfork a.conf --format json --allow-loss");
    assert_eq!((&plan["target"], &plan["enable"]), (&"pitchfork".into(), &Value::Array(Vec::new())));
    assert!(!plan.to_string().contains("hunter22"), "{plan}");
    let units: Vec<_> = plan["processes"].as_array().unwrap().iter().map(|one| one["unit"].clone()).collect();
    assert_eq!(units, ["g.web_0", "g.web_1", "hand"]);
    for flag in ["--logs=journal", "--nofile=1", "--faithful", "--systemd-version=252", "--strict-order"] {
        assert_eq!(desk.run(&format!("to-pitchfork a.conf {flag}")).code, 2, "{flag}");
    }
    let prefixed = desk.json("to-pitchfork a.conf --format json --allow-loss --prefix p-");
    assert_eq!(prefixed["processes"][2]["unit"], "p-hand");
}

/// The message of a loss, by its section and option.
fn losses(desk: &Desk) -> BTreeMap<(String, String), Vec<(String, String)>> {
    let plan = desk.json("to-pitchfork a.conf --format json --allow-loss");
    let mut found: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for loss in plan["losses"].as_array().unwrap() {
        let place = (text(&loss["section"]), text(&loss["option"]));
        found.entry(place).or_default().push((text(&loss["grade"]), text(&loss["message"])));
    }
    found
}

#[test]
fn what_differs_is_said_of_the_option_that_it_is_of() {
    let desk = Desk::of(
        "[supervisord]\n[program:a]\ncommand=/bin/a\nautorestart=unexpected\nexitcodes=0,143\nstopsignal=KILL\ndirectory=x\n\
         [program:b]\ncommand=/bin/b\nautorestart=true\nstopasgroup=true\nstdout_logfile=NONE\nstderr_logfile=NONE\nexitcodes=200\n",
    );
    let losses = losses(&desk);
    let says = |section: &str, option: &str, words: &str| {
        let said = losses.get(&(section.to_owned(), option.to_owned())).cloned().unwrap_or_default();
        said.into_iter().find(|(_, message)| message.contains(words)).map(|(grade, _)| grade)
    };
    for (section, option, words, grade) in [
        ("program:a", "exitcodes", "dies by signal 15", Some("lost")),
        ("program:b", "exitcodes", "dies by signal", None),
        ("program:a", "stopsignal", "SIGKILL at once", Some("approximate")),
        ("program:a", "directory", "x is looked up in /", Some("approximate")),
        ("program:a", "stopasgroup", "children of the program too", Some("approximate")),
        ("program:b", "stopasgroup", "", None),
        ("program:b", "killasgroup", "waits for the program alone", Some("approximate")),
        ("program:a", "killasgroup", "kills them in the end", Some("approximate")),
        ("program:a", "priority", "stop together", Some("approximate")),
        ("program:a", "directory", "if the directory is missing", Some("approximate")),
        ("program:a", "startretries", "never gives up", Some("approximate")),
        ("supervisord", "minfds", "every program gets that", Some("approximate")),
        ("program:b", "command", "a shell leads the process group", Some("approximate")),
        ("program:b", "stdout_logfile", "pitchfork's own log", None),
        ("program:b", "stdout_logfile", "writes directly", Some("approximate")),
        ("program:a", "stdout_logfile", "pitchfork's own log", Some("approximate")),
    ] {
        assert_eq!(says(section, option, words).as_deref(), grade, "{section} {option} {words}");
    }
}

#[test]
fn order_of_start_and_of_stop() {
    let program = |name: &str, priority: u32| format!("[program:{name}]\ncommand=/bin/{name}\npriority={priority}\n");
    let hand = "[program:h]\ncommand=/bin/h\npriority=2\nautostart=false\n";
    let desk = Desk::of(format!("[supervisord]\n{}{}{}{hand}", program("c", 3), program("a", 1), program("b", 1)));
    let depends = |desk: &Desk, name: &str| {
        let plan = desk.json("to-pitchfork a.conf --format json");
        let table: toml::Table = toml::from_str(plan["files"][0]["text"].as_str().unwrap()).unwrap();
        let all = table["daemons"][name].get("depends").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        all.iter().map(|one| one.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(depends(&desk, "c"), ["a", "b"]);
    assert!(["a", "b", "h"].iter().all(|name| depends(&desk, name).is_empty()));
    assert!(!losses(&desk).contains_key(&("program:c".to_owned(), "priority".to_owned())));
    let many = "numprocs=101\nprocess_name=%(process_num)d\n";
    let desk = Desk::of(format!("[supervisord]\n{}{many}{}{many}", program("a", 1), program("b", 2)));
    assert!(depends(&desk, "b.0").is_empty());
    assert!(losses(&desk).contains_key(&("program:b".to_owned(), "priority".to_owned())));
    desk.write("a.conf", format!("[supervisord]\n{}{}{many}", program("a", 1), program("b", 2)));
    assert_eq!(depends(&desk, "b.0"), ["a"]);
}

/// What pitchfork says of the file in a folder: its exit code, and its standard error. It starts nothing.
fn pitchfork_says(pitchfork: &Path, home: &Path, folder: &Path) -> (Option<i32>, String) {
    let ran = Command::new(pitchfork)
        .arg("daemons")
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("NO_COLOR", "1")])
        .envs(["HOME", "PITCHFORK_STATE_DIR", "PITCHFORK_CONFIG_DIR"].map(|name| (name, home)))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[test]
fn pitchfork_takes_every_file() {
    let pitchfork = match machine::crate_of_cargo("pitchfork-cli", "pitchfork", VERSION, &[]) {
        Ok(pitchfork) => pitchfork,
        Err(why) => return machine::passed_over("files judged by pitchfork", &why),
    };
    let desk = Desk::in_memory();
    let home = desk.join("home");
    fs::create_dir(&home).unwrap();
    let judged = |number: usize, text: &str| {
        let folder = desk.join(number.to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("pitchfork.toml"), text).unwrap();
        let said = pitchfork_says(&pitchfork, &home, &folder);
        fs::remove_dir_all(&folder).unwrap();
        said
    };
    for bad in [
        "[daemons.\"a b\"]\nrun=[\"x\"]\n",
        "[daemons.a]\nrun=[]\n",
        "[daemons.a]\nrun=[\"x\"]\nstop_signal=\"KILL\"\n",
    ] {
        assert_ne!(judged(0, bad).0, Some(0), "the judge sees nothing: {bad}");
    }
    let mut random = Random::new(24);
    let generated = (0..400).map(|_| injection::configuration(&mut random));
    let folders = [Path::new("corpus").to_owned()].into_iter().chain(corpus::from_life());
    let paths = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let texts =
        paths.filter(|path| path.is_file()).map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned());
    let mut taken = 0;
    for (number, text) in texts.chain(generated).enumerate() {
        let files = plan(&text);
        let Some(file) = file(&files) else { continue };
        table(file);
        let said = judged(number, &file.text.to_string());
        assert_eq!(said.0, Some(0), "{}\n{}", said.1, file.text);
        taken += 1;
    }
    assert!(taken > 200, "{taken}");
}
