//! Databases, caches and brokers: servers that other programs wait for.

use super::By::Program;
use super::Children::{Apart, Single, Workers, Wrapper};
use super::Effect::{Closes, Crash, Graceful, Ignored, Waits};
use super::Foreground::{Asked, Stays};
use super::Kind::{Notify, NotifyIfBuilt, Simple};
use super::Sign::{Flag, Letter, Pair, Word};
use super::Signal::{Int, Quit, Term};
use super::{Account, App, By, OpenFiles, Said, StopTime, Unit};

const REDIS: &str = "utils/systemd-redis_server.service of redis @244ba84b";
const REDIS_CONF: &str = "redis.conf of Debian's redis-server 7.0.15";
const MEMCACHED: &str = "memcached(1), memcached 1.6.18";
const POSTGRES: &str = "https://www.postgresql.org/docs/15/server-shutdown.html";
const POSTGRES_SIGNAL: &str = "docker-library/postgres#763";
const POSTGRES_DOCKER: &str = "Dockerfile-debian.template of docker-library/postgres @018d576b";
const POSTGRES_UNIT: &str = "theforeman/foremanctl#775 (postgresql.service of Red Hat)";
const PATRONI: &str = "extras/startup-scripts/patroni.service of patroni @0f4ede9f";
const MARIADB: &str = "support-files/mariadb.service.in of MariaDB @021b16bb";
const SAFE: &str = "/usr/bin/mariadbd-safe of Debian's mariadb-server 10.11.14";
const SAFE_MAN: &str = "mariadbd-safe(1), MariaDB 10.11.14";
const MONGO: &str = "rpm/mongod.service of mongo @00aed802";
const CLICKHOUSE: &str = "packages/clickhouse-server.service of ClickHouse @0e894a48";
const RABBIT: &str = "docs/rabbitmq-server.service.example of rabbitmq-server @1c3dc8d3";
const RABBIT_LIMITS: &str = "rabbitmq-server.service of Debian's rabbitmq-server 3.10.8";
const RABBIT_SCRIPT: &str = "packaging/common/rabbitmq-script-wrapper of rabbitmq-server @0118aec4";
const GEARMAND: &str = "gearmand(8), Gearman 1.1.20";
const BEANSTALKD: &str = "beanstalkd(1), beanstalkd 1.12";
const NSQD: &str = "apps/nsqd/main.go of nsq @23cde938";

