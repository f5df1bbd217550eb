//! The laws of fixes, held by each that is offered: over the pages of the rules, both corpora, cases of life and generated files
//! with planted faults. The judge of what a fix changes is the real Supervisor.
//!
//! `SUPCONV_FIXES=20000 SUPCONV_SEED=1 cargo test --test it fixes::generated` is the long run; one seed is one file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, thread};

use crate::support::desk::Desk;
use crate::support::plant;
use crate::support::python::{self, Judge};
use crate::support::{corpus, machine};
use serde_json::{Map, Value, json};
use supconv::diagnostic::Severity;
use supconv::fix::{Applicability, applied};
use supconv::lint::{self, Input, Shown, mending};
use supconv::reading::{Reading, Texts};
use supconv::report::{Finding, Fix, Frames, Report};
use supconv::rules::{Page, RULES, Settings};
use supconv::source::Sources;

/// Findings of all kinds, with their fixes.
const SHOWN: Shown = Shown {
    least: Severity::Info,
    pedantic: true,
    heed: true,
    one: false,
    frames: Frames::None,
    names: false,
    fixes: true,
    mends: true,
};

/// The environment that files are read in; what else a file asks for is given too, so that most are accepted.
fn variables(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let asked = text.split("%(ENV_").skip(1).filter_map(|rest| rest.split_once(')'));
    let mut all: BTreeMap<String, String> = asked.map(|(name, _)| (name.to_owned(), "1".to_owned())).collect();
    all.insert("HOME".to_owned(), "/root".to_owned());
    all.insert("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    all.into_iter().collect()
}

struct World {
    reading: Reading,
    settings: Settings,
}

impl World {
    fn of(bytes: &[u8]) -> Self {
        let reading =
            Reading { environment: Some(variables(bytes)), node: Some("host".to_owned()), ..Reading::default() };
        Self { reading, settings: Settings::default() }
    }

    fn lint(&self, path: &str) -> Report {
        self.lint_in(path, &Texts::default())
    }

    fn lint_in(&self, path: &str, texts: &Texts) -> Report {
        let reading = Reading { texts: texts.clone(), ..self.reading.clone() };
        lint::lint(&[Input::File(path.to_owned())], &reading, &self.settings, SHOWN, &Sources::default())
    }

    /// What the real Supervisor makes of the file.
    fn judged(&self, judge: &mut Judge, path: &str) -> Value {
        let env: Map<String, Value> =
            self.reading.environment.iter().flatten().map(|(k, v)| (k.clone(), json!(v))).collect();
        judge.ask(&json!({"path": path, "env": env, "node": "host", "cwd": "/", "raw": false, "fragment": "auto"}))
    }
}

/// The effective values, by section and option, in the order of the processes.
fn effective(document: &Value) -> BTreeMap<(String, String), Vec<Value>> {
    let mut all: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    let mut add = |section: &str, options: &Map<String, Value>| {
        for (option, value) in options.iter().filter(|(option, _)| !["section", "programs"].contains(&option.as_str()))
        {
            let option = match option.as_str() {
                "name" => "process_name",
                "argv" => "command",
                "host" => "port",
                // The socket of a group: its options are those of the section.
                option => option,
            };
            all.entry((section.to_owned(), option.to_owned())).or_default().push(value.clone());
        }
    };
    for (key, value) in document.as_object().into_iter().flatten() {
        match value {
            Value::Object(options) if key == "supervisord" => add(key, options),
            Value::Array(sections) => {
                for one in sections.iter().filter_map(Value::as_object) {
                    let text = |key: &str| one.get(key).and_then(Value::as_str);
                    let section = match (text("section"), text("kind"), text("name")) {
                        (Some(section), _, _) => section.to_owned(),
                        (None, None, Some(name)) if key == "rpcinterfaces" => format!("rpcinterface:{name}"),
                        (None, Some(kind), Some(name)) => format!("{kind}:{name}"),
                        _ => key.clone(),
                    };
                    add(&section, one);
                    for process in one.get("programs").and_then(Value::as_array).into_iter().flatten() {
                        if let Some((section, process)) =
                            process["section"].as_str().and_then(|section| Some((section, process.as_object()?)))
                        {
                            add(section, process);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// How often each thing is said, by rule, section and option.
fn counted(report: &Report, only: impl Fn(&Finding) -> bool) -> BTreeMap<(&str, &str, &str), usize> {
    let mut all = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| only(finding)) {
        let (section, option) = (finding.section.as_deref().unwrap_or(""), finding.option.as_deref().unwrap_or(""));
        *all.entry((finding.rule.code, section, option)).or_default() += 1;
    }
    all
}

fn apply(bytes: &[u8], fix: &Fix) -> Vec<u8> {
    applied(bytes, fix.edits.iter().map(|edit| (edit.start.byte, edit.end.byte, &*edit.text)))
}

/// What is wrong with the edits of a fix, whatever it does.
fn malformed(bytes: &[u8], fix: &Fix) -> Option<&'static str> {
    let mut last = 0;
    for (number, edit) in fix.edits.iter().enumerate() {
        let (start, end) = (edit.start.byte as usize, edit.end.byte as usize);
        if start > end || end > bytes.len() || (number > 0 && start <= last) {
            return Some("edits are not in order and apart");
        }
        let old = &bytes[start..end];
        if old == edit.text.as_bytes() {
            return Some("an edit changes nothing");
        }
        let cut = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        if std::str::from_utf8(bytes).is_ok() && (cut(start) || cut(end)) {
            return Some("an edit cuts a character");
        }
        let text = edit.text.as_bytes();
        if !old.is_empty() && !text.is_empty() && (old.first() == text.first() || old.last() == text.last()) {
            return Some("an edit could be smaller");
        }
        last = end;
    }
    fix.edits.is_empty().then_some("a fix without edits")
}

/// The sums of a run.
#[derive(Default)]
struct Sums {
    files: usize,
    mended: usize,
    judged: usize,
    offered: BTreeMap<(&'static str, &'static str), usize>,
    broken: Vec<String>,
    count: usize,
}

impl Sums {
    fn broken(&mut self, title: &str, finding: Option<&Finding>, law: &str, before: &[u8], after: &[u8]) {
        self.count += 1;
        if self.broken.len() < 12 {
            let fix = finding.map_or_else(String::new, |finding| {
                format!(
                    "{} {:?} {:?}: {:?}",
                    finding.rule.code,
                    finding.section,
                    finding.option,
                    finding.fix.as_ref().map(|fix| (&fix.title, &fix.changes, &fix.edits))
                )
            });
            let text = String::from_utf8_lossy;
            let mut said = format!("=== {title}: {law}\n{fix}\n");
            if before.len() < 3000 {
                let _ = write!(said, "--- before\n{}\n--- after\n{}\n", text(before), text(after));
            }
            self.broken.push(said);
        }
    }

    fn add(&mut self, other: Self) {
        let Self { files, mended, judged, offered, broken, count } = other;
        self.files += files;
        self.mended += mended;
        self.judged += judged;
        for (key, number) in offered {
            *self.offered.entry(key).or_default() += number;
        }
        let room = 12_usize.saturating_sub(self.broken.len());
        self.broken.extend(broken.into_iter().take(room));
        self.count += count;
    }

    fn verdict(&self, name: &str) {
        let offered: Vec<String> =
            self.offered.iter().map(|((code, kind), number)| format!("{code} {kind} {number}")).collect();
        let Self { files, mended, judged, .. } = self;
        let all: usize = self.offered.values().sum();
        println!("{name}: {all} fixes in {mended} of {files} files, {judged} comparisons: {}", offered.join(", "));
        assert!(self.count == 0, "{} laws broken\n{}", self.count, self.broken.join("\n"));
    }
}

/// Whether what comes out of a fix may say so: what a refused value, a header, a mark or an include hid.
fn excused(finding: &Finding, section: &str) -> bool {
    ["SUP001", "SUP007", "SUP701"].contains(&finding.rule.code)
        || finding.supervisor.is_some() && finding.section.as_deref() == Some(section)
}

/// Holds all fixes of a file to the laws; the file stands at `path`, and what it includes beside it.
fn hold(judge: &mut Judge, title: &str, path: &Path, sums: &mut Sums) {
    let bytes = fs::read(path).unwrap();
    let name = path.display().to_string();
    let world = World::of(&bytes);
    let report = world.lint(&name);
    sums.files += 1;
    let errors = counted(&report, |finding| finding.severity == Severity::Error);
    let refused = counted(&report, |finding| finding.supervisor.is_some());
    let all = counted(&report, |_| true);
    let mut theirs = None;
    for finding in &report.findings {
        let Some(fix) = &finding.fix else { continue };
        if fix.edits.iter().any(|edit| *edit.path != *name) {
            continue;
        }
        let kind = match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        };
        *sums.offered.entry((finding.rule.code, kind)).or_default() += 1;
        if let Some(wrong) = malformed(&bytes, fix) {
            sums.broken(title, Some(finding), wrong, &bytes, &bytes);
            continue;
        }
        let before = theirs.get_or_insert_with(|| world.judged(judge, &name)).clone();
        let text = apply(&bytes, fix);
        fs::write(path, &text).unwrap();
        let after = world.lint(&name);
        let key =
            (finding.rule.code, finding.section.as_deref().unwrap_or(""), finding.option.as_deref().unwrap_or(""));
        let left = counted(&after, |_| true);
        // A byte-order mark hides other lines that cannot be read.
        if finding.rule.code != "SUP001" && left.get(&key).unwrap_or(&0) >= &all[&key] {
            sums.broken(title, Some(finding), "the finding stays", &bytes, &text);
        }
        for (count, of, law) in [
            (counted(&after, |finding| finding.severity == Severity::Error), &errors, "an error comes"),
            (counted(&after, |finding| finding.supervisor.is_some()), &refused, "a refusal comes"),
        ] {
            let new =
                count.iter().find(|(what, count)| **count > *of.get(*what).unwrap_or(&0) && !excused(finding, what.1));
            if let Some((what, _)) = new {
                sums.broken(title, Some(finding), &format!("{law}: {what:?}"), &bytes, &text);
            }
        }
        let judged = world.judged(judge, &name);
        sums.judged += 1;
        if let Some(law) = changed(finding, fix, &before, &judged) {
            sums.broken(title, Some(finding), &law, &bytes, &text);
        }
        fs::write(path, &bytes).unwrap();
    }
    converges(&world, title, &name, &bytes, sums);
}

/// What Supervisor says of a fix that the fix does not say.
fn changed(finding: &Finding, fix: &Fix, before: &Value, after: &Value) -> Option<String> {
    let ok = |document: &Value| document["ok"] == json!(true);
    if !ok(before) {
        // It stops at the first value that it refuses, which may be another one.
        let same = before["error"] == after["error"] && before["error"].as_str() == finding.supervisor.as_deref();
        return same.then(|| format!("Supervisor says the same still: {}", after["error"]));
    }
    if !ok(after) {
        return Some(format!("Supervisor refuses: {after}"));
    }
    let (before, after) = (effective(before), effective(after));
    let options: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let named = |(section, option): &(String, String)| {
        fix.changes.iter().any(|change| {
            (&*change.section, &*change.option) == ("include", "files")
                || *change.section == *section && (*change.option == *option || &*change.option == "*")
        })
    };
    let wrong = options.into_iter().find(|key| before.get(*key) != after.get(*key) && !named(key))?;
    Some(format!("{wrong:?} changes too: {:?} → {:?}", before.get(wrong), after.get(wrong)))
}

/// All fixes together come to an end, after which there are none.
fn converges(world: &World, title: &str, name: &str, bytes: &[u8], sums: &mut Sums) {
    for most in [Applicability::Safe, Applicability::Unsafe] {
        let lint = |texts: &Texts| -> Result<Report, mending::Endless> { Ok(world.lint_in(name, texts)) };
        match mending::mend(&mut Texts::default(), most, lint) {
            Err(mending::Endless) => sums.broken(title, None, "fixes come to no end", bytes, b""),
            Ok(mended) => {
                let left = mended.report.findings.iter().filter_map(|finding| finding.fix.as_ref());
                if left.filter(|fix| fix.applicability <= most).count() > 0 {
                    sums.broken(title, None, "fixes are left", bytes, b"");
                }
                sums.mended += usize::from(most == Applicability::Unsafe && !mended.files.is_empty());
            }
        }
    }
}

/// A page whose rule mends says so, and the fixes of its example make the other one of it.
#[test]
fn fixes_of_each_page_make_the_good_example_of_the_bad_one() {
    let desk = Desk::new(&[]);
    for name in ["api", "web"] {
        desk.write(&format!("conf.d/{name}.conf"), format!("[program:{name}]\ncommand=/srv/{name}\nuser={name}\n"));
    }
    let path = desk.path("supervisord.conf");
    for check in RULES {
        let page = Page::of(&check.rule).unwrap();
        let name = check.rule.name;
        assert_eq!(check.fix.is_some(), !page.fix.is_empty(), "{name}: its page and its code differ");
        if page.fix.is_empty() {
            continue;
        }
        let words = ["Safe: ", "Unsafe: ", "Safe or unsafe: "];
        assert!(words.iter().any(|word| page.fix.starts_with(word)), "{name}: {}", page.fix);
        desk.write("supervisord.conf", page.bad);
        let world = World::of(page.bad.as_bytes());
        let mut kinds = BTreeSet::new();
        let lint = |texts: &Texts| -> Result<Report, mending::Endless> {
            let mut report = world.lint_in(&path, texts);
            report.findings.retain(|finding| finding.rule.code == check.rule.code);
            kinds.extend(report.findings.iter().filter_map(|finding| Some(finding.fix.as_ref()?.applicability)));
            Ok(report)
        };
        let mended = mending::mend(&mut Texts::default(), Applicability::Unsafe, lint).ok().unwrap();
        let text = mended.files.first().map_or("", |file| std::str::from_utf8(&file.after).unwrap());
        assert_eq!(text, page.good, "{name}");
        for (kind, word) in [(Applicability::Safe, "Safe"), (Applicability::Unsafe, "nsafe")] {
            assert!(!kinds.contains(&kind) || page.fix.contains(word), "{name}: its page does not say {kind:?}");
        }
    }
}

/// The files of a folder, each at a desk of its own with what lies beside it.
fn files(name: &str, files: &[std::path::PathBuf]) {
    if python::judge().is_none() {
        return;
    }
    let next = AtomicU64::new(0);
    let sums = Mutex::new(Sums::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut judge = python::judge().expect("there was a judge");
                let desk = Desk::in_memory();
                let path = desk.join("supervisord.conf");
                let mut own = Sums::default();
                while let Some(file) =
                    usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok().and_then(|at| files.get(at))
                {
                    fs::copy(file, &path).unwrap();
                    hold(&mut judge, &file.display().to_string(), &path, &mut own);
                }
                sums.lock().unwrap().add(own);
            });
        }
    });
    sums.into_inner().unwrap().verdict(name);
}

#[test]
fn fixes_of_our_own_corpus_keep_the_laws() {
    files("fixes of corpus/", &corpus::own());
}

#[test]
fn fixes_of_files_from_life_keep_the_laws() {
    if let Some(directory) = corpus::from_life() {
        files("fixes of files from life", &corpus::of(&directory));
    }
}

#[test]
fn fixes_of_cases_of_life_keep_the_laws() {
    match env::var_os("SUPCONV_FIELD").map(std::path::PathBuf::from).filter(|path| path.is_dir()) {
        Some(directory) => files("fixes of cases of life", &corpus::of(&directory)),
        None => machine::said("fixes of cases of life", "SUPCONV_FIELD names no folder"),
    }
}

/// Files with faults of every kind in every form that a line can have.
#[test]
fn fixes_of_generated_files_keep_the_laws() {
    if python::judge().is_none() {
        return;
    }
    let number = |name: &str, default: u64| env::var(name).ok().map_or(default, |value| value.parse().unwrap());
    let (cases, first) = (number("SUPCONV_FIXES", 500), number("SUPCONV_SEED", 1));
    let next = AtomicU64::new(0);
    let sums = Mutex::new(Sums::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut judge = python::judge().expect("there was a judge");
                let desk = Desk::in_memory();
                let path = desk.join("supervisord.conf");
                let mut own = Sums::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= cases {
                        break;
                    }
                    let seed = first.wrapping_add(at);
                    fs::write(&path, plant::file(seed)).unwrap();
                    hold(&mut judge, &format!("seed {seed}"), &path, &mut own);
                }
                sums.lock().unwrap().add(own);
            });
        }
    });
    sums.into_inner().unwrap().verdict(&format!("fixes of {cases} generated files from seed {first}"));
}

