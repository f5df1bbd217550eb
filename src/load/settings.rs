//! The one table of all settings of a reading: those of a section are a chain through it.

use std::iter;

use crate::hash::HashMap;
use crate::keys::{Key, Number};
use crate::source::Place;

/// One option with the value that counts.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The option's name, in lower case.
    pub name: &'a str,
    /// The value: lines joined with `\n`, `%(here)s` replaced where Supervisor replaces it textually.
    pub text: &'a str,
    /// The key.
    pub key: Place,
    /// The value, all its lines.
    pub value: Place,
    /// Keys of the assignments that this one replaced, the oldest first.
    pub replaced: Vec<Place>,
    /// The number of the option's name, if some section has such an option.
    pub number: Option<Number>,
    /// What is in the text.
    pub facts: Facts,
}

/// What is in a text, found once: most rules and every expansion ask whether a character is there at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u8);

impl Facts {
    /// A `%`: there may be something to expand.
    pub const PERCENT: Self = Self(1);
    /// A line end: the value has several lines.
    pub const NEWLINE: Self = Self(2);
    /// A `;` or `#`.
    pub const MARKER: Self = Self(4);
    /// A quote, single or double.
    pub const QUOTE: Self = Self(8);

    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let fact = |byte| match byte {
            b'%' => Self::PERCENT.0,
            b'\n' => Self::NEWLINE.0,
            b';' | b'#' => Self::MARKER.0,
            b'"' | b'\'' => Self::QUOTE.0,
            _ => 0,
        };
        Self(text.bytes().fold(0, |facts, byte| facts | fact(byte)))
    }

    /// Whether one of these holds.
    #[must_use]
    pub fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The settings of all sections, in the order in which they are first assigned.
#[derive(Debug, Default)]
pub(super) struct Settings<'a> {
    rows: Vec<Row<'a>>,
}

#[derive(Debug)]
struct Row<'a> {
    setting: Setting<'a>,
    /// The next row of its section.
    next: usize,
}

/// Where no row is.
const NOWHERE: usize = usize::MAX;

/// Up to so many names of a section are compared one by one.
const FEW: usize = 16;

/// The settings of one section in the order of their first assignment.
#[derive(Clone, Debug)]
pub(super) struct Chain<'a> {
    first: usize,
    last: usize,
    len: usize,
    /// The numbers of those that are here, one bit each.
    mask: u128,
    /// What is in any of their texts; it may name more than is there still.
    facts: Facts,
    /// Where each name stands, once there are more than [`FEW`]; in a box, for few chains have one, and there may be a hundred
    /// thousand.
    index: Option<Box<HashMap<&'a str, usize>>>,
}

impl Default for Chain<'_> {
    fn default() -> Self {
        Self { first: NOWHERE, last: NOWHERE, len: 0, mask: 0, facts: Facts::default(), index: None }
    }
}

impl<'a> Settings<'a> {
    /// Makes room for the settings of a file, one in so many bytes.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.rows.reserve(bytes / 32);
    }

    pub(super) fn options<'m>(&'m self, chain: &'m Chain<'a>) -> Options<'m, 'a> {
        Options { settings: self, chain }
    }

    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Setting<'a>> {
        self.rows.get_mut(at).map(|row| &mut row.setting)
    }

    /// Assigns a value, and says where it stands; what was assigned before is remembered by its key.
    pub(super) fn assign(&mut self, chain: &mut Chain<'a>, mut setting: Setting<'a>) -> usize {
        chain.facts = chain.facts.and(setting.facts);
        let at = self.options(chain).position(setting.name, setting.number);
        match at.and_then(|at| Some((at, self.at_mut(at)?))) {
            Some((at, old)) => {
                setting.replaced = std::mem::take(&mut old.replaced);
                setting.replaced.push(old.key);
                *old = setting;
                at
            }
            None => self.push(chain, setting),
        }
    }

    /// Adds a setting unless its name is there, and says where it stands.
    pub(super) fn inherit(&mut self, chain: &mut Chain<'a>, setting: &Setting<'a>) -> Option<usize> {
        if self.options(chain).position(setting.name, setting.number).is_some() {
            return None;
        }
        chain.facts = chain.facts.and(setting.facts);
        Some(self.push(chain, setting.clone()))
    }

    fn push(&mut self, chain: &mut Chain<'a>, setting: Setting<'a>) -> usize {
        let at = self.rows.len();
        chain.mask |= setting.number.map_or(0, Number::bit);
        if let Some(index) = &mut chain.index {
            index.insert(setting.name, at);
        } else if chain.len >= FEW {
            let rows = self.options(chain).rows();
            let index: HashMap<_, _> = rows.chain([(at, &setting)]).map(|(at, row)| (row.name, at)).collect();
            chain.index = Some(index.into());
        }
        self.rows.push(Row { setting, next: NOWHERE });
        match self.rows.get_mut(chain.last) {
            Some(last) => last.next = at,
            None => chain.first = at,
        }
        chain.last = at;
        chain.len += 1;
        at
    }
}

