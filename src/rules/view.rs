//! What rules look through: what is written, what counts once supervisord is started, where logs go.

pub(super) mod effective;
pub(super) mod environment;
pub(super) mod logrotate;
pub(super) mod logs;
pub(super) mod written;