pub(super) static APPS: &[App] = &[
    App {
        name: "redis-server",
        about: "database in memory",
        by: &[Program("redis-server"), Program("valkey-server"), Program("keydb-server")],
        foreground: said!(Stays { leaves: &[Pair("--daemonize", "yes")] }, &[REDIS]),
        signals: said!(
            &[(Term, Graceful), (Int, Graceful)],
            &["https://redis.io/docs/latest/operate/oss_and_stack/reference/signals/"],
        ),
        children: said!(Single, &[REDIS]),
        time: said!(StopTime::Unbounded("what it has to save: its unit waits without bound"), &[REDIS]),
        files: said!(OpenFiles::Raises(10_032), &[REDIS, "adjustOpenFilesLimit in src/server.c of redis"]),
        unit: said!(
            Unit {
                kind: Notify(&[Pair("--supervised", "systemd")]),
                directives: &[("LimitNOFILE", "10032"), ("TimeoutStopSec", "infinity"), ("UMask", "0077")],
            },
            &[REDIS],
        ),
        backend: true,
        notes: &[Said {
            what: "Debian's redis.conf has `daemonize yes`: add `--daemonize no` to a command that names that file.",
            sources: &[REDIS_CONF],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "memcached",
        about: "cache in memory",
        by: &[Program("memcached")],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('d', "vkMrCLF")] }, &[MEMCACHED]),
        children: said!(Single, &[MEMCACHED]),
        files: said!(OpenFiles::Grows("its connections, `-c`"), &[MEMCACHED]),
        account: said!(Account::DropsWith(&["--user", "-u"]), &[MEMCACHED]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "postgres",
        about: "PostgreSQL",
        by: &[Program("postgres"), Program("postmaster")],
        foreground: said!(Stays { leaves: &[] }, &[POSTGRES]),
        signals: said!(&[(Int, Closes), (Term, Waits), (Quit, Crash)], &[POSTGRES, POSTGRES_SIGNAL]),
        // Run with PostgreSQL 15: after a SIGKILL to the group of the main process only a query that never waits went on.
        children: said!(
            Apart,
            &["InitPostmasterChild() (setsid) in src/backend/utils/init/miscinit.c of postgres", POSTGRES]
        ),
        time: said!(StopTime::Usual(90), &[POSTGRES_DOCKER]),
        unit: said!(
            Unit { kind: NotifyIfBuilt, directives: &[("KillMode", "mixed"), ("KillSignal", "SIGINT")] },
            &[POSTGRES_UNIT, "https://git.postgresql.org/pg/commitdiff/7d17e683fcc28a1b371c7dd02935728cd2cbf9bf"],
        ),
        backend: true,
        notes: &[
            Said { what: "`-D` is its directory.", sources: &["postgres(1), PostgreSQL 15"] },
            Said {
                what: "After TERM, unlike INT, one idle client is enough for a KILL.",
                sources: &[POSTGRES, POSTGRES_UNIT],
            },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "pg_ctl",
        about: "starts PostgreSQL in the background",
        by: &[
            By::Command {
                program: "pg_ctl",
                valued: &["-D", "--pgdata", "-l", "--log", "-o", "--options", "-t", "--timeout"],
                command: "start",
            },
            Program("pg_ctlcluster"),
        ],
        foreground: said!(
            Asked { leaves: &[Word("start")], unless: &[Word("--foreground")], write: "postgres -D DIRECTORY" },
            &["pg_ctl(1), PostgreSQL 9.6", "pg_ctlcluster(1), postgresql-common 248"],
        ),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "patroni",
        about: "keeps a cluster of PostgreSQL",
        by: &[Program("patroni"), Program("patroni.py")],
        children: said!(Workers, &[PATRONI]),
        time: said!(StopTime::Usual(30), &[PATRONI]),
        unit: said!(Unit { kind: Simple, directives: &[("KillMode", "process"), ("TimeoutSec", "30")] }, &[PATRONI]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "mysqld",
        about: "MySQL or MariaDB",
        by: &[Program("mysqld"), Program("mariadbd")],
        foreground: said!(
            Stays { leaves: &[Flag("--daemonize"), Letter('D', "")] },
            &["https://dev.mysql.com/doc/refman/8.0/en/server-options.html#option_mysqld_daemonize"],
        ),
        signals: said!(&[(Term, Graceful)], &[MARIADB]),
        children: said!(Single, &[MARIADB]),
        time: said!(StopTime::Usual(900), &[MARIADB, "mattrayner/docker-lamp#95"]),
        files: said!(OpenFiles::Server(32_768), &[MARIADB]),
        unit: said!(
            Unit {
                kind: Notify(&[]),
                directives: &[
                    ("KillSignal", "SIGTERM"),
                    ("LimitNOFILE", "32768"),
                    ("SendSIGKILL", "no"),
                    ("TimeoutStopSec", "900"),
                    ("UMask", "007"),
                ],
            },
            &[MARIADB],
        ),
        account: said!(
            Account::Drops {
                how: "it switches to `user` of my.cnf, or refuses to start as root",
                unless: &[Pair("--user", "root"), Pair("-u", "root")],
            },
            &[SAFE_MAN, "https://dev.mysql.com/doc/refman/8.0/en/changing-mysql-user.html"],
        ),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "mysqld_safe",
        about: "a script that starts mysqld and watches it",
        by: &[Program("mysqld_safe"), Program("mariadbd-safe")],
        foreground: said!(Stays { leaves: &[] }, &[SAFE]),
        signals: said!(&[(Term, Ignored), (Int, Ignored), (Quit, Ignored)], &[SAFE]),
        children: said!(Wrapper, &[SAFE, "mattrayner/docker-lamp#95"]),
        account: said!(
            Account::Drops {
                how: "it starts mysqld as the account of `--user`, mysql by default",
                unless: &[Pair("--user", "root")],
            },
            &[SAFE_MAN, SAFE],
        ),
        backend: true,
        notes: &[Said {
            what: "It ignores INT, QUIT and TERM, so that a stop ends in KILL and mysqld goes on: run mysqld itself.",
            sources: &[SAFE, "mattrayner/docker-lamp#95"],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "mongod",
        about: "MongoDB",
        by: &[Program("mongod"), Program("mongos")],
        foreground: said!(
            Stays { leaves: &[Flag("--fork")] },
            &["https://www.mongodb.com/docs/manual/reference/program/mongod/"],
        ),
        children: said!(Single, &[MONGO]),
        files: said!(OpenFiles::Server(64_000), &[MONGO]),
        unit: said!(
            Unit {
                kind: Simple,
                directives: &[("LimitNOFILE", "64000"), ("LimitNPROC", "64000"), ("TasksMax", "infinity")],
            },
            &[MONGO],
        ),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "clickhouse-server",
        about: "database for analysis",
        by: &[Program("clickhouse-server")],
        files: said!(OpenFiles::Server(500_000), &[CLICKHOUSE]),
        unit: said!(
            Unit { kind: Simple, directives: &[("LimitNOFILE", "500000"), ("RuntimeDirectory", "clickhouse-server")] },
            &[CLICKHOUSE],
        ),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "rabbitmq-server",
        about: "message broker",
        by: &[Program("rabbitmq-server")],
        foreground: said!(
            Stays { leaves: &[Word("-detached")] },
            &["https://www.rabbitmq.com/docs/man/rabbitmq-server.8"],
        ),
        files: said!(OpenFiles::Server(65_536), &[RABBIT_LIMITS]),
        unit: said!(
            Unit {
                kind: NotifyIfBuilt,
                directives: &[("LimitNOFILE", "65536"), ("NotifyAccess", "all"), ("TimeoutStartSec", "600")],
            },
            &[RABBIT_LIMITS, RABBIT],
        ),
        account: said!(
            Account::Drops { how: "the script of the package runs it as the account rabbitmq", unless: &[] },
            &[RABBIT_SCRIPT],
        ),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "gearmand",
        about: "job server",
        by: &[Program("gearmand")],
        foreground: said!(
            Stays { leaves: &[Flag("--daemon"), Letter('d', "")] },
            &[GEARMAND, "Supervisor/supervisor#891"],
        ),
        account: said!(Account::DropsWith(&["--user", "-u"]), &[GEARMAND]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "beanstalkd",
        about: "job queue",
        by: &[Program("beanstalkd")],
        foreground: said!(Stays { leaves: &[] }, &[BEANSTALKD]),
        account: said!(Account::DropsWith(&["-u"]), &[BEANSTALKD]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "nsqd",
        about: "message queue",
        by: &[Program("nsqd"), Program("nsqlookupd")],
        foreground: said!(Stays { leaves: &[] }, &[NSQD]),
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[NSQD]),
        children: said!(Single, &[NSQD]),
        backend: true,
        ..App::UNKNOWN
    },
];
