//! A limit that is raised is seen in the process; nothing is lowered; who is left is named.

use serde_json::{Value, json};

use super::running::{HARD, Start, Supervisord, bin, hold, program, program_of};
use crate::support::desk::Run;
use crate::support::machine;

const HELD: [(&str, u64); 6] =
    [("plain", 40), ("pair:pair_00", 10), ("pair:pair_01", 10), ("own", 30), ("shell", 80), ("other", 25)];

fn started() -> Option<Supervisord> {
    if !machine::root() {
        machine::passed_over("raising limits", "its programs are of other accounts, which root may start");
        return None;
    }
    let text = [
        "[supervisord]\n".to_owned(),
        program("plain", &hold(40), ""),
        program("pair", &hold(10), "numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d"),
        program("own", &format!("ulimit -Sn 3000; {}", hold(30)), ""),
        program("shell", &format!("bash -c '{}'; true", hold(80)), ""),
        program("other", &hold(25), "user=nobody"),
    ]
    .concat();
    let supervisord = Supervisord::start(
        &bin()?,
        &Start { soft: 1024, flags: "-c a.conf", without: None, module: false, files: &[("a.conf", &text)] },
    );
    supervisord.wait_for("inherited", &HELD);
    Some(supervisord)
}

/// The soft limits: of supervisord, then of each program with those of its children.
fn soft(judged: &Value) -> Vec<(String, Vec<u64>)> {
    let of = |process: &Value| {
        let children = process["children"].as_array().cloned().unwrap_or_default();
        let all = std::iter::once(process).chain(&children).map(|one| {
            assert_eq!(one["hard"], json!(HARD), "no hard limit is changed");
            one["soft"].as_u64().unwrap()
        });
        all.collect()
    };
    let supervisord = &judged["supervisord"];
    let programs = supervisord["programs"].as_array().unwrap().iter();
    let programs = programs.map(|program| (program["name"].as_str().unwrap().to_owned(), of(program)));
    std::iter::once(("supervisord".to_owned(), of(supervisord))).chain(programs).collect()
}

/// The soft limits of one of them, which are to be others.
fn of<'e>(expected: &'e mut [(&'static str, &'static [u64])], name: &str) -> &'e mut &'static [u64] {
    let (_, soft) = expected.iter_mut().find(|(found, _)| *found == name).unwrap();
    soft
}

fn expect(supervisord: &Supervisord, expected: &[(&str, &[u64])]) {
    let judged = soft(&supervisord.judged("inherited").unwrap());
    let expected: Vec<(String, Vec<u64>)> =
        expected.iter().map(|(name, soft)| ((*name).to_owned(), soft.to_vec())).collect();
    assert_eq!(judged, expected);
}

