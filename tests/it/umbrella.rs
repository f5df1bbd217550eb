//! The target of everything, what is enabled with it, and what all units are told by flags; the text of a unit.

use std::fs;

use crate::support::desk::{Desk, flat, run, values};
use serde_json::{Value, json};

const HEAD: &str = "[supervisord]\nuser=root\n";

/// A web server, a pool, a group with a member that is started by hand.
const PROGRAMS: &str = "[program:web]\ncommand=/bin/web\nuser=www\n[program:w]\ncommand=/bin/w\nuser=www\nnumprocs=2\n\
                        process_name=%(program_name)s_%(process_num)02d\npriority=1\n[group:g]\nprograms=a,b,c\npriority=2\n\
                        [program:a]\ncommand=/bin/a\nuser=www\n[program:b]\ncommand=/bin/b\nuser=www\nautostart=false\n\
                        [program:c]\ncommand=/bin/c\nuser=www\n";

fn words<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    lines.iter().flat_map(|line| line.split(' ')).collect()
}

#[test]
fn everything_is_enabled_with_the_umbrella_of_a_whole_file() {
    let desk = Desk::of([HEAD, PROGRAMS].concat());
    let plan = desk.plan("");
    let umbrella = desk.unit("", "supervisord.target");
    let enable = ["w.target", "g.target", "w@00.service", "w@01.service", "g-a.service", "g-c.service", "web.service"];
    assert_eq!(words(&values(&umbrella, "Also")), enable, "{umbrella}");
    assert_eq!(plan["enable"], json!([&["supervisord.target"][..], &enable[..]].concat()));
    assert!(umbrella.starts_with("# supconv: all programs of a.conf\n"), "{umbrella}");
    // Those below it come before it, or its start would not wait for their members.
    for target in ["w.target", "g.target"] {
        let target = desk.unit("", target);
        assert_eq!(
            (values(&target, "Before"), values(&target, "PartOf")),
            (vec!["supervisord.target"], vec!["supervisord.target"])
        );
    }
    // A target stands for those that it starts.
    let web = desk.unit("", "web.service");
    let after = ["network.target", "w.target g.target g-b.service"];
    assert_eq!(values(&web, "After"), after, "{web}");

    // Many stand in several lines, which can be read.
    let many: String = (0..60)
        .map(|number| format!("[program:program-{number}]\ncommand=/bin/p\nuser=www\n"))
        .collect::<Vec<_>>()
        .concat();
    let desk = Desk::of([HEAD, &many].concat());
    let umbrella = desk.unit("", "supervisord.target");
    let also = values(&umbrella, "Also");
    assert!(also.len() > 5 && also.iter().all(|line| line.len() <= 100), "{umbrella}");
    assert_eq!(words(&also).len(), 60);
}

#[test]
fn fragments_that_are_converted_one_by_one_fit_together() {
    let one = "[program:one]\ncommand=/bin/one\n";
    let desk = Desk::new(&[("one.conf", one), ("two.conf", "[program:two]\ncommand=/bin/two\n")]);
    let convert = |arguments: &str| {
        let run = desk.run(&format!("to-systemd {arguments}"));
        assert_eq!(run.code, 0, "{arguments}: {}{}", run.out, run.err);
        run.out
    };
    let read = |name: &str| fs::read_to_string(desk.join("d").join(name)).unwrap();
    convert("one.conf --out d");
    let umbrella = read("supervisord.target");
    assert!(!umbrella.contains("conf") && !umbrella.contains("Also="), "{umbrella}");
    convert("two.conf --out d");
    convert("one.conf --out d --check");
    // It belongs to nobody, and is pruned with nobody.
    convert("two.conf --out d --prune --force --target shop");
    assert_eq!(read("supervisord.target"), umbrella);
    assert!(read("shop.target").contains("# supconv: all programs\n"));
    // A part of a whole file is such a part too.
    desk.write("whole.conf", [HEAD, PROGRAMS].concat());
    convert("whole.conf --only web --out d");
    assert_eq!(read("supervisord.target"), umbrella);
    // The umbrella of a whole file is its own.
    convert("whole.conf --out e");
    let pruned = convert("whole.conf --out e --prune --target shop --force");
    assert!(!desk.join("e/supervisord.target").exists(), "{pruned}");
}

#[test]
fn the_umbrella_may_have_another_name() {
    let desk = Desk::of([HEAD, PROGRAMS].concat());
    for name in ["shop", "shop.target"] {
        let flags = format!("--target {name} --prefix p-");
        let plan = desk.plan(&flags);
        assert_eq!(plan["enable"][0], "shop.target", "{name}");
        assert_eq!(values(&desk.unit(&flags, "p-web.service"), "PartOf"), ["shop.target"]);
        let run = desk.convert(&flags);
        let typed = format!("supconv to-systemd --target {name} --prefix p- a.conf --out units");
        assert!(run.err.contains(&typed), "{}{}", run.out, run.err);
    }
    for wrong in ["network.target", "multi-user", "a.service", "a@", "-a", ".target", "a/b"] {
        assert_eq!(desk.convert(&format!("--target {wrong}")).code, 2, "{wrong}");
    }
    // A group that is called so has no place beside it.
    assert_eq!(desk.plan("--target g")["errors"].as_array().unwrap().len(), 1);
}

