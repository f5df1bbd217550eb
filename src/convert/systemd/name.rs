//! Unit names: from the identity of a process alone, never from its position (facts 2.2).
use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// `NAME_MAX`, also the longest unit name (facts 2.2) and the longest user name that systemd takes.
pub(super) const LONGEST_NAME: usize = 255;

/// The kind of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// A process.
    Service,
    /// A group.
    Target,
    /// What a program listens on.
    Socket,
    /// What starts a service again and again.
    Timer,
}

impl UnitKind {
    /// The end of the unit's name.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Service => ".service",
            Self::Target => ".target",
            Self::Socket => ".socket",
            Self::Timer => ".timer",
        }
    }
}

/// A name that systemd takes and does not use itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitName(String);

impl UnitName {
    /// `prefix`, the escaped base ([`base`]) and the suffix.
    ///
    /// # Errors
    /// A name that systemd refuses, or that is one of its own.
    pub fn new(prefix: &str, base: &str, kind: UnitKind) -> Result<Self, NameError> {
        if !starts_well(prefix) || !prefix.bytes().all(is_legal) {
            return Err(NameError::Prefix);
        }
        if base.is_empty() {
            return Err(NameError::Empty);
        }
        let mut name = String::with_capacity(prefix.len() + base.len() + kind.suffix().len());
        name.push_str(prefix);
        escape_into(base, &mut name);
        name.push_str(kind.suffix());
        if name.len() > LONGEST_NAME {
            return Err(NameError::TooLong(name.len()));
        }
        if is_reserved(&name) {
            return Err(NameError::Reserved(name));
        }
        Ok(Self(name))
    }

    /// The service of a process.
    ///
    /// # Errors
    /// As [`UnitName::new`], and for an empty name of a program.
    pub fn service(prefix: &str, group: &str, process: &str) -> Result<Self, NameError> {
        if group.is_empty() || process.is_empty() {
            return Err(NameError::Empty);
        }
        Self::new(prefix, &base(group, process), UnitKind::Service)
    }

    /// The template of a program's processes: `web@.service`.
    ///
    /// # Errors
    /// As [`UnitName::service`].
    pub fn template(prefix: &str, group: &str, program: &str) -> Result<Self, NameError> {
        let plain = Self::service(prefix, group, program)?;
        let stem = plain.0.strip_suffix(UnitKind::Service.suffix()).unwrap_or(&plain.0);
        let name = format!("{stem}@{}", UnitKind::Service.suffix());
        if is_reserved(&name) { Err(NameError::Reserved(name)) } else { Ok(Self(name)) }
    }

    /// The instance of a template: `web@00.service`. None where the name would not do.
    #[must_use]
    pub fn instance(&self, number: &str) -> Option<Self> {
        let stem = self.0.strip_suffix(UnitKind::Service.suffix())?.strip_suffix('@')?;
        let name = format!("{stem}@{number}{}", UnitKind::Service.suffix());
        (is_instance(number) && name.len() <= LONGEST_NAME).then_some(Self(name))
    }

    /// A target as somebody calls it: `shop` or `shop.target`.
    ///
    /// # Errors
    /// A name that is written with other characters than a prefix, or that is one of systemd's own.
    pub fn target(text: &str) -> Result<Self, NameError> {
        let suffix = UnitKind::Target.suffix();
        let stem = text.strip_suffix(suffix).unwrap_or(text);
        // `shop.service` is no target; a dot elsewhere is a character like others.
        if stem.is_empty() || !starts_well(stem) || !stem.bytes().all(is_legal) || is_of_others(stem) {
            return Err(NameError::Target);
        }
        Self::new("", stem, UnitKind::Target)
    }

