//! Hostile input: mutants of the corpus, and sizes that nobody writes by hand. Nothing panics, nothing hangs.
//!
//! These tests do not time: one that is not linear takes minutes where it should take a second. The sizes that a person
//! measures stand in the notes of the issue.

use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crate::support::configuration::Configuration;
use crate::support::desk::Desk;
use crate::support::nasty::Random;
use crate::support::{check, corpus, several};
use supconv::convert::systemd::Choices;
use supconv::load::Merged;
use supconv::model::Config;
use supconv::reading::Reading;
use supconv::refusal::Exit;
use supconv::report::{FORMATS, Frames, Masker, Report, Style};
use supconv::rules;

/// How many mutants are made.
const ROUNDS: usize = 4_000;
/// And of several files.
const SEVERAL: usize = 400;

/// A size; a debug build, ten times slower, takes a tenth of it.
const fn size(full: usize) -> usize {
    if cfg!(debug_assertions) { full / 10 } else { full }
}

/// Texts that a mutation puts in.
const WORDS: [&str; 40] = [
    "\n",
    "\n ",
    "\r",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{85}",
    "\x1c",
    " ;",
    " #",
    ";",
    "#",
    "=",
    ":",
    "%",
    "%%",
    "%(",
    "%(here)s",
    "%(ENV_X)s",
    "%(process_num)02d",
    "%(here)99999999s",
    "[",
    "]",
    "\n[program:a]\n",
    "\n[group:a]\nprograms=",
    "\n[DEFAULT]\n",
    "\n[supervisord]\n",
    "\n[include]\nfiles=",
    "command=",
    "numprocs=",
    "\"",
    "'",
    "\\",
    "{{",
    "{% if a %}",
    "${A}",
    "@AB@",
    "PASSWORD=a",
    "://a:b@c",
    "99999999999999999999",
];

/// The files of `corpus/`, and those of the collection beside the project where it is there.
fn seeds() -> Vec<Vec<u8>> {
    files(["corpus".into()].into_iter().chain(corpus::from_life()))
}

/// The files of some directories.
fn files(directories: impl IntoIterator<Item = PathBuf>) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    for directory in directories {
        paths.extend(fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    }
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A file with some of its bytes replaced, cut, doubled or mixed with those of another.
fn mutant(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    bytes.truncate(8192);
    for _ in 0..=random.below(6) {
        let (one, other) = (random.below(bytes.len() + 1), random.below(bytes.len() + 1));
        let near = bytes.len().min(one + random.below(40));
        match random.below(7) {
            0 => bytes.splice(one..one, WORDS[random.below(WORDS.len())].bytes()).for_each(drop),
            1 => bytes.splice(one..near, WORDS[random.below(WORDS.len())].bytes()).for_each(drop),
            2 => bytes.drain(one..near).for_each(drop),
            3 => bytes.truncate(one.max(1)),
            4 => {
                let piece = bytes[one..near].to_vec();
                bytes.splice(other..other, piece);
            }
            5 => {
                let from = &seeds[random.below(seeds.len())];
                let start = random.below(from.len() + 1);
                let end = from.len().min(start + random.below(400));
                bytes.splice(one..one, from[start..end].iter().copied());
            }
            _ => bytes.splice(one..one, [u8::try_from(random.below(256)).unwrap()]).for_each(drop),
        }
    }
    bytes
}

#[test]
fn mutants_of_the_corpus_pass_all_checks() {
    let seeds = seeds();
    let mut random = Random::new(7);
    for (round, seed) in seeds.iter().enumerate() {
        checked(round, seed);
    }
    for round in 0..ROUNDS {
        checked(round, &mutant(&mut random, &seeds));
    }
}

/// What commands are made of, and what stands between their words for nobody but Unicode.
const PIECES: [&str; 48] = [
    " ",
    " ",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "\u{85}",
    "\u{2028}",
    "é",
    "日",
    "\\",
    "\\\n  ",
    "\n  ",
    "\"",
    "'",
    "`",
    ";",
    " ;",
    "|",
    "||",
    "&",
    "&&",
    ">",
    "<(",
    "$(",
    ")",
    "=",
    ":",
    "/",
    "-",
    "--",
    "-c ",
    "-p",
    "%",
    "%%",
    "%(",
    "%(here)s",
    "%(ENV_X)s",
    "%(ENV_X)s/",
    "a",
    "exec ",
    "sh -c ",
    "su - ",
    "nginx",
    "gunicorn",
    "{%-",
    "-%}",
    "{{",
    "@if(",
];

/// A command is read by more code than all else of a file.
#[test]
fn commands_of_odd_pieces_pass_all_checks() {
    let mut random = Random::new(11);
    for round in 0..ROUNDS {
        let pieces = (0..=random.below(10)).map(|_| PIECES[random.below(PIECES.len())]).collect::<String>();
        checked(round, format!("[supervisord]\n[program:a]\ncommand={pieces}\n").as_bytes());
    }
}

/// Of several files, which include each other; what stands between them is mutated too.
#[test]
fn mutants_of_several_files_pass_all_checks() {
    let seeds = files(["fuzz/seeds".into()]);
    let (desk, mut random) = (Desk::in_memory(), Random::new(11));
    for round in 0..SEVERAL {
        let bytes = if round < seeds.len() { seeds[round].clone() } else { mutant(&mut random, &seeds) };
        let kept = desk.join("input");
        fs::write(&kept, &bytes).unwrap();
        let passed = catch_unwind(|| several::all(&desk.join("host"), &bytes)).is_ok();
        assert!(passed, "round {round}: the checks fail on {}", kept.display());
    }
}

/// Keeps an input that fails where the next run of the fuzzer, and a person, finds it.
fn checked(round: usize, bytes: &[u8]) {
    if catch_unwind(|| check::all(bytes)).is_err() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile.conf");
        fs::write(&path, bytes).unwrap();
        panic!("round {round}: the checks fail on {}", path.display());
    }
}

