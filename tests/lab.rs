//! The lab: units of ours, started by the real systemd as PID 1 of its own namespaces, seen from inside the programs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#[path = "support/nasty.rs"]
mod nasty;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nasty::{NAMES, PATHS, PLAIN_NAMES, Random, SPECIAL_PATHS};
use supconv::target::systemd::environment::{identity, variables};
use supconv::target::systemd::escape::{User, Value, directory, user};
use supconv::target::systemd::exec::{self, exec_start};
use supconv::target::systemd::limits::open_files;
use supconv::target::systemd::name::UnitName;
use supconv::target::systemd::unit::{Entry, Service};

const CASES: usize = 300;
const SECONDS: u64 = 30;

/// One random program, and what it should see.
struct Case {
    name: UnitName,
    text: String,
    argv: Vec<String>,
    environ: BTreeMap<String, String>,
    directory: String,
    user: Option<&'static str>,
    minfds: Option<&'static str>,
    through_env: bool,
}

/// None where it cannot be converted.
fn case(random: &mut Random, number: usize) -> Option<Case> {
    let any = |random: &mut Random| {
        let from = if random.below(8) == 0 { SPECIAL_PATHS } else { PATHS };
        random.pick(from).to_owned()
    };
    let (group, process) = (random.text(3) + "g", format!("{number}{}", random.text(4)));
    let place = format!("/lab/bin/{}", any(random));
    let place = match random.below(4) {
        0 => None,
        1 => Some(format!("{place}/../{}", random.pick(PATHS))),
        _ => Some(place),
    };
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..random.below(5) {
        let names = if random.below(4) == 0 { NAMES } else { PLAIN_NAMES };
        pairs.insert(random.pick(names).to_owned(), random.word());
    }
    let program = match random.below(4) {
        0 => format!("./{}", any(random)),
        1 => {
            let path = random.pick(&["/nowhere:/lab/bin/plain", "/lab/bin/sp ace:/usr/bin", "/lab/bin/%n"]);
            pairs.insert("PATH".to_owned(), path.to_owned());
            any(random)
        }
        _ => format!("/lab/bin/{}/{}", any(random), any(random)),
    };
    let argv: Vec<_> = std::iter::once(program).chain((0..random.below(6)).map(|_| random.word())).collect();
    let (account, minfds) = (random.pick(&["", "nobody", "1"]), random.pick(&["", "300", "4096"]));

    let found = variables(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let place = place.map(|place| directory(&place)).transpose().ok()?;
    let start = exec_start(&exec::Command {
        argv: &argv,
        directory: place.as_ref().map(|place| place.path.as_str()),
        path: pairs.get("PATH").map(String::as_str),
        wrapped: &found.wrapped,
    })
    .ok()?;
    let files = open_files(Some(minfds).filter(|minfds| !minfds.is_empty()));
    let service = Service {
        description: Value::description(&format!("{group}:{process}")).into(),
        service_type: Value::EXEC.into(),
        user: match user(account) {
            Ok(User::Value(value) | User::Nobody(value)) => value.into(),
            _ => Entry::default(),
        },
        limit_nofile: Entry { comments: files.comments, value: files.value },
        working_directory: place.as_ref().map(|place| place.value.clone()).into(),
        environment: identity(&group, &process).into_iter().chain(found.lines).map(Into::into).collect(),
        exec_search_path: start.search_path.into(),
        exec_start: start.line.into(),
        ..Service::default()
    };
    let identity = [("ENABLED", "1"), ("GROUP_NAME", &group), ("PROCESS_NAME", &process)];
    let mut environ: BTreeMap<_, _> =
        identity.into_iter().map(|(name, value)| (format!("SUPERVISOR_{name}"), value.to_owned())).collect();
    environ.extend(pairs);
    Some(Case {
        name: UnitName::service("", &group, &process).ok()?,
        text: service.to_string(),
        argv,
        environ,
        directory: place.map_or_else(|| "/".to_owned(), |place| place.path),
        user: Some(account).filter(|account| !account.is_empty()),
        minfds: Some(minfds).filter(|minfds| *minfds == "4096"),
        through_env: start.through_env,
    })
}

/// What differs.
fn differences(case: &Case, out: &Path) -> Vec<String> {
    let read = |what: &str| fs::read(out.join(format!("{}.{what}", case.name))).ok();
    let Some(argv) = read("argv").filter(|_| read("done").is_some()) else {
        return vec!["did not run".to_owned()];
    };
    let mut found = Vec::new();
    let expected: Vec<u8> = case.argv.iter().flat_map(|word| word.bytes().chain([0])).collect();
    if argv != expected {
        found.push(format!("argv {:?}, not {:?}", String::from_utf8_lossy(&argv), case.argv));
    }
    let environ = String::from_utf8(read("environ").unwrap()).unwrap();
    let mut environ: BTreeMap<&str, &str> =
        environ.split_terminator('\0').map(|pair| pair.split_once('=').unwrap()).collect();
    for (name, value) in &case.environ {
        let seen = environ.remove(name.as_str());
        if seen != Some(value) {
            found.push(format!("{name:?} is {seen:?}, not {value:?}"));
        }
    }
    let added = ["PATH", "LANG", "INVOCATION_ID", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM"];
    let login = ["HOME", "USER", "LOGNAME", "SHELL"];
    environ.retain(|name, _| !(added.contains(name) || case.user.is_some() && login.contains(name)));
    if !environ.is_empty() {
        found.push(format!("more variables: {environ:?}"));
    }
    let cwd = String::from_utf8(read("cwd").unwrap()).unwrap();
    if cwd != case.directory.trim_end_matches('/') && cwd != case.directory {
        found.push(format!("in {cwd:?}, not {:?}", case.directory));
    }
    let uid = match case.user {
        Some("nobody") => "65534",
        Some(number) => number,
        None => "0",
    };
    if !String::from_utf8(read("status").unwrap()).unwrap().contains(&format!("Uid:\t{uid}\t{uid}\t")) {
        found.push(format!("not uid {uid}"));
    }
    let limits = String::from_utf8(read("limits").unwrap()).unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let soft = files.split_whitespace().next();
    if case.minfds.is_some_and(|minfds| soft != Some(minfds)) || (case.minfds.is_none() && soft != Some("1024")) {
        found.push(format!("open files: {files}, not {:?}", case.minfds));
    }
    found
}

#[test]
fn systemd_starts_what_the_configuration_says() {
    let lab = Lab::new();
    let mut random = Random::new(5);
    let mut cases: Vec<Case> = Vec::new();
    let mut refused = 0;
    while cases.len() < CASES {
        match case(&mut random, cases.len()) {
            Some(case) => cases.push(case),
            None => refused += 1,
        }
    }
    assert!(refused < CASES, "{refused} refused");
    for part in [PATHS, SPECIAL_PATHS].concat() {
        let place = lab.0.join("bin").join(part);
        fs::create_dir_all(&place).unwrap();
        for name in [PATHS, SPECIAL_PATHS].concat() {
            fs::hard_link(lab.0.join("probe"), place.join(name)).unwrap();
        }
    }
    let mut target = "[Unit]\n".to_owned();
    for case in &cases {
        fs::write(lab.0.join("units").join(case.name.as_str()), &case.text).unwrap();
        target.extend(["Wants=", case.name.as_str(), "\n"]);
    }
    fs::write(lab.0.join("units/lab.target"), target).unwrap();

    let Some(console) = lab.boot(&cases) else { return };
    let out = lab.0.join("out");
    let mut report = String::new();
    for case in &cases {
        for difference in differences(case, &out) {
            report.extend([case.name.as_str(), ": ", &difference, "\n", &case.text, "\n"]);
        }
    }
    let through_env = cases.iter().filter(|case| case.through_env).count();
    println!("{CASES} programs, {through_env} of them through env; {refused} refused");
    assert!(report.is_empty(), "{report}\n{console}");
}

/// A directory that is /lab inside.
struct Lab(PathBuf);

impl Lab {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("supconv-lab-{}", std::process::id()));
        for part in ["units", "out", "bin", "root"] {
            fs::create_dir_all(path.join(part)).unwrap();
        }
        fs::set_permissions(path.join("out"), fs::Permissions::from_mode(0o1777)).unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/probe.rs");
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let built = Command::new(compiler).args(["--edition=2024", "-o"]).arg(path.join("probe")).arg(source).status();
        assert!(built.unwrap().success());
        Self(path)
    }

    /// Waits until all have run, or the time is over. What systemd said, or None where this machine cannot boot it.
    fn boot(&self, cases: &[Case]) -> Option<String> {
        let console = fs::File::create(self.0.join("console")).unwrap();
        let mut child = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/boot.sh"))
            .arg(&self.0)
            .arg(SECONDS.to_string())
            .stdin(Stdio::null())
            .stdout(console.try_clone().unwrap())
            .stderr(console)
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(SECONDS);
        let mut missing: Vec<_> = cases.iter().map(|case| self.0.join(format!("out/{}.done", case.name))).collect();
        let mut ended = false;
        while !missing.is_empty() && !ended && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
            missing.retain(|path| !path.exists());
            ended = child.try_wait().unwrap().is_some();
        }
        self.stop(&mut child);
        let console = String::from_utf8_lossy(&fs::read(self.0.join("console")).unwrap()).into_owned();
        if ended && missing.len() == cases.len() {
            let line = format!("NOT RUN: systemd as PID 1: {}", console.trim());
            assert!(std::env::var_os("SUPCONV_TESTS").is_none_or(|tests| tests != "all"), "{line}");
            println!("{line}");
            return None;
        }
        Some(console)
    }

    /// Ends `unshare`, and with it all of its namespaces; no other process.
    fn stop(&self, child: &mut Child) {
        if child.try_wait().unwrap().is_none() {
            let pid = fs::read_to_string(self.0.join("pid")).unwrap();
            assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
        }
        child.wait().unwrap();
        let Ok(cgroup) = fs::read_to_string(self.0.join("cgroup")) else { return };
        for _ in 0..20 {
            remove_cgroup(Path::new(cgroup.trim()));
            if !Path::new(cgroup.trim()).exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Cgroups have no files to delete, only directories.
fn remove_cgroup(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        remove_cgroup(&entry.path());
    }
    let _ = fs::remove_dir(path);
}
