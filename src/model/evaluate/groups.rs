//! Groups in the order in which Supervisor makes them: `process_groups_from_parser`.

use std::collections::HashSet;
use std::rc::Rc;

use super::{At, Evaluator};
use crate::load::Section;
use crate::load::names::Scope;
use crate::model::address;
use crate::model::keys::{
    EventListenerOptions, FcgiOptions, Key, eventlistener as e, fcgi as f, group as g, program as p,
};
use crate::model::value::{self, Converted, Fault, Reference, Text};
use crate::model::{Group, GroupKind, State, Value};
use crate::python::integer::Integer;
use crate::refusal::{Cause, Exit};

/// `events.EventTypes`, sorted.
static EVENTS: &[&str] = &[
    "EVENT",
    "PROCESS_COMMUNICATION",
    "PROCESS_COMMUNICATION_STDERR",
    "PROCESS_COMMUNICATION_STDOUT",
    "PROCESS_GROUP",
    "PROCESS_GROUP_ADDED",
    "PROCESS_GROUP_REMOVED",
    "PROCESS_LOG",
    "PROCESS_LOG_STDERR",
    "PROCESS_LOG_STDOUT",
    "PROCESS_STATE",
    "PROCESS_STATE_BACKOFF",
    "PROCESS_STATE_EXITED",
    "PROCESS_STATE_FATAL",
    "PROCESS_STATE_RUNNING",
    "PROCESS_STATE_STARTING",
    "PROCESS_STATE_STOPPED",
    "PROCESS_STATE_STOPPING",
    "PROCESS_STATE_UNKNOWN",
    "REMOTE_COMMUNICATION",
    "SUPERVISOR_STATE_CHANGE",
    "SUPERVISOR_STATE_CHANGE_RUNNING",
    "SUPERVISOR_STATE_CHANGE_STOPPING",
    "TICK",
    "TICK_3600",
    "TICK_5",
    "TICK_60",
];

/// The priority of a group of which nothing is written.
const PRIORITY: i64 = 999;
/// The priority of an event listener pool of which nothing is written: started first, stopped last.
const POOL_PRIORITY: i64 = -1;

