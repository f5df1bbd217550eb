//! The formats that code hosts read: `tests/it/hosts/judge.py` holds them against the JSON of the same run, and the schemas of those who
//! read them accept them.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::corpus;
use crate::support::desk::{Desk, run};
use crate::support::{machine, python};

const FORMATS: &[&str] = &["json", "sarif", "github", "gitlab", "junit"];

/// Files with what is hard to write in one of the formats, and names that are.
fn desk() -> Desk {
    let desk = Desk::new(&[
        ("clean.conf", "[supervisord]\nuser=root\nminfds=65536\n"),
        ("a b:c,d%25#?.conf", "[program:]]>&<\"\u{1b}[1m]\ncommand=/srv/a\n"),
        ("ä/::error.conf", "[program:\u{fffe}::\u{202e}x]\ncommand=x %\r\nstopsignl=1\n"),
        ("twice.conf", "[supervisord]\n[program:a]\ncommand=a\nstopsignl=1\nstopsignl=2\n[program:a]\nautostrat=1\n"),
        ("lines.conf", "[program:a]\ncommand=a\nenvironment=A=\"1\"\n  B=\"2\"\n"),
    ]);
    let latin = desk.join(OsStr::from_bytes(b"caf\xe9.conf"));
    fs::write(latin, b"[supervisord]\n[program:\xe9]\ncommand=a\n").unwrap();
    desk
}

/// The documents of one run in each format, in files of the desk, which are named like formats.
fn written(desk: &Desk) {
    let mut paths: Vec<PathBuf> = corpus::all().iter().map(|path| fs::canonicalize(path).unwrap()).collect();
    let own = fs::read_dir(&**desk).unwrap().map(|entry| PathBuf::from(entry.unwrap().file_name()));
    paths.extend(own.filter(|path| path.extension().is_some()));
    paths.extend(["./ä/../ä/::error.conf", "missing.conf", "clean.conf/x"].map(PathBuf::from));
    paths.sort();
    let mut documents = Vec::new();
    for format in FORMATS {
        let mut command = desk.command(&["lint", "--min-severity", "info", "--pedantic", "--format", format]);
        let output = command.args(&paths).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{format}");
        documents.push((format, output.stdout));
    }
    for (format, document) in documents {
        fs::write(desk.join(format), document).unwrap();
    }
}

#[test]
fn all_formats_say_the_same() {
    let desk = desk();
    written(&desk);
    let Ok((python, _)) = python::interpreter() else { return machine::passed_over("the formats", "no Python") };
    let judge = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/hosts/judge.py");
    let output = Command::new(python).args(["-X", "utf8", "-I", judge]).arg(&*desk).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim().is_empty(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn those_who_read_them_accept_them() {
    let schemas = env::var_os("SUPCONV_SCHEMAS").map_or_else(|| PathBuf::from("../shared/schemas"), PathBuf::from);
    let Ok(schemas) = fs::canonicalize(&schemas) else {
        return machine::said(&schemas.display().to_string(), "it is not here");
    };
    let desk = desk();
    written(&desk);
    for (tool, program, arguments) in [
        ("check-jsonschema==0.29.4", "check-jsonschema", ["--schemafile", "sarif-schema-2.1.0.json", "sarif"]),
        ("xmlschema==3.4.3", "xmlschema-validate", ["--schema", "junit-10.xsd", "junit"]),
    ] {
        let Some(tools) = python::tool(tool) else { return };
        let [flag, schema, document] = arguments;
        let mut command = Command::new(tools.join(program));
        let output = command.arg(flag).arg(schemas.join(schema)).arg(desk.join(document)).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// A finding is the same one after a line has been put before it.
#[test]
fn a_fingerprint_outlives_the_insertion_of_a_line() {
    let fingerprints = |desk: &Desk| {
        let found: Value = desk.run("lint --format gitlab a.conf").json();
        let found = found.as_array().unwrap().clone();
        found.iter().map(|one| one["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let text = "[supervisord]\n[program:a]\ncommand=a\nstopsignl=1\n[program:b]\ncommand=b\nstopsignl=1\n";
    let desk = Desk::of(text);
    let before = fingerprints(&desk);
    desk.write("a.conf", format!("; a comment\n\n{text}"));
    assert_eq!(fingerprints(&desk), before);
    assert!(before.len() > 3, "{before:?}");
    desk.write("a.conf", text.replace("[program:b]", "[program:c]"));
    assert_ne!(fingerprints(&desk), before);
}

/// The same bytes in every environment.
#[test]
fn nothing_of_the_environment_is_in_a_document() {
    let desk = desk();
    for format in FORMATS {
        let lint = || desk.command(&["lint", "--format", format, "twice.conf", "clean.conf"]);
        let plain = run(&mut lint());
        let other = run(lint().env("COLUMNS", "40").env("FORCE_COLOR", "1").env("LANG", "de_DE.UTF-8"));
        assert_eq!((plain.code, &plain.out), (1, &other.out), "{format}");
    }
    // Nothing to find is a document too.
    for (format, document) in [("gitlab", "[]\n"), ("github", "")] {
        let clean = desk.run(&format!("lint --format {format} clean.conf"));
        assert_eq!((clean.code, &*clean.out), (0, document), "{clean:?}");
    }
}

#[test]
fn a_file_gets_the_document_and_the_screen_the_report() {
    let desk = desk();
    let document = desk.run("lint --format sarif twice.conf");
    let people = desk.run("lint twice.conf");
    let both = desk.run("lint --format sarif --output-file out.sarif twice.conf");
    assert_eq!((both.code, &both.out), (1, &people.out));
    assert_eq!(fs::read_to_string(desk.join("out.sarif")).unwrap(), document.out);
    // What is no regular file is written as it is.
    let both = desk.run("lint --format github --output-file /dev/stderr clean.conf twice.conf");
    assert_eq!(both.err, desk.run("lint --format github clean.conf twice.conf").out);
    // Of a link the target is written, and a file keeps its mode.
    std::os::unix::fs::symlink("out.sarif", desk.join("link")).unwrap();
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = desk.join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(desk.run(&format!("lint --format json --output-file {name} twice.conf")).code, 1);
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!(mode("link"), 0o640);
    assert!(desk.join("link").is_symlink());
    assert_eq!(fs::read_to_string(desk.join("out.sarif")).unwrap(), desk.run("lint --format json twice.conf").out);
    for (file, why) in
        [("gone/out", "No such file or directory"), ("ä", "Is a directory"), ("clean.conf/x", "Not a directory")]
    {
        let failed = desk.run(&format!("lint --format json --output-file {file} twice.conf"));
        assert_eq!((failed.code, &failed.out), (2, &people.out));
        assert!(failed.err.contains(&format!("--output-file {file}: {why}")), "{failed:?}");
    }
    let names: Vec<_> = fs::read_dir(&*desk).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".supconv")), "{names:?}");
    let refused = desk.run("lint --statistics --output-file out twice.conf");
    assert!(refused.code == 2 && refused.err.contains("cannot be used with"), "{refused:?}");
}
