//! Event listeners, which speak a protocol with supervisord: the known ones are replaced by timers, hooks and scripts, of all
//! others it is said what is lost (facts 9.2).
//!
//! What a listener watches hangs on the units of programs, so listeners are read before them ([`Listeners::of`]), each unit gets
//! its hooks while it is made ([`Listeners::attach`]), and their own units come last ([`Listeners::write`]).

mod command;
mod known;
mod other;
mod startup;
mod units;

pub(super) use units::is_timer;

use super::Context;
use super::draft::Draft;
use super::escape::{Dollar, UnitValue, UnitWord, word};
use super::name::{UnitKind, UnitName};
use super::programs::Drafted;
use super::unit::Entry;
use super::version::Version;
use crate::convert::selection::called;
use crate::convert::{Ledger, announce, outside};
use crate::hash::HashMap;
use crate::keys::{eventlistener as e, process as p, program as k};
use crate::model::options::EventListenerOptions;
use crate::model::{Group, GroupKind, State};
use crate::python::integer::Integer;
use crate::python::shlex;
use known::{Batch, Known, Sent, Work};

/// Listeners that are replaced: each may hang something on every unit, so that many would grow with the square of the file.
const MOST: usize = 12;

/// `startsecs` beyond which a shell could not count the microseconds.
const LONGEST: i64 = 1_000_000_000;

/// The listeners of a configuration that are replaced.
#[derive(Default)]
pub(super) struct Listeners<'a> {
    all: Vec<Listener<'a>>,
    /// Programs that count as running after another time than one second, as supervisorctl calls them.
    startsecs: HashMap<String, i64>,
}

/// A listener that is replaced.
struct Listener<'a> {
    group: &'a Group<'a>,
    known: Known,
    /// Seconds between two checks.
    every: Option<u64>,
    service: UnitName,
    timer: UnitName,
    /// What a unit that is given up starts.
    template: UnitName,
    /// How many units it hangs on.
    hooked: usize,
}

impl<'a> Listeners<'a> {
    /// Reads them; of those that nothing replaces it says so.
    pub fn of(context: Context<'_, 'a>, ledger: &mut Ledger<'a>) -> Self {
        let mut listeners = Self::default();
        for group in &context.selection.groups {
            let GroupKind::EventListener(options) = &group.kind else { continue };
            ledger.all_exact(group.section);
            // Without `..`: a new option does not compile until it is decided what becomes of it.
            let EventListenerOptions { events, buffer_size: _, result_handler: _ } = &**options;
            let events = Sent(events.known().into_iter().flatten().flatten().map(String::as_str).collect());
            match read(group, &events, context, ledger) {
                Some(Ok(_)) if listeners.all.len() >= MOST => {
                    let message = format_args!("only {MOST} event listeners are replaced; this one is not started.");
                    ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &p::COMMAND, message);
                }
                Some(Ok(listener)) => listeners.all.push(listener),
                Some(Err(Said::Now(idle))) => ledger.lost(&announce::NOT_CONVERTIBLE, group.section, &p::COMMAND, idle),
                Some(Err(Said::Before)) => {}
                None => other::say(group, &events.0, context.choices.version, ledger),
            }
        }
        listeners
    }

    /// Whether a listener printed what programs write.
    pub fn print_output(&self) -> bool {
        self.all.iter().any(|listener| matches!(listener.known.work, Work::Output))
    }

    /// Hangs the listeners on a unit.
    pub fn attach(&mut self, draft: &mut Draft<'_, 'a>) {
        let own = &draft.job.own;
        let startsecs = startsecs(own.startsecs.value);
        for listener in &mut self.all {
            let section = listener.group.section;
            let crash = match &listener.known.work {
                Work::Crash(options) => options.clone(),
                Work::Batch(Batch { crash: Some(kind), .. }) => {
                    vec!["-k".to_owned(), (*kind).to_owned(), "-b".to_owned(), units::collected(&listener.service)]
                }
                Work::Batch(Batch { crash: None, .. }) => {
                    match fatal(listener, draft) {
                        Ok(()) => listener.hooked += 1,
                        Err(why) => draft.ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, why),
                    }
                    if startsecs != 1 {
                        self.startsecs.insert(called(draft.job.group, draft.job.name.value), startsecs);
                    }
                    continue;
                }
                Work::Memory(_) | Work::Page(_) | Work::Output | Work::Container | Work::Startup => continue,
            };
            if *own.stopwaitsecs.value <= Integer::from(0) {
                let why = format_args!(
                    "[{}] is not watched, because its stopwaitsecs leaves no time for a mail.",
                    draft.job.section
                );
                draft.ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, why);
                continue;
            }
            let codes: Vec<String> = own.exitcodes.value.iter().map(ToString::to_string).collect();
            let program = ["-x".to_owned(), codes.join(","), "-t".to_owned(), startsecs.to_string(), "--".to_owned()];
            let words = || -> Option<Vec<UnitWord>> {
                let mut all = words(crash.iter().chain(&program).map(String::as_str))?;
                all.push(UnitWord::unit());
                all.extend(words([draft.job.group, draft.job.name.value].into_iter())?);
                Some(all)
            };
            if let Some(value) = words().and_then(|words| UnitValue::hook(units::CRASH.installed(), &words)) {
                draft.service.exec_stop_post.push(value.into());
                listener.hooked += 1;
            } else {
                let why = format_args!("[{}] is not watched: no unit can hold this command.", draft.job.section);
                draft.ledger.lost(&announce::NOT_CONVERTIBLE, section, &p::COMMAND, why);
            }
        }
    }

    /// Writes the units of the listeners, and says what differs. To be called when the units of all programs are there.
    pub fn write(self, context: Context<'_, 'a>, drafted: &mut Drafted<'a>, ledger: &mut Ledger<'a>) {
        let Self { all, startsecs } = self;
        for listener in all {
            units::write(listener, &startsecs, context, drafted, ledger);
        }
    }
}

