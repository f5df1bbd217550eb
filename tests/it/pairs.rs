//! The rules in pairs: of one cause one of them speaks, and what one advises no other takes back. Run over every file that people
//! wrote, over the examples of the pages, and over files that tempt both rules of a pair.

use std::collections::{BTreeMap, BTreeSet};

use supconv::diagnostic::Diagnostic;
use supconv::reading::{Reading, Role};
use supconv::rules::{Page, RULES, Settings, Target};

use crate::support::configuration::Configuration;
use crate::support::corpus;

/// Where two rules may not both speak.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    /// In one section.
    Section,
    /// Of one option of a section.
    Option,
}

/// The first speaks, and the second is silent there.
const OUTRANKS: &[(&str, &str, Within)] = &[
    // What keeps its own children decides about stopasgroup.
    ("SUP307", "SUP306", Within::Section),
    // A listener that calls back needs the user of supervisord, and credentials if it is asked for them.
    ("SUP707", "SUP201", Within::Section),
    // One that ends by itself is to be started once: what a loop is without end is its restarts.
    ("SUP303", "SUP304", Within::Section),
    // A path on which nothing listens is to be that of the server, wherever that is.
    ("SUP703", "SUP207", Within::Option),
    // A word of a shell is no path, and no variable: the shell is what is missing.
    ("SUP401", "SUP404", Within::Section),
    ("SUP401", "SUP402", Within::Option),
    ("SUP401", "SUP405", Within::Section),
    // The wrapper is what keeps root, and what is to go.
    ("SUP212", "SUP201", Within::Section),
    // The command goes to the background by its own flag: whatever it leaves behind follows from that.
    ("SUP301", "SUP303", Within::Section),
    ("SUP406", "SUP303", Within::Section),
    // What is started elsewhere no stop reaches.
    ("SUP406", "SUP306", Within::Section),
    ("SUP406", "SUP307", Within::Section),
    ("SUP406", "SUP308", Within::Section),
    ("SUP406", "SUP309", Within::Section),
    ("SUP406", "SUP310", Within::Section),
    ("SUP406", "SUP311", Within::Section),
    ("SUP406", "SUP407", Within::Section),
    // Without the shell that it needs another thing runs.
    ("SUP401", "SUP302", Within::Section),
    ("SUP401", "SUP303", Within::Section),
    ("SUP401", "SUP406", Within::Section),
];

/// Where both speak, the second does not advise this.
const NEVER_ADVISES: &[(&str, &str, &[&str])] = &[
    // Only root can give its socket away.
    ("SUP214", "SUP206", &["chown="]),
    // The time that a program needs is not to be shortened for that of all.
    ("SUP309", "SUP312", &["stopwaitsecs", "lower", "shorten"]),
    ("SUP306", "SUP403", &["stopasgroup=false"]),
    ("SUP212", "SUP211", &["sudo"]),
];

/// Files that tempt both rules of a pair.
const TEMPTING: &[&str] = &[
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=sh -c 'chown -R app /d &'\nautorestart=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=setsid /opt/db-migrate\nuser=a\nautorestart=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=setsid gunicorn a:b\nuser=a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=setsid nginx -g 'daemon off;'\nuser=a\nstopsignal=TERM\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=setsid celery -A a worker\nuser=a\nstopasgroup=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=setsid npm start\nuser=a\nstopsignal=KILL\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=sh -c 'docker run --rm --name a web &'\nuser=a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=mkdir -p /x && /srv/api\nuser=a\nautorestart=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=chown -R a /x ; exec /srv/api\nuser=a\nautorestart=false\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=service nginx start && tail -f /log\nuser=a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[unix_http_server]\nfile=/run/s.sock\n[supervisorctl]\nserverurl=unix:///tmp/t.sock\n",
    "[supervisord]\nuser=root\nminfds=4096\n[supervisorctl]\nserverurl=unix:///tmp/t.sock\n",
    "[supervisord]\nuser=app\nminfds=4096\n[unix_http_server]\nfile=/tmp/s.sock\nchmod=0777\nchown=root:ops\n",
    "[supervisord]\nuser=app\nminfds=4096\npidfile=/tmp/s.pid\n[unix_http_server]\nfile=/run/s.sock\nchmod=0770\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=celery -A a worker\nuser=a\nstopasgroup=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=sh -c 'cd /a && celery -A a worker'\nuser=a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=sh -c 'cd /a && celery -A a worker'\nuser=a\nstopasgroup=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=php artisan migrate\nuser=a\nautorestart=true\nstartsecs=0\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=php artisan migrate\nuser=a\nautorestart=false\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=chown -R app /data\nautorestart=true\nstartsecs=0\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=cd /a && ./run $HOME/*.conf\nuser=a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=./run > /a.log\nuser=a\ndirectory=/a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=source /v/bin/activate && python a.py\nuser=a\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=sudo -u app /home/app/run\n[program:b]\ncommand=gosu app npm start\n",
    "[supervisord]\n[program:a]\ncommand=a\n[program:b]\ncommand=nginx -g 'daemon off;'\n[program:c]\ncommand=c\nuser=c\n",
    "[supervisord]\n[program:b]\ncommand=nginx -g 'daemon off;'\n",
    "[supervisord]\nnodaemon=true\nuser=root\n[program:a]\ncommand=a\n[program:c]\ncommand=c\nuser=c\n",
    "[unix_http_server]\nfile=/run/s.sock\nusername=a\npassword=Kept-Out-9\n[supervisord]\nuser=root\nminfds=4096\n\
     [eventlistener:m]\ncommand=memmon -a 200MB\nevents=TICK_60\n",
    "[supervisord]\nnodaemon=true\nminfds=4096\n[program:a]\ncommand=gunicorn a:b\nstopwaitsecs=20\nuser=a\n\
     [program:b]\ncommand=mysqld\nuser=b\nstopwaitsecs=60\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=celery -A a worker --detach\nuser=a\nautorestart=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=sh -c 'gunicorn a:b &'\nuser=a\nautorestart=true\n",
    "[supervisord]\nuser=root\nminfds=4096\n[inet_http_server]\nport=9001\nusername=user\npassword=123\n",
    "[supervisord]\nuser=root\nminfds=4096\numask=000\nnodaemon=true\n[program:a]\ncommand=a\nuser=a\nstartretries=-1\nstartsecs=0\nautorestart=true\n",
];

