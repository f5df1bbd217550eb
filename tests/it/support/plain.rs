//! Whether a text that people read is short and plain enough for a tired reader.

/// Most characters of a message beside the names in it.
pub const MESSAGE: usize = 120;

/// Turns of phrase that have to be read twice.
const HARD: &[&str] = &[
    " is no ",
    " are no ",
    " it is none",
    " stands ",
    " stand ",
    " behind ",
    "all the same",
    "take away",
    "takes away",
    "taken away",
    "take it away",
    "taken off",
    "take them",
    "without a word",
    "passed over",
    "passes over",
    "for ever",
    "any more",
    "begins no ",
    "that there is",
    "of its own accord",
    "will do",
    "whoever",
    "mostly",
    "take no notice",
    "takes no notice",
    "to the letter",
    "in silence",
    "speaks of",
    "speak of",
    "speak by",
    "spoken of",
    "knows no ",
    "made up",
    "taken for",
    "is meant",
    "if it lay",
    "what they like",
    "from outside",
];

/// What is wrong with a message; `None` where it is short and plain.
pub fn wrong(message: &str) -> Option<String> {
    let bare = bare(message);
    let length = bare.chars().count();
    if length > MESSAGE {
        return Some(format!("{length} characters beside names, more than {MESSAGE}: {message}"));
    }
    hard(&bare).map(|hard| format!("{hard:?} has to be read twice: {message}"))
}

/// The turn of phrase in a text that has to be read twice.
pub fn hard(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    HARD.iter().find(|hard| text.contains(**hard)).copied()
}

/// A message without its names: what is quoted, sections, paths, assignments and numbers.
pub fn bare(message: &str) -> String {
    let mut bare = String::new();
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '\'' | '`' | '"' if !bare.ends_with(char::is_alphanumeric) => Some(first),
            '[' => Some(']'),
            _ => None,
        };
        let inside = close.and_then(|close| rest.get(1..)?.split_once(close));
        if let Some((_, behind)) = inside {
            rest = behind;
            continue;
        }
        bare.push(first);
        rest = rest.get(first.len_utf8()..).unwrap_or("");
    }
    let is_name = |word: &&str| {
        let word = word.trim_matches(|c: char| ",;:.()".contains(c));
        word.contains(['/', '=', '_', '%', '.']) || word.starts_with('-') || word.chars().all(|c| c.is_ascii_digit())
    };
    bare.split(' ').filter(|word| word.len() < 3 || !is_name(word)).collect::<Vec<_>>().join(" ")
}
