//! Compares what `python`, `integer` and `load::glob` say with a real Python, on generated inputs.
//!
//! Passed over where no Python 3.10, 3.11 or 3.12 is found, unless `SUPCONV_TESTS=all` is set.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::desk::Desk;
use crate::support::machine;
use crate::support::python::interpreter;
use serde_json::{Value, json};
use supconv::python;
use supconv::python::glob::{self, Disk, Files};
use supconv::python::integer::{self, Integer};

/// Answers one JSON array per line, of a name and arguments, with one line.
const SCRIPT: &str = r"
import glob, io, json, os, posixpath, struct, sys
def integer(text, base):
    try:
        n = int(text, base)
    except ValueError as e:
        return str(e).replace('(4300)', '(4300 digits)')
    try:
        return [format(n, 'x'), struct.pack('>d', float(n)).hex()]
    except OverflowError:
        return [format(n, 'x'), None]
def decimals(text):
    return [[c, int(c)] for c in text if c.isdecimal()]
def expanduser(path, home):
    os.environ['HOME'] = home
    return posixpath.expanduser(path)
def paths(a, b):
    return [posixpath.join(a, b), posixpath.split(a), posixpath.dirname(a), posixpath.basename(a), posixpath.normpath(a)]
def abspath(path, cwd):
    os.getcwd, real = lambda: cwd, os.getcwd
    try:
        return posixpath.abspath(path)
    finally:
        os.getcwd = real
def find(pattern):
    try:
        return sorted(glob.glob(pattern))
    except ValueError as e:
        return str(e)
class Raw(io.FileIO):
    def readinto(self, b):
        self.at = self.tell()
        return super().readinto(b)
def read(f):
    lines = 0; chars = 0
    try:
        for line in f:
            lines += 1; chars += len(line)
    except UnicodeDecodeError as e:
        start = f.buffer.raw.tell() - len(e.object)
        return [str(e), start + e.start, e.end - e.start, lines, chars]
def decode(parts):
    with open('decode.tmp', 'wb') as f:
        for part, count in parts:
            f.write(bytes(part) * count)
    with open('decode.tmp', encoding='utf-8') as f:
        answer = read(f)
    raw = Raw('decode.tmp')
    with io.TextIOWrapper(io.BufferedReader(raw), encoding='utf-8') as f:
        assert read(f) == answer
    return answer and answer + [raw.at]
known = {
    'int': integer, 'decimals': decimals, 'repr': repr, 'cut': lambda t: repr(t)[:200], 'paths': paths,
    'abspath': abspath, 'expanduser': expanduser, 'glob': find, 'decode': decode, 'cd': os.chdir,
    'strip': lambda t: [t.strip(), t.lstrip(), t.rstrip(), t.split()], 'case': lambda t: [t.lower(), t.upper()],
}
for line in sys.stdin.buffer:
    name, *arguments = json.loads(line)
    print(json.dumps(known[name](*arguments)))
";

/// xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.get(self.below(from.len())).unwrap()
    }

    /// Fewer than `limit` of the parts.
    fn text(&mut self, parts: &[&str], limit: usize) -> String {
        (0..self.below(limit)).map(|_| self.pick(parts)).collect()
    }
}

/// The file system from a directory that is not the one of this process, which other tests share.
struct Here<'a>(&'a Path);

impl Here<'_> {
    fn path(&self, path: &str) -> String {
        self.0.join(path).into_os_string().into_string().unwrap()
    }
}

impl Files for Here<'_> {
    fn list(&self, dir: &str) -> Option<Vec<(String, bool)>> {
        Disk.list(&self.path(dir))
    }

    fn exists(&self, path: &str) -> bool {
        !path.is_empty() && Disk.exists(&self.path(path))
    }

    fn is_dir(&self, path: &str) -> bool {
        !path.is_empty() && Disk.is_dir(&self.path(path))
    }
}

/// What our side says to the same question, in a directory.
fn answer(question: &Value, here: &Here) -> Value {
    let text = |at: usize| question.get(at).unwrap().as_str().unwrap();
    let (name, a) = (text(0), question.get(1).unwrap().as_str().unwrap_or_default());
    match name {
        "int" => {
            let base = u32::try_from(question.get(2).unwrap().as_u64().unwrap()).unwrap();
            match integer::parse(a, base) {
                Ok(n) => json!([n.to_string_radix(16), n.to_f64().map(|f| format!("{:016x}", f.to_bits()))]),
                Err(e) => e.message(a).into(),
            }
        }
        "decimals" => {
            let digits = a.chars().filter_map(|c| Some((c, integer::parse(&c.to_string(), 10).ok()?)));
            json!(digits.collect::<Vec<(char, Integer)>>())
        }
        "repr" => python::repr(a).into(),
        "cut" => python::repr_cut(a, 200).into(),
        "strip" => json!([
            python::strip(a),
            python::lstrip(a),
            python::rstrip(a),
            python::split_whitespace(a).collect::<Vec<_>>()
        ]),
        "case" => json!([python::lower(a), python::upper(a)]),
        "paths" => json!([
            python::join(a, text(2)),
            python::split(a),
            python::dirname(a),
            python::basename(a),
            python::normpath(a)
        ]),
        "abspath" => python::abspath(a, text(2)).into(),
        "expanduser" => python::expanduser(a, Some(text(2))).map_or_else(|| panic!("{a:?} is unknown"), Value::from),
        "glob" => glob::glob(a, here).map_or_else(|e| e.to_string().into(), Value::from),
        "decode" => {
            let parts: Vec<(Vec<u8>, usize)> = serde_json::from_value(question.get(1).unwrap().clone()).unwrap();
            let bytes: Vec<u8> = parts.iter().flat_map(|(part, count)| part.repeat(*count)).collect();
            python::utf8_error(&bytes).map_or(Value::Null, |e| {
                let read = std::str::from_utf8(bytes.get(..e.lines_end).unwrap()).unwrap();
                let read = read.replace("\r\n", "\n").replace('\r', "\n");
                let lines = read.matches('\n').count();
                json!([e.message, e.offset, e.len, lines, read.chars().count(), e.chunk_start])
            })
        }
        "cd" => Value::Null,
        _ => panic!("unknown question {name}"),
    }
}

