//! Comments that ignore findings: `; supconv: ignore[rule, rule] reason`, and `ignore-file[…]`; `#` as well.
//!
//! On a line of its own such a comment speaks of what follows: an option with all its lines, or a section with all its options.
//! After an option it speaks of that option, after a header of the section. A family such as SUP2 names its rules, but not those
//! about these comments. Two things a comment never does: hide what it does not name, and hide that Supervisor cannot read the
//! file.

use super::spelling::closest;
use super::{SYNTAX, names};
use crate::diagnostic::{Diagnostic, Rule};
use crate::hash::{HashMap, HashSet};
use crate::python::Cut;
use crate::source::{Place, Source, SourceId, Sources, Span};
use crate::syntax::{self, Kind};

/// What such a comment begins with, after `;` or `#`.
const MARK: &str = "supconv:";

/// Rules about the comments themselves, which a family does not name: it would hide that it ignores nothing.
const ABOUT_COMMENTS: [&str; 2] = ["SUP018", "SUP019"];

/// Whether a rule is about these comments.
#[must_use]
pub fn is_about_comments(rule: &Rule) -> bool {
    ABOUT_COMMENTS.contains(&rule.code)
}

/// How far an ignore reaches. The order is that in which they are asked: the nearest one takes a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Option,
    Section,
    File,
}

/// One rule of one comment.
#[derive(Debug)]
struct Ignore {
    reach: Reach,
    named: Named,
    /// What it covers; those of one reach overlap only where they are the same.
    region: Span,
}

/// A rule that a comment names, alone or by its family.
#[derive(Clone, Copy, Debug)]
struct Named {
    rule: &'static Rule,
    /// The rule's name, or the family's: the beginning of its codes.
    name: &'static str,
    /// Where the comment says it.
    word: Span,
}

impl Ignore {
    /// Ignores are sorted by it, so that the first one that ends after an offset is found at once.
    fn key(&self) -> (Reach, &'static str, u32) {
        (self.reach, self.named.rule.code, self.region.end)
    }
}

/// A comment that is meant for us and ignores nothing.
#[derive(Debug)]
pub struct Mistake {
    /// What is wrong with it.
    pub kind: MistakeKind,
    /// The text that is wrong.
    pub span: Span,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MistakeKind {
    /// `supconv: ignroe[…]`.
    Instruction,
    /// `supconv: ignore` without rules.
    NoList,
    /// `supconv: ignore[…` without an end.
    Unclosed,
    /// A word that names no rule.
    NoRule,
    /// SUP001, which cannot be ignored.
    Syntax,
}

/// The ignores of all files of a run.
#[derive(Debug, Default)]
pub struct Ignores {
    /// Where the ignores of each source stand in `files`. A file that was read twice has them once.
    of: Vec<usize>,
    files: Vec<(SourceId, Vec<Ignore>)>,
}

/// A word of a comment: a rule, or a family.
pub(super) struct Word {
    /// The rule's name, or the family's.
    pub name: &'static str,
    /// Where it is written.
    pub place: Place,
    /// The rules that it names.
    pub rules: Vec<(At, &'static Rule)>,
}

/// One ignore among all: its file, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At(usize, usize);

impl Ignores {
    /// Reads the comments of all files.
    #[must_use]
    pub fn read(sources: &Sources) -> Self {
        let mut paths: HashMap<&str, usize> = HashMap::default();
        let mut ignores = Self::default();
        for (id, source) in sources.iter() {
            let files = &mut ignores.files;
            let at = *paths.entry(&source.path).or_insert_with(|| {
                files.push((id, read(source).0));
                files.len() - 1
            });
            ignores.of.push(at);
        }
        ignores
    }

    /// Whether a comment ignores this finding.
    #[must_use]
    pub fn covers(&self, finding: &Diagnostic<'_>) -> bool {
        self.covering(finding).is_some()
    }

