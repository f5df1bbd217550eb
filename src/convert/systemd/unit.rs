//! Typed units, one field a directive, and their writer.
use std::fmt;

use super::escape::{Comment, UnitValue};
use crate::convert::{FileText, Shared};

/// The place of a directive: comments stand there with or without it (facts 2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Written as lines of their own before the directive; systemd has no comments after a value.
    pub comments: Vec<Comment>,
    /// The directive, where it is written.
    pub value: Option<UnitValue>,
}

impl From<UnitValue> for Entry {
    fn from(value: UnitValue) -> Self {
        Self { comments: Vec::new(), value: Some(value) }
    }
}

impl From<Option<UnitValue>> for Entry {
    fn from(value: Option<UnitValue>) -> Self {
        Self { comments: Vec::new(), value }
    }
}

/// A field of a unit: one directive, or one that may stand several times.
trait Field {
    fn entries(&self) -> &[Entry];
    fn entries_mut(&mut self) -> &mut [Entry];
}

impl Field for Entry {
    fn entries(&self) -> &[Entry] {
        std::slice::from_ref(self)
    }

    fn entries_mut(&mut self) -> &mut [Entry] {
        std::slice::from_mut(self)
    }
}

impl Field for Vec<Entry> {
    fn entries(&self) -> &[Entry] {
        self
    }

    fn entries_mut(&mut self) -> &mut [Entry] {
        self
    }
}

/// A section of a unit file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitSection {
    /// `[Unit]`
    Unit,
    /// `[Service]`
    Service,
    /// `[Socket]`
    Socket,
    /// `[Timer]`
    Timer,
    /// `[Install]`
    Install,
}

impl UnitSection {
    /// The line that begins it.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Unit => "[Unit]",
            Self::Service => "[Service]",
            Self::Socket => "[Socket]",
            Self::Timer => "[Timer]",
            Self::Install => "[Install]",
        }
    }
}

/// The places of all directives of a unit, in the order of the file.
trait Places {
    fn places(&mut self) -> Vec<&mut [Entry]>;
}

/// A directive with its section.
type Directive<'u> = (UnitSection, &'static str, &'u [Entry]);

