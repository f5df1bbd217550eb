//! The program: arguments in, exit code out.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use supconv::cli::{Cli, Failure, Outcome};

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr().lock();
    let run = Cli::of_process(&mut out).and_then(|cli| {
        let outcome = cli.map_or(Ok(Outcome::Clean), |cli| cli.run(&mut out, &mut err))?;
        out.flush()?;
        Ok(outcome)
    });
    match run {
        Ok(outcome) => ExitCode::from(outcome.code()),
        // Whoever read our output has seen enough: head, or a pager that was left.
        Err(Failure::Closed) => ExitCode::SUCCESS,
        // As a shell tells of a program that a signal has ended.
        Err(Failure::Ended { signal, message }) => {
            drop(writeln!(err, "supconv: {message}"));
            ExitCode::from(128 + signal)
        }
        Err(Failure::Message(message)) => {
            drop(writeln!(err, "supconv: {message}"));
            ExitCode::from(Outcome::Failed.code())
        }
    }
}
