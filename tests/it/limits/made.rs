//! What a test cannot have on every machine: /proc is made up, of containers and of units, of processes that end during the look.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::thread;

use supconv::diagnostic::Severity;
use supconv::launcher::Limits;
use supconv::limits::place::Place;
use supconv::limits::process::Proc;
use supconv::limits::raise::{self, Change, Done, Wish};
use supconv::limits::{Decided, Look, Minfds, Supervisord, Thresholds, Which, look};
use supconv::report::Style;
use supconv::report::limits::{Telling, raised, table};

use crate::support::desk::Desk;

/// A process: its number, its parent's, the words of its command line, its environment.
struct Made<'a> {
    pid: u32,
    parent: u32,
    words: &'a [&'a str],
    environment: &'a [&'a str],
    /// Its limits in /proc/PID/limits; without them it ends before they are read.
    limits: Option<(&'a str, &'a str)>,
    open: u32,
    group: &'a str,
}

const SUPERVISORD: Made<'_> = Made {
    pid: 10,
    parent: 1,
    words: &["/usr/bin/python3", "-I", "/usr/bin/supervisord", "-c", "s.conf"],
    environment: &["HOME=/"],
    limits: Some(("1024", "524288")),
    open: 20,
    group: "0::/system.slice/supervisor.service\n",
};

const WEB: Made<'_> = Made {
    pid: 11,
    parent: 10,
    words: &["/srv/web"],
    environment: &["SUPERVISOR_PROCESS_NAME=web", "SUPERVISOR_GROUP_NAME=web"],
    open: 100,
    ..SUPERVISORD
};

