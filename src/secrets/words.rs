//! Lists of words that are quick to say no: nearly every word that is asked for is none of them. Those of one length stand
//! together, so that a word is compared with few.

/// The longest word of a list.
const LONGEST: usize = 15;

/// A list of words, whose letters may be of either case. Not a slice of texts: before the program starts the loader has to write
/// the address of each.
pub(super) struct Words {
    /// The words without anything between, the shorter ones first.
    letters: &'static [u8],
    /// Where those of each length begin; where the next begin is their end.
    starts: [u16; LONGEST + 2],
    /// A bit for the last letter of each.
    ends: u32,
}

/// A list of words, written as one text with a blank between them.
macro_rules! words {
    ($text:literal) => {{
        const TEXT: &[u8] = $text.as_bytes();
        const LETTERS: [u8; crate::secrets::words::count(TEXT)] = crate::secrets::words::sorted(TEXT);
        crate::secrets::words::Words::of(TEXT, &LETTERS)
    }};
}

impl Words {
    /// A list that `words!` has written and sorted.
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "at compile time, and words are short"
    )]
    pub const fn of(text: &[u8], letters: &'static [u8]) -> Self {
        let (mut starts, mut ends) = ([0; LONGEST + 2], 0);
        let mut rest = text;
        while let Some((word, behind)) = first(rest) {
            let mut longer = word.len() + 1;
            while longer < starts.len() {
                starts[longer] += word.len() as u16;
                longer += 1;
            }
            ends |= end(word);
            rest = behind;
        }
        Self { letters, starts, ends }
    }

    /// Whether a word is one of them.
    pub fn has(&self, word: &str) -> bool {
        self.of_length(word.len()).any(|one| one.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// Whether a word is one of them, as it is written.
    pub fn has_exactly(&self, word: &str) -> bool {
        self.of_length(word.len()).any(|one| one == word.as_bytes())
    }

    /// Whether a text begins with one of them.
    pub fn begin(&self, text: &str) -> bool {
        let begins = |length| {
            let begin = text.as_bytes().get(..length).unwrap_or_default();
            self.of_length(length).any(|one| one.eq_ignore_ascii_case(begin))
        };
        (1..=LONGEST.min(text.len())).any(begins)
    }

    /// Whether a text ends in one of them.
    pub fn end(&self, text: &str) -> bool {
        let ends = |length| {
            let end = text.as_bytes().get(text.len() - length..).unwrap_or_default();
            self.of_length(length).any(|one| one.eq_ignore_ascii_case(end))
        };
        self.ends & end(text.as_bytes()) != 0 && (1..=LONGEST.min(text.len())).any(ends)
    }

    /// Those of a length.
    fn of_length(&self, length: usize) -> impl Iterator<Item = &'static [u8]> {
        let range = self.starts.get(length).zip(self.starts.get(length + 1));
        let range = range.map(|(start, end)| usize::from(*start)..usize::from(*end));
        let mut left = range.and_then(|range| self.letters.get(range)).unwrap_or_default();
        std::iter::from_fn(move || {
            let (one, behind) = left.split_at_checked(length).filter(|_| !left.is_empty())?;
            left = behind;
            Some(one)
        })
    }
}

/// How many letters the words of a text have.
#[expect(clippy::indexing_slicing, reason = "at compile time, which an index outside of it would end")]
pub(super) const fn count(text: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < text.len() {
        count += (text[at] != b' ') as usize;
        at += 1;
    }
    count
}

/// The words of a text without anything between, the shorter ones first.
#[expect(clippy::indexing_slicing, reason = "at compile time, which an index outside of it would end")]
pub(super) const fn sorted<const N: usize>(text: &[u8]) -> [u8; N] {
    let (mut letters, mut at, mut length) = ([0; N], 0, 1);
    while length <= LONGEST {
        let mut rest = text;
        while let Some((word, behind)) = first(rest) {
            let mut letter = 0;
            while letter < word.len() && word.len() == length {
                letters[at] = word[letter];
                (at, letter) = (at + 1, letter + 1);
            }
            rest = behind;
        }
        length += 1;
    }
    assert!(at == N, "a word is too long");
    letters
}

/// The first word of a text, and what follows.
const fn first(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut behind = text;
    while let [letter, rest @ ..] = behind {
        if *letter == b' ' {
            return Some((text.split_at(text.len() - behind.len()).0, rest));
        }
        behind = rest;
    }
    if text.is_empty() { None } else { Some((text, behind)) }
}

/// A bit for the last letter of a word, whose lower bits are the same in both cases.
const fn end(word: &[u8]) -> u32 {
    match word {
        [.., last] => 1 << (*last & 31),
        [] => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: Words = words!("PASS TOKEN x 2fa scram-sha-256 ref+ PAST y");

    #[test]
    fn what_a_list_has() {
        for (word, has, exactly) in [
            ("PASS", true, true),
            ("pass", true, false),
            ("past", true, false),
            ("Token", true, false),
            ("x", true, true),
            ("Y", true, false),
            ("2FA", true, false),
            ("scram-sha-256", true, true),
            ("PASSPAST", false, false),
            ("xy", false, false),
            ("ASS", false, false),
            ("tokens", false, false),
            ("a-word-that-is-longer-than-all", false, false),
            ("é", false, false),
            ("", false, false),
        ] {
            assert_eq!((LIST.has(word), LIST.has_exactly(word)), (has, exactly), "{word}");
        }
    }

    #[test]
    fn what_begins_and_ends() {
        for (text, begins, ends) in [
            ("dbPass", false, true),
            ("passDB", true, false),
            ("REF+vault://x/password", true, false),
            ("éx", false, true),
            ("xé", true, false),
            ("2fa", true, true),
            ("fa", false, false),
            ("é", false, false),
            ("", false, false),
        ] {
            assert_eq!((LIST.begin(text), LIST.end(text)), (begins, ends), "{text}");
        }
    }
}
