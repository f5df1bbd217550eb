//! What is printed to be copied is exact: nothing in it is left out.

use std::path::{Path, PathBuf};
use std::thread;

use crate::support::corpus;
use crate::support::desk::{Desk, supconv, words};

/// The files that people wrote, and the cases from the field where they are here.
fn files() -> Vec<PathBuf> {
    let field = corpus::from_life().map(|corpus| corpus.join("../field")).filter(|field| field.is_dir());
    corpus::all().into_iter().chain(field.iter().flat_map(|field| corpus::of(field))).collect()
}

/// The parts of a text that stand in backticks.
fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What a file is told that somebody may copy, and that is not whole.
fn cut(path: &Path) -> Vec<String> {
    let path = path.to_str().unwrap();
    let lint =
        supconv(&["lint", "--format", "json", "--min-severity", "info", "--pedantic", "--no-include", path]).json();
    let said = supconv(&["to-systemd", "--no-include", path]).err.replace("\n    ", " ");
    let mut cut: Vec<&str> = Vec::new();
    for finding in lint["findings"].as_array().unwrap() {
        cut.extend(finding["help"].as_str());
        cut.extend(in_backticks(finding["message"].as_str().unwrap()));
    }
    // Commands are indented; sentences begin with a dash, frames have a bar.
    let printed = said.lines().filter(|line| !line.starts_with("  - ") && !line.contains('│'));
    cut.extend(printed.filter(|line| line.starts_with("  ") || line.contains("--")));
    cut.into_iter().filter(|text| text.contains('…')).map(|text| format!("{path}: {text}")).collect()
}

#[test]
fn no_help_and_no_command_is_cut() {
    let files = files();
    assert!(files.len() > 150, "{}", files.len());
    let halves = files.chunks(files.len().div_ceil(2));
    let found: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> =
            halves.map(|half| scope.spawn(|| half.iter().flat_map(|path| cut(path)).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_page_and_no_help_of_the_command_line_is_cut() {
    for arguments in ["lint --help", "show --help", "to-systemd --help", "rule --help", "--help"] {
        let help = supconv(&words(arguments)).out;
        assert!(!help.contains('…'), "{arguments}: {help}");
    }
    for rule in supconv::rules::catalogue() {
        let cut: Vec<&str> = in_backticks(rule.page).filter(|text| text.contains('…')).collect();
        assert!(cut.is_empty(), "{}: {cut:?}", rule.name);
    }
}

#[test]
fn helps_hold_the_whole_of_what_is_to_be_written() {
    const MAIN: &str = "[supervisord]\nuser=root\nminfds=65536\n";
    for (text, help) in [
        (
            "[program:a]\ncommand=ulimit -n 1000 && /app/run --all\n",
            "give it to a shell: command=/bin/sh -c 'ulimit -n 1000 && exec /app/run --all'",
        ),
        (
            "[program:a]\ncommand=source /v/bin/activate && python 'a b'\n",
            "give it to a shell: command=/bin/bash -c 'source /v/bin/activate && exec python '\\''a b'\\'''",
        ),
        ("[program:a]\ncommand=/a/one | tee /l\n", "give it to a shell: command=/bin/sh -c '/a/one | tee /l'"),
        (
            "[program:a]\ncommand=/a/run --at 50%% `id`\n",
            "give it to a shell: command=/bin/sh -c 'exec /a/run --at 50%% `id`'",
        ),
        ("[program:a]\ncommand=/a\nstartsecs=5;five s\n", "put a space before it: startsecs=5 ;five s"),
        (
            "[program:a]\ncommand=sh -c 'while true' ; do b ; done\n",
            "write ; without a space before it, and the script in quotes: command=sh -c 'while true; do b; done'",
        ),
        (
            "[program:a]\ncommand=while true ; do b; done\n",
            "write ; without a space before it, and the script in quotes: command=/bin/sh -c 'while true; do b; done'",
        ),
    ] {
        let desk = Desk::of(format!("{MAIN}{text}"));
        let found = desk.json("lint --format json --pedantic --min-severity info a.conf");
        let helps: Vec<&str> =
            found["findings"].as_array().unwrap().iter().filter_map(|found| found["help"].as_str()).collect();
        assert!(helps.contains(&help), "{text}: {helps:#?}");
    }
}

/// The commands of a conversion repeat how it was asked for, and do the same.
#[test]
fn a_conversion_names_the_command_that_made_it() {
    let desk =
        Desk::new(&[("my app.conf", "[supervisord]\nuser=%(ENV_WHO)s\nminfds=65536\n[program:w]\ncommand=/w\n")]);
    let arguments = ["to-systemd", "--env", "WHO=root", "--env", "DB_PASSWORD=geheim", "--prefix", "x-", "my app.conf"];
    let said = crate::support::desk::run(&mut desk.command(&arguments)).err;
    let asked = "supconv to-systemd --env 'WHO=***' --env 'DB_PASSWORD=***' --prefix x- 'my app.conf'";
    assert!(said.contains(&format!("\n  {asked} --out units\n")), "{said}");
    assert!(!said.contains("geheim"), "{said}");
    let without = Desk::of("[supervisord]\nuser=root\n[program:w]\ncommand=/w %(ENV_A)s\n").convert("").err;
    assert!(without.contains("; give --env A=VALUE."), "{without}");
}
