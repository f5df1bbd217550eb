//! What the script of a shell ends in: the command that runs last, and whether the shell stays beside it.

use crate::python::shlex;
use crate::well_known::is_name;

/// What a script ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last<'s> {
    /// A command for which the shell waits, or that replaces it.
    Command(Simple<'s>),
    /// A command after `||`: what is before it may be what runs, and go on.
    OrElse(Simple<'s>),
    /// A command that is sent to the background; nothing comes after it.
    Background(Simple<'s>),
    /// A pipeline, a loop, a group, text that a shell would still change, or nothing.
    Other,
}

/// A simple command of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simple<'s> {
    /// Its words as they are written, without its redirections at the end.
    pub text: &'s str,
    /// The byte of the script at which it begins.
    pub at: usize,
    /// Whether it is all that the script holds.
    pub alone: bool,
    /// Whether bash stays beside it too, unless it begins with `exec`. Seen with bash 5.2.15 and 5.2.37, which are replaced by the
    /// last command of a list with `;`, with `&&` or with `||`; not of one with `;` or `&` whose end is such a list again, as in
    /// `a; b && c`, nor by a command with a redirection.
    pub kept: bool,
}

impl Simple<'_> {
    /// Whether it replaces the shell.
    #[must_use]
    pub fn execs(&self) -> bool {
        self.text.strip_prefix("exec").is_some_and(|rest| rest.starts_with([' ', '\t']))
    }
}

/// Words of a shell that end something larger than a simple command, or begin it.
const RESERVED: &[&str] = &[
    "done", "fi", "esac", "}", "{", "do", "then", "else", "elif", "while", "until", "for", "if", "case", "function",
    "!",
];

/// What a script ends in (POSIX.1-2017, 2.9 Shell Commands).
#[must_use]
pub fn last(script: &str) -> Last<'_> {
    let mut quote = None;
    let mut start = 0;
    let (mut several, mut background) = (false, false);
    // What stands before the command on its line: `;`, `&`, `&&`, `||`. bash reads line by line.
    let mut line = Line::default();
    let mut redirects = false;
    // Whether the command that is being read is more than a simple one, or a shell would still change its words.
    let mut other = false;
    // Where the word that is being read begins, and whether the name of the command stands before it: what a shell puts in behind
    // that is an argument.
    let (mut word, mut named) = (0, false);
    let mut end = script.len();
    // Behind it nothing more is run.
    let meant = script.trim_end_matches([' ', '\t', '\n', ';']).len();
    let mut letters = script.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(letters.next()),
            (_, '`') => {
                other |= !named;
                if !letters.any(|(_, next)| next == '`') {
                    return Last::Other;
                }
            }
            (_, '$') if letters.peek().is_some_and(|(_, next)| *next == '(') => other |= !named,
            (None, ' ' | '\t') => {
                named |= script.get(word..at).is_some_and(|word| !word.is_empty() && !is_assignment(word));
                word = at + 1;
            }
            (Some('"'), '(') if script.get(..at).is_some_and(|before| before.ends_with('$')) => {
                if !closes(&mut letters) {
                    return Last::Other;
                }
            }
            (None, '(') => {
                // `%(ENV_X)s`: a part of a word, which is not known.
                other |= !script.get(..at).is_some_and(|before| before.ends_with(['$', '%']));
                if !closes(&mut letters) {
                    return Last::Other;
                }
            }
            (None, ')') => other = true,
            (None, '|') if letters.peek().is_none_or(|(_, next)| *next != '|') => other = true,
            (None, '\'' | '"') => quote = Some(c),
            // Of bash: a word that names what another command writes or reads.
            (None, '<' | '>') if letters.peek().is_some_and(|(_, next)| *next == '(') => {
                letters.next();
                if !closes(&mut letters) {
                    return Last::Other;
                }
            }
            (None, '<' | '>') => {
                redirects = true;
                end = end.min(at);
                // `2>&1` and `&>`: no `&` of the shell's own.
                letters.next_if(|(_, next)| *next == '&');
            }
            (None, '&') if letters.peek().is_some_and(|(_, next)| *next == '>') => {
                redirects = true;
                end = end.min(at);
            }
            // The list goes on behind `&&` and `||`.
            (None, '\n') if several && script.get(start..at).is_some_and(|text| text.trim().is_empty()) => {
                word = at + 1;
                line.breaks();
            }
            (None, '&' | '|' | ';' | '\n') => {
                let doubled = matches!(c, '&' | '|') && letters.next_if(|(_, next)| *next == c).is_some();
                let next = at + 1 + usize::from(doubled);
                background = c == '&' && !doubled;
                if next >= meant && !doubled {
                    end = end.min(at);
                    break;
                }
                line.goes_on(c, doubled);
                (other, redirects) = (false, false);
                (start, several, end) = (next, true, script.len());
                (word, named) = (next, false);
                background = false;
            }
            (Some(_) | None, _) => {}
        }
    }
    let written = script.get(start..end).unwrap_or("");
    let text = written.trim();
    // The number of a descriptor before its `>`.
    let text = match text.rsplit_once(' ') {
        Some((before, "1" | "2")) if end < script.len() && !background => before.trim_end(),
        _ => text,
    };
    let at = start + (written.len() - written.trim_start().len());
    let set = assignments(text);
    let (text, at) = (text.get(set..).unwrap_or(""), at + set);
    let first = text.split([' ', '\t', '\n']).next().unwrap_or("");
    if other || first.is_empty() || RESERVED.contains(&first) {
        return Last::Other;
    }
    let simple = Simple { text, at, alone: !several, kept: redirects || line.keeps() };
    if background {
        return Last::Background(simple);
    }
    if line.or { Last::OrElse(simple) } else { Last::Command(simple) }
}

