//! The ledger, in which every written option gets its grade: what nobody has spoken of is lost, loudly.

mod losses;

use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::announce;
use crate::diagnostic::{Diagnostic, Rule, Severity, Telling};
use crate::hash::{HashMap, HashSet};
use crate::keys::{Key, Number, SectionKind, Tables};
use crate::load::Merged;
use crate::source::Place;

pub use losses::{Loss, Losses};
use losses::{Said, place_of};

/// How much of a setting is kept. The order is that of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// All of it; nothing is said.
    Exact,
    /// Translated, with the difference named.
    Approximate,
    /// Not translated.
    Lost,
}

/// How many (section, option) pairs that are written have which grade, each at its worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Translated without a difference, or of no concern to the target.
    pub exact: usize,
    /// Translated with a difference.
    pub approximate: usize,
    /// Lost.
    pub lost: usize,
}

/// What is said of an option; of how many sections it is said is another matter.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    /// The rule that it is said by.
    pub rule: &'static Rule,
    /// The option.
    pub key: &'static Key,
    /// How much of the option is kept.
    pub grade: Grade,
    /// How people are told.
    pub telling: Telling,
    /// The sentence itself.
    pub message: &'a str,
}

impl Sentence<'_> {
    /// What makes two sentences one.
    fn identity(&self) -> (&str, Number, &str, Grade, Telling) {
        let Self { rule, key, grade, telling, message } = self;
        (message, key.number, rule.code, *grade, *telling)
    }
}

impl PartialEq for Sentence<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Sentence<'_> {}

impl Hash for Sentence<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (message, key, ..) = self.identity();
        (message, key).hash(state);
    }
}

/// What has become of one option of one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// It is not written, or not to be counted.
    Absent,
    /// It is written, and nobody has spoken of it.
    Open,
    /// Its worst grade so far.
    Graded(Grade),
}

/// What has become of the written options so far.
#[derive(Debug)]
pub struct Ledger<'a> {
    merged: &'a Merged<'a>,
    /// Of each section of `merged`: the keys that it may have, and where its marks begin.
    sections: Vec<(Tables, usize)>,
    /// The marks of all sections, each section's by the numbers of its options.
    marks: Vec<Mark>,
    /// The section that was asked for last, and its number: it will be asked for again.
    last: Cell<(&'a str, usize)>,
    /// The names of the sections, and after them those that are spoken of and not written.
    names: Vec<&'a str>,
    sentences: Vec<Sentence<'a>>,
    /// The numbers of the sentences.
    numbers: HashMap<Sentence<'a>, u32>,
    /// The sentences with their sections, by number, in the order in which they were said.
    said: Vec<Said>,
    /// Those of them that are of sections which all programs share, and those of the program of which the last was said: each is
    /// said once. What a program hears again later [`Ledger::sorted`] leaves out.
    heard: [HashSet<Said>; 2],
    /// Sections that Supervisor refuses, and names that cannot be.
    errors: Vec<Diagnostic<'a>>,
    /// The sentence in the making.
    buffer: String,
}

impl<'a> Ledger<'a> {
    /// A ledger with the options of all sections that Supervisor reads; those of `[DEFAULT]` stand where they are
    /// inherited. `errors`: what Supervisor refuses.
    #[must_use]
    pub fn new(merged: &'a Merged<'a>, errors: Vec<Diagnostic<'a>>) -> Self {
        let mut sections = Vec::with_capacity(merged.sections.len());
        let mut marks = Vec::new();
        for section in merged.sections.values() {
            let tables = section.kind.map(SectionKind::tables).unwrap_or_default();
            sections.push((tables, marks.len()));
            let mask = merged.options(section).mask() | merged.defaults().mask();
            let start = marks.len();
            for key in keys_of(tables) {
                let at = start + key.number.index();
                marks.resize(marks.len().max(at + 1), Mark::Absent);
                if let Some(mark) = marks.get_mut(at).filter(|_| mask & key.number.bit() != 0) {
                    *mark = Mark::Open;
                }
            }
        }
        Self {
            merged,
            sections,
            marks,
            last: Cell::new(("", usize::MAX)),
            names: merged.sections.keys().collect(),
            sentences: Vec::new(),
            numbers: HashMap::default(),
            said: Vec::new(),
            heard: Default::default(),
            errors,
            buffer: String::new(),
        }
    }

