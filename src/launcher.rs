//! The unit that starts supervisord: what systemd makes of it, and the line that each value stands on.
//!
//! rust-ini splits it, whose dialect systemd's nearly is: repeated keys in their order, a backslash at the end of a line, no
//! quotes, no escapes, no comments after a value. It knows no lines and takes a line that systemd skips for the beginning of
//! the next key, so a scan of the text leaves such lines out and notes where each assignment of `[Service]` begins.

mod flags;

use ini::{Ini, ParseOption};

use crate::files;
use crate::python::filename;
use crate::source::{Place, Source, SourceId, Sources, Span};

pub use flags::Flags;

/// A value and the assignment that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned<T> {
    /// The value.
    pub value: T,
    /// The assignment, its first line.
    pub place: Place,
}

/// Limits of open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What a process gets.
    pub soft: u64,
    /// What it may raise that to.
    pub hard: u64,
}

impl Limits {
    /// No limit.
    pub const INFINITY: u64 = u64::MAX;
    /// What systemd gives where a unit says nothing, from version 240 on.
    pub const DEFAULT: Self = Self { soft: 1024, hard: 524_288 };

    /// One of them as a number; `None` where there is no limit.
    #[must_use]
    pub fn bound(limit: u64) -> Option<u64> {
        (limit != Self::INFINITY).then_some(limit)
    }
}

/// How long systemd waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSpan {
    /// So many seconds, rounded up.
    Seconds(u64),
    /// For ever: `infinity`, and 0 where it stands for that.
    Endless,
}

/// A unit that starts supervisord, with its drop-ins.
#[derive(Clone, Debug)]
pub struct SupervisorUnit {
    /// The path as it was given.
    pub path: String,
    /// The header of `[Service]`.
    pub service: Place,
    /// `Type`; unset is `simple`.
    pub kind: Option<Assigned<String>>,
    /// `PIDFile`.
    pub pid_file: Option<Assigned<String>>,
    /// `User`.
    pub user: Option<Assigned<String>>,
    /// `KillMode`; unset is `control-group`.
    pub kill_mode: Option<Assigned<String>>,
    /// `TimeoutStopSec`.
    pub stop_timeout: Option<Assigned<TimeSpan>>,
    /// `LimitNOFILE`.
    pub limits: Option<Assigned<Limits>>,
    /// `LimitNOFILE` that systemd cannot read and ignores.
    pub ignored: Vec<Assigned<String>>,
    /// `ExecStart`.
    pub command: Assigned<String>,
    /// The flags that `ExecStart` gives supervisord; `None` where it starts something else, which may start supervisord.
    pub flags: Option<Flags>,
}

impl SupervisorUnit {
    /// Reads the unit at `path` and its drop-ins, `path.d/*.conf` in the order of their names; none may be larger than
    /// `max_size`.
    ///
    /// # Errors
    /// When one of them cannot be read, or they start nothing.
    pub fn read(path: &str, max_size: u64, sources: &Sources) -> Result<Self, String> {
        let mut dropins = Vec::new();
        if let Ok(entries) = std::fs::read_dir(filename::encode(&format!("{path}.d"))) {
            dropins.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
        }
        dropins.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
        dropins.sort();
        let mut assignments = Assignments::default();
        let dropins = dropins.into_iter().map(|path| filename::decode(path.as_os_str()).into_owned());
        for (number, file) in [path.to_owned()].into_iter().chain(dropins).enumerate() {
            let fail = |reason: &dyn std::fmt::Display| format!("{file}: {reason}");
            let read = if number == 0 { files::read } else { files::read_regular };
            let bytes = read(&file, max_size).map_err(|error| fail(&error))?;
            let id = sources.add(Source::new(&file, bytes).map_err(|error| fail(&error))?);
            let text = sources.get(id).map_or("", Source::text);
            assignments.add(text, id).map_err(|error| fail(&error))?;
        }
        assignments
            .unit(path)
            .ok_or_else(|| format!("{path}: no ExecStart= in [Service], so it does not start supervisord"))
    }

