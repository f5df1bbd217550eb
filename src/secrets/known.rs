//! The secrets of a configuration: where they stand in its files, and where one stands again in any other text.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::files::Held;
use super::{found, masked, merge, named, names, places, values};
use crate::hash::HashSet;
use crate::keys::KINDS;
use crate::reading::Reading;
use crate::source::{Place, SourceId, Sources, Span};

/// Fewer characters stand in other words by chance: such a secret is one at its own place only.
const LONG: usize = 8;
/// And fewer than these in any text.
const SHORT: usize = 4;

/// The secrets of the files of a configuration, and of the environment that it is read with. They are looked for when the
/// first of them is asked for.
#[derive(Clone, Debug)]
pub struct Secrets<'a> {
    sources: &'a Sources,
    files: Vec<SourceId>,
    /// The environment that is given.
    given: &'a [(String, String)],
    known: OnceCell<Known>,
    /// What finds the short ones of the lines that were asked for last: a place may have a million labels.
    short: RefCell<Option<(Place, Option<AhoCorasick>)>>,
}

#[derive(Clone, Debug)]
struct Known {
    /// Where secrets stand in each of the files, and parts of them.
    places: Vec<(SourceId, Vec<Span>, Vec<Span>)>,
    /// What finds the long ones; none where there is no secret.
    finder: Option<AhoCorasick>,
    /// The short ones that are no words of the files.
    short: HashSet<String>,
}

impl<'a> Secrets<'a> {
    /// Those of some files.
    #[must_use]
    pub fn of(sources: &'a Sources, files: Vec<SourceId>, reading: &'a Reading) -> Self {
        let given = reading.environment.as_deref().unwrap_or_default();
        Self { sources, files, given, known: OnceCell::new(), short: RefCell::new(None) }
    }

    /// The files and those beside them.
    #[must_use]
    pub fn sources(&self) -> &'a Sources {
        self.sources
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &[SourceId] {
        &self.files
    }

    /// Where secrets stand in a text of these files, or of what is made of them. Sorted, and apart from each other.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        self.with_known(places(text), text)
    }

    /// Whether a text has a secret.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        !self.places(text).is_empty()
    }

    /// Whether a variable holds a secret: by its name, by its shape, or since it repeats one.
    #[must_use]
    pub fn variable(&self, name: &str, value: &str) -> bool {
        named(name, value) || self.stand_in(value)
    }

    /// Whether a text as it is written takes a variable that holds a secret; `value`: of a variable of a process.
    #[must_use]
    pub fn taken_by<'v>(&'v self, written: &str, value: impl Fn(&str) -> Option<&'v str>) -> bool {
        let taken = written.split("%(ENV_").skip(1).filter_map(|rest| rest.split_once(')'));
        taken.filter_map(|(name, _)| Some((name, names::kind(name)?))).any(|(name, kind)| {
            let given = || self.given.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
            value(name).or_else(given).is_some_and(|value| kind.holds(value))
        })
    }

    /// A text with the secrets masked.
    #[must_use]
    pub fn mask<'t>(&self, text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
        let text = text.into();
        let ranges = self.with_known(found(&text, true), &text);
        masked(text, &ranges)
    }

    /// A name or a path, with the secrets of these files masked.
    #[must_use]
    pub fn mask_name<'t>(&self, name: &'t str) -> Cow<'t, str> {
        masked(name.into(), &self.with_known(Vec::new(), name))
    }

    /// What is said of a place, with the secrets masked, the short ones of that place too.
    #[must_use]
    pub fn mask_at<'t>(&self, text: impl Into<Cow<'t, str>>, place: Place) -> Cow<'t, str> {
        let text = text.into();
        let short = self.short_at(&text, place);
        if short.is_empty() {
            return self.mask(text);
        }
        let mut ranges = self.with_known(found(&text, true), &text);
        ranges.extend(short);
        merge(&mut ranges);
        masked(text, &ranges)
    }

    /// Where the short secrets of a place stand in what is said of it. Where none does, it is masked alike at all places.
    #[must_use]
    pub fn short_at(&self, text: &str, place: Place) -> Vec<Range<usize>> {
        let Some(finder) = self.short_of(place) else { return Vec::new() };
        let bytes = text.as_bytes();
        let quoted = |at: Option<&u8>| at.is_some_and(|byte| b"'\"=:@\\/,\n".contains(byte));
        let apart = |at: Option<&u8>| at.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let stands = |range: &Range<usize>| {
            let (one, other) = (range.start.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(range.end));
            apart(one) && apart(other) && (quoted(one) || quoted(other))
        };
        finder.find_iter(text).map(|found| found.range()).filter(stands).collect()
    }

    /// Where secrets stand in one of the files. Sorted, and apart from each other.
    #[must_use]
    pub fn spans(&self, file: SourceId) -> &[Span] {
        self.of_file(file).map_or(&[], |(_, spans, _)| spans)
    }

    fn of_file(&self, file: SourceId) -> Option<&(SourceId, Vec<Span>, Vec<Span>)> {
        let places = &self.known().places;
        let at = places.binary_search_by_key(&file, |(id, ..)| *id).ok()?;
        places.get(at)
    }

    /// What finds the short secrets on the lines of a place.
    fn short_of(&self, place: Place) -> Option<AhoCorasick> {
        let source = self.sources.get(place.source)?;
        let short = &self.known().short;
        if short.is_empty() {
            return None;
        }
        let lines = Span { start: source.line_of(place.span.start).start, end: source.line_of(place.span.end).end };
        let lines = Place { span: lines, ..place };
        if let Some((_, finder)) = self.short.borrow().as_ref().filter(|(known, _)| *known == lines) {
            return finder.clone();
        }
        let (_, spans, parts) = self.of_file(place.source)?;
        let here = |spans: &'_ [Span]| {
            let first = spans.partition_point(|span| span.end <= lines.span.start);
            let end = spans.partition_point(|span| span.start < lines.span.end);
            first..end.max(first)
        };
        let spans = [spans, parts].map(|spans| spans.get(here(spans)).unwrap_or(&[]));
        let texts = spans
            .into_iter()
            .flatten()
            .flat_map(|span| forms(source.slice(*span)))
            .filter_map(|text| short.get(&*text));
        // Each once: of many that are equal it would walk all.
        let texts: BTreeSet<&String> = texts.collect();
        let finder = finder(&texts.into_iter().collect::<Vec<_>>());
        self.short.replace(Some((lines, finder.clone())));
        finder
    }

    fn with_known(&self, mut ranges: Vec<Range<usize>>, text: &str) -> Vec<Range<usize>> {
        let before = ranges.len();
        if let Some(finder) = &self.known().finder {
            ranges.extend(finder.find_iter(text).map(|found| found.range()));
        }
        if before < ranges.len() {
            merge(&mut ranges);
        }
        ranges
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| self.look())
    }

    fn look(&self) -> Known {
        let mut files: Vec<_> = self.files.iter().filter_map(|id| Some((*id, self.sources.get(*id)?))).collect();
        files.sort_unstable_by_key(|(id, _)| *id);
        let held: Vec<Held> = files.iter().map(|(_, source)| Held::of(source)).collect();
        let mut secrets: HashSet<Cow<'_, str>> = HashSet::default();
        for ((_, source), held) in files.iter().zip(&held) {
            secrets.extend(held.secrets.iter().chain(&held.parts).flat_map(|span| forms(source.slice(*span))));
        }
        for (name, value) in self.given {
            let whole = named(name, value).then_some(0..value.len());
            let ranges = whole.map_or_else(|| places(value), |whole| vec![whole]);
            secrets.extend(ranges.into_iter().filter_map(|range| value.get(range)).flat_map(forms));
        }
        secrets.retain(|secret| !is_of_supervisor(secret));
        if !secrets.is_empty() {
            for ((_, source), held) in files.iter().zip(&held) {
                for word in held.words.iter().map(|span| source.slice(*span)) {
                    secrets.remove(word);
                    for part in word.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() < word.len()) {
                        secrets.remove(part);
                    }
                }
            }
        }
        let (long, short): (Vec<_>, Vec<_>) =
            secrets.into_iter().partition(|secret| secret.chars().nth(LONG - 1).is_some());
        let finder = finder(&long);
        let short = short.into_iter().filter(|secret| secret.len() >= SHORT).map(Cow::into_owned).collect();
        let places = files.iter().zip(held).map(|((id, source), Held { mut secrets, parts, words: _ })| {
            if let Some(finder) = &finder {
                let again = finder.find_iter(source.text()).map(|found| found.start()..found.end());
                let own = secrets.iter().map(|span| span.start as usize..span.end as usize);
                let mut all: Vec<_> = own.chain(again).collect();
                merge(&mut all);
                secrets = all.into_iter().map(|range| Span::new(range.start, range.end)).collect();
            }
            (*id, secrets, parts)
        });
        Known { places: places.collect(), finder, short }
    }
}

