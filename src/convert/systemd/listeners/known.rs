//! The listeners that people use, by name, and what their options ask for: superlance 2.0.0 and its like (facts 9.2).

mod batch;

use super::command::{Accepts, Given, Reader, flag, valued};
use crate::hash::HashMap;
use crate::model::value::byte_size;
use crate::python::integer::{self, Integer};
pub(super) use batch::Batch;
use batch::batch;

/// What a known listener does.
pub(super) enum Work {
    /// memmon: restarts what takes too much memory.
    Memory(Memory),
    /// httpok: restarts programs where a page does not answer as it should.
    Page(Page),
    /// crashmail: mails each crash, with these options of the script.
    Crash(Vec<String>),
    /// crashmailbatch, crashsms, fatalmailbatch: mail what has happened in a while.
    Batch(Batch),
    /// `supervisor_stdout`: prints what programs write.
    Output,
    /// Ends supervisord when a program fails, and with it a container.
    Container,
    /// `supervisord_dependent_startup`: starts programs after others.
    Startup,
}

impl Work {
    /// Whether scripts do it that root installs and runs.
    pub fn is_roots(&self) -> bool {
        match self {
            Self::Memory(_) | Self::Page(_) | Self::Crash(_) | Self::Batch(_) => true,
            Self::Output | Self::Container | Self::Startup => false,
        }
    }
}

/// The sizes of memmon; bytes.
pub(super) struct Memory {
    /// By process.
    pub programs: HashMap<String, i64>,
    /// By group.
    pub groups: HashMap<String, i64>,
    /// Of every process.
    pub any: Option<i64>,
    /// The options of the script.
    pub options: Vec<String>,
}

/// What httpok asks.
pub(super) struct Page {
    pub url: String,
    pub programs: Vec<String>,
    /// Whether every program is restarted.
    pub any: bool,
    /// Whether it mails, which it does without a program too.
    pub mails: bool,
    pub options: Vec<String>,
}

/// A known listener.
pub(super) struct Known {
    pub work: Work,
    /// What differs, each a sentence.
    pub differs: Vec<String>,
    /// What is lost, each a sentence.
    pub lost: Vec<String>,
}

/// What a listener is sent.
pub(super) struct Sent<'e>(pub Vec<&'e str>);

impl Sent<'_> {
    /// Whether an event of this type comes, by its own name or one that stands for several.
    fn has(&self, event: &str) -> bool {
        self.0.iter().any(|sent| {
            let rest = event.strip_prefix(sent);
            *sent == "EVENT" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    }

    /// The seconds between two ticks.
    fn tick(&self) -> Option<u64> {
        [5, 60, 3600].into_iter().find(|seconds| self.has(&format!("TICK_{seconds}")))
    }
}

/// Why nothing takes the place of a listener that is known.
pub(super) type Idle = String;

/// What a listener does; `None` where its program is not known.
pub(super) fn known(name: &str, arguments: &[String], events: &Sent<'_>) -> Option<Result<Known, Idle>> {
    let nothing = |work, sentence: String| Ok(Known { work, differs: vec![sentence], lost: Vec::new() });
    Some(match name {
        "memmon" => memmon(arguments, events),
        "httpok" => httpok(arguments, events),
        "crashmail" => crashmail(arguments, events),
        "crashmailbatch" => batch(name, arguments, events, Some("batch"), Some("Crash alert from supervisord")),
        "crashsms" => batch(name, arguments, events, Some("sms"), None),
        "fatalmailbatch" => batch(name, arguments, events, None, Some("Fatal start alert from supervisord")),
        "supervisor_stdout" => nothing(
            Work::Output,
            format!("nothing replaces {name}: the journal shows what programs write (journalctl -f -u UNIT)."),
        ),
        "supervisord_dependent_startup" => nothing(
            Work::Startup,
            format!("systemd takes the place of {name}: programs start at boot, ordered by After=."),
        ),
        _ if ends_supervisord(name) => nothing(
            Work::Container,
            format!("nothing replaces {name}: it ended supervisord, and so the container, when a program failed."),
        ),
        _ => return None,
    })
}

/// Scripts that say in their names that they end supervisord.
fn ends_supervisord(name: &str) -> bool {
    let name = name.strip_suffix(".sh").unwrap_or(name).replace('-', "_");
    matches!(name.as_str(), "kill_supervisor" | "kill_supervisord" | "stop_supervisor" | "stop_supervisord")
}

fn read<'w>(name: &str, arguments: &'w [String], reader: Reader, accepted: &[Accepts]) -> Result<Given<'w>, Idle> {
    let given = Given::of(arguments, reader, accepted).map_err(|word| refuses(name, word))?;
    if given.last("help").is_some() { Err(refuses(name, "--help")) } else { Ok(given) }
}

