//! HANDOVER.md: every command that brings the programs of one plan from supervisord to systemd, one program after the other, and
//! back. Its text depends on the plan alone: the commands are run in the folder of the page.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::instead::Table;
use super::written;
use crate::convert::systemd::escape::Comment;
use crate::convert::systemd::manager::RunsAs;
use crate::convert::systemd::name;
use crate::convert::{Moved, PlanFile};
use crate::hash::HashMap;
use crate::visible::{on_one_line, visible};
use crate::well_known::quoted;

/// What the first line names.
pub(in crate::convert::systemd) const HANDOVER: &str = "the hand-over";

/// What the names of pages end with.
pub(in crate::convert::systemd) const END: &str = ".md";

/// Files or units that one command names: a command line has an end.
const AT_ONCE: usize = 500;

/// Bytes of a name that a page is called by: there is an end to the name of a file as well.
const LONGEST: usize = 180;

/// The name of the page. `part`: what the plan is of, where it is not of all: a fragment, a choice; each has a page of its own,
/// so that one directory can hold all of them.
pub(in crate::convert::systemd) fn file_name(prefix: &str, part: Option<&str>) -> String {
    let mut part = part.map(|part| format!("-{}", name::escape(part))).unwrap_or_default();
    part.truncate(LONGEST);
    format!("{prefix}HANDOVER{part}{END}")
}

/// Whether a file is a page, which is installed nowhere.
pub(super) fn is_page(path: &str) -> bool {
    path.ends_with(END) && !path.contains('/')
}

/// A process that moves.
#[derive(Clone, Copy, Debug)]
pub(in crate::convert::systemd) struct Moving<'p> {
    /// It, and its unit.
    pub moved: &'p Moved,
    /// Whether it is started at boot.
    pub at_boot: bool,
}

/// Who can stop one program of supervisord, and let the others run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::convert::systemd) enum Control {
    /// supervisorctl.
    Server,
    /// Nobody: the file has no control server.
    Nobody,
}

/// What goes on under supervisord.
#[derive(Debug)]
pub(in crate::convert::systemd) enum Rest {
    /// Nothing: it is switched off in the end. The listeners of which nothing was made end with it.
    Nothing(Vec<String>),
    /// Other programs. These have no unit, or were not asked for; a main file may have more.
    Programs(Vec<String>),
}

/// What the page is made of.
#[derive(Debug)]
pub(in crate::convert::systemd) struct Page<'p> {
    /// The file that was converted.
    pub source: &'p str,
    /// As whom the services run.
    pub runs_as: RunsAs<'p>,
    /// The log files that the account of a user manager has to get from supervisord.
    pub logs: &'p [String],
    pub files: &'p [PlanFile],
    /// What to enable, the umbrella first.
    pub enable: &'p [String],
    /// Whether the umbrella is of this plan alone. That of a fragment or a choice may have units of others.
    pub whole: bool,
    pub moving: Vec<Moving<'p>>,
    /// All that moves, as few words as supervisorctl takes: `web`, `group:*`, `group:process`.
    pub words: &'p [String],
    /// The sockets of a group.
    pub sockets: &'p BTreeMap<String, Vec<String>>,
    /// The sections of the programs that move.
    pub sections: Vec<&'p str>,
    pub control: Control,
    pub rest: Rest,
    pub table: Table<'p>,
}

/// What stops and starts together.
#[derive(Debug, Default)]
struct Step<'p> {
    words: Vec<&'p str>,
    units: Vec<&'p str>,
    sockets: &'p [String],
    /// It is not started at boot.
    by_hand: bool,
}

impl<'p> Page<'p> {
    /// The text.
    pub fn text(&self) -> String {
        visible(&written(|out| self.write(out))).into_owned()
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let source = Comment::text(self.source);
        writeln!(out, "# supconv: {HANDOVER} of {}\n", source.as_str())?;
        if self.runs_as.is_user() {
            let account = self.account();
            writeln!(
                out,
                "Run these commands in this folder, in this order: those with `# as root` as root, all others as the account that the units\n\
                 are for: {}. Log in as it with ssh or `machinectl shell {account}@`: after su or sudo, `systemctl --user` finds no\n\
                 manager. The account has to be able to read this folder.\n",
                named(std::slice::from_ref(&account))
            )?;
        } else {
            writeln!(out, "Run these commands in this folder, as root, in this order.\n")?;
        }
        self.install(out)?;
        writeln!(
            out,
            "\n## 2. Enable\n\nNothing is started. Do not reboot before step 6: a boot now would start everything twice.\n"
        )?;
        fenced(out, "sh", &listed(&self.systemctl("enable"), self.enable.iter().map(String::as_str)))?;
        let steps = self.steps();
        match self.control {
            Control::Server => self.one_by_one(&steps, out)?,
            Control::Nobody => self.at_once(out)?,
        }
        self.finish(out)?;
        self.rest(&steps, out)?;
        if self.control == Control::Server {
            writeln!(out, "\n## Instead of supervisorctl\n")?;
            fenced(out, "text", &self.table.lines())?;
        }
        Ok(())
    }

