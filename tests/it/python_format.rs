//! Compares what we read in values with what Python reads: `text % names`, `shlex.split`, and the
//! pairs of `environment=`.
//!
//! `SUPCONV_CASES` sets how many inputs of each kind (50 000), `SUPCONV_SEED` where they begin.

use num_bigint::BigInt;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::support::{machine, python};
use supconv::python::integer::Integer;
use supconv::python::percent::{ExpandError, Expanded, MADE, Names, Var, expand, message};
use supconv::python::shlex;
use supconv::syntax::pairs;

/// The other side: one line of JSON for each question.
const SCRIPT: &str = r#"
import json, resource, shlex, sys
sys.stdin.reconfigure(encoding='utf-8')
# Widths that we refuse must not fill the memory.
resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))

def expand(text, option, names):
    try:
        made = text % names
        return ['long', ''] if len(made) > 1 << 21 else ['ok', made]
    except KeyError as ex:
        why = 'contains names (%s) which cannot be expanded. Available names: %s' % (ex, ', '.join(sorted(names)))
    except MemoryError:
        return ['memory', '']
    except Exception as ex:
        # Python 3.10 words it otherwise.
        why = 'is badly formatted: %s' % str(ex).replace('(4300)', '(4300 digits)')
    return ['error', 'Format string %r for %r %s' % (text, option, why)]

def pairs(text):
    lexer = shlex.shlex(text)
    lexer.wordchars += '/.+-():'
    tokens = list(lexer)
    found = {}
    for at in range(0, len(tokens), 4):
        if len(tokens) < at + 3 or tokens[at + 1] != '=':
            raise ValueError("Unexpected end of key/value pairs in value '%s'" % text)
        found[tokens[at]] = tokens[at + 2].strip('\'"')
    return [list(pair) for pair in found.items()]

def other(function, text):
    try:
        return ['ok', function(text)]
    except ValueError as ex:
        return ['error', str(ex)]

for line in sys.stdin:
    kind, text, *more = json.loads(line)
    if kind == 'format':
        option, names = more
        names = {name: value if isinstance(value, str) else int(value[0], 16) for name, value in names}
        answer = expand(text, option, names)
    else:
        answer = other({'words': shlex.split, 'pairs': pairs}[kind], text)
    sys.stdout.write(json.dumps(answer) + '\n')
