//! The lab: the same programs under the real supervisord and, converted, under the real systemd, Horust and pitchfork;
//! docs/equivalence.md and its sisters are what was seen.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::judge::{self, Judged};
use super::scenario::{self, Scenario};
use super::target::{HORUST, PITCHFORK, SYSTEMD, SYSTEMD_257, Target};
use super::values::Values;
use super::{report, required, run};
use crate::support::{machine, python};
use supconv::convert::{horust, pitchfork};

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/scenarios");
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/equivalence.md");
const TABLE_OF_257: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/equivalence-systemd-257.md");
const TABLE_OF_HORUST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/equivalence-horust.md");
const TABLE_OF_PITCHFORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/equivalence-pitchfork.md");

#[test]
fn programs_run_under_systemd_as_under_supervisord() {
    let root = Path::new("/");
    equal(&SYSTEMD, root, &systemd_version(root), TABLE);
}

#[test]
fn programs_run_under_systemd_257_as_under_supervisord() {
    match machine::second_root() {
        Ok(root) => equal(&SYSTEMD_257, &root, &systemd_version(&root), TABLE_OF_257),
        Err(why) => machine::passed_over("programs under systemd 257", &why),
    }
}

#[test]
fn programs_run_under_horust_as_under_supervisord() {
    match machine::crate_of_cargo("horust", "horust", horust::VERSION, &[]) {
        Ok(daemon) => equal(&HORUST, &daemon, horust::VERSION, TABLE_OF_HORUST),
        Err(why) => machine::passed_over("programs under Horust", &why),
    }
}

#[test]
fn programs_run_under_pitchfork_as_under_supervisord() {
    match machine::crate_of_cargo("pitchfork-cli", "pitchfork", pitchfork::VERSION, &[]) {
        Ok(daemon) => equal(&PITCHFORK, &daemon, pitchfork::VERSION, TABLE_OF_PITCHFORK),
        Err(why) => machine::passed_over("programs under pitchfork", &why),
    }
}

/// Runs all scenarios under supervisord and, converted, under the target; `page` is what is kept of it.
fn equal(target: &'static Target, daemon: &Path, version: &str, page: &str) {
    // Two labs at once would make each other late.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(bin) = python::tool("supervisor==4.3.0") else { return };
    let (mut scenarios, values) = (scenario::all(Path::new(SCENARIOS)), Values::new());
    scenarios.retain(|one| one.flags.first().is_none_or(|flag| target.flags.contains(&flag.as_str())));
    scenarios.retain(|one| one.under.as_ref().is_none_or(|name| name == target.name));
    scenarios.retain(|one| target.leaves_out.iter().all(|(name, _)| *name != one.name));
    if !target.has_control {
        scenarios = scenarios.into_iter().map(Scenario::without_control).collect();
    }
    // It is a crowd, which would make the others late.
    scenarios.insert(0, values.scenario);
    let all: Vec<&Scenario> = scenarios.iter().collect();
    let Some(mut judged) =
        run::run(target, &all, &values.cases, &bin, daemon, &format!("{}-{version}-all", target.name))
    else {
        return;
    };
    let kept = kept(target, version, page);
    // A machine that stands still for some seconds, as a busy one does, makes a stop seem to wait and a restart come late.
    // What is so in all three runs is a difference; the later ones have only what is in doubt, and the last has the machine to itself.
    // A page that is written anew has what the last of them saw.
    for (look, is_last) in [("again", false), ("once-more", true)] {
        let doubted: Vec<usize> = (0..judged.len()).filter(|at| is_doubted(&judged[*at], kept.as_deref())).collect();
        if doubted.is_empty() {
            break;
        }
        if is_last {
            wait_for_a_quiet_machine();
        }
        for one in doubted.iter().map(|at| &judged[*at]) {
            println!("run {look}: {}: {:?}", one.scenario.name, one.problems);
        }
        let again: Vec<&Scenario> = doubted.iter().map(|at| all[*at]).collect();
        let name = format!("{}-{version}-{look}", target.name);
        let Some(later) = run::run(target, &again, &values.cases, &bin, daemon, &name) else { return };
        for (at, one) in doubted.into_iter().zip(later) {
            judged[at] = one;
        }
    }
    let mut problems = judge::together(target, &judged);
    problems.extend(differs(&report::document(target, &judged, version), kept.as_deref(), page));
    println!("{}", report::summary(&judged));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Other tests build packages meanwhile, for some minutes at most.
fn wait_for_a_quiet_machine() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..60 {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split('.').next().and_then(|minute| minute.parse::<usize>().ok());
        if load.is_none_or(|load| load < cores) {
            return;
        }
        thread::sleep(Duration::from_secs(5));
    }
}

/// Whether a scenario is not what it was when the table was written.
fn is_doubted(one: &Judged, kept: Option<&str>) -> bool {
    !one.problems.is_empty() || kept.is_some_and(|kept| !kept.contains(&report::entry(one)))
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

/// That of a root folder. The first line of `systemctl --version` is `systemd 252 (252.38-1)`.
fn systemd_version(root: &Path) -> String {
    let said = Command::new("chroot").arg(root).args(["systemctl", "--version"]).output().unwrap().stdout;
    String::from_utf8_lossy(&said).split_whitespace().nth(1).unwrap_or_default().to_owned()
}

/// `SUPCONV_BLESS=1` writes the table.
fn is_blessed() -> bool {
    std::env::var_os("SUPCONV_BLESS").is_some()
}

/// The table that is kept; that of another systemd is not compared.
fn kept(target: &Target, version: &str, page: &str) -> Option<String> {
    let kept = fs::read_to_string(page).unwrap_or_default();
    if !kept.is_empty() && !kept.contains(&format!("{} {version}", target.name)) {
        println!("{page} is that of another {} and not compared", target.name);
        return None;
    }
    Some(kept)
}

/// Where the table that was made is not the one that is kept.
fn differs(made: &str, kept: Option<&str>, page: &str) -> Option<String> {
    if is_blessed() {
        fs::write(page, made).unwrap();
        return None;
    }
    let kept = kept?;
    let differs = made.lines().zip(kept.lines().chain(std::iter::repeat(""))).find(|(made, kept)| made != kept);
    (made != kept)
        .then(|| format!("{page} is not what was seen: SUPCONV_BLESS=1 cargo test --test it equivalence\n{differs:?}"))
}
