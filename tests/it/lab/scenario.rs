//! A scenario: a short supervisord.conf whose first comment lines say what is tried, and what an operator does.
//!
//! ```text
//! ; What is tried, in a sentence or two.
//! ; subject: stop                      the part of the table
//! ; stands for: 7.1 true/true, ★23     of docs/facts.md
//! ; shows: stopsignal shows as failed  an announcement that depends on what happens, and is to show here
//! ; varies under pitchfork: kill signals  what chance decides there, of one process or of each: it is not compared
//! ; under: Horust                      nowhere else
//! ; looks at: umask, SIGCONT           what has a line in the table beside what becomes of the programs
//! ; flags: --faithful                  of the converter; `supervisord:` are those of supervisord
//! ; inherits: 4096:20000 A=b           from the shell that starts supervisord; `started by:` is its user, `started in:` its folder
//! ; first: mkdir /lab/NAME/in          on both sides, or `first under Supervisor:`
//! ; then wait 2                        what the operator does: wait, start, stop, restart, signal, shutdown, and
//! ; then see cat out.log               see, which runs a command in the scenario's directory
//! [program:x]
//! command=/lab/bin/probe /lab/NAME/x   writes what it is started with; /lab/bin/life, wobble and family end and stop
//! ```

use std::fs;
use std::path::Path;

/// What the lab adds to a configuration, to be able to talk to its supervisord.
const CONTROL: &str = "
[unix_http_server]
file=/lab/NAME/control.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///lab/NAME/control.sock
";

/// A scenario.
#[derive(Debug, Default)]
pub struct Scenario {
    /// The name of its file.
    pub name: String,
    /// What is tried, in prose.
    pub title: String,
    /// The part of the table that it belongs to.
    pub subject: String,
    /// What it stands for: `★4`, `5.8 minfds`, `7.1 F/F`.
    pub stands_for: Vec<String>,
    /// Arguments of the converter.
    pub flags: Vec<String>,
    /// What the shell that starts supervisord has: limits of open files, soft and hard (`4096:20000`), and variables.
    pub inherits: String,
    /// The user that starts supervisord; none: root.
    pub started_by: String,
    /// The directory that supervisord is started in; none: `/`.
    pub started_in: String,
    /// What shows here of the announcements that depend on what happens: an option, and words of the sentence.
    pub shows: Vec<String>,
    /// What chance decides: under which target, and a process (none: each) and what is looked at.
    pub varies: Vec<(String, Vec<String>)>,
    /// The only target that it is tried with.
    pub under: Option<String>,
    /// Arguments of supervisord.
    pub arguments: String,
    /// What each program sees of which a line is wanted in the table.
    pub looks_at: Vec<String>,
    /// What is done before anything is started.
    pub first: String,
    /// What is done before supervisord is started, on its side only: an administrator did it long ago.
    pub first_there: String,
    /// What the operator does, in order: the verb and its object.
    pub steps: Vec<(String, String)>,
    /// The configuration.
    pub text: String,
}

impl Scenario {
    /// Reads the head of the file.
    ///
    /// # Panics
    /// On a step that no operator knows.
    pub fn new(name: &str, text: &str) -> Self {
        let mut new = Self { name: name.to_owned(), text: text.to_owned(), ..Self::default() };
        let list = |rest: &str| -> Vec<String> { rest.split(',').map(|one| one.trim().to_owned()).collect() };
        for line in text.lines().map_while(|line| line.strip_prefix(';')).map(str::trim) {
            if let Some((target, what)) = line.strip_prefix("varies under ").and_then(|rest| rest.split_once(": ")) {
                new.varies.push((target.to_owned(), list(what)));
                continue;
            }
            match line.split_once(": ").unwrap_or_default() {
                ("subject", rest) => rest.clone_into(&mut new.subject),
                ("stands for", rest) => new.stands_for = list(rest),
                ("flags", rest) => new.flags = rest.split_whitespace().map(str::to_owned).collect(),
                ("first", rest) => new.first.extend([rest, "\n"]),
                ("first under Supervisor", rest) => new.first_there.extend([rest, "\n"]),
                ("inherits", rest) => rest.clone_into(&mut new.inherits),
                ("started by", rest) => rest.clone_into(&mut new.started_by),
                ("started in", rest) => rest.clone_into(&mut new.started_in),
                ("shows", rest) => new.shows = list(rest),
                ("under", rest) => new.under = Some(rest.to_owned()),
                ("supervisord", rest) => rest.clone_into(&mut new.arguments),
                ("looks at", rest) => new.looks_at = list(rest),
                _ => match line.strip_prefix("then ") {
                    Some(step) => {
                        let (verb, object) = step.split_once(' ').unwrap_or((step, ""));
                        let known = ["wait", "see", "start", "stop", "restart", "signal", "shutdown"];
                        assert!(known.contains(&verb), "{name}: {line}");
                        new.steps.push((verb.to_owned(), object.to_owned()));
                    }
                    None if new.title.is_empty() => line.clone_into(&mut new.title),
                    None => new.title.extend([" ", line]),
                },
            }
        }
        assert!(!new.title.is_empty() && !new.subject.is_empty(), "{name}: no title or no subject");
        let control = CONTROL.replace("NAME", name);
        if !text.contains("\n[supervisord]") {
            new.text += "[supervisord]\n";
        }
        new.text += &control;
        new
    }

