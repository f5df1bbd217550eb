//! The number of an option's name, and the hash that finds it: both are made by the compiler from the names of the table.

use super::{
    ctlplugin, eventlistener, fcgi, group, include, inet, process, program, rpcinterface, supervisorctl, supervisord,
    unix,
};

/// The number of an option's name: equal names have equal numbers, whatever the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u8);

impl Number {
    /// How many there can be.
    pub const MOST: usize = 128;

    /// The number of a name; `None` where no section has such an option.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let mut at = hash(name.as_bytes());
        loop {
            let number = *BUCKETS.get(at)?;
            // A bucket is empty, or holds a number and one.
            let number = number.checked_sub(1)?;
            if NAMES.get(usize::from(number)).is_some_and(|known| *known == name) {
                return Some(Self(number));
            }
            at = (at + 1) % BUCKETS.len();
        }
    }

    /// From 0 on.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Takes the lowest number out of a mask of options.
    pub fn take_first(mask: &mut u128) -> Option<Self> {
        let first = u8::try_from(mask.trailing_zeros()).ok().filter(|_| *mask != 0)?;
        *mask &= *mask - 1;
        Some(Self(first))
    }

    /// Its bit in a mask of options.
    #[must_use]
    pub const fn bit(self) -> u128 {
        1 << self.0
    }
}

/// The tables of names, in the order in which numbers are given.
const LISTS: &[&[&str]] = &[
    program::NAMES,
    process::NAMES,
    eventlistener::NAMES,
    fcgi::NAMES,
    supervisord::NAMES,
    group::NAMES,
    inet::NAMES,
    unix::NAMES,
    supervisorctl::NAMES,
    include::NAMES,
    rpcinterface::NAMES,
    ctlplugin::NAMES,
];

/// Each name once.
static NAMES: [&str; Number::MOST] = distinct();

/// Where a name is looked for: by its hash, then onwards.
static BUCKETS: [u8; 256] = buckets();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses an index that is not there")]
const fn distinct() -> [&'static str; Number::MOST] {
    let mut names = [""; Number::MOST];
    let mut count = 0;
    let mut list = 0;
    while list < LISTS.len() {
        let mut at = 0;
        while at < LISTS[list].len() {
            let mut known = 0;
            while known < count && !equal(names[known], LISTS[list][at]) {
                known += 1;
            }
            if known == count {
                names[count] = LISTS[list][at];
                count += 1;
            }
            at += 1;
        }
        list += 1;
    }
    names
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses an index that is not there")]
pub(super) const fn number(name: &str) -> Number {
    let names = distinct();
    let mut at: u8 = 0;
    while !equal(names[at as usize], name) {
        at += 1;
    }
    Number(at)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses an index that is not there")]
const fn buckets() -> [u8; 256] {
    let names = distinct();
    let mut buckets = [0; 256];
    let mut number: u8 = 0;
    while (number as usize) < names.len() && !names[number as usize].is_empty() {
        let mut at = hash(names[number as usize].as_bytes());
        while buckets[at] != 0 {
            at = (at + 1) % buckets.len();
        }
        buckets[at] = number + 1;
        number += 1;
    }
    buckets
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses an index that is not there")]
const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// A place below 256 by the length and three letters, which tell the names apart well enough.
const fn hash(name: &[u8]) -> usize {
    let (first, last) = match name {
        [] => (0, 0),
        [only] => (*only, *only),
        [first, .., last] => (*first, *last),
    };
    let (front, _) = name.split_at(name.len() / 2);
    let middle = match front {
        [] => 0,
        [.., middle] => *middle,
    };
    (name.len() * 31 + first as usize * 7 + middle as usize * 13 + last as usize * 5) % 256
}
