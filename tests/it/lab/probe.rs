//! A program for the lab: writes what it was started with to `RECORD.*`, then does what its second argument says.

#![no_main] // Rust's own start would ignore SIGPIPE, and open what is closed of the first three descriptors.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::channel;
use std::time::Duration;

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let done = match words.get(1..) {
        Some([verb, socket]) if verb == "connect" => connect(socket),
        Some([record, rest @ ..]) if record.starts_with("/lab/") => {
            write(record).and_then(|()| act(record, rest.first().map_or("stay", String::as_str)))
        }
        _ => name().and_then(|name| write(&format!("/lab/out/{name}"))),
    };
    done.map_or_else(|error| drop(writeln!(io::stderr(), "{error}")), drop);
    0
}

/// The unit's name is in the cgroup: nothing that is under test has to be right for it. Under Supervisor there is none.
fn name() -> io::Result<String> {
    let cgroup = fs::read_to_string("/proc/self/cgroup")?;
    let unit = cgroup.trim_end().rsplit('/').next().filter(|unit| unit.ends_with(".service")).map(str::to_owned);
    Ok(unit.or_else(|| std::env::var("SUPERVISOR_PROCESS_NAME").ok()).unwrap_or_default())
}

fn write(record: &str) -> io::Result<()> {
    let write = |what: &str, bytes: &[u8]| File::create(format!("{record}.{what}"))?.write_all(bytes);
    // Once only: a second start sees the same.
    if fs::exists(format!("{record}.done"))? {
        return Ok(());
    }
    write("argv", &fs::read("/proc/self/cmdline")?)?;
    write("environ", &fs::read("/proc/self/environ")?)?;
    write("cwd", fs::read_link("/proc/self/cwd")?.as_os_str().as_encoded_bytes())?;
    for what in ["status", "limits", "stat", "oom_score_adj"] {
        write(what, &fs::read(format!("/proc/self/{what}"))?)?;
    }
    let stat = fs::read_to_string("/proc/self/stat")?;
    let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).unwrap_or_default();
    write("parent", &fs::read(format!("/proc/{parent}/comm"))?)?;
    let mut descriptors = String::new();
    for number in 0..1024 {
        if let (Ok(target), Ok(info)) = (
            fs::read_link(format!("/proc/self/fd/{number}")),
            fs::read_to_string(format!("/proc/self/fdinfo/{number}")),
        ) {
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap_or_default();
            descriptors += &format!("{number} {} {}\n", flags.trim(), target.display());
        }
    }
    write("descriptors", descriptors.as_bytes())?;
    write("stdin", stdin().as_bytes())?;
    for device in ["stdout", "stderr"] {
        let opened = OpenOptions::new().append(true).open(format!("/dev/{device}"));
        write(&format!("opens-{device}"), opened.map_or_else(|error| error.to_string(), |_| "yes".into()).as_bytes())?;
    }
    writeln!(io::stdout(), "{record} to stdout")?;
    writeln!(io::stderr(), "{record} to stderr")?;
    // Last: the test waits for it.
    write("done", b"")
}

/// Whether a read of standard input waits.
fn stdin() -> &'static str {
    let (send, receive) = channel();
    std::thread::spawn(move || send.send(io::stdin().read(&mut [0])));
    match receive.recv_timeout(Duration::from_millis(500)) {
        Err(_) => "waits",
        Ok(Ok(0)) => "is at its end",
        Ok(Ok(_)) => "has bytes",
        Ok(Err(_)) => "cannot be read",
    }
}

fn act(record: &str, verb: &str) -> io::Result<()> {
    match verb {
        "leave" => return Ok(()),
        "answer" => answer(record)?,
        _ => {}
    }
    loop {
        std::thread::park();
    }
}

/// Serves descriptor 0, as a FastCGI program does.
fn answer(record: &str) -> io::Result<()> {
    let socket = || io::stdin().as_fd().try_clone_to_owned();
    let unix = UnixListener::from(socket()?);
    if unix.local_addr().is_ok() {
        for client in unix.incoming() {
            write!(client?, "answered by {record}")?;
        }
    }
    for client in TcpListener::from(socket()?).incoming() {
        write!(client?, "answered by {record}")?;
    }
    Ok(())
}

fn connect(socket: &str) -> io::Result<()> {
    let mut answer = String::new();
    let wait = Some(Duration::from_secs(2));
    if socket.starts_with('/') {
        let mut client = UnixStream::connect(socket)?;
        client.set_read_timeout(wait)?;
        client.read_to_string(&mut answer)?;
    } else {
        let mut client = TcpStream::connect(socket)?;
        client.set_read_timeout(wait)?;
        client.read_to_string(&mut answer)?;
    }
    writeln!(io::stdout(), "{answer}")
}
