//! What people read: `show`, `lint` and `to-systemd` over layouts and patterns, one page a file, in `tests/it/snapshots/`.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test it snapshots`, then read the difference as an
//! operator would at three in the morning.

use std::fmt::Write;
use std::process::Command;

/// Name of the page, arguments that all three commands are given.
const PAGES: &[(&str, &str)] = &[
    ("layout-alpine", "--root corpus/layouts/alpine corpus/layouts/alpine/etc/supervisord.conf"),
    ("layout-container", "--root corpus/layouts/container corpus/layouts/container/etc/supervisor/supervisord.conf"),
    ("layout-debian", "--root corpus/layouts/debian corpus/layouts/debian/etc/supervisor/supervisord.conf"),
    ("layout-epel", "--root corpus/layouts/epel corpus/layouts/epel/etc/supervisord.conf"),
    ("celery-and-beat", "corpus/celery-and-beat.conf"),
    ("environment-cut-at-hash", "corpus/environment-cut-at-hash.conf"),
    ("first-error-wins", "corpus/first-error-wins.conf"),
    ("fragment-of-conf-d", "corpus/fragment-of-conf-d.conf"),
    ("laravel-queue", "corpus/laravel-queue.conf"),
    ("memory-watchdog", "corpus/memory-watchdog.conf"),
    ("nginx-php-fpm-container", "corpus/nginx-php-fpm-container.conf"),
    ("template-left-unrendered", "corpus/template-left-unrendered.conf"),
    ("too-many-open-files", "corpus/too-many-open-files.conf"),
    ("web-app-with-workers", "corpus/web-app-with-workers.conf"),
];

/// A command as it would be typed, and all that it prints.
fn typed(command: &str, arguments: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_supconv"));
    let output = program.arg(command).args(arguments.split(' ')).env_clear().output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(env!("CARGO_MANIFEST_DIR"), "/checkout");
    let (out, err) = (text(output.stdout), text(output.stderr));
    let code = output.status.code().unwrap();
    let mut page = format!("$ supconv {command} {arguments}\n");
    for (name, text) in [("standard output", out), ("standard error", err)] {
        if !text.is_empty() {
            write!(page, "---------- {name}\n{text}").unwrap();
        }
    }
    page + &format!("---------- exit code {code}\n\n")
}

#[test]
fn what_people_read_is_what_was_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, arguments) in PAGES {
            let page: String = ["show", "lint", "to-systemd"].map(|command| typed(command, arguments)).concat();
            insta::assert_snapshot!(*name, page);
        }
    });
}
