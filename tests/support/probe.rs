//! A program for the lab: writes what it was started with to `/lab/out/UNIT.*`.
use std::io::Write as _;
use std::{fs, io};

fn main() -> io::Result<()> {
    // The unit's name is in the cgroup: nothing that is under test has to be right for it.
    let cgroup = fs::read_to_string("/proc/self/cgroup")?;
    let unit = cgroup.trim_end().rsplit('/').next().unwrap_or_default();
    let write = |what: &str, bytes: &[u8]| fs::File::create(format!("/lab/out/{unit}.{what}"))?.write_all(bytes);
    write("argv", &fs::read("/proc/self/cmdline")?)?;
    write("environ", &fs::read("/proc/self/environ")?)?;
    write("cwd", fs::read_link("/proc/self/cwd")?.as_os_str().as_encoded_bytes())?;
    write("status", &fs::read("/proc/self/status")?)?;
    write("limits", &fs::read("/proc/self/limits")?)?;
    // Last: the test waits for it.
    write("done", b"")
}
