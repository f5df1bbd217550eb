//! What is known of applications: a list, the page of one, and all of them as `docs/apps.md`.

use std::fmt::Write as _;

use super::Style;
use super::page::markdown;
use super::screen::folded;
use crate::apps::wrappers::{Becomes, WRAPPERS};
use crate::apps::{
    Account, App, Children, Effect, Ends, Foreground, Kind, OpenFiles, Said, Sign, Signal, StopTime, Unit, all,
};

/// Columns of a paragraph.
const WIDTH: usize = 100;

/// All applications, a line each: the signal of a clean stop, its children, how long it takes, what it is.
#[must_use]
pub fn list(style: Style) -> String {
    let width = all().map(|app| app.name.len()).max().unwrap_or(0);
    let limit = if style.terminal { style.width.min(WIDTH) } else { WIDTH };
    let line = |name: &str, signal: &str, children: &str, time: &str, about: &str| {
        let line = format!("{name:width$}  {signal:6}  {children:8}  {time:10}  {about}");
        let end = line.char_indices().nth(limit).map_or(line.len(), |(end, _)| end);
        format!("{}\n", line.get(..end).unwrap_or(&line).trim_end())
    };
    let mut text = line("application", "stop", "children", "stop takes", "");
    text.extend(all().map(|app| {
        let clean = app.signals.and_then(|said| said.what.first()).filter(|(_, effect)| effect.is_clean());
        let signal = clean.map_or("-", |(signal, _)| signal.name());
        let children = app.children.map_or("-", |said| said.what.word());
        line(app.name, signal, children, &time_word(app), app.about)
    }));
    text
}

/// How long a stop takes, in a column.
fn time_word(app: &App) -> String {
    match app.time.map(|said| said.what) {
        None => "-".to_owned(),
        Some(StopTime::Flag { flags: _, default: None, milliseconds: _ } | StopTime::Unbounded(_)) => {
            "no limit".to_owned()
        }
        Some(StopTime::Flag { flags: _, default: Some(seconds), milliseconds: _ } | StopTime::Setting(_, seconds)) => {
            format!("{seconds} s")
        }
        Some(StopTime::Usual(seconds)) => format!("~{seconds} s"),
        Some(StopTime::Task) => "its task".to_owned(),
    }
}

/// The pages of applications for a terminal.
#[must_use]
pub fn pages(apps: &[&'static App], style: Style) -> String {
    let width = if style.terminal { style.width.min(WIDTH) } else { WIDTH };
    let page = |app: &&'static App| {
        let mut page = format!("{}: {}\n\n", app.name, app.about);
        for Claim { subject, text, sources } in claims(app) {
            let text = format!("{subject}: {text}");
            page.push_str(&folded(&text, 0, 2, width));
            page.push('\n');
            for source in sources {
                let _ = writeln!(page, "    {source}");
            }
        }
        page
    };
    apps.iter().map(page).collect::<Vec<_>>().join("\n")
}

/// A sentence or two about an application, with its sources.
struct Claim {
    subject: &'static str,
    text: String,
    sources: &'static [&'static str],
}

/// All that is known of an application.
fn claims(app: &App) -> Vec<Claim> {
    let App {
        name: _,
        about: _,
        by,
        foreground,
        signals,
        signals_with,
        children,
        children_with,
        workers_end,
        time,
        files,
        unit,
        clean_exits,
        account,
        home,
        ends,
        backend,
        notes,
    } = app;
    let by: Vec<_> = by.iter().map(|by| format!("`{by}`")).collect();
    let mut claims = vec![Claim { subject: "Commands", text: format!("{}.", by.join(", ")), sources: &[] }];
    let mut tell = |subject, text: Option<(String, &'static [&'static str])>| {
        claims.extend(text.map(|(text, sources)| Claim { subject, text: format!("{text}."), sources }));
    };
    tell("Foreground", foreground.map(|&Said { what, sources }| (told_foreground(what), sources)));
    tell("Stop", signals.map(|&Said { what, sources }| (told_signals(what), sources)));
    for when in *signals_with {
        tell("Stop", Some((format!("with {}: {}", told_signs(when.with), told_signals(when.then)), when.sources)));
    }
    let words = if workers_end.is_empty() { Children::words } else { Children::words_of_ending };
    tell("Children", children.map(|&Said { what, sources }| (words(what).to_owned(), sources)));
    for when in *children_with {
        tell("Children", Some((format!("with {}: {}", told_signs(when.with), when.then.words()), when.sources)));
    }
    if !workers_end.is_empty() {
        tell("Killed", Some(("its workers see that it is gone, and end".to_owned(), *workers_end)));
    }
    tell("Stop takes", time.map(|&Said { what, sources }| (told_time(what), sources)));
    tell("Exit codes", clean_exits.map(|&Said { what, sources }| (told_exits(what), sources)));
    tell("Ends by itself", ends.map(|&Said { what, sources }| (told_ends(what), sources)));
    tell("Open files", files.map(|&Said { what, sources }| (told_files(what), sources)));
    tell("Account", account.map(|&Said { what, sources }| (told_account(what), sources)));
    tell("HOME", home.map(|&Said { what, sources }| (format!("it uses {what}"), sources)));
    tell("systemd", unit.map(|&Said { what, sources }| (told_unit(&what), sources)));
    if *backend {
        tell("Others", Some(("programs connect to it, and fail while it is not ready".to_owned(), &[])));
    }
    claims.extend(notes.iter().map(|note| Claim {
        subject: "Note",
        text: note.what.to_owned(),
        sources: note.sources,
    }));
    claims
}

