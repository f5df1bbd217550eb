//! What `to-horust` says of stops, orders and outputs is what Horust does.

use supconv::convert::PlanFile;

use super::{plan, services, table};
use crate::support::desk::Desk;

/// What the README says of the time of a stop.
fn stops_within(files: &[PlanFile]) -> String {
    let readme = files.iter().find(|file| file.path == "README.md").unwrap().text.to_string();
    readme.split("`docker stop --time ").nth(1).unwrap().split('`').next().unwrap().to_owned()
}

#[test]
fn a_stop_of_all_takes_as_long_as_its_steps() {
    let program = |name: &str, priority: u8, wait: u8| {
        format!("[program:{name}]\ncommand=/a\npriority={priority}\nstopwaitsecs={wait}\n")
    };
    for (programs, seconds) in [
        (vec![program("a", 1, 30)], "33"),
        (vec![program("a", 1, 30), program("b", 1, 5)], "33"),
        (vec![program("a", 1, 30), program("b", 2, 5)], "41"),
    ] {
        let files = plan(&format!("[supervisord]\n{}", programs.concat()));
        assert_eq!(stops_within(&files), seconds, "{programs:?}");
    }
}

#[test]
fn beyond_ten_thousand_names_nothing_is_ordered() {
    for (number, is_ordered) in [(100, true), (101, false)] {
        let text = format!(
            "[supervisord]\n[program:a]\ncommand=/a\npriority=1\nnumprocs={number}\nprocess_name=%(process_num)s\n\
             [program:b]\ncommand=/b\npriority=2\nnumprocs={number}\nprocess_name=%(process_num)s\n"
        );
        let files = plan(&text);
        let waits = services(&files).filter(|file| table(file).contains_key("shutdown-after")).count();
        assert_eq!(waits, if is_ordered { number } else { 0 });
        let said = Desk::of(&text).run("to-horust a.conf --allow-loss --details");
        assert_eq!(said.err.contains("too many programs are ordered"), !is_ordered, "{}", said.err);
    }
}

#[test]
fn what_is_said_of_sigkill_and_devices_is_so() {
    let said = |options: &str| {
        let text = format!("[supervisord]\n[program:a]\ncommand=/a\n{options}\n");
        Desk::of(&text).run("to-horust a.conf --allow-loss --details").err
    };
    for (options, part, is_there) in [
        ("stopwaitsecs=4", "SIGKILL comes up to 1.5 s later than after 4 s", true),
        // At least one whole second has to pass.
        ("stopwaitsecs=0", "SIGKILL comes up to 2.5 s later than after 0 s", true),
        ("stopsignal=KILL\nstopwaitsecs=4", "SIGKILL comes up to", false),
        ("stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0", "writes directly to", true),
        ("autostart=false", "a Horust of its own can", true),
    ] {
        assert_eq!(said(options).contains(part), is_there, "{options}: {}", said(options));
    }
}
