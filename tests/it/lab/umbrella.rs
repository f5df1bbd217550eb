//! The target of everything under the real systemd: one word enables all, a start waits for all, one unit is taken out by its name.

use std::fs;
use std::process::Command;

use super::boot::{Lab, Side};

const SECONDS: u64 = 90;

/// What comes last, a pool, a group: the members take two seconds to be started.
const PROGRAMS: &str = "\
[supervisord]
user=root
[program:web]
command=/bin/sleep 1000
[program:w]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)02d
numprocs=2
priority=1
[group:g]
programs=a,b
priority=2
[program:a]
command=/bin/sleep 1000
[program:b]
command=/bin/sleep 1000
";

const SLOW: &str = "[Service]\nExecStartPre=/bin/sleep 2\n";

const OPERATOR: &str = r#"
exec 2>&1 >/lab/out/said
set -x
links() { find /etc/systemd/system -type l -printf '%P\n' | sort > "/lab/out/$1"; }
states() { systemctl is-active web w@00 w@01 g-a g-b w.target g.target shop.target | tr '\n' ' ' > "/lab/out/$1"; }
systemctl enable shop.target
links enabled
systemctl start shop.target
states started
systemctl show -P ActiveEnterTimestampMonotonic w@00 w@01 g-a g-b > /lab/out/members
systemctl show -P ExecMainStartTimestampMonotonic web > /lab/out/web
systemctl disable web.service
links without
systemctl enable web.service
systemctl stop shop.target
sleep 1
states stopped
systemctl disable shop.target
links disabled
touch /lab/out/done
"#;

#[test]
fn one_word_enables_all_and_a_start_waits_for_all() {
    let lab = Lab::new();
    fs::write(lab.join("a.conf"), PROGRAMS).unwrap();
    let mut convert = Command::new(env!("CARGO_BIN_EXE_supconv"));
    convert.arg("to-systemd").arg(lab.join("a.conf")).args(["--target", "shop", "--out"]).arg(lab.join("units"));
    let output = convert.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for unit in ["w@.service", "g-a.service", "g-b.service"] {
        let folder = lab.join("units").join(format!("{unit}.d"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("slow.conf"), SLOW).unwrap();
    }
    fs::write(lab.join("operator.sh"), OPERATOR).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operator.sh\n";
    fs::write(lab.join("units/operator.service"), operator).unwrap();
    fs::write(lab.join("units/lab.target"), "[Unit]\nWants=operator.service\n").unwrap();

    let Some(console) = lab.boot(Side::Systemd, SECONDS, vec![lab.join("out/done")]) else { return };
    let read = |name: &str| fs::read_to_string(lab.join("out").join(name)).unwrap_or_default();
    let all = "g.target.wants/g-a.service\ng.target.wants/g-b.service\nmulti-user.target.wants/shop.target\n\
               shop.target.wants/g.target\nshop.target.wants/w.target\nshop.target.wants/web.service\n\
               w.target.wants/w@00.service\nw.target.wants/w@01.service\n";
    let mut wrong = Vec::new();
    for (file, expected) in [
        ("enabled", all.to_owned()),
        ("started", "active ".repeat(8)),
        ("without", all.replace("shop.target.wants/web.service\n", "")),
        ("stopped", "inactive ".repeat(8)),
        ("disabled", String::new()),
    ] {
        if read(file) != expected {
            wrong.push(format!("{file}: {:?}, not {expected:?}", read(file)));
        }
    }
    // It waits for the targets of the others, and so for their members.
    let times =
        |name: &str| read(name).split_whitespace().filter_map(|time| time.parse::<u64>().ok()).collect::<Vec<_>>();
    let (members, web) = (times("members"), times("web"));
    if members.len() != 4 || web.len() != 1 || members.iter().any(|member| *member > web[0]) {
        wrong.push(format!("web starts at {web:?}, the others at {members:?}"));
    }
    assert!(wrong.is_empty(), "{}\n{}\n{console}", wrong.join("\n"), read("said"));
}
