//! `minfds=`, a floor, as `LimitNOFILE=`, which systemd sets as it stands (facts 5.4).
use std::fmt;

use super::Choices;
use super::escape::{Comment, UnitValue};
use crate::model::{Config, State};
use crate::python::integer::Integer;

/// The soft limit that systemd gives its units, and minfds' default.
pub const SOFT: u64 = 1024;
/// The hard limit that systemd gives its units, 240 and newer (`DefaultLimitNOFILE=`, systemd-system.conf(5)).
pub const HARD: u64 = 524_288;
/// The highest number of open files that Linux can be told to allow (`sysctl_nr_open_max`, fs/file.c).
pub const HIGHEST: u64 = 2_147_483_584;

/// What `minfds=` becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFiles {
    /// What stands at the place of `LimitNOFILE=` where it is lost.
    pub comments: Vec<Comment>,
    /// The directive, always with both numbers: one alone would lower the hard limit.
    pub value: Option<UnitValue>,
    /// What differs from Supervisor, to be announced.
    pub note: Option<LimitNote>,
}

/// A difference from Supervisor; its sentence is the Display form (facts 5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitNote {
    /// Approximate: more than systemd's own hard limit. Holds minfds.
    NotChecked(u64),
    /// Lost: more than any machine gives. Holds minfds as written.
    Impossible(String),
}

impl fmt::Display for LimitNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotChecked(number) => write!(
                f,
                "Supervisor refuses to start when it cannot have {number} open files; \
                 systemd silently gives what it can."
            ),
            Self::Impossible(number) => write!(
                f,
                "minfds={number} is more than the {HIGHEST} open files that Linux can allow: \
                 Supervisor cannot start with it; no LimitNOFILE= was written."
            ),
        }
    }
}

/// Translates minfds, an integer without bounds in decimal digits as Python prints it, or None where it is not written.
#[must_use]
pub fn open_files(minfds: Option<&str>) -> OpenFiles {
    let text = minfds.unwrap_or("1024");
    // A negative number is a floor below every limit. The rest that is no u64 has too many digits.
    let number = if text.starts_with('-') { Some(0) } else { text.parse().ok() };
    match number {
        // systemd's own soft limit does.
        Some(number) if number <= SOFT => OpenFiles { comments: Vec::new(), value: None, note: None },
        Some(number) if number <= HIGHEST => OpenFiles {
            comments: Vec::new(),
            value: Some(UnitValue::limits(number, number.max(HARD))),
            note: (number > HARD).then_some(LimitNote::NotChecked(number)),
        },
        _ => {
            let note = LimitNote::Impossible(text.to_owned());
            OpenFiles { comments: vec![Comment::note(&note.to_string())], value: None, note: Some(note) }
        }
    }
}

/// The limit of open files that a unit gets, and where it comes from, for the end of the report.
#[must_use]
pub fn told(config: &Config<'_>, choices: &Choices) -> String {
    if let Some((soft, hard)) = choices.open_files {
        return format!("{soft}:{hard}, given by --nofile");
    }
    let all = of_all(config);
    if choices.tune { format!("{all}; more where --tune knows that a server needs it (--details)") } else { all }
}

/// The limit of all units.
fn of_all(config: &Config<'_>) -> String {
    let default = format!("{SOFT}:{HARD}, systemd's default");
    let minfds = &config.supervisord.minfds;
    match &minfds.state {
        State::Known(_) if config.fragment => format!("{default} (minfds of the main file is not known here)"),
        State::Known(_) if minfds.place().is_none() => format!("{default} (minfds not written)"),
        State::Known(number) => match open_files(Some(&number.to_string())).value {
            Some(value) => format!("{}, from minfds={number}", value.as_str()),
            None if *number > Integer::from(1024) => format!("{default} (minfds={number} is more than Linux allows)"),
            None => format!("{default} (minfds={number} asks for no more)"),
        },
        State::Unknown(written) => format!("{default} (minfds={written} is not known here)"),
        State::Refused => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(minfds: Option<&str>) -> (String, Option<String>, Option<String>) {
        let found = open_files(minfds);
        (
            found.comments.iter().map(Comment::as_str).collect(),
            found.value.map(|value| value.as_str().to_owned()),
            found.note.map(|note| note.to_string()),
        )
    }

    #[test]
    fn a_floor_below_systemds_own_limit_needs_nothing() {
        for minfds in [None, Some("1024"), Some("256"), Some("-5"), Some("-99999999999999999999999")] {
            assert_eq!(said(minfds), (String::new(), None, None));
        }
    }

    #[test]
    fn a_higher_floor_is_written_with_both_numbers() {
        for (minfds, value) in [("1025", "1025:524288"), ("4096", "4096:524288"), ("524288", "524288:524288")] {
            assert_eq!(said(Some(minfds)), (String::new(), Some(value.to_owned()), None));
        }
        for minfds in ["524289", "2147483584"] {
            let (comment, value, note) = said(Some(minfds));
            assert_eq!((comment, value), (String::new(), Some(format!("{minfds}:{minfds}"))));
            assert!(note.is_some_and(|note| note.contains(minfds) && note.contains("silently")));
        }
    }

    #[test]
    fn what_no_machine_gives_is_lost() {
        for minfds in ["2147483585", "18446744073709551615", "100000000000000000000000000"] {
            let (comment, value, note) = said(Some(minfds));
            assert_eq!(value, None);
            assert!(comment.starts_with("supconv: minfds="));
            assert!(note.is_some_and(|note| note.contains("cannot start")));
        }
    }
}
