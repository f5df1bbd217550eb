//! `supconv limits`: the open files of running supervisords and their programs, and their limits, which `--raise` raises.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use super::{Failure, Outcome, words};
use crate::diagnostic::Severity;
use crate::limits::process::{Pid, Proc};
use crate::limits::raise::{self, Done, Wish};
use crate::limits::{Look, Thresholds, Which, look};
use crate::report::limits::{self, Peaks, Telling};
use crate::report::{Colour, Style};
use crate::rules::spelling::closest;
use crate::visible::on_one_line;

#[derive(Args, Debug)]
#[group(skip)]
pub struct Arguments {
    /// Raise only these running programs: NAME, GROUP:PROCESS or GROUP:*, as in supervisorctl [default: all, and supervisord]
    #[arg(value_name = "NAME", requires = "raise", value_parser = NonEmptyStringValueParser::new())]
    names: Vec<String>,
    /// The supervisord with this process number [default: each that runs]
    #[arg(long, value_name = "PID", value_parser = number)]
    pid: Option<Pid>,
    /// The supervisord that the pidfile of this configuration names
    #[arg(short, long, value_name = "FILE", conflicts_with = "pid", value_parser = super::path())]
    configuration: Option<String>,
    /// Warn from this share of the soft limit on, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 70, value_parser = clap::value_parser!(u8).range(1..=100))]
    warn: u8,
    /// Report an error from this share of the soft limit on, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100))]
    error: u8,
    /// The lowest severity that is coloured and makes the exit code 1; all programs are listed
    #[arg(long, value_name = "SEVERITY", default_value = "warning", value_parser = words(&SEVERITIES, severity))]
    min_severity: Severity,
    /// How to print it
    #[arg(long, value_enum, default_value_t = LimitsFormat::Human)]
    format: LimitsFormat,
    /// Look again after so many seconds, until Ctrl-C; the table has the peak so far
    #[arg(long, value_name = "SECONDS", conflicts_with = "raise", value_parser = seconds)]
    watch: Option<Duration>,
    /// Raise the soft limit of running processes and their children; the hard one only if it is given, or is lower
    #[arg(long, value_name = "SOFT[:HARD]", conflicts_with = "format", value_parser = Wish::of)]
    raise: Option<Wish>,
    /// Only tell what --raise would do
    #[arg(long, requires = "raise")]
    dry_run: bool,
}

static SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

fn severity(severity: Severity) -> (&'static str, &'static str) {
    let about = match severity {
        Severity::Info => "The same as warning: a limit is never an info",
        Severity::Warning => "A limit is filling, or is low and could be higher",
        Severity::Error => "A limit is nearly reached",
    };
    (severity.name(), about)
}

/// How a look is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LimitsFormat {
    /// One line per program, the fullest first
    Human,
    /// One JSON line per look: supconv.limits/1
    Json,
}

fn number(text: &str) -> Result<Pid, String> {
    text.parse().map_err(|_| "give the number of a process".to_owned())
}

/// A number of seconds, a part of one too.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds));
    let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "give a number of seconds from 0.1 to 86400".to_owned())
}

