//! Files as they are read: whole, up to a bound, and none that would keep a run waiting for ever.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;

use crate::python::filename;
use crate::python::integer::Integer;
use crate::threads;

/// How many bytes are read of a configuration unless more are asked for.
pub const MAX_SIZE: u64 = 256 << 20;

/// How long a named pipe is waited for that nobody writes into.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// What the system says.
    System(io::Error),
    /// It has more bytes than this.
    TooLarge(u64),
    /// It is a pipe, of which nobody knows when it ends.
    Pipe,
    /// It is a pipe that nobody writes into.
    Silent,
    /// It is a device, which may never end.
    Device,
    /// It calls itself a regular file and waits for more all the same, as some of /proc do.
    Waits,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => f.write_str(reason(&error.to_string())),
            Self::TooLarge(most) => write!(f, "it is larger than {}; --max-size reads more", Size(*most)),
            Self::Pipe => f.write_str("it is a pipe, not a regular file"),
            Self::Silent => write!(f, "nobody has written into this pipe for {} seconds", PATIENCE.as_secs()),
            Self::Device => f.write_str("it is a device, not a file"),
            Self::Waits => f.write_str("it waits for more, and has no end"),
        }
    }
}

/// What the system says, without its number: `No such file or directory (os error 2)`.
#[must_use]
pub fn reason(error: &str) -> &str {
    error.split(" (os error ").next().unwrap_or(error)
}

/// A number of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub u64);

impl Size {
    /// Of a number; `None` where no file can have so many.
    #[must_use]
    pub fn of(number: &Integer) -> Option<Self> {
        number.to_i64().and_then(|bytes| u64::try_from(bytes).ok()).map(Self)
    }

    /// With the largest unit that it is a multiple of, as Supervisor takes it: `50MB`, `1500`.
    #[must_use]
    pub fn written(self) -> String {
        let Self(bytes) = self;
        let mut units = [(30, "GB"), (20, "MB"), (10, "KB")].into_iter();
        let unit = units.find(|(shift, _)| bytes > 0 && bytes % (1 << shift) == 0);
        unit.map_or_else(|| bytes.to_string(), |(shift, unit)| format!("{}{unit}", bytes >> shift))
    }

    /// Rounded up to a tenth of the largest unit that it fills: `1.1 GB`.
    #[must_use]
    pub fn rounded(self) -> String {
        let Self(bytes) = self;
        let mut units = [(30, "GB"), (20, "MB"), (10, "KB")].into_iter();
        let Some((shift, unit)) = units.find(|(shift, _)| bytes >> shift > 0) else { return self.to_string() };
        let tenths = (u128::from(bytes) * 10).div_ceil(1 << shift);
        match tenths % 10 {
            0 => format!("{} {unit}", tenths / 10),
            tenth => format!("{}.{tenth} {unit}", tenths / 10),
        }
    }
}

impl fmt::Display for Size {
    /// The same in a sentence: `1500 bytes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = self.written();
        let unit = if written.ends_with('B') { "" } else { " bytes" };
        write!(f, "{written}{unit}")
    }
}

/// Reads a file that the user named: a regular one or a pipe, such as a shell makes of `<(command)`.
///
/// # Errors
/// When it cannot be read, or is larger than `most`.
pub fn read(path: &str, most: u64) -> Result<Vec<u8>, Unread> {
    let path = filename::encode(path);
    match read_regular_at(&path, most) {
        Err(Unread::Pipe) => whole(&opened_pipe(path.into_owned())?, 0, most),
        other => other,
    }
}

/// Reads a file that something else named, a pattern or a directory: it must be a regular one.
///
/// # Errors
/// When it is not, cannot be read, or is larger than `most`.
pub fn read_regular(path: &str, most: u64) -> Result<Vec<u8>, Unread> {
    read_regular_at(&filename::encode(path), most)
}

/// Reads standard input.
///
/// # Errors
/// When it cannot be read, or is larger than `most`.
pub fn read_input(most: u64) -> Result<Vec<u8>, Unread> {
    whole(io::stdin().lock(), 0, most)
}

fn read_regular_at(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    // Before it is opened: that waits for the other end of a pipe, and a device may do anything.
    let known = fs::metadata(path)?;
    let kind = known.file_type();
    if kind.is_fifo() {
        return Err(Unread::Pipe);
    }
    // Nothing is in it, as in an empty file.
    let null = || fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == known.rdev());
    if kind.is_block_device() || (kind.is_char_device() && !null()) {
        return Err(Unread::Device);
    }
    if known.len() > most && kind.is_file() {
        return Err(Unread::TooLarge(most));
    }
    let file = File::open(path)?;
    // Not when it is opened: then a file that a server has lent to somebody would be refused.
    rustix::fs::fcntl_setfl(&file, OFlags::NONBLOCK).map_err(io::Error::from)?;
    whole(&file, known.len(), most).map_err(|why| match why {
        Unread::System(error) if error.kind() == io::ErrorKind::WouldBlock => Unread::Waits,
        why => why,
    })
}

/// All that there is to read, of which `expected` bytes are known.
fn whole(from: impl Read, expected: u64, most: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let room = usize::try_from(expected).unwrap_or(usize::MAX).saturating_add(1);
    bytes.try_reserve_exact(room).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Unread::TooLarge(most)) } else { Ok(bytes) }
}

/// Opens a pipe in a thread of its own: where nobody opens the other end it waits for ever, and this run does not.
fn opened_pipe(path: PathBuf) -> Result<File, Unread> {
    if threads::affordable(1) == 0 {
        return Err(io::Error::from(io::ErrorKind::OutOfMemory).into());
    }
    let (send, opened) = mpsc::channel();
    thread::Builder::new().spawn(move || drop(send.send(File::open(path))))?;
    Ok(opened.recv_timeout(PATIENCE).map_err(|_| Unread::Silent)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_for_what_is_known_and_for_what_is_read() {
        let text = |result: Result<Vec<u8>, Unread>| result.map_err(|why| why.to_string());
        let bound = "it is larger than 3 bytes; --max-size reads more";
        assert_eq!(text(whole(&b"abc"[..], 0, 3)), Ok(b"abc".to_vec()));
        assert_eq!(text(whole(&b"abcd"[..], 0, 3)), Err(bound.to_owned()));
        assert_eq!(text(read("src/files.rs", 3)), Err(bound.to_owned()));
        assert_eq!(text(read("/dev/null", 0)), Ok(Vec::new()));
        assert_eq!(text(read("/dev/zero", 3)), Err("it is a device, not a file".to_owned()));
        assert_eq!(
            [MAX_SIZE, 1 << 30, 1500, 0].map(|n| Size(n).to_string()),
            ["256MB", "1GB", "1500 bytes", "0 bytes"]
        );
    }
}
