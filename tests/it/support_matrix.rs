//! `docs/support-matrix.md`: what becomes of each option, decided by converting samples of it.

mod decision;
mod others;
mod program;
mod sample;
mod usual;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use decision::{Decision, Target, Word, decide, plan};
use sample::{Common, Flag, Kind, Sample};
use supconv::convert::Plan;
use supconv::diagnostic::Telling;
use supconv::keys::{KINDS, Key};

pub use decision::TARGETS;

const WEB: &str = "[program:web]\ncommand=/srv/web";

/// The kinds, in the order of the page.
static PAGE: &[Kind] = &[
    kind("program:x", "program:web", &[("command", "/srv/serve")], "", program::SAMPLES),
    kind("group:x", "group:g", &[], "[program:api]\ncommand=/srv/api\n[program:web]\ncommand=/srv/web", others::GROUP),
    kind("supervisord", "supervisord", &[], WEB, others::SUPERVISORD),
    Kind {
        common: Common::Same,
        ..kind(
            "fcgi-program:x",
            "fcgi-program:web",
            &[("command", "/srv/serve"), ("socket", "unix:///run/other.sock")],
            "",
            others::FCGI,
        )
    },
    Kind {
        common: Common::Nothing,
        ..kind(
            "eventlistener:x",
            "eventlistener:watch",
            &[("command", "/srv/watch"), ("events", "TICK_5")],
            WEB,
            others::EVENTLISTENER,
        )
    },
    kind("unix_http_server", "unix_http_server", &[("file", "/run/s.sock")], WEB, others::UNIX),
    kind("inet_http_server", "inet_http_server", &[("port", "localhost:9001")], WEB, others::INET),
    kind("supervisorctl", "supervisorctl", &[], WEB, others::SUPERVISORCTL),
    kind("include", "include", &[("files", "/nowhere/*")], WEB, others::INCLUDE),
    kind("rpcinterface:x", "rpcinterface:x", &[("supervisor.rpcinterface_factory", "x:y")], WEB, others::RPCINTERFACE),
    kind("ctlplugin:x", "ctlplugin:x", &[("supervisor.ctl_factory", "x:y")], WEB, others::CTLPLUGIN),
];

const fn kind(
    name: &'static str,
    section: &'static str,
    own: &'static [(&'static str, &'static str)],
    after: &'static str,
    samples: &'static [Sample],
) -> Kind {
    Kind { name, section, own, after, samples, common: Common::None }
}

/// The whole page.
pub fn document() -> String {
    let rows: Vec<Rows> = PAGE.iter().map(Rows::of).collect();
    let mut page = String::from(HEAD);
    usual::write(&mut page, &rows[0]);
    page.push_str(LEGEND);
    summary(&mut page, &rows);
    for rows in &rows {
        rows.write(&mut page);
    }
    everywhere(&mut page);
    page
}

/// The plans of all samples for one target, and of what shows what is said once a plan.
pub fn plans(target: &Target) -> Vec<Plan<'static>> {
    let samples = PAGE.iter().flat_map(|kind| kind.samples.iter().map(move |sample| (kind, sample)));
    let samples = samples.filter(|(_, sample)| target.is_systemd || !sample.flag.is_of_systemd());
    let samples = samples.filter_map(|(kind, sample)| plan(target, &kind.text(sample, true), sample.flag).ok());
    samples.chain(ALWAYS.iter().filter_map(|(_, text)| plan_of(target, text))).collect()
}

/// The plan of a text for one target, unless Supervisor refuses some of it.
pub fn plan_of(target: &Target, text: &str) -> Option<Plan<'static>> {
    plan(target, text, Flag::None).ok()
}

/// Kinds and options, each with whether it is sampled.
pub fn pairs() -> BTreeMap<(&'static str, &'static str), bool> {
    let sampled = |kind: &Kind, key: &Key| {
        let has = |samples: &[Sample]| samples.iter().any(|sample| sample.option == key.name);
        has(kind.samples) || kind.common != Common::None && has(program::SAMPLES)
    };
    let of = |(_, name, tables): &(supconv::keys::SectionKind, &'static str, supconv::keys::Tables)| {
        let kind = PAGE.iter().find(|kind| kind.name == *name);
        let keys = tables.iter().flat_map(|keys| keys.iter());
        let name = *name;
        keys.map(move |key| ((name, key.name), kind.is_some_and(|kind| sampled(kind, key)))).collect::<Vec<_>>()
    };
    KINDS.iter().flat_map(of).collect()
}

