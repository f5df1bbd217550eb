//! The services that distributions have: an operator's file of that name takes the place of the packaged one (facts 2.2).

/// Of Debian 12: services of the packages that servers have, out of `Contents-amd64` and `Contents-all` of bookworm
/// (`lib/systemd/system/*.service`), without templates and systemd's own. In the order of bytes.
#[rustfmt::skip] // A line a word would hide the rest of the file.
const DEBIAN: &[&str] = &[
    "ModemManager", "NetworkManager", "acpid", "alsa-state", "amavis", "anacron", "apache2", "apcupsd", "apparmor",
    "apt-cacher-ng", "apticron", "arpwatch", "atd", "auditd", "autofs", "avahi-daemon", "backuppc", "beanstalkd",
    "bluetooth", "boinc-client", "borgmatic", "buildbot", "buildbot-worker", "caddy", "carbon-cache", "ceph-mon",
    "certbot", "chrony", "clamav-daemon", "clamav-freshclam", "clickhouse-server", "cloud-init", "cockpit",
    "collectd", "containerd", "coturn", "courier-imap", "cron", "cups", "cups-browsed", "cyrus-imapd", "danted",
    "dbus-broker", "ddclient", "deluge-web", "deluged", "dhcpcd", "dnscache", "dnsdist", "dnsmasq", "docker",
    "docker-registry", "dovecot", "dropbear", "earlyoom", "ejabberd", "etcd", "fail2ban", "fcgiwrap", "firebird3.0",
    "firewalld", "freeradius", "frr", "fstrim", "ganglia-monitor", "gdm", "gdm3", "gearman-job-server", "glances",
    "glusterd", "gmetad", "gnunet", "gpm", "gpsd", "h2o", "haproxy", "haveged", "heartbeat", "hitch", "hostapd",
    "i2pd", "icinga2", "incron", "inetd", "influxdb", "inspircd", "iodined", "iperf3", "ircd-irc2", "irqbalance",
    "iscsid", "jabberd", "janus", "jetty9", "jupyterhub", "kamailio", "keepalived", "keystone", "knockd", "knot",
    "krb5-kdc", "kresd", "libvirtd", "lightdm", "lighttpd", "lldpd", "logrotate", "lxc", "lxcfs", "lxd", "lxdm",
    "mailgraph", "mailman3", "man-db", "mariadb", "mcollective", "memcached", "minetest-server", "minidlna",
    "minissdpd", "miniupnpd", "monitorix", "mopidy", "mosquitto", "motion", "mpd", "mrtg", "multipathd", "munge",
    "munin-node", "mysql", "mysqld", "nagios4", "named", "nats-server", "netdata", "netfilter-persistent",
    "netscript", "networking", "nfs-kernel-server", "nfs-server", "nftables", "nghttpx", "nginx", "ngircd",
    "nix-daemon", "nmbd", "nodm", "nscd", "nsd", "ntpsec", "nullmailer", "nut-client", "nut-driver-enumerator",
    "nut-monitor", "nut-server", "nutcracker", "ocserv", "ofono", "oidentd", "onionprobe", "openarena-server",
    "openbsd-inetd", "opendkim", "opendmarc", "opendnssec-signer", "openntpd", "opensmtpd", "openvpn",
    "openvswitch-switch", "pacemaker", "packagekit", "patroni", "pcscd", "pdns", "pdns-recursor", "pgbackrest",
    "pgbouncer", "pgpool2", "php8.2-fpm", "plymouth", "podman", "polkit", "portmap", "postfix", "postgresql",
    "postgrey", "postsrsd", "privoxy", "procps", "proftpd", "prometheus", "prometheus-alertmanager",
    "prometheus-blackbox-exporter", "prometheus-mysqld-exporter", "prometheus-nginx-exporter",
    "prometheus-node-exporter", "prometheus-postgres-exporter", "prometheus-pushgateway", "prometheus-redis-exporter",
    "prometheus-snmp-exporter", "prosody", "puppet", "puppetdb", "puppetserver", "pushpin", "qemu-guest-agent",
    "quasselcore", "quota", "rabbitmq-server", "radicale", "radsecproxy", "radvd", "redis-sentinel", "redis-server",
    "renderd", "resolvconf", "rinetd", "rpcbind", "rspamd", "rsync", "rsyslog", "rtkit-daemon", "rtpengine", "samba",
    "samba-ad-dc", "sddm", "shadowsocks-libev", "shibd", "shiny-server", "shorewall", "sks", "slurmctld", "slurmd",
    "smartmontools", "smbd", "smokeping", "snapd", "sniproxy", "snmpd", "snmptrapd", "sogo", "spamd", "squid", "ssh",
    "sshguard", "sslh", "sssd", "strongswan", "strongswan-starter", "stubby", "sudo", "supervisor", "swift-proxy",
    "sympa", "syslog-ng", "sysstat", "tarantool", "tgt", "thermald", "tinc", "tinyproxy", "tirex-master", "tlp",
    "tomcat10", "tor", "trafficserver", "transmission-daemon", "trousers", "tryton-server", "tt-rss", "tuned",
    "udisks2", "ufw", "ulogd2", "unattended-upgrades", "unbound", "unicorn", "upower", "uptimed", "usbmuxd", "uuidd",
    "uwsgi-emperor", "v2ray", "varnish", "varnishncsa", "vdr", "victoria-metrics", "vnstat", "vsftpd", "walinuxagent",
    "watchdog", "webhook", "winbind", "wpa_supplicant", "x2goserver", "xdm", "xrdp", "xrdp-sesman", "yaws",
    "zabbix-agent", "zabbix-agent2", "zabbix-java-gateway", "zabbix-proxy", "zabbix-server", "zabbix-web-service",
    "znc",
];