/// A root folder with a /proc of these processes; the configuration is `/srv/s.conf` in it.
fn made(processes: &[Made<'_>]) -> Desk {
    let desk =
        Desk::new(&[("srv/s.conf", "[supervisord]\n[program:web]\ncommand=/srv/web\n[program:api]\ncommand=api -v\n")]);
    for Made { pid, parent, words, environment, limits, open, group } in processes {
        let file = |name: &str| format!("proc/{pid}/{name}");
        let command = words.first().map_or("x", |word| word.rsplit('/').next().unwrap());
        desk.write(
            &file("stat"),
            format!("{pid} ({command}) S {parent} {pid} 5 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 {pid}00 0\n"),
        );
        desk.write(&file("status"), format!("Name:\t{command}\nUid:\t0\t0\t0\t0\nNSpid:\t{pid}\n"));
        let ended = |texts: &[&str]| texts.iter().flat_map(|text| [*text, "\0"]).collect::<String>();
        desk.write(&file("cmdline"), ended(words));
        desk.write(&file("environ"), ended(environment));
        desk.write(&file("cgroup"), group);
        if let Some((soft, hard)) = limits {
            desk.write(
                &file("limits"),
                format!("Limit Soft Hard Units\nMax open files            {soft} {hard} files \n"),
            );
        }
        fs::create_dir(desk.join(file("fd"))).unwrap();
        for number in 0..*open {
            desk.write(&file(&format!("fd/{number}")), "");
        }
        symlink(&desk, desk.join(file("root"))).unwrap();
        symlink(desk.join("srv"), desk.join(file("cwd"))).unwrap();
        symlink(words.first().unwrap_or(&""), desk.join(file("exe"))).unwrap_or_default();
    }
    desk
}

fn looked(desk: &Desk, which: Which<'_>) -> Result<Look, String> {
    look(&Proc::at(desk.join("proc")), which)
}

fn only(desk: &Desk) -> Supervisord {
    let look = looked(desk, Which::All).unwrap();
    assert_eq!((look.supervisords.len(), look.errors.as_slice()), (1, &[][..]), "{look:?}");
    look.supervisords.into_iter().next().unwrap()
}

fn names(supervisord: &Supervisord) -> Vec<&str> {
    supervisord.programs.iter().map(|program| program.name.as_str()).collect()
}

#[test]
fn a_changed_root_and_a_unit() {
    let found = only(&made(&[SUPERVISORD, WEB]));
    let place = Place { unit: Some("supervisor.service".to_owned()), ..Place::default() };
    assert_eq!((&found.place, found.file.as_deref(), &found.minfds), (&place, Some("/srv/s.conf"), &Minfds::Unset));
    assert_eq!(names(&found), ["web"]);
    assert_eq!(found.programs[0].decided, Decided::Inherited);
    // In the file's own root, by its own path.
    let desk = made(&[Made { words: &["supervisord", "--conf=/srv/other.conf"], ..SUPERVISORD }, WEB]);
    desk.write("srv/other.conf", "[supervisord]\nminfds=1024\n");
    let found = only(&desk);
    assert_eq!((found.file.as_deref(), &found.minfds), (Some("/srv/other.conf"), &Minfds::File(1024)));
    assert_eq!(found.programs[0].decided, Decided::Minfds);
}

/// A limit of supervisord itself that was raised later is that of what it starts from then on.
#[test]
fn a_program_that_was_started_before_supervisords_limit_was_raised() {
    let plain = &["supervisord", "-c", "s.conf"][..];
    let low = &["supervisord", "-c", "s.conf", "-a", "2000"][..];
    let well = &["supervisord", "-c", "s.conf", "-a", "16384"][..];
    let unread = &["supervisord", "-c", "none.conf"][..];
    for (words, soft, own, decided, is_low) in [
        (plain, "16384", "1024", Decided::Inherited, true),
        (plain, "16384", "2000", Decided::Program, false),
        (plain, "16384", "16384", Decided::Inherited, false),
        (plain, "1024", "4096", Decided::Program, false),
        (plain, "512", "1024", Decided::Program, false),
        (low, "16384", "2000", Decided::Inherited, false),
        (low, "16384", "1024", Decided::Inherited, true),
        // minfds may be written since then.
        (well, "16384", "1024", Decided::Inherited, true),
        (well, "16384", "2000", Decided::Program, false),
        (well, "16384", "16384", Decided::Minfds, false),
        (unread, "16384", "1024", Decided::Unknown, true),
        (unread, "16384", "2000", Decided::Program, false),
    ] {
        let limits = |soft| Some((soft, "524288"));
        let desk = made(&[Made { words, limits: limits(soft), ..SUPERVISORD }, Made { limits: limits(own), ..WEB }]);
        let look = looked(&desk, Which::All).unwrap();
        let web = &look.supervisords[0].programs[0];
        assert_eq!((web.decided, web.is_low()), (decided, is_low), "{words:?} {soft} {own}");
    }
}

/// Without `-n` supervisord goes to its `directory` when it has read its configuration.
#[test]
fn a_configuration_where_supervisord_was_started() {
    let named = |name| ["supervisord", "-c", name].map(str::to_owned).to_vec();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    for (words, pwd, file) in [
        (named("s.conf"), "", Some("/srv/s.conf")),
        (named("s.conf"), "PWD=srv", Some("/srv/s.conf")),
        (named("s.conf"), "PWD=/nowhere", Some("/srv/s.conf")),
        (named("s.conf"), "PWD=/link", Some("/link/s.conf")),
        (named("only.conf"), "PWD=/etc/sv", Some("/etc/sv/only.conf")),
        (named("../sv/only.conf"), "PWD=/etc/sv", Some("/etc/sv/../sv/only.conf")),
        (named("/etc/sv/s.conf"), "PWD=/etc/sv", Some("/etc/sv/s.conf")),
        // Two, of which it has read one.
        (named("s.conf"), "PWD=/etc/sv", None),
        // It has not gone anywhere.
        (words(&["supervisord", "-nc", "s.conf"]), "PWD=/etc/sv", Some("/srv/s.conf")),
        // Where it looks by itself, and below its own path.
        (words(&["supervisord"]), "PWD=/etc/sv", Some("/etc/sv/supervisord.conf")),
        (words(&["sv/bin/supervisord"]), "PWD=/etc", Some("/etc/sv/supervisord.conf")),
    ] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let desk = made(&[Made { words: &words, environment: &[pwd], ..SUPERVISORD }]);
        for name in ["s.conf", "only.conf", "supervisord.conf"] {
            desk.write(&format!("etc/sv/{name}"), "[supervisord]\nminfds=3000\n");
        }
        symlink("srv", desk.join("link")).unwrap();
        let look = looked(&desk, Which::All).unwrap();
        let found = &look.supervisords[0];
        assert_eq!(found.file.as_deref(), file, "{words:?} {pwd}");
        assert_eq!(found.minfds == Minfds::Unknown, file.is_none(), "{words:?} {pwd}");
        let said: Vec<_> = look.errors.iter().map(|error| error.message.as_str()).collect();
        let expected =
            "the configuration cannot be read, so minfds is not known: it may be /etc/sv/s.conf or /srv/s.conf";
        assert_eq!(said, if file.is_none() { vec![expected] } else { vec![] }, "{words:?} {pwd}");
    }
}

