//! Where the converter is known to differ silently, or to announce what does not show. Each is to be closed; one that no
//! longer shows fails the test.

/// A cell that differs and is not announced: scenario, process and look (empty: any), and why.
pub static SILENT: &[(&str, &str, &str, &str)] = &[];

/// An announcement that does not show: scenario (empty: any), option, words of it, and why.
pub static FALSE: &[(&str, &str, &str, &str)] = &[];
