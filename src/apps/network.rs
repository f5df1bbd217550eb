//! Names, time, tunnels, directories and files for a network.

use super::Account::{Drops, DropsWith, Needs};
use super::By::Program;
use super::Children::{LiveOn, Single};
use super::Effect::Graceful;
use super::Foreground::{Configured, Leaves, Stays};
use super::Kind::{Forking, Notify, NotifyIfBuilt, Oneshot, Simple};
use super::Sign::{Flag, Letter, Pair, Value, Word};
use super::Signal::{Int, Term};
use super::{App, OpenFiles, StopTime, Unit, command};

const DNSMASQ: &str = "dnsmasq(8), Dnsmasq 2.90";
const NAMED: &str = "named(8), BIND 9.18.47";
const UNBOUND: &str = "unbound(8), Unbound 1.17.1";
const SLAPD: &str = "slapd(8), OpenLDAP 2.5.13";
const NTPD: &str = "ntpd(8), NTPsec 1.2.2";
const CHRONYD: &str = "chronyd(8), chrony 4.3";
const OPENVPN: &str = "openvpn(8), OpenVPN 2.6.3";
const OPENVPN_UNIT: &str = "openvpn-server@.service of Debian's openvpn 2.6.3";
const WIREGUARD: &str = "wg-quick@.service of Debian's wireguard-tools 1.0.20210914";
const SMBD: &str = "smbd(8), Samba 4.17.12";
const SMBD_UNIT: &str = "smbd.service of Debian's samba 4.17.12";
const SAMBA: &str = "samba(8), Samba 4.17.12";
const SAMBA_UNIT: &str = "samba-ad-dc.service of Debian's samba 4.17.12";
const NMBD: &str = "nmbd(8), Samba 4.17.12";
const VSFTPD: &str = "vsftpd.conf(5), vsftpd 3.0.3";
const PROFTPD: &str = "proftpd(8), ProFTPD 1.3.8";
const MOSQUITTO: &str = "mosquitto(8), mosquitto 2.0.11";
const SNMPD: &str = "snmpd(8), Net-SNMP 5.9.3";
const TOR: &str = "tor@default.service of Debian's tor 0.4.9.8";

