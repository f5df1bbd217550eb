//! Limits of running processes are raised (prlimit(2)), and never lowered.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;

use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::process::Proc;
use super::{Look, Process, Program, Which};
use crate::files::reason;
use crate::launcher::Limits;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The soft limit.
    pub soft: u64,
    /// The hard limit, if that is asked for too.
    pub hard: Option<u64>,
}

impl Wish {
    /// Of `N` or `SOFT:HARD`.
    ///
    /// # Errors
    /// What to write instead.
    pub fn of(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
        let (soft, hard) = match text.split_once(':') {
            Some((soft, hard)) => (number(soft), Some(number(hard))),
            None => (number(text), None),
        };
        match (soft, hard) {
            (Some(soft), None) => Ok(Self { soft, hard: None }),
            (Some(soft), Some(Some(hard))) if soft <= hard => Ok(Self { soft, hard: Some(hard) }),
            _ => Err("write a number of open files, N or SOFT:HARD".to_owned()),
        }
    }

    /// The most that is asked for.
    #[must_use]
    pub fn most(self) -> u64 {
        self.hard.unwrap_or(self.soft)
    }

    /// What a process would have that has these limits: none of them less. A soft limit above the hard one raises that too.
    #[must_use]
    pub fn over(self, limits: Limits) -> Limits {
        let soft = limits.soft.max(self.soft);
        Limits { soft, hard: limits.hard.max(self.hard.unwrap_or(0)).max(soft) }
    }
}

/// The most that this kernel gives a process (`fs.nr_open`); `None` where it does not say.
#[must_use]
pub fn most() -> Option<u64> {
    fs::read_to_string("/proc/sys/fs/nr_open").ok()?.trim().parse().ok()
}

/// What became of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The program, as supervisorctl calls it; `None` is supervisord itself.
    pub name: Option<String>,
    /// Whether it is a child of the program's process.
    pub child: bool,
    /// The process, with the limits of just before.
    pub process: Process,
    /// The limits that it should have.
    pub wanted: Limits,
    /// What was done.
    pub done: Done,
}

/// What was done with a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It has what is asked for, or more.
    Had,
    /// Its limits were raised, or would be.
    Raised,
    /// It is left as it is, for this reason.
    Left(Cow<'static, str>),
}

/// The processes of a look that are asked for: all, or those of some programs.
fn asked<'l>(look: &'l Look, names: &'l [String]) -> impl Iterator<Item = (Option<&'l Program>, &'l Process, bool)> {
    let of_program = |program: &'l Program| {
        let children = program.children.iter().map(move |child| (Some(program), child, true));
        std::iter::once((Some(program), &program.process, false)).chain(children)
    };
    let wanted = move |program: &&Program| names.is_empty() || names.iter().any(|name| matches(name, &program.name));
    look.supervisords.iter().flat_map(move |one| {
        let own = names.is_empty().then_some((None, &one.process, false));
        // supervisord first: what it starts from now on has the limit.
        own.into_iter().chain(one.programs.iter().filter(wanted).flat_map(of_program))
    })
}

/// Whether a name of supervisorctl means a program: `web`, `group:process`, `group:*`, `all`.
#[must_use]
pub fn matches(name: &str, program: &str) -> bool {
    let (group, process) = program.split_once(':').unwrap_or((program, program));
    match name.split_once(':') {
        _ if name == "all" => true,
        None => group == name && process == name,
        Some((of, "*" | "")) => of == group,
        Some((of, one)) => of == group && one == process,
    }
}

/// The first name that no program has.
#[must_use]
pub fn unknown<'n>(look: &Look, names: &'n [String]) -> Option<&'n str> {
    let mut names = names.iter().map(String::as_str);
    let programs = || look.supervisords.iter().flat_map(|one| &one.programs);
    names.find(|name| !programs().any(|program| matches(name, &program.name)))
}

/// How often it is looked again for processes that were started by one whose limit was not raised yet.
const ROUNDS: usize = 4;

/// Raises the limits of the processes that are asked for, or tells what would become of them. `names`: as supervisorctl takes
/// them; without one, supervisords are raised too. A process that ends is left out.
#[must_use]
pub fn raise(look: &Look, names: &[String], wish: Wish, proc: &Proc, dry_run: bool) -> Vec<Change> {
    let rights = Rights::of_this_process();
    if dry_run {
        return round(look, names, wish, &|process, limits| {
            let lacking = rights.lacking(process, limits, wish.over(limits));
            Some((limits, lacking.map_or(Done::Raised, |why| Done::Left(why.into()))))
        });
    }
    let act = |process: &Process, _| raised(process, wish, proc, &rights);
    let mut changes = round(look, names, wish, &act);
    for _ in 0..ROUNDS {
        let again = look.supervisords.iter().filter_map(|one| super::look(proc, Which::Pid(one.process.pid)).ok());
        let again = Look { supervisords: again.flat_map(|look| look.supervisords).collect(), errors: Vec::new() };
        let mut new = round(&again, names, wish, &act);
        let known: Vec<u32> = changes.iter().map(|change| change.process.pid).collect();
        new.retain(|change| change.done == Done::Raised || !known.contains(&change.process.pid));
        if new.iter().all(|change| change.done == Done::Had) {
            break;
        }
        changes.extend(new);
    }
    changes
}

/// Does something with a process that had these limits at the look, and has those of just before; `None` if it has ended.
type Act<'a> = dyn Fn(&Process, Limits) -> Option<(Limits, Done)> + 'a;

