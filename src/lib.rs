//! supconv reads supervisord.conf files as Supervisor 4.3.0 does, reports what is risky in them and converts them.
//!
//! ```text
//! text ──syntax──▶ lines           kinds and spans, every syntax error (never stops at the first)
//!      ──load────▶ Merged          includes in Supervisor's order, last value wins, who overrode whom
//!      ──model───▶ Config          typed, expanded, defaults known as defaults; every value knows its span
//!                  ├─ target ────▶ Plan { files, losses → Diagnostics }
//!                  └─ rules  ────▶ Diagnostics
//!      ──report──▶ human · concise · json
//! ```
//!
//! Imports run one way, down this picture: `source`, `syntax`, `load`, `model`, then `target`, then `rules` (one of which asks
//! what a conversion loses), then `report`, then `cli`. What several of them stand on has rooms of its own below: `python` and
//! `integer` (what CPython does with text and numbers), `map` (names in their order), `expand` (`%(name)s`, which includes and
//! options both use), `reading` (the world a file is read in), `refusal` (what Supervisor says). `show` is the public document of a configuration, `suppress` the comments that ignore findings,
//! `secrets` what is masked, `well_known` shells and devices, `unit` the unit that starts supervisord, `plan` a conversion beside the disk.

mod bytes;
pub mod cli;
pub mod configuration;
pub mod convert;
pub mod diagnostic;
pub mod keys;
pub mod launcher;
pub mod lint;
pub mod load;
pub mod map;
pub mod model;
pub mod python;
pub mod reading;
pub mod refusal;
pub mod report;
pub mod rules;
pub mod secrets;
pub mod show;
pub mod source;
pub mod syntax;
mod well_known;
