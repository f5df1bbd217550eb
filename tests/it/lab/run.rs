//! A run of scenarios on both sides: the same programs under the real supervisord and, converted, under the real systemd.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::boot::{Lab, Side};
use super::judge::{self, Judged};
use super::plan::Plan;
use super::scenario::Scenario;
use super::seen;
use super::target::Target;
use super::values::{self, Case};

const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab");
/// All of it has to be over by then.
const SECONDS: u64 = 400;

/// Runs the scenarios and judges what both sides did; the first is run before the others. `bin` has the real supervisord,
/// `daemon` is the other daemon or, of systemd, the root folder that has it; `cases` are those of the scenario of values, `name` is
/// that of the run. None where this machine cannot boot both sides.
pub fn run<'a>(
    target: &'static Target,
    scenarios: &[&'a Scenario],
    cases: &[Case],
    bin: &Path,
    daemon: &Path,
    name: &str,
) -> Option<Vec<Judged<'a>>> {
    let (there, here) = (Lab::new(), if target.side == Side::Systemd { Lab::within(daemon) } else { Lab::new() });
    let plans: Vec<Plan> = scenarios.iter().map(|scenario| prepare(target, scenario, &there, &here)).collect();
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    for lab in [&there, &here] {
        fs::write(lab.join("scenarios"), names.join("\n") + "\n").unwrap();
        fs::hard_link(lab.join("probe"), lab.join("bin/probe")).unwrap();
        for program in
            ["bin/life", "bin/wobble", "bin/family", "side.py", "operate.py", "operate.sh", "pitchfork.py", "horust.py"]
        {
            fs::copy(Path::new(PROGRAMS).join(program), lab.join(program)).unwrap();
        }
    }
    let python = bin.join("python");
    fs::write(there.join("init"), init(&python, &python, "operate.py")).unwrap();
    let operator = format!("{}.py {}", target.name.to_lowercase(), daemon.display());
    fs::write(here.join("init"), init(&python, daemon, &operator)).unwrap();
    let enable: Vec<&str> = plans.iter().flat_map(|plan| &plan.enable).map(String::as_str).collect();
    fs::write(here.join("enable"), enable.join("\n")).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operate.sh\n";
    fs::write(here.join("units/operator.service"), operator).unwrap();
    let wants = "systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket operator.service";
    fs::write(here.join("units/lab.target"), format!("[Unit]\nWants={wants}\n")).unwrap();

    let over = |lab: &Lab| vec![lab.join("over")];
    let ended = AtomicBool::new(false);
    let (first, second) = thread::scope(|scope| {
        scope.spawn(|| crowds(&there, &here, &ended));
        let other = scope.spawn(|| there.boot(Side::Supervisor, SECONDS, over(&there)));
        let first = here.boot(target.side, SECONDS, over(&here));
        let second = other.join();
        ended.store(true, Ordering::Relaxed);
        (first, second.unwrap())
    });
    let (others, supervisords) = (first?, second?);
    keep(&there, &here, name);
    println!("{others}\n{supervisords}");

    let mut judged = Vec::new();
    for (scenario, plan) in scenarios.iter().zip(&plans) {
        let read = |lab: &Lab, side| seen::read(scenario, &lab.join(&scenario.name), side);
        let (supervisor, mut converted) = (read(&there, Side::Supervisor), read(&here, target.side));
        seen::accepts(&mut converted, !plan.refused);
        let mut one = judge::judge(target, scenario, plan, &supervisor, &converted);
        // Horust passes over a file that it cannot read, and says so here only.
        let said = String::from_utf8_lossy(&fs::read(here.join(&scenario.name).join("started")).unwrap_or_default())
            .into_owned();
        let refused = said.lines().filter(|line| target.side == Side::Horust && line.contains("Failed loading"));
        one.problems.extend(refused.map(|line| format!("{}: {line}", scenario.name)));
        if scenario.name == values::NAME {
            one.problems.extend(values::lost(cases, &supervisor));
        }
        judged.push(one);
    }
    Some(judged)
}