fn refuses(name: &str, word: &str) -> Idle {
    format!("{name} refuses {word} and ends, so it did nothing and nothing replaces it.")
}

/// A listener that waits for what does not come.
fn never(name: &str, event: &str) -> Idle {
    format!("{name} did nothing without {event} in events=, so nothing replaces it.")
}

/// `-s`, and `-m` where it says an address.
fn mail(given: &Given<'_>, options: &mut Vec<String>) -> bool {
    let to = given.last("email").filter(|to| !to.is_empty());
    for (letter, value) in [("-m", to), ("-s", given.last("sendmail_program"))] {
        options.extend(value.into_iter().flat_map(|value| [letter.to_owned(), value.to_owned()]));
    }
    to.is_some()
}

const MEMMON: &[Accepts] = &[
    flag('h', "help"),
    flag('c', "cumulative"),
    valued('p', "program"),
    valued('g', "group"),
    valued('a', "any"),
    valued('s', "sendmail_program"),
    valued('m', "email"),
    valued('u', "uptime"),
    valued('n', "name"),
];

fn memmon(arguments: &[String], events: &Sent<'_>) -> Result<Known, Idle> {
    let own = "memmon";
    let given = read(own, arguments, Reader::Getopt, MEMMON)?;
    if arguments.is_empty() {
        return Err(refuses(own, "a command line without options"));
    }
    events.tick().ok_or_else(|| never(own, "TICK_60"))?;
    let size = |text: &str| byte_size(text).map(|size| bounded(&size)).map_err(|_| refuses(own, text));
    let mut memory =
        Memory { programs: HashMap::default(), groups: HashMap::default(), any: None, options: Vec::new() };
    let mut label = None;
    for &(option, value) in &given.options {
        match option {
            "program" | "group" => {
                let pair = value.split_once('=').filter(|(_, size)| !size.contains('='));
                let (name, text) = pair.ok_or_else(|| refuses(own, value))?;
                let table = if option == "group" { &mut memory.groups } else { &mut memory.programs };
                table.insert(name.to_owned(), size(text)?);
                // As memmon 2.0.0: it forgets its own name at each of these.
                label = Some(name);
            }
            "any" => memory.any = Some(size(value)?),
            "name" => label = Some(value),
            _ => {}
        }
    }
    let options = &mut memory.options;
    if given.last("cumulative").is_some() {
        options.push("-c".to_owned());
    }
    if mail(&given, options)
        && let Some(label) = label
    {
        options.extend(["-l".to_owned(), format!("memmon [{label}]")]);
    }
    if let Some(text) = given.last("uptime") {
        let seconds = seconds(text).ok_or_else(|| refuses(own, text))?;
        options.extend(["-u".to_owned(), seconds.to_string()]);
    }
    let mut failing: Vec<&str> = memory.programs.keys().map(String::as_str).collect();
    failing.retain(|name| name.split_once(':').is_some_and(|(_, process)| !memory.programs.contains_key(process)));
    failing.sort_unstable();
    let differs = failing.first().map(|name| format!("memmon 2.0.0 fails on -p {name}=SIZE; the units check it."));
    Ok(Known { work: Work::Memory(memory), differs: differs.into_iter().collect(), lost: Vec::new() })
}

/// `seconds_size` of memmon: an integer with `s`, `m`, `h` or `d` after it.
fn seconds(text: &str) -> Option<i64> {
    let lower = crate::python::lower(text);
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86400)];
    let unit = units.into_iter().find_map(|(letter, factor)| Some((lower.strip_suffix(letter)?, factor)));
    let (number, factor) = unit.unwrap_or((&lower, 1));
    Some(bounded(&integer::parse(number, 10).ok()?.mul_i64(factor)))
}

/// A number as a shell counts.
fn bounded(number: &Integer) -> i64 {
    number.to_i64().unwrap_or(if number.is_negative() { i64::MIN } else { i64::MAX })
}

const HTTPOK: &[Accepts] = &[
    flag('h', "help"),
    valued('p', "program"),
    flag('a', "any"),
    valued('t', "timeout"),
    valued('c', "code"),
    valued('b', "body"),
    valued('s', "sendmail_program"),
    valued('m', "email"),
    valued('g', "gcore"),
    valued('d', "coredir"),
    flag('e', "eager"),
    flag('E', "not-eager"),
    valued('n', "name"),
];