    /// `Type`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.as_ref().map_or("simple", |kind| &kind.value)
    }

    /// The limits of open files that supervisord is started with; `None` where a shell before it may change them.
    #[must_use]
    pub fn limits(&self) -> Option<Limits> {
        let shell = self.command.value.contains("ulimit") || self.command.value.contains("prlimit");
        (!shell).then(|| self.limits.as_ref().map_or(Limits::DEFAULT, |limits| limits.value))
    }

    /// Whether supervisord stays in the foreground by its flags; `None` where they are not known.
    #[must_use]
    pub fn nodaemon(&self) -> Option<bool> {
        let flags = self.flags.as_ref()?;
        (flags.nodaemon || !flags.variable).then_some(flags.nodaemon)
    }
}

/// The assignments of `[Service]` in their order.
#[derive(Default)]
struct Assignments {
    list: Vec<(String, Assigned<String>)>,
    service: Option<Place>,
}

impl Assignments {
    fn add(&mut self, text: &str, id: SourceId) -> Result<(), String> {
        let plain = Plain::of(text);
        let options = ParseOption { enabled_quote: false, enabled_escape: false, ..ParseOption::default() };
        let ini = Ini::load_from_str_opt(&plain.text, options).map_err(|error| error.to_string())?;
        let pairs = ini.section_all(Some(SERVICE)).flat_map(ini::Properties::iter);
        for ((key, value), span) in pairs.zip(plain.assignments) {
            let place = Place { source: id, span };
            self.list.push((key.to_owned(), Assigned { value: value.to_owned(), place }));
        }
        self.service = self.service.or(plain.service.map(|span| Place { source: id, span }));
        Ok(())
    }

    /// The values of a key since it was last reset.
    fn all<'l>(&'l self, key: &'l str) -> impl DoubleEndedIterator<Item = &'l Assigned<String>> {
        let of_key = move |(name, value): &'l (String, Assigned<String>)| (name == key).then_some(value);
        let reset = self.list.iter().rposition(|(name, value)| name == key && value.value.is_empty());
        self.list.iter().skip(reset.map_or(0, |at| at + 1)).filter_map(of_key)
    }

    fn last(&self, key: &str) -> Option<Assigned<String>> {
        self.all(key).next_back().cloned()
    }

    fn unit(&self, path: &str) -> Option<SupervisorUnit> {
        let flags = |command: &Assigned<String>| Flags::of(&command.value);
        let supervisord = self.all("ExecStart").find(|command| flags(command).is_some());
        let command = supervisord.cloned().or_else(|| self.last("ExecStart"))?;
        let mut limits = None;
        let mut ignored = Vec::new();
        for limit in self.all("LimitNOFILE") {
            match parse_limits(&limit.value) {
                Some(value) => limits = Some(Assigned { value, place: limit.place }),
                None => ignored.push(limit.clone()),
            }
        }
        let timeouts = [self.last("TimeoutSec"), self.last("TimeoutStopSec")];
        let timeout = timeouts.into_iter().flatten().max_by_key(|timeout| timeout.place);
        Some(SupervisorUnit {
            path: path.to_owned(),
            service: self.service.unwrap_or_default(),
            kind: self.last("Type"),
            pid_file: self.last("PIDFile"),
            // What a specifier stands for is not known.
            user: self.last("User").filter(|user| !user.value.contains('%')),
            kill_mode: self.last("KillMode"),
            stop_timeout: timeout
                .and_then(|timeout| Some(Assigned { value: TimeSpan::parse(&timeout.value)?, place: timeout.place })),
            limits,
            ignored,
            flags: flags(&command),
            command,
        })
    }
}

const SERVICE: &str = "Service";

/// A unit's text without what systemd skips: one assignment or header a line, a continued line on its lines. Of other sections
/// the name does not matter.
#[derive(Default)]
struct Plain {
    text: String,
    /// Where the assignments of `[Service]` begin, each up to the end of its first line.
    assignments: Vec<Span>,
    service: Option<Span>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let mut plain = Self::default();
        let (mut at, mut open, mut kept, mut service) = (0, false, false, false);
        for raw in text.split_inclusive('\n') {
            let start = at + raw.len() - raw.trim_start().len();
            at += raw.len();
            let line = raw.trim_start().trim_end_matches(['\n', '\r']);
            // A comment does not end a continued line; an empty line does.
            if line.starts_with(['#', ';']) {
                continue;
            }
            let begins = !open;
            open = line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
            if begins {
                let span = Span::new(start, start + line.trim_end().trim_end_matches('\\').trim_end().len());
                let header = line.trim_end().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
                kept = header.is_none() && is_assignment(line);
                if let Some(name) = header {
                    service = name == SERVICE;
                    plain.text.push_str(if service { "[Service]\n" } else { "[Other]\n" });
                    if service {
                        plain.service.get_or_insert(span);
                    }
                } else if kept && service {
                    plain.assignments.push(span);
                }
            }
            if kept {
                let line = if open { line.strip_suffix('\\').unwrap_or(line) } else { line };
                plain.text.push_str(&line.replace('\r', " "));
                // rust-ini joins the lines without the space that systemd puts between them.
                plain.text.push_str(if open { " \\\n" } else { "\n" });
            }
        }
        plain
    }
}

