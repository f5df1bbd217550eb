//! A format is a file and a row: here is one more, and it needs to know nothing of the files.

use std::io::{self, Write};

use supconv::diagnostic::Severity;
use supconv::lint::{Input, Shown, lint};
use supconv::reading::Reading;
use supconv::report::{Format, Frames, Report, Style};
use supconv::rules::Settings;
use supconv::source::Sources;

use crate::support::desk::Desk;

/// Where to look, and nothing else.
static PLACES: Format =
    Format { name: "places", about: "Lines with findings", framed: false, names: false, fixes: false, write };

fn write(report: &Report, _: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{}+{}", finding.start.line, finding.path)?;
    }
    Ok(())
}

fn reported(path: &str, format: &Format) -> String {
    let inputs = [Input::File(path.to_owned())];
    let shown = Shown {
        least: Severity::Info,
        pedantic: true,
        heed: true,
        one: false,
        frames: Frames::Some,
        names: false,
        fixes: true,
        mends: false,
    };
    let report = lint(&inputs, &Reading::default(), &Settings::default(), shown, &Sources::default());
    let mut out = Vec::new();
    (format.write)(&report, &Style::PLAIN, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn one_more_format_is_a_function_and_a_row() {
    let desk = Desk::of("[supervisord]\nminfds=65536\n[program:a]\ncommand=a\nstopsignl=TERM\n");
    let path = desk.path("a.conf");
    assert_eq!(reported(&path, &PLACES), format!("3+{path}\n3+{path}\n5+{path}\n"));
}
