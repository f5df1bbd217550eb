//! What somebody may have meant: the word of a list that is nearest to what was written.

/// The word that is at most two slips of the pen away from another, one if it is short; the nearest of them. Capitals, `_`
/// and `-` do not count: `auto_start` is `autostart`.
pub(crate) fn closest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let length = word.chars().filter(|c| counts(*c)).count();
    within(if length < 6 { 1 } else { 2 }, word, known)
}

/// The nearest word that is at most so many slips away.
pub(super) fn within<'w>(allowed: usize, word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let word = fold(word);
    let length = word.chars().count();
    if length > 64 {
        return None;
    }
    let letters = letters(&word);
    // Most words are too long, too short or of other letters, and need no closer look.
    let near = known.filter(|known| {
        let other = self::letters(known);
        let missing = (letters & !other).count_ones().max((other & !letters).count_ones());
        missing as usize <= allowed && known.chars().filter(|c| counts(*c)).count().abs_diff(length) <= allowed
    });
    let near = near.map(|known| (distance(&word, &fold(known)), known));
    near.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// The letters from a to z that a word has, a bit each: one that is missing costs a change.
fn letters(word: &str) -> u32 {
    let bit = |b: u8| b.is_ascii_alphabetic().then(|| 1 << (b.to_ascii_lowercase() - b'a'));
    word.bytes().filter_map(bit).fold(0, |letters, bit| letters | bit)
}

fn counts(c: char) -> bool {
    !matches!(c, '_' | '-')
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| counts(*c)).flat_map(char::to_lowercase).collect()
}

/// How many letters must be changed, added, taken away or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(0);
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut next: Vec<usize> = Vec::new();
    let mut last = None;
    for (n, a) in one.chars().enumerate() {
        next.clear();
        next.push(n + 1);
        let mut left = n + 1;
        for (m, b) in other.iter().enumerate() {
            let mut cell = (at(&row, m) + usize::from(a != *b)).min(left + 1).min(at(&row, m + 1) + 1);
            let swapped = m.checked_sub(1).filter(|m| last == Some(*b) && other.get(*m) == Some(&a));
            if let Some(m) = swapped {
                cell = cell.min(at(&before, m) + 1);
            }
            left = cell;
            next.push(cell);
        }
        std::mem::swap(&mut before, &mut row);
        std::mem::swap(&mut row, &mut next);
        last = Some(a);
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_word() {
        let known = ["worker", "web", "api", "autostart", "port"];
        for (word, near) in [
            ("wroker", Some("worker")),
            ("Web", Some("web")),
            ("wab", Some("web")),
            ("app", Some("api")),
            ("auto_start", Some("autostart")),
            ("auot-sart", Some("autostart")),
            ("prot", Some("port")),
            ("host", None),
            ("queue", None),
        ] {
            assert_eq!(closest(word, known.into_iter()), near, "{word}");
        }
        assert_eq!(distance("kitten", "sitten"), 1);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("abcd", "badc"), 2);
    }
}
