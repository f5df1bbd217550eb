//! The lab: the same programs under the real supervisord and, converted, under the real systemd; docs/equivalence.md is
//! what was seen.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::boot::{Lab, Side};
use super::plan::Plan;
use super::scenario::{self, Scenario};
use super::values::{self, Values};
use super::{judge, report, required, seen};
use crate::support::python;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/scenarios");
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab");
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/equivalence.md");
/// All of it has to be over by then.
const SECONDS: u64 = 200;

#[test]
fn programs_run_under_systemd_as_under_supervisord() {
    let Some(bin) = python::tool("supervisor==4.3.0") else { return };
    let (mut scenarios, values) = (scenario::all(Path::new(SCENARIOS)), Values::new());
    scenarios.insert(0, values.scenario);
    let (there, here) = (Lab::new(), Lab::new());
    let plans: Vec<Plan> = scenarios.iter().map(|scenario| prepare(scenario, &there, &here)).collect();
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    for lab in [&there, &here] {
        fs::write(lab.join("scenarios"), names.join("\n") + "\n").unwrap();
        fs::hard_link(lab.join("probe"), lab.join("bin/probe")).unwrap();
        for program in ["bin/life", "bin/family", "operate.py", "operate.sh"] {
            fs::copy(Path::new(PROGRAMS).join(program), lab.join(program)).unwrap();
        }
    }
    fs::write(there.join("init"), init(&bin.join("python"))).unwrap();
    let enable: Vec<&str> = plans.iter().flat_map(|plan| &plan.enable).map(String::as_str).collect();
    fs::write(here.join("enable"), enable.join("\n")).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operate.sh\n";
    fs::write(here.join("units/operator.service"), operator).unwrap();
    let wants = "systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket operator.service";
    fs::write(here.join("units/lab.target"), format!("[Unit]\nWants={wants}\n")).unwrap();

    let over = |lab: &Lab| vec![lab.join("over")];
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| there.boot(Side::Supervisor, SECONDS, over(&there)));
        (here.boot(Side::Systemd, SECONDS, over(&here)), other.join().unwrap())
    });
    let (Some(systemds), Some(supervisords)) = (first, second) else { return };
    keep(&there, &here);

    let mut problems = Vec::new();
    let mut judged = Vec::new();
    for (scenario, plan) in scenarios.iter().zip(&plans) {
        let read = |lab: &Lab, side| seen::read(scenario, &lab.join(&scenario.name), side);
        let (supervisor, mut systemd) = (read(&there, Side::Supervisor), read(&here, Side::Systemd));
        seen::accepts(&mut systemd, !plan.refused);
        if scenario.name == values::NAME {
            problems.extend(values::lost(&values.cases, &supervisor));
        }
        judged.push(judge::judge(scenario, plan, &supervisor, &systemd));
    }
    problems.extend(judge::together(&judged));
    let version = systemd_version();
    let made = report::document(&judged, &version);
    problems.extend(held(&made, &version));
    println!("{}", report::summary(&judged));
    assert!(problems.is_empty(), "{}\n{systemds}\n{supervisords}", problems.join("\n"));
}

#[test]
fn scenarios_stand_for_all_that_is_to_be_proved() {
    let scenarios = scenario::all(Path::new(SCENARIOS));
    for one in &scenarios {
        assert!(report::SUBJECTS.iter().any(|(subject, _)| *subject == one.subject), "{}: {}", one.name, one.subject);
    }
    let stands = |what: &&&str| scenarios.iter().any(|one| one.stands_for.iter().any(|one| one == **what));
    let missing: Vec<_> = required::REQUIRED.iter().filter(|what| !stands(what)).collect();
    assert!(missing.is_empty(), "no scenario stands for {missing:?}");
}

/// PID 1 of Supervisor's side.
fn init(python: &Path) -> String {
    let real = python.canonicalize().unwrap();
    // A supervisord that has become another user still reads its own modules; this is a copy of the machine.
    let above: BTreeSet<String> = [python, &real]
        .into_iter()
        .flat_map(|path| path.ancestors().skip(1))
        .map(|path| path.display().to_string())
        .collect();
    let above = above.into_iter().collect::<Vec<_>>().join(" ");
    format!("chmod o+x {above}\n{} /lab/operate.py || exit 1\nwhile :; do sleep 1000; done\n", python.display())
}

/// Lays a scenario out on both sides, and converts it.
fn prepare(scenario: &Scenario, there: &Lab, here: &Lab) -> Plan {
    for lab in [there, here] {
        let place = lab.join(&scenario.name);
        fs::create_dir_all(place.join("auto")).unwrap();
        for open in [place.clone(), place.join("auto")] {
            fs::set_permissions(open, fs::Permissions::from_mode(0o777)).unwrap();
        }
        fs::write(place.join("supervisord.conf"), &scenario.text).unwrap();
        let first = if std::ptr::eq(lab, there) { &scenario.first_there } else { "" };
        fs::write(place.join("first"), format!("{}{first}", scenario.first)).unwrap();
    }
    let place = there.join(&scenario.name);
    fs::write(place.join("inherits"), &scenario.inherits).unwrap();
    fs::write(place.join("arguments"), &scenario.arguments).unwrap();
    fs::write(place.join("started_by"), &scenario.started_by).unwrap();
    let place = here.join(&scenario.name);
    let plan = Plan::new(scenario, &place);
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

/// The first line of `systemctl --version` is `systemd 252 (252.38-1)`.
fn systemd_version() -> String {
    let said = Command::new("systemctl").arg("--version").output().unwrap().stdout;
    String::from_utf8_lossy(&said).split_whitespace().nth(1).unwrap_or_default().to_owned()
}

/// Whether the table that is kept is the one that was made; that of another systemd is not compared.
fn held(made: &str, version: &str) -> Option<String> {
    if std::env::var_os("SUPCONV_BLESS").is_some() {
        fs::write(TABLE, made).unwrap();
    }
    let kept = fs::read_to_string(TABLE).unwrap_or_default();
    if !kept.is_empty() && !kept.contains(&format!("systemd {version} ")) {
        println!("docs/equivalence.md is that of another systemd and not compared");
        return None;
    }
    let differs = made.lines().zip(kept.lines().chain(std::iter::repeat(""))).find(|(made, kept)| made != kept);
    (made != kept).then(|| {
        format!(
            "docs/equivalence.md is not what was seen: SUPCONV_BLESS=1 cargo test --test it equivalence\n{differs:?}"
        )
    })
}

/// `SUPCONV_LAB=DIR` keeps what both sides left behind, for whoever wants to know why.
fn keep(there: &Lab, here: &Lab) {
    let Some(to) = std::env::var_os("SUPCONV_LAB").map(PathBuf::from) else { return };
    for lab in [there, here] {
        let name = if std::ptr::eq(lab, there) { "supervisor" } else { "systemd" };
        let _ = fs::remove_dir_all(to.join(name));
        fs::create_dir_all(&to).unwrap();
        let copied = Command::new("cp").arg("-a").arg(lab.as_os_str()).arg(to.join(name)).status();
        assert!(copied.unwrap().success());
    }
}
