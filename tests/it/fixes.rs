//! The laws of fixes, held by each that is offered: over the pages of the rules, both corpora, cases of life and generated files
//! with planted faults. The judge of what a fix changes is the real Supervisor.
//!
//! `SUPCONV_FIXES=20000 SUPCONV_SEED=1 cargo test --test it fixes::generated` is the long run; one seed is one file.

mod case;
mod edits;
mod judged;
mod laws;
mod sums;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, thread};

use crate::support::desk::Desk;
use crate::support::plant;
use crate::support::python::{self, Judge};
use crate::support::{corpus, machine};
use case::{Case, MAIN, write};
use judged::Judged;
use sums::Sums;
use supconv::fix::Applicability;
use supconv::lint::adopting;
use supconv::lint::mending::{self, Endless};
use supconv::reading::Texts;
use supconv::report::Report;
use supconv::rules::{Page, RULES};

/// A page whose rule mends says so, and the fixes of its example make the other one of it.
#[test]
fn fixes_of_each_page_make_the_good_example_of_the_bad_one() {
    let desk = Desk::new(&[]);
    for name in ["api", "web"] {
        desk.write(&format!("conf.d/{name}.conf"), format!("[program:{name}]\ncommand=/srv/{name}\nuser={name}\n"));
    }
    for check in RULES {
        let page = Page::of(&check.rule).unwrap();
        let name = check.rule.name;
        assert_eq!(check.fix.is_some(), !page.fix.is_empty(), "{name}: its page and its code differ");
        if page.fix.is_empty() {
            continue;
        }
        let words = ["Safe: ", "Unsafe: ", "Safe or unsafe: "];
        assert!(words.iter().any(|word| page.fix.starts_with(word)), "{name}: {}", page.fix);
        let case = Case::new(&desk, name, page.bad.into(), None);
        let mut kinds = BTreeSet::new();
        let lint = |texts: &Texts| -> Result<Report, Endless> {
            let mut report = case.lint_in(texts);
            report.findings.retain(|finding| finding.rule.code == check.rule.code);
            kinds.extend(report.findings.iter().filter_map(|finding| Some(finding.fix.as_ref()?.applicability)));
            Ok(report)
        };
        let mended = mending::mend(&mut Texts::default(), Applicability::Unsafe, lint).ok().unwrap();
        let text = mended.files.first().map_or("", |file| std::str::from_utf8(&file.after).unwrap());
        assert_eq!(text, page.good, "{name}");
        for (kind, word) in [(Applicability::Safe, "Safe"), (Applicability::Unsafe, "nsafe")] {
            assert!(!kinds.contains(&kind) || page.fix.contains(word), "{name}: its page does not say {kind:?}");
        }
    }
}

/// Does something with each number below a bound, on all cores, each with a judge and a desk of its own; `None` without a judge.
fn each(count: u64, name: &str, one: impl Fn(u64, &mut Judge, &Path, &mut Sums) + Sync) -> Option<Sums> {
    python::judge()?;
    let next = AtomicU64::new(0);
    let sums = Mutex::new(Sums::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut judge = python::judge().expect("there was a judge");
                let desk = Desk::in_memory();
                let mut own = Sums::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    one(at, &mut judge, &desk, &mut own);
                }
                sums.lock().unwrap().add(own);
            });
        }
    });
    let sums = sums.into_inner().unwrap();
    sums.verdict(name);
    Some(sums)
}

/// The files of a folder, each as the main file, and included by one.
fn files(name: &str, files: &[PathBuf]) {
    let _sums = each(files.len() as u64, name, |at, judge, desk, sums| {
        let file = &files[usize::try_from(at).unwrap()];
        let (title, bytes) = (file.display().to_string(), fs::read(file).unwrap());
        laws::hold(judge, &Case::new(desk, &title, bytes.clone(), None), sums);
        laws::hold(judge, &Case::new(desk, &format!("{title}, included"), MAIN.into(), Some(bytes)), sums);
    });
}

