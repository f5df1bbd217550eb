//! A plan is written as one: all of it gets to the disk, or nothing does, and nothing else stays there.
//!
//! Each file is written beside its place and synced; then all are renamed. Until the last step has succeeded, what was replaced or
//! removed has a second name, by which it is put back.

use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::io::Errno;

use super::failed::Left;
use super::lock::{Made, lock};
use super::signals::Signals;
use super::{Compared, Failed, FileState, Identity, Seen, look, owned, scan, we};
use crate::convert::{Plan, PlanFile};
use crate::python::filename;
use crate::threads;

/// How many files are synced at a time, at most: one after the other, 500 take seconds.
const SYNCED: usize = 16;

/// Writes what is created or overwritten, and removes what is stale where `prune` says so. `waiting` is called once if another
/// run writes there and has to be waited for.
///
/// # Errors
/// When something cannot be written, or a signal ends it: then all is as it was, or the error says what is not.
pub fn write<'a>(
    plan: &'a Plan<'_>,
    directory: &str,
    force: bool,
    prune: bool,
    waiting: &mut dyn FnMut(),
) -> Result<Seen<'a>, Failed> {
    let place = &*filename::encode(directory);
    let nothing = |failed: Failed| failed.leaving(Left::Nothing);
    let signals = Signals::watch().map_err(Failed::at(place)).map_err(nothing)?;
    // They go in the other order: directories that were made, then the lock.
    let held;
    let mut made = Made::default();
    held = lock(place, &mut made, &signals, waiting).map_err(nothing)?;
    let tidied = scan::tidy(plan, place).map_err(nothing)?;
    let mut seen = look(plan, directory, force).map_err(nothing)?;
    if tidied > 0 {
        seen.notes.push(format!("{directory}: {tidied} temporary files of a run that was killed are removed"));
    }
    let mut steps = Steps::of(&seen, prune);
    let mut notes = Vec::new();
    if let Err(failed) = steps.run(&mut made, &signals, &mut notes) {
        let changed = steps.put_back();
        let failed = failed.leaving(if changed.is_empty() { Left::Nothing } else { Left::These(changed) });
        return Err(failed.staying(steps.clear()));
    }
    made.kept = true;
    notes.extend(steps.clear().iter().map(|path| format!("{}: a temporary file cannot be removed", path.display())));
    drop(steps);
    drop(held);
    seen.notes.append(&mut notes);
    signals.check().map_err(|failed| failed.leaving(Left::All))?;
    Ok(seen)
}

/// One change of the directory.
struct Step<'s> {
    path: &'s Path,
    /// What is written; none is a removal.
    file: Option<&'s PlanFile>,
    /// What is replaced or removed.
    old: Option<&'s Identity>,
    /// Where the new file waits for its place.
    staged: Option<PathBuf>,
    /// The second name of the old file.
    kept: Option<PathBuf>,
    done: bool,
}

