//! What became of limits that were to be raised, and what makes it last.

use std::fmt::Write as _;

use super::{lasting, number, processes};
use crate::launcher::Limits;
use crate::limits::raise::{Change, Done, Wish};
use crate::limits::{Look, Supervisord};
use crate::report::Style;
use crate::visible::on_one_line;

/// A line a process that was raised or left, how many there are, and the steps after which that also holds for what is started
/// later. `names`: whether only some programs were asked for.
#[must_use]
pub fn raised(look: &Look, changes: &[Change], wish: Wish, names: bool, dry_run: bool, style: Style) -> String {
    let mut text = String::new();
    let wide = changes.iter().map(|change| name(change).chars().count()).max().unwrap_or(0);
    let pids = changes.iter().map(|change| change.process.pid.to_string().len()).max().unwrap_or(0);
    for change in changes {
        let Change { name: _, child: _, process, wanted, done } = change;
        let limits = process.limits.unwrap_or(*wanted);
        let what = match done {
            Done::Had => format!("has {} already", both(limits, *wanted)),
            Done::Raised => {
                let verb = if dry_run { "would go" } else { "raised" };
                format!("{verb} from {} to {}", both(limits, *wanted), both(*wanted, limits))
            }
            Done::Left(why) => match process.limits {
                Some(limits) => format!("left at {}: {why}", both(limits, *wanted)),
                None => format!("left: {why}"),
            },
        };
        let line = format!("{:wide$}  {:pids$}  {what}", name(change), process.pid);
        let is_left = matches!(done, Done::Left(_));
        let _ = writeln!(text, "{}", if is_left { style.strong(&line) } else { line });
    }
    let count = |wanted: fn(&Done) -> bool| changes.iter().filter(|change| wanted(&change.done)).count();
    let raised = count(|done| matches!(done, Done::Raised));
    let had = count(|done| matches!(done, Done::Had));
    let left = count(|done| matches!(done, Done::Left(_)));
    let verb = if dry_run { "would be raised" } else { "raised" };
    let mut counts = vec![format!("{} {verb}", processes(raised))];
    counts.extend((had > 0).then(|| format!("{had} had enough")));
    counts.extend((left > 0).then(|| format!("{left} left")));
    let _ = writeln!(text, "\n{}", counts.join(", "));
    for of in &look.supervisords {
        let has = of.process.limits.is_some_and(|it| it.soft >= wish.soft);
        if has && of.minfds.written() >= Some(wish.soft) {
            let pid = of.process.pid;
            let gives = "gives that to what it starts, unless a program sets a limit of its own";
            let _ = writeln!(text, "supervisord {pid} {gives}.");
            continue;
        }
        // Nothing was changed that could end.
        if has && raised == 0 {
            continue;
        }
        let holds = match (raised + had, dry_run) {
            (0, _) => None,
            (_, true) => Some("This would hold"),
            (_, false) => Some("This holds"),
        };
        let _ = writeln!(text, "{}", until(of, names, look.supervisords.len() > 1, holds));
        for step in lasting(of, wish.soft) {
            let _ = writeln!(text, "  {}", on_one_line(&step));
        }
    }
    text
}

/// How long it holds. `holds`: the words for that; `None` where nothing has it.
fn until(of: &Supervisord, names: bool, several: bool, holds: Option<&str>) -> String {
    let supervisord = if several { format!("supervisord {}", of.process.pid) } else { "supervisord".to_owned() };
    let Some(holds) = holds else {
        return format!("To have it from the next start of {supervisord} on:");
    };
    let until = if names { "until the program is started again" } else { "until supervisord is started again" };
    format!("{holds} {until}. To make it last, for {supervisord}:")
}

fn name(change: &Change) -> String {
    match (&change.name, change.child) {
        (None, _) => "supervisord".to_owned(),
        (Some(name), false) => on_one_line(name).into_owned(),
        (Some(name), true) => format!("{} └ {}", on_one_line(name), on_one_line(&change.process.command)),
    }
}

/// The soft limit, and the hard one too where another has a different one.
fn both(limits: Limits, other: Limits) -> String {
    let Limits { soft, hard } = limits;
    if hard == other.hard { number(soft) } else { format!("{}:{}", number(soft), number(hard)) }
}
