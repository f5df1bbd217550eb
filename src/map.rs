//! Maps from names that keep the order in which they were filled, as Python's dictionaries do.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// An [`IndexMap`] with a quick hash. It begins anew at each start, so that no file can be made whose names all collide.
pub type Map<K, V> = IndexMap<K, V, RandomState>;
