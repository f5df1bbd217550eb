//! What pitchfork does to every program, whatever the file says (facts 14.6).

use super::Parts;
use crate::convert::daemon::constants;
use crate::convert::daemon::programs::Program;
use crate::convert::{Ledger, announce};
use crate::keys::{process as p, supervisord as s};
use crate::model::Config;

/// Says it, for the sections that have programs.
pub(super) fn say<'a>(programs: &[Program<'a, Parts>], config: &Config<'_>, ledger: &mut Ledger<'a>) {
    constants::say(programs, config, ledger, |program, ledger| {
        let (section, run) = (program.section, &announce::EXECUTION);
        let message = "pitchfork raises its soft limit of open files to the hard one, and every program gets that.";
        ledger.constant(&announce::OPEN_FILES, "supervisord", &s::MINFDS, message);
        if program.start.directory.is_some() {
            let message =
                "if the directory is missing, pitchfork gives up at once; Supervisor gives up after startretries.";
            ledger.constant(run, section, &p::DIRECTORY, message);
        }
        let message = "standard input is /dev/null (end of file) instead of an open pipe.";
        ledger.constant(run, section, &p::COMMAND, message);
        if program.made.stays {
            let message =
                "a shell leads the process group, and the program is its child: pitchfork sees only 0 as a success.";
            ledger.constant(run, section, &p::COMMAND, message);
        }
    });
}
