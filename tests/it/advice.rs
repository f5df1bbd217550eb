//! Advice: what a finding points at, and the steps that it gives, to the letter where they are to be pasted.

use crate::support::desk::{Desk, flat, run};
use serde_json::Value;

/// The findings of one rule.
fn findings(desk: &Desk, arguments: &str, rule: &str) -> Vec<Value> {
    let lint = desk.json(&format!("lint --format json --min-severity info {arguments}"));
    let all = lint["findings"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|finding| finding["rule"] == rule).collect()
}

fn place(at: &Value) -> (u64, u64, u64) {
    let number = |value: &Value| value.as_u64().unwrap();
    (number(&at["start"]["line"]), number(&at["start"]["column"]), number(&at["end"]["column"]))
}

#[test]
fn prlimit_can_be_pasted() {
    let programs = "[program:web]\ncommand=/srv/web\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs=2\n";
    let server = "[unix_http_server]\nfile=/run/s.sock\n[supervisorctl]\nserverurl=unix:///run/s.sock\n\
                  [rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=a:b\n[supervisord]\n";
    let desk = Desk::new(&[("a.conf", &format!("{server}{programs}"))]);
    let help = |arguments: &str| {
        let found = findings(&desk, arguments, "SUP101");
        found[0]["help"].as_str().unwrap().to_owned()
    };
    let host = help("a.conf");
    for line in [
        "ulimit -n and limits.conf do not change this where systemd starts supervisord.",
        "now, as root, without a restart:",
        "  prlimit --pid $(supervisorctl pid web:web_00) --nofile=65536:",
        "  prlimit --pid $(supervisorctl pid) --nofile=65536:",
    ] {
        assert!(host.lines().any(|step| step == line), "{line}\n{host}");
    }
    assert!(host.contains("minfds=65536 here, or LimitNOFILE=65536:524288 in the unit"), "{host}");
    assert!(host.contains("supervisorctl reload do not apply it"), "{host}");
    let container = help("--target container a.conf");
    assert!(
        container.contains("prlimit --pid $(supervisorctl pid) --nofile=65536:\n  supervisorctl restart web:web_00\n")
    );
    assert!(container.contains("docker run --ulimit nofile=65536:524288"), "{container}");
    for word in ["boot", "the unit", "systemctl", "limits.conf"] {
        assert!(!container.contains(word), "{word}: {container}");
    }
    // On a terminal each step begins a line.
    let printed = desk.run("lint a.conf").out;
    assert!(
        printed.contains("\n          prlimit --pid $(supervisorctl pid web:web_00) --nofile=65536:\n"),
        "{printed}"
    );
    desk.write("a.conf", format!("{server}[program:web]\ncommand=/srv/web\n"));
    assert!(help("a.conf").contains("$(supervisorctl pid web)"));
    desk.write("a.conf", format!("{server}[program:it's me]\ncommand=/srv/web\n"));
    assert!(help("a.conf").contains("$(supervisorctl pid NAME)"));
}

#[test]
fn a_bad_percent_is_pointed_at() {
    let text = "[program:queue]\ncommand=php /srv/app/artisan queue:work\nuser=www-data\n\
                environment=APP_NAME=\"shop\",TOKEN=\"b64:Zk%0Oq1\",MAIL_FROM=\"hello%40example.org\"\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let found = findings(&desk, "a.conf", "SUP005");
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(place(one), (4, 42, 45));
    assert_eq!(one["message"], "'%0O' (and 1 more) is not a valid expansion, so supervisord refuses to start.");
    assert_eq!(place(&one["labels"][0]), (4, 65, 69));
    let said = one["supervisor"].as_str().unwrap();
    assert!(said.contains("unsupported format character 'O'"), "{said}");
    assert!(!desk.run("lint a.conf").out.contains("b64:Zk"));
    // The rest of a value with markup is not judged.
    desk.write("a.conf", "[program:a]\ncommand=a\n {{ x }}\n %h\nuser=b\n");
    assert_eq!(findings(&desk, "a.conf", "SUP005"), [Value::Null; 0]);
    // An ignore above the option covers all its lines.
    desk.write(
        "a.conf",
        "[program:a]\n; supconv: ignore[bad-percent] known\nenvironment=A=\"1\",\n B=\"%h\"\ncommand=a\nuser=b\n",
    );
    assert_eq!(findings(&desk, "a.conf", "SUP005"), [Value::Null; 0]);
    // The password itself is not pointed into.
    desk.write("a.conf", "[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword=ab%cd%ef\n");
    let found = findings(&desk, "a.conf", "SUP005");
    assert_eq!((place(&found[0]), &found[0]["labels"]), ((4, 10, 18), &serde_json::json!([])));
}

