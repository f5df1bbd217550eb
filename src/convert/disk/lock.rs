//! The directory of a plan, while it is written: made where it is missing, and locked against other runs.

use std::fs::{self, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::Failed;
use super::signals::Signals;

/// How long another run is waited for before one looks again.
const TURN: Duration = Duration::from_millis(20);
/// How often a directory is made again that another run, which failed, has removed.
const TURNS: u32 = 100;

/// Directories that were made; removed again unless they are kept.
#[derive(Default)]
pub(super) struct Made {
    directories: Vec<PathBuf>,
    pub kept: bool,
}

impl Made {
    /// What was made.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.directories.iter().map(PathBuf::as_path)
    }

    /// Makes a directory and those above it. `mode`: theirs, whatever the umask is.
    pub fn make(&mut self, directory: &Path, mode: Option<u32>) -> io::Result<()> {
        let missing = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
        let missing: Vec<&Path> = directory.ancestors().take_while(missing).collect();
        for above in missing.into_iter().rev() {
            match fs::create_dir(above) {
                Ok(()) => self.directories.push(above.to_owned()),
                // Another run was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && above.is_dir() => continue,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && above.is_symlink() => {
                    return Err(io::Error::other(format!("{} is a symbolic link to nothing", above.display())));
                }
                Err(error) => return Err(error),
            }
            if let Some(mode) = mode {
                fs::set_permissions(above, Permissions::from_mode(mode))?;
            }
        }
        Ok(())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for directory in self.directories.iter().rev().filter(|_| !self.kept) {
            // It stays where somebody has put something into it.
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Makes a directory and locks it for as long as what is returned lives. `waiting` is called once if another run has to be
/// waited for.
pub(super) fn lock(
    directory: &Path,
    made: &mut Made,
    signals: &Signals,
    waiting: &mut dyn FnMut(),
) -> Result<OwnedFd, Failed> {
    let mut told = false;
    for turn in 0.. {
        let opened = made.make(directory, None).and_then(|()| {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(rustix::fs::open(directory, flags, Mode::empty())?)
        });
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound && turn < TURNS => continue,
            Err(error) => return Err(Failed::of(directory, &error)),
        };
        loop {
            match rustix::fs::flock(&opened, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => {
                    if !told {
                        waiting();
                        told = true;
                    }
                    signals.check()?;
                    sleep(TURN);
                }
                Err(Errno::INTR) => {}
                // Some network file systems lock no directory; names that nobody else uses have to do there.
                Ok(()) | Err(_) => break,
            }
        }
        // The run that was waited for may have failed, and removed the directory that it had made.
        let is = rustix::fs::fstat(&opened).map_err(Failed::at(directory))?;
        if fs::metadata(directory).is_ok_and(|now| (now.dev(), now.ino()) == (is.st_dev, is.st_ino)) {
            return Ok(opened);
        }
    }
    Err(Failed::because(directory, "is removed again and again"))
}
