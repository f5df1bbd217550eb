//! What the converter makes of a scenario: the files, the units by the names of their processes, and what it announces.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::scenario::Scenario;

/// A difference that the converter announces.
#[derive(Clone, Debug)]
pub struct Loss {
    pub section: String,
    pub option: String,
    pub message: String,
}

/// The plan of a scenario.
#[derive(Debug, Default)]
pub struct Plan {
    pub losses: Vec<Loss>,
    pub enable: Vec<String>,
    /// Whether Supervisor refuses the file.
    pub refused: bool,
    /// Unit files, each with its text.
    files: Vec<(String, String)>,
}

impl Plan {
    /// Converts `place/supervisord.conf` into `place/plan`.
    pub fn new(scenario: &Scenario, place: &Path) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_supconv"))
            .arg("to-systemd")
            .arg(place.join("supervisord.conf"))
            .args(["--prefix", &format!("{}-", scenario.name), "--allow-loss", "--format", "json", "--out"])
            .arg(place.join("plan"))
            .args(&scenario.flags)
            .env_clear()
            .output()
            .unwrap();
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}: {}", scenario.name, String::from_utf8_lossy(&output.stderr)));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let losses = json["losses"].as_array().unwrap().iter();
        let files = json["files"].as_array().unwrap().iter().map(|file| text(&file["path"]));
        Self {
            losses: losses
                .map(|loss| Loss {
                    section: text(&loss["section"]),
                    option: text(&loss["option"]),
                    message: text(&loss["message"]),
                })
                .collect(),
            refused: !json["errors"].as_array().unwrap().is_empty(),
            enable: json["enable"].as_array().unwrap().iter().map(text).collect(),
            files: files
                .filter(|path| !path.contains('/'))
                .map(|path| (path.clone(), fs::read_to_string(place.join("plan").join(&path)).unwrap()))
                .collect(),
        }
    }

    /// The target of everything.
    pub fn umbrella(&self) -> Option<&str> {
        self.enable.iter().map(String::as_str).find(|name| name.ends_with("-supervisord.target"))
    }

    /// The services: those of templates by their instances.
    pub fn services(&self) -> Vec<&str> {
        let plain = self.files.iter().map(|(file, _)| file.as_str()).filter(|file| !file.contains("@."));
        let all = plain.chain(self.enable.iter().map(String::as_str).filter(|name| name.contains('@')));
        all.filter(|name| name.ends_with(".service")).collect()
    }

    /// The unit of what supervisorctl calls so (`web`, `web:web_00`, `g:*`, `all`).
    pub fn unit(&self, name: &str) -> Option<String> {
        if name == "all" {
            return self.umbrella().map(str::to_owned);
        }
        self.found(name).map(|(unit, _)| unit)
    }

    /// The section of a process.
    pub fn section(&self, name: &str) -> Option<String> {
        let (_, text) = self.found(name)?;
        Some(text.split_once('[')?.1.split_once("] of ")?.0.to_owned())
    }

    /// The unit that describes itself as this process or group, and its text; `%i` stands for the number of an instance.
    /// A process of a group may go by its own name alone.
    fn found(&self, name: &str) -> Option<(String, &str)> {
        let full = if name.contains(':') { name.to_owned() } else { format!("{name}:{name}") };
        self.find(|described| described == full)
            .or_else(|| self.find(|described| described.ends_with(&format!(":{name}"))))
    }

    fn find(&self, is: impl Fn(&str) -> bool) -> Option<(String, &str)> {
        self.files.iter().find_map(|(file, text)| {
            let described = text.lines().find_map(|line| line.strip_prefix("Description="))?;
            let described = described.strip_suffix(" (supervisord)").unwrap_or(described);
            if !described.contains("%i") {
                return is(described).then(|| (file.clone(), text.as_str()));
            }
            let instances = self.enable.iter().filter_map(|name| {
                let (before, behind) = file.split_once("@.")?;
                name.strip_prefix(before)?.strip_prefix('@')?.strip_suffix(behind)?.strip_suffix('.')
            });
            let mut instances = instances.filter(|number| is(&described.replace("%i", number)));
            instances.next().map(|number| (file.replace("@.", &format!("@{number}.")), text.as_str()))
        })
    }
}
