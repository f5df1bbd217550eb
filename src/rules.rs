//! The rules: one file each, with its metadata and its check, beside its page in Markdown; this file knows them all and runs
//! them.

mod activate_virtualenv;
mod auto_log_not_kept;
mod bad_percent;
mod beyond_bounds;
mod buffered_python_output;
mod clean_exit_not_restarted;
mod comment_needs_space;
mod comment_truncates_value;
mod container_daemonized;
mod container_hides_failure;
mod control_file_in_tmp;
mod conversion;
mod daemonizing_command;
mod debug_log_copies_output;
mod default_breaks_rpcinterface;
mod default_minfds;
mod docker_run_client;
mod duplicate_definition;
mod environment_needs_quotes;
mod environment_shell_syntax;
mod eventlistener_buffer_small;
mod eventlistener_invalid;
mod eventlistener_without_credentials;
mod fd_budget_exceeded;
mod fixer;
mod found;
mod given;
mod group_membership;
mod http_auth_weak;
mod http_server_exposed;
pub mod ignores;
mod include_has_no_effect;
mod indented_option_swallowed;
mod invalid_name;
mod invalid_value;
mod killasgroup_missing;
mod main_without_supervisord;
mod minfds_below_app_need;
mod minfds_excessive;
mod minfds_unreachable;
mod misplaced_option;
mod missing_path;
mod missing_rpcinterface;
mod names;
mod negative_startretries;
mod no_graceful_stop;
mod not_a_foreground_process;
mod oneshot_autorestart;
mod oneshot_without_startsecs_zero;
mod orphaned_children;
mod output_discarded;
mod page;
mod parse_error;
mod path_override;
mod percent_expanded_twice;
mod permissive_umask;
mod plaintext_secret;
mod priority_is_not_a_dependency;
mod privilege_wrapper;
mod program_runs_as_root;
mod program_user_unreachable;
mod python_version_differs;
mod quoted_scalar;
mod redirect_stderr_overrides_file;
mod relative_command_path;
mod root_runs_user_writable_path;
#[cfg(test)]
mod rows;
mod shared_log_with_rotation;
mod shell_syntax_without_shell;
mod shell_wrapper_without_exec;
mod shutdown_budget_exceeded;
mod socket_owner_not_permitted;
mod socket_world_accessible;
pub(crate) mod spelling;
mod stop_timeout_too_short;
mod stopasgroup_breaks_graceful_stop;
mod supervisor_unit;
mod supervisorctl_cannot_connect;
mod supervisord_cannot_write;
mod supervisord_user_unset;
mod syslog_filename_deprecated;
mod template_markup;
mod tiny_log_maxbytes;
mod unbounded_log;
mod unbounded_restart_loop;
pub mod unbuilt;
mod undefined_env_expansion;
mod unexpanded_shell_word;
mod unknown_ignore;
mod unknown_option;
mod unknown_section;
mod unparsable_command;
mod unseekable_log_rotation;
mod unused_ignore;
mod user_without_home;
mod view;
mod wrong_stop_signal;

use std::borrow::Cow;

use crate::configuration::Configuration;
use crate::convert::Losses;
use crate::diagnostic::{Confidence, Diagnostic, Rule, Severity};
use crate::fix::Fix;
use crate::refusal::{Exit, Refusal};
use crate::source::Place;

pub use fixer::{Fixer, MOST_BYTES};
pub use found::Found;
pub use given::{Lint, SYNTAX, Settings, Target};
pub use names::{catalogue, find, is_of_conversions, meant, named};
pub use page::Page;
pub use unknown_section::looks_like_supervisors;
pub use unused_ignore::Uses;
use view::written::{self, Written};

