//! PHP on the command line: Laravel's and Symfony's workers.

use super::By::Program;
use super::Children::{Single, Tasks, Workers, Wrapper};
use super::Effect::Graceful;
use super::Foreground::Stays;
use super::Sign::Value;
use super::Signal::{Int, Term};
use super::{App, Ends, OpenFiles, Said, StopTime, command};

const WORK: &str = "src/Illuminate/Queue/Console/WorkCommand.php of laravel/framework @00805bb7";
const QUEUES: &str = "https://laravel.com/docs/queues#supervisor-configuration";
const HORIZON: &str = "horizon.md of laravel/docs @007f922f";
const OCTANE: &str = "octane.md of laravel/docs @03d9f735";
const REVERB: &str = "reverb.md of laravel/docs @00fc9dc4";
const MESSENGER: &str = "messenger.rst of symfony-docs @00a9e4a5";

pub(super) static APPS: &[App] = &[
    App {
        name: "artisan queue:work",
        about: "Laravel's queue worker",
        by: &[command("artisan", "queue:work")],
        foreground: said!(Stays { leaves: &[] }, &[WORK]),
        signals: said!(&[(Term, Graceful)], &[QUEUES]),
        children: said!(Single, &[WORK]),
        time: said!(StopTime::Flag { flags: &["--timeout"], default: Some(60), milliseconds: false }, &[WORK]),
        ends: said!(
            Ends::Always("it ends after --max-jobs, --max-time and `queue:restart`, and expects to be started again"),
            &[WORK, QUEUES],
        ),
        notes: &[
            Said {
                what: "stopwaitsecs has to be longer than the longest job; Laravel's sample has 3600.",
                sources: &[QUEUES],
            },
            Said { what: "`--daemon` is an old flag that changes nothing.", sources: &[WORK] },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "artisan queue:listen",
        about: "Laravel's queue worker that starts a process for each job",
        by: &[command("artisan", "queue:listen")],
        children: said!(Wrapper, &["laravel/lumen-framework#446"]),
        notes: &[Said {
            what: "Its child goes on after a stop and works at jobs twice: run `queue:work`.",
            sources: &["laravel/lumen-framework#446"],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "artisan horizon",
        about: "Laravel's supervisor of queue workers",
        by: &[command("artisan", "horizon")],
        foreground: said!(Stays { leaves: &[] }, &[HORIZON]),
        signals: said!(&[(Term, Graceful)], &["laravel/horizon#663"]),
        children: said!(Tasks, &["laravel/horizon#663"]),
        workers_end: &["ensureParentIsRunning() in src/Supervisor.php of laravel/horizon @0890a4af"],
        time: said!(StopTime::Task, &[HORIZON]),
        ends: said!(Ends::Always("it ends after `horizon:terminate` and expects to be started again"), &[HORIZON]),
        notes: &[Said {
            what: "stopwaitsecs has to be longer than the longest job; Horizon's sample has 3600.",
            sources: &[HORIZON],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "artisan octane:start",
        about: "Laravel's application server",
        by: &[command("artisan", "octane:start")],
        foreground: said!(Stays { leaves: &[] }, &[OCTANE]),
        children: said!(Workers, &[OCTANE]),
        ..App::UNKNOWN
    },
    App {
        name: "artisan reverb:start",
        about: "Laravel's server for WebSockets",
        by: &[command("artisan", "reverb:start")],
        foreground: said!(Stays { leaves: &[] }, &[REVERB]),
        files: said!(OpenFiles::Usual(10_000), &[REVERB]),
        notes: &[Said { what: "Laravel asks to write minfds=10000 for it.", sources: &[REVERB] }],
        ..App::UNKNOWN
    },
    App {
        name: "messenger:consume",
        about: "Symfony's worker for messages",
        by: &[command("console", "messenger:consume")],
        foreground: said!(Stays { leaves: &[] }, &[MESSENGER]),
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[MESSENGER]),
        children: said!(Single, &[MESSENGER]),
        time: said!(StopTime::Task, &[MESSENGER]),
        ends: said!(
            Ends::With(&[
                Value("--limit"),
                Value("-l"),
                Value("--time-limit"),
                Value("-t"),
                Value("--memory-limit"),
                Value("-m"),
                Value("--failure-limit"),
                Value("-f"),
            ]),
            &[MESSENGER],
        ),
        notes: &[
            Said { what: "It handles signals only with the extension PCNTL.", sources: &[MESSENGER] },
            Said {
                what: "Symfony's sample has startsecs=0 and startretries=10, because it may end at once.",
                sources: &[MESSENGER],
            },
        ],
        ..App::UNKNOWN
    },
    App { name: "php", about: "a PHP script", by: &[Program("php")], ..App::UNKNOWN },
];