    /// A unit of somebody else by its full name: `redis-server.service`, `postgresql@15-main.service`.
    ///
    /// # Errors
    /// What is no name of a unit (systemd.unit(5)), or one that starts after all services.
    pub fn other(text: &str) -> Result<Self, NameError> {
        let stem = SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix));
        let legal = |byte| is_legal(byte) || matches!(byte, b':' | b'@' | b'\\');
        if text.len() > LONGEST_NAME || !stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(legal)) {
            return Err(NameError::Other);
        }
        if LATER.contains(&text) {
            return Err(NameError::Later);
        }
        Ok(Self(text.to_owned()))
    }

    /// What stands before the suffix.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.rsplit_once('.').map_or(&self.0, |(stem, _)| stem)
    }

    /// A name for files that belong to the unit, in characters that mean nothing to anybody: `w@` for `w@.service`, and `=5c`
    /// for a backslash. The path of `EnvironmentFile=` is a pattern, to which `@` is a plain character (facts 4.5).
    #[must_use]
    pub fn file_stem(&self) -> String {
        let mut out = String::new();
        for byte in self.stem().bytes() {
            if byte.is_ascii_alphanumeric() || b"._-@".contains(&byte) {
                out.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(out, "={byte:02x}");
            }
        }
        out
    }

    /// The name, which is the name of the file too.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<UnitName> for String {
    fn from(name: UnitName) -> Self {
        name.0
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no unit of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing to name it by.
    Empty,
    /// Longer than systemd's 255 bytes; holds the length.
    TooLong(usize),
    /// One of systemd's own; holds the name.
    Reserved(String),
    /// The prefix has a character that no unit name has, or begins with `.` or `-`.
    Prefix,
    /// The name of the target has such a character, begins so, or is that of another kind of unit.
    Target,
    /// No name of a unit.
    Other,
    /// A unit that itself comes after the services.
    Later,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a program without a name gets no unit: give it a name"),
            Self::TooLong(length) => {
                write!(f, "the unit's name has {length} bytes, more than systemd's {LONGEST_NAME}: shorten the name")
            }
            Self::Reserved(name) => {
                write!(f, "{name} is one of systemd's own units, and this one would replace it: use --prefix")
            }
            Self::Prefix => f.write_str(
                "a prefix has only ASCII letters, digits, `_`, `-` and `.`, and does not begin with `-` or `.`",
            ),
            Self::Target => f.write_str(
                "a target's name has only ASCII letters, digits, `_`, `-` and `.`, and does not begin with `-` or `.`",
            ),
            Self::Other => f.write_str("not the name of a unit: write it in full, with .service at its end"),
            Self::Later => f.write_str("that target starts after the services, so they cannot wait for it"),
        }
    }
}

/// The process alone where it says its group already, else `group-process`.
#[must_use]
pub fn base<'p>(group: &str, process: &'p str) -> Cow<'p, str> {
    joined(group, "-", process)
}

/// The same for people: `web`, `web_00`, `group:process`.
#[must_use]
pub fn described<'p>(group: &str, process: &'p str) -> Cow<'p, str> {
    joined(group, ":", process)
}

fn joined<'p>(group: &str, between: &str, process: &'p str) -> Cow<'p, str> {
    let telling = process.strip_prefix(group).is_some_and(|rest| {
        rest.chars().next().is_none_or(|next| matches!(next, '_' | '-' | '.') || next.is_ascii_digit())
    });
    if telling { process.into() } else { [group, between, process].concat().into() }
}

/// Injective: two different names never meet by escaping. Not `systemd-escape`, which escapes `-` too.
#[must_use]
pub fn escape(base: &str) -> String {
    let mut out = String::with_capacity(base.len());
    escape_into(base, &mut out);
    out
}

