//! Several files as a person has them: a main file, what it includes, the unit that starts supervisord, a file of variables;
//! through the commands. The second fuzz target and `tests/it/hostile.rs` call this.

use std::fs;
use std::path::Path;

use clap::Parser as _;
use serde_json::Value;
use supconv::cli::Cli;
use supconv::visible::is_unseen;

/// What parts the files of an input.
pub const SEPARATOR: &[u8] = b"\n#~~\n";

/// Where the parts go, in their order; what is missing is empty, and what is left belongs to the last.
const FILES: [&str; 6] =
    ["supervisord.conf", "conf.d/a.ini", "conf.d/b.ini", "supervisor.service", "supervisor.service.d/x.conf", "env"];

/// Arguments, and whether they ask for JSON. `@` is the directory.
const RUNS: [(&str, bool); 5] = [
    ("lint @/supervisord.conf --unit @/supervisor.service --env-file @/env --target systemd --format json", true),
    ("lint @ --all --env-file @/env", false),
    ("show @/supervisord.conf --env-file @/env --node node --format json", true),
    ("show @/conf.d/a.ini --main @/supervisord.conf --all", false),
    ("to-systemd @/supervisord.conf --env-file @/env --format json --allow-loss", true),
];

/// These write, each into what the one before leaves; and how many fixes each may have.
const WRITES: [(&str, u64); 3] = [
    ("lint @/supervisord.conf --fix --unsafe-fixes --min-severity info --pedantic --format json", u64::MAX),
    ("lint @/supervisord.conf --fix --unsafe-fixes --min-severity info --pedantic --format json", 0),
    ("lint @/supervisord.conf --add-ignores=later --min-severity info --format json", 0),
];

/// Writes the files of an input into a directory, and runs the commands on them.
pub fn all(directory: &Path, bytes: &[u8]) {
    let mut rest = bytes;
    for (number, name) in (1..).zip(FILES) {
        let end = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR);
        let (part, next) = match end.filter(|_| number < FILES.len()) {
            Some(end) => (&rest[..end], &rest[end + SEPARATOR.len()..]),
            None => (rest, &[][..]),
        };
        let path = directory.join(name);
        fs::create_dir_all(path.parent().expect("below the directory")).expect("a directory can be made");
        fs::write(path, part).expect("a file can be written");
        rest = next;
    }
    let place = directory.to_str().expect("a directory of ours");
    for (arguments, json) in RUNS {
        let words = arguments.split(' ').map(|word| word.replace('@', place));
        run(std::iter::once("supconv".to_owned()).chain(words), json);
    }
    for (arguments, most) in WRITES {
        let words = arguments.split(' ').map(|word| word.replace('@', place));
        let said = run(std::iter::once("supconv".to_owned()).chain(words), true);
        assert!(said["summary"]["fixed"].as_u64().unwrap_or_default() <= most, "fixes are left: {said}");
    }
}

/// One command: it ends, its JSON is JSON, and nothing that it says drives a terminal. Its JSON, if there is any.
fn run(words: impl Iterator<Item = String>, json: bool) -> Value {
    let cli = Cli::try_parse_from(words).expect("arguments of ours");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let ran = cli.run(&mut out, &mut err);
    let said = ran.as_ref().map_or_else(ToString::to_string, |outcome| outcome.code().to_string());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is said is UTF-8");
    let (out, err) = (text(out), text(err));
    for text in [&out, &err, &said] {
        let bad = |c: &char| is_unseen(*c) && !matches!(c, '\n' | '\t');
        assert_eq!(text.chars().find(bad), None, "{text:?}");
    }
    assert!(ran.is_ok() || !said.is_empty() && !said.contains("internal error"), "a failure says why: {said}");
    if json && ran.is_ok() {
        serde_json::from_str(&out).expect("what is asked for as JSON is JSON")
    } else {
        Value::Null
    }
}
