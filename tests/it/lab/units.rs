//! The lab: units of ours, started by the real systemd as PID 1 of its own namespaces, seen from inside the programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::boot::{Lab, Side};
use crate::support::nasty::{NAMES, PATHS, PLAIN_NAMES, Random, SPECIAL_PATHS};
use supconv::convert::systemd::environment::{identity, variables};
use supconv::convert::systemd::escape::{UnitValue, User, directory, user};
use supconv::convert::systemd::exec::{self, exec_start};
use supconv::convert::systemd::limits::open_files;
use supconv::convert::systemd::name::UnitName;
use supconv::convert::systemd::unit::{Entry, ServiceUnit};

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
    let start = exec_start(&exec::Invocation {
        argv: &argv,
        directory: place.as_ref().map(|place| place.path.as_str()),
        path: pairs.get("PATH").map(String::as_str),
        wrapped: &found.wrapped,
        version: supconv::convert::systemd::version::Version::default(),
    })
    .ok()?;
    let files = open_files(Some(minfds).filter(|minfds| !minfds.is_empty()));
    let service = ServiceUnit {
        description: UnitValue::description(&format!("{group}:{process}")).into(),
        service_type: UnitValue::EXEC.into(),
        user: match user(account) {
            Ok(User::Value(value) | User::Nobody(value)) => value.into(),
            _ => Entry::default(),
        },
        limit_nofile: Entry { comments: files.comments, value: files.value },
        working_directory: place.as_ref().map(|place| place.value.clone()).into(),
        environment: identity(&group, &process).into_iter().chain(found.lines).map(Into::into).collect(),
        exec_search_path: start.search_path.into(),
        exec_start: start.line.into(),
        ..ServiceUnit::default()
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
        let place = lab.join("bin").join(part);
        fs::create_dir_all(&place).unwrap();
        for name in [PATHS, SPECIAL_PATHS].concat() {
            fs::hard_link(lab.join("probe"), place.join(name)).unwrap();
        }
    }
    let mut target = "[Unit]\n".to_owned();
    for case in &cases {
        fs::write(lab.join("units").join(case.name.as_str()), &case.text).unwrap();
        target.extend(["Wants=", case.name.as_str(), "\n"]);
    }
    fs::write(lab.join("units/lab.target"), target).unwrap();

    let done = cases.iter().map(|case| lab.join(format!("out/{}.done", case.name))).collect();
    let Some(console) = lab.boot(Side::Systemd, SECONDS, done) else { return };
    let out = lab.join("out");
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

/// Programs of a supervisord.conf, each a script of `/lab/bin`, with what the file says of it.
const PROGRAMS: &[(&str, &str, &str)] = &[
    (
        "seen",
        "umask; grep 'open files' /proc/self/limits; echo to stderr >&2; exec sleep 1000",
        "umask=027\nredirect_stderr=true\nstdout_logfile=/lab/out/seen.log\nstdout_logfile_maxbytes=0\n",
    ),
    ("expected", "sleep 1.6; exit 2", "exitcodes=0,2\n"),
    ("unexpected", "sleep 1.6; exit 3", "exitcodes=0,2\n"),
    ("killed", "sleep 1.6; kill -TERM $$", ""),
    ("never", "sleep 1.6; exit 3", "autorestart=false\n"),
    ("fatal", "echo start >> /lab/out/fatal.starts; exit 1", "startsecs=3\nstartretries=1\n"),
    ("usr1", "trap 'echo usr1 >> /lab/out/usr1.got; exit 0' USR1; while :; do sleep 0.1; done", "stopsignal=USR1\n"),
    ("deaf", "trap '' TERM; while :; do sleep 0.1; done", "stopwaitsecs=1\n"),
    (
        "w",
        "echo $1 $SUPERVISOR_PROCESS_NAME > /lab/out/w.$1; exec sleep 1000",
        "numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n",
    ),
    ("manual", "exec sleep 1000", "autostart=false\n"),
];

