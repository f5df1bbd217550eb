//! One configuration, read: its files, what including leaves of them, what that means, and whether it is a template.

use crate::load::{self, Merged, Unreadable};
use crate::markup::Markup;
use crate::model::evaluate::evaluate;
use crate::model::{Config, host};
use crate::reading::Reading;
use crate::source::Sources;

/// A configuration, and the world that it was read in.
#[derive(Debug)]
pub struct Configuration<'a> {
    /// The files, and the texts that are made of them.
    pub sources: &'a Sources,
    /// The sections before conversion.
    pub merged: Merged<'a>,
    /// What they mean.
    pub config: Config<'a>,
    /// Markup of a template in the files.
    pub markup: Markup,
    /// How they were read.
    pub reading: &'a Reading,
}

impl<'a> Configuration<'a> {
    /// Reads the file at `path` and what it includes.
    ///
    /// # Errors
    /// As [`load::load`].
    pub fn read(path: &str, reading: &'a Reading, sources: &'a Sources) -> Result<Self, Unreadable> {
        Ok(Self::of(load::load(path, reading, sources)?, reading))
    }

    /// The same for a file whose bytes are at hand: only what it includes is read from the disk.
    ///
    /// # Errors
    /// As [`load::load`].
    pub fn read_bytes(
        path: &str,
        bytes: &[u8],
        reading: &'a Reading,
        sources: &'a Sources,
    ) -> Result<Self, Unreadable> {
        Ok(Self::of(load::load_bytes(path, bytes, reading, sources)?, reading))
    }

    /// What files mean that have been loaded.
    #[must_use]
    pub fn of(merged: Merged<'a>, reading: &'a Reading) -> Self {
        let config = evaluate(&merged, reading, host::of(reading));
        let markup = Markup::find(merged.sources, &merged);
        Self { sources: merged.sources, merged, config, markup, reading }
    }
}
