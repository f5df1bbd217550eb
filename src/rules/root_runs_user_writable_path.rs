//! SUP209 root-runs-user-writable-path: root runs a file that somebody else can usually replace.

use std::os::unix::fs::MetadataExt as _;

use super::program_runs_as_root::{self, joined};
use super::view::effective::{Command, Program, is_root};
use super::{Check, Found, Lint};
use crate::apps::matching::{Ran, script_of};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::keys::process as k;
use crate::python::shlex::Word;
use crate::python::{self, filename};

/// SUP209.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP209",
        name: "root-runs-user-writable-path",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("root_runs_user_writable_path.md"),
        repeat: Repeat::File(joined),
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

macro_rules! below {
    ($directory:literal, $file:literal) => {
        (
            $directory,
            concat!("runs as root a file ", $file, ", which another user can usually replace"),
            concat!(
                "runs a file ",
                $file,
                ", which its owner can replace, as the user who starts supervisord, usually root"
            ),
        )
    };
}

/// Directories in which others than root keep files; what is said of a program below one that root runs, and of one that whoever
/// starts supervisord runs.
static OF_OTHERS: &[(&str, &str, &str)] = &[
    below!("/home/", "below /home"),
    below!("/tmp/", "below /tmp"),
    below!("/var/tmp/", "below /var/tmp"),
    below!("/var/www/", "below /var/www"),
];

/// Below `/srv`, where each site has a directory with this one.
const PUBLIC: (&str, &str, &str) = below!("/public/", "of a public web directory");

/// With `--check-host`.
const SEEN: &str = "runs as root a file that another user can replace on this machine";

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let Some(Command { text: _, place, words: Ok(words) }) = &program.command else { continue };
        if !is_root_there(lint, program) {
            continue;
        }
        let surely = program_runs_as_root::is_written(lint, program);
        let directory = lint.known(&program.process.options.directory).copied().flatten();
        let paths = paths(lint, program, words);
        let mut paths = paths.iter().filter_map(|path| absolute(path, directory));
        let Some((said, sure)) = paths.find_map(|path| said(lint, &path, surely)) else { continue };
        let (name, section) = (program.process.program.name, program.process.program.section);
        let message = Message::made(move || format!("{name} {said}."));
        let help = "a user who replaces the file becomes root.\n\
                    write user=NAME with an account that is not root.\n\
                    if it must be root, keep the file where only root can write, such as /usr/local or /opt.";
        let mut diagnostic = Diagnostic::new(&RULE.rule, *place, message).help(help);
        if sure {
            diagnostic.confidence = Confidence::High;
        } else if lint.container() {
            // The files of an image are root's unless it says otherwise.
            diagnostic.severity = Severity::Info;
        }
        found.push(diagnostic.of(section, Some(k::COMMAND.name)).about(name, said));
    }
}

/// Whether the command is run by root, and not given to another account at once.
fn is_root_there<'a>(lint: &Lint<'a>, program: &Program<'a>) -> bool {
    let other = |ran: Ran<'_>| ran.account.is_some_and(|name| !is_root(name.split(':').next().unwrap_or(&name)));
    program_runs_as_root::is_certain(lint, program) && !lint.ran(program).is_some_and(other)
}

/// The files that a command runs: the program, what wrappers run, the script of an interpreter.
fn paths<'a>(lint: &Lint<'a>, program: &Program<'a>, words: &[Word<'_>]) -> Vec<String> {
    let mut paths = Vec::new();
    let mut add = |words: &[Word<'_>]| {
        let first = words.first().filter(|word| word.text.contains('/'));
        let known = first.into_iter().chain(script_of(words)).filter(|word| !Command::begins_unknown(word));
        paths.extend(known.map(|word| word.text.clone().into_owned()));
    };
    add(words);
    if let Some(ran) = lint.ran(program) {
        add(&ran.words);
    }
    paths
}

