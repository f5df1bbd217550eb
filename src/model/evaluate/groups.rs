//! Groups in the order in which Supervisor makes them: `process_groups_from_parser`.

use std::rc::Rc;

use super::{At, Evaluator};
use crate::hash::HashSet;
use crate::keys::{Key, SectionKind, eventlistener as e, fcgi as f, group as g, program as p};
use crate::load::Section;
use crate::load::names::Scope;
use crate::model::address;
use crate::model::options::{EventListenerOptions, FcgiOptions, ProgramOptions};
use crate::model::value::{self, Converted, Fault, Members, Reference, Text};
use crate::model::{Group, GroupKind, State, Value};
use crate::python::integer::Integer;
use crate::refusal::{Cause, Exit, ListenerFault};

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
static PRIORITY: Integer = Integer::small(999);
/// The priority of an event listener pool of which nothing is written: started first, stopped last.
static POOL_PRIORITY: Integer = Integer::small(-1);

impl<'m, 'a> Evaluator<'m, 'a> {
    /// All groups, by priority and name.
    pub(super) fn groups(&mut self) -> Vec<Group<'a>> {
        let merged = self.merged;
        let mut groups = Vec::new();
        let mut grouped = HashSet::default();
        for (name, section) in merged.of_kind(SectionKind::Group) {
            groups.push(self.group(name, section, &mut grouped));
        }
        for (name, section) in merged.of_kind(SectionKind::Program) {
            if grouped.is_empty() || !grouped.contains(name) {
                groups.push(self.program(name, section));
            }
        }
        for (name, section) in merged.of_kind(SectionKind::EventListener) {
            groups.push(self.event_listener(name, section));
        }
        for (name, section) in merged.of_kind(SectionKind::FcgiProgram) {
            if grouped.is_empty() || !grouped.contains(name) {
                groups.push(self.fcgi_program(name, section));
            }
        }
        groups
            .sort_by(|one, other| sort_priority(one).cmp(sort_priority(other)).then_with(|| one.name.cmp(other.name)));
        groups
    }

    fn group(&mut self, name: Text<'a>, section: &'m Section<'a>, grouped: &mut HashSet<Text<'a>>) -> Group<'a> {
        let merged = self.merged;
        let at = At::new(name, section, merged);
        let group = self.name(&at, None, None, after_colon(name));
        let environment = Rc::clone(&self.environment);
        let scope = &self.scope_g(&at, &environment);
        let mut members = Value::default_of(None::<Members<'a>>);
        self.value(&at, &g::PROGRAMS, scope, &mut members);
        let mut priority = ProgramOptions::STANDARD.priority;
        self.value(&at, &g::PRIORITY, scope, &mut priority);
        let mut processes = Vec::new();
        // Supervisor keeps the group's section and the last member's in one variable, so a message may name the latter.
        let mut speaker = name;
        for member in members.known().into_iter().flatten().flatten().copied() {
            let find = |kind: &str| {
                let at = merged.sections.position(&format!("{kind}:{member}"))?;
                merged.sections.at(at)
            };
            let message = match (find("program"), find("fcgi-program")) {
                (Some((name, section)), None) | (None, Some((name, section))) => {
                    speaker = name;
                    grouped.insert(name);
                    processes.extend(self.processes(name, section, group));
                    continue;
                }
                // It may stand in another file.
                (None, None) if merged.may_have_more() => continue,
                (None, None) => format!("[{speaker}] names unknown program or fcgi-program {member}"),
                (Some(_), Some(_)) => {
                    format!("[{speaker}] name {member} is ambiguous (exists as program and fcgi-program)")
                }
            };
            self.refuse(&at, Some(&g::PROGRAMS), members.place(), member, Cause::Member, message);
        }
        Group { kind: GroupKind::Group, name: group, section: name, header: section.header, priority, processes }
    }

    fn program(&mut self, name: Text<'a>, section: &'m Section<'a>) -> Group<'a> {
        let at = At::new(name, section, self.merged);
        let program = self.name(&at, None, None, after_colon(name));
        let mut priority = ProgramOptions::STANDARD.priority;
        if at.get(&p::PRIORITY).is_some() {
            let environment = Rc::clone(&self.environment);
            self.value(&at, &p::PRIORITY, &self.scope_g(&at, &environment), &mut priority);
        }
        let processes = self.processes(name, section, program);
        Group { kind: GroupKind::Program, name: program, section: name, header: section.header, priority, processes }
    }

    fn event_listener(&mut self, name: Text<'a>, section: &'m Section<'a>) -> Group<'a> {
        let at = At::new(name, section, self.merged);
        let environment = Rc::clone(&self.environment);
        let scope = &self.scope_g(&at, &environment);
        let refused = |message, fault| Fault { message, cause: Cause::EventListener(fault) };
        let mut options = EventListenerOptions::STANDARD;
        let mut priority = Value::default_of(POOL_PRIORITY.clone());
        self.value(&at, &p::PRIORITY, scope, &mut priority);
        self.read(&at, &e::BUFFER_SIZE, scope, &mut options.buffer_size, |text, _| {
            let size = value::integer(text)?;
            if size < Integer::small(1) {
                let message = format!("[{name}] section sets invalid buffer_size ({size})");
                return Err(refused(message, ListenerFault::BufferSize));
            }
            Ok(Converted::Known(size))
        });
        let mut handler = Value::default_of(None);
        self.value(&at, &e::RESULT_HANDLER, scope, &mut handler);
        options.result_handler = self.reference(&at, &e::RESULT_HANDLER, &handler);
        self.read(&at, &e::EVENTS, scope, &mut options.events, |text, _| {
            events(text, name).map_err(|(message, fault)| refused(message, fault))
        });
        let cause = Cause::EventListener(ListenerFault::NoEvents);
        self.require(&at, &e::EVENTS, &mut options.events, cause, || no_events(name));
        self.read(&at, &p::REDIRECT_STDERR, scope, &mut Value::default_of(false), |text, _| {
            if value::boolean(text)? {
                let message = format!(
                    "[{name}] section sets redirect_stderr=true but this is not allowed because it will interfere with the \
                     eventlistener protocol"
                );
                return Err(refused(message, ListenerFault::RedirectsStderr));
            }
            Ok(Converted::Known(false))
        });
        let pool = after_colon(name);
        let processes = self.processes(name, section, pool);
        let kind = GroupKind::EventListener(options.into());
        Group { kind, name: pool, section: name, header: section.header, priority, processes }
    }

    /// `import_spec` of an option: the module is not imported, so a reference that parses is good.
    pub(super) fn reference(
        &mut self,
        at: &At<'_, 'a>,
        key: &'static Key,
        text: &Value<'a, Option<Text<'a>>>,
    ) -> Value<'a, Text<'a>> {
        let origin = text.origin;
        let (text, exit, message) = match text.state {
            State::Known(Some(text)) => match value::reference(text) {
                Reference::Parses => return Value::new(origin, State::Known(text)),
                Reference::Refused => {
                    let message = format!("{text} cannot be resolved within [{}]", at.section);
                    (text, Exit::Usage, message)
                }
                Reference::Relative(message) => (text, Exit::Crash, message),
            },
            State::Known(None) => return Value::default_of(key.default.unwrap_or_default()),
            State::Unknown(text) => return Value::new(origin, State::Unknown(text)),
            State::Refused => return Value::new(origin, State::Refused),
        };
        self.refuse_by(at, Some(key.name), exit, origin.place(), text, Cause::Reference, message);
        Value::new(origin, State::Refused)
    }

    fn fcgi_program(&mut self, name: Text<'a>, section: &'m Section<'a>) -> Group<'a> {
        let at = At::new(name, section, self.merged);
        let program = self.name(&at, None, None, after_colon(name));
        let environment = Rc::clone(&self.environment);
        let scope = &self.scope_g(&at, &environment);
        let mut options = FcgiOptions::STANDARD;
        let mut priority = ProgramOptions::STANDARD.priority;
        self.value(&at, &p::PRIORITY, scope, &mut priority);
        self.value(&at, &p::USER, scope, &mut Value::default_of(None::<Text<'a>>));
        self.read(&at, &f::SOCKET_BACKLOG, scope, &mut options.socket_backlog, |text, _| {
            let backlog = value::integer(text)?;
            if backlog < Integer::small(1) || backlog > Integer::small(65535) {
                return Err(Fault::value(format!("Invalid socket_backlog value {backlog}")));
            }
            Ok(Converted::Known(Some(backlog)))
        });
        self.read(&at, &f::SOCKET_OWNER, scope, &mut options.socket_owner, |text, world| {
            let refused = |cause| Fault { message: format!("Invalid socket_owner value {text}"), cause };
            value::user_and_group(text, world.host).map_err(refused)?;
            Ok(Converted::Known(Some(text)))
        });
        self.read(&at, &f::SOCKET_MODE, scope, &mut options.socket_mode, |text, _| match value::octal(text) {
            Ok(mode) => Ok(Converted::Known(Some(mode))),
            Err(_) => Err(Fault::value(format!("Invalid socket_mode value {text}"))),
        });
        let owned = !matches!(
            (&options.socket_owner.state, &options.socket_mode.state),
            (State::Known(None), State::Known(None))
        );
        let mut names = Scope::environment_first(&environment);
        names.set_text("program_name", program);
        names.set_text("here", self.merged.here);
        let none = || format!("[{name}] section requires a \"socket\" line");
        self.read(&at, &f::SOCKET, &names, &mut options.socket, |text, world| {
            if text.is_empty() {
                return Err(Fault { message: none(), cause: Cause::Required });
            }
            match address::fcgi_socket(text, owned, world) {
                Ok(socket) => Ok(Converted::Known(Some(socket))),
                Err(Fault { message, cause }) => Err(Fault { message: format!("{message} in [{name}] socket"), cause }),
            }
        });
        self.require(&at, &f::SOCKET, &mut options.socket, Cause::Required, none);
        let processes = self.processes(name, section, program);
        let kind = GroupKind::Fcgi(options.into());
        Group { kind, name: program, section: name, header: section.header, priority, processes }
    }
}

/// What follows the colon in the name of a section.
fn after_colon(section: Text<'_>) -> Text<'_> {
    section.split_once(':').map_or("", |(_, name)| name)
}

fn events(text: &str, section: &str) -> Result<Converted<Option<Vec<String>>>, (String, ListenerFault)> {
    let mut names: Vec<String> = value::strings(text).iter().map(|name| name.to_uppercase()).collect();
    if names.is_empty() {
        return Err((no_events(section), ListenerFault::NoEvents));
    }
    names.sort();
    names.dedup();
    // Supervisor walks a set, so which of several unknown names it meets is random; we name the smallest.
    match names.iter().find(|name| EVENTS.binary_search(&name.as_str()).is_err()) {
        None => Ok(Converted::Known(Some(names))),
        Some(unknown) => {
            let message = format!("Unknown event type {unknown} in [{section}] events");
            Err((message, ListenerFault::UnknownEvent(unknown.clone())))
        }
    }
}

fn no_events(section: &str) -> String {
    format!("[{section}] section requires an \"events\" line")
}

/// A priority that is not known sorts as the default.
fn sort_priority<'g>(group: &'g Group<'_>) -> &'g Integer {
    let default: &'static Integer = match group.kind {
        GroupKind::EventListener(_) => &POOL_PRIORITY,
        GroupKind::Group | GroupKind::Program | GroupKind::Fcgi(_) => &PRIORITY,
    };
    group.priority.known().unwrap_or(default)
}
