//! Rows: files with what a rule says of each, and files of which it says nothing. They stand in the module `rows` of the rule;
//! here are their shape, and what holds a rule to them.
//!
//! A row states all that its own rule finds, so that a rule that says too much is seen as well as one that says too little. The
//! table of the rules asks each module for its rows, and each rule has to have one for each way in which it speaks, and one of
//! which it is silent: a rule that nothing guards cannot be built into a test that is green.

use super::ignores::Ignores;
use super::{Check, Fixer, Settings, Target, check, refusals};
use crate::configuration::Configuration;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fix::{Applicability, Edit};
use crate::launcher::SupervisorUnit;
use crate::reading::{Reading, Role};
use crate::source::Sources;

pub const E: Severity = Severity::Error;
pub const W: Severity = Severity::Warning;
pub const I: Severity = Severity::Info;

/// A main file with nothing to find.
pub const MAIN: &str = "[supervisord]\nuser=root\nminfds=65536\n";

/// The same with a program, whose options may follow.
pub const PROGRAM: &str = "[supervisord]\nuser=root\nminfds=65536\n[program:api]\nuser=api\ncommand=/srv/api\n";

/// Where the file of a row lies, for what it includes: `programs/*.conf` and the other folders of `src/rules/rows`.
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules/rows/supervisord.conf");

/// The files of a machine that rows with `.host()` are on.
const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules/rows/host");

/// A file, and all that a rule finds in it.
#[derive(Clone, Copy)]
pub struct Row {
    head: &'static str,
    text: &'static str,
    finds: &'static [(u32, Severity)],
    says: &'static str,
    helps: &'static str,
    mends: Option<&'static str>,
    kind: Option<Applicability>,
    role: Option<Role>,
    closed: bool,
    target: Target,
    stop_timeout: Option<i64>,
    unit: Option<&'static str>,
    host: bool,
}

/// A file that is `text` after `head`, and the line and the severity of each finding. The first line of `text` is line 1.
pub const fn row(head: &'static str, text: &'static str, finds: &'static [(u32, Severity)]) -> Row {
    let (role, target) = (None, Target::Auto);
    Row {
        head,
        text,
        finds,
        says: "",
        helps: "",
        mends: None,
        kind: None,
        role,
        closed: false,
        target,
        stop_timeout: None,
        unit: None,
        host: false,
    }
}

