//! Every number of a look is the one that Python reads from /proc.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::running::{HARD, Start, Supervisord, bin, hold, program};
use crate::support::desk::Run;
use crate::support::machine;

/// What holds what, beside three descriptors each.
const HELD: [(&str, u64); 7] = [
    ("plain", 40),
    ("pair:pair_00", 10),
    ("pair:pair_01", 10),
    ("own", 30),
    ("shell", 380),
    ("full", 490),
    ("other", 25),
];

/// The programs of [`HELD`], and one that does not run.
fn programs() -> String {
    [
        program("plain", &hold(40), ""),
        program("pair", &hold(10), "numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d"),
        program("own", &format!("ulimit -Sn 3500; {}", hold(30)), ""),
        // The last word keeps bash from becoming what it runs.
        program("shell", &format!("bash -c '{}'; true", hold(380)), ""),
        program("full", &hold(490), ""),
        program("other", &hold(25), "user=nobody"),
        program("idle", &hold(1), "autostart=false"),
    ]
    .concat()
}

/// Ours as Python has it: in the order of names, without the unit, which is this machine's.
fn ours(run: &Run) -> Value {
    let mut document = run.json();
    assert_eq!(document["schema"], "supconv.limits/1");
    let keys: Vec<_> = document.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["schema", "supervisords", "errors", "summary"]);
    assert_eq!(document["errors"], json!([]));
    let supervisord = &mut document["supervisords"][0];
    let programs = supervisord["programs"].as_array_mut().unwrap();
    assert!(programs.is_sorted_by(|one, other| one["share"].as_f64() >= other["share"].as_f64()), "the fullest first");
    for program in programs.iter_mut() {
        program["children"].as_array_mut().unwrap().sort_by_key(|child| child["pid"].as_u64());
    }
    programs.sort_by_key(|program| program["name"].as_str().map(str::to_owned));
    supervisord.as_object_mut().unwrap().remove("unit").unwrap();
    json!({"supervisord": supervisord, "summary": document["summary"]})
}

#[test]
fn numbers_and_what_decided_them() {
    if !machine::root() {
        machine::passed_over(
            "limits of a running supervisord",
            "its programs are of other accounts, which root may start",
        );
        return;
    }
    let Some(bin) = bin() else { return };
    let head = "[supervisord]\npidfile=%(here)s/supervisord.pid\n";
    let main = |minfds: &str| format!("{head}{minfds}\n{}", programs());
    // Soft limit before, flags, minfds in the file: soft limit then, minfds, what decided.
    let cases = [
        (512, "-c conf/main.conf", "minfds=512", 512, json!(512), "minfds"),
        // 1024 is the default, which nobody wrote.
        (512, "-c conf/main.conf", "", 1024, json!(null), "inherited"),
        (1024, "-c conf/main.conf", "", 1024, json!(null), "inherited"),
        (1024, "-c conf/main.conf", "minfds=4000", 4000, json!(4000), "minfds"),
        (1024, "-a 2000 -c conf/main.conf", "minfds=4000", 2000, json!(2000), "minfds"),
        (1024, "--minfds=3000 --conf conf/main.conf", "", 3000, json!(3000), "minfds"),
        (4096, "-c conf/main.conf", "minfds=1024", 4096, json!(1024), "inherited"),
        // Found in the working directory; an included file says it last.
        (1024, "", "minfds=2000\n[include]\nfiles=conf/main.conf", 5000, json!(5000), "minfds"),
        (1024, "-c conf/main.conf", "minfds=%(ENV_THOUSANDS)s000", 3000, json!(3000), "minfds"),
    ];
    let start = |number: usize, (soft, flags, minfds, ..): &(u64, &'static str, &'static str, u64, Value, &str)| {
        let (first, included) = if flags.is_empty() {
            (main(minfds), "[supervisord]\nminfds=5000\n".to_owned())
        } else {
            (String::new(), main(minfds))
        };
        let files: Vec<(&str, &str)> = if flags.is_empty() {
            vec![("supervisord.conf", &*first), ("conf/main.conf", &*included)]
        } else {
            vec![("conf/main.conf", &*included)]
        };
        Supervisord::start(&bin, &Start { soft: *soft, flags, without: None, module: number == 2, files: &files })
    };
    let running: Vec<Supervisord> = cases.iter().enumerate().map(|(number, case)| start(number, case)).collect();
    for (supervisord, (before, flags, written, soft, minfds, decided)) in running.iter().zip(&cases) {
        let what = format!("{before} {flags} {written}");
        let mut judged = supervisord.wait_for(decided, &HELD);
        let run = supervisord.limits("--format json");
        let found = ours(&run);
        judged["supervisord"]["minfds"] = minfds.clone();
        assert_eq!(found, judged, "{what}");
        assert_eq!(
            (&found["supervisord"]["soft"], &found["supervisord"]["hard"]),
            (&json!(soft), &json!(HARD)),
            "{what}"
        );
        let severities =
            judged["summary"]["warnings"].as_u64().unwrap() + judged["summary"]["errors"].as_u64().unwrap();
        assert_eq!(run.code, i32::from(severities > 0), "{what}");
        let decides = |name: &str| {
            let programs = found["supervisord"]["programs"].as_array().unwrap();
            programs.iter().find(|one| one["name"] == name).unwrap()["decided"].clone()
        };
        assert_eq!((decides("plain"), decides("own")), (json!(decided), json!("program")), "{what}");
        let table = supervisord.limits("");
        for (name, _) in HELD {
            assert!(
                table.out.lines().any(|line| line.starts_with(&format!("{name} "))),
                "{what}: {name}\n{}",
                table.out
            );
        }
        assert_eq!((table.code, &*table.err), (run.code, ""), "{what}");
        // Without minfds it is the default, also if supervisord was started with less.
        let file = supervisord.desk.path("conf/main.conf");
        let unset = format!("minfds is not set in {file}, so it is 1024: programs have that.");
        assert_eq!(table.out.lines().any(|line| line == unset), minfds.is_null(), "{what}: {}", table.out);
        assert!(!table.out.contains("idle"), "{}", table.out);
    }
    let [small, ..] = running.as_slice() else { unreachable!() };
    who_is_full_is_named(small);
    // All that run are found without being named.
    let all = small.desk.json("limits --format json");
    let pids: Vec<u64> =
        all["supervisords"].as_array().unwrap().iter().map(|one| one["pid"].as_u64().unwrap()).collect();
    assert!(running.iter().all(|one| pids.contains(&u64::from(one.pid()))), "{pids:?}");
    let by_file = small.desk.json("limits --format json -c conf/main.conf");
    assert_eq!(by_file["supervisords"][0]["pid"], small.pid());
    what_is_written_later(small, &main);
}

