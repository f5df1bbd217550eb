//! Words and variables arrive byte for byte: given by the daemon, by the file of secrets, or after the shell.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use supconv::convert::daemon::launcher::Launcher;
use supconv::convert::daemon::variables::{exports, shell_keeps};

use super::{Shell, ended, output, plain, shells, witness};
use crate::support::desk::Desk;
use crate::support::nasty::{NAMES, PLAIN_NAMES, Random};

/// Names that mean something to some shell or some tool of the launcher.
const SPECIAL: &str = "PWD OLDPWD SHLVL _ PATH IFS OPTIND OPTARG OPTERR PPID UID EUID GROUPS LINENO RANDOM SECONDS SRANDOM \
    EPOCHSECONDS EPOCHREALTIME PS1 PS2 PS3 PS4 HOME USER LOGNAME SHELL TERM MAIL MAILPATH MAILCHECK CDPATH ENV BASH_ENV BASH \
    BASHOPTS SHELLOPTS BASHPID BASH_ARGV0 BASH_COMMAND BASH_SUBSHELL BASH_VERSION BASH_VERSINFO BASH_ALIASES BASH_CMDS \
    BASH_REMATCH BASH_XTRACEFD BASH_COMPAT COMP_WORDBREAKS COPROC DIRSTACK FUNCNAME PIPESTATUS HISTCMD HISTFILE HISTSIZE \
    HISTCONTROL HISTTIMEFORMAT HOSTNAME HOSTTYPE MACHTYPE OSTYPE COLUMNS LINES LANG LC_ALL LC_CTYPE LANGUAGE TZ TMPDIR TMOUT \
    TIMEFORMAT POSIXLY_CORRECT IGNOREEOF INPUTRC GLOBIGNORE EXECIGNORE FIGNORE FUNCNEST FCEDIT CHILD_MAX PROMPT_COMMAND \
    REPLY MAPFILE auto_resume histchars LD_PRELOAD LD_LIBRARY_PATH GREP_OPTIONS GREP_COLORS if case in x";

