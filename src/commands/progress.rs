//! How the course of a run is told: to people or to programs.

use super::terminal::Terminal;
use crate::apply::{ActionResult, millis, stream};
use crate::plan::Action;

/// Tells the course of a run on stdout. A full disk behind it must not keep the run from being finished and
/// written down, so what fails to be written is lost.
pub enum Progress<'a> {
    /// A line for each finished action, and the bar below them where there is one.
    Lines(&'a mut Terminal),
    /// A line of JSON for each action that starts or is finished.
    Stream(&'a mut Terminal),
}

impl Progress<'_> {
    /// An action is about to send its first request.
    pub fn started(&mut self, action: &Action) {
        match self {
            Self::Lines(_) => {}
            Self::Stream(terminal) => {
                let _ = terminal.show(|out| out.write_all(stream::started(action).as_bytes()));
            }
        }
    }

    /// The outcome of an action is known.
    pub fn finished(&mut self, result: &ActionResult) {
        let (terminal, line) = match self {
            Self::Lines(terminal) => {
                terminal.bar().advance();
                (terminal, line(result))
            }
            Self::Stream(terminal) => (terminal, stream::finished(result)),
        };
        let _ = terminal.show(|out| out.write_all(line.as_bytes()));
    }

    /// Tells something else on stderr.
    pub fn note(&mut self, text: impl std::fmt::Display) {
        let (Self::Lines(terminal) | Self::Stream(terminal)) = self;
        terminal.note(text);
    }
}

/// What people are told of a finished action.
fn line(result: &ActionResult) -> String {
    let done = match result.action {
        "create" => "created",
        "update" => "updated",
        _ => "deleted",
    };
    let (kind, name, ms) = (result.kind, result.name.escape_debug(), millis(result.latency));
    match result.error() {
        None => format!("{done} {kind} {name} ({ms} ms)\n"),
        Some(error) => format!("FAILED to {} {kind} {name}: {error}\n", result.action),
    }
}
