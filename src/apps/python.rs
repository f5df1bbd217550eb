//! What Python programs are run by: application servers, queues of tasks, Python itself.

use super::By::Program;
use super::Children::{Single, Tasks, Workers, Wrapper};
use super::Effect::{Graceful, Quick, Reloads, Reopens};
use super::Foreground::{Asked, Leaves, Stays};
use super::Kind::{Notify, NotifySince, Simple};
use super::Sign::{Flag, Letter, Pair, Value, Word};
use super::Signal::{Hup, Int, Quit, Term, Usr1};
use super::{Account, App, By, Ends, OpenFiles, Said, StopTime, Unit, When, command};

const GUNICORN_SIGNALS: &str = "docs/source/signals.rst of gunicorn @0d5e9bfe";
const GUNICORN_CONFIG: &str = "gunicorn/config.py of gunicorn 20.1.0";
const GUNICORN_ARBITER: &str = "gunicorn/arbiter.py of gunicorn 20.1.0";
const UWSGI_SIGNALS: &str = "Management.rst of uwsgi-docs @1244ba74";
const UWSGI_SYSTEMD: &str = "Systemd.rst of uwsgi-docs @20ecd37b";
const UWSGI: &str = "uwsgi(1), uWSGI 2.0.21";
const UVICORN: &str = "docs/deployment.md of uvicorn @0006fa65";
const HYPERCORN: &str = "docs/how_to_guides/configuring.rst of hypercorn @0445ea6b";
const CELERY: &str = "docs/userguide/workers.rst of celery @00a37215";
const CELERY_CONF: &str = "extra/supervisord/celeryd.conf of celery @0ab27e99";
const CELERY_CLI: &str = "https://docs.celeryq.dev/en/4.4.0/_modules/celery/bin/celery.html";
const CELERY_BEAT: &str = "https://docs.celeryq.dev/en/v4.2.0/_modules/celery/bin/beat.html";
const RQ: &str = "docs/docs/workers.md of rq @044a5367";
const DRAMATIQ: &str = "docs/source/advanced.rst of dramatiq @0048b20e";
const HUEY: &str = "huey/consumer.py of huey @00c33127";
const DJANGO_Q: &str = "docs/cluster.rst of django-q @0d1f1064";
const AIRFLOW: &str = "scripts/systemd/airflow-worker.service of airflow @90731bc6";
const AIRFLOW_CLI: &str = "https://airflow.apache.org/docs/apache-airflow-providers-celery/3.12.1/cli-ref.html";
const RUNSERVER: &str = "codigofonte.org/?p=8935";

/// Flags of celery that may stand before its command and take a value.
const CELERY_VALUED: &[&str] = &[
    "-A",
    "--app",
    "-b",
    "--broker",
    "--result-backend",
    "--loader",
    "--config",
    "--workdir",
    "-P",
    "--pool",
    "-l",
    "--loglevel",
    "-c",
    "--concurrency",
    "-Q",
    "--queues",
    "-n",
    "--hostname",
];

const fn celery(command: &'static str) -> By {
    By::Command { program: "celery", valued: CELERY_VALUED, command }
}

