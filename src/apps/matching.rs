//! Which application a command runs: through wrappers and shells, with an interpreter or without, whatever version its name has.

use std::borrow::Cow;

use super::script::{Simple, is_assignment, last_command};
use super::wrappers::{Becomes, Step, WRAPPERS, Wrapper, shell_script, step};
use super::{App, By, NAMES, by_number};
use crate::python::basename;
use crate::python::shlex::{self, Word};
use crate::well_known::{is_shell, unversioned};

/// What a command runs.
#[derive(Debug)]
pub struct Ran<'w> {
    /// The application, if it is one of the table.
    pub app: Option<&'static App>,
    /// What runs it.
    pub wrappers: Wrappers,
    /// The account that a wrapper switches to.
    pub account: Option<Cow<'w, str>>,
    /// The words of the program, its name first; those of a script that a shell runs have places in that script.
    pub words: Cow<'w, [Word<'w>]>,
}

/// The wrappers of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wrappers {
    /// A bit each.
    seen: u32,
    /// A shell that runs a script.
    shell: bool,
    /// Whether that shell has to stay, for all that is known.
    stays: bool,
}

impl Wrappers {
    fn add(&mut self, wrapper: &'static Wrapper) {
        let at = WRAPPERS.iter().position(|known| std::ptr::eq(known, wrapper));
        self.seen |= at.map_or(0, |at| 1 << at);
    }

    /// Each once, in the order of their table.
    pub fn iter(self) -> impl Iterator<Item = &'static Wrapper> {
        WRAPPERS.iter().enumerate().filter(move |(at, _)| self.seen & (1 << at) != 0).map(|(_, wrapper)| wrapper)
    }

    /// Whether one of this name is there.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.iter().any(|wrapper| wrapper.name == name)
    }

    /// Whether a shell runs a script that was looked into.
    #[must_use]
    pub fn has_shell(self) -> bool {
        self.shell
    }

    /// Whether supervisord sees something else than the program, to which stop signals do not come through.
    #[must_use]
    pub fn keep_signals(self) -> bool {
        self.stays || self.iter().any(|wrapper| wrapper.becomes == Becomes::Stays)
    }
}

/// Programs that run a script, and the application that such a script is if nothing more is known of it.
const INTERPRETERS: &[(&str, Language)] = &[
    ("python", Language::Python),
    ("pypy", Language::Python),
    ("php", Language::Php),
    ("ruby", Language::Other),
    ("jruby", Language::Other),
    ("perl", Language::Other),
    ("node", Language::Node),
    ("nodejs", Language::Node),
    ("deno", Language::Node),
    ("bun", Language::Node),
];

#[derive(Clone, Copy)]
enum Language {
    Python,
    Php,
    Node,
    Shell,
    Other,
}

