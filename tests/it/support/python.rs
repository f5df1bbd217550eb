//! Provisions the judge: a Python from 3.10 to 3.12 with `supervisor==4.3.0` beside it, and `tests/it/oracle/judge.py` run by it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::machine;

/// The Supervisor that is the judge; another version is another judge.
const SUPERVISOR: &str = "supervisor==4.3.0";
/// How long an answer may take. The judge itself gives up after 200 seconds, so longer means that it hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// How the judge is started: the interpreter, and where Supervisor was put if it has none of its own.
#[derive(Clone)]
struct Home {
    python: PathBuf,
    site: Option<PathBuf>,
}

/// Supervisor itself, asked over a pipe.
pub struct Judge {
    home: Home,
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
}

/// A new judge, or none where it cannot be had, which is then said in one line.
///
/// # Panics
/// With `SUPCONV_TESTS=all` in the environment, where nothing may be passed over.
pub fn judge() -> Option<Judge> {
    static HOME: OnceLock<Result<Home, String>> = OnceLock::new();
    let started = HOME.get_or_init(provision).clone().and_then(|home| Judge::start(&home));
    match started {
        Ok(judge) => Some(judge),
        Err(why) => {
            machine::passed_over("the comparison with Supervisor itself", &why);
            None
        }
    }
}

