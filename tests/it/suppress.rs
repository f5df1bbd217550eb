//! Comments that ignore findings: what each of them reaches, and what is said of those that reach nothing.

use std::fs;

use crate::support::desk::{Desk, Run};
use serde_json::Value;

/// Exit code and standard output of `supconv lint` in a directory.
fn lint(desk: &Desk, arguments: &str) -> (i32, String) {
    let Run { code, out, err } = desk.run(&format!("lint {arguments}"));
    assert!(err.is_empty(), "{arguments}: {err}");
    (code, out)
}

/// `rule:line` of all findings, infos too, and how many are suppressed.
fn found(desk: &Desk, arguments: &str) -> (Vec<String>, u64) {
    let (_, out) = lint(desk, &format!("--format json --min-severity info {arguments}"));
    let document: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    let found = document["findings"].as_array().unwrap().iter();
    let found = found.map(|one| format!("{}:{}", one["rule"].as_str().unwrap(), one["start"]["line"])).collect();
    (found, document["summary"]["suppressed"].as_u64().unwrap())
}

/// What stands above each text of the table: four lines with nothing to find.
const HEAD: &str = "[supervisord]\nuser=root\nminfds=65536\n\n";

/// A text, what stays of its findings (lines counted from the first of the text), and how many are ignored.
const REACH: &[(&str, &[&str], u64)] = &[
    // Without any comment.
    ("[program:a]\ncommand=a\nuser=a\nstartsecs=x\n", &["SUP010:4"], 0),
    // Above the option, after it, by name and by code in capitals or not, with either mark.
    ("[program:a]\ncommand=a\nuser=a\n; supconv: ignore[invalid-value] why\nstartsecs=x\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\n# supconv: ignore[SUP010]\nstartsecs=x\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\nstartsecs=x ; supconv: ignore[sup010]\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\nstartsecs=x\t#supconv:ignore[SUP010]because\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\nstartsecs : x ;;; supconv: ignore [ SUP101 , SUP010 ]\n", &["SUP019:4"], 1),
    // After another comment; across blank lines and comments; two above one another.
    ("[program:a]\ncommand=a\nuser=a\nstartsecs=x ; five # supconv: ignore[SUP010]\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\n; supconv: ignore[SUP010]\n\n; other\nstartsecs=x\n", &[], 1),
    ("; supconv: ignore[SUP010]\n; supconv: ignore[SUP201]\n[program:a]\ncommand=a\nstartsecs=x\n", &[], 2),
    // The next option is another one, and so is the next section.
    ("[program:a]\ncommand=a\nuser=a\n; supconv: ignore[SUP010]\nstartsecs=x\nstopwaitsecs=x\n", &["SUP010:6"], 1),
    (
        "[program:a]\ncommand=a\nuser=a\nautostart=true ; supconv: ignore[SUP010]\nstartsecs=x\n",
        &["SUP019:4", "SUP010:5"],
        0,
    ),
    (
        "; supconv: ignore[SUP010]\n[program:a]\ncommand=a\nuser=a\nstartsecs=x\n[program:b]\ncommand=b\nuser=b\nstartsecs=x\n",
        &["SUP010:9"],
        1,
    ),
    // After a header: the section. What is said at the header is the section's.
    ("[program:a] ; supconv: ignore[SUP010, SUP201]\ncommand=a\nstartsecs=x\nstopwaitsecs=x\n", &[], 3),
    ("[program:a]\ncommand=a ; supconv: ignore[SUP201]\n", &["SUP201:1", "SUP019:2"], 0),
    // A second section of the name is one of its own.
    (
        "; supconv: ignore[SUP010]\n[program:a]\ncommand=a\nuser=a\nstartsecs=x\n[program:b]\ncommand=b\nuser=b\n\
         [program:a]\nstopwaitsecs=x\n",
        &["SUP010:10"],
        1,
    ),
    // Only what is named.
    ("[program:a]\ncommand=a\nstartsecs=x\n; supconv: ignore[SUP010]\n", &["SUP201:1", "SUP010:3", "SUP019:4"], 0),
    ("; supconv: ignore[SUP201]\n[program:a]\ncommand=a\nstartsecs=x\n", &["SUP010:4"], 1),
    // The whole file, wherever it stands; a finding about what the file lacks can be ignored so and in no other way.
    ("[program:a]\ncommand=a\nstartsecs=x\n; supconv: ignore-file[SUP010, program-runs-as-root] why\n", &[], 2),
    ("[program:a]\ncommand=a ; supconv: ignore-file[SUP010]\nuser=a\nstartsecs=x\n", &[], 1),
    // A value of many lines is one option: a comment on any of them, and on a line between them, speaks of it.
    ("[program:a]\ncommand=a\nuser=a\nenvironment=A=1,\n  B ; supconv: ignore[SUP601]\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\nenvironment=A=1, ; supconv: ignore[SUP601]\n  B\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\nenvironment=A=1,\n; supconv: ignore[SUP601]\n  B\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a\nenvironment=A=1,\n  ; supconv: ignore[SUP601]\n\n  B\n", &[], 1),
    (
        "[program:a]\ncommand=a\nuser=a\nenvironment=A=1,\n  B\n  ; supconv: ignore[SUP601]\nstartsecs=1\n",
        &["SUP601:5", "SUP019:6"],
        0,
    ),
    // Without white space before it, it is text of the value, as the marker of any comment.
    ("[program:a]\ncommand=a\nuser=a\nstartsecs=x;supconv: ignore[SUP010]\n", &["SUP010:4"], 0),
    ("[program:a]\ncommand=a;supconv: ignore[SUP201]\n", &["SUP201:1"], 0),
    // What cannot be read cannot be ignored; the rest of the file can.
    ("[program:a]\ncommand=a\nuser=a\nautostart ; supconv: ignore[parse-error]\n", &["SUP001:4", "SUP018:4"], 0),
    ("; supconv: ignore-file[SUP001]\n[program:a]\ncommand=a\nuser=a\nautostart\n", &["SUP018:1", "SUP001:5"], 0),
    ("[program:a]\ncommand=a\nuser=a\nautostart\nstartsecs=x ; supconv: ignore[SUP010]\n", &["SUP001:4"], 1),
    // A family names its rules. It is of use if one of them is; and it never hides what cannot be read, or that it ignores nothing.
    ("[program:a]\ncommand=a\nuser=a\nstartsecs=x ; supconv: ignore[SUP0]\n", &[], 1),
    ("; supconv: ignore[sup01, SUP2]\n[program:a]\ncommand=a\nstartsecs=x\n", &[], 2),
    ("; supconv: ignore-file[SUP0]\n[program:a]\ncommand=a\nuser=a\nautostart\nstartsecs=x\n", &["SUP001:5"], 1),
    // Of SUP60 not all run here.
    ("[program:a]\ncommand=a\nuser=a ; supconv: ignore[SUP60, SUP601]\n", &["SUP019:3"], 0),
    ("[program:a]\ncommand=a ; supconv: ignore[SUP2]\n", &["SUP201:1"], 0),
    // Rules of conversions are of use elsewhere.
    ("[program:a]\ncommand=a\nuser=a\npriority=1 ; supconv: ignore[not-convertible]\n", &[], 0),
    // Of no use: nothing found, nothing after it, said twice.
    ("[program:a]\ncommand=a\nuser=a ; supconv: ignore[SUP201]\n", &["SUP019:3"], 0),
    ("[program:a]\ncommand=a\nuser=a\n; supconv: ignore[SUP010]\n", &["SUP019:4"], 0),
    (
        "; supconv: ignore[SUP010]\n[program:a]\ncommand=a\nuser=a\nstartsecs=x ; supconv: ignore[SUP010]\n",
        &["SUP019:1"],
        1,
    ),
    ("[program:a]\ncommand=a\nuser=a ; supconv: ignore[SUP201, unused-ignore]\n", &[], 1),
    ("[program:a]\ncommand=a\nuser=a ; supconv: ignore[unused-ignore]\n", &["SUP019:3"], 0),
    ("[program:a]\ncommand=a\nuser=a ; supconv: ignore[nothing, unknown-ignore]\n", &[], 1),
];

