//! Secrets by the names that frameworks give them: masked in every report, and in no file of a plan that others can read.

use crate::support::desk::Desk;

/// Names whose value is one, and values that are one whatever their name is. Each value has `geheim` in it.
const SECRETS: [(&str, &str); 14] = [
    ("APP_KEY", "base64:geheim+abc="),
    ("SECRET_KEY_BASE", "geheim3"),
    ("JWT_SIGNING_KEY", "geheim"),
    ("APP_ENCRYPTION_KEY", "geheim"),
    ("AUTH_KEY", "geheim"),
    ("RAILS_MASTER_KEY", "geheim"),
    ("NEW_RELIC_LICENSE_KEY", "geheim"),
    ("DB_PASSWORD", "/geheim"),
    ("DB_PASS", "$geheim"),
    ("MYSQL_PWD", "~geheim"),
    ("DB_DSN", "root:geheim@tcp(db:3306)/shop"),
    ("SENTRY_DSN", "https://geheim@o1.ingest.example.org/5"),
    ("ALERTS", "https://hooks.slack.com/services/T0/B0/geheim"),
    ("DEPLOY", "ghp_geheim0123456789abcdefghijklmnopqrstuvwxyz"),
];

#[test]
fn no_report_shows_them() {
    for (name, value) in SECRETS {
        // A finding on the line itself, by a rule that quotes it and by Supervisor's own message.
        for trouble in ["", ",B=\"50%\"", ",B=", ",C=a@b"] {
            let text = format!(
                "[supervisord]\n[program:a]\ncommand=/a\nenvironment=A=\"1\",{name}=\"{value}\"{trouble}\n dir=x\n"
            );
            let desk = Desk::of(&text);
            for arguments in ["", "--format concise", "--format json"] {
                let run = desk.run(&format!("lint --pedantic --min-severity info {arguments} a.conf"));
                assert!(!run.out.is_empty(), "{text}");
                assert!(!format!("{}{}", run.out, run.err).contains("geheim"), "{text}{}{}", run.out, run.err);
            }
            let run = desk.convert("");
            assert!(!format!("{}{}", run.out, run.err).contains("geheim"), "{text}{}{}", run.out, run.err);
        }
    }
}

#[test]
fn no_unit_holds_them() {
    for (name, value) in SECRETS {
        let desk =
            Desk::of(format!("[supervisord]\nuser=root\n[program:a]\ncommand=/a\nenvironment={name}=\"{value}\"\n"));
        let plan = desk.plan("--show-secrets");
        for file in plan["files"].as_array().unwrap() {
            let holds = file["text"].as_str().unwrap().contains("geheim");
            assert_eq!(holds, file["mode"] == "0600", "{name}: {file}");
        }
        assert!(plan.to_string().contains("geheim"), "{name} is written nowhere: {plan}");
    }
}
