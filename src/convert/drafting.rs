//! How a target in the making gives each option of its process a grade.

use std::borrow::Cow;
use std::fmt;

use super::program::{Effective, Job};
use super::{Ledger, announce};
use crate::diagnostic::Rule;
use crate::hash::HashSet;
use crate::secrets::Secrets;
use crate::syntax::pairs;

/// What is made of a process: it knows the process, its secrets, and the ledger.
pub(crate) trait Drafting<'a> {
    /// What is written for a process: `unit`.
    const MADE: &'static str;

    /// The process, its secrets, the ledger.
    fn parts(&mut self) -> (&Job<'a>, &Secrets<'a>, &mut Ledger<'a>);

    /// The setting is kept; so is its program's own option of that name, which it may come from.
    fn exact<T>(&mut self, setting: &Effective<'a, T>) {
        let (job, _, ledger) = self.parts();
        ledger.exact(setting.section, setting.key);
        if !std::ptr::eq(setting.section, job.section) {
            ledger.exact(job.section, setting.key);
        }
    }

    /// The setting is kept, but for a difference.
    fn approximate<T>(&mut self, rule: &'static Rule, setting: &Effective<'a, T>, message: impl fmt::Display) {
        self.parts().2.approximate(rule, setting.section, setting.key, message);
    }

    /// A difference of the program: at the option where it is written, else once a plan.
    fn differs<T>(&mut self, rule: &'static Rule, setting: &Effective<'a, T>, message: impl fmt::Display) {
        if setting.written {
            self.approximate(rule, setting, message);
        } else {
            let (job, _, ledger) = self.parts();
            ledger.constant(rule, job.section, setting.key, message);
        }
    }

    /// The setting is lost; the text is what stands at its place.
    fn loses<T>(&mut self, setting: &Effective<'a, T>, message: impl fmt::Display) -> String {
        let text = format!("{}: {message}", setting.key.name);
        self.parts().2.lost(&announce::NOT_CONVERTIBLE, setting.section, setting.key, message);
        text
    }

    /// Whether a text that comes of a setting holds a secret: it stands there, or an expansion put it there.
    fn has_secret<T>(&mut self, setting: &Effective<'a, T>, text: &str) -> bool {
        let (_, secrets, ledger) = self.parts();
        if secrets.stand_in(text) {
            return true;
        }
        let written = ledger.text(setting.section, setting.key);
        written.is_some_and(|written| self.takes_secret(written))
    }

    /// Whether a text as it is written takes a secret out of the environment.
    fn takes_secret(&mut self, written: &str) -> bool {
        let (job, secrets, _) = self.parts();
        let value = |name: &str| {
            let variable = job.environment.value.iter().find(|variable| variable.name == name);
            variable.map(|variable| variable.value)
        };
        secrets.taken_by(written, value)
    }

    /// The variables that are made of a secret one, by section and name: a short one is not known by its value.
    fn copies(&mut self) -> HashSet<(&'a str, Cow<'a, str>)> {
        let mut copies = HashSet::default();
        let (job, ..) = self.parts();
        let (own, key) = (job.section, job.environment.key);
        for section in ["supervisord", own] {
            let written = self.parts().2.text(section, key);
            let Some(written) = written.filter(|text| self.takes_secret(text)) else { continue };
            for pair in pairs::parse(written).unwrap_or_default() {
                if self.takes_secret(&pair.value) {
                    copies.insert((section, pair.key));
                }
            }
        }
        copies
    }

    /// Says that nothing is written for the process, and why.
    fn without<T>(&mut self, setting: &Effective<'a, T>, reason: impl fmt::Display) {
        let (job, _, ledger) = self.parts();
        let message = format_args!("no {} is written: {reason}", Self::MADE);
        ledger.lost(&announce::NOT_CONVERTIBLE, job.section, setting.key, message);
    }
}
