//! What a lint says for those who want to convert: what the converter itself would say of the file, in its own words.

use std::collections::HashSet;

use super::{Lint, is_of_conversions, refused};
use crate::convert::Subject;
use crate::convert::systemd::{self, Choices};
use crate::diagnostic::{Diagnostic, Severity, Telling};

/// Adds what a conversion to systemd loses, or makes otherwise. Of a file that Supervisor refuses as a whole the refusals say
/// all.
pub(super) fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let unrunnable = found.iter().filter(|finding| finding.cannot_run).cloned().collect();
    let refusals = refused(lint).into_iter().map(|(refusal, _)| refusal).collect();
    let (merged, config) = (lint.merged, lint.config);
    let subject = Subject { merged, config, refusals, unrunnable, source: config.path, asked_by: "", only: &[] };
    let plan = systemd::plan(subject, &Choices::default());
    if plan.refused {
        return;
    }
    let said = plan.losses.iter().map(|loss| loss.diagnostic());
    // What other rules say has been said, or is withheld: what Supervisor refuses, and what cannot run.
    let said = plan.errors.into_iter().chain(said).filter(|finding| is_of_conversions(finding.rule));
    let mut said: Vec<Diagnostic<'a>> = said.collect();
    if lint.markup.first().next().is_some() {
        withhold(lint, &mut said, found);
    }
    found.extend(said.into_iter().filter(|finding| lint.settings.runs(finding.rule)));
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
