//! What several tests use: a desk to work at, the judges and the generators.

#[path = "../../fuzz/check.rs"]
pub mod check;
pub mod configuration;
pub mod corpus;
pub mod desk;
#[allow(clippy::pedantic)]
pub mod generate;
pub mod machine;
pub mod nasty;
pub mod page;
pub mod plain;
#[allow(clippy::pedantic)]
pub mod plant;
pub mod python;
#[path = "../../fuzz/several.rs"]
pub mod several;
pub mod verify;