/// Fills a directory with names that patterns can stumble over.
fn make_tree(root: PathBuf) -> PathBuf {
    for directory in ["a", "a/b", "b", "b/c", ".h", "a/.h", "[x]", "a-b", "é"] {
        fs::create_dir_all(root.join(directory)).unwrap();
    }
    for directory in ["", "a/", "a/b/", "b/c/", ".h/", "[x]/", "é/"] {
        for name in ["x.conf", "y.conf", ".z", "!", "-", "^", "]", "\\", "&", "Ω\n", "ab", "aab"] {
            fs::write(root.join(format!("{directory}{name}")), "").unwrap();
        }
        symlink("nowhere", root.join(format!("{directory}dangling"))).unwrap();
        symlink("loop", root.join(format!("{directory}loop"))).unwrap();
        symlink(".", root.join(format!("{directory}here"))).unwrap();
    }
    root
}

/// All the questions, for a tree at `root`. `all` is whether this is
/// Python 3.11, whose Unicode version we follow.
fn questions(root: &str, all: bool) -> Vec<Value> {
    let random = &mut Random(0x5eed_0000_5eed);
    let mut out = Vec::new();
    let common = " |\t|\x0b|\0|\x1c|\x1f|\x7f|\u{85}|\u{a0}|\u{2028}|\u{3000}|\u{feff}|é|ß|٣|9|0|7|\
        1|-|+|_|x|0o|0O|'|\"|\\|\n|\r|e\u{301}|\u{ad}|\u{e000}|😀|\u{10ffff}|𝟗";
    let common: Vec<&str> = common.split('|').collect();
    let digits = ["0", "1", "7", "9", "_", "12", "77", "0o", "-", " ", "٣", "８", "\u{a0}"];
    for _ in 0..4000 {
        let text = if random.below(2) == 0 { random.text(&digits, 7) } else { random.text(&common, 5) };
        out.push(json!(["int", text, random.pick(&[8, 10])]));
        let text = random.text(&common, 12);
        out.push(json!(["repr", text]));
        out.push(json!(["strip", text]));
        out.push(json!(["case", text]));
        let names = ["/", "/", "//", ".", "..", "a", "b.c", "é", "~", "\0"];
        let (path, other) = (random.text(&names, 9), random.text(&names, 4));
        out.push(json!(["paths", path, other]));
        out.push(json!(["abspath", other, format!("/{path}")]));
        let path = ["~", "~/", "", "x/~/"].map(|start| format!("{start}{other}"));
        let path = path.get(random.below(4)).unwrap();
        if path.starts_with('~') && !path.starts_with("~/") && path != "~" {
            assert_eq!(python::expanduser(path, Some("/")), None);
        } else {
            out.push(json!(["expanduser", path, random.pick(&["", "/", "/home/x", "/h//", "rel"])]));
        }
    }
    // Python 3.12 complains about what follows a number before it complains about its length.
    let ends: &[&str] = if all { &["", "x", " ", "_", "__1"] } else { &["", " "] };
    // Numbers about as long as the limit.
    for _ in 0..200 {
        let (start, end) = (random.text(&digits, 3), random.text(ends, 3));
        let count = 4296 + random.below(8);
        out.push(json!(["int", format!("{start}{}{end}", "9".repeat(count)), random.pick(&[8, 10])]));
        out.push(json!(["cut", random.text(&common, 400)]));
    }
    // Numbers that lie halfway between two doubles, or nearly.
    for _ in 0..2000 {
        let mantissa = (1 << 53) + random.below(1 << 53);
        let zeros = "0".repeat(random.below(340));
        out.push(json!(["int", format!("-{mantissa:o}{zeros}{}", random.pick(&["", "1", "4"])), 8]));
    }
    if all {
        let chars: Vec<char> = ('\0'..=char::MAX).collect();
        for some in chars.chunks(4096) {
            let text = String::from_iter(some);
            out.extend([json!(["repr", text]), json!(["decimals", text]), json!(["strip", text])]);
        }
    }
    let patterns = [
        "*", "?", "[", "]", "!", "-", "/", "/", "a", "b", "c", "x", ".", ".conf", "^", "\\", "&", "é", "**", "*/",
        "[!", "[]", "[a-c]", "[!b-", "dangling", "here", "loop", ".h", "[b-a!", "]/*",
    ];
    for _ in 0..4000 {
        let mut pattern = random.text(&patterns, 8);
        if random.below(20) == 0 {
            pattern.insert(pattern.find('/').unwrap_or(0), '\0');
        }
        // Other directories of the machine may change while we look.
        if pattern.starts_with('/') {
            let before = [root.to_owned(), format!("/{root}"), format!("//{root}"), ".".into()];
            pattern.insert_str(0, before.get(random.below(4)).unwrap());
        }
        out.push(json!(["glob", pattern]));
    }
    // Sets alone, over single characters.
    for _ in 0..2000 {
        let inside = random.text(&["-", "-", "!", "]", "^", "\\", "&", "&", "a", "b", "c", "x", "é", "~"], 9);
        out.push(json!(["glob", format!("[{inside}]")]));
        out.push(json!(["glob", format!("{}[{inside}]*", random.pick(&["*", "a/", "*/", ""]))]));
    }
    out.extend(decode_questions(random));
    out
}

