//! Markup of a template in a file: where it is, and which errors it withholds.
//!
//! A template is not the file that Supervisor will read. What lies on a line with markup cannot be judged, nor, in a file with
//! blocks, what seems to be missing: a block may bring it.

use crate::diagnostic::{Diagnostic, OnMarkup, Severity};
use crate::keys;
use crate::load::Merged;
use crate::source::{Place, Source, SourceId, Sources, Span};
use crate::syntax::{self, Error, Kind};

/// Markup of a template.
#[derive(Debug)]
pub struct Markup {
    /// Lines with markup, by file and offset; the third says that it is `%NAME%`, and that nothing else in its file speaks
    /// for a template.
    lines: Vec<(SourceId, Span, bool)>,
    /// The first markup of each file and the name of its kind.
    first: Vec<(Place, &'static str)>,
    /// Headers of all sections, kept where there are blocks.
    headers: Vec<Place>,
    /// Whether there are blocks, which may bring or take away whole lines.
    blocks: bool,
}

/// The files of a configuration, each path once.
pub fn files<'m, 'a>(
    sources: &'a Sources,
    merged: &'m Merged<'a>,
) -> impl Iterator<Item = (SourceId, &'a Source)> + use<'m, 'a> {
    let included = merged.includes.iter().filter(|include| !include.again).filter_map(|include| include.source);
    let others = included.filter(|id| *id != merged.main);
    std::iter::once(merged.main).chain(others).filter_map(|id| Some((id, sources.get(id)?)))
}

impl Markup {
    /// None.
    pub const NONE: Self = Self { lines: Vec::new(), first: Vec::new(), headers: Vec::new(), blocks: false };

    /// Finds it in the files of a configuration. A comment is no evidence, `__NOT__` may stand there.
    #[must_use]
    pub fn find(sources: &Sources, merged: &Merged) -> Self {
        let mut markup = Self::NONE;
        for (id, source) in files(sources, merged) {
            if is_candidate(source.text()) {
                markup.scan(id, source);
            }
        }
        markup.lines.sort_unstable_by_key(|(id, span, _)| (*id, span.start));
        if markup.blocks {
            let sections = merged.sections.values();
            markup.headers =
                sections.flat_map(|section| section.again.iter().chain([&section.header])).copied().collect();
            markup.headers.sort_unstable();
        }
        markup
    }

    /// The first markup of each file that has some, and the name of its kind.
    pub fn first(&self) -> impl Iterator<Item = (Place, &'static str)> {
        self.first.iter().copied()
    }

    /// Whether nothing but `%NAME%` speaks for a template in a file: Supervisor refuses it, whoever was to replace it.
    #[must_use]
    pub fn has_percent(&self, file: SourceId) -> bool {
        self.lines.iter().any(|(id, _, percent)| *id == file && *percent)
    }

    /// Whether a place overlaps a line with markup.
    #[must_use]
    pub fn touches(&self, place: Place) -> bool {
        self.within(place).next().is_some()
    }

    /// Whether an error must not be told: it rests on markup, or on something missing that a block may bring.
    #[must_use]
    pub fn withholds(&self, diagnostic: &Diagnostic) -> bool {
        if diagnostic.severity != Severity::Error || self.lines.is_empty() {
            return false;
        }
        let place = diagnostic.place;
        let percent = diagnostic.rule.on_markup == OnMarkup::SpeaksOfPercent;
        if self.within(place).any(|percent_only| !(percent && percent_only)) {
            return true;
        }
        // A section lacks a line, the file a section; a pair its other half, a group its member.
        let missing = self.headers.binary_search(&place).is_ok()
            || place.span == Span::default()
            || diagnostic.rule.on_markup == OnMarkup::SilentOfMissing;
        self.blocks && missing
    }

    /// The lines with markup that a place overlaps: whether each holds nothing but `%NAME%`.
    fn within(&self, place: Place) -> impl Iterator<Item = bool> {
        let before = self.lines.partition_point(|(id, span, _)| (*id, span.end) <= (place.source, place.span.start));
        let lines = self.lines.get(before..).unwrap_or(&[]).iter();
        lines
            .take_while(move |(id, span, _)| *id == place.source && span.start <= place.span.end)
            .map(|(_, _, percent)| *percent)
    }