pub(super) static APPS: &[App] = &[
    App {
        name: "dnsmasq",
        about: "small server for DNS and DHCP",
        by: &[Program("dnsmasq")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--keep-in-foreground"), Letter('k', "hq"), Flag("--no-daemon"), Letter('d', "hq")],
                write: "dnsmasq --keep-in-foreground",
                or: Some("keep-in-foreground in dnsmasq.conf"),
            },
            &[DNSMASQ],
        ),
        unit: said!(Unit { kind: Forking, directives: &[] }, &["dnsmasq.service of Debian's dnsmasq 2.90"]),
        account: said!(
            Drops {
                how: "to the account of `--user`, nobody by default",
                unless: &[Flag("--no-daemon"), Letter('d', "hq")],
            },
            &[DNSMASQ],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "named",
        about: "BIND, a DNS server",
        by: &[Program("named")],
        foreground: said!(
            Leaves { stays: &[Letter('f', "46"), Letter('g', "46")], write: "named -f", or: None },
            &[NAMED],
        ),
        account: said!(DropsWith(&["-u"]), &[NAMED]),
        ..App::UNKNOWN
    },
    App {
        name: "unbound",
        about: "DNS resolver",
        by: &[Program("unbound")],
        foreground: said!(
            Leaves { stays: &[Letter('d', "pv")], write: "unbound -d", or: Some("do-daemonize: no in unbound.conf") },
            &[UNBOUND],
        ),
        unit: said!(Unit { kind: Notify(&[]), directives: &[] }, &["unbound.service of Debian's unbound 1.17.1"]),
        account: said!(
            Drops { how: "to the account of `username`, unbound by default", unless: &[] },
            &["unbound.conf(5), Unbound 1.17.1"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "slapd",
        about: "OpenLDAP, a directory",
        by: &[Program("slapd")],
        foreground: said!(Leaves { stays: &[Value("-d")], write: "slapd -d 0", or: None }, &[SLAPD]),
        account: said!(DropsWith(&["-u"]), &[SLAPD]),
        ..App::UNKNOWN
    },
    App {
        name: "ntpd",
        about: "keeps the time",
        by: &[Program("ntpd")],
        foreground: said!(
            Leaves { stays: &[Flag("--nofork"), Letter('n', "46gqN")], write: "ntpd --nofork", or: None },
            &[NTPD],
        ),
        account: said!(DropsWith(&["--user", "-u"]), &[NTPD]),
        ..App::UNKNOWN
    },
    App {
        name: "chronyd",
        about: "keeps the time",
        by: &[Program("chronyd")],
        foreground: said!(
            Leaves { stays: &[Letter('n', "46"), Letter('d', "46")], write: "chronyd -n", or: None },
            &[CHRONYD],
        ),
        unit: said!(
            Unit { kind: Forking, directives: &[("RuntimeDirectory", "chrony")] },
            &["chrony.service of Debian's chrony 4.3"],
        ),
        account: said!(Drops { how: "to the account _chrony", unless: &[Pair("-u", "root")] }, &[CHRONYD]),
        ..App::UNKNOWN
    },
    App {
        name: "openvpn",
        about: "tunnel",
        by: &[Program("openvpn")],
        foreground: said!(Stays { leaves: &[Value("--daemon")] }, &[OPENVPN]),
        children: said!(Single, &[OPENVPN_UNIT]),
        unit: said!(
            Unit { kind: NotifyIfBuilt, directives: &[("KillMode", "process"), ("LimitNPROC", "10")] },
            &[OPENVPN_UNIT],
        ),
        account: said!(Needs("it makes network devices; `--user` drops root afterwards"), &[OPENVPN]),
        ..App::UNKNOWN
    },
    App {
        name: "wg-quick",
        about: "sets up a tunnel and ends",
        by: &[command("wg-quick", "up"), command("wg-quick", "down")],
        unit: said!(Unit { kind: Oneshot, directives: &[("RemainAfterExit", "yes")] }, &[WIREGUARD]),
        account: said!(Needs("it makes network devices"), &[WIREGUARD]),
        ..App::UNKNOWN
    },
    App {
        name: "smbd",
        about: "Samba's file server",
        by: &[Program("smbd")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--foreground"), Letter('F', "S"), Letter('i', "S")],
                write: "smbd --foreground",
                or: None,
            },
            &[SMBD],
        ),
        children: said!(LiveOn, &[SMBD]),
        files: said!(OpenFiles::Usual(16_384), &[SMBD_UNIT]),
        unit: said!(
            Unit {
                kind: Notify(&[Flag("--foreground")]),
                directives: &[("LimitNOFILE", "16384"), ("LimitCORE", "infinity")],
            },
            &[SMBD_UNIT],
        ),
        account: said!(Needs("it takes on the account of each client"), &[SMBD_UNIT]),
        ..App::UNKNOWN
    },
    App {
        name: "samba",
        about: "Samba as a controller of a domain",
        by: &[Program("samba")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--foreground"), Letter('F', "i"), Flag("--interactive"), Letter('i', "F")],
                write: "samba --foreground",
                or: None,
            },
            &[SAMBA],
        ),
        files: said!(OpenFiles::Usual(16_384), &[SAMBA_UNIT]),
        unit: said!(
            Unit { kind: Notify(&[Flag("--foreground")]), directives: &[("LimitNOFILE", "16384")] },
            &[SAMBA_UNIT],
        ),
        account: said!(Needs("it takes on the account of each client"), &[SAMBA_UNIT]),
        ..App::UNKNOWN
    },
    App {
        name: "nmbd",
        about: "Samba's name server",
        by: &[Program("nmbd")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--foreground"), Letter('F', "S"), Letter('i', "S")],
                write: "nmbd --foreground",
                or: None,
            },
            &[NMBD],
        ),
        unit: said!(
            Unit { kind: Notify(&[Flag("--foreground")]), directives: &[("LimitCORE", "infinity")] },
            &["nmbd.service of Debian's samba 4.17.12"],
        ),
        account: said!(Needs("it listens to ports below 1024"), &["nmbd.service of Debian's samba 4.17.12"]),
        ..App::UNKNOWN
    },
    App {
        name: "vsftpd",
        about: "FTP server",
        by: &[Program("vsftpd")],
        foreground: said!(
            Configured { stays: &[Word("-obackground=NO")], line: "background=NO in vsftpd.conf, or -obackground=NO" },
            &[VSFTPD],
        ),
        unit: said!(Unit { kind: Simple, directives: &[] }, &["vsftpd.service of Debian's vsftpd 3.0.3"]),
        account: said!(
            Needs("it takes on the account of each client, and nopriv_user where it needs no rights"),
            &[VSFTPD],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "proftpd",
        about: "FTP server",
        by: &[Program("proftpd")],
        foreground: said!(
            Leaves { stays: &[Flag("--nodaemon"), Letter('n', "q")], write: "proftpd --nodaemon", or: None },
            &[PROFTPD],
        ),
        unit: said!(Unit { kind: Forking, directives: &[] }, &["proftpd.service of Debian's proftpd-core 1.3.8"]),
        account: said!(
            Drops { how: "to the account of `User`", unless: &[] },
            &["proftpd.conf of Debian's proftpd-core 1.3.8"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "mosquitto",
        about: "MQTT broker",
        by: &[Program("mosquitto")],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('d', "v")] }, &[MOSQUITTO]),
        unit: said!(
            Unit { kind: Notify(&[]), directives: &[("NotifyAccess", "main")] },
            &["mosquitto.service of Debian's mosquitto 2.0.11"],
        ),
        account: said!(
            Drops { how: "to the account of `user`, mosquitto by default", unless: &[] },
            &["mosquitto.conf(5), mosquitto 2.0.11"],
        ),
        backend: true,
        ..App::UNKNOWN
    },
    App {
        name: "snmpd",
        about: "answers questions about the machine",
        by: &[Program("snmpd")],
        foreground: said!(Leaves { stays: &[Letter('f', "")], write: "snmpd -f", or: None }, &[SNMPD]),
        unit: said!(
            Unit { kind: Notify(&[Letter('f', "")]), directives: &[("RuntimeDirectory", "agentx")] },
            &["snmpd.service of Debian's snmpd 5.9.3"],
        ),
        account: said!(DropsWith(&["-u"]), &[SNMPD]),
        ..App::UNKNOWN
    },
    App {
        name: "tor",
        about: "anonymous network",
        by: &[Program("tor")],
        foreground: said!(Stays { leaves: &[Pair("--RunAsDaemon", "1"), Pair("--runasdaemon", "1")] }, &[TOR]),
        signals: said!(
            &[(Int, Graceful), (Term, super::Effect::Quick)],
            &["https://2019.www.torproject.org/docs/tor-manual.html.en#_signals"],
        ),
        time: said!(StopTime::Usual(60), &[TOR]),
        files: said!(OpenFiles::Usual(65_536), &[TOR]),
        unit: said!(
            Unit {
                kind: Notify(&[]),
                directives: &[
                    ("KillSignal", "SIGINT"),
                    ("LimitNOFILE", "65536"),
                    ("NotifyAccess", "all"),
                    ("TimeoutStopSec", "60"),
                ],
            },
            &[TOR],
        ),
        ..App::UNKNOWN
    },
];
