//! Which names of programs may be known: a set that is made at compile time. Most programs of most files are nobody's
//! application, and that is known without a look into the table, which is larger than all else that a lint touches.

use super::{App, By};

/// Bits of the set: of a thousand names that are unknown some thirty pass.
const BITS: u32 = 1 << 14;

/// The hashes of names.
pub(super) struct Names([u64; (BITS / u64::BITS) as usize]);

impl Names {
    /// Those of the programs that run these applications.
    pub const fn of(mut rooms: &[&[App]]) -> Self {
        let mut names = Self([0; (BITS / u64::BITS) as usize]);
        while let [room, others @ ..] = rooms {
            let mut apps: &[App] = room;
            while let [app, others @ ..] = apps {
                let mut by: &[By] = app.by;
                while let [By::Program(name) | By::Command { program: name, valued: _, command: _ }, others @ ..] = by {
                    names.add(name);
                    by = others;
                }
                apps = others;
            }
            rooms = others;
        }
        names
    }

    #[expect(clippy::indexing_slicing, reason = "at compile time, which an index outside of it would end")]
    const fn add(&mut self, name: &str) {
        let (word, bit) = place(name);
        self.0[word] |= bit;
    }

    /// Whether a name may be one of them; false is certain.
    pub fn may_have(&self, name: &str) -> bool {
        let (word, bit) = place(name);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

/// The word of a name, and the bit in it, by its FNV-1a hash.
const fn place(name: &str) -> (usize, u64) {
    let mut hash: u32 = 0x811c_9dc5;
    let mut bytes = name.as_bytes();
    while let [byte, others @ ..] = bytes {
        hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
        bytes = others;
    }
    // The lowest bits are the poorest.
    let at = (hash ^ (hash >> 15)) % BITS;
    ((at / u64::BITS) as usize, 1 << (at % u64::BITS))
}

#[cfg(test)]
mod tests {
    use super::super::{NAMES, all};

    #[test]
    fn all_names_are_in_it_and_few_others() {
        assert!(all().flat_map(|app| app.by).all(|by| NAMES.may_have(by.program())));
        let others = (0..10_000).filter(|number| NAMES.may_have(&format!("unknown-{number}"))).count();
        assert!(others < 1_000, "{others} of 10,000 names pass");
    }
}
