//! Which systemd runs the units: that of the machine, or the user manager of one account (facts 16).

use super::escape::{self, User, UserError};
use crate::convert::selection::Selection;
use crate::model::{Config, GroupKind};
use crate::python::integer;
use crate::well_known::quoted;

/// Who starts the units, as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Manager {
    /// The system manager, which can run each program as its own user.
    #[default]
    System,
    /// The user manager of an account: `systemctl --user`.
    User {
        /// The account; none is the one that the programs name.
        account: Option<String>,
    },
}

impl Manager {
    /// That of an account.
    ///
    /// # Errors
    /// For what is no name of an account, and for root, whose programs are started by the system manager.
    pub fn of(account: &str) -> Result<Self, String> {
        match read(account) {
            Ok(User::Root) => Err("root's programs are run by the system manager: leave out --user".to_owned()),
            Ok(User::Value(_) | User::Nobody(_)) if !account.starts_with('-') => {
                Ok(Self::User { account: Some(account.to_owned()) })
            }
            Ok(_) | Err(UserError) => Err("this cannot be the name of an account".to_owned()),
        }
    }
}

/// `user=`; Python's `int()` knows more spellings of a number than systemd (facts 5.1).
pub(super) fn read(user: &str) -> Result<User, UserError> {
    match integer::parse(user, 10) {
        Ok(uid) => uid.to_i64().and_then(|uid| u32::try_from(uid).ok()).and_then(User::id).ok_or(UserError),
        Err(_) => escape::user(user),
    }
}

/// As whom the services of a plan run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunsAs<'m> {
    /// Each as its own user, by the system manager.
    Each,
    /// All as this account.
    Account(&'m str),
    /// All as the account that installs them: no program names one.
    Whoever,
    /// The same; the programs name several accounts, and none is chosen.
    Several,
}

impl<'m> RunsAs<'m> {
    /// Of what is converted: without a name it is the account that all programs share which have a user. root is none.
    pub fn of<'a: 'm>(manager: &'m Manager, selection: &'m Selection<'a>, config: &'m Config<'a>) -> Self {
        let named = match manager {
            Manager::System => return Self::Each,
            Manager::User { account } => account.as_deref(),
        };
        if let Some(account) = named {
            return Self::Account(account);
        }
        let theirs = config.supervisord.user.known().and_then(|user| user.as_deref());
        let groups =
            selection.groups.iter().copied().filter(|group| !matches!(group.kind, GroupKind::EventListener(_)));
        let wanted =
            groups.flat_map(|group| group.processes.iter().filter(move |process| selection.wants(group, process)));
        let users = wanted.filter_map(|process| process.program.options.user.known()?.as_deref().or(theirs));
        let mut accounts = users.filter(|user| read(user) != Ok(User::Root));
        match accounts.next() {
            None => Self::Whoever,
            Some(first) if accounts.all(|other| other == first) => Self::Account(first),
            Some(_) => Self::Several,
        }
    }

    /// The account, where it has a name.
    pub fn account(self) -> Option<&'m str> {
        match self {
            Self::Account(account) => Some(account),
            Self::Each | Self::Whoever | Self::Several => None,
        }
    }

    /// Whose the units are.
    pub fn whose(self) -> Whose {
        match self {
            Self::Each => Whose::Machine,
            Self::Account(_) | Self::Whoever | Self::Several => Whose::Account,
        }
    }

    /// Whether a user manager runs them.
    pub fn is_user(self) -> bool {
        self.whose() == Whose::Account
    }
}

/// Whose the units are: where they are installed, and how they are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The machine's.
    Machine,
    /// One account's.
    Account,
}

impl Whose {
    /// The command that speaks with their manager.
    pub fn systemctl(self) -> &'static str {
        match self {
            Self::Machine => "systemctl",
            Self::Account => "systemctl --user",
        }
    }

    /// The command that shows what they print.
    pub fn journalctl(self) -> &'static str {
        match self {
            Self::Machine => "journalctl",
            Self::Account => "journalctl --user",
        }
    }

    /// Where their manager finds them (systemd.unit(5)).
    pub fn units(self) -> &'static str {
        match self {
            Self::Machine => "/etc/systemd/system",
            Self::Account => "~/.config/systemd/user",
        }
    }

    /// Where the folder of a plan goes to, as a word of a shell.
    pub fn folder(self, folder: &str) -> String {
        match self {
            _ if folder.is_empty() => self.units().to_owned(),
            Self::Machine => quoted(&["/", folder].concat()),
            Self::Account => ["~/", &quoted(folder)].concat(),
        }
    }

    /// Where a file of a plan is installed, as a word of a shell.
    pub fn installed(self, path: &str) -> String {
        match (path.contains('/'), self) {
            (true, Self::Machine) => quoted(&["/", path].concat()),
            (true, Self::Account) => ["~/", &quoted(path)].concat(),
            (false, Self::Machine) => quoted(&[self.units(), "/", path].concat()),
            (false, Self::Account) => [self.units(), "/", &quoted(path)].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts() {
        let account = |name: &str| Manager::User { account: Some(name.to_owned()) };
        for name in ["deploy", "5001", "a.b", "nobody"] {
            assert_eq!(Manager::of(name), Ok(account(name)));
        }
        for name in ["", "root", "0", "+0", "-5", "-a", "a:b", "a/b", "4294967295"] {
            assert!(Manager::of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn places() {
        let both = |path: &str| [Whose::Machine, Whose::Account].map(|whose| whose.installed(path));
        assert_eq!(both("a.service"), ["/etc/systemd/system/a.service", "~/.config/systemd/user/a.service"]);
        assert_eq!(both("x/a b"), ["'/x/a b'", "~/'x/a b'"]);
        assert_eq!(Whose::Account.folder(".config/supconv"), "~/.config/supconv");
    }
}
