//! docs/equivalence.md and its sisters: what was seen on both sides, by subject; nothing in it varies from run to run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::announced::Shows;
use super::gaps;
use super::judge::{Cell, Judged, Verdict};
use super::target::Target;

/// The parts of the page: what a scenario calls its subject, and the heading.
pub static SUBJECTS: &[(&str, &str)] = &[
    ("context", "What a program is started with"),
    ("command", "Command and environment"),
    ("restart", "Start and restart"),
    ("stop", "Stop"),
    ("logs", "Logs"),
    ("groups", "Groups, order, names"),
    ("sockets", "Sockets and listeners"),
];

/// Cells by verdict.
#[derive(Default)]
struct Count {
    equal: usize,
    announced: usize,
    gaps: usize,
    silent: usize,
}

impl Count {
    fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Self {
        let mut count = Self::default();
        for cell in cells {
            match cell.verdict {
                Verdict::Equal => count.equal += 1,
                Verdict::Announced(_) => count.announced += 1,
                Verdict::Gap(_) => count.gaps += 1,
                Verdict::Silent => count.silent += 1,
            }
        }
        count
    }
}

/// The last line of a run.
pub fn summary(all: &[Judged]) -> String {
    let Count { equal, announced, gaps, silent } = Count::of(all.iter().flat_map(|one| &one.cells));
    let unseen: BTreeSet<usize> = all.iter().flat_map(|one| one.unseen.clone()).collect();
    format!(
        "{} scenarios, {} observations: {equal} equal, {announced} announced, {silent} silent, {gaps} in known gaps; {} \
         announcements that the lab cannot see",
        all.len(),
        equal + announced + gaps + silent,
        unseen.len()
    )
}

/// The whole page: what it comes to and how it is read, then the tables.
pub fn document(target: &Target, all: &[Judged], version: &str) -> String {
    let mut page = format!(
        "# Equal under both\n\n\
         What programs, their operator and their logs see under Supervisor 4.3.0 and, converted by `supconv {}`, under \
         {} {version}{}. `tests/it/lab/equivalence.rs` runs both and writes this page; each scenario is a file of \
         `tests/it/lab/scenarios`.\n\n{}\n{LEGEND}",
        [&[target.command], target.arguments].concat().join(" "),
        target.name,
        if target.name == "systemd" { " (PID 1)" } else { "" },
        in_short(all),
    );
    not_compared(&mut page, target, all);
    everywhere(&mut page, target, all);
    for (subject, heading) in SUBJECTS {
        let _ = writeln!(page, "\n## {heading}");
        if target.is_brief {
            page.push_str("\n| configuration | observations | equal |\n|---|---|---|\n");
        }
        for one in all.iter().filter(|one| one.scenario.subject == *subject) {
            page.push_str(&entry(one));
        }
    }
    unseen(&mut page, target, all);
    let _ = writeln!(page, "\n## Counts\n\n{}.", summary(all));
    page
}

const LEGEND: &str = "\
## How to read the tables

| word | meaning |
|---|---|
| equal | the same on both sides |
| announced | it differs, and the converter says so for the option that is named: a part of its sentence is quoted |
| gap | it differs, and the converter does not say so yet; the reason is at the end of the page |
| silent | it differs and nothing says so: the test fails |

An announcement that shows in no scenario fails the test too, unless the lab cannot see it (at the end of the page).
";

/// What cannot be tried with a target, and what chance decides there.
fn not_compared(page: &mut String, target: &Target, all: &[Judged]) {
    let varies = all.iter().flat_map(|one| {
        let of = one.scenario.varies.iter().filter(|(name, _)| name == target.name);
        of.flat_map(|(_, looks)| looks).map(|look| (&*one.scenario.name, &**look, "left to chance"))
    });
    let lines: Vec<(&str, &str, &str)> =
        target.leaves_out.iter().map(|(name, why)| (*name, "all of it", *why)).chain(varies).collect();
    if lines.is_empty() {
        return;
    }
    page.push_str("\n## Not compared\n\n");
    if !target.has_control {
        let _ = writeln!(
            page,
            "{0} has no command to start and stop a program. So the first `stop` of a scenario is the end of {0}, and each program is \
             looked at after its own `stop`; what an operator starts again is left out.\n",
            target.name
        );
    }
    page.push_str("| configuration | what | why |\n|---|---|---|\n");
    for (name, what, why) in lines {
        let _ = writeln!(page, "| {name} | {what} | {why} |");
    }
}

