//! How people are told of several subjects in one sentence.

/// The subjects after the first one: a list of so many, and how many more there are.
pub(in crate::rules) fn others(subjects: &[&str], most: usize) -> String {
    let named: Vec<&str> = subjects.iter().take(most).copied().collect();
    match subjects.len().saturating_sub(most) {
        0 => named.join(", "),
        more => format!("{} and {more} more (--all names them)", named.join(", ")),
    }
}