/// The options of a section in the order of their first assignment.
#[derive(Clone, Copy, Debug)]
pub struct Options<'m, 'a> {
    settings: &'m Settings<'a>,
    chain: &'m Chain<'a>,
}

impl<'m, 'a> Options<'m, 'a> {
    /// The setting of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'m Setting<'a>> {
        let at = self.position(name, None)?;
        self.settings.rows.get(at).map(|row| &row.setting)
    }

    /// The setting of an option.
    #[must_use]
    pub fn of(&self, key: &Key) -> Option<&'m Setting<'a>> {
        self.numbered(key.number)
    }

    /// The setting of the option with this number.
    #[must_use]
    pub fn numbered(&self, number: Number) -> Option<&'m Setting<'a>> {
        if self.chain.mask & number.bit() == 0 {
            return None;
        }
        self.iter().find(|setting| setting.number == Some(number))
    }

    /// Whether there is such a name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name, None).is_some()
    }

    /// The numbers of the options that are here, one bit each.
    #[must_use]
    pub fn mask(&self) -> u128 {
        self.chain.mask
    }

    /// What is in any of the texts; it may name more than is there still.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.chain.facts
    }

    /// The settings.
    pub fn iter(&self) -> impl Iterator<Item = &'m Setting<'a>> + Clone + use<'m, 'a> {
        self.rows().map(|(_, setting)| setting)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chain.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chain.len == 0
    }

    /// The settings and where they stand in the table.
    fn rows(&self) -> impl Iterator<Item = (usize, &'m Setting<'a>)> + Clone + use<'m, 'a> {
        let rows = &self.settings.rows;
        let row = |at: usize| rows.get(at).map(|row| (at, row));
        let all = iter::successors(row(self.chain.first), move |(_, row)| {
            let next = row.next;
            rows.get(next).map(|row| (next, row))
        });
        all.map(|(at, row)| (at, &row.setting))
    }

    /// Where the setting of a name stands; `number`: the name's, if it is known.
    fn position(&self, name: &str, number: Option<Number>) -> Option<usize> {
        if number.is_some_and(|number| self.chain.mask & number.bit() == 0) {
            return None;
        }
        match &self.chain.index {
            Some(index) => index.get(name).copied(),
            None => self.rows().find(|(_, setting)| setting.name == name).map(|(at, _)| at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str) -> Setting<'_> {
        let (key, value) = (Place::default(), Place::default());
        Setting { name, text: name, key, value, replaced: Vec::new(), number: None, facts: Facts::default() }
    }

    #[test]
    fn chains_through_one_table_keep_their_order_with_and_without_an_index() {
        let names: Vec<String> = (0..100).map(|number| format!("n{number}")).collect();
        let (mut settings, mut one, mut two) = (Settings::default(), Chain::default(), Chain::default());
        for (number, name) in names.iter().enumerate() {
            assert_eq!(settings.assign(&mut one, setting(name)), settings.rows.len() - 1);
            settings.assign(&mut two, setting(name));
            settings.assign(&mut two, setting(names.get(number / 2).map_or("", String::as_str)));
            assert!(settings.inherit(&mut one, &setting(name)).is_none());
        }
        for chain in [&one, &two] {
            let options = settings.options(chain);
            assert!(options.iter().map(|setting| setting.name).eq(names.iter().map(String::as_str)));
            assert_eq!((options.len(), options.contains_key("n16"), options.contains_key("x")), (100, true, false));
            assert_eq!(options.get("n99").map(|setting| setting.text), Some("n99"));
        }
        assert_eq!(settings.options(&two).get("n0").map(|setting| setting.replaced.len()), Some(2));
    }
}
