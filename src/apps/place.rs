//! Where a command leaves its program: where supervisord can see it, or in the background.

use super::{App, Foreground, Sign};
use crate::python::shlex::Word;

/// Where a command leaves its program.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// In the foreground, or it is not known.
    Foreground,
    /// In the background, because the command says so.
    Told {
        /// What says so.
        sign: &'static Sign,
        /// How to write it, where it is not enough to leave that out.
        write: Option<&'static str>,
    },
    /// It ends, and something else goes on in the background; what asks for that, if something has to.
    Starts(Option<&'static Sign>),
    /// In the background, because nothing keeps it; `or` is a line of its own configuration that would.
    Untold {
        /// How to write it.
        write: &'static str,
        /// The line of its own configuration that says the same, if there is one.
        or: Option<&'static str>,
    },
    /// Its own configuration decides.
    Configured {
        /// The line that keeps it.
        line: &'static str,
    },
}

impl App {
    /// Where a command leaves it; `words` are its own, from its name on.
    #[must_use]
    pub fn place(&self, words: &[Word<'_>]) -> Place {
        let given = |signs: &'static [Sign]| signs.iter().find(|sign| sign.is_in(words));
        match self.foreground.map(|said| said.what) {
            None => Place::Foreground,
            Some(Foreground::Stays { leaves }) => {
                given(leaves).map_or(Place::Foreground, |sign| Place::Told { sign, write: None })
            }
            Some(Foreground::Asked { leaves, unless, write }) => match (given(leaves), given(unless)) {
                (Some(sign), None) => Place::Told { sign, write: Some(write) },
                (None, _) | (Some(_), Some(_)) => Place::Foreground,
            },
            Some(Foreground::Starts { with, unless }) => match (given(with), given(unless)) {
                (_, Some(_)) => Place::Foreground,
                (None, None) if !with.is_empty() => Place::Foreground,
                (sign, None) => Place::Starts(sign),
            },
            Some(Foreground::Leaves { stays, write, or }) => match given(stays) {
                Some(_) => Place::Foreground,
                None => Place::Untold { write, or },
            },
            Some(Foreground::Switched { stays, leaves, write, or }) => match (given(stays), given(leaves)) {
                (Some(_), _) => Place::Foreground,
                (None, Some(sign)) => Place::Told { sign, write: None },
                (None, None) => Place::Untold { write, or: Some(or) },
            },
            Some(Foreground::Configured { stays, line }) => match given(stays) {
                Some(_) => Place::Foreground,
                None => Place::Configured { line },
            },
        }
    }
}
