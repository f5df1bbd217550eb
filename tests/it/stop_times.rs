//! How long a shutdown can wait for the units, beside the 90 s that supervisord as a whole had.

use crate::support::desk::{Desk, flat};

/// What the report says of it.
fn said(programs: &str, arguments: &str) -> String {
    let run = Desk::of(format!("[supervisord]\nuser=root\n{programs}")).convert(arguments);
    let lines = run.err.lines().skip_while(|line| *line != "DECIDE").skip(1);
    let said = flat(lines.take_while(|line| !line.is_empty()).find(|line| line.contains("A shutdown")).unwrap_or(""));
    let detailed = Desk::of(format!("[supervisord]\nuser=root\n{programs}")).convert(&format!("{arguments} --details"));
    assert!(flat(&detailed.err).contains(&said), "{}", detailed.err);
    said
}

#[test]
fn levels_of_priority_stop_one_after_the_other() {
    let programs = "[program:web]\ncommand=/bin/web\nstopwaitsecs=600\npriority=2\n[program:db]\ncommand=/bin/db\nstopwaitsecs=30\npriority=1\n\
                    [program:beside]\ncommand=/bin/beside\nstopwaitsecs=500\npriority=2\n";
    let expected =
        "A shutdown can wait up to 630 s for these units (web 600 s, db 30 s); systemd killed supervisord after 90 s.";
    assert_eq!(said(programs, ""), expected);
    let together = programs.replace("priority=1", "priority=2");
    assert!(
        said(&together, "").starts_with("A shutdown can wait up to 600 s for these units (web 600 s);"),
        "{}",
        said(&together, "")
    );
    // The children have as long again.
    let group = "[program:web]\ncommand=/bin/web\nstopwaitsecs=60\nstopasgroup=true\n";
    assert!(
        said(group, "").starts_with("A shutdown can wait up to 120 s for these units (web 120 s);"),
        "{}",
        said(group, "")
    );
}

#[test]
fn what_ends_in_time_is_not_said() {
    assert_eq!(said("[program:web]\ncommand=/bin/web\nstopwaitsecs=90\n", ""), "");
    assert_eq!(said("[program:a]\ncommand=/bin/a\npriority=1\n[program:b]\ncommand=/bin/b\n", ""), "");
}

#[test]
fn what_has_no_limit_is_named() {
    let said = said("[program:web]\ncommand=/bin/web\nstopwaitsecs=99999999999\n", "");
    assert!(said.starts_with("A shutdown can wait without a limit for these units (web no limit);"), "{said}");
}
