//! One process as the kernel tells of it in /proc (proc(5)); and all of them, each with its children.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use rustix::io::Errno;

use crate::launcher::Limits;
use crate::python::filename;

/// The number of a process.
pub type Pid = u32;

/// A mounted /proc.
#[derive(Clone, Debug)]
pub struct Proc {
    root: PathBuf,
}

/// What /proc/PID/stat says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Its number.
    pub pid: Pid,
    /// The first 15 bytes of the name of its program, or of what it calls itself.
    pub command: String,
    /// A letter: `Z` is a process that has ended, and whose parent has not noticed it.
    pub state: char,
    /// Its parent.
    pub parent: Pid,
    /// Its process group.
    pub group: Pid,
    /// Its session.
    pub session: Pid,
    /// Whether the kernel is just ending it (`PF_EXITING`).
    pub exiting: bool,
    /// When it was started, in clock ticks since the boot: another process of the same number has another one.
    pub started: u64,
}

impl Stat {
    /// Whether it has ended, or has nothing left and is about to have ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.exiting || matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// Whether what could not be read was of a process that is gone.
#[must_use]
pub fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(Errno::SRCH.raw_os_error())
}

impl Default for Proc {
    /// This machine's own.
    fn default() -> Self {
        Self::at("/proc")
    }
}

impl Proc {
    /// Mounted there.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The path of what /proc has of a process.
    #[must_use]
    pub fn path(&self, pid: Pid, name: &str) -> PathBuf {
        self.root.join(pid.to_string()).join(name)
    }

