//! The program's user and groups. Accounts are made in a namespace of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use supconv::convert::daemon::launcher::{Account, Launcher, Switch};

use super::{Shell, ended, output, plain, shells, status, witness};
use crate::support::desk::Desk;
use crate::support::machine;

/// su-exec, which is not in Debian, with the two habits that matter: HOME is always set, and a number may be refused.
const SU_EXEC: &str = "#!/bin/sh
user=$1; shift
entry=$(/bin/grep \"^$user:\" /etc/passwd) || { echo \"su-exec: $user\" >&2; exit 1; }
gid=$(echo \"$entry\" | /usr/bin/cut -d: -f4)
export HOME=\"$(echo \"$entry\" | /usr/bin/cut -d: -f6)\"
exec /usr/bin/setpriv --reuid=\"$user\" --regid=\"$gid\" --init-groups -- \"$@\"
";

/// A desk with the accounts, or None where this machine cannot have them.
fn desk() -> Option<Desk> {
    let allowed = machine::root()
        && Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|it| it.status.success());
    if !allowed {
        machine::passed_over("accounts of the launcher", "only root may have a namespace of its own");
        return None;
    }
    if let Err(why) = machine::program("setpriv", "util-linux") {
        machine::passed_over("accounts of the launcher", &why);
        return None;
    }
    let desk = Desk::new(&[("bin/su-exec", SU_EXEC), ("secrets.sh", "export TOKEN=x\n")]);
    fs::set_permissions(desk.join("bin/su-exec"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(desk.join("secrets.sh"), fs::Permissions::from_mode(0o600)).unwrap();
    let read = |file: &str| fs::read_to_string(file).unwrap();
    desk.write("passwd", read("/etc/passwd") + "lab.x:x:5001:5002::/home/lab:/bin/sh\n");
    desk.write("group", read("/etc/group") + "lab:x:5002:\nlabs:x:5101:root,lab.x\nothers:x:5102:lab\n");
    Some(desk)
}

/// The launched program, about to start where these accounts are.
fn launch(desk: &Desk, shell: &Shell, launcher: &Launcher<'_>, argv: &[impl AsRef<str>]) -> Command {
    let script = "mount --bind \"$0/passwd\" /etc/passwd && mount --bind \"$0/group\" /etc/group && \
        exec env -u PWD -u SHLVL \"$@\"";
    let mut command = shell.launch_from(&["unshare", "--mount", "sh", "-c", script, &desk.path("")], launcher, argv);
    command.env("PATH", format!("{}:{}", shell.path, desk.path("bin"))).env("HOME", "/root/of daemon");
    command
}

#[test]
fn user_groups_home_and_rights() {
    let Some(desk) = desk() else { return };
    let secrets = desk.path("secrets.sh");
    for shell in shells(&desk) {
        for switch in [Switch::Setpriv, Switch::SuExec] {
            for account in [Account::Name("lab.x"), Account::Uid(5001)] {
                let launcher = Launcher { account: Some((account, switch)), secrets: Some(&secrets), ..plain() };
                let run = |what: &str| launch(&desk, &shell, &launcher, &witness(what));
                let found = status(&mut run("status"));
                let what = format!("{} {account:?} {switch:?}", shell.name);
                assert_eq!(found["Uid"], "5001\t5001\t5001\t5001", "{what}");
                assert_eq!(found["Gid"], "5002\t5002\t5002\t5002", "{what}");
                assert_eq!(found["Groups"], "5002 5101", "{what}");
                assert_eq!([&found["CapEff"], &found["CapPrm"]], ["0000000000000000"; 2], "{what}");
                let environment = String::from_utf8(output(&mut run("environ"))).unwrap();
                let mut environment: Vec<&str> = environment.split_terminator('\0').collect();
                environment.sort_unstable();
                let path = format!("PATH={}:{}", shell.path, desk.path("bin"));
                assert_eq!(environment, ["HOME=/root/of daemon", &path, "TOKEN=x"], "{what}");
            }
        }
    }
}

#[test]
fn home_that_the_daemon_has_not_or_that_is_set() {
    let Some(desk) = desk() else { return };
    for shell in shells(&desk) {
        for (variables, expected) in [(&[][..], None), (&[("HOME", "/own")], Some("HOME=/own"))] {
            let account = Some((Account::Name("lab.x"), Switch::SuExec));
            let launcher = Launcher { account, variables, ..plain() };
            let witness = witness("environ");
            let mut command = launch(&desk, &shell, &launcher, &witness);
            let environment = String::from_utf8(output(command.env_remove("HOME"))).unwrap();
            assert_eq!(environment.split('\0').find(|pair| pair.starts_with("HOME=")), expected, "{}", shell.name);
        }
    }
}

#[test]
fn accounts_that_are_unknown() {
    let Some(desk) = desk() else { return };
    for shell in shells(&desk) {
        for (account, name, switch) in [
            (Account::Name("no body"), "no body", Switch::Setpriv),
            (Account::Uid(5999), "5999", Switch::Setpriv),
            (Account::Uid(5999), "5999", Switch::SuExec),
            (Account::Name("-x"), "-x", Switch::SuExec),
        ] {
            let launcher = Launcher { account: Some((account, switch)), ..plain() };
            let run = ended(&mut launch(&desk, &shell, &launcher, &["/bin/sh", "-c", "echo ran >&2"]));
            let expected = format!("web is not started: the user {name} is unknown\n");
            assert_eq!(run, (Some(127), expected), "{} {switch:?}", shell.name);
        }
    }
}
