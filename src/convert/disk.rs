//! A plan beside the disk: what is there, and what would become of it.

mod diff;
mod failed;
mod lock;
mod scan;
mod signals;
mod write;

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::convert::{Plan, PlanFile};
use crate::python::filename;
use rustix::fs::{Mode, OFlags};

pub use diff::diff;
pub use failed::Failed;
pub use write::write;

/// Bytes of a file that are read to show how it differs from a shorter one.
const SHOWN: u64 = 4 << 20;

/// What has become of a file, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileState {
    /// It was not there.
    Created,
    /// It is there as the plan has it.
    Unchanged,
    /// It is there with another text, mode or owner, and was left.
    Differs,
    /// It was there with another text, mode or owner.
    Overwritten,
}

impl FileState {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unchanged => "unchanged",
            Self::Differs => "differs",
            Self::Overwritten => "overwritten",
        }
    }
}

/// A file of the plan beside what is on the disk.
#[derive(Debug)]
pub struct Compared<'a> {
    /// The file of the plan.
    pub file: &'a PlanFile,
    /// What is, or would be, done: never [`FileState::Differs`] with `force`.
    pub state: FileState,
    path: PathBuf,
    old: Option<Old>,
}

/// A regular file that is there.
#[derive(Debug)]
struct Old {
    identity: Identity,
    mode: u32,
    owner: u32,
    /// Of a file that differs, unless it is too large or must not be read.
    text: Option<Vec<u8>>,
}

/// By what a file is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
}

impl Identity {
    fn of(found: &Metadata) -> Self {
        Self {
            device: found.dev(),
            inode: found.ino(),
            length: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
        }
    }
}

/// A file that an earlier conversion of the same source has made, and this one does not make.
#[derive(Debug)]
pub struct Stale {
    /// Relative to the directory, as the path of a file of a plan.
    pub name: String,
    path: PathBuf,
    identity: Identity,
}

/// A plan beside its directory.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// Its files, in their order.
    pub files: Vec<Compared<'a>>,
    /// What is left of earlier conversions.
    pub stale: Vec<Stale>,
    /// What else is to be said of the directory, a sentence each.
    pub notes: Vec<String>,
}

/// Compares a plan with a directory, which need not be there; nothing is changed. `force`: what differs would be overwritten.
///
/// # Errors
/// When something that is there cannot be read, or cannot be replaced: it is no regular file, or a name is too long.
pub fn look<'a>(plan: &'a Plan<'_>, directory: &str, force: bool) -> Result<Seen<'a>, Failed> {
    let directory = &*filename::encode(directory);
    let files = plan.files.iter().map(|file| {
        let path = directory.join(&file.path);
        named(&path)?;
        compared(file, path, force)
    });
    let files = files.collect::<Result<_, _>>()?;
    Ok(Seen { files, stale: scan::stale(plan, directory)?, notes: Vec::new() })
}

/// Refuses a name that is too long for the place where it would be: a rename that fails is no time to learn of it.
fn named(path: &Path) -> Result<(), Failed> {
    let here = |above| if above == Path::new("") { Path::new(".") } else { above };
    let Some(place) = path.ancestors().skip(1).map(here).find(|above| above.exists()) else { return Ok(()) };
    let longest = rustix::fs::statvfs(place).map_or(0, |place| place.f_namemax);
    let below = path.strip_prefix(place).unwrap_or(path);
    let long = below.iter().find(|name| longest > 0 && name.len() as u64 > longest);
    long.map_or(Ok(()), |name| {
        Err(Failed::because(path, &format!("a name of {} bytes is too long here, {longest} are possible", name.len())))
    })
}

fn compared(file: &PlanFile, path: PathBuf, force: bool) -> Result<Compared<'_>, Failed> {
    let found = match fs::symlink_metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Compared { file, state: FileState::Created, path, old: None });
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let wrong = path.ancestors().skip(1).find(|above| above.exists()).unwrap_or(&path);
            return Err(Failed::because(wrong, "is not a directory"));
        }
        Err(error) => return Err(Failed::of(&path, &error)),
    };
    if let Some(kind) = irregular(&found) {
        return Err(Failed::because(&path, &format!("is {kind}; only a regular file is replaced")));
    }
    let mode = found.mode() & 0o7777;
    let alike = mode == file.mode && owned(found.uid()) && found.len() == file.text.length() as u64;
    let text = match read(&path, &found, SHOWN.max(file.text.length() as u64)) {
        // Whatever is in it, it differs.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !alike => None,
        text => text.map_err(Failed::at(&path))?,
    };
    let same = alike && text.as_deref() == Some(file.text.to_string().as_bytes());
    let state = match (same, force) {
        (true, _) => FileState::Unchanged,
        (false, true) => FileState::Overwritten,
        (false, false) => FileState::Differs,
    };
    let old = Old { identity: Identity::of(&found), mode, owner: found.uid(), text: text.filter(|_| !same) };
    Ok(Compared { file, state, path, old: Some(old) })
}

/// The account that writes.
fn we() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether nobody but root and the one who writes can change what this account owns.
fn owned(account: u32) -> bool {
    [0, we()].contains(&account)
}

/// What a file is that is no regular one.
fn irregular(found: &Metadata) -> Option<&'static str> {
    let kind = found.file_type();
    if kind.is_file() {
        None
    } else if kind.is_symlink() {
        Some("a symbolic link")
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a named pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

/// The text of a file; none where that is more than `most` bytes.
fn read(path: &Path, found: &Metadata, most: u64) -> io::Result<Option<Vec<u8>>> {
    if found.len() > most {
        return Ok(None);
    }
    let mut text = Vec::new();
    open(path)?.take(most).read_to_end(&mut text)?;
    Ok(Some(text))
}

/// Opens what was a regular file a moment ago, and waits for nobody if it is none now.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}
