//! Units: whatever the configuration holds, they have the lines that they should have and say what it said.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::nasty::{NAMES, PATHS, PLAIN_NAMES, Random, SPECIAL_PATHS};
use crate::support::verify;
use ini::{Ini, ParseOption};
use supconv::convert::systemd::environment::{identity, variables};
use supconv::convert::systemd::escape::{Comment, Dollar, UnitValue, User, directory, user, word};
use supconv::convert::systemd::exec::{Invocation, exec_start};
use supconv::convert::systemd::limits::open_files;
use supconv::convert::systemd::name::UnitName;
use supconv::convert::systemd::unit::ServiceUnit;
use supconv::convert::systemd::version::Version;

/// One random program.
struct Case {
    group: String,
    process: String,
    argv: Vec<String>,
    variables: Vec<(String, String)>,
    directory: String,
    user: String,
    minfds: String,
}

/// With `wild`, every text may hold anything, NUL included; otherwise most of it can be converted.
fn case(random: &mut Random, wild: bool) -> Case {
    let nul = if wild && random.below(8) == 0 { "\0" } else { "" };
    let part = |random: &mut Random| match random.below(if wild { 8 } else { 6 }) {
        0..=4 => random.pick(PATHS).to_owned(),
        5 => random.pick(SPECIAL_PATHS).to_owned(),
        _ => random.text(6),
    };
    let path = |random: &mut Random, top: &str| format!("/{top}/{}/{}", part(random), part(random));
    let program = match random.below(4) {
        0 => path(random, "opt"),
        1 => format!("./{}", part(random)),
        2 => part(random),
        _ => format!("/opt/{}/run", random.pick(PATHS)),
    };
    let mut argv = vec![program];
    argv.extend((0..random.below(4)).map(|_| random.word()));
    argv.push(nul.to_owned());
    let mut variables: Vec<(String, String)> = Vec::new();
    for _ in 0..random.below(4) {
        let names = if random.below(3) == 0 { NAMES } else { PLAIN_NAMES };
        let name = random.pick(names);
        if variables.iter().all(|(known, _)| known != name) {
            variables.push((name.to_owned(), random.word() + nul));
        }
    }
    if random.below(3) == 0 {
        variables
            .push(("PATH".to_owned(), random.pick(&["/usr/bin:/bin", "", "/a b:/bin", "x", "/a/../b"]).to_owned()));
    }
    Case {
        group: random.text(4) + nul,
        process: random.text(4),
        argv,
        variables,
        directory: path(random, "srv") + nul + random.pick(&["", "/../x", "\\", " ", "/../../z"]),
        user: if random.below(2) == 0 {
            random.pick(&["root", "nobody", "a.b", "7", "x"]).to_owned()
        } else {
            random.text(4) + nul
        },
        minfds: random.pick(&["1024", "-1", "4096", "600000", "99999999999999999999999999"]).to_owned(),
    }
}

/// The unit of a program, and the keys it should have.
fn unit(case: &Case) -> (ServiceUnit, Vec<(&'static str, &'static str)>, Option<String>) {
    let found = variables(case.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let place = directory(&case.directory).ok();
    let search = case.variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str());
    let start = exec_start(&Invocation {
        argv: &case.argv,
        directory: place.as_ref().map(|place| place.path.as_str()),
        path: search,
        wrapped: &found.wrapped,
        version: Version::default(),
    })
    .ok();
    let user = user(&case.user).ok().and_then(|user| match user {
        User::Root => None,
        User::Value(value) | User::Nobody(value) => Some(value),
    });
    let executable = start.as_ref().map(|start| {
        if start.through_env {
            "/usr/bin/env".to_owned()
        } else if case.argv[0].starts_with("./") {
            format!("{}/{}", place.as_ref().unwrap().path, case.argv[0])
        } else {
            case.argv[0].clone()
        }
    });
    let files = open_files(Some(&case.minfds));
    let identity = identity(&case.group, &case.process);

    let mut keys = vec![("Unit", "Description"), ("Unit", "After"), ("Service", "Type")];
    keys.extend(user.is_some().then_some(("Service", "User")));
    keys.extend(place.is_some().then_some(("Service", "WorkingDirectory")));
    keys.extend(matches!(case.minfds.as_str(), "4096" | "600000").then_some(("Service", "LimitNOFILE")));
    keys.extend(identity.is_some().then_some(("Service", "Environment")));
    keys.extend(found.lines.iter().map(|_| ("Service", "Environment")));
    keys.extend(
        start.as_ref().is_some_and(|start| start.search_path.is_some()).then_some(("Service", "ExecSearchPath")),
    );
    keys.extend(start.is_some().then_some(("Service", "ExecStart")));
    keys.push(("Install", "WantedBy"));

    let mut environment: Vec<_> = identity.into_iter().chain(found.lines).map(Into::into).collect();
    for entry in &mut environment {
        let entry: &mut supconv::convert::systemd::unit::Entry = entry;
        entry.comments.push(Comment::note(&case.argv.join(" ")));
    }
    let (line, search_path) = start.map_or((None, None), |start| (Some(start.line), start.search_path));
    let service = ServiceUnit {
        header: vec![Comment::note(&format!("[program:{}] of {}", case.process, case.directory))],
        description: UnitValue::description(&format!("{}:{}", case.group, case.process)).into(),
        after: vec![UnitValue::NETWORK_TARGET.into()],
        remarks: vec![Comment::note(&case.user)],
        service_type: UnitValue::EXEC.into(),
        user: user.into(),
        working_directory: place.map(|place| place.value).into(),
        limit_nofile: supconv::convert::systemd::unit::Entry { comments: files.comments, value: files.value },
        environment,
        exec_search_path: search_path.into(),
        exec_start: line.into(),
        wanted_by: UnitValue::MULTI_USER_TARGET.into(),
        ..ServiceUnit::default()
    };
    (service, keys, executable)
}