    /// Step 1.
    fn install(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "## 1. Install\n")?;
        let mut lines = self.by_root();
        lines.extend(self.installs());
        let tmpfiles = self.files.iter().filter_map(|file| file.path.strip_prefix("etc/tmpfiles.d/"));
        lines.extend(tmpfiles.map(|name| format!("systemd-tmpfiles --create {}", quoted(name))));
        lines.push(self.systemctl("daemon-reload"));
        fenced(out, "sh", &lines)?;
        writeln!(
            out,
            "\n`install` replaces a link of the same name; `cp` would write into the file that the link points to. If this folder is\n\
             {} itself, leave out the line for it.",
            self.runs_as.whose().units()
        )?;
        if self.runs_as.is_user() {
            writeln!(
                out,
                "\n`enable-linger`: the manager of the account runs from the boot on, not from the first login to the last logout."
            )?;
        }
        Ok(())
    }

    /// What root does for the account first: log files that supervisord made are its own user's.
    fn by_root(&self) -> Vec<String> {
        if !self.runs_as.is_user() {
            return Vec::new();
        }
        let account = self.account();
        let mut lines = vec![as_root(&format!("loginctl enable-linger {account}"))];
        let chown = |files: &[String]| as_root(&format!("chown -- {account} {}", spaced(files)));
        lines.extend(self.logs.chunks(AT_ONCE).map(chown));
        lines
    }

    /// The account that the units are for, as a word of a shell.
    fn account(&self) -> String {
        self.runs_as.account().map_or_else(|| "ACCOUNT".to_owned(), quoted)
    }

    fn systemctl(&self, verb: &str) -> String {
        format!("{} {verb}", self.runs_as.whose().systemctl())
    }

    /// What controls supervisord itself is root's.
    fn of_root(&self, command: &str) -> String {
        if self.runs_as.is_user() { as_root(command) } else { command.to_owned() }
    }

    /// The commands that put the files to their places, by name: beside them may be files of others. `install` sets the mode,
    /// also of a file that is there, and puts a new file where a link is (tests/it/handover.rs).
    fn installs(&self) -> Vec<String> {
        let mut folders: BTreeMap<(&str, u32), Vec<String>> = BTreeMap::new();
        for file in self.files {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders.entry((folder, file.mode)).or_default().push(quoted(&file.path));
        }
        let lines = folders.into_iter().flat_map(|((folder, mode), paths)| {
            let place = self.runs_as.whose().folder(folder);
            let line = move |paths: &[String]| format!("install -D -m {mode:04o} -t {place} -- {}", paths.join(" "));
            paths.chunks(AT_ONCE).map(line).collect::<Vec<_>>()
        });
        lines.collect()
    }

    /// What moves together: a pool, a group, what shares a socket.
    fn steps(&self) -> Vec<Step<'p>> {
        let mut alone: HashMap<&str, Moving<'p>> = HashMap::default();
        let mut groups: HashMap<&str, Vec<Moving<'p>>> = HashMap::default();
        for moving in &self.moving {
            alone.insert(&moving.moved.called, *moving);
            groups.entry(group(&moving.moved.called)).or_default().push(*moving);
        }
        let mut steps = Vec::with_capacity(self.words.len());
        for word in self.words {
            let sockets = self.sockets.get(group(word)).map(Vec::as_slice).unwrap_or_default();
            let members: Vec<Moving<'p>> = match word.strip_suffix(":*") {
                Some(group) => groups.get(group).cloned().unwrap_or_default(),
                None => alone.get(word.as_str()).copied().into_iter().collect(),
            };
            let (at_boot, by_hand): (Vec<Moving<'p>>, Vec<Moving<'p>>) =
                members.into_iter().partition(|moving| moving.at_boot);
            // supervisorctl would start the whole group again, and with it what it has not started itself.
            let whole = by_hand.is_empty() || at_boot.is_empty();
            for (members, by_hand) in [(at_boot, false), (by_hand, true)] {
                let called = members.iter().map(|moving| moving.moved.called.as_str());
                let words = if whole { vec![word.as_str()] } else { called.collect() };
                let units: Vec<&str> = members.iter().map(|moving| moving.moved.unit.as_str()).collect();
                if !units.is_empty() {
                    steps.push(Step { words, units, sockets, by_hand });
                }
            }
        }
        steps
    }

    /// Steps 3 and 4.
    fn one_by_one(&self, steps: &[Step<'_>], out: &mut String) -> fmt::Result {
        let there = |step: &Step<'_>| {
            format!("supervisorctl stop {} && {} {}", spaced(&step.words), self.systemctl("start"), spaced(&step.units))
        };
        let back = |step: &Step<'_>| {
            let units: Vec<&str> = step.units.iter().copied().chain(step.sockets.iter().map(String::as_str)).collect();
            format!("{} {} && supervisorctl start {}", self.systemctl("stop"), spaced(&units), spaced(&step.words))
        };
        writeln!(
            out,
            "\n## 3. Hand over, one program after the other\n\n\
             Leave out what `supervisorctl status` does not show as RUNNING. After each line look at `{} UNIT`. If\n\
             supervisord was started with `-c FILE`, write `supervisorctl -c FILE`.\n",
            self.systemctl("status")
        )?;
        if self.runs_as.is_user() {
            writeln!(
                out,
                "Where supervisorctl is root's alone, run what stands before `&&` as root, and then the rest as the account; on the way\n\
                 back the other way round.\n"
            )?;
        }
        both(steps, there, "These have autostart=false: only if they run now.", out)?;
        writeln!(
            out,
            "\n## 4. Back, one program after the other\n\nThe same for one program, or for all, before step 6.\n"
        )?;
        both(steps, back, "These have autostart=false: only if they run now.", out)?;
        let disabled = self.disabled();
        if disabled.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nWhen all of them are back:\n")?;
        fenced(out, "sh", &disabled)
    }

    /// The same where nobody can stop one program.
    fn at_once(&self, out: &mut String) -> fmt::Result {
        let umbrella = self.umbrella();
        writeln!(
            out,
            "\n## 3. Hand over, all programs at once\n\n\
             The file has no control server ([unix_http_server] and [rpcinterface:supervisor]), so nobody can stop one program:\n\
             supervisord ends with all its programs, and the units start right after it.\n"
        )?;
        let stop = match self.rest {
            Rest::Nothing(_) => "systemctl disable --now supervisor",
            Rest::Programs(_) => {
                writeln!(out, "First set autostart=false in supervisord.conf for what moves:\n")?;
                fenced(out, "ini", &self.not_at_boot())?;
                writeln!(out)?;
                "systemctl restart supervisor"
            }
        };
        let start = format!("{} {umbrella}", self.systemctl("start"));
        let lines = match self.runs_as {
            RunsAs::Each => vec![format!("{stop} && {start}")],
            RunsAs::Account(_) | RunsAs::Whoever | RunsAs::Several => vec![as_root(stop), start],
        };
        fenced(out, "sh", &lines)?;
        writeln!(out, "\n{DEBIAN}\n\n## 4. Back\n")?;
        fenced(out, "sh", &self.all_back())
    }

    /// Step 5.
    fn finish(&self, out: &mut String) -> fmt::Result {
        let umbrella = self.umbrella();
        writeln!(
            out,
            "\n## 5. Finish\n\nThis starts what is enabled and does not run, as a boot does, also what has ended by itself.\n"
        )?;
        let check = [
            format!("{} {umbrella}", self.systemctl("start")),
            format!("{} {umbrella}", self.systemctl("list-dependencies")),
            self.systemctl("list-units --failed"),
        ];
        fenced(out, "sh", &check)
    }

    /// Step 6.
    fn rest(&self, steps: &[Step<'_>], out: &mut String) -> fmt::Result {
        match &self.rest {
            Rest::Nothing(listeners) => {
                writeln!(out, "\n## 6. Switch supervisord off\n")?;
                if !listeners.is_empty() {
                    writeln!(
                        out,
                        "Nothing is left for it to run. These event listeners have no unit and end with it: {}.\n",
                        named(listeners)
                    )?;
                }
                if self.control == Control::Nobody {
                    return writeln!(out, "Step 3 has done that.");
                }
                fenced(out, "sh", &[self.of_root("systemctl disable --now supervisor")])?;
                writeln!(out, "\n{DEBIAN}\n\nBack from here, where supervisord starts all programs at once:\n")?;
                fenced(out, "sh", &self.all_back())
            }
            Rest::Programs(left) => {
                writeln!(out, "\n## 6. What stays with supervisord\n")?;
                if !left.is_empty() {
                    writeln!(out, "supervisord goes on with {}.\n", named(left))?;
                }
                if self.control == Control::Nobody || steps.is_empty() {
                    return Ok(());
                }
                writeln!(out, "Set autostart=false for what has moved, or both start it at the next boot:\n")?;
                fenced(out, "ini", &self.not_at_boot())
            }
        }
    }

    fn umbrella(&self) -> String {
        quoted(self.table.umbrella)
    }

    /// The end of what was enabled. To stop an umbrella is to stop all units below it, those of others too: a part stops its own,
    /// timers among them.
    fn disabled(&self) -> Vec<String> {
        if !self.whole {
            return listed(&self.systemctl("disable --now"), self.enable.iter().skip(1).map(String::as_str));
        }
        let mut lines = listed(&self.systemctl("disable"), self.enable.iter().map(String::as_str));
        lines.push(format!("{} {}", self.systemctl("stop"), self.umbrella()));
        lines
    }

    /// All units stop, and are waited for, before supervisord starts all programs.
    fn all_back(&self) -> Vec<String> {
        let sockets = self.sockets.values().flatten().map(String::as_str);
        let mut lines =
            listed(&self.systemctl("stop"), self.moving.iter().map(|moving| moving.moved.unit.as_str()).chain(sockets));
        lines.extend(self.disabled());
        lines.push(match self.rest {
            Rest::Nothing(_) => self.of_root("systemctl enable --now supervisor"),
            Rest::Programs(_) if self.runs_as.is_user() => {
                as_root("systemctl restart supervisor") + ", after autostart= is as it was"
            }
            Rest::Programs(_) => "systemctl restart supervisor     # after autostart= is as it was".to_owned(),
        });
        lines
    }

    fn not_at_boot(&self) -> Vec<String> {
        let lines =
            self.sections.iter().flat_map(|section| [format!("[{}]", on_one_line(section)), AUTOSTART.to_owned()]);
        lines.collect()
    }
}