fn round(look: &Look, names: &[String], wish: Wish, act: &Act<'_>) -> Vec<Change> {
    // A supervisord below another one is asked for twice, and so is what it has started.
    let mut seen = BTreeSet::new();
    let once = asked(look, names).filter(|(_, process, _)| seen.insert(process.pid));
    let change = |(program, process, child): (Option<&Program>, &Process, bool)| {
        let (limits, done) = match process.limits {
            None => (None, Done::Left(UNREAD.into())),
            Some(limits) if wish.over(limits) == limits => (Some(limits), Done::Had),
            Some(limits) => {
                let (limits, done) = act(process, limits)?;
                (Some(limits), done)
            }
        };
        let wanted = wish.over(limits.unwrap_or(Limits { soft: 0, hard: 0 }));
        let name = program.map(|program| program.name.clone());
        Some(Change { name, child, process: Process { limits, ..process.clone() }, wanted, done })
    };
    once.filter_map(change).collect()
}

const UNREAD: &str = "its limits cannot be read";
const OF_ANOTHER: &str = "it belongs to another account, and supconv lacks CAP_SYS_RESOURCE";
const ABOVE_HARD: &str = "that is above its hard limit, and only CAP_SYS_RESOURCE may raise that";

/// Raises the limits of one process, and has those of before; `None` if it has ended.
fn raised(process: &Process, wish: Wish, proc: &Proc, rights: &Rights) -> Option<(Limits, Done)> {
    // Another process may have its number by now, and it may have raised its limits itself.
    if proc.stat(process.pid).ok()?.started != process.started {
        return None;
    }
    let limits = proc.limits(process.pid).ok()?;
    let wanted = wish.over(limits);
    if wanted == limits {
        return Some((limits, Done::Had));
    }
    let pid = Pid::from_raw(i32::try_from(process.pid).ok()?)?;
    let rlimit = Rlimit { current: Limits::bound(wanted.soft), maximum: Limits::bound(wanted.hard) };
    match prlimit(Some(pid), Resource::Nofile, rlimit) {
        Ok(_) => Some((limits, Done::Raised)),
        Err(Errno::SRCH) => None,
        Err(error) => Some((limits, Done::Left(refused(error, rights.lacking(process, limits, wanted))))),
    }
}

/// Why the system refuses a change. `lacking`: the right that is missing for it.
fn refused(error: Errno, lacking: Option<&'static str>) -> Cow<'static, str> {
    match lacking {
        Some(why) if error == Errno::PERM => why.into(),
        _ => format!("the system refuses it: {}", reason(&error.to_string())).into(),
    }
}

/// What this process may do with the limits of others (`check_prlimit_permission` and `do_prlimit` of Linux).
struct Rights {
    resource: bool,
    account: u32,
}

impl Rights {
    fn of_this_process() -> Self {
        const CAP_SYS_RESOURCE: u32 = 24;
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        let effective = effective.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        let account = rustix::process::getuid().as_raw();
        Self { resource: effective & (1 << CAP_SYS_RESOURCE) != 0, account }
    }

    /// Why a change would fail; `None` if it would not.
    fn lacking(&self, process: &Process, limits: Limits, wanted: Limits) -> Option<&'static str> {
        if self.resource {
            return None;
        }
        let hard = (wanted.hard > limits.hard).then_some(ABOVE_HARD);
        hard.or_else(|| (process.account != Some(self.account)).then_some(OF_ANOTHER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_never_lowers() {
        let limits = |soft, hard| Limits { soft, hard };
        for (wish, before, after) in [
            ("4096", limits(1024, 20_000), limits(4096, 20_000)),
            ("4096", limits(4096, 20_000), limits(4096, 20_000)),
            ("4096", limits(8192, 20_000), limits(8192, 20_000)),
            ("4096", limits(1024, 2048), limits(4096, 4096)),
            ("4096:30000", limits(1024, 20_000), limits(4096, 30_000)),
            ("4096:8192", limits(1024, 20_000), limits(4096, 20_000)),
            ("4096:30000", limits(8192, 20_000), limits(8192, 30_000)),
            ("4096", limits(1024, Limits::INFINITY), limits(4096, Limits::INFINITY)),
        ] {
            assert_eq!(Wish::of(wish).map(|wish| wish.over(before)), Ok(after), "{wish} {before:?}");
        }
        for wish in ["", "0", "-1", "many", "4096:", ":4096", "4096:1024", "1:2:3", "1k"] {
            assert!(Wish::of(wish).is_err(), "{wish}");
        }
    }

    #[test]
    fn a_right_that_is_missing_is_named_where_that_is_why() {
        for (error, lacking, why) in [
            (Errno::PERM, Some(OF_ANOTHER), OF_ANOTHER),
            (Errno::PERM, Some(ABOVE_HARD), ABOVE_HARD),
            (Errno::PERM, None, "the system refuses it: Operation not permitted"),
            (Errno::INVAL, Some(OF_ANOTHER), "the system refuses it: Invalid argument"),
            (Errno::NOSYS, None, "the system refuses it: Function not implemented"),
        ] {
            assert_eq!(refused(error, lacking), why, "{error} {lacking:?}");
        }
    }

    #[test]
    fn names_as_supervisorctl_takes_them() {
        for (name, fitting) in [
            ("web", &["web"][..]),
            ("web:web", &["web"]),
            ("pool:*", &["pool:0", "pool:1"]),
            ("pool:", &["pool:0", "pool:1"]),
            ("pool:1", &["pool:1"]),
            ("pool", &[]),
            ("web:*", &["web"]),
            ("all", &["web", "pool:0", "pool:1"]),
            ("*", &[]),
        ] {
            let found: Vec<_> = ["web", "pool:0", "pool:1"].into_iter().filter(|one| matches(name, one)).collect();
            assert_eq!(found, fitting, "{name}");
        }
    }
}
