//! The fixes that a run offers: those of each finding, by the configuration that its file is of.

use std::borrow::Cow;
use std::sync::PoisonError;

use super::writable::Writable;
use super::{Job, Run};
use crate::configuration::Configuration;
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::rules::{self, Fixer};
use crate::source::{SourceId, Sources};

/// Makes the fixes of findings.
pub(super) struct Offers<'r, 'a> {
    run: &'r Run<'r>,
    sources: &'r Sources,
    read: &'a [(Job<'a>, Configuration<'a>)],
    /// The configuration of each source; empty until it is asked for.
    owners: Vec<usize>,
    fixers: Vec<Option<(Fixer<'a>, Writable<'r, 'r>)>>,
}

/// Of no configuration.
const NONE: usize = usize::MAX;

impl<'r, 'a: 'r> Offers<'r, 'a> {
    pub fn of(run: &'r Run<'r>, sources: &'r Sources, read: &'a [(Job<'a>, Configuration<'a>)]) -> Self {
        Self { run, sources, read, owners: Vec::new(), fixers: Vec::new() }
    }

    /// The fixes of some findings, each with the number of its finding.
    pub fn fixes(&mut self, some: &[Cow<'_, Diagnostic<'a>>]) -> Vec<(usize, Fix)> {
        let mended: Vec<_> = some.iter().enumerate().filter(|(_, finding)| rules::mends(finding.rule)).collect();
        if mended.is_empty() {
            return Vec::new();
        }
        if self.owners.is_empty() {
            self.owners = vec![NONE; self.sources.count()];
            for (number, (_, one)) in self.read.iter().enumerate() {
                for file in one.merged.files() {
                    if let Some(owner) = self.owners.get_mut(file.0 as usize) {
                        *owner = number;
                    }
                }
            }
            self.fixers = self.read.iter().map(|_| None).collect();
        }
        let owner = |file: SourceId| self.owners.get(file.0 as usize).copied().unwrap_or(NONE);
        let mut of: Vec<usize> = mended.iter().map(|(_, finding)| owner(finding.place.source)).collect();
        of.sort_unstable();
        of.dedup();
        let mut made = Vec::new();
        for number in of {
            let (Some((job, one)), Some(kept)) = (self.read.get(number), self.fixers.get_mut(number)) else { continue };
            let (fixer, writable) = kept.get_or_insert_with(|| {
                (Fixer::new(one, job.terms.settings, job.input.path()), Writable::of(self.run, *job, one))
            });
            let own = |(_, finding): &&(usize, &Cow<'_, Diagnostic<'a>>)| {
                self.owners.get(finding.place.source.0 as usize) == Some(&number)
            };
            let (numbers, findings): (Vec<usize>, Vec<&Diagnostic<'a>>) =
                mended.iter().filter(own).map(|(at, finding)| (*at, &***finding)).unzip();
            let offered = fixer.fixes(&findings, |file| writable.has(self.sources, file));
            if let Some(why) = fixer.unmended() {
                let name = one.config.secrets.mask_name(self.sources.path(one.merged.main));
                self.run.unmended.lock().unwrap_or_else(PoisonError::into_inner).insert((name.into(), why));
            }
            made.extend(numbers.into_iter().zip(offered).filter_map(|(at, fix)| Some((at, fix?))));
        }
        made.sort_unstable_by_key(|(at, _)| *at);
        made
    }
}
