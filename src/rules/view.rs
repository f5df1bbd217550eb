//! What rules look through: what is written, what counts once supervisord is started, where logs go, what a stop reaches.

pub(super) mod effective;
pub(super) mod logs;
pub(super) mod stops;
pub(super) mod written;