    fn scan(&mut self, id: SourceId, source: &Source) {
        let mut open = None;
        let mut shell = Vec::new();
        let mut python = Python::default();
        let mut ragged = Ragged::default();
        let mut blade = false;
        let before = self.lines.len();
        for line in syntax::lines(source.text(), source.cut) {
            let whole = source.slice(line.span);
            let end = line.comment.map_or(line.span.end, |comment| comment.max(line.span.start));
            let text = source.slice(Span { end, ..line.span });
            let found = match open {
                Some(close) => {
                    if whole.contains(close) {
                        open = None;
                    }
                    Some("Jinja or ERB")
                }
                None => directive(text, &mut open).or_else(|| block(text, &mut open)),
            };
            blade |= found == Some(BLADE);
            self.blocks |= found.is_some();
            let placeholder =
                found.or_else(|| expression(text)).or_else(|| surrounded(text, '@', "@").then_some("autoconf"));
            let placeholder = placeholder.or_else(|| surrounded(text, '_', "__").then_some("placeholder"));
            let percent = placeholder.is_none() && surrounded(text, '%', "%");
            python.look(source, line, text);
            if let Some(name) = placeholder.or(percent.then_some("placeholder")) {
                self.add(source, id, line.span, percent, name);
            } else if text.contains("${") {
                shell.push((line.span, no_shell_word(source, line.kind)));
            }
            if let Some(span) = ragged.next_to_tag(line, text, placeholder.is_some()) {
                self.add(source, id, span, false, "Jinja");
            }
        }
        // Blade has the braces of Jinja.
        if let Some((_, name)) =
            self.first.last_mut().filter(|(place, name)| blade && place.source == id && *name == "Jinja")
        {
            *name = BLADE;
        }
        // An unknown name and %NAME% are mistakes as long as nothing else speaks for a template.
        let certain = shell.iter().any(|(_, certain)| *certain)
            || self.lines.iter().skip(before).any(|(_, _, percent)| !percent)
            || python.is_template();
        if certain {
            self.lines.iter_mut().skip(before).for_each(|(_, _, percent)| *percent = false);
            for span in python.lines {
                self.add(source, id, span, false, "Python");
            }
        }
        // ${NAME} is a shell's as long as nothing else speaks for a template.
        let template = self.lines.len() > before;
        for (span, certain) in shell {
            if template || certain {
                self.add(source, id, span, false, "envsubst");
            }
        }
    }

