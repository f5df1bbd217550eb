//! Which application a command runs, command by command.

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
                By::Command { program, valued: _, command } => (*program == name && *command == task).then_some(true),
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
