//! SUP305 clean-exit-not-restarted: a worker that ends by itself, and stays down.

use std::ops::RangeInclusive;

use super::view::effective::Program;
use super::view::mend::Mend;
use super::{Check, Found, Lint};
use crate::apps::matching::Ran;
use crate::apps::{App, Ends, Sign};
use crate::diagnostic::{Confidence, Diagnostic, OnMarkup, Repeat, Rule, Severity};
use crate::fix::Fix;
use crate::keys::{process, program as k};
use crate::model::signal::Signal;
use crate::model::value::AutoRestart;
use crate::python::shlex::Word;

/// SUP305.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP305",
        name: "clean-exit-not-restarted",
        severity: Severity::Warning,
        confidence: Confidence::High,
        page: include_str!("clean_exit_not_restarted.md"),
        repeat: Repeat::Each,
        on_markup: OnMarkup::Silent,
    },
    refusal: None,
    check: Some(check),
    fix: Some(mend),
    cannot_run: false,
};

/// Flags that ask a worker to end when there is nothing left to do: with `autorestart=false` somebody wants that
/// (`WorkCommand.php` of Laravel, `docs/docs/workers.md` of RQ).
const ONCE: &[Sign] = &[Sign::Flag("--once"), Sign::Flag("--stop-when-empty"), Sign::Flag("--burst")];

/// The exit codes by which a shell reports a death by signal.
const OF_SIGNALS: RangeInclusive<u8> = 129..=159;

fn check<'a>(lint: &Lint<'a>, found: &mut Found<'_, 'a>) {
    for program in lint.programs() {
        let Some(ran) = lint.ran(program) else { continue };
        let options = &program.process.program.options;
        let Some(&restart) = lint.known(&options.autorestart) else { continue };
        match ran.app.filter(|app| app.ends(&ran.words)) {
            Some(app) => ends(lint, program, restart, (app, &*ran.words), found),
            None if restart == AutoRestart::Unexpected => codes(lint, program, &ran, found),
            None => {}
        }
    }
}

/// Says that a worker stays down after it has ended by itself.
fn ends<'a>(
    lint: &Lint<'a>,
    Program { process, command, .. }: &Program<'a>,
    restart: AutoRestart,
    (app, words): (&'static App, &[Word<'_>]),
    found: &mut Found<'_, 'a>,
) {
    let options = &process.program.options;
    let written = options.autorestart.place();
    let stays = match restart {
        AutoRestart::Always => false,
        AutoRestart::Never => !ONCE.iter().any(|sign| sign.is_in(words)),
        AutoRestart::Unexpected => lint.known(&options.exitcodes).is_some_and(|codes| codes.contains(&0)),
    };
    let (true, Some(command)) = (stays, command) else { return };
    let name = app.name;
    let value = match (restart, written) {
        (AutoRestart::Never, _) => "autorestart=false",
        (AutoRestart::Always | AutoRestart::Unexpected, Some(_)) => "autorestart=unexpected",
        (AutoRestart::Always | AutoRestart::Unexpected, None) => "autorestart is not set",
    };
    let message = format!("{name} stays down when it ends by itself: that is exit code 0, and {value}.");
    let why = match app.ends.map(|said| said.what) {
        Some(Ends::Always(why)) => format!("\n{why}."),
        Some(Ends::With(signs)) => signs
            .iter()
            .find(|sign| sign.is_in(words))
            .map_or_else(String::new, |sign| format!("\nit ends because of {sign}.")),
        None => String::new(),
    };
    let help = format!("write autorestart=true: then each end is followed by a start.{why}");
    let place = written.unwrap_or(command.place);
    let key = if written.is_some() { &k::AUTORESTART } else { &process::COMMAND };
    let finding = Diagnostic::new(&RULE.rule, place, message).help(help);
    found.push_resting_on(command.place, finding.of(process.program.section, Some(key.name)));
}

fn mend<'a>(lint: &Lint<'a>, finding: &Diagnostic<'a>) -> Option<Fix> {
    // Whether a code is right only its author knows.
    if finding.option == Some(k::EXITCODES.name) {
        return None;
    }
    Mend::of(lint).set(finding.section?, &k::AUTORESTART, "true", None).safe("write autorestart=true")
}