    fn add(&mut self, source: &Source, id: SourceId, span: Span, percent: bool, name: &'static str) {
        if self.first.last().is_none_or(|(place, _)| place.source != id) {
            let line = Span { end: source.line_of(span.start).end, ..span };
            self.first.push((Place { source: id, span: line }, name));
        }
        self.lines.push((id, span, percent));
    }
}

/// Whether a text is worth a closer look; most files are not.
fn is_candidate(text: &str) -> bool {
    let seen = pairs(text.as_bytes());
    let named = |fact, sign, mark| seen & fact != 0 && surrounded(text, sign, mark);
    let unknown = || conversions(text).any(|(name, doubled)| !doubled && !is_supervisors(name));
    let blade = || text.lines().any(|line| directive(line, &mut None).is_some());
    seen & MARK != 0
        || (seen & DIRECTIVE != 0 && blade())
        || named(AT, '@', "@")
        || named(PERCENT, '%', "%")
        || (seen & CONVERSION != 0 && unknown())
}

/// What [`pairs`] finds: the beginning of a block, an expression or a placeholder; the marks with a capital behind them; `%(`;
/// `@` with a small letter behind it.
const MARK: u8 = 1;
const AT: u8 = 2;
const PERCENT: u8 = 4;
const CONVERSION: u8 = 8;
const DIRECTIVE: u8 = 16;

/// What is in a text, by its pairs of bytes. The loop has no branch and stands by itself, so that the compiler takes many
/// bytes at a time.
#[inline(never)]
fn pairs(bytes: &[u8]) -> u8 {
    let is = |byte: u8, sign: u8| u8::from(byte == sign);
    let next = bytes.get(1..).unwrap_or_default();
    bytes.iter().zip(next).fold(0, |seen, (&byte, &next)| {
        let block = (is(byte, b'{') | is(byte, b'<')) & is(next, b'%');
        let expression = ((is(byte, b'{') | is(byte, b'$')) & is(next, b'{')) | (is(byte, b'{') & is(next, b'!'));
        let placeholder = is(byte, b'_') & is(next, b'_');
        let capital = u8::from(next.is_ascii_uppercase());
        let named = ((is(byte, b'@') & capital) * AT) | ((is(byte, b'%') & capital) * PERCENT);
        let conversion = (is(byte, b'%') & is(next, b'(')) * CONVERSION;
        let directive = (is(byte, b'@') & u8::from(next.is_ascii_lowercase())) * DIRECTIVE;
        seen | ((block | expression | placeholder) * MARK) | named | conversion | directive
    })
}

/// Lines without `=` and `:` next to a tag that joins lines, as `{%- if x %}` does: what is rendered has them in another line.
#[derive(Default)]
struct Ragged {
    /// Whether the line before is such a tag; empty lines do not count, for the tag takes them away.
    joined: bool,
    /// Such a line that is the last one so far.
    last: Option<Span>,
}

impl Ragged {
    /// The line that a tag joins to another one, once both have been seen.
    fn next_to_tag(&mut self, line: syntax::Line, text: &str, markup: bool) -> Option<Span> {
        let bad = matches!(line.kind, Kind::Bad { error: Error::NoDelimiter, .. }) && !markup;
        match line.kind {
            Kind::Blank { .. } | Kind::Comment if !markup => None,
            _ if bad => {
                let joined = std::mem::take(&mut self.joined);
                self.last = (!joined).then_some(line.span);
                joined.then_some(line.span)
            }
            _ => {
                self.joined = markup && ["{%-", "-%}", "{{-", "-}}", "-%>"].iter().any(|mark| text.contains(mark));
                self.last.take().filter(|_| self.joined)
            }
        }
    }
}

/// What may be placeholders that Python's `%` replaces: `%(name)s` with a name that no option of Supervisor's knows.
#[derive(Default)]
struct Python {
    /// The lines that hold one.
    lines: Vec<Span>,
    /// Whether a section's name holds one. Supervisor expands nothing there, so nobody writes it who does not mean a template.
    header: bool,
    /// Whether a name that Supervisor knows has its `%` doubled, so that Python leaves it for Supervisor.
    doubled: bool,
    /// Whether one has not, which Python would have to be given.
    single: bool,
    /// The name of the option that lines belong to.
    option: Option<Span>,
}

impl Python {
    fn look(&mut self, source: &Source, line: syntax::Line, text: &str) {
        match line.kind {
            Kind::Header { .. } => self.option = None,
            Kind::Option { key, .. } => self.option = Some(key),
            _ => {}
        }
        let mut unknown = false;
        for (name, doubled) in conversions(text) {
            match (is_supervisors(name), doubled) {
                (true, true) => self.doubled |= !self.is_expanded_twice(source),
                (true, false) => self.single = true,
                (false, true) => {}
                (false, false) => unknown = true,
            }
        }
        if unknown {
            self.header |= matches!(line.kind, Kind::Header { .. });
            self.lines.push(line.span);
        }
    }

    /// Whether the lines come from a template, whatever else is in the file.
    fn is_template(&self) -> bool {
        !self.lines.is_empty() && (self.header || (self.doubled && !self.single))
    }

    /// Whether a doubled `%` is Supervisor's own: it is left for the second of two expansions.
    fn is_expanded_twice(&self, source: &Source) -> bool {
        let name = self.option.map(|option| source.slice(option).to_lowercase());
        name.and_then(|name| keys::find_anywhere(&name)).is_some_and(|key| key.passes > 1)
    }
}

/// The names in `%(name)s`, `%(name)02d` and their like, and whether the `%` of each is doubled.
fn conversions(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.match_indices("%(").filter_map(|(at, mark)| {
        let rest = text.get(at + mark.len()..)?;
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let behind = rest.trim_start_matches(of_name);
        let name = rest.get(..rest.len() - behind.len()).filter(|name| !name.is_empty())?;
        let behind = behind.strip_prefix(')')?;
        let letter = behind.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '#' | '.'));
        let percents = text.get(..at)?.bytes().rev().take_while(|b| *b == b'%').count();
        letter.starts_with(['s', 'd', 'i', 'r', 'f', 'x']).then_some((name, percents % 2 == 1))
    })
}

