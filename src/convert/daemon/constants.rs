//! What is so of every program under a daemon, whatever the file says.

use super::programs::Program;
use crate::convert::{Ledger, announce};
use crate::hash::HashSet;
use crate::keys::{process as p, program as k, supervisord as s};
use crate::model::Config;

/// Says it, and what the daemon alone does, once for each section that has programs.
pub(crate) fn say<'a, T>(
    programs: &[Program<'a, T>],
    config: &Config<'_>,
    ledger: &mut Ledger<'a>,
    own: impl Fn(&Program<'a, T>, &mut Ledger<'a>),
) {
    let server = !config.inet_servers.is_empty() || !config.unix_servers.is_empty();
    let (run, variables) = (&announce::EXECUTION, &announce::ENVIRONMENT);
    let mut said: HashSet<&str> = HashSet::default();
    for program in programs.iter().filter(|program| said.insert(program.section)) {
        let section = program.section;
        if config.fragment {
            let message = "this is a fragment: user=, environment=, directory=, umask= and minfds= of the main file are unknown; use --main FILE.";
            ledger.constant(&announce::DEPENDS_ON_MACHINE, section, &k::USER, message);
        }
        for key in [&s::MINFDS, &s::MINPROCS] {
            if ledger.text("supervisord", key).is_some() {
                let message = "where the limit cannot be raised, each program ends with 127 again and again; supervisord does not start.";
                ledger.constant(&announce::OPEN_FILES, "supervisord", key, message);
            }
        }
        own(program, ledger);
        ledger.constant(run, section, &p::COMMAND, "each program runs in its own session.");
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