/// What the program's environment is.
fn environment(shell: &Shell, launcher: &Launcher<'_>, given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut command = shell.launch(launcher, &witness("environ"));
    let said = String::from_utf8(output(command.envs(given.iter().copied()))).unwrap();
    let pairs = said.split_terminator('\0').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn owned<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn words_and_values() {
    let desk = Desk::new(&[]);
    let mut random = Random::new(7);
    let file = desk.path("it's secret.sh");
    for shell in shells(&desk) {
        for _ in 0..30 {
            let mut argv = ["/bin/sh", "-c", "/bin/cat /proc/$$/cmdline"].map(str::to_owned).to_vec();
            argv.extend((0..random.below(8)).map(|_| random.word()));
            let [given, secret, after] = [PLAIN_NAMES, &["S_1", "S_2"], NAMES]
                .map(|names: &[&'static str]| names.iter().map(|name| (*name, random.word())).collect::<Vec<_>>());
            let [given, secret, after] = [&given, &secret, &after]
                .map(|pairs| pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>());
            fs::write(&file, exports(secret.iter().copied()).unwrap()).unwrap();
            let name = random.word();
            let launcher = Launcher { name: &name, variables: &after, secrets: Some(&file), ..plain() };
            let words: Vec<&str> = argv.iter().map(String::as_str).collect();
            let said = output(shell.launch(&launcher, &words).envs(given.iter().copied()));
            let expected: String = words.iter().flat_map(|word| [word, "\0"]).collect();
            assert!(said == expected.as_bytes(), "{}: {argv:?}", shell.name);
            let mut expected = owned([("PATH", shell.path.as_str())]);
            expected.extend(owned(given.iter().chain(&secret).chain(&after).copied()));
            assert_eq!(environment(&shell, &launcher, &given), expected, "{}", shell.name);
        }
    }
}

#[test]
fn every_name_that_is_said_to_be_kept_is_kept_and_every_other_can_be_set_after() {
    let desk = Desk::new(&[]);
    let file = desk.path("secrets.sh");
    for shell in shells(&desk) {
        for value in ["41", "zz7", ""] {
            let pairs = || SPECIAL.split_whitespace().filter(|name| *name != "PATH").map(|name| (name, value));
            let (kept, after): (Vec<_>, Vec<_>) = pairs().partition(|(name, _)| shell_keeps(name));
            assert!(kept.len() > 30 && after.len() > 30);
            // The tools of glibc say so where a library is missing.
            let after: Vec<_> = after.into_iter().filter(|(name, _)| *name != "LD_PRELOAD").collect();
            let path = ("PATH", shell.path.as_str());
            let expected = owned(kept.iter().chain(&after).copied().chain([path]));
            let launcher = Launcher { variables: &after, ..plain() };
            assert_eq!(environment(&shell, &launcher, &kept), expected, "{} {value:?}", shell.name);
            fs::write(&file, exports(kept.iter().copied()).unwrap()).unwrap();
            let launcher = Launcher { secrets: Some(&file), ..launcher };
            assert_eq!(environment(&shell, &launcher, &[]), expected, "{} {value:?}, of a file", shell.name);
        }
    }
}

#[test]
fn what_a_shell_adds_is_removed_and_what_was_inherited_stays() {
    let desk = Desk::new(&[]);
    for shell in shells(&desk) {
        let path = ("PATH", shell.path.as_str());
        assert_eq!(environment(&shell, &plain(), &[]), owned([path]), "{}", shell.name);
        let inherited =
            [("PWD", "/a  b*\\"), ("OLDPWD", "/gone"), ("SHLVL", "7"), ("_", "/usr/bin/x"), ("OTHER", "x\nPWD=/y")];
        let given = owned(inherited.into_iter().chain([path]));
        assert_eq!(environment(&shell, &plain(), &inherited), given, "{}", shell.name);
        let launcher =
            Launcher { variables: &[("PWD", "/own"), ("A", "1")], without: &["OLDPWD", "OTHER", "A"], ..plain() };
        let expected = owned([path, ("PWD", "/own"), ("SHLVL", "7"), ("_", "/usr/bin/x"), ("A", "1")]);
        assert_eq!(environment(&shell, &launcher, &inherited), expected, "{}", shell.name);
    }
}

#[test]
fn the_program_is_found_as_its_own_path_says() {
    let desk = Desk::new(&[]);
    let names = ["-dash", "sp ace", "$HOME", "echo", "-", "a=b"];
    for name in names {
        desk.write(&format!("own/{name}"), "#!/bin/sh\necho \"found $0 $*\"\n");
        fs::set_permissions(desk.join("own").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let folder = desk.path("own");
    for shell in shells(&desk) {
        // Where a program is to be looked up is no place for the tools: this `tr` is not run.
        desk.write("own/tr", "#!/bin/sh\necho \"not this one\" >&2\n");
        fs::set_permissions(desk.join("own/tr"), fs::Permissions::from_mode(0o755)).unwrap();
        let both = format!("{folder}:/usr/bin:/bin");
        let launcher = Launcher { variables: &[("PATH", &both)], ..plain() };
        for name in names {
            let said = output(&mut shell.launch(&launcher, &[name, "x"]));
            assert_eq!(String::from_utf8(said).unwrap(), format!("found {folder}/{name} x\n"), "{}", shell.name);
            let relative = format!("./{name}");
            let said = output(shell.launch(&launcher, &[&relative, "x"]).current_dir(&folder));
            assert_eq!(String::from_utf8(said).unwrap(), format!("found {relative} x\n"), "{}", shell.name);
        }
    }
}

#[test]
fn secrets_that_are_missing() {
    let desk = Desk::new(&[]);
    let file = desk.path("none");
    for shell in shells(&desk) {
        let launcher = Launcher { secrets: Some(&file), ..plain() };
        let expected = format!("web is not started: {file} cannot be read\n");
        let run = ended(&mut shell.launch(&launcher, &["/bin/sh", "-c", "echo ran >&2"]));
        assert_eq!(run, (Some(127), expected), "{}", shell.name);
    }
}
