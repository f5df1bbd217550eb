//! SUP604 path-override: a PATH without the directories of the system.

use std::cell::OnceCell;

use super::view::environment::places;
use super::view::mend::Mend;
use super::view::mend::values::{Edits, Known, Standing, own, values};
use super::{Check, Found, Lint};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::hash::HashMap;
use crate::keys::process as k;
use crate::source::Place;

/// SUP604.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP604",
        name: "path-override",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        page: include_str!("path_override.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// What the old PATH brings may hold any sign: quotes are put around it.
fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    let (section, option) = (finding.section?, finding.option?);
    let standing = Standing::of(lint, own(lint, section, option)?)?;
    let path = values(&standing.text)?.into_iter().find(|valued| valued.name == "PATH")?;
    Known::of(lint, section).expandable(&k::ENVIRONMENT, "PATH", true)?;
    let value = standing.text.get(path.start..path.end).filter(|value| !value.is_empty())?;
    let colon = if value.ends_with(':') { "" } else { ":" };
    let quote = if path.quoted { "" } else { "\"" };
    let mut edits = Edits::default();
    if !path.quoted {
        edits.insert(path.start, quote);
    }
    edits.insert(path.end, &format!("{colon}%(ENV_PATH)s{quote}"));
    let mend = standing.edited(Mend::of(lint), &edits.joined())?.changes(section, option);
    mend.uses(section, |name| name == "PATH").risky("append :%(ENV_PATH)s to PATH")
}

/// The longest value that a help repeats.
const LONGEST: usize = 80;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    let programs = OnceCell::new();
    for list in lint.environments(|text| text.contains("PATH")) {
        let Some(path) = list.get("PATH") else { continue };
        // A `$` is SUP602's; what an expansion brings is not known.
        if path.contains(['$', '%']) || path.contains("~/") || path.split(':').any(is_of_system) {
            continue;
        }
        let setting = list.written.setting;
        let whose = list.whose();
        let message = format!("{whose} finds no command of /usr/bin and /bin, because this replaces PATH.");
        let programs = programs.get_or_init(|| {
            lint.programs().iter().map(|program| (program.process.program.section, program)).collect::<HashMap<_, _>>()
        });
        let bare = programs
            .get(list.written.section)
            .and_then(|program| program.command.as_ref()?.words.as_ref().ok()?.first());
        let too = match bare.filter(|word| !word.text.contains('/')) {
            Some(word) => format!("\nsupervisord looks for {} in this PATH too.", word.text),
            None => String::new(),
        };
        let write = if path.is_empty() || path.len() > LONGEST {
            "append :%(ENV_PATH)s to the value".to_owned()
        } else {
            format!("write PATH=\"{path}:%(ENV_PATH)s\"")
        };
        let help = format!("{write}, or name /usr/bin and /bin in it.{too}");
        let written = lint.sources.slice(setting.value);
        let span = places(written, &[path]).into_iter().flatten().next().filter(|_| !path.is_empty());
        let place = match span {
            Some(span) => Place { span: span.after(setting.value.span.start), ..setting.value },
            None => setting.value,
        };
        let finding = Diagnostic::new(&RULE.rule, place, message).help(help);
        found.push_of_accepted(setting.value, finding.of(list.written.section, Some(list.written.option)));
    }
}

/// Whether a directory has the commands of the system; on NixOS they lie elsewhere.
fn is_of_system(directory: &str) -> bool {
    matches!(directory.trim_end_matches('/'), "/bin" | "/usr/bin")
        || directory.starts_with("/nix/")
        || directory.starts_with("/run/current-system/")
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{MAIN, PROGRAM, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(PROGRAM, "environment=PATH=\"/srv/venv/bin\"", &[(1, W)])
            .says("api finds no command of /usr/bin and /bin")
            .mends("environment=PATH=\"/srv/venv/bin:%(ENV_PATH)s\""),
        row(PROGRAM, "environment=A=\"%(ENV_A)s\",PATH=/srv/venv/bin:/usr/local/bin", &[(1, W)])
            .mends("environment=A=\"%(ENV_A)s\",PATH=\"/srv/venv/bin:/usr/local/bin:%(ENV_PATH)s\""),
        row(
            MAIN,
            "[program:api]\r\n  command=/srv/api\r\n  environment : A=\"50%%\", ; a\r\n    PATH='/srv/bin:', ; b\r\n\
             \x20   B=1\r\n  umask=022\r",
            &[(4, W)],
        )
        .mends(
            "[program:api]\r\n  command=/srv/api\r\n  environment : A=\"50%%\", ; a\r\n\
             \x20   PATH='/srv/bin:%(ENV_PATH)s', ; b\r\n    B=1\r\n  umask=022\r",
        ),
        row(
            PROGRAM,
            "environment=PATH=\"/a\",PATH=\"/b\"\n[program:b]\ncommand=/b\nenvironment=PATH=\"/b\"",
            &[(1, W), (4, W)],
        )
        .closed()
        .mends(
            "environment=PATH=\"/a\",PATH=\"/b:%(ENV_PATH)s\"\n[program:b]\ncommand=/b\n\
                 environment=PATH=\"/b:%(ENV_PATH)s\"",
        ),
        row(PROGRAM, "environment=PATH=\"\"", &[(1, W)]).mends(""),
        row("", "[DEFAULT]\nenvironment=PATH=\"/a\"\n[program:a]\ncommand=a", &[(2, W)]).mends(""),
        row(MAIN, "[program:a]\ncommand=serve\nenvironment=PATH=\"/srv/bin\"", &[(3, W)]),
        row(MAIN, "environment=PATH=\"/srv/bin\"", &[(1, W)])
            .says("every program finds no command")
            .mends("environment=PATH=\"/srv/bin:%(ENV_PATH)s\""),
        row(PROGRAM, "numprocs=3\nprocess_name=%(process_num)s\nenvironment=PATH=\"/srv/bin\"", &[(3, W)]),
        row("", "[program:a]\ncommand=a\nenvironment=PATH=\"/srv/bin\"", &[(3, W)]),
        row(PROGRAM, "environment=PATH=\"/srv/bin:%(ENV_PATH)s\"", &[]),
        row(PROGRAM, "environment=PATH=\"/srv/bin:%(ENV_OTHER)s\"", &[]),
        row(PROGRAM, "environment=PATH=\"/srv/bin:$PATH\"", &[]),
        row(PROGRAM, "environment=PATH=\"/srv/bin:/usr/bin/\"", &[]),
        row(PROGRAM, "environment=PATH=\"/nix/store/x/bin\"", &[]),
        row(PROGRAM, "environment=PYTHONPATH=\"/srv\"", &[]),
        row(PROGRAM, "environment=PATH=\"{{ venv }}/bin\"", &[]),
    ];
}