/// Whether some option of Supervisor's knows a name.
fn is_supervisors(name: &str) -> bool {
    name.starts_with("ENV_") || keys::NAMES.contains(&name)
}

/// What begins a line of Laravel's Blade, behind `@`.
const DIRECTIVES: [&str; 33] = [
    "break",
    "case",
    "continue",
    "default",
    "else",
    "elseif",
    "empty",
    "endempty",
    "endenv",
    "endfor",
    "endforeach",
    "endforelse",
    "endif",
    "endisset",
    "endphp",
    "endproduction",
    "endswitch",
    "endunless",
    "endwhile",
    "env",
    "for",
    "foreach",
    "forelse",
    "if",
    "include",
    "includeIf",
    "includeWhen",
    "isset",
    "php",
    "production",
    "switch",
    "unless",
    "while",
];

/// Laravel's templates.
const BLADE: &str = "Blade";

/// `@if(…)`, `@endforeach` and their like, alone on a line, or an end within it; `@php` goes on in the next lines.
fn directive(text: &str, open: &mut Option<&'static str>) -> Option<&'static str> {
    text.contains('@').then_some(())?;
    if text.contains("@endif") || text.contains("@endforeach") {
        return Some(BLADE);
    }
    let behind = text.trim().strip_prefix('@')?;
    let rest = behind.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let name = behind.get(..behind.len() - rest.len())?;
    let rest = rest.trim_start();
    if !DIRECTIVES.contains(&name) || !(rest.is_empty() || rest.starts_with('(')) {
        return None;
    }
    if name == "php" && rest.is_empty() {
        *open = Some("@endphp");
    }
    Some(BLADE)
}

/// `{% … %}` and `<% … %>`, which may go on in the next lines. `{%(name)s` and `<%(name)s` are Supervisor's.
fn block(text: &str, open: &mut Option<&'static str>) -> Option<&'static str> {
    for (begin, close, name) in [("{%", "%}", "Jinja"), ("<%", "%>", "ERB"), ("{#", "#}", "Jinja")] {
        let Some((_, behind)) = text.rsplit_once(begin) else { continue };
        let closed = behind.contains(close);
        let opens = begin != "{#" && (behind.trim().is_empty() || behind.starts_with(['-', '=', ' ', '\t']));
        if closed || opens {
            if !closed {
                *open = Some(close);
            }
            return Some(name);
        }
    }
    None
}

/// `{{ … }}`, and Blade's `{!! … !!}`. What docker and podman are given with `--format` is theirs.
fn expression(text: &str) -> Option<&'static str> {
    if text.split_once("{!!").is_some_and(|(_, behind)| behind.contains("!!}")) {
        return Some(BLADE);
    }
    let (before, behind) = text.split_once("{{")?;
    (behind.contains("}}") && !before.contains("--format")).then_some("Jinja")
}

/// A name of two capitals or more between two marks, as in `@PREFIX@`. `first`: the first character of `mark`.
fn surrounded(text: &str, first: char, mark: &str) -> bool {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(mark)) {
        let start = at + found;
        at = start + mark.len();
        let behind = text.get(at..).unwrap_or("");
        let length = behind.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
        let name = behind.get(..length).unwrap_or("");
        // A name between underscores takes them for its own.
        let (name, close) = match name.strip_suffix(mark) {
            Some(name) if first == '_' => (name, mark),
            _ => (name, behind.get(length..).unwrap_or("")),
        };
        let capitals = name.bytes().filter(u8::is_ascii_uppercase).count();
        let begins = name.starts_with(|c: char| c.is_ascii_uppercase());
        // Doubled percent signs are Supervisor's own.
        let doubled = first == '%' && (text.get(..start).unwrap_or("").ends_with('%') || close.starts_with("%%"));
        if begins && capitals > 1 && close.starts_with(mark) && !doubled {
            return true;
        }
        at += length;
    }
    false
}