/// Lets both sides go on when both are through their first scenario, a crowd: who is through it sooner is made late by the other's.
fn crowds(there: &Lab, here: &Lab, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        if [there, here].iter().all(|lab| lab.join("crowd").exists()) {
            for lab in [there, here] {
                fs::write(lab.join("go"), "").unwrap();
            }
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// PID 1 of a side that a daemon runs.
fn init(python: &Path, daemon: &Path, operator: &str) -> String {
    let real = daemon.canonicalize().unwrap();
    // A daemon that has become another user still reads its own modules; this is a copy of the machine.
    let above: BTreeSet<String> = [daemon, &real]
        .into_iter()
        .flat_map(|path| path.ancestors().skip(1))
        .map(|path| path.display().to_string())
        .collect();
    let above = above.into_iter().collect::<Vec<_>>().join(" ");
    format!("chmod o+x {above}\n{} /lab/{operator} || exit 1\nwhile :; do sleep 1000; done\n", python.display())
}

/// Lays a scenario out on both sides, and converts it.
fn prepare(target: &Target, scenario: &Scenario, there: &Lab, here: &Lab) -> Plan {
    for lab in [there, here] {
        let place = lab.join(&scenario.name);
        fs::create_dir_all(place.join("auto")).unwrap();
        for open in [place.clone(), place.join("auto")] {
            fs::set_permissions(open, fs::Permissions::from_mode(0o777)).unwrap();
        }
        fs::write(place.join("supervisord.conf"), &scenario.text).unwrap();
        // Only systemd makes at boot what an administrator once made.
        let is_done = std::ptr::eq(lab, there) || target.side != Side::Systemd;
        let first = if is_done { &scenario.first_there } else { "" };
        fs::write(place.join("first"), format!("{}{first}", scenario.first)).unwrap();
    }
    for place in [there.join(&scenario.name), here.join(&scenario.name)] {
        fs::write(place.join("inherits"), &scenario.inherits).unwrap();
        fs::write(place.join("arguments"), &scenario.arguments).unwrap();
        fs::write(place.join("started_by"), &scenario.started_by).unwrap();
        fs::write(place.join("started_in"), &scenario.started_in).unwrap();
    }
    let place = here.join(&scenario.name);
    let plan = Plan::new(target, scenario, &place);
    fs::write(place.join("names"), plan.names()).unwrap();
    fs::write(place.join("units"), plan.services().join("\n")).unwrap();
    fs::write(place.join("umbrella"), plan.umbrella().unwrap_or_default()).unwrap();
    install(&place.join("plan"), here);
    let steps = |lab: &Lab, name: &dyn Fn(&str, &str) -> (String, String)| {
        let lines = scenario.steps.iter().enumerate().map(|(number, (verb, object))| {
            let (verb, object) = name(verb, object);
            format!("{number}\t{verb}\t{object}\n")
        });
        fs::write(lab.join(&scenario.name).join("steps"), lines.collect::<String>()).unwrap();
    };
    steps(there, &|verb, object| (verb.to_owned(), object.to_owned()));
    steps(here, &|verb, object| match verb {
        "wait" | "see" => (verb.to_owned(), object.to_owned()),
        "shutdown" => (verb.to_owned(), plan.umbrella().unwrap_or("none").to_owned()),
        _ => {
            let mut words = object.split(' ').map(str::to_owned).collect::<Vec<_>>();
            words[0] = plan.unit(&words[0]).unwrap_or_else(|| "none".to_owned());
            (verb.to_owned(), words.join(" "))
        }
    });
    plan
}

/// What the two copies of the next commands do: units to one place, the rest to another.
fn install(made: &Path, lab: &Path) {
    for entry in fs::read_dir(made).into_iter().flatten().flatten() {
        let to = if entry.path().is_dir() { lab.to_owned() } else { lab.join("units") };
        assert!(Command::new("cp").arg("-a").arg(entry.path()).arg(to).status().unwrap().success());
    }
}

/// `SUPCONV_LAB=DIR` keeps what both sides of a run left behind, for whoever wants to know why.
fn keep(there: &Lab, here: &Lab, run: &str) {
    let Some(to) = std::env::var_os("SUPCONV_LAB").map(|to| PathBuf::from(to).join(run)) else { return };
    for lab in [there, here] {
        let name = if std::ptr::eq(lab, there) { "supervisor" } else { "converted" };
        let _ = fs::remove_dir_all(to.join(name));
        fs::create_dir_all(&to).unwrap();
        let copied = Command::new("cp").arg("-a").arg(lab.as_os_str()).arg(to.join(name)).status();
        assert!(copied.unwrap().success());
    }
}
