//! The program: arguments in, exit code out.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use supconv::cli::output::Output;
use supconv::cli::{Cli, Outcome};

fn main() -> ExitCode {
    let mut out = BufWriter::new(Output::new(io::stdout().lock()));
    let mut err = Output::new(io::stderr().lock());
    let run =
        Cli::of_process(&mut out).and_then(|cli| cli.map_or(Ok(Outcome::Clean), |cli| cli.run(&mut out, &mut err)));
    // What was said before a failure is read before it.
    let said = out.flush();
    match run.and_then(|outcome| Ok(said.map(|()| outcome)?)) {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(failure) => {
            // Where it cannot be said, the exit code tells.
            drop(writeln!(err, "{failure}"));
            ExitCode::from(failure.code())
        }
    }
}
