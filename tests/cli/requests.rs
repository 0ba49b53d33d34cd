//! How many requests a plan takes, and for what.

use serde_json::{Value, json};

use crate::manifests::{campaign_id, idle_campaign, schedule, slot};
use crate::support::{SandboxProcess, Workspace};

const LISTED: &str = "/api/v2/outbound/schedules/";

/// A plan as JSON, and the requests that it took, as `METHOD path`.
fn plan(workspace: &Workspace, sandbox: &SandboxProcess, arguments: &[&str]) -> (Value, Vec<String>) {
    let before = sandbox.requests().len();
    let plan = workspace.run(&[&["plan", "--format", "json"], arguments].concat()).exits(0).json();
    (plan, requests(sandbox).split_off(before))
}

fn requests(sandbox: &SandboxProcess) -> Vec<String> {
    let text = |request: &Value, field: &str| request[field].as_str().unwrap().to_owned();
    let line = |request: &Value| format!("{} {}", text(request, "method"), text(request, "path"));
    sandbox.requests().iter().map(|request| line(request).replace(LISTED, "")).collect()
}

#[test]
fn ten_thousand_voice_schedules_by_id_are_one_login_and_one_listing() {
    let mut workspace = Workspace::new();
    let all: Vec<String> =
        (0..10_000).map(|n| schedule(&format!("s-{n}"), &campaign_id(n), &slot("09:00", "17:00"))).collect();
    for (n, some) in all.chunks(100).enumerate() {
        workspace.write(&format!("schedules/{n}.yaml"), some.join("---\n"));
    }
    let sandbox = workspace.sandbox(&["nothing"]);
    workspace.connect(&sandbox);
    let plan = workspace.run(&["plan"]).exits(0);
    assert_eq!(requests(&sandbox), ["POST /oauth/token", "GET campaigns"]);
    let told = "Note: SequenceSchedule, MessagingCampaignSchedule, EmailCampaignSchedule, WhatsAppCampaignSchedule: not \
                listed, no manifest uses them; `--prune` lists them\nPlan: 10000 to create,";
    // Not all of the plan when it fails.
    assert!(plan.stdout.contains(told), "{}", plan.stdout.lines().rev().take(3).collect::<String>());
}

#[test]
fn families_are_listed_that_manifests_use_or_a_prune_may_change() {
    let mut workspace = Workspace::with_examples();
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let every = ["campaigns", "sequences", "messagingcampaigns", "emailcampaigns", "whatsappcampaigns"];
    let listed = |workspace: &Workspace, arguments: &[&str]| {
        let (plan, requests) = plan(workspace, &sandbox, arguments);
        let families = requests.iter().filter_map(|line| line.strip_prefix("GET "));
        let listed: Vec<String> = families.filter(|path| !path.contains('/')).map(str::to_owned).collect();
        (listed, plan["completeness"]["ignored"].to_string())
    };
    let only = |path: &str, arguments: &[&str]| listed(&workspace, &[&[path], arguments].concat());
    let (families, ignored) = only("schedules/onboarding-sequence.yaml", &[]);
    assert_eq!(families, ["sequences"]);
    assert!(ignored.contains("CampaignSchedule, MessagingCampaignSchedule, Email"), "{ignored}");
    assert_eq!(only("schedules/voice", &[]).0, ["campaigns"]);
    let (families, ignored) = only("schedules", &["--prune"]);
    assert_eq!((families, ignored.contains("not listed")), (every.map(str::to_owned).to_vec(), false));

    // What runs on a campaign with a declared capacity uses it.
    workspace.write("limits/idle.yaml", idle_campaign("idle", &campaign_id(1)));
    assert_eq!(only("limits", &[]).0, ["campaigns"]);

    // What an earlier run has written is looked for as long as it is there.
    workspace.run(&["apply", "schedules/onboarding-sequence.yaml"]).exits(0);
    assert_eq!(only("schedules/voice", &[]).0, ["campaigns", "sequences"]);
    assert_eq!(only("schedules/voice", &["--owner", "others"]).0, ["campaigns"]);
    workspace.run(&["apply", "--prune", "--only", "onboarding", "schedules/voice"]).exits(0);
    assert_eq!(only("schedules/voice", &[]).0, ["campaigns"]);
}

#[test]
fn others_are_counted_and_not_kept() {
    let mut workspace = Workspace::with_schedules(2);
    workspace.write("others/idle.yaml", idle_campaign("idle", &campaign_id(7)));
    let sandbox = workspace.sandbox(&["schedules", "others"]);
    workspace.connect(&sandbox);
    sandbox.put_by_hand(&campaign_id(7), "by hand");
    for arguments in [&[][..], &["--prune"]] {
        let (plan, _) = plan(&workspace, &sandbox, arguments);
        let (counts, found) = (&plan["counts"], &plan["completeness"]);
        assert_eq!((&counts["create"], &counts["unmanaged"]), (&json!(2), &json!(1)));
        let pages = if arguments.is_empty() { 1 } else { 5 };
        assert_eq!((&found["objectsSeen"], &found["pagesFetched"]), (&json!(1), &json!(pages)));
    }
}
