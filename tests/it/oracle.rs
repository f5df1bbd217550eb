//! Differential tests: `supconv show` against the real Supervisor 4.3.0, over real files and generated ones.
//!
//! `SUPCONV_CASES=1000000 SUPCONV_SEED=7 cargo test --release --test it oracle::generated` is the long run; one seed is one case, so a
//! difference is repeated with its seed and `SUPCONV_CASES=1`. `SUPCONV_TESTS=all` forbids passing anything over.
//! `SUPCONV_DUMP=DIR` writes the generated cases to DIR and keeps them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, thread};

use crate::support::desk::Desk;
use crate::support::python::Judge;
use crate::support::{corpus, generate, python};
use serde_json::{Map, Value, json};
use supconv::reading::Reading;
use supconv::report::document;

/// A known difference: why it is none, and whether (Supervisor's answer, ours) is one.
type Known = (&'static str, fn(&Value, &Value) -> bool);

/// Empty: what Supervisor chooses at random (one of several unknown events), the judge chooses as we do.
const KNOWN: &[Known] = &[];

/// What a file is read in.
struct World {
    env: Vec<(String, String)>,
    node: String,
    cwd: String,
}

impl World {
    fn ours(&self, path: &str, raw: bool) -> Value {
        let reading = Reading {
            environment: Some(self.env.clone()),
            node: Some(self.node.clone()),
            cwd: self.cwd.clone(),
            ..Reading::default()
        };
        let line = document::json_line(path, &reading, raw);
        let mut ours = serde_json::from_str(&line).unwrap_or_else(|e| json!({"not JSON": e.to_string(), "line": line}));
        // Supervisor names them by their absolute paths.
        for include in ours.get_mut("includes").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(relative) = include.as_str().filter(|path| !path.starts_with('/')) {
                *include = format!("{}/{relative}", env!("CARGO_MANIFEST_DIR")).into();
            }
        }
        ours
    }

    fn theirs(&self, judge: &mut Judge, path: &str, raw: bool) -> Value {
        let env: Map<String, Value> = self.env.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        judge
            .ask(&json!({"path": path, "env": env, "node": self.node, "cwd": self.cwd, "raw": raw, "fragment": "auto"}))
    }

    /// Supervisor's answer and ours.
    fn both(&self, judge: &mut Judge, path: &str, raw: bool) -> (Value, Value) {
        (sorted(self.theirs(judge, path, raw)), sorted(self.ours(path, raw)))
    }
}

/// What is unknown, in one order: the judge cannot know in which we come upon it.
fn sorted(mut document: Value) -> Value {
    if let Some(Value::Array(unknown)) = document.get_mut("unknown") {
        unknown.sort_by_key(Value::to_string);
    }
    document
}

fn differ((theirs, ours): &(Value, Value), raw: bool) -> bool {
    // A bound is supconv's own and so is its text. Supervisor's answer to the same may be that it never comes to an end.
    let overdue = theirs["judge_error"].as_str().is_some_and(|error| error.starts_with("Overdue"));
    if (overdue || theirs["kind"] == json!("bound")) && ours["kind"] == json!("bound") {
        return false;
    }
    !same(theirs, ours, raw) && !KNOWN.iter().any(|(_, excused)| excused(theirs, ours))
}

/// Equal as JSON; in `--raw` sections, options and defaults are in Supervisor's order too.
fn same(a: &Value, b: &Value, raw: bool) -> bool {
    // Objects compare without regard to order, texts of them with it.
    let text = |v: &Value, key: &str| serde_json::to_string(&v[key]).ok();
    a == b && (!raw || ["sections", "defaults"].iter().all(|key| text(a, key) == text(b, key)))
}

/// Where two documents part, as a path into them.
fn first_difference(a: &Value, b: &Value, at: &str) -> Option<String> {
    if a == b {
        return None;
    }
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            keys.into_iter().find_map(|k| first_difference(&a[k.as_str()], &b[k.as_str()], &format!("{at}.{k}")))
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(i, (p, q))| first_difference(p, q, &format!("{at}[{i}]")))
        }
        _ => Some(format!("{at}: Supervisor {a}, supconv {b}")),
    }
}

/// The differences of a run, of which the first ten are told.
#[derive(Default)]
struct Differences {
    told: Vec<String>,
    count: usize,
}