/// Why a listener is not replaced.
enum Said {
    /// To be said.
    Now(String),
    /// Has been said.
    Before,
}

/// A listener that is known; none where it is not.
fn read<'a>(
    group: &'a Group<'a>,
    events: &Sent<'_>,
    Context { config, choices, selection, runs_as, .. }: Context<'_, 'a>,
    ledger: &mut Ledger<'a>,
) -> Option<Result<Listener<'a>, Said>> {
    let section = group.section;
    let process = group.processes.first().filter(|_| !selection.refuses(group, section))?;
    let command = match &process.options.command.state {
        State::Known(command) => command.as_deref()?,
        State::Unknown(_) => {
            outside::unknown(&[(section, &p::COMMAND)], "unit", ledger);
            return Some(Err(Said::Before));
        }
        State::Refused => return None,
    };
    let argv: Vec<String> = shlex::split(command).ok()?.into_iter().map(|word| word.text.into_owned()).collect();
    let (name, arguments) = command::program(&argv)?;
    let known = known::known(name, arguments, events)?;
    let written = ledger.text(section, &p::COMMAND).unwrap_or_default();
    let variables = process.options.environment.known();
    let own = |name: &str| variables.and_then(|all| all.get(name)).map(|value| &**value);
    let known = match known {
        _ if config.secrets.stand_in(command) || config.secrets.taken_by(written, own) => {
            let why = "no unit is written: the command line holds a secret, which every user could read in a unit.";
            Err(why.to_owned())
        }
        Ok(_) if process.program.options.autostart.known() != Some(&true) => {
            Err(format!("{name} did not start by itself (autostart=), so nothing replaces it."))
        }
        Ok(known) if runs_as.is_user() && known.work.is_roots() => {
            Err(format!("no unit is written: what replaces {name} is installed and run by root."))
        }
        known => known,
    };
    let names = || {
        let unit = |kind| UnitName::new(&choices.prefix, group.name, kind);
        let template = UnitName::template(&choices.prefix, group.name, group.name)?;
        Ok((unit(UnitKind::Service)?, unit(UnitKind::Timer)?, template))
    };
    Some(match (known, names()) {
        (Err(why), _) => Err(Said::Now(why)),
        (_, Err::<_, super::name::NameError>(error)) => {
            ledger.error(section, &e::EVENTS, error);
            Err(Said::Before)
        }
        (Ok(known), Ok((service, timer, template))) => {
            let every = known.every(events);
            Ok(Listener { group, known, every, service, timer, template, hooked: 0 })
        }
    })
}

/// `OnFailure=` of a unit.
fn fatal(listener: &Listener<'_>, draft: &mut Draft<'_, '_>) -> Result<(), String> {
    let own = UnitName::service(&draft.choices.prefix, draft.job.group, draft.job.name.value);
    let section = draft.job.section;
    let value = own.ok().and_then(|own| UnitValue::started_by(&listener.template, &own));
    let value =
        value.ok_or_else(|| format!("[{section}] is not watched: the name of what it would start is too long."))?;
    draft.service.on_failure.push(value.into());
    if draft.choices.version.has_restart_mode() {
        draft.service.restart_mode = Entry::from(UnitValue::fixed("direct"));
    }
    Ok(())
}

/// `startsecs` as a script counts it.
fn startsecs(value: &Integer) -> i64 {
    value.to_i64().map_or(if value.is_negative() { 0 } else { LONGEST }, |value| value.clamp(0, LONGEST))
}

/// Words of a command. None with NUL.
fn words<'w>(texts: impl Iterator<Item = &'w str>) -> Option<Vec<UnitWord>> {
    texts.map(|text| word(text, Dollar::Doubled)).collect()
}