fn told_signs(signs: &[Sign]) -> String {
    let signs: Vec<_> = signs.iter().map(|sign| format!("`{sign}`")).collect();
    match signs.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn told_foreground(foreground: Foreground) -> String {
    match foreground {
        Foreground::Stays { leaves: [] } => "it stays".to_owned(),
        Foreground::Stays { leaves } => format!("it stays, unless {} is given", told_signs(leaves)),
        Foreground::Leaves { stays, write, or } => {
            let or = or.map_or_else(String::new, |line| format!(", or `{line}`"));
            let stays = if stays.is_empty() { String::new() } else { format!(" (it takes {})", told_signs(stays)) };
            format!("it goes to the background; write `{write}`{or}{stays}")
        }
        Foreground::Asked { leaves, unless, write } => {
            let unless = if unless.is_empty() { String::new() } else { format!(" without {}", told_signs(unless)) };
            format!("it stays, unless {} is given{unless}; write `{write}`", told_signs(leaves))
        }
        Foreground::Starts { with, unless } => {
            let with = if with.is_empty() { String::new() } else { format!("with {} ", told_signs(with)) };
            let unless =
                if unless.is_empty() { String::new() } else { format!(", unless {} is given", told_signs(unless)) };
            format!("{with}it starts something else in the background, and ends{unless}")
        }
        Foreground::Switched { stays, leaves, write, or } => {
            format!(
                "it goes to the background; write `{write}`, or `{or}` (it takes {}; with {} it always goes)",
                told_signs(stays),
                told_signs(leaves)
            )
        }
        Foreground::Configured { stays: _, line } => format!("its configuration decides; write `{line}`"),
    }
}

fn told_signals(signals: &[(Signal, Effect)]) -> String {
    let told: Vec<_> =
        signals.iter().map(|(signal, effect)| format!("on {} it {}", signal.name(), effect.words())).collect();
    told.join("; ")
}

fn told_time(time: StopTime) -> String {
    match time {
        StopTime::Flag { flags, default, milliseconds } => {
            let flags: Vec<_> = flags.iter().map(|flag| format!("`{flag}`")).collect();
            let unit = if milliseconds { ", in milliseconds" } else { "" };
            match default {
                Some(seconds) => format!("up to {seconds} s, or what {} says{unit}", flags.join(" or ")),
                None => format!("without limit, or what {} says{unit}", flags.join(" or ")),
            }
        }
        StopTime::Setting(name, seconds) => format!("up to {seconds} s, or what {name} says"),
        StopTime::Usual(seconds) => format!("{seconds} s may be needed"),
        StopTime::Task => "as long as the task that it works at".to_owned(),
        StopTime::Unbounded(what) => format!("as long as {what}"),
    }
}

fn told_exits(exits: &[u8]) -> String {
    let exits: Vec<_> = exits.iter().map(ToString::to_string).collect();
    format!("{} is a clean end too", exits.join(", "))
}

fn told_ends(ends: Ends) -> String {
    match ends {
        Ends::Always(why) => format!("{why}: write autorestart=true"),
        Ends::With(signs) => format!("it exits with 0 with {}: write autorestart=true", told_signs(signs)),
    }
}

fn told_files(files: OpenFiles) -> String {
    match files {
        OpenFiles::Raises(number) => format!("{number}; it raises its own limit so far, if the hard limit allows"),
        OpenFiles::Server(number) => format!("its unit allows {number}, and it needs many"),
        OpenFiles::Usual(number) => format!("{number} are usual; a small one needs less"),
        OpenFiles::Grows(with) => format!("they grow with {with}"),
    }
}

fn told_account(account: Account) -> String {
    match account {
        Account::Drops { how, unless: [] } => format!("started as root it drops root: {how}"),
        Account::Drops { how, unless } => {
            format!("started as root it drops root: {how}; not with {}", told_signs(unless))
        }
        Account::DropsWith(flags) => {
            let flags: Vec<_> = flags.iter().map(|flag| format!("`{flag}`")).collect();
            format!("it drops root for the account that {} names", flags.join(" or "))
        }
        Account::Needs(why) => format!("it needs root: {why}"),
    }
}

fn told_unit(unit: &Unit) -> String {
    let Unit { kind, directives } = unit;
    let with = match kind {
        Kind::Notify(signs) if !signs.is_empty() => format!(" with {}", told_signs(signs)),
        Kind::NotifySince(version) => format!(" since {version}"),
        Kind::NotifyIfBuilt => " if it was built or told to".to_owned(),
        Kind::Notify(_) | Kind::Simple | Kind::Forking | Kind::Oneshot => String::new(),
    };
    let mut text = format!("`Type={}`{with}", kind.name());
    for (name, value) in *directives {
        let _ = write!(text, ", `{name}={value}`");
    }
    text
}

/// The file `docs/apps.md`.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "<!-- Made from src/apps by `SUPCONV_BLESS=1 cargo test --test it docs`. -->\n\n# Applications under Supervisor\n\n\
         What is known of the programs that people run under Supervisor: how each is kept in the foreground, which signal\n\
         stops it cleanly, what becomes of its children, how long a stop takes, what its vendor's systemd unit says. Each\n\
         claim is followed by its sources; where nothing is said, nothing is known. `supconv apps` lists them,\n\
         `supconv apps NAME` prints one. Programs with versions in their names, in virtual environments, after `env`, `exec`\n\
         and other wrappers, and those that an interpreter runs are recognised too.\n\n\
         How to read *children*:\n\n",
    );
    for children in [Children::Wrapper, Children::Tasks, Children::Workers, Children::Apart, Children::LiveOn] {
        let _ = writeln!(text, "- **{}**: {}.", children.word(), markdown(children.words()));
    }
    text.push_str("\n| application | what it is | stop | children | stop takes |\n|---|---|---|---|---|\n");
    for app in all() {
        let clean = app.signals.and_then(|said| said.what.first()).filter(|(_, effect)| effect.is_clean());
        let signal = clean.map_or("", |(signal, _)| signal.name());
        let children = app.children.map_or("", |said| said.what.word());
        let time = time_word(app);
        let time = if time == "-" { "" } else { &*time };
        let _ = writeln!(
            text,
            "| [{}](#{}) | {} | {signal} | {children} | {time} |",
            markdown(app.name),
            anchor(app.name),
            markdown(app.about)
        );
    }
    for app in all() {
        let _ = write!(text, "\n## {}\n\n{}.\n\n", markdown(app.name), markdown(&capital(app.about)));
        for Claim { subject, text: claim, sources } in claims(app) {
            let _ = write!(text, "- **{subject}**: {}", markdown(&claim));
            let sources: Vec<_> = sources.iter().map(|source| source_link(source)).collect();
            if !sources.is_empty() {
                let _ = write!(text, " ({})", sources.join("; "));
            }
            text.push('\n');
        }
    }
    text.push_str("\n## Wrappers\n\nPrograms that run another one, and what becomes of them.\n\n| wrapper | then | source |\n|---|---|---|\n");
    for wrapper in WRAPPERS {
        let then = match wrapper.becomes {
            Becomes::Replaced => "is replaced by the program",
            Becomes::Relay => "stays, passes signals on",
            Becomes::Stays => "stays, keeps signals",
        };
        let _ = writeln!(text, "| `{}` | {then} | {} |", wrapper.name, markdown(wrapper.source));
    }
    text
}

/// A source, as a link where it is a page or an issue.
fn source_link(source: &str) -> String {
    let issue = source.split_once('#').filter(|(repository, number)| {
        repository.contains('/') && !repository.contains(' ') && number.bytes().all(|b| b.is_ascii_digit())
    });
    match issue {
        Some((repository, number)) => format!("[{source}](https://github.com/{repository}/issues/{number})"),
        None if source.starts_with("http") && !source.contains(' ') => format!("<{source}>"),
        None => markdown(source),
    }
}

/// A text with a capital at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The anchor of a heading, as code hosts make it.
fn anchor(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
