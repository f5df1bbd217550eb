//! SUP009 misplaced-option: an option of Supervisor's in a section that does not read it.

use super::{Check, Found, Lint, Written, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::keys::{self, KINDS, SectionKind};
use crate::load::{DEFAULT, Options};
use crate::model::value;
use crate::python::integer::Integer;

/// SUP009.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP009",
        name: "misplaced-option",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("misplaced_option.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: None,
    cannot_run: false,
};

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let foreground = lint.config.supervisord.nodaemon.known() == Some(&true);
    let strange = |kind: Option<SectionKind>, options: Options<'_, '_>| match kind {
        None | Some(SectionKind::RpcInterface | SectionKind::CtlPlugin) => false,
        Some(kind) => options.mask() & !kind.mask() != 0 || foreground && kind == SectionKind::Supervisord,
    };
    for Written { section, kind, option, setting } in lint.written_where(strange) {
        let (Some(kind), Some(number)) = (kind, setting.number) else { continue };
        let (message, help) = if kind.mask() & number.bit() == 0 {
            let name = shown(section);
            let name = name.trim_matches('\'');
            (
                format!("{option} has no effect in [{name}]; it belongs in {}.", homes(option)),
                advice(lint, section, option),
            )
        } else if kind == SectionKind::Supervisord
            && foreground
            && matches!(option, "umask" | "directory")
            // What would be so without the line harms nobody.
            && !(option == "umask" && value::octal(setting.text).is_ok_and(|mask| mask == Integer::from(0o22)))
        {
            let message = format!("{option} of [supervisord] has no effect in the foreground (nodaemon=true).");
            (message, format!("write {option}= in the programs that need it."))
        } else {
            continue;
        };
        let diagnostic = Diagnostic::new(&RULE.rule, setting.key, message).help(help);
        found.push(diagnostic.of(section, Some(option)));
    }
}

/// The kinds of section that have an option.
fn homes(option: &str) -> String {
    let has = |tables: &[&[&keys::Key]]| tables.iter().flat_map(|table| *table).any(|key| key.name == option);
    let mut kinds: Vec<String> =
        KINDS.iter().filter(|(.., tables)| has(tables)).map(|(_, kind, _)| format!("[{kind}]")).collect();
    // Listeners and FastCGI programs have what programs have.
    if kinds.iter().any(|kind| kind == "[program:x]") {
        kinds.retain(|kind| kind != "[eventlistener:x]" && kind != "[fcgi-program:x]");
    }
    kinds.join(" and ")
}

fn advice(lint: &Lint<'_>, section: &str, option: &str) -> String {
    let of_log = option.strip_prefix("stdout_").filter(|rest| section == "supervisord" && rest.starts_with("logfile"));
    if let Some(own) = of_log {
        let has = |option: &str| lint.merged.setting(section, option).is_some();
        // The size of a log that is named beside the one that counts is not that one's.
        let beside = has("logfile") && has("stdout_logfile");
        return if !has(own) && !beside {
            format!("did you mean {own}=?")
        } else {
            format!("remove it: {own}= is for the log of supervisord, and each program has its own {option}=.")
        };
    }
    if section == "supervisord" && option.starts_with("stderr_logfile") {
        return format!("remove it: supervisord has one log, logfile=, and each program has its own {option}=.");
    }
    let program = SectionKind::of(section).is_some_and(SectionKind::makes_processes);
    match option {
        "minfds" | "minprocs" if program => {
            "set it in [supervisord] for all programs, or start this one with command=/bin/sh -c 'ulimit -n NUMBER; exec PROGRAM'."
                .to_owned()
        }
        "logfile" | "logfile_maxbytes" | "logfile_backups" if program => format!("did you mean stdout_{option}?"),
        "loglevel" if program => "set the log level of the program in its own command or configuration.".to_owned(),
        "nodaemon" if program => "the program itself must stay in the foreground: look for such a flag in its documentation.".to_owned(),
        "pidfile" if program => "remove it: supervisord knows the pid of what it starts.".to_owned(),
        "port" if section.starts_with("unix_http_server") => "a socket has file=; is the header [inet_http_server] above it a comment?".to_owned(),
        "file" | "chmod" | "chown" if section.starts_with("inet_http_server") => {
            "move it to [unix_http_server]; a port has no file.".to_owned()
        }
        _ if section.starts_with("group:") => "write it in each program of the group.".to_owned(),
        "port" if section.starts_with("supervisorctl") => "remove it: supervisorctl connects to serverurl=.".to_owned(),
        _ if section == DEFAULT || !program => format!("write it in {}.", homes(option)),
        _ => format!("remove it, or move it to {}.", homes(option)),
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "minfds=65536", &[(1, W)]),
        row(PROGRAM, "logfile=/x\nnodaemon=true", &[(1, W), (2, W)]),
        row(PROGRAM, "[group:a]\nprograms=api\nautorestart=true", &[(3, W)]),
        row(PROGRAM, "[supervisord]\nnodaemon=true\numask=002", &[(3, W)]),
        row("", "[supervisord]\nstdout_logfile=/l/a\nstdout_logfile_maxbytes=0", &[(2, W), (3, W)])
            .helps("did you mean logfile=?"),
        row("", "[supervisord]\nlogfile=/l/a\nstdout_logfile=/dev/stdout", &[(3, W)])
            .helps("remove it: logfile= is for the log of supervisord"),
        row("", "[supervisord]\nlogfile=/l/a\nstdout_logfile_maxbytes=0", &[(3, W)])
            .helps("did you mean logfile_maxbytes=?"),
        row(MAIN, "stderr_logfile=/dev/stderr", &[(1, W)]).helps("supervisord has one log, logfile="),
        row(PROGRAM, "[DEFAULT]\nautorestart=true\nport=1", &[]),
        row(PROGRAM, "{{ a }}\nminfds={{ b }}", &[]),
        row(MAIN, "nodaemon=true\numask=022", &[]),
    ];
}