#[test]
fn all_services_wait_for_what_is_named() {
    let desk = Desk::of([HEAD, PROGRAMS].concat());
    let flags = "--after redis-server.service,postgresql@15-main.service --after srv.mount";
    for unit in ["web.service", "w@.service", "g-b.service"] {
        let text = desk.unit(flags, unit);
        let after = values(&text, "After");
        assert_eq!(
            after[..2],
            ["network.target", "redis-server.service postgresql@15-main.service srv.mount"],
            "{text}"
        );
        assert_eq!(values(&text, "Wants"), [""; 0]);
        let text = desk.unit("--network-online", unit);
        assert_eq!(
            (values(&text, "After")[0], values(&text, "Wants")),
            ("network-online.target", vec!["network-online.target"])
        );
    }
    assert_eq!(values(&desk.unit(flags, "g.target"), "After"), [""; 0]);
    for wrong in ["redis", "", "a b.service", "a%n.service", "multi-user.target", ".service"] {
        assert_eq!(run(&mut desk.command(&["to-systemd", "a.conf", "--after", wrong])).code, 2, "{wrong}");
    }
    for own in ["web.service", "w@01.service", "supervisord.target", "g.target"] {
        let plan = desk.plan(&format!("--after {own}"));
        let said = plan["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(said.contains(own) && said.contains("cannot wait for itself"), "{own}: {plan}");
    }
}

#[test]
fn programs_are_restarted_for_ever_on_request() {
    let desk = Desk::of(format!(
        "{HEAD}[program:w]\ncommand=/bin/w\nstartretries=7\n[program:never]\ncommand=/bin/n\nautorestart=false\n\
         [program:zero]\ncommand=/bin/z\nstartsecs=0\n"
    ));
    for (unit, limit, delay) in [("w", "0", vec!["5s"]), ("never", "0", vec![]), ("zero", "0", vec!["1s"])] {
        let text = desk.unit("--restart-forever", &format!("{unit}.service"));
        assert_eq!(
            (values(&text, "StartLimitIntervalSec"), values(&text, "RestartSec")),
            (vec![limit], delay),
            "{unit}"
        );
        assert_eq!(values(&text, "StartLimitBurst"), [""; 0]);
    }
    let told = |flags: &str, words: &str| {
        let plan = desk.plan(flags);
        let of = |loss: &&Value| loss["section"] == "program:w" && loss["message"].as_str().unwrap().contains(words);
        plan["losses"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of)
            .map(|loss| loss["option"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(told("--restart-forever", "never gives up"), ["startretries"]);
    assert_eq!(told("", "is given up after 29 starts, not 8"), ["startretries"]);
    assert_eq!(told("", "between 0.5 and 1 s is never given up"), ["startsecs"]);
    assert!(told("--restart-forever", "is given up after").is_empty());
}

/// What is the same in all units, and what systemd does anyway, stands in none.
#[test]
fn a_unit_has_no_line_that_says_nothing() {
    let desk = Desk::of(format!(
        "{HEAD}minfds=4096\nminprocs=5000\n[program:web]\ncommand=/bin/web\nuser=www\n\
         [program:own]\ncommand=/bin/own\nuser=www\nstopsignal=TERM\numask=022\nstopasgroup=true\n[group:g]\nprograms=g_1,other\n\
         [program:g_1]\ncommand=/bin/g\nuser=www\n[program:other]\ncommand=/bin/g\nuser=www\n"
    ));
    let web = desk.unit("", "web.service");
    let comments = |unit: &str| unit.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!((comments(&web), values(&web, "Description")), (1, vec!["web"]), "{web}");
    for key in ["KillSignal", "StandardInput", "UMask"] {
        assert_eq!(values(&web, key), [""; 0], "{web}");
    }
    assert_eq!(values(&web, "TimeoutStopSec"), ["10s"]);
    // What is written stays, and what differs from the others is said.
    let own = desk.unit("", "own.service");
    assert_eq!(
        (values(&own, "KillSignal"), values(&own, "UMask"), comments(&own)),
        (vec!["SIGTERM"], vec!["0022"], 2),
        "{own}"
    );
    assert_eq!(values(&desk.unit("", "g-other.service"), "Description"), ["g:other"]);
    assert_eq!(values(&desk.unit("", "g_1.service"), "Description"), ["g_1"]);
    for unit in ["g.target", "supervisord.target", "web.service", "own.service"] {
        let text = desk.unit("", unit);
        let description = values(&text, "Description")[0];
        assert!(!description.contains("supervisor"), "{text}");
    }
    // The report says it once.
    let report = flat(&desk.convert("--details").err);
    for words in
        ["remaining children are killed", "all 4 units: 4096:524288, from minfds=4096", "minprocs is a minimum"]
    {
        assert_eq!(report.matches(words).count(), 1, "{words}: {report}");
    }
}
