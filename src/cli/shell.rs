//! `supconv completions` and `supconv man`: what packages install beside the program, from the definitions of its arguments.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, Outcome};

#[derive(Args, Debug)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Args, Debug)]
pub struct Man {
    /// The command whose page is wanted; without it that of the program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints the completions of a shell.
///
/// # Errors
/// When the output cannot be written.
pub fn completions(arguments: &Completions, out: &mut dyn Write) -> Result<Outcome, Failure> {
    // clap_complete panics where it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "supconv", &mut script);
    out.write_all(&script)?;
    Ok(Outcome::Clean)
}

/// Prints a manual page.
///
/// # Errors
/// When there is no such command, or the output cannot be written.
pub fn man(arguments: &Man, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let mut program = Cli::command();
    // Gives each command its full name, supconv-lint.
    program.build();
    let command = match &arguments.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => return Err(Failure::Message(format!("unknown command {name}"))),
        },
    };
    let version = concat!("supconv ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(command).source(version).render(out)?;
    Ok(Outcome::Clean)
}
