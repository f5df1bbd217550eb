//! What holds of any input at all; the fuzz target and `tests/it/hostile.rs` call the same checks.
//!
//! Each check panics where it fails: the caller has the input.

use std::io;

use supconv::configuration::Configuration;
use supconv::convert::Subject;
use supconv::convert::systemd::unit::{ServiceUnit, SocketUnit, TargetUnit, TimerUnit, UnitSection};
use supconv::convert::systemd::{self, Choices};
use supconv::diagnostic::{Diagnostic, Severity};
use supconv::fix::applied;
use supconv::load::Merged;
use supconv::model::Config;
use supconv::python::Cut;
use supconv::reading::{Reading, Role};
use supconv::refusal::Exit;
use supconv::report::plan::Extent;
use supconv::report::{FORMATS, Frames, Masker, Report, Style, plan};
use supconv::rules::ignores::Ignores;
use supconv::rules::{self, Fixer};
use supconv::show;
use supconv::source::{Place, Position, Source, Sources, Span};
use supconv::syntax::{self, Kind};

/// Files with more processes are not printed and converted: that would only be slow.
const PROCESSES: usize = 300;
/// Texts up to this length have the position of each of their characters checked, not only those of lines.
const POSITIONS: usize = 4096;
/// So many mended files are looked at.
const MENDED: usize = 8;

/// Every check, in one of the worlds that a file can be read in; the input decides which, so that a run repeats.
pub fn all(bytes: &[u8]) {
    reader(bytes);
    let reading = world(bytes);
    let sources = Sources::default();
    let configuration = Configuration::read_bytes("/etc/supervisor/fuzz.conf", bytes, &reading, &sources)
        .expect("nothing is read from disk");
    let Configuration { merged, config, .. } = &configuration;
    let settings = rules::Settings::default();
    let findings = rules::check(&configuration, &settings);
    places(&sources, &findings);
    parity(config, &findings);
    ignored(&sources, &findings);
    if config.groups.iter().map(|group| group.processes.len()).sum::<usize>() > PROCESSES {
        return;
    }
    mended(bytes, &configuration, &settings, &findings);
    shown(config);
    converted(&sources, merged, config, rules::refusals(&configuration));
    // What a conversion would lose as well: a finding that follows from another is told by that one, and never by none.
    let settings = rules::Settings { target: rules::Target::Systemd, ..rules::Settings::default() };
    let findings = rules::check(&configuration, &settings);
    places(&sources, &findings);
    let mut masker = Masker::new(&sources, [&config.secrets], Frames::Some);
    let findings = findings.iter().map(|finding| masker.finding(finding, None)).collect();
    let report = Report { findings, read: vec!["a.conf".into()], ..Report::default() };
    for format in FORMATS {
        let mut text = Vec::new();
        (format.write)(&report, &Style::PLAIN, &mut text).expect("a vector takes it all");
        match format.name {
            "json" | "sarif" | "gitlab" => {
                drop(serde_json::from_slice::<serde_json::Value>(&text).expect("the report is JSON"));
            }
            "junit" => assert!(text.starts_with(b"<?xml") && text.ends_with(b"</testsuites>\n")),
            _ => assert_eq!(report.findings.is_empty(), text.is_empty()),
        }
    }
}

