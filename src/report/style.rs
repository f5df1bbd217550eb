//! How a report looks on the terminal that it goes to.

use std::io::{self, IsTerminal};

use crate::diagnostic::Severity;

/// How the report looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colours are used.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether each finding is printed, not only the first 50 of a rule in a file.
    pub all: bool,
}

/// Columns where the terminal does not say how many it has.
const WIDTH: usize = 100;

impl Style {
    /// No colour, the width that tests use.
    pub const PLAIN: Self = Self { colour: false, width: WIDTH, all: false };

    /// What standard output and the environment allow: colour on a terminal unless `NO_COLOR` is set, `COLUMNS` wide.
    #[must_use]
    pub fn of_terminal() -> Self {
        Self::of(io::stdout().is_terminal())
    }

    /// The same for standard error.
    #[must_use]
    pub fn of_error_stream() -> Self {
        Self::of(io::stderr().is_terminal())
    }

    fn of(terminal: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = terminal && !set("NO_COLOR") && !dumb;
        let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(WIDTH);
        Self { colour, width: width.clamp(40, 200), all: false }
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
}
