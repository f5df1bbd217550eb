//! Where applications have their own configuration, which says what the command does not: whether they go to the background, which
//! signals end them.

use super::App;
use super::sign::value;
use crate::python::shlex::Word;

/// The configuration of an application.
#[derive(Debug)]
struct Own {
    /// Its name in the table of applications.
    app: &'static str,
    /// The flags whose value is the file.
    flags: &'static [&'static str],
    /// How a word ends that is the file without any flag.
    ends: &'static [&'static str],
    /// Where it looks without such a word, as patterns; the last line of all files counts.
    files: &'static [&'static str],
}

/// Sources: nginx(8) of nginx 1.22.1 and `conf-path` of the images of nginx and `OpenResty`; php-fpm8.2(8), `PHP_SYSCONFDIR` of
/// docker-library/php and the packages of Debian and Fedora; redis.conf of Debian's redis-server 7.0.15; the options of uWSGI 2.0.21
/// (`uwsgi --help`).
static OWN: &[Own] = &[
    Own {
        app: "nginx",
        flags: &["-c"],
        ends: &[],
        files: &[
            "/etc/nginx/nginx.conf",
            "/usr/local/nginx/conf/nginx.conf",
            "/usr/local/openresty/nginx/conf/nginx.conf",
        ],
    },
    Own {
        app: "php-fpm",
        flags: &["-y", "--fpm-config"],
        ends: &[],
        files: &[
            "/etc/php-fpm.conf",
            "/etc/php-fpm.d/*.conf",
            "/etc/php/*/fpm/php-fpm.conf",
            "/etc/php/*/fpm/pool.d/*.conf",
            "/usr/local/etc/php-fpm.conf",
            "/usr/local/etc/php-fpm.d/*.conf",
        ],
    },
    Own { app: "redis-server", flags: &[], ends: &[".conf"], files: &[] },
    Own { app: "uwsgi", flags: &["--ini", "-i"], ends: &[".ini"], files: &[] },
];

impl App {
    /// The files of its own configuration: the one that its words name, or else where it looks, as patterns.
    #[must_use]
    pub fn own_files<'w>(&self, words: &'w [Word<'_>]) -> Vec<&'w str> {
        let Some(own) = OWN.iter().find(|own| own.app == self.name) else { return Vec::new() };
        let plain = || words.iter().skip(1).find(|word| own.ends.iter().any(|end| word.text.ends_with(end)));
        let named = own.flags.iter().find_map(|flag| value(flag, words));
        if let Some(file) = named.or_else(|| plain().map(|word| &*word.text)) {
            return vec![file];
        }
        own.files.to_vec()
    }
}

/// The value of the last line of a configuration that sets a key, in the ways of nginx, php-fpm, redis and uWSGI: after blanks or `=`,
/// without quotes; empty where the line is the key alone. `;` ends a directive of nginx and begins a comment of the others.
#[must_use]
pub fn setting<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or(""));
    let directives = lines.flat_map(|line| {
        let comment = line.trim_start().starts_with(';');
        line.split([';', '{', '}']).take(if comment { 0 } else { usize::MAX })
    });
    let values = directives.filter_map(|directive| {
        let rest = directive.trim().strip_prefix(key)?;
        (rest.is_empty() || rest.starts_with([' ', '\t', '='])).then(|| rest.trim_matches([' ', '\t', '=', '"', '\'']))
    });
    values.last()
}

/// Whether a configuration takes in other files, which may set what it does not.
#[must_use]
pub fn includes(text: &str) -> bool {
    setting(text, "include").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::matching::ran;
    use crate::python::shlex;

    #[test]
    fn lines_of_configurations() {
        for (text, key, value) in [
            ("user www;\ndaemon off;\n", "daemon", Some("off")),
            ("daemon off; # for supervisord", "daemon", Some("off")),
            ("# daemon off;", "daemon", None),
            ("daemonize = no", "daemonize", Some("no")),
            (";daemonize = no", "daemonize", None),
            ("daemonize yes\ndaemonize \"no\"", "daemonize", Some("no")),
            ("die-on-term=true", "die-on-term", Some("true")),
            ("die-on-term", "die-on-term", Some("")),
            ("daemonize2 = /log", "daemonize", None),
            ("worker_processes 1; daemon off;", "daemon", Some("off")),
            ("http { include x; } daemon off;", "daemon", Some("off")),
        ] {
            assert_eq!(setting(text, key), value, "{text}");
        }
    }

    #[test]
    fn files_that_the_words_name() {
        for (command, files) in [
            ("nginx -c /srv/n.conf", &["/srv/n.conf"][..]),
            ("nginx -c/srv/n.conf", &["/srv/n.conf"]),
            ("php-fpm8.2 --fpm-config=/srv/f.conf", &["/srv/f.conf"]),
            ("redis-server /etc/redis.conf --port 1", &["/etc/redis.conf"]),
            ("uwsgi --ini a.ini", &["a.ini"]),
            ("uwsgi --http :80", &[]),
            ("gunicorn a:b", &[]),
        ] {
            let words = shlex::split(command).unwrap_or_default();
            let ran = ran(&words);
            let named = ran.app.map(|app| app.own_files(&ran.words));
            assert_eq!(named.as_deref(), Some(files), "{command}");
        }
    }

    #[test]
    fn each_is_an_application() {
        for own in OWN {
            assert!(crate::apps::all().any(|app| app.name == own.app), "{}", own.app);
        }
    }
}
