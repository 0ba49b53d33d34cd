//! `dialctl watch`, started as a process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::manifests::{schedule_file, schedule_name};
use crate::support::Workspace;

/// Only turns a line that never comes into a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `dialctl watch` and the lines that it prints. Ends when it is dropped.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(workspace: &Workspace, arguments: &[&str]) -> Self {
        let mut command = workspace.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// Everything that is printed up to and including the line that ends the current state.
    #[track_caller]
    fn state(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut state = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("no more after:\n{state}"));
            state.push_str(&line);
            state.push('\n');
            if line.contains("watching for changes") {
                return state;
            }
        }
    }

    /// The first of the next states that shows a text. A single change of a file may be seen in two states.
    #[track_caller]
    fn state_with(&self, text: &str) -> String {
        loop {
            let state = self.state();
            if state.contains(text) {
                return state;
            }
        }
    }

    /// Asks the process to end, and gives its exit code.
    fn end(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_change_shows_the_new_state_until_the_program_is_asked_to_end() {
    let workspace = Workspace::with_schedules(2);
    let watching = Watching::start(&workspace, &["watch"]);
    let valid = "2 files, 2 schedules: valid";
    let first = watching.state();
    assert!(first.contains(valid) && !first.contains("error["), "{first}");

    let text = workspace.read(&schedule_file(0));
    workspace.write(&schedule_file(0), text.replace("America/New_York", "America/New_Yrok"));
    let broken = watching.state_with("error[unknown-timezone]");
    assert!(broken.contains(&schedule_file(0)), "{broken}");

    workspace.write(&schedule_file(0), text);
    let mended = watching.state_with(valid);
    assert!(!mended.contains("error["), "{mended}");
    assert_eq!(watching.end(), Some(0));
}

#[test]
fn with_plan_every_change_is_planned_again() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let watching = Watching::start(&workspace, &["watch", "--plan"]);
    assert!(watching.state().contains("Plan: 1 to create"), "no plan");
    workspace.run(&["apply"]).exits(0);
    workspace.replace(&schedule_file(0), "17:00", "18:00");
    let planned = watching.state_with("1 to update");
    assert!(planned.contains(&format!("~ update CampaignSchedule {}", schedule_name(0))), "{planned}");
    assert_eq!(sandbox.writes(), 1);
    assert_eq!(watching.end(), Some(0));
}
