//! What the fixes of values share: where a piece of a value stands in its file, and which variables it may name.

use super::changes::setting;
use super::{Mend, option_at};
use crate::fix::{Applicability, Fix, applied};
use crate::hash::HashSet;
use crate::keys::process as k;
use crate::keys::{Context, Key};
use crate::load::Setting;
use crate::rules::Lint;
use crate::rules::view::environment::{EXPANSION, once_expanded};
use crate::source::{Place, SourceId, Span};
use crate::syntax::{Kind, pairs};

/// The setting of an option that counts for its section alone; `[DEFAULT]` may be the section.
pub(in crate::rules) fn own<'a>(lint: &Lint<'a>, section: &str, option: &str) -> Option<&'a Setting<'a>> {
    setting(lint, section, option).filter(|setting| !lint.merged.is_inherited(setting))
}

/// Pieces of a text, and what stands there afterwards.
#[derive(Default)]
pub(in crate::rules) struct Edits(Vec<(Span, String)>);

impl Edits {
    pub(in crate::rules) fn replace(&mut self, start: usize, end: usize, text: &str) {
        self.0.push((Span::new(start, end), text.to_owned()));
    }

    pub(in crate::rules) fn insert(&mut self, at: usize, text: &str) {
        self.replace(at, at, text);
    }

    /// Makes `%(ENV_NAME)s` of the `$NAME` or `${NAME}` that begins there.
    pub(in crate::rules) fn expand(&mut self, at: usize, variable: &str) {
        let braces = usize::from(variable.starts_with("${"));
        let end = at + variable.len();
        self.replace(at, at + 1 + braces, "%(ENV_");
        self.replace(end - braces, end, ")s");
    }

    /// In the order of the text; those that touch are one.
    pub(in crate::rules) fn joined(mut self) -> Self {
        self.0.sort_by_key(|(span, _)| *span);
        let mut joined: Vec<(Span, String)> = Vec::with_capacity(self.0.len());
        for (span, text) in self.0 {
            match joined.last_mut() {
                Some((last, before)) if last.end >= span.start => {
                    last.end = last.end.max(span.end);
                    before.push_str(&text);
                }
                _ => joined.push((span, text)),
            }
        }
        Self(joined)
    }

    /// What they make of the text. They are joined.
    pub(in crate::rules) fn of(&self, text: &str) -> Option<String> {
        let edits = self.0.iter().map(|(span, new)| (span.start, span.end, new.as_str()));
        String::from_utf8(applied(text.as_bytes(), edits)).ok()
    }
}

/// A value as its file has it: without comments, its lines joined as Supervisor joins them; `%(here)s` as it is written.
pub(in crate::rules) struct Standing {
    pub(in crate::rules) text: String,
    source: SourceId,
    /// Where each line begins, here and in the file.
    lines: Vec<(usize, u32)>,
}

impl Standing {
    pub(in crate::rules) fn of(lint: &Lint<'_>, setting: &Setting<'_>) -> Option<Self> {
        let id = setting.key.source;
        let source = lint.sources.get(id)?;
        let mut standing = Self { text: String::new(), source: id, lines: Vec::new() };
        let mut ends = 0;
        for line in option_at(source, setting.key)? {
            let value = match line.kind {
                Kind::Option { key: _, delimiter: _, value } | Kind::Continuation { value } => value,
                Kind::Blank { kept: _ } => {
                    ends += 1;
                    continue;
                }
                _ => continue,
            };
            standing.text.extend(std::iter::repeat_n('\n', ends));
            ends = 1;
            standing.lines.push((standing.text.len(), value.start));
            standing.text.push_str(source.slice(value));
        }
        Some(standing)
    }

    /// A fix in the making with these edits, which are joined; each lies in one line.
    pub(in crate::rules) fn edited<'l, 'a>(&self, mend: Mend<'l, 'a>, edits: &Edits) -> Option<Mend<'l, 'a>> {
        edits.0.iter().try_fold(mend, |mend, (span, text)| {
            let below = self.lines.partition_point(|(at, _)| *at <= span.start as usize);
            let (at, start) = *self.lines.get(below.checked_sub(1)?)?;
            let one = !self.text.get(at..span.end as usize)?.contains('\n');
            let start = start + (span.start - Span::at(at).start);
            let span = Span { start, end: start + (span.end - span.start) };
            one.then(|| mend.replace(Place { source: self.source, span }, text))
        })
    }
}

/// A variable of a list, and where its value is.
pub(in crate::rules) struct Valued {
    pub(in crate::rules) name: String,
    /// The value without its quotes.
    pub(in crate::rules) start: usize,
    pub(in crate::rules) end: usize,
    pub(in crate::rules) quoted: bool,
}

