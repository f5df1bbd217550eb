//! `lint --diff`: what `patch` and `git apply` make of it is what `--fix` writes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::desk::{Desk, words};
use crate::support::machine;

/// One safe fix.
const PART: &str = "[program:a]\ncommand=/a\nuser=u\nautostart=Y\n";

fn mended(text: &str) -> String {
    text.replace("autostart=Y", "autostart=yes")
}

/// Whether both programs are there.
fn programs() -> bool {
    let missing = [("patch", "patch"), ("git", "git")].map(|(name, package)| machine::program(name, package));
    missing.into_iter().all(|found| found.inspect_err(|why| machine::passed_over("what patch takes", why)).is_ok())
}

/// Applies what `--diff` prints, from where it was printed, in both ways; `git` only says whether it would.
fn patch(desk: &Desk, arguments: &[&OsStr]) {
    let diff = desk.command(&["lint", "--diff"]).args(arguments).output().unwrap();
    let printed = String::from_utf8_lossy(&diff.stdout).into_owned();
    assert_eq!((diff.status.code(), &*diff.stderr), (Some(1), &b""[..]), "{arguments:?}");
    desk.write("p.diff", &diff.stdout);
    let above = desk.parent().unwrap();
    let passes = |Output { status, stdout, stderr }: Output| {
        let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        assert!(status.success() && !said.contains("offset"), "{arguments:?}: {said}{printed}");
    };
    let mut git = Command::new("git");
    git.args(["apply", "-p0", "--check", "--verbose", "p.diff"]).env("GIT_CEILING_DIRECTORIES", above);
    passes(git.current_dir(desk).output().unwrap());
    passes(Command::new("patch").args(["-p0", "-F0", "-i", "p.diff"]).current_dir(desk).output().unwrap());
}

#[test]
fn each_diff_is_taken_wherever_its_lines_are() {
    if !programs() {
        return;
    }
    for above in 0..12 {
        let text = "; above\n".repeat(above) + PART + &"; below\n".repeat(12);
        let desk = Desk::of(&text);
        patch(&desk, &["a.conf".as_ref()]);
        assert_eq!(fs::read_to_string(desk.join("a.conf")).unwrap(), mended(&text));
    }
}

/// Neither follows a link, nor `..`.
#[test]
fn files_behind_links_and_in_a_root_are_named_themselves() {
    if !programs() {
        return;
    }
    let main = "[supervisord]\nuser=root\nminfds=65536\n[include]\nfiles=../d/*.conf\n";
    let desk = Desk::new(&[("root/etc/m.conf", main), ("root/d/p.conf", PART), ("far/a.conf", PART), ("l/x", "")]);
    symlink("../far/a.conf", desk.join("l/z.conf")).unwrap();
    for arguments in ["--root root /etc/m.conf", "l/z.conf"] {
        patch(&desk, &words(arguments).into_iter().map(OsStr::new).collect::<Vec<_>>());
    }
    for path in ["root/d/p.conf", "far/a.conf"] {
        assert_eq!(fs::read_to_string(desk.join(path)).unwrap(), mended(PART), "{path}");
    }
}

/// Names that have to be quoted, bytes that are no UTF-8, CRLF, no line end at the end; several files at once.
#[test]
fn odd_names_and_bytes_come_through() {
    if !programs() {
        return;
    }
    let names: [&[u8]; 6] =
        [b"a b.conf", b"a\"b.conf", b"a\\b.conf", b"a\tb.conf", "caf\u{e9}.conf".as_bytes(), b"caf\xe9.conf"];
    let texts: [&[u8]; 4] = [
        PART.as_bytes(),
        b"[program:a]\r\ncommand=/a\r\nuser=u\r\nautostart=Y\r\n",
        b"[program:a]\nuser=u\ncommand=/a ; caf\xe9\nautostart=Y",
        b"; one\n\n; two\n[program:a]\nuser=u\ncommand=/a\nautostart=Y ; so\n\n; end",
    ];
    for text in texts {
        let names = names.map(OsStr::from_bytes);
        let [mended, patched] = [0; 2].map(|_| {
            let desk = Desk::new(&[]);
            for name in names {
                fs::write(desk.join(name), text).unwrap();
            }
            desk
        });
        let fixed = mended.command(&["lint", "--fix"]).args(names).output().unwrap();
        assert!(fixed.status.code().is_some_and(|code| code < 2), "{fixed:?}");
        patch(&patched, &names);
        for name in names {
            let of = |desk: &Path| fs::read(desk.join(name)).unwrap();
            assert_ne!(of(&mended), text, "{name:?}");
            assert_eq!(of(&mended), of(&patched), "{name:?}");
        }
    }
}
