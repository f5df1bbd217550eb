//! What an operator types instead of supervisorctl, with the names of a plan (facts 9.3).

use crate::convert::Moved;
use crate::convert::systemd::manager::Whose;
use crate::well_known::quoted;

/// What the table is made of.
#[derive(Debug)]
pub(in crate::convert::systemd) struct Table<'t> {
    /// Whose the units are.
    pub whose: Whose,
    /// The target of everything.
    pub umbrella: &'t str,
    /// The processes that have a unit.
    pub moved: &'t [Moved],
    /// The log file of the first of them.
    pub log: Option<&'t str>,
    /// A group, and the unit that is all of it.
    pub group: Option<(&'t str, &'t str)>,
    /// The option of `systemctl kill` that names which processes get a signal.
    pub kill_option: &'t str,
}

impl Table<'_> {
    /// Its lines.
    pub fn lines(&self) -> Vec<String> {
        let Some(Moved { called, unit }) = self.moved.first() else { return Vec::new() };
        let systemctl = self.whose.systemctl();
        let (called, unit, umbrella) = (quoted(called), quoted(unit), quoted(self.umbrella));
        let tail = match self.log {
            Some(log) => format!("tail -f {}", quoted(log)),
            None => format!("{} -fu {unit}", self.whose.journalctl()),
        };
        let mut rows = vec![
            ("status".to_owned(), format!("{systemctl} list-dependencies {umbrella}")),
            (format!("status {called}"), format!("{systemctl} status {unit}")),
            (format!("start {called}"), format!("{systemctl} start {unit}")),
            (format!("stop {called}"), format!("{systemctl} stop {unit}")),
            (format!("restart {called}"), format!("{systemctl} reset-failed {unit}; {systemctl} restart {unit}")),
            (format!("tail -f {called}"), tail),
            (format!("pid {called}"), format!("{systemctl} show -p MainPID --value {unit}")),
            (format!("signal HUP {called}"), format!("{systemctl} kill -s HUP {}=main {unit}", self.kill_option)),
        ];
        if let Some((group, target)) = self.group {
            rows.push((format!("start {}:*", quoted(group)), format!("{systemctl} start {}", quoted(target))));
            rows.push((
                format!("stop {}:*", quoted(group)),
                format!("{systemctl} stop {}     # does not wait", quoted(target)),
            ));
        }
        rows.extend([
            ("start all, stop all".to_owned(), format!("{systemctl} start {umbrella}, {systemctl} stop {umbrella}")),
            (
                "reread, update".to_owned(),
                "supconv to-systemd again with --out and --force, step 1, then restart the units that changed"
                    .to_owned(),
            ),
            ("shutdown, reload".to_owned(), format!("{systemctl} stop {umbrella}, {systemctl} restart {umbrella}")),
        ]);
        let width = rows.iter().map(|(old, _)| old.chars().count()).max().unwrap_or(0);
        let mut lines: Vec<String> = rows.into_iter().map(|(old, new)| format!("{old:width$}  {new}")).collect();
        let differ = self.moved.iter().filter(|moved| moved.unit.strip_suffix(".service") != Some(&moved.called));
        lines.extend(differ.map(|Moved { called, unit }| format!("{called} is {unit}")));
        lines
    }
}