impl Row {
    /// What stands in the message of a finding.
    pub const fn says(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    /// What stands in the help of a finding.
    pub const fn helps(self, helps: &'static str) -> Self {
        Self { helps, ..self }
    }

    /// What the fixes of its findings make of `text`, safe or not; "" where there is none. Where a row does not say, only what
    /// holds for all fixes is asked.
    pub const fn mends(self, mends: &'static str) -> Self {
        Self { mends: Some(mends), ..self }
    }

    /// The same, by fixes that are all safe.
    pub const fn safely(self, mends: &'static str) -> Self {
        Self { mends: Some(mends), kind: Some(Applicability::Safe), ..self }
    }

    /// The same, by fixes that are all unsafe.
    pub const fn at_risk(self, mends: &'static str) -> Self {
        Self { mends: Some(mends), kind: Some(Applicability::Unsafe), ..self }
    }

    /// Read as a main file or as a fragment, whatever it looks like.
    pub const fn role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// In a world of which all is known: two variables, and the name of the host.
    pub const fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    /// As `--target` says.
    pub const fn target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// As `--stop-timeout` says.
    pub const fn stop_timeout(self, seconds: i64) -> Self {
        Self { stop_timeout: Some(seconds), ..self }
    }

    /// As `--unit` says: a file, named from the folder of the project.
    pub const fn unit(self, path: &'static str) -> Self {
        Self { unit: Some(path), ..self }
    }

    /// As `--check-host` says, on a machine whose files lie in `src/rules/rows/host`. Of accounts and of directories that
    /// Supervisor asks for as it reads, the real machine is asked.
    pub const fn host(self) -> Self {
        Self { host: true, ..self }
    }

    fn reading(&self) -> Reading {
        let known = [("HOME", "/root"), ("PATH", "/usr/bin:/bin")];
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Reading {
            environment: self.closed.then_some(known),
            node: self.closed.then(|| "node".to_owned()),
            role: self.role,
            check_host: self.host,
            root: self.host.then(|| HOST.to_owned()),
            ..Reading::default()
        }
    }
}

/// What the rule of `rule` says of a row.
struct SaidOfRow {
    /// Line, severity and message of each finding.
    findings: Vec<(u32, Severity, String)>,
    /// The help of each, empty where it has none.
    helps: Vec<String>,
    /// Whether one of them explains a refusal of Supervisor's.
    explains: bool,
    /// Whether one of them does not.
    finds: bool,
    /// Whether one of them is of a program that cannot run as it is written.
    unrunnable: bool,
    /// What all fixes that leave each other room make of the text; "" where there is none.
    mended: String,
    /// What each fix is.
    kinds: Vec<Applicability>,
    /// Fixes that break one of the laws.
    unlawful: Vec<String>,
}

fn said(rule: &Check, row: &Row) -> Result<SaidOfRow, String> {
    let reading = row.reading();
    let sources = Sources::default();
    let path = |path: &str| format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let unit = row.unit.map(|unit| SupervisorUnit::read(&path(unit), crate::files::MAX_SIZE, &sources)).transpose()?;
    let settings = Settings { target: row.target, off: Vec::new(), unit, stop_timeout: row.stop_timeout };
    let text = format!("{}{}\n", row.head, row.text);
    let configuration = Configuration::read_bytes(PATH, text.as_bytes(), &reading, &sources);
    let configuration = configuration.map_err(|error| error.message)?;
    let judged = sources.iter().map(|(id, _)| id).collect();
    let found = check(&configuration, &settings);
    let (mut found, _) = Ignores::read(&sources).part(found, &judged, &settings);
    found.retain(|finding| finding.rule.code == rule.rule.code);
    let above = u32::try_from(row.head.lines().count()).unwrap_or(0);
    let line = |finding: &Diagnostic<'_>| {
        let source = sources.get(finding.place.source);
        let line = source.map_or(0, |source| source.position(finding.place.span.start).line);
        if finding.place.source == configuration.merged.main { line.saturating_sub(above) } else { line }
    };
    let refused = refusals(&configuration);
    let explains = |finding: &&Diagnostic<'_>| {
        refused.iter().any(|refusal| (refusal.place, refusal.message.text()) == (finding.place, finding.message.text()))
    };
    let explained = found.iter().filter(explains).count();
    let fixer = Fixer::new(&configuration, &settings, PATH);
    let mended: Vec<&Diagnostic<'_>> = found.iter().collect();
    let offered = fixer.fixes(&mended, |_| true);
    let mut unlawful = Vec::new();
    let mut edits: Vec<&Edit> = Vec::new();
    for (finding, fix) in mended.iter().zip(&offered) {
        let Some(fix) = fix else { continue };
        if !fixer.proves(finding, fix) {
            unlawful.push(format!("{}: {:?}", fix.title, fix.edits));
        }
        let apart = |edit: &Edit| {
            edits.iter().all(|other| {
                let (one, other) = (edit.place, other.place);
                one.source != other.source || one.span.end < other.span.start || other.span.end < one.span.start
            })
        };
        if fix.edits.iter().all(apart) {
            edits.extend(&fix.edits);
        }
    }
    edits.sort_by_key(|edit| edit.place);
    let edits = edits.iter().map(|edit| (edit.place.span.start, edit.place.span.end, &*edit.text));
    let after = crate::fix::applied(text.as_bytes(), edits);
    let after = String::from_utf8_lossy(&after).into_owned();
    let after = after.strip_prefix(row.head).unwrap_or(&after);
    let mended =
        if after.trim_end_matches('\n') == row.text { String::new() } else { after.trim_end_matches('\n').to_owned() };
    Ok(SaidOfRow {
        mended,
        kinds: offered.iter().flatten().map(|fix| fix.applicability).collect(),
        unlawful,
        findings: found
            .iter()
            .map(|finding| (line(finding), finding.severity, finding.message.text().into_owned()))
            .collect(),
        helps: found
            .iter()
            .map(|finding| finding.help.as_ref().map_or_else(String::new, |help| help.text().into_owned()))
            .collect(),
        explains: explained > 0,
        finds: explained < found.len(),
        unrunnable: found.iter().any(|finding| finding.cannot_run),
    })
}

