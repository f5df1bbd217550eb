//! Converters that ask what a machine has: accounts and directories.

use std::borrow::Cow;

use super::{Converted, Fault, Text};
use crate::model::host::Host;
use crate::python;
use crate::python::integer;
use crate::refusal::Cause;
use crate::source::Sources;

/// What converters ask of the world.
pub struct World<'a> {
    /// Keeps the texts that are made.
    pub sources: &'a Sources,
    /// Accounts and directories.
    pub host: &'a dyn Host,
    /// HOME of the environment that supervisord is started with.
    pub home: Option<&'a str>,
    /// Where supervisord is started.
    pub cwd: &'a str,
}

impl<'a> World<'a> {
    fn is_dir(&self, path: &str) -> bool {
        !path.contains('\0') && self.host.is_dir(&python::join(self.cwd, path))
    }

    /// `os.path.expanduser`: `None` where only the account database could tell.
    fn expanded<'p>(&self, path: &'p str) -> Result<Option<Cow<'p, str>>, Fault> {
        let account = path.strip_prefix('~').map_or("", |path| path.split('/').next().unwrap_or(path));
        if account.contains('\0') { Err(Fault::nul()) } else { Ok(python::expanduser(path, self.home)) }
    }

    /// `normalize_path`: `~` expanded, absolute, normalised.
    ///
    /// # Errors
    /// When an account is looked up whose name has a NUL.
    pub fn normalize(&self, path: Text<'a>) -> Result<Converted<Text<'a>>, Fault> {
        Ok(match self.expanded(path)? {
            Some(path) => {
                let path = self.sources.keep_cow(path);
                Converted::Known(self.sources.keep_cow(python::abspath(path, self.cwd)))
            }
            None => Converted::Unknown,
        })
    }
}

/// `existing_directory`: `~` expanded; must be a directory.
///
/// # Errors
/// When the host says that it is none.
pub fn existing_directory<'a>(text: Text<'a>, world: &World<'a>) -> Result<Converted<Text<'a>>, Fault> {
    match world.expanded(text)? {
        // Whatever ~ stands for, no directory has a NUL in its path.
        None if !text.contains('\0') => Ok(Converted::Unknown),
        Some(path) if world.is_dir(&path) => Ok(Converted::Known(world.sources.keep_cow(path))),
        None | Some(_) => {
            Err(Fault { message: format!("{text} is not an existing directory"), cause: Cause::of_host(text) })
        }
    }
}

/// `existing_dirpath`: `~` expanded; the directory part must be a directory, unless it is empty.
///
/// # Errors
/// When the host says that it is none.
pub fn existing_dirpath<'a>(text: Text<'a>, world: &World<'a>) -> Result<Converted<Text<'a>>, Fault> {
    let path = world.expanded(text)?;
    let directory = python::dirname(path.as_deref().unwrap_or(text));
    match path {
        None if !directory.contains('\0') => Ok(Converted::Unknown),
        Some(ref expanded) if directory.is_empty() || world.is_dir(directory) => {
            Ok(Converted::Known(world.sources.keep_cow(expanded.clone())))
        }
        None | Some(_) => {
            let message = format!("The directory named as part of the path {text} does not exist");
            Err(Fault { message, cause: Cause::of_host(text) })
        }
    }
}

/// `name_to_uid`: a number that is an account's, else a name that is one.
///
/// # Errors
/// When the host knows no such account, or none can have this name.
pub fn user(text: &str, host: &dyn Host) -> Result<(), Fault> {
    let refused = |what| Err(Fault { message: format!("Invalid user {what} {text}"), cause: Cause::Host });
    match integer::parse(text, 10) {
        Ok(uid) if host.uid(&uid) => Ok(()),
        Ok(_) => refused("id"),
        Err(_) if text.contains('\0') => Err(Fault::nul()),
        Err(_) if host.user(text) => Ok(()),
        Err(_) => refused("name"),
    }
}

/// `colon_separated_user_group`; the caller's message speaks for all that can be wrong.
///
/// # Errors
/// Why it is no account, or no group.
pub fn user_and_group(text: &str, host: &dyn Host) -> Result<(), Cause> {
    let (name, group) = text.split_once(':').map_or((text, None), |(name, group)| (name, Some(group)));
    user(name, host).map_err(|fault| fault.cause)?;
    let known = group.is_none_or(|group| match integer::parse(group, 10) {
        Ok(gid) => host.gid(&gid),
        Err(_) => !group.contains('\0') && host.group(group),
    });
    if known { Ok(()) } else { Err(Cause::of_host(text)) }
}
