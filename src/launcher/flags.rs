//! `ExecStart=`: the flags that supervisord is given, which win over its file.

use crate::python;
use crate::python::shlex;

/// supervisord's own flags, as far as rules ask for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-n`.
    pub nodaemon: bool,
    /// `-c`.
    pub configuration: Option<String>,
    /// `-u`.
    pub user: Option<String>,
    /// `-m`.
    pub umask: Option<String>,
    /// `-a`.
    pub minfds: Option<i64>,
    /// `--minprocs`.
    pub minprocs: Option<i64>,
    /// Whether a variable may bring further ones.
    pub variable: bool,
}

/// The long flags of `ServerOptions`, and the letter of each that has one; `true`: it takes a value.
static FLAGS: &[(&str, char, bool)] = &[
    ("configuration", 'c', true),
    ("user", 'u', true),
    ("umask", 'm', true),
    ("directory", 'd', true),
    ("logfile", 'l', true),
    ("logfile_maxbytes", 'y', true),
    ("logfile_backups", 'z', true),
    ("loglevel", 'e', true),
    ("pidfile", 'j', true),
    ("identifier", 'i', true),
    ("childlogdir", 'q', true),
    ("minfds", 'a', true),
    ("minprocs", '\0', true),
    ("profile_options", '\0', true),
    ("nodaemon", 'n', false),
    ("nocleanup", 'k', false),
    ("strip_ansi", 't', false),
    ("silent", 's', false),
    ("version", 'v', false),
    ("help", 'h', false),
];

impl Flags {
    /// The flags in a command line that starts supervisord by its name, an interpreter before it or not.
    #[must_use]
    pub fn of(command: &str) -> Option<Self> {
        let command = command.trim_start_matches(['-', '@', ':', '+', '!', '|']);
        // systemd's quotes are nearly a shell's; a line that is none has no flags that we could name.
        let words = shlex::split(command).ok()?;
        let mut words = words.iter().map(|word| &*word.text);
        words.find(|word| matches!(python::basename(word), "supervisord" | "supervisor.supervisord"))?;
        Some(Self::given(words))
    }

    /// The flags in the words after supervisord's name.
    #[must_use]
    pub fn given<'w>(mut words: impl Iterator<Item = &'w str>) -> Self {
        let mut flags = Self::default();
        // As getopt does: letters together, a value after its letter or in the next word, a long name cut short.
        while let Some(word) = words.next() {
            if word.starts_with('$') {
                flags.variable = true;
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                let exact = FLAGS.iter().find(|(long, _, _)| *long == name);
                let Some((name, _, takes)) = exact.or_else(|| FLAGS.iter().find(|(long, _, _)| long.starts_with(name)))
                else {
                    continue;
                };
                let value = if *takes { value.or_else(|| words.next()) } else { None };
                flags.set(name, value);
            } else if let Some(letters) = word.strip_prefix('-') {
                for (at, letter) in letters.char_indices() {
                    let Some((name, _, takes)) = FLAGS.iter().find(|(_, known, _)| *known == letter) else { continue };
                    if *takes {
                        let value = letters.get(at + letter.len_utf8()..).filter(|value| !value.is_empty());
                        flags.set(name, value.or_else(|| words.next()));
                        break;
                    }
                    flags.set(name, None);
                }
            } else {
                break;
            }
        }
        flags
    }

    fn set(&mut self, name: &str, value: Option<&str>) {
        let text = || value.map(str::to_owned);
        let number = || value.and_then(|value| value.trim().parse().ok());
        match name {
            "nodaemon" => self.nodaemon = true,
            "configuration" => self.configuration = text(),
            "user" => self.user = text(),
            "umask" => self.umask = text(),
            "minfds" => self.minfds = number(),
            "minprocs" => self.minprocs = number(),
            _ => {}
        }
    }
}