pub(super) static APPS: &[App] = &[
    App {
        name: "gunicorn",
        about: "server for WSGI applications",
        by: &[Program("gunicorn"), Program("gunicorn_django"), Program("gunicorn_paster")],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('D', "")] }, &[GUNICORN_CONFIG]),
        signals: said!(
            &[(Term, Graceful), (Quit, Quick), (Int, Quick), (Hup, Reloads), (Usr1, Reopens)],
            &[GUNICORN_SIGNALS, "benoitc/gunicorn#745"],
        ),
        children: said!(Workers, &[GUNICORN_SIGNALS, "frappe/agent#65"]),
        time: said!(
            StopTime::Flag { flags: &["--graceful-timeout"], default: Some(30), milliseconds: false },
            &[GUNICORN_CONFIG],
        ),
        files: said!(OpenFiles::Grows("workers and their connections"), &[GUNICORN_CONFIG]),
        // 19.10.0 has no line of it.
        unit: said!(
            Unit { kind: NotifySince("20.0"), directives: &[] },
            &["gunicorn/systemd.py of gunicorn 20.0.0 (sd_notify)", GUNICORN_ARBITER],
        ),
        account: said!(Account::DropsWith(&["--user", "-u"]), &[GUNICORN_CONFIG]),
        notes: &[Said {
            what: "`-b` is an address and `-d` nothing; only `-D` and `--daemon` send it to the background.",
            sources: &[GUNICORN_CONFIG],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "uwsgi",
        about: "server for WSGI applications and others",
        by: &[Program("uwsgi"), Program("uwsgi-core"), Program("uwsgi_python3"), Program("uwsgi_python")],
        foreground: said!(
            Stays { leaves: &[Value("--daemonize"), Value("--daemonize2"), Value("-d")] },
            &[UWSGI, UWSGI_SYSTEMD],
        ),
        // INT ends it with and without die-on-term, which may stand in its own configuration.
        signals: said!(&[(Int, Quick), (Quit, Quick), (Term, Reloads)], &[UWSGI_SIGNALS, UWSGI_SYSTEMD]),
        signals_with: &[When {
            with: &[Flag("--die-on-term")],
            then: &[(Term, Quick), (Int, Quick), (Quit, Reloads)],
            sources: &["core/master.c of uwsgi", "netbox-community/netbox#16043"],
        }],
        children: said!(Workers, &[UWSGI_SYSTEMD]),
        workers_end: &["run with uWSGI 2.0.30: within 4 s of SIGKILL"],
        unit: said!(
            Unit { kind: Notify(&[]), directives: &[("KillSignal", "SIGQUIT"), ("NotifyAccess", "all")] },
            &[UWSGI_SYSTEMD],
        ),
        account: said!(Account::DropsWith(&["--uid", "--immediate-uid"]), &[UWSGI]),
        notes: &[
            Said {
                what: "On TERM it loads everything again, so that supervisord waits stopwaitsecs and then sends KILL.",
                sources: &[UWSGI_SIGNALS, "chop-dbhi/varify#190"],
            },
            Said {
                what: "QUIT and INT cut running requests off; `hook-master-start = unix_signal:15 gracefully_kill_them_all` lets TERM wait for them.",
                sources: &[UWSGI_SIGNALS, "tiangolo/uwsgi-nginx-docker#30"],
            },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "uvicorn",
        about: "server for ASGI applications",
        by: &[Program("uvicorn")],
        foreground: said!(Stays { leaves: &[] }, &[UVICORN]),
        children: said!(Single, &[UVICORN]),
        children_with: &[
            When { with: &[Flag("--reload")], then: Wrapper, sources: &[UVICORN] },
            // Of one it is the server itself (`uvicorn/main.py`: `workers > 1`).
            When { with: &[Pair("--workers", "1")], then: Single, sources: &[UVICORN] },
            When { with: &[Value("--workers")], then: Workers, sources: &[UVICORN] },
        ],
        time: said!(
            StopTime::Flag { flags: &["--timeout-graceful-shutdown"], default: None, milliseconds: false },
            &["https://www.uvicorn.org/settings/#timeouts"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "hypercorn",
        about: "server for ASGI applications",
        by: &[Program("hypercorn")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[HYPERCORN]),
        children: said!(Workers, &[HYPERCORN]),
        time: said!(
            StopTime::Flag { flags: &["--graceful-timeout"], default: Some(3), milliseconds: false },
            &[HYPERCORN],
        ),
        notes: &[Said { what: "`-u` is the owner of its socket, not its account.", sources: &[HYPERCORN] }],
        ..App::UNKNOWN
    },
    App {
        name: "celery worker",
        about: "workers for Celery's tasks",
        by: &[celery("worker"), Program("celeryd"), command("manage.py", "celery"), command("manage.py", "celeryd")],
        foreground: said!(Stays { leaves: &[Flag("--detach"), Letter('D', "")] }, &[CELERY_CLI]),
        signals: said!(&[(Term, Graceful), (Int, Graceful), (Quit, Quick)], &[CELERY]),
        children: said!(Tasks, &["celery/celery#2700", "celery/celery#6541"]),
        children_with: &[When {
            with: &[
                Pair("--pool", "solo"),
                Pair("--pool", "threads"),
                Pair("--pool", "gevent"),
                Pair("--pool", "eventlet"),
                Pair("-P", "solo"),
                Pair("-P", "threads"),
                Pair("-P", "gevent"),
                Pair("-P", "eventlet"),
            ],
            then: Single,
            sources: &[CELERY],
        }],
        time: said!(StopTime::Task, &[CELERY, CELERY_CONF]),
        files: said!(OpenFiles::Grows("two to four pipes for each child"), &["celery/celery#2700"]),
        account: said!(Account::DropsWith(&["--uid"]), &[CELERY_CLI]),
        notes: &[
            Said { what: "Celery's own sample has stopwaitsecs=600 and killasgroup=true.", sources: &[CELERY_CONF] },
            Said { what: "A % in its command has to be written %%, as in `-n worker@%%h`.", sources: &[CELERY] },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "carbon",
        about: "Graphite's receiver of metrics",
        by: &[
            Program("carbon-cache.py"),
            Program("carbon-cache"),
            Program("carbon-relay.py"),
            Program("carbon-relay"),
            Program("carbon-aggregator.py"),
            Program("carbon-aggregator"),
        ],
        // Its lines reach stdout one by one (stdout_observer() in lib/carbon/log.py).
        foreground: said!(
            Leaves {
                stays: &[Word("--nodaemon"), Word("--debug")],
                write: "carbon-cache.py --nodaemon start",
                or: None
            },
            &["run_twistd_plugin() in lib/carbon/util.py of carbon @00b5b881"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "celery multi",
        about: "starts Celery workers in the background",
        by: &[celery("multi")],
        foreground: said!(
            Asked { leaves: &[Word("multi")], unless: &[], write: "celery -A APP worker" },
            &["docs/userguide/workers.rst of celery @00a37215", "extra/systemd/celery.service of celery @0199069e"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "celery beat",
        about: "sends Celery's periodic tasks",
        by: &[celery("beat"), Program("celerybeat"), command("manage.py", "celerybeat")],
        foreground: said!(Stays { leaves: &[Flag("--detach")] }, &[CELERY_BEAT]),
        children: said!(Single, &[CELERY_BEAT]),
        ..App::UNKNOWN
    },
    App {
        name: "celery flower",
        about: "shows Celery's workers",
        by: &[celery("flower"), Program("flower")],
        ..App::UNKNOWN
    },
    App {
        name: "rq worker",
        about: "worker for jobs in Redis",
        by: &[command("rq", "worker"), Program("rqworker"), command("manage.py", "rqworker")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[RQ]),
        children: said!(Tasks, &[RQ, "rq/rq#586"]),
        time: said!(StopTime::Usual(180), &["rq/queue.py of rq (DEFAULT_TIMEOUT)", "rq/rq#586"]),
        ends: said!(
            Ends::With(&[Flag("--burst"), Letter('b', ""), Value("--max-jobs"), Value("--max-idle-time")]),
            &[RQ],
        ),
        notes: &[Said { what: "A second TERM kills the job that runs.", sources: &[RQ] }],
        ..App::UNKNOWN
    },
    App {
        name: "dramatiq",
        about: "workers for Dramatiq's messages",
        by: &[Program("dramatiq"), Program("dramatiq-gevent"), command("manage.py", "rundramatiq")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[DRAMATIQ]),
        children: said!(Tasks, &[DRAMATIQ]),
        time: said!(
            StopTime::Flag { flags: &["--worker-shutdown-timeout"], default: Some(600), milliseconds: true },
            &["dramatiq/cli.py of dramatiq (default=600000)"],
        ),
        notes: &[Said { what: "A second TERM kills its workers at once.", sources: &[DRAMATIQ] }],
        ..App::UNKNOWN
    },
    App {
        name: "huey",
        about: "consumer of Huey's tasks",
        by: &[Program("huey_consumer.py"), Program("huey_consumer"), command("manage.py", "run_huey")],
        signals: said!(&[(Int, Graceful), (Term, Quick)], &[HUEY]),
        children: said!(Single, &["docs/consumer.rst of huey @013ca28a"]),
        children_with: &[When {
            with: &[Pair("-k", "process"), Pair("--worker-type", "process")],
            then: Tasks,
            sources: &[HUEY],
        }],
        time: said!(StopTime::Task, &[HUEY]),
        notes: &[Said {
            what: "A shell script around it takes the signals of supervisord: run the consumer itself.",
            sources: &["docs/consumer.rst of huey @013ca28a", "coleifer/huey#88"],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "django-q",
        about: "cluster of workers for Django",
        by: &[command("manage.py", "qcluster")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[DJANGO_Q]),
        children: said!(Tasks, &[DJANGO_Q, "Koed00/django-q#196"]),
        time: said!(StopTime::Task, &[DJANGO_Q]),
        ..App::UNKNOWN
    },
    App {
        name: "airflow",
        about: "runs workflows: scheduler, web server, triggerer",
        by: &[
            command("airflow", "scheduler"),
            command("airflow", "webserver"),
            command("airflow", "triggerer"),
            command("airflow", "api-server"),
            command("airflow", "dag-processor"),
            command("airflow", "celery"),
            command("airflow", "worker"),
        ],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('D', "")] }, &[AIRFLOW_CLI]),
        children: said!(Workers, &["apache/airflow#852"]),
        unit: said!(Unit { kind: Simple, directives: &[] }, &[AIRFLOW]),
        home: said!("~/airflow, unless AIRFLOW_HOME is set", &["apache/airflow#855"]),
        ..App::UNKNOWN
    },
    App {
        name: "manage.py runserver",
        about: "Django's server for development",
        by: &[
            command("manage.py", "runserver"),
            command("manage.py", "runserver_plus"),
            command("django-admin", "runserver"),
        ],
        children: said!(Wrapper, &[RUNSERVER]),
        children_with: &[When { with: &[Flag("--noreload")], then: Single, sources: &[RUNSERVER] }],
        ..App::UNKNOWN
    },
    App {
        name: "flask run",
        about: "Flask's server for development",
        by: &[By::Command { program: "flask", valued: &["--app", "-A", "-e", "--env-file"], command: "run" }],
        children: said!(Single, &["https://flask.palletsprojects.com/en/stable/server/"]),
        children_with: &[When {
            with: &[Flag("--reload"), Flag("--debug")],
            then: Wrapper,
            sources: &["https://flask.palletsprojects.com/en/stable/server/"],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "python",
        about: "a Python script",
        by: &[Program("python"), Program("pypy")],
        signals: said!(
            &[(Term, Quick), (Int, Quick)],
            &["https://docs.python.org/3/library/signal.html (INT is KeyboardInterrupt)"],
        ),
        notes: &[Said {
            what: "Python handles INT only; on any other signal it ends at once, unless the script has a handler.",
            sources: &["https://docs.python.org/3/library/signal.html"],
        }],
        ..App::UNKNOWN
    },
];
