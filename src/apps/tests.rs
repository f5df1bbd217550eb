//! The table is whole: each application can be found, each claim has a source.

use std::collections::BTreeSet;

use super::*;
use crate::python::shlex;

/// The sources of all claims of an application, each claim's apart.
fn sources(app: &App) -> Vec<&'static [&'static str]> {
    let App {
        name: _,
        about: _,
        by: _,
        foreground,
        signals,
        signals_with,
        children,
        children_with,
        workers_end,
        time,
        files,
        unit,
        clean_exits,
        account,
        home,
        ends,
        backend: _,
        notes,
    } = app;
    let claims = [
        foreground.map(|said| said.sources),
        signals.map(|said| said.sources),
        children.map(|said| said.sources),
        time.map(|said| said.sources),
        files.map(|said| said.sources),
        unit.map(|said| said.sources),
        clean_exits.map(|said| said.sources),
        account.map(|said| said.sources),
        home.map(|said| said.sources),
        ends.map(|said| said.sources),
    ];
    let when = signals_with.iter().map(|when| when.sources).chain(children_with.iter().map(|when| when.sources));
    let ends = (!workers_end.is_empty()).then_some(*workers_end);
    claims.into_iter().flatten().chain(ends).chain(when).chain(notes.iter().map(|note| note.sources)).collect()
}

#[test]
fn each_claim_has_a_source() {
    for app in all() {
        for sources in sources(app) {
            let whole = |source: &&str| source.len() > 4 && source.trim() == *source;
            assert!(!sources.is_empty() && sources.iter().all(whole), "{}: {sources:?}", app.name);
        }
    }
    let claims: usize = all().map(|app| sources(app).len()).sum();
    assert!(all().count() > 90 && claims > 350, "{} applications, {claims} claims", all().count());
}

#[test]
fn each_can_be_found() {
    let mut names = BTreeSet::new();
    let mut commands = BTreeSet::new();
    for app in all() {
        assert!(names.insert(app.name) && !app.about.is_empty() && !app.by.is_empty(), "{}", app.name);
        for by in app.by {
            let command = by.to_string();
            assert!(commands.insert(command.clone()), "{command} is there twice");
            let found = shlex::split(&command).ok().and_then(|words| matching::ran(&words).app.map(|app| app.name));
            assert_eq!(found, Some(app.name), "{command}");
        }
        assert_eq!(named(app.name).len(), 1, "{}", app.name);
    }
    let meant = |name| named(name).iter().map(|app| app.name).collect::<Vec<_>>();
    assert_eq!(meant("celery"), ["celery worker", "celery multi", "celery beat", "celery flower"]);
    assert_eq!(meant("php-fpm8.2"), ["php-fpm"]);
    assert_eq!(meant("queue:work"), ["artisan queue:work"]);
    assert_eq!(meant("valkey-server"), ["redis-server"]);
    assert!(meant("nothing").is_empty());
}

/// What the first signal does is what a stop wants; two signals are never told twice.
#[test]
fn the_first_signal_is_the_clean_one() {
    for app in all() {
        for signals in app.signals.iter().map(|said| said.what).chain(app.signals_with.iter().map(|when| when.then)) {
            let names: BTreeSet<_> = signals.iter().map(|(signal, _)| signal.name()).collect();
            assert_eq!(names.len(), signals.len(), "{}", app.name);
            let clean = signals.iter().any(|(_, effect)| effect.is_clean());
            let first = signals.first().is_some_and(|(_, effect)| effect.is_clean());
            assert!(first || !clean, "{}", app.name);
        }
    }
}