/// The open world, a closed one with hostile values, a fragment, a file whose includes are left alone.
fn world(bytes: &[u8]) -> Reading {
    let value = bytes.iter().fold(bytes.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let mut reading = Reading { root: Some("/nonexistent".to_owned()), ..Reading::default() };
    if value & 1 == 1 {
        let variables = [("HOME", "/root"), ("APP", "50%"), ("X", "%(here)s"), ("Q", "\"'\\\n$;")];
        reading.environment = Some(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        reading.node = Some("node".to_owned());
    }
    reading.role = [None, None, Some(Role::Main), Some(Role::Fragment)][value >> 1 & 3];
    reading.no_include = value & 8 == 8;
    reading
}

/// The reader: nothing is lost, spans nest, positions are those of a text that is walked by hand.
pub fn reader(bytes: &[u8]) {
    let source = Source::new("f", bytes.to_vec()).expect("below 4 GiB");
    let text = source.text();
    assert_eq!(text.len(), bytes.len(), "offsets are those of the file");
    assert_eq!(source.undecodable().is_some(), std::str::from_utf8(bytes).is_err());
    lossless(text);
    positions(&source);
}

fn lossless(text: &str) {
    let mut at = 0;
    for line in syntax::lines(text, Cut::default()) {
        let Span { start, end } = line.span;
        assert!(start == at && end > start, "line {:?} follows {at}", line.span);
        at = end;
        let whole = piece(text, line.span);
        let body = whole.strip_suffix("\r\n").or_else(|| whole.strip_suffix(['\r', '\n'])).unwrap_or(whole);
        assert!(!body.contains(['\r', '\n']), "a line ends at its end: {whole:?}");
        let stop = line.comment.unwrap_or(start + Span::at(body.len()).start);
        piece(text, Span { start: stop, end });
        let (spans, kept): (&[Span], _) = match line.kind {
            Kind::Blank { .. } | Kind::Comment | Kind::Orphan => (&[], ""),
            Kind::Header { name, ignored } => {
                assert!(name.end > name.start);
                assert_eq!(piece(text, Span { start: name.end, end: ignored.start }), "]");
                (&[name, ignored], "")
            }
            Kind::Option { key, delimiter, value } => {
                assert!(matches!(piece(text, Span { start: delimiter, end: delimiter + 1 }), "=" | ":"));
                assert!(key.end > key.start && key.end <= delimiter && delimiter < value.start);
                (&[key, value], piece(text, value))
            }
            Kind::Continuation { value } => (&[value], piece(text, value)),
            Kind::Bad { error: _, text: bad } => (&[bad], piece(text, bad)),
        };
        assert_eq!(kept, supconv::python::strip(kept), "values are stripped");
        let mut from = start;
        for span in spans {
            piece(text, *span);
            assert!(from <= span.start && span.start <= span.end && span.end <= stop, "{span:?} within {line:?}");
            from = span.end;
        }
    }
    assert_eq!(at as usize, text.len(), "the lines joined are the input");
}

/// The text of a span, which lies on characters.
fn piece(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).expect("a span lies on characters")
}

fn positions(source: &Source) {
    let text = source.text();
    let (mut line, mut column) = (1, 1);
    let mut chars = text.char_indices().peekable();
    let every = text.len() <= POSITIONS;
    while let Some((at, c)) = chars.next() {
        let byte = Span::at(at).start;
        if every || column == 1 {
            assert_eq!(source.position(byte), Position { line, column, byte });
        }
        // Between the two bytes of `\r\n` nothing begins.
        if c == '\r' && chars.next_if(|(_, next)| *next == '\n').is_some() || matches!(c, '\r' | '\n') {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    let byte = Span::at(text.len()).start;
    assert_eq!(source.position(byte), Position { line, column, byte });
}

/// Every place that a finding speaks of is one of its file.
fn places(sources: &Sources, findings: &[Diagnostic]) {
    let check = |place: Place| {
        let source = sources.get(place.source).expect("a finding lies in a file that was read");
        piece(source.text(), place.span);
        let (start, end) = (source.position(place.span.start), source.position(place.span.end));
        assert!((start.line, start.column) <= (end.line, end.column), "{place:?}");
    };
    for finding in findings {
        check(finding.place);
        finding.labels.iter().for_each(|label| check(label.place));
        assert!(!finding.message.text().is_empty());
    }
    let key = |finding: &Diagnostic| (finding.place.source, finding.place.span.start, finding.rule.code);
    assert!(findings.is_sorted_by_key(key));
}

/// Comments take findings away and add such as point at them; a file that cannot be read is never ignored.
fn ignored(sources: &Sources, findings: &[Diagnostic]) {
    let judged = sources.iter().map(|(id, _)| id).collect();
    let settings = rules::Settings::default();
    let (kept, ignored) = Ignores::read(sources).part(findings.to_vec(), &judged, &settings);
    let unused = |finding: &&Diagnostic| finding.rule.name == "unused-ignore";
    let count = kept.iter().chain(&ignored).filter(unused).count();
    assert_eq!(kept.len() + ignored.len() - count, findings.len());
    assert!(ignored.iter().all(|finding| finding.rule.code != rules::SYNTAX));
    for finding in kept.iter().filter(unused) {
        places(sources, std::slice::from_ref(finding));
    }
}

/// Edits of fixes are in order, apart and on characters, and what they leave is a file like any other.
fn mended<'a>(
    bytes: &[u8],
    configuration: &Configuration<'a>,
    settings: &rules::Settings,
    findings: &[Diagnostic<'a>],
) {
    let main = configuration.merged.main;
    let fixer = Fixer::new(configuration, settings, configuration.config.path);
    let findings: Vec<&Diagnostic> = findings.iter().collect();
    let mut made = Vec::new();
    for fix in fixer.fixes(&findings, |file| file == main).into_iter().flatten() {
        let mut last = None;
        for edit in &fix.edits {
            let Place { source, span } = edit.place;
            assert_eq!(source, main, "what may not be written is not mended");
            let text = configuration.sources.get(source).expect("a file that was read").text();
            assert_ne!(piece(text, span), &*edit.text, "an edit changes something");
            assert!(last.is_none_or(|last| last < span.start) && span.start <= span.end, "{:?}", fix.edits);
            last = Some(span.end);
        }
        let text =
            applied(bytes, fix.edits.iter().map(|edit| (edit.place.span.start, edit.place.span.end, &*edit.text)));
        assert!(!fix.edits.is_empty() && text != bytes && !fix.title.is_empty());
        made.push(text);
    }
    // All of them would only be slow.
    let some = made.len().div_ceil(MENDED).max(1);
    for text in made.iter().step_by(some) {
        reader(text);
        let sources = Sources::default();
        let path = configuration.config.path;
        let mended = Configuration::read_bytes(path, text, configuration.reading, &sources).expect("nothing is read");
        let found = rules::check(&mended, settings);
        places(&sources, &found);
        parity(&mended.config, &found);
    }
}

/// What Supervisor refuses is an error in its own words, unless a template withholds it; what it accepts has none.
fn parity(config: &Config, findings: &[Diagnostic]) {
    let quoted = |message: &str| findings.iter().any(|finding| finding.supervisor == Some(message));
    let template = findings.iter().any(|finding| finding.rule.name == "template-markup");
    for refusal in config.refusals.iter().filter(|refusal| refusal.exit != Exit::Bound) {
        assert!(template || quoted(refusal.message), "no finding says {:?}", refusal.message);
    }
    for finding in findings.iter().filter(|finding| finding.supervisor.is_some()) {
        assert_eq!(finding.severity, Severity::Error);
        // Supervisor reads such a file, and dies when it opens its server.
        assert!(
            finding.rule.name == "default-breaks-rpcinterface"
                || config.refusals.iter().any(|refusal| finding.supervisor == Some(refusal.message))
        );
    }
}

fn shown(config: &Config) {
    let mut rows = config.supervisord.rows();
    for process in config.groups.iter().flat_map(|group| &group.processes) {
        rows.extend(show::process(process, &config.supervisord));
    }
    rows.extend(config.inet_servers.iter().flat_map(show::inet_server));
    rows.extend(config.unix_servers.iter().flat_map(show::unix_server));
    for value in rows.iter().map(|row| &row.value) {
        assert!(!serde_json::to_string(value).expect("a value is JSON").contains('\n'));
    }
}

fn converted<'a>(sources: &'a Sources, merged: &'a Merged<'a>, config: &'a Config<'a>, refusals: Vec<Diagnostic<'a>>) {
    let plan = systemd::plan(
        Subject { merged, config, refusals, unrunnable: Vec::new(), source: config.path, asked_by: "", only: &[] },
        &Choices::default(),
    );
    for file in &plan.files {
        assert!(!file.path.contains(['\0', '\n']), "{:?}", file.path);
        match file.path.rsplit_once(['.', '/']) {
            _ if file.path.starts_with("usr/local/lib/supconv/") => assert_eq!(file.mode, 0o755, "{:?}", file.path),
            Some((stem, "timer")) if !stem.contains('/') => unit(&file.text.to_string(), TimerUnit::DIRECTIVES),
            _ if file.path.starts_with("etc/") => assert_eq!(file.secret, file.mode == 0o600, "{:?}", file.path),
            Some((stem, "service")) if !stem.contains('/') => unit(&file.text.to_string(), ServiceUnit::DIRECTIVES),
            Some((stem, "target")) if !stem.contains('/') => unit(&file.text.to_string(), TargetUnit::DIRECTIVES),
            Some((stem, "socket")) if !stem.contains('/') => unit(&file.text.to_string(), SocketUnit::DIRECTIVES),
            Some((stem, "md")) if !stem.contains('/') => page(&file.text.to_string()),
            _ => assert!(file.path.is_empty(), "{:?}", file.path),
        }
    }
    let losses: Vec<Diagnostic> = plan.losses.iter().map(|loss| loss.diagnostic()).collect();
    for loss in losses.iter().chain(&plan.errors) {
        places(sources, std::slice::from_ref(loss));
    }
    plan::files(&plan, true, true, &mut io::sink()).expect("a sink takes it all");
    for extent in [Extent::Short, Extent::Details] {
        plan::report(&plan, "a.conf", &config.secrets, (Style::PLAIN, extent), &mut io::sink())
            .expect("a sink takes it all");
    }
    plan::json(&plan, "systemd", true, None, &config.secrets, &mut io::sink()).expect("a sink takes it all");
}

/// Whatever programs are called, the page is commands of ours between fences that are closed.
fn page(text: &str) {
    let mut fence = None;
    for line in text.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            None if line.starts_with("```") => fence = Some(line.trim_end_matches(char::is_alphabetic)),
            Some(_) | None => {}
        }
    }
    assert!(fence.is_none(), "{text}");
}

/// Read line by line a unit has nothing but comments, its sections in order, and directives that we know in theirs.
fn unit(text: &str, directives: &[(UnitSection, &str)]) {
    assert!(text.ends_with('\n') && !text.contains(['\r', '\0']), "{text:?}");
    let mut left = directives;
    let mut here = None;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            let begins = |(section, _): &(UnitSection, &str)| section.header() == line && here != Some(*section);
            left = &left[left.iter().position(begins).expect("a known section, each once")..];
            here = left.first().map(|(section, _)| *section);
            continue;
        }
        let key = line.split('=').next().filter(|key| key.len() < line.len()).expect("a directive");
        // A directive may stand several times.
        let at = left.iter().position(|(section, known)| Some(*section) == here && *known == key);
        assert!(at.is_some(), "{line:?} in {text:?}");
        left = &left[at.unwrap_or_default()..];
        assert!(!line.ends_with('\\'), "{line:?} would go on in the next line");
    }
}