"#;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Asks Python every question that `make` makes; `check` gets what `make` kept and the answer.
fn compare<T: Send + 'static>(
    seed: u64,
    make: impl Fn(&mut Random) -> (Value, T) + Send + 'static,
    check: impl Fn(&T, &Value) -> Result<(), String>,
) {
    let python = match python::interpreter() {
        Ok((python, _)) => python,
        Err(why) => return machine::passed_over("the comparison with Python's formats, words and pairs", &why),
    };
    let cases = setting("SUPCONV_CASES", 50_000);
    let mut random = Random(setting("SUPCONV_SEED", 0).wrapping_mul(0x1_0000) + seed);
    let mut child: Child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let stdin: ChildStdin = child.stdin.take().expect("piped");
    let (sender, receiver) = std::sync::mpsc::sync_channel(10_000);
    let writer = std::thread::spawn(move || {
        let mut stdin = BufWriter::new(stdin);
        for _ in 0..cases {
            let (question, kept) = make(&mut random);
            writeln!(stdin, "{question}").expect("Python reads");
            if sender.send((question, kept)).is_err() {
                return;
            }
        }
    });
    let mut answers = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut differences = Vec::new();
    for (question, kept) in receiver {
        let line = answers.next().expect("an answer").expect("UTF-8");
        let verdict = match serde_json::from_str(&line) {
            Ok(answer) => check(&kept, &answer).map_err(|ours| format!("python {answer}\n  ours {ours}")),
            // A lone surrogate, as the escape of half a pair.
            Err(_) => check(&kept, &json!(["surrogate", ""])).map_err(|ours| format!("python {line}\n  ours {ours}")),
        };
        if let Err(difference) = verdict {
            differences.push(format!("{question}\n{difference}"));
            if differences.len() == 20 {
                break;
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    if differences.is_empty() {
        writer.join().expect("no panic");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// `SplitMix64`
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn soup(&mut self, pieces: &[&str], length: usize) -> String {
        (0..self.below(length + 1)).map(|_| self.pick(pieces)).collect()
    }
}

enum Kept {
    Text(String),
    Int(Integer),
    Unknown,
}

struct Dictionary(Vec<(&'static str, Kept)>);

impl Kept {
    fn var(&self) -> Var<'_> {
        match self {
            Self::Text(text) => Var::Text(Cow::Borrowed(text)),
            Self::Int(value) => Var::Int(value),
            Self::Unknown => Var::Unknown,
        }
    }
}

impl Names for Dictionary {
    fn get(&self, name: &str) -> Option<Var<'_>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.var())
    }

    fn entries(&self) -> Vec<(Cow<'_, str>, Var<'_>)> {
        self.0.iter().map(|(name, value)| (Cow::Borrowed(*name), value.var())).collect()
    }

    fn open(&self) -> bool {
        false
    }
}

const NAMES: &[&str] = &["here", "program_name", "process_num", "numprocs", "ENV_A", "a(b)c", "", "é", "a b", "%"];

fn number(random: &mut Random) -> BigInt {
    let near = BigInt::from(random.below(5)) - 2;
    let value = match random.below(12) {
        0..4 => near,
        4 => BigInt::from(random.below(100_000)),
        5 => BigInt::from(random.pick(&[25, 35, 125, 0xd800, 0xdfff, 0x10_ffff, 0x11_0000, 999_995, 9_999_995])),
        6 => (BigInt::from(1) << random.pick(&[31_u32, 53, 54, 62, 63, 64, 65, 100])) + near,
        7 => BigInt::from(10).pow(u32::try_from(random.below(25)).unwrap()) + near,
        8 => BigInt::from(random.below(1 << 40)) * BigInt::from(random.below(1 << 40)),
        // Where floats end: halfway to 2**1024.
        9 => (BigInt::from(1) << 1024_u32) - (BigInt::from(1) << 970_u32) + near,
        10 => BigInt::from(10).pow(random.pick(&[100, 308, 309])) + near,
        _ if random.one_in(8) => BigInt::from(10).pow(4300) + near,
        _ => BigInt::from(random.below(1000)),
    };
    if random.one_in(4) { -value } else { value }
}

/// The dictionary of one case, for us and for Python. An unknown text is a long one there.
fn names(random: &mut Random) -> (Dictionary, Value) {
    let texts = [
        "",
        "x",
        "/etc",
        "é",
        "漢字",
        "😀",
        "a'b",
        "a'\"b",
        "\\",
        "\n\t",
        "\u{0}",
        "\u{a0}",
        "\u{85}\u{3000}\u{200b}\u{e0001}\u{378}",
        "50%x",
        "%(here)s",
    ];
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for name in NAMES {
        if random.one_in(4) {
            continue;
        }
        if random.one_in(8) {
            ours.push((*name, Kept::Unknown));
            theirs.push(json!([name, "<a text that is not known>"]));
        } else if random.one_in(3) || matches!(*name, "process_num" | "numprocs") {
            let value = number(random);
            theirs.push(json!([name, [value.to_str_radix(16)]]));
            ours.push((*name, Kept::Int(Integer::from(value))));
        } else {
            let text = random.pick(&texts).to_owned() + random.pick(&texts);
            theirs.push(json!([name, text]));
            ours.push((*name, Kept::Text(text)));
        }
    }
    (Dictionary(ours), Value::Array(theirs))
}

fn digits(random: &mut Random) -> String {
    const LIMITS: &[&str] = &[
        "99999999",
        "1048576",
        "1048577",
        "999999999",
        "2147483643",
        "2147483644",
        "2147483645",
        "2147483646",
        "2147483647",
        "2147483648",
        "4294967296",
        "21474836470",
        "140737488355328",
        "9223372036854775807",
        "9223372036854775808",
        "92233720368547758070",
    ];
    match random.below(200) {
        0 => random.pick(LIMITS).to_owned(),
        1..20 => random.below(400).to_string(),
        20..40 => format!("0{}", random.below(20)),
        _ => random.below(12).to_string(),
    }
}

fn conversion(random: &mut Random) -> String {
    let mut text = String::from("%");
    if random.one_in(12) {
        return text + "%";
    }
    if !random.one_in(12) {
        let name = random.pick(NAMES);
        text = text + "(" + name + ")";
    }
    if random.one_in(2) {
        text += &random.soup(&["-", "+", " ", "#", "0"], 3);
    }
    match random.below(24) {
        0 => text += "*",
        1..10 => text += &digits(random),
        _ => {}
    }
    match random.below(24) {
        0 => text += ".*",
        1 => text += ".",
        2..10 => text = text + "." + &digits(random),
        _ => {}
    }
    if random.one_in(10) {
        text += random.pick(&["h", "l", "L", "hh", "ll"]);
    }
    if random.one_in(30) {
        text += random.pick(&["z", "%", "é", "😀", "\u{1f}", "\u{7f}", "~", "\u{0}", "(", ")", "b", "n", "٣", " "]);
    } else if !random.one_in(40) {
        let letters: Vec<char> = "ssssdddiuoxXeEfFgGcra".chars().collect();
        text.push(random.pick(&letters));
    }
    text
}

fn format_text(random: &mut Random) -> String {
    let pieces = [
        "%",
        "%%",
        "%(",
        ")",
        "(",
        "here",
        "%(here)",
        "%(numprocs)",
        "%(a(b)c)",
        "s",
        "d",
        "x",
        "r",
        "a",
        "c",
        "e",
        "f",
        "g",
        "*",
        ".",
        "0",
        "5",
        "-",
        "+",
        " ",
        "#",
        "h",
        "l",
        "é",
        "😀",
        "z",
        "\n",
        "'",
    ];
    if random.one_in(5) {
        return random.soup(&pieces, 8);
    }
    let mut text = String::new();
    for _ in 0..=random.below(3) {
        if random.one_in(2) {
            text += random.pick(&["/var/log/", " ", "é", "😀", "100%%", "a'b", "\n"]);
        }
        text += &conversion(random);
    }
    if random.one_in(4) {
        text += random.pick(&["x", "é", "%%", "%", ".log"]);
    }
    text
}

#[test]
fn percents_are_expanded_as_python_expands_them() {
    let make = |random: &mut Random| {
        let (ours, theirs) = names(random);
        let text = format_text(random);
        (json!(["format", text, "program:é.command", theirs]), (text, ours))
    };
    compare(1, make, |(text, names), answer| {
        let ours = expand(text, names);
        let (kind, theirs) = (answer[0].as_str().unwrap(), answer[1].as_str().unwrap());
        let unknown = names.0.iter().any(|(_, value)| matches!(value, Kept::Unknown));
        let described = |error| message(error, text, "program:é.command", names);
        let same = match &ours {
            // Of an unknown text we cannot say that it is not one character.
            _ if unknown && kind == "error" && theirs.ends_with("%c requires int or char") && text.contains('c') => {
                matches!(ours, Ok(Expanded::Unknown)) || ours.is_err()
            }
            // `%.2147483647g` needs much memory for a short text.
            Ok(Expanded::Text(ours)) => kind == "memory" || (kind == "ok" && theirs == ours),
            // The text may still be short, when a precision cuts it.
            Ok(Expanded::Unknown) => kind == "surrogate" || (kind == "ok" && unknown),
            Err(ExpandError::Bound) => matches!(kind, "long" | "memory") || (kind == "ok" && theirs.len() > MADE),
            Err(error) => {
                // What does not fit into the memory may have an error after it.
                kind == "memory" || (kind == "error" && theirs == described(error))
            }
        };
        let shown =
            ours.as_ref().map_or_else(|error| format!("{error:?} {}", described(error)), |ours| format!("{ours:?}"));
        if same { Ok(()) } else { Err(shown) }
    });
}

#[test]
fn command_lines_are_split_as_shlex_splits_them() {
    let pieces = [
        "a", "bc", " ", " ", "\t", "\n", "\r", "\u{c}", "\u{a0}", "\u{2028}", "\"", "\"", "'", "'", "\\", "\\", "#",
        "$", "`", ";", "é", "ß", "漢", "😀", "\u{0}", "''", "\"\"", "\\\"", "\\'", "\\\n", "=", "%", "|",
    ];
    let make = move |random: &mut Random| {
        let text = random.soup(&pieces, 12);
        (json!(["words", text]), text)
    };
    compare(2, make, |text, answer| {
        let ours = match shlex::split(text) {
            Ok(words) => {
                let mut last = 0;
                for word in &words {
                    let span = text.get(word.start..word.end).unwrap();
                    let blank = text.get(last..word.start).unwrap();
                    assert!(blank.chars().all(|c| " \t\r\n".contains(c)), "{text:?}");
                    // A word's span is a command line of that word alone.
                    assert!(matches!(shlex::split(span).as_deref(), Ok([only]) if only.text == word.text), "{text:?}");
                    last = word.end;
                }
                json!(["ok", words.iter().map(|word| &word.text).collect::<Vec<_>>()])
            }
            Err(error) => json!(["error", error.to_string()]),
        };
        if ours == *answer { Ok(()) } else { Err(ours.to_string()) }
    });
}

#[test]
fn environments_have_the_pairs_that_supervisor_sees() {
    let pieces = [
        "A", "B", "=", "=", "=", ",", ",", "\"", "'", "\"x y\"", "'z'", "''", "\"\"", "A=1,", "B=\"2\",", "C='#',",
        "A=", "=b", "#", "#c\n", "\n", "\r", " ", "\t", "\u{c}", "\u{a0}", ";", "/.+-():", "_", "0", "$", "@", "\\",
        "%", "é", "ß", "漢", "😀", "٣", "\u{0}",
    ];
    let make = move |random: &mut Random| {
        let text = if random.one_in(2) {
            random.soup(&pieces, 12)
        } else {
            let keys = ["A", "B", "\"C\"", "A#x\n", "é", "D"];
            let values =
                ["1", "\"2\"", "'3'", "a\"b", "\"'x'\"", "/p:(q)", "$", "h#i\nj", "", "=", "\"a,b=c\"", "\"#\"", "'''"];
            let separators = [",", ",", ",", ";", " , ", ",\n", " ", "", "=", "x", "#\n,", "\"\""];
            let mut text = String::new();
            for _ in 0..random.below(5) {
                text += random.pick(&keys);
                text += random.pick(&["=", "=", " = ", "=#x\n", ":"]);
                text += random.pick(&values);
                text += random.pick(&separators);
            }
            text
        };
        (json!(["pairs", text]), text)
    };
    compare(3, make, |text, answer| {
        let ours = match pairs::parse(text) {
            Ok(pairs) => {
                for pair in &pairs {
                    let span = text.get(pair.start..pair.end).unwrap();
                    let alone = pairs::parse(span);
                    let same = |only: &pairs::Pair| only.key == pair.key && only.value == pair.value;
                    assert!(matches!(alone.as_deref(), Ok([only]) if same(only)), "{text:?}");
                }
                json!(["ok", pairs.iter().map(|pair| [&pair.key, &pair.value]).collect::<Vec<_>>()])
            }
            Err(error) => json!(["error", error.message(text)]),
        };
        if ours == *answer { Ok(()) } else { Err(ours.to_string()) }
    });
}
