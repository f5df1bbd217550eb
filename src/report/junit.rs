//! The report for Jenkins and others that read test results: each file is a suite, each finding a test that fails.

use std::borrow::Cow;
use std::io::{self, Write};

use super::concise::line;
use super::finding::Finding;
use super::hosts::{current_directory, named, seen};
use super::{Format, Report, Style};
use crate::hash::HashMap;
use crate::load::Unreadable;

/// As the Jenkins xUnit plugin's junit-10.xsd has it.
pub static JUNIT: Format = Format {
    name: "junit",
    about: "Test results in XML: a suite per file, a failure per finding",
    framed: false,
    names: true,
    fixes: false,
    write,
};

/// What came of a file.
#[derive(Default)]
struct Suite<'r> {
    findings: Vec<&'r Finding>,
    errors: Vec<&'r Unreadable>,
}

/// The suites in their order, and where each file is among them.
#[derive(Default)]
struct Suites<'r> {
    order: Vec<(Cow<'r, str>, Suite<'r>)>,
    known: HashMap<String, usize>,
}

impl<'r> Suites<'r> {
    /// What came of the file of this name.
    fn of(&mut self, name: Cow<'r, str>) -> Option<&mut Suite<'r>> {
        let at = *self.known.entry(name.clone().into_owned()).or_insert(self.order.len());
        if at == self.order.len() {
            self.order.push((name, Suite::default()));
        }
        self.order.get_mut(at).map(|(_, suite)| suite)
    }
}

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    let cwd = current_directory();
    let mut suites = Suites::default();
    for finding in &report.findings {
        if let Some(suite) = suites.of(named(&finding.path, &cwd)) {
            suite.findings.push(finding);
        }
    }
    for path in &report.read {
        suites.of(named(path, &cwd));
    }
    for error in &report.errors {
        if let Some(suite) = suites.of(named(&error.path, &cwd)) {
            suite.errors.push(error);
        }
    }
    let order = suites.order;
    let tests: usize = order.iter().map(|(_, suite)| suite.tests()).sum();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"supconv\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\">",
        report.findings.len(),
        report.errors.len()
    )?;
    for (name, suite) in &order {
        suite.write(&escaped(name), out)?;
    }
    writeln!(out, "</testsuites>")
}

impl Suite<'_> {
    /// A clean file is a test that passes.
    fn tests(&self) -> usize {
        (self.findings.len() + self.errors.len()).max(1)
    }

    fn write(&self, file: &str, out: &mut dyn Write) -> io::Result<()> {
        let (failures, errors) = (self.findings.len(), self.errors.len());
        writeln!(
            out,
            "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
            self.tests()
        )?;
        let mut equals: HashMap<(&str, u32, u32), usize> = HashMap::default();
        for finding in &self.findings {
            let Finding { rule, severity, message, start, .. } = finding;
            let count = equals.entry((rule.code, start.line, start.column)).or_default();
            *count += 1;
            let again = if *count > 1 { format!(" ({count})") } else { String::new() };
            let name = format!("{} {} at {}:{}{again}", rule.code, rule.name, start.line, start.column);
            writeln!(out, "    <testcase name=\"{name}\" classname=\"{file}\">")?;
            let (message, text) = (escaped(message), escaped(&line(finding, message)));
            writeln!(out, "      <failure type=\"{}\" message=\"{message}\">{text}</failure>", severity.name())?;
            writeln!(out, "    </testcase>")?;
        }
        for error in &self.errors {
            let message = escaped(&error.message);
            writeln!(out, "    <testcase name=\"can be read\" classname=\"{file}\">")?;
            // That of settings begins with its place.
            let path = if error.reason.is_empty() { String::new() } else { format!("{file}: ") };
            writeln!(out, "      <error type=\"unreadable\" message=\"{message}\">{path}{message}</error>")?;
            writeln!(out, "    </testcase>")?;
        }
        if self.findings.is_empty() && self.errors.is_empty() {
            writeln!(out, "    <testcase name=\"no findings\" classname=\"{file}\"/>")?;
        }
        writeln!(out, "  </testsuite>")
    }
}

/// A text of XML, in an attribute too: a line end there would become a blank.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in seen(text).chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' => xml.push_str("&#10;"),
            '\t' => xml.push_str("&#9;"),
            _ => xml.push(c),
        }
    }
    xml
}