/// Whether a line holds `${` where no word of a shell can stand: in a section's name, or for a number or a boolean.
fn no_shell_word(source: &Source, kind: Kind) -> bool {
    match kind {
        Kind::Header { .. } => true,
        Kind::Option { key, value, .. } if source.slice(value).contains("${") => {
            let written = source.slice(key).to_lowercase();
            keys::find_anywhere(&written).is_some_and(|key| !key.kind.holds_words())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        let sources = Sources::default();
        let Ok(source) = Source::new("t", text.as_bytes().to_vec()) else { return Vec::new() };
        let id = sources.add(source);
        let mut markup = Markup::NONE;
        if let Some(source) = sources.get(id).filter(|source| is_candidate(source.text())) {
            markup.scan(id, source);
        }
        markup.first().map(|(_, kind)| kind).collect()
    }

    #[test]
    fn what_is_markup() {
        for (text, kind) in [
            ("[program:a]\n{% if x %}\nuser=a\n{% endif %}\n", "Jinja"),
            ("[program:{{ name }}]\n", "Jinja"),
            ("[program:a]\nuser=<%= @user %>\n", "ERB"),
            ("[program:a]\ncommand=@PREFIX@/bin/a\n", "autoconf"),
            ("[program:a]\nuser=__APP_USER__\n", "placeholder"),
            ("[program:a]\nuser=%USER%\n", "placeholder"),
            ("[program:a]\nnumprocs=${WORKERS}\n", "envsubst"),
            ("[program:${NAME}]\n", "envsubst"),
            ("[program:%(project)s]\ncommand=a\n", "Python"),
            ("[program:a]\nprocess_name=%%(process_num)02d\nuser=%(user)s\n", "Python"),
            ("[program:a]\nuser=%(user)s\ncommand=a\n    {{ b }}\n", "Jinja"),
            ("@if(env('A'))\n[program:a]\n@endif\n", "Blade"),
            ("[program:a]\ncommand={{ $a }}\n@foreach ($b as $c)\n", "Blade"),
            ("[program:a]\ncommand={!! $a !!}\n", "Blade"),
            ("[program:a]\n@php\n$a = 1;\n@endphp\n", "Blade"),
            ("[program:a]\ncommand=a @isset($b) -b @endisset @if($c) -c @endif\n", "Blade"),
        ] {
            assert_eq!(kinds(text), [kind], "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "; __NOT__ {{ a }} @NAME@\n[program:a]\ncommand=a ; {% x %}\n",
            "[program:a]\ncommand=a '{\"a\":{\"b\":1}}' root@EXAMPLE.org ops@HOST\n",
            "[program:a]\ncommand=python -m app.__main__ __x__\n",
            "[program:a]\ncommand=date +%%Y%%m%%d_%%HH%%\n",
            "[program:a]\ncommand=a {%(process_num)d} <%(here)s/in ${HOME}\n",
            "[program:a]\nuser=%(user)s\ndirectory=%(home)s\n",
            "[program:%(ENV_NAME)s]\nuser=%(user)s\n",
            "[program:a]\nuser=%(user)s\nstdout_logfile=/x/%%(host_node_name)s.log\n",
            "[program:a]\nuser=%(user)s\nprocess_name=%%(process_num)s\ndirectory=/%(program_name)s\n",
            "[program:a]\nuser=%(us er)s %(user) %(user)k %%(user)s\nprocess_name=%%(process_num)s\n",
            "[program:a]\ncommand=a root@php\n  @ifconfig\n  @daily {!x}\n",
            "; @if(x)\n[program:a]\ncommand=a ; @endif\n",
            "[program:a]\ncommand=docker ps --format '{{.Names}}'\n",
            "[program:a]\nenvironment=X=\"${HOME}\"\ndirectory=${HOME}\n",
        ] {
            assert_eq!(kinds(text), [""; 0], "{text}");
        }
    }
}
