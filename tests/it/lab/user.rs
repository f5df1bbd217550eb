//! `--user` under the real user manager of an account, beside a supervisord that the account has started itself: the page's own
//! commands install, enable and start.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::boot::{Lab, Side};
use crate::support::page::Page;
use crate::support::{machine, python};

const SECONDS: u64 = 90;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/user");

/// As logind starts it, without logind: user@.service of systemd 252.
const MANAGER: &str = "[Service]\nUser=lab\nType=notify\nExecStart=/lib/systemd/systemd --user\nDelegate=pids memory cpu\n\
                       KillMode=mixed\nTasksMax=infinity\nTimeoutStopSec=120s\nOOMScoreAdjust=100\n\
                       Environment=XDG_RUNTIME_DIR=/run/user/5001\n";

/// A directory with what both sides need, and all else from a root folder.
fn lab(root: &Path) -> Lab {
    let lab = Lab::within(root);
    for name in ["say", "family"] {
        let path = lab.join("bin").join(name);
        fs::copy(Path::new(FOLDER).join(name), &path).unwrap();
        assert!(Command::new("chmod").arg("755").arg(&path).status().unwrap().success());
    }
    for name in ["operator.sh", "supervisord.conf"] {
        fs::copy(Path::new(FOLDER).join(name), lab.join(name)).unwrap();
    }
    lab
}

/// What a side has left, file by file.
fn seen(lab: &Lab) -> Vec<(&'static str, String)> {
    let files = ["counts", "plain.log", "pool-0.log", "pool-1.log", "family.log"];
    files.map(|name| (name, fs::read_to_string(lab.join("out").join(name)).unwrap_or_default())).to_vec()
}

#[test]
fn programs_run_under_a_user_manager_as_under_the_supervisord_of_the_account() {
    compare(Path::new("/"));
}

#[test]
fn programs_run_under_a_user_manager_257_as_under_the_supervisord_of_the_account() {
    match machine::second_root() {
        Ok(root) => compare(&root),
        Err(why) => machine::passed_over("the user manager of systemd 257", &why),
    }
}

/// `root`: whose systemd it is.
fn compare(root: &Path) {
    let Some(bin) = python::tool("supervisor==4.3.0") else { return };
    let before = lab(Path::new("/"));
    // The account has to reach the tool, wherever it is: only in the copy of the root folder.
    let init = format!(
        "d={bin}\nwhile [ \"$d\" != / ]; do chmod a+rx \"$d\"; d=$(dirname \"$d\"); done\nexport PATH={bin}:$PATH\n\
         install -d -o lab -g lab /home/lab\ncd /\nlab() {{ setpriv --reuid=5001 --regid=5001 --init-groups env HOME=/home/lab \"$@\"; }}\n\
         lab supervisord -n -c /lab/supervisord.conf > /lab/out/console 2>&1 &\nlab bash /lab/operator.sh supervisor\nsleep 1000\n",
        bin = bin.display()
    );
    fs::write(before.join("init"), init).unwrap();
    let Some(console) = before.boot(Side::Supervisor, SECONDS, vec![before.join("out/done")]) else { return };
    let supervisor = seen(&before);

    let after = lab(root);
    let converted = after.run("to-systemd --user supervisord.conf --out plan");
    assert_eq!(converted.code, 0, "{converted:?}");
    let page = Page::of(&fs::read_to_string(after.join("plan/HANDOVER.md")).unwrap());
    let steps = [page.commands("1. Install"), page.commands("2. Enable"), page.commands("5. Finish")].concat();
    let (of_root, of_account): (Vec<_>, Vec<_>) = steps.into_iter().partition(|line| line.ends_with("# as root"));
    assert!(of_root[0].starts_with("loginctl enable-linger lab "), "{of_root:?}");
    let script = format!("exec > /lab/out/start 2>&1\nset -x\ncd /lab/plan\n{}\n", of_account.join("\n"));
    fs::write(after.join("start.sh"), script).unwrap();
    // The logs are there, as root's supervisord has made them. There is no logind to linger.
    let first = format!(
        "exec > /lab/out/root 2>&1\nset -x\ninstall -d -o lab -g lab /home/lab\ninstall -d -o lab -g lab -m 700 /run/user/5001\n\
         touch /home/lab/plain.log /home/lab/pool-0.log /home/lab/pool-1.log /home/lab/family.log\n{}\nchown -R lab:lab /lab/plan\n\
         systemctl start manager.service\nsystemctl start account.service\n",
        of_root[1..].join("\n")
    );
    fs::write(after.join("root.sh"), first).unwrap();
    let account = "[Service]\nUser=lab\nType=oneshot\nEnvironment=XDG_RUNTIME_DIR=/run/user/5001\n\
                   ExecStart=/bin/bash /lab/start.sh\nExecStart=/bin/bash /lab/operator.sh systemd\n";
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/root.sh\n";
    for (name, text) in [("manager", MANAGER), ("account", account), ("operator", operator)] {
        fs::write(after.join(format!("units/{name}.service")), text).unwrap();
    }
    fs::write(after.join("units/lab.target"), "[Unit]\nWants=operator.service\n").unwrap();
    let Some(other) = after.boot(Side::Systemd, SECONDS, vec![after.join("out/done")]) else { return };
    let said =
        ["root", "start", "said"].map(|name| fs::read_to_string(after.join("out").join(name)).unwrap_or_default());
    let said = said.join("\n");

    // Supervisor's side is what is expected, and it did run.
    let counts = "started: plain 1, pool 2, child 1, family 1\nafter a crash: plain 1, pool 2, child 1, family 1\n\
                  family stopped: plain 1, pool 2, child 0, family 0\nstopped: plain 0, pool 0, child 0, family 0\n";
    assert_eq!(supervisor[0].1, counts, "{console}");
    for ((name, one), (_, two)) in supervisor.iter().zip(seen(&after)) {
        // What is announced: a program without directory= starts in the home directory.
        let one = if name.starts_with("pool") { one.replace("in /\n", "in /home/lab\n") } else { one.clone() };
        assert!(!one.is_empty() && one == two, "{name}: {one:?}, under systemd {two:?}\n{said}\n{other}");
    }
    let plain = &supervisor[1].1;
    assert!(plain.contains("[two words][$HOME][100%]\nin /lab/out\nas 5001 "), "{plain}");
    assert_eq!(plain.matches("has se same, red, plain\n").count(), 2, "{plain}"); // It has crashed once.
    // The log that was root's is the account's, as the page has made it.
    let owners = fs::read_to_string(after.join("out/owners")).unwrap();
    assert!(owners.lines().count() == 4 && owners.lines().all(|line| line == "lab 644"), "{owners}");
}
