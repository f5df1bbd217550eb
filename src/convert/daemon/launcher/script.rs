//! The script: one line a thing that has to be done, in the order in which supervisord does it.

use std::borrow::Cow;

use super::{Account, Launcher, Output, Stderr, Switch};
use crate::convert::daemon::{CannotLaunch, sh};

/// The variables that a shell adds or changes: all set PWD; bash and busybox count SHLVL, bash drops an OLDPWD that is no
/// directory (facts 12.1).
const SHELLS: [&str; 4] = ["PWD", "OLDPWD", "SHLVL", "_"];

impl Launcher<'_> {
    /// The text after `-c`; the words after the name are variables, then the program and its arguments.
    pub(super) fn script(&self) -> Result<String, CannotLaunch> {
        let mut lines = Vec::new();
        self.outputs(&mut lines)?;
        if let Some(umask) = self.umask {
            lines.push(format!("umask {umask:03o}"));
        }
        if let Some(path) = self.secrets {
            let file = quoted(path)?;
            lines.push(format!("[ -r {file} ] || {}", self.refusal(&format!("{path} cannot be read"))?));
            lines.push(format!(". {file}"));
        }
        if let Some(floor) = self.open_files {
            let refusal = self.refusal(&format!("the limit of open files cannot be raised to {floor} (minfds)"))?;
            lines.push(raised("ulimit -Sn", floor, &["-Sn", "-n"], &refusal));
        }
        if let Some(floor) = self.processes {
            let refusal = self.refusal(&format!("the limit of processes cannot be raised to {floor} (minprocs)"))?;
            // bash and busybox call it -u, dash -p, which to bash is a limit that nothing can set.
            let current = "ulimit -Su 2>/dev/null || ulimit -Sp";
            lines.push(raised(current, floor, &["-Su", "-Sp", "-u", "-p"], &refusal));
        }
        if self.ignores_signals {
            lines.push("trap '' PIPE XFSZ".to_owned());
        }
        self.program(&mut lines)?;
        Ok(lines.join("\n"))
    }

    /// Standard output and error, before all else: what fails after it is told there.
    fn outputs(&self, lines: &mut Vec<String>) -> Result<(), CannotLaunch> {
        let stderr = match self.stderr {
            Stderr::Own(output) => output,
            Stderr::Stdout => Output::Kept,
        };
        let targets = [target(self.stdout)?, target(stderr)?];
        let files =
            [self.stdout, stderr].into_iter().zip(&targets).filter(|(output, _)| matches!(output, Output::File(_)));
        let created: String = files.filter_map(|(_, target)| Some(format!("; : >>{}", target.as_deref()?))).collect();
        if let Some(umask) = self.log_umask.filter(|_| !created.is_empty()) {
            // Where the program keeps the daemon's umask, only a subshell has another.
            lines.push(match self.umask {
                Some(_) => format!("umask {umask:03o}"),
                None => format!("(umask {umask:03o}{created})"),
            });
        }
        let [stdout, stderr] = targets;
        let mut redirections: Vec<String> = stdout.iter().map(|target| format!(">>{target}")).collect();
        redirections.extend(stderr.iter().map(|target| format!("2>>{target}")));
        if self.stderr == Stderr::Stdout {
            redirections.push("2>&1".to_owned());
        }
        if !redirections.is_empty() {
            lines.push(format!("exec {}", redirections.join(" ")));
        }
        Ok(())
    }

    /// The change of user, the environment, the program, its end.
    fn program(&self, lines: &mut Vec<String>) -> Result<(), CannotLaunch> {
        let mut own: Vec<&str> = SHELLS.to_vec();
        let switch = match self.account {
            None => String::new(),
            Some((account, switch)) => {
                let name = account.name();
                let user = quoted(&name)?;
                let refusal = self.refusal(&format!("the user {name} is unknown"))?;
                lines.push(format!("getent passwd -- {user} >/dev/null || {refusal}"));
                match switch {
                    Switch::Setpriv => {
                        let group = format!("\"$(getent passwd -- {user} | cut -d: -f4)\"");
                        format!("setpriv --reuid={user} --regid={group} --init-groups ")
                    }
                    Switch::SuExec => {
                        own.push("HOME");
                        match account {
                            Account::Name(_) => format!("su-exec {user} "),
                            // Versions differ in what they do with a number.
                            Account::Uid(_) => format!("su-exec \"$(getent passwd -- {user} | cut -d: -f1)\" "),
                        }
                    }
                }
            }
        };
        let mut removed = String::new();
        for name in own.iter().chain(self.without) {
            removed.extend([" -u ", &quoted(name)?]);
        }
        // What was inherited under these names is read where no shell has changed it, one a line.
        own.retain(|name| !self.without.contains(name));
        let inherited = match &*own {
            [] => String::new(),
            own => format!(" $(tr '\\0\\n' '\\n ' </proc/$$/environ | sed -nE '/^({})=/p')", own.join("|")),
        };
        lines.push("IFS='\n'; set -f".to_owned());
        let exec = if self.mapped().is_some() { "" } else { "exec " };
        lines.push(format!("{exec}{switch}env{removed} --{inherited} \"$@\""));
        if let Some(last) = self.mapped() {
            let codes: Vec<String> = last.iter().filter(|code| **code != 0).map(u8::to_string).collect();
            let kept = if codes.is_empty() { String::new() } else { format!("{}) exit 0;; ", codes.join("|")) };
            let zero = if last.contains(&0) { "" } else { "0) exit 75;; " };
            lines.push(format!("case $? in {kept}{zero}*) exit $?;; esac"));
        }
        Ok(())
    }

    /// The end of a program that is not started.
    fn refusal(&self, why: &str) -> Result<String, CannotLaunch> {
        let message = format!("{} is not started: {why}", self.name);
        Ok(format!("{{ printf '%s\\n' {} >&2; exit 127; }}", quoted(&message)?))
    }
}

impl Account<'_> {
    /// What `getent` and the programs that change the user are told.
    fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Name(name) => (*name).into(),
            Self::Uid(uid) => uid.to_string().into(),
        }
    }
}

/// A limit that is raised where it is below a number: the soft one alone if that is allowed, else both. `ways` are the flags of
/// `ulimit`, in the order in which they are tried.
fn raised(current: &str, floor: u64, ways: &[&str], refusal: &str) -> String {
    let tests = [format!("[ \"$({current})\" = unlimited ]"), format!("[ \"$({current})\" -ge {floor} ]")];
    let tries = ways.iter().map(|flag| format!("ulimit {flag} {floor} 2>/dev/null"));
    tests.into_iter().chain(tries).chain([refusal.to_owned()]).collect::<Vec<_>>().join(" || ")
}

/// The file of a redirection. It is always opened at its end: the parent's output may be a file too.
fn target(output: Output<'_>) -> Result<Option<Cow<'_, str>>, CannotLaunch> {
    Ok(match output {
        Output::Kept => None,
        Output::File(path) => Some(quoted(path)?),
        Output::Nowhere => Some("/dev/null".into()),
        Output::ParentsStdout => Some("/proc/$PPID/fd/1".into()),
        Output::ParentsStderr => Some("/proc/$PPID/fd/2".into()),
    })
}

fn quoted(word: &str) -> Result<Cow<'_, str>, CannotLaunch> {
    sh::quoted(word).ok_or(CannotLaunch::Nul)
}
