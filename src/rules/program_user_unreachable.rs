//! SUP203 program-user-unreachable: a program for another user than a supervisord that is not root.

use super::view::effective::Program;
use super::view::effective::same_account;
use super::{Check, Lint, shown};
use crate::diagnostic::{Confidence, Diagnostic, Repeat, Rule, Severity};
use crate::keys::program as k;

/// SUP203.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP203",
        name: "program-user-unreachable",
        severity: Severity::Error,
        confidence: Confidence::High,
        what: "supervisord runs as an account that is not root, by its user, its -u or the User of its unit, and a program has \
               another user.",
        why: "Only root can change the user. supervisord starts, and the program never does: each start ends with exit status 127 and \
              `couldn't setuid to 0: Can't drop privilege as nonroot user` in the program's log of stderr.",
        bad: "[supervisord]\nuser=app\nminfds=4096\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=4096\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: None,
    check: Some(check),
};

fn check<'a>(lint: &Lint<'a>, found: &mut Vec<Diagnostic<'a>>) {
    let Some(Some(account)) = lint.account().filter(|_| !lint.config.fragment) else { return };
    for Program { process, .. } in lint.programs() {
        let program = &process.program;
        let user = &program.options.user;
        let (Some(Some(name)), Some(place)) = (user.known(), user.place()) else { continue };
        if same_account(name, &account.name) || lint.markup.touches(place) {
            continue;
        }
        let message = format!(
            "supervisord runs as {0} and cannot become {1}: at every start {2} exits with 127, \"couldn't setuid\".",
            shown(&account.name),
            shown(name),
            program.name
        );
        let help = "write user=root in [supervisord], which lets each program have its own; or remove this user= and run the program \
                    as supervisord's.";
        let diagnostic = Diagnostic::new(&RULE.rule, place, message).help(help);
        found.push(diagnostic.label(account.place, "supervisord's user").of(program.section, Some(k::USER.name)));
    }
}
