//! `supconv.toml`: which one counts, what its keys do, what the command line replaces, and what is said of a wrong one.

use crate::support::desk::Desk;
use serde_json::{Value, json};
use supconv::settings;

const FILE: &str =
    "[supervisord]\n[program:web]\ncommand=gunicorn shop.wsgi\nuser=www\n[program:job]\ncommand=/srv/job\nuser=root\n";

/// The codes of all findings with their severities, sorted.
fn said(desk: &Desk, arguments: &str) -> Vec<String> {
    let document = desk.json(&format!("lint --format json {arguments}"));
    let one = |one: &Value| format!("{} {}", one["rule"].as_str().unwrap(), one["severity"].as_str().unwrap());
    let mut all: Vec<String> = document["findings"].as_array().unwrap().iter().map(one).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn the_nearest_file_counts_and_no_other() {
    let desk = Desk::new(&[
        ("a.conf", FILE),
        ("x/b.conf", FILE),
        ("x/y/c.conf", FILE),
        ("supconv.toml", "ignore = [\"SUP1\"]\n"),
        ("x/y/supconv.toml", ""),
    ]);
    let has = |path: &str, code: &str| said(&desk, path).iter().any(|one| one.starts_with(code));
    assert!(!has("a.conf", "SUP101") && !has("x/b.conf", "SUP101") && has("x/y/c.conf", "SUP101"));
    assert!(has("--isolated a.conf", "SUP101") && has("--settings x/y/supconv.toml a.conf", "SUP101"));
    assert!(!has("--settings supconv.toml x/y/c.conf", "SUP101"));
    assert_eq!(desk.run("lint --isolated --settings supconv.toml a.conf").code, 2);
    // Files of one run may have different ones.
    let document = desk.json("lint --format json a.conf x/y/c.conf");
    let of = |path: &str| {
        document["findings"].as_array().unwrap().iter().any(|one| one["path"] == path && one["rule"] == "SUP101")
    };
    assert!(!of("a.conf") && of("x/y/c.conf"));
    // Standard input lies where it says, else here.
    let concise = |flags: &str| desk.run_with(&format!("lint --format concise {flags} -"), FILE).out;
    assert!(!concise("").contains("default-minfds"));
    assert!(concise("--stdin-filename x/y/z.conf").contains("default-minfds"));
}

#[test]
fn each_key_does_what_it_says() {
    for (toml, flags, has, hasnt) in [
        ("", "", "SUP101 warning", "SUP801"),
        ("ignore = [\"default-minfds\", \"SUP20\"]", "", "SUP308 warning", "SUP101"),
        ("ignore = [\"default-minfds\", \"SUP20\"]", "", "SUP308 warning", "SUP20"),
        ("min-severity = \"error\"", "", "", "SUP"),
        ("min-severity = \"error\"", "--min-severity info", "SUP308 warning", "SUP801"),
        ("[severity]\nSUP101 = \"error\"\nSUP3 = \"info\"", "", "SUP101 error", "SUP308"),
        ("[severity]\nSUP3 = \"info\"\nSUP308 = \"error\"", "", "SUP308 error", "SUP308 info"),
        // The name of a rule counts more than that of its family, whichever comes first.
        ("[severity]\nSUP308 = \"error\"\nSUP3 = \"info\"", "", "SUP308 error", "SUP308 info"),
        ("[per-path-ignores]\n\"*.conf\" = [\"SUP101\"]", "", "SUP308 warning", "SUP101"),
        ("[per-path-ignores]\n\"x/*.conf\" = [\"SUP101\"]", "", "SUP101 warning", "SUP9"),
        ("ignore = [\"SUP101\"]", "--select SUP101,SUP3", "SUP101 warning", "SUP201"),
        ("ignore = [\"SUP101\"]", "--select SUP1,SUP3", "SUP308 warning", "SUP101"),
        // Both are ignored: the option adds to the key.
        ("ignore = [\"SUP101\"]", "--ignore SUP308", "SUP201 warning", "SUP308"),
        ("ignore = [\"SUP101\"]", "--ignore SUP308", "SUP201 warning", "SUP101"),
        ("target = \"container\"", "", "SUP801 error", "SUP9"),
        ("target = \"container\"", "--target host", "SUP308 warning", "SUP801"),
        ("target = \"systemd\"\nmin-severity = \"info\"", "", "SUP907 info", "SUP801"),
        ("target = \"systemd\"", "--select SUP907 --min-severity info", "SUP907 info", "SUP1"),
    ] {
        let desk = Desk::new(&[("a.conf", FILE), ("supconv.toml", toml)]);
        let all = said(&desk, &format!("{flags} a.conf"));
        assert!(has.is_empty() || all.iter().any(|one| one == has), "{toml} {flags}: {all:?}");
        assert!(all.iter().all(|one| !one.starts_with(hasnt)), "{toml} {flags}: {all:?}");
    }
}

#[test]
fn an_environment_closes_the_world() {
    let text = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\nuser=a\ncommand=/a %(ENV_X)s\n";
    let desk =
        Desk::new(&[("conf/a.conf", text), ("supconv.toml", "env-file = \"env/prod\"\n"), ("env/prod", "Y=1\n")]);
    assert!(said(&desk, "conf/a.conf").contains(&"SUP603 error".to_owned()));
    assert_eq!(desk.run("lint --env X=1 conf/a.conf").code, 0);
    // --env adds to env-file, and replaces a variable of it; --env-file replaces the key.
    let command = |flags: &str| {
        let document = desk.json(&format!("show --format json {flags} conf/b.conf"));
        document["groups"][0]["programs"][0]["command"].clone()
    };
    desk.write("conf/b.conf", text.replace("%(ENV_X)s", "%(ENV_X)s %(ENV_Y)s"));
    assert_eq!(command("--env X=2"), json!("/a 2 1"));
    assert_eq!(command("--env X=2 --env Y=3"), json!("/a 2 3"));
    desk.write("other", "X=1\n");
    assert_eq!(desk.run("lint --env-file other conf/a.conf").code, 0);
    assert!(said(&desk, "--env-file other conf/b.conf").contains(&"SUP603 error".to_owned()));
    // The other commands read it too.
    assert_eq!(desk.json("show --format json conf/a.conf")["ok"], json!(false));
    assert_eq!(desk.run("to-systemd conf/a.conf").code, 1);
    desk.write("supconv.toml", "\n\nenv-file = \"env/none\"\n");
    let run = desk.run("lint conf/a.conf");
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("supconv.toml:3:12: env-file "), "{}", run.err);
    assert_eq!(desk.run("to-systemd conf/a.conf").code, 2);
}

