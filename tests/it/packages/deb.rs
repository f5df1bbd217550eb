//! The Debian package: clean for lintian, and installed, run and removed, in a root folder of its own.

use std::fs;
use std::process::Command;

use super::{VERSION, built, says, succeeds};
use crate::support::desk::{Desk, run};
use crate::support::machine;

/// What lintian may say, and why that is right.
const SAID: [&str; 1] = [
    // It is for who downloads it, not for Debian's archive, where a first upload closes a bug.
    "initial-upload-closes-no-bugs",
];

#[test]
fn lintian_finds_nothing_in_it() {
    let Some(packages) = built() else { return };
    if let Err(why) = machine::program("lintian", "lintian") {
        return machine::passed_over("lintian", &why);
    }
    let mut lintian = Command::new("lintian");
    lintian.args(["--tag-display-limit", "0", "--allow-root", "--fail-on", "none"]);
    let output = lintian.arg(&packages.deb).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let tags: Vec<_> = text.lines().filter(|line| !line.starts_with("N:")).collect();
    let known = |line: &&str| SAID.iter().any(|tag| line.split(' ').nth(2) == Some(tag));
    let new: Vec<_> = tags.iter().filter(|line| !known(line)).collect();
    assert!(new.is_empty(), "{new:#?}");
    let unsaid: Vec<_> = SAID.iter().filter(|tag| !text.contains(*tag)).collect();
    assert!(unsaid.is_empty(), "lintian says this no more: {unsaid:?}");
}

/// What each file of it is for stands in `Cargo.toml`.
#[test]
fn it_is_installed_and_run_and_removed() {
    let Some(packages) = built() else { return };
    if !machine::root() {
        return machine::passed_over("the Debian package", "only root can install it");
    }
    let debian = match machine::second_root() {
        Ok(debian) => debian,
        Err(why) => return machine::passed_over("the Debian package", &why),
    };
    let desk = Desk::new(&[("supervisord.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n")]);
    // A Debian of its own, with glibc and without what keeps documents out of it.
    let root = desk.join("root");
    succeeds(Command::new("cp").args(["--archive", "--reflink=auto"]).arg(debian).arg(&root));
    let _ = fs::remove_file(root.join("etc/dpkg/dpkg.cfg.d/99mmdebstrap"));
    fs::copy(&packages.deb, root.join("tmp/supconv.deb")).unwrap();
    fs::copy(desk.join("supervisord.conf"), root.join("tmp/supervisord.conf")).unwrap();
    let within = |words: &str| {
        let mut chroot = Command::new("chroot");
        chroot.arg(&root).args(words.split(' ')).env_clear();
        chroot.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C");
        chroot
    };
    // Its dependencies are there, or it is refused.
    succeeds(&mut within("dpkg --install /tmp/supconv.deb"));
    assert_eq!(says(&mut within("dpkg --status supconv")).lines().nth(1), Some("Status: install ok installed"));

    assert_eq!(says(&mut within("supconv --version")), format!("supconv {VERSION}\n"));
    let lint = run(&mut within("supconv lint /tmp/supervisord.conf"));
    assert!(lint.code == 1 && lint.out.contains("warning[default-minfds]"), "{lint:?}");
    let listed = says(&mut within("dpkg --listfiles supconv"));
    for file in [
        "/usr/bin/supconv",
        "/usr/share/man/man1/supconv.1.gz",
        "/usr/share/man/man1/supconv-lint.1.gz",
        "/usr/share/man/man1/supconv-to-systemd.1.gz",
        "/usr/share/bash-completion/completions/supconv",
        "/usr/share/zsh/vendor-completions/_supconv",
        "/usr/share/fish/vendor_completions.d/supconv.fish",
        "/usr/share/doc/supconv/README.md",
        "/usr/share/doc/supconv/docs/rules.md",
        "/usr/share/doc/supconv/changelog.gz",
        "/usr/share/doc/supconv/changelog.Debian.gz",
        "/usr/share/doc/supconv/copyright",
    ] {
        assert!(listed.lines().any(|line| line == file) && root.join(&file[1..]).exists(), "no {file} in\n{listed}");
    }
    // Every command has its page, and the completions are those of this program.
    let manual = says(&mut within("supconv man"));
    let pages = manual.lines().filter_map(|line| line.strip_suffix("(1)"));
    let pages: Vec<_> = pages.map(|page| page.replace('\\', "")).collect();
    assert!(pages.len() > 6, "{manual}");
    for page in pages {
        assert!(root.join(format!("usr/share/man/man1/{page}.1.gz")).exists(), "no page {page}");
    }
    let completions = fs::read_to_string(root.join("usr/share/bash-completion/completions/supconv")).unwrap();
    assert_eq!(completions, says(&mut within("supconv completions bash")));

    succeeds(&mut within("dpkg --purge supconv"));
    for file in listed.lines().filter(|line| line.contains("supconv")) {
        assert!(!root.join(&file[1..]).exists(), "{file} stays");
    }
}

/// It asks for no newer glibc than the program does: what the machine that packs it has is newer.
#[test]
fn it_asks_for_no_newer_glibc_than_the_wheel() {
    let Some(packages) = built() else { return };
    let depends = says(Command::new("dpkg-deb").arg("--field").arg(&packages.deb).arg("Depends"));
    assert_eq!(depends.trim(), "libc6 (>= 2.17)");
    let named = packages.wheel.file_name().unwrap().to_str().unwrap();
    assert!(named.contains("manylinux_2_17"), "{named}");
}