/// A command that the account of the units may not run.
fn as_root(command: &str) -> String {
    format!("{command}     # as root")
}

const AUTOSTART: &str = "autostart=false";

/// Whose name it is.
const DEBIAN: &str = "Debian and Ubuntu call the service supervisor, others supervisord.";

/// The group in what supervisorctl takes: `web` of `web:*`, of `web:web_00` and of `web`.
fn group(word: &str) -> &str {
    word.split_once(':').map_or(word, |(group, _)| group)
}

/// Words of a command line.
fn spaced<T: AsRef<str>>(words: &[T]) -> String {
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// A command of many names, in as many lines as it needs.
fn listed<'n>(command: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: Vec<&str> = names.collect();
    names.chunks(AT_ONCE).map(|names| format!("{command} {}", spaced(names))).collect()
}

/// The lines of what is started at boot, and after `note` those of the rest.
fn both(steps: &[Step<'_>], line: impl Fn(&Step<'_>) -> String, note: &str, out: &mut String) -> fmt::Result {
    let of =
        |by_hand: bool| -> Vec<String> { steps.iter().filter(|step| step.by_hand == by_hand).map(&line).collect() };
    let (at_boot, by_hand) = (of(false), of(true));
    if !at_boot.is_empty() {
        fenced(out, "sh", &at_boot)?;
    }
    if !by_hand.is_empty() {
        writeln!(out, "{}{note}\n", if at_boot.is_empty() { "" } else { "\n" })?;
        fenced(out, "sh", &by_hand)?;
    }
    Ok(())
}