/// What every program sees, by what is looked at.
fn looks<'j>(all: &'j [Judged]) -> BTreeMap<String, Vec<&'j Cell>> {
    let mut looks: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
    for one in all {
        for cell in one.cells.iter().filter(|cell| cell.look.is_context()) {
            let own = cell.look.what == "variable" && one.scenario.sets(&cell.look.which);
            let look = if own { "variables that the file sets".to_owned() } else { name(cell) };
            looks.entry(look).or_default().push(cell);
        }
    }
    looks
}

/// The page in short: what is equal in all programs, and what every unit has otherwise.
fn in_short(all: &[Judged]) -> String {
    let (mut equal, mut seldom, mut always) = (0, Vec::new(), Vec::new());
    let looks = looks(all);
    for (look, cells) in &looks {
        match Count::of(cells.iter().copied()) {
            Count { announced: 0, gaps: 0, silent: 0, .. } => equal += 1,
            Count { equal: 0, .. } => always.push(look.as_str()),
            Count { .. } => seldom.push(look.as_str()),
        }
    }
    let mut page = format!(
        "## In short\n\n\
         - {} configurations ran under both.\n\
         - Of {} things that a program sees, {equal} are equal in every unit.\n\
         - {} differ in some units, and the converter says so: {}.\n\
         - {} differ in every unit by design, and the converter says so once per plan: {}.\n\
         - None differs silently.\n\n\
         | subject | configurations | things compared | always equal | announced where they differ | silent |\n\
         |---|---|---|---|---|---|\n",
        all.len(),
        looks.len(),
        seldom.len(),
        seldom.join(", "),
        always.len(),
        always.join(", ")
    );
    for (subject, heading) in SUBJECTS {
        let of: Vec<&Judged> = all.iter().filter(|one| one.scenario.subject == *subject).collect();
        let mut things: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
        for cell in of.iter().flat_map(|one| &one.cells) {
            things.entry(cell.look.what).or_default().push(cell);
        }
        let counts: Vec<Count> = things.values().map(|cells| Count::of(cells.iter().copied())).collect();
        let silent = counts.iter().filter(|count| count.silent + count.gaps > 0).count();
        let announced = counts.iter().filter(|count| count.silent + count.gaps == 0 && count.announced > 0).count();
        let equal = counts.len() - silent - announced;
        let _ = writeln!(page, "| {heading} | {} | {} | {equal} | {announced} | {silent} |", of.len(), counts.len());
    }
    page
}

/// What every program sees: one line a look.
fn everywhere(page: &mut String, target: &Target, all: &[Judged]) {
    page.push_str(
        "\n## What every program sees\n\n| looked at | programs | equal | announced | gaps | by |\n|---|---|---|---|---|---|\n",
    );
    for (look, cells) in looks(all) {
        let Count { equal, announced, gaps, .. } = Count::of(cells.iter().copied());
        let sentences: BTreeSet<String> = cells.iter().filter_map(|cell| sentence(target, cell)).collect();
        let sentences = sentences.into_iter().collect::<Vec<_>>().join("; ");
        let sentences = sentences.replace("announced: ", "");
        let all = cells.len();
        let _ = writeln!(page, "| {look} | {all} | {equal} | {announced} | {gaps} | {sentences} |");
    }
}

/// What the page has of one scenario.
pub fn entry(one: &Judged) -> String {
    if one.target.is_brief { row(one) } else { chapter(one) }
}

/// A line for one scenario.
fn row(one: &Judged) -> String {
    let equal = one.cells.iter().filter(|cell| cell.verdict == Verdict::Equal).count();
    format!("| {} | {} | {equal} |\n", one.scenario.name, one.cells.len())
}

/// The lines of one scenario.
fn chapter(one: &Judged) -> String {
    let scenario = one.scenario;
    let mut page = format!("\n### {}\n\n{}\n", scenario.name, scenario.title);
    let mut notes = vec![format!("Stands for {}.", scenario.stands_for.join(", "))];
    if !scenario.flags.is_empty() {
        notes.push(format!("Converted with `{}`.", scenario.flags.join(" ")));
    }
    // Those without a line too: a cell that is otherwise by chance makes the run doubtful.
    let equal = one.cells.iter().filter(|cell| cell.verdict == Verdict::Equal).count();
    notes.push(format!("Of {} observations {equal} are equal.", one.cells.len()));
    let _ = writeln!(page, "{}\n", notes.join(" "));
    let _ = writeln!(page, "| | looked at | supervisord | {} | |\n|---|---|---|---|---|", one.target.name);
    for cell in one.cells.iter().filter(|cell| is_told(one, cell)) {
        let verdict = match cell.verdict {
            Verdict::Equal => "equal".to_owned(),
            Verdict::Silent => "**silent**".to_owned(),
            _ => sentence(one.target, cell).unwrap_or_default(),
        };
        let text = |value: &str| text(value, &scenario.name);
        let (there, here) = (text(&cell.supervisor), text(&cell.converted));
        let _ = writeln!(page, "| {} | {} | {there} | {here} | {verdict} |", cell.look.who, text(&name(cell)));
    }
    page
}