/// 74 % and 96 %: who is full is named, whatever the threshold; the threshold decides the exit code.
fn who_is_full_is_named(small: &Supervisord) {
    let table = small.limits("").out;
    let line =
        |start: &str| table.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {table}"));
    assert!(line("full ").ends_with("error: nearly full"), "{table}");
    assert!(line("└ sleep").ends_with("warning: filling"), "{table}");
    assert!(line("plain ").ends_with("warning: low limit"), "{table}");
    for (arguments, code) in [
        ("--min-severity error", 1),
        ("--min-severity error --error 97", 0),
        ("--error 97 --warn 97", 1),
        ("--min-severity error --error 74", 1),
    ] {
        assert_eq!(small.limits(arguments).code, code, "{arguments}");
    }
}

/// minfds=512 is changed while supervisord runs.
fn what_is_written_later(small: &Supervisord, main: &dyn Fn(&str) -> String) {
    // minfds gives it to all that supervisord starts: nothing has to be written.
    let raised = small.limits("--raise 512 own");
    assert!(
        raised.out.ends_with(" gives that to what it starts, unless a program sets a limit of its own.\n"),
        "{}",
        raised.out
    );
    // A line written later does not count until supervisord is started again.
    small.desk.write("conf/main.conf", main("minfds=9000"));
    let later = small.limits("").out;
    assert!(later.contains("minfds=9000 in ") && later.contains(" does not count yet"), "{later}");
    assert!(small.limits("--format json").out.contains("\"decided\":\"inherited\""));
    small.desk.write("conf/main.conf", "[supervisord]\nminfds=many\n");
    let Run { code, out, err } = small.limits("");
    assert!(
        code == 2
            && out.contains("It is not known whether minfds decided this")
            && err.contains("supervisord now refuses "),
        "{out}{err}"
    );
}

/// Programs that end at once are started, end and are waited for while it is looked: what is listed has its name.
#[test]
fn programs_that_end_while_they_are_looked_at() {
    let Some(bin) = bin() else { return };
    let program = "[program:churn]\ncommand=/bin/true\nnumprocs=20\nprocess_name=%(process_num)s\nstartsecs=0\n";
    let text = format!("[supervisord]\n{program}autorestart=true\nstdout_logfile=NONE\nstderr_logfile=NONE\n");
    let files = [("a.conf", &*text)];
    let start = Start { soft: 1024, flags: "-c a.conf", without: None, module: false, files: &files };
    let supervisord = Supervisord::start(&bin, &start);
    let log = || fs::read_to_string(supervisord.desk.join("supervisord.log")).unwrap_or_default();
    let begun = Instant::now();
    while log().matches("spawned: ").count() < 100 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to that: {}", log());
        thread::sleep(Duration::from_millis(50));
    }
    for _ in 0..100 {
        let run = supervisord.limits("--format json");
        let programs = run.json()["supervisords"][0]["programs"].as_array().cloned().unwrap();
        let wrong = programs.iter().find(|one| !one["name"].as_str().unwrap().starts_with("churn:"));
        assert_eq!((wrong, &*run.err), (None, ""), "{}", run.out);
    }
}