/// Makes a kind of unit and the order of its directives from one list. Its Display form is the file; the order of the fields is
/// that of the file (facts 2.6).
macro_rules! unit {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$own_meta:meta])* $own:ident: $own_type:ty,)* }
        $($(#[$meta:meta])* $section:ident $field:ident: $type:ty = $key:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            /// Identity only, no date, version or argv: the same input gives the same bytes.
            pub header: Vec<Comment>,
            /// What is lost and has no place of its own, at the head of the unit's own section.
            pub remarks: Vec<Comment>,
            $($(#[$own_meta])* pub $own: $own_type,)*
            $($(#[$meta])* pub $field: $type,)*
        }

        impl $name {
            /// All directives that it can have, in the order of the file.
            pub const DIRECTIVES: &'static [(UnitSection, &'static str)] = &[$((UnitSection::$section, $key)),*];

            /// Each directive with its section, in the order of the file.
            fn directives(&self) -> [Directive<'_>; Self::DIRECTIVES.len()] {
                [$((UnitSection::$section, $key, Field::entries(&self.$field))),*]
            }

            /// The file.
            pub(super) fn text(&self) -> UnitText {
                UnitText::of(&self.header, &self.remarks, &self.directives())
            }
        }

        impl Places for $name {
            fn places(&mut self) -> Vec<&mut [Entry]> {
                vec![$(Field::entries_mut(&mut self.$field)),*]
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.text().text.fmt(f)
            }
        }
    };
}

unit! {
    /// A service: what runs a process.
    ServiceUnit {
        /// Variables that stand in a file of their own, by name and value.
        secrets: Vec<(String, String)>,
    }
    /// systemd.unit(5)
    Unit description: Entry = "Description";
    /// systemd.unit(5): the last line, if there are several, names what has a lower priority.
    Unit after: Vec<Entry> = "After";
    /// systemd.unit(5)
    Unit wants: Entry = "Wants";
    /// systemd.unit(5)
    Unit requires: Entry = "Requires";
    /// systemd.unit(5): is stopped and restarted with these.
    Unit part_of: Entry = "PartOf";
    /// systemd.unit(5)
    Unit requires_mounts_for: Entry = "RequiresMountsFor";
    /// systemd.unit(5)
    Unit start_limit_interval_sec: Entry = "StartLimitIntervalSec";
    /// systemd.unit(5)
    Unit start_limit_burst: Entry = "StartLimitBurst";
    /// systemd.unit(5): what is started where this one has failed.
    Unit on_failure: Vec<Entry> = "OnFailure";
    /// systemd.service(5)
    Service service_type: Entry = "Type";
    /// systemd.service(5); `--tune`.
    Service notify_access: Entry = "NotifyAccess";
    /// systemd.exec(5)
    Service user: Entry = "User";
    /// systemd.exec(5)
    Service working_directory: Entry = "WorkingDirectory";
    /// systemd.exec(5); `--tune`.
    Service runtime_directory: Entry = "RuntimeDirectory";
    /// systemd.exec(5)
    Service umask: Entry = "UMask";
    /// systemd.exec(5)
    Service limit_nofile: Entry = "LimitNOFILE";
    /// systemd.exec(5)
    Service limit_nproc: Entry = "LimitNPROC";
    /// systemd.resource-control(5)
    Service tasks_max: Entry = "TasksMax";
    /// systemd.service(5)
    Service oom_policy: Entry = "OOMPolicy";
    /// systemd.exec(5); the last assignment of a name wins.
    Service environment: Vec<Entry> = "Environment";
    /// systemd.exec(5): its variables win over those of `Environment=`.
    Service environment_file: Entry = "EnvironmentFile";
    /// systemd.exec(5)
    Service unset_environment: Entry = "UnsetEnvironment";
    /// systemd.exec(5), 250 and newer.
    Service exec_search_path: Entry = "ExecSearchPath";
    /// systemd.service(5)
    Service exec_start: Entry = "ExecStart";
    /// systemd.service(5): what runs after each end.
    Service exec_stop_post: Vec<Entry> = "ExecStopPost";
    /// systemd.service(5)
    Service sockets: Entry = "Sockets";
    /// systemd.exec(5)
    Service standard_input: Entry = "StandardInput";
    /// systemd.exec(5)
    Service standard_output: Entry = "StandardOutput";
    /// systemd.exec(5)
    Service standard_error: Entry = "StandardError";
    /// systemd.exec(5)
    Service syslog_identifier: Entry = "SyslogIdentifier";
    /// systemd.exec(5)
    Service syslog_facility: Entry = "SyslogFacility";
    /// systemd.exec(5)
    Service syslog_level: Entry = "SyslogLevel";
    /// systemd.exec(5)
    Service syslog_level_prefix: Entry = "SyslogLevelPrefix";
    /// systemd.service(5)
    Service restart: Entry = "Restart";
    /// systemd.service(5)
    Service restart_sec: Entry = "RestartSec";
    /// systemd.service(5), 254 and newer: `OnFailure=` waits until no restart follows.
    Service restart_mode: Entry = "RestartMode";
    /// systemd.service(5)
    Service success_exit_status: Entry = "SuccessExitStatus";
    /// systemd.service(5)
    Service restart_force_exit_status: Entry = "RestartForceExitStatus";
    /// systemd.kill(5)
    Service kill_signal: Entry = "KillSignal";
    /// systemd.kill(5)
    Service kill_mode: Entry = "KillMode";
    /// systemd.service(5); `--tune`.
    Service timeout_start_sec: Entry = "TimeoutStartSec";
    /// systemd.service(5)
    Service timeout_stop_sec: Entry = "TimeoutStopSec";
    /// systemd.exec(5); `--harden`.
    Service no_new_privileges: Entry = "NoNewPrivileges";
    /// systemd.exec(5); `--harden`.
    Service capability_bounding_set: Entry = "CapabilityBoundingSet";
    /// systemd.exec(5); `--harden`.
    Service restrict_realtime: Entry = "RestrictRealtime";
    /// systemd.exec(5); `--harden`.
    Service lock_personality: Entry = "LockPersonality";
    /// systemd.exec(5); `--harden`.
    Service protect_control_groups: Entry = "ProtectControlGroups";
    /// systemd.unit(5)
    Install wanted_by: Entry = "WantedBy";
}

unit! {
    /// A target: what is started and stopped together.
    TargetUnit {}
    /// systemd.unit(5)
    Unit description: Entry = "Description";
    /// systemd.unit(5): a target that is part of another comes after it, unless it says so.
    Unit before: Entry = "Before";
    /// systemd.unit(5)
    Unit part_of: Entry = "PartOf";
    /// systemd.unit(5)
    Install wanted_by: Entry = "WantedBy";
    /// systemd.unit(5): what is enabled and disabled with it.
    Install also: Vec<Entry> = "Also";
}

unit! {
    /// A socket: what systemd listens on for services.
    SocketUnit {}
    /// systemd.unit(5)
    Unit description: Entry = "Description";
    /// systemd.unit(5)
    Unit part_of: Entry = "PartOf";
    /// systemd.unit(5): without it a connection would start what was stopped.
    Unit stop_when_unneeded: Entry = "StopWhenUnneeded";
    /// systemd.socket(5)
    Socket listen_stream: Entry = "ListenStream";
    /// systemd.socket(5)
    Socket user: Entry = "SocketUser";
    /// systemd.socket(5)
    Socket group: Entry = "SocketGroup";
    /// systemd.socket(5); systemd's own default is 0666.
    Socket mode: Entry = "SocketMode";
    /// systemd.socket(5)
    Socket backlog: Entry = "Backlog";
    /// systemd.socket(5): the service, where it is called otherwise.
    Socket service: Entry = "Service";
}

unit! {
    /// A timer: what starts a service again and again.
    TimerUnit {}
    /// systemd.unit(5)
    Unit description: Entry = "Description";
    /// systemd.unit(5)
    Unit part_of: Entry = "PartOf";
    /// systemd.timer(5): after its own start.
    Timer on_active_sec: Entry = "OnActiveSec";
    /// systemd.timer(5): after the start of the service.
    Timer on_unit_active_sec: Entry = "OnUnitActiveSec";
    /// systemd.timer(5); systemd's own default is a minute.
    Timer accuracy_sec: Entry = "AccuracySec";
    /// systemd.unit(5)
    Install wanted_by: Entry = "WantedBy";
}

/// Directives in which `%i` expands and in which processes of one program can differ (facts 2.3).
static INSTANCED: &[&str] = &[
    "Description",
    "RequiresMountsFor",
    "WorkingDirectory",
    "Environment",
    "ExecStart",
    "ExecStopPost",
    "StandardOutput",
    "StandardError",
    "SyslogIdentifier",
];

impl ServiceUnit {
    /// The template of which `units` are the instances called `numbers`: systemd makes exactly these units of it. None
    /// where no template does.
    #[must_use]
    pub fn template(units: &[&Self], numbers: &[&str]) -> Option<Box<Self>> {
        let (first, _) = units.split_first()?;
        let mut template = Box::new((*first).clone());
        template.header = comments_of(&units.iter().map(|unit| unit.header.as_slice()).collect::<Vec<_>>(), numbers)?;
        template.remarks = comments_of(&units.iter().map(|unit| unit.remarks.as_slice()).collect::<Vec<_>>(), numbers)?;
        // There are no specifiers in the file.
        if units.iter().any(|unit| unit.secrets != first.secrets) {
            return None;
        }
        let directives: Vec<_> = units.iter().map(|unit| unit.directives()).collect();
        for (at, merged) in template.places().into_iter().enumerate() {
            let same: Vec<&Directive<'_>> = directives.iter().filter_map(|directives| directives.get(at)).collect();
            let (_, key, _) = same.first()?;
            if same.iter().any(|(_, _, entries)| entries.len() != merged.len()) {
                return None;
            }
            for (at, entry) in merged.iter_mut().enumerate() {
                let entries: Vec<&Entry> = same.iter().filter_map(|(_, _, entries)| entries.get(at)).collect();
                let texts: Vec<&[Comment]> = entries.iter().map(|entry| entry.comments.as_slice()).collect();
                entry.comments = comments_of(&texts, numbers)?;
                let values: Vec<Option<&UnitValue>> = entries.iter().map(|entry| entry.value.as_ref()).collect();
                if values.iter().any(|value| *value != entry.value.as_ref()) {
                    let values: Vec<&UnitValue> = values.into_iter().collect::<Option<_>>()?;
                    entry.value = Some(UnitValue::instanced(&values, numbers).filter(|_| INSTANCED.contains(key))?);
                }
            }
        }
        Some(template)
    }
}

/// The comments of instances as those of their template.
fn comments_of(all: &[&[Comment]], numbers: &[&str]) -> Option<Vec<Comment>> {
    let count = all.first()?.len();
    let line = |at: usize| {
        let same: Vec<&Comment> = all.iter().filter_map(|comments| comments.get(at)).collect();
        Comment::instanced(&same, numbers)
    };
    if all.iter().any(|comments| comments.len() != count) { None } else { (0..count).map(line).collect() }
}

/// Bytes that most units do not reach.
const USUAL: usize = 1536;

/// The text of a unit, with the places at which only the whole plan knows what to write. A unit is kept as text: a hundred
/// thousand of them are in memory at once.
#[derive(Clone, Debug, Default)]
pub(super) struct UnitText {
    text: FileText,
    /// After the `After=` lines.
    after: usize,
    /// After the remarks.
    remarks: usize,
}

impl UnitText {
    /// Writes a unit. Its sections stand there even where they are empty, but for `[Install]`.
    fn of(header: &[Comment], remarks: &[Comment], directives: &[Directive<'_>]) -> Self {
        let mut text = String::with_capacity(USUAL);
        let (mut after, mut remarked) = (0, 0);
        add_comments(&mut text, header);
        let sections = || directives.iter().map(|(section, ..)| *section);
        let own = sections()
            .find(|section| matches!(section, UnitSection::Service | UnitSection::Socket | UnitSection::Timer));
        let mut last = None;
        for (section, key, entries) in directives {
            let written = entries.iter().any(|entry| *entry != Entry::default());
            if last != Some(*section) && (written || *section != UnitSection::Install) {
                text.extend([if last.is_some() { "\n" } else { "" }, section.header(), "\n"]);
                last = Some(*section);
                if *section == own.unwrap_or(UnitSection::Unit) {
                    add_comments(&mut text, remarks);
                    remarked = text.len();
                }
            }
            for Entry { comments, value } in *entries {
                add_comments(&mut text, comments);
                if let Some(value) = value {
                    text.extend([key, "=", value.as_str(), "\n"]);
                }
            }
            if *key == "After" {
                after = text.len();
            }
        }
        Self { text: text.into(), after, remarks: remarked }
    }

    /// The same, with what other units have too kept once.
    pub fn sharing(self, shared: &mut Shared) -> Self {
        let own = |line: &str| {
            let key = line.split_once('=').map_or("", |(key, _)| key);
            line.starts_with("# supconv: [") || INSTANCED.contains(&key) || key == "User"
        };
        Self { text: shared.text(self.text.into(), own), ..self }
    }

    /// One more `After=`.
    pub fn add_after(&mut self, units: &UnitValue, shared: &mut Shared) {
        let line = format!("After={}\n", units.as_str());
        self.insert(self.after, &line, shared);
        self.after += line.len();
        self.remarks += line.len();
    }

    /// One more remark.
    pub fn add_remark(&mut self, remark: &Comment, shared: &mut Shared) {
        let line = format!("# {}\n", remark.as_str());
        self.insert(self.remarks, &line, shared);
        self.remarks += line.len();
    }

    fn insert(&mut self, at: usize, line: &str, shared: &mut Shared) {
        let mut unit = std::mem::take(self);
        let mut text = String::from(unit.text);
        text.insert_str(at, line);
        unit.text = text.into();
        *self = unit.sharing(shared);
    }
}

fn add_comments(text: &mut String, comments: &[Comment]) {
    for comment in comments {
        text.extend(["# ", comment.as_str(), "\n"]);
    }
}

impl From<UnitText> for FileText {
    fn from(unit: UnitText) -> Self {
        unit.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_service_has_its_sections() {
        assert_eq!(ServiceUnit::default().to_string(), "[Unit]\n\n[Service]\n");
    }

    #[test]
    fn comments_stand_at_their_place() {
        let service = ServiceUnit {
            header: vec![Comment::note("[program:web]\nUser=root")],
            description: UnitValue::description("web").into(),
            after: vec![UnitValue::NETWORK_TARGET.into()],
            remarks: vec![Comment::note("lost")],
            service_type: UnitValue::EXEC.into(),
            limit_nofile: Entry { comments: vec![Comment::text("a floor")], value: None },
            wanted_by: UnitValue::MULTI_USER_TARGET.into(),
            ..ServiceUnit::default()
        };
        let expected = "# supconv: [program:web]\\x0aUser=root\n[Unit]\nDescription=web\n\
                        After=network.target\n\n[Service]\n# supconv: lost\nType=exec\n# a floor\n\n[Install]\n\
                        WantedBy=multi-user.target\n";
        assert_eq!(service.to_string(), expected);
    }
}
