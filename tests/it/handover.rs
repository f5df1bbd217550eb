//! What an operator reads after a conversion, and types: a report of one screen, and HANDOVER.md, whose commands are exact.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use crate::support::desk::{Desk, Run, flat, run};
use crate::support::page::{Page, commands};
use serde_json::Value;

const CONTROL: &str = "[unix_http_server]\nfile=/run/supervisor.sock\nchmod=0770\nchown=root:ops\n[rpcinterface:supervisor]\n\
                       supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n";

/// As many programs as a busy host has, none like another.
fn forty() -> String {
    let program = |number: u32| {
        let command = if number.is_multiple_of(2) { "gunicorn" } else { "/srv/app/run" };
        format!(
            "[program:app{number:02}]\ncommand={command} --port {}\ndirectory=/srv/app\nuser=www-data\nstartsecs={}\nstopwaitsecs={}\n\
             stdout_logfile=/var/log/app/{number}.log\nstdout_logfile_maxbytes={}MB\npriority={}\nredirect_stderr=true\n",
            8000 + number,
            number % 5,
            10 + number,
            number + 1,
            100 + number % 4
        )
    };
    let programs: String = (0..32).map(program).collect();
    let bare =
        ["nginx", "redis-server", "cron", "php8.2-fpm"].map(|name| format!("[program:{name}]\ncommand={name} -x\n"));
    format!(
        "[supervisord]\nlogfile=/var/log/supervisord.log\n{CONTROL}[inet_http_server]\nport=127.0.0.1:9001\n{programs}{}\
         [program:once]\ncommand=/srv/once\nautostart=false\nautorestart=false\nstartsecs=0\n\
         [program:pool]\ncommand=/srv/w %(process_num)02d\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs=3\n\
         stdout_events_enabled=true\n[program:pa]\ncommand=/srv/pa\n[program:pb]\ncommand=/srv/pb\nautostart=false\n\
         [group:g]\nprograms=pa,pb\n[eventlistener:watch]\ncommand=/srv/watch\nevents=TICK_60\n",
        bare.concat()
    )
}

#[test]
fn the_report_of_forty_programs_fits_a_screen() {
    let desk = Desk::of(forty());
    for (command, next) in [("to-systemd", "HANDOVER.md"), ("to-horust", "README.md"), ("to-pitchfork", "README.md")] {
        let Run { code, out, err } = desk.run(&format!("{command} --out {command} --allow-loss a.conf"));
        assert_eq!(code, 0, "{err}");
        let lines = err.lines().count() + out.lines().count();
        assert!(lines <= 40, "{command}: {lines} lines\n{err}{out}");
        assert!(out.starts_with("NEXT\n") && out.contains(&format!("{command}/{next} ")), "{out}");
        let parts = [
            " settings exact, ",
            "\nLOST\n",
            "\nDECIDE\n",
            " small differences: --details, docs/differences.md\n",
            "\ncreated ",
        ];
        let places: Vec<_> =
            parts.iter().map(|part| err.find(part).unwrap_or_else(|| panic!("{part}: {err}"))).collect();
        assert!(places.is_sorted(), "{err}");
        assert_eq!(err.matches("created ").count(), 1, "{err}");
    }
    let Run { err, .. } = desk.convert("");
    let at = |part: &str| err.find(part).unwrap_or_else(|| panic!("{part}: {err}"));
    assert!(
        at("\nDECIDE\n") < at("\nOPEN FILES (soft:hard)\n") && at("\nOPEN FILES") < at(" small differences"),
        "{err}"
    );
    // Name, place, option, what replaces it.
    assert!(err.contains("  a.conf:10: inet_http_server port=: systemd has no web page"), "{err}");
    for decision in [
        "if this machine has its own nginx.service",
        "members of ops could control these programs",
        "in its own list of directories",
        "the same kind: ",
        "if another logrotate file covers this log",
    ] {
        assert!(at("\nDECIDE\n") < at(decision), "{decision}: {err}");
    }
    assert!(!err.contains("runs in its own session") && !err.contains("restarts wait"), "{err}");
}

#[test]
fn details_are_every_difference() {
    let desk = Desk::of(forty());
    for command in ["to-systemd", "to-horust", "to-pitchfork"] {
        let plan: Value = desk.run(&format!("{command} --format json a.conf")).json();
        let told = flat(&desk.run(&format!("{command} --details a.conf")).err);
        for loss in plan["losses"].as_array().unwrap() {
            let message = loss["message"].as_str().unwrap();
            assert!(told.contains(message) || message.starts_with("no unit is written for"), "{command}: {message}");
        }
    }
    assert_eq!(desk.convert("--details").err, desk.convert("--all").err, "its former name");
}