/// What stands before a command on its line.
#[derive(Clone, Copy, Default)]
struct Line {
    /// `;` or `&`, the one that is nearest.
    list: Option<char>,
    /// `&&` behind that.
    and: bool,
    /// `||` behind that.
    or: bool,
}

impl Line {
    /// What comes next is another command, behind `&&` or `||` where the sign is doubled.
    fn goes_on(&mut self, sign: char, doubled: bool) {
        match (sign, doubled) {
            ('|', _) => self.or = true,
            (_, true) => self.and = true,
            ('\n', false) => *self = Self::default(),
            (_, false) => *self = Self { list: Some(sign), and: false, or: false },
        }
    }

    /// The line ends where no command has begun.
    fn breaks(&mut self) {
        if !(self.and || self.or) {
            *self = Self::default();
        }
    }

    /// Whether bash stays beside the last command.
    fn keeps(self) -> bool {
        match self.list {
            None => false,
            Some(';') => self.and || self.or,
            Some(_) => true,
        }
    }
}

/// Goes on behind the parenthesis that closes one; whether there is such a one.
fn closes(letters: &mut impl Iterator<Item = (usize, char)>) -> bool {
    let (mut depth, mut quote) = (1_usize, None);
    while let Some((_, c)) = letters.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(letters.next()),
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
        if depth == 0 {
            return true;
        }
    }
    false
}

/// What a shell does without another process, in dash and in bash.
const WITHOUT_CHILD: &[&str] = &[
    ":", "[", "break", "cd", "continue", "echo", "exit", "export", "false", "kill", "printf", "read", "readonly",
    "return", "set", "shift", "test", "trap", "true", "umask", "unset",
];

/// Whether all that a script does is the shell's own, so that it has no child: no pipe, no `&`, no subshell, no program.
#[must_use]
pub fn starts_nothing(script: &str) -> bool {
    let mut quote = None;
    let mut start = 0;
    let mut letters = script.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(letters.next()),
            // What a shell puts in is made by a subshell.
            (_, '`') | (None, '(' | ')') => return false,
            (_, '$') if letters.peek().is_some_and(|(_, next)| *next == '(') => return false,
            (None, '\'' | '"') => quote = Some(c),
            (None, '>' | '<') => drop(letters.next_if(|(_, next)| *next == '&')),
            (None, '&' | '|' | ';' | '\n') => {
                let doubled = letters.next_if(|(_, next)| *next == c).is_some();
                let alone = !doubled && matches!(c, '&' | '|');
                if alone || !script.get(start..at).is_some_and(is_own) {
                    return false;
                }
                start = at + 1 + usize::from(doubled);
            }
            (Some(_) | None, _) => {}
        }
    }
    script.get(start..).is_some_and(is_own)
}

/// Whether one command of a script, with words such as `while` before it, is the shell's own.
fn is_own(command: &str) -> bool {
    let Ok(words) = shlex::split(command) else { return false };
    let mut names =
        words.iter().map(|word| &*word.text).skip_while(|word| RESERVED.contains(word) || is_assignment(word));
    names.next().is_none_or(|name| WITHOUT_CHILD.contains(&name) || name.starts_with(['<', '>']))
}

/// Whether a script acts on a signal itself, so that its shell has to stay.
#[must_use]
pub fn traps(script: &str) -> bool {
    script.split(|c: char| !c.is_alphanumeric()).any(|word| word == "trap")
}

/// Where the words begin that are no variables set for the command.
fn assignments(text: &str) -> usize {
    let words = shlex::split(text).unwrap_or_default();
    let set = words.iter().take_while(|word| is_assignment(&word.text)).count();
    match words.get(set) {
        Some(word) => word.start,
        None if set > 0 => text.len(),
        None => 0,
    }
}

/// Whether a word sets a variable.
pub(crate) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

