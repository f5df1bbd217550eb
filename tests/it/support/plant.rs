//! Files with planted faults, each in every form that a line can have: indented, with blanks around the delimiter, a colon for it,
//! comments behind, CRLF, without a line end at the end, with options of `[DEFAULT]`, twice. The same seed gives the same file.

use super::generate::Rng;
use supconv::rules::{Page, RULES};

/// What may stand in no fix.
pub const SECRETS: &[&str] = &["s3cr3t-s3cr3t", "quoted-pass", "t0k3n-t0k3n"];

/// Commands, most of which some rule speaks of.
const COMMANDS: &[&str] = &[
    "/srv/api",
    "gunicorn shop.wsgi",
    "celery -A shop worker",
    "celery -A shop worker -n w@%h",
    "nginx",
    "uwsgi --ini /etc/u.ini",
    "php-fpm",
    "postgres -D /data",
    "sh -c \"cd /srv && python w.py\"",
    "bash -c \"a ; b\"",
    "bash -c 'while :; do x ; sleep 1 ; done'",
    "/bin/sh -c 'exec /srv/api'",
    "sh -c '/srv/api --port 80'",
    "/bin/dash -lc \"/srv/api\"",
    "sh -c '/usr/bin/setsid /srv/api'",
    "env A=b sh -c 'nice /srv/api'",
    "busybox sh -c /srv/api",
    "sudo -u www-data /srv/api",
    "gosu app /srv/api",
    "nohup /srv/api",
    "cd /app && ./run",
    "FOO=1 /srv/api",
    "/srv/api > /var/log/x 2>&1",
    "./run",
    "bin/run --x",
    "php artisan queue:work",
    "php /srv/artisan queue:work --max-time=60",
    "python3 /srv/w.py",
    "python manage.py migrate",
    "/srv/migrate.sh",
    "redis-server /etc/r.conf --daemonize yes",
    "gunicorn -D shop.wsgi",
    "/srv/api --home $HOME",
    "/srv/api --port ${PORT}",
    "~/bin/api",
    "date +%s",
    "/srv/api --date %Y",
    "\"/srv/api --x\"",
    "mysqld_safe",
    "bash -c \"source /srv/venv/bin/activate && gunicorn x\"",
    "source /v/bin/activate && python x.py",
    "npm start",
    "/usr/sbin/apache2ctl start",
    "memmon -a 1",
    "node server.js",
    "java -jar x.jar",
    "rq worker",
    "sidekiq -t 30",
    "/srv/api 'it''s'",
    "/srv/api -f \\\n  -p /x\\\n  --all",
    "dotnet x.dll",
    "/srv/api --c \"#fff\" \" #x\"",
];

/// Options of programs, most with a fault.
const PROGRAM: &[&str] = &[
    "autostart=maybe",
    "autostart=\"true\"",
    "autostart=Y",
    "auto_start=false",
    "autostart=true;why",
    "autorestart=always",
    "autorestart=unexpected",
    "autorestart=false",
    "autorestart=true",
    "autorestart=on",
    "startsecs=10s",
    "startsecs=5#x",
    "startsecs=0",
    "startsecs=2",
    "startretries=3",
    "stopwaitsecs=1",
    "stopwaitsecs=10;x",
    "stopwaitsecs=3600",
    "stopsignal=QUIT",
    "stopsignal=TERM INT",
    "stopsignal=KILL",
    "stopasgroup=true",
    "stopasgroup=false",
    "killasgroup=true",
    "killasgroup=false",
    "exitcodes=0,",
    "user=root",
    "user=www-data",
    "user=\"www-data\"",
    "user=www-data;app user",
    "user=app:app",
    "umask=022",
    "umask=9",
    "priority=1",
    "numprocs=2",
    "numprocs=0",
    "numproc=2",
    "process_name=%(program_name)s_%(process_num)02d",
    "directory=/srv/app",
    "directory=\"/srv\"",
    "directory=~/x",
    "directory=/tmp;",
    "process_name=%(program_name)s;",
    "stderr_logfile=/var/log/e;e.log;;",
    "stderr_logfile_backups=5",
    "dir=/srv",
    "environment=A=1,B=\"2\"",
    "environment=DB=postgres://u:p@h/d?ssl=1,B=2",
    "environment=PATH=\"/srv/bin\"",
    "environment=HOME=\"$HOME\",X=\"${FOO}\"",
    "environment=A=a b",
    "environment=KEY=",
    "environment=\"A\"=\"1\"",
    "environment=A=\"100%\"",
    "environment=PASSWORD=\"s3cr3t-s3cr3t\",A=x@y",
    "environment=A=1 B=2",
    "environment=API_TOKEN=\"t0k3n-t0k3n\"",
    "environment=API_TOKEN=t0k3n-t0k3n ;#x,B=1",
    "environment=API_TOKEN=t0k3n-t0k3n%20,A=a b",
    "environment=A=$HOME,API_TOKEN=t0k3n-t0k3n/=?",
    "password=t0k3n-t0k3n",
    "environment=A='1',\n  B='2'",
    "redirect_stderr=true",
    "redirect_stderr=yes",
    "stdout_logfile=/dev/stdout",
    "stdout_logfile=/var/log/x.log",
    "stdout_logfile=/var/log/x.log ; the log",
    "stdout_logfile=syslog",
    "stdout_logfile=NONE",
    "stdout_logfile=/var/log/%(program_name)s.log",
    "stdout_logfile_maxbytes=50",
    "stdout_logfile_maxbytes=50M",
    "stdout_logfile_maxbytes=0",
    "stdout_logfile_maxbytes=-1",
    "stdout_logfile_backups=10",
    "stderr_logfile=/dev/stderr",
    "stderr_logfile=/var/log/x.log",
    "stderr_logfile=syslog",
    "stderr_logfile=/var/log/e.log",
    "stderr_logfile_maxbytes=0",
    "stderr_logfile_maxbytes=1k",
    "stdout_events_enabled=true",
    "logfile=/x.log",
    "log_stderr=true",
    "minfds=100",
    "restart=always",
    "serverurl=AUTO",
    "startsecs=%(ENV_SECS)s",
    "; supconv: ignore[default-minfds]",
    "; supconv: ignore[SUP010, SUP201] why",
];

