//! The side of the lab that is compared with supervisord's: who starts the programs there, and what its converter announces.

use super::announced::{self, Entry};
use super::{announced_pitchfork, boot::Side};

/// A side.
#[derive(Debug)]
pub struct Target {
    pub side: Side,
    /// How it is called.
    pub name: &'static str,
    /// The command that converts for it.
    pub command: &'static str,
    /// Which announcement shows in which observation.
    pub table: &'static [Entry],
}

pub static SYSTEMD: Target =
    Target { side: Side::Systemd, name: "systemd", command: "to-systemd", table: announced::TABLE };

pub static PITCHFORK: Target =
    Target { side: Side::Pitchfork, name: "pitchfork", command: "to-pitchfork", table: announced_pitchfork::TABLE };
