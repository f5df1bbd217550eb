//! From supervisord to systemd: what is enabled, what the report says of the next steps, and how stale units are retired. Every
//! command of the hand-over is in the page ([`page`]).

pub(super) mod instead;
pub(super) mod page;

use std::fmt::{self, Write};

use super::manager::Whose;
use crate::convert::{Handover, Plan};
use crate::well_known::quoted;

/// What the commands are made of, beside the plan itself.
#[derive(Debug)]
pub(super) struct Commands {
    /// Whose the units are.
    pub whose: Whose,
    /// The command line that made the plan.
    pub asked_by: String,
    /// What to enable, by name; the umbrella first.
    pub enable: Vec<String>,
    /// The file that has all commands; none where there is nothing to install.
    pub page: Option<String>,
}

impl Handover for Commands {
    fn enable(&self) -> &[String] {
        &self.enable
    }

    fn next(&self, _plan: &Plan<'_>, directory: Option<&str>) -> String {
        written(|out| self.write_next(directory, out))
    }

    fn retire(&self, stale: &[&str]) -> String {
        written(|out| write_retire(self.whose, stale, out))
    }
}

/// Writing to a String cannot fail.
fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    let _ = write(&mut out);
    out
}

impl Commands {
    /// Where the commands are; `directory` is where the files have been written.
    fn write_next(&self, directory: Option<&str>, out: &mut String) -> fmt::Result {
        let Some(page) = &self.page else { return Ok(()) };
        let path = quoted(&[directory.unwrap_or(FOLDER).trim_end_matches('/'), "/", page].concat());
        writeln!(out, "NEXT")?;
        match directory {
            Some(_) => writeln!(
                out,
                "  less {path}     # every command of the hand-over, program by program, and the way back"
            ),
            None => writeln!(
                out,
                "  {} --out {FOLDER}\n  less {path}     # every command: install, enable, hand over program by program, back",
                self.asked_by
            ),
        }
    }
}

/// The commands that end what stale files once began.
fn write_retire(whose: Whose, stale: &[&str], out: &mut String) -> fmt::Result {
    // A page is installed nowhere.
    let installed = || stale.iter().filter(|name| !page::is_page(name));
    let units = || installed().filter(|name| !name.contains('/'));
    if installed().next().is_none() {
        return Ok(());
    }
    let listed = |names: Vec<String>| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(" ");
    let (as_whom, systemctl) = match whose {
        Whose::Machine => ("root", whose.systemctl()),
        Whose::Account => ("their account", whose.systemctl()),
    };
    writeln!(out, "Where they are installed, as {as_whom}:")?;
    if units().next().is_some() {
        // A template is stopped by its instances, and disabled with all of them.
        writeln!(out, "  {systemctl} stop {}", listed(units().map(|name| name.replace("@.", "@*.")).collect()))?;
        writeln!(out, "  {systemctl} disable {}", listed(units().map(|name| (*name).to_owned()).collect()))?;
    }
    let places: Vec<String> = installed().map(|name| whose.installed(name)).collect();
    writeln!(out, "  rm -f -- {}", places.join(" "))?;
    writeln!(out, "  {systemctl} daemon-reload\n")
}

/// The directory that the report proposes.
const FOLDER: &str = "units";
