//! The walk: an operator with Debian's layout and three programs goes from `lint` to systemd and back, and types only what is
//! printed.

use std::fs;
use std::path::Path;

use super::boot::{Lab, Side};
use crate::support::python;

const SECONDS: u64 = 60;

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

const WEB: &str = "\
#!/usr/bin/python3
import os, socket
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
exec sleep 1000
";

/// `Next` and `To go back` are what the converter printed; their lines are typed as they stand.
const OPERATOR: &str = r#"
exec 2>&1 >/lab/out/said
set -x
mkdir -p /etc/supervisor/conf.d /var/log/supervisor /var/log/shop /root/units
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
supconv lint > /lab/out/lint.again 2>&1; echo $? > /lab/out/lint.again.status
supconv to-systemd --out /root/units > /lab/out/next 2> /lab/out/report; echo $? > /lab/out/convert.status
sed -n '/^Next, as root:/,/^[^ ]/p' /lab/out/next | grep '^  ' > /lab/out/next.sh
bash -ex /lab/out/next.sh; echo $? > /lab/out/next.status
look moved systemctl
sed -n 's/^To go back: //p' /lab/out/next > /lab/out/back.sh
bash -ex /lab/out/back.sh; echo $? > /lab/out/back.status
sleep 2
look back supervisorctl
touch /lab/out/done
"#;

#[test]
fn from_lint_to_systemd_and_back_by_what_is_printed() {
    let Some(bin) = python::tool("supervisor==4.3.0") else { return };
    let lab = Lab::new();
    let program = |name: &str, text: &str| {
        let path = lab.join("bin").join(name);
        fs::write(&path, text).unwrap();
        executable(&path);
    };
    program("web", WEB);
    program("ask", ASK);
    program("queue", QUEUE);
    program("report", "#!/bin/sh\necho report\n");
    fs::copy(MAIN, lab.join("supervisord.conf")).unwrap();
    fs::write(lab.join("shop.conf"), PROGRAMS).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_supconv"), lab.join("bin/supconv")).unwrap();
    // The package has its programs in /usr/bin.
    let unit =
        fs::read_to_string(UNIT).unwrap().replace("/usr/bin/supervisor", &format!("{}/supervisor", bin.display()));
    fs::write(lab.join("units/supervisor.service"), unit).unwrap();
    let head = format!("PATH=/lab/bin:{}:$PATH\n", bin.display());
    fs::write(lab.join("operator.sh"), head + OPERATOR).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operator.sh\n";
    fs::write(lab.join("units/operator.service"), operator).unwrap();
    fs::write(lab.join("units/lab.target"), "[Unit]\nWants=operator.service\n").unwrap();

    let Some(console) = lab.boot(Side::Systemd, SECONDS, vec![lab.join("out/done")]) else { return };
    let read = |name: &str| fs::read_to_string(lab.join("out").join(name)).unwrap_or_default();
    let mut wrong = Vec::new();
    for (file, parts) in [
        ("lint.status", &["1"][..]),
        ("lint", &["default-minfds", "supervisord-user-unset", "supervisor-unit"]),
        ("lint.again.status", &["0"]),
        ("convert.status", &["0"]),
        ("report", &[":524288, from minfds="]),
        ("next.status", &["0"]),
        ("back.status", &["0"]),
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
    let said: String =
        ["said", "lint", "lint.again", "report", "next"].map(|file| format!("== {file}\n{}\n", read(file))).concat();
    assert!(wrong.is_empty(), "{}\n{said}{console}", wrong.join("\n"));
    assert!(!["lint", "report", "next"].iter().any(|file| read(file).contains("sesame")), "{said}");
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
