//! Plan and apply in every format, with and without changes, with and without an error: stdout is of its
//! format, and the exit code is the right one.

use serde_json::Value;

use crate::apply_stream;
use crate::plan_markdown::MARKER;
use crate::support::{Ran, SandboxProcess, Workspace};

const COUNT: usize = 3;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
enum Error {
    /// Nothing.
    None,
    /// The listing is refused.
    BadRequest,
    /// The listing is forbidden.
    Forbidden,
    /// The secret is not the client's.
    Stranger,
    /// The first write is refused.
    OneWrite,
}

struct World {
    workspace: Workspace,
    sandbox: SandboxProcess,
}

impl World {
    fn new(changes: bool) -> Self {
        let mut workspace = Workspace::with_schedules(COUNT);
        let sandbox = workspace.sandbox(&[]);
        workspace.connect(&sandbox);
        if !changes {
            workspace.run(&["apply"]).exits(0);
        }
        Self { workspace, sandbox }
    }

    fn run_against(&mut self, error: Error, arguments: &[&str]) -> Ran {
        self.workspace.connect(&self.sandbox);
        let faults = match error {
            Error::None => "[]",
            Error::BadRequest => r#"[{"method": "GET", "status": 400}]"#,
            Error::Forbidden => r#"[{"method": "GET", "status": 403}]"#,
            Error::Stranger => {
                self.workspace.set("GENESYS_CLIENT_SECRET", "not the secret");
                "[]"
            }
            Error::OneWrite => r#"[{"method": "PUT", "nth": 1, "status": 400}]"#,
        };
        self.sandbox.strike(faults);
        self.workspace.run(arguments)
    }
}

/// A format, and what reads the output in it.
type Row<T> = (&'static str, fn(&Ran) -> T);

/// The formats of plan; their readers count the creates.
const PLANS: &[Row<usize>] =
    &[("human", human_plan), ("json", json_plan), ("markdown", markdown_plan), ("html", html_plan)];

fn human_plan(ran: &Ran) -> usize {
    let last = ran.stdout.lines().last().unwrap();
    let creates = ran.stdout.lines().filter(|line| line.starts_with("+ create CampaignSchedule ")).count();
    let headline = if creates == 0 { "Nothing to change." } else { "Plan: 3 to create, 0 to update, 0 to delete." };
    assert!(last.starts_with(headline) && last.ends_with(" unchanged, 0 unmanaged."), "{ran}");
    creates
}

fn json_plan(ran: &Ran) -> usize {
    let plan: Value = ran.json();
    let actions = plan["actions"].as_array().unwrap();
    assert!(actions.iter().all(|action| action["action"] == "create"), "{plan:#}");
    assert_eq!(plan["counts"]["create"], actions.len());
    actions.len()
}

fn markdown_plan(ran: &Ran) -> usize {
    let text = &ran.stdout;
    assert!(text.starts_with(MARKER) && text.ends_with('\n'), "{ran}");
    let rows = text.lines().filter(|line| line.starts_with("| create | ")).count();
    assert_eq!(text.matches("<details>").count(), rows, "{ran}");
    assert_eq!(text.matches("\n</details>").count(), rows, "{ran}");
    assert!(text.lines().filter(|line| line.starts_with("```")).count().is_multiple_of(2), "{ran}");
    rows
}

fn html_plan(ran: &Ran) -> usize {
    let text = &ran.stdout;
    assert!(text.starts_with("<!DOCTYPE html>\n") && text.ends_with("</html>\n"), "{ran}");
    assert_eq!(text.matches("<details").count(), text.matches("</details>").count(), "{ran}");
    text.matches("<details class=\"create\"").count()
}

#[test]
fn every_plan() {
    for changes in [true, false] {
        let mut world = World::new(changes);
        for (error, code) in [
            (Error::None, None),
            (Error::BadRequest, Some(1)),
            (Error::Forbidden, Some(8)),
            (Error::Stranger, Some(8)),
            (Error::OneWrite, None),
        ] {
            for (format, read) in PLANS {
                for detailed in [false, true] {
                    let more: &[&str] = if detailed { &["--detailed-exitcode"] } else { &[] };
                    let ran = world.run_against(error, &[&["plan", "--format", format], more].concat());
                    let without_error = if changes && detailed { 2 } else { 0 };
                    let ran = ran.exits(code.unwrap_or(without_error));
                    let case = format!("{format}, changes: {changes}, {error:?}, detailed: {detailed}: {ran}");
                    if code.is_some() {
                        assert_eq!(ran.stdout, "", "half a plan: {case}");
                        assert!(ran.stderr.starts_with("error: "), "{case}");
                    } else {
                        assert_eq!(read(&ran), if changes { COUNT } else { 0 }, "{case}");
                        assert_eq!(ran.stderr, "", "{case}");
                    }
                }
            }
        }
    }
}

/// What apply tells of its end.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// An error, before anything was done.
    Error,
    /// What was done, and what failed.
    Done { succeeded: usize, failed: usize },
}

/// The formats of apply.
const APPLIES: &[Row<Told>] = &[("human", human_apply), ("json", json_apply)];

fn human_apply(ran: &Ran) -> Told {
    let lines = |start: &str| ran.stdout.lines().filter(|line| line.starts_with(start)).count();
    let (succeeded, failed) = (lines("created CampaignSchedule "), lines("FAILED to create CampaignSchedule "));
    if ran.stdout.is_empty() {
        assert!(ran.stderr.starts_with("error: "), "{ran}");
        return Told::Error;
    }
    let told = format!("Applied: {succeeded} succeeded, {failed} failed, 0 not attempted.\n");
    let has_ended = if succeeded + failed == 0 { "Nothing to change. 3 unchanged, 0 unmanaged.\n" } else { &told };
    assert!(ran.stdout.contains(has_ended), "{ran}");
    assert_eq!(ran.stderr, "", "there is no bar where there is no terminal");
    Told::Done { succeeded, failed }
}

fn json_apply(ran: &Ran) -> Told {
    let lines = apply_stream::read(ran);
    let last = lines.last().unwrap();
    if last["event"] == "error" {
        return Told::Error;
    }
    let count = |field: &str| usize::try_from(last[field].as_u64().unwrap()).unwrap();
    Told::Done { succeeded: count("succeeded"), failed: count("failed") }
}

#[test]
fn every_apply() {
    let done = |succeeded, failed| Told::Done { succeeded, failed };
    for (changes, error, code, told) in [
        (true, Error::None, 0, done(COUNT, 0)),
        (true, Error::OneWrite, 7, done(COUNT - 1, 1)),
        (true, Error::BadRequest, 1, Told::Error),
        (true, Error::Forbidden, 8, Told::Error),
        (true, Error::Stranger, 8, Told::Error),
        (false, Error::None, 0, done(0, 0)),
        // There is no write that it could meet.
        (false, Error::OneWrite, 0, done(0, 0)),
        (false, Error::BadRequest, 1, Told::Error),
        (false, Error::Forbidden, 8, Told::Error),
        (false, Error::Stranger, 8, Told::Error),
    ] {
        for (format, read) in APPLIES {
            let ran = World::new(changes).run_against(error, &["apply", "--format", format]).exits(code);
            assert_eq!(read(&ran), told, "{format}, changes: {changes}, {error:?}: {ran}");
        }
    }
}
