//! Commands that show that their program puts itself into the background: the flags count for the program that has them, since
//! `-D` of postgres is a directory and `--daemon` of Laravel's queue:work stays in the foreground.

use super::wrapped::{is_python, unwrapped};

/// How a program is told to go into the background: from the manuals, not run one by one.
struct Habit {
    /// How it is called; a `*` at the end stands for more.
    names: &'static [&'static str],
    /// One of these words has to be there, if there are any.
    needs: &'static [&'static str],
    /// So has one of these, if there are any.
    flags: &'static [&'static str],
    /// A word with one of these in it keeps the program in the foreground.
    unless: &'static [&'static str],
}

/// A row of [`HABITS`].
macro_rules! habit {
    ($($name:literal)*; $($need:literal)*; $($flag:literal)*; $($unless:literal)*) => {
        Habit { names: &[$($name),*], needs: &[$($need),*], flags: &[$($flag),*], unless: &[$($unless),*] }
    };
}

static HABITS: &[Habit] = &[
    habit!("gunicorn" "gunicorn3" "gunicorn_django" "gunicorn_paster" "airflow";; "--daemon" "-D";),
    habit!("uwsgi*";; "--daemonize" "--daemonize2" "-d";),
    habit!("celery"; "multi"; ;),
    habit!("celery" "php-fpm*" "pulseaudio";; "--detach" "--daemonize" "-D";),
    habit!("unicorn" "unicorn_rails" "rainbows" "rackup" "mysqld" "mariadbd";; "--daemonize" "-D";),
    habit!("puma" "sidekiq" "resque-pool" "thin" "memcached" "gearmand" "elasticsearch" "opensearch";;
        "--daemonize" "--daemon" "-d";),
    habit!("rails"; "server" "s"; "--daemon" "-d";),
    habit!("delayed_job" "forever" "caddy" "postfix" "pg_ctl" "catalina.sh" "jetty.sh" "activemq" "hbase-daemon.sh"
        "hadoop-daemon.sh" "yarn-daemon.sh" "zkServer.sh"; "start"; ;),
    habit!("pg_ctlcluster"; "start"; ; "--foreground"),
    habit!("solr"; "start"; ; "--foreground" "-f"),
    habit!("pm2"; "start" "restart" "reload"; ; "--no-daemon"),
    habit!("apachectl" "apache2ctl" "apache2" "httpd"; "start" "restart"; ; "FOREGROUND"),
    habit!("redis-server" "redis-sentinel" "valkey-server" "valkey-sentinel" "keydb-server";; "--daemonize";),
    habit!("mongod" "mongos" "dbus-daemon";; "--fork";),
    habit!("kafka-server-start*" "zookeeper-server-start*" "connect-distributed*" "bitcoind" "litecoind";; "-daemon";),
    habit!("rabbitmq-server";; "-detached";),
    habit!("haproxy";; "-D"; "-db"),
    habit!("freshclam" "fetchmail";; "--daemon" "-d"; "--foreground" "-F" "--nodetach" "-N"),
    habit!("ssserver" "sslocal"; "start"; "-d";),
    habit!("docker" "podman" "docker-compose"; "run" "up" "exec" "start"; "--detach" "-d";),
    habit!("x11vnc";; "-bg";),
    habit!("start-stop-daemon";; "--background" "-b";),
    habit!("screen";; "-dm" "-dmS" "-dmLS";),
    habit!("tmux"; "new" "new-session"; "-d";),
    habit!("tor";; "--RunAsDaemon";),
    habit!("ssh" "autossh";; "-f" "-fN" "-Nf" "-fNT" "-NfT";),
];

/// Flags of programs that are in no row; an interpreter hands its words to a script, which may mean anything by them.
static GENERAL: Habit = habit!("*";; "--daemon" "--daemonize" "--daemonise" "--detach";);

/// Whether the words of a program may be those of a script, and `--daemon` says what it does, not where.
fn is_own_matter(name: &str) -> bool {
    is_python(name)
        || matches!(
            name,
            "php"
                | "node"
                | "nodejs"
                | "ruby"
                | "perl"
                | "java"
                | "dotnet"
                | "artisan"
                | "console"
                | "nix-daemon"
                | "postgres"
        )
        || name.starts_with("php")
}

/// The program that puts itself into the background, and the word that shows it.
pub(crate) fn background(argv: &[String]) -> Option<(String, String)> {
    let wrapped = unwrapped(argv);
    let (name, words) = wrapped.program();
    let is_called = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => *pattern == name,
    };
    let mut rows = HABITS.iter().filter(|habit| habit.names.iter().any(&is_called)).peekable();
    let shown = if rows.peek().is_some() {
        rows.find_map(|habit| shown_by(habit, words))
    } else if is_own_matter(name) || name.is_empty() {
        None
    } else {
        shown_by(&GENERAL, words)
    }?;
    Some((name.to_owned(), shown.to_owned()))
}

/// The word by which a program is told so.
fn shown_by(habit: &Habit, words: &[String]) -> Option<&'static str> {
    let Habit { names: _, needs, flags, unless } = habit;
    let is_unless = |word: &String| {
        unless.iter().any(|part| if part.starts_with('-') { word == part } else { word.contains(part) })
    };
    if words.iter().any(is_unless) {
        return None;
    }
    let need = needs.iter().copied().find(|need| words.iter().any(|word| word == need));
    if need.is_none() && !needs.is_empty() {
        return None;
    }
    if flags.is_empty() {
        return need;
    }
    words.iter().enumerate().find_map(|(at, word)| {
        let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        let value = value.or_else(|| words.get(at + 1).map(String::as_str)).unwrap_or("");
        let is_off = matches!(value, "no" | "false" | "off" | "0");
        flags.iter().copied().find(|known| *known == flag && !is_off)
    })
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
            ("redis-server /etc/redis.conf --daemonize yes", "redis-server", "--daemonize"),
            ("redis-server --daemonize=yes", "redis-server", "--daemonize"),
            ("celery -A app worker --detach", "celery", "--detach"),
            ("celery multi start w1", "celery", "multi"),
            ("apachectl start", "apachectl", "start"),
            ("/usr/sbin/apache2 -k start", "apache2", "start"),
            ("rabbitmq-server -detached", "rabbitmq-server", "-detached"),
            ("docker compose up -d web", "docker", "-d"),
            ("uwsgi --ini a.ini --daemonize /var/log/u.log", "uwsgi", "--daemonize"),
            ("php-fpm8.2 -D", "php-fpm8.2", "-D"),
            ("/opt/thing --daemonize=true", "thing", "--daemonize"),
            ("sudo -u app /opt/thing --daemon", "thing", "--daemon"),
            ("sh -c 'exec memcached -d -m 64'", "memcached", "-d"),
        ] {
            let expected = Some((name.to_owned(), word.to_owned()));
            assert_eq!(background(&argv(command)), expected, "{command}");
        }
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
            "docker run --rm image",
            "freshclam -d --foreground",
            "sh -c 'gunicorn -D && tail -f x'",
            "",
        ] {
            assert_eq!(background(&argv(command)), None, "{command}");
        }
    }
}
