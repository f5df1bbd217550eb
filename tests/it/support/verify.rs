//! `systemd-analyze verify` in a private copy of a root folder, this machine's or another, that has whatever the units name.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::desk::Desk;
use super::machine;

/// Lays a tmpfs over the root folder in a mount namespace of its own, adds stubs there and calls the verifier inside. Exit status
/// 99: the machine does not allow that.
const SCRIPT: &str = r#"
set -eu
work=$1 below=$2 manager=$3
prepare() {
    mount --make-rprivate / && mount -t tmpfs tmpfs "$work/root" &&
    mkdir "$work/root/upper" "$work/root/work" "$work/root/all" &&
    mount -t overlay overlay -o "lowerdir=$below,upperdir=$work/root/upper,workdir=$work/root/work" "$work/root/all" &&
    mount -t proc proc "$work/root/all/proc" && mount --rbind /dev "$work/root/all/dev"
}
prepare || exit 99
all=$work/root/all
stub() {
    if [ ! -e "$all$1" ]; then
        mkdir -p -- "$all${1%/*}"
        printf '#!/bin/sh\n' > "$all$1"
        chmod 755 -- "$all$1"
    fi
}
while IFS= read -r -d '' name; do
    case $name in
        /*) stub "$name" ;;
        *) stub "/usr/local/bin/$name" ;;
    esac
done < "$work/executables"
uid=7000
while IFS= read -r -d '' name; do
    uid=$((uid + 1))
    case $name in
        *[!0-9]*) number=$uid ;;
        *) number=$name name=u$name ;;
    esac
    if ! grep -q "^[^:]*:[^:]*:$number:" "$all/etc/passwd" && ! cut -d: -f1 "$all/etc/passwd" | grep -qxF -e "$name"; then
        printf '%s:x:%s:%s::/:/bin/sh\n' "$name" "$number" "$number" >> "$all/etc/passwd"
        printf '%s:x:%s:\n' "$name" "$number" >> "$all/etc/group"
    fi
done < "$work/users"
mkdir "$all/supconv-units"
cp -- "$work"/units/* "$all/supconv-units/"
mkdir -p "$all/run"
exec chroot "$all" env "HOME=/root" "XDG_RUNTIME_DIR=/run" sh -c 'systemd-analyze "$1" verify --man=no /supconv-units/*' verify "$manager"
"#;

/// Requires exit status 0 and an empty standard error, but for the remark on names of users that are not strict.
/// An executable without `/` is put where systemd looks for bare names. None where this machine cannot do it; with
/// `SUPCONV_TESTS=all` that is a failure.
///
/// # Panics
/// When temporary files cannot be written, and with `SUPCONV_TESTS=all` as said.
#[must_use]
pub fn verify(units: &[(String, String)], executables: &[String], users: &[String]) -> Option<Result<(), String>> {
    verify_by(Path::new("/"), units, executables, users)
}

/// The same for a user manager.
///
/// # Panics
/// As `verify`.
#[must_use]
pub fn verify_for_users(units: &[(String, String)], executables: &[String]) -> Option<Result<(), String>> {
    verify_as(Path::new("/"), "--user", units, executables, &[])
}

/// The same by the systemd of another root folder.
///
/// # Panics
/// As `verify`.
#[must_use]
pub fn verify_by(
    root: &Path,
    units: &[(String, String)],
    executables: &[String],
    users: &[String],
) -> Option<Result<(), String>> {
    verify_as(root, "--system", units, executables, users)
}

fn verify_as(
    root: &Path,
    manager: &str,
    units: &[(String, String)],
    executables: &[String],
    users: &[String],
) -> Option<Result<(), String>> {
    if let Err(why) = machine::program("systemd-analyze", "systemd") {
        return missing(&why);
    }
    let work = Desk::new(&[]);
    fs::create_dir(work.join("root")).unwrap();
    fs::create_dir(work.join("units")).unwrap();
    for (name, text) in units {
        fs::write(work.join("units").join(name), text).unwrap();
    }
    fs::write(work.join("executables"), terminated(executables)).unwrap();
    fs::write(work.join("users"), terminated(users)).unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "bash", "-c", SCRIPT, "verify"])
        .arg(&*work)
        .arg(root)
        .arg(manager)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.code() != Some(99) && !was_refused(&output) => Some(judged(&output)),
        Ok(output) => missing(&String::from_utf8_lossy(&output.stderr)),
        Err(error) => missing(&error.to_string()),
    }
}

fn judged(output: &Output) -> Result<(), String> {
    let errors: Vec<_> = String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter(|line| {
            !(line.contains("Accepting user/group name '")
                && line.ends_with("', which does not match strict user/group name rules."))
        })
        .map(ToOwned::to_owned)
        .collect();
    if output.status.success() && errors.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, errors.join("\n")))
}

/// `unshare` itself could not make the namespace.
fn was_refused(output: &Output) -> bool {
    output.stderr.starts_with(b"unshare:")
}

fn missing<T>(why: &str) -> Option<T> {
    machine::passed_over("systemd-analyze verify", why);
    None
}

fn terminated(names: &[String]) -> Vec<u8> {
    names.iter().flat_map(|name| name.bytes().chain([0])).collect()
}