const SUPERVISORD: &[&str] = &[
    "logfile=/var/log/supervisord.log",
    "logfile=/dev/stdout",
    "logfile=/dev/stdout ; x",
    "logfile_maxbytes=0",
    "logfile_maxbytes=50M",
    "logfile_maxbytes=1MB",
    "loglevel=inf",
    "loglevel=info",
    "pidfile=/tmp/supervisord.pid",
    "pidfile=/run/supervisord.pid",
    "nodaemon=true",
    "nodaemon=yes please",
    "minfds=1024",
    "minfds=65536",
    "minfds=10k",
    "user=root",
    "user=app",
    "user=\"root\"",
    "umask=000",
    "environment=A=\"%%x\",B=\"1\"",
    "environment=SECS=\"5\"",
    "environment=URL=\"http://h/%2F\"",
    "environment=API_TOKEN=\"t0k3n-t0k3n%\"",
    "environment=API_TOKEN=t0k3n-t0k3n%x",
    "childlogdir=/tmp",
    "directory=/",
    "autorestart=true",
    "stdout_logfile=/x",
    "logfile_backup=3",
];

const OTHERS: &[&str] = &[
    "[unix_http_server]\nfile=/tmp/supervisor.sock\nchmod=0777",
    "[unix_http_server]\nfile=/run/supervisor.sock\nchmod=0770",
    "[unix_http_server]\nfile=/run/s.sock\nport=9001",
    "[inet_http_server]\nport=*:9001",
    "[inet_http_server]\nport=9001\nusername=u\npassword=s3cr3t-s3cr3t",
    "[inet_http_server]\nport = 0.0.0.0:9001",
    "[inet_http_server]\nport=127.0.0.1:9001\nusername=u\npassword=\"quoted-pass\"",
    "[inet_http_server]\nport=*:9001\nusername=u\npassword=t0k3n-t0k3n%",
    "[unix_http_server]\nfile=/run/s.sock\nusername=u\npassword=t0k3n-t0k3n;x",
    "[supervisorctl]\nserverurl=unix:///tmp/supervisor.sock",
    "[supervisorctl]\nserverurl=http://localhost:9001",
    "[supervisorctl]",
    "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=x:y",
    "[eventlistener:l]\ncommand=/srv/l\nevents=PROCESS_STATE\nredirect_stderr=true",
    "[eventlistener:l]\ncommand=memmon\nevents=PROCESS_STATE,TICK_5\nbuffer_size=1",
    "[eventlistener:l]\ncommand=/srv/l\nevent=TICK_5",
    "[include]\nfiles = conf.d/*.conf, more/*.conf",
    "[include]\nfiles=\"conf.d/*.conf\"",
    "[include]\nfiles = conf.d/*.conf",
    "[progam:z]\ncommand=/srv/z",
    "[program:y\ncommand=/srv/y",
    "[Program:w]\ncommand=/srv/w\nautostart=maybe",
    "[supervisorctll]\nserverurl=x",
    "[fcgi-program:f]\ncommand=/srv/f\nsocket=tcp://localhost:9000\nstdout_logfile=syslog",
    "[group:g]\nprograms=a,b",
    "[DEFAULT]\nautorestart=true\nuser=www-data",
    "[DEFAULT]\nstdout_logfile=/dev/stdout\nstopasgroup=true",
];