/// What one rule says of a place.
struct Finding {
    rule: &'static str,
    section: Option<&'static str>,
    option: Option<&'static str>,
    message: String,
    help: String,
    line: u32,
    unset: bool,
}

fn findings(read: &Configuration, target: Target) -> Vec<Finding> {
    let settings: &'static Settings = Box::leak(Box::new(Settings { target, ..Settings::default() }));
    let found = read.findings(settings);
    found.into_iter().map(|found| of(read, &found)).collect()
}

fn of(read: &Configuration, found: &Diagnostic<'static>) -> Finding {
    let help = found.help.as_ref().map(|help| help.text().into_owned()).unwrap_or_default();
    let message = found.message.text().into_owned();
    let header = read.sources.slice(found.place);
    Finding {
        rule: found.rule.code,
        section: found.section,
        option: found.option,
        // A program without a user is spoken of at its header.
        unset: found.option == Some("user") && found.section.is_some_and(|section| header.contains(section)),
        line: read.line(found),
        message,
        help,
    }
}

/// What is wrong with the findings of a file.
fn wrong(findings: &[Finding]) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    for (at, one) in findings.iter().enumerate() {
        for other in findings.iter().skip(at + 1) {
            let section = one.section.is_some() && one.section == other.section;
            for (winner, loser, within) in OUTRANKS {
                let both = [(one, other), (other, one)].iter().any(|(a, b)| a.rule == *winner && b.rule == *loser);
                if both && section && (*within == Within::Section || one.option == other.option) {
                    wrong.insert(format!(
                        "{winner} and {loser} of {:?}: {} | {}",
                        one.section, one.message, other.message
                    ));
                }
            }
            for (speaker, adviser, words) in NEVER_ADVISES {
                for (speaks, advises) in [(one, other), (other, one)] {
                    let advice = words.iter().find(|words| advises.help.contains(**words));
                    if let (true, Some(words)) = ((speaks.rule, advises.rule) == (*speaker, *adviser), advice) {
                        wrong.insert(format!("beside {speaker} {adviser} advises {words:?}: {}", advises.help));
                    }
                }
            }
            // One cause: nothing says whom supervisord runs as.
            let unset = |finding: &Finding| finding.rule == "SUP202" && finding.message.contains("has no user=");
            if [(one, other), (other, one)].iter().any(|(a, b)| unset(a) && b.rule == "SUP201" && b.unset) {
                wrong.insert(format!("SUP202 and SUP201: {} | {}", one.message, other.message));
            }
            let place = |finding: &Finding| (finding.section, finding.option, finding.line);
            if one.rule != other.rule && place(one) == place(other) && one.message == other.message {
                wrong.insert(format!("{} and {} say the same: {}", one.rule, other.rule, one.message));
            }
            if section
                && one.rule != other.rule
                && let Some(words) = contradiction(&one.help, &other.help)
            {
                wrong.insert(format!(
                    "{} and {} of {:?}: {words}\n    {}\n    {}",
                    one.rule, other.rule, one.section, one.help, other.help
                ));
            }
        }
    }
    wrong
}

/// What one help has written and the other removed, or written otherwise. A value in capitals is a place for one.
fn contradiction(one: &str, other: &str) -> Option<String> {
    let (one, other) = (advice(one), advice(other));
    // The names of signals are no places for a value.
    let differ = |one: &BTreeSet<String>, other: &BTreeSet<String>, signals: bool| {
        let fixed = |values: &BTreeSet<String>| {
            values.iter().all(|value| {
                value.is_empty() || signals || !value.contains(|c: char| c.is_ascii_uppercase() || c == '…')
            })
        };
        fixed(one) && fixed(other) && one.is_disjoint(other)
    };
    one.iter().find_map(|(key, values)| {
        let others = other.get(key)?;
        // A list of variables is added to.
        (key != "environment" && key != "command" && differ(values, others, key == "stopsignal"))
            .then(|| format!("{key}: {values:?} against {others:?}"))
    })
}

