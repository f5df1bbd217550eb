//! What .gitignore files say of a path: the last pattern of the nearest file that has one decides.

use std::path::Path;
use std::rc::Rc;

use gix_ignore::glob::pattern::{Case, Mode};
use gix_ignore::glob::{Pattern, wildmatch, wildmatch::Mode as Wildcards};

use crate::files;
use crate::python::filename;

/// `*` and `?` match no slash.
const WILDCARDS: Wildcards = Wildcards::NO_MATCH_SLASH_LITERAL;

/// The patterns of one .gitignore, and those of the folders above.
pub(super) struct Patterns {
    /// How long the path of its folder is, with the slash after it.
    folder: usize,
    own: Vec<Pattern>,
    above: Option<Rc<Patterns>>,
}

impl Patterns {
    /// Those that count in a folder. `path` is that from the top, with a slash after each name.
    pub(super) fn of(folder: &Path, path: &[u8], above: Option<Rc<Self>>) -> Option<Rc<Self>> {
        let file = folder.join(".gitignore");
        let Ok(text) = files::read_regular(&filename::decode(file.as_os_str()), files::MAX_SIZE) else { return above };
        let own = gix_ignore::parse(&text, false).map(|(pattern, ..)| pattern).collect();
        Some(Rc::new(Self { folder: path.len(), own, above }))
    }

    /// Whether git leaves out the file or folder of this path from the top, if it goes into the folder that holds it.
    pub(super) fn ignore(&self, path: &[u8], is_folder: bool) -> bool {
        let below = path.get(self.folder..).unwrap_or_default();
        let matches = |pattern: &&Pattern| matches(pattern, below, is_folder);
        match (self.own.iter().rev().find(matches), &self.above) {
            (Some(pattern), _) => !pattern.is_negative(),
            (None, Some(above)) => above.ignore(path, is_folder),
            (None, None) => false,
        }
    }
}

fn matches(pattern: &Pattern, path: &[u8], is_folder: bool) -> bool {
    let Pattern { text, mode, first_wildcard_pos } = pattern;
    let literal = first_wildcard_pos.and_then(|at| text.split_at_checked(at));
    match literal {
        // Git compares what stands before the first wildcard by itself: in a path it reads `a**/b` as `a` and then `**/b`.
        Some((literal, rest)) if mode.intersects(Mode::ABSOLUTE) || !mode.contains(Mode::NO_SUB_DIR) => {
            let path = path.strip_prefix(literal);
            (is_folder || !mode.contains(Mode::MUST_BE_DIR))
                && path.is_some_and(|path| wildmatch(rest.into(), path.into(), WILDCARDS))
        }
        _ => {
            let name = memchr::memrchr(b'/', path).map(|slash| slash + 1);
            pattern.matches_repo_relative_path(path.into(), name, Some(is_folder), Case::Sensitive, WILDCARDS)
        }
    }
}