/// Files with and without bad bytes, near the places where a chunk ends.
fn decode_questions(random: &mut Random) -> Vec<Value> {
    let sequences: [&[u8]; 22] = [
        b"\xff",
        b"\x80",
        b"\xc0\x80",
        b"\xc3",
        b"\xc3a",
        b"\xe2\x82",
        b"\xe2\x82a",
        b"\xe2a",
        b"\xe0\x80",
        b"\xed\xa0",
        b"\xed\xa0\x80",
        b"\xed\xa0\xff",
        b"\xf0\x9f\x98",
        b"\xf0\x9f\x98\n",
        b"\xf0\x9f",
        b"\xf0\x80",
        b"\xf4\x90\x80",
        b"\xf5\x80",
        b"\xe2\x82\xac",
        b"\xc3\xa9",
        b"\r",
        b"\r\n",
    ];
    let fill: [&[u8]; 5] = [b"a", b"\xc3\xa9", b"\xe2\x82\xac", b"ab\r\n", b"x\r\xf0\x9f\x98\x80\n"];
    let mut question = |_| {
        let part = random.pick(&fill);
        let target = 8192 * random.below(3) + 8 - random.below(16).min(8);
        let mut parts = vec![(part, target / part.len())];
        for _ in 0..random.below(4) {
            parts.push((random.pick(&[b"b", b"\n", b"\r"]), random.below(5)));
            parts.push((random.pick(&sequences), 1));
        }
        parts.push((random.pick(&fill), random.pick(&[0, 0, 1, 3, 5000])));
        // Moves what follows the filling to a few bytes before the end of a chunk.
        parts.insert(0, (b"-".as_slice(), random.pick(&[0, 8192 - 8 + target % 8])));
        json!(["decode", parts])
    };
    (0..2500).map(&mut question).collect()
}

#[test]
fn texts_numbers_paths_and_patterns_are_what_python_makes_of_them() {
    let (python, version) = match interpreter() {
        Ok(found) => found,
        Err(why) => return machine::passed_over("the comparison with Python's texts and paths", &why),
    };
    // Directories of its own around it: what patterns with `..` see must not change while we look.
    let desk = Desk::new(&[("around/tree/x", "")]);
    let root = make_tree(desk.join("around/tree"));
    let mut questions = questions(root.to_str().unwrap(), version == "3.11");
    questions.insert(0, json!(["cd", root]));
    let mut lines = String::new();
    for question in &questions {
        writeln!(lines, "{question}").unwrap();
    }
    File::create(root.join("questions.tmp")).unwrap().write_all(lines.as_bytes()).unwrap();
    // There before either side looks for it.
    File::create(root.join("decode.tmp")).unwrap();
    let input = File::open(root.join("questions.tmp")).unwrap();
    let output = Command::new(python).args(["-W", "ignore", "-c", SCRIPT]).stdin(input).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), questions.len());
    let mut wrong = Vec::new();
    let mut found = 0;
    for (question, theirs) in questions.iter().zip(answers.lines()) {
        let theirs: Value = serde_json::from_str(theirs).unwrap();
        found += usize::from(theirs.as_array().is_some_and(|list| !list.is_empty()));
        let ours = answer(question, &Here(&root));
        if ours != theirs {
            let [question, theirs, ours] = [question, &theirs, &ours].map(Value::to_string);
            wrong.push(format!("{question:.300}\n  Python {theirs:.300}\n  we     {ours:.300}"));
        }
    }
    println!("Python {version}: {} questions, {found} of them with a list for an answer", questions.len());
    assert!(wrong.is_empty(), "{} differ:\n{:.4000}", wrong.len(), wrong.join("\n"));
}
