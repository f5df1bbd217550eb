//! What logrotate does with a log on this machine, where `--check-host` asks for it (logrotate(8)).

use super::super::Lint;
use crate::files;
use crate::load::Paths;
use crate::python::{filename, glob};

/// The rules of logrotate.
pub(in crate::rules) struct Logrotate(Vec<Stanza>);

/// A list of logs with what is done to them.
pub(in crate::rules) struct Stanza {
    /// The file that it stands in.
    pub file: String,
    patterns: Vec<String>,
    /// Whether supervisord goes on in the right file: it is told, or the file stays and is emptied.
    pub reopened: bool,
}

const MAIN: &str = "/etc/logrotate.conf";
const FOLDER: &str = "/etc/logrotate.d";

/// The most that is read of a file.
const MOST: u64 = 1 << 20;

impl Logrotate {
    /// The rules of this machine; none where it must not be looked at.
    pub(in crate::rules) fn of(lint: &Lint<'_>) -> Self {
        if !lint.reading.check_host {
            return Self(Vec::new());
        }
        let paths = Paths::new(lint.reading.root.as_deref());
        let folder = std::fs::read_dir(filename::encode(&paths.real(FOLDER)));
        let entries = folder.into_iter().flatten().flatten();
        let mut rules: Vec<_> =
            entries.map(|entry| format!("{FOLDER}/{}", filename::decode(&entry.file_name()))).collect();
        rules.sort();
        let mut copies = false;
        let mut stanzas = Vec::new();
        for file in std::iter::once(MAIN.to_owned()).chain(rules) {
            let Ok(bytes) = files::read_regular(&paths.real(&file), MOST) else { continue };
            read(&file, &String::from_utf8_lossy(&bytes), &mut copies, &mut stanzas);
        }
        Self(stanzas)
    }

    /// What it does with a log.
    pub(in crate::rules) fn rotates(&self, log: &str) -> Option<&Stanza> {
        self.0.iter().find(|stanza| stanza.patterns.iter().any(|pattern| glob::fits(pattern, log)))
    }
}

/// Reads a file. What stands outside of all stanzas holds for those that come later, in other files too.
fn read(file: &str, text: &str, copies: &mut bool, stanzas: &mut Vec<Stanza>) {
    let mut patterns = Vec::new();
    let mut inside: Option<Stanza> = None;
    let mut script = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(kind) = script {
            if line == "endscript" {
                script = None;
            } else if let Some(stanza) = inside.as_mut().filter(|_| matches!(kind, "postrotate" | "lastaction")) {
                stanza.reopened |= line.contains("USR2");
            }
            continue;
        }
        match (line, &mut inside) {
            ("postrotate" | "prerotate" | "firstaction" | "lastaction" | "preremove", _) => script = Some(line),
            ("copytruncate", Some(stanza)) => stanza.reopened = true,
            ("nocopytruncate", Some(stanza)) => stanza.reopened = false,
            ("copytruncate", None) => *copies = true,
            ("nocopytruncate", None) => *copies = false,
            (line, Some(_)) => {
                if line.starts_with('}') {
                    stanzas.extend(inside.take());
                }
            }
            (line, None) => {
                let (named, opens) = line.split_once('{').map_or((line, false), |(named, _)| (named, true));
                if named.starts_with(['/', '"', '\'']) {
                    patterns.extend(named.split_whitespace().map(|one| one.trim_matches(['"', '\'']).to_owned()));
                }
                if opens {
                    let patterns = std::mem::take(&mut patterns);
                    inside = Some(Stanza { file: file.to_owned(), patterns, reopened: *copies });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas() {
        let text = "weekly\n# a comment {\n/l/a /l/b*\n\"/l/c\"\n{\n  rotate 4\n  postrotate\n    kill -USR2 1\n  endscript\n}\n\
                    /l/d {\n  prerotate\n    kill -USR2 1\n  endscript\n}\ncopytruncate\n/l/e {\n}\n/l/f {\n  nocopytruncate\n}";
        let mut stanzas = Vec::new();
        read("/f", text, &mut false, &mut stanzas);
        let logrotate = Logrotate(stanzas);
        for (log, reopened) in [
            ("/l/a", Some(true)),
            ("/l/bc", Some(true)),
            ("/l/c", Some(true)),
            ("/l/d", Some(false)),
            ("/l/e", Some(true)),
            ("/l/f", Some(false)),
            ("/l/x", None),
            ("/l/b/c", None),
        ] {
            assert_eq!(logrotate.rotates(log).map(|stanza| stanza.reopened), reopened, "{log}");
        }
    }
}