/// Whether a cell has a line of its own: what the scenario asks for, and what becomes of its programs. That all is well is
/// told only where there is nothing else to tell.
fn is_told(one: &Judged, cell: &Cell) -> bool {
    if one.scenario.looks_at.iter().any(|look| *look == cell.look.what || *look == name(cell)) {
        return true;
    }
    let is_quiet = |cell: &Cell| {
        let last = cell.look.which == "at the end";
        cell.verdict == Verdict::Equal
            && match cell.look.what {
                "state" => !last,
                "counts as failed" => cell.supervisor == "no",
                "the file is" => cell.supervisor == "accepted",
                _ => false,
            }
    };
    // Of what a step does to other processes, and of what stays so, nothing is told.
    let step = cell.look.which.strip_prefix("after `").and_then(|step| step.strip_suffix('`'));
    if step
        .and_then(|step| step.split(' ').nth(1))
        .is_some_and(|object| object != cell.look.who && object != "all" && !object.ends_with('*'))
    {
        return false;
    }
    let as_before = |other: &Cell| {
        let same = other.look.who == cell.look.who && other.look.what == cell.look.what && other.look != cell.look;
        let told = other.look.which.ends_with(&format!(" {}`", cell.look.who)) && !is_quiet(other);
        same && told && other.supervisor == cell.supervisor && other.converted == cell.converted
    };
    if cell.look.which == "at the end" && one.cells.iter().any(as_before) {
        return false;
    }
    let up = cell.look.what == "state" && cell.verdict == Verdict::Equal && cell.supervisor == "up";
    let others =
        || one.cells.iter().any(|other| other.look.what != "state" && !other.look.is_context() && !is_quiet(other));
    !cell.look.is_context() && !is_quiet(cell) && !(up && (others() || !one.scenario.looks_at.is_empty()))
}

/// What the lab cannot see, and known gaps.
fn unseen(page: &mut String, target: &Target, all: &[Judged]) {
    page.push_str("\n## Announced, but not visible in the lab\n\n| option | announcement | why |\n|---|---|---|\n");
    let found: BTreeSet<usize> = all.iter().flat_map(|one| one.unseen.clone()).collect();
    for at in found {
        if let (option, words, Shows::Unseen(why)) = target.table[at] {
            let _ = writeln!(page, "| {option} | … {words} … | {why} |");
        }
    }
    if !gaps::SILENT.is_empty() || !gaps::FALSE.is_empty() {
        page.push_str("\n## Known gaps\n\n| where | what | |\n|---|---|---|\n");
    }
    for (scenario, who, what, why) in gaps::SILENT {
        let place = if scenario.is_empty() { "everywhere".to_owned() } else { format!("{scenario}, {who}") };
        let _ = writeln!(page, "| {place} | {what} | {why} |");
    }
    for (scenario, option, words, why) in gaps::FALSE {
        let _ = writeln!(page, "| {scenario} | announced for {option}: … {words} … | {why} |");
    }
}

/// What is looked at. Variables that a file sets are not told apart.
fn name(cell: &Cell) -> String {
    format!("{} {}", cell.look.what, cell.look.which).trim_end().to_owned()
}

fn sentence(target: &Target, cell: &Cell) -> Option<String> {
    match cell.verdict {
        Verdict::Announced(at) => Some(format!("announced: {}, “… {} …”", target.table[at].0, target.table[at].1)),
        Verdict::Gap(why) => Some(format!("known gap: {why}")),
        Verdict::Equal | Verdict::Silent => None,
    }
}

/// A value in a cell: one line, without the directory of the scenario.
fn text(value: &str, scenario: &str) -> String {
    let place = format!("/lab/{scenario}");
    let value = value.replace(&format!("{place}/"), "").replace(&place, ".");
    value.replace('|', "\\|").replace('\n', "<br>").replace('\t', " ")
}
