//! What a test needs of the machine: it is there, or it is installed, or the test is passed over, which is said.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// `SUPCONV_TESTS=all`: what is missing is installed, and nothing is passed over.
pub fn all() -> bool {
    env::var_os("SUPCONV_TESTS").is_some_and(|tests| tests == "all")
}

/// Says once what is passed over and why.
///
/// # Panics
/// With `SUPCONV_TESTS=all`, where nothing may be passed over.
pub fn passed_over(what: &str, why: &str) {
    assert!(!all(), "passed over: {what}: {why}");
    said(what, why);
}

/// The same for what cannot be required, since it is no part of the project.
pub fn said(what: &str, why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let line = format!("passed over: {what}: {}\n", why.trim().replace('\n', " "));
    if SAID.lock().unwrap().insert(line.clone()) {
        // In one piece, and past the harness, which keeps a passing test's output to itself.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// Whether a program is on this machine. With `SUPCONV_TESTS=all` its package is installed where it is not.
///
/// # Errors
/// Why it is not there.
pub fn program(name: &str, package: &str) -> Result<(), String> {
    if runs(name) {
        return Ok(());
    }
    install(&[package])?;
    if runs(name) { Ok(()) } else { Err(format!("{name} is not there, although {package} is installed")) }
}

/// Installs packages of Debian, with `SUPCONV_TESTS=all` and by root only; each is tried once.
///
/// # Errors
/// Why they are not installed.
pub fn install(packages: &[&str]) -> Result<(), String> {
    static TRIED: Mutex<BTreeMap<String, Result<(), String>>> = Mutex::new(BTreeMap::new());
    let names = packages.join(" ");
    if !all() {
        return Err(format!("{names} is not installed; SUPCONV_TESTS=all installs it"));
    }
    // Held while it installs: what others want of the same package has to wait for it.
    let mut tried = TRIED.lock().unwrap();
    if let Some(before) = tried.get(&names) {
        return before.clone();
    }
    let lists = || apt_get(&["update"]);
    let packages = [&["install", "-y", "--no-install-recommends"], packages].concat();
    let ended = apt_get(&packages).or_else(|_| lists().and_then(|()| apt_get(&packages)));
    tried.insert(names, ended.clone());
    ended
}

/// A program from the registry of Rust, by its package and its own name, built once and kept. With `SUPCONV_TESTS=all` it is
/// built where it is not there, with these arguments too.
///
/// # Errors
/// Why it is not there.
pub fn crate_of_cargo(name: &str, program: &str, version: &str, more: &[&str]) -> Result<PathBuf, String> {
    let home = cache()?.join(format!("{name}-{version}"));
    let program = home.join("bin").join(program);
    if program.is_file() {
        return Ok(program);
    }
    if !all() {
        return Err(format!("{name} {version} is not there; SUPCONV_TESTS=all builds it"));
    }
    let built = home.join("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["install", "--locked", "--quiet", "--version", version, name, "--root"]).arg(&home).args(more);
    let output = cargo.env("CARGO_TARGET_DIR", &built).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cargo install {name}: {error}"))?;
    drop(std::fs::remove_dir_all(&built));
    let said = String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or("failed").to_owned();
    if program.is_file() { Ok(program) } else { Err(format!("cargo install {name}: {said}")) }
}

/// The folder of the modules of a package of npm, put there once and kept. With `SUPCONV_TESTS=all` it is fetched where it is
/// not there.
///
/// # Errors
/// Why it is not there.
pub fn package_of_npm(name: &str, version: &str) -> Result<PathBuf, String> {
    program("node", "nodejs")?;
    let home = cache()?.join(format!("npm-{name}-{version}"));
    let modules = home.join("node_modules");
    if modules.join(name).join("package.json").is_file() {
        return Ok(modules);
    }
    if !all() {
        return Err(format!("{name} {version} is not kept here; SUPCONV_TESTS=all fetches it"));
    }
    program("npm", "npm")?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
        .arg(&home);
    npm.arg(format!("{name}@{version}")).stdin(Stdio::null());
    let mut said = String::new();
    // A registry that does not answer at once may do so a little later.
    for pause in [0, 5, 20] {
        thread::sleep(Duration::from_secs(pause));
        let output = npm.output().map_err(|error| format!("npm install {name}: {error}"))?;
        if output.status.success() {
            return Ok(modules);
        }
        let error = String::from_utf8_lossy(&output.stderr);
        said = error.trim().lines().last().map_or_else(|| "failed".to_owned(), str::to_owned);
    }
    Err(format!("npm install {name}: {said}"))
}

/// The suite of Debian whose systemd the lab boots too, 257, and what is installed there beside what is essential.
const SECOND_ROOT: &str = "trixie systemd";

/// Debian 12 with programs that people run under Supervisor, whose units `--tune` makes.
const PROGRAMS_ROOT: &str = "bookworm systemd nginx-light redis-server memcached haproxy php8.2-fpm postgresql-15 gunicorn celery python3-redis";

/// A small root folder of a newer Debian, built once and kept. With `SUPCONV_TESTS=all` it is built where it is not there.
///
/// # Errors
/// Why it is not there.
pub fn second_root() -> Result<PathBuf, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    // Others wait while one builds it.
    BUILT.get_or_init(|| root_folder(SECOND_ROOT)).clone()
}

/// The same of the one with programs.
///
/// # Errors
/// Why it is not there.
pub fn programs_root() -> Result<PathBuf, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(|| root_folder(PROGRAMS_ROOT)).clone()
}

/// A root folder: its suite, and what is installed there beside what is essential.
fn root_folder(words: &str) -> Result<PathBuf, String> {
    let folder = cache()?.join(words.replace(' ', "-"));
    if folder.is_dir() {
        return Ok(folder);
    }
    if !all() {
        return Err(format!("its root folder ({words}) is not there; SUPCONV_TESTS=all builds it"));
    }
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/root.sh")).arg(&folder).args(words.split(' '));
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("bash: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().lines().last().unwrap_or("failed").to_owned();
    if folder.is_dir() { Ok(folder) } else { Err(format!("its root folder ({words}): {said}")) }
}

/// Other processes that install something are waited for.
fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command.args(["-qq", "-o", "DPkg::Lock::Timeout=300"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    let said = |text: &[u8]| String::from_utf8_lossy(text).trim().lines().last().unwrap_or("failed").to_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("apt-get {}: {}", arguments.join(" "), said(&output.stderr))),
        Err(error) => Err(format!("apt-get {}: {error}", arguments.join(" "))),
    }
}

fn runs(name: &str) -> bool {
    Command::new(name).arg("--version").stdin(Stdio::null()).output().is_ok()
}

/// Whether this is root, who alone may have namespaces and other users.
pub fn root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

/// Where what is costly to build is kept from one run to the next, by version.
///
/// # Errors
/// When the environment names no place.
pub fn cache() -> Result<PathBuf, String> {
    let given = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    given("XDG_CACHE_HOME")
        .or_else(|| given("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("supconv-tests"))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME is set".to_owned())
}