/// All changes. Temporary names are gone when this is.
struct Steps<'s> {
    all: Vec<Step<'s>>,
    /// A number that no other run has.
    run: u64,
    count: usize,
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<'s> Steps<'s> {
    fn of(seen: &'s Seen<'_>, prune: bool) -> Self {
        let step = |path, file, old| Step { path, file, old, staged: None, kept: None, done: false };
        let wanted = |compared: &&Compared<'_>| matches!(compared.state, FileState::Created | FileState::Overwritten);
        let written = seen.files.iter().filter(wanted).map(|Compared { file, state: _, path, old }| {
            step(path.as_path(), Some(*file), old.as_ref().map(|old| &old.identity))
        });
        let removed = seen.stale.iter().filter(|_| prune).map(|stale| step(&stale.path, None, Some(&stale.identity)));
        Self { all: written.chain(removed).collect(), run: RandomState::new().hash_one(std::process::id()), count: 0 }
    }

    /// Takes all steps.
    fn run(&mut self, made: &mut Made, signals: &Signals, notes: &mut Vec<String>) -> Result<(), Failed> {
        for at in 0..self.all.len() {
            signals.check()?;
            self.stage(at, made, notes)?;
        }
        synced(&self.all)?;
        for at in 0..self.all.len() {
            self.keep(at)?;
        }
        for step in &mut self.all {
            signals.check()?;
            step.take()?;
        }
        let changed = self.all.iter().map(|step| step.path).chain(made.directories());
        let mut folders: Vec<&Path> = changed.filter_map(Path::parent).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            let here = if folder == Path::new("") { Path::new(".") } else { folder };
            match File::open(here).and_then(|folder| folder.sync_all()) {
                // Some file systems sync no directories.
                Err(error) if error.raw_os_error() != Some(Errno::INVAL.raw_os_error()) => {
                    return Err(Failed::of(here, &error));
                }
                _ => {}
            }
        }
        signals.check()
    }

    fn temporary(&mut self, path: &Path) -> PathBuf {
        self.count += 1;
        path.with_file_name(scan::temporary(self.run, self.count))
    }

    /// Writes a new file beside its place.
    fn stage(&mut self, at: usize, made: &mut Made, notes: &mut Vec<String>) -> Result<(), Failed> {
        let Some(&Step { path, file: Some(file), .. }) = self.all.get(at) else { return Ok(()) };
        if let Some(folder) = path.parent() {
            // As their namesakes in /.
            made.make(folder, Some(0o755)).map_err(Failed::at(folder))?;
        }
        let beside = self.temporary(path);
        let mut to =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(Failed::at(path))?;
        if let Some(step) = self.all.get_mut(at) {
            step.staged = Some(beside);
        }
        to.write_all(file.text.to_string().as_bytes()).map_err(Failed::at(path))?;
        to.set_permissions(Permissions::from_mode(file.mode)).map_err(Failed::at(path))?;
        let is = to.metadata().map_err(Failed::at(path))?;
        let bits = is.mode() & 0o7777;
        if bits != file.mode || !owned(is.uid()) {
            let (owner, wanted) = (is.uid(), file.mode);
            let wrong = format!(
                "the file system makes its mode {bits:04o} and its owner {owner}, not {wanted:04o} and {}",
                we()
            );
            if file.secret {
                return Err(Failed::because(path, &format!("{wrong}; the file has secrets")));
            }
            notes.push(format!("{}: {wrong}", path.display()));
        }
        Ok(())
    }

    /// Gives what is replaced a second name, and what is removed the name by which it waits.
    fn keep(&mut self, at: usize) -> Result<(), Failed> {
        let Some(&Step { path, file, old: Some(_), .. }) = self.all.get(at) else { return Ok(()) };
        let kept = self.temporary(path);
        let linked = if file.is_some() { fs::hard_link(path, &kept) } else { Ok(()) };
        match linked {
            Ok(()) => {}
            // Not on every file system, nor for every owner: then it cannot be put back, which is said if it comes to that.
            Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => {
                return Ok(());
            }
            Err(error) => return Err(Failed::of(path, &error)),
        }
        if let Some(step) = self.all.get_mut(at) {
            step.kept = Some(kept);
        }
        Ok(())
    }

    /// Removes the temporary names; returns those that cannot be, which the next run tries again.
    fn clear(&mut self) -> Vec<PathBuf> {
        let names = self.all.iter_mut().flat_map(|step| step.staged.take().into_iter().chain(step.kept.take()));
        let is_gone = |name: &PathBuf| match fs::remove_file(name) {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        names.filter(|name| !is_gone(name)).collect()
    }

    /// Undoes the steps that were taken; returns those that could not be undone.
    fn put_back(&mut self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for step in self.all.iter_mut().rev().filter(|step| step.done) {
            let back = match (&step.kept, step.old) {
                (Some(kept), _) => fs::rename(kept, step.path).is_ok(),
                (None, None) => fs::remove_file(step.path).is_ok(),
                (None, Some(_)) => false,
            };
            if !back {
                changed.push(step.path.to_owned());
            }
        }
        changed.reverse();
        changed
    }
}

impl Step<'_> {
    /// Puts the new file to its place, or takes the old one from it.
    fn take(&mut self) -> Result<(), Failed> {
        let is = match fs::symlink_metadata(self.path) {
            Ok(is) => Some(Identity::of(&is)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failed::of(self.path, &error)),
        };
        if is.as_ref() != self.old {
            return Err(Failed::because(self.path, "somebody else has changed it in the meantime"));
        }
        let (from, to) = match (&self.staged, &self.kept) {
            (Some(staged), _) => (staged.as_path(), self.path),
            (None, Some(kept)) => (self.path, kept.as_path()),
            (None, None) => return Ok(()),
        };
        fs::rename(from, to).map_err(Failed::at(self.path))?;
        self.staged = None;
        self.done = true;
        Ok(())
    }
}

/// Waits until the new files are on the disk, several at a time: the file system writes them together then.
fn synced(steps: &[Step<'_>]) -> Result<(), Failed> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(Step { path, staged, .. }) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
            let synced = staged.as_deref().map_or(Ok(()), |staged| File::open(staged)?.sync_all());
            synced.map_err(Failed::at(path))?;
        }
        Ok(())
    };
    let others = threads::affordable(SYNCED.min(steps.len() / 4).saturating_sub(1));
    thread::scope(|scope| {
        // Where no thread can be had this one does all.
        let helpers = (0..others).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
        let helpers: Vec<_> = helpers.collect();
        let own = work();
        helpers.into_iter().map(|helper| helper.join().unwrap_or(Ok(()))).fold(own, Result::and)
    })
}
