//! The laws: of each fix alone, and of all that a run applies.

use std::collections::BTreeMap;

use super::case::{Case, Files, write};
use super::edits::{apply, careless, file, malformed, pass};
use super::judged::{Judged, changed, rewritten};
use super::sums::Sums;
use crate::support::python::Judge;
use supconv::diagnostic::Severity;
use supconv::fix::Applicability;
use supconv::lint::mending::{self, Endless, Mended};
use supconv::reading::Texts;
use supconv::report::{Finding, Fix, Report};

/// What is the same before and after a fix: rule, file, section, option; and where there is no section, the message.
type What<'r> = (&'static str, &'r str, Option<&'r str>, Option<&'r str>, Option<&'r str>);

fn what(finding: &Finding) -> What<'_> {
    let Finding { rule, path, section, option, message, .. } = finding;
    let message = section.is_none().then_some(&**message);
    (rule.code, path, section.as_deref(), option.as_deref(), message)
}

/// How often each thing is said.
fn counted(report: &Report, only: impl Fn(&Finding) -> bool) -> BTreeMap<What<'_>, usize> {
    let mut all = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| only(finding)) {
        *all.entry(what(finding)).or_default() += 1;
    }
    all
}

/// As often fixes are repeated.
const PASSES: usize = 10;

/// Rules whose fixes bring to light what was hidden in plain sight, which Supervisor may not refuse: the mark at the beginning, an
/// include.
const HIDERS: [&str; 2] = ["SUP007", "SUP701"];

/// Whether Supervisor may refuse what comes to light: in a header that could not be read, or behind a refused value of the section.
fn uncovers(finding: &Finding, section: Option<&str>) -> bool {
    finding.rule.code == "SUP001" || finding.supervisor.is_some() && finding.section.as_deref() == section
}

/// Holds all fixes of the files to the laws.
pub fn hold(judge: &mut Judge, case: &Case, sums: &mut Sums) {
    let report = case.lint();
    sums.files += 1;
    let before = match Judged::of(case, judge) {
        Ok(judged) => judged,
        Err(why) => return sums.broken(&case.title, None, &why, &case.files, &case.files),
    };
    for finding in &report.findings {
        let held = |fix: &&Fix| case.held().contains(&fix.applicability);
        let Some(fix) = finding.fix.as_deref().filter(held) else { continue };
        let kind = match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        };
        *sums.offered.entry((finding.rule.code, kind)).or_default() += 1;
        let mut files = case.files.clone();
        let broken = alone(judge, case, &before, &report, (finding, fix), &mut files);
        sums.judged += 1;
        for law in broken {
            sums.broken(&case.title, Some(finding), &law, &case.files, &files);
        }
    }
    write(&case.files);
    for most in case.held() {
        together(judge, case, &before, *most, sums);
        write(&case.files);
    }
}

/// What a fix breaks that is applied alone; `files` are what it makes of them.
fn alone(
    judge: &mut Judge,
    case: &Case,
    before: &Judged,
    report: &Report,
    (finding, fix): (&Finding, &Fix),
    files: &mut Files,
) -> Vec<String> {
    let Some(bytes) = file(fix).and_then(|file| files.get_mut(&file)) else {
        return vec!["its edits are not in one of the files".to_owned()];
    };
    if let Some(wrong) = malformed(bytes, fix) {
        return vec![wrong.to_owned()];
    }
    let text = apply(bytes, fix);
    let mut broken: Vec<String> = careless(bytes, &text, fix).into_iter().map(str::to_owned).collect();
    *bytes = text;
    write(files);
    let after = case.lint();
    let number = |report: &Report| counted(report, |_| true).get(&what(finding)).copied().unwrap_or(0);
    if number(&after) >= number(report) {
        broken.push("the finding stays".to_owned());
    }
    let error = |finding: &Finding| finding.severity == Severity::Error;
    let refused = |finding: &Finding| finding.supervisor.is_some();
    let hidden = |section: Option<&str>| uncovers(finding, section) || HIDERS.contains(&finding.rule.code);
    broken.extend(comes(report, &after, error, hidden).map(|what| format!("an error comes: {what}")));
    let known = refusals(report);
    if refusals(&after).iter().any(|(said, count)| *count > *known.get(said).unwrap_or(&0)) {
        let new = comes(report, &after, refused, |section: Option<&str>| uncovers(finding, section));
        broken.extend(new.map(|what| format!("a refusal comes: {what}")));
    }
    match Judged::of(case, judge) {
        Err(why) => broken.push(why),
        Ok(judged) => {
            broken.extend(changed(&fix.changes, before, &judged));
            broken.extend(rewritten(&fix.changes, finding, before, &judged));
            // It stops at the first value that it refuses, which may be another one.
            if before
                .error()
                .is_some_and(|said| finding.supervisor.as_deref() == Some(said) && judged.error() == Some(said))
            {
                broken.push(format!("Supervisor says the same still: {:?}", judged.error()));
            }
            broken.extend(agrees(case, &after, &judged));
        }
    }
    broken
}