/// Makes the table of the rules, in the order in which they speak of a refusal, and a test of the rows of each.
macro_rules! rules {
    ($($module:ident)*) => {
        /// All rules. What Supervisor refuses is spoken of by the first that claims it; the last claims what is left.
        pub static RULES: &[&Check] = &[$(&$module::RULE),*];

        #[cfg(test)]
        mod tests {
            $(#[test]
            fn $module() {
                let wrong = super::rows::wrong(&super::$module::RULE, super::$module::rows::ROWS);
                assert!(wrong.is_empty(), "{}", wrong.join("\n"));
            })*
        }
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
    unknown_ignore
    unused_ignore
    fd_budget_exceeded
    minfds_excessive
    minfds_unreachable
    shutdown_budget_exceeded
    program_user_unreachable
    http_server_exposed
    shell_syntax_without_shell
    unseekable_log_rotation
    shared_log_with_rotation
    redirect_stderr_overrides_file
    supervisor_unit
    unknown_section
    unknown_option
    misplaced_option
    duplicate_definition
    missing_rpcinterface
    main_without_supervisord
    supervisord_cannot_write
    socket_owner_not_permitted
    socket_world_accessible
    control_file_in_tmp
    eventlistener_without_credentials
    eventlistener_buffer_small
    supervisorctl_cannot_connect
    no_graceful_stop
    unbounded_restart_loop
    container_daemonized
    relative_command_path
    syslog_filename_deprecated
    tiny_log_maxbytes
    unbounded_log
    output_discarded
    buffered_python_output
    auto_log_not_kept
    missing_path
    environment_shell_syntax
    path_override
    container_hides_failure
    plaintext_secret
    root_runs_user_writable_path
    user_without_home
    privilege_wrapper
    permissive_umask
    negative_startretries
    debug_log_copies_output
    oneshot_without_startsecs_zero
    oneshot_autorestart
    unexpanded_shell_word
    shell_wrapper_without_exec
    activate_virtualenv
    not_a_foreground_process
    docker_run_client
    daemonizing_command
    clean_exit_not_restarted
    orphaned_children
    stopasgroup_breaks_graceful_stop
    killasgroup_missing
    stop_timeout_too_short
    wrong_stop_signal
    priority_is_not_a_dependency
    minfds_below_app_need
}

/// A rule with what it does.
#[derive(Debug)]
pub struct Check {
    /// Its page and its metadata.
    pub rule: Rule,
    /// What Supervisor refuses and this rule explains; `None` where another rule has to.
    pub refusal: Option<for<'a> fn(&Refusal<'a>, &Lint<'a>) -> Option<Explanation>>,
    /// What Supervisor accepts and this rule finds.
    pub check: Option<for<'a> fn(&Lint<'a>, &mut Found<'_, 'a>)>,
    /// How a finding of it is mended, where something that is certain does.
    pub fix: Option<for<'a> fn(&Lint<'a>, &Diagnostic<'a>) -> Option<Fix>>,
    /// Whether a finding may say that a program cannot run as it is written: a conversion asks these rules alone.
    pub cannot_run: bool,
}

/// A refusal in the words of a rule.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The parts of the value that are wrong, where they are known: the first is pointed at, the others are labels with a text.
    pub places: Vec<(Place, String)>,
}

impl Explanation {
    /// With a way out.
    #[must_use]
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()), places: Vec::new() }
    }

    /// With the parts of the value that are wrong.
    #[must_use]
    pub fn pointing(self, places: Vec<(Place, String)>) -> Self {
        Self { places, ..self }
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

/// What a message says behind the first of several parts that are wrong; `count` of all of them.
fn and_more(count: usize) -> String {
    if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() }
}

/// Whether a rule mends some of what it finds.
#[must_use]
pub fn mends(rule: &Rule) -> bool {
    RULES.iter().any(|check| std::ptr::eq(&raw const check.rule, rule) && check.fix.is_some())
}

/// Everything that the rules find in one configuration, sorted by file, offset and rule; comments that ignore some of it are
/// the caller's.
#[must_use]
pub fn check<'a>(configuration: &'a Configuration<'a>, settings: &'a Settings) -> Vec<Diagnostic<'a>> {
    let Checked { mut found, losses } = checked(configuration, settings);
    found.extend(losses.iter().flat_map(Losses::iter).map(|loss| loss.diagnostic()));
    sort(&mut found);
    found
}

/// The same, not sorted.
#[must_use]
pub fn checked<'a>(configuration: &'a Configuration<'a>, settings: &'a Settings) -> Checked<'a> {
    let lint = Lint::new(configuration, settings, &configuration.markup);
    let mut found = Found::new(&lint);
    for (refusal, places) in refused(&lint).into_iter().filter(|(refusal, _)| settings.runs(refusal.rule)) {
        found.push_refusal(refusal, places);
    }
    for check in RULES.iter().filter(|rule| settings.runs(&rule.rule)).filter_map(|rule| rule.check) {
        check(&lint, &mut found);
    }
    let mut found = found.into_findings();
    // What the rules have looked through goes before: a conversion needs the room.
    drop(lint);
    let lint = Lint::new(configuration, settings, &configuration.markup);
    let converts = settings.target.converts();
    let losses = converts.then(|| conversion::check(&lint, &mut found)).flatten();
    Checked { found, losses }
}

