//! A unit in the making: the process, the service so far, and the ledger in which each option gets its grade.

use std::borrow::Cow;
use std::fmt;

use super::Choices;
use super::context::Limits;
use super::escape::Comment;
use super::rotation::Rotation;
use super::tmpfiles::Made;
use super::unit::ServiceUnit;
use crate::convert::program::{Effective, Job};
use crate::convert::{Ledger, announce};
use crate::diagnostic::Rule;
use crate::keys::Key;
use crate::secrets::Secrets;

/// A unit in the making.
pub(super) struct Draft<'d, 'a> {
    pub ledger: &'d mut Ledger<'a>,
    /// The limits of all units, once they are known.
    pub limits: &'d mut Option<Limits>,
    pub choices: &'d Choices,
    pub job: &'d Job<'a>,
    pub secrets: &'d Secrets<'a>,
    /// It is large, and a stack may be small.
    pub service: Box<ServiceUnit>,
    /// Why the program cannot run as it is written, which has been said.
    pub cannot_run: Option<&'d str>,
    /// What systemd executes, by which it tags lines in the journal.
    pub executable: &'d str,
    /// The log files that it writes, each with its option.
    pub files: Vec<(Cow<'a, str>, &'static Key)>,
    /// Those that are rotated.
    pub rotations: Vec<Rotation<'a>>,
    /// What has to be there before it starts.
    pub made: Vec<(String, Made)>,
}

/// A process has no unit; why has been said.
pub(super) struct NoUnit;

impl<'a> Draft<'_, 'a> {
    /// The setting is kept; so is its program's own option of that name, which it may come from.
    pub fn exact<T>(&mut self, setting: &Effective<'a, T>) {
        self.ledger.exact(setting.section, setting.key);
        if !std::ptr::eq(setting.section, self.job.section) {
            self.ledger.exact(self.job.section, setting.key);
        }
    }

    /// The setting is kept, but for a difference.
    pub fn approximate<T>(&mut self, rule: &'static Rule, setting: &Effective<'a, T>, message: impl fmt::Display) {
        self.ledger.approximate(rule, setting.section, setting.key, message);
    }

    /// A difference of the program: at the option where it is written, else once a plan.
    pub fn differs<T>(&mut self, rule: &'static Rule, setting: &Effective<'a, T>, message: impl fmt::Display) {
        if setting.written {
            self.approximate(rule, setting, message);
        } else {
            self.ledger.constant(rule, self.job.section, setting.key, message);
        }
    }

    /// The setting is lost; what the unit says of it at its place.
    pub fn lost<T>(&mut self, setting: &Effective<'a, T>, message: impl fmt::Display) -> Comment {
        self.ledger.lost(&announce::NOT_CONVERTIBLE, setting.section, setting.key, &message);
        Comment::note(&format!("{}: {message}", setting.key.name))
    }

    /// Whether a text that comes of a setting holds a secret: it stands there, or an expansion put it there.
    pub fn has_secret<T>(&self, setting: &Effective<'a, T>, text: &str) -> bool {
        let written = || self.ledger.text(setting.section, setting.key);
        self.secrets.stand_in(text) || written().is_some_and(|written| self.takes_secret(written))
    }

    /// Whether a text as it is written takes a secret out of the environment.
    pub fn takes_secret(&self, written: &str) -> bool {
        let value = |name: &str| {
            let variable = self.job.environment.value.iter().find(|variable| variable.name == name);
            variable.map(|variable| variable.value)
        };
        self.secrets.taken_by(written, value)
    }

    /// Says that there is no unit, and why.
    pub fn without_unit<T>(&mut self, setting: &Effective<'a, T>, reason: impl fmt::Display) -> NoUnit {
        let message = format_args!("no unit is written: {reason}");
        self.ledger.lost(&announce::NOT_CONVERTIBLE, self.job.section, setting.key, message);
        NoUnit
    }
}