/// The command that a script ends in, where that is all that runs then: it is the only one, or it replaces the shell.
pub(super) fn last_command(script: &str) -> Option<Simple<'_>> {
    match last(script) {
        Last::Command(simple) => (simple.alone || simple.execs()).then_some(simple),
        Last::OrElse(_) | Last::Background(_) | Last::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_ends_in() {
        for (script, command) in [
            ("gunicorn a:b", Some("gunicorn a:b")),
            ("exec gunicorn a:b", Some("exec gunicorn a:b")),
            ("cd /srv && exec gunicorn a:b", Some("exec gunicorn a:b")),
            ("cd /srv; exec nginx -g 'daemon off;'", Some("exec nginx -g 'daemon off;'")),
            ("nginx -g 'daemon off;';", Some("nginx -g 'daemon off;'")),
            ("helper & exec main", Some("exec main")),
            ("cd /srv && gunicorn a:b", None),
            ("while true; do php x; done", None),
            ("a | b", None),
            ("a &", None),
            ("$(which x) y", None),
            ("exec a >> /log 2>&1", Some("exec a")),
            ("a 2> /log", Some("a")),
            ("a &> /log", Some("a")),
            ("[ -f /x ] || exit 1; exec gunicorn a:b", Some("exec gunicorn a:b")),
            ("export A=$(cat '/s)'); exec gunicorn a:b", Some("exec gunicorn a:b")),
            ("A=\"$(b \"c\")\" ; exec a", Some("exec a")),
            ("A=`b`; exec a", Some("exec a")),
            ("cd /srv && A=b exec gunicorn a:b", Some("exec gunicorn a:b")),
            ("A='b c' gunicorn", Some("gunicorn")),
            ("a || exec b", None),
            ("a || b && exec c", None),
            ("(a; b)", None),
            ("$(a", None),
            ("A=b", None),
            ("exec a $(b c) -d", Some("exec a $(b c) -d")),
            ("exec a -b `c`", Some("exec a -b `c`")),
            ("exec a -c <(b | c) -d", Some("exec a -c <(b | c) -d")),
            ("A=1 $(b) c", None),
            ("A=1  b\t$(c)", Some("b\t$(c)")),
            ("a $(b); $(c)", None),
            ("a <(b", None),
            ("", None),
        ] {
            assert_eq!(last_command(script).map(|last| last.text), command, "{script}");
        }
    }

    #[test]
    fn scripts_without_children() {
        for (script, nothing) in [
            ("printf 'READY\\n' && while read line; do kill -SIGQUIT $PPID; done < /dev/stdin", true),
            ("while :; do read x; echo \"$x; y\" >&2; done", true),
            ("test -f /x || exit 1", true),
            ("if [ -f /x ]; then echo 'a | b' 2>&1; fi", true),
            ("A=b", true),
            ("", true),
            ("echo a; sleep 1", false),
            ("while read x; do /srv/a; done", false),
            ("echo a | read b", false),
            ("read a &", false),
            ("(read a)", false),
            ("echo $(a)", false),
            ("echo `a`", false),
            ("A=b /srv/a", false),
            ("exec a", false),
            ("for x in 1 2; do echo; done", false),
        ] {
            assert_eq!(starts_nothing(script), nothing, "{script}");
        }
    }

    #[test]
    fn where_the_last_command_is() {
        for (script, found) in [
            ("a", Last::Command(Simple { text: "a", at: 0, alone: true, kept: false })),
            (" a -b; ", Last::Command(Simple { text: "a -b", at: 1, alone: true, kept: false })),
            ("cd /x &&  b c", Last::Command(Simple { text: "b c", at: 10, alone: false, kept: false })),
            ("a & wait", Last::Command(Simple { text: "wait", at: 4, alone: false, kept: true })),
            ("a &", Last::Background(Simple { text: "a", at: 0, alone: true, kept: false })),
            ("a; b > /l 2>&1 &", Last::Background(Simple { text: "b", at: 3, alone: false, kept: true })),
            ("a &&", Last::Other),
            ("if a; then b; fi", Last::Other),
            ("for x in 1 2; do b; done", Last::Other),
            ("a || b", Last::OrElse(Simple { text: "b", at: 5, alone: false, kept: false })),
            ("a | b && c", Last::Command(Simple { text: "c", at: 9, alone: false, kept: false })),
            ("a || b | c", Last::Other),
            ("a ||", Last::Other),
        ] {
            assert_eq!(last(script), found, "{script}");
        }
    }

    /// Each was run with `sleep` as its last command, in bash 5.2.15 and 5.2.37.
    #[test]
    fn where_bash_stays() {
        for (script, kept) in [
            ("a", false),
            ("a > /log", true),
            ("a 2>&1", true),
            ("a <(b)", false),
            ("a > /log; b", false),
            ("a; b; c", false),
            ("a && b && c", false),
            ("a && b > /log", true),
            ("a || b", false),
            ("a > /log 2>&1 || b", false),
            ("a || b > /log", true),
            ("a || b && c", false),
            ("a && b; c", false),
            ("a || b; c", false),
            ("a; b && c", true),
            ("a; b || c", true),
            ("a && b; c && d", true),
            ("a & b", true),
            ("a & b && c", true),
            ("a & b; c", false),
            ("a; b & c", true),
            ("a; b\nc && d", false),
            ("a;\nb && c", false),
            ("a &&\n b", false),
            ("a; b &&\n c", true),
            ("a; b && c;", true),
        ] {
            let found = match last(script) {
                Last::Command(simple) | Last::OrElse(simple) => Some(simple.kept),
                Last::Background(_) | Last::Other => None,
            };
            assert_eq!(found, Some(kept), "{script}");
        }
    }
}