/// What the rules find in one configuration. Of what a conversion would lose each is made a finding when it is asked for: there
/// is much of it, and little is shown.
#[derive(Debug)]
pub struct Checked<'a> {
    found: Vec<Diagnostic<'a>>,
    losses: Option<Losses<'a>>,
}

impl<'a> Checked<'a> {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.found.len() + self.losses.as_ref().map_or(0, Losses::count)
    }

    /// The finding at a place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Cow<'_, Diagnostic<'a>>> {
        match at.checked_sub(self.found.len()) {
            None => self.found.get(at).map(Cow::Borrowed),
            Some(at) => self.losses.as_ref()?.at(at).map(|loss| Cow::Owned(loss.diagnostic())),
        }
    }
}

impl<'a> From<Vec<Diagnostic<'a>>> for Checked<'a> {
    fn from(found: Vec<Diagnostic<'a>>) -> Self {
        Self { found, losses: None }
    }
}

/// A command line that says nothing about the rules.
static UNSAID: Settings = Settings { target: Target::Auto, off: Vec::new(), unit: None, stop_timeout: None };

/// What Supervisor refuses, in the words of the rules, as a lint says it; where it withholds some, that the file is a template.
#[must_use]
pub fn refusals<'a>(configuration: &'a Configuration<'a>) -> Vec<Diagnostic<'a>> {
    let lint = Lint::new(configuration, &UNSAID, &configuration.markup);
    let mut told = Found::new(&lint);
    let refused = refused(&lint);
    let count = refused.len();
    for (refusal, places) in refused {
        told.push_refusal(refusal, places);
    }
    let mut found = told.into_findings();
    if found.len() < count {
        found.extend(template_markup::unrendered(&lint));
    }
    sort(&mut found);
    found
}

/// The programs that cannot run as they are written, in the words of the rules.
#[must_use]
pub fn unrunnable<'a>(configuration: &'a Configuration<'a>) -> Vec<Diagnostic<'a>> {
    let lint = Lint::new(configuration, &UNSAID, &configuration.markup);
    let mut found = Found::new(&lint);
    for check in RULES.iter().filter(|rule| rule.cannot_run).filter_map(|rule| rule.check) {
        check(&lint, &mut found);
    }
    let mut found = found.into_findings();
    found.retain(|finding| finding.cannot_run);
    sort(&mut found);
    found
}

fn sort(found: &mut [Diagnostic<'_>]) {
    found.sort_by_key(|diagnostic| (diagnostic.place.source, diagnostic.place.span.start, diagnostic.rule.code));
}

/// Each refusal at its whole value, which markup may touch, and the parts of it that are wrong.
fn refused<'a>(lint: &Lint<'a>) -> Vec<(Diagnostic<'a>, Vec<(Place, String)>)> {
    let claimed = |refusal| {
        let (rule, mut explanation) =
            RULES.iter().find_map(|rule| Some((&rule.rule, rule.refusal?(refusal, lint)?)))?;
        let places = std::mem::take(&mut explanation.places);
        Some((diagnostic(rule, refusal, explanation), places))
    };
    lint.config.refusals.iter().filter_map(claimed).collect()
}

/// A finding at the first of these places, with the others as labels; where there is none it stays where it is.
fn pointed(mut finding: Diagnostic<'_>, places: Vec<(Place, String)>) -> Diagnostic<'_> {
    let mut places = places.into_iter();
    if let Some((first, _)) = places.next() {
        finding.place = first;
    }
    places.fold(finding, |finding, (place, text)| finding.label(place, text))
}

fn diagnostic<'a>(rule: &'static Rule, refusal: &Refusal<'a>, explanation: Explanation) -> Diagnostic<'a> {
    let mut diagnostic = Diagnostic::new(rule, refusal.place, explanation.message).severity(Severity::Error);
    diagnostic.confidence = Confidence::High;
    diagnostic.help = explanation.help.map(Into::into);
    diagnostic.supervisor = match refusal.exit {
        Exit::Usage | Exit::Crash => Some(refusal.message),
        Exit::Bound => None,
    };
    diagnostic.dies = refusal.exit == Exit::Crash;
    diagnostic.section = refusal.section;
    diagnostic.option = refusal.option;
    diagnostic
}
