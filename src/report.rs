//! The reports: one file a format.

pub mod human;
pub mod json;
pub mod plan;
pub mod table;
