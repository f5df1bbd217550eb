//! Which applications a program may be, by its name: an index that is made at compile time. Most programs of most files are
//! nobody's application, and that is known without a look into the table, which is larger than all else that a lint touches.

use super::{App, By};

/// Rows of the index: few names share one.
const ROWS: usize = 1 << 10;
/// So many names there may be.
const MOST: usize = 1 << 10;

/// The names of programs, by their hashes.
pub(super) struct Names {
    /// Where the names of each row begin; where the next row begins is their end.
    rows: [u16; ROWS + 1],
    /// The applications that they may be.
    apps: [Number; MOST],
}

/// An application: the number of its room, and its own in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(pub u8, pub u8);

impl Names {
    /// Those of the programs that run these applications.
    #[expect(clippy::indexing_slicing, reason = "at compile time, which an index outside of it would end")]
    pub const fn of(rooms: &[&[App]]) -> Self {
        let mut names = Self { rows: [0; ROWS + 1], apps: [Number(0, 0); MOST] };
        // How many names each row has, then where it ends, then, as it is filled from behind, where it begins.
        names.walk(rooms, false);
        let mut row = 0;
        while row < ROWS {
            names.rows[row + 1] += names.rows[row];
            row += 1;
        }
        names.walk(rooms, true);
        names
    }

    /// Goes through all names from behind, and counts them or fills them in.
    #[expect(clippy::indexing_slicing, reason = "at compile time, which an index outside of it would end")]
    const fn walk(&mut self, rooms: &[&[App]], fill: bool) {
        let mut room = rooms.len();
        while room > 0 {
            room -= 1;
            let mut at = rooms[room].len();
            while at > 0 {
                at -= 1;
                let mut by = rooms[room][at].by;
                while let [
                    others @ ..,
                    By::Program(name)
                    | By::Command { program: name, valued: _, command: _ }
                    | By::In { folder: _, program: name },
                ] = by
                {
                    let row = row(name);
                    if fill {
                        self.rows[row] -= 1;
                        self.apps[self.rows[row] as usize] = number(room, at);
                    } else {
                        self.rows[row] += 1;
                    }
                    by = others;
                }
            }
        }
    }

    /// The applications that a name may be, in the order of their table, and seldom another one.
    pub fn apps(&self, name: &str) -> &[Number] {
        let row = row(name);
        let (from, to) = (self.rows.get(row), self.rows.get(row + 1));
        let own = from.zip(to).and_then(|(from, to)| self.apps.get(usize::from(*from)..usize::from(*to)));
        own.unwrap_or_default()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at compile time; a test asks for each of them")]
const fn number(room: usize, at: usize) -> Number {
    Number(room as u8, at as u8)
}

/// The row of a name, by its FNV-1a hash.
const fn row(name: &str) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    let mut bytes = name.as_bytes();
    while let [byte, others @ ..] = bytes {
        hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
        bytes = others;
    }
    // The lowest bits are the poorest.
    (hash ^ (hash >> 15)) as usize % ROWS
}

#[cfg(test)]
mod tests {
    use super::super::{NAMES, all, by_number};

    #[test]
    fn all_names_are_in_it_and_few_others() {
        for app in all() {
            for by in app.by {
                let mut found = NAMES.apps(by.program()).iter().filter_map(|number| by_number(*number));
                assert!(found.any(|found| std::ptr::eq(found, app)), "{by} of {}", app.name);
            }
        }
        let others = (0..10_000).map(|number| NAMES.apps(&format!("unknown-{number}")).len()).sum::<usize>();
        assert!(others < 4_000, "10,000 names are {others} applications");
    }
}
