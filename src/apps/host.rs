//! What keeps a machine going: logins, jobs, logs, watchers.

use super::Account::{Drops, DropsWith, Needs};
use super::By::Program;
use super::Children::{LiveOn, Workers};
use super::Effect::Graceful;
use super::Foreground::{Leaves, Stays};
use super::Kind::{Notify, NotifyIfBuilt, Simple};
use super::Sign::{Flag, Letter};
use super::Signal::{Int, Quit, Term};
use super::{App, OpenFiles, StopTime, Unit};

const SSHD: &str = "sshd(8), OpenSSH 9.2p1";
const SSHD_UNIT: &str = "ssh.service of Debian's openssh-server 9.2p1";
const CRON: &str = "cron(8), cron 3.0pl1";
const CRON_UNIT: &str = "cron.service of Debian's cron 3.0pl1";
const SUPERCRONIC: &str = "aptible/supercronic#62";
const RSYSLOGD: &str = "rsyslogd(8), rsyslog 8.2302.0";
const RSYSLOG_UNIT: &str = "rsyslog.service of Debian's rsyslog 8.2302.0";
const SYSLOG_NG: &str = "syslog-ng(8), syslog-ng 3.38.1";
const SYSLOG_NG_UNIT: &str = "syslog-ng.service of Debian's syslog-ng-core 3.38.1";
const DBUS_UNIT: &str = "dbus.service of Debian's dbus 1.14.10";
const AVAHI: &str = "avahi-daemon(8), Avahi 0.8";
const ZABBIX: &str = "zabbix_agentd(8), Zabbix 6.0.14";
const FAIL2BAN: &str = "fail2ban-server(1), Fail2Ban 1.0.2";
const FAIL2BAN_UNIT: &str = "fail2ban.service of Debian's fail2ban 1.0.2";
const SALT: &str = "salt-master --help, Salt 3007.8";
const SLURMD: &str = "slurmd(8), Slurm 22.05.8";
const SUPERVISOR: &str = "supervisord(1), Supervisor 4.2.5";

