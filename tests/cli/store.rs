//! A state in an object store that is not there. What works with one is tried in tests/store.

use std::net::TcpListener;

use crate::support::Workspace;

/// A folder whose state is in a store, at an address where nobody listens.
fn without_store() -> Workspace {
    let mut workspace = Workspace::with_schedules(2);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    workspace.set("AWS_ENDPOINT_URL", &format!("http://{nobody}"));
    for (name, value) in [
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "s3cr3t-of-the-store"),
        ("DIALCTL_STATE", "s3://bucket/dialctl"),
    ] {
        workspace.set(name, value);
    }
    workspace
}

#[test]
fn an_apply_whose_store_cannot_be_reached_sends_nothing() {
    let mut workspace = without_store();
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let refused = workspace.run(&["apply", "--yes"]).exits(1);
    for part in ["s3://bucket/dialctl: ", "refused", "AWS_ENDPOINT_URL"] {
        assert!(refused.stderr.contains(part), "{part:?} is missing: {refused}");
    }
    assert!(!refused.stderr.contains("s3cr3t"), "{refused}");
    assert!(sandbox.requests().is_empty());
    // A plan only says that it does not know what earlier runs have done.
    let planned = workspace.run(&["plan"]).exits(0);
    assert!(planned.stdout.contains("2 to create") && planned.stdout.contains("it cannot be read"), "{planned}");
    let diagnosed = workspace.run(&["doctor"]).exits(1);
    assert!(diagnosed.stdout.contains("cannot list s3://bucket/dialctl: "), "{diagnosed}");
    workspace.run(&["audit", "verify"]).exits(1);
}

#[test]
fn a_sandbox_inside_the_process_leaves_the_store_alone() {
    let workspace = without_store();
    workspace.run(&["apply", "--sandbox"]).exits(0);
    workspace.run(&["audit", "verify", "--sandbox"]).exits(0);
    assert!(workspace.path(".dialctl/ledger.jsonl").exists());
}

#[test]
fn without_a_store_there_is_nothing_to_push() {
    let workspace = Workspace::with_schedules(1);
    let pushed = workspace.run(&["audit", "push"]).exits(0);
    assert_eq!(pushed.stdout, "Nothing to send: the ledger is in .dialctl, and no store is configured.\n");
}

#[test]
fn a_url_that_is_none_is_refused_without_being_repeated() {
    let mut workspace = Workspace::with_schedules(1);
    for (url, told) in [
        ("s3://id:s3cr3t@bucket/x", "write it like s3://bucket/prefix, without credentials"),
        ("https://s3cr3t.example/x", "no state is kept under `https://`"),
        ("file://s3cr3t/x", "names no folder of this machine"),
    ] {
        workspace.set("DIALCTL_STATE", url);
        let refused = workspace.run(&["validate"]).exits(3);
        assert!(refused.stderr.contains(told), "{refused}");
        assert!(!refused.stderr.contains("s3cr3t") || url.starts_with("file"), "{refused}");
    }
}
