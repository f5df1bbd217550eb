//! Mail: servers, and what looks through it.

use super::Account::{Drops, DropsWith, Needs};
use super::By::Program;
use super::Children::Workers;
use super::Foreground::{Asked, Leaves, Stays};
use super::Kind::{Forking, Notify, Simple};
use super::Sign::{Flag, Letter, Word};
use super::{App, By, OpenFiles, Unit};

const POSTFIX: &str = "postfix(1), Postfix 3.7.11";
const EXIM: &str = "exim(8), Exim 4.96";
const DOVECOT: &str = "dovecot(1), Dovecot 2.3.19.1";
const DOVECOT_UNIT: &str = "dovecot.service of Debian's dovecot-core 2.3.19.1";
const SPAMD: &str = "spamd(8), SpamAssassin 4.0.1";
const RSPAMD: &str = "rspamd(8)";
const CLAMD: &str = "clamd(8), ClamAV 1.4.3";

pub(super) static APPS: &[App] = &[
    App {
        name: "postfix",
        about: "mail server",
        by: &[Program("postfix"), By::In { folder: "postfix", program: "master" }],
        foreground: said!(Asked { leaves: &[Word("start")], unless: &[], write: "postfix start-fg" }, &[POSTFIX]),
        children: said!(Workers, &[POSTFIX]),
        workers_end: &["single_server_main() in src/master/single_server.c of postfix @04bda759"],
        unit: said!(Unit { kind: Forking, directives: &[] }, &["postfix@.service of Debian's postfix 3.7.11"]),
        account: said!(
            Needs("its main process starts the others, each as an account of its own"),
            &["master(8), Postfix 3.7.11"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "exim",
        about: "mail server",
        by: &[Program("exim"), Program("exim4")],
        foreground: said!(
            Leaves { stays: &[Word("-bdf"), Word("-v"), Word("-d")], write: "exim -bdf", or: None },
            &[EXIM],
        ),
        account: said!(Needs("it starts as root and drops it where it can"), &[EXIM]),
        ..App::UNKNOWN
    },
    App {
        name: "dovecot",
        about: "IMAP and POP3 server",
        by: &[Program("dovecot")],
        foreground: said!(Leaves { stays: &[Letter('F', "")], write: "dovecot -F", or: None }, &[DOVECOT]),
        children: said!(Workers, &[DOVECOT_UNIT]),
        workers_end: &["run with Dovecot 2.3.19: within 4 s of SIGKILL"],
        files: said!(OpenFiles::Usual(65_535), &[DOVECOT_UNIT]),
        unit: said!(
            Unit { kind: Notify(&[Letter('F', "")]), directives: &[("LimitNOFILE", "65535")] },
            &[DOVECOT_UNIT]
        ),
        account: said!(
            Needs("it starts each of its services as an account of its own"),
            &["https://doc.dovecot.org/2.3/admin_manual/system_users_used_by_dovecot/"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "spamd",
        about: "SpamAssassin's daemon",
        by: &[Program("spamd")],
        foreground: said!(Stays { leaves: &[Flag("--daemonize"), Letter('d', "vxcalLHDQ")] }, &[SPAMD]),
        children: said!(Workers, &["spamd.service of Debian's spamd 4.0.1"]),
        unit: said!(Unit { kind: Simple, directives: &[] }, &["spamd.service of Debian's spamd 4.0.1"]),
        account: said!(DropsWith(&["--username", "-u"]), &[SPAMD]),
        ..App::UNKNOWN
    },
    App {
        name: "clamd",
        about: "ClamAV's daemon",
        by: &[Program("clamd")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--foreground"), Letter('F', "")],
                write: "clamd --foreground",
                or: Some("Foreground yes in clamd.conf"),
            },
            &[CLAMD],
        ),
        unit: said!(Unit { kind: Simple, directives: &[] }, &["clamav-daemon.service of Debian's clamav-daemon 1.4.3"]),
        account: said!(
            Drops { how: "to the account of `User` in clamd.conf", unless: &[] },
            &["clamd.conf(5), ClamAV 1.4.3"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "freshclam",
        about: "updates ClamAV",
        by: &[Program("freshclam")],
        foreground: said!(
            Asked {
                leaves: &[Flag("--daemon"), Letter('d', "")],
                unless: &[Flag("--foreground"), Letter('F', "")],
                write: "freshclam --daemon --foreground",
            },
            &["clamav-freshclam.service of ClamAV (freshclam -d --foreground=true)"],
        ),
        account: said!(
            Drops { how: "to the account of `DatabaseOwner` in freshclam.conf", unless: &[] },
            &["freshclam.conf(5), ClamAV 1.4.3"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "rspamd",
        about: "looks for spam",
        by: &[Program("rspamd")],
        foreground: said!(
            Leaves { stays: &[Flag("--no-fork"), Letter('f', "")], write: "rspamd --no-fork", or: None },
            &[RSPAMD],
        ),
        account: said!(DropsWith(&["--user", "-u"]), &[RSPAMD]),
        ..App::UNKNOWN
    },
];
