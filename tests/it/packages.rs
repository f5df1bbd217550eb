//! What is handed out: the packages of a release, built once by `packaging/build.sh` as a release builds them, installed and run.

mod action;
mod container;
mod deb;
mod library;
mod licences;
mod versions;
mod wheel;
mod workflow;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::support::{machine, python};

/// What packs the Debian package; `.ci/run` builds it, beside what else takes long.
pub const CARGO_DEB: &str = "3.8.0";

/// The version that everything has.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `packaging/build.sh` makes.
pub struct Packages {
    /// The folder that has nothing but them.
    pub folder: PathBuf,
    pub wheel: PathBuf,
    pub deb: PathBuf,
}

/// The packages, or none where a test may be passed over: they are a release build, which nobody waits for by chance.
///
/// # Panics
/// When they cannot be built although all is there that it takes.
pub fn built() -> Option<&'static Packages> {
    static BUILT: OnceLock<Option<Packages>> = OnceLock::new();
    BUILT.get_or_init(build).as_ref()
}

fn build() -> Option<Packages> {
    if !machine::all() {
        machine::passed_over("the packages", "they are a release build; SUPCONV_TESTS=all builds them");
        return None;
    }
    let python = python::tool(&tools())?;
    let deb = machine::crate_of_cargo("cargo-deb", "cargo-deb", CARGO_DEB, &["--no-default-features"]);
    let deb = deb.map_err(|why| machine::passed_over("the packages", &why)).ok()?;
    if let Err(why) = machine::program("xz", "xz-utils") {
        machine::passed_over("the packages", &why);
        return None;
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let folder = place.join("out");
    let _ = fs::remove_dir_all(&folder);
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/build.sh")).arg(&folder);
    command.env("PATH", path_with(&[&python, deb.parent().unwrap(), Path::new(env!("CARGO")).parent().unwrap()]));
    command.env("CARGO_TARGET_DIR", place.join("target")).stdin(Stdio::null());
    succeeds(&mut command);
    let one = |ending: &str| {
        let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files = files.filter(|path| path.to_string_lossy().ends_with(ending));
        let one = files.next().unwrap_or_else(|| panic!("no {ending} in {}", folder.display()));
        assert_eq!(files.next(), None);
        one
    };
    let (wheel, deb) = (one(".whl"), one(".deb"));
    Some(Packages { folder, wheel, deb })
}

/// What pip installs of `packaging/tools.txt`.
fn tools() -> String {
    let tools = include_str!("../../packaging/tools.txt").lines().filter(|line| !line.starts_with('#'));
    tools.collect::<Vec<_>>().join(" ")
}

/// PATH with these folders before it.
pub fn path_with(folders: &[&Path]) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.iter().map(|folder| folder.to_path_buf()).chain(env::split_paths(&path))).unwrap()
}

/// PATH of a machine without Rust.
pub fn path_without_cargo() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let without = env::split_paths(&path).filter(|folder| !folder.join("cargo").exists());
    env::join_paths(without).unwrap()
}

/// Runs a command that has to succeed.
pub fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
    output
}

/// The same, and what it prints.
pub fn says(command: &mut Command) -> String {
    String::from_utf8_lossy(&succeeds(command).stdout).into_owned()
}
