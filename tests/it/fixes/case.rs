//! Files at a desk, of which one is named: what is linted, and what the judge is asked about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::python::Judge;
use serde_json::{Map, Value, json};
use supconv::diagnostic::Severity;
use supconv::fix::Applicability;
use supconv::lint::{self, Input, Shown};
use supconv::reading::{Reading, Texts};
use supconv::report::{Finding, Frames, Report};
use supconv::rules::Settings;
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

/// A main file that includes all of `conf.d`.
pub const MAIN: &str = "[supervisord]\nuser=root\nminfds=65536\n\n[include]\nfiles = conf.d/*.conf\n";

/// What the files hold, by their paths, links resolved.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The files of one test.
pub struct Case {
    /// What it is called where it fails.
    pub title: String,
    /// The file that is named.
    pub path: String,
    /// All of them.
    pub files: Files,
    /// What supervisord has of its environment.
    environment: Vec<(String, String)>,
    reading: Reading,
    settings: Settings,
}

impl Case {
    /// Writes a file, as the main one; `included`: as one that the main file includes.
    pub fn new(desk: &Path, title: &str, bytes: Vec<u8>, included: Option<Vec<u8>>) -> Self {
        let desk = desk.canonicalize().unwrap();
        let mut files = BTreeMap::from([(desk.join("supervisord.conf"), bytes)]);
        let part = desk.join("conf.d/x.conf");
        fs::create_dir_all(desk.join("conf.d")).unwrap();
        match included {
            Some(bytes) => drop(files.insert(part, bytes)),
            None => drop(fs::remove_file(part)),
        }
        let all: Vec<u8> = files.values().flatten().copied().collect();
        let environment = variables(&all);
        let reading =
            Reading { environment: Some(environment.clone()), node: Some("host".to_owned()), ..Reading::default() };
        let path = desk.join("supervisord.conf").display().to_string();
        let case = Self { title: title.to_owned(), path, files, environment, reading, settings: Settings::default() };
        write(&case.files);
        case
    }

    /// The same where nobody says what supervisord has of its environment.
    pub fn open(self) -> Self {
        let reading = Reading { environment: None, ..self.reading };
        Self { title: format!("{}, environment unknown", self.title), reading, ..self }
    }

    /// Whether nothing is known of the environment.
    pub fn is_open(&self) -> bool {
        self.reading.environment.is_none()
    }

    /// The fixes that can be held to the laws: an unsafe one may need a variable that supervisord does not have, and says so.
    pub fn held(&self) -> &'static [Applicability] {
        const ALL: &[Applicability] = &[Applicability::Safe, Applicability::Unsafe];
        if self.is_open() { &[Applicability::Safe] } else { ALL }
    }

    /// What is found in the files that are on the disk.
    pub fn lint(&self) -> Report {
        self.lint_in(&Texts::default())
    }

    /// The same where some of them hold something else.
    pub fn lint_in(&self, texts: &Texts) -> Report {
        self.shown(texts, SHOWN)
    }

    /// Whether something is found in the files that are on the disk, which comments may hide.
    pub fn has(&self, what: impl Fn(&Finding) -> bool) -> bool {
        let report = self.shown(&Texts::default(), Shown { heed: false, fixes: false, mends: false, ..SHOWN });
        report.findings.iter().any(what)
    }

    fn shown(&self, texts: &Texts, shown: Shown) -> Report {
        let reading = Reading { texts: texts.clone(), ..self.reading.clone() };
        lint::lint(&[Input::File(self.path.clone())], &reading, &self.settings, shown, &Sources::default())
    }

    /// What the real Supervisor makes of the files that are on the disk; `raw`: as its parser leaves them.
    pub fn judged(&self, judge: &mut Judge, raw: bool) -> Value {
        let env: Map<String, Value> = self.environment.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        let path = &self.path;
        judge.ask(&json!({"path": path, "env": env, "node": "host", "cwd": "/", "raw": raw, "fragment": "auto"}))
    }
}

/// Writes what files are to hold.
pub fn write(files: &Files) {
    for (path, bytes) in files {
        fs::write(path, bytes).unwrap();
    }
}

/// The environment that files are read in; what else a file asks for is given too, so that most are accepted.
fn variables(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let asked = text.split("%(ENV_").skip(1).filter_map(|rest| rest.split_once(')'));
    let mut all: BTreeMap<String, String> = asked.map(|(name, _)| (name.to_owned(), "1".to_owned())).collect();
    all.insert("HOME".to_owned(), "/root".to_owned());
    all.insert("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    all.into_iter().collect()
}