fn is_assignment(line: &str) -> bool {
    let key = line.split_once('=').map_or("", |(key, _)| key.trim_end());
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// `N`, `SOFT:HARD`, `infinity`. K, M and G are for limits of memory: systemd ignores a `LimitNOFILE` with one.
fn parse_limits(text: &str) -> Option<Limits> {
    let number = |text: &str| match (text, text.strip_prefix("0x")) {
        ("infinity", _) => Some(Limits::INFINITY),
        (_, Some(digits)) => u64::from_str_radix(digits, 16).ok(),
        (_, None) => text.parse().ok(),
    };
    let (soft, hard) = match text.split_once(':') {
        Some((soft, hard)) => (number(soft)?, number(hard)?),
        None => (number(text)?, number(text)?),
    };
    (soft <= hard).then_some(Limits { soft, hard })
}

impl TimeSpan {
    /// `infinity`, or numbers with units; 0 is for ever too.
    fn parse(text: &str) -> Option<Self> {
        if text == "infinity" {
            return Some(Self::Endless);
        }
        let mut micros: u64 = 0;
        let mut rest = text.trim();
        while !rest.is_empty() {
            let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let number: u64 = rest.get(..rest.len() - digits.len())?.parse().ok()?;
            let unit = digits.trim_start();
            rest = unit.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            let factor = match unit.get(..unit.len() - rest.len())? {
                "us" | "usec" => 1,
                "ms" | "msec" => 1_000,
                "" | "s" | "sec" | "second" | "seconds" => 1_000_000,
                "m" | "min" | "minute" | "minutes" => 60_000_000,
                "h" | "hr" | "hour" | "hours" => 3_600_000_000,
                "d" | "day" | "days" => 86_400_000_000,
                _ => return None,
            };
            micros = micros.checked_add(number.checked_mul(factor)?)?;
            rest = rest.trim_start();
        }
        Some(if micros > 0 { Self::Seconds(micros.div_ceil(1_000_000)) } else { Self::Endless })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Assignments that rust-ini reads otherwise than systemd, in every order of three: no value comes to another key's place.
    #[test]
    fn values_keep_their_places() {
        const LINES: [&str; 22] = [
            "[Service]",
            "  [Service]  ",
            "[Unit]",
            "[a]b]",
            "[x",
            "A=1",
            "B = x \\",
            "  C=2 ",
            "D=\\\\",
            "E=[y]",
            "F=a\rb",
            "G=\"x \\",
            "H=",
            "# c \\",
            "; d=1",
            " # e=2",
            "",
            "  ",
            "=x",
            "word",
            "K:L=1",
            "\\",
        ];
        for (one, two, three) in LINES
            .iter()
            .flat_map(|one| LINES.iter().map(move |two| (one, two)))
            .flat_map(|(one, two)| LINES.iter().map(move |three| (one, two, three)))
        {
            let text = format!("[Service]\n{one}\n{two}\r\n{three}\nZ=z\n");
            let mut assignments = Assignments::default();
            assert_eq!(assignments.add(&text, SourceId(0)), Ok(()), "{text}");
            for (key, written) in &assignments.list {
                let Span { start, end } = written.place.span;
                let line = text.get(start as usize..end as usize).unwrap_or("");
                let (name, value) = line.split_once('=').unwrap_or_default();
                let first = value.trim().replace('\r', " ");
                assert!(name.trim_end() == key && written.value.starts_with(&first), "{text}\n{line}: {written:?}");
            }
            assert_eq!(assignments.list.len(), Plain::of(&text).assignments.len(), "{text}");
        }
    }
}
