//! Program by program, until each process has its file or a reason for none.

use std::borrow::Cow;

use super::draft::{Draft, Unwritten};
use super::launcher::{Ends, Switch};
use super::names::{self, Names};
use super::start::{self, Start};
use super::{Habits, listener};
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{Daemon, Job};
use crate::convert::rotation::Rotation;
use crate::convert::selection::{Members, Selection, called};
use crate::convert::writers::Writer;
use crate::convert::{Ledger, announce, outside};
use crate::hash::HashSet;
use crate::keys::{fcgi as f, group as g, process as p, program as k};
use crate::model::{Config, Group, GroupKind, Process};
use crate::python;
use crate::python::integer::Integer;

/// What every step looks at.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c, 'a> {
    pub config: &'a Config<'a>,
    pub selection: &'c Selection<'a>,
    pub habits: &'static Habits,
    /// What all names begin with.
    pub prefix: &'c str,
    /// What changes the user.
    pub switch: Switch,
    /// The file, by the name that the first lines have for it.
    pub source: &'c str,
}

/// A process with what a target makes of it.
#[derive(Debug)]
pub(crate) struct Program<'a, T> {
    /// The section that makes it.
    pub section: &'a str,
    /// The group that it is in.
    pub group: &'a str,
    /// As supervisorctl calls it.
    pub called: String,
    /// The same in plain characters, and different from all others: the name of its files.
    pub stem: String,
    /// Whether it is started at boot.
    pub autostart: bool,
    /// Its place in the order of start: that of its group, and its own.
    pub priority: (Integer, Integer),
    /// Seconds until it is killed.
    pub stops_within: Integer,
    pub start: Start<'a>,
    /// The lines that begin its files, without marks of a comment.
    pub header: Vec<String>,
    pub rotations: Vec<Rotation<'a>>,
    /// What the target makes of it.
    pub made: T,
}

/// All programs, and who writes which log file.
pub(crate) struct Programs<'a, T> {
    pub all: Vec<Program<'a, T>>,
    pub writers: Vec<Writer<'a>>,
}

/// What a target decides by itself of a process: how its end is seen, and the rest.
pub(crate) type Make<T> = for<'d> fn(&mut Draft<'d, '_>) -> (Ends<'d>, T);

/// Makes all programs that are selected.
pub(crate) fn programs<'a, T>(context: Context<'_, 'a>, make: Make<T>, ledger: &mut Ledger<'a>) -> Programs<'a, T> {
    let told = ledger.errors().iter().filter_map(|error| error.section.map(str::to_owned)).collect();
    let daemon = Daemon::of(context.config);
    let programs = Programs { all: Vec::new(), writers: Vec::new() };
    let mut maker = Maker { context, ledger, make, daemon, told, names: Names::default(), outside: false, programs };
    for group in &context.selection.groups {
        maker.group(group);
    }
    maker.idle();
    maker.programs
}

struct Maker<'c, 'a, T> {
    context: Context<'c, 'a>,
    ledger: &'c mut Ledger<'a>,
    make: Make<T>,
    daemon: Daemon<'a>,
    /// The sections of which has been said that Supervisor refuses them.
    told: HashSet<String>,
    names: Names,
    /// Whether has been said what `[supervisord]` takes from outside.
    outside: bool,
    programs: Programs<'a, T>,
}