/// How the lines of a file are written.
struct Form {
    indent: &'static str,
    delimiter: &'static str,
    end: &'static str,
    deeper: u64,
}

/// The options that the examples of the rules have, by the section they stand in.
fn examples(section: &str) -> Vec<String> {
    let pages = RULES.iter().filter_map(|check| Page::of(&check.rule));
    let mut found = Vec::new();
    for page in pages {
        let mut own = String::new();
        for line in page.bad.lines() {
            if line.starts_with('[') {
                own = line.trim_start_matches('[').split([':', ']']).next().unwrap_or("").to_owned();
            } else if own == section && line.contains('=') && !line.starts_with([' ', ';', '#']) {
                found.push(line.to_owned());
            }
        }
    }
    found
}

/// The file of a seed.
pub fn file(seed: u64) -> Vec<u8> {
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let form = Form {
        indent: if rng.percent(15) { rng.pick(&["  ", "\t", "    "]) } else { "" },
        delimiter: rng.pick(&["=", "=", "=", " = ", " =", "= ", " : ", ":"]),
        end: if rng.percent(12) { "\r\n" } else { "\n" },
        deeper: if rng.percent(15) { 20 } else { 0 },
    };
    let mut text = String::new();
    if rng.percent(2) {
        text.push('\u{feff}');
    }
    if !rng.percent(8) {
        section(&mut rng, &mut text, "[supervisord]", SUPERVISORD, 4, &form);
    }
    for name in ["a", "b", "c"].iter().take(1 + rng.below(3)) {
        let mut own = String::new();
        section(&mut rng, &mut own, &format!("[program:{name}]"), PROGRAM, 6, &form);
        let command = if rng.percent(20) {
            let examples = examples("program");
            let commands: Vec<&str> = examples.iter().filter_map(|line| line.strip_prefix("command=")).collect();
            rng.pick(&commands).to_owned()
        } else {
            rng.pick(COMMANDS).to_owned()
        };
        if !rng.percent(2) {
            let line = option(&mut rng, &format!("command={command}"), &form);
            let at = own.find(form.end).map_or(own.len(), |at| at + form.end.len());
            own.insert_str(at, &line);
        }
        text.push_str(&own);
    }
    for _ in 0..rng.below(4) {
        let other = rng.pick(OTHERS);
        let mut lines = other.split('\n');
        text.extend([lines.next().unwrap_or(""), form.end]);
        for line in lines {
            text.push_str(&option(&mut rng, line, &form));
        }
        if rng.percent(40) {
            text.push_str(form.end);
        }
    }
    if rng.percent(10) {
        while text.ends_with(['\n', '\r']) {
            text.pop();
        }
    }
    let mut bytes = text.into_bytes();
    if rng.percent(1) {
        bytes.extend_from_slice(b"\n; caf\xe9\n");
    }
    bytes
}

fn section(rng: &mut Rng, text: &mut String, header: &str, pool: &[&str], most: usize, form: &Form) {
    if rng.percent(8) {
        text.extend(["; of this", form.end]);
    }
    text.push_str(header);
    if rng.percent(5) {
        text.push_str(" ; header");
    }
    text.push_str(form.end);
    let kind = header.trim_matches(['[', ']']).split(':').next().unwrap_or("");
    let examples = examples(kind);
    for _ in 0..rng.below(most + 1) {
        let line = if rng.percent(30) && !examples.is_empty() {
            examples[rng.below(examples.len())].clone()
        } else {
            rng.pick(pool).to_owned()
        };
        if line.starts_with("command=") {
            continue;
        }
        text.push_str(&option(rng, &line, form));
        if rng.percent(6) {
            text.extend([if rng.percent(50) { "" } else { "# between" }, form.end]);
        }
    }
    if rng.percent(60) {
        text.push_str(form.end);
    }
}

/// A line as the form has it.
fn option(rng: &mut Rng, line: &str, form: &Form) -> String {
    let mut text = String::from(form.indent);
    if rng.percent(form.deeper) {
        text.push_str(rng.pick(&[" ", "  ", "\t"]));
    }
    match line.split_once('=') {
        Some((key, value)) if !line.starts_with([';', '#', '[']) => {
            if rng.percent(3) {
                text.push_str(&key.to_uppercase());
            } else {
                text.push_str(key.trim());
            }
            text.push_str(form.delimiter);
            text.push_str(&value.trim().replace('\n', form.end));
        }
        _ => text.push_str(line),
    }
    if rng.percent(5) {
        text.push_str(rng.pick(&[" ; note", " # note", "   ", " ;x"]));
    }
    text.push_str(form.end);
    text
}
