//! How a run ends when whoever reads or started it has gone, and what it still tells.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::Workspace;

#[test]
fn a_reader_that_has_gone_changes_neither_what_is_done_nor_the_exit_code() {
    let mut workspace = Workspace::with_examples();
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let unread = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        workspace.command(arguments).stdout(writer).stderr(Stdio::null()).status().unwrap().code()
    };
    assert_eq!(unread(&["plan", "--detailed-exitcode"]), Some(2));
    assert_eq!(unread(&["apply", "--owner", "other"]), Some(0));
    assert_eq!(sandbox.writes(), 6);
    assert_eq!(unread(&["plan"]), Some(4), "all is refused, for it belongs to another owner");
    workspace.write("schedules/broken.yaml", "a: [");
    assert_eq!(unread(&["validate"]), Some(3));
    assert_eq!(unread(&["watch"]), Some(0));
}

#[test]
fn what_was_done_is_told_even_where_the_metrics_cannot_be_written() {
    let workspace = Workspace::with_examples();
    let ran = workspace.run(&["apply", "--sandbox", "--metrics-file", "no/such/folder/metrics"]).exits(1);
    assert!(ran.stdout.contains("Applied: 6 succeeded, 0 failed, 0 not attempted."), "{ran}");
    assert!(ran.stderr.contains("no/such/folder/metrics"), "{ran}");
}

#[test]
fn a_refusal_is_shown_where_stdout_is_for_programs() {
    let mut workspace = Workspace::with_examples();
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply", "--owner", "other"]).exits(0);
    let refused = workspace.run(&["apply", "--format", "json"]).exits(4);
    let events: Vec<Value> = refused.lines().iter().map(|line| line["event"].clone()).collect();
    assert_eq!(events, ["plan", "error"]);
    assert!(refused.stderr.contains("! refused SequenceSchedule onboarding"), "{refused}");
}

#[test]
fn the_sandbox_is_no_news_for_receivers_elsewhere() {
    let mut workspace = Workspace::with_examples();
    workspace.set("WFM_WEBHOOK_URL", "https://wfm.example.invalid/s3cret");
    let ran = workspace.run(&["apply", "--sandbox"]).exits(0);
    assert!(ran.stderr.contains("not sent to https://wfm.example.invalid:"), "{ran}");
    let ledger = workspace.ledger();
    assert_eq!((&ledger[0]["record"], &ledger[0]["org"]), (&"runStarted".into(), &"sandbox".into()));
    assert!(ledger.iter().all(|record| record["record"] != "eventQueued"), "{ledger:?}");
}

#[cfg(unix)]
#[test]
fn whoever_asks_twice_does_not_wait_for_a_request_that_never_ends() {
    let workspace = Workspace::new();
    let mut sandbox = workspace.sandbox(&[]);
    let address = sandbox.url.trim_start_matches("http://").to_owned();
    let mut unfinished = TcpStream::connect(&address).unwrap();
    unfinished.write_all(b"GET /api HTTP/1.1\r\n").unwrap();
    // Connections are taken in the order in which they came, so this answer shows that the first is taken.
    sandbox.requests();
    let ask = |id: u32| assert!(Command::new("kill").arg(id.to_string()).status().unwrap().success());
    ask(sandbox.child.id());
    // It takes no more connections from the moment on at which it has understood.
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(sandbox.child.try_wait().unwrap(), None, "the request is still under way");
    ask(sandbox.child.id());
    assert_eq!(sandbox.child.wait().unwrap().code(), Some(0));
}
