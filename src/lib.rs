//! supconv reads supervisord.conf files as Supervisor 4.3.0 does, reports what is risky in them and converts them.
//!
//! [`read()`] a file, [`lint()`](fn@lint) it, [`convert()`](fn@convert) it:
//!
//! ```
//! # let file = std::env::temp_dir().join(format!("supconv-{}.conf", std::process::id()));
//! # std::fs::write(&file, "[supervisord]\n[program:web]\ncommand=/srv/web\n")?;
//! let configuration = supconv::read(&file)?;
//! # std::fs::remove_file(&file)?;
//! for finding in supconv::lint(&configuration) {
//!     println!("{}:{}: {} [{}]", finding.path, finding.start.line, finding.message, finding.name);
//! }
//! for file in supconv::convert(&configuration, supconv::Target::Systemd).files {
//!     println!("{} has {} bytes", file.path, file.text.len());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this page lists is the crate, under semantic versioning. The rooms below are public for the program and its tests alone:
//! they are hidden, and change in any version.
//!
//! # The rooms
//!
//! ```text
//! text ──syntax──▶ lines           kinds and spans, every syntax error (never stops at the first)
//!      ──load────▶ Merged          includes in Supervisor's order, last value wins, who overrode whom
//!      ──model───▶ Config          typed, expanded, defaults known as defaults; every value knows its span
//!                  ├─ convert ───▶ Plan { files, losses → Diagnostics }
//!                  └─ rules  ────▶ Diagnostics
//!      ──report──▶ human · concise · json · sarif · github · gitlab · junit
//! ```
//!
//! Read it in this order; a room uses those before it and none after it:
//!
//! | room | what it is |
//! |---|---|
//! | `bytes` | bytes in texts, found many at a time |
//! | `python` | what CPython does with text, paths, integers, `%`, words and patterns of files |
//! | `hash` | tables by hash |
//! | `visible`, `threads`, `files`, `replace`, `unified` | what of a text a screen is shown; threads, if memory is there; files, up to a bound; one written anew; how two differ |
//! | `source`, `map`, `well_known` | files, spans and the texts made of them; names in their order; shells and devices |
//! | `apps` | what is known of the applications that people run, each claim with its source |
//! | `syntax` | the lines of a file, the pairs of `environment=` |
//! | `keys` | THE table of options: one row an option, its kind, default and meaning |
//! | `fix` | the edits that end a finding |
//! | `reading`, `refusal` | the world that a file is read in; what Supervisor says when it refuses one |
//! | `secrets` | what of a file and its environment is masked, and kept out of units |
//! | `diagnostic` | a finding, before it is told |
//! | `load`, `markup` | files, `[include]`, merging; where a template's markup stands, and what it withholds |
//! | `model`, `configuration` | the typed configuration, evaluated in Supervisor's order; all of one reading in one value |
//! | `launcher` | the unit that starts supervisord |
//! | `convert` | selection, processes, ledger, plan, disk; `systemd` is the first row of its targets, `daemon` what Rust daemons share |
//! | `rules` | a file, a page and a line each; `rules::view` is what they look through |
//! | `settings` | supconv.toml |
//! | `show` | the rows of an effective configuration |
//! | `limits` | the open files of running supervisords, from /proc, and what raises their limits |
//! | `report` | masked findings, one file a format |
//! | `lint` | a run: files in, each finding once, on all cores |
//! | `api` | the crate for other programs |
//! | `cli` | one file a command |
//!
//! Texts are borrowed from the files (`source::Sources` only grows), so nothing is copied on the way; what is made of several
//! pieces is kept beside the files. A message is made when it is shown.

mod api;
#[doc(hidden)]
pub mod apps;
mod bytes;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod configuration;
#[doc(hidden)]
pub mod convert;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod files;
#[doc(hidden)]
pub mod fix;
mod hash;
#[doc(hidden)]
pub mod keys;
#[doc(hidden)]
pub mod launcher;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod lint;
#[doc(hidden)]
pub mod load;
#[doc(hidden)]
pub mod map;
#[doc(hidden)]
pub mod markup;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod python;
#[doc(hidden)]
pub mod reading;
#[doc(hidden)]
pub mod refusal;
mod replace;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod rules;
#[doc(hidden)]
pub mod secrets;
#[doc(hidden)]
pub mod settings;
#[doc(hidden)]
pub mod show;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod syntax;
mod threads;
mod unified;
#[doc(hidden)]
pub mod visible;
mod well_known;

#[doc(inline)]
pub use api::{Configuration, Finding, Loss, Plan, PlanFile, ReadError, Target, World, convert, lint, read, read_text};
#[doc(inline)]
pub use convert::Grade;
#[doc(inline)]
pub use diagnostic::Severity;
#[doc(inline)]
pub use source::Position;
