//! What rules look through: what is written, what counts once supervisord is started, where logs go, what a command runs last, what
//! a stop reaches; and how people are told of several programs.

pub(super) mod conversions;
pub(super) mod effective;
pub(super) mod environment;
pub(super) mod last;
pub(super) mod leaving;
pub(super) mod logrotate;
pub(super) mod logs;
pub(super) mod machine;
pub(super) mod mend;
pub(super) mod oneshot;
mod partly;
mod reach;
pub(super) mod stops;
pub(super) mod telling;
pub(super) mod written;