/// What is wrong with a rule or with its rows.
pub fn wrong(rule: &Check, rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    let (mut explains, mut finds, mut unrunnable, mut mends) = (false, false, false, false);
    for row in rows {
        let said = match said(rule, row) {
            Ok(said) => said,
            Err(error) => {
                wrong.push(format!("{:?}: {error}", row.text));
                continue;
            }
        };
        let found: Vec<_> = said.findings.iter().map(|(line, severity, _)| (*line, *severity)).collect();
        if found != row.finds {
            wrong.push(format!("{:?}\n  expected {:?}\n  found    {:?}", row.text, row.finds, said.findings));
        }
        if !row.finds.is_empty() && !said.findings.iter().any(|(_, _, message)| message.contains(row.says)) {
            wrong.push(format!("{:?}: nothing says {:?}: {:?}", row.text, row.says, said.findings));
        }
        if !row.finds.is_empty() && !said.helps.iter().any(|help| help.contains(row.helps)) {
            wrong.push(format!("{:?}: no help has {:?}: {:?}", row.text, row.helps, said.helps));
        }
        if said.helps.iter().any(String::is_empty) {
            wrong.push(format!("{:?}: a finding has no help", row.text));
        }
        if let Some(mends) = row.mends.filter(|mends| *mends != said.mended) {
            wrong.push(format!(
                "{:?}\n  expected to become {mends:?}\n  became             {:?}",
                row.text, said.mended
            ));
        }
        if let Some(kind) = row.kind.filter(|kind| said.kinds.iter().any(|one| one != kind)) {
            wrong.push(format!("{:?}: its fixes are {:?}, expected {kind:?}", row.text, said.kinds));
        }
        wrong.extend(said.unlawful.iter().map(|fix| format!("{:?}: no lawful fix: {fix}", row.text)));
        mends |= !said.mended.is_empty();
        explains |= said.explains;
        finds |= said.finds;
        unrunnable |= said.unrunnable;
    }
    let name = rule.rule.name;
    if rule.refusal.is_some() && !explains {
        wrong.push(format!("{name} explains refusals, and no row has one"));
    }
    // A rule without either speaks after all others.
    if (rule.check.is_some() || rule.refusal.is_none()) && !finds {
        wrong.push(format!("{name} finds something that Supervisor accepts, and no row has it"));
    }
    if unrunnable != rule.cannot_run {
        wrong.push(format!(
            "{name} has cannot_run: {}; a row with a program that cannot run: {unrunnable}",
            rule.cannot_run
        ));
    }
    if rule.fix.is_some() != mends {
        wrong.push(format!("{name} has a fix: {}; a row that is mended: {mends}", rule.fix.is_some()));
    }
    if rows.iter().all(|row| !row.finds.is_empty()) {
        wrong.push(format!("no row says of what {name} is silent"));
    }
    wrong
}

/// The helper itself: rules that say nothing, or too much, are found out.
mod tests {
    use super::super::default_minfds::RULE;
    use super::super::default_minfds::rows::ROWS;
    use super::*;

    const SPEAKS: Row = row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, W)]);
    const SILENT: Row = row("", "[supervisord]\nminfds=65536\n[program:a]\ncommand=a", &[]);

    #[test]
    fn rows_that_guard_nothing_are_wrong() {
        assert_eq!(wrong(&RULE, ROWS), [""; 0]);
        assert_eq!(wrong(&RULE, &[SPEAKS, SILENT]), [""; 0]);
        for (rule, rows) in [
            (&RULE, &[][..]),
            (&RULE, &[SPEAKS]),
            (&RULE, &[SILENT]),
            (&RULE, &[SPEAKS, SILENT, row("", "[supervisord]\n[program:a]\ncommand=a", &[(2, W)])]),
            (&RULE, &[SPEAKS, SILENT, row("", "[supervisord]\n[program:a]\ncommand=a", &[(1, E)])]),
            (&RULE, &[SPEAKS, SILENT, SPEAKS.says("something else")]),
            (&RULE, &[SPEAKS, SILENT, SPEAKS.helps("something else")]),
        ] {
            assert!(!wrong(rule, rows).is_empty());
        }
    }
}
