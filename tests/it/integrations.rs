//! The programs that call supconv for others: the real `pre-commit`, Ansible and Salt, as Python packages.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::packages;
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

/// A repository whose files pre-commit looks at, by one hook of this project.
struct Hooked {
    /// The folder of pre-commit itself.
    bin: PathBuf,
    repository: Desk,
    /// Where pre-commit keeps what it installs.
    cache: Desk,
    _project: Desk,
}

impl Hooked {
    /// None where it cannot be had, after a line that says so.
    fn by(id: &str) -> Option<Self> {
        let bin = python::tool("pre-commit==4.7.0")?;
        let (project, head) = project()?;
        let repository = Desk::new(&[]);
        git(&repository, &["init", "-q"]);
        let config =
            format!("repos:\n  - repo: {}\n    rev: {head}\n    hooks:\n      - id: {id}\n", project.display());
        repository.write(".pre-commit-config.yaml", &config);
        Some(Self { bin, repository, cache: Desk::new(&[]), _project: project })
    }

    /// What is said of a file that is there and nowhere else, and whether it passes.
    fn run(&self, (name, text): (&str, &str), surroundings: &[(&str, &OsStr)]) -> (bool, String) {
        self.repository.write(name, text);
        git(&self.repository, &["add", "-A"]);
        let output = Command::new(self.bin.join("pre-commit"))
            .current_dir(&self.repository)
            .args(["run", "--all-files", "--color", "never", "--verbose"])
            .env("PRE_COMMIT_HOME", &*self.cache)
            .envs(surroundings.iter().copied())
            .output()
            .expect("pre-commit runs");
        fs::remove_file(self.repository.join(name)).unwrap();
        let [said, more] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
        (output.status.success(), format!("{said}{more}"))
    }
}

#[test]
fn pre_commit_builds_the_hook_and_stops_what_is_refused() {
    let Some(hooked) = Hooked::by("supconv-src") else { return };
    let quickly = QUICKLY.map(|(name, value)| (name, OsStr::new(value)));
    let run = |name: &str, text: &str| hooked.run((name, text), &quickly);

    let (passed, said) = run("deploy/supervisord.conf", BAD);
    assert!(!passed && said.contains("deploy/supervisord.conf:8:11: error[invalid-value]"), "{said}");

    let (passed, said) = run("deploy/supervisord.conf", GOOD);
    assert!(passed && said.contains("Passed"), "{said}");

    // A fragment is judged as one: nothing is said of what the main file decides.
    let (passed, said) = run("etc/supervisor/conf.d/web.conf", "[program:web]\ncommand=/srv/web\nautorestart=true\n");
    assert!(passed && said.contains("Passed"), "{said}");

    let (passed, said) = run("nginx.conf", "events {\n  worker_connections 64;\n}\n");
    assert!(passed && said.contains("no files to check"), "{said}");

    let ignored =
        GOOD.replace("minfds=65536\n", "; supconv: ignore[default-minfds] measured: 40 sockets\nminfds=1024\n");
    let (passed, said) = run("deploy/supervisord.conf", &ignored);
    assert!(passed, "{said}");
}

/// What pre-commit clones asks pip for the wheel of its version: nothing is compiled, and no Rust need be there.
#[test]
fn pre_commit_installs_the_wheel_where_no_rust_is() {
    let Some(packages) = packages::built() else { return };
    let Some(hooked) = Hooked::by("supconv") else { return };
    let path = packages::path_without_cargo();
    let surroundings = [("PIP_FIND_LINKS", packages.folder.as_os_str()), ("PATH", &path)];
    let (passed, said) = hooked.run(("deploy/supervisord.conf", BAD), &surroundings);
    assert!(!passed && said.contains("deploy/supervisord.conf:8:11: error[invalid-value]"), "{said}");
    let (passed, said) = hooked.run(("deploy/supervisord.conf", GOOD), &surroundings);
    assert!(passed && said.contains("Passed"), "{said}");
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

/// Salt as it runs on a minion. What pip makes of this version names nothing that it needs, and later ones ask for a version of
/// certifi that the index does not have.
const SALT: &str = "salt==3007.8 tornado==6.6.1 PyYAML==6.0.4 Jinja2==3.1.6 msgpack==1.2.4 distro==1.9.0 looseversion==1.3.0 \
    packaging==26.4 psutil==7.2.2 requests==2.34.2 cryptography==50.0.2";

/// The state of README.
#[test]
fn salt_checks_before_it_writes() {
    let Some(bin) = python::tool(SALT) else { return };
    let dir = Desk::new(&[("supervisord.conf", "; old\n")]);
    let target = dir.join("supervisord.conf");
    let minion = "file_client: local\nroot_dir: {}/root\nfile_roots: {base: [{}/states]}\nlog_level_logfile: quiet\n";
    dir.write("etc/minion", minion.replace("{}", &dir.display().to_string()));
    let readme = include_str!("../../README.md");
    let state =
        readme.split("```yaml\n").find(|block| block.contains("check_cmd:")).unwrap().split("```").next().unwrap();
    let state = state.replace("/etc/supervisor/supervisord.conf", &target.display().to_string());
    dir.write("states/supervisor.sls", state.replace("supconv lint", &format!("{PROGRAM} lint")));
    let apply = |text: &str| {
        dir.write("states/supervisor/supervisord.conf", text);
        let mut salt = Command::new(bin.join("salt-call"));
        salt.args(["--local", "--out", "json", "--log-level", "quiet", "state.apply", "supervisor", "--config-dir"]);
        let output = salt.arg(dir.join("etc")).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let result = said["local"].as_object().unwrap().values().next().unwrap().clone();
        (result["result"].as_bool().unwrap(), result["comment"].as_str().unwrap().to_owned())
    };
    dir.write("conf.d/api.conf", "[program:api]\ncommand=/srv/api\nuser=api\n");
    let include = "[include]\nfiles=conf.d/*.conf\n[group:site]\nprograms=web,api\n";
    let (done, said) = apply(&format!("{BAD}{include}"));
    assert!(!done && said.contains("check_cmd execution failed") && said.contains("invalid-value"), "{said}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "; old\n");
    // Its include is right where the file will lie, and nowhere else.
    let (done, said) = apply(&format!("{GOOD}{include}"));
    assert!(done && fs::read_to_string(&target).unwrap().starts_with(GOOD), "{said}");
}