/// The variables of a list as Supervisor reads it, each once.
pub(in crate::rules) fn values(text: &str) -> Option<Vec<Valued>> {
    const QUOTES: [char; 2] = ['"', '\''];
    // What stands for an expansion, and for a doubled sign, is as long as they are.
    let same = text.replace("%%", EXPANSION).replace("%(", EXPANSION);
    let values = pairs::parse(&same).ok()?.into_iter().map(|pair| {
        let (_, value) = same.get(pair.start..pair.end)?.split_once('=')?;
        let value = value.trim_start();
        let token = pair.end - value.len();
        let inner = value.trim_start_matches(QUOTES);
        // Of two quotes and nothing between, one is on each side.
        let before = if inner.is_empty() { value.len() / 2 } else { value.len() - inner.len() };
        let inner = inner.trim_end_matches(QUOTES);
        (inner == pair.value).then(|| Valued {
            name: pair.key.into_owned(),
            start: token + before,
            end: token + before + inner.len(),
            quoted: value.starts_with(QUOTES),
        })
    });
    values.collect()
}

/// What supervisord has of its environment however it is started: systemd gives a service of root no `HOME`, and cron little more.
const EVERYWHERE: &str = "PATH";

/// The variables that `%(ENV_NAME)s` may name in the options of a section.
pub(in crate::rules) struct Known<'l, 'a> {
    lint: &'l Lint<'a>,
    of_supervisord: bool,
    /// What `[supervisord]` sets for all others, and the section for itself.
    everywhere: HashSet<String>,
    own: HashSet<String>,
}

impl<'l, 'a> Known<'l, 'a> {
    pub(in crate::rules) fn of(lint: &'l Lint<'a>, section: &str) -> Self {
        let of_supervisord = section == "supervisord";
        let everywhere = if of_supervisord { HashSet::default() } else { variables(lint, "supervisord") };
        Self { lint, of_supervisord, everywhere, own: variables(lint, section) }
    }

    /// Whether an option may use it: safe where that is certain, unsafe where it depends on what supervisord is started with, not
    /// at all where Supervisor refuses it. `adds`: the value of that very variable uses it.
    pub(in crate::rules) fn expandable(&self, key: &Key, variable: &str, adds: bool) -> Option<Applicability> {
        let Self { lint, of_supervisord, everywhere, own } = self;
        let (everywhere, own) = (everywhere.contains(variable), own.contains(variable));
        let late = !of_supervisord && key.names == Context::P2;
        // The section means its own one, which this option does not see.
        if own && !late && !adds {
            return None;
        }
        if lint.reading.environment.is_some() {
            let known = lint.reading.variable(variable).is_some() || everywhere || (own && late);
            return known.then_some(Applicability::Safe);
        }
        if everywhere || variable == EVERYWHERE {
            return Some(Applicability::Safe);
        }
        match (own, late) {
            (true, true) => Some(Applicability::Safe),
            _ => Some(Applicability::Unsafe),
        }
    }
}

/// The variables that the list of a section sets.
fn variables(lint: &Lint<'_>, section: &str) -> HashSet<String> {
    let supervisord = lint.config.supervisord.environment.known().filter(|_| section == "supervisord");
    if let Some(known) = supervisord.filter(|_| !lint.config.fragment) {
        return known.iter().map(|(name, _)| name.to_string()).collect();
    }
    let Some(setting) = lint.merged.setting(section, k::ENVIRONMENT.name) else { return HashSet::default() };
    let text = once_expanded(setting.text);
    let pairs = pairs::parse(&text).unwrap_or_default();
    pairs.into_iter().map(|pair| pair.key.into_owned()).collect()
}

/// A fix whose edits write `%(ENV_NAME)s` for variables of a shell.
pub(in crate::rules) fn written_for_supervisor(mend: Mend<'_, '_>, applicability: Applicability) -> Option<Fix> {
    mend.made(
        applicability,
        match applicability {
            Applicability::Safe => "write %(ENV_NAME)s for $NAME",
            Applicability::Unsafe => {
                "write %(ENV_NAME)s for $NAME; supervisord refuses to start if it does not have NAME"
            }
        },
    )
}

/// A fix in the making that adds variables at the end of the list of a section, which has none of them. Not where the list counts
/// for other sections too, nor where Supervisor would read it otherwise then.
pub(in crate::rules) fn extended<'l, 'a>(
    lint: &'l Lint<'a>,
    section: &str,
    variables: &[(&str, &str)],
) -> Option<Mend<'l, 'a>> {
    let option = k::ENVIRONMENT.name;
    let written: Vec<String> = variables.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let written = written.join(",");
    if lint.merged.setting(section, option).is_none() {
        return Some(Mend::of(lint).set(section, &k::ENVIRONMENT, &written, None));
    }
    let standing = Standing::of(lint, own(lint, section, option)?)?;
    let text = &standing.text;
    let comma = if text.is_empty() || text.ends_with(',') { "" } else { "," };
    let mut edits = Edits::default();
    edits.insert(text.len(), &format!("{comma}{written}"));
    let (before, after) = (once_expanded(text), once_expanded(&edits.of(text)?));
    let (before, after) = (pairs::parse(&before).ok()?, pairs::parse(&after).ok()?);
    let before = before.iter().map(|pair| (&*pair.key, &*pair.value));
    if !before.chain(variables.iter().copied()).eq(after.iter().map(|pair| (&*pair.key, &*pair.value))) {
        return None;
    }
    Some(standing.edited(Mend::of(lint), &edits)?.changes(section, option))
}