    fn bytes(&self, pid: Pid, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(pid, name))
    }

    fn text(&self, pid: Pid, name: &str) -> io::Result<String> {
        Ok(filename::decode(OsStr::from_bytes(&self.bytes(pid, name)?)).into_owned())
    }

    /// Texts that each end with NUL.
    fn texts(&self, pid: Pid, name: &str) -> io::Result<Vec<String>> {
        let bytes = self.bytes(pid, name)?;
        let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        Ok(bytes.split(|byte| *byte == 0).map(|text| filename::decode(OsStr::from_bytes(text)).into_owned()).collect())
    }

    /// /proc/PID/stat.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn stat(&self, pid: Pid) -> io::Result<Stat> {
        stat(pid, &self.text(pid, "stat")?).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// The limits of open files.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn limits(&self, pid: Pid) -> io::Result<Limits> {
        limits(&self.text(pid, "limits")?).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// How many descriptors are open.
    ///
    /// # Errors
    /// When they cannot be counted: they are for root and its own account.
    pub fn open(&self, pid: Pid) -> io::Result<u64> {
        let mut count = 0;
        for entry in fs::read_dir(self.path(pid, "fd"))? {
            entry?;
            count += 1;
        }
        Ok(count)
    }

    /// The pipes that it has open, as far as that can be read: `pipe:[4711]`.
    #[must_use]
    pub fn pipes(&self, pid: Pid) -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(self.path(pid, "fd")) else { return BTreeSet::new() };
        let links = entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
        let links = links.map(|link| filename::decode(link.as_os_str()).into_owned());
        links.filter(|link| link.starts_with("pipe:")).collect()
    }

    /// The words of its command line; none of a thread of the kernel.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn words(&self, pid: Pid) -> io::Result<Vec<String>> {
        self.texts(pid, "cmdline")
    }

    /// The environment that its program was started with.
    ///
    /// # Errors
    /// When it cannot be read: it is for root and its own account.
    pub fn environment(&self, pid: Pid) -> io::Result<Vec<(String, String)>> {
        let texts = self.texts(pid, "environ")?;
        Ok(texts.iter().filter_map(|text| text.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect())
    }

    /// Where a link leads: `exe`, `cwd`, `root`.
    ///
    /// # Errors
    /// When it cannot be read: it is for root and its own account.
    pub fn link(&self, pid: Pid, name: &str) -> io::Result<String> {
        Ok(filename::decode(fs::read_link(self.path(pid, name))?.as_os_str()).into_owned())
    }

    /// The lines of /proc/PID/cgroup; none where the kernel has no control groups.
    #[must_use]
    pub fn control_groups(&self, pid: Pid) -> String {
        self.text(pid, "cgroup").unwrap_or_default()
    }

    /// Its number in the innermost namespace that it is in: 1 is the first process of a container.
    #[must_use]
    pub fn innermost(&self, pid: Pid) -> Option<Pid> {
        let status = self.text(pid, "status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        line.and_then(|line| line.split_whitespace().last()?.parse().ok())
    }

    /// The account that its rights are those of (the effective one).
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn account(&self, pid: Pid) -> io::Result<u32> {
        let status = self.text(pid, "status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// All processes that can be seen.
    ///
    /// # Errors
    /// When /proc cannot be listed.
    pub fn all(&self) -> io::Result<Processes> {
        let mut all = Processes::default();
        for entry in fs::read_dir(&self.root)? {
            let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // One that cannot be read has ended, or is hidden from us (hidepid).
            if let Ok(stat) = self.stat(pid)
                && !stat.has_ended()
            {
                all.add(stat);
            }
        }
        Ok(all)
    }
}

/// The processes that run, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Processes(BTreeMap<Pid, Stat>);

impl Processes {
    fn add(&mut self, stat: Stat) {
        self.0.insert(stat.pid, stat);
    }

    /// All, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Stat> {
        self.0.values()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, pid: Pid) -> Option<&Stat> {
        self.0.get(&pid)
    }

    /// The children of a process, by their numbers.
    pub fn children(&self, pid: Pid) -> impl Iterator<Item = &Stat> {
        self.iter().filter(move |one| one.parent == pid)
    }

    /// The children of a process, theirs and so on: each after its parent.
    #[must_use]
    pub fn descendants(&self, pid: Pid) -> Vec<&Stat> {
        let mut found: Vec<&Stat> = self.children(pid).collect();
        let mut next = 0;
        while let Some(one) = found.get(next) {
            // A process may end while /proc is read and its number come again, above its own parent.
            let new: Vec<&Stat> = self.children(one.pid).filter(|child| child.started >= one.started).collect();
            found.extend(new);
            next += 1;
        }
        found
    }
}

/// Of a process that is being ended (`include/linux/sched.h`): what it had is given back before its state is `Z`.
const PF_EXITING: u32 = 0x4;

fn stat(pid: Pid, text: &str) -> Option<Stat> {
    // The name has any character.
    let (before, after) = text.rsplit_once(')')?;
    let (_, command) = before.split_once('(')?;
    let mut fields = after.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let mut number = || fields.next()?.parse().ok();
    let (parent, group, session) = (number()?, number()?, number()?);
    // The 9th field of all, and the 22nd.
    let exiting = fields.nth(2)?.parse::<u32>().ok()? & PF_EXITING != 0;
    let started = fields.nth(12)?.parse().ok()?;
    Some(Stat { pid, command: command.to_owned(), state, parent, group, session, exiting, started })
}

fn limits(text: &str) -> Option<Limits> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let number = |word: &str| if word == "unlimited" { Some(Limits::INFINITY) } else { word.parse().ok() };
    let mut words = line.split_whitespace();
    Some(Limits { soft: number(words.next()?)?, hard: number(words.next()?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_has_any_character() {
        let text = "7 (a) R 1) (b) S 3 7 5 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 68584 3 4\n";
        let expected = Stat {
            pid: 7,
            command: "a) R 1) (b".to_owned(),
            state: 'S',
            parent: 3,
            group: 7,
            session: 5,
            exiting: false,
            started: 68584,
        };
        assert_eq!(stat(7, text), Some(expected));
        let ending = stat(7, &text.replace("4194560", "4194564"));
        assert_eq!(ending.map(|stat| (stat.state, stat.has_ended())), Some(('S', true)));
        assert_eq!((stat(7, "7 (a) S 3"), stat(7, "")), (None, None));
    }

    #[test]
    fn limits_of_open_files() {
        let head = "Limit                     Soft Limit           Hard Limit           Units     \n";
        let of = |words: &str| limits(&format!("{head}Max open files            {words} files\n"));
        assert_eq!(of("1024                 524288"), Some(Limits { soft: 1024, hard: 524_288 }));
        assert_eq!(of("1024 unlimited"), Some(Limits { soft: 1024, hard: Limits::INFINITY }));
        assert_eq!(limits(head), None);
    }

    #[test]
    fn descendants_come_after_their_parents_and_once() {
        let mut all = Processes::default();
        // 9 took the number of the parent of 2, which had ended.
        for (pid, parent, started) in [(2, 9, 5), (4, 2, 8), (3, 2, 6), (9, 3, 7), (8, 4, 9)] {
            let command = String::new();
            all.add(Stat { pid, command, state: 'S', parent, group: pid, session: 1, exiting: false, started });
        }
        let found: Vec<Pid> = all.descendants(2).iter().map(|one| one.pid).collect();
        assert_eq!(found, [3, 4, 9, 8]);
    }
}
