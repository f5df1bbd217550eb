//! STUB
use crate::diagnostic::Diagnostic;
use crate::load::Merged;
use crate::source::{Place, Sources};

/// Markup of a template.
#[derive(Debug, Default)]
pub struct Markup;

impl Markup {
    /// Finds it.
    #[must_use]
    pub fn find(_: &Sources, _: &Merged) -> Self { Self }
    /// Whether a value holds markup.
    #[must_use]
    pub fn touches(&self, _: Place) -> bool { false }
    /// Whether an error is withheld.
    #[must_use]
    pub fn withholds(&self, _: &Diagnostic) -> bool { false }
}
