//! SUP207 control-file-in-tmp: a socket or a pidfile where others clean up.

use super::view::effective::RunsAs;
use super::view::logs::as_written;
use super::view::mend::Mend;
use super::{Check, Found, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{Key, supervisorctl as c, supervisord as s, unix as u};
use crate::load::Setting;
use crate::map::Map;
use crate::python;
use crate::source::Place;

/// SUP207.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP207",
        name: "control-file-in-tmp",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("control_file_in_tmp.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Whether a cleaner of old files deletes there what nobody touches.
pub(super) fn is_cleaned(path: &str) -> bool {
    path.starts_with("/tmp/") || path.starts_with("/var/tmp/")
}

/// Where one path is written.
struct Written<'a> {
    section: &'a str,
    key: &'static Key,
    place: Place,
}

const SOCKET: &str = "/run/supervisor.sock";
const PIDFILE: &str = "/run/supervisord.pid";

/// Root alone can make a file in `/run`; what a fragment is included by may say who supervisord is.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let config = lint.config;
    if config.fragment || !matches!(lint.runs_as(), RunsAs::Root | RunsAs::Starter) {
        return None;
    }
    let files = named(lint);
    let places = files.values().find(|places| places.first().is_some_and(|first| first.place == finding.place))?;
    let of_socket = places.first().is_some_and(|first| std::ptr::eq(first.key, &raw const u::FILE));
    // Another server may be about to go there too, and what cannot be read may be the path that supervisorctl calls.
    let unknown = serverurl(lint).is_some_and(|url| url.text.starts_with("unix://") && url.text.contains('%'));
    if of_socket && (config.unix_servers.len() > 1 || unknown) {
        return None;
    }
    let mut mend = Mend::of(lint);
    for Written { section, key, place: _ } in places {
        let value = match key.name {
            name if name == s::PIDFILE.name => PIDFILE.to_owned(),
            name if name == u::FILE.name => SOCKET.to_owned(),
            _ => format!("unix://{SOCKET}"),
        };
        mend = mend.set(section, key, &value, None);
    }
    // The new directory may not be on this machine.
    let mend = if lint.reading.check_host { mend.uncovers() } else { mend };
    mend.risky(if of_socket {
        "move the socket to /run/supervisor.sock"
    } else {
        "move the pidfile to /run/supervisord.pid"
    })
}

/// The paths that a cleaner empties, each with the places that name it.
fn named<'a>(lint: &Lint<'a>) -> Map<'a, Vec<Written<'a>>> {
    let config = lint.config;
    let mut files: Map<'_, Vec<Written<'a>>> = Map::new();
    let mut add = |path: &'a str, section: &'a str, key: &'static Key, place: Place| {
        let path = lint.sources.keep_cow(python::normpath(path));
        if !is_cleaned(path) {
            return;
        }
        if let Some(places) = files.get_or_insert_with(path, Vec::new) {
            places.push(Written { section, key, place });
        }
    };
    for server in &config.unix_servers {
        let file = &server.options.file;
        if let (Some(Some(path)), Some(place)) = (file.known(), file.place())
            && as_written(lint, server.section, &u::FILE).is_none()
        {
            add(path, server.section, &u::FILE, place);
        }
    }
    let pidfile = &config.supervisord.pidfile;
    if let (Some(path), Some(place)) = (pidfile.known(), pidfile.place())
        && as_written(lint, "supervisord", &s::PIDFILE).is_none()
    {
        add(path, "supervisord", &s::PIDFILE, place);
    }
    if let Some((setting, path)) =
        serverurl(lint).and_then(|setting| Some((setting, setting.text.strip_prefix("unix://")?)))
        && !path.contains('%')
    {
        add(path, "supervisorctl", &c::SERVERURL, setting.value);
    }
    files
}

