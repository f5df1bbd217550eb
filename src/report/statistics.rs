//! How often each rule speaks: one line a rule, the loudest first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Format, Report, Style};

/// What `--statistics` prints: each finding counts that a document for programs would have.
pub static STATISTICS: Format =
    Format { name: "statistics", about: "How often each rule speaks, not what it says", framed: false, write };

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry((finding.rule.code, finding.rule.name)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((code, name), count) in counts {
        writeln!(out, "{count:6}  {code}  {name}")?;
    }
    if report.suppressed > 0 {
        writeln!(out, "{:6}  ignored by comments", report.suppressed)?;
    }
    Ok(())
}
