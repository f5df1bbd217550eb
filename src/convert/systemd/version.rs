//! The systemd that units are written for: which directives and forms it knows (facts 1.1, systemd's NEWS).

/// A version of systemd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32);

impl Default for Version {
    /// Debian 12's, Red Hat 9's.
    fn default() -> Self {
        Self(252)
    }
}

impl Version {
    /// The oldest: below it there is neither `Type=exec` nor `append:`.
    pub const OLDEST: u32 = 240;

    /// None for one that is too old for these units.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        (number >= Self::OLDEST).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The prefix `:` of `ExecStart=`, which switches the substitution of `$` off.
    pub(super) fn has_literal_prefix(self) -> bool {
        self.0 >= 242
    }

    /// `OOMPolicy=`.
    pub(super) fn has_oom_policy(self) -> bool {
        self.0 >= 243
    }

    /// Whether programs are given `SYSTEMD_EXEC_PID`.
    pub(super) fn sets_exec_pid(self) -> bool {
        self.0 >= 248
    }

    /// `ExecSearchPath=`.
    pub(super) fn has_exec_search_path(self) -> bool {
        self.0 >= 250
    }

    /// Modes and accounts with a colon in tmpfiles.d, which leave alone what is there.
    pub(super) fn has_gentle_tmpfiles(self) -> bool {
        self.0 >= 252
    }

    /// `systemctl kill --kill-whom=`, which was `--kill-who=`.
    pub(super) fn has_kill_whom(self) -> bool {
        self.0 >= 252
    }

    /// `RestartMode=`; from here on `OnFailure=` fires at each failed start without it.
    pub(super) fn has_restart_mode(self) -> bool {
        self.0 >= 254
    }

    /// Whether programs are given `MEMORY_PRESSURE_WATCH` and `_WRITE`.
    pub(super) fn sets_memory_pressure(self) -> bool {
        self.0 >= 254
    }

    /// Whether USER is set to root where a unit has no `User=`.
    pub(super) fn sets_user_of_root(self) -> bool {
        self.0 >= 257
    }
}
