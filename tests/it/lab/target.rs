//! The side of the lab that is compared with supervisord's: who starts the programs there, and what its converter announces.

use std::sync::LazyLock;

use super::announced::{self, Entry};
use super::{announced_daemons, announced_horust, announced_pitchfork, boot::Side};

/// A side.
#[derive(Debug)]
pub struct Target {
    pub side: Side,
    /// How it is called.
    pub name: &'static str,
    /// The command that converts for it.
    pub command: &'static str,
    /// What the command is given each time.
    pub arguments: &'static [&'static str],
    /// Which announcement shows in which observation.
    pub table: LazyLock<Vec<Entry>>,
    /// The flags that the command takes.
    pub flags: &'static [&'static str],
    /// Whether a program can be started, stopped and restarted alone.
    pub has_control: bool,
    /// Scenarios in which nothing can be compared, and why.
    pub leaves_out: &'static [(&'static str, &'static str)],
    /// Whether its page has one line a configuration, since another page tells each.
    pub is_brief: bool,
}

pub static SYSTEMD: Target = Target {
    side: Side::Systemd,
    name: "systemd",
    command: "to-systemd",
    arguments: &[],
    table: LazyLock::new(|| [announced::TABLE, announced::BEFORE_254].concat()),
    flags: FLAGS_OF_SYSTEMD,
    has_control: true,
    leaves_out: &[],
    is_brief: false,
};

const FLAGS_OF_SYSTEMD: &[&str] =
    &["--cwd", "--env", "--faithful", "--harden", "--logs", "--nofile", "--restart-forever"];

pub static SYSTEMD_257: Target = Target {
    side: Side::Systemd,
    name: "systemd",
    command: "to-systemd",
    arguments: &["--systemd-version", "257"],
    table: LazyLock::new(|| [announced::TABLE, announced::FROM_254].concat()),
    flags: FLAGS_OF_SYSTEMD,
    has_control: true,
    leaves_out: &[],
    is_brief: true,
};

pub static PITCHFORK: Target = Target {
    side: Side::Pitchfork,
    name: "pitchfork",
    command: "to-pitchfork",
    arguments: &[],
    table: LazyLock::new(|| [announced_daemons::TABLE, announced_pitchfork::TABLE].concat()),
    flags: &["--cwd", "--env"],
    has_control: true,
    leaves_out: &[],
    is_brief: false,
};

pub static HORUST: Target = Target {
    side: Side::Horust,
    name: "Horust",
    command: "to-horust",
    arguments: &[],
    table: LazyLock::new(|| [announced_daemons::TABLE, announced_horust::TABLE].concat()),
    flags: &["--cwd", "--env", "--strict-order"],
    has_control: false,
    leaves_out: &[("restarted-by-hand", "only restarts by hand"), ("restarted-by-hand-often", "only restarts by hand")],
    is_brief: false,
};
