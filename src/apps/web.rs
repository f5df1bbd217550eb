//! Web servers, proxies and caches before them.

use super::Account::Drops;
use super::By::Program;
use super::Children::{Single, Workers, Wrapper};
use super::Effect::{Graceful, Quick, Reloads, Reopens};
use super::Foreground::{Asked, Leaves, Stays, Switched};
use super::Kind::{Forking, Notify, NotifyIfBuilt, Simple};
use super::Sign::{Flag, Holds, Letter, Pair, Word};
use super::Signal::{Hup, Int, Quit, Term, Usr1, Winch};
use super::{Account, App, OpenFiles, Said, StopTime, Unit, When};

const NGINX: &str = "nginx(8), nginx 1.22.1";
const NGINX_UNIT: &str = "nginx.service of Debian's nginx-common 1.22.1";
const FPM: &str = "php-fpm8.2(8), php-fpm 8.2.31";
const FPM_UNIT: &str = "sapi/fpm/php-fpm.service.in of php-src @10761f2d";
const APACHE: &str = "https://httpd.apache.org/docs/2.4/stopping.html";
const FOREGROUND: &str = "thecodingmachine/docker-images-php#215 (exec apache2 -DFOREGROUND)";
const APACHECTL: &str = "/usr/sbin/apache2ctl of Debian's apache2 2.4.67";
const HAPROXY: &str = "haproxy(1), HAProxy 2.6.12";
const HAPROXY_UNIT: &str = "admin/systemd/haproxy.service.in of haproxy @6f58c137";
const VARNISH: &str = "varnishd(1), Varnish 7.1.1";
const VARNISH_UNIT: &str = "varnish.service of Debian's varnish 7.1.1";
const SQUID: &str = "squid(8), Squid 5.7";
const SQUID_CONF: &str = "squid.conf of Debian's squid 5.7";
const SQUID_UNIT: &str = "squid.service of Debian's squid 5.7";
const LIGHTTPD: &str = "lighttpd(8), lighttpd 1.4.69";
const LIGHTTPD_UNIT: &str = "lighttpd.service of Debian's lighttpd 1.4.69";

