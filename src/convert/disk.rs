//! A plan and the disk: compare, show the difference, write atomically, and leave alone what somebody else has changed.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::convert::{Plan, PlanFile};
use crate::secrets::Secrets;

/// What has become of a file, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileState {
    /// It was not there.
    Created,
    /// It is there as the plan has it.
    Unchanged,
    /// It is there with another text or mode, and was left.
    Differs,
    /// It was there with another text or mode.
    Overwritten,
}

impl FileState {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unchanged => "unchanged",
            Self::Differs => "differs",
            Self::Overwritten => "overwritten",
        }
    }
}

/// A file of the plan beside what is on the disk.
#[derive(Debug)]
pub struct Compared<'a> {
    /// The file of the plan.
    pub file: &'a PlanFile,
    /// What is, or would be, done: never [`FileState::Differs`] with `force`.
    pub state: FileState,
    path: PathBuf,
    old: Option<Vec<u8>>,
}

/// Something that could not be read or written.
#[derive(Debug)]
pub struct Failed {
    path: PathBuf,
    error: io::Error,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

/// Compares all files of a plan with a directory, which need not be there.
///
/// # Errors
/// When something is there that cannot be read.
pub fn compare<'a>(plan: &'a Plan<'_>, directory: &str, force: bool) -> Result<Vec<Compared<'a>>, Failed> {
    plan.files.iter().map(|file| compared(file, Path::new(directory).join(&file.path), force)).collect()
}

fn compared(file: &PlanFile, path: PathBuf, force: bool) -> Result<Compared<'_>, Failed> {
    let old = match fs::read(&path) {
        Ok(old) => Some(old),
        // A link that leads nowhere is something that is there.
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.symlink_metadata().is_ok().then(Vec::new),
        Err(error) => return Err(Failed { path, error }),
    };
    let mode =
        || fs::symlink_metadata(&path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o7777 == file.mode);
    let state = match &old {
        None => FileState::Created,
        Some(old) if *old == file.text.as_bytes() && mode() => FileState::Unchanged,
        Some(_) if force => FileState::Overwritten,
        Some(_) => FileState::Differs,
    };
    Ok(Compared { file, state, path, old })
}

/// Writes what is created or overwritten: each file beside its place first, then all of them are moved to their places,
/// so that no reader sees half a file and a full disk changes none.
///
/// # Errors
/// When the directory or a file cannot be written; what was put beside is removed again.
pub fn write(directory: &str, files: &[Compared<'_>]) -> Result<(), Failed> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |error| Failed { path, error }
    };
    fs::create_dir_all(directory).map_err(fail(Path::new(directory)))?;
    let wanted = files.iter().filter(|file| matches!(file.state, FileState::Created | FileState::Overwritten));
    let mut beside = Beside(Vec::new());
    for (number, file) in wanted.enumerate() {
        let missing: Vec<&Path> = file.path.ancestors().skip(1).take_while(|above| !above.exists()).collect();
        for above in missing.into_iter().rev() {
            fs::create_dir(above).map_err(fail(above))?;
            // As their namesakes in /, whatever the umask is.
            fs::set_permissions(above, fs::Permissions::from_mode(0o755)).map_err(fail(above))?;
        }
        let path = Path::new(directory).join(format!(".supconv-{}-{number}", std::process::id()));
        let written = put(&path, file.file);
        beside.0.push((path, file.path.clone()));
        written.map_err(fail(&file.path))?;
    }
    for (from, to) in std::mem::take(&mut beside.0) {
        let moved = fs::rename(&from, &to);
        if moved.is_err() {
            beside.0.push((from, to.clone()));
        }
        moved.map_err(fail(&to))?;
    }
    Ok(())
}

/// Files that wait for their places; removed where they do not get there.
struct Beside(Vec<(PathBuf, PathBuf)>);

impl Drop for Beside {
    fn drop(&mut self) {
        for (path, _) in &self.0 {
            // What cannot be removed was said as what could not be written.
            let _ = fs::remove_file(path);
        }
    }
}

fn put(path: &Path, file: &PlanFile) -> io::Result<()> {
    // A leftover of a process of the same number.
    if path.symlink_metadata().is_ok() {
        fs::remove_file(path)?;
    }
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = options.write(true).create_new(true).open(path)?;
    to.write_all(file.text.as_bytes())?;
    to.set_permissions(fs::Permissions::from_mode(file.mode))?;
    to.sync_all()
}

/// From what is there to what the plan has, as `diff -u` prints it; empty where nothing changes. `hidden`: the secrets that are
/// not shown.
#[must_use]
pub fn diff(files: &[Compared<'_>], hidden: Option<&Secrets<'_>>) -> String {
    let mut out = String::new();
    for Compared { file, state, path, old } in files {
        if *state == FileState::Unchanged {
            continue;
        }
        if file.secret && hidden.is_some() {
            out.extend(["secrets of ", &path.display().to_string(), " change (--show-secrets shows how)\n"]);
            continue;
        }
        let before = String::from_utf8_lossy(old.as_deref().unwrap_or_default());
        let name = path.display().to_string();
        let from = if old.is_some() { name.as_str() } else { "/dev/null" };
        let text =
            TextDiff::from_lines(before.as_ref(), file.text.as_str()).unified_diff().header(from, &name).to_string();
        if text.is_empty() {
            out.extend(["mode of ", &name, " becomes ", &format!("{:04o}", file.mode), "\n"]);
        }
        // A unit of before may hold what is in a file of its own now.
        let text = hidden.map_or_else(|| text.as_str().into(), |secrets| secrets.mask(&text));
        // What stands on the disk must not drive the terminal.
        out.extend(text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }));
    }
    out
}