/// What a command runs.
#[must_use]
pub fn ran<'w>(command: &'w [Word<'w>]) -> Ran<'w> {
    let mut wrappers = Wrappers::default();
    let mut account = None;
    let mut words = command;
    loop {
        match step(words) {
            Step::Program => break,
            Step::Runs { wrapper, account: named, skip } => {
                wrappers.add(wrapper);
                account = named.or(account);
                words = words.get(skip..).unwrap_or_default();
            }
            Step::Script { wrapper, account: named, script } => {
                wrappers.shell = true;
                if let Some(wrapper) = wrapper {
                    wrappers.add(wrapper);
                }
                account = named.or(account);
                let last = last_command(script);
                let inner = last.and_then(|last| shlex::split(last.text).ok()).filter(|inner| !inner.is_empty());
                let (Some(Simple { kept, .. }), Some(inner)) = (last, inner) else {
                    wrappers.stays = true;
                    break;
                };
                // bash replaces itself by its last command, seen with 5.2.15; dash 0.5.12 only where that begins with `exec`.
                let bash = words.first().is_some_and(|word| basename(&word.text) == "bash") && !kept;
                let program = inner.iter().find(|word| !is_assignment(&word.text));
                wrappers.stays = !bash && program.is_none_or(|word| word.text != "exec");
                return inside(inner, wrappers, account.map(Cow::Borrowed));
            }
        }
    }
    let (app, at) = app(words);
    let words = words.get(at..).unwrap_or_default();
    Ran { app, wrappers, account: account.map(Cow::Borrowed), words: Cow::Borrowed(words) }
}

/// The same for the words of a script; a shell in it is not looked into.
fn inside<'w>(mut words: Vec<Word<'w>>, mut wrappers: Wrappers, mut account: Option<Cow<'w, str>>) -> Ran<'w> {
    // A shell sets variables before a command.
    let set = words.iter().take_while(|word| is_assignment(&word.text)).count();
    words.drain(..set);
    loop {
        let skip = match step(&words) {
            Step::Program => break,
            Step::Script { wrapper: _, account: _, script: _ } => {
                wrappers.stays = true;
                break;
            }
            Step::Runs { wrapper, account: named, skip } => {
                wrappers.add(wrapper);
                account = named.map(|named| Cow::Owned(named.to_owned())).or(account);
                skip
            }
        };
        words.drain(..skip.min(words.len()));
    }
    let (app, at) = app(&words);
    words.drain(..at);
    Ran { app, wrappers, account, words: Cow::Owned(words) }
}

/// The application of a program, and where its words begin: at its name, or at that of its script or module.
fn app(words: &[Word<'_>]) -> (Option<&'static App>, usize) {
    if let Some(at) = script_at(words)
        && let Some(app) = direct(words.get(at..).unwrap_or_default())
    {
        return (Some(app), at);
    }
    (direct(words), 0)
}

/// Where the script, or the module, of a program is that is an interpreter or a shell.
pub(crate) fn script_at(words: &[Word<'_>]) -> Option<usize> {
    language(basename(&words.first()?.text)).and_then(|language| script(words, language))
}

/// The language of the scripts that a program runs; of a shell too: `bash /opt/zookeeper/bin/zkServer.sh start`.
fn language(name: &str) -> Option<Language> {
    let plain = unversioned(name);
    let known = INTERPRETERS.iter().find(|(known, _)| *known == name || *known == plain);
    known.map(|(_, language)| *language).or_else(|| is_shell(name).then_some(Language::Shell))
}

/// The word that names the file which an interpreter or a shell runs, as in `python3 -u /srv/a.py`. `None` for a module, for a
/// script within the command, and for other programs.
#[must_use]
pub fn script_of<'w>(words: &'w [Word<'w>]) -> Option<&'w Word<'w>> {
    let language = language(basename(&words.first()?.text))?;
    let at = script(words, language)?;
    let flag = |flag: &str| words.get(1..at).unwrap_or_default().iter().any(|word| word.text == flag);
    // `python -m x`, `php -S 0.0.0.0:80`, `bash -lc x`.
    let other = match language {
        Language::Python => flag("-m"),
        Language::Php => flag("-S"),
        Language::Node | Language::Other => false,
        Language::Shell => shell_script(words).is_some(),
    };
    words.get(at).filter(|_| !other)
}

/// Where the script, or the module, of an interpreter is.
fn script(words: &[Word<'_>], language: Language) -> Option<usize> {
    // Flags that take the next word, and the one after which a module's name is.
    let (valued, module): (&[&str], &str) = match language {
        Language::Python => (&["-W", "-X", "-Q"], "-m"),
        Language::Php => (&["-d", "-c", "-z"], "-f"),
        Language::Node => (&["-r", "--require", "--import", "--loader", "-C", "--conditions"], ""),
        Language::Shell => (&["-o", "-O", "--rcfile", "--init-file"], ""),
        Language::Other => (&["-I", "-r", "-C"], ""),
    };
    let mut at = 1;
    while let Some(word) = words.get(at).map(|word| &*word.text) {
        if word == module && !module.is_empty() {
            return Some(at + 1);
        }
        // A program on the command line itself.
        let own = match language {
            Language::Shell => word == "-c",
            Language::Python | Language::Other => matches!(word, "-e" | "-r" | "-c"),
            Language::Php | Language::Node => matches!(word, "-e" | "-r"),
        };
        if own && !valued.contains(&word) {
            return None;
        }
        match word {
            // `deno run x.ts`, `bun run x.ts`.
            "run" if matches!(language, Language::Node) => at += 1,
            _ if !word.starts_with('-') => return Some(at),
            _ => at += 1 + usize::from(valued.contains(&word)),
        }
    }
    None
}

/// The application that a program is by its name, and by the word that says what it is to do.
fn direct(words: &[Word<'_>]) -> Option<&'static App> {
    let path = &*words.first()?.text;
    let name = basename(path);
    let plain = unversioned(name);
    let mut by_name = None;
    for name in [Some(name), Some(plain).filter(|plain| *plain != name)].into_iter().flatten() {
        for app in NAMES.apps(name).iter().filter_map(|number| by_number(*number)) {
            for by in app.by.iter().filter(|by| by.program() == name) {
                match by {
                    By::Program(_) => by_name = by_name.or(Some(app)),
                    By::In { folder, program: _ } => {
                        if path.split('/').any(|part| part == *folder) {
                            by_name = by_name.or(Some(app));
                        }
                    }
                    By::Command { program: _, valued, command } => {
                        if task(words, valued) == Some(command) {
                            return Some(app);
                        }
                    }
                }
            }
        }
    }
    by_name
}

/// The word that says what a program is to do: the first that is no flag, nor the value of one.
fn task<'w>(words: &'w [Word<'_>], valued: &[&str]) -> Option<&'w str> {
    let mut words = words.iter().skip(1).map(|word| &*word.text);
    while let Some(word) = words.next() {
        if valued.contains(&word) {
            words.next();
        } else if !word.starts_with('-') && !is_assignment(word) {
            return Some(word);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(command: &str) -> String {
        let Ok(words) = shlex::split(command) else { return "?".to_owned() };
        let ran = ran(&words);
        ran.app.map_or_else(|| "-".to_owned(), |app| app.name.to_owned())
    }

    /// Without the index: a program by its own name before one without its version, a command before both.
    #[test]
    fn the_index_finds_what_a_look_at_all_finds() {
        for by in crate::apps::all().flat_map(|app| app.by) {
            for version in ["", "3", "8.2", "-15"] {
                let (program, task) = match by {
                    By::Program(program) => (program, ""),
                    By::Command { program, valued: _, command } => (program, *command),
                    By::In { folder: _, program: _ } => continue,
                };
                let name = format!("{program}{version}");
                let runs = |by: &By, name: &str| match by {
                    By::Program(program) => (*program == name).then_some(false),
                    By::Command { program, valued: _, command } => {
                        (*program == name && *command == task).then_some(true)
                    }
                    By::In { folder: _, program: _ } => None,
                };
                let found = |name: &str, of_command: bool| {
                    crate::apps::all().find(|app| app.by.iter().any(|by| runs(by, name) == Some(of_command)))
                };
                let plain = unversioned(&name);
                let found = found(&name, true).or(found(plain, true)).or(found(&name, false)).or(found(plain, false));
                let command = format!("{name} {task}");
                let direct = shlex::split(&command).map(|words| direct(&words).map(|app| app.name));
                assert_eq!(direct, Ok(found.map(|app| app.name)), "{command}");
            }
        }
    }

    #[test]
    fn commands() {
        for (command, app) in [
            // As it is, with a path, in a virtual environment, with a version.
            ("nginx -g 'daemon off;'", "nginx"),
            ("/usr/sbin/nginx -c /etc/nginx.conf", "nginx"),
            ("/srv/venv/bin/gunicorn a.wsgi", "gunicorn"),
            ("gunicorn3 a.wsgi", "gunicorn"),
            ("/usr/sbin/php-fpm8.2 -F", "php-fpm"),
            ("php-fpm7.0", "php-fpm"),
            ("php-fpm81", "php-fpm"),
            ("php5-fpm -F", "php-fpm"),
            ("apache2 -DFOREGROUND", "apache"),
            ("/usr/local/bin/apache2-foreground", "apache2-foreground"),
            ("/usr/lib/postgresql/15/bin/postgres -D /data", "postgres"),
            ("postgres-15 -D /data", "postgres"),
            ("/usr/bin/python3.11 /srv/a.py", "python"),
            ("%(ENV_X)s", "-"),
            ("", "-"),
            ("2", "-"),
            ("/usr/bin/myd", "-"),
            // Interpreters.
            ("python -m celery -A shop worker", "celery worker"),
            ("python3 -u -m uvicorn web:app --workers 2", "uvicorn"),
            ("python -W ignore /srv/venv/bin/celery beat", "celery beat"),
            ("python3.11 -X dev manage.py qcluster", "django-q"),
            ("python manage.py runserver 0.0.0.0:80", "manage.py runserver"),
            ("python manage.py shell", "python"),
            ("python -c 'import x'", "python"),
            ("python -m http.server", "python"),
            ("python", "python"),
            ("/srv/app/manage.py run_huey", "huey"),
            ("php /srv/app/artisan queue:work --tries=3", "artisan queue:work"),
            ("php -d memory_limit=1G artisan horizon", "artisan horizon"),
            ("php artisan migrate", "php"),
            ("php8.2 bin/console messenger:consume async", "messenger:consume"),
            ("/usr/bin/php /srv/bin/console --env=prod messenger:consume", "messenger:consume"),
            ("php -S 0.0.0.0:80", "php"),
            ("node server.js", "node"),
            ("node --max-old-space-size=4096 -r dotenv/config x.js", "node"),
            ("node /usr/bin/pm2-runtime app.js", "pm2-runtime"),
            ("bun run x.ts", "node"),
            ("npm run start", "npm"),
            ("npm --prefix /srv start", "npm"),
            ("yarn start", "npm"),
            ("yarn", "npm"),
            ("yarn timelineserver", "yarn of Hadoop"),
            ("/opt/hadoop/bin/yarn --config /etc/hadoop resourcemanager", "yarn of Hadoop"),
            ("/usr/lib/postfix/sbin/master -c /etc/postfix -d", "postfix"),
            ("/srv/app/master", "-"),
            ("python /opt/graphite/bin/carbon-cache.py --debug start", "carbon"),
            ("busybox syslogd -n", "syslogd"),
            ("dotnet x.dll", "dotnet"),
            ("java -Xmx1g -jar /srv/x.jar", "java"),
            ("ruby -I lib bin/sidekiq", "sidekiq"),
            ("bash /opt/zookeeper/bin/zkServer.sh start-foreground", "zkServer.sh"),
            ("bash /srv/run.sh", "-"),
            // What a program is to do.
            ("celery -A worker beat", "celery beat"),
            ("celery worker -A proj", "celery worker"),
            ("celery -A deployer -P gevent flower", "celery flower"),
            ("celery --app=shop worker", "celery worker"),
            ("celery -A shop inspect active", "-"),
            ("rq worker high low", "rq worker"),
            ("rake QUEUE=a resque:work", "resque"),
            ("airflow celery worker", "airflow"),
            ("flask --app web run", "flask run"),
            ("docker run --rm x", "docker run"),
            ("docker -H tcp://a:1 compose up", "docker compose"),
            ("docker-compose -f a.yml up", "docker compose"),
            ("docker ps", "-"),
            ("consul agent -server", "consul"),
            ("consul members", "-"),
            // Clients of a server are not that server.
            ("redis-cli ping", "-"),
            ("mysql -e x", "-"),
            ("elasticsearch_exporter", "-"),
            ("mongo", "-"),
        ] {
            assert_eq!(name(command), app, "{command}");
        }
    }

    #[test]
    fn through_wrappers() {
        for (command, app) in [
            ("env A=b nginx", "nginx"),
            ("/usr/bin/env -i PATH=/bin nginx", "nginx"),
            ("env -u HOME -C /srv A=b python3 -m gunicorn a:b", "gunicorn"),
            ("exec nginx", "nginx"),
            ("nice -n 10 nginx", "nginx"),
            ("nice -10 nginx", "nginx"),
            ("nice --adjustment 5 nginx", "nginx"),
            ("ionice -c2 -n 7 nginx", "nginx"),
            ("ionice -c 2 nginx", "nginx"),
            ("timeout -s INT 3600 nginx", "nginx"),
            ("timeout --kill-after=5 1h nginx", "nginx"),
            ("gosu www-data nginx", "nginx"),
            ("su-exec app:app nginx", "nginx"),
            ("setpriv --reuid=1000 --regid 1000 --init-groups nginx", "nginx"),
            ("stdbuf -oL nginx", "nginx"),
            ("stdbuf -o L -e L nginx", "nginx"),
            ("chpst -u app -e /env nginx", "nginx"),
            ("setuidgid app nginx", "nginx"),
            ("tini -g -- nginx", "nginx"),
            ("/sbin/tini -s nginx", "nginx"),
            ("dumb-init --rewrite 15:3 -- nginx", "nginx"),
            ("dumb-init -c nginx", "nginx"),
            ("sudo -E -u www-data nginx", "nginx"),
            ("sudo -uwww-data nginx", "nginx"),
            ("runuser -u app -- nginx", "nginx"),
            ("runuser app -c 'nginx -q'", "nginx"),
            ("su app -c 'exec nginx'", "nginx"),
            ("su - app -s /bin/sh -c nginx", "nginx"),
            ("su -s /bin/sh app -c nginx", "nginx"),
            ("su -s /bin/bash - rabbitmq /usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"),
            ("su app -s /bin/sh -- /usr/sbin/rabbitmq-server -x", "rabbitmq-server"),
            ("su app", "-"),
            ("chroot --userspec=app:app /srv nginx", "nginx"),
            ("nohup nginx", "nginx"),
            ("busybox crond -f", "crond"),
            ("poetry run gunicorn a:b", "gunicorn"),
            ("pipenv run celery -A a worker", "celery worker"),
            ("uv run --with x uvicorn a:b", "uvicorn"),
            ("bundle exec sidekiq -C a.yml", "sidekiq"),
            ("bundle exec rake resque:work", "resque"),
            ("bundle install", "-"),
            ("/usr/bin/bundle-2.1 exec sidekiq", "sidekiq"),
            ("bundle3.0 exec puma", "puma"),
            ("bundle-2.1 install", "-"),
            ("pidproxy /run/a.pid /usr/sbin/nginx -q", "nginx"),
            ("authbind --deep nginx", "nginx"),
            ("authbind --depth 2 nginx", "nginx"),
            ("poetry install", "-"),
            ("sh -c 'exec nginx'", "nginx"),
            ("bash -lc 'exec env A=b nginx -q'", "nginx"),
            ("/bin/bash -c 'cd /srv && exec gunicorn a:b > /log 2>&1'", "gunicorn"),
            ("sh -c 'A=b nginx'", "nginx"),
            ("sh -e -c nginx", "nginx"),
            ("sh -c 'cd /srv && gunicorn a:b'", "-"),
            ("sh -c 'nginx &'", "-"),
            ("bash /srv/run.sh -c nginx", "-"),
            ("bash -e -o pipefail -c 'exec nginx'", "nginx"),
            ("s6-setuidgid app nginx", "nginx"),
            ("sudo -u app A=b nginx", "nginx"),
            ("sh -c 'sh -c nginx'", "-"),
            ("sh -c", "-"),
            ("env nice gosu app tini -- python -m celery worker", "celery worker"),
            ("env", "-"),
            ("timeout 5", "-"),
            ("gosu app", "-"),
        ] {
            assert_eq!(name(command), app, "{command}");
        }
    }

    #[test]
    fn scripts() {
        for (command, file) in [
            ("python3 -u /srv/a.py --x", Some("/srv/a.py")),
            ("/v/bin/python a.py", Some("a.py")),
            ("php -d memory_limit=1G artisan horizon", Some("artisan")),
            ("node --inspect server.js", Some("server.js")),
            ("bash -e ./run.sh", Some("./run.sh")),
            ("perl -w /x.pl", Some("/x.pl")),
            ("python -m celery worker", None),
            ("python -c 'import x' y", None),
            ("php -S 0.0.0.0:80 -t /x", None),
            ("bash -lc 'cd /x && y'", None),
            ("sh -c x", None),
            ("node", None),
            ("nginx -c x", None),
            ("", None),
        ] {
            let words = shlex::split(command).unwrap_or_default();
            assert_eq!(script_of(&words).map(|word| &*word.text), file, "{command}");
        }
    }

    #[test]
    fn accounts() {
        for (command, account) in [
            ("gosu www-data nginx", Some("www-data")),
            ("sudo -E -u app nginx", Some("app")),
            ("sudo --user=app nginx", Some("app")),
            ("sudo -uapp nginx", Some("app")),
            ("sudo nginx", None),
            ("su app -c nginx", Some("app")),
            ("su -c nginx", Some("root")),
            ("su - app -c 'a; b'", Some("app")),
            ("su -s /bin/bash - app /srv/a.sh", Some("app")),
            ("runuser - app /srv/a.sh", Some("app")),
            ("su - app", None),
            ("runuser -u app nginx", Some("app")),
            ("runuser --user app -- nginx", Some("app")),
            ("setpriv --reuid app nginx", Some("app")),
            ("setpriv --no-new-privs nginx", None),
            ("chroot --userspec=app / nginx", Some("app")),
            ("chpst -u app nginx", Some("app")),
            ("sh -c 'exec gosu app nginx'", Some("app")),
            ("env gosu app nginx", Some("app")),
            ("nginx -u app", None),
        ] {
            let words = shlex::split(command);
            let account_of = words.as_deref().map(|words| ran(words).account.map(Cow::into_owned));
            assert_eq!(account_of, Ok(account.map(str::to_owned)), "{command}");
        }
    }

    #[test]
    fn what_comes_between() {
        for (command, wrappers, keeps, words) in [
            ("env nice nginx -q", &["env", "nice"][..], false, "nginx -q"),
            ("sh -c 'cd / && exec nginx -q'", &["exec"], false, "nginx -q"),
            ("sh -c 'a; b'", &[], true, "sh -c a; b"),
            ("sh -c 'A=b exec nginx -q'", &["exec"], false, "nginx -q"),
            ("sh -c nginx", &[], true, "nginx"),
            ("bash -c nginx", &[], false, "nginx"),
            ("bash -c 'nginx > /log'", &[], true, "nginx"),
            ("bash -c 'exec nginx > /log'", &["exec"], false, "nginx"),
            ("su app -c nginx", &["su"], true, "nginx"),
            ("sudo -u app nginx", &["sudo"], false, "nginx"),
            ("python -m celery worker -l info", &[], false, "celery worker -l info"),
        ] {
            let split = shlex::split(command).unwrap_or_default();
            let ran = ran(&split);
            let names: Vec<_> = ran.wrappers.iter().map(|wrapper| wrapper.name).collect();
            assert_eq!(names, wrappers, "{command}");
            assert_eq!(ran.wrappers.keep_signals(), keeps, "{command}");
            assert!(wrappers.iter().all(|name| ran.wrappers.has(name)), "{command}");
            assert_eq!(ran.wrappers.has_shell(), command.contains("-c "), "{command}");
            let text: Vec<_> = ran.words.iter().map(|word| &*word.text).collect();
            assert_eq!(text.join(" "), words, "{command}");
        }
        assert!(WRAPPERS.len() <= 32, "a bit each");
    }
}
