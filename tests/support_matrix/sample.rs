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
    /// A closed world with one variable: name and value.
    Variable(&'static str, &'static str),
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
        let mut text = String::new();
        if self.section != "supervisord" {
            text.push_str(&format!("[supervisord]\n{}", lines(sample.daemon)));
        }
        text.push_str(&format!("[{}]\n", self.section));
        let required = |(option, _): &&(&str, &str)| {
            let instead = written || sample.value.is_none();
            !(instead && *option == sample.option)
                && !sample.beside.lines().any(|line| line.starts_with(&format!("{option}=")))
        };
        for (option, value) in self.own.iter().filter(required) {
            text.push_str(&format!("{option}={value}\n"));
        }
        text.push_str(&lines(sample.beside));
        if let Some(value) = sample.value.filter(|_| written) {
            text.push_str(&format!("{}={value}\n", sample.option));
        }
        text.push_str(&lines(self.after));
        text.push_str(&lines(sample.around));
        text
    }
}

/// Lines, the last one ended too.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{line}\n")).collect()
}
