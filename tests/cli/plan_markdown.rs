//! The plan as the comment on a pull request.

use crate::manifests::{campaign_id, schedule_file};
use crate::support::Workspace;

/// What every comment begins with.
pub const MARKER: &str = "<!-- dialctl plan ";

#[test]
fn the_comment_says_what_the_plan_says_and_exits_alike() {
    let workspace = Workspace::with_examples();
    let formats: [&[&str]; 2] = [&[], &["--format", "markdown"]];
    let plan = |more: &[&str], code| {
        formats.map(|format| workspace.run(&[&["plan", "--sandbox"], format, more].concat()).exits(code).stdout)
    };
    plan(&[], 0);
    let [_, comment] = plan(&["--detailed-exitcode"], 2);
    let json = workspace.run(&["plan", "--sandbox", "--format", "json"]).exits(0).json();
    let marker = format!("{MARKER}{} -->\n", json["digest"].as_str().unwrap());
    assert!(comment.starts_with(&marker), "{comment}");
    assert!(
        comment.contains("**Plan: 6 to create, 0 to update, 0 to delete.** 0 unchanged, 0 unmanaged."),
        "{comment}"
    );
    assert_eq!(comment.matches("\n| create | ").count(), 6, "{comment}");
    assert_eq!((comment.matches("<details>").count(), comment.matches("\n</details>").count()), (6, 6), "{comment}");

    workspace.run(&["apply", "--sandbox"]).exits(0);
    let [_, comment] = plan(&["--detailed-exitcode"], 0);
    assert!(comment.contains("**Nothing to change.** 6 unchanged"), "{comment}");
}

#[test]
fn refusals_and_limits_stand_in_the_comment() {
    let mut workspace = Workspace::with_schedules(10);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    (0..4).for_each(|n| workspace.replace(&schedule_file(n), "09:00", "10:00"));
    let comment = workspace.run(&["plan", "--format", "markdown", "--detailed-exitcode"]).exits(2);
    assert!(comment.stdout.contains("**apply will refuse this plan:** 4 updates of 10"), "{comment}");
    assert!(!comment.stderr.contains("apply will refuse"), "{comment}");

    sandbox.rename_live(&campaign_id(9), "by hand @octo | #1");
    for format in ["human", "markdown"] {
        let plan = workspace.run(&["plan", "--format", format, "--detailed-exitcode"]).exits(4);
        assert_eq!(plan.stdout.contains("by hand @&#8203;octo &#124; #&#8203;1"), format == "markdown", "{plan}");
    }
}

#[test]
fn the_comment_is_kept_to_its_size() {
    let workspace = Workspace::with_examples();
    for budget in ["200", "1000", "4000"] {
        let arguments = ["plan", "--sandbox", "--format", "markdown", "--markdown-budget", budget];
        let comment = workspace.run(&arguments).exits(0).stdout;
        assert!(comment.len() <= budget.parse().unwrap() && comment.starts_with(MARKER), "{comment}");
        assert!(comment.contains("Left out") && comment.contains("`dialctl plan` shows all."), "{comment}");
    }
    workspace.run(&["plan", "--sandbox", "--format", "markdown", "--markdown-budget", "199"]).exits(64);
}
