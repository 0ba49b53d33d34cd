//! Every refusal of the sandbox: a status that the operation declares, with the body that goes with it.

use dialctl::sandbox::{Faults, SandboxOptions};
use dialctl::schedule::ScheduleKind;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::conversation::{Line, options, seed};
use crate::document::Document;

/// Asks the sandbox, without the client that would never ask so.
struct Asker {
    line: Line,
    client: Client,
    token: String,
}

impl Asker {
    async fn with(options: SandboxOptions) -> Self {
        let kinds = ScheduleKind::ALL.into_iter();
        let line = Line::with(options, kinds.map(|kind| seed(kind, "A")).collect()).await;
        let client = Client::builder().no_proxy().build().unwrap();
        let login = client.post(format!("{}/oauth/token", line.recorder.url)).basic_auth("id", Some("the-secret"));
        let answer: Value =
            login.form(&[("grant_type", "client_credentials")]).send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self { line, client, token }
    }

    fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.line.recorder.url))
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, &format!("/api/v2/outbound/{path}")).bearer_auth(&self.token)
    }

    /// Sends it, expects this status, and judges the answer.
    #[track_caller]
    fn expect(&self, status: u16, request: RequestBuilder) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let answered = request.send().await.unwrap().status().as_u16();
            assert_eq!(answered, status, "{caller}");
            let exchanges = self.line.recorder.exchanges();
            Document::shared().judge_answer(exchanges.last().unwrap());
        }
    }
}

const ITEMS: [&str; 5] = ["campaigns", "sequences", "messagingcampaigns", "emailcampaigns", "whatsappcampaigns"];

#[tokio::test]
async fn refusals_of_requests() {
    let asker = Asker::with(options()).await;
    for (kind, family) in ScheduleKind::ALL.into_iter().zip(ITEMS) {
        let item = format!("schedules/{family}/none");
        let body = json!({"intervals": [], kind.target_field(): {"id": "none"}});
        asker.expect(401, asker.bare(Method::GET, &format!("/api/v2/outbound/{item}"))).await;
        asker.expect(401, asker.bare(Method::GET, &format!("/api/v2/outbound/{item}")).bearer_auth("none")).await;
        asker.expect(401, asker.bare(Method::PUT, &format!("/api/v2/outbound/{item}")).json(&body)).await;
        for method in [Method::GET, Method::DELETE] {
            asker.expect(404, asker.ask(method, &item)).await;
        }
        asker.expect(404, asker.ask(Method::PUT, &item).json(&body)).await;
        asker.expect(400, asker.ask(Method::PUT, &item).json(&json!({}))).await;
        asker.expect(400, asker.ask(Method::PUT, &item).json(&json!([]))).await;
        let mut odd = body.clone();
        odd["intervals"] = json!([{"start": "soon", "end": "2027-01-01T10:00:00"}]);
        asker.expect(400, asker.ask(Method::PUT, &item).json(&odd)).await;
        let broken = asker.ask(Method::PUT, &item).header("content-type", "application/json").body("{");
        asker.expect(400, broken).await;
        asker.expect(415, asker.ask(Method::PUT, &item).body("{}")).await;
        let large = asker.ask(Method::PUT, &item).header("content-type", "application/json");
        asker.expect(413, large.body(" ".repeat(600_000))).await;
    }
    for path in ["campaigns/none", "sequences/none"] {
        asker.expect(404, asker.ask(Method::GET, path)).await;
    }
    asker.expect(400, asker.ask(Method::GET, "campaigns?pageSize=many")).await;
}

#[tokio::test]
async fn conflicts() {
    let asker = Asker::with(options()).await;
    let found: Value = asker.ask(Method::GET, "campaigns").send().await.unwrap().json().await.unwrap();
    let id = found["entities"][0]["id"].as_str().unwrap();
    let item = format!("schedules/campaigns/{id}");
    let body = json!({"intervals": [], "campaign": {"id": id}});
    asker.expect(200, asker.ask(Method::PUT, &item).json(&body)).await;
    let mut stale = body.clone();
    stale["version"] = json!(77);
    asker.expect(409, asker.ask(Method::PUT, &item).json(&stale)).await;
    asker.expect(200, asker.ask(Method::GET, &item)).await;
    asker.expect(200, asker.ask(Method::DELETE, &item)).await;
}

#[tokio::test]
async fn logins() {
    let asker = Asker::with(options()).await;
    let token = |id, secret: &str| asker.bare(Method::POST, "/oauth/token").basic_auth(id, Some(secret));
    let grant = |grant| [("grant_type", grant)];
    asker.expect(200, token("id", "the-secret").form(&grant("client_credentials"))).await;
    asker.expect(401, token("id", "another").form(&grant("client_credentials"))).await;
    asker.expect(400, token("nobody", "the-secret").form(&grant("client_credentials"))).await;
    asker.expect(400, token("id", "the-secret").form(&grant("password"))).await;
    asker.expect(400, token("id", "the-secret").json(&json!({}))).await;
    asker.expect(401, asker.bare(Method::POST, "/oauth/token").form(&grant("client_credentials"))).await;
}

#[tokio::test]
async fn too_many_requests() {
    let asker = Asker::with(SandboxOptions { rate_limit: 1, ..options() }).await;
    asker.expect(200, asker.ask(Method::GET, "schedules/campaigns")).await;
    asker.expect(429, asker.ask(Method::GET, "schedules/campaigns")).await;
    let limited = asker.line.recorder.exchanges().pop().unwrap();
    assert!(limited.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() <= 60);
}

#[tokio::test]
async fn faults_on_request() {
    for status in [400, 401, 403, 404, 408, 409, 413, 415, 429, 500, 503, 504] {
        let faults = Faults::parse(&format!("- {{status: {status}}}\n")).unwrap();
        let asker = Asker::with(SandboxOptions { faults, ..options() }).await;
        for family in ITEMS {
            asker.expect(status, asker.ask(Method::GET, &format!("schedules/{family}"))).await;
            asker.expect(status, asker.ask(Method::DELETE, &format!("schedules/{family}/x"))).await;
        }
        asker.expect(status, asker.ask(Method::GET, "campaigns")).await;
    }
}
