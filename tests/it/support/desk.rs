//! A configuration in a directory of its own, and what `to-systemd` makes of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;

/// A directory for one test.
pub struct Desk(pub PathBuf);

impl Desk {
    pub fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("supconv-desk-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("a.conf"), text).unwrap();
        Self(path)
    }

    /// Exit code, standard output, standard error.
    pub fn run(&self, arguments: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_supconv"));
        command.arg("to-systemd").args(arguments.split_whitespace()).arg("a.conf").current_dir(&self.0);
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    pub fn plan(&self, arguments: &str) -> Json {
        serde_json::from_str(&self.run(&format!("--format json {arguments}")).1).unwrap()
    }

    pub fn unit(&self, arguments: &str, name: &str) -> String {
        let plan = self.plan(arguments);
        let files = plan["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"] == name).unwrap_or_else(|| panic!("no {name} in {plan}"));
        file["text"].as_str().unwrap().to_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The values of a key of a unit.
pub fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}
