//! The image of `packaging/Dockerfile`: built by docker where that runs, else its steps are taken by hand.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{Packages, VERSION, built, says, succeeds};
use crate::support::desk::{Desk, run};
use crate::support::{machine, python};

const DOCKERFILE: &str = include_str!("../../../packaging/Dockerfile");
const FILE: &str = "[supervisord]\n[program:web]\ncommand=/srv/web\n";

/// The instructions, each on one line, and no comments.
fn instructions() -> Vec<(String, String)> {
    let lines = DOCKERFILE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    text.lines().filter_map(|line| line.split_once(' ')).map(|(name, rest)| (name.into(), rest.into())).collect()
}

#[test]
fn the_image_has_the_program_and_runs_it_for_nobody() {
    let Some(packages) = built() else { return };
    if !machine::root() {
        return machine::passed_over("the image", "only root can enter a root folder");
    }
    let engine = Command::new("docker").arg("info").output().is_ok_and(|output| output.status.success());
    if engine { by_docker(packages) } else { by_hand(packages) }
}

fn by_docker(packages: &Packages) {
    let desk = Desk::new(&[("Dockerfile", DOCKERFILE), ("src/supervisord.conf", FILE)]);
    fs::create_dir(desk.join("dist")).unwrap();
    fs::copy(&packages.wheel, desk.join("dist").join(packages.wheel.file_name().unwrap())).unwrap();
    let image = format!("supconv-test:{}", std::process::id());
    succeeds(Command::new("docker").args(["build", "--quiet", "--tag", &image]).arg(&*desk));
    let mounted = format!("{}:/src:ro", desk.join("src").display());
    let docker = |arguments: &[&str]| {
        let mut docker = Command::new("docker");
        docker.args(["run", "--rm", "--network", "none", "--volume", &mounted, &image]).args(arguments);
        docker
    };
    let version = says(&mut docker(&["--version"]));
    let lint = run(&mut docker(&["lint", "."]));
    succeeds(Command::new("docker").args(["image", "rm", "--force", &image]));
    assert_eq!(version, format!("supconv {VERSION}\n"));
    assert!(lint.code == 1 && lint.out.contains("supervisord.conf:1:2: warning[default-minfds]"), "{lint:?}");
}

fn by_hand(packages: &Packages) {
    machine::said("docker build", "no engine answers `docker info`; the steps of the Dockerfile are taken by hand");
    let Ok((python, _)) = python::interpreter() else { return };
    let desk = Desk::new(&[("dist/none", "")]);
    fs::copy(&packages.wheel, desk.join("dist").join(packages.wheel.file_name().unwrap())).unwrap();
    // pip, as python's own image has it in PATH.
    succeeds(Command::new(python).args(["-m", "venv"]).arg(desk.join("venv")));
    let all = instructions();
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["FROM", "COPY", "RUN", "FROM", "COPY", "USER", "WORKDIR", "ENTRYPOINT"]);
    let of = |at: usize| all[at].1.as_str();
    assert_eq!((of(1), of(3), of(4)), ("dist/*.whl /dist/", "scratch", "--from=build /image /"));

    // Each path of the step lies on the desk instead of at the root.
    let mut step = of(2).to_owned();
    for folder in ["dist", "wheel", "image"] {
        for before in [" /", "\"/"] {
            step = step.replace(&format!("{before}{folder}"), &format!("{}{}/{folder}", &before[..1], desk.display()));
        }
    }
    let mut shell = Command::new("sh");
    succeeds(shell.args(["-euc", &step]).env("PATH", super::path_with(&[&desk.join("venv/bin")])));

    let image = desk.join("image");
    fs::write(image.join("src/supervisord.conf"), FILE).unwrap();
    // The temporary folders of tests may be closed to others.
    for path in [&image, &image.join("src")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = of(7).trim_matches(['[', ']', '"']);
    let entered = |arguments: &[&str]| {
        let mut chroot = Command::new("chroot");
        chroot.args(["--userspec", of(5)]).arg(&image).arg(program).args(arguments).env_clear();
        chroot.env("PATH", std::env::var_os("PATH").unwrap());
        chroot
    };
    assert_eq!(says(&mut entered(&["--version"])), format!("supconv {VERSION}\n"));
    // The folder of the image in which it starts is not kept by chroot.
    let lint = run(&mut entered(&["lint", &format!("{}/supervisord.conf", of(6))]));
    assert!(lint.code == 1 && lint.out.contains("/src/supervisord.conf:1:2: warning[default-minfds]"), "{lint:?}");
    let size = says(Command::new("du").args(["-s", "--block-size=1000"]).arg(&image));
    let size: u64 = size.split_whitespace().next().unwrap().parse().unwrap();
    assert!(size < 12_000, "the image has {size} kB");
}
