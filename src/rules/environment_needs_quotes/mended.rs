//! A list with the quotes and commas that it lacks: inserted where they belong, so that Supervisor reads what is meant.

use super::super::view::mend::changes::{sections, setting_of};
use super::super::view::mend::values::{Edits, Known, Standing, own};
use super::intended::{MeantPair, begins_pair, first_pair, is_escaped_json, is_reference, shell_variable};
use super::{is_word, swallowed, unquoted_end};
use crate::diagnostic::Diagnostic;
use crate::fix::{Applicability, Fix};
use crate::hash::HashMap;
use crate::keys::process as k;
use crate::rules::Lint;
use crate::rules::environment_shell_syntax::variable;
use crate::rules::view::environment::once_expanded;
use crate::rules::view::mend::Mend;
use crate::secrets;
use crate::syntax::pairs;
use crate::well_known::is_name;

pub(super) fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, setting) = setting_of(lint, finding)?;
    let standing = Standing::of(lint, setting)?;
    let text = &standing.text;
    // That line has to be moved.
    if swallowed(section, text).is_some() {
        return None;
    }
    let mut pairs_of = List::new(lint, section);
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        rest = pairs_of.pair(text, rest)?;
    }
    let List { edits, meant, applicability, .. } = pairs_of;
    let edits = edits.joined();
    let (old, new) = (once_expanded(text), once_expanded(&edits.of(text)?));
    let (old, new) = (pairs::parse(&old).ok(), pairs::parse(&new).ok()?);
    let meant: HashMap<&str, String> = meant.iter().map(|(name, value)| (*name, once_expanded(value))).collect();
    if meant.len() != new.len() || new.iter().any(|pair| meant.get(&*pair.key).is_none_or(|value| *value != pair.value))
    {
        return None;
    }
    let mend = standing.edited(Mend::of(lint).uncovers(), &edits)?;
    let value = |pairs: &[pairs::Pair<'_>], name: &str| {
        pairs.iter().find(|pair| pair.key == name).map(|pair| pair.value.clone().into_owned())
    };
    let changes = |name: &str| old.as_ref().is_none_or(|old| value(old, name) != value(&new, name));
    let mend = sections(lint, section, setting.name)?
        .into_iter()
        .fold(mend, |mend, section| mend.changes(section, setting.name).uses(section, changes));
    mend.made(
        applicability,
        match applicability {
            Applicability::Safe => "write the quotes and commas that the list needs",
            Applicability::Unsafe => "write the list as it seems to be intended",
        },
    )
}

/// A list, pair by pair.
struct List<'l, 'a, 't> {
    lint: &'l Lint<'a>,
    section: &'a str,
    edits: Edits,
    /// What Supervisor is to read: names and values, as the file writes them.
    meant: Vec<(&'t str, String)>,
    applicability: Applicability,
    known: Known<'l, 'a>,
}

impl<'l, 'a, 't> List<'l, 'a, 't> {
    fn new(lint: &'l Lint<'a>, section: &'a str) -> Self {
        Self {
            lint,
            section,
            edits: Edits::default(),
            meant: Vec::new(),
            applicability: Applicability::Safe,
            known: Known::of(lint, section),
        }
    }

