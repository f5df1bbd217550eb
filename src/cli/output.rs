//! Standard output and standard error. Their reader may be gone before a run ends, as `head` is: what is still said then is for
//! nobody, and the run goes on to the exit code that it earns.

use std::io::{self, Write};

/// Where a run writes.
#[derive(Debug)]
pub struct Output<W> {
    to: W,
    gone: bool,
}

impl<W: Write> Output<W> {
    /// To this, as long as somebody reads it.
    pub fn new(to: W) -> Self {
        Self { to, gone: false }
    }

    /// What came of a write; that nobody reads it is `done`.
    fn heard<T>(&mut self, written: io::Result<T>, done: T) -> io::Result<T> {
        self.gone |= written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if self.gone { Ok(done) } else { written }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = if self.gone { Ok(0) } else { self.to.write(bytes) };
        self.heard(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = if self.gone { Ok(()) } else { self.to.flush() };
        self.heard(flushed, ())
    }
}
