//! `supconv limits` beside the real supervisord: every number is compared with what Python reads from /proc, and a limit that is
//! raised is seen in the process.

mod bad;
mod made;
mod numbers;
mod raise;
mod running;
mod watch;
