//! The sandbox over real HTTP, as a client meets it.

mod answers;
mod assumptions;
mod campaign_schedules;
mod faults;
mod login;
mod lookups;
mod permissions;
mod schedules;
mod seeded;
mod starting;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::openapi::Schemas;
use super::{Assumption, Assumptions, Faults, Sandbox, SandboxClock, SandboxOptions, Seed, start};
use crate::schedule::{ScheduleKind, TargetRef};

const CLIENT: (&str, &str) = ("client", "secret-7Q");
const VOICE: &str = "/api/v2/outbound/schedules/campaigns/t";

/// A sandbox with a target `t` in each family, a client that is logged in, and a clock that stands
/// still until it is set.
struct World {
    sandbox: Sandbox,
    http: Client,
    token: String,
    seconds: Arc<AtomicI64>,
}

struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    text: String,
}

fn options() -> SandboxOptions {
    SandboxOptions::new(CLIENT.0.to_owned(), CLIENT.1.into())
}

fn clock(seconds: &Arc<AtomicI64>) -> SandboxClock {
    let seconds = Arc::clone(seconds);
    SandboxClock::from_fn(move || DateTime::from_timestamp(1_800_000_000 + seconds.load(Ordering::SeqCst), 0).unwrap())
}

fn seeds() -> Vec<Seed> {
    ScheduleKind::ALL.map(|kind| Seed { kind, target: TargetRef::Id("t".into()), lines: None }).into()
}

fn http_client() -> Client {
    // Another test of the process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

impl World {
    async fn with(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let mut options = SandboxOptions { clock: clock(&seconds), ..options() };
        change(&mut options);
        let sandbox = start(options, seeds()).await.unwrap();
        let mut world = Self { sandbox, http: http_client(), token: String::new(), seconds };
        world.log_in().await;
        world
    }

    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with_faults(rules: &str) -> Self {
        Self::with(|options| options.faults = Faults::parse(rules).unwrap()).await
    }

    async fn assuming(assumptions: impl IntoIterator<Item = Assumption>) -> Self {
        Self::with(|options| options.assumptions = Assumptions::from_iter(assumptions)).await
    }

    async fn log_in(&mut self) {
        let url = format!("{}/oauth/token", self.sandbox.url());
        let form = [("grant_type", "client_credentials")];
        let answer = self.http.post(url).basic_auth(CLIENT.0, Some(CLIENT.1)).form(&form).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        self.token = body["access_token"].as_str().unwrap_or_default().to_owned();
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.sandbox.url())).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::PUT, path).json(body)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path).json(body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::DELETE, path)).await
    }

    async fn journal(&self) -> Vec<Value> {
        let url = format!("{}/sandbox/requests", self.sandbox.url());
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

impl Answer {
    async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and code of an error, after a check that it is an `ErrorBody` with all that belongs to it.
    fn error(&self) -> (u16, String) {
        let body = self.json();
        Schemas::compile(["ErrorBody"]).unwrap().check("ErrorBody", &body).unwrap();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(body["contextId"].as_str(), self.header("inin-correlation-id"));
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()));
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }
}

fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A good body for the schedule of target `t`.
fn schedule(kind: ScheduleKind, version: Option<i32>) -> Value {
    let mut body = json!({
        "name": "dialctl/spring",
        "timeZone": "Europe/Berlin",
        "intervals": [{"start": "2027-05-01T10:00:00.000Z", "end": "2027-05-01T14:00:00"}],
        "recurrences": [{
            "start": "2027-03-01T09:00:00", "end": "2027-03-01T13:00:00",
            "pattern": {"type": "Weekly", "interval": 1, "daysOfWeek": ["Monday"]},
            "range": {"type": "EndDate", "end": "2027-06-28T09:00:00"},
        }],
    });
    body[kind.target_field()] = json!({"id": "t"});
    if let Some(version) = version {
        body["version"] = json!(version);
    }
    body
}

fn voice(version: Option<i32>) -> Value {
    schedule(ScheduleKind::Campaign, version)
}
