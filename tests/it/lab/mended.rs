//! A new user's walk: an old file of thirty findings, mended by `lint --fix`, is one that the real supervisord starts with and
//! supervisorctl speaks to; as it was, supervisord refuses it.

use std::fs;

use super::boot::{Lab, Side};
use crate::support::python;

const SUPERVISOR: &str = "supervisor==4.3.0";
const SECONDS: u64 = 60;

#[test]
fn an_old_file_that_is_mended_is_started() {
    let Some(bin) = python::tool(SUPERVISOR) else { return };
    let lab = Lab::new();
    let old = fs::read_to_string("corpus/an-old-file.conf").unwrap();
    fs::write(lab.join("before.conf"), &old).unwrap();
    fs::write(lab.join("old.conf"), &old).unwrap();
    let summary = |arguments: &str| lab.json(&format!("lint --format json {arguments} old.conf"))["summary"].clone();
    let before = summary("");
    let tail = |arguments: &str| lab.run(&format!("lint {arguments} old.conf")).out;
    // README shows what is printed.
    let readme = include_str!("../../../README.md");
    let shown = |out: &str| out.lines().rev().take(2).all(|line| readme.contains(line));
    assert!(shown(&tail("")), "{}", tail(""));
    let number = |name: &str| before[name].as_u64().unwrap();
    assert!(number("errors") + number("warnings") >= 30, "{before}");
    let diff = lab.run("lint --diff old.conf");
    assert!(diff.code == 1 && diff.out.lines().filter(|line| line.starts_with('+')).count() > 20, "{diff:?}");
    let mended = tail("--fix");
    assert!(shown(&mended), "{mended}");
    fs::write(lab.join("old.conf"), &old).unwrap();
    let after = summary("--fix");
    assert_eq!((after["fixed"].as_u64() >= Some(20), after["fixable"].as_u64()), (true, Some(0)), "{after}");
    let init = format!(
        "export PATH={}:$PATH\ncd /lab\nsupervisord -n -c before.conf > out/before 2>&1\necho $? > out/refused\n\
         supervisord -n -c old.conf 2> out/err | cat > out/console &\n\
         for second in 1 2 3 4 5 6 7 8 9 10; do\n  sleep 1\n  supervisorctl -c old.conf pid > out/pid 2>&1 && break\ndone\n\
         supervisorctl -c old.conf status > out/status 2>&1\ntouch out/done\nsleep 1000\n",
        bin.display()
    );
    fs::write(lab.join("init"), init).unwrap();
    let Some(console) = lab.boot(Side::Supervisor, SECONDS, vec![lab.join("out/done")]) else { return };
    let read = |name: &str| fs::read_to_string(lab.join("out").join(name)).unwrap_or_default();
    assert_eq!(read("refused").trim(), "2", "{}", read("before"));
    assert!(read("pid").trim().parse::<u32>().is_ok(), "{} {} {console}", read("pid"), read("err"));
    let status = read("status");
    for program in ["web", "worker", "queue", "migrate", "proxy", "report", "assets", "mail"] {
        assert!(status.lines().any(|line| line.starts_with(program)), "{program}: {status}");
    }
    // A log that cannot be rotated says so at each line.
    assert!(!read("console").contains("Illegal seek") && !read("err").contains("Illegal seek"), "{}", read("err"));
}
