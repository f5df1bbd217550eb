//! `%(here)s`, which Supervisor replaces in the texts after each file that it reads.

use super::settings::Chain;
use super::{Facts, Merged, Setting};

const HERE: &str = "%(here)s";

/// Where it may still stand, so that a file of many includes is not searched again after each.
#[derive(Debug, Default)]
pub struct Here<'a> {
    /// Places in the table of settings, without those of `[DEFAULT]`.
    rows: Vec<usize>,
    /// The first so many sections have a copy of each option of `[DEFAULT]` of these names.
    given: (usize, Vec<&'a str>),
}

impl Here<'_> {
    /// It is in the setting that stands there.
    pub(super) fn note(&mut self, at: usize) {
        self.rows.push(at);
    }
}

/// Whether it is in the text.
pub(super) fn is_in(setting: &Setting<'_>) -> bool {
    setting.facts.any(Facts::PERCENT) && setting.text.contains(HERE)
}

/// `UnhosedConfigParser.expand_here`: the text `%(here)s` in every option of every section; those of `[DEFAULT]` are thereby
/// copied into the section.
pub fn expand_here<'a>(merged: &mut Merged<'a>, here: &str) {
    let sources = merged.sources;
    let replace = |setting: &mut Setting<'a>| {
        setting.text = sources.keep(setting.text.replace(HERE, here));
        setting.facts = Facts::of(setting.text);
    };
    let mut rows = std::mem::take(&mut merged.here_in.rows);
    rows.sort_unstable();
    rows.dedup();
    for at in rows {
        if let Some(setting) = merged.settings.at_mut(at).filter(|setting| is_in(setting)) {
            replace(setting);
            // The directory may be called so.
            if is_in(setting) {
                merged.here_in.note(at);
            }
        }
    }
    let mut inherited: Vec<_> = merged.defaults().iter().filter(|setting| is_in(setting)).cloned().collect();
    if inherited.is_empty() {
        return;
    }
    inherited.iter_mut().for_each(replace);
    let names: Vec<_> = inherited.iter().map(|setting| setting.name).collect();
    let given = if merged.here_in.given.1 == names { merged.here_in.given.0 } else { 0 };
    let (settings, here_in) = (&mut merged.settings, &mut merged.here_in);
    let mut give = |own: &mut Chain<'a>| {
        for setting in &inherited {
            if let Some(at) = settings.inherit(own, setting).filter(|_| is_in(setting)) {
                here_in.note(at);
            }
        }
    };
    for section in given..merged.sections.len() {
        if let Some(section) = merged.sections.at_mut(section) {
            give(&mut section.own);
        }
    }
    give(&mut merged.implied);
    merged.here_in.given = (merged.sections.len(), names);
}
