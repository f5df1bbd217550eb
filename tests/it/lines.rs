//! The reader: whatever the bytes, the lines joined are the input; and what each small text is, line by line.

use crate::support::check;
use crate::support::nasty::Random;
use supconv::python::Cut;
use supconv::source::Source;
use supconv::syntax::{Error, Kind, comment, comment_since_3_13, lines, pythons_differ};

/// What the reader looks at, and what a wrong reader would look at.
const PIECES: [&[u8]; 48] = [
    b"a",
    b"key",
    b"Key",
    b"=",
    b":",
    b" = ",
    b"[",
    b"]",
    b"[a]",
    b"[a] b]",
    b"[]",
    b";",
    b"#",
    b" ;",
    b" #",
    b"\t;",
    b"rem ",
    b" ",
    b"  ",
    b"\t",
    b"\n",
    b"\n",
    b"\n ",
    b"\n\t",
    b"\r",
    b"\r\n",
    b"\n\r",
    b"\x0b",
    b"\x0c",
    b"\x1c",
    b"\x1d",
    b"\x1e",
    b"\x1f",
    b"\0",
    b"\x1a",
    b"\xef\xbb\xbf",
    b"\xc2\x85",
    b"\xc2\xa0",
    b"\xe2\x80\xa8",
    b"\xe3\x80\x80",
    b"\xc3\xa9",
    b"\xf0\x9f\x90\x8d",
    b"\xff",
    b"\xc3",
    b"\xe2\x80",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x90",
    b"\x80",
];

