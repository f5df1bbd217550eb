//! How a program is started: its words behind the launcher, its directory, its variables (facts 12).

use std::borrow::Cow;

use super::CannotLaunch;
use super::draft::{Draft, Unwritten};
use super::launcher::{Account, Ends, Launcher, Output, Stderr};
use super::secret::{self, Secrets};
use super::{logs, variables};
use crate::apps::starters::Starter;
use crate::convert::announce;
use crate::convert::command::relative;
use crate::convert::command::wrapped::unwrapped;
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{Destination, Directory, Effective, Floor, Stream, Variable};
use crate::python::filename;

/// The variable that names the control server.
const SERVER: &str = "SUPERVISOR_SERVER_URL";

/// The start of a program.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The words: those of the launcher, and the program's own.
    pub command: Vec<String>,
    /// What the daemon sets.
    pub environment: Vec<(&'a str, &'a str)>,
    /// Where it is started.
    pub directory: Option<Cow<'a, str>>,
    /// The file that its secrets are read from.
    pub secrets: Option<Secrets>,
    /// Whether a secret stands in the rest: then only root may read it.
    pub is_secret: bool,
    /// Whether the program itself writes its standard output, and its standard error, to the place that the file names.
    pub written: [bool; 2],
}

/// Makes it. `ends`: what the daemon has to see of the end.
pub(crate) fn start<'a>(draft: &mut Draft<'_, 'a>, ends: Ends<'_>) -> Result<Start<'a>, Unwritten> {
    let job = draft.job;
    let argv = argv(draft)?;
    let (directory, mut is_secret) = directory(draft)?;
    let account = account(draft)?;
    grade_umask(draft);
    let (stdout, stderr, in_path) = logs::outputs(draft);
    is_secret |= in_path || job.command.value.secret || draft.has_secret(&job.command, "");
    let umask = job.umask.value.or(draft.habits.changes_umask.then_some(0o022));
    let log_umask = Some(job.supervisors_umask).filter(|own| *own != 0o022 || umask.is_some());
    let own = variables_of(draft);
    let (secret, plain): (Vec<_>, Vec<_>) = own.into_iter().partition(|variable| variable.secret);
    // A name that no shell can hold stays where all others can be.
    // What the daemon sets, the launcher removes after the shell.
    let sets = draft.habits.sets;
    let kept = |name: &str| variables::shell_keeps(name) && !sets.contains(&name);
    let (secret, odd): (Vec<_>, Vec<_>) = secret.into_iter().partition(|one| kept(one.name));
    is_secret |= !odd.is_empty();
    for Own { name, section, .. } in &odd {
        let message =
            format_args!("`ps` can show the secret {name} to every user: no shell can read this name from a file.");
        draft.ledger.approximate(&announce::DEPENDS_ON_MACHINE, section, job.environment.key, message);
    }
    let path = (!secret.is_empty()).then(|| secret::path(draft.stem));
    let installed = path.as_deref().map(|path| ["/", path].concat());
    let pair = |one: &Own<'a>| (one.name, one.value);
    let open_files = floor(draft, &job.open_files);
    let processes = floor(draft, &job.processes).filter(|floor| *floor > 200 || job.processes.written);
    let launcher = Launcher {
        name: job.name.value,
        stdout,
        stderr,
        log_umask,
        umask,
        secrets: installed.as_deref(),
        open_files,
        processes,
        ignores_signals: true,
        account: account.map(|account| (account, draft.switch)),
        variables: &[],
        without: sets,
        ends,
    };
    let others = plain.iter().chain(&odd).map(pair);
    let (environment, after): (Vec<_>, Vec<_>) = others.partition(|(name, _)| kept(name));
    let launcher = Launcher { variables: &after, ..launcher };
    let command = launcher.command(argv).and_then(|command| {
        environment.iter().try_for_each(|(_, value)| carried(value))?;
        let text = variables::exports(secret.iter().map(pair))?;
        Ok((command, path.map(|path| Secrets { path, exports: text })))
    });
    match command {
        Ok((command, secrets)) => {
            draft.exact(&job.command);
            if let Some(word) = relative::relative(argv).filter(|_| job.adrift && draft.cannot_run.is_none()) {
                let message = format_args!(
                    "{word} is looked up in {}, because directory= is not set: if supervisord starts elsewhere, give --cwd DIR.",
                    draft.habits.starts_in
                );
                draft.approximate(&announce::EXECUTION, &job.command, message);
            }
            if argv.first().is_some_and(|program| !program.contains('/')) {
                let message = "a file in PATH that is not executable is skipped; Supervisor stops at it and fails.";
                draft.ledger.constant(&announce::EXECUTION, job.section, job.command.key, message);
            }
            let is_device = |stream: &Stream<'_>| matches!(stream.destination.value, Destination::Supervisors(_));
            let to_place = |output: Output<'_>, stream: &Stream<'_>| output != Output::Kept || is_device(stream);
            let of_stdout = to_place(stdout, &job.stdout);
            let of_stderr = match (stderr, &job.stderr) {
                (Stderr::Own(output), Some(stream)) => to_place(output, stream),
                _ => of_stdout,
            };
            let written = [of_stdout, of_stderr];
            Ok(Start { command, environment, directory, secrets, is_secret, written })
        }
        Err(refusal) => Err(draft.unwritten(&job.command, refusal)),
    }
}

fn carried(value: &str) -> Result<(), CannotLaunch> {
    match (value.contains('\0'), filename::has_bytes(value)) {
        (true, _) => Err(CannotLaunch::Nul),
        (_, true) => Err(CannotLaunch::Bytes),
        (false, false) => Ok(()),
    }
}

