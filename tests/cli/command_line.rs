//! The command line itself: usage, help, outputs, and what a pipeline builds on.

use std::path::Path;
use std::process::Stdio;

use crate::manifests::{campaign_id, schedule, slot};
use crate::support::{Ran, Workspace};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn wrong_usage_exits_64() {
    let workspace = Workspace::new();
    for arguments in [
        &[][..],
        &["aply"],
        &["plan", "--no-such-flag"],
        &["plan", "--format", "xml"],
        &["apply", "--max-updates", "many"],
        &["validate", "--as-of", "yesterday"],
        &["plan", "--quiet", "--verbose"],
        &["sandbox", "--listen", "nowhere"],
        &["apply", "--api", "rest"],
        &["explain", "no-such-code"],
        &["explain", "ended", "--list"],
    ] {
        let ran = workspace.run(arguments).exits(64);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("--help"), "{arguments:?}: {ran}");
    }
}

#[test]
fn help_of_every_command() {
    let workspace = Workspace::new();
    insta::assert_snapshot!("help", workspace.run(&["--help"]).exits(0));
    for command in
        ["validate", "plan", "apply", "calendar", "doctor", "events", "schema", "explain", "sandbox", "unlock", "watch"]
    {
        let help = workspace.run(&[command, "--help"]).exits(0);
        insta::assert_snapshot!(format!("help_{command}"), help);
    }
    for command in ["list", "show", "test", "redeliver"] {
        let help = workspace.run(&["events", command, "--help"]).exits(0);
        insta::assert_snapshot!(format!("help_events_{command}"), help);
    }
}

#[test]
fn version_is_that_of_the_package() {
    let workspace = Workspace::new();
    for arguments in [["--version"], ["-V"]] {
        let version = workspace.run(&arguments).exits(0);
        assert_eq!(version.stdout, concat!("dialctl ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

#[test]
fn committed_schemas_are_current_and_stale_ones_are_told() {
    let workspace = Workspace::new();
    let mut command = workspace.command(&["schema", "--check"]);
    let current = Ran::of(command.current_dir(REPOSITORY)).exits(0);
    assert_eq!(current.stdout.matches(" current\n").count(), 6, "{current}");

    workspace.run(&["schema", "--check"]).exits(3);
    assert!(!workspace.path("schemas").exists());
    workspace.run(&["schema"]).exits(0);
    workspace.run(&["schema", "--check"]).exits(0);
    let committed = std::fs::read_to_string(Path::new(REPOSITORY).join("schemas/dialctl.schema.json")).unwrap();
    assert_eq!(workspace.read("schemas/dialctl.schema.json"), committed);

    workspace.write("schemas/dialctl.schema.json", format!("{committed} "));
    let stale = workspace.run(&["schema", "--check"]).exits(3);
    assert!(stale.stdout.contains("schemas/dialctl.schema.json out of date"), "{stale}");
    assert!(stale.stdout.contains("schemas/dialctl-config.schema.json current"), "{stale}");
    assert_eq!(workspace.read("schemas/dialctl.schema.json"), format!("{committed} "));
}

/// Runs the program with a stdout that nobody reads any more.
fn run_unread(workspace: &Workspace, arguments: &[&str]) -> Ran {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = workspace.command(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    Ran { stdout: String::new(), stderr: String::from_utf8(output.stderr).unwrap(), code: output.status.code() }
}

#[test]
fn a_closed_stdout_changes_neither_the_work_nor_the_exit_code() {
    let mut workspace = Workspace::with_schedules(2);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["validate"], 0),
        (&["plan"], 0),
        (&["plan", "--format", "json", "--detailed-exitcode"], 2),
        (&["schema"], 0),
        (&["watch"], 0),
    ] {
        let ran = run_unread(&workspace, arguments).exits(code);
        assert_eq!(ran.stderr, "", "{arguments:?}");
    }
    run_unread(&workspace, &["apply"]).exits(0);
    assert_eq!(sandbox.live_names(), ["dialctl/schedule-000", "dialctl/schedule-001"]);
    workspace.write("schedules/broken.yaml", "kind: [");
    run_unread(&workspace, &["validate"]).exits(3);
}

#[test]
fn two_runs_over_the_same_input_give_the_same_plan() {
    let mut workspace = Workspace::with_examples();
    let around_the_clock = r#"{startTime: "00:00", endTime: "24:00"}"#;
    // Under way whenever this runs, so that nothing of the plan may depend on the moment.
    let text = schedule("always", &campaign_id(1), around_the_clock).replace("2027-03-01", "2020-01-01");
    workspace.write("schedules/always.yaml", text);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let plan = || workspace.run(&["plan", "--format", "json"]).exits(0);
    let (first, second) = (plan(), plan());
    assert_eq!(first.stdout, second.stdout);
    let digest = first.json()["digest"].as_str().unwrap().to_owned();
    assert_eq!(digest.len(), 64);
    workspace.replace("schedules/always.yaml", "24:00", "23:00");
    assert_ne!(plan().json()["digest"], digest);
}

#[test]
fn targets_by_name_are_resolved_and_unknown_ones_are_told_with_their_place() {
    let mut workspace = Workspace::new();
    let by_name = |name: &str, target: &str| {
        let one = schedule(name, "X", &slot("09:00", "17:00"));
        one.replace("{id: X}", &format!("{{name: {target}}}"))
    };
    workspace.write("schedules/known.yaml", by_name("known", "Spring"));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    let campaigns = sandbox.get("/api/v2/outbound/campaigns?name=Spring");
    let live = sandbox.get("/api/v2/outbound/schedules/campaigns");
    assert_eq!(live.as_array().map(Vec::len), Some(1));
    assert_eq!(live[0]["campaign"]["id"], campaigns["entities"][0]["id"]);

    workspace.write("schedules/unknown.yaml", format!("# A comment.\n{}", by_name("unknown", "Autumn")));
    let writes = sandbox.writes();
    for command in ["plan", "apply"] {
        let ran = workspace.run(&[command]).exits(3);
        let told = "schedules/unknown.yaml:2: unknown: there is no campaign with the name \"Autumn\"";
        assert!(ran.stderr.contains(told), "{ran}");
    }
    assert_eq!(sandbox.writes(), writes);
}