#[test]
fn a_raised_limit_is_in_the_process() {
    let Some(supervisord) = started() else { return };
    let before: [(&str, &'static [u64]); 7] = [
        ("supervisord", &[1024]),
        ("other", &[1024]),
        ("own", &[3000]),
        ("pair:pair_00", &[1024]),
        ("pair:pair_01", &[1024]),
        ("plain", &[1024]),
        ("shell", &[1024, 1024]),
    ];
    expect(&supervisord, &before);
    let Run { code, out, err } = supervisord.limits_without("sys_resource", "--raise 2048 --dry-run");
    assert_eq!((code, &*err), (1, ""), "{out}");
    assert!(out.contains("6 processes would be raised, 1 had enough, 1 left"), "{out}");
    let own = out.lines().find(|line| line.starts_with("own ")).unwrap();
    assert!(own.ends_with(" has 3000 already"), "{out}");
    expect(&supervisord, &before);

    // Some by name, with all that they have started.
    let run = supervisord.limits("--raise 2048 shell pair:*");
    assert_eq!((run.code, &*run.err), (0, ""), "{}", run.out);
    assert!(run.out.contains("4 processes raised"), "{}", run.out);
    assert!(run.out.contains("This holds until the program is started again."), "{}", run.out);
    let mut after = before;
    *of(&mut after, "pair:pair_00") = &[2048];
    *of(&mut after, "pair:pair_01") = &[2048];
    *of(&mut after, "shell") = &[2048, 2048];
    expect(&supervisord, &after);

    // Again, and one that is above it: nothing is left to do.
    let run = supervisord.limits("--raise 2048 shell own");
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("0 processes raised, 3 had enough"), "{}", run.out);
    expect(&supervisord, &after);

    // All, without the right to raise those of others: that one is named.
    let run = supervisord.limits_without("sys_resource", "--raise 2500");
    assert_eq!(run.code, 1, "{}", run.out);
    let left: Vec<&str> = run.out.lines().filter(|line| line.contains(" left at ")).collect();
    assert!(
        matches!(left.as_slice(), [one] if one.starts_with("other ") && one.contains("it belongs to another account")),
        "{}",
        run.out
    );
    let mut after: [(&str, &'static [u64]); 7] = [
        ("supervisord", &[2500]),
        ("other", &[1024]),
        ("own", &[3000]),
        ("pair:pair_00", &[2500]),
        ("pair:pair_01", &[2500]),
        ("plain", &[2500]),
        ("shell", &[2500, 2500]),
    ];
    expect(&supervisord, &after);
    for said in ["write minfds=2500 in [supervisord] of ", "/a.conf", "supervisorctl reload is not enough"] {
        assert!(run.out.contains(said), "{}", run.out);
    }

    // Its own account may raise it, and need not be told what else it may not read.
    let run = supervisord.limits_as_nobody(&["--raise", "2500", "other"]);
    assert!(run.code == 0 && run.out.starts_with("other ") && run.out.contains("1 process raised"), "{run:?}");
    assert_eq!(run.err, "");
    *of(&mut after, "other") = &[2500];
    expect(&supervisord, &after);

    // Above the hard limit without the right to raise that; both limits, where only one has to be raised.
    let run = supervisord.limits_without("sys_resource", &format!("--raise {} plain", HARD + 1));
    assert!(run.code == 1 && run.out.contains(" left at 2500:20000: that is above its hard limit"), "{}", run.out);
    let run = supervisord.limits_without("sys_resource", &format!("--raise 2600:{} plain", HARD + 1));
    assert!(run.code == 1 && run.out.contains("that is above its hard limit"), "{}", run.out);
    expect(&supervisord, &after);
    let run = supervisord.limits_without("sys_resource", "--raise 2600:2700 plain");
    assert!(run.code == 0 && run.out.contains("raised from 2500 to 2600"), "{}", run.out);
    *of(&mut after, "plain") = &[2600];
    expect(&supervisord, &after);

    // What supervisord starts next has its limit.
    let judged = supervisord.judged("inherited").unwrap();
    let plain = program_of(&judged["supervisord"], "plain").unwrap()["pid"].as_i64().unwrap();
    let plain = rustix::process::Pid::from_raw(i32::try_from(plain).unwrap()).unwrap();
    rustix::process::kill_process(plain, rustix::process::Signal::KILL).unwrap();
    let old = i64::from(plain.as_raw_nonzero().get());
    supervisord.wait("inherited", |judged| {
        program_of(&judged["supervisord"], "plain").is_some_and(|it| it["pid"] != old && it["open"] == 43)
    });
    *of(&mut after, "plain") = &[2500];
    expect(&supervisord, &after);

    // With the right, where this machine gives it, the hard limit goes with it.
    let run = supervisord.limits("--raise 20001 plain");
    let judged = supervisord.judged("inherited").unwrap();
    let plain = program_of(&judged["supervisord"], "plain").unwrap();
    let both = (plain["soft"].as_u64().unwrap(), plain["hard"].as_u64().unwrap());
    assert_eq!(both, if run.code == 0 { (20_001, 20_001) } else { (2500, HARD) }, "{}", run.out);
}

#[test]
fn names_that_no_running_program_has() {
    let Some(supervisord) = started() else { return };
    for (arguments, said) in [
        ("--raise 2048 plian", "no running program is called plian: did you mean plain?"),
        ("--raise 2048 plain pair", "no running program is called pair: did you mean pair:*?"),
        ("--raise 2048 nothing:at-all", "no running program is called nothing:at-all: these run: "),
        ("--raise 0", "--raise 0: write a number of open files, N or SOFT:HARD"),
        ("--raise 2048:1024", "--raise 2048:1024: write a number of open files, N or SOFT:HARD"),
        ("--raise 99999999999", "--raise 99999999999: the kernel gives a process at most "),
        ("plain", "give --raise <SOFT[:HARD]> too"),
        ("--dry-run", "give --raise <SOFT[:HARD]> too"),
        ("--raise 2048 --watch 1", "cannot be used with"),
    ] {
        let Run { code, out, err } = supervisord.limits(arguments);
        assert_eq!((code, &*out), (2, ""), "{arguments}");
        assert!(err.starts_with("supconv: ") && err.contains(said) && err.lines().count() == 1, "{arguments}: {err}");
    }
    let judged = soft(&supervisord.judged("inherited").unwrap());
    assert!(judged.iter().all(|(name, soft)| name == "own" || soft.iter().all(|soft| *soft == 1024)), "{judged:?}");
}