const HEAD: &str = "\
<!-- Made from what the converter does by `SUPCONV_BLESS=1 cargo test --test it docs`. -->

# What becomes of each option

";

const LEGEND: &str = "
## How to read the tables

Each value was converted in a small configuration, with the option and without it. The cell shows the grade, then the lines that
the option adds to the units or files of a daemon (`no KEY`: what it removes; a long value is its key alone) and the other files
that change. `command` and `run` stand for the launcher, a script that does what the daemon cannot. Numbers are the notes below
the table: the sentences that the converter says. The same option can have another grade for another value.

| grade | meaning |
|---|---|
| exact | the program does the same |
| approximate | translated, and the converter names the difference; exit code 0, with `--strict` 1 |
| lost | not translated, and the converter says so at its line; exit code 1 unless it is allowed |
| error | no unit, because its name is not possible |
| – | nothing is said and nothing changes: the default, or something that no program can see |

A note \"once per plan\" is about [every unit](#for-every-unit), or about many. It is not a grade, and `--strict` does not count it.
";

/// The options of a kind, each with its samples and decisions.
struct Rows {
    kind: &'static Kind,
    /// Those that the page shows.
    shown: Vec<(&'static Sample, Vec<Decision>)>,
    /// The options of which some values are decided as the kind says, each with the worst of them.
    alike: BTreeMap<&'static str, Vec<Word>>,
}

impl Rows {
    fn of(kind: &'static Kind) -> Self {
        let decisions = |kind: &Kind, sample| -> Result<Vec<Decision>, String> {
            TARGETS.iter().map(|target| decide(target, kind, sample)).collect()
        };
        let mut shown: Vec<_> = kind.samples.iter().map(|sample| (sample, decisions(kind, sample).unwrap())).collect();
        let mut alike: BTreeMap<&str, Vec<Word>> = BTreeMap::new();
        let own = |option| kind.samples.iter().any(|sample| sample.option == option);
        let common = program::SAMPLES.iter().filter(|sample| kind.common != Common::None && !own(sample.option));
        for sample in common {
            // What a program may say need not be allowed here, and what is not written is nothing anywhere.
            let none = kind.common == Common::Nothing && sample.value.is_none();
            let Some(found) = decisions(kind, sample).ok().filter(|_| !none) else { continue };
            let expected = match kind.common {
                Common::Same => decisions(&PAGE[0], sample).unwrap(),
                Common::Nothing | Common::None => TARGETS.iter().map(|_| Decision::nothing()).collect(),
            };
            if same(kind, &found, &expected) {
                let worst = alike.entry(sample.option).or_insert_with(|| vec![Word::Nothing; TARGETS.len()]);
                for (worst, decision) in worst.iter_mut().zip(found) {
                    *worst = (*worst).max(decision.word);
                }
            } else {
                shown.push((sample, found));
            }
        }
        shown.sort_by_key(|(sample, _)| sample.option);
        Self { kind, shown, alike }
    }

    /// The worst word of each option, for one target.
    fn worst(&self, target: usize) -> BTreeMap<&'static str, Word> {
        let mut worst: BTreeMap<&str, Word> =
            self.alike.iter().map(|(option, words)| (*option, words[target])).collect();
        for (sample, decisions) in &self.shown {
            let word = worst.entry(sample.option).or_insert(Word::Nothing);
            *word = (*word).max(decisions[target].word);
        }
        worst
    }