fn httpok(arguments: &[String], events: &Sent<'_>) -> Result<Known, Idle> {
    let own = "httpok";
    let given = read(own, arguments, Reader::Getopt, HTTPOK)?;
    let url = match given.words.as_slice() {
        [url] => (*url).to_owned(),
        _ => return Err(refuses(own, "a command line without one URL")),
    };
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https")) {
        return Err(refuses(own, &url));
    }
    events.tick().ok_or_else(|| never(own, "TICK_60"))?;
    let number = |text: &str| integer::parse(text, 10).ok().and_then(|number| number.to_i64());
    let mut options = Vec::new();
    let mut add = |letter: &str, value: String| options.extend([letter.to_owned(), value]);
    if let Some(text) = given.last("timeout") {
        // Below 1 httpok sends no request and restarts all at every tick.
        let timeout = number(text).filter(|timeout| *timeout > 0).ok_or_else(|| refuses(own, &format!("-t {text}")))?;
        add("-t", timeout.to_string());
    }
    for text in given.all("code") {
        add("-c", number(text).ok_or_else(|| refuses(own, &format!("-c {text}")))?.to_string());
    }
    let mut differs =
        vec!["the page is asked for with curl, which must be installed; -t is its time as a whole.".to_owned()];
    if let Some(text) = given.last("body").filter(|text| !text.is_empty()) {
        add("-b", text.to_owned());
        differs.push("httpok 2.0.0 fails on -b with Python 3; the unit looks for the text.".to_owned());
    }
    if let Some(directory) = given.last("coredir").filter(|directory| !directory.is_empty()) {
        add("-d", directory.to_owned());
        if let Some(gcore) = given.last("gcore") {
            add("-g", gcore.to_owned());
        }
    }
    // The last of the two counts.
    let eager = given.options.iter().rev().find(|(name, _)| matches!(*name, "eager" | "not-eager"));
    if eager.is_some_and(|(name, _)| *name == "not-eager") {
        options.push("-E".to_owned());
    }
    let mails = mail(&given, &mut options);
    if let Some(name) = given.last("name").filter(|_| mails) {
        options.extend(["-l".to_owned(), format!("httpok [{name}]")]);
    }
    let programs = given.all("program").map(str::to_owned).collect();
    let any = given.last("any").is_some();
    Ok(Known { work: Work::Page(Page { url, programs, any, mails, options }), differs, lost: Vec::new() })
}

const CRASHMAIL: &[Accepts] = &[
    flag('h', "help"),
    valued('p', "program"),
    flag('a', "any"),
    valued('o', "optionalheader"),
    valued('s', "sendmail_program"),
    valued('m', "email"),
];

fn crashmail(arguments: &[String], events: &Sent<'_>) -> Result<Known, Idle> {
    let own = "crashmail";
    let given = read(own, arguments, Reader::Getopt, CRASHMAIL)?;
    if !events.has("PROCESS_STATE_EXITED") {
        return Err(never(own, "PROCESS_STATE_EXITED"));
    }
    let mut options = vec!["-k".to_owned(), "mail".to_owned()];
    mail(&given, &mut options);
    if let Some(header) = given.last("optionalheader").filter(|header| !header.is_empty()) {
        options.extend(["-o".to_owned(), header.to_owned()]);
    }
    let mut differs =
        vec!["each unit mails its own crashes (ExecStopPost=), and starts again once sendmail has ended.".to_owned()];
    if given.last("program").is_some() && given.last("any").is_none() {
        differs.push("crashmail 2.0.0 ignores -p and mails for every program; the units do the same.".to_owned());
    }
    Ok(Known { work: Work::Crash(options), differs, lost: Vec::new() })
}

impl Known {
    /// The seconds between two checks, of what checks.
    pub fn every(&self, events: &Sent<'_>) -> Option<u64> {
        match &self.work {
            Work::Memory(_) | Work::Page(_) => events.tick(),
            Work::Batch(batch) => Some(batch.every),
            Work::Crash(_) | Work::Output | Work::Container | Work::Startup => None,
        }
    }
}