impl Judge {
    fn start(home: &Home) -> Result<Self, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/oracle/judge.py");
        let mut child = Command::new(&home.python)
            .args(["-X", "utf8", "-I"])
            .arg(script)
            .args(&home.site)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{}: {e}", home.python.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes to the judge".into());
        };
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let mut judge = Judge { home: home.clone(), child, input, output: receive };
        let warm = judge.try_ask(&json!({"op": "warm"}))?;
        if warm["ok"] != json!(true) {
            return Err(format!("the judge does not start: {warm}"));
        }
        Ok(judge)
    }

    /// What Supervisor says; `{"judge_error": …}` where the judge died or fell silent, after which a new one is started.
    pub fn ask(&mut self, request: &Value) -> Value {
        self.try_ask(request).unwrap_or_else(|why| {
            let home = self.home.clone();
            if let Ok(fresh) = Judge::start(&home) {
                *self = fresh;
            }
            json!({ "judge_error": why })
        })
    }

    fn try_ask(&mut self, request: &Value) -> Result<Value, String> {
        writeln!(self.input, "{request}")
            .and_then(|()| self.input.flush())
            .map_err(|e| format!("the judge is gone: {e}"))?;
        let line = self.output.recv_timeout(PATIENCE).map_err(|e| format!("no answer: {e}"))?;
        serde_json::from_str(&line).map_err(|e| format!("not JSON: {e}: {line}"))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The interpreter's own path and its version, when it runs and is one of 3.10 to 3.12.
fn fitting(name: &str) -> Option<(PathBuf, String)> {
    let script = "import sys; v = sys.version_info; print(sys.executable); print('%d.%d' % v[:2]); assert (3, 10) <= v < (3, 13)";
    let out = Command::new(name).args(["-I", "-c", script]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let (python, version) = text.trim_end().split_once('\n')?;
    out.status.success().then(|| (PathBuf::from(python), version.to_owned()))
}

/// A Python whose behaviour is the one that we follow, and its version.
///
/// # Errors
/// Why there is none.
pub fn interpreter() -> Result<(PathBuf, String), String> {
    static FOUND: OnceLock<Result<(PathBuf, String), String>> = OnceLock::new();
    // 3.11 first: 3.10 words one message differently and lacks one signal, which the judge has to mend.
    let names = ["python3.11", "python3.12", "python3.10", "python3"];
    let found = || names.iter().find_map(|name| fitting(name)).ok_or("no Python 3.10 to 3.12 on the PATH".to_owned());
    let installed = |why| machine::install(&["python3", "python3-venv"]).map_err(|cannot| format!("{why}; {cannot}"));
    FOUND.get_or_init(|| found().or_else(|why| installed(why).and_then(|()| found()))).clone()
}

fn provision() -> Result<Home, String> {
    let (python, version) = interpreter()?;
    let cache = machine::cache()?;
    let dir = cache.join(format!("supervisor-4.3.0-py{version}"));
    if let Some(home) = ready(&dir, &python) {
        return Ok(home);
    }
    may_be_fetched(SUPERVISOR, &python)?;
    // Once in this process (`judge` sees to it); other processes each build their own, and the first to rename it wins.
    fs::create_dir_all(&cache).map_err(|e| format!("{}: {e}", cache.display()))?;
    let new = cache.join(format!(".supervisor-{version}-{}", std::process::id()));
    let built = build(&python, &new);
    if built.is_ok() && fs::rename(&new, &dir).is_err() && ready(&dir, &python).is_none() {
        // What stands there is broken, as after its Python went away.
        drop(fs::remove_dir_all(&dir));
        drop(fs::rename(&new, &dir));
    }
    drop(fs::remove_dir_all(&new));
    ready(&dir, &python).ok_or_else(|| built.err().unwrap_or_else(|| format!("{} does not work", dir.display())))
}

/// A built directory: a virtual environment, or what pip put aside. A moved environment keeps working for `-m` and imports.
fn ready(dir: &Path, python: &Path) -> Option<Home> {
    let own = dir.join("bin/python");
    let home = if own.exists() {
        Home { python: own, site: None }
    } else {
        Home { python: python.to_owned(), site: Some(dir.join("site")) }
    };
    let script = "import sys; sys.path[:0] = sys.argv[1:]; import supervisor.options as o; assert o.VERSION == '4.3.0'";
    let status = Command::new(&home.python)
        .args(["-I", "-c", script])
        .args(&home.site)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|s| s.success()).then_some(home)
}

/// The way to what is not kept yet: nothing is fetched unless nothing may be passed over.
fn may_be_fetched(requirement: &str, python: &Path) -> Result<(), String> {
    if !machine::all() {
        return Err(format!("{requirement} is not kept here; SUPCONV_TESTS=all fetches it"));
    }
    // Debian has what makes environments in a package of its own; pip alone may do without.
    if run(python, &["-c", "import ensurepip"]).is_err() {
        drop(machine::install(&["python3-venv"]));
    }
    Ok(())
}

/// What `flock` runs: a moved environment's programs name their old place, so it is built where it stays, by one process
/// at a time.
const BUILD: &str = r#"
set -e
python=$1 home=$2
shift 2
[ "$(cat "$home/complete" 2> /dev/null)" != "$*" ] || exit 0
rm -rf "$home"
"$python" -m venv "$home"
"$home/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
echo "$*" > "$home/complete"
"#;

/// The directory of the programs of a package of Python's index, pinned: `pre-commit==4.7.0`, or of several, with blanks between
/// them. `None` where it cannot be had, after a line that says so.
pub fn tool(requirement: &str) -> Option<PathBuf> {
    let found = machine::cache().and_then(|cache| {
        let first = requirement.split(' ').next().unwrap_or(requirement);
        let dir = cache.join(first.replace("==", "-"));
        if fs::read_to_string(dir.join("complete")).is_ok_and(|all| all.trim() == requirement) {
            return Ok(dir.join("bin"));
        }
        let (python, _) = interpreter()?;
        may_be_fetched(requirement, &python)?;
        fs::create_dir_all(&cache).map_err(|e| format!("{}: {e}", cache.display()))?;
        let [lock, python, home] = [cache.join("lock"), python, dir.clone()].map(|path| path.display().to_string());
        let mut build: Vec<&str> = vec![&lock, "sh", "-c", BUILD, "build", &python, &home];
        build.extend(requirement.split(' '));
        run(Path::new("flock"), &build)?;
        Ok(dir.join("bin"))
    });
    found.inspect_err(|why| machine::passed_over("a test with another program", why)).ok()
}

fn run(program: &Path, args: &[&str]) -> Result<(), String> {
    let out = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{}: {e}", program.display()))?;
    if out.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    Err(format!("{} {}: {}", program.display(), args.join(" "), text.trim().lines().last().unwrap_or("failed")))
}

fn build(python: &Path, new: &Path) -> Result<(), String> {
    drop(fs::remove_dir_all(new));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    let in_venv = run(python, &["-m", "venv", &new.to_string_lossy()])
        .and_then(|()| run(&new.join("bin/python"), &[&pip[..], &[SUPERVISOR]].concat()));
    if in_venv.is_err() {
        // Debian's python3 has no ensurepip; pip itself may be there all the same.
        drop(fs::remove_dir_all(new));
        return run(python, &[&pip[..], &["--target", &new.join("site").to_string_lossy(), SUPERVISOR]].concat());
    }
    in_venv
}
