//! x
pub use crate::show::json_line;