/// A path as the kernel has it; `None` where it depends on a directory that is not known.
fn absolute(path: &str, directory: Option<&str>) -> Option<String> {
    if path.starts_with('/') {
        return Some(python::normpath(path).into_owned());
    }
    let directory = directory.filter(|directory| directory.starts_with('/'))?;
    Some(python::normpath(&format!("{directory}/{path}")).into_owned())
}

/// What is said of a file, and whether it was looked at.
fn said(lint: &Lint<'_>, path: &str, surely: bool) -> Option<(&'static str, bool)> {
    // Below another root the files belong to whoever unpacked them.
    if lint.reading.check_host
        && lint.reading.root.is_none()
        && let Some(replaceable) = replaceable(path)
    {
        return replaceable.then_some((SEEN, true));
    }
    let public = || path.starts_with("/srv/") && path.contains(PUBLIC.0);
    let of_others = OF_OTHERS.iter().find(|(directory, ..)| path.starts_with(directory));
    let (_, certain, guessed) = of_others.or_else(|| public().then_some(&PUBLIC))?;
    Some((if surely { certain } else { guessed }, false))
}

/// Whether another account than root can replace a file of this machine; `None` where there is none.
fn replaceable(path: &str) -> Option<bool> {
    const OTHERS_WRITE: u32 = 0o002;
    const GROUP_WRITES: u32 = 0o020;
    const STICKY: u32 = 0o1000;
    let path = filename::encode(path).canonicalize().ok()?;
    let file = path.metadata().ok()?;
    let of_root = |of: &std::fs::Metadata| {
        of.uid() == 0 && of.mode() & OTHERS_WRITE == 0 && (of.mode() & GROUP_WRITES == 0 || of.gid() == 0)
    };
    // In a directory like /tmp others may create files, and not replace those of root.
    let kept = |of: &std::fs::Metadata| of_root(of) || of.uid() == 0 && of.mode() & STICKY != 0;
    let above = path.ancestors().skip(1).all(|directory| directory.metadata().is_ok_and(|of| kept(&of)));
    Some(!(of_root(&file) && above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_a_file_is() {
        assert_eq!(replaceable("/nothing-of-the-kind"), None);
        // Whoever runs the tests: what is here belongs to root alone, or it does not.
        assert_eq!(replaceable("/usr/bin/env"), Some(false));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{I, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=/home/deploy/app/run", &[(2, W)]).says("a runs as root a file below /home"),
        row(MAIN, "[program:a]\ncommand=/usr/bin/python3 -u /var/www/a.py", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/home/deploy/venv/bin/python -m celery worker", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work\ndirectory=/var/www/shop", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=env A=b /tmp/../tmp/a", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=bash -c 'exec /var/tmp/a'", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/srv/shop/public/run", &[(2, W)]).says("public web directory"),
        row(MAIN, "[program:a]\ncommand=sudo /home/deploy/run", &[(2, W)]),
        row("", "[supervisord]\n[program:a]\ncommand=/home/a/run", &[(3, W)]),
        row("", "[program:a]\ncommand=/home/a/run\nuser=root", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/home/a/run\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/home/a/run", &[(2, I)]).target(Target::Container),
        row(PROGRAM, "command=/home/a/run", &[]),
        row("", "[program:a]\ncommand=/home/a/run", &[]),
        row("", "[supervisord]\nuser=app\n[program:a]\ncommand=/home/a/run", &[]),
        row(MAIN, "[program:a]\ncommand=gosu app /home/a/run", &[]),
        row(MAIN, "[program:a]\ncommand=/opt/a/run --home /home/a\ndirectory=/home/a", &[]),
        row(MAIN, "[program:a]\ncommand=python a.py\ndirectory=/opt/a", &[]),
        row(MAIN, "[program:a]\ncommand=python a.py", &[]),
        row(MAIN, "[program:a]\ncommand=nginx -c /home/a/nginx.conf\ndirectory=/home/a", &[]),
        row(MAIN, "[program:a]\ncommand=/homeless/a", &[]),
        row(MAIN, "[program:a]\ncommand=/home/{{ user }}/run", &[]),
    ];
}
