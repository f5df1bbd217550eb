//! Servers that are one program each, mostly written in Go.

use super::By::Program;
use super::Children::Single;
use super::Effect::Graceful;
use super::Foreground::Asked;
use super::Kind::{NotifyIfBuilt, Simple};
use super::Sign::Word;
use super::Signal::{Int, Term};
use super::{App, OpenFiles, Said, StopTime, Unit, command};

const CADDY: &str = "init/caddy.service of caddyserver/dist @06e1b6ab";
const CONSUL: &str = ".release/linux/package/usr/lib/systemd/system/consul.service of consul @3fd4bc05";
const CONSUL_LEAVE: &str = "hashicorp/consul commit 55ef6c54";
const NOMAD: &str = ".release/linux/package/usr/lib/systemd/system/nomad.service of nomad @7b3b621e";
const VAULT: &str = ".release/linux/package/usr/lib/systemd/system/vault.service of vault @443eb65c";
const MINIO: &str = "linux-systemd/minio.service of minio-service @10e52dfb";
const GRAFANA: &str = "packaging/deb/systemd/grafana-server.service of grafana @0471472a";
const TRAEFIK: &str = "contrib/systemd/traefik.service of traefik @10e223ed";

pub(super) static APPS: &[App] = &[
    App {
        name: "caddy",
        about: "web server",
        by: &[Program("caddy")],
        foreground: said!(
            Asked { leaves: &[Word("start")], unless: &[], write: "caddy run" },
            &["https://caddyserver.com/docs/command-line", CADDY],
        ),
        children: said!(Single, &[CADDY]),
        time: said!(StopTime::Usual(5), &[CADDY]),
        files: said!(OpenFiles::Usual(1_048_576), &[CADDY]),
        unit: said!(
            Unit {
                kind: Simple,
                directives: &[("LimitNOFILE", "1048576"), ("LimitNPROC", "512"), ("TimeoutStopSec", "5s")],
            },
            &[CADDY],
        ),
        home: said!(
            "~/.local/share/caddy: its certificates",
            &["https://caddyserver.com/docs/conventions#data-directory"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "traefik",
        about: "proxy",
        by: &[Program("traefik")],
        unit: said!(Unit { kind: Simple, directives: &[] }, &[TRAEFIK]),
        ..App::UNKNOWN
    },
    App {
        name: "consul",
        about: "registry of services",
        by: &[command("consul", "agent")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[CONSUL, CONSUL_LEAVE]),
        children: said!(Single, &[CONSUL]),
        files: said!(OpenFiles::Usual(65_536), &[CONSUL]),
        unit: said!(
            Unit {
                kind: NotifyIfBuilt,
                directives: &[("KillMode", "process"), ("KillSignal", "SIGTERM"), ("LimitNOFILE", "65536")],
            },
            &[CONSUL],
        ),
        notes: &[Said {
            what: "A client leaves its cluster on TERM and on INT; a server does on neither, unless told.",
            sources: &[CONSUL_LEAVE],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "nomad",
        about: "scheduler of jobs",
        by: &[command("nomad", "agent")],
        signals: said!(&[(Int, Graceful), (Term, Graceful)], &[NOMAD]),
        children: said!(super::Children::LiveOn, &[NOMAD]),
        files: said!(OpenFiles::Usual(65_536), &[NOMAD, "hashicorp/terraform-aws-nomad#55"]),
        unit: said!(
            Unit {
                kind: Simple,
                directives: &[
                    ("KillMode", "process"),
                    ("KillSignal", "SIGINT"),
                    ("LimitNOFILE", "65536"),
                    ("LimitNPROC", "infinity"),
                    ("TasksMax", "infinity"),
                ],
            },
            &[NOMAD],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "vault",
        about: "store of secrets",
        by: &[command("vault", "server"), command("vault", "agent")],
        signals: said!(&[(Int, Graceful), (Term, Graceful)], &[VAULT]),
        children: said!(Single, &[VAULT]),
        time: said!(StopTime::Usual(30), &[VAULT]),
        files: said!(OpenFiles::Usual(65_536), &[VAULT]),
        unit: said!(
            Unit {
                kind: Simple,
                directives: &[
                    ("KillMode", "process"),
                    ("KillSignal", "SIGINT"),
                    ("LimitNOFILE", "65536"),
                    ("LimitMEMLOCK", "infinity"),
                    ("TimeoutStopSec", "30"),
                ],
            },
            &[VAULT],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "minio",
        about: "object storage",
        by: &[command("minio", "server")],
        signals: said!(&[(Term, Graceful)], &[MINIO]),
        children: said!(Single, &[MINIO]),
        files: said!(OpenFiles::Usual(65_536), &[MINIO]),
        unit: said!(
            Unit {
                kind: Simple,
                directives: &[
                    ("KillSignal", "SIGTERM"),
                    ("LimitNOFILE", "65536"),
                    ("SendSIGKILL", "no"),
                    ("TimeoutStopSec", "0"),
                ],
            },
            &[MINIO],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "grafana",
        about: "dashboards",
        by: &[Program("grafana-server"), command("grafana", "server")],
        children: said!(Single, &[GRAFANA]),
        time: said!(StopTime::Usual(20), &[GRAFANA]),
        files: said!(OpenFiles::Usual(10_000), &[GRAFANA]),
        unit: said!(
            Unit { kind: Simple, directives: &[("LimitNOFILE", "10000"), ("TimeoutStopSec", "20"), ("UMask", "0027")] },
            &[GRAFANA],
        ),
        ..App::UNKNOWN
    },
];
