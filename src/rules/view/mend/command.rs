//! Edits of a command, where the file has the words that Supervisor reads.

use super::Mend;
use crate::diagnostic::Diagnostic;
use crate::keys::process as k;
use crate::load::Facts;
use crate::python;
use crate::python::shlex::Word;
use crate::rules::Lint;
use crate::rules::view::effective::Program;
use crate::source::{Place, Span};

/// The program that a finding is about.
pub(in crate::rules) fn program_of<'l, 'a>(lint: &'l Lint<'a>, finding: &Diagnostic<'a>) -> Option<&'l Program<'a>> {
    let section = finding.section?;
    lint.program(section)
}

/// A command with some pieces replaced, each by its bytes in what Supervisor reads: the edits, and what is read then. None where
/// a piece is not at the same bytes of the file: of several lines, after an expansion, in `[DEFAULT]`.
pub(in crate::rules) fn edited<'l, 'a>(
    lint: &'l Lint<'a>,
    program: &Program<'a>,
    pieces: &[(usize, usize, &str)],
) -> Option<(Mend<'l, 'a>, String)> {
    let section = program.process.program.section;
    let command = program.command.as_ref()?;
    let setting = lint.merged.setting(section, k::COMMAND.name)?;
    if setting.facts.any(Facts::NEWLINE) || lint.merged.defaults().contains_key(k::COMMAND.name) {
        return None;
    }
    let written = lint.sources.slice(command.place);
    let from = command.place.span.start as usize;
    // Every rule reads it anew.
    let mut mend = Mend::of(lint).uncovers().changes(section, k::COMMAND.name);
    let mut text = String::new();
    let mut at = 0;
    for &(start, end, new) in pieces {
        if written.get(..end)? != command.text.get(..end)? {
            return None;
        }
        mend = mend.replace(Place { span: Span::new(from + start, from + end), ..command.place }, new);
        text.push_str(command.text.get(at..start)?);
        text.push_str(new);
        at = end;
    }
    text.push_str(command.text.get(at..)?);
    Some((mend, text))
}

/// Whether an option of a program takes a variable, which would be another one then.
pub(in crate::rules) fn expands(lint: &Lint<'_>, program: &Program<'_>, variable: &str) -> bool {
    let name = format!("%(ENV_{variable})");
    let section = lint.merged.sections.get(program.process.program.section);
    let own = section.into_iter().flat_map(|section| lint.merged.options(section).iter());
    own.chain(lint.merged.defaults().iter()).any(|setting| setting.text.contains(&name))
}

/// Where the script of a shell begins in a command, and the quote around it. None where escapes make it another text.
pub(in crate::rules) fn script_in(text: &str, words: &[Word<'_>], script: &str) -> Option<(usize, Option<char>)> {
    let word = words.iter().find(|word| std::ptr::eq(&raw const *word.text, script))?;
    let raw = text.get(word.start..word.end)?;
    if raw == script {
        return Some((word.start, None));
    }
    let quote = raw.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    (raw.strip_prefix(quote)?.strip_suffix(quote)? == script).then_some((word.start + 1, Some(quote)))
}

/// What a shell may make something of in a word without quotes.
const SPECIAL: &[char] =
    &['$', '`', '~', '*', '?', '[', ']', '{', '}', '(', ')', '<', '>', '|', '&', ';', '\\', '!', '^', '#', '"', '\''];

/// Whether a shell reads a word of a text as Supervisor does.
pub(in crate::rules) fn reads_alike(text: &str, word: &Word<'_>) -> bool {
    let Some(raw) = text.get(word.start..word.end) else { return false };
    let quoted = |quote: char| raw.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| *inner == word.text);
    if quoted('\'').is_some() {
        return true;
    }
    match quoted('"') {
        Some(inner) => !inner.contains(['$', '`', '\\', '!']),
        None => raw == word.text && !raw.contains(SPECIAL),
    }
}

/// Whether a path begins at the root, does not go up again, and needs no quotes anywhere.
pub(in crate::rules) fn is_plain_path(path: &str) -> bool {
    path.starts_with('/') && is_plain(path)
}

fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+@/".contains(&byte);
    path.bytes().all(plain) && path.split('/').all(|part| part != "..")
}

/// The whole path of a program below a directory.
pub(in crate::rules) fn below(directory: &str, path: &str) -> Option<String> {
    let plain = is_plain_path(directory) && is_plain(path);
    plain.then(|| python::normpath(&python::join(directory, path)).into_owned())
}
