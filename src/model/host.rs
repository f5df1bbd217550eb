//! The questions that reading a configuration asks of the host: does this account exist, is this a directory?
//!
//! A result must not depend on where it is made, so each is answered with yes, unless `--check-host` asks this machine.

use std::process::{Command, Stdio};

use crate::python::filename;
use crate::python::integer::Integer;
use crate::reading::Reading;

/// Answers about accounts and directories.
pub trait Host {
    /// `pwd.getpwnam`.
    fn user(&self, name: &str) -> bool;
    /// `pwd.getpwuid`.
    fn uid(&self, uid: &Integer) -> bool;
    /// `grp.getgrnam`.
    fn group(&self, name: &str) -> bool;
    /// `grp.getgrgid`.
    fn gid(&self, gid: &Integer) -> bool;
    /// `os.path.isdir`.
    fn is_dir(&self, path: &str) -> bool;
}

/// Who answers, as the reading says.
#[must_use]
pub fn of(reading: &Reading) -> &'static dyn Host {
    if reading.check_host { &Machine } else { &Yes }
}

/// Yes to all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Yes;

impl Host for Yes {
    fn user(&self, _: &str) -> bool {
        true
    }

    fn uid(&self, _: &Integer) -> bool {
        true
    }

    fn group(&self, _: &str) -> bool {
        true
    }

    fn gid(&self, _: &Integer) -> bool {
        true
    }

    fn is_dir(&self, _: &str) -> bool {
        true
    }
}

/// This machine: accounts through `getent`, which asks all that the name service switch knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Machine {
    fn entry(database: &str, key: &str) -> Option<String> {
        // An empty key would list everything, and a key that begins with a dash would be an option.
        if key.is_empty() || key.contains('\0') {
            return None;
        }
        let output = Command::new("getent").arg(database).arg("--").arg(key).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// `getent` takes numbers for ids, `getpwnam` takes them for names: the first field tells.
    fn named(database: &str, key: &str) -> bool {
        Self::entry(database, key).is_some_and(|line| line.split(':').next() == Some(key))
    }

    fn numbered(database: &str, id: &Integer) -> bool {
        let id = id.to_string();
        Self::entry(database, &id).is_some_and(|line| line.split(':').nth(2) == Some(&id))
    }
}

impl Host for Machine {
    fn user(&self, name: &str) -> bool {
        Self::named("passwd", name)
    }

    fn uid(&self, uid: &Integer) -> bool {
        Self::numbered("passwd", uid)
    }

    fn group(&self, name: &str) -> bool {
        Self::named("group", name)
    }

    fn gid(&self, gid: &Integer) -> bool {
        Self::numbered("group", gid)
    }

    fn is_dir(&self, path: &str) -> bool {
        filename::encode(path).is_dir()
    }
}