    fn write(&self, page: &mut String) {
        let name = self.kind.name;
        write!(page, "\n## [{name}]\n\n").unwrap();
        let shown = |option: &str| self.shown.iter().any(|(sample, _)| sample.option == option);
        let alike = self.alike.keys().filter(|option| !shown(option));
        let options: Vec<String> = alike.map(|option| format!("`{option}`")).collect();
        if !options.is_empty() {
            let (count, options) = (options.len(), options.join(", "));
            let what = match self.kind.common {
                Common::Same => {
                    "become the same as in [program:x] under systemd; the table has the others. Horust and pitchfork hand no socket to \
                     a program, so all is lost"
                }
                Common::Nothing | Common::None => "have no grade, because no process is made",
            };
            writeln!(page, "{count} options of a program {what}:\n{options}.\n").unwrap();
        }
        let targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        writeln!(page, "| option | value | {} |\n|---|---|{}", targets.join(" | "), "---|".repeat(targets.len()))
            .unwrap();
        let mut notes = Vec::new();
        let mut before = "";
        for (sample, decisions) in &self.shown {
            let option = if sample.option == before { String::new() } else { format!("**{}**", sample.option) };
            before = sample.option;
            let cells: Vec<String> = decisions.iter().map(|decision| cell(decision, &mut notes)).collect();
            writeln!(page, "| {option} | {} | {} |", value(self.kind, sample), cells.join(" | ")).unwrap();
        }
        for (number, note) in (1..).zip(notes) {
            writeln!(page, "{}{number}. {note}", if number == 1 { "\n" } else { "" }).unwrap();
        }
    }
}

/// Whether a sample is decided as is expected. A daemon makes nothing of a program that needs a socket, whatever it says.
fn same(kind: &Kind, found: &[Decision], expected: &[Decision]) -> bool {
    let needs_socket = kind.name == "fcgi-program:x";
    let mut all = TARGETS.iter().zip(found).zip(expected);
    all.all(|((target, found), expected)| found == expected || needs_socket && !target.is_systemd)
}

impl Decision {
    pub fn nothing() -> Self {
        Self { word: Word::Nothing, lines: Vec::new(), files: Vec::new(), sentences: Vec::new(), constants: Vec::new() }
    }
}

impl Word {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "–",
            Self::Exact => "exact",
            Self::Approximate => "approximate",
            Self::Lost => "lost",
            Self::Error => "error",
        }
    }
}

/// How many options have which grade at worst.
fn summary(page: &mut String, rows: &[Rows]) {
    const WORDS: [Word; 4] = [Word::Nothing, Word::Exact, Word::Approximate, Word::Lost];
    for (number, target) in TARGETS.iter().enumerate() {
        writeln!(page, "\nHow many options have which grade for {}, each at its worst value:\n", target.name).unwrap();
        writeln!(page, "| section | options | – | exact | approximate | lost |\n|---|---|---|---|---|---|").unwrap();
        let mut total = [0; WORDS.len()];
        for rows in rows {
            let worst = rows.worst(number);
            let mut counts = [0; WORDS.len()];
            for (count, word) in counts.iter_mut().zip(WORDS) {
                // A name that cannot be is lost as well.
                let is = |found: &&Word| **found == word || word == Word::Lost && **found == Word::Error;
                *count = worst.values().filter(is).count();
            }
            line(page, &format!("[[{0}]](#{1})", rows.kind.name, anchor(rows.kind.name)), counts);
            total.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        }
        assert_eq!(total.iter().sum::<usize>(), pairs().len(), "an option of which Supervisor takes no sample");
        line(page, "all", total);
    }
}

fn line<const N: usize>(page: &mut String, name: &str, counts: [usize; N]) {
    let sum: usize = counts.iter().sum();
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    writeln!(page, "| {name} | {sum} | {} |", counts.join(" | ")).unwrap();
}

