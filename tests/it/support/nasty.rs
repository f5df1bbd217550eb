//! Random values made of what systemd gives a meaning to, from a seed.

/// Small and repeatable: `SplitMix64`.
pub struct Random(u64);

impl Random {
    /// The same seed gives the same values.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 0 to `below`, without `below`.
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    }

    /// One of them.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Up to `most` pieces in a row, without NUL.
    pub fn text(&mut self, most: usize) -> String {
        (0..self.below(most + 1)).map(|_| self.pick(PIECES)).collect()
    }

    /// A word of a command or the value of a variable: one from the lab's list, or random, without NUL.
    pub fn word(&mut self) -> String {
        if self.below(3) == 0 { self.pick(WORDS).to_owned() } else { self.text(8) }
    }
}

/// The alphabet of facts 11.3, and the lines that an injection would need.
const PIECES: &[&str] = &[
    "a",
    "B",
    "0",
    " ",
    "\"",
    "'",
    "\\",
    "$",
    "%",
    "{",
    "}",
    ";",
    "\n",
    "\t",
    "#",
    "~",
    "n",
    "x",
    "41",
    "i",
    "HOME",
    "=",
    "-",
    "@",
    ":",
    "!",
    "+",
    "é",
    "😀",
    "(",
    ")",
    "`",
    "|",
    "&",
    ",",
    "/",
    ".",
    "\r",
    "\u{1}",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "[",
    "]",
    "\nUser=root\n",
    "\n[Service]\n",
    "\\\n",
    "${HOME}",
    "%%",
    "%n",
    "*",
    "?",
];

/// The list of facts 11.3.
const WORDS: &[&str] = &[
    "",
    " ",
    "a b",
    " leading",
    "trailing ",
    "\"",
    "'",
    "a\"b",
    "it's",
    "'\"'\"'",
    "\\",
    "\\\\",
    "\\n",
    "\\x41",
    "\\\"",
    "trailing\\",
    "\\$",
    "$\\",
    "C:\\dir\\f",
    "^\\d+$",
    "s/\\/x/\"y\"/",
    "\\u20ac",
    "\\101",
    "\\s",
    "x\\",
    "\n",
    "a\nb",
    "\t",
    "\r",
    "\u{1}",
    "\u{1b}[0m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "é",
    "€",
    "😀",
    "$",
    "$$",
    "$$$",
    "$HOME",
    "${HOME}",
    "a${HOME}b",
    "$1",
    "a$",
    "$(id)",
    "`id`",
    "${",
    "${}",
    "${A",
    "${A:-x}",
    "${A:+x}",
    "%",
    "%%",
    "%n",
    "%i",
    "%h",
    "%%n",
    "100%",
    "%(x)s",
    ";",
    "\\;",
    ";;",
    "a;b",
    "; rm",
    "#",
    "#c",
    "a #b",
    "|",
    "&",
    "&&",
    ">",
    ">/dev/null",
    "2>&1",
    "<x",
    "*",
    "?",
    "[a]",
    "{a,b}",
    "~",
    "~/x",
    "!",
    "!!",
    "-",
    "--",
    "-x",
    "--opt=val",
    "--opt=a b",
    "--opt=\"a b\"",
    "@x",
    "+x",
    ":x",
    "|x",
    "=",
    "a=b",
    "{\"a\": \"b\\n\"}",
];

/// Names of variables that `Environment=` takes.
pub const PLAIN_NAMES: &[&str] = &["FOO", "foo", "_x", "A1", "__", "LONG_name_9"];

/// Names of variables, also those that it drops.
pub const NAMES: &[&str] = &[
    "FOO", "foo", "_x", "A1", "1A", "A.B", "A-B", "A:B", "A/B", "A+B", "A(B)", "é", "A B", "\"Q\"", "-i", "$x", "%n",
    ";", "\\", "a\nb",
];

/// Names of directories and files, which exist in the lab.
pub const PATHS: &[&str] = &[
    "plain",
    "sp ace",
    "per%cent",
    "%n",
    "do$HOME",
    "b${HOME}r",
    "é",
    "semi;colon",
    ";",
    "-dash",
    "@at",
    "#hash",
    "x ",
    "a=b",
    "[br]",
    "tilde~",
    "star*",
    "\u{a0}",
];

/// The same, but systemd cannot execute them itself.
pub const SPECIAL_PATHS: &[&str] = &["qu\"ote", "ap'os", "back\\slash", "end\\", "tab\there", "new\nline", "d\u{7f}l"];