/// What an operator does with the units, and looks at.
const OPERATOR: &str = "
exec 2>&1 >/lab/out/operator
# What --now does, in two steps: it starts what the target has started already once more, and a program that has ended by
# then loses one of its starts.
systemctl enable $(cat /lab/enable)
systemctl start supervisord.target
sleep 6
show() { systemctl show -P Result -P NRestarts -P ActiveState $1.service | tr '\\n' ' ' > /lab/out/$1.$2; }
for unit in seen expected unexpected killed never fatal manual w@00 w@01; do show $unit shown; done
systemctl stop usr1.service
begin=$(date +%s%N)
systemctl stop deaf.service
echo $((($(date +%s%N) - begin) / 1000000)) > /lab/out/deaf.ms
show usr1 shown
show deaf shown
systemctl stop w.target
sleep 0.5
show w@00 stopped
show seen stopped
touch /lab/out/operator.done
";

/// The programs of a small file under the real systemd: restart, exit codes, stop signal and time, umask, limits, log files.
#[test]
fn converted_programs_run_as_the_file_says() {
    let lab = Lab::new();
    let mut text = "[supervisord]\nuser=root\nminfds=4096\n".to_owned();
    for (name, script, options) in PROGRAMS {
        fs::write(lab.join("bin").join(name), format!("{script}\n")).unwrap();
        let number = if options.contains("numprocs") { " %(process_num)02d" } else { "" };
        text.extend(["[program:", name, "]\ncommand=/bin/bash /lab/bin/", name, number, "\n", options]);
    }
    fs::write(lab.join("a.conf"), text).unwrap();
    let mut convert = Command::new(env!("CARGO_BIN_EXE_supconv"));
    convert.arg("to-systemd").arg(lab.join("a.conf")).arg("--out").arg(lab.join("units"));
    let output = convert.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(lab.join("units/HANDOVER.md")).unwrap();
    let enable = page.lines().find_map(|line| line.trim().strip_prefix("systemctl enable ")).unwrap();
    fs::write(lab.join("enable"), enable).unwrap();
    fs::write(lab.join("operator.sh"), OPERATOR).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operator.sh\n";
    fs::write(lab.join("units/operator.service"), operator).unwrap();
    fs::write(lab.join("units/lab.target"), "[Unit]\nWants=operator.service\n").unwrap();

    let Some(console) = lab.boot(Side::Systemd, SECONDS, vec![lab.join("out/operator.done")]) else { return };
    let read = |name: &str| fs::read_to_string(lab.join("out").join(name)).unwrap_or_default();
    let mut wrong = Vec::new();
    for (file, expected) in [
        ("seen.shown", "success 0 active"),
        ("expected.shown", "success 0 inactive"),
        ("never.shown", "exit-code 0 failed"),
        // Two starts, as Supervisor makes them. systemd counts the restart that its limit refuses as one or not.
        ("fatal.starts", "start\nstart"),
        ("manual.shown", "success 0 inactive"),
        ("w@00.shown", "success 0 active"),
        ("w@01.shown", "success 0 active"),
        ("w.00", "00 w_00"),
        ("w.01", "01 w_01"),
        ("usr1.got", "usr1"),
        ("usr1.shown", "success 0 inactive"),
        ("deaf.shown", "timeout 0 failed"),
        ("w@00.stopped", "success 0 inactive"),
        ("seen.stopped", "success 0 active"),
    ] {
        if read(file).trim() != expected {
            wrong.push(format!("{file}: {:?}, not {expected:?}", read(file)));
        }
    }
    if !read("fatal.shown").trim().ends_with("failed") {
        wrong.push(format!("fatal.shown: {}", read("fatal.shown")));
    }
    for unit in ["unexpected", "killed"] {
        let shown = read(&format!("{unit}.shown"));
        let restarts: u32 = shown.split_whitespace().nth(1).and_then(|count| count.parse().ok()).unwrap_or(0);
        if restarts == 0 {
            wrong.push(format!("{unit} did not come back: {shown}"));
        }
    }
    let waited: u32 = read("deaf.ms").trim().parse().unwrap_or(0);
    if !(900..4000).contains(&waited) {
        wrong.push(format!("the kill came after {waited} ms"));
    }
    let log = read("seen.log");
    let soft_and_hard = log.lines().find_map(|line| line.strip_prefix("Max open files")).map(str::split_whitespace);
    let soft = soft_and_hard.and_then(|mut numbers| numbers.next());
    if !log.starts_with("0027\n") || !log.ends_with("to stderr\n") || soft != Some("4096") {
        wrong.push(format!("seen.log: {log}"));
    }
    assert!(wrong.is_empty(), "{}\n{}\n{console}", wrong.join("\n"), read("operator"));
}
