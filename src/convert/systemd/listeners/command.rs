//! The command line of a listener: which program it runs, and its options as Python's getopt and optparse read them.

use crate::python;

/// An option of a program.
pub(super) struct Accepts {
    /// Its letter, where it has one.
    pub short: Option<char>,
    /// Its long name, by which it is known here.
    pub long: &'static str,
    /// Whether a value follows it.
    pub valued: bool,
}

/// One that takes a value.
pub(super) const fn valued(short: char, long: &'static str) -> Accepts {
    Accepts { short: Some(short), long, valued: true }
}

/// One that takes none.
pub(super) const fn flag(short: char, long: &'static str) -> Accepts {
    Accepts { short: Some(short), long, valued: false }
}

/// Which of Python's two readers a program uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// `getopt.getopt`: the first word that is no option ends them.
    Getopt,
    /// `optparse`: options may stand between other words.
    Optparse,
}

/// What a command line gives a program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given<'w> {
    /// The options by their long names, in their order; of a flag the value is empty.
    pub options: Vec<(&'static str, &'w str)>,
    /// The other words.
    pub words: Vec<&'w str>,
}

impl<'w> Given<'w> {
    /// Reads the words behind the program's name.
    ///
    /// # Errors
    /// The word that the program refuses.
    pub fn of(arguments: &'w [String], reader: Reader, accepted: &[Accepts]) -> Result<Self, &'w str> {
        let mut given = Self::default();
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(word) = rest.next() {
            if word == "--" {
                given.words.extend(rest);
                return Ok(given);
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                let option = by_name(name, accepted).ok_or(word)?;
                let value = match (option.valued, value) {
                    (false, None) => "",
                    (false, Some(_)) => return Err(word),
                    (true, Some(value)) => value,
                    (true, None) => rest.next().ok_or(word)?,
                };
                given.options.push((option.long, value));
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                let mut letters = letters.chars();
                while let Some(letter) = letters.next() {
                    let option = accepted.iter().find(|option| option.short == Some(letter)).ok_or(word)?;
                    if !option.valued {
                        given.options.push((option.long, ""));
                        continue;
                    }
                    let attached = letters.as_str();
                    let value = if attached.is_empty() { rest.next().ok_or(word)? } else { attached };
                    given.options.push((option.long, value));
                    break;
                }
            } else {
                given.words.push(word);
                if reader == Reader::Getopt {
                    given.words.extend(rest);
                    return Ok(given);
                }
            }
        }
        Ok(given)
    }

    /// The last value of an option, which is the one that counts.
    pub fn last(&self, long: &str) -> Option<&'w str> {
        self.options.iter().rev().find(|(name, _)| *name == long).map(|(_, value)| *value)
    }

    /// All values of an option.
    pub fn all<'g>(&'g self, long: &'g str) -> impl Iterator<Item = &'w str> + 'g {
        self.options.iter().filter(move |(name, _)| *name == long).map(|(_, value)| *value)
    }
}

/// A long option by its name, or by a beginning that no other has.
fn by_name<'o>(name: &str, accepted: &'o [Accepts]) -> Option<&'o Accepts> {
    let mut alike = accepted.iter().filter(|option| !name.is_empty() && option.long.starts_with(name));
    let first = alike.next()?;
    let exact = accepted.iter().find(|option| option.long == name);
    exact.or_else(|| alike.next().is_none().then_some(first))
}

/// The program that a listener runs: its name without a path and `.py`, and the words behind it. A Python before it is passed
/// over, and `env` before that; what another program would do with the rest is not known.
pub(super) fn program(argv: &[String]) -> Option<(&str, &[String])> {
    let (first, mut rest) = argv.split_first()?;
    let mut name = python::basename(first);
    if name == "env" {
        let set = rest.iter().take_while(|word| word.contains('=') && !word.starts_with('-')).count();
        let (program, behind) = rest.get(set..)?.split_first()?;
        (name, rest) = (python::basename(program), behind);
    }
    if name.strip_prefix("python").is_some_and(|version| version.bytes().all(|byte| b"0123456789.".contains(&byte))) {
        loop {
            let (word, behind) = rest.split_first()?;
            rest = behind;
            if word == "-m" {
                let (module, behind) = rest.split_first()?;
                let module = module.strip_suffix(".__main__").unwrap_or(module);
                return Some((module.rsplit('.').next().unwrap_or(module), behind));
            }
            match word.strip_prefix('-') {
                Some(letters) if !letters.is_empty() && letters.chars().all(|letter| "BEIOPSqsuv".contains(letter)) => {
                }
                Some(_) => return None,
                None => {
                    name = python::basename(word);
                    break;
                }
            }
        }
    }
    Some((name.strip_suffix(".py").unwrap_or(name), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shlex;

    fn words(text: &str) -> Vec<String> {
        shlex::split(text).into_iter().flatten().map(|word| word.text.into_owned()).collect()
    }

    const ACCEPTED: &[Accepts] =
        &[flag('c', "cumulative"), valued('p', "program"), valued('m', "email"), valued('P', "password")];

    #[test]
    fn options_are_read_as_python_reads_them() {
        for (text, reader, options, others) in [
            (
                "-c -p a=1 -pb=2",
                Reader::Getopt,
                &[("cumulative", ""), ("program", "a=1"), ("program", "b=2")][..],
                &[][..],
            ),
            ("-cp a=1", Reader::Getopt, &[("cumulative", ""), ("program", "a=1")], &[]),
            (
                "--cum --prog=a=1 --email x",
                Reader::Getopt,
                &[("cumulative", ""), ("program", "a=1"), ("email", "x")],
                &[],
            ),
            ("-c URL -m x", Reader::Getopt, &[("cumulative", "")], &["URL", "-m", "x"]),
            ("URL -m x", Reader::Optparse, &[("email", "x")], &["URL"]),
            ("-m -c -- -p x", Reader::Optparse, &[("email", "-c")], &["-p", "x"]),
            ("- -c", Reader::Getopt, &[], &["-", "-c"]),
        ] {
            let words = words(text);
            let given = Given::of(&words, reader, ACCEPTED);
            assert_eq!(given, Ok(Given { options: options.to_vec(), words: others.to_vec() }), "{text}");
        }
    }

    #[test]
    fn what_a_program_refuses_is_named() {
        for (text, refused) in [
            ("-c -x", "-x"),
            ("-m", "-m"),
            ("--email", "--email"),
            ("--p=a", "--p=a"),
            ("--cumulative=1", "--cumulative=1"),
        ] {
            assert_eq!(Given::of(&words(text), Reader::Getopt, ACCEPTED), Err(refused), "{text}");
        }
    }

    #[test]
    fn the_program_of_a_command() {
        for (text, expected) in [
            ("/usr/bin/memmon -a 1GB", Some(("memmon", 2))),
            ("python -u /opt/memmon.py -a 1GB", Some(("memmon", 2))),
            ("python3.11 -m superlance.memmon -a 1GB", Some(("memmon", 2))),
            ("python3 -m supervisord_dependent_startup.__main__", Some(("supervisord_dependent_startup", 0))),
            ("/usr/bin/env A=1 python3 httpok x", Some(("httpok", 1))),
            ("python3 -c x", None),
            ("bash -c memmon", Some(("bash", 2))),
            ("", None),
        ] {
            let words = words(text);
            assert_eq!(program(&words).map(|(name, rest)| (name, rest.len())), expected, "{text}");
        }
    }
}
