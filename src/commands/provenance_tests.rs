use serde_json::{Value, json};

use super::*;

const GITHUB: &[(&str, &str)] = &[
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_ACTOR", "octocat"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_REPOSITORY", "acme/dialing"),
    ("GITHUB_RUN_ID", "42"),
    ("GITHUB_REF", "refs/heads/main"),
    ("GITHUB_SHA", "c0ffee"),
];
const GITLAB: &[(&str, &str)] = &[
    ("GITLAB_CI", "true"),
    ("GITLAB_USER_LOGIN", "alice"),
    ("CI_PROJECT_URL", "https://gitlab.example/a/b"),
    ("CI_JOB_URL", "https://gitlab.example/a/b/-/jobs/7"),
    ("CI_COMMIT_SHA", "c0ffee"),
];
const AZURE: &[(&str, &str)] = &[
    ("TF_BUILD", "True"),
    ("BUILD_REQUESTEDFOR", "Alice Example"),
    ("BUILD_REPOSITORY_URI", "https://acme@dev.azure.com/acme/Out%20bound/_git/dialing"),
    ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"),
    ("SYSTEM_TEAMPROJECT", "Out bound"),
    ("BUILD_BUILDID", "9"),
    ("BUILD_SOURCEVERSION", "c0ffee"),
];
const JENKINS: &[(&str, &str)] = &[
    ("JENKINS_URL", "https://ci.example/"),
    ("CHANGE_AUTHOR", "bob"),
    ("GIT_URL", "git@github.com:acme/dialing.git"),
    ("BUILD_URL", "https://ci.example/job/3/"),
    ("GIT_COMMIT", "c0ffee"),
    // What a plugin for another service may leave behind.
    ("GITHUB_ACTOR", "somebody else"),
];

/// What is told of these variables, without the machine.
fn told(variables: &[&[(&str, &str)]]) -> Value {
    let variables = variables.concat();
    // The last one counts, so that a test may replace one.
    let environment =
        |name: &str| variables.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let provenance = provenance(environment);
    assert!(provenance.host.is_some());
    let mut told = serde_json::to_value(Provenance { host: None, ..provenance }).unwrap();
    told["commit"] = json!(commit(environment));
    told
}

#[test]
fn each_pipeline_tells_who_runs_it_where_and_for_what() {
    for (what, variables, expected) in [
        (
            "GitHub",
            GITHUB,
            json!({"ci": "github", "actor": "octocat", "repository": "https://github.com/acme/dialing",
                "runUrl": "https://github.com/acme/dialing/actions/runs/42"}),
        ),
        (
            "GitLab",
            GITLAB,
            json!({"ci": "gitlab", "actor": "alice", "repository": "https://gitlab.example/a/b",
                "runUrl": "https://gitlab.example/a/b/-/jobs/7"}),
        ),
        (
            "Azure",
            AZURE,
            json!({"ci": "azure", "actor": "Alice Example",
                "repository": "https://dev.azure.com/acme/Out%20bound/_git/dialing",
                "runUrl": "https://dev.azure.com/acme/Out%20bound/_build/results?buildId=9"}),
        ),
        (
            "Jenkins",
            JENKINS,
            json!({"ci": "jenkins", "actor": "bob", "repository": "github.com:acme/dialing.git",
                "runUrl": "https://ci.example/job/3"}),
        ),
    ] {
        let mut expected = expected;
        expected["commit"] = json!("c0ffee");
        assert_eq!(told(&[variables]), expected, "{what}");
        // Without its mark the same is told, but not by whom.
        if what != "Jenkins" {
            expected.as_object_mut().unwrap().remove("ci");
            assert_eq!(told(&[&variables[1..]]), expected, "{what}, unmarked");
        }
    }
}

#[test]
fn a_machine_tells_its_user() {
    for (variables, actor) in
        [(&[("USER", "alice"), ("USERNAME", "bob")][..], "alice"), (&[("USER", ""), ("USERNAME", "bob")], "bob")]
    {
        assert_eq!(told(&[variables]), json!({"actor": actor, "commit": null}));
    }
    assert_eq!(told(&[])["actor"], "unknown");
}

#[test]
fn what_is_more_exact_goes_first() {
    assert_eq!(told(&[GITHUB, &[("GITHUB_TRIGGERING_ACTOR", "hubot")]])["actor"], "hubot");
    assert_eq!(told(&[JENKINS, &[("BUILD_USER_ID", "carol")]])["actor"], "carol");
    assert_eq!(told(&[GITHUB, &[("GITHUB_REPOSITORY", "")]])["runUrl"], Value::Null);
}

#[test]
fn a_pull_request_is_told_where_the_pipeline_knows_it() {
    let azure = "https://dev.azure.com/acme/Out%20bound/_git/dialing";
    for (pipeline, variables, page) in [
        (GITHUB, &[("GITHUB_REF", "refs/pull/7/merge")][..], json!("https://github.com/acme/dialing/pull/7")),
        (GITHUB, &[("GITHUB_REF", "refs/tags/v1")], Value::Null),
        (
            GITLAB,
            &[("CI_MERGE_REQUEST_PROJECT_URL", "https://gitlab.example/a/b"), ("CI_MERGE_REQUEST_IID", "12")],
            json!("https://gitlab.example/a/b/-/merge_requests/12"),
        ),
        (GITLAB, &[("CI_OPEN_MERGE_REQUESTS", "a/b!12,a/c!3")], json!("a/b!12,a/c!3")),
        (AZURE, &[("SYSTEM_PULLREQUEST_PULLREQUESTID", "17")], json!(format!("{azure}/pullrequest/17"))),
        (
            AZURE,
            &[
                ("BUILD_REPOSITORY_URI", "https://github.com/acme/dialing"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "918273"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "17"),
            ],
            json!("https://github.com/acme/dialing/pull/17"),
        ),
        (
            JENKINS,
            &[("CHANGE_URL", "https://github.com/acme/dialing/pull/7")],
            json!("https://github.com/acme/dialing/pull/7"),
        ),
    ] {
        assert_eq!(told(&[pipeline, variables])["pullRequest"], page, "{variables:?}");
    }
}

#[test]
fn an_address_is_told_without_what_may_be_secret() {
    for (address, shown) in [
        ("https://t0ken@github.com/acme/dialing.git", Some("https://github.com/acme/dialing.git")),
        ("https://bot:t0ken@github.com:8443/a?private_token=t0ken#t0ken", Some("https://github.com:8443/a")),
        ("ssh://git:t0ken@github.com/acme/dialing", Some("ssh://github.com/acme/dialing")),
        ("git@github.com:acme/dialing.git", Some("github.com:acme/dialing.git")),
        ("oauth2:t0ken@github.com:acme/dialing.git", Some("github.com:acme/dialing.git")),
        ("/srv/git/dialing.git", Some("/srv/git/dialing.git")),
        ("file:///srv/git/dialing.git", Some("file:///srv/git/dialing.git")),
        ("https://t0ken@", None),
    ] {
        assert_eq!(without_user(address).as_deref(), shown, "{address}");
    }
}
