//! A map from names that keeps the order in which it was filled, as Python's dictionaries do.
//!
//! Sections, options and variables are few: names are compared one after the other. A map that grows large gets an index, so
//! that a file of a million sections is read in linear time.

use crate::hash::HashMap;

/// Up to so many names are compared one by one.
const FEW: usize = 16;

/// How many names a map usually comes to.
const USUAL: usize = 8;

/// Names with their values, in the order of their first insertion.
#[derive(Clone, Debug)]
pub struct Map<'a, V> {
    entries: Vec<(&'a str, V)>,
    /// Where each name stands, once there are more than [`FEW`].
    index: Option<HashMap<&'a str, usize>>,
}

impl<V> Default for Map<'_, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, V> Map<'a, V> {
    /// Without a name.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: None }
    }

    /// Where a name stands.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.entries.iter().position(|(known, _)| *known == name),
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        self.entries.get(self.position(name)?).map(|(_, value)| value)
    }

    /// The value of a name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let at = self.position(name)?;
        self.at_mut(at)
    }

    /// The entry at a place.
    #[must_use]
    pub fn at(&self, at: usize) -> Option<(&'a str, &V)> {
        self.entries.get(at).map(|(name, value)| (*name, value))
    }

    /// The value at a place, to be changed.
    pub fn at_mut(&mut self, at: usize) -> Option<&mut V> {
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Whether there is such a name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Sets the value of a name; a name that is there keeps its place.
    pub fn insert(&mut self, name: &'a str, value: V) {
        match self.position(name).and_then(|at| self.entries.get_mut(at)) {
            Some((_, old)) => *old = value,
            None => {
                self.push(name, value);
            }
        }
    }

    /// Adds a name that is not there yet, and says where it stands.
    pub fn push(&mut self, name: &'a str, value: V) -> usize {
        let at = self.entries.len();
        if at == 0 {
            // Most maps hold about so many; growing by doubling would move them twice.
            self.entries.reserve(USUAL);
        }
        self.entries.push((name, value));
        match &mut self.index {
            Some(index) => {
                index.insert(name, at);
            }
            None if at >= FEW => {
                let names = self.entries.iter().enumerate().map(|(at, (name, _))| (*name, at));
                self.index = Some(names.collect());
            }
            None => {}
        }
        at
    }

    /// The value of a name, which is made where it is not there yet.
    pub fn get_or_insert_with(&mut self, name: &'a str, make: impl FnOnce() -> V) -> Option<&mut V> {
        let at = self.position(name).unwrap_or_else(|| self.push(name, make()));
        self.at_mut(at)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.index = None;
    }

    /// Names and values.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&'a str, &V)> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(name, value)| (*name, value))
    }

    /// The names.
    #[must_use]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(name, _)| *name)
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

impl<'m, 'a, V> IntoIterator for &'m Map<'a, V> {
    type Item = (&'a str, &'m V);
    type IntoIter = std::iter::Map<std::slice::Iter<'m, (&'a str, V)>, fn(&'m (&'a str, V)) -> (&'a str, &'m V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(|(name, value)| (*name, value))
    }
}

impl<V: PartialEq> PartialEq for Map<'_, V> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<V: Eq> Eq for Map<'_, V> {}

impl<'a, V> FromIterator<(&'a str, V)> for Map<'a, V> {
    fn from_iter<T: IntoIterator<Item = (&'a str, V)>>(entries: T) -> Self {
        let mut map = Self::default();
        for (name, value) in entries {
            map.insert(name, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_places_are_kept_with_and_without_an_index() {
        let names: Vec<String> = (0..100).map(|number| format!("n{number}")).collect();
        let mut map: Map<usize> = Map::default();
        for (number, name) in names.iter().enumerate() {
            map.insert(name, number);
            map.insert(names.get(number / 2).map_or("", String::as_str), number);
            assert_eq!((map.len(), map.position(name)), (number + 1, Some(number)));
        }
        assert!(map.keys().eq(names.iter().map(String::as_str)));
        assert_eq!(
            (map.get("n0"), map.get("n49"), map.get("n99"), map.get("x")),
            (Some(&1), Some(&99), Some(&99), None)
        );
        map.clear();
        assert!(map.is_empty() && !map.contains_key("n99"));
    }
}