pub(super) static APPS: &[App] = &[
    App {
        name: "nginx",
        about: "web server and proxy",
        by: &[Program("nginx"), Program("openresty")],
        foreground: said!(
            Leaves {
                stays: &[Holds("daemon off")],
                write: "nginx -g 'daemon off;'",
                or: Some("daemon off; in nginx.conf"),
            },
            &[NGINX_UNIT],
        ),
        signals: said!(&[(Quit, Graceful), (Term, Quick), (Int, Quick), (Hup, Reloads), (Usr1, Reopens)], &[NGINX],),
        children: said!(Workers, &["https://docs.nginx.com/nginx/admin-guide/basic-functionality/runtime-control"]),
        time: said!(StopTime::Unbounded("the longest request"), &[NGINX]),
        unit: said!(
            Unit { kind: Forking, directives: &[("KillMode", "mixed"), ("TimeoutStopSec", "5")] },
            &[NGINX_UNIT],
        ),
        account: said!(
            Drops { how: "its workers run as the account of `user` in nginx.conf", unless: &[] },
            &["nginx.conf of Debian's nginx-common 1.22.1"],
        ),
        notes: &[
            Said {
                what: "`daemon off;` in nginx.conf and on the command line too is an error: nginx refuses to start.",
                sources: &["richarvey/nginx-php-fpm#126"],
            },
            Said {
                what: "After QUIT an open WebSocket or stream holds it until SIGKILL: set worker_shutdown_timeout in nginx.conf below stopwaitsecs.",
                sources: &["https://nginx.org/en/docs/ngx_core_module.html#worker_shutdown_timeout"],
            },
            Said {
                what: "Before 1.19.1 its Unix sockets are left in the file system after QUIT.",
                sources: &["openresty/docker-openresty#80", "nginx/docker-nginx#457"],
            },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "php-fpm",
        about: "PHP for a web server",
        by: &[Program("php-fpm"), Program("php5-fpm")],
        foreground: said!(
            Switched {
                stays: &[Flag("--nodaemonize"), Letter('F', "nRO")],
                leaves: &[Flag("--daemonize"), Letter('D', "nRO")],
                write: "php-fpm --nodaemonize",
                or: "daemonize = no in php-fpm.conf or its includes",
            },
            &[FPM, FPM_UNIT],
        ),
        signals: said!(
            &[(Quit, Graceful), (Term, Quick), (Int, Quick)],
            &["docker-library/php#816", "uselagoon/lagoon-images#444"],
        ),
        children: said!(Workers, &["docker-library/php#816"]),
        time: said!(StopTime::Unbounded("the longest request"), &["docker-library/php#816"]),
        files: said!(OpenFiles::Grows("rlimit_files of each pool"), &["pool.d/www.conf of Debian's php8.2-fpm 8.2.31"]),
        unit: said!(Unit { kind: NotifyIfBuilt, directives: &[] }, &[FPM_UNIT]),
        account: said!(
            Drops { how: "its workers run as the account of `user` in the pool", unless: &[] },
            &["pool.d/www.conf of Debian's php8.2-fpm 8.2.31"],
        ),
        notes: &[Said {
            what: "QUIT waits for requests only if process_control_timeout is more than 0.",
            sources: &["uselagoon/lagoon-images#444"],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "apache",
        about: "web server",
        by: &[Program("apache2"), Program("httpd")],
        foreground: said!(
            Leaves {
                stays: &[Flag("-DFOREGROUND"), Pair("-D", "FOREGROUND"), Word("-X"), Word("-DNO_DETACH")],
                write: "apache2 -DFOREGROUND",
                or: None,
            },
            &["docker-library/httpd#145"],
        ),
        signals: said!(&[(Winch, Graceful), (Term, Quick)], &[APACHE]),
        children: said!(Workers, &[APACHE]),
        time: said!(StopTime::Unbounded("GracefulShutdownTimeout, which is not set"), &[APACHE]),
        files: said!(OpenFiles::Usual(8192), &[APACHECTL]),
        unit: said!(
            Unit { kind: NotifyIfBuilt, directives: &[("KillSignal", "SIGWINCH"), ("KillMode", "mixed")] },
            &["httpd.service of Red Hat, in jdeathe/centos-ssh-apache-php#643"],
        ),
        account: said!(
            Drops { how: "its workers run as the account of `User`", unless: &[] },
            &["docker-library/httpd#145"],
        ),
        notes: &[Said {
            what: "Signals belong to the main process: the documentation asks to send none to the others.",
            sources: &[APACHE],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "apachectl",
        about: "the script that controls apache",
        by: &[Program("apachectl"), Program("apache2ctl")],
        foreground: said!(
            Asked {
                leaves: &[Word("start"), Word("startssl"), Word("restart"), Word("graceful")],
                unless: &[Flag("-DFOREGROUND"), Pair("-D", "FOREGROUND")],
                write: "apache2 -DFOREGROUND",
            },
            &[APACHECTL],
        ),
        signals: said!(&[(Winch, Graceful), (Term, Quick)], &[APACHE]),
        children: said!(Wrapper, &[APACHECTL]),
        account: said!(
            Drops { how: "it starts apache, whose workers run as the account of `User`", unless: &[] },
            &[APACHECTL],
        ),
        notes: &[Said {
            what: "It starts apache as a child and waits: run `apache2 -DFOREGROUND` instead.",
            sources: &[APACHECTL],
        }],
        ..App::UNKNOWN
    },
    App {
        name: "apache2-foreground",
        about: "the script that replaces itself by apache in Docker's images",
        by: &[Program("apache2-foreground"), Program("httpd-foreground")],
        foreground: said!(Stays { leaves: &[] }, &[FOREGROUND]),
        signals: said!(&[(Winch, Graceful), (Term, Quick)], &[APACHE, "docker-library/httpd#145"]),
        children: said!(Workers, &[APACHE]),
        account: said!(
            Drops { how: "apache's workers run as the account of `User`", unless: &[] },
            &["docker-library/httpd#145"],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "haproxy",
        about: "load balancer",
        by: &[Program("haproxy")],
        foreground: said!(
            Asked { leaves: &[Word("-D")], unless: &[Word("-db"), Word("-Ws")], write: "haproxy -W -db" },
            &[HAPROXY],
        ),
        signals: said!(&[(Usr1, Graceful), (Term, Quick), (Int, Quick)], &[HAPROXY]),
        children: said!(Single, &[HAPROXY]),
        children_with: &[When { with: &[Word("-W"), Word("-Ws")], then: Workers, sources: &[HAPROXY] }],
        time: said!(
            StopTime::Unbounded("the last connection, or hard-stop-after"),
            &["https://docs.haproxy.org/3.0/configuration.html#3.1-hard-stop-after"],
        ),
        unit: said!(Unit { kind: Notify(&[Word("-Ws")]), directives: &[("KillMode", "mixed")] }, &[HAPROXY_UNIT]),
        clean_exits: said!(&[143], &[HAPROXY_UNIT]),
        account: said!(
            Drops { how: "to the account of `user` in haproxy.cfg", unless: &[] },
            &["haproxy.cfg of Debian's haproxy 2.6.12"],
        ),
        notes: &[
            Said {
                what: "`daemon` in haproxy.cfg sends it to the background, and Debian's file has it: add `-db` or `-Ws`.",
                sources: &["haproxy.cfg of Debian's haproxy 2.6.12", HAPROXY],
            },
            Said {
                what: "After USR1 an open connection holds it until SIGKILL: set hard-stop-after in haproxy.cfg below stopwaitsecs.",
                sources: &["https://docs.haproxy.org/2.6/configuration.html#hard-stop-after"],
            },
        ],
        ..App::UNKNOWN
    },
    App {
        name: "varnishd",
        about: "HTTP cache",
        by: &[Program("varnishd")],
        foreground: said!(
            Leaves { stays: &[Letter('F', ""), Letter('d', "")], write: "varnishd -F", or: None },
            &[VARNISH],
        ),
        signals: said!(&[(Term, Graceful)], &[VARNISH_UNIT]),
        children: said!(Workers, &[VARNISH]),
        files: said!(OpenFiles::Usual(131_072), &[VARNISH_UNIT]),
        unit: said!(
            Unit { kind: Simple, directives: &[("LimitNOFILE", "131072"), ("LimitMEMLOCK", "85983232")] },
            &[VARNISH_UNIT],
        ),
        account: said!(
            Drops { how: "to accounts of its own: the jail `unix` is the default", unless: &[Pair("-j", "none")] },
            &[VARNISH],
        ),
        ..App::UNKNOWN
    },
    App {
        name: "squid",
        about: "proxy and cache",
        by: &[Program("squid"), Program("squid3")],
        foreground: said!(
            Leaves { stays: &[Flag("--foreground"), Letter('N', "CDFRSYsXz")], write: "squid --foreground", or: None },
            &[SQUID],
        ),
        signals: said!(&[(Term, Graceful)], &[SQUID_UNIT]),
        children: said!(Workers, &[SQUID]),
        time: said!(
            StopTime::Setting("shutdown_lifetime", 30),
            &["https://www.squid-cache.org/Doc/config/shutdown_lifetime/"],
        ),
        unit: said!(
            Unit {
                kind: Notify(&[Flag("--foreground")]),
                directives: &[("KillMode", "mixed"), ("NotifyAccess", "all"), ("RuntimeDirectory", "squid")],
            },
            &[SQUID_UNIT],
        ),
        account: said!(Drops { how: "to the account of `cache_effective_user`", unless: &[] }, &[SQUID_CONF]),
        ..App::UNKNOWN
    },
    App {
        name: "lighttpd",
        about: "web server",
        by: &[Program("lighttpd")],
        foreground: said!(Leaves { stays: &[Letter('D', "")], write: "lighttpd -D", or: None }, &[LIGHTTPD]),
        signals: said!(&[(Int, Graceful), (Term, Quick)], &["lighttpd-angel(8), lighttpd 1.4.67"]),
        children: said!(Single, &[LIGHTTPD_UNIT]),
        unit: said!(Unit { kind: Simple, directives: &[] }, &[LIGHTTPD_UNIT]),
        account: said!(
            Account::Drops { how: "to the account of `server.username`", unless: &[] },
            &["lighttpd.conf of Debian's lighttpd 1.4.69"],
        ),
        ..App::UNKNOWN
    },
];