#[test]
fn what_is_a_supervisord_and_how_it_is_started() {
    for (words, minfds) in [
        (&["supervisord"][..], Some(Minfds::Unset)),
        (&["/usr/bin/supervisord", "-na", "2000"], Some(Minfds::Flag(2000))),
        (&["python3.11", "/opt/bin/supervisord", "-a3000"], Some(Minfds::Flag(3000))),
        (
            &["/usr/bin/python", "-W", "ignore", "-Im", "supervisor.supervisord", "--minfds=4000"],
            Some(Minfds::Flag(4000)),
        ),
        (&["pypy3", "-X", "utf8", "supervisord", "--minf", "5000"], Some(Minfds::Flag(5000))),
        (&["python3", "--check-hash-based-pycs", "default", "supervisord"], Some(Minfds::Unset)),
        (&["python3", "-c", "supervisord"], None),
        (&["python3", "-m", "supervisor.supervisorctl"], None),
        (&["python3", "web.py", "supervisord"], None),
        (&["bash", "supervisord"], None),
        (&["vim", "/etc/supervisor/supervisord.conf"], None),
        (&["grep", "supervisord"], None),
        (&[], None),
    ] {
        let desk = made(&[Made { words, ..SUPERVISORD }]);
        desk.write("srv/supervisord.conf", "[supervisord]\n");
        let found = looked(&desk, Which::Pid(10));
        let found = found.ok().and_then(|look| look.supervisords.into_iter().next());
        assert_eq!(found.map(|found| found.minfds), minfds, "{words:?}");
    }
}

#[test]
fn a_process_that_ends_during_the_look() {
    let gone = Made { limits: None, ..WEB };
    assert_eq!(
        names(&only(&made(&[SUPERVISORD, gone, Made { pid: 12, environment: &[], words: &["api", "-v"], ..WEB }]))),
        ["api"]
    );
    let desk = made(&[Made { limits: None, ..SUPERVISORD }, WEB]);
    let ended = "supervisord, process 10, ended while supconv looked at it";
    for which in [Which::Pid(10), Which::All] {
        assert_eq!(looked(&desk, which).unwrap_err(), ended, "{which:?}");
    }
    assert_eq!(looked(&desk, Which::Pid(9)).unwrap_err(), "process 9 does not run");
    assert_eq!(looked(&desk, Which::Pid(11)).unwrap_err(), "process 11 is not supervisord but web");
    // Another one is there yet.
    let other = Made { pid: 20, ..SUPERVISORD };
    let desk = made(&[Made { limits: None, ..SUPERVISORD }, other]);
    assert_eq!(only(&desk).process.pid, 20);
}

#[test]
fn several_supervisords_and_one_below_another() {
    let inner = Made {
        pid: 12,
        parent: 10,
        environment: &["SUPERVISOR_PROCESS_NAME=inner", "SUPERVISOR_GROUP_NAME=g"],
        ..SUPERVISORD
    };
    let inner = Made { words: &["supervisord", "-c", "/srv/s.conf"], ..inner };
    let api =
        Made { pid: 13, parent: 12, environment: &["SUPERVISOR_PROCESS_NAME=api", "SUPERVISOR_GROUP_NAME=api"], ..WEB };
    // One that is about to become a program: its words are supervisord's.
    let forked = Made { pid: 14, ..Made { parent: 10, ..SUPERVISORD } };
    let look = looked(&made(&[SUPERVISORD, WEB, inner, api, forked]), Which::All).unwrap();
    let found: Vec<_> = look.supervisords.iter().map(|one| (one.process.pid, names(one))).collect();
    assert_eq!(found, [(10, vec!["g:inner", "web"]), (12, vec!["api"])]);
    let children: Vec<u32> = look.supervisords[0].programs[0].children.iter().map(|child| child.pid).collect();
    assert_eq!((children, look.errors.len()), (vec![13], 0));
}

/// What became of each process: its number, what it had and should have.
fn changes(changes: &[Change]) -> Vec<(u32, Option<u64>, u64, Done)> {
    let soft = |change: &Change| change.process.limits.map(|limits| limits.soft);
    changes.iter().map(|one| (one.process.pid, soft(one), one.wanted.soft, one.done.clone())).collect()
}

