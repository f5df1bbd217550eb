//! `to-horust`: what its files hold, that no value adds a key to them, and that Horust itself takes them.

mod said;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use supconv::convert::PlanFile;
use supconv::convert::horust::{self, Choices, VERSION};
use supconv::python::shlex;
use supconv::reading::Reading;

use crate::injection;
use crate::support::configuration::Configuration;
use crate::support::desk::Desk;
use crate::support::nasty::Random;
use crate::support::{corpus, machine};

const CASES: usize = 3_000;

/// Keys of a file, with those of its tables.
const KEYS: &[&str] = &[
    "name",
    "command",
    "working-directory",
    "start-after",
    "shutdown-after",
    "restart.strategy",
    "failure.successful-exit-code",
    "failure.strategy",
    "environment.keep-env",
    "environment.additional",
    "termination.signal",
    "termination.wait",
];

/// The text as Horust has it after it has expanded `$`.
fn expanded(file: &PlanFile) -> String {
    let text = file.text.to_string().replace("$$", "\0");
    assert!(!text.contains('$') && !text.starts_with('~'), "{} leaves something to Horust: {}", file.path, file.text);
    text.replace('\0', "$")
}

fn table(file: &PlanFile) -> toml::Table {
    let table: toml::Table = toml::from_str(&expanded(file)).unwrap_or_else(|error| panic!("{error}\n{}", file.text));
    let mut keys = BTreeSet::new();
    for (key, value) in &table {
        match value.as_table() {
            Some(below) => keys.extend(below.keys().map(|below| format!("{key}.{below}"))),
            None => drop(keys.insert(key.clone())),
        }
    }
    assert!(keys.iter().all(|key| KEYS.contains(&key.as_str())), "{keys:?}\n{}", file.text);
    table
}

/// The words of a command, as Horust splits it.
fn words(table: &toml::Table) -> Vec<String> {
    let words = shlex::split(table["command"].as_str().unwrap()).unwrap();
    words.into_iter().map(|word| word.text.into_owned()).collect()
}

fn plan(text: &str) -> Vec<PlanFile> {
    plan_of(text, String::new())
}

/// `prefix`: what all names begin with.
fn plan_of(text: &str, prefix: String) -> Vec<PlanFile> {
    let reading = Reading { environment: Some(Vec::new()), no_include: true, ..Reading::default() };
    let read = Configuration::of("a.conf", text, reading).unwrap();
    horust::plan(read.subject(), &Choices { prefix, ..Choices::default() }).files
}

fn services(files: &[PlanFile]) -> impl Iterator<Item = &PlanFile> {
    files.iter().filter(|file| Path::new(&file.path).extension().is_some_and(|end| end == "toml"))
}

