//! How many bytes the logs of a configuration may fill: `maxbytes` × (`backups` + 1) of each file that supervisord rotates.

use std::fmt;

use super::value::LogFile;
use super::{Config, State, Value};
use crate::files::Size;
use crate::hash::HashMap;
use crate::python;
use crate::python::integer::Integer;
use crate::well_known;

/// What the logs may fill. A file that several logs write counts once.
#[derive(Debug, Default, serde::Serialize)]
pub struct LogRoom {
    /// The bytes of those that are rotated.
    pub most: Integer,
    /// How many grow without limit.
    pub unbounded: usize,
    /// Of how many the file or its size is not known.
    pub unknown: usize,
}

/// What one file may fill; the later, the more.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    Bytes(Integer),
    Unknown,
    Endless,
}

impl LogRoom {
    /// Of all logs: that of supervisord, and those of its processes.
    #[must_use]
    pub fn of(config: &Config<'_>) -> Self {
        let mut all = Self::default();
        let mut files: HashMap<String, Room> = HashMap::default();
        let mut write = |path: &str, room: Room| {
            let path = python::normpath(path).into_owned();
            let room = match files.remove(&path) {
                Some(before) => before.max(room),
                None => room,
            };
            files.insert(path, room);
        };
        let supervisord = &config.supervisord;
        match &supervisord.logfile.state {
            State::Known(path) if config.fragment || *path == "syslog" || !well_known::is_regular(path) => {}
            State::Known(path) => {
                write(
                    path,
                    Room::of(&supervisord.logfile_maxbytes, &supervisord.logfile_backups).unwrap_or(Room::Endless),
                );
            }
            State::Unknown(_) => all.unknown += usize::from(!config.fragment),
            State::Refused => {}
        }
        for process in config.groups.iter().flat_map(|group| &group.processes) {
            let options = &process.options;
            for (log, bytes, backups) in [
                (&options.stdout_logfile.state, &options.stdout_logfile_maxbytes, &options.stdout_logfile_backups),
                (process.stderr_logfile(), &options.stderr_logfile_maxbytes, &options.stderr_logfile_backups),
            ] {
                // With a negative size nothing is written.
                let Some(room) = Room::of(bytes, backups) else { continue };
                match log {
                    State::Known(LogFile::Path(path)) if well_known::is_regular(path) => write(path, room),
                    State::Known(LogFile::Auto) => all.add(room),
                    State::Known(LogFile::Path(_) | LogFile::None | LogFile::Syslog) | State::Refused => {}
                    State::Unknown(_) => all.unknown += 1,
                }
            }
        }
        for room in files.into_values() {
            all.add(room);
        }
        all
    }

    fn add(&mut self, room: Room) {
        match room {
            Room::Bytes(bytes) => self.most = self.most.add(&bytes),
            Room::Unknown => self.unknown += 1,
            Room::Endless => self.unbounded += 1,
        }
    }

    /// Whether supervisord writes no log that takes room.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.most.is_zero() && self.unbounded == 0 && self.unknown == 0
    }

    /// The bytes in a sentence: `1.1 GB`.
    #[must_use]
    pub fn most(&self) -> String {
        Size::of(&self.most).map_or_else(|| format!("{} bytes", self.most), Size::rounded)
    }
}

impl fmt::Display for LogRoom {
    /// For people, on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "logs: ";
        if !self.most.is_zero() {
            write!(f, "{between}at most {}, maxbytes × (backups + 1) of each", self.most())?;
            between = "; ";
        }
        for (count, what) in [(self.unbounded, "without limit"), (self.unknown, "not known")] {
            match count {
                0 => continue,
                1 => write!(f, "{between}1 log {what}")?,
                _ => write!(f, "{between}{count} logs {what}")?,
            }
            between = "; ";
        }
        Ok(())
    }
}

