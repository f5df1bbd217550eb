//! `ExecStart=` from the words of `command=` (facts 3.2 and 3.3).
//!
//! systemd executes an absolute path, or a bare name from a fixed list of directories or `ExecSearchPath=`. What it
//! cannot execute itself goes through `/usr/bin/env --`, which keeps the process id and searches the unit's own PATH.
use std::borrow::Cow;
use std::fmt;

use super::escape::{Dollar, UnitValue, UnitWord, is_control, is_too_long, word};
use super::version::Version;

/// What a command is started with.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    /// The words of `command=`, as Supervisor splits it.
    pub argv: &'a [String],
    /// The absolute working directory that the unit has.
    pub directory: Option<&'a str>,
    /// PATH, where `environment=` sets it.
    pub path: Option<&'a str>,
    /// The variables that `Environment=` cannot carry: `environment::Assignments::wrapped`.
    pub wrapped: &'a [(String, String)],
    /// The systemd that is to start it.
    pub version: Version,
}

/// The start of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecStart {
    /// The value of `ExecStart=`.
    pub line: UnitValue,
    /// The value of `ExecSearchPath=`, where it is needed.
    pub search_path: Option<UnitValue>,
    /// Goes through `/usr/bin/env`: when the program is missing, the start reports success and the status is 127
    /// (facts 3.4).
    pub through_env: bool,
    /// What differs from Supervisor, to be announced.
    pub notes: Vec<StartNote>,
}

/// A difference from Supervisor: its sentence is the Display form (facts 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartNote {
    /// A bare name, and PATH is not set.
    SystemSearch(String),
    /// A bare name, found through `ExecSearchPath=`.
    SkipsNotExecutable,
    /// A bare name, found by `/usr/bin/env` since this systemd has no `ExecSearchPath=`.
    FoundByEnv(String),
    /// A relative path.
    OwnDirectory(String),
}

impl fmt::Display for StartNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SystemSearch(name) => {
                write!(f, "systemd looks up {name} in its own list of directories, not in supervisord's PATH.")
            }
            Self::SkipsNotExecutable => {
                f.write_str("systemd skips a file in PATH that is not executable; Supervisor stops at it and fails.")
            }
            Self::FoundByEnv(name) => write!(
                f,
                "/usr/bin/env looks up {name} in PATH (this systemd has no ExecSearchPath=); if it is missing, the start succeeds \
                 with status 127."
            ),
            Self::OwnDirectory(word) => {
                write!(f, "Supervisor also needs {word} to exist in the directory that it runs in.")
            }
        }
    }
}

/// Why a command has no unit: the reason is the Display form (facts 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotStart {
    /// No program to start.
    Empty,
    /// NUL in a word or in a variable.
    Nul,
    /// The program begins with `~`.
    Home,
    /// The program is no file: it ends in `/`, is `.` or `..`, or is longer than a path can be.
    NoFile,
    /// A relative path without an absolute directory.
    Relative(String),
    /// The program has `=` or is `-`, which `env` reads as something else; run: it executed another program.
    Env(String),
    /// A variable without a name, or with `=` in it.
    Variable(String),
    /// The line is longer than systemd reads.
    TooLong,
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the command is empty: Supervisor cannot start this either."),
            Self::Nul => f.write_str("a NUL character: Supervisor cannot start this either."),
            Self::Home => f.write_str("~ is not expanded; Supervisor cannot start this either"),
            Self::NoFile => f.write_str("the program is not a file: Supervisor cannot start this either."),
            Self::Relative(word) => {
                write!(
                    f,
                    "{word} is relative and no absolute directory= is set: write an absolute path, or give --cwd DIR"
                )
            }
            Self::Env(word) => write!(
                f,
                "{word} starts through /usr/bin/env, which would not read it as a program: write a path without `=`"
            ),
            Self::Variable(name) => {
                write!(f, "a variable cannot be called {name:?}: Supervisor cannot start this either.")
            }
            Self::TooLong => f.write_str("the command is longer than a line of a unit can be (1 MiB)"),
        }
    }
}

