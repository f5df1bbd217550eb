//! The plan: a file for each program, those beside it, and the README that says how Horust is started.

use std::fmt::Write as _;

use super::VERSION;
use super::order::Order;
use super::service::{Environment, Failure, Parts, Service};
use crate::convert::daemon;
use crate::convert::daemon::programs::{Context, Program, Programs};
use crate::convert::daemon::readme::{self, Readme};
use crate::convert::{Ledger, Moved, Origin, Place, Plan, PlanFile, rotation};
use crate::hash::HashSet;
use crate::keys::process as p;
use crate::python;

/// Where what is not started at boot waits.
const MANUAL: &str = "manual";

/// Makes the plan.
pub(super) fn plan<'a>(
    Programs { all, writers: _ }: Programs<'a, Parts>,
    order: &Order,
    context: Context<'_, 'a>,
    mut ledger: Ledger<'a>,
) -> Plan<'a> {
    let names: Vec<String> = all.iter().map(|program| [context.prefix, &program.called].concat()).collect();
    let mut files = Vec::with_capacity(all.len());
    let (mut moved, mut units, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    let mut rotated: HashSet<String> = HashSet::default();
    for (place, (program, name)) in all.iter().zip(&names).enumerate() {
        let (first, header) =
            (readme::comments(program.header.get(..1).unwrap_or_default()), readme::comments(&program.header));
        let text = match service(program, name, &names, order.around(place)).text(&header) {
            Ok(text) => text,
            Err(error) => {
                ledger.error(program.section, &p::COMMAND, format_args!("no program is written: {error}"));
                continue;
            }
        };
        let folder = if program.autostart { String::new() } else { format!("{MANUAL}/") };
        let is_secret = program.start.is_secret;
        let mode = if is_secret { 0o600 } else { 0o644 };
        let path = format!("{folder}{}.toml", program.stem);
        units.push((program.section, files.len()));
        moved.push(Moved { called: program.called.clone(), unit: path.clone() });
        files.push(PlanFile { path, mode, text: text.into(), secret: is_secret });
        beside.extend(program.start.secrets.as_ref().map(|secrets| secrets.file(&first)));
        let fresh = |path: &str| rotated.insert(python::normpath(path).into_owned());
        beside.extend(readme::rotation(&program.stem, &first, &program.rotations, fresh));
    }
    beside.sort_by(|one, other| one.path.cmp(&other.path));
    let wait = order.stops_within(&all);
    let by_hand = all.iter().any(|program| !program.autostart);
    drop(all);
    let told = Plan::told(ledger, context.selection);
    let mut start = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        start,
        "    HORUST_LOG=warn horust --services-path DIR\n\n\
         - Without `HORUST_LOG` Horust says nothing of a file that it cannot read, and starts the others.\n\
         - Never send SIGHUP to Horust: it ends, and the programs live on.\n\
         - Horust ends when all its programs have ended.\n\
         - A stop takes up to {wait} s: `docker stop --time {wait}`, or `stop_grace_period: {wait}s` in a compose file.\n"
    );
    if by_hand {
        let _ = writeln!(
            start,
            "- A program in {MANUAL}/ is not started: `horust --services-path DIR/{MANUAL}/NAME.toml` starts it, in a Horust of its own."
        );
    }
    let readme = Readme { daemon: "Horust", version: VERSION, source: context.source, start: &start };
    if !files.is_empty() {
        files.push(readme.file(&moved, &beside, &told.losses, &context.config.secrets));
    }
    files.extend(beside);
    Plan { files, moved, units, handover: Box::new(daemon::readme::Handover), origin: origin(context), ..told }
}

fn service<'s>(
    program: &'s Program<'_, Parts>,
    name: &'s str,
    names: &'s [String],
    (before, after): (&[usize], &[usize]),
) -> Owned<'s> {
    let of = |places: &[usize]| places.iter().filter_map(|place| names.get(*place)).map(String::as_str).collect();
    Owned { program, name, command: readme::line(&program.start.command), before: of(before), after: of(after) }
}

/// What a service borrows from.
struct Owned<'s> {
    program: &'s Program<'s, Parts>,
    name: &'s str,
    command: String,
    before: Vec<&'s str>,
    after: Vec<&'s str>,
}

impl Owned<'_> {
    fn text(&self, header: &str) -> Result<String, toml::ser::Error> {
        let Self { program, name, command, before, after } = self;
        let Parts { restart: (restart, codes), stop } = &program.made;
        let service = Service {
            name,
            command,
            working_directory: program.start.directory.as_deref(),
            start_after: before,
            shutdown_after: after,
            restart: *restart,
            failure: Failure { successful_exit_code: codes, strategy: "ignore" },
            environment: Environment {
                keep_env: true,
                additional: program.start.environment.iter().copied().collect(),
            },
            termination: stop.clone(),
        };
        service.text(header)
    }
}

/// By what files of earlier conversions are known.
fn origin(Context { selection, source, .. }: Context<'_, '_>) -> Option<Origin> {
    let known = source != "-" && selection.only.is_everything() && !selection.refused;
    known.then(|| Origin {
        source: readme::plain(source).into_owned(),
        places: &[
            Place { folder: "", start: "", end: ".toml" },
            Place { folder: MANUAL, start: "", end: ".toml" },
            Place { folder: "", start: "README", end: ".md" },
            Place { folder: daemon::secret::FOLDER, start: "", end: ".sh" },
            Place { folder: rotation::FOLDER, start: "supconv-", end: "" },
        ],
        others: &[readme::ALL],
    })
}