impl Differences {
    fn add(&mut self, title: &str, files: &[(String, Vec<u8>)], world: &World, (theirs, ours): &(Value, Value)) {
        self.count += 1;
        if self.told.len() >= 10 {
            return;
        }
        let mut text = format!("=== {title}\n");
        for (name, bytes) in files {
            writeln!(text, "--- {name}\n{}", printable(bytes)).unwrap();
        }
        let place =
            first_difference(theirs, ours, "").unwrap_or_else(|| "only the order of sections or options".into());
        writeln!(text, "--- node {:?}, cwd {:?}, environment {:?}", world.node, world.cwd, world.env).unwrap();
        writeln!(text, "--- Supervisor\n{theirs}\n--- supconv\n{ours}\n--- first difference {place}").unwrap();
        self.told.push(text);
    }

    fn verdict(&self, compared: u64) {
        assert!(self.count == 0, "{} of {compared} answers differ\n{}", self.count, self.told.join("\n"));
    }
}

/// The file as text: what one does not see is escaped, lines stay lines.
fn printable(bytes: &[u8]) -> String {
    let text: String = bytes.utf8_chunks().fold(String::new(), |mut out, chunk| {
        for c in chunk.valid().chars() {
            match c {
                '\n' | ' '..='~' => out.push(c),
                _ if c.is_alphanumeric() => out.push(c),
                _ => out.extend(c.escape_default()),
            }
        }
        for byte in chunk.invalid() {
            write!(out, "\\x{byte:02x}").unwrap();
        }
        out
    });
    let long = text.len().saturating_sub(20_000);
    // Of a long file the end: that is where generated ones are different.
    text.char_indices().skip_while(|(i, _)| *i < long).map(|(_, c)| c).collect()
}

/// The names X of all `%(ENV_X)` in the text.
fn variables(bytes: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split("%(ENV_").skip(1).filter_map(|rest| rest.split_once(')')).map(|(name, _)| name.to_owned()).collect()
}

fn configurations(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(configurations(&path));
        } else if path.extension().is_some_and(|e| e == "conf" || e == "ini") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn real_files(dir: &Path) {
    let Some(mut judge) = python::judge() else { return };
    let files = configurations(dir);
    assert!(!files.is_empty(), "{} is empty", dir.display());
    let mut differences = Differences::default();
    let mut compared = 0;
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let path = file.to_string_lossy();
        // Once with all variables that the file asks for, so that most are accepted, once with none, once in an odd world.
        let given =
            |value: &str| variables(&bytes).into_iter().map(|name| (name, value.to_owned())).collect::<Vec<_>>();
        let home = ("HOME".to_owned(), "/home/u".to_owned());
        let worlds = [
            World { env: given("1").into_iter().chain([home.clone()]).collect(), node: "host".into(), cwd: "/".into() },
            World { env: Vec::new(), node: "host".into(), cwd: "/".into() },
            World {
                env: [home].into_iter().chain(given("a \"%(here)s\" é")).collect(),
                node: "n%1".into(),
                cwd: "/no/such/../dir".into(),
            },
        ];
        for world in &worlds {
            for raw in [false, true] {
                compared += 1;
                let two = world.both(&mut judge, &path, raw);
                if differ(&two, raw) {
                    let title = format!("{path}{}", if raw { " --raw" } else { "" });
                    differences.add(&title, &[(path.to_string(), bytes.clone())], world, &two);
                }
            }
        }
    }
    differences.verdict(compared);
}

#[test]
fn files_of_our_own_corpus_are_read_as_supervisor_reads_them() {
    real_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
}

#[test]
fn files_from_life_are_read_as_supervisor_reads_them() {
    let Some(directory) = corpus::from_life() else { return };
    // Its own path as a user would give it, without `..`.
    real_files(&fs::canonicalize(directory).unwrap());
}

