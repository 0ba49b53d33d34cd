//! Where output goes: data to stdout, everything else to stderr.

use std::io::{self, BufRead, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::bar::Bar;

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Both outputs of the program. What fails to be written to stderr is lost: there is nowhere to tell it.
pub struct Terminal {
    out: Out,
    err: AutoStream<io::Stderr>,
    quiet: bool,
    bar: Bar,
}

/// stdout. Once its reader has gone, such as `head` that has seen enough, what is written is lost
/// without an error: the work and the exit code must not depend on who reads along.
struct Out {
    stream: AutoStream<io::Stdout>,
    is_closed: bool,
}

/// How much is written at once, in bytes.
const PIECE: usize = 256 * 1024;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();

impl Terminal {
    /// The outputs of this process.
    pub fn new(color: Color, quiet: bool) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let out = Out { stream: AutoStream::new(io::stdout(), choice), is_closed: false };
        Self { out, err: AutoStream::new(io::stderr(), choice), quiet, bar: Bar::new(!quiet) }
    }

    /// The bar at the bottom of the screen. While it is shown, data goes out by [`Self::show`] alone.
    pub fn bar(&self) -> Bar {
        self.bar.clone()
    }

    /// Where data goes.
    pub fn out(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Whether colour is shown on stdout.
    pub fn has_color(&self) -> bool {
        self.out.stream.current_choice() != ColorChoice::Never
    }

    /// Whether colour is shown on stderr.
    pub fn has_color_on_stderr(&self) -> bool {
        self.err.current_choice() != ColorChoice::Never
    }

    /// Writes data to stdout in large pieces: what comes in a thousand small ones would take as many writes.
    pub fn show(&mut self, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let Self { bar, out, .. } = self;
        bar.above(|| {
            let mut pieces = BufWriter::with_capacity(PIECE, out);
            render(&mut pieces)?;
            pieces.flush()
        })
    }

    /// Whether somebody can be asked.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether stdout is a screen.
    pub fn is_screen(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether it has turned out that nobody reads stdout any more.
    pub fn is_closed(&self) -> bool {
        self.out.is_closed
    }

    /// Tells something on stderr, unless `--quiet`.
    pub fn note(&mut self, text: impl std::fmt::Display) {
        if !self.quiet {
            self.write_to_stderr(format_args!("{text}\n"));
        }
    }

    /// Tells what is wrong with the input on stderr, `--quiet` or not.
    pub fn tell(&mut self, text: &str) {
        self.write_to_stderr(format_args!("{text}"));
    }

    /// Tells an error on stderr.
    pub fn error(&mut self, error: &dyn std::fmt::Display) {
        self.write_to_stderr(format_args!("{ERROR}error{ERROR:#}{BOLD}:{BOLD:#} {error}\n"));
    }

    fn write_to_stderr(&mut self, text: std::fmt::Arguments<'_>) {
        self.bar.above(|| {
            // What was written to stdout appears first. A stdout that cannot be written is told when it is
            // written to again.
            let _ = self.out.flush();
            let _ = self.err.write_fmt(text);
        });
    }

    /// Asks on stderr, and gives the answer without blanks around it.
    pub fn ask(&mut self, question: &str) -> io::Result<String> {
        let _ = self.out.flush();
        write!(self.err, "{BOLD}{question}{BOLD:#} ")?;
        self.err.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }
}

impl Out {
    /// What came of a write, where a reader that has gone counts as one that took this.
    fn unless_closed<T>(&mut self, written: io::Result<T>, taken: T) -> io::Result<T> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(taken)
            }
            other => other,
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let written = self.stream.write(bytes);
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.stream.flush();
        self.unless_closed(flushed, ())
    }
}
