//! What a lint says for those who want to convert: what the converter itself would say of the file, in its own words.

use super::{Lint, Target, is_of_conversions, refused};
use crate::convert::{Losses, Plan, Subject, horust, pitchfork, systemd};
use crate::diagnostic::{Diagnostic, Rule, Severity, Telling};
use crate::hash::HashSet;

/// What a conversion to the target loses, or makes otherwise; `found` gets what it refuses, and all of it where markup of a template
/// takes some away. Of a file that Supervisor refuses as a whole the refusals say all.
pub(super) fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) -> Option<Losses<'a>> {
    let unrunnable = found.iter().filter(|finding| finding.cannot_run).cloned().collect();
    let refusals = refused(lint).into_iter().map(|(refusal, _)| refusal).collect();
    let (merged, config) = (lint.merged, lint.config);
    let subject = Subject { merged, config, refusals, unrunnable, source: config.path, asked_by: "", only: &[] };
    let plan = match lint.settings.target {
        Target::Horust => horust::plan(subject, &horust::Choices::default()),
        Target::Pitchfork => pitchfork::plan(subject, &pitchfork::Choices::default()),
        Target::Systemd | Target::Auto | Target::Host | Target::Container => {
            systemd::plan(subject, &systemd::Choices { told_only: true, ..systemd::Choices::default() })
        }
    };
    if plan.refused {
        return None;
    }
    // What other rules say has been said, or is withheld: what Supervisor refuses, and what cannot run.
    let runs = |rule: &Rule| is_of_conversions(rule) && lint.settings.runs(rule);
    let Plan { errors, mut losses, .. } = plan;
    if lint.markup.first().next().is_none() {
        found.extend(errors.into_iter().filter(|error| runs(error.rule)));
        losses.retain(|sentence| runs(sentence.rule));
        return Some(losses);
    }
    let said = errors.into_iter().chain(losses.iter().map(|loss| loss.diagnostic()));
    let mut said: Vec<Diagnostic<'a>> = said.filter(|finding| is_of_conversions(finding.rule)).collect();
    withhold(lint, &mut said, found);
    found.extend(said.into_iter().filter(|finding| runs(finding.rule)));
    None
}

/// Takes away what rests on markup of a template, for another text will be converted, and what follows from that.
fn withhold(lint: &Lint<'_>, said: &mut Vec<Diagnostic<'_>>, refusals: &[Diagnostic<'_>]) {
    said.retain(|finding| {
        let own = finding.telling == Telling::Own;
        !(lint.markup.withholds(finding) || own && lint.markup.touches(finding.place))
    });
    let reason = |finding: &&Diagnostic| finding.telling == Telling::Own && finding.severity > Severity::Info;
    let refusals = refusals.iter().filter(|finding| finding.severity == Severity::Error);
    let reasons: HashSet<&str> =
        refusals.chain(said.iter().filter(reason)).filter_map(|finding| finding.section).collect();
    said.retain(|finding| {
        finding.telling != Telling::Implied || finding.section.as_ref().is_some_and(|section| reasons.contains(section))
    });
}
