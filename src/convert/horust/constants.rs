//! What Horust does to every program, whatever the file says (facts 13.6).

use super::service::Parts;
use crate::convert::daemon::constants;
use crate::convert::daemon::programs::Program;
use crate::convert::{Ledger, announce};
use crate::keys::{process as p, supervisord as s};
use crate::model::Config;

/// Says it, for the sections that have programs.
pub(super) fn say<'a>(programs: &[Program<'a, Parts>], config: &Config<'_>, ledger: &mut Ledger<'a>) {
    constants::say(programs, config, ledger, |program, ledger| {
        let section = program.section;
        let (run, variables) = (&announce::EXECUTION, &announce::ENVIRONMENT);
        ledger.constant(run, section, &p::COMMAND, "standard input is that of Horust instead of an open pipe.");
        let message = "Horust ends when all its programs have ended; supervisord stays.";
        ledger.constant(run, "supervisord", &s::NODAEMON, message);
        if program.start.directory.is_some() {
            let message = "if the directory is missing, the exit status is 103 instead of 127.";
            ledger.constant(run, section, &p::DIRECTORY, message);
        }
        for (name, what) in
            [("HOME", "that of Horust's user"), ("USER", "Horust's user"), ("HOSTNAME", "the text of /etc/hostname")]
        {
            if program.start.environment.iter().all(|(own, _)| *own != name) {
                ledger.constant(variables, section, &p::ENVIRONMENT, format_args!("{name} is set to {what}."));
            }
        }
    });
}