/// Looks at what `arguments` name, or raises it.
///
/// # Errors
/// When there is no such supervisord or program, or the output cannot be written.
pub fn run(
    arguments: &Arguments,
    colour: Colour,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Outcome, Failure> {
    let Arguments { names, pid, configuration, warn, error, min_severity, format, watch, raise, dry_run } = arguments;
    let which = match (pid, configuration) {
        (Some(pid), _) => Which::Pid(*pid),
        (None, Some(path)) => Which::Configuration(path),
        (None, None) => Which::All,
    };
    let style = Style::of_output(colour);
    if let Some(wish) = raise {
        return raised(which, names, *wish, *dry_run, style, out, err);
    }
    let thresholds = Thresholds { warn: *warn, error: *error };
    let telling = Telling { thresholds, least: *min_severity, names_pid: !matches!(which, Which::All) };
    let told = Told { telling, format: *format, style };
    let proc = Proc::default();
    let first = look(&proc, which).map_err(|message| failed(&message))?;
    match watch {
        None => told.tell(&first, None, out, err),
        Some(interval) => told.watch(first, &proc, which, *interval, out, err),
    }
}

/// Why nothing can be looked at: a path in it may have any character.
fn failed(message: &str) -> Failure {
    Failure::Message(on_one_line(message).into_owned())
}

/// Tells what could not be read.
fn tell_unread(look: &Look, err: &mut dyn Write) -> io::Result<()> {
    for sentence in limits::unread(&look.errors) {
        writeln!(err, "supconv: {}", on_one_line(&sentence))?;
    }
    Ok(())
}

/// How looks are told.
struct Told {
    telling: Telling,
    format: LimitsFormat,
    style: Style,
}

impl Told {
    /// Tells one look. `peaks`: where several looks follow each other.
    fn tell(
        &self,
        look: &Look,
        peaks: Option<&Peaks>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Result<Outcome, Failure> {
        match self.format {
            LimitsFormat::Human => {
                out.write_all(limits::table(look, self.telling, peaks, self.style).as_bytes())?;
                out.flush()?;
                tell_unread(look, err)?;
            }
            LimitsFormat::Json => {
                limits::document(look, self.telling.thresholds, out)?;
                out.flush()?;
            }
        }
        Ok(match (look.errors.is_empty(), self.telling.finds(look)) {
            (false, _) => Outcome::Failed,
            (true, true) => Outcome::Findings,
            (true, false) => Outcome::Clean,
        })
    }

    /// Tells look after look, until a signal comes or nobody reads it: the exit code is that of the last one.
    fn watch(
        &self,
        first: Look,
        proc: &Proc,
        which: Which<'_>,
        interval: Duration,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Result<Outcome, Failure> {
        let end = End::note()?;
        let mut peaks = Peaks::default();
        let mut next: Result<Look, String> = Ok(first);
        loop {
            // Drawn over the one before; in a pipe a blank line is between them.
            let screen = self.style.terminal && self.format == LimitsFormat::Human;
            if screen {
                out.write_all(b"\x1b[H\x1b[J")?;
            }
            let outcome = match next {
                Ok(look) => {
                    peaks.add(&look);
                    self.tell(&look, Some(&peaks), out, err)?
                }
                // It may be restarted just now; a process that is asked for by its number does not come back.
                Err(message) if !matches!(which, Which::Pid(_)) => {
                    if self.format == LimitsFormat::Json {
                        self.tell(&Look::default(), None, out, err)?;
                    }
                    out.flush()?;
                    writeln!(err, "{}", failed(&message))?;
                    Outcome::Failed
                }
                Err(message) => return Err(failed(&message)),
            };
            if end.comes_within(interval)? {
                return Ok(outcome);
            }
            if !screen && self.format == LimitsFormat::Human {
                writeln!(out)?;
            }
            next = look(proc, which);
        }
    }
}

/// What ends a watch: SIGINT or SIGTERM, or a reader that is gone.
struct End(UnixStream);

impl End {
    /// Begins to note signals.
    fn note() -> io::Result<Self> {
        let (noted, signals) = UnixStream::pair()?;
        pipe::register(SIGINT, signals.try_clone()?)?;
        pipe::register(SIGTERM, signals)?;
        Ok(Self(noted))
    }

    /// Waits that long; whether the end has come by then.
    fn comes_within(&self, interval: Duration) -> io::Result<bool> {
        let output = io::stdout();
        // Of the output no event is asked for: an error is told of all the same (poll(2), POLLERR).
        let mut ends = [PollFd::new(&self.0, PollFlags::IN), PollFd::new(&output, PollFlags::empty())];
        let seconds = i64::try_from(interval.as_secs()).unwrap_or(i64::MAX);
        let timeout = Timespec { tv_sec: seconds, tv_nsec: interval.subsec_nanos().into() };
        match poll(&mut ends, Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            // By a signal that nobody asked for, or by one that is in the pipe by now.
            Err(rustix::io::Errno::INTR) => self.comes_within(Duration::ZERO),
            Err(error) => Err(error.into()),
        }
    }
}

/// Raises limits, and tells what became of each process.
fn raised(
    which: Which<'_>,
    names: &[String],
    wish: Wish,
    dry_run: bool,
    style: Style,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Outcome, Failure> {
    if let Some(most) = raise::most().filter(|most| wish.most() > *most) {
        let message = format!("--raise {}: the kernel gives a process at most {most} (fs.nr_open)", wish.most());
        return Err(Failure::Message(message));
    }
    let proc = Proc::default();
    let look = look(&proc, which).map_err(|message| failed(&message))?;
    if let Some(name) = raise::unknown(&look, names) {
        // It may run under a name that could not be read.
        tell_unread(&look, err)?;
        return Err(Failure::Message(format!("no running program is called {name}: {}", meant(&look, name))));
    }
    let changes = raise::raise(&look, names, wish, &proc, dry_run);
    let text = limits::raised(&look, &changes, wish, !names.is_empty(), dry_run, style);
    out.write_all(text.as_bytes())?;
    out.flush()?;
    // Whoever names programs, which are found, asks for nothing else.
    let unread = names.is_empty() && !look.errors.is_empty();
    if unread {
        tell_unread(&look, err)?;
    }
    let left = changes.iter().any(|change| matches!(change.done, Done::Left(_)));
    Ok(match (unread, left) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Findings,
        (false, false) => Outcome::Clean,
    })
}

/// What somebody may have meant who wrote a name that no program has.
fn meant(look: &Look, name: &str) -> String {
    let programs = look.supervisords.iter().flat_map(|one| &one.programs).map(|program| program.name.as_str());
    if let Some(near) = closest(name, programs.clone()) {
        return format!("did you mean {near}?");
    }
    // The group alone, where supervisorctl wants `group:*`.
    let of_group = |program: &str| program.split_once(':').is_some_and(|(group, _)| group == name);
    if programs.clone().any(of_group) {
        return format!("did you mean {name}:*?");
    }
    match programs.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "no program runs".to_owned(),
        names => format!("these run: {names}"),
    }
}