/// Names in a sentence, each as code.
fn named(names: &[String]) -> String {
    let code = |name: &String| {
        let name = on_one_line(name);
        let ticks = "`".repeat(longest_run(&name) + 1);
        let blank = if name.contains('`') { " " } else { "" };
        [&ticks, blank, &*name, blank, &ticks].concat()
    };
    names.iter().map(code).collect::<Vec<_>>().join(", ")
}

/// Lines between fences that are longer than any run of backquotes in them.
fn fenced(out: &mut String, kind: &str, lines: &[String]) -> fmt::Result {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    writeln!(out, "{fence}{kind}")?;
    for line in lines {
        writeln!(out, "{}", on_one_line(line))?;
    }
    writeln!(out, "{fence}")
}

/// The longest run of backquotes.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_longer_than_what_is_in_them() {
        let mut out = String::new();
        let wrote = fenced(&mut out, "sh", &["a ````b``".to_owned(), "c\nd\u{1b}".to_owned()]);
        assert_eq!((wrote, &*out), (Ok(()), "`````sh\na ````b``\nc\u{240a}d\u{241b}\n`````\n"));
        assert_eq!(named(&["a".to_owned(), "b``c".to_owned()]), "`a`, ``` b``c ```");
    }

    #[test]
    fn a_page_is_called_by_what_it_is_of() {
        assert_eq!(file_name("", None), "HANDOVER.md");
        assert_eq!(file_name("p-", Some("web")), "p-HANDOVER-web.md");
        assert_eq!(file_name("", Some("a b/c")), "HANDOVER-a\\x20b\\x2fc.md");
        assert!(file_name("", Some(&"é".repeat(200))).len() < 200);
    }
}
