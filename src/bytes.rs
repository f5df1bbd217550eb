//! Bytes in texts, found many at a time.
//!
//! `memchr` itself asks the processor what it can before it looks for the first byte. In a virtual machine the host answers,
//! and that takes a tenth of what linting a file takes. So here the vectors are those that each processor of its kind has.

#[cfg(target_arch = "x86_64")]
use memchr::arch::x86_64::sse2::memchr::{One, Three, Two};

/// The first of this byte.
pub(crate) fn memchr(byte: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(one) = One::new(byte) {
        return one.find(text);
    }
    memchr::memchr(byte, text)
}

/// The first of either byte.
pub(crate) fn memchr2(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(two) = Two::new(one, other) {
        return two.find(text);
    }
    memchr::memchr2(one, other, text)
}

/// The first of any of these bytes.
pub(crate) fn memchr3(one: u8, two: u8, three: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(three) = Three::new(one, two, three) {
        return three.find(text);
    }
    memchr::memchr3(one, two, three, text)
}

/// The last of this byte.
pub(crate) fn memrchr(byte: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(one) = One::new(byte) {
        return one.rfind(text);
    }
    memchr::memrchr(byte, text)
}

/// The last of either byte.
pub(crate) fn memrchr2(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(two) = Two::new(one, other) {
        return two.rfind(text);
    }
    memchr::memrchr2(one, other, text)
}

/// Where this byte stands.
pub(crate) fn memchr_iter(byte: u8, text: &[u8]) -> impl Iterator<Item = usize> {
    all(text, move |rest| memchr(byte, rest))
}

/// Where either byte stands.
pub(crate) fn memchr2_iter(one: u8, other: u8, text: &[u8]) -> impl Iterator<Item = usize> {
    all(text, move |rest| memchr2(one, other, rest))
}

fn all(text: &[u8], find: impl Fn(&[u8]) -> Option<usize>) -> impl Iterator<Item = usize> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + find(text.get(from..)?)?;
        from = at + 1;
        Some(at)
    })
}
