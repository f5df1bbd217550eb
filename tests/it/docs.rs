//! What is made from the code is what the code makes: `docs/rules.md`, `supconv rule`, the manual, the completions.

use std::collections::BTreeSet;
use std::fs;

use crate::differences;
use crate::support::desk::Desk;
use crate::support::desk::{Run, supconv};
use crate::support::machine;
use crate::support::python;
use crate::support_matrix;
use serde_json::json;
use supconv::apps;
use supconv::diagnostic::Rule;
use supconv::report::page;
use supconv::rules::unbuilt::UNBUILT;
use supconv::rules::{self, Page, catalogue};
use supconv::settings;

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
const APPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/apps.md");
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/supconv.schema.json");
const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/support-matrix.md");
const DIFFERENCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/differences.md");
/// It lies beside the project and is no part of it.
const SPECIFICATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/spec/options.json");

/// Holds a page against what the code makes, or writes it.
fn is_kept(path: &str, made: &str) {
    if std::env::var_os("SUPCONV_BLESS").is_some() {
        fs::write(path, made).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let differs = made.lines().zip(kept.lines().chain(std::iter::repeat(""))).find(|(made, kept)| made != kept);
    assert!(
        made == kept,
        "{path} is not what the code says: SUPCONV_BLESS=1 cargo test --test it docs\nfirst difference: {differs:?}"
    );
}

fn parts(rule: &Rule) -> Page {
    Page::of(rule)
        .unwrap_or_else(|| panic!("the page of {} has not the form that src/rules/page.rs describes", rule.name))
}

#[test]
fn docs_rules_md_is_what_the_rules_say() {
    is_kept(RULES, &page::document());
}

/// The catalogue lies beside the project and is no part of it.
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/spec/rules.md");

/// What the catalogue has is a rule, or the page says why it is none.
#[test]
fn all_of_the_catalogue_is_accounted_for() {
    let built: BTreeSet<_> = catalogue().iter().map(|rule| rule.code).collect();
    for unbuilt in UNBUILT {
        let ends = [unbuilt.what, unbuilt.why].iter().all(|text| text.len() > 10 && !text.ends_with('.'));
        assert!(ends && !built.contains(unbuilt.code), "{unbuilt:?}");
    }
    let Ok(text) = fs::read_to_string(CATALOGUE) else {
        machine::said(CATALOGUE, "it is not here");
        return;
    };
    let headings = text.lines().filter(|line| line.starts_with("#### "));
    let backlog = text.lines().filter(|line| line.starts_with("Backlog"));
    let codes = headings.map(|line| line.split("SUP").skip(1).take(1).collect::<Vec<_>>());
    let codes = codes.chain(backlog.map(|line| line.split("SUP").skip(1).collect()));
    let codes: BTreeSet<String> = codes.flatten().map(|rest| format!("SUP{}", &rest[..3])).collect();
    assert!(codes.len() >= 80, "the catalogue is not read: {codes:?}");
    let known = |code: &&String| built.contains(code.as_str()) || UNBUILT.iter().any(|unbuilt| unbuilt.code == **code);
    let missing: Vec<_> = codes.iter().filter(|code| !known(code)).collect();
    assert!(missing.is_empty(), "neither a rule nor in src/rules/unbuilt.rs: {missing:?}");
}

#[test]
fn docs_schema_of_settings_is_that_of_the_keys() {
    let schema = serde_json::to_string_pretty(&supconv::settings::schema()).unwrap() + "\n";
    is_kept(SCHEMA, &schema);
}

#[test]
fn docs_apps_md_is_what_is_known_of_applications() {
    is_kept(APPS, &supconv::report::apps::document());
}

#[test]
fn applications_by_name_and_by_program() {
    let Run { code, out: list, err } = supconv(&["apps"]);
    assert_eq!((code, err.as_str(), list.lines().count()), (0, "", apps::all().count() + 1));
    for (app, line) in apps::all().zip(list.lines().skip(1)) {
        assert!(line.starts_with(app.name) && line.chars().count() <= 100, "{line}");
    }
    for app in apps::all() {
        let Run { code, out: page, err } = supconv(&["apps", app.name]);
        assert_eq!((code, err.as_str()), (0, ""), "{}", app.name);
        assert!(page.starts_with(&format!("{}: {}\n\nCommands: ", app.name, app.about)), "{page}");
        // A source is never folded, so that it can be copied.
        let long = page.lines().find(|line| line.chars().count() > 100 && !line.starts_with("    "));
        assert_eq!(long, None, "{}", app.name);
    }
    let celery = supconv(&["apps", "celery"]).out;
    assert!(celery.contains("celery worker: ") && celery.contains("celery beat: "), "{celery}");
    assert!(celery.contains("\n    celery/celery#2700\n"), "{celery}");
    assert_eq!(supconv(&["apps", "php-fpm8.2"]), supconv(&["apps", "php-fpm"]));
    for (word, hint) in [
        ("ngnix", "did you mean nginx?"),
        ("gunicron", "did you mean gunicorn?"),
        ("nonsense-at-all", "`supconv apps` lists them"),
    ] {
        let Run { code, out, err } = supconv(&["apps", word]);
        assert_eq!((code, out.as_str()), (2, ""), "{word}");
        assert!(err.contains(hint), "{word}: {err}");
    }
    assert_eq!(supconv(&["apps", ""]).code, 2);
}

#[test]
fn docs_support_matrix_md_is_what_the_converter_does() {
    is_kept(MATRIX, &support_matrix::document());
}

#[test]
fn docs_differences_md_is_what_the_converter_says() {
    is_kept(DIFFERENCES, &differences::document());
}

/// What README shows under each command is printed by it; lines may be folded, and others stand between.
#[test]
fn readme_shows_what_is_printed() {
    let readme = include_str!("../../README.md");
    let block = readme.split("```console\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
    let desk = Desk::new(&[("web.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n")]);
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown = 0;
    for command in block.split("$ supconv ").skip(1) {
        let (command, lines) = command.split_once('\n').unwrap_or((command, ""));
        let command = command.split('#').next().unwrap().trim();
        let run = desk.run(command);
        assert!(run.code < 2, "{command}: {}", run.err);
        let printed = flat(&(run.out + "\n" + &run.err));
        for line in lines.lines().filter(|line| !line.is_empty()) {
            shown += 1;
            assert!(printed.contains(&flat(line)), "{command} does not print: {line}\n{printed}");
        }
    }
    assert!(shown > 8, "{shown} lines");
}

/// What README shows of an old file is printed, and supervisord starts with what comes out.
#[test]
fn readme_mends_an_old_file() {
    let readme = include_str!("../../README.md");
    let block = readme.split("## An old file\n\n```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
    let desk = Desk::new(&[("old.conf", include_str!("../../corpus/an-old-file.conf"))]);
    let mut judge = python::judge();
    let mut starts = || {
        let request = json!({"path": desk.path("old.conf"), "env": {"HOME": "/root"}, "cwd": "/"});
        judge.as_mut().map(|judge| judge.ask(&request)["ok"].clone())
    };
    let known = starts();
    assert!(known.is_none() || known == Some(json!(false)));
    for command in block.split("$ supconv ").skip(1) {
        let (command, lines) = command.split_once('\n').unwrap_or((command, ""));
        let command = command.split(['#', '|']).next().unwrap().trim();
        let printed = desk.run(command).out;
        assert!(lines.is_empty() || printed.trim_end().ends_with(lines.trim_end()), "{command}:\n{printed}");
    }
    let known = starts();
    assert!(known.is_none() || known == Some(json!(true)), "{known:?}");
}

/// How many rules mend is counted.
#[test]
fn the_changelog_counts_the_rules_that_mend() {
    let count = rules::RULES.iter().filter(|check| check.fix.is_some()).count();
    let changelog = include_str!("../../CHANGELOG.md");
    assert!(changelog.contains(&format!("{count} rules mend what they find")), "CHANGELOG.md: {count} rules mend");
}

/// Each key has a line in the example of the page, with a value that is right.
#[test]
fn docs_settings_md_has_each_key() {
    let page = include_str!("../../docs/settings.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
    for key in &settings::KEYS {
        let (row, table) = (format!("{} = ", key.name), format!("[{}]", key.name));
        let has = example.lines().any(|line| line.starts_with(&row) || line.starts_with(&table));
        assert!(has, "docs/settings.md has no example of {}", key.name);
    }
    let desk = Desk::new(&[("supconv.toml", example), ("deploy/prod.env", ""), ("conf.d/legacy-a.conf", "")]);
    let document = desk.json("settings --format json");
    for key in &settings::KEYS {
        assert_eq!(document["settings"][key.name]["from"], json!("file"), "{}", key.name);
    }
    assert_eq!(document["unmatched"], json!([]));
}

/// The lab writes the page; README quotes what it comes to.
#[test]
fn readme_says_what_the_lab_saw() {
    for (daemon, page) in [
        ("a booted systemd", include_str!("../../docs/equivalence.md")),
        ("systemd 257", include_str!("../../docs/equivalence-systemd-257.md")),
        ("Horust", include_str!("../../docs/equivalence-horust.md")),
        ("pitchfork", include_str!("../../docs/equivalence-pitchfork.md")),
    ] {
        says_what_the_lab_saw(daemon, page);
    }
}

fn says_what_the_lab_saw(daemon: &str, page: &str) {
    let short = page.split("## In short\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(short.ends_with("- None differs silently."), "{short}");
    let (configurations, _) = short.strip_prefix("- ").and_then(|line| line.split_once(' ')).unwrap();
    let said = format!("{daemon} ({configurations})");
    let readme = include_str!("../../README.md").replace('\n', " ");
    assert!(readme.contains(&said), "README.md does not say: {said}");
}

#[test]
fn each_option_stands_in_the_support_matrix() {
    let pairs = support_matrix::pairs();
    let missing: Vec<_> = pairs.iter().filter(|(_, sampled)| !**sampled).map(|(pair, _)| pair).collect();
    assert!(missing.is_empty(), "no sample in tests/it/support_matrix: {missing:?}");
    assert_eq!(pairs.len(), 138);
    let Ok(text) = fs::read_to_string(SPECIFICATION) else {
        machine::said(SPECIFICATION, "it is not here");
        return;
    };
    let specification: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    for row in &specification {
        let pair = (row["section"].as_str().unwrap(), row["option"].as_str().unwrap());
        assert!(pairs.contains_key(&pair), "{pair:?} is in the specification alone");
    }
}

#[test]
fn codes_and_names_are_unique_with_those_of_conversions() {
    let rules = catalogue();
    let words: BTreeSet<_> = rules.iter().flat_map(|rule| [rule.code, rule.name]).collect();
    assert_eq!(words.len(), 2 * rules.len());
    assert!(rules.is_sorted_by_key(|rule| rule.code));
    for rule in rules {
        let name = rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(name && rule.code.len() == 6, "{rule:?}");
    }
}

#[test]
fn the_page_of_each_rule_by_code_and_by_name() {
    let document = page::document();
    for rule in catalogue() {
        assert!(document.contains(&format!("\n## {} {}\n", rule.code, rule.name)), "{}", rule.code);
        let Run { code, out: page, err } = supconv(&["rule", rule.code]);
        assert_eq!((code, err.as_str()), (0, ""), "{}", rule.code);
        assert!(page.starts_with(&format!("## {} {}\n", rule.code, rule.name)), "{page}");
        assert_eq!(page.contains("Bad:"), !parts(rule).bad.is_empty(), "{}", rule.code);
        // Paragraphs fit a terminal; what is verbatim stays as it is.
        let mut verbatim = false;
        for line in page.lines() {
            verbatim ^= line.starts_with("```");
            assert!(verbatim || line.chars().count() <= 100 || !line.contains(' '), "{}: {line}", rule.code);
        }
    }
    let by = |word: &str| supconv(&["rule", word]);
    assert_eq!(by("SUP101"), by("default-minfds"));
    assert_eq!(by("sup903"), by("not-convertible"));
}

#[test]
fn the_list_has_a_line_for_each_rule() {
    let Run { code, out: list, .. } = supconv(&["rule"]);
    let lines: Vec<_> = list.lines().collect();
    assert_eq!((code, lines.len()), (0, catalogue().len()));
    for (rule, line) in catalogue().into_iter().zip(lines) {
        let words: Vec<_> = line.split_whitespace().take(3).collect();
        assert_eq!(words, [rule.code, rule.name, rule.severity.name()]);
        let title = line.split("  ").last().unwrap().trim();
        assert!(parts(rule).title == title && title.len() > 10 && title.chars().count() <= 60, "{line}");
    }
}

#[test]
fn an_unknown_rule_ends_with_2_and_a_hint() {
    for (word, hint) in [
        ("default-minfd", "did you mean default-minfds?"),
        ("SUP000", "`supconv rule SUP0` lists those of its family"),
        ("SUPX", "`supconv rule` lists them"),
        ("", "`supconv rule` lists them"),
    ] {
        let Run { code, out, err } = supconv(&["rule", word]);
        assert_eq!((code, out.as_str()), (2, ""), "{word}");
        assert!(err.contains(hint), "{word}: {err}");
    }
}

#[test]
fn manual_and_completions_know_the_flags() {
    for (arguments, holds) in [
        (&["man"][..], "supconv\\-lint(1)"),
        (&["man", "lint"], "\\-\\-min\\-severity"),
        (&["man", "to-systemd"], "\\-\\-prefix"),
        (&["man", "apps"], "APPLICATION"),
        (&["completions", "bash"], "--min-severity"),
        (&["completions", "zsh"], "--min-severity"),
        (&["completions", "fish"], "min-severity"),
    ] {
        let Run { code, out, err } = supconv(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
        assert!(out.contains(holds), "{arguments:?}: {out}");
    }
    for arguments in [&["man", "nothing"][..], &["completions", "cmd.exe"], &["completions"]] {
        let Run { code, out, .. } = supconv(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
    }
}