/// Everything that the commands do with one file, without the checks of the fuzzer.
fn run(text: impl AsRef<[u8]>) -> (&'static Merged<'static>, &'static Config<'static>, Report) {
    let reading = Reading { root: Some("/nonexistent".to_owned()), ..Reading::default() };
    let read = Configuration::of("/etc/hostile.conf", text, reading).unwrap();
    let settings: &'static rules::Settings = Box::leak(Box::default());
    let findings = read.findings(settings);
    let plan = read.units(&Choices::default());
    let read = read.whole();
    let config = &read.config;
    // A service a process, a target a program, the target of all, and the page that hands over.
    assert!(plan.files.len() <= config.groups.iter().map(|group| group.processes.len() + 1).sum::<usize>() + 2);
    let mut masker = Masker::new(read.sources, [&config.secrets], Frames::Some);
    let findings = findings.iter().map(|finding| masker.finding(finding, None)).collect();
    let report = Report { findings, read: vec!["a.conf".into()], ..Report::default() };
    for format in FORMATS {
        (format.write)(&report, &Style::PLAIN, &mut std::io::sink()).unwrap();
    }
    (&read.merged, config, report)
}

/// `[supervisord]` and a text that is made for each number.
fn many(count: usize, mut text: impl FnMut(&mut String, usize)) -> String {
    let mut whole = "[supervisord]\nuser=root\nminfds=65536\n".to_owned();
    (0..count).for_each(|n| text(&mut whole, n));
    whole
}

fn found(report: &Report, rule: &str) -> usize {
    report.findings.iter().filter(|finding| finding.rule.name == rule).count()
}

#[test]
fn a_file_of_one_byte_or_none_passes_all_checks() {
    for text in ["", "\n", "\u{feff}", "\0", "[", "=", "\r", "%"] {
        run(text);
        check::all(text.as_bytes());
    }
}

#[test]
fn long_lines_are_kept_whole() {
    let (_, config, _) = run(format!("[supervisord]\nidentifier={}\n", "a".repeat(size(10 << 20))));
    assert_eq!(config.supervisord.identifier.known().map(|text| text.len()), Some(size(10 << 20)));
    for sign in [
        "=",
        ";",
        "#",
        ";#",
        "; ",
        "# ;",
        "[",
        "]",
        " ",
        "\\",
        "\"",
        "://a:b@",
        "PASSWORD=/",
        "@A",
        "{{",
        "{% ",
        "${",
        "é",
    ] {
        run(format!(
            "[supervisord]\nidentifier={}\n[program:a]\ncommand {}\n",
            sign.repeat(size(200_000)),
            sign.repeat(size(200_000))
        ));
    }
}