#[test]
fn who_looks_at_a_directory_is_told_of_that_alone() {
    let desk = Desk::of(forty());
    let check = desk.convert("--out d --check --allow-loss");
    assert_eq!((check.code, check.out.as_str()), (1, ""));
    let lines: Vec<&str> = check.err.lines().collect();
    assert!(lines.len() > 40 && lines.iter().all(|line| line.ends_with(": would be created")), "{lines:?}");
    let diff = desk.convert("--out d --diff --allow-loss");
    assert_eq!((diff.code, diff.err.as_str()), (1, ""));
    assert!(diff.out.starts_with("--- "), "{}", diff.out);
    assert_eq!(desk.convert("--out d --allow-loss").code, 0);
    for look in ["--check", "--diff"] {
        assert_eq!(
            desk.convert(&format!("--out d --allow-loss {look}")),
            Run { code: 0, out: String::new(), err: String::new() }
        );
    }
    desk.write("d/nginx.service", "mine\n");
    let check = desk.convert("--out d --check --allow-loss");
    assert_eq!((check.code, check.err.as_str()), (1, "nginx.service: differs\n"));
    let written = desk.convert("--out d --allow-loss").err;
    assert!(written.contains("\nnginx.service: differs\n1 of the files differ"), "{written}");
    let forced = desk.convert("--out d --allow-loss --force").err;
    assert!(forced.ends_with("\noverwritten 1 file in d/: nginx.service\n"), "{forced}");
    // Why it would not be written is said, and what Supervisor refuses.
    let why = desk.convert("--out e --check").err;
    assert!(why.contains("nothing would be written: settings are lost.\n") && !why.contains("DECIDE"), "{why}");
    let refused = Desk::of("[supervisord]\n[program:a]\ncommand=/a\n[program:b]\n");
    let check = refused.convert("--out d --check --allow-loss");
    assert!(check.code == 1 && check.err.contains("program:b"), "{check:?}");
}

#[test]
fn quiet_says_what_went_wrong_and_what_is_lost() {
    let desk = Desk::of(forty());
    let quiet = desk.convert("-q --out d --allow-loss");
    assert_eq!((quiet.code, quiet.out.as_str()), (0, ""));
    assert!(quiet.err.starts_with("LOST\n") && quiet.err.contains("no web page"), "{}", quiet.err);
    assert!(
        !["DECIDE", "created", "NEXT", "settings exact"].iter().any(|part| quiet.err.contains(part)),
        "{}",
        quiet.err
    );
    let exact = Desk::of("[supervisord]\nuser=root\nminfds=4096\n[program:a]\ncommand=/a\n");
    assert_eq!(exact.convert("--quiet --out d"), Run { code: 0, out: String::new(), err: String::new() });
    exact.write("d/a.service", "mine\n");
    let told = exact.convert("--quiet --out d");
    assert!(told.code == 1 && told.err.starts_with("a.service: differs\n"), "{told:?}");
    let lost = desk.convert("-q --out e");
    assert!(lost.code == 1 && lost.err.contains("\nnothing was written: settings are lost.\n"), "{lost:?}");
    assert_eq!(exact.convert("-q --details").code, 2);
}