    /// The nearest ignore that covers this finding.
    pub(super) fn covering(&self, finding: &Diagnostic<'_>) -> Option<At> {
        let Place { source, span } = finding.place;
        let file = *self.of.get(source.0 as usize)?;
        let (_, ignores) = self.files.get(file)?;
        let code = finding.rule.code;
        if ignores.is_empty() || code == SYNTAX {
            return None;
        }
        // What the file lacks is said at its beginning, and is not about the section that happens to stand there.
        let first = if span == Span::default() { Reach::File } else { Reach::Option };
        let end = span.end.max(span.start.saturating_add(1));
        let reaches = [Reach::Option, Reach::Section, Reach::File].into_iter().filter(|reach| *reach >= first);
        reaches
            .map(|reach| (reach, ignores.partition_point(|ignore| ignore.key() <= (reach, code, span.start))))
            .find(|(reach, at)| {
                let ignore = ignores.get(*at).filter(|ignore| (ignore.reach, ignore.named.rule.code) == (*reach, code));
                ignore.is_some_and(|ignore| ignore.region.start < end)
            })
            .map(|(_, at)| At(file, at))
    }

    /// The words that name rules in the comments of some files.
    pub(super) fn of(&self, files: &HashSet<SourceId>) -> Vec<Word> {
        let files: HashSet<usize> = files.iter().filter_map(|id| self.of.get(id.0 as usize).copied()).collect();
        let mut words: Vec<Word> = Vec::new();
        for (file, (source, ignores)) in self.files.iter().enumerate().filter(|(file, _)| files.contains(file)) {
            let mut of_place = HashMap::default();
            for (at, Ignore { named: Named { rule, name, word }, .. }) in ignores.iter().enumerate() {
                let number = *of_place.entry(word).or_insert(words.len());
                match words.get_mut(number) {
                    Some(word) => word.rules.push((At(file, at), rule)),
                    None => words.push(Word {
                        name,
                        place: Place { source: *source, span: *word },
                        rules: vec![(At(file, at), rule)],
                    }),
                }
            }
        }
        words
    }
}

/// What is wrong with the comments of a file that are meant for us.
#[must_use]
pub fn mistakes(source: &Source) -> Vec<Mistake> {
    read(source).1
}

/// The ignores of a file, sorted by their keys, and the mistakes in its comments.
fn read(source: &Source) -> (Vec<Ignore>, Vec<Mistake>) {
    let mut reader = CommentReader {
        text: source.text(),
        cut: source.cut,
        found: Vec::new(),
        waiting: Vec::new(),
        mistakes: Vec::new(),
    };
    // Most files have none, and are not read again.
    if source.text().contains(MARK) {
        reader.read();
    }
    let mut ignores: Vec<Ignore> = reader.found;
    ignores.sort_by_key(Ignore::key);
    (ignores, reader.mistakes)
}

struct CommentReader<'a> {
    text: &'a str,
    cut: Cut,
    found: Vec<Ignore>,
    /// Rules of comments on lines of their own: what they speak of is still to come.
    waiting: Vec<Named>,
    mistakes: Vec<Mistake>,
}

/// The section or the option that is being read.
#[derive(Default)]
struct OpenIgnore {
    span: Span,
    rules: Vec<Named>,
}

impl CommentReader<'_> {
    fn read(&mut self) {
        let mut section = OpenIgnore::default();
        let mut option = OpenIgnore::default();
        for line in syntax::lines(self.text, self.cut) {
            let own = self.comment(line.comment, line.span.end);
            match line.kind {
                Kind::Blank { kept: _ } => {}
                Kind::Comment => self.waiting.extend(own),
                Kind::Header { .. } => {
                    self.close(Reach::Option, std::mem::take(&mut option), None);
                    self.close(Reach::Section, std::mem::take(&mut section), Some(line.span.start));
                    section = OpenIgnore { span: line.span, rules: self.waiting.drain(..).chain(own).collect() };
                }
                Kind::Option { .. } | Kind::Bad { .. } | Kind::Orphan => {
                    self.close(Reach::Option, std::mem::take(&mut option), None);
                    option = OpenIgnore { span: line.span, rules: self.waiting.drain(..).chain(own).collect() };
                }
                Kind::Continuation { value: _ } => {
                    option.span.end = line.span.end;
                    option.rules.extend(self.waiting.drain(..).chain(own));
                }
            }
        }
        // What is said at the very end of the file lies after its last byte.
        let end = Span::at(self.text.len() + 1).end;
        let last = (option.span.end + 1 == end).then_some(end);
        self.close(Reach::Option, option, last);
        self.close(Reach::Section, section, Some(end));
        // Nothing follows them.
        let rules = std::mem::take(&mut self.waiting);
        self.close(Reach::Option, OpenIgnore { span: Span::default(), rules }, None);
    }

