//! supconv reads supervisord.conf files as Supervisor 4.3.0 does, reports what is risky in them and converts them.
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
//! | `report` | masked findings, one file a format |
//! | `lint` | a run: files in, each finding once, on all cores |
//! | `cli` | one file a command |
//!
//! Texts are borrowed from the files (`source::Sources` only grows), so nothing is copied on the way; what is made of several
//! pieces is kept beside the files. A message is made when it is shown.

pub mod apps;
mod bytes;
pub mod cli;
pub mod configuration;
pub mod convert;
pub mod diagnostic;
pub mod files;
pub mod fix;
pub mod keys;
pub mod launcher;
pub mod lint;
pub mod load;
pub mod map;
pub mod markup;
pub mod model;
pub mod python;
pub mod reading;
pub mod refusal;
mod replace;
pub mod report;
pub mod rules;
pub mod secrets;
pub mod settings;
pub mod show;
pub mod source;
pub mod syntax;
mod threads;
mod unified;
pub mod visible;
mod well_known;