/// The words of the program.
fn argv<'d>(draft: &mut Draft<'d, '_>) -> Result<&'d [String], Unwritten> {
    let setting = &draft.job.command;
    match &setting.value.argv {
        // Why there is none has been said.
        Ok(argv) if draft.cannot_run.is_some() && argv.first().is_none_or(String::is_empty) => Err(Unwritten),
        Err(_) if draft.cannot_run.is_some() => Err(Unwritten),
        Ok(argv)
            if draft.cannot_run.is_none()
                && matches!(unwrapped(argv).starter(), Some(Starter::Supervisorctl { starts: _ })) =>
        {
            let reason = format_args!("supervisorctl only reaches supervisord, which {} replaces.", draft.habits.name);
            Err(draft.unwritten(setting, reason))
        }
        Ok(argv) => Ok(argv),
        Err(error) => Err(draft.unwritten(setting, format_args!("{error}: Supervisor cannot start this either."))),
    }
}

/// `directory=`, or that of `[supervisord]` where supervisord would have entered it; and whether it has a secret.
fn directory<'a>(draft: &mut Draft<'_, 'a>) -> Result<(Option<Cow<'a, str>>, bool), Unwritten> {
    let setting = &draft.job.directory;
    draft.exact(setting);
    let Some(Directory { path, joined }) = &setting.value else { return Ok((None, false)) };
    if let Err(refusal) = carried(path) {
        return Err(draft.unwritten(setting, refusal));
    }
    if setting.section == "supervisord" {
        let message =
            "[supervisord] directory= applies only when supervisord daemonises; the program always starts there.";
        draft.approximate(&announce::EXECUTION, setting, message);
    }
    if !path.starts_with(['/', '~']) {
        let message = format_args!(
            "{path} is looked up in {}: if supervisord starts elsewhere, give --cwd DIR.",
            draft.habits.starts_in
        );
        draft.approximate(&announce::EXECUTION, setting, message);
    }
    if *joined {
        let message = format_args!("the path is relative to directory= of [supervisord]: {path}.");
        draft.approximate(&announce::EXECUTION, setting, message);
    }
    let is_secret = draft.has_secret(setting, path);
    Ok((Some(path.clone()), is_secret))
}

/// `user=`, or that of `[supervisord]`; none where the daemon, which is root's, need not change.
fn account<'a>(draft: &mut Draft<'_, 'a>) -> Result<Option<Account<'a>>, Unwritten> {
    let setting = &draft.job.user;
    draft.exact(setting);
    let Some(user) = setting.value else { return Ok(None) };
    if let Some(main) = draft.job.supervisors_user.filter(|main| *main != user) {
        let message = format_args!(
            "Supervisor cannot start this program, because it cannot change user after it became {main}; this can."
        );
        draft.approximate(&announce::EXECUTION, setting, message);
    }
    match Account::of(user) {
        Ok(Account::Uid(0) | Account::Name("root")) => Ok(None),
        Ok(account) => Ok(Some(account)),
        Err(refusal) => Err(draft.unwritten(setting, refusal)),
    }
}

fn grade_umask(draft: &mut Draft<'_, '_>) {
    let setting = &draft.job.umask;
    draft.exact(setting);
    if setting.value.is_some() && setting.section == "supervisord" {
        let message = "[supervisord] umask= applies only when supervisord daemonises; every program gets it.";
        draft.approximate(&announce::EXECUTION, setting, message);
    }
}

/// A limit that the launcher raises, as supervisord does; also where nothing is written.
fn floor<'a>(draft: &mut Draft<'_, 'a>, setting: &Effective<'a, Floor<'a>>) -> Option<u64> {
    match setting.value {
        Floor::Known(number) => {
            draft.exact(setting);
            // No limit is as high as what is beyond: the program does not start, as supervisord does not.
            (!number.is_negative()).then(|| number.to_i64().map_or(u64::MAX, i64::unsigned_abs))
        }
        Floor::Unknown(written) => {
            let option = setting.key.name;
            let message = format_args!("{option}={written} is unknown, so the limit stays as it is.");
            draft.ledger.lost(&announce::ENVIRONMENT, setting.section, setting.key, message);
            None
        }
        Floor::Elsewhere => None,
    }
}

/// A variable that the program gets.
struct Own<'a> {
    name: &'a str,
    value: &'a str,
    /// The section that sets it.
    section: &'a str,
    secret: bool,
}

/// Supervisor's own variables, and those of `environment=`, which win.
fn variables_of<'a>(draft: &mut Draft<'_, 'a>) -> Vec<Own<'a>> {
    let job = draft.job;
    draft.exact(&job.environment);
    draft.ledger.exact("supervisord", job.environment.key);
    draft.exact(&job.serverurl);
    let sets = |name: &str| job.environment.value.iter().any(|variable| variable.name == name);
    let identity = [
        ("SUPERVISOR_ENABLED", Some("1")),
        ("SUPERVISOR_GROUP_NAME", Some(job.group)),
        ("SUPERVISOR_PROCESS_NAME", Some(job.name.value)),
        (SERVER, job.serverurl.value),
    ];
    let identity = identity.into_iter().filter(|(name, _)| !sets(name));
    let secrets = draft.secrets;
    let own = identity.filter_map(|(name, value)| {
        let value = value?;
        Some(Own { name, value, section: job.section, secret: secrets.variable(name, value) })
    });
    let mut all: Vec<Own<'a>> = own.collect();
    let copies = draft.copies();
    all.extend(job.environment.value.iter().map(|&Variable { name, value, section, secret }| Own {
        name,
        value,
        section,
        secret: secret || copies.contains(&(section, name.into())),
    }));
    all
}
