//! How a directory differs from a plan, as `diff -u` shows it.

use super::{Compared, FileState, Old, Seen, owned, we};
use crate::secrets::Secrets;
use crate::unified::unified;

/// From what is there to what the plan has, as `diff -u` prints it; empty where nothing changes. `hidden`: the
/// secrets that are not shown; `prune`: whether what is stale would be removed.
#[must_use]
pub fn diff(seen: &Seen<'_>, hidden: Option<&Secrets<'_>>, prune: bool) -> String {
    let mut out = String::new();
    for compared in seen.files.iter().filter(|compared| compared.state != FileState::Unchanged) {
        let text = one(compared, hidden.is_none());
        // A unit of before may hold what is in a file of its own now.
        let text = hidden.map_or_else(|| text.as_str().into(), |secrets| secrets.mask(&text));
        // What stands on the disk must not drive the terminal.
        out.extend(text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }));
    }
    for stale in seen.stale.iter().filter(|_| prune) {
        out.extend([&stale.path.display().to_string(), " is removed\n"]);
    }
    out
}

fn one(Compared { file, state: _, path, old }: &Compared<'_>, show_secrets: bool) -> String {
    let name = path.display().to_string();
    let (before, after) = (old.as_ref().map(|old| old.text.as_deref()), file.text.to_string());
    let mut out = if before != Some(Some(after.as_bytes())) && file.secret && !show_secrets {
        format!("secrets of {name} change (--show-secrets shows how)\n")
    } else if before == Some(None) {
        format!("{name} becomes another file (what is there is too large to be shown, or must not be read)\n")
    } else {
        let from = if old.is_some() { name.as_str() } else { "/dev/null" };
        let before = String::from_utf8_lossy(before.flatten().unwrap_or_default());
        let hunks = unified(&before, &after);
        if hunks.is_empty() { hunks } else { format!("--- {from}\n+++ {name}\n{hunks}") }
    };
    let Some(Old { mode, owner, .. }) = old else { return out };
    if *mode != file.mode {
        out.extend(["mode of ", &name, &format!(" becomes {:04o}\n", file.mode)]);
    }
    if !owned(*owner) {
        out.extend(["owner of ", &name, &format!(" becomes {}, it is {owner}\n", we())]);
    }
    out
}
