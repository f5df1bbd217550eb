//! `supconv to-systemd`: the flags that are systemd's own.

use clap::{Args, ValueEnum};

use super::convert::Conversion;
use crate::convert::systemd::manager::Manager;
use crate::convert::systemd::name::{NameError, UnitKind, UnitName};
use crate::convert::systemd::version::Version;
use crate::convert::systemd::{self, Choices, limits};
use crate::convert::{Plan, Subject};

/// What can be chosen of units.
#[derive(Args, Debug)]
#[group(skip)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Flags {
    /// Make units for `systemctl --user` of account NAME [default: the one that all programs name]
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, value_parser = Manager::of, conflicts_with = "network_online", display_order = 0)]
    #[expect(clippy::option_option, reason = "clap has one for the flag and one for its value")]
    user: Option<Option<Manager>>,
    /// Begin the names of all units with PREFIX
    #[arg(long, default_value = "", value_parser = prefix, display_order = 0)]
    prefix: String,
    /// Call the target of all units NAME instead of supervisord.target; no prefix is put before it
    #[arg(long, value_name = "NAME", value_parser = target, display_order = 0)]
    target: Option<UnitName>,
    /// Start all services after these units, as in redis-server.service
    #[arg(long, value_name = "UNIT[,UNIT]", value_delimiter = ',', value_parser = after, display_order = 2)]
    after: Vec<UnitName>,
    /// Start all services when the network is up (network-online.target), not only set up
    #[arg(long, display_order = 2)]
    network_online: bool,
    /// Never give a program up: restart it 5 s after each end (Supervisor gives up after startretries)
    #[arg(long, display_order = 2)]
    restart_forever: bool,
    /// The open-file limit of all units [default of HARD: 524288, or SOFT if that is higher]
    #[arg(long, value_name = "SOFT[:HARD]", value_parser = open_files, display_order = 2)]
    nofile: Option<(u64, u64)>,
    /// Where the output of the programs goes
    #[arg(long, value_enum, default_value_t = Logs::Keep, display_order = 3)]
    logs: Logs,
    /// Keep Supervisor's behaviour exactly: children survive a stop, login variables are not set
    #[arg(long, display_order = 4)]
    faithful: bool,
    /// Take from programs with user= the rights that they cannot need (only programs that are known to do without)
    #[arg(long, display_order = 4)]
    harden: bool,
    /// Use what is known of programs: readiness, stop signal and time, open files (`supconv apps` lists it)
    #[arg(long, conflicts_with = "faithful", display_order = 4)]
    tune: bool,
    /// Use no directive that is newer than systemd N
    #[arg(long, value_name = "N", default_value_t = Version::default().number(), value_parser = clap::value_parser!(u32).range(i64::from(Version::OLDEST)..), display_order = 5)]
    systemd_version: u32,
}

/// Where output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Logs {
    /// To the same log files; AUTO and devices to the journal
    Keep,
    /// Everything to the journal
    Journal,
}

fn prefix(text: &str) -> Result<String, String> {
    UnitName::new(text, "a", UnitKind::Service).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn target(text: &str) -> Result<UnitName, String> {
    UnitName::target(text).map_err(|error| match error {
        NameError::Reserved(name) => format!("{name} is one of systemd's own units, and this one would replace it"),
        error => error.to_string(),
    })
}

fn after(text: &str) -> Result<UnitName, String> {
    UnitName::other(text).map_err(|error| error.to_string())
}

fn open_files(text: &str) -> Result<(u64, u64), String> {
    let number = |text: &str| {
        let number = text.parse().ok().filter(|number| (1..=limits::HIGHEST).contains(number));
        number.ok_or_else(|| format!("{text:?} is not a number from 1 to {}", limits::HIGHEST))
    };
    let (soft, hard) = text.split_once(':').map_or((text, None), |(soft, hard)| (soft, Some(hard)));
    let soft = number(soft)?;
    let hard = hard.map(number).transpose()?.unwrap_or(soft.max(limits::HARD));
    if hard < soft {
        return Err("the hard limit is below the soft one".to_owned());
    }
    Ok((soft, hard))
}

impl Conversion for Flags {
    fn plan<'a>(&self, subject: Subject<'a>) -> Plan<'a> {
        let choices = Choices {
            manager: match &self.user {
                None => Manager::System,
                Some(None) => Manager::User { account: None },
                Some(Some(manager)) => manager.clone(),
            },
            prefix: self.prefix.clone(),
            target: self.target.clone(),
            after: self.after.clone(),
            network_online: self.network_online,
            restart_forever: self.restart_forever,
            faithful: self.faithful,
            harden: self.harden,
            tune: self.tune,
            journal: self.logs == Logs::Journal,
            open_files: self.nofile,
            version: Version::new(self.systemd_version).unwrap_or_default(),
            told_only: false,
        };
        systemd::plan(subject, &choices)
    }
}
