//! What pitchfork does to every program, whatever the file says (facts 14.6).

use super::Parts;
use crate::convert::daemon::programs::Program;
use crate::convert::{Ledger, Set, announce};
use crate::keys::{process as p, program as k, supervisord as s};
use crate::model::Config;

/// Says it, for the sections that have programs.
pub(super) fn say<'a>(programs: &[Program<'a, Parts>], config: &Config<'_>, ledger: &mut Ledger<'a>) {
    let server = !config.inet_servers.is_empty() || !config.unix_servers.is_empty();
    let mut said: Set<&str> = Set::default();
    for program in programs.iter().filter(|program| said.insert(program.section)) {
        let section = program.section;
        let (run, variables) = (&announce::EXECUTION, &announce::ENVIRONMENT);
        if config.fragment {
            let message = "this is a fragment: user=, environment=, directory=, umask= and minfds= of the main file are unknown; use --main FILE.";
            ledger.constant(run, section, &k::USER, message);
        }
        let message = "pitchfork raises its soft limit of open files to the hard one, and every program gets that.";
        ledger.constant(&announce::OPEN_FILES, "supervisord", &s::MINFDS, message);
        for key in [&s::MINFDS, &s::MINPROCS] {
            if ledger.text("supervisord", key).is_some() {
                let message = "where the limit cannot be raised, each program ends with 127 again and again; supervisord does not start.";
                ledger.constant(&announce::OPEN_FILES, "supervisord", key, message);
            }
        }
        if program.start.directory.is_some() {
            let message =
                "if the directory is missing, pitchfork gives up at once; Supervisor gives up after startretries.";
            ledger.constant(run, section, &p::DIRECTORY, message);
        }
        let message = "standard input is /dev/null (end of file) instead of an open pipe.";
        ledger.constant(run, section, &p::COMMAND, message);
        ledger.constant(run, section, &p::COMMAND, "each program runs in its own session.");
        if program.made.stays {
            let message =
                "a shell leads the process group, and the program is its child: pitchfork sees only 0 as a success.";
            ledger.constant(run, section, &p::COMMAND, message);
        }
        for (written, key) in program.start.written.iter().zip([&p::STDOUT_LOGFILE, &p::STDERR_LOGFILE]) {
            if *written {
                let message = "the program writes directly to the log file, /dev/null or a device, not into a pipe to supervisord.";
                ledger.constant(&announce::LOGS, section, key, message);
            }
        }
        let automatic = ledger.text(section, &k::SERVERURL).is_none_or(|url| url.trim().eq_ignore_ascii_case("auto"));
        if server && automatic {
            let message = "SUPERVISOR_SERVER_URL is not set, because supervisord does not run.";
            ledger.constant(variables, section, &k::SERVERURL, message);
        }
    }
}
