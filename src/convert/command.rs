//! What a command line shows of its program, for all targets: what runs in the end, whether it goes into the background,
//! and which of its words begin where it is started.

pub(crate) mod background;
pub(crate) mod relative;
pub(crate) mod wrapped;
