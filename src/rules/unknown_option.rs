//! SUP008 unknown-option: an option that Supervisor does not know, and so passes over.

use super::spelling::{closest, within};
use super::view::mend::Mend;
use super::{Check, Found, Lint, Written, shown, unknown_section};
use crate::diagnostic::{Confidence, Diagnostic, Message, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{Key, SectionKind, Tables, process as k};
use crate::load::{DEFAULT, Setting};
use crate::well_known::is_name;

/// SUP008.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP008",
        name: "unknown-option",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("unknown_option.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Options of other programs and of Supervisor 2, and what to write instead.
static ELSEWHERE: &[(&[&str], &str)] = &[
    (
        &["http_port", "xmlrpc_port", "http_username", "http_password", "sockchmod", "sockchown"],
        "since Supervisor 3, write file=, chmod=, chown= in [unix_http_server], port= in [inet_http_server], and the login in each.",
    ),
    (&["log_stderr"], "write redirect_stderr=true"),
    (&["log_stdout"], "remove it: standard output is logged unless stdout_logfile=NONE."),
    (&["log", "log_file", "stdout"], "write stdout_logfile="),
    (&["stderr", "error_log"], "write stderr_logfile="),
    (
        &["logfile_backupcount", "logfile_backup"],
        "write logfile_backups= in [supervisord], stdout_logfile_backups= in a program.",
    ),
    (&["restart", "respawn", "auto_respawn"], "write autorestart=true, false or unexpected"),
    (&["enabled", "disabled", "enable"], "write autostart="),
    (
        &["env", "environments", "environment_variables", "env_vars", "envs"],
        "write environment=KEY=\"value\",KEY2=\"value\"",
    ),
    (
        &["env_file", "envfile", "environment_file", "environmentfile", "envdir"],
        "Supervisor does not read a file of variables: start the program with a script that does.",
    ),
    (
        &["workdir", "working_dir", "working_directory", "workingdirectory", "cwd", "dir", "chdir", "path"],
        "write directory=",
    ),
    (
        &["depends_on", "dependencies", "depends", "requires", "after", "wait_for"],
        "Supervisor has no dependencies: priority= orders the starts but does not wait.",
    ),
    (
        &["startdelaysecs", "startdelay", "start_delay", "delay", "restartsecs", "restart_delay"],
        "Supervisor has no start delay: let the program wait, command=/bin/sh -c 'sleep 5; exec PROGRAM'.",
    ),
    (
        &["stopcommand", "stop_command", "execstop"],
        "Supervisor can only send a signal to stop a program: write stopsignal=.",
    ),
    (&["startcommand", "start_command", "cmd", "exec", "execstart"], "write command="),
    (&["args", "arguments"], "write the arguments after the program in command="),
    (
        &["limit_nofile", "limitnofile", "nofile", "ulimit", "rlimit_nofile", "maxfds"],
        "a limit cannot be set for one program: minfds= in [supervisord] applies to all.",
    ),
    (
        &["replicas", "instances", "processes", "workers"],
        "write numprocs= and process_name=%(program_name)s_%(process_num)02d",
    ),
    (&["timeout", "stop_timeout", "stopwait", "stop_wait", "timeoutstopsec"], "write stopwaitsecs="),
    (&["killsignal", "signal", "stop_signal"], "write stopsignal="),
    (&["retries", "max_retries"], "write startretries="),
    (
        &["host", "hostname", "bind", "listen", "address"],
        "write the address in port=HOST:PORT; port=9001 alone is open to everyone.",
    ),
    (&["comment", "comments", "description", "desc", "note"], "begin a comment line with ;."),
    (&["group"], "Supervisor uses the groups of the user that user= names."),
];

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (name, option) = (finding.section?, finding.option?);
    // A quote where the lines around have a comment's sign: it is one, as likely as not.
    if option.starts_with(QUOTES) {
        return None;
    }
    let section = lint.merged.sections.get(name)?;
    let tables = section.kind?.tables();
    let key = meant(lint, name, tables, option).key.filter(|key| !has(lint, name, key))?;
    let known = tables.iter().flat_map(|table| *table).map(|key| key.name);
    if !unknown_section::is_only(option, key.name, known) {
        return None;
    }
    let setting = lint.merged.options(section).get(option)?;
    let mend = Mend::of(lint).rename(name, setting, key.name);
    mend.becomes(name, key.name, setting.text).uncovers().risky(format!("rename it to {}", key.name))
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let mut plugin = None;
    for Written { section, kind, option, setting } in lint.unheard_of() {
        let tables = match kind {
            Some(SectionKind::RpcInterface | SectionKind::CtlPlugin) => continue,
            Some(kind) => kind.tables(),
            None if section == DEFAULT => &[],
            None => continue,
        };
        if unknown_section::is_header(option) {
            continue;
        }
        let diagnostic = |end: &'static str| {
            let message = Message::made(move || {
                let section = shown(section);
                let section = section.trim_matches('\'');
                format!("unknown option {} in [{section}]; Supervisor ignores it silently{end}", shown(option))
            });
            Diagnostic::new(&RULE.rule, setting.key, message).of(section, Some(option))
        };
        if option.starts_with("dependent_startup") {
            if !*plugin.get_or_insert_with(|| runs_plugin(lint)) {
                let help =
                    "the listener of the package supervisord-dependent-startup reads it: add its [eventlistener:x].";
                found.push(diagnostic(", and no plugin here reads it.").help(help));
            }
            continue;
        }
        let Meant { key, elsewhere } = meant(lint, section, tables, option);
        let severity = match key {
            Some(_) if option.starts_with(QUOTES) => Severity::Warning,
            // SUP408 asks whether this one was meant.
            Some(key) if key.name == "command" && !has(lint, section, key) => continue,
            Some(key) if !has(lint, section, key) => Severity::Error,
            _ => Severity::Warning,
        };
        let help = match (key, elsewhere) {
            (Some(key), _) if option.starts_with(QUOTES) => {
                format!("write {}= without the quote, or begin the line with ; if it is a comment.", key.name)
            }
            (None, _) if variable(lint, tables, setting).is_some() => {
                let name = lint.sources.slice(setting.key);
                match lint.merged.setting(section, k::ENVIRONMENT.name) {
                    Some(_) => format!("a variable of the program? add {name}=\"…\" to environment=."),
                    None => format!("a variable of the program? write environment={name}=\"…\""),
                }
            }
            (Some(key), _) => format!("did you mean {}=?", key.name),
            (None, Some(help)) => help.to_owned(),
            (None, None) => "remove it, or look up the name in Supervisor's documentation.".to_owned(),
        };
        found.push(diagnostic(".").severity(severity).help(help));
    }
}

