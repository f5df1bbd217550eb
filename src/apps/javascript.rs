//! Node.js, and what starts it.

use super::By::Program;
use super::Children::{Workers, Wrapper};
use super::Effect::Graceful;
use super::Foreground::{Asked, Stays};
use super::Sign::{Flag, Word};
use super::Signal::{Int, Term};
use super::{App, By, Said, StopTime, command};

const PM2: &str = "https://pm2.keymetrics.io/docs/usage/signals-clean-restart/";
const PM2_SCHEMA: &str = "lib/API/schema.json of pm2 (kill_timeout 1600 ms), in Unitech/pm2#4470";
const NODE: &str = "https://nodejs.org/api/process.html#signal-events";

const fn npm(command: &'static str) -> By {
    By::Command { program: "npm", valued: &["--prefix", "-w", "--workspace"], command }
}

/// Not that of Hadoop: `yarn --daemon start nodemanager`.
const fn yarn(command: &'static str) -> By {
    By::Command { program: "yarn", valued: &["--daemon"], command }
}

pub(super) static APPS: &[App] = &[
    App {
        name: "node",
        about: "a JavaScript program",
        by: &[Program("node"), Program("nodejs"), Program("deno"), Program("bun")],
        notes: &[Said {
            what: "On TERM it ends at once, unless the program has a handler for SIGTERM.",
            sources: &[NODE],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "npm",
        about: "starts a script of package.json",
        by: &[
            npm("run"),
            npm("start"),
            npm("exec"),
            npm("run-script"),
            yarn("run"),
            yarn("start"),
            command("pnpm", "run"),
            command("pnpm", "start"),
            Program("npx"),
            Program("npm"),
            Program("yarn"),
            Program("pnpm"),
        ],
        foreground: said!(Stays { leaves: &[] }, &["Supervisor/supervisor#1101"]),
        children: said!(Wrapper, &["Supervisor/supervisor#1101"]),
        home: said!("~/.npm", &["https://docs.npmjs.com/cli/using-npm/config#cache"]),
        notes: &[Said {
            what: "What its scripts put into sessions of their own survives a stop, also with stopasgroup=true.",
            sources: &["Supervisor/supervisor#1101"],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "pm2-runtime",
        about: "a supervisor of Node.js programs, in the foreground",
        by: &[Program("pm2-runtime"), Program("pm2-docker")],
        foreground: said!(Stays { leaves: &[] }, &["https://pm2.keymetrics.io/docs/usage/docker-pm2-nodejs/"]),
        signals: said!(&[(Int, Graceful), (Term, Graceful)], &[PM2]),
        children: said!(Workers, &[PM2]),
        time: said!(StopTime::Setting("kill_timeout of each program", 2), &[PM2_SCHEMA]),
        home: said!("~/.pm2", &["https://pm2.keymetrics.io/docs/usage/log-management/"]),
        ..App::UNKNOWN
    },
    App {
        name: "pm2",
        about: "a supervisor of Node.js programs, as a daemon",
        by: &[command("pm2", "start"), command("pm2", "restart"), command("pm2", "resurrect")],
        foreground: said!(
            Asked {
                leaves: &[Word("start"), Word("restart"), Word("resurrect")],
                unless: &[Flag("--no-daemon")],
                write: "pm2-runtime start FILE",
            },
            &["https://pm2.keymetrics.io/docs/usage/docker-pm2-nodejs/"],
        ),
        home: said!("~/.pm2", &["https://pm2.keymetrics.io/docs/usage/log-management/"]),
        ..App::UNKNOWN
    },
];
