//! What CPython does, in one place: with text, paths, integers, `%`, words of a shell and patterns of files. Nothing here
//! knows of Supervisor; each file is held against Python itself by tests.

pub mod filename;
pub mod glob;
pub mod integer;
mod number;
pub mod path;
pub mod percent;
pub mod shlex;
pub mod text;

pub use path::{abspath, basename, dirname, expanduser, join, normpath, relpath, split};
pub use text::{
    DecodeError, is_space, lower, lstrip, repr, repr_cut, rstrip, split_whitespace, strip, upper, utf8_error,
};
