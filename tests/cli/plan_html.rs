//! The plan as a page.

use crate::manifests::{campaign_id, schedule_file};
use crate::support::Workspace;

const PAGE: [&str; 5] = ["plan", "--sandbox", "--format", "html", "--detailed-exitcode"];

#[test]
fn the_page_says_what_the_plan_says_and_exits_alike() {
    let workspace = Workspace::with_examples();
    let page = workspace.run(&PAGE).exits(2);
    let json = workspace.run(&["plan", "--sandbox", "--format", "json"]).exits(0).json();
    assert!(page.stdout.starts_with("<!DOCTYPE html>\n") && page.stdout.ends_with("</html>\n"), "{page}");
    assert_eq!(page.stdout.matches("<details class=\"create\"><summary>").count(), 6, "{page}");
    for told in ["<h1>Plan: 6 to create, 0 to update, 0 to delete.</h1>", json["digest"].as_str().unwrap()] {
        assert!(page.stdout.contains(told), "{told}: {page}");
    }
    // Two campaigns share the pool of the examples.
    assert_eq!(page.stdout.matches("<figure class=\"pool\">").count(), 1, "{page}");
    assert!(page.stdout.contains("calls: at most 40 of 40"), "{page}");

    workspace.run(&["apply", "--sandbox"]).exits(0);
    let page = workspace.run(&PAGE).exits(0);
    assert!(page.stdout.contains("<h1>Nothing to change.</h1>") && !page.stdout.contains("id=\"actions\""), "{page}");
    assert!(page.stdout.contains(", as before</figcaption>"), "{page}");
}

#[test]
fn refusals_and_limits_stand_on_the_page() {
    let mut workspace = Workspace::with_schedules(10);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    (0..4).for_each(|n| workspace.replace(&schedule_file(n), "09:00", "10:00"));
    let page = workspace.run(&["plan", "--format", "html"]).exits(0);
    assert!(page.stdout.contains("<b>apply will refuse this plan:</b> 4 updates of 10"), "{page}");
    assert_eq!(page.stderr, "");

    sandbox.rename_live(&campaign_id(9), "by hand </script>");
    let page = workspace.run(&["plan", "--format", "html"]).exits(4);
    assert!(page.stdout.contains("has the schedule `by hand &lt;/script&gt;`"), "{page}");
}

#[test]
fn campaigns_meet_in_a_pool_whether_they_are_named_or_pointed_at() {
    let workspace = Workspace::new();
    let (by_name, by_id) = ("{name: Spring}", "{id: spring-id}");
    for (schedule, capacity) in [(by_name, by_name), (by_name, by_id), (by_id, by_name)] {
        workspace.write(
            "schedules/all.yaml",
            format!(
                "apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata: {{name: a}}\nspec:\n  campaign: {schedule}\n  \
                 startDate: 2027-03-01\n  dailySlots: [{{startTime: \"09:00\", endTime: \"13:00\"}}]\n---\n\
                 apiVersion: dialctl/v1\nkind: CampaignCapacity\nmetadata: {{name: a}}\nspec: {{campaign: {capacity}, \
                 maxConcurrentCalls: 12, maxConcurrentAgents: 6, pool: lines}}\n---\n\
                 apiVersion: dialctl/v1\nkind: CapacityPool\nmetadata: {{name: lines}}\n\
                 spec: {{maxConcurrentCalls: 30, maxConcurrentAgents: 12}}\n"
            ),
        );
        workspace.write("seed.yaml", "campaigns: [{name: Spring, id: spring-id, outboundLineCount: 12}]\n");
        let mut connected = Workspace::new();
        connected.write("schedules/all.yaml", workspace.read("schedules/all.yaml"));
        let sandbox = workspace.sandbox(&["--seed", "seed.yaml"]);
        connected.connect(&sandbox);
        let page = connected.run(&["plan", "--format", "html"]).exits(0);
        let told = "calls: at most 10 of 30, Mon 2027-03-01 09:00 to 13:00; before none";
        assert!(page.stdout.contains(told), "{schedule} {capacity}: {page}");
    }
}
