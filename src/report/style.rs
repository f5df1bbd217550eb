//! How a report looks on the terminal that it goes to.

use std::io::{self, IsTerminal};

use terminal_size::terminal_size_of;

use crate::diagnostic::Severity;

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How the report looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours are used.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether somebody looks at it now; a file or a pipe is told less when all is well.
    pub terminal: bool,
    /// Whether each finding is printed and each program is named, not only the first.
    pub all: bool,
}

/// Columns where the terminal does not say how many it has, and in a pipe.
const WIDTH: usize = 100;

impl Style {
    /// No colour, the width that tests use.
    pub const PLAIN: Self = Self { colour: false, width: WIDTH, terminal: false, all: false };

    /// Of standard output.
    #[must_use]
    pub fn of_output(colour: Colour) -> Self {
        let terminal = io::stdout().is_terminal();
        Self::of(colour, terminal, || terminal_size_of(io::stdout()).map(|(width, _)| width.0))
    }

    /// Of standard error.
    #[must_use]
    pub fn of_errors(colour: Colour) -> Self {
        let terminal = io::stderr().is_terminal();
        Self::of(colour, terminal, || terminal_size_of(io::stderr()).map(|(width, _)| width.0))
    }

    /// `NO_COLOR` wins over `FORCE_COLOR` and `CLICOLOR_FORCE`; the command line wins over both.
    fn of(colour: Colour, terminal: bool, width: impl FnOnce() -> Option<u16>) -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let forced = |name| set(name).is_some_and(|value| value != "0");
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if set("NO_COLOR").is_some() => false,
            Colour::Auto if forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") => true,
            Colour::Auto => terminal && set("TERM").is_none_or(|term| term != "dumb"),
        };
        // A pipe has none, nor has the terminal of some scripts.
        let named = || set("COLUMNS")?.to_str()?.parse().ok();
        let width = terminal.then(width).flatten().map(usize::from).or_else(named);
        Self { colour, width: width.unwrap_or(WIDTH).clamp(40, 200), terminal, all: false }
    }

    /// A text in the colour of a severity.
    pub(super) fn paint(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "31",
            Severity::Warning => "33",
            Severity::Info => "36",
        };
        if self.colour { format!("\x1b[1;{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A text that stands out.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }
}