fn escape_into(base: &str, out: &mut String) {
    for (index, byte) in base.bytes().enumerate() {
        if is_legal(byte) && !(index == 0 && matches!(byte, b'.' | b'-')) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

/// Whether a text can be the name of an instance as it stands: digits, a sign before them.
#[must_use]
pub(super) fn is_instance(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_legal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn starts_well(text: &str) -> bool {
    !text.starts_with(['.', '-'])
}

/// Whether a text ends as the name of a unit that is no target.
fn is_of_others(text: &str) -> bool {
    SUFFIXES.iter().any(|suffix| text.ends_with(suffix))
}

/// The ends of the names of units (systemd.unit(5)).
const SUFFIXES: &[&str] = &[
    ".service",
    ".socket",
    ".device",
    ".mount",
    ".automount",
    ".swap",
    ".target",
    ".path",
    ".timer",
    ".slice",
    ".scope",
];

/// What comes after everything that is started at boot, or at its end (systemd.special(7)).
const LATER: &[&str] =
    &["default.target", "graphical.target", "multi-user.target", "shutdown.target", "reboot.target", "poweroff.target"];

/// systemd.special(7) of 252, with the aliases that its package installs.
#[rustfmt::skip] // A line a word would hide the rest of the file.
const TARGETS: &[&str] = &[
    "basic", "bluetooth", "boot-complete", "cryptsetup", "cryptsetup-pre", "ctrl-alt-del", "default", "emergency",
    "exit", "factory-reset", "final", "first-boot-complete", "getty", "getty-pre", "graphical", "halt", "hibernate",
    "hybrid-sleep", "integritysetup", "integritysetup-pre", "kbrequest", "kexec", "local-fs", "local-fs-pre",
    "machines", "multi-user", "network", "network-online", "network-pre", "nss-lookup", "nss-user-lookup", "paths",
    "poweroff", "printer", "reboot", "remote-cryptsetup", "remote-fs", "remote-fs-pre", "remote-veritysetup", "rescue",
    "rpcbind", "runlevel0", "runlevel1", "runlevel2", "runlevel3", "runlevel4", "runlevel5", "runlevel6", "shutdown",
    "sigpwr", "sleep", "slices", "smartcard", "sockets", "sound", "suspend", "suspend-then-hibernate", "swap",
    "sysinit", "system-update", "system-update-pre", "time-set", "time-sync", "timers", "umount", "usb-gadget",
    "veritysetup", "veritysetup-pre",
];

/// systemd's own services beside those that begin as [`PREFIXES`] do (systemd.special(7), Debian's package of 252).
#[rustfmt::skip] // A line a word would hide the rest of the file.
const SERVICES: &[&str] = &[
    "autovt@", "console-getty", "container-getty@", "dbus", "debug-shell", "display-manager", "emergency", "getty@",
    "getty-static", "kmod-static-nodes", "modprobe@", "quotaon", "rc-local", "rescue", "serial-getty@",
    "system-update-cleanup", "user@", "user-runtime-dir@",
];

const PREFIXES: &[&str] = &["systemd-", "initrd-", "dbus-org.freedesktop."];

/// Whether a file of this name would replace one of systemd's own units. Run: a group called `network` took over
/// `network.target` (facts 2.2).
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let is = |suffix, own: &[&str]| name.strip_suffix(suffix).is_some_and(|stem| own.contains(&stem));
    is(".target", TARGETS)
        || name == "initrd.target"
        || is(".service", SERVICES)
        || name == "dbus.socket"
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The names that several owners would have, each with its owners in their order. Sorted by name.
pub fn collisions<'n, T>(units: impl IntoIterator<Item = (&'n UnitName, T)>) -> Vec<(&'n UnitName, Vec<T>)> {
    let mut all: Vec<(&UnitName, T)> = units.into_iter().collect();
    all.sort_by_key(|(name, _)| *name);
    let mut found: Vec<(&UnitName, Vec<T>)> = Vec::new();
    let mut all = all.into_iter().peekable();
    while let Some((name, owner)) = all.next() {
        let mut owners = vec![owner];
        while let Some((_, owner)) = all.next_if(|(next, _)| *next == name) {
            owners.push(owner);
        }
        if owners.len() > 1 {
            found.push((name, owners));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(group: &str, process: &str) -> Result<String, NameError> {
        UnitName::service("", group, process).map(|name| name.0)
    }

    #[test]
    fn a_process_that_names_its_group_stands_alone() {
        for (group, process, expected) in [
            ("web", "web", "web"),
            ("web", "web_00", "web_00"),
            ("web", "web0", "web0"),
            ("web", "web-a", "web-a"),
            ("web", "web.a", "web.a"),
            ("web", "website", "web-website"),
            ("g", "m1", "g-m1"),
            ("web", "app", "web-app"),
        ] {
            assert_eq!(base(group, process), expected);
        }
    }

    #[test]
    fn escapes() {
        for (text, expected) in [
            ("dash-ed_0.x", "dash-ed_0.x"),
            (".lead", "\\x2elead"),
            ("-lead", "\\x2dlead"),
            ("at@sign", "at\\x40sign"),
            ("back\\slash", "back\\x5cslash"),
            ("é\n", "\\xc3\\xa9\\x0a"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn refuses() {
        assert_eq!(service("", ""), Err(NameError::Empty));
        assert_eq!(service("g", ""), Err(NameError::Empty));
        let long = |length: usize| service("g", &"g".repeat(length - ".service".len()).replacen("gg", "g-", 1));
        assert_eq!(long(255).map(|name| name.len()), Ok(255));
        assert_eq!(long(256), Err(NameError::TooLong(256)));
        for name in ["rescue", "systemd-journald", "initrd-cleanup"] {
            assert_eq!(service(name, name), Err(NameError::Reserved(format!("{name}.service"))));
        }
        assert_eq!(service("network", "network").as_deref(), Ok("network.service"));
        let target = |prefix, base| UnitName::new(prefix, base, UnitKind::Target).map(|name| name.0);
        assert_eq!(target("", "network"), Err(NameError::Reserved("network.target".to_owned())));
        assert_eq!(target("sup-", "network").as_deref(), Ok("sup-network.target"));
        for prefix in ["-a", ".a", "a@", "a/", "a\n"] {
            assert_eq!(target(prefix, "network"), Err(NameError::Prefix));
        }
    }

    #[test]
    fn a_target_is_named_with_and_without_its_suffix() {
        let target = |text| UnitName::target(text).map(|name| name.0);
        for (text, expected) in [("shop", "shop.target"), ("shop.target", "shop.target"), ("my.shop", "my.shop.target")]
        {
            assert_eq!(target(text).as_deref(), Ok(expected));
        }
        for text in ["", ".target", "-a", ".a", "a@", "a b", "a/b", "a\n", "shop.service", "shop.service.target", "é"]
        {
            assert_eq!(target(text), Err(NameError::Target), "{text:?}");
        }
        assert_eq!(target("network"), Err(NameError::Reserved("network.target".to_owned())));
        assert_eq!(target(&"a".repeat(249)), Err(NameError::TooLong(256)));
    }

    #[test]
    fn a_unit_of_others_is_named_in_full() {
        for text in [
            "redis-server.service",
            "postgresql@15-main.service",
            "dev-disk-by\\x2did.device",
            "srv.mount",
            "a.b.target",
        ] {
            assert_eq!(UnitName::other(text).map(|name| name.0).as_deref(), Ok(text));
        }
        for text in [
            "",
            "redis",
            ".service",
            "a b.service",
            "a.service ",
            "a%n.service",
            "a.service\nUser=root",
            "a.conf",
            "é.service",
        ] {
            assert_eq!(UnitName::other(text), Err(NameError::Other), "{text:?}");
        }
        assert_eq!(UnitName::other("multi-user.target"), Err(NameError::Later));
    }

    #[test]
    fn files_of_a_unit() {
        let stem = |name: &str| UnitName(name.to_owned()).file_stem();
        assert_eq!((stem("w@.service"), stem("a\\x20b.c.service")), ("w@".to_owned(), "a=5cx20b.c".to_owned()));
    }

    #[test]
    fn collisions_name_their_owners() {
        let units: Vec<_> = [("a", "b-c"), ("x", "x"), ("a-b", "c")]
            .into_iter()
            .filter_map(|(group, process)| Some((UnitName::service("", group, process).ok()?, (group, process))))
            .collect();
        let found = collisions(units.iter().map(|(name, owner)| (name, *owner)));
        let shown: Vec<_> = found.iter().map(|(name, owners)| (name.as_str(), owners.as_slice())).collect();
        assert_eq!(shown, [("a-b-c.service", [("a", "b-c"), ("a-b", "c")].as_slice())]);
    }
}
