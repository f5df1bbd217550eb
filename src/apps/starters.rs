//! Commands that only have something else started: `service X start`, and supervisorctl.

use crate::python;

/// What a command has done by others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Starter {
    /// It asks the machine's own services: these are started, and the command ends.
    Services(Vec<String>),
    /// It asks supervisord; whether that is to start something.
    Supervisorctl { starts: bool },
}

/// The verbs after which a service runs.
fn starts(verb: &str) -> bool {
    matches!(
        verb,
        "start" | "restart" | "force-reload" | "try-restart" | "condrestart" | "reload-or-restart" | "onestart"
    )
}

/// What a command only has started by others; `words` are those of the program that wrappers and shells run in the end.
pub(crate) fn starter<W: AsRef<str>>(words: &[W]) -> Option<Starter> {
    let (first, rest) = words.split_first()?;
    let (folder, name) = (python::dirname(first.as_ref()), python::basename(first.as_ref()));
    let operands = || rest.iter().map(AsRef::as_ref).filter(|word: &&str| !word.starts_with('-'));
    let is_script = folder.ends_with("/init.d") || matches!(folder, "/etc/rc.d" | "/usr/local/etc/rc.d");
    // A program of one's own may be called so too.
    let is_tool =
        matches!(folder, "" | "/bin" | "/sbin" | "/usr/bin" | "/usr/sbin" | "/usr/local/bin" | "/usr/local/sbin");
    let one = |verb: Option<&str>, service: Option<&str>| {
        Some(Starter::Services(vec![service.filter(|_| verb.is_some_and(starts))?.to_owned()]))
    };
    let mut words = operands();
    match name {
        "supervisorctl" => {
            let starts = words.any(|word| matches!(word, "start" | "restart"));
            is_ours(rest).then_some(Starter::Supervisorctl { starts })
        }
        "service" | "invoke-rc.d" | "rc-service" if is_tool => {
            let service = words.next();
            one(words.next(), service)
        }
        "initctl" if is_tool => one(words.next(), words.next()),
        // Another machine's services are not this one's.
        "systemctl" if rest.iter().any(|word| elsewhere(word.as_ref())) => None,
        "systemctl" => {
            let verb = words.next()?;
            let now = verb == "enable" && rest.iter().any(|word| word.as_ref() == "--now");
            let stem = |unit: &str| unit.strip_suffix(".service").unwrap_or(unit).to_owned();
            let services: Vec<String> = words.map(stem).collect();
            ((starts(verb) || now) && !services.is_empty()).then_some(Starter::Services(services))
        }
        _ if is_script => one(words.next(), Some(name)),
        _ => None,
    }
}

/// Whether an option of systemctl names another machine or a container.
fn elsewhere(word: &str) -> bool {
    ["-H", "-M", "--host", "--machine"].iter().any(|option| word.starts_with(option))
}

/// Whether supervisorctl asks the supervisord of this machine: another one may go on.
fn is_ours<W: AsRef<str>>(words: &[W]) -> bool {
    let mut words = words.iter().map(AsRef::as_ref);
    let mut server = None;
    while let Some(word) = words.next() {
        if matches!(word, "-s" | "--serverurl") {
            server = words.next();
        } else if let Some(url) = word.strip_prefix("--serverurl=").or_else(|| word.strip_prefix("-s")) {
            server = Some(url);
        }
    }
    let host = server.and_then(|url| url.strip_prefix("http://"));
    host.is_none_or(|host| {
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        ["localhost", "127.", "0.0.0.0", "[::1]"].iter().any(|own| host.starts_with(own))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::shlex;

    fn of(command: &str) -> Option<Starter> {
        starter(&shlex::split(command).unwrap_or_default())
    }

    #[test]
    fn what_is_only_started() {
        for (command, expected) in [
            ("service rabbitmq-server start", "rabbitmq-server"),
            ("/usr/sbin/service nginx restart", "nginx"),
            ("/etc/init.d/redis start", "redis"),
            ("/etc/rc.d/init.d/redis start", "redis"),
            ("invoke-rc.d --quiet cron start", "cron"),
            ("rc-service -i cron start", "cron"),
            ("initctl start cron", "cron"),
            ("systemctl --no-block start a.service b", "a b"),
            ("systemctl enable --now a", "a"),
        ] {
            let services = expected.split(' ').map(str::to_owned).collect();
            assert_eq!(of(command), Some(Starter::Services(services)), "{command}");
        }
    }

    #[test]
    fn what_runs_itself() {
        for command in [
            "/srv/app/service x start",
            "service x status",
            "service x",
            "systemctl enable a",
            "systemctl start",
            "systemctl -H host start a",
            "systemctl is-active a",
            "/srv/init/redis start",
            "/etc/init.d/redis",
            "sh -c 'service x start; tail -f /var/log/x'",
            "supervisord -n",
            "supervisorctl -s http://other:9001 restart web",
            "",
        ] {
            assert_eq!(of(command), None, "{command}");
        }
    }

    #[test]
    fn what_asks_supervisord() {
        for (command, starts) in [
            ("supervisorctl restart web", true),
            ("/usr/bin/supervisorctl -c /etc/supervisord.conf start a", true),
            ("supervisorctl -s unix:///run/s.sock start a", true),
            ("supervisorctl --serverurl=http://127.0.0.1:9001 start a", true),
            ("supervisorctl tail -f web", false),
            ("supervisorctl", false),
        ] {
            assert_eq!(of(command), Some(Starter::Supervisorctl { starts }), "{command}");
        }
    }
}
