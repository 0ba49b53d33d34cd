//! What a repository makes of findings: `rules` in `dialctl.yaml`, and allowances by comment.

use insta::assert_snapshot;

use crate::support::Workspace;

/// Three slots that all overlap, which is three findings, two of them on the last line.
const OVERLAPS: &str = "\
apiVersion: dialctl/v1
kind: CampaignSchedule
metadata: {name: spring}
spec:
  campaign: {id: c-1}
  startDate: 2027-03-01
  dailySlots:
    - {startTime: \"09:00\", endTime: \"13:00\"}
    - {startTime: \"10:00\", endTime: \"14:00\"}
    - {startTime: \"11:00\", endTime: \"15:00\"}
";

const AS_OF: [&str; 3] = ["validate", "--as-of", "2027-01-01T00:00:00Z"];

fn workspace(manifest: &str, rules: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("schedules/a.yaml", manifest);
    workspace.write("dialctl.yaml", rules);
    workspace
}

/// Code, line and severity of each finding.
fn found(workspace: &Workspace) -> Vec<String> {
    let json = workspace.run(&[&AS_OF[..], &["--format", "json"]].concat()).json();
    let told = |finding: &serde_json::Value| {
        let severity = finding["severity"].as_str().unwrap().to_owned();
        format!("{severity} {} {}", finding["code"].as_str().unwrap(), finding["range"]["start"]["line"])
    };
    json["findings"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn findings_are_as_bad_as_the_configuration_says() {
    for (rules, severity, code) in [
        ("", Some("error"), 3),
        ("rules: {slots-overlap: error}\n", Some("error"), 3),
        ("rules: {slots-overlap: warning}\n", Some("warning"), 0),
        ("rules: {slots-overlap: off}\n", None, 0),
        ("rules: {never-runs: off}\n", Some("error"), 3),
    ] {
        let workspace = workspace(OVERLAPS, rules);
        let expected: Vec<String> = severity
            .into_iter()
            .flat_map(|severity| [9, 10, 10].map(|line| format!("{severity} slots-overlap {line}")))
            .collect();
        assert_eq!(found(&workspace), expected, "{rules}");
        workspace.run(&AS_OF).exits(code);
        // A plan stops at the same.
        workspace.run(&["plan", "--sandbox"]).exits(code);
    }
}

#[test]
fn a_judgement_of_what_is_no_matter_of_judgement_is_refused() {
    let misspelt = workspace(OVERLAPS, "rules:\n  slot-overlap: off\n  unknown-pool: off\n");
    assert_snapshot!(misspelt.run(&["validate"]).exits(3), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:2:3: unknown field `slot-overlap`, did you mean `slots-overlap`?; the fields here are `agents-over-capacity`, `calls-over-capacity`, `dst-fold`, `dst-gap`, `ended`, `never-runs`, `on-blackout-date`, `outside-calling-hours`, `pool-over-capacity`, `slots-overlap`, `timezone-alias`, `unknown-label` and `unused-allowance`
    dialctl.yaml:3:3: `unknown-pool` is always an error and cannot be judged; remove it; what it finds keeps a document from being understood or applied
    [exit status: 3]
    ");
}

#[test]
fn an_allowance_takes_away_one_finding() {
    let last = "    - {startTime: \"11:00\"";
    let once = OVERLAPS.replace(last, &format!("    # dialctl: allow slots-overlap -- agreed\n{last}"));
    assert_eq!(found(&workspace(&once, "")), ["error slots-overlap 9", "error slots-overlap 11"]);

    let both = once.replace("\"14:00\"}", "\"14:00\"} # dialctl: allow slots-overlap -- agreed");
    let both = both.replace("\"15:00\"}", "\"15:00\"} # dialctl: allow slots-overlap -- agreed");
    let allowed = workspace(&both, "");
    allowed.run(&AS_OF).exits(0);
    assert_eq!(found(&allowed), [""; 0]);
    // An allowance is used by what the rule finds, whatever is made of it.
    assert_eq!(found(&workspace(&both, "rules: {slots-overlap: off}\n")), [""; 0]);
    allowed.run(&["apply", "--sandbox"]).exits(0);
    allowed.run(&["plan", "--sandbox", "--detailed-exitcode"]).exits(0);
}

#[test]
fn an_allowance_that_allows_nothing_is_told() {
    let manifest = OVERLAPS
        .replace("metadata:", "# dialctl: alow ended -- x\nmetadata:")
        .replace("  campaign:", "  # dialctl: allow dst-gab -- x\n  campaign:")
        .replace("2027-03-01", "2027-03-01 # dialctl: allow slots-overlap -- agreed")
        .replace("\"13:00\"}", "\"13:00\"} # dialctl: allow slots-overlap")
        .replace("\"14:00\"}", "\"14:00\"} # dialctl: allow slots-overlap -- agreed")
        .replace("    - {startTime: \"11", "    # dialctl: allow slots-overlap -- agreed\n    # dialctl: allow slots-overlap -- agreed\n    - {startTime: \"11");
    let unused = workspace(&manifest, "");
    assert_snapshot!(unused.run(&AS_OF).exits(0), @r#"
    warning[unused-allowance]: a comment that begins with `dialctl:` goes on with `allow`, not `alow`
     --> schedules/a.yaml:3:1
      |
    3 | # dialctl: alow ended -- x
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `allow`?
      |
      = help: write `# dialctl: allow CODE -- ` and the reason

    warning[unused-allowance]: there is no code `dst-gab`
     --> schedules/a.yaml:6:3
      |
    6 |   # dialctl: allow dst-gab -- x
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `dst-gap`?
      |
      = help: the codes that can be allowed are `slots-overlap`, `never-runs`, `ended`, `timezone-alias`, `dst-gap`, `dst-fold`, `calls-over-capacity`, `agents-over-capacity`, `pool-over-capacity`, `outside-calling-hours`, `on-blackout-date` and `unknown-label`

    warning[unused-allowance]: this allows nothing: no `slots-overlap` is found on line 8
     --> schedules/a.yaml:8:25
      |
    8 |   startDate: 2027-03-01 # dialctl: allow slots-overlap -- agreed
      |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: remove the comment, or move it to the end of the line of the value or to the line above

    warning[unused-allowance]: this allowance gives no reason
      --> schedules/a.yaml:10:46
       |
    10 |     - {startTime: "09:00", endTime: "13:00"} # dialctl: allow slots-overlap
       |                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write `# dialctl: allow slots-overlap -- ` and the reason

    1 file, 1 schedule: 4 warnings
    [exit status: 0]
    "#);
    let strict = workspace(&manifest, "rules: {unused-allowance: error}\n");
    strict.run(&AS_OF).exits(3);
}
