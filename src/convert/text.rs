//! The texts of the files of a plan: a hundred thousand of them are in memory at once, and most of their lines are the same.

use crate::hash::HashSet;
use std::fmt;
use std::iter;
use std::mem;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The text of a file: what it shares with other files, and in between what it has alone.
#[derive(Clone, Debug, Default)]
pub struct FileText {
    shared: Arc<[Box<str>]>,
    own: Box<str>,
    /// Where in `own` the part ends that follows each of what is shared; what is left stands at the end.
    ends: Box<[u32]>,
}

/// What files have in common.
#[derive(Debug, Default)]
pub struct Shared(HashSet<Arc<[Box<str>]>>);

impl Shared {
    /// A text; `own`: whether a line is likely to stand in this file alone.
    pub fn text(&mut self, text: String, own: impl Fn(&str) -> bool) -> FileText {
        if u32::try_from(text.len()).is_err() {
            return text.into();
        }
        let (mut shared, mut alone, mut ends) = (vec![String::new()], String::new(), Vec::new());
        for line in text.split_inclusive('\n') {
            let end = u32::try_from(alone.len()).unwrap_or_default();
            if own(line) {
                alone.push_str(line);
            } else if ends.last().copied().unwrap_or_default() < end {
                ends.push(end);
                shared.push(line.to_owned());
            } else if let Some(last) = shared.last_mut() {
                last.push_str(line);
            }
        }
        ends.push(u32::try_from(alone.len()).unwrap_or_default());
        let shared: Vec<Box<str>> = shared.into_iter().map(String::into_boxed_str).collect();
        let shared = self.0.get(shared.as_slice()).cloned().unwrap_or_else(|| {
            let new: Arc<[Box<str>]> = shared.into();
            self.0.insert(Arc::clone(&new));
            new
        });
        FileText { shared, own: alone.into(), ends: ends.into() }
    }
}

impl FileText {
    /// Its parts, one after the other.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let ends = || self.ends.iter().map(|end| *end as usize);
        let own = |start: usize, end: usize| self.own.get(start..end).unwrap_or_default();
        let of_own = iter::once(0).chain(ends()).zip(ends()).map(move |(start, end)| own(start, end));
        let rest = own(ends().next_back().unwrap_or(0), self.own.len());
        self.shared.iter().map(|shared| &**shared).zip(of_own).flat_map(<[&str; 2]>::from).chain([rest])
    }

    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.parts().map(str::len).sum()
    }
}

impl PartialEq for FileText {
    fn eq(&self, other: &Self) -> bool {
        self.parts().flat_map(str::bytes).eq(other.parts().flat_map(str::bytes))
    }
}

impl Eq for FileText {}

impl From<String> for FileText {
    fn from(text: String) -> Self {
        Self { own: text.into(), ..Self::default() }
    }
}

impl From<FileText> for String {
    fn from(mut text: FileText) -> Self {
        if text.shared.is_empty() { mem::take(&mut text.own).into() } else { text.parts().collect() }
    }
}

impl fmt::Display for FileText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().try_for_each(|part| f.write_str(part))
    }
}

impl Serialize for FileText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_is_kept_once_and_each_text_is_whole() {
        let mut shared = Shared::default();
        let text = |number: u32| format!("# {number}\n[Unit]\nType=exec\nName={number}\nId={number}\n[Install]\n\n");
        let texts = ["", "\n", "# a", "# a\n# b\n", "x", "x\n# a", "# a\nx\n\n# b\ny"].map(str::to_owned);
        let texts: Vec<String> = texts.into_iter().chain((0..9).map(text)).collect();
        let own = |line: &str| line.starts_with("# ") || line.starts_with("Name=") || line.starts_with("Id=");
        for text in &texts {
            let kept = shared.text(text.clone(), own);
            assert_eq!((&kept.to_string(), kept.length()), (text, text.len()));
            assert_eq!(&String::from(kept), text);
            assert_eq!(&FileText::from(text.clone()).to_string(), text);
        }
        let [one, other] = [1, 8].map(|number| shared.text(text(number), own));
        assert!(Arc::ptr_eq(&one.shared, &other.shared));
        assert_eq!((&*one.own, &*other.own), ("# 1\nName=1\nId=1\n", "# 8\nName=8\nId=8\n"));
    }
}
