//! SUP404 relative-command-path: a command that is looked up in one directory and started in another.

use super::shell_syntax_without_shell::wants_shell;
use super::view::effective::{Command, Program};
use super::view::mend::command::{below, edited, program_of};
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::process as k;
use crate::python;

/// SUP404.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP404",
        name: "relative-command-path",
        severity: Severity::Error,
        confidence: Confidence::High,
        page: include_str!("relative_command_path.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for Program { process, command, .. } in lint.programs() {
        // What a shell would make something of is SUP401's.
        let Some(command) = command.as_ref().filter(|command| !wants_shell(command)) else { continue };
        let Command { text: _, place, words: Ok(words) } = command else { continue };
        let Some(first) = words.first().map(|word| &*word.text) else { continue };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+@/".contains(&byte);
        if !first.contains('/') || first.starts_with('/') || !first.bytes().all(plain) {
            continue;
        }
        let Some(directory) = lint.known(&process.options.directory) else { continue };
        let cwd = starts_in(lint);
        let (severity, message, help) = match directory {
            // Both are the same directory.
            Some(directory) if cwd.is_some_and(|cwd| python::normpath(directory) == python::normpath(cwd)) => continue,
            None if cwd.is_some() => continue,
            Some(directory) => {
                // The directory of an image often is that of its programs.
                let severity = if lint.container() { Severity::Warning } else { Severity::Error };
                let message = format!(
                    "it starts only if {} exists both where supervisord runs and in {}: it is looked up in one, run in the other.",
                    shown(first),
                    shown(directory)
                );
                let path = python::join(directory, first);
                let path = python::normpath(&path);
                (severity, message, format!("begin the command with {path}"))
            }
            None => {
                let message =
                    format!("it starts only in one directory: {} is looked up where supervisord runs.", shown(first));
                (Severity::Warning, message, "begin the command with an absolute path.".to_owned())
            }
        };
        let diagnostic = Diagnostic::new(&RULE.rule, *place, message).severity(severity).help(help);
        found.push(diagnostic.of(process.program.section, Some(k::COMMAND.name)));
    }
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let program = program_of(lint, finding)?;
    let first = program.command.as_ref()?.words.as_ref().ok()?.first()?;
    let directory = &program.process.options.directory;
    // Each process may have one of its own, and what %(here)s names here is another directory elsewhere.
    if lint.sources.slice(directory.place()?).contains('%') {
        return None;
    }
    let path = below(lint.known(directory).copied().flatten()?, &first.text)?;
    if lint.config.secrets.stand_in(&path) {
        return None;
    }
    let (mend, _) = edited(lint, program, &[(first.start, first.end, &path)])?;
    mend.risky("begin the command with its directory")
}

/// The directory that supervisord runs in, where that is known: as a daemon it changes to its own `directory`.
fn starts_in<'l>(lint: &'l Lint<'_>) -> Option<&'l str> {
    let supervisord = &lint.config.supervisord;
    let daemon = !lint.config.fragment && lint.known(&supervisord.nodaemon) == Some(&false);
    let own = lint.known(&supervisord.directory).copied().flatten().filter(|own| daemon && own.starts_with('/'));
    own.or_else(|| lint.reading.cwd_known.then_some(&*lint.reading.cwd))
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{E, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=bin/a --x\ndirectory=/srv/a", &[(2, E)])
            .says("and in '/srv/a'")
            .mends("[program:a]\ncommand=/srv/a/bin/a --x\ndirectory=/srv/a"),
        row(MAIN, "[program:a]\ncommand=./a\ndirectory=/srv/a", &[(2, W)])
            .target(Target::Container)
            .mends("[program:a]\ncommand=/srv/a/a\ndirectory=/srv/a"),
        row(MAIN, "[program:a]\ncommand=./a", &[(2, W)]).mends(""),
        row("", "[program:a]\ncommand=./a\ndirectory=/srv/a", &[(2, E)])
            .mends("[program:a]\ncommand=/srv/a/a\ndirectory=/srv/a"),
        row(
            "",
            "[DEFAULT]\ndirectory = /srv/\n[program:a]\r\n  command : \"./a\" --n %(program_name)s\r\n  ; more\r\n    --x ; y\r\n\
             [program:b]\r\n  command : \"./b\" --n %(program_name)s ; y",
            &[(4, E), (8, E)],
        )
        .mends(
            "[DEFAULT]\ndirectory = /srv/\n[program:a]\r\n  command : \"./a\" --n %(program_name)s\r\n  ; more\r\n    --x ; y\r\n\
             [program:b]\r\n  command : /srv/b --n %(program_name)s ; y",
        ),
        row(MAIN, "[program:a]\ncommand=../a\ndirectory=/srv/a", &[(2, E)]).mends(""),
        row(MAIN, "[program:a]\ncommand=./a\ndirectory=/srv/the app", &[(2, E)]).mends(""),
        row(
            MAIN,
            "[program:a]\ncommand=./a\nnumprocs=3\nprocess_name=%(process_num)s\ndirectory=/srv/%(process_num)s",
            &[(2, E)],
        )
        .mends(""),
        row("", "[supervisord]\nnodaemon=true\ndirectory=/srv\n[program:a]\ncommand=./a\ndirectory=/srv", &[(5, W)])
            .mends("[supervisord]\nnodaemon=true\ndirectory=/srv\n[program:a]\ncommand=/srv/a\ndirectory=/srv"),
        row("", "[supervisord]\ndirectory=/srv\n[program:a]\ncommand=./a\ndirectory=/opt", &[(4, E)]),
        row("", "[supervisord]\ndirectory=/srv\n[program:a]\ncommand=./a\ndirectory=/srv/", &[]),
        row("", "[supervisord]\ndirectory=/srv\n[program:a]\ncommand=./a", &[]),
        row(MAIN, "[program:a]\ncommand=a --file x/y\ndirectory=/srv", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a/bin/a\ndirectory=/srv/a", &[]),
        row(MAIN, "[program:a]\ncommand=~/bin/a", &[]),
        row(MAIN, "[program:a]\ncommand=$HOME/bin/a", &[]),
        row(MAIN, "[program:a]\ncommand=A=b/c run", &[]),
        row(MAIN, "[program:a]\ncommand=./a; ./b", &[]),
        row(MAIN, "[program:a]\ncommand=./a > /log\ndirectory=/srv", &[]),
        row(MAIN, "[program:a]\ncommand=%(ENV_A)s/a", &[]),
        row(MAIN, "[program:a]\ncommand=./a\ndirectory=%(ENV_D)s", &[]),
        row(MAIN, "[program:a]\ncommand=./{{ a }}", &[]),
    ];
}