    /// As it is tried where one cannot start and stop programs alone: with the first stop all of them stop, and what can only be done
    /// by hand after it is left out.
    pub fn without_control(mut self) -> Self {
        let by_hand = |verb: &str, stopped: bool| verb == "restart" || (stopped && ["start", "signal"].contains(&verb));
        let mut stopped = false;
        let end = self.steps.iter().position(|(verb, _)| {
            let is_end = by_hand(verb, stopped);
            stopped |= verb == "stop";
            is_end
        });
        self.steps.truncate(end.unwrap_or(self.steps.len()));
        let last = self.steps.iter().rfind(|(verb, _)| verb == "stop");
        if last.is_some_and(|(_, object)| object != "all") {
            self.steps.push(("stop".to_owned(), "all".to_owned()));
        }
        self
    }

    /// Whether chance decides what is seen of this under a target.
    pub fn varies(&self, target: &str, who: &str, what: &str) -> bool {
        let of = self.varies.iter().filter(|(name, _)| name == target);
        of.flat_map(|(_, looks)| looks).any(|look| look == what || *look == format!("{who} {what}"))
    }

    /// Whether this announcement is to show here.
    pub fn asks(&self, option: &str, message: &str) -> bool {
        let is = |(of, words): (&str, &str)| of == option && message.contains(words);
        self.shows.iter().any(|one| is(one.split_once(' ').unwrap_or((one, ""))))
    }

    /// Whether the file itself sets a variable.
    pub fn sets(&self, variable: &str) -> bool {
        let mut lines = self.text.lines().filter(|line| !line.starts_with(';'));
        lines.any(|line| ['=', ',', ' '].iter().any(|before| line.contains(&format!("{before}{variable}="))))
    }

    /// A step as the table calls it.
    pub fn step(&self, number: &str) -> String {
        let step = number.parse::<usize>().ok().and_then(|number| self.steps.get(number));
        step.map_or_else(|| "at the end".to_owned(), |(verb, object)| format!("after `{verb} {object}`"))
    }
}

/// All scenarios of a folder, by name.
pub fn all(folder: &Path) -> Vec<Scenario> {
    let mut found: Vec<Scenario> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "conf"))
        .map(|path| Scenario::new(path.file_stem().unwrap().to_str().unwrap(), &fs::read_to_string(&path).unwrap()))
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

#[test]
fn without_control_all_stop_once_and_nothing_starts_again() {
    let steps = |steps: &str| {
        let text = format!("; t\n; subject: stop\n{steps}[program:a]\n");
        let steps = Scenario::new("x", &text).without_control().steps;
        steps.into_iter().map(|(verb, object)| format!("{verb} {object}")).collect::<Vec<_>>().join(", ")
    };
    for (given, expected) in [
        ("; then wait 2\n; then start a\n", "wait 2, start a"),
        ("; then stop a\n; then stop b\n", "stop a, stop b, stop all"),
        ("; then stop g:*\n; then start g:*\n; then wait 1\n", "stop g:*, stop all"),
        ("; then wait 2\n; then restart a\n; then stop a\n", "wait 2"),
        ("; then signal a TERM\n; then stop all\n; then see ls\n", "signal a TERM, stop all, see ls"),
    ] {
        assert_eq!(steps(given), expected);
    }
}