/// The anchor of a heading, as code hosts make it.
fn anchor(heading: &str) -> String {
    heading.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// Configurations that show what is said once a plan, each with the words for when.
static ALWAYS: &[(&str, &str)] = &[
    ("always", "[supervisord]\nuser=root\n[program:web]\ncommand=/srv/web\nstdout_logfile=NONE\nstderr_logfile=NONE\n"),
    (
        "no `user=` anywhere",
        "[supervisord]\n[program:web]\ncommand=/srv/web\nstdout_logfile=NONE\nstderr_logfile=NONE\n",
    ),
    (
        "a unit has a user",
        "[supervisord]\n[program:web]\ncommand=/srv/web\nuser=app\nstdout_logfile=NONE\nstderr_logfile=NONE\n",
    ),
    ("output goes to the journal", "[supervisord]\nuser=root\n[program:web]\ncommand=/srv/web\n"),
    (
        "output goes to a file that is rotated",
        "[supervisord]\nuser=root\n[program:web]\ncommand=/srv/web\nredirect_stderr=true\nstdout_logfile=/var/log/web.log\n",
    ),
    (
        "an http server is configured",
        "[supervisord]\nuser=root\n[inet_http_server]\nport=127.0.0.1:9001\n[program:web]\ncommand=/srv/web\n",
    ),
    ("the file is a fragment", "[program:web]\ncommand=/srv/web\n"),
];

/// What is said once a plan, and when.
fn everywhere(page: &mut String) {
    page.push_str("\n## For every unit\n");
    for target in TARGETS {
        write!(page, "\nSaid once per plan for {}:\n\n| when | option | sentence |\n|---|---|---|\n", target.name)
            .unwrap();
        let mut known = Vec::new();
        for (when, text) in ALWAYS {
            let mut when = *when;
            for loss in plan(target, text, Flag::None).unwrap().losses.iter() {
                let one = (loss.sentence.key.name, loss.sentence.message.to_owned());
                if loss.sentence.telling == Telling::Once && !known.contains(&one) {
                    let option = one.0;
                    writeln!(page, "| {when} | `{option}` | {} |", prose(&one.1)).unwrap();
                    when = "";
                    known.push(one);
                }
            }
        }
    }
}

/// The value, and what else the sample says.
fn value(kind: &Kind, sample: &Sample) -> String {
    let Sample { option, value, beside, daemon, around, flag } = sample;
    let mut text = match value {
        Some("") => "empty".to_owned(),
        Some(value) => code(value),
        None => match default(kind, option) {
            Some(default) if !default.is_empty() => format!("not written: {}", code(default)),
            Some(_) | None => "not written".to_owned(),
        },
    };
    let mut with: Vec<String> = beside.lines().map(code).collect();
    with.extend(daemon.lines().map(|line| format!("[supervisord] {}", code(line))));
    with.extend((!around.is_empty()).then(|| code(&around.replace('\n', " "))));
    with.extend(match flag {
        Flag::None => None,
        Flag::Faithful => Some("`--faithful`".to_owned()),
        Flag::Journal => Some("`--logs journal`".to_owned()),
        Flag::OpenFiles => Some("`--nofile 65536`".to_owned()),
        Flag::Version(number) => Some(format!("`--systemd-version {number}`")),
        Flag::Variable(name, value) => Some(code(&format!("--env {name}={value}"))),
    });
    if !with.is_empty() {
        write!(text, "<br>with {}", with.join(", ")).unwrap();
    }
    text
}

/// What counts where an option is not written.
fn default(kind: &Kind, option: &str) -> Option<&'static str> {
    let (.., tables) = KINDS.iter().find(|(_, name, _)| *name == kind.name).unwrap();
    tables.iter().flat_map(|keys| keys.iter()).find(|key| key.name == option).unwrap().default
}

/// The grade, what changes, and the numbers of the notes that hold what is said.
fn cell(decision: &Decision, notes: &mut Vec<String>) -> String {
    let Decision { word, lines, files, sentences, constants } = decision;
    let mut text = word.name().to_owned();
    let changes: Vec<&str> = files.iter().chain(lines).map(String::as_str).collect();
    if !changes.is_empty() {
        write!(text, ": {}", changes.join(", ").replace('|', "\\|")).unwrap();
    }
    let once = constants.iter().map(|sentence| format!("once per plan: {}", prose(sentence)));
    let numbers: Vec<String> = sentences
        .iter()
        .map(|sentence| prose(sentence))
        .chain(once)
        .map(|note| {
            let at = notes.iter().position(|known| *known == note).unwrap_or_else(|| {
                notes.push(note);
                notes.len() - 1
            });
            (at + 1).to_string()
        })
        .collect();
    if !numbers.is_empty() {
        write!(text, " <sup>{}</sup>", numbers.join(" ")).unwrap();
    }
    text
}

/// Text of a configuration in a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// A sentence in a table.
pub fn prose(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<").replace('*', "\\*")
}
