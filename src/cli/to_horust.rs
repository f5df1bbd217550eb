//! `supconv to-horust`: the flags that are Horust's own.

use clap::{Args, ValueEnum};

use super::convert::Conversion;
use crate::convert::daemon::launcher::Switch;
use crate::convert::horust::{self, Choices};
use crate::convert::{Plan, Subject};

/// What can be chosen of services.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Flags {
    /// Begin the names of all programs with PREFIX
    #[arg(long, default_value = "", value_parser = prefix, display_order = 0)]
    prefix: String,
    /// What changes the user before a program starts
    #[arg(long, value_enum, default_value_t = Launcher::Setpriv, display_order = 2)]
    launcher: Launcher,
    /// Start the programs of one priority after those of the next (one that fails keeps the others from starting)
    #[arg(long, display_order = 3)]
    strict_order: bool,
}

/// What changes the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Launcher {
    /// setpriv of util-linux
    Setpriv,
    /// su-exec, for Alpine
    SuExec,
}

impl Launcher {
    /// The same for the converter.
    pub(super) fn switch(self) -> Switch {
        match self {
            Self::Setpriv => Switch::Setpriv,
            Self::SuExec => Switch::SuExec,
        }
    }
}

/// A prefix that changes in no name.
pub(super) fn prefix(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') || text.is_empty();
    let fits = begins && text.chars().all(plain) && !text.contains("--") && !text.contains("..") && text.len() < 100;
    if fits { Ok(text.to_owned()) } else { Err("use letters, digits and single - _ . and begin with a letter") }
}

impl Conversion for Flags {
    fn plan<'a>(&self, subject: Subject<'a>) -> Plan<'a> {
        let Self { prefix, launcher, strict_order } = self;
        let choices = Choices { prefix: prefix.clone(), switch: launcher.switch(), strict_order: *strict_order };
        horust::plan(subject, &choices)
    }
}
