//! A program in the making: its process, what is written beside it, and the ledger in which each option gets its grade.

use std::fmt;

use super::Habits;
use super::launcher::Switch;
use crate::convert::Ledger;
use crate::convert::drafting::Drafting;
use crate::convert::program::{Effective, Job};
use crate::convert::rotation::Rotation;
use crate::keys::Key;
use crate::secrets::Secrets;

/// A program in the making.
pub(crate) struct Draft<'d, 'a> {
    pub ledger: &'d mut Ledger<'a>,
    pub habits: &'static Habits,
    pub job: &'d Job<'a>,
    pub secrets: &'d Secrets<'a>,
    /// What changes the user.
    pub switch: Switch,
    /// Its name as that of a file.
    pub stem: &'d str,
    /// Why the program cannot run as it is written, which has been said.
    pub cannot_run: Option<&'d str>,
    /// What is lost, for the lines that begin its file.
    pub remarks: Vec<String>,
    /// The log files that it writes, each with its option.
    pub files: Vec<(String, &'static Key)>,
    /// Those that are rotated.
    pub rotations: Vec<Rotation<'a>>,
}

/// Nothing is written for a process; why has been said.
pub(crate) struct Unwritten;

impl<'a> Drafting<'a> for Draft<'_, 'a> {
    const MADE: &'static str = "program";

    fn parts(&mut self) -> (&Job<'a>, &Secrets<'a>, &mut Ledger<'a>) {
        (self.job, self.secrets, self.ledger)
    }
}

impl<'a> Draft<'_, 'a> {
    /// The setting is lost, which is said at its place too.
    pub fn lost<T>(&mut self, setting: &Effective<'a, T>, message: impl fmt::Display) {
        let remark = self.loses(setting, message);
        self.remarks.push(remark);
    }

    /// Says that nothing is written, and why.
    pub fn unwritten<T>(&mut self, setting: &Effective<'a, T>, reason: impl fmt::Display) -> Unwritten {
        self.without(setting, reason);
        Unwritten
    }
}