/// What there is more of than before and nothing excuses.
fn comes(
    before: &Report,
    after: &Report,
    of: fn(&Finding) -> bool,
    excused: impl Fn(Option<&str>) -> bool,
) -> Option<String> {
    let (old, new) = (counted(before, of), counted(after, of));
    let more = |(what, count): &(&What<'_>, &usize)| *count > old.get(*what).unwrap_or(&0) && !excused(what.2);
    new.iter().find(more).map(|(what, _)| format!("{what:?}"))
}

/// What Supervisor refuses, in its own words: another rule may explain it now, and a line may have another number.
fn refusals(report: &Report) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for said in report.findings.iter().filter_map(|finding| finding.supervisor.as_deref()) {
        *all.entry(said.chars().filter(|c| !c.is_ascii_digit() && *c != ' ').collect()).or_default() += 1;
    }
    all
}

/// Where nothing is refused any more, Supervisor has to say so too, if all is known that decides that.
fn agrees(case: &Case, report: &Report, judged: &Judged) -> Option<String> {
    if case.is_open() {
        return None;
    }
    let refuses = |finding: &Finding| {
        // Of a template nothing is said but that it is one.
        finding.supervisor.is_some() || ["template-markup", "beyond-bounds"].contains(&finding.rule.name)
    };
    (!judged.ok() && !report.findings.iter().any(refuses) && !case.has(refuses))
        .then(|| format!("Supervisor refuses what is not reported: {:?}", judged.error()))
}

/// All fixes together come to an end, after which there are none; a reader of the JSON gets the same by hand.
fn together(judge: &mut Judge, case: &Case, before: &Judged, most: Applicability, sums: &mut Sums) {
    let lint = |texts: &Texts| -> Result<Report, Endless> { Ok(case.lint_in(texts)) };
    let Ok(Mended { report, files }) = mending::mend(&mut Texts::default(), most, lint) else {
        return sums.broken(&case.title, None, "fixes come to no end", &case.files, &case.files);
    };
    sums.mended += usize::from(case.held().last() == Some(&most) && !files.is_empty());
    let mut written = case.files.clone();
    for file in &files {
        if written.insert(file.file.clone(), file.after.to_vec()).as_deref() != Some(&*file.before) {
            sums.broken(&case.title, None, "a file is written that is not one of them", &case.files, &written);
        }
    }
    let mut hand = case.files.clone();
    let (mut changes, mut fixed) = (Vec::new(), 0);
    for _ in 0..=PASSES {
        write(&hand);
        match pass(&mut hand, &case.lint(), most, &mut changes) {
            0 => break,
            count => fixed += count,
        }
    }
    let mut broken = Vec::new();
    if hand != written {
        broken.push("what is written is not what the edits of the JSON come to".to_owned());
    }
    if report.fixed != Some(fixed) {
        broken.push(format!("{:?} fixes are counted, and {fixed} applied", report.fixed));
    }
    write(&written);
    let left = case.lint();
    if left.findings.iter().filter_map(|finding| finding.fix.as_ref()).any(|fix| fix.applicability <= most) {
        broken.push("fixes are left".to_owned());
    }
    let said = |report: &Report| {
        let one = |finding: &Finding| {
            (finding.rule.code, finding.path.to_string(), finding.start, finding.end, finding.message.to_string())
        };
        report.findings.iter().map(one).collect::<Vec<_>>()
    };
    if said(&left) != said(&report) {
        broken.push("what is reported is not what is found in the files that are written".to_owned());
    }
    match Judged::of(case, judge) {
        Err(why) => broken.push(why),
        Ok(judged) => {
            broken.extend(changed(&changes, before, &judged));
            broken.extend(agrees(case, &left, &judged));
        }
    }
    for law in broken {
        sums.broken(&case.title, None, &format!("{most:?}: {law}"), &case.files, &written);
    }
}
