//! `docs/differences.md`: what the short report only counts. Every sentence that the samples of the support matrix and the project's
//! own corpus bring out, by the rule that says it, with the reason from the rule's page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use supconv::convert::Grade;
use supconv::convert::announce::{self, RULES};
use supconv::diagnostic::Telling;
use supconv::rules::Page;

use crate::support::corpus;
use crate::support_matrix::{self, TARGETS};

const HEAD: &str = "\
<!-- Made from what the converter does by `SUPCONV_BLESS=1 cargo test --test it docs`. -->

# Small differences

The report of a conversion names what is lost and what you have to decide. It only counts the rest, because most people never
meet it: `--details` prints each at its line. This page lists what it counts, by its reason. A name, a path or a number in a
sentence stands here as `…`; the options of each program are in [support-matrix.md](support-matrix.md).
";

/// A sentence: whether it is said once a plan, its option, its words.
type Said = (bool, &'static str, String);

/// The whole page.
pub fn document() -> String {
    let mut page = String::from(HEAD);
    let texts: Vec<String> = corpus::own().iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    for target in TARGETS {
        let mut said: BTreeMap<&str, BTreeSet<Said>> = BTreeMap::new();
        let plans = support_matrix::plans(target).into_iter();
        let plans = plans.chain(texts.iter().filter_map(|text| support_matrix::plan_of(target, text)));
        for plan in plans {
            for loss in plan.losses.iter() {
                let sentence = loss.sentence;
                let small =
                    sentence.grade == Grade::Approximate && sentence.rule.code != announce::DEPENDS_ON_MACHINE.code;
                if small {
                    let once = sentence.telling == Telling::Once;
                    let said = said.entry(sentence.rule.code).or_default();
                    said.insert((once, sentence.key.name, general(sentence.message)));
                }
            }
        }
        write!(page, "\n## {}\n", target.name).unwrap();
        for rule in RULES {
            let Some(sentences) = said.get(rule.code) else { continue };
            let parts = Page::of(rule).unwrap();
            write!(page, "\n### {} ({})\n\n{} {}\n", parts.title, rule.name, parts.what, parts.why).unwrap();
            for (once, heading) in [(true, "For all programs, or for many:"), (false, "Where the option is written:")] {
                let of: Vec<_> = sentences.iter().filter(|(of, ..)| *of == once).collect();
                if !of.is_empty() {
                    write!(page, "\n{heading}\n\n").unwrap();
                }
                for (_, option, sentence) in of {
                    writeln!(page, "- `{option}`: {}", support_matrix::prose(sentence)).unwrap();
                }
            }
        }
    }
    page
}

/// A sentence without the names, paths and numbers of one plan. What stands between backquotes is a command to be typed.
fn general(message: &str) -> String {
    let mut code = false;
    let word = |word: &str| {
        let was = code;
        code ^= word.matches('`').count() % 2 == 1;
        if was || code || word.contains('`') {
            return word.to_owned();
        }
        let bare = word.trim_matches(|c: char| ",;:.()".contains(c));
        let named = bare.len() > 1 && bare.starts_with('/') && !["/dev/null"].contains(&bare)
            || bare.starts_with("%(")
            || bare.chars().next().is_some_and(|first| first.is_ascii_digit());
        if named { word.replace(bare, "…") } else { word.to_owned() }
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
