//! Secrets appear in nothing that the program prints or writes, whatever goes wrong.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::{CLIENT_ID, Ran, SandboxProcess, Workspace};
use crate::wire::{Asked, RecordingServer, Said};

const SECRET: &str = "s3cr3t-of-the-client/+&<planted>";
const TOKEN: &str = "t0k3n-from-the-environment-planted";
const HOOK_PATH: &str = "h00k-path-planted";
const HOOK_QUERY: &str = "h00k-query-planted";

/// Every way of being talkative.
const TALKATIVE: [&[&str]; 3] = [&[], &["-vvv"], &["-vvv", "--log-format", "json"]];

const PROXY: &str = "pr0xy-password-planted";
const KEY: &str = "k3y-of-a-store-planted";
const CLONE: &str = "cl0ne-token-planted";
const SIGNING: &str = "c2lnbmluZy1zZWNyZXQtcGxhbnRlZC1oZXJl";
const HEADER: &str = "h3ader-value-planted";

/// A folder with the example manifests and planted secrets, and a sandbox that has the same secret.
fn planted() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_examples();
    workspace.write("dialctl.yaml", "retry: {maxAttempts: 1}\n");
    workspace.set("GENESYS_CLIENT_ID", CLIENT_ID);
    workspace.set("GENESYS_CLIENT_SECRET", SECRET);
    let sandbox = workspace.sandbox(&["--data", "sandbox.json"]);
    workspace.set("DIALCTL_API_URL", &sandbox.url);
    // What pipelines hold besides.
    for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_STORAGE_ACCOUNT_KEY", "GH_TOKEN", "CI_JOB_TOKEN"]
    {
        workspace.set(name, KEY);
    }
    (workspace, sandbox)
}

/// All planted secrets, in the notations in which they travel.
fn secrets() -> Vec<String> {
    let pair = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{SECRET}"));
    let encoded: String = reqwest::Url::parse_with_params("http://x/", [("", SECRET)]).unwrap().query().unwrap().into();
    let escaped = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let decoded = String::from_utf8(BASE64_STANDARD.decode(SIGNING).unwrap()).unwrap();
    let plain = [SECRET, TOKEN, HOOK_PATH, HOOK_QUERY, PROXY, KEY, CLONE, SIGNING, &decoded, HEADER].map(str::to_owned);
    plain.into_iter().chain([pair.trim_end_matches('=').to_owned(), encoded, escaped]).collect()
}

/// Everything that a run printed or left in its folder, each with its name.
fn traces(workspace: &Workspace, ran: &Ran) -> Vec<(String, String)> {
    let mut traces = vec![("stdout".to_owned(), ran.stdout.clone()), ("stderr".to_owned(), ran.stderr.clone())];
    let mut folders = vec![workspace.path(".")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // Git keeps the address of the remote there, as whoever has cloned it gave it.
                folders.extend((!path.ends_with(".git")).then_some(path));
            } else {
                let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                traces.push((path.display().to_string(), content));
            }
        }
    }
    traces
}

#[track_caller]
fn assert_none(traces: &[(String, String)], secrets: &[String]) {
    for (place, content) in traces {
        for secret in secrets {
            assert!(secret.len() >= 10, "{secret} is too short to be searched for");
            assert!(!content.contains(secret.as_str()), "{place} shows {secret}:\n{content}");
        }
    }
}