    /// Takes the first pair of the rest of a text, and says what comes after it; none where it is not certain what is meant.
    fn pair(&mut self, text: &'t str, rest: &'t str) -> Option<&'t str> {
        let at = text.len() - rest.len();
        let (pair, behind) = first_pair(rest)?;
        let name = self.name(at, pair.name)?;
        let (_, right) = rest.split_once('=')?;
        let begin = right.trim_start();
        let inner = begin.strip_prefix('"');
        if let Some(inner) = inner.filter(|inner| inner.split_once('"').is_some_and(|(first, _)| first.ends_with('\\')))
        {
            return self.escaped(name, text, inner);
        }
        let gap = right.get(..right.len() - begin.len())?;
        let end = at + pair.text.len();
        if pair.quoted { self.quoted(name, end, &pair) } else { self.unquoted(name, end, gap, &pair) }?;
        // Nothing but blanks before the next pair: after a value without quotes that may be a part of it, in the same line.
        let between = text.get(end..text.len() - behind.len())?;
        if between.trim().is_empty() && !behind.is_empty() {
            if !pair.quoted && !between.contains('\n') {
                return None;
            }
            self.edits.insert(end, ",");
        }
        Some(behind)
    }

    /// A name, whose quotes are taken out.
    fn name(&mut self, at: usize, name: &'t str) -> Option<&'t str> {
        let quoted = ['"', '\''].into_iter().find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote));
        if let Some(bare) = quoted {
            let end = at + name.len();
            self.edits.replace(at, at + 1, "");
            self.edits.replace(end - 1, end, "");
            return is_name(bare).then_some(bare);
        }
        (!name.is_empty() && name.chars().all(is_word)).then_some(name)
    }

    fn quoted(&mut self, name: &'t str, end: usize, pair: &MeantPair<'t>) -> Option<()> {
        const QUOTES: [char; 2] = ['"', '\''];
        if pair.value.starts_with(QUOTES) || pair.value.ends_with(QUOTES) {
            return None;
        }
        let mut value = pair.value.to_owned();
        if is_escaped_json(pair) {
            let start = end - 1 - value.len();
            for (at, _) in value.match_indices("\\\"") {
                self.edits.replace(start + at, start + at + 1, "");
            }
            value = value.replace("\\\"", "\"");
            self.applicability = Applicability::Unsafe;
        }
        self.meant.push((name, value));
        Some(())
    }

    /// A value between double quotes in which double quotes have a backslash: single quotes are put around it, and the backslashes
    /// go. Says what comes after it.
    fn escaped(&mut self, name: &'t str, text: &'t str, inner: &'t str) -> Option<&'t str> {
        let start = text.len() - inner.len();
        let mut value = String::new();
        let mut letters = inner.char_indices();
        let close = loop {
            match letters.next()? {
                (at, '"') => break at,
                (at, '\\') => {
                    letters.next().filter(|(_, c)| *c == '"')?;
                    self.edits.replace(start + at, start + at + 1, "");
                    value.push('"');
                }
                (_, '\'' | '\n') => return None,
                (_, c) => value.push(c),
            }
        };
        self.edits.replace(start - 1, start, "'");
        self.edits.replace(start + close, start + close + 1, "'");
        self.meant.push((name, value));
        let behind = inner.get(close + 1..)?.trim_start();
        if behind.is_empty() { Some(behind) } else { Some(behind.strip_prefix([',', ';'])?.trim_start()) }
    }

    fn unquoted(&mut self, name: &'t str, end: usize, gap: &str, pair: &MeantPair<'t>) -> Option<()> {
        let value = pair.value;
        // `A= B=1`: the first may be empty.
        if gap.contains('\n') || (!gap.is_empty() && begins_pair(value)) {
            return None;
        }
        if value.contains('\n') || value.starts_with(['"', '\'']) {
            return None;
        }
        if value.is_empty() {
            self.edits.insert(end, "\"\"");
            self.meant.push((name, String::new()));
            return Some(());
        }
        if unquoted_end(value).is_empty() {
            self.meant.push((name, value.to_owned()));
            return Some(());
        }
        let quote = match (value.contains('"'), value.contains('\'')) {
            (true, true) => return None,
            (true, false) => "'",
            (false, _) => "\"",
        };
        let start = end - value.len();
        self.edits.insert(start, quote);
        let meant = self.for_supervisor(name, value, start)?;
        self.edits.insert(end, quote);
        self.meant.push((name, meant));
        Some(())
    }

    /// A value with the variables of a shell as Supervisor writes them. None where only a shell would make something of it.
    fn for_supervisor(&mut self, name: &str, value: &str, start: usize) -> Option<String> {
        // A password has such signs by chance.
        if secrets::variable(name, value) {
            return (!is_reference(value)).then(|| value.to_owned());
        }
        if value.starts_with("~/") || value.contains('`') || value.contains("$(") {
            return None;
        }
        let mut meant = String::new();
        let mut from = 0;
        for (at, _) in value.match_indices('$') {
            let rest = value.get(at..)?;
            let Some((written, variable)) = variable(rest) else {
                if rest.starts_with("${") || shell_variable(rest).is_some_and(|(first, _)| rest.starts_with(first)) {
                    return None;
                }
                continue;
            };
            // The list of all sections is of none; such a line of a fragment often is for envsubst.
            if own(self.lint, self.section, k::ENVIRONMENT.name).is_none()
                || (self.lint.config.fragment && is_reference(value))
            {
                return None;
            }
            let applicability = self.known.expandable(&k::ENVIRONMENT, variable, variable == name)?;
            self.applicability = self.applicability.max(applicability);
            self.edits.expand(start + at, written);
            meant.push_str(value.get(from..at)?);
            meant.push_str("%(ENV_");
            meant.push_str(variable);
            meant.push_str(")s");
            from = at + written.len();
        }
        meant.push_str(value.get(from..)?);
        Some(meant)
    }
}