    /// Takes the ignores of what has been read, which may reach further than its last line.
    fn close(&mut self, reach: Reach, open: OpenIgnore, end: Option<u32>) {
        let region = Span { end: end.unwrap_or(open.span.end), ..open.span };
        let ignore = |named| Ignore { reach, named, region };
        self.found.extend(open.rules.into_iter().map(ignore));
    }

    /// The rules that a comment ignores where it stands; those that it ignores in the whole file are taken at once.
    fn comment(&mut self, start: Option<u32>, end: u32) -> Vec<Named> {
        let Some(start) = start.map(|start| start as usize) else { return Vec::new() };
        let text = self.text.get(start..end as usize).unwrap_or("").trim_end();
        // After another comment it begins with a mark of its own.
        let begins = |at: &usize| text.get(..*at).is_some_and(|before| before.trim_end().ends_with([';', '#']));
        let mut marks = text.match_indices(MARK).map(|(at, _)| at);
        let Some(at) = marks.find(begins) else { return Vec::new() };
        let begin = start + at;
        let behind = text.get(at + MARK.len()..).unwrap_or("");
        let instruction = behind.trim_start_matches([' ', '\t']);
        let length = instruction.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let (word, rest) = instruction.split_at_checked(length).unwrap_or((instruction, ""));
        let list = rest.trim_start_matches([' ', '\t']);
        let length = text.len() - at;
        let words = Span::new(begin, begin + length - rest.len());
        let file = match word {
            "ignore" => false,
            "ignore-file" => true,
            // Prose may begin with our name too.
            _ if list.starts_with('[') || matches!(word, "disable" | "noqa") || ignoring(word) => {
                self.mistakes.push(Mistake { kind: MistakeKind::Instruction, span: words });
                return Vec::new();
            }
            _ => return Vec::new(),
        };
        let Some(list) = list.strip_prefix('[') else {
            self.mistakes.push(Mistake { kind: MistakeKind::NoList, span: words });
            return Vec::new();
        };
        let first = begin + length - list.len();
        let Some((list, _)) = list.split_once(']') else {
            self.mistakes.push(Mistake { kind: MistakeKind::Unclosed, span: Span::new(begin, begin + length) });
            return Vec::new();
        };
        let rules = self.list(list, first);
        if list.trim_matches([',', ' ', '\t']).is_empty() {
            self.mistakes.push(Mistake { kind: MistakeKind::NoList, span: Span::new(begin, first + list.len() + 1) });
        }
        if !file {
            return rules;
        }
        self.close(Reach::File, OpenIgnore { span: Span::default(), rules }, Some(u32::MAX));
        Vec::new()
    }

    /// The rules of a list that begins at an offset.
    fn list(&mut self, list: &str, mut at: usize) -> Vec<Named> {
        let mut rules = Vec::new();
        for word in list.split([',', ' ', '\t']) {
            let span = Span::new(at, at + word.len());
            at += word.len() + 1;
            let (found, name) = match (names::find(word), names::named(word)) {
                _ if word.is_empty() => continue,
                (Some(rule), _) => (vec![rule], Some(rule.name)),
                // The codes of a family begin alike.
                (None, Ok(family)) => {
                    let name = family.first().and_then(|rule| rule.code.get(..word.len()));
                    (family.into_iter().filter(|rule| !is_about_comments(rule)).collect(), name)
                }
                (None, Err(_)) => (Vec::new(), None),
            };
            let name = name.unwrap_or_default();
            match found.as_slice() {
                [] => self.mistakes.push(Mistake { kind: MistakeKind::NoRule, span }),
                [rule] if rule.code == SYNTAX => self.mistakes.push(Mistake { kind: MistakeKind::Syntax, span }),
                _ => {
                    let found = found.into_iter().filter(|rule| rule.code != SYNTAX);
                    rules.extend(found.map(|rule| Named { rule, name, word: span }));
                }
            }
        }
        rules
    }
}

/// Whether somebody who wrote this word meant `ignore` or `ignore-file`.
fn ignoring(word: &str) -> bool {
    closest(word, ["ignore", "ignore-file", "ignore-line"].into_iter()).is_some()
}
