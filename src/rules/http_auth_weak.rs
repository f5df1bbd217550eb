//! SUP205 http-auth-weak: half a pair of user name and password.

use super::{Check, Explanation, Lint};
use crate::diagnostic::{Confidence, Repeat, Rule, Severity};
use crate::refusal::{Cause, Refusal};

/// SUP205.
pub static RULE: Check = Check {
    rule: Rule {
        code: "SUP205",
        name: "http-auth-weak",
        severity: Severity::Warning,
        confidence: Confidence::Medium,
        what: "A control server with a username and no password, or the other way round.",
        why: "Supervisor knows no half a login and refuses the whole file rather than serve without one.",
        bad: "[supervisord]\nuser=root\nminfds=65536\n\n[inet_http_server]\nport=127.0.0.1:9001\nusername=ops\n\n\
              [program:api]\ncommand=/srv/api\nuser=api\n",
        good: "[supervisord]\nuser=root\nminfds=65536\n\n[inet_http_server]\nport=127.0.0.1:9001\nusername=ops\n\
               password={SHA}5a6ded3536596f57a5ee498945a3616b14acbfb5\n\n[rpcinterface:supervisor]\n\
               supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\n[program:api]\ncommand=/srv/api\nuser=api\n",
        repeat: Repeat::Each,
    },
    refusal: Some(explain),
    check: None,
};

fn explain(refusal: &Refusal, _: &Lint<'_>) -> Option<Explanation> {
    if refusal.cause != Cause::Credentials {
        return None;
    }
    let section = refusal.section.as_deref()?;
    let here = refusal.option.as_deref()?;
    let missing = if here == "username" { "password" } else { "username" };
    let message = format!("[{section}] has a {here} and no {missing}: supervisord refuses to start.");
    Some(Explanation::new(message, format!("write {missing}= too, or take {here}= away.")))
}
