//! Programs of the Java virtual machine and of .NET, and the scripts that start them.

use super::By::Program;
use super::Children::{Single, Wrapper};
use super::Effect::Graceful;
use super::Foreground::{Asked, Stays};
use super::Kind::{NotifyIfBuilt, Simple};
use super::Sign::{Flag, Letter, Pair, Word};
use super::Signal::{Int, Term};
use super::{App, By, OpenFiles, Said, StopTime, Unit, command};

const SPRING: &str = "spring-projects/spring-boot#4334";
const SPRING_TIME: &str = "https://docs.spring.io/spring-boot/reference/web/graceful-shutdown.html";
const ELASTICSEARCH: &str = "distribution/packages/src/common/systemd/elasticsearch.service of elasticsearch @0982d047";
const OPENSEARCH: &str = "distribution/packages/src/common/systemd/opensearch.service of OpenSearch @11587def";
const LOGSTASH: &str = "docs/static/shutdown.asciidoc of logstash @1172df69";
const KAFKA: &str = "bin/kafka-server-start.sh of kafka @01c427f5";
const KAFKA_RUN: &str = "bin/kafka-run-class.sh of kafka @0194da29";
const HADOOP_YARN: &str = "bin/yarn of hadoop @02f72d7a, hadoop-functions.sh of hadoop @01bfe6f0 (exec java)";
const HADOOP_COMMANDS: &str = "CommandsManual.md of hadoop @05d7a838 (--daemon mode)";
const ZOOKEEPER: &str = "bin/zkServer.sh of zookeeper @022d308a";
const CATALINA: &str = "bin/catalina.sh of tomcat @01394455";
const STANDALONE: &str = "standalone.sh of wildfly-core @07840b9c";
const HOST_OPTIONS: &str = "HostOptions.cs of dotnet/runtime @d0d6fed6";

const fn hadoop_yarn(command: &'static str) -> By {
    By::Command { program: "yarn", valued: &["--config", "--loglevel", "--daemon"], command }
}

