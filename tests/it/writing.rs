//! `--out`: what is written, whatever else is there.

use std::fs;

use crate::support::desk::Desk;

/// Two programs; the second has a file of secrets and one of logrotate.
const TWO: &str = "[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=/bin/a\n[program:b]\ncommand=/bin/b\n\
                   environment=DB_PASSWORD=\"sesame opens\"\nstdout_logfile=/var/log/b.log\n";

/// A desk with `a.conf`, and no `d`.
fn creating() -> Desk {
    let desk = Desk::in_memory();
    desk.write("a.conf", TWO);
    desk
}

#[test]
fn a_file_has_one_name_however_it_is_typed() {
    let desk = creating();
    fs::create_dir(desk.join("sub")).unwrap();
    assert_eq!(desk.run("to-systemd ./a.conf --out d").code, 0);
    for path in ["a.conf", "././/a.conf", "sub/../a.conf"] {
        let told = desk.run(&format!("to-systemd {path} --out d --check"));
        assert_eq!(told.code, 0, "{path}: {told:?}");
    }
}