impl Evaluator<'_> {
    /// All groups, by priority and name.
    pub(super) fn groups(&mut self) -> Vec<Group> {
        let merged = self.merged;
        let mut groups = Vec::new();
        let mut grouped = HashSet::new();
        for (name, section) in &merged.sections {
            if let Some(written) = name.strip_prefix("group:") {
                groups.push(self.group(name, section, written, &mut grouped));
            }
        }
        for (name, section) in &merged.sections {
            if let Some(written) = name.strip_prefix("program:").filter(|_| !grouped.contains(name)) {
                groups.push(self.program(name, section, written));
            }
        }
        for (name, section) in &merged.sections {
            if let Some(pool) = name.strip_prefix("eventlistener:") {
                groups.push(self.event_listener(name, section, pool));
            }
        }
        for (name, section) in &merged.sections {
            if let Some(written) = name.strip_prefix("fcgi-program:").filter(|_| !grouped.contains(name)) {
                groups.push(self.fcgi_program(name, section, written));
            }
        }
        groups.sort_by_cached_key(|group| (sort_priority(group), Rc::clone(&group.name)));
        groups
    }

    fn group(&mut self, name: &Text, section: &Section, written: &str, grouped: &mut HashSet<Text>) -> Group {
        let merged = self.merged;
        let at = At::new(name, section, merged);
        let group = self.name(&at, None, None, written);
        let environment = self.environment.clone();
        let scope = &self.scope_g(&environment);
        let members =
            self.read(&at, &g::PROGRAMS, scope, None, |text, _| Ok(Converted::Known(Some(value::strings(text)))));
        let priority = self.integer(&at, &g::PRIORITY, scope, PRIORITY);
        let mut processes = Vec::new();
        // Supervisor keeps the group's section and the last member's in one variable, so a message may name the latter.
        let mut speaker = Rc::clone(name);
        for member in members.known().into_iter().flatten().flatten() {
            let program = merged.sections.get_key_value(format!("program:{member}").as_str());
            let fcgi = merged.sections.get_key_value(format!("fcgi-program:{member}").as_str());
            let message = match (program, fcgi) {
                (Some((name, section)), None) | (None, Some((name, section))) => {
                    speaker = Rc::clone(name);
                    grouped.insert(Rc::clone(name));
                    processes.extend(self.processes(name, section, &group));
                    continue;
                }
                // It may stand in another file.
                (None, None) if merged.fragment || merged.incomplete => continue,
                (None, None) => format!("[{speaker}] names unknown program or fcgi-program {member}"),
                (Some(_), Some(_)) => {
                    format!("[{speaker}] name {member} is ambiguous (exists as program and fcgi-program)")
                }
            };
            self.refuse(&at, Some(&g::PROGRAMS), members.place(), member, Cause::Member, message);
        }
        let (section, header) = (Rc::clone(name), section.header);
        Group { kind: GroupKind::Group, name: group, section, header, priority, processes }
    }

    fn program(&mut self, name: &Text, section: &Section, written: &str) -> Group {
        let at = At::new(name, section, self.merged);
        let program = self.name(&at, None, None, written);
        let environment = self.environment.clone();
        let priority = self.integer(&at, &p::PRIORITY, &self.scope_g(&environment), PRIORITY);
        let processes = self.processes(name, section, &program);
        let (section, header) = (Rc::clone(name), section.header);
        Group { kind: GroupKind::Program, name: program, section, header, priority, processes }
    }

    fn event_listener(&mut self, name: &Text, section: &Section, pool: &str) -> Group {
        let at = At::new(name, section, self.merged);
        let environment = self.environment.clone();
        let scope = &self.scope_g(&environment);
        let refused = |message| Fault { message, cause: Cause::EventListener };
        let priority = self.integer(&at, &p::PRIORITY, scope, POOL_PRIORITY);
        let buffer_size = self.read(&at, &e::BUFFER_SIZE, scope, Integer::from(10), |text, _| {
            let size = value::integer(text)?;
            if size < Integer::from(1) {
                return Err(refused(format!("[{name}] section sets invalid buffer_size ({size})")));
            }
            Ok(Converted::Known(size))
        });
        let handler = self.text(&at, &e::RESULT_HANDLER, scope);
        let handler = self.reference(&at, &e::RESULT_HANDLER, handler, "supervisor.dispatchers:default_handler");
        let events = self.read(&at, &e::EVENTS, scope, None, |text, _| events(text, name).map_err(refused));
        if let State::Known(None) = events.state {
            self.refuse(&at, Some(&e::EVENTS), None, &"".into(), Cause::EventListener, no_events(name));
        }
        self.read(&at, &p::REDIRECT_STDERR, scope, false, |text, _| {
            if value::boolean(text)? {
                return Err(refused(format!(
                    "[{name}] section sets redirect_stderr=true but this is not allowed because it will interfere with the \
                     eventlistener protocol"
                )));
            }
            Ok(Converted::Known(false))
        });
        let pool: Text = pool.into();
        let processes = self.processes(name, section, &pool);
        let kind = GroupKind::EventListener(EventListenerOptions { events, buffer_size, result_handler: handler });
        Group { kind, name: pool, section: Rc::clone(name), header: section.header, priority, processes }
    }

    /// `import_spec` of an option: the module is not imported, so a reference that parses is good.
    pub(super) fn reference(
        &mut self,
        at: &At<'_>,
        key: &Key,
        text: Value<Option<Text>>,
        default: &str,
    ) -> Value<Text> {
        let origin = text.origin;
        let (text, exit, message) = match text.state {
            State::Known(Some(text)) => match value::reference(&text) {
                Reference::Parses => return Value { origin, state: State::Known(text) },
                Reference::Refused => {
                    let message = format!("{text} cannot be resolved within [{}]", at.section);
                    (text, Exit::Usage, message)
                }
                Reference::Relative(message) => (text, Exit::Crash, message),
            },
            State::Known(None) => return Value::default_of(default.into()),
            State::Unknown(text) => return Value { origin, state: State::Unknown(text) },
            State::Refused => return Value { origin, state: State::Refused },
        };
        self.refuse(at, Some(key), origin.place(), &text, Cause::Reference, message);
        if let Some(refusal) = self.refusals.last_mut() {
            refusal.exit = exit;
        }
        Value { origin, state: State::Refused }
    }

    fn fcgi_program(&mut self, name: &Text, section: &Section, written: &str) -> Group {
        let at = At::new(name, section, self.merged);
        let program = self.name(&at, None, None, written);
        let environment = self.environment.clone();
        let scope = &self.scope_g(&environment);
        let priority = self.integer(&at, &p::PRIORITY, scope, PRIORITY);
        self.read(&at, &p::USER, scope, (), |text, world| value::user(text, world.host).map(Converted::Known));
        let socket_backlog = self.read(&at, &f::SOCKET_BACKLOG, scope, None, |text, _| {
            let backlog = value::integer(text)?;
            if backlog < Integer::from(1) || backlog > Integer::from(65535) {
                return Err(Fault::value(format!("Invalid socket_backlog value {backlog}")));
            }
            Ok(Converted::Known(Some(backlog)))
        });
        let socket_owner = self.read(&at, &f::SOCKET_OWNER, scope, None, |text, world| {
            if value::user_and_group(text, world.host) {
                return Ok(Converted::Known(Some(Rc::clone(text))));
            }
            Err(Fault { message: format!("Invalid socket_owner value {text}"), cause: Cause::Host })
        });
        let socket_mode = self.read(&at, &f::SOCKET_MODE, scope, None, |text, _| match value::octal(text) {
            Ok(mode) => Ok(Converted::Known(Some(mode))),
            Err(_) => Err(Fault::value(format!("Invalid socket_mode value {text}"))),
        });
        let owned = !matches!((&socket_owner.state, &socket_mode.state), (State::Known(None), State::Known(None)));
        let mut names = Scope::environment_first(&environment);
        names.set_text("program_name", &program);
        names.set_text("here", &self.merged.here);
        let none = format!("[{name}] section requires a \"socket\" line");
        let socket = self.read(&at, &f::SOCKET, &names, None, |text, world| {
            if text.is_empty() {
                return Err(Fault { message: none.clone(), cause: Cause::Required });
            }
            match address::fcgi_socket(text, owned, world.cwd) {
                Ok(socket) => Ok(Converted::Known(Some(socket))),
                Err(Fault { message, cause }) => Err(Fault { message: format!("{message} in [{name}] socket"), cause }),
            }
        });
        if let State::Known(None) = socket.state {
            self.refuse(&at, Some(&f::SOCKET), None, &"".into(), Cause::Required, none);
        }
        let processes = self.processes(name, section, &program);
        let kind = GroupKind::Fcgi(FcgiOptions { socket, socket_backlog, socket_owner, socket_mode });
        Group { kind, name: program, section: Rc::clone(name), header: section.header, priority, processes }
    }
}

fn events(text: &str, section: &str) -> Result<Converted<Option<Vec<String>>>, String> {
    let mut names: Vec<String> = value::strings(text).iter().map(|name| name.to_uppercase()).collect();
    if names.is_empty() {
        return Err(no_events(section));
    }
    names.sort();
    names.dedup();
    // Supervisor walks a set, so which of several unknown names it meets is random; we name the smallest.
    match names.iter().find(|name| EVENTS.binary_search(&name.as_str()).is_err()) {
        None => Ok(Converted::Known(Some(names))),
        Some(unknown) => Err(format!("Unknown event type {unknown} in [{section}] events")),
    }
}

fn no_events(section: &str) -> String {
    format!("[{section}] section requires an \"events\" line")
}

/// A priority that is not known sorts as the default.
fn sort_priority(group: &Group) -> Integer {
    let default = match group.kind {
        GroupKind::EventListener(_) => POOL_PRIORITY,
        GroupKind::Group | GroupKind::Program | GroupKind::Fcgi(_) => PRIORITY,
    };
    group.priority.known().cloned().unwrap_or_else(|| Integer::from(default))
}