#[test]
fn many_lines_are_joined() {
    let (merged, _, _) = run(format!("[supervisord]\nidentifier=a\n{}", " b\n".repeat(size(100_000))));
    let identifier = merged.sections.get("supervisord").and_then(|section| merged.options(section).get("identifier"));
    assert_eq!(identifier.map(|setting| setting.text.len()), Some(2 * size(100_000) + 1));
    for line in ["\n", "\r", "\r\n", "\0\n", "; comment\n", "a=b ;c #d\n", "[DEFAULT]\n"] {
        run(format!("[supervisord]\n{}", line.repeat(size(200_000))));
    }
    for line in [&b"\xff"[..], b"\xff\n", b"a=\xe2\x80\n"] {
        run([&b"[supervisord]\n"[..], &line.repeat(size(500_000))].concat());
    }
}

#[test]
fn many_bad_lines_are_one_refusal() {
    for line in ["bad\n", "=a\n", "{% if a %}\nbad\n"] {
        let (_, config, _) = run(format!("[supervisord]\n{}", line.repeat(size(50_000))));
        let message = config.refusals.first().map(|refusal| refusal.message);
        assert!(message.is_some_and(|message| message.starts_with("Source contains parsing errors")));
    }
    let (_, config, _) = run("bad\n".repeat(size(200_000)));
    assert_eq!(config.refusals.first().map(|refusal| refusal.exit), Some(Exit::Usage));
}

#[test]
fn many_sections_are_all_kept() {
    let (merged, _, _) = run(many(size(200_000), |text, n| {
        let _ = writeln!(text, "[s{n}]");
    }));
    assert_eq!(merged.sections.len(), size(200_000) + 1);
    run(many(size(200_000), |text, _| text.push_str("[s]\n")));
}

#[test]
fn many_of_one_option_are_all_remembered() {
    let (merged, _, _) = run(many(size(100_000), |text, _| text.push_str("user=root\n")));
    let user = merged.sections.get("supervisord").and_then(|section| merged.options(section).get("user"));
    assert_eq!(user.map(|setting| setting.replaced.len()), Some(size(100_000)));
    run(many(size(100_000), |text, n| {
        let _ = writeln!(text, "option{n}=value");
    }));
}

#[test]
fn many_expansions_have_a_bound() {
    for text in ["%(here)s", "%(ENV_X)s", "%%", "%(program_name)s", "%(", "%(((", "%(a)s", "%s"] {
        run(format!(
            "[supervisord]\n[program:a]\ncommand={}\nenvironment=A=\"{}\"\n",
            text.repeat(size(100_000)),
            text.repeat(size(100_000))
        ));
    }
    let (_, config, _) = run("[supervisord]\n[program:a]\ncommand=%(here)999999999s\n");
    assert_eq!(config.refusals.first().map(|refusal| refusal.exit), Some(Exit::Bound));
    // All of a file together have a bound too.
    let (_, config, _) = run(many(size(300), |text, n| {
        let _ = write!(text, "[program:a{n}]\ncommand=%(here)1000000s\n");
    }));
    assert_eq!(config.refusals.iter().any(|refusal| refusal.exit == Exit::Bound), size(300) == 300);
}

#[test]
fn many_processes_have_a_bound() {
    let (_, config, report) =
        run("[supervisord]\n[program:a]\ncommand=a\nprocess_name=%(process_num)d\nnumprocs=1000000000\n");
    assert_eq!(config.refusals.first().map(|refusal| refusal.exit), Some(Exit::Bound));
    assert_eq!(
        report.findings.iter().filter(|finding| finding.severity == supconv::diagnostic::Severity::Error).count(),
        1
    );
    run("[supervisord]\n[program:a]\ncommand=a\nprocess_name=%(process_num)d\nnumprocs=20000\n");
    let (_, config, _) = run(many(size(40), |text, n| {
        let _ = write!(text, "[program:a{n}]\ncommand=a\nprocess_name=%(process_num)d\nnumprocs=10000\n");
    }));
    let processes: usize = config.groups.iter().map(|group| group.processes.len()).sum();
    assert!(processes <= supconv::model::evaluate::PROCESSES_OF_FILE + size(40), "{processes}");
}