/// The rows of the the table of messages, facts S5.3 that a closed world can reproduce: `{D}` is the directory, `…` a list of names.
#[test]
fn messages_are_supervisors_to_the_letter() {
    let Some(mut judge) = python::judge() else { return };
    let rows: Value = serde_json::from_str(include_str!("oracle/messages.json")).unwrap();
    let root = Desk::in_memory();
    let world = World { env: vec![("HOME".into(), "/root".into())], node: "host".into(), cwd: "/".into() };
    let mut differences = Differences::default();
    let rows = rows.as_array().unwrap();
    for (i, row) in rows.iter().enumerate() {
        let latin1 = row["latin1"] == json!(true);
        let bytes = |text: &Value| -> Vec<u8> {
            let text = text.as_str().unwrap();
            if latin1 { text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect() } else { text.into() }
        };
        let dir = root.join(i.to_string());
        fs::create_dir_all(&dir).unwrap();
        let main = dir.join("main.conf");
        fs::write(&main, bytes(&row["main"])).unwrap();
        for (name, text) in row["files"].as_object().into_iter().flatten() {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes(text)).unwrap();
        }
        // The table speaks of main files: what lacks [supervisord] is refused there, and is a fragment for us.
        let path = main.to_string_lossy();
        let refused = row["error"] == json!(".ini file does not include supervisord section");
        let two = if refused {
            let theirs = judge.ask(&json!({"path": path, "env": {}, "fragment": "main"}));
            (theirs.clone(), theirs)
        } else {
            world.both(&mut judge, &path, false)
        };
        let error = two.0["error"].as_str().unwrap_or_default();
        let wanted = row["error"].as_str().unwrap().replace("{D}", &dir.to_string_lossy());
        let kept = match wanted.split_once('…') {
            Some((start, end)) => error.starts_with(start) && error.ends_with(end),
            None => error == wanted,
        };
        assert!(
            kept && two.0["kind"] == *row.get("kind").unwrap_or(&json!("usage")),
            "row {i}: {row} but Supervisor says {}",
            two.0
        );
        if differ(&two, false) {
            differences.add(&format!("row {i}"), &[("main.conf".into(), bytes(&row["main"]))], &world, &two);
        }
    }
    differences.verdict(rows.len() as u64);
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().map_or(default, |v| v.parse().unwrap_or_else(|_| panic!("{name} is no number: {v}")))
}

/// Writes the case below `root` and says where its main file is.
fn write(root: &Path, case: &generate::Case) -> PathBuf {
    let dir = root.join(&case.dir);
    for (name, bytes) in &case.files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::create_dir_all(&dir).unwrap();
    let main = dir.join("main.conf");
    fs::write(&main, &case.main).unwrap();
    main
}

#[test]
fn generated_files_are_read_as_supervisor_reads_them() {
    if python::judge().is_none() {
        return;
    }
    let cases = number("SUPCONV_CASES", 50_000);
    let first = number("SUPCONV_SEED", 1);
    let dump = env::var_os("SUPCONV_DUMP").map(PathBuf::from);
    let desk = Desk::in_memory();
    let root = dump.as_deref().unwrap_or(&desk);
    let next = AtomicU64::new(0);
    let accepted = AtomicU64::new(0);
    let compared = AtomicU64::new(0);
    let differences = Mutex::new(Differences::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut judge = python::judge().expect("there was a judge");
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= cases {
                        break;
                    }
                    let seed = first.wrapping_add(n);
                    let case = generate::case(seed);
                    let home = root.join(seed.to_string());
                    let main = write(&home, &case);
                    let path = main.to_string_lossy();
                    let world = World { env: case.env.clone(), node: case.node.clone(), cwd: case.cwd.clone() };
                    for raw in [false, true] {
                        // What the reader leaves is looked at in a part of the cases only.
                        if raw && !seed.is_multiple_of(5) {
                            continue;
                        }
                        compared.fetch_add(1, Ordering::Relaxed);
                        let two = world.both(&mut judge, &path, raw);
                        accepted.fetch_add(u64::from(!raw && two.0["ok"] == json!(true)), Ordering::Relaxed);
                        if differ(&two, raw) {
                            let mut files = vec![(path.to_string(), case.main.clone())];
                            files.extend(case.files.iter().cloned());
                            let kind = if case.fragment { " (a fragment)" } else { "" };
                            let title = format!("seed {seed}{kind}{}", if raw { " --raw" } else { "" });
                            differences.lock().unwrap().add(&title, &files, &world, &two);
                        }
                    }
                    if dump.is_none() {
                        fs::remove_dir_all(&home).unwrap();
                    }
                }
            });
        }
    });
    let compared = compared.into_inner();
    eprintln!(
        "{cases} cases from seed {first}: {compared} comparisons, {} of the files accepted",
        accepted.into_inner()
    );
    differences.into_inner().unwrap().verdict(compared);
}