/// Says that an exit code of `exitcodes` is one of a death by signal, which is never expected.
fn codes<'a>(lint: &Lint<'a>, program: &Program<'a>, ran: &Ran<'_>, found: &mut Found<'_, 'a>) {
    // A shell does exit with such a code, when its child dies by a signal.
    if ran.wrappers.has_shell() {
        return;
    }
    let program = &program.process.program;
    let codes = &program.options.exitcodes;
    let known: &[u8] = ran.app.and_then(|app| app.clean_exits).map_or(&[][..], |said| said.what);
    let Some((place, listed)) = codes.place().zip(lint.known(codes)) else { return };
    let of_signal = listed.iter().copied().find(|code| OF_SIGNALS.contains(code) && !known.contains(code));
    let Some(code) = of_signal else { return };
    let signal = Signal(code.saturating_sub(128)).name().unwrap_or("?");
    let message = format!(
        "a death by SIG{signal} stays unexpected: {code} in exitcodes counts only where the program itself exits with it."
    );
    let help = "keep it if the program handles the signal and exits with this code, as Java does with 143.\n\
         otherwise remove it.";
    let finding = Diagnostic::new(&RULE.rule, place, message).severity(Severity::Info).help(help);
    found.push(finding.of(program.section, Some(k::EXITCODES.name)));
}

#[cfg(test)]
pub(super) mod rows {
    use crate::rules::rows::{I, MAIN, Row, W, row};

    pub const ROWS: &[Row] = &[
        row(MAIN, "[program:a]\ncommand=php artisan queue:work", &[(2, W)])
            .says("autorestart is not set")
            .mends("[program:a]\ncommand=php artisan queue:work\nautorestart=true"),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work --max-time=3600\nautorestart=unexpected", &[(3, W)])
            .says("artisan queue:work stays down when it ends by itself: that is exit code 0, and autorestart=unexpected.")
            .mends("[program:a]\ncommand=php artisan queue:work --max-time=3600\nautorestart=true"),
        row(MAIN, "[program:a]\ncommand=php artisan horizon\nautorestart=false", &[(3, W)])
            .mends("[program:a]\ncommand=php artisan horizon\nautorestart=true"),
        row("", "[program:a]\ncommand=php bin/console messenger:consume --time-limit=60", &[(2, W)]),
        row(
            "",
            "[program:a]\r\n  command : php artisan queue:work\r\n  ; x\r\n    --tries=3\r\n\r\n\
             [program:b]\r\n  AutoRestart : 0 # x\r\n  command : php artisan queue:work",
            &[(2, W), (7, W)],
        )
        .mends(
            "[program:a]\r\n  command : php artisan queue:work\r\n  ; x\r\n    --tries=3\r\n  \
             autorestart=true\r\n\r\n[program:b]\r\n  AutoRestart : true # x\r\n  command : php artisan queue:work",
        ),
        row("", "[DEFAULT]\nautorestart=false\n[program:a]\ncommand=php artisan queue:work", &[(2, W)])
            .mends("[DEFAULT]\nautorestart=false\n[program:a]\ncommand=php artisan queue:work\nautorestart=true"),
        row(MAIN, "[program:a]\ncommand=rq worker --burst\nnumprocs=3\nprocess_name=%(process_num)s", &[(2, W)]),
        row(MAIN, "[program:a]\ncommand=/srv/a\nexitcodes=0,137", &[(3, I)]).says("a death by SIGKILL").mends(""),
        row(MAIN, "[program:a]\ncommand=/srv/a\nexitcodes=143", &[(3, I)]),
        row(MAIN, "[program:a]\ncommand=java -jar a.jar\nexitcodes=143", &[]),
        row(MAIN, "[program:a]\ncommand=sh -c '/srv/a; /srv/b'\nexitcodes=143", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\nexitcodes=143\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=/srv/a\nexitcodes=0,2,128", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work\nautorestart=true", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work\nexitcodes=2", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work --stop-when-empty\nautorestart=false", &[]),
        row(MAIN, "[program:a]\ncommand=php bin/console messenger:consume", &[]),
        row(MAIN, "[program:a]\ncommand=rq worker", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work\nautorestart=%(ENV_R)s", &[]),
        row(MAIN, "[program:a]\ncommand=php artisan queue:work {{ more }}", &[]),
    ];
}
