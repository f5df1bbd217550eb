//! All tests of the program as a whole, in one binary: a file a subject, its data in a folder of the same name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod additions;
mod advice;
mod beside;
mod cli;
mod copied;
mod corpus;
mod cwd;
mod differences;
mod docs;
mod field;
mod fixes;
mod formats;
mod fragments;
mod gitignore;
mod growth;
mod handover;
mod harden;
mod hook;
mod horust;
mod hostile;
mod hosts;
mod house;
mod injection;
mod integrations;
mod lab;
mod launcher;
mod limits;
mod lines;
mod lint_conversion;
mod lint_flags;
mod mending;
mod odd;
mod oracle;
mod output;
mod own_settings;
mod packages;
mod pairs;
mod patched;
mod pitchfork;
mod project;
mod python_format;
mod python_text;
mod road;
mod rules;
mod screen;
mod secrets;
mod shapes;
mod snapshots;
mod starters;
mod stop_times;
mod strict;
mod support;
mod support_matrix;
mod suppress;
mod systemd;
mod table;
mod target;
mod to_systemd;
mod together;
mod tune;
mod umbrella;
mod unit_file;
mod unrunnable;
mod user;
mod words;
mod writing;
mod written;