/// What is included is under the settings of the file that is named, whatever lies beside it.
#[test]
fn includes_are_under_the_settings_of_the_named_file() {
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=../other/*.conf\n";
    let part = "[program:job]\ncommand=/srv/job\nuser=root\n";
    let desk = Desk::new(&[
        ("etc/a.conf", main),
        ("other/p.conf", part),
        ("other/supconv.toml", "ignore = [\"SUP201\"]\n"),
        ("supconv.toml", "[per-path-ignores]\n\"nothing.conf\" = [\"SUP2\"]\n"),
        ("nothing.conf", ""),
    ]);
    assert_eq!(said(&desk, "etc/a.conf"), ["SUP201 warning"]);
    assert_eq!(said(&desk, "other/p.conf"), Vec::<String>::new());
    // Patterns are held against the file in which the finding stands.
    desk.write("supconv.toml", "[per-path-ignores]\n\"other/*.conf\" = [\"SUP2\"]\n");
    assert_eq!(said(&desk, "etc/a.conf"), Vec::<String>::new());
    desk.write("supconv.toml", "[per-path-ignores]\n\"etc/*.conf\" = [\"SUP2\"]\n");
    assert_eq!(said(&desk, "etc/a.conf"), ["SUP201 warning"]);
    desk.write("etc/supconv.toml", "[severity]\nSUP201 = \"error\"\n");
    assert_eq!(said(&desk, "etc/a.conf"), ["SUP201 error"]);
}

#[test]
fn lines_are_read_as_the_python_of_the_settings_reads_them() {
    // Up to 3.12 the first ; and the first # are looked at together: the space before # cuts.
    let text = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\nuser=a\ncommand=/a a;b ;c #d\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let command = |desk: &Desk| {
        let document = desk.json("show --format json a.conf");
        document["groups"][0]["programs"][0]["command"].as_str().unwrap().to_owned()
    };
    let (old, new) = ("/a a;b ;c", "/a a;b");
    assert_eq!((said(&desk, "a.conf"), command(&desk).as_str()), (vec!["SUP016 warning".to_owned()], old));
    for (python, cut) in [("3.8", old), ("3.11", old), ("3.12", old), ("3.13", new), ("3.14", new)] {
        desk.write("supconv.toml", format!("python = \"{python}\"\n"));
        assert_eq!(command(&desk), cut, "{python}");
        assert_eq!(said(&desk, "a.conf"), Vec::<String>::new(), "{python}");
        // Nor is it mended, since nothing is wrong.
        assert_eq!(desk.run("lint --fix a.conf").code, 0);
        assert_eq!(std::fs::read_to_string(desk.join("a.conf")).unwrap(), text, "{python}");
    }
}

#[test]
fn what_is_wrong_is_said_at_its_place_and_other_files_are_linted() {
    for (toml, expected) in [
        ("ignroe = []\n", "supconv.toml:1:1: unknown key 'ignroe': did you mean 'ignore'?"),
        ("\nxyzzy = 1\n", "supconv.toml:2:1: unknown key 'xyzzy': the keys are ignore, "),
        ("ignore = \"SUP1\"\n", "supconv.toml:1:10: write a list of rules in [ ], not a text"),
        ("ignore = [\"SUP999\"]\n", "supconv.toml:1:11: no rule is called SUP999"),
        ("ignore = [\"default-minfs\"]\n", "did you mean default-minfds?"),
        ("ignore = [\"SUP001\"]\n", "supconv.toml:1:11: parse-error cannot be ignored"),
        ("[severity]\nparse-error = \"info\"\n", "supconv.toml:2:1: parse-error cannot be ignored"),
        ("[severity]\nSUP101 = \"eror\"\n", "supconv.toml:2:10: unknown severity 'eror': did you mean 'error'?"),
        ("min-severity = 3\n", "supconv.toml:1:16: write a severity in quotes, not a number"),
        ("target = \"docker\"\n", "supconv.toml:1:10: unknown target 'docker': write auto, host, container"),
        ("python = \"2.7\"\n", "supconv.toml:1:10: unknown Python '2.7'"),
        ("python = 3.11\n", "supconv.toml:1:10: write a version such as \"3.11\" in quotes, not a float"),
        ("env-file = \"\"\n", "supconv.toml:1:12: write a path; this text is empty"),
        ("[per-path-ignores]\n\"a[\" = []\n", "supconv.toml:2:1: bad pattern 'a[': '[' has no ']'"),
        ("ignore = [\n", "supconv.toml:"),
        ("ignore = []\nignore = []\n", "supconv.toml:2:1: duplicate key"),
    ] {
        let desk = Desk::new(&[("a.conf", FILE), ("supconv.toml", toml), ("x/b.conf", FILE), ("x/supconv.toml", "")]);
        let run = desk.run("lint --format json a.conf x/b.conf");
        assert_eq!(run.code, 2, "{toml}");
        assert!(run.err.lines().any(|line| line.contains(expected)), "{toml}: {}", run.err);
        let document = run.json();
        assert!(document["errors"][0]["message"].as_str().unwrap().contains(expected), "{toml}: {document}");
        assert!(document["findings"].as_array().unwrap().iter().all(|one| one["path"] == "x/b.conf"), "{toml}");
        assert!(!document["findings"].as_array().unwrap().is_empty());
        for command in ["show a.conf", "to-systemd a.conf", "settings"] {
            let run = desk.run(command);
            assert_eq!(run.code, 2, "{command}: {toml}");
            assert!(run.err.contains(expected), "{command}: {}", run.err);
        }
    }
    // In the order of the file, and the later of two names of one rule counts.
    let toml = "target = \"x\"\nignore = 1\n[severity]\nSUP101 = 1\n";
    let desk = Desk::new(&[("a.conf", FILE), ("supconv.toml", toml)]);
    let lines: Vec<_> =
        desk.run("lint a.conf").err.lines().map(|line| line.split(':').nth(1).unwrap().to_owned()).collect();
    assert_eq!(lines, ["1", "2", "4"]);
    desk.write("supconv.toml", "[severity]\nprogram-runs-as-root = \"info\"\nSUP201 = \"error\"\n");
    assert!(said(&desk, "a.conf").contains(&"SUP201 error".to_owned()));
    let desk = Desk::new(&[("a.conf", FILE)]);
    desk.write("supconv.toml", b"ignore = []\n# caf\xe9\n");
    assert!(desk.run("lint a.conf").err.starts_with("supconv.toml:2:6: this byte is not UTF-8"));
    let desk = Desk::new(&[("a.conf", FILE), ("supconv.toml/x", "")]);
    let run = desk.run("lint a.conf");
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.starts_with("supconv.toml: "), "{}", run.err);
    assert_eq!(desk.run("lint --settings none.toml a.conf").code, 2);
}

#[test]
fn patterns_that_match_nothing_are_said() {
    let toml = "[per-path-ignores]\n\"a.conf\" = [\"SUP101\"]\n\"old/*.conf\" = [\"SUP2\"]\n\"../b.conf\" = []\n";
    let desk = Desk::new(&[("a.conf", FILE), ("supconv.toml", toml), (".hidden/old.conf", "")]);
    let run = desk.run("lint a.conf");
    let expected = "supconv.toml:3:1: the pattern 'old/*.conf' matches no file\n\
                    supconv.toml:4:1: the pattern '../b.conf' matches no file\n";
    assert_eq!((run.code, run.err.as_str()), (1, expected));
    assert_eq!(desk.run("lint -q a.conf").err, "");
    let document = desk.json("settings --format json");
    assert_eq!(document["unmatched"], json!(["old/*.conf", "../b.conf"]));
}

#[test]
fn settings_are_shown_with_where_they_come_from() {
    let toml = "ignore = [\"SUP202\", \"program-runs-as-root\"]\n[severity]\nSUP101 = \"error\"\n";
    let desk = Desk::new(&[("x/a.conf", FILE), ("supconv.toml", toml)]);
    let document = desk.json("settings x --format json --target host");
    assert_eq!((&document["schema"], &document["path"]), (&json!("supconv.settings/1"), &json!("x")));
    assert_eq!(document["file"], json!("supconv.toml"));
    let settings = &document["settings"];
    assert_eq!(settings["ignore"], json!({"value": ["SUP201", "SUP202"], "from": "file", "line": 1}));
    assert_eq!(settings["target"], json!({"value": "host", "from": "command-line", "line": null}));
    assert_eq!(settings["min-severity"], json!({"value": "warning", "from": "default", "line": null}));
    assert_eq!(settings["severity"], json!({"value": {"SUP101": "error"}, "from": "file", "line": 2}));
    let names: Vec<_> = settings.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), settings::KEYS.len());
    let table = desk.run("settings x/a.conf").out;
    assert!(table.lines().any(|line| line.starts_with("ignore") && line.ends_with("supconv.toml:1")), "{table}");
    assert!(table.lines().any(|line| line.starts_with("target") && line.ends_with("default")), "{table}");
    // As lint finds it.
    let rooted = Desk::new(&[("r/etc/a.conf", FILE), ("r/etc/supconv.toml", "target = \"host\"\n")]);
    assert_eq!(rooted.json("settings --root r --format json /etc/a.conf")["file"], json!("r/etc/supconv.toml"));
    let none = desk.json("settings --isolated --format json");
    assert_eq!(none["file"], Value::Null);
}
