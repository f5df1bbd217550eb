//! Text of a configuration on a terminal: control characters become pictures, so that no file steers the reader's screen.

/// The text with its control characters replaced, one character for each; line ends and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    // C1 controls begin with 0xc2 in UTF-8; so do some letters, for which the slow way is right too.
    if text.bytes().all(|byte| byte >= 0x20 && byte != 0x7f && byte != 0xc2) {
        return text.to_owned();
    }
    text.chars().map(picture).collect()
}

fn picture(c: char) -> char {
    match u32::from(c) {
        0x09 | 0x0a => c,
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        0x80..=0x9f => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}