impl Memory {
    /// The least size of a process that is given, and how many are.
    pub fn limit(&self, group: &str, process: &str) -> Option<(i64, usize)> {
        let called = format!("{group}:{process}");
        let all = [self.programs.get(process), self.programs.get(&called), self.groups.get(group), self.any.as_ref()];
        let given: Vec<i64> = all.into_iter().flatten().copied().collect();
        Some((given.iter().min().copied()?, given.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shlex;

    fn of(command: &str, events: &str) -> Option<Result<Known, Idle>> {
        let words: Vec<String> =
            shlex::split(command).into_iter().flatten().map(|word| word.text.into_owned()).collect();
        let (name, arguments) = super::super::command::program(&words)?;
        known(name, arguments, &Sent(events.split(',').collect()))
    }

    /// The options of the script, by kind.
    fn options(command: &str, events: &str) -> Option<String> {
        let options = match of(command, events)?.ok()?.work {
            Work::Memory(Memory { options, .. }) | Work::Page(Page { options, .. }) | Work::Crash(options) => options,
            Work::Batch(Batch { every, options, .. }) => return Some(format!("{every} {}", options.join("|"))),
            Work::Output | Work::Container | Work::Startup => return None,
        };
        Some(options.join("|"))
    }

    #[test]
    fn options_of_superlance() {
        for (command, events, expected) in [
            ("memmon -c -a 1GB -m a@b -u 1m", "TICK_60", "-c|-m|a@b|-u|60"),
            ("memmon -n x -p web=1KB -m a@b -s 'mail -t'", "TICK", "-m|a@b|-s|mail -t|-l|memmon [web]"),
            ("memmon -p web=1KB -n x -m a@b", "TICK_5", "-m|a@b|-l|memmon [x]"),
            (
                "httpok -t 3 -c 200 -c 201 -b ok -E -m a@b -n x http://h/",
                "TICK_60",
                "-t|3|-c|200|-c|201|-b|ok|-E|-m|a@b|-l|httpok [x]",
            ),
            ("httpok -E -e -d /c -g g http://h/", "EVENT", "-d|/c|-g|g"),
            ("crashmail -a -m a@b -o host", "PROCESS_STATE", "-k|mail|-m|a@b|-o|host"),
            (
                "crashmailbatch --toEmail=a@b,c@d --fromEmail f",
                "PROCESS_STATE,TICK_60",
                "60 -f|f|-t|a@b, c@d|-s|Crash alert from supervisord",
            ),
            ("crashsms -t a -f b -e TICK_5 -i 0.2", "PROCESS_STATE_EXITED,TICK_5", "15 -f|b|-t|a"),
            ("fatalmailbatch -t a -f b -s x -i 1.5", "PROCESS_STATE_FATAL,TICK_60", "120 -f|b|-t|a|-s|x"),
        ] {
            assert_eq!(options(command, events).as_deref(), Some(expected), "{command}");
        }
    }

    #[test]
    fn what_never_did_anything_is_not_replaced() {
        for (command, events) in [
            ("memmon", "TICK_60"),
            ("memmon -x", "TICK_60"),
            ("memmon -a lots", "TICK_60"),
            ("memmon -p web", "TICK_60"),
            ("memmon -a 1", "PROCESS_STATE"),
            ("httpok -p web", "TICK_60"),
            ("httpok a b", "TICK_60"),
            ("httpok ftp://h/", "TICK_60"),
            ("httpok -t 0 http://h/", "TICK_60"),
            ("crashmail -a", "PROCESS_STATE_FATAL"),
            ("crashmail -h", "PROCESS_STATE"),
            ("crashmailbatch -t a", "PROCESS_STATE,TICK_60"),
            ("crashmailbatch -t a -f b", "PROCESS_STATE"),
            ("fatalmailbatch -t a -f b -i many", "PROCESS_STATE,TICK_60"),
            ("fatalmailbatch -t a -f b -e TICK_7", "PROCESS_STATE,TICK_60"),
        ] {
            assert!(of(command, events).is_some_and(|known| known.is_err()), "{command}");
        }
        for command in ["/opt/alert.py", "supervisor-proc-exit-listener --container-name x", "killall supervisord"] {
            assert!(of(command, "PROCESS_STATE").is_none(), "{command}");
        }
        for command in ["/usr/bin/kill_supervisor.py", "stop-supervisor.sh", "supervisor_stdout"] {
            assert!(of(command, "PROCESS_STATE").is_some_and(|known| known.is_ok()), "{command}");
        }
    }

    #[test]
    fn the_least_size_counts() {
        let found = of("memmon -p web=2KB -p g:w=1KB -g g=3KB -a 4", "TICK_60").and_then(Result::ok);
        let limit = |group: &str, process: &str| match &found {
            Some(Known { work: Work::Memory(memory), .. }) => memory.limit(group, process),
            _ => None,
        };
        assert_eq!(limit("web", "web"), Some((4, 2)));
        assert_eq!(limit("g", "w"), Some((4, 3)));
        let differs = found.map(|known| known.differs);
        assert_eq!(differs, Some(vec!["memmon 2.0.0 fails on -p g:w=SIZE; the units check it.".to_owned()]));
        assert_eq!(seconds("2H"), Some(7200));
        assert_eq!(seconds("x"), None);
    }
}
