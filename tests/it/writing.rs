//! `--out`: what is written, whatever else is there.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use crate::support::desk::{Desk, run};

/// Two programs; the second has a file of secrets and one of logrotate.
const TWO: &str = "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=/bin/a\n[program:b]\ncommand=/bin/b\n\
                   environment=DB_PASSWORD=\"sesame opens\"\nstdout_logfile=/var/log/b.log\n";

/// All that is below a directory: modes and texts, by path. Empty where there is none.
type State = BTreeMap<String, (u32, String)>;

fn state(directory: &Path) -> State {
    let mut found = State::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let is = path.symlink_metadata().unwrap();
            let name = path.strip_prefix(directory).unwrap().display().to_string();
            let text = if is.is_file() { fs::read_to_string(&path).unwrap() } else { "no file".to_owned() };
            found.insert(name, (is.mode() & 0o7777, text));
            if is.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

/// A desk with `a.conf`, and no `d`.
fn creating() -> Desk {
    let desk = Desk::in_memory();
    desk.write("a.conf", TWO);
    desk
}

#[test]
fn a_file_has_one_name_however_it_is_typed() {
    let desk = creating();
    fs::create_dir(desk.join("sub")).unwrap();
    assert_eq!(desk.run("to-systemd ./a.conf --out d").code, 0);
    for path in ["a.conf", "././/a.conf", "sub/../a.conf"] {
        let told = desk.run(&format!("to-systemd {path} --out d --check"));
        assert_eq!(told.code, 0, "{path}: {told:?}");
    }
}

/// The commands that are printed install what was made and nothing else, wherever it was made.
#[test]
fn the_printed_commands_install_nothing_of_others() {
    for directory in [".", "d d", "/etc/systemd/system"] {
        let desk = creating();
        for name in ["notes.txt", "etc/passwd", "etc/supconv/other.env", "mine.service"] {
            desk.write(&format!("{}/{name}", if directory.starts_with('/') { "x" } else { directory }), "mine\n");
        }
        let told = if directory.starts_with('/') {
            // Not written: a test stays in its own folder.
            desk.convert("").err
        } else {
            let told = run(&mut desk.command(&["to-systemd", "a.conf", "--out", directory]));
            assert_eq!(told.code, 0, "{told:?}");
            told.out
        };
        let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("  install ")).collect();
        if directory.starts_with('/') {
            let lines: Vec<_> = lines.into_iter().map(str::trim).collect();
            let system = "/etc/systemd/system/etc";
            assert_eq!(
                lines,
                [
                    &*format!("install -D -m 644 -t /etc/logrotate.d -- {system}/logrotate.d/supconv-b"),
                    &*format!("install -D -m 600 -t /etc/supconv -- {system}/supconv/b.env"),
                ]
            );
            continue;
        }
        let root = desk.join("root");
        desk.write("root/etc/supconv/b.env", "open to all\n");
        fs::set_permissions(desk.join("root/etc/supconv/b.env"), fs::Permissions::from_mode(0o644)).unwrap();
        let script = lines.join("\n").replace(" -t /etc", " -t root/etc");
        let installed = run(Command::new("sh").args(["-ec", &script]).current_dir(&desk));
        assert_eq!(installed.code, 0, "{installed:?}");
        let found = state(&root);
        let files: Vec<_> =
            found.iter().filter(|(_, (_, text))| text != "no file").map(|(name, (mode, _))| (&**name, *mode)).collect();
        assert_eq!(
            files,
            [
                ("etc/logrotate.d/supconv-b", 0o644),
                ("etc/supconv/b.env", 0o600),
                ("etc/systemd/system/a.service", 0o644),
                ("etc/systemd/system/b.service", 0o644),
                ("etc/systemd/system/supervisord.target", 0o644),
            ]
        );
        assert!(found.values().all(|(_, text)| text != "mine\n"), "{found:?}");
    }
}
