//! What a process is run as and in: directory, user, umask, limits, environment, command (facts 3 to 5).

use super::draft::{Draft, NoUnit};
use super::escape::{self, Comment, UnitDirectory, UnitValue, User};
use super::unit::Entry;
use super::{account, environment, exec, limits, manager};
use crate::apps::starters::Starter;
use crate::convert::announce;
use crate::convert::command::background::{self, Background};
use crate::convert::command::relative;
use crate::convert::command::wrapped::unwrapped;
use crate::convert::drafting::Drafting as _;
use crate::convert::program::{self, Floor};
use crate::python::integer::Integer;
use crate::well_known::{is_name, quoted};

/// The variable that names the control server.
const SERVER: &str = "SUPERVISOR_SERVER_URL";

/// What `Environment=` could not carry, and the PATH that the environment sets.
struct BesideUnit<'a> {
    wrapped: Vec<(String, String)>,
    path: Option<&'a str>,
}

/// Writes it.
pub(super) fn write(draft: &mut Draft<'_, '_>) -> Result<(), NoUnit> {
    let directory = working_directory(draft)?;
    user(draft)?;
    umask(draft);
    limits(draft);
    let variables = variables(draft);
    command(draft, directory.as_deref(), &variables)
}

/// `directory=`, or that of `[supervisord]` where supervisord would have entered it (facts 5.2).
fn working_directory(draft: &mut Draft<'_, '_>) -> Result<Option<String>, NoUnit> {
    let setting = &draft.job.directory;
    let Some(program::Directory { path: text, joined }) = &setting.value else {
        draft.exact(setting);
        if draft.runs_as.is_user() {
            let message = "without directory= the working directory is the home directory; supervisord's is where it was started, often /.";
            draft.differs(&announce::EXECUTION, setting, message);
        }
        return Ok(None);
    };
    if draft.has_secret(setting, text) {
        return Err(draft.without_unit(setting, "the directory contains a secret, and every user can read a unit."));
    }
    match escape::directory(text) {
        Ok(UnitDirectory { value, path, resolved }) => {
            draft.exact(setting);
            if setting.section == "supervisord" {
                let message =
                    "[supervisord] directory= applies only when supervisord daemonises; the units always start there.";
                draft.approximate(&announce::EXECUTION, setting, message);
            }
            if *joined {
                let message = format_args!("the path is relative to directory= of [supervisord]: {text}.");
                draft.approximate(&announce::EXECUTION, setting, message);
            }
            if resolved {
                draft.approximate(&announce::EXECUTION, setting, UnitDirectory::RESOLVED);
            }
            draft.service.working_directory = value.into();
            Ok(Some(path))
        }
        Err(error) => Err(draft.without_unit(setting, error)),
    }
}

/// `user=`, or that of `[supervisord]` (facts 5.1).
fn user(draft: &mut Draft<'_, '_>) -> Result<(), NoUnit> {
    let setting = &draft.job.user;
    draft.exact(setting);
    if draft.runs_as.is_user() {
        return account::user(draft);
    }
    let Some(user) = setting.value else { return Ok(()) };
    if let Some(main) = draft.job.supervisors_user.filter(|main| *main != user) {
        let message = format_args!(
            "Supervisor cannot start this program, because it cannot change user after it became {main}; the unit can."
        );
        draft.approximate(&announce::EXECUTION, setting, message);
    }
    match manager::read(user) {
        Ok(User::Root) => {}
        Ok(User::Value(value)) => draft.service.user = value.into(),
        Ok(User::Nobody(value)) => {
            draft.approximate(&announce::EXECUTION, setting, User::NOBODY);
            draft.service.user = value.into();
        }
        Err(error) => return Err(draft.without_unit(setting, error)),
    }
    Ok(())
}

/// `umask=`, or that of `[supervisord]` (facts 5.3).
fn umask(draft: &mut Draft<'_, '_>) {
    let setting = &draft.job.umask;
    draft.exact(setting);
    let Some(umask) = setting.value else { return };
    if setting.section == "supervisord" {
        let message = "[supervisord] umask= applies only when supervisord daemonises; every unit gets it.";
        draft.approximate(&announce::EXECUTION, setting, message);
    }
    draft.service.umask = UnitValue::umask(umask).into();
}

/// What the limits of `[supervisord]` become: the same for every unit, so it is found once.
pub(super) struct Limits {
    nofile: Entry,
    nproc: Entry,
    tasks: Entry,
}

