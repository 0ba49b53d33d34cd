//! The program on a clock that jumps instead of waiting.
//!
//! The test binary starts itself once more as the program, because the built binary knows the real
//! clock only. That way the program has a current directory, an environment and outputs of its own.

use std::process::Command;

use dialctl::commands::{Surroundings, run};
use dialctl::genesys::Clock;

use crate::support::{Ran, Workspace};

/// Holds the arguments as JSON in the process that is the program.
const ARGUMENTS: &str = "VIRTUAL_TIME_ARGUMENTS";
/// Divides what the test runner prints from what the program prints.
const BEGIN: &str = "-- the program begins --\n";

/// Runs the program and ends the process, where it was started for that. The first line of every test
/// that uses [`Workspace::run_on_virtual_time`].
pub fn be_the_program_where_asked() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let arguments: Vec<String> = serde_json::from_str(&arguments).unwrap();
    let surroundings = Surroundings { environment: |name| std::env::var(name).ok(), clock: Clock::virtual_time() };
    // As `main` does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    print!("{BEGIN}");
    let exit = run(arguments.into_iter().map(Into::into), &surroundings);
    std::process::exit(exit as i32);
}

impl Workspace {
    /// Runs the program on a clock that jumps. `test` is the full name of the test that asks.
    pub fn run_on_virtual_time(&self, test: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture"]);
        let all: Vec<&str> = std::iter::once("dialctl").chain(arguments.iter().copied()).collect();
        let ran = Ran::of(self.at_home(command).env(ARGUMENTS, serde_json::to_string(&all).unwrap()));
        let (_, stdout) = ran.stdout.split_once(BEGIN).unwrap_or_else(|| panic!("`{test}` did not begin: {ran}"));
        Ran { stdout: stdout.to_owned(), stderr: ran.stderr, code: ran.code }
    }
}