/// Sections, keys and values, read by somebody else. Only the blanks of Unicode at the ends get lost there.
fn read(text: &str) -> Vec<(String, String, String)> {
    let options = ParseOption { enabled_quote: false, enabled_escape: false, ..ParseOption::default() };
    let ini = Ini::load_from_str_opt(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    ini.iter()
        .flat_map(|(section, properties)| {
            let section = section.unwrap_or_default().to_owned();
            properties.iter().map(move |(key, value)| (section.clone(), key.to_owned(), value.to_owned()))
        })
        .collect()
}

#[test]
fn no_value_becomes_a_directive() {
    let mut random = Random::new(1);
    let mut refused = 0;
    for number in 0..20_000 {
        let case = case(&mut random, true);
        let (service, keys, _) = unit(&case);
        let text = service.to_string();
        refused += usize::from(service.exec_start.value.is_none());
        let found = read(&text);
        let named: Vec<_> = found.iter().map(|(section, key, _)| (section.as_str(), key.as_str())).collect();
        assert_eq!(named, keys, "case {number}\n{text}");
        let values: Vec<_> = [&service.description, &service.after[0], &service.service_type, &service.user]
            .into_iter()
            .chain([&service.working_directory, &service.limit_nofile])
            .chain(&service.environment)
            .chain([&service.exec_search_path, &service.exec_start, &service.wanted_by])
            .filter_map(|entry| Some(entry.value.as_ref()?.as_str().trim()))
            .collect();
        assert_eq!(found.iter().map(|(.., value)| value.as_str()).collect::<Vec<_>>(), values, "case {number}");
        assert!(!text.contains(['\r', '\0', '\t', '\u{7f}', '\u{1}']));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(!line.ends_with('\\'), "case {number}: {line}");
        }
    }
    assert!((500..10_000).contains(&refused), "{refused} of 20000 have no command");
}

/// systemd's `extract_first_word()` with quotes and C escapes, then specifiers, then `$` where it is substituted: only
/// what the escapers may write; anything else fails.
fn decoded(line: &str, substituted: bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = line.chars().peekable();
    while characters.peek().is_some() {
        let (mut word, mut quote, mut quoted) = (String::new(), None, false);
        while let Some(character) = characters.next() {
            match (character, quote) {
                (' ', None) => break,
                ('\\', _) => word.push(unescaped(&mut characters)),
                ('"' | '\'', None) => (quote, quoted) = (Some(character), true),
                (_, Some(open)) if character == open => quote = None,
                _ => word.push(character),
            }
        }
        assert!(quote.is_none() && (quoted || !matches!(word.as_str(), "" | ";")), "{line}");
        let word = single(&word, '%');
        words.push(if substituted { single(&word, '$') } else { word });
    }
    words
}

fn unescaped(characters: &mut impl Iterator<Item = char>) -> char {
    match characters.next().unwrap() {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        same @ ('\\' | '"') => same,
        'x' => {
            let hex: String = characters.take(2).collect();
            let byte = u8::from_str_radix(&hex, 16).unwrap();
            assert!(byte.is_ascii() && byte != 0);
            char::from(byte)
        }
        other => panic!("\\{other} is refused, or means something else"),
    }
}

/// A doubled character is one; a single one would be a specifier or a variable.
fn single(text: &str, doubled: char) -> String {
    let mut characters = text.chars();
    let mut out = String::new();
    while let Some(character) = characters.next() {
        if character == doubled {
            assert_eq!(characters.next(), Some(doubled), "{text}");
        }
        out.push(character);
    }
    out
}