#[test]
fn a_process_is_raised_once_from_what_it_has_then() {
    let inner = Made { pid: 12, environment: &["SUPERVISOR_PROCESS_NAME=inner", "SUPERVISOR_GROUP_NAME=inner"], ..WEB };
    let inner = Made { words: &["supervisord", "-c", "/srv/s.conf"], ..inner };
    let api =
        Made { pid: 13, parent: 12, environment: &["SUPERVISOR_PROCESS_NAME=api", "SUPERVISOR_GROUP_NAME=api"], ..WEB };
    let desk = made(&[SUPERVISORD, WEB, inner, api]);
    let proc = Proc::at(desk.join("proc"));
    let look = looked(&desk, Which::All).unwrap();
    let wish = Wish { soft: 4096, hard: None };
    let mut pids: Vec<u32> = raise::raise(&look, &[], wish, &proc, true).iter().map(|one| one.process.pid).collect();
    pids.sort_unstable();
    assert_eq!(pids, [10, 11, 12, 13]);
    // It was raised by somebody else after the look.
    desk.write("proc/11/limits", "Max open files            8192 524288 files \n");
    let done = raise::raise(&look, &["web".to_owned()], wish, &proc, false);
    assert_eq!(changes(&done), [(11, Some(8192), 8192, Done::Had)]);
}

#[test]
fn programs_that_hide_their_environment_are_named_by_their_commands() {
    let titled = |pid, words| Made { pid, words, environment: &["", "x"], ..WEB };
    for (words, name) in [
        (&["/srv/web"][..], "web"),
        (&["/usr/bin/python3", "/usr/local/bin/api", "-v"], "api"),
        (&["/usr/bin/python3", "/usr/local/bin/api", "-q"], "python3"),
        // Titles: one that a program of the configuration may write, and one of none.
        (&["api: master [web]"], "api"),
        (&["gunicorn: master [/srv/web]"], "gunicorn"),
        (&["/usr/bin/redis-server *:6379"], "redis-server"),
    ] {
        assert_eq!(names(&only(&made(&[SUPERVISORD, titled(11, words)]))), [name], "{words:?}");
    }
}

/// supervisord as the first process of a container is given the children of programs that have ended.
#[test]
fn orphans_are_children_of_the_program_that_they_come_from() {
    let orphan = Made { pid: 12, words: &["worker"], open: 300, ..WEB };
    let unknown = Made { pid: 13, words: &["sleep", "1"], environment: &[], ..WEB };
    let desk = made(&[SUPERVISORD, WEB, orphan, unknown]);
    for pid in ["12", "13"] {
        let path = format!("proc/{pid}/stat");
        let stat = fs::read_to_string(desk.join(&path)).unwrap();
        // In a group of its own no longer.
        desk.write(&path, stat.replace(&format!("S 10 {pid} 5"), "S 10 9 5"));
    }
    let found = only(&desk);
    let programs: Vec<_> = found.programs.iter().map(|one| (one.name.as_str(), one.fullest().pid)).collect();
    assert_eq!((programs, found.programs[0].children.len()), (vec![("web", 12)], 1));
}

/// A shell gives each of its jobs a group (`set -m`), as supervisord gives one to each program.
#[test]
fn an_orphan_with_a_group_of_its_own_is_no_second_program() {
    let api = Made { pid: 14, environment: &["SUPERVISOR_PROCESS_NAME=api", "SUPERVISOR_GROUP_NAME=web"], ..WEB };
    let found = |desk: &Desk| {
        let found = only(desk);
        let of = |one: &supconv::limits::Program| {
            let children: Vec<u32> = one.children.iter().map(|child| child.pid).collect();
            (one.name.clone(), one.process.pid, children)
        };
        let mut found: Vec<_> = found.programs.iter().map(of).collect();
        found.sort();
        found
    };
    // The oldest is the program, and what the others have started counts with it too; another process of the group is another program.
    let job = Made { pid: 12, words: &["worker"], ..WEB };
    let below = Made { pid: 13, parent: 12, words: &["worker"], ..WEB };
    let desk = made(&[SUPERVISORD, WEB, job, below, api]);
    let web = |pid, children| ("web".to_owned(), pid, children);
    assert_eq!(found(&desk), [web(11, vec![12, 13]), ("web:api".to_owned(), 14, vec![])]);
    // One of before the program was started again is older; supervisord writes to the standard input of what runs now.
    for (path, pipe) in [("proc/11/fd/0", "pipe:[1]"), ("proc/12/fd/0", "pipe:[2]"), ("proc/10/fd/7", "pipe:[2]")] {
        fs::remove_file(desk.join(path)).unwrap();
        symlink(pipe, desk.join(path)).unwrap();
    }
    assert_eq!(found(&desk), [web(12, vec![13, 11]), ("web:api".to_owned(), 14, vec![])]);
}