impl<'a, T> Maker<'_, 'a, T> {
    fn group(&mut self, group: &'a Group<'a>) {
        let habits = self.context.habits;
        match &group.kind {
            GroupKind::EventListener(options) => return listener::say(group, options, habits, self.ledger),
            GroupKind::Fcgi(_) => {
                for members in self.context.selection.members(group) {
                    let message = format_args!("no program is written: {} hands no socket to a program.", habits.name);
                    self.ledger.lost(&announce::NOT_CONVERTIBLE, members.section, &f::SOCKET, message);
                    self.ledger.implied(members.section, "no program is written for this section.");
                }
                return;
            }
            GroupKind::Group | GroupKind::Program => {}
        }
        let before = self.programs.all.len();
        for members in self.context.selection.members(group) {
            if self.context.selection.refuses(group, members.section) {
                self.refused(group, members.section);
            } else {
                self.section(group, &members);
            }
        }
        if !matches!(group.kind, GroupKind::Group) {
            return;
        }
        if self.programs.all.len() > before || group.processes.is_empty() {
            self.ledger.approximate(&announce::GROUPS, group.section, &g::PROGRAMS, habits.groups);
            // What becomes of it is said of the programs.
            self.ledger.exact(group.section, &g::PRIORITY);
        } else {
            self.ledger.implied(group.section, "no program is written for this group.");
        }
    }

    /// Sections that make no process.
    fn idle(&mut self) {
        for section in &self.context.selection.idle {
            self.ledger.all_exact(section);
        }
    }

    /// A section that Supervisor refuses. Where the rules withhold that because of template markup, it is said here.
    fn refused(&mut self, group: &'a Group<'a>, section: &'a str) {
        if ![section, group.section].into_iter().any(|section| self.told.contains(section)) {
            let message = "no program is written: Supervisor refuses this section as it stands; is it a template to be rendered \
                           first?";
            self.ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, message);
        }
        self.ledger.implied(section, "no program is written: Supervisor refuses the section.");
    }

    /// The processes that one section makes in one group.
    fn section(&mut self, group: &'a Group<'a>, members: &Members<'a>) {
        let section = members.section;
        let mut variables: HashSet<&str> = HashSet::default();
        let mut missing = false;
        for process in &members.processes {
            match self.process(group, process, &mut variables) {
                Ok(Some(program)) => self.programs.all.push(program),
                Ok(None) => {}
                Err(Unwritten) => missing = true,
            }
        }
        if missing {
            self.ledger.implied(section, "no program is written for this process.");
            return;
        }
        for key in [&p::PROCESS_NAME, &k::NUMPROCS, &k::NUMPROCS_START, &k::AUTOSTART] {
            self.ledger.exact(section, key);
        }
        outside::fixed(section, |name| variables.contains(name), self.ledger);
        if !std::mem::replace(&mut self.outside, true) {
            outside::fixed_of_supervisord(&self.daemon, self.ledger);
        }
    }

    /// One process; none where it is not asked for. `variables`: those that its own `environment=` sets are added.
    fn process(
        &mut self,
        group: &'a Group<'a>,
        process: &'a Process<'a>,
        variables: &mut HashSet<&'a str>,
    ) -> Result<Option<Program<'a, T>>, Unwritten> {
        let section = process.program.section;
        let Context { config, selection, habits, prefix, switch, source } = self.context;
        if !selection.wants(group, process) {
            return Ok(None);
        }
        let job = match Job::of(group, process, &self.daemon) {
            Ok(job) => job,
            Err(unknown) => {
                outside::unknown(&unknown, "program", self.ledger);
                return Err(Unwritten);
            }
        };
        if section.starts_with("fcgi-program:") {
            // A member of a group has no socket under Supervisor either.
            for key in f::KEYS {
                self.ledger.exact(section, key);
            }
        }
        let own = job.environment.value.iter().filter(|variable| std::ptr::eq(variable.section, section));
        variables.extend(own.map(|variable| variable.name));
        let called = called(job.group, job.name.value);
        let stem = self.names.fresh(&names::plain(&[prefix, &called].concat()));
        let mut draft = Draft {
            ledger: self.ledger,
            habits,
            job: &job,
            secrets: &config.secrets,
            switch,
            stem: &stem,
            cannot_run: selection.cannot_run(section),
            remarks: Vec::new(),
            files: Vec::new(),
            rotations: Vec::new(),
        };
        if draft.has_secret(&job.name, job.name.value) {
            let reason = "its name contains a secret, and every user can read the names of files.";
            return Err(draft.unwritten(&job.name, reason));
        }
        let (ends, made) = (self.make)(&mut draft);
        let start = start::start(&mut draft, ends)?;
        let Draft { remarks, files, rotations, .. } = draft;
        for (path, key) in files {
            let rotation = rotations.iter().find(|rotation| rotation.path() == path).cloned();
            let path = Cow::Owned(python::normpath(&path).into_owned());
            let (group, process) = (job.group, job.name.value);
            self.programs.writers.push(Writer { path, section, group, process, key, rotation });
        }
        let header = std::iter::once(format!("supconv: [{section}] of {source}")).chain(remarks).collect();
        let priority =
            (group.priority.known().cloned().unwrap_or_else(|| Integer::from(999)), job.own.priority.value.clone());
        Ok(Some(Program {
            section,
            group: job.group,
            called,
            stem,
            autostart: *job.own.autostart.value,
            priority,
            stops_within: job.own.stopwaitsecs.value.clone(),
            start,
            header,
            rotations,
            made,
        }))
    }
}
