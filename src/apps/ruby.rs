//! What Ruby programs are run by.

use super::By::Program;
use super::Children::{Single, Tasks, Workers};
use super::Effect::{Graceful, Quick};
use super::Foreground::{Asked, Stays};
use super::Kind::{NotifyIfBuilt, Simple};
use super::Sign::{Flag, Letter, Pair, Value, Word};
use super::Signal::{Int, Quit, Term};
use super::{App, Said, StopTime, Unit, When, command};

const SIDEKIQ: &str = "https://github.com/sidekiq/sidekiq/wiki/Signals";
const SIDEKIQ_UNIT: &str = "examples/systemd/sidekiq.service of sidekiq @0aaaf071";
const SWARM: &str = "https://sidekiq.org/wiki/Ent-Multi-Process";
const PUMA: &str = "puma(1), Puma 5.6.5";
const PUMA_SIGNALS: &str = "docs/signals.md of puma @0a85b3cd";
const PUMA_CONFIG: &str = "lib/puma/configuration.rb of puma @00f5061f";
const PUMA_UNIT: &str = "docs/systemd.md of puma @0786b4ad";
const UNICORN: &str = "unicorn(1), unicorn 6.0.0";
const RESQUE: &str = "README.markdown of resque, Signals";
const DELAYED: &str = "README.md of delayed_job @02ed33f6";

pub(super) static APPS: &[App] = &[
    App {
        name: "sidekiq",
        about: "workers for jobs in Redis",
        by: &[Program("sidekiq")],
        signals: said!(&[(Term, Graceful)], &[SIDEKIQ]),
        children: said!(Single, &[SIDEKIQ_UNIT]),
        time: said!(StopTime::Flag { flags: &["-t", "--timeout"], default: Some(25), milliseconds: false }, &[SIDEKIQ]),
        unit: said!(Unit { kind: NotifyIfBuilt, directives: &[("WatchdogSec", "10")] }, &[SIDEKIQ_UNIT]),
        notes: &[
            Said {
                what: "Give it five seconds more than its own timeout, or jobs are lost.",
                sources: &["https://sidekiq.org/wiki/Deployment"],
            },
            Said { what: "Before version 6.0.6 it does not notify systemd.", sources: &[SIDEKIQ_UNIT] },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "sidekiqswarm",
        about: "several Sidekiq processes",
        by: &[Program("sidekiqswarm")],
        foreground: said!(Stays { leaves: &[] }, &[SWARM]),
        signals: said!(&[(Term, Graceful)], &[SWARM, SIDEKIQ]),
        children: said!(Workers, &[SWARM]),
        time: said!(StopTime::Flag { flags: &["-t", "--timeout"], default: Some(25), milliseconds: false }, &[SIDEKIQ]),
        ..App::UNKNOWN
    },
    App {
        name: "puma",
        about: "server for Ruby applications",
        by: &[Program("puma")],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('d', "")] }, &[PUMA]),
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[PUMA_SIGNALS]),
        children: said!(Single, &[PUMA]),
        children_with: &[
            When { with: &[Pair("-w", "0"), Pair("--workers", "0")], then: Single, sources: &[PUMA] },
            When { with: &[Value("-w"), Value("--workers")], then: Workers, sources: &[PUMA] },
        ],
        time: said!(StopTime::Setting("worker_shutdown_timeout", 30), &[PUMA_CONFIG]),
        unit: said!(Unit { kind: Simple, directives: &[] }, &[PUMA_UNIT]),
        ..App::UNKNOWN
    },
    App {
        name: "unicorn",
        about: "server for Ruby applications",
        by: &[Program("unicorn"), Program("unicorn_rails")],
        foreground: said!(Stays { leaves: &[Flag("--daemonize"), Letter('D', "")] }, &[UNICORN]),
        signals: said!(&[(Quit, Graceful), (Term, Quick), (Int, Quick)], &[UNICORN]),
        children: said!(Workers, &[UNICORN]),
        time: said!(StopTime::Unbounded("the longest request"), &[UNICORN]),
        unit: said!(Unit { kind: Simple, directives: &[] }, &["unicorn.service of Debian's unicorn 6.0.0"]),
        ..App::UNKNOWN
    },
    App {
        name: "resque",
        about: "workers for jobs in Redis",
        by: &[command("rake", "resque:work"), command("rake", "resque:workers"), command("resque", "work")],
        signals: said!(&[(Quit, Graceful), (Term, Quick), (Int, Quick)], &[RESQUE]),
        children: said!(Tasks, &[RESQUE]),
        time: said!(StopTime::Task, &[RESQUE]),
        ..App::UNKNOWN
    },
    App {
        name: "delayed_job",
        about: "worker for jobs in a database",
        by: &[Program("delayed_job")],
        foreground: said!(
            Asked { leaves: &[Word("start"), Word("restart")], unless: &[], write: "bin/delayed_job run" },
            &[DELAYED],
        ),
        children: said!(Single, &[DELAYED]),
        time: said!(StopTime::Task, &[DELAYED]),
        ..App::UNKNOWN
    },
];
