//! The walk: an operator goes from supervisord to systemd and back, and types only what HANDOVER.md says; on Debian's layout, with one
//! file that has groups, a pool, a socket and a listener, and with fragments one by one. Each program says that it lives ten times
//! a second: none is down longer than its own line takes, however many there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::boot::{Lab, Side};
use crate::support::python;

const SECONDS: u64 = 150;

/// What the package installs, but for the place of its programs.
const MAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/layouts/debian/etc/supervisor/supervisord.conf");
const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/layouts/debian/lib/systemd/system/supervisor.service");

/// A web server with a socket, a queue worker, and what runs once.
const PROGRAMS: &str = "\
[fcgi-program:shop-web]
command=/lab/bin/web
socket=unix:///run/shop-web.sock
user=lab
socket_mode=0777
priority=30
stdout_logfile=/var/log/shop/web.log
redirect_stderr=true

[program:shop-queue]
command=/lab/bin/queue --name %(process_num)02d
process_name=%(program_name)s_%(process_num)02d
numprocs=2
user=lab
priority=20
stopwaitsecs=5
environment=DB_PASSWORD=\"sesame $x\",APP_ENV=\"production\"
stdout_logfile=/var/log/shop/queue-%(process_num)02d.log
stdout_logfile_maxbytes=1MB

[program:shop-report]
command=/lab/bin/report
user=lab
priority=10
autostart=false
autorestart=false
startsecs=0
stdout_logfile=/var/log/shop/report.log
";

/// A program that lives, and takes a while to end.
const BEAT: &str = "\
#!/usr/bin/python3
import os, signal, sys, time
name, stop = sys.argv[1], float(sys.argv[2])
def end(*_):
    time.sleep(stop)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
with open('/lab/out/beat.' + name, 'a', buffering=1) as out:
    while True:
        print(time.time(), os.getpid(), file=out)
        time.sleep(0.1)
";

const WEB: &str = "\
#!/usr/bin/python3
import os, socket, threading, time
def beat():
    with open('/lab/out/beat.web', 'a', buffering=1) as out:
        while True:
            print(time.time(), os.getpid(), file=out)
            time.sleep(0.1)
threading.Thread(target=beat, daemon=True).start()
listening = socket.socket(fileno=0)
while True:
    connection, _ = listening.accept()
    connection.sendall(b'web of %d' % os.getppid())
    connection.close()
";

const ASK: &str = "\
#!/usr/bin/python3
import socket
asking = socket.socket(socket.AF_UNIX)
asking.settimeout(2)
try:
    asking.connect('/run/shop-web.sock')
    print(asking.recv(100).decode())
except OSError as error:
    print('nobody:', error)
";

const QUEUE: &str = "\
#!/bin/sh
echo \"queue $2 $SUPERVISOR_PROCESS_NAME $APP_ENV $DB_PASSWORD\"
ulimit -Sn
exec /lab/bin/beat \"queue$2\" 1
";

const LISTENER: &str = "\
#!/usr/bin/python3
import sys
while True:
    sys.stdout.write('READY\\n')
    sys.stdout.flush()
    header = dict(word.split(':') for word in sys.stdin.readline().split())
    sys.stdin.read(int(header['len']))
    sys.stdout.write('RESULT 2\\nOK')
    sys.stdout.flush()
";

