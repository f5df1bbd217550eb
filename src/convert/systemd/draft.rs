//! A unit in the making: the process, the service so far, and the ledger in which each option gets its grade.

use super::Choices;
use super::escape::Comment;
use super::rotation::Rotation;
use super::tmpfiles::Made;
use super::unit::Service;
use crate::convert::program::{Process, Setting};
use crate::convert::{Ledger, announce};
use crate::diagnostic::Rule;

/// A unit in the making.
pub(super) struct Draft<'d, 'm, 'a> {
    pub ledger: &'d mut Ledger<'m, 'a>,
    pub choices: &'d Choices,
    pub process: &'d Process<'a>,
    pub service: Service,
    /// What systemd executes, by which it tags lines in the journal.
    pub executable: &'d str,
    /// The log files that it writes, each with its option.
    pub files: Vec<(String, &'static str)>,
    /// Those that are rotated.
    pub rotations: Vec<Rotation>,
    /// What has to be there before it starts.
    pub made: Vec<(String, Made<'a>)>,
}

/// A process has no unit; why has been said.
pub(super) struct NoUnit;

impl<'a> Draft<'_, '_, 'a> {
    /// The setting is kept; so is its program's own option of that name, which it may come from.
    pub fn exact<T>(&mut self, setting: &Setting<'a, T>) {
        self.ledger.exact(setting.section, setting.option);
        self.ledger.exact(self.process.section, setting.option);
    }

    /// The setting is kept, but for a difference.
    pub fn approximate<T>(&mut self, rule: &'static Rule, setting: &Setting<'a, T>, message: &str) {
        self.ledger.approximate(rule, setting.section, setting.option, message);
    }

    /// A difference of the program: at the option where it is written, else once a plan.
    pub fn differs<T>(&mut self, rule: &'static Rule, setting: &Setting<'a, T>, message: &str) {
        if setting.written {
            self.approximate(rule, setting, message);
        } else {
            self.ledger.constant(rule, self.process.section, setting.option, message);
        }
    }

    /// The setting is lost; what the unit says of it at its place.
    pub fn lost<T>(&mut self, setting: &Setting<'a, T>, message: &str) -> Comment {
        self.ledger.lost(&announce::NOT_CONVERTIBLE, setting.section, setting.option, message);
        Comment::note(&format!("{}: {message}", setting.option))
    }

    /// Says that there is no unit, and why.
    pub fn without_unit<T>(&mut self, setting: &Setting<'a, T>, reason: &str) -> NoUnit {
        let message = format!("no unit is written: {reason}");
        self.ledger.lost(&announce::NOT_CONVERTIBLE, self.process.section, setting.option, &message);
        NoUnit
    }
}
