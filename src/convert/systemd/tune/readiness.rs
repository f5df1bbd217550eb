//! `Type=notify`: a unit that counts as running when its program says that it is ready. Where that is not sure nothing is risked: such
//! a unit would wait for ever.

use super::{Known, say};
use crate::apps::Kind;
use crate::convert::systemd::draft::Draft;
use crate::convert::systemd::escape::UnitValue;
use crate::convert::systemd::unit::Entry;

/// Writes it, or what keeps it from being written.
pub(super) fn write(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let (name, key) = (known.app.name, draft.job.command.key);
    let signs = match known.app.unit.map(|unit| unit.what.kind) {
        Some(Kind::Notify(signs)) => signs,
        Some(Kind::NotifySince(_) | Kind::NotifyIfBuilt) => &[],
        Some(Kind::Simple | Kind::Forking | Kind::Oneshot) | None => return,
    };
    // That it leaves has been said.
    if known.leaves() {
        return;
    }
    let missing = if let Some(wrapper) = hiding(known) {
        format!("{wrapper} keeps the variable NOTIFY_SOCKET from {name}")
    } else if known.app.notifies(&known.ran.words) {
        return notify(draft, known);
    } else if let Some(sign) = signs.first() {
        format!("{name} says that it is ready only with `{sign}` in its command")
    } else {
        format!("only some builds of {name} say that they are ready")
    };
    let comment = say(draft, key, format_args!("Type=notify is left out, because {missing}"));
    draft.service.service_type.comments.push(comment);
}

/// What starts the program so that it cannot reach the socket of systemd.
fn hiding(known: &Known<'_>) -> Option<&'static str> {
    let wrappers = known.ran.wrappers;
    let mut words = known.argv.iter().flat_map(|word| word.split_whitespace());
    if wrappers.has("env") && words.any(|word| matches!(word, "-i" | "-" | "--ignore-environment")) {
        return Some("env -i");
    }
    wrappers.has("chroot").then_some("chroot")
}

fn notify(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let (name, key) = (known.app.name, draft.job.command.key);
    let what = format_args!("Type=notify, so that the unit counts as running when {name} says that it is ready");
    let mut comments = vec![say(draft, key, what)];
    // An older one lets systemd wait for ever.
    if let Some(Kind::NotifySince(version)) = known.app.unit.map(|unit| unit.what.kind) {
        let what = format_args!(
            "remove Type=notify again if {name} is older than {version}, which never says that it is ready"
        );
        comments.push(say(draft, key, what));
    }
    draft.service.service_type = Entry { comments, value: Some(UnitValue::fixed("notify")) };
    if known.directive("NotifyAccess") == Some("all") {
        let what = format_args!("NotifyAccess=all, because another process than the main one of {name} may say it");
        let comment = say(draft, key, what);
        draft.service.notify_access = Entry { comments: vec![comment], value: Some(UnitValue::fixed("all")) };
    }
    // systemd's own is 90 s, after which it kills.
    let what = format_args!("TimeoutStartSec=infinity, because Supervisor does not kill {name} if it starts slowly");
    let comment = say(draft, key, what);
    draft.service.timeout_start_sec = Entry { comments: vec![comment], value: Some(UnitValue::fixed("infinity")) };
}