/// What finds some texts, the longest of those that begin at a place. It is a tree of their characters: with a table of states
/// it would take longer to make than to use.
fn finder<T: AsRef<str>>(texts: &[T]) -> Option<AhoCorasick> {
    if texts.is_empty() {
        return None;
    }
    let mut builder = AhoCorasick::builder();
    builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::NoncontiguousNFA)).prefilter(false);
    builder.build(texts.iter().map(AsRef::as_ref)).ok()
}

/// A secret as it stands in a file, and as it stands elsewhere: without the comment behind it, without quotes, its lines one by
/// one, `%%` as one sign. A line of several may be read as an option, whose name is told in small letters.
fn forms(written: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let comment =
        written.find([';', '#']).filter(|at| written.get(..*at).is_some_and(|kept| kept.ends_with([' ', '\t'])));
    let kept = comment.and_then(|at| written.get(..at));
    let lines = [Some(written), kept].into_iter().flatten().flat_map(|text| text.split(['\n', '\r']));
    let bare = lines.map(|line| line.trim().trim_matches(['"', '\'']));
    let several = written.contains('\n');
    bare.filter(|line| !line.is_empty() && !values::is_expansion(line)).flat_map(move |line| {
        let doubled = line.contains("%%").then(|| Cow::Owned(line.replace("%%", "%")));
        let name =
            line.split_once(['=', ':']).filter(|_| several).map(|(name, _)| Cow::Owned(name.trim().to_lowercase()));
        [Some(Cow::Borrowed(line)), doubled, name].into_iter().flatten()
    })
}

/// Whether a text is a word of Supervisor's, or a part of one: masked wherever it stands it would be told by what is left.
fn is_of_supervisor(text: &str) -> bool {
    /// Words that are neither options nor sections.
    const OTHERS: [&str; 4] = ["localhost", "rpcinterface_factory", "unexpected", "environment_file"];
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return false;
    }
    let sections = KINDS.iter().map(|(_, name, _)| *name);
    let options = KINDS.iter().flat_map(|(.., tables)| *tables).flat_map(|table| *table).map(|key| key.name);
    sections.chain(options).chain(OTHERS).any(|word| word.contains(text))
}
