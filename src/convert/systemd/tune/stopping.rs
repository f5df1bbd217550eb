//! How a known program is stopped: its signal, its time, what becomes of its children, how its end counts.

use super::{Known, say};
use crate::apps::{self, Children, Effect, Stopping};
use crate::convert::systemd::draft::Draft;
use crate::convert::systemd::escape::Comment;
use crate::convert::systemd::{restart, stop};
use crate::keys::program as k;
use crate::model::signal::{self, Signal};
use crate::model::value::AutoRestart;
use crate::python::integer::Integer;

/// Seconds that an application is given beside those after which it gives up by itself: what sidekiq's documentation asks for.
const SPARE: u64 = 5;

/// Decides; `restart` and `stop` write it.
pub(super) fn decide(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    by_signal(draft, known);
    within(draft, known);
    children(draft, known);
    counts(draft, known);
}

/// `KillSignal=`, where TERM does not end it as well as another signal does.
fn by_signal(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let signals = known.app.signals(&known.ran.words);
    let effect = |name: &str| signals.iter().find(|(signal, _)| signal.name() == name).map(|(_, effect)| *effect);
    let Some((first, best @ (Effect::Graceful | Effect::Closes | Effect::Quick))) = signals.first().copied() else {
        return;
    };
    // Most signals of which nothing is known end a program at once too.
    let as_good = |effect: Option<Effect>| effect.map_or(best == Effect::Quick, |effect| effect == best);
    let (name, clean) = (known.app.name, first.name());
    let ends = best.words();
    let own = &draft.job.own.stopsignal;
    if own.written {
        let now = own.value.name().unwrap_or("0");
        if !as_good(effect(now)) {
            let what = format_args!("stopsignal={now} stays as it is written, although on {clean} {name} {ends}");
            let comment = say(draft, own.key, what);
            draft.tuned.reasons.signal.push(comment);
        }
        return;
    }
    let term = effect(apps::Signal::Term.name());
    let Some(number) = signal::signal(clean).ok().filter(|_| !as_good(term)) else { return };
    let term = term.map_or_else(String::new, |effect| format!("; on TERM it {}", effect.words()));
    let what = format_args!("KillSignal=SIG{clean}, because on {clean} {name} {ends}{term}");
    let comment = say(draft, own.key, what);
    // What else is known of that signal.
    let notes = known.app.notes.iter().map(|note| note.what);
    let about = notes.filter(|note| note.split(|c: char| !c.is_alphanumeric()).any(|word| word == clean));
    draft.tuned.reasons.signal.push(comment);
    draft.tuned.reasons.signal.extend(about.map(Comment::text));
    draft.tuned.signal = Some(number);
}

/// `TimeoutStopSec=`, where 10 s are not enough.
fn within(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let (name, own) = (known.app.name, &draft.job.own.stopwaitsecs);
    let (seconds, why) = match known.app.stopping(&known.ran.words) {
        Stopping::GivesUp(seconds) => {
            let needed = seconds.saturating_add(SPARE);
            (Some(needed), format!("{name} gives its work {seconds} s to end"))
        }
        Stopping::Usual(seconds) => (Some(u64::from(seconds)), format!("the unit of its vendor gives {name} as long")),
        Stopping::Task => {
            if !own.written {
                let what = format_args!(
                    "TimeoutStopSec= stays as it is: set stopwaitsecs= to more than the longest task of {name}"
                );
                let comment = say(draft, own.key, what);
                draft.tuned.reasons.wait.push(comment);
            }
            return;
        }
        Stopping::Open if matches!(known.directive("TimeoutStopSec"), Some("infinity" | "0")) => {
            (None, format!("the unit of its vendor waits for {name} without a limit"))
        }
        Stopping::Open => return,
    };
    let seconds = seconds.map_or(stop::LONGEST + 1, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    let wait = Integer::from(seconds);
    if wait <= *own.value {
        return;
    }
    let value = stop::timeout(&wait);
    let value = value.as_str();
    if own.written {
        let what =
            format_args!("stopwaitsecs={} stays as it is written, although {why} (TimeoutStopSec={value})", own.value);
        let comment = say(draft, own.key, what);
        draft.tuned.reasons.wait.push(comment);
        return;
    }
    let comment = say(draft, own.key, format_args!("TimeoutStopSec={value}, because {why}"));
    draft.tuned.reasons.wait.push(comment);
    draft.tuned.wait = Some(wait);
}

/// `KillMode=`. That of a program with workers is `mixed` already, unless the file says otherwise.
fn children(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let (name, own) = (known.app.name, &draft.job.own);
    let group = [&own.stopasgroup, &own.killasgroup].into_iter().find(|option| *option.value);
    let comment = match known.app.children(&known.ran.words) {
        Some(Children::LiveOn) if known.directive("KillMode") == Some("process") => {
            if let Some(option) = group {
                let key = option.key;
                let what =
                    format_args!("{}=true stays as it is written, although what {name} starts should go on", key.name);
                say(draft, key, what)
            } else {
                draft.tuned.lives_on = true;
                let what = format_args!("KillMode=process, so that what {name} has started goes on when it stops");
                say(draft, own.killasgroup.key, what)
            }
        }
        Some(Children::Tasks | Children::Workers) if *own.stopasgroup.value => {
            let key = &k::STOPASGROUP;
            say(
                draft,
                key,
                format_args!("stopasgroup=true stays as it is written, although {name} stops its workers itself"),
            )
        }
        Some(
            Children::Tasks
            | Children::Workers
            | Children::Apart
            | Children::LiveOn
            | Children::Single
            | Children::Wrapper,
        )
        | None => return,
    };
    draft.tuned.reasons.mode.push(comment);
}

/// `SuccessExitStatus=`: how a clean end shows. That it leads to a restart where nobody asked for it stays as it is.
fn counts(draft: &mut Draft<'_, '_>, known: &Known<'_>) {
    let own = &draft.job.own;
    let (name, key) = (known.app.name, own.exitcodes.key);
    let expected = |code: &u8| own.exitcodes.value.contains(code);
    if let Some(clean) = known.app.clean_exits.map(|said| said.what).filter(|clean| !clean.iter().all(expected)) {
        let codes: Vec<String> = clean.iter().map(ToString::to_string).collect();
        let codes = codes.join(" ");
        let comment = say(draft, key, format_args!("SuccessExitStatus={codes}, because {name} ends so after TERM"));
        draft.tuned.reasons.success.push(comment);
        draft.tuned.clean = clean;
    }
    let by_signal = draft.tuned.signal.filter(|signal| !restart::is_clean(*signal));
    if let Some(signal) = by_signal.and_then(Signal::name) {
        let what = format_args!("SuccessExitStatus=SIG{signal}, because that is the signal that stops {name} now");
        let comment = say(draft, key, what);
        draft.tuned.reasons.success.push(comment);
    }
    let changed = by_signal.is_some() || !draft.tuned.clean.is_empty();
    if changed && *own.autorestart.value == AutoRestart::Unexpected {
        let what =
            format_args!("RestartForceExitStatus= has it too: if {name} ends so by itself, it starts again as before");
        let comment = say(draft, own.autorestart.key, what);
        draft.tuned.reasons.force.push(comment);
    }
}
