//! How fast files are read: the reader alone, with loader and model, and a whole lint, beside rust-ini on the same bytes.
//!
//! `cargo bench --bench reading [-- ROUNDS]`. The files are held in memory; each figure is the best of the rounds, and all
//! of them take turns, so that a busy machine is as unfair to one as to the other.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, missing_docs, reason = "a benchmark may fail by panicking")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use supconv::configuration::Configuration;
use supconv::python::Cut;
use supconv::reading::Reading;
use supconv::rules;
use supconv::source::Sources;
use supconv::syntax::{self};

/// A way to read a file; the answer only keeps it from being left out.
type Way = fn(&File, &Reading) -> usize;

struct File {
    path: String,
    bytes: Vec<u8>,
    text: String,
}

/// What is measured, in the order of the table; the first is what the others are compared with.
const WAYS: [(&str, Way); 4] = [
    ("rust-ini parses", rust_ini),
    ("the reader", reader),
    ("reader, loader, model", model),
    ("lint: the same and all rules", lint),
];

fn rust_ini(file: &File, _: &Reading) -> usize {
    ini::Ini::load_from_str(&file.text).map_or(0, |ini| ini.len())
}

fn reader(file: &File, _: &Reading) -> usize {
    syntax::lines(&file.text, Cut::default()).map(black_box).count()
}

fn model(file: &File, reading: &Reading) -> usize {
    let sources = Sources::default();
    Configuration::read_bytes(&file.path, &file.bytes, reading, &sources).unwrap().config.groups.len()
}

fn lint(file: &File, reading: &Reading) -> usize {
    let sources = Sources::default();
    let settings = rules::Settings::default();
    let configuration = Configuration::read_bytes(&file.path, &file.bytes, reading, &sources).unwrap();
    rules::check(&configuration, &settings).len()
}

/// The collection beside the project where it is there, else `corpus/`; what is no UTF-8 rust-ini could not be given.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/corpus");
    let directory = if shared.is_dir() { shared } else { root.join("corpus") };
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "conf" || extension == "ini"));
    paths.sort();
    let read = paths.iter().filter_map(|path| {
        let bytes = fs::read(path).unwrap();
        let text = String::from_utf8(bytes.clone()).ok()?;
        Some(File { path: path.to_string_lossy().into_owned(), bytes, text })
    });
    read.collect()
}

fn main() {
    // Cargo passes --bench.
    let rounds: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(50);
    let files = files();
    // What is included lies on the disk, and would be measured.
    let reading = Reading { no_include: true, ..Reading::default() };
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    let refused = files.iter().filter(|file| ini::Ini::load_from_str(&file.text).is_err()).count();
    let mut best = [Duration::MAX; WAYS.len()];
    for _ in 0..rounds {
        for ((_, way), best) in WAYS.iter().zip(&mut best) {
            let start = Instant::now();
            for file in &files {
                black_box(way(file, &reading));
            }
            *best = start.elapsed().min(*best);
        }
    }
    println!("{} files, {bytes} bytes, best of {rounds} rounds; rust-ini refuses {refused} files\n", files.len());
    println!("{:30} {:>9} {:>8} {:>12}", "", "µs a file", "MB/s", "to rust-ini");
    let [unit, ..] = best;
    for ((name, _), time) in WAYS.iter().zip(best) {
        let micros = time.as_secs_f64() * 1e6;
        println!(
            "{name:30} {:>9.1} {:>8.1} {:>11.2}x",
            micros / files.len() as f64,
            bytes as f64 / micros,
            unit.as_secs_f64() / time.as_secs_f64()
        );
    }
}