const QUOTES: [char; 2] = ['\'', '"'];

/// The name of an option that is written as those of variables are, where a section may have some.
fn variable<'a>(lint: &Lint<'a>, tables: Tables, setting: &Setting<'a>) -> Option<&'a str> {
    let takes = tables.iter().flat_map(|table| *table).any(|key| key.name == k::ENVIRONMENT.name);
    let name = lint.sources.slice(setting.key);
    let capitals = name.bytes().filter(u8::is_ascii_uppercase).count() > 1;
    (takes && capitals && is_name(name) && !name.bytes().any(|b| b.is_ascii_lowercase())).then_some(name)
}

/// What somebody may have meant by an option.
struct Meant {
    /// An option of the section, by its spelling.
    key: Option<&'static Key>,
    /// What to write instead of one that is from elsewhere.
    elsewhere: Option<&'static str>,
}

fn meant(lint: &Lint<'_>, section: &str, tables: Tables, option: &str) -> Meant {
    let known = || tables.iter().flat_map(|table| *table).copied();
    // comment= beside command= is no slip of the pen, but auto_start= beside autostart= is.
    let key = near(option, known().map(|key| key.name)).and_then(|near| known().find(|key| key.name == near));
    let key = key.filter(|key| !has(lint, section, key) || same(option, key.name));
    let elsewhere = ELSEWHERE.iter().find(|(names, _)| names.iter().any(|name| same(option, name)));
    // restartsecs= is a wish, and environments= a slip.
    let slip = |key: &&Key| within(1, option, std::iter::once(key.name)).is_some();
    let key = key.filter(|key| elsewhere.is_none() || slip(key));
    Meant { key, elsewhere: elsewhere.map(|(_, help)| *help) }
}

fn has(lint: &Lint<'_>, section: &str, key: &Key) -> bool {
    lint.merged.setting(section, key.name).is_some()
}

/// The option that is at most two slips away. Two in a short name make another word of it, unless it begins alike.
fn near<'k>(option: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<&'k str> {
    let alike = |name: &&str| option.len() > 3 && name.chars().next() == option.chars().next();
    closest(option, known.clone()).or_else(|| within(2, option, known.filter(alike)))
}

/// Whether two names are one but for `_` and `-`.
fn same(one: &str, other: &str) -> bool {
    let no_mark = |c: &char| !matches!(c, '_' | '-');
    one.chars().filter(no_mark).eq(other.chars().filter(no_mark))
}