#[test]
fn no_value_adds_a_key() {
    let mut random = Random::new(12);
    let mut found = 0;
    for _ in 0..CASES {
        let text = injection::configuration(&mut random);
        let files = plan(&text);
        let mut names = BTreeSet::new();
        for file in services(&files) {
            let table = table(file);
            let words = words(&table);
            assert!(words[..2] == ["/bin/sh", "-c"] && words.len() > 4, "{words:?}");
            assert!(names.insert(table["name"].as_str().unwrap().to_owned()), "a name twice: {text}");
            found += 1;
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
    let mut random = Random::new(13);
    for _ in 0..CASES {
        let word = random.word().replace(['\0', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}', '\u{85}', '\u{2028}'], "");
        let argument = format!("a{}", word.replace(['\'', '\n', '\r', '\u{b}', '\u{c}'], "_"));
        let escaped = argument.replace('%', "%%");
        let text = format!("[supervisord]\n[program:a]\ncommand=/bin/x '{escaped}' end\nenvironment=V='{escaped}'\n");
        // What a comment cuts off, and what is no text for Supervisor, is tried elsewhere.
        let comment = text.match_indices([';', '#']).any(|(at, _)| text[..at].ends_with(char::is_whitespace));
        if comment || text.contains('\\') {
            continue;
        }
        let files = plan(&text);
        let Some(file) = services(&files).next() else { panic!("{text}") };
        let table = table(file);
        assert_eq!(words(&table)[4..], ["/bin/x", &argument, "end"].map(str::to_owned), "{text:?}");
        // Supervisor takes quotes from both ends, whatever they close.
        let value = argument.trim_matches('"');
        assert_eq!(table["environment"]["additional"]["V"].as_str(), Some(value), "{text:?}");
    }
}

const FILE: &str = "[supervisord]\nminfds=4096\n[unix_http_server]\nfile=/run/s.sock\n\
    [program:web]\ncommand=/bin/web --x\nuser=www-data\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)d\n\
    environment=DB_PASSWORD=\"hunter22secret\",A=\"1\",with.dot=\"2\",UID=\"tok_secret_abcdef123\"\nstdout_logfile=/var/log/web.log\n\
    stopwaitsecs=30\nautorestart=true\nexitcodes=0,3\npriority=5\n\
    [program:hand]\ncommand=/bin/hand --password=s3cretw0rd99\nautostart=false\nstopasgroup=true\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n\
    [group:g]\nprograms=web\n[eventlistener:l]\ncommand=/bin/l\nevents=TICK_5\n";

#[test]
fn files_and_modes() {
    let desk = Desk::of(FILE);
    let refused = desk.run("to-horust a.conf --out d");
    assert!(refused.code == 1 && !desk.join("d").exists(), "{refused:?}");
    for option in ["events", "stopasgroup", "file"] {
        assert!(refused.err.contains(option), "{option}: {refused:?}");
    }
    let wrote = desk.run("to-horust a.conf --out d --allow-loss");
    assert!(wrote.code == 0 && wrote.out.starts_with("NEXT\n  less d/README.md "), "{wrote:?}");
    let mode = |path: &str| fs::metadata(desk.join("d").join(path)).unwrap().permissions().mode() & 0o777;
    let read = |path: &str| fs::read_to_string(desk.join("d").join(path)).unwrap();
    for (path, expected) in [
        ("g.web_0.toml", 0o644),
        ("g.web_1.toml", 0o644),
        ("manual/hand.toml", 0o600),
        ("README.md", 0o644),
        ("etc/supconv/g.web_0.sh", 0o600),
        ("etc/logrotate.d/supconv-g.web_0=", 0o644),
    ] {
        assert_eq!(mode(path), expected, "{path}");
    }
    let web = read("g.web_0.toml");
    assert!(!web.contains("hunter22") && web.contains("name = \"g:web_0\""), "{web}");
    assert!(web.contains("wait = \"29s\"") && web.contains("successful-exit-code = [0, 3]"), "{web}");
    assert_eq!(read("etc/supconv/g.web_0.sh").lines().nth(1), Some("export DB_PASSWORD=hunter22secret"));
    let readme = read("README.md");
    for part in ["HORUST_LOG=warn", "SIGHUP", "33s", VERSION, "stopasgroup", "manual/hand.toml", "cp -a"] {
        assert!(readme.contains(part), "{part}: {readme}");
    }
    assert_eq!(desk.run("to-horust a.conf --out d --allow-loss --check").code, 0);
    desk.write("a.conf", FILE.replace("numprocs=2", "numprocs=1"));
    let stale = desk.run("to-horust a.conf --out d --allow-loss --check");
    assert!(stale.code == 1 && stale.err.contains("g.web_1.toml: stale"), "{stale:?}");
    assert_eq!(desk.run("to-horust a.conf --out d --allow-loss --force --prune").code, 0);
    assert!(!desk.join("d/g.web_1.toml").exists() && !desk.join("d/etc/supconv/g.web_1.sh").exists());
}

#[test]
fn the_document_is_that_of_all_targets() {
    let desk = Desk::of(FILE);
    let plan = desk.json("to-horust a.conf --format json --allow-loss");
    assert_eq!((&plan["target"], &plan["enable"]), (&"horust".into(), &Value::Array(Vec::new())));
    let all = plan.to_string();
    assert!(!all.contains("hunter22") && !all.contains("s3cretw0rd99"), "{all}");
    let units: Vec<_> = plan["processes"].as_array().unwrap().iter().map(|one| one["unit"].clone()).collect();
    assert_eq!(units, ["g.web_0.toml", "g.web_1.toml", "manual/hand.toml"]);
    for flag in ["--logs=journal", "--nofile=1", "--faithful", "--systemd-version=252"] {
        assert_eq!(desk.run(&format!("to-horust a.conf {flag}")).code, 2, "{flag}");
    }
}

#[test]
fn order_of_stop_and_of_start() {
    let program = |name: &str, priority: u32| format!("[program:{name}]\ncommand=/bin/{name}\npriority={priority}\n");
    let text = format!("[supervisord]\n{}{}{}", program("c", 3), program("a", 1), program("b", 1));
    let desk = Desk::of(text);
    let list = |arguments: &str, name: &str, key: &str| {
        let plan = desk.json(&format!("to-horust a.conf --format json {arguments}"));
        let files = plan["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"] == format!("{name}.toml")).unwrap();
        let table: toml::Table = toml::from_str(&file["text"].as_str().unwrap().replace("$$", "$")).unwrap();
        table
            .get(key)
            .map(|list| list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(list("", "a", "shutdown-after"), Some(vec!["c".to_owned()]));
    assert_eq!((list("", "c", "shutdown-after"), list("", "c", "start-after")), (None, None));
    let strict = list("--strict-order --allow-loss", "c", "start-after").unwrap();
    assert_eq!(BTreeSet::from_iter(strict), ["a", "b"].map(str::to_owned).into());
    assert_eq!(desk.run("to-horust a.conf --strict-order").code, 1);
}

/// What Horust says, in a world of its own in which no program can be run, until it has read the folder: then it starts what
/// is in it, and names [`MISSING`] on its standard error; or until it ends.
fn horust_says(root: &Path, folder: &str) -> String {
    let mut horust = Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "--kill-child", "chroot"])
        .arg(root)
        .args(["/horust", "--services-path", folder, "--uds-folder-path", "/run"])
        .env("HORUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut from = horust.stderr.take().unwrap();
    let (mut said, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = from.read(&mut part) {
        said.extend_from_slice(&part[..length]);
        if said.windows(MISSING.len()).any(|words| words == MISSING.as_bytes()) {
            break;
        }
    }
    horust.kill().unwrap();
    horust.wait().unwrap();
    String::from_utf8_lossy(&said).into_owned()
}

/// A service whose program is nowhere.
const MISSING: &str = "the-service-without-a-program";

#[test]
fn horust_takes_every_file() {
    if !machine::root() {
        machine::passed_over("files judged by Horust", "only root can give it a world of its own");
        return;
    }
    let horust = match machine::crate_of_cargo("horust", "horust", VERSION, &[]) {
        Ok(horust) => horust,
        Err(why) => return machine::passed_over("files judged by Horust", &why),
    };
    let root = Desk::in_memory();
    fs::copy(&horust, root.join("horust")).unwrap();
    root.write("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    fs::create_dir(root.join("run")).unwrap();
    let libraries = Command::new("ldd").arg(&horust).output().unwrap();
    for library in String::from_utf8_lossy(&libraries.stdout).split_whitespace().filter(|word| word.starts_with('/')) {
        fs::create_dir_all(root.join(&library[1..]).parent().unwrap()).unwrap();
        fs::copy(library, root.join(&library[1..])).unwrap();
    }
    root.write("bad/x.toml", "name = \"x\"\n");
    assert!(horust_says(&root, "/bad").contains("Failed loading"), "the judge sees nothing");
    // All files of all configurations stand in one folder: Horust says of each what it cannot read.
    let mut random = Random::new(14);
    let generated = (0..150).map(|_| injection::configuration(&mut random));
    let folders = [Path::new("corpus").to_owned()].into_iter().chain(corpus::from_life());
    let paths = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let texts =
        paths.filter(|path| path.is_file()).map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned());
    let mut written = 0;
    for (number, text) in texts.chain(generated).enumerate() {
        for (at, file) in services(&plan_of(&text, format!("{number}-"))).enumerate() {
            root.write(&format!("all/{number}-{at}.toml"), file.text.to_string());
            written += 1;
        }
    }
    assert!(written > 200, "{written}");
    root.write("all/missing.toml", format!("name = \"{MISSING}\"\ncommand = \"/nowhere\"\n"));
    let said = horust_says(&root, "/all");
    assert!(said.contains(MISSING) && !said.contains("Failed loading") && !said.contains("not valid"), "{said}");
}