/// The line that starts the program with exactly these words.
///
/// # Errors
/// What systemd cannot start, or Supervisor neither.
pub fn exec_start(command: &Invocation<'_>) -> Result<ExecStart, CannotStart> {
    let (program, arguments) = command.argv.split_first().ok_or(CannotStart::Empty)?;
    let file = Executable::find(program, command.directory)?;
    let mut notes = Vec::new();
    let mut search_path = None;
    let mut through_env = !command.wrapped.is_empty() || file.is_special();
    match (&file, command.path) {
        (Executable::Absolute(_), _) => {}
        (Executable::Joined(_), _) => notes.push(StartNote::OwnDirectory(program.clone())),
        (Executable::Bare(_), None) => notes.push(StartNote::SystemSearch(program.clone())),
        (Executable::Bare(_), Some(path)) => {
            let known = command.version.has_exec_search_path();
            let search = UnitValue::plain(path).filter(|_| !through_env && is_searchable(path));
            match search {
                Some(_) if !known => notes.push(StartNote::FoundByEnv(program.clone())),
                Some(_) => notes.push(StartNote::SkipsNotExecutable),
                None => {}
            }
            search_path = search.filter(|_| known);
            through_env |= search_path.is_none();
        }
    }

    let mut words: Vec<Cow<'_, str>> = Vec::with_capacity(command.argv.len() + command.wrapped.len());
    let (path, argv0) = if through_env {
        // `env` takes a lone `-` as `-i` even after `--`, and every word with `=` as a variable.
        if program.contains('=') || program == "-" {
            return Err(CannotStart::Env(program.clone()));
        }
        words.push("--".into());
        for (name, value) in command.wrapped {
            if name.is_empty() || name.contains('=') {
                return Err(CannotStart::Variable(name.clone()));
            }
            words.push([name, "=", value].concat().into());
        }
        words.push(program.into());
        ("/usr/bin/env", None)
    } else {
        (file.path(), matches!(file, Executable::Joined(_)).then_some(program.as_str()))
    };
    words.extend(arguments.iter().map(Cow::from));

    // The path itself is never substituted, but as the program's argv[0] it is.
    let dollars = path.contains('$')
        || command.argv.iter().any(|word| word.contains('$'))
        || words.iter().any(|word| word.contains('$'));
    let literal = dollars && command.version.has_literal_prefix();
    let argv0 = argv0.or(Some(path).filter(|path| path.contains('$') && !literal));
    let dollar = if literal { Dollar::Kept } else { Dollar::Doubled };
    let escaped = |text: Cow<'_, str>| word(text, dollar).ok_or(CannotStart::Nul);
    let arguments: Vec<UnitWord> = words.into_iter().map(escaped).collect::<Result<_, _>>()?;
    let argv0 = argv0.map(|text| escaped(text.into())).transpose()?;
    let path = word(path, Dollar::Kept).ok_or(CannotStart::Nul)?;
    let line = UnitValue::command(literal, &path, argv0.as_ref(), &arguments).ok_or(CannotStart::TooLong)?;
    Ok(ExecStart { line, search_path, through_env, notes })
}

