//! What the policy in `dialctl.yaml` makes of each operation.

use crate::manifests::{campaign_id, idle_campaign, schedule_file};
use crate::support::{SandboxProcess, Workspace};

/// Two live schedules; a third manifest is new, the second has another hour, the first is gone, or the target of the
/// third has a schedule that somebody else made.
fn changed(what: &str) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(3);
    let third = workspace.read(&schedule_file(2));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.write(&schedule_file(2), idle_campaign("idle", &campaign_id(2)));
    workspace.run(&["apply"]).exits(0);
    match what {
        "create" => workspace.write(&schedule_file(2), third),
        "update" => workspace.replace(&schedule_file(1), "09:00", "10:00"),
        "delete" => std::fs::remove_file(workspace.path(&schedule_file(0))).unwrap(),
        _ => {
            sandbox.put_by_hand(&campaign_id(2), "by hand");
            workspace.write(&schedule_file(2), third);
        }
    }
    (workspace, sandbox)
}

#[test]
fn each_operation_is_allowed_or_denied() {
    let not_owned = "the target already has the schedule `by hand` that this repository does not own";
    for (operation, flags, verdicts) in [
        (
            "create",
            &[][..],
            [("", None), ("allow", None), ("deny", Some("the policy in dialctl.yaml denies `create`"))],
        ),
        ("update", &[], [("", None), ("allow", None), ("deny", Some("the policy in dialctl.yaml denies `update`"))]),
        (
            "delete",
            &["--prune"],
            [
                ("", None),
                ("allow", None),
                ("deny", Some("denies `delete`, so --prune is refused; nothing was changed")),
            ],
        ),
        ("adopt", &[], [("", Some(not_owned)), ("allow", None), ("deny", Some(not_owned))]),
        ("adopt", &["--adopt"], [("", None), ("allow", None), ("deny", None)]),
    ] {
        for (verdict, refused) in verdicts {
            let (workspace, sandbox) = changed(operation);
            if !verdict.is_empty() {
                workspace.write("dialctl.yaml", format!("policy: {{{operation}: {verdict}}}\n"));
            }
            let writes = sandbox.writes();
            for command in ["plan", "apply"] {
                let ran = workspace.run(&[&[command], flags].concat()).exits(if refused.is_some() { 4 } else { 0 });
                let told = refused.is_none_or(|told| ran.stdout.contains(told) || ran.stderr.contains(told));
                assert!(told, "{operation}: {verdict} {flags:?}: {ran}");
            }
            let done = if refused.is_some() { 0 } else { 1 };
            assert_eq!(sandbox.writes() - writes, done, "{operation}: {verdict} {flags:?}");
        }
    }
}

#[test]
fn what_is_denied_stands_in_nobody_elses_way() {
    for (operation, others) in
        [("create", ["update", "delete"]), ("update", ["create", "delete"]), ("delete", ["create", "update"])]
    {
        for other in others {
            let (workspace, sandbox) = changed(other);
            workspace.write("dialctl.yaml", format!("policy: {{{operation}: deny}}\n"));
            let writes = sandbox.writes();
            let flags: &[&str] = if other == "delete" { &["apply", "--prune"] } else { &["apply"] };
            workspace.run(flags).exits(0);
            assert_eq!(sandbox.writes() - writes, 1, "{operation} is denied, {other} is not");
        }
    }
}
