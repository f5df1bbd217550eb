//! The rules: one file each, with its page, its metadata and its check; this file knows them all and runs them.

mod template;

use crate::diagnostic::{Confidence, Diagnostic, Rule, Severity};
use crate::load::{Merged, Setting};
use crate::model::Config;
use crate::model::value::LogFile;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::source::{Source, SourceId, Sources};

pub use template::Markup;

/// Declares the rule files and the table of their rules, in the order in which they speak of a refusal.
macro_rules! rules {
    ($($module:ident)*) => {
        $(mod $module;)*
        /// All rules. What Supervisor refuses is spoken of by the first that claims it; the last claims what is left.
        pub static RULES: &[&Check] = &[$(&$module::RULE),*];
    };
}

rules! {
    parse_error
    indented_option_swallowed
    comment_needs_space
    comment_truncates_value
    quoted_scalar
    bad_percent
    percent_expanded_twice
    undefined_env_expansion
    environment_needs_quotes
    invalid_name
    group_membership
    unparsable_command
    eventlistener_invalid
    http_auth_weak
    default_breaks_rpcinterface
    beyond_bounds
    invalid_value
    template_markup
    python_version_differs
    include_has_no_effect
    default_minfds
    program_runs_as_root
    supervisord_user_unset
}

/// A rule with what it does.
#[derive(Debug)]
pub struct Check {
    /// Its page and its metadata.
    pub rule: Rule,
    /// What Supervisor refuses and this rule explains; `None` where another rule has to.
    pub refusal: Option<fn(&Refusal, &Lint<'_>) -> Option<Explanation>>,
    /// What Supervisor accepts and this rule finds.
    pub check: Option<fn(&Lint<'_>, &mut Vec<Diagnostic>)>,
}

/// A refusal in the words of a rule.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Explanation {
    /// With a way out.
    #[must_use]
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()) }
    }
}

/// What a rule sees of one file.
pub struct Lint<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The sections before conversion.
    pub merged: &'a Merged,
    /// What they mean.
    pub config: &'a Config,
    /// How they were read.
    pub reading: &'a Reading,
    /// Markup of a template in the files.
    pub markup: Markup,
}

impl Lint<'_> {
    /// The setting of an option as a section sees it: its own, else that of `[DEFAULT]`.
    #[must_use]
    pub fn setting(&self, section: &str, option: &str) -> Option<&Setting> {
        let own = self.merged.sections.get(section)?.options.get(option);
        own.or_else(|| self.merged.defaults.get(option))
    }

    /// The files of this configuration, each path once.
    pub fn files(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        template::files(self.sources, self.merged)
    }

    /// Whether the file looks as if it were made for a container: in the foreground, or with a log on a device.
    #[must_use]
    pub fn container(&self) -> bool {
        if self.config.fragment {
            return false;
        }
        let device = |path: &str| {
            path == "/dev/stdout"
                || path == "/dev/stderr"
                || path.starts_with("/dev/fd/")
                || (path.starts_with("/proc/") && path.contains("/fd/"))
        };
        let log = |log: &LogFile| matches!(log, LogFile::Path(path) if device(path));
        let supervisord = &self.config.supervisord;
        supervisord.nodaemon.known() == Some(&true)
            || supervisord.logfile.known().is_some_and(|path| device(path))
            || self.config.groups.iter().flat_map(|group| &group.processes).any(|process| {
                process.options.stdout_logfile.known().is_some_and(log)
                    || process.options.stderr_logfile.known().is_some_and(log)
            })
    }
}

/// A piece of a file in a message: in quotes, its first line, cut where it is long. Further lines may hold a swallowed secret.
fn shown(text: &str) -> String {
    const LIMIT: usize = 60;
    let text = text.trim();
    let line = text.lines().next().unwrap_or("");
    let end = line.char_indices().nth(LIMIT).map_or(line.len(), |(end, _)| end);
    let cut = if end < text.len() { "…" } else { "" };
    format!("'{}{cut}'", line.get(..end).unwrap_or(line).replace('\t', " "))
}

/// Everything that the rules find in one configuration, sorted by file, offset and rule.
#[must_use]
pub fn check(sources: &Sources, merged: &Merged, config: &Config, reading: &Reading) -> Vec<Diagnostic> {
    let lint = Lint { sources, merged, config, reading, markup: Markup::find(sources, merged) };
    let mut found = refused(&lint);
    found.retain(|diagnostic| !lint.markup.withholds(diagnostic));
    for check in RULES.iter().filter_map(|rule| rule.check) {
        check(&lint, &mut found);
    }
    sort(&mut found);
    found
}

/// What Supervisor refuses, in the words of the rules; markup of a template is no excuse here.
#[must_use]
pub fn refusals(sources: &Sources, merged: &Merged, config: &Config, reading: &Reading) -> Vec<Diagnostic> {
    let mut found = refused(&Lint { sources, merged, config, reading, markup: Markup::default() });
    sort(&mut found);
    found
}

fn sort(found: &mut [Diagnostic]) {
    found.sort_by_key(|diagnostic| (diagnostic.place.source, diagnostic.place.span.start, diagnostic.rule.code));
}

fn refused(lint: &Lint<'_>) -> Vec<Diagnostic> {
    let claimed = |refusal| {
        let (rule, explanation) = RULES.iter().find_map(|rule| Some((&rule.rule, rule.refusal?(refusal, lint)?)))?;
        Some(diagnostic(rule, refusal, explanation))
    };
    lint.config.refusals.iter().filter_map(claimed).collect()
}

fn diagnostic(rule: &'static Rule, refusal: &Refusal, explanation: Explanation) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(rule, refusal.place, explanation.message).severity(Severity::Error);
    diagnostic.confidence = Confidence::High;
    diagnostic.help = explanation.help;
    diagnostic.supervisor = match refusal.exit {
        crate::refusal::Exit::Usage | crate::refusal::Exit::Crash => Some(refusal.message.clone()),
        crate::refusal::Exit::Bound => None,
    };
    diagnostic.section.clone_from(&refusal.section);
    diagnostic.option.clone_from(&refusal.option);
    diagnostic
}
