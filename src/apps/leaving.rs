//! Programs of which little else is known than what sends them to the background.

use super::By::Program;
use super::Foreground::{Asked, Starts, Stays};
use super::Sign::{Flag, Letter, Pair, Word};
use super::{App, By, Foreground, Known, command};

/// A row of this table.
const fn app(name: &'static str, about: &'static str, by: &'static [By], foreground: Known<Foreground>) -> App {
    App { name, about, by, foreground, ..App::UNKNOWN }
}

pub(super) static APPS: &[App] = &[
    // Ruby.
    app(
        "rackup",
        "starts a Ruby application",
        &[Program("rackup")],
        said!(Stays { leaves: &[Flag("--daemonize"), Letter('D', "")] }, &["rackup(1)"]),
    ),
    app(
        "rails server",
        "server of a Ruby application",
        &[command("rails", "server"), command("rails", "s")],
        said!(
            Stays { leaves: &[Flag("--daemon"), Letter('d', "")] },
            &["railties/lib/rails/commands/server/server_command.rb of rails"],
        ),
    ),
    app(
        "thin",
        "server for Ruby applications",
        &[Program("thin")],
        said!(Stays { leaves: &[Flag("--daemonize"), Letter('d', "")] }, &["lib/thin/runner.rb of thin @0129491d"]),
    ),
    app(
        "resque-pool",
        "several workers for jobs in Redis",
        &[Program("resque-pool")],
        said!(
            Stays { leaves: &[Flag("--daemon"), Letter('d', "")] },
            &["lib/resque/pool/cli.rb of resque-pool @92b48f39"],
        ),
    ),
    // JavaScript.
    app(
        "forever",
        "starts a script again when it ends",
        &[Program("forever")],
        said!(
            Asked { leaves: &[Word("start"), Word("restart")], unless: &[], write: "forever SCRIPT" },
            &["lib/forever/cli.js of forever"],
        ),
    ),
    // Java.
    app(
        "solr",
        "search server",
        &[command("solr", "start"), command("solr", "restart")],
        said!(
            Asked {
                leaves: &[Word("start"), Word("restart")],
                unless: &[Flag("--foreground"), Word("-f")],
                write: "solr start -f",
            },
            &["`solr start -help` (default starts Solr in the background)"],
        ),
    ),
    app(
        "jetty.sh",
        "starts a server for Java applications",
        &[Program("jetty.sh")],
        said!(
            Asked { leaves: &[Word("start"), Word("restart")], unless: &[], write: "jetty.sh run" },
            &["jetty-home/src/main/resources/bin/jetty.sh of jetty @036a5671"],
        ),
    ),
    app(
        "hbase-daemon.sh",
        "starts a part of HBase",
        &[Program("hbase-daemon.sh")],
        said!(
            Asked { leaves: &[Word("start"), Word("restart")], unless: &[], write: "hbase COMMAND start" },
            &["bin/hbase-daemon.sh of hbase @017bb0f6"],
        ),
    ),
    app(
        "kafka-connect",
        "carries data into Kafka and out of it",
        &[Program("connect-distributed.sh"), Program("connect-distributed")],
        said!(Stays { leaves: &[Word("-daemon")] }, &["bin/connect-distributed.sh of kafka @01c427f5"]),
    ),
    // Others.
    app(
        "bitcoind",
        "node of a currency",
        &[Program("bitcoind")],
        said!(Stays { leaves: &[Flag("-daemon"), Flag("-daemonwait")] }, &["doc/running-bitcoind.md of bitcoin"]),
    ),
    app(
        "shadowsocks",
        "proxy",
        &[Program("ssserver"), Program("sslocal")],
        said!(
            Stays { leaves: &[Pair("-d", "start"), Pair("-d", "restart")] },
            &["shadowsocks/shell.py of shadowsocks @029000ff", "Supervisor/supervisor#578"],
        ),
    ),
    app(
        "fetchmail",
        "fetches mail",
        &[Program("fetchmail")],
        said!(
            Asked {
                leaves: &[Flag("--daemon"), Letter('d', "")],
                unless: &[Flag("--nodetach"), Letter('N', "v")],
                write: "fetchmail --nodetach --daemon SECONDS",
            },
            &["fetchmail(1)", "fetchmail.service of a user (fetchmail --nodetach --daemon 300)"],
        ),
    ),
    app(
        "ssh",
        "tunnel",
        &[Program("ssh")],
        // With -N it runs nothing elsewhere: an -f by itself may be one of what it does run.
        said!(
            Stays { leaves: &[Word("-fN"), Word("-Nf"), Word("-fNT"), Word("-NfT"), Word("-fnN"), Word("-fnNT")] },
            &["ssh(1), OpenSSH 9.2p1"],
        ),
    ),
    app(
        "autossh",
        "tunnel that is started again",
        &[Program("autossh")],
        said!(Stays { leaves: &[Letter('f', "NTnqCvAax")] }, &["autossh(1)"]),
    ),
    // They start something else.
    app(
        "start-stop-daemon",
        "starts a program, also in the background",
        &[Program("start-stop-daemon")],
        said!(
            Starts { with: &[Flag("--background"), Letter('b', "Sqvomt")], unless: &[] },
            &["start-stop-daemon(8), dpkg 1.21.22"],
        ),
    ),
    app(
        "screen",
        "keeps a terminal",
        &[Program("screen")],
        said!(Starts { with: &[Letter('d', "")], unless: &[] }, &["screen(1) (-d -m)"]),
    ),
    app(
        "tmux",
        "keeps a terminal",
        &[command("tmux", "new"), command("tmux", "new-session")],
        said!(Starts { with: &[Letter('d', "AEPX")], unless: &[] }, &["tmux(1), tmux 3.3a"]),
    ),
];
