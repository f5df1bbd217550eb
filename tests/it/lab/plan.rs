//! What the converter makes of a scenario: the files, the units by the names of their processes, and what it announces.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::boot::Side;
use super::scenario::Scenario;
use super::seen::short;
use super::target::Target;

/// A difference that the converter announces.
#[derive(Clone, Debug)]
pub struct Loss {
    pub section: String,
    pub option: String,
    pub message: String,
}

/// The plan of a scenario.
#[derive(Debug)]
pub struct Plan {
    pub losses: Vec<Loss>,
    pub enable: Vec<String>,
    /// Whether Supervisor refuses the file.
    pub refused: bool,
    /// Unit files, each with its text; what a daemon reads.
    files: Vec<(String, String)>,
    /// What supervisorctl calls so, and what a daemon calls it.
    pub processes: Vec<(String, String)>,
    side: Side,
}

impl Plan {
    /// Converts `place/supervisord.conf` into `place/plan`.
    pub fn new(target: &Target, scenario: &Scenario, place: &Path) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_supconv"))
            .arg(target.command)
            .arg(place.join("supervisord.conf"))
            .args(["--prefix", &format!("{}-", scenario.name), "--allow-loss", "--format", "json", "--out"])
            .arg(place.join("plan"))
            .args(target.arguments)
            .args(&scenario.flags)
            .env_clear()
            .output()
            .unwrap();
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}: {}", scenario.name, String::from_utf8_lossy(&output.stderr)));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let processes = json["processes"].as_array().unwrap().iter();
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
            processes: processes.map(|one| (text(&one["name"]), text(&one["unit"]))).collect(),
            side: target.side,
            refused: !json["errors"].as_array().unwrap().is_empty(),
            enable: json["enable"].as_array().unwrap().iter().map(text).collect(),
            files: files
                .filter(|path| !path.starts_with("etc/"))
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
        if self.side != Side::Systemd {
            return self.called(name);
        }
        if name == "all" {
            return self.umbrella().map(str::to_owned);
        }
        self.found(name).map(|(unit, _)| unit)
    }

    /// The section of a process.
    pub fn section(&self, name: &str) -> Option<String> {
        if self.side != Side::Systemd {
            return self.section_of(&self.called(name)?);
        }
        let (_, text) = self.found(name)?;
        Some(text.split_once('[')?.1.split_once("] of ")?.0.to_owned())
    }

    /// What a daemon calls a process, `all`, or `group NAME`.
    fn called(&self, name: &str) -> Option<String> {
        if name == "all" {
            return Some(name.to_owned());
        }
        if let Some(group) = name.strip_suffix(":*") {
            return Some(format!("group {group}"));
        }
        let is = |called: &str| called == name || called.rsplit_once(':').is_some_and(|(_, process)| process == name);
        let found = self.processes.iter().find(|(called, _)| called == name);
        found.or_else(|| self.processes.iter().find(|(called, _)| is(called))).map(|(_, unit)| unit.clone())
    }

    /// The section of a program of a daemon: the comment above it says so.
    fn section_of(&self, unit: &str) -> Option<String> {
        let of_horust;
        let before = if self.side == Side::Horust {
            of_horust = self.text(unit)?.replace("$$", "$");
            &of_horust
        } else {
            [format!("[daemons.{unit}]\n"), format!("[daemons.\"{unit}\"]\n")]
                .iter()
                .find_map(|header| self.text("pitchfork.toml")?.split_once(header.as_str()))?
                .0
        };
        Some(before.rsplit_once("# supconv: [")?.1.split_once("] of ")?.0.to_owned())
    }

    fn text(&self, file: &str) -> Option<&str> {
        self.files.iter().find(|(path, _)| path == file).map(|(_, text)| text.as_str())
    }

    /// A line each: the unit or program, what supervisorctl calls it, and for the operator of pitchfork whether it is started at boot,
    /// and again; of Horust its name as the log has it.
    pub fn names(&self) -> String {
        let daemons: Option<toml::Table> = self.text("pitchfork.toml").map(|text| toml::from_str(text).unwrap());
        let line = |(called, unit): &(String, String)| {
            let full = if called.contains(':') { called.clone() } else { format!("{called}:{called}") };
            if let Some(table) = &daemons {
                let has = |key: &str| table["daemons"][unit].get(key).is_some();
                return format!("{unit}\t{full}\t{}\t{}\n", has("boot_start"), has("retry"));
            }
            if self.side == Side::Systemd {
                return format!("{unit}\t{called}\n");
            }
            let text = self.text(unit).unwrap().replace("$$", "$");
            let name = &toml::from_str::<toml::Table>(&text).unwrap()["name"];
            format!("{unit}\t{full}\t{:?}\n", name.as_str().unwrap())
        };
        self.processes.iter().map(line).collect()
    }

    /// The unit of this process or group, and the text of its file. A process of a group may go by its own name alone.
    fn found(&self, name: &str) -> Option<(String, &str)> {
        if let Some(group) = name.strip_suffix(":*") {
            let of =
                |text: &str| text.split_once(&format!(":{group}] of ")).is_some_and(|(kind, _)| !kind.contains('\n'));
            let target = self.files.iter().find(|(file, text)| file.ends_with(".target") && of(text));
            return target.map(|(file, text)| (file.clone(), text.as_str()));
        }
        let name = short(name);
        let exact = self.processes.iter().find(|(called, _)| *called == name);
        let (_, unit) =
            exact.or_else(|| self.processes.iter().find(|(called, _)| called.ends_with(&format!(":{name}"))))?;
        let template = || Some(format!("{}@.service", unit.split_once('@')?.0));
        Some((unit.clone(), self.text(unit).or_else(|| self.text(&template()?))?))
    }
}