#[test]
fn words_come_back_as_systemd_splits_them() {
    let mut random = Random::new(2);
    for _ in 0..20_000 {
        let words: Vec<String> = (0..=random.below(4)).map(|_| random.word()).collect();
        for (dollar, substituted) in [(Dollar::Kept, false), (Dollar::Doubled, true)] {
            let written: Vec<_> = words.iter().map(|text| word(text, dollar).unwrap()).collect();
            let line = UnitValue::words(&written).unwrap();
            assert_eq!(decoded(line.as_str(), substituted), words, "{}", line.as_str());
        }
    }
}

#[test]
fn commands_and_variables_come_back_as_they_were() {
    let mut random = Random::new(3);
    let (mut joined, mut enveloped, mut searched) = (0, 0, 0);
    for _ in 0..20_000 {
        let case = case(&mut random, false);
        let found = variables(case.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let place = directory(&case.directory).ok();
        let place = place.as_ref().map(|place| place.path.as_str());
        let path = case.variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str());
        let Ok(start) = exec_start(&Invocation {
            argv: &case.argv,
            directory: place,
            path,
            wrapped: &found.wrapped,
            version: Version::default(),
        }) else {
            continue;
        };
        let line = start.line.as_str();
        let (literal, rest) = line.strip_prefix(':').map_or((false, line), |rest| (true, rest));
        let (renamed, rest) = rest.strip_prefix('@').map_or((false, rest), |rest| (true, rest));
        let mut words = decoded(rest, !literal);
        if start.through_env {
            let wrapped = found.wrapped.iter().map(|(name, value)| format!("{name}={value}"));
            let before: Vec<_> = ["/usr/bin/env".to_owned(), "--".to_owned()].into_iter().chain(wrapped).collect();
            assert_eq!(words.drain(..before.len()).collect::<Vec<_>>(), before);
            assert!(!words[0].contains('='));
            enveloped += 1;
        } else if renamed {
            assert_eq!(words.remove(0), format!("{}/{}", place.unwrap().trim_end_matches('/'), case.argv[0]));
            joined += 1;
        }
        assert_eq!(words, case.argv, "{line}");
        searched += usize::from(start.search_path.is_some());

        let lines: Vec<_> = found.lines.iter().flat_map(|line| decoded(line.as_str(), false)).collect();
        let kept = case.variables.iter().filter(|pair| !found.wrapped.contains(pair));
        assert_eq!(lines, kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>());
    }
    assert!(joined > 500 && enveloped > 500 && searched > 100, "{joined} {enveloped} {searched}");
}

#[test]
fn systemd_has_nothing_to_say_of_random_units() {
    let mut random = Random::new(4);
    let (mut units, mut names) = (Vec::new(), BTreeSet::new());
    let (mut executables, mut users) = (BTreeSet::<String>::new(), BTreeSet::new());
    while units.len() < 400 {
        let wild = units.len() % 2 == 0;
        let case = case(&mut random, wild);
        let (service, _, executable) = unit(&case);
        let (Some(executable), Ok(name)) = (executable, UnitName::service("", &case.group, &case.process)) else {
            continue;
        };
        // What is a file for one cannot be a directory for another.
        let clash = executables.iter().any(|known| is_below(known, &executable) || is_below(&executable, known));
        if !clash && names.insert(name.clone()) {
            executables.insert(executable);
            users.extend(service.user.value.is_some().then_some(case.user));
            units.push((name.as_str().to_owned(), service.to_string()));
        }
    }
    let executables: Vec<_> = executables.into_iter().collect();
    let users: Vec<_> = users.into_iter().collect();
    if let Some(Err(said)) = verify::verify(&units, &executables, &users) {
        panic!("{said}");
    }
}

fn is_below(path: &str, top: &str) -> bool {
    let (path, top) = (Path::new(path), Path::new(top));
    path != top && path.starts_with(top)
}

#[test]
fn the_verifier_notices() {
    let unit = |line: &str| [("x.service".to_owned(), format!("[Service]\nType=exec\n{line}\n"))];
    for (line, good) in [
        ("ExecStart=/opt/supconv-stub/x", true),
        ("ExecStart=/opt/supconv-stub/y", false),
        ("ExecStart=/opt/supconv-stub/x\nUser=a.b", true),
        ("ExecStart=/opt/supconv-stub/x\nUser=nobody", false),
        ("ExecStart=/opt/supconv-stub/x\nUnknown=1", false),
        ("ExecStart=/opt/supconv-stub/x %z", false),
    ] {
        if let Some(said) = verify::verify(&unit(line), &["/opt/supconv-stub/x".to_owned()], &["a.b".to_owned()]) {
            assert_eq!(said.is_ok(), good, "{line}: {said:?}");
        }
    }
}
