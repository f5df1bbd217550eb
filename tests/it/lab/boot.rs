//! A directory that is /lab inside, and the boot of a side of the lab with it.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::support::desk::Desk;
use crate::support::machine;

/// Who starts the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The real supervisord, from `init`.
    Supervisor,
    /// The real systemd, from `units`.
    Systemd,
    /// The real pitchfork, from `init`.
    Pitchfork,
    /// The real Horust, from `init`.
    Horust,
}

/// A directory that is /lab inside.
pub struct Lab {
    desk: Desk,
    /// The root folder of which a copy is all else inside.
    root: PathBuf,
}

impl Deref for Lab {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Lab {
    pub fn new() -> Self {
        Self::within(Path::new("/"))
    }

    /// With all else from this root folder.
    pub fn within(root: &Path) -> Self {
        let desk = Desk::new(&[]);
        for part in ["units", "out", "bin", "root"] {
            fs::create_dir(desk.join(part)).unwrap();
        }
        fs::set_permissions(desk.join("out"), fs::Permissions::from_mode(0o1777)).unwrap();
        fs::copy(probe(), desk.join("probe")).unwrap();
        Self { desk, root: root.to_owned() }
    }

    /// Waits until these files are there, or the time is over. What was said on the console, or None where this machine
    /// cannot boot it.
    pub fn boot(&self, side: Side, seconds: u64, missing: Vec<PathBuf>) -> Option<String> {
        let _beside = BOOTED.read().unwrap_or_else(PoisonError::into_inner);
        self.booted(side, seconds, missing)
    }

    /// The same while nothing else is booted: what is measured by the clock of others has no answer late.
    pub fn boot_alone(&self, side: Side, seconds: u64, missing: Vec<PathBuf>) -> Option<String> {
        let _alone = BOOTED.write().unwrap_or_else(PoisonError::into_inner);
        self.booted(side, seconds, missing)
    }

    fn booted(&self, side: Side, seconds: u64, mut missing: Vec<PathBuf>) -> Option<String> {
        if let Err(why) = machine::program("systemd-analyze", "systemd") {
            machine::passed_over("the lab", &why);
            return None;
        }
        let console = fs::File::create(self.join("console")).unwrap();
        let mut child = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/boot.sh"))
            .arg(self.as_os_str())
            .arg(seconds.to_string())
            .arg(if side == Side::Systemd { "systemd" } else { "supervisor" })
            .arg(&self.root)
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
        let console = String::from_utf8_lossy(&fs::read(self.join("console")).unwrap()).into_owned();
        match ended.and_then(|status| status.code()) {
            None => Some(console),
            Some(99) => {
                machine::passed_over(&format!("{side:?} as PID 1"), &console);
                None
            }
            Some(status) => panic!("{side:?} ended with status {status}: {console}"),
        }
    }

    /// Ends `unshare`, and with it all of its namespaces; no other process.
    fn stop(&self, child: &mut Child) {
        if child.try_wait().unwrap().is_none() {
            let pid = fs::read_to_string(self.join("pid")).unwrap();
            assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
        }
        child.wait().unwrap();
        let Ok(cgroup) = fs::read_to_string(self.join("cgroup")) else { return };
        for _ in 0..20 {
            remove_cgroup(Path::new(cgroup.trim()));
            if !Path::new(cgroup.trim()).exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Held by each system that is booted, and by one that has to be alone.
static BOOTED: RwLock<()> = RwLock::new(());

/// The program that says what it was started with, built once.
fn probe() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
        let made = built.with_extension(std::process::id().to_string());
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/probe.rs");
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let status = Command::new(compiler).args(["--edition=2024", "-o"]).arg(&made).arg(source).status();
        assert!(status.unwrap().success());
        // Another run of the tests may be at it too.
        fs::rename(&made, &built).unwrap();
        built
    })
}

/// Cgroups have no files to delete, only directories.
fn remove_cgroup(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        remove_cgroup(&entry.path());
    }
    let _ = fs::remove_dir(path);
}