    /// The option's own place if it is written, else its section's header, else the beginning of the file.
    #[must_use]
    pub fn place(&self, section: &'a str, key: &Key) -> Place {
        place_of(self.merged, self.number(section).and_then(|number| self.merged.sections.at(number)), key)
    }

    /// The text of an option as written.
    #[must_use]
    pub fn text(&self, section: &'a str, key: &Key) -> Option<&'a str> {
        let (_, section) = self.merged.sections.at(self.number(section)?)?;
        self.merged.seen_by(section, key).map(|setting| setting.text)
    }

    /// The text of an option that Supervisor does not read, by its name.
    #[must_use]
    pub fn other(&self, section: &str, option: &str) -> Option<&'a str> {
        self.merged.setting(section, option).map(|setting| setting.text)
    }

    /// The written options of a section.
    #[must_use]
    pub fn written(&self, section: &'a str) -> Vec<&'static Key> {
        let marks = self.number(section).into_iter().flat_map(|section| self.marks_of(section));
        marks.filter(|(_, mark)| *mark != Mark::Absent).map(|(key, _)| key).collect()
    }

    /// The option is translated, or describes what the target does not have and no program can see.
    pub fn exact(&mut self, section: &'a str, key: &'static Key) {
        self.grade(section, key, Grade::Exact);
    }

    /// The same of all options of a section.
    pub fn all_exact(&mut self, section: &'a str) {
        let Some(number) = self.number(section) else { return };
        for mark in self.marks_mut(number) {
            if *mark == Mark::Open {
                *mark = Mark::Graded(Grade::Exact);
            }
        }
    }

    /// The option is translated, with a difference.
    pub fn approximate(
        &mut self,
        rule: &'static Rule,
        section: &'a str,
        key: &'static Key,
        message: impl fmt::Display,
    ) {
        self.grade(section, key, Grade::Approximate);
        self.say(rule, section, key, Grade::Approximate, Telling::Own, message);
    }

    /// The option is not translated.
    pub fn lost(&mut self, rule: &'static Rule, section: &'a str, key: &'static Key, message: impl fmt::Display) {
        self.grade(section, key, Grade::Lost);
        self.say(rule, section, key, Grade::Lost, Telling::Own, message);
    }

    /// A difference that holds for all; it is not counted as one of the option.
    pub fn constant(&mut self, rule: &'static Rule, section: &'a str, key: &'static Key, message: impl fmt::Display) {
        self.say(rule, section, key, Grade::Approximate, Telling::Once, message);
    }

    /// The section makes nothing: what it says and nobody has spoken of is lost, for a reason that has been told.
    pub fn implied(&mut self, section: &'a str, message: &str) {
        self.lose(section, message, |mark| mark == Mark::Open);
    }

    /// The section makes nothing, for a reason that has been told: all that it says is lost, whatever was said of it before.
    pub fn nothing(&mut self, section: &'a str, message: &str) {
        self.lose(section, message, |mark| !matches!(mark, Mark::Absent | Mark::Graded(Grade::Lost)));
    }

    /// Nothing is made of the file, for a reason that has been told: what else it says is not kept, and not counted.
    pub fn nothing_at_all(&mut self) {
        for mark in self.marks.iter_mut().filter(|mark| **mark == Mark::Graded(Grade::Exact)) {
            *mark = Mark::Absent;
        }
    }

    fn lose(&mut self, section: &'a str, message: &str, which: fn(Mark) -> bool) {
        let Some(number) = self.number(section) else { return };
        let keys: Vec<&'static Key> =
            self.marks_of(number).filter(|(_, mark)| which(*mark)).map(|(key, _)| key).collect();
        for key in keys {
            self.grade(section, key, Grade::Lost);
            self.say(&announce::NOT_CONVERTIBLE, section, key, Grade::Lost, Telling::Implied, message);
        }
    }

    /// The section is not converted and not counted.
    pub fn forget(&mut self, section: &'a str) {
        let Some(number) = self.number(section) else { return };
        self.marks_mut(number).fill(Mark::Absent);
    }

    /// Nothing is made of the section, since a name that it gives cannot be.
    pub fn error(&mut self, section: &'a str, key: &'static Key, message: impl fmt::Display) {
        let place = self.place(section, key);
        let error = Diagnostic::new(&announce::NOT_CONVERTIBLE, place, message.to_string());
        self.errors.push(error.severity(Severity::Error).of(section, Some(key.name)));
    }

    /// The errors so far.
    #[must_use]
    pub fn errors(&self) -> &[Diagnostic<'a>] {
        &self.errors
    }

    /// Gives an option a grade; the worst of several counts.
    fn grade(&mut self, section: &'a str, key: &'static Key, grade: Grade) {
        let mark = self.number(section).and_then(|section| self.marks_mut(section).get_mut(key.number.index()));
        if let Some(mark) = mark.filter(|mark| **mark != Mark::Absent) {
            *mark = (*mark).max(Mark::Graded(grade));
        }
    }

    /// Says a sentence of a section.
    fn say(
        &mut self,
        rule: &'static Rule,
        section: &'a str,
        key: &'static Key,
        grade: Grade,
        telling: Telling,
        message: impl fmt::Display,
    ) {
        let number = self.sentence(rule, key, grade, telling, message);
        self.say_of(section, number);
    }

    /// The number of a difference that holds for all, to be said of many sections by [`Ledger::constant_of`].
    pub fn constant_number(&mut self, rule: &'static Rule, key: &'static Key, message: impl fmt::Display) -> u32 {
        self.sentence(rule, key, Grade::Approximate, Telling::Once, message)
    }

    /// As [`Ledger::constant`], of a sentence by its number.
    pub fn constant_of(&mut self, section: &'a str, number: u32) {
        self.say_of(section, number);
    }

    /// The number of a sentence.
    fn sentence(
        &mut self,
        rule: &'static Rule,
        key: &'static Key,
        grade: Grade,
        telling: Telling,
        message: impl fmt::Display,
    ) -> u32 {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        // Writing to a String cannot fail.
        let _ = write!(buffer, "{message}");
        let sentence = Sentence { rule, key, grade, telling, message: &buffer };
        let numbers: &HashMap<Sentence<'_>, u32> = &self.numbers;
        let number = numbers.get(&sentence).copied().unwrap_or_else(|| {
            let kept = Sentence { message: self.merged.sources.keep(&*buffer), ..sentence };
            let number = narrow(self.sentences.len());
            self.sentences.push(kept);
            self.numbers.insert(kept, number);
            number
        });
        self.buffer = buffer;
        number
    }

    /// Says it; each process of a program says the same, which is heard once.
    fn say_of(&mut self, name: &'a str, sentence: u32) {
        let section = self.number(name).unwrap_or_else(|| {
            let written = self.merged.sections.len();
            let beside = self.names.iter().skip(written).position(|known| *known == name);
            beside.map_or_else(
                || {
                    self.names.push(name);
                    self.names.len() - 1
                },
                |beside| written + beside,
            )
        });
        let shared = !name.contains(':');
        let said = Said { sentence, section: narrow(section) };
        let [of_all, of_program] = &mut self.heard;
        if !shared && self.said.last().is_some_and(|last| last.section != said.section) {
            of_program.clear();
        }
        let heard = if shared { of_all } else { of_program };
        if heard.insert(said) {
            self.said.push(said);
        }
    }

    /// The number of a section that is written.
    fn number(&self, section: &'a str) -> Option<usize> {
        let (last, number) = self.last.get();
        if std::ptr::eq(last, section) {
            return Some(number);
        }
        let number = self.merged.sections.position(section)?;
        // What all programs share must not drive out the program.
        if section.contains(':') {
            self.last.set((section, number));
        }
        Some(number)
    }

    /// Where the marks of a section are.
    fn range(&self, section: usize) -> Range<usize> {
        let start = |section: usize| self.sections.get(section).map_or(self.marks.len(), |(_, start)| *start);
        start(section)..start(section + 1)
    }

    fn marks_of(&self, section: usize) -> impl Iterator<Item = (&'static Key, Mark)> + '_ {
        let tables = self.sections.get(section).map(|(tables, _)| *tables).unwrap_or_default();
        let marks = self.marks.get(self.range(section)).unwrap_or_default();
        keys_of(tables).filter_map(|key| Some((key, *marks.get(key.number.index())?)))
    }

    fn marks_mut(&mut self, section: usize) -> &mut [Mark] {
        let range = self.range(section);
        self.marks.get_mut(range).unwrap_or_default()
    }

    /// The losses by place, the count, and the errors. What nobody has spoken of is lost: an option is never dropped silently.
    #[must_use]
    pub fn close(mut self) -> (Losses<'a>, Tally, Vec<Diagnostic<'a>>) {
        let mut tally = Tally::default();
        for (number, section) in self.merged.sections.keys().enumerate() {
            let open: Vec<&'static Key> =
                self.marks_of(number).filter(|(_, mark)| *mark == Mark::Open).map(|(key, _)| key).collect();
            for key in open {
                let message = format_args!("{}= is not translated.", key.name);
                self.lost(&announce::NOT_CONVERTIBLE, section, key, message);
            }
        }
        for mark in &self.marks {
            match mark {
                Mark::Absent | Mark::Open => {}
                Mark::Graded(Grade::Exact) => tally.exact += 1,
                Mark::Graded(Grade::Approximate) => tally.approximate += 1,
                Mark::Graded(Grade::Lost) => tally.lost += 1,
            }
        }
        let said = std::mem::take(&mut self.said);
        let said = self.sorted(said);
        let Self { merged, sentences, names, errors, .. } = self;
        (Losses { merged, sentences, names, said }, tally, errors)
    }

    /// What was said, by how it is told, by place, by rule, and as it was said.
    fn sorted(&self, said: Vec<Said>) -> Vec<Said> {
        let mut codes: Vec<&str> = self.sentences.iter().map(|sentence| sentence.rule.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let rank = |sentence: &Sentence<'_>| {
            let code = codes.partition_point(|code| *code < sentence.rule.code);
            (sentence.telling as u8, u16::try_from(code).unwrap_or(u16::MAX))
        };
        let ranks: Vec<(u8, u16)> = self.sentences.iter().map(rank).collect();
        // One number to compare: told, file, place, rule, and when it was said.
        let mut order: Vec<u128> = Vec::with_capacity(said.len());
        for (at, one) in (0u32..).zip(&said) {
            let (telling, code) = ranks.get(one.sentence as usize).copied().unwrap_or_default();
            let sentence = self.sentences.get(one.sentence as usize);
            let place = sentence.map_or_else(Place::default, |sentence| {
                place_of(self.merged, self.merged.sections.at(one.section as usize), sentence.key)
            });
            let by_place = u128::from(telling) << 64 | u128::from(place.source.0) << 32 | u128::from(place.span.start);
            order.push((by_place << 16 | u128::from(code)) << 32 | u128::from(at));
        }
        order.sort_unstable();
        let at = |order: u128| said.get(usize::try_from(order & u128::from(u32::MAX)).ok()?).copied();
        let mut heard = HashSet::default();
        let mut before = u128::MAX;
        // Equal ones have the same place and rule.
        order.retain_mut(|one| {
            if std::mem::replace(&mut before, *one >> 32) != *one >> 32 {
                heard.clear();
            }
            let new = at(*one).filter(|said| heard.insert(*said));
            *one = new.map_or(0, |said| u128::from(said.sentence) << 32 | u128::from(said.section));
            new.is_some()
        });
        // What comes needs the room.
        drop(said);
        let half = |number: u128| u32::try_from(number & u128::from(u32::MAX)).unwrap_or_default();
        order.into_iter().map(|one| Said { sentence: half(one >> 32), section: half(one) }).collect()
    }
}

/// All keys of a section.
fn keys_of(tables: Tables) -> impl Iterator<Item = &'static Key> {
    tables.iter().flat_map(|keys| keys.iter().copied())
}

/// A number of a list in memory; none has four thousand million entries.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
