//! Looking into the ledger, and finding out what was done to it.

use serde_json::Value;

use crate::support::Workspace;

const LEDGER: &str = ".dialctl/ledger.jsonl";

/// A folder in which one schedule was applied in a sandbox.
fn applied() -> Workspace {
    let mut workspace = Workspace::with_schedules(1);
    workspace.set("GITHUB_ACTOR", "=octo\u{1b}");
    workspace.run(&["apply", "--sandbox"]).exits(0);
    workspace
}

fn lines(workspace: &Workspace) -> Vec<String> {
    workspace.read(LEDGER).lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn records_are_shown_as_a_table_as_json_and_as_csv() {
    let workspace = applied();
    let table = workspace.run(&["audit", "show"]).exits(0).stdout;
    let words: Vec<&str> = table.lines().map(|line| line.split_whitespace().nth(3).unwrap()).collect();
    assert_eq!(words, ["run", "runStarted", "actionIntended", "actionFinished", "runFinished"]);
    assert!(table.contains(r"by =octo\u{1b}"), "{table}");

    let found = workspace.run(&["audit", "show", "--outcome", "success", "--format", "json"]).exits(0).json();
    let written: Vec<Value> = workspace.ledger().into_iter().filter(|one| one["status"] == "SUCCESS").collect();
    assert_eq!((found.as_array().unwrap().len(), &found[0]), (1, &written[0]), "as they were written");

    let rows = workspace.run(&["audit", "show", "--schedule", "schedule-000", "--format", "csv"]).exits(0).stdout;
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("seq,time,run,actor,record,"), "{rows:?}");
    assert!(rows[1].contains(r",'=octo\u{1b},actionIntended,create,"), "no formula: {rows:?}");
    assert_eq!(workspace.run(&["audit", "show", "--actor", "eve", "--format", "json"]).exits(0).stdout, "[\n]\n");
}

#[test]
fn what_was_done_to_a_ledger_is_told_with_its_place() {
    let workspace = applied();
    let text = lines(&workspace);
    let checkpoint = workspace.run(&["audit", "checkpoint"]).exits(0).stdout;
    workspace.write("kept.json", checkpoint);
    let verified = workspace.run(&["audit", "verify", "--checkpoint", "kept.json"]).exits(0);
    assert!(verified.stdout.starts_with("4 records, each as it was written"), "{verified}");
    assert!(verified.stderr.is_empty(), "{verified}");
    let swapped = [&text[0], &text[2], &text[1], &text[3]].map(String::as_str).concat();
    for (what, content, told) in [
        ("edited", text.concat().replacen("SUCCESS", "FAILURE", 1), ":3: edited: its content does not match its hash"),
        ("removed", text[0].clone() + &text[2..].concat(), ":2: removed: record 2 to 2 are missing"),
        ("reordered", swapped, ":2: reordered: record 3 stands where record 2 belongs"),
        ("inserted", text.concat() + &text[3], ":5: inserted: there is a record 4 already"),
        ("truncated", text[..3].concat(), ":3: truncated: it ends with record 3, and the checkpoint knows record 4"),
        ("torn", text.concat().trim_end().to_owned(), ":4: torn: the last line has no end"),
    ] {
        workspace.write(LEDGER, content);
        let ran = workspace.run(&["audit", "verify", "--checkpoint", "kept.json"]).exits(1);
        assert!(ran.stderr.contains(&format!("{LEDGER}{told}")), "{what}: {ran}");
        assert!(ran.stdout.is_empty(), "{what}: {ran}");
    }
}

#[test]
fn a_ledger_of_several_files_is_shown_verified_and_continued_as_one() {
    let mut workspace = applied();
    let text = lines(&workspace);
    let closed = |first: usize| format!(".dialctl/ledger-{first:020}.jsonl");
    let part = |workspace: &Workspace| {
        workspace.write(&closed(1), text[..2].concat());
        workspace.write(&closed(3), &text[2]);
        workspace.write(LEDGER, &text[3]);
    };
    let whole = workspace.run(&["audit", "show", "--format", "json"]).exits(0).stdout;
    part(&workspace);
    assert_eq!(workspace.run(&["audit", "show", "--format", "json"]).exits(0).stdout, whole);
    workspace.run(&["audit", "verify"]).exits(0);
    let checkpoint = workspace.run(&["audit", "checkpoint"]).exits(0).json();
    assert_eq!(checkpoint["seq"], 4);

    std::fs::remove_file(workspace.path(&closed(3))).unwrap();
    let ran = workspace.run(&["audit", "verify"]).exits(1);
    assert!(ran.stderr.contains(&format!("{LEDGER}:1: removed: record 3 to 3 are missing")), "{ran}");
    part(&workspace);
    std::fs::remove_file(workspace.path(&closed(1))).unwrap();
    let ran = workspace.run(&["audit", "verify"]).exits(1);
    assert!(ran.stderr.contains(&format!("{}:1: removed: record 1 to 2 are missing", closed(3))), "{ran}");
    part(&workspace);
    workspace.write(&closed(1), &text[2]);
    workspace.write(&closed(3), text[..2].concat());
    let ran = workspace.run(&["audit", "verify"]).exits(1);
    let told = ":1: reordered: record 3 stands where record 1 belongs, which comes later";
    assert!(ran.stderr.contains(&format!("{}{told}", closed(1))), "{ran}");

    // As a crash leaves it right after a file was closed.
    part(&workspace);
    workspace.write(&closed(4), &text[3]);
    std::fs::remove_file(workspace.path(LEDGER)).unwrap();
    let doctor = workspace.run(&["doctor", "--sandbox"]).exits(0);
    assert!(doctor.stdout.contains("the ledger in .dialctl can be continued"), "{doctor}");
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    let verified = workspace.run(&["audit", "verify"]).exits(0);
    assert!(verified.stdout.starts_with("8 records"), "{verified}");
}

#[test]
fn where_there_is_no_ledger_or_no_checkpoint_the_way_out_is_told() {
    let workspace = applied();
    let ran = workspace.run(&["audit", "verify", "--state", "elsewhere"]).exits(1);
    assert!(ran.stderr.contains("there is no ledger in elsewhere; point --state at"), "{ran}");
    workspace.write("kept.json", "{}");
    let ran = workspace.run(&["audit", "verify", "--checkpoint", "kept.json"]).exits(1);
    assert!(ran.stderr.contains("the checkpoint kept.json: it is not what `dialctl audit checkpoint` prints"), "{ran}");
}
