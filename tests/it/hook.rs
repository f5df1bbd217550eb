//! The pre-commit hooks: which files they take, and that the program takes what they call it with.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::support::desk::{Desk, run};
use crate::support::machine;

/// As the design has it.
const FILES: &str = r"(^|/)([^/]*supervisor[^/]*\.(conf|ini)|[^/]*supervisor[^/]*/([^/]+/)?[^/]+\.(conf|ini))$";

const TAKEN: &[&str] = &[
    "supervisord.conf",
    "supervisor.conf",
    "supervisord.ini",
    "my-supervisor-dev.conf",
    "etc/supervisor/conf.d/web.conf",
    "etc/supervisor/supervisord.conf",
    "etc/supervisord.d/web.ini",
    "supervisor/web.ini",
    "supervisor.d/x.ini",
    "docker/supervisord.conf",
    "roles/app/files/supervisor/worker.conf",
    "deploy/supervisor-conf/apps/worker.conf",
    "a b/supervisord.conf",
];

const LEFT: &[&str] = &[
    "nginx.conf",
    "conf.d/web.conf",
    "conf/web.ini",
    "supervisor/README.md",
    "supervisor",
    "supervisord.conf.bak",
    "a/b/supervisord.conf.j2",
    "etc/supervisor/conf.d/web.conf.disabled",
    "etc/supervisor/conf.d/old/web.conf",
    "supervisord.config",
    "supervisord_conf",
    "SUPERVISORD.CONF",
    "src/supervisor.rs",
    "supervisor/.conf/x",
];

/// The hooks of the file, each as its `key: value` lines. A YAML reader is not worth a dependency for two flat lists.
fn hooks() -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    let mut hooks = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()) {
        if line.starts_with("- ") {
            hooks.push(BTreeMap::new());
        }
        let (key, value) = line.trim_start_matches("- ").trim_start().split_once(": ").unwrap();
        // In single quotes nothing is escaped but the quote.
        let value = value.strip_prefix('\'').map_or(value, |value| value.strip_suffix('\'').unwrap());
        hooks.last_mut().unwrap().insert(key.to_owned(), value.to_owned());
    }
    hooks
}

#[test]
fn all_hooks_take_the_designs_files_and_follow_no_includes() {
    let hooks = hooks();
    let seen: Vec<_> = hooks.iter().map(|hook| (hook["id"].as_str(), hook["language"].as_str())).collect();
    assert_eq!(seen, [("supconv", "python"), ("supconv-src", "rust"), ("supconv-system", "system")]);
    for hook in &hooks {
        assert_eq!(hook["files"], FILES, "{}", hook["id"]);
        assert!(hook.get("pass_filenames").is_none_or(|passed| passed == "true"), "{}", hook["id"]);
        assert!(hook["entry"].split(' ').any(|word| word == "--no-include"), "{}", hook["id"]);
    }
}

/// pre-commit asks `re.search(files, path)`.
#[test]
fn the_hooks_take_the_files_that_they_should() {
    let script = "import re, sys\nfor path in sys.argv[2:]: print(bool(re.search(sys.argv[1], path)))";
    if let Err(why) = machine::program("python3", "python3") {
        return machine::passed_over("the hooks' files", &why);
    }
    for hook in hooks() {
        let mut search = Command::new("python3");
        let output = search.args(["-c", script, &hook["files"]]).args(TAKEN).args(LEFT).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answers = String::from_utf8(output.stdout).unwrap();
        let paths = TAKEN.iter().map(|path| (path, "True")).chain(LEFT.iter().map(|path| (path, "False")));
        let wrong: Vec<_> = paths.zip(answers.lines()).filter(|((_, should), is)| should != is).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", hook["id"]);
        assert_eq!(answers.lines().count(), TAKEN.len() + LEFT.len());
    }
}

#[test]
fn the_program_takes_the_entry_of_each_hook() {
    let clean = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=/etc/passwd\n";
    let web = "[program:web]\ncommand=/usr/bin/web\nstartsecs=soon\n";
    let desk = Desk::new(&[("supervisord.conf", clean), ("web.conf", web)]);
    for hook in hooks() {
        let mut words = hook["entry"].split(' ');
        assert_eq!(words.next(), Some("supconv"));
        let words: Vec<_> = words.collect();
        for (files, code) in [(&["supervisord.conf"][..], 0), (&["supervisord.conf", "web.conf"], 1)] {
            let run = run(&mut desk.command(&[&words, files].concat()));
            assert_eq!(run.code, code, "{} {files:?}: {run:?}", hook["id"]);
        }
    }
}
