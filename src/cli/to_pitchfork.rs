//! `supconv to-pitchfork`: the flags that are pitchfork's own.

use clap::Args;

use super::convert::Conversion;
use super::to_horust::{Launcher, prefix};
use crate::convert::pitchfork::{self, Choices};
use crate::convert::{Plan, Subject};

/// What can be chosen of programs.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Flags {
    /// Begin the names of all programs with PREFIX
    #[arg(long, default_value = "", value_parser = prefix, display_order = 0)]
    prefix: String,
    /// What changes the user before a program starts
    #[arg(long, value_enum, default_value_t = Launcher::Setpriv, display_order = 2)]
    launcher: Launcher,
}

impl Conversion for Flags {
    fn plan<'a>(&self, subject: Subject<'a>) -> Plan<'a> {
        let Self { prefix, launcher } = self;
        pitchfork::plan(subject, &Choices { prefix: prefix.clone(), switch: launcher.switch() })
    }
}