/// Comments that ignore findings change nothing under Supervisor, and leave nothing to find.
#[test]
fn files_that_ignore_what_is_found_mean_what_they_meant() {
    let Some(mut judge) = python::judge() else { return };
    let desk = Desk::in_memory();
    let path = desk.join("supervisord.conf");
    let name = path.display().to_string();
    let mut left: HashMap<&str, usize> = HashMap::new();
    let files = corpus::all();
    let generated = (1..=200).map(|seed| (format!("seed {seed}"), plant::file(seed)));
    let read = files.iter().map(|file| (file.display().to_string(), fs::read(file).unwrap()));
    for (title, bytes) in read.chain(generated) {
        fs::write(&path, &bytes).unwrap();
        let world = World::of(&bytes);
        let lint = |texts: &Texts| -> Result<Report, mending::Endless> { Ok(world.lint_in(&name, texts)) };
        let mended = supconv::lint::adopting::adopt(&mut Texts::default(), "as it was", lint).ok().unwrap();
        for finding in &mended.report.findings {
            *left.entry(finding.rule.code).or_default() += 1;
            let text = mended.files.first().map(|file| String::from_utf8_lossy(&file.after));
            let (said, at) = (&finding.message, finding.start);
            assert_eq!(finding.rule.code, "SUP001", "{title}: {said} at {at:?}\n{}", text.unwrap_or_default());
        }
        let before = world.judged(&mut judge, &name);
        let Some(file) = mended.files.first() else { continue };
        fs::write(&path, &file.after).unwrap();
        let after = world.judged(&mut judge, &name);
        if before["ok"] == json!(true) {
            assert_eq!(effective(&before), effective(&after), "{title}");
        } else {
            assert_eq!(after["ok"], json!(false), "{title}");
        }
    }
}