/// Whether a listener may run that reads options of programs; in another file, for all that is known.
fn runs_plugin(lint: &Lint<'_>) -> bool {
    let listeners = lint.merged.sections.iter().filter(|(name, _)| name.starts_with("eventlistener:"));
    let mut commands = listeners.filter_map(|(_, section)| lint.merged.options(section).get("command"));
    lint.config.fragment
        || lint.may_have_more()
        || commands.any(|command| {
            let text = command.text.replace('-', "_");
            text.contains("dependent_startup") || !lint.is_certain(command.value)
        })
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{E, MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "auto_start=false", &[(1, E)]).mends("autostart=false"),
        row(PROGRAM, "autorestrat=false", &[(1, E)]).mends("autorestart=false"),
        row(PROGRAM, "Auto-Start : false ;why\r\nautorestrat=false\r", &[(1, E), (2, E)])
            .mends("autostart : false ;why\r\nautorestart=false\r"),
        row(MAIN, "[program:b]\n  command=b\n  user=b\n  environment_=A=\"1\",\n    B=\"2\"", &[(4, E)])
            .mends("[program:b]\n  command=b\n  user=b\n  environment=A=\"1\",\n    B=\"2\""),
        row("", "[program:b]\ncommand=b\nauto_start=false", &[(3, E)]).mends("[program:b]\ncommand=b\nautostart=false"),
        // Supervisor would refuse it.
        row(PROGRAM, "auto_start=maybe", &[(1, E)]).mends(""),
        // It is there twice, or as near to two options.
        row(PROGRAM, "auto_start=false\nauto_start=true", &[(2, E)]).mends(""),
        row(PROGRAM, "stdeot_logfile=/x", &[(1, E)]).mends(""),
        row(PROGRAM, "PYTHONPATH='/srv'\nPATH=/bin", &[(1, W), (2, W)])
            .helps("write environment=PYTHONPATH=\"…\"")
            .mends(""),
        row(PROGRAM, "environment=A=\"1\"\nPYTHONPATH='/srv'", &[(2, W)]).helps("add PYTHONPATH=\"…\" to environment="),
        row(PROGRAM, "AUTO_START=false", &[(1, E)]).helps("did you mean autostart=?"),
        row(PROGRAM, "[group:b]\nprograms=api\nPYTHONPATH=/srv", &[(3, W)]).helps("remove it, or look up"),
        row(PROGRAM, "'stdout_logfile_maxbytes=0", &[(1, W)]).helps("begin the line with ; if").mends(""),
        row(PROGRAM, "autostart=true\nauto_start=false", &[(2, W)]).mends(""),
        row(PROGRAM, "comment=the api", &[(1, W)]).mends(""),
        row(PROGRAM, "restart=always", &[(1, W)]).mends(""),
        row(PROGRAM, "depends_on=db", &[(1, W)]).mends(""),
        row(PROGRAM, "dependent_startup=true", &[(1, W)]).mends(""),
        row(PROGRAM, "[eventlistener:b]\ncommand=b\nevent=TICK_5", &[(3, E)]).says("unknown option 'event'"),
        row(PROGRAM, "[fcgi-program:b]\ncommand=b\nsokcet=tcp://localhost:9", &[(3, E)]),
        row(PROGRAM, "[group:b]\nprogramms=api", &[(2, E)]),
        row(PROGRAM, "[unix_http_server]\nfiel=/run/a.sock", &[(2, E)]),
        row(PROGRAM, "[eventlistener:b]\ncommand=b\nevnt=TICK_5", &[(3, E)]),
        row(PROGRAM, "environments=A=\"b\"", &[(1, E)]),
        row(PROGRAM, "restartsecs=5", &[(1, W)]).says("unknown option 'restartsecs'"),
        row("", "[eventlistener:b]\ncommand=b\nevent=TICK_5", &[(3, E)]),
        row(PROGRAM, "auto_start=false\n[DEFAULT]\nautostart=true", &[(1, W)]).mends(""),
        row(PROGRAM, "[DEFAULT]\nauto_start=false", &[(2, W)]),
        row("", "[program:api]\ncommand=a\ndependent_startup=true", &[]),
        row(PROGRAM, "[program:b]\ncomand=b", &[]),
        row(
            PROGRAM,
            "[inet_http_server:b]\nport=1\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\nfree=1",
            &[],
        ),
        row(PROGRAM, "[ctlplugin:b]\nsupervisor.ctl_factory=a:b\nwhat_you_like=1", &[]),
        row(PROGRAM, "[DEFAULT]\nautorestart=true\nport=1", &[]),
        row(
            PROGRAM,
            "dependent_startup=true\n[eventlistener:d]\ncommand=python3 -m supervisord_dependent_startup\n\
         events=PROCESS_STATE",
            &[],
        ),
        row(PROGRAM, "{{ option }}=1", &[]),
    ];
}
