//! A service that is not there, does not let in, or does not say what it should.

use insta::assert_snapshot;

use super::{Bench, assert_calm};
use crate::support::{Ran, with_neutral_values};
use crate::wire::{Asked, RecordingServer, Said};

/// What `apply` tells with these variables, of which an empty one counts as unset.
fn told(variables: &[(&str, &str)], code: i32) -> Ran {
    let mut bench = Bench::new();
    for (name, value) in variables {
        bench.workspace.set(name, value);
    }
    bench.fails(code)
}

/// What `apply` tells of a server that answers so.
fn answered(script: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Ran {
    let mut bench = Bench::new();
    let server = RecordingServer::answering(script);
    bench.workspace.set("DIALCTL_API_URL", &server.url);
    let ran = bench.fails(1);
    assert!(server.exchanges().iter().all(|seen| seen.method == "GET" || seen.path == "/oauth/token"));
    ran
}

/// Lets everybody in and answers so to the rest.
fn after_login(answer: Said) -> impl Fn(&Asked) -> Said {
    move |asked| match asked.path.as_str() {
        "/oauth/token" => (200, "application/json", r#"{"access_token": "t-123456", "expires_in": 60}"#.to_owned()),
        _ => answer.clone(),
    }
}

#[test]
fn wrong_credentials() {
    with_neutral_values(|| {
        assert_snapshot!(told(&[("GENESYS_CLIENT_SECRET", "wrong-one")], 8), @r"
        -- stderr --
        error: POST /oauth/token: not authenticated: wrong secret, or the right one in another region: check GENESYS_CLIENT_SECRET and the region (the login says: authentication failed) [correlation id [ID]]
        [exit status: 8]
        ");
        assert_snapshot!(told(&[("GENESYS_CLIENT_ID", "nobody")], 8), @r"
        -- stderr --
        error: POST /oauth/token: not authenticated: the client id is not known in this region: check GENESYS_CLIENT_ID and the region (the login says: client not found) [correlation id [ID]]
        [exit status: 8]
        ");
        assert_snapshot!(told(&[("GENESYSCLOUD_ACCESS_TOKEN", "expired-one")], 8), @r"
        -- stderr --
        error: GET /api/v2/outbound/schedules/campaigns: not authenticated: Invalid login credentials. (bad.credentials): the token is not valid here; check the region, and GENESYS_CLIENT_ID or GENESYSCLOUD_ACCESS_TOKEN [correlation id [ID]]
        [exit status: 8]
        ");
        assert_snapshot!(told(&[("GENESYSCLOUD_ACCESS_TOKEN", "two\nlines")], 8), @r"
        -- stderr --
        error: POST /oauth/token: not authenticated: the access token has characters that no header can carry: check GENESYSCLOUD_ACCESS_TOKEN for line breaks
        [exit status: 8]
        ");
    });
}

#[test]
fn missing_settings() {
    assert_snapshot!(told(&[("GENESYS_CLIENT_ID", ""), ("GENESYS_CLIENT_SECRET", "")], 8), @r"
    -- stderr --
    error: no credentials: set GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (or GENESYSCLOUD_ACCESS_TOKEN), name a profile of `gc` with --profile, or try it out with --sandbox
    [exit status: 8]
    ");
    assert_snapshot!(told(&[("GENESYS_CLIENT_SECRET", "")], 8), @r"
    -- stderr --
    error: no credentials: set GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (or GENESYSCLOUD_ACCESS_TOKEN), name a profile of `gc` with --profile, or try it out with --sandbox
    [exit status: 8]
    ");
    assert_snapshot!(told(&[("DIALCTL_API_URL", "")], 3), @r"
    -- stderr --
    error: no region: set GENESYS_ENV or --region, for example eu-central-1, or try it out with --sandbox
    [exit status: 3]
    ");
}

#[test]
fn unknown_region() {
    let region = |name| told(&[("DIALCTL_API_URL", ""), ("GENESYS_ENV", name)], 3);
    assert_snapshot!(region("eu-centrl-1"), @r"
    -- stderr --
    error: there is no region `eu-centrl-1`; did you mean eu-central-1 or eu-central-2 or ca-central-1?
    [exit status: 3]
    ");
    assert_snapshot!(region("nowhere"), @r"
    -- stderr --
    error: there is no region `nowhere`: use an AWS name such as `us-east-1` or a domain such as `mypurecloud.com`
    [exit status: 3]
    ");
}

#[test]
fn unusable_addresses() {
    let address = |url| told(&[("DIALCTL_API_URL", url)], 3);
    assert_snapshot!(address("http://api.example.com"), @r"
    -- stderr --
    error: `http://api.example.com` must be an https URL: plain http is accepted only for this machine (127.0.0.1, ::1, localhost)
    [exit status: 3]
    ");
    assert_snapshot!(address("api.example.com"), @r"
    -- stderr --
    error: `api.example.com` is not a URL: write it as https://host[:port][/path]
    [exit status: 3]
    ");
    assert_snapshot!(address("https://api.example.com/?debug=1"), @r"
    -- stderr --
    error: the URL for host `api.example.com` has a query or a fragment: give only scheme, host, port and path
    [exit status: 3]
    ");
}

#[test]
fn unreachable_hosts() {
    // Bound and let go of, so nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    with_neutral_values(|| {
        assert_snapshot!(told(&[("DIALCTL_API_URL", &format!("http://{free}"))], 1), @r"
        -- stderr --
        error: POST /oauth/token: cannot reach the server: 127.0.0.1:[PORT] refuses connections: check the address and that it is up (client error (Connect): tcp connect error: Connection refused (os error 111))
        [exit status: 1]
        ");
    });
    // The rest of the message is the system's.
    let ran = told(&[("DIALCTL_API_URL", "https://api.no-such-host.invalid")], 1);
    let words = "error: POST /oauth/token: cannot reach the server: the name login.no-such-host.invalid cannot be \
                 resolved: check the region and the DNS (";
    assert!(ran.stderr.starts_with(words), "{ran}");
}

#[test]
fn an_address_of_something_else() {
    let bench = Bench::new();
    let elsewhere = format!("{}/elsewhere", bench.sandbox.url);
    with_neutral_values(|| {
        assert_snapshot!(told(&[("DIALCTL_API_URL", &elsewhere)], 8), @r"
    -- stderr --
    error: POST /elsewhere/oauth/token: not authenticated: no login answers there: check the region and the login URL [correlation id [ID]]
    [exit status: 8]
    ")
    });
}

#[test]
fn html_instead_of_json() {
    let page = "<html>\n<head><title>Sign in</title></head>\n</html>";
    // Even the login.
    assert_snapshot!(answered(move |_| (200, "text/html; charset=utf-8", page.to_owned())), @r"
    -- stderr --
    error: POST /oauth/token: unreadable answer: status 200 with text/html; charset=utf-8, but without a token: check the region, the login URL and any proxy
    [exit status: 1]
    ");
    assert_snapshot!(answered(after_login((200, "text/html", page.to_owned()))), @r"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: unreadable answer: status 200 with text/html instead of the API's JSON: `<html> <head><title>Sign in</title></head> </html>`; check the region, the API URL and any proxy
    [exit status: 1]
    ");
    assert_snapshot!(answered(after_login((502, "text/html", "<h1>Bad gateway</h1>".to_owned()))), @r"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: failed: status 502 with text/html instead of the API's JSON: `<h1>Bad gateway</h1>`; check the region, the API URL and any proxy
    [exit status: 1]
    ");
    let bench = Bench::with_faults("- {status: 403, html: true, body: '<h1>Blocked by the firewall</h1>'}\n");
    with_neutral_values(|| {
        assert_snapshot!(bench.fails(1), @r"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: unreadable answer: status 403 with text/html; charset=utf-8 instead of the API's JSON: `<h1>Blocked by the firewall</h1>`; check the region, the API URL and any proxy [correlation id [ID]]
    [exit status: 1]
    ")
    });
}

#[test]
fn broken_json() {
    let json = |body: &str| answered(after_login((200, "application/json", body.to_owned())));
    assert_snapshot!(json(r#"[{"id": "1", "na"#), @r#"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: unreadable answer: status 200 with broken JSON: `[{"id": "1", "na`; try again, then check what stands in between
    [exit status: 1]
    "#);
    assert_snapshot!(json("\u{0}\u{1b}[31m garbage \u{fffd}"), @r"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: unreadable answer: status 200 with broken JSON: `[31m garbage �`; try again, then check what stands in between
    [exit status: 1]
    ");
    assert_snapshot!(json(r#"{"things": []}"#), @r"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: unreadable answer: the listing has no `entities`: check the API URL
    [exit status: 1]
    ");
    assert_snapshot!(json(r#""all is well""#), @r"
    -- stderr --
    error: GET /api/v2/outbound/schedules/campaigns: unreadable answer: the listing is neither a list nor a page of one: check the API URL
    [exit status: 1]
    ");
    assert_snapshot!(answered(|_| (200, "application/json", r#"{"acc"#.to_owned())), @r"
    -- stderr --
    error: POST /oauth/token: unreadable answer: status 200 with application/json, but without a token: check the region, the login URL and any proxy
    [exit status: 1]
    ");
}

#[test]
fn html_in_answer_to_a_write_is_told_as_a_failure_of_that_schedule() {
    let bench = Bench::with_faults("- {method: PUT, status: 200, html: true}\n");
    let ran = bench.workspace.run(&["apply"]).exits(7);
    assert_calm(&ran);
    assert!(ran.stdout.contains("FAILED to create CampaignSchedule spring"), "{ran}");
    assert!(ran.stdout.contains("PUT /api/v2/outbound/schedules/campaigns/c-1: outcome unknown"), "{ran}");
    assert!(ran.stdout.contains("text/html"), "{ran}");
    let failed = bench.workspace.ledger().iter().filter(|record| record["status"] == "FAILURE").count();
    assert_eq!(failed, 1);
    assert_eq!(bench.workspace.run(&["plan", "--format", "json"]).json()["counts"]["create"], 1);
}