impl Room {
    /// Of a size and a number of backups; `None` for a negative size.
    fn of(bytes: &Value<'_, Integer>, backups: &Value<'_, Integer>) -> Option<Self> {
        Some(match (bytes.known(), backups.known()) {
            (Some(bytes), _) if bytes.is_negative() => return None,
            (Some(bytes), _) if bytes.is_zero() => Self::Endless,
            (Some(bytes), Some(backups)) => Self::Bytes(rotated(bytes, backups)),
            _ => Self::Unknown,
        })
    }
}

/// What a log and its backups fill (`RotatingFileHandler` of Supervisor's loggers.py: without backups the file is cut).
#[must_use]
pub fn rotated(bytes: &Integer, backups: &Integer) -> Integer {
    let one = Integer::small(1);
    bytes.mul(&if backups.is_negative() { one } else { backups.add(&one) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Configuration;
    use crate::reading::Reading;
    use crate::source::Sources;

    #[test]
    fn what_the_logs_of_a_file_may_fill() {
        const MB: i64 = 1 << 20;
        const OWN: i64 = 550 * MB;
        for (text, most, unbounded, unknown) in [
            ("[supervisord]", OWN, 0, 0),
            ("[supervisord]\nlogfile_maxbytes=1MB\nlogfile_backups=1", 2 * MB, 0, 0),
            ("[supervisord]\nlogfile_maxbytes=-1", 0, 1, 0),
            ("[supervisord]\nlogfile=syslog", 0, 0, 0),
            ("[program:a]\ncommand=a", 1100 * MB, 0, 0),
            ("[program:a]\ncommand=a\nredirect_stderr=true", 550 * MB, 0, 0),
            (
                "[program:a]\ncommand=a\nredirect_stderr=true\nstdout_logfile=/l\nstdout_logfile_backups=0",
                50 * MB,
                0,
                0,
            ),
            (
                "[program:a]\ncommand=a\nstdout_logfile=/l\nstderr_logfile=/k/../l\nstderr_logfile_maxbytes=1MB",
                550 * MB,
                0,
                0,
            ),
            ("[program:a]\ncommand=a\nstdout_logfile=/l\nstderr_logfile=/l\nstderr_logfile_maxbytes=0", 0, 1, 0),
            ("[program:a]\ncommand=a\nstdout_logfile=/dev/stdout\nstderr_logfile=NONE", 0, 0, 0),
            ("[program:a]\ncommand=a\nstdout_logfile_maxbytes=-1\nstderr_logfile=%(ENV_L)s", 0, 0, 1),
            ("[program:a]\ncommand=a\nstdout_logfile_maxbytes=%(ENV_N)s\nstderr_logfile=", 0, 0, 1),
            (
                "[program:a]\ncommand=a\nnumprocs=3\nprocess_name=%(process_num)s\nstdout_logfile=/l/%(process_num)s\n\
                 redirect_stderr=true\nstdout_logfile_maxbytes=1MB",
                33 * MB,
                0,
                0,
            ),
        ] {
            let sources = Sources::default();
            let reading = Reading::default();
            let read = Configuration::read_bytes("/a.conf", text.as_bytes(), &reading, &sources);
            let room = read.map(|read| LogRoom::of(&read.config)).unwrap_or_default();
            assert_eq!((room.most, room.unbounded, room.unknown), (most.into(), unbounded, unknown), "{text}");
        }
    }

    #[test]
    fn sizes_in_a_sentence() {
        for (bytes, text) in [(100, "100 bytes"), (1536, "1.5 KB"), (550 << 20, "550 MB"), (1100 << 20, "1.1 GB")] {
            assert_eq!(LogRoom { most: bytes.into(), ..LogRoom::default() }.most(), text);
        }
        let room = LogRoom { most: 1024.into(), unbounded: 1, unknown: 2 };
        let text = "logs: at most 1 KB, maxbytes × (backups + 1) of each; 1 log without limit; 2 logs not known";
        assert_eq!(room.to_string(), text);
    }
}