#[test]
fn fixes_of_our_own_corpus_keep_the_laws() {
    files("fixes of corpus/", &corpus::own());
}

#[test]
fn fixes_of_files_from_life_keep_the_laws() {
    if let Some(directory) = corpus::from_life() {
        files("fixes of files from life", &corpus::of(&directory));
    }
}

#[test]
fn fixes_of_cases_of_life_keep_the_laws() {
    match env::var_os("SUPCONV_FIELD").map(PathBuf::from).filter(|path| path.is_dir()) {
        Some(directory) => files("fixes of cases of life", &corpus::of(&directory)),
        None => machine::said("fixes of cases of life", "SUPCONV_FIELD names no folder"),
    }
}

/// Files whose fixes broke a law: a main file, and what it includes.
const BROKEN: &[(&str, Option<&str>)] = &[
    // An option that is new in [DEFAULT] is one of each section that has none.
    ("[supervisord]\nuser=root\n[DEFAULT]\nstdout_logfile=/x\n user=www-data\n[program:a]\ncommand=/a\n", None),
    // The list of [DEFAULT] is expanded twice for supervisord, and once for programs.
    ("[DEFAULT]\nenvironment=A=\"%Y\"\n[supervisord]\n[program:a]\ncommand=/a\n[program:b]\ncommand=/b\n", None),
    // What is included ends supervisord after it has read all.
    (
        "[supervisord]\nuser=root\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
         [include]\nfiles=conf.d/*.conf, more/*.conf\n",
        Some("[DEFAULT]\nstdout_logfile=/x\n"),
    ),
    // A path that %(here)s copies into each section.
    (
        "[DEFAULT]\nstdout_logfile=%(here)s/a_%(program_name)s.log\nstdout_logfile_maxbytes=50\n[supervisord]\n\
         [program:a]\ncommand=/a\n[program:b]\ncommand=/b\n",
        None,
    ),
    // The last line has no end, nor has that above the one that goes.
    ("[supervisord]\nminfds=65536\nuser=root\n\n; supconv: ignore[default-minfds]", None),
    // One of two commands that say the same.
    ("[supervisord]\n[program:a]\ncommand=gunicorn -D shop.wsgi\nuser=a\ncommand=gunicorn -D shop.wsgi\n", None),
    // No process is left by one of two fixes, so that nothing is said of what the other brings.
    (
        "[supervisord]\n[program:b]\ncommand=/srv/b\nstdout_logfile= /dev/stdout\n autorestart= always\n\
         autorestart= unexpected\nuser= api\n numprocs= 0\n",
        None,
    ),
    // The word of a shell is found only in a command that does not insert the whole environment.
    ("[supervisord]\nuser=root\n[program:c]\ncommand=date +%s\n X=$HOME\nuser=api\n", None),
    // Ten fixes of one rule, of which one raises the limit that another one needs.
    (
        "[supervisord]\nuser=root\nlogfile=/s.log\n minfds=65536\n[program:big]\nprocess_name=%(process_num)03d\n\
         command=/srv/b\n numprocs=300\n\
         [program:f0]\ncommand=/srv/f\n autostart=false\n\
         [program:f1]\ncommand=/srv/f\n autostart=false\n\
         [program:f2]\ncommand=/srv/f\n autostart=false\n\
         [program:f3]\ncommand=/srv/f\n autostart=false\n\
         [program:f4]\ncommand=/srv/f\n autostart=false\n\
         [program:f5]\ncommand=/srv/f\n autostart=false\n\
         [program:f6]\ncommand=/srv/f\n autostart=false\n\
         [program:f7]\ncommand=/srv/f\n autostart=false\n\
         [program:f8]\ncommand=/srv/f\n autostart=false\n\
         ",
        None,
    ),
    // Without its shell, which waits for it, setsid starts what nobody watches.
    ("[supervisord]\nuser=root\n[program:a]\ncommand=sh -c '/usr/bin/setsid /srv/api'\nuser=api\n", None),
    // What the list has is for a shell too.
    ("[supervisord]\nuser=root\n[program:a]\ncommand=/a --home $HOME\nuser=u\nenvironment=HOME=\"$HOME\"\n", None),
    // The list has a variable of that name too, which is meant and cannot be named.
    (
        "[supervisord]\nuser=root\nenvironment=FOO=\"1\"\n[program:a]\ncommand=/a\nuser=u\n\
         environment=FOO=\"2\",BAR=\"$FOO\"\n",
        None,
    ),
    // What a web server inherits of [DEFAULT] means nothing to it.
    (
        "[DEFAULT]\nnumprocs=\"2\"\nredirect_stderr=\"true\"\n[supervisord]\n[rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n[program:a]\n\
         process_name=%(process_num)s\ncommand=/a\n",
        None,
    ),
    // A line that a value has swallowed is one of its own section, which inherits another one so far.
    (
        "[supervisord]\nuser=root\nminfds=65536\n\n[include]\nfiles = conf.d/*.conf\n",
        Some(
            "[supervisord]\n  pidfile=/run/supervisord.pid\n    minfds=65536\n  \tstdout_logfile=/x\n\n[program:a]\n  COMMAND=/srv/api\n\
             \x20 stderr_logfile_maxbytes=0\n\n[DEFAULT]\n  \tstdout_logfile=/dev/stdout\n  stopasgroup=true\n",
        ),
    ),
    // Below a line that is no option a line is a part of the value above it.
    (
        "[supervisord]\n    minfds:65536\n\n[program:a]\n    command:/srv/api -f \\\n  -p /x\\\n  --all\n    password:x\n\
         [DEFAULT]\n    stdout_logfile:/dev/stdout\n",
        None,
    ),
    // killasgroup=false comes to light beside a stopasgroup=true that another fix writes.
    (
        "[program:a]\ncommand =/bin/dash -lc \"/srv/api\"\n  stderr_logfile =/var/log/x.log\n\tkillasgroup =false\n\
         stdout_logfile =/var/log/%(program_name)s.log\n",
        None,
    ),
    // 300 processes that come to light need more files than minfds gives: many fixes are tried together, one of which raises it.
    (
        "[supervisord]\n\n[program:a]\ncommand =\"/srv/api --x\"\nlogfile =/var/log/api.log\n\n[program:b]\n\
         command =/srv/api > /var/log/x 2>&1\nstartsecs =0\nuser =api\nuser =api\n# between\n\
         process_name =%(program_name)s_%(process_num)02d\n\n[include]\nfiles = conf.d/*.conf\n",
        Some(
            "[supervisord]\n\tdirectory= /\n\tumask= 000 ; note\n\tuser= root\n\n[program:a]\n\
             \t\tcommand= sudo -u www-data /srv/api\n\tstdout_events_enabled= true\n\tstopwaitsecs= 10;x\n\
             \t\tstopwaitsecs= 1\n\n[program:b]\n\tcommand= php /srv/artisan queue:work --max-time=60\n\
             \t\tnumprocs= 300\n\n\t; supconv: ignore[SUP010, SUP201] why\n[program:c]\n\
             \t\tcommand= /srv/api --home $HOME\n\t  user= www-data\n[inet_http_server]\n\tport= *:9001\n\
             [inet_http_server]\n\tport= 0.0.0.0:9001\n[eventlistener:l]\n\t  command= /srv/l\n\
             \tevents= PROCESS_STATE\n\tredirect_stderr= true\n",
        ),
    ),
];

#[test]
fn fixes_of_files_that_broke_a_law_keep_them() {
    let _sums = each(BROKEN.len() as u64, "fixes of files that broke a law", |at, judge, desk, sums| {
        let (main, included) = BROKEN[usize::try_from(at).unwrap()];
        let included = included.map(|text| text.as_bytes().to_vec());
        let case = || Case::new(desk, &format!("case {at}"), main.into(), included.clone());
        laws::hold(judge, &case(), sums);
        laws::hold(judge, &case().open(), sums);
    });
}

/// The files of a seed: one alone, one that a main file includes, or two with faults.
fn planted(desk: &Path, seed: u64) -> Case {
    let (title, bytes) = (format!("seed {seed}"), plant::file(seed));
    let case = match seed % 4 {
        0 => Case::new(desk, &title, MAIN.into(), Some(bytes)),
        1 => {
            let other = plant::file(seed ^ 1 << 40);
            // A second [include] would replace this one's files.
            let including = if bytes.windows(9).any(|piece| piece == b"[include]") {
                bytes
            } else {
                [&bytes[..], b"\n[include]\nfiles = conf.d/*.conf\n"].concat()
            };
            Case::new(desk, &title, including, Some(other))
        }
        _ => Case::new(desk, &title, bytes, None),
    };
    if seed % 8 < 4 { case } else { case.open() }
}

/// Files with faults of every kind in every form that a line can have.
#[test]
fn fixes_of_generated_files_keep_the_laws() {
    let number = |name: &str, default: u64| env::var(name).ok().map_or(default, |value| value.parse().unwrap());
    let (cases, first) = (number("SUPCONV_FIXES", 500), number("SUPCONV_SEED", 1));
    let name = format!("fixes of {cases} generated files from seed {first}");
    let sums = each(cases, &name, |at, judge, desk, sums| {
        laws::hold(judge, &planted(desk, first.wrapping_add(at)), sums);
    });
    // Few files have not all faults.
    let Some(sums) = sums.filter(|_| cases >= 500) else { return };
    let mends = RULES.iter().filter(|check| check.fix.is_some());
    let idle: Vec<_> = mends.map(|check| check.rule.code).filter(|code| !sums.has_mended(code)).collect();
    assert!(idle.len() <= 5, "no fix was held to the laws of {idle:?}");
}

/// Comments that ignore findings change nothing under Supervisor, and leave nothing to find.
#[test]
fn files_that_ignore_what_is_found_mean_what_they_meant() {
    let files = corpus::all();
    let _sums =
        each(
            files.len() as u64 + 200,
            "files that ignore what is found",
            |at, judge, desk, sums| match usize::try_from(at).ok().and_then(|at| files.get(at)) {
                Some(file) => {
                    let (title, bytes) = (file.display().to_string(), fs::read(file).unwrap());
                    adopted(judge, &Case::new(desk, &title, bytes.clone(), None), sums);
                    adopted(judge, &Case::new(desk, &format!("{title}, included"), MAIN.into(), Some(bytes)), sums);
                }
                None => adopted(judge, &planted(desk, at), sums),
            },
        );
}

fn adopted(judge: &mut Judge, case: &Case, sums: &mut Sums) {
    sums.files += 1;
    let mut written = case.files.clone();
    let lint = |texts: &Texts| -> Result<Report, Endless> { Ok(case.lint_in(texts)) };
    let mended = adopting::adopt(&mut Texts::default(), "as it was", lint).ok().unwrap();
    sums.mended += usize::from(!mended.files.is_empty());
    written.extend(mended.files.iter().map(|file| (file.file.clone(), file.after.to_vec())));
    let before = Judged::of(case, judge);
    write(&written);
    for finding in case.lint().findings.iter().filter(|finding| finding.rule.code != "SUP001") {
        let law = format!("it is not ignored: {} at {:?}", finding.message, finding.start);
        sums.broken(&case.title, Some(finding), &law, &case.files, &written);
    }
    sums.judged += 1;
    let same = before.and_then(|before| Ok(before.is(&Judged::of(case, judge)?)));
    if same != Ok(true) {
        sums.broken(&case.title, None, &format!("comments change what it means: {same:?}"), &case.files, &written);
    }
}