/// A process that has ended, and whose parent has not noticed it, answers all that is asked for, with nothing.
#[test]
fn a_process_that_ends_and_still_answers() {
    let nothing = Made { pid: 13, environment: &[], words: &[], open: 0, ..WEB };
    let desk =
        made(&[SUPERVISORD, WEB, Made { pid: 12, environment: &[], words: &["/bin/true"], open: 0, ..WEB }, nothing]);
    let path = desk.join("proc/12/stat");
    let text = fs::read_to_string(&path).unwrap();
    desk.write("ended", text.replace(") S ", ") Z "));
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let ended = desk.join("ended");
    let kernel = thread::spawn(move || {
        // It waits for the first who reads; who reads later finds another file.
        let mut first = fs::File::options().write(true).open(&path).unwrap();
        fs::rename(ended, path).unwrap();
        first.write_all(text.as_bytes()).unwrap();
    });
    assert_eq!(names(&only(&desk)), ["web"]);
    kernel.join().unwrap();
}

#[test]
fn limits_that_are_none() {
    let unlimited = Made { limits: Some(("unlimited", "unlimited")), ..WEB };
    let found = only(&made(&[SUPERVISORD, unlimited]));
    let program = &found.programs[0];
    assert_eq!(program.process.limits, Some(Limits { soft: Limits::INFINITY, hard: Limits::INFINITY }));
    assert_eq!((program.share().unwrap().0, program.decided), (0, Decided::Program));
}

/// The table of a look.
fn told(desk: &Desk) -> String {
    let thresholds = Thresholds { warn: 70, error: 95 };
    let telling = Telling { thresholds, least: Severity::Warning, names_pid: false };
    table(&looked(desk, Which::All).unwrap(), telling, None, Style::PLAIN)
}

/// The words are at the process that they are true of: the program that is low, or the child that is fuller.
#[test]
fn whose_limit_is_low_and_whose_is_filling() {
    for (open, of_program, of_child) in [(300, "warning: low limit", "29 %"), (900, "inherited", "warning: filling")] {
        let child = Made { pid: 12, parent: 11, words: &["worker"], open, ..WEB };
        let text = told(&made(&[SUPERVISORD, WEB, child]));
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        assert!(line("web ").ends_with(of_program), "{text}");
        assert!(line("└ worker ").ends_with(of_child), "{text}");
    }
    // The step is for the one that it is about, too.
    let enough = Some(("2048", "2048"));
    let child = Made { pid: 12, parent: 11, words: &["worker"], open: 300, limits: enough, ..WEB };
    let web = Made { limits: Some(("1024", "2048")), ..WEB };
    let text = told(&made(&[Made { limits: enough, ..SUPERVISORD }, web, child]));
    assert!(text.contains("\n└ worker ") && text.contains("\n  supconv limits --raise 2048\n"), "{text}");
}

/// What makes it last is told of what was raised, or would be.
#[test]
fn how_long_a_raised_limit_holds() {
    let supervisord = |limits, words| Made { words, limits: Some(limits), group: "0::/\n", ..SUPERVISORD };
    let plain = &["supervisord", "-c", "s.conf"][..];
    let minfds = &["supervisord", "-c", "s.conf", "-a", "4096"][..];
    let web = |soft| Made { limits: Some((soft, "524288")), ..WEB };
    for (words, soft, own, last) in [
        (plain, "4096", "8192", "0 processes would be raised, 2 had enough"),
        (
            minfds,
            "4096",
            "8192",
            "supervisord 10 gives that to what it starts, unless a program sets a limit of its own.",
        ),
        (plain, "1024", "1024", "  restart supervisord, with its programs; supervisorctl reload is not enough"),
    ] {
        let desk = made(&[supervisord((soft, "524288"), words), web(own)]);
        let look = looked(&desk, Which::All).unwrap();
        let wish = Wish { soft: 4096, hard: None };
        let changes = raise::raise(&look, &[], wish, &Proc::at(desk.join("proc")), true);
        let text = raised(&look, &changes, wish, false, true, Style::PLAIN);
        assert_eq!(text.lines().last(), Some(last), "{text}");
        let holds = "This would hold until supervisord is started again. To make it last, for supervisord:";
        assert_eq!(text.contains(holds), soft == "1024", "{text}");
    }
}