/// Writes them.
fn limits(draft: &mut Draft<'_, '_>) {
    let limits = draft.limits.take().unwrap_or_else(|| {
        let nofile = open_files(draft);
        let [nproc, tasks] = processes(draft);
        Limits { nofile, nproc, tasks }
    });
    draft.service.limit_nofile = limits.nofile.clone();
    draft.service.limit_nproc = limits.nproc.clone();
    draft.service.tasks_max = limits.tasks.clone();
    *draft.limits = Some(limits);
}

/// `minfds`, a floor that all of supervisord's programs share (facts 5.4), or what `--nofile` gives.
fn open_files(draft: &mut Draft<'_, '_>) -> Entry {
    let setting = &draft.job.open_files;
    if let Some((soft, hard)) = draft.choices.open_files {
        draft.exact(setting);
        return UnitValue::limits(soft, hard).into();
    }
    let number = match &setting.value {
        Floor::Known(number) => number,
        Floor::Elsewhere => return Entry::default(),
        Floor::Unknown(written) => {
            let message = format!("minfds={written} is unknown, so systemd's own soft limit of 1024 applies.");
            draft.ledger.lost(&announce::ENVIRONMENT, setting.section, setting.key, &message);
            return Entry { comments: vec![Comment::note(&format!("{}: {message}", setting.key.name))], value: None };
        }
    };
    draft.exact(setting);
    let text = number.to_string();
    let limits::OpenFiles { comments, value, note } = limits::open_files(setting.written.then_some(&text));
    match note {
        None => {}
        Some(note @ limits::LimitNote::NotChecked(_)) => {
            draft.approximate(&announce::OPEN_FILES, setting, note);
        }
        Some(note @ limits::LimitNote::Impossible(_)) => {
            let _ = draft.lost(setting, note);
        }
    }
    Entry { comments, value }
}

/// `minprocs`, a floor too; systemd has none, so the limit goes (facts 5.5).
fn processes(draft: &mut Draft<'_, '_>) -> [Entry; 2] {
    let setting = &draft.job.processes;
    match setting.value {
        Floor::Known(number) if *number <= Integer::from(1024) => {
            draft.exact(setting);
            Default::default()
        }
        Floor::Known(_) => {
            let message = "minprocs is a minimum; systemd has only maximums, so the limit is lifted.";
            draft.approximate(&announce::EXECUTION, setting, message);
            let infinity = UnitValue::fixed("infinity");
            [infinity.clone().into(), infinity.into()]
        }
        Floor::Unknown(written) => {
            let message = format!("minprocs={written} is unknown, so systemd's own limit applies.");
            draft.ledger.lost(&announce::ENVIRONMENT, setting.section, setting.key, &message);
            let comment = Comment::note(&format!("{}: {message}", setting.key.name));
            [Entry { comments: vec![comment], value: None }, Entry::default()]
        }
        Floor::Elsewhere => Default::default(),
    }
}

/// The variables that Supervisor adds (facts 4); secrets stay out of the unit.
fn variables<'a>(draft: &mut Draft<'_, 'a>) -> BesideUnit<'a> {
    let job = draft.job;
    draft.exact(&job.environment);
    draft.ledger.exact("supervisord", job.environment.key);
    draft.exact(&job.serverurl);
    draft.service.environment.extend(environment::identity(job.group, job.name.value).map(Into::into));
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let copies = draft.copies();
    for variable in &job.environment.value {
        let name = variable.name;
        if variable.secret || copies.contains(&(variable.section, name.into())) {
            if is_name(name) {
                draft.service.secrets.push((name.to_string(), variable.value.to_string()));
                continue;
            }
            let message = format!(
                "{name} looks like a secret and is not written, because only a command line could set it: use letters, digits and _."
            );
            let key = job.environment.key;
            draft.ledger.lost(&announce::NOT_CONVERTIBLE, variable.section, key, &message);
            draft.service.remarks.push(Comment::note(&format!("{}: {message}", key.name)));
        } else {
            pairs.push((name, variable.value));
        }
    }
    let sets = |name: &str| job.environment.value.iter().any(|variable| variable.name == name);
    match job.serverurl.value.filter(|_| !sets(SERVER)) {
        Some(url) if draft.secrets.variable(SERVER, url) => {
            draft.service.secrets.push((SERVER.to_owned(), url.to_string()));
        }
        Some(url) => pairs.push((SERVER, url)),
        None => {}
    }
    if draft.choices.faithful {
        // Supervisor leaves these as its own environment has them; systemd sets them to the user's.
        let login = ["HOME", "USER", "LOGNAME", "SHELL"].into_iter().filter(|name| !sets(name));
        let login: Option<Vec<_>> = login.map(|name| escape::word(name, escape::Dollar::Kept)).collect();
        draft.service.unset_environment = login.and_then(|login| UnitValue::words(&login)).into();
    }
    let environment::Assignments { lines, wrapped } = environment::variables(pairs);
    draft.service.environment.extend(lines.into_iter().map(Into::into));
    let path = job.environment.value.iter().find(|variable| variable.name == "PATH");
    BesideUnit { wrapped, path: path.map(|variable| variable.value) }
}

