//! What a lint says for those who want to convert: what the converter itself would say of the file, in its own words.

use std::collections::HashSet;

use super::{Lint, is_of_conversions, refused};
use crate::convert::Subject;
use crate::convert::systemd::{self, Choices};
use crate::diagnostic::{Diagnostic, Severity, Telling};

/// Adds what a conversion to systemd loses, or makes otherwise. Of a file that Supervisor refuses as a whole the refusals say
/// all.
pub(super) fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let refusals = refused(lint).into_iter().map(|(refusal, _)| refusal).collect();
    let subject = Subject { merged: lint.merged, config: lint.config, refusals, only: &[] };
    let plan = systemd::plan(subject, &Choices::default());
    if plan.refused {
        return;
    }
    // The refusals among them have been said, or are withheld.
    let errors = plan.errors.into_iter().filter(|error| is_of_conversions(error.rule));
    let mut said: Vec<Diagnostic<'a>> = errors.chain(plan.losses.iter().map(|loss| loss.diagnostic())).collect();
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
