//! Listeners and what replaces them: superlance under the real supervisord, timers and hooks under the real systemd. Both sides
//! have the same programs, and a mail server that counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::boot::{Lab, Side};
use crate::support::{machine, python, verify};

/// superlance brings Supervisor with it.
const SUPERLANCE: &str = "superlance==2.0.0";
const SECONDS: u64 = 120;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lab/listeners");

/// A directory with what both sides need.
fn lab(bin: &Path) -> Lab {
    let lab = Lab::new();
    for name in ["program", "smtp", "mailer"] {
        let path = lab.join("bin").join(name);
        fs::copy(Path::new(FOLDER).join(name), &path).unwrap();
        assert!(Command::new("chmod").arg("755").arg(&path).status().unwrap().success());
    }
    fs::copy(Path::new(FOLDER).join("operator.sh"), lab.join("operator.sh")).unwrap();
    let text = fs::read_to_string(Path::new(FOLDER).join("supervisord.conf")).unwrap();
    fs::write(lab.join("supervisord.conf"), text.replace("SUPERLANCE", &bin.display().to_string())).unwrap();
    lab
}

/// How many lines of text the mails to each address have, and how many lives each program has had.
fn seen(lab: &Lab) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut mails, mut lives) = (BTreeMap::new(), BTreeMap::new());
    for entry in fs::read_dir(lab.join("out/mails")).into_iter().flatten() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let to = head.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or("nobody").to_owned();
        // What is collected comes in one mail or in two.
        let batch = ["crashes@lab", "fatal@lab, other@lab"].contains(&to.as_str());
        let count = if batch { body.lines().filter(|line| !line.trim().is_empty()).count() } else { 1 };
        *mails.entry(to).or_default() += count;
    }
    for entry in fs::read_dir(lab.join("out")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "lives") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            lives.insert(name, fs::read_to_string(&path).unwrap().lines().count());
        }
    }
    (mails, lives)
}

#[test]
fn what_replaces_listeners_acts_and_mails_as_they_did() {
    let Some(bin) = python::tool(SUPERLANCE) else { return };
    if let Err(why) = machine::program("curl", "curl") {
        return machine::passed_over("what replaces listeners", &why);
    }
    let before = lab(&bin);
    let path = format!("export PATH={}:$PATH\n", bin.display());
    let init = "cp /lab/supervisord.conf /etc/\npython3 /lab/bin/smtp &\nsleep 1\nsupervisord -n -c /etc/supervisord.conf > \
                /lab/out/console 2>&1 &\nsleep 2\nbash /lab/operator.sh supervisor > /lab/out/operator 2>&1\nsleep 1000\n";
    fs::write(before.join("init"), path + init).unwrap();
    let Some(console) = before.boot_alone(Side::Supervisor, SECONDS, vec![before.join("out/done")]) else { return };
    let supervisor = seen(&before);

    let after = lab(&bin);
    let converted = after.run("to-systemd supervisord.conf --out plan --allow-loss");
    assert!([0, 1].contains(&converted.code), "{converted:?}");
    let start = "mkdir -p /usr/local/lib/supconv\ninstall -m 755 /lab/bin/mailer /usr/sbin/sendmail\n\
                 install -m 755 -t /usr/local/lib/supconv -- /lab/plan/usr/local/lib/supconv/*\n\
                 install -m 644 -t /etc/systemd/system -- /lab/plan/*.{service,target,timer}\nsystemctl daemon-reload\n\
                 systemctl enable $(cat /lab/enable)\nsystemctl start supervisord.target\nsleep 2\n\
                 bash /lab/operator.sh systemd\njournalctl -b > /lab/out/journal; systemctl --no-pager --failed > /lab/out/failed\n";
    fs::write(after.join("start.sh"), format!("exec > /lab/out/start 2>&1\n{start}")).unwrap();
    let plan: serde_json::Value =
        serde_json::from_str(&after.run("to-systemd supervisord.conf --format json").out).unwrap();
    let files = plan["files"].as_array().unwrap().iter();
    let text = |file: &serde_json::Value| {
        (file["path"].as_str().unwrap().to_owned(), file["text"].as_str().unwrap().to_owned())
    };
    let files = files.map(text).filter(|(path, _)| path != "HANDOVER.md");
    let (units, scripts): (Vec<_>, Vec<_>) = files.partition(|(path, _)| !path.contains('/'));
    let mut programs: Vec<String> = scripts.iter().map(|(path, _)| format!("/{path}")).collect();
    programs.push("/lab/bin/program".to_owned());
    assert_eq!(verify::verify(&units, &programs, &[]).unwrap_or(Ok(())), Ok(()));
    let enable: Vec<&str> = plan["enable"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    fs::write(after.join("enable"), enable.join(" ")).unwrap();
    let operator = "[Service]\nType=oneshot\nExecStart=/bin/bash /lab/start.sh\n";
    fs::write(after.join("units/operator.service"), operator).unwrap();
    fs::write(after.join("units/lab.target"), "[Unit]\nWants=operator.service\n").unwrap();
    let Some(other) = after.boot_alone(Side::Systemd, SECONDS, vec![after.join("out/done")]) else { return };
    let systemd = seen(&after);
    let said = fs::read_to_string(after.join("out/start")).unwrap_or_default();

    let table = |rows: &[(&str, usize)]| rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let mails: BTreeMap<String, usize> = table(&[
        ("children@lab", 1),
        ("crash@lab", 3),
        ("crashes@lab", 3),
        ("fatal@lab, other@lab", 1),
        ("hanging@lab", 1),
        ("memory@lab", 1),
        ("page@lab", 1),
    ]);
    assert_eq!(supervisor.0, mails, "Supervisor: {console}");
    assert_eq!(systemd.0, mails, "systemd: {said}{other}");
    // Those that were restarted, and those that were not.
    assert_eq!(supervisor.1, systemd.1);
    let lives = supervisor.1;
    assert_eq!((lives["grows"], lives["stopped"], lives["hangs"], lives.len()), (2, 1, 2, 9));
}

/// What is installed as a program has to be clean for every shell.
#[test]
fn the_scripts_pass_shellcheck() {
    if let Err(why) = machine::program("shellcheck", "shellcheck") {
        return machine::passed_over("shellcheck of the scripts", &why);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/convert/systemd/listeners/scripts");
    let scripts: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let found = Command::new("shellcheck").args(["-s", "sh"]).args(&scripts).output().unwrap();
    assert_eq!(scripts.len(), 5);
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stdout));
}