/// The page of a plan.
fn page(text: &str, arguments: &str) -> Page {
    let desk = Desk::of(text);
    let Run { code, err, .. } = desk.convert(&format!("--out d --allow-loss {arguments}"));
    assert_eq!(code, 0, "{err}");
    let all = fs::read_dir(desk.join("d")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = all.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert_eq!(fs::metadata(&pages[0]).unwrap().permissions().mode() & 0o7777, 0o644);
    Page::of(&fs::read_to_string(&pages[0]).unwrap())
}

#[test]
fn every_command_of_a_plan_is_on_its_page() {
    let page = page(&forty(), "");
    let steps = |step: &str| page.commands(step);
    let install = steps("1. Install");
    assert!(install[0].starts_with("install -D -m 0644 -t /etc/systemd/system -- app00.service "), "{install:?}");
    assert!(
        install[1].starts_with("install -D -m 0644 -t /etc/logrotate.d -- etc/logrotate.d/supconv-app00 "),
        "{install:?}"
    );
    assert_eq!(install.last().unwrap(), "systemctl daemon-reload");
    assert!(install.iter().all(|line| !line.contains("HANDOVER") && !line.contains("cp ")), "{install:?}");
    // The umbrella of a whole file brings the others with it.
    assert_eq!(steps("2. Enable"), ["systemctl enable supervisord.target"]);
    let there = steps("3. Hand over");
    for line in [
        "supervisorctl stop nginx && systemctl start nginx.service",
        "supervisorctl stop 'pool:*' && systemctl start pool@00.service pool@01.service pool@02.service",
        "supervisorctl stop g:pa && systemctl start g-pa.service",
    ] {
        assert!(there.contains(&line.to_owned()), "{line}: {there:?}");
    }
    // What is not started at boot comes after the others, and the words before it say so.
    let by_hand = [
        "supervisorctl stop once && systemctl start once.service",
        "supervisorctl stop g:pb && systemctl start g-pb.service",
    ];
    let mut last = there[there.len() - 2..].to_vec();
    last.sort();
    assert_eq!(last, [by_hand[1], by_hand[0]]);
    assert!(page.text.contains("autostart=false: only if they run now"), "{}", page.text);
    let back = steps("4. Back");
    for line in [
        "systemctl stop nginx.service && supervisorctl start nginx",
        "systemctl stop pool@00.service pool@01.service pool@02.service && supervisorctl start 'pool:*'",
        "systemctl stop g-pa.service && supervisorctl start g:pa",
    ] {
        assert!(back.contains(&line.to_owned()), "{line}: {back:?}");
    }
    assert_eq!(steps("5. Finish")[0], "systemctl start supervisord.target");
    // Its listener has nothing to listen to then.
    assert_eq!(steps("6. Switch supervisord off")[0], "systemctl disable --now supervisor");
    assert!(page.text.contains("end with it: `watch`"), "{}", page.text);
    let table = page.block("Instead of supervisorctl", "text");
    assert!(
        table.contains("systemctl kill -s HUP --kill-whom=main") && table.contains("\ng:pa is g-pa.service\n"),
        "{table}"
    );
    // Nothing stops everything before something runs.
    for line in there.iter().chain(&install).chain(&steps("2. Enable")) {
        assert!(
            !line.contains(" all") && (!line.contains(" stop ") || line.contains(" && systemctl start ")),
            "{line}"
        );
    }
}

#[test]
fn what_shares_a_socket_moves_together() {
    let text = format!(
        "[supervisord]\n{CONTROL}[fcgi-program:php]\ncommand=/bin/php\nsocket=unix:///run/php.sock\nnumprocs=2\n\
         process_name=%(program_name)s_%(process_num)d\n"
    );
    let page = page(&text, "");
    assert_eq!(
        page.commands("3. Hand over"),
        ["supervisorctl stop 'php:*' && systemctl start php@0.service php@1.service"]
    );
    // The socket is free again before supervisord binds it.
    assert_eq!(
        page.commands("4. Back")[0],
        "systemctl stop php@0.service php@1.service php.socket && supervisorctl start 'php:*'"
    );
}

#[test]
fn without_a_control_server_supervisord_itself_stops() {
    let text = "[supervisord]\n[program:a]\ncommand=/a\n[program:b]\ncommand=/b\n";
    for control in
        ["", "[unix_http_server]\nfile=/run/s\n", "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\n"]
    {
        let page = page(&format!("{text}{control}"), "");
        assert!(!page.text.contains("supervisorctl "), "{}", page.text);
        assert_eq!(
            page.commands("3. Hand over"),
            ["systemctl disable --now supervisor && systemctl start supervisord.target"]
        );
        assert!(page.text.contains("no control server"), "{}", page.text);
        assert_eq!(page.commands("4. Back").last().unwrap(), "systemctl enable --now supervisor");
    }
    // What a main file has is not known.
    assert!(page("[program:a]\ncommand=/a\n", "").text.contains("supervisorctl stop a && systemctl start a.service"));
}

#[test]
fn what_stays_with_supervisord_is_named_and_it_is_not_switched_off() {
    let text = format!("[supervisord]\n{CONTROL}[program:a]\ncommand=/a\n[program:b]\ncommand=/b\n");
    let choice = page(&text, "--only a");
    assert!(
        !choice.text.contains("disable --now supervisor") && choice.text.contains("goes on with `b`"),
        "{}",
        choice.text
    );
    assert_eq!(choice.block("6. What stays", "ini"), "[program:a]\nautostart=false\n");
    let left = page(&text.replace("command=/b", "command=./b"), "");
    assert!(!left.text.contains("disable --now supervisor") && left.text.contains("goes on with `b`"), "{}", left.text);
}

/// A page is called by what it is of, so that parts of one configuration fit into one directory.
#[test]
fn fragments_and_choices_have_pages_of_their_own() {
    let desk = Desk::new(&[
        ("conf.d/web.conf", "[program:web]\ncommand=/web\n"),
        ("conf.d/jobs.conf", "[program:jobs]\ncommand=/jobs\n"),
        ("main.conf", "[supervisord]\n[program:a]\ncommand=/a\n[program:b]\ncommand=/b\n"),
    ]);
    assert_eq!(desk.run("to-systemd conf.d/web.conf --out d").code, 0);
    let second = desk.run("to-systemd conf.d/jobs.conf --out d");
    assert!(!second.err.contains("HANDOVER") && !second.err.contains("web"), "{second:?}");
    let again = desk.run("to-systemd conf.d/web.conf --out d --check");
    assert!(!again.err.contains("HANDOVER"), "{again:?}");
    for (name, unit) in [("web", "web.service"), ("jobs", "jobs.service")] {
        let page = fs::read_to_string(desk.join(format!("d/HANDOVER-{name}.md"))).unwrap();
        assert!(page.contains(&format!("supervisorctl stop {name} && systemctl start {unit}\n")), "{page}");
        // The target has units of the other one: to stop it would stop them.
        let back = Page::of(&page).commands("4. Back");
        assert_eq!(back.last().unwrap(), &format!("systemctl disable --now {unit}"));
        assert!(back.iter().all(|line| !line.contains("supervisord.target")), "{back:?}");
    }
    for only in ["a", "b"] {
        desk.run(&format!("to-systemd main.conf --only {only} --out e --force"));
        assert!(desk.join(format!("e/HANDOVER-{only}.md")).exists(), "{only}");
    }
    assert_eq!(desk.run("to-systemd main.conf --prefix p- --out e").code, 0);
    assert!(desk.join("e/p-HANDOVER.md").exists());
}

#[test]
fn what_is_said_of_two_options_is_decided_once() {
    let text = "[program:a]\ncommand=/a\nstdout_logfile=/var/log/a.log\nstderr_logfile=/var/log/a.err\n";
    let report = Desk::of(text).convert("").err;
    assert_eq!(report.matches("if another logrotate file covers this log").count(), 1, "{report}");
}

/// Its text depends on the plan alone, and a plan that no longer has it removes it.
#[test]
fn the_page_is_a_file_of_the_plan() {
    let desk =
        Desk::of(format!("[supervisord]\n{CONTROL}[program:a]\ncommand=/a\nenvironment=DB_PASSWORD=\"sesame\"\n"));
    let plan = desk.plan("");
    let file = plan["files"].as_array().unwrap().iter().find(|file| file["path"] == "HANDOVER.md").unwrap();
    assert_eq!(file["mode"], "0644");
    let text = file["text"].as_str().unwrap();
    assert!(
        !text.contains("sesame") && text.contains("install -D -m 0600 -t /etc/supconv -- etc/supconv/a.env\n"),
        "{text}"
    );
    assert!(!text.contains(&desk.display().to_string()), "{text}");
    assert_eq!(desk.convert("--out d").code, 0);
    for typed in ["--allow-loss --strict", "--systemd-version=252", "--nofile=1024:524288"]
        .map(|typed| format!("--out d --check {typed}"))
    {
        let told = desk.convert(&typed);
        assert!(!told.err.contains("HANDOVER"), "{typed}: {told:?}");
    }
    desk.write("d/HANDOVER.md", "mine\n");
    assert_eq!(desk.convert("--out d --check").err, "HANDOVER.md: differs\n");
    assert_eq!(desk.convert("--out d --force").code, 0);
    desk.write("a.conf", "[supervisord]\n");
    let told = desk.convert("--out d --check");
    assert!(told.code == 1 && told.err.contains("HANDOVER.md: stale\n"), "{told:?}");
    let pruned = desk.convert("--out d --prune");
    assert!(pruned.code == 0 && !pruned.err.contains("system/HANDOVER.md"), "{pruned:?}");
    assert!(!desk.join("d/HANDOVER.md").exists());
}

/// Names that a shell or Markdown would read arrive as they are: the commands are run with stand-ins that say what they are given.
#[test]
fn odd_names_arrive_as_they_are() {
    let names = ["a`b", "```", "it's", "$(id)", "a;b", "~", "é\u{202e}z", "a&b|c"];
    let programs = names.map(|name| format!("[program:{name}]\ncommand=/x\n")).concat();
    let page = page(&format!("[supervisord]\n{CONTROL}{programs}"), "");
    let fences: Vec<&str> = page.text.lines().filter(|line| line.starts_with("```") && !line.contains(' ')).collect();
    assert_eq!(fences.len() % 2, 0, "{}", page.text);
    assert!(!page.text.contains(['\u{202e}', '\u{1b}']), "{}", page.text);
    let desk = Desk::new(&[]);
    for stub in ["supervisorctl", "systemctl"] {
        desk.write(&format!("bin/{stub}"), "#!/bin/sh\nprintf '%s\\0' \"$@\" >> said\n");
        fs::set_permissions(desk.join(format!("bin/{stub}")), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = page.commands("3. Hand over").join("\n");
    let ran = run(Command::new("bash")
        .args(["-ec", &script])
        .current_dir(&desk)
        .env("PATH", format!("{}:/usr/bin:/bin", desk.path("bin"))));
    assert_eq!(ran.code, 0, "{ran:?}");
    let said = fs::read_to_string(desk.join("said")).unwrap();
    let said: Vec<&str> = said.split('\0').collect();
    for name in names {
        assert!(said.windows(2).any(|pair| pair == ["stop", name]), "{name}: {said:?}");
    }
    assert_eq!(fs::read_dir(&*desk).unwrap().count(), 2, "bin and said");
}

/// Debian's `sshd.service` is a link to the package's `ssh.service`: the link is replaced, and the package's file stays.
#[test]
fn a_link_at_the_destination_is_replaced_and_never_written_through() {
    let text = format!(
        "[supervisord]\n{CONTROL}[program:sshd]\ncommand=/usr/sbin/sshd -D\nenvironment=API_TOKEN=\"sesame\"\n"
    );
    let desk = Desk::of(text);
    assert_eq!(desk.convert("--out d").code, 0);
    let page = Page::of(&fs::read_to_string(desk.join("d/HANDOVER.md")).unwrap());
    desk.write("root/lib/ssh.service", "of the package\n");
    desk.write("root/lib/secret", "of others\n");
    for folder in ["etc/systemd/system", "etc/supconv"] {
        fs::create_dir_all(desk.join("root").join(folder)).unwrap();
    }
    symlink(desk.join("root/lib/ssh.service"), desk.join("root/etc/systemd/system/sshd.service")).unwrap();
    symlink(desk.join("root/lib/secret"), desk.join("root/etc/supconv/sshd.env")).unwrap();
    let lines: Vec<String> =
        page.commands("1. Install").into_iter().filter(|line| line.starts_with("install ")).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let script = lines.join("\n").replace(" -t /etc", " -t ../root/etc");
    let ran = run(Command::new("sh").args(["-ec", &script]).current_dir(desk.join("d")));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(fs::read_to_string(desk.join("root/lib/ssh.service")).unwrap(), "of the package\n");
    assert_eq!(fs::read_to_string(desk.join("root/lib/secret")).unwrap(), "of others\n");
    let installed = desk.join("root/etc/systemd/system/sshd.service");
    assert!(fs::symlink_metadata(&installed).unwrap().is_file());
    assert!(fs::read_to_string(&installed).unwrap().contains("[program:sshd]"));
    let secret = fs::symlink_metadata(desk.join("root/etc/supconv/sshd.env")).unwrap();
    assert_eq!((secret.is_file(), secret.permissions().mode() & 0o7777), (true, 0o600));
    // What `cp` does.
    fs::remove_file(&installed).unwrap();
    symlink(desk.join("root/lib/ssh.service"), &installed).unwrap();
    assert!(Command::new("cp").args(["--", &desk.path("d/sshd.service")]).arg(&installed).status().unwrap().success());
    assert_ne!(fs::read_to_string(desk.join("root/lib/ssh.service")).unwrap(), "of the package\n");
}

#[test]
fn the_report_leads_to_the_page() {
    let desk = Desk::of(format!("[supervisord]\n{CONTROL}[program:a]\ncommand=/a\n"));
    let Run { out, .. } = desk.convert("--out d");
    assert!(out.starts_with("NEXT\n  less d/HANDOVER.md "), "{out}");
    let Run { err, .. } = desk.convert("");
    assert!(
        err.ends_with("program by program, back\n") && err.contains("NEXT\n  supconv to-systemd a.conf --out units\n"),
        "{err}"
    );
    let Run { out, .. } = desk.convert("");
    assert!(out.contains("\n# ==> HANDOVER.md <==\n") && !commands(&out).is_empty(), "{out}");
    // Nothing is installed where there is nothing.
    assert!(!Desk::of("[supervisord]\n").convert("").err.contains("NEXT"));
}
