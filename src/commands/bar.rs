//! The bar at the bottom of the screen while a plan is carried out.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

/// How often a second the bar is drawn, at most.
const DRAWN_PER_SECOND: u8 = 10;

/// The bar, shared by all who write to the terminal: each of them writes above it.
#[derive(Clone)]
pub struct Bar {
    is_allowed: bool,
    shown: Arc<Mutex<Option<ProgressBar>>>,
}

impl Bar {
    /// A bar that is not shown yet, and never will be unless that is allowed.
    pub fn new(is_allowed: bool) -> Self {
        Self { is_allowed, shown: Arc::default() }
    }

    /// Shows how many of so many actions have ended, where stderr is a screen whose cursor can be moved.
    pub fn show(&self, total: usize) {
        let screen = Term::buffered_stderr();
        if self.is_allowed && screen.is_term() && !console::is_dumb() {
            self.show_on(total, screen);
            if let Some(bar) = self.shown() {
                // The pace and what is left change while nothing ends, too.
                bar.enable_steady_tick(Duration::from_secs(1) / DRAWN_PER_SECOND.into());
            }
        }
    }

    fn show_on(&self, total: usize, screen: impl TermLike + 'static) {
        let screen = Box::new(CursorAtStart(screen));
        let target = ProgressDrawTarget::term_like_with_hz(screen, DRAWN_PER_SECOND);
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let style = ProgressStyle::with_template("[{wide_bar}] {pos}/{len}{pace}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ")
            .with_key("pace", |state: &ProgressState, out: &mut dyn fmt::Write| {
                let _ = out.write_str(&pace(state.per_sec(), state.eta()));
            });
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
        bar.tick();
        *self.slot() = Some(bar);
    }

    /// One more action has ended.
    pub fn advance(&self) {
        if let Some(bar) = self.shown() {
            bar.inc(1);
        }
    }

    /// Writes above the bar.
    pub fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.shown() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the bar off the screen, for good.
    pub fn remove(&self) {
        let shown = self.slot().take();
        if let Some(bar) = shown {
            bar.finish_and_clear();
        }
    }

    // Not kept locked while the bar is drawn or something is written above it.
    fn shown(&self) -> Option<ProgressBar> {
        self.slot().clone()
    }

    fn slot(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands behind the count: the actions a second, or a minute where that reads better, and the time that
/// is left. Nothing while nothing has ended for so long that both would be guesses.
fn pace(per_second: f64, left: Duration) -> String {
    let per_minute = per_second * 60.0;
    let rate = if per_second >= 9.95 {
        format!("{per_second:.0}/s")
    } else if per_second >= 1.0 {
        format!("{per_second:.1}/s")
    } else if per_minute >= 0.5 {
        format!("{per_minute:.0}/min")
    } else {
        return String::new();
    };
    let seconds = left.as_secs_f64().ceil() as u64;
    let left = match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    };
    format!(", {rate}, {left} left")
}

/// stderr for those who know nothing of the bar. Each write is one message.
pub struct AboveBar(pub Bar);

impl Write for AboveBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.above(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// A screen whose cursor waits at the start of the bar's line. At the end of it, what the terminal shows of
/// its own accord, such as the `^C` of somebody who wants to stop, would begin the next line, and the bar
/// would be left behind.
#[derive(Debug)]
struct CursorAtStart<S>(S);

impl<S: TermLike> TermLike for CursorAtStart<S> {
    fn width(&self) -> u16 {
        self.0.width()
    }
    fn height(&self) -> u16 {
        self.0.height()
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }
    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }
    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }
    fn flush(&self) -> io::Result<()> {
        self.0.write_str("\r")?;
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn the_bar_stays_below_what_is_written_and_leaves_nothing_behind() {
        for width in [100, 40, 20] {
            let screen = InMemoryTerm::new(10, width);
            let bar = Bar::new(true);
            bar.show_on(30, screen.clone());
            let empty = format!("[{}] 0/30", " ".repeat(usize::from(width) - 7));
            assert_eq!(screen.contents(), empty);
            for name in ["a", "b"] {
                bar.advance();
                // What the terminal shows of its own accord.
                screen.write_str("^C").unwrap();
                bar.above(|| screen.write_line(&format!("created {name}"))).unwrap();
            }
            let contents = screen.contents();
            let (lines, shown) = contents.split_at("created a\ncreated b\n".len());
            assert_eq!(lines, "created a\ncreated b\n", "{contents}");
            assert!(shown.starts_with('[') && shown.contains("] 2/30"), "{contents}");
            assert!(!shown.contains("created") && !shown.contains('^'), "{contents}");

            screen.write_str("^C").unwrap();
            bar.remove();
            assert_eq!(screen.contents(), "created a\ncreated b");
            bar.advance();
            bar.above(|| screen.write_line("created c")).unwrap();
            assert_eq!(screen.contents(), "created a\ncreated b\ncreated c");
        }
    }

    #[test]
    fn a_pace_reads_well_whatever_it_is() {
        for (per_second, seconds, expected) in [
            (0.0, 0.0, ""),
            (0.008, 4000.0, ""),
            (0.01, 59.2, ", 1/min, 1 min 0 s left"),
            (0.63, 0.1, ", 38/min, 1 s left"),
            (0.999, 59.0, ", 60/min, 59 s left"),
            (1.0, 60.0, ", 1.0/s, 1 min 0 s left"),
            (4.84, 80.0, ", 4.8/s, 1 min 20 s left"),
            (9.949, 3599.5, ", 9.9/s, 1 h 0 min left"),
            (9.95, 7500.0, ", 10/s, 2 h 5 min left"),
            (1234.5, 0.0, ", 1234/s, 0 s left"),
        ] {
            assert_eq!(pace(per_second, Duration::from_secs_f64(seconds)), expected);
        }
    }
}