pub(super) static APPS: &[App] = &[
    App {
        name: "sshd",
        about: "OpenSSH's server",
        by: &[Program("sshd")],
        foreground: said!(
            Leaves { stays: &[Letter('D', "46deiqTt"), Letter('d', "46eqD")], write: "sshd -D -e", or: None },
            &[SSHD],
        ),
        children: said!(LiveOn, &[SSHD, SSHD_UNIT]),
        unit: said!(
            Unit { kind: NotifyIfBuilt, directives: &[("KillMode", "process"), ("RuntimeDirectory", "sshd")] },
            &[SSHD_UNIT],
        ),
        account: said!(Needs("it takes on the account of each login"), &[SSHD]),
        ..App::UNKNOWN
    },
    App {
        name: "cron",
        about: "starts jobs at given times",
        by: &[Program("cron")],
        foreground: said!(Leaves { stays: &[Letter('f', "lLnP")], write: "cron -f", or: None }, &[CRON]),
        children: said!(LiveOn, &[CRON_UNIT, "Supervisor/supervisor#1158"]),
        unit: said!(Unit { kind: Simple, directives: &[("KillMode", "process")] }, &[CRON_UNIT]),
        account: said!(Needs("it takes on the account of each job"), &[CRON]),
        ..App::UNKNOWN
    },
    App {
        name: "crond",
        about: "starts jobs at given times: cronie, or that of BusyBox",
        by: &[Program("crond")],
        foreground: said!(
            Leaves {
                stays: &[Letter('n', "ips"), Letter('f', "Sbl"), Letter('d', "")],
                write: "crond -n (cronie) or crond -f (BusyBox)",
                or: None,
            },
            &["crond(8), cronie", "miscutils/crond.c of busybox"],
        ),
        children: said!(LiveOn, &["Supervisor/supervisor#1158"]),
        account: said!(Needs("it takes on the account of each job"), &["crond(8), cronie"]),
        ..App::UNKNOWN
    },
    App {
        name: "atd",
        about: "starts jobs at given times",
        by: &[Program("atd")],
        foreground: said!(
            Leaves { stays: &[Letter('f', "")], write: "atd -f", or: None },
            &["atd.service of Debian's at"],
        ),
        children: said!(LiveOn, &["atd.service of Debian's at"]),
        unit: said!(Unit { kind: Simple, directives: &[("KillMode", "process")] }, &["atd.service of Debian's at"]),
        account: said!(Needs("it takes on the account of each job"), &["atd(8)"]),
        ..App::UNKNOWN
    },
    App {
        name: "supercronic",
        about: "starts jobs at given times, in a container",
        by: &[Program("supercronic")],
        signals: said!(&[(Term, Graceful), (Int, Graceful)], &[SUPERCRONIC]),
        children: said!(LiveOn, &["cron/cron.go of supercronic (Setpgid)"]),
        time: said!(StopTime::Task, &[SUPERCRONIC]),
        ..App::UNKNOWN
    },
    App {
        name: "rsyslogd",
        about: "writes logs",
        by: &[Program("rsyslogd")],
        foreground: said!(
            Leaves { stays: &[Letter('n', "dqQwvx46A")], write: "rsyslogd -n -iNONE", or: None },
            &[RSYSLOGD],
        ),
        files: said!(OpenFiles::Usual(16_384), &[RSYSLOG_UNIT]),
        unit: said!(Unit { kind: Notify(&[]), directives: &[("LimitNOFILE", "16384")] }, &[RSYSLOG_UNIT]),
        account: said!(Needs("it reads the kernel's log and writes those of others"), &[RSYSLOG_UNIT]),
        ..App::UNKNOWN
    },
    App {
        name: "syslogd",
        about: "writes logs: that of BusyBox, or of GNU inetutils",
        by: &[Program("syslogd")],
        foreground: said!(
            Leaves { stays: &[Letter('n', "SLtDK"), Flag("--no-detach")], write: "syslogd -n", or: None },
            &["busybox syslogd --help, BusyBox 1.35.0", "syslogd(8), GNU inetutils 2.4"],
        ),
        account: said!(Needs("it makes /dev/log and writes the logs of others"), &["syslogd(8), GNU inetutils 2.4"]),
        ..App::UNKNOWN
    },
    App {
        name: "syslog-ng",
        about: "writes logs",
        by: &[Program("syslog-ng")],
        foreground: said!(
            Leaves { stays: &[Flag("--foreground"), Letter('F', "dev")], write: "syslog-ng --foreground", or: None },
            &[SYSLOG_NG],
        ),
        unit: said!(Unit { kind: NotifyIfBuilt, directives: &[] }, &[SYSLOG_NG_UNIT]),
        account: said!(Needs("it reads the kernel's log; `--user` drops root afterwards"), &[SYSLOG_NG]),
        ..App::UNKNOWN
    },
    App {
        name: "dbus-daemon",
        about: "bus for messages between programs",
        by: &[Program("dbus-daemon")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--nofork"), Flag("--session")],
                write: "dbus-daemon --system --nofork --nopidfile",
                or: None,
            },
            &[DBUS_UNIT],
        ),
        unit: said!(
            Unit { kind: Notify(&[Flag("--systemd-activation")]), directives: &[("NotifyAccess", "main")] },
            &[DBUS_UNIT],
        ),
        account: said!(
            Drops { how: "to the account of `<user>` in system.conf", unless: &[] },
            &["https://dbus.freedesktop.org/doc/dbus-daemon.1.html"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "avahi-daemon",
        about: "names in a local network",
        by: &[Program("avahi-daemon")],
        foreground: said!(Stays { leaves: &[Flag("--daemonize"), Letter('D', "s")] }, &[AVAHI]),
        account: said!(Drops { how: "to the account avahi", unless: &[Flag("--no-drop-root")] }, &[AVAHI]),
        ..App::UNKNOWN
    },
    App {
        name: "zabbix_agentd",
        about: "reports about the machine",
        by: &[Program("zabbix_agentd"), Program("zabbix_server"), Program("zabbix_proxy")],
        foreground: said!(
            Leaves { stays: &[Flag("--foreground"), Letter('f', "")], write: "zabbix_agentd --foreground", or: None },
            &[ZABBIX],
        ),
        children: said!(Workers, &[ZABBIX]),
        unit: said!(Unit { kind: Simple, directives: &[] }, &["zabbix-agent.service of Debian's zabbix-agent 6.0.14"]),
        account: said!(
            Drops { how: "to the account of `User`, zabbix by default, unless AllowRoot=1", unless: &[] },
            &["zabbix_agentd.conf (AllowRoot, User)"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "fail2ban-server",
        about: "blocks addresses that try passwords",
        by: &[Program("fail2ban-server")],
        foreground: said!(
            Leaves { stays: &[Letter('f', "xqvb")], write: "fail2ban-server -xf start", or: None },
            &[FAIL2BAN, FAIL2BAN_UNIT],
        ),
        unit: said!(Unit { kind: Simple, directives: &[("RuntimeDirectory", "fail2ban")] }, &[FAIL2BAN_UNIT]),
        account: said!(Needs("it changes the rules of the firewall"), &[FAIL2BAN_UNIT]),
        ..App::UNKNOWN
    },
    App {
        name: "salt-master",
        about: "configures other machines",
        by: &[Program("salt-master"), Program("salt-minion"), Program("salt-syndic"), Program("salt-proxy")],
        foreground: said!(Stays { leaves: &[Flag("--daemon"), Letter('d', "")] }, &[SALT]),
        account: said!(DropsWith(&["--user", "-u"]), &[SALT]),
        ..App::UNKNOWN
    },
    App {
        name: "slurmd",
        about: "runs the jobs of a cluster",
        by: &[Program("slurmd")],
        foreground: said!(Leaves { stays: &[Letter('D', "bcsvVM")], write: "slurmd -D", or: None }, &[SLURMD]),
        children: said!(LiveOn, &["slurmd.service of Debian's slurm-wlm 22.05.8"]),
        unit: said!(
            Unit { kind: Simple, directives: &[("KillMode", "process"), ("LimitNOFILE", "131072")] },
            &["slurmd.service of Debian's slurm-wlm 22.05.8"],
        ),
        account: said!(Needs("it takes on the account of each job"), &["slurm.conf(5), Slurm 22.05.8 (SlurmdUser)"]),
        ..App::UNKNOWN
    },
    App {
        name: "slurmctld",
        about: "controls a cluster of Slurm",
        by: &[Program("slurmctld"), Program("slurmdbd")],
        foreground: said!(
            Leaves { stays: &[Letter('D', "cirRsvV")], write: "slurmctld -D", or: None },
            &["slurmctld(8), slurmdbd.service of Debian's slurm-wlm 22.05.8"],
        ),
        account: said!(
            Drops { how: "to the account of `SlurmUser`", unless: &[] },
            &["slurm.conf(5), Slurm 22.05.8 (SlurmUser)", "slurmdbd.conf(5), Slurm 22.05.8 (SlurmUser)"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "supervisord",
        about: "Supervisor in Supervisor",
        by: &[Program("supervisord")],
        foreground: said!(
            Leaves {
                stays: &[Flag("--nodaemon"), Letter('n', "ktsv")],
                write: "supervisord --nodaemon",
                or: Some("nodaemon=true in its [supervisord]"),
            },
            &[SUPERVISOR],
        ),
        signals: said!(
            &[(Term, Graceful), (Int, Graceful), (Quit, Graceful)],
            &["http://supervisord.org/running.html#signals"],
        ),
        // Each of its programs is a process group of its own: neither option reaches them.
        children: said!(LiveOn, &["supervisor/process.py of Supervisor 4.3.0 (setpgrp)"]),
        time: said!(
            StopTime::Unbounded("the stopwaitsecs of its groups, one after another"),
            &["supervisor/supervisord.py of Supervisor 4.3.0"],
        ),
        unit: said!(
            Unit { kind: Simple, directives: &[("KillMode", "process")] },
            &["supervisor.service of Debian's supervisor 4.2.5"],
        ),
        account: said!(
            Needs("it starts its programs as accounts of their own"),
            &["http://supervisord.org/configuration.html"],
        ),
        ..App::UNKNOWN
    },
];
