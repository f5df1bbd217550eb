//! Tables by hash. Their hash is quick, and begins anew at each start, so that no file can be made whose names all collide.

use std::collections;

use foldhash::fast::RandomState;

/// Values by their keys.
pub type HashMap<K, V> = collections::HashMap<K, V, RandomState>;

/// Keys, each once.
pub type HashSet<K> = collections::HashSet<K, RandomState>;
