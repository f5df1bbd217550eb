//! The programs that call supconv for others: the real `pre-commit` and the real Ansible, as Python packages.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::desk::{Desk, PROGRAM};
use crate::support::{machine, python};

fn git(dir: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(dir).args(identity).args(args).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// This project as a repository of its own, as it stands in the work tree.
fn project() -> Option<(Desk, String)> {
    if let Err(why) = machine::program("git", "git") {
        machine::passed_over("pre-commit", &why);
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()
        .filter(|output| output.status.success());
    let Some(listed) = listed else {
        machine::passed_over("pre-commit", "the project is no git repository here, so no hook can come from it");
        return None;
    };
    let copy = Desk::new(&[]);
    for name in String::from_utf8(listed.stdout).unwrap().split('\0').filter(|name| !name.is_empty()) {
        if root.join(name).is_file() && (name.starts_with("src/") || !name.contains('/')) {
            let to = copy.join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(root.join(name), to).unwrap();
        }
    }
    git(&copy, &["init", "-q"]);
    git(&copy, &["add", "-A"]);
    git(&copy, &["commit", "-q", "-m", "the project"]);
    let head = git(&copy, &["rev-parse", "HEAD"]);
    Some((copy, head))
}

/// How the hook is built: what is tried is that it can be, and what others call it with; the release profile is another step's.
/// The libraries are kept for the next run.
const QUICKLY: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/hook")),
];

const BAD: &str =
    "[supervisord]\nuser=root\nminfds=65536\n\n[program:web]\ncommand=/srv/web\nuser=web\nautostart=maybe\n";
const GOOD: &str = "[supervisord]\nuser=root\nminfds=65536\n\n[program:web]\ncommand=/srv/web\nuser=web\n";

#[test]
fn pre_commit_builds_the_hook_and_stops_what_is_refused() {
    let Some(bin) = python::tool("pre-commit==4.7.0") else { return };
    let Some((project, head)) = project() else { return };
    let repository = Desk::new(&[]);
    git(&repository, &["init", "-q"]);
    let config = format!("repos:\n  - repo: {}\n    rev: {head}\n    hooks:\n      - id: supconv\n", project.display());
    repository.write(".pre-commit-config.yaml", &config);
    let cache = Desk::new(&[]);
    let path = env::var_os("PATH").unwrap_or_default();
    let run = |files: &[(&str, &str)]| -> Output {
        for (name, text) in files {
            repository.write(name, text);
        }
        git(&repository, &["add", "-A"]);
        let output = Command::new(bin.join("pre-commit"))
            .current_dir(&repository)
            .args(["run", "--all-files", "--color", "never", "--verbose"])
            .env("PRE_COMMIT_HOME", &*cache)
            .env("PATH", &path)
            .envs(QUICKLY)
            .output()
            .expect("pre-commit runs");
        for (name, _) in files {
            fs::remove_file(repository.join(name)).unwrap();
        }
        output
    };
    let text = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();

    let bad = run(&[("deploy/supervisord.conf", BAD)]);
    assert!(
        !bad.status.success() && text(&bad).contains("deploy/supervisord.conf:8:11: error[invalid-value]"),
        "{bad:?}"
    );

    let good = run(&[("deploy/supervisord.conf", GOOD)]);
    assert!(good.status.success() && text(&good).contains("Passed"), "{good:?}");

    // A fragment is judged as one: nothing is said of what the main file decides.
    let fragment = run(&[("etc/supervisor/conf.d/web.conf", "[program:web]\ncommand=/srv/web\nautorestart=true\n")]);
    assert!(fragment.status.success() && text(&fragment).contains("Passed"), "{fragment:?}");

    let foreign = run(&[("nginx.conf", "events {\n  worker_connections 64;\n}\n")]);
    assert!(foreign.status.success() && text(&foreign).contains("no files to check"), "{foreign:?}");

    let ignored =
        GOOD.replace("minfds=65536\n", "; supconv: ignore[default-minfds] measured: 40 sockets\nminfds=1024\n");
    let ignored = run(&[("deploy/supervisord.conf", &ignored)]);
    assert!(ignored.status.success(), "{ignored:?}");
}

#[test]
fn ansible_validates_before_it_copies() {
    let Some(bin) = python::tool("ansible-core==2.17.14") else { return };
    let dir = Desk::new(&[]);
    let target = dir.join("supervisord.conf");
    // The two lines of the README in a playbook: a main file, then a snippet of it.
    let tasks = |flags: &str, snippet: &str| {
        let task = |from: &str, to: &Path, flags: &str| {
            let from = dir.join(from);
            format!(
                "    - ansible.builtin.copy:\n        src: {}\n        dest: {}\n        validate: {PROGRAM} lint --min-severity error {flags} %s\n",
                from.display(),
                to.display()
            )
        };
        dir.write("web", snippet);
        let main = task("new", &target, flags);
        let part =
            if snippet.is_empty() { String::new() } else { task("web", &dir.join("conf.d/new.conf"), "--no-include") };
        format!("- hosts: localhost\n  gather_facts: false\n  tasks:\n{main}{part}")
    };
    let path_as = format!("--path-as {}", target.display());
    let play = |text: &str, flags: &str, snippet: &str| -> Output {
        dir.write("new", text);
        dir.write("play.yml", tasks(flags, snippet));
        Command::new(bin.join("ansible-playbook"))
            .current_dir("/")
            .args(["-i", "localhost,", "-c", "local"])
            .arg(dir.join("play.yml"))
            .env("ANSIBLE_HOME", dir.join("home"))
            .env("ANSIBLE_LOCAL_TEMP", dir.join("tmp"))
            .env("ANSIBLE_PYTHON_INTERPRETER", bin.join("python"))
            .output()
            .expect("ansible runs")
    };
    dir.write("conf.d/api.conf", "[program:api]\ncommand=/srv/api\nuser=api\n");
    // Its include and the group of it are right where the file will lie, and nowhere else.
    let include = "[include]\nfiles=conf.d/*.conf\n[group:site]\nprograms=web,api\n";
    let main = format!("{GOOD}{include}");
    let misplaced = play(&main, "", "");
    let said = String::from_utf8_lossy(&misplaced.stdout);
    assert!(!misplaced.status.success() && said.contains("group-membership") && !target.exists(), "{misplaced:?}");
    let bad = play(&format!("{BAD}{include}"), &path_as, "");
    let said = String::from_utf8_lossy(&bad.stdout);
    assert!(!bad.status.success() && said.contains("invalid-value") && !target.exists(), "{bad:?}");
    let good = play(&main, &path_as, "[program:new]\ncommand=/srv/new\nuser=new\n");
    assert!(good.status.success() && target.exists() && dir.join("conf.d/new.conf").exists(), "{good:?}");
    // Once more over what lies there by now, and a snippet that is wrong.
    let again = play(&format!("; new\n{main}"), &path_as, "[program:bad]\ncommand=/srv/bad\nstartsecs=soon\n");
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(!again.status.success() && said.contains("invalid-value"), "{again:?}");
    assert!(fs::read_to_string(&target).unwrap().starts_with("; new"), "{again:?}");
    // Quiet on success, whatever the name and the directory.
    let quiet =
        Command::new(PROGRAM).current_dir("/").args(["lint", "--min-severity", "error"]).arg(&target).output().unwrap();
    assert!(quiet.status.success() && quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{quiet:?}");
}