#[test]
fn a_bad_pair_is_pointed_at() {
    let desk = Desk::new(&[]);
    let one = |environment: &str| {
        desk.write("a.conf", format!("[program:a]\ncommand=a\nuser=b\nenvironment={environment}\n"));
        let found = findings(&desk, "a.conf", "SUP601");
        assert_eq!(found.len(), 1, "{environment}: {found:?}");
        let labels: Vec<_> = found[0]["labels"].as_array().unwrap().iter().map(place).collect();
        (place(&found[0]), labels, found[0]["message"].as_str().unwrap().to_owned())
    };
    let (at, labels, message) = one("A=\"1\",B=http://u@h,C=\"2\",D=x@y");
    assert_eq!((at, labels), ((4, 19, 31), vec![(4, 38, 43)]));
    assert!(message.ends_with("(and 1 more)."), "{message}");
    let (at, labels, message) = one("MODE=\"prod\",SURFACES=\"[{\\\"name\\\":\\\"web\\\"}]\",REGION=\"eu\"");
    assert_eq!((at.0, at.1, labels), (4, 25, vec![]));
    assert!(message.contains("the value of 'SURFACES' ends at a quote inside it"), "{message}");
    let help = desk.json("lint --format json --select SUP601 a.conf")["findings"][0]["help"].clone();
    assert_eq!(help, "put single quotes around the value of SURFACES and remove the backslashes.");
    let (at, labels, message) = one("A=\"1\",B=$HOME,C=x#y");
    assert_eq!((at, labels), ((4, 19, 26), vec![(4, 27, 32)]), "{message}");
    // Accepted, and read otherwise.
    let (at, labels, message) = one("\"A\"=1,'B'=2");
    assert_eq!((at, labels), ((4, 13, 18), vec![(4, 19, 24)]), "{message}");
}

#[test]
fn a_missing_directory_is_named_and_made() {
    let text = "[supervisord]\nuser=root\nlogfile=/var/log/nothing-of-the-kind/s.log\n\
                pidfile=/var/run/nothing-of-the-kind/s.pid\n[program:a]\ncommand=a\nuser=nobody-of-the-kind\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let found = findings(&desk, "--check-host a.conf", "SUP010");
    let said = |number: usize, field: &str| found[number][field].as_str().unwrap().to_owned();
    assert!(
        said(0, "message").starts_with("the directory /var/log/nothing-of-the-kind does not exist here (logfile=)")
    );
    assert!(said(0, "help").contains("LogsDirectory=nothing-of-the-kind"));
    assert!(
        said(1, "message").starts_with("the directory /var/run/nothing-of-the-kind does not exist here (pidfile=)")
    );
    let help = said(1, "help");
    let tmpfiles = "echo 'd /run/nothing-of-the-kind 0755 root root -' > /etc/tmpfiles.d/nothing-of-the-kind.conf";
    assert!(help.starts_with("now: mkdir -p /var/run/nothing-of-the-kind\n") && help.contains(tmpfiles), "{help}");
    assert!(
        said(2, "message").starts_with("'nobody-of-the-kind' names an account or a group that does not exist here")
    );
}

#[test]
fn an_include_that_is_not_here_may_bring_what_is_absent() {
    let text = "[unix_http_server]\nfile=/run/s.sock\n[supervisord]\n[include]\nfiles=/nothing-of-the-kind/*.conf\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let spoken = |arguments: &str| {
        let lint = desk.json(&format!("lint --format json --min-severity info {arguments}"));
        let all = lint["findings"].as_array().unwrap();
        all.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let silent = ["SUP202", "SUP702"];
    for arguments in ["a.conf", "--no-include a.conf"] {
        let spoken = spoken(arguments);
        assert!(spoken.iter().any(|rule| rule == "SUP101"), "{arguments}: {spoken:?}");
        assert!(!spoken.iter().any(|rule| silent.contains(&rule.as_str())), "{arguments}: {spoken:?}");
    }
    // The model takes it as Supervisor does: empty.
    desk.write("a.conf", format!("{text}[group:g]\nprograms=a\n"));
    assert!(desk.json("show --format json a.conf")["ok"] == false);
}

#[test]
fn of_many_programs_the_same_is_said() {
    let programs = "[program:a]\ncommand=a\n[program:b]\ncommand=b\n[program:c]\ncommand=c\n";
    let desk = Desk::new(&[("a.conf", programs), ("main.conf", &format!("[supervisord]\n{programs}"))]);
    let fragment = flat(&desk.run("lint --min-severity info a.conf").out);
    assert!(fragment.contains("a has no user=, so it runs as supervisord's user (root in"), "{fragment}");
    assert!(fragment.contains("Alpine), and so do b, c."), "{fragment}");
    let main = flat(&desk.run("lint main.conf").out);
    assert!(
        main.contains("a has no user=, so it runs as the user who starts supervisord, usually root, and so do b, c."),
        "{main}"
    );
}

