//! Commands that show that their program puts itself into the background: what is known of applications says so, and the flags
//! that mean it for most programs.

use crate::apps::matching::{Ran, ran};
use crate::apps::{Children, Place, Sign};
use crate::python::basename;
use crate::python::shlex::Word;

use super::wrapped::{is_python, unwrapped};

/// A program that goes into the background.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Background {
    /// Its name.
    pub program: String,
    /// The words that show it; nothing where it always does.
    pub shown: Option<String>,
    /// The line of its own configuration that would keep it.
    pub unless: Option<&'static str>,
}

/// Flags of programs of which nothing is known; an interpreter hands its words to a script, which may mean anything by them.
const GENERAL: &[Sign] =
    &[Sign::Flag("--daemon"), Sign::Flag("--daemonize"), Sign::Flag("--daemonise"), Sign::Flag("--detach")];

/// Whether the words of a program may be those of a script, and `--daemon` says what it does, not where.
fn is_own_matter(name: &str) -> bool {
    is_python(name)
        || name.starts_with("php")
        || matches!(
            name,
            "node" | "nodejs" | "ruby" | "perl" | "java" | "dotnet" | "artisan" | "console" | "nix-daemon" | ""
        )
}

/// The program that puts itself into the background, and what shows it.
pub(crate) fn background(argv: &[String]) -> Option<Background> {
    let words = words(argv);
    let Ran { app, wrappers, account: _, words } = ran(&words);
    // In another root folder a name means something else.
    if wrappers.has("chroot") {
        return None;
    }
    let Some(app) = app.filter(|app| app.foreground.is_some()) else { return by_general_flag(argv) };
    let program = words.first().map_or("", |word| basename(&word.text)).to_owned();
    let place = app.place(&words);
    let unless = if let Place::Untold { write: _, or } = place { or } else { None };
    let shown = match place {
        // A container is not in the unit: its end is no end of that.
        Place::Starts(None) if app.children(&words) == Some(Children::LiveOn) => return None,
        Place::Told { sign, write: _ } | Place::Starts(Some(sign)) => Some(sign.to_string()),
        Place::Starts(None) | Place::Untold { write: _, or: _ } => None,
        Place::Foreground | Place::Configured { line: _ } => return None,
    };
    Some(Background { program, shown, unless })
}

/// The same of a program of which nothing is known.
fn by_general_flag(argv: &[String]) -> Option<Background> {
    let wrapped = unwrapped(argv);
    let (name, rest) = wrapped.program();
    if is_own_matter(name) {
        return None;
    }
    // The name of the program is first, as everywhere.
    let mut given = vec![Word::alone(name)];
    given.extend(words(rest));
    let sign = GENERAL.iter().find(|sign| sign.is_in(&given))?;
    Some(Background { program: name.to_owned(), shown: Some(sign.to_string()), unless: None })
}

pub(crate) fn words(argv: &[String]) -> Vec<Word<'_>> {
    argv.iter().map(|word| Word::alone(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::wrapped::argv;
    use super::*;

    #[test]
    fn who_goes_into_the_background() {
        for (command, name, word) in [
            ("/venv/bin/gunicorn --daemon app:app", "gunicorn", "--daemon"),
            ("python -m gunicorn -D app:app", "gunicorn", "-D"),
            ("redis-server /etc/redis.conf --daemonize yes", "redis-server", "--daemonize yes"),
            ("redis-server --daemonize=yes", "redis-server", "--daemonize yes"),
            ("celery -A app worker --detach", "celery", "--detach"),
            ("celery multi start w1", "celery", "multi"),
            ("apachectl start", "apachectl", "start"),
            ("/usr/sbin/apache2 -k start", "apache2", ""),
            ("/usr/sbin/sshd", "sshd", ""),
            ("rabbitmq-server -detached", "rabbitmq-server", "-detached"),
            ("docker compose up -d web", "docker", "-d"),
            ("uwsgi --ini a.ini --daemonize /var/log/u.log", "uwsgi", "--daemonize"),
            ("php-fpm8.2 -D", "php-fpm8.2", "-D"),
            ("/opt/thing --daemonize=true", "thing", "--daemonize"),
            ("sudo -u app /opt/thing --daemon", "thing", "--daemon"),
            ("python /srv/thing.py --daemon", "thing.py", "--daemon"),
            ("python -m thing --detach", "thing", "--detach"),
            ("sh -c 'exec memcached -d -m 64'", "memcached", "-d"),
            ("sh -c 'cd /srv && exec gunicorn -D a:b'", "gunicorn", "-D"),
            ("solr start", "solr", "start"),
            ("caddy start", "caddy", "start"),
            ("pg_ctl -D /data start", "pg_ctl", "start"),
            ("rails s -d", "rails", "-d"),
            ("ssserver -c a.json -d start", "ssserver", "-d start"),
            ("freshclam -d", "freshclam", "-d"),
            ("ssh -fN host", "ssh", "-fN"),
            ("screen -dmS x run", "screen", "-d"),
            ("tmux new-session -d run", "tmux", "-d"),
        ] {
            let shown = (!word.is_empty()).then(|| word.to_owned());
            let expected = Some(Background { program: name.to_owned(), shown, unless: None });
            assert_eq!(background(&argv(command)), expected, "{command}");
        }
    }

    #[test]
    fn who_may_be_kept_by_its_configuration() {
        for (command, line) in
            [("nginx -c /srv/nginx.conf", "daemon off;"), ("/usr/sbin/php-fpm8.2 -y a", "daemonize = no")]
        {
            let unless = background(&argv(command)).and_then(|background| background.unless);
            assert!(unless.is_some_and(|unless| unless.starts_with(line)), "{command}: {unless:?}");
        }
        assert_eq!(background(&argv("nginx -g 'daemon off;'")), None);
    }

    #[test]
    fn who_stays() {
        for command in [
            "php artisan queue:work --daemon",
            "php /srv/artisan queue:work --daemon",
            "/srv/artisan queue:work --daemon",
            "postgres -D /var/lib/postgresql",
            "sshd -D",
            "lighttpd -D -f /etc/lighttpd.conf",
            "apache2ctl -D FOREGROUND -k start",
            "redis-server --daemonize no",
            "redis-server --daemonize=no",
            "gunicorn -b 0.0.0.0:80 app:app",
            "nix-daemon --daemon",
            "python -u /srv/thing.py --daemon",
            "node thing.js --daemon",
            "docker run --rm image",
            "docker start -a web",
            // The container is the engine's, whatever becomes of the unit.
            "docker start web",
            "freshclam -d --foreground",
            "solr start --foreground",
            "ssh host tail -f /log",
            "chroot /srv gunicorn -D a:b",
            "sh -c 'gunicorn -D && tail -f x'",
            "",
        ] {
            assert_eq!(background(&argv(command)), None, "{command}");
        }
    }
}
