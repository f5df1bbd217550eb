//! The lab: the real supervisord, and the real systemd, Horust and pitchfork, each in namespaces of its own.

mod announced;
mod announced_daemons;
mod announced_horust;
mod announced_pitchfork;
mod boot;
mod equivalence;
mod gaps;
mod image;
mod judge;
mod listeners;
mod look;
mod mended;
mod plan;
mod record;
mod report;
mod required;
mod run;
mod scenario;
mod seen;
mod target;
mod tune;
mod umbrella;
mod units;
mod user;
mod values;
mod walk;
