//! The wheel: on which systems it may be installed, and that it brings the program to a machine without Rust in one command.

use std::fs;
use std::process::Command;

use super::{VERSION, built, path_without_cargo, says, succeeds};
use crate::support::desk::{Desk, run};
use crate::support::{machine, python};

/// The oldest glibc among the systems in use is that of RHEL 8, 2.28.
const GLIBC: (u32, u32) = (2, 28);

/// A file that the program has something to say of.
const FILE: &str = "[supervisord]\nminfds=4096\n[program:web]\ncommand=/srv/web\n";

#[test]
fn a_machine_without_rust_lints_a_file_after_one_command() {
    let Some(packages) = built() else { return };
    let Ok((python, _)) = python::interpreter() else { return };
    let desk = Desk::new(&[("supervisord.conf", FILE)]);
    succeeds(Command::new(python).args(["-m", "venv"]).arg(desk.join("venv")));
    let path = path_without_cargo();
    let mut install = Command::new(desk.join("venv/bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "supconv", "--no-index", "--find-links"]);
    // What a user leaves out: there the index is the usual one.
    succeeds(install.arg(&packages.folder).env("PATH", &path));
    let program = desk.join("venv/bin/supconv");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&desk).env_clear().env("PATH", &path);
        command
    };
    assert_eq!(says(&mut command(&["--version"])), format!("supconv {VERSION}\n"));
    let lint = run(&mut command(&["lint", "supervisord.conf"]));
    assert!(lint.code == 1 && lint.out.contains("warning[program-runs-as-root]"), "{lint:?}");
    succeeds(&mut command(&["to-systemd", "--out", "units", "supervisord.conf"]));
    assert!(fs::read_to_string(desk.join("units/web.service")).unwrap().contains("LimitNOFILE=4096"));
    let metadata = says(Command::new(desk.join("venv/bin/pip")).args(["show", "supconv"]));
    assert!(metadata.contains(&format!("\nVersion: {VERSION}\n")) && metadata.contains("\nRequires: \n"), "{metadata}");
    succeeds(Command::new(desk.join("venv/bin/pip")).args(["uninstall", "--yes", "--quiet", "supconv"]));
    assert!(!program.exists());
}

/// The tag is a promise of the name; what is asked of glibc stands in the program.
#[test]
fn it_runs_on_systems_with_an_old_glibc() {
    let Some(packages) = built() else { return };
    let Ok((python, _)) = python::interpreter() else { return };
    let name = packages.wheel.file_name().unwrap().to_str().unwrap().to_owned();
    let tags = name.strip_prefix(&format!("supconv-{VERSION}-py3-none-")).unwrap().strip_suffix(".whl").unwrap();
    let tagged = |tag: &str| {
        let (major, minor) = tag.strip_prefix("manylinux_")?.split_once('_')?;
        Some((major.parse::<u32>().ok()?, minor.split('_').next()?.parse::<u32>().ok()?))
    };
    let promised = tags.split('.').filter_map(tagged).max().unwrap_or_else(|| panic!("no manylinux tag: {name}"));
    assert!(promised <= GLIBC, "{name}");

    if let Err(why) = machine::program("objdump", "binutils") {
        return machine::passed_over("the symbols of glibc", &why);
    }
    let desk = Desk::new(&[]);
    succeeds(Command::new(python).args(["-m", "zipfile", "-e"]).arg(&packages.wheel).arg(&*desk));
    let program = desk.join(format!("supconv-{VERSION}.data/scripts/supconv"));
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let text = fs::read(desk.join(format!("supconv-{VERSION}.dist-info/licenses/{licence}"))).unwrap();
        assert_eq!(text, fs::read(licence).unwrap());
    }
    let symbols = says(Command::new("objdump").arg("-T").arg(&program));
    let version = |symbol: &str| {
        let mut parts = symbol.split('.').map(|part| part.parse::<u32>().ok());
        Some((parts.next()??, parts.next()??))
    };
    let asked = symbols.split("GLIBC_").skip(1).filter_map(|rest| version(rest.split([')', ' ', '\n']).next()?));
    let asked: Vec<_> = asked.collect();
    assert!(asked.len() > 50, "{symbols}");
    let newest = asked.iter().max().unwrap();
    assert!(*newest <= promised, "the wheel promises {promised:?}, and asks for {newest:?}");

    // Nothing of the compiler's own is loaded with it.
    let needed = says(Command::new("objdump").arg("-p").arg(&program));
    let needed: Vec<_> = needed.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(str::trim).collect();
    let glibc = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2", "libm.so.6", "librt.so.1"];
    assert!(needed.iter().all(|library| glibc.contains(library)), "{needed:?}");
    let size = fs::metadata(&program).unwrap().len();
    assert!(size < 6_000_000, "the program has {size} bytes");
}
