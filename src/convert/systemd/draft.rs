//! A unit in the making: the process, the service so far, and the ledger in which each option gets its grade.

use std::borrow::Cow;
use std::fmt;

use super::Choices;
use super::context::Limits;
use super::escape::Comment;
use super::manager::RunsAs;
use super::tmpfiles::Made;
use super::tune::Tuned;
use super::unit::ServiceUnit;
use crate::convert::Ledger;
use crate::convert::drafting::Drafting;
use crate::convert::program::{Effective, Job};
use crate::convert::rotation::Rotation;
use crate::keys::Key;
use crate::secrets::Secrets;

/// A unit in the making.
pub(super) struct Draft<'d, 'a> {
    pub ledger: &'d mut Ledger<'a>,
    /// The limits of all units, once they are known.
    pub limits: &'d mut Option<Limits>,
    pub choices: &'d Choices,
    /// As whom it runs.
    pub runs_as: RunsAs<'d>,
    pub job: &'d Job<'a>,
    pub secrets: &'d Secrets<'a>,
    /// It is large, and a stack may be small.
    pub service: Box<ServiceUnit>,
    /// Why the program cannot run as it is written, which has been said.
    pub cannot_run: Option<&'d str>,
    /// What systemd executes, by which it tags lines in the journal.
    pub executable: &'d str,
    /// Whether a listener printed what programs write.
    pub printed: bool,
    /// The log files that it writes, each with its option.
    pub files: Vec<(Cow<'a, str>, &'static Key)>,
    /// Those that are rotated.
    pub rotations: Vec<Rotation<'a>>,
    /// What has to be there before it starts.
    pub made: Vec<(String, Made)>,
    /// How it is stopped, where that is better known than the file says.
    pub tuned: Tuned,
}

/// A process has no unit; why has been said.
pub(super) struct NoUnit;

impl<'a> Drafting<'a> for Draft<'_, 'a> {
    const MADE: &'static str = "unit";

    fn parts(&mut self) -> (&Job<'a>, &Secrets<'a>, &mut Ledger<'a>) {
        (self.job, self.secrets, self.ledger)
    }
}

impl<'a> Draft<'_, 'a> {
    /// The setting is lost; what the unit says of it at its place.
    pub fn lost<T>(&mut self, setting: &Effective<'a, T>, message: impl fmt::Display) -> Comment {
        Comment::note(&self.loses(setting, message))
    }

    /// Says that there is no unit, and why.
    pub fn without_unit<T>(&mut self, setting: &Effective<'a, T>, reason: impl fmt::Display) -> NoUnit {
        self.without(setting, reason);
        NoUnit
    }
}
