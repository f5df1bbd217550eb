//! `--tune` under the real systemd, with the real programs of Debian 12: each unit says that it is ready where it waits for that, and its
//! stop is clean, within its time, and leaves nothing.

use std::fs;
use std::path::Path;

use super::boot::{Lab, Side};
use crate::support::desk::values;
use crate::support::machine;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/tune");

/// Each program in the order of starts, celery after redis, which it works for; and the lines of its unit that come of `--tune`.
const PROGRAMS: &[(&str, &[(&str, &str)])] = &[
    ("redis", &[("Type", "notify"), ("LimitNOFILE", "10032:524288"), ("TimeoutStopSec", "infinity")]),
    ("gunicorn", &[("Type", "notify"), ("TimeoutStopSec", "35s")]),
    ("haproxy", &[("Type", "notify"), ("KillSignal", "SIGUSR1")]),
    ("nginx", &[("Type", "exec"), ("KillSignal", "SIGQUIT")]),
    ("memcached", &[("Type", "exec")]),
    ("php", &[("Type", "exec"), ("KillSignal", "SIGQUIT")]),
    ("postgres", &[("Type", "exec"), ("KillSignal", "SIGINT")]),
    ("celery", &[("Type", "exec")]),
];

#[test]
fn tuned_units_are_ready_and_stop_cleanly() {
    let root = match machine::programs_root() {
        Ok(root) => root,
        Err(why) => return machine::passed_over("tuned units", &why),
    };
    let lab = Lab::within(&root);
    for name in ["supervisord.conf", "operator.sh", "app.py", "tasks.py", "haproxy.cfg"] {
        fs::copy(Path::new(FOLDER).join(name), lab.join(name)).unwrap();
    }
    let converted = lab.run("to-systemd --tune supervisord.conf --out units");
    assert_eq!(converted.code, 0, "{converted:?}");
    for (name, lines) in PROGRAMS {
        let unit = fs::read_to_string(lab.join(format!("units/{name}.service"))).unwrap();
        for (key, value) in *lines {
            assert_eq!(values(&unit, key), [*value], "{unit}");
        }
    }
    let names: Vec<&str> = PROGRAMS.iter().map(|(name, _)| *name).collect();
    let operator = format!("[Service]\nType=oneshot\nExecStart=/bin/bash /lab/operator.sh {}\n", names.join(" "));
    lab.write("units/operator.service", operator);
    lab.write("units/lab.target", "[Unit]\nWants=operator.service\n");
    let Some(console) = lab.boot(Side::Systemd, 180, vec![lab.join("out/done")]) else { return };
    let [seen, said] = ["seen", "said"].map(|name| fs::read_to_string(lab.join("out").join(name)).unwrap_or_default());
    let expected: Vec<String> = PROGRAMS
        .iter()
        .rev()
        .map(|(name, lines)| format!("{name}: {} active, started once; inactive success in time, 0 left", lines[0].1))
        .collect();
    assert_eq!(seen.lines().collect::<Vec<_>>(), expected, "{said}\n{console}");
}