#[test]
fn many_programs_are_all_found() {
    let (_, config, report) = run(many(size(50_000), |text, n| {
        let _ = write!(text, "[program:a{n}]\ncommand=a\n");
    }));
    let count = size(50_000);
    assert_eq!((config.groups.len(), found(&report, "program-runs-as-root")), (count, count));
    let broken =
        ["priority=x", "", "user=%(x)s", "environment=A", "process_name=a/b", "stopasgroup=true\nkillasgroup=false"];
    for option in broken {
        let (_, config, _) = run(many(size(3_000), |text, n| {
            let command = if option.is_empty() { "bomand" } else { "command" };
            let _ = write!(text, "[program:a{n}]\n{command}=a\n{option}\n");
        }));
        assert!(config.refusals.len() >= size(3_000), "{option}");
    }
    for kind in ["eventlistener", "fcgi-program", "rpcinterface", "inet_http_server", "unix_http_server", "ctlplugin"] {
        run(many(size(3_000), |text, n| {
            let _ = write!(text, "[{kind}:a{n}]\ncommand=a\n");
        }));
    }
}

#[test]
fn groups_with_many_members_hold_them_all() {
    let count = size(50_000);
    let members: Vec<String> = (0..count).map(|n| format!("a{n}")).collect();
    let mut text = many(count, |text, n| {
        let _ = write!(text, "[program:a{n}]\ncommand=a\nuser=b\n");
    });
    let _ = write!(text, "[group:g]\nprograms={}\n", members.join(","));
    let (_, config, _) = run(&text);
    assert_eq!((config.groups.len(), config.groups[0].processes.len()), (1, count));
    // None of these exists.
    run(format!("[supervisord]\n[group:g]\nprograms={}\n", members[..count / 10].join(",")));
}

#[test]
fn many_variables_do_not_hang() {
    let variables: Vec<String> = (0..size(50_000)).map(|n| format!("A{n}_PASSWORD=\"x{n}\"")).collect();
    run(format!("[supervisord]\nenvironment={}\n[program:a]\ncommand=a\n", variables.join(",")));
    run(format!("[supervisord]\nenvironment={}\n[program:a]\ncommand=a\n", variables.join(" ")));
    // What looks like a secret, or nearly, many times over: each is walked once.
    for piece in [
        "://",
        "u:p@",
        "http://u:",
        "@",
        "PASSWORD=",
        "PASSWORD=\"",
        "PASSWORD='\"",
        "\"password\":",
        "'--token=",
        "-p'x",
        "mysql -p",
        "--token ",
        "%(ENV_TOKEN)s",
        "eyJ.",
        "-----BEGIN PRIVATE KEY-----",
        "hooks.slack.com/services/",
        "password:{",
    ] {
        let text = piece.repeat(size(100_000));
        run(format!("[supervisord]\n[program:a]\ncommand=a {text}\npassword {text}\n{text}\n"));
    }
    // Secrets of which each begins as the next one does, and lines that begin so too.
    let secrets: Vec<String> = (8..size(600)).map(|n| format!("A{n}_TOKEN=\"{}b\"", "a".repeat(n))).collect();
    let lines = format!("B=\"{}c\"", "a".repeat(size(100_000)));
    run(format!("[supervisord]\nenvironment={},{lines}\n[program:a]\ncommand=a\n", secrets.join(",")));
    // The secrets of as many lines.
    run(many(size(5_000), |text, n| {
        let _ = write!(text, "[program:a{n}]\nenvironment=PASSWORD=x\n");
    }));
}

#[test]
fn many_includes_are_warned_of_one_by_one() {
    let (merged, _, _) = run(many(size(5_000), |text, n| {
        let _ = write!(text, "{} f{n}*.conf", if n == 0 { "[include]\nfiles=" } else { "" });
    }));
    assert_eq!(merged.warnings.len(), size(5_000));
    run(format!("[supervisord]\n[include]\nfiles={}\n", "*/".repeat(size(100_000))));
    run(format!("[supervisord]\n[include]\n{}", "files=a\n".repeat(size(2_000))));
}

#[test]
fn long_numbers_do_not_hang() {
    for (option, digit) in [("minfds", "9"), ("umask", "7"), ("logfile_maxbytes", "9")] {
        run(format!("[supervisord]\n{option}={}\n", digit.repeat(size(200_000))));
    }
}