/// What all operators do: `follow PAGE STEP [BLOCK]` types the commands between the fences of a step, in the folder of the page.
const TYPED: &str = r###"
exec 2>&1 >/lab/out/said
set -x
mkdir -p /etc/supervisor/conf.d /var/log/supervisor /var/log/shop /root/units
step() {
    awk -v want="## $2" -v block="${3:-1}" '
        inside && $0 == fence { inside = 0; next }
        inside { if (number == block) print; next }
        /^## / { on = index($0, want) == 1 }
        on && /^```+sh$/ { inside = 1; number++; fence = substr($0, 1, length($0) - 2) }' "/root/units/$1"
}
follow() {
    step "$@" > /lab/out/commands
    [ -s /lab/out/commands ] || echo "nothing to do: $*" >> /lab/out/failed
    while IFS= read -r line; do
        local begun=$EPOCHREALTIME
        (cd /root/units && bash -c "$line" < /dev/null) || echo "$line" >> /lab/out/failed
        echo "$begun $EPOCHREALTIME $line" >> /lab/out/lines
    done < /lab/out/commands
}
there() { follow "$1" '1. Install'; follow "$1" '2. Enable'; follow "$1" '3. Hand over'; follow "$1" '5. Finish'; }
"###;

/// From `lint` to systemd, with supervisord switched off in the end, and back from there.
const DEBIAN: &str = r#"
cp /lab/supervisord.conf /etc/supervisor/; cp /lab/shop.conf /etc/supervisor/conf.d/
look() {
    "$2" start shop-report
    sleep 3
    { supervisorctl status; systemctl is-active supervisor shop-web shop-queue@00 shop-queue@01 shop-report; /lab/bin/ask
      cat /var/log/shop/*; } > "/lab/out/$1" 2>&1
    : | tee /var/log/shop/*.log
}
systemctl start supervisor
sleep 2
look before supervisorctl
supconv lint --unit /etc/systemd/system/supervisor.service > /lab/out/lint 2>&1; echo $? > /lab/out/lint.status
# What the help of its first two findings says, as far as this machine has so many.
files=$(ulimit -Hn); [ "$files" != unlimited ] && [ "$files" -lt 65536 ] || files=65536
echo "$files" > /lab/out/files
sed -i "s/^\[supervisord\]/&\nuser=root\nminfds=$files/" /etc/supervisor/supervisord.conf
# What the help of its last one says; no mode of a file is looked at.
chmod 0600 /etc/supervisor/conf.d/shop.conf
supconv lint --ignore plaintext-secret > /lab/out/lint.again 2>&1; echo $? > /lab/out/lint.again.status
supconv to-systemd --out /root/units > /lab/out/next 2> /lab/out/report; echo $? > /lab/out/convert.status
cp /root/units/HANDOVER.md /lab/out/page
there HANDOVER.md
follow HANDOVER.md '6. Switch supervisord off'
cp /lab/out/beat.* /lab/out/moved.beats/
look moved systemctl
follow HANDOVER.md '6. Switch supervisord off' 2
sleep 2
look back supervisorctl
touch /lab/out/done
"#;

/// There and back, program by program. What is started by hand does not run, so its lines are left out: `last` is the block after them.
const BOTH_WAYS: &str = r#"
look() {
    sleep 2
    { supervisorctl status | awk '{ print $1, $2 }'; systemctl is-active $units | paste -sd' '; } > "/lab/out/$1" 2>&1
}
systemctl start supervisor
sleep 3
look before
convert > /lab/out/next 2> /lab/out/report
cat /root/units/HANDOVER*.md > /lab/out/page
for page in $pages; do there "$page"; done
look moved
for page in $pages; do follow "$page" '4. Back'; done
look back
for page in $pages; do follow "$page" '4. Back' "$last"; done
cp /lab/out/beat.* /lab/out/moved.beats/
touch /lab/out/done
"#;

/// One file: a group of which one program is started by hand, a pool, a socket, a listener, and one alone.
const ONE: &str = "\
[group:g]
programs=a,b
[program:a]
command=/lab/bin/beat a 1
[program:b]
command=/lab/bin/beat b 1
autostart=false
[program:pool]
command=/lab/bin/beat pool%(process_num)d 1
process_name=%(program_name)s_%(process_num)d
numprocs=2
[fcgi-program:web]
command=/lab/bin/web
socket=unix:///run/shop-web.sock
[eventlistener:watch]
command=/lab/bin/listener
events=TICK_5
[program:alone]
command=/lab/bin/beat alone 2
";

/// Two of the files of conf.d.
const FRAGMENTS: [(&str, &str); 2] = [
    (
        "jobs",
        "[program:pool]\ncommand=/lab/bin/beat pool%(process_num)d 1\nprocess_name=%(program_name)s_%(process_num)d\nnumprocs=2\n",
    ),
    ("site", "[program:site]\ncommand=/lab/bin/beat site 1\n[program:alone]\ncommand=/lab/bin/beat alone 2\n"),
];

/// Boots, with the real supervisord as Debian's unit starts it; none where this machine cannot.
fn walked(files: &[(&str, &str)], operator: &str) -> Option<(Lab, String)> {
    let bin = python::tool("supervisor==4.3.0")?;
    let lab = Lab::new();
    for (name, text) in [
        ("web", WEB),
        ("ask", ASK),
        ("queue", QUEUE),
        ("beat", BEAT),
        ("listener", LISTENER),
        ("report", "#!/bin/sh\necho report\n"),
    ] {
        let path = lab.join("bin").join(name);
        fs::write(&path, text).unwrap();
        executable(&path);
    }
    fs::create_dir(lab.join("out/moved.beats")).unwrap();
    for (name, text) in files {
        fs::write(lab.join(name), text).unwrap();
    }
    fs::copy(env!("CARGO_BIN_EXE_supconv"), lab.join("bin/supconv")).unwrap();
    // The package has its programs in /usr/bin.
    let unit =
        fs::read_to_string(UNIT).unwrap().replace("/usr/bin/supervisor", &format!("{}/supervisor", bin.display()));
    fs::write(lab.join("units/supervisor.service"), unit).unwrap();
    let head = format!("PATH=/lab/bin:{}:$PATH\n", bin.display());
    fs::write(lab.join("operator.sh"), head + TYPED + operator).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operator.sh\n";
    fs::write(lab.join("units/operator.service"), operator).unwrap();
    fs::write(lab.join("units/lab.target"), "[Unit]\nWants=operator.service\n").unwrap();
    let console = lab.boot(Side::Systemd, SECONDS, vec![lab.join("out/done")])?;
    Some((lab, console))
}

fn read(lab: &Lab, name: &str) -> String {
    fs::read_to_string(lab.join("out").join(name)).unwrap_or_default()
}

/// What went wrong on the way: a command that failed; a program that was down for longer than the line that moves it took.
fn wrong(lab: &Lab) -> Vec<String> {
    let mut wrong: Vec<String> = read(lab, "failed").lines().map(|line| format!("failed: {line}")).collect();
    if !lab.join("out/done").exists() {
        wrong.push("it did not come to its end".to_owned());
    }
    let span = |line: &str| -> Option<(f64, f64)> {
        let (begun, rest) = line.split_once(' ')?;
        Some((begun.parse().ok()?, rest.split_once(' ')?.0.parse().ok()?))
    };
    let lines = read(lab, "lines");
    let moves: Vec<(f64, f64)> =
        lines.lines().filter(|line| line.contains("supervisorctl ")).filter_map(span).collect();
    let mut beats = 0;
    for entry in fs::read_dir(lab.join("out/moved.beats")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let beat = |line: &str| -> Option<(f64, u32)> {
            let (time, process) = line.split_once(' ')?;
            Some((time.parse().ok()?, process.parse().ok()?))
        };
        let all: Vec<(f64, u32)> = text.lines().filter_map(beat).collect();
        let name = path.file_name().unwrap().display().to_string();
        let processes: BTreeSet<u32> = all.iter().map(|(_, process)| *process).collect();
        let changes = all.windows(2).filter(|pair| pair[0].1 != pair[1].1);
        let downs: Vec<(f64, f64)> = changes.map(|pair| (pair[0].0, pair[1].0)).collect();
        // Each process ends before the next begins, and there are two at least.
        if downs.is_empty() || downs.len() + 1 != processes.len() {
            wrong.push(format!("{name}: {} processes, and {} changes between them", processes.len(), downs.len()));
        }
        for (last, next) in downs {
            let beside = |(begun, ended): &(f64, f64)| ended.min(next) - begun.max(last);
            let own = moves.iter().max_by(|one, other| beside(one).total_cmp(&beside(other)));
            println!("{name}: down for {:.2} s, by the line {own:?} of {}", next - last, moves.len());
            // The line that moves it. A program needs a while until it lives, and this machine may be busy.
            if !own.is_some_and(|(begun, ended)| begun - 0.5 <= last && next <= ended + 2.0) {
                wrong.push(format!("{name} was down from {last} to {next}, its line is {own:?}: {moves:?}"));
            }
        }
        beats += 1;
    }
    if beats < 3 || moves.len() < 2 {
        wrong.push(format!("{beats} programs were seen, {} lines moved them: {lines}", moves.len()));
    }
    wrong
}

fn said(lab: &Lab, console: &str) -> String {
    let files = ["said", "lint", "lint.again", "report", "next", "page", "lines"];
    files.map(|file| format!("== {file}\n{}\n", read(lab, file))).concat() + console
}

#[test]
fn from_lint_to_systemd_and_back_by_what_is_printed() {
    let main = fs::read_to_string(MAIN).unwrap();
    let files = [("supervisord.conf", main.as_str()), ("shop.conf", PROGRAMS)];
    let Some((lab, console)) = walked(&files, DEBIAN) else { return };
    let read = |name: &str| read(&lab, name);
    let mut wrong = wrong(&lab);
    for (file, parts) in [
        ("lint.status", &["1"][..]),
        ("lint", &["default-minfds", "supervisord-user-unset", "supervisor-unit", "plaintext-secret"]),
        ("lint.again.status", &["0"]),
        ("convert.status", &["0"]),
        ("report", &[":524288, from minfds="]),
    ] {
        for part in parts.iter().filter(|part| !read(file).contains(**part)) {
            wrong.push(format!("{file} lacks {part}"));
        }
    }
    let files = read("files");
    let files = files.trim();
    // As supervisorctl, systemctl, the socket and the logs say.
    let [on, off] = [["RUNNING"; 3].as_slice(), &[]];
    for (file, under, units, soft) in [
        ("before", on, "active\ninactive\ninactive\ninactive\ninactive\n", "1024"),
        ("moved", off, "inactive\nactive\nactive\nactive\ninactive\n", files),
        ("back", on, "active\ninactive\ninactive\ninactive\ninactive\n", files),
    ] {
        let seen = read(file);
        let log = |n: u8| format!("queue 0{n} shop-queue_0{n} production sesame $x\n{soft}\n");
        let logs = log(0) + &log(1);
        let mut found = vec![
            (seen.matches("RUNNING").count() == under.len(), "supervisorctl"),
            (seen.contains(units), "systemctl"),
            (seen.contains(&(logs + "report\n")), "the logs"),
        ];
        let parent = if under.is_empty() { "web of 1\n" } else { "web of " };
        found.push((seen.contains(parent) && !seen.contains("nobody"), "the socket"));
        wrong.extend(found.into_iter().filter(|(right, _)| !right).map(|(_, what)| format!("{file}: {what}: {seen}")));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), said(&lab, &console));
    assert!(
        !["lint", "report", "next", "page"].iter().any(|file| read(file).contains("sesame")),
        "{}",
        said(&lab, &console)
    );
}

/// `running`: what runs before, as supervisorctl says; `stays`: what of it goes on; `units`: all units, those that are active first.
fn both_ways(
    files: &[(&str, &str)],
    setup: &str,
    running: usize,
    stays: usize,
    (active, inactive): (&[&str], &[&str]),
) {
    let units = [active, inactive].concat().join(" ");
    let Some((lab, console)) = walked(files, &format!("{setup}\nunits='{units}'\n{BOTH_WAYS}")) else { return };
    let mut wrong = wrong(&lab);
    let none = vec!["inactive"; active.len() + inactive.len()].join(" ");
    let all = [vec!["active"; active.len()], vec!["inactive"; inactive.len()]].concat().join(" ");
    for (stage, count, states) in [("before", running, &none), ("moved", stays, &all), ("back", running, &none)] {
        let seen = read(&lab, stage);
        if seen.matches("RUNNING").count() != count || seen.lines().last() != Some(states) {
            wrong.push(format!("{stage}: not {count} RUNNING and {states}: {seen}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), said(&lab, &console));
}

#[test]
fn one_file_with_all_kinds_there_and_back_by_its_page() {
    let main = fs::read_to_string(MAIN).unwrap() + ONE;
    let setup = "cp /lab/supervisord.conf /etc/supervisor/; pages=HANDOVER.md last=3\n\
                 convert() { supconv to-systemd --allow-loss --out /root/units; }";
    let active = ["g-a", "pool@0", "pool@1", "web", "alone"];
    both_ways(&[("supervisord.conf", &main)], setup, 6, 1, (&active, &["g-b"]));
}

#[test]
fn fragments_one_by_one_there_and_back_by_their_pages() {
    let main = fs::read_to_string(MAIN).unwrap();
    let setup = "cp /lab/supervisord.conf /etc/supervisor/; cp /lab/jobs.conf /lab/site.conf /etc/supervisor/conf.d/\n\
                 pages='HANDOVER-jobs.md HANDOVER-site.md' last=2\n\
                 convert() { for name in jobs site; do supconv to-systemd /etc/supervisor/conf.d/$name.conf --out /root/units --force; done; }";
    let [(_, jobs), (_, site)] = FRAGMENTS;
    let files = [("supervisord.conf", main.as_str()), ("jobs.conf", jobs), ("site.conf", site)];
    both_ways(&files, setup, 4, 0, (&["pool@0", "pool@1", "site", "alone"], &[]));
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