/// What systemd would have to execute.
enum Executable<'a> {
    Absolute(&'a str),
    /// Relative with `/`, put after the working directory.
    Joined(String),
    /// To be looked for.
    Bare(&'a str),
}

impl<'a> Executable<'a> {
    fn find(program: &'a str, directory: Option<&str>) -> Result<Self, CannotStart> {
        if program.is_empty() {
            return Err(CannotStart::Empty);
        }
        if program.starts_with('~') {
            return Err(CannotStart::Home);
        }
        let file = if program.starts_with('/') {
            Self::Absolute(program)
        } else if program.contains('/') {
            let directory = directory.filter(|directory| directory.starts_with('/'));
            let directory = directory.ok_or_else(|| CannotStart::Relative(program.to_owned()))?;
            Self::Joined(format!("{}/{program}", directory.trim_end_matches('/')))
        } else {
            Self::Bare(program)
        };
        if matches!(program, "." | "..") || program.ends_with('/') || is_too_long(file.path()) {
            return Err(CannotStart::NoFile);
        }
        Ok(file)
    }

    fn path(&self) -> &str {
        match self {
            Self::Absolute(path) | Self::Bare(path) => path,
            Self::Joined(path) => path,
        }
    }

    /// "Executable name contains special characters": what systemd refuses although it is quoted, and what it would
    /// take for a prefix (facts 3.3) or for the end of a command: `;` as the program, quoted or not (run on 252).
    fn is_special(&self) -> bool {
        let path = self.path();
        path == ";"
            || path.contains(|character| is_control(character) || matches!(character, '"' | '\'' | '\\'))
            || path.starts_with([' ', '-', '+', '!', ':', '@', '|'])
            || path.ends_with(' ')
    }
}

/// Whether `ExecSearchPath=` can say it: systemd refuses relative entries and `..` (systemd.exec(5), facts 3.3).
fn is_searchable(path: &str) -> bool {
    path.split(':').all(|entry| {
        entry.starts_with('/')
            && entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./+-".contains(&byte))
            && entry.split('/').all(|part| part != "..")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// The line, the search path, and the sentences; or the reason.
    fn said(argv: &[&str], directory: Option<&str>, path: Option<&str>, wrapped: &[(&str, &str)]) -> [String; 3] {
        let wrapped: Vec<_> = wrapped.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match exec_start(&Invocation {
            argv: &owned(argv),
            directory,
            path,
            wrapped: &wrapped,
            version: Version::default(),
        }) {
            Ok(start) => [
                start.line.as_str().to_owned(),
                start.search_path.map_or_else(String::new, |value| value.as_str().to_owned()),
                start.notes.iter().map(ToString::to_string).collect(),
            ],
            Err(refusal) => ["refused".to_owned(), String::new(), refusal.to_string()],
        }
    }

    fn line(argv: &[&str]) -> String {
        let [line, ..] = said(argv, None, None, &[]);
        line
    }

    #[test]
    fn absolute() {
        assert_eq!(line(&["/bin/a", "", ";", "a b", "100%"]), "/bin/a \"\" \";\" \"a b\" 100%%");
        assert_eq!(line(&["/bin/a", "$HOME"]), ":/bin/a \"$HOME\"");
        assert_eq!(line(&["/opt/a b/${X}"]), ":\"/opt/a b/${X}\"");
        assert_eq!(line(&["//a//b"]), "//a//b");
        assert_eq!(line(&["/a/../b"]), "/a/../b");
        assert_eq!(line(&["/a=b/c"]), "/a=b/c");
    }

    #[test]
    fn special_paths_go_through_env() {
        assert_eq!(line(&["/a\"b", "x"]), "/usr/bin/env -- \"/a\\\"b\" x");
        assert_eq!(line(&["/a\nb"]), "/usr/bin/env -- \"/a\\nb\"");
        assert_eq!(line(&[";", ";"]), "/usr/bin/env -- \";\" \";\"");
        assert_eq!(line(&["/a "]), "/usr/bin/env -- \"/a \"");
        assert_eq!(line(&["+x", "$y"]), ":/usr/bin/env -- +x \"$y\"");
    }

    #[test]
    fn bare() {
        let system = "systemd looks up x in its own list of directories, not in supervisord's PATH.";
        let skips = StartNote::SkipsNotExecutable.to_string();
        assert_eq!(said(&["x"], None, None, &[]), ["x", "", system]);
        assert_eq!(said(&["x"], None, Some("/a:/b-c"), &[]), ["x", "/a:/b-c", skips.as_str()]);
        for path in ["", "/a:", "/a:b", "/a b", "/a/..", "/a:$PATH"] {
            assert_eq!(said(&["x"], None, Some(path), &[]), ["/usr/bin/env -- x", "", ""], "{path:?}");
        }
        assert_eq!(said(&["x"], None, Some("/a"), &[("A.B", "1")]), ["/usr/bin/env -- A.B=1 x", "", ""]);
    }

    #[test]
    fn older_systemds() {
        let start = |number, argv: &[&str], path| {
            let version = Version::new(number).unwrap_or_default();
            let start = exec_start(&Invocation { argv: &owned(argv), directory: None, path, wrapped: &[], version });
            start.map(|start| (start.line.as_str().to_owned(), start.search_path.is_some(), start.notes.len()))
        };
        let line = |line: &str| Ok((line.to_owned(), false, 0));
        assert_eq!(start(241, &["/bin/a", "$x ${Y}"], None), line("/bin/a \"$$x $${Y}\""));
        assert_eq!(start(242, &["/bin/a", "$x"], None), line(":/bin/a \"$x\""));
        assert_eq!(start(240, &["/bin/$a", "x"], None), line("@\"/bin/$a\" /bin/$$a x"));
        assert_eq!(start(249, &["a"], Some("/b")), Ok(("/usr/bin/env -- a".to_owned(), false, 1)));
        assert_eq!(start(250, &["a"], Some("/b")), Ok(("a".to_owned(), true, 1)));
        assert_eq!(Version::new(239), None);
    }

    #[test]
    fn relative() {
        let own = "Supervisor also needs ./x to exist in the directory that it runs in.";
        assert_eq!(said(&["./x", "y"], Some("/d/"), None, &[]), ["@/d/./x ./x y", "", own]);
        assert_eq!(said(&["./x", "$y"], Some("/d"), None, &[]), [":@/d/./x ./x \"$y\"", "", own]);
        assert_eq!(said(&["./x"], Some("/d'"), None, &[]), ["/usr/bin/env -- ./x", "", own]);
        let reason = CannotStart::Relative("./x".to_owned()).to_string();
        for directory in [None, Some("d")] {
            assert_eq!(said(&["./x"], directory, None, &[]), ["refused", "", reason.as_str()]);
        }
    }

    #[test]
    fn variables_beside_environment() {
        let wrapped = [("A.B", "dot"), ("é", "$x")];
        let expected = ":/usr/bin/env -- A.B=dot \"é=$x\" /bin/a b=c";
        assert_eq!(said(&["/bin/a", "b=c"], None, None, &wrapped), [expected, "", ""]);
        for (name, value, refusal) in [
            ("", "x", CannotStart::Variable(String::new())),
            ("a=b", "x", CannotStart::Variable("a=b".to_owned())),
            ("a", "\0", CannotStart::Nul),
        ] {
            assert_eq!(said(&["/bin/a"], None, None, &[(name, value)]), ["refused", "", &refusal.to_string()]);
        }
    }

    #[test]
    fn refuses() {
        let refused = |argv: &[&str]| {
            exec_start(&Invocation {
                argv: &owned(argv),
                directory: Some("/d"),
                path: None,
                wrapped: &[],
                version: Version::default(),
            })
            .err()
        };
        assert_eq!(refused(&[]), Some(CannotStart::Empty));
        assert_eq!(refused(&["", "x"]), Some(CannotStart::Empty));
        assert_eq!(refused(&["/bin/a", "\0"]), Some(CannotStart::Nul));
        assert_eq!(refused(&["~/x"]), Some(CannotStart::Home));
        for program in ["/bin/", "x/", ".", "..", &format!("/{}", "a".repeat(256)), &"/a".repeat(2048)] {
            assert_eq!(refused(&[program]), Some(CannotStart::NoFile), "{program}");
        }
        for program in ["-", "-a=b", "/a'/b=c"] {
            assert_eq!(refused(&[program]), Some(CannotStart::Env(program.to_owned())));
        }
        assert_eq!(refused(&["/bin/a", &"x".repeat(1 << 20)]), Some(CannotStart::TooLong));
    }
}