#[test]
fn a_comment_reaches_what_it_stands_at() {
    let desk = Desk::new(&[]);
    let mut wrong = Vec::new();
    for (text, stay, ignored) in REACH {
        for line_end in ["\n", "\r\n"] {
            fs::write(desk.join("a.conf"), format!("{HEAD}{text}").replace('\n', line_end)).unwrap();
            // The table speaks of these rules; more of them may come that find something in its texts.
            let expected: Vec<String> = stay
                .iter()
                .map(|one| one.split_once(':').unwrap())
                .map(|(rule, line)| format!("{rule}:{}", line.parse::<usize>().unwrap() + 4))
                .collect();
            let seen = found(&desk, "--select SUP010,SUP018,SUP019,SUP101,SUP201,SUP601 a.conf");
            if seen != (expected, *ignored) {
                wrong.push(format!("{text}-- {seen:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A comment, and what is said of it: the text that is pointed at, the beginning of the message, the help.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("supconv: ignore", "supconv: ignore", "this ignore comment names no rule", "write ; supconv: ignore[rule"),
    ("supconv: ignore SUP010", "supconv: ignore", "this ignore comment names no rule", "write ; supconv: ignore[rule"),
    ("supconv: ignore-file", "supconv: ignore-file", "this ignore comment names no rule", "write ; supconv"),
    ("supconv: ignore[]", "supconv: ignore[]", "this ignore comment names no rule", "write ; supconv"),
    ("supconv: ignore[ , ] x", "supconv: ignore[ , ]", "this ignore comment names no rule", "write ; supconv"),
    ("supconv: ignore[SUP010", "supconv: ignore[SUP010", "the list of rules has no closing ]", "write ; supconv"),
    ("supconv: ignroe[SUP010]", "supconv: ignroe", "'supconv: ignroe' is not an instruction", "write ; supconv"),
    ("supconv: Ignore[SUP010]", "supconv: Ignore", "'supconv: Ignore' is not an instruction", "write ; supconv"),
    ("supconv: disable=SUP010", "supconv: disable", "'supconv: disable' is not an instruction", "write ; supconv"),
    ("supconv: skip[SUP010]", "supconv: skip", "'supconv: skip' is not an instruction", "write ; supconv"),
    ("supconv: ignore[invalid-valeu]", "invalid-valeu", "'invalid-valeu' is not a rule", "did you mean invalid-value?"),
    ("supconv: ignore[minfds]", "minfds", "'minfds' is not a rule", ""),
    ("supconv: ignore[SUP999]", "SUP999", "'SUP999' is not a rule", "did you mean SUP909?"),
    ("supconv: ignore[SUP]", "SUP", "'SUP' is not a rule", "`supconv rule` lists them"),
    ("supconv: ignore[SUP66]", "SUP66", "'SUP66' is not a rule", ""),
    ("supconv: ignore[SUP001]", "SUP001", "'SUP001' cannot be ignored", "correct the line"),
    ("supconv: ignore[*]", "*", "'*' is not a rule", "`supconv rule` lists them"),
    ("supconv: ignore[parse-error]", "parse-error", "'parse-error' cannot be ignored", "correct the line"),
];

#[test]
fn comments_that_ignore_nothing_are_found() {
    let desk = Desk::new(&[]);
    for (comment, text, message, help) in MISTAKES {
        let file = format!("{HEAD}[program:a]\ncommand=a\nuser=a\n; {comment}\nautostart=true\n");
        fs::write(desk.join("a.conf"), &file).unwrap();
        let (code, out) = lint(&desk, "--format json a.conf");
        let document: Value = serde_json::from_str(&out).unwrap();
        let found = document["findings"].as_array().unwrap();
        assert_eq!((code, found.len()), (1, 1), "{comment}: {out}");
        let byte = |edge: &str| usize::try_from(found[0][edge]["byte"].as_u64().unwrap()).unwrap();
        assert_eq!(file.get(byte("start")..byte("end")), Some(*text), "{comment}");
        assert!(found[0]["message"].as_str().unwrap().starts_with(message), "{comment}: {out}");
        assert!(found[0]["help"].as_str().unwrap().starts_with(help), "{comment}: {out}");
        assert_eq!(found[0]["rule"], "SUP018");
    }
}

/// Prose that begins with our name or speaks of it.
#[test]
fn comments_that_are_not_meant_for_us_are_left_alone() {
    let desk = Desk::new(&[]);
    for comment in [
        "supconv: see docs/deploy.md",
        "supconv : ignore[SUP010]",
        "made for supconv: ignore what it says",
        "supconv ignore[SUP010]",
        "supconv:",
        "supconvert: ignore[SUP010]",
    ] {
        fs::write(desk.join("a.conf"), format!("{HEAD}; {comment}\n[program:a]\ncommand=a\nuser=a\n")).unwrap();
        assert_eq!(found(&desk, "a.conf"), (vec![], 0), "{comment}");
    }
}

#[test]
fn no_ignores_shows_all_and_calls_no_comment_unused() {
    let text = format!(
        "{HEAD}[program:a]\ncommand=a\nuser=a ; supconv: ignore[SUP201]\nstartsecs=x ; supconv: ignore[SUP010]\n"
    );
    let desk = Desk::new(&[("a.conf", &text)]);
    assert_eq!(found(&desk, "a.conf"), (vec!["SUP019:7".to_owned()], 1));
    assert_eq!(found(&desk, "--no-ignores a.conf"), (vec!["SUP010:8".to_owned()], 0));
}

#[test]
fn what_is_hidden_counts_as_found_and_is_not_counted() {
    let text = format!("{HEAD}[include]\nfiles=/nowhere/*.conf ; supconv: ignore[SUP701]\n");
    let desk = Desk::new(&[("a.conf", &text)]);
    assert_eq!(found(&desk, "a.conf"), (vec![], 1));
    // SUP701 is an info here: with the default threshold it would not be shown.
    let (code, out) = lint(&desk, "--format json a.conf");
    assert!(code == 0 && out.contains("\"suppressed\":0"), "{out}");
    assert_eq!(lint(&desk, "a.conf"), (0, String::new()));
}

#[test]
fn what_did_not_run_is_not_called_unused() {
    let text = format!("{HEAD}[program:a]\ncommand=a\nuser=a ; supconv: ignore[SUP201, SUP010]\n");
    let desk = Desk::new(&[("a.conf", &text)]);
    for (flags, unused) in [
        ("", 2),
        ("--ignore SUP201", 1),
        ("--ignore SUP0,SUP2", 0),
        ("--select SUP0", 1),
        ("--select SUP201,SUP019", 1),
        ("--select SUP201", 0),
    ] {
        assert_eq!(found(&desk, &format!("{flags} a.conf")).0.len(), unused, "{flags}");
    }
}

/// An ignore for a rule of conversions is of use to them, and to a lint that asks them.
#[test]
fn a_comment_for_a_conversion_is_unused_only_where_one_is_asked() {
    let text = format!(
        "{HEAD}[program:a]\ncommand=/a\nuser=a\n; supconv: ignore[not-convertible] nobody listens\n\
         stdout_events_enabled=true\n; supconv: ignore[SUP903, kill-scope-differs]\nstopwaitsecs=5\n"
    );
    let desk = Desk::new(&[("a.conf", &text)]);
    assert_eq!(found(&desk, "a.conf"), (vec![], 0));
    assert_eq!(found(&desk, "--select SUP903,SUP019 --target systemd a.conf"), (vec!["SUP019:10".to_owned()], 1));
    assert_eq!(
        found(&desk, "--select SUP901,SUP019 --target systemd a.conf")
            .0
            .iter()
            .filter(|one| *one == "SUP019:10")
            .count(),
        1
    );
    assert_eq!(found(&desk, "--select SUP903 --target systemd --no-ignores a.conf"), (vec!["SUP903:9".to_owned()], 0));
    let (code, out) = lint(&desk, "--target systemd a.conf");
    assert_eq!(
        (code, out.as_str()),
        (0, "1 file, no findings (1 ignored by comments, 21 infos hidden: --min-severity info)\n")
    );
    // A comment above a section takes what holds for all of it, and leaves the other sections theirs.
    let text = format!(
        "{HEAD}; supconv: ignore[execution-differs]\n[program:a]\ncommand=/a\nuser=a\n[program:b]\ncommand=/b\nuser=b\n"
    );
    fs::write(desk.join("b.conf"), text).unwrap();
    let (left, ignored) = found(&desk, "--select SUP908 --target systemd b.conf");
    assert_eq!((left, ignored), (vec!["SUP908:10".to_owned(); 4], 4));
}

#[test]
fn a_comment_counts_in_its_own_file_however_it_is_read() {
    let include = "[include]\nfiles=conf.d/*.conf\n";
    let main = format!("{HEAD}; supconv: ignore-file[SUP010]\n{include}[program:m]\ncommand=m\nuser=m\nstartsecs=x\n");
    let part = "; supconv: ignore[SUP201]\n[program:p]\ncommand=p\nstartsecs=x\n";
    let other = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=conf.d/p.conf\n";
    let desk = Desk::new(&[("main.conf", &main), ("other.conf", other), ("conf.d/p.conf", part)]);
    // SUP010 of the include stays: the main file ignores its own.
    assert_eq!(found(&desk, "main.conf"), (vec!["SUP010:4".to_owned()], 2));
    // Read twice, as an include of two files and as a file that is named: said once, used once, unused nowhere.
    for arguments in ["main.conf other.conf", "other.conf main.conf", "main.conf conf.d other.conf", "conf.d main.conf"]
    {
        assert_eq!(found(&desk, arguments), (vec!["SUP010:4".to_owned()], 2), "{arguments}");
    }
    // A fragment alone: programs there do not know as whom supervisord runs.
    assert_eq!(found(&desk, "--no-include main.conf"), (vec![], 1));
}

#[test]
fn people_are_told_how_many_are_ignored() {
    let clean = format!("{HEAD}[program:a]\ncommand=a\nuser=a\nstartsecs=x ; supconv: ignore[SUP010]\n");
    let half = format!("{clean}stopwaitsecs=x\n");
    let desk = Desk::new(&[("clean.conf", &clean), ("half.conf", &half)]);
    assert_eq!(lint(&desk, "clean.conf"), (0, "1 file, no findings (1 ignored by comments)\n".to_owned()));
    let (code, out) = lint(&desk, "half.conf");
    assert!(code == 1 && out.ends_with("\n1 error in 1 file (1 ignored by comments)\n"), "{out}");
    assert_eq!(lint(&desk, "--format concise clean.conf"), (0, String::new()));
    assert_eq!(lint(&desk, "-q clean.conf"), (0, String::new()));
    assert_eq!(lint(&desk, "--statistics clean.conf"), (0, "1 file, no findings (1 ignored by comments)\n".to_owned()));
}

/// A file may hold as many comments as it likes.
#[test]
fn very_many_comments_and_findings_do_not_hang() {
    let mut text = HEAD.to_owned();
    let program = |n| format!("; supconv: ignore[SUP010, SUP101]\n[program:a{n}]\ncommand=a\nuser=a\nstartsecs=x\n");
    text.extend((0..20_000).map(program));
    text.push_str("[program:b]\ncommand=b\nuser=b\nstartsecs=x ");
    text.push_str(&"; supconv: ignore[SUP010] ".repeat(20_000));
    let desk = Desk::new(&[("a.conf", &text)]);
    let begin = std::time::Instant::now();
    let (_, out) = lint(&desk, "--format json a.conf");
    assert!(out.contains("\"suppressed\":20001"), "{}", out.get(out.len().saturating_sub(200)..).unwrap_or(&out));
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}
