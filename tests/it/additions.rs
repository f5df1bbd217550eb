//! What an addition costs: one rule, one format, one target is one file and its row in one list. Each is proved here.

use std::fs;
use std::path::{Path, PathBuf};

use supconv::rules::RULES;

/// All files of the program but those below a folder.
fn sources(here: &Path, but: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path != but) {
        if path.is_dir() {
            sources(&path, but, found);
        } else {
            found.push(path);
        }
    }
}

/// A file with its page beside it. Rules may lend one another what they know; nobody else has heard of one but the list, where Rust wants a `mod` too.
#[test]
fn a_rule_is_one_file_and_its_row_in_one_list() {
    let mut others = Vec::new();
    sources(Path::new("src"), Path::new("src/rules"), &mut others);
    for rule in RULES.iter().map(|check| &check.rule) {
        let module = rule.name.replace('-', "_");
        for kind in ["rs", "md"] {
            let file = Path::new("src/rules").join(&module).with_extension(kind);
            assert!(file.is_file(), "{} has no {}", rule.name, file.display());
        }
        let rows = [format!("mod {module};"), module.clone()];
        let calls = format!("{module}::");
        for path in &others {
            let text = fs::read_to_string(path).unwrap();
            let names = |line: &&str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == module);
            let lines: Vec<_> = text
                .lines()
                .map(str::trim)
                .filter(names)
                .filter(|line| !line.contains("use ") && (!line.contains(&calls) || line.contains("::RULE")))
                .collect();
            let expected = if path == Path::new("src/rules.rs") { &rows[..] } else { &[] };
            assert_eq!(lines, expected, "{}: {}", rule.name, path.display());
        }
    }
}
