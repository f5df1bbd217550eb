//! A directory that is /lab inside, and the boot of a side of the lab with it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Who starts the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The real supervisord, from `init`.
    #[allow(dead_code, reason = "not every test has both sides")]
    Supervisor,
    /// The real systemd, from `units`.
    Systemd,
}

/// A directory that is /lab inside.
pub struct Lab(pub PathBuf);

impl Lab {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("supconv-lab-{}-{name}", std::process::id()));
        for part in ["units", "out", "bin", "root"] {
            fs::create_dir_all(path.join(part)).unwrap();
        }
        let open = fs::Permissions::from_mode(0o1777);
        fs::set_permissions(path.join("out"), open).unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/probe.rs");
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let built = Command::new(compiler).args(["--edition=2024", "-o"]).arg(path.join("probe")).arg(source).status();
        assert!(built.unwrap().success());
        Self(path)
    }

    /// Waits until these files are there, or the time is over. What was said on the console, or None where this machine
    /// cannot boot it.
    pub fn boot(&self, side: Side, seconds: u64, mut missing: Vec<PathBuf>) -> Option<String> {
        let console = fs::File::create(self.0.join("console")).unwrap();
        let mut child = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/boot.sh"))
            .arg(&self.0)
            .arg(seconds.to_string())
            .arg(if side == Side::Supervisor { "supervisor" } else { "systemd" })
            .stdin(Stdio::null())
            .stdout(console.try_clone().unwrap())
            .stderr(console)
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut ended = None;
        while !missing.is_empty() && ended.is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
            missing.retain(|path| !path.exists());
            ended = child.try_wait().unwrap();
        }
        self.stop(&mut child);
        let console = String::from_utf8_lossy(&fs::read(self.0.join("console")).unwrap()).into_owned();
        match ended.and_then(|status| status.code()) {
            None => Some(console),
            Some(99) => {
                not_run(&format!("{side:?} as PID 1: {}", console.trim()));
                None
            }
            Some(status) => panic!("{side:?} ended with status {status}: {console}"),
        }
    }

    /// Ends `unshare`, and with it all of its namespaces; no other process.
    fn stop(&self, child: &mut Child) {
        if child.try_wait().unwrap().is_none() {
            let pid = fs::read_to_string(self.0.join("pid")).unwrap();
            assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
        }
        child.wait().unwrap();
        let Ok(cgroup) = fs::read_to_string(self.0.join("cgroup")) else { return };
        for _ in 0..20 {
            remove_cgroup(Path::new(cgroup.trim()));
            if !Path::new(cgroup.trim()).exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Says in one line what was passed over and why.
///
/// # Panics
/// With `SUPCONV_TESTS=all` in the environment, where nothing may be passed over.
pub fn not_run(why: &str) {
    let line = format!("NOT RUN: {why}");
    assert!(std::env::var_os("SUPCONV_TESTS").is_none_or(|tests| tests != "all"), "{line}");
    println!("{line}");
}

/// Cgroups have no files to delete, only directories.
fn remove_cgroup(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        remove_cgroup(&entry.path());
    }
    let _ = fs::remove_dir(path);
}
