//! Containers: what runs them, and what starts them.

use super::Account::Needs;
use super::By::Program;
use super::Children::LiveOn;
use super::Foreground::Starts;
use super::Kind::{NotifyIfBuilt, Simple};
use super::Sign::{Flag, Letter};
use super::{App, By, OpenFiles, Said, Unit};

const DOCKER: &str = "contrib/init/systemd/docker.service of moby @009639e0";
const CONTAINERD: &str = "containerd.service of containerd @166f1ad0";
const RUN: &str = "https://docs.docker.com/reference/cli/docker/container/run/";
const EXEC: &str = "https://docs.docker.com/reference/cli/docker/container/exec/";
const COMPOSE: &str = "https://docs.docker.com/reference/cli/docker/compose/up/";

/// Flags of docker that may stand before its command and take a value.
const DOCKER_VALUED: &[&str] = &["-H", "--host", "-c", "--context", "--config", "-l", "--log-level"];

const fn docker(program: &'static str, command: &'static str) -> By {
    By::Command { program, valued: DOCKER_VALUED, command }
}

/// Flags of docker-compose that may stand before its command and take a value.
const fn compose(command: &'static str) -> By {
    By::Command {
        program: "docker-compose",
        valued: &["-f", "--file", "-p", "--project-name", "--env-file", "--project-directory", "--profile"],
        command,
    }
}

pub(super) static APPS: &[App] = &[
    App {
        name: "dockerd",
        about: "Docker's daemon",
        by: &[Program("dockerd")],
        children: said!(LiveOn, &[DOCKER]),
        files: said!(OpenFiles::Usual(1_048_576), &[CONTAINERD]),
        unit: said!(
            Unit {
                kind: NotifyIfBuilt,
                directives: &[
                    ("Delegate", "yes"),
                    ("KillMode", "process"),
                    ("LimitNOFILE", "infinity"),
                    ("LimitNPROC", "infinity"),
                    ("OOMScoreAdjust", "-500"),
                    ("TasksMax", "infinity"),
                ],
            },
            &[DOCKER],
        ),
        account: said!(Needs("it makes containers"), &[DOCKER]),
        ..App::UNKNOWN
    },
    App {
        name: "containerd",
        about: "runs containers",
        by: &[Program("containerd")],
        children: said!(LiveOn, &[CONTAINERD]),
        files: said!(OpenFiles::Usual(1_048_576), &[CONTAINERD]),
        unit: said!(
            Unit {
                kind: Simple,
                directives: &[
                    ("Delegate", "yes"),
                    ("KillMode", "process"),
                    ("LimitNOFILE", "1048576"),
                    ("LimitNPROC", "infinity"),
                    ("TasksMax", "infinity"),
                ],
            },
            &[CONTAINERD],
        ),
        account: said!(Needs("it makes containers"), &[CONTAINERD]),
        ..App::UNKNOWN
    },
    App {
        name: "docker run",
        about: "a container",
        by: &[docker("docker", "run"), docker("podman", "run")],
        foreground: said!(Starts { with: &[Flag("--detach"), Letter('d', "itP")], unless: &[] }, &[RUN]),
        children: said!(LiveOn, &[RUN]),
        notes: &[Said {
            what: "The container is not its child: after a KILL it goes on. Write `--rm` and `--name`.",
            sources: &[RUN],
        }],
        home: said!("~/.docker", &["https://docs.docker.com/reference/cli/docker/#configuration-files"]),
        ..App::UNKNOWN
    },
    App {
        name: "docker compose",
        about: "several containers",
        by: &[docker("docker", "compose"), compose("up")],
        foreground: said!(Starts { with: &[Flag("--detach"), Letter('d', "")], unless: &[] }, &[COMPOSE]),
        children: said!(LiveOn, &[COMPOSE]),
        home: said!("~/.docker", &["https://docs.docker.com/reference/cli/docker/#configuration-files"]),
        ..App::UNKNOWN
    },
    App {
        name: "docker start",
        about: "a container that is there already",
        by: &[docker("docker", "start"), docker("podman", "start")],
        // With -a or -i it stays at the container's output.
        foreground: said!(
            Starts {
                with: &[],
                unless: &[Flag("--attach"), Letter('a', "i"), Flag("--interactive"), Letter('i', "a")],
            },
            &["https://docs.docker.com/reference/cli/docker/container/start/"],
        ),
        children: said!(LiveOn, &["https://docs.docker.com/reference/cli/docker/container/start/"]),
        ..App::UNKNOWN
    },
    App {
        name: "docker exec",
        about: "a program in a container that runs",
        by: &[docker("docker", "exec"), docker("podman", "exec")],
        foreground: said!(Starts { with: &[Flag("--detach"), Letter('d', "itu")], unless: &[] }, &[EXEC]),
        children: said!(LiveOn, &[EXEC]),
        ..App::UNKNOWN
    },
];
