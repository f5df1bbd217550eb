//! The programs that have options of their own for a password, and which of them run in a command line: such an option is one
//! of theirs only there.

use super::words::Words;
use crate::python;

/// How a program takes a password.
pub(super) struct Client {
    /// How it is called; a `*` at the end stands for more.
    names: &'static [&'static str],
    /// The letter of its option; without one a word of it is `user/password@database`.
    pub letter: Option<char>,
    /// Whether the password is in the same word.
    pub joined: bool,
    /// Whether it may be the next word.
    pub apart: bool,
    /// The sign between the user and the password.
    pub user: Option<char>,
}

/// A word that is `-pX` of a program, `-p X`, or both.
macro_rules! client {
    ($letter:literal, $joined:literal, $apart:literal, $user:expr, $($name:literal)*) => {
        Client { names: &[$($name),*], letter: Some($letter), joined: $joined, apart: $apart, user: $user }
    };
}

static CLIENTS: &[Client] = &[
    client!('p', true, false, None, "mysql*" "mariadb*" "7z" "7za"),
    client!('p', true, true, None, "sshpass" "supervisorctl" "mongo" "mongosh" "mongodump" "mongorestore" "mongoexport"
        "mongoimport" "rabbitmqadmin" "cqlsh" "mycli" "login"),
    client!('a', true, true, None, "redis-cli" "valkey-cli" "keydb-cli"),
    client!('w', true, true, None, "ldap*"),
    client!('P', true, true, None, "sqlcmd" "bcp" "zip" "unzip" "mosquitto_pub" "mosquitto_sub" "ipmitool"),
    client!('k', false, true, None, "openssl"),
    client!('u', true, true, Some(':'), "curl"),
    client!('U', true, true, Some(':'), "curl"),
    client!('U', true, true, Some('%'), "smbclient" "rpcclient"),
    client!('u', true, true, Some(','), "lftp"),
    Client {
        names: &["sqlplus", "sqlldr", "expdp", "impdp", "rman", "sqlcl"],
        letter: None,
        joined: true,
        apart: false,
        user: None,
    },
];

/// What a program stands behind, perhaps with a word between: `env A=b mysql`, `gosu user mysql`, `exec db mysql`.
static WRAPPERS: Words = words!(
    "sh bash dash ash zsh ksh busybox env sudo doas su gosu su-exec chroot exec command eval nohup nice ionice time \
     timeout stdbuf setsid xargs watch flock if then else do while until tini dumb-init runuser setpriv chpst \
     setuidgid s6-setuidgid nsenter strace systemd-run ssh -exec --"
);

/// The clients that run in the command that is read.
pub(super) struct Running {
    /// A bit for each of [`CLIENTS`].
    clients: u16,
    /// Whether the next word may be the program.
    program: bool,
    /// Whether one word more may stand before it.
    one_more: bool,
    /// Whether the command ended with the last word.
    ended: bool,
}

impl Default for Running {
    fn default() -> Self {
        Self { clients: 0, program: true, one_more: false, ended: false }
    }
}

impl Running {
    /// Whether another command begins at this word, or behind it.
    pub fn begins_at(&mut self, word: &str) -> bool {
        let begins = self.ended || matches!(word, ";" | "|" | "&&" | "||" | "&");
        if begins {
            *self = Self::default();
        }
        self.ended = word.ends_with(';');
        begins
    }

    /// Takes the next word. `is_quoted`: it is the first of several in quotes, which may be a command of their own.
    pub fn see(&mut self, word: &str, is_quoted: bool) {
        // `(mysql`, `a=$(mysql`.
        let bare = word.rsplit('(').next().unwrap_or(word).trim_start_matches(['{', '!', '|', '&', ';']);
        let opens = bare.len() < word.len() || is_quoted;
        let name = python::basename(bare.trim_end_matches(';'));
        let is_option = word.starts_with('-');
        // `docker login`: a command of a program.
        if (self.program || opens || word == "login") && !is_option {
            let bits = CLIENTS.iter().enumerate().filter(|(_, client)| client.is_called(name));
            self.clients = bits.fold(self.clients, |clients, (number, _)| clients | 1 << number);
        }
        if WRAPPERS.has_exactly(name) {
            (self.program, self.one_more) = (true, true);
        } else if is_option || word.contains('=') {
            self.one_more |= self.program && !word.contains('=');
        } else if self.program && !opens {
            (self.program, self.one_more) = (self.one_more && self.clients == 0, false);
        }
    }

    /// Those that run.
    pub fn clients(&self) -> impl Iterator<Item = &'static Client> + use<> {
        let clients = self.clients;
        CLIENTS.iter().enumerate().filter(move |(number, _)| clients & 1 << number != 0).map(|(_, client)| client)
    }
}

impl Client {
    fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|one| match one.strip_suffix('*') {
            Some(begin) => name.starts_with(begin),
            None => *one == name,
        })
    }
}