#[test]
fn the_lines_joined_are_the_input() {
    let mut random = Random::new(3);
    for _ in 0..60_000 {
        let mut bytes = Vec::new();
        for _ in 0..random.below(24) {
            bytes.extend(PIECES[random.below(PIECES.len())]);
        }
        check::reader(&bytes);
    }
    for _ in 0..4_000 {
        let bytes: Vec<u8> = (0..random.below(64)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        check::reader(&bytes);
    }
}

#[test]
fn positions_hold_across_marks() {
    // Longer than what lies between two marks of a source, with line ends and characters on their borders.
    for piece in ["\r\n", "\r", "\n", "é", "é\r\n", "ab\r\n", "🐍\r", "a"] {
        for before in 0..5 {
            check::reader(format!("{}{}", "x".repeat(before), piece.repeat(4000 / piece.len())).as_bytes());
        }
    }
    check::reader(&b"a\xff\r\n".repeat(2000));
}

#[test]
fn a_byte_that_is_no_text_counts_as_one() {
    let source = Source::new("f", b"a=\xff\xe2\x80b\n".to_vec()).unwrap();
    assert_eq!(source.text(), "a=\u{1a}\u{1a}\u{1a}b\n");
    assert_eq!(source.position(5).column, 6);
    assert_eq!(source.undecodable().map(|error| error.offset), Some(2));
}

/// The lines of a text, one word and the texts of its spans each; `!` and where the comment begins.
fn described(text: &str) -> Vec<String> {
    let source = Source::new("f", text.as_bytes().to_vec()).unwrap();
    let slice = |span| source.slice(span);
    let described = lines(text, Cut::default()).map(|line| {
        let kind = match line.kind {
            Kind::Blank { kept: true } => "kept".to_owned(),
            Kind::Blank { kept: false } => "blank".to_owned(),
            Kind::Comment => "comment".to_owned(),
            Kind::Header { name, ignored } => format!("header {:?} {:?}", slice(name), slice(ignored)),
            Kind::Option { key, delimiter: _, value } => format!("option {:?} {:?}", slice(key), slice(value)),
            Kind::Continuation { value } => format!("more {:?}", slice(value)),
            Kind::Bad { error: Error::NoHeader, text } => format!("no header {:?}", slice(text)),
            Kind::Bad { error: Error::NoDelimiter, text } => format!("no delimiter {:?}", slice(text)),
            Kind::Bad { error: Error::EmptyKey, text } => format!("empty key {:?}", slice(text)),
            Kind::Orphan => "orphan".to_owned(),
        };
        line.comment.map_or(kind.clone(), |at| format!("{kind} !{}", at - line.span.start))
    });
    described.collect()
}

#[test]
fn lines_are_what_python_reads() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("\n \t\n", &["blank", "blank"]),
        ("[a]", &["header \"a\" \"\""]),
        ("  [a b] c ; d\n", &["header \"a b\" \" c\" !10"]),
        ("[a]]\n", &["header \"a]\" \"\""]),
        ("[a] [b]\n", &["header \"a] [b\" \"\""]),
        ("[]\n[]]\n", &["no header \"[]\"", "header \"]\" \"\""]),
        ("[a\n", &["no header \"[a\""]),
        ("a=b\nc=d\n[e]\n", &["no header \"a=b\"", "orphan", "header \"e\" \"\""]),
        ("\u{feff}[a]\n", &["no header \"\\u{feff}[a]\""]),
        ("[a]\nb=c\n", &["header \"a\" \"\"", "option \"b\" \"c\""]),
        ("[a]\nb : c = d\n", &["header \"a\" \"\"", "option \"b\" \"c = d\""]),
        ("[a]\nb=\n", &["header \"a\" \"\"", "option \"b\" \"\""]),
        ("[a]\nb\n c\n", &["header \"a\" \"\"", "no delimiter \"b\"", "no delimiter \"c\""]),
        ("[a]\n=b\n c\n", &["header \"a\" \"\"", "empty key \"=b\"", "no delimiter \"c\""]),
        ("[a]\nb=c\n d=e\n [f]\n", &["header \"a\" \"\"", "option \"b\" \"c\"", "more \"d=e\"", "more \"[f]\""]),
        (
            "[a]\n b=c\n d=e\n  f\ng=h\n",
            &["header \"a\" \"\"", "option \"b\" \"c\"", "option \"d\" \"e\"", "more \"f\"", "option \"g\" \"h\""],
        ),
        ("[a]\nb=c\n\n ; x\n d\n", &["header \"a\" \"\"", "option \"b\" \"c\"", "kept", "comment !1", "more \"d\""]),
        ("[a]\n\nb=c\n", &["header \"a\" \"\"", "blank", "option \"b\" \"c\""]),
        // A full-width blank is one character of indentation.
        ("[a]\nb=c\n\u{3000}d\n", &["header \"a\" \"\"", "option \"b\" \"c\"", "more \"d\""]),
        ("[a]\nb=c;d #e\n", &["header \"a\" \"\"", "option \"b\" \"c;d\" !6"]),
        ("[a]\nb=c ;d #e\n", &["header \"a\" \"\"", "option \"b\" \"c\" !4"]),
        ("[a]\nb=c\x1c;d\n", &["header \"a\" \"\"", "option \"b\" \"c\" !4"]),
        ("[a]\n ;x\n#y\n", &["header \"a\" \"\"", "comment !1", "comment !0"]),
        ("[a]\n\x1fb\x1e=\x1dc\x1c\n", &["header \"a\" \"\"", "option \"b\" \"c\""]),
        (
            "[a]\nb=c\rd=e\r\nf=g\n",
            &["header \"a\" \"\"", "option \"b\" \"c\"", "option \"d\" \"e\"", "option \"f\" \"g\""],
        ),
        // These end no line: vertical tab, form feed, the separators, NEL, LINE SEPARATOR.
        (
            "[a]\nb=c\x0bd\x0ce\x1cf\u{85}g\u{2028}h\n",
            &["header \"a\" \"\"", "option \"b\" \"c\\u{b}d\\u{c}e\\u{1c}f\\u{85}g\\u{2028}h\""],
        ),
        ("[a]\nb\0=c\0\n", &["header \"a\" \"\"", "option \"b\\0\" \"c\\0\""]),
        ("[a]\nb=c\n\u{a0}\n", &["header \"a\" \"\"", "option \"b\" \"c\"", "kept"]),
    ];
    for (text, expected) in table {
        assert_eq!(described(text), *expected, "{text:?}");
    }
}

#[test]
fn python_3_13_looks_for_comments_in_another_order() {
    for (line, old, new) in [
        ("a=b ;c #d", "b", "b"),
        ("a=b;c #d ;e", "b;c", "b;c"),
        ("a=b;c;d #e ;f", "b;c;d", "b;c;d"),
        ("a=b;c ;d #e", "b;c ;d", "b;c"),
        ("a=b#c #d ;e", "b#c #d", "b#c"),
        ("a=b ;c#d #e", "b", "b"),
    ] {
        let value = |cut: Option<usize>| line.get(2..cut.unwrap_or(line.len())).unwrap().trim_end();
        assert_eq!((value(comment(line)), value(comment_since_3_13(line))), (old, new), "{line}");
        assert_eq!(pythons_differ(line), old != new, "{line}");
    }
}