#[test]
fn where_the_limit_comes_from_and_what_raises_it() {
    let supervisord = |words, limits| Made { words, limits: Some(limits), group: "0::/\n", ..SUPERVISORD };
    let usual = ("1024", "524288");
    let plain = &["supervisord", "-c", "s.conf"][..];
    let desk = made(&[supervisord(plain, usual), WEB]);
    let text = told(&desk);
    let has = |text: &str, all: &[&str]| {
        for line in all {
            assert!(text.lines().any(|found| found.trim() == *line), "no {line:?} in\n{text}");
        }
    };
    has(
        &text,
        &[
            "supervisord 10: soft limit 1024, hard limit 524288, 20 open (warning: low limit)",
            "minfds is not set in /srv/s.conf, so it is 1024: programs have that.",
            "supervisord and 1 program: 2 warnings",
            "supconv limits --raise 65536",
            "write minfds=65536 in [supervisord] of /srv/s.conf",
            "restart supervisord, with its programs; supervisorctl reload is not enough",
        ],
    );
    // What is not 1024 is from what it was started by: a shell, a unit.
    let more = ("3000", "524288");
    let shell = Made { pid: 1, parent: 0, words: &["bash"], environment: &[], ..supervisord(plain, usual) };
    let inherits = "minfds is not set in /srv/s.conf: programs inherit supervisord's limit. It comes from";
    let later = ", or was raised later (--raise, prlimit).";
    for (processes, by) in [
        (&[shell, supervisord(plain, more)][..], "bash (process 1), which started it"),
        (&[supervisord(plain, more)], "what started it"),
        (&[Made { limits: Some(more), ..SUPERVISORD }], "supervisor.service (its LimitNOFILE, or systemd's default)"),
    ] {
        has(&told(&made(processes)), &[&format!("{inherits} {by}{later}")]);
    }
    let lower = supervisord(&["supervisord", "-c", "s.conf", "-a", "2000"], more);
    let said =
        "-a 2000 on its command line is lower: programs inherit supervisord's limit. It comes from what started it";
    has(&told(&made(&[lower])), &[&format!("{said}{later}")]);
    // A container, whose hard limit is too low, and of which it is the first process.
    let desk = made(&[Made { pid: 1, parent: 0, ..supervisord(plain, ("1024", "4096")) }, Made { parent: 1, ..WEB }]);
    desk.write(".dockerenv", "");
    has(
        &told(&desk),
        &[
            "supervisord 1 in a container: soft limit 1024, hard limit 4096, 20 open (warning: low limit)",
            "minfds is not set in /srv/s.conf, so it is 1024: programs have that.",
            "supconv limits --raise 4096",
            "start the container with --ulimit nofile=65536:65536",
            "restart the container; supervisorctl reload is not enough",
        ],
    );
    // A unit of another account than root.
    let desk = made(&[Made { limits: Some(("1024", "4096")), ..SUPERVISORD }, WEB]);
    let status = fs::read_to_string(desk.join("proc/10/status")).unwrap();
    desk.write("proc/10/status", status.replace("Uid:\t0\t0", "Uid:\t1\t1"));
    has(
        &told(&desk),
        &[
            "write LimitNOFILE=65536 in [Service]: systemctl edit supervisor.service",
            "systemctl restart supervisor.service   # with its programs; supervisorctl reload is not enough",
        ],
    );
    // minfds, on the command line and in the file; supervisord has enough, a program not.
    let own = Made { limits: Some(("104", "524288")), ..WEB };
    let enough = supervisord(&["supervisord", "-c", "s.conf", "-a", "65536"], ("65536", "524288"));
    let text = told(&made(&[enough, own]));
    has(
        &text,
        &[
            "-a 65536 on its command line decided this.",
            "web: raise the limit where the program sets it, or start it again if it sets none",
        ],
    );
    assert!(!text.contains("reload"), "{text}");
    let text = told(&made(&[supervisord(&["supervisord", "-c", "s.conf", "-a", "2000"], usual)]));
    has(&text, &["start supervisord with -a 65536 instead of -a 2000", "supervisord and 0 programs: 1 warning"]);
    let well = told(&made(&[supervisord(plain, ("4096", "4096")), Made { limits: Some(("4096", "4096")), ..WEB }]));
    has(&well, &["supervisord and 1 program: all is well"]);
    // A program that was started before supervisord had enough.
    let old = told(&made(&[supervisord(plain, ("65536", "524288")), WEB]));
    has(
        &old,
        &[
            "supervisord and 1 program: 1 warning",
            "web: start it again (supervisord's limit was raised since then), or raise the limit where the program sets it",
        ],
    );
}