fn command(draft: &mut Draft<'_, '_>, directory: Option<&str>, variables: &BesideUnit<'_>) -> Result<(), NoUnit> {
    let setting = &draft.job.command;
    if setting.value.secret || draft.has_secret(setting, "") {
        let reason = "the command line holds a secret, which every user could read in a unit: pass it in a file or in environment=.";
        return Err(draft.without_unit(setting, reason));
    }
    let argv = match &setting.value.argv {
        // Of a command without a word there is no unit, and why has been said.
        Ok(argv) if draft.cannot_run.is_some() && argv.first().is_none_or(String::is_empty) => return Err(NoUnit),
        Err(_) if draft.cannot_run.is_some() => return Err(NoUnit),
        Ok(argv) => argv,
        Err(error) => {
            return Err(draft.without_unit(setting, format_args!("{error}: Supervisor cannot start this either.")));
        }
    };
    let why = draft.cannot_run;
    if let Some(starter) = unwrapped(argv).starter().filter(|_| why.is_none()) {
        return Err(draft.without_unit(setting, started(&starter)));
    }
    let request = exec::Invocation {
        argv,
        directory,
        path: variables.path,
        wrapped: &variables.wrapped,
        version: draft.choices.version,
    };
    match exec::exec_start(&request) {
        Ok(exec::ExecStart { line, search_path, through_env, notes }) => {
            draft.exact(setting);
            // How systemd would start what cannot run is of no use.
            // Without a directory of its own the program starts where supervisord is, and looks for it there.
            let own = draft.ledger.text(draft.job.section, draft.job.directory.key).is_some();
            let differs = |note: &exec::StartNote| own || !matches!(note, exec::StartNote::OwnDirectory(_));
            for note in notes.into_iter().filter(|note| why.is_none() && differs(note)) {
                draft.approximate(&announce::DEPENDS_ON_MACHINE, setting, note);
            }
            if why.is_none() {
                looks(draft, argv);
            }
            let why = why.map(|why| Comment::note(&format!("command: {}", draft.secrets.mask(why))));
            draft.service.exec_start = Entry { comments: why.into_iter().collect(), value: Some(line) };
            draft.service.exec_search_path = search_path.into();
            draft.executable = if through_env { "/usr/bin/env" } else { argv.first().map_or("", String::as_str) };
            Ok(())
        }
        Err(refusal) => Err(draft.without_unit(setting, refusal)),
    }
}

/// Why a command that only has something else started gets no unit. A unit that is called as the service that it starts would take
/// that one's place: `systemctl` then asks for the unit itself, and nothing ever runs (run).
fn started(starter: &Starter) -> String {
    match starter {
        Starter::Services(names) => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let (all, command) = (names.join(" and "), names.join(" "));
            format!("the command only starts {all}, so enable that instead: systemctl enable --now {command}")
        }
        Starter::Supervisorctl { starts: _ } => {
            "supervisorctl only reaches supervisord, which systemd replaces: use systemctl in its place.".to_owned()
        }
    }
}

/// What a command shows of its program.
fn looks(draft: &mut Draft<'_, '_>, argv: &[String]) {
    let setting = &draft.job.command;
    // With --faithful what a program leaves behind lives on, as with Supervisor.
    if let Some(background) = background::background(argv).filter(|_| !draft.choices.faithful) {
        let Background { program, shown, unless } = background;
        let shown = shown.map_or_else(String::new, |shown| format!(" ({shown})"));
        let message = match unless {
            Some(line) => format!("without {line}, {program} goes into the background, where systemd kills it."),
            None => format!(
                "{program} goes into the background{shown}, where systemd kills it at once: let it run in the foreground."
            ),
        };
        draft.approximate(&announce::KILL_SCOPE, setting, message);
    }
    if let Some(word) = relative::relative(argv).filter(|_| draft.job.adrift) {
        let place = if draft.runs_as.is_user() { "the home directory" } else { "/" };
        let message = format_args!(
            "{word} is looked up in {place}, because directory= is not set: if supervisord starts elsewhere, give --cwd DIR."
        );
        draft.approximate(&announce::EXECUTION, setting, message);
    }
}
