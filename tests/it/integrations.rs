//! The programs that call supconv for others: the real `pre-commit` and the real Ansible, as Python packages.

use crate::support::python;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SUPCONV: &str = env!("CARGO_BIN_EXE_supconv");

fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("integrations").join(name);
    drop(fs::remove_dir_all(&dir));
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn git(dir: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(dir).args(identity).args(args).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// This project as a repository of its own, as it stands in the work tree.
fn project() -> Option<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()
        .filter(|output| output.status.success());
    let Some(listed) = listed else {
        let line = "passed over: the project is no git repository here, so no hook can come from it";
        assert!(env::var_os("SUPCONV_TESTS").is_none_or(|all| all != "all"), "{line}");
        eprintln!("{line}");
        return None;
    };
    let copy = scratch("project");
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

const BAD: &str =
    "[supervisord]\nuser=root\nminfds=65536\n\n[program:web]\ncommand=/srv/web\nuser=web\nautostart=maybe\n";
const GOOD: &str = "[supervisord]\nuser=root\nminfds=65536\n\n[program:web]\ncommand=/srv/web\nuser=web\n";

#[test]
fn pre_commit() {
    let Some(bin) = python::tool("pre-commit==4.7.0") else { return };
    let Some((project, head)) = project() else { return };
    let repository = scratch("repository");
    git(&repository, &["init", "-q"]);
    let config = format!("repos:\n  - repo: {}\n    rev: {head}\n    hooks:\n      - id: supconv\n", project.display());
    write(&repository, ".pre-commit-config.yaml", &config);
    let cache = scratch("pre-commit-home");
    let path = env::var_os("PATH").unwrap_or_default();
    let run = |files: &[(&str, &str)]| -> Output {
        for (name, text) in files {
            write(&repository, name, text);
        }
        git(&repository, &["add", "-A"]);
        let output = Command::new(bin.join("pre-commit"))
            .current_dir(&repository)
            .args(["run", "--all-files", "--color", "never", "--verbose"])
            .env("PRE_COMMIT_HOME", &cache)
            .env("PATH", &path)
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
    let dir = scratch("ansible");
    let target = dir.join("supervisord.conf");
    let copy = |text: &str| -> Output {
        write(&dir, "new", text);
        let arguments = format!(
            "src={} dest={} validate='{SUPCONV} lint --min-severity error %s'",
            dir.join("new").display(),
            target.display()
        );
        Command::new(bin.join("ansible"))
            .current_dir("/")
            .args(["localhost", "-i", "localhost,", "-c", "local", "-m", "ansible.builtin.copy", "-a", &arguments])
            .env("ANSIBLE_HOME", dir.join("home"))
            .env("ANSIBLE_LOCAL_TEMP", dir.join("tmp"))
            .env("ANSIBLE_PYTHON_INTERPRETER", bin.join("python"))
            .output()
            .expect("ansible runs")
    };
    let bad = copy(BAD);
    let said = String::from_utf8_lossy(&bad.stdout);
    assert!(!bad.status.success() && said.contains("invalid-value") && !target.exists(), "{bad:?}");
    let good = copy(GOOD);
    assert!(good.status.success() && target.exists(), "{good:?}");
    // Quiet on success, whatever the name and the directory.
    let quiet =
        Command::new(SUPCONV).current_dir("/").args(["lint", "--min-severity", "error"]).arg(&target).output().unwrap();
    assert!(quiet.status.success() && quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{quiet:?}");
}
