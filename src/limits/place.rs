//! Where a supervisord runs, which decides the limits that it is started with: the unit, the container, the shell before it.

use super::process::{Pid, Proc, Processes};
use crate::well_known;

/// What a supervisord was started by, as far as that can be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The unit of systemd that it runs in, and is started by: `supervisor.service`.
    pub unit: Option<String>,
    /// Whether that unit is one of a user's own manager, not of the system's.
    pub of_user: bool,
    /// Whether it runs in a container.
    pub container: bool,
    /// Whether it is the first process there, or of the machine: with it all ends.
    pub first: bool,
    /// The shell that is its parent, and that one's number.
    pub shell: Option<(String, Pid)>,
}

impl Place {
    /// Of a process.
    #[must_use]
    pub fn of(pid: Pid, proc: &Proc, all: &Processes) -> Self {
        let groups = proc.control_groups(pid);
        let parent = all.get(pid).and_then(|one| all.get(one.parent));
        let shell = parent.filter(|parent| well_known::is_shell(&parent.command));
        let marked = || ["root/.dockerenv", "root/run/.containerenv"].iter().any(|it| proc.path(pid, it).exists());
        Self {
            unit: unit(&groups),
            of_user: groups.contains("/user@"),
            container: is_container(&groups) || marked(),
            first: proc.innermost(pid) == Some(1),
            shell: shell.map(|shell| (shell.command.clone(), shell.pid)),
        }
    }
}

/// The paths of the control groups that systemd names: those of version 2, and of its own hierarchy of version 1.
fn paths(groups: &str) -> impl Iterator<Item = &str> {
    groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        (controllers == "name=systemd" || (number == "0" && controllers.is_empty())).then_some(path)
    })
}

/// The service that a process runs in: the innermost name of a unit in the path, where that is no scope of somebody's session
/// and no container is inside it.
fn unit(groups: &str) -> Option<String> {
    let unit = |path: &str| {
        let within = path.rsplit('/').take_while(|part| !is_containers(part));
        let units = within.filter_map(|part| Some((part, part.rsplit_once('.')?.1)));
        let (innermost, kind) = units.into_iter().find(|(_, kind)| matches!(*kind, "service" | "scope"))?;
        (kind == "service" && !is_host(innermost)).then(|| innermost.to_owned())
    };
    paths(groups).find_map(unit)
}

/// Whether what runs in a service may be its guest: somebody's job (`@reboot` of cron) or session started it there, and to start the
/// service again does not start it.
fn is_host(service: &str) -> bool {
    let name = service.split(['@', '.']).next().unwrap_or(service);
    matches!(name, "cron" | "crond" | "cronie" | "fcron" | "anacron" | "atd" | "ssh" | "sshd")
}

/// Whether a path of a control group has a part that a container manager makes.
fn is_container(groups: &str) -> bool {
    groups.lines().any(|line| line.split('/').skip(1).any(is_containers))
}

/// Whether a container manager names a control group so: `docker`, `docker-0123abcd.scope`; not the manager itself.
fn is_containers(part: &str) -> bool {
    ["docker", "libpod", "nerdctl", "cri-containerd", "crio", "lxc", "lxc.payload", "kubepods"].iter().any(|name| {
        let rest = part.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', ':']) && !rest.ends_with(".service"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_containers_by_control_group() {
        for (groups, expected, container) in [
            ("0::/system.slice/supervisor.service\n", Some("supervisor.service"), false),
            (
                "0::/system.slice/system-supervisor.slice/supervisor@web.service\n",
                Some("supervisor@web.service"),
                false,
            ),
            ("4:memory:/a\n1:name=systemd:/system.slice/supervisor.service\n", Some("supervisor.service"), false),
            ("9:name=systemd:/\n0::/\n", None, false),
            ("0::/system.slice/supervisor.service/payload\n", Some("supervisor.service"), false),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/mine.service\n", Some("mine.service"), false),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.scope\n", None, false),
            ("0::/user.slice/user-1000.slice/session-3.scope\n", None, false),
            ("0::/system.slice/docker-0123abcd.scope\n", None, true),
            ("0::/system.slice/docker.service\n", Some("docker.service"), false),
            ("0::/machine.slice/libpod-0123abcd.scope/container\n", None, true),
            ("0::/docker/0123abcd\n", None, true),
            ("12:cpu:/docker/0123abcd\n1:name=systemd:/docker/0123abcd\n", None, true),
            ("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123abcd.scope\n", None, true),
            ("0::/kubepods/burstable/pod1/0123abcd\n", None, true),
            ("0::/lxc.payload.web/system.slice/supervisor.service\n", Some("supervisor.service"), true),
            ("0::/system.slice/containerd.service/kubepods-pod1:cri-containerd:0123abcd\n", None, true),
            ("0::/system.slice/cron.service\n", None, false),
            ("0::/system.slice/ssh.service\n", None, false),
            ("0::/system.slice/system-sshd.slice/sshd@1-10.0.0.1:22-10.0.0.2:4711.service\n", None, false),
            ("0::/system.slice/cron-supervisor.service\n", Some("cron-supervisor.service"), false),
            ("", None, false),
        ] {
            assert_eq!((unit(groups).as_deref(), is_container(groups)), (expected, container), "{groups}");
        }
    }
}
