//! Where applications have their own configuration, which says what the command does not: whether they go to the background, which
//! signals end them.

use super::App;
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
        let mut words = words.iter().skip(1).map(|word| &*word.text);
        while let Some(word) = words.next() {
            let joined = own.flags.iter().find_map(|flag| word.strip_prefix(flag)?.strip_prefix('='));
            let named = if own.flags.contains(&word) { words.next() } else { joined };
            let plain = || own.ends.iter().any(|end| word.ends_with(end)).then_some(word);
            if let Some(file) = named.or_else(plain) {
                return vec![file];
            }
        }
        own.files.to_vec()
    }
}

/// The value of the last line of a configuration that sets a key, in the ways of nginx, php-fpm, redis and uWSGI: after blanks or `=`,
/// without quotes and the `;` of the end; empty where the line is the key alone.
#[must_use]
pub fn setting<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines()
        .filter_map(|line| {
            let rest = line.trim().strip_prefix(key)?;
            if !rest.is_empty() && !rest.starts_with([' ', '\t', '=', ';']) {
                return None;
            }
            let value = rest.split([';', '#']).next().unwrap_or("");
            Some(value.trim_matches([' ', '\t', '=', '"', '\'']))
        })
        .next_back()
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
        ] {
            assert_eq!(setting(text, key), value, "{text}");
        }
    }

    #[test]
    fn files_that_the_words_name() {
        for (command, files) in [
            ("nginx -c /srv/n.conf", &["/srv/n.conf"][..]),
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