pub(super) static APPS: &[App] = &[
    App {
        name: "java",
        about: "a Java program",
        by: &[Program("java")],
        foreground: said!(Stays { leaves: &[] }, &[SPRING]),
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[SPRING]),
        children: said!(Single, &[SPRING]),
        time: said!(StopTime::Usual(30), &[SPRING_TIME]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        notes: &[Said {
            what: "After TERM it runs its shutdown hooks and exits with 143, which is a clean end.",
            sources: &[ELASTICSEARCH],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "tomcat",
        about: "server for Java applications",
        by: &[Program("catalina.sh")],
        foreground: said!(Asked { leaves: &[Word("start")], unless: &[], write: "catalina.sh run" }, &[CATALINA]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        notes: &[Said { what: "`catalina.sh start` returns at once; `catalina.sh run` stays.", sources: &[CATALINA] }],
        ..App::UNKNOWN
    },
    App {
        name: "wildfly",
        about: "server for Java applications",
        by: &[Program("standalone.sh"), Program("domain.sh")],
        foreground: said!(Stays { leaves: &[] }, &[STANDALONE]),
        children: said!(Wrapper, &[STANDALONE, "Supervisor/supervisor#505"]),
        notes: &[Said {
            what: "With LAUNCH_JBOSS_IN_BACKGROUND=1 in its environment the script stays too, and passes signals on.",
            sources: &[STANDALONE],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "elasticsearch",
        about: "search server",
        by: &[Program("elasticsearch")],
        foreground: said!(
            Stays { leaves: &[Flag("--daemonize"), Letter('d', "qv")] },
            &["https://www.elastic.co/guide/en/elasticsearch/reference/8.19/targz.html"],
        ),
        signals: said!(&[(Term, Graceful)], &[ELASTICSEARCH]),
        children: said!(Single, &[ELASTICSEARCH]),
        time: said!(StopTime::Unbounded("what it has to write: its unit waits without bound"), &[ELASTICSEARCH]),
        files: said!(OpenFiles::Server(65_535), &[ELASTICSEARCH]),
        unit: said!(
            Unit {
                kind: NotifyIfBuilt,
                directives: &[
                    ("KillMode", "process"),
                    ("KillSignal", "SIGTERM"),
                    ("LimitNOFILE", "65535"),
                    ("LimitNPROC", "4096"),
                    ("RuntimeDirectory", "elasticsearch"),
                    ("SendSIGKILL", "no"),
                    ("TimeoutStopSec", "0"),
                ],
            },
            &[ELASTICSEARCH],
        ),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        backend: true,
        notes: &[Said { what: "It notifies systemd only with ES_SD_NOTIFY=true.", sources: &[ELASTICSEARCH] }],
        ..App::UNKNOWN
    },
    App {
        name: "opensearch",
        about: "search server",
        by: &[Program("opensearch")],
        foreground: said!(
            Stays { leaves: &[Flag("--daemonize"), Letter('d', "qv")] },
            &["manuals that start it by hand (opensearch -d -p FILE)"],
        ),
        signals: said!(&[(Term, Graceful)], &[OPENSEARCH]),
        children: said!(Single, &[OPENSEARCH]),
        time: said!(StopTime::Unbounded("what it has to write: its unit waits without bound"), &[OPENSEARCH]),
        files: said!(OpenFiles::Server(65_535), &[OPENSEARCH]),
        unit: said!(
            Unit {
                kind: NotifyIfBuilt,
                directives: &[
                    ("KillMode", "process"),
                    ("KillSignal", "SIGTERM"),
                    ("LimitNOFILE", "65535"),
                    ("LimitNPROC", "4096"),
                    ("RuntimeDirectory", "opensearch"),
                    ("SendSIGKILL", "no"),
                    ("TimeoutStopSec", "0"),
                ],
            },
            &[OPENSEARCH],
        ),
        clean_exits: said!(&[143], &[OPENSEARCH]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "logstash",
        about: "pipeline of events",
        by: &[Program("logstash")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[LOGSTASH]),
        time: said!(StopTime::Unbounded("the events that are on their way"), &[LOGSTASH]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        ..App::UNKNOWN
    },
    App {
        name: "kafka",
        about: "message broker",
        by: &[Program("kafka-server-start.sh"), Program("kafka-server-start")],
        foreground: said!(Stays { leaves: &[Word("-daemon")] }, &[KAFKA, KAFKA_RUN]),
        signals: said!(
            &[(Term, Graceful), (Int, Graceful)],
            &["https://github.com/jaceklaskowski/kafka-notebook/blob/2.4.0/kafka-Kafka.adoc (a shutdown hook)"],
        ),
        children: said!(Single, &[KAFKA, KAFKA_RUN]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "zookeeper",
        about: "coordination service",
        by: &[Program("zookeeper-server-start.sh"), Program("zookeeper-server-start")],
        foreground: said!(Stays { leaves: &[Word("-daemon")] }, &[KAFKA_RUN]),
        children: said!(Single, &[KAFKA_RUN]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "zkServer.sh",
        about: "ZooKeeper's own script",
        by: &[Program("zkServer.sh")],
        foreground: said!(
            Asked { leaves: &[Word("start"), Word("restart")], unless: &[], write: "zkServer.sh start-foreground" },
            &[ZOOKEEPER],
        ),
        children: said!(Single, &[ZOOKEEPER]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "yarn of Hadoop",
        about: "starts the services of Hadoop's YARN",
        by: &[
            hadoop_yarn("resourcemanager"),
            hadoop_yarn("nodemanager"),
            hadoop_yarn("timelineserver"),
            hadoop_yarn("timelinereader"),
            hadoop_yarn("historyserver"),
            hadoop_yarn("proxyserver"),
            hadoop_yarn("router"),
            hadoop_yarn("sharedcachemanager"),
            hadoop_yarn("registrydns"),
        ],
        foreground: said!(Stays { leaves: &[Pair("--daemon", "start")] }, &[HADOOP_COMMANDS]),
        children: said!(Single, &[HADOOP_YARN]),
        clean_exits: said!(&[143], &[ELASTICSEARCH]),
        ..App::UNKNOWN
    },
    App {
        name: "dotnet",
        about: "a .NET program",
        by: &[command("dotnet", "run"), Program("dotnet")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[HOST_OPTIONS]),
        children: said!(Single, &[HOST_OPTIONS]),
        time: said!(StopTime::Setting("HostOptions.ShutdownTimeout", 30), &[HOST_OPTIONS]),
        unit: said!(
            Unit { kind: NotifyIfBuilt, directives: &[] },
            &["SystemdLifetime.cs of dotnet/extensions @531db4e3"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "beats",
        about: "Elastic's shippers of logs and metrics",
        by: &[
            Program("filebeat"),
            Program("metricbeat"),
            Program("packetbeat"),
            Program("heartbeat"),
            Program("auditbeat"),
        ],
        unit: said!(
            Unit { kind: Simple, directives: &[] },
            &["dev-tools/packaging/templates/linux/systemd.unit.tmpl of beats @0ce0f6ed"],
        ),
        ..App::UNKNOWN
    },
];
