//! A sample: one value of one option, in the smallest configuration that shows what becomes of it.

/// A value of an option, and what a decision about it depends on besides.
#[derive(Clone, Copy)]
pub struct Sample {
    /// The option.
    pub option: &'static str,
    /// What is written; none is the default.
    pub value: Option<&'static str>,
    /// Further lines of the section.
    pub beside: &'static str,
    /// Lines of `[supervisord]`.
    pub daemon: &'static str,
    /// Further sections.
    pub around: &'static str,
    /// What the command line says.
    pub flag: Flag,
}

/// What the command line of a conversion says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Nothing.
    None,
    /// `--faithful`.
    Faithful,
    /// `--logs journal`.
    Journal,
    /// `--nofile 65536`.
    OpenFiles,
    /// `--systemd-version`.
    Version(u32),
    /// A closed world with one variable: name and value.
    Variable(&'static str, &'static str),
}

impl Flag {
    /// Whether only `to-systemd` has it.
    pub fn is_of_systemd(self) -> bool {
        !matches!(self, Self::None | Self::Variable(..))
    }
}

/// The option is not written.
pub const fn unwritten(option: &'static str) -> Sample {
    Sample { option, value: None, beside: "", daemon: "", around: "", flag: Flag::None }
}

/// The option has this value.
pub const fn is(option: &'static str, value: &'static str) -> Sample {
    Sample { option, value: Some(value), beside: "", daemon: "", around: "", flag: Flag::None }
}

impl Sample {
    /// With further lines in its section.
    pub const fn beside(mut self, lines: &'static str) -> Self {
        self.beside = lines;
        self
    }

    /// With lines in `[supervisord]`.
    pub const fn daemon(mut self, lines: &'static str) -> Self {
        self.daemon = lines;
        self
    }

    /// With further sections.
    pub const fn around(mut self, sections: &'static str) -> Self {
        self.around = sections;
        self
    }

    /// With a flag of the command line.
    pub const fn flag(mut self, flag: Flag) -> Self {
        self.flag = flag;
        self
    }
}

/// A kind of section, as `KINDS` calls it, with its samples.
pub struct Kind {
    /// Its name in `KINDS`.
    pub name: &'static str,
    /// The section of its samples.
    pub section: &'static str,
    /// The lines that the section has unless a sample says otherwise: what is required.
    pub own: &'static [(&'static str, &'static str)],
    /// What is converted beside it: a program, where the section makes none.
    pub after: &'static str,
    /// Its samples, those of an option together.
    pub samples: &'static [Sample],
    /// The options that it has in common with a program, which are sampled there.
    pub common: Common,
}

/// What becomes of the options that a kind of section has in common with a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// It has none.
    None,
    /// The same as of a program's.
    Same,
    /// Nothing: no process is made.
    Nothing,
}

impl Kind {
    /// The configuration of a sample; `written` is whether its option stands in it.
    pub fn text(&self, sample: &Sample, written: bool) -> String {
        let Self { name: _, section, own, after, samples: _, common: _ } = self;
        let Sample { option, value, beside, daemon, around, flag: _ } = sample;
        let mut lines = Vec::new();
        if *section != "supervisord" {
            lines.push("[supervisord]".to_owned());
            lines.extend(daemon.lines().map(str::to_owned));
        }
        lines.push(format!("[{section}]"));
        // What is required stands there, unless the sample has it in another way.
        let replaced = |name: &str| {
            let beside = beside.lines().any(|line| line.split_once('=').is_some_and(|(other, _)| other == name));
            beside || name == *option && (written || value.is_none())
        };
        lines.extend(own.iter().filter(|(name, _)| !replaced(name)).map(|(name, value)| format!("{name}={value}")));
        lines.extend(beside.lines().map(str::to_owned));
        lines.extend(value.filter(|_| written).map(|value| format!("{option}={value}")));
        lines.extend(after.lines().chain(around.lines()).map(str::to_owned));
        lines.push(String::new());
        lines.join("\n")
    }
}