#[test]
fn an_image_with_user_root_names_the_programs_too() {
    let text = "[supervisord]\nnodaemon=true\nuser=root\nminfds=65536\n[program:api]\ncommand=node\nuser=node\n";
    let desk = Desk::new(&[("a.conf", text)]);
    let found = findings(&desk, "a.conf", "SUP202");
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (place(one), place(&one["labels"][0]), &one["severity"]),
        ((3, 6, 10), (7, 6, 10), &Value::from("info"))
    );
}

#[test]
fn what_is_to_be_quoted_can_be_pasted() {
    let desk = Desk::new(&[]);
    for (environment, help) in [
        ("A=http://u@h,B=1", "quote the value: A=\"http://u@h\""),
        ("A=http://h/x?y=1", "quote the value: A=\"http://h/x?y=1\""),
        ("JMX=$REST_PORT,B=1", "Supervisor is not a shell: write JMX=\"%(ENV_REST_PORT)s\""),
        ("A=x/${HOME}/y@z", "Supervisor is not a shell: write A=\"x/%(ENV_HOME)s/y@z\""),
        ("A=$B$C", "Supervisor is not a shell: quote the value of A, and write variables as %(ENV_NAME)s."),
        ("A=50%%", "put quotes around the value of A."),
        ("API_TOKEN=ab#cd", "put quotes around the value of API_TOKEN."),
    ] {
        desk.write("a.conf", format!("[program:a]\ncommand=a\nuser=b\nenvironment={environment}\n"));
        let found = findings(&desk, "a.conf", "SUP601");
        let rendered = "\nif a script fills the file in before supervisord starts, lint what it makes.";
        let shell = help.starts_with("Supervisor is not a shell");
        assert_eq!(found[0]["help"], [help, if shell { rendered } else { "" }].concat(), "{environment}");
    }
}

/// A reference to a variable does not save the quotes at the ends of its value: Supervisor puts it in before it reads the list.
#[test]
fn a_value_between_quotes_of_its_own_is_set_elsewhere() {
    let program = "[supervisord]\nuser=root\nminfds=65536\n[program:a]\ncommand=/srv/a\nuser=a\nenvironment=";
    let desk = Desk::new(&[
        ("quotes.conf", &format!("{program}MOTTO='\"hi\"'\n")),
        ("taken.conf", &format!("{program}MOTTO=\"%(ENV_MOTTO)s\"\n")),
    ]);
    let found = findings(&desk, "quotes.conf", "SUP601");
    let help = found[0]["help"].as_str().unwrap();
    assert!(help.contains("the environment that starts supervisord, not here") && !help.contains("%(ENV_"), "{help}");
    let taken = run(&mut desk.command(&["show", "--env", "MOTTO=\"hi\"", "taken.conf"])).out;
    assert!(taken.contains("MOTTO=") && !taken.contains("MOTTO=\"hi\""), "{taken}");
}

#[test]
fn a_variable_that_a_value_needs_twice_is_named_once() {
    let desk = Desk::new(&[("a.conf", "[program:a]\ncommand=%(ENV_HOME)s/a %(ENV_PORT)s %(ENV_HOME)s\n")]);
    let said = flat(&desk.run("to-systemd a.conf").err);
    let sentence = "no unit is written, because command= needs HOME, PORT, which is not known here; give --env HOME=VALUE --env \
                    PORT=VALUE.";
    assert!(said.contains(sentence), "{said}");
}

#[test]
fn a_stop_that_waits_for_nothing_is_not_twice_as_long() {
    let stop = |seconds: u32| {
        let text = format!("[program:a]\ncommand=/bin/a\nstopasgroup=true\nstopwaitsecs={seconds}\n");
        flat(&Desk::of(text).run("to-systemd --details a.conf").err)
    };
    assert!(stop(5).contains("a stop can take up to twice 5 s"));
    let said = stop(0);
    assert!(said.contains("killed after 0 s.") && !said.contains("up to twice"), "{said}");
}

#[test]
fn what_only_lacks_the_number_of_its_process_asks_for_nothing_else() {
    let text = "[program:a]\ncommand=/bin/a\nnumprocs=%(ENV_COUNT)s\nprocess_name=a_%(process_num)s\n\
                stdout_logfile=/var/log/%(process_num)s.log\nenvironment=N=%(process_num)d\n";
    let desk = Desk::of(text);
    let plan = desk.plan("");
    let lost: Vec<_> =
        plan["losses"].as_array().unwrap().iter().map(|loss| loss["message"].as_str().unwrap()).collect();
    assert!(lost.iter().any(|said| said.contains("numprocs= needs COUNT")), "{lost:#?}");
    assert!(!lost.iter().any(|said| said.contains("an environment variable or the host name")), "{lost:#?}");
    let told = flat(&desk.convert("").err);
    assert!(told.ends_with("add --allow-loss=numprocs") && told.contains("5 lost"), "{told}");
    let shown = desk.run("show a.conf").out;
    assert!(shown.lines().any(|line| line.starts_with("a:a_%(process_num)s ")), "{shown}");
}