/// What supervisorctl calls, where that is written.
fn serverurl<'l, 'a>(lint: &'l Lint<'a>) -> Option<&'l Setting<'a>> {
    lint.merged.setting("supervisorctl", c::SERVERURL.name)
}

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    if lint.container() {
        return;
    }
    let config = lint.config;
    let (files, url) = (named(lint), serverurl(lint));
    for (path, places) in files.iter() {
        let Some((first, others)) = places.split_first() else { continue };
        // A path that supervisorctl alone has is one on which nothing listens: SUP703.
        if std::ptr::eq(first.key, &raw const c::SERVERURL) && !config.fragment {
            continue;
        }
        let pidfile = std::ptr::eq(first.key, &raw const s::PIDFILE);
        // Whether supervisorctl takes this way; in a fragment, and where nothing is written, it may.
        let called = url.is_none_or(|setting| setting.text.starts_with("unix://"));
        let message = if pidfile {
            format!("scripts that read {} fail once a cleaner of old files has deleted it.", shown(path))
        } else if !called {
            format!("the control socket is gone once a cleaner of old files has deleted {}.", shown(path))
        } else {
            format!(
                "supervisorctl fails with \"no such file\" once a cleaner of old files has deleted {}.",
                shown(path)
            )
        };
        let account = match lint.runs_as() {
            RunsAs::Account(account) if !config.fragment => Some(account.name),
            _ => None,
        };
        let help = match (account, pidfile) {
            (Some(name), _) => format!(
                "move it to a directory that {name} owns and that no cleaner empties: RuntimeDirectory= together with User={name} in the unit makes one below /run."
            ),
            (None, true) => format!("write pidfile={PIDFILE} if supervisord runs as root."),
            (None, false) => format!("write file={SOCKET} if supervisord runs as root."),
        };
        let help = match (account, pidfile || !called) {
            (_, true) => help,
            (Some(_), false) => format!("{help}\nwrite the new path in serverurl of [supervisorctl] too."),
            (None, false) => format!("{help}\nwrite serverurl=unix://{SOCKET} in [supervisorctl]."),
        };
        let help = format!(
            "in a container nothing cleans /tmp: change nothing, and use lint --target container.\notherwise {help}"
        );
        let mut diagnostic = Diagnostic::new(&RULE.rule, first.place, message).help(help);
        for other in others {
            diagnostic = diagnostic.label(other.place, "the same file");
        }
        found.push(diagnostic.of(first.section, Some(first.key.name)));
    }
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::Target;
    use crate::rules::rows::{MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[unix_http_server]\nfile=/tmp/s.sock\n[supervisorctl]\nserverurl=unix:///tmp/s.sock", &[(2, W)])
            .mends(
                "[unix_http_server]\nfile=/run/supervisor.sock\n\
             [supervisorctl]\nserverurl=unix:///run/supervisor.sock",
            ),
        row(MAIN, "pidfile=/var/tmp/s.pid", &[(1, W)])
            .says("scripts that read '/var/tmp/s.pid' fail")
            .mends("pidfile=/run/supervisord.pid"),
        row(MAIN, "[unix_http_server]\nfile=/tmp/s.sock\n[supervisorctl]\nserverurl=unix:///tmp/t.sock", &[(2, W)])
            .mends("[unix_http_server]\nfile=/run/supervisor.sock\n[supervisorctl]\nserverurl=unix:///tmp/t.sock"),
        row(
            "",
            "[unix_http_server]\r\n  file : /tmp/../tmp/supervisor.sock ; (the path)\r\n[supervisorctl]\r\n\
             serverurl=unix:///tmp/supervisor.sock ; use it\r\n\
             [supervisord]\r\n  pidfile = /tmp/s.pid\r\n  umask=022\r",
            &[(2, W), (6, W)],
        )
        .mends(
            "[unix_http_server]\r\n  file : /run/supervisor.sock ; (the path)\r\n[supervisorctl]\r\n\
             serverurl=unix:///run/supervisor.sock ; use it\r\n\
             [supervisord]\r\n  pidfile = /run/supervisord.pid\r\n  umask=022\r",
        ),
        row("", "[DEFAULT]\npidfile=/tmp/s.pid\n[supervisord]\nuser=root", &[(2, W)])
            .mends("[DEFAULT]\npidfile=/tmp/s.pid\n[supervisord]\nuser=root\npidfile=/run/supervisord.pid"),
        // Two sockets would come to one path, and what supervisorctl calls is not known.
        row(MAIN, "[unix_http_server]\nfile=/tmp/s.sock\n[unix_http_server:b]\nfile=/tmp/t.sock", &[(2, W), (4, W)])
            .mends(""),
        row(
            MAIN,
            "[unix_http_server]\nfile=/tmp/s.sock\n\
             [supervisorctl]\nserverurl=unix://%(ENV_SOCKET)s",
            &[(2, W)],
        )
        .mends(""),
        row("", "[supervisorctl]\nserverurl=unix:///tmp/t.sock", &[(2, W)]).mends(""),
        row(MAIN, "[supervisorctl]\nserverurl=unix:///tmp/t.sock", &[]),
        row("", "[supervisord]\nuser=app\npidfile=/tmp/s.pid", &[(3, W)]).mends(""),
        row("", "[unix_http_server]\nfile=/tmp/../tmp/s.sock", &[(2, W)]).mends(""),
        row(MAIN, "pidfile=/tmp/s.pid", &[]).target(Target::Container),
        row(MAIN, "nodaemon=true\npidfile=/tmp/s.pid", &[]),
        row(MAIN, "nodaemon=true\npidfile=/tmp/s.pid", &[(2, W)]).target(Target::Host),
        row(MAIN, "pidfile=/run/s.pid\nlogfile=/tmp/s.log\nchildlogdir=/tmp", &[]),
        row(MAIN, "pidfile=tmp/s.pid\n[unix_http_server]\nfile=tmp/s.sock", &[]),
        row(MAIN, "pidfile=%(ENV_TMP)s/s.pid", &[]),
        row(MAIN, "pidfile=/tmp/{{ name }}.pid", &[]),
        row(
            MAIN,
            "[program:a]\ncommand=a\nuser=a\nnumprocs=3\n\
             process_name=%(process_num)s\nstdout_logfile=/tmp/%(process_num)s",
            &[],
        ),
    ];
}
