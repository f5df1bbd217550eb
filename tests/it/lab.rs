//! The lab: the real supervisord and the real systemd, each as PID 1 of its own namespaces.

mod announced;
mod announced_pitchfork;
mod boot;
mod equivalence;
mod gaps;
mod judge;
mod look;
mod plan;
mod record;
mod report;
mod required;
mod run;
mod scenario;
mod seen;
mod target;
mod units;
mod values;
mod walk;