fn with<T>(command: &str, ask: impl Fn(&App, &[Word<'_>]) -> T) -> Option<T> {
    let words = shlex::split(command).ok()?;
    let ran = matching::ran(&words);
    ran.app.map(|app| ask(app, &ran.words))
}

#[test]
fn where_a_command_leaves_its_program() {
    for (command, place) in [
        ("nginx", "untold"),
        ("nginx -g 'daemon off;'", "foreground"),
        ("php-fpm -F", "foreground"),
        ("php-fpm", "untold"),
        ("php-fpm -D", "-D"),
        ("apache2 -D FOREGROUND", "foreground"),
        ("apachectl start", "-"),
        ("gunicorn -D a:b", "-D"),
        ("gunicorn -b :80 a:b", "foreground"),
        ("postgres -D /data", "foreground"),
        ("memcached -d -u app", "-d"),
        ("memcached -vv", "foreground"),
        ("sshd -De", "foreground"),
        ("sshd", "untold"),
        ("rsyslogd -n -iNONE", "foreground"),
        ("redis-server /etc/redis.conf --daemonize yes", "--daemonize yes"),
        ("catalina.sh start", "start"),
        ("catalina.sh run", "foreground"),
        ("vsftpd", "configured"),
        ("carbon-cache.py --nodaemon start", "foreground"),
        ("python /opt/graphite/bin/carbon-cache.py start", "untold"),
        ("yarn --daemon start nodemanager", "--daemon start"),
        ("yarn nodemanager", "foreground"),
        ("syslogd -n", "foreground"),
        ("samba -F", "foreground"),
        ("slurmctld -D -s", "foreground"),
        ("salt-master -d", "-d"),
        ("celery -A a worker --detach", "--detach"),
        ("slapd -d 0", "foreground"),
        ("caddy run", "foreground"),
        ("docker run -d x", "starts -d"),
        ("caddy start", "start"),
        ("caddy version", "foreground"),
        ("postfix start", "start"),
        ("postfix start-fg", "foreground"),
        ("apache2ctl -D FOREGROUND -k start", "foreground"),
        ("celery multi start w1", "multi"),
        ("vsftpd -obackground=NO", "foreground"),
        ("docker run --rm x", "foreground"),
        ("delayed_job run", "foreground"),
    ] {
        let found = with(command, |app, words| match app.place(words) {
            Place::Foreground => "foreground".to_owned(),
            Place::Told { sign, write: _ } => sign.to_string(),
            Place::Starts(sign) => format!("starts {}", sign.map_or_else(String::new, Sign::to_string)),
            Place::Untold { write, or: _ } => {
                assert!(!write.is_empty());
                "untold".to_owned()
            }
            Place::Configured { line } => {
                assert!(!line.is_empty());
                "configured".to_owned()
            }
        });
        let place = if place == "-" { "start" } else { place };
        assert_eq!(found.as_deref(), Some(place), "{command}");
    }
}

#[test]
fn how_long_a_stop_takes() {
    use Stopping::{GivesUp, Open, Task, Usual};
    for (command, time) in [
        ("gunicorn a:b", GivesUp(30)),
        ("gunicorn --graceful-timeout 90 a:b", GivesUp(90)),
        ("gunicorn --graceful-timeout=x a:b", Open),
        ("sidekiq", GivesUp(25)),
        ("sidekiq -t 60", GivesUp(60)),
        ("php artisan queue:work", GivesUp(60)),
        ("php artisan queue:work --timeout=0", Open),
        ("dramatiq a", GivesUp(600)),
        ("dramatiq --worker-shutdown-timeout 1500 a", GivesUp(2)),
        ("uvicorn a:b", Open),
        ("uvicorn --timeout-graceful-shutdown 5 a:b", GivesUp(5)),
        ("celery -A a worker", Task),
        ("mysqld", Usual(900)),
        ("puma", GivesUp(30)),
        ("nginx", Open),
    ] {
        assert_eq!(with(command, App::stopping), Some(time), "{command}");
    }
}

#[test]
fn who_gives_up_root() {
    for (command, handles) in [
        ("nginx", true),
        ("memcached", false),
        ("memcached -u nobody", true),
        ("memcached -u root", false),
        ("memcached -unobody", true),
        ("mysqld --user=mysql", true),
        ("mysqld", true),
        ("mysqld --user=root", false),
        ("mysqld_safe", true),
        ("mysqld_safe --user=root", false),
        ("spamd -u debian-spamd", true),
        ("named -f -u bind", true),
        ("slapd -d 0 -u openldap", true),
        ("ntpd -n -u ntp", true),
        ("uwsgi --uid www-data", true),
        ("gunicorn -u app a:b", true),
        ("gunicorn --user app --group app a:b", true),
        ("salt-master -u salt -l info", true),
        ("salt-minion --user=salt", true),
        ("salt-master", false),
        ("/usr/lib/postfix/sbin/master -c /etc/postfix -d", true),
        ("samba -F", true),
        ("busybox syslogd -n", true),
        ("slurmctld -D", true),
        ("pidproxy /run/a.pid /usr/bin/mysqld_safe", true),
        ("authbind --deep nginx", true),
        ("hypercorn -u app a:b", false),
        ("avahi-daemon", true),
        ("avahi-daemon --no-drop-root", false),
        ("fail2ban-server -xf start", true),
        ("python a.py", false),
    ] {
        assert_eq!(with(command, App::handles_root), Some(handles), "{command}");
    }
}

#[test]
fn what_a_flag_changes() {
    for (command, children) in [
        ("celery -A a worker", Some(Children::Tasks)),
        ("celery -A a worker --pool=gevent", Some(Children::Single)),
        ("celery -A a worker -P solo", Some(Children::Single)),
        ("uvicorn a:b", Some(Children::Single)),
        ("uvicorn --reload a:b", Some(Children::Wrapper)),
        ("uvicorn --workers 4 a:b", Some(Children::Workers)),
        ("uvicorn --workers 1 a:b", Some(Children::Single)),
        ("uvicorn --workers=1 a:b", Some(Children::Single)),
        ("python manage.py runserver --noreload", Some(Children::Single)),
        ("puma -w 2", Some(Children::Workers)),
        ("puma -w 0", Some(Children::Single)),
        ("postgres -D /data", Some(Children::Apart)),
        ("node x.js", None),
    ] {
        assert_eq!(with(command, App::children), Some(children), "{command}");
    }
    let first = |command| with(command, |app, words| app.signals(words).first().map(|(signal, _)| signal.name()));
    assert_eq!(first("uwsgi a.ini"), Some(Some("INT")));
    assert_eq!(first("uwsgi --die-on-term a.ini"), Some(Some("TERM")));
    assert_eq!(first("node x.js"), Some(None));
    for (command, notifies) in [
        ("redis-server", false),
        ("redis-server --supervised systemd", true),
        ("haproxy -Ws", true),
        ("haproxy -W", false),
        ("gunicorn a:b", true),
        ("postgres", false),
        ("node x.js", false),
    ] {
        assert_eq!(with(command, App::notifies), Some(notifies), "{command}");
    }
    for (command, ends) in [
        ("php artisan queue:work", true),
        ("php bin/console messenger:consume", false),
        ("php bin/console messenger:consume --time-limit=60", true),
        ("rq worker --burst", true),
        ("rq worker", false),
        ("nginx", false),
    ] {
        assert_eq!(with(command, App::ends), Some(ends), "{command}");
    }
}
