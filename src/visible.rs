//! What of a text is shown: characters that steer a screen, or hide what stands on it, become ones that are seen.
//!
//! Everything that a person reads goes through here, whether it stands in a file, in a name or in an argument.

use std::borrow::Cow;

use crate::python::filename;

/// The text with each character replaced that is not seen; line ends and tabs stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |c| matches!(c, '\n' | '\t'))
}

/// The same on one line: line ends and tabs are replaced too.
#[must_use]
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    shown(text, |_| false)
}

fn shown(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let replaced = |c: char| is_unseen(c) && !stays(c);
    if is_certainly_seen(text, &stays) || !text.contains(replaced) {
        return text.into();
    }
    text.chars().map(|c| if replaced(c) { picture(c) } else { c }).collect::<String>().into()
}

/// Whether a text certainly has no character that is replaced.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    is_certainly_seen(text, &|_| false)
}

/// The same by its bytes: beyond ASCII what is not seen begins with one of six. Of two of these, with which frames are drawn too, the
/// next byte tells.
fn is_certainly_seen(text: &str, stays: &impl Fn(char) -> bool) -> bool {
    let bytes = text.as_bytes();
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or_default();
    bytes.iter().enumerate().all(|(at, byte)| match *byte {
        0x20..0x7f => true,
        0..0x20 | 0x7f => stays(char::from(*byte)),
        0xc2 => next(at) >= 0xa0,
        0xe2 => next(at) > 0x81,
        byte => !matches!(byte, 0xd8 | 0xef | 0xf3 | 0xf4),
    })
}

/// Whether a character steers a screen or hides what stands there: controls (C0, DEL, C1), ends of lines, marks that turn the
/// direction of writing or have no width at all and mean nothing, and bytes of a file name that are not UTF-8.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    match u32::from(c) {
        0..=0x1f
        | 0x7f..=0x9f
        // Direction: ALM, LRM, RLM, embeddings and overrides, isolates; and the line and the paragraph separator.
        | 0x061c
        | 0x200e..=0x200f
        | 0x2028..=0x202e
        | 0x2066..=0x206f
        // Without width: ZWSP, BOM, interlinear annotations, tags.
        | 0x200b
        | 0xfeff
        | 0xfff9..=0xfffb
        | 0xe_0000..=0xe_007f => true,
        _ => filename::byte(c).is_some(),
    }
}

/// What is shown instead: Unicode has a picture of each ASCII control.
fn picture(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_replaced_one_for_one() {
        for (text, all, line) in [
            ("a\tb\n", "a\tb\n", "a\u{2409}b\u{240a}"),
            ("\r\0\u{1b}[1m", "\u{240d}\u{2400}\u{241b}[1m", "\u{240d}\u{2400}\u{241b}[1m"),
            ("é\u{7f}\u{85}\u{9b}2J", "é\u{2421}\u{fffd}\u{fffd}2J", "é\u{2421}\u{fffd}\u{fffd}2J"),
            (
                "\u{202e}x\u{2066}\u{2028}\u{2029}",
                "\u{fffd}x\u{fffd}\u{fffd}\u{fffd}",
                "\u{fffd}x\u{fffd}\u{fffd}\u{fffd}",
            ),
            (
                "\u{61c}\u{feff}\u{e0041}\u{10f7ff}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("ÄΩ中🙂\u{200d}…", "ÄΩ中🙂\u{200d}…", "ÄΩ中🙂\u{200d}…"),
        ] {
            assert_eq!((&*visible(text), &*on_one_line(text)), (all, line));
        }
    }

    /// What the quick look passes over holds nothing that is replaced.
    #[test]
    fn no_character_slips_through_the_quick_look() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32).filter(|c| is_unseen(*c)) {
            assert!(!is_plain(&String::from(c)), "{c:?}");
        }
    }
}