/// Beside them: links that `Alias=` of Debian's own units makes (`sshd`, `redis`, `syslog`), scripts of `/etc/init.d` that systemd
/// makes units of (`exim4`, `uwsgi`), names on Fedora (`httpd`, `crond`), and those that vendors' packages have.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "alertmanager", "apm-server", "asterisk", "auditbeat", "bind9", "buildkite-agent", "cadvisor", "cassandra",
    "celery", "celerybeat", "celeryd", "chronyd", "consul", "couchdb", "crond", "datadog-agent", "elasticsearch",
    "envoy", "exim4", "filebeat", "fluentd", "forgejo", "freeswitch", "gerrit", "gitea", "gitlab-runner", "gogs",
    "grafana-server", "gunicorn", "heartbeat-elastic", "httpd", "icecast2", "isc-dhcp-server", "isc-dhcp-server6",
    "jellyfin", "jenkins", "k3s", "kafka", "keydb-server", "kibana", "kubelet", "logstash", "loki", "lsyncd",
    "metricbeat", "minio", "mongod", "mongodb", "mongos", "monit", "mumble-server", "munin", "nagios", "neo4j",
    "newrelic-infra", "node_exporter", "nomad", "nrpe", "ntp", "ntpd", "odoo", "openresty", "opensearch",
    "packetbeat", "php-fpm", "plexmediaserver", "promtail", "proxysql", "pure-ftpd", "radarr", "redis", "rethinkdb",
    "rstudio-server", "salt-api", "salt-master", "salt-minion", "saslauthd", "sidekiq", "slapd", "smartd", "solr",
    "sonarr", "spamassassin", "sphinxsearch", "sshd", "stunnel4", "supervisord", "syncthing", "syslog", "tailscaled",
    "td-agent", "telegraf", "tftpd-hpa", "tomcat8", "tomcat9", "traefik", "unit", "uwsgi", "valkey", "valkey-server",
    "vault", "vector", "xinetd", "xl2tpd", "zerotier-one", "zookeeper",
];

/// For user managers: of the packages that have units in `/usr/lib/systemd/user` on Debian and Fedora.
#[rustfmt::skip]
const USERS: &[&str] = &[
    "at-spi-dbus-bus", "dbus", "dbus-broker", "dconf", "dirmngr", "emacs", "filter-chain", "foot-server", "gamemoded",
    "gcr-ssh-agent", "gnome-keyring-daemon", "gpg-agent", "keyboxd", "mpd", "obex", "p11-kit-server", "pipewire",
    "pipewire-pulse", "podman", "pulseaudio", "speech-dispatcher", "ssh-agent", "syncthing", "wireplumber",
    "xdg-desktop-portal", "xdg-document-portal", "xdg-permission-store",
];

/// Whether distributions have a unit of this name for user managers.
#[must_use]
pub fn is_taken_for_users(name: &str) -> bool {
    name.strip_suffix(".service").is_some_and(|stem| USERS.binary_search(&stem).is_ok())
}

/// Whether distributions have a unit of this name.
#[must_use]
pub fn is_taken(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".service") else { return false };
    let php = stem.strip_prefix("php").and_then(|rest| rest.strip_suffix("-fpm"));
    [DEBIAN, OTHERS].into_iter().any(|names| names.binary_search(&stem).is_ok())
        || php.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_know_what_people_have() {
        for names in [DEBIAN, OTHERS, USERS] {
            assert!(names.is_sorted_by(|one, next| one < next));
        }
        for name in ["syslog", "syslog-ng", "lighttpd", "rsyslog", "sshd", "ssh", "redis", "redis-server", "php8.2-fpm"]
        {
            assert!(is_taken(&format!("{name}.service")), "{name}");
        }
        for name in ["web.service", "nginx.target", "nginx", "php-x-fpm.service", "web@.service"] {
            assert!(!is_taken(name), "{name}");
        }
    }
}
