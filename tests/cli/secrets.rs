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

/// A folder with the example manifests and planted secrets, and a sandbox that has the same secret.
fn planted() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_examples();
    workspace.write("dialctl.yaml", "retry: {maxAttempts: 1}\n");
    workspace.set("GENESYS_CLIENT_ID", CLIENT_ID);
    workspace.set("GENESYS_CLIENT_SECRET", SECRET);
    let sandbox = workspace.sandbox(&["--data", "sandbox.json"]);
    workspace.set("DIALCTL_API_URL", &sandbox.url);
    (workspace, sandbox)
}

/// All planted secrets, in the notations in which they travel.
fn secrets() -> Vec<String> {
    let pair = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{SECRET}"));
    let encoded: String = reqwest::Url::parse_with_params("http://x/", [("", SECRET)]).unwrap().query().unwrap().into();
    let escaped = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let plain = [SECRET, TOKEN, HOOK_PATH, HOOK_QUERY].map(str::to_owned);
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
                folders.push(path);
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
    const SIGNING: &str = "c2lnbmluZy1zZWNyZXQtcGxhbnRlZC1oZXJl";
    const HEADER: &str = "h3ader-value-planted";
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
        let (signing, decoded) = (SIGNING.to_owned(), String::from_utf8(BASE64_STANDARD.decode(SIGNING).unwrap()));
        assert_none(&found, &[secrets(), vec![signing, decoded.unwrap(), HEADER.to_owned()]].concat());
        // What was searched for was truly there.
        let asked = receiver.exchanges();
        let posts: Vec<_> = asked.iter().filter(|seen| seen.method == "POST").collect();
        assert!(posts.iter().all(|seen| seen.request_headers["x-key"] == HEADER && seen.path.contains(HOOK_PATH)));
        assert!(posts.len() >= 2 && posts.iter().all(|seen| seen.request_headers.contains_key("webhook-signature")));
    }
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