/// The options that a help has written, with the values; an empty one is removed.
fn advice(help: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut advice: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut before = "";
    for word in help.split_whitespace() {
        let bare = word.trim_matches(|c: char| ",;:.()`".contains(c));
        let of_name =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match bare.split_once('=') {
            Some((name, _)) if of_name(name) && before == "remove" => {
                advice.entry(name.to_owned()).or_default().insert(String::new());
            }
            Some((name, value)) if of_name(name) && !value.is_empty() => {
                advice.entry(name.to_owned()).or_default().insert(value.to_owned());
            }
            _ => {}
        }
        before = bare;
    }
    advice
}

#[test]
fn no_two_rules_speak_of_one_cause_or_contradict_each_other() {
    let mut failures = Vec::new();
    let mut judge = |name: &str, read: Result<Configuration, String>| {
        let Ok(read) = read else { return };
        for target in [Target::Auto, Target::Container] {
            failures.extend(wrong(&findings(&read, target)).into_iter().map(|wrong| format!("{name}: {wrong}")));
        }
    };
    for path in corpus::all() {
        judge(&path.display().to_string(), Configuration::read(&path, Reading::default()));
    }
    let text = |text: &str| {
        Configuration::of("/etc/supervisord.conf", text, Reading { role: Some(Role::Main), ..Reading::default() })
    };
    for page in RULES.iter().filter_map(|check| Page::of(&check.rule)) {
        for example in [page.bad, page.good] {
            judge(page.title, text(example));
        }
    }
    for (number, tempting) in TEMPTING.iter().enumerate() {
        judge(&format!("tempting file {number}"), text(tempting));
    }
    failures.sort();
    failures.dedup();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The table names rules that there are, each pair once, and no rule outranks one that outranks it.
#[test]
fn the_table_of_pairs_is_in_order() {
    let pairs: BTreeSet<_> = OUTRANKS.iter().map(|(winner, loser, _)| (*winner, *loser)).collect();
    assert_eq!(pairs.len(), OUTRANKS.len());
    let turned = pairs.iter().find(|(winner, loser)| pairs.contains(&(*loser, *winner)));
    assert_eq!(turned, None, "each outranks the other");
    let advised = NEVER_ADVISES.iter().map(|(speaker, adviser, _)| (*speaker, *adviser));
    let codes: BTreeSet<_> = pairs.iter().copied().chain(advised).flat_map(|(one, other)| [one, other]).collect();
    let unknown: Vec<_> = codes.into_iter().filter(|code| supconv::rules::find(code).is_none()).collect();
    assert_eq!(unknown, [""; 0]);
}

/// The judge itself: it sees what is doubled and what is contradicted.
#[test]
fn the_judge_of_pairs_sees_what_is_wrong() {
    let finding = |rule, option, message: &str, help: &str| Finding {
        rule,
        section: Some("program:a"),
        option: Some(option),
        message: message.to_owned(),
        help: help.to_owned(),
        line: 1,
        unset: true,
    };
    for (one, other, bad) in [
        (finding("SUP307", "stopasgroup", "a", ""), finding("SUP306", "command", "b", ""), true),
        (finding("SUP212", "command", "a", ""), finding("SUP201", "user", "b", ""), true),
        (finding("SUP401", "command", "a", ""), finding("SUP402", "directory", "b", ""), false),
        (
            finding("SUP309", "stopwaitsecs", "a", ""),
            finding("SUP312", "stopwaitsecs", "b", "write a lower stopwaitsecs=5"),
            true,
        ),
        (finding("SUP202", "user", "[supervisord] has no user=: x", ""), finding("SUP201", "user", "b", ""), true),
        (finding("SUP001", "user", "the same", ""), finding("SUP002", "user", "the same", ""), true),
        (
            finding("SUP001", "user", "a", "write chmod=0700."),
            finding("SUP002", "user", "b", "remove chmod=, or"),
            true,
        ),
        (
            finding("SUP001", "user", "a", "write chmod=0700."),
            finding("SUP002", "user", "b", "write chmod=0770."),
            true,
        ),
        (
            finding("SUP001", "user", "a", "write chmod=0700."),
            finding("SUP002", "user", "b", "write chmod=0700 or chmod=0770."),
            false,
        ),
        (finding("SUP001", "user", "a", "write user=app."), finding("SUP002", "user", "b", "write user=NAME."), false),
        (finding("SUP001", "user", "a", "x"), finding("SUP002", "user", "b", "y"), false),
    ] {
        let said = wrong(&[one, other]);
        assert_eq!(!said.is_empty(), bad, "{said:?}");
    }
}
