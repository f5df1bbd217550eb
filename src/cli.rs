//! x
pub mod show;
pub use crate::reading::Reading;