/// The tokens that a server gave out.
fn tokens(server: &RecordingServer) -> Vec<String> {
    let exchanges = server.exchanges();
    let logins = exchanges.iter().filter(|seen| seen.path == "/oauth/token");
    let bodies = logins.map(|seen| serde_json::from_slice::<serde_json::Value>(&seen.response).unwrap());
    bodies.map(|body| body["access_token"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_successful_apply_shows_none() {
    for talkative in TALKATIVE {
        let (mut workspace, sandbox) = planted();
        let (proxy, receiver) = (RecordingServer::before(&sandbox.url), RecordingServer::answering(|_| ok()));
        workspace.set("DIALCTL_API_URL", &proxy.url);
        workspace.set("WFM_WEBHOOK_URL", &format!("{}/{HOOK_PATH}?key={HOOK_QUERY}", receiver.url));
        let plan = workspace.run(&[&["plan", "--format", "json"], talkative].concat()).exits(0);
        workspace.write("plan.json", &plan.stdout);
        let apply = workspace.run(&[&["apply", "--metrics-file", "metrics.prom"][..], talkative].concat()).exits(0);
        assert_eq!(talkative.is_empty(), !apply.stderr.contains("/api/v2/outbound"), "{apply}");

        let tokens = tokens(&proxy);
        assert_eq!(tokens.len(), 2, "one login for each run");
        let mut traces = traces(&workspace, &apply);
        for file in ["plan.json", "metrics.prom", "ledger.jsonl", "sandbox.json"] {
            assert!(traces.iter().any(|(place, content)| place.ends_with(file) && !content.is_empty()), "{file}");
        }
        traces.push(("stderr of plan".to_owned(), plan.stderr));
        traces.push(("journal".to_owned(), format!("{:?}", sandbox.requests())));
        assert_none(&traces, &[secrets(), tokens].concat());
        // What was searched for was truly there.
        assert!(receiver.exchanges().iter().all(|seen| seen.path.contains(HOOK_PATH)));
        assert_eq!(receiver.exchanges().len(), 6);
    }
}

#[test]
fn a_failing_login_shows_none() {
    for talkative in TALKATIVE {
        let (mut workspace, sandbox) = planted();
        workspace.set("GENESYS_CLIENT_ID", "somebody");
        let stranger = workspace.run(&[&["apply"], talkative].concat()).exits(8);
        workspace.set("GENESYSCLOUD_ACCESS_TOKEN", TOKEN);
        let expired = workspace.run(&[&["apply"], talkative].concat()).exits(8);
        let mut traces = [traces(&workspace, &stranger), traces(&workspace, &expired)].concat();
        traces.push(("journal".to_owned(), format!("{:?}", sandbox.requests())));
        let pair = BASE64_STANDARD.encode(format!("somebody:{SECRET}")).trim_end_matches('=').to_owned();
        assert_none(&traces, &[secrets(), vec![pair]].concat());
    }
}

#[test]
fn a_failing_webhook_shows_none() {
    let receiver = RecordingServer::answering(|asked| (500, "text/plain", format!("no: {}", asked.path)));
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = format!("http://{unused}");
    for (base, talkative) in [(receiver.url.as_str(), TALKATIVE[1]), (&away, TALKATIVE[1]), (&away, TALKATIVE[2])] {
        let (mut workspace, _sandbox) = planted();
        workspace.set("WFM_WEBHOOK_URL", &format!("{base}/{HOOK_PATH}?key={HOOK_QUERY}"));
        let ran = workspace.run(&[&["apply", "--metrics-file", "metrics.prom"][..], talkative].concat()).exits(0);
        assert!(ran.stderr.contains("6 of 6 events were not delivered"), "{ran}");
        assert_none(&traces(&workspace, &ran), &secrets());
    }
}

#[test]
fn receivers_show_none_of_what_they_are_configured_with() {
    for (status, code, talkative) in [(200, 0, TALKATIVE[1]), (500, 1, TALKATIVE[1]), (410, 1, TALKATIVE[2])] {
        let (mut workspace, _sandbox) = planted();
        let receiver = RecordingServer::answering(move |asked| (status, "text/plain", format!("no: {}", asked.path)));
        workspace.write(
            "dialctl.yaml",
            "retry: {maxAttempts: 1}\nwebhooks:\n- {name: audit, urlFrom: HOOK_URL, secretFrom: HOOK_SECRET, \
             headers: {x-key: {from: HOOK_KEY}}}\n",
        );
        workspace.set("HOOK_URL", &format!("{}/{HOOK_PATH}?key={HOOK_QUERY}", receiver.url));
        workspace.set("HOOK_SECRET", &format!("whsec_{SIGNING}"));
        workspace.set("HOOK_KEY", HEADER);
        let mut found = Vec::new();
        for (arguments, code) in [
            (&["apply", "--metrics-file", "metrics.prom"][..], 0),
            (&["events", "list"], 0),
            (&["events", "list", "--format", "json"], 0),
            (&["events", "test", "audit"], code),
            (&["events", "redeliver", "--receiver", "audit"], code),
            (&["audit", "show"], 0),
            (&["doctor"], 0),
        ] {
            let ran = workspace.run(&[arguments, talkative].concat()).exits(code);
            found.extend(traces(&workspace, &ran));
        }
        // A wrong secret, too, is none to be shown.
        workspace.set("HOOK_SECRET", SIGNING);
        let refused = workspace.run(&[&["apply"], talkative].concat()).exits(3);
        assert!(refused.stderr.contains("HOOK_SECRET: it is no signing secret"), "{refused}");
        found.extend(traces(&workspace, &refused));
        found.retain(|(place, _)| !place.ends_with("sandbox.json"));
        assert_none(&found, &secrets());
        // What was searched for was truly there.
        let asked = receiver.exchanges();
        let posts: Vec<_> = asked.iter().filter(|seen| seen.method == "POST").collect();
        assert!(posts.iter().all(|seen| seen.request_headers["x-key"] == HEADER && seen.path.contains(HOOK_PATH)));
        assert!(posts.len() >= 2 && posts.iter().all(|seen| seen.request_headers.contains_key("webhook-signature")));
    }
}

/// Variables of pipelines whose addresses have a token in front of the host, or behind the path.
fn in_a_pipeline(workspace: &mut Workspace, pipeline: &str) {
    let (front, behind) = (format!("https://bot:{CLONE}@git.example"), format!("https://ci.example/run/7?key={CLONE}"));
    let dialing = format!("{front}/acme/dialing.git");
    let variables: &[(&str, &str)] = match pipeline {
        "github" => &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_SERVER_URL", &front),
            ("GITHUB_REPOSITORY", "acme/dialing"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_REF", "refs/pull/7/merge"),
            ("GITHUB_TOKEN", CLONE),
        ],
        "gitlab" => &[
            ("GITLAB_CI", "true"),
            ("GITLAB_USER_LOGIN", "alice"),
            ("CI_PROJECT_URL", &dialing),
            ("CI_JOB_URL", &behind),
            ("CI_MERGE_REQUEST_PROJECT_URL", &dialing),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_REPOSITORY_URL", &dialing),
        ],
        "azure" => &[
            ("TF_BUILD", "True"),
            ("BUILD_REQUESTEDFOR", "Alice"),
            ("BUILD_REPOSITORY_URI", &dialing),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
            ("SYSTEM_COLLECTIONURI", &front),
            ("SYSTEM_TEAMPROJECT", "dialing"),
            ("BUILD_BUILDID", "9"),
            ("SYSTEM_ACCESSTOKEN", CLONE),
        ],
        _ => &[
            ("JENKINS_URL", &front),
            ("CHANGE_AUTHOR", "bob"),
            ("GIT_URL", &dialing),
            ("BUILD_URL", &behind),
            ("CHANGE_URL", &behind),
        ],
    };
    variables.iter().for_each(|(name, value)| workspace.set(name, value));
}

#[test]
fn no_command_shows_any_however_it_ends() {
    let deserted = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (n, pipeline) in ["github", "gitlab", "azure", "jenkins"].into_iter().enumerate() {
        let (mut workspace, sandbox) = planted();
        in_a_pipeline(&mut workspace, pipeline);
        workspace.write(
            "dialctl.yaml",
            "retry: {maxAttempts: 1}\nwebhooks:\n- {name: audit, urlFrom: HOOK_URL, secretFrom: HOOK_SECRET, \
             headers: {x-key: {from: HOOK_KEY}}}\n",
        );
        let receiver = RecordingServer::answering(|_| ok());
        workspace.set("HOOK_URL", &format!("{}/{HOOK_PATH}?key={HOOK_QUERY}", receiver.url));
        workspace.set("HOOK_SECRET", &format!("whsec_{SIGNING}"));
        workspace.set("HOOK_KEY", HEADER);
        // For what is not on this machine.
        workspace.set("HTTPS_PROXY", &format!("http://user:{PROXY}@{deserted}"));
        // Something for the ledger, and for `audit` and `events`, to show.
        let mut found = Vec::new();
        let first = workspace.run(&["apply", "--format", "json", "--metrics-file", "first.prom", "-vv"]).exits(0);
        found.extend(traces(&workspace, &first));
        let started = &workspace.ledger()[0];
        assert_eq!(started["ci"], pipeline);
        for (field, shown) in [("repository", "/acme/dialing"), ("runUrl", "https://"), ("pullRequest", "https://")] {
            assert!(started[field].as_str().unwrap().contains(shown), "{started}");
        }

        let server = RecordingServer::answering(move |asked| match (asked.path.as_str(), n) {
            ("/oauth/token", _) => {
                (200, "application/json", format!(r#"{{"access_token": "{TOKEN}", "expires_in": 600}}"#))
            }
            (_, 1) => echo(401, "application/json", asked),
            _ => echo(403, "application/json", asked),
        });
        // Each pipeline meets another end.
        let (url, code) = match n {
            0 => (sandbox.url.clone(), 0),
            1 | 2 => (server.url.clone(), 8),
            _ => ("https://dialctl.invalid".to_owned(), 1),
        };
        workspace.set("DIALCTL_API_URL", &url);
        for talkative in &TALKATIVE[1 + n % 2..][..1] {
            for (arguments, code) in [
                (&["plan"][..], Some(code)),
                (&["plan", "--format", "json"], Some(code)),
                (&["plan", "--format", "markdown"], Some(code)),
                (&["plan", "--format", "html"], Some(code)),
                (&["plan", "--out", "saved.json"], Some(code)),
                (&["apply", "--format", "json", "--metrics-file", "run.prom"], Some(code)),
                (&["doctor"], None),
                (&["events", "test", "audit"], Some(0)),
                (&["events", "list", "--format", "json"], Some(0)),
                (&["audit", "show"], Some(0)),
                (&["audit", "show", "--format", "json"], Some(0)),
                (&["audit", "show", "--format", "csv"], Some(0)),
            ] {
                let ran = workspace.run(&[arguments, talkative].concat());
                if code.is_some() {
                    assert_eq!(ran.code, code, "{pipeline}, {arguments:?}: {ran}");
                }
                found.push((format!("{pipeline}, {arguments:?}"), ran.to_string()));
            }
            assert!(!workspace.read("run.prom").is_empty());
        }
        // Of one organisation, so to its sandbox again.
        workspace.set("DIALCTL_API_URL", &sandbox.url);
        let again = workspace.run(&["events", "redeliver", "--since", "2020-01-01T00:00:00Z", "-vv"]).exits(0);
        assert!(again.stdout.starts_with("6 delivered, 0 failed."), "{again}");
        found.extend(traces(&workspace, &again));
        // Receivers see their own address and header, and nothing else that is secret.
        let asked = receiver.exchanges();
        let posts = asked.iter().filter(|seen| seen.method == "POST").collect::<Vec<_>>();
        assert!(posts.len() >= 13 && posts.iter().all(|seen| seen.request_headers["x-key"] == HEADER));
        for seen in asked {
            let mut headers = seen.request_headers.clone();
            headers.remove("x-key");
            found.push(("event".to_owned(), format!("{headers:?}{}", String::from_utf8_lossy(&seen.request))));
        }
        assert_none(&found, &secrets());
    }
}

#[test]
fn a_proxy_shows_none() {
    let refusing = RecordingServer::answering(|asked| (407, "text/plain", format!("no: {}", asked.authorization)));
    let deserted = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for proxy in [refusing.url.trim_start_matches("http://"), &deserted] {
        let (mut workspace, _sandbox) = planted();
        workspace.set("DIALCTL_API_URL", "https://dialctl.invalid");
        workspace.set("HTTPS_PROXY", &format!("http://user:{PROXY}@{proxy}"));
        workspace.set("WFM_WEBHOOK_URL", &format!("https://wfm.invalid/{HOOK_PATH}?key={HOOK_QUERY}"));
        for talkative in TALKATIVE {
            for (arguments, code) in [
                (&["plan"][..], 1),
                (&["apply", "--metrics-file", "run.prom"], 1),
                (&["doctor"], 1),
                (&["events", "test", "wfm"], 1),
            ] {
                let ran = workspace.run(&[arguments, talkative].concat()).exits(code);
                assert_none(&traces(&workspace, &ran), &secrets());
                let pair = BASE64_STANDARD.encode(format!("user:{PROXY}"));
                assert_none(&traces(&workspace, &ran), &[pair.trim_end_matches('=').to_owned()]);
            }
        }
    }
    assert!(!refusing.exchanges().is_empty(), "the proxy was asked");
}

#[test]
fn wrong_addresses_show_none() {
    let (mut workspace, _sandbox) = planted();
    for hook in ["http://wfm.example", "ftp://wfm.example", "wfm.example", "https://[wfm"] {
        workspace.set("WFM_WEBHOOK_URL", &format!("{hook}/{HOOK_PATH}?key={HOOK_QUERY}"));
        let ran = workspace.run(&["apply", "-vvv"]).exits(3);
        assert!(ran.stderr.contains("WFM_WEBHOOK_URL"), "{ran}");
        assert_none(&traces(&workspace, &ran), &secrets());
    }
    workspace.set("WFM_WEBHOOK_URL", "");
    for url in [
        format!("https://user:{TOKEN}@api.example.com"),
        format!("https://api.example.com/?key={TOKEN}"),
        format!("https://api.example.com/#{TOKEN}"),
        format!("user:{TOKEN}@api.example.com"),
        format!("api.example.com?key={TOKEN}"),
        format!("api.example.com?key=me@{TOKEN}"),
    ] {
        workspace.set("DIALCTL_API_URL", &url);
        let ran = workspace.run(&["plan", "-vvv"]).exits(3);
        assert_none(&traces(&workspace, &ran), &secrets());
    }
}

/// Answers with the request's own credentials, in every shape.
fn echo(status: u16, kind: &'static str, asked: &Asked) -> Said {
    let shown = asked.authorization.clone();
    let pair = asked.authorization.strip_prefix("Basic ").map(|pair| BASE64_STANDARD.decode(pair).unwrap());
    let pair = pair.map(|pair| String::from_utf8(pair).unwrap()).unwrap_or_default();
    let html = pair.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = match kind {
        "application/json" => serde_json::json!({
            "message": format!("not with {shown} of {pair}"), "code": shown, "contextId": shown, "error": pair,
            "error_description": format!("not with {shown} of {pair}"),
        })
        .to_string(),
        _ => format!("<html>{}<p>{shown}<p>{pair}<p>{html}</html>", "=".repeat(100)),
    };
    (status, kind, body)
}

fn ok() -> Said {
    (200, "text/plain", String::new())
}

#[test]
fn answers_that_repeat_the_credentials_show_none() {
    let issued = "t0k3n-issued-by-the-login-planted";
    for kind in ["text/html", "application/json", "text/plain"] {
        for status in [200, 400, 401, 403, 500] {
            let (mut workspace, _sandbox) = planted();
            // The login itself repeats them, then everything but the login.
            for login_works in [false, true] {
                let server = RecordingServer::answering(move |asked| match asked.path.as_str() {
                    "/oauth/token" if login_works => {
                        (200, "application/json", format!(r#"{{"access_token": "{issued}", "expires_in": 600}}"#))
                    }
                    _ => echo(status, kind, asked),
                });
                workspace.set("DIALCTL_API_URL", &server.url);
                let ran = workspace.run(&["apply", "-vvv"]);
                assert!(matches!(ran.code, Some(1 | 8)), "{ran}");
                assert!(server.exchanges().iter().any(|seen| seen.request_headers.contains_key("authorization")));
                assert_none(&traces(&workspace, &ran), &[secrets(), vec![issued.to_owned()]].concat());
            }
        }
    }
}

#[test]
fn a_token_in_an_answer_that_is_not_understood_is_not_shown() {
    let (mut workspace, _sandbox) = planted();
    for (kind, body) in [
        ("text/html", format!("{{\"access_token\": \"{TOKEN}\"")),
        ("application/json", format!("{{\"token\": \"{TOKEN}\"}}")),
        ("application/json", format!("{{\"access_token\": \"{TOKEN}\", \"expires_in\": \"soon\"}}")),
        ("text/plain", TOKEN.to_owned()),
    ] {
        let server = RecordingServer::answering(move |_| (200, kind, body.clone()));
        workspace.set("DIALCTL_API_URL", &server.url);
        let ran = workspace.run(&["apply", "-vvv"]).exits(1);
        assert!(ran.stderr.contains("without a token"), "{ran}");
        assert_none(&traces(&workspace, &ran), &secrets());
    }
}

#[test]
fn a_secret_in_the_configuration_is_not_repeated() {
    let workspace = Workspace::with_examples();
    for text in [
        format!("clientSecret: {TOKEN}\n"),
        format!("genesys:\n  region: eu-central-1\n  clientSecret: \"{TOKEN}\"\n"),
        format!("genesys: {{apiUrl: 5, token: {TOKEN}}}\n"),
        format!("clientSecret: {{value: {TOKEN}}}\n"),
        format!("owner: a\nowner: b # {TOKEN}\n"),
        format!("owner: [a # {TOKEN}\n"),
    ] {
        workspace.write("dialctl.yaml", &text);
        for command in ["validate", "apply"] {
            let ran = workspace.run(&[command, "-vvv"]).exits(3);
            assert!(ran.stderr.contains("dialctl.yaml:"), "{ran}");
            assert!(!ran.to_string().contains(TOKEN), "{ran}");
        }
    }
}
